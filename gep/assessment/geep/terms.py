"""The terms of GEEP (核算项) of a year, by region: read from data rows or the account, with parts and a fallback."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gep.assessment.context import AssessmentContext, regions_at_two_levels, regions_of
from gep.assessment.geep.scheme import GeepSpec, TauSteps, TermPart, term_parts
from gep.assessment.geep.virtual_cost import TreatmentCost, virtual_costs
from gep.assessment.readings import Reading, ReadingValues, line_of
from gep.comparison.comparability import basis
from gep.errors import ProblemLog, joined
from gep.extent.regions import Regions
from gep.inputs.value_rows import KEYS
from gep.io.csv_excel import row_place
from gep.units import UnitError, factor, has_money

_ROUNDING = 0.005  # by how much of a whole its parts may miss it: all are printed with few digits


@dataclass(frozen=True)
class TermValues:
    """The terms of a year for its regions, in the scheme's unit; NaN where there is none.

    ``read`` also has the parts, ``endc_air``. ``bound`` marks regions whose endc is the virtual treatment cost.
    """

    year: int
    regions: tuple[str, ...]
    read: dict[str, ReadingValues]
    bound: np.ndarray
    treated: tuple[TreatmentCost, ...] = ()
    left: tuple[str, ...] = ()  # regions of the account without a row of the scheme
    price_year: str = ""
    part_of: dict[str, str] = field(default_factory=dict)


def own_names(spec: GeepSpec) -> set[str]:
    """The data names that bring a region into the scheme."""
    names = set()
    for part in term_parts(spec):
        names |= {reading.data for reading in part.readings if reading.data}
    return names


def years_of(text: GeepSpec, ground: AssessmentContext) -> list[int]:
    """The years in which the scheme has a row."""
    rows = ground.readings.rows
    mine = rows["name"].isin(own_names(text)).to_numpy()
    return sorted({int(year) for year in rows.loc[mine, "year"] if int(year) in ground.years})


def read_term_values(
    text: GeepSpec,
    steps: TauSteps | None,
    ground: AssessmentContext,
    year: int,
    problems: ProblemLog,
) -> TermValues:
    """Read the terms of a year; what lacks, is negative or of another price year is a problem."""
    rows = ground.readings.rows
    mine = (rows["name"].isin(own_names(text)) & (rows["year"] == year)).to_numpy()
    have = set(rows.loc[mine, "region"])
    regions = tuple(code for code in ground.regions if code in have)
    table = regions_of(ground)
    for parent, some in regions_at_two_levels(table, regions).items():
        own = rows[mine & (rows["region"] == parent).to_numpy()]
        what = f"{parent} has rows of its own, and so have {joined(some, ', ')} inside it"
        fix = "give one of the two levels; parents are summed"
        problems.add("parent-with-rows", row_place(str(own["file"].iloc[0]), own["row"]), what, fix)
    if _data_faults(text, rows[mine], problems):
        return TermValues(year, (), {}, np.zeros(0, dtype=bool))
    at = np.array([ground.regions.index(code) for code in regions], dtype=int)
    read, part_of, used = _read_all(text, ground, year, at)
    _whole(text, read, problems, year, regions)
    treated: list[TreatmentCost] = []
    bound = np.zeros(len(regions), dtype=bool)
    if text.virtual_cost is not None:
        above = {code: table.ancestors(code) for code in regions} if table else {}
        names = ["endc", *(f"endc_{part}" for part in text.term["endc"].parts)]
        bare = np.all([read[name].where == "" for name in names], axis=0)
        lacking = [code for code, one in zip(regions, bare, strict=True) if one]
        by_name = ground.readings.of(year)
        treated = virtual_costs(
            text.virtual_cost, by_name, lacking, above, steps, text.unit, problems
        )
        bound = _fall_back(read["endc"], regions, treated)
    left = (
        []
        if not used
        else [code for code in _of_account(ground) if code not in _covered(table, regions)]
    )
    price_year = _price_year(text, ground, year, rows[mine], treated, used, problems)
    return TermValues(year, regions, read, bound, tuple(treated), tuple(left), price_year, part_of)


def _of_account(ground: AssessmentContext) -> list[str]:
    found = ground.comparisons.get("project")
    return [] if found is None else [str(code) for code in found.regions]


def _covered(table: Regions | None, regions: tuple[str, ...]) -> set[str]:
    if table is None:
        return set(regions)
    inside = {
        str(code) for code in table.frame.index if set(table.ancestors(str(code))) & set(regions)
    }
    return inside | set(regions)


def _data_faults(text: GeepSpec, rows: pd.DataFrame, problems: ProblemLog) -> bool:
    """Keys, units and signs of the rows of terms."""
    before = len(problems.errors)
    for (name, file), some in rows.groupby(["name", "file"], sort=False):
        keyed = (some[list(KEYS[1:])] != "").any(axis=1).to_numpy()
        if keyed.any():
            what = f"{name} is keyed by region alone"
            problems.add(
                "wrong-keys",
                row_place(str(file), some["row"][keyed]),
                what,
                "leave the other keys blank",
            )
        below = (some["value"] < 0).to_numpy()
        if below.any():
            what = f"{name} is negative"
            fix = "costs are written without sign: the formula deducts them"
            problems.add("negative", row_place(str(file), some["row"][below]), what, fix)
        for unit, part in some.groupby("unit", sort=False):
            try:
                factor(str(unit), text.unit)
            except UnitError as error:
                where = row_place(str(file), part["row"])
                problems.add(
                    "wrong-dimension", where, f"{name}: {error}", f"a unit like {text.unit} is due"
                )
    return len(problems.errors) > before


def _read_all(
    text: GeepSpec, ground: AssessmentContext, year: int, at: np.ndarray
) -> tuple[dict[str, ReadingValues], dict[str, str], list[Reading]]:
    """Every term and part at the regions wanted, the part -> term names, and the account's readings that were used."""
    read: dict[str, ReadingValues] = {}
    part_of: dict[str, str] = {}
    used: list[Reading] = []
    for name, term in text.term.items():
        read[name] = _first(term, text.unit, ground, year, at, used)
        for part, spec in term.parts.items():
            read[f"{name}_{part}"] = _first(spec, text.unit, ground, year, at, used)
            part_of[f"{name}_{part}"] = name
    if "rdc" not in read:
        read["rdc"] = _nothing(len(at), text.unit)
        read["rdc"].value[:] = 0.0
    for name in ("eps", "ecs", "gep", "overlap"):
        read.setdefault(name, _nothing(len(at), text.unit))
    return read, part_of, used


def _nothing(count: int, unit: str) -> ReadingValues:
    return ReadingValues(
        np.full(count, np.nan), np.zeros(count, np.uint8), np.full(count, "", dtype=object), unit
    )


def _first(
    part: TermPart,
    unit: str,
    ground: AssessmentContext,
    year: int,
    at: np.ndarray,
    used: list[Reading],
) -> ReadingValues:
    """The first of the readings that a region has; na in a data row says "none", which is 0."""
    found = _nothing(len(at), unit)
    for reading in part.readings:
        if reading.account:
            compared = ground.comparisons.get(reading.basis)
            if compared is None or line_of(compared, reading.account) is None:
                continue
        own = ground.read(reading, unit, year)
        value, where = own.value[at], own.where[at]
        fresh = (found.where == "") & ((where != "") if reading.data else np.isfinite(value))
        found.value[fresh] = np.where(np.isnan(value[fresh]), 0.0, value[fresh])
        found.grade[fresh], found.where[fresh] = own.grade[at][fresh], where[fresh]
        if reading.account and fresh.any():
            used.append(reading)
    return found


def _fall_back(
    endc: ReadingValues, regions: tuple[str, ...], treated: list[TreatmentCost]
) -> np.ndarray:
    """Fill in the virtual treatment cost where there is no cost of degradation; the regions where that was done."""
    bound = np.zeros(len(regions), dtype=bool)
    place_of = {code: position for position, code in enumerate(regions)}
    for one in treated:
        spot = place_of[one.region]
        if not bound[spot]:
            endc.value[spot], bound[spot], endc.where[spot] = 0.0, True, "virtual treatment cost"
        endc.value[spot] += one.value
        endc.grade[spot] = max(int(endc.grade[spot]), one.grade)
    return bound


def _whole(
    text: GeepSpec,
    read: dict[str, ReadingValues],
    problems: ProblemLog,
    year: int,
    regions: tuple[str, ...],
) -> None:
    """Terms without a reading of their own are the sum of their parts, which must then all be there."""
    for name, term in text.term.items():
        own, parts = read[name], [read[f"{name}_{part}"] for part in term.parts]
        total = (
            np.sum([np.nan_to_num(one.value) for one in parts], axis=0)
            if parts
            else np.zeros(len(regions))
        )
        some = (
            np.any([one.where != "" for one in parts], axis=0)
            if parts
            else np.zeros(len(regions), dtype=bool)
        )
        every = np.all([one.where != "" for one in parts], axis=0) if parts else some
        given = own.where != ""
        over = given & some & (total > own.value * (1 + _ROUNDING))
        if over.any():
            codes = [code for code, wrong in zip(regions, over, strict=True) if wrong]
            what = f"{year}: the parts of {name} are more than {name} itself: {joined(codes, ', ')}"
            problems.add(
                "parts-sum",
                str(own.where[over][0]),
                what,
                "correct the parts, or leave the whole out",
            )
        filled = ~given & every
        own.value[filled], own.where[filled] = total[filled], "sum of its parts"
        for one in parts:
            own.grade[filled] = np.maximum(own.grade[filled], one.grade[filled])
        if term.optional:
            own.value[own.where == ""] = 0.0


def _price_year(
    text: GeepSpec,
    ground: AssessmentContext,
    year: int,
    rows: pd.DataFrame,
    treated: list[TreatmentCost],
    used: list[Reading],
    problems: ProblemLog,
) -> str:
    """The one year of all prices; blank and nominal are prices of the year itself."""
    named: dict[str, list[str]] = {}
    if treated and text.virtual_cost is not None:
        costs = ground.readings.of(year).get(text.virtual_cost.unit_cost)
        rows = rows if costs is None else pd.concat([rows, costs])
    for (file, given), some in rows.groupby(["file", "price_year"], sort=False):
        money = [has_money(str(unit)) for unit in some["unit"]]
        if any(money):
            own = str(year) if given in ("", "nominal") else str(given)
            named.setdefault(own, []).append(str(row_place(str(file), some["row"][money])))
    for reading in dict.fromkeys(used):
        found = ground.comparisons[reading.basis]
        said = basis(found.account(year))
        own = str(year) if said == "current" else said.removeprefix("constant:")
        named.setdefault(own, []).append(f"account {year} {reading.account} ({said})")
    if len(named) > 1:
        what = "; ".join(
            f"prices of {own}: {joined(places)}" for own, places in sorted(named.items())
        )
        fix = "bring all terms to one price year: deflate the rows, or set price_year of the project, or basis"
        problems.add("price-year", f"{year}", what, fix)
    return next(iter(named), "")
