"""GEEP (生态经济生产总值): GDP less degradation, plus regulating services."""
