"""Result tables written without what is beside them, read back as text, and compared with expected ones."""

import csv
from pathlib import Path
from typing import Any

import pytest

from gep.errors import worded_in
from gep.io.csv_tables import append_csv
from gep.project.project import check_project
from gep.workflows.run import ProjectRun, compute_run, pieces_of

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


def compute(folder: Path, out: Path, **options: Any) -> ProjectRun:
    """Compute a project as a run does, and write its figures alone: no plan, workbook, map or record."""
    project, plans = check_project(folder, **options)
    with worded_in(project.language):
        run = compute_run(project, plans, out)
        out.mkdir(exist_ok=True)
        for account in run.accounts:
            for name, piece in pieces_of([account]):
                append_csv(out / name, piece)
                if name == "summary.csv":  # the plan comes next
                    break
    return run


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
