"""The accounting methods (核算方法): pure functions, one for each formula, by service.

Arguments are keyword-only, and their annotations carry units: ``Annotated[Array, "t ha-1 a-1"]``.
Methods work elementwise on numbers and arrays; they read no files, look nothing up, convert nothing
and sum nothing. Which step of a standard calls which method is written in ``gep/standards/*.toml``;
where the arguments come from is decided in ``plan``.

Begin with ``soil``, whose docstrings show the form that all of them have.
"""
