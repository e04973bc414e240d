"""Intervals, ranks and sensitivity on the screen."""

import numpy as np
import pandas as pd
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gep.account.account import Account
from gep.report.figures.page import spoken
from gep.terminal.account import console, number
from gep.texts.catalogue import Language
from gep.uncertainty.interval_tables import Uncertainty
from gep.workflows.sensitivity import FILES, SensitivityAnalysis

_MOST = 60  # rows; uncertainty.csv holds the rest


def print_intervals(sure: Uncertainty, account: Account, language: Language) -> None:
    """Levels and changes of the headline, a row for each region."""
    pick, table = language != "zh", sure.table()
    said = sure.statement()
    words = (
        "{draws} 次抽样，种子 {seed}；抽样 {rows_drawn} 行，共用 {rows_used} 行；价值的 {share} 未给出不确定性",
        "{draws} draws, seed {seed}; {rows_drawn} of {rows_used} rows drawn; {share} of value states no uncertainty",
    )
    line = words[pick].format(**said, share=f"{said['no_uncertainty_stated']:.1%}")
    console().print(Text(line))
    chosen = table[((table["category"] == "total") & (table["indicator"] == "total")).to_numpy()]
    unit = spoken(account.plan.standard.spec.unit, language)
    console().print(_levels(chosen, account, unit, language, pick))


def _levels(
    rows: pd.DataFrame, account: Account, unit: str, language: Language, pick: bool
) -> Table:
    heads = ("区域", "年份", "均值", "2.5 %", "97.5 %", "大于零的概率", "位次区间")
    heads = (
        ("region", "years", "mean", "2.5 %", "97.5 %", "P(above 0)", "rank interval")
        if pick
        else heads
    )
    shown = Table(title=escape(unit), header_style="bold", title_justify="left")
    for place, head in enumerate(heads):
        shown.add_column(head, justify="right" if place > 1 else "left")
    regions = account.plan.regions
    for row in rows.head(_MOST).to_dict("records"):
        name = (
            regions.name(str(row["region"]), language)
            if regions is not None
            else str(row["region"])
        )
        years = f"{row['from']}-{row['to']}" if row["from"] else str(row["year"])
        cells = [number(float(row[one])) for one in ("mean", "p025", "p975")]
        rank = f"{row['rank_p025']}-{row['rank_p975']}" if row["rank_p025"] != "" else ""
        chance = f"{row['p_positive']:.3f}" if row["from"] else ""
        shown.add_row(escape(name), years, *cells, chance, rank)
    if len(rows) > _MOST:
        shown.caption = f"… {len(rows) - _MOST} more in uncertainty.csv"
    return shown


_SENSITIVITY_MOST = 30  # inputs; sensitivity.csv holds the rest


def print_swings(found: SensitivityAnalysis) -> None:
    """A row for each input: its limits, the result at them, its Sobol indices where they were asked for."""
    screen, language = console(), found.project.language
    pick = language != "zh"
    title = f"{found.title(language)}（{spoken(found.unit, language)}）"
    shown = Table(title=escape(title), header_style="bold", title_justify="left")
    heads = (
        ("参数", "行数", "低", "高", "取低值时", "取高值时", "变幅"),
        ("input", "rows", "low", "high", "result at low", "at high", "swing"),
    )[pick]
    for place, head in enumerate(heads):
        shown.add_column(head, justify="right" if place else "left", overflow="fold")
    sobol = bool(found.table["first"].notna().any())
    for head in (("一阶指数", "总指数"), ("first order", "total"))[pick] if sobol else ():
        shown.add_column(head, justify="right")
    for row in found.table.head(_SENSITIVITY_MOST).to_dict("records"):
        cells = [
            number(float(row[name]))
            for name in ("low", "high", "result_low", "result_high", "swing")
        ]
        more = [_index(row, name) for name in ("first", "total")] if sobol else []
        shown.add_row(escape(str(row["input"])), str(row["rows"]), *cells, *more)
    for line in found.caption(language):
        screen.print(Text(line))
    screen.print(shown)
    if found.out is not None:
        made = ", ".join(name for name in FILES if (found.out / name).is_file())
        screen.print(f"{'files' if pick else '结果文件'}: {found.out}: {made}")


def _index(row: dict[object, object], name: str) -> str:
    low, best, high = (float(str(row[one])) for one in (f"{name}_low", name, f"{name}_high"))
    return "-" if np.isnan(best) else f"{best:.3f} [{low:.3f}, {high:.3f}]"
