"""The command of a province: `gep collect`."""

from pathlib import Path
from typing import Annotated

import typer

from gep.cli.options import Code, warn
from gep.errors import Problems


def collect(
    folder: Annotated[Path, typer.Argument(help="Folder that the counties' projects lie in. 各县项目所在文件夹。")],
    out: Annotated[Path | None, typer.Option("--out", help="Where to write (default: collected/ in it).")] = None,
    standard: Annotated[str, typer.Option(help="Standard that all are computed under. 统一核算规范。")] = "",
    coefficients: Annotated[
        list[str] | None, typer.Option(help="Common set, id or path, before the standard's own. 统一参数集，可写多次。")
    ] = None,
    switch: Annotated[list[str] | None, typer.Option(help="Common option: NAME=OPTION. 统一开关，可写多次。")] = None,
    prices: Annotated[str, typer.Option(help="current, or the year of constant prices. 价格基准。")] = "",
    year: Annotated[list[int] | None, typer.Option(help="Year wanted; may be repeated. 年份，可写多次。")] = None,
    controls: Annotated[Path | None, typer.Option(help="Control totals of the province. 省级控制数表。")] = None,
    regions: Annotated[Path | None, typer.Option(help="Table of regions and parents. 区域及上级表。")] = None,
    alternatives: Annotated[Path | None, typer.Option(help="Permitted alternatives (TOML). 允许的备选方案。")] = None,
    jump: Annotated[float, typer.Option(help="Yearly change that needs an explanation. 需说明的年变化幅度。")] = 0.2,
    skip_broken: Annotated[bool, typer.Option("--skip-broken", help="Leave out what cannot be read.")] = False,
    allow_transfer: Annotated[bool, typer.Option("--allow-transfer", help="Use sets outside their scope.")] = False,
    allow_code: Code = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print problems only. 只显示问题。")] = False,
) -> None:
    """Collect counties: completeness, one common replay, control totals, jumps, ranks. 汇总各县成果并复核。"""
    from gep.collection.options import Asked
    from gep.terminal.collection import print_collection
    from gep.workflows.collect import collect

    asked = Asked(
        standard=standard, coefficients=tuple(coefficients or ()), switches=_switches(switch or ()), prices=prices,
        years=tuple(dict.fromkeys(year or ())), controls=controls, regions=regions, alternatives=alternatives,
        jump=jump, skip_broken=skip_broken, allow_transfer=allow_transfer, allow_code=allow_code,
    )  # fmt: skip
    found = collect(folder, out, asked)
    warn(found.warnings)
    if not quiet:
        print_collection(found)


def _switches(given: "list[str] | tuple[str, ...]") -> dict[str, str]:
    """NAME=OPTION as a mapping."""
    problems, found = Problems(), {}
    for one in given:
        name, sign, option = one.partition("=")
        if not (name and sign and option):
            problems.add("unknown-option", "--switch", f"switch reads {one!r}", "write --switch NAME=OPTION")
        found[name] = option
    problems.raise_errors()
    return found
