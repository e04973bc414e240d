"""The commands of performance evaluation: `gep assess`."""

from pathlib import Path
from typing import Annotated

import typer

from gep.cli_options import Code, Partial, ProjectPath, warn


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
    from gep.assessing import assess_project
    from gep.report.scores import print_assessment, print_folder

    found = assess_project(project, out, allow_code=allow_code, partial=partial, draws=draws, seed=seed)
    warn(found.warnings)
    if not quiet:
        for one in found.assessments:
            print_assessment(one, found.ground, found.project.language)
        print_folder(found.out, found.project.language)
