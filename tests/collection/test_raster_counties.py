"""Counties on rasters collected: each on its own grid, and never joined by a stand-in for its layers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.small_rasters import checkerboard

import gep
from gep.collection.counties import CollectionOptions
from gep.collection.recompute import accounts_of, merge_counties

pytest.importorskip("rasterio")


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


def test_layers_are_not_joined_into_a_project_of_tables(tmp_path: Path) -> None:
    write_counties(tmp_path, has_layers=True)
    with pytest.raises(gep.ProblemsFound) as refusal:
        gep.collect_projects(tmp_path, tmp_path / "out", options(tmp_path, project=True))
    assert {problem.code for problem in refusal.value.problems} == {"not-supported"}
    assert not (tmp_path / "project.toml").exists()


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
