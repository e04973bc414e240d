"""Performance evaluation (考核评价): schemes as data, applied to accounts and readings.

The package owns schemes, what they are applied to, and what comes of them: tables, captions, and
explanations of single numbers. It computes no account, and it reads no project: ``gep.workflows``
loads the tables that a project names, and writes the results.

Read first what every kind of scheme shares: ``readings`` (where a number comes from), ``targets``
and ``rules`` (points from readings), ``events``, ``stocks``, ``pools`` and ``registers`` (other
tables), ``context`` (all that a scheme is applied to), ``scheme`` (``Scheme``, ``Kind``,
``Assessment``), ``kinds`` (the kinds by name) and ``apply`` (checks and computes). Then a kind:
``scoring``, ``index``, ``geep``, ``balance``, ``audit``, ``allocation`` or ``register``; each has
the modules ``scheme`` (specification), ``checks`` where they are many, its computation, ``tables``,
``explain`` and ``kind``, which alone knows the others. No kind imports another. ``review`` follows
results through appeals to their final state.
"""
