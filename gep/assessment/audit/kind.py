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
from gep.assessment.decided import ReadItem
from gep.assessment.scheme import Assessment, Kind
from gep.errors import Problem, ProblemLog, make_problem
from gep.io.csv_excel import row_place
from gep.texts.catalogue import Label, Language


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


def read_items(scheme: AuditScheme) -> list[ReadItem]:
    """Return the items and scored parts with what they read."""
    items = []
    for item in scheme.spec.item:
        items.append(ReadItem(item.id, item.reading, item.unit, item.name))
    for part in scheme.spec.part:
        if part.reading is not None:
            items.append(ReadItem(part.id, part.reading, "1", part.name))
    return items


def bases(scheme: AuditScheme) -> set[str]:
    """Return the bases of accounts that items read, and normal climate to split off weather."""
    names: set[str] = set()
    for item in scheme.spec.item:
        if item.reading.account:
            names.add(item.reading.basis)
        if item.split == "weather":
            names.add("normal_climate")
    return names


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
    read_items=read_items,
)
