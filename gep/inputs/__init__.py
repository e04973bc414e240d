"""The numbers of an account (核算数据与参数): rows that each hold one cited number.

This package owns what every number has (value, unit, source, locator, grade, limits), the data that
departments report, and coefficient sets. It does not own areas (``gep.extent``), nor which number a
step uses (``gep.plan``), nor draws from distributions (``gep.uncertainty``).

Read ``value_rows`` first: data and coefficients are such rows; it also checks their limits (low,
high, distribution). ``data`` and ``coefficients`` add what is particular to each.
"""
