"""What the terminal shows of draws: the headline with its interval, ranks, the chance that a change is above zero."""

import pandas as pd
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gep.account.account import Account
from gep.report.figures.labels import spoken
from gep.terminal.account import console, number
from gep.uncertainty.interval_tables import Uncertainty

_MOST = 60  # rows; uncertainty.csv holds the rest


def print_intervals(sure: Uncertainty, account: Account, language: str) -> None:
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
    unit = spoken(account.plan.standard.text.unit, language)
    console().print(_levels(chosen, account, unit, language, pick))


def _levels(rows: pd.DataFrame, account: Account, unit: str, language: str, pick: bool) -> Table:
    heads = ("区域", "年份", "均值", "2.5 %", "97.5 %", "大于零的概率", "位次区间")
    heads = ("region", "years", "mean", "2.5 %", "97.5 %", "P(above 0)", "rank interval") if pick else heads
    shown = Table(title=escape(unit), header_style="bold", title_justify="left")
    for place, head in enumerate(heads):
        shown.add_column(head, justify="right" if place > 1 else "left")
    regions = account.plan.regions
    for row in rows.head(_MOST).to_dict("records"):
        name = regions.name(str(row["region"]), language) if regions is not None else str(row["region"])
        years = f"{row['from']}-{row['to']}" if row["from"] else str(row["year"])
        cells = [number(float(row[one])) for one in ("mean", "p025", "p975")]
        rank = f"{row['rank_p025']}-{row['rank_p975']}" if row["rank_p025"] != "" else ""
        chance = f"{row['p_positive']:.3f}" if row["from"] else ""
        shown.add_row(escape(name), years, *cells, chance, rank)
    if len(rows) > _MOST:
        shown.caption = f"… {len(rows) - _MOST} more in uncertainty.csv"
    return shown
