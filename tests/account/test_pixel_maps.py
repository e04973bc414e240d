"""Maps: the pixels of a region, times their area, are its account; how they came about stands in their tags."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import small
from support.small_rasters import CODES, SmallRasters, checkerboard
from typer.testing import CliRunner

import gep
from gep.account import pixel_maps
from gep.account.pixel_maps import MapKinds, write_maps
from gep.cli.app import app
from gep.extent.rasters import MapWriter

rasterio = pytest.importorskip("rasterio")

CAPPED = '''

def capped(*, volume: Annotated[Array, "m3"], cost: Annotated[Array, "CNY m-3"]) -> Annotated[Array, "CNY"]:
    """Volume up to a million, times the cost of storage."""
    return np.minimum(volume, 1e6) * cost
'''
BY_REGION = small.WATER.replace('per = "amount"', 'per = "region"')
FLOAT32 = 2e-7  # relative


def _board(height: int = 90, width: int = 120, **changes: Any) -> SmallRasters:
    board = checkerboard(height, width, 31 if height > 200 else 7)
    rain = np.random.default_rng(5).uniform(500, 2500, board.zones.shape).astype(np.float32)
    return replace(board, layers={"rain": (rain, "mm")}, **changes)


def _maps(folder: Path, kinds: MapKinds = "quantities") -> tuple[gep.Account, dict[str, Any]]:
    """An account, and pixels and words of its maps by step."""
    account = gep.read_project(folder, allow_code=True).compute()[0]
    out = folder / "written"
    out.mkdir(exist_ok=True)
    maps = {}
    for name in write_maps(account, out, kinds, "en"):
        with rasterio.open(out / name) as file:
            maps[name.removesuffix("_2020.tif")] = (
                file.read(),
                file.tags(),
                file.units,
                file.descriptions,
                file.profile,
            )
    return account, maps


def _by_zone(pixels: np.ndarray, zones: np.ndarray) -> np.ndarray:
    """Sums of pixels of 1 hm2, in float64."""
    return np.array([np.nansum(pixels[zones == zone].astype(float)) for zone in (1, 2, 3)])


@pytest.mark.parametrize("standard", [small.WATER, BY_REGION], ids=["by-cell", "by-region"])
def test_pixels_times_their_area_are_the_account_of_each_region(
    tmp_path: Path, standard: str
) -> None:
    board = _board(600, 700, standard=small.HEAD + small.SHARED + standard + small.AIR + small.SOIL)
    account, maps = _maps(board.write(tmp_path))
    frame = account.frame()
    frame = frame[frame["region"].isin(list("123"))]
    assert set(maps) == {
        "water.kept",
        "water.value",
        "air.purified",
        "air.value",
        "soil.kept",
        "soil.value",
    }
    for name, (pixels, _, units, bands, _) in maps.items():
        indicator, step = name.split(".")
        rows = frame[frame["indicator"].eq(indicator) & frame["step"].eq(step)]
        if step == "value":
            assert units == ("CNY ha-1",)
            expected = rows.groupby("region")["value"].sum().to_numpy() * 1e4
            np.testing.assert_allclose(_by_zone(pixels[0], board.zones), expected, rtol=FLOAT32)
            continue
        for band, item in enumerate(bands):
            expected = rows[rows["item"] == (item or "")]["value"].to_numpy()
            np.testing.assert_allclose(_by_zone(pixels[band], board.zones), expected, rtol=FLOAT32)


def test_what_follows_from_pixels_varies_with_them_and_what_does_not_is_even(
    tmp_path: Path,
) -> None:
    board = _board()
    _, maps = _maps(board.write(tmp_path))
    rain = board.layers["rain"][0].astype(float)
    is_bush = board.cover[2020] == CODES["bush"]
    value, tags, *_ = maps["water.value"]
    np.testing.assert_allclose(
        value[0][is_bush], rain[is_bush] * 0.6 / 1000 * 1e4 * 2, rtol=1e-6
    )  # mm on 1 hm2, 2 CNY m-3
    assert tags["how"] == "from the amounts of each pixel, in which the method adds up"
    assert maps["water.kept"][1]["how"] == "evaluated at each pixel"
    air, tags, *_ = maps["air.value"]
    assert tags["how"].startswith("spread evenly")
    for zone in (1, 2, 3):
        in_zone = air[0][(board.zones == zone) & np.isfinite(air[0])]
        assert np.ptp(in_zone) == 0


def test_a_method_that_does_not_add_up_is_spread_over_its_cells(tmp_path: Path) -> None:
    standard = (
        small.HEAD
        + small.SHARED
        + small.WATER.replace("own.py:stored", "own.py:capped")
        + small.AIR
        + small.SOIL
    )
    board = _board(standard=standard)
    folder = board.write(tmp_path)
    (folder / "own.py").write_text(small.METHODS + CAPPED, "utf-8")
    account, maps = _maps(folder)
    value, tags, *_ = maps["water.value"]
    assert tags["how"].startswith("spread evenly")
    is_bush = (board.cover[2020] == CODES["bush"]) & (board.zones == 2)
    assert np.ptp(value[0][is_bush]) == 0
    frame = account.frame()
    rows = frame[
        frame["indicator"].eq("water")
        & frame["step"].eq("value")
        & frame["region"].isin(list("123"))
    ]
    np.testing.assert_allclose(_by_zone(value[0], board.zones), rows["value"] * 1e4, rtol=FLOAT32)
    assert (
        rows["value"]
        < account.frame()
        .query("indicator == 'water' and step == 'kept' and level == 'region'")["value"]
        .to_numpy()
        * 2
    ).any()


def test_pixels_that_do_not_count_have_no_data(tmp_path: Path) -> None:
    board = _board(raster=_board().raster.replace("0.9", "0.5"))
    rain, unit = board.layers["rain"]
    holed = rain.copy()
    holed[:, ::3] = np.nan
    _, maps = _maps(replace(board, layers={"rain": (holed, unit)}).write(tmp_path))
    kept, _, _, _, profile = maps["water.kept"]
    counts = np.isin(
        board.cover[2020], [CODES[name] for name in ("wood", "grove", "bush")]
    ) & np.isfinite(holed)
    assert np.isnan(profile["nodata"])
    assert (np.isfinite(kept[0]) == counts).all()
    assert (np.isfinite(maps["water.value"][0][0]) == counts).all()


def test_a_map_says_what_it_is_and_is_stored_in_tiles(tmp_path: Path) -> None:
    _, maps = _maps(_board(600, 700).write(tmp_path), "values")
    assert set(maps) == {"water.value", "air.value", "soil.value"}
    _, tags, units, _, profile = maps["water.value"]
    assert (
        profile["blockxsize"],
        profile["blockysize"],
        profile["compress"],
        profile["dtype"],
    ) == (512, 512, "deflate", "float32")
    assert tags["unit"] == units[0] == "CNY ha-1"
    assert tags["standard"] == "Small standard (small)"
    assert tags["step"] == "Water retention (water.value)"
    assert (tags["year"], tags["gep"], tags["grade"]) == ("2020", gep.__version__, "unstated")
    assert set(tags["sources"].split(", ")) == {"made up", "Made up for tests"}


def test_pixels_have_the_same_bits_whatever_blocks(tmp_path: Path) -> None:
    board = _board(1100, 1300)
    pixels = []
    for number, (block, threads) in enumerate(((None, 1), (512, 2), (1024, 3))):
        folder = board.write(tmp_path / str(number))
        account = gep.read_project(folder, allow_code=True).compute()[0]
        raster = account.plan.raster
        assert raster is not None
        schedule = replace(raster.schedule, block=block, threads=threads)
        changed = replace(account.plan, raster=replace(raster, schedule=schedule))
        out = folder / "written"
        out.mkdir()
        write_maps(gep.Account(changed, account.results), out, "values", "en")
        with rasterio.open(out / "water.value_2020.tif") as file:
            pixels.append(file.read().tobytes())
    assert len(set(pixels)) == 1


def test_on_degrees_the_pixels_have_the_areas_of_their_rows(tmp_path: Path) -> None:
    from gep.extent.cell_areas import cell_areas

    options = {"crs": "EPSG:4326", "corner": (115.0, 30.0), "pixel": 0.02}
    board = _board(options=options)
    account, maps = _maps(board.write(tmp_path))
    plan = account.plan
    assert plan.raster is not None
    grid = plan.raster.land_cover.grid
    area = np.broadcast_to(cell_areas(grid, grid.window), board.zones.shape) / 1e4
    frame = account.frame().query("indicator == 'water' and step == 'value' and level == 'region'")
    pixels = maps["water.value"][0][0].astype(float) * area
    np.testing.assert_allclose(_by_zone(pixels, board.zones), frame["value"] * 1e4, rtol=FLOAT32)


# --- beside the other results ---------------------------------------------------------------------


def test_results_with_maps_are_verified_and_an_edited_map_is_told(tmp_path: Path) -> None:
    folder = _board().write(tmp_path / "project")
    out = tmp_path / "out"
    result = CliRunner().invoke(
        app, ["run", str(folder), "--allow-code", "--quiet", "--maps", "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    maps = sorted(path.name for path in (out / "maps").iterdir())
    assert maps == ["air.value_2020.tif", "soil.value_2020.tif", "water.value_2020.tif"]
    assert gep.verify(out, allow_code=True) == []
    (out / "maps" / "added.tif").write_bytes(b"")
    assert [problem.where for problem in gep.verify(out, allow_code=True)] == ["maps/added.tif"]
    (out / "maps" / "added.tif").unlink()
    path = out / "maps" / "water.value_2020.tif"
    with rasterio.open(path, "r+") as file:
        pixels = file.read(1)
        pixels[0, 0] += 1
        file.write(pixels, 1)
    assert {problem.where for problem in gep.verify(out, allow_code=True)} == {
        "maps/water.value_2020.tif"
    }
    (out / "maps" / "air.value_2020.tif").unlink()
    places = {problem.where for problem in gep.verify(out, allow_code=True)}
    assert places == {"maps/water.value_2020.tif", "maps/air.value_2020.tif"}


def test_maps_that_are_not_written_any_more_go_with_their_folder(tmp_path: Path) -> None:
    folder = _board().write(tmp_path / "project")
    out = tmp_path / "out"
    gep.run_project(folder, out, allow_code=True, maps="quantities")
    assert len(list((out / "maps").iterdir())) == 6
    gep.run_project(folder, out, allow_code=True, maps="values")
    assert len(list((out / "maps").iterdir())) == 3
    gep.run_project(folder, out, allow_code=True)
    assert not (out / "maps").exists()
    (out / "maps").mkdir()
    (out / "maps" / "water.value_2020.tif").write_bytes(b"mine")
    with pytest.raises(gep.ProblemsFound, match="cannot-write"):
        gep.run_project(folder, out, allow_code=True, maps="values")
    assert (out / "maps" / "water.value_2020.tif").read_bytes() == b"mine"


def test_a_run_that_ends_while_maps_are_written_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _board().write(tmp_path / "project")
    out = tmp_path / "out"
    gep.run_project(folder, out, allow_code=True, maps="values")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    class Interrupted(MapWriter):
        def write(self, window: Any, pixels: np.ndarray) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(pixel_maps, "MapWriter", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        gep.run_project(folder, out, allow_code=True, maps="values")
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert not list(tmp_path.glob(".gep-*"))


def test_maps_of_tables_and_of_public_editions_are_refused(tmp_path: Path) -> None:
    board = checkerboard(30, 30, 5)
    table = board.write_table_twin(tmp_path / "table")
    with pytest.raises(gep.ProblemsFound, match="command-line"):
        gep.run_project(table, allow_code=True, maps="values")
    raster = board.write(tmp_path / "raster")
    with pytest.raises(gep.ProblemsFound, match="command-line"):
        gep.run_project(raster, allow_code=True, maps="values", edition="public")
    assert not (raster / "public").exists()
