"""Wide tables (宽表): tables as offices and papers make them, taken apart into single cells.

The module owns how such a table is read: where its heads and numbers are, what its rows, columns
and titles say of each number, and which rows and columns are totals of others. Which words mean
what is told by a ``Vocabulary``; the module knows neither classes nor regions. It guesses nothing
in silence: what it understood is in the ``WideTable``, and what is not clear is a problem that
names the option with the answer.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.io.csv_excel import Display, printable, row_place
from gep.io.distinct_cells import Cells
from gep.io.grid import CellGrid, address, column_letters
from gep.io.tables import (
    Table,
    check_cells,
    is_total,
    plain_spelling,
    read_numbers,
)
from gep.texts.catalogue import Text, text

VALUE = "value"  # role of a column of numbers
SKIPPED = "skip"  # role of a column or row that is left out
GROUP = "group"  # role of a column of labels that are not known, over those that are
YEAR = "year"
UNIT = "unit"
_ROLES = (VALUE, SKIPPED, GROUP)
_OWN_DIMENSIONS = (YEAR, UNIT)  # read by this module, whatever the table is about

_BRACKETS = re.compile(r"[(\uff08【\[]([^()\uff08\uff09【】\[\]]*)[)\uff09】\]]")
_UNIT_WORD = re.compile(
    r"(?:计量|面积)?单\s*位\s*[:\uff1a]\s*([^\s,\uff0c;\uff1b、()\uff08\uff09]+)|\bunits?\s*[:\uff1a]\s*(\S+)",
    re.I,
)
_YEAR_ALONE = re.compile(r"((?:19|20)\d\d)\s*(?:年度|年末|年底|年)?", re.ASCII)
_YEARS_AMID = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)", re.ASCII)
_YEAR_WORDS = re.compile(r"(?<!\d)(?:19|20)\d\d\s*(?:年度|年末|年底|年)?(?!\d)", re.ASCII)
_NUMBERING = re.compile(
    r"^(?:其中\s*[:\uff1a]?|[(\uff08]?[一二三四五六七八九十]+[)\uff09]?[、.．]|[(\uff08]\d{1,2}[)\uff09]|\d{1,2}[、．]|\d{1,2}\.(?!\d))\s*"
)
_CODE_BESIDE = re.compile(
    r"(\w{2,12}?)[\s(\uff08]+([^\s()\uff08\uff09]+)[)\uff09]?|([^\s()\uff08\uff09\d]+)\s*[(\uff08]?(\d\w{1,11})[)\uff09]?"
)
_REMARK_ROW = re.compile(
    r"^(注|备注|说明|数据来源|资料来源|notes?|sources?)\s*\d*\s*[:\uff1a]"
    r"|^(填[报表]|制表|审核|单位负责人|统计负责人|报出日期)",
    re.I,
)
_UNIT_ROW = re.compile(r"(计量|面积)?单\s*位\s*[:\uff1a]|units?\s*[:\uff1a]", re.I)
_NUMBER_LIKE = re.compile(r"[+-]?[\d,]*\.?\d+(?:[eE][+-]?\d+)?\s*[%％]?", re.ASCII)
_ORDINALS = ("甲", "乙", "丙", "丁", "戊")
_CODE_IN_LABEL = re.compile(r"(?<![\w.])\d{1,6}[A-Z]?(?![\w.])", re.ASCII)
_EDGES = re.compile(r"^[\s,\uff0c:\uff1a/、]+|[\s,\uff0c:\uff1a/、]+$")
_DASHES = ("-", "--", "—", "——", "－", "–", "/")  # written where there is no number
_LEAST_COVERED = 0.5  # of the columns, from which a row above the numbers is one of heads
_LEAST_KNOWN = 0.5  # of the words of a column, from which it is of a dimension
_DECIMALS = 6  # of numbers whose rounding is looked at
_SHORTEST_CODE = 3  # digits that a row of codes has in each cell
# The sum of n numbers that are rounded by at most h has a standard deviation of h * sqrt(n / 3).
_DEVIATIONS = 4
_MOST_SUMMED = 400  # rows or columns among which a total is sought


@dataclass(frozen=True)
class Vocabulary:
    """What the words of a table mean.

    Attributes
    ----------
    members : mapping of str to callable
        By dimension, such as ``region``, a function from a word to the member that it means; blank
        for words that are none.
    heads : mapping of str to str
        What a word over a column says of it, by its plain spelling: a dimension, ``VALUE``, or
        ``SKIPPED``.
    inside : mapping of str to callable
        By dimension, a function from a title to the members that are named in it.
    required : tuple of str
        Dimensions of which every number needs a member.
    defaults : mapping of str to Constant
        By dimension, the member that is meant where the table names none.
    above : mapping of str to callable
        By dimension, a function from a member to those that contain it: a row of one of them is a
        total.
    groups : frozenset of str
        Plain spellings of labels that are known to be groups of members, as 湿地 of 内陆滩涂, and
        may be a total of one member alone.
    """

    members: Mapping[str, Callable[[str], str]]
    heads: Mapping[str, str]
    inside: Mapping[str, Callable[[str], tuple[str, ...]]]
    required: tuple[str, ...]
    defaults: Mapping[str, "Constant"] = field(default_factory=dict)
    above: Mapping[str, Callable[[str], Sequence[str]]] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answers:
    """What the user says of a table.

    Attributes
    ----------
    roles : mapping of str to str
        Dimension or ``VALUE`` by the letters of a column.
    skip : frozenset of str
        Labels, numbers of rows, and letters of columns that are left out.
    meanings : mapping of str to str
        By label, the word that is read instead of it.
    constants : mapping of str to str
        By dimension, the member of all numbers whose rows and columns name none.
    first_row : int
        The first row with numbers; 0 if it is to be found.
    optional : frozenset of str
        Labels of ``meanings`` that the table need not have, as those of a table of classes.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    skip: frozenset[str] = frozenset()
    meanings: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    first_row: int = 0
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """A row or a column of the numbers: what it says of them.

    Attributes
    ----------
    number : int
        Row or column, from 1.
    label : str
        Its labels as written.
    members : mapping of str to str
        What its labels mean, by dimension.
    group : str
        The label of a group in which it is, such as 林地 over 小计.
    total : str
        The word for a total; blank if it is none.
    unknown : str
        A label that is not recognized; blank if there is none.
    dimension : str
        The dimension of ``total`` or ``unknown``; blank if the labels do not say.
    skip : Text or None
        Why it is left out.
    parts : tuple of int
        Of a total, the rows or columns whose sum it is.
    difference : float
        Of a total, by how much it differs from the sum of its parts at most, within their rounding.
    across : frozenset of str
        Of a total, the dimensions over which it is.
    below : tuple of int
        Of a member that contains others, as a county does its townships, their rows or columns.
    """

    number: int
    label: str = ""
    members: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    total: str = ""
    unknown: str = ""
    dimension: str = ""
    skip: Text | None = None
    parts: tuple[int, ...] = ()
    difference: float = 0.0
    across: frozenset[str] = frozenset()
    below: tuple[int, ...] = ()

    @property
    def is_leaf(self) -> bool:
        """Whether its numbers are neither totals nor left out."""
        return not self.total and not self.unknown and self.skip is None


@dataclass(frozen=True)
class WideCell:
    """A number of a wide table.

    Attributes
    ----------
    row, column : int
        Where it is, from 1.
    written : str
        The number as it is written in our tables; ``na`` for none.
    members : mapping of str to str
        What rows, columns and titles say of it, by dimension.
    labels : tuple of str
        The labels of its row and column, as written.
    """

    row: int
    column: int
    written: str
    members: Mapping[str, str]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Constant:
    """What holds for all numbers of a table: the member, and the place that says so."""

    member: str
    origin: Text | str


@dataclass(frozen=True)
class Layout:
    """Where the parts of a table are.

    Attributes
    ----------
    titles, heads, body : tuple of int
        Rows of titles, of heads, and of numbers.
    notes : tuple of int
        Rows below the first number that have none.
    roles : mapping of int to str
        By column its dimension, ``VALUE``, ``GROUP`` or ``SKIPPED``; blank if not understood.
    """

    titles: tuple[int, ...]
    heads: tuple[int, ...]
    body: tuple[int, ...]
    notes: tuple[int, ...]
    roles: Mapping[int, str]

    def of_role(self, role: str) -> list[int]:
        """Return the columns of a role."""
        return [column for column, name in self.roles.items() if name == role]

    @property
    def labels(self) -> list[int]:
        """The columns that say what a row is."""
        return [column for column, role in self.roles.items() if role and role not in _ROLES]


@dataclass(frozen=True)
class WideTable:
    """A wide table as it was understood.

    Attributes
    ----------
    grid : CellGrid
    layout : Layout
    rows, columns : tuple of Line
        The rows and columns of its numbers.
    constants : mapping of str to Constant
        What holds for all numbers, by dimension.
    cells : tuple of WideCell
        Its numbers, without totals.
    blanks, dashes : int
        Cells without a number, and cells with a dash, which give no number either.
    """

    grid: CellGrid
    layout: Layout
    rows: tuple[Line, ...]
    columns: tuple[Line, ...]
    constants: Mapping[str, Constant]
    cells: tuple[WideCell, ...]
    blanks: int
    dashes: int


# --- words ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Word:
    """A label of a table, and what it says."""

    label: str
    members: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    is_total: bool = False
    is_unknown: bool = False
    is_skipped: bool = False


class _Reader:
    """Reads words by a vocabulary and by what the user said."""

    def __init__(self, vocabulary: Vocabulary, answers: Answers) -> None:
        self.vocabulary = vocabulary
        self.answers = answers
        self._skip = {plain_spelling(word) for word in answers.skip}
        self._meanings = {plain_spelling(key): word for key, word in answers.meanings.items()}
        self._words: dict[tuple[str, str], _Word] = {}

    def read(self, label: str, dimension: str = "") -> _Word:
        """Return what a label says; with a dimension, of that dimension alone."""
        key = (label, dimension)
        if key not in self._words:
            self._words[key] = self._read(label, dimension)
        return self._words[key]

    def is_member(self, label: str, dimension: str) -> bool:
        """Return whether a label means a member of a dimension, as it is or as the user says."""
        return bool(self._member(self._meaning(label)[0], dimension))

    def is_skipped(self, label: str) -> bool:
        """Return whether the user leaves a label out."""
        return plain_spelling(label) in self._skip

    def _read(self, label: str, dimension: str) -> _Word:
        if plain_spelling(label) in self._skip:
            return _Word(label, is_skipped=True)
        meaning, further = self._meaning(label)
        if dimension and self._role(meaning):
            return _Word(label, role=self._role(meaning), is_unknown=True)
        if dimension:
            member = self._member(meaning, dimension)
            if member:
                return _Word(label, {**further, dimension: member})
            total = is_total(_without_numbering(meaning))
            return _Word(label, is_total=total, is_unknown=not total)
        members, rest = self._split(meaning)
        members.update(further)
        role = self._role(rest)
        if not rest or role:
            return _Word(label, members, role)
        for name in self.vocabulary.members:
            member = self._member(rest, name)
            if member and name not in _OWN_DIMENSIONS:
                return _Word(label, {**members, name: member})
        total = is_total(_without_numbering(rest))
        return _Word(label, members, is_total=total, is_unknown=not total)

    def _meaning(self, label: str) -> tuple[str, dict[str, str]]:
        """Return the word that is read for a label, and members said with it: ``substance=SO2``."""
        meaning = self._meanings.get(plain_spelling(label))
        if meaning is None:
            return label, {}
        words = []
        members = {}
        for word in meaning.split(" "):
            dimension, sign, member = word.partition("=")
            if sign:
                members[dimension] = self._member(member, dimension) or member
            else:
                words.append(word)
        return " ".join(words), members

    def _role(self, word: str) -> str:
        """Return what a head says of its column; remarks in brackets may be left out."""
        heads = self.vocabulary.heads
        shorter = _BRACKETS.sub("", word)
        return heads.get(plain_spelling(word), "") or heads.get(plain_spelling(shorter), "")

    def _split(self, label: str) -> tuple[dict[str, str], str]:
        """Take the unit in brackets and the year out of a label."""
        members = {}
        if self._member(label, UNIT):
            return {UNIT: self._member(label, UNIT)}, ""
        rest = label
        for match in _BRACKETS.finditer(label):
            unit = self._member(_without_unit_word(match.group(1)), UNIT)
            if unit:
                members[UNIT] = unit
                rest = rest.replace(match.group(), "")
        years = set(_YEARS_AMID.findall(rest))
        if len(years) == 1 and not (rest.isdigit() and len(rest) != len("2020")):
            members[YEAR] = years.pop()
            rest = _YEAR_WORDS.sub("", rest)
        return members, _EDGES.sub("", rest)

    def _member(self, word: str, dimension: str) -> str:
        """Return the member of a dimension that a word means; blank if that is none or unclear."""
        if dimension == YEAR:
            match = _YEAR_ALONE.fullmatch(unicodedata.normalize("NFKC", word))
            return match.group(1) if match else ""
        find = self.vocabulary.members.get(dimension)
        if find is None:
            return ""
        if find(word):
            return find(word)
        if dimension == UNIT:
            return find(_without_unit_word(word)) if _UNIT_WORD.search(word) else ""
        plain = _without_numbering(word)
        meant = {find(plain)}
        match = _CODE_BESIDE.fullmatch(plain)
        if match:  # 0301 乔木林地, 乔木林地（0301）: code and name must mean the same
            meant |= {find(part) for part in match.groups() if part}
        meant.discard("")
        return meant.pop() if len(meant) == 1 else ""


def _without_numbering(label: str) -> str:
    """Return a label without what numbers it or sets it in: 其中：, 一、, 1."""
    return _NUMBERING.sub("", label.strip()).strip()


def _without_unit_word(label: str) -> str:
    """Return the unit behind the word for unit: 公顷 for 单位：公顷."""
    match = _UNIT_WORD.search(label)
    return next(filter(None, match.groups())) if match else label.strip()


def _looks_number(word: str) -> bool:
    """Return whether a cell holds digits as a number has them."""
    plain = unicodedata.normalize("NFKC", word).replace(" ", "")
    return _NUMBER_LIKE.fullmatch(plain) is not None


# --- layout ---------------------------------------------------------------------------------------


def _find_layout(grid: CellGrid, reader: _Reader) -> Layout | None:
    """Find where titles, heads and numbers are; None if there are no numbers below a head."""
    first_row = reader.answers.first_row or _first_row(grid, reader)
    if not first_row:
        return None
    layout = _layout_from(grid, first_row, reader)
    if not reader.answers.first_row:
        for row in sorted(layout.titles + layout.heads, reverse=True):
            if not _names_members(grid, layout, row, reader):
                break
            first_row = row  # its number is no number, or was never calculated
        layout = _layout_from(grid, first_row, reader)
    return layout if layout.body else None


def _layout_from(grid: CellGrid, first_row: int, reader: _Reader) -> Layout:
    """Find the parts of a table whose numbers begin in a row."""
    below = [row for row in grid.rows if row >= first_row]
    used = sorted({column for row, column in grid.cells if row >= first_row})
    heads = _head_rows(grid, first_row, used)
    roles = {
        column: _column_role(
            grid,
            column,
            below,
            heads,
            reader,
        )
        for column in used
    }
    named = [column for column in used if roles[column] and roles[column] not in _ROLES]
    for column in used:
        if not roles[column] and named and column < named[-1]:
            roles[column] = GROUP
    layout = Layout(
        (),
        tuple(heads),
        (),
        (),
        roles,
    )
    numeric = [row for row in below if _has_number(grid, row, layout)]
    body = []
    for row in below:
        is_amid = bool(numeric) and row < numeric[-1] and _has_content(grid, row, layout)
        is_named = _names_members(grid, layout, row, reader) and _has_content(grid, row, layout)
        if row in numeric or is_amid or is_named:
            body.append(row)
    return Layout(
        titles=tuple(row for row in grid.rows if row < first_row and row not in heads),
        heads=tuple(heads),
        body=tuple(body) if numeric else (),
        notes=tuple(row for row in below if row not in body),
        roles=roles,
    )


def _has_number(grid: CellGrid, row: int, layout: Layout) -> bool:
    """Return whether a row has a number in a column of numbers, and is no remark."""
    if _REMARK_ROW.match(grid.label_at(row, min(layout.roles))):
        return False
    words = [grid.cells.get((row, column), "") for column in layout.of_role(VALUE)]
    return any(_looks_number(word) for word in words)


def _has_content(grid: CellGrid, row: int, layout: Layout) -> bool:
    """Return whether a column of numbers has a word, a formula or a merged cell in a row."""
    for column in layout.of_role(VALUE):
        origin = grid.covered.get((row, column))
        is_under = origin is not None and origin[1] == column and origin[0] != row
        if (row, column) in grid.cells or (row, column) in grid.uncalculated or is_under:
            return True
    return False


def _names_members(grid: CellGrid, layout: Layout, row: int, reader: _Reader) -> bool:
    """Return whether the labels of a row mean a member of their dimension, or a total."""
    for column in layout.labels:
        dimension = layout.roles[column]
        label = grid.label_at(row, column)
        if label and dimension not in _OWN_DIMENSIONS:
            word = reader.read(label, dimension)
            if word.is_total or dimension in word.members:
                return True
    return False


def _first_row(grid: CellGrid, reader: _Reader) -> int:
    """Return the first row with numbers that are no years, codes or numbers of columns."""
    for row in grid.rows:
        words = [grid.cells.get((row, column), "") for column in grid.columns]
        numbers = [word for word in words if word and _looks_number(word)]
        if not numbers or all(_YEAR_ALONE.fullmatch(word) for word in numbers):
            continue
        if _REMARK_ROW.match(next(filter(None, words))) or _is_numbering(words):
            continue
        if len(numbers) > 1 and all(_is_code(word, reader) for word in numbers):
            continue
        return row
    return 0


def _is_numbering(words: Iterable[str]) -> bool:
    """Return whether a row numbers the columns: 甲 乙 1 2 3."""
    marks = [word for word in words if word and word not in _ORDINALS]
    return len(marks) > 1 and marks == [str(number) for number in range(1, len(marks) + 1)]


def _is_code(word: str, reader: _Reader) -> bool:
    """Return whether a word is the code of a member, and long enough to be no number by chance."""
    is_long = len(word) >= _SHORTEST_CODE
    return is_long and any(reader.is_member(word, name) for name in reader.vocabulary.members)


def _head_rows(grid: CellGrid, first_row: int, used: Sequence[int]) -> list[int]:
    """Return the rows of heads above the numbers, from the top."""
    heads: list[int] = []
    above = [row for row in grid.rows if row < first_row]
    for row in sorted(above, reverse=True):
        labels = [grid.label_at(row, column) for column in used]
        if _is_numbering(labels):
            continue
        origins = {grid.covered.get((row, column), (row, column)) for column in used}
        filled = [origin for origin in origins if grid.cells.get(origin)]
        if not heads and _is_section(grid, row, filled, used):
            continue
        is_lonely = not filled
        if len(filled) == 1:
            is_lonely = filled[0][1] == used[0] or bool(heads)
        is_title = is_lonely or any(_is_title(grid.cells[origin]) for origin in filled)
        belongs = not is_title
        if heads:
            covered = sum(bool(label) for label in labels)
            is_group = len(filled) > 1 and covered / len(used) >= _LEAST_COVERED
            belongs = (is_group and not is_title) or _reaches(grid, row, heads[-1], used)
        if not belongs:
            break
        heads.append(row)
    heads.reverse()
    return heads


def _reaches(grid: CellGrid, row: int, below: int, used: Sequence[int]) -> bool:
    """Return whether a cell of a row is merged with one of a row below."""
    for column in used:
        origin = grid.covered.get((below, column))
        if origin is not None and origin[0] == row:
            return True
    return False


def _is_section(
    grid: CellGrid, row: int, filled: Sequence[tuple[int, int]], used: Sequence[int]
) -> bool:
    """Return whether a row names a section of a table (一、人口), below the row of heads."""
    if len(filled) != 1 or filled[0] != (row, used[0]) or _is_title(grid.cells[filled[0]]):
        return False
    above = [name for name in grid.rows if name < row]
    labels = [grid.cells.get((above[-1], column), "") for column in used] if above else []
    return sum(bool(label) for label in labels) > len(used) * _LEAST_COVERED


def _is_title(label: str) -> bool:
    """Return whether a label belongs above the heads: a unit, a remark, a filler's name."""
    return bool(_UNIT_ROW.search(label) and not _BRACKETS.search(label)) or bool(
        _REMARK_ROW.match(label)
    )


def _column_role(
    grid: CellGrid, column: int, body: Sequence[int], heads: Sequence[int], reader: _Reader
) -> str:
    """Return what a column holds: a dimension, ``VALUE``, ``SKIPPED``, or blank if not clear."""
    letters = column_letters(column)
    if letters in reader.answers.skip:
        return SKIPPED
    if letters in reader.answers.roles:
        return reader.answers.roles[letters]
    head_words = [reader.read(label) for label in _stacked(grid, heads, column)]
    if any(word.is_skipped for word in head_words):
        return SKIPPED
    roles = [word.role for word in head_words if word.role]
    role = roles[-1] if roles else ""
    if role == SKIPPED:
        return role
    words = list(dict.fromkeys(grid.label_at(row, column) for row in body))
    words = [word for word in words if word and not _REMARK_ROW.match(word)]
    numbers = [word for word in words if _looks_number(word)]
    by_content = _dimension_of(words, reader)
    says_number = role == VALUE or any(word.members or word.is_total for word in head_words)
    if len(numbers) > len(words) - len(numbers):
        if role and role != VALUE:
            return role
        is_label = by_content and not says_number and len(numbers) > 1
        return by_content if is_label else VALUE
    if role and role not in _ROLES and role != UNIT:
        return role
    return by_content or ("" if role in _ROLES else role)


def _dimension_of(words: Sequence[str], reader: _Reader) -> str:
    """Return the dimension of which most words of a column are members; blank if there is none."""
    asked = [word for word in words if not reader.is_skipped(word)]
    names = [word for word in asked if not is_total(_without_numbering(word))]
    if not names:
        return ""
    counts = Counter({
        dimension: sum(reader.is_member(name, dimension) for name in names)
        for dimension in (*reader.vocabulary.members, YEAR)
    })  # fmt: skip
    dimension, count = counts.most_common(1)[0]
    is_mostly = count >= _LEAST_KNOWN * len(names)
    return dimension if is_mostly and count else ""


def _stacked(grid: CellGrid, heads: Sequence[int], column: int) -> list[str]:
    """Return the different heads over a column, from the top; a group reaches to the right."""
    labels: list[str] = []
    for row in heads:
        label = grid.label_at(row, column) or _group_beside(grid, heads, row, column)
        if label and label not in labels:
            labels.append(label)
    return labels


def _group_beside(grid: CellGrid, heads: Sequence[int], row: int, column: int) -> str:
    """Return the head to the left of a blank one, where heads below it divide it."""
    if row == heads[-1] or not grid.label_at(heads[-1], column):
        return ""
    for left in range(column - 1, 0, -1):
        if grid.label_at(row, left):
            reaches_down = grid.label_at(row, left) == grid.label_at(heads[-1], left)
            return "" if reaches_down else grid.label_at(row, left)
    return ""


# --- lines ----------------------------------------------------------------------------------------


def _row_lines(grid: CellGrid, layout: Layout, reader: _Reader, problems: ProblemLog) -> list[Line]:
    """Return what each row of numbers says of them."""
    lines = []
    above: dict[int, str] = {}
    for row in layout.body:
        words = []
        for column in layout.labels:
            label = grid.label_at(row, column)
            if not label and _is_filled_down(grid, layout, column, row):
                label = above.get(column, "")
            above[column] = label
            if label:
                dimension = layout.roles[column]
                words.append((dimension, column, reader.read(label, dimension)))
        line = _line(row, words, grid, problems)
        groups = [grid.label_at(row, column) for column in layout.of_role(GROUP)]
        if not line.group and any(groups):
            line = replace(line, group=" ".join(groups))
        if str(row) in reader.answers.skip:
            line = replace(line, skip=text("io.asked-to-skip"))
        lines.append(line)
    return lines


def _is_filled_down(grid: CellGrid, layout: Layout, column: int, row: int) -> bool:
    """Return whether a blank label repeats the one above: labels further right divide it."""
    further = [name for name in layout.labels if name > column and layout.roles[name] != UNIT]
    return any(grid.label_at(row, name) for name in further)


def _line(
    row: int, words: Sequence[tuple[str, int, _Word]], grid: CellGrid, problems: ProblemLog
) -> Line:
    """Join what the labels of a row say."""
    members: dict[str, str] = {}
    written: dict[str, str] = {}
    unknown: dict[str, str] = {}
    group = total = dimension = ""
    across = set()
    skip = None
    for name, column, word in words:
        if word.is_skipped:
            skip = text("io.asked-to-skip")
        elif word.is_total:
            total, dimension = word.label, name
            across.add(name)
            group = unknown.pop(name, "") or written.get(name, "")
            members.pop(name, None)
        elif name in word.members:
            member = word.members[name]
            is_code_pair = word.label[:1].isdigit() != written.get(name, "")[:1].isdigit()
            if is_code_pair and name in members and members[name] != member:
                values = {"first": written[name], "second": word.label}
                problems.add("table-layout", grid.place(row, column), "io.labels-differ", **values)
            group = unknown.pop(name, "") or group
            members.update(word.members)
            written[name] = word.label
        elif not written.get(name, "")[:1].isdigit():
            unknown[name] = word.label
            group = written.get(name, group)
    if unknown and not total:
        dimension = next(iter(unknown))
    return Line(
        number=row,
        label=" ".join(dict.fromkeys(word.label for _, _, word in words)),
        members=members,
        group=group,
        total=total,
        unknown="" if total else next(iter(unknown.values()), ""),
        dimension=dimension,
        skip=skip,
        across=frozenset(across),
    )


def _column_lines(grid: CellGrid, layout: Layout, reader: _Reader) -> list[Line]:
    """Return what each column of numbers says of them."""
    lines = []
    for column in layout.of_role(VALUE):
        labels = _stacked(grid, layout.heads, column)
        line = Line(column, label=" ".join(labels))
        for label in labels:
            line = _with_word(line, reader.read(label))
        lines.append(line)
    if len([line for line in lines if line.skip is None]) == 1:
        lines = [replace(line, unknown="") for line in lines]  # whatever its head, it is the number
    named = Counter[str]()
    for line in lines:
        named.update(name for name in line.members if name not in _OWN_DIMENSIONS)
    main = named.most_common(1)[0][0] if named else ""
    if not main and all(not line.members.get(YEAR) for line in lines):
        lines = [replace(line, total="") for line in lines]  # 合计 is the head of the numbers
    return [replace(line, dimension=main if not line.is_leaf else "") for line in lines]


def _with_word(line: Line, word: _Word) -> Line:
    """Add what a further head of a column says, from the top down."""
    if word.is_skipped:
        return replace(line, skip=text("io.asked-to-skip"))
    if word.role in _ROLES and not word.members:
        return line
    if word.is_total:
        known = [name for name in line.members if name not in _OWN_DIMENSIONS]
        members = {name: line.members[name] for name in line.members if name not in known}
        return replace(line, total=word.label, group=line.unknown, unknown="", members={
            **members, **word.members
        },)  # fmt: skip
    named = [name for name in word.members if name not in _OWN_DIMENSIONS]
    line = replace(line, members={**line.members, **word.members})
    if named:
        return replace(line, group=line.unknown or line.group, unknown="", total="")
    return replace(line, unknown=word.label) if word.is_unknown else line


# --- totals ---------------------------------------------------------------------------------------


def _with_parents(lines: Sequence[Line], vocabulary: Vocabulary) -> list[Line]:
    """Take rows or columns of members that contain others for totals of these."""
    for dimension, ancestors in vocabulary.above.items():
        members = {line.members.get(dimension, "") for line in lines if line.is_leaf}
        above = {name: members.intersection(ancestors(name)) for name in members - {""}}
        containing = set().union(*above.values())
        candidates = [line for line in lines if line.members.get(dimension) in containing]
        below: dict[int, list[int]] = {}
        for part in lines:
            names = above.get(part.members.get(dimension, ""), set()) if part.is_leaf else set()
            for line in candidates if names else ():
                is_above = line.is_leaf and line.members[dimension] in names
                if is_above and _is_context_same(replace(line, dimension=dimension), part):
                    below.setdefault(line.number, []).append(part.number)
        parents = []
        for line in lines:
            if line.number in below:
                parts = [number for number in below[line.number] if number not in below]
                line = replace(line, total=line.label, dimension=dimension, below=tuple(parts))
            parents.append(line)
        lines = parents
    return list(lines)


def _find_totals(
    lines: Sequence[Line], numbers: np.ndarray, places: np.ndarray, groups: frozenset[str]
) -> tuple[list[Line], list[tuple[Line, int, float, float]]]:
    """Find the parts of totals, and of labels that are not recognized.

    Parameters
    ----------
    lines : sequence of Line
        Rows or columns.
    numbers : ndarray, shape (lines, crossings)
        Their numbers; NaN where there is none.
    places : ndarray of int, shape (lines, crossings)
        Decimals of the numbers.
    groups : frozenset of str
        Labels that are known to be groups.

    Returns
    -------
    lines : list of Line
        With the parts of totals; what equals its parts is a total, though no word says so.
    faults : list of (Line, int, float, float)
        Totals that are not the sum of their parts: the crossing, the total and the sum.
    """
    result = []
    faults = []
    for position, line in enumerate(lines):
        if line.skip is not None or not (line.total or line.unknown):
            result.append(line)
            continue
        first_choice = None
        parts = None
        for choice in _possible_parts(lines, position):
            first_choice = choice if first_choice is None else first_choice
            if _first_difference(numbers, places, position, choice) is not None:
                continue
            is_group = _is_group(line, groups)
            if line.total or is_group or _is_sure(lines, numbers, position, choice):
                parts = choice
                break
        if parts is not None:
            chosen = tuple(sorted(lines[part].number for part in parts))
            label = line.total or line.unknown
            apart = float(np.nanmax(np.abs(numbers[position] - _sums(numbers, parts))))
            result.append(
                replace(
                    line,
                    total=label,
                    unknown="",
                    parts=chosen,
                    difference=apart,
                )
            )
            continue
        result.append(line)
        if line.total and first_choice is not None:
            crossing = _first_difference(numbers, places, position, first_choice)
            if crossing is not None:
                total = numbers[position, crossing]
                sums = _sums(numbers, first_choice)
                faults.append((line, crossing, total, float(sums[crossing])))
    return result, faults


def _is_sure(
    lines: Sequence[Line], numbers: np.ndarray, position: int, parts: Sequence[int]
) -> bool:
    """Return whether a label that is not known is a group, and does not equal a line by chance.

    It is one of several parts, or of one whose code begins with its own, or it is zero.
    """
    sizes = np.nansum(np.abs(numbers[list(parts)]), axis=1)
    if np.count_nonzero(sizes) > 1 or not sizes.any():
        return True
    own = _leading_code(lines[position])
    return bool(own) and all(_leading_code(lines[part]).startswith(own) for part in parts)


def _is_group(line: Line, groups: frozenset[str]) -> bool:
    """Return whether a label of a line is known to be a group."""
    words = [_without_numbering(word) for word in (*line.label.split(), line.unknown)]
    return any(plain_spelling(word) in groups for word in words)


def _leading_code(line: Line) -> str:
    """Return the digits with which the labels of a line begin, without zeros in front."""
    match = _CODE_IN_LABEL.search(line.label)
    return match.group().lstrip("0") if match else ""


def _possible_parts(lines: Sequence[Line], position: int) -> Iterator[list[int]]:
    """Yield sets of lines whose sum a line may be, the likeliest first."""
    line = lines[position]
    if line.below:
        yield [number for number, part in enumerate(lines) if part.number in line.below]
        return
    others = []
    for number, part in enumerate(lines):
        if number != position and part.is_leaf and _is_context_same(line, part):
            others.append(number)
    if line.total and line.group:
        group = [number for number in others if lines[number].group == line.group]
        if group:
            yield group
    if line.total and others:
        yield others
    behind = [number for number in others if number > position][:_MOST_SUMMED]
    for count in range(1, len(behind) + 1):
        yield behind[:count]
    if line.total:
        ahead = [number for number in others if number < position][::-1][:_MOST_SUMMED]
        for count in range(1, len(ahead) + 1):
            yield ahead[:count]
    elif len(others) > 1:
        yield others


def _is_context_same(total: Line, part: Line) -> bool:
    """Return whether a line may be a part of another: they differ in the dimension alone."""
    for name in {*total.members, *part.members} - {total.dimension} - total.across:
        if total.members.get(name) != part.members.get(name):
            return False
    return True


def _sums(numbers: np.ndarray, parts: Sequence[int]) -> np.ndarray:
    """Return the sums of lines at each crossing; what is blank counts as 0."""
    sums: np.ndarray = np.nansum(numbers[list(parts)], axis=0)
    return sums


def _first_difference(
    numbers: np.ndarray, places: np.ndarray, position: int, parts: Sequence[int]
) -> int | None:
    """Return the first crossing at which a line is not the sum of parts; None if there is none.

    They may differ by the rounding of the numbers as they are printed. A line without a number is
    the sum of nothing, which is reported at crossing 0.
    """
    total = numbers[position]
    stated = np.isfinite(total)
    if not stated.any():
        return 0
    sums = _sums(numbers, parts)
    own_rounding = 0.5 * 10.0 ** -float(places[position].max())
    part_rounding = 0.5 * 10.0 ** -float(places[list(parts)].max())
    roundings = min(len(parts), _DEVIATIONS * np.sqrt(len(parts) / 3))
    tolerance = own_rounding + roundings * part_rounding + 1e-9 * np.abs(total)
    if not places[[position, *parts]].any() and len(parts) == 1:
        tolerance = 1e-9 * np.abs(total)
    differs = stated & (np.abs(total - sums) > tolerance)
    return int(np.flatnonzero(differs)[0]) if differs.any() else None


# --- reading --------------------------------------------------------------------------------------


def read_wide_table(
    grid: CellGrid, vocabulary: Vocabulary, answers: Answers, problems: ProblemLog
) -> WideTable | None:
    """Take a wide table apart into single numbers, each with what rows and columns say of it.

    Parameters
    ----------
    grid : CellGrid
    vocabulary : Vocabulary
        What its words mean.
    answers : Answers
        What the user says of it.
    problems : ProblemLog
        Receives ``table-layout``, ``total-differs``, ``missing-answer``, ``blank`` for formulas
        that were never calculated and numbers in merged cells, and the codes of ``read_numbers``
        and ``check_cells`` in ``gep.io.tables``, and the warning ``hidden-cells``.

    Returns
    -------
    WideTable or None
        None if there are no numbers below a head.
    """
    reader = _Reader(vocabulary, answers)
    layout = _find_layout(grid, reader)
    if layout is None:
        for spot in sorted(grid.uncalculated):
            place = grid.place(*spot)
            problems.add("blank", place, "io.formula-not-calculated", sheet=grid.sheet)
        problems.add("table-layout", grid.label, "io.no-numbers-found")
        return None
    _check_folds(grid, layout, problems)
    rows = _chosen(_row_lines(grid, layout, reader, problems), answers)
    rows = _with_parents(rows, vocabulary)
    columns = _chosen(_column_lines(grid, layout, reader), answers)
    columns = _with_parents(columns, vocabulary)
    numbers, words = _numbers(
        grid,
        rows,
        columns,
        layout,
        problems,
    )
    places = _decimals(words)
    rows_read = [line.skip is None for line in rows]
    columns_read = [line.skip is None for line in columns]
    words_read = words[np.ix_(rows_read, columns_read)]
    _check_hidden(grid, layout, problems)
    rows, row_faults = _find_totals(rows, numbers, places, vocabulary.groups)
    columns, column_faults = _find_totals(columns, numbers.T, places.T, vocabulary.groups)
    for line, crossing, total, parts in row_faults:
        _report_total(
            line,
            (line.number, columns[crossing].number),
            total,
            parts,
            grid,
            problems,
        )
    for line, crossing, total, parts in column_faults:
        _report_total(
            line,
            (rows[crossing].number, line.number),
            total,
            parts,
            grid,
            problems,
        )
    constants = _constants(grid, layout, (*rows, *columns), reader)
    _check_unit_of_title(grid, layout, reader, problems)
    cells = _cells(
        rows,
        columns,
        words,
        constants,
        grid,
        problems,
    )
    _check_required(cells, vocabulary, grid, problems)
    return WideTable(
        grid=grid,
        layout=layout,
        rows=tuple(rows),
        columns=tuple(columns),
        constants=constants,
        cells=tuple(cells),
        blanks=sum(not word for word in words_read.flat),
        dashes=sum(word in _DASHES for word in words_read.flat),
    )


def _check_folds(grid: CellGrid, layout: Layout, problems: ProblemLog) -> None:
    """Check that labels do not begin anew behind the numbers: ``table-layout``."""
    values = layout.of_role(VALUE)
    first: dict[str, int] = {}
    for column in layout.labels:
        role = layout.roles[column]
        before = first.setdefault(role, column)
        between = [value for value in values if before < value < column]
        if between and role not in _OWN_DIMENSIONS:
            values_of = {"first": column_letters(before), "second": column_letters(column)}
            place = grid.place(layout.body[0], column)
            problems.add("table-layout", place, "io.folded-table", **values_of)


def _chosen(lines: Sequence[Line], answers: Answers) -> list[Line]:
    """Leave out the rows or columns that say something else than the user asked for."""
    chosen = []
    for line in lines:
        for dimension, member in answers.constants.items():
            if line.skip is None and line.members.get(dimension, member) != member:
                line = replace(line, skip=text("io.not-asked-for", member=member))
        chosen.append(line)
    return chosen


def _numbers(
    grid: CellGrid,
    rows: Sequence[Line],
    columns: Sequence[Line],
    layout: Layout,
    problems: ProblemLog,
) -> tuple[np.ndarray, np.ndarray]:
    """Read the numbers of a table; returns them, and their cells as written."""
    shape = (len(rows), len(columns))
    numbers = np.full(shape, np.nan)
    words = np.full(shape, "", dtype=object)
    is_used = np.array([line.skip is None for line in rows], dtype=bool)
    used_lines = [line for line in rows if line.skip is None]
    used_rows = [line.number for line in used_lines]
    units = [line.members.get(UNIT, "") for line in used_lines]
    has_units = bool(layout.of_role(UNIT))
    frame = {"row": np.array(used_rows, dtype=int)}
    displays: dict[str, dict[int, Display]] = {}
    read_columns: dict[str, int] = {}  # the position of each column that is read
    for position, line in enumerate(columns):
        if line.skip is not None:
            continue
        letters = column_letters(line.number)
        read_columns[letters] = position
        cells = [_number_cell(grid, row, line.number, problems) for row in used_rows]
        words[is_used, position] = cells
        written = ["" if word in _DASHES else word for word in cells]
        frame[letters] = np.array(written, dtype=object)
        unit_column = f"{letters}_unit"
        if UNIT in line.members:
            unit = line.members[UNIT]
            frame[unit_column] = np.full(len(cells), unit, dtype=object)
        elif has_units:
            frame[unit_column] = np.array(units, dtype=object)
        for row in used_rows:
            display = grid.displays.get((row, line.number))
            if display is not None:
                of_column = displays.setdefault(letters, {})
                of_column[row] = display
    table = Table(grid.file, grid.label, Cells.of(pd.DataFrame(frame)), displays)
    check_cells(table, problems)
    for letters, position in read_columns.items():
        values, _ = read_numbers(
            table,
            letters,
            problems,
            na=True,
            blank=True,
        )
        numbers[is_used, position] = values
    return numbers, words


def _number_cell(grid: CellGrid, row: int, column: int, problems: ProblemLog) -> str:
    """Return the text of a cell of numbers, and report why it may be blank without being so."""
    if (row, column) in grid.uncalculated:
        place = grid.place(row, column)
        problems.add("blank", place, "io.formula-not-calculated", sheet=grid.sheet)
    origin = grid.covered.get((row, column))
    if origin is not None and grid.cells.get(origin):
        values = {"cell": address(*origin), "value": printable(grid.cells[origin])}
        problems.add("table-layout", grid.place(row, column), "io.number-merged", **values)
    return grid.cells.get((row, column), "")


def _decimals(words: np.ndarray) -> np.ndarray:
    """Return how many decimals the numbers have, at most six."""
    decimals = [min(len(str(word).partition(".")[2]), _DECIMALS) for word in words.flat]
    return np.array(decimals, dtype=int).reshape(words.shape)


def _check_hidden(grid: CellGrid, layout: Layout, problems: ProblemLog) -> None:
    """Report rows and columns that are hidden and were read: ``hidden-cells``."""
    rows = [row for row in layout.body if row in grid.hidden_rows]
    if rows:
        place = row_place(grid.label, rows)
        problems.add("hidden-cells", place, "io.hidden-rows", sheet=grid.sheet)
    used = [*layout.labels, *layout.of_role(VALUE)]
    columns = [column_letters(column) for column in used if column in grid.hidden_columns]
    if columns:
        values = {"sheet": grid.sheet, "columns": columns}
        problems.add("hidden-cells", grid.label, "io.hidden-columns", **values)


def _report_total(
    line: Line,
    spot: tuple[int, int],
    total: float,
    parts: float,
    grid: CellGrid,
    problems: ProblemLog,
) -> None:
    """Report a total that is not the sum of its parts: ``total-differs``."""
    values = {"label": printable(line.total), "total": total, "sum": parts}
    place = grid.place(*spot)
    problems.add(
        "total-differs",
        place,
        "io.total-differs",
        difference=total - parts,
        **values,
    )


def _constants(
    grid: CellGrid, layout: Layout, lines: Iterable[Line], reader: _Reader
) -> dict[str, Constant]:
    """Find what holds for all numbers: answers, else titles, the sheet's name, the file's name."""
    vocabulary = reader.vocabulary
    answers = reader.answers.constants
    named: set[str] = set()
    for line in lines:
        if line.is_leaf:
            named.update(line.members)
    constants = {}
    for dimension in dict.fromkeys((*vocabulary.required, *answers)):
        if dimension in answers:
            origin = text("io.by-option", option=f"--{dimension}")
            constants[dimension] = Constant(answers[dimension], origin)
        elif dimension not in named or dimension == UNIT:
            constant = _in_titles(grid, layout, dimension, vocabulary)
            if constant is not None:
                constants[dimension] = constant
            elif dimension in vocabulary.defaults:
                constants[dimension] = vocabulary.defaults[dimension]
    return constants


def _in_titles(
    grid: CellGrid, layout: Layout, dimension: str, vocabulary: Vocabulary
) -> Constant | None:
    """Return the only member of a dimension that the first title with any names."""
    for origin, title in _titles(grid, layout):
        members = _members_inside(title, dimension, vocabulary)
        if members:
            return Constant(members[0], origin) if len(members) == 1 else None
    return None


def _check_unit_of_title(
    grid: CellGrid, layout: Layout, reader: _Reader, problems: ProblemLog
) -> None:
    """Check that the unit that the user says is not another than the title's: ``table-layout``."""
    asked = reader.answers.constants.get(UNIT, "")
    stated = _in_titles(grid, layout, UNIT, reader.vocabulary)
    if asked and stated is not None and stated.member != asked:
        values = {"asked": asked, "stated": stated.member, "origin": stated.origin}
        problems.add("table-layout", f"--{UNIT}", "io.unit-of-title", **values)


def _titles(grid: CellGrid, layout: Layout) -> Iterator[tuple[Text | str, str]]:
    """Yield the titles of a table with their places, the name of the sheet and of the file."""
    spots = [spot for spot in grid.cells if spot[0] in layout.titles]
    for row, column in sorted(spots):
        yield address(row, column), grid.cells[row, column]
    for row in layout.heads:  # 单位：公顷 may stand in the corner of the heads
        for column in layout.labels:
            yield address(row, column), grid.label_at(row, column)
    if grid.sheet:
        yield text("io.name-of-sheet"), grid.sheet
    yield text("io.name-of-file"), grid.file.stem


def _members_inside(title: str, dimension: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the members of a dimension that a title names."""
    if dimension == YEAR:
        return tuple(dict.fromkeys(_YEARS_AMID.findall(title)))
    if dimension == UNIT:
        find = vocabulary.members[UNIT]
        words = [_without_unit_word(title)] if _UNIT_WORD.search(title) else []
        words += [_without_unit_word(match.group(1)) for match in _BRACKETS.finditer(title)]
        return tuple(dict.fromkeys(filter(None, map(find, words))))
    search = vocabulary.inside.get(dimension)
    return search(title) if search is not None else ()


def _cells(
    rows: Sequence[Line],
    columns: Sequence[Line],
    words: np.ndarray,
    constants: Mapping[str, Constant],
    grid: CellGrid,
    problems: ProblemLog,
) -> list[WideCell]:
    """Join what rows, columns and titles say of each number."""
    cells = []
    for position, row in enumerate(rows):
        for crossing, column in enumerate(columns):
            word = words[position, crossing]
            if not (row.is_leaf and column.is_leaf) or not word or word in _DASHES:
                continue
            members = {name: constant.member for name, constant in constants.items()}
            members.update(row.members)
            for name, member in column.members.items():
                if row.members.get(name, member) != member:
                    values = {"row": row.label, "column": column.label}
                    place = grid.place(row.number, column.number)
                    problems.add("table-layout", place, "io.row-and-column-differ", **values)
                members[name] = member
            labels = tuple(label for label in (row.label, column.label) if label)
            cells.append(
                WideCell(
                    row.number,
                    column.number,
                    word,
                    members,
                    labels,
                )
            )
    return cells


def _check_required(
    cells: Sequence[WideCell], vocabulary: Vocabulary, grid: CellGrid, problems: ProblemLog
) -> None:
    """Check that every number has a member of each dimension: ``missing-answer``."""
    for dimension in vocabulary.required:
        bare = [cell for cell in cells if dimension not in cell.members]
        if bare:
            where = f"{grid.label} {address(bare[0].row, bare[0].column)}"
            option = f"--{dimension}"
            problems.add(
                "missing-answer", option, f"io.ask-{dimension}", cell=where, count=len(bare)
            )
