"""The kind ``register`` (带日期的名录): how its schemes are loaded and applied.

Enterprises, offices and sections are assessed, never persons. The only module of the package that
knows all the others.
"""

from pathlib import Path

import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.published import SubjectClasses
from gep.assessment.register.checks import check_inputs, check_scheme
from gep.assessment.register.credit import credit_states
from gep.assessment.register.explain import explain_register, register_caption
from gep.assessment.register.records import is_read, records_of
from gep.assessment.register.scheme import POINTS, Named, RegisterScheme, RegisterSpec
from gep.assessment.register.states import RegisterResult
from gep.assessment.register.tables import NO_CLASS, register_tables
from gep.assessment.scheme import Assessment, Kind
from gep.errors import ProblemLog
from gep.texts.catalogue import Language, Sayable, text


def load(spec: RegisterSpec, path: Path, problems: ProblemLog) -> RegisterScheme:
    """Make a scheme; there are no tables beside the TOML.

    Parameters
    ----------
    spec : RegisterSpec
    path : Path
        The file of the TOML.
    problems : ProblemLog
        Collects nothing.

    Returns
    -------
    RegisterScheme
    """
    return RegisterScheme(spec, path, (path,), KIND)


def made_up(scheme: RegisterScheme) -> list[str]:
    """Return the items and classes that are made up."""
    ids = [item.id for item in scheme.spec.item if item.grade == "placeholder"]
    ids += [rated.id for rated in scheme.spec.class_ if rated.grade == "placeholder"]
    return ids


def target_ids(scheme: RegisterScheme) -> set[str]:
    """Return nothing: registers have no targets."""
    return set()


def register_rows(scheme: RegisterScheme, rows: pd.DataFrame) -> pd.Series:
    """Return which rows of a register the scheme reads."""
    return is_read(scheme.spec, rows)


def register_words(scheme: RegisterScheme) -> set[str]:
    """Return the items and events that the scheme knows."""
    known: list[Named] = [*scheme.spec.item, *scheme.spec.event]
    return {member.id for member in known}


def subject_classes(scheme: RegisterScheme, context: AssessmentContext) -> SubjectClasses | None:
    """Return the classes of credit that the scheme gives, on any day; None by other rules.

    Parameters
    ----------
    scheme : RegisterScheme
    context : AssessmentContext

    Returns
    -------
    SubjectClasses or None
    """
    spec = scheme.spec
    if spec.rule != POINTS or not spec.class_:
        return None
    records = records_of(spec, context.register)

    def on(day: str) -> dict[tuple[str, str, str], str]:
        states = credit_states(spec, records, int(day[:4]), day)
        return {state.subject: state.class_ for state in states}

    return SubjectClasses(tuple(rated.id for rated in spec.class_), on)


def class_source(scheme: RegisterScheme) -> str:
    """Return the id of the scheme whose classes are drawn from; blank for none."""
    return scheme.spec.class_from


def assess(scheme: RegisterScheme, context: AssessmentContext) -> Assessment:
    """Apply a scheme to a register.

    Parameters
    ----------
    scheme : RegisterScheme
    context : AssessmentContext
        Checked by ``check_inputs``.

    Returns
    -------
    Assessment
        The tables of ``register_tables``; ``explain`` takes the code of a subject as item.
    """
    spec = scheme.spec
    result = RegisterResult(spec, context)

    def explain(region: str, year: int, item: str, language: Language) -> list[str]:
        return explain_register(result, region, year, subject=item, language=language)

    names: dict[str, Sayable] = {}
    for item in ("score", "drawn", "share"):
        names[item] = text(f"register.item.{item}")
    names[NO_CLASS] = text("register.item.none")
    described: list[Named] = [*spec.item, *spec.event, *spec.class_]
    for member in described:
        names[member.id] = member.name
    return Assessment(
        scheme,
        register_tables(result),
        explain=explain,
        items=result.subjects,
        caption=register_caption(result),
        names=names,
    )


KIND = Kind(
    name="register",
    spec=RegisterSpec,
    load=load,
    check=check_scheme,
    check_inputs=check_inputs,
    assess=assess,
    target_ids=target_ids,
    made_up=made_up,
    register_rows=register_rows,
    register_words=register_words,
    subject_classes=subject_classes,
    class_source=class_source,
)
