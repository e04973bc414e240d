"""``tests/cases/published.csv``: which published case is recomputed by what, and how many printed figures that holds."""

import re
from pathlib import Path

import pytest
from support.paths import ROOT, TESTS, shared_file
from support.published import read
from test_printed_tables import CHINA, TABLES

PUBLISHED = read(TESTS / "cases" / "published.csv")
CASES = {row["case"]: row for row in PUBLISHED}
HELD = ("match", "expect", "mismatch")
KINDS = {"account", "assessment", "methods", "identities"}
# Figures that tests hold by projects made at test time, beside TABLES: the file of the test, its name, how many.
MADE = {
    CHINA: (
        "examples/test_printed_tables.py",
        "test_the_asset_value_of_a_flow_is_its_present_value",
        2,
    ),
    "jiangsu-redline-2013": (
        "examples/test_printed_tables.py",
        "test_shares_of_area_are_ratios_of_printed_areas",
        2 * 6 + 6,
    ),
    "deqing-carrying-2019": (
        "standards/test_own_standards.py",
        "test_indices_and_states_of_deqing",
        2 * 2 * 12,
    ),
}


def _roles(path: Path) -> list[str]:
    """The roles of the printed figures of a project, of a table, or of the tables of a folder."""
    if (path / "project.toml").is_file():
        path = path / "expected.csv"
    tables = [path] if path.is_file() else sorted(path.glob("*.csv"))
    assert tables, f"{path} has no table"
    rows = [row for table in tables for row in read(table)]
    return [row["role"] for row in rows if row["role"] in HELD]


@pytest.mark.parametrize("case", CASES)
def test_the_figures_of_a_case_are_counted(case: str) -> None:
    row = CASES[case]
    roles = [role for path in row["tables"].split() for role in _roles(ROOT / path)]
    figures, mismatches = len(roles), roles.count("mismatch")
    for name, (_, wholes, contradictions) in TABLES.items():
        if name.split()[0] == case:
            figures += wholes
            mismatches += contradictions
    if case in MADE:
        file, test, count = MADE[case]
        assert f"def {test}(" in (TESTS / file).read_text(encoding="utf-8")
        figures += count
    assert (int(row["figures"]), int(row["mismatches"])) == (figures, mismatches)
    assert figures > mismatches


def test_what_no_account_has_says_why() -> None:
    assert {row["kind"] for row in PUBLISHED} == KINDS
    for row in PUBLISHED:
        assert row["recomputed"]
        assert row["left_out"] or row["kind"] in ("account", "assessment"), row["case"]


def test_tables_belong_to_cases() -> None:
    assert {name.split()[0] for name in TABLES} <= set(CASES)


def test_no_published_case_is_forgotten() -> None:
    folders = {path.name for path in shared_file("cases").iterdir() if path.is_dir()}
    assert folders == set(CASES)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_manual_prints_the_same_numbers(language: str) -> None:
    text = (ROOT / "docs" / language / "checks.md").read_text(encoding="utf-8")
    printed = re.findall(r"(?m)^\| `([a-z0-9-]+)` \| (\d+) \| (\d+) \|", text)
    assert printed == [(row["case"], row["figures"], row["mismatches"]) for row in PUBLISHED]
    totals = [str(sum(int(row[name]) for row in PUBLISHED)) for name in ("figures", "mismatches")]
    assert f" | {' | '.join(totals)} | |\n" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_manual_prints_the_coverage(language: str) -> None:
    states = [row["state"] for row in read(TESTS / "standards" / "coverage.csv")]
    text = (ROOT / "docs" / language / "checks.md").read_text(encoding="utf-8")
    numbers = re.findall(r"\d+", text.rpartition("\n## 5 ")[2])
    wanted = [len(states), *(states.count(name) for name in ("bound", "absent"))]
    assert sum(map(int, numbers[1:])) == len(states)  # none is a function that no standard binds
    assert numbers == [str(number) for number in wanted]
