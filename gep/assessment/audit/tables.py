"""The tables of an audit (离任审计各表), which are working papers for auditors.

The module lays out what ``term_results`` computed, in the firm columns of each file. Notes in the
tables are in both languages, since a result file has no language of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gep.assessment.audit.scheme import TOTAL, ScoredModule
from gep.assessment.audit.term_results import AuditedTerm, ItemChange, PartScore
from gep.assessment.events import TERM_COLUMNS
from gep.texts.catalogue import Text, text

ACCOUNTS = [*TERM_COLUMNS, "account_start", "account_end"]
AUDIT_COLUMNS = [
    *ACCOUNTS,
    "item",
    "value_start",
    "value_end",
    "change",
    "human",
    "natural",
    "target",
    "met",
    "unit",
]
QUALITY_COLUMNS = [*ACCOUNTS, "item", "value_start", "value_end", "change", "judgement", "unit"]
BINDING_COLUMNS = [
    *ACCOUNTS,
    "item",
    "property",
    "year",
    "comparator",
    "target",
    "reading",
    "attainment",
    "status",
    "unit",
    "source",
]
ISSUE_COLUMNS = [
    *TERM_COLUMNS,
    "event",
    "part",
    "effect",
    "times",
    "event_points",
    "date",
    "document",
    "note",
]
SCORE_COLUMNS = [
    *TERM_COLUMNS,
    "module",
    "part",
    "max_points",
    "deduction",
    "bonus",
    "score",
    "grade",
    "note",
]
BINDING = "binding"

_NOTE_SEPARATOR = "; "

Cells = dict[str, Any]  # a row, by column


def audit_tables(terms: Sequence[AuditedTerm]) -> dict[str, pd.DataFrame]:
    """Return the tables of all terms.

    Parameters
    ----------
    terms : sequence of AuditedTerm

    Returns
    -------
    dict of str to DataFrame
        ``audit.csv``, ``audit_quality.csv``, ``audit_targets.csv``, ``audit_issues.csv`` and
        ``audit_scores.csv``.
    """
    return {
        "audit.csv": _table(terms, _item_rows, AUDIT_COLUMNS),
        "audit_quality.csv": _table(terms, _quality_rows, QUALITY_COLUMNS),
        "audit_targets.csv": _table(terms, _binding_rows, BINDING_COLUMNS),
        "audit_issues.csv": _table(terms, _issue_rows, ISSUE_COLUMNS),
        "audit_scores.csv": _table(terms, _score_rows, SCORE_COLUMNS),
    }


def _table(
    terms: Sequence[AuditedTerm],
    rows_of: Callable[[AuditedTerm], Iterable[Cells]],
    columns: list[str],
) -> pd.DataFrame:
    """Return the rows of all terms as one table."""
    rows: list[Cells] = []
    for term in terms:
        rows += rows_of(term)
    return pd.DataFrame(rows, columns=columns)


def _cell(value: float) -> float | str:
    """Return a number as a cell, blank if it is NaN."""
    return "" if np.isnan(value) else value


def _points_cell(points: float | None) -> float | str:
    """Return points as a cell, blank if no text gives them."""
    return "" if points is None else points


def _term_cells(term: AuditedTerm) -> Cells:
    """Return the cells that say whose term it is."""
    return {
        "region": term.region,
        "office": term.office,
        "term_start": term.term_start,
        "term_end": term.term_end,
    }


def _change_cells(term: AuditedTerm, change: ItemChange) -> Cells:
    """Return the cells that say of which term and item a change is."""
    return {
        **_term_cells(term),
        "account_start": term.start.day,
        "account_end": term.end.day,
        "item": change.item.id,
        "value_start": _cell(change.start.value),
        "value_end": _cell(change.end.value),
        "change": _cell(change.change),
        "unit": change.item.unit,
    }


def _item_rows(term: AuditedTerm) -> list[Cells]:
    """Return the rows of ``audit.csv``: all items."""
    rows = []
    for change in term.changes:
        cells = _change_cells(term, change)
        cells["human"] = _cell(change.parts.human)
        cells["natural"] = _cell(change.parts.natural)
        cells["target"] = _cell(change.target.level)
        cells["met"] = change.target.status
        rows.append(cells)
    return rows


def _quality_rows(term: AuditedTerm) -> list[Cells]:
    """Return the rows of ``audit_quality.csv``: items of the environment's quality, judged."""
    rows = []
    for change in term.changes:
        if change.item.table == "quality":
            cells = _change_cells(term, change)
            cells["judgement"] = change.judgement
            rows.append(cells)
    return rows


def _binding_rows(term: AuditedTerm) -> list[Cells]:
    """Return the rows of ``audit_targets.csv``: binding items that have a target."""
    rows = []
    for change in term.changes:
        target = change.target
        if target.property != BINDING or not np.isfinite(target.level):
            continue
        cells = _change_cells(term, change)
        cells["property"] = target.property
        cells["year"] = target.year
        cells["comparator"] = target.comparator
        cells["target"] = target.level
        cells["reading"] = _cell(change.end.value)
        cells["attainment"] = _cell(target.attainment)
        cells["status"] = target.status
        cells["source"] = target.source
        rows.append(cells)
    return rows


def _issue_rows(term: AuditedTerm) -> list[Cells]:
    """Return the rows of ``audit_issues.csv``: the findings, with what each takes or gives."""
    rows = []
    for finding in term.findings.to_dict("records"):
        issue = term.issues[finding["event"]]
        points = "" if issue.points is None else finding["times"] * issue.points
        cells = {
            **_term_cells(term),
            "event": issue.id,
            "part": issue.part,
            "effect": issue.effect,
            "times": finding["times"],
            "event_points": points,
            "date": finding["date"],
            "document": finding["document"],
            "note": finding["note"],
        }
        rows.append(cells)
    return rows


def _score_rows(term: AuditedTerm) -> list[Cells]:
    """Return the rows of ``audit_scores.csv``: parts, modules, then the total."""
    rows = []
    for module in term.spec.module:
        parts = term.parts_of(module.id)
        is_divided = any(score.part.id != module.id for score in parts)
        if is_divided:
            for score in parts:
                rows.append(_part_cells(term, module, score))
        rows.append(_module_cells(term, module, parts))
    if term.spec.module:
        rows.append(_total_cells(term))
    return rows


def _part_cells(term: AuditedTerm, module: ScoredModule, score: PartScore) -> Cells:
    """Return the row of a part of a module."""
    return {
        **_term_cells(term),
        "module": module.id,
        "part": score.part.id,
        "max_points": _points_cell(score.part.points),
        "deduction": _cell(score.deduction),
        "bonus": _cell(score.bonus),
        "score": _cell(score.score),
        "grade": "",
        "note": _note(score.note),
    }


def _module_cells(term: AuditedTerm, module: ScoredModule, parts: list[PartScore]) -> Cells:
    """Return the row of a module, which sums its parts."""
    score = term.module_scores[module.id]
    notes = [_note(part.note) for part in parts if part.note is not None]
    if np.isfinite(score) and sum(part.score for part in parts) > score:
        notes.append(_note(text("audit.note.capped")))
    return {
        **_term_cells(term),
        "module": module.id,
        "part": "",
        "max_points": _points_cell(module.points),
        **_sums(parts),
        "score": _cell(score),
        "grade": "",
        "note": _NOTE_SEPARATOR.join(dict.fromkeys(notes)),
    }


def _total_cells(term: AuditedTerm) -> Cells:
    """Return the row of the total."""
    note = None if np.isfinite(term.score) else text("audit.note.no-score")
    return {
        **_term_cells(term),
        "module": TOTAL,
        "part": "",
        "max_points": _points_cell(term.spec.total),
        **_sums(term.part_scores),
        "score": _cell(term.score),
        "grade": term.grade("zh"),
        "note": _note(note),
    }


def _sums(parts: Sequence[PartScore]) -> Cells:
    """Return the cells of what findings and targets take from several parts and give to them."""
    deduction = float(sum(part.deduction for part in parts))
    bonus = float(sum(part.bonus for part in parts))
    return {"deduction": _cell(deduction), "bonus": _cell(bonus)}


def _note(note: Text | None) -> str:
    """Return a note in both languages, as result files hold it; blank if there is none."""
    if note is None:
        return ""
    return f"{note.say('zh')} {note.say('en')}"
