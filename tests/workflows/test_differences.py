"""Two coefficient sets side by side: only what differs is listed, each under its row."""

import shutil
from pathlib import Path

import pytest

import gep
from gep.errors import ProblemsFound
from gep.io.catalog import shipped
from gep.workflows.differences import COLUMNS


def _rows(first: str, second: str) -> list[tuple[str, ...]]:
    table = gep.catalog_diff(first, second)
    assert tuple(table.columns) == COLUMNS
    return [tuple(map(str, row)) for row in table.itertuples(index=False)]


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


@pytest.mark.parametrize("names", [("rcees-2017", "rcees-parameters"), ("a.toml", "b.toml")])
def test_standards_are_not_compared_as_sets(names: tuple[str, str]) -> None:
    with pytest.raises(ProblemsFound) as caught:
        gep.catalog_diff(*names, language="en")
    (problem,) = caught.value.problems
    assert problem.code == "unknown-id"
    assert "gep standard compare" in problem.fix
