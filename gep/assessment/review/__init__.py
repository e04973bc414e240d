"""Review of results (考核结果流程): from preliminary results through appeals to final ones.

The package owns the log of a result's states, which is only ever added to, and the tables that
follow scored results through review: sources, jumps, deductions, appeals, final results, revisions.
It computes no score. Reading order: ``log``, ``tables``. Unlike the kinds of schemes it imports
``gep.assessment.scoring``, whose results it follows.
"""
