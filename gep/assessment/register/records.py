"""The rows of a register that a scheme reads (名录记录), in the scheme's own words.

A row is of a scheme if the scheme knows its item (of deadlines its event) and it is of the kind of
subject that the role asks for. Repairs (信用修复) end the entries that they are about here, once
for all rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from gep.assessment.register.scheme import DEADLINES, RegisterSpec, words_of
from gep.assessment.registers import INSPECTOR, OFFICE, Register
from gep.errors import Place

ENTRIES = ("deduct", "bonus", "bar", "lower", "count")  # roles that a repair ends
_KIND_OF_ROLE = {"draw": OFFICE, "duty": INSPECTOR, "recusal": INSPECTOR}


class RegisterSubject(NamedTuple):
    """Who or what a row is about."""

    region: str
    kind: str
    code: str


@dataclass(frozen=True)
class Record:
    """A row of a register in the words of a scheme.

    Attributes
    ----------
    subject : RegisterSubject
    item : str
        Id of the item; a task as the register has it.
    role : str
        Of the item, or of the event where that has one.
    date, until : str
        The first and the last day on which it counts.
    value : float
        NaN if there is none.
    unit, event, document, note : str
        The event by its id, or as the register has it.
    grade : int
        A code of ``gep.inputs.value_rows.GRADES``.
    file : str
    row : int
    ended_by : str
        The document of the repair that ended it; blank if none did.
    """

    subject: RegisterSubject
    item: str
    role: str
    date: str
    until: str
    value: float
    unit: str
    event: str
    document: str
    note: str
    grade: int
    file: str
    row: int
    ended_by: str = ""

    @property
    def place(self) -> Place:
        """The row in its file."""
        return Place(self.file, (self.row,))

    def counts_on(self, day: str) -> bool:
        """Return whether it counts on a day: from its date to its last day, both included."""
        return self.date <= day <= self.until


def is_read(spec: RegisterSpec, rows: pd.DataFrame) -> pd.Series:
    """Return which rows of a register are of a scheme.

    Parameters
    ----------
    spec : RegisterSpec
    rows : DataFrame
        Of a :class:`Register`.

    Returns
    -------
    Series of bool
    """
    if spec.rule == DEADLINES:
        knows = rows["event"].isin(list(words_of(spec.event)))
        return knows & (rows["subject_kind"] == spec.subject_kind)
    ids = rows["item"].map(words_of(spec.item))
    kinds = {}
    for item in spec.item:
        kinds[item.id] = _KIND_OF_ROLE.get(item.role, spec.subject_kind)
    return rows["subject_kind"] == ids.map(kinds)


def records_of(spec: RegisterSpec, register: Register | None) -> list[Record]:
    """Return the rows of a register that a scheme reads, repairs applied.

    Parameters
    ----------
    spec : RegisterSpec
    register : Register or None

    Returns
    -------
    list of Record
        By subject, item and date, whatever the order of the file.
    """
    if register is None:
        return []
    rows = register.rows
    rows = rows[is_read(spec, rows).to_numpy()]
    items = words_of(spec.item)
    events = words_of([*spec.event, *spec.class_])
    roles = {item.id: item.role for item in spec.item}
    event_roles = {event.id: event.role for event in spec.event}
    records = []
    for row in rows.to_dict("records"):
        item = row["item"] if spec.rule == DEADLINES else items[row["item"]]
        event = events.get(row["event"], row["event"])
        record = Record(
            subject=RegisterSubject(row["region"], row["subject_kind"], row["subject"]),
            item=item,
            role=event_roles.get(event, "") or roles.get(item, ""),
            date=row["date"],
            until=row["until"],
            value=float(row["value"]),
            unit=row["unit"],
            event=event,
            document=row["document"],
            note=row["note"],
            grade=int(row["grade"]),
            file=str(row["file"]),
            row=int(row["row"]),
        )
        records.append(record)
    return _repaired(records)


def _repaired(records: Sequence[Record]) -> list[Record]:
    """End the entries that were repaired: they count up to the day of the repair and not after."""
    repairs: dict[tuple[RegisterSubject, str], list[Record]] = {}
    for record in records:
        if record.role == "repair":
            repairs.setdefault((record.subject, record.item), []).append(record)
    repaired = []
    for record in records:
        ending = [
            repair
            for repair in repairs.get((record.subject, record.item), [])
            if record.role in ENTRIES and record.counts_on(repair.date)
        ]
        if ending:
            first = min(ending, key=_date_of)
            record = replace(record, until=first.date, ended_by=first.document)
        repaired.append(record)
    return repaired


def idle_repairs(records: Sequence[Record]) -> list[Record]:
    """Return the repairs on whose day no entry of their subject and item counted.

    Parameters
    ----------
    records : sequence of Record
        Of :func:`records_of`.

    Returns
    -------
    list of Record
    """
    idle = []
    for repair in records:
        if repair.role != "repair":
            continue
        ended = [
            record
            for record in records
            if record.role in ENTRIES
            and (record.subject, record.item) == (repair.subject, repair.item)
            and record.counts_on(repair.date)
        ]
        if not ended:
            idle.append(repair)
    return idle


def _date_of(record: Record) -> tuple[str, str]:
    """Return by what records are ordered in time."""
    return record.date, record.document


def by_subject(records: Sequence[Record]) -> Mapping[RegisterSubject, list[Record]]:
    """Return records by their subject, in order.

    Parameters
    ----------
    records : sequence of Record

    Returns
    -------
    mapping of RegisterSubject to list of Record
    """
    grouped: dict[RegisterSubject, list[Record]] = {}
    for record in records:
        grouped.setdefault(record.subject, []).append(record)
    return grouped


def latest(records: Sequence[Record], role: str, day: str) -> Record | None:
    """Return the latest record of a role that counts on a day; None if there is none.

    Parameters
    ----------
    records : sequence of Record
        Of one subject.
    role : str
    day : str

    Returns
    -------
    Record or None
        Of several of one day the one whose document comes last in order.
    """
    counting = [record for record in records if record.role == role and record.counts_on(day)]
    return max(counting, key=_date_of) if counting else None
