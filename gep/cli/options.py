"""What the commands of the command line share: their common arguments, and how warnings are printed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gep.errors import Problem, list_problems
from gep.texts.catalogue import locale_language

ProjectPath = Annotated[
    Path, typer.Argument(help="Folder with project.toml. 含 project.toml 的文件夹。")
]
Code = Annotated[
    bool,
    typer.Option(
        "--allow-code",
        help="Run the project's own methods; read them first. 允许运行项目自带的代码。",
    ),
]
Partial = Annotated[
    bool,
    typer.Option(
        "--partial",
        help="Go on where data or coefficients lack; totals that need them are withheld.",
    ),
]


def warn(warnings: Sequence[Problem]) -> None:
    """Print warnings on standard error."""
    for line in list_problems(warnings, locale_language(), "problem.warning-heading"):
        typer.echo(line, err=True)


@contextmanager
def progress_bar(shown: bool) -> Iterator[Callable[[float], None] | None]:
    """A bar on standard error while draws are made, where that is a terminal."""
    if not shown:
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("抽样 draws", total=1.0)
        yield lambda share: bar.update(task, completed=share)
