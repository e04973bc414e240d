"""Audits in words (离任审计说明): what is printed with the tables, and how each number came about.

The module words what ``term_results`` computed, down to the rows of files.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gep.assessment.audit.scheme import TOTAL, AuditItem, AuditSpec, ScoredModule
from gep.assessment.audit.term_results import AuditedTerm, ItemChange, PartScore
from gep.errors import Place
from gep.inputs.value_rows import GRADE, grade_words
from gep.texts.catalogue import Label, Language, Listed, Text, say, text

_DOUBTED = ("recalled", "placeholder")  # grades that the caption names


def audit_caption(spec: AuditSpec, terms: Sequence[AuditedTerm]) -> tuple[Text, ...]:
    """Return what is printed with every table: what it is for, and what to be careful about.

    Parameters
    ----------
    spec : AuditSpec
    terms : sequence of AuditedTerm

    Returns
    -------
    tuple of Text
        The purpose; terms taken at an account of another day; how weather is split off; items and
        readings of doubtful grades.
    """
    lines = [text("audit.caption.purpose")]
    offices = []
    for term in terms:
        if term.start.days_off or term.end.days_off:
            region = term.context.label(term.region)
            offices.append(text("audit.caption.office", office=term.office, region=region))
    if offices:
        lines.append(text("audit.caption.nearest-account", offices=_all(offices)))
    if any(item.split == "weather" for item in spec.item):
        lines.append(text("audit.caption.weather"))
    described: tuple[AuditItem | ScoredModule, ...] = (*spec.item, *spec.module)
    for grade in _DOUBTED:
        doubted = [member.name for member in described if member.grade == grade]
        words = grade_words(grade)
        if doubted:
            lines.append(text("audit.caption.unverified", grade=words, names=_all(doubted)))
        items = _items_read(terms, grade)
        if items:
            lines.append(text("audit.caption.doubtful-readings", grade=words, items=_all(items)))
    return tuple(lines)


def _items_read(terms: Sequence[AuditedTerm], grade: str) -> list[Label]:
    """Return the items of which a reading has a grade."""
    items = []
    for term in terms:
        for change in term.changes:
            if change.grade == GRADE[grade]:
                items.append(Label(change.item.id, change.item.name))
    return items


def _all(names: Sequence[Any]) -> Listed:
    """Return a list that names all its items, each once."""
    names = tuple(dict.fromkeys(names))
    return Listed(names, len(names))


def explain_audit(
    terms: Sequence[AuditedTerm],
    region: str,
    year: int,
    *,
    item: str,
    language: Language,
) -> list[str]:
    """Explain an item, part or module, or the total, of the terms that end in a year.

    Parameters
    ----------
    terms : sequence of AuditedTerm
    region : str
    year : int
        The year of the account at which the terms end.
    item : str
        Id of an item, part or module, or ``total``.
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        Empty if no term of the region ends in that year.
    """
    lines = []
    for term in terms:
        if term.region != region or term.end.year != year:
            continue
        heading = say(
            language,
            "audit.explain.term",
            office=term.office,
            term_start=term.term_start,
            term_end=term.term_end,
            account_start=term.start.day,
            account_end=term.end.day,
            place=Place(term.file, (term.row,)),
        )
        lines.append(heading)
        changes = [change for change in term.changes if change.item.id == item]
        if changes:
            lines += _change_lines(term, changes[0], language)
        else:
            lines += _score_lines(term, item, language)
    return lines


def _change_lines(term: AuditedTerm, change: ItemChange, language: Language) -> list[str]:
    """Word the change of an item: levels, parts, causes, target."""
    item = change.item
    lines = []
    source = term.spec.sources.get(item.source)
    if source is not None:
        line = say(
            language,
            "audit.explain.source",
            item=Label(item.id, item.name),
            source=source.title,
            locator=item.locator,
        )
        lines.append(line.rstrip())
    start = say(
        language,
        "audit.explain.start",
        value=_amount(change.start.value, item.unit),
        reading=str(item.reading),
        place=change.start.place or "-",
    )
    end = say(
        language,
        "audit.explain.end",
        value=_amount(change.end.value, item.unit),
        place=change.end.place or "-",
    )
    lines += [start, end, _parts_line(change, language)]
    if item.split == "causes":
        for row in term.cause_rows(item).to_dict("records"):
            lines.append(_cause_line(row, language))
    target = change.target
    if np.isfinite(target.level):
        line = say(
            language,
            "audit.explain.target",
            comparator=target.comparator,
            target=_amount(target.level, item.unit),
            year=target.year,
            status=text(f"audit.status.{target.status}"),
            source=target.source,
        )
        lines.append(line)
    return lines


def _parts_line(change: ItemChange, language: Language) -> str:
    """Word a change, as the sum of its parts where it is split."""
    amount = _amount(change.change, change.item.unit)
    if np.isnan(change.parts.human):
        return say(language, "audit.explain.change", change=amount)
    amounts = {"human": change.parts.human, "natural": change.parts.natural}
    if change.parts.other:
        amounts["reclassification"] = change.parts.other
    if np.isfinite(change.gap) and change.gap:
        amounts["unexplained"] = change.gap
    parts = []
    for name, part in amounts.items():
        nature = say(language, f"audit.nature.{name}")
        parts.append(f"{nature} {_number(part)}")
    return say(language, "audit.explain.change-in-parts", change=amount, parts=" + ".join(parts))


def _cause_line(row: dict[Any, Any], language: Language) -> str:
    """Word a row of the table of causes."""
    sign = "+" if row["direction"] == "addition" else "-"
    return say(
        language,
        "audit.explain.cause",
        cause=row["cause"],
        nature=text(f"audit.nature.{row['nature']}"),
        amount=f"{sign}{row['value']:g} {row['unit']}",
        place=Place(row["file"], (int(row["row"]),)),
    )


def _score_lines(term: AuditedTerm, item: str, language: Language) -> list[str]:
    """Word the score of a part or module, or of all: parts, findings, modules, total."""
    modules = [module for module in term.spec.module if item in (module.id, TOTAL)]
    module_ids = {module.id for module in modules}
    lines = []
    shown_parts = {item}
    for score in term.part_scores:
        if score.part.id == item or score.part.module in module_ids:
            shown_parts.add(score.part.id)
            lines.append(_part_line(score, language))
    lines += _finding_lines(term, term.findings, shown_parts, language)
    for module in modules:
        lines.append(_module_line(term, module, language))
    if item == TOTAL:
        line = say(
            language,
            "audit.explain.total",
            score=_number(term.score),
            grade=term.grade(language),
        )
        lines.append(line.rstrip())
    return lines


def _part_line(score: PartScore, language: Language) -> str:
    """Word the score of a part."""
    points = score.part.points
    line = say(
        language,
        "audit.explain.part",
        part=Label(score.part.id, score.part.name),
        score=_number(score.score),
        maximum="?" if points is None else f"{points:g}",
        deduction=_number(score.deduction),
        bonus=_number(score.bonus),
    )
    if score.note is None:
        return line
    return say(language, "audit.explain.with-note", line=line, note=score.note)


def _finding_lines(
    term: AuditedTerm, findings: pd.DataFrame, parts: set[str], language: Language
) -> list[str]:
    """Word the findings that are about some parts."""
    lines = []
    for row in findings.to_dict("records"):
        issue = term.issues[row["event"]]
        if issue.part not in parts:
            continue
        line = say(
            language,
            "audit.explain.finding",
            issue=Label(issue.id, issue.name),
            date=row["date"],
            document=row["document"],
            place=Place(row["file"], (int(row["row"]),)),
        )
        lines.append(line)
    return lines


def _module_line(term: AuditedTerm, module: ScoredModule, language: Language) -> str:
    """Word the score of a module."""
    return say(
        language,
        "audit.explain.module",
        module=Label(module.id, module.name),
        score=_number(term.module_scores[module.id]),
    )


def _amount(value: float, unit: str) -> str:
    """Write a number with its unit; alone if it has none."""
    return _number(value) if unit == "1" else f"{_number(value)} {unit}"


def _number(value: float) -> str:
    """Write a number with six figures, ``-`` if there is none."""
    return "-" if np.isnan(value) else f"{value:.6g}"
