"""Maps: every region its own hexagon near its place, missing values seen, no empty boxes, no half-written file."""

import contextlib
import itertools
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

pytest.importorskip("matplotlib")
stats = pytest.importorskip("scipy.stats")

from gep.report.figures import maps as map_figures  # noqa: E402
from gep.report.figures import page as drawing  # noqa: E402
from gep.report.figures.chart_layout import class_edges, class_names, same_values  # noqa: E402
from gep.report.figures.hexagon_grid import place  # noqa: E402
from gep.report.figures.map_shapes import feature_rings  # noqa: E402
from gep.report.figures.page import distinct_names, short_names, spelled, wrap  # noqa: E402

TEXTS: dict[str, Any] = {
    "title": {"zh": "生态产品总值", "en": "Gross ecosystem product"},
    "unit": {"zh": "万元", "en": "10^4 CNY"},
    "caption": {"zh": "资料来源：算例。", "en": "Source: an invented example."},
}
RANDOM = np.random.default_rng(5)
LON = {
    f"{number:03}": float(value) for number, value in enumerate(RANDOM.uniform(113.5, 118.5, 60))
}
LAT = {
    code: 24.5 + 5.5 * float(RANDOM.uniform(max(0, (lon - 115.5) / 5), 1))
    for code, lon in LON.items()
}
NAMES = {code: {"zh": f"第{code}县", "en": f"No {code}"} for code in LON}
VALUES = {code: 10 ** (lat - 24) for code, lat in LAT.items()}
SQUARE = [[115, 27], [116, 27], [116, 28], [115, 28], [115, 27]]
HOLE = [
    [115.4, 27.4],
    [115.6, 27.4],
    [115.6, 27.6],
    [115.4, 27.6],
    [115.4, 27.4],
]  # turns as the outer ring does


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The figures as they are about to be saved."""
    kept: list[Any] = []
    save = drawing.write

    def keep(figure: Any, path: Path) -> Path:
        kept.append(figure)
        return save(figure, path)

    monkeypatch.setattr("gep.report.figures.maps.write", keep)
    return kept


@pytest.fixture
def no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "cjk_font", lambda: None)
    drawing._warn_no_font.cache_clear()


def _texts(figure: Any) -> list[str]:
    from matplotlib.text import Text

    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def _geojson(*features: tuple[str, dict[str, Any] | None]) -> dict[str, Any]:
    listed = [
        {"type": "Feature", "properties": {"code": code}, "geometry": shape}
        for code, shape in features
    ]
    return {"type": "FeatureCollection", "features": listed}


# --- placing


def test_every_region_has_its_own_cell_near_its_place() -> None:
    cells, size = place(tuple(LON.values()), tuple(LAT.values()))
    assert len({tuple(np.round(cell, 9)) for cell in cells}) == len(LON)
    apart = np.linalg.norm(cells[:, None] - cells[None, :], axis=2) + 99 * np.eye(len(cells))
    assert apart.min() == pytest.approx(np.sqrt(3) * size)
    assert np.median((apart < 1.01 * np.sqrt(3) * size).sum(axis=1)) >= 4, "the map has gaps"
    assert stats.spearmanr(cells[:, 0], list(LON.values())).statistic > 0.95
    assert stats.spearmanr(cells[:, 1], list(LAT.values())).statistic > 0.95


def test_rows_and_columns_stay_in_order() -> None:
    lon, lat = (axis.ravel() for axis in np.meshgrid(np.arange(6.0), np.arange(5.0)))
    cells, _ = place(tuple(lon), tuple(lat))
    assert stats.spearmanr(cells[:, 0], lon).statistic > 0.9
    assert stats.spearmanr(cells[:, 1], lat).statistic > 0.9


@pytest.mark.parametrize(
    ("lon", "lat"),
    [([115], [27]), ([115, 116], [27, 27]), ([115, 116, 117], [27, 28, 29]), ([115] * 4, [27] * 4),
     ([115, 115, 116, 116, 116], [27, 27, 28, 27, 27])],
)  # fmt: skip
def test_few_regions_and_regions_at_one_place(lon: list[float], lat: list[float]) -> None:
    cells, size = place(tuple(lon), tuple(lat))
    assert size > 0
    assert len({tuple(np.round(cell, 9)) for cell in cells}) == len(lon)


# --- classes and texts


@pytest.mark.parametrize("classes", ["quantile", "linear"])
@pytest.mark.parametrize("shift", [0, -50, -1e6])
def test_classes_hold_every_value_and_part_at_zero(classes: Any, shift: float) -> None:
    values = RANDOM.lognormal(3, 1, 80) + shift
    edges = class_edges([*values, np.nan], classes)
    assert edges == sorted(set(edges))
    assert (0.0 in edges) == (values.min() < 0 <= values.max())
    sizes = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    assert sizes.sum() == 80
    if classes == "quantile" and shift == 0:
        assert sizes.min() >= 12
    assert len(class_names(edges, list(values))) == len(edges) + 1


def test_edges_are_round() -> None:
    assert class_edges([1.02, 1.98, 3.1, 4.04, 5.2, 6.3]) == [1.5, 2, 4, 5, 6]
    assert class_edges([7, 7]) == []
    assert class_names([], [7.0]) == ["7"]
    assert class_names([-1200.0, 0.0], []) == ["< −1,200", "−1,200 – 0", "≥ 0"]
    assert class_edges([]) == class_names([], []) == []


def test_short_names_stay_apart() -> None:
    names = {
        "1": "南昌县",
        "2": "东湖区",
        "3": "乐平市",
        "4": "赣县",
        "5": "吉安县",
        "6": "吉安市",
        "7": "Donghu",
    }
    short = {
        "1": "南昌",
        "2": "东湖",
        "3": "乐平",
        "4": "赣县",
        "5": "吉安县",
        "6": "吉安市",
        "7": "Donghu",
    }
    assert short_names(names) == short


def test_repeated_names_get_their_codes() -> None:
    names = {"1": "甲县", "2": "乙县", "3": "甲县", "4": ""}
    assert distinct_names(names) == {"1": "甲县 (1)", "2": "乙县", "3": "甲县 (3)", "4": "4"}


def test_equal_values_are_in_one_class() -> None:
    third = 0.1 + 0.2  # not quite 0.3
    for values in ([1, 1, 1, 1, 1, 2, 3], [0.3, third, 0.3, third, 5, 6], [1] * 9 + [1 + 1e-12, 4]):
        edges = class_edges(values)
        positions = np.searchsorted(edges, same_values(values), side="right")
        classes: dict[float, set[int]] = {}
        for value, position in zip(values, positions, strict=True):
            classes.setdefault(round(value, 9), set()).add(int(position))
        assert all(len(members) == 1 for members in classes.values())
        assert len(edges) < len(classes), "an edge parts values that are different"


WORDS = st.sampled_from(
    ["核算", "面积，", "森林。", "（附表）", "“湿地”；", "有2,851 个", "占95 %", "共30万元、", "在2019年",
     " 12.5 km2 ", " 12.5 km2, ", " word ", " longer-word ", " GEP！"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=30).map("".join), st.integers(24, 60))
@example("有2,851 个" * 5, 24)
@example("面积，" * 9, 25)
def test_lines_end_between_words_and_lose_nothing(paragraph: str, columns: int) -> None:
    lines = wrap(paragraph, columns)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", paragraph)
    for line, following in itertools.pairwise(lines):
        pair = f"{line!r} | {following!r}"
        assert following[0] not in "，。、；）”%,！", pair
        assert not re.search(r"(?<![A-Za-z\d.,])[\d.,]+$", line), pair
    for line in lines:
        longest = max((drawing._columns(word) for word in line.split()), default=0)
        assert drawing._columns(line) <= max(columns, longest)


def test_hidden_characters_are_spelled_and_markup_is_text() -> None:
    label = 'a\u202eb\x07 $x^{$ <script> & "\u200b'
    assert drawing.drawable(label, "en") == 'a\\u202eb\\x07 $x^{$ <script> & "\\u200b'


@pytest.mark.parametrize("words", ["生态系统服务价值与它的变化", "a value of services "])
@pytest.mark.parametrize("count", [1, 4, 30])
def test_a_title_has_two_lines_at_most_and_fits(words: str, count: int) -> None:
    title = words * count
    for whole in (title, f"{title}\n{title}"):
        with drawing.style():
            lines, size = drawing._fitted_title(whole)
            assert len(lines) <= 2
            assert max(drawing.widths(lines, size, "bold")) <= drawing.ROOM
        assert count == 1 or size < 14 or len(lines) == 2
        assert (count == 30) == lines[-1].endswith("…")


def test_lines_and_exponents() -> None:
    assert wrap("资料来源（算例）。", 10) == ["资料来源", "（算例）。"]
    assert wrap("one two three\nfour", 9) == ["one two", "three", "four"]
    assert spelled("tCO2 ha-1 a-1") == "tCO₂ ha⁻¹ a⁻¹"
    assert spelled("10^4 m3") == "10⁴ m³"


# --- figures


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_hexagon_map(tmp_path: Path, drawn: list[Any], language: str, suffix: str) -> None:
    path = tmp_path / "new" / f"map.{suffix}"
    values = VALUES | {"003": float("nan"), "elsewhere": 1.0}
    del values["004"]
    drawing._warn_no_font.cache_clear()
    warned = language == "zh" and drawing.cjk_font() is None
    with pytest.warns(UserWarning, match="no Chinese font") if warned else contextlib.nullcontext():
        assert (
            map_figures.hexagon_map(values, LON, LAT, NAMES, **TEXTS, language=language, path=path)
            == path
        )
    assert path.stat().st_size > 10_000
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    full, hatched = drawn[0].axes[0].collections
    assert (len(full.get_paths()), len(hatched.get_paths())) == (58, 2)
    assert hatched.get_hatch()
    assert not full.get_hatch()
    words = "\n".join(_texts(drawn[0]))
    spoken = language if drawing.cjk_font() else "en"
    due = {
        "zh": "无数据  (2)|试算|不绘制任何界线|第005|另有 1 个",
        "en": "no data  (2)|Trial|no boundary|No|1 more without",
    }
    for word in due[spoken].split("|"):
        assert word in words


def test_the_same_map_twice_is_the_same_file(tmp_path: Path) -> None:
    first, second = (
        map_figures.hexagon_map(
            VALUES, LON, LAT, NAMES, **TEXTS, language="en", path=tmp_path / name
        ).read_bytes()
        for name in ("a.svg", "b.svg")
    )
    assert first == second


@pytest.mark.usefixtures("no_font")
def test_without_a_chinese_font_english_is_drawn_and_one_warning_given(
    tmp_path: Path, drawn: list[Any]
) -> None:
    names: dict[str, Any] = NAMES | {"000": "只有中文"}
    with pytest.warns(UserWarning, match="no Chinese font"):
        map_figures.hexagon_map(
            VALUES, LON, LAT, names, **TEXTS, language="zh", path=tmp_path / "map.png"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # given once; and no glyph is missing
        map_figures.choropleth(
            VALUES, _geojson(("000", {"type": "Polygon", "coordinates": [SQUARE]})), "code", **TEXTS | {"unit": "万元"},
            approval="赣S(2024)1号", language="zh", path=tmp_path / "map2.png",
        )  # fmt: skip
    words = "".join("".join(_texts(figure)) for figure in drawn)
    assert not drawing.CJK.search(words)
    assert "Gross ecosystem product" in words
    assert "000" in _texts(drawn[0]), "a region without an English name keeps its code"


def test_no_values_at_all_and_no_places(tmp_path: Path, drawn: list[Any]) -> None:
    map_figures.hexagon_map({}, LON, LAT, NAMES, **TEXTS, language="en", path=tmp_path / "map.png")
    assert "no data  (60)" in _texts(drawn[0])
    with pytest.raises(ValueError, match="nothing to draw"):
        map_figures.hexagon_map(
            VALUES, {}, {}, NAMES, **TEXTS, language="en", path=tmp_path / "none.png"
        )
    with pytest.raises(ValueError, match="nothing to draw"):
        map_figures.choropleth(
            VALUES,
            _geojson(("1", None)),
            "code",
            **TEXTS,
            approval=None,
            language="en",
            path=tmp_path / "none.png",
        )
    assert not (tmp_path / "none.png").exists()


def test_choropleth_keeps_holes_open_and_joins_parts(tmp_path: Path, drawn: list[Any]) -> None:
    island = [[[114 + x - 115, y] for x, y in SQUARE]]
    shapes = _geojson(
        ("1", {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], island]}),
        ("2", {"type": "Polygon", "coordinates": [[[x, y - 2] for x, y in SQUARE]]}),
        ("3", {"type": "Point", "coordinates": [115, 27]}),
    )
    map_figures.choropleth(
        {"1": 5.0, "3": 1.0},
        shapes,
        "code",
        **TEXTS,
        approval=None,
        language="en",
        path=tmp_path / "map.png",
    )
    full, hatched = drawn[0].axes[0].collections
    assert (len(full.get_paths()), len(hatched.get_paths())) == (1, 1)
    turns = []
    for ring in feature_rings(shapes["features"][0]):
        x, y = ring.T
        turns.append(float(np.sign((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())))
    assert turns == [1, -1, 1], "a hole is filled unless it turns against its outer ring"
    words = "\n".join(_texts(drawn[0]))
    assert "Unreviewed, internal use only." in words
    assert "1 more without a position" in words


def test_the_approval_number_is_printed(tmp_path: Path, drawn: list[Any]) -> None:
    shapes = _geojson(("1", {"type": "Polygon", "coordinates": [SQUARE]}))
    map_figures.choropleth(
        {"1": -5.0},
        shapes,
        "code",
        **TEXTS,
        approval="GS(2024)0001",
        language="en",
        path=tmp_path / "map.png",
    )
    words = "\n".join(_texts(drawn[0]))
    assert "Map approval number: GS(2024)0001" in words
    assert "internal" not in words


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.figure import Figure

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    path = tmp_path / "map.png"
    path.write_bytes(b"old")
    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(OSError, match="disk full"):
        map_figures.hexagon_map(VALUES, LON, LAT, NAMES, **TEXTS, language="en", path=path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_importing_figures_loads_no_drawing_library() -> None:
    modules = "gep.report.figures.charts, gep.report.figures.maps"
    code = f"import sys, {modules}; print({{'matplotlib', 'scipy'}} & set(sys.modules))"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "set()\n"
    )


# --- growth


def test_growth_is_in_percent_and_its_hues_meet_at_zero(tmp_path: Path, drawn: list[Any]) -> None:
    rising = {code: (number + 1) / 100 for number, code in enumerate(LON)}
    mixed = {code: value - 0.3 for code, value in rising.items()}
    texts = {key: text for key, text in TEXTS.items() if key != "unit"}
    for name, values in (
        ("up", rising),
        ("mixed", mixed),
        ("down", {code: -value for code, value in rising.items()}),
    ):
        map_figures.growth_map(
            values, LON, LAT, NAMES, **texts, language="en", path=tmp_path / f"{name}.svg"
        )
    shapes = _geojson(("1", {"type": "Polygon", "coordinates": [SQUARE]}))
    map_figures.growth_choropleth(
        {"1": 0.125},
        shapes,
        "code",
        **texts,
        approval=None,
        language="en",
        path=tmp_path / "shapes.svg",
    )
    up, both, down, shape = (
        figure.axes[0].collections[0].get_facecolor()[:, :3] for figure in drawn
    )
    grown = np.array(list(mixed.values())) >= 0
    assert (up[:, 2] >= up[:, 0]).all(), "growth is violet also where nothing shrinks"
    assert (down[:, 2] <= down[:, 0]).all()
    assert (shape[:, 2] >= shape[:, 0]).all()
    assert ((both[:, 2] >= both[:, 0]) == grown).all()
    assert "min 1\nmax 60" in "\n".join(_texts(drawn[0]))
    assert "min 12.5" in "\n".join(_texts(drawn[3]))
