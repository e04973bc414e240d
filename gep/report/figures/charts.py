"""Charts: reasons of a change, stacked years, swings of inputs, ranks, transitions of land.

Every chart takes plain data, its texts and the path to write (png, svg or pdf); the same data give
the same bytes. Where things lie is left to ``gep.report.figures.chart_layout``, the page and the
parts that charts share to ``gep.report.figures.page``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gep.report.figures import chart_layout as layout
from gep.report.figures import page as drawing
from gep.report.figures.page import (
    TRIAL,
    FigureText,
    drawable,
    drawn_language,
    name_lines,
    sheet_of,
    style,
    widths,
    write,
)
from gep.texts.catalogue import Language, say, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours that colour-blind readers can tell apart: of Okabe and Ito for the direction of a change,
# of Tol ("muted") for parts and types.
_LEVEL = "#4d4d4d"
_RISE = "#0072b2"
_FALL = "#d55e00"
_PALE = "#bbbbbb"
_PARTS = (
    "#332288",
    "#88ccee",
    "#44aa99",
    "#117733",
    "#999933",
    "#ddcc77",
    "#cc6677",
    "#882255",
    "#aa4499",
)

# Inches.
_LABEL_GAP = 0.12  # from a chart to the texts at its side
_TOP_SPACE = 0.4  # above and below stacked bars: the years, and air
_SCALE_WIDTH = 0.5  # at the left of stacked bars
_TOTAL_HEIGHT = 0.2  # of the total above a bar
_LEAST_PIECE = 0.15  # height of a piece that has room for its number
_LINE_APART = 0.11  # between two upright texts, so that they do not touch
_SANKEY_HEAD = 0.3  # for the years above the nodes

_BAR = 0.74  # width of the bar of a year, as a share of the distance between years
_ROUNDING = 1e-9  # share of a level that is rounding
_PIECE_SIZE = 7  # points
_INPUT_COLUMNS = 36  # half-width columns of the name of an input
_PAIR_SIZE = 6.5  # points, where two bars share a row


# --- rows ----------------------------------------------------------------------------------------


def waterfall(
    start: tuple[FigureText, float],
    effects: Sequence[tuple[FigureText, float]],
    end: tuple[FigureText, float],
    *,
    title: FigureText,
    unit: FigureText,
    caption: FigureText,
    language: Language,
    path: Path,
    status: FigureText = TRIAL,
) -> Path:
    """Draw how effects lead from one level to another.

    What the effects leave unexplained is a row of its own. Where they are small beside the levels,
    the axis does not begin at zero, and a note says so.

    Parameters
    ----------
    start, end : (text, float)
        The opening and the closing level.
    effects : sequence of (text, float)
    title, unit, caption, status : str, Sayable or mapping of language to str
        The unit is that of all values; the caption and the status stand below.
    language : {'zh', 'en'}
        English is drawn where no font has Chinese characters.
    path : Path
        A ``png``, ``svg`` or ``pdf``.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    language = drawn_language(language)
    start_name, start_value = start
    end_name, end_value = end
    names = [start_name, *(name for name, _ in effects)]
    changes = [value for _, value in effects]
    bars = layout.waterfall_layout(start_value, changes, end_value)
    colours = [_RISE if value >= 0 else _FALL for value in changes]
    if bars.remainder:
        names.append(text("report.chart.remainder"))
        changes.append(bars.remainder)
        colours.append(_PALE)
    names.append(end_name)
    colours = [_LEVEL, *colours, _LEVEL]
    words = _waterfall_numbers(start_value, changes, end_value)
    notes = [status]
    if start_value > 0 and changes:
        notes.append(text("report.chart.effects"))
    if bars.broken:
        notes.append(text("report.chart.broken-axis"))
    sheet = sheet_of(title, unit, [*notes, caption], language)
    with style():
        labels = [name_lines(name, language, str(row)) for row, name in enumerate(names)]
        return _draw_waterfall(
            sheet,
            labels,
            bars,
            words,
            colours,
            path,
        )


def _draw_waterfall(
    sheet: drawing.Sheet,
    labels: Sequence[Sequence[str]],
    bars: layout.Waterfall,
    words: Sequence[str],
    colours: Sequence[str],
    path: Path,
) -> Path:
    """Draw the rows of a waterfall (labels, bars, numbers, colours) and the lines between them."""
    ends = list(chain.from_iterable(bars.bars))
    span = min(ends), max(ends)
    number_widths = widths(words, drawing.SIZE, "bold")
    room = 0.05, max(number_widths) + _LABEL_GAP
    chart = drawing.row_chart(sheet, labels, span, room, 0)
    axes = chart.axes
    for bar, y, colour, word in zip(bars.bars, chart.centres, colours, words, strict=True):
        axes.barh(
            y,
            bar.end - bar.start,
            left=bar.start,
            height=0.18,
            color=colour,
            edgecolor=colour,
            linewidth=0.6,
        )
        weight = "bold" if colour == _LEVEL else "normal"
        drawing.beside(axes, max(bar), y, word, weight=weight)
    for bar, rows in zip(bars.bars, pairwise(chart.centres), strict=False):
        row, next_row = rows
        axes.plot(
            [bar.end, bar.end],
            [row + 0.09, next_row - 0.09],
            color=drawing.LINE,
            linewidth=0.7,
        )
    first_row = chart.centres[0]
    last_row = chart.centres[-1]
    axes.plot(
        [bars.base, bars.base],
        [first_row - 0.13, last_row + 0.13],
        color=drawing.LINE,
        linewidth=0.7,
    )
    if bars.broken:
        side = 1 if bars.base > 0 else -1
        drawing.cut_bars(axes, bars.base, [first_row, last_row], side)
    return write(chart.page.figure, path)


def _waterfall_numbers(start: float, changes: Sequence[float], end: float) -> list[str]:
    """Write the opening level, the changes with their share of it in percent, the closing level."""
    count = len(changes)
    opening, closing, *_ = layout.number_texts([start, end, *changes])
    words = layout.number_texts([*changes, start, end], signed=True)
    steps = words[:count]
    if start > 0:
        percent = [100 * value / start for value in changes]
        shares = layout.number_texts(percent, signed=True, figures=3)
        steps = []
        for word, share in zip(words, shares, strict=False):
            steps.append(f"{word}  ({share} %)")
    return [opening, *steps, closing]


def tornado(
    centre: float,
    swings: Sequence[tuple[FigureText, float, float]],
    *,
    title: FigureText,
    unit: FigureText,
    caption: FigureText,
    language: Language,
    path: Path,
    status: FigureText = TRIAL,
) -> Path:
    """Draw the result at the low and at the high value of each input, the widest swing on top.

    Parameters
    ----------
    centre : float
        The result at the central values of all inputs.
    swings : sequence of (text, float, float)
        For each input its name, and the result at its low and at its high value.
    title, unit, caption, language, path, status
        See :func:`waterfall`.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    ValueError
        If there is no input, or a value is not finite.
    """
    language = drawn_language(language)
    results = [(low, high) for _, low, high in swings]
    layout.check_finite("tornado", list(chain(*results, [centre] * len(swings))))
    order = layout.by_swing(centre, results)
    results = [results[position] for position in order]
    ends = [centre, *chain.from_iterable(results)]
    span = min(ends), max(ends)
    centre_word, *words = layout.number_texts(ends)
    sheet = sheet_of(title, unit, [status, text("report.chart.swings"), caption], language)
    with style():
        labels = []
        for row, position in enumerate(order, 1):
            name, *_ = swings[position]
            labels.append(name_lines(name, language, str(row), _INPUT_COLUMNS))
        number_widths = widths([centre_word, *words], drawing.SMALL)
        room = max(number_widths) + _LABEL_GAP
        chart = drawing.row_chart(sheet, labels, span, (room, room), 0.55)
        axes = chart.axes
        for row, result in enumerate(results):
            low_word = words[2 * row]
            high_word = words[2 * row + 1]
            y = chart.centres[row]
            _draw_swing(axes, centre, result, (low_word, high_word), y)
        axes.plot(
            [centre, centre],
            [0.42, chart.centres[-1] + 0.14],
            color=drawing.INK,
            linewidth=0.8,
        )
        axes.text(
            centre,
            0.38,
            say(language, "report.chart.centre", value=centre_word),
            size=drawing.SMALL,
            ha="center",
            va="bottom",
            color=drawing.INK,
        )
        at_low = say(language, "report.chart.at-low")
        at_high = say(language, "report.chart.at-high")
        drawing.colour_key(chart.page, [(_FALL, at_low), (_RISE, at_high)])
        return write(chart.page.figure, path)


def _draw_swing(
    axes: "Axes",
    centre: float,
    results: tuple[float, float],
    words: tuple[str, str],
    y: float,
) -> None:
    """Draw the bars of an input, the low above the high one where both are on the same side."""
    low, high = results
    low_change = low - centre
    high_change = high - centre
    offset = 0.0
    height = 0.18
    size = drawing.SMALL
    if low_change * high_change > 0:
        offset = 0.06
        height = 0.11
        size = _PAIR_SIZE
    low_side = 1 if low > centre else -1
    high_side = 1 if high > centre else -1
    if low == centre and high < centre:
        low_side = 1
    if high == centre and low <= centre:
        high_side = 1
    low_y = y - offset
    high_y = y + offset
    axes.barh(low_y, low_change, left=centre, height=height, color=_FALL)
    drawing.beside(
        axes,
        low,
        low_y,
        words[0],
        low_side,
        size,
    )
    axes.barh(high_y, high_change, left=centre, height=height, color=_RISE)
    drawing.beside(
        axes,
        high,
        high_y,
        words[1],
        high_side,
        size,
    )


class _RankRow(NamedTuple):
    """A rank with its interval."""

    rank: float
    low: float
    high: float
    name: FigureText


def rank_intervals(
    rows: Sequence[tuple[FigureText, float, float, float]],
    *,
    title: FigureText,
    unit: FigureText,
    caption: FigureText,
    language: Language,
    path: Path,
    status: FigureText = TRIAL,
) -> Path:
    """Draw ranks with their intervals, the best, rank 1, on top.

    Parameters
    ----------
    rows : sequence of (text, float, float, float)
        Name, rank, and the ends of its interval.
    title, unit, caption, language, path, status
        See :func:`waterfall`.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    ValueError
        If there is no row, or a value is not finite.
    """
    language = drawn_language(language)
    ranks = []
    ends: list[float] = []
    words = []
    for name, rank, low, high in sorted(rows, key=lambda row: row[1:]):
        ranks.append(_RankRow(rank, low, high, name))
        ends += [rank, low, high]
        words.append(f"{rank:.3g}  ({low:.3g}–{high:.3g})")
    layout.check_finite("rank_intervals", ends)
    first = min(ends) - 0.3
    last = max(ends) + 0.3
    sheet = sheet_of(title, unit, [status, text("report.chart.intervals"), caption], language)
    with style():
        labels = []
        for number, row in enumerate(ranks, 1):
            labels.append(name_lines(row.name, language, str(number)))
        number_widths = widths(words, drawing.SMALL)
        room = 0.05, max(number_widths) + _LABEL_GAP
        chart = drawing.row_chart(sheet, labels, (first, last), room, 0.3)
        axes = chart.axes
        _draw_rank_grid(axes, first, last, chart.centres[-1])
        for row, y, word in zip(ranks, chart.centres, words, strict=True):
            axes.plot(
                [row.low, row.high],
                [y, y],
                color=_RISE,
                linewidth=3,
                alpha=0.45,
                solid_capstyle="butt",
            )
            axes.plot(
                [row.rank],
                [y],
                "o",
                color=_RISE,
                markersize=5,
            )
            drawing.beside(axes, last, y, word, size=drawing.SMALL)
        return write(chart.page.figure, path)


def _draw_rank_grid(axes: "Axes", first: float, last: float, last_row: float) -> None:
    """Draw a line for every few ranks, with its number on top."""
    from matplotlib.ticker import MaxNLocator

    ticks = MaxNLocator(8, integer=True).tick_values(first, last)
    ranks = {max(float(tick), 1.0) for tick in ticks}
    for rank in sorted(ranks):
        if not first <= rank <= last or not rank.is_integer():
            continue
        y_ends = [0.24, last_row + 0.14]
        axes.plot([rank, rank], y_ends, color=drawing.GRID, linewidth=0.8, zorder=0)
        axes.text(
            rank,
            0.2,
            f"{rank:g}",
            size=drawing.SMALL,
            ha="center",
            va="bottom",
            color=drawing.INK,
        )


# --- years ---------------------------------------------------------------------------------------


def stacked_years(
    years: Sequence[int],
    parts: Mapping[str, tuple[FigureText, Sequence[float]]],
    *,
    title: FigureText,
    unit: FigureText,
    caption: FigureText,
    language: Language,
    path: Path,
    status: FigureText = TRIAL,
) -> Path:
    """Draw a bar of stacked parts for each year, with the total above.

    Negative parts lie below zero; of more than ten parts the smallest are joined. The bars are
    equally far apart, and a note says so where the years are not.

    Parameters
    ----------
    years : sequence of int
    parts : mapping of str to (text, sequence of float)
        Name, and the value in each of ``years``.
    title, unit, caption, language, path, status
        See :func:`waterfall`.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    ValueError
        If there is no part, years repeat, a part has not one value for each year, or a value is not
        finite.
    """
    values_of_parts = [values for _, values in parts.values()]
    layout.check_finite("stacked_years", list(chain.from_iterable(values_of_parts)))
    lengths = {len(values) for values in values_of_parts}
    if len(set(years)) < len(years) or lengths != {len(years)}:
        message = "stacked_years: the years are not distinct, or a part has not one value for each"
        raise ValueError(message)
    order = sorted(range(len(years)), key=years.__getitem__)
    by_year = {}
    for key, (name, values) in parts.items():
        by_year[key] = name, [values[position] for position in order]
    ascending = sorted(years)
    gaps = {year - previous for previous, year in pairwise(ascending)}
    notes = [text("report.chart.uneven-years")] if len(gaps) > 1 else []
    return stacked_bars(
        [str(year) for year in ascending],
        by_year,
        title=title,
        unit=unit,
        caption=caption,
        language=language,
        path=path,
        status=status,
        remarks=notes,
    )


def stacked_bars(
    columns: Sequence[FigureText],
    parts: Mapping[str, tuple[FigureText, Sequence[float]]],
    *,
    title: FigureText,
    unit: FigureText,
    caption: FigureText,
    language: Language,
    path: Path,
    status: FigureText = TRIAL,
    remarks: Sequence[FigureText] = (),
) -> Path:
    """Draw a bar of stacked parts for each column, such as a region, with the total above.

    Negative parts lie below zero; of more than ten parts the smallest are joined.

    Parameters
    ----------
    columns : sequence of text
        What stands below each bar, from left to right.
    parts : mapping of str to (text, sequence of float)
        Name, and the value in each of ``columns``.
    title, unit, caption, language, path, status
        See :func:`waterfall`.
    remarks : sequence of text, optional
        Further notes.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    ValueError
        If there is no part, or a value is not finite.
    """
    language = drawn_language(language)
    values_of_parts = {key: values for key, (_, values) in parts.items()}
    layout.check_finite("stacked_bars", list(chain.from_iterable(values_of_parts.values())))
    shown, rest = layout.largest_parts(values_of_parts, len(_PARTS) + 1)
    rows = []
    names = []
    for key in shown:
        name, values = parts[key]
        rows.append(values)
        names.append(name_lines(name, language, key, 22))
    if rest:
        count = len(parts) - len(shown)
        rows.append(rest)
        names.append([say(language, "report.chart.rest", count=count)])
    notes = [status]
    if min(chain.from_iterable(rows)) < 0:
        notes.append(text("report.chart.net-total"))
    notes += remarks
    if rest:
        notes.append(text("report.chart.joined", count=len(shown)))
    sheet = sheet_of(title, unit, [*notes, caption], language)
    with style():
        labels = [drawable(column, language) for column in columns]
        return _draw_stacks(sheet, labels, rows, names, path)


@dataclass(frozen=True)
class _StackAxes:
    """The axes of stacked bars, and the page that they are on.

    Attributes
    ----------
    page : Page
    axes : Axes
        x is the position of the column.
    column_width : float
        Inches from one column to the next.
    per_inch : float
        Value of an inch.
    foot : float
        Inches below the bars.
    turn : float
        Degrees by which the labels of the columns are turned.
    """

    page: drawing.Page
    axes: "Axes"
    column_width: float
    per_inch: float
    foot: float
    turn: float


def _draw_stacks(
    sheet: drawing.Sheet,
    columns: Sequence[str],
    rows: Sequence[Sequence[float]],
    names: Sequence[Sequence[str]],
    path: Path,
) -> Path:
    """Draw the bars of parts (``rows``), their totals and numbers, and the names of the parts."""
    stacks = layout.stack(rows)
    frame = _make_stack_axes(sheet, columns, names, stacks)
    colours = [*_PARTS, _PALE][: len(rows)]
    for bars, colour in zip(stacks.bars, colours, strict=True):
        sizes = [bar.end - bar.start for bar in bars]
        bottoms = [bar.start for bar in bars]
        frame.axes.bar(
            range(len(columns)),
            sizes,
            _BAR,
            bottoms,
            color=colour,
            edgecolor="white",
            linewidth=0.5,
        )
    _draw_totals(frame, columns, stacks)
    _draw_piece_numbers(frame, stacks.bars, rows, colours)
    last_bars = [bars[-1] for bars in stacks.bars]
    _draw_part_names(frame, last_bars, names, colours)
    return write(frame.page.figure, path)


def _make_stack_axes(
    sheet: drawing.Sheet,
    columns: Sequence[str],
    names: Sequence[Sequence[str]],
    stacks: layout.Stacks,
) -> _StackAxes:
    """Make the axes of stacked bars, with room for the names of the parts at the right."""
    count = len(columns)
    name_heights = [_part_name_height(lines) for lines in names]
    name_widths = widths(chain.from_iterable(names), drawing.SIZE)
    name_column = max(name_widths) + 0.3
    room = drawing.ROOM - name_column
    column_width = (room - _SCALE_WIDTH) / max(count, 3)
    left = room - column_width * count if count > 2 else _SCALE_WIDTH
    foot = _TOP_SPACE
    turn = 0.0
    widest = max(widths(columns, drawing.SMALL))
    if widest > 0.9 * column_width:
        foot = max(_TOP_SPACE, widest + 0.15)
        turn = 90.0
    height = max(4.0, sum(name_heights) + 0.7) + foot - _TOP_SPACE
    page = drawing.page(sheet, height, below_title=True)
    box = page.box(drawing.MARGIN + left, column_width * count)
    axes = page.figure.add_axes(box)
    axes.set_axis_off()
    total_width = _widest_total(stacks)
    headroom = _TOTAL_HEIGHT
    if _is_crowded(total_width, column_width):
        headroom = total_width + 0.1
    low = min(stacks.ends)
    high = max(stacks.ends)
    per_inch = ((high - low) or 1.0) / (height - foot - headroom)
    bottom = low - foot * per_inch
    top = high + headroom * per_inch
    axes.set(xlim=(-0.5, count - 0.5), ylim=(bottom, top))
    return _StackAxes(
        page,
        axes,
        column_width,
        per_inch,
        foot,
        turn,
    )


def _part_name_height(lines: Sequence[str]) -> float:
    """Return the height of the name of a part, in inches."""
    return 0.15 * len(lines) + 0.06


def _widest_total(stacks: layout.Stacks) -> float:
    """Return the width of the widest total, in inches."""
    words = layout.number_texts(stacks.totals)
    return max(widths(words, drawing.SMALL, "bold"))


def _is_crowded(total_width: float, column_width: float) -> bool:
    """Return whether totals are too wide to stand beside each other."""
    return total_width > 0.97 * column_width


def _draw_part_names(
    frame: _StackAxes,
    last_bars: Sequence[layout.Bar],
    names: Sequence[Sequence[str]],
    colours: Sequence[str],
) -> None:
    """Write the names of the parts at the right, moved apart, each with a line to its bar."""
    axes = frame.axes
    bottom, top = axes.get_ylim()
    right = axes.get_xlim()[1]
    label_x = right + 0.16 / frame.column_width
    centres = [(bar.start + bar.end) / 2 for bar in last_bars]
    upwards = sorted(range(len(names)), key=centres.__getitem__)
    places = layout.spread(
        [centres[part] / frame.per_inch for part in upwards],
        [_part_name_height(names[part]) for part in upwards],
        bottom / frame.per_inch + 0.1 + frame.foot - _TOP_SPACE,
        top / frame.per_inch,
    )
    for part, place in zip(upwards, places, strict=True):
        centre = centres[part]
        y = place * frame.per_inch
        axes.plot(
            [right - 0.1, right, label_x],
            [centre, centre, y],
            color=colours[part],
            linewidth=1.2,
            clip_on=False,
        )
        drawing.beside(
            axes,
            label_x,
            y,
            "\n".join(names[part]),
            va="center",
            linespacing=1.15,
        )


def _draw_totals(frame: _StackAxes, columns: Sequence[str], stacks: layout.Stacks) -> None:
    """Write labels below and totals above the bars; mark totals where parts are negative."""
    axes = frame.axes
    words = layout.number_texts(stacks.totals)
    bottom, _ = axes.get_ylim()
    left, right = axes.get_xlim()
    axes.plot([left, right], [0, 0], color=drawing.INK, linewidth=0.8)
    label_y = bottom + (frame.foot - 0.06) * frame.per_inch
    total_turn = 90 if _is_crowded(_widest_total(stacks), frame.column_width) else 0
    labelled = int(-(-_LINE_APART // frame.column_width))  # every first, second, ... column
    for position, total in enumerate(stacks.totals):
        top = max(bars[position].end for bars in stacks.bars)
        if total < top - _ROUNDING * abs(top):
            axes.plot(
                [position - 0.37],
                [total],
                "D",
                color=drawing.INK,
                markeredgecolor="white",
                markersize=5.5,
            )
        if position % labelled:
            continue
        axes.text(
            position,
            label_y,
            columns[position],
            size=drawing.SMALL,
            ha="center",
            va="top",
            rotation=frame.turn,
        )
        axes.text(
            position,
            top + 0.05 * frame.per_inch,
            words[position],
            size=drawing.SMALL,
            weight="bold",
            ha="center",
            va="bottom",
            rotation=total_turn,
        )


def _draw_piece_numbers(
    frame: _StackAxes,
    bars: Sequence[Sequence[layout.Bar]],
    rows: Sequence[Sequence[float]],
    colours: Sequence[str],
) -> None:
    """Write the number into every piece that is high enough; draw a scale if they are too wide."""
    values = []
    places = []
    inks = []
    for pieces, row, colour in zip(bars, rows, colours, strict=True):
        ink = "white" if drawing.is_dark(colour) else drawing.INK
        for position, piece in enumerate(pieces):
            height = abs(piece.end - piece.start)
            middle = (piece.start + piece.end) / 2
            if height > _LEAST_PIECE * frame.per_inch:
                values.append(row[position])
                places.append((position, middle))
                inks.append(ink)
    words = layout.number_texts(values, figures=4)
    widest = max(widths(words, _PIECE_SIZE), default=0)
    if widest > _BAR * frame.column_width - 0.02:
        _draw_scale(frame)
        return
    for (x, y), word, ink in zip(places, words, inks, strict=True):
        frame.axes.text(
            x,
            y,
            word,
            size=_PIECE_SIZE,
            ha="center",
            va="center_baseline",
            color=ink,
        )


def _draw_scale(frame: _StackAxes) -> None:
    """Draw a grid with its values at the left."""
    from matplotlib.ticker import MaxNLocator

    axes = frame.axes
    low, high = axes.get_ylim()
    left, right = axes.get_xlim()
    lowest = low + (frame.foot - 0.1) * frame.per_inch  # above the labels
    steps = MaxNLocator(6).tick_values(low, high)
    ticks = [tick for tick in steps if lowest <= tick <= high]
    words = layout.number_texts(ticks, figures=4)
    for tick, word in zip(ticks, words, strict=True):
        axes.plot(
            [left, right],
            [tick, tick],
            color=drawing.GRID,
            linewidth=0.7,
            zorder=0,
        )
        drawing.beside(
            axes,
            left,
            tick,
            word,
            -1,
            drawing.SMALL,
        )


# --- flows ---------------------------------------------------------------------------------------


def sankey(
    flows: Sequence[tuple[str, str, float]],
    names: Mapping[str, FigureText],
    ends: tuple[FigureText, FigureText],
    *,
    title: FigureText,
    unit: FigureText,
    caption: FigureText,
    language: Language,
    path: Path,
    status: FigureText = TRIAL,
) -> Path:
    """Draw transitions between types, from the opening at the left to the closing at the right.

    What keeps its type is pale. All is to scale, but the smallest flow still shows as a line.

    Parameters
    ----------
    flows : sequence of (str, str, float)
        Type at the opening, type at the closing, amount.
    names : mapping of str to text
        By type, in the order in which types are drawn; others follow.
    ends : (text, text)
        Headings of the opening and the closing.
    title, unit, caption, language, path, status
        See :func:`waterfall`.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    ValueError
        If all amounts are 0, or one is negative or not finite.
    """
    language = drawn_language(language)
    amounts = _sum_flows(flows)
    types = dict.fromkeys(chain.from_iterable(amounts))
    order = [key for key in names if key in types]
    order += [key for key in types if key not in names]
    unchanged = [amount for (source, target), amount in amounts.items() if source == target]
    share = sum(unchanged) / sum(amounts.values())
    percent, *_ = layout.number_texts([100 * share])
    notes = [
        status,
        text("report.chart.unchanged", percent=percent),
        text("report.chart.change"),
        caption,
    ]
    sheet = sheet_of(title, unit, notes, language)
    headings = drawable(ends[0], language), drawable(ends[1], language)
    with style():
        labels = {key: name_lines(names.get(key, key), language, key, 20) for key in order}
        return _draw_sankey(sheet, amounts, labels, headings, path)


def _sum_flows(flows: Sequence[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    """Sum flows by source and target, without those of 0; refuse what cannot be drawn."""
    amounts: dict[tuple[str, str], float] = {}
    for source, target, amount in flows:
        if amount:
            amounts[source, target] = amounts.get((source, target), 0.0) + amount
    layout.check_finite("sankey", list(amounts.values()))
    if min(amounts.values()) < 0:
        raise ValueError("sankey: a flow is negative")
    return amounts


def _draw_sankey(
    sheet: drawing.Sheet,
    amounts: Mapping[tuple[str, str], float],
    labels: Mapping[str, Sequence[str]],
    headings: tuple[str, str],
    path: Path,
) -> Path:
    """Draw amounts by source and target; ``labels`` has the lines of each type, in its order."""
    order = list(labels)
    label_heights = [_node_label_height(lines) for lines in labels.values()]
    gap = min(0.12, 2.4 / len(order))
    height = max(
        3.8,
        sum(label_heights) + 0.2,
        2.2 * gap * len(order),
    )
    arranged = layout.flow_layout(amounts, order, height, gap)
    opening_labels, closing_labels = _node_labels(labels, arranged)
    sides = (
        _Side(arranged.opening, opening_labels, -1, headings[0]),
        _Side(arranged.closing, closing_labels, 1, headings[1]),
    )
    columns = []
    for side in sides:
        lines = chain.from_iterable(side.labels.values())
        line_widths = widths(lines, drawing.SIZE)
        columns.append(max(line_widths) + 0.3)
    page = drawing.page(sheet, height + _SANKEY_HEAD, below_title=True)
    width = drawing.ROOM - sum(columns)
    box = page.box(drawing.MARGIN + columns[0], width)
    axes = page.figure.add_axes(box)
    axes.set_axis_off()
    axes.set(xlim=(0, width), ylim=(height, -_SANKEY_HEAD))
    colours = dict(zip(order, cycle(_PARTS), strict=False))
    drawing.bent_ribbons(axes, arranged.ribbons, colours, width)
    for side in sides:
        x = 0.0 if side.direction < 0 else width
        _draw_nodes(axes, x, side, colours, height)
        axes.text(
            x,
            -0.12,
            side.heading,
            size=10,
            weight="bold",
            ha="left" if side.direction < 0 else "right",
            va="bottom",
            color=drawing.INK,
        )
    return write(page.figure, path)


@dataclass(frozen=True)
class _Side:
    """One side of a chart of flows.

    Attributes
    ----------
    nodes : mapping of str to FlowNode
    labels : mapping of str to sequence of str
        Lines, by type.
    direction : {-1, 1}
        Where the labels stand: -1 at the left of the nodes, 1 at the right.
    heading : str
    """

    nodes: Mapping[str, layout.FlowNode]
    labels: Mapping[str, Sequence[str]]
    direction: int
    heading: str


def _node_label_height(lines: Sequence[str]) -> float:
    """Return the height of the label of a node, in inches."""
    return 0.14 * len(lines) + 0.05


def _node_labels(
    labels: Mapping[str, Sequence[str]], flows: layout.FlowLayout
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Complete the labels by the amounts, at the closing also by the changes.

    Parameters
    ----------
    labels : mapping of str to sequence of str
        Lines of the name of each type.
    flows : FlowLayout

    Returns
    -------
    opening, closing : dict of str to list of str
    """
    amounts = [node.amount for node in flows.opening.values()]
    changes = []
    for key, node in flows.closing.items():
        opening_node = flows.opening.get(key)
        opening_amount = 0.0 if opening_node is None else opening_node.amount
        amounts.append(node.amount)
        changes.append(node.amount - opening_amount)
    numbers = [*amounts, *changes]
    words = layout.number_texts(numbers)
    signed_words = layout.number_texts(numbers, signed=True)
    opening = {}
    for key, word in zip(flows.opening, words, strict=False):
        *lines, last_line = labels[key]
        opening[key] = [*lines, f"{last_line}  {word}"]
    closing_words = words[len(opening) : len(amounts)]
    change_words = signed_words[len(amounts) :]
    closing = {}
    for key, word, change in zip(flows.closing, closing_words, change_words, strict=True):
        *lines, last_line = labels[key]
        closing[key] = [*lines, f"{last_line}  {word}  ({change})"]
    return opening, closing


def _draw_nodes(
    axes: "Axes", x: float, side: _Side, colours: Mapping[str, str], height: float
) -> None:
    """Draw the nodes of a side and their labels, which are moved apart where nodes are low."""
    middles = [node.top + node.height / 2 for node in side.nodes.values()]
    sizes = [_node_label_height(side.labels[key]) for key in side.nodes]
    places = layout.spread(middles, sizes, 0, height)
    line_ends = [x + side.direction * 0.03, x + side.direction * 0.17]
    for key, middle, place in zip(side.nodes, middles, places, strict=True):
        node = side.nodes[key]
        axes.barh(
            node.top,
            -side.direction * 0.09,
            node.height,
            x,
            align="edge",
            color=colours[key],
            edgecolor=colours[key],
            lw=0.5,
        )
        axes.plot(line_ends, [middle, place], color=drawing.LINE, linewidth=0.6, clip_on=False)
        drawing.beside(
            axes,
            line_ends[1],
            place,
            "\n".join(side.labels[key]),
            side.direction,
            va="center",
            linespacing=1.1,
        )
