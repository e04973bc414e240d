"""Comparing years of an account on rasters: land from two land covers, effects of what pixels gave, passes counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from support.small import COEFFICIENTS, datum, write_set, write_table
from support.small_rasters import (
    CODES,
    NODATA,
    PIXEL,
    SmallRasters,
    checkerboard,
    write_raster,
)

import gep
from gep.account import pixel_evaluation
from gep.account.evaluation import settled
from gep.account.shared_densities import settled_like
from gep.comparison.decomposition import LMDI, REPLAY
from gep.project import raster_transitions
from gep.report.comparison_words import factor_word

pytest.importorskip("rasterio")
YEARS = (2020, 2022)
HECTARE = 0.01  # km2, of a pixel
LAYER = """
[[inputs.raster.layer]]
name = "rain"
path = "rain_{year}.tif"
unit = "mm"
source = "made up"
"""
SHARES = {  # of the classes in ecosystem types
    "wood": {"forest": 0.75, "shrub": 0.25},
    "grove": {"forest": 0.75, "shrub": 0.25},
    "bush": {"shrub": 1.0},
    "paddy": {"field": 1.0},
    "road": {"na": 1.0},
}
KEPT = {"forest": 0.75, "shrub": 0.6}  # of the rain; fields are na


@dataclass(frozen=True)
class TwoYears:
    """A board of two years with the rain of each."""

    board: SmallRasters
    rain: Mapping[int, np.ndarray]

    def write(self, folder: Path) -> Path:
        """Write the project on rasters."""
        replace(self.board, raster=self.board.raster + LAYER).write(folder)
        at_prices_of_2020(folder)
        for year, pixels in self.rain.items():
            if year in self.board.cover:
                write_raster(folder / f"rain_{year}.tif", pixels, nodata=np.nan)
        return folder

    def write_table_twin(self, folder: Path) -> Path:
        """Write the project on tables, where rain is constant by region."""
        self.board.write_table_twin(folder)
        at_prices_of_2020(folder)
        rows = self.board.base_data()
        for year in self.board.cover:
            for zone in (1, 2, 3):
                rain = float(self.rain[year][self.board.zones == zone][0])
                rows.append(datum(str(zone), "rain", rain, "mm", year=year))
        write_table(folder / "data.csv", rows)
        return folder

    def of(self, year: int) -> "TwoYears":
        """The board of one year."""
        cover = {year: self.board.cover[year]}
        return replace(self, board=replace(self.board, cover=cover))


def at_prices_of_2020(folder: Path) -> None:
    """Put the account at constant prices, and give prices of 2022 too, a tenth higher."""
    path = folder / "project.toml"
    text = path.read_text("utf-8").replace("language =", "price_year = 2020\nlanguage =")
    path.write_text(text, "utf-8")
    later = []
    for row in COEFFICIENTS:
        if row["price_year"]:
            later.append(row | {"price_year": "2022", "value": 1.1 * row["value"]})
    write_set(folder / "base", [*COEFFICIENTS, *later])


def two_years(*, constant: bool = False) -> TwoYears:
    """Land cover of which a third is drawn anew, and rain by pixel, or by region."""
    board = checkerboard(60, 70, 9)
    random = np.random.default_rng(11)
    shape = board.zones.shape
    is_new = random.random(shape) < 0.33
    later = np.where(is_new, random.integers(1, 6, shape), board.cover[2020])
    rain = {}
    for year in YEARS:
        pixels = random.uniform(500, 2500, shape)
        if constant:
            pixels = np.choose(board.zones - 1, random.uniform(900, 1900, 3))
        rain[year] = pixels.astype(np.float32)
    cover = {2020: board.cover[2020], 2022: later}
    return TwoYears(replace(board, cover=cover, layers={}), rain)


def compared(folder: Path, out: Path, **options: Any) -> gep.ProjectComparison:
    return gep.compare_projects(folder, out, allow_code=True, **options)


def by_hand(
    years: TwoYears, zone: int, weights: np.ndarray | None = None
) -> dict[tuple[str, str], float]:
    """Areas from type to type in a region, km2, pixel by pixel; nodata is ``na``.

    ``weights`` are the shares of pixels in the region; by default that of its centre.
    """
    names = {number: name for name, number in CODES.items()}
    areas: dict[tuple[str, str], float] = {}
    if weights is None:
        weights = (years.board.zones == zone).astype(float)
    inside = weights > 0
    covers = [years.board.cover[year][inside] for year in YEARS]
    for before, after, weight in zip(*covers, weights[inside], strict=True):
        shares = [SHARES.get(names.get(int(code), ""), {"na": 1.0}) for code in (before, after)]
        if before == after:
            pairs = {(name, name): share for name, share in shares[0].items()}
        else:
            pairs = {}
            for start, start_share in shares[0].items():
                for end, end_share in shares[1].items():
                    pairs[start, end] = start_share * end_share
        for pair, share in pairs.items():
            areas[pair] = areas.get(pair, 0.0) + share * HECTARE * weight
    return areas


def transitions_of(table: pd.DataFrame, region: str) -> dict[tuple[str, str], float]:
    """The cells of the matrix in ``transitions.csv``."""
    sides = {"opening", "closing", "additions", "reductions", "net"}
    rows = table[table["region"].eq(region)]
    rows = rows[~rows["from_ecosystem"].isin(sides) & ~rows["to_ecosystem"].isin(sides)]
    cells = zip(rows["from_ecosystem"], rows["to_ecosystem"], rows["area"], strict=True)
    return {(start, end): area for start, end, area in cells if area}


@pytest.mark.parametrize("has_gaps", [False, True])
def test_the_matrix_of_change_is_what_pixels_were_and_are(tmp_path: Path, has_gaps: bool) -> None:
    years = two_years()
    if has_gaps:
        years.board.cover[2022][:3, :20] = NODATA  # in region 1, whatever they were
        years.board.cover[2020][10, :5] = NODATA
    result = compared(years.write(tmp_path / "p"), tmp_path / "out")
    table = result.frame("transitions")
    for zone in (1, 2, 3):
        expected = {
            pair: area for pair, area in by_hand(years, zone).items() if pair != ("na", "na")
        }
        cells = transitions_of(table, str(zone))
        cells.pop(("na", "na"), None)
        assert cells == pytest.approx(expected, rel=1e-9)
    for side, column in (("opening", "from_ecosystem"), ("closing", "to_ecosystem")):
        other = "to_ecosystem" if side == "opening" else "from_ecosystem"
        year = YEARS[0] if side == "opening" else YEARS[1]
        account = next(account for account in result.comparison.accounts if account.year == year)
        areas = account.plan.extent.area_of() / 1e6
        for row, code in enumerate(account.plan.extent.regions):
            of_region = table[table["region"].eq(code) & table[other].eq(side)]
            margins = of_region.set_index(column)["area"]
            for position, name in enumerate(account.plan.extent.ecosystems):
                moved = sum(
                    area
                    for pair, area in transitions_of(table, code).items()
                    if pair[0 if side == "opening" else 1] == name
                )
                assert margins[name] == pytest.approx(areas[row, position], rel=1e-12)
                assert moved == pytest.approx(areas[row, position], rel=1e-9)
    codes = [problem.code for problem in result.warnings]
    assert "transition-margins" not in codes
    gaps = [problem for problem in result.warnings if problem.message == "project.land-lost"]
    if has_gaps:
        (gap,) = gaps
        assert dict(gap.values)["count"] == 65
        in_both = int((years.board.zones == 1).sum()) - 65
        assert dict(gap.values)["share"] == pytest.approx(65 / (in_both + 65), rel=1e-9)
    else:
        assert not gaps


def test_the_matrix_of_change_by_exact_shares_of_pixels(tmp_path: Path) -> None:
    """Borders run through pixels, of which each region has its part."""
    years = two_years()
    rows, columns = years.board.zones.shape
    edges = (0.0, 23.5, 46.25, 70.0)
    left, top = 1_000_000.0, 3_200_000.0
    polygons = []
    shares = {}
    for zone, (start, end) in enumerate(pairwise(edges), start=1):
        corners = (left + start * PIXEL, top - rows * PIXEL, left + end * PIXEL, top)
        polygons.append((str(zone), shapely.box(*corners)))
        column = np.arange(columns)
        of_columns = np.clip(np.minimum(end, column + 1) - np.maximum(start, column), 0, 1)
        shares[zone] = np.broadcast_to(of_columns, (rows, columns))
    raster = years.board.raster + "fractions = true\n"
    years = replace(years, board=replace(years.board, polygons=polygons, raster=raster))
    result = compared(years.write(tmp_path / "p"), tmp_path / "out")
    table = result.frame("transitions")
    for zone, weights in shares.items():
        expected = by_hand(years, zone, weights)
        expected.pop(("na", "na"), None)
        cells = transitions_of(table, str(zone))
        cells.pop(("na", "na"), None)
        assert cells == pytest.approx(expected, rel=1e-6)


def test_the_seea_account_of_extent_closes_and_is_the_hand_count(tmp_path: Path) -> None:
    years = two_years()
    folder = years.write(tmp_path / "p")
    tables = gep.write_seea(folder, tmp_path / "seea.xlsx", region="2", allow_code=True)
    assert not tables.net_only
    extent = tables.extent.set_index("entry")
    areas = by_hand(years, 2)
    for name in ("forest", "shrub", "field"):
        opening = sum(area for pair, area in areas.items() if pair[0] == name)
        closing = sum(area for pair, area in areas.items() if pair[1] == name)
        kept = areas.get((name, name), 0.0)
        entries = extent[name]
        assert entries["opening"] == pytest.approx(opening, rel=1e-9)
        assert entries["additions"] == pytest.approx(closing - kept, rel=1e-9)
        assert entries["reductions"] == pytest.approx(kept - opening, rel=1e-9)
        assert entries["closing"] == pytest.approx(closing, rel=1e-9)
        sums = entries["opening"] + entries["additions"] + entries["reductions"]
        assert sums == pytest.approx(entries["closing"], rel=1e-9)
    matrix = tables.changes.set_index("opening")
    for start, end in (("forest", "field"), ("field", "shrub"), ("shrub", "forest")):
        assert matrix.loc[start, end] == pytest.approx(areas[start, end], rel=1e-9)


def test_a_table_of_transitions_beside_the_rasters_goes_first(tmp_path: Path) -> None:
    folder = two_years().write(tmp_path / "p")
    text = (folder / "project.toml").read_text("utf-8")
    text = text.replace("[inputs]\n", '[inputs]\ntransitions = "moved.csv"\n', 1)
    (folder / "project.toml").write_text(text, "utf-8")
    row = {"region": "1", "from": 2020, "to": 2022, "from_class": "bush", "to_class": "paddy"}
    write_table(folder / "moved.csv", [row | {"area": 7, "unit": "hm2"}])
    result = compared(folder, tmp_path / "out")
    cells = transitions_of(result.frame("transitions"), "1")
    assert cells["shrub", "field"] == pytest.approx(0.07, rel=1e-9)
    assert "transition-margins" in [problem.code for problem in result.warnings]


def effects_of(table: pd.DataFrame, method: str, region: str, indicator: str) -> dict[str, float]:
    """The effects of a method on an indicator, in the unit of its value."""
    rows = table[table["method"].eq(method) & table["region"].eq(region) & table["unit"].ne("1")]
    rows = rows[rows["indicator"].eq(indicator)]
    return dict(zip(rows["effect"], rows["value"], strict=True))


def water_by_hand(years: TwoYears, zone: int) -> dict[str, float]:
    """The Shapley effects of areas and of what pixels kept by area, 10^4 CNY at 2 CNY m-3."""
    sums = {}
    for year in YEARS:
        for name in KEPT:
            area = 0.0
            rain = 0.0
            for source, shares in SHARES.items():
                if name in shares:
                    is_source = years.board.cover[year] == CODES[source]
                    pixels = years.rain[year][is_source & (years.board.zones == zone)]
                    area += shares[name] * len(pixels) * 1e4
                    rain += shares[name] * pixels.astype(float).sum() * 1e4
            sums[year, name] = (area, rain * KEPT[name] / 1000 / area)
    effects = {"areas": 0.0, "pixels": 0.0}
    for name in KEPT:
        (area0, kept0), (area1, kept1) = (sums[year, name] for year in YEARS)
        effects["areas"] += (area1 - area0) * (kept0 + kept1) / 2 * 2 / 1e4
        effects["pixels"] += (kept1 - kept0) * (area0 + area1) / 2 * 2 / 1e4
    return effects


def test_what_pixels_gave_is_a_factor_and_the_effects_sum_to_the_change(tmp_path: Path) -> None:
    years = two_years()
    result = compared(years.write(tmp_path / "p"), tmp_path / "out")
    table = result.frame("decomposition")
    changes = result.frame("comparison")
    for region in ("1", "2", "3"):
        for indicator in ("water", "air", "soil"):
            rows = changes[changes["region"].eq(region) & changes["indicator"].eq(indicator)]
            rows = rows[rows["kind"].eq("value") & ~rows["item"].astype(bool)]
            change = rows["change"].item()
            for method in (REPLAY, LMDI):
                effects = effects_of(table, method, region, indicator)
                assert sum(effects.values()) == pytest.approx(change, rel=1e-9, abs=1e-9)
        replayed = effects_of(table, REPLAY, region, "water")
        expected = water_by_hand(years, int(region))
        assert replayed["pixels"] == pytest.approx(expected["pixels"], rel=1e-9)
        assert replayed["areas"] == pytest.approx(expected["areas"], rel=1e-9)
        assert abs(replayed["pixels"]) > 1
        assert replayed["data"] == replayed["coefficients"] == replayed["prices"] == 0
        factors = effects_of(table, LMDI, region, "water")
        assert abs(factors["kept.density"]) > 1
        assert set(factors) == {"kept.density", "kept.area", "value.cost", "value.rest"}
    words = [factor_word(result.comparison, "water", "kept.density", name) for name in ("zh", "en")]
    assert "降水量" in words[0]
    assert "Rain" in words[1]
    assert "rasters" in words[1]


def test_constant_regions_have_the_effects_of_their_tables(tmp_path: Path) -> None:
    years = two_years(constant=True)
    ours = compared(years.write(tmp_path / "p"), tmp_path / "a").frame("decomposition")
    theirs = compared(years.write_table_twin(tmp_path / "t"), tmp_path / "b").frame("decomposition")
    for region in ("1", "2", "3", "top"):
        on_rasters = effects_of(ours, REPLAY, region, "water")
        on_tables = effects_of(theirs, REPLAY, region, "water")
        assert "pixels" not in on_tables
        assert on_rasters["pixels"] == pytest.approx(on_tables["data"], rel=1e-6)
        assert on_rasters["areas"] == pytest.approx(on_tables["areas"], rel=1e-6)


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Counts the passes over the pixels for steps, and over pairs of land covers."""
    counts = {"steps": 0, "pairs": 0}

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            counts[name] += 1
            return function(*arguments, **options)

        return call

    monkeypatch.setattr(
        pixel_evaluation, "sum_or_recall", counted("steps", pixel_evaluation.sum_or_recall)
    )
    monkeypatch.setattr(
        raster_transitions, "tabulate_change", counted("pairs", raster_transitions.tabulate_change)
    )
    return counts


@pytest.mark.parametrize("prices", [(), ("current", "2020")])
def test_rasters_are_read_once_a_year_and_once_a_pair(
    tmp_path: Path, passes: dict[str, int], prices: tuple[str, ...]
) -> None:
    compared(two_years().write(tmp_path / "p"), tmp_path / "out", prices=prices)
    assert passes == {"steps": 2, "pairs": 1}


def test_a_plan_at_other_prices_warns_of_the_layers_that_were_read_before(tmp_path: Path) -> None:
    """A layer with one number, which is told by its pixels alone."""
    years = two_years()
    constant = {year: np.full_like(pixels, 1500) for year, pixels in years.rain.items()}
    project = gep.read_project(replace(years, rain=constant).write(tmp_path), allow_code=True)
    known = settled(project.plan(2020))
    later = settled_like(replace(project.plan(2020), price_year=2022), known)
    assert [problem.code for problem in later.warnings].count("raster-constant") == 1
    assert later.warnings == known.warnings


def test_a_run_makes_no_matrix_of_change(tmp_path: Path, passes: dict[str, int]) -> None:
    gep.run_project(two_years().write(tmp_path / "p"), tmp_path / "out", allow_code=True)
    assert passes == {"steps": 2, "pairs": 0}


@pytest.mark.parametrize("raster_first", [False, True])
def test_tiers_are_compared_only_where_that_is_asked_for(
    tmp_path: Path, raster_first: bool
) -> None:
    years = two_years(constant=True)
    on_rasters, on_tables = (2020, 2022) if raster_first else (2022, 2020)
    folders = [
        years.of(on_rasters).write(tmp_path / "raster"),
        years.of(on_tables).write_table_twin(tmp_path / "table"),
    ]
    with pytest.raises(gep.ProblemsFound, match="not-comparable") as refusal:
        gep.compare_projects(folders, tmp_path / "out", allow_code=True)
    assert [dict(problem.values)["aspect"] for problem in refusal.value.problems] == ["tier"]
    assert not (tmp_path / "out").exists()
    result = gep.compare_projects(folders, tmp_path / "out", allow="tier", allow_code=True)
    assert "tier-differs" in result.comparison.flags
    mixed = result.frame("decomposition")
    alike = compared(years.write_table_twin(tmp_path / "both"), tmp_path / "b").frame(
        "decomposition"
    )
    for region in ("1", "2", "3"):
        ours = effects_of(mixed, REPLAY, region, "water")
        theirs = effects_of(alike, REPLAY, region, "water")
        assert ours["pixels"] == pytest.approx(theirs["data"], rel=1e-6)
        assert ours["areas"] == pytest.approx(theirs["areas"], rel=1e-6)
