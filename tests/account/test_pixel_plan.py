"""A plan on rasters says what runs at pixels, and shows no number for a layer before its pixels are read."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.small_rasters import SmallRasters, checkerboard
from typer.testing import CliRunner

import gep
from gep.account.account import account_from_plan
from gep.account.pixel_caption import pixel_lines
from gep.cli.app import app
from gep.io.spreadsheets import load_cells
from gep.plan.plan_table import PLAN_COLUMNS

pytest.importorskip("rasterio")


def _board() -> SmallRasters:
    board = checkerboard(60, 70, 9)
    rain = np.random.default_rng(5).uniform(500, 2500, board.zones.shape).astype(np.float32)
    return replace(board, layers={"rain": (rain, "mm")})


def test_before_computing_a_layer_has_no_number_and_after_it_the_mean_of_each_region(
    tmp_path: Path,
) -> None:
    board = _board()
    project = gep.read_project(board.write(tmp_path), allow_code=True)
    plan = project.plan(2020)
    before = plan.table()
    assert list(before.columns) == list(PLAN_COLUMNS)
    is_layer = before["binding"].str.endswith(" raster")
    assert before.loc[is_layer, "binding"].to_list() == [
        f"data=rain region={code} raster" for code in "123"
    ]
    assert set(before.loc[is_layer, "file"]) == {"rain.tif"}
    assert set(before.loc[is_layer, "value"]) == {"raster"}
    assert "raster" not in set(before.loc[~is_layer, "value"])
    after = account_from_plan(plan).plan.table()
    assert after["binding"].to_list() == before["binding"].to_list()
    means = after.loc[is_layer, "value"].to_list()
    rain, _ = board.layers["rain"]
    counted = board.cover[2020] != 5  # roads are in no ecosystem type
    for code, mean in zip((1, 2, 3), means, strict=True):
        pixels = (board.zones == code) & counted
        assert mean == pytest.approx(rain[pixels].astype(float).mean(), rel=1e-9)


def test_the_steps_that_take_a_layer_are_named_with_its_file(tmp_path: Path) -> None:
    project = gep.read_project(_board().write(tmp_path), allow_code=True)
    at_pixels, on_areas = pixel_lines(project.plan(2020), "en")
    assert "(water.kept) from rain.tif" in at_pixels
    for step in ("water.value", "air.capacity", "soil.kept"):
        assert step not in at_pixels
    assert "lc_2020.tif" in on_areas
    without = replace(_board(), layers={}, indicators=("air", "soil"))
    standard = without.standard.replace(
        '[data.rain]\nname = { zh = "降水量", en = "Rain" }\nunit = "mm"\n', ""
    )
    from support import small

    without = replace(without, standard=standard.replace(small.WATER, ""))
    (line,) = pixel_lines(
        gep.read_project(without.write(tmp_path / "none"), allow_code=True).plan(2020), "zh"
    )
    assert line.startswith("所有步骤")


def test_a_terminal_a_file_and_a_workbook_show_what_runs_how(tmp_path: Path) -> None:
    folder = _board().write(tmp_path)
    runner = CliRunner()
    shown = runner.invoke(app, ["plan", str(folder), "--allow-code"])
    assert shown.exit_code == 0, shown.output
    assert "evaluated at each pixel of lc_2020.tif" in shown.output
    assert "evaluated on areas, tabulated once from lc_2020.tif" in shown.output
    assert "rain.tif row" not in shown.output
    assert "lc_2020.tif row" not in shown.output
    table = runner.invoke(app, ["plan", str(folder), "--allow-code", "--csv"]).stdout
    assert "data=rain region=1 raster,,rain.tif,-1,raster,mm" in table
    book = tmp_path / "plan.xlsx"
    runner.invoke(app, ["plan", str(folder), "--allow-code", "--out", str(book)])
    sheets = load_cells(book)
    assert sheets is not None
    cover, rows, *_ = sheets.values()
    assert any("rain.tif" in str(cell) for cell in cover.values())
    assert list(rows.values()).count("raster") == 3


def test_a_plan_on_tables_says_nothing_of_pixels(tmp_path: Path) -> None:
    plan = gep.read_project(
        checkerboard(30, 30, 5).write_table_twin(tmp_path), allow_code=True
    ).plan(2020)
    assert pixel_lines(plan, "en") == []
    assert not plan.table()["binding"].str.contains("raster").any()
