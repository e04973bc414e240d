"""Scoring schemes (目标考核与评分): points, scores, grades, ranks."""
