"""The plan (核算方案): a standard bound to extent, data and coefficient sets, and checked.

The package owns how an input finds its numbers: the cells and members that a step runs over, the
rows that supply them, units, price years, and everything that is missing. It computes no result
(``gep.account``) and reads no file (``gep.inputs``, ``gep.extent``); which folder the files are in,
only ``gep.project`` knows.

Read ``build`` first: it makes a plan of everything that was loaded. Then, in the order of the work,
``steps`` (one step), ``axes`` (what it runs over), ``binding`` (one input) with ``prices``, and
``missing`` (what has no row). ``plan`` and ``planned_step`` are what comes out. ``plan_table``,
``blank_form`` and ``alignment`` use a plan.
"""
