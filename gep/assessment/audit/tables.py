"""The tables of an audit (离任审计各表) and how each number in them came about; working papers for auditors."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from gep.assessment.audit.kind import AuditScheme
from gep.assessment.audit.term_results import AuditedTerm, ItemChange, gaps, terms_of
from gep.assessment.audit.terms_of_office import TERM_COLUMNS
from gep.assessment.context import AssessmentContext
from gep.assessment.scheme import Assessment, Scheme
from gep.errors import Problem, make_problem
from gep.inputs.value_rows import GRADE
from gep.io.csv_excel import row_place
from gep.texts.catalogue import Language

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
_STATUS = {
    "met": ("达标", "met"),
    "missed": ("未达标", "missed"),
    "on_schedule": ("按进度", "on schedule"),
    "behind": ("滞后", "behind schedule"),
    "no_data": ("无数据", "no data"),
}
_DOUBTED = ("recalled", "placeholder")


def audited(text: AuditScheme, scheme: Scheme, ground: AssessmentContext) -> Assessment:
    """The tables of all terms."""
    terms = terms_of(text, ground)
    tables = {
        "audit.csv": _table(terms, _item_rows, AUDIT_COLUMNS),
        "audit_quality.csv": _table(terms, _quality_rows, QUALITY_COLUMNS),
        "audit_targets.csv": _table(terms, _binding_rows, BINDING_COLUMNS),
        "audit_issues.csv": _table(terms, _issue_rows, ISSUE_COLUMNS),
        "audit_scores.csv": _table(terms, _score_rows, SCORE_COLUMNS),
    }
    behind = {one.id: one.reading for one in text.item if one.reading.account}
    return Assessment(
        scheme,
        tables,
        lambda *asked: audit_working(terms, *asked),
        behind,
        tuple(_warnings(terms)),
        tuple(audit_caption(text, terms)),
    )


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


def _warnings(terms: Sequence[AuditedTerm]) -> Iterator[Problem]:
    for term in terms:
        for one, gap in gaps(term):
            where = row_place(str(term.row["file"]), [term.row["row"]])
            what = f"{one.item.id}: the change is {one.change:g} {one.item.unit}, its causes leave {gap:g}"
            yield make_problem(
                "term-causes", where, what, "complete the causes of the years of the term"
            )


def audit_caption(text: AuditScheme, terms: Sequence[AuditedTerm]) -> Iterator[tuple[str, str]]:
    """Lines, Chinese and English: what the tables are for, account dates, what was not read in a text."""
    yield (
        "供审计组参考；审计评价意见另行记录。只列职务与任期，不列姓名",
        "for auditors' reference; what is decided is recorded apart. Offices and terms, no names of persons",
    )
    inside = [one for one in terms if int(one.row["start_off"]) or int(one.row["end_off"])]
    if inside:
        zh = "、".join(
            dict.fromkeys(f"{one.row['office']}（{one.row['region']}）" for one in inside)
        )
        en = ", ".join(
            dict.fromkeys(f"{one.row['office']} ({one.row['region']})" for one in inside)
        )
        yield (
            f"任期起止不在 12 月 31 日的，取最近的核算时点，两者相等时取较早者，见 account_start、account_end: {zh}",
            "terms that begin or end inside a year are taken at the nearest account of 31 December (of two the "
            f"earlier), see account_start and account_end: {en}",
        )
    if any(one.split == "weather" for one in text.item):
        yield (
            "自然 = 实际变化减常年气候下的变化；其余计入人为",
            "natural: the change less that at normal climate; the rest is put down as human",
        )
    for word in _DOUBTED:
        names = [one.name for one in text.item if one.grade == word]
        names += [one.name for one in text.module if one.grade == word]
        if names:
            zh, en = ", ".join(one.zh for one in names), ", ".join(one.en for one in names)
            yield f"未经原文核对（{word}）: {zh}", f"not held against a text ({word}): {en}"
        read = dict.fromkeys(
            one.item.id for term in terms for one in term.found if one.grade == GRADE[word]
        )
        if read:
            named = ", ".join(read)
            yield f"含 {word} 级数据: {named}", f"rests on readings of grade {word}: {named}"


def audit_working(
    terms: Sequence[AuditedTerm], region: str, year: int, item: str, language: Language
) -> list[str]:
    """The lines of an item, part or module, or of the total, of the terms whose account ends in that year."""
    pick, lines = language != "zh", []
    for term in terms:
        if term.row["region"] == region and term.years[1] == year:
            lines.append(
                f"{term.row['office']} {term.row['term_start']} ~ {term.row['term_end']} -> "
                f"{term.years[0]}-12-31 ~ {term.years[1]}-12-31 ({term.row['file']} row {term.row['row']})"
            )
            found = next((one for one in term.found if one.item.id == item), None)
            lines += _found_lines(term, found, pick) if found else _score_lines(term, item, pick)
    return lines


def _found_lines(term: AuditedTerm, one: ItemChange, pick: bool) -> Iterator[str]:
    unit, source = one.item.unit, term.spec.sources.get(one.item.source)
    if source:
        yield f"  {one.item.name}: {source.title} {one.item.locator}"
    yield f"  {('任期初', 'start')[pick]}: {_said(one.start)} {unit} <- {one.item.reading}; {one.where[0] or '-'}"
    yield f"  {('任期末', 'end')[pick]}: {_said(one.end)} {unit}; {one.where[1] or '-'}"
    split = f" = {('人为', 'human')[pick]} {_said(one.human)} + {('自然', 'natural')[pick]} {_said(one.natural)}"
    rest = f" + {('分类调整', 'reclassification')[pick]} {_said(one.other)}" if one.other else ""
    gap = (
        f" + {('未说明', 'unexplained')[pick]} {_said(one.gap)}"
        if np.isfinite(one.gap) and one.gap
        else ""
    )
    yield f"  {('变化', 'change')[pick]}: {_said(one.change)} {unit}{split}{rest}{gap}"
    rows = term.cause_rows(one.item) if one.item.split == "causes" else None
    for row in rows.to_dict("records") if rows is not None else ():
        sign = "+" if row["direction"] == "addition" else "-"
        amount = f"{sign}{row['value']:g} {row['unit']}"
        yield f"    {row['cause']} ({row['nature']}) {amount}; {row['file']} row {row['row']}"
    if np.isfinite(one.target):
        status = _STATUS[one.status][pick]
        goal = f"{one.comparator} {_said(one.target)} {unit}, {one.target_year}"
        yield f"  {('目标', 'target')[pick]}: {goal}; {status}; {one.source}"


def _score_lines(term: AuditedTerm, item: str, pick: bool) -> Iterator[str]:
    modules = [one for one in term.spec.module if item in (one.id, TOTAL)]
    for part in term.parts:
        if part.part.id == item or part.part.module in {one.id for one in modules}:
            most = "?" if part.part.points is None else f"{part.part.points:g}"
            off, on = ("扣", "加") if not pick else ("off", "on")
            said = f"  {part.part.name.say('en' if pick else 'zh')} ({part.part.id}): {_said(part.score)} / {most}"
            yield f"{said}; {off} {_said(part.deduction)}, {on} {_said(part.bonus)} {part.note}".rstrip()
    for row in term.events.to_dict("records"):
        if item in (TOTAL, row["issue"].part) or row["issue"].part in {
            one.part.id
            for one in term.parts
            if one.part.module in {module.id for module in modules}
        }:
            yield f"    {row['issue'].name} {row['date']} {row['document']} ({row['file']} row {row['row']})"
    for one in modules:
        yield f"  {one.name.say('en' if pick else 'zh')}: {_said(term.modules[one.id])}"
    if item == TOTAL:
        yield f"  {('总分', 'total')[pick]}: {_said(term.score)} {term.grade}"


def _said(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.6g}"
