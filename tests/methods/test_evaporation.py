"""Evaporation against others: worked examples of FAO-56, and pyet, an implementation that is not ours.

The figures of chapter 4 of FAO-56 (examples 17, 18 and 20) are as the tests of several programs quote them, which agree;
the text itself was not read. ``pyet_1_5_0.csv`` holds what pyet 1.5.0 makes of seven days, some of them made up: it is
compared everywhere. pyet asks for pandas below 3, so it is no requirement of the tests:
``benchmarks/evaporation_by_pyet.py`` asks it again, in an environment of its own.
"""

from pathlib import Path

import pytest
from support.published import read

from gep.methods import evaporation

FILE = Path(__file__).with_name("pyet_1_5_0.csv")
OTHER = [
    {key: cell if key == "case" else float(cell) for key, cell in row.items()} for row in read(FILE)
]
WEATHER = ("highest_temperature", "lowest_temperature")


def computed(day: dict[str, float]) -> dict[str, float]:
    """What our methods make of a day."""
    air = {name: day[name] for name in WEATHER}
    moist = {**air, "vapour_pressure": day["vapour_pressure"], "elevation": day["elevation"]}
    above = evaporation.extraterrestrial_radiation(
        latitude=day["latitude"], day_of_year=day["day_of_year"], days=1
    )
    net = evaporation.net_radiation(
        solar_radiation=day["solar_radiation"], extraterrestrial=above, days=1, **moist
    )
    depth = evaporation.reference_evapotranspiration(
        net_radiation=net, soil_heat=day["soil_heat"], wind_speed=day["wind_speed"], days=1, **moist
    )
    by_temperature = evaporation.reference_evapotranspiration_by_temperature(
        extraterrestrial=above, **air
    )
    return {
        "extraterrestrial": float(above),
        "net": float(net),
        "penman_monteith": float(depth),
        "hargreaves": float(by_temperature),
    }


# R_a, R_n and ET_0 in MJ m-2 d-1 and mm/d, as printed
EXAMPLES = {
    "17 (Bangkok, April)": ("bangkok-april", 38.06, 14.33, 5.72),
    "18 (Uccle, 6 July)": ("uccle-july", 41.09, 13.28, 3.88),
    "20 (Lyon, July)": ("lyon-july", 40.55, 13.48, 4.56),
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_fao_56_come_out(example: str) -> None:
    case, above, net, depth = EXAMPLES[example]
    ours = computed(next(day for day in OTHER if day["case"] == case))
    assert ours["extraterrestrial"] == pytest.approx(above, abs=0.006)
    assert ours["net"] == pytest.approx(net, abs=0.006)
    assert ours["penman_monteith"] == pytest.approx(depth, abs=0.006)


def test_the_example_without_measured_weather_comes_out_by_hargreaves_too() -> None:
    """Example 20: 5.0 mm/d by equation 52."""
    ours = computed(next(day for day in OTHER if day["case"] == "lyon-july"))
    assert ours["hargreaves"] == pytest.approx(5.0, abs=0.05)


def agrees(ours: dict[str, float], theirs: dict[str, float], day: dict[str, float]) -> None:
    """Both have the same numbers; pyet lets the heat of vaporisation vary with temperature in Hargreaves."""
    for name in ("extraterrestrial", "net", "penman_monteith"):
        assert ours[name] == pytest.approx(theirs[name], rel=2e-5), name
    temperature = (day["highest_temperature"] + day["lowest_temperature"]) / 2
    heat = 2.501 - 0.002361 * temperature
    assert ours["hargreaves"] / evaporation.DEPTH_PER_ENERGY / heat == pytest.approx(
        theirs["hargreaves"], rel=1e-4
    )


@pytest.mark.parametrize("day", OTHER, ids=[str(day["case"]) for day in OTHER])
def test_the_numbers_of_pyet_are_ours(day: dict[str, float]) -> None:
    agrees(computed(day), {name: day[f"pyet_{name}"] for name in computed(day)}, day)
