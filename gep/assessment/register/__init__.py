"""Registers with dates (带日期的名录), kind ``register``: states, draws and counts from one table.

Four rules serve enterprise credit and government credit (``points``), graded supervision with a
random draw (``draw``), ecological flow of sections (``days``) and lists of rectification
(``deadlines``); which one, and with which numbers, is data of a scheme. Subjects are enterprises,
offices and sections, never persons. The table is read and checked in
``gep.assessment.registers``.

Read ``scheme`` (what a TOML states), then the rules ``credit``, ``draws``, ``flows`` and
``deadlines``, ``states`` (all of them by year), ``checks``, ``tables``, ``explain``, then ``kind``.
"""
