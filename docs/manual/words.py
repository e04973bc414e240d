"""Words of the pages that are made: a text in the language of the page."""

import re

LANGUAGES = ("zh", "en")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_MARKED = ("recalled", "placeholder")


def pick(language: str, zh: str, en: str) -> str:
    """Return the wording in the language of the page."""
    return zh if language == "zh" else en


def own_lines(language: str, note: str) -> str:
    """Return the lines of a note in the language of the page; all lines if it has none in it."""
    lines = [line.strip() for line in note.strip().splitlines() if line.strip()]
    wanted = []
    for line in lines:
        if (_CHINESE.search(line) is not None) == (language == "zh"):
            wanted.append(line)
    if wanted:
        return "\n\n".join(wanted)
    only = pick(language, "原文只有英文：", "In Chinese only: ")
    return only + "\n\n".join(lines) if lines else ""


def marked(grade: str, title: str) -> str:
    """Return the title of a grade; what was recalled or made up carries a mark."""
    return f"⚠ **{title}**" if grade in _MARKED else title


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Write a table in Markdown; columns without content are left out."""
    filled = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    lines = []
    for row in [heads, ["---"] * len(heads), *rows]:
        cells = []
        for place in filled:
            cells.append(row[place].replace("|", "\\|").replace("\n", " "))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
