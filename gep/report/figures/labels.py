"""Texts of a figure or a table made for people: short names, lines of a width, units with raised exponents."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping


def short_names(names: Mapping[str, str]) -> dict[str, str]:
    """Chinese names without 市, 县, 区 where more than two characters leave it clear which region is meant."""
    short = {code: re.sub("[市县区]$", "", name) if len(name) > 2 else name for code, name in names.items()}
    count = Counter(short.values())
    return {code: name if count[name] == 1 else names[code] for code, name in short.items()}


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most so many half-width columns; Chinese breaks anywhere but before its closing punctuation."""
    if "\n" in text:
        return [line for paragraph in text.splitlines() for line in wrap(paragraph, columns)]
    lines, width = [""], 0
    for piece in re.findall(r"[（《“]*(?:[^\u2e80-\uffef\s]+|[\u2e80-\uffef])[，。；：、）》”]*\s*|\s+", text.strip()):
        if width and width + _columns(piece.rstrip()) > columns:
            lines.append("")
            width = 0
        lines[-1] += piece
        width += _columns(piece)
    return [line.rstrip() for line in lines]


def _columns(piece: str) -> int:
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in piece)


def spoken(unit: str, language: str) -> str:
    """Money as it is said in Chinese: ``10^4 CNY km-2`` is 万元 km-2; other units and languages as they are."""
    if language != "zh":
        return unit
    for written, said in (("10^4 ", "万"), ("10^8 ", "亿"), ("10^9 ", "十亿")):
        unit = re.sub(rf"{re.escape(written)}(?=CNY|USD)", said, unit)
    return unit.replace("CNY", "元").replace("USD", "美元")


def spelled(unit: str) -> str:
    """Exponents of a unit as superscripts: ``t ha-1`` is printed t ha⁻¹."""
    raised = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    plain = unit.replace("CO2", "CO₂")
    return re.sub(r"(?<=[a-z])\^?(-?\d)(?!\d)|\^(-?\d+)", lambda m: (m[1] or m[2]).translate(raised), plain)
