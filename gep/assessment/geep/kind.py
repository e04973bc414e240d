"""GEEP (生态经济生产总值): GDP less what its making cost nature, plus what nature gave that GDP does not count.

GEEP = GDP - RDC - EnDC - EcDC + GEP - overlap, the overlap of GDP and GEP being EPS + ECS unless data say otherwise.
"""

from itertools import chain
from typing import Literal

import numpy as np
import pandas as pd

from gep.assessment.context import AssessmentContext, members_of, regions_of
from gep.assessment.geep.explain import caption, geep_working, wide
from gep.assessment.geep.items import LOWER, Items, items_of
from gep.assessment.geep.terms import (
    GeepTerm,
    TermName,
    TermValues,
    own_names,
    read_term_values,
    years_of,
)
from gep.assessment.geep.virtual_cost import VirtualCost, load_tau
from gep.assessment.scheme import Assessment, Scheme, SchemeSpec
from gep.errors import ProblemLog, joined
from gep.inputs.value_rows import unit_fault
from gep.io.catalog import resolve_inside
from gep.units import has_money

GEEP_COLUMNS = ["region", "year", "item", "value", "unit"]
_NEEDED: tuple[TermName, ...] = ("gdp", "endc", "ecdc", "ers")
_CLOSE = 0.005  # by how much of GEP its parts may miss it: published figures are rounded


class GeepScheme(SchemeSpec):
    """A scheme of kind ``geep``: where each term is read; ``tau`` names a table beside the scheme."""

    kind: Literal["geep"] = "geep"
    unit: str
    term: dict[TermName, GeepTerm]
    virtual_cost: VirtualCost | None = None
    tau: str = ""

    def bases(self, scheme: Scheme) -> set[str]:
        """The bases of accounts that the scheme reads."""
        parts = chain.from_iterable((term, *term.parts.values()) for term in self.term.values())
        return {one.basis for part in parts for one in part.readings if one.account}

    def check(self, scheme: Scheme, problems: ProblemLog) -> None:
        """Terms without readings, readings that are no levels, a unit that is no money, steps of tau."""
        label = scheme.path.name
        for name in _NEEDED:
            term = self.term.get(name)
            if term is None or not (term.readings or term.parts):
                fix = f'add [term.{name}] with readings = [{{ data = "{name}" }}]'
                problems.add(
                    "missing-key", f"{label} term.{name}", f"term {name} is read from nowhere", fix
                )
        for name, term in self.term.items():
            for part in (term, *term.parts.values()):
                if any(one.form != "level" for one in part.readings):
                    what = f"term {name} is read in form {', '.join(one.form for one in part.readings)}"
                    problems.add(
                        "term-form",
                        f"{label} term.{name}",
                        what,
                        "terms are sums of money: leave form out",
                    )
        fault = unit_fault(self.unit)
        if fault or not has_money(self.unit):
            what = fault[1] if fault else f"unit {self.unit!r} is no money"
            code = fault[0] if fault else "wrong-dimension"
            problems.add(code, f"{label} unit", what, "write a unit of money, such as 10^8 CNY")
        if self.tau:
            self._steps(scheme, problems)

    def _steps(self, scheme: Scheme, problems: ProblemLog) -> tuple[np.ndarray, np.ndarray] | None:
        path = (
            resolve_inside(self.tau, scheme.path.parent, f"{scheme.path.name} tau", problems)
            if self.tau
            else None
        )
        return None if path is None else load_tau(path, problems)

    def check_ground(self, scheme: Scheme, ground: AssessmentContext, problems: ProblemLog) -> None:
        """What the scheme needs and the project does not give: all of it, in every year that has a row of it."""
        years = years_of(self, ground)
        if not years:
            fix = f"add rows such as {', '.join(sorted(own_names(self))[:6])} by region and year to the readings"
            problems.add("missing-data", scheme.id, "no row of the scheme's data in any year", fix)
        steps = self._steps(scheme, problems)
        for year in years:
            self._check_year(read_term_values(self, steps, ground, year, problems), problems)

    def _check_year(self, terms: TermValues, problems: ProblemLog) -> None:
        for name in [one for one in _NEEDED if one in terms.read]:
            lacking = np.isnan(terms.read[name].value)
            if lacking.any():
                codes = [code for code, one in zip(terms.regions, lacking, strict=True) if one]
                tried = [str(one) for one in self.term[name].readings]
                tried += (
                    [f"all of {', '.join(self.term[name].parts)}"] if self.term[name].parts else []
                )
                if name == "endc" and self.virtual_cost:
                    tried.append(
                        f"{self.virtual_cost.emission} and {self.virtual_cost.unit_cost} by substance"
                    )
                what = f"no {name} of {joined(codes, ', ')}"
                problems.add(
                    "missing-data", f"{terms.year}", what, f"give one of: {'; '.join(tried)}"
                )
        if "gdp" in terms.read:
            self._check_gep(terms, problems)

    def _check_gep(self, terms: TermValues, problems: ProblemLog) -> None:
        """GEP against its parts, a GDP of none, and an overlap that cannot be placed."""
        read = {name: one.value for name, one in terms.read.items()}
        parts = read["eps"] + read["ers"] + read["ecs"]
        with np.errstate(invalid="ignore"):
            apart = np.abs(parts - read["gep"]) > _CLOSE * read["gep"]
            faults = (
                (
                    "gep-sum",
                    apart | (read["ers"] > read["gep"] * (1 + _CLOSE)),
                    "gep is not eps + ers + ecs",
                    "correct them, or leave gep out: it is their sum",
                ),
                ("missing-data", read["gdp"] == 0, "gdp is na or 0", "give the GDP of the region"),
                (
                    "missing-data",
                    np.isfinite(read["overlap"]) & np.isnan(parts) & np.isnan(read["gep"]),
                    "an overlap is given without GEP",
                    "give eps and ecs, or gep",
                ),
            )
        for code, wrong, what, fix in faults:
            if wrong.any():
                codes = [one for one, bad in zip(terms.regions, wrong, strict=True) if bad]
                problems.add(code, f"{terms.year}", f"{what}: {joined(codes, ', ')}", fix)

    def assess(self, scheme: Scheme, ground: AssessmentContext) -> Assessment:
        """Apply the scheme: ``geep.csv`` and the same as a wide table, ``geep_table.csv``."""
        found = GeepResult(self, scheme, ground)
        return Assessment(
            scheme,
            {"geep.csv": _long(found.items), "geep_table.csv": wide(found, ground)},
            working=lambda region, year, item, language: geep_working(
                found, region, year, item, language
            ),
            behind={
                name: one
                for name, term in self.term.items()
                for one in term.readings
                if one.account
            },
            warnings=found.warnings,
            caption=caption(found),
        )


class GeepResult:
    """A scheme applied: the terms and items of each year."""

    def __init__(self, text: GeepScheme, scheme: Scheme, ground: AssessmentContext) -> None:
        problems = ProblemLog()
        self.spec, self.scheme, self.ground = text, scheme, ground
        self.terms_of: dict[str, GeepTerm] = {str(name): term for name, term in text.term.items()}
        steps = text._steps(scheme, problems)
        self.terms = [
            read_term_values(text, steps, ground, year, problems) for year in years_of(text, ground)
        ]
        self.items: list[Items] = []
        for one in self.terms:
            sums, short = members_of(regions_of(ground), one.regions)
            self.items.append(items_of(one, ground, text.unit, sums))
            _warn(one, short, problems)
        self.warnings = tuple(problems.warnings)


def _warn(terms: TermValues, short: list[str], problems: ProblemLog) -> None:
    where = str(terms.year)
    if terms.left:
        what = f"regions of the account without a row of the scheme: {joined(terms.left, ', ')}"
        problems.add(
            "region-left-out",
            where,
            what,
            "give their rows, or take the figures as those of the others",
        )
    if short:
        what = f"no sum for {joined(short, ', ')}: regions inside lack"
        problems.add("region-left-out", where, what, "give the rows of every region inside")
    if terms.bound.any():
        codes = [code for code, one in zip(terms.regions, terms.bound, strict=True) if one]
        what = f"endc of {joined(codes, ', ')} is the virtual treatment cost, a lower bound: their GEEP is an upper bound"
        fix = "give a cost of degradation"
        if not terms.bound.all():
            fix += "; until then ranks mix regions with and without it"
        problems.add("lower-bound", where, what, fix)
    unknown = np.isnan(terms.read["gep"].value) & np.isnan(
        terms.read["eps"].value + terms.read["ecs"].value
    )
    if unknown.any():
        codes = [code for code, one in zip(terms.regions, unknown, strict=True) if one]
        what = f"GEP of {joined(codes, ', ')} is not known: no GEP, no overlap, no GGI"
        problems.add("gep-unknown", where, what, "give eps and ecs, or gep")


def _long(years: list[Items]) -> pd.DataFrame:
    """The rows of ``geep.csv``."""
    rows = []
    for one in years:
        for spot, code in enumerate(one.codes):
            for name, values in one.value.items():
                if np.isfinite(values[spot]):
                    item = LOWER if name == "endc" and one.bound[spot] else name
                    rows.append((code, one.year, item, float(values[spot]), one.unit[name]))
        for (code, item), value in one.gini.items():
            if np.isfinite(value):
                rows.append((code, one.year, item, value, "1"))
    return pd.DataFrame(rows, columns=GEEP_COLUMNS)
