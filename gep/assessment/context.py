"""What schemes are applied to (考核依据): accounts, readings, targets and other tables.

The module owns the context of an assessment, how readings are read from it, and which regions a
parent region sums. ``gep.assessment.apply`` puts the context together.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.assessment.decided import UNDECIDED, Decided
from gep.assessment.events import ALL, Events, Groups, TermsOfOffice
from gep.assessment.pools import Pools
from gep.assessment.published import Publication
from gep.assessment.readings import (
    AGAINST,
    GROWTHS,
    PER,
    SINCE_BEFORE,
    SIZES,
    Form,
    Reading,
    ReadingValues,
    line_of,
)
from gep.assessment.registers import Register
from gep.assessment.stocks import Causes, StockPrices, Stocks
from gep.assessment.targets import Targets
from gep.comparison.comparison import Comparison
from gep.extent.regions import Regions
from gep.extent.transitions import Transitions
from gep.inputs.data import Data
from gep.inputs.value_rows import GRADE
from gep.io.toml_documents import Title
from gep.standards.standard import StandardSpec
from gep.texts.catalogue import Label, Language, counted
from gep.uncertainty.monte_carlo import SampledLines
from gep.units import factor

_LINE_KEYS = ["category", "indicator", "item"]


@dataclass(frozen=True)
class AssessmentContext:
    """All that schemes are applied to.

    Attributes
    ----------
    years : tuple of int
        The assessed years, ascending.
    regions : tuple of str
        Codes of the assessed regions: those of the accounts, then those that only readings name.
    comparisons : mapping of str to Comparison
        The accounts of all years, by basis (``gep.assessment.readings.Basis``).
    readings : Data
    targets : Targets or None
    groups : Groups or None
    events : Events or None
    names : mapping of str to Title
        Names of regions, by code.
    area : mapping of str to float
        km2, by region.
    population : mapping of str to float
        Persons, by region.
    previous : mapping of (str, str, int) to int
        Ranks of earlier assessments, by scheme, region and year; year 0 where none is stated.
    stocks : Stocks or None
    causes : Causes or None
    stock_prices : StockPrices or None
    terms : TermsOfOffice or None
    pools : Pools or None
    register : Register or None
    region_table : Regions or None
        The project's table of regions; where there are accounts, theirs is used.
    transitions : Transitions or None
    files : tuple of Path
        The files of all tables.
    draws : mapping of str to SampledLines
        The lines of the accounts at draws, by basis.
    publications : mapping of str to Publication
        What the schemes of the project publish, by id, with their results once they were applied.
    scheme_years : mapping of str to tuple of int
        The assessed years of the schemes, by id.
    decided : Decided
        What a review decided on the results of the scheme.
    """

    years: tuple[int, ...]
    regions: tuple[str, ...]
    comparisons: Mapping[str, Comparison]
    readings: Data
    targets: Targets | None = None
    groups: Groups | None = None
    events: Events | None = None
    names: Mapping[str, Title] = field(default_factory=dict)
    area: Mapping[str, float] = field(default_factory=dict)
    population: Mapping[str, float] = field(default_factory=dict)
    previous: Mapping[tuple[str, str, int], int] = field(default_factory=dict)
    stocks: Stocks | None = None
    causes: Causes | None = None
    stock_prices: StockPrices | None = None
    terms: TermsOfOffice | None = None
    pools: Pools | None = None
    register: Register | None = None
    region_table: Regions | None = None
    transitions: Transitions | None = None
    files: tuple[Path, ...] = ()
    draws: Mapping[str, SampledLines] = field(default_factory=dict)
    publications: Mapping[str, Publication] = field(default_factory=dict)
    scheme_years: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    decided: Decided = UNDECIDED
    _sizes: dict[tuple[Form, int], pd.DataFrame] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    # what was read already: explanations read the same again for each region
    _read: dict[tuple[Reading, str, int], ReadingValues] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def years_of(self, scheme: str) -> tuple[int, ...]:
        """Return the years that a scheme assesses: its own, else those of the assessment."""
        return self.scheme_years.get(scheme, self.years)

    def for_scheme(self, scheme: str) -> "AssessmentContext":
        """Return the context as a scheme has it, with its years."""
        return replace(self, years=self.years_of(scheme))

    def ranks_before(self, scheme: str, year: int) -> dict[str, int]:
        """Return the ranks of regions in earlier assessments of a scheme.

        Parameters
        ----------
        scheme : str
        year : int
            Of the years before it, the last in which a region has a rank counts.

        Returns
        -------
        dict of str to int
        """
        ranks: dict[str, int] = {}
        for (of_scheme, region, of_year), rank in sorted(self.previous.items()):
            if of_scheme == scheme and of_year < year:
                ranks[region] = rank
        return ranks

    @property
    def account_standard(self) -> StandardSpec | None:
        """The standard of the accounts; None without accounts."""
        comparison = self.comparisons.get("project")
        return None if comparison is None else comparison.accounts[-1].plan.standard.spec

    @cached_property
    def group(self) -> np.ndarray:
        """The group of each region; ``ALL`` for regions that are in none."""
        groups = {} if self.groups is None else self.groups.of
        names = [groups.get(code, ALL) for code in self.regions]
        return np.array(names, dtype=object)

    def name(self, code: str, language: Language) -> str:
        """Return the name of a region in a language, else its code."""
        if code not in self.names:
            return code
        return self.names[code].say(language) or code

    def codes_called(self, word: str) -> list[str]:
        """Return the assessed regions whose code or name, in a language, is a word.

        Parameters
        ----------
        word : str

        Returns
        -------
        list of str
            The region of that code alone, where there is one.
        """
        if word in self.regions:
            return [word]
        names = {code: (self.name(code, "zh"), self.name(code, "en")) for code in self.regions}
        return [code for code in self.regions if word in names[code]]

    def label(self, code: str) -> Label:
        """Return a region with its name, for messages."""
        return Label(code, self.names.get(code))

    @cached_property
    def data_units(self) -> Mapping[str, Sequence[str]]:
        """The units of the data rows, by name."""
        rows = self.readings.rows
        if rows.empty:
            return {}
        units = rows.groupby("name", sort=False, observed=True)["unit"].unique()
        return {str(name): list(of_name) for name, of_name in units.items()}

    @cached_property
    def repeated_names(self) -> frozenset[str]:
        """The names of which a region has several data rows in a year, by substance, say."""
        rows = self.readings.rows
        is_repeated = rows.duplicated(["name", "region", "year"])
        repeated = rows[is_repeated.to_numpy()]
        return frozenset(repeated["name"])

    def limited_to(
        self, readings: Iterable[Reading], also: Collection[str] = ()
    ) -> "AssessmentContext":
        """Limit the context to the regions and years that have data for any of some readings.

        Parameters
        ----------
        readings : iterable of Reading
        also : collection of str, optional
            Regions that remain in any case.

        Returns
        -------
        AssessmentContext
            All regions, or all years, where there is no data at all.
        """
        names: set[str] = set()
        bases: set[str] = set()
        published: set[tuple[str, int]] = set()
        for reading in readings:
            if reading.data:
                names.add(reading.data)
            elif reading.scheme:
                published.update(self._published(reading).index)
            else:
                bases.add(reading.basis)
        rows = self.readings.rows
        if len(rows):
            is_read = rows["name"].isin(names)
            rows = rows[is_read.to_numpy()]
        regions = {*rows["region"], *also}
        years = set(rows["year"])
        for basis, comparison in self.comparisons.items():
            if basis in bases:
                regions.update(map(str, comparison.regions))
                years.update(account.year for account in comparison.accounts)
        for code, year in published:
            regions.add(code)
            years.add(year)
        with_data = tuple(code for code in self.regions if code in regions)
        years_with_data = tuple(year for year in self.years if year in years)
        return replace(
            self,
            regions=with_data or self.regions,
            years=years_with_data or self.years,
        )

    def read(self, reading: Reading, unit: str, year: int) -> ReadingValues:
        """Read a reading in a year.

        Parameters
        ----------
        reading : Reading
        unit : str
            Unit of the result. With ``per_km2`` and ``per_capita`` it is that of the level.
        year : int

        Returns
        -------
        ReadingValues
            By region of the context.

        Raises
        ------
        UnitError
            If what is read cannot be converted to ``unit``.
        """
        key = (reading, unit, year)
        if key not in self._read:
            values = self._read_anew(reading, unit, year)
            decided = self.decided.with_readings(
                reading, year, values.unit, self.regions, values.value
            )
            where = self.decided.with_places(reading, year, self.regions, values.where)
            values = replace(values, value=decided, where=where)
            for array in (values.value, values.grade, values.where):
                array.flags.writeable = False  # all who read it share it
            self._read[key] = values
        return self._read[key]

    def _read_anew(self, reading: Reading, unit: str, year: int) -> ReadingValues:
        """Read a reading in a year."""
        if reading.form == "mean":
            return self._read_mean(reading, unit, year)
        if reading.form in SINCE_BEFORE:
            return self._read_growth(reading, unit, year)
        level = self._read_level(reading, unit, year)
        if reading.form == "level":
            return level
        size = self.sizes_of(reading.form, year)
        codes = list(self.regions)
        grades = size["grade"].reindex(codes, fill_value=0).to_numpy(dtype=np.uint8)
        places = size["where"].reindex(codes, fill_value="").to_numpy(dtype=object)
        is_said = (level.where != "") & (places != "")
        return replace(
            level,
            value=level.value / self._divisors(reading.form, year),
            grade=np.maximum(level.grade, grades),
            where=np.where(is_said, level.where + PER + places, level.where),
        )

    def _read_level(self, reading: Reading, unit: str, year: int) -> ReadingValues:
        """Read the level behind a reading, whatever its form."""
        if reading.scheme:
            return self._read_scheme(reading, unit, year)
        if reading.data:
            return self._read_data(reading.data, unit, year)
        return self._read_account(reading, unit, year)

    def _read_mean(self, reading: Reading, unit: str, year: int) -> ReadingValues:
        """Read the mean of the assessed years up to one; NaN for regions without one of them."""
        level_reading = reading.model_copy(update={"form": "level"})
        value = []
        grade = []
        where = []
        years = self.years
        if reading.scheme:  # the years of the scheme that is read, which may be more
            years = tuple(self._published_years(reading))
        for assessed in years:
            if assessed <= year:
                level = self.read(level_reading, unit, assessed)
                value.append(level.value)
                grade.append(level.grade)
                where.append(level.where)
        if not value:
            return self._unread(unit)
        mean_where = np.full(len(self.regions), "", dtype=object)
        for position in range(len(self.regions)):
            places = dict.fromkeys(of_year[position] for of_year in where)
            listed = "; ".join(places)
            mean_where[position] = f"mean of {counted(len(where), 'year')}: {listed}"
        return ReadingValues(
            np.mean(value, axis=0),
            np.max(grade, axis=0),
            mean_where,
            unit,
        )

    def _read_growth(self, reading: Reading, unit: str, year: int) -> ReadingValues:
        """Read the growth or change since the previous year.

        A growth is NaN if the previous level is not above 0.
        """
        is_growth = reading.form in GROWTHS
        level_reading = reading.model_copy(update={"form": "level"})
        level_unit = (self._level_unit(reading) if is_growth else "") or unit
        level = self.read(level_reading, level_unit, year)
        previous_year = self.year_before(reading, year)
        if previous_year is None:
            unknown = np.full(len(self.regions), np.nan)
            return replace(level, value=unknown, unit=unit)
        previous = self.read(level_reading, level_unit, previous_year)
        compared = level.where + AGAINST + previous.where
        is_unread = level.where == ""
        moved = level.value - previous.value
        if is_growth:
            exponent = self._exponent(reading, year)
            moved = _growth(level.value, previous.value, unit, exponent)
        return ReadingValues(
            moved,
            np.maximum(level.grade, previous.grade),
            np.where(is_unread, "", compared),
            unit,
        )

    def year_before(self, reading: Reading, year: int) -> int | None:
        """Return the year that a growth or change is against: the previous one with numbers.

        Parameters
        ----------
        reading : Reading
        year : int

        Returns
        -------
        int or None
            None if there is no previous year.
        """
        if reading.data:
            rows = self.readings.rows
            is_read = rows["name"] == reading.data
            rows = rows[is_read.to_numpy()]
            years = rows["year"].tolist()
        elif reading.scheme:
            years = self._published_years(reading)
        else:
            comparison = self.comparisons[reading.basis]
            years = [account.year for account in comparison.accounts]
        previous = [earlier for earlier in years if earlier < year]
        return int(max(previous)) if previous else None

    def growth_span(self, reading: Reading, year: int) -> int:
        """Return over how many years a growth is; 0 if there is no previous year."""
        previous_year = self.year_before(reading, year)
        return 0 if previous_year is None else year - previous_year

    def _exponent(self, reading: Reading, year: int) -> float:
        """Return the power of the ratio of two levels: for a yearly growth, one over the years."""
        span = self.growth_span(reading, year)
        return 1.0 / span if span and reading.form == "yearly_growth" else 1.0

    def _level_unit(self, reading: Reading) -> str:
        """Return the unit in which the levels behind a growth are compared; blank if unknown."""
        if reading.data:
            return next(iter(self.data_units.get(reading.data, ())), "")
        if reading.scheme:
            publication = self.publications.get(reading.scheme_id)
            return "" if publication is None else publication.items[reading.scheme_item].unit
        comparison = self.comparisons.get(reading.basis)
        if comparison is None:
            return ""
        line = line_of(comparison, reading.account)
        return "" if line is None else str(comparison.lines["unit"].iloc[line])

    def sizes_of(self, form: Form, year: int) -> pd.DataFrame:
        """Return land areas or populations of a year.

        Parameters
        ----------
        form : {'per_km2', 'per_capita'}
        year : int

        Returns
        -------
        DataFrame
            By region and parent ``value`` (km2 or persons), ``grade`` and ``where``, blank but for
            data rows. The data rows of the year come first, for a parent the sum of its regions
            where these have rows; then the table of regions, for regions without a row in any
            year. A region that has rows in other years only has none.
        """
        key = (form, year)
        if key not in self._sizes:
            self._sizes[key] = self._sizes_anew(form, year)
        return self._sizes[key]

    def _sizes_anew(self, form: Form, year: int) -> pd.DataFrame:
        """Return land areas or populations of a year."""
        name, unit = SIZES[form]
        size = self._sizes_of_tables(form, year)
        all_rows = self.readings.rows
        named = all_rows[(all_rows["name"] == name).to_numpy()]
        if named.empty:
            return size
        rows = named[(named["year"] == year).to_numpy()]
        value = rows["value"].to_numpy(dtype=float) * _unit_factors(rows["unit"], unit)
        columns = {
            "value": np.where(rows["na"], np.nan, value),
            "grade": rows["grade"].to_numpy(dtype=np.uint8),
            "where": (rows["file"].astype(str) + " row " + rows["row"].astype(str)).to_numpy(),
        }
        read = pd.DataFrame(columns, index=rows["region"].astype(str).to_numpy())
        regions = regions_of(self)
        levels = regions_at_two_levels(regions, list(read.index))
        inside = set(chain.from_iterable(levels.values()))
        highest = read[~read.index.isin(inside)]
        members = members_of(regions, list(highest.index))
        sums = {}
        for parent, positions in members.positions.items():
            parts = highest.iloc[positions]
            sums[parent] = (parts["value"].sum(skipna=False), parts["grade"].max(), name)
        of_parents = pd.DataFrame.from_dict(sums, orient="index", columns=list(columns))
        of_parents = of_parents[~of_parents.index.isin(read.index)]
        pieces = [piece for piece in (read, of_parents) if len(piece)]
        known = set(chain.from_iterable(piece.index for piece in pieces))
        without = {*named["region"], *members.incomplete}
        size.loc[size.index.isin(without), "value"] = np.nan
        return pd.concat([*pieces, size[~size.index.isin(known)]])

    def _sizes_of_tables(self, form: Form, year: int) -> pd.DataFrame:
        """Return land areas or populations of the table of regions, without grades and places."""
        in_table = self.area if form == "per_km2" else self.population
        value = pd.Series(dict(in_table), dtype=float)
        comparison = self.comparisons.get("project")
        if comparison is not None and year in comparison.levels:
            last = comparison.accounts[-1].plan.regions
            of_year = comparison.account(year).plan.regions
            column = "area" if form == "per_km2" else "population"
            if last is not None and of_year is not None:  # accounts have land areas by year
                known = of_year.frame[column].astype(float)
                is_other = (known != last.frame[column].reindex(known.index)) & known.notna()
                value = known[is_other].combine_first(value)
        return value.rename_axis(None).to_frame("value").assign(grade=np.uint8(0), where="")

    def _divisors(self, form: Form, year: int) -> np.ndarray:
        """Return what a form divides by, by region: km2 or persons; NaN where not above 0."""
        size = self.sizes_of(form, year)["value"].reindex(list(self.regions))
        of_regions = size.to_numpy(dtype=float)
        return np.where(of_regions > 0, of_regions, np.nan)

    def _unread(self, unit: str) -> ReadingValues:
        """Return values of which nothing was read yet."""
        count = len(self.regions)
        grade = np.zeros(count, dtype=np.uint8)
        where = np.full(count, "", dtype=object)
        return ReadingValues(np.full(count, np.nan), grade, where, unit)

    @cached_property
    def _region_index(self) -> pd.Index:
        return pd.Index(self.regions, dtype=object)

    def _read_data(self, name: str, unit: str, year: int) -> ReadingValues:
        """Read the data rows of a name."""
        values = self._unread(unit)
        rows = self.readings.of(year).get(name)
        if rows is None:
            return values
        scale = _unit_factors(rows["unit"], unit)
        number = np.where(rows["na"], np.nan, rows["value"] * scale)
        grade = rows["grade"].to_numpy(dtype=np.uint8)
        places = []
        files = rows["file"].tolist()
        for file, row in zip(files, rows["row"].tolist(), strict=True):
            places.append(f"{file} row {row}")
        where = np.array(places, dtype=object)
        positions = self._region_index.get_indexer(pd.Index(rows["region"]))
        assessed = positions >= 0
        positions = positions[assessed]
        values.value[positions] = number[assessed]
        values.grade[positions] = grade[assessed]
        values.where[positions] = where[assessed]
        return values

    def _read_account(self, reading: Reading, unit: str, year: int) -> ReadingValues:
        """Read a line of the account; a line that does not exist was reported before."""
        values = self._unread(unit)
        comparison = self.comparisons[reading.basis]
        if year not in comparison.levels:
            return values
        line = line_of(comparison, reading.account)
        if line is None:
            raise KeyError(reading.account)
        levels = comparison.levels[year]
        if reading.basis == "normal_climate":
            levels = comparison.mean_levels[year]
        line_unit = comparison.lines["unit"].iloc[line]
        scale = factor(str(line_unit), unit)
        number = levels.values[:, line] * scale
        number = np.where(levels.known[:, line], number, np.nan)
        codes = pd.Index(comparison.codes)
        positions = codes.get_indexer(pd.Index(self.regions))
        in_account = positions >= 0
        values.value[in_account] = number[positions[in_account]]
        account = comparison.account(year)
        grade_shares = account.shares()["grade"]
        grades = [GRADE[name] for name, share in grade_shares.items() if share]
        values.grade[in_account] = max(grades, default=0)
        values.where[in_account] = f"account {year} {comparison.basis} {reading.account}"
        return values

    def _published(self, reading: Reading) -> pd.Series:
        """Return what a scheme published of the item that is read, by region and year."""
        publication = self.publications.get(reading.scheme_id)
        if publication is None or reading.scheme_item not in publication.items:
            return pd.Series(dtype=float)
        values = publication.values(reading.scheme_item)
        if not reading.classes:
            return values
        return values.map(dict(reading.classes)).astype(float)

    def _published_years(self, reading: Reading) -> list[int]:
        """Return the years for which a scheme published what is read, ascending."""
        years = {int(year) for _, year in self._published(reading).index}
        return sorted(years)

    def _read_scheme(self, reading: Reading, unit: str, year: int) -> ReadingValues:
        """Read what another scheme published; nothing where it was not applied."""
        values = self._unread(unit)
        published = self._published(reading)
        if published.empty:
            return values
        publication = self.publications[reading.scheme_id]
        item = publication.items[reading.scheme_item]
        scale = 1.0 if item.classes else factor(item.unit, unit)
        place = f"scheme {reading.scheme_id}/{reading.scheme_item} {year}"
        for position, code in enumerate(self.regions):
            if (code, year) in published.index:
                values.value[position] = published[code, year] * scale
                values.grade[position] = publication.grades.get((code, year), 0)
                values.where[position] = place
        return values

    def read_draws(self, reading: Reading, unit: str, year: int) -> np.ndarray | None:
        """Read a reading of the account at draws.

        Parameters
        ----------
        reading : Reading
        unit : str
        year : int

        Returns
        -------
        ndarray of float or None
            Dimensions (draw, region), in ``unit``; None where nothing is drawn: data rows, scores,
            means, and bases or years without draws.
        """
        lines = self.draws.get(reading.basis) if reading.account else None
        if lines is None or year not in lines.values or reading.form == "mean":
            return None
        if reading.form in SINCE_BEFORE:
            return self._growth_draws(lines, reading, unit, year)
        level = self._level_draws(lines, reading, unit, year)
        if reading.form == "level" or level is None:
            return level
        return np.asarray(level / self._divisors(reading.form, year))

    def drawn_shares(self, reading: Reading, year: int) -> np.ndarray:
        """Return the share of a reading that rests on rows with limits, where it is drawn.

        Parameters
        ----------
        reading : Reading
        year : int

        Returns
        -------
        ndarray of float
            From 0 to 1, by region; of a growth that of its last level.
        """
        shares = np.zeros(len(self.regions))
        lines = self.draws.get(reading.basis) if reading.account else None
        if lines is None or year not in lines.shares or reading.form == "mean":
            return shares
        position = self._drawn_line(lines, reading)
        if position is None:
            return shares
        codes = lines.codes.get_indexer(pd.Index(self.regions))
        return np.where(codes >= 0, lines.shares[year][codes, position], 0.0)

    def _growth_draws(
        self, lines: SampledLines, reading: Reading, unit: str, year: int
    ) -> np.ndarray | None:
        """Read a growth or change at draws."""
        is_growth = reading.form in GROWTHS
        level_unit = (self._level_unit(reading) if is_growth else "") or unit
        previous_year = self.year_before(reading, year)
        if previous_year is None:
            return None
        level = self._level_draws(lines, reading, level_unit, year)
        previous = self._level_draws(lines, reading, level_unit, previous_year)
        if level is None or previous is None:
            return None
        if not is_growth:
            return np.asarray(level - previous)
        return _growth(level, previous, unit, self._exponent(reading, year))

    def _level_draws(
        self, lines: SampledLines, reading: Reading, unit: str, year: int
    ) -> np.ndarray | None:
        """Read the level behind a reading at draws; None if its line is not drawn."""
        position = self._drawn_line(lines, reading)
        if position is None:
            return None
        scale = factor(str(lines.frame["unit"].iloc[position]), unit)
        values = lines.values[year][:, :, position]
        values = values * scale
        positions = lines.codes.get_indexer(pd.Index(self.regions))
        in_account = positions >= 0
        return np.where(in_account, values[:, positions], np.nan)

    def _drawn_line(self, lines: SampledLines, reading: Reading) -> int | None:
        """Find the drawn line that a reading names; None if it is not drawn."""
        comparison = self.comparisons[reading.basis]
        line = line_of(comparison, reading.account)
        if line is None:
            return None
        row = comparison.lines.iloc[line]
        same_keys = lines.frame[_LINE_KEYS] == row[_LINE_KEYS]
        positions = np.flatnonzero(same_keys.all(axis=1))
        return int(positions[0]) if len(positions) else None


def _growth(
    level: np.ndarray, previous: np.ndarray, unit: str, exponent: float = 1.0
) -> np.ndarray:
    """Return the growth in a unit of shares; NaN if the previous level is not above 0."""
    with np.errstate(all="ignore"):
        ratio = level / previous
        growth = np.where(previous > 0, ratio**exponent - 1, np.nan)
    return np.asarray(growth * factor("1", unit))


def _unit_factors(units: pd.Series, target: str) -> np.ndarray:
    """Return the factor from the unit of each row to another unit."""
    codes, words = pd.factorize(units.to_numpy(dtype=object))
    factors = np.ones(len(words))
    for code, word in enumerate(words):
        if word != target:
            factors[code] = factor(str(word), target)
    return np.asarray(factors[codes])


def regions_of(context: AssessmentContext) -> Regions | None:
    """Return the table of regions: that of the accounts, else that of the project.

    Parameters
    ----------
    context : AssessmentContext

    Returns
    -------
    Regions or None
    """
    for comparison in context.comparisons.values():
        regions = comparison.accounts[-1].plan.regions
        if regions is not None:
            return regions
    return context.region_table


class ParentMembers(NamedTuple):
    """The regions that parent regions sum.

    Attributes
    ----------
    positions : dict of str to list of int
        For each parent the positions of its regions.
    incomplete : list of str
        Parents that have no sum, since a region inside them is missing.
    """

    positions: dict[str, list[int]]
    incomplete: list[str]


def members_of(regions: Regions | None, codes: Sequence[str]) -> ParentMembers:
    """Find the parents of regions, and the regions that each of them sums.

    A parent has a sum only if every region inside it that has no region inside itself is present,
    itself or as part of a region above it.

    Parameters
    ----------
    regions : Regions or None
        Table of regions; without it there are no parents.
    codes : sequence of str
        Regions, none of them inside another one.

    Returns
    -------
    ParentMembers
        Parents in the order of the table; positions in ``codes``.
    """
    if regions is None:
        return ParentMembers({}, [])
    present = {code: position for position, code in enumerate(codes)}
    sums: dict[str, list[int]] = {}
    for code in codes:
        for parent in regions.ancestors(code):
            sums.setdefault(parent, []).append(present[code])
    incomplete = set()
    for code in regions.lowest:
        is_present = code in present
        for ancestor in regions.ancestors(code):
            # a region above the leaf covers it for all parents further up, not for itself
            if ancestor in sums and not is_present:
                incomplete.add(ancestor)
            if ancestor in present:
                is_present = True
    positions = {}
    without_sum = []
    for code in map(str, regions.frame.index):
        if code in incomplete:
            without_sum.append(code)
        elif code in sums:
            positions[code] = sums[code]
    return ParentMembers(positions, without_sum)


def regions_at_two_levels(regions: Regions | None, codes: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the regions that are present together with regions inside them, and the latter.

    Parameters
    ----------
    regions : Regions or None
    codes : sequence of str

    Returns
    -------
    mapping of str to list of str
    """
    if regions is None:
        return {}
    present = set(codes)
    levels: dict[str, list[str]] = {}
    for code in codes:
        for parent in regions.ancestors(code):
            if parent in present:
                levels.setdefault(parent, []).append(code)
    return levels
