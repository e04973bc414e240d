"""The completeness matrix (完整性矩阵): what each county supplied for every input and indicator.

Owns ``completeness.csv``: what is given, ``na`` or missing, and how much rests on recalled or
placeholder numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.columns import columns_of
from gep.collection.counties import County
from gep.errors import Problem
from gep.inputs.value_rows import GRADE
from gep.plan.binding import BoundInput
from gep.plan.planned_step import PlannedStep
from gep.units import factor

COMPLETENESS_COLUMNS = [
    "county",
    "year",
    "kind",
    "name",
    "status",
    "cells",
    "given",
    "na",
    "missing",
    "recalled",
    "placeholder",
    "note",
]
_MISSING = "missing"


class _MatrixRow(NamedTuple):
    """A row of the matrix, in ``COMPLETENESS_COLUMNS``; mostly blank for an unreadable county."""

    county: str
    year: int | str
    kind: str
    name: str
    status: str
    cells: object = ""
    given: object = ""
    na: object = ""
    missing: object = ""
    recalled: object = ""
    placeholder: object = ""
    note: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """County, year, kind and name."""
        return self[:4]


@dataclass(frozen=True)
class _Count:
    """Counts of the numbers that an input needs, or of the regions of an indicator.

    Attributes
    ----------
    given, na, missing : float
        Numbers (or regions with a value) given, said to be none, and missing.
    recalled, placeholder : float
        The part of ``weight`` that rests on numbers of these grades.
    weight : float
        Numbers given; of an indicator its absolute value.
    """

    given: float = 0.0
    na: float = 0.0
    missing: float = 0.0
    recalled: float = 0.0
    placeholder: float = 0.0
    weight: float = 0.0

    def __add__(self, other: "_Count") -> "_Count":
        return _Count(
            given=self.given + other.given,
            na=self.na + other.na,
            missing=self.missing + other.missing,
            recalled=self.recalled + other.recalled,
            placeholder=self.placeholder + other.placeholder,
            weight=self.weight + other.weight,
        )

    @property
    def status(self) -> str:
        """The status of the input or indicator; ``not_due`` if none of its cells needs a number."""
        if self.missing:
            return _MISSING
        if self.placeholder:
            return "placeholder"
        if self.given:
            return "given"
        return "na" if self.na else "not_due"


def completeness(
    counties: Sequence[County],
    broken: Mapping[str, Sequence[Problem]],
    common: Mapping[str, Sequence[Account]],
) -> pd.DataFrame:
    """Make the completeness matrix: a row for each county, year, and input or indicator.

    Parameters
    ----------
    counties : sequence of County
        The counties with their accounts under their own choices.
    broken : mapping of str to sequence of Problem
        The problems of counties that cannot be read or computed.
    common : mapping of str to sequence of Account
        The accounts of each county under the common choice.

    Returns
    -------
    DataFrame
        In ``COMPLETENESS_COLUMNS``. ``status`` is ``given``, ``na``, ``missing``, ``placeholder``,
        ``not_asked`` (other counties need it), ``not_due`` (needed, but for no cell, since what it
        belongs to is missing or na) or ``unreadable``. ``cells`` counts the numbers needed, of
        indicators the regions; ``given``, ``na`` and ``missing`` are its parts. ``recalled`` and
        ``placeholder`` are fractions of the numbers given, or of the value. ``kind`` begins with
        ``common:`` for what is missing under the common choice only.
    """
    rows: list[_MatrixRow] = []
    for county in counties:
        for account in county.accounts:
            rows += _account_rows(county.name, account)
    missing = {row.key for row in rows if row.status == _MISSING}
    years = {row.year for row in rows}
    table_rows = list(rows)
    for year in sorted(years):
        rows_of_year = [row for row in rows if row.year == year]
        table_rows += _rows_not_asked(rows_of_year)
    for county_name, accounts in common.items():
        for account in accounts:
            for row in _account_rows(county_name, account):
                if row.status == _MISSING and row.key not in missing:
                    common_kind = f"common:{row.kind}"
                    table_rows.append(row._replace(kind=common_kind))
    for county_name, problems in broken.items():
        codes = dict.fromkeys(problem.code for problem in problems)
        unreadable = _MatrixRow(
            county=county_name,
            year="",
            kind="county",
            name="project",
            status="unreadable",
            note=", ".join(codes),
        )
        table_rows.append(unreadable)
    table = pd.DataFrame(table_rows, columns=COMPLETENESS_COLUMNS)
    keys = ["county", "year", "kind", "name"]
    return table.sort_values(keys, key=lambda column: column.astype(str), ignore_index=True)


def _rows_not_asked(rows: Sequence[_MatrixRow]) -> list[_MatrixRow]:
    """Return rows for what one county of a year needs and another one does not.

    Which inputs a county needs depends on its switches and its standard.
    """
    examples: dict[tuple[str, str], _MatrixRow] = {}
    needs: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        need = (row.kind, row.name)
        examples.setdefault(need, row)
        needs.setdefault(row.county, set()).add(need)
    result: list[_MatrixRow] = []
    for county, county_needs in needs.items():
        for need, example in examples.items():
            if need in county_needs:
                continue
            not_asked = _MatrixRow(
                county=county,
                year=example.year,
                kind=example.kind,
                name=example.name,
                status="not_asked",
                cells=0,
                given=0,
                na=0,
                missing=0,
            )
            result.append(not_asked)
    return result


def _account_rows(county: str, account: Account) -> Iterator[_MatrixRow]:
    """Yield the rows of an account: its inputs, then its indicators."""
    counts = _count_inputs(account)
    for indicator, count in _count_indicators(account).items():
        counts["indicator", indicator] = count
    for (kind, name), count in counts.items():
        yield _MatrixRow(
            county=county,
            year=account.year,
            kind=kind,
            name=name,
            status=count.status,
            cells=int(count.given) + int(count.na) + int(count.missing),
            given=int(count.given),
            na=int(count.na),
            missing=int(count.missing),
            recalled=count.recalled / count.weight if count.weight else 0.0,
            placeholder=count.placeholder / count.weight if count.weight else 0.0,
        )


def _count_inputs(account: Account) -> dict[tuple[str, str], _Count]:
    """Count the numbers given for areas, regions, data and coefficients, by kind and name."""
    plan = account.plan
    grades = plan.extent.parts["own_grade"].to_numpy()
    counts = {("area", "areas"): _count_graded(grades)}
    region_count = len(plan.extent.regions)
    population = np.full(region_count, np.nan)
    if plan.regions is not None:
        column = plan.regions.frame["population"]
        population = column.reindex(plan.extent.regions).to_numpy(dtype=float)
    for name, figures in (("land_area", plan.land_area), ("population", population)):
        known = float(np.isfinite(figures).sum())
        missing = region_count - known
        counts["region", name] = _Count(given=known, missing=missing, weight=known)
    for step in plan.steps:
        for argument, bound in step.inputs.items():
            if not isinstance(bound, BoundInput) or "area" in bound.frame:
                continue
            binding = step.step.inputs[argument]
            key = ("data", binding.data) if binding.data else ("coefficient", binding.coef)
            # a row is one number, however many cells it serves
            is_na = bound.used["na"].to_numpy(dtype=bool)
            grades = bound.used["own_grade"].to_numpy()
            count = counts.get(key, _Count())
            count += _count_graded(grades[~is_na])
            count += _Count(na=float(is_na.sum()), missing=float(bound.missing.sum()))
            counts[key] = count
    return counts


def _count_graded(grades: np.ndarray) -> _Count:
    """Count numbers that are given, by their grades."""
    return _Count(
        given=float(len(grades)),
        recalled=float((grades == GRADE["recalled"]).sum()),
        placeholder=float((grades == GRADE["placeholder"]).sum()),
        weight=float(len(grades)),
    )


def _count_indicators(account: Account) -> dict[str, _Count]:
    """Count the regions with a value of each indicator, and sum its value by grade."""
    plan = account.plan
    columns = columns_of(plan, account.results, by_ecosystem=False)
    steps_by_indicator: dict[str, list[PlannedStep]] = {}
    for step in plan.steps:
        if step.indicator is not None:
            steps_by_indicator.setdefault(step.indicator.id, []).append(step)
    counts: dict[str, _Count] = {}
    for indicator, steps in steps_by_indicator.items():
        is_indicator = columns.columns["indicator"] == indicator
        is_counted = columns.columns["kind"] != "auxiliary"
        chosen = (is_indicator & is_counted).to_numpy()
        valid = columns.valid[:, chosen].any(axis=1)
        gap = columns.gap[:, chosen].any(axis=1)
        count = _Count(
            given=float((valid & ~gap).sum()),
            na=float((~valid & ~gap).sum()),
            missing=float(gap.sum()),
        )
        for step in steps:
            if step.step.kind != "value":
                continue
            scale = factor(step.step.unit, plan.standard.spec.unit)
            values = np.abs(account.results[step.name]) * scale
            grades = account.marks[step.name].grade
            is_recalled = grades == GRADE["recalled"]
            is_placeholder = grades == GRADE["placeholder"]
            count += _Count(
                recalled=float(values[is_recalled].sum()),
                placeholder=float(values[is_placeholder].sum()),
                weight=float(values.sum()),
            )
        counts[indicator] = count
    return counts
