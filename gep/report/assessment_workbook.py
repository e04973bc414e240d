"""The tables of an assessment as people hand them in (考核用表): a workbook with Chinese and English headings."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.review.tables import TITLES
from gep.assessment.scheme import Assessment
from gep.inputs.value_rows import GRADE
from gep.io.spreadsheets import write_tables
from gep.io.toml_documents import Title
from gep.texts.catalogue import Language

_SHEETS: Mapping[str, str] = {
    "targets.csv": "目标完成情况表",
    "scores.csv": "考核评分表",
    "ranking.csv": "分类排名表",
    "index.csv": "指数表",
    "geep.csv": "生态经济生产总值表",
    "balance.csv": "自然资源资产负债表",
    "audit.csv": "任期资源资产变动表",
    "audit_scores.csv": "审计评价评分表",
    "audit_quality.csv": "环境质量变化表",
    "audit_targets.csv": "约束性指标完成表",
    "audit_issues.csv": "问题清单",
    "allocation.csv": "补偿资金分配表",
    "allocation_pools.csv": "资金池平衡表",
    **{name: titles[0] for name, titles in TITLES.items()},
}
MISSED = "约束性指标未完成清单"
BINDING = ("binding", "约束性")
_HEADS: Mapping[str, str] = {
    "region": "区域",
    "year": "年份",
    "indicator": "指标",
    "property": "属性",
    "base_year": "基期年份",
    "base": "基期值",
    "target": "目标值",
    "comparator": "比较",
    "form": "目标形式",
    "reading": "读数",
    "attainment": "完成率",
    "status": "判定",
    "unit": "单位",
    "group": "分组",
    "points": "得分",
    "points_low": "得分下限",
    "points_high": "得分上限",
    "max_points": "分值",
    "rule": "计分规则",
    "grade": "等级",
    "note": "说明",
    "score": "得分",
    "rank": "位次",
    "previous_rank": "上年位次",
    "change": "变化",
    "index": "指数",
    "component": "分项",
    "value": "数值",
    "change_grade": "变化等级",
    "item": "项目",
    "from": "期初",
    "to": "期末",
    "resource": "资源",
    "class": "类别",
    "cause": "原因",
    "office": "职务",
    "term_start": "任期起",
    "term_end": "任期止",
    "account_start": "期初账户",
    "account_end": "期末账户",
    "value_start": "任期初",
    "value_end": "任期末",
    "human": "人为",
    "natural": "自然",
    "met": "是否达标",
    "part": "评分项",
    "judgement": "判断",
    "event": "问题",
    "effect": "作用",
    "times": "次数",
    "date": "日期",
    "document": "文件",
    "source": "来源",
    "locator": "出处",
    "carried_in": "上年转入",
    "available": "可分配",
    "regions": "地区数",
    "allotted": "已分配",
    "deducted": "扣减",
    "difference": "差额",
    "reviewed_by": "审核单位",
    "reviewed_at": "审核时间",
    "where": "所在行",
    "threshold": "阈值",
    "explanation": "说明",
    "reading_from": "基期读数",
    "reading_to": "末期读数",
    "appealed_at": "申诉时间",
    "appealed_by": "申诉单位",
    "old": "原值",
    "claimed": "申诉值",
    "reason": "理由",
    "handled_at": "处理时间",
    "handled_by": "处理单位",
    "handled_document": "处理文件",
    "handled_state": "处理环节",
    "final": "终核值",
    "handled_reason": "处理理由",
    "outcome": "结论",
    "computed": "初算值",
    "state": "状态",
    "reading_old": "原读数",
    "reading_new": "新读数",
    "points_old": "原得分",
    "points_new": "新得分",
    "grade_old": "原等级",
    "grade_new": "新等级",
    "kind": "类型",
    "pool": "资金池",
    "coefficient": "补偿系数",
    "amount": "分配额",
    "deduction": "扣减",
    "carried_forward": "结转下年",
    "module": "模块",
    "deductions": "扣分",
    "bonus": "加分",
}
_WORDS: Mapping[str, str] = {
    "met": "完成 met",
    "missed": "未完成 missed",
    "on_schedule": "按进度 on schedule",
    "behind": "滞后 behind",
    "no_data": "无数据 no data",
    "binding": "约束性 binding",
    "expected": "预期性 expected",
    "reference": "参考性 reference",
    "level": "水平 level",
    "cumulative_change": "累计变化 cumulative change",
}


def save_tables(
    one: Assessment, ground: AssessmentContext, path: Path, language: Language | None = None
) -> None:
    """Write the workbook: what the scheme is, then a sheet for each table."""
    sheets = {"说明 notes": _notes(one)}
    for name, table in one.tables.items():
        sheets[_SHEETS.get(name, Path(name).stem)] = spoken_table(table, ground, one.names)
    if "targets.csv" in one.tables:
        rows = one.tables["targets.csv"]
        lost = rows[(rows["property"].isin(BINDING) & (rows["status"] == "missed")).to_numpy()]
        sheets[MISSED] = spoken_table(lost, ground, one.names)
    mark = _mark(one, ground)
    if mark:
        sheets = {name: _marked(sheet, mark) for name, sheet in sheets.items()}
    write_tables({path: sheets})


def _mark(one: Assessment, ground: AssessmentContext) -> str:
    """What every sheet must say where made-up numbers or text that was only recalled stand behind it."""
    rows = ground.readings.rows
    made_up = (
        set(rows.loc[(rows["grade"] == GRADE["placeholder"]).to_numpy(dtype=bool), "name"])
        if len(rows)
        else set()
    )
    text = one.scheme.spec
    graded = {word for table in one.tables.values() if "grade" in table for word in table["grade"]}
    if (
        text.evidence == "placeholder"
        or "placeholder" in graded
        or made_up & _named(text.model_dump())
    ):
        return "含编造的数（placeholder），仅供演示 made-up numbers, a demonstration only"
    if text.evidence == "recalled" or "recalled" in graded:
        return "含凭常识记录、未与文本核对的内容（recalled）recalled, not held against the text"
    return ""


def _named(part: object) -> set[str]:
    """All words in a scheme's text, among them the names of data."""
    if isinstance(part, str):
        return {part}
    inside = (
        part.values() if isinstance(part, dict) else part if isinstance(part, list | tuple) else ()
    )
    return {word for one in inside for word in _named(one)}


def _marked(sheet: pd.DataFrame, mark: str) -> pd.DataFrame:
    """A sheet with the mark in a row below."""
    last = pd.DataFrame(
        [[mark, *[""] * (len(sheet.columns) - 1)]], columns=sheet.columns, dtype=object
    )
    return pd.concat([sheet.astype(object), last], ignore_index=True)


def _notes(one: Assessment) -> pd.DataFrame:
    text = one.scheme.spec
    source = text.sources[text.source]
    lines = [
        ("方案 scheme", f"{text.title} ({text.id})"),
        ("依据 source", f"{source.title} {source.number} {source.date}".strip()),
        ("读取方式 evidence", text.evidence),
        ("效力 legal force", text.legal),
        ("有效期 valid", f"{text.valid_from or '-'} … {text.valid_to or '-'}"),
        *([("说明 note", text.note.strip())] if text.note else []),
        *((line.say("zh"), line.say("en")) for line in one.caption),
        *(("提示 warning", str(problem)) for problem in one.warnings),
    ]
    return pd.DataFrame(lines, columns=["项 item", "内容 text"])


def spoken_table(
    table: pd.DataFrame,
    ground: AssessmentContext,
    called: Mapping[str, Title] | None = None,
) -> pd.DataFrame:
    """A table with headings in both languages, names beside codes, words for codes."""
    frame = table.copy()
    for name in ("status", "property", "form"):
        if name in frame:
            frame[name] = frame[name].map(lambda word: _WORDS.get(word, word))
    if "region" in frame:
        names = frame["region"].map(lambda code: ground.name(str(code), "zh"))
        frame.insert(frame.columns.get_loc("region") + 1, "名称 name", names)
    if called and "indicator" in frame:
        said = frame["indicator"].map(
            lambda name: called[str(name)].zh if str(name) in called else ""
        )
        frame.insert(frame.columns.get_loc("indicator") + 1, "指标名称 indicator name", said)
    return frame.rename(
        columns={name: f"{_HEADS[name]} {name}" for name in frame.columns if name in _HEADS}
    )
