"""Accounts on rasters: equal to the same account on tables where nothing varies, to hand sums where something does."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.small_rasters import CODES, SmallRasters, checkerboard, write_raster

import gep
from gep.errors import ProblemLog
from gep.extent.raster_extent import RasterLayer
from gep.extent.rasters import Window, open_raster

pytest.importorskip("rasterio")


def test_a_checkerboard_of_constant_regions_has_the_account_of_its_table(tmp_path: Path) -> None:
    board = checkerboard(90, 120, 7)
    (on_rasters,) = gep.read_project(board.write(tmp_path / "raster"), allow_code=True).compute()
    (on_tables,) = gep.read_project(
        board.write_table_twin(tmp_path / "table"), allow_code=True
    ).compute()
    ours = on_rasters.frame()
    theirs = on_tables.frame()
    assert list(ours["step"]) == list(theirs["step"])
    np.testing.assert_allclose(ours["value"], theirs["value"], rtol=1e-9)
    assert on_rasters.plan.extent.tier == "raster"
    assert on_tables.plan.extent.tier == "table"


def test_rain_that_varies_inside_a_region_is_evaluated_pixel_by_pixel(tmp_path: Path) -> None:
    board = checkerboard(60, 70, 9)
    rain = np.random.default_rng(5).uniform(500, 2500, board.zones.shape).astype(np.float32)
    board = replace(board, layers={"rain": (rain, "mm")})
    (account,) = gep.read_project(board.write(tmp_path), allow_code=True).compute()
    frame = account.frame()
    runoff = {
        "wood": (0.75, 0.25),
        "grove": (0.75, 0.25),
        "bush": (0, 1),
        "paddy": (0, 0),
        "road": (0, 0),
    }
    for zone in (1, 2, 3):
        kept = 0.0  # m3: mm x m2 / 1000, forest keeps 75 %, shrub 60 %, fields have na
        for name, (forest, shrub) in runoff.items():
            pixels = (board.zones == zone) & (board.cover[2020] == CODES[name])
            total = rain[pixels].astype(float).sum() * 1e4 / 1000
            kept += total * (forest * 0.75 + shrub * 0.6)
        row = frame[
            frame["indicator"].eq("water")
            & frame["step"].eq("kept")
            & (frame["region"] == str(zone))
        ]
        assert row["value"].item() == pytest.approx(kept / 1e4, rel=1e-9)


def test_a_layer_with_holes_below_the_least_cover_is_refused(tmp_path: Path) -> None:
    board = checkerboard(60, 70, 9)
    rain, unit = board.layers["rain"]
    rain = rain.copy()
    rain[:, :10] = np.nan  # of the 23 columns of the first region
    board = replace(board, layers={"rain": (rain, unit)})
    project = gep.read_project(board.write(tmp_path), allow_code=True)
    with pytest.raises(gep.ProblemsFound, match="low-cover"):
        project.compute()


def test_pixels_without_a_number_add_nothing(tmp_path: Path) -> None:
    board = replace(
        checkerboard(60, 70, 9), raster=checkerboard(6, 6, 2).raster.replace("0.9", "0.5")
    )
    rain, unit = board.layers["rain"]
    holed = rain.copy()
    holed[:, :10] = np.nan
    whole = gep.read_project(board.write(tmp_path / "whole"), allow_code=True).compute()[0]
    board = replace(board, layers={"rain": (holed, unit)})
    account = gep.read_project(board.write(tmp_path / "holed"), allow_code=True).compute()[0]
    pixels = (board.zones == 1) & (board.cover[2020] != CODES["road"])
    frames = [
        item.frame().query("indicator == 'water'").set_index(["step", "region"])["value"]
        for item in (whole, account)
    ]
    assert frames[1]["kept", "2"] == frames[0]["kept", "2"]
    assert frames[1]["kept", "1"] < frames[0]["kept", "1"]
    assert pixels.any()


@pytest.mark.parametrize("options", [{"tiled": False}, {"blockxsize": 64, "blockysize": 32}])
def test_the_layout_of_the_files_changes_no_bit(tmp_path: Path, options: dict[str, object]) -> None:
    rain = np.random.default_rng(5).uniform(500, 2500, (700, 1100)).astype(np.float32)
    board = checkerboard(700, 1100, 31)
    board = replace(board, layers={"rain": (rain, "mm")})
    frames = []
    for name, files in (("a", {}), ("b", options)):
        project: SmallRasters = replace(board, options=files)
        account = gep.read_project(project.write(tmp_path / name), allow_code=True).compute()[0]
        frames.append(account.frame()["value"].to_numpy())
    assert frames[0].tobytes() == frames[1].tobytes()


def test_the_slope_of_elevations_is_the_same_in_every_window(tmp_path: Path) -> None:
    """A plane that rises 30 m in 100 m to the east has a slope of atan 0.3, whatever block it is read in."""
    heights = np.broadcast_to(30.0 * np.arange(80), (70, 80)).astype(np.float32)
    raster = open_raster(write_raster(tmp_path / "dem.tif", heights), ProblemLog(), "dem")
    assert raster is not None
    layer = RasterLayer("slope", "dem.tif", raster, "degree", derive="slope")
    whole = layer.read(Window(0, 0, 70, 80))
    np.testing.assert_allclose(whole[1:-1, 1:-1], np.degrees(np.arctan(0.3)), rtol=1e-12)
    assert np.isnan(whole[0]).all()
    assert np.isnan(whole[:, -1]).all()
    part = layer.read(Window(13, 40, 57, 40))
    assert part.tobytes() == np.ascontiguousarray(whole[13:, 40:]).tobytes()
