"""Land transitions: a hand calculation, the laws of the asset account and of the values, and a published table."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from support.museum import BAD, project

from gep.errors import Place, ProblemLog
from gep.extent.areas import load_areas
from gep.extent.classes import load_class_scheme
from gep.extent.crosswalk import Crosswalk, load_crosswalk
from gep.extent.transitions import (
    TRANSITION_COLUMNS,
    TransitionMatrix,
    Transitions,
    check_transitions,
    load_transitions,
    net_matrix,
    read_transitions,
    transition_matrix,
    transition_table,
    transition_values,
    unit_values,
    warn_margins,
)

SOME = settings(max_examples=60, deadline=None, derandomize=True, database=None)
HM2 = 1e4
BAD_CASES = [
    row
    for row in csv.DictReader((BAD / "index.csv").read_text(encoding="utf-8").splitlines())
    if row["case"].startswith("transitions-")
]
CLASSES = ("wood", "grove", "field")


def written(folder: Path, rows: Sequence[tuple[Any, ...]]) -> Transitions:
    """Rows of region, from, to, from_class, to_class, area, unit as a file that is read."""
    lines = [
        "region,from,to,from_class,to_class,area,unit",
        *(",".join(str(cell) for cell in row) for row in rows),
    ]
    (folder / "transitions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_transitions(folder / "transitions.csv")


def in_memory(rows: Sequence[tuple[str, str, str, float]]) -> Transitions:
    """Rows of region, from_class, to_class, m2, as if read: unrounded."""
    frame = pd.DataFrame(rows, columns=["region", "from_class", "to_class", "area"])
    return Transitions(frame.assign(**{"from": 2000, "to": 2010}, half_digit=0.0), ())


def crossed(shares: Sequence[tuple[str, str, float]]) -> Crosswalk:
    return Crosswalk(
        "walk", Path("walk.csv"), pd.DataFrame(shares, columns=["class", "ecosystem", "share"])
    )


def the_matrix(
    transitions: Transitions, ecosystems: Sequence[str], opening: Any, closing: Any, **more: Any
) -> TransitionMatrix:
    regions = pd.Index(more.get("regions", ["r"]), dtype=object)
    shape = (len(regions), len(ecosystems))
    found = transition_matrix(
        transitions,
        regions=regions,
        ecosystems=ecosystems,
        first=2000,
        last=2010,
        crosswalk=more.get("crosswalk"),
        opening=np.reshape(np.asarray(opening, dtype=float), shape),
        closing=np.reshape(np.asarray(closing, dtype=float), shape),
    )
    assert found is not None
    return found


def cell(table: pd.DataFrame, region: str, first: str, last: str, column: str) -> Any:
    at = (
        (table["region"] == region)
        & (table["from_ecosystem"] == first)
        & (table["to_ecosystem"] == last)
    )
    assert at.sum() == 1, f"{region} {first} {last} has {at.sum()} rows"
    return table.loc[at, column].iloc[0]


# --- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", BAD_CASES, ids=lambda row: row["case"])
def test_bad_transitions_are_named(row: dict[str, str], tmp_path: Path) -> None:
    folder = project(tmp_path / "p", BAD / row["case"])
    problems = ProblemLog()
    found = load_transitions(folder / "transitions.csv", problems)
    areas = load_areas(folder / "areas.csv", problems)
    scheme = load_class_scheme("./classes.csv", folder, "standard.toml", problems)
    assert found is not None
    assert areas is not None
    assert scheme is not None
    walk = load_crosswalk("./crosswalk.csv", folder, scheme, "project.toml", problems)
    check_transitions(found, scheme, walk, areas.rows["region"], [2015, 2020], problems)
    (problem,) = problems.errors
    assert isinstance(problem.place, Place)
    rows = (int(row["row"]),)
    assert (problem.code, problem.place.file, problem.place.rows) == (
        row["code"],
        row["file"],
        rows,
    )
    assert problem.say("zh") != problem.say("en")


def test_all_faults_of_a_table_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "region,from,to,from_class,to_class,area,unit,grade\n"
        ",2000,2010,wood,field,1,hm2,\n36098,20,2010,wood,,-1,t,good\nr,2010,2010,wood,field,x,hm2,\n",
        encoding="utf-8",
    )
    problems = ProblemLog()
    load_transitions(tmp_path / "t.csv", problems)
    codes = sorted(problem.code for problem in [*problems.errors, *problems.warnings])
    assert codes == [
        "bad-year", "bad-year", "blank", "blank", "lost-zero", "negative", "not-a-number", "unknown-grade",
        "wrong-dimension",
    ]  # fmt: skip


def test_areas_are_read_in_any_unit_and_codes_keep_their_zeros(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        [
            ("010101", 2000, 2010, "wood", "field", 1.50, "km2"),
            ("r", 2000, 2010, "a", "b", 3, "亩"),
        ],
    )
    assert found.rows["region"].tolist() == ["010101", "r"]
    assert found.rows["area"].tolist() == pytest.approx([1.5e6, 2000])
    assert found.rows["half_digit"].tolist() == pytest.approx([0.05e6, 0.5 * 2000 / 3])
    assert found.rows[["from", "to"]].to_numpy().tolist() == [[2000, 2010], [2000, 2010]]


# --- the matrix ----------------------------------------------------------------------------------------------------


def test_a_small_account_by_hand(tmp_path: Path) -> None:
    """100 hm2 of wood and 50 of field; 10 of wood became field, 4 of field water: 90, 56 and 4 in the end."""
    found = written(
        tmp_path,
        [
            ("r", 2000, 2010, "wood", "field", 10, "hm2"),
            ("r", 2000, 2010, "field", "water", 4, "hm2"),
        ],
    )
    types = ["wood", "field", "water"]
    made = the_matrix(found, types, np.array([100, 50, 0]) * HM2, np.array([90, 56, 4]) * HM2)
    assert (made.area[0] / HM2).tolist() == [[90, 10, 0], [0, 46, 4], [0, 0, 0]]
    assert made.margins == ()
    # unit values per m2; no water in 2000, so its value of 2010 counts for both years
    first, last = np.array([[3.0, 1.0, np.nan]]), np.array([[5.0, 1.0, 10.0]])
    table = transition_table(made, first, last, "CNY", {})
    assert list(table.columns) == TRANSITION_COLUMNS
    assert set(zip(table["from"], table["to"], table["area_unit"], table["unit"], strict=True)) == {
        (2000, 2010, "km2", "CNY")
    }
    assert cell(table, "r", "wood", "field", "value") == pytest.approx(10 * HM2 * (1 - 4))
    assert cell(table, "r", "field", "water", "value") == pytest.approx(4 * HM2 * (10 - 1))
    assert cell(table, "r", "wood", "wood", "value") == 0
    assert cell(table, "r", "wood", "wood", "area") == pytest.approx(0.9)
    assert cell(table, "r", "wood", "reductions", "area") == pytest.approx(0.1)
    assert cell(table, "r", "additions", "field", "value") == pytest.approx(-30 * HM2)
    assert cell(table, "r", "additions", "wood", "area") == 0
    assert cell(table, "r", "wood", "opening", "value") == pytest.approx(300 * HM2)
    assert cell(table, "r", "closing", "water", "value") == pytest.approx(40 * HM2)
    assert cell(table, "r", "water", "opening", "value") == 0
    _, rest = transition_values(made.area, first, last)
    assert rest.tolist() == [
        pytest.approx([95 * HM2 * 2, 0, 0])
    ]  # wood: mean of 100 and 90, risen by 2


def test_a_pair_of_years_without_rows_has_no_matrix(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        [("r", *pair, "a", "b", 1, "hm2") for pair in ((2000, 2005), (2005, 2010), (2000, 2015))],
    )
    hectare = np.full((1, 2), HM2)
    arguments = {"ecosystems": ["a", "b"], "first": 2000, "crosswalk": None, "opening": hectare}
    region = pd.Index(["r"])
    other = pd.Index(["other"])
    closing = np.array([[0, 2]]) * HM2
    assert transition_matrix(found, regions=region, last=2010, closing=closing, **arguments) is None
    assert transition_matrix(found, regions=other, last=2005, closing=closing, **arguments) is None
    made = transition_matrix(found, regions=region, last=2005, closing=closing, **arguments)
    assert made is not None
    assert (made.area / HM2).tolist() == [[[0, 1], [0, 1]]]


def test_shares_of_both_classes_and_what_stays_what_it_is(tmp_path: Path) -> None:
    """Mixed is 0.8 forest and 0.2 shrub, old 0.5 shrub and 0.5 not accounted for."""
    walk = crossed(
        [
            ("mixed", "forest", 0.8),
            ("mixed", "shrub", 0.2),
            ("old", "shrub", 0.5),
            ("old", "na", 0.5),
        ]
    )
    rows = [("mixed", "mixed", 10), ("mixed", "old", 100)]
    found = in_memory([("r", first, last, area) for first, last, area in rows])
    made = the_matrix(found, ["forest", "shrub"], [88, 22], [8, 52], crosswalk=walk)
    assert made.ecosystems.tolist() == ["forest", "shrub", "na"]
    assert made.area[0].tolist() == [
        [8, 40, 40],
        [0, 12, 10],
        [0, 0, 0],
    ]  # 2 shrub stayed, 100 x 0.2 x 0.5 went to it
    assert made.margins == ()
    assert (made.opening[0].tolist(), made.closing[0].tolist()) == ([88, 22, 0], [8, 52, 50])
    worth = made.aligned(np.array([[5.0, 2.0]]))
    assert worth.tolist() == [[5, 2, 0]]  # what is not accounted for has no value in the account
    assert transition_values(made.area, worth, worth)[0][0].tolist() == [
        [0, -120, -200],
        [0, 0, -20],
        [0, 0, 0],
    ]


def test_a_type_that_the_account_does_not_have_has_no_unit_value() -> None:
    rows = [("r", "wood", "marsh", 2), ("s", "wood", "wood", 7)]
    made = the_matrix(in_memory(rows), ["wood"], [[10], [7]], [[8], [7]], regions=["r", "s"])
    assert made.ecosystems.tolist() == ["wood", "marsh"]
    assert [(one.ecosystem, one.side, one.table, one.account) for one in made.margins] == [
        ("marsh", "closing", 2, 0)
    ]
    worth = made.aligned(np.array([[5.0], [5.0]]))
    table = transition_table(made, worth, worth, "CNY", {"above": [0, 1]})
    for region, more in (("r", 0), ("above", 35)):
        assert cell(table, region, "wood", "marsh", "value") == "na"
        assert cell(table, region, "wood", "reductions", "value") == "na"
        assert cell(table, region, "marsh", "opening", "value") == 0
        assert cell(table, region, "closing", "wood", "value") == 40 + more
    values, rest = transition_values(
        np.full((1, 1, 1), 3.0), np.full((1, 1), np.nan), np.full((1, 1), np.nan)
    )
    assert values.tolist() == [
        [[0]]
    ]  # land that stays what it is gains nothing, whatever it is worth
    assert np.isnan(rest).all()


def test_transitions_that_miss_the_areas_are_told(tmp_path: Path) -> None:
    rows = [
        ("r", 2000, 2010, "wood", "wood", 80, "hm2"),
        ("r", 2000, 2010, "wood", "field", "10.0", "hm2"),
    ]
    found = written(tmp_path, rows)
    made = the_matrix(found, ["wood", "field"], np.array([100, 50]) * HM2, np.array([80, 60]) * HM2)
    assert [(one.ecosystem, one.side, one.table, one.account) for one in made.margins] == [
        ("wood", "opening", 90 * HM2, 100 * HM2)
    ]
    problems = ProblemLog()
    warn_margins(made, "transitions.csv", problems)
    (warning,) = problems.warnings
    assert warning.code == "transition-margins"
    assert warning.say_what("en") == (
        "2000-2010, wood in r: the transitions sum to 0.9 km2 at the opening, and its area in 2000 is 1 km2"
    )
    assert warning.say_what("zh") == (
        "2000—2010 年，r 的 wood：转移行的期初合计为 0.9 km2，而 2000 年账户面积为 1 km2"
    )


@pytest.mark.parametrize(
    ("account", "told"), [(1.0, False), (1.004, False), (1.006, True), (0.9, True)]
)
def test_half_a_percent_of_the_area_is_passed(account: float, told: bool) -> None:
    made = the_matrix(in_memory([("r", "a", "a", 1000.0)]), ["a"], [1000 * account], [1000])
    assert bool(made.margins) is told


def test_the_rounding_of_the_printed_areas_is_passed(tmp_path: Path) -> None:
    """Each row may be off by half a unit of its last digit, and so may the area: 3 rows of 0.1 hm2 by 0.2 hm2."""
    rows = [("r", 2000, 2010, "a", other, "0.1", "hm2") for other in ("a", "b", "c")]
    found = written(tmp_path, rows)
    for area, told in ((0.31, False), (0.49, False), (0.51, True)):
        made = the_matrix(
            found, ["a", "b", "c"], np.array([area, 0, 0]) * HM2, np.array([0.1, 0.1, 0.1]) * HM2
        )
        assert bool(made.margins) is told, area


def test_more_reductions_than_there_was_leave_nothing_and_are_told() -> None:
    made = the_matrix(in_memory([("r", "a", "b", 12.0)]), ["a", "b"], [10, 0], [0, 12])
    assert made.area[0].tolist() == [[0, 12], [0, 0]]
    assert [(one.ecosystem, one.side) for one in made.margins] == [("a", "opening")]


def test_without_rows_only_net_changes_are_known() -> None:
    found = in_memory([("r", "a", "b", 4.0)])
    made = the_matrix(found, ["a", "b"], [[10, 5], [7, 1]], [[6, 9], [2, 6]], regions=["r", "s"])
    assert made.known.tolist() == [True, False]
    assert (made.area[1] == 0).all()
    assert made.margins == ()
    worth = np.array([[2.0, 3.0], [2.0, 3.0]])
    table = transition_table(made, worth, worth + 2, "CNY", {"both": [0, 1], "first": [0]})
    assert cell(table, "s", "net", "a", "area") == pytest.approx(-5e-6)
    assert cell(table, "s", "net", "a", "value") == -5 * 3
    assert cell(table, "both", "net", "b", "value") == 9 * 4
    assert cell(table, "first", "a", "b", "value") == 4
    for region in ("s", "both"):
        assert set(table.loc[table["region"] == region, "from_ecosystem"]) == {
            "a",
            "b",
            "closing",
            "net",
        }
        assert set(table.loc[table["region"] == region, "to_ecosystem"]) == {"a", "b", "opening"}
    alone = net_matrix(made.regions, ["a", "b"], 2000, 2010, made.opening, made.closing)
    other = transition_table(alone, worth, worth + 2, "CNY", {})
    pd.testing.assert_frame_equal(
        other[other["region"] == "s"].reset_index(drop=True),
        table[table["region"] == "s"].reset_index(drop=True),
    )


# --- laws ----------------------------------------------------------------------------------------------------------

amounts = st.one_of(
    st.just(0.0), st.floats(min_value=1e-3, max_value=1e6).map(lambda value: float(f"{value:.4g}"))
)
prices = st.floats(min_value=-1e3, max_value=1e3).map(lambda value: round(value, 3))


@st.composite
def valued(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Areas from type to type and unit values, NaN in a year in which a region has none of a type."""
    count, regions = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    area = draw(arrays(float, (regions, count, count), elements=amounts))
    area[:, draw(st.integers(0, count - 1)), :] *= draw(st.sampled_from([0, 1]))
    first, last = (draw(arrays(float, (regions, count), elements=prices)) for _ in range(2))
    return (
        area,
        np.where(area.sum(axis=2) > 0, first, np.nan),
        np.where(area.sum(axis=1) > 0, last, np.nan),
    )


@given(valued())
@SOME
def test_transitions_and_unit_values_add_up_to_the_change(
    case: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    area, first, last = case
    values, rest = transition_values(area, first, last)
    opening, closing = area.sum(axis=2), area.sum(axis=1)
    levels = np.nan_to_num(opening * first), np.nan_to_num(closing * last)
    change = levels[1].sum(axis=1) - levels[0].sum(axis=1)
    # of what is summed: levels of both signs may cancel, and so may gains and losses
    scale = max(
        np.abs(levels[0]).sum(),
        np.abs(levels[1]).sum(),
        np.abs(values).sum(),
        np.abs(rest).sum(),
        1e-9,
    )
    assert np.abs(values.sum(axis=(1, 2)) + rest.sum(axis=1) - change).max() <= 1e-12 * scale
    assert (np.diagonal(values, axis1=1, axis2=2) == 0).all()


@given(valued())
@SOME
def test_the_way_back_gains_what_the_way_there_lost(
    case: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    area, first, last = case
    there, rest = transition_values(area, first, last)
    back, again = transition_values(area.transpose(0, 2, 1), last, first)
    np.testing.assert_allclose(back, -there.transpose(0, 2, 1), rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(again, -rest, rtol=1e-12, atol=1e-9)


@st.composite
def landscapes(draw: st.DrawFn) -> tuple[np.ndarray, Crosswalk]:
    """Areas from class to class of two regions, and a crosswalk with shares."""
    area = draw(arrays(float, (2, 3, 3), elements=amounts))
    area[:, 0, 0] += 1  # no region is without rows
    rows = []
    for name in CLASSES:
        share = draw(st.sampled_from([0.0, 0.25, 0.5, 1.0]))
        ends = draw(st.permutations(["forest", "crop", "na"]))[:2]
        rows += [(name, ends[0], share), (name, ends[1], 1 - share)]
    return area, crossed(rows)


def as_rows(
    area: np.ndarray, regions: Sequence[str], unchanged: bool = True
) -> list[tuple[str, str, str, float]]:
    return [
        (code, first, last, area[at, i, j])
        for at, code in enumerate(regions)
        for i, first in enumerate(CLASSES)
        for j, last in enumerate(CLASSES)
        if unchanged or i != j
    ]


@given(landscapes())
@SOME
def test_margins_follow_the_crosswalk_and_no_area_is_lost(
    case: tuple[np.ndarray, Crosswalk],
) -> None:
    area, walk = case
    types = ["forest", "crop"]
    share = np.zeros((3, 2))
    for name, one, part in walk.frame.itertuples(index=False):
        if one != "na":
            share[CLASSES.index(name), types.index(one)] += part
    opening, closing = area.sum(axis=2) @ share, area.sum(axis=1) @ share
    made = the_matrix(
        in_memory(as_rows(area, "rs")), types, opening, closing, regions=["r", "s"], crosswalk=walk
    )
    scale = area.sum()
    np.testing.assert_allclose(made.area.sum(axis=(1, 2)), area.sum(axis=(1, 2)), rtol=1e-12)
    np.testing.assert_allclose(
        made.area.sum(axis=2)[:, :2], opening, rtol=1e-12, atol=1e-12 * scale
    )
    np.testing.assert_allclose(
        made.area.sum(axis=1)[:, :2], closing, rtol=1e-12, atol=1e-12 * scale
    )
    turned = the_matrix(
        in_memory(as_rows(area, "rs")[::-1]),
        types,
        opening[::-1],
        closing[::-1],
        regions=["s", "r"],
        crosswalk=walk,
    )
    np.testing.assert_allclose(turned.area[::-1], made.area, rtol=1e-12, atol=1e-12 * scale)


@given(arrays(float, (2, 3, 3), elements=amounts), arrays(float, (4, 3), elements=prices))
@SOME
def test_a_table_is_an_account_and_parents_are_sums(area: np.ndarray, worth: np.ndarray) -> None:
    area[:, 0, 1] += 1
    opening, closing = area.sum(axis=2), area.sum(axis=1)
    # unchanged land is left out of the rows: it is the opening less the reductions
    rows = as_rows(area, "rs", unchanged=False)
    made = the_matrix(in_memory(rows), CLASSES, opening, closing, regions=["r", "s"])
    scale = area.sum()
    np.testing.assert_allclose(made.area, area, rtol=1e-9, atol=1e-12 * scale)
    table = transition_table(made, worth[:2], worth[2:], "CNY", {"both": np.array([0, 1])})
    of = {name: table[table["region"] == name] for name in ("r", "s", "both")}
    for part in of.values():
        ends = part.set_index(["from_ecosystem", "to_ecosystem"])["area"]
        for one in set(part["from_ecosystem"]) - {"additions", "closing"}:
            added = ends["additions", one] - ends[one, "reductions"]
            assert ends[one, "opening"] + added == pytest.approx(
                ends["closing", one], rel=1e-9, abs=1e-18 * scale
            )
        moved = part[part["from_ecosystem"].isin(CLASSES) & part["to_ecosystem"].isin(CLASSES)]
        for way, column in (("reductions", "to_ecosystem"), ("additions", "from_ecosystem")):
            total = part.loc[part[column] == way, "value"].sum()
            assert total == pytest.approx(moved["value"].sum(), rel=1e-9, abs=1e-9 * scale)
    sums = (
        pd.concat([of["r"], of["s"]])
        .groupby(["from_ecosystem", "to_ecosystem"])[["area", "value"]]
        .sum()
    )
    whole = of["both"].set_index(["from_ecosystem", "to_ecosystem"])[["area", "value"]]
    pd.testing.assert_frame_equal(sums.reindex(whole.index), whole, rtol=1e-9, atol=1e-9)
    assert len(sums) == len(whole)


def test_unit_values_of_what_has_no_area_are_unknown() -> None:
    found = unit_values(np.array([[6.0, 0.0, 0.0]]), np.array([[2.0, 0.0, 5.0]]))
    assert found[0].tolist() == [3.0, pytest.approx(np.nan, nan_ok=True), 0.0]


# --- a published table ---------------------------------------------------------------------------------------------


def test_hongsibu_2000_2018(shared: Path, tmp_path: Path) -> None:
    """An et al. (ChinaXiv:202112.00052V1), tables 3 and 6: area x (unit value of to - unit value of from).

    Left out: other grassland, whose unit value in table 3 (2166 yuan/hm2) is not the one behind table 5 (about 4120),
    so that its rows of table 6 are not all of one unit value; "orchard -> water", whose 0.35 is the figure of dry land
    -> water (orchard -> water would be 0.218); unchanged land, which the paper prints with its whole value. The paper
    prints the chief transitions only, so the rows do not sum to the areas of table 2.
    """
    folder = shared / "cases" / "hongsibu-2000-2018"
    coefficients = pd.read_csv(folder / "inputs_coefficients.csv", index_col="service").sum()
    with (folder / "expected_transitions_2000_2018.csv").open(encoding="utf-8") as file:
        printed = list(csv.DictReader(file))
    found = written(
        tmp_path,
        [
            ("r", 2000, 2010, row["from"], row["to"], row["area_1e4hm2"], "10^4 hm2")
            for row in printed
        ],
    )
    types = list(coefficients.index)
    areas = pd.read_csv(folder / "inputs_areas_1e4hm2.csv", index_col="land_class")[
        ["2000", "2018"]
    ]
    areas.loc["built"] = areas.loc[["town", "rural_settlement", "industrial_transport"]].sum()
    opening, closing = (
        areas[[year]].reindex(types).to_numpy().T * 1e8 for year in ("2000", "2018")
    )
    made = the_matrix(found, types, opening, closing)
    worth = coefficients.to_numpy()[None] / HM2  # CNY per m2
    values, rest = transition_values(made.area, worth, worth)
    assert (rest == 0).all()
    compared = 0
    for row in printed:
        ends = (row["from"], row["to"])
        if "other_grassland" in ends or ends == ("orchard", "water") or ends[0] == ends[1]:
            continue
        one, other = (types.index(name) for name in ends)
        rounding = 0.005e4 * abs(worth[0, other] - worth[0, one]) * HM2 / 1e8
        assert values[0, one, other] / 1e8 == pytest.approx(
            float(row["esv_change_1e8yuan"]), abs=0.005 + rounding
        ), ends
        compared += 1
    assert compared == 10
    dry = [one for one in made.margins if one.ecosystem == "dry_land" and one.side == "opening"]
    assert [(one.table / 1e8, one.account / 1e8) for one in dry] == [
        (pytest.approx(6.80), pytest.approx(8.48))
    ]
