"""GEEP (生态经济生产总值), kind ``geep``: GDP less what it cost nature, plus what nature gave.

The terms are read from data rows or the account; a missing cost of degradation may be replaced by
the virtual treatment cost. Ratios, ranks and Gini coefficients follow.
Reading order: ``scheme`` (specification), ``virtual_cost``, ``terms`` (terms of a year),
``items`` (what follows from them), ``tables`` (geep.csv, geep_table.csv), ``explain``, ``kind``.
"""
