"""Report pages (报告页): results as one file that a browser opens, and as notebooks show them.

What a page holds is in ``content``; how it is written as HTML, in ``page`` and the templates.
"""
