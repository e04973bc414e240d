"""Allocations for tests: a scheme with readings, pools and events, written to files, checked and applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import gep
from gep.assessment.context import AssessmentContext
from gep.assessment.events import load_events
from gep.assessment.kinds import load_scheme
from gep.assessment.pools import read_pools
from gep.assessment.scheme import Assessment
from gep.errors import Problem, ProblemLog
from gep.inputs.data import EMPTY, read_data
from support.small import Row, datum, write_table


@dataclass(frozen=True)
class Ruled:
    """A scheme with what it is applied to."""

    text: str
    readings: Sequence[Row]
    pools: Sequence[Row] = ()
    events: Sequence[Row] = ()
    years: tuple[int, ...] = (2020,)
    regions: tuple[str, ...] = ("a", "b", "c")

    def context(self, folder: Path) -> AssessmentContext:
        """The tables, written and read."""
        problems = ProblemLog()
        readings = EMPTY
        if self.readings:
            readings = read_data(write_table(folder / "readings.csv", self.readings))
        pools = read_pools(write_table(folder / "pools.csv", self.pools)) if self.pools else None
        context = AssessmentContext(self.years, self.regions, {}, readings, pools=pools)
        if self.events:
            events = load_events(write_table(folder / "events.csv", self.events), problems)
            context = replace(context, events=events)
        problems.raise_errors()
        return context

    def assessed(self, folder: Path) -> Assessment:
        """The scheme applied; raises ``gep.ProblemsFound``."""
        path = folder / "own.toml"
        path.write_text(self.text, encoding="utf-8")
        problems = ProblemLog()
        scheme = load_scheme(str(path), None, "scheme", problems)
        problems.raise_errors()
        assert scheme is not None
        context = self.context(folder)
        scheme.kind.check_inputs(scheme, context, problems)
        problems.raise_errors()
        return scheme.kind.assess(scheme, context)

    def problems(self, folder: Path) -> list[Problem]:
        """What is wrong."""
        try:
            self.assessed(folder)
        except gep.ProblemsFound as error:
            return list(error.problems)
        return []


def rows(
    values: Mapping[str, Sequence[Any]], names: Sequence[str], unit: str = "1", year: int = 2020
) -> list[Row]:
    """Readings: region -> a number for each name; None for none."""
    return [
        datum(region, name, value, unit, year=year)
        for region, of_region in values.items()
        for name, value in zip(names, of_region, strict=True)
        if value is not None
    ]


def pool(amount: object, year: int = 2020) -> Row:
    return {"year": year, "pool": "basin", "amount": amount, "unit": "CNY", "source": "made up"}


def event(region: str, year: int = 2020) -> Row:
    return {
        "region": region,
        "year": year,
        "event": "e",
        "document": "made up",
        "date": f"{year}-06-01",
    }


def amounts(result: Assessment, column: str = "amount", year: int = 2020) -> dict[str, Decimal]:
    table = result.tables["allocation.csv"]
    table = table[(table["year"] == year).to_numpy()]
    return dict(zip(table["region"], table[column], strict=True))


def pooled(result: Assessment, column: str, year: int = 2020) -> Decimal:
    table = result.tables["allocation_pools.csv"].set_index("year")
    return Decimal(table.loc[year, column])
