"""The panel (面板数据): accounts of several years side by side, on the boundary of the last year.

The module owns the comparison's regions, lines and levels, the mapping of earlier regions to the
boundary of the last year, and two accounts' plans on that boundary. Tables and decompositions take
a ``Panel`` and are left to their own modules; ``comparison`` puts them on top.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

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
    sums_of_parts,
)
from gep.comparison.comparability import (
    Clauses,
    check_comparable,
    differences,
    flags,
)
from gep.errors import Problem, ProblemLog
from gep.extent.region_changes import RegionChanges, absorbed_codes, map_codes, share_matrix
from gep.extent.regions import region_label
from gep.plan.alignment import align_plans, relabel_regions
from gep.plan.plan import Plan
from gep.texts.catalogue import Label, Language, Sayable, counted, text
from gep.units import UnitError, factor

Pair = tuple[int, int]  # the earlier and the later of two years

_LINE_KEYS = LINE_COLUMNS[:-1]  # without the unit


@dataclass(frozen=True)
class Panel:
    """Accounts by year with their lines, all on the boundary of the last year.

    Attributes
    ----------
    accounts : tuple of Account
        In the order of their years.
    pairs : tuple of (int, int)
        The years that are compared, the earlier first.
    lines : DataFrame
        The lines of all accounts, columns ``LINE_COLUMNS``.
    above : ParentRegions
        The parents of the regions.
    codes : ndarray of str
        The regions on the boundary, then their parents.
    depth : ndarray of int
        For each of ``codes`` the number of levels above it; -1 for regions.
    levels : mapping of int to LineValues
        By year the values of the lines, codes x lines, each line in its unit.
    shares : mapping of int to ndarray
        By year the shares of the account's own regions in the regions on the boundary, own regions
        x regions, between 0 and 1.
    differs : mapping of str to str
        The aspects that were allowed to differ, and in English how the accounts differ in them.
    flags : tuple of str
        The flags that every row carries.
    normal : mapping of int to tuple of Account
        By year the accounts whose mean is the level at normal climate, or the moving mean.
    climate : str
        What ``normal`` is: ``actual`` (nothing), ``normal_climate`` or ``moving_mean``.
    changes : RegionChanges, optional
        The changes of region codes by which earlier regions were mapped.
    warnings : tuple of Problem
    """

    accounts: tuple[Account, ...]
    pairs: tuple[Pair, ...]
    lines: pd.DataFrame
    above: ParentRegions
    codes: np.ndarray
    depth: np.ndarray
    levels: Mapping[int, LineValues]
    shares: Mapping[int, np.ndarray]
    differs: Mapping[str, str]
    flags: tuple[str, ...]
    normal: Mapping[int, tuple[Account, ...]] = field(default_factory=dict)
    climate: str = "actual"
    changes: RegionChanges | None = None
    warnings: tuple[Problem, ...] = ()
    # cache of `between`: the one part of this frozen value that changes
    _panels: dict[Pair, "Panel"] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __repr__(self) -> str:
        """Return the standard, the years, the price basis and the number of regions."""
        kind = type(self).__name__
        standard = self.accounts[-1].plan.standard.id
        years = ", ".join(str(account.year) for account in self.accounts)
        regions = counted(len(self.regions), "region")
        return f"<{kind} of {standard}, {years}, {self.basis}, {regions}>"

    @property
    def basis(self) -> str:
        """The price basis: ``current`` or ``constant:2016``; several where they differ."""
        return ";".join(dict.fromkeys(account.plan.price_basis.code for account in self.accounts))

    @property
    def boundary(self) -> int:
        """The year on whose boundary the accounts are compared."""
        return self.accounts[-1].year

    @property
    def regions(self) -> np.ndarray:
        """The regions on the boundary, without parents."""
        return self.codes[self.depth < 0]

    @property
    def money(self) -> np.ndarray:
        """The positions of the lines that are values of an indicator, category or total."""
        is_value = self.lines["kind"] == "value"
        is_item = self.lines["item"] != ""
        return np.flatnonzero((is_value & ~is_item).to_numpy())

    @cached_property
    def headline(self) -> int | None:
        """The position of the headline's line; None where the standard gives quantities only."""
        has_total = (self.lines["category"] == TOTAL).any()
        return self.position(TOTAL) if has_total else None

    @cached_property
    def sums_of_parts(self) -> np.ndarray:
        """The positions of the lines that are sums of parts: see ``Plan.sums_of_parts``.

        A parent's figure in these lines, totals and categories among them, is the sum of its
        regions, not a result of the method.
        """
        steps: set[tuple[str, str]] = set()
        indicators: set[str] = set()
        sums: set[str] = set()
        for account in self.accounts:
            sums |= sums_of_parts(account.plan)
            for name in account.plan.sums_of_parts:
                step = account.plan.step(name)
                if step.indicator is None:
                    continue
                steps.add((step.indicator.id, step.step.id))
                if step.step.kind == "value":
                    indicators.add(step.indicator.id)
        step_names = self.lines["item"].str.extract(r"^step=([^;]*)")[0]
        is_sum = []
        keys = zip(self.lines["category"], self.lines["indicator"], step_names, strict=True)
        for category, indicator, step_name in keys:
            if isinstance(step_name, str):
                is_sum.append((indicator, step_name) in steps)
            elif indicator == TOTAL:
                is_sum.append(category in sums)
            else:
                is_sum.append(indicator in indicators)
        return np.flatnonzero(is_sum)

    @cached_property
    def mean_levels(self) -> Mapping[int, LineValues]:
        """By year the mean levels of the accounts in ``normal``."""
        means = {}
        for year, accounts in self.normal.items():
            values = []
            for account in accounts:
                levels = _levels_on_boundary(
                    account,
                    lines=self.lines,
                    shares=self.shares[account.year],
                    parents=self.above,
                )
                values.append(levels.values)
            means[year] = LineValues(
                values=np.mean(values, axis=0),
                valid=self.levels[year].valid,
                gap=self.levels[year].gap,
            )
        return means

    def account(self, year: int) -> Account:
        """Return the account of a year."""
        return next(account for account in self.accounts if account.year == year)

    def names(self, language: Language) -> dict[str, str]:
        """Return the names of regions and parents by code."""
        regions = self.accounts[-1].plan.regions
        names = {}
        for code in map(str, self.codes):
            names[code] = code if regions is None else regions.name(code, language)
        return names

    def label(self, code: str) -> Label:
        """Return the code of a region or parent with its name."""
        return region_label(str(code), self.accounts[-1].plan.regions)

    def indicator_label(self, indicator: str) -> Label:
        """Return the id of an indicator with its title, that of the latest account that has it."""
        for account in reversed(self.accounts):
            for spec in account.plan.standard.spec.indicator:
                if spec.id == indicator:
                    return Label(indicator, spec.name)
        return Label(indicator)

    def position(self, category: str, indicator: str = TOTAL, item: str = "") -> int:
        """Return the position of a line; a total or category is named by its category alone."""
        lines = self.lines
        is_line = lines["category"] == category
        is_line &= lines["indicator"] == indicator
        is_line &= lines["item"] == item
        return int(np.flatnonzero(is_line.to_numpy())[0])

    def between(self, pair: Pair) -> "Panel":
        """Return the panel up to the later year of a pair, on the boundary of that year.

        Regions that were merged or split after the later year are apart there. The panel itself is
        returned where it has no changes of regions.
        """
        if self.changes is None:
            return self
        if pair not in self._panels:
            earlier = [account for account in self.accounts if account.year <= pair[1]]
            normal = {year: accounts for year, accounts in self.normal.items() if year in pair}
            self._panels[pair] = build_panel(
                earlier,
                pairs=(pair,),
                allow=self.differs,
                changes=self.changes,
                normal=normal,
                climate=self.climate,
            )
        return self._panels[pair]

    def map_regions(self, panel: "Panel", pair: Pair) -> np.ndarray:
        """Return the shares of the regions of ``between(pair)`` in the regions of this panel.

        Parameters
        ----------
        panel : Panel
            The panel of ``between(pair)``.
        pair : (int, int)

        Returns
        -------
        ndarray of float
            Regions of ``panel`` x regions of this panel, between 0 and 1.
        """
        if panel is self:
            return np.eye(len(self.regions))
        _, last_year = pair
        last_regions = self.account(last_year).plan.extent.regions
        account_codes = pd.Index([str(code) for code in last_regions])
        boundary_codes = pd.Index(self.regions)
        shares = np.zeros((len(panel.regions), len(boundary_codes)))
        for position, code in enumerate(panel.regions):
            if code in account_codes:
                row = account_codes.get_loc(code)
                shares[position] = self.shares[last_year][row]
            elif code in boundary_codes:
                column = boundary_codes.get_loc(code)
                shares[position, column] = 1.0
        return shares

    def map_amounts(self, panel: "Panel", pair: Pair, amounts: np.ndarray) -> np.ndarray:
        """Bring amounts of the regions of ``between(pair)`` to the regions and lines of this panel.

        Parameters
        ----------
        panel : Panel
            The panel of ``between(pair)``.
        pair : (int, int)
        amounts : ndarray of float
            Regions x lines of ``panel``, quantities that can be added over regions.

        Returns
        -------
        ndarray of float
            Regions x lines of this panel; 0 for lines that ``panel`` does not have.
        """
        on_lines = reindex_lines(self.lines, panel.lines, amounts)
        shares = self.map_regions(panel, pair)
        return np.asarray(shares.T @ on_lines)


# --- building a panel ----------------------------------------------------------------------------


def build_panel(
    accounts: Sequence[Account],
    *,
    pairs: Sequence[Pair],
    allow: Collection[str],
    changes: RegionChanges | None,
    normal: Mapping[int, tuple[Account, ...]],
    climate: str,
) -> Panel:
    """Put accounts side by side on the boundary of the last year.

    Parameters
    ----------
    accounts : sequence of Account
        One a year, in the order of their years.
    pairs : sequence of (int, int)
        The years to compare; both have an account.
    allow : collection of str
        The aspects that may differ; see ``comparability.ASPECTS``.
    changes : RegionChanges or None
        Changes of region codes; without them regions are the same where their codes are.
    normal : mapping of int to tuple of Account
    climate : str
        See ``Panel``.

    Returns
    -------
    Panel

    Raises
    ------
    ProblemsFound
        ``not-comparable`` and ``unknown-option`` (see ``check_comparable``), and
        ``wrong-dimension`` where the units of a line do not convert into each other.
    """
    problems = ProblemLog()
    regions = accounts[-1].plan.regions
    mapped = _map_to_boundary(accounts, changes)
    differing = differences(accounts, mapped.codes)
    absorbed = _absorbed_regions(accounts, changes)
    if absorbed:
        boundary = differing.get("boundary", Clauses(())).clauses
        differing["boundary"] = Clauses((*boundary, *absorbed))
    check_comparable(differing, allow, problems)
    problems.raise_errors()
    parents = parents_of(regions, mapped.regions)
    lines = _all_lines(accounts, problems)
    problems.raise_errors()
    depth = [-1 for _ in mapped.regions]
    for code in parents.codes:
        depth.append(len(regions.ancestors(code)) if regions else 0)
    levels = {}
    for account in accounts:
        levels[account.year] = _levels_on_boundary(
            account,
            lines=lines,
            shares=mapped.shares[account.year],
            parents=parents,
        )
    return Panel(
        accounts=tuple(accounts),
        pairs=tuple(pairs),
        lines=lines,
        above=parents,
        codes=np.array([*mapped.regions, *parents.codes], dtype=object),
        depth=np.array(depth),
        levels=levels,
        shares=mapped.shares,
        differs={aspect: difference.say("en") for aspect, difference in differing.items()},
        flags=tuple(flags(accounts, differing, mapped.is_mapped)),
        normal=normal,
        climate=climate,
        changes=changes,
        warnings=tuple(problems.warnings),
    )


@dataclass(frozen=True)
class _MappedRegions:
    """The regions of all accounts on the boundary of the last year.

    Attributes
    ----------
    regions : list of str
        The regions of any account on the boundary.
    codes : list of tuple of str
        For each account its regions on the boundary.
    shares : dict of int to ndarray
        By year the account's own regions x ``regions``.
    is_mapped : bool
        Whether the regions of any account have other codes on the boundary.
    """

    regions: list[str]
    codes: list[tuple[str, ...]]
    shares: dict[int, np.ndarray]
    is_mapped: bool


def _map_to_boundary(accounts: Sequence[Account], changes: RegionChanges | None) -> _MappedRegions:
    """Map the regions of each account to the boundary of the last year."""
    boundary_year = accounts[-1].year
    codes: list[tuple[str, ...]] = []
    matrices: list[np.ndarray] = []
    is_mapped = False
    for account in accounts:
        account_codes = tuple(str(code) for code in account.plan.extent.regions)
        if changes is None:
            boundary_codes = account_codes
            matrix = np.eye(len(account_codes))
        else:
            mapping = map_codes(changes, account_codes, account.year, boundary_year)
            matrix, boundary_codes = share_matrix(mapping, account_codes)
        codes.append(boundary_codes)
        matrices.append(matrix)
        if boundary_codes != account_codes:
            is_mapped = True
    regions = list(dict.fromkeys(chain.from_iterable(codes)))
    region_index = pd.Index(regions)
    shares = {}
    for account, boundary_codes, matrix in zip(accounts, codes, matrices, strict=True):
        columns = region_index.get_indexer(pd.Index(boundary_codes))
        wide = np.zeros((len(matrix), len(regions)))
        wide[:, columns] = matrix
        shares[account.year] = wide
    return _MappedRegions(
        regions=regions,
        codes=codes,
        shares=shares,
        is_mapped=is_mapped,
    )


def _absorbed_regions(accounts: Sequence[Account], changes: RegionChanges | None) -> list[Sayable]:
    """Word which regions of the boundary contain a region that an earlier account does not have."""
    clauses: list[Sayable] = []
    if changes is None:
        return clauses
    table = accounts[-1].plan.regions
    for account in accounts:
        codes = [str(code) for code in account.plan.extent.regions]
        absorbed = absorbed_codes(changes, codes, account.year, accounts[-1].year)
        for code, missing in absorbed.items():
            clause = text(
                "comparison.difference.absorbed",
                region=region_label(code, table),
                missing=[region_label(name, table) for name in missing],
                year=account.year,
            )
            clauses.append(clause)
    return clauses


def _all_lines(accounts: Sequence[Account], problems: ProblemLog) -> pd.DataFrame:
    """Gather the lines of all accounts; a line has the unit of the first account that has it.

    Adds ``wrong-dimension`` to ``problems`` where the unit of another account does not convert to
    it.
    """
    frames = []
    for account in accounts:
        columns = columns_of(account.plan, account.results, by_ecosystem=False).columns
        frames.append(lines_of(account.plan, columns, every=True).frame)
    rows = pd.concat(frames, ignore_index=True)
    for line, units in rows.groupby(_LINE_KEYS, sort=False)["unit"]:
        first_unit, *other_units = units.unique()
        for unit in other_units:
            try:
                factor(unit, first_unit)
            except UnitError:
                problems.add(
                    "wrong-dimension",
                    " ".join(line),
                    "comparison.wrong-dimension",
                    first=first_unit,
                    unit=unit,
                )
    lines = rows.drop_duplicates(_LINE_KEYS)
    lines = lines[~single_item_lines(lines)]
    by_indicator = lines.groupby(["category", "indicator"], sort=False)
    number = by_indicator.ngroup().to_numpy()
    order = np.argsort(number, kind="stable")
    lines = lines.iloc[order]
    return lines.reset_index(drop=True)


def _levels_on_boundary(
    account: Account, lines: pd.DataFrame, shares: np.ndarray, parents: ParentRegions
) -> LineValues:
    """Return the lines of an account on the boundary, regions and parents x lines.

    Parameters
    ----------
    account : Account
    lines : DataFrame
        The lines of the panel; those that the account does not have are not valid.
    shares : ndarray of float
        The account's regions x regions on the boundary.
    parents : ParentRegions
        The parents of the regions on the boundary.

    Returns
    -------
    LineValues
        In the units of ``lines``.
    """
    columns = columns_of(account.plan, account.results, by_ecosystem=False)
    account_lines = lines_of(account.plan, columns.columns, every=True)
    account_keys = pd.MultiIndex.from_frame(account_lines.frame[_LINE_KEYS])
    panel_keys = pd.MultiIndex.from_frame(lines[_LINE_KEYS])
    positions = panel_keys.get_indexer(account_keys)
    is_shown = positions >= 0
    positions = positions[is_shown]
    account_lines = AccountLines(
        frame=account_lines.frame[is_shown],
        picks=account_lines.picks[:, is_shown],
    )
    scale = []
    panel_units = lines["unit"].iloc[positions]
    for unit, panel_unit in zip(account_lines.frame["unit"], panel_units, strict=True):
        scale.append(factor(unit, panel_unit))
    values = line_values(account.plan, account.results, account_lines)
    values = values * scale
    uses = (account_lines.picks != 0).astype(float)
    valid = columns.valid.astype(float) @ uses > 0
    gap = columns.gap.astype(float) @ uses > 0
    takes = (shares.T > 0).astype(float)
    count = len(lines)
    mapped_values = _widen(shares.T @ values, positions, count)
    mapped_valid = _widen(takes @ valid > 0, positions, count)
    mapped_gap = _widen(takes @ gap > 0, positions, count)
    return LineValues(
        values=roll_up(mapped_values, parents, "sum"),
        valid=roll_up(mapped_valid, parents, "any"),
        gap=roll_up(mapped_gap, parents, "any"),
    )


def _widen(matrix: np.ndarray, positions: np.ndarray, count: int) -> np.ndarray:
    """Put the columns of a matrix at their positions among ``count``; the rest is 0 or False."""
    wide = np.zeros((len(matrix), count), dtype=matrix.dtype)
    wide[:, positions] = matrix
    return wide


def known_values(levels: LineValues, missing: float) -> np.ndarray:
    """Return the values of lines where they are known, else ``missing``."""
    return np.where(levels.known, levels.values, missing)


# --- two accounts of a panel ---------------------------------------------------------------------


def stable_regions(panel: Panel, pair: Pair) -> np.ndarray:
    """Find the regions that are one and the same whole region in both years.

    Parameters
    ----------
    panel : Panel
    pair : (int, int)

    Returns
    -------
    ndarray of bool
        For each region of the panel; False where it was merged or split, or is missing in a year.
    """
    stable = np.ones(len(panel.regions), dtype=bool)
    for year in pair:
        shares = panel.shares[year]
        has_part = shares > 0
        goes_to_one = has_part.sum(axis=1) == 1
        comes_from_one = has_part.sum(axis=0) == 1
        is_whole = (shares == 1) & goes_to_one[:, None]
        is_one_whole = is_whole.sum(axis=0) == 1
        stable &= is_one_whole & comes_from_one
    return stable


def pair_plans(panel: Panel, first: Account, last: Account) -> tuple[Plan, Plan, AccountLines]:
    """Bring the plans of two accounts to the regions of a panel, position by position.

    Parameters
    ----------
    panel : Panel
    first, last : Account
        Accounts of years of the panel.

    Returns
    -------
    first, last : Plan
        The plans with the same regions, ecosystem types and members; the steps that both have.
    lines : AccountLines
        The lines of these plans.
    """
    regions = [str(code) for code in panel.regions]
    plans = [
        _with_boundary_codes(panel, first),
        _with_boundary_codes(panel, last),
    ]
    first_plan, last_plan = align_plans(plans, regions)
    no_results = {}
    for step in first_plan.steps:
        no_results[step.name] = np.zeros(step.valid.shape)
    columns = columns_of(first_plan, no_results, by_ecosystem=False).columns
    return first_plan, last_plan, lines_of(first_plan, columns)


def _with_boundary_codes(panel: Panel, account: Account) -> Plan:
    """Return an account's plan, renamed regions under their code on the panel's boundary."""
    shares = panel.shares[account.year]
    has_part = shares > 0
    is_whole = shares == 1
    codes = [str(code) for code in account.plan.extent.regions]
    for position in np.flatnonzero(is_whole.any(axis=1)):
        column = int(np.argmax(is_whole[position]))
        parts = has_part[:, column].sum()
        if parts == 1:
            codes[position] = str(panel.regions[column])
    return relabel_regions(account.plan, codes)
