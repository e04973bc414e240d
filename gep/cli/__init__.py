"""The command line: what users type, and in which language they are answered.

Owns the commands with their options, the help pages, and the reports on what was mistyped. It reads
nothing and computes nothing itself: every command calls one function of the workflows and shows its
result through ``terminal``. Begin with ``app`` (the list of commands and ``main``), then
``commands``; ``help`` words the help pages and usage errors.
"""
