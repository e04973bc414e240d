"""Charts of years: what is drawn adds up, is in order, keeps apart, and speaks a language that its font has."""

import math
import warnings
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("matplotlib")

from gep.report.figures import charts as figures
from gep.report.figures import page as drawing
from gep.report.figures.chart_layout import (
    by_swing,
    flow_layout,
    largest_parts,
    number_texts,
    spread,
    stack,
    waterfall_layout,
)

TEXTS: dict[str, Any] = {
    "title": {"zh": "生态产品总值的变化", "en": "Change of gross ecosystem product"},
    "unit": {"zh": "亿元（2010 年价）", "en": "10^8 CNY (prices of 2010)"},
    "caption": {"zh": "资料来源：算例。", "en": "Source: an invented example."},
}
LONG = {
    "zh": "名称很长的一项生态系统调节服务及其水源涵养和土壤保持功能",
    "en": "A service with a rather long name",
}
FLOWS = [
    ("a", "a", 900.0),
    ("a", "b", 40.0),
    ("b", "b", 300.0),
    ("b", "c", 0.01),
    ("c", "a", 5.0),
    ("c", "c", 50.0),
]
NAMES = {"a": {"zh": "森林", "en": "Forest"}, "b": LONG, "c": {"zh": "湿地", "en": "Wetland"}}
NUMBERS = st.floats(-1e6, 1e6)


def _names(count: int) -> list[Any]:
    return [
        LONG if number % 7 == 3 else {"zh": f"第{number}项", "en": f"No {number}"}
        for number in range(count)
    ]


def _waterfall(count: int = 5, **more: Any) -> Path:
    effects = [(name, 7.0 * math.cos(3 * number)) for number, name in enumerate(_names(count))]
    start, end = (
        ({"zh": "期初", "en": "Opening"}, 120.0),
        ({"zh": "期末", "en": "Closing"}, 120 + sum(v for _, v in effects)),
    )
    return figures.waterfall(start, effects, end, **TEXTS, **more)


def _stacked(count: int = 5, **more: Any) -> Path:
    parts = {
        str(number): (name, [10 * math.sin(number + year) + 4 for year in range(count)])
        for number, name in enumerate(_names(count))
    }
    return figures.stacked_years(
        [1980 + year + year // 3 for year in range(count)], parts, **TEXTS, **more
    )


def _tornado(count: int = 5, **more: Any) -> Path:
    swings = [
        (name, 50 - number * math.cos(number), 50.0 + number)
        for number, name in enumerate(_names(count))
    ]
    return figures.tornado(50, swings, **TEXTS, **more)


def _ranks(count: int = 5, **more: Any) -> Path:
    rows = [
        (name, count - number, max(1, count - number - 2), count - number + 1)
        for number, name in enumerate(_names(count))
    ]
    return figures.rank_intervals(rows, **TEXTS, **more)


def _sankey(count: int = 5, **more: Any) -> Path:
    names = {str(number): name for number, name in enumerate(_names(count))}
    flows = [
        (key, other, 3.0**-number)
        for number, key in enumerate(names)
        for other in (key, str((5 * number + 1) % count))
    ]
    return figures.sankey(
        flows,
        names,
        ({"zh": "2000 年", "en": "2000"}, {"zh": "2018 年", "en": "2018"}),
        **TEXTS,
        **more,
    )


CHARTS: list[Callable[..., Path]] = [_waterfall, _stacked, _tornado, _ranks, _sankey]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The figures as they are about to be saved."""
    kept: list[Any] = []
    save = drawing.write

    def keep(figure: Any, path: Path) -> Path:
        kept.append(figure)
        return save(figure, path)

    monkeypatch.setattr("gep.report.figures.charts.write", keep)
    return kept


@pytest.fixture
def no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "cjk_font", lambda: None)
    drawing._warn_no_font.cache_clear()


def _texts(figure: Any) -> list[Any]:
    from matplotlib.text import Text

    return [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


def _words(figure: Any) -> str:
    return "\n".join(text.get_text() for text in _texts(figure))


# --- where things lie


@given(NUMBERS, st.lists(NUMBERS, max_size=8), st.one_of(st.none(), NUMBERS))
def test_a_waterfall_steps_from_start_to_end(
    start: float, effects: list[float], end: float | None
) -> None:
    closing = math.fsum([start, *effects]) if end is None else end
    fall = waterfall_layout(start, effects, closing)
    steps = list(fall.bars[1:-1])
    assert len(steps) == len(effects) + (fall.remainder != 0)
    assert (fall.bars[0][1], fall.bars[-1][1]) == (start, closing)
    assert all(one[1] == other[0] for one, other in pairwise([fall.bars[0], *steps]))
    assert (steps[-1][1] if steps else start) == closing or not effects
    scale = max(map(abs, [1e-9, start, closing, *effects]))
    for (begin, to), effect in zip(steps, effects, strict=False):
        assert to - begin == pytest.approx(effect, abs=2e-6 * scale)
    if fall.broken:
        assert all(
            0 < abs(fall.base) < abs(edge) and fall.base * edge > 0
            for bar in fall.bars[1:-1]
            for edge in bar
        )


def test_a_waterfall_is_broken_only_for_small_effects_and_tells_what_is_left() -> None:
    assert waterfall_layout(1000, [10, -5], 1005).broken
    assert waterfall_layout(-1000, [10, -5], -995).base < 0
    assert not waterfall_layout(1000, [900, -5], 1895).broken
    assert not waterfall_layout(1000, [0], 1000).broken
    assert not waterfall_layout(10, [-20], -10).broken
    assert waterfall_layout(100, [30, -10], 125).remainder == 5
    assert waterfall_layout(100, [30, -10], 120.00001).remainder == 0, "rounding is no remainder"


@given(
    st.integers(1, 6).flatmap(
        lambda years: st.lists(st.lists(NUMBERS, min_size=years, max_size=years), min_size=1)
    )
)
def test_stacks_pile_up_to_the_total(parts: list[list[float]]) -> None:
    piles = stack(parts)
    for year, total in enumerate(piles.totals):
        tops = [row[year][1] for row in piles.bars]
        assert total == pytest.approx(max(0, *tops) + min(0, *tops), abs=1e-6)
        for row, values in zip(piles.bars, parts, strict=True):
            assert row[year][1] - row[year][0] == pytest.approx(values[year], abs=1e-6)
            assert row[year][0] * values[year] >= 0, "a part lies on its own side of zero"


def test_the_smallest_parts_are_joined_and_nothing_is_lost() -> None:
    parts = {
        key: [value, 2.0 * value]
        for key, value in zip("abcde", (1.0, -9.0, 3.0, 8.0, 2.0), strict=True)
    }
    kept, others = largest_parts(parts, 4)
    assert kept == ["b", "c", "d"]
    assert others == [3.0, 6.0]
    assert largest_parts(parts, 5) == (list("abcde"), [])


def test_swings_are_sorted_by_width() -> None:
    assert by_swing(10, [(9, 11), (10, 14), (15, 12), (10, 10), (12, 8)]) == [2, 1, 4, 0, 3]


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("bcde")),
        st.floats(1e-3, 1e6),
        min_size=1,
    ),
)
def test_ribbons_fill_their_nodes(flows: dict[tuple[str, str], float]) -> None:
    left, right, ribbons = flow_layout(flows, "edcba", 5, 0.1)
    for nodes, side, place in ((left, "source", "left"), (right, "target", "right")):
        for key, node in nodes.items():
            own = sorted(
                (one for one in ribbons if getattr(one, side) == key),
                key=lambda one: getattr(one, place),
            )
            assert math.fsum(one.height for one in own) == pytest.approx(node.height)
            assert getattr(own[0], place) == pytest.approx(node.top)
            for one, other in pairwise(own):
                assert getattr(one, place) + one.height == pytest.approx(getattr(other, place))
        assert list(nodes) == sorted(nodes, reverse=True)
        for upper, lower in pairwise(nodes.values()):
            assert lower.top - upper.top - upper.height == pytest.approx(0.1)
        assert min(node.top for node in nodes.values()) >= -1e-9
        assert max(node.top + node.height for node in nodes.values()) <= 5 + 1e-9


@given(st.lists(st.tuples(st.floats(-5, 15), st.floats(0.1, 1)), min_size=1, max_size=10))
def test_labels_are_spread_apart_in_order_and_within(labels: list[tuple[float, float]]) -> None:
    wanted, sizes = (list(part) for part in zip(*sorted(labels), strict=True))
    places = spread(wanted, sizes, 0, 10)
    for number in range(len(places) - 1):
        assert places[number + 1] - places[number] >= (sizes[number] + sizes[number + 1]) / 2 - 1e-9
    assert places[0] - sizes[0] / 2 >= -1e-9
    assert places[-1] + sizes[-1] / 2 <= 10 + 1e-9
    assert spread([1, 5, 9], [1, 1, 1], 0, 10) == [1, 5, 9], "what does not touch stays"
    assert spread([5, 5], [1, 1], 0, 10) == [4.5, 5.5]


@pytest.mark.parametrize(
    ("values", "signed", "due"),
    [
        ([1234.5, -1.3, 0.0], True, ["+1,234.5", "−1.3", "0.0"]),
        ([12345.6, 20000.0], False, ["12,346", "20,000"]),
        ([0.0123, 0.5], False, ["0.012", "0.500"]),
        ([5000.0, 0.0002], True, ["+5,000.0", "+0.0002"]),
        ([2.5e15, 0.0], False, ["2.50×10¹⁵", "0"]),
        ([-0.0], True, ["0"]),
        ([], False, []),
    ],
)
def test_numbers_have_sensible_digits(values: list[float], signed: bool, due: list[str]) -> None:
    assert number_texts(values, signed) == due


# --- what is drawn


@pytest.mark.parametrize("count", [1, 5, 40])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("chart", CHARTS)
def test_no_text_is_cut_or_covers_another(
    tmp_path: Path, drawn: list[Any], chart: Callable[..., Path], language: str, count: int
) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "no Chinese font")
        chart(count, language=language, path=tmp_path / "chart.svg")
    figure = drawn[0]
    figure.canvas.draw()  # places the legend
    boxes = [(text.get_text(), text.get_window_extent()) for text in _texts(figure)]
    assert len(boxes) > 4
    for text, box in boxes:
        assert box.x0 >= 0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y0 >= 0, text
        assert box.y1 <= figure.bbox.y1, text
    for (one, box), (other, beside) in combinations(boxes, 2):
        wide, high = (
            min(box.x1, beside.x1) - max(box.x0, beside.x0),
            min(box.y1, beside.y1) - max(box.y0, beside.y0),
        )
        assert wide < 1 or high < 3, (
            f"{one!r} covers {other!r}"
        )  # pixels of 100 an inch: descenders may touch


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_same_chart_twice_is_the_same_file(
    tmp_path: Path, chart: Callable[..., Path], suffix: str
) -> None:
    first, second = (
        chart(language="en", path=tmp_path / f"{name}.{suffix}").read_bytes() for name in "ab"
    )
    assert first == second
    assert first.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix])


@pytest.mark.usefixtures("no_font")
def test_without_a_chinese_font_all_charts_are_english_with_one_warning(
    tmp_path: Path, drawn: list[Any]
) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for number, chart in enumerate(CHARTS):
            chart(language="zh", path=tmp_path / f"{number}.png")
        figures.tornado(
            1, [("只有中文", 0, 2)], **TEXTS, language="zh", path=tmp_path / "tornado.png"
        )
    assert [str(one.message)[:21] for one in told] == ["no Chinese font found"], (
        "one warning, and no glyph missing"
    )
    for figure in drawn:
        assert not drawing.CJK.search(_words(figure))
        assert "Change of gross" in _words(figure)
    assert "1" in _words(drawn[-1]).splitlines(), (
        "an input without an English name is given its number"
    )


@pytest.mark.parametrize("chart", CHARTS)
def test_a_failure_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chart: Callable[..., Path]
) -> None:
    from matplotlib.figure import Figure

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    path = tmp_path / "chart.png"
    path.write_bytes(b"old")
    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(OSError, match="disk full"):
        chart(language="en", path=path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_bars_of_a_waterfall_and_its_notes(tmp_path: Path, drawn: list[Any]) -> None:
    effects = [("areas", 30.0), ("prices", -10.0)]
    figures.waterfall(
        ("2000", 1000.0), effects, ("2010", 1025.0), **TEXTS, language="en", path=tmp_path / "a.png"
    )
    figures.waterfall(
        ("2000", 10.0), effects, ("2010", 30.0), **TEXTS, language="en", path=tmp_path / "b.png"
    )
    spans = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in drawn[0].axes[0].patches]
    assert [float(to) for _, to in spans] == [1000, 1030, 1020, 1025, 1025]
    assert spans[0][0] == spans[4][0] > 0
    words = _words(drawn[0])
    for word in (
        "+30.0  (+3.00 %)",
        "−10.0  (−1.00 %)",
        "not explained",
        "+5.0",
        "does not start at zero",
    ):
        assert word in words
    assert "does not start" not in _words(drawn[1])
    assert drawn[1].axes[0].patches[0].get_x() == 0


def test_ranks_have_the_best_on_top(tmp_path: Path, drawn: list[Any]) -> None:
    rows = [("C", 3.0, 2.0, 4.0), ("A", 1.0, 1.0, 1.0), ("B", 2.0, 1.0, 3.0)]
    figures.rank_intervals(rows, **TEXTS, language="en", path=tmp_path / "a.png")
    axes = drawn[0].axes[0]
    boxes = {text.get_text(): text.get_window_extent() for text in axes.texts}
    tops = {text: (box.y0 + box.y1) / 2 for text, box in boxes.items()}
    assert tops["A"] > tops["B"] > tops["C"]
    assert tops["2  (1–3)"] == pytest.approx(tops["B"], abs=4)


def test_ribbons_keep_what_is_unchanged_pale_and_the_smallest_seen(
    tmp_path: Path, drawn: list[Any]
) -> None:
    from matplotlib.patches import PathPatch

    figures.sankey(FLOWS, NAMES, ("2000", "2018"), **TEXTS, language="en", path=tmp_path / "a.png")
    ribbons = [patch for patch in drawn[0].axes[0].patches if isinstance(patch, PathPatch)]
    assert sorted(ribbon.get_alpha() or 1 for ribbon in ribbons) == [0.2] * 3 + [0.75] * 3
    assert min(ribbon.get_linewidth() for ribbon in ribbons) > 0.3
    words = _words(drawn[0])
    assert "Forest  940.0" in words
    assert "Forest  905.0  (−35.0)" in words
    assert "96.5 % of all" in words  # 1250 of 1295.01


def test_what_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    texts = {**TEXTS, "language": "en", "path": tmp_path / "none.png"}
    with pytest.raises(ValueError, match="negative"):
        figures.sankey([("a", "b", -1.0)], NAMES, ("1", "2"), **texts)
    with pytest.raises(ValueError, match="nothing to draw"):
        figures.sankey([("a", "b", 0.0)], NAMES, ("1", "2"), **texts)
    with pytest.raises(ValueError, match="not finite"):
        figures.tornado(1, [("a", math.nan, 2)], **texts)
    with pytest.raises(ValueError, match="nothing to draw"):
        figures.rank_intervals([], **texts)
    for years, values in (([2000, 2000], [1.0, 2.0]), ([2000], [1.0, 2.0])):
        with pytest.raises(ValueError, match="not distinct, or"):
            figures.stacked_years(years, {"a": ("a", values)}, **texts)
    assert not (tmp_path / "none.png").exists()
