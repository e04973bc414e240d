"""Models that no standard of accounts takes: each step of ``input-models`` against a number by hand.

One made-up region of 1,000 ha of forest, 100 of grass, 300 of dry fields and 10 of marsh.
"""

from collections.abc import Iterable
from math import exp, sqrt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import gep
from gep.account.account import Account
from gep.account.columns import column_values
from gep.io.catalog import shipped

STANDARD, REGION, YEAR = "input-models", "361130", 2020
TYPES = ("forest", "grassland", "cropland", "marsh")
AREAS = {
    "evergreen_broadleaf_forest": 1000.0,
    "subtropical_tussock": 100.0,
    "dry_field": 300.0,
    "marsh": 10.0,
}
FOREST = "evergreen_broadleaf_forest"

Row = dict[str, Any]


def _region(name: str, value: float, unit: str, **keys: str) -> list[Row]:
    return [{"name": name, "value": value, "unit": unit, **keys}]


def _types(name: str, value: float, unit: str) -> list[Row]:
    return [row for kind in TYPES for row in _region(name, value, unit, ecosystem=kind)]


def _coefficients(**values: tuple[float, str]) -> list[Row]:
    return [
        {"coefficient": name, "ecosystem": "", "value": value, "unit": unit}
        for name, (value, unit) in values.items()
    ]


LAKES = [
    *_region("lake_area_wet", 30, "km2", water_body="large"),
    *_region("lake_area_dry", 10, "km2", water_body="large"),
    *_region("lake_area_wet", 2, "km2", water_body="small"),
    *_region("lake_area_dry", 2, "km2", water_body="small"),
    *_region("wet_season_share", 25, "%"),
]
SPECIES = [
    row
    for kind in TYPES
    for species in ("pine", "fir")
    for row in _region("species_share", 50, "%", ecosystem=kind, product=species)
]

LANDS = (FOREST, "subtropical_tussock", "dry_field", "marsh")
# 1,500 mm of rain, 1,000 of demand: dryness 0.75 where plants have a coefficient of 1.125, marsh 0.8
WEATHER = [
    *_region("rainfall", 1500, "mm"),
    *_region("reference_evapotranspiration", 1000, "mm"),
]
# the soil holds 150 mm: Z = 7.5 makes a shape of 2 of it
HELD = [*_types("soil_depth", 600, "mm"), *_types("available_water_share", 0.25, "1")]
PLANTS = 1.75 - 1.25  # 1 + 0.75 - (1 + 0.75^2)^0.5


def _by_land(
    name: str, unit: str, forest: float, grass: float, field: float, marsh: float
) -> list[Row]:
    values = zip(LANDS, (forest, grass, field, marsh), strict=True)
    return [
        {"coefficient": name, "ecosystem": land, "value": value, "unit": unit}
        for land, value in values
    ]


DEMAND = _by_land("crop_coefficient", "1", 1.125, 1.125, 1.125, 1.2)
DEPTHS = [
    *_by_land("root_depth", "mm", 6000, 700, 2000, 600),
    *_by_land("vegetated", "1", 1, 1, 1, 0),
    *_coefficients(rain_seasonality=(7.5, "1")),
]
POOLS = [
    *_by_land("carbon_above_ground", "tC ha-1", 60, 2, 3, 4),
    *_by_land("carbon_below_ground", "tC ha-1", 15, 6, 1, 8),
    *_by_land("carbon_soil", "tC ha-1", 95, 90, 80, 250),
    *_by_land("carbon_dead_matter", "tC ha-1", 5, 2, 1, 3),
]


def _held(curve_number: float) -> float:
    """Millimetres of a storm of 100 mm that do not run off."""
    retention = 25400 / curve_number - 254
    return 100 - (100 - 0.2 * retention) ** 2 / (100 + 0.8 * retention)


CASES = {
    # 10 t/ha x 1,400 ha = 14,000 t; x 750
    "transpiration": (
        {"transpiration": "dry_matter"}, _types("dry_matter_growth", 10, "t ha-1"),
        _coefficients(transpiration_coefficient=(750, "1")),
        {
            ("transpired_water.dry_matter", ""): 14000.0,
            ("transpired_water.transpired", ""): 1.05e7,
        },
    ),
    # S = 169.33 mm of forest (CN 60), 130.85 mm of grass (CN 66); 10 m3 on a hectare for each mm
    "storm": (
        {"storm_runoff": "curve_number"}, _region("single_storm_rain", 100, "mm"), [],
        {
            ("flood_storage.runoff", FOREST): 100 - _held(60),
            ("flood_storage.vegetation", ""): _held(60) * 1e4 + _held(66) * 1e3,
        },
    ),
    # 0.25 x 30 + 0.75 x 10 + 2
    "lakes": ({"seasonal_lakes": "weighted"}, LAKES, [], {("water.lake_area", ""): 17.0}),
    # two species in equal shares: ln 2
    "species": (
        {"diversity": "shannon_wiener"}, SPECIES, [],
        {("species_diversity.index", FOREST): 0.693147180560},
    ),
    # 1e6 x exp(-3 - 0.002 x 500) = 18,315.6 visits; / 0.002 CNY
    "travel, exponential": (
        {"travel_demand": "exponential"},
        [
            *_region("zone_population", 1e6, "person"),
            *_region("zone_travel_cost", 500, "CNY visit-1"),
        ],
        _coefficients(
            demand_intercept=(-3, "1"),
            demand_cost_slope=(0.002, "visit CNY-1"),
            visits_per_head_unit=(1, "visit person-1"),
        ),
        {
            ("recreation.visits", ""): 1e6 * exp(-4),
            ("recreation.surplus", ""): 500 * 100 * exp(-4),
        },
    ),
    # 20,000^2 / (2 x 0.00005 x 1e6) = 4e6 CNY
    "travel, linear": (
        {"travel_demand": "linear"},
        [
            *_region("zone_population", 1e6, "person"),
            *_region("zone_visits", 20000, "visit"),
        ],
        _coefficients(linear_demand_slope=(5e-5, "visit2 person-1 CNY-1")),
        {("recreation.surplus", ""): 400.0},
    ),
    # 1,400 ha with plants keep half of the rain, 10 ha of marsh 0.2 of it; 1 mm on 1 ha is 10 m3
    "water yield of InVEST": (
        {"water_yield": "invest", "evaporation": "counted"}, [*WEATHER, *HELD], [*DEMAND, *DEPTHS],
        {
            ("water_yield.dryness", FOREST): 0.75,
            ("water_yield.available_water", FOREST): 150.0,
            ("water_yield.shape", FOREST): 2.0,
            ("water_yield.evaporated", FOREST): PLANTS,
            ("water_yield.evaporated", "marsh"): 0.8,
            ("water_yield.evaporation", ""): 15000 * (1400 * 0.5 + 10 * 0.8),
            ("water_yield.yield", ""): 15000 * (1400 * 0.5 + 10 * 0.2),
        },
    ),
    # 1 + 0.8 - (1 + 0.64)^0.5 of the marsh
    "water yield of Fu": (
        {"water_yield": "fu", "evaporation": "counted"}, WEATHER,
        [*DEMAND, *_by_land("budyko_shape", "1", 2, 2, 2, 2)],
        {
            ("water_yield.dryness", "marsh"): 0.8,
            ("water_yield.evaporated", FOREST): PLANTS,
            ("water_yield.evaporated", "marsh"): 1.8 - sqrt(1.64),
            ("water_yield.evaporation", ""): 15000 * (700 + 10 * (1.8 - sqrt(1.64))),
            ("water_yield.yield", ""): 15000 * (700 + 10 * (sqrt(1.64) - 0.8)),
        },
    ),
    # forest 0.75 (1 + 1.5) = 1.875, the rest 0.75 (1 + 0.375) and 0.8 (1 + 0.4), each over 1 and itself
    "water yield of Zhang": (
        {"water_yield": "zhang", "evaporation": "counted"}, WEATHER,
        [*DEMAND, *_by_land("plant_water_coefficient", "1", 2, 0.5, 0.5, 0.5)],
        {
            ("water_yield.dryness", FOREST): 0.75,
            ("water_yield.evaporated", FOREST): 1.875 / 2.875,
            ("water_yield.evaporated", "marsh"): 1.12 / 2.12,
            ("water_yield.evaporation", ""): 15000
            * (1000 * 1.875 / 2.875 + 400 * 1.03125 / 2.03125 + 10 * 1.12 / 2.12),
            ("water_yield.yield", ""): 15000 * (1000 / 2.875 + 400 / 2.03125 + 10 / 2.12),
        },
    ),
    # 175, 100, 85 and 265 tC/ha; since five years ago, with 150 everywhere
    "carbon": (
        {"carbon_stock": "four_pools", "carbon_change": "from_opening"},
        [
            *_types("opening_carbon_density", 150, "tC ha-1"),
            *_region("years_between", 5, "1"),
        ],
        POOLS,
        {
            ("carbon_stock.density", FOREST): 175.0,
            ("carbon_stock.stock", ""): 175000 + 10000 + 25500 + 2650.0,
            ("carbon_stock.change", ""): (213150 - 150 * 1410) / 5 * 44 / 12,
        },
    ),
}  # fmt: skip


def _account(switches: dict[str, str], data: Iterable[Row], numbers: list[Row]) -> Account:
    """Compute the made-up region; all models but those named are off."""
    blank = {"region": REGION, "year": YEAR, "source": "made-up"}
    blank |= dict.fromkeys(("ecosystem", "water_body", "product"), "")
    rows = [
        {**blank, **row, **({"price_year": YEAR} if "CNY" in row["unit"] else {})} for row in data
    ]
    priced = []
    for row in numbers:
        year = {"price_year": YEAR} if "CNY" in row["unit"] else {}
        priced.append({**row, **year, "source": "made-up", "locator": "test", "grade": "expert"})
    areas = [{"region": REGION, "year": YEAR, "class": name, "area": size, "unit": "ha"}
             for name, size in AREAS.items()]  # fmt: skip
    return gep.compute(
        standard=STANDARD,
        areas=pd.DataFrame(areas),
        year=YEAR,
        data=pd.DataFrame(rows),
        coefficients=[pd.DataFrame(priced)] if priced else [],
        switches=switches,
    )


def _result(account: Account, name: str, ecosystem: str) -> float:
    """The number of a step: of one type, or of the region over types and members."""
    (step,) = [step for step in account.plan.steps if step.name == name]
    values = account.results[name]
    if ecosystem:
        axis = step.out.index("ecosystem")
        values = values.take(list(account.plan.extent.ecosystems).index(ecosystem), axis=axis)
    return float(values.sum())


@pytest.mark.parametrize("case", CASES)
def test_a_model_gives_what_is_worked_out_by_hand(case: str) -> None:
    switches, data, numbers, expected = CASES[case]
    account = _account(switches, data, numbers)
    found = {key: _result(account, *key) for key in expected}
    assert found == pytest.approx(expected, rel=1e-8)


def test_every_step_at_every_option_has_a_number_by_hand() -> None:
    standard = gep.read_standard(STANDARD)
    computed = []
    for switches, _, _, expected in CASES.values():
        chosen = standard.chosen(switches)
        computed += [(name, chosen) for name, _ in expected]
    for full_name, _, step in standard.steps():
        active = [name == full_name and step.active(chosen) for name, chosen in computed]
        assert any(active), f"{full_name} {step.when}"


def test_models_are_off_but_those_that_are_asked_for() -> None:
    account = _account({"seasonal_lakes": "weighted"}, LAKES, [])
    assert [step.name for step in account.plan.steps] == ["water.lake_area"]


def test_no_model_is_computed_twice_alone_and_in_an_account() -> None:
    """What a standard of accounts takes is an option there; the surplus of zones goes with their visits."""
    elsewhere = set()
    for name in set(shipped("standards")) - {STANDARD}:
        for _, _, step in gep.read_standard(name).steps():
            elsewhere.add(step.method)
    here = {step.method for _, _, step in gep.read_standard(STANDARD).steps()}
    assert here & elsewhere == {
        "gep.methods.flood:vegetation_storage",  # takes the runoff of the curve number
        "gep.methods.recreation:consumer_surplus_of_exponential_demand",
        "gep.methods.reported:mass_rate",
        "gep.methods.water:share_of_rain",  # of the rain, what evaporates on the curve
    }


def test_a_county_with_species_alone_reads_their_diversity(tmp_path: Path) -> None:
    """An account of factors alone has no table of results, and is written and explained as others."""
    (tmp_path / "project.toml").write_text(
        '[project]\nid = "plots"\ntitle = { zh = "样方", en = "Plots" }\nstandard = "input-models"\n'
        'years = [2020]\nallow_placeholder = true\n\n[switches]\ndiversity = "shannon_wiener"\n\n'
        '[inputs]\nareas = "areas.csv"\ndata = ["data.csv"]\n',
        encoding="utf-8",
    )
    (tmp_path / "areas.csv").write_text(
        "region,year,class,area,unit\n361130,2020,evergreen_broadleaf_forest,100,ha\n",
        encoding="utf-8",
    )
    rows = [
        f"361130,2020,species_share,forest,{species},50,%,made-up,placeholder"
        for species in ("pine", "fir")
    ]
    head = "region,year,name,ecosystem,product,value,unit,source,grade"
    (tmp_path / "data.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    outcome = gep.run_project(tmp_path)
    (account,) = outcome.accounts
    assert account.frame().empty
    assert account.by_ecosystem().empty
    assert column_values(account.plan, account.results).shape == (1, 0)
    assert (outcome.out / "report.html").is_file()
    assert gep.verify(outcome.out) == []
    assert "-0.5 * np.log(np.maximum(0.5, 1e-300)) = 0.346574" in str(
        account.explain("species_diversity", REGION)
    )
