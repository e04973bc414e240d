"""What people read of results: figures, the workbook of an assessment, the reference pages.

The package owns how results are shown outside the terminal; it computes nothing, and what a run
writes is left to ``gep.workflows``. Begin with ``result_figures``, which chooses what is drawn;
``figures`` draws it. ``assessment_workbook`` and ``reference`` stand alone.
"""
