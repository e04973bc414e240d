"""The life of a result (考核结果流程): 初算, 复核, 反馈, 申诉, 终核, in a log that is only ever added to.

The log is a CSV. ``who`` is an office, never a person. ``previous`` is the sha256 of the line before (for the first
entry, of the header), so that a line that was changed or taken out breaks the chain. The last line has none after it:
keep ``Log.head``, its sha256, apart (in the minutes, in the record of a run), and give it to ``read_log``, which then
tells a log that was cut or whose last line was changed.
"""

import csv
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from io import StringIO
from pathlib import Path

from gep.errors import ProblemLog, Where
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion

STATES = {
    "初算": "preliminary",
    "复核": "review",
    "反馈": "feedback",
    "申诉": "appeal",
    "终核": "final",
}
PRELIMINARY, REVIEW, FEEDBACK, APPEAL, FINAL = STATES
NEXT = {  # what may follow; a final result is opened again by a review only
    "": (PRELIMINARY,),
    PRELIMINARY: (PRELIMINARY, REVIEW),
    REVIEW: (PRELIMINARY, REVIEW, FEEDBACK, FINAL),
    FEEDBACK: (APPEAL, REVIEW, FINAL),
    APPEAL: (APPEAL, REVIEW, FINAL),
    FINAL: (REVIEW,),
}


@dataclass(frozen=True)
class LogEntry:
    """An entry: when (2026-01-31 or 2026-01-31T09:30), which office, state, document, of what, old and new, why.

    A blank region or item: the entry is of the whole result of the scheme's year.
    """

    at: str
    who: str
    state: str  # one of STATES, or its English word
    document: str
    scheme: str
    region: str
    year: int
    item: str = ""
    old: str = ""
    new: str = ""
    reason: str = ""

    def cells(self) -> list[str]:
        """The entry as it stands in the file, without ``previous``."""
        return [str(getattr(self, one.name)) for one in fields(self)]


LOG_COLUMNS = [*(one.name for one in fields(LogEntry)), "previous"]
_HEADER = ",".join(LOG_COLUMNS)


@dataclass(frozen=True)
class ReviewLog:
    """The entries of a log, its file, and the sha256 of its last line."""

    entries: tuple[LogEntry, ...]
    path: Path
    head: str

    def of(self, scheme: str, year: int) -> tuple[LogEntry, ...]:
        """The entries on a scheme's year."""
        return tuple(one for one in self.entries if (one.scheme, one.year) == (scheme, year))


def state_of(log: ReviewLog, scheme: str, year: int, region: str = "") -> str:
    """The state of a result, or of a region's: that of the last entry on it; blank where there is none."""
    return _state(log.of(scheme, year), region)


def _state(entries: Sequence[LogEntry], region: str) -> str:
    return next((one.state for one in reversed(entries) if one.region in ("", region)), "")


def open_appeals(entries: Sequence[LogEntry]) -> list[str]:
    """The regions whose appeal nobody has dealt with.

    Appeals are of an item of a region; a review or final number of the item, or of the whole region, ends them.
    """
    pending: dict[tuple[str, str], None] = {}
    for one in entries:
        if one.state == APPEAL:
            pending[one.region, one.item] = None
        elif one.state in (REVIEW, FINAL) and one.region:
            ended = [key for key in pending if key[0] == one.region and one.item in ("", key[1])]
            for key in ended:
                del pending[key]
    return list(dict.fromkeys(region for region, _ in pending))


def read_log(path: Path, problems: ProblemLog, head: str = "") -> ReviewLog | None:
    """Read a log and check its chain, entries and states; a log that does not exist yet is empty.

    ``head`` is a head of the log that was kept apart: it must still be in the chain. None where it cannot be read.
    """
    if not path.exists():
        if head and head != _sum(_HEADER):  # that of a log that was empty
            _chain_fault(path.name, "there is no log, and there was one", problems)
        return ReviewLog((), path, _sum(_HEADER))
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        problems.add(
            "encoding", path.name, "the log is no UTF-8", "bring back the log as gep wrote it"
        )
        return None
    if not lines or lines[0] != _HEADER:
        _chain_fault(f"{path.name} row 1", f"the header is not {_HEADER}", problems)
        return None
    entries, before = [], [_sum(lines[0])]
    for number, line in enumerate(lines[1:], 2):
        cells = next(csv.reader([line]), [])
        where = row_place(path.name, [number])
        if len(cells) != len(LOG_COLUMNS):
            what = f"{len(cells)} cells, {len(LOG_COLUMNS)} are due"
            problems.add("log-entry", where, what, "bring back the log; it is only ever added to")
            continue
        if cells[-1] != before[-1]:
            _chain_fault(where, "previous is not the sha256 of the line before", problems)
        before.append(_sum(line))
        if cells[6].isascii() and cells[6].isdigit():
            at, who, state, document, scheme, region = cells[:6]
            entries.append(
                LogEntry(at, who, state, document, scheme, region, int(cells[6]), *cells[7:-1])
            )
            _check(entries[-1], entries[:-1], where, problems)
        else:
            problems.add(
                "bad-year", where, f"year reads {cells[6]!r}", "write the year with four digits"
            )
    if head and head not in before:
        _chain_fault(path.name, f"no line has the sha256 {head[:12]}... that was kept", problems)
    return ReviewLog(tuple(entries), path, before[-1])


def append_entry(path: Path, entry: LogEntry, head: str = "") -> ReviewLog:
    """Add an entry to a log (made where there is none), whole or not at all: written beside, then put in its place.

    Raises ``ProblemsFound`` where the log is broken, the entry is not whole or its state cannot follow. There is no
    lock: of two entries added at the same moment one is lost, and the head that came back for it is not in the log.
    """
    problems = ProblemLog()
    log = read_log(path, problems, head)
    written = replace(entry, state=_WORDS.get(entry.state, entry.state))
    if log is not None:
        _check(written, log.entries, f"{path.name} (new entry)", problems)
    problems.raise_errors()
    assert log is not None
    text = path.read_text(encoding="utf-8-sig") if path.exists() else f"{_HEADER}\n"
    line = _line([*written.cells(), log.head])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, f"\ufeff{text.rstrip(chr(10))}\n{line}\n")
    except OSError as error:
        problems.add(
            "cannot-write",
            path.name,
            str(error.strerror or error),
            "close the file if Excel has it open",
        )
        problems.raise_errors()
    return ReviewLog((*log.entries, written), path, _sum(line))


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


_WORDS = {english: word for word, english in STATES.items()}


def _line(cells: Sequence[str]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _sum(line: str) -> str:
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


def _chain_fault(where: Where, what: str, problems: ProblemLog) -> None:
    problems.add("log-chain", where, what, "bring back the log as it was; it is only ever added to")


def _check(entry: LogEntry, before: Sequence[LogEntry], where: Where, problems: ProblemLog) -> None:
    """Whether an entry is whole and may follow those before it."""
    for what, fix in _faults(entry):
        problems.add("log-entry", where, what, fix)
    if entry.state not in STATES:
        problems.add(
            "log-entry", where, f"state reads {entry.state!r}", suggestion(entry.state, STATES)
        )
        return
    if before and _time(before[-1].at) and _time(entry.at) and entry.at[:10] < before[-1].at[:10]:
        what = f"{entry.at} is before {before[-1].at} of the entry before"
        problems.add(
            "log-entry", where, what, "entries stand in the order in which things were done"
        )
    own = [one for one in before if (one.scheme, one.year) == (entry.scheme, entry.year)]
    now = _state(own, entry.region)
    if entry.state not in NEXT.get(now, STATES):
        what = f"{entry.state} cannot follow {now or 'nothing'}" + (
            f" of {entry.region}" if entry.region else ""
        )
        problems.add("log-transition", where, what, f"what may follow: {', '.join(NEXT[now])}")
    if entry.state == FINAL and not entry.region and (appeals := open_appeals(own)):
        what = f"the appeals of {', '.join(appeals[:5])} were not dealt with"
        problems.add(
            "log-transition", where, what, "enter a 复核 or 终核 of each of these regions first"
        )


def _faults(entry: LogEntry) -> Iterator[tuple[str, str]]:
    """What an entry lacks."""
    if _time(entry.at) is None:
        yield (
            f"at reads {entry.at!r}",
            "write the day as 2026-01-31, or with the time 2026-01-31T09:30",
        )
    for name, fix in (("who", "name the office"), ("scheme", "name the scheme")):
        if not getattr(entry, name):
            yield f"{name} is blank", fix
    if entry.state in (APPEAL, FINAL) and not entry.document:
        yield f"{entry.state} without a document", "name the document"
    if entry.state == APPEAL and not entry.region:
        yield f"{entry.state} without a region", "an appeal is of one region"
    if entry.old != entry.new and not entry.reason:
        yield (
            f"{entry.old or 'blank'} becomes {entry.new or 'blank'} without a reason",
            "write the reason",
        )
    for name in (
        "at",
        "who",
        "state",
        "document",
        "scheme",
        "region",
        "item",
        "old",
        "new",
        "reason",
    ):
        cell = getattr(entry, name)
        if any(not mark.isprintable() for mark in cell) or (cell[:1] in ("=", "@", "+") and cell):
            yield (
                f"{name} holds a line break or what a spreadsheet would run",
                "write plain text on one line",
            )


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
