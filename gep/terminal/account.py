"""What the terminal shows of an account, a plan and the catalogue (rich tables); numbers rounded for people."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gep.account.account import Account
from gep.account.caption import CATEGORY
from gep.io.toml_documents import Title
from gep.plan.plan import Plan
from gep.report.figures.page import spoken
from gep.texts.catalogue import Language
from gep.workflows.run import FILES

_MOST = 130  # rows of regions; the files hold the rest


def console() -> Console:
    """The screen; a file or pipe is wide enough for tables."""
    screen = Console(highlight=False)
    return screen if screen.is_terminal else Console(highlight=False, width=max(screen.width, 120))


def print_account(account: Account, title: Title, language: Language) -> None:
    """The caption, then a table of regions and parents: categories, total, per km2, per head."""
    screen, pick = console(), language != "zh"
    screen.print()
    screen.print(Text(title.say(language), style="bold"))
    for line in account.caption(language):
        screen.print(Text(line))
    sums = account.sums
    unit = spoken(account.plan.standard.spec.unit, language)
    names = [name for name in sums.names if name in CATEGORY]
    table = Table(title=None, header_style="bold")
    table.add_column("region" if pick else "区域")
    for name in names:
        table.add_column(f"{CATEGORY[name][pick]}\n{unit}", justify="right")
    table.add_column(f"{'per km2' if pick else '每平方千米'}\n{unit} km-2", justify="right")
    table.add_column(f"{'per head' if pick else '人均'}\n{unit}", justify="right")
    order = [*np.flatnonzero(sums.level == "region"), *np.flatnonzero(sums.level == "parent")]
    shown = (
        order if len(order) <= _MOST else [*order[: _MOST // 2], *order[len(order) - _MOST // 2 :]]
    )
    spots = [sums.names.index(name) for name in names]
    for row in shown:
        total = account.total(str(sums.codes[row]))
        cells = [
            _cell(sums.values[row, spot], bool(sums.valid[row, spot]), bool(sums.gap[row, spot]))
            for spot in spots
        ]
        ratios = [
            number(total / size) if np.isfinite(size) and size else "-"
            for size in (sums.land[row], sums.population[row])
        ]
        style = "bold" if sums.level[row] == "parent" else ""
        table.add_row(
            escape(_called(account, str(sums.codes[row]), language)), *cells, *ratios, style=style
        )
    screen.print(table)
    if len(shown) < len(order):
        left = len(order) - len(shown)
        screen.print(
            f"... {left} more rows in summary.csv" if pick else f"…… 另有 {left} 行，见 summary.csv"
        )


def _called(account: Account, code: str, language: Language) -> str:
    name = account.plan.regions.name(code, language) if account.plan.regions is not None else code
    return code if name == code else f"{code} {name}"


def _cell(value: float, valid: bool, gap: bool) -> str:
    if gap:
        return "not_compiled"
    return number(value) if valid else "na"


def number(value: float) -> str:
    """A number rounded for people: four figures at least, thousands apart."""
    if not np.isfinite(value):
        return "-"
    size = abs(value)
    digits = 0 if size >= 1000 or size == 0 else 2 if size >= 1 else 4
    return f"{value:,.{digits}f}" if size == 0 or size >= 0.001 else f"{value:.3g}"


def print_files(out: Path, language: Language) -> None:
    """Where the result files are."""
    names = ", ".join(name for name in FILES if (out / name).is_file())
    console().print(Text(f"{'files' if language != 'zh' else '结果文件'}: {out}: {names}"))


def print_plan(plans: Sequence[Plan], table: pd.DataFrame, language: Language) -> None:
    """The plan's rows: what each input is, in which file and row, with unit, factor and grade."""
    first = plans[0]
    standard = first.standard.spec
    chosen = ", ".join(f"{name} = {option}" for name, option in first.switches.items()) or "-"
    screen = console()
    screen.print(
        Text(
            f"核算方案 plan: {standard.title} ({standard.id}); {', '.join(str(plan.year) for plan in plans)}"
        )
    )
    screen.print(Text(f"开关 switches: {chosen}"))
    for (year, step), rows in table.groupby(["year", "step"], sort=False):
        lines = [f"{year} {step or '面积与对照 areas and shares'}"]
        lines += [text for text in (rows["method"].iloc[0], rows["clause"].iloc[0]) if text]
        where = rows["file"].astype(str) + " row " + rows["row"].astype(str)
        shown = rows[["input", "binding", "value", "unit", "factor", "grade"]]
        shown = shown.assign(
            binding=_without_input(rows), row=(rows["set@version"] + " " + where).str.strip()
        )
        print_table("\n".join(lines), shown)


def _without_input(rows: pd.DataFrame) -> pd.Series:
    """What the rows are of, without the kind of binding, which the file and set tell."""
    return rows["binding"].str.replace(r"^(coef|data)=", "", regex=True)


def print_table(title: str, frame: pd.DataFrame) -> None:
    """Any table as it is."""
    table = Table(title=title, header_style="bold", title_justify="left")
    for name in frame.columns:
        table.add_column(str(name), overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(
            *(escape(f"{cell:.10g}" if isinstance(cell, float) else str(cell)) for cell in row)
        )
    console().print(table)
