"""What a scheme is applied to (考核依据): accounts at several bases, readings, targets, groups, events."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from gep.assessment.events import ALL, Events, Groups, TermsOfOffice
from gep.assessment.pools import Pools
from gep.assessment.readings import Reading, ReadingValues, account_names, line_of
from gep.assessment.stocks import Causes, StockPrices, Stocks
from gep.assessment.targets import Targets
from gep.comparison.comparison import Comparison
from gep.errors import ProblemLog, Where
from gep.extent.regions import Regions
from gep.extent.transitions import Transitions
from gep.inputs.data import Data
from gep.inputs.value_rows import GRADE
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.texts.catalogue import Language
from gep.uncertainty.monte_carlo import SampledLines
from gep.units import UnitError, factor


@dataclass(frozen=True)
class SchemeScores:
    """The scores of a scheme that was applied before, for schemes that read them.

    Attributes
    ----------
    scheme : str
        Its id.
    evidence : str
        How well the scheme is known.
    ranking, scores : DataFrame
        Its tables ``ranking.csv`` and ``scores.csv``.
    """

    scheme: str
    evidence: str
    ranking: pd.DataFrame
    scores: pd.DataFrame


@dataclass(frozen=True)
class AssessmentContext:
    """All that schemes are applied to. ``regions`` are those that are scored: of the accounts, then of the rows."""

    years: tuple[int, ...]
    regions: tuple[str, ...]
    comparisons: Mapping[str, Comparison]  # basis -> the accounts of all years
    readings: Data
    targets: Targets | None = None
    groups: Groups | None = None
    events: Events | None = None
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # zh, en
    area: Mapping[str, float] = field(default_factory=dict)  # km2
    population: Mapping[str, float] = field(default_factory=dict)
    previous: Mapping[tuple[str, str], int] = field(
        default_factory=dict
    )  # scheme, region -> last year's rank
    stocks: Stocks | None = None
    causes: Causes | None = None
    stock_prices: StockPrices | None = None
    terms: TermsOfOffice | None = None
    pools: Pools | None = None
    region_table: Regions | None = None
    transitions: Transitions | None = None
    files: tuple[Path, ...] = ()
    draws: Mapping[str, SampledLines] = field(
        default_factory=dict
    )  # basis -> the accounts' lines at draws
    earlier_schemes: tuple[str, ...] = ()  # ids of the scoring schemes that are applied before
    earlier_scores: tuple[SchemeScores, ...] = ()  # and what came of them

    @cached_property
    def group(self) -> np.ndarray:
        """The group of each region."""
        of = self.groups.of if self.groups is not None else {}
        return np.array([of.get(code, ALL) for code in self.regions], dtype=object)

    def name(self, code: str, language: Language) -> str:
        """The name of a region in ``zh`` or ``en``, else its code."""
        return self.names.get(code, (code, code))[language != "zh"] or code

    def graded_rows(self) -> list[pd.DataFrame]:
        """The rows of all tables whose rows have a grade."""
        tables = (
            self.readings,
            self.targets,
            self.stocks,
            self.causes,
            self.stock_prices,
            self.pools,
        )
        return [table.rows for table in tables if table is not None and "grade" in table.rows]

    @cached_property
    def units(self) -> Mapping[str, Sequence[str]]:
        """The units of the data rows of each name."""
        rows = self.readings.rows
        if rows.empty:
            return {}
        return {
            str(name): list(units)
            for name, units in rows.groupby("name", sort=False)["unit"].unique().items()
        }

    @cached_property
    def twice(self) -> frozenset[str]:
        """The names of which a region has several data rows in a year, by substance or product, say."""
        rows = self.readings.rows
        return frozenset(rows.loc[rows.duplicated(["name", "region", "year"]).to_numpy(), "name"])

    def read(self, reading: Reading, unit: str, year: int) -> ReadingValues:
        """A reading in a year, in ``unit``. What there is none of is NaN. Raises ``UnitError``."""
        if reading.form == "mean":
            return self._mean(reading, unit, year)
        if reading.form == "growth":
            return self._growth(reading, unit, year)
        if reading.scheme:
            found = self._scheme(reading.scheme, unit, year)
        else:
            found = (
                self._data(reading.data, unit, year)
                if reading.data
                else self._account(reading, unit, year)
            )
        if reading.form == "level":
            return found
        sizes = self.area if reading.form == "per_km2" else self.population
        size = np.array([sizes.get(code, np.nan) for code in self.regions], dtype=float)
        return replace(found, value=found.value / np.where(size > 0, size, np.nan))

    def _growth(self, reading: Reading, unit: str, year: int) -> ReadingValues:
        """The growth since the year before, in ``unit``; from what is not above 0 there is none."""
        level, own = reading.model_copy(update={"form": "level"}), self.unit_of(reading) or unit
        found, before = self.read(level, own, year), self.year_before(reading, year)
        if before is None:
            return replace(found, value=np.full(len(self.regions), np.nan), unit=unit)
        earlier = self.read(level, own, before)
        with np.errstate(all="ignore"):
            growth = np.where(earlier.value > 0, found.value / earlier.value - 1, np.nan) * factor(
                "1", unit
            )
        where = np.where(found.where == "", "", found.where + " against " + earlier.where)
        return ReadingValues(growth, np.maximum(found.grade, earlier.grade), where, unit)

    def read_draws(self, reading: Reading, unit: str, year: int) -> np.ndarray | None:
        """A reading of the account at draws, draw x region; None where it is not drawn."""
        drawn = self.draws.get(reading.basis) if reading.account else None
        if drawn is None or year not in drawn.values or reading.form == "mean":
            return None
        growth = reading.form == "growth"
        own = (growth and self.unit_of(reading)) or unit
        level = self._level_draws(drawn, reading, own, year)
        if reading.form == "level" or level is None:
            return level
        if growth:
            before = self.year_before(reading, year)
            earlier = None if before is None else self._level_draws(drawn, reading, own, before)
            with np.errstate(all="ignore"):
                share = (
                    None if earlier is None else np.where(earlier > 0, level / earlier - 1, np.nan)
                )
            return None if share is None else share * factor("1", unit)
        sizes = self.area if reading.form == "per_km2" else self.population
        size = np.array([sizes.get(code, np.nan) for code in self.regions], dtype=float)
        return np.asarray(level / np.where(size > 0, size, np.nan))

    def _level_draws(
        self, drawn: SampledLines, reading: Reading, unit: str, year: int
    ) -> np.ndarray | None:
        found = self.comparisons[reading.basis]
        line = line_of(found, reading.account)
        row = found.lines.iloc[line or 0]
        same = (
            drawn.frame[["category", "indicator", "item"]] == row[["category", "indicator", "item"]]
        ).all(axis=1)
        if line is None or not same.any():
            return None
        values = drawn.values[year][:, :, int(np.flatnonzero(same.to_numpy())[0])] * factor(
            str(row["unit"]), unit
        )
        spots = drawn.codes.get_indexer(pd.Index(self.regions))
        return np.where(spots >= 0, values[:, spots], np.nan)

    def unit_of(self, reading: Reading) -> str:
        """The unit in which the levels behind a growth are compared; blank where nothing is read."""
        if reading.data:
            return next(iter(self.units.get(reading.data, ())), "")
        found = self.comparisons.get(reading.basis)
        line = line_of(found, reading.account) if found is not None else None
        return "" if line is None or found is None else str(found.lines["unit"].iloc[line])

    def narrowed(
        self, readings: Iterable[Reading], also: Collection[str] = ()
    ) -> "AssessmentContext":
        """The ground of the regions (and ``also``) and years of which anything is read; all where nothing is."""
        read, rows = list(readings), self.readings.rows
        mine = (
            rows[rows["name"].isin([one.data for one in read if one.data]).to_numpy()]
            if len(rows)
            else rows
        )
        regions, years = {*mine["region"], *also}, set(mine["year"])
        for basis in {one.basis for one in read if one.account} & set(self.comparisons):
            regions |= {str(code) for code in self.comparisons[basis].regions}
            years |= {account.year for account in self.comparisons[basis].accounts}
        for one in self.earlier_scores:
            if one.scheme in {reading.scheme for reading in read}:
                regions |= set(one.ranking["region"])
                years |= set(one.ranking["year"])
        there = tuple(code for code in self.regions if code in regions)
        then = tuple(year for year in self.years if year in years)
        return replace(self, regions=there or self.regions, years=then or self.years)

    def _mean(self, reading: Reading, unit: str, year: int) -> ReadingValues:
        """The mean of a reading in the assessed years up to one; of a region that lacks one of them there is none."""
        level = reading.model_copy(update={"form": "level"})
        each = [self.read(level, unit, one) for one in self.years if one <= year]
        value = np.mean([one.value for one in each], axis=0)
        grade = np.max([one.grade for one in each], axis=0)
        spots = [
            "; ".join(dict.fromkeys(some))
            for some in zip(*(one.where for one in each), strict=True)
        ]
        where = np.array([f"mean of {len(each)} years: {spot}" for spot in spots], dtype=object)
        return ReadingValues(value, grade, where, unit)

    def _scheme(self, name: str, unit: str, year: int) -> ReadingValues:
        """The scores of a scheme that was applied before."""
        value = np.full(len(self.regions), np.nan)
        grade = np.full(len(value), GRADE["derived"], dtype=np.uint8)
        for one in self.earlier_scores:
            if one.scheme == name:
                rows = one.ranking
                rows = rows[((rows["year"] == year) & (rows["score"] != "")).to_numpy()]
                scores = pd.Series(rows["score"].astype(float).to_numpy(), index=rows["region"])
                value = scores.reindex(list(self.regions)).to_numpy(dtype=float)
                grade = self._grade_of_scores(one, year)
        return ReadingValues(
            value, grade, np.full(len(value), f"ranking.csv of {name}", dtype=object), unit
        )

    def _grade_of_scores(self, one: SchemeScores, year: int) -> np.ndarray:
        """The worst grade behind a region's score: of the scheme's evidence and of its indicators and readings."""
        text = {"verified": "derived", "published": "derived"}.get(one.evidence, one.evidence)
        rows = one.scores
        rows = rows[((rows["year"] == year) & rows["grade"].isin(GRADE)).to_numpy()]
        worst = (
            rows["grade"]
            .map(GRADE)
            .groupby(rows["region"])
            .max()
            .reindex(list(self.regions))
            .fillna(0)
        )
        return np.asarray(np.maximum(worst.to_numpy(dtype=np.uint8), np.uint8(GRADE[text])))

    def year_before(self, reading: Reading, year: int) -> int | None:
        """The year that a growth is against; None where there is none."""
        rows = self.readings.rows
        if reading.data:
            own = rows.loc[(rows["name"] == reading.data).to_numpy(), "year"].unique().tolist()
        else:
            own = [account.year for account in self.comparisons[reading.basis].accounts]
        earlier = [int(one) for one in own if one < year]
        return max(earlier) if earlier else None

    def _data(self, name: str, unit: str, year: int) -> ReadingValues:
        rows = self.readings.of(year).get(name)
        value = np.full(len(self.regions), np.nan)
        grade, where = np.zeros(len(value), dtype=np.uint8), np.full(len(value), "", dtype=object)
        if rows is None:
            return ReadingValues(value, grade, where, unit)
        spots = self._spots.get_indexer(pd.Index(rows["region"]))
        scale, fine = factors(rows["unit"], unit), spots >= 0
        value[spots[fine]] = np.where(rows["na"], np.nan, rows["value"] * scale)[fine]
        grade[spots[fine]] = rows["grade"].to_numpy(dtype=np.uint8)[fine]
        lines = [
            f"{file} row {row}"
            for file, row in zip(rows["file"].tolist(), rows["row"].tolist(), strict=True)
        ]
        where[spots[fine]] = np.array(lines, dtype=object)[fine]
        return ReadingValues(value, grade, where, unit)

    @cached_property
    def _spots(self) -> pd.Index:
        return pd.Index(self.regions, dtype=object)

    def _account(self, reading: Reading, unit: str, year: int) -> ReadingValues:
        found = self.comparisons[reading.basis]
        value = np.full(len(self.regions), np.nan)
        grade, where = np.zeros(len(value), dtype=np.uint8), np.full(len(value), "", dtype=object)
        if year not in found.levels:
            return ReadingValues(value, grade, where, unit)
        levels = (
            found.mean_levels[year] if reading.basis == "normal_climate" else found.levels[year]
        )
        line = line_of(found, reading.account)
        assert line is not None
        scale = factor(str(found.lines["unit"].iloc[line]), unit)
        spots = pd.Index(found.codes).get_indexer(pd.Index(self.regions))
        own = np.where(levels.known[:, line], levels.values[:, line] * scale, np.nan)
        value[spots >= 0] = own[spots[spots >= 0]]
        shares = found.account(year).shares()["grade"]
        worst = max((GRADE[name] for name, share in shares.items() if share), default=0)
        grade[spots >= 0], where[spots >= 0] = (
            worst,
            f"account {year} {found.basis} {reading.account}",
        )
        return ReadingValues(value, grade, where, unit)


def check_reading(
    reading: Reading, unit: str, ground: AssessmentContext, where: Where, problems: ProblemLog
) -> None:
    """Whether a reading can be read: the account has it, its basis is there, data rows exist, units fit."""
    if reading.scheme:
        if reading.scheme not in ground.earlier_schemes:
            what = f"no scheme {reading.scheme!r} is named before this one"
            known = ", ".join(ground.earlier_schemes) or "none"
            problems.add(
                "unknown-reading",
                where,
                what,
                f"name it earlier in assessment.schemes; before it: {known}",
            )
        return
    if reading.form == "growth":
        _check_unit("1", unit, reading, where, problems)
    if reading.data:
        _check_rows(reading, unit, ground, where, problems)
        return
    found = ground.comparisons.get(reading.basis)
    if found is None:
        what = f"the project has no account at basis {reading.basis!r}"
        problems.add("unknown-reading", where, what, BASIS_FIX[reading.basis])
        return
    line = line_of(found, reading.account)
    if line is None:
        what = f"the account has nothing called {reading.account!r}"
        problems.add(
            "unknown-reading", where, what, suggestion(reading.account, account_names(found))
        )
        return
    if reading.form != "growth":
        _check_unit(str(found.lines["unit"].iloc[line]), unit, reading, where, problems)


def _check_rows(
    reading: Reading, unit: str, ground: AssessmentContext, where: Where, problems: ProblemLog
) -> None:
    """Data rows are there, one a region and year, in units that fit."""
    name = reading.data
    if name not in ground.units:
        fix = f"add rows of it to the readings; {suggestion(name, ground.units)}"
        problems.add("unknown-reading", where, f"no data row is called {name!r}", fix)
        return
    wanted = ground.units[name][0] if reading.form == "growth" else unit
    if name not in ground.twice and all(have == wanted for have in ground.units[name]):
        return
    rows = ground.readings.rows
    own = rows[(rows["name"] == name).to_numpy()]
    again = own[own.duplicated(["region", "year"]).to_numpy()]
    for file, some in again.groupby("file", sort=False):
        what = f"{name}: a region has several rows in a year, and a reading is one number"
        fix = "give the reading a name of its own, in one row for each region and year"
        problems.add("wrong-keys", row_place(str(file), some["row"]), what, fix)
    for (file, text), some in own.groupby(["file", "unit"], sort=False):
        _check_unit(str(text), wanted, reading, row_place(str(file), some["row"]), problems)


def factors(units: pd.Series, wanted: str) -> np.ndarray:
    """The factor of each unit of a column. Raises ``UnitError``."""
    codes, words = pd.factorize(units.to_numpy(dtype=object))
    each = np.array(
        [1.0 if word == wanted else factor(str(word), wanted) for word in words], dtype=float
    )
    return np.asarray(each[codes])


BASIS_FIX = {
    "project": "give the project years with areas",
    "current": "give the project years with areas",
    "constant": "set price_year in [project]",
    "normal_climate": "name normal = ... in [inputs]",
}


def _check_unit(
    have: str, wanted: str, reading: Reading, where: Where, problems: ProblemLog
) -> None:
    if have == wanted:
        return
    try:
        factor(have, wanted)
    except UnitError as error:
        problems.add(
            "wrong-dimension", where, f"{reading}: {error}", f"a unit like {wanted} is due"
        )


def regions_of(ground: AssessmentContext) -> Regions | None:
    """The table of regions: that of the accounts, else the table ``regions`` of the ground."""
    for found in ground.comparisons.values():
        if found.accounts[-1].plan.regions is not None:
            return found.accounts[-1].plan.regions
    return ground.region_table


def members_of(
    regions: Regions | None, codes: Sequence[str]
) -> tuple[dict[str, list[int]], list[str]]:
    """What each parent sums, as positions in ``codes``, and the parents that lack a region inside them.

    A parent is a sum only where every region inside it that has none inside itself is there, itself or a region above
    it. ``codes`` hold no region together with one above it.
    """
    if regions is None:
        return {}, []
    inner = set(regions.parent.values())
    leaves = [str(code) for code in regions.frame.index if code not in inner]
    have = {code: position for position, code in enumerate(codes)}
    sums: dict[str, list[int]] = {}
    for code in codes:
        for parent in regions.ancestors(code):
            sums.setdefault(parent, []).append(have[code])
    short = {
        parent
        for leaf in leaves
        for parent in regions.ancestors(leaf)
        if parent in sums and not any(one in have for one in (leaf, *_below(regions, leaf, parent)))
    }
    order = [str(code) for code in regions.frame.index if code in sums]
    return {code: sums[code] for code in order if code not in short}, [
        code for code in order if code in short
    ]


def _below(regions: Regions, leaf: str, parent: str) -> list[str]:
    """The regions between a region and one above it."""
    between = regions.ancestors(leaf)
    return between[: between.index(parent)]


def regions_at_two_levels(regions: Regions | None, codes: Sequence[str]) -> Mapping[str, list[str]]:
    """The regions that are given together with some inside them, which are named."""
    found: dict[str, list[str]] = {}
    if regions is not None:
        have = set(codes)
        for code in codes:
            for parent in regions.ancestors(code):
                if parent in have:
                    found.setdefault(parent, []).append(code)
    return found
