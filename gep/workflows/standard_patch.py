"""Corrections as a patch (差异补丁): what a text says instead, to be reviewed and applied.

The module owns how a number of a set and a clause or unit of a step are changed in their files, all
else as it was, and the unified diff that ``git apply`` and ``patch -p1`` take. What cannot be
changed so is left to people.
"""

import copy
import csv
import difflib
import io
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

import tomlkit

from gep.inputs.coefficients import CoefficientSet
from gep.inputs.signed_rows import row_content
from gep.io.catalog import shipped_folder
from gep.standards.sign_off import step_checksum, step_item
from gep.standards.standard import Standard

_MARK = "\ufeff"  # with which Excel begins a CSV
_FIRST_ROW = 2  # below the header, as a spreadsheet counts


class Correction(NamedTuple):
    """What a text says instead.

    Attributes
    ----------
    item : str
        See ``gep.standards.sign_off``.
    value, unit, clause : str
        Blank where the text says the same. The clause is the locator of a coefficient.
    """

    item: str
    value: str
    unit: str
    clause: str


class Patch(NamedTuple):
    """A unified diff, and the folder in which it is applied.

    Attributes
    ----------
    folder : Path
    text : str
    """

    folder: Path
    text: str


@dataclass
class CorrectedFiles:
    """The files of a standard and its sets with corrections in them.

    Attributes
    ----------
    standard : Standard
    sets : sequence of CoefficientSet
    before, after : dict of Path to str
        The contents of the files that change.
    """

    standard: Standard
    sets: Sequence[CoefficientSet]
    before: dict[Path, str] = field(default_factory=dict)
    after: dict[Path, str] = field(default_factory=dict)

    def correct_step(self, correction: Correction) -> str | None:
        """Correct clause and unit of a step in the file of the standard.

        Parameters
        ----------
        correction : Correction

        Returns
        -------
        str or None
            The checksum of the corrected step; None, and nothing changes, where the file does not
            have it or it is not a matter of clause and unit.
        """
        changes = _filled(clause=correction.clause, unit=correction.unit)
        path = self.standard.path
        content = self._content(path)
        if correction.value or not changes or content is None:
            return None
        changed = _with_step(content, correction.item, changes)
        if changed is None:
            return None
        step = _step_of(tomllib.loads(changed), correction.item)
        if step is None:
            return None
        self.after[path] = changed
        return step_checksum(step, self.standard.home_of(str(step["method"])))

    def correct_row(self, correction: Correction) -> str | None:
        """Correct number, unit and locator of a row in the file of a set.

        Parameters
        ----------
        correction : Correction

        Returns
        -------
        str or None
            The checksum of the corrected row; None, and nothing changes, where the row is not found
            as it was read.
        """
        changes = _filled(
            value=correction.value,
            unit=correction.unit,
            locator=correction.clause,
        )
        coefficients, row = self._row(correction.item)
        if coefficients is None or not changes:
            return None
        path = coefficients.path / Path(str(row["file"])).name
        content = self._content(path)
        if content is None:
            return None
        changed = _with_row(content, row, changes)
        if changed is None:
            return None
        self.after[path] = changed
        corrected = {**row, **changes}
        content_after = row_content(coefficients.header.id, corrected)
        return content_after.checksum

    def _row(self, item: str) -> tuple[CoefficientSet | None, Mapping[str, Any]]:
        """Return a row by its item, and the set that has it."""
        for coefficients in self.sets:
            for record in coefficients.rows.to_dict("records"):
                row = cast(Mapping[str, Any], record)
                content = row_content(coefficients.header.id, row)
                if content.item == item:
                    return coefficients, row
        return None, {}

    def _content(self, path: Path) -> str | None:
        """Return a file with the corrections so far; None where it cannot be read as UTF-8."""
        if path not in self.after:
            try:
                self.before[path] = path.read_bytes().decode("utf-8")
            except (OSError, UnicodeDecodeError):
                return None
            self.after[path] = self.before[path]
        return self.after[path]

    def patches(self) -> list[Patch]:
        """Return a patch for each folder in which there are changed files.

        Returns
        -------
        list of Patch
            That of the standard first.
        """
        by_folder: dict[Path, list[str]] = {}
        for path, before in self.before.items():
            after = self.after[path]
            if before != after:
                folder = self._folder(path)
                name = path.relative_to(folder).as_posix()
                texts = by_folder.setdefault(folder, [])
                texts.append(_diff(name, before, after))
        return [Patch(folder, "".join(texts)) for folder, texts in by_folder.items()]

    def _folder(self, path: Path) -> Path:
        """Return the folder that the names in a patch start from."""
        for kind in ("standards", "coefficients"):
            if path.is_relative_to(shipped_folder(kind)):
                return shipped_folder("standards").parent.parent
        if path.is_relative_to(self.standard.path.parent):
            return self.standard.path.parent
        return path.parent.parent


def _filled(**changes: str) -> dict[str, str]:
    """Return the changes that say something."""
    return {key: word for key, word in changes.items() if word}


# --- steps in TOML --------------------------------------------------------------------------------


def _with_step(content: str, item: str, changes: Mapping[str, str]) -> str | None:
    """Return a standard with other keys of a step; None if it does not have the step itself."""
    is_windows = "\r\n" in content
    plain = content.replace("\r\n", "\n")
    expected = copy.deepcopy(tomllib.loads(plain.removeprefix(_MARK)))
    mark = _MARK if plain.startswith(_MARK) else ""
    document = tomlkit.parse(plain.removeprefix(_MARK))
    for tables in (expected, document):
        step = _step_of(tables, item)
        if step is None:
            return None
        for key, word in changes.items():
            step[key] = word
    written = tomlkit.dumps(document)
    if tomllib.loads(written) != expected:
        return None
    return mark + (written.replace("\n", "\r\n") if is_windows else written)


def _step_of(document: Mapping[str, Any], item: str) -> Any:
    """Return the table of a step by its item; None if the document has none, or several."""
    steps = [("", step) for step in document.get("step", ())]
    for indicator in document.get("indicator", ()):
        prefix = f"{indicator.get('id')}."
        steps += [(prefix, step) for step in indicator.get("step", ())]
    matching = [step for prefix, step in steps if step_item(prefix, step) == item]
    return matching[0] if len(matching) == 1 else None


# --- rows in CSV ----------------------------------------------------------------------------------


def _with_row(content: str, row: Mapping[str, Any], changes: Mapping[str, str]) -> str | None:
    """Return a table with other cells of a row; None if the row is not where it was read."""
    lines = _lines(content)
    records = csv.reader(lines)
    header = next(records)
    header[0] = header[0].removeprefix(_MARK)
    spans = []
    first = records.line_num
    for record in records:
        spans.append((first, records.line_num, record))
        first = records.line_num
    position = int(row["row"]) - _FIRST_ROW
    if not 0 <= position < len(spans):
        return None
    first, last, record = spans[position]
    cells = dict(zip(header, record, strict=False))
    is_same = cells.get("coefficient") == row["name"] and cells.get("unit") == row["unit"]
    if not is_same or len(record) != len(header) or not changes.keys() <= cells.keys():
        return None
    end = "\r\n" if lines[last - 1].endswith("\r\n") else "\n"
    if last == len(lines) and not lines[-1].endswith("\n"):
        end = ""
    written = io.StringIO()
    csv.writer(written, lineterminator=end).writerow({**cells, **changes}.values())
    return "".join([*lines[:first], written.getvalue(), *lines[last:]])


# --- diffs ----------------------------------------------------------------------------------------


def _lines(content: str) -> list[str]:
    """Return the lines of a text with their ends, which are line feeds only."""
    return [line for line in content.replace("\n", "\n\0").split("\0") if line]


def _diff(name: str, before: str, after: str) -> str:
    """Return the unified diff of a file."""
    end = "\t" if " " in name else ""  # by which patch knows where a name with blanks ends
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{name}{end}", f"b/{name}{end}")
    return "".join(_ended(lines))


def _ended(lines: Iterable[str]) -> list[str]:
    """Return the lines of a diff, the last of a file without a line feed marked as such."""
    ended = []
    for line in lines:
        is_whole = line.endswith("\n")
        ended.append(line if is_whole else f"{line}\n\\ No newline at end of file\n")
    return ended
