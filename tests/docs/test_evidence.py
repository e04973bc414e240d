"""The page of the manual that says how far each standard is read and checked."""

import csv
import sys
from pathlib import Path

import pytest
from support.paths import ROOT

from gep.io.catalog import shipped
from gep.standards.standard import read_standard

sys.path.insert(0, str(ROOT / "docs"))


def rows_of(language: str) -> dict[str, list[str]]:
    """The cells of each standard, by the id that its page is named after."""
    from manual.evidence_page import evidence_page

    rows = {}
    for line in evidence_page(language).splitlines():
        if "](standards/" in line:
            cells = [cell.strip() for cell in line.strip("| ").split(" |")]
            rows[line.partition("](standards/")[2].partition(".md)")[0]] = cells
    return rows


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_shipped_standard_has_a_row(language: str) -> None:
    assert set(rows_of(language)) == set(shipped("standards"))


def test_counts_are_those_of_the_files() -> None:
    """Steps, clauses from memory and numbers of xie-2003, counted without the product's tables."""
    cells = rows_of("en")["xie-2003"]
    standard = read_standard("xie-2003")
    steps = [step for _, _, step in standard.steps()]
    assert cells[1] == str(len(steps))
    assert cells[2] == str(sum("recalled" in step.clause for step in steps))
    assert cells[3] == "0"  # nobody has held it against its text
    folder = Path(shipped("coefficients")["xie-2003"])
    wanted = {binding.coef for step in steps for binding in step.inputs.values() if binding.coef}
    grades = []
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            grades += [row["grade"] for row in csv.DictReader(file) if row["coefficient"] in wanted]
    assert cells[6] == str(len(grades))
    published = grades.count("published") / len(grades)
    assert f"{published:.0%}" in cells


def test_standards_from_memory_say_so_in_every_step() -> None:
    """Of ``input-models`` most steps are, and each says which."""
    for name, cells in rows_of("en").items():
        if name in ("costanza-2014", "input-models"):
            continue
        if read_standard(name).spec.evidence == "recalled":
            assert cells[1] == cells[2], name
