"""The measures clause by clause: the three projects of the example, its README, and the manual's table of clauses."""

import hashlib
import re
import shutil
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from support.assessment_readme import HOME, PROJECTS, TABLES, Results, markdown, rows
from support.paths import EXAMPLES, ROOT, TESTS

import gep
from gep.cli.app import main
from gep.errors import ProblemsFound
from gep.io.catalog import shipped
from gep.workflows.assess import assess_project

LONGEST = 60  # seconds that an evaluator waits for the three projects
MANUAL = {language: ROOT / "docs" / language / "how-to" / "governance-measures.md" for language in ("zh", "en")}  # fmt: skip
EVIDENCE = {
    "zh": {"published": "据公开资料", "recalled": "凭记忆", "placeholder": "编造"},
    "en": {"published": "published", "recalled": "recalled", "placeholder": "placeholder"},
}
CLAUSES = {"3", "4", "12", "13", "20", "23"}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Every project of the example assessed, in a copy that may be changed."""
    folder = tmp_path_factory.mktemp("clauses")
    begun = time.monotonic()
    for name, home in PROJECTS.items():
        ignored = shutil.ignore_patterns("out")
        shutil.copytree(home, folder / "project" / name, ignore=ignored)
        assess_project(folder / "project" / name, folder / name)
    assert time.monotonic() - begun < LONGEST
    return Results(folder)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("make", TABLES)
def test_tables_of_the_readme_are_those_of_the_results(
    results: Results, make: Callable[..., object], language: str
) -> None:
    page = (HOME / ("README.md" if language == "zh" else "README.en.md")).read_text("utf-8")
    table = markdown(make(results), language)
    assert table.count("\n") > 2
    assert f"\n\n{table}\n\n" in page


@pytest.mark.parametrize(("name", "figures"), [("balance", 7), ("demo", 23)])
def test_figures_printed_or_by_hand_come_out(name: str, figures: int) -> None:
    check = gep.check_figures(PROJECTS[name])
    assert check.misses == ()
    assert check.mismatches == ()
    assert len(check.figures) == figures


@pytest.mark.parametrize("name", PROJECTS)
def test_results_are_verified(results: Results, name: str) -> None:
    assert main(["verify", str(results.folder / name)]) == 0


@pytest.mark.parametrize(
    ("name", "file", "old", "new"),
    [
        ("demo", "placeholder-register.csv", "2024-08-15", "2024-08-16"),
        ("demo", "placeholder-flows.csv", ",26,", ",36,"),
        ("demo", "placeholder-money.toml", 'amount = "50"', 'amount = "51"'),
        ("balance", "fujian-stocks.csv", "8614562", "8614563"),
    ],
)
def test_one_digit_is_found(
    results: Results, capsys: pytest.CaptureFixture[str], name: str, file: str, old: str, new: str
) -> None:
    path = results.folder / "project" / name / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    try:
        assert main(["verify", str(results.folder / name)]) != 0
        assert file in capsys.readouterr().err
    finally:
        path.write_text(text, encoding="utf-8")


def test_draws_are_computed_again_by_hand(results: Results) -> None:
    """A ticket is a SHA-256 of what the log prints; the lowest ones are drawn, those drawn before after all others."""
    log = results.table("demo", "supervision-draw-jiangxi-county", "draw_log.csv")
    held = dict.fromkeys((row["date"], row["region"], row["class"]) for row in log)
    for day, region, kind in held:
        here = [row for row in log if (row["date"], row["region"], row["class"]) == (day, region, kind)]  # fmt: skip
        for row in here:
            parts = ("seed", "date", "region", "office", "class", "subject_region", "subject")
            words = "|".join(row[part] for part in parts)
            assert row["ticket"] == hashlib.sha256(words.encode()).hexdigest()[:16]
        here.sort(key=lambda row: (row["repeated"], row["ticket"]))
        assert [row["drawn"] for row in here] == ["1"] * int(here[0]["number"]) + ["0"] * (len(here) - int(here[0]["number"]))  # fmt: skip
    assert not any("JC-11" in row["inspectors"] for row in log if row["subject"] == "QY-101")


def test_every_class_a_enterprise_of_county_1_is_drawn_in_a_year(results: Results) -> None:
    states = results.table("demo", "supervision-draw-jiangxi-county", "register_states.csv", region="990201")  # fmt: skip
    of_a = [row["status"] for row in states if row["class"] == "A"]
    assert of_a == ["drawn"] * 8, "four enterprises, two years, four draws of a quarter each"


def test_what_is_made_up_stands_in_files_that_say_so_and_is_refused_by_default(
    tmp_path: Path,
) -> None:
    for path in PROJECTS["demo"].glob("*.csv"):
        grades = {row["grade"] for row in rows(path) if "grade" in row}
        assert grades <= {"placeholder"}
        assert path.name.startswith("placeholder-") or path.name in ("regions.csv", "expected.csv")
    shutil.copytree(PROJECTS["demo"], tmp_path / "p", ignore=shutil.ignore_patterns("out"))
    project = tmp_path / "p" / "project.toml"
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace("allow_placeholder = true", ""), encoding="utf-8")
    with pytest.raises(ProblemsFound) as caught:
        assess_project(tmp_path / "p")
    assert {one.code for one in caught.value.problems} == {"placeholder"}


def test_no_real_county_has_a_made_up_register_or_audit() -> None:
    real = {row["region"] for row in rows(HOME / "regions.csv")}
    demo = {row["region"] for row in rows(PROJECTS["demo"] / "regions.csv")}
    assert not real & demo
    assert all("示例" in row["name"] for row in rows(PROJECTS["demo"] / "regions.csv"))


def test_balance_sheets_rest_on_what_was_published() -> None:
    zone = EXAMPLES / "poyang-zone"
    sheets = PROJECTS["balance"]
    for name in ("areas.csv", "crosswalk.csv", "coefficients/zhao-2017/unit_values.csv"):
        if (zone / name).exists():
            assert (sheets / name).read_bytes() == (zone / name).read_bytes(), name
    case = TESTS / "cases" / "fujian-balance-2015"
    for name, column in (("stocks", "stock"), ("causes", "amount")):
        own = [row[column] for row in rows(sheets / f"fujian-{name}.csv")]
        assert own == [row[column] for row in rows(case / f"{name}.csv")]
    printed = {row["name"]: float(row["value"]) for row in rows(sheets / "fujian-printed.csv")}
    stocks = {(row["year"], row["resource"]): float(row["stock"]) for row in rows(sheets / "fujian-stocks.csv")}  # fmt: skip
    types = ("printed_arbor_forest", "printed_bamboo", "printed_economic_forest")
    assert stocks["2015", "forest_area"] == sum(printed[name] for name in types)
    assert stocks["2015", "forest_area"] - stocks["2014", "forest_area"] == printed["printed_forest_change"]  # fmt: skip
    change = stocks["2015", "water"] - stocks["2014", "water"]
    assert change == pytest.approx(printed["printed_water_change"])


def test_an_audit_without_all_points_has_no_grade(results: Results) -> None:
    table = results.table("demo", "leaving-office-audit-2017", "audit_scores.csv", module="total")
    assert [(row["score"], row["grade"]) for row in table] == [("", "")]


# --- the manual's table of clauses -----------------------------------------------------------------


def lines(language: str) -> list[list[list[str]]]:
    """The three tables of the page, each a list of rows of cells, without heads."""
    text = MANUAL[language].read_text(encoding="utf-8")
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [[[cell.strip() for cell in row.strip("|").split("|")] for row in table.strip().splitlines()[2:]] for table in tables]  # fmt: skip


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_both_languages_name_the_same() -> None:
    said = [[[names(cell) for cell in row] for row in table] for table in lines("zh")]
    assert said == [[[names(cell) for cell in row] for row in table] for table in lines("en")]
    clauses = [[row[0].replace("未读到", "not read") for row in table] for table in lines("zh")[:2]]
    assert clauses == [[row[0] for row in table] for table in lines("en")[:2]]
    assert {row[0] for row in lines("en")[0]} == {*CLAUSES, "not read"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_clause_has_scheme_table_example_and_evidence(
    results: Results, language: str
) -> None:
    """All that a row names exists: the scheme in the example's project, its tables in the results, its evidence."""
    places = {f"examples/{home.relative_to(EXAMPLES).as_posix()}": key for key, home in PROJECTS.items()}  # fmt: skip
    for _, matter, scheme, tables, example, evidence in lines(language)[0]:
        (name,), (place,) = names(scheme), names(example)
        assert matter
        key = places[place]
        path = PROJECTS[key] / name if name.startswith("./") else name
        spec = gep.read_scheme(path)
        assert names(tables)
        for table in names(tables):
            assert rows(results.folder / key / "assessment" / spec.id / table), (name, table)
        word, _, told = re.split(r"([:：])", evidence, maxsplit=1)
        assert word == EVIDENCE[language][spec.spec.evidence], name
        assert told.strip()


def test_every_shipped_scheme_stands_on_the_page_once() -> None:
    clauses, others, outside = lines("en")
    named = [name for row in clauses for name in names(row[2]) if not name.startswith("./")]
    named += [name for row in others for name in names(row[1])]
    named += [name for row in outside for name in names(row[0])]
    assert sorted(named) == sorted(shipped("schemes"))
    assert all(cell for table in (clauses, others, outside) for row in table for cell in row)


def test_schemes_of_the_example_stand_in_its_readme() -> None:
    for page in ("README.md", "README.en.md"):
        text = (HOME / page).read_text(encoding="utf-8")
        for home in PROJECTS.values():
            chosen = tomllib.loads((home / "project.toml").read_text("utf-8"))["assessment"]["schemes"]  # fmt: skip
            for scheme in chosen:
                assert f"`{Path(scheme).stem if scheme.startswith('./') else scheme}`" in text
