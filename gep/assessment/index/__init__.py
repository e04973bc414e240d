"""Composite indices (综合指数): a weighted tree of readings."""
