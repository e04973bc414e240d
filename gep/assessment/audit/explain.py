"""Audits in words (离任审计说明): what stands under the tables, and how each number in them came about."""

from collections.abc import Iterator, Sequence

import numpy as np

from gep.assessment.audit.scheme import AuditSpec
from gep.assessment.audit.tables import TOTAL
from gep.assessment.audit.term_results import AuditedTerm, ItemChange
from gep.inputs.value_rows import GRADE
from gep.texts.catalogue import Language

_STATUS = {
    "met": ("达标", "met"),
    "missed": ("未达标", "missed"),
    "on_schedule": ("按进度", "on schedule"),
    "behind": ("滞后", "behind schedule"),
    "no_data": ("无数据", "no data"),
}
_DOUBTED = ("recalled", "placeholder")


def audit_caption(text: AuditSpec, terms: Sequence[AuditedTerm]) -> Iterator[tuple[str, str]]:
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


def explain_audit(
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
