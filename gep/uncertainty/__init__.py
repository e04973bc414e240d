"""Uncertainty and sensitivity (不确定性): how sure an account is, and on which inputs it depends.

The package owns the random numbers of rows with ``low`` and ``high``, accounts computed with them,
intervals, probabilities and rank intervals, one-at-a-time swings, and Sobol indices. It checks
neither limits nor distributions (``gep.inputs.value_rows``), writes no files (``gep.workflows``)
and draws no pictures (``gep.report``).

Read ``distributions`` (how a number is sampled), ``uncertain_rows`` (which rows are random),
``sampled_plan`` (a plan that holds samples), ``monte_carlo`` (all draws of all regions) and
``interval_tables`` (the result); then ``input_sensitivity``.

Words, and what they mean in every module here:

- *row*: a row of areas, data or coefficients; an *uncertain row* gives ``low`` < ``high``.
- *stream*: a named sequence of uniform random numbers; a row has one, rows of a group share one.
- *draw*: one realization of all streams, counted from 0.
- *sample*: the value of a row, an input or a result at a draw; *exact* is what is not sampled.
- *batch*: draws that are kept together, so that their quantiles are exact.
- *block*: regions that are evaluated together.
- *chunk*: draws of a batch at which a block is evaluated at a time.
- *line*: a total, category, indicator or item of an account (see ``gep.account.lines``).
"""
