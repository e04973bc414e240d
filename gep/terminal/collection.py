"""What the terminal shows of a collection: the counties, what is missing, what choices moved, jumps, lasting ranks."""

from collections.abc import Sequence

import pandas as pd
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gep.account.caption import EVIDENCE, LEGAL
from gep.collection.jumps import OPEN
from gep.terminal.account import console, number
from gep.texts.catalogue import Language
from gep.workflows.collect import FILES, CountyCollection

_MOST = 40  # rows; the files hold the rest
_COUNTIES = ("county", "run", "state", "sets", "switches", "price_basis", "problem")
_RANKS = (
    "county",
    "year",
    "value",
    "rank",
    "best",
    "worst",
    "kept",
    "above_always",
    "below_always",
    "unit",
)


def print_collection(found: CountyCollection, language: Language) -> None:
    """The common choice, then the tables that need somebody's eye."""
    screen, tables, text = console(), found.tables, found.common.standard.spec
    read, broken = len(found.counties.read), len(found.counties.broken)
    screen.print()
    screen.print(
        Text(f"县级成果汇总 collection: {read} counties; left out: {broken}", style="bold")
    )
    said = "; ".join([*LEGAL[text.legal], *EVIDENCE[text.evidence]])
    screen.print(Text(f"统一规范 common standard: {text.title} ({text.id}); {said}"))
    sets = ", ".join(one.label for one in found.common.sets)
    switches = (
        ", ".join(f"{name} = {option}" for name, option in found.common.switches.items()) or "-"
    )
    screen.print(
        Text(
            f"统一参数 common sets: {sets}; 开关 switches: {switches}; 价格 prices: {found.common.basis}"
        )
    )
    _print("各县成果 counties.csv", tables["counties.csv"], _COUNTIES)
    gaps = tables["completeness.csv"]
    gaps = gaps[gaps["status"].isin(["missing", "placeholder", "unreadable"]).to_numpy()]
    _print(
        "缺项与虚拟数 completeness.csv",
        gaps,
        ("county", "year", "kind", "name", "status", "missing", "cells", "note"),
    )
    replays = tables["replayed.csv"]
    replays = replays[((replays["category"] == "total") & (replays["region"] == "")).to_numpy()]
    shown = (
        "county",
        "year",
        "own",
        "common",
        "difference",
        "relative",
        "rank_own",
        "rank_common",
        "unit",
    )
    _print("自选参数与统一参数 replayed.csv", replays, shown)
    _print("各项选择的影响 moved.csv", tables["moved.csv"], tuple(tables["moved.csv"].columns))
    controls = tables["controls.csv"]
    _print("控制数 controls.csv", controls, tuple(controls.columns.drop(["missing", "tolerance"])))
    jumps = tables["jumps.csv"]
    jumps = jumps[(jumps["status"] == OPEN).to_numpy()]
    _print(
        "待说明的异常变动 jumps.csv",
        jumps,
        tuple(jumps.columns.drop(["status", "explanation", "document"])),
    )
    _print("位次稳健性 ranks.csv", tables["ranks.csv"], _RANKS)
    screen.print(Text(f"结果文件 files: {found.out}: {', '.join(FILES)}"))


def _print(title: str, frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Some columns of a table, the first rows; nothing where it has none."""
    if frame.empty:
        return
    table = Table(title=title, header_style="bold", title_justify="left")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in frame[list(columns)].head(_MOST).itertuples(index=False):
        table.add_row(
            *(escape(number(cell) if isinstance(cell, float) else str(cell)) for cell in row)
        )
    if len(frame) > _MOST:
        table.caption = f"… {len(frame) - _MOST} more"
    console().print(table)
