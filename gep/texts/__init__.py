"""Texts for people (文案): what messages, headings, captions and help say, in two languages.

Owns the two folders ``zh`` and ``en`` with the same TOML files and the same keys, and the one
module that reads them. It does not know what the texts are about, who prints them, or in which
language a run speaks: callers say so. Read ``catalogue`` first; then any pair of TOML files side by
side.
"""
