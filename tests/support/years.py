"""Small accounts of several years for tests of comparisons: written to files, then computed or compared as a project.

Nothing here is a reference: the numbers are made up and what they must give is worked out in the tests.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

import gep
from support.small import HEAD, Row, Small, area, coefficient, datum, write_table

INDEXED = (
    "product_price",
    "storage_cost",
    "treatment_cost",
    "nutrient_cost",
    "spending",
)  # prices of the standard

# Two products, one land price: value = sum of quantity x price, and hectares x price. The quantities are data.
PRODUCTS_METHODS = '''
"""Methods of the standard of products."""

from typing import Annotated

import numpy as np

from gep.units import Array


def sold(*, quantity: Annotated[Array, "t"], price: Annotated[Array, "CNY t-1"]) -> Annotated[Array, "CNY"]:
    """Quantity times price."""
    return quantity * price


def land(*, value: Annotated[Array, "CNY ha-1"], share: Annotated[Array, "1"]) -> Annotated[Array, "CNY ha-1"]:
    """A value per area times the share that counts."""
    return value * share


def erosion(*, rain: Annotated[Array, "mm"], cost: Annotated[Array, "CNY ha-1"]) -> Annotated[Array, "CNY ha-1"]:
    """A cost per area times the square of rain over 1000 mm, at most four."""
    return cost * np.minimum((rain / 1000) ** 2, 4)
'''

_PRODUCTS_HEAD = HEAD.replace('id = "small"', 'id = "products"')

CROP = """
[[indicator]]
id = "crop"
name = { zh = "作物", en = "Crops" }
category = "provisioning"
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:sold"
per = "region"
unit = "CNY"
inputs = { quantity = { data = "output" }, price = { coef = "product_price" } }
"""
LAND = """
[[indicator]]
id = "land"
name = { zh = "土地", en = "Land" }
category = "regulating"
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:land"
per = "area"
unit = "10^4 CNY"
inputs = { value = { coef = "land_value" }, share = { coef = "land_share" } }
"""
EROSION = """
[[indicator]]
id = "soil"
name = { zh = "土壤", en = "Soil" }
category = "regulating"
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:erosion"
per = "area"
unit = "10^4 CNY"
inputs = { rain = { data = "rain" }, cost = { coef = "soil_cost" } }
"""


def total(*indicators: str) -> str:
    """The headline over these indicators."""
    listed = ", ".join(f'"{one}"' for one in indicators)
    return f'\n[[total]]\nid = "gep"\nname = {{ zh = "合计", en = "Total" }}\nindicators = [{listed}]\n'


def products(*parts: str) -> str:
    """The text of a standard of some of ``CROP``, ``LAND``, ``EROSION``."""
    return (
        _PRODUCTS_HEAD
        + "".join(parts)
        + total(*(part.split('id = "')[1].split('"')[0] for part in parts))
    )


def with_index(standard: str, index: str = "cpi") -> str:
    """A standard whose prices are moved by an index."""
    for name in (*INDEXED, "land_value", "soil_cost"):
        standard = standard.replace(
            f'{{ coef = "{name}" }}', f'{{ coef = "{name}", index = "{index}" }}'
        )
    return standard


def priced(rows: Iterable[Row], levels: Mapping[int, float]) -> list[Row]:
    """Rows with each price given for several price years, at a level of the row's value."""
    found: list[Row] = []
    for row in rows:
        if not row.get("price_year") or row["value"] == "na":
            found += (
                [row]
                if not row.get("price_year")
                else [{**row, "price_year": year} for year in levels]
            )
        else:
            found += [
                {**row, "value": row["value"] * level, "price_year": year}
                for year, level in levels.items()
            ]
    return found


def index_rows(levels: Mapping[int, float], index: str = "cpi") -> list[Row]:
    """Rows of a price index."""
    return [
        coefficient("price_index", level, "1", index=index, price_year=str(year))
        for year, level in levels.items()
    ]


@dataclass(frozen=True, repr=False)
class Years:
    """A project of several years: ``small`` holds the rows of all of them; ``more`` are other tables of the project."""

    small: Small
    years: Sequence[int] = (2019, 2020)
    price_year: int | None = None
    switches: Mapping[str, str] = field(default_factory=dict)
    changes: Sequence[Row] = ()
    normal: Sequence[Row] = ()
    transitions: Sequence[Row] = ()
    heading: str = ""  # more lines of [project]

    def __repr__(self) -> str:
        """What differs between projects."""
        return f"Years({self.small}, {self.years}, {self.price_year}, {self.changes})"

    def accounts(self, folder: Path, **options: Any) -> list[gep.Account]:
        """The account of each year; raises ``gep.ProblemsFound``."""
        given = self.small.arguments(folder)
        return [
            gep.compute(
                **given,
                year=year,
                price_year=self.price_year,
                switches=dict(self.switches),
                **options,
            )
            for year in self.years
        ]

    def compared(self, folder: Path, **options: Any) -> gep.Comparison:
        """The accounts compared."""
        if self.changes:
            folder.mkdir(parents=True, exist_ok=True)
            options["changes"] = gep.read_region_changes(
                write_table(folder / "changes.csv", self.changes)
            )
        return gep.compare(self.accounts(folder), **options)

    def project(self, folder: Path) -> Path:
        """The same as a project in ``folder``, which needs ``--allow-code``."""
        self.small.arguments(folder)
        sets = ", ".join(f'"./{name}"' for name in self.small.sets)
        lines = [
            "[project]", 'id = "years"', 'title = { zh = "多年", en = "Years" }', 'standard = "./small.toml"',
            f"coefficients = [{sets}]", f"years = {list(self.years)}", "allow_code = true", self.heading,
        ]  # fmt: skip
        if self.price_year:
            lines.append(f"price_year = {self.price_year}")
        lines += [
            "[switches]",
            *(f'{name} = "{option}"' for name, option in self.switches.items()),
            "[inputs]",
        ]
        lines += ['areas = "areas.csv"', 'coverage = "part"']
        if self.small.data:
            lines.append('data = ["data.csv"]')
        lines += ['crosswalk = "./walk.csv"'] if self.small.walk else []
        lines += ['regions = "regions.csv"'] if self.small.regions else []
        for name in ("changes", "normal", "transitions"):
            if rows := getattr(self, name):
                write_table(folder / f"{name}.csv", rows)
                lines.append(f'{name} = "{name}.csv"')
        (folder / "project.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return folder


def changed(project: Years, **parts: Any) -> Years:
    """A project with other parts, those of its ``small`` among them."""
    own = {name: value for name, value in parts.items() if name in Years.__dataclass_fields__}
    rest = {name: value for name, value in parts.items() if name not in own}
    small = Small(**{**vars(project.small), **rest})
    return replace(project, **({"small": small} | own))


def field_areas(hectares: Mapping[tuple[str, int], float], name: str = "field") -> list[Row]:
    """Areas of one class: (region, year) -> hm2."""
    return [area(region, name, value, year=year) for (region, year), value in hectares.items()]


def outputs(tonnes: Mapping[tuple[str, int, str], object]) -> list[Row]:
    """Outputs: (region, year, product) -> t."""
    return [
        datum(region, "output", value, "t", year=year, product=product)
        for (region, year, product), value in tonnes.items()
    ]


def prices(levels: Mapping[tuple[str, int], float]) -> list[Row]:
    """Prices of products: (product, price year) -> CNY t-1."""
    return [
        coefficient("product_price", value, "CNY t-1", product=product, price_year=str(year))
        for (product, year), value in levels.items()
    ]


def of_products(
    *parts: str, areas: Sequence[Row], data: Sequence[Row], sets: Sequence[Row], **more: Any
) -> Small:
    """A small account of the standard of products, without a crosswalk."""
    return Small(
        areas=areas, data=data, sets={"base": sets}, standard=products(*parts), methods=PRODUCTS_METHODS, walk=None,
        **({"regions": None} | more),
    )  # fmt: skip


def row(table: pd.DataFrame, **keys: Any) -> pd.Series:
    """The one row of a table with these keys; ``from_`` stands for ``from``."""
    chosen = table
    for name, key in keys.items():
        chosen = chosen[(chosen[name.rstrip("_")] == key).to_numpy()]
    assert len(chosen) == 1, f"{keys}: {len(chosen)} rows"
    return chosen.iloc[0]


def effects(table: pd.DataFrame, method: str = "replay", **keys: Any) -> dict[str, float]:
    """The effects of one line of ``decomposition.csv``, zeros among them."""
    chosen = table[((table["method"] == method) & (table["unit"] != "1")).to_numpy()]
    for name, key in keys.items():
        chosen = chosen[(chosen[name.rstrip("_")] == key).to_numpy()]
    assert not chosen["effect"].duplicated().any(), keys
    return {
        str(name): float(value)
        for name, value in zip(chosen["effect"], chosen["value"], strict=True)
    }
