"""Tasks with deadlines and sign-off (整改任务、销号) on a day: on time, late, open, overdue.

Rule ``deadlines`` of a scheme of registers. A task is an item of an office; its rows are events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gep.assessment.register.records import Record, RegisterSubject
from gep.assessment.registers import OPEN

ON_TIME = "on_time"
LATE = "late"
STILL_OPEN = "open"
OVERDUE = "overdue"
STATUSES = (ON_TIME, LATE, STILL_OPEN, OVERDUE)
_ORDER = ("set", "extend", "note", "done", "reopen")  # of events of one day


@dataclass(frozen=True)
class TaskState:
    """A task on a day.

    Attributes
    ----------
    subject : RegisterSubject
        The office.
    item : str
        The task.
    year : int
    day : str
    first_due : str
        The deadline that was set first.
    due : str
        The deadline in force: that of the sign-off where there is one.
    done : str
        The day of the sign-off; blank if it is open.
    records : tuple of Record
        What is on record up to the day.
    """

    subject: RegisterSubject
    item: str
    year: int
    day: str
    first_due: str
    due: str
    done: str
    records: tuple[Record, ...]

    @property
    def status(self) -> str:
        """One of ``STATUSES``."""
        if self.done:
            return ON_TIME if self.done <= self.due else LATE
        return STILL_OPEN if self.day <= self.due else OVERDUE

    @property
    def days_late(self) -> int:
        """Days between the deadline and the sign-off, or the day; 0 if it is not late."""
        until = date.fromisoformat(self.done or self.day)
        return max((until - date.fromisoformat(self.due)).days, 0)


def tasks_of(records: Sequence[Record]) -> dict[tuple[RegisterSubject, str], list[Record]]:
    """Return the records of each task in the order of time.

    Parameters
    ----------
    records : sequence of Record

    Returns
    -------
    dict of (RegisterSubject, str) to list of Record
        By office and task.
    """
    tasks: dict[tuple[RegisterSubject, str], list[Record]] = {}
    for record in sorted(records, key=_order):
        tasks.setdefault((record.subject, record.item), []).append(record)
    return dict(sorted(tasks.items()))


def _order(record: Record) -> tuple[str, int, str]:
    """Return by what records of a task are ordered."""
    return record.date, _ORDER.index(record.role), record.document


def task_states(records: Sequence[Record], year: int, day: str) -> list[TaskState]:
    """Return all tasks on a day.

    Parameters
    ----------
    records : sequence of Record
        Every task has a deadline on its first day (``checks``).
    year : int
    day : str

    Returns
    -------
    list of TaskState
        Of the tasks that were set up to the day.
    """
    states = []
    for (subject, item), rows in tasks_of(records).items():
        known = tuple(record for record in rows if record.date <= day)
        due = ""
        first_due = ""
        done = ""
        for record in known:
            if record.role == "done" and not done:
                done = record.date
            elif record.role == "reopen":
                done = ""
            states_deadline = record.role in ("set", "extend", "reopen") and record.until != OPEN
            if states_deadline and not done:
                due = record.until
                first_due = first_due or due
        if known:
            states.append(
                TaskState(
                    subject=subject,
                    item=item,
                    year=year,
                    day=day,
                    first_due=first_due,
                    due=due,
                    done=done,
                    records=known,
                )
            )
    return states
