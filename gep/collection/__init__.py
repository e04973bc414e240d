"""Collections (县级成果汇总): many counties' projects side by side, recomputed under one choice.

The package computes the tables of ``gep collect``. Read ``counties`` first (what was sent in), then
``choices`` and ``recompute`` (all counties under a common choice), then the tables:
``completeness``, ``choice_effects``, ``control_totals``, ``jumps`` and ``alternatives``. Reading a
project belongs to ``gep.project``; the order of the steps and the writing of the tables belong to
``gep.workflows``.
"""
