"""Result tables read back as text, and compared with expected ones."""

import csv
from pathlib import Path

import pytest

KEYS = (
    "year",
    "region",
    "level",
    "category",
    "indicator",
    "step",
    "item",
    "kind",
    "unit",
    "ecosystem",
)


def read(path: Path) -> list[dict[str, str]]:
    """A result or expected file as rows of text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def by_key(rows: list[dict[str, str]]) -> dict[tuple[str, ...], dict[str, str]]:
    """Rows by what identifies them; a row that is there twice is a failure."""
    keyed = {tuple(row[key] for key in KEYS if key in row): row for row in rows}
    assert len(keyed) == len(rows)
    return keyed


def same(expected: str, given: str) -> bool:
    """Whether two cells agree: texts to the letter, numbers to 1e-9 relative (10 printed digits leave 1e-9)."""
    try:
        return float(given) == pytest.approx(float(expected), rel=1e-9)
    except ValueError:
        return given == expected
