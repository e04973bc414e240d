"""What the terminal shows of a sensitivity analysis: the inputs that move a value most."""

import numpy as np
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gep.report.figures.labels import spoken
from gep.terminal.account import console, number
from gep.workflows.sensitivity import FILES, Sensed

_MOST = 30  # inputs; sensitivity.csv holds the rest


def print_swings(found: Sensed) -> None:
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
    for row in found.table.head(_MOST).to_dict("records"):
        cells = [number(float(row[name])) for name in ("low", "high", "result_low", "result_high", "swing")]
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
