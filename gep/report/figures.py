"""Maps of one number per region: a hexagon for each region, or polygons of given boundaries.

This module owns everything drawn; matplotlib is imported when a figure is asked for and nowhere else.
A text may be one string or a mapping with ``zh`` and ``en``: without a Chinese font the English one is drawn.
"""

import os
import re
import tempfile
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gep.report.classing import Classes, class_edges, class_names, number_text
from gep.report.lettering import short_names, spelled, wrap
from gep.report.placing import Numbers, place

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Text = str | Mapping[str, str]

TRIAL: Text = {
    "zh": "试算结果，教学演示，非公布数据。",
    "en": "Trial calculation for teaching, not a published figure.",
}
_WORDS: Mapping[str, Text] = {
    "missing": {"zh": "无数据", "en": "no data"},
    "range": {"zh": "最小 {}\n最大 {}", "en": "min {}\nmax {}"},
    "count": {"zh": "括号内为区域个数", "en": "(number of regions)"},
    "hexagons": {
        "zh": "每个六边形代表一个区域，位置近似，大小与面积无关；本图不绘制任何界线。",
        "en": "One hexagon per region, placed approximately, its size unrelated to area; no boundary drawn.",
    },
    "approved": {"zh": "审图号：{}", "en": "Map approval number: {}"},
    "internal": {
        "zh": "未登记审图号：仅供内部使用，不得公开。",
        "en": "No map approval number on record: for internal use only, not to be published.",
    },
    "left_out": {"zh": "另有 {} 个区域没有位置，未绘出。", "en": "{} more without a position, not drawn."},
}
_FONTS = (
    "Source Han Sans SC", "Source Han Sans CN", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC",
    "Hiragino Sans GB", "Heiti SC", "STHeiti", "SimHei", "DengXian", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Noto Sans CJK JP", "Source Han Sans", "Sarasa Gothic SC", "Droid Sans Fallback", "Songti SC", "STSong", "SimSun",
    "Noto Serif CJK SC", "Noto Serif CJK JP", "Source Han Serif SC", "FangSong", "KaiTi", "AR PL UMing CN",
    "PingFang HK", "Heiti TC", "Arial Unicode MS",
)  # fmt: skip
_FONT_FILE = re.compile("cjk|sourcehan|msyh|pingfang|simhei|simsun|deng|wqy|songti|fallback", re.IGNORECASE)
_BLANK = "#eeeeee"
_CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")
_WIDTH, _MARGIN, _MAP, _TALLEST, _LINE = 7.4, 0.35, 5.0, 7.4, 0.165  # inches: page, its margin, map, map height, line


@dataclass(frozen=True)
class _Region:
    """What is drawn for one region: rings of corners, its value (nan: missing), its label (may be blank)."""

    rings: Sequence[Numbers]
    value: float
    label: str = ""


@dataclass(frozen=True)
class _Sheet:
    """The texts around a map, all in the language drawn."""

    title: str
    unit: str
    notes: Sequence[str]
    language: str


def hexagon_map(
    values: Mapping[str, float],
    lon: Mapping[str, float],
    lat: Mapping[str, float],
    names: Mapping[str, Text],
    *,
    title: Text,
    unit: Text,
    caption: Text,
    language: str,
    path: Path,
    status: Text = TRIAL,
    classes: Classes = "quantile",
) -> Path:
    """Draw a hexagon for each region of ``lon`` and ``lat`` in the colour of its value; no value is hatched grey."""
    language = drawn_language(language)
    codes = [code for code in lon if code in lat and np.isfinite(lon[code]) and np.isfinite(lat[code])]
    if not codes:
        raise ValueError("no region has a longitude and a latitude: nothing to draw")
    cells, size = place([lon[code] for code in codes], [lat[code] for code in codes])
    turns = np.arange(7) * np.pi / 3
    hexagon = 0.97 * size * np.column_stack([np.sin(turns), np.cos(turns)])
    labels = short_names({code: _say(names.get(code, ""), language) or code for code in codes})
    regions = [
        _Region([cell + hexagon], float(values.get(code, np.nan)), labels[code])
        for code, cell in zip(codes, cells, strict=True)
    ]
    notes = [_say(status, language), _word("hexagons", language), *_left_out(set(values) - set(codes), language)]
    sheet = _Sheet(_say(title, language), _say(unit, language), [*notes, _say(caption, language)], language)
    return _draw(sheet, regions, classes, path)


def choropleth(
    values: Mapping[str, float],
    boundaries_geojson: Mapping[str, Any],
    key: str,
    *,
    title: Text,
    unit: Text,
    caption: Text,
    approval: str | None,
    language: str,
    path: Path,
    status: Text = TRIAL,
    classes: Classes = "quantile",
) -> Path:
    """Fill the polygons of a GeoJSON (WGS 84) by the value of the region that property ``key`` names.

    Prints the approval number of the map (审图号), or that none is recorded and the map is for internal use only.
    """
    language = drawn_language(language)
    drawn: dict[str, list[Numbers]] = {}
    for feature in boundaries_geojson["features"]:
        rings = _rings(feature.get("geometry"))
        if rings:
            drawn.setdefault(str(feature["properties"][key]), []).extend(rings)
    if not drawn:
        raise ValueError("the boundaries hold no polygon: nothing to draw")
    corners = np.vstack([ring for rings in drawn.values() for ring in rings])
    scale = np.array([np.cos(np.radians((corners[:, 1].min() + corners[:, 1].max()) / 2)), 1])
    regions = [
        _Region([ring * scale for ring in rings], float(values.get(code, np.nan))) for code, rings in drawn.items()
    ]
    number = _word("approved", language, approval) if approval else _word("internal", language)
    notes = [number, _say(status, language), *_left_out(set(values) - set(drawn), language)]
    sheet = _Sheet(_say(title, language), _say(unit, language), [*notes, _say(caption, language)], language)
    return _draw(sheet, regions, classes, path)


# --- language and font ------------------------------------------------------------------------------------------------


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


def drawn_language(wanted: str) -> str:
    """``wanted``, or English (with one warning) where Chinese is wanted and no Chinese font is installed."""
    if wanted == "zh" and cjk_font() is None:
        _warn_no_font()
        return "en"
    return wanted


@cache  # once in a process
def _warn_no_font() -> None:
    advice = "no Chinese font found: figures are in English; install for example Noto Sans CJK for Chinese ones"
    warnings.warn(advice, stacklevel=4)


def _say(text: Text, language: str) -> str:
    """The text in the language, else in the other one; never characters that would be drawn as empty boxes."""
    if not isinstance(text, str):
        text = text.get(language) or next((other for other in text.values() if other), "")
    return text if cjk_font() else _CJK.sub("", text).strip()


def _word(key: str, language: str, *inside: object) -> str:
    return _say(_say(_WORDS[key], language).format(*inside), language)


def _left_out(codes: Iterable[str], language: str) -> list[str]:
    count = len(list(codes))
    return [_word("left_out", language, count)] if count else []


# --- drawing ----------------------------------------------------------------------------------------------------------


def _draw(sheet: _Sheet, regions: Sequence[_Region], classes: Classes, path: Path) -> Path:
    """Title and unit above, the map, its legend to the right, the notes below."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    font = cjk_font()
    fonts = [font, "DejaVu Sans"] if font else ["DejaVu Sans"]
    with rc_context({"font.family": fonts, "hatch.linewidth": 0.5, "svg.hashsalt": "gep", "axes.unicode_minus": True}):
        title = wrap(sheet.title, 62)
        notes = [line for note in sheet.notes if note for line in wrap(note, 112)]
        corners = np.vstack([ring for region in regions for ring in region.rings])
        wide, high = np.ptp(corners, axis=0)
        scale = min(_MAP / wide, _TALLEST / high)  # inches for one unit of the map
        tall = max(scale * high, 2.6)
        head, foot = 0.27 * len(title) + 0.4, _LINE * len(notes) + 0.4
        height = head + tall + foot
        figure = Figure(figsize=(_WIDTH, height), facecolor="white")
        FigureCanvasAgg(figure)
        left = _MARGIN + (_MAP - scale * wide) / 2
        axes = figure.add_axes((left / _WIDTH, foot / height, scale * wide / _WIDTH, tall / height))
        axes.set_axis_off()
        axes.set_aspect("equal")
        axes.set(xlim=(corners[:, 0].min(), corners[:, 0].max()), ylim=(corners[:, 1].min(), corners[:, 1].max()))
        figure.text(_MARGIN / _WIDTH, 1 - 0.25 / height, "\n".join(title), size=14, va="top", weight="bold")
        figure.text(_MARGIN / _WIDTH, (foot - 0.18) / height, "\n".join(notes), size=7.5, va="top", linespacing=1.45)
        colours = _legend(figure, sheet, regions, classes, 1 - head / height)
        _fill(axes, regions, colours, scale)
        return _write(figure, path)


def _legend(
    figure: "Figure", sheet: _Sheet, regions: Sequence[_Region], classes: Classes, top: float
) -> list[str | None]:
    """Draw the legend; the colour of every region, None where the value is missing."""
    from matplotlib.patches import Patch

    values = np.array([region.value for region in regions])
    known = values[np.isfinite(values)]
    edges = class_edges(known, classes)
    colours = _colours(edges, bool((known < 0).any()))
    spots = np.searchsorted(edges, values, side="right")
    sizes = Counter(int(spot) for spot in spots[np.isfinite(values)])
    names = class_names(edges, known)
    keys = [
        Patch(facecolor=colour, edgecolor="#666666", linewidth=0.4, label=f"{text}  ({sizes[spot]})")
        for spot, (colour, text) in reversed(list(enumerate(zip(colours, names, strict=False))))
    ]
    missing = int((~np.isfinite(values)).sum())
    if missing:
        label = f"{_word('missing', sheet.language)}  ({missing})"
        keys.append(Patch(facecolor=_BLANK, edgecolor="#8a8a8a", hatch="/////", linewidth=0.4, label=label))
    extremes = [number_text(float(f"{pick(known):.5g}")) for pick in (np.min, np.max)] if len(known) else []
    remarks = [_word("count", sheet.language), *([_word("range", sheet.language, *extremes)] if extremes else [])]
    corner = (_WIDTH - _MARGIN - 1.5) / _WIDTH, top
    legend = figure.legend(
        handles=keys, loc="upper left", bbox_to_anchor=corner, borderaxespad=0, borderpad=0, frameon=False, fontsize=8,
        title="\n".join(wrap(spelled(sheet.unit), 22)), title_fontsize=9, alignment="left", handlelength=1.6,
        handleheight=1.1, labelspacing=0.35,
    )  # fmt: skip
    below = legend.get_window_extent().y0 / figure.bbox.height - 0.1 / figure.get_figheight()
    figure.text(corner[0], below, "\n".join(remarks), size=7, va="top", color="#444444", linespacing=1.4)
    return [colours[spot] if np.isfinite(value) else None for spot, value in zip(spots, values, strict=True)]


def _colours(edges: Sequence[float], negative: bool) -> list[str]:
    """A colour for every class: light to dark, or two hues that meet at zero; both kept apart by the colour-blind."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    if not negative:
        shades = np.linspace(0.08, 0.92, len(edges) + 1)
        return [to_hex(colormaps["YlGnBu"](shade)) for shade in shades]
    below = sum(edge <= 0 for edge in edges) if 0.0 in edges else len(edges) + 1
    shades = np.concatenate([np.linspace(0.95, 0.6, below), np.linspace(0.4, 0.05, len(edges) + 1 - below)])
    return [to_hex(colormaps["PuOr"](1 - shade)) for shade in shades]


def _fill(axes: "Axes", regions: Sequence[_Region], colours: Sequence[str | None], scale: float) -> None:
    """The regions in their colours, those without a value hatched, and the labels."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path as Outline

    outlines = [Outline.make_compound_path(*(Outline(ring, closed=True) for ring in one.rings)) for one in regions]
    known = [spot for spot, colour in enumerate(colours) if colour]
    missing = [spot for spot, colour in enumerate(colours) if not colour]
    style: dict[str, Any] = {"linewidths": 0.35, "edgecolors": "#8a8a8a", "clip_on": False}
    shades = [colours[spot] for spot in known]
    axes.add_collection(PathCollection([outlines[spot] for spot in known], facecolors=shades, **style))
    blank = [outlines[spot] for spot in missing]
    axes.add_collection(PathCollection(blank, facecolors=_BLANK, hatch="/////", **style))
    for region, colour in zip(regions, colours, strict=True):
        if region.label:
            _label(axes, region, colour or _BLANK, scale)


def _label(axes: "Axes", region: _Region, colour: str, scale: float) -> None:
    """The name, as large as fits into the hexagon, dark on light or light on dark."""
    from matplotlib.colors import to_rgb

    wide, high = np.ptp(region.rings[0], axis=0) * scale * 72
    lines = region.label.split(" ") if len(region.label) > 9 else [region.label]
    ems = max(sum(1.0 if unicodedata.east_asian_width(mark) in "WF" else 0.58 for mark in line) for line in lines)
    size = min(0.9 * wide / ems, 0.6 * high / len(lines), 9.5 if _CJK.search(region.label) else 7)
    if size < 2:  # points: nobody could read it, and it costs more than the rest of the map
        return
    luminance = float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114)))
    ink = "#111111" if luminance > 0.5 else "white"
    x, y = (region.rings[0].max(axis=0) + region.rings[0].min(axis=0)) / 2
    axes.text(x, y, "\n".join(lines), size=size, color=ink, ha="center", va="center_baseline", linespacing=1.0)


def _rings(geometry: Mapping[str, Any] | None) -> list[Numbers]:
    """Rings of a Polygon or MultiPolygon, outer ones turned one way and holes the other, so that holes stay open."""
    if not geometry or geometry["type"] not in ("Polygon", "MultiPolygon"):
        return []
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    rings = []
    for polygon in polygons:
        for number, corners in enumerate(polygon):
            ring = np.asarray([corner[:2] for corner in corners], dtype=float)
            x, y = ring.T
            left_turning = float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) > 0
            rings.append(ring if left_turning == (number == 0) else ring[::-1])
    return rings


def _write(figure: "Figure", path: Path) -> Path:
    """Save beside the target, then put it in its place: a broken run leaves the old file."""
    kind = path.suffix.removeprefix(".").lower() or "png"
    metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=f".{kind}", dir=path.parent)
    os.close(handle)
    try:
        figure.savefig(name, format=kind, dpi=220, metadata=metadata)
        os.chmod(name, 0o644)  # mkstemp keeps it to the owner
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
    return path
