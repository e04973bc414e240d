"""Registers in words (名录说明): captions, and how the state of a subject came about.

The module words what ``states`` computed, down to the rows of the register.
"""

from collections.abc import Sequence

import numpy as np

from gep.assessment.register.credit import CreditState
from gep.assessment.register.deadlines import TaskState
from gep.assessment.register.draws import Draw
from gep.assessment.register.flows import DayCount, target_unit
from gep.assessment.register.records import Record
from gep.assessment.register.scheme import (
    DAYS,
    DEADLINES,
    DRAW,
    RegisterClass,
    RegisterItem,
    RegisterSpec,
)
from gep.assessment.register.states import DrawnState, RegisterResult
from gep.assessment.register.tables import overdue_tasks
from gep.assessment.registers import OPEN
from gep.inputs.value_rows import grade_words
from gep.texts.catalogue import Label, Language, Listed, Sayable, Text, say, text

_DOUBTED = ("recalled", "placeholder")  # grades that the caption names


def register_caption(result: RegisterResult) -> tuple[Text, ...]:
    """Return what is printed with every table: its purpose, what is not stated, what is doubtful.

    Parameters
    ----------
    result : RegisterResult

    Returns
    -------
    tuple of Text
    """
    spec = result.spec
    lines = [text("register.caption.purpose", day=spec.day)]
    without = [Label(item.id, item.name) for item in spec.item if _lacks_points(item)]
    if without:
        lines.append(text("register.caption.no-points", items=_all(without)))
    cuts = [rated.from_ for rated in spec.class_]
    if spec.rule not in (DRAW, DAYS, DEADLINES) and None in cuts[:-1]:
        lines.append(text("register.caption.no-cuts"))
    if spec.rule == DRAW:
        lines.append(text("register.caption.draw"))
    if spec.class_from:
        lines.append(text("register.caption.class-from", scheme=spec.class_from))
    if result.without_class:
        count = len(result.without_class)
        lines.append(text("register.caption.without-class", count=count, scheme=spec.class_from))
    if spec.rule == DAYS:
        message = "no-share" if spec.share is None else "days"
        lines.append(text(f"register.caption.{message}", share=_number(spec.share)))
    if spec.rule == DEADLINES and result.tasks:
        lines.append(text("register.caption.overdue", count=len(overdue_tasks(result))))
    described: tuple[RegisterItem | RegisterClass, ...] = (*spec.item, *spec.class_)
    for grade in _DOUBTED:
        doubted = [member.name for member in described if member.grade == grade]
        if doubted:
            values = {"grade": grade_words(grade), "names": _all(doubted)}
            lines.append(text("register.caption.unverified", **values))
    return tuple(lines)


def _lacks_points(item: RegisterItem) -> bool:
    """Return whether an item changes points, and no text gives how many."""
    return item.role in ("deduct", "bonus") and item.points is None


def _all(names: Sequence[Sayable]) -> Listed:
    """Return a list that names all its items, each once."""
    distinct = tuple(dict.fromkeys(names))
    return Listed(distinct, len(distinct))


def explain_register(
    result: RegisterResult, region: str, year: int, *, subject: str, language: Language
) -> list[str]:
    """Explain the state of a subject on the day of account of a year.

    Parameters
    ----------
    result : RegisterResult
    region : str
    year : int
    subject : str
        Its code.
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        Empty if the subject has no state.
    """
    lines: list[str] = []
    for state in result.states:
        who = state.subject
        if state.year != year or who.region != region or who.code != subject:
            continue
        if isinstance(state, CreditState):
            lines += _credit_lines(result.spec, state, language)
        elif isinstance(state, TaskState):
            lines += _task_lines(result.spec, state, language)
        elif isinstance(state, DrawnState):
            lines += _drawn_lines(result, state, language)
        else:
            lines.append(_days_line(state, language))
    if result.spec.rule == DAYS and lines:
        lines += _target_lines(result, region, year, subject=subject, language=language)
    return lines


# --- credit ---------------------------------------------------------------------------------------


def _credit_lines(spec: RegisterSpec, state: CreditState, language: Language) -> list[str]:
    """Word a score and a class: where it starts, each entry, bars, cuts."""
    items = {item.id: Label(item.id, item.name) for item in spec.item}
    lines = [say(language, "register.explain.day", subject=state.subject.code, day=state.day)]
    if state.start is not None:
        start = state.start
        values = {"score": _number(start.value), "date": start.date, "document": start.document}
        lines.append(say(language, "register.explain.stated", place=start.place, **values))
    elif spec.base is not None:
        lines.append(say(language, "register.explain.base", base=_number(spec.base)))
    for position, record in enumerate((*state.entries, *state.ended)):
        line = say(
            language,
            "register.explain.entry" if record.counts_on(state.day) else "register.explain.ended",
            item=items[record.item],
            points=_signed(state.changes[position]) if position in state.changes else "",
            period=_period(record, language),
            document=record.document,
            place=record.place,
        )
        lines.append(line)
    lines.append(say(language, "register.explain.score", score=_number(state.score)))
    for note in state.notes:
        lines.append(say(language, "register.explain.note", note=note))
    for rated in spec.class_:
        if rated.id == state.class_:
            line = say(
                language,
                "register.explain.class",
                name=Label(rated.id, rated.name),
                cut=_number(rated.from_),
                basis=text(f"register.basis.{state.basis}"),
            )
            lines.append(line)
            if rated.supervision is not None:
                words = rated.supervision
                lines.append(say(language, "register.explain.supervision", words=words))
    if not state.class_ and spec.class_:
        lines.append(say(language, "register.explain.no-class"))
    return lines


def _period(record: Record, language: Language) -> str:
    """Word from when to when a record counts."""
    if record.until == OPEN:
        return say(language, "register.explain.since", date=record.date)
    line = say(language, "register.explain.until", date=record.date, until=record.until)
    if record.ended_by:
        return say(language, "register.explain.repaired", line=line, document=record.ended_by)
    return line


# --- tasks, draws, days ---------------------------------------------------------------------------


def _task_lines(spec: RegisterSpec, state: TaskState, language: Language) -> list[str]:
    """Word the state of a task, and its events."""
    names = {event.id: event.name.say(language) for event in spec.event}
    line = say(
        language,
        "register.explain.task",
        item=state.item,
        status=text(f"report.word.{state.status}"),
        day=state.day,
        due=state.due,
        done=state.done or "-",
        late=state.days_late,
    )
    lines = [line]
    for record in state.records:
        until = "" if record.until == OPEN else record.until
        values = {"date": record.date, "document": record.document, "event": names[record.event]}
        line = say(
            language, "register.explain.task-event", until=until, place=record.place, **values
        )
        lines.append(line)
    return lines


def _drawn_lines(result: RegisterResult, state: DrawnState, language: Language) -> list[str]:
    """Word the class of an enterprise, and its ticket in every draw of the year."""
    values: dict[str, object] = {"subject": state.subject.code, "class_": state.class_ or "-"}
    message = "register.explain.class-of-scheme"
    if state.record is None:
        values |= {"scheme": result.spec.class_from, "day": state.day}
    else:
        record = state.record
        values |= {"date": record.date, "document": record.document, "place": record.place}
        message = "register.explain.drawn-class"
    lines = [say(language, message, **values)]
    for draw in result.draws:
        if draw.year == state.year and draw.record.date <= state.day:
            lines += _ticket_lines(draw, state, language)
    return lines


def _ticket_lines(draw: Draw, state: DrawnState, language: Language) -> list[str]:
    """Word the place of an enterprise in a draw; nothing if it was no candidate."""
    lines = []
    for place, ticket in enumerate(draw.tickets, start=1):
        if ticket.subject != state.subject:
            continue
        line = say(
            language,
            "register.explain.ticket",
            date=draw.record.date,
            seed=draw.seed,
            ticket=ticket.ticket,
            rank=place,
            candidates=len(draw.tickets),
            number=draw.number,
            status=text(f"report.word.{'drawn' if ticket.drawn else 'not_drawn'}"),
            inspectors=", ".join(ticket.inspectors) or "-",
            place=draw.record.place,
        )
        lines.append(line)
    return lines


def _days_line(count: DayCount, language: Language) -> str:
    """Word the days of a month or a year."""
    return say(
        language,
        "register.explain.days",
        period=count.period,
        met=count.met,
        judged=count.judged,
        days=count.days,
        share=_number(count.share),
        status=text(f"report.word.{count.status}") if count.status else "-",
    )


def _target_lines(
    result: RegisterResult, region: str, year: int, *, subject: str, language: Language
) -> list[str]:
    """Word the targets of a section that count in a year."""
    unit = target_unit(result.spec)
    lines = []
    for record in result.records:
        who = record.subject
        is_of_section = record.role == "target" and (who.region, who.code) == (region, subject)
        if is_of_section and record.date[:4] <= str(year) <= record.until[:4]:
            values = {"value": _number(record.value), "unit": record.unit or unit}
            period = _period(record, language)
            line = say(
                language, "register.explain.target", period=period, place=record.place, **values
            )
            lines.append(line)
    return lines


def _signed(points: float) -> str:
    """Write points with their sign, ``?`` if no text gives them."""
    return "?" if np.isnan(points) else f"{points:+g}"


def _number(value: float | None) -> str:
    """Write a number with six figures, ``-`` if there is none."""
    return "-" if value is None or np.isnan(value) else f"{value:.6g}"
