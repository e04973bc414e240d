"""Published cases that bring a standard of their own: projects of ``tests/cases``, each with ``expected.csv``.

The rows of ``expected.csv`` are those of a case (see ``published``); ``share:<category>`` is a share of the headline.
"""

from functools import cache
from pathlib import Path

import pytest
from support.published import FOLDER, Results, Row, hold, read

PROJECTS = {path.parent.name: path.parent for path in sorted(FOLDER.glob("*/project.toml"))}
ROWS = [(name, row) for name, path in PROJECTS.items() for row in read(path / "expected.csv")]


def called(name: str, row: Row) -> str:
    words = (row[key] for key in ("role", "name", "year", "region", "ecosystem"))
    return "-".join(word for word in (name, *words) if word)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory):
    @cache
    def run(name: str) -> Results:
        return Results(PROJECTS[name], tmp_path_factory.mktemp("own") / "out")

    return run


@pytest.mark.parametrize(("name", "row"), ROWS, ids=[called(name, row) for name, row in ROWS])
def test_published_figure(name: str, row: Row, results) -> None:
    found = results(name)
    if not row["name"].startswith("share:"):
        hold(row, found.figure(row))
        return
    here = found.summary[
        (found.summary["year"] == row["year"]) & (found.summary["region"] == row["region"])
    ]
    share = here.loc[here["category"] == row["name"].removeprefix("share:"), "share"]
    hold(row, 100 * float(share.iloc[0]))


@pytest.mark.parametrize("name", PROJECTS)
def test_project_runs_without_warnings(name: str, results) -> None:
    assert [str(one) for one in results(name).outcome.warnings] == []


@pytest.mark.parametrize("name", PROJECTS)
def test_every_figure_says_where_it_is_printed(name: str) -> None:
    rows = read(Path(PROJECTS[name]) / "expected.csv")
    assert all(row["locator"] for row in rows)
    assert {row["role"] for row in rows} <= {"expect", "mismatch"}
