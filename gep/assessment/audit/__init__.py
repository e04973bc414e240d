"""Leaving-office audits of natural resource assets (离任审计), kind ``audit``: changes over a term.

Each item is read at the accounts nearest to a term of office; its change is split into human and
natural, compared with targets, and scored together with findings. Offices are assessed, never named
people. The tables of terms, causes and targets are read and checked in ``gep.assessment``.

Read ``scheme`` (what a TOML states), ``term_results`` (account dates, one term computed),
``checks``, ``tables`` (audit.csv and four more), ``explain``, then ``kind``.
"""
