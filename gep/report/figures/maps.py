"""Maps of a number for each region: a hexagon for each region, or polygons of boundaries.

A growth map is either of them in percent, in two hues that meet at zero. The shapes are left to
``gep.report.figures.map_shapes``, the classes of the legend to ``gep.report.figures.chart_layout``.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gep.report.figures.chart_layout import (
    LegendClasses,
    class_edges,
    class_names,
    number_text,
    same_values,
)
from gep.report.figures.hexagon_grid import Numbers
from gep.report.figures.map_shapes import hexagon_shapes, map_permission, polygon_shapes
from gep.report.figures.page import (
    CJK,
    MARGIN,
    TRIAL,
    WIDTH,
    FigureText,
    Sheet,
    distinct_names,
    drawable,
    drawn_language,
    is_wide,
    page,
    sheet_of,
    short_names,
    spelled,
    style,
    wrap,
    write,
)
from gep.texts.catalogue import Language, say, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

_BLANK = "#eeeeee"
_HATCH = "/////"
_DARK_INK = "#111111"
_EDGE = "#8a8a8a"
# Inches.
_WIDEST = 5.0  # of the map
_TALLEST = 7.4  # of the map
_LEAST_HEIGHT = 2.6  # of the page's room, which the legend needs
_LEGEND_WIDTH = 1.5
_POINTS = 72  # of an inch
_LEAST_LABEL = 2  # points: a smaller label cannot be read, and is slow to draw
_LARGEST_LABEL = 7  # points
_LARGEST_CHINESE_LABEL = 9.5  # points
_ONE_LINE = 9  # characters: longer labels are broken at blanks
_NARROW = 0.58  # width of a Latin character, as a share of its height
_MIDDLE_GREY = 0.5  # luminance


@dataclass(frozen=True)
class _Region:
    """A region to draw.

    Attributes
    ----------
    rings : sequence of ndarray
        Corners x (x, y) of its outlines.
    value : float
        NaN if there is none.
    label : str
        May be blank.
    """

    rings: Sequence[Numbers]
    value: float
    label: str = ""


@dataclass(frozen=True)
class _Colouring:
    """How values become colours.

    Attributes
    ----------
    classes : {'quantile', 'linear'}
    diverging : bool
        Whether there are two hues that meet at zero, even if no value is negative.
    """

    classes: LegendClasses
    diverging: bool


def hexagon_map(
    values: Mapping[str, float],
    lon: Mapping[str, float],
    lat: Mapping[str, float],
    names: Mapping[str, FigureText],
    *,
    title: FigureText,
    unit: FigureText,
    caption: FigureText,
    approval: str | None = None,
    language: Language,
    path: Path,
    status: FigureText = TRIAL,
    classes: LegendClasses = "quantile",
    diverging: bool = False,
) -> Path:
    """Draw a hexagon for each region in the colour of its value; no value is hatched grey.

    Parameters
    ----------
    values : mapping of str to float
        By region.
    lon, lat : mapping of str to float
        Degrees, by region; regions without both are not drawn, and counted in a note.
    names : mapping of str to text
        By region.
    title, unit, caption, status : str, Sayable or mapping of language to str
        The unit stands above the legend; the caption and the status stand below.
    approval : str or None
        The approval number (审图号), which the map states; without one it says that it was not
        reviewed and is for internal use only.
    language : {'zh', 'en'}
        English is drawn where no font has Chinese characters.
    path : Path
        A ``png``, ``svg`` or ``pdf``.
    classes : {'quantile', 'linear'}
        Whether classes hold equal numbers of regions, or are equally wide.
    diverging : bool, default False
        Whether two hues meet at zero, even if no value is negative.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    ValueError
        If no region has a place.
    """
    language = drawn_language(language)
    shapes = hexagon_shapes(lon, lat)
    if not shapes:
        raise ValueError("no region has a longitude and a latitude: nothing to draw")
    codes = list(shapes)
    labels = {}
    for code in codes:
        name = drawable(names.get(code, ""), language)
        labels[code] = name or code
    labels = distinct_names(short_names(labels))
    regions = []
    for code, rings in shapes.items():
        value = float(values.get(code, np.nan))
        region = _Region(rings, value, labels[code])
        regions.append(region)
    notes = [
        map_permission(approval),
        status,
        text("report.map.hexagons"),
        *_not_drawn(values, codes),
        caption,
    ]
    sheet = sheet_of(title, unit, notes, language)
    return _draw_map(sheet, regions, _Colouring(classes, diverging), path)


def choropleth(
    values: Mapping[str, float],
    boundaries_geojson: Mapping[str, Any],
    key: str,
    *,
    title: FigureText,
    unit: FigureText,
    caption: FigureText,
    approval: str | None = None,
    language: Language,
    path: Path,
    status: FigureText = TRIAL,
    classes: LegendClasses = "quantile",
    diverging: bool = False,
) -> Path:
    """Fill the polygons of a GeoJSON by the values of regions.

    Parameters
    ----------
    values : mapping of str to float
        By region.
    boundaries_geojson : mapping
        Features in WGS 84.
    key : str
        The property of a feature that names its region.
    approval, title, unit, caption, language, path, status, classes, diverging
        See :func:`hexagon_map`.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    ValueError
        If there is no polygon.
    """
    language = drawn_language(language)
    shapes = polygon_shapes(boundaries_geojson, key)
    if not shapes:
        raise ValueError("the boundaries hold no polygon: nothing to draw")
    regions = []
    for code, rings in shapes.items():
        value = float(values.get(code, np.nan))
        regions.append(_Region(rings, value))
    notes = [map_permission(approval), status, *_not_drawn(values, shapes), caption]
    sheet = sheet_of(title, unit, notes, language)
    return _draw_map(sheet, regions, _Colouring(classes, diverging), path)


def _not_drawn(values: Mapping[str, float], drawn: Collection[str]) -> list[FigureText]:
    """Return the note that counts the regions without a place, if there are any."""
    count = len(set(values) - set(drawn))
    return [text("report.map.regions-not-drawn", count=count)] if count else []


def growth_map(
    values: Mapping[str, float],
    lon: Mapping[str, float],
    lat: Mapping[str, float],
    names: Mapping[str, FigureText],
    *,
    title: FigureText,
    unit: FigureText = "%",
    caption: FigureText,
    approval: str | None = None,
    language: Language,
    path: Path,
    status: FigureText = TRIAL,
    classes: LegendClasses = "quantile",
) -> Path:
    """Draw a :func:`hexagon_map` of growth: one hue below zero, another above.

    Parameters
    ----------
    values : mapping of str to float
        Growth as fractions, by region; the map shows percent.
    lon, lat, names, title, unit, caption, approval, language, path, status, classes
        See :func:`hexagon_map`.

    Returns
    -------
    Path
        ``path``.
    """
    return hexagon_map(
        _percent(values),
        lon,
        lat,
        names,
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


def growth_choropleth(
    values: Mapping[str, float],
    boundaries_geojson: Mapping[str, Any],
    key: str,
    *,
    title: FigureText,
    unit: FigureText = "%",
    caption: FigureText,
    approval: str | None = None,
    language: Language,
    path: Path,
    status: FigureText = TRIAL,
    classes: LegendClasses = "quantile",
) -> Path:
    """Draw a :func:`choropleth` of growth: one hue below zero, another above.

    Parameters
    ----------
    values : mapping of str to float
        Growth as fractions, by region; the map shows percent.
    boundaries_geojson, key, approval
        See :func:`choropleth`.
    title, unit, caption, language, path, status, classes
        See :func:`hexagon_map`.

    Returns
    -------
    Path
        ``path``.
    """
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


# --- drawing -------------------------------------------------------------------------------------


def _draw_map(sheet: Sheet, regions: Sequence[_Region], colouring: _Colouring, path: Path) -> Path:
    """Draw the title, the map with its legend at the right, and the notes below."""
    rings = chain.from_iterable(region.rings for region in regions)
    corners = np.vstack(list(rings))
    width, height = np.ptp(corners, axis=0)
    west, south = corners.min(axis=0)
    east, north = corners.max(axis=0)
    with style():
        scale = min(_WIDEST / width, _TALLEST / height)  # inches for one unit of the map
        map_width = scale * width
        sheet_page = page(sheet, max(scale * height, _LEAST_HEIGHT))
        left = MARGIN + (_WIDEST - map_width) / 2
        box = sheet_page.box(left, map_width)
        axes = sheet_page.figure.add_axes(box)
        axes.set_axis_off()
        axes.set_aspect("equal")
        axes.set(xlim=(west, east), ylim=(south, north))
        values = np.array([region.value for region in regions])
        legend = _make_legend(values, colouring, sheet.language)
        legend_top = 1 - sheet_page.head / sheet_page.height
        _draw_legend(sheet_page.figure, sheet, legend, legend_top)
        _fill(axes, regions, legend.colours)
        for region, colour in zip(regions, legend.colours, strict=True):
            if region.label:
                _write_label(axes, region, colour or _BLANK, scale)
        return write(sheet_page.figure, path)


class _Legend(NamedTuple):
    """The legend of a map.

    Attributes
    ----------
    keys : list of Patch
        The classes, the highest first, then the missing values.
    remarks : list of str
        Lines below the keys.
    colours : list of str or None
        The colour of every region, None where the value is missing.
    """

    keys: list["Patch"]
    remarks: list[str]
    colours: list[str | None]


def _make_legend(values: Numbers, colouring: _Colouring, language: Language) -> _Legend:
    """Make the classes of values, with their colours, names and numbers of regions."""
    from matplotlib.patches import Patch

    values = same_values(values.tolist())
    is_known = np.isfinite(values)
    known = values[is_known]
    edges = class_edges(known, colouring.classes)
    has_negative = bool((known < 0).any())
    shades = _colours(edges, has_negative, colouring.diverging)
    positions = np.searchsorted(edges, values, side="right")
    colours: list[str | None] = []
    for position, has_value in zip(positions, is_known, strict=True):
        colours.append(shades[position] if has_value else None)
    counts = Counter(positions[is_known].tolist())
    names = class_names(edges, known.tolist())
    keys = []
    for position, name in enumerate(names):
        label = f"{name}  ({counts[position]})"
        colour = shades[position]
        keys.append(Patch(facecolor=colour, edgecolor="#666666", linewidth=0.4, label=label))
    keys.reverse()
    missing = int((~is_known).sum())
    if missing:
        label = f"{say(language, 'report.map.no-value')}  ({missing})"
        keys.append(
            Patch(facecolor=_BLANK, edgecolor=_EDGE, hatch=_HATCH, linewidth=0.4, label=label)
        )
    remarks = [say(language, "report.map.counts")]
    if len(known):
        smallest = number_text(float(f"{known.min():.5g}"))
        largest = number_text(float(f"{known.max():.5g}"))
        remarks.append(say(language, "report.map.smallest", value=smallest))
        remarks.append(say(language, "report.map.largest", value=largest))
    return _Legend(keys, remarks, colours)


def _draw_legend(figure: "Figure", sheet: Sheet, legend: _Legend, top: float) -> None:
    """Draw the legend at the right of the map, from ``top`` (a share of the page) down."""
    left = (WIDTH - MARGIN - _LEGEND_WIDTH) / WIDTH
    drawn = figure.legend(
        handles=legend.keys,
        loc="upper left",
        bbox_to_anchor=(left, top),
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
    bottom = drawn.get_window_extent().y0 / figure.bbox.height
    figure.text(
        left,
        bottom - 0.1 / figure.get_figheight(),
        "\n".join(legend.remarks),
        size=7,
        va="top",
        color="#444444",
        linespacing=1.4,
    )


def _colours(edges: Sequence[float], has_negative: bool, diverging: bool) -> list[str]:
    """Choose a colour for every class; colour-blind readers can tell them apart.

    Parameters
    ----------
    edges : sequence of float
        Between the classes.
    has_negative : bool
        Whether some value is negative.
    diverging : bool
        Whether two hues meet at zero, even if no value is negative.

    Returns
    -------
    list of str
        From light to dark, or two hues that meet at zero.
    """
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    count = len(edges) + 1
    if not (has_negative or diverging):
        shades = np.linspace(0.08, 0.92, count)
        return [to_hex(colormaps["YlGnBu"](shade)) for shade in shades]
    below_zero = count if has_negative else 0
    if 0.0 in edges:
        below_zero = sum(edge <= 0 for edge in edges)
    falling = np.linspace(0.95, 0.6, below_zero)
    rising = np.linspace(0.4, 0.05, count - below_zero)
    shades = np.concatenate([falling, rising])
    return [to_hex(colormaps["PuOr"](1 - shade)) for shade in shades]


def _fill(axes: "Axes", regions: Sequence[_Region], colours: Sequence[str | None]) -> None:
    """Draw the regions in their colours, those without a value hatched."""
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path as Outline

    known = []
    shades = []
    missing = []
    for region, colour in zip(regions, colours, strict=True):
        rings = [Outline(ring, closed=True) for ring in region.rings]
        outline = Outline.make_compound_path(*rings)
        if colour is None:
            missing.append(outline)
        else:
            known.append(outline)
            shades.append(colour)
    look: dict[str, Any] = {"linewidths": 0.35, "edgecolors": _EDGE, "clip_on": False}
    axes.add_collection(PathCollection(known, facecolors=shades, **look))
    axes.add_collection(PathCollection(missing, facecolors=_BLANK, hatch=_HATCH, **look))


def _write_label(axes: "Axes", region: _Region, colour: str, scale: float) -> None:
    """Write the name, as large as fits into the hexagon, dark on light or light on dark."""
    from matplotlib.colors import to_rgb

    ring = region.rings[0]
    width, height = np.ptp(ring, axis=0) * scale * _POINTS
    lines = region.label.split(" ") if len(region.label) > _ONE_LINE else [region.label]
    widest = max(_label_width(line) for line in lines)
    largest = _LARGEST_CHINESE_LABEL if CJK.search(region.label) else _LARGEST_LABEL
    size = min(0.9 * width / widest, 0.6 * height / len(lines), largest)
    if size < _LEAST_LABEL:
        return
    luminance = float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114)))
    ink = _DARK_INK if luminance > _MIDDLE_GREY else "white"
    x, y = (ring.max(axis=0) + ring.min(axis=0)) / 2
    axes.text(
        x,
        y,
        "\n".join(lines),
        size=size,
        color=ink,
        ha="center",
        va="center_baseline",
        linespacing=1.15,
    )


def _label_width(line: str) -> float:
    """Return the width of a line, in heights of its characters."""
    return sum(1.0 if is_wide(character) else _NARROW for character in line)
