"""GEEP (生态经济生产总值), kind ``geep``: GDP less what it cost nature, plus what nature gave.

The package reads the terms of the formula from data rows or the account, replaces a missing cost of
degradation by the virtual treatment cost, and makes ratios, ranks and Gini coefficients. The
account itself is left to ``gep.account``.
Reading order: ``scheme`` (specification), ``virtual_cost``, ``terms`` (the terms of a year, and the
items that follow from them), ``checks``, ``tables`` (geep.csv, geep_table.csv), ``explain``,
``kind``.
"""
