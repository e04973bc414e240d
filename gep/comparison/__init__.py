"""Accounts of several years compared (对比分析): changes and the reasons for them."""
