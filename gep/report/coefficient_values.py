"""All values of a coefficient (参数的各种取值): what every set that is found says, side by side.

Owns the table that the manual's page of a coefficient shows, and which row a standard takes if
several sets have one. Whether a project's number is outside of them is left to the audit.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.inputs.coefficients import (
    PRICE_INDEX,
    PRICE_INDEX_NAME,
    CoefficientSet,
    read_coefficient_set,
)
from gep.inputs.value_rows import GRADES, KEYS, grade_title
from gep.io.catalog import catalogued
from gep.io.tables import suggestion
from gep.io.toml_documents import Title
from gep.standards.standard import DeclaredName, Standard, read_standard
from gep.texts.catalogue import Language
from gep.units import UnitError, factor

_DIGITS = 12  # of a number in another unit than it is written in


def found_sets() -> tuple[CoefficientSet, ...]:
    """Return the coefficient sets that are found by an id.

    Returns
    -------
    tuple of CoefficientSet
    """
    sets = []
    for name, path in catalogued("coefficients").items():
        sets.append(_read_set(name, path))
    return tuple(sets)


@cache
def _read_set(name: str, _path: Path) -> CoefficientSet:
    """Read a set once."""
    return read_coefficient_set(name)


def found_standards() -> tuple[Standard, ...]:
    """Return the standards that are found by an id.

    Returns
    -------
    tuple of Standard
    """
    standards = []
    for name, path in catalogued("standards").items():
        standards.append(_read_standard(name, path))
    return tuple(standards)


@cache
def _read_standard(name: str, _path: Path) -> Standard:
    """Read a standard once."""
    return read_standard(name)


def named_coefficients() -> dict[str, DeclaredName | None]:
    """Return the coefficients of which some set has a row, in the order of their names.

    Returns
    -------
    dict of str to DeclaredName or None
        What is declared of each by a standard, else by a set; None where nothing is. Typical
        values have the names of data.
    """
    declared: dict[str, DeclaredName] = {}
    for standard in reversed(found_standards()):
        declared |= standard.spec.data
    declared[PRICE_INDEX] = PRICE_INDEX_NAME
    for coefficient_set in found_sets():
        declared = {**coefficient_set.header.coefficient, **declared}
    for standard in reversed(found_standards()):
        declared |= standard.spec.coefficient
    names: set[str] = set()
    for coefficient_set in found_sets():
        names.update(map(str, coefficient_set.rows["name"]))
    return {name: declared.get(name) for name in sorted(names)}


def names_of(words: Sequence[str], language: Language) -> list[str]:
    """Return the coefficients that words mean: their own names, and ids of sets.

    Parameters
    ----------
    words : sequence of str
    language : {'zh', 'en'}
        Language of the problem.

    Returns
    -------
    list of str
        Each once.

    Raises
    ------
    ProblemsFound
        ``unknown-id`` for a word that is neither, and what is wrong with a set.
    """
    known = list(named_coefficients())
    sets = catalogued("coefficients")
    problems = ProblemLog(language)
    names: dict[str, None] = {}
    for word in words:
        if word in known:
            names[word] = None
        elif word in sets:
            rows = _read_set(word, sets[word]).rows
            names |= dict.fromkeys(map(str, rows["name"].unique()))
        else:
            hint = suggestion(word, [*known, *sets])
            problems.add("unknown-id", word, "report.unknown-coefficient", name=word, hint=hint)
    problems.raise_errors()
    return list(names)


def coefficient_values(names: Sequence[str], language: Language) -> pd.DataFrame:
    """Return every row that the sets found have for some coefficients.

    Parameters
    ----------
    names : sequence of str
        Names of coefficients.
    language : {'zh', 'en'}
        Language of titles.

    Returns
    -------
    DataFrame
        ``coefficient``, ``keys``, ``value``, ``low`` and ``high`` in ``unit``, which is one for all
        rows of a coefficient that convert to it, ``printed`` (value and unit as the row has them,
        where they are others), ``price year``, ``base``, ``set``, ``file``, ``row``, ``source``,
        ``locator``, ``grade``, ``checked``, ``default of`` (standards whose first set with such a
        row is this one), ``note``. Rows of the same keys follow each other.
    """
    known = named_coefficients()
    frames = [pd.DataFrame(columns=list(_WORDED))]
    for name in names:
        frames.append(_worded(name, coefficient_rows(name), known.get(name), language))
    return pd.concat(frames, ignore_index=True)


def coefficient_rows(name: str) -> pd.DataFrame:
    """Return the rows that the sets found have for a coefficient.

    Parameters
    ----------
    name : str

    Returns
    -------
    DataFrame
        See ``gep.inputs.value_rows.read_value_rows``; rows of the same keys follow each other.
    """
    frames = []
    for coefficient_set in found_sets():
        frame = coefficient_set.named(name)
        if len(frame):
            frames.append(frame)
    rows = pd.concat(frames, ignore_index=True)
    return rows.sort_values([*KEYS, "price_year"], kind="stable", ignore_index=True)


def several_values(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Find the keys for which sets have different values.

    Parameters
    ----------
    rows : DataFrame
        Rows of one coefficient.

    Returns
    -------
    dict of str to list of str
        By the keys, written out with price year, base and unit: the values from the least on.
    """
    values: dict[str, set[float]] = {}
    for row in rows.to_dict("records"):
        words = [written_keys(row)]
        for name in ("price_year", "base"):
            if row[name]:
                words.append(f"{name}={row[name]}")
        words.append(f"[{row['unit']}]")
        key = " ".join(filter(None, words))
        if not row["na"]:
            values.setdefault(key, set()).add(float(row["value"]))
    several = {}
    for key, numbers in values.items():
        if len(numbers) > 1:
            several[key] = [f"{number:.10g}" for number in sorted(numbers)]
    return several


def _worded(
    name: str, rows: pd.DataFrame, declared: DeclaredName | None, language: Language
) -> pd.DataFrame:
    """Word the rows of a coefficient; see ``coefficient_values``."""
    unit = str(rows["unit"].iloc[0])
    if declared is not None:
        unit = declared.unit
    titles = source_titles_of(found_sets())
    defaults = _defaults(name, rows)
    records = []
    for position, row in enumerate(rows.to_dict("records")):
        scale, shown_unit = _scale(str(row["unit"]), unit)
        printed = ""
        if shown_unit != row["unit"]:
            printed = f"{row['value']:.10g} {row['unit']}"
        title = titles.get((row["set"], row["source"]))
        code = int(row["grade"])
        record = {
            "coefficient": name,
            "keys": written_keys(row),
            "value": "na" if row["na"] else _number(row["value"], scale),
            "low": _number(row["low"], scale),
            "high": _number(row["high"], scale),
            "unit": shown_unit,
            "printed": printed,
            "price year": row["price_year"],
            "base": row["base"],
            "set": row["set"],
            "file": row["file"],
            "row": str(row["row"]),
            "source": row["source"] if title is None else title.say(language),
            "locator": row["locator"],
            "grade": grade_title(GRADES[code], language),
            "checked": row["checked"],
            "default of": ", ".join(defaults[position]),
            "note": row["note"],
        }
        records.append(record)
    return pd.DataFrame(records, columns=list(_WORDED))


_WORDED = (
    *("coefficient", "keys", "value", "low", "high", "unit", "printed", "price year", "base"),
    *("set", "file", "row", "source", "locator", "grade", "checked", "default of", "note"),
)


def _scale(source: str, target: str) -> tuple[float, str]:
    """Return the factor to a unit, and that unit; 1 and its own for what does not convert."""
    try:
        return factor(source, target), target
    except UnitError:
        return 1.0, source


def _number(value: float, scale: float) -> str:
    """Write a number in another unit; blank if there is none."""
    return "" if np.isnan(value) else f"{value * scale:.{_DIGITS}g}"


def written_keys(row: Mapping[str, object]) -> str:
    """Write the keys that a row fills.

    Parameters
    ----------
    row : mapping of str to object
        Members by key.

    Returns
    -------
    str
        Such as ``ecosystem=forest substance=SO2``; blank if it fills none.
    """
    return " ".join(f"{key}={row[key]}" for key in KEYS if row[key])


def source_titles_of(sets: Iterable[CoefficientSet]) -> dict[tuple[str, str], Title]:
    """Return the titles of the documents that rows of sets cite.

    Parameters
    ----------
    sets : iterable of CoefficientSet

    Returns
    -------
    dict of (str, str) to Title
        By the label of the set and the id of the source.
    """
    titles = {}
    for coefficient_set in sets:
        for source, document in coefficient_set.sources.items():
            titles[coefficient_set.label, source] = document.title
    return titles


def standards_with(name: str) -> tuple[Standard, ...]:
    """Return the standards that take a coefficient.

    Parameters
    ----------
    name : str

    Returns
    -------
    tuple of Standard
        Those that declare it; for the price index, those that convert prices by one.
    """
    taking = []
    for standard in found_standards():
        taken = set(standard.spec.coefficient)
        for _, _, step in standard.steps():
            for binding in step.inputs.values():
                if binding.index:
                    taken.add(PRICE_INDEX)
        if name in taken:
            taking.append(standard)
    return tuple(taking)


def _defaults(name: str, rows: pd.DataFrame) -> list[list[str]]:
    """Return for each row the standards that take it: no earlier set has one for its keys."""
    sets = []
    for label in rows["set"]:
        set_id, _, _ = label.partition("@")
        sets.append(set_id)
    keys = rows[list(KEYS)].to_numpy(dtype=object)
    years = rows["price_year"].to_numpy(dtype=object)
    defaults: list[list[str]] = [[] for _ in sets]
    for standard in standards_with(name):
        order = list(standard.spec.coefficients)
        absent = len(order)
        places = {set_id: place for place, set_id in enumerate(order)}
        rank = np.array([places.get(set_id, absent) for set_id in sets])
        for position in np.flatnonzero(rank < absent):
            is_earlier = rank < rank[position]
            if name == PRICE_INDEX:
                is_earlier &= years == years[position]
            is_same = (keys == keys[position]) | (keys == "")
            covers = is_same.all(axis=1)
            is_before = is_earlier & covers
            if not is_before.any():
                defaults[position].append(standard.id)
    return defaults
