"""Balance sheets of land on rasters: what pixels were and are, counted by hand, down to explained lines."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.small import write_table
from support.small_rasters import CODES, NODATA, checkerboard

import gep
from gep.project import raster_transitions
from gep.workflows.explain import explain_number
from gep.workflows.verify import verify_result

pytest.importorskip("rasterio")
YEARS = (2014, 2016, 2018, 2020)
SCHEME = "asset-account-seea-cf"
TABLES = 'causes = "causes.csv"\nstocks = "stocks.csv"\n'
# The ecosystem type of each class of land cover; no class is divided here, a pixel is 1 ha.
WALK = [
    {"class": "wood", "ecosystem": "forest", "share": ""},
    {"class": "grove", "ecosystem": "forest", "share": ""},
    {"class": "bush", "ecosystem": "shrub", "share": ""},
    {"class": "paddy", "ecosystem": "field", "share": ""},
    {"class": "road", "ecosystem": "na", "share": ""},
]
TYPES = {CODES[str(row["class"])]: str(row["ecosystem"]) for row in WALK}


def write_project(folder: Path, *, tables: str = "") -> tuple[Path, dict[int, np.ndarray]]:
    """A project of four years of land cover and its types by pixel."""
    board = checkerboard(60, 70, 9)
    random = np.random.default_rng(3)
    cover = {YEARS[0]: board.cover[2020]}
    for before, year in pairwise(YEARS):
        is_new = random.random(board.zones.shape) < 0.2
        drawn = random.integers(1, 6, board.zones.shape)
        cover[year] = np.where(is_new, drawn, cover[before])
    cover[2020][:2, :10] = NODATA  # in region 1
    replace(board, cover=cover, walk=WALK).write(folder)
    toml = (
        (folder / "project.toml")
        .read_text("utf-8")
        .replace("language", "price_year = 2020\nlanguage")
    )
    toml += f'\n[assessment]\nschemes = ["{SCHEME}"]\n{tables}'
    (folder / "project.toml").write_text(toml, "utf-8")
    types = {}
    for year, codes in cover.items():
        named = np.vectorize(TYPES.get)(codes, "na")
        types[year] = np.where(board.zones == 1, named, "")
    return folder, types


def line(balance: pd.DataFrame, pair: tuple[int, int], item: str, **keys: str) -> float:
    """The only number of region 1."""
    rows = balance[
        balance["region"].eq("1") & balance["from"].eq(pair[0]) & balance["to"].eq(pair[1])
    ]
    rows = rows[rows["item"].eq(item)]
    for key, value in keys.items():
        rows = rows[rows[key].eq(value)]
    assert len(rows) == 1, rows
    return float(rows["value"].item())


def counted(types: dict[int, np.ndarray], pair: tuple[int, int], start: str, end: str) -> int:
    before, after = (types[year] for year in pair)
    return int(((before == start) & (after == end)).sum())


def test_land_of_pixels_balances_with_what_became_of_it(tmp_path: Path) -> None:
    folder, types = write_project(tmp_path / "project")
    out = tmp_path / "out"
    result = gep.assess_project(folder, out, allow_code=True)
    (assessed,) = result.assessments
    balance = assessed.tables["balance.csv"]
    for pair in pairwise(YEARS):
        for start in ("forest", "shrub", "field", "na"):
            opening = int((types[pair[0]] == start).sum())
            if start != "na" or pair[1] != 2020:  # land without data is in no area
                assert line(balance, pair, "opening", **{"class": start}) == pytest.approx(opening)
            for end in ("forest", "shrub", "field", "na"):
                moved = counted(types, pair, start, end)
                if start != end and moved:
                    keys = {"class": end, "cause": f"from:{start}"}
                    found = line(balance, pair, "addition_reclassification", **keys)
                    assert found == pytest.approx(moved)
                    keys = {"class": start, "cause": f"to:{end}"}
                    found = line(balance, pair, "reduction_reclassification", **keys)
                    assert found == pytest.approx(moved)
    assert "matrix_land.csv" in assessed.tables
    gaps = [problem for problem in result.warnings if problem.code == "raster-gaps"]
    (lost,) = [problem for problem in gaps if "20 pixels" in problem.say("en")]
    assert "lc_2018.tif, lc_2020.tif" in lost.say("en")
    # land that lost its data leaves the accounts, and nothing else does not balance
    gap = line(balance, (2018, 2020), "statistical_error", **{"class": "na"})
    assert gap == pytest.approx(-20)
    errors = balance[balance["item"].eq("statistical_error") & balance["region"].eq("1")]
    values = errors["value"].astype(float)
    assert values.abs().sum() == pytest.approx(40), "of na, and of all land"
    assert not verify_result(out / "assessment", allow_code=True).differences
    explained = explain_number(
        folder, region="1", year=2016, indicator=f"{SCHEME}:land.shrub", allow_code=True
    )
    moved = counted(types, (2014, 2016), "field", "shrub")
    assert f"(from:field) = {moved} ha: transitions" in explained


@pytest.mark.parametrize("resource", ["land", "water"])
def test_periods_of_causes_take_what_became_of_land_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resource: str
) -> None:
    folder, types = write_project(tmp_path / "project", tables=TABLES)
    cause = {
        "region": "1",
        "from": 2014,
        "to": 2018,
        "resource": resource,
        "class": "shrub" if resource == "land" else "surface",
        "cause": "planted" if resource == "land" else "inflow",
        "nature": "human" if resource == "land" else "natural",
        "direction": "addition",
        "amount": 7,
        "unit": "ha" if resource == "land" else "10^4 m3",
        "source": "made up",
    }
    write_table(folder / "causes.csv", [cause])
    stock = {"region": "1", "resource": "water", "class": "surface", "unit": "10^4 m3"}
    stocks = [{**stock, "year": year, "stock": 90 + year - 2014, "source": "t"} for year in YEARS]
    write_table(folder / "stocks.csv", stocks)
    passes = []
    tabulate = raster_transitions.tabulate_change

    def counted_tabulation(*covers: Any, **options: Any) -> Any:
        passes.append(covers)
        return tabulate(*covers, **options)

    monkeypatch.setattr(raster_transitions, "tabulate_change", counted_tabulation)
    (assessed,) = gep.assess_project(folder, tmp_path / "out", allow_code=True).assessments
    balance = assessed.tables["balance.csv"]
    if resource == "water":
        assert len(passes) == len(YEARS) - 1, "land covers are read for periods of land alone"
        return
    assert len(passes) == len(YEARS)
    moved = counted(types, (2014, 2018), "shrub", "forest")
    keys = {"class": "forest", "cause": "from:shrub"}
    found = line(balance, (2014, 2018), "addition_reclassification", **keys)
    assert found == pytest.approx(moved)
