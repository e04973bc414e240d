"""The commands of performance evaluation: `gep assess`, `gep record`."""

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.options import Code, Partial, ProjectPath, warn


def assess(
    project: ProjectPath,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write (default: out/ in the project).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print problems only. 只显示问题。")] = False,
    draws: Annotated[int, typer.Option(help="Draws for intervals of scores. 得分区间的抽样次数。", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the draws. 随机种子。", min=0)] = 0,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Apply the project's schemes: targets, scores, ranks, indices. 按方案考核：目标、得分、位次、指数。"""
    from gep.terminal.assessment import print_assessment, print_folder
    from gep.workflows.assess import assess_project

    found = assess_project(project, out, allow_code=allow_code, partial=partial, draws=draws, seed=seed)
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
    region: Annotated[str, typer.Option(help="Code of the region; blank: the whole result. 区域。")] = "",
    item: Annotated[str, typer.Option(help="Indicator, or total. 指标或 total。")] = "",
    old: Annotated[str, typer.Option(help="The number before. 原值。")] = "",
    new: Annotated[str, typer.Option(help="The number after. 新值。")] = "",
    reason: Annotated[str, typer.Option(help="Why. 理由。")] = "",
    at: Annotated[str, typer.Option(help="When (default: today). 日期。")] = "",
) -> None:
    """Add an entry to the log of a result: review, appeal, final. 在结果流程记录中添加一条。"""
    from gep.workflows.assess import record_entry

    log = record_entry(
        project, state=state, who=who, document=document, scheme=scheme, year=year, region=region, item=item, old=old,
        new=new, reason=reason, at=at,
    )  # fmt: skip
    typer.echo(f"{log.path}: {len(log.entries)} 条 entries; {log.head[:12]}")
