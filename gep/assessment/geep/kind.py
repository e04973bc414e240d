"""Schemes of kind ``geep`` (生态经济生产总值).

GEEP = GDP - RDC - EnDC - EcDC + GEP - overlap, the overlap of GDP and GEP being EPS + ECS unless data say otherwise.
"""

from pathlib import Path

import numpy as np

from gep.assessment.context import AssessmentContext, members_of, regions_of
from gep.assessment.geep.explain import caption, explain_geep
from gep.assessment.geep.items import LOWER, GeepResult, items_of
from gep.assessment.geep.scheme import GeepScheme, GeepSpec, TermName, term_parts
from gep.assessment.geep.tables import geep_table, wide_table
from gep.assessment.geep.terms import TermValues, own_names, read_term_values, years_of
from gep.assessment.geep.virtual_cost import load_tau
from gep.assessment.readings import Reading
from gep.assessment.scheme import Assessment, Kind
from gep.errors import ProblemLog, joined
from gep.inputs.value_rows import unit_fault
from gep.io.catalog import resolve_inside
from gep.io.toml_documents import Title
from gep.texts.catalogue import Language
from gep.units import has_money

_NEEDED: tuple[TermName, ...] = ("gdp", "endc", "ecdc", "ers")
_CLOSE = 0.005  # by how much of GEP its parts may miss it: published figures are rounded


def load(spec: GeepSpec, path: Path, problems: ProblemLog) -> GeepScheme:
    """Make the scheme with the steps of tau of the table beside."""
    if not spec.tau:
        return GeepScheme(spec, path, (path,), KIND, None)
    file = resolve_inside(spec.tau, path.parent, f"{path.name} tau", problems)
    if file is None:
        return GeepScheme(spec, path, (path,), KIND, None)
    return GeepScheme(spec, path, (path, file), KIND, load_tau(file, problems))


def bases(scheme: GeepScheme) -> set[str]:
    """The bases of accounts that the scheme reads."""
    found: set[str] = set()
    for part in term_parts(scheme.spec):
        found |= {reading.basis for reading in part.readings if reading.account}
    return found


def check_scheme(scheme: GeepScheme, problems: ProblemLog) -> None:
    """Terms without readings, readings that are no levels, a unit that is no money, steps of tau."""
    spec, label = scheme.spec, scheme.path.name
    for name in _NEEDED:
        term = spec.term.get(name)
        if term is None or not (term.readings or term.parts):
            fix = f'add [term.{name}] with readings = [{{ data = "{name}" }}]'
            problems.add(
                "missing-key", f"{label} term.{name}", f"term {name} is read from nowhere", fix
            )
    for name, term in spec.term.items():
        for part in (term, *term.parts.values()):
            if any(one.form != "level" for one in part.readings):
                what = f"term {name} is read in form {', '.join(one.form for one in part.readings)}"
                problems.add(
                    "term-form",
                    f"{label} term.{name}",
                    what,
                    "terms are sums of money: leave form out",
                )
    fault = unit_fault(spec.unit)
    if fault or not has_money(spec.unit):
        what = fault[1] if fault else f"unit {spec.unit!r} is no money"
        code = fault[0] if fault else "wrong-dimension"
        problems.add(code, f"{label} unit", what, "write a unit of money, such as 10^8 CNY")


def check_inputs(scheme: GeepScheme, context: AssessmentContext, problems: ProblemLog) -> None:
    """What the scheme needs and the project does not give: all of it, in every year that has a row of it."""
    years = years_of(scheme.spec, context)
    if not years:
        fix = f"add rows such as {', '.join(sorted(own_names(scheme.spec))[:6])} by region and year to the readings"
        problems.add("missing-data", scheme.id, "no row of the scheme's data in any year", fix)
    for year in years:
        terms = read_term_values(scheme.spec, scheme.tau, context, year, problems)
        _check_year(scheme.spec, terms, problems)


def _check_year(spec: GeepSpec, terms: TermValues, problems: ProblemLog) -> None:
    for name in [one for one in _NEEDED if one in terms.read]:
        lacking = np.isnan(terms.read[name].value)
        if lacking.any():
            codes = [code for code, one in zip(terms.regions, lacking, strict=True) if one]
            tried = [str(one) for one in spec.term[name].readings]
            tried += [f"all of {', '.join(spec.term[name].parts)}"] if spec.term[name].parts else []
            if name == "endc" and spec.virtual_cost:
                tried.append(
                    f"{spec.virtual_cost.emission} and {spec.virtual_cost.unit_cost} by substance"
                )
            what = f"no {name} of {joined(codes, ', ')}"
            problems.add("missing-data", f"{terms.year}", what, f"give one of: {'; '.join(tried)}")
    if "gdp" in terms.read:
        _check_gep(terms, problems)


def _check_gep(terms: TermValues, problems: ProblemLog) -> None:
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


def assess(scheme: GeepScheme, context: AssessmentContext) -> Assessment:
    """Apply the scheme: ``geep.csv`` and the same as a wide table, ``geep_table.csv``."""
    spec, problems = scheme.spec, ProblemLog()
    years, results = [], []
    for year in years_of(spec, context):
        terms = read_term_values(spec, scheme.tau, context, year, problems)
        sums, short = members_of(regions_of(context), terms.regions)
        years.append(terms)
        results.append(items_of(terms, context, spec.unit, sums))
        _warn(terms, short, problems)
    result = GeepResult(scheme, context, tuple(years), tuple(results))
    account_readings: dict[str, Reading] = {}
    for name, term in spec.term.items():
        for reading in term.readings:
            if reading.account:
                account_readings[name] = reading

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_geep(result, region, year, item, language)

    def items(region: str, year: int) -> list[str]:
        names: list[str] = []
        for values in result.items:
            if values.year != year:
                continue
            if region in values.codes:
                names += [*values.value, LOWER]
            names += [item for code, item in values.gini if code == region]
        return names

    return Assessment(
        scheme,
        {"geep.csv": geep_table(result.items), "geep_table.csv": wide_table(result)},
        explain,
        items,
        account_readings,
        tuple(problems.warnings),
        tuple(Title(zh=zh, en=en) for zh, en in caption(result)),
    )


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


KIND = Kind(
    name="geep",
    spec=GeepSpec,
    load=load,
    check=check_scheme,
    check_inputs=check_inputs,
    assess=assess,
    bases=bases,
)
