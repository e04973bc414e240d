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
    return request.param, gep.check_figures(PROJECTS[request.param])


def test_every_printed_figure_holds(check: tuple[str, gep.FigureCheck]) -> None:
    name, figures = check
    assert figures.misses == ()
    assert len(figures.figures) == len(read(PROJECTS[name] / "expected.csv"))


@pytest.mark.parametrize("name", PROJECTS)
def test_project_runs_without_warnings(name: str, tmp_path) -> None:
    assert [str(one) for one in gep.run_project(PROJECTS[name], tmp_path / "out").warnings] == []
