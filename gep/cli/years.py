"""The commands over several years and on how sure: `gep compare`, `gep sensitivity`."""

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.options import Code, Partial, ProjectPath, warn


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
    from gep.terminal.comparison import print_comparison, print_written
    from gep.workflows.compare import FILES, compare_projects

    found = compare_projects(
        projects, out, from_year=from_year, to_year=to_year, prices=prices or (), allow=allow or (),
        moving_mean=moving_mean, allow_code=allow_code, partial=partial,
    )  # fmt: skip
    warn(found.warnings)
    if not quiet:
        first = found.projects[0]
        print_comparison(found.comparison, dict(found.tables), first.text.project.title, first.language)
        print_written(found.out, FILES, first.language)


def sensitivity(
    project: ProjectPath,
    region: Annotated[str, typer.Option(help="Code or name of a region or parent. 区域代码或名称。")],
    year: Annotated[int, typer.Option(help="Year of the account. 年份。")],
    from_year: Annotated[
        int | None, typer.Option("--from", help="The change since this year instead. 自该年的变化。")
    ] = None,
    indicator: Annotated[
        str, typer.Option(help="Id or name of an indicator (default: the total). 核算科目。")
    ] = "total",
    sobol: Annotated[int, typer.Option(help="Base points of Sobol indices, a power of two; 0: none.", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the draws. 随机种子。", min=0)] = 0,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for sensitivity.csv and tornado.png.")] = None,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Which inputs move a value most: swings one at a time, Sobol indices. 哪些参数影响最大。"""
    from gep.workflows.sensitivity import sense

    found = sense(
        project, region, year, start=from_year, indicator=indicator, points=sobol, seed=seed, out=out,
        partial=partial, allow_code=allow_code,
    )  # fmt: skip
    warn(found.warnings)
    from gep.terminal.sensitivity import print_swings

    print_swings(found)
