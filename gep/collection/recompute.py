"""Counties recomputed (统一口径重算) under the common choice and alternatives, and their values.

Owns the long table of values: a row is a county (``region`` blank: the sum of its regions) or a
region, a year, and a line of the account (a total, a category or an indicator). Ranks under
alternatives belong to ``alternatives``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.columns import NOT_COMPILED, ParentRegions, columns_of
from gep.account.lines import TOTAL, AccountLines, levels, lines_of
from gep.account.result_tables import blanked
from gep.collection.choices import (
    COMMON,
    OWN,
    Alternatives,
    Choice,
    accounts_of,
    is_own,
    parts_under,
)
from gep.collection.counties import (
    CollectionOptions,
    Counties,
    County,
    first_problem,
    problems_of_county,
)
from gep.comparison.comparison_table import ranks
from gep.errors import Problem, ProblemsFound
from gep.extent.areas import Areas
from gep.extent.regions import Regions
from gep.inputs.data import Data
from gep.inputs.value_rows import KEYS as ROW_KEYS
from gep.plan.build import PlanInputs
from gep.texts.catalogue import Text, text
from gep.units import factor

KEYS = ["county", "region", "year", "category", "indicator"]
# state: blank, na or not_compiled; in the last two the value is NaN
VALUE_COLUMNS = [*KEYS, "value", "state", "unit"]
# what two counties agree in where they take the same rate from the region above them
_PARENT_ROW = (
    "name",
    *ROW_KEYS,
    "year",
    "value",
    "unit",
    "price_year",
    "low",
    "high",
    "distribution",
    "group",
    "grade",
)


@dataclass(frozen=True)
class RecomputedCounties:
    """The counties' accounts under the common choice, and their values under every alternative.

    Attributes
    ----------
    common : mapping of str to tuple of Account
        The accounts of each county under the common choice, one for each year.
    values : mapping of str to DataFrame
        Values of all counties, in ``VALUE_COLUMNS``, by alternative: ``own``, ``common``, then the
        others.
    lost : mapping of str to Text
        Alternatives that not all counties can be computed under, and why.
    """

    common: Mapping[str, tuple[Account, ...]]
    values: Mapping[str, pd.DataFrame]
    lost: Mapping[str, Text]


def replay(
    counties: Counties, common: Choice, alternatives: Alternatives, options: CollectionOptions
) -> tuple[RecomputedCounties, Counties]:
    """Compute every county under the common choice and under every alternative.

    Parameters
    ----------
    counties : Counties
        The counties as they were read.
    common : Choice
        The common choice.
    alternatives : Alternatives
        Further choices.
    options : CollectionOptions
        With ``skip_broken``, counties that cannot be computed are left out.

    Returns
    -------
    recomputed : RecomputedCounties
        Accounts and values of the counties that could be computed.
    counties : Counties
        Those counties, and the problems of the others.

    Raises
    ------
    ProblemsFound
        With the problems of all counties that cannot be computed, unless they may be left out and
        some remain.
    """
    accounts, broken = _recompute_each(counties.read, common, options)
    unit = common.standard.spec.unit
    values = _own_and_common_values(counties.read, accounts, unit)
    left_out: dict[str, Text] = {}
    for alternative in alternatives.choices:
        computable = [county for county in counties.read if county.name not in broken]
        table, failed = _recompute_together(computable, alternative, options, unit)
        incomplete: list[str] = []
        if not failed:
            incomplete = _counties_with_gaps(table, values[COMMON])
        if incomplete:
            left_out[alternative.name] = text(
                "collection.alternative-incomplete",
                count=len(incomplete),
                counties=incomplete,
            )
        if failed and alternatives.optional:
            problems = next(iter(failed.values()))
            left_out[alternative.name] = text(
                "collection.alternative-failed",
                count=len(failed),
                first=first_problem(problems),
            )
        if alternative.name not in left_out or not alternatives.optional:
            values[alternative.name] = table
            broken = {**broken, **failed}

    computed = tuple(county for county in counties.read if county.name not in broken)
    if broken and not (options.skip_broken and computed):
        errors: list[Problem] = []
        for problems in broken.values():
            errors += problems
        raise ProblemsFound(errors)
    names = [county.name for county in computed]
    computed_values: dict[str, pd.DataFrame] = {}
    for name, table in values.items():
        is_computed = table["county"].isin(names)
        computed_values[name] = table[is_computed.to_numpy()]
    all_broken = dict(counties.broken)
    for name, problems in broken.items():
        all_broken[name] = tuple(problems)
    recomputed = RecomputedCounties(
        common={name: accounts[name] for name in names},
        values=computed_values,
        lost=left_out,
    )
    remaining = Counties(
        read=computed,
        broken=all_broken,
        ignored=counties.ignored,
    )
    return recomputed, remaining


def _own_and_common_values(
    counties: Sequence[County], common: Mapping[str, Sequence[Account]], unit: str
) -> dict[str, pd.DataFrame]:
    """Return the values under the counties' own choices and, where computed, the common one."""
    own_tables: list[pd.DataFrame] = []
    common_tables: list[pd.DataFrame] = []
    for county in counties:
        regions = {county.name: county.regions}
        own_table = value_table(regions, county.accounts, unit)
        own_tables.append(own_table)
        accounts = common.get(county.name)
        if accounts is county.accounts:
            common_tables.append(own_table)
        elif accounts is not None:
            common_tables.append(value_table(regions, accounts, unit))
    return {
        OWN: stacked(own_tables, VALUE_COLUMNS),
        COMMON: stacked(common_tables, VALUE_COLUMNS),
    }


def _recompute_each(
    counties: Sequence[County], choice: Choice, options: CollectionOptions
) -> tuple[dict[str, tuple[Account, ...]], dict[str, list[Problem]]]:
    """Compute each county by itself under a choice; return accounts or problems, by county."""
    accounts: dict[str, tuple[Account, ...]] = {}
    failed: dict[str, list[Problem]] = {}
    for county in counties:
        if is_own(county, choice):
            accounts[county.name] = county.accounts
            continue
        parts = parts_under(county, choice, options.allow_transfer)
        try:
            accounts[county.name] = accounts_of(parts, county.years)
        except ProblemsFound as error:
            place = f"{county.name} {choice.name}"
            failed[county.name] = problems_of_county(place, error.problems)
    return accounts, failed


def _recompute_together(
    counties: Sequence[County], choice: Choice, options: CollectionOptions, unit: str
) -> tuple[pd.DataFrame, dict[str, list[Problem]]]:
    """Compute all counties under a choice in few plans, which is faster than a plan for each.

    Parameters
    ----------
    counties : sequence of County
        All have the same years.
    choice : Choice
    options : CollectionOptions
    unit : str
        Unit of the values.

    Returns
    -------
    values : DataFrame
        In ``VALUE_COLUMNS``.
    failed : dict of str to list of Problem
        The problems of each county that cannot be computed.
    """
    regions: dict[str, list[str]] = {}
    parts: dict[str, PlanInputs] = {}
    years: list[int] = []
    for county in counties:
        regions[county.name] = county.regions
        parts[county.name] = parts_under(county, choice, options.allow_transfer)
        years = county.years
    tables: list[pd.DataFrame] = []
    try:
        for names, merged_parts in merge_counties(parts):
            accounts = accounts_of(merged_parts, years)
            group_regions = {name: regions[name] for name in names}
            tables.append(value_table(group_regions, accounts, unit))
    except ProblemsFound:  # problems must be known by county
        accounts_by_county, failed = _recompute_each(counties, choice, options)
        tables = []
        for name, accounts in accounts_by_county.items():
            tables.append(value_table({name: regions[name]}, accounts, unit))
        return stacked(tables, VALUE_COLUMNS), failed
    return stacked(tables, VALUE_COLUMNS), {}


def merge_counties(parts: Mapping[str, PlanInputs]) -> list[tuple[list[str], PlanInputs]]:
    """Merge the data of counties that can be computed in one plan.

    Parameters
    ----------
    parts : mapping of str to PlanInputs
        The data of each county under one choice.

    Returns
    -------
    list of (list of str, PlanInputs)
        Names of counties, and their merged data. A county on rasters is a group by itself: its
        pixels lie on its own grid. Counties of another group have the same crosswalk and the same
        permissions and coverage, the same rates of parent regions, and all or none of
        them have a table of regions.
    """
    groups: dict[tuple[object, ...], list[str]] = {}
    for name, county_parts in parts.items():
        crosswalk = ""
        if county_parts.crosswalk is not None:
            crosswalk = county_parts.crosswalk.frame.to_csv(index=False)
        has_regions = county_parts.regions is not None
        shared = _rows_of_parents(county_parts)
        on_rasters = name if county_parts.rasters else ""
        allowed = county_parts.allowed
        group = (crosswalk, allowed, has_regions, county_parts.coverage, shared, on_rasters)
        groups.setdefault(group, []).append(name)
    merged: list[tuple[list[str], PlanInputs]] = []
    for names in groups.values():
        members = [parts[name] for name in names]
        merged.append((names, _merge_inputs(members)))
    return merged


def _rows_of_parents(parts: PlanInputs) -> frozenset[tuple[object, ...]]:
    """Return the rates that a county takes from regions above it; blank cells are texts."""
    rows = parts.data.rows
    if rows.empty:
        return frozenset()
    names = []
    for name, declared in parts.standard.spec.data.items():
        if "region" in declared.inherit:
            names.append(name)
    is_own = rows["region"].isin(parts.areas.rows["region"])
    chosen = rows[(rows["name"].isin(names) & ~is_own).to_numpy()]
    return frozenset(chosen[list(_PARENT_ROW)].astype(str).itertuples(index=False, name=None))


def _merge_inputs(parts: Sequence[PlanInputs]) -> PlanInputs:
    """Merge areas, data and regions of counties that are alike in the rest."""
    area_tables: list[pd.DataFrame] = []
    area_files: list[Path] = []
    data_tables: list[pd.DataFrame] = []
    data_files: list[Path] = []
    region_tables: list[Regions] = []
    for county_parts in parts:
        area_tables.append(county_parts.areas.rows)
        area_files += county_parts.areas.files
        if len(county_parts.data.rows):
            data_tables.append(county_parts.data.rows)
            data_files += county_parts.data.files
        if county_parts.regions is not None:
            region_tables.append(county_parts.regions)
    areas = Areas(pd.concat(area_tables, ignore_index=True), tuple(dict.fromkeys(area_files)))
    data = parts[0].data
    if data_tables:
        rows = pd.concat(data_tables, ignore_index=True)
        in_counties = rows["region"].isin(areas.rows["region"]).to_numpy()
        repeated = rows.duplicated(list(_PARENT_ROW)).to_numpy()
        rows = rows[in_counties | ~repeated].reset_index(drop=True)
        data = Data(rows, tuple(dict.fromkeys(data_files)))
    return replace(
        parts[0],
        areas=areas,
        data=data,
        regions=_merge_regions(region_tables) if region_tables else None,
    )


def _merge_regions(tables: Sequence[Regions]) -> Regions:
    """Merge tables of regions; of a region that several list (their city), keep the first row."""
    rows = pd.concat([table.frame for table in tables])
    first_rows = rows[~rows.index.duplicated()]
    parent: dict[str, str] = {}
    for table in tables:
        parent = {**table.parent, **parent}
    return Regions(tables[0].path, first_rows, parent)


def value_table(
    regions: Mapping[str, Sequence[str]], accounts: Sequence[Account], unit: str
) -> pd.DataFrame:
    """Make the long table of the values of counties.

    Parameters
    ----------
    regions : mapping of str to sequence of str
        Region codes of each county.
    accounts : sequence of Account
        Accounts of those regions, one for each year.
    unit : str
        Unit of the values.

    Returns
    -------
    DataFrame
        In ``VALUE_COLUMNS``.
    """
    tables = [_values_of_year(regions, account, unit) for account in accounts]
    return pd.concat(tables, ignore_index=True)


def _values_of_year(
    regions: Mapping[str, Sequence[str]], account: Account, unit: str
) -> pd.DataFrame:
    plan = account.plan
    columns = columns_of(plan, account.results, by_ecosystem=False).columns
    all_lines = lines_of(plan, columns, every=True)
    is_value = all_lines.frame["kind"] == "value"
    is_sum_of_items = all_lines.frame["item"] == ""
    chosen = (is_value & is_sum_of_items).to_numpy()
    frame = all_lines.frame[chosen].reset_index(drop=True)
    lines = AccountLines(frame, all_lines.picks[:, chosen])

    region_codes = plan.extent.regions
    members: dict[str, np.ndarray] = {}
    county_of_region: dict[str, str] = {}
    for county, codes in regions.items():
        positions = np.flatnonzero(region_codes.isin(list(codes)))
        if len(positions):
            members[county] = positions
        for code in codes:
            county_of_region[str(code)] = county
    parents = ParentRegions(tuple(members), tuple(members.values()))
    level = levels(plan, account.results, lines, parents)

    row_counties = [county_of_region[str(code)] for code in region_codes]
    row_codes = [str(code) for code in region_codes]
    for county in members:
        row_counties.append(county)
        row_codes.append("")
    scale = factor(plan.standard.spec.unit, unit)
    values = np.where(level.known, level.values * scale, np.nan)
    states_of_compiled = np.where(level.valid, "", "na")
    states = np.where(level.gap, NOT_COMPILED, states_of_compiled)
    line_count = len(frame)
    row_count = len(row_codes)
    return pd.DataFrame(
        {
            "county": np.repeat(np.array(row_counties, dtype=object), line_count),
            "region": np.repeat(np.array(row_codes, dtype=object), line_count),
            "year": plan.year,
            "category": np.tile(frame["category"], row_count),
            "indicator": np.tile(frame["indicator"], row_count),
            "value": values.ravel(),
            "state": states.ravel(),
            "unit": unit,
        }
    )


def drop_single_regions(values: pd.DataFrame) -> pd.DataFrame:
    """Drop the rows of regions that are the only one of their county."""
    is_county = values["region"] == ""
    codes_by_county = values.groupby("county")["region"]
    region_count = codes_by_county.nunique() - 1  # without the blank of the county's sum
    has_several = values["county"].map(region_count) > 1
    chosen = is_county | has_several
    return values[chosen.to_numpy()].reset_index(drop=True)


def headline(values: pd.DataFrame) -> pd.DataFrame:
    """Select the rows of the counties' headline total."""
    is_headline = values["category"] == TOTAL
    is_total = values["indicator"] == TOTAL
    is_county = values["region"] == ""
    chosen = is_headline & is_total & is_county
    return values[chosen.to_numpy()].reset_index(drop=True)


def _counties_with_gaps(values: pd.DataFrame, common: pd.DataFrame) -> list[str]:
    """Return the counties whose total is compiled in ``common`` but not in ``values``."""
    missing = _not_compiled(values) - _not_compiled(common)
    counties = [county for county, _ in sorted(missing)]
    return list(dict.fromkeys(counties))


def _not_compiled(values: pd.DataFrame) -> set[tuple[str, int]]:
    """Return county and year of the totals that are not compiled."""
    totals = headline(values)
    is_missing = totals["state"] == NOT_COMPILED
    missing = totals[is_missing.to_numpy()]
    return set(zip(missing["county"], missing["year"], strict=True))


def rank_counties(values: pd.DataFrame) -> np.ndarray:
    """Rank the counties within each year and line, the largest value first.

    Parameters
    ----------
    values : DataFrame
        In ``VALUE_COLUMNS``.

    Returns
    -------
    ndarray of float
        A rank for each row; NaN for rows of regions and where there is no number.
    """
    if values.empty:
        return np.zeros(0)
    is_county = values["region"] == ""
    grouped = values.groupby(
        ["year", "category", "indicator", is_county], sort=False, observed=True
    )
    groups = grouped.ngroup().to_numpy()
    numbers = values["value"].to_numpy(dtype=float)
    column = numbers[:, None]
    known = np.isfinite(column)
    all_ranks = ranks(column, known, groups)
    return np.where(is_county.to_numpy(), all_ranks[:, 0], np.nan)


def stacked(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Put tables one below the other, in these columns; some of them, or all, may be empty.

    Parameters
    ----------
    tables : sequence of DataFrame
    columns : sequence of str

    Returns
    -------
    DataFrame
    """
    names = list(columns)
    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame(columns=names)
    return pd.concat(filled, ignore_index=True)[names]


def value_cells(values: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Write values as cells of a table, with the state (``na``, blank) in place of NaN."""
    missing = np.isnan(values)
    written = blanked(values)
    written[missing] = states[missing]
    return written
