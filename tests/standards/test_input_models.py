"""Inputs of other standards from simpler data: each step of ``input-models`` against a number by hand.

One made-up region of 1,000 ha of forest, 100 of grass, 300 of dry fields and 10 of marsh.
"""

from collections.abc import Iterable
from math import cos, exp, log, log10, pi, sin, sqrt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import gep
from gep.account.account import Account
from gep.account.columns import column_values

STANDARD, REGION, YEAR = "input-models", "361130", 2020
MONTHS = [str(month) for month in range(1, 13)]
TYPES = ("forest", "grassland", "cropland", "marsh")
AREAS = {
    "evergreen_broadleaf_forest": 1000.0,
    "subtropical_tussock": 100.0,
    "dry_field": 300.0,
    "marsh": 10.0,
}
FOREST, GRASS, FIELD = "evergreen_broadleaf_forest", "subtropical_tussock", "dry_field"

Row = dict[str, Any]


def _region(name: str, value: float, unit: str, **keys: str) -> list[Row]:
    return [{"name": name, "value": value, "unit": unit, **keys}]


def _months(name: str, value: float, unit: str, **keys: str) -> list[Row]:
    return [row for month in MONTHS for row in _region(name, value, unit, month=month, **keys)]


def _types(name: str, value: float, unit: str) -> list[Row]:
    return [row for kind in TYPES for row in _region(name, value, unit, ecosystem=kind)]


def _types_by_month(name: str, value: float, unit: str) -> list[Row]:
    return [row for kind in TYPES for row in _months(name, value, unit, ecosystem=kind)]


def _coefficients(**values: tuple[float, str]) -> list[Row]:
    return [
        {"coefficient": name, "ecosystem": "", "value": value, "unit": unit}
        for name, (value, unit) in values.items()
    ]


def _days(name: str, unit: str, values: dict[str, float]) -> list[Row]:
    """A row for each day of the year: the values of some, else 0."""
    days = pd.date_range(f"{YEAR}-01-01", f"{YEAR}-12-31").strftime("%Y-%m-%d")
    return [row for day in days for row in _region(name, values.get(day, 0), unit, day=day)]


RAIN = _months("monthly_rain", 100, "mm")
DAYS_OF_RAIN = _days(
    "daily_rain", "mm",
    {
        "2020-02-29": 20, "2020-05-01": 11.9, "2020-06-07": 50, "2020-09-30": 12, "2020-10-01": 20,
    },
)  # fmt: skip
TWO_STRETCHES = {
    "highest": (("2011-07", 2.90), ("2011-08", 2.50)),
    "lowest": (("2011-07", 1.26), ("2011-08", 2.00)),
}
SPELLS = [
    row
    for which, stretches in TWO_STRETCHES.items()
    for spell, volume in stretches
    for row in _region(f"spell_{which}_volume", volume, "10^8 m3", water_body=spell)
]
MARSH = [
    *_region("marsh_soil_depth", 0.4, "m", ecosystem="marsh"),
    *_region("marsh_bulk_density", 0.5, "t m-3", ecosystem="marsh"),
    *_region("marsh_saturated_content", 120, "%", ecosystem="marsh"),
    *_region("marsh_water_content", 70, "%", ecosystem="marsh"),
    *_region("marsh_surface_depth", 0.3, "m", ecosystem="marsh"),
]
LAKES = [
    *_region("lake_area_wet", 30, "km2", water_body="large"),
    *_region("lake_area_dry", 10, "km2", water_body="large"),
    *_region("lake_area_wet", 2, "km2", water_body="small"),
    *_region("lake_area_dry", 2, "km2", water_body="small"),
    *_region("wet_season_share", 25, "%"),
]
WETLAND = [
    *_region("wetland_inflow", 300, "10^4 m3", water_body="lake"),
    *_region("wetland_rain_volume", 80, "10^4 m3", water_body="lake"),
    *_region("wetland_outflow", 120, "10^4 m3", water_body="lake"),
    *_region("wetland_evaporation_volume", 150, "10^4 m3", water_body="lake"),
    *_region("wetland_storage_change", 10, "10^4 m3", water_body="lake"),
]
SECTIONS = [
    *_region("section_volume", 8e6, "m3", water_body="clean"),
    *_region("section_class", 2, "1", water_body="clean"),
    *_region("section_volume", 5e6, "m3", water_body="foul"),
    *_region("section_class", 4, "1", water_body="foul"),
]
SPECIES = [
    row
    for kind in TYPES
    for species in ("pine", "fir")
    for row in _region("species_share", 50, "%", ecosystem=kind, product=species)
]
CASA = [
    *_types_by_month("monthly_ndvi", 0.5, "1"),
    *_types_by_month("monthly_evapotranspiration", 60, "mm"),
    *_months("monthly_potential_evapotranspiration", 120, "mm"),
    *_months("monthly_radiation", 500, "MJ m-2"),
    *_months("monthly_temperature", 25, "degC"),
    *_types("optimum_temperature", 20, "degC"),
]
EFFICIENCY = [
    {"coefficient": "light_use_efficiency", "ecosystem": kind, "value": 0.5, "unit": "gC MJ-1"}
    for kind in (FOREST, GRASS, FIELD)
]
WEATHER = [
    *_region("latitude", 0, "degree"),
    *_region("elevation", 0, "m"),
    *_months("middle_day_of_month", 81, "1"),
    *_months("days_of_month", 30, "d"),
]
PENMAN = [
    *WEATHER,
    *_months("monthly_radiation", 900, "MJ m-2"),
    *_months("monthly_highest_temperature", 20, "degC"),
    *_months("monthly_lowest_temperature", 20, "degC"),
    *_months("monthly_vapour_pressure", 1, "kPa"),
    *_months("monthly_wind_speed", 2, "m s-1"),
    *_months("monthly_soil_heat", 6, "MJ m-2"),
]
# over the equator the day has 12 hours: ω = π/2, and sin φ and tan φ are 0
TURN = 2 * pi * 81 / 365
ABOVE = 30 * 1440 / pi * 0.0820 * (1 + 0.033 * cos(TURN)) * cos(0.409 * sin(TURN - 1.39))
# under a clear sky: 1.35 - 0.35 = 1; 0.34 - 0.14 x 1 = 0.2
NET = 0.77 * 900 - 30 * 4.903e-9 * 293.16**4 * 0.2
SATURATED = 0.6108 * exp(17.27 * 20 / 257.3)
SLOPE = 4098 * SATURATED / 257.3**2
GAMMA = 0.000665 * 101.3
# 1.1814 / [1 + exp(0.2 (20 - 10 - 25))] / [1 + exp(0.3 (-20 - 10 + 25))]
HEAT = 1.1814 / (1 + exp(-3)) / (1 + exp(-1.5))


def _held(curve_number: float) -> float:
    """Millimetres of a storm of 100 mm that do not run off."""
    retention = 25400 / curve_number - 254
    return 100 - (100 - 0.2 * retention) ** 2 / (100 + 0.8 * retention)


CASES = {
    # 12 x 100^2 / 1200 = 100 mm; 0.1833 x 100^1.9957
    "erosivity": (
        {"erosivity": "fournier"}, RAIN, [],
        {
            ("rainfall_erosivity.annual_rain", ""): 1200.0,
            ("rainfall_erosivity.fournier", ""): 100.0,
            ("rainfall_erosivity.erosivity", ""): 0.1833 * 100**1.9957,
        },
    ),
    # 12 months of 17.02 x 1.735 x 10^(1.5 lg(100^2 / 1200) - 0.8188)
    "erosivity, Wischmeier": (
        {"erosivity": "wischmeier"}, RAIN, [],
        {
            ("rainfall_erosivity.erosivity", ""): 12
            * 17.02 * 1.735 * 10 ** (1.5 * log10(100 / 12) - 0.8188)
        },
    ),
    # warm: 0.3937 x (50^1.7265 + 12^1.7265); cold: 0.3101 x 20^1.7265 twice (29 February, 1 October);
    # 11.9 mm on 1 May does not erode
    "erosivity by day": (
        {"erosivity": "daily"}, DAYS_OF_RAIN, [],
        {
            ("rainfall_erosivity.erosive_rain", ""): 102.0,
            ("rainfall_erosivity.season_factor", ""): 153 * 0.3937 + 213 * 0.3101,
            ("rainfall_erosivity.erosivity", ""): 0.3937 * (50**1.7265 + 12**1.7265)
            + 0.3101 * 2 * 20**1.7265,
        },
    ),
    # 0.8363 + 18.144 / 28 + 24.455 / 1100 = 0.8363 + 0.648 + 0.0222318; 21.586 x 1.5065318^-7.1891
    "erosivity by day, Zhang": (
        {"erosivity": "zhang"},
        [
            *DAYS_OF_RAIN,
            *_region("mean_erosive_rain", 28, "mm"),
            *_region("yearly_erosive_rain", 1100, "mm"),
        ],
        [],
        {
            ("rainfall_erosivity.erosive_rain", ""): 102.0,
            ("rainfall_erosivity.zhang_exponent", ""): 1.506531818,
            ("rainfall_erosivity.zhang_coefficient", ""): 21.586 * 1.506531818**-7.1891,
            ("rainfall_erosivity.erosivity", ""): 21.586 * 1.506531818**-7.1891
            * (50**1.506531818 + 2 * 20**1.506531818 + 12**1.506531818),
        },
    ),
    # 10 degrees are 17.6 %: (88.52 / 22.13)^0.5
    "slope length": (
        {"slope_length_model": "by_class"},
        [*_types("slope_length", 88.52, "m"), *_types("slope", 10, "degree")], [],
        {("slope_factors.length_factor", FOREST): 2.0},
    ),
    # 21.91 x sin 30 - 0.96
    "slope, no cap": (
        {"slope_steepness_model": "uncapped"}, _types("slope", 30, "degree"), [],
        {("slope_factors.steepness_factor", FIELD): 9.995},
    ),
    # 21.9 x sin 30 - 0.96
    "slope, Chinese equation": (
        {"slope_steepness_model": "ten_degrees"}, _types("slope", 30, "degree"), [],
        {("slope_factors.steepness_factor", FIELD): 9.99},
    ),
    # 0.6508 - 0.3436 x 1.69897
    "cover, logarithm": (
        {"cover_model": "logarithm"}, _types("vegetation_cover", 50, "%"), [],
        {("cover_factor.cover", FOREST): 0.6508 - 0.3436 * 1.698970004},
    ),
    # 0.4149 - 0.0052 x 50
    "cover, line": (
        {"cover_model": "line"}, _types("vegetation_cover", 50, "%"), [],
        {("cover_factor.cover", GRASS): 0.1549},
    ),
    # 8000 x 0.005 x 2 x 9.99 x (1 - 0.125) = 699.3 t/ha; x 1,410 ha
    "Chinese equation": (
        {"csle": "counted"},
        [
            *_region("rainfall_erosivity", 8000, "MJ mm ha-1 h-1 a-1"),
            *_types("soil_erodibility", 0.005, "t h MJ-1 mm-1"),
            *_types("slope_length_factor", 2, "1"),
            *_types("slope", 30, "degree"),
        ],
        _coefficients(
            biological_factor=(0.5, "1"), engineering_factor=(0.5, "1"), tillage_factor=(0.5, "1")
        ),
        {
            ("soil_retention.steepness", FOREST): 9.99,
            ("soil_retention.retained", ""): 699.3 * 1410,
        },
    ),
    # FPAR 1.16 x 0.5 - 0.0439; 0.8 + 0.4 - 0.2; 0.5 + 0.5 x 60 / 120;
    # 12 x 500 x 0.5361 x 0.5 x 0.75 x 0.5 = 603.1125 gC/m2 or 6.031125 tC/ha, x HEAT
    "net primary production": (
        {"primary_production": "casa"}, CASA, EFFICIENCY,
        {
            ("net_primary_production.light_share", FOREST): 0.5361,
            ("net_primary_production.cold_stress", GRASS): 1.0,
            ("net_primary_production.heat_stress", FIELD): HEAT,
            ("net_primary_production.water_stress", FOREST): 0.75,
            ("net_primary_production.production", GRASS): 6.031125 * HEAT,
        },
    ),
    # 0.408 Δ (R_n - 6) + 30 γ 900 / 293 x 2 (e_s - 1), over Δ + γ (1 + 0.68)
    "potential evapotranspiration": (
        {"potential_evapotranspiration": "penman_monteith"}, PENMAN, [],
        {
            ("potential_evapotranspiration.extraterrestrial", ""): ABOVE,
            ("potential_evapotranspiration.net_radiation", ""): NET,
            ("potential_evapotranspiration.evapotranspiration", ""): (
                0.408 * SLOPE * (NET - 6) + 30 * GAMMA * 900 / 293 * 2 * (SATURATED - 1)
            )
            / (SLOPE + 1.68 * GAMMA),
        },
    ),
    # 0.408 x 0.0023 R_a (25.5 + 17.8) sqrt(9)
    "potential evapotranspiration from temperature": (
        {"potential_evapotranspiration": "temperature"},
        [
            *WEATHER,
            *_months("monthly_highest_temperature", 30, "degC"),
            *_months("monthly_lowest_temperature", 21, "degC"),
        ],
        [],
        {
            ("potential_evapotranspiration.evapotranspiration", ""): 0.408
            * 0.0023 * ABOVE * 43.3 * sqrt(9)
        },
    ),
    # 12 x 0.22 x (e^1.824 + ln 32.45) x 30 x 0.465 gC/m2
    "respiration": (
        {"respiration": "weather"}, [*RAIN, *_months("monthly_temperature", 20, "degC")], [],
        {
            ("soil_respiration.respired", ""): 12
            * 0.22 * (exp(1.824) + log(32.45)) * 13.95 / 100
        },
    ),
    # 10 t/ha x 1.63 x 1,400 ha
    "carbon of dry matter": (
        {"carbon_model": "dry_matter"}, _types("dry_matter_growth", 10, "t ha-1"), [],
        {("carbon_fixed.fixed", ""): 22820.0},
    ),
    # -0.5 + 0.25 + 0.75 x 0.5 = 0.125 tC/ha; x 44/12 x 300 ha
    "carbon of fields": (
        {"cropland_carbon": "practices"}, _region("straw_returned_share", 75, "%"),
        _coefficients(
            cropland_base_rate=(-0.5, "tC ha-1"),
            cropland_fertiliser_rate=(0.25, "tC ha-1"),
            cropland_straw_rate=(0.5, "tC ha-1"),
        ),
        {("carbon_fixed.cropland_rate", ""): 0.125, ("carbon_fixed.cropland_fixed", ""): 137.5},
    ),
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
    # 0.4 x 0.5 x (1.2 - 0.7) + 0.3 = 0.4 m, of peat that holds more than its own mass; x 1e5 m2
    "marsh": (
        {"marsh_storage": "soil_and_surface"}, MARSH, [], {("flood_storage.marsh", ""): 40000.0},
    ),
    # (2.90 - 1.26) + (2.50 - 2.00)
    "spells": ({"spells": "measured"}, SPELLS, [], {("flood_storage.spells", ""): 2.14e8}),
    # 0.25 x 30 + 0.75 x 10 + 2
    "lakes": ({"seasonal_lakes": "weighted"}, LAKES, [], {("water.lake_area", ""): 17.0}),
    # 300 + 80 - 120 - 150 - 10
    "wetland": (
        {"wetland_supply": "balance"}, WETLAND, [], {("water.wetland_supply", ""): 1e6},
    ),
    # class 2 counts, class 4 does not
    "water of class III": (
        {"clean_water": "by_class"}, SECTIONS, _coefficients(worst_water_class=(3, "1")),
        {("water.clean", ""): 8e6},
    ),
    # 2 x 60 x 1.2 x 10 / (3600 x 3) = 0.13333 kWh/m2; x 1,110 ha
    "cooling": (
        {"cooling": "difference"},
        [
            *_types("temperature_difference", 2, "degC"),
            *_region("conditioned_days", 60, "1"),
        ],
        _coefficients(
            air_heat_capacity=(1.2, "kJ m-3 degC-1"),
            cooled_height=(10, "m"),
            energy_efficiency_ratio=(3, "1"),
        ),
        {("climate.cooling", ""): 1.48e6},
    ),
    # (40 - 6.3655) / 1.137
    "air": (
        {"air_temperature": "surface"}, _types("surface_temperature", 40, "degC"), [],
        {("climate.air", GRASS): 33.6345 / 1.137},
    ),
    # two species in equal shares: ln 2
    "species": (
        {"diversity": "shannon_wiener"}, SPECIES, [],
        {("species_diversity.index", FOREST): 0.693147180560},
    ),
    # 20 - 7.5
    "net output": (
        {"net_output": "gross_less_inputs"},
        [
            *_region("gross_output_value", 20, "10^4 CNY", product="farming"),
            *_region("intermediate_consumption", 7.5, "10^4 CNY", product="farming"),
        ],
        [],
        {("net_output.net", ""): 12.5},
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
    # 11.31 x 12 x 0.8344 x 619,200 CNY; the paper prints 0.70e8
    "non-use": (
        {"non_use": "willingness"},
        [
            *_region("willingness_to_pay", 11.31 * 12, "CNY person-1"),
            *_region("payer_share", 83.44, "%"),
            *_region("asked_population", 619200, "person"),
        ],
        [],
        {("non_use.value", ""): 135.72 * 0.8344 * 61.92},
    ),
}  # fmt: skip


def _account(switches: dict[str, str], data: Iterable[Row], numbers: list[Row]) -> Account:
    """Compute the made-up region; all models but those named are off."""
    blank = {"region": REGION, "year": YEAR, "source": "made-up"}
    blank |= dict.fromkeys(("ecosystem", "month", "day", "water_body", "product"), "")
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
        switches={"erosivity": "none", **switches},
    )


def _result(account: Account, name: str, ecosystem: str) -> float:
    """The number of a step: of one type, or of the region over types and members."""
    (step,) = [step for step in account.plan.steps if step.name == name]
    values = account.results[name]
    if "month" in step.out:  # all months are alike here
        values = values.take(0, axis=step.out.index("month"))
    if ecosystem:
        axis = [dim for dim in step.out if dim != "month"].index("ecosystem")
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
        chosen = standard.chosen({"erosivity": "none", **switches})
        computed += [(name, chosen) for name, _ in expected]
    for full_name, _, step in standard.steps():
        active = [name == full_name and step.active(chosen) for name, chosen in computed]
        assert any(active), f"{full_name} {step.when}"


def test_models_are_off_but_the_one_that_is_asked_for() -> None:
    account = _account({"non_use": "willingness"}, CASES["non-use"][1], [])
    assert [step.name for step in account.plan.steps] == ["non_use.value"]


def test_a_county_with_rain_by_month_alone_reads_its_erosivity(tmp_path: Path) -> None:
    """An account of factors alone has no table of results, and is written and explained as others."""
    (tmp_path / "project.toml").write_text(
        '[project]\nid = "rain"\ntitle = { zh = "雨", en = "Rain" }\nstandard = "input-models"\n'
        'years = [2020]\nallow_placeholder = true\n\n[inputs]\nareas = "areas.csv"\n'
        'data = ["data.csv"]\n',
        encoding="utf-8",
    )
    (tmp_path / "areas.csv").write_text(
        "region,year,class,area,unit\n361130,2020,dry_field,100,ha\n", encoding="utf-8"
    )
    rows = [f"361130,2020,monthly_rain,{month},100,mm,made-up,placeholder" for month in MONTHS]
    head = "region,year,name,month,value,unit,source,grade"
    (tmp_path / "data.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    outcome = gep.run_project(tmp_path)
    (account,) = outcome.accounts
    assert account.frame().empty
    assert account.by_ecosystem().empty
    assert column_values(account.plan, account.results).shape == (1, 0)
    assert (outcome.out / "report.html").is_file()
    assert gep.verify(outcome.out) == []
    assert "1,797.059534 MJ mm ha-1 h-1 a-1" in str(account.explain("rainfall_erosivity", REGION))
