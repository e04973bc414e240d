"""Replaying the counties (统一口径重算): every county under the common choice and under each alternative."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from gep.account.account import Account
from gep.collection.alternatives import Alternatives
from gep.collection.choices import COMMON, OWN, Choice, accounts_of, is_own, parts_under
from gep.collection.counties import CollectionOptions, Counties, County, located
from gep.collection.values import COLUMNS, gaps, stacked, values_of
from gep.errors import Problem, ProblemsFound, joined
from gep.extent.areas import Areas
from gep.extent.regions import Regions
from gep.inputs.data import Data
from gep.plan.build import PlanInputs


@dataclass(frozen=True)
class RecomputedCounties:
    """The counties under the common choice and the values of all under every alternative."""

    common: Mapping[str, tuple[Account, ...]]  # by county
    values: Mapping[str, pd.DataFrame]  # own, common, then the alternatives
    lost: Mapping[str, str]  # optional alternatives that not all can compute, and why


def replay(
    found: Counties, choice: Choice, named: Alternatives, asked: CollectionOptions
) -> tuple[RecomputedCounties, Counties]:
    """Compute every county under the common choice and every alternative.

    Those that cannot be are broken, as those that cannot be read. Raises ``ProblemsFound`` but for ``skip_broken``.
    """
    common, broken = _each(found.read, choice, asked)
    tables, lost = dict[str, pd.DataFrame](), dict[str, str]()
    unit = choice.standard.spec.unit
    values = _own_and_common(found.read, common, unit)
    for other in named.choices:
        fine = [one for one in found.read if one.name not in broken]
        table, wrong = _at_once(fine, other, asked, unit)
        lacking = [] if wrong else gaps(table, values[COMMON])
        if lacking:
            lost[other.name] = (
                f"{len(lacking)} counties lack numbers that it needs: {joined(lacking, ', ')}"
            )
        if wrong and named.optional:
            first = next(iter(wrong.values()))[0]
            lost[other.name] = (
                f"{len(wrong)} counties cannot compute it; the first: {first.where} [{first.code}]"
            )
        if other.name not in lost or not named.optional:
            tables[other.name] = table
            broken = {**broken, **wrong}
    kept = tuple(one for one in found.read if one.name not in broken)
    if broken and not (asked.skip_broken and kept):
        raise ProblemsFound([one for some in broken.values() for one in some])
    names = [one.name for one in kept]
    values = {
        name: table[table["county"].isin(names).to_numpy()]
        for name, table in {**values, **tables}.items()
    }
    told = {**found.broken, **{name: tuple(some) for name, some in broken.items()}}
    return RecomputedCounties({name: common[name] for name in names}, values, lost), Counties(
        kept, told, found.ignored
    )


def _own_and_common(
    counties: Sequence[County], common: Mapping[str, Sequence[Account]], unit: str
) -> dict[str, pd.DataFrame]:
    """The values of the counties under their own choices, and of those that can be computed so under the common one."""
    own, other = list[pd.DataFrame](), list[pd.DataFrame]()
    for one in counties:
        homes, accounts = {one.name: one.regions}, common.get(one.name)
        own.append(values_of(homes, one.accounts, unit))
        if accounts is not None:
            other.append(own[-1] if accounts is one.accounts else values_of(homes, accounts, unit))
    return {OWN: stacked(own, COLUMNS), COMMON: stacked(other, COLUMNS)}


def _each(
    counties: Sequence[County], choice: Choice, asked: CollectionOptions
) -> tuple[dict[str, tuple[Account, ...]], dict[str, list[Problem]]]:
    """Each county under a choice by itself: its accounts, or its problems."""
    done, wrong = dict[str, tuple[Account, ...]](), dict[str, list[Problem]]()
    for one in counties:
        parts = parts_under(one, choice, asked.allow_transfer)
        try:
            done[one.name] = one.accounts if is_own(one, choice) else accounts_of(parts, one.years)
        except ProblemsFound as error:
            wrong[one.name] = located(f"{one.name} {choice.name}", error.problems)
    return done, wrong


def _at_once(
    counties: Sequence[County], choice: Choice, asked: CollectionOptions, unit: str
) -> tuple[pd.DataFrame, dict[str, list[Problem]]]:
    """The values of all counties under a choice, computed together; one by one where that cannot be."""
    homes = {one.name: one.regions for one in counties}
    parts = {one.name: parts_under(one, choice, asked.allow_transfer) for one in counties}
    years = counties[0].years if counties else []  # all counties have the same
    try:
        pieces = [
            values_of({name: homes[name] for name in names}, accounts_of(all_of_them, years), unit)
            for names, all_of_them in merge_counties(parts)
        ]
        return stacked(pieces, COLUMNS), {}
    except ProblemsFound:
        done, wrong = _each(counties, choice, asked)
        pieces = [values_of({name: homes[name]}, accounts, unit) for name, accounts in done.items()]
        return stacked(pieces, COLUMNS), wrong


def merge_counties(parts: Mapping[str, PlanInputs]) -> list[tuple[list[str], PlanInputs]]:
    """The counties that can be computed at once, with the parts of all of them."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for name, one in parts.items():
        walk = one.crosswalk.frame.to_csv(index=False) if one.crosswalk is not None else ""
        groups.setdefault((walk, one.allowed, one.regions is None), []).append(name)
    return [(names, _joined([parts[name] for name in names])) for names in groups.values()]


def _joined(parts: Sequence[PlanInputs]) -> PlanInputs:
    first = parts[0]
    files = tuple(dict.fromkeys(file for one in parts for file in one.areas.files))
    areas = Areas(pd.concat([one.areas.rows for one in parts], ignore_index=True), files)
    given = [one.data for one in parts if len(one.data.rows)]
    data = first.data
    if given:
        files = tuple(dict.fromkeys(file for one in given for file in one.files))
        data = Data(pd.concat([one.rows for one in given], ignore_index=True), files)
    tables = [one.regions for one in parts if one.regions is not None]
    return replace(first, areas=areas, data=data, regions=_regions(tables) if tables else None)


def _regions(tables: Sequence[Regions]) -> Regions:
    """One table; of a region that several name, such as their city, the first says what it is."""
    frame = pd.concat([one.frame for one in tables])
    parent: dict[str, str] = {}
    for one in tables:
        parent = {**one.parent, **parent}
    return Regions(tables[0].path, frame[~frame.index.duplicated()], parent)
