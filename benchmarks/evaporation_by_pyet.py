"""Ask pyet again for the numbers that ``tests/methods/pyet_1_5_0.csv`` records, which the tests hold against our methods.

``python benchmarks/evaporation_by_pyet.py`` in an environment of its own, as pyet asks for pandas below 3: ``python -m venv
pyet && pyet/bin/pip install pyet==1.5.0``, then ``pyet/bin/python benchmarks/evaporation_by_pyet.py``. It needs nothing of
this package. Exit status 1 where a number differs by more than one in a million from the one recorded.
"""

import csv
import math
import sys
from pathlib import Path

import pandas as pd
import pyet

RECORDED = Path(__file__).parent.parent / "tests" / "methods" / "pyet_1_5_0.csv"
TOLERANCE = 1e-6


def answers(day: dict[str, float]) -> dict[str, float]:
    """What pyet makes of a day."""
    first = pd.Timestamp("2015-01-01")
    index = pd.DatetimeIndex([first + pd.Timedelta(days=day["day_of_year"] - 1)])
    series = {name: pd.Series([value], index=index) for name, value in day.items()}
    latitude = math.radians(day["latitude"])
    warmest, coldest = series["highest_temperature"], series["lowest_temperature"]
    mean = (warmest + coldest) / 2
    site = {"lat": latitude, "elevation": day["elevation"], "ea": series["vapour_pressure"]}
    extremes = {"tmax": warmest, "tmin": coldest, "rs": series["solar_radiation"]}
    net = pyet.calc_rad_net(mean, **extremes, **site)
    depth = pyet.pm_fao56(mean, series["wind_speed"], g=day["soil_heat"], **extremes, **site)
    above = pd.Series(pyet.extraterrestrial_r(index, latitude))
    return {
        "pyet_extraterrestrial": float(above.iloc[0]),
        "pyet_net": float(net.iloc[0]),
        "pyet_penman_monteith": float(depth.iloc[0]),
        "pyet_hargreaves": float(pyet.hargreaves(mean, warmest, coldest, latitude).iloc[0]),
    }


def main() -> int:
    """Print each number beside the one recorded."""
    differing = 0
    with RECORDED.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day = {name: float(cell) for name, cell in row.items() if name != "case"}
            for name, value in answers(day).items():
                same = math.isclose(value, day[name], rel_tol=TOLERANCE)
                differing += not same
                print(
                    f"{row['case']:<24}{name:<24}{value:>14.8g}{day[name]:>14.8g}  {'' if same else 'differs'}"
                )
    print(f"pyet {pyet.__version__}, pandas {pd.__version__}: {differing} numbers differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
