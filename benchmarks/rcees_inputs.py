"""Made-up inputs of ``rcees-2017`` for many regions: the same numbers as bare arrays and as the rows of a plan."""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from synthetic import SHARE_OF_CELLS, YEAR, county_codes, regions_table

if TYPE_CHECKING:
    from gep import Plan

# In the order of the class scheme, which is that of a plan's arrays.
ECOSYSTEMS = ("forest", "shrub", "grassland", "marsh", "lake", "cropland", "urban", "bare_land")
COLUMNS: Mapping[str, slice | list[int]] = {
    "sand_fixation": [0, 1, 2, 5, 7],
    "plants": slice(0, 3),
    "wetland": slice(3, 5),
    "marsh": slice(3, 4),
    "pests": [0, 2],
}
# The options with most numbers: a key that is summed, and evaporation of two types.
SWITCHES = {"flood_lakes": "each", "climate_water_area": "wetland"}
PRODUCTS = ("farming", "forestry", "husbandry", "fishery")
USES = ("domestic", "industry", "farming")
LAKES = ("lake_a", "lake_b", "lake_c")
AIR, WATER, NUTRIENTS = ("SO2", "NOx", "dust"), ("COD", "NH3-N"), ("N", "P")
KEYS = {"product": PRODUCTS, "use": USES, "water_body": LAKES, "air": AIR, "water": WATER}

# name: key besides the region ("" for none), unit, low, high
DATA = {
    "net_output_value": ("product", "CNY", 1e7, 1e9),
    "water_use": ("use", "m3", 1e6, 1e8),
    "hydropower_generation": ("", "kWh", 1e6, 1e9),
    "rainfall": ("", "mm", 800, 2000),
    "evapotranspiration": ("ecosystem", "mm", 300, 900),
    "rainfall_erosivity": ("", "MJ mm ha-1 h-1 a-1", 2000, 9000),
    "soil_erodibility": ("ecosystem", "t h MJ-1 mm-1", 0.01, 0.06),
    "slope_length_factor": ("ecosystem", "1", 0.5, 4),
    "slope_steepness_factor": ("ecosystem", "1", 0.1, 6),
    "vegetation_cover": ("ecosystem", "%", 1, 99),
    "wind_weather_factor": ("", "kg m-1", 5, 40),
    "wind_erodible_fraction": ("", "1", 0.2, 0.7),
    "soil_crust_factor": ("", "1", 0.2, 0.9),
    "surface_roughness_factor": ("", "1", 0.3, 0.9),
    "wind_erosion_distance": ("", "m", 30, 90),
    "lake_area": ("water_body", "km2", 1, 300),
    "reservoir_capacity": ("", "m3", 1e6, 1e9),
    "air_emission": ("air", "t", 10, 9000),
    "water_emission": ("water", "t", 10, 9000),
    "net_primary_production": ("ecosystem", "tC ha-1 a-1", 2, 12),
    "soil_respiration": ("ecosystem", "tC ha-1 a-1", 1, 6),
    "cooling_days": ("", "d", 20, 150),
    "water_evaporation": ("ecosystem", "mm", 200, 900),
    "self_healed_area": ("ecosystem", "ha", 10, 9000),
    "visits": ("", "visit", 1e4, 1e7),
    "trip_time": ("", "h visit-1", 4, 60),
    "wage": ("", "CNY h-1", 15, 60),
    "direct_travel_cost": ("", "CNY visit-1", 100, 2000),
}

# The data that give low and high where an account is drawn: two rows in five.
UNSURE = (
    "evapotranspiration", "soil_erodibility", "net_primary_production", "soil_respiration", "rainfall",
    "rainfall_erosivity", "lake_area", "hydropower_generation", "visits", "direct_travel_cost",
)  # fmt: skip

# name: unit, {members of its key: values} or one value; money is of the account's year
PLANTS, SANDY, HEALED = (
    ECOSYSTEMS[:3],
    [ECOSYSTEMS[one] for one in (0, 1, 2, 5, 7)],
    ("forest", "grassland"),
)
BY_TYPE = np.random.default_rng(7).uniform(0.01, 0.4, (6, len(ECOSYSTEMS)))
COVER = ("below_10", "10_30", "30_50", "50_70", "70_90", "90_up")
COEFFICIENTS: dict[str, tuple[str, str, tuple[str, ...] | list[str], list[float]]] = {
    "reservoir_construction_cost": ("CNY m-3", "", (), [7.1]),
    "water_price": ("CNY m-3", "use", USES, [2.5, 3.5, 0.1]),
    "electricity_price": ("CNY kWh-1", "", (), [0.53]),
    "runoff_coefficient": (
        "1",
        "ecosystem",
        ECOSYSTEMS,
        [0.03, 0.04, 0.05, 0.01, 0.02, 0.1, 0.4, 0.2],
    ),
    **{
        f"cover_factor_{name}": ("1", "ecosystem", ECOSYSTEMS, row.tolist())
        for name, row in zip(COVER, BY_TYPE, strict=True)
    },
    "cover_factor_log_slope": ("1", "ecosystem", ECOSYSTEMS, [0, 0, 0, 0, 0, -0.2, 0, -0.1]),
    "silt_share": ("1", "", (), [0.24]),
    "soil_bulk_density": ("t m-3", "", (), [1.3]),
    "dredging_cost": ("CNY m-3", "", (), [15.6]),
    "soil_nutrient_content": ("1", "substance", NUTRIENTS, [0.0037, 0.00108]),
    "nutrient_treatment_cost": ("CNY t-1", "substance", NUTRIENTS, [1700, 2800]),
    "wind_cover_coefficient": ("1", "ecosystem", SANDY, [0.15, 0.09, 0.11, 0.04, 0.08]),
    "sand_bulk_density": ("t m-3", "", (), [1.4]),
    "sand_depth": ("m", "", (), [0.1]),
    "sand_control_cost": ("CNY m-2", "", (), [3.7]),
    "lake_storage_intercept": ("1", "", (), [6.6]),
    "lake_storage_exponent": ("1", "", (), [0.68]),
    "lake_exchanges": ("1", "", (), [3.2]),
    "reservoir_flood_share": ("1", "", (), [0.35]),
    "marsh_water_depth": ("m", "", (), [0.3]),
    "air_treatment_cost": ("CNY t-1", "substance", AIR, [1200, 630, 150]),
    "water_treatment_cost": ("CNY t-1", "substance", WATER, [700, 875]),
    "carbon_dioxide_price": ("CNY tCO2-1", "", (), [380]),
    "oxygen_price": ("CNY t-1", "", (), [727]),
    "transpiration_heat": ("kJ m-2 d-1", "ecosystem", PLANTS, [2800, 1300, 970]),
    "energy_efficiency_ratio": ("1", "", (), [3]),
    "latent_heat": ("kJ kg-1", "", (), [2450]),
    "humidifier_energy": ("kWh m-3", "", (), [120]),
    "pest_control_cost": ("CNY ha-1", "ecosystem", HEALED, [375, 112]),
    "nature_visit_share": ("1", "", (), [0.6]),
    "time_value_share": ("1", "", (), [0.3]),
}


@dataclass(frozen=True)
class Inputs:
    """Areas in m2, data and coefficients as arrays, NaN where a region lacks a type; ``has`` says which cells exist."""

    area: np.ndarray
    has: np.ndarray
    data: Mapping[str, np.ndarray]
    coefficients: Mapping[str, np.ndarray]
    codes: np.ndarray | None = None

    @property
    def regions(self) -> np.ndarray:
        """Codes of the regions."""
        if self.codes is not None:
            return self.codes
        return np.array([f"{one:08d}" for one in range(len(self.area))], dtype=object)


def make_inputs(regions: int, year: int = YEAR) -> Inputs:
    """Random areas and data of ``regions`` regions, others in other years."""
    rng = np.random.default_rng(1173 + year - YEAR)
    has = rng.random((regions, len(ECOSYSTEMS))) < SHARE_OF_CELLS
    has[:, 0] = True
    area = np.where(has, rng.lognormal(17, 1, has.shape), np.nan)
    data = {}
    for name, (key, _, low, high) in DATA.items():
        shape = (
            (regions,)
            if not key
            else (regions, len(ECOSYSTEMS) if key == "ecosystem" else len(KEYS[key]))
        )
        numbers = rng.uniform(low, high, shape)
        data[name] = np.where(has, numbers, np.nan) if key == "ecosystem" else numbers
    numbers = {
        name: np.array(values) if members else np.float64(values[0])
        for name, (_, _, members, values) in COEFFICIENTS.items()
    }
    numbers["cover_factor"] = np.array([numbers[f"cover_factor_{name}"] for name in COVER])
    return Inputs(area, has, data, numbers)


def plan_of(inputs: Inputs, year: int = YEAR, spread: float = 0) -> "Plan":
    """The plan of the same numbers, built as any other: bound, checked, converted.

    With ``spread`` the coefficients and the data of ``UNSURE`` have limits that far to both sides, as a share.
    """
    from gep.extent.areas import Areas
    from gep.inputs.data import Data
    from gep.io.catalog import shipped_folder
    from gep.plan.build import make_plan
    from gep.standards.standard import Standard, read_standard

    with tempfile.TemporaryDirectory() as folder:
        standard = read_standard(shipped_folder("standards") / "rcees-2017.toml")
        alone = Standard(standard.spec.model_copy(update={"coefficients": ()}), standard.path)
        return make_plan(
            standard=alone,
            areas=Areas(_areas(inputs).assign(year=year), ()),
            data=Data(_rows(inputs, spread).assign(year=year), ()),
            coefficients=[_set(Path(folder), spread)],
            switches=SWITCHES,
            price_year=YEAR,
            allow_placeholder=True,
        )


def rcees_project(folder: Path, counties: int, years: int) -> None:
    """A project of ``rcees-2017``: counties under cities and provinces, their land the same in all years.

    Areas, data and regions are CSV files, the coefficients a set of the project's own.
    """
    folder.mkdir(parents=True)
    codes, cities, provinces = county_codes(counties)
    every_year = range(YEAR - years + 1, YEAR + 1)
    first = make_inputs(counties)
    areas, rows = [], []
    for year in every_year:
        inputs = replace(make_inputs(counties, year), area=first.area, has=first.has, codes=codes)
        areas.append(_areas(inputs).assign(year=year))
        rows.append(_rows(inputs, 0).assign(year=year))
    columns = ["region", "year", "class", "area", "unit"]
    pd.concat(areas)[columns].to_csv(folder / "areas.csv", index=False)
    columns = ["region", "year", "name", *_KEYS, "value", "unit", "price_year", "source"]
    pd.concat(rows)[columns].to_csv(folder / "data.csv", index=False, na_rep="na")
    land = first.area.sum(axis=1) / 1e6
    rng = np.random.default_rng(YEAR)
    table = regions_table(codes, cities, provinces, land, rng)
    table.to_csv(folder / "regions.csv", index=False)
    (folder / "numbers").mkdir()
    _set(folder / "numbers", 0)
    document = PROJECT.format(years=list(every_year), price_year=YEAR)
    (folder / "project.toml").write_text(document, encoding="utf-8")


PROJECT = """\
[project]
id = "benchmark"
title = {{ zh = "计时用的随机数据", en = "Random numbers for timing" }}
standard = "rcees-2017"
coefficients = ["./numbers"]
years = {years}
price_year = {price_year}
allow_placeholder = true

[switches]
flood_lakes = "each"
climate_water_area = "wetland"

[inputs]
areas = "areas.csv"
data = ["data.csv"]
regions = "regions.csv"
"""


def _areas(inputs: Inputs) -> pd.DataFrame:
    row, column = np.nonzero(inputs.has)
    area = inputs.area[row, column]
    frame = pd.DataFrame(
        {
            "region": inputs.regions[row],
            "class": np.array(ECOSYSTEMS, dtype=object)[column],
            "area": area,
            "value": area,
        }
    )
    return frame.assign(
        unit="m2",
        row=np.arange(2, len(frame) + 2),
        file="areas.csv",
        year=YEAR,
        grade=np.uint8(4),
        source="",
        locator="",
    )


def _rows(inputs: Inputs, spread: float) -> pd.DataFrame:
    """Data rows as ``gep.inputs.data.load_data`` gives them; the cells that a region lacks have none."""
    frame = pd.concat(_rows_of_each(inputs), ignore_index=True)
    unsure = frame["name"].isin(UNSURE) & (spread > 0)
    for name, times in (("low", 1 - spread), ("high", 1 + spread)):
        frame[name] = (frame["value"] * times).where(unsure)
    blank = ("index", "month", "service", "distribution", "group", "locator", "note", "set", "base")
    frame = frame.assign(
        price_year=np.where(frame["unit"].str.startswith("CNY"), str(YEAR), ""),
        na=False,
        year=YEAR,
        grade=np.uint8(4),
        file="data.csv",
        source="random",
        **dict.fromkeys(blank, ""),
    )
    return frame.assign(row=np.arange(2, len(frame) + 2))


_KEYS = ("ecosystem", "substance", "product", "use", "water_body")


def _rows_of_each(inputs: Inputs) -> Iterator[pd.DataFrame]:
    only = {"water_evaporation": [3, 4], "self_healed_area": COLUMNS["pests"]}
    codes = inputs.regions
    for name, (key, unit, _, _) in DATA.items():
        values = inputs.data[name].reshape(len(codes), -1)
        exists = inputs.has.copy() if key == "ecosystem" else np.ones(values.shape, dtype=bool)
        if name in only:
            exists[:, [one for one in range(len(ECOSYSTEMS)) if one not in only[name]]] = False
        row, column = np.nonzero(exists)
        members = np.array({"": ("",), "ecosystem": ECOSYSTEMS, **KEYS}[key], dtype=object)
        keys = dict.fromkeys(_KEYS, "")
        frame = pd.DataFrame(
            {"region": codes[row], "name": name, "value": values[row, column], "unit": unit, **keys}
        )
        if key:
            frame[{"air": "substance", "water": "substance"}.get(key, key)] = members[column]
        yield frame


def _set(folder: Path, spread: float) -> Path:
    """A coefficient set on disk, all of it placeholders."""
    lines = [
        "coefficient,ecosystem,substance,use,value,low,high,unit,price_year,source,locator,grade"
    ]
    for name, (unit, key, members, values) in COEFFICIENTS.items():
        year = YEAR if "CNY" in unit else ""
        for member, value in zip(members or ("",), values, strict=True):
            keys = ",".join(
                member if key == one else "" for one in ("ecosystem", "substance", "use")
            )
            limits = (
                ",".join(repr(one) for one in sorted((value * (1 - spread), value * (1 + spread))))
                if spread
                else ","
            )
            lines.append(
                f"{name},{keys},{value!r},{limits},{unit},{year},random,made up for timing,placeholder"
            )
    (folder / "numbers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "set.toml").write_text(
        'id = "random"\nversion = "1"\ntitle = "Made up for timing"\nlicence = "CC0-1.0"\n',
        encoding="utf-8",
    )
    (folder / "sources.toml").write_text(
        '[random]\ntitle = "Made up for timing"\n', encoding="utf-8"
    )
    return folder


if __name__ == "__main__":
    rcees_project(Path(sys.argv[1]), counties=int(sys.argv[2]), years=int(sys.argv[3]))
