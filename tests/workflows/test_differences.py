"""Two standards or sets side by side: only what differs is listed, each under its entry."""

import shutil
from pathlib import Path

import pytest

import gep
from gep.errors import ProblemsFound
from gep.io.catalog import shipped
from gep.workflows.differences import COLUMNS

DERIVED = """
base = "rcees-2017"
id = "ours"
title = "Ours"
source = "garze"
evidence = "published"
legal = "research"
[data.rainfall]
name = "Rain"
unit = "mm"
keys = ["region"]
[remove]
indicator = ["{removed}"]
"""


def _rows(first: str, second: str) -> list[tuple[str, ...]]:
    table = gep.catalog_diff(first, second)
    assert tuple(table.columns) == COLUMNS
    return [tuple(map(str, row)) for row in table.itertuples(index=False)]


def test_a_derived_standard_differs_from_its_base_by_what_it_says(tmp_path: Path) -> None:
    base = gep.read_standard("rcees-2017")
    gone = base.spec.indicator[-1]
    text = DERIVED.format(removed=gone.id)
    (tmp_path / "ours.toml").write_text(text, encoding="utf-8")
    rows = _rows("rcees-2017", str(tmp_path / "ours.toml"))
    assert ("changed", "standard", "id", "rcees-2017", "ours") in rows
    entries = {(change, entry) for change, entry, *_ in rows}
    steps = {("removed", f"step {gone.id}.{step.id}") for step in gone.step if not step.when}
    assert ("removed", f"indicator {gone.id}") in entries
    assert steps <= entries
    changed = {entry for change, entry in entries if change == "changed"}
    totals = {f"total {total.id}" for total in base.spec.total if gone.id in total.indicators}
    assert changed == {"standard", "data rainfall"} | totals
    assert _rows(str(tmp_path / "ours.toml"), "rcees-2017")[0] == (
        "changed", "standard", "id", "ours", "rcees-2017",
    )  # fmt: skip


def test_a_set_differs_by_its_rows(tmp_path: Path) -> None:
    folder = tmp_path / "xie-2015"
    shutil.copytree(shipped("coefficients")["xie-2015"], folder)
    assert _rows("set:xie-2015", str(folder)) == []
    file = next(path for path in sorted(folder.glob("*.csv")))
    head, first, *others = file.read_text(encoding="utf-8-sig").splitlines()
    cells = first.split(",")
    position = head.split(",").index("value")
    before = cells[position]
    cells[position] = "123.25"
    file.write_text("\n".join([head, ",".join(cells), *others]) + "\n", encoding="utf-8")
    ((change, entry, key, value, changed),) = _rows("set:xie-2015", str(folder))
    assert (change, key, float(value), changed) == ("changed", "value", float(before), "123.25")
    assert entry.startswith(cells[0])


def test_a_standard_and_a_set_are_not_compared() -> None:
    with pytest.raises(ProblemsFound) as caught:
        gep.catalog_diff("rcees-2017", "rcees-parameters")
    assert [problem.code for problem in caught.value.problems] == ["unknown-id"]
