"""Small accounts for tests: a standard with every form of ``per``, written to files and computed from them.

Nothing here is a reference: the numbers are made up and what they must give is worked out in the tests.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

import gep

Row = Mapping[str, Any]

METHODS = '''
"""Methods of the small standard."""

from typing import Annotated

import numpy as np

from gep.units import Array


def sold(*, quantity: Annotated[Array, "t"], price: Annotated[Array, "CNY t-1"]) -> Annotated[Array, "CNY"]:
    """Quantity times price."""
    return quantity * price


def kept(*, rain: Annotated[Array, "mm"], runoff: Annotated[Array, "1"]) -> Annotated[Array, "mm"]:
    """Rain that does not run off."""
    return rain * (1 - runoff)


def stored(*, volume: Annotated[Array, "m3"], cost: Annotated[Array, "CNY m-3"]) -> Annotated[Array, "CNY"]:
    """Volume times the cost of storage."""
    return volume * cost


def rate(*, rate: Annotated[Array, "kg ha-1"]) -> Annotated[Array, "kg ha-1"]:
    """A rate per area as it is."""
    return rate


def lesser(*, emission: Annotated[Array, "t"], capacity: Annotated[Array, "t"]) -> Annotated[Array, "t"]:
    """What is emitted, at most what can be taken up."""
    return np.minimum(emission, capacity)


def priced_rate(
    *, rate: Annotated[Array, "kg ha-1"], price: Annotated[Array, "CNY t-1"]
) -> Annotated[Array, "CNY ha-1"]:
    """A rate per area times a price per tonne."""
    return rate * price / 1000


def price(*, cost: Annotated[Array, "CNY t-1"], factor: Annotated[Array, "1"]) -> Annotated[Array, "CNY t-1"]:
    """A cost times a factor."""
    return cost * factor


def spent(*, visits: Annotated[Array, "visit"], spending: Annotated[Array, "CNY visit-1"]) -> Annotated[Array, "CNY"]:
    """Visits times spending."""
    return visits * spending
'''

HEAD = """
id = "small"
title = { zh = "小规范", en = "Small standard" }
source = "made_up"
measure = "gep"
evidence = "published"
legal = "research"
ecosystems = "./classes.csv"
unit = "10^4 CNY"

[sources.made_up]
title = "Made up for tests"

[data.output]
name = { zh = "产量", en = "Output" }
unit = "t"
keys = ["region", "product"]

[data.rain]
name = { zh = "降水量", en = "Rain" }
unit = "mm"

[data.emission]
name = { zh = "排放量", en = "Emission" }
unit = "t"
keys = ["region", "substance"]

[data.visits]
name = { zh = "游客", en = "Visits" }
unit = "人次"
"""

SHARED = """
[[step]]
id = "nutrient_price"
kind = "auxiliary"
method = "./own.py:price"
per = "none"
unit = "CNY t-1"
over = { substance = ["N", "P"] }
inputs = { cost = { coef = "nutrient_cost" }, factor = { coef = "nutrient_factor" } }
"""

FARM = """
[[indicator]]
id = "farm"
name = { zh = "农产品", en = "Farm products" }
category = "provisioning"
[[indicator.step]]
id = "value"
name = { zh = "产值", en = "Output value" }
kind = "value"
method = "./own.py:sold"
per = "region"
unit = "CNY"
clause = "1"
inputs = { quantity = { data = "output" }, price = { coef = "product_price" } }
"""

WATER = """
[[indicator]]
id = "water"
name = { zh = "水源涵养", en = "Water retention" }
category = "regulating"
[[indicator.step]]
id = "kept"
kind = "quantity"
method = "./own.py:kept"
per = "area"
unit = "10^4 m3"
clause = "2.1"
inputs = { rain = { data = "rain" }, runoff = { coef = "runoff" } }
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:stored"
per = "amount"
unit = "10^4 CNY"
clause = "2.2"
inputs = { volume = { step = "water.kept" }, cost = { coef = "storage_cost" } }
"""

AIR = """
[[indicator]]
id = "air"
name = { zh = "空气净化", en = "Air purification" }
category = "regulating"
[[indicator.step]]
id = "capacity"
kind = "auxiliary"
method = "./own.py:rate"
per = "area"
unit = "t"
over = { substance = ["SO2", "dust"] }
inputs = { rate = { coef = "uptake" } }
[[indicator.step]]
id = "purified"
kind = "quantity"
method = "./own.py:lesser"
per = "region"
unit = "t"
additive = false
over = { substance = ["SO2", "dust"] }
inputs = { emission = { data = "emission" }, capacity = { step = "air.capacity" } }
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:sold"
per = "region"
unit = "10^4 CNY"
over = { substance = ["SO2", "dust"] }
inputs = { quantity = { step = "air.purified" }, price = { coef = "treatment_cost" } }
"""

SOIL = """
[[indicator]]
id = "soil"
name = { zh = "土壤保持", en = "Soil retention" }
category = "regulating"
[[indicator.step]]
id = "kept"
kind = "quantity"
method = "./own.py:rate"
per = "area"
unit = "t"
over = { substance = ["N", "P"] }
inputs = { rate = { coef = "nutrient_rate" } }
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:priced_rate"
per = "area"
unit = "10^4 CNY"
over = { substance = ["N", "P"] }
sum_over = ["substance"]
inputs = { rate = { coef = "nutrient_rate" }, price = { step = "nutrient_price" } }
"""

VISIT = """
[[indicator]]
id = "visit"
name = { zh = "旅游", en = "Recreation" }
category = "cultural"
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:spent"
per = "amount"
unit = "10^8 CNY"
inputs = { visits = { data = "visits" }, spending = { coef = "spending" } }
"""

TOTALS = """
[[total]]
id = "gep"
name = { zh = "生态产品总值", en = "GEP" }
indicators = ["farm", "water", "air", "soil", "visit"]
[[total]]
id = "without_visit"
name = { zh = "不计旅游", en = "Without recreation" }
indicators = ["farm", "water", "air", "soil"]
"""

CLASSES = (
    {"class": "nature", "zh": "自然", "en": "Nature"},
    {"class": "forest", "zh": "森林", "en": "Forest", "parent": "nature"},
    {"class": "shrub", "zh": "灌丛", "en": "Shrub", "parent": "nature"},
    {"class": "field", "zh": "农田", "en": "Field"},
)
WALK = (
    {"class": "wood", "ecosystem": "forest", "share": 0.75},
    {"class": "wood", "ecosystem": "shrub", "share": 0.25},
    {"class": "grove", "ecosystem": "forest", "share": 0.75},
    {"class": "grove", "ecosystem": "shrub", "share": 0.25},
    {"class": "bush", "ecosystem": "shrub", "share": ""},
    {"class": "paddy", "ecosystem": "field", "share": ""},
    {"class": "road", "ecosystem": "na", "share": ""},
)


def coefficient(name: str, value: object, unit: str, **more: object) -> dict[str, object]:
    """A row of a set."""
    year = "2020" if "CNY" in unit else ""
    fixed = {"source": "made_up", "locator": "t", "grade": "published"}
    return {"coefficient": name, "value": value, "unit": unit, "price_year": year} | fixed | more


COEFFICIENTS: tuple[dict[str, object], ...] = (
    coefficient("product_price", 3, "CNY kg-1", product="rice"),
    coefficient("product_price", 12000, "CNY t-1", product="fish"),
    coefficient("runoff", 0.25, "1", ecosystem="forest"),
    coefficient("runoff", 40, "%", ecosystem="shrub"),
    coefficient("runoff", "na", "1", ecosystem="field"),
    coefficient("storage_cost", 2, "CNY m-3"),
    coefficient("uptake", 100, "kg ha-1", ecosystem="forest", substance="SO2"),
    coefficient("uptake", 50, "kg ha-1", ecosystem="shrub", substance="SO2"),
    coefficient("uptake", "na", "kg ha-1", ecosystem="field", substance="SO2"),
    coefficient("uptake", 10, "t ha-1", ecosystem="forest", substance="dust"),
    coefficient("uptake", 4, "t ha-1", ecosystem="shrub", substance="dust"),
    coefficient("uptake", 1, "t ha-1", ecosystem="field", substance="dust"),
    coefficient("treatment_cost", 1260, "CNY t-1", substance="SO2"),
    coefficient("treatment_cost", 150, "CNY t-1", substance="dust"),
    coefficient("nutrient_rate", 20, "kg ha-1", ecosystem="forest", substance="N"),
    coefficient("nutrient_rate", 10, "kg ha-1", ecosystem="shrub", substance="N"),
    coefficient("nutrient_rate", 5, "kg ha-1", ecosystem="field", substance="N"),
    coefficient("nutrient_rate", 2, "kg ha-1", ecosystem="forest", substance="P"),
    coefficient("nutrient_rate", "na", "kg ha-1", ecosystem="shrub", substance="P"),
    coefficient("nutrient_rate", -1, "kg ha-1", ecosystem="field", substance="P"),
    coefficient("nutrient_cost", 1750, "CNY t-1", substance="N"),
    coefficient("nutrient_cost", 2800, "CNY t-1", substance="P"),
    coefficient("nutrient_factor", 1.5, "1"),
    coefficient("spending", 80, "CNY visit-1"),
)


def area(
    region: str, name: str, value: object, unit: str = "hm2", year: int = 2020, **more: object
) -> dict[str, object]:
    """A row of areas.csv."""
    return {"region": region, "year": year, "class": name, "area": value, "unit": unit, **more}


def datum(
    region: str, name: str, value: object, unit: str, year: int = 2020, **more: object
) -> dict[str, object]:
    """A row of data.csv."""
    return {
        "region": region,
        "year": year,
        "name": name,
        "value": value,
        "unit": unit,
        "source": "made up",
        **more,
    }


AREAS = (
    area("a", "wood", 400), area("a", "paddy", 100), area("b", "bush", 2, "km2"), area("b", "wood", 1500, "亩"),
    area("b", "road", 3),
)  # fmt: skip
DATA = (
    datum("a", "output", 700, "t", product="rice"), datum("b", "output", 200, "t", product="rice"),
    datum("b", "output", 30, "t", product="fish"), datum("a", "rain", 1600, "mm"), datum("b", "rain", 1.5, "m"),
    datum("a", "emission", 20, "t", substance="SO2"), datum("a", "emission", 5000, "t", substance="dust"),
    datum("b", "emission", 12, "t", substance="SO2"), datum("b", "emission", 100, "t", substance="dust"),
    datum("a", "visits", 0.5, "万人次"), datum("b", "visits", 0, "人次"),
)  # fmt: skip
REGIONS = (
    {"region": "top", "name": "省", "area": 10, "area_unit": "km2", "population": 900},
    {"region": "mid", "name": "市", "parent": "top"},
    {
        "region": "a",
        "name": "甲",
        "name_en": "A",
        "parent": "mid",
        "area": 6,
        "area_unit": "km2",
        "population": 300,
    },
    {
        "region": "b",
        "name": "乙",
        "name_en": "B",
        "parent": "mid",
        "area": 4,
        "area_unit": "km2",
        "population": "",
    },
)


def write_table(path: Path, rows: Iterable[Row]) -> Path:
    """Write rows as CSV under all the columns that they have, blank where a row has none."""
    listed = list(rows)
    columns = list(dict.fromkeys(name for row in listed for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)
    return path


def write_set(folder: Path, rows: Iterable[Row], head: str = "") -> Path:
    """Write a coefficient set named like its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    title = (
        f'id = "{folder.name}"\nversion = "1.0.0"\ntitle = "{folder.name}"\nlicence = "CC0-1.0"\n'
    )
    (folder / "set.toml").write_text(title + head, encoding="utf-8")
    (folder / "sources.toml").write_text(
        '[made_up]\ntitle = "Made up for tests"\n', encoding="utf-8"
    )
    write_table(folder / "numbers.csv", rows)
    return folder


@dataclass(frozen=True, repr=False)
class Small:
    """Everything of a small account; ``account(folder)`` writes it and computes it through the public functions."""

    areas: Sequence[Row] = AREAS
    data: Sequence[Row] = DATA
    sets: Mapping[str, Sequence[Row]] = field(default_factory=lambda: {"base": COEFFICIENTS})
    heads: Mapping[str, str] = field(default_factory=dict)
    standard: str = HEAD + SHARED + FARM + WATER + AIR + SOIL + VISIT + TOTALS
    methods: str = METHODS
    classes: Sequence[Row] = CLASSES
    walk: Sequence[Row] | None = WALK
    regions: Sequence[Row] | None = REGIONS

    def __repr__(self) -> str:
        """Short: what differs between accounts."""
        return (
            f"Small(areas={self.areas}, data={self.data}, regions={self.regions}, sets={self.sets})"
        )

    def arguments(self, folder: Path) -> dict[str, Any]:
        """Write the files and read them as the arguments of ``gep.compute``."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "own.py").write_text(self.methods, encoding="utf-8")
        (folder / "small.toml").write_text(self.standard, encoding="utf-8")
        blank = {"code": "", "zh": "", "en": "", "parent": "", "source": "", "locator": ""}
        write_table(
            folder / "classes.csv",
            [{"class": row["class"]} | blank | dict(row) for row in self.classes],
        )
        found: dict[str, Any] = {
            "standard": gep.read_standard(folder / "small.toml"),
            "areas": gep.read_areas(write_table(folder / "areas.csv", self.areas)),
            "coefficients": [
                gep.read_coefficient_set(write_set(folder / name, rows, self.heads.get(name, "")))
                for name, rows in self.sets.items()
            ],
            "allow_code": True,
            "coverage": "part",
        }
        if self.data:
            found["data"] = gep.read_data(write_table(folder / "data.csv", self.data))
        if self.walk:
            found["crosswalk"] = write_table(folder / "walk.csv", self.walk)
        if self.regions:
            found["regions"] = gep.read_regions(write_table(folder / "regions.csv", self.regions))
        return found

    def account(self, folder: Path, **options: Any) -> gep.Account:
        """The account; raises ``gep.ProblemsFound``."""
        return gep.compute(**self.arguments(folder), **options)


def indicator(*steps: str, head: str = HEAD) -> str:
    """The text of a standard with one indicator ``x`` of these steps."""
    first = '\n[[indicator]]\nid = "x"\nname = "X"\ncategory = "regulating"\n'
    last = '\n[[total]]\nid = "gep"\nname = "GEP"\nindicators = ["x"]\n'
    return head + first + "".join(f"[[indicator.step]]\n{step.strip()}\n" for step in steps) + last


def codes_of(small: Small, folder: Path, **options: Any) -> set[str]:
    """The codes of the problems that stop an account; empty if none does."""
    try:
        small.account(folder, **options)
    except gep.ProblemsFound as found:
        return {problem.code for problem in found.problems}
    return set()


def written(table: pd.DataFrame) -> pd.DataFrame:
    """A table of numbers with the words that its file has where there is none."""
    words = table["status"].map({"none": "na", "not_compiled": "not_compiled"})
    cells = table["value"].astype(object).where(table["status"] == "number", words)
    columns = {
        name: table[name].astype(object).where(table[name].notna(), "")
        for name in ("per_km2", "per_capita", "share")
        if name in table
    }
    return table.assign(value=cells, **columns)


def cell(account: gep.Account, region: str, indicator: str, step: str, item: str = "") -> Any:
    """The value of a row of account.csv."""
    frame = written(account.frame())
    keys = {"region": region, "indicator": indicator, "step": step, "item": item}
    chosen = frame[
        [all(row[name] == key for name, key in keys.items()) for _, row in frame.iterrows()]
    ]
    assert len(chosen) == 1, f"{keys}: {len(chosen)} rows"
    return chosen["value"].iloc[0]
