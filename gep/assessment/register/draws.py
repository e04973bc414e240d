"""Random draws of enterprises and inspectors (双随机抽查), reproducible by anybody.

Rule ``draw`` of a scheme of registers. A draw is a row of the register: the office, the day, and
the seed as its value. Every candidate has a ticket, the SHA-256 of seed, day, office, class and its
code, and those with the lowest tickets are drawn. So each candidate has the same chance, the order
of rows is of no matter, and any tool can check the draw. Inspectors are drawn in the same way for
each enterprise.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gep.assessment.context import AssessmentContext, regions_of
from gep.assessment.register.records import Record, RegisterSubject, by_subject, latest
from gep.assessment.register.scheme import RegisterClass, RegisterSpec
from gep.assessment.registers import INSPECTOR

_SHOWN_DIGITS = 16  # hexadecimal, of a ticket
_WHOLE = 1e-9  # by which a product may lie above a whole number
_MONTHS_OF_QUARTER = 3

Groups = Mapping[RegisterSubject, Sequence[Record]]  # the records of each subject


class Ticket(NamedTuple):
    """A candidate of a draw.

    Attributes
    ----------
    subject : RegisterSubject
    ticket : str
        The first 16 hexadecimal digits of the SHA-256.
    was_drawn : bool
        In this year before, by the same office; such candidates come after all others.
    drawn : bool
    inspectors : tuple of str
        Their codes; empty if it is not drawn.
    """

    subject: RegisterSubject
    ticket: str
    was_drawn: bool
    drawn: bool
    inspectors: tuple[str, ...]


@dataclass(frozen=True)
class Draw:
    """A draw in a class.

    Attributes
    ----------
    record : Record
        The row of the register; its value is the seed.
    class_ : RegisterClass
    before : int
        Enterprises of the class that the office drew in this period before.
    number : int
        How many are drawn.
    tickets : tuple of Ticket
        All candidates, in the order in which they are drawn.
    """

    record: Record
    class_: RegisterClass
    before: int
    number: int
    tickets: tuple[Ticket, ...]

    @property
    def seed(self) -> int:
        """The seed."""
        return int(self.record.value)

    @property
    def year(self) -> int:
        """The calendar year."""
        return int(self.record.date[:4])


def ticket_of(*parts: object) -> str:
    """Return the ticket of a candidate: the SHA-256 of words joined by ``|``, in hexadecimal.

    Parameters
    ----------
    *parts : object
        Seed, day, region and code of the office, class, region and code of the candidate; of an
        inspector, the word ``inspector`` follows.

    Returns
    -------
    str
        64 digits.

    Examples
    --------
    >>> ticket_of(1, "2024-03-01")[:8]
    '53a87ada'
    """
    words = "|".join(map(str, parts))
    return hashlib.sha256(words.encode("utf-8")).hexdigest()


def draws_of(
    spec: RegisterSpec, records: Sequence[Record], context: AssessmentContext
) -> list[Draw]:
    """Hold all draws of a register, in the order of their days.

    Parameters
    ----------
    spec : RegisterSpec
        Of rule ``draw``.
    records : sequence of Record
    context : AssessmentContext
        Its table of regions says which regions are inside that of an office.

    Returns
    -------
    list of Draw
        One for each row and class. Within a year an enterprise is drawn again by the same office
        only after all others of its class.
    """
    held: list[Draw] = []
    groups = by_subject(records)
    rows = [record for record in records if record.role == "draw"]
    for record in sorted(rows, key=_order):
        classes = classes_on(spec, groups, record.date, context)
        for rated in spec.class_:
            is_meant = record.event in ("", rated.id)
            if is_meant and rated.rate is not None:
                candidates = _candidates(spec, classes, record, name=rated.id, context=context)
                draw = _hold(
                    spec,
                    groups,
                    record,
                    rated=rated,
                    held=held,
                    candidates=candidates,
                )
                held.append(draw)
    return held


def classes_on(
    spec: RegisterSpec, groups: Groups, day: str, context: AssessmentContext
) -> dict[RegisterSubject, str]:
    """Return the class of each subject on a day: from the register, or of another scheme.

    Parameters
    ----------
    spec : RegisterSpec
        Of rule ``draw``.
    groups : mapping of RegisterSubject to sequence of Record
    day : str
    context : AssessmentContext
        With what the scheme that ``class_from`` names publishes.

    Returns
    -------
    dict of RegisterSubject to str
        Blank for subjects whose class cannot be told.
    """
    classes: dict[RegisterSubject, str] = {}
    if not spec.class_from:
        for subject, rows in groups.items():
            record = latest(rows, "class", day)
            if record is not None:
                classes[subject] = record.event
        return classes
    source = context.publications.get(spec.class_from)
    if source is None or source.subjects is None:  # told by ``check_references``
        return classes
    names = spec.classes_of_source()
    for (region, kind, code), class_ in source.subjects.on(day).items():
        classes[RegisterSubject(region, kind, code)] = names.get(class_, "")
    return classes


def without_class(
    spec: RegisterSpec, records: Sequence[Record], context: AssessmentContext
) -> list[RegisterSubject]:
    """Return the enterprises that were left out of a draw, since their class cannot be told.

    Parameters
    ----------
    spec : RegisterSpec
        With ``class_from``.
    records : sequence of Record
    context : AssessmentContext

    Returns
    -------
    list of RegisterSubject
        Each once.
    """
    left_out: list[RegisterSubject] = []
    groups = by_subject(records)
    for record in records:
        if record.role == "draw":
            classes = classes_on(spec, groups, record.date, context)
            left_out += _candidates(spec, classes, record, name="", context=context)
    return list(dict.fromkeys(left_out))


def _order(record: Record) -> tuple[str, RegisterSubject, str]:
    """Return by what draws are ordered."""
    return record.date, record.subject, record.document


def _hold(
    spec: RegisterSpec,
    groups: Groups,
    record: Record,
    *,
    rated: RegisterClass,
    held: Sequence[Draw],
    candidates: Sequence[RegisterSubject],
) -> Draw:
    """Hold a draw in a class."""
    earlier: set[RegisterSubject] = set()
    in_period: set[RegisterSubject] = set()
    period = _period(record.date, rated.per)
    for draw in held:
        if draw.record.subject != record.subject or draw.class_.id != rated.id:
            continue
        drawn = {ticket.subject for ticket in draw.tickets if ticket.drawn}
        if draw.year == int(record.date[:4]):
            earlier |= drawn
        if _period(draw.record.date, rated.per) == period:
            in_period |= drawn
    least = math.ceil((rated.rate or 0.0) * len(candidates) - _WHOLE)
    before = len(in_period.intersection(candidates))
    number = max(least - before, 0)
    office = record.subject
    head = (int(record.value), record.date, office.region, office.code, rated.id)
    ordered = []
    for candidate in candidates:
        ticket = ticket_of(*head, candidate.region, candidate.code)
        ordered.append((candidate in earlier, ticket, candidate))
    tickets = []
    for position, (was_drawn, ticket, candidate) in enumerate(sorted(ordered)):
        is_drawn = position < number
        inspectors: tuple[str, ...] = ()
        if is_drawn:
            inspectors = _inspectors(spec, groups, record, head=head, candidate=candidate)
        shown = ticket[:_SHOWN_DIGITS]
        tickets.append(Ticket(candidate, shown, was_drawn, is_drawn, inspectors))
    return Draw(record, rated, before, number, tuple(tickets))


def _period(day: str, per: str) -> tuple[str, int]:
    """Return the year or quarter of a day."""
    quarter = (int(day[5:7]) - 1) // _MONTHS_OF_QUARTER
    return day[:4], quarter if per == "quarter" else 0


def _candidates(
    spec: RegisterSpec,
    classes: Mapping[RegisterSubject, str],
    record: Record,
    *,
    name: str,
    context: AssessmentContext,
) -> list[RegisterSubject]:
    """Return the enterprises of a class inside the region of the office that draws."""
    candidates = []
    for subject, of_subject in classes.items():
        is_of_class = subject.kind == spec.subject_kind and of_subject == name
        if is_of_class and is_inside(subject.region, record.subject.region, context):
            candidates.append(subject)
    return candidates


def is_inside(region: str, whole: str, context: AssessmentContext) -> bool:
    """Return whether a region is another one, or inside it.

    Parameters
    ----------
    region, whole : str
        Codes.
    context : AssessmentContext

    Returns
    -------
    bool
    """
    if region == whole:
        return True
    regions = regions_of(context)
    return regions is not None and whole in regions.ancestors(region)


def _inspectors(
    spec: RegisterSpec,
    groups: Groups,
    record: Record,
    *,
    head: tuple[object, ...],
    candidate: RegisterSubject,
) -> tuple[str, ...]:
    """Draw the inspectors of an enterprise among those on duty, without recusals."""
    office = record.subject
    on_duty = []
    for subject, rows in groups.items():
        if subject.kind != INSPECTOR or subject.region != office.region:
            continue
        recused = [
            row
            for row in rows
            if row.role == "recusal" and row.event == candidate.code and row.counts_on(record.date)
        ]
        if latest(rows, "duty", record.date) is not None and not recused:
            ticket = ticket_of(*head, candidate.region, candidate.code, INSPECTOR, subject.code)
            on_duty.append((ticket, subject.code))
    chosen = sorted(on_duty)[: spec.inspectors]
    return tuple(code for _, code in chosen)
