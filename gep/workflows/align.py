"""Aligned copies of rasters (栅格对齐): files written anew on the grid of a reference.

What is asked is checked for all files before any is written. The copying itself is left to
``gep.extent.aligned_copies``.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from gep.errors import ProblemLog, ProblemsFound, worded_in
from gep.extent.aligned_copies import AlignedCopy, Resampling, align_raster
from gep.extent.rasters import open_raster, open_unaligned, split_variable
from gep.io.spreadsheets import unwritten
from gep.texts.catalogue import Language

_FOLDER = "aligned"


def align_rasters(
    files: Sequence[Path],
    like: Path,
    out: Path | None = None,
    *,
    how: Resampling | None = None,
    language: Language | None = None,
) -> list[AlignedCopy]:
    """Write copies of rasters on the grid of another one.

    Parameters
    ----------
    files : sequence of Path
        Rasters, with ``#variable`` or ``#band`` where they have several.
    like : Path
        The raster whose grid counts.
    out : Path, optional
        The folder of the copies; by default ``aligned`` beside each file. A copy has the name of
        its file, with the variable: ``pr_2019.nc#pr`` becomes ``pr_2019_pr.tif``.
    how : {'nearest', 'bilinear', 'average', 'mode'}, optional
        How pixels are resampled; by default ``nearest`` for codes and ``bilinear`` for quantities.
    language : {'zh', 'en'}, optional
        Language of messages; by default that of the user's system.

    Returns
    -------
    list of AlignedCopy

    Raises
    ------
    ProblemsFound
        The codes of ``open_raster`` and ``align_raster``; ``file-exists`` if a copy is there
        already, or would be that of two files.
    """
    with worded_in(language):
        problems = ProblemLog(language)
        reference = open_raster(like, problems, "--like")
        targets = [_target(file, out) for file in files]
        counts = Counter(targets)
        for file, target in zip(files, targets, strict=True):
            open_unaligned(file, problems, str(file))
            if target.exists():
                problems.add("file-exists", str(target), "io.file-exists")
            elif counts[target] > 1:
                problems.add("file-exists", str(target), "workflows.align.two-files")
        problems.raise_errors()
        assert reference is not None
        copies = []
        for file, target in zip(files, targets, strict=True):
            folder = target.parent
            is_new = not folder.exists()
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise ProblemsFound([unwritten(folder, error)]) from None
            try:
                copies.append(align_raster(file, reference, target, how))
            except ProblemsFound:
                if is_new:
                    folder.rmdir()
                raise
        return copies


def _target(file: Path, out: Path | None) -> Path:
    """Return the path of the copy of a file."""
    path, variable = split_variable(file)
    words = [path.stem]
    if variable:
        words.append(variable.replace("[", "_").replace("]", ""))
    folder = path.parent / _FOLDER if out is None else out
    return folder / f"{'_'.join(words)}.tif"
