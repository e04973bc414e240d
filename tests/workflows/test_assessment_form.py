"""What an assessment asks for: by department, as blank tables that are read once they are filled in."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support.paths import EXAMPLES, TESTS
from support.schemes import Whole, event, one, reading

import gep
from gep.cli.app import main
from gep.workflows.assessment_form import assessment_needs, write_assessment_form
from gep.workflows.check import check_folder

AIR = one("air", 10, {"kind": "attain"}, unit="%")
WATER = one("water", 40, unit="t")
SPILL = {"id": "spill", "name": "污染", "effect": "deduct", "points": 5}
TOLD = {"water": {"zh": "水利局", "en": "Water bureau"}}
WHOLE = Whole(
    [([WATER, AIR], {"event": [SPILL], "department": TOLD})],
    readings=[reading("a", "water", 3, "t")],
    events=[event("a", "spill")],
)


def test_readings_are_listed_by_department(tmp_path: Path) -> None:
    """Water is told by the scheme, air by nobody; a and b are asked where a has a reading, in 2020."""
    needs = assessment_needs(WHOLE.write(tmp_path), language="en")
    table = needs.readings.set_index("name")
    assert list(table.index) == ["water", "air"]
    assert list(table["department"]) == ["Water bureau", ""]
    assert list(table["unit"]) == ["t", "%"]
    assert list(table["asked_by"]) == ["demo:water", "demo:air"]
    assert list(table["rows"]) == [1, 1]
    assert list(table["missing"]) == [0, 1]


def test_a_project_without_readings_is_asked_for_all_regions_and_years(tmp_path: Path) -> None:
    needs = assessment_needs(replace(WHOLE, readings=()).write(tmp_path))
    rows = needs.tables["readings"].rows
    keys = {(row["region"], row["year"], row["name"]) for row in rows}
    assert keys == {(code, year, name) for code in "ab" for year in (2019, 2020) for name in ("water", "air")}  # fmt: skip
    targets = needs.tables["targets"].rows
    assert [(row["region"], row["indicator"]) for row in targets] == [("a", "air"), ("b", "air")]


def test_a_filled_form_is_read_as_it_is(tmp_path: Path) -> None:
    """Cells are typed as people do; the project names the sheets, and is assessed."""
    whole = replace(WHOLE, readings=(), events=())
    folder = whole.write(tmp_path / "p")
    file = write_assessment_form(assessment_needs(folder), folder / "form.xlsx")
    book = openpyxl.load_workbook(file)
    fill(book["readings"], {"value": 5, "source": "年鉴", "grade": "official"})
    given = {
        "target": 4,
        "comparator": ">=",
        "form": "level",
        "source": "计划",
        "grade": "official",
    }
    fill(book["targets"], given)
    book.save(file)
    project = folder / "project.toml"
    lines = 'readings = ["form.xlsx#readings"]\ntargets = "form.xlsx#targets"\n'
    project.write_text(project.read_text(encoding="utf-8") + lines, encoding="utf-8")
    result = gep.assess_project(folder, allow_code=True)
    scores = result.assessments[0].tables["scores.csv"]
    totals = scores[(scores["indicator"] == "total").to_numpy()]
    assert set(totals["points"]) == {15.0}


def fill(page: Any, values: dict[str, Any]) -> None:
    heads = [cell.value for cell in page[1]]
    for row in range(2, page.max_row + 1):
        for name, value in values.items():
            page.cell(row, heads.index(name) + 1, value)


def test_choices_are_offered_in_the_cells(tmp_path: Path) -> None:
    folder = WHOLE.write(tmp_path / "p")
    file = write_assessment_form(assessment_needs(folder), folder / "form.xlsx")
    book = openpyxl.load_workbook(file)
    offered = {rule.formula1 for rule in book["events"].data_validations.dataValidation}
    assert '"spill"' in offered
    assert '"a,b"' in offered
    assert any("official" in rule.formula1 for rule in book["readings"].data_validations.dataValidation)  # fmt: skip
    assert book["readings"].page_setup.fitToWidth in (None, 1)


def test_terms_and_stocks_are_asked_for_by_their_kinds(tmp_path: Path) -> None:
    folder = WHOLE.write(tmp_path)
    file = folder / "project.toml"
    text = file.read_text(encoding="utf-8")
    shipped = 'schemes = ["leaving-office-audit-2017", "balance-sheet-2015", '
    file.write_text(text.replace("schemes = [", shipped), encoding="utf-8")
    needs = assessment_needs(folder)
    assert {row["region"] for row in needs.tables["terms"].rows} == {"a", "b"}
    stocks = {(row["resource"], row["unit"]) for row in needs.tables["stocks"].rows}
    assert ("timber", "m3") in stocks


def test_the_commands_show_list_and_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = WHOLE.write(tmp_path)
    assert main(["--language", "en", "plan", str(folder), "--assessment"]) == 0
    assert "Water bureau" in capsys.readouterr().out
    assert main(["form", str(folder), "--assessment", "--out", str(tmp_path / "f.xlsx")]) == 0
    assert (tmp_path / "f.xlsx").is_file()
    assert main(["form", str(folder), "--assessment", "--out", str(tmp_path / "f.csv")]) == 2


def test_check_names_the_form_where_readings_are_missing(tmp_path: Path) -> None:
    folder = replace(WHOLE, readings=()).write(tmp_path)
    check = check_folder(folder, allow_code=True, language="en")
    assert any("--assessment" in step.say("en") for step in check.steps)


def test_the_example_is_listed_without_a_missing_department_being_made_up() -> None:
    needs = assessment_needs(EXAMPLES / "jiangxi-assessment", language="en")
    departments = needs.readings.set_index("name")["department"]
    for name in ("jx_pm25", "ei_bai", "gdp", "score_forest"):
        assert departments[name] == ""
    assert departments["land_area"] != ""  # the project's standard tells it


# --- registers -----------------------------------------------------------------------------------

REGISTERS = TESTS / "assessment" / "register" / "example"


@pytest.fixture
def registers(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REGISTERS, tmp_path / "p"))


def without_flows(folder: Path) -> Path:
    """The example without its daily flows; its register has a section with a target."""
    toml = folder / "project.toml"
    text = toml.read_text(encoding="utf-8").replace('"register.csv", "flows.csv"', '"register.csv"')
    toml.write_text(text, encoding="utf-8")
    return folder


def test_registers_are_listed_by_item_with_the_days_that_are_missing(registers: Path) -> None:
    """Two years have 731 days for each section; the example lacks those that flows.csv lacks."""
    table = assessment_needs(registers, language="en").readings.set_index("asked_by")
    with (registers / "flows.csv").open(encoding="utf-8") as file:
        rows = [line.split(",") for line in file.read().splitlines()[1:]]
    flows = [row for row in rows if row[3] == "daily_flow"]
    sections = {(row[0], row[2]) for row in rows if row[1] == "section"}
    told = table.loc["ecological-flow:daily_flow"]
    assert told["rows"] == 731 * len(sections)
    assert told["missing"] == 731 * len(sections) - len(flows)
    assert told["unit"] == "m3 s-1"
    draw = table.loc["supervision-draw-jiangxi-county:draw"]
    assert draw["missing"] == 0
    assert draw["rows"] > 0


def test_a_blank_register_has_a_row_for_each_missing_day_and_choices(registers: Path) -> None:
    folder = without_flows(registers)
    needs = assessment_needs(folder)
    form = needs.tables["registers"]
    days = [row for row in form.rows if row.get("item") == "daily_flow"]
    assert len(days) == 731
    assert days[59] == {
        "region": "990201", "subject_kind": "section", "subject": "DM-01", "item": "daily_flow",
        "date": "2023-03-01", "unit": "m3 s-1",
    }  # fmt: skip
    assert set(form.choices["subject_kind"]) == {"enterprise", "office", "section", "inspector"}
    assert {"warning", "draw", "on_duty", "ecological_flow"} <= set(form.choices["item"])
    assert {"repaired", "green", "assigned", "signed_off"} <= set(form.choices["event"])
    book = openpyxl.load_workbook(write_assessment_form(needs, folder / "form.xlsx"))
    offered = {rule.formula1 for rule in book["registers"].data_validations.dataValidation}
    assert '"enterprise,office,section,inspector"' in offered
    (of_items,) = (formula for formula in offered if formula.startswith("'registers-lists'!$D$"))
    last = int(of_items.rpartition("$")[2])
    listed = [book["registers-lists"].cell(row, 4).value for row in range(2, last + 1)]
    assert listed == list(form.choices["item"])


def test_a_filled_register_is_read_as_it_is(registers: Path) -> None:
    """A deadline that is typed into the form is a task in the results; unused rows are no rows."""
    folder = without_flows(registers)
    toml = folder / "project.toml"
    text = toml.read_text(encoding="utf-8")
    head = text.partition("schemes = [")[0]
    text = head + 'schemes = ["rectification-list"]\nregisters = ["register.csv"]\n'
    toml.write_text(text, encoding="utf-8")
    tasks = (folder / "register.csv").read_text(encoding="utf-8").splitlines()
    (folder / "register.csv").write_text(
        "\n".join([tasks[0], *(line for line in tasks if ",JX-" in line)]) + "\n", encoding="utf-8"
    )
    file = write_assessment_form(assessment_needs(folder), folder / "form.xlsx")
    book = openpyxl.load_workbook(file)
    page = book["registers"]
    heads = [cell.value for cell in page[1]]
    given = {
        "region": "990201", "subject_kind": "office", "subject": "示例县水利局", "item": "NEW-1", "date": "2024-02-01",
        "event": "assigned", "until": "2024-03-01", "document": "编造", "grade": "placeholder",
    }  # fmt: skip
    for name, value in given.items():
        page.cell(2, heads.index(name) + 1, value)
    book.save(file)
    toml.write_text(
        text.replace('"register.csv"', '"register.csv", "form.xlsx#registers"'), encoding="utf-8"
    )
    table = gep.assess_project(folder).assessments[0].tables["register_states.csv"]
    states = {row["item"]: row["status"] for row in table.to_dict("records") if row["year"] == 2024}
    assert states["NEW-1"] == "overdue"


def test_check_names_the_form_where_the_register_is_missing(registers: Path) -> None:
    toml = registers / "project.toml"
    lines = toml.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("registers")]
    toml.write_text("\n".join(kept) + "\n", encoding="utf-8")
    check = check_folder(registers, language="en")
    assert {problem.code for problem in check.problems} == {"missing-register"}
    assert any("--assessment" in step.say("en") for step in check.steps)
    table = assessment_needs(registers).readings.set_index("asked_by")
    assert table.loc["supervision-draw-jiangxi-county:draw", "missing"] == 1
