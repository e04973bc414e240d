"""Places (地方): the counties and cities that ship with gep, their parents, area and population.

The tables are in ``divisions/``: codes and names, former codes, and figures, each figure with year,
unit, source, locator and grade. So far they hold Jiangxi. What a project does with a place is left
to ``gep.workflows.templates``; the tables of a user's regions to ``gep.extent.regions``.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gep.io.toml_documents import Title
from gep.texts.catalogue import Label

AREA = "area"
POPULATION = "population"

_FOLDER = Path(__file__).with_name("divisions")
_KINDS = "省市县区"  # the last character of a name, which people leave out


@dataclass(frozen=True)
class PlaceFigure:
    """A number about a place, as its source has it.

    Attributes
    ----------
    value : str
        The number as it is written in the table.
    unit, year : str
    source, locator, grade : str
        The document (an id in ``divisions/sources.toml``), where it is in it, and how it was read.
    """

    value: str
    unit: str
    year: str
    source: str
    locator: str
    grade: str


@dataclass(frozen=True)
class AdministrativeUnit:
    """A province, city or county: its code, names, parent and figures.

    Attributes
    ----------
    code : str
        In GB/T 2260.
    title : Title
        Its names; the English one is a transliteration without the kind of unit.
    kind : str
        省, 地级市, 区, 县 or 县级市.
    parent : str
        Code of the unit above, blank at the top.
    figures : mapping of str to PlaceFigure
        ``area`` and ``population``.
    former : tuple of str
        Codes and names that it had before.
    """

    code: str
    title: Title
    kind: str
    parent: str
    figures: Mapping[str, PlaceFigure]
    former: tuple[str, ...]

    @property
    def label(self) -> Label:
        """The name with the code: ``婺源县 (361130)``."""
        return Label(self.code, self.title)


@cache
def administrative_units() -> Mapping[str, AdministrativeUnit]:
    """Return the places that ship, by code.

    Returns
    -------
    mapping of str to AdministrativeUnit
    """
    figures: dict[str, dict[str, PlaceFigure]] = {}
    for row in _rows("figures.csv"):
        figures.setdefault(row["place"], {})[row["figure"]] = PlaceFigure(
            value=row["value"],
            unit=row["unit"],
            year=row["year"],
            source=row["source"],
            locator=row["locator"],
            grade=row["grade"],
        )
    former: dict[str, list[str]] = {}
    for row in _rows("former.csv"):
        former.setdefault(row["place"], []).extend((row["former"], row["former_name"]))
    units = {}
    for row in _rows("places.csv"):
        code = row["place"]
        units[code] = AdministrativeUnit(
            code=code,
            title=Title(zh=row["name"], en=row["name_en"]),
            kind=row["kind"],
            parent=row["parent"],
            figures=figures.get(code, {}),
            former=tuple(former.get(code, ())),
        )
    return units


def find_units(name: str) -> list[AdministrativeUnit]:
    """Find the places that a person may mean.

    Parameters
    ----------
    name : str
        A code or a name, Chinese or English, present or former; ``婺源`` is as good as ``婺源县``.

    Returns
    -------
    list of AdministrativeUnit
        The one with this code or full name, else all whose short name it is, else all whose name
        contains it; empty if there is none.
    """
    word = "".join(name.split()).casefold()
    if not word:
        return []
    units = list(administrative_units().values())
    for is_meant in (_is_named, _is_short_for, _contains):
        meant = [unit for unit in units if is_meant(unit, word)]
        if meant:
            return meant
    return []


def units_above(unit: AdministrativeUnit) -> list[AdministrativeUnit]:
    """Return the places above a place, nearest first.

    Parameters
    ----------
    unit : AdministrativeUnit

    Returns
    -------
    list of AdministrativeUnit
    """
    units = administrative_units()
    above = []
    while unit.parent:
        unit = units[unit.parent]
        above.append(unit)
    return above


def _is_named(unit: AdministrativeUnit, word: str) -> bool:
    """Return whether a word is the code or the full name of a place, also a former one."""
    return word in (unit.code, unit.title.zh, *unit.former)


def _is_short_for(unit: AdministrativeUnit, word: str) -> bool:
    """Return whether a word is the name of a place without its kind, or its English name."""
    english = "".join(unit.title.en.split()).casefold()
    plain_english = english.replace("'", "")
    chinese = [name.rstrip(_KINDS) for name in (unit.title.zh, *unit.former)]
    return word in (english, plain_english, *chinese)


def _contains(unit: AdministrativeUnit, word: str) -> bool:
    """Return whether the Chinese name of a place contains a word."""
    return word in unit.title.zh


def _rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of this module."""
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
