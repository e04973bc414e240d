"""Sign-off (核签): what two readers of an official text have confirmed of a standard.

The file ``ID.signed.csv`` beside a standard, or in the folder of a project, has a row for each
item that two readers found in the text as it is here. A row confirms what its checksum is of, and
nothing else: an item that was changed since is not verified any more. No text of a standard is
kept, and taking the file away takes everything back. How readers fill in a checklist is not known
here.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from gep.errors import ProblemLog
from gep.io.catalog import check_link
from gep.io.csv_excel import printable
from gep.io.result_folder import is_file_name
from gep.io.tables import Columns, is_date, read_table
from gep.standards.method import method_doc
from gep.texts.catalogue import Listed

ItemKind = Literal["indicator", "step", "coefficient"]
ITEM_KINDS: tuple[ItemKind, ...] = ("indicator", "step", "coefficient")
SIGNED_SUFFIX = ".signed.csv"
_SHA256 = re.compile("[0-9a-f]{64}")
# Of indicators and steps: ours, or listed apart. A checklist shows all other keys.
_NOT_OF_THE_TEXT = ("step", "note", "overlaps", "per_km2", "additive")
_CHECKSUM = 16  # digits of the checksum of an item
_NAMED = 5


class SignedItem(NamedTuple):
    """A row of a sign-off file: an item as two readers found it in the text.

    Attributes
    ----------
    standard : str
        The id of the standard.
    kind : {'indicator', 'step', 'coefficient'}
    item : str
        By which the item is known in the standard or in its sets.
    checksum : str
        Of the content that was confirmed.
    edition : str
        The edition that was read, in the words of the readers.
    sha256 : str
        Of the copy that both have read.
    page : str
    reader_1, reader_2 : str
    date : str
        The day on which the second of them was done, ``2026-11-29``.
    """

    standard: str
    kind: str
    item: str
    checksum: str
    edition: str
    sha256: str
    page: str
    reader_1: str
    reader_2: str
    date: str


class ItemContent(NamedTuple):
    """An item that can be confirmed, and the checksum of what it says."""

    kind: ItemKind
    item: str
    checksum: str


@dataclass(frozen=True)
class SignOff:
    """What was confirmed of a standard.

    Attributes
    ----------
    signed : mapping of (str, str) to SignedItem
        By kind and item.
    files : tuple of Path
        The sign-off files that were read.
    verified, required : int
        Of all indicators and steps, those that are as two readers found them in the text.
    """

    signed: Mapping[tuple[str, str], SignedItem] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    verified: int = 0
    required: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether every indicator and every step is verified."""
        return 0 < self.required == self.verified

    def confirms(self, content: ItemContent) -> bool:
        """Return whether two readers have confirmed an item as it is now."""
        row = self.signed.get((content.kind, content.item))
        return row is not None and row.checksum == content.checksum


SIGNED_COLUMNS = Columns(required=SignedItem._fields)


def content_checksum(content: object) -> str:
    """Return the checksum of the content of an item.

    Parameters
    ----------
    content : object
        What can be written as JSON; the order of keys does not matter.

    Returns
    -------
    str
        The beginning of its SHA-256, behind a letter, so that no spreadsheet takes it for a number.
    """
    words = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(words.encode("utf-8")).hexdigest()
    return f"c{digest[:_CHECKSUM]}"


HomeOf = Callable[[str], Path]  # the folder from which the file of a method starts


def contents_of(document: Mapping[str, Any], home_of: HomeOf) -> Iterator[ItemContent]:
    """Yield the indicators and steps of a standard: what a reader can confirm of them.

    Parameters
    ----------
    document : mapping of str to object
        The complete TOML.
    home_of : callable
        Takes the method of a step, and returns the folder from which its file starts.

    Yields
    ------
    ItemContent
        Shared steps first, as in the standard.
    """
    for step in document.get("step", ()):
        yield _step_content("", step, home_of)
    for indicator in document["indicator"]:
        yield ItemContent("indicator", indicator["id"], content_checksum(_stated(indicator)))
        for step in indicator["step"]:
            yield _step_content(f"{indicator['id']}.", step, home_of)


def _step_content(prefix: str, step: Mapping[str, Any], home_of: HomeOf) -> ItemContent:
    """Return a step with the checksum of what it says and of the equation of its method."""
    content = step_checksum(step, home_of(str(step["method"])))
    return ItemContent("step", step_item(prefix, step), content)


def step_checksum(step: Mapping[str, Any], home: Path) -> str:
    """Return the checksum of a step of a document, the equation of its method among it.

    Parameters
    ----------
    step : mapping of str to object
    home : Path
        The folder from which the file of its method starts.

    Returns
    -------
    str
    """
    equation = method_doc(str(step["method"]), home).formula
    return content_checksum({**_stated(step), "equation": equation})


def step_item(prefix: str, step: Mapping[str, Any]) -> str:
    """Return by what a step is known: its full name, and the options at which it is active.

    Parameters
    ----------
    prefix : str
        The id of its indicator and a point; blank for a shared step.
    step : mapping of str to object

    Returns
    -------
    str
    """
    words = [f"{prefix}{step['id']}"]
    for name, options in step.get("when", {}).items():
        listed = [options] if isinstance(options, str) else options
        words.append(f"{name}={'|'.join(listed)}")
    return " ".join(words)


def _stated(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a step or an indicator says of the text."""
    return {key: value for key, value in entry.items() if key not in _NOT_OF_THE_TEXT}


# --- files ----------------------------------------------------------------------------------------


def load_sign_off(
    standard_id: str,
    contents: Iterable[ItemContent],
    folders: Iterable[Path],
    problems: ProblemLog,
) -> SignOff:
    """Load what was confirmed of a standard.

    Parameters
    ----------
    standard_id : str
    contents : iterable of ItemContent
        Its indicators and steps as they are; asked for only where there is a file.
    folders : iterable of Path
        Where ``ID.signed.csv`` is looked for; of two rows of an item the later folder's counts.
    problems : ProblemLog
        Receives what is wrong with a table (see ``gep.io.tables``), ``sign-off`` for a row that
        cannot be a record of two readers, ``path-outside``, and the warning ``sign-off-changed``.

    Returns
    -------
    SignOff
        Empty if there is no file.
    """
    signed: dict[tuple[str, str], SignedItem] = {}
    files = []
    name = f"{standard_id}{SIGNED_SUFFIX}"
    places = dict.fromkeys(folder.resolve() for folder in folders)
    for folder in places if is_file_name(name) else ():
        path = folder / name
        if not path.is_file() or not check_link(path, folder, path.name, problems):
            continue
        files.append(path)
        for row in read_signed_rows(path, standard_id, problems):
            signed[row.kind, row.item] = row
    if not files:
        return SignOff()
    sign_off = SignOff(signed, tuple(files))
    listed = list(contents)
    verified = [content for content in listed if sign_off.confirms(content)]
    known = {(content.kind, content.item) for content in verified}
    changed = []
    for row in signed.values():
        if row.kind != "coefficient" and (row.kind, row.item) not in known:
            changed.append(row.item)
    report_changed(files[-1].name, changed, problems)
    return SignOff(signed, tuple(files), len(verified), len(listed))


def report_changed(label: str, items: list[str], problems: ProblemLog) -> None:
    """Warn (``sign-off-changed``) of items that are not as two readers confirmed them.

    Parameters
    ----------
    label : str
        The sign-off file, for messages.
    items : list of str
    problems : ProblemLog
    """
    if items:
        values = {"count": len(items), "items": Listed(tuple(items), _NAMED)}
        problems.add("sign-off-changed", label, "standards.sign-off-changed", **values)


def read_signed_rows(path: Path, standard_id: str, problems: ProblemLog) -> list[SignedItem]:
    """Read the rows of a sign-off file.

    Parameters
    ----------
    path : Path
    standard_id : str
    problems : ProblemLog
        See :func:`load_sign_off`.

    Returns
    -------
    list of SignedItem
        Those that are sound.
    """
    table = read_table(path, SIGNED_COLUMNS, problems)
    if table is None:
        return []
    rows = []
    items = set()
    names = list(SignedItem._fields)
    for position, cells in enumerate(table.frame[names].to_numpy()):
        row = SignedItem(*map(str, cells))
        column = _wrong_column(row, standard_id)
        if not column and (row.kind, row.item) in items:
            column = "item"
        items.add((row.kind, row.item))
        if not column:
            rows.append(row)
            continue
        value = printable(getattr(row, column))
        message = "standards.unsigned"
        if value:
            message = f"standards.signed-{column.replace('_', '-')}"
        place = table.place([position], column)
        problems.add("sign-off", place, message, value=value)
    return rows


def _wrong_column(row: SignedItem, standard_id: str) -> str:
    """Return the first column in which a row is no record of two readers; blank if none is."""
    for name in SignedItem._fields:
        if getattr(row, name) == "":
            return name
    if row.standard != standard_id:
        return "standard"
    if row.kind not in ITEM_KINDS:
        return "kind"
    if is_same_person(row.reader_1, row.reader_2):
        return "reader_2"
    if not is_sha256(row.sha256):
        return "sha256"
    return "" if is_date(row.date) else "date"


def is_same_person(first: str, second: str) -> bool:
    """Return whether two names are those of a single person, however they are spaced.

    Parameters
    ----------
    first, second : str

    Returns
    -------
    bool
    """
    return "".join(first.split()).casefold() == "".join(second.split()).casefold()


def is_sha256(word: str) -> bool:
    """Return whether a word can be a SHA-256 checksum.

    Parameters
    ----------
    word : str
        In small letters.

    Returns
    -------
    bool
        False for one of a single digit repeated too, which nobody's file has.
    """
    return _SHA256.fullmatch(word) is not None and len(set(word)) > 1
