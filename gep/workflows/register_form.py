"""What registers still ask for (名录空白表): rows by item, and a blank register with its choices.

Of sections the days without a reading are asked for, each as a row; of everything else only the
user knows the rows, so that blank ones offer the items, subject kinds and events of the schemes.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from gep.assessment.register.records import Record, RegisterSubject, records_of
from gep.assessment.register.scheme import (
    DEADLINES,
    RegisterEvent,
    RegisterItem,
    RegisterScheme,
)
from gep.assessment.registers import INSPECTOR, OFFICE, SECTION, SUBJECT_KINDS, Register
from gep.assessment.scheme import Scheme
from gep.inputs.value_rows import GRADES

REGISTER_COLUMNS = [
    *("region", "subject_kind", "subject", "item", "date", "value", "unit", "event", "until"),
    *("document", "grade", "note"),
]
_NEEDED = ("duty", "draw", "class", "set")  # roles without any row of which nothing follows
_READING = "reading"
_TARGET = "target"
_BLANK_ROWS = 20


class RegisterNeed(NamedTuple):
    """What a scheme asks of an item, or of an event of tasks.

    Attributes
    ----------
    scheme : RegisterScheme
    member : RegisterItem or RegisterEvent
    unit : str
        Blank where rows have no number.
    regions : int
        With a row.
    rows, missing : int
        Rows that are due, of which some are missing: of readings and targets those of the sections
        that are on record; of an item without which nothing follows, one.
    """

    scheme: RegisterScheme
    member: RegisterItem | RegisterEvent
    unit: str
    regions: int
    rows: int
    missing: int


def register_schemes(schemes: Sequence[Scheme]) -> list[RegisterScheme]:
    """Return the schemes of kind ``register``.

    Parameters
    ----------
    schemes : sequence of Scheme

    Returns
    -------
    list of RegisterScheme
    """
    return [scheme for scheme in schemes if isinstance(scheme, RegisterScheme)]


def register_needs(
    schemes: Sequence[Scheme], register: Register | None, years: Sequence[int]
) -> list[RegisterNeed]:
    """Return what the schemes of registers ask for, by item; of tasks by event.

    Parameters
    ----------
    schemes : sequence of Scheme
    register : Register or None
    years : sequence of int
        The assessed years.

    Returns
    -------
    list of RegisterNeed
    """
    needs = []
    for scheme in register_schemes(schemes):
        records = records_of(scheme.spec, register)
        members: Sequence[RegisterItem | RegisterEvent] = scheme.spec.item
        if scheme.spec.rule == DEADLINES:
            members = scheme.spec.event
        for member in members:
            needs.append(_need(scheme, member, records, years))
    return needs


def _need(
    scheme: RegisterScheme,
    member: RegisterItem | RegisterEvent,
    records: Sequence[Record],
    years: Sequence[int],
) -> RegisterNeed:
    """Return what a scheme asks of an item or event."""
    of_member = [record for record in records if member.id in (record.item, record.event)]
    regions = {record.subject.region for record in of_member}
    sections = _sections(records)
    rows = len(of_member)
    missing = 0
    if member.role == _READING:
        rows = sum(len(_days(year)) for year in years) * len(sections)
        missing = len(missing_days(records, years))
    elif member.role == _TARGET:
        with_target = {record.subject for record in of_member}
        rows = len(sections)
        missing = len([section for section in sections if section not in with_target])
    if member.role in (*_NEEDED, _TARGET, _READING) and not rows:
        rows = missing = 1
    unit = "" if isinstance(member, RegisterEvent) or member.unit == "1" else member.unit
    return RegisterNeed(
        scheme,
        member,
        unit,
        len(regions),
        rows,
        missing,
    )


def _sections(records: Sequence[Record]) -> list[RegisterSubject]:
    """Return the sections that are on record."""
    subjects = [record.subject for record in records if record.subject.kind == SECTION]
    return list(dict.fromkeys(subjects))


def _days(year: int) -> list[str]:
    """Return the days of a year."""
    first = date(year, 1, 1)
    count = (date(year + 1, 1, 1) - first).days
    return [(first + timedelta(days=number)).isoformat() for number in range(count)]


def missing_days(
    records: Sequence[Record], years: Sequence[int]
) -> list[tuple[RegisterSubject, str]]:
    """Return the days on which sections have no reading.

    Parameters
    ----------
    records : sequence of Record
        Of a scheme of the rule ``days``.
    years : sequence of int

    Returns
    -------
    list of (RegisterSubject, str)
        By section, in order.
    """
    read = {(record.subject, record.date) for record in records if record.role == _READING}
    missing = []
    for section in _sections(records):
        for year in years:
            missing += [(section, day) for day in _days(year) if (section, day) not in read]
    return missing


def blank_register(
    schemes: Sequence[Scheme], register: Register | None, years: Sequence[int]
) -> list[dict[str, str | float]]:
    """Return the rows of a blank register: a row for each day without a reading, then blank ones.

    Parameters
    ----------
    schemes : sequence of Scheme
    register : Register or None
    years : sequence of int

    Returns
    -------
    list of dict
        Cells that are given, by column of ``REGISTER_COLUMNS``; empty without such schemes.
    """
    rows: list[dict[str, str | float]] = []
    listed = register_schemes(schemes)
    for scheme in listed:
        readings = [item for item in scheme.spec.item if item.role == _READING]
        if not readings:
            continue
        item = readings[0]
        for section, day in missing_days(records_of(scheme.spec, register), years):
            row: dict[str, str | float] = {"region": section.region, "subject": section.code}
            row |= {"subject_kind": SECTION, "item": item.id, "date": day, "unit": item.unit}
            rows.append(row)
    if listed:
        rows += [{} for _ in range(_BLANK_ROWS)]
    return rows


def register_choices(
    schemes: Sequence[Scheme], regions: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """Return what cells of a register may be, by column.

    Parameters
    ----------
    schemes : sequence of Scheme
    regions : sequence of str
        Codes of the assessed regions.

    Returns
    -------
    mapping of str to sequence of str
    """
    kinds: dict[str, None] = {}
    items: dict[str, None] = {}
    events: dict[str, None] = {}
    for scheme in register_schemes(schemes):
        spec = scheme.spec
        kinds[spec.subject_kind] = None
        items |= dict.fromkeys(item.id for item in spec.item)
        events |= dict.fromkeys(event.id for event in spec.event)
        events |= dict.fromkeys(rated.id for rated in spec.class_)
        roles = {item.role for item in spec.item}
        kinds |= dict.fromkeys([OFFICE] if "draw" in roles else [])
        kinds |= dict.fromkeys([INSPECTOR] if "duty" in roles else [])
    ordered = [kind for kind in SUBJECT_KINDS if kind in kinds]
    return {
        "region": regions,
        "subject_kind": ordered,
        "item": tuple(items),
        "event": tuple(events),
        "grade": GRADES,
    }
