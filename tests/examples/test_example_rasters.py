"""The examples jiangxi-raster and synthetic-raster through the raster tier."""

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.paths import EXAMPLES, ROOT, shared_file
from support.synthetic_raster import generate, synthetic_counties, synthetic_province

from gep.methods import rusle, soil
from gep.methods.vegetation import vegetation_cover
from gep.workflows.run import ProjectRun, run_project

COUNTIES = EXAMPLES / "jiangxi-counties"
RASTER = EXAMPLES / "jiangxi-raster"
BROUGHT = ("jiangxi_land_cover_2019_mcd12c1.tif", "jiangxi_counties_2021.geojson")
HALF_A_DIGIT = 0.005  # km2: the table has two decimals
WATER = 17  # of IGBP; MCD12C1 stores 0


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def by_ecosystem(outcome: ProjectRun) -> pd.Series:
    table = pd.read_csv(outcome.out / "by_ecosystem.csv", dtype=str, keep_default_na=False)
    table = table[(table["level"] == "region") & (table["value"] != "na")]
    keys = [table["region"], table["indicator"], table["ecosystem"]]
    return pd.to_numeric(table["value"]).groupby(keys).sum()


def areas(outcome: ProjectRun) -> pd.DataFrame:
    extent = outcome.accounts[0].plan.extent
    return pd.DataFrame(extent.area / 1e6, index=extent.regions, columns=extent.ecosystems)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> ProjectRun:
    return run_project(COUNTIES, tmp_path_factory.mktemp("counties"))


@pytest.fixture(scope="module")
def rasters(tmp_path_factory: pytest.TempPathFactory) -> ProjectRun:
    """A copy of the example, with the two files as a user brings them."""
    project = tmp_path_factory.mktemp("raster") / "project"
    shutil.copytree(RASTER, project)
    for name in BROUGHT:
        shutil.copy(shared_file("data", name), project / name)
    return run_project(project, project / "out")


# -------------------------------------------------------------------------------------------------------- jiangxi-raster


def test_areas_by_county_and_class_are_those_of_the_derived_table(rasters: ProjectRun) -> None:
    """Exact cell fractions times geodesic areas of cells, against the table that was made so by others' code."""
    by_code = {row["code"]: row["class"] for row in rows(RASTER / "crosswalk.csv")}
    expected: dict[tuple[str, str], float] = {}
    for row in rows(shared_file("data", "land_cover_modis_igbp_2019.csv")):
        code = int(re.match(r"IGBP(\d+) ", row["class"])[1])
        expected[row["code"], by_code[str(0 if code == WATER else code)]] = float(row["value"])
    frame = rasters.project.parts.areas.rows
    computed = dict(
        zip(zip(frame["region"], frame["class"], strict=True), frame["area"] / 1e6, strict=True)
    )
    assert set(computed) == set(expected)
    assert len(expected) == 501
    for key, area in expected.items():
        assert computed[key] == pytest.approx(area, abs=1e-3 * area + HALF_A_DIGIT), key
    by_county = pd.Series(expected).groupby(level=0).sum()
    np.testing.assert_allclose(pd.Series(computed).groupby(level=0).sum(), by_county, rtol=1e-3)


def test_the_account_is_that_of_jiangxi_counties(tables: ProjectRun, rasters: ProjectRun) -> None:
    given, computed = areas(tables), areas(rasters)
    assert list(computed.columns) == list(given.columns)
    computed = computed.reindex(given.index)
    # a type gets parts of up to five classes, each rounded in the table
    np.testing.assert_allclose(computed, given, rtol=1e-3, atol=5 * HALF_A_DIGIT)
    lines, expected = by_ecosystem(rasters), by_ecosystem(tables)
    common = expected.index
    assert set(common) == set(lines.index)
    lines = lines.reindex(common)
    places = [(region, ecosystem) for region, _, ecosystem in common]
    old = np.array([given.at[place] for place in places])
    new = np.array([computed.at[place] for place in places])
    there = old > 0.1  # km2; below, the rounding of the table is more than 5 % of an area
    assert there.sum() > 3000
    np.testing.assert_allclose((lines / new)[there], (expected / old)[there], rtol=1e-9)
    assert lines.sum() == pytest.approx(expected.sum(), rel=1e-4)


# ------------------------------------------------------------------------------------------------------ synthetic-raster

SIZE = (600, 640)
PROVINCE = synthetic_province.Province(*SIZE, seed=5, years=(2020,))
WHOLE = PROVINCE.land(synthetic_province.Window(0, 0, *SIZE))


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> ProjectRun:
    project = tmp_path_factory.mktemp("synthetic")
    words = ["--size", "600x640", "--seed", "5", "--counties", "9", "--years", "2020"]
    generate.main([*words, "--out", str(project)])
    return run_project(project, project / "out")


FIRST_LEVEL = {
    "evergreen_broadleaf_forest": "forest", "evergreen_coniferous_forest": "forest", "mixed_forest": "forest",
    "broadleaf_shrub": "shrub", "tussock": "grassland", "marsh": "wetland", "lake": "wetland", "river": "wetland",
    "paddy": "cropland", "dry_field": "cropland", "fruit_orchard": "cropland", "settlement": "urban",
}  # fmt: skip


def zones() -> np.ndarray:
    """The county of each pixel centre, in pixels: no file and no projection is behind it."""
    from matplotlib.path import Path as Outline

    down, across = np.mgrid[: SIZE[0], : SIZE[1]] + 0.5
    points = np.column_stack([across.ravel(), down.ravel()])
    result = np.full(points.shape[0], -1)
    for place, county in enumerate(synthetic_counties.make_counties(*SIZE, 9, 5)):
        result[Outline(county.ring).contains_points(points)] = place
    return result.reshape(SIZE)


def quantities(outcome: ProjectRun, indicator: str) -> pd.Series:
    table = pd.read_csv(outcome.out / "account.csv", dtype=str, keep_default_na=False)
    table = table[(table["indicator"] == indicator) & (table["kind"] == "quantity")]
    table = table[table["level"] == "region"]
    return pd.to_numeric(table["value"]).groupby(table["region"]).sum()


def test_water_retention_of_each_county_by_hand(synthetic: ProjectRun) -> None:
    """A.1 of HJ 1173-2021 at each pixel of 900 m2, with the runoff of its class: (P - R - E) / 1000 x area."""
    runoff = {
        name: value for kind, name, value, _ in generate.PROVINCE_DATA if kind == "surface_runoff"
    }
    by_code = np.zeros(256)
    for code, land_class in synthetic_province.CLASSES.items():
        by_code[code] = runoff[FIRST_LEVEL[land_class.ecosystem]]
    rain = WHOLE.layer("rainfall", 2020).astype(np.float64)
    evaporation = WHOLE.layer("evapotranspiration", 2020).astype(np.float64)
    depth = rain - by_code[WHOLE.land_cover(2020)] - evaporation
    place = zones()
    expected = np.bincount(place[place >= 0], (depth * 0.9)[place >= 0])
    computed = quantities(synthetic, "water_retention")
    np.testing.assert_allclose(computed, expected, rtol=1e-9)


def cover_coefficients(name: str) -> np.ndarray:
    """A coefficient of cover by land-cover code; a class without a row of its own takes that of its first level."""
    table = rows(ROOT / "coefficients" / "hj1173-2021" / "cover.csv")
    value = {row["ecosystem"]: float(row["value"]) for row in table if row["coefficient"] == name}
    by_code = np.full(256, np.nan)
    for code, land_class in synthetic_province.CLASSES.items():
        ecosystem = land_class.ecosystem
        by_code[code] = value.get(ecosystem, value.get(FIRST_LEVEL[ecosystem], np.nan))
    return by_code


def test_soil_retention_of_each_county_is_the_sum_of_its_pixels(synthetic: ProjectRun) -> None:
    """The methods on whole arrays in float64, in the order of HJ 1173-2021, then a sum by county: no plan, no blocks."""
    place = zones()
    inside = place >= 0
    layers = {}
    for name in generate.PROJECT_LAYERS:
        layer = synthetic_province.LAYERS[name]
        layers[name] = WHOLE.layer(name, 2020 if layer.yearly else None)[inside].astype(np.float64)
    province = {name: value for name, kind, value, _ in generate.PROVINCE_DATA if not kind}
    epic = rusle.epic_erodibility(
        sand=layers["soil_sand"],
        silt=layers["soil_silt"],
        clay=layers["soil_clay"],
        carbon=layers["soil_organic_carbon"],
    )
    cover = vegetation_cover(
        ndvi=layers["ndvi"],
        ndvi_soil=province["ndvi_soil"],
        ndvi_vegetation=province["ndvi_vegetation"],
    )
    code = WHOLE.land_cover(2020)[inside]
    bands = {"below_10": "below_10", "from_10": "10_30", "from_30": "30_50", "from_50": "50_70", "from_70": "70_90", "from_90": "90_up"}  # fmt: skip
    factors = {key: cover_coefficients(f"cover_factor_{name}")[code] for key, name in bands.items()}
    factor = rusle.cover_factor(
        vegetation_cover=cover,
        log_slope=cover_coefficients("cover_factor_log_slope")[code],
        **factors,
    )
    length = np.full(len(code), province["slope_length"])
    retained = soil.retention_by_rusle(
        erosivity=layers["rainfall_erosivity"],
        erodibility=rusle.erodibility(epic_erodibility=epic),
        slope_length=rusle.slope_length_factor(length=length, slope=layers["slope"]),
        slope_steepness=rusle.slope_steepness_factor(slope=layers["slope"]),
        cover=factor,
    )
    expected = np.bincount(place[inside], retained * 0.09)  # hm2 of a pixel
    np.testing.assert_allclose(quantities(synthetic, "soil_retention"), expected, rtol=1e-9)
