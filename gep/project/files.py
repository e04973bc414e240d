"""The files that a project is made of, their checksums, and results that never overwrite them.

Reading the files belongs to ``gep.project.project``; writing results belongs to
``gep.io.result_folder``.
"""

from collections.abc import Sequence
from pathlib import Path

from gep.io.csv_excel import split_sheet
from gep.io.result_folder import cannot_write, display_path, sha256
from gep.plan.plan import Plan
from gep.project.project import Project


def refuse_inputs(
    project: Project,
    plans: Sequence[Plan],
    out: Path,
    names: Sequence[str],
    other_inputs: Sequence[Path] = (),
) -> None:
    """Refuse a folder where results would overwrite inputs or join the tables of a set.

    Parameters
    ----------
    project : Project
        The project whose results are about to be written.
    plans : sequence of Plan
        Its plans; files with methods of its own are inputs too.
    out : Path
        Folder for the results.
    names : sequence of str
        Names of the result files.
    other_inputs : sequence of Path, optional
        Further inputs, such as the tables of an assessment.

    Raises
    ------
    ProblemsFound
        ``cannot-write``.
    """
    for coefficient_set in project.parts.sets:
        if out.resolve() == coefficient_set.path.resolve():
            raise cannot_write(out, "io.folder-of-set")
    files = [*files_of(project, plans), *other_inputs]
    inputs = {file.resolve() for file in files}
    overwritten = [name for name in names if (out / name).resolve() in inputs]
    if overwritten:
        raise cannot_write(out, "io.input-lost", files=overwritten)


def files_of(project: Project, plans: Sequence[Plan]) -> list[Path]:
    """Return every file that the plans are made of, a workbook without the name of its sheet."""
    methods: set[Path] = set()
    for plan in plans:
        for step in plan.steps:
            if step.method.file:
                methods.add(step.method.file)
    files = [*project.parts.files, *sorted(methods)]
    return [split_sheet(file)[0] for file in files]


def file_sums(project: Project, plans: Sequence[Plan]) -> dict[str, str]:
    """Return the SHA-256 checksum of every file that the plans are made of, by path."""
    sums: dict[str, str] = {}
    for file in files_of(project, plans):
        sums[display_path(file, project.folder)] = sha256(file)
    return sums
