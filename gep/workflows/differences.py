"""Two coefficient sets side by side (参数集的差别): what differs, by row.

Nothing is said of which of the two is right. Standards are compared by
``gep.workflows.compare_standards``.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gep.comparison.standards import one_line
from gep.errors import ProblemsFound, make_problem, worded_in
from gep.inputs.coefficients import CoefficientSet, read_coefficient_set
from gep.inputs.signed_rows import row_name
from gep.inputs.value_rows import GRADES
from gep.io.argument_types import checked_arguments
from gep.io.catalog import catalogued, is_path
from gep.standards.standard import Standard, read_standard
from gep.texts.catalogue import Language

COLUMNS = ("change", "entry", "key", "first", "second")
# What a change is called, by whether the first and the second have the entry.
_CHANGES = {(True, True): "changed", (True, False): "removed", (False, True): "added"}
_NUMBERS = ("value", "low", "high")
_STATED = ("value", "unit", "low", "high", "distribution", "group", "source", "locator", "grade")

_SET = "set:"  # before the id of a set that a standard has too
_HEADER = "set"  # the entry of what set.toml states

Entries = dict[str, dict[str, str]]  # by entry, then by key, as they are written


@checked_arguments
def catalog_diff(first: str, second: str, *, language: Language | None = None) -> pd.DataFrame:
    """Compare two coefficient sets; for standards see :func:`gep.compare_standards`.

    Parameters
    ----------
    first, second : str
        Ids or paths; ``set:ID`` is the set of an id as well.
    language : {'zh', 'en'}, optional
        Language of messages; by default that of the user's system.

    Returns
    -------
    DataFrame
        ``change`` (``changed``; ``removed``: only the first has it; ``added``: only the second),
        ``entry``, ``key``, and what is written in the ``first`` and in the ``second``. No rows if
        they state the same.

    Raises
    ------
    ProblemsFound
        What is wrong with either, and ``unknown-id`` for a standard.

    Examples
    --------
    >>> import gep
    >>> gep.catalog_diff("rcees-defaults", "rcees-defaults").empty
    True
    """
    with worded_in(language):
        for name in (first, second):
            is_known = name in catalogued("standards") and name not in catalogued("coefficients")
            if is_known or name.lower().endswith(".toml"):
                values = {"first": first, "second": second}
                problem = make_problem(
                    "unknown-id", "catalog diff", "workflows.diff-of-standards", **values
                )
                raise ProblemsFound([problem])
        sets = [read_coefficient_set(name.removeprefix(_SET)) for name in (first, second)]
        return _compare(*(dict(_entries_of_set(member)) for member in sets))


def read_entry(name: str) -> Standard | CoefficientSet:
    """Read a standard or a coefficient set by its id or path.

    Parameters
    ----------
    name : str
        An id of both a standard and a set is the standard, ``set:ID`` the set.

    Returns
    -------
    Standard or CoefficientSet

    Raises
    ------
    ProblemsFound
        What is wrong with it.
    """
    if name.startswith(_SET):
        return read_coefficient_set(name.removeprefix(_SET))
    is_folder = is_path(name) and not name.lower().endswith(".toml")
    is_set = name in catalogued("coefficients") and name not in catalogued("standards")
    return read_coefficient_set(name) if is_folder or is_set else read_standard(name)


def _written(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the keys of an entry that say something, each on a line."""
    return {key: one_line(value) for key, value in entry.items() if value not in (None, "", [], {})}


def _entries_of_set(coefficients: CoefficientSet) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the header of a set and its rows, which are known by name, keys and price year."""
    yield _HEADER, _written(coefficients.header.model_dump(mode="json"))
    for row in coefficients.rows.to_dict("records"):
        stated = {}
        for key in _STATED:
            value = row[key]
            if key == "grade":
                value = GRADES[value]
            elif key in _NUMBERS:
                value = _number(value)
            stated[key] = str(value)
        if row["na"]:
            stated["value"] = "na"
        yield row_name({str(key): value for key, value in row.items()}), stated


def table_of_set(coefficients: CoefficientSet) -> pd.DataFrame:
    """Return the rows of a set as a table, each with what it is known by.

    Parameters
    ----------
    coefficients : CoefficientSet

    Returns
    -------
    DataFrame
        ``entry``, and what the row states.
    """
    rows = []
    for entry, stated in _entries_of_set(coefficients):
        if entry != _HEADER:
            rows.append({"entry": entry, **stated})
    return pd.DataFrame(rows)


def _number(value: float) -> str:
    """Return a number with all digits; none is blank."""
    return "" if math.isnan(value) else f"{value:.15g}"


def _compare(first: Entries, second: Entries) -> pd.DataFrame:
    """Return a row for each key that differs; an entry that one lacks has a row for each key."""
    rows = []
    for entry in dict.fromkeys([*first, *second]):
        before = first.get(entry, {})
        after = second.get(entry, {})
        change = _CHANGES[entry in first, entry in second]
        for key in dict.fromkeys([*before, *after]):
            pair = (before.get(key, ""), after.get(key, ""))
            if pair[0] != pair[1]:
                rows.append((change, entry, key, *pair))
    return pd.DataFrame(rows, columns=list(COLUMNS))
