"""Workflows (工作流程): what each command does with a project, from reading to writing.

A workflow reads files, calls the packages that compute, and writes result folders whole or not at
all. It computes nothing itself and prints nothing: printing belongs to ``gep.terminal``, pictures
and workbooks to ``gep.report``. Every workflow takes ``language``; without it the project decides,
and then the user's system. Begin with ``run``; ``compare``, ``sensitivity``, ``assess`` and
``collect`` are built alike, ``explain`` and ``verify`` look back at results, ``templates`` makes
new folders.
"""
