"""Report pages (报告页): results as one file that a browser opens.

What a page holds is told by ``gep.io.page_content``, filled by ``account_page``,
``comparison_page`` and ``assessment_page``; how it is written as HTML, by ``page`` and the
templates. Fragments, as notebooks show them, are left to ``gep.io.notebook``.
"""
