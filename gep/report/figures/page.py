"""What every figure shares: its language and font, the page around it, parts of charts, its file.

A page has the title on top and the notes below. Texts are worded here, in the language that can be
drawn; what the figures show is left to ``gep.report.figures.charts`` and
``gep.report.figures.maps``. matplotlib is imported only when a figure is asked for.
"""

import os
import re
import tempfile
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep.report.figures.chart_layout import Ribbon
from gep.texts.catalogue import LANGUAGES, Language, Sayable, say, text, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontManager

# A text of a figure: a string, what waits for its language, or a string for each language.
FigureText = str | Sayable | Mapping[Any, str]

TRIAL: FigureText = text("report.trial")

# Inches.
WIDTH = 7.4  # of the page
MARGIN = 0.35
ROOM = WIDTH - 2 * MARGIN
_TITLE_LINE = 0.27  # from one line of the title to the next
_NOTE_LINE = 0.165  # from one line of the notes to the next
_UNIT_LINE = 0.2
_HEAD = 0.48  # above and below the title
_FOOT = 0.4  # above and below the notes
_NOTES_BELOW = 0.18  # from the figure to the notes
_LABEL_LINE = 0.15
_LABEL_GAP = 0.1
_LOWEST_ROW = 0.27
_NODE = 0.09  # width of the node of a flow

# Points.
SIZE = 8.5  # names and numbers
SMALL = 7.5  # numbers where they are many
_TITLE_SIZES = (14, 13, 12, 11, 10, 9)  # the largest that lets the title fit
_NOTE_SIZE = 7.5
_UNIT_SIZE = 9

# Half-width columns of a line.
_TITLE_COLUMNS = 62
_NOTE_COLUMNS = 112
_FEWEST_COLUMNS = 20
_TITLE_LINES = 2  # at most
_LOOKED_BACK = 4  # a line may end early by this part of its columns

INK = "#333333"
LINE = "#999999"
GRID = "#e4e4e4"
_DARK = 140  # luminance, of 255, below which white reads better than black
_DPI = 220  # dots per inch of a file
_AXES_DPI = 100  # dots per inch before a file is written
CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_FONTS = (
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "STHeiti",
    "SimHei",
    "DengXian",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
    "Source Han Sans",
    "Sarasa Gothic SC",
    "Droid Sans Fallback",
    "Songti SC",
    "STSong",
    "SimSun",
    "Noto Serif CJK SC",
    "Noto Serif CJK JP",
    "Source Han Serif SC",
    "FangSong",
    "KaiTi",
    "AR PL UMing CN",
    "PingFang HK",
    "Heiti TC",
    "Arial Unicode MS",
)
_OTHER_FONTS = ("Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC")
_FONT_FILE = re.compile(
    "cjk|sourcehan|msyh|pingfang|simhei|simsun|deng|wqy|songti|fallback", re.IGNORECASE
)
# A word with the opening punctuation before it and the closing punctuation and blanks after it.
_OPENING = "（《〈“‘「『【〔("
_CLOSING = "，。；：、！？）》〉”’」』】〕…·—–％%‰°℃)]},.;:!?"
_PIECE = re.compile(
    rf"[{re.escape(_OPENING)}]*"
    rf"(?:[^\u2e80-\uffef\s]+|[\u2e80-\uffef])[{re.escape(_CLOSING)}]*\s*|\s+"
)
# A number at the end of a piece, which keeps the unit after it: 12, 1,200.5, 30 万.
_NUMBER_AT_END = re.compile(r"(?:^|[^A-Za-z\d])\d[\d,.]*\s?[十百千万亿]{0,2}$")


@dataclass(frozen=True)
class Sheet:
    """The texts around a figure, worded in the language that is drawn.

    Attributes
    ----------
    title : str
    unit : str
        Stands below the title or in the legend.
    notes : sequence of str
        Paragraphs below the figure.
    language : {'zh', 'en'}
    """

    title: str
    unit: str
    notes: Sequence[str]
    language: Language


@dataclass(frozen=True)
class Page:
    """A page to draw on; the room for the figure lies between ``head`` and ``foot``.

    Attributes
    ----------
    figure : Figure
    head, foot, height : float
        Inches: of the title, of the notes, of the whole page.
    """

    figure: "Figure"
    head: float
    foot: float
    height: float

    def box(self, left: float, width: float) -> tuple[float, float, float, float]:
        """Return the room from ``left`` inches on, ``width`` inches wide, as shares of the page."""
        height = self.height - self.head - self.foot
        return (
            left / WIDTH,
            self.foot / self.height,
            width / WIDTH,
            height / self.height,
        )


# --- language and font ---------------------------------------------------------------------------


@cache
def cjk_font() -> str | None:
    """Return the name of an installed font with Chinese characters, None if there is none."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    name = _first_known_font(manager)
    if name is not None:
        return name
    # Fonts that were installed since matplotlib last looked.
    for file in font_manager.findSystemFonts():
        if _FONT_FILE.search(file):
            manager.addfont(file)
    return _first_known_font(manager)


def _first_known_font(manager: "FontManager") -> str | None:
    installed = {entry.name for entry in manager.ttflist}
    return next((name for name in _FONTS if name in installed), None)


def drawn_language(wanted: Language) -> Language:
    """Return the language in which a figure can be drawn.

    Parameters
    ----------
    wanted : {'zh', 'en'}

    Returns
    -------
    {'zh', 'en'}
        ``wanted``; English, with one warning, where Chinese is wanted and no font has it.
    """
    if wanted == "zh" and cjk_font() is None:
        _warn_no_font()
        return "en"
    return wanted


@cache  # once in a process
def _warn_no_font() -> None:
    warnings.warn(str(text("report.no-font")), stacklevel=4)


def drawable(label: FigureText, language: Language) -> str:
    """Word a text of a figure, without characters that would be drawn as empty boxes.

    Parameters
    ----------
    label : str, Sayable or mapping of language to str
    language : {'zh', 'en'}

    Returns
    -------
    str
        In the other language where the text is blank in this one. Without a Chinese font, Chinese
        characters are left out. Control characters and marks of writing direction are spelled.
    """
    words = _in_language(label, language)
    for other_language in LANGUAGES:
        words = words or _in_language(label, other_language)
    words = visible(words).replace("\t", " ")
    return words if cjk_font() else CJK.sub("", words).strip()


def _in_language(label: FigureText, language: Language) -> str:
    if isinstance(label, str):
        return label
    if isinstance(label, Sayable):
        return label.say(language)
    return label.get(language, "")


def sheet_of(
    title: FigureText, unit: FigureText, notes: Sequence[FigureText], language: Language
) -> Sheet:
    """Word the texts around a figure.

    Parameters
    ----------
    title, unit : str, Sayable or mapping of language to str
    notes : sequence of str, Sayable or mapping of language to str
    language : {'zh', 'en'}
        See :func:`drawn_language`.

    Returns
    -------
    Sheet
    """
    return Sheet(
        title=drawable(title, language),
        unit=drawable(unit, language),
        notes=[drawable(note, language) for note in notes],
        language=language,
    )


def name_lines(
    label: FigureText, language: Language, substitute: str, columns: int = 26
) -> list[str]:
    """Break a name into lines, as few as can be and of about the same length.

    Parameters
    ----------
    label : str, Sayable or mapping of language to str
    language : {'zh', 'en'}
    substitute : str
        Stands where nothing of the name can be drawn.
    columns : int, default 26
        Half-width columns of a line at most.

    Returns
    -------
    list of str
    """
    return _balanced_lines(drawable(label, language) or substitute, columns)


# --- the page ------------------------------------------------------------------------------------


@contextmanager
def style() -> Iterator[None]:
    """Apply the settings under which a figure is drawn, measured and saved."""
    from matplotlib import rc_context

    font = cjk_font()
    fonts = [font, "DejaVu Sans"] if font else ["DejaVu Sans"]
    fonts.append("sans-serif")
    with rc_context(
        {
            "font.family": fonts,
            # Where an SVG is opened on a computer that lacks the font it was drawn with.
            "font.sans-serif": ["DejaVu Sans", *_OTHER_FONTS],
            "hatch.linewidth": 0.5,
            "svg.hashsalt": "gep",
            "svg.fonttype": "none",  # text stays text, which can be searched and edited
            "pdf.fonttype": 42,
            "axes.unicode_minus": True,
            "text.parse_math": False,
        }
    ):
        yield


def page(sheet: Sheet, figure_height: float, below_title: bool = False) -> Page:
    """Make a page with its title and notes.

    Parameters
    ----------
    sheet : Sheet
    figure_height : float
        Inches between title and notes.
    below_title : bool, default False
        Whether the unit stands below the title.

    Returns
    -------
    Page
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    title, size = _fitted_title(sheet.title)
    unit = spelled(sheet.unit) if below_title else ""
    notes = []
    for note in sheet.notes:
        if note:
            notes += _fitted_lines(note, _NOTE_COLUMNS, _NOTE_SIZE, "normal")
    head = _TITLE_LINE * len(title) * size / _TITLE_SIZES[0] + _HEAD
    if unit:
        head += _UNIT_LINE
    foot = _NOTE_LINE * len(notes) + _FOOT
    height = head + figure_height + foot
    figure = Figure(figsize=(WIDTH, height), facecolor="white")
    FigureCanvasAgg(figure)
    left = MARGIN / WIDTH
    title_top = 1 - 0.22 / height
    figure.text(
        left,
        title_top,
        "\n".join(title),
        size=size,
        va="top",
        weight="bold",
        linespacing=1.35,
    )
    if unit:
        unit_bottom = 1 - (head - 0.1) / height
        figure.text(
            left,
            unit_bottom,
            unit,
            size=_UNIT_SIZE,
            va="bottom",
            color="#444444",
        )
    notes_top = (foot - _NOTES_BELOW) / height
    figure.text(
        left,
        notes_top,
        "\n".join(notes),
        size=_NOTE_SIZE,
        va="top",
        linespacing=1.45,
    )
    return Page(figure, head, foot, height)


def widths(labels: Iterable[str], size: float, weight: str = "normal") -> list[float]:
    """Measure how wide texts are when drawn.

    Parameters
    ----------
    labels : iterable of str
    size : float
        Points.
    weight : {'normal', 'bold'}

    Returns
    -------
    list of float
        Inches.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scratch = Figure(dpi=_DPI)
    FigureCanvasAgg(scratch)
    inches = []
    for label in labels:
        drawn = scratch.text(0, 0, label, size=size, weight=weight)
        inches.append(drawn.get_window_extent().width / _DPI)
    return inches


def _fitted_lines(paragraph: str, columns: int, size: float, weight: str) -> list[str]:
    """Break a paragraph into lines of so many columns, or fewer where they are too wide."""
    lines = wrap(paragraph, columns)
    while columns > _FEWEST_COLUMNS and max(widths(lines, size, weight), default=0) > ROOM:
        columns -= 2
        lines = wrap(paragraph, columns)
    return lines


def _balanced_lines(paragraph: str, columns: int) -> list[str]:
    """Break a paragraph into as few lines as can be: at punctuation, then of the same length."""
    lines = wrap(paragraph, columns)
    if len(lines) == 1:
        return lines
    candidates = [wrap(paragraph, fewer) for fewer in range(columns, columns // 2, -1)]

    def rank(candidate: Sequence[str]) -> tuple[int, int, int]:
        cut_words = 0
        for line in candidate[:-1]:
            if line and is_wide(line[-1]) and line[-1] not in _CLOSING:
                cut_words += 1
        return len(candidate), cut_words, max(_columns(line) for line in candidate)

    return min(candidates, key=rank)


def _fitted_title(title: str) -> tuple[list[str], float]:
    """Break a title into two lines at most, and return them with their size in points.

    A title that does not fit in the smallest size is cut, and ends with an ellipsis.
    """
    for size in _TITLE_SIZES:
        columns = int(_TITLE_COLUMNS * _TITLE_SIZES[0] / size)
        lines = _fitted_lines(title, columns, size, "bold")
        if len(lines) == _TITLE_LINES and "\n" not in title:
            return _balanced_lines(title, columns), size
        if len(lines) <= _TITLE_LINES:
            return lines, size
    paragraphs = title.splitlines()
    if len(paragraphs) == 1:
        first = lines[0]
        paragraphs = [first, title.removeprefix(first).strip()]
    return [_shortened(line, size, "bold") for line in paragraphs[:_TITLE_LINES]], size


def _shortened(line: str, size: float, weight: str) -> str:
    """Cut a line that is too wide for the page, and end it with an ellipsis."""
    shown = line
    count = len(line)
    (width,) = widths([shown], size, weight)
    while width > ROOM:
        count = min(count - 1, int(count * ROOM / width))
        shown = line[:count].rstrip() + "…"
        (width,) = widths([shown], size, weight)
    return shown


# --- parts of charts -----------------------------------------------------------------------------


@dataclass(frozen=True)
class RowChart:
    """A chart of rows with their labels at the left; y is in inches from the top.

    Attributes
    ----------
    page : Page
    axes : Axes
    centres : list of float
        The middle of every row.
    """

    page: Page
    axes: "Axes"
    centres: list[float]


def row_chart(
    sheet: Sheet,
    labels: Sequence[Sequence[str]],
    span: tuple[float, float],
    room: tuple[float, float],
    headroom: float,
) -> RowChart:
    """Make a chart of rows, in which nothing but the labels is drawn yet.

    Parameters
    ----------
    sheet : Sheet
    labels : sequence of sequence of str
        The lines of the label of each row.
    span : (float, float)
        The smallest and the largest value to draw.
    room : (float, float)
        Inches at the left and at the right of the span.
    headroom : float
        Inches above the first row.

    Returns
    -------
    RowChart
    """
    heights = [max(_LOWEST_ROW, _LABEL_LINE * len(lines) + _LABEL_GAP) for lines in labels]
    bottoms = list(accumulate(heights, initial=headroom))
    centres = [bottom - height / 2 for bottom, height in zip(bottoms[1:], heights, strict=True)]
    sheet_page = page(sheet, bottoms[-1], below_title=True)
    column = max(widths(chain.from_iterable(labels), SIZE)) + 0.12
    axes = sheet_page.figure.add_axes(sheet_page.box(MARGIN + column, ROOM - column))
    axes.set_axis_off()
    low, high = span
    if not low < high:
        low, high = low - 0.5, high + 0.5
    left_room, right_room = room
    per_inch = (high - low) / (ROOM - column - sum(room))
    axes.set(
        xlim=(low - left_room * per_inch, high + right_room * per_inch),
        ylim=(bottoms[-1], 0),
    )
    for lines, y in zip(labels, centres, strict=True):
        axes.annotate(
            "\n".join(lines),
            (0, y),
            xycoords=("axes fraction", "data"),
            xytext=(-7, 0),
            textcoords="offset points",
            size=SIZE,
            ha="right",
            va="center",
            linespacing=1.15,
            color=INK,
        )
    return RowChart(sheet_page, axes, centres)


def beside(
    axes: "Axes", x: float, y: float, label: str, side: int = 1, size: float = SIZE, **look: Any
) -> None:
    """Write a text beside a point.

    Parameters
    ----------
    axes : Axes
    x, y : float
    label : str
    side : {1, -1}
        1 at the right, -1 at the left.
    size : float
        Points.
    **look
        Other properties of a matplotlib text.
    """
    align = "left" if side > 0 else "right"
    look = {"color": INK, "va": "center_baseline", "ha": align, **look}
    axes.annotate(
        label,
        (x, y),
        xytext=(4 * side, 0),
        textcoords="offset points",
        size=size,
        annotation_clip=False,
        **look,
    )


def colour_key(sheet_page: Page, entries: Sequence[tuple[str, str]]) -> None:
    """Draw what the colours mean (colour, text) in one line above the chart."""
    from matplotlib.patches import Patch

    sheet_page.figure.legend(
        handles=[Patch(facecolor=colour, label=label) for colour, label in entries],
        loc="upper left",
        ncols=len(entries),
        bbox_to_anchor=(MARGIN / WIDTH, 1 - sheet_page.head / sheet_page.height),
        borderaxespad=0,
        borderpad=0,
        frameon=False,
        fontsize=SMALL,
        handlelength=1.1,
        handleheight=1.0,
        columnspacing=1.6,
    )


def cut_bars(axes: "Axes", base: float, rows: Sequence[float], side: int) -> None:
    """Draw two slanted white strokes through bars near their base: they are longer than drawn.

    Parameters
    ----------
    axes : Axes
    base : float
        Where the bars begin.
    rows : sequence of float
        The middle of each bar.
    side : {1, -1}
        1 if the bars run to the right.
    """
    left, right = axes.get_xlim()
    pixels = axes.get_window_extent().width
    per_inch = side * (right - left) * _AXES_DPI / pixels
    for y in rows:
        for shift in (0.1, 0.17):
            lower_x = base + (shift - 0.03) * per_inch
            upper_x = base + (shift + 0.03) * per_inch
            axes.plot(
                [lower_x, upper_x],
                [y + 0.13, y - 0.13],
                "w",
                lw=2,
            )


def bent_ribbons(
    axes: "Axes", ribbons: Sequence[Ribbon], colours: Mapping[str, str], width: float
) -> None:
    """Draw ribbons, bent by cubic Bezier curves, what keeps its type below, the smallest on top.

    Parameters
    ----------
    axes : Axes
        In inches.
    ribbons : sequence of Ribbon
    colours : mapping of str to str
        By type; a ribbon has the colour of its source.
    width : float
        Inches from the nodes at the left to those at the right, both included.
    """
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    first = _NODE
    last = width - _NODE
    middle = width / 2
    curve = [Outline.CURVE4] * 3
    codes = [Outline.MOVETO, *curve, Outline.LINETO, *curve, Outline.CLOSEPOLY]

    def drawing_order(ribbon: Ribbon) -> tuple[bool, float]:
        return ribbon.source != ribbon.target, -ribbon.height

    for ribbon in sorted(ribbons, key=drawing_order):
        lower_left = ribbon.left + ribbon.height
        lower_right = ribbon.right + ribbon.height
        corners = [
            (first, ribbon.left),
            (middle, ribbon.left),
            (middle, ribbon.right),
            (last, ribbon.right),
            (last, lower_right),
            (middle, lower_right),
            (middle, lower_left),
            (first, lower_left),
            (first, ribbon.left),
        ]
        colour = colours[ribbon.source]
        alpha = 0.2 if ribbon.source == ribbon.target else 0.75
        outline = Outline(corners, codes)
        axes.add_patch(
            PathPatch(outline, facecolor=colour, edgecolor=colour, alpha=alpha, linewidth=0.5)
        )


def is_dark(colour: str) -> bool:
    """Return whether white reads better than black on a colour ``#rrggbb``."""
    red = int(colour[1:3], 16)
    green = int(colour[3:5], 16)
    blue = int(colour[5:7], 16)
    return 0.299 * red + 0.587 * green + 0.114 * blue < _DARK


# --- files ---------------------------------------------------------------------------------------


def write(figure: "Figure", path: Path) -> Path:
    """Save a figure whole or not at all: a run that breaks leaves the old file.

    Parameters
    ----------
    figure : Figure
    path : Path
        A ``png``, ``svg`` or ``pdf``; its folder is made where it does not exist.

    Returns
    -------
    Path
        ``path``.
    """
    suffix = path.suffix.removeprefix(".").lower() or "png"
    # Without versions and times, so that the same figure is the same file.
    metadata = {
        "png": {"Software": None},
        "svg": {"Date": None},
        "pdf": {"CreationDate": None},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=f".{suffix}", dir=path.parent)
    os.close(handle)
    try:
        figure.savefig(name, format=suffix, dpi=_DPI, metadata=metadata.get(suffix))
        os.chmod(name, 0o644)  # mkstemp keeps it to the owner
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
    return path


# --- words ---------------------------------------------------------------------------------------


def short_names(names: Mapping[str, str]) -> dict[str, str]:
    """Shorten Chinese names of regions by 市, 县 or 区 at their end.

    Parameters
    ----------
    names : mapping of str to str
        By code.

    Returns
    -------
    dict of str to str
        Names of two characters, and names that would be the same as others, stay as they are.
    """
    short = {}
    for code, name in names.items():
        short[code] = name
        if len(name) > 2:
            short[code] = re.sub("[市县区]$", "", name)
    count = Counter(short.values())
    for code, name in names.items():
        if count[short[code]] > 1:
            short[code] = name
    return short


def distinct_names(names: Mapping[str, str]) -> dict[str, str]:
    """Add the code to names that several regions have.

    Parameters
    ----------
    names : mapping of str to str
        By code.

    Returns
    -------
    dict of str to str
        By code; the code alone where a name is blank.
    """
    count = Counter(names.values())
    distinct = {}
    for code, name in names.items():
        distinct[code] = name or code
        if name and name != code and count[name] > 1:
            distinct[code] = f"{name} ({code})"
    return distinct


def wrap(paragraph: str, columns: int) -> list[str]:
    """Break a text into lines.

    Parameters
    ----------
    paragraph : str
        Line breaks in it stay.
    columns : int
        Half-width columns of a line at most; a longer word has a line of its own.

    Returns
    -------
    list of str
        Latin is broken at blanks, Chinese anywhere; but neither before closing punctuation nor
        between a number and its unit.
    """
    if "\n" in paragraph:
        broken = [wrap(line, columns) for line in paragraph.splitlines()]
        return list(chain.from_iterable(broken))
    lines: list[list[str]] = [[]]
    for piece in _unbroken_pieces(paragraph.strip(), columns):
        line = lines[-1]
        if line and _columns("".join([*line, piece]).rstrip()) > columns:
            room = min(columns // _LOOKED_BACK, columns - _columns(piece.rstrip()))
            end = _end_of_line(line, room)
            lines.append(line[end:])
            del line[end:]
        lines[-1].append(piece)
    return ["".join(line).rstrip() for line in lines]


def _end_of_line(pieces: Sequence[str], columns: int) -> int:
    """Return after which piece a full line ends: punctuation or a blank near its end, else there.

    Chinese has no blanks between words; behind punctuation no word is cut.
    """
    width = 0
    for position in range(len(pieces), 0, -1):
        piece = pieces[position - 1]
        if piece[-1].isspace() or piece[-1] in _CLOSING:
            return position
        width += _columns(piece)
        if width > columns:
            break
    return len(pieces)


def _unbroken_pieces(paragraph: str, columns: int) -> list[str]:
    """Cut a paragraph where a line may end: not before a unit or closing punctuation."""
    pieces: list[str] = []
    for piece in _PIECE.findall(paragraph):
        if pieces and _holds_together(pieces[-1], piece):
            joined = pieces[-1] + piece
            if _columns(joined.rstrip()) <= columns:
                pieces[-1] = joined
                continue
            rest = piece.lstrip(_CLOSING).lstrip()  # of a long word what stands before it alone
            marks = piece.removesuffix(rest)
            if marks and _columns(pieces[-1] + marks.rstrip()) <= columns:
                pieces[-1] += marks
                piece = rest
        if piece:
            pieces.append(piece)
    return pieces


def _holds_together(piece: str, following: str) -> bool:
    """Return whether a line must not end between two pieces."""
    if following[0] in _CLOSING:
        return True
    ends_with_number = _NUMBER_AT_END.search(piece.rstrip()) is not None
    return ends_with_number and not following[0].isdigit() and following[0] not in _OPENING


def _columns(piece: str) -> int:
    """Count half-width columns; a Chinese character takes two."""
    return sum(2 if is_wide(character) else 1 for character in piece)


def is_wide(character: str) -> bool:
    """Return whether a character is as wide as it is high, as Chinese ones are."""
    return unicodedata.east_asian_width(character) in "WF"


def spoken(unit: str, language: Language) -> str:
    """Write a unit of money as it is said: in Chinese ``10^4 CNY km-2`` is 万元 km-2.

    Parameters
    ----------
    unit : str
    language : {'zh', 'en'}

    Returns
    -------
    str
        Other units as they are.
    """
    for power in ("10^4 ", "10^8 ", "10^9 "):
        key = f"report.money.{power.strip()}"
        unit = re.sub(rf"{re.escape(power)}(?=CNY|USD)", say(language, key), unit)
    for currency in ("CNY", "USD"):
        unit = unit.replace(currency, say(language, f"report.money.{currency}"))
    return unit


def spelled(unit: str) -> str:
    """Write exponents of a unit as superscripts: ``t ha-1`` is printed t ha⁻¹."""
    plain = unit.replace("CO2", "CO₂")

    def raise_exponent(match: re.Match[str]) -> str:
        exponent = match[1] or match[2]
        return exponent.translate(_RAISED)

    return re.sub(r"(?<=[a-z])\^?(-?\d)(?!\d)|\^(-?\d+)", raise_exponent, plain)
