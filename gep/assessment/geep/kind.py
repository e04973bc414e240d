"""The kind ``geep`` (生态经济生产总值): what can be done with a scheme of GEEP.

GEEP = GDP - RDC - EnDC - EcDC + GEP - overlap, the overlap of GDP and GEP being EPS + ECS unless
data say otherwise. This module puts the others of the package together and is imported by none.
"""

from pathlib import Path

from gep.assessment.context import AssessmentContext, members_of, regions_of
from gep.assessment.geep.checks import check_inputs, check_scheme, warn_of_terms
from gep.assessment.geep.explain import caption, explain_geep
from gep.assessment.geep.scheme import GeepScheme, GeepSpec, term_parts
from gep.assessment.geep.tables import geep_table, item_titles, shown_item, wide_table
from gep.assessment.geep.terms import (
    LOWER,
    UNIT_VALUE_NAMES,
    GeepResult,
    compute_items,
    item_units,
    read_term_values,
    years_of,
)
from gep.assessment.geep.virtual_cost import load_tau
from gep.assessment.published import PublishedItem
from gep.assessment.readings import Reading, SchemeReading
from gep.assessment.scheme import Assessment, Kind
from gep.errors import ProblemLog
from gep.io.catalog import resolve_inside
from gep.texts.catalogue import Language


def load(spec: GeepSpec, path: Path, problems: ProblemLog) -> GeepScheme:
    """Make a scheme, with the steps of tau of the table beside it.

    Parameters
    ----------
    spec : GeepSpec
    path : Path
        The file of the TOML.
    problems : ProblemLog
        Collects ``missing-file`` and ``path-outside`` for the table, and what ``load_tau`` adds.

    Returns
    -------
    GeepScheme
    """
    file = None
    if spec.tau:
        file = resolve_inside(spec.tau, path.parent, f"{path.name} tau", problems)
    if file is None:
        return GeepScheme(spec, path, (path,), KIND, None)
    return GeepScheme(spec, path, (path, file), KIND, load_tau(file, problems))


def bases(scheme: GeepScheme) -> set[str]:
    """Return the bases of accounts that a scheme reads."""
    names: set[str] = set()
    for part in term_parts(scheme.spec):
        names.update(reading.basis for reading in part.readings if reading.account)
    return names


def readings(scheme: GeepScheme) -> list[SchemeReading]:
    """Return the readings of all terms and parts, each that is tried by itself.

    The first reading of a term or part has its id, a further one the number of its turn as well.
    """
    unit = scheme.spec.unit
    listed = []
    for name, term in scheme.spec.term.items():
        where = f"{scheme.path.name} term.{name}"
        parts = {name: term, **{f"{name}.{part}": made for part, made in term.parts.items()}}
        for item, part in parts.items():
            for turn, reading in enumerate(part.readings, 1):
                item_id = item if turn == 1 else f"{item}.{turn}"
                named = SchemeReading(reading, unit, where, item=item_id, name=part.name)
                listed.append(named)
    return listed


def published(scheme: GeepScheme, context: AssessmentContext) -> dict[str, PublishedItem]:
    """Return what other schemes may read: terms, what follows from them, ratios and ranks."""
    items = {}
    other_names = {**UNIT_VALUE_NAMES, "endc": LOWER}
    for name, unit in item_units(scheme.spec).items():
        other_name = other_names.get(name, "")
        keys = {"item": name}
        items[name] = PublishedItem("geep.csv", "value", keys, unit, other_name=other_name)
    return items


def table_grade(scheme: GeepScheme, context: AssessmentContext) -> int:
    """Return the worst grade of the data of virtual treatment costs."""
    cost = scheme.spec.virtual_cost
    rows = context.readings.rows
    if cost is None or rows.empty:
        return 0
    is_of_cost = rows["name"].isin([cost.emission, cost.unit_cost, cost.exceedance])
    grades = rows.loc[is_of_cost.to_numpy(), "grade"]
    return int(grades.max()) if len(grades) else 0


def assess(scheme: GeepScheme, context: AssessmentContext) -> Assessment:
    """Apply a scheme.

    Parameters
    ----------
    scheme : GeepScheme
    context : AssessmentContext
        A context in which nothing is wrong.

    Returns
    -------
    Assessment
        Tables ``geep.csv``, and the same as a wide table, ``geep_table.csv``.
    """
    spec = scheme.spec
    problems = ProblemLog()
    terms_of_years = []
    items_of_years = []
    for year in years_of(spec, context):
        terms = read_term_values(scheme, context, year, problems)
        parents, incomplete = members_of(regions_of(context), terms.regions)
        terms_of_years.append(terms)
        items_of_years.append(compute_items(terms, context, spec.unit, parents))
        warn_of_terms(terms, incomplete, context, problems)
    result = GeepResult(scheme, context, tuple(terms_of_years), tuple(items_of_years))
    account_readings: dict[str, Reading] = {}
    for name, term in spec.term.items():
        for reading in term.readings:
            if reading.account:
                account_readings[name] = reading

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_geep(result, region, year, item, language)

    def items(region: str, year: int) -> list[str]:
        names: list[str] = []
        for of_year in result.items:
            if of_year.year != year:
                continue
            if region in of_year.codes:
                position = of_year.codes.index(region)
                names += [shown_item(name, of_year, position) for name in of_year.value]
                names.append("endc")  # also where it is shown as a lower bound
            names += [item for code, item in of_year.gini if code == region]
        return names

    return Assessment(
        scheme,
        tables={"geep.csv": geep_table(result.items), "geep_table.csv": wide_table(result)},
        explain=explain,
        items=items,
        account_readings=account_readings,
        warnings=tuple(problems.warnings),
        caption=caption(result),
        names=item_titles(result),
    )


KIND = Kind(
    name="geep",
    spec=GeepSpec,
    load=load,
    check=check_scheme,
    check_inputs=check_inputs,
    assess=assess,
    bases=bases,
    readings=readings,
    published=published,
    table_grade=table_grade,
)
