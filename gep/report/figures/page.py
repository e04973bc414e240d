"""What every figure shares: its language and font, the page with title above and notes below, how it is written.

A text may be one string or a mapping with ``zh`` and ``en``: without a Chinese font the English one is drawn.
matplotlib is imported when a figure is asked for, by the modules that draw and nowhere else.
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
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep.report.figures.chart_layout import Ribbon
from gep.texts.catalogue import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Text = str | Mapping[Any, str]

TRIAL: Text = {
    "zh": "试算结果，教学演示，非公布数据。",
    "en": "Trial calculation for teaching, not a published figure.",
}
WIDTH, MARGIN = 7.4, 0.35  # inches: the page, its margin
ROOM = WIDTH - 2 * MARGIN
SIZE, SMALL = 8.5, 7.5  # points: names and numbers, numbers where they are many
INK, LINE = "#333333", "#999999"
CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")
_LINE = 0.165  # inches from one line of the notes to the next
_DPI = 220
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
_FONT_FILE = re.compile(
    "cjk|sourcehan|msyh|pingfang|simhei|simsun|deng|wqy|songti|fallback", re.IGNORECASE
)


@dataclass(frozen=True)
class Sheet:
    """The texts around a figure, all in the language drawn; the unit stands below the title or in the legend."""

    title: str
    unit: str
    notes: Sequence[str]
    language: Language


@dataclass(frozen=True)
class Page:
    """A page to draw on: between ``head`` and ``foot`` (inches) lies the room for the figure; ``height`` is all."""

    figure: "Figure"
    head: float
    foot: float
    height: float

    def box(self, left: float, wide: float) -> tuple[float, float, float, float]:
        """The room from ``left`` inches on, ``wide`` inches wide, as shares of the page."""
        tall = self.height - self.head - self.foot
        return left / WIDTH, self.foot / self.height, wide / WIDTH, tall / self.height


@cache
def cjk_font() -> str | None:
    """The name of an installed font with Chinese characters, None if there is none."""
    from matplotlib import font_manager

    fonts = font_manager.fontManager
    for look in ("known", "installed since matplotlib last looked"):
        if look != "known":
            for file in filter(_FONT_FILE.search, font_manager.findSystemFonts()):
                fonts.addfont(file)
        names = {entry.name for entry in fonts.ttflist}
        found = next((name for name in _FONTS if name in names), None)
        if found:
            return found
    return None


def drawn_language(wanted: Language) -> Language:
    """``wanted``, or English (with one warning) where Chinese is wanted and no Chinese font is installed."""
    if wanted == "zh" and cjk_font() is None:
        _warn_no_font()
        return "en"
    return wanted


@cache  # once in a process
def _warn_no_font() -> None:
    advice = "no Chinese font found: figures are in English; install for example Noto Sans CJK for Chinese ones"
    warnings.warn(advice, stacklevel=4)


def say(text: Text, language: Language, *inside: object) -> str:
    """The text in the language, else in the other one; never characters that would be drawn as empty boxes.

    ``inside`` fills its places ``{}``.
    """
    if not isinstance(text, str):
        text = text.get(language) or next((other for other in text.values() if other), "")
    if inside:
        text = text.format(*inside)
    return text if cjk_font() else CJK.sub("", text).strip()


def sheet_of(title: Text, unit: Text, notes: Sequence[Text], language: Language) -> Sheet:
    """The texts in the language to draw."""
    return Sheet(
        say(title, language), say(unit, language), [say(note, language) for note in notes], language
    )


def name_lines(text: Text, language: Language, spare: str, columns: int = 26) -> list[str]:
    """The lines of a name; ``spare`` where nothing of it can be drawn."""
    return wrap(say(text, language) or spare, columns)


@contextmanager
def style() -> Iterator[None]:
    """The settings under which a figure is drawn, measured and saved."""
    from matplotlib import rc_context

    font = cjk_font()
    fonts = [font, "DejaVu Sans"] if font else ["DejaVu Sans"]
    with rc_context(
        {
            "font.family": fonts,
            "hatch.linewidth": 0.5,
            "svg.hashsalt": "gep",
            "axes.unicode_minus": True,
            "text.parse_math": False,
        }
    ):
        yield


def page(sheet: Sheet, tall: float, below_title: bool = False) -> Page:
    """A page with room for a figure of ``tall`` inches; ``below_title``: the unit stands below the title."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    title = _fitted(sheet.title, 62, 14, "bold", ROOM)
    unit = spelled(sheet.unit) if below_title else ""
    notes = [
        line for note in sheet.notes if note for line in _fitted(note, 112, 7.5, "normal", ROOM)
    ]
    head, foot = 0.27 * len(title) + 0.4 + (0.2 if unit else 0), _LINE * len(notes) + 0.4
    height = head + tall + foot
    figure = Figure(figsize=(WIDTH, height), facecolor="white")
    FigureCanvasAgg(figure)
    figure.text(
        MARGIN / WIDTH, 1 - 0.25 / height, "\n".join(title), size=14, va="top", weight="bold"
    )
    if unit:
        figure.text(
            MARGIN / WIDTH, 1 - (head - 0.1) / height, unit, size=9, va="bottom", color="#444444"
        )
    figure.text(
        MARGIN / WIDTH,
        (foot - 0.18) / height,
        "\n".join(notes),
        size=7.5,
        va="top",
        linespacing=1.45,
    )
    return Page(figure, head, foot, height)


def widths(texts: Iterable[str], size: float, weight: str = "normal") -> list[float]:
    """How wide every text is when drawn, inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scratch = Figure(dpi=_DPI)
    FigureCanvasAgg(scratch)
    return [
        scratch.text(0, 0, text, size=size, weight=weight).get_window_extent().width / _DPI
        for text in texts
    ]


def _fitted(text: str, columns: int, size: float, weight: str, wide: float) -> list[str]:
    """Lines of at most so many columns, of fewer where the font runs wider than the room."""
    lines = wrap(text, columns)
    while columns > 20 and max(widths(lines, size, weight), default=0) > wide:
        columns -= 2
        lines = wrap(text, columns)
    return lines


# --- parts of charts --------------------------------------------------------------------------------------------------


def row_chart(
    sheet: Sheet,
    labels: Sequence[Sequence[str]],
    span: tuple[float, float],
    room: tuple[float, float],
    above: float,
) -> tuple[Page, "Axes", list[float]]:
    """Rows with their labels to the left: the page, its axes, the middle of every row.

    x spans the data with inches of ``room`` on either side, y is inches from the top, of which ``above`` stay free.
    """
    heights = [max(0.27, 0.15 * len(lines) + 0.1) for lines in labels]
    bottoms = list(accumulate(heights, initial=above))
    centres = [bottom - height / 2 for bottom, height in zip(bottoms[1:], heights, strict=True)]
    sheet_page = page(sheet, bottoms[-1], below_title=True)
    column = max(widths([line for lines in labels for line in lines], SIZE)) + 0.12
    axes = sheet_page.figure.add_axes(sheet_page.box(MARGIN + column, ROOM - column))
    axes.set_axis_off()
    low, high = span if span[0] < span[1] else (span[0] - 0.5, span[1] + 0.5)
    inch = (high - low) / (ROOM - column - sum(room))  # of the data
    axes.set(xlim=(low - room[0] * inch, high + room[1] * inch), ylim=(bottoms[-1], 0))
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
    return sheet_page, axes, centres


def beside(
    axes: "Axes", x: float, y: float, text: str, side: int = 1, size: float = SIZE, **look: Any
) -> None:
    """A text just right of a point, left of it where ``side`` is negative."""
    look = {"color": INK, "va": "center_baseline", "ha": "left" if side > 0 else "right", **look}
    axes.annotate(
        text,
        (x, y),
        xytext=(4 * side, 0),
        textcoords="offset points",
        size=size,
        annotation_clip=False,
        **look,
    )


def colour_key(sheet_page: Page, entries: Sequence[tuple[str, str]]) -> None:
    """What the colours mean, in one line above the chart."""
    from matplotlib.patches import Patch

    sheet_page.figure.legend(
        handles=[Patch(facecolor=colour, label=text) for colour, text in entries],
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
    """Two white slanted strokes through a bar near its base: its length is not its value."""
    left, right = axes.get_xlim()
    inch = (
        side * (right - left) * 100 / axes.get_window_extent().width
    )  # of the data, at 100 dots per inch
    for y in rows:
        for shift in (0.1, 0.17):
            axes.plot(
                [base + (shift - 0.03) * inch, base + (shift + 0.03) * inch],
                [y + 0.13, y - 0.13],
                "w",
                lw=2,
            )


def bent_ribbons(
    axes: "Axes", ribbons: Sequence[Ribbon], colours: Mapping[str, str], wide: float
) -> None:
    """Ribbons bent by cubic Bezier curves: what keeps its type below, the smallest on top."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    first, last, middle = 0.09, wide - 0.09, wide / 2
    codes = [
        Outline.MOVETO,
        *[Outline.CURVE4] * 3,
        Outline.LINETO,
        *[Outline.CURVE4] * 3,
        Outline.CLOSEPOLY,
    ]
    for one in sorted(ribbons, key=lambda one: (one.source != one.target, -one.height)):
        left, right = one.left + one.height, one.right + one.height
        corners = [
            (first, one.left),
            (middle, one.left),
            (middle, one.right),
            (last, one.right),
            (last, right),
            (middle, right),
            (middle, left),
            (first, left),
            (first, one.left),
        ]
        colour, alpha = colours[one.source], 0.2 if one.source == one.target else 0.75
        axes.add_patch(
            PathPatch(
                Outline(corners, codes),
                facecolor=colour,
                edgecolor=colour,
                alpha=alpha,
                linewidth=0.5,
            )
        )


def dark(colour: str) -> bool:
    """Whether white reads better than black on a colour ``#rrggbb``."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140


# --- files ------------------------------------------------------------------------------------------------------------


def write(figure: "Figure", path: Path) -> Path:
    """Save beside the target, then put it in its place: a broken run leaves the old file."""
    kind = path.suffix.removeprefix(".").lower() or "png"
    metadata = {
        "png": {"Software": None},
        "svg": {"Date": None},
        "pdf": {"CreationDate": None},
    }.get(kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=f".{kind}", dir=path.parent)
    os.close(handle)
    try:
        figure.savefig(name, format=kind, dpi=_DPI, metadata=metadata)
        os.chmod(name, 0o644)  # mkstemp keeps it to the owner
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
    return path


def short_names(names: Mapping[str, str]) -> dict[str, str]:
    """Chinese names without 市, 县, 区 where more than two characters leave it clear which region is meant."""
    short = {
        code: re.sub("[市县区]$", "", name) if len(name) > 2 else name
        for code, name in names.items()
    }
    count = Counter(short.values())
    return {code: name if count[name] == 1 else names[code] for code, name in short.items()}


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most so many half-width columns; Chinese breaks anywhere but before its closing punctuation."""
    if "\n" in text:
        return [line for paragraph in text.splitlines() for line in wrap(paragraph, columns)]
    lines, width = [""], 0
    for piece in re.findall(
        r"[（《“]*(?:[^\u2e80-\uffef\s]+|[\u2e80-\uffef])[，。；：、）》”]*\s*|\s+", text.strip()
    ):
        if width and width + _columns(piece.rstrip()) > columns:
            lines.append("")
            width = 0
        lines[-1] += piece
        width += _columns(piece)
    return [line.rstrip() for line in lines]


def _columns(piece: str) -> int:
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in piece)


def spoken(unit: str, language: Language) -> str:
    """Money as it is said in Chinese: ``10^4 CNY km-2`` is 万元 km-2; other units and languages as they are."""
    if language != "zh":
        return unit
    for written, said in (("10^4 ", "万"), ("10^8 ", "亿"), ("10^9 ", "十亿")):
        unit = re.sub(rf"{re.escape(written)}(?=CNY|USD)", said, unit)
    return unit.replace("CNY", "元").replace("USD", "美元")


def spelled(unit: str) -> str:
    """Exponents of a unit as superscripts: ``t ha-1`` is printed t ha⁻¹."""
    raised = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    plain = unit.replace("CO2", "CO₂")
    return re.sub(
        r"(?<=[a-z])\^?(-?\d)(?!\d)|\^(-?\d+)", lambda m: (m[1] or m[2]).translate(raised), plain
    )
