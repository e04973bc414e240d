"""From the Markdown of code forges to that of Python-Markdown: lists and what stands in them."""

import re
from collections.abc import Callable

_FENCE = re.compile(r"^ *(?:```|~~~)")
_ITEM = re.compile(r"^( *)([-*]|\d+\.)( +)(?=\S)")
_STEP = 4  # columns by which Python-Markdown wants what belongs to an item


def outside_code(text: str, change: Callable[[str], str] | None = None) -> str:
    """Change a text outside its blocks of code; without a change, leave these blocks out."""
    parts: list[str] = []
    lines: list[str] = []
    is_code = False

    def close() -> None:
        block = "".join(lines)
        lines.clear()
        if change is not None:
            parts.append(block if is_code else change(block))
        elif not is_code:
            parts.append(block)

    for line in text.splitlines(keepends=True):
        if _FENCE.match(line) and not is_code:
            close()
            is_code = True
            lines.append(line)
        elif _FENCE.match(line):
            lines.append(line)
            close()
            is_code = False
        else:
            lines.append(line)
    close()
    return "".join(parts)


def adapted(text: str) -> str:
    """Indent what belongs to an item of a list by four columns, and set lists and tables apart."""
    lines: list[str] = []
    depths: list[int] = []  # where the contents of the open items begin
    is_code = False
    before = ""
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip(" "))
        item = None if is_code else _ITEM.match(line)
        if line.strip() and not is_code:
            while depths and indent < depths[-1] and not (item is None and before):
                depths.pop()
            if item is None and indent == 0 and not before:
                depths.clear()
        begins = item is not None or line.startswith(("|", "```"))
        if begins and before and not _belongs(line, before, depths, is_code=is_code):
            lines.append("")
        if line.strip():
            inner = depths[-1] if depths else 0
            lines.append(" " * (_STEP * len(depths) + max(0, indent - inner)) + line.lstrip(" "))
        else:
            lines.append("")
        if item is not None:
            depths.append(len(item.group(0)))
        if _FENCE.match(line):
            is_code = not is_code
        before = line.strip()
    return "\n".join(lines) + "\n"


def _belongs(line: str, before: str, depths: list[int], *, is_code: bool) -> bool:
    """Return whether a line goes on with what the line before it began."""
    if is_code:
        return True
    if line.startswith("|"):
        return before.startswith("|")
    if line.startswith("```"):
        return True
    return bool(depths) or _ITEM.match(before) is not None
