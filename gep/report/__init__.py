"""What people read of results: figures, workbooks, the reference pages.

The package owns how results are shown outside the terminal; it computes nothing, and what a run
writes is left to ``gep.workflows``. Begin with ``result_figures``, which chooses what is drawn;
``figures`` draws it. ``account_workbook`` makes the workbook of an
account, from the sheets of ``account_sheets``; ``assessment_workbook`` and ``reference`` stand
alone.
"""
