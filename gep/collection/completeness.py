"""The completeness matrix (完整性矩阵): what each county gives for every input and indicator, and what it rests on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.columns import columns_of
from gep.collection.counties import County
from gep.errors import Problem
from gep.inputs.value_rows import GRADE
from gep.plan.binding import BoundInput
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
_MARKED = ("recalled", "placeholder")


def completeness(
    counties: Sequence[County],
    broken: Mapping[str, Sequence[Problem]],
    common: Mapping[str, Sequence[Account]],
) -> pd.DataFrame:
    """A row for each county, year and input or indicator; what other counties are asked for is ``not_asked``.

    ``not_due``: asked for, but for no cell, since what it belongs to is missing or na.

    ``cells`` counts the numbers due, ``given``, ``na`` and ``missing`` are its parts; of indicators the regions are
    counted. ``common:`` stands before what is missing under the common choice (``common``: the accounts) alone.
    ``recalled`` and ``placeholder`` are the shares of the numbers given, or of the value, that rest on such.
    """
    rows = [
        row
        for one in counties
        for account in one.accounts
        for row in _of_account(one.name, account)
    ]
    found = pd.DataFrame(rows, columns=COMPLETENESS_COLUMNS)
    lacking = found[(found["status"] == "missing").to_numpy()]
    gaps = set(
        zip(lacking["county"], lacking["year"], lacking["kind"], lacking["name"], strict=True)
    )
    new = [
        row
        for name, some in common.items()
        for account in some
        for row in _of_account(name, account)
    ]
    lost = [
        (*row[:2], f"common:{row[2]}", *row[3:])
        for row in new
        if row[4] == "missing" and row[:4] not in gaps
    ]
    more = [_not_asked(found, year) for year in sorted(set(found["year"]))]
    lost += [_unreadable(name, problems) for name, problems in broken.items()]
    frame = pd.DataFrame(
        [row for some in more for row in some] + lost, columns=COMPLETENESS_COLUMNS
    )
    whole = pd.concat([one for one in (found, frame) if len(one)] or [found], ignore_index=True)
    return whole.sort_values(
        ["county", "year", "kind", "name"], key=lambda one: one.astype(str), ignore_index=True
    )


def _unreadable(name: str, problems: Sequence[Problem]) -> tuple[Any, ...]:
    codes = ", ".join(dict.fromkeys(one.code for one in problems))
    return (name, "", "county", "project", "unreadable", "", "", "", "", "", "", codes)


def _not_asked(found: pd.DataFrame, year: int) -> list[tuple[Any, ...]]:
    """What some county of a year is asked for and another, by its switches or standard, is not."""
    rows = found[(found["year"] == year).to_numpy()]
    every = dict.fromkeys(zip(rows["kind"], rows["name"], strict=True))
    lacking = []
    for county, some in rows.groupby("county", sort=False):
        own = set(zip(some["kind"], some["name"], strict=True))
        lacking += [
            (county, year, *one, "not_asked", 0, 0, 0, 0, "", "", "")
            for one in every
            if one not in own
        ]
    return lacking


def _of_account(county: str, account: Account) -> Iterator[tuple[Any, ...]]:
    for (kind, name), count in _inputs(account).items():
        yield _row(county, account.year, kind, name, count)
    for name, count in _indicators(account).items():
        yield _row(county, account.year, "indicator", name, count)


def _row(
    county: str, year: int, kind: str, name: str, count: Mapping[str, float]
) -> tuple[Any, ...]:
    """``count`` holds given, na, missing, and of what weight recalled and placeholder are parts."""
    weight = count.get("weight", count["given"])
    shares = [count.get(mark, 0.0) / weight if weight else 0.0 for mark in _MARKED]
    parts = [int(count[part]) for part in ("given", "na", "missing")]
    if count["missing"]:
        status = "missing"
    elif shares[1]:
        status = "placeholder"
    else:
        status = "given" if count["given"] else "na" if count["na"] else "not_due"
    return (county, year, kind, name, status, sum(parts), *parts, *shares, "")


def _inputs(account: Account) -> dict[tuple[str, str], dict[str, float]]:
    """Areas, the regions' own figures, data and coefficients with how many numbers are given."""
    plan, found = account.plan, dict[tuple[str, str], dict[str, float]]()
    grade = plan.extent.parts["own_grade"].to_numpy()
    found["area", "areas"] = _counted(len(grade), 0, 0, grade)
    people = (
        plan.regions.frame["population"].reindex(plan.extent.regions)
        if plan.regions is not None
        else None
    )
    for name, figures in (("land_area", plan.land_area), ("population", people)):
        known = 0 if figures is None else int(np.isfinite(np.asarray(figures, dtype=float)).sum())
        found["region", name] = _counted(known, 0, len(plan.extent.regions) - known, np.zeros(0))
    for step in plan.steps:
        for argument, bound in step.inputs.items():
            if not isinstance(bound, BoundInput) or "area" in bound.frame:
                continue
            binding = step.step.inputs[argument]
            key = ("data", binding.data) if binding.data else ("coefficient", binding.coef)
            answered, none = bound.rows >= 0, np.isnan(bound.values)
            given = answered & ~none
            count = _counted(
                given.sum(),
                (answered & none).sum(),
                bound.missing.sum(),
                bound.mark("grade")[given],
            )
            before = found.setdefault(key, dict.fromkeys(count, 0.0))
            found[key] = {part: before[part] + value for part, value in count.items()}
    return found


def _counted(given: int, na: int, missing: int, grade: np.ndarray) -> dict[str, float]:
    marked = {mark: float((grade == GRADE[mark]).sum()) for mark in _MARKED}
    return {"given": float(given), "na": float(na), "missing": float(missing), **marked}


def _indicators(account: Account) -> dict[str, dict[str, float]]:
    """Indicators by region: known, na, not compiled; and the sums of absolute value that rest on each grade."""
    plan, found = account.plan, dict[str, dict[str, float]]()
    block = columns_of(plan, account.results, by_ecosystem=False)
    for one in dict.fromkeys(
        step.indicator.id for step in plan.steps if step.indicator is not None
    ):
        mine = (
            (block.columns["indicator"] == one) & (block.columns["kind"] != "auxiliary")
        ).to_numpy()
        valid, gap = block.valid[:, mine].any(axis=1), block.gap[:, mine].any(axis=1)
        count = _counted((valid & ~gap).sum(), (~valid & ~gap).sum(), gap.sum(), np.zeros(0)) | {
            "weight": 0.0
        }
        for step in plan.steps:
            if (
                step.indicator is not None
                and step.indicator.id == one
                and step.step.kind == "value"
            ):
                scale = factor(step.step.unit, plan.standard.spec.unit)
                size, grade = (
                    np.abs(account.results[step.name]) * scale,
                    account.marks[step.name].grade,
                )
                count["weight"] += float(size.sum())
                for mark in _MARKED:
                    count[mark] += float(size[grade == GRADE[mark]].sum())
        found[one] = count
    return found
