"""The kind ``audit`` (领导干部自然资源资产离任审计): how its schemes are loaded and applied.

Offices and terms are assessed, never named people. The tables are working papers for auditors
(供审计组参考); what is decided on them is recorded separately, in the log of
``gep.assessment.review.log``. The only module of the package that knows all the others.
"""

from collections.abc import Sequence
from pathlib import Path

from gep.assessment.audit.checks import check_inputs, check_scheme
from gep.assessment.audit.explain import audit_caption, explain_audit
from gep.assessment.audit.scheme import TOTAL, AuditScheme, AuditSpec
from gep.assessment.audit.tables import audit_tables
from gep.assessment.audit.term_results import AuditedTerm, terms_of
from gep.assessment.context import AssessmentContext
from gep.assessment.published import STATUSES, PublishedItem
from gep.assessment.readings import SchemeReading
from gep.assessment.scheme import Assessment, Kind
from gep.errors import Problem, ProblemLog, make_problem
from gep.io.csv_excel import row_place
from gep.texts.catalogue import Label, Language

_YEAR = "account_end"  # the column of the day of the account at the end of a term


def load(spec: AuditSpec, path: Path, problems: ProblemLog) -> AuditScheme:
    """Make a scheme; there are no tables beside the TOML.

    Parameters
    ----------
    spec : AuditSpec
    path : Path
        The file of the TOML.
    problems : ProblemLog
        Collects nothing.

    Returns
    -------
    AuditScheme
    """
    return AuditScheme(spec, path, (path,), KIND)


def bases(scheme: AuditScheme) -> set[str]:
    """Return the bases of accounts that items read, and normal climate to split off weather."""
    names: set[str] = set()
    for item in scheme.spec.item:
        if item.reading.account:
            names.add(item.reading.basis)
        if item.split == "weather":
            names.add("normal_climate")
    return names


def readings(scheme: AuditScheme) -> list[SchemeReading]:
    """Return the readings of all items and parts."""
    label = scheme.path.name
    listed = []
    for item in scheme.spec.item:
        where = f"{label} item {item.id}"
        named = SchemeReading(
            item.reading,
            item.unit,
            where,
            item.grade,
            item=item.id,
            name=item.name,
        )
        listed.append(named)
    for part in scheme.spec.part:
        if part.reading is not None:
            where = f"{label} part {part.id}"
            named = SchemeReading(part.reading, "1", where, item=part.id, name=part.name)
            listed.append(named)
    return listed


def published(scheme: AuditScheme, context: AssessmentContext) -> dict[str, PublishedItem]:
    """Return what other schemes may read: scores with grade, changes over the term, targets.

    Their year is that of the account at the end of the term.
    """
    spec = scheme.spec
    items = {}
    for item in spec.item:
        keys = {"item": item.id}
        items[f"{item.id}.change"] = PublishedItem(
            "audit.csv", "change", keys, item.unit, year=_YEAR
        )
        items[f"{item.id}.status"] = PublishedItem(
            "audit.csv", "met", keys, classes=STATUSES, year=_YEAR
        )
    for part in spec.part:
        items[part.id] = _score_item("score", {"part": part.id})
    for module in spec.module:
        items[module.id] = _score_item("score", {"module": module.id, "part": ""})
    items[TOTAL] = _score_item("score", {"module": TOTAL})
    if spec.grade:
        grades = tuple(grade.name.zh for grade in spec.grade)
        items[f"{TOTAL}.grade"] = _score_item("grade", {"module": TOTAL}, grades)
    return items


def _score_item(column: str, keys: dict[str, str], classes: tuple[str, ...] = ()) -> PublishedItem:
    """Return an item of ``audit_scores.csv``, whose years are stated by ``audit.csv``."""
    return PublishedItem(
        "audit_scores.csv",
        column,
        keys,
        classes=classes,
        year=_YEAR,
        year_table="audit.csv",
    )


def event_ids(scheme: AuditScheme) -> set[str]:
    """Return the kinds of findings, which are events."""
    return {issue.id for issue in scheme.spec.issue}


def assess(scheme: AuditScheme, context: AssessmentContext) -> Assessment:
    """Apply a scheme to all terms of office.

    Parameters
    ----------
    scheme : AuditScheme
    context : AssessmentContext
        Checked by ``check_inputs``.

    Returns
    -------
    Assessment
        The tables of ``audit_tables``. Warnings ``term-causes`` where the causes of a change do not
        sum to it.
    """
    spec = scheme.spec
    terms = terms_of(spec, context)
    ids = [TOTAL]
    ids += [item.id for item in spec.item]
    ids += [module.id for module in spec.module]
    ids += [part.id for part in spec.part]

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_audit(terms, region, year, item=item, language=language)

    def items(region: str, year: int) -> list[str]:
        for term in terms:
            if term.region == region and term.end.year == year:
                return ids
        return []

    account_readings = {}
    for item in spec.item:
        if item.reading.account:
            account_readings[item.id] = item.reading
    return Assessment(
        scheme,
        audit_tables(terms),
        explain=explain,
        items=items,
        account_readings=account_readings,
        warnings=tuple(_cause_warnings(terms)),
        caption=audit_caption(spec, terms),
    )


def _cause_warnings(terms: Sequence[AuditedTerm]) -> list[Problem]:
    """Return a warning for each change whose causes do not sum to it."""
    warnings = []
    for term in terms:
        for change in term.changes:
            if not change.has_gap:
                continue
            warning = make_problem(
                "term-causes",
                row_place(term.file, [term.row]),
                "audit.causes-gap",
                item=Label(change.item.id, change.item.name),
                start=term.start.day,
                end=term.end.day,
                change=f"{change.change:g}",
                gap=f"{change.gap:g}",
                unit=change.item.unit,
            )
            warnings.append(warning)
    return warnings


KIND = Kind(
    name="audit",
    spec=AuditSpec,
    load=load,
    check=check_scheme,
    check_inputs=check_inputs,
    assess=assess,
    bases=bases,
    event_ids=event_ids,
    readings=readings,
    published=published,
)
