"""What the terminal shows of an assessment: what the scheme is, ranks or the tables' first rows, what is missed."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gep.account.caption import LEGAL
from gep.assessment.context import AssessmentContext
from gep.assessment.scheme import Assessment
from gep.io.toml_documents import Title
from gep.report.assessment_workbook import spoken_table
from gep.terminal.account import console, number
from gep.texts.catalogue import Language

_EVIDENCE = {
    "verified": ("已核对原文", "held against its text"),
    "published": ("依据公开资料，未核对原文", "read in publications, not held against its text"),
    "recalled": ("凭常识记录，未与文本核对", "from general knowledge, not held against its text"),
    "placeholder": ("虚拟方案，仅供演示", "made up, for demonstration only"),
}
_MOST = 40  # rows; the files hold the rest
_SHOWN = {
    "ranking.csv": ("region", "year", "group", "score", "rank", "change", "grade"),
    "scores.csv": ("region", "year", "indicator", "reading", "grade", "note"),
    "targets.csv": (
        "region",
        "year",
        "indicator",
        "property",
        "reading",
        "comparator",
        "target",
        "attainment",
        "status",
    ),
}


def print_assessment(one: Assessment, ground: AssessmentContext, language: Language) -> None:
    """The scheme's caption, then its main tables."""
    screen, pick = console(), language != "zh"
    text = one.scheme.spec
    screen.print()
    screen.print(Text(f"{text.title.say(language)} ({text.id})", style="bold"))
    force = f"{LEGAL[text.legal][pick]}; {validity(text.valid_from, text.valid_to, pick)}"
    screen.print(Text(f"{_EVIDENCE[text.evidence][pick]}; {force}"))
    for line in one.caption:
        screen.print(Text(line.say(language)))
    for name, table in _main(one).items():
        screen.print(_table(name, table, ground, one.names))


def _main(one: Assessment) -> dict[str, pd.DataFrame]:
    """The tables that are shown: ranks, or the readings where the scheme gives no points."""
    unscored = "ranking.csv" in one.tables and (one.tables["ranking.csv"]["score"] == "").all()
    hidden = "ranking.csv" if unscored else "scores.csv"
    found = {}
    for name, table in one.tables.items():
        if name != hidden and not name.startswith(("life_", "table_", "matrix_")) and len(table):
            found[name] = (
                table[(table["reading"] != "").to_numpy()] if name == "scores.csv" else table
            )
    return found


def validity(first: str, last: str, pick: bool) -> str:
    """From when to when a scheme holds."""
    if not first and not last:
        return ("有效期未注明", "validity not stated")[pick]
    return ("有效期", "valid")[pick] + f" {first or '…'} – {last or '…'}"


def _table(
    name: str, table: pd.DataFrame, ground: AssessmentContext, names: Mapping[str, Title]
) -> Table:
    frame = table[list(_SHOWN[name])] if name in _SHOWN else table
    shown = Table(title=name, header_style="bold", title_justify="left")
    spoken = spoken_table(frame.head(_MOST), ground, names)
    for column in spoken.columns:
        shown.add_column(escape(str(column).replace(" ", "\n", 1)))
    for row in spoken.itertuples(index=False):
        shown.add_row(
            *(escape(number(cell) if isinstance(cell, float) else str(cell)) for cell in row)
        )
    if len(table) > _MOST:
        shown.caption = f"… {len(table) - _MOST} more in {name}"
    return shown


def print_folder(out: Path, language: Language) -> None:
    """Where the tables are."""
    console().print(Text(f"{'tables' if language != 'zh' else '结果文件'}: {out}"))
