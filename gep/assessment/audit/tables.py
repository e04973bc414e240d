"""The tables of an audit (离任审计各表), working papers for auditors."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from gep.assessment.audit.term_results import AuditedTerm, ItemChange
from gep.assessment.events import TERM_COLUMNS

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
    "points",
    "date",
    "document",
    "note",
]
SCORE_COLUMNS = [
    *TERM_COLUMNS,
    "module",
    "part",
    "points",
    "deduction",
    "bonus",
    "score",
    "grade",
    "note",
]
BINDING = "binding"
TOTAL = "total"


def audit_tables(terms: Sequence[AuditedTerm]) -> dict[str, pd.DataFrame]:
    """The tables of all terms, by file name."""
    return {
        "audit.csv": _table(terms, _item_rows, AUDIT_COLUMNS),
        "audit_quality.csv": _table(terms, _quality_rows, QUALITY_COLUMNS),
        "audit_targets.csv": _table(terms, _binding_rows, BINDING_COLUMNS),
        "audit_issues.csv": _table(terms, _issue_rows, ISSUE_COLUMNS),
        "audit_scores.csv": _table(terms, _score_rows, SCORE_COLUMNS),
    }


def _table(terms: Sequence[AuditedTerm], rows: object, columns: list[str]) -> pd.DataFrame:
    assert callable(rows)
    return pd.DataFrame([row for term in terms for row in rows(term)], columns=columns)


def _cell(value: float) -> float | str:
    return "" if np.isnan(value) else value


def _head(term: AuditedTerm, columns: Sequence[str] = ACCOUNTS) -> dict[str, object]:
    """The columns that say whose term it is; account dates are days."""
    days = {name: f"{term.row[name]}-12-31" for name in columns if name.startswith("account_")}
    return {name: term.row[name] for name in columns} | days


def _levels(one: ItemChange) -> dict[str, object]:
    return {
        "item": one.item.id,
        "value_start": _cell(one.start),
        "value_end": _cell(one.end),
        "change": _cell(one.change),
        "unit": one.item.unit,
    }


def _item_rows(term: AuditedTerm) -> Iterator[dict[str, object]]:
    for one in term.found:
        yield {
            **_head(term),
            **_levels(one),
            "human": _cell(one.human),
            "natural": _cell(one.natural),
            "target": _cell(one.target),
            "met": one.status,
        }


def _quality_rows(term: AuditedTerm) -> Iterator[dict[str, object]]:
    for one in term.found:
        if one.item.table == "quality":
            yield {**_head(term), **_levels(one), "judgement": one.judgement}


def _binding_rows(term: AuditedTerm) -> Iterator[dict[str, object]]:
    for one in term.found:
        if one.item.property == BINDING and np.isfinite(one.target):
            yield {
                **_head(term),
                "item": one.item.id,
                "property": one.item.property,
                "year": one.target_year,
                "comparator": one.comparator,
                "target": one.target,
                "reading": _cell(one.end),
                "attainment": _cell(one.attainment),
                "status": one.status,
                "unit": one.item.unit,
                "source": one.source,
            }


def _issue_rows(term: AuditedTerm) -> Iterator[dict[str, object]]:
    for row in term.events.to_dict("records"):
        issue = row["issue"]
        points = "" if issue.points is None else row["times"] * issue.points
        yield {
            **_head(term, TERM_COLUMNS),
            "event": issue.id,
            "part": issue.part,
            "effect": issue.effect,
            "times": row["times"],
            "points": points,
            "date": row["date"],
            "document": row["document"],
            "note": row["note"],
        }


def _score_rows(term: AuditedTerm) -> Iterator[dict[str, object]]:
    head = _head(term, TERM_COLUMNS)
    for module in term.spec.module:
        own = [one for one in term.parts if one.part.module == module.id]
        for one in own if any(one.part.id != module.id for one in own) else ():
            points = "" if one.part.points is None else one.part.points
            yield {
                **head,
                "module": module.id,
                "part": one.part.id,
                "points": points,
                "deduction": _cell(one.deduction),
                "bonus": _cell(one.bonus),
                "score": _cell(one.score),
                "grade": "",
                "note": one.note,
            }
        off, on = (float(sum(getattr(one, name) for one in own)) for name in ("deduction", "bonus"))
        score, notes = term.modules[module.id], dict.fromkeys(one.note for one in own if one.note)
        if np.isfinite(score) and sum(one.score for one in own) > score:
            notes["以版块总分为限 capped at the module's points"] = None
        yield {
            **head,
            "module": module.id,
            "part": "",
            "points": "" if module.points is None else module.points,
            "deduction": _cell(off),
            "bonus": _cell(on),
            "score": _cell(score),
            "grade": "",
            "note": "; ".join(notes),
        }
    if term.spec.module:
        off, on = (
            float(sum(getattr(one, name) for one in term.parts)) for name in ("deduction", "bonus")
        )
        note = (
            ""
            if np.isfinite(term.score)
            else "分值或规则未定，不计总分、不评等级 points or rules not given: no score, no grade"
        )
        yield {
            **head,
            "module": TOTAL,
            "part": "",
            "points": "" if term.spec.total is None else term.spec.total,
            "deduction": _cell(off),
            "bonus": _cell(on),
            "score": _cell(term.score),
            "grade": term.grade,
            "note": note,
        }
