"""Builders for tests: small accounts, projects, schemes and counties written to files, and published cases.

Nothing here is a reference: numbers are made up, and each test works out what they must give.
Begin with ``small``; ``years``, ``schemes`` and ``counties`` build on it.
"""
