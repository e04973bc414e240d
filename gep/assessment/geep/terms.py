"""The terms of GEEP (核算项) of a year, and the items that follow from them (核算结果).

Terms are read by region from data rows or the account, with their parts and the virtual treatment
cost. Items are the terms, GGDP, GEP, overlap and GEEP of regions and parents, their ratios, ranks
and Gini coefficients. What is wrong with the data is left to ``checks``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gep.account.ranking import competition_ranks
from gep.assessment.context import AssessmentContext, regions_of
from gep.assessment.geep.scheme import GeepScheme, GeepSpec, TermPart, data_labels
from gep.assessment.geep.virtual_cost import TreatmentCost, virtual_costs
from gep.assessment.readings import Form, Reading, ReadingValues, line_of
from gep.comparison.comparability import price_basis_text
from gep.errors import ProblemLog, Where
from gep.extent.regions import Regions
from gep.io.csv_excel import row_place
from gep.texts.catalogue import text
from gep.units import currency, factor, has_money

ALL_REGIONS = "all"  # the region of figures over all regions
LOWER = "endc_lower_bound"  # the item of a cost of degradation that is the virtual treatment cost
SUM_OF_PARTS = text("geep.where.sum-of-parts")
TREATMENT_COST = text("geep.where.treatment-cost")
SERVICES = ("eps", "ers", "ecs", "gep")
# what sum and ratio are called where services are an ecosystem service value
UNIT_VALUE_NAMES = {"gep": "esv", "ggi": "esv_per_gdp"}
_CURRENT = ("", "nominal")  # price years of rows that are at prices of the year itself


@dataclass(frozen=True)
class TermValues:
    """The terms of a year by region, in the unit of the scheme.

    Attributes
    ----------
    year : int
    regions : tuple of str
        The regions with a row of the scheme.
    read : dict of str to ReadingValues
        Terms and their parts (``endc_air``) by name; NaN where there is none. ``where`` holds a
        text of what was read, or ``SUM_OF_PARTS``, or ``TREATMENT_COST``.
    is_lower_bound : ndarray of bool
        The regions whose ``endc`` is the virtual treatment cost.
    treated : tuple of TreatmentCost
    left_out : tuple of str
        Regions of the account, which is read, that have no row of the scheme.
    price_years : mapping of str to list of Where
        The years of the prices of what was read, each with the rows or lines at these prices.
    term_of_part : dict of str to str
        For each name of a part the name of its term.
    has_unit_values : ndarray of bool
        The regions with a service that is an ecosystem service value and not GEP, as unit values
        give it.
    """

    year: int
    regions: tuple[str, ...]
    read: dict[str, ReadingValues]
    is_lower_bound: np.ndarray
    has_unit_values: np.ndarray
    treated: tuple[TreatmentCost, ...] = ()
    left_out: tuple[str, ...] = ()
    price_years: Mapping[str, list[Where]] = field(default_factory=dict)
    term_of_part: dict[str, str] = field(default_factory=dict)

    @property
    def price_year(self) -> str:
        """The year of all prices; blank if nothing in money was read."""
        return next(iter(self.price_years), "")

    def where(self, name: str, region: str) -> Where:
        """Return where a term or part was read; blank if it was not read there."""
        if name not in self.read or region not in self.regions:
            return ""
        where: Where = self.read[name].where[self.regions.index(region)]
        return where

    @property
    def is_service_value(self) -> np.ndarray:
        """Whether the sum of services is an ecosystem service value and not GEP, by region.

        GEP that is read beside a service by unit values, and is no sum with it, remains GEP.
        """
        products = self.read["eps"].value + self.read["ecs"].value
        is_read = np.isnan(products) & ~_is_of_account(self.read["gep"])
        return np.asarray(self.has_unit_values & ~is_read)

    @property
    def is_gep_unknown(self) -> np.ndarray:
        """Whether GEP is neither read nor the sum of services, by region."""
        provisioning = self.read["eps"].value
        cultural = self.read["ecs"].value
        gep = self.read["gep"].value
        is_unknown = np.isnan(provisioning + cultural)
        return np.asarray(is_unknown & np.isnan(gep))


def scheme_rows(spec: GeepSpec, context: AssessmentContext, year: int) -> pd.DataFrame:
    """Return the data rows of a year that bring regions into the scheme."""
    rows = context.readings.rows
    is_read = rows["name"].isin(data_labels(spec))
    is_read &= rows["year"] == year
    return rows[is_read.to_numpy()]


def years_of(spec: GeepSpec, context: AssessmentContext) -> list[int]:
    """Return the assessed years in which the scheme has a row, ascending."""
    rows = context.readings.rows
    is_read = rows["name"].isin(data_labels(spec))
    rows = rows[is_read.to_numpy()]
    years = {int(year) for year in rows["year"]}
    return sorted(years.intersection(context.years))


def regions_with_rows(rows: pd.DataFrame, context: AssessmentContext) -> tuple[str, ...]:
    """Return the assessed regions that have any of some data rows, in the order of the context."""
    with_rows = set(rows["region"])
    return tuple(code for code in context.regions if code in with_rows)


# --- reading ----------------------------------------------------------------------------------


def read_term_values(
    scheme: GeepScheme, context: AssessmentContext, year: int, problems: ProblemLog
) -> TermValues:
    """Read the terms of a year.

    Parameters
    ----------
    scheme : GeepScheme
    context : AssessmentContext
        Keys and units of the data rows of the terms must be right (see ``checks.check_inputs``).
    year : int
    problems : ProblemLog
        Collects what is wrong with the data of the virtual treatment cost; see ``virtual_costs``.

    Returns
    -------
    TermValues
    """
    spec = scheme.spec
    rows = scheme_rows(spec, context, year)
    regions = regions_with_rows(rows, context)
    table = regions_of(context)
    reader = _TermReader(spec, context, year, regions)
    treated: list[TreatmentCost] = []
    is_lower_bound = np.zeros(len(regions), dtype=bool)
    if spec.virtual_cost is not None:
        names = ["endc", *(f"endc_{part}" for part in spec.term["endc"].parts)]
        is_bare = np.all([reader.read[name].where == "" for name in names], axis=0)
        ancestors = {}
        for code, needs_cost in zip(regions, is_bare, strict=True):
            if needs_cost:
                ancestors[code] = table.ancestors(code) if table else []
        treated = virtual_costs(
            spec.virtual_cost,
            context.readings.of(year),
            ancestors=ancestors,
            labels={code: context.label(code) for code in ancestors},
            steps=scheme.tau,
            unit=spec.unit,
            problems=problems,
        )
        is_lower_bound = _fill_treatment_costs(reader.read["endc"], regions, treated)
    left_out: list[str] = []
    comparison = context.comparisons.get("project")
    if reader.used and comparison is not None:
        covered = _covered_regions(table, regions)
        left_out = [code for code in map(str, comparison.regions) if code not in covered]
    if treated and spec.virtual_cost is not None:
        cost_rows = context.readings.of(year).get(spec.virtual_cost.unit_cost)
        rows = rows if cost_rows is None else pd.concat([rows, cost_rows])
    price_years = _price_years_of_rows(rows, year)
    for reading in dict.fromkeys(reader.used):
        price_year, line = _price_year_of_line(reading, context, year)
        price_years.setdefault(price_year, []).append(line)
    return TermValues(
        year,
        regions,
        reader.read,
        is_lower_bound,
        _has_unit_values(reader, context),
        treated=tuple(treated),
        left_out=tuple(left_out),
        price_years=price_years,
        term_of_part=reader.term_of_part,
    )


def _is_of_account(values: ReadingValues) -> np.ndarray:
    """Return whether what was read is a line of the account, by region."""
    return np.array([str(where).startswith("account ") for where in values.where], dtype=bool)


def _has_unit_values(reader: "_TermReader", context: AssessmentContext) -> np.ndarray:
    """Return the regions with a service from an account that is not of GEP."""
    standard = context.account_standard
    is_of_account = np.zeros(len(reader.read["ers"].value), dtype=bool)
    if standard is None or standard.measure == "gep":
        return is_of_account
    for name, values in reader.read.items():
        term = reader.term_of_part.get(name, name)
        if term not in SERVICES:
            continue
        is_used = np.ones_like(is_of_account)
        if term != name:
            is_used = reader.read[term].where == SUM_OF_PARTS
        is_of_account |= is_used & _is_of_account(values)
    return is_of_account


class _TermReader:
    """Reads every term and part of a scheme in a year at some regions.

    Attributes
    ----------
    read : dict of str to ReadingValues
        Terms and parts by name.
    term_of_part : dict of str to str
    used : list of Reading
        The readings of the account that were used.
    """

    def __init__(
        self, spec: GeepSpec, context: AssessmentContext, year: int, regions: Sequence[str]
    ) -> None:
        self._context = context
        self._year = year
        self._unit = spec.unit
        positions = [context.regions.index(code) for code in regions]
        self._positions = np.array(positions, dtype=int)
        self.read: dict[str, ReadingValues] = {}
        self.term_of_part: dict[str, str] = {}
        self.used: list[Reading] = []
        for name, term in spec.term.items():
            self.read[name] = self._first_reading(term)
            for part_name, part in term.parts.items():
                full_name = f"{name}_{part_name}"
                self.read[full_name] = self._first_reading(part)
                self.term_of_part[full_name] = name
        if "rdc" not in self.read:
            no_cost = self._unread()
            no_cost.value[:] = 0.0
            self.read["rdc"] = no_cost
        for name in ("eps", "ecs", "gep", "overlap"):
            self.read.setdefault(name, self._unread())
        for name, term in spec.term.items():
            values = self.read[name]
            parts = [self.read[f"{name}_{part_name}"] for part_name in term.parts]
            if parts:
                _fill_from_parts(values, parts)
            if term.optional:
                is_unread = values.where == ""
                values.value[is_unread] = 0.0

    def _unread(self) -> ReadingValues:
        """Return values of which nothing was read yet."""
        count = len(self._positions)
        return ReadingValues(
            value=np.full(count, np.nan),
            grade=np.zeros(count, np.uint8),
            where=np.full(count, "", dtype=object),
            unit=self._unit,
        )

    def _first_reading(self, part: TermPart) -> ReadingValues:
        """Read for each region the first reading that it has; na in a data row is 0."""
        values = self._unread()
        for reading in part.readings:
            if reading.account:
                comparison = self._context.comparisons.get(reading.basis)
                if comparison is None or line_of(comparison, reading.account) is None:
                    continue
            of_reading = self._context.read(reading, self._unit, self._year)
            value = of_reading.value[self._positions]
            where = of_reading.where[self._positions]
            grade = of_reading.grade[self._positions]
            has_reading = where != "" if reading.data else np.isfinite(value)
            is_unread = values.where == ""
            is_new = is_unread & has_reading
            new_value = value[is_new]
            is_none = np.isnan(new_value)
            values.value[is_new] = np.where(is_none, 0.0, new_value)
            values.grade[is_new] = grade[is_new]
            values.where[is_new] = where[is_new]
            if reading.account and is_new.any():
                self.used.append(reading)
        return values


def sum_of_parts(parts: Sequence[ReadingValues]) -> np.ndarray:
    """Return the sum of the parts of a term by region; a part that was not read counts as 0."""
    return np.asarray(np.sum([np.nan_to_num(part.value) for part in parts], axis=0))


def _fill_from_parts(term: ReadingValues, parts: Sequence[ReadingValues]) -> None:
    """Sum the parts of a term where it was not read itself and all its parts were."""
    is_unread = term.where == ""
    has_all = np.all([part.where != "" for part in parts], axis=0)
    is_filled = is_unread & has_all
    total = sum_of_parts(parts)
    term.value[is_filled] = total[is_filled]
    term.where[is_filled] = SUM_OF_PARTS
    for part in parts:
        worse = np.maximum(term.grade, part.grade)
        term.grade[is_filled] = worse[is_filled]


def _fill_treatment_costs(
    endc: ReadingValues, regions: tuple[str, ...], treated: list[TreatmentCost]
) -> np.ndarray:
    """Sum virtual treatment costs to costs of degradation; return the regions that have one."""
    is_filled = np.zeros(len(regions), dtype=bool)
    positions = {code: position for position, code in enumerate(regions)}
    for cost in treated:
        position = positions[cost.region]
        if not is_filled[position]:
            is_filled[position] = True
            endc.value[position] = 0.0
            endc.where[position] = TREATMENT_COST
        endc.value[position] += cost.value
        endc.grade[position] = max(int(endc.grade[position]), cost.grade)
    return is_filled


def _covered_regions(table: Regions | None, regions: tuple[str, ...]) -> set[str]:
    """Return regions and all regions inside them."""
    covered = set(regions)
    if table is None:
        return covered
    for code in map(str, table.frame.index):
        if set(table.ancestors(code)) & set(regions):
            covered.add(code)
    return covered


def _price_years_of_rows(rows: pd.DataFrame, year: int) -> dict[str, list[Where]]:
    """Return the price years of data rows in money, each with the places of its rows."""
    price_years: dict[str, list[Where]] = {}
    by_year = rows.groupby(["file", "price_year"], sort=False, observed=True)
    for (file, stated), rows_of_year in by_year:
        units = map(str, rows_of_year["unit"])
        is_money = [has_money(unit) for unit in units]
        if not any(is_money):
            continue
        price_year = str(year) if stated in _CURRENT else str(stated)
        numbers = rows_of_year["row"][is_money]
        place = row_place(str(file), numbers)
        places = price_years.setdefault(price_year, [])
        places.append(place)
    return price_years


def _price_year_of_line(
    reading: Reading, context: AssessmentContext, year: int
) -> tuple[str, Where]:
    """Return the price year of a line of the account, and the line in words."""
    price_basis = context.comparisons[reading.basis].account(year).plan.price_basis.code
    line = text(
        "geep.account-line",
        year=year,
        line=reading.account,
        prices=price_basis_text(price_basis),
    )
    if price_basis == "current":
        return str(year), line
    return price_basis.removeprefix("constant:"), line


# --- items ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GeepItems:
    """The items of a year.

    Attributes
    ----------
    year : int
    codes : tuple of str
        Regions, then parents.
    value : mapping of str to ndarray
        By item, an array over ``codes``; NaN where there is none.
    unit : mapping of str to str
        By item.
    gini : mapping of (str, str) to float
        By region (a parent, or ``ALL_REGIONS``) and item.
    is_lower_bound : ndarray of bool
        By code, whether ``endc`` is, or contains, the virtual treatment cost.
    is_service_value : ndarray of bool
        By code, whether ``gep`` is, or contains, an ecosystem service value and is not GEP.
    sizes : mapping of str to ndarray
        By code the population (persons) and land area (km2) by which ``geep_per_capita`` and
        ``geep_per_km2``, which are the keys, were divided.
    group : tuple of str
        The group in which each code is ranked; blank for parents.
    """

    year: int
    codes: tuple[str, ...]
    value: Mapping[str, np.ndarray]
    unit: Mapping[str, str]
    gini: Mapping[tuple[str, str], float]
    is_lower_bound: np.ndarray
    is_service_value: np.ndarray
    sizes: Mapping[str, np.ndarray]
    group: tuple[str, ...]


@dataclass(frozen=True)
class GeepResult:
    """A scheme applied: the terms and the items of each year that has a row of the scheme."""

    scheme: GeepScheme
    context: AssessmentContext
    terms: tuple[TermValues, ...]
    items: tuple[GeepItems, ...]


def compute_items(
    terms: TermValues, context: AssessmentContext, unit: str, parents: Mapping[str, list[int]]
) -> GeepItems:
    """Compute all items of a year.

    Parameters
    ----------
    terms : TermValues
    context : AssessmentContext
        Its area (km2), population (persons) and groups are used.
    unit : str
        Unit of the terms.
    parents : mapping of str to list of int
        For each parent the positions of its regions in ``terms.regions``. The terms of a parent are
        the sums of theirs; its ratios follow from the sums.

    Returns
    -------
    GeepItems
    """
    value = _amounts(terms, parents)
    units = dict.fromkeys(value, unit)
    money = currency(unit) or "CNY"
    units |= _ratio_units(money)
    per_person = factor(unit, money)
    per_km2 = factor(unit, f"10^4 {money}")
    population = _sizes(context, "per_capita", terms, parents)
    area = _sizes(context, "per_km2", terms, parents)
    geep = value["geep"]
    gdp = value["gdp"]
    gep = value["gep"]
    ers = value["ers"]
    with np.errstate(all="ignore"):
        ratios = {
            "geep_per_gdp": geep / gdp,
            "ggi": gep / gdp,
            "ers_share": ers / geep,
            "geep_per_capita": geep * per_person / population,
            "geep_per_km2": geep * per_km2 / area,
        }
    for name, ratio in ratios.items():
        is_defined = np.isfinite(ratio)
        value[name] = np.where(is_defined, ratio, np.nan)
    for name, ranks in _ranks(value, terms.regions, context).items():
        value[name] = ranks
        units[name] = "1"

    def at_codes(of_regions: np.ndarray) -> np.ndarray:
        of_parents = [of_regions[members].any() for members in parents.values()]
        return np.array([*of_regions, *of_parents], dtype=bool)

    return GeepItems(
        terms.year,
        (*terms.regions, *parents),
        value,
        units,
        gini=_ginis(value, population, len(terms.regions), parents),
        is_lower_bound=at_codes(terms.is_lower_bound),
        is_service_value=at_codes(terms.is_service_value),
        sizes={"geep_per_capita": population, "geep_per_km2": area},
        group=(*_groups_of(terms.regions, context), *("" for _ in parents)),
    )


def _ratio_units(money: str) -> dict[str, str]:
    """Return the units of ratios, by item."""
    return {
        "geep_per_gdp": "1",
        "ggi": "1",
        "ers_share": "1",
        "geep_per_capita": f"{money} person-1",
        "geep_per_km2": f"10^4 {money} km-2",
    }


def item_units(spec: GeepSpec) -> dict[str, str]:
    """Return the units of the items of a scheme, Gini coefficients left out.

    Parameters
    ----------
    spec : GeepSpec

    Returns
    -------
    dict of str to str
        By item.
    """
    names: list[str] = []
    for name, term in spec.term.items():
        names += [name, *(f"{name}_{part}" for part in term.parts)]
    names += [LOWER, "ggdp", "gep", "overlap", "geep"]
    units = dict.fromkeys(names, spec.unit)
    units |= _ratio_units(currency(spec.unit) or "CNY")
    for item, other_name in UNIT_VALUE_NAMES.items():
        units[other_name] = units[item]
    for rank in ("rank_gdp", "rank_geep", "rank_geep_minus_rank_gdp"):
        units[rank] = "1"
    return units


def _amounts(terms: TermValues, parents: Mapping[str, list[int]]) -> dict[str, np.ndarray]:
    """Return terms, parts, GGDP, GEP, overlap and GEEP of regions and parents."""
    amounts = {name: values.value for name, values in terms.read.items()}
    ggdp = amounts["gdp"] - amounts["rdc"]
    ggdp = ggdp - amounts["endc"]
    ggdp = ggdp - amounts["ecdc"]
    ers = amounts["ers"]
    products = amounts["eps"] + amounts["ecs"]
    gep = products + ers
    gep = np.where(np.isfinite(products), gep, amounts["gep"])
    overlap = amounts["overlap"]
    default_overlap = gep - ers
    overlap = np.where(np.isfinite(overlap), overlap, default_overlap)
    # the default overlap is eps + ecs, so that ers is what GEP adds where they are not known
    geep = ggdp + gep - overlap
    geep = np.where(np.isfinite(overlap), geep, ggdp + ers)
    amounts["ggdp"] = ggdp
    amounts["gep"] = gep
    amounts["overlap"] = overlap
    amounts["geep"] = geep
    for name, of_regions in amounts.items():
        sums = [of_regions[members].sum() for members in parents.values()]
        amounts[name] = np.array([*of_regions, *sums], dtype=float)
    return amounts


def _sizes(
    context: AssessmentContext, form: Form, terms: TermValues, parents: Mapping[str, list[int]]
) -> np.ndarray:
    """Return areas or populations of the year; those of a parent without are its regions' sum."""
    sizes = context.sizes_of(form, terms.year)["value"]
    of_regions = sizes.reindex(list(terms.regions)).to_numpy(dtype=float)
    of_parents = []
    for code, members in parents.items():
        size = sizes.get(code, np.nan)
        if not np.isfinite(size):
            size = of_regions[members].sum()
        of_parents.append(size)
    return np.array([*of_regions, *of_parents])


def _groups_of(regions: Sequence[str], context: AssessmentContext) -> np.ndarray:
    """Return the groups in which regions are ranked."""
    positions = [context.regions.index(code) for code in regions]
    return context.group[positions]


def _ranks(
    value: Mapping[str, np.ndarray], regions: Sequence[str], context: AssessmentContext
) -> dict[str, np.ndarray]:
    """Rank regions within their groups by GDP and by GEEP; parents have no rank."""
    group = _groups_of(regions, context)
    count = len(regions)
    ranks = {}
    for name in ("gdp", "geep"):
        amount = value[name]
        ranked = np.full(len(amount), np.nan)
        ranked[:count] = competition_ranks(amount[:count], group)
        ranks[f"rank_{name}"] = ranked
    ranks["rank_geep_minus_rank_gdp"] = ranks["rank_geep"] - ranks["rank_gdp"]
    return ranks


def _ginis(
    value: Mapping[str, np.ndarray],
    population: np.ndarray,
    region_count: int,
    parents: Mapping[str, list[int]],
) -> dict[tuple[str, str], float]:
    """Return Gini coefficients over all regions and inside each parent.

    Where the population of each region is known they are of values per head, weighted by
    population, else of the values of regions, unweighted; the name of the item says which.
    """
    ginis = {}
    members_of_code = {ALL_REGIONS: list(range(region_count)), **parents}
    for code, members in members_of_code.items():
        if len(members) < 2:
            continue
        weight = population[members]
        has_population = bool(np.isfinite(weight).all() and (weight > 0).all())
        kind = "per_capita_population_weighted" if has_population else "total_unweighted"
        of_item = {}
        for name in ("gdp", "geep"):
            amount = value[name][members]
            if has_population:
                coefficient = gini(amount / weight, weight)
            else:
                coefficient = gini(amount, np.ones(len(members)))
            of_item[name] = coefficient
            ginis[code, f"gini_{name}_{kind}"] = coefficient
        difference = of_item["geep"] - of_item["gdp"]
        ginis[code, f"gini_geep_minus_gini_gdp_{kind}"] = difference
    return ginis


def gini(x: np.ndarray, weight: np.ndarray) -> float:
    """Compute a Gini coefficient: twice the area between Lorenz curve and line of equality.

    Parameters
    ----------
    x : ndarray
        Values by region.
    weight : ndarray
        Weight of each region, above 0.

    Returns
    -------
    float
        0 where all are equal, always below 1; NaN where a value is negative or unknown, or where
        all are 0.
    """
    amount = x * weight
    total = amount.sum()
    is_defined = np.isfinite(x).all() and (x >= 0).all() and total > 0
    if not is_defined:
        return float("nan")
    order = np.argsort(x, kind="stable")
    people = np.cumsum(weight[order])
    people = np.append(0.0, people)
    people = people / weight.sum()
    share = np.cumsum(amount[order])
    share = np.append(0.0, share)
    share = share / total
    heights = share[1:] + share[:-1]
    below_curve = (np.diff(people) * heights).sum()
    return float(max(1.0 - below_curve, 0.0))
