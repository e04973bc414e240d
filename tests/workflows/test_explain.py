"""Explaining a number of a large project: only what the number needs is read and planned."""

import shutil
from pathlib import Path

import pytest
from support.paths import BENCHMARKS, EXAMPLES

import gep
from gep.errors import ProblemsFound
from gep.project import project as projects
from gep.project.project import read_part

JIANGXI = EXAMPLES / "jiangxi-counties"


def _body(text: str) -> str:
    """The explanation below its caption."""
    return text.split("\n\n", 1)[1]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of ``rcees-2017`` with data, three counties in one city, two years."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        import rcees_inputs

        folder = tmp_path_factory.mktemp("rcees") / "project"
        rcees_inputs.rcees_project(folder, 3, 2)
    return folder


def _both(
    monkeypatch: pytest.MonkeyPatch, project: Path, region: str, year: int, indicator: str
) -> tuple[str, str]:
    """The explanation by the whole plan, and by the part of it."""

    def explained() -> str:
        return gep.explain_number(project, region=region, year=year, indicator=indicator)

    whole = explained()
    monkeypatch.setattr(projects, "_LARGE_TABLES", 0)
    part = read_part(project, region=region, year=year, indicator=indicator)
    assert part is not None, "the part is explained, not the whole again"
    return whole, explained()


@pytest.mark.parametrize("region", ["360102", "南昌市", "360000"])
def test_areas_by_a_crosswalk(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    whole, part = _both(monkeypatch, JIANGXI, region, 2019, "soil_conservation")
    assert _body(part) == _body(whole)
    assert "价值的依据等级：" in whole
    assert "这里说明的价值的依据等级：" in part, "what is not planned has no share"


@pytest.mark.parametrize(
    ("region", "indicator"), [("10000102", "soil_retention"), ("10000100", "climate_regulation")]
)
def test_data_and_steps_that_others_take(
    monkeypatch: pytest.MonkeyPatch, made_up: Path, region: str, indicator: str
) -> None:
    whole, part = _both(monkeypatch, made_up, region, 2020, indicator)
    assert _body(part) == _body(whole)


def test_rows_of_other_regions_are_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    shutil.copytree(JIANGXI, project, ignore=shutil.ignore_patterns("out*"))
    areas = project / "areas.csv"
    lines = areas.read_text(encoding="utf-8").splitlines()
    cells = lines[-1].split(",")
    cells[3] = "many"
    areas.write_text("\n".join([*lines[:-1], ",".join(cells)]) + "\n", encoding="utf-8")
    asked = {"region": "360102", "year": 2019, "indicator": "soil_conservation"}
    with pytest.raises(ProblemsFound, match="not-a-number"):
        gep.explain_number(project, **asked)  # a small project is checked as a whole
    monkeypatch.setattr(projects, "_LARGE_TABLES", 0)
    assert "360102" in gep.explain_number(project, **asked)
    with pytest.raises(ProblemsFound, match="not-a-number"):
        gep.explain_number(project, **asked | {"region": cells[0]})
    with pytest.raises(ProblemsFound, match="not-a-number"):
        gep.explain_number(project, **asked | {"region": "nowhere"})  # all that is wrong is told
