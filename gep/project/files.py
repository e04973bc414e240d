"""The files that a project is made of, their checksums, and results that never overwrite them."""

from collections.abc import Sequence
from pathlib import Path

from gep.io.csv_excel import split_sheet
from gep.io.result_folder import cannot_write, display_path, sha256
from gep.plan.plan import Plan
from gep.project.project import Project


def refuse_inputs(
    project: Project,
    planned: Sequence[Plan],
    out: Path,
    names: Sequence[str],
    more: Sequence[Path] = (),
) -> None:
    """Results are never written over what they are made of, nor among the tables of a set."""
    sets = {one.path.resolve() for one in project.parts.sets}
    if out.resolve() in sets:
        raise cannot_write(out, "io.folder-of-set")
    inputs = {file.resolve() for file in (*files_of(project, planned), *more)}
    lost = [name for name in names if (out / name).resolve() in inputs]
    if lost:
        raise cannot_write(out, "io.input-lost", files=lost)


def files_of(project: Project, planned: Sequence[Plan]) -> list[Path]:
    """Every file that the project's plans are made of, a workbook without its sheet."""
    own = {step.method.file for plan in planned for step in plan.steps if step.method.file}
    return [split_sheet(file)[0] for file in (*project.parts.files, *sorted(own))]


def file_sums(project: Project, planned: Sequence[Plan]) -> dict[str, str]:
    """The checksum of every file that the project's plans are made of."""
    return {display_path(file, project.folder): sha256(file) for file in files_of(project, planned)}
