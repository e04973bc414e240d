"""Schemes of kind ``audit`` (领导干部自然资源资产离任审计): what changed over a term of office.

Offices and terms are assessed, never named people. The tables are working papers for auditors (供审计组参考); what is
decided on them is recorded apart, in the log of ``gep.assessment.review.log``.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from gep.assessment.audit.checks import check_inputs, check_scheme
from gep.assessment.audit.explain import audit_caption, explain_audit
from gep.assessment.audit.scheme import AuditScheme, AuditSpec
from gep.assessment.audit.tables import TOTAL, audit_tables
from gep.assessment.audit.term_results import AuditedTerm, gaps, terms_of
from gep.assessment.context import AssessmentContext
from gep.assessment.scheme import Assessment, Kind
from gep.errors import Problem, ProblemLog, make_problem
from gep.io.csv_excel import row_place
from gep.io.toml_documents import Title
from gep.texts.catalogue import Language


def load(spec: AuditSpec, path: Path, problems: ProblemLog) -> AuditScheme:
    """Make the scheme; there are no tables beside it."""
    return AuditScheme(spec, path, (path,), KIND)


def bases(scheme: AuditScheme) -> set[str]:
    """The bases of accounts that the items read; normal climate too where weather is taken apart."""
    items = scheme.spec.item
    own = {item.reading.basis for item in items if item.reading.account}
    if any(item.split == "weather" for item in items):
        return {*own, "normal_climate"}
    return set(own)


def event_ids(scheme: AuditScheme) -> set[str]:
    """The issues that events name."""
    return {issue.id for issue in scheme.spec.issue}


def assess(scheme: AuditScheme, context: AssessmentContext) -> Assessment:
    """The tables of all terms of office."""
    spec = scheme.spec
    terms = terms_of(spec, context)
    ids = [TOTAL, *(item.id for item in spec.item), *(module.id for module in spec.module)]
    ids += [part.id for part in spec.part]

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_audit(terms, region, year, item, language)

    def items(region: str, year: int) -> list[str]:
        ended = any(term.row["region"] == region and term.years[1] == year for term in terms)
        return ids if ended else []

    return Assessment(
        scheme,
        audit_tables(terms),
        explain,
        items,
        {item.id: item.reading for item in spec.item if item.reading.account},
        tuple(_warnings(terms)),
        tuple(Title(zh=zh, en=en) for zh, en in audit_caption(spec, terms)),
    )


def _warnings(terms: Sequence[AuditedTerm]) -> Iterator[Problem]:
    for term in terms:
        for one, gap in gaps(term):
            where = row_place(str(term.row["file"]), [term.row["row"]])
            what = f"{one.item.id}: the change is {one.change:g} {one.item.unit}, its causes leave {gap:g}"
            yield make_problem(
                "term-causes", where, what, "complete the causes of the years of the term"
            )


KIND = Kind(
    name="audit",
    spec=AuditSpec,
    load=load,
    check=check_scheme,
    check_inputs=check_inputs,
    assess=assess,
    bases=bases,
    event_ids=event_ids,
)
