"""The extent of an account (核算范围): areas of ecosystem types by region, in one year or several.

This package owns class schemes, crosswalks, regions with their boundaries and changes of code,
area tables, the extent that is built from them for one year, and land that changes its type. It
does not own other cited numbers (``gep.inputs``), nor what a standard computes on an extent
(``gep.plan`` and above).

Read ``extent`` first: the protocol says what every tier offers to the packages above, and
``table_extent`` is the tier of area tables. ``areas``, ``classes``, ``crosswalk`` and ``regions``
are what it is built from; ``region_changes`` and ``transitions`` serve comparisons of years.
"""
