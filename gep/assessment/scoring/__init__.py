"""Scoring schemes (目标考核与评分), kind ``score``: points, scores, grades and ranks of regions.

Each indicator turns a reading into points by its rule; points, events and veto make the score, the
grade and the rank of a region in a year. The rules themselves are in ``gep.assessment.rules``,
targets and attainment in ``gep.assessment.targets``, readings in ``gep.assessment.context``.

Read ``scheme`` (what a TOML states), ``checks``, ``year_scores`` (one year computed), ``tables``
(targets.csv, scores.csv, ranking.csv, rank_intervals.csv), ``explain``, then ``kind``.
"""
