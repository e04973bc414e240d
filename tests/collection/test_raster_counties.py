"""Counties on rasters collected: each on its own grid, and never joined by a stand-in for its layers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import small
from support.small_rasters import checkerboard, write_raster

import gep
from gep.collection.counties import CollectionOptions
from gep.collection.recompute import accounts_of, merge_counties
from gep.workflows.verify import verify_result

rasterio = pytest.importorskip("rasterio")


def write_counties(folder: Path, *, has_layers: bool) -> None:
    """Two counties, each with rasters of another size and rain of its own."""
    for number, zone in enumerate((1, 2), start=1):
        board = checkerboard(40 + 10 * number, 50, 7, seed=number)
        rain = np.random.default_rng(number).uniform(500, 2500, board.zones.shape)
        layers = {"rain": (rain.astype(np.float32), "mm")} if has_layers else {}
        data = []
        if not has_layers:
            row = {"region": str(zone), "name": "rain", "unit": "mm", "source": "made up"}
            data = [row | {"value": 1500, "year": 2020}]
        zones = np.where(board.zones == zone, zone, 0)
        board = replace(board, zones=zones, layers=layers, data=data)
        home = board.write(folder / f"county{zone}")
        text = (home / "project.toml").read_text("utf-8")
        (home / "project.toml").write_text(
            text.replace('id = "small-rasters"', f'id = "county{zone}"'), "utf-8"
        )
        regions = pd.read_csv(home / "regions.csv", dtype=str, keep_default_na=False)
        chosen = regions[regions["region"].isin(["top", str(zone)])]
        chosen.to_csv(home / "regions.csv", index=False)


def options(folder: Path, **more: bool) -> CollectionOptions:
    return CollectionOptions(
        coefficients=(str(folder / "county1" / "base"),), allow_code=True, **more
    )


def test_counties_on_rasters_have_their_own_values_in_a_collection(tmp_path: Path) -> None:
    write_counties(tmp_path, has_layers=True)
    collection = gep.collect_projects(tmp_path, tmp_path / "out", options(tmp_path))
    replayed = collection.frame("replayed")
    for zone in ("1", "2"):
        (account,) = gep.read_project(tmp_path / f"county{zone}", allow_code=True).compute()
        frame = account.frame(region=zone)
        value = frame[frame["indicator"].eq("water") & frame["kind"].eq("value")]["value"].sum()
        row = replayed[replayed["county"].eq(f"county{zone}") & replayed["indicator"].eq("water")]
        assert row["common"].item() == pytest.approx(value, rel=1e-12)
        assert row["own"].item() == pytest.approx(value, rel=1e-12)


def test_counties_on_rasters_are_never_computed_on_the_grid_of_another(tmp_path: Path) -> None:
    write_counties(tmp_path, has_layers=True)
    parts = {}
    values = {}
    for zone in ("1", "2"):
        project = gep.read_project(tmp_path / f"county{zone}", allow_code=True)
        standard = gep.read_project(tmp_path / "county1", allow_code=True).parts.standard
        parts[zone] = replace(project.parts, standard=standard)
        (account,) = project.compute()
        values[zone] = account.frame()
    for names, merged in merge_counties(parts):
        (account,) = accounts_of(merged, [2020])
        for zone in names:
            ours = account.frame(region=zone)["value"]
            theirs = values[zone][values[zone]["region"].eq(zone)]["value"]
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)


PROVINCE = """
[project]
id = "province"
title = "Province"
standard = "./county1/small.toml"
coefficients = ["./county1/base"]
years = [2020]
allow_code = true

[inputs]
crosswalk = "./county1/walk.csv"
regions = "collected/project_regions.csv"
data = ["collected/project_data.csv"]
coverage = "part"

[inputs.raster]
land_cover = "cover.tif"
zones = "zones.tif"
min_cover = 0.9
"""
RAIN = """
[[inputs.raster.layer]]
name = "rain"
path = "rain.tif"
unit = "mm"
source = "made up"
"""


def write_province(folder: Path, toml: str) -> None:
    """The project above two counties, whose land, one below the other, is on rasters of its own."""
    cover = np.full((110, 50), 255, np.uint8)
    zones = np.zeros(cover.shape, np.int16)
    rain = np.full(cover.shape, np.nan, np.float32)
    top = 0
    for zone in ("1", "2"):
        for pixels, name in ((cover, "lc_2020"), (zones, "zones"), (rain, "rain")):
            file = folder / f"county{zone}" / f"{name}.tif"
            if not file.exists():
                continue
            with rasterio.open(file) as raster:
                values = raster.read(1)
            pixels[top : top + len(values)] = values
        top += len(values)
    write_raster(folder / "cover.tif", cover, nodata=255)
    write_raster(folder / "zones.tif", zones, nodata=0)
    write_raster(folder / "rain.tif", rain, nodata=np.nan)
    (folder / "project.toml").write_text(toml, "utf-8")


def refused(folder: Path) -> gep.Problem:
    """The only problem of joining counties."""
    with pytest.raises(gep.ProblemsFound) as refusal:
        gep.collect_projects(folder, folder / "collected", options(folder, project=True))
    assert not (folder / "collected").exists()
    (problem,) = refusal.value.problems
    return problem


def test_layers_are_not_joined_into_a_project_of_tables(tmp_path: Path) -> None:
    write_counties(tmp_path, has_layers=True)
    problem = refused(tmp_path)
    assert problem.code == "not-supported"
    assert "county1, county2" in problem.say("en")
    assert ": rain (" in problem.say("en")
    assert not (tmp_path / "project.toml").exists()
    write_province(tmp_path, PROVINCE)
    problem = refused(tmp_path)
    assert problem.code == "not-supported"
    assert "no raster of rain" in problem.say("en")


@pytest.mark.parametrize("has_layers", [True, False])
def test_tables_of_counties_are_joined_beside_the_rasters_of_the_province(
    tmp_path: Path, *, has_layers: bool
) -> None:
    write_counties(tmp_path, has_layers=has_layers)
    write_province(tmp_path, PROVINCE + (RAIN if has_layers else ""))
    before = (tmp_path / "project.toml").read_bytes()
    out = tmp_path / "collected"
    gep.collect_projects(tmp_path, out, options(tmp_path, project=True))
    assert (tmp_path / "project.toml").read_bytes() == before
    assert not (out / "project_areas.csv").exists()
    assert not (out / "project_crosswalk.csv").exists()
    names = set(pd.read_csv(out / "project_data.csv")["name"])
    assert names == {"emission"} if has_layers else names == {"emission", "rain"}
    assert not verify_result(out, allow_code=True).differences
    (joined,) = gep.read_project(tmp_path, allow_code=True).compute()
    for zone in ("1", "2"):
        (account,) = gep.read_project(tmp_path / f"county{zone}", allow_code=True).compute()
        ours = joined.frame(region=zone)
        theirs = account.frame(region=zone)
        assert list(ours["step"]) == list(theirs["step"])
        np.testing.assert_allclose(ours["value"], theirs["value"], rtol=1e-9)


def test_numbers_that_the_rasters_of_the_province_give_are_left_out_of_its_tables(
    tmp_path: Path,
) -> None:
    write_counties(tmp_path, has_layers=False)
    write_province(tmp_path, PROVINCE + RAIN)
    out = tmp_path / "collected"
    gep.collect_projects(tmp_path, out, options(tmp_path, project=True))
    assert set(pd.read_csv(out / "project_data.csv")["name"]) == {"emission"}


def test_counties_under_a_standard_of_quantities_have_no_ranks(tmp_path: Path) -> None:
    write_counties(tmp_path, has_layers=True)
    quantities = (
        small.HEAD + small.SHARED + small.WATER.partition('[[indicator.step]]\nid = "value"')[0]
    )
    total = '[[total]]\nid = "gep"\nname = { zh = "总", en = "GEP" }\nindicators = ["water"]\n'
    for zone in ("1", "2"):
        (tmp_path / f"county{zone}" / "small.toml").write_text(quantities + total, "utf-8")
    collection = gep.collect_projects(tmp_path, tmp_path / "out", options(tmp_path))
    assert collection.frame("ranks").empty
    assert (tmp_path / "out" / "collection.xlsx").exists()


def test_areas_from_land_cover_are_joined(tmp_path: Path) -> None:
    write_counties(tmp_path, has_layers=False)
    gep.collect_projects(tmp_path, tmp_path / "out", options(tmp_path, project=True))
    (joined,) = gep.read_project(tmp_path, allow_code=True).compute()
    for zone in ("1", "2"):
        (account,) = gep.read_project(tmp_path / f"county{zone}", allow_code=True).compute()
        ours = joined.frame(region=zone)
        theirs = account.frame(region=zone)
        assert list(ours["step"]) == list(theirs["step"])
        np.testing.assert_allclose(ours["value"], theirs["value"], rtol=1e-9)
