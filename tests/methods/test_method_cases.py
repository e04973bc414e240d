"""Worked cases of single methods: tables of ``cases/methods``, published or calculated by hand.

They are of the form of ``expected.csv`` (docs/zh/formats.md): a case gives every argument once (role ``input``) and what
methods make of them, ``match`` or ``mismatch``. ``gep test tests/cases/methods/soil.csv`` runs one of them.
"""

import csv
from pathlib import Path

import pytest
from support.paths import TESTS
from test_methods import METHODS

import gep

FILES = sorted((TESTS / "cases" / "methods").glob("*.csv"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_cases_hold(file: Path) -> None:
    check = gep.check_figures(file)
    assert check.figures
    assert check.misses == ()


def test_every_method_has_a_case() -> None:
    covered = set()
    for file in FILES:
        with file.open(encoding="utf-8", newline="") as table:
            for row in csv.DictReader(table):
                if row["role"] == "match":
                    covered.add(row["item"].removeprefix("gep.methods."))
    assert covered == set(METHODS)


def test_the_cases_are_counted() -> None:
    """A table that is read as shorter than it is would hold all the same."""
    rows = 0
    for file in FILES:
        with file.open(encoding="utf-8", newline="") as table:
            rows += sum(row["role"] != "input" for row in csv.DictReader(table))
    assert sum(len(gep.check_figures(file).figures) for file in FILES) == rows
