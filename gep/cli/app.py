"""The command line: `gep run PROJECT` and its companions.

Exit status 0 done, 2 problems in the input, 1 a defect of ours.

Nothing heavy is imported before a command needs it, so that `gep --help` answers at once.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gep.cli.commands import assess, collect, compare, record, sensitivity
from gep.cli.options import Code, Partial, ProjectPath, progress_bar, warn
from gep.errors import ProblemsFound, make_problem

if TYPE_CHECKING:
    import pandas as pd

    from gep.workflows.run import ProjectRun

app = typer.Typer(
    name="gep",
    help="Gross Ecosystem Product accounts. 生态产品总值核算：由面积、数据和有来源的参数得到分区域、分年度的账户。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: rich would double the time to answer
    context_settings={"help_option_names": ["-h", "--help"]},
)
new = typer.Typer(
    help="Begin a project, a coefficient set or a standard. 新建项目、参数集或核算规范。",
    no_args_is_help=True,
)
app.add_typer(new, name="new")

app.command()(compare)
app.command()(sensitivity)
app.command()(assess)
app.command()(record)
app.command()(collect)


@app.command()
def run(
    project: ProjectPath,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where to write (default: out/ in the project). 结果文件夹。"),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print problems only. 只显示问题。")
    ] = False,
    draws: Annotated[
        int, typer.Option(help="Draws for intervals, 100 or more. 不确定性抽样次数。", min=0)
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the draws. 随机种子。", min=0)] = 0,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Check, compute and write an account. 检查、核算并写出结果。"""
    import gep

    with progress_bar(draws > 0 and not quiet) as progress:
        outcome = gep.run_project(
            project,
            out,
            allow_code=allow_code,
            partial=partial,
            draws=draws,
            seed=seed,
            progress=progress,
        )
    warn(outcome.warnings)
    if not quiet:
        _show(outcome)


@app.command()
def check(project: ProjectPath, partial: Partial = False, allow_code: Code = False) -> None:
    """Everything but computing: find all problems at once. 只检查，不核算。"""
    from gep.plan.plan import warnings_of
    from gep.project.project import check_project as check_project

    read, plans = check_project(project, allow_code=allow_code, partial=partial)
    warnings = list(dict.fromkeys([*read.warnings, *warnings_of(plans)]))
    warn(warnings)
    years = ", ".join(str(plan.year) for plan in plans)
    regions = len(plans[0].extent.regions)
    typer.echo(
        f"可以核算 ready: {read.spec.project.id}, {years}, {regions} 个区域 regions, {len(warnings)} 条提示 warnings"
    )


@app.command()
def plan(
    project: ProjectPath,
    csv: Annotated[
        bool, typer.Option("--csv", help="As CSV instead of a table. 以 CSV 输出。")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="A new .csv or .xlsx instead. 写成新文件。")
    ] = None,
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """The table an evaluator signs: every row used, before computing. 核算方案：每一行用到的数。"""
    import pandas as pd

    from gep.io.result_folder import safe_text
    from gep.io.spreadsheets import write_tables
    from gep.project.project import check_project as check_project
    from gep.terminal.account import print_plan

    _, plans = check_project(project, allow_code=allow_code, partial=partial)
    table = pd.concat([one.table() for one in plans], ignore_index=True)
    if out is not None:
        write_tables({out: {"plan": table}})
        _written(out, len(table))
    elif csv:
        typer.echo(safe_text(table).to_csv(index=False, lineterminator="\n"), nl=False)
    else:
        print_plan(plans, table)


@app.command()
def explain(
    project: ProjectPath,
    region: Annotated[
        str, typer.Option(help="Code or name of a region or parent. 区域代码或名称。")
    ],
    year: Annotated[int, typer.Option(help="Year of the account. 年份。")],
    indicator: Annotated[
        str,
        typer.Option(
            help="Id or name of an indicator; SCHEME:ITEM for a score. 核算科目，或 方案:项。"
        ),
    ],
    partial: Partial = False,
    allow_code: Code = False,
) -> None:
    """Take a number apart: formula, areas, parts, every row behind. 解释一个数的来历。"""
    from gep.account.account import account_from_plan
    from gep.account.lines import indicator_named, region_named
    from gep.project.project import check_project as check_project

    if ":" in indicator:
        from gep.workflows.assess import explain_score

        typer.echo(
            explain_score(project, region, year, indicator, allow_code=allow_code, partial=partial)
        )
        return
    read, plans = check_project(project, allow_code=allow_code, partial=partial)
    chosen = [one for one in plans if one.year == year]
    if not chosen:
        years = ", ".join(str(one.year) for one in plans)
        raise ProblemsFound(
            [
                make_problem(
                    "missing-year",
                    "--year",
                    f"the project has no account of {year}",
                    f"its years are: {years}",
                )
            ]
        )
    asked = indicator_named(chosen[0], indicator), region_named(chosen[0], region)
    typer.echo(str(account_from_plan(chosen[0]).explain(*asked, read.language)))


@app.command()
def verify(
    out: Annotated[
        Path,
        typer.Argument(help="Result folder with manifest.json, or its project. 结果文件夹或项目。"),
    ],
    project: Annotated[
        Path | None, typer.Option("--project", help="Where the project lies now, if moved.")
    ] = None,
    allow_code: Code = False,
) -> None:
    """Recompute a result and name what differs. 按运行记录重新核算并指出差异。"""
    import gep

    if not (out / "manifest.json").exists() and (out / "out" / "manifest.json").is_file():
        out = out / "out"
    found = gep.verify(out, project, allow_code=allow_code)
    if found:
        raise ProblemsFound(found)
    typer.echo(
        "一致：重新核算的结果与文件完全相同 the same: the result was recomputed and agrees in full"
    )


@app.command()
def catalog(
    kind: Annotated[
        str,
        typer.Argument(
            help="standards, switches, data, sets, methods, classes, crosswalks, problems or units"
        ),
    ] = "",
    csv: Annotated[bool, typer.Option("--csv", help="As CSV. 以 CSV 输出。")] = False,
) -> None:
    """What ships: standards, sets, methods with units, class schemes, crosswalks. 目录。"""
    from gep.report import reference
    from gep.terminal.account import print_table

    kinds = [kind] if kind else list(reference.KINDS)
    for one in kinds:
        if one not in reference.TABLES:
            known = ", ".join(reference.TABLES)
            raise ProblemsFound(
                [
                    make_problem(
                        "unknown-id",
                        "catalog",
                        f"there is no catalogue of {one!r}",
                        f"known are: {known}",
                    )
                ]
            )
        table = reference.TABLES[one]()
        if csv:
            typer.echo(table.to_csv(index=False, lineterminator="\n"), nl=False)
        else:
            print_table(one, table)


@app.command()
def form(
    project: ProjectPath,
    out: Annotated[
        Path | None, typer.Option("--out", help="A new .xlsx or .csv for it. 写成新文件。")
    ] = None,
    coefficients: Annotated[
        Path | None,
        typer.Option(
            "--coefficients", help="A new file for the coefficients that lack. 缺少的参数另写一表。"
        ),
    ] = None,
    allow_code: Code = False,
) -> None:
    """The blank input table that the plan lacks, as CSV or a file. 缺少的数据的空白填报表。"""
    from gep.io.spreadsheets import write_tables
    from gep.plan.blank_form import PASSED, blank_form
    from gep.project.project import build_plans, read_project

    read = read_project(project, allow_code=allow_code)
    found = blank_form(build_plans(read, PASSED), read.language)
    if coefficients is None and out is not None and out.suffix.lower() == ".xlsx":
        coefficients = out
    files: dict[Path, dict[str, pd.DataFrame]] = {}
    for path, title, table in (
        (out, "data", found.data),
        (coefficients, "coefficients", found.coefficient_rows),
    ):
        if path is not None and not table.empty:
            files.setdefault(path, {})[title] = table
    write_tables(files)
    if out is None:
        typer.echo(found.data.to_csv(index=False, lineterminator="\n"), nl=False)
    for path, tables in files.items():
        _written(path, *map(len, tables.values()))
    if found.data.empty:
        typer.echo("不缺数据 no data is missing", err=True)
    for name in found.coefficients:
        typer.echo(f"参数也缺 a coefficient lacks too: {name}", err=True)


@new.command("project")
def new_project(
    name: Annotated[Path, typer.Argument(help="Folder to make. 新文件夹。")],
    standard: Annotated[
        str,
        typer.Option(help="The standard that the assignment names, or unknown. 任务书指定的规范。"),
    ] = "",
) -> None:
    """A project to fill in. 新建核算项目。"""
    from gep.workflows.templates import choices
    from gep.workflows.templates import new_project as make

    if not standard:
        question = "任务书指定哪个核算规范？Which standard does the assignment name?"
        known = "\n".join(f"  {line}" for line in choices())
        if not sys.stdin.isatty():
            typer.echo(f"{question}\n{known}", err=True)
            fix = "--standard with an id of this list, or with the path of your own"
            raise ProblemsFound(
                [make_problem("missing-answer", "--standard", "no standard is named", fix)]
            )
        standard = typer.prompt(f"{question}\n{known}\n编号或路径 id or path")
    made = make(name, standard)
    typer.echo(f"{made}: 填好 fill in areas.csv, years, regions.csv")
    typer.echo(f"再运行 then: gep check {made}; gep form {made} --out form.xlsx; gep run {made}")


@new.command("set")
def new_set(name: Annotated[Path, typer.Argument(help="Folder to make. 新文件夹。")]) -> None:
    """A coefficient set to fill in. 新建参数集。"""
    from gep.workflows.templates import new_coefficient_set as make

    made = make(name)
    typer.echo(f"{made}: 参数填入 numbers.csv，来源登记在 sources.toml")
    typer.echo("numbers go into numbers.csv, their documents into sources.toml")


@new.command("standard")
def new_standard(name: Annotated[Path, typer.Argument(help="File to make. 新文件。")]) -> None:
    """A standard of one indicator that runs. 新建核算规范。"""
    from gep.workflows.templates import new_standard as make

    made = make(name)
    typer.echo(f'{made}: 在项目中写 name it in a project: standard = "./{made.name}"')


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version. 版本。")] = False,
) -> None:
    if version:
        from gep import __version__

        typer.echo(f"gep {__version__}")
        raise typer.Exit


def _written(path: Path, *rows: int) -> None:
    typer.echo(
        f"{path}: {' + '.join(map(str, rows))} 行 rows", err=True
    )  # stdout may be the table itself


def _show(outcome: "ProjectRun") -> None:
    from gep.terminal.account import print_account, print_files

    for account in outcome.accounts:
        print_account(account, outcome.project.spec.project.title, outcome.project.language)
    if outcome.uncertainty is not None:
        from gep.terminal.uncertainty import print_intervals

        print_intervals(outcome.uncertainty, outcome.accounts[-1], outcome.project.language)
    print_files(outcome.out, outcome.project.language)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a GBK console has no superscripts
    try:
        app(args=None if arguments is None else list(arguments), prog_name="gep")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except ProblemsFound as found:
        typer.echo(str(found), err=True)
        return 2
    return 0
