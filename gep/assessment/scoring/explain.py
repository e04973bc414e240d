"""How a score came about (得分依据): indicator by indicator, rule, reading, target, down to the rows of files."""

import numpy as np

from gep.assessment.scoring.year_scores import ScoredYear
from gep.inputs.value_rows import GRADES
from gep.texts.catalogue import Language

_STATUS = {
    "met": ("完成", "met"),
    "missed": ("未完成", "missed"),
    "on_schedule": ("按进度", "on schedule"),
    "behind": ("滞后", "behind schedule"),
    "no_data": ("无数据", "no data"),
    "": ("无目标", "no target"),
}


def explain_score(year: ScoredYear, region: str, item: str, language: Language) -> list[str]:
    """The lines of an indicator, or of the total: its indicators, events, caps."""
    pick = language != "zh"
    at = year.ground.regions.index(region)
    if item == "total":
        return _total(year, region, at, pick)
    return _indicator(year, [one.id for one in year.indicators].index(item), at, pick)


def _total(year: ScoredYear, region: str, at: int, pick: bool) -> list[str]:
    lines = []
    for place, one in enumerate(year.indicators):
        points, most = (
            year.filled(year.points)[place, at],
            "?" if one.points is None else f"{one.points:g}",
        )
        lines.append(
            f"  {one.name.say('en' if pick else 'zh')} ({one.id}): {_number(points)} / {most}"
        )
    for row in year.events[(year.events["region"] == region).to_numpy()].itertuples():
        lines.append(
            f"  {('事项', 'event')[pick]} {row.event} {row.date} {row.document} ({row.file} row {row.row})"
        )
    if year.event_points[at]:
        lines.append(f"  {('事项加减分', 'points of events')[pick]}: {year.event_points[at]:+g}")
    lines.append(
        f"{('得分', 'score')[pick]}: {_number(year.score[at])} / {_number(float(year.maximum.sum()))}"
    )
    grade, reason = year.grades[at]
    if grade:
        lines.append(f"{('等级', 'grade')[pick]}: {grade}" + (f" ({reason})" if reason else ""))
    return lines


def _indicator(year: ScoredYear, place: int, at: int, pick: bool) -> list[str]:
    one, read, done, due = (
        year.indicators[place],
        year.reads[place],
        year.attained[place],
        year.due[place],
    )
    source = year.spec.sources.get(one.source)
    lines = [
        f"{('指标', 'indicator')[pick]}: {one.name} ({one.id}), {one.property}, {one.direction}, {one.grade}"
        + (f", {source.title} {one.locator}" if source else ""),
        f"{('读数', 'reading')[pick]}: {_number(read.value[at])} {one.unit} <- {one.reading}; {read.where[at] or '-'}"
        f"; {GRADES[read.grade[at]]}",
    ]
    if np.isfinite(done.target[at]):
        row = due.iloc[at]
        status = _STATUS[str(done.status[at])][pick]
        goal = f"{done.comparator[at]} {_number(done.target[at])} {one.unit}, {row['year']:.0f}"
        lines.append(
            f"{('目标', 'target')[pick]}: {goal}; {status}; {row['file']} row {row['row']:.0f}, {row['source']}"
        )
    kind = f"{one.rule.kind}: " if one.rule is not None else ""
    lines.append(f"{('规则', 'rule')[pick]}: {kind}{_rule(year, place, at, pick)}")
    most = "?" if one.points is None else f"{one.points:g}"
    if one.rule is not None and one.rule.kind == "efficacy":
        low, high = (_number(float(some[at])) for some in year.limits(one, read.value))
        lines.append(f"{('上下限', 'limits')[pick]}: {low} … {high}")
    lines.append(
        f"{('得分', 'points')[pick]}: {_number(float(year.filled(year.points)[place, at]))} / {most}"
    )
    return lines


def _rule(year: ScoredYear, place: int, at: int, pick: bool) -> str:
    """The rule of an indicator with its numbers."""
    one, x = year.indicators[place], _number(year.reads[place].value[at])
    rule, most = one.rule, "?" if one.points is None else f"{one.points:g}"
    if rule is None:
        return ("未定", "none")[pick]
    target = _number(year.attained[place].target[at])
    if rule.kind == "attain":
        return (
            f"完成得 {most}，未完成得 0：{x} 对 {target}",
            f"{most} if met, else 0: {x} against {target}",
        )[pick]
    if rule.kind == "deduct":
        short = f"{most} - {rule.rate:g} x |{x} - {target}| / {rule.per:g}"
        return (f"{short}，达到目标不扣，扣完为止", f"{short} where missed, never below 0")[pick]
    if rule.kind == "interpolate":
        pairs = ", ".join(
            f"{one:g} -> {other:g}" for one, other in zip(rule.at, rule.values, strict=True)
        )
        return (f"按点内插：{pairs}", f"between points: {pairs}")[pick]
    if rule.kind == "efficacy":
        part = ("(x - 下限)/(上限 - 下限)", "(x - low)/(high - low)")[pick]
        part = (
            part
            if one.direction == "+"
            else ("(上限 - x)/(上限 - 下限)", "(high - x)/(high - low)")[pick]
        )
        return f"{most} / 100 x ({rule.floor:g} + {100 - rule.floor:g} x {part}), x = {x}"
    if rule.kind == "rank":
        return (
            f"组内第一名 {most}，每后一名减 {rule.step:g}",
            f"{most} for the first, {rule.step:g} less a place",
        )[pick]
    return (f"读数即得分，不超过 {most}", f"the reading itself, at most {most}")[pick]


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.6g}"
