"""Accounting standards (核算规范): the rules of an account as data, and the methods they name.

The package owns the model of a standard (indicators, steps, bindings, switches, totals) and the
loading of a method with the units of its arguments. The shipped standards (``*.toml``) and class
schemes (``classes/*.csv``) are beside it. It holds no numbers, which belong to ``inputs``, and
binds nothing, which is left to ``plan``.

Read ``standard`` first, then ``method``.
"""
