"""Worked cases of single methods: rows of ``cases/methods/*.csv``, published or calculated by hand.

A case gives every argument once (role ``input``) and what methods make of them: ``expect`` within the tolerance, or
``mismatch`` where a source prints a number that does not follow from its own inputs. A tolerance is in the row's unit;
with % it is relative. Units of rows are converted to those that the method declares.
"""

import csv
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from support.paths import TESTS
from test_methods import METHODS, units

from gep.units import factor

FOLDER = TESTS / "cases" / "methods"
COLUMNS = ["case", "role", "name", "value", "unit", "tolerance", "locator", "note"]
Row = dict[str, str]


class Check(NamedTuple):
    """One expected number, with the inputs of its case."""

    inputs: dict[str, Row]
    row: Row


def _rows() -> Iterator[Row]:
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            assert reader.fieldnames == COLUMNS, path.name
            for row in reader:
                yield row | {"file": path.stem}


def _checks() -> dict[str, Check]:
    cases: dict[str, list[Row]] = {}
    for row in _rows():
        cases.setdefault(f"{row['file']}/{row['case']}", []).append(row)
    found = {}
    for case, rows in cases.items():
        inputs = {row["name"]: row for row in rows if row["role"] == "input"}
        for row in rows:
            if row["role"] != "input":
                key = f"{case}:{row['name']}:{row['role']}"
                assert key not in found, f"{key} stands twice"
                found[key] = Check(inputs, row)
    return found


CHECKS = _checks()


def test_rows_are_complete() -> None:
    seen = set()
    for row in _rows():
        assert row["role"] in ("input", "expect", "mismatch"), row
        assert row["locator"], (
            f"{row['case']} {row['name']}: a locator is due, published or a hand calculation"
        )
        assert bool(row["tolerance"]) == (row["role"] != "input"), row
        assert row["role"] != "mismatch" or row["note"], "say what is wrong in the source"
        key = (row["file"], row["case"], row["role"], row["name"])
        assert key not in seen, f"{key} stands twice"
        seen.add(key)


def test_every_method_has_a_case() -> None:
    covered = {check.row["name"] for check in CHECKS.values() if check.row["role"] == "expect"}
    assert covered == set(METHODS)


def test_no_input_is_idle() -> None:
    for case, check in CHECKS.items():
        assert set(check.inputs) == set(units(METHODS[check.row["name"]])[0]), case


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_case(check: Check) -> None:
    row = check.row
    inputs, unit = units(METHODS[row["name"]])
    given = {
        name: float(one["value"]) * factor(one["unit"], inputs[name])
        for name, one in check.inputs.items()
    }
    result = float(METHODS[row["name"]](**given)) * factor(unit, row["unit"])
    due, tolerance = float(row["value"]), row["tolerance"]
    allowed = (
        abs(due) * float(tolerance[:-1]) / 100 if tolerance.endswith("%") else float(tolerance)
    )
    assert (abs(result - due) <= allowed) == (row["role"] == "expect"), (
        f"{result} against {due} ({row['locator']})"
    )
