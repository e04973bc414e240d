"""Composite indices (综合指数), kind ``index``: a weighted tree of readings, with grades.

The package combines readings into components and a total, which events may lower; an index without
total compares its indicators with targets. It does not read the account or data itself: that is
left to ``gep.assessment.context``. Reading order: ``tree`` (nodes of a table), ``scheme``
(specification, grades), ``values`` (nodes and index by region and year), ``checks``, ``tables``
(index.csv or targets.csv), ``explain``, ``kind``.
"""
