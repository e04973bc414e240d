"""Charts of years side by side: a change taken apart, stacked years, swings of inputs, ranks, transitions of land.

Every chart takes plain data, texts in one language or both, and the path to write (png, svg or pdf); the same data
give the same bytes. A value that is missing or not finite is refused with ``ValueError``, as is a chart of nothing.
"""

from collections.abc import Mapping, Sequence
from itertools import cycle, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from gep.report.figures import chart_layout as layout
from gep.report.figures import page as drawing
from gep.report.figures.page import (
    TRIAL,
    Text,
    drawn_language,
    name_lines,
    say,
    sheet_of,
    style,
    widths,
    write,
)
from gep.texts.catalogue import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WORDS: Mapping[str, Text] = {
    "effect": {
        "zh": "括号内为对增长的贡献（占期初值的百分比）。",
        "en": "In brackets: contribution to growth, percent of the opening value.",
    },
    "broken": {
        "zh": "横轴不从零开始（首尾条形已截断）：各项变化远小于总量。",
        "en": "The axis does not start at zero (first and last bar cut): the effects are small beside the levels.",
    },
    "remainder": {"zh": "未解释部分", "en": "not explained"},
    "other": {"zh": "其他（{} 项）", "en": "other ({})"},
    "merged": {"zh": "只单列最大的 {} 项。", "en": "The {} largest are shown on their own."},
    "net": {"zh": "◆ 合计（正负相抵）。", "en": "◆ total, negative parts deducted."},
    "uneven": {"zh": "各年间隔不等。", "en": "The years are not evenly spaced."},
    "low": {"zh": "取低值", "en": "input at its low value"},
    "high": {"zh": "取高值", "en": "input at its high value"},
    "centre": {"zh": "中心值 {}", "en": "central {}"},
    "swing": {
        "zh": "每次只变动一个参数，按结果变幅由大到小排列。",
        "en": "One input is moved at a time; sorted by the swing of the result.",
    },
    "interval": {
        "zh": "圆点为位次，线段及括号内为区间。",
        "en": "Dot: rank; line and brackets: its interval.",
    },
    "unchanged": {
        "zh": "浅色为类型未变的部分，占总量 {} %；深色为转移，颜色同转出类型。",
        "en": "Pale: type unchanged, {} % of all; strong: transitions, in the colour of the type they leave.",
    },
    "change": {"zh": "括号内为期末减期初。", "en": "In brackets: closing less opening."},
}
# Colours that colour-blind readers tell apart: of Okabe and Ito for the direction, of Tol ("muted") for the kind.
_LEVEL, _RISE, _FALL, _PALE = "#4d4d4d", "#0072b2", "#d55e00", "#bbbbbb"
_KINDS = (
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


def waterfall(
    start: tuple[Text, float],
    effects: Sequence[tuple[Text, float]],
    end: tuple[Text, float],
    *,
    title: Text,
    unit: Text,
    caption: Text,
    language: Language,
    path: Path,
    status: Text = TRIAL,
) -> Path:
    """Draw how the effects lead from one level to another; what they leave unexplained is a row of its own.

    Where the effects are tiny beside the levels the axis is broken from zero, and a note says so.
    """
    language = drawn_language(language)
    fall = layout.waterfall_layout(start[1], [effect for _, effect in effects], end[1])
    rows = [
        start,
        *effects,
        *([(_WORDS["remainder"], fall.remainder)] if fall.remainder else []),
        end,
    ]
    inner = [value for _, value in rows[1:-1]]
    levels = layout.number_texts([start[1], end[1], *inner])
    steps = layout.number_texts([*inner, start[1], end[1]], signed=True)[: len(inner)]
    if start[1] > 0:
        shares = layout.number_texts(
            [100 * value / start[1] for value in inner], signed=True, figures=3
        )
        steps = [f"{step}  ({share} %)" for step, share in zip(steps, shares, strict=True)]
    texts = [levels[0], *steps, levels[1]]
    notes = [_WORDS["effect"]] * (start[1] > 0 and len(steps) > 0) + [
        _WORDS["broken"]
    ] * fall.broken
    colours = [_LEVEL, *(_RISE if value >= 0 else _FALL for value in inner), _LEVEL]
    if fall.remainder:
        colours[-2] = _PALE
    with style():
        labels = [name_lines(text, language, str(number)) for number, (text, _) in enumerate(rows)]
        ends = [edge for bar in fall.bars for edge in bar]
        room = 0.05, max(widths(texts, drawing.SIZE, "bold")) + 0.12
        sheet = sheet_of(title, unit, [status, *notes, caption], language)
        sheet_page, axes, centres = drawing.row_chart(
            sheet, labels, (min(ends), max(ends)), room, 0
        )
        for (begin, to), y, colour, text in zip(fall.bars, centres, colours, texts, strict=True):
            axes.barh(
                y,
                to - begin,
                left=begin,
                height=0.18,
                color=colour,
                edgecolor=colour,
                linewidth=0.6,
            )
            drawing.beside(
                axes, max(begin, to), y, text, weight="bold" if colour == _LEVEL else "normal"
            )
        for (_, at), above, below in zip(fall.bars, centres, centres[1:], strict=False):
            axes.plot([at, at], [above + 0.09, below - 0.09], color=drawing.LINE, linewidth=0.7)
        axes.plot(
            [fall.base] * 2,
            [centres[0] - 0.13, centres[-1] + 0.13],
            color=drawing.LINE,
            linewidth=0.7,
        )
        if fall.broken:
            drawing.cut_bars(axes, fall.base, [centres[0], centres[-1]], 1 if start[1] > 0 else -1)
        return write(sheet_page.figure, path)


def tornado(
    centre: float,
    swings: Sequence[tuple[Text, float, float]],
    *,
    title: Text,
    unit: Text,
    caption: Text,
    language: Language,
    path: Path,
    status: Text = TRIAL,
) -> Path:
    """Draw the result at the low and at the high value of each input, the widest swing on top."""
    language = drawn_language(language)
    layout.checked("tornado", [value for _, low, high in swings for value in (centre, low, high)])
    rows = [
        swings[place] for place in layout.by_swing(centre, [(low, high) for _, low, high in swings])
    ]
    ends = [centre, *(value for _, low, high in rows for value in (low, high))]
    texts = layout.number_texts(ends)
    with style():
        labels = [
            name_lines(text, language, str(number)) for number, (text, _, _) in enumerate(rows, 1)
        ]
        room = max(widths(texts, drawing.SMALL)) + 0.12
        sheet = sheet_of(title, unit, [status, _WORDS["swing"], caption], language)
        sheet_page, axes, centres = drawing.row_chart(
            sheet, labels, (min(ends), max(ends)), (room, room), 0.55
        )
        for row, ((_, *results), y) in enumerate(zip(rows, centres, strict=True)):
            one_side = (results[0] - centre) * (
                results[1] - centre
            ) > 0  # then one bar above the other
            for which, (result, colour) in enumerate(zip(results, (_FALL, _RISE), strict=True)):
                at = y + (0.06 if which else -0.06) * one_side
                axes.barh(
                    at,
                    result - centre,
                    left=centre,
                    height=0.11 if one_side else 0.18,
                    color=colour,
                )
                other = results[1 - which]
                right = result > centre or (
                    result == centre and (other < centre or (other == centre and which == 1))
                )
                drawing.beside(
                    axes,
                    result,
                    at,
                    texts[1 + 2 * row + which],
                    1 if right else -1,
                    6.5 if one_side else drawing.SMALL,
                )
        axes.plot([centre] * 2, [0.42, centres[-1] + 0.14], color=drawing.INK, linewidth=0.8)
        middle = say(_WORDS["centre"], language, texts[0])
        axes.text(
            centre, 0.38, middle, size=drawing.SMALL, ha="center", va="bottom", color=drawing.INK
        )
        drawing.colour_key(
            sheet_page,
            [(_FALL, say(_WORDS["low"], language)), (_RISE, say(_WORDS["high"], language))],
        )
        return write(sheet_page.figure, path)


def rank_intervals(
    rows: Sequence[tuple[Text, float, float, float]],
    *,
    title: Text,
    unit: Text,
    caption: Text,
    language: Language,
    path: Path,
    status: Text = TRIAL,
) -> Path:
    """Draw ranks with their intervals (name, rank, low, high), the best, rank 1, on top."""
    from matplotlib.ticker import MaxNLocator

    language = drawn_language(language)
    layout.checked("rank_intervals", [value for _, *numbers in rows for value in numbers])
    rows = sorted(rows, key=lambda row: row[1:])
    texts = [f"{rank:.3g}  ({low:.3g}–{high:.3g})" for _, rank, low, high in rows]
    with style():
        labels = [
            name_lines(text, language, str(number)) for number, (text, *_) in enumerate(rows, 1)
        ]
        low_edge, high_edge = (
            min(min(row[1:]) for row in rows) - 0.3,
            max(max(row[1:]) for row in rows) + 0.3,
        )
        sheet = sheet_of(title, unit, [status, _WORDS["interval"], caption], language)
        room = 0.05, max(widths(texts, drawing.SMALL)) + 0.12
        sheet_page, axes, centres = drawing.row_chart(
            sheet, labels, (low_edge, high_edge), room, 0.3
        )
        ticks = {
            max(float(tick), 1.0)
            for tick in MaxNLocator(8, integer=True).tick_values(low_edge, high_edge)
        }
        for tick in (
            tick for tick in sorted(ticks) if low_edge <= tick <= high_edge and tick.is_integer()
        ):
            axes.plot(
                [tick] * 2, [0.24, centres[-1] + 0.14], color="#e4e4e4", linewidth=0.8, zorder=0
            )
            axes.text(
                tick,
                0.2,
                f"{tick:g}",
                size=drawing.SMALL,
                ha="center",
                va="bottom",
                color=drawing.INK,
            )
        for (_, rank, low, high), y, text in zip(rows, centres, texts, strict=True):
            axes.plot(
                [low, high], [y, y], color=_RISE, linewidth=3, alpha=0.45, solid_capstyle="butt"
            )
            axes.plot([rank], [y], "o", color=_RISE, markersize=5)
            drawing.beside(axes, high_edge, y, text, size=drawing.SMALL)
        return write(sheet_page.figure, path)


# --- years ------------------------------------------------------------------------------------------------------------


def stacked_years(
    years: Sequence[int],
    parts: Mapping[str, tuple[Text, Sequence[float]]],
    *,
    title: Text,
    unit: Text,
    caption: Text,
    language: Language,
    path: Path,
    status: Text = TRIAL,
) -> Path:
    """Draw a bar per year (a category: gaps between years are not drawn) of the parts, with the total above.

    Negative parts lie below zero; of more than ten parts the smallest are joined. Every part has a value per year.
    """
    language = drawn_language(language)
    layout.checked("stacked_years", [value for _, values in parts.values() for value in values])
    if len(set(years)) < len(years) or any(
        len(values) != len(years) for _, values in parts.values()
    ):
        raise ValueError(
            "stacked_years: the years are not distinct, or a part has not one value for each"
        )
    order = sorted(range(len(years)), key=years.__getitem__)
    listed = {key: [values[at] for at in order] for key, (_, values) in parts.items()}
    kept, others = layout.largest_parts(listed, len(_KINDS) + 1)
    values = [listed[key] for key in kept] + [others] * bool(others)
    names = [name_lines(parts[key][0], language, str(key), 22) for key in kept]
    gaps = {years[after] - years[before] for before, after in pairwise(order)}
    notes = [_WORDS["net"]] * (min(map(min, values)) < 0) + [_WORDS["uneven"]] * (len(gaps) > 1)
    if others:
        names.append([say(_WORDS["other"], language, len(parts) - len(kept))])
        notes.append(say(_WORDS["merged"], language, len(kept)))
    with style():
        sheet = sheet_of(title, unit, [status, *notes, caption], language)
        return _stacked(sheet, [str(years[at]) for at in order], values, names, path)


def _stacked(
    sheet: drawing.Sheet,
    years: Sequence[str],
    values: Sequence[Sequence[float]],
    names: Sequence[Sequence[str]],
    path: Path,
) -> Path:
    """The bars, the names of the parts beside the last, a scale where the bars are too narrow for numbers."""
    piles, count = layout.stack(values), len(years)
    heights = [0.15 * len(lines) + 0.06 for lines in names]
    column = max(widths([line for lines in names for line in lines], drawing.SIZE)) + 0.3
    edges = [edge for row in piles.bars for bar in row for edge in bar]
    tall, low, high = max(4.0, sum(heights) + 0.7), min(edges), max(edges)
    sheet_page = drawing.page(sheet, tall, below_title=True)
    slot = (drawing.ROOM - column - 0.5) / max(count, 3)
    left = drawing.ROOM - column - slot * count if count > 2 else 0.5
    axes = sheet_page.figure.add_axes(sheet_page.box(drawing.MARGIN + left, slot * count))
    axes.set_axis_off()
    upright = max(widths(layout.number_texts(piles.totals), drawing.SMALL, "bold")) > 0.97 * slot
    above = (
        max(widths(layout.number_texts(piles.totals), drawing.SMALL, "bold")) + 0.1
        if upright
        else 0.2
    )
    inch = ((high - low) or 1.0) / (tall - 0.4 - above)  # of the data
    axes.set(xlim=(-0.5, count - 0.5), ylim=(low - 0.4 * inch, high + above * inch))
    colours = [*_KINDS, _PALE][: len(values)]
    for row, colour in zip(piles.bars, colours, strict=True):
        sizes, bottoms = [to - begin for begin, to in row], [begin for begin, _ in row]
        axes.bar(range(count), sizes, 0.74, bottoms, color=colour, edgecolor="white", linewidth=0.5)
    _totals(
        axes,
        years,
        piles.totals,
        [max(row[at][1] for row in piles.bars) for at in range(count)],
        slot,
        inch,
    )
    _numbers(axes, piles.bars, values, colours, (0.74 * slot, inch))
    last = [(row[-1][0] + row[-1][1]) / 2 for row in piles.bars]
    turn = sorted(range(len(names)), key=last.__getitem__)
    places = layout.spread(
        [last[row] / inch for row in turn],
        [heights[row] for row in turn],
        low / inch - 0.3,
        high / inch + above,
    )
    for spot, place in zip(turn, places, strict=True):
        axes.plot(
            [count - 0.6, count - 0.5, count - 0.5 + 0.16 / slot],
            [last[spot], last[spot], place * inch],
            color=colours[spot],
            linewidth=1.2,
            clip_on=False,
        )
        drawing.beside(
            axes,
            count - 0.5 + 0.16 / slot,
            place * inch,
            "\n".join(names[spot]),
            va="center",
            linespacing=1.15,
        )
    return write(sheet_page.figure, path)


def _totals(
    axes: "Axes",
    years: Sequence[str],
    totals: Sequence[float],
    tops: Sequence[float],
    slot: float,
    inch: float,
) -> None:
    """The years below the bars, the totals above them, upright where they are many; a mark where parts are negative."""
    texts, floor = layout.number_texts(totals), axes.get_ylim()[0] + 0.34 * inch
    upright = 90 if max(widths(texts, drawing.SMALL, "bold")) > 0.97 * slot else 0
    turned = 90 if max(widths(years, drawing.SMALL)) > 0.9 * slot else 0
    every = int(-(-0.11 // slot))  # one in so many where the lines would touch
    axes.plot([-0.5, len(years) - 0.5], [0, 0], color=drawing.INK, linewidth=0.8)
    for at, (year, text, total, top) in enumerate(zip(years, texts, totals, tops, strict=True)):
        if total < top - 1e-9 * abs(top):
            axes.plot(
                [at - 0.37],
                [total],
                "D",
                color=drawing.INK,
                markeredgecolor="white",
                markersize=5.5,
            )
        if at % every == 0:
            axes.text(at, floor, year, size=drawing.SMALL, ha="center", va="top", rotation=turned)
            axes.text(
                at,
                top + 0.05 * inch,
                text,
                size=drawing.SMALL,
                weight="bold",
                ha="center",
                va="bottom",
                rotation=upright,
            )


def _numbers(
    axes: "Axes",
    bars: Sequence[Sequence[tuple[float, float]]],
    values: Sequence[Sequence[float]],
    colours: Sequence[str],
    room: tuple[float, float],
) -> None:
    """The value in every piece with room for it (width in inches, data per inch); else a scale at the left."""
    from matplotlib.ticker import MaxNLocator

    shown = [
        (row, year, (begin + to) / 2, values[row][year])
        for row, pieces in enumerate(bars)
        for year, (begin, to) in enumerate(pieces)
        if abs(to - begin) > 0.15 * room[1]
    ]
    texts = layout.number_texts([value for *_, value in shown], figures=4)
    if max(widths(texts, 7), default=0) > room[0] - 0.02:
        (low, high), (first, last) = axes.get_ylim(), axes.get_xlim()
        ticks = [
            tick
            for tick in MaxNLocator(6).tick_values(low, high)
            if low + 0.3 * room[1] <= tick <= high
        ]
        for tick, text in zip(ticks, layout.number_texts(ticks, figures=4), strict=True):
            axes.plot([first, last], [tick, tick], color="#e4e4e4", linewidth=0.7, zorder=0)
            drawing.beside(axes, first, tick, text, -1, drawing.SMALL)
        return
    for (row, year, middle, _), text in zip(shown, texts, strict=True):
        ink = "white" if drawing.dark(colours[row]) else drawing.INK
        axes.text(year, middle, text, size=7, ha="center", va="center_baseline", color=ink)


def sankey(
    flows: Sequence[tuple[str, str, float]],
    names: Mapping[str, Text],
    ends: tuple[Text, Text],
    *,
    title: Text,
    unit: Text,
    caption: Text,
    language: Language,
    path: Path,
    status: Text = TRIAL,
) -> Path:
    """Draw transitions between types, opening to the left and closing to the right, in the order of ``names``.

    Flows are not negative and to scale; the smallest still show as a line. What keeps its type is drawn pale.
    """
    language = drawn_language(language)
    amounts: dict[tuple[str, str], float] = {}
    for source, target, amount in flows:
        if amount:
            amounts[source, target] = amounts.get((source, target), 0.0) + amount
    layout.checked("sankey", list(amounts.values()))
    if min(amounts.values()) < 0:
        raise ValueError("sankey: a flow is negative")
    used = dict.fromkeys(key for pair in amounts for key in pair)
    order = [*(key for key in names if key in used), *(key for key in used if key not in names)]
    kept = sum(amount for (source, target), amount in amounts.items() if source == target)
    share = layout.number_texts([100 * kept / sum(amounts.values())])[0]
    with style():
        labels = {key: name_lines(names.get(key, key), language, key, 20) for key in order}
        heights = {key: 0.14 * len(lines) + 0.05 for key, lines in labels.items()}
        gap = min(0.12, 2.4 / len(order))
        tall = max(3.8, sum(heights.values()) + 0.2, 2.2 * gap * len(order))
        left, right, ribbons = layout.flow_layout(amounts, order, tall, gap)
        notes = [say(_WORDS["unchanged"], language, share), _WORDS["change"]]
        sheet = sheet_of(title, unit, [status, *notes, caption], language)
        sides = _node_labels(labels, left, right)
        room = [
            max(widths([line for lines in side.values() for line in lines], drawing.SIZE)) + 0.3
            for side in sides
        ]
        sheet_page = drawing.page(sheet, tall + 0.3, below_title=True)
        wide = drawing.ROOM - sum(room)
        axes = sheet_page.figure.add_axes(sheet_page.box(drawing.MARGIN + room[0], wide))
        axes.set_axis_off()
        axes.set(xlim=(0, wide), ylim=(tall, -0.3))
        colours = dict(zip(order, cycle(_KINDS), strict=False))
        drawing.bent_ribbons(axes, ribbons, colours, wide)
        for x, align, nodes, texts, head in zip(
            (0, wide), (-1, 1), (left, right), sides, ends, strict=True
        ):
            _nodes(axes, x, align, nodes, texts, colours, tall)
            place = "left" if align < 0 else "right"
            axes.text(
                x,
                -0.12,
                say(head, language),
                size=10,
                weight="bold",
                ha=place,
                va="bottom",
                color=drawing.INK,
            )
        return write(sheet_page.figure, path)


def _node_labels(
    labels: Mapping[str, Sequence[str]],
    left: Mapping[str, layout.FlowNode],
    right: Mapping[str, layout.FlowNode],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Name and amount at either end; at the right also the change."""
    before = {key: node.amount for key, node in left.items()}
    amounts = [*before.values(), *(node.amount for node in right.values())]
    changes = [node.amount - before.get(key, 0.0) for key, node in right.items()]
    texts = layout.number_texts([*amounts, *changes])
    signed = layout.number_texts([*amounts, *changes], signed=True)[len(amounts) :]
    opening = {
        key: [*labels[key][:-1], f"{labels[key][-1]}  {text}"]
        for key, text in zip(left, texts, strict=False)
    }
    closing = {
        key: [*labels[key][:-1], f"{labels[key][-1]}  {text}  ({change})"]
        for key, text, change in zip(right, texts[len(left) : len(amounts)], signed, strict=True)
    }
    return opening, closing


def _nodes(
    axes: "Axes",
    x: float,
    side: int,
    nodes: Mapping[str, layout.FlowNode],
    labels: Mapping[str, Sequence[str]],
    colours: Mapping[str, str],
    tall: float,
) -> None:
    """The nodes of one end and their labels, moved apart where the nodes are low."""
    middles = [node.top + node.height / 2 for node in nodes.values()]
    places = layout.spread(middles, [0.14 * len(labels[key]) + 0.05 for key in nodes], 0, tall)
    for (key, node), middle, place in zip(nodes.items(), middles, places, strict=True):
        axes.barh(
            node.top,
            -side * 0.09,
            node.height,
            x,
            align="edge",
            color=colours[key],
            edgecolor=colours[key],
            lw=0.5,
        )
        axes.plot(
            [x + side * 0.03, x + side * 0.17],
            [middle, place],
            color=drawing.LINE,
            linewidth=0.6,
            clip_on=False,
        )
        drawing.beside(
            axes, x + side * 0.17, place, "\n".join(labels[key]), side, va="center", linespacing=1.1
        )
