"""Balance sheets in words (报表说明): the caption of the tables, and how a line came about."""

import numpy as np
import pandas as pd

from gep.assessment.balance.entries import KEY, TOTAL, BalanceResult
from gep.inputs.value_rows import GRADES
from gep.texts.catalogue import Language

_EQUATION = ("opening", "additions", "reductions", "statistical_error", "closing")
_AT = {
    "mean": ("期初与期末价格的平均", "the mean of opening and closing prices"),
    "opening": ("期初价格", "opening prices"),
    "closing": ("期末价格", "closing prices"),
}


def caption(found: BalanceResult) -> tuple[tuple[str, str], ...]:
    """What must stand under the tables."""
    text, lines = found.scheme.spec, found.lines
    said = [
        (
            "期初存量 + 本期增加 - 本期减少 + 统计误差 = 期末存量；统计误差单列，不分摊",
            "opening + additions - reductions + statistical error = closing; the error has a line of its own",
        ),
        (
            "只列资产，不列负债：所依据的文本没有给出负债的核算方法",
            "assets alone, no liabilities: no text that was read says how these are measured",
        ),
        (
            "表头为模板，凭通识写出（recalled），不是编制指南原表",
            "headings are a template, recalled, not those of the official guide",
        ),
    ]
    net = lines["item"].isin(("addition_net", "reduction_net")).to_numpy()
    if net.any():
        names = ", ".join(dict.fromkeys(map(str, lines.loc[net, "resource"])))
        said.append(
            (
                f"{names}：没有变动原因或转移资料的，只列净增减，不是总增总减",
                f"{names}: without causes or transitions changes are net, not gross",
            )
        )
    if found.priced:
        zh, en = _AT[text.changes_at]
        of_year = f"money is in prices of each year; changes are valued at {en}, what prices did is revaluation"
        said.append((f"价值量为当年价；存量变动按{zh}计价，价格变动的影响列为重估价", of_year))
    grades = [GRADES[int(code)] for code in sorted(set(lines["grade"]))] if len(lines) else []
    said.append(
        (
            f"所读数据的依据等级：{'、'.join(grades)}",
            f"grades of what was read: {', '.join(grades)}",
        )
    )
    if text.evidence != "verified":
        said.append((f"方案依据等级：{text.evidence}", f"evidence of the scheme: {text.evidence}"))
    zh, _, en = text.note.partition("\n")
    return tuple(said) + (((zh.strip(), (en or zh).strip()),) if zh else ())


def explain_balance(
    found: BalanceResult, region: str, year: int, item: str, language: Language
) -> list[str]:
    """The lines of ``resource.class`` (or ``resource``) in the periods that end in a year, down to file rows."""
    resource, _, name = item.partition(".")
    lines_of = (found.lines["region"] == region) & (found.lines["to"] == year)
    rows = found.lines[lines_of.to_numpy()].sort_values(KEY, kind="stable")
    mine = (rows["resource"] == resource) & (rows["class"] == (name or TOTAL))
    lines = []
    for (first, last), some in rows[mine.to_numpy()].groupby(["from", "to"], sort=False):
        lines.append(f"{resource} {name or TOTAL} {region} {first}-{last}")
        for _, one in some.iterrows():
            cause = f" {one['cause']}" if one["cause"] else ""
            where = f": {one['where']} [{GRADES[int(one['grade'])]}]" if one["where"] else ""
            lines.append(f"  {one['item']}{cause} = {one['value']:.10g} {one['unit']}{where}")
        value = {kind: _sum(some, kind) for kind in _EQUATION}
        sign = "统计误差" if language == "zh" else "statistical error"
        lines.append(
            f"  {value['opening']:.10g} + {value['additions']:.10g} - {value['reductions']:.10g}"
            f" + {sign} {value['statistical_error']:.10g} = {value['closing']:.10g}"
        )
    return lines


def _sum(rows: pd.DataFrame, item: str) -> float:
    return float(np.sum(rows.loc[(rows["item"] == item).to_numpy(), "value"]))
