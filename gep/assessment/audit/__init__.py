"""Leaving-office audits of natural resource assets (离任审计), kind ``audit``: changes over a term of office.

Each item is read at the account dates nearest to the term; its change is parted into human and
natural, held against targets, and scored together with findings. Never named people.
Reading order: ``scheme`` (specification), ``terms_of_office`` (account dates), ``term_results``
(one term computed), ``checks``, ``tables`` (audit.csv and four more), ``explain``, ``kind``.
"""
