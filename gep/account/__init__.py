"""The account (核算账户): a plan evaluated, its tables, and the explanation of each number.

Owns everything that follows from a checked plan: the results of its steps, their sums by region,
category and indicator, the captions that every table must carry, and the rows behind a number. It
binds and checks nothing (``gep.plan`` does), compares no years (``gep.comparison``) and writes no
files (``gep.workflows``).

Read ``evaluation`` first: it is the engine, and holds the evaluated plan. Then ``columns`` and
``result_tables`` (results side by side and as tables), ``lines`` (what comparisons and draws are
made of) and ``caption``; then ``explanation_rows`` and ``explanation`` (a number taken apart, with
its formulas). ``account`` puts all of it behind one class. ``ranking`` is independent of the
others.
"""
