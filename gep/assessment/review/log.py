"""The log of a result (考核结果流程): its states from the preliminary to the final one.

The states are 初算, 复核, 反馈, 申诉, 终核. The log is a CSV that is only ever added to. ``who`` is
an office, never a person. ``previous`` is the sha256 of the previous line (for the first entry, of
the header), so that a line that was changed or removed breaks the chain. No line follows the last
one: keep ``ReviewLog.head``, its sha256, elsewhere (in the minutes, in the record of a run, in the
file beside the log that ``keep_head`` writes) and give it to ``read_log``, which then finds a log
that was cut or whose last line was changed.
"""

import csv
import hashlib
import math
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from gep.errors import Place, ProblemLog, ProblemsFound, Where, make_problem
from gep.io.csv_excel import printable, read_file, system_reason
from gep.io.csv_tables import would_run
from gep.io.notebook import ShownAsTable
from gep.io.result_folder import lock_folder, scratch_folder, sync_file, sync_folder
from gep.texts.catalogue import Label, counted, text

PRELIMINARY = "初算"
REVIEW = "复核"
FEEDBACK = "反馈"
APPEAL = "申诉"
FINAL = "终核"
STATES = {
    PRELIMINARY: "preliminary",
    REVIEW: "review",
    FEEDBACK: "feedback",
    APPEAL: "appeal",
    FINAL: "final",
}
NEXT = {  # the states that may follow each; only a review opens a final result again
    "": (PRELIMINARY,),
    PRELIMINARY: (PRELIMINARY, REVIEW),
    REVIEW: (PRELIMINARY, REVIEW, FEEDBACK, FINAL),
    FEEDBACK: (APPEAL, REVIEW, FINAL),
    APPEAL: (APPEAL, REVIEW, FINAL),
    FINAL: (REVIEW,),
}
_STATE_OF_WORD = {word: state for state, word in STATES.items()}
Heads = str | Mapping[str, str]  # a head of a log, or several with the files that hold them

_MARK = "\ufeff"  # without it Excel does not read UTF-8
_HEAD_LENGTH = 200  # bytes of the file with the head that are read
_OF_RECORD = {  # messages on a head that was kept elsewhere, and those that name where
    "review.missing-log": "review.missing-log-of-record",
    "review.head-not-in-chain": "review.head-not-in-chain-of-record",
}
_CHECKSUM_SHOWN = 12  # characters of a checksum that a message shows
_PATH_SHOWN = 200  # characters of a path that a message shows
_DAY_LENGTH = len("2026-01-31")
_YEAR_DIGITS = 4


@dataclass(frozen=True)
class LogEntry:
    """An entry of the log: a step of a result, or of one number in it.

    Attributes
    ----------
    at : str
        2026-01-31 or 2026-01-31T09:30.
    who : str
        The office.
    state : str
        One of ``STATES``, or its English word.
    document : str
    scheme : str
        Id of the scheme.
    region : str
        Blank if the entry is of the whole result.
    year : int
    item : str
        An indicator, or ``total``; blank if the entry is of the whole result of a region.
    old, new : str
        A number before and after, where it is changed or claimed.
    reason : str
    """

    at: str
    who: str
    state: str
    document: str
    scheme: str
    region: str
    year: int
    item: str = ""
    old: str = ""
    new: str = ""
    reason: str = ""

    def cells(self) -> list[str]:
        """Return the entry as it is written to the file, without ``previous``."""
        return [str(getattr(self, name)) for name in _ENTRY_COLUMNS]


_ENTRY_COLUMNS = [column.name for column in fields(LogEntry)]
LOG_COLUMNS = [*_ENTRY_COLUMNS, "previous"]
_HEADER = ",".join(LOG_COLUMNS)


@dataclass(frozen=True, repr=False)
class ReviewLog(ShownAsTable):
    """The entries of a log, its file, and the sha256 of its last line."""

    entries: tuple[LogEntry, ...]
    path: Path
    head: str

    def of(self, scheme: str, year: int) -> tuple[LogEntry, ...]:
        """Return the entries on a scheme's year."""
        return tuple(_entries_of(self.entries, scheme, year))

    def _shown_size(self) -> str:
        """Return how much it holds."""
        size = counted(len(self.entries), "entry|entries")
        return f"{size}, head {self.head[:_CHECKSUM_SHOWN]}"

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        cells = [entry.cells() for entry in self.entries]
        return pd.DataFrame(cells, columns=_ENTRY_COLUMNS)


def _entries_of(entries: Sequence[LogEntry], scheme: str, year: int) -> list[LogEntry]:
    """Return the entries on a scheme's year."""
    return [entry for entry in entries if entry.scheme == scheme and entry.year == year]


def state_of(log: ReviewLog, scheme: str, year: int, region: str = "") -> str:
    """Return the state of a result, or of the result of a region.

    Parameters
    ----------
    log : ReviewLog
    scheme : str
        Id of the scheme.
    year : int
    region : str, optional

    Returns
    -------
    str
        The state of the last entry on it; blank if there is none.
    """
    return last_state(log.of(scheme, year), region)


def last_state(entries: Sequence[LogEntry], region: str) -> str:
    """Return the state of the last entry on a region, or on the whole result.

    Parameters
    ----------
    entries : sequence of LogEntry
        Entries on one scheme's year.
    region : str
        Blank for the whole result.

    Returns
    -------
    str
        Blank if there is no entry.
    """
    for entry in reversed(entries):
        if entry.region in ("", region):
            return entry.state
    return ""


class _Appeal(NamedTuple):
    """What an appeal is about."""

    region: str
    item: str


def open_appeals(entries: Sequence[LogEntry]) -> list[str]:
    """Find the regions with an appeal that was not dealt with.

    An appeal is about an item of a region; a review or a final number of that item, or of the whole
    region, ends it.

    Parameters
    ----------
    entries : sequence of LogEntry
        Entries on one scheme's year.

    Returns
    -------
    list of str
        Codes of regions.
    """
    pending: list[_Appeal] = []
    for entry in entries:
        if entry.state == APPEAL:
            pending.append(_Appeal(entry.region, entry.item))
        elif entry.state in (REVIEW, FINAL) and entry.region:
            pending = [appeal for appeal in pending if not _ends(entry, appeal)]
    regions = [appeal.region for appeal in pending]
    return list(dict.fromkeys(regions))


def _ends(entry: LogEntry, appeal: _Appeal) -> bool:
    """Return whether a review or final number ends an appeal."""
    return entry.region == appeal.region and entry.item in ("", appeal.item)


@dataclass(frozen=True)
class _EntryPlace:
    """Where an entry is: a row of the log, or none yet (0) for an entry that is to be added."""

    file: str
    row: int = 0

    def column(self, name: str) -> Where:
        """Return the place of a cell of the entry; ``name`` is blank for the whole entry."""
        if self.row:
            return Place(self.file, (self.row,), name)
        if name:
            return text("review.cell-of-new-entry", file=self.file, column=name)
        return text("review.new-entry", file=self.file)


def read_log(path: Path, problems: ProblemLog, head: Heads = "") -> ReviewLog | None:
    """Read a log and check its chain, its entries and the order of their states.

    Parameters
    ----------
    path : Path
        A log that does not exist yet is empty.
    problems : ProblemLog
        Collects ``log-chain``, ``log-entry``, ``log-transition``, ``bad-year``, ``encoding``, and
        what ``read_file`` finds.
    head : str or mapping of str to str, optional
        A head of the log that was kept elsewhere, or several with the files that hold them; all
        must still be in the chain.

    Returns
    -------
    ReviewLog or None
        None if the file is no log.
    """
    label = path.name
    heads = {head: ""} if isinstance(head, str) else head
    empty = ReviewLog((), path, _checksum(_HEADER))
    if not os.path.lexists(path):
        _check_heads(heads, ("", empty.head), label, "review.missing-log", problems)
        return empty
    lines = _read_lines(path, label, problems)
    if lines is None:
        return None
    header = lines[0] if lines else ""
    if header != _HEADER:
        problems.add(
            "log-chain",
            Place(label, (1,)),
            "review.wrong-header",
            header=printable(header),
            columns=_HEADER,
        )
        return None
    entries: list[LogEntry] = []
    checksums = [empty.head]
    for row, line in enumerate(lines[1:], 2):
        place = _EntryPlace(label, row)
        entry = _read_line(line, checksums, place, problems)
        if entry is not None:
            _check_entry(entry, entries, place, problems)
            entries.append(entry)
    _check_heads(heads, ("", *checksums), label, "review.head-not-in-chain", problems)
    return ReviewLog(tuple(entries), path, checksums[-1])


def _read_lines(path: Path, label: str, problems: ProblemLog) -> list[str] | None:
    """Read the lines of a log; None, with a problem, if it is no file of text."""
    content = read_file(path, label, problems, may_be_empty=True)
    if content is None:
        return None
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        problems.add("encoding", label, "review.not-utf-8")
        return None


def _check_heads(
    heads: Mapping[str, str],
    checksums: Collection[str],
    label: str,
    message: str,
    problems: ProblemLog,
) -> None:
    """Check (``log-chain``) that heads that were kept elsewhere are in the chain of a log."""
    for head, record in heads.items():
        if head in checksums:
            continue
        shown = printable(head, _CHECKSUM_SHOWN)
        if record:
            shown_record = printable(record, _PATH_SHOWN)
            problems.add("log-chain", label, _OF_RECORD[message], head=shown, record=shown_record)
        else:
            problems.add("log-chain", label, message, head=shown)


def _read_line(
    line: str, checksums: list[str], place: _EntryPlace, problems: ProblemLog
) -> LogEntry | None:
    """Read an entry and add the checksum of its line; None if it cannot be read."""
    try:
        cells = next(csv.reader([line]), [])
    except csv.Error:  # a cell that is longer than the csv module reads
        cells = []
    if len(cells) != len(LOG_COLUMNS):
        problems.add(
            "log-entry",
            place.column(""),
            "review.wrong-cells",
            count=len(cells),
            columns=len(LOG_COLUMNS),
        )
        return None
    previous = cells[-1]
    if previous != checksums[-1]:
        problems.add(
            "log-chain",
            place.column("previous"),
            "review.broken-chain",
            previous=printable(previous, _CHECKSUM_SHOWN),
            checksum=checksums[-1][:_CHECKSUM_SHOWN],
        )
    checksums.append(_checksum(line))
    values = dict(zip(_ENTRY_COLUMNS, cells, strict=False))
    year = values.pop("year")
    if not (year.isascii() and year.isdigit() and len(year) == _YEAR_DIGITS):
        problems.add("bad-year", place.column("year"), "review.bad-year", year=printable(year))
        return None
    return LogEntry(year=int(year), **values)


def append_entry(path: Path, entry: LogEntry, head: Heads = "") -> ReviewLog:
    """Add an entry to a log, which is made if it does not exist.

    The log is written whole or not at all. Its folder is locked, so that entries that are added at
    the same moment follow one another. Where the log is a link, the file that it leads to is
    written.

    Parameters
    ----------
    path : Path
    entry : LogEntry
    head : str or mapping of str to str, optional
        See :func:`read_log`.

    Returns
    -------
    ReviewLog
        The log with the entry.

    Raises
    ------
    ProblemsFound
        ``log-entry`` or ``log-transition`` if the entry is not complete, or its state may not
        follow; what ``read_log`` finds wrong with the log; ``cannot-write``. Nothing is written.
    """
    state = _STATE_OF_WORD.get(entry.state, entry.state)
    entry = replace(entry, state=state)
    check_addition(path, entry, head)  # so that no folder is made for what is refused
    file = Path(os.path.realpath(path))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(file.parent) as scratch, lock_folder(file.parent):
            log = check_addition(path, entry, head)
            content = _HEADER
            if file.exists():
                content = file.read_bytes().decode("utf-8-sig").rstrip("\r\n")
                content = content.replace("\r\n", "\n")
            line = _csv_line([*entry.cells(), log.head])
            _replace_file(scratch / "new" / file.name, file, f"{_MARK}{content}\n{line}\n")
    except OSError as error:
        reason = system_reason(error)
        problem = make_problem("cannot-write", path.name, "review.cannot-write", reason=reason)
        raise ProblemsFound([problem]) from error
    return ReviewLog((*log.entries, entry), path, _checksum(line))


def check_addition(path: Path, entry: LogEntry, head: Heads) -> ReviewLog:
    """Return the log if an entry may be added to it.

    Parameters
    ----------
    path : Path
    entry : LogEntry
    head : str or mapping of str to str
        See :func:`read_log`.

    Returns
    -------
    ReviewLog

    Raises
    ------
    ProblemsFound
        Those of :func:`append_entry`.
    """
    entry = replace(entry, state=_STATE_OF_WORD.get(entry.state, entry.state))
    problems = ProblemLog()
    log = read_log(path, problems, head)
    if log is not None:
        place = _EntryPlace(path.name)
        _check_entry(entry, log.entries, place, problems)
        for column, word in (("old", entry.old), ("new", entry.new)):
            if word and not is_number(word):
                problems.add(
                    "log-entry",
                    place.column(column),
                    "review.not-a-number",
                    column=column,
                    value=printable(word),
                )
    if log is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return log


def head_file(path: Path) -> Path:
    """Return the file beside a log in which the checksum of its last line is kept.

    Parameters
    ----------
    path : Path
        The log.

    Returns
    -------
    Path
    """
    return path.with_name(f"{path.name}.head")


def keep_head(log: ReviewLog) -> None:
    """Keep the head of a log beside it, so that entries that are cut off later are noticed.

    Parameters
    ----------
    log : ReviewLog
        Entries that others have added since are taken with it.

    Raises
    ------
    ProblemsFound
        ``cannot-write``.
    """
    file = Path(os.path.realpath(head_file(log.path)))
    try:
        with scratch_folder(file.parent) as scratch, lock_folder(file.parent):
            current = read_log(log.path, ProblemLog()) or log
            _replace_file(scratch / "new" / file.name, file, f"{current.head}\n")
    except OSError as error:
        reason = system_reason(error)
        problem = make_problem("cannot-write", file.name, "review.head-not-kept", reason=reason)
        raise ProblemsFound([problem]) from error


def kept_head(path: Path) -> str:
    """Return the head that is kept beside a log; blank if there is none.

    Parameters
    ----------
    path : Path
        The log.

    Returns
    -------
    str
    """
    file = head_file(path)
    if not file.is_file():
        return ""
    try:
        with file.open("rb") as stream:
            content = stream.read(_HEAD_LENGTH)
    except OSError:
        return ""
    return content.decode("ascii", "replace").strip()


def _replace_file(draft: Path, file: Path, content: str) -> None:
    """Write a file in a scratch folder, then put it in the place of another one, with its mode."""
    draft.write_text(content, encoding="utf-8", newline="\n")
    if file.exists():
        shutil.copymode(file, draft)
    sync_file(draft)
    os.replace(draft, file)
    sync_folder(file.parent)


def _csv_line(cells: Sequence[str]) -> str:
    """Return cells as a line of CSV, without its end."""
    buffer = StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue()


def _checksum(line: str) -> str:
    """Return the sha256 of a line."""
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


def _check_entry(
    entry: LogEntry, previous: Sequence[LogEntry], place: _EntryPlace, problems: ProblemLog
) -> None:
    """Check that an entry is complete and may follow the previous ones."""
    _check_cells(entry, place, problems)
    if entry.state not in STATES:
        problems.add(
            "log-entry",
            place.column("state"),
            "review.unknown-state",
            state=printable(entry.state),
            known=[_state_label(state) for state in STATES],
        )
        return
    _check_same_day(entry, previous, place, problems)
    if previous and _is_earlier(entry.at, previous[-1].at):
        problems.add(
            "log-entry",
            place.column("at"),
            "review.out-of-order",
            day=entry.at,
            previous=previous[-1].at,
        )
    result_entries = _entries_of(previous, entry.scheme, entry.year)
    _check_transition(entry, last_state(result_entries, entry.region), place, problems)
    if entry.state == FINAL and not entry.region:
        regions = open_appeals(result_entries)
        if regions:
            problems.add(
                "log-transition",
                place.column("state"),
                "review.open-appeals",
                regions=regions,
                final=_state_label(FINAL),
                review=_state_label(REVIEW),
            )


def _check_same_day(
    entry: LogEntry, previous: Sequence[LogEntry], place: _EntryPlace, problems: ProblemLog
) -> None:
    """Check (``log-entry``) that the order of a day's entries decides no number.

    Of two steps of one moment nobody can tell which came first: two that decide the same number,
    one that opens a final result again, one that computes anew what was decided need their time.
    """
    for known in _entries_of(previous, entry.scheme, entry.year):
        if not _is_one_moment(known.at, entry.at):
            continue
        values = {"day": entry.at, "state": _state_label(entry.state)}
        values["previous"] = _state_label(known.state) if known.state in STATES else known.state
        is_wider = entry.region in ("", known.region) or known.region == ""
        is_opened = (known.state, entry.state) == (FINAL, REVIEW) and is_wider
        is_anew = entry.state == PRELIMINARY and _gives_number(known) and is_wider
        if is_opened or is_anew:
            problems.add("log-entry", place.column("at"), "review.step-back-in-a-day", **values)
            return
        is_same = (entry.region, entry.item) == (known.region, known.item)
        if is_same and _gives_number(entry) and _gives_number(known) and entry.new != known.new:
            problems.add(
                "log-entry",
                place.column("at"),
                "review.two-numbers-in-a-day",
                day=entry.at,
                new=printable(entry.new),
                previous=printable(known.new),
            )
            return


def _gives_number(entry: LogEntry) -> bool:
    """Return whether a review or final entry gives a number."""
    return entry.state in (REVIEW, FINAL) and entry.new != ""


def _is_one_moment(first: str, second: str) -> bool:
    """Return whether two entries are of one moment, or of one day if one of them has no time."""
    if len(first) > _DAY_LENGTH and len(second) > _DAY_LENGTH:
        return first == second
    return first[:_DAY_LENGTH] == second[:_DAY_LENGTH]


def _check_transition(
    entry: LogEntry, state: str, place: _EntryPlace, problems: ProblemLog
) -> None:
    """Check that the state of an entry may follow the present one."""
    if state not in NEXT or entry.state in NEXT[state]:  # unknown states were reported
        return
    subject = "review.result-of-region" if entry.region else "review.result"
    problems.add(
        "log-transition",
        place.column("state"),
        "review.wrong-transition" if state else "review.wrong-first-state",
        subject=text(subject, scheme=entry.scheme, year=entry.year, region=entry.region),
        state=_state_label(entry.state),
        previous=_state_label(state) if state else "",
        next=[_state_label(allowed) for allowed in NEXT[state]],
    )


def _state_label(state: str) -> Label:
    """Return a state for messages: in Chinese as it is written, in English with its word."""
    return Label(state, text(f"review.state.{STATES[state]}"))


def _check_cells(entry: LogEntry, place: _EntryPlace, problems: ProblemLog) -> None:
    """Check that the cells that an entry needs are filled, and that no cell is unsafe."""
    if _parse_time(entry.at) is None:
        problems.add("log-entry", place.column("at"), "review.bad-day", at=printable(entry.at))
    if not entry.who:
        problems.add("log-entry", place.column("who"), "review.no-office")
    if not entry.scheme:
        problems.add("log-entry", place.column("scheme"), "review.no-scheme")
    if entry.state in (APPEAL, FINAL) and not entry.document:
        label = _state_label(entry.state)
        problems.add("log-entry", place.column("document"), "review.no-document", state=label)
    if entry.state == APPEAL and not entry.region:
        label = _state_label(entry.state)
        problems.add("log-entry", place.column("region"), "review.no-region", state=label)
    if entry.old != entry.new and not entry.reason:
        problems.add(
            "log-entry",
            place.column("reason"),
            "review.no-reason",
            old=printable(entry.old),
            new=printable(entry.new),
        )
    for column, cell in zip(_ENTRY_COLUMNS, entry.cells(), strict=True):
        is_formula = would_run(cell) and not is_number(cell)
        if not cell.isprintable() or is_formula:
            shown = printable(cell)
            problems.add(
                "log-entry", place.column(column), "review.unsafe-cell", column=column, cell=shown
            )


def is_number(word: str) -> bool:
    """Return whether a cell of the log is a finite number."""
    try:
        return math.isfinite(float(word)) and "_" not in word
    except ValueError:
        return False


def _is_earlier(at: str, previous: str) -> bool:
    """Return whether a day is before another one; False if one of them is no day."""
    if _parse_time(at) is None or _parse_time(previous) is None:
        return False
    if len(at) > _DAY_LENGTH and len(previous) > _DAY_LENGTH:
        return at < previous
    return at[:_DAY_LENGTH] < previous[:_DAY_LENGTH]


def _parse_time(word: str) -> datetime | None:
    """Return a day or time; None if it is none."""
    try:
        return datetime.fromisoformat(word)
    except ValueError:
        return None
