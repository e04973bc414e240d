"""What the commands of the command line share: their common arguments, and how warnings are printed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gep.errors import Problem, listed

ProjectPath = Annotated[Path, typer.Argument(help="Folder with project.toml. 含 project.toml 的文件夹。")]
Code = Annotated[
    bool, typer.Option("--allow-code", help="Run the project's own methods; read them first. 允许运行项目自带的代码。")
]
Partial = Annotated[
    bool, typer.Option("--partial", help="Go on where data or coefficients lack; totals that need them are withheld.")
]


def warn(warnings: Sequence[Problem]) -> None:
    """Print warnings on standard error."""
    for line in listed(warnings, "提示 warning "):
        typer.echo(line, err=True)
