"""Checklists and sign-off (核对与核签): a standard held against its text, and what holds.

``write_checklist`` writes the workbook for two readers, ``sign_standard`` takes it back: what both
have confirmed goes into the sign-off file, what the text says otherwise into a list and a patch.
All files are written, or none.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from gep.errors import ProblemLog, ProblemsFound, worded_in
from gep.inputs.coefficients import CoefficientSet
from gep.io.catalog import shipped_folder
from gep.io.csv_tables import csv_text
from gep.io.result_folder import scratch_folder, sync_file, sync_folder
from gep.io.spreadsheets import put_new, refuse_existing, unwritten
from gep.plan.build import load_sets
from gep.report.checklist_workbook import make_checklist, write_checklist_workbook
from gep.standards.sign_off import (
    SIGNED_SUFFIX,
    SignedItem,
    SignOff,
    contents_of,
    read_signed_rows,
)
from gep.standards.standard import Standard, read_standard
from gep.texts.catalogue import Language, locale_language
from gep.workflows.filled_checklist import (
    FilledChecklist,
    Finding,
    load_filled_checklist,
    sheet_language,
)
from gep.workflows.standard_patch import CorrectedFiles, Correction

_DIFFERENCES_SUFFIX = ".differences.csv"
_BYTE_ORDER_MARK = "\ufeff"  # for Excel


@dataclass(frozen=True)
class WrittenChecklist:
    """A checklist that was written.

    Attributes
    ----------
    path : Path
    rows : int
    language : {'zh', 'en'}
    """

    path: Path
    rows: int
    language: Language


@dataclass(frozen=True)
class SignedStandard:
    """What came of a filled checklist.

    Attributes
    ----------
    standard : Standard
    language : {'zh', 'en'}
        That of the checklist.
    counts : mapping of str to int
        Of rows by what both readers answered: ``yes``, ``no``, ``absent``.
    by_hand : int
        Of the differences, those that no patch holds.
    verified, required : int
        Indicators and steps that are verified now, of all.
    sign_off, differences : Path or None
        The files that were written.
    patches : mapping of Path to Path
        Patches, with the folder in which each is applied.
    """

    standard: Standard
    language: Language
    counts: Mapping[str, int]
    by_hand: int
    verified: int
    required: int
    sign_off: Path | None
    differences: Path | None
    patches: Mapping[Path, Path]


def write_checklist(
    name: str, out: Path | None = None, *, language: Language | None = None
) -> WrittenChecklist:
    """Write the checklist of a standard, a workbook for two readers of its text.

    Parameters
    ----------
    name : str
        The id or path of a standard.
    out : Path, optional
        A new ``.xlsx``; by default ``ID-checklist.xlsx`` in the current folder.
    language : {'zh', 'en'}, optional
        By default that of the user's system.

    Returns
    -------
    WrittenChecklist

    Raises
    ------
    ProblemsFound
        What is wrong with the standard or its sets, ``file-exists`` and ``cannot-write``.
    """
    spoken = language or locale_language()
    with worded_in(spoken):
        standard, sets = _load(name)
        path = out or Path(f"{standard.id}-checklist.xlsx")
        rows = write_checklist_workbook(path, make_checklist(standard, sets, spoken))
    return WrittenChecklist(path, rows, spoken)


def sign_standard(
    name: str, sheet: Path, out: Path | None = None, *, language: Language | None = None
) -> SignedStandard:
    """Take back a filled checklist.

    Parameters
    ----------
    name : str
        The id or path of the standard.
    sheet : Path
        The workbook that two readers have filled in.
    out : Path, optional
        The folder to write to: that of the standard or of a project. By default the folder of the
        standard; the current folder for one that ships with gep.
    language : {'zh', 'en'}, optional
        Of messages; by default that of the user's system.

    Returns
    -------
    SignedStandard

    Raises
    ------
    ProblemsFound
        ``checklist`` for every fault of the workbook, what is wrong with the standard, with an
        earlier sign-off file (``sign-off``), ``file-exists`` and ``cannot-write``; nothing is
        written then.
    """
    spoken = language or locale_language()
    with worded_in(spoken):
        standard, sets = _load(name)
        problems = ProblemLog(spoken)
        written_in = sheet_language(sheet, problems)
        filled = None
        if written_in is not None:
            checklist = make_checklist(standard, sets, written_in)
            filled = load_filled_checklist(sheet, checklist, problems)
        if out is None:
            is_shipped = standard.path.is_relative_to(shipped_folder("standards"))
            out = Path() if is_shipped else standard.path.parent
        earlier = _earlier_rows(standard, out, problems)
        problems.raise_errors()
        if filled is None:
            raise ProblemsFound(problems.errors)
        return _sign(filled, earlier, out, spoken)


def _load(name: str) -> tuple[Standard, tuple[CoefficientSet, ...]]:
    """Load a standard and its default sets, without the grades that were signed before."""
    standard = read_standard(name)
    problems = ProblemLog()
    sets = load_sets((), _unsigned(standard), None, problems)
    problems.raise_errors()
    return standard, sets


def _unsigned(standard: Standard) -> Standard:
    """Return a standard without what was confirmed of it."""
    return Standard(standard.spec, standard.path, standard.base, standard.document)


def _earlier_rows(standard: Standard, out: Path, problems: ProblemLog) -> list[SignedItem]:
    """Return the rows of the sign-off file that is there already."""
    path = out / f"{standard.id}{SIGNED_SUFFIX}"
    return read_signed_rows(path, standard.id, problems) if path.exists() else []


def _sign(
    filled: FilledChecklist, earlier: Sequence[SignedItem], out: Path, language: Language
) -> SignedStandard:
    """Write what both readers have confirmed, and what they have found otherwise."""
    standard = filled.checklist.standard
    files = CorrectedFiles(standard, filled.checklist.sets)
    signed = {(row.kind, row.item): row for row in earlier}
    in_patch = set()
    counts = {"yes": 0, "no": 0, "absent": 0}
    for finding in filled.findings:
        counts[finding.answer] += 1
        content = finding.content
        signed.pop((content.kind, content.item), None)
        checksum: str | None = content.checksum
        if finding.answer != "yes":
            checksum = _corrected(files, finding)
        if checksum is not None:
            signed[content.kind, content.item] = _signed_item(filled, finding, checksum)
            if finding.answer == "no":
                in_patch.add(content.item)
    texts: dict[Path, str] = {}
    patches = files.patches()
    paths = {}
    for number, patch in enumerate(patches, 1):
        suffix = "" if number == 1 else f"-{number}"
        path = out / f"{standard.id}{suffix}.patch"
        texts[path] = patch.text
        paths[path] = patch.folder
    differences = [finding for finding in filled.findings if finding.answer != "yes"]
    if differences:
        rows = _difference_rows(standard, differences, in_patch)
        texts[out / f"{standard.id}{_DIFFERENCES_SUFFIX}"] = _BYTE_ORDER_MARK + csv_text(rows)
    sign_off = out / f"{standard.id}{SIGNED_SUFFIX}"
    frame = pd.DataFrame(list(signed.values()), columns=list(SignedItem._fields))
    replaced = {}
    if signed or earlier:
        replaced[sign_off] = _BYTE_ORDER_MARK + csv_text(frame)
    _write(out, texts, replaced)
    contents = list(contents_of(standard.document, standard.home_of))
    now = SignOff(signed)
    return SignedStandard(
        standard=standard,
        language=language,
        counts=counts,
        by_hand=counts["no"] - len(in_patch),
        verified=sum(map(now.confirms, contents)),
        required=len(contents),
        sign_off=sign_off if replaced else None,
        differences=out / f"{standard.id}{_DIFFERENCES_SUFFIX}" if differences else None,
        patches=paths,
    )


def _corrected(files: CorrectedFiles, finding: Finding) -> str | None:
    """Correct an item, and return the checksum of what the text says; None if that cannot be."""
    content = finding.content
    correction = Correction(content.item, finding.value, finding.unit, finding.clause)
    if finding.answer == "absent" or content.kind == "indicator":
        return None
    if content.kind == "step":
        return files.correct_step(correction)
    return files.correct_row(correction)


def _signed_item(filled: FilledChecklist, finding: Finding, checksum: str) -> SignedItem:
    """Return the row of an item that both readers have found in the text."""
    first, second = filled.readers
    return SignedItem(
        standard=filled.checklist.standard.id,
        kind=finding.content.kind,
        item=finding.content.item,
        checksum=checksum,
        edition=first.edition,
        sha256=first.sha256,
        page=finding.page,
        reader_1=first.name,
        reader_2=second.name,
        date=max(first.date, second.date),
    )


def _difference_rows(
    standard: Standard, findings: Sequence[Finding], in_patch: set[str]
) -> pd.DataFrame:
    """Return the table of what the text says otherwise, or does not say."""
    rows = []
    for finding in findings:
        row = {
            "standard": standard.id,
            "kind": finding.content.kind,
            "item": finding.content.item,
            "answer": finding.answer,
            "page": finding.page,
            "value": finding.value,
            "unit": finding.unit,
            "clause": finding.clause,
            "remark_1": finding.remarks[0],
            "remark_2": finding.remarks[1],
            "in_patch": "yes" if finding.content.item in in_patch else "no",
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _write(out: Path, new: Mapping[Path, str], replaced: Mapping[Path, str]) -> None:
    """Write all files or none: new ones where no file is, others in the place of earlier ones.

    Raises
    ------
    ProblemsFound
        ``file-exists`` or ``cannot-write``.
    """
    for path in new:
        refuse_existing(path)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            drafts = {}
            for path, content in {**new, **replaced}.items():
                scratch = stack.enter_context(scratch_folder(out))
                drafts[path] = scratch / "new" / path.name
                drafts[path].write_text(content, encoding="utf-8", newline="")
                sync_file(drafts[path])
            for path in new:
                put_new(drafts[path], path)
            for path in replaced:
                os.replace(drafts[path], path)
        sync_folder(out)
    except OSError as error:
        raise ProblemsFound([unwritten(out, error)]) from None
