"""Maps of one number per region: a hexagon for each region, or polygons of given boundaries.

A growth map is either of them in percent, in two hues that meet at zero.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gep.report.figures.chart_layout import LegendClasses, class_edges, class_names, number_text
from gep.report.figures.hexagon_grid import Numbers, place
from gep.report.figures.page import (
    CJK,
    MARGIN,
    TRIAL,
    WIDTH,
    Sheet,
    Text,
    drawn_language,
    page,
    say,
    short_names,
    spelled,
    style,
    wrap,
    write,
)
from gep.texts.catalogue import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
    "left_out": {
        "zh": "另有 {} 个区域没有位置，未绘出。",
        "en": "{} more without a position, not drawn.",
    },
}
_BLANK = "#eeeeee"
_MAP, _TALLEST = 5.0, 7.4  # inches: the map's greatest width and height


@dataclass(frozen=True)
class _Region:
    """What is drawn for one region: rings of corners, its value (nan: missing), its label (may be blank)."""

    rings: Sequence[Numbers]
    value: float
    label: str = ""


@dataclass(frozen=True)
class _Colouring:
    """How values become colours: their classes; two hues that meet at zero also where no value is below it."""

    classes: LegendClasses
    diverging: bool


def hexagon_map(
    values: Mapping[str, float],
    lon: Mapping[str, float],
    lat: Mapping[str, float],
    names: Mapping[str, Text],
    *,
    title: Text,
    unit: Text,
    caption: Text,
    language: Language,
    path: Path,
    status: Text = TRIAL,
    classes: LegendClasses = "quantile",
    diverging: bool = False,
) -> Path:
    """Draw a hexagon for each region of ``lon`` and ``lat`` in the colour of its value; no value is hatched grey."""
    language = drawn_language(language)
    codes = [
        code for code in lon if code in lat and np.isfinite(lon[code]) and np.isfinite(lat[code])
    ]
    if not codes:
        raise ValueError("no region has a longitude and a latitude: nothing to draw")
    cells, size = place([lon[code] for code in codes], [lat[code] for code in codes])
    turns = np.arange(7) * np.pi / 3
    hexagon = 0.97 * size * np.column_stack([np.sin(turns), np.cos(turns)])
    labels = short_names({code: say(names.get(code, ""), language) or code for code in codes})
    regions = [
        _Region([cell + hexagon], float(values.get(code, np.nan)), labels[code])
        for code, cell in zip(codes, cells, strict=True)
    ]
    notes = [
        say(status, language),
        say(_WORDS["hexagons"], language),
        *_left_out(set(values) - set(codes), language),
    ]
    sheet = Sheet(
        say(title, language), say(unit, language), [*notes, say(caption, language)], language
    )
    return _draw(sheet, regions, _Colouring(classes, diverging), path)


def choropleth(
    values: Mapping[str, float],
    boundaries_geojson: Mapping[str, Any],
    key: str,
    *,
    title: Text,
    unit: Text,
    caption: Text,
    approval: str | None,
    language: Language,
    path: Path,
    status: Text = TRIAL,
    classes: LegendClasses = "quantile",
    diverging: bool = False,
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
        _Region([ring * scale for ring in rings], float(values.get(code, np.nan)))
        for code, rings in drawn.items()
    ]
    number = (
        say(_WORDS["approved"], language, approval)
        if approval
        else say(_WORDS["internal"], language)
    )
    notes = [number, say(status, language), *_left_out(set(values) - set(drawn), language)]
    sheet = Sheet(
        say(title, language), say(unit, language), [*notes, say(caption, language)], language
    )
    return _draw(sheet, regions, _Colouring(classes, diverging), path)


def _left_out(codes: Iterable[str], language: Language) -> list[str]:
    count = len(list(codes))
    return [say(_WORDS["left_out"], language, count)] if count else []


def growth_map(
    values: Mapping[str, float],
    lon: Mapping[str, float],
    lat: Mapping[str, float],
    names: Mapping[str, Text],
    *,
    title: Text,
    unit: Text = "%",
    caption: Text,
    language: Language,
    path: Path,
    status: Text = TRIAL,
    classes: LegendClasses = "quantile",
) -> Path:
    """Draw ``hexagon_map`` of growth, given as fractions and shown in percent: one hue below zero, another above."""
    return hexagon_map(
        _percent(values),
        lon,
        lat,
        names,
        title=title,
        unit=unit,
        caption=caption,
        language=language,
        path=path,
        status=status,
        classes=classes,
        diverging=True,
    )


def growth_choropleth(
    values: Mapping[str, float],
    boundaries_geojson: Mapping[str, Any],
    key: str,
    *,
    title: Text,
    unit: Text = "%",
    caption: Text,
    approval: str | None,
    language: Language,
    path: Path,
    status: Text = TRIAL,
    classes: LegendClasses = "quantile",
) -> Path:
    """Draw ``choropleth`` of growth, given as fractions and shown in percent: one hue below zero, another above."""
    return choropleth(
        _percent(values),
        boundaries_geojson,
        key,
        title=title,
        unit=unit,
        caption=caption,
        approval=approval,
        language=language,
        path=path,
        status=status,
        classes=classes,
        diverging=True,
    )


def _percent(fractions: Mapping[str, float]) -> dict[str, float]:
    return {code: 100 * value for code, value in fractions.items()}


# --- drawing ----------------------------------------------------------------------------------------------------------


def _draw(sheet: Sheet, regions: Sequence[_Region], colouring: _Colouring, path: Path) -> Path:
    """Title above, the map, its legend to the right, the notes below."""
    with style():
        corners = np.vstack([ring for region in regions for ring in region.rings])
        wide, high = np.ptp(corners, axis=0)
        scale = min(_MAP / wide, _TALLEST / high)  # inches for one unit of the map
        sheet_page = page(sheet, max(scale * high, 2.6))
        figure = sheet_page.figure
        axes = figure.add_axes(sheet_page.box(MARGIN + (_MAP - scale * wide) / 2, scale * wide))
        axes.set_axis_off()
        axes.set_aspect("equal")
        axes.set(
            xlim=(corners[:, 0].min(), corners[:, 0].max()),
            ylim=(corners[:, 1].min(), corners[:, 1].max()),
        )
        colours = _legend(
            figure, sheet, regions, colouring, 1 - sheet_page.head / sheet_page.height
        )
        _fill(axes, regions, colours, scale)
        return write(figure, path)


def _legend(
    figure: "Figure", sheet: Sheet, regions: Sequence[_Region], colouring: _Colouring, top: float
) -> list[str | None]:
    """Draw the legend; the colour of every region, None where the value is missing."""
    from matplotlib.patches import Patch

    values = np.array([region.value for region in regions])
    known = values[np.isfinite(values)]
    edges = class_edges(known, colouring.classes)
    colours = _colours(edges, bool((known < 0).any()), colouring.diverging)
    spots = np.searchsorted(edges, values, side="right")
    sizes = Counter(int(spot) for spot in spots[np.isfinite(values)])
    names = class_names(edges, known)
    keys = [
        Patch(
            facecolor=colour, edgecolor="#666666", linewidth=0.4, label=f"{text}  ({sizes[spot]})"
        )
        for spot, (colour, text) in reversed(list(enumerate(zip(colours, names, strict=False))))
    ]
    missing = int((~np.isfinite(values)).sum())
    if missing:
        label = f"{say(_WORDS['missing'], sheet.language)}  ({missing})"
        keys.append(
            Patch(facecolor=_BLANK, edgecolor="#8a8a8a", hatch="/////", linewidth=0.4, label=label)
        )
    extremes = (
        [number_text(float(f"{pick(known):.5g}")) for pick in (np.min, np.max)]
        if len(known)
        else []
    )
    remarks = [
        say(_WORDS["count"], sheet.language),
        *([say(_WORDS["range"], sheet.language, *extremes)] if extremes else []),
    ]
    corner = (WIDTH - MARGIN - 1.5) / WIDTH, top
    legend = figure.legend(
        handles=keys,
        loc="upper left",
        bbox_to_anchor=corner,
        borderaxespad=0,
        borderpad=0,
        frameon=False,
        fontsize=8,
        title="\n".join(wrap(spelled(sheet.unit), 22)),
        title_fontsize=9,
        alignment="left",
        handlelength=1.6,
        handleheight=1.1,
        labelspacing=0.35,
    )
    below = legend.get_window_extent().y0 / figure.bbox.height - 0.1 / figure.get_figheight()
    figure.text(
        corner[0], below, "\n".join(remarks), size=7, va="top", color="#444444", linespacing=1.4
    )
    return [
        colours[spot] if np.isfinite(value) else None
        for spot, value in zip(spots, values, strict=True)
    ]


def _colours(edges: Sequence[float], negative: bool, diverging: bool) -> list[str]:
    """A colour for every class: light to dark, or two hues that meet at zero; both kept apart by the colour-blind."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    if not (negative or diverging):
        shades = np.linspace(0.08, 0.92, len(edges) + 1)
        return [to_hex(colormaps["YlGnBu"](shade)) for shade in shades]
    below = sum(edge <= 0 for edge in edges) if 0.0 in edges else (len(edges) + 1) * negative
    shades = np.concatenate(
        [np.linspace(0.95, 0.6, below), np.linspace(0.4, 0.05, len(edges) + 1 - below)]
    )
    return [to_hex(colormaps["PuOr"](1 - shade)) for shade in shades]


def _fill(
    axes: "Axes", regions: Sequence[_Region], colours: Sequence[str | None], scale: float
) -> None:
    """The regions in their colours, those without a value hatched, and the labels."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path as Outline

    outlines = [
        Outline.make_compound_path(*(Outline(ring, closed=True) for ring in one.rings))
        for one in regions
    ]
    known = [spot for spot, colour in enumerate(colours) if colour]
    missing = [spot for spot, colour in enumerate(colours) if not colour]
    style: dict[str, Any] = {"linewidths": 0.35, "edgecolors": "#8a8a8a", "clip_on": False}
    shades = [colours[spot] for spot in known]
    axes.add_collection(
        PathCollection([outlines[spot] for spot in known], facecolors=shades, **style)
    )
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
    ems = max(
        sum(1.0 if unicodedata.east_asian_width(mark) in "WF" else 0.58 for mark in line)
        for line in lines
    )
    size = min(0.9 * wide / ems, 0.6 * high / len(lines), 9.5 if CJK.search(region.label) else 7)
    if size < 2:  # points: nobody could read it, and it costs more than the rest of the map
        return
    luminance = float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114)))
    ink = "#111111" if luminance > 0.5 else "white"
    x, y = (region.rings[0].max(axis=0) + region.rings[0].min(axis=0)) / 2
    axes.text(
        x,
        y,
        "\n".join(lines),
        size=size,
        color=ink,
        ha="center",
        va="center_baseline",
        linespacing=1.0,
    )


def _rings(geometry: Mapping[str, Any] | None) -> list[Numbers]:
    """Rings of a Polygon or MultiPolygon, outer ones turned one way and holes the other, so that holes stay open."""
    if not geometry or geometry["type"] not in ("Polygon", "MultiPolygon"):
        return []
    polygons = (
        [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    )
    rings = []
    for polygon in polygons:
        for number, corners in enumerate(polygon):
            ring = np.asarray([corner[:2] for corner in corners], dtype=float)
            x, y = ring.T
            left_turning = float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum()) > 0
            rings.append(ring if left_turning == (number == 0) else ring[::-1])
    return rings
