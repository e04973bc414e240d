"""References between schemes (方案之间的引用): whether they hold, and the order that follows.

A scheme that reads another one is applied after it, wherever the project lists them. What a scheme
publishes is said by its kind; the module holds the references against that, and gathers results
with the grade of evidence behind them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

import numpy as np
import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.published import Publication, PublishedItem
from gep.assessment.readings import GROWTHS, Reading, SchemeReading
from gep.assessment.scheme import Scheme
from gep.errors import ProblemLog, Where
from gep.inputs.value_rows import GRADE
from gep.io.tables import suggestion
from gep.texts.catalogue import Listed
from gep.units import UnitError, factor

# Grades of the evidence of schemes; other words for evidence are grades themselves.
_GRADE_OF_EVIDENCE = {"verified": "derived", "published": "derived"}
_ARROW = " → "


def referred_schemes(scheme: Scheme) -> list[str]:
    """Return the ids of the schemes that a scheme reads.

    Parameters
    ----------
    scheme : Scheme

    Returns
    -------
    list of str
    """
    ids = [named.reading.scheme_id for named in _scheme_readings(scheme)]
    source = scheme.kind.class_source(scheme)
    if source:
        ids.append(source)
    return list(dict.fromkeys(ids))


def _scheme_readings(scheme: Scheme) -> list[SchemeReading]:
    """Return the readings of a scheme that are of other schemes."""
    readings: Sequence[SchemeReading] = scheme.kind.readings(scheme)
    return [named for named in readings if named.reading.scheme]


def _graph(schemes: Sequence[Scheme]) -> dict[str, set[str]]:
    """Return which of the schemes each one reads, by id."""
    ids = {scheme.id for scheme in schemes}
    return {scheme.id: set(referred_schemes(scheme)) & ids for scheme in schemes}


def evaluation_order(schemes: Sequence[Scheme]) -> list[Scheme]:
    """Return schemes so that each comes after those that it reads.

    Parameters
    ----------
    schemes : sequence of Scheme
        That do not read each other in a circle.

    Returns
    -------
    list of Scheme
    """
    by_id = {scheme.id: scheme for scheme in schemes}
    order = TopologicalSorter(_graph(schemes)).static_order()
    return [by_id[scheme_id] for scheme_id in order]


def check_circles(schemes: Sequence[Scheme], where: str, problems: ProblemLog) -> set[str]:
    """Check that schemes do not read each other in a circle.

    Parameters
    ----------
    schemes : sequence of Scheme
    where : str
        The place that lists the schemes.
    problems : ProblemLog
        Collects ``scheme-circle``, one for each circle, which it names whole.

    Returns
    -------
    set of str
        The ids of the schemes that are in a circle.
    """
    graph = _graph(schemes)
    circular: set[str] = set()
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle = list(reversed(error.args[1]))  # a scheme, what it reads, and so on
            start = circle.index(min(circle))
            turned = [*circle[start:-1], *circle[: start + 1]]
            problems.add(
                "scheme-circle", where, "assessment.scheme-circle", circle=_ARROW.join(turned)
            )
            circular.update(circle)
            graph = {name: graph[name] - circular for name in graph if name not in circular}
        else:
            return circular


def publish(schemes: Sequence[Scheme], context: AssessmentContext) -> AssessmentContext:
    """Enter what schemes publish into their context; there are no results yet.

    Parameters
    ----------
    schemes : sequence of Scheme
    context : AssessmentContext

    Returns
    -------
    AssessmentContext
        With the years of each scheme: those that the context has for it, else those that it states.
    """
    years = dict(context.scheme_years)
    for scheme in schemes:
        if scheme.spec.years:
            years.setdefault(scheme.id, tuple(sorted(scheme.spec.years)))
    context = replace(context, scheme_years=years)
    publications = {}
    for scheme in schemes:
        items: Mapping[str, PublishedItem] = scheme.kind.published(scheme, context)
        subjects = scheme.kind.subject_classes(scheme, context)
        years_of_scheme = context.years_of(scheme.id)
        publications[scheme.id] = Publication(scheme.id, years_of_scheme, items, subjects=subjects)
    return replace(context, publications=publications)


def with_results(
    context: AssessmentContext, scheme: Scheme, tables: Mapping[str, pd.DataFrame]
) -> AssessmentContext:
    """Enter the results of a scheme into the context of those that read it.

    Parameters
    ----------
    context : AssessmentContext
    scheme : Scheme
    tables : mapping of str to DataFrame
        Its result tables.

    Returns
    -------
    AssessmentContext
    """
    publication = replace(
        context.publications[scheme.id],
        tables=tables,
        grades=_grades_behind(scheme, context.for_scheme(scheme.id)),
    )
    return replace(context, publications={**context.publications, scheme.id: publication})


def _grades_behind(scheme: Scheme, context: AssessmentContext) -> dict[tuple[str, int], int]:
    """Return the worst grade behind a scheme's results: of evidence, of its rows, of readings."""
    evidence = scheme.spec.evidence
    least = GRADE[_GRADE_OF_EVIDENCE.get(evidence, evidence)]
    least = max(least, scheme.kind.table_grade(scheme, context))
    readings = scheme.kind.readings(scheme)
    for named in readings:
        if named.grade:
            least = max(least, GRADE[named.grade])
    grades = {}
    for year in context.years:
        worst = np.full(len(context.regions), least)
        for named in readings:
            try:
                of_reading = context.read(named.reading, named.unit, year).grade
            except (KeyError, UnitError):  # what no year needs is not read by its scheme either
                continue
            worst = np.maximum(worst, of_reading)
        for code, grade in zip(context.regions, worst.tolist(), strict=True):
            grades[code, year] = grade
    return grades


def check_references(scheme: Scheme, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check what a scheme reads of other schemes, before anything is computed.

    Parameters
    ----------
    scheme : Scheme
    context : AssessmentContext
        With what all schemes of the project publish; see ``publish``.
    problems : ProblemLog
        Collects ``unknown-scheme``, ``unknown-item``, ``scheme-class``, ``wrong-dimension`` and
        ``scheme-year``.
    """
    years = context.years_of(scheme.id)
    _check_class_source(scheme, context, problems)
    for named in _scheme_readings(scheme):
        reading = named.reading
        publication = context.publications.get(reading.scheme_id)
        if publication is None:
            _add_unknown_scheme(scheme, reading.scheme_id, named.where, context, problems)
            continue
        item = publication.items.get(reading.scheme_item)
        if item is None:
            problems.add(
                "unknown-item",
                named.where,
                "assessment.unknown-item",
                scheme=reading.scheme_id,
                item=reading.scheme_item,
                hint=suggestion(reading.scheme_item, publication.items),
            )
            continue
        _check_name(reading, publication, named, problems)
        if item.classes or reading.classes:
            _check_classes(reading, item, named, problems)
        else:
            _check_unit(reading, item, named, problems)
        _check_years(reading, publication, years, named, problems)


def _check_name(
    reading: Reading, publication: Publication, named: SchemeReading, problems: ProblemLog
) -> None:
    """Check that an item that was computed is not called otherwise in all regions.

    An ecosystem service value is not GEP, and a lower bound of a cost is not the cost: what reads
    the one may not silently read nothing, or take the other for it.
    """
    other_name = publication.items[reading.scheme_item].other_name
    if not other_name or not publication.tables:
        return
    has_numbers = len(publication.values(reading.scheme_item)) > 0
    if has_numbers or publication.values(other_name).empty:
        return
    problems.add(
        "unknown-item",
        named.where,
        "assessment.item-called-otherwise",
        scheme=reading.scheme_id,
        item=reading.scheme_item,
        other=other_name,
    )


def _add_unknown_scheme(
    scheme: Scheme, named: str, where: Where, context: AssessmentContext, problems: ProblemLog
) -> None:
    """Add (``unknown-scheme``) that a scheme names one that the project does not have."""
    known = [name for name in context.publications if name != scheme.id]
    hint = suggestion(named, known)
    problems.add("unknown-scheme", where, "assessment.unknown-scheme", scheme=named, hint=hint)


def _check_class_source(scheme: Scheme, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check that the scheme whose classes of subjects are taken is there, and gives classes."""
    source = scheme.kind.class_source(scheme)
    if not source:
        return
    where = f"{scheme.path.name} class_from"
    publication = context.publications.get(source)
    if publication is None:
        _add_unknown_scheme(scheme, source, where, context, problems)
    elif publication.subjects is None:
        problems.add("scheme-class", where, "assessment.no-subject-classes", scheme=source)


def _check_classes(
    reading: Reading, item: PublishedItem, named: SchemeReading, problems: ProblemLog
) -> None:
    """Check that each class, and nothing else, has a number."""
    values = {"item": reading.scheme, "classes": list(item.classes)}
    words = [word for word, _ in reading.classes]
    unknown = [word for word in words if word not in item.classes]
    without = [word for word in item.classes if word not in words]
    if not item.classes:
        problems.add("scheme-class", named.where, "assessment.classes-of-number", **values)
    elif not words:
        problems.add("scheme-class", named.where, "assessment.class-without-numbers", **values)
    elif unknown:
        problems.add(
            "scheme-class", named.where, "assessment.unknown-class", words=unknown, **values
        )
    elif without:
        problems.add(
            "scheme-class", named.where, "assessment.class-left-out", words=without, **values
        )


def _check_unit(
    reading: Reading, item: PublishedItem, named: SchemeReading, problems: ProblemLog
) -> None:
    """Check that the unit of an item can be converted; a growth is a share."""
    try:
        factor("1" if reading.form in GROWTHS else item.unit, named.unit)
    except UnitError as error:
        problems.add(
            "wrong-dimension",
            named.where,
            "assessment.reading-unit",
            reading=str(reading),
            reason=error.args[0],
            unit=named.unit,
        )


def _check_years(
    reading: Reading,
    publication: Publication,
    years: Sequence[int],
    named: SchemeReading,
    problems: ProblemLog,
) -> None:
    """Check that what is read is assessed in all years in which it is read."""
    lacking = [year for year in years if year not in publication.years]
    if lacking:
        problems.add(
            "scheme-year",
            named.where,
            "assessment.scheme-year",
            scheme=publication.scheme,
            years=Listed(tuple(lacking), len(lacking)),
            assessed=Listed(tuple(publication.years), len(publication.years)),
        )
