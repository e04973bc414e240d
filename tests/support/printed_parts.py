"""Printed tables whose wholes follow from their parts: a project in files whose account adds up what was printed.

The parts are given as they are printed, by year, indicator and ecosystem type (or whatever the table has for columns);
``gep test`` holds sums, shares, differences and rates of change against the wholes that the same source prints. The
tolerance of a whole is half a unit of its last digit and what the rounding of its parts allows, no more.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from gep.units import factor

PLACE = "place"


@dataclass(frozen=True)
class Part:
    """A printed figure that others are made of."""

    indicator: str
    value: str
    year: str = "2000"
    ecosystem: str = "all"


@dataclass(frozen=True)
class Whole:
    """A printed figure that follows from parts, as a row of ``expected.csv``; a mismatch has its reason."""

    item: str
    value: str
    unit: str
    year: str = "2000"
    ecosystem: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PrintedTable:
    """A table of a source: what it prints, in which unit, and which indicators its total adds up."""

    source: str
    unit: str
    parts: Sequence[Part]
    wholes: Sequence[Whole]
    total: Sequence[str] = ()
    areas: Mapping[str, str] = field(default_factory=dict)  # km2; what is not told is not used

    @property
    def indicators(self) -> list[str]:
        return list(dict.fromkeys(part.indicator for part in self.parts))

    @property
    def summed(self) -> list[str]:
        """The indicators of the total; by default all."""
        return list(self.total) or self.indicators

    def write(self, folder: Path) -> Path:
        """Write the table as a project folder."""
        classes = list(dict.fromkeys([*(part.ecosystem for part in self.parts), *self.areas]))
        years = sorted({part.year for part in self.parts})
        _rows(
            folder / "classes.csv",
            "class,code,zh,en,parent,source,locator",
            ([name, code, name, name, "", "case", ""] for code, name in enumerate(classes, 1)),
        )
        _rows(
            folder / "areas.csv",
            "region,year,class,area,unit",
            (
                [PLACE, year, name, self.areas.get(name, 1), "km2"]
                for year in years
                for name in classes
            ),
        )
        _rows(
            folder / "data.csv",
            "region,year,name,ecosystem,value,unit,source,grade",
            (
                [PLACE, part.year, part.indicator, part.ecosystem, part.value, self.unit, self.source, "published"]
                for part in self.parts
            ),
        )  # fmt: skip
        _rows(
            folder / "expected.csv",
            "item,year,ecosystem,value,unit,tolerance,locator,role,reason",
            (
                [whole.item, whole.year, whole.ecosystem, whole.value, whole.unit,
                 f"{self.tolerance(whole):.6g}", self.source, "mismatch" if whole.reason else "match", whole.reason]
                for whole in self.wholes
            ),
        )  # fmt: skip
        (folder / "standard.toml").write_text(self._standard(), encoding="utf-8")
        (folder / "project.toml").write_text(
            '[project]\nid = "case"\ntitle = "case"\nstandard = "./standard.toml"\n'
            f"years = [{', '.join(years)}]\n"
            '[inputs]\nareas = "areas.csv"\ndata = ["data.csv"]\n',
            encoding="utf-8",
        )
        return folder

    def tolerance(self, whole: Whole) -> float:
        """How far a whole may be from what its printed parts give: their halves of last digits."""
        kind, _, names = whole.item.rpartition(":")
        indicators = self.summed if names == "total" else names.split("+")
        years = whole.year.split("-")
        amounts = [self._amount(indicators, year, whole.ecosystem) for year in years]
        half = half_digit(whole.value)
        if kind == "share":
            return half + 100 * _of_ratio(amounts[0], self._amount(self.summed, years[0], ""))
        if kind == "per_km2":
            scale = factor(f"{self.unit} km-2", whole.unit)
            return half + scale * _of_ratio(amounts[0], self._area(whole.ecosystem))
        if whole.unit == "%":
            return half + 100 * _of_ratio(amounts[1], amounts[0])
        return half + sum(rounding for _, rounding in amounts)

    def _area(self, ecosystem: str) -> tuple[float, float]:
        """The area of types, and how far its rounding moves it."""
        printed = [self.areas[name] for name in ecosystem.split("+")]
        return sum(map(float, printed)), sum(map(half_digit, printed))

    def _amount(self, indicators: Iterable[str], year: str, ecosystem: str) -> tuple[float, float]:
        """A sum of parts, and how far their rounding moves it."""
        wanted = set(indicators)
        classes = set(ecosystem.split("+")) - {""}
        parts = [
            part
            for part in self.parts
            if part.indicator in wanted and part.year == year and {part.ecosystem} <= (classes or {part.ecosystem})
        ]  # fmt: skip
        assert parts, "a whole has parts"
        amount = sum(float(part.value) for part in parts)
        return amount, sum(half_digit(part.value) for part in parts)

    def _standard(self) -> str:
        text = (
            'id = "case"\ntitle = "Printed parts"\nsource = "case"\nmeasure = "esv"\n'
            'evidence = "published"\nlegal = "research"\necosystems = "./classes.csv"\n'
            f'unit = "{self.unit}"\n[sources.case]\ntitle = "{self.source}"\n'
        )
        for name in self.indicators:
            classes = [part.ecosystem for part in self.parts if part.indicator == name]
            text += (
                f'[data.{name}]\nname = "{name}"\nunit = "{self.unit}"\nkeys = ["region", "ecosystem"]\n'
                f'[[indicator]]\nid = "{name}"\nname = "{name}"\ncategory = "unallocated"\n'
                '[[indicator.step]]\nid = "value"\nkind = "value"\nper = "amount"\n'
                f'method = "gep.methods.valuation:reported_value"\nunit = "{self.unit}"\n'
                f"over = {{ ecosystem = {_listed(dict.fromkeys(classes))} }}\n"
                f'inputs = {{ value = {{ data = "{name}" }} }}\n'
            )
        return (
            text + f'[[total]]\nid = "total"\nname = "Total"\nindicators = {_listed(self.summed)}\n'
        )


def half_digit(printed: str) -> float:
    """Half a unit of the last printed digit."""
    exponent = Decimal(printed).as_tuple().exponent
    assert isinstance(exponent, int)
    return 0.5 * 10.0**exponent


def _of_ratio(upper: tuple[float, float], lower: tuple[float, float]) -> float:
    """How far rounding moves a ratio."""
    return (upper[1] + abs(upper[0] / lower[0]) * lower[1]) / abs(lower[0])


def _listed(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def _rows(path: Path, head: str, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head.split(","), *rows])
