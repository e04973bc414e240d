"""What a log decides (复核定数): its numbers held against the computed ones, and what they change.

A number of the log is of an item of a region. ``total`` and the items of a scheme are numbers of
its results (points, values of an index, money); ``reading:ITEM`` is what an item reads. A number
agrees with a computed one if it is that number in the digits it is written in. A decision is a
review or final entry whose new number agrees neither with its old one nor with the computed one;
so an appeal that is rejected changes nothing. Decisions count once the result is final. Within a
day the order of entries does not matter: of two decisions on one number the later day, or time,
counts, and ``gep.assessment.review.log`` refuses two that differ on one day.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.decided import Decided, DecidedReading
from gep.assessment.readings import Reading, SchemeReading
from gep.assessment.review.log import (
    FINAL,
    PRELIMINARY,
    REVIEW,
    LogEntry,
    ReviewLog,
    is_number,
    last_state,
)
from gep.assessment.scheme import Assessment
from gep.errors import Place, ProblemLog, Where
from gep.io.csv_excel import printable
from gep.io.tables import suggestion
from gep.texts.catalogue import LANGUAGES, Text, text

READING = "reading:"  # what an item begins with that is a reading
TOTAL = "total"
NUMBER_COLUMNS = ["region", "year", "item", "value"]
_SCORE = "score"  # the kind whose computed numbers may be decided
_REGISTER = "register"  # the kind whose results follow from dated rows alone
_NEAR = 1e-9  # share of a number that binary fractions may leave over


class _NumberColumns(NamedTuple):
    """The columns of a result table that name an item and hold its number."""

    item: str
    value: str


_NUMBERS = {  # by table; without a column of items, the number is that of ``total``
    "scores.csv": _NumberColumns("indicator", "points"),
    "index.csv": _NumberColumns("component", "value"),
    "geep.csv": _NumberColumns("item", "value"),
    "allocation.csv": _NumberColumns("", "amount"),
}


class NumberKey(NamedTuple):
    """What a number is of."""

    region: str
    year: int
    item: str


def numbers_of(assessment: Assessment) -> pd.DataFrame:
    """Return the numbers of a result that can be appealed against.

    Parameters
    ----------
    assessment : Assessment

    Returns
    -------
    DataFrame
        Columns ``NUMBER_COLUMNS``, in the order of the result; NaN where there is no number. Empty
        for kinds whose results are no numbers of regions and years.
    """
    parts = [pd.DataFrame(columns=NUMBER_COLUMNS)]
    for name, columns in _NUMBERS.items():
        table = assessment.tables.get(name)
        if table is None or not len(table):
            continue
        values = [_float(cell) for cell in table[columns.value]]
        part = pd.DataFrame({"region": table["region"].astype(str), "year": table["year"]})
        part["item"] = table[columns.item] if columns.item else TOTAL
        part["value"] = values
        parts.append(part)
    filled = [part for part in parts if len(part)]
    if not filled:
        return parts[0]
    return pd.concat(filled, ignore_index=True).drop_duplicates(["region", "year", "item"])


def _float(cell: object) -> float:
    """Return a cell of a result as a number; NaN if it is none."""
    word = str(cell)
    return float(word) if is_number(word) else math.nan


@dataclass(frozen=True)
class ComputedNumbers:
    """The computed numbers of a scheme, on which a log may have entries.

    Attributes
    ----------
    assessment : Assessment
        The computed result.
    context : AssessmentContext
        What the scheme was applied to.
    """

    assessment: Assessment
    context: AssessmentContext
    _numbers: dict[NumberKey, float] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for row in numbers_of(self.assessment).itertuples():
            self._numbers[NumberKey(str(row.region), int(row.year), str(row.item))] = row.value

    @property
    def read_items(self) -> dict[str, SchemeReading]:
        """The items that are read, by id."""
        scheme = self.assessment.scheme
        return {named.item: named for named in scheme.kind.readings(scheme) if named.item}

    def items(self, region: str, year: int) -> list[str]:
        """Return the items that an entry on a region and year may name."""
        readings = [f"{READING}{name}" for name in self.read_items]
        return [*self.assessment.items(region, year), *readings]

    def value(self, key: NumberKey) -> float:
        """Return a computed number; NaN if there is none."""
        if not key.item.startswith(READING):
            return self._numbers.get(key, math.nan)
        item = self.read_items.get(key.item.removeprefix(READING))
        if item is None or key.region not in self.context.regions or _is_unread(item, self.context):
            return math.nan
        values = self.context.read(item.reading, item.unit, key.year).value
        return float(values[self.context.regions.index(key.region)])


def _is_unread(item: SchemeReading, context: AssessmentContext) -> bool:
    """Return whether a reading cannot be read: other schemes' scores, and units without rows."""
    reading = item.reading
    if reading.scheme:
        return True
    return bool(reading.data) and reading.data not in context.data_units


def agrees(computed: float, word: str, *others: str) -> bool:
    """Return whether a written number is a computed one, in the digits it is written in.

    Parameters
    ----------
    computed : float
        NaN agrees with nothing.
    word : str
        A number.
    *others : str
        Numbers whose digits count as well: the one with most digits decides.

    Returns
    -------
    bool

    Examples
    --------
    >>> agrees(67.049, "67.05"), agrees(67.049, "67.1"), agrees(67.049, "67", "67.0")
    (True, False, True)
    """
    digits = max(_digits(written) for written in (word, *others) if is_number(written))
    half = 0.5 * 10.0**-digits
    return abs(computed - float(word)) <= half + _NEAR * abs(computed)


def moved_by(computed: float, final: float) -> float:
    """Return by how much a number moved, in the digits that both are written in.

    Parameters
    ----------
    computed, final : float
        NaN where there is none.

    Returns
    -------
    float
        Without what binary fractions leave over, so that money moves by whole fen.

    Examples
    --------
    >>> moved_by(4193538.41, 4147677.65)
    -45860.76
    """
    if math.isnan(computed) or math.isnan(final):
        return math.nan
    return float(Decimal(repr(float(final))) - Decimal(repr(float(computed))))


def _digits(word: str) -> int:
    """Return the number of decimals of a written number; negative for 1e3."""
    exponent = Decimal(word).as_tuple().exponent
    return -int(exponent)


def _same(word: str, other: str) -> bool:
    """Return whether two written numbers are the same; blank is the same as nothing."""
    return is_number(word) and is_number(other) and float(word) == float(other)


def since_computed(entries: Sequence[LogEntry]) -> list[LogEntry]:
    """Return the entries from the last computation of the whole result on.

    Parameters
    ----------
    entries : sequence of LogEntry
        Entries on one scheme's year.

    Returns
    -------
    list of LogEntry
        Those before it are of numbers that do not stand any more.
    """
    start = 0
    for position, entry in enumerate(entries):
        if entry.state == PRELIMINARY and not entry.region:
            start = position
    return list(entries[start:])


def decided_numbers(
    entries: Sequence[LogEntry], computed: ComputedNumbers
) -> dict[NumberKey, LogEntry]:
    """Return the entries that decided a number, by what it is of.

    Parameters
    ----------
    entries : sequence of LogEntry
        Entries on one scheme's year.
    computed : ComputedNumbers

    Returns
    -------
    dict of NumberKey to LogEntry
        The last decision on each number, final or not; none where it is the computed number.
    """
    decided: dict[NumberKey, LogEntry] = {}
    for entry in sorted(since_computed(entries), key=lambda known: known.at):
        if not is_decision(entry):
            continue
        key = NumberKey(entry.region, entry.year, entry.item)
        decided[key] = entry
        value = computed.value(key)
        if not math.isnan(value) and agrees(value, entry.new, entry.old):
            del decided[key]
    return decided


def is_decision(entry: LogEntry) -> bool:
    """Return whether an entry changes a number: a review or final entry whose new is not its old.

    Parameters
    ----------
    entry : LogEntry

    Returns
    -------
    bool
    """
    is_of_number = entry.state in (REVIEW, FINAL) and entry.region != "" and entry.item != ""
    return is_of_number and is_number(entry.new) and not _same(entry.old, entry.new)


def final_decisions(log: ReviewLog, computed: ComputedNumbers, years: Iterable[int]) -> Decided:
    """Return what the log decided on the final results of a scheme.

    Parameters
    ----------
    log : ReviewLog
    computed : ComputedNumbers
    years : iterable of int

    Returns
    -------
    Decided
        Of the regions whose result is final.
    """
    scheme = computed.assessment.scheme.id
    rows = {id(entry): row for row, entry in enumerate(log.entries, 2)}
    readings: dict[tuple[Reading, int], dict[str, DecidedReading]] = {}
    points: dict[tuple[str, int], dict[str, float]] = {}
    for year in years:
        entries = log.of(scheme, year)
        for key, entry in decided_numbers(entries, computed).items():
            if last_state(entries, key.region) != FINAL:
                continue
            number = float(entry.new)
            item = computed.read_items.get(key.item.removeprefix(READING))
            if not key.item.startswith(READING):
                points.setdefault((key.item, year), {})[key.region] = number
            elif item is not None:
                where = f"{log.path.name} row {rows[id(entry)]}"
                decided = DecidedReading(number, item.unit, where)
                readings.setdefault((item.reading, year), {})[key.region] = decided
    return Decided(readings, points)


def check_numbers(log: ReviewLog, computed: ComputedNumbers, problems: ProblemLog) -> None:
    """Check the entries of a log since its results were computed against the computed results.

    Parameters
    ----------
    log : ReviewLog
    computed : ComputedNumbers
    problems : ProblemLog
        See :func:`check_entry`.
    """
    scheme = computed.assessment.scheme.id
    places = {id(entry): row for row, entry in enumerate(log.entries, 2)}
    years = dict.fromkeys(entry.year for entry in log.entries if entry.scheme == scheme)
    for year in years:
        entries = since_computed(log.of(scheme, year))
        for entry in entries:
            row = (places[id(entry)],)
            place = {name: Place(log.path.name, row, name) for name in _CHECKED}
            check_entry(entry, entries, computed, place, problems)


_CHECKED = ("region", "item", "old", "new")


def check_entry(
    entry: LogEntry,
    entries: Sequence[LogEntry],
    computed: ComputedNumbers,
    places: Mapping[str, Where],
    problems: ProblemLog,
) -> None:
    """Check that an entry is on a known region and item, and from which number it starts.

    Parameters
    ----------
    entry : LogEntry
    entries : sequence of LogEntry
        Those on the same result since it was computed; the entry itself may be among them.
    computed : ComputedNumbers
    places : mapping of str to Where
        The cells ``region``, ``item``, ``old`` and ``new`` of the entry.
    problems : ProblemLog
        Collects ``unknown-region``, ``unknown-indicator`` and ``log-number``.
    """
    if not _check_names(entry, computed, places, problems):
        return
    kind = computed.assessment.scheme.spec.kind
    if kind == _REGISTER and (entry.old or entry.new):
        problems.add("log-number", places["item"], "review.register-number", item=entry.item)
        return
    key = NumberKey(entry.region, entry.year, entry.item)
    if entry.old and is_number(entry.old):
        _check_old(
            entry,
            key,
            entries,
            computed,
            places["old"],
            problems,
        )
    is_computed = not entry.item.startswith(READING)
    if is_decision(entry) and is_computed and kind != _SCORE:
        names = [f"{READING}{name}" for name in computed.read_items]
        problems.add(
            "log-number", places["item"], "review.decided-result", item=entry.item, items=names
        )


def _check_names(
    entry: LogEntry,
    computed: ComputedNumbers,
    places: Mapping[str, Where],
    problems: ProblemLog,
) -> bool:
    """Check that region and item are known; returns whether there is a number to look at."""
    context = computed.context
    if not entry.region:
        return False
    if entry.region not in context.regions:
        names = set(context.regions)
        for language in LANGUAGES:
            names |= {context.name(code, language) for code in context.regions}
        hint = suggestion(entry.region, names)
        values = {"region": printable(entry.region), "hint": hint}
        problems.add("unknown-region", places["region"], "review.unknown-region", **values)
        return False
    if not entry.item:
        return False
    items = computed.items(entry.region, entry.year)
    if entry.item not in items:
        problems.add(
            "unknown-indicator",
            places["item"],
            "review.unknown-item",
            item=printable(entry.item),
            scheme=entry.scheme,
            hint=suggestion(entry.item, items),
        )
        return False
    return True


def _check_old(
    entry: LogEntry,
    key: NumberKey,
    entries: Sequence[LogEntry],
    computed: ComputedNumbers,
    place: Where,
    problems: ProblemLog,
) -> None:
    """Check (``log-number``) that the old number is the computed one, or one decided since."""
    value = computed.value(key)
    if not math.isnan(value) and agrees(value, entry.old):
        return
    for known in entries:
        is_of_number = NumberKey(known.region, known.year, known.item) == key
        if is_of_number and is_decision(known) and _same(known.new, entry.old):
            return
    shown = "" if math.isnan(value) else f"{value:.10g}"
    problems.add(
        "log-number",
        place,
        "review.wrong-old" if shown else "review.old-of-nothing",
        old=entry.old,
        computed=shown,
        item=entry.item,
        region=computed.context.label(entry.region),
        hint=_reading_hint(entry, key, computed),
    )


def _reading_hint(entry: LogEntry, key: NumberKey, computed: ComputedNumbers) -> Text | str:
    """Return a hint that the number is the reading of the item; blank if it is not."""
    reading = f"{READING}{entry.item}"
    value = computed.value(key._replace(item=reading))
    if math.isnan(value) or not agrees(value, entry.old):
        return ""
    return text("review.hint-of-reading", item=reading)
