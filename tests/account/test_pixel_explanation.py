"""What was computed at pixels is explained by sums of blocks and by one pixel, never by a formula of means."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import small
from support.small import coefficient, write_set
from support.small_rasters import CODES, SmallRasters, checkerboard

import gep
from gep.report.pages.account_cells import account_cells

pytest.importorskip("rasterio")

KEPT = {"wood": 0.75 * 0.75 + 0.25 * 0.6, "grove": 0.75 * 0.75 + 0.25 * 0.6, "bush": 0.6}  # of rain
NET = """
[[indicator]]
id = "water"
name = { zh = "水源涵养", en = "Water retention" }
category = "regulating"
[[indicator.step]]
id = "net"
kind = "auxiliary"
method = "./own.py:kept"
per = "none"
unit = "m"
inputs = { rain = { data = "rain" }, runoff = { coef = "runoff" } }
[[indicator.step]]
id = "kept"
kind = "quantity"
method = "./own.py:kept"
per = "area"
unit = "10^4 m3"
inputs = { rain = { step = "water.net" }, runoff = { coef = "lost" } }
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:stored"
per = "amount"
unit = "10^4 CNY"
inputs = { volume = { step = "water.kept" }, cost = { coef = "storage_cost" } }
"""
LOST = (coefficient("lost", 0.1, "1", substance="N"), coefficient("lost", 0.3, "1", substance="P"))


def _board(height: int = 700, width: int = 1100) -> SmallRasters:
    board = checkerboard(height, width, 31 if height > 200 else 7)
    rain = np.random.default_rng(5).uniform(500, 2500, board.zones.shape).astype(np.float32)
    return replace(board, layers={"rain": (rain, "mm")})


def _account(board: SmallRasters, folder: Path) -> gep.Account:
    return gep.read_project(board.write(folder), allow_code=True).compute()[0]


def _counted(board: SmallRasters, zone: int) -> np.ndarray:
    """Pixels in whose ecosystem types water is kept."""
    codes = [CODES[name] for name in KEPT]
    return (board.zones == zone) & np.isin(board.cover[2020], codes)


def test_blocks_add_up_to_the_amount_of_a_region_and_of_a_parent(tmp_path: Path) -> None:
    board = _board()
    account = _account(board, tmp_path)
    rain = board.layers["rain"][0].astype(float)
    share = np.zeros(board.zones.shape)
    for name, kept in KEPT.items():
        share[board.cover[2020] == CODES[name]] = kept
    amounts = rain * share * 1e4 / 1000 / 1e4  # mm on 1 hm2, in 10^4 m3
    pixels = {}
    for region, zones in (("2", [2]), ("top", [1, 2, 3])):
        step = account.explain("water", region).step("water.kept")
        assert step.pixels is not None
        blocks = step.pixels.blocks
        assert blocks["amount"].sum() == pytest.approx(step.amount, rel=1e-12)
        in_region = np.isin(board.zones, zones)
        for block in blocks.to_dict("records"):
            unit = np.s_[
                512 * block["row"] - 512 : 512 * block["row"],
                512 * block["column"] - 512 : 512 * block["column"],
            ]
            assert block["amount"] == pytest.approx(amounts[unit][in_region[unit]].sum(), rel=1e-9)
            assert block["pixels"] == (in_region[unit] & (share[unit] > 0)).sum()
            assert block["area"] == pytest.approx(block["pixels"], rel=1e-12)  # of 1 hm2
        pixels[region] = step.pixels.pixels
        assert step.pixels.pixels == blocks["pixels"].sum()
        assert (step.pixels.smallest, step.pixels.largest) == pytest.approx((1e4, 1e4), rel=1e-12)
    assert pixels["top"] == sum(_counted(board, zone).sum() for zone in (1, 2, 3))
    assert pixels["2"] == _counted(board, 2).sum()


def test_the_sample_is_the_middle_pixel_of_the_fullest_block_with_its_own_arithmetic(
    tmp_path: Path,
) -> None:
    board = _board()
    explanation = _account(board, tmp_path).explain("water", "2")
    pixels = explanation.step("water.kept").pixels
    assert pixels is not None
    sample = pixels.sample
    assert sample is not None
    counted = _counted(board, 2)
    sizes = {}
    for top in range(0, 700, 512):
        for left in range(0, 1100, 512):
            sizes[top, left] = int(counted[top : top + 512, left : left + 512].sum())
    top, left = max(sizes, key=lambda corner: sizes[corner])
    rows, columns = np.nonzero(counted[top : top + 512, left : left + 512])
    middle = len(rows) // 2
    row, column = int(rows[middle]) + top, int(columns[middle]) + left
    assert (sample.row, sample.column) == (row + 1, column + 1)
    assert (sample.x, sample.y) == (1_000_000 + 100 * (column + 0.5), 3_200_000 - 100 * (row + 0.5))
    rain = float(board.layers["rain"][0][row, column])
    parts = sample.parts.set_index("ecosystem")
    is_bush = board.cover[2020][row, column] == CODES["bush"]
    expected = {"shrub": (0.4, 1.0)} if is_bush else {"forest": (0.25, 0.75), "shrub": (0.4, 0.25)}
    assert set(parts.index) == set(expected)
    for name, (runoff, area) in expected.items():
        part = parts.loc[name]
        assert (part["rain"], part["runoff"], part["cell area"]) == pytest.approx(
            (rain, runoff, area)
        )
        assert part["result"] == pytest.approx(rain * (1 - runoff), rel=1e-12)
        assert part["amount"] == pytest.approx(rain * (1 - runoff) / 1000 * area, rel=1e-12)
    assert any(f"{rain:.6g} * (1 - " in line for line in sample.calculations)


def test_no_formula_is_printed_with_means_in_any_form(tmp_path: Path) -> None:
    board = _board(90, 120)
    account = _account(board, tmp_path)
    mean = account.plan.step("water.kept").inputs["rain"].values[1]  # type: ignore[union-attr]
    for language, word in (("en", "mean of its pixels"), ("zh", "各像元的平均值")):
        explanation = account.explain("water", "2", language)
        for shown in (str(explanation), explanation._repr_html_()):
            assert f"{mean:.6g} * (1" not in shown
            assert word in shown
    step = account.explain("water", "2").step("water.kept")
    assert step.formula == "= rain * (1 - runoff)"
    assert step.parts["rain"].isna().all()
    assert step.parts["runoff"].tolist() == [0.25, 0.4]
    row = step.rows[step.rows["input"] == "rain"].iloc[0]
    assert row["number"] == pytest.approx(float(mean))
    assert row["where"] == "rain.tif"
    assert "mean of the region" in row["note"]


def test_json_has_blocks_and_the_pixel_of_steps_at_pixels_only(tmp_path: Path) -> None:
    folder = _board(90, 120).write(tmp_path)
    shown = gep.explain_number(
        folder, region="1", year=2020, indicator="water", allow_code=True, as_json=True
    )
    steps = {step["step"]: step for step in json.loads(shown)["steps"]}
    assert "pixels" not in steps["water.value"]
    pixels = steps["water.kept"]["pixels"]
    assert pixels["layers"] == ["rain.tif"]
    assert sum(block["amount"] for block in pixels["blocks"]) == pytest.approx(
        steps["water.kept"]["amount"]
    )
    assert pixels["sample"]["parts"][0]["rain"] > 0
    assert pixels["without_number"] == 0


def test_pixels_without_a_number_are_counted_and_never_the_sample(tmp_path: Path) -> None:
    board = replace(_board(90, 120), raster=_board().raster.replace("0.9", "0.1"))
    rain, unit = board.layers["rain"]
    holed = rain.copy()
    holed[:, ::2] = np.nan
    board = replace(board, layers={"rain": (holed, unit)})
    explanation = _account(board, tmp_path).explain("water", "2")
    pixels = explanation.step("water.kept").pixels
    assert pixels is not None
    counted = _counted(board, 2)
    assert pixels.pixels == (counted & np.isfinite(holed)).sum()
    assert pixels.without == (counted & np.isnan(holed)).sum()
    assert pixels.sample is not None
    assert np.isfinite(holed[pixels.sample.row - 1, pixels.sample.column - 1])
    assert f"{pixels.without} further pixels without a number" in str(explanation)


def test_steps_behind_each_other_show_one_pixel_and_members_have_blocks_of_their_own(
    tmp_path: Path,
) -> None:
    standard = (
        small.HEAD
        + small.SHARED
        + NET.replace('unit = "10^4 m3"', 'unit = "10^4 m3"\nover = { substance = ["N", "P"] }')
    )
    standard += small.AIR + small.SOIL
    board = replace(_board(600, 900), standard=standard)
    folder = board.write(tmp_path)
    write_set(folder / "base", (*small.COEFFICIENTS, *LOST))
    account = gep.read_project(folder, allow_code=True).compute()[0]
    explanation = account.explain("water", "3")
    net, kept = (explanation.step(name) for name in ("water.net", "water.kept"))
    assert net.pixels is not None
    assert kept.pixels is not None
    assert net.pixels.sample is not None
    assert kept.pixels.sample is not None
    assert (net.pixels.sample.row, net.pixels.sample.column) == (
        kept.pixels.sample.row,
        kept.pixels.sample.column,
    )
    taken = net.pixels.sample.parts.set_index("ecosystem")["result"]
    for part in kept.pixels.sample.parts.to_dict("records"):
        lost = {"N": 0.1, "P": 0.3}[part["substance"]]
        assert part["rain"] == pytest.approx(taken[part["ecosystem"]])
        assert part["result"] == pytest.approx(part["rain"] * (1 - lost))
    sums = kept.pixels.blocks.groupby("substance")["amount"].sum()
    assert sums["N"] == pytest.approx(kept.subtotals["substance=N"], rel=1e-12)
    assert sums["N"] / sums["P"] == pytest.approx(0.9 / 0.7, rel=1e-12)
    blocks = net.pixels.blocks  # means, for rain that is kept is no amount
    weighted = (blocks["amount"] * blocks["area"]).sum() / blocks["area"].sum()
    amounts = net.parts["amount"].to_numpy()
    areas = account.plan.extent.area_of()[2][
        account.plan.extent.ecosystems.get_indexer(net.parts["ecosystem"])
    ]
    assert weighted == pytest.approx((amounts * areas).sum() / areas.sum(), rel=1e-9)
    assert "substance=N" in str(explanation)


def test_a_step_at_pixels_takes_another_one_in_its_unit(tmp_path: Path) -> None:
    board = replace(
        checkerboard(90, 120, 7), standard=small.HEAD + small.SHARED + NET + small.AIR + small.SOIL
    )
    lost = coefficient("lost", 0.1, "1")
    accounts = []
    for folder in (board.write(tmp_path / "raster"), board.write_table_twin(tmp_path / "table")):
        write_set(folder / "base", (*small.COEFFICIENTS, lost))
        accounts += gep.read_project(folder, allow_code=True).compute()
    ours, theirs = (account.frame()["value"] for account in accounts)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_a_page_says_that_cells_are_means_of_pixels(tmp_path: Path) -> None:
    cells = json.loads(
        json.dumps(account_cells([_account(_board(90, 120), tmp_path)]), allow_nan=False)
    )
    steps = {step["name"]: step for step in cells["years"]["2020"]["steps"]}
    assert steps["water.kept"]["layers"] == ["rain.tif"]
    assert steps["water.kept"]["cells"]["in:rain"] is None
    assert steps["water.value"]["layers"] == []
    assert steps["water.value"]["cells"]["in:volume"] is not None


def test_an_account_on_tables_has_no_pixels(tmp_path: Path) -> None:
    folder = checkerboard(30, 30, 5).write_table_twin(tmp_path)
    account = gep.read_project(folder, allow_code=True).compute()[0]
    step = account.explain("water", "1").step("water.kept")
    assert step.pixels is None
    assert step.calculations[0].endswith("10^4 m3")
    assert "* (1 - " in step.calculations[0]


@pytest.mark.parametrize("fractions", [False, True])
def test_polygons_are_looked_for_in_the_units_around_them(tmp_path: Path, fractions: bool) -> None:
    board = _board(600, 1300)
    west, north = 1_000_000, 3_200_000
    features = []
    for code, left, right in (("1", 0, 400), ("2", 400, 800), ("3", 800, 1300)):
        ring = [
            [west + 100 * x, north - 100 * y]
            for x, y in ((left, 0), (right, 0), (right, 600), (left, 600), (left, 0))
        ]
        features.append(
            {
                "type": "Feature",
                "properties": {"code": code},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    raster = (
        board.raster.replace("zones.tif", "zones.shp") + f"fractions = {str(fractions).lower()}\n"
    )
    folder = replace(board, raster=raster).write(tmp_path)
    _write_polygons(folder / "zones.shp", features)
    account = gep.read_project(folder, allow_code=True).compute()[0]
    step = account.explain("water", "3").step("water.kept")
    assert step.pixels is not None
    assert set(step.pixels.blocks["column"]) == {2, 3}
    assert step.pixels.blocks["amount"].sum() == pytest.approx(step.amount, rel=1e-9)


def _write_polygons(path: Path, features: list[dict[str, object]]) -> None:
    import pyogrio.raw
    import shapely
    from support.small_rasters import ALBERS

    shapes = np.array(
        [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    )
    codes = np.array([feature["properties"]["code"] for feature in features], dtype=object)  # type: ignore[index]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapes),
        field_data=[codes],
        fields=["code"],
        crs=ALBERS,
        geometry_type="Polygon",
    )
