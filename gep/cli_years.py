"""The commands over several years: `gep compare`."""

from pathlib import Path
from typing import Annotated

import typer

from gep.cli_options import Code, Partial, warn


def compare(
    projects: Annotated[list[Path], typer.Argument(help="A project of several years, or several. 一个或多个项目。")],
    from_year: Annotated[int | None, typer.Option("--from", help="First year. 基期年份。")] = None,
    to_year: Annotated[int | None, typer.Option("--to", help="Last year. 末期年份。")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write (default: out/ in the project).")] = None,
    prices: Annotated[
        list[str] | None,
        typer.Option(
            help="current, or the year of constant prices; twice for both. 当年价 current 或不变价年份，可写多次。"
        ),
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(help="What may differ: standard, prices, ... 允许不一致的方面，逐行标注。")
    ] = None,
    moving_mean: Annotated[int, typer.Option(help="Mean of so many years beside. 另取若干年滑动平均。", min=0)] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print problems only. 只显示问题。")] = False,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Years side by side: changes, growth and the reasons. 逐年对比：变化、增长及其原因。"""
    from gep.compared import FILES, compare_projects
    from gep.report.changes import print_comparison, print_written

    found = compare_projects(
        projects, out, from_year=from_year, to_year=to_year, prices=prices or (), allow=allow or (),
        moving_mean=moving_mean, allow_code=allow_code, partial=partial,
    )  # fmt: skip
    warn(found.warnings)
    if not quiet:
        first = found.projects[0]
        print_comparison(found.comparison, dict(found.tables), first.text.project.title, first.language)
        print_written(found.out, FILES, first.language)
