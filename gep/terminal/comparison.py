"""What the terminal shows of a comparison: growth by years and price basis, levels, the reasons; rounded for people."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gep.account.caption import CATEGORY
from gep.comparison.comparison import Comparison, Pair
from gep.comparison.comparison_table import (
    CLIMATE_KINDS,
    DEFLATOR,
    EFFECTS,
    comparison_caption,
    price_basis,
)
from gep.io.toml_documents import Title
from gep.report.figures.page import spoken
from gep.terminal.account import console, number
from gep.texts.catalogue import Language

_MOST = 60  # regions; the files hold the rest


def print_comparison(
    found: Comparison, tables: Mapping[str, pd.DataFrame], title: Title, language: Language
) -> None:
    """The caption; the topmost region's growth; regions and indicators over the longest pair; the reasons."""
    screen, pick = console(), language != "zh"
    screen.print()
    screen.print(Text(title.say(language), style="bold"))
    for line in comparison_caption(found, language):
        screen.print(Text(line))
    if found.headline is None:
        return
    top, table = str(found.codes[-1]), tables["comparison.csv"]
    alone = bool(found.above.codes) or len(found.regions) == 1
    screen.print(
        _growth(found, table[(table["region"] == top).to_numpy()], language, pick)
    ) if alone else None
    screen.print(
        _lines(found, table, max(found.pairs, key=lambda pair: pair[1] - pair[0]), language, pick)
    )
    reasons = _reasons(found, tables["decomposition.csv"], language, pick) if alone else None
    if reasons is not None:
        screen.print(reasons)


def _growth(found: Comparison, table: pd.DataFrame, language: Language, pick: bool) -> Table:
    """The headline of the topmost region: a row for each price or climate basis and pair of years."""
    unit = spoken(str(found.lines["unit"].iloc[found.headline or 0]), language)
    name = found.names(language)[str(found.codes[-1])]
    shown = _table(
        f"{name}: {'growth' if pick else '合计的增长'}",
        ("basis" if pick else "口径", "years" if pick else "年份"),
        (
            ("from", "to", "change", "growth %", "a year %")
            if pick
            else ("基期", "末期", "变化", "增长 %", "年均 %")
        ),
        unit,
    )
    rows = table[((table["category"] == "total") & (table["indicator"] == "total")).to_numpy()]
    for row in rows.to_dict("records"):
        kind, _, climate = str(row["kind"]).partition(":")
        if kind == DEFLATOR:
            basis = (
                ("价格（平减指数）", "prices (implied deflator)")[pick]
                + " "
                + str(row["price_basis"])
            )
        else:
            basis = price_basis(str(row["price_basis"]))[pick] + (
                f" · {CLIMATE_KINDS[climate][pick]}" if climate else ""
            )
        rates = [_percent(row["growth"], 100), _percent(row["cagr"], 100)]
        shown.add_row(
            basis,
            f"{row['from']}-{row['to']}",
            *_cells(row, ("value_from", "value_to", "change")),
            *rates,
        )
    return shown


def _lines(
    found: Comparison, table: pd.DataFrame, pair: Pair, language: Language, pick: bool
) -> Table:
    """The headline of all regions, then the topmost region's categories and indicators."""
    unit = spoken(str(found.lines["unit"].iloc[found.headline or 0]), language)
    heads = (
        ("change", "growth %", "contribution, points", "rank")
        if pick
        else ("变化", "增长 %", "贡献 百分点", "位次")
    )
    shown = _table(
        "",
        ("region, indicator" if pick else "区域、科目",),
        (str(pair[0]), str(pair[1]), *heads),
        unit,
    )
    rows = table[
        (
            (table["from"] == pair[0])
            & (table["to"] == pair[1])
            & (table["price_basis"] == found.basis)
        ).to_numpy()
    ]
    rows = rows[((rows["item"] == "") & (rows["kind"] == "value")).to_numpy()]
    names, top = found.names(language), str(found.codes[-1])
    totals = rows[(rows["category"] == "total").to_numpy()].to_dict("records")
    for place, row in enumerate(totals):
        if place < _MOST or row["region"] == top:
            style = "bold" if row["level"] == "parent" else ""
            shown.add_row(escape(names[str(row["region"])]), *_row(row), style=style)
    shown.add_section()
    titles = {
        one.id: one.name.say(language)
        for account in found.accounts
        for one in account.plan.standard.spec.indicator
    }
    for row in rows[(rows["region"] == top).to_numpy()].to_dict("records"):
        category, indicator = str(row["category"]), str(row["indicator"])
        if category in CATEGORY and category != "total":
            name = CATEGORY[category][pick] if indicator == "total" else f"  {titles[indicator]}"
            shown.add_row(escape(name), *_row(row))
    return shown


def _table(title: str, words: Sequence[str], heads: Sequence[str], unit: str) -> Table:
    shown = Table(
        title=escape(f"{title} ({unit})" if title else unit),
        header_style="bold",
        title_justify="left",
    )
    for word in words:
        shown.add_column(word)
    for head in heads:
        shown.add_column(head, justify="right")
    return shown


def _row(row: Mapping[object, object]) -> list[str]:
    ranks = [str(row[name]) for name in ("rank_from", "rank_to")]
    return [
        *_cells(row, ("value_from", "value_to", "change")),
        _percent(row["growth"], 100),
        _percent(row["contribution"], 1),
        "→".join(ranks) if all(ranks) else "-",
    ]


def _cells(row: Mapping[object, object], names: Sequence[str]) -> list[str]:
    values = [row[name] for name in names]
    return [
        number(float(one)) if isinstance(one, int | float | np.number) else str(one) or "-"
        for one in values
    ]


def _percent(value: object, scale: float) -> str:
    return f"{float(value) * scale:+.2f}" if isinstance(value, int | float | np.number) else "-"


def _reasons(
    found: Comparison, table: pd.DataFrame, language: Language, pick: bool
) -> Table | None:
    """The effects on the headline of the topmost region, a row for each pair of years."""
    top = str(found.codes[-1])
    rows = table[
        (
            (table["region"] == top)
            & (table["category"] == "total")
            & (table["method"] == "replay")
        ).to_numpy()
    ]
    if rows.empty:
        return None
    effects = list(dict.fromkeys(rows["effect"]))
    name, unit = found.names(language)[top], spoken(str(rows["unit"].iloc[0]), language)
    title = f"{name}: why it changed" if pick else f"{name}：变化的原因"
    shown = _table(
        title, ("years" if pick else "年份",), [EFFECTS[one][pick] for one in effects], unit
    )
    for (first, last), some in rows.groupby(["from", "to"], sort=False):
        values = dict(zip(some["effect"], some["value"], strict=True))
        shown.add_row(f"{first}-{last}", *(number(float(values[one])) for one in effects))
    return shown


def print_written(out: Path, names: Sequence[str], language: Language) -> None:
    """Where the files are."""
    made = ", ".join(name for name in names if (out / name).is_file())
    console().print(Text(f"{'files' if language != 'zh' else '结果文件'}: {out}: {made}"))
