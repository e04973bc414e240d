"""Scoring schemes (目标考核与评分), kind ``score``: points, scores, grades and ranks.

Each indicator turns a reading into points by its rule; points, events and vetoes make the score,
grade and rank of a region in a year.
Reading order: ``scheme`` (specification, indicators of a CSV, checks), ``year_scores`` (one year
computed), ``tables`` (targets.csv, scores.csv, ranking.csv, rank_intervals.csv), ``explain``,
``kind``. The rules themselves are in ``gep.assessment.rules``.
"""
