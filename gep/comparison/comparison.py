"""Accounts of several years side by side (对比分析): levels, changes, growth, contributions, shares and ranks.

Accounts are compared on the boundary of the last year and only where they are alike.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.columns import ParentRegions, columns_of, parents_of, roll_up
from gep.account.lines import (
    LINE_COLUMNS,
    TOTAL,
    AccountLines,
    LineValues,
    line_values,
    lines_of,
    reindex_lines,
    single_item_lines,
)
from gep.comparison.comparability import basis, check_comparable, differences, flags
from gep.comparison.normal_climate import moving_means
from gep.errors import Problem, ProblemLog, joined
from gep.extent.region_changes import RegionChanges, absorbed_codes, map_codes, share_matrix
from gep.extent.transitions import Transitions
from gep.texts.catalogue import Language
from gep.units import UnitError, factor

Pair = tuple[int, int]


@dataclass(frozen=True)
class Comparison:
    """Accounts by year, their lines on one boundary. ``codes`` are the regions, then the parents; ``depth`` counts the
    levels above a parent (-1 for regions).
    """

    accounts: tuple[Account, ...]
    pairs: tuple[Pair, ...]
    lines: pd.DataFrame  # LINE_COLUMNS
    above: ParentRegions
    codes: np.ndarray
    depth: np.ndarray
    levels: Mapping[int, LineValues]
    shares: Mapping[int, np.ndarray]  # year -> own regions x regions on the boundary
    differs: Mapping[str, str]  # aspects that were allowed to differ
    flags: tuple[str, ...]
    normal: Mapping[int, tuple[Account, ...]] = field(
        default_factory=dict
    )  # what the mean level of a year is made of
    climate: str = "actual"  # or normal_climate, moving_mean: what ``normal`` is
    changes: RegionChanges | None = None
    warnings: tuple[Problem, ...] = ()
    _between: dict[Pair, "Comparison"] = field(default_factory=dict, repr=False)

    @property
    def basis(self) -> str:
        """The price basis: ``current`` or ``constant:2016``; several where they differ."""
        return ";".join(dict.fromkeys(basis(account) for account in self.accounts))

    @property
    def boundary(self) -> int:
        """The year on whose boundary the accounts are compared."""
        return self.accounts[-1].year

    @property
    def regions(self) -> np.ndarray:
        """The regions on the boundary, without parents."""
        return self.codes[self.depth < 0]

    def account(self, year: int) -> Account:
        """The account of a year."""
        return next(one for one in self.accounts if one.year == year)

    def names(self, language: Language) -> dict[str, str]:
        """The names of regions and parents."""
        regions = self.accounts[-1].plan.regions
        return {
            str(code): regions.name(str(code), language) if regions else str(code)
            for code in self.codes
        }

    def position(self, category: str, indicator: str = "total", item: str = "") -> int:
        """The place of a line: a total or category by its name alone."""
        frame = self.lines
        same = (
            (frame["category"] == category)
            & (frame["indicator"] == indicator)
            & (frame["item"] == item)
        )
        return int(np.flatnonzero(same.to_numpy())[0])

    @property
    def money(self) -> np.ndarray:
        """The lines that are values of an indicator, category or total."""
        return np.flatnonzero(
            ((self.lines["kind"] == "value") & (self.lines["item"] == "")).to_numpy()
        )

    @cached_property
    def headline(self) -> int | None:
        """The line of the headline total; None where a standard gives quantities only."""
        return self.position(TOTAL) if (self.lines["category"] == TOTAL).any() else None

    @cached_property
    def sums_of_parts(self) -> np.ndarray:
        """The lines whose step is not additive: a parent's figure is the sum of its regions, no result of the step."""
        parts = {
            (one.indicator.id, one.step.id)
            for account in self.accounts
            for one in account.plan.steps
            if one.indicator is not None and not one.step.additive
        }
        named = self.lines["item"].str.extract(r"^step=([^;]*)")[0]
        values = {indicator for indicator, _ in parts}
        return np.flatnonzero(
            [
                (indicator, step) in parts if isinstance(step, str) else indicator in values
                for indicator, step in zip(self.lines["indicator"], named, strict=True)
            ]
        )

    def __repr__(self) -> str:
        years = ", ".join(str(account.year) for account in self.accounts)
        return f"<Comparison of {self.accounts[-1].plan.standard.id}, {years}, {self.basis}, {len(self.regions)} regions>"

    def between(self, pair: Pair) -> "Comparison":
        """The two years on the boundary of the later one, on which their regions were last what they were."""
        if self.changes is None:
            return self
        if pair not in self._between:
            earlier = [account for account in self.accounts if account.year <= pair[1]]
            normal = {year: some for year, some in self.normal.items() if year in pair}
            found = compare(
                earlier, pairs=[pair], allow=[*self.differs], changes=self.changes, normal=normal
            )
            self._between[pair] = replace(found, climate=self.climate)
        return self._between[pair]

    def carried(self, other: "Comparison", pair: Pair, matrix: np.ndarray) -> np.ndarray:
        """Amounts of ``between`` (its regions x its lines), which add up, on this boundary: regions x lines."""
        return np.asarray(
            self.moved(other, pair).T @ reindex_lines(self.lines, other.lines, matrix)
        )

    def moved(self, other: "Comparison", pair: Pair) -> np.ndarray:
        """The shares of the regions of ``between`` in those of this boundary."""
        if other is self:
            return np.eye(len(self.regions))
        codes = pd.Index([str(code) for code in self.account(pair[1]).plan.extent.regions])
        final = pd.Index(self.regions)
        found = np.zeros((len(other.regions), len(final)))
        for position, code in enumerate(other.regions):
            if code in codes:
                found[position] = self.shares[pair[1]][codes.get_loc(code)]
            elif code in final:
                found[position, final.get_loc(code)] = 1.0
        return found

    def table(self) -> pd.DataFrame:
        """The rows of ``comparison.csv``; see ``gep.comparison.comparison_table``."""
        from gep.comparison.comparison_table import comparison_table

        return comparison_table(self)

    def decomposition(self) -> pd.DataFrame:
        """The rows of ``decomposition.csv``: why each value changed; see ``gep.comparison.decomposition``."""
        from gep.comparison.decomposition import decomposition_table

        return decomposition_table(self)[0]

    def transitions(self, transitions: Transitions | None = None) -> pd.DataFrame:
        """The rows of ``transitions.csv``; without transitions net changes alone."""
        from gep.comparison.land_change import transitions_table

        return transitions_table(self, transitions)[0]

    @cached_property
    def mean_levels(self) -> Mapping[int, LineValues]:
        """The levels at normal climate, or the moving means: the mean of the accounts in ``normal``."""
        found = {}
        for year, accounts in self.normal.items():
            each = [
                _on_boundary(one, self.lines, self.shares[one.year], self.above) for one in accounts
            ]
            values = np.mean([one.values for one in each], axis=0)
            found[year] = LineValues(values, self.levels[year].valid, self.levels[year].gap)
        return found


def compare(
    *accounts: Account | Sequence[Account],
    pairs: Sequence[Pair] | None = None,
    allow: Collection[str] = (),
    changes: RegionChanges | None = None,
    normal: Mapping[int, Sequence[Account]] | None = None,
    moving_mean: int = 0,
) -> Comparison:
    """Compare accounts of different years, each given or in a list; ``ProblemsFound`` names everything that differs.

    ``pairs`` are the years compared (default: each with the next, and the first with the last; ``()``: none).
    ``allow`` names the aspects that may differ (``standard``, ``prices``, ...; see ``comparability.ASPECTS``).
    ``changes`` maps region codes of earlier years to the boundary of the last. ``normal`` gives for each year the
    account under the weather of each reference year (``normal_climate``); without it ``moving_mean`` takes the mean of
    so many years up to each.
    """
    problems = ProblemLog()
    listed = [one for some in accounts for one in ([some] if isinstance(some, Account) else some)]
    ordered = tuple(sorted(listed, key=lambda one: one.year))
    means = {year: tuple(some) for year, some in (normal or {}).items()}
    if not means and moving_mean:
        means = moving_means(ordered, moving_mean)
    wanted = _pairs(ordered, pairs, means if moving_mean and not normal else None, problems)
    problems.raise_errors()
    last = ordered[-1]
    shares, codes, mapped = _boundary(ordered, changes)
    found = differences(ordered, codes)
    if outside := _taken_in(ordered, changes):
        found["boundary"] = "; ".join(filter(None, [found.get("boundary", ""), outside]))
    check_comparable(found, allow, problems)
    problems.raise_errors()
    regions = list(dict.fromkeys(code for some in codes for code in some))
    above = parents_of(last.plan.regions, regions)
    lines = _union([_lines(account) for account in ordered], problems)
    problems.raise_errors()
    depth = [
        len(last.plan.regions.ancestors(code)) if last.plan.regions else 0 for code in above.codes
    ]
    wide = {
        year: _widened(matrix, codes[number], regions)
        for number, (year, matrix) in enumerate(shares.items())
    }
    return Comparison(
        ordered,
        wanted,
        lines,
        above,
        np.array([*regions, *above.codes], dtype=object),
        np.array([*[-1] * len(regions), *depth]),
        {
            account.year: _on_boundary(account, lines, wide[account.year], above)
            for account in ordered
        },
        wide,
        found,
        tuple(flags(ordered, found, mapped)),
        means,
        "normal_climate" if normal else "moving_mean" if means else "actual",
        changes,
        tuple(problems.warnings),
    )


def _pairs(
    accounts: Sequence[Account],
    pairs: Sequence[Pair] | None,
    means: Collection[int] | None,
    problems: ProblemLog,
) -> tuple[Pair, ...]:
    """The pairs of years, of those that have a mean where means are asked for."""
    years = [account.year for account in accounts if means is None or account.year in means]
    for year in sorted({year for year in years if years.count(year) > 1}):
        what = f"two accounts are of {year}"
        problems.add(
            "same-year", str(year), what, "compare accounts of different years, one of each"
        )
    if len(set(years)) < 2 and pairs != ():
        what = f"one year cannot be compared: {', '.join(map(str, years)) or 'none'}"
        problems.add(
            "missing-year", "years", what, "name two years or more in years of project.toml"
        )
    if pairs is None:
        both = [*pairwise(years), (years[0], years[-1])] if years else []
        return tuple(dict.fromkeys(both))
    for pair in pairs:
        for year in pair:
            if year not in years:
                fix = f"its years are: {', '.join(map(str, years))}"
                problems.add("missing-year", "--from, --to", f"there is no account of {year}", fix)
        if pair[0] >= pair[1]:
            what = f"from {pair[0]} to {pair[1]} does not go forward"
            problems.add("bad-year", "--from, --to", what, "name the earlier year with --from")
    return tuple(pairs)


def _boundary(
    accounts: Sequence[Account], changes: RegionChanges | None
) -> tuple[dict[int, np.ndarray], list[list[str]], bool]:
    """For each year its regions' shares in regions of the last year's boundary; these regions; whether any moved."""
    shares, codes, moved = {}, [], False
    for account in accounts:
        own = [str(code) for code in account.plan.extent.regions]
        if changes is None:
            shares[account.year], new = np.eye(len(own)), tuple(own)
        else:
            mapped = map_codes(changes, own, account.year, accounts[-1].year)
            shares[account.year], new = share_matrix(mapped, own)
        moved = moved or list(new) != own
        codes.append(list(new))
    return shares, codes, moved


def _taken_in(accounts: Sequence[Account], changes: RegionChanges | None) -> str:
    """Which regions of the boundary hold some that an account of an earlier year lacks."""
    told = []
    for account in accounts if changes is not None else ():
        assert changes is not None
        codes = [str(code) for code in account.plan.extent.regions]
        for new, others in absorbed_codes(changes, codes, account.year, accounts[-1].year).items():
            told.append(f"{new} holds {joined(others, ', ')}, which {account.year} lacks")
    return "; ".join(told)


def _widened(matrix: np.ndarray, codes: Sequence[str], regions: Sequence[str]) -> np.ndarray:
    """A share matrix with a column for every region of the comparison."""
    found = np.zeros((len(matrix), len(regions)))
    found[:, pd.Index(regions).get_indexer(pd.Index(codes))] = matrix
    return found


def _lines(account: Account) -> pd.DataFrame:
    meta = columns_of(account.plan, account.results, by_ecosystem=False).columns
    return lines_of(account.plan, meta, every=True).frame


def _union(frames: Sequence[pd.DataFrame], problems: ProblemLog) -> pd.DataFrame:
    """All lines of all accounts; a line has the unit of the first account that has it."""
    every = pd.concat(frames, ignore_index=True)
    first = every.drop_duplicates(LINE_COLUMNS[:-1])
    for one, unit in every.groupby(LINE_COLUMNS[:-1], sort=False)["unit"]:
        for other in unit.unique()[1:]:
            try:
                factor(other, unit.iloc[0])
            except UnitError as error:
                problems.add(
                    "wrong-dimension", " ".join(one), str(error), "compare accounts of one unit"
                )
    first = first[~single_item_lines(first)]
    order = first.groupby(["category", "indicator"], sort=False).ngroup().to_numpy()
    return first.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def _on_boundary(
    account: Account, lines: pd.DataFrame, shares: np.ndarray, above: ParentRegions
) -> LineValues:
    """The lines of an account, its regions mapped to the boundary, then parents; lines that it lacks are not valid."""
    block = columns_of(account.plan, account.results, by_ecosystem=False)
    own = lines_of(account.plan, block.columns, every=True)
    keys = LINE_COLUMNS[:-1]
    place = pd.MultiIndex.from_frame(lines[keys]).get_indexer(
        pd.MultiIndex.from_frame(own.frame[keys])
    )
    own, place = AccountLines(own.frame[place >= 0], own.picks[:, place >= 0]), place[place >= 0]
    used = (own.picks != 0).astype(float)
    scale = [
        factor(unit, lines["unit"].iloc[spot])
        for unit, spot in zip(own.frame["unit"], place, strict=True)
    ]
    parts = (
        line_values(account.plan, account.results, own) * scale,
        block.valid.astype(float) @ used > 0,
        block.gap.astype(float) @ used > 0,
    )
    moved = []
    for part in parts:
        wide = np.zeros((shares.shape[1], len(lines)), dtype=part.dtype)
        wide[:, place] = (
            shares.T @ part if part.dtype == float else (shares.T > 0).astype(float) @ part > 0
        )
        moved.append(roll_up(wide, above, "sum" if part.dtype == float else "any"))
    return LineValues(*moved)
