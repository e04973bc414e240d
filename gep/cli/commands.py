"""The commands that do one thing with a project."""

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.options import Code, Partial, ProjectPath, warn
from gep.errors import ProblemLog


def compare(
    projects: Annotated[
        list[Path], typer.Argument(help="A project of several years, or several. 一个或多个项目。")
    ],
    from_year: Annotated[int | None, typer.Option("--from", help="First year. 基期年份。")] = None,
    to_year: Annotated[int | None, typer.Option("--to", help="Last year. 末期年份。")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write (default: out/ in the project).")
    ] = None,
    prices: Annotated[
        list[str] | None,
        typer.Option(
            help="current, or the year of constant prices; twice for both. 当年价 current 或不变价年份，可写多次。"
        ),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="What may differ: standard, prices, ... 允许不一致的方面，逐行标注。"),
    ] = None,
    moving_mean: Annotated[
        int, typer.Option(help="Mean of so many years beside. 另取若干年滑动平均。", min=0)
    ] = 0,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print problems only. 只显示问题。")
    ] = False,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Years side by side: changes, growth and the reasons. 逐年对比：变化、增长及其原因。"""
    from gep.terminal.comparison import print_comparison, print_written
    from gep.workflows.compare import FILES, compare_projects

    found = compare_projects(
        projects,
        out,
        from_year=from_year,
        to_year=to_year,
        prices=prices or (),
        allow=allow or (),
        moving_mean=moving_mean,
        allow_code=allow_code,
        partial=partial,
    )
    warn(found.warnings)
    if not quiet:
        first = found.projects[0]
        print_comparison(
            found.comparison, dict(found.tables), first.spec.project.title, first.language
        )
        print_written(found.out, FILES, first.language)


def sensitivity(
    project: ProjectPath,
    region: Annotated[
        str, typer.Option(help="Code or name of a region or parent. 区域代码或名称。")
    ],
    year: Annotated[int, typer.Option(help="Year of the account. 年份。")],
    from_year: Annotated[
        int | None,
        typer.Option("--from", help="The change since this year instead. 自该年的变化。"),
    ] = None,
    indicator: Annotated[
        str, typer.Option(help="Id or name of an indicator (default: the total). 核算科目。")
    ] = "total",
    sobol: Annotated[
        int, typer.Option(help="Base points of Sobol indices, a power of two; 0: none.", min=0)
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the draws. 随机种子。", min=0)] = 0,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for sensitivity.csv and tornado.png.")
    ] = None,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Which inputs move a value most: swings one at a time, Sobol indices. 哪些参数影响最大。"""
    from gep.workflows.sensitivity import analyse_sensitivity

    found = analyse_sensitivity(
        project,
        region,
        year,
        start=from_year,
        indicator=indicator,
        points=sobol,
        seed=seed,
        out=out,
        partial=partial,
        allow_code=allow_code,
    )
    warn(found.warnings)
    from gep.terminal.uncertainty import print_swings

    print_swings(found)


def assess(
    project: ProjectPath,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write (default: out/ in the project).")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print problems only. 只显示问题。")
    ] = False,
    draws: Annotated[
        int, typer.Option(help="Draws for intervals of scores. 得分区间的抽样次数。", min=0)
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the draws. 随机种子。", min=0)] = 0,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Apply the project's schemes: targets, scores, ranks, indices. 按方案考核：目标、得分、位次、指数。"""
    from gep.terminal.assessment import print_assessment, print_folder
    from gep.workflows.assess import assess_project

    found = assess_project(
        project, out, allow_code=allow_code, partial=partial, draws=draws, seed=seed
    )
    warn(found.warnings)
    if not quiet:
        for one in found.assessments:
            print_assessment(one, found.ground, found.project.language)
        print_folder(found.out, found.project.language)


def record(
    project: ProjectPath,
    state: Annotated[str, typer.Option(help="初算, 复核, 反馈, 申诉 or 终核. 环节。")],
    who: Annotated[str, typer.Option(help="The office, never a person. 单位，不写姓名。")],
    document: Annotated[str, typer.Option(help="Number of the document. 文号。")],
    scheme: Annotated[str, typer.Option(help="Id of the scheme. 方案编号。")],
    year: Annotated[int, typer.Option(help="Year of the result. 年份。")],
    region: Annotated[
        str, typer.Option(help="Code of the region; blank: the whole result. 区域。")
    ] = "",
    item: Annotated[str, typer.Option(help="Indicator, or total. 指标或 total。")] = "",
    old: Annotated[str, typer.Option(help="The number before. 原值。")] = "",
    new: Annotated[str, typer.Option(help="The number after. 新值。")] = "",
    reason: Annotated[str, typer.Option(help="Why. 理由。")] = "",
    at: Annotated[str, typer.Option(help="When (default: today). 日期。")] = "",
) -> None:
    """Add an entry to the log of a result: review, appeal, final. 在结果流程记录中添加一条。"""
    from gep.workflows.assess import record_review

    log = record_review(
        project,
        state=state,
        who=who,
        document=document,
        scheme=scheme,
        year=year,
        region=region,
        item=item,
        old=old,
        new=new,
        reason=reason,
        at=at,
    )
    typer.echo(f"{log.path}: {len(log.entries)} 条 entries; {log.head[:12]}")


def collect(
    folder: Annotated[
        Path, typer.Argument(help="Folder that the counties' projects lie in. 各县项目所在文件夹。")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write (default: collected/ in it).")
    ] = None,
    standard: Annotated[
        str, typer.Option(help="Standard that all are computed under. 统一核算规范。")
    ] = "",
    coefficients: Annotated[
        list[str] | None,
        typer.Option(
            help="Common set, id or path, before the standard's own. 统一参数集，可写多次。"
        ),
    ] = None,
    switch: Annotated[
        list[str] | None, typer.Option(help="Common option: NAME=OPTION. 统一开关，可写多次。")
    ] = None,
    prices: Annotated[
        str, typer.Option(help="current, or the year of constant prices. 价格基准。")
    ] = "",
    year: Annotated[
        list[int] | None, typer.Option(help="Year wanted; may be repeated. 年份，可写多次。")
    ] = None,
    controls: Annotated[
        Path | None, typer.Option(help="Control totals of the province. 省级控制数表。")
    ] = None,
    regions: Annotated[
        Path | None, typer.Option(help="Table of regions and parents. 区域及上级表。")
    ] = None,
    alternatives: Annotated[
        Path | None, typer.Option(help="Permitted alternatives (TOML). 允许的备选方案。")
    ] = None,
    jump: Annotated[
        float, typer.Option(help="Yearly change that needs an explanation. 需说明的年变化幅度。")
    ] = 0.2,
    skip_broken: Annotated[
        bool, typer.Option("--skip-broken", help="Leave out what cannot be read.")
    ] = False,
    allow_transfer: Annotated[
        bool, typer.Option("--allow-transfer", help="Use sets outside their scope.")
    ] = False,
    allow_code: Code = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print problems only. 只显示问题。")
    ] = False,
) -> None:
    """Collect counties: completeness, one common replay, control totals, jumps, ranks. 汇总各县成果并复核。"""
    from gep.collection.counties import CollectionOptions
    from gep.terminal.collection import print_collection
    from gep.workflows.collect import collect_projects

    asked = CollectionOptions(
        standard=standard,
        coefficients=tuple(coefficients or ()),
        switches=_switches(switch or ()),
        prices=prices,
        years=tuple(dict.fromkeys(year or ())),
        controls=controls,
        regions=regions,
        alternatives=alternatives,
        jump=jump,
        skip_broken=skip_broken,
        allow_transfer=allow_transfer,
        allow_code=allow_code,
    )
    found = collect_projects(folder, out, asked)
    warn(found.warnings)
    if not quiet:
        print_collection(found)


def _switches(given: "list[str] | tuple[str, ...]") -> dict[str, str]:
    """NAME=OPTION as a mapping."""
    problems, found = ProblemLog(), {}
    for one in given:
        name, sign, option = one.partition("=")
        if not (name and sign and option):
            problems.add(
                "unknown-option", "--switch", f"switch reads {one!r}", "write --switch NAME=OPTION"
            )
        found[name] = option
    problems.raise_errors()
    return found
