"""The seal of a final result (终核封存): what it was computed from, and what it is.

A year whose result is final is sealed in the record of its scheme, with checksums of inputs, log
and results. A later computation that comes to the same result leaves the seal as it is; one that
comes to another is refused until a review opens the result again.
"""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from gep.assessment.review.log import FINAL, REVIEW, LogEntry, ReviewLog, last_state
from gep.assessment.scheme import Assessment
from gep.errors import ProblemLog, ProblemsFound
from gep.io.result_folder import read_record
from gep.texts.catalogue import Label, text

SEALED = "sealed"  # the key of records
_OF_REVIEW = "life_"  # how the names of tables begin that follow the review and may still grow


def recorded_seals(record_file: Path) -> dict[str, dict[str, str]]:
    """Return the seals that a record has, by year; none where there is no such record.

    Parameters
    ----------
    record_file : Path

    Returns
    -------
    dict of str to dict of str to str
    """
    record: Mapping[str, Any] = {}
    if record_file.is_file():
        with suppress(ProblemsFound):
            record = read_record(record_file)
    seals = record.get(SEALED)
    if not isinstance(seals, dict):
        return {}
    return {str(year): seal for year, seal in seals.items() if isinstance(seal, dict)}


def make_seals(
    assessment: Assessment,
    log: ReviewLog | None,
    years: Iterable[int],
    inputs: Mapping[str, str],
    earlier: Mapping[str, Mapping[str, str]],
) -> dict[str, dict[str, str]]:
    """Return the seals of a result, by year.

    Parameters
    ----------
    assessment : Assessment
    log : ReviewLog or None
    years : iterable of int
    inputs : mapping of str to str
        Checksums of the inputs, by name.
    earlier : mapping of str to mapping
        Seals of the record that is replaced: one of the same result stays as it is.

    Returns
    -------
    dict of str to dict of str to str
        Keys ``at``, ``who``, ``document`` of the final entry, and the checksums ``results``,
        ``inputs`` and ``log``.
    """
    seals: dict[str, dict[str, str]] = {}
    for year in years:
        entry = _final_entry(log, assessment.scheme.id, year)
        if entry is None or log is None:
            continue
        before = earlier.get(str(year), {})
        results = result_checksum(assessment, year)
        seal = {"at": entry.at, "who": entry.who, "document": entry.document, "results": results}
        if all(before.get(key) == value for key, value in seal.items()):
            seals[str(year)] = dict(before)
            continue
        listed = "\n".join(f"{name} {inputs[name]}" for name in sorted(inputs))
        seals[str(year)] = {**seal, "inputs": _sha256(listed), "log": log.head}
    return seals


def check_seals(
    assessment: Assessment,
    log: ReviewLog | None,
    earlier: Mapping[str, Mapping[str, str]],
    place: str,
    problems: ProblemLog,
) -> None:
    """Check that no sealed result is going to be replaced by another one.

    Parameters
    ----------
    assessment : Assessment
    log : ReviewLog or None
    earlier : mapping of str to mapping
        The seals of the record that is going to be replaced, by year.
    place : str
        The record.
    problems : ProblemLog
        Collects ``sealed``.
    """
    scheme = assessment.scheme.id
    for year, seal in earlier.items():
        if not year.isdecimal():
            continue
        state = "" if log is None else last_state(log.of(scheme, int(year)), "")
        entry = _final_entry(log, scheme, int(year))
        is_opened = state not in ("", FINAL)
        is_final_again = entry is not None and entry.at != seal.get("at")
        is_same = entry is not None and result_checksum(assessment, int(year)) == seal.get(
            "results"
        )
        if is_opened or is_final_again or is_same:
            continue
        problems.add(
            "sealed",
            place,
            "review.sealed",
            scheme=scheme,
            year=int(year),
            document=seal.get("document", ""),
            day=seal.get("at", ""),
            review=Label(REVIEW, text("review.state.review")),
        )


def _final_entry(log: ReviewLog | None, scheme: str, year: int) -> LogEntry | None:
    """Return the entry that made the whole result of a year final; None if it is not."""
    if log is None:
        return None
    whole = [entry for entry in log.of(scheme, year) if not entry.region]
    is_final = bool(whole) and whole[-1].state == FINAL
    return whole[-1] if is_final else None


def result_checksum(assessment: Assessment, year: int) -> str:
    """Return the checksum of the result of a year: of its rows in all tables that follow no review.

    Parameters
    ----------
    assessment : Assessment
    year : int

    Returns
    -------
    str
    """
    parts = []
    for name, table in sorted(assessment.tables.items()):
        if name.startswith(_OF_REVIEW) or "year" not in table:
            continue
        years = pd.to_numeric(table["year"], errors="coerce")
        rows = table[(years == year).to_numpy()]
        parts.append(f"{name}\n{rows.to_csv(index=False)}")
    return _sha256("\n".join(parts))


def _sha256(words: str) -> str:
    """Return the sha256 of a text."""
    return hashlib.sha256(words.encode("utf-8")).hexdigest()
