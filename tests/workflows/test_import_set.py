"""``gep import set``: a printed table of coefficients becomes a set. The numbers are made up."""

from pathlib import Path

import pytest
from support.paths import TESTS, shared_file
from support.published import read

import gep
from gep.errors import ProblemsFound
from gep.io.catalog import shipped
from gep.io.wide_table import Answers
from gep.workflows.import_table import ImportOptions, understand_tables, write_rows

PROJECT = """
[project]
id = "place"
title = "place"
standard = "xie-2003"
coefficients = ["./own"]
years = [2010]

[switches]
unit_values = "printed"

[inputs]
areas = "areas.csv"
"""
TYPES = {
    "forest": "林地",
    "grassland": "草地",
    "cropland": "耕地",
    "wetland": "湿地",
    "water": "水域",
    "desert": "荒地",
}
SERVICES = {
    "gas_regulation": "气体调节", "climate_regulation": "气候调节", "water_conservation": "水源涵养",
    "soil_formation": "土壤形成与保护", "waste_treatment": "废物处理", "biodiversity": "生物多样性保护",
    "food_production": "食物生产", "raw_material": "原材料", "recreation": "娱乐文化",
}  # fmt: skip


def value(service: int, ecosystem: int) -> float:
    """What is printed; of water that paddy takes, a printed value is negative."""
    return (-1 if (service, ecosystem) == (2, 3) else 1) * (100 + 10 * service + ecosystem + 0.25)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project.toml").write_text(PROJECT, encoding="utf-8")
    rows = [f"990101,2010,{name},1,km2\n" for name in TYPES]
    (tmp_path / "areas.csv").write_text("region,year,class,area,unit\n" + "".join(rows))
    lines = ["表3 单位面积价值（元/hm2）" + "," * len(TYPES), "服务," + ",".join([*TYPES.values()])]
    for number, title in enumerate(SERVICES.values()):
        lines.append(",".join([title, *(str(value(number, column)) for column in range(6))]))
    (tmp_path / "wide.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pairs = [f"{label},{name}\n" for name, label in TYPES.items()]
    (tmp_path / "map.csv").write_text("class,ecosystem\n" + "".join(pairs) + "建设用地,na\n")
    return tmp_path


def options(project: Path, *, answers: Answers | None = None, **said: object) -> ImportOptions:
    values = {
        "coefficient": "unit_value",
        "price_year": "2010",
        "class_map": project / "map.csv",
        "source": "Made-up paper",
        "locator": "Table 3",
        "grade": "published",
        "out": project / "own",
    }
    return ImportOptions("set", answers or Answers(), **{**values, **said})


def test_a_printed_table_becomes_a_set_that_the_project_uses(project: Path) -> None:
    imported = understand_tables([project / "wide.csv"], project, options(project))
    assert [problem.say("en") for problem in imported.problems] == []
    write_rows(imported)
    rows = gep.read_coefficient_set(project / "own").rows
    assert len(rows) == 54
    by_key = rows.set_index(["ecosystem", "service"])["value"]
    for number, service in enumerate(SERVICES):
        for column, ecosystem in enumerate(TYPES):
            assert by_key[ecosystem, service] == value(number, column)
    assert rows["locator"].iloc[0] == "Table 3; wide.csv B3"
    assert set(rows["unit"]) == {"元/hm2"}
    assert set(rows["price_year"]) == {"2010"}
    account = gep.run_project(project, project / "out").accounts[0]
    # One km2 of each type: the sum of all values per hectare, times 100 hm2.
    total = sum(value(number, column) for number in range(9) for column in range(6)) * 100
    assert account.total("990101") == pytest.approx(total / 1e4)


def test_what_is_not_said_is_asked_for_at_once(project: Path) -> None:
    said = dict.fromkeys(("coefficient", "source", "locator", "grade", "price_year"), "")
    imported = understand_tables(
        [project / "wide.csv"], project, options(project, out=None, **said)
    )
    asked = {
        str(problem.place) for problem in imported.problems if problem.code == "missing-answer"
    }
    assert {"--name", "--source", "--locator", "--grade", "--out"} <= asked
    with pytest.raises(ProblemsFound):
        write_rows(imported)


@pytest.mark.parametrize(
    ("said", "code", "place"),
    [
        ({"coefficient": "unit_values"}, "unknown-id", "--name"),
        ({"grade": "good"}, "unknown-grade", "--grade"),
        ({"price_year": "201"}, "bad-year", "--price-year"),
        ({"price_year": ""}, "missing-answer", "--price-year"),
    ],
)
def test_what_is_wrong_names_its_option(project: Path, said, code: str, place: str) -> None:
    imported = understand_tables([project / "wide.csv"], project, options(project, **said))
    assert (code, place) in {(problem.code, str(problem.place)) for problem in imported.problems}


def test_a_folder_that_is_there_stays(project: Path) -> None:
    (project / "own").mkdir()
    imported = understand_tables([project / "wide.csv"], project, options(project))
    with pytest.raises(ProblemsFound) as raised:
        write_rows(imported)
    assert [problem.code for problem in raised.value.problems] == ["file-exists"]
    assert list((project / "own").iterdir()) == []


def test_a_table_of_classes_leaves_out_what_is_not_used(project: Path) -> None:
    """A class that the source has and the standard has no type for is said once, as ``na``."""
    wide = project / "wide.csv"
    lines = wide.read_text(encoding="utf-8").splitlines()
    more = [lines[0] + ",", lines[1] + ",建设用地", *(f"{line},82.60" for line in lines[2:])]
    wide.write_text("\n".join(more) + "\n", encoding="utf-8")
    imported = understand_tables([wide], project, options(project))
    assert [problem.say("en") for problem in imported.problems] == []
    assert len(imported.rows) == len(SERVICES) * len(TYPES)
    said_twice = project / "map.csv"
    said_twice.write_text(said_twice.read_text(encoding="utf-8") + "建设用地,desert\n")
    imported = understand_tables([wide], project, options(project))
    assert [problem.code for problem in imported.problems] == ["duplicate-row"]


def test_a_coefficient_that_a_step_takes_need_not_be_declared(project: Path) -> None:
    """A standard of one's own may bind a coefficient without saying more of it."""
    text = (project / "project.toml").read_text(encoding="utf-8")
    (project / "project.toml").write_text(text.replace('"xie-2003"', '"./own.toml"'))
    standard = shipped("standards")["xie-2003"].read_text(encoding="utf-8")
    head, _, rest = standard.partition("[coefficient.unit_value]")
    assert rest
    (project / "own.toml").write_text(head + rest[rest.index("\n[") :], encoding="utf-8")
    imported = understand_tables([project / "wide.csv"], project, options(project))
    assert [problem.say("en") for problem in imported.problems] == []
    without_year = options(project, price_year="")
    imported = understand_tables([project / "wide.csv"], project, without_year)
    assert {problem.code for problem in imported.problems} == {"missing-answer"}


def test_areas_of_classes_by_years_are_understood_by_answers(project: Path) -> None:
    """Labels of which the standard knows few are classes all the same where the user says so."""
    file = project / "areas-wide.csv"
    file.write_text("用地,2000,2010\nfarm,1,2\nforest,3,4\nbuilt,5,6\nbare,7,8\n", encoding="utf-8")
    answers = Answers(
        skip=frozenset({"built"}),
        meanings={"farm": "cropland", "bare": "desert"},
        constants={"unit": "10^3 hm2", "region": "990101"},
    )
    imported = understand_tables([file], project, ImportOptions("areas", answers))
    assert [problem.say("en") for problem in imported.problems] == []
    rows = imported.rows
    assert set(rows["class"]) == {"cropland", "forest", "desert"}
    assert set(rows["area"]) == {"1", "2", "3", "4", "7", "8"}
    assert len(rows) == 6
    assert imported.tables[0].blanks == 0


def test_printed_tables_of_a_case_become_a_project_that_gives_its_printed_figures(
    tmp_path: Path,
) -> None:
    """Lower Tarim: areas by class and year, unit values by service and class, as they are printed."""
    case = shared_file("cases", "tarim-lower-2000-2020")
    years = "2000, 2005, 2010, 2015, 2020"
    text = PROJECT.replace("2010", years) + 'coverage = "part"\n'
    (tmp_path / "project.toml").write_text(text, encoding="utf-8")
    types = {"farmland": "cropland", "bare": "desert", "built": "na"}
    rows = [f"{label},{types.get(label, label)}\n" for label in ("forest", "grassland", *types)]
    (tmp_path / "map.csv").write_text("class,ecosystem\n" + "".join(rows), encoding="utf-8")
    answers = Answers(
        skip=frozenset({"built"}),
        meanings={"farmland": "cropland", "bare": "desert"},
        constants={"unit": "10^3 hm2", "region": "tarim"},
    )
    areas = [case / "inputs_areas_1e3hm2.csv"]
    write_rows(understand_tables(areas, tmp_path, ImportOptions("areas", answers)))
    said = options(tmp_path, price_year="nominal", answers=Answers(constants={"unit": "CNY hm-2"}))
    write_rows(understand_tables([case / "inputs_coefficients.csv"], tmp_path, said))
    head = "item,year,value,unit,tolerance,locator,role\n"
    figures = []
    for row in read(TESTS / "cases" / "xie-2003" / "tarim-lower-2000-2020.csv"):
        if row["role"] == "expect" and row["name"] in {"total", *SERVICES} and not row["ecosystem"]:
            cells = [row["name"], row["year"], row["value"], row["unit"], row["tolerance"]]
            figures.append(",".join([*cells, "Tables 4 and 5", "match"]) + "\n")
    assert len(figures) > len(SERVICES)
    (tmp_path / "expected.csv").write_text(head + "".join(figures), encoding="utf-8")
    assert gep.check_figures(tmp_path).misses == ()
