"""Checks of schemes of registers (名录检查): of a scheme itself, and of the register it reads.

What a single table of the TOML must have is checked by its model in ``scheme``, what the register
must have whatever it is about in ``gep.assessment.registers``.
"""

from collections.abc import Callable, Sequence

import numpy as np

from gep.assessment.context import AssessmentContext
from gep.assessment.register.deadlines import tasks_of
from gep.assessment.register.draws import draws_of
from gep.assessment.register.records import Record, idle_repairs, records_of
from gep.assessment.register.scheme import (
    DAYS,
    DEADLINES,
    DRAW,
    EVENT_ROLES,
    ROLES,
    Named,
    RegisterScheme,
    RegisterSpec,
)
from gep.assessment.registers import OPEN
from gep.assessment.scheme import Grade, check_grades, check_source, check_unique_ids, check_unit
from gep.errors import Place, ProblemLog
from gep.inputs.value_rows import unit_fault
from gep.io.tables import is_date, suggestion
from gep.texts.catalogue import Label

_LARGEST_SEED = 2**53  # from which on numbers in files are no longer whole
_OF_ONE_DAY = ("reading", "target")  # roles of which a subject has one row for each date


def check_scheme(scheme: RegisterScheme, problems: ProblemLog) -> None:
    """Check a scheme itself: ids, sources, roles, classes, parts, units, the day of account.

    Parameters
    ----------
    scheme : RegisterScheme
    problems : ProblemLog
        Collects ``duplicate-id``, ``unknown-source``, ``unknown-unit``, ``grade-cutoffs``,
        ``bad-date`` and ``register-rule``.
    """
    spec = scheme.spec
    label = scheme.path.name
    named: dict[str, Sequence[Named]] = {
        "part": spec.part,
        "item": spec.item,
        "event": spec.event,
        "class": spec.class_,
    }
    for key, members in named.items():
        check_unique_ids([member.id for member in members], f"{label} {key}", problems)
    for key, cited in (("item", spec.item), ("class", spec.class_)):
        for member in cited:
            if member.source:
                place = f"{label} {key} {member.id}"
                check_source(member.source, spec.sources, place, problems)
    if not is_date(f"2023-{spec.day}"):  # a day that every year has
        problems.add("bad-date", f"{label} day", "register.bad-day", day=spec.day)
    cuts = [Grade(name=rated.name, **{"from": rated.from_}) for rated in spec.class_]
    if any(cut.from_ is not None for cut in cuts):
        check_grades(cuts, f"{label} class", problems)
    _check_roles(spec, label, problems)
    _check_names(spec, label, problems)
    _check_class_from(spec, label, problems)


def _check_class_from(spec: RegisterSpec, label: str, problems: ProblemLog) -> None:
    """Check that classes are of another scheme or of the register, and each of one class here."""
    place = f"{label} class_from"
    roles = [item.role for item in spec.item]
    if spec.class_from and spec.rule != DRAW:
        problems.add("register-rule", place, "register.class-from-of-rule", rule=spec.rule)
    elif spec.class_from and "class" in roles:
        problems.add("register-rule", place, "register.class-from-twice", scheme=spec.class_from)
    sources: list[str] = []
    for rated in spec.class_:
        if rated.of and not spec.class_from:
            where = f"{label} class {rated.id} of"
            problems.add("register-rule", where, "register.of-without-scheme")
        sources += rated.of or (rated.id,)
    if spec.class_from:
        check_unique_ids(sources, f"{label} class of", problems)


def _check_source_classes(
    scheme: RegisterScheme, context: AssessmentContext, problems: ProblemLog
) -> None:
    """Check that each class of the scheme that ``class_from`` names, and no other, is met here."""
    spec = scheme.spec
    source = context.publications.get(spec.class_from)
    if source is None or source.subjects is None:  # told by ``check_references``
        return
    known = source.subjects.classes
    named = spec.classes_of_source()
    unknown = [name for name in named if name not in known]
    left_out = [name for name in known if name not in named]
    place = f"{scheme.path.name} class"
    values = {"item": spec.class_from, "classes": list(known)}
    if unknown:
        problems.add("scheme-class", place, "assessment.unknown-class", words=unknown, **values)
    if left_out:
        problems.add("scheme-class", place, "register.class-left-out", words=left_out, **values)


def _check_roles(spec: RegisterSpec, label: str, problems: ProblemLog) -> None:
    """Check that the rule knows the roles of items and events, and has those that it needs."""
    roles: list[str] = [item.role for item in spec.item]
    known = ROLES[spec.rule]
    for item in spec.item:
        if item.role not in known:
            values = {"member": Label(item.id, item.name), "role": item.role, "known": known or "-"}
            place = f"{label} item {item.id}"
            problems.add("register-rule", place, "register.role", rule=spec.rule, **values)
        check_unit(item.unit, f"{label} item {item.id}", problems)
    known_events = EVENT_ROLES[spec.rule]
    for event in spec.event:
        if event.role not in known_events:
            values = {"member": Label(event.id, event.name), "role": event.role}
            values["known"] = known_events or "-"
            place = f"{label} event {event.id}"
            problems.add("register-rule", place, "register.role", rule=spec.rule, **values)
    needed: tuple[str, ...] = ()
    if spec.rule == DRAW:
        needed = ("duty", "draw") if spec.class_from else ("class", "duty", "draw")
    elif spec.rule == DAYS:
        needed = ("target", "reading")
    elif spec.rule == DEADLINES:
        needed = ("set", "done")
        roles = [event.role for event in spec.event]
    for role in needed:
        if role not in roles:
            problems.add(
                "register-rule", f"{label} rule", "register.needs-role", rule=spec.rule, role=role
            )


def _check_names(spec: RegisterSpec, label: str, problems: ProblemLog) -> None:
    """Check that the parts and classes that items name exist."""
    parts = [part.id for part in spec.part]
    classes = [rated.id for rated in spec.class_]
    for item in spec.item:
        for key, name, known in (("part", item.part, parts), ("class", item.class_, classes)):
            if name and name not in known:
                problems.add(
                    "register-rule",
                    f"{label} item {item.id} {key}",
                    "register.unknown-name",
                    part=key,
                    name=name,
                    hint=suggestion(name, known),
                )


def check_inputs(scheme: RegisterScheme, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check the register that a scheme is applied to.

    Parameters
    ----------
    scheme : RegisterScheme
    context : AssessmentContext
    problems : ProblemLog
        Collects ``missing-register``, ``register-row`` (a row that lacks what its role needs),
        ``register-repair``, ``register-draw``, ``wrong-dimension`` and ``duplicate-row``.
    """
    spec = scheme.spec
    if context.register is None:
        problems.add("missing-register", scheme.path.name, "register.missing")
        return
    _check_source_classes(scheme, context, problems)
    records = records_of(spec, context.register)
    log = ProblemLog()
    for record in records:
        for check in _CHECKS.get(record.role, ()):
            check(spec, record, log)
    for repair in idle_repairs(records):
        log.add("register-repair", repair.place, "register.idle-repair", item=repair.item)
    _check_repeated(records, log)
    if spec.rule == DEADLINES:
        _check_first_events(records, log)
    is_known = not spec.class_from or spec.class_from in context.publications
    if spec.rule == DRAW and is_known and not log.errors:
        _check_draws(spec, records, context, log)
    problems.include_log(log)


def _check_value(spec: RegisterSpec, record: Record, problems: ProblemLog) -> None:
    """Check that a row has a number, in a unit that fits."""
    if np.isnan(record.value):
        place = _cell_of(record, "value")
        problems.add("register-row", place, "register.no-value", item=record.item)
        return
    for item in spec.item:
        fault = unit_fault(record.unit, item.unit) if item.id == record.item else None
        if fault is not None:
            place = _cell_of(record, "unit")
            problems.add(fault[0], place, "register.bad-unit", reason=fault[1])


def _check_points(spec: RegisterSpec, record: Record, problems: ProblemLog) -> None:
    """Check that points of an entry are not below 0: the item says whether they are taken."""
    if record.value < 0:
        place = _cell_of(record, "value")
        problems.add("negative", place, "register.negative-points", value=f"{record.value:g}")


def _check_class(spec: RegisterSpec, record: Record, problems: ProblemLog) -> None:
    """Check that a row names a class of the scheme."""
    known = [rated.id for rated in spec.class_]
    if record.event not in known:
        place = _cell_of(record, "event")
        values = {"event": record.event or "-", "hint": suggestion(record.event, known)}
        problems.add("register-row", place, "register.unknown-class", known=tuple(known), **values)


def _check_deadline(spec: RegisterSpec, record: Record, problems: ProblemLog) -> None:
    """Check that a row that states a deadline has one."""
    if record.until == OPEN:
        place = _cell_of(record, "until")
        problems.add("register-row", place, "register.no-deadline", item=record.item)


def _check_recusal(spec: RegisterSpec, record: Record, problems: ProblemLog) -> None:
    """Check that a recusal says from which enterprise."""
    if not record.event:
        place = _cell_of(record, "event")
        problems.add("register-row", place, "register.no-recusal", item=record.item)


def _check_draw_row(spec: RegisterSpec, record: Record, problems: ProblemLog) -> None:
    """Check the seed of a draw, and the class if it names one."""
    seed = record.value
    if np.isnan(seed) or seed < 0 or seed != round(seed) or seed > _LARGEST_SEED:
        place = _cell_of(record, "value")
        problems.add("register-draw", place, "register.bad-seed")
    if not record.event:
        return
    _check_class(spec, record, problems)
    for rated in spec.class_:
        if rated.id == record.event and rated.rate is None:
            place = _cell_of(record, "event")
            name = Label(rated.id, rated.name)
            problems.add("register-draw", place, "register.no-rate", name=name)


Check = Callable[[RegisterSpec, Record, ProblemLog], None]
_CHECKS: dict[str, Sequence[Check]] = {
    "deduct": (_check_points,),
    "bonus": (_check_points,),
    "score": (_check_value,),
    "class": (_check_class,),
    "recusal": (_check_recusal,),
    "draw": (_check_draw_row,),
    "target": (_check_value,),
    "reading": (_check_value,),
    "set": (_check_deadline,),
    "extend": (_check_deadline,),
}


def _cell_of(record: Record, column: str) -> Place:
    """Return the place of a cell of a row."""
    return Place(record.file, (record.row,), column)


def _check_repeated(records: Sequence[Record], problems: ProblemLog) -> None:
    """Check that a subject has one reading, and one target, for a date."""
    first: dict[tuple[object, ...], Record] = {}
    for record in records:
        if record.role not in _OF_ONE_DAY:
            continue
        key = (record.subject, record.role, record.date)
        if key in first:
            place = Place(record.file, (first[key].row, record.row))
            values = {"item": record.item, "date": record.date}
            problems.add("duplicate-row", place, "register.twice-a-day", **values)
        first.setdefault(key, record)


def _check_first_events(records: Sequence[Record], problems: ProblemLog) -> None:
    """Check that tasks begin with the event that sets their deadline, and are ended once."""
    for (_, item), rows in tasks_of(records).items():
        if rows[0].role != "set":
            problems.add("register-row", rows[0].place, "register.not-set", item=item)
        is_done = False
        for record in rows:
            if record.role == "done" and is_done:
                problems.add("register-row", record.place, "register.done-twice", item=item)
            if record.role == "reopen" and not is_done:
                problems.add("register-row", record.place, "register.not-done", item=item)
            is_done = record.role == "done" or (is_done and record.role != "reopen")


def _check_draws(
    spec: RegisterSpec,
    records: Sequence[Record],
    context: AssessmentContext,
    problems: ProblemLog,
) -> None:
    """Check that every draw has candidates, and inspectors for each enterprise that is drawn."""
    drawn: set[Place] = set()
    rows: dict[Place, bool] = {}
    for draw in draws_of(spec, records, context):
        place = draw.record.place
        rows[place] = rows.get(place, False) or bool(draw.tickets)
        for ticket in draw.tickets:
            if ticket.drawn and len(ticket.inspectors) < spec.inspectors and place not in drawn:
                drawn.add(place)
                values = {"count": len(ticket.inspectors), "needed": spec.inspectors}
                message = "register.few-inspectors"
                problems.add("register-draw", place, message, subject=ticket.subject.code, **values)
    for place, has_candidates in rows.items():
        if not has_candidates:
            problems.add("register-draw", place, "register.no-candidates")
