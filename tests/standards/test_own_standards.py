"""Published cases that bring a standard of their own: projects of ``tests/cases``, each with ``expected.csv``."""

import pytest
from support.paths import TESTS
from support.published import read

import gep

PROJECTS = {
    path.parent.name: path.parent for path in sorted((TESTS / "cases").glob("*/project.toml"))
}


@pytest.fixture(scope="module", params=PROJECTS)
def check(request: pytest.FixtureRequest) -> tuple[str, gep.FigureCheck]:
    return request.param, gep.check_figures(PROJECTS[request.param], allow_code=True)


def test_every_printed_figure_holds(check: tuple[str, gep.FigureCheck]) -> None:
    name, figures = check
    assert figures.misses == ()
    rows = read(PROJECTS[name] / "expected.csv")
    assert len(figures.figures) == sum(row["role"] != "input" for row in rows)


def test_mismatches_of_the_sources(check: tuple[str, gep.FigureCheck]) -> None:
    """As many as the sources have, so that none is turned into one to pass."""
    name, figures = check
    known = {"jiajiyu-2012-2022": 6, "xinjiang-transfer-2018": 4, "jiaozhou-bay-2005-2015": 2}
    known |= {"published-aggregates-2019": 1}
    assert len(figures.mismatches) == known.get(name, 0)


@pytest.mark.parametrize("name", PROJECTS)
def test_project_runs_without_warnings(name: str, tmp_path) -> None:
    result = gep.run_project(PROJECTS[name], tmp_path / "out", allow_code=True)
    assert [str(warning) for warning in result.warnings] == []
