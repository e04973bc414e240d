"""Tables: CSV and Excel sheets as text under known columns, and numbers from that text.

The module owns column names, the numbers of rows, the spelling of numbers, what a sheet hides or
shows in another way than it holds it, and suggestions for names that are not known. Cells stay text
until a reader asks for numbers, so that region codes keep their zeros. What the columns mean is
left to the packages that read them.
"""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property, lru_cache
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import Head, Place, ProblemLog
from gep.io.arguments import GivenTable, TableSource, given_cells, text_cells
from gep.io.csv_excel import (
    MAX_COLUMNS,
    Display,
    SheetCells,
    check_file,
    column_letters,
    csv_cells,
    csv_header,
    decode,
    is_zip,
    plain_letters,
    printable,
    read_regular,
    read_sheet,
    row_place,
    rows_of_codes,
    split_sheet,
)
from gep.io.distinct_cells import Cells, Distinct, is_coded
from gep.texts.catalogue import Listed, Text, text
from gep.units import UnitError, canonical

HINTED = 30  # of many unknown names, how many get a suggestion each
LIKEWISE = text("io.likewise")
LARGEST = 1e100  # no amount of anything; products of larger numbers overflow
_SMALLEST = 1e-100  # no amount of anything either; smaller numbers are cut to 0

MAX_FAULTS = 1000  # different cells of a column that are reported; the rest are like them
ERROR_VALUES = (
    "#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!",
    "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#GETTING_DATA", "#UNKNOWN!", "#ERROR!",
)  # fmt: skip

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_PLAIN_LINES = re.compile(rf"(?:{_PLAIN.pattern}\n)*+", re.ASCII)
_WORDS_AT_ONCE = 1000
_PERCENTAGE = re.compile(r"([+-]?\d+(?:\.\d*)?)\s*[%％]", re.ASCII)
_NUMBER_AMID = re.compile(
    r"([^\d+.-]{0,20})([+-]?\d[\d,]{0,30}(?:\.\d{1,30})?)(\D{0,40})", re.ASCII
)
_WORD_OF_SIZE = re.compile(r"[十百千万亿]|thousand|million|billion", re.IGNORECASE)
_BRACKETED = re.compile(r"[(（](\d[\d,.]{0,30})[)）]", re.ASCII)  # a negative number, in accounting
_TYPED_DATE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 0{1,2}:00(?::00)?)?"
    r"|\d{1,2}月\d{1,2}日|\d{4}年\d{1,2}月|\d{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-\d{2}",
    re.ASCII,
)
_PATH_SHOWN = 200  # characters of a name that a message shows
_FIRST_MARKS = ("=", "@", "+", "-", "#")  # of cells that a spreadsheet would run, and of its errors
# What remains of letters that an encoding does not have.
_LOST_LETTERS = re.compile("\ufffd|锟斤拷|^[?？]{2,}$")
_LONGEST_NUMBER = 400  # characters of a cell that may be a number
_YEAR_HEAD = re.compile(r"(19|20)\d\d年?", re.ASCII)
_FIRST_CODES = ("region",)  # names of first columns whose cells are codes
_FRACTIONS = ("share", "weight")  # columns of fractions, which have no unit
_REMARKS = ("source", "locator", "note", "checked")  # columns from which no number is computed
_FIRST_DAY = date(1899, 12, 30)  # day 0 of Excel
_MANY_CELLS = 2 * 10**7  # cells of a table, blank ones among them
_GROUPED = re.compile(r"[+-]?\d{1,3}([, ]\d{3})+(\.\d+)?", re.ASCII)  # 1,234,567.8
_NOT_AVAILABLE = ("na", "n/a", "nan", "-", "--", "/", "无", "none", "null")
_INFINITE = ("inf", "infinity", "∞")
_WORKBOOKS = (".xlsx", ".xlsm")
_OF_ONE_TABLE = (".csv", ".parquet")  # no sheets, no layers
FRAME_FORMATS = (".parquet", ".gpkg")  # tables with typed columns
_UNREAD_FORMATS = (
    ".feather", ".arrow", ".orc", ".json", ".geojson", ".shp", ".nc", ".h5", ".hdf5", ".zarr",
    ".tif", ".tiff", ".sqlite", ".db", ".mdb", ".accdb", ".doc", ".docx", ".wps", ".pdf", ".ppt",
    ".pptx", ".zip", ".gz", ".rar", ".7z", ".pkl", ".pickle", ".rds", ".rdata", ".sav", ".dta",
    ".sas7bdat", ".mat", ".xml", ".html", ".htm", ".png", ".jpg", ".jpeg", ".toml", ".py",
)  # fmt: skip
_OLD_FORMATS = (".xls", ".et", ".ods", ".dbf", ".xlsb", ".numbers")
_MAY_BE_NEW = (".xls", ".et")  # endings under which programs save newer workbooks as well
TOP_ROWS = 5  # rows among which the column names are sought if row 1 has none
_NAMED = 12  # known names that a suggestion lists
_CACHED = 4096  # codes of regions, which all tables have
_FEW = 300  # names among which a close one is sought letter by letter
_CUT_CODE = 5  # digits of a county's code that lost one; longer codes may be the user's own
# What spellings of one name differ in: blanks, hyphens, underscores and points between its letters.
_JOINTS = re.compile(r"(?<=\w)[\s_\-\u2010-\u2015\u2212\u00b7\u30fb]+(?=\w)")

# What Excel and lookups leave in a column of codes. In scientific notation a number has a sign or a
# point, for 12E34 may be a code of the user's own.
_SCIENTIFIC = re.compile(r"\d+(\.\d*)?[eE][+-]\d+|\d+\.\d*[eE]\d+", re.ASCII)
_DECIMAL = re.compile(r"(\d{4,})\.0*", re.ASCII)
_GROUPED_CODE = re.compile(r"\d{1,3}(,\d{3})+(\.0*)?", re.ASCII)
_DATE = re.compile(
    r"\d{4}-\d\d?-\d\d?( 00:00:00)?|\d{4}/\d\d?/\d\d?|\d\d?月\d\d?日"
    r"|\d\d?-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.ASCII | re.IGNORECASE,
)
_NO_CODE = {*_NOT_AVAILABLE, "?", "？", "—", "——", "空", "未知", "nil", "undefined", "NaN"}
_TOTAL_WORDS = {
    "共计",
    "总和",
    "总数",
    "汇总",
    "全部",
    "总面积",
    "土地总面积",
    "合計",
    "總計",
    "小計",
}
_TOTAL_WORDS |= {"全国", "全省", "全市", "全县", "全区", "全州", "全镇", "全乡", "全域"}
_TOTAL_WORDS |= {"sum", "sums", "overall", "totalarea", "totalland"}
_TOTAL_ENDINGS = ("合计", "总计", "小计")
_NO_PART_OF_TOTAL = re.compile(r"[\s:：_.]|\(.*\)")  # blanks, marks, brackets
_TOTAL_ENGLISH = re.compile(r"(grand|sub)?-?totals?")


# What people call the columns, with the columns that may be meant, the likeliest first.
_HEADS: dict[str, tuple[str, ...]] = {}
for _columns, _words in (
    (
        ("region", "code"),
        "区域 地区 行政区 行政区划 区县 县区 县域 县 市县 区域代码 地区代码 区划代码 代码 county",
    ),
    (("year",), "年份 年度 年 核算年 核算年份 统计年份"),
    (
        ("class", "ecosystem"),
        "类型 类别 地类 地类名称 土地类型 土地利用类型 生态系统 生态系统类型 type landuse lulc",
    ),
    (("area",), "面积"),
    (("unit", "area_unit"), "单位 计量单位 面积单位 units"),
    (("name",), "指标 指标名称 名称 数据名 数据项 区域名称 item"),
    (("value",), "数值 值 数量 数据 amount"),
    (("source",), "来源 数据来源 资料来源"),
    (("substance",), "物质 污染物"),
    (("product",), "产品 品种 农产品"),
    (("month",), "月 月份"),
    (("day",), "日 date"),
    (("date", "day"), "日期"),
    (("low",), "下限 最小值"),
    (("high",), "上限 最大值"),
    (("price_year",), "价格年份 价格年 基准年"),
    (("locator",), "出处 页码"),
    (("grade",), "等级 质量等级"),
    (("note",), "备注 说明 注 notes remark comment"),
    (("name_en",), "英文名 英文名称"),
    (("parent",), "上级 上级区域 上级代码"),
    (("population",), "人口 常住人口 总人口 pop"),
    (("lon",), "经度 longitude"),
    (("lat",), "纬度 latitude"),
    (("share", "weight"), "份额 比例 占比 权重"),
):
    _HEADS.update(dict.fromkeys(_words.split(), _columns))


@dataclass(frozen=True)
class Columns:
    """The columns that a table must have and may have; any other is an error.

    Attributes
    ----------
    required, optional : tuple of str
        Names of columns.
    free : str or None
        A prefix under which any column is accepted, such as ``attribute:``.
    heads : mapping of str to str
        By column the words that stand over it in a form; a column may have its name as well.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    free: str | None = None
    heads: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _columns_of_heads(self) -> dict[str, str]:
        """Column by the words over it, in a plain spelling."""
        return {_plain_head(words): name for name, words in self.heads.items()}

    def named(self, head: str) -> str:
        """Return the column that a head stands over; the head itself if it is none of a form."""
        return self._columns_of_heads.get(_plain_head(head), head) if self.heads else head

    def has(self, name: str) -> bool:
        """Return whether the table may have a column of this name."""
        if name in self.required or name in self.optional:
            return True
        return self.free is not None and name.startswith(self.free)

    def fit(self, header: Sequence[str]) -> bool:
        """Return whether a row of names is the header of such a table."""
        names = [name for name in header if name]
        return set(self.required) <= set(names) and all(self.has(name) for name in names)


@dataclass(frozen=True)
class Table:
    """A table as text.

    Attributes
    ----------
    path : Path
        The file, without a sheet.
    label : str
        The file as messages name it.
    cells : Cells
        The columns of the file as text, and the number of each row that a spreadsheet shows, the
        header being row 1.
    displays : mapping of str to mapping of int to Display
        By column and row, the numbers that a sheet shows in another way than it holds them.
    blanks : mapping of str to frozenset of int
        By column the rows whose blank cell has been reported, with its cause.
    """

    path: Path
    label: str
    cells: Cells
    displays: Mapping[str, Mapping[int, Display]] = field(default_factory=dict)
    blanks: Mapping[str, frozenset[int]] = field(default_factory=dict)

    @property
    def frame(self) -> pd.DataFrame:
        """The columns of the file as str, and the integer column ``row``."""
        return self.cells.frame

    def with_frame(self, frame: pd.DataFrame) -> "Table":
        """Return the table with other cells, of a frame with the column ``row``."""
        return replace(self, cells=Cells.of(frame))

    def place(self, positions: Iterable[int], column: str = "") -> Place:
        """Return the place of rows for a message.

        Parameters
        ----------
        positions : iterable of int
            Positions of rows, from 0.
        column : str, optional
            The column, where one is wrong.

        Returns
        -------
        Place
        """
        chosen = positions if isinstance(positions, np.ndarray) else list(positions)
        rows = self.cells.rows[np.asarray(chosen, dtype=int)]
        return row_place(self.label, rows, column)

    def column(self, name: str) -> pd.Series:
        """Return a column; all its cells are blank if the file does not have it."""
        if name in self.frame:
            return self.frame[name]
        return pd.Series("", index=self.frame.index, dtype=object)

    def distinct(self, name: str) -> Distinct:
        """Return the different cells of a column; one blank cell if the file does not have it."""
        return self.cells.column(name)

    def texts(self, names: Sequence[str]) -> pd.DataFrame:
        """Return columns, blank where the file does not have them, ``file`` and ``row``."""
        columns = {name: self.distinct(name) for name in names}
        columns["file"] = Distinct.same(self.label, len(self.cells.rows))
        frame = Cells(self.cells.rows, columns).frame
        if self.cells.given is not None:
            frame.index = self.cells.given.index
        return frame


def suggestion(word: str, known: Iterable[str], home: str = "", taken: Iterable[str] = ()) -> Text:
    """Suggest what a name that is not known may have meant.

    Parameters
    ----------
    word : str
        The name found.
    known : iterable of str
        The names that exist.
    home : str, optional
        File in which the known names are; where zeros were lost there, the advice names it.
    taken : iterable of str, optional
        Names that have rows of their own, which are not proposed: codes of regions differ by a
        digit from their neighbors, and the rows of one must not become those of another.

    Returns
    -------
    Text
        A close spelling, else the first few names that exist.
    """
    names = sorted({str(name) for name in known})
    advice = lost_zero(word, names, home=home)
    if advice is not None:
        return advice
    if _DATE.fullmatch(word[:_LONGEST_NUMBER]):
        return text("io.made-a-date")
    spelling = _folded(word)
    alike = [name for name in names if _folded(name) == spelling]
    if alike:
        return text("io.did-you-mean", names=alike[:3])
    # a known code that lost its zeros itself must not be proposed
    candidates = [name for name in names if name.lstrip("0") != word.lstrip("0")]
    candidates = sorted(set(candidates).difference(taken))
    close = close_to(word, _similar_names(word, candidates))
    if close:
        return text("io.did-you-mean", names=close)
    if names:
        return text("io.known-are", names=Listed(tuple(names), _NAMED))
    return text("io.none-known")


def _folded(word: str) -> str:
    """Return a name without capitals, full-width letters, blanks and the signs between words."""
    plain = unicodedata.normalize("NFKC", word[:_LONGEST_NUMBER]).casefold()
    return re.sub(r"[\s_-]+", "", plain)


def _similar_names(word: str, names: list[str]) -> list[str]:
    """Preselect names that differ by little: to measure thousands of them takes seconds a word."""
    if len(names) <= _FEW:
        return names
    similar = []
    for name in names:
        if abs(len(name) - len(word)) > 1:
            continue
        if name in word or word in name or _count_differences(name, word) <= 2:
            similar.append(name)
    return similar[:_FEW]


def _count_differences(left: str, right: str) -> int:
    """Count the positions at which two names have different letters."""
    return sum(first != second for first, second in zip(left, right, strict=False))


def close_to(word: str, known: Iterable[str], cutoff: float = 0.6) -> list[str]:
    """Return the known names whose spelling is close to a word.

    Parameters
    ----------
    word : str
        The name found.
    known : iterable of str
        The names that exist.
    cutoff : float, default 0.6
        Least similarity, from 0 (nothing in common) to 1 (the same).

    Returns
    -------
    list of str
        At most three names, the closest first.
    """
    return get_close_matches(word, sorted(known), n=3, cutoff=cutoff)


def lost_zero(code: str, known: Iterable[str], file: str = "", home: str = "") -> Text | None:
    """Say which file lost leading zeros, where a code and a known one differ by zeros in front.

    The longer of the two is right.

    Parameters
    ----------
    code : str
        The code found.
    known : iterable of str
        The codes that exist.
    file : str, optional
        The file with the code found.
    home : str, optional
        The file with the known codes; without it no advice is given on that file.

    Returns
    -------
    Text or None
        None if no zeros were lost, or if the file to correct has no name.
    """
    if not code.isdecimal():
        return None
    digits = code.lstrip("0")
    same = [name for name in known if name != code and name.lstrip("0") == digits]
    if not same:
        return None
    right = max([code, *same], key=len)
    if right != code:
        if file:
            return text("io.lost-zero-in", file=file, right=right)
        return text("io.lost-zero", right=right)
    if home:
        return text("io.lost-zero-at-home", file=home, wrong=same[0], right=code)
    return None


# --- spellings ------------------------------------------------------------------------------------


def plain_spelling(word: str) -> str:
    """Return a name without what its spellings differ in.

    Parameters
    ----------
    word : str

    Returns
    -------
    str
        In half width and lower case, without blanks, hyphens, underscores and points inside:
        ``nh3n`` for ``NH3-N``, ``ＮＨ３-Ｎ`` and ``NH₃-N``.
    """
    return _JOINTS.sub("", unicodedata.normalize("NFKC", word).strip().casefold())


@dataclass(frozen=True)
class Spellings:
    """Names that a column may have, and the spellings by which each of them is recognized.

    Attributes
    ----------
    known : frozenset of str
        The names.
    titles : tuple of mapping of str to iterable of str
        Other words for each name, the closest kind first; names that are not ``known`` are passed
        over.
    """

    known: frozenset[str]
    titles: tuple[Mapping[str, Iterable[str]], ...] = ()

    @cached_property
    def _levels(self) -> list[dict[str, str]]:
        """Plain spelling to name, kind by kind; blank where a spelling belongs to several names."""
        levels = []
        for words_by_name in ({name: (name,) for name in self.known}, *self.titles):
            level: dict[str, str] = {}
            for name, words in words_by_name.items():
                if name not in self.known:
                    continue
                for word in words:
                    plain = plain_spelling(word)
                    level[plain] = name if level.get(plain, name) == name else ""
            level.pop("", None)
            levels.append(level)
        return levels

    def find(self, word: str) -> str:
        """Return the name that a word means; the word itself if that is none or not clear."""
        if word in self.known or word == "":
            return word
        plain = plain_spelling(word)
        for level in self._levels:
            if plain in level:
                return level[plain] or word
        return word


def make_spellings(known: Iterable[str], *titles: Mapping[str, Iterable[str]]) -> Spellings:
    """Gather the spellings of names.

    Parameters
    ----------
    known : iterable of str
        The names.
    *titles : mapping of str to iterable of str
        Other words for each name, the closest kind first.

    Returns
    -------
    Spellings
    """
    return Spellings(frozenset(known), titles)


def recognize(frame: pd.DataFrame, column: str, spellings: Spellings) -> pd.DataFrame:
    """Write the names of a column as they are known.

    Parameters
    ----------
    frame : DataFrame
    column : str
        A column of text.
    spellings : Spellings

    Returns
    -------
    DataFrame
        ``frame`` itself if no name is spelled differently; words that are not recognized stay.
    """
    cells = Distinct.of(frame[column])
    names = [spellings.find(str(word)) for word in cells.words]
    if names == cells.words.tolist():
        return frame
    recognized = cells.with_words(names)
    is_text = not is_coded(frame[column])
    return frame.assign(**{column: recognized.cells() if is_text else recognized.categories()})


def read_table(
    path: TableSource,
    columns: Columns,
    problems: ProblemLog,
    label: str | None = None,
    codes: Collection[str] = (),
) -> Table | None:
    """Read a table from ``file.csv`` or ``book.xlsx#sheet``, or one that is an argument, as text.

    Parameters
    ----------
    path : Path or GivenTable
        The file, with the sheet after a ``#``; without one the first sheet is read. Or a table that
        is an argument, for which all checks of a file hold.
    columns : Columns
        The columns that the table must and may have.
    problems : ProblemLog
        Receives ``missing-file``, ``not-a-file``, ``empty-file``, ``file-format``,
        ``cannot-read``, ``encoding``, ``missing-sheet``, ``header-row``, ``separator``,
        ``duplicate-column``, ``unknown-column``, ``missing-column``, ``quotes``, ``ragged-row``,
        ``empty-table``, ``formula-cell``, ``error-value``, ``control-character``, ``blank`` for
        cells of a sheet that are merged or were never calculated, and the warnings ``gbk``,
        ``hidden-cells`` and ``sheet-choice``.
    label : str, optional
        The file as messages name it; by default its name.
    codes : collection of str, optional
        Only the rows of these codes are asked for. The others may be there all the same: they are
        left out where that saves reading them, which is where the first cells of a CSV are codes.

    Returns
    -------
    Table or None
        None if there is no table that could be checked further.
    """
    if isinstance(path, GivenTable):
        table = _given_table(path, columns, problems)
    else:
        table = _cut_table(path, columns, label, codes) if codes else None
        table = table or _read_file(path, columns, label, problems)
    return None if table is None else _checked(table, problems)


def make_table(
    label: str, cells: Mapping[str, Distinct], columns: Columns, problems: ProblemLog
) -> Table | None:
    """Make a table of what a file that is no table says, checked like one.

    Parameters
    ----------
    label : str
        The file as messages name it.
    cells : mapping of str to Distinct
        The columns as text.
    columns : Columns
        The columns that the table must and may have.
    problems : ProblemLog
        As ``read_table`` receives them for a table that is an argument.

    Returns
    -------
    Table or None
        Its rows have numbers below 0, for there is none that a message could name.
    """
    if not _check_header(list(cells), columns, label, problems):
        return None
    count = max(len(column) for column in cells.values())
    rows = -1 - np.arange(count)
    return _checked(Table(Path(label), label, Cells(rows, dict(cells))), problems)


def _checked(table: Table, problems: ProblemLog) -> Table | None:
    """Return a table whose cells were checked; None, with ``empty-table``, if it has no row."""
    if not len(table.cells.rows):
        problems.add("empty-table", table.label, "io.no-rows")
        return None
    check_cells(table, problems)
    return table


def _cut_table(
    path: Path, columns: Columns, label: str | None, codes: Collection[str]
) -> Table | None:
    """Read the rows of some codes of a CSV; None where all of it must be read to know them."""
    if path.suffix.lower() != ".csv":
        return None
    label = label or printable(path.name, _PATH_SHOWN)
    try:
        cut = rows_of_codes(read_regular(path), codes)
        content = "" if cut is None else cut[0].decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        return None
    if cut is None or content.partition(",")[0] not in _FIRST_CODES:
        return None
    problems = ProblemLog()
    content = plain_letters(content)
    header = _header_of(content, columns, label, problems)
    if header is None:
        return None
    cells = _cells_of(content.encode(), header, label, problems)
    if cells is None or problems.errors or len(cells.rows) != len(cut[1]):
        return None
    return Table(path, label, Cells(np.asarray(cut[1]), cells.columns))


def _read_file(
    path: Path, columns: Columns, label: str | None, problems: ProblemLog
) -> Table | None:
    """Read a file in the way of its format."""
    file, sheet = split_sheet(path)
    label = label or printable(path.name, _PATH_SHOWN)
    if not check_file(file, label, problems):
        return None
    if sheet is not None and file.suffix.lower() in _OF_ONE_TABLE:
        problems.add("missing-sheet", label, "io.one-table", part=printable(sheet, _PATH_SHOWN))
        return None
    if file.suffix.lower() in FRAME_FORMATS:
        return _read_frame(file, sheet, columns, label, problems)
    kind = is_workbook(file, label, problems)
    if kind is None:
        return None
    if kind:
        return _read_sheet(file, sheet, columns, label, problems)
    return _read_csv(file, columns, label, problems)


def _given_table(given: GivenTable, columns: Columns, problems: ProblemLog) -> Table | None:
    """Return a table that is an argument as text, its columns checked like those of a file."""
    cells = given_cells(given, columns.required, columns.has, problems)
    if cells is None:
        return None
    if not _check_header(list(cells.columns), columns, given.name, problems):
        return None
    if cells.labels:
        problems.row_labels[given.name] = cells.labels
    return Table(Path(given.name), given.name, Cells(cells.rows, cells.columns))


def is_workbook(file: Path, label: str, problems: ProblemLog) -> bool | None:
    """Tell by its ending whether a file is a workbook or a text.

    Parameters
    ----------
    file : Path
    label : str
        The file as messages name it.
    problems : ProblemLog
        Receives ``file-format`` for formats that are not read.

    Returns
    -------
    bool or None
        None if the file is of a format that is not read.
    """
    suffix = file.suffix.lower()
    if suffix in _WORKBOOKS or (suffix in _MAY_BE_NEW and is_zip(file)):
        return True
    if suffix in _OLD_FORMATS:
        problems.add("file-format", label, "io.old-format", suffix=file.suffix)
        return None
    if suffix in _UNREAD_FORMATS:
        problems.add("file-format", label, "io.unread-format", suffix=file.suffix)
        return None
    return False


def _read_frame(
    file: Path, layer: str | None, columns: Columns, label: str, problems: ProblemLog
) -> Table | None:
    """Read a Parquet, or a layer of a GeoPackage; what is wrong is a problem of the file."""
    problems.note_read(file, read_regular(file))
    is_parquet = file.suffix.lower() == ".parquet"
    load = _load_parquet if is_parquet else _load_layer
    frame = load(file, layer, label, problems)
    if frame is None:
        return None
    for name in reversed(frame.index.names):  # pandas writes an index that is a column apart
        if isinstance(name, str) and columns.has(name) and name not in frame.columns:
            frame = frame.reset_index(level=name)
    header = [str(name).strip() for name in frame.columns]
    if not _check_header(header, columns, label, problems):
        return None
    cells = []
    for position in range(len(header)):
        column = frame.iloc[:, position].to_numpy(dtype=object)
        cells.append(text_cells(column))
    named = _name_columns(cells, header, label, problems)
    return None if named is None else Table(file, label, _numbered(named))


def _load_parquet(
    file: Path, layer: str | None, label: str, problems: ProblemLog
) -> pd.DataFrame | None:
    """Load a Parquet; adds ``file-format`` where it, or a library for it, is missing."""
    try:
        return pd.read_parquet(file)
    except ImportError:
        problems.add("file-format", label, "io.parquet-library")
    except Exception as error:  # whatever the library raises is a problem of the file
        reason = printable(f"{type(error).__name__}: {error}", _PATH_SHOWN)
        problems.add("file-format", label, "io.not-of-format", suffix=file.suffix, reason=reason)
    return None


def _load_layer(
    file: Path, layer: str | None, label: str, problems: ProblemLog
) -> pd.DataFrame | None:
    """Load the attributes of a layer; adds ``file-format``, ``missing-sheet``, ``sheet-choice``."""
    from sqlite3 import DatabaseError

    from gep.io.geopackage import layer_names, read_attributes

    try:
        layers = layer_names(file)
        if not layers or (layer is not None and layer not in layers):
            known = Listed(tuple(layers), _NAMED)
            problems.add("missing-sheet", label, "io.no-layer", layer=layer or "-", layers=known)
            return None
        if layer is None and len(layers) > 1:
            known = Listed(tuple(layers), _NAMED)
            problems.add("missing-sheet", label, "io.which-layer", layers=known)
            return None
        return read_attributes(file, layer or layers[0])
    except DatabaseError as error:
        reason = printable(error, _PATH_SHOWN)
        problems.add("file-format", label, "io.not-of-format", suffix=file.suffix, reason=reason)
        return None


def _read_csv(file: Path, columns: Columns, label: str, problems: ProblemLog) -> Table | None:
    """Read a CSV."""
    cells = _named_cells(file, columns, label, problems)  # the text of a large file is free by then
    return None if cells is None else Table(file, label, cells)


def _named_cells(file: Path, columns: Columns, label: str, problems: ProblemLog) -> Cells | None:
    """Read the cells of a CSV below its header."""
    content = decode(file, label, problems)
    if content is None:
        return None
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    header = _header_of(content, columns, label, problems)
    if header is None:
        return None
    data = content.encode()
    del content  # its memory is needed for the cells of a large file
    return _cells_of(data, header, label, problems)


def _header_of(
    content: str, columns: Columns, label: str, problems: ProblemLog
) -> list[str] | None:
    """Return the names of the columns of a CSV, whose lines end with a line feed."""
    if not _check_first_row(_first_rows(content), columns, label, problems):
        return None
    header = csv_header(content, label, problems)
    if header is None or not _check_header(header, columns, label, problems):
        return None
    return header


def _cells_of(data: bytes, header: Sequence[str], label: str, problems: ProblemLog) -> Cells | None:
    """Return the cells of a CSV in UTF-8, whose lines end with a line feed."""
    cells = csv_cells(data, len(header), label, problems)
    named = None if cells is None else _name_columns(cells, header, label, problems)
    return None if named is None else _numbered(named)


def _numbered(columns: Mapping[str, Distinct]) -> Cells:
    """Return the cells of columns, their rows numbered as a spreadsheet does."""
    count = max(len(column.codes) for column in columns.values())
    return Cells.stripped(columns, np.arange(2, count + 2))


def _first_rows(content: str) -> list[list[str]]:
    """Return the first rows of a CSV; none if its quotation marks do not fit."""
    end = 0
    for _ in range(TOP_ROWS):
        end = content.find("\n", end) + 1
        if not end:
            end = len(content)
            break
    try:
        return list(csv.reader(StringIO(content[:end])))
    except csv.Error:
        return []


def _read_sheet(
    file: Path, sheet: str | None, columns: Columns, label: str, problems: ProblemLog
) -> Table | None:
    """Read an Excel sheet, and report what it hides."""
    page = read_sheet(file, sheet, label, problems)
    if page is None:
        return None
    top = _named_heads(page, columns, label, problems)
    if not _check_sheet_choice(page, top[0], columns, label, problems):
        return None
    if not _check_first_row(top, columns, label, problems):
        return None
    header = {position: name for position, name in enumerate(top[0], 1) if name}
    if not header:
        problems.add("empty-table", label, "io.no-header")
        return None
    if len(header) > MAX_COLUMNS:
        problems.add("file-format", label, "io.too-many-columns", limit=MAX_COLUMNS)
        return None
    if not _check_header(tuple(header.values()), columns, label, problems):
        return None
    if not _check_nameless_cells(page, header, label, problems):
        return None
    frame = _sheet_frame(page, header)
    if frame.size > _MANY_CELLS:
        problems.add("file-format", label, "io.too-many-cells", limit=_MANY_CELLS)
        return None
    displays: dict[str, dict[int, Display]] = {}
    for (row, position), display in page.displays.items():
        if position in header and row > 1:
            displays.setdefault(header[position], {})[row] = display
    blanks = _check_blanks(page, header, frame, label, problems)
    _check_hidden(page, header, frame, label, problems)
    return Table(file, label, Cells.of(frame), displays, blanks)


def _plain_head(words: str) -> str:
    """Return a head without blanks, remarks in brackets, and signs of what is to be filled in."""
    plain = unicodedata.normalize("NFKC", words[:_LONGEST_NUMBER])
    return re.sub(r"[(\[].*|[\s*:]+", "", plain).casefold()


def _named_heads(
    page: SheetCells, columns: Columns, label: str, problems: ProblemLog
) -> list[list[str]]:
    """Return the first rows with the names of columns in place of the words of a form.

    What the words are is noted in ``problems``, so that messages name cells as the sheet does.
    """
    top = page.top(TOP_ROWS)
    if not columns.heads:
        return top
    heads = {name: Head("", words) for name, words in columns.heads.items()}
    for position, words in enumerate(top[0], 1):
        heads[columns.named(words)] = Head(column_letters(position), words)
    problems.heads[label] = heads
    named = []
    for row in top:
        named.append([columns.named(words) for words in row])
    return named


def _check_sheet_choice(
    page: SheetCells, header: Sequence[str], columns: Columns, label: str, problems: ProblemLog
) -> bool:
    """Check that no other sheet is meant, where the user named none.

    Returns False, with ``missing-sheet``, if only another sheet has the columns; adds the warning
    ``sheet-choice`` if others have them as well.
    """
    alike = [title for title, names in page.headers.items() if columns.fit(names)]
    if not alike:
        return True
    if set(columns.required) <= set(header):
        values = {"sheet": page.title, "sheets": Listed(tuple(alike), _NAMED)}
        problems.add("sheet-choice", label, "io.other-sheets", **values)
        return True
    problems.add("missing-sheet", label, "io.sheet-elsewhere", sheet=page.title, right=alike[0])
    return False


def _check_nameless_cells(
    page: SheetCells, header: Mapping[int, str], label: str, problems: ProblemLog
) -> bool:
    """Return False, with ``unknown-column``, if cells stand in columns without a name."""
    is_nameless = ~np.isin(page.columns, list(header)) & (page.rows > 1)
    for position in np.unique(page.columns[is_nameless])[:HINTED]:
        rows = page.rows[is_nameless & (page.columns == position)]
        place = row_place(label, rows, str(position))
        problems.add("unknown-column", place, "io.nameless-column")
    return not is_nameless.any()


def _sheet_frame(page: SheetCells, header: Mapping[int, str]) -> pd.DataFrame:
    """Return the cells below the header under their names, and the numbers of their rows."""
    is_below = page.rows > 1
    rows = np.unique(page.rows[is_below])
    columns = {}
    if len(rows) * len(header) > _MANY_CELLS:
        return pd.DataFrame(index=range(_MANY_CELLS + 1), columns=["row"])
    for position, name in header.items():
        column = np.full(len(rows), "", dtype=object)
        is_here = is_below & (page.columns == position)
        column[np.searchsorted(rows, page.rows[is_here])] = page.cells[is_here]
        columns[name] = column
    frame = pd.DataFrame(columns, dtype=object)
    frame["row"] = rows
    return frame


def _check_blanks(
    page: SheetCells,
    header: Mapping[int, str],
    frame: pd.DataFrame,
    label: str,
    problems: ProblemLog,
) -> dict[str, frozenset[int]]:
    """Report cells that are blank because they are merged, or because nothing was calculated.

    Adds ``blank``. Returns the rows by column.
    """
    asked = {position: name for position, name in header.items() if name not in _REMARKS}
    uncalculated: dict[str, set[int]] = {}
    for row, position in page.uncalculated:
        if position in asked and row > 1:
            uncalculated.setdefault(asked[position], set()).add(row)
    merged: dict[str, set[int]] = {}
    rows = frame["row"].to_numpy()
    for first_row, first_column, last_row, last_column in page.merged:
        covered = rows[
            np.searchsorted(rows, max(first_row, 2)) : np.searchsorted(rows, last_row + 1)
        ]
        for position in range(first_column, min(last_column, max(asked, default=0)) + 1):
            if position in asked and len(covered):
                is_blank = frame.loc[np.searchsorted(rows, covered), asked[position]] == ""
                merged.setdefault(asked[position], set()).update(covered[is_blank.to_numpy()])
    blanks: dict[str, frozenset[int]] = {}
    messages = (("io.formula-not-calculated", uncalculated), ("io.merged-cells", merged))
    for message, by_column in messages:
        for name, blank_rows in by_column.items():
            if blank_rows:
                place = row_place(label, blank_rows, name)
                problems.add("blank", place, message, sheet=page.title)
                blanks[name] = blanks.get(name, frozenset()) | blank_rows
    return blanks


def _check_hidden(
    page: SheetCells,
    header: Mapping[int, str],
    frame: pd.DataFrame,
    label: str,
    problems: ProblemLog,
) -> None:
    """Report sheets, rows and columns that are hidden and were read: ``hidden-cells``."""
    if page.is_hidden:
        problems.add("hidden-cells", label, "io.hidden-sheet", sheet=page.title)
    rows = [row for row in frame["row"].tolist() if row in page.hidden_rows]
    if rows:
        place = row_place(label, rows)
        problems.add("hidden-cells", place, "io.hidden-rows", sheet=page.title)
    names = []
    for position, name in header.items():
        if position in page.hidden_columns and name not in _REMARKS and (frame[name] != "").any():
            names.append(name)
    if names:
        problems.add("hidden-cells", label, "io.hidden-columns", sheet=page.title, columns=names)


def _check_first_row(
    rows: Sequence[Sequence[str]], columns: Columns, label: str, problems: ProblemLog
) -> bool:
    """Return False, with a problem, if the column names are not in row 1 but below a title."""
    known = [*columns.required, *columns.optional]
    for number, row in enumerate(rows[:TOP_ROWS], 1):
        cells = [cell.strip() for cell in row]
        names = sum(columns.has(cell) for cell in cells)
        if number == 1 and names:
            return True
        names += len(_meant_columns([cell for cell in cells if not columns.has(cell)], known))
        if number == 1 and names > 1:
            return True
        if names > 1:
            problems.add("header-row", Place(label, (1,)), "io.header-row", row=number)
            return False
    return True


def _check_header(
    header: Sequence[str], columns: Columns, label: str, problems: ProblemLog
) -> bool:
    """Return False, with problems, if columns are named twice, unknown or missing."""
    names = [name for name in header if name]
    is_valid = True
    for name, count in Counter(names).items():
        if count > 1:
            place = Place(label, column=printable(name))
            problems.add("duplicate-column", place, "io.duplicate-column", count=count)
            is_valid = False
    known = [*columns.required, *columns.optional]
    unknown = [name for name in names if not columns.has(name)]
    missing = [name for name in columns.required if name not in names]
    meant = _meant_columns(unknown, [name for name in known if name not in names])
    wide = _wide_message(unknown, missing, meant)
    if wide:
        named = Listed(tuple(printable(name) for name in unknown if name not in meant), _NAMED)
        values = {"names": named, "columns": Listed(tuple(known), len(known))}
        problems.add("unknown-column", label, wide, **values)
        return False
    for name in unknown[:MAX_FAULTS]:
        place = Place(label, column=printable(name))
        if name in meant:
            problems.add("unknown-column", place, "io.column-meant", name=meant[name])
        else:
            hint = suggestion(name, known)
            problems.add("unknown-column", place, "io.unknown-column", hint=hint)
    required = Listed(columns.required, len(columns.required))
    for name in missing:
        if name not in meant.values():
            place = Place(label, column=name)
            problems.add("missing-column", place, "io.missing-column", columns=required)
    return is_valid and not unknown and not missing


def _meant_columns(unknown: Sequence[str], absent: Sequence[str]) -> dict[str, str]:
    """Return which absent column a column of another name is, in Chinese or with its unit."""
    meant: dict[str, str] = {}
    for name in unknown[:MAX_FAULTS]:
        plain = unicodedata.normalize("NFKC", name[:_LONGEST_NUMBER])
        plain = re.sub(r"[(\[/].*|\s+", "", plain).casefold()
        for column in (plain, *_HEADS.get(plain, ())):
            if column in absent and column not in meant.values():
                meant[name] = column
                break
    return meant


def _wide_message(unknown: Sequence[str], missing: Sequence[str], meant: Mapping[str, str]) -> str:
    """Return the message for a table whose years or names are columns; blank for any other."""
    beside = [name for name in unknown if name not in meant]
    years = [name for name in beside if _YEAR_HEAD.fullmatch(name)]
    if len(years) > 1 and "year" in missing:
        return "io.wide-years"
    lacks_names = not {"class", "name"}.isdisjoint(missing) and "year" not in missing
    has_number = any(name in ("area", "value") for name in missing)
    if len(beside) > 2 and lacks_names and has_number:
        return "io.wide-names"
    return ""


def _name_columns(
    cells: Sequence[Distinct], header: Sequence[str], label: str, problems: ProblemLog
) -> dict[str, Distinct] | None:
    """Name the columns; those without a name are dropped if blank, else they are a problem."""
    is_complete = True
    named = {}
    for position, name in enumerate(header):
        column = cells[position]
        if name:
            named[name] = column
            continue
        is_filled = column.stripped().cells() != ""
        if is_filled.any():
            place = row_place(label, np.flatnonzero(is_filled) + 2, str(position + 1))
            problems.add("unknown-column", place, "io.nameless-column")
            is_complete = False
    return named if is_complete else None


def check_cells(table: Table, problems: ProblemLog) -> None:
    """Report cells that a spreadsheet would run, errors of formulas, and characters not shown.

    Parameters
    ----------
    table : Table
        The table as text.
    problems : ProblemLog
        Receives ``error-value``, ``formula-cell``, ``encoding`` or ``control-character``.
    """
    for name in table.cells.names:
        cells = table.distinct(name)
        faults = 0
        for code, word in enumerate(cells.words):
            is_plain = word.isprintable() and word[:1] not in _FIRST_MARKS
            if is_plain and (name in _REMARKS or not _LOST_LETTERS.search(word)):
                continue
            faults += _report_cell(word, table.place(cells.positions(code), name), problems)
            if faults == MAX_FAULTS:
                break


def _report_cell(word: str, place: Place, problems: ProblemLog) -> bool:
    """Report a cell that cannot be meant; return whether it is one."""
    hidden = hidden_characters(word)
    if word.upper() in ERROR_VALUES:
        problems.add("error-value", place, "io.error-value", value=printable(word))
    elif _begins_formula(word):
        problems.add("formula-cell", place, "io.formula-cell", value=printable(word))
    elif _LOST_LETTERS.search(word):
        problems.add("encoding", place, "io.lost-letters", value=printable(word))
    elif hidden:
        problems.add("control-character", place, "io.control-character", characters=hidden)
    else:
        return False
    return True


def _begins_formula(word: str) -> bool:
    """Return whether a spreadsheet would take a cell for a formula; signed numbers are none."""
    if word[:1] in ("=", "@"):
        return True
    return word[:1] in ("+", "-") and (word[1:2].isalpha() or word[1:2] == "(")


def hidden_characters(word: str) -> tuple[str, ...]:
    """Return the unprintable characters of a text as code points; ends of lines and tabs may be.

    Parameters
    ----------
    word : str

    Returns
    -------
    tuple of str
        Such as ``U+200B``, each once.
    """
    if word.isprintable():
        return ()
    hidden = []
    for mark in word:
        if mark not in "\n\t" and unicodedata.category(mark) in ("Cc", "Cf"):
            hidden.append(f"U+{ord(mark):04X}")
    return tuple(dict.fromkeys(hidden))


def check_lost_zeros(table: Table, name: str, problems: ProblemLog) -> None:
    """Check for region codes that look like a county's code without its first zero.

    Parameters
    ----------
    table : Table
        The table as text.
    name : str
        The column of codes.
    problems : ProblemLog
        Receives the warning ``lost-zero``.
    """
    cells = table.distinct(name)
    cut = []
    for code, word in enumerate(cells.words):
        if len(word) == _CUT_CODE and word.isascii() and word.isdigit():
            cut.append(code)
    if not cut:
        return
    region_codes = [str(cells.words[code]) for code in cut]
    problems.add(
        "lost-zero",
        table.place(np.flatnonzero(np.isin(cells.codes, cut)), name),
        "io.maybe-lost-zero",
        codes=region_codes,
        digits=_CUT_CODE,
        right=f"0{region_codes[0]}",
    )


def check_region_codes(table: Table, name: str, problems: ProblemLog) -> None:
    """Check that the cells of a column can be region codes.

    Parameters
    ----------
    table : Table
        The table as text.
    name : str
        The column of codes; blank cells are left to others.
    problems : ProblemLog
        Receives ``broken-code`` for what a spreadsheet made of a code, and the warning
        ``lost-zero``.
    """
    cells = table.distinct(name)
    for code, word in enumerate(cells.words):
        message, plain = _broken_code(word)
        if message:
            place = table.place(cells.positions(code), name)
            problems.add("broken-code", place, message, value=printable(word), plain=plain)
    check_lost_zeros(table, name, problems)


def is_broken_code(word: str) -> bool:
    """Return whether a word is what a spreadsheet made of a code.

    Which region it stands for is not known, so that rows of the same broken code are not alike.

    Parameters
    ----------
    word : str
        A region code as it is written.

    Returns
    -------
    bool
    """
    message, _ = _broken_code(word)
    return message != "" or word.upper() in ERROR_VALUES


@lru_cache(maxsize=_CACHED)
def _broken_code(word: str) -> tuple[str, str]:
    """Return the message for what is no code, and the code if it can be told; else blank texts."""
    decimal = _DECIMAL.fullmatch(word)
    if _SCIENTIFIC.fullmatch(word):
        return "io.scientific-code", ""
    if decimal:
        return "io.decimal-code", decimal[1]
    if _GROUPED_CODE.fullmatch(word):
        return "io.grouped-code", word.split(".")[0].replace(",", "")
    if _DATE.fullmatch(word):
        return "io.date-in-code", ""
    if set(word) == {"#"}:  # a column too narrow for its numbers
        return "io.no-code", ""
    if word in _NO_CODE or (word.isupper() and word.lower() in _NO_CODE):  # Nan is a place
        return "io.no-code", ""
    return "", ""


def is_total(word: str) -> bool:
    """Return whether a name says that its row is a total, such as 合计, 林地小计 or Total.

    Parameters
    ----------
    word : str
        A region, class, product or other member.

    Returns
    -------
    bool
    """
    plain = unicodedata.normalize("NFKC", word).casefold()
    plain = _NO_PART_OF_TOTAL.sub("", plain)
    if plain in _TOTAL_WORDS or plain.endswith(_TOTAL_ENDINGS):
        return True
    return _TOTAL_ENGLISH.fullmatch(plain) is not None


def check_total_rows(
    table: Table, name: str, problems: ProblemLog, exempt: Iterable[str] = ()
) -> None:
    """Check that no row of totals is among the members of a column.

    A column that names nothing else is left alone: there the word is a name.

    Parameters
    ----------
    table : Table
        The table as text.
    name : str
        The column of regions, classes or other members.
    problems : ProblemLog
        Receives ``total-row``.
    exempt : iterable of str, optional
        Members that are known to be no totals.
    """
    cells = table.distinct(name)
    exempted = set(exempt)
    totals = []
    for code, word in enumerate(cells.words):
        if is_total(word) and word not in exempted:
            totals.append(code)
    members = [word for word in cells.words if word]
    if not totals or len(totals) == len(members):
        return
    for code in totals:
        place = table.place(cells.positions(code), name)
        problems.add("total-row", place, "io.total-row", value=printable(cells.words[code]))


def read_numbers(
    table: Table, name: str, problems: ProblemLog, *, na: bool = False, blank: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Read a column as numbers.

    Parameters
    ----------
    table : Table
        The table as text.
    name : str
        The column.
    problems : ProblemLog
        Receives ``blank``, ``not-a-number``, ``full-width``, ``not-finite`` or
        ``thousands-separator`` for cells that are not numbers.
    na : bool, default False
        Whether a cell may be the word ``na``.
    blank : bool, default False
        Whether a cell may be blank.

    Returns
    -------
    values : ndarray of float, shape (rows,)
        NaN where a cell is ``na``, blank or not a number.
    is_na : ndarray of bool, shape (rows,)
        Where the cell is the word ``na``.
    """
    cells = table.distinct(name)
    by_word, others = _usual_numbers(cells.words)
    percentages = []
    faults = []
    for code, word in zip(others, cells.words[others], strict=True):
        is_number = len(word) <= _LONGEST_NUMBER and _PLAIN.fullmatch(word)
        if is_number:
            by_word[code] = float(word)
            if _SMALLEST <= abs(by_word[code]) <= LARGEST or _is_zero(word):
                continue
        elif (na and word == "na") or (blank and word == "") or word.upper() in ERROR_VALUES:
            continue
        elif len(word) <= _LONGEST_NUMBER and _PERCENTAGE.fullmatch(word):
            percentages.append(code)
            continue
        faults.append(code)
    values = by_word[cells.codes]
    for code in percentages[:MAX_FAULTS]:
        _fill_percentage(
            table,
            name,
            str(cells.words[code]),
            cells.positions(code),
            values,
            problems,
        )
    explained = table.blanks.get(name, frozenset())
    for code in faults[:MAX_FAULTS]:
        word = str(cells.words[code])
        positions = cells.positions(code)
        if word == "" and explained:
            positions = positions[
                ~np.isin(table.frame["row"].to_numpy()[positions], list(explained))
            ]
        if len(positions):
            _report_number(word, table.place(positions, name), table, problems)
    _check_displays(table, name, problems)
    is_na = (cells.words == "na")[cells.codes] if len(cells.words) else np.zeros(0, dtype=bool)
    return values, is_na


def _usual_numbers(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Read the words that are plain numbers of a usual size, many at a time.

    Returns
    -------
    numbers : ndarray of float
        NaN where a word must be looked at by itself.
    others : ndarray of int
        The positions of these words.
    """
    numbers = np.full(len(words), np.nan)
    for start in range(0, len(words), _WORDS_AT_ONCE):
        some = words[start : start + _WORDS_AT_ONCE]
        lines = "\n".join(some) + "\n"
        is_short = max(map(len, some)) <= _LONGEST_NUMBER
        if is_short and lines.count("\n") == len(some) and _PLAIN_LINES.fullmatch(lines):
            numbers[start : start + len(some)] = some.astype(float)
    with np.errstate(invalid="ignore"):
        size = np.abs(numbers)
        is_usual = (size >= _SMALLEST) & (size <= LARGEST)
    numbers[~is_usual] = np.nan
    return numbers, np.flatnonzero(~is_usual)


def _is_zero(word: str) -> bool:
    """Return whether a number has no digit but 0; 1e-400 has one, and would be read as 0."""
    mantissa = word.lower().partition("e")[0]
    return not mantissa.strip("+-.0")


def _unit_column(table: Table, name: str) -> str:
    """Return the column with the units of a column of numbers; blank if there is none."""
    for column in (f"{name}_unit", "unit"):
        if column in table.frame:
            return column
    return ""


def _fill_percentage(
    table: Table,
    name: str,
    word: str,
    positions: np.ndarray,
    values: np.ndarray,
    problems: ProblemLog,
) -> None:
    """Read a percentage where its unit or column leaves no doubt of what it means.

    ``12%`` is 12 of the unit %, and 0.12 of the unit 1 or in a column of fractions; elsewhere it is
    ``not-a-number``.
    """
    match = _PERCENTAGE.fullmatch(word)
    number = Decimal(match.group(1) if match else 0)
    column = _unit_column(table, name)
    units = (
        table.column(column).to_numpy()[positions] if column else np.array([""] * len(positions))
    )
    refused = []
    for position, unit in zip(positions, units, strict=True):
        spelling = _canonical(unit)
        if spelling == "%":
            values[position] = float(number)
        elif spelling == "1" or (not column and name in _FRACTIONS):
            values[position] = float(number / 100)
        else:
            refused.append(position)
    if refused:
        fraction = f"{number / 100:f}"
        shown = {"value": printable(word), "number": f"{number:f}", "fraction": fraction}
        message = "io.percentage" if column else "io.percentage-without-unit"
        problems.add("not-a-number", table.place(refused, name), message, **shown)


def _canonical(unit: str) -> str:
    """Return the normal spelling of a unit; blank if it cannot be read."""
    try:
        return canonical(unit)
    except UnitError:
        return ""


def _check_displays(table: Table, name: str, problems: ProblemLog) -> None:
    """Check that a sheet shows the numbers of a column as it holds them: ``number-format``."""
    displays = table.displays.get(name, {})
    if not displays:
        return
    column = _unit_column(table, name)
    units = dict(zip(table.frame["row"], table.column(column), strict=True)) if column else {}
    unlike: dict[str, list[int]] = {"io.shown-otherwise": [], "io.shown-with-unit": []}
    for row, display in displays.items():
        message = _display_fault(display, units.get(row, ""), bool(column))
        if message:
            unlike[message].append(row)
    for message, rows in unlike.items():
        if rows:
            first = displays[min(rows)]
            values = {
                "shown": printable(first.shown),
                "held": first.held,
                "beside": printable(first.unit),
                "unit": units.get(min(rows), ""),
            }
            problems.add("number-format", row_place(table.label, rows, name), message, **values)


def _display_fault(display: Display, unit: str, has_units: bool) -> str:
    """Return the message for a number that is shown in another way; blank if it means the same."""
    if not display.unit:
        return "io.shown-otherwise"
    written = _canonical(display.unit)
    if not written:
        return ""
    if has_units:
        return "" if written == _canonical(unit) else "io.shown-with-unit"
    return "io.shown-with-unit" if written[:3] == "10^" or written in ("%", "‰") else ""


def _report_number(word: str, place: Place, table: Table, problems: ProblemLog) -> None:
    """Report a cell that is not a number, and how to write the number it seems to mean."""
    if word == "":
        is_workbook = table.path.suffix.lower() in _WORKBOOKS
        message = "io.blank-number-in-workbook" if is_workbook else "io.blank-number"
        problems.add("blank", place, message)
        return
    value = printable(word)
    if len(word) > _LONGEST_NUMBER:
        problems.add("not-a-number", place, "io.number-too-long", value=value, count=len(word))
        return
    plain = unicodedata.normalize("NFKC", word)
    digits = plain.replace(",", "").replace(" ", "")
    with_point = plain.replace(",", ".")
    if word.lower() in _NOT_AVAILABLE:
        problems.add("not-a-number", place, "io.not-available", value=value)
    elif plain != word and _PLAIN.fullmatch(plain):
        problems.add("full-width", place, "io.full-width", value=value, number=plain)
    elif _PLAIN.fullmatch(plain) and abs(float(plain)) < _SMALLEST:
        problems.add("not-finite", place, "io.too-small", value=value)
    elif plain.lower().lstrip("+-") in _INFINITE or _PLAIN.fullmatch(plain):
        problems.add("not-finite", place, "io.not-finite", value=value)
    elif _GROUPED.fullmatch(plain):
        message = "io.thousands-separator"
        problems.add("thousands-separator", place, message, value=value, number=digits)
    elif _PLAIN.fullmatch(digits) and _PLAIN.fullmatch(with_point):
        message = "io.decimal-comma"
        problems.add("thousands-separator", place, message, value=value, number=with_point)
    elif _PLAIN.fullmatch(digits):
        problems.add("thousands-separator", place, "io.odd-separators", value=value)
    else:
        message, values = _meant_number(plain)
        problems.add("not-a-number", place, message, value=value, **values)


def _meant_number(plain: str) -> tuple[str, dict[str, object]]:
    """Return the message for a cell that is not a number, and the values in it."""
    day = _TYPED_DATE.fullmatch(plain)
    if day and day.group(1):
        try:
            serial = (date(*map(int, day.group(1, 2, 3))) - _FIRST_DAY).days
        except ValueError:
            return "io.not-a-number", {}
        return "io.number-as-date", {"number": serial}
    if day:
        return "io.typed-as-date", {}
    bracketed = _BRACKETED.fullmatch(plain)
    if bracketed:
        return "io.number-in-brackets", {"number": bracketed.group(1).replace(",", "")}
    amid = _NUMBER_AMID.fullmatch(plain)
    if amid and (amid.group(1) or amid.group(3)):
        beside = (amid.group(1) + amid.group(3)).strip()
        is_of_size = _WORD_OF_SIZE.match(amid.group(3).strip())
        return "io.number-of-size" if is_of_size else "io.number-amid-text", {
            "number": amid.group(2).replace(",", ""),
            "beside": printable(beside),
        }
    return "io.not-a-number", {}


def is_date(word: str) -> bool:
    """Return whether a text is a day written as 2020-12-31.

    Other forms that Python reads, such as 20201231, are not days: they do not compare as texts.

    Parameters
    ----------
    word : str

    Returns
    -------
    bool
    """
    try:
        return date.fromisoformat(word).isoformat() == word
    except ValueError:
        return False
