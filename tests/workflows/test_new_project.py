"""gep new project: five answers make a project whose TOML nobody has to open."""

import csv
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.paths import shared_file
from support.terminal import Terminal

import gep
from gep.cli.app import main
from gep.errors import ProblemsFound
from gep.extent.places import administrative_units, find_units
from gep.io.catalog import shipped
from gep.io.spreadsheets import load_cells
from gep.texts.catalogue import LANGUAGES, Language
from gep.workflows.new_project import read_answer

ANSWERS = {
    "--place": "婺源县",
    "--years": "2020",
    "--standard": "xie-2015",
    "--route": "full",
    "--with": "areas",
}


def _type(monkeypatch: pytest.MonkeyPatch, *lines: str) -> Terminal:
    terminal = Terminal("".join(f"{line}\n" for line in lines))
    monkeypatch.setattr("sys.stdin", terminal)
    return terminal


def _options(answers: dict[str, str]) -> list[str]:
    return [word for option in answers.items() for word in option]


def _read(folder: Path) -> tuple[dict[str, dict[str, object]], list[dict[str, str]]]:
    """The project.toml and the regions of a project."""
    spec = tomllib.loads((folder / "project.toml").read_text(encoding="utf-8"))
    with (folder / "regions.csv").open(encoding="utf-8-sig", newline="") as file:
        return spec, list(csv.DictReader(file))


# --- answers as options ---------------------------------------------------------------------------


def test_all_answers_as_options_make_a_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "wuyuan"
    answers = {**ANSWERS, "--standard": "rcees-2017"}
    assert main(["new", "project", str(folder), *_options(answers), "--language", "zh"]) == 0
    spec, regions = _read(folder)
    header = spec["project"]
    assert header["standard"] == "rcees-2017"
    assert header["years"] == [2020]
    assert header["route"] == "full"
    assert header["title"] == {
        "zh": "婺源县2020年生态产品总值核算",
        "en": "Wuyuan, 2020: Gross Ecosystem Product",
    }
    assert spec["inputs"]["crosswalk"] == "third-survey-to-hj1166"
    names = [(row["region"], row["name"], row["parent"]) for row in regions]
    assert names == [("361130", "婺源县", "")], "the county is not all of the city"
    # 2020中国人口普查分县资料, and the county boundaries of 2021
    assert (regions[0]["population"], regions[0]["area"]) == ("314985", "2968.8")
    out = capsys.readouterr().out
    assert "不是法定面积" in out
    assert "2020 年人口普查" in out
    assert "gep import areas" in out


def test_the_project_of_a_place_runs_once_it_has_areas(tmp_path: Path) -> None:
    folder = gep.new_project(
        tmp_path / "wuyuan", "xie-2015", place="361130", years=[2010], at_hand=["areas"]
    )
    assert main(["set", str(folder), "price_year", "2010"]) == 0
    header = "region,year,class,area,unit,source"
    row = "361130,2010,水田,296880,公顷,made up for this test"
    (folder / "areas.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    assert main(["set", str(folder), "areas", "areas.csv"]) == 0
    account = gep.run_project(folder).accounts[0]
    assert account.total("361130") > 0
    assert set(account.frame()["region"]) == {"361130"}, "a city of one county is no sum"


def test_the_form_comes_with_the_project(tmp_path: Path) -> None:
    """Departments, classes of the land survey, and the place by its name."""
    folder = gep.new_project(
        tmp_path / "wuyuan",
        "rcees-2017",
        place="婺源县",
        years=[2020],
        at_hand=["areas"],
        language="zh",
    )
    assert sorted(path.name for path in folder.iterdir()) == [
        "project.toml",
        "regions.csv",
        "数据表.xlsx",
    ]
    assert _read(folder)[0]["inputs"]["form"] == "数据表.xlsx"
    cells = load_cells(folder / "数据表.xlsx")
    assert cells is not None
    values = {str(value) for sheet in cells.values() for value in sheet.values()}
    assert {"婺源县", "水田", "乔木林地", "2020"} <= values
    assert "上饶市" not in values


def test_a_project_whose_form_cannot_be_made_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gep.workflows.new_project.write_form", full_disk)
    with pytest.raises(ProblemsFound, match=r"\[cannot-write\]"):
        gep.new_project(tmp_path / "wuyuan", "xie-2015", place="婺源县", years=[2020])
    assert list(tmp_path.iterdir()) == []


def test_years_without_a_census_get_no_population_of_another_year(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "wuyuan"
    answers = {**ANSWERS, "--years": "2015，2018"}
    assert main(["new", "project", str(folder), *_options(answers), "--language", "zh"]) == 0
    spec, regions = _read(folder)
    assert spec["project"]["years"] == [2015, 2018]
    assert regions[0]["population"] == ""
    assert "人口没有写入" in capsys.readouterr().out


@pytest.mark.parametrize("option", ANSWERS)
def test_a_missing_answer_is_named(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = {name: value for name, value in ANSWERS.items() if name != option}
    assert main(["new", "project", str(tmp_path / "county"), *_options(rest)]) == 2
    assert f"[missing-answer] {option}: " in capsys.readouterr().err
    assert not (tmp_path / "county").exists()


def test_all_missing_and_wrong_answers_are_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--years", "last year", "--standard", "xie2015", "--with", "areas,maps"]
    assert main(["new", "project", str(tmp_path / "county"), *words]) == 2
    err = capsys.readouterr().err
    for problem in (
        "[missing-answer] --place",
        "[bad-year] --years: 'last year'",
        "[unknown-id] --standard: there is no standard 'xie2015'",
        "[missing-answer] --route",
        "[unknown-id] --with: what is at hand cannot be read from 'areas,maps'",
    ):
        assert problem in err
    assert list(tmp_path.iterdir()) == []


def test_the_choices_of_a_missing_answer_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["new", "project", str(tmp_path / "county"), "--language", "zh"]
    assert main(words) == 2
    lines = capsys.readouterr().err.splitlines()
    start = lines.index("任务书指定哪个核算规范？") + 1
    listed = lines[start : start + len(shipped("standards")) + 1]
    assert {line.split()[0] for line in listed} == {*shipped("standards"), "unknown"}
    assert "研究依据，非官方规范" in next(line for line in listed if "rcees-2017" in line)


@pytest.mark.parametrize(
    ("question", "word", "value"),
    [
        ("years", "2020", (2020,)),
        ("years", "2015-2017, 2020年", (2015, 2016, 2017, 2020)),
        ("years", "２０１８、2019", (2018, 2019)),
        ("with", "data，areas", ("areas", "data")),
        ("with", "nothing", ()),
        ("route", "short", "short"),
    ],
)
def test_answers_are_read_as_people_write_them(question: str, word: str, value: object) -> None:
    assert read_answer(question, word) == value


@pytest.mark.parametrize(
    ("question", "word", "code"),
    [
        ("years", "20200", "bad-year"),
        ("years", "2020-2018", "bad-year"),
        ("years", "2020,", "bad-year"),
        ("route", "quick", "unknown-id"),
        ("with", "areas,nothing", "unknown-id"),
        ("place", "杭州市", "unknown-id"),
        ("place", "361130 德兴市东区", "unknown-id"),
        ("place", "南昌", "missing-answer"),
    ],
)
def test_answers_that_cannot_be_used(question: str, word: str, code: str) -> None:
    with pytest.raises(ProblemsFound, match=rf"\[{code}\] --{question}"):
        read_answer(question, word)


def test_a_place_that_does_not_ship_is_written_with_its_code(tmp_path: Path) -> None:
    folder = gep.new_project(tmp_path / "p", "xie-2015", place="990201 示例县", years=[2020])
    _, regions = _read(folder)
    assert [(row["region"], row["name"], row["area"]) for row in regions] == [
        ("990201", "示例县", "")
    ]


# --- places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "codes"),
    [
        ("361130", ["361130"]),
        ("婺源县", ["361130"]),
        ("婺源", ["361130"]),
        ("wuyuan", ["361130"]),
        ("南昌", ["360100", "360121"]),
        ("南昌县", ["360121"]),
        ("Ji'an", ["360800", "360821"]),
        ("安远", ["360726"]),
        ("Anyuan", ["360302", "360726"]),
        ("余江县", ["360603"]),
        ("360622", ["360603"]),
        ("杭州", []),
        ("", []),
    ],
)
def test_places_are_found_by_what_people_call_them(word: str, codes: Sequence[str]) -> None:
    assert [unit.code for unit in find_units(word)] == codes


def test_figures_of_places_have_a_source_and_add_up() -> None:
    units = administrative_units()
    sources = tomllib.loads(
        (Path(gep.__file__).parent / "extent" / "divisions" / "sources.toml").read_text("utf-8")
    )
    assert len(units) == 112  # a province, 11 cities, 100 counties
    sums: dict[tuple[str, str], float] = {}
    for unit in units.values():
        assert unit.parent in units or unit.code == "360000"
        for name, figure in unit.figures.items():
            assert figure.source in sources
            assert figure.locator
            assert figure.grade == {"area": "derived", "population": "published"}[name]
            above = (unit.parent, name)
            sums[above] = sums.get(above, 0) + float(figure.value)
    for code, unit in units.items():
        for name, figure in unit.figures.items():
            if (code, name) in sums:
                assert sums[code, name] == pytest.approx(float(figure.value), abs=0.05)


def test_figures_of_places_are_those_that_were_read() -> None:
    """The files of others lie beside the repository; ours has their figures."""
    with shared_file("data", "census_2020.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["class"] == "总人口"]
    census = {row["code"]: (row["name"], row["value"]) for row in rows}
    with shared_file("data", "admin_units.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["code"]: row for row in csv.DictReader(file)}
    units = administrative_units()
    assert units.keys() == census.keys() == listed.keys()
    for code, unit in units.items():
        assert (unit.title.zh, unit.figures["population"].value) == census[code]
        assert unit.figures["area"].value == listed[code]["area_km2_gis"]
        assert unit.title.en == listed[code]["name_en"]


# --- asking ---------------------------------------------------------------------------------------


def test_five_questions_are_asked_at_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standards = [*shipped("standards"), "unknown"]
    number = str(standards.index("xie-2015") + 1)
    terminal = _type(monkeypatch, "婺源", "2020,2021", number, "2", "1，2")
    folder = tmp_path / "county"
    assert main(["new", "project", str(folder), "--language", "zh"]) == 0
    assert terminal.read() == "", "five answers are enough"
    spec, regions = _read(folder)
    assert spec["project"]["standard"] == "xie-2015"
    assert spec["project"]["years"] == [2020, 2021]
    assert spec["project"]["route"] == "short"
    assert spec["inputs"]["crosswalk"] == "third-survey-to-xie-2015"
    assert regions[0]["region"] == "361130"
    out = capsys.readouterr().out
    questions = ("核算哪个地方？", "核算哪几年？", "任务书指定哪个核算规范？", "走哪条路线？")
    positions = [out.index(question) for question in questions]
    assert positions == sorted(positions)
    assert f"{number}  xie-2015  " in out


def test_places_of_one_name_are_shown_to_choose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = {name: value for name, value in ANSWERS.items() if name != "--place"}
    _type(monkeypatch, "南昌", "2")
    folder = tmp_path / "county"
    assert main(["new", "project", str(folder), *_options(rest), "--language", "zh"]) == 0
    assert _read(folder)[1][0]["region"] == "360121"
    out = capsys.readouterr().out
    assert "1  南昌市 (360100)，属 江西省 (360000)" in out
    assert "2  南昌县 (360121)，属 南昌市 (360100)" in out


def test_an_answer_that_cannot_be_used_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = {name: value for name, value in ANSWERS.items() if name != "--years"}
    _type(monkeypatch, "去年", "2020")
    folder = tmp_path / "county"
    assert main(["new", "project", str(folder), *_options(rest), "--language", "zh"]) == 0
    assert _read(folder)[0]["project"]["years"] == [2020]
    assert "读不出年份：“去年”" in capsys.readouterr().err


def test_a_terminal_that_is_closed_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _type(monkeypatch, "婺源")
    assert main(["new", "project", str(tmp_path / "county")]) == 130
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_told_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = _type(monkeypatch, "婺源")
    assert main(["new", "project", str(tmp_path)]) == 2
    assert "[file-exists]" in capsys.readouterr().err
    assert terminal.read() == "婺源\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_rasters_at_hand_have_a_section_that_is_taken_into_use(
    tmp_path: Path, language: Language
) -> None:
    folder = gep.new_project(
        tmp_path / "new", "xie-2015", place=361130, years=2020, at_hand="rasters", language=language
    )
    file = folder / "project.toml"
    before = file.read_text("utf-8")
    assert "raster" not in tomllib.loads(before)["inputs"], "the form comes first"
    head, mark, section = before.partition("# [inputs.raster]")
    in_use = (mark + section).replace("# ", "", 1).replace("\n# ", "\n")
    head = head.replace("\nform = ", "\n# form = ")
    file.write_text(head + in_use, "utf-8")
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.read_project(folder)
    codes = {problem.code for problem in caught.value.problems}
    assert "missing-file" in codes
    assert codes.isdisjoint({"toml-syntax", "toml-value", "unknown-key", "not-supported"})
    without = gep.new_project(tmp_path / "other", "xie-2015", place=361130, years=2020)
    assert "raster" not in (without / "project.toml").read_text("utf-8")
