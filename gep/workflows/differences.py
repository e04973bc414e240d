"""Two standards or two coefficient sets side by side (规范与参数集的差别): what differs, by entry.

Standards are compared as they are complete, so that one that is derived is compared with its base
by what it changes. Nothing is said of which of the two is right.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gep.errors import ProblemsFound, make_problem, worded_in
from gep.inputs.coefficients import CoefficientSet, read_coefficient_set
from gep.inputs.signed_rows import row_name
from gep.inputs.value_rows import GRADES
from gep.io.argument_types import checked_arguments
from gep.io.catalog import catalogued, is_path
from gep.standards.standard import Standard, StandardSpec, read_standard
from gep.texts.catalogue import Language

COLUMNS = ("change", "entry", "key", "first", "second")
# What a change is called, by whether the first and the second have the entry.
_CHANGES = {(True, True): "changed", (True, False): "removed", (False, True): "added"}
_TABLES = ("sources", "data", "coefficient", "switch")
_NUMBERS = ("value", "low", "high")
_STATED = ("value", "unit", "low", "high", "distribution", "group", "source", "locator", "grade")

_SET = "set:"  # before the id of a set that a standard has too
_HEADER = "set"  # the entry of what set.toml states

Entries = dict[str, dict[str, str]]  # by entry, then by key, as they are written


@checked_arguments
def catalog_diff(first: str, second: str, *, language: Language | None = None) -> pd.DataFrame:
    """Compare two standards, or two coefficient sets.

    Parameters
    ----------
    first, second : str
        Ids or paths; an id of both a standard and a set is the standard, ``set:ID`` the set.
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
        What is wrong with either, and ``unknown-id`` if they are not of one kind.

    Examples
    --------
    >>> import gep
    >>> gep.catalog_diff("xie-2008", "xie-2008").empty
    True
    """
    with worded_in(language):
        pair = [read_entry(name) for name in (first, second)]
        if type(pair[0]) is not type(pair[1]):
            message = "workflows.diff-of-two-kinds"
            problem = make_problem(
                "unknown-id", "catalog diff", message, first=first, second=second
            )
            raise ProblemsFound([problem])
        return _compare(*(_entries_of(member) for member in pair))


def read_entry(name: str) -> Standard | CoefficientSet:
    """Read a standard or a coefficient set by its id or path.

    Parameters
    ----------
    name : str
        See :func:`catalog_diff`.

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


def _entries_of(member: Standard | CoefficientSet) -> Entries:
    """Return the entries of a standard or a set."""
    if isinstance(member, Standard):
        return dict(_entries_of_standard(member.spec))
    return dict(_entries_of_set(member))


def _entries_of_standard(spec: StandardSpec) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the entries of a standard, each with its keys; an empty key is not written."""
    document = spec.model_dump(mode="json", by_alias=True)
    head = {key: value for key, value in document.items() if key not in _NOT_IN_HEAD}
    yield "standard", _written(head)
    for table in _TABLES:
        for name, entry in document[table].items():
            yield f"{table} {name}", _written(entry)
    for step in document["step"]:
        yield _step_name("", step), _written(step)
    for indicator in document["indicator"]:
        keys = {key: value for key, value in indicator.items() if key != "step"}
        yield f"indicator {indicator['id']}", _written(keys)
        for step in indicator["step"]:
            yield _step_name(f"{indicator['id']}.", step), _written(step)
    for total in document["total"]:
        yield f"total {total['id']}", _written(total)


_NOT_IN_HEAD = (*_TABLES, "step", "indicator", "total")


def _step_name(prefix: str, step: Mapping[str, Any]) -> str:
    """Return the full name of a step, with the options at which it is active."""
    options = [f"{name}={_one_line(option)}" for name, option in step["when"].items()]
    return " ".join([f"step {prefix}{step['id']}", *options])


def _written(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the keys of an entry that say something, each on a line."""
    return {
        key: _one_line(value) for key, value in entry.items() if value not in (None, "", [], {})
    }


def _one_line(value: object) -> str:
    """Return a value on a line: texts as they are, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


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
