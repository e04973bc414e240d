"""The tables of registers (名录各表): states on the day of account, history, counts, draws, days.

The module lays out what ``states`` computed, in the firm columns of each file. Notes in the tables
are in both languages, since a result file has no language of its own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gep.assessment.register.credit import CreditState
from gep.assessment.register.deadlines import OVERDUE, TaskState
from gep.assessment.register.draws import Draw
from gep.assessment.register.flows import DayCount
from gep.assessment.register.records import Record, RegisterSubject
from gep.assessment.register.scheme import DAYS, DRAW, RegisterSpec
from gep.assessment.register.states import DrawnState, RegisterResult
from gep.assessment.registers import OPEN
from gep.inputs.value_rows import GRADES
from gep.texts.catalogue import Text, text

STATE_COLUMNS = [
    "year",
    "day",
    "region",
    "subject_kind",
    "subject",
    "item",
    "value",
    "unit",
    "status",
    "class",
    "class_from",
    "announced",
    "due",
    "done",
    "entries",
    "supervision",
    "note",
]
COUNT_COLUMNS = ["year", "day", "region", "level", "class", "status", "count", "total", "share"]
HISTORY_COLUMNS = [
    "region",
    "subject_kind",
    "subject",
    "item",
    "event",
    "date",
    "until",
    "value",
    "unit",
    "document",
    "ended_by",
    "grade",
    "note",
    "file",
    "row",
]
DAY_COLUMNS = [
    "year",
    "region",
    "subject",
    "period",
    "days",
    "days_read",
    "days_judged",
    "days_met",
    "share",
    "least",
    "status",
]
DRAW_COLUMNS = [
    "year",
    "date",
    "region",
    "office",
    "class",
    "rate",
    "per",
    "candidates",
    "drawn_before",
    "number",
    "seed",
    "place",
    "subject_region",
    "subject",
    "ticket",
    "repeated",
    "drawn",
    "inspectors",
    "document",
]
SCORE = "score"
DRAWN = "drawn"
NOT_DRAWN = "not_drawn"
NO_CLASS = "none"
REGION = "region"
PARENT = "parent"
_SEPARATOR = "; "

Cells = dict[str, Any]  # a row, by column


def register_tables(result: RegisterResult) -> dict[str, pd.DataFrame]:
    """Return the tables of a register.

    Parameters
    ----------
    result : RegisterResult

    Returns
    -------
    dict of str to DataFrame
        ``register_states.csv``, ``register_counts.csv``; ``register_days.csv`` by rule ``days``;
        ``draw_log.csv`` by rule ``draw``; ``register_history.csv``.
    """
    rows = _state_rows(result)
    tables = {
        "register_states.csv": _table(rows, STATE_COLUMNS),
        "register_counts.csv": _table(_count_rows(result, rows), COUNT_COLUMNS),
    }
    if result.spec.rule == DAYS:
        days = [_day_cells(count) for count in result.day_counts]
        tables["register_days.csv"] = _table(days, DAY_COLUMNS)
    if result.spec.rule == DRAW:
        tables["draw_log.csv"] = _table(_draw_rows(result.draws), DRAW_COLUMNS)
    tables["register_history.csv"] = _table(_history_rows(result), HISTORY_COLUMNS)
    return tables


def _table(rows: Iterable[Cells], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a table; cells that a row does not have are blank."""
    filled = [{**dict.fromkeys(columns, ""), **row} for row in rows]
    return pd.DataFrame(filled, columns=list(columns))


def _cell(value: float) -> float | str:
    """Return a number as a cell, blank if it is NaN."""
    return "" if np.isnan(value) else value


def _subject_cells(subject: RegisterSubject) -> Cells:
    """Return the cells that say who a row is about."""
    return {"region": subject.region, "subject_kind": subject.kind, "subject": subject.code}


# --- states ---------------------------------------------------------------------------------------


def _state_rows(result: RegisterResult) -> list[Cells]:
    """Return the rows of ``register_states.csv``, by year, region and subject."""
    spec = result.spec
    rows = [_credit_cells(spec, state) for state in result.credits]
    rows += [_task_cells(state) for state in result.tasks]
    rows += [_drawn_cells(spec, state) for state in result.drawn]
    for count in result.day_counts:
        if count.period == str(count.year):
            rows.append(_year_cells(result, count))
    return sorted(rows, key=_row_order)


def _row_order(row: Cells) -> tuple[int, str, str, str]:
    """Return by what rows of states are ordered."""
    return row["year"], row["region"], row["subject"], str(row.get("item", ""))


def _credit_cells(spec: RegisterSpec, state: CreditState) -> Cells:
    """Return the row of the credit of a subject."""
    return {
        **_subject_cells(state.subject),
        "year": state.year,
        "day": state.day,
        "item": SCORE,
        "value": _cell(state.score),
        "unit": "1",
        "status": state.status,
        "class": state.class_,
        "class_from": state.basis,
        "announced": state.announced,
        "entries": len(state.entries),
        "supervision": _supervision(spec, state.class_),
        "note": _notes(state.notes),
    }


def _supervision(spec: RegisterSpec, class_: str) -> str:
    """Return what a class means for supervision, in Chinese and English."""
    for rated in spec.class_:
        if rated.id == class_ and rated.supervision is not None:
            return str(rated.supervision)
    return ""


def _task_cells(state: TaskState) -> Cells:
    """Return the row of a task."""
    notes = []
    if state.due != state.first_due:
        notes.append(text("register.note.extended", first=state.first_due))
    return {
        **_subject_cells(state.subject),
        "year": state.year,
        "day": state.day,
        "item": state.item,
        "value": state.days_late if state.days_late else "",
        "unit": "d",
        "status": state.status,
        "due": state.due,
        "done": state.done,
        "entries": len(state.records),
        "note": _notes(notes),
    }


def _drawn_cells(spec: RegisterSpec, state: DrawnState) -> Cells:
    """Return the row of an enterprise that may be drawn."""
    return {
        **_subject_cells(state.subject),
        "year": state.year,
        "day": state.day,
        "item": DRAWN,
        "value": len(state.draws),
        "unit": "1",
        "status": DRAWN if state.draws else NOT_DRAWN,
        "class": state.class_,
        "class_from": spec.class_from or "register",
        "done": state.draws[-1].record.date if state.draws else "",
        "entries": len(state.draws),
        "supervision": _supervision(spec, state.class_),
    }


def _year_cells(result: RegisterResult, count: DayCount) -> Cells:
    """Return the row of a section in a year."""
    unjudged = count.days - count.judged
    notes = [text("register.note.days-unjudged", count=unjudged)] if unjudged else []
    return {
        **_subject_cells(count.subject),
        "year": count.year,
        "day": result.day(count.year),
        "item": "share",
        "value": _cell(count.share),
        "unit": "1",
        "status": count.status,
        "entries": count.read,
        "note": _notes(notes),
    }


def _notes(notes: Sequence[Text]) -> str:
    """Return notes in both languages, as result files hold them."""
    return _SEPARATOR.join(f"{note.say('zh')} {note.say('en')}" for note in notes)


# --- counts ---------------------------------------------------------------------------------------


def _count_rows(result: RegisterResult, states: Sequence[Cells]) -> list[Cells]:
    """Count subjects, or tasks, by class and status in each region and those above it."""
    by_class = bool(result.spec.class_)
    by_status = not by_class or result.spec.rule == DRAW
    counts: Counter[tuple[int, str, str, str, str]] = Counter()
    totals: Counter[tuple[int, str]] = Counter()
    own = {row["region"] for row in states}
    for row in states:
        kind = (row.get("class") or NO_CLASS) if by_class else ""
        status = row["status"] if by_status else ""
        for region in (row["region"], *result.regions_above(row["region"])):
            counts[row["year"], row["day"], region, kind, status] += 1
            totals[row["year"], region] += 1
    ranks = {rated.id: rank for rank, rated in enumerate(result.spec.class_)}
    rows = []
    for (year, day, region, kind, status), count in counts.items():
        total = totals[year, region]
        rows.append(
            {
                "year": year,
                "day": day,
                "region": region,
                "level": REGION if region in own else PARENT,
                "class": kind,
                "status": status,
                "count": count,
                "total": total,
                "share": count / total,
            }
        )

    def order(row: Cells) -> tuple[int, str, int, str]:
        rank = ranks.get(row["class"], len(ranks))
        return row["year"], row["region"], rank, row["status"]

    return sorted(rows, key=order)


# --- days, draws, history -------------------------------------------------------------------------


def _day_cells(count: DayCount) -> Cells:
    """Return the row of a section in a month or a year."""
    return {
        "year": count.year,
        "region": count.subject.region,
        "subject": count.subject.code,
        "period": count.period,
        "days": count.days,
        "days_read": count.read,
        "days_judged": count.judged,
        "days_met": count.met,
        "share": _cell(count.share),
        "least": _cell(count.least),
        "status": count.status,
    }


def _draw_rows(draws: Sequence[Draw]) -> list[Cells]:
    """Return the rows of ``draw_log.csv``: every candidate with its ticket."""
    rows = []
    for draw in draws:
        head = {
            "year": draw.year,
            "date": draw.record.date,
            "region": draw.record.subject.region,
            "office": draw.record.subject.code,
            "class": draw.class_.id,
            "rate": draw.class_.rate,
            "per": draw.class_.per,
            "candidates": len(draw.tickets),
            "drawn_before": draw.before,
            "number": draw.number,
            "seed": draw.seed,
            "document": draw.record.document,
        }
        for place, ticket in enumerate(draw.tickets, start=1):
            row = {
                **head,
                "place": place,
                "subject_region": ticket.subject.region,
                "subject": ticket.subject.code,
                "ticket": ticket.ticket,
                "repeated": int(ticket.was_drawn),
                "drawn": int(ticket.drawn),
                "inspectors": _SEPARATOR.join(ticket.inspectors),
            }
            rows.append(row)
    return rows


def _history_rows(result: RegisterResult) -> list[Cells]:
    """Return the rows of ``register_history.csv``; daily readings are in ``register_days.csv``."""
    last = result.day(max(result.context.years)) if result.context.years else ""
    rows = []
    for record in result.records:
        if record.role != "reading" and record.date <= last:
            rows.append(_history_cells(record))
    return rows


def _history_cells(record: Record) -> Cells:
    """Return the row of a record: from which day to which it counts, and what ended it."""
    return {
        **_subject_cells(record.subject),
        "item": record.item,
        "event": record.event,
        "date": record.date,
        "until": "" if record.until == OPEN else record.until,
        "value": _cell(record.value),
        "unit": "" if np.isnan(record.value) else record.unit,
        "document": record.document,
        "ended_by": record.ended_by,
        "grade": GRADES[record.grade],
        "note": record.note,
        "file": record.file,
        "row": record.row,
    }


def overdue_tasks(result: RegisterResult) -> list[TaskState]:
    """Return the tasks that are overdue on the last day of account.

    Parameters
    ----------
    result : RegisterResult

    Returns
    -------
    list of TaskState
    """
    years = result.context.years
    last = max(years) if years else 0
    return [task for task in result.tasks if task.year == last and task.status == OVERDUE]
