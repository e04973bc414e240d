"""Days on which a section has its ecological flow (生态流量达标天数), by month and year.

Rule ``days`` of a scheme of registers. Days without a reading, or without a target, are neither met
nor missed; a verdict is given only where they could not change it.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gep.assessment.register.records import Record, RegisterSubject, by_subject, latest
from gep.assessment.register.scheme import RegisterSpec
from gep.assessment.rules import EQUAL, meets
from gep.assessment.targets import MISSED
from gep.units import factor

MET = "met"
_MONTHS = range(1, 13)
_TARGET = "target"


@dataclass(frozen=True)
class DayCount:
    """The days of a section in a month or a year.

    Attributes
    ----------
    subject : RegisterSubject
    year : int
    period : str
        ``2024`` or ``2024-03``.
    days : int
        Of the calendar.
    read : int
        With a reading.
    judged : int
        With a reading and a target.
    met : int
        On which the reading reaches the target.
    least : float
        The least share that the scheme states; NaN if it states none.
    """

    subject: RegisterSubject
    year: int
    period: str
    days: int
    read: int
    judged: int
    met: int
    least: float

    @property
    def share(self) -> float:
        """The share of the judged days on which the target is met; NaN if there are none."""
        return self.met / self.judged if self.judged else np.nan

    @property
    def status(self) -> str:
        """``met`` or ``missed``; blank if no share is stated, or days not judged could decide."""
        unknown = self.days - self.judged
        if np.isnan(self.least):
            return ""
        needed = self.least * self.days * (1 - EQUAL)
        if self.met >= needed:
            return MET
        return MISSED if self.met + unknown < needed else ""


def day_counts(spec: RegisterSpec, records: Sequence[Record], year: int) -> list[DayCount]:
    """Count the days of all sections in a year and its months.

    Parameters
    ----------
    spec : RegisterSpec
        Of rule ``days``.
    records : sequence of Record
    year : int

    Returns
    -------
    list of DayCount
        Of sections with a reading in the year: the months, then the year.
    """
    counts = []
    for subject, rows in by_subject(records).items():
        days: dict[str, bool | None] = {}
        for record in rows:
            if record.role == "reading" and record.date.startswith(f"{year}-"):
                days[record.date] = _is_met(spec, record, latest(rows, _TARGET, record.date))
        if not days:
            continue
        for month in _MONTHS:
            period = f"{year}-{month:02d}"
            length = monthrange(year, month)[1]
            counts.append(
                _count(
                    spec,
                    subject,
                    days,
                    year=year,
                    period=period,
                    length=length,
                )
            )
        length = sum(monthrange(year, month)[1] for month in _MONTHS)
        counts.append(
            _count(
                spec,
                subject,
                days,
                year=year,
                period=str(year),
                length=length,
            )
        )
    return counts


def _is_met(spec: RegisterSpec, reading: Record, target: Record | None) -> bool | None:
    """Return whether a reading reaches the target; None if there is no target."""
    if target is None:
        return None
    unit = target_unit(spec)
    flow = np.array([reading.value * factor(reading.unit, unit)])
    least = np.array([target.value * factor(target.unit, unit)])
    return bool(meets(flow, least, np.array([">="]))[0])


def target_unit(spec: RegisterSpec) -> str:
    """Return the unit of the target of a scheme; ``1`` if it has none.

    Parameters
    ----------
    spec : RegisterSpec

    Returns
    -------
    str
    """
    for item in spec.item:
        if item.role == _TARGET:
            return item.unit
    return "1"


def _count(
    spec: RegisterSpec,
    subject: RegisterSubject,
    days: dict[str, bool | None],
    *,
    year: int,
    period: str,
    length: int,
) -> DayCount:
    """Count the days of a period."""
    verdicts = [met for day, met in days.items() if day.startswith(period)]
    judged = [met for met in verdicts if met is not None]
    return DayCount(
        subject=subject,
        year=year,
        period=period,
        days=length,
        read=len(verdicts),
        judged=len(judged),
        met=sum(judged),
        least=np.nan if spec.share is None else spec.share,
    )
