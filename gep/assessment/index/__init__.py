"""Composite indices (综合指数), kind ``index``: a weighted tree of readings, graded.

The tree brings readings together into components and a total, which events may lower; a tree
without total holds its indicators against targets.
Reading order: ``tree`` (nodes of a table), ``scheme`` (specification, grades), ``values`` (nodes
and index by region and year), ``checks``, ``tables`` (index.csv or targets.csv), ``explain``,
``kind``.
"""
