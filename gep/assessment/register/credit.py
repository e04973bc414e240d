"""Credit on a day (信用评价): points from entries in force, a class by cuts, bars and lowerings.

Rule ``points`` of a scheme of registers. A number that no text gives leaves the score, or the
class, blank: nothing is put in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gep.assessment.register.records import ENTRIES, Record, RegisterSubject, by_subject, latest
from gep.assessment.register.scheme import RegisterItem, RegisterSpec
from gep.texts.catalogue import Label, Text, text

CLEAR = "clear"
ON_RECORD = "on_record"
BARRED = "barred"
SCORED = "score"
ANNOUNCED = "announced"
_ON_RECORD = ("deduct", "lower", "count")
_SIGN = {"deduct": -1.0, "bonus": 1.0}
_DECIMALS = 9  # to which a score is exact, so that no cut is missed by a binary fraction


@dataclass(frozen=True)
class CreditState:
    """The credit of a subject on a day.

    Attributes
    ----------
    subject : RegisterSubject
    year : int
    day : str
    start : Record or None
        The score that was stated, from which later entries count; None for the base.
    entries : tuple of Record
        The entries in force.
    ended : tuple of Record
        The entries that were repaired, or ended, before.
    changes : mapping of int to float
        The points that entries add, by their position; NaN where no text gives them.
    score : float
        NaN if it cannot be told.
    announced : str
        The class that was announced; blank if none was.
    class_ : str
        The class after bars and lowerings; blank if it cannot be told.
    basis : str
        ``score`` or ``announced``: from which the class comes; blank with no class.
    status : str
        ``barred``, ``on_record`` or ``clear``.
    notes : tuple of Text
        Why there is no score, or no class.
    """

    subject: RegisterSubject
    year: int
    day: str
    start: Record | None
    entries: tuple[Record, ...]
    ended: tuple[Record, ...]
    changes: Mapping[int, float]
    score: float
    announced: str
    class_: str
    basis: str
    status: str
    notes: tuple[Text, ...]


def credit_states(
    spec: RegisterSpec, records: Sequence[Record], year: int, day: str
) -> list[CreditState]:
    """Return the credit of all subjects on a day.

    Parameters
    ----------
    spec : RegisterSpec
        Of rule ``points``.
    records : sequence of Record
    year : int
    day : str

    Returns
    -------
    list of CreditState
        Of the subjects with a row up to the day; without those whose membership ended.
    """
    states = []
    for subject, rows in by_subject(records).items():
        known = [record for record in rows if record.date <= day]
        memberships = [record for record in known if record.role == "member"]
        is_member = not memberships or any(record.counts_on(day) for record in memberships)
        if known and is_member:
            states.append(_state(spec, subject, known, year=year, day=day))
    return states


def _state(
    spec: RegisterSpec, subject: RegisterSubject, records: Sequence[Record], *, year: int, day: str
) -> CreditState:
    """Return the credit of a subject on a day."""
    items = {item.id: item for item in spec.item}
    start = latest(records, "score", day)
    announced = latest(records, "class", day)
    recorded = [record for record in records if record.role in ENTRIES]
    entries = tuple(record for record in recorded if record.counts_on(day))
    ended = tuple(record for record in recorded if record.until < day)
    notes: list[Text] = []
    changes = _changes(entries, items, start, notes)
    base = spec.base if start is None else start.value
    if base is None:
        base = np.nan
        if changes or announced is None:
            notes.append(text("register.note.no-base"))
    score = round(float(base + sum(changes.values())), _DECIMALS)
    class_, basis = _class(spec, score, entries, announced=announced, notes=notes)
    if basis == SCORED and announced is not None and announced.event != class_:
        notes.append(text("register.note.differs"))
    roles = {record.role for record in entries}
    status = ON_RECORD if roles.intersection(_ON_RECORD) else CLEAR
    return CreditState(
        subject=subject,
        year=year,
        day=day,
        start=start,
        entries=entries,
        ended=ended,
        changes=changes,
        score=score,
        announced="" if announced is None else announced.event,
        class_=class_,
        basis=basis,
        status=BARRED if "bar" in roles else status,
        notes=tuple(dict.fromkeys(notes)),
    )


def _changes(
    entries: Sequence[Record],
    items: Mapping[str, RegisterItem],
    start: Record | None,
    notes: list[Text],
) -> dict[int, float]:
    """Return the points that entries add; those before a stated score are in it."""
    changes = {}
    for position, record in enumerate(entries):
        sign = _SIGN.get(record.role)
        is_in_start = start is not None and record.date <= start.date
        if sign is None or is_in_start:
            continue
        item = items[record.item]
        points = record.value
        if np.isnan(points):
            points = np.nan if item.points is None else item.points
        if np.isnan(points):
            notes.append(text("register.note.points-unknown", item=Label(item.id, item.name)))
        changes[position] = sign * points
    return changes


def _class(
    spec: RegisterSpec,
    score: float,
    entries: Sequence[Record],
    *,
    announced: Record | None,
    notes: list[Text],
) -> tuple[str, str]:
    """Return the class, and from what it comes; blank if it cannot be told."""
    ids = [rated.id for rated in spec.class_]
    if not ids:
        return "", ""
    rank = _rank_of_score(spec, score)
    basis = SCORED
    lowerings = [record for record in entries if record.role == "lower"]
    if rank is None and announced is not None:
        rank = ids.index(announced.event)
        basis = ANNOUNCED
        lowerings = [record for record in lowerings if record.date > announced.date]
    if rank is not None:
        rank = min(rank + len(lowerings), len(ids) - 1)
    items = {item.id: item for item in spec.item}
    for record in entries:
        if record.role != "bar":
            continue
        item = items[record.item]
        if not item.class_:
            notes.append(text("register.note.bar-unknown", item=Label(item.id, item.name)))
            return "", ""
        barred = ids.index(item.class_)
        if rank is not None:
            rank = max(rank, barred)
        elif barred == len(ids) - 1:  # the worst, whatever the score
            rank = barred
    if rank is None:
        if np.isfinite(score):
            notes.append(text("register.note.cuts-unknown"))
        return "", ""
    return ids[rank], basis


def _rank_of_score(spec: RegisterSpec, score: float) -> int | None:
    """Return the position of the class of a score; None where no text gives its cuts."""
    cuts = [rated.from_ for rated in spec.class_]
    if np.isnan(score) or None in cuts[:-1]:
        return None
    for rank, cut in enumerate(cuts):
        if cut is None or score >= cut:
            return rank
    return None
