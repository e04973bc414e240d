"""The reasons for a change: laws of replay and LMDI on the examples and random accounts, cases by hand."""

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.paths import EXAMPLES
from support.small import (
    AIR,
    CLASSES,
    COEFFICIENTS,
    DATA,
    FARM,
    HEAD,
    REGIONS,
    SHARED,
    SOIL,
    TOTALS,
    VISIT,
    WALK,
    WATER,
    Row,
    Small,
    area,
    coefficient,
    datum,
)
from support.years import (
    CROP,
    LAND,
    Years,
    effects,
    field_areas,
    index_rows,
    of_products,
    outputs,
    priced,
    prices,
    row,
    with_index,
)

import gep
from gep.account.account import account_from_plan
from gep.comparison.decomposition import decomposition_table
from gep.errors import Problem
from gep.project.project import build_plans

FEW = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
MULTI_YEAR = ("poyang-zone", "beibu-gulf", "poyang-basin", "hongsibu")
GROUPS = ("areas", "data", "coefficients", "prices")
LINE = ["region", "category", "indicator", "from", "to"]
EXACT = 1e-12  # of the larger level

# --- what holds in every comparison ----------------------------------------------------------------------------------


def money_rows(found: gep.Comparison) -> pd.DataFrame:
    """The value rows of indicators, categories and totals, with the change and the larger level."""
    table = found.table()
    table = table[
        ((table["kind"] == "value") & (table["item"] == "") & (table["change"] != "")).to_numpy()
    ].copy()
    ends = table[["value_from", "value_to"]].apply(pd.to_numeric, errors="coerce").fillna(0.0)
    return table.assign(
        change=table["change"].astype(float), level=ends.abs().max(axis=1)
    ).set_index(LINE)


def check_replay(found: gep.Comparison, reasons: pd.DataFrame, strict: bool = True) -> None:
    """Every money row has its effects, and they sum to the change; of terms that cancel the sum has their error."""
    replay = reasons[(reasons["method"] == "replay").to_numpy()].astype({"value": float})
    summed = replay.groupby(LINE)["value"].agg(["sum", lambda one: one.abs().max()])
    rows = money_rows(found)
    assert set(summed.index) == set(rows.index)
    summed = summed.reindex(rows.index)
    level = (
        rows["level"].to_numpy()
        if strict
        else np.maximum(rows["level"], summed.iloc[:, 1]).to_numpy()
    )
    miss = np.abs(summed["sum"] - rows["change"]).to_numpy()
    worst = int(np.argmax(miss - EXACT * level))
    assert (miss <= EXACT * level).all(), f"{rows.index[worst]}: {miss[worst]} of {level[worst]}"


def check_lmdi(found: gep.Comparison, reasons: pd.DataFrame, warnings: Sequence[Problem]) -> None:
    """Additive effects sum to the change, ratios multiply to that of the levels; what is refused is warned of."""
    rows = money_rows(found)
    own = rows[(rows.index.get_level_values("indicator") != "total")]
    lmdi = reasons[(reasons["method"] == "lmdi").to_numpy()].astype({"value": float})
    added = (
        lmdi[(lmdi["unit"] != "1").to_numpy()]
        .groupby(LINE)["value"]
        .agg(["sum", lambda one: one.abs().max()])
    )
    assert set(added.index) <= set(own.index)
    told = [one.what for one in warnings if one.code == "lmdi-sign"]
    for key in set(own.index) - set(added.index):
        assert any(
            f"({key[2]}) in " in what and f", {key[3]} to {key[4]}: " in what for what in told
        ), key
    some = own.reindex(added.index)
    scale = np.maximum(some["level"], added.iloc[:, 1])
    np.testing.assert_array_less(np.abs(added["sum"] - some["change"]), EXACT * scale + 1e-300)
    ratios = lmdi[(lmdi["unit"] == "1").to_numpy()].groupby(LINE)["value"].prod()
    ends = own.reindex(ratios.index)
    expected = pd.to_numeric(ends["value_to"]) / pd.to_numeric(ends["value_from"])
    np.testing.assert_allclose(ratios, expected, rtol=1e-9)
    fine = own.reindex(added.index)
    both = (pd.to_numeric(fine["value_from"], errors="coerce") > 0) & (
        pd.to_numeric(fine["value_to"], errors="coerce") > 0
    )
    assert set(fine.index[both.to_numpy()]) <= set(ratios.index)


def check_parents(found: gep.Comparison, reasons: pd.DataFrame) -> None:
    """The effects of regions sum to those of their parents, where each region has a number in one of the years."""
    one = reasons[
        ((reasons["method"] == "replay") & reasons["region"].isin(found.regions)).to_numpy()
    ]
    keys = ["category", "indicator", "from", "to", "effect"]
    by_line = one.astype({"value": float}).groupby(keys)["value"]
    summed = by_line.sum()[by_line.size() == len(found.regions)]
    whole = [
        code
        for code, some in zip(found.above.codes, found.above.members, strict=True)
        if len(some) == len(found.regions)
    ]
    for code in whole:
        own = reasons[
            ((reasons["method"] == "replay") & (reasons["region"] == code)).to_numpy()
        ].set_index(keys)["value"]
        scale = summed.abs().groupby(keys[:-1]).transform("max") + 1e-300
        miss = np.abs(summed - own.astype(float).reindex(summed.index))
        assert (miss <= 1e-11 * scale).all(), miss.idxmax()


def check(found: gep.Comparison, strict: bool = True) -> pd.DataFrame:
    """All of it; returns the reasons."""
    reasons, warnings = decomposition_table(found)
    assert {one.code for one in warnings} <= {"lmdi-sign"}
    check_replay(found, reasons, strict)
    check_lmdi(found, reasons, warnings)
    check_parents(found, reasons)
    return reasons


@pytest.mark.parametrize(
    ("example", "price_year"),
    [
        *((name, "own") for name in MULTI_YEAR),
        *(("poyang-basin", year) for year in (1990, 2000, 2008)),
    ],
)
def test_the_effects_sum_to_the_change_in_every_example(
    example: str, price_year: int | str
) -> None:
    project = gep.read_project(EXAMPLES / example)
    if price_year != "own":
        project = replace(project, parts=replace(project.parts, price_year=int(price_year)))
    found = gep.compare([account_from_plan(plan) for plan in build_plans(project)])
    reasons = check(found)
    assert set(reasons["effect"][(reasons["method"] == "replay").to_numpy()]) == set(GROUPS)
    assert len(found.pairs) == len(project.spec.project.years)


# --- random accounts -------------------------------------------------------------------------------------------------

levels = st.floats(min_value=1, max_value=50).map(lambda value: float(f"{value:.3g}"))
numbers = st.one_of(levels, levels, levels, st.sampled_from([0, "na"]))


@dataclass(frozen=True, repr=False)
class Side:
    """One year of a comparison, whatever year that is: its rows, its coefficients and its level of prices."""

    areas: Sequence[Row]
    data: Sequence[Row]
    rows: Sequence[Row]
    regions: Sequence[Row] = REGIONS
    standard: str = HEAD + SHARED + FARM + WATER + AIR + SOIL + VISIT + TOTALS
    classes: Sequence[Row] = CLASSES
    walk: Sequence[Row] = WALK
    index: Sequence[Row] = ()

    def __repr__(self) -> str:
        """What is drawn."""
        return f"Side({self.areas}, {self.data}, {self.rows})"

    def small(self, year: int) -> Small:
        """The account of this side in a year."""
        dated = [
            {**one, "price_year": year} if one.get("price_year") and not self.index else one
            for one in self.rows
        ]
        return Small(
            areas=[{**one, "year": year} for one in self.areas], data=[{**one, "year": year} for one in self.data],
            sets={"base": [*dated, *self.index]}, standard=self.standard, regions=self.regions, classes=self.classes,
            walk=self.walk,
        )  # fmt: skip


def two(first: Side, last: Side, turned: bool = False, **options: Any) -> gep.Comparison:
    """The sides of 2019 and 2020 compared; ``turned``: given in the other order."""
    with tempfile.TemporaryDirectory() as folder:
        accounts = [
            side.small(year).account(Path(folder) / str(year), year=year)
            for side, year in ((first, 2019), (last, 2020))
        ]
        return gep.compare(accounts[::-1] if turned else accounts, **options)


@st.composite
def side(draw: st.DrawFn, codes: Sequence[str], plain: bool) -> Side:
    """A year: classes and products may be others in each region; numbers may be na, coefficients negative."""
    number = levels if plain else numbers
    areas, data = [], []
    for code in codes:
        names = ["wood", "bush", "paddy", "road"]
        chosen = (
            names[:3] if plain else draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
        )
        areas += [
            area(code, name, draw(levels if plain else st.one_of(levels, st.just(0))))
            for name in chosen
        ]
        for product in (
            ("rice", "fish")
            if plain
            else draw(st.sampled_from([("rice",), ("fish",), ("rice", "fish")]))
        ):
            data.append(datum(code, "output", draw(number), "t", product=product))
        data.append(datum(code, "rain", draw(number), "mm"))
        data.append(datum(code, "visits", draw(number), "人次"))
        data += [
            datum(code, "emission", draw(number), "t", substance=one) for one in ("SO2", "dust")
        ]
    rows = []
    for one in COEFFICIENTS:
        odd = st.sampled_from(["na", 0, -3])
        value = one["value"]
        if value != "na" and one["coefficient"] != "runoff":
            value = value * draw(st.sampled_from([1, 0.5, 1.25]))
            value = value if plain else draw(st.one_of(st.just(value), st.just(value), odd))
        if plain and (value == "na" or value < 0):
            value = 0.5
        rows.append({**one, "value": value})
    return Side(areas, data, rows)


@st.composite
def pairs(draw: st.DrawFn, plain: bool = False) -> tuple[Side, Side]:
    """Two sides with the same regions under one top."""
    codes = draw(st.sampled_from([("a",), ("a", "b"), ("a", "b", "c")]))
    regions: list[Row] = [{"region": "top"}, {"region": "mid", "parent": "top"}]
    regions += [{"region": code, "parent": "mid" if code != "c" else "top"} for code in codes]
    one, other = (replace(draw(side(codes, plain)), regions=regions) for _ in range(2))
    return one, other


@FEW
@given(pairs(plain=True))
def test_effects_sum_to_the_change_at_the_larger_level(both: tuple[Side, Side]) -> None:
    check(two(*both))


@settings(FEW, max_examples=8)
@given(pairs())
def test_effects_sum_to_the_change_with_na_zeros_and_negative_terms(
    both: tuple[Side, Side],
) -> None:
    check(two(*both), strict=False)


@FEW
@given(pairs(), st.sampled_from([1.0, 1.5]))
def test_effects_sum_to_the_change_at_prices_by_index(
    both: tuple[Side, Side], level: float
) -> None:
    index = index_rows({2019: 1.0, 2020: level})
    one, other = (replace(some, standard=with_index(some.standard), index=index) for some in both)
    assert "2020" in {
        str(some.get("price_year")) for some in one.rows
    }  # the prices of 2019 come by the index
    check(two(one, other), strict=False)


def keyed(table: pd.DataFrame) -> pd.Series:
    """The reasons by what they are of, in order."""
    return (
        table.astype({"value": float})
        .set_index([*LINE, "method", "effect", "unit"])["value"]
        .sort_index()
    )


def alike(
    one: pd.DataFrame, other: pd.DataFrame, names: Sequence[str] = ("replay", "lmdi")
) -> None:
    """The same reasons, to 1e-12 of the largest effect of their line."""
    first, second = (keyed(some[some["method"].isin(names).to_numpy()]) for some in (one, other))
    assert list(first.index) == list(second.index)
    scale = first.abs().groupby([*LINE, "method", "unit"]).transform("max")
    miss = np.abs(first - second)
    assert (miss <= 1e-12 * scale + 1e-15).all(), (miss - 1e-12 * scale).idxmax()


@FEW
@given(pairs())
def test_the_way_back_has_the_opposite_effects(both: tuple[Side, Side]) -> None:
    there, back = (decomposition_table(two(*some))[0] for some in (both, both[::-1]))
    money = back["unit"] != "1"
    back = back.assign(
        value=np.where(money, -back["value"].astype(float), 1 / back["value"].astype(float))
    )
    alike(there, back)


@FEW
@given(pairs(), st.randoms(use_true_random=False))
def test_no_order_changes_anything(both: tuple[Side, Side], order: random.Random) -> None:
    """Of regions, rows, indicators in the standard, and accounts."""

    def mixed(rows: Sequence[Any]) -> list[Any]:
        found = list(rows)
        order.shuffle(found)
        return found

    names = mixed(["farm", "water", "air", "soil", "visit"])
    texts = {"farm": FARM, "water": WATER, "air": AIR, "soil": SOIL, "visit": VISIT}
    quoted = ", ".join(f'"{name}"' for name in names)
    totals = TOTALS.replace('"farm", "water", "air", "soil", "visit"', quoted)
    assert totals != TOTALS or names == list(texts)
    standard = HEAD + SHARED + "".join(texts[name] for name in names) + totals
    others = [
        replace(
            some, areas=mixed(some.areas), data=mixed(some.data), rows=mixed(some.rows), regions=mixed(some.regions),
            standard=standard,
        )
        for some in both
    ]  # fmt: skip
    one, other = two(*both), two(others[0], others[1], turned=True)
    alike(decomposition_table(one)[0], decomposition_table(other)[0])
    keys = [*LINE, "item", "kind", "level", "unit", "flags", "price_basis"]
    first, second = (found.table().set_index(keys).sort_index() for found in (one, other))
    assert list(first.index) == list(second.index)
    for name in first.columns:
        words = [pd.to_numeric(some[name], errors="coerce") for some in (first, second)]
        np.testing.assert_allclose(words[0], words[1], rtol=1e-9, atol=1e-9, err_msg=name)
        assert (first[name].isin(["", "na"]) == second[name].isin(["", "na"])).all()


@FEW
@given(pairs(), st.sampled_from([0.25, 0.9]))
def test_splitting_an_ecosystem_type_in_two_changes_nothing(
    both: tuple[Side, Side], part: float
) -> None:
    """Some of the forest is called wildwood, with the numbers of forest."""
    classes = [
        *CLASSES,
        {"class": "wildwood", "zh": "原始林", "en": "Wildwood", "parent": "nature"},
    ]
    walk: list[Row] = []
    for one in WALK:
        if one["ecosystem"] == "forest":
            walk += [{**one, "share": one["share"] * part}]
            walk += [{**one, "ecosystem": "wildwood", "share": one["share"] * (1 - part)}]
        else:
            walk.append(one)

    def split(some: Side) -> Side:
        twins = [
            {**one, "ecosystem": "wildwood"}
            for one in some.rows
            if one.get("ecosystem") == "forest"
        ]
        return replace(some, classes=classes, walk=walk, rows=[*some.rows, *twins])

    one, other = two(*both), two(split(both[0]), split(both[1]))
    alike(decomposition_table(one)[0], decomposition_table(other)[0])


def with_prices(some: Side, scale: float) -> Side:
    """All prices at ``scale`` of what they are."""
    rows = [
        {**one, "value": one["value"] * scale}
        if one.get("price_year") and one["value"] != "na"
        else one
        for one in some.rows
    ]
    return replace(some, rows=rows)


@FEW
@given(pairs())
def test_doubled_prices_are_the_whole_change(both: tuple[Side, Side]) -> None:
    one = both[0]
    reasons = check(two(one, with_prices(one, 2)), strict=False)
    replay = reasons[(reasons["method"] == "replay").to_numpy()]
    others = replay[(replay["effect"] != "prices").to_numpy()]
    assert set(others["effect"]) == set(GROUPS) - {"prices"}
    assert (others["value"] == 0).all()


def with_rows(one: Side, other: Side, money: bool) -> Side:
    """A side with the prices of the other, or with its other coefficients."""
    both = zip(one.rows, other.rows, strict=True)
    return replace(
        one,
        rows=[
            second if bool(second.get("price_year")) == money else first for first, second in both
        ],
    )


OF_GROUP = {
    "areas": lambda one, other: replace(one, areas=other.areas),
    "data": lambda one, other: replace(one, data=other.data),
    "coefficients": lambda one, other: with_rows(one, other, money=False),
    "prices": lambda one, other: with_rows(one, other, money=True),
}


@pytest.mark.parametrize("group", GROUPS)
@settings(FEW, max_examples=3)
@given(both=pairs())
def test_what_does_not_differ_has_no_effect(group: str, both: tuple[Side, Side]) -> None:
    """Exactly 0, and what differs has the whole change."""
    one, other = both
    reasons = check(two(one, OF_GROUP[group](one, other)), strict=False)
    replay = reasons[(reasons["method"] == "replay").to_numpy()]
    assert (replay.loc[(replay["effect"] != group).to_numpy(), "value"] == 0).all()


# --- worked by hand --------------------------------------------------------------------------------------------------


def test_two_factors_by_hand(tmp_path: Path) -> None:
    """10 t at 3000 become 14 t at 2500: Bennet dq mean(p) = 4 x 2750, mean(q) dp = 12 x -500, in CNY."""
    small = of_products(
        CROP, areas=field_areas({("a", 2019): 1, ("a", 2020): 1}),
        data=outputs({("a", 2019, "rice"): 10, ("a", 2020, "rice"): 14}),
        sets=prices({("rice", 2019): 3000, ("rice", 2020): 2500}),
    )  # fmt: skip
    found = Years(small).compared(tmp_path)
    reasons = found.decomposition()
    for category, indicator in (
        ("provisioning", "crop"),
        ("provisioning", "total"),
        ("total", "total"),
    ):
        told = effects(reasons, category=category, indicator=indicator)
        assert told == pytest.approx(
            {"areas": 0, "data": 1.1, "coefficients": 0, "prices": -0.6}, rel=1e-12
        )
    mean = 5000 / log(35000 / 30000) / 1e4  # logarithmic mean of 30 000 and 35 000 CNY
    told = {
        name: value for name, value in effects(reasons, "lmdi", indicator="crop").items() if value
    }
    assert told == pytest.approx(
        {"value.quantity": mean * log(1.4), "value.price": mean * log(2.5 / 3)}, rel=1e-12
    )
    ratios = reasons[(reasons["unit"] == "1").to_numpy()].set_index("effect")["value"]
    assert ratios["value.quantity"] == pytest.approx(1.4, rel=1e-12)
    assert ratios["value.price"] == pytest.approx(2.5 / 3, rel=1e-12)


def test_a_product_that_is_new_belongs_to_the_data(tmp_path: Path) -> None:
    """Rice as above; 2 t of fish at 12 000 only in 2020: 24 000 CNY of data, 0 of prices, in region a alone."""
    small = of_products(
        CROP, areas=field_areas({(code, year): 1 for code in "ab" for year in (2019, 2020)}),
        data=outputs({
            ("a", 2019, "rice"): 10, ("a", 2020, "rice"): 14, ("a", 2020, "fish"): 2,
            ("b", 2019, "rice"): 10, ("b", 2020, "rice"): 14,
        }),
        sets=prices({
            ("rice", 2019): 3000, ("rice", 2020): 2500, ("fish", 2019): 12000, ("fish", 2020): 12000,
        }),
    )  # fmt: skip
    found = Years(small).compared(tmp_path)
    reasons = found.decomposition()
    for region, data in (("a", 3.5), ("b", 1.1)):
        told = effects(reasons, region=region, indicator="crop")
        assert told == pytest.approx(
            {"areas": 0, "data": data, "coefficients": 0, "prices": -0.6}, rel=1e-12
        )
    assert sum(effects(reasons, "lmdi", region="a", indicator="crop").values()) == pytest.approx(
        2.9, rel=1e-12
    )


def land(
    shares: tuple[float, float], hectares: tuple[float, float] = (100, 200), code: str = "a"
) -> gep.Comparison:
    """The land of a region, whose value per hectare goes from 1000 to 1500 and the share that counts as given."""
    accounts = []
    with tempfile.TemporaryDirectory() as folder:
        for end, year in enumerate((2019, 2020)):
            rows = [
                coefficient("land_value", (1000, 1500)[end], "CNY ha-1", price_year=str(year)),
                coefficient("land_share", shares[end], "1"),
            ]
            small = of_products(
                LAND, areas=field_areas({(code, year): hectares[end]}), data=[], sets=rows
            )
            accounts.append(small.account(Path(folder) / str(year), year=year))
    return gep.compare(accounts)


def test_three_factors_by_hand() -> None:
    """100 hm2 x 1000 x 0.5 become 200 x 1500 x 0.8. The weights of the other two are 1/3, 1/6, 1/6, 1/3:

    areas 100 (500/3 + (750 + 800)/6 + 1200/3) = 82 500; prices 500 (50/3 + (100 + 80)/6 + 160/3) = 50 000;
    coefficients 0.3 (100 000/3 + (200 000 + 150 000)/6 + 300 000/3) = 57 500; their sum 190 000 = 240 000 - 50 000.
    """
    reasons = land((0.5, 0.8)).decomposition()
    told = effects(reasons, indicator="land")
    assert told == pytest.approx(
        {"areas": 8.25, "data": 0, "coefficients": 5.75, "prices": 5.0}, rel=1e-12
    )
    mean = 19 / log(4.8)
    lmdi = effects(reasons, "lmdi", indicator="land")
    assert lmdi["value.area"] == pytest.approx(mean * log(2), rel=1e-12)
    assert lmdi["value.value"] == pytest.approx(mean * log(1.5), rel=1e-12)
    assert lmdi["value.share"] == pytest.approx(mean * log(1.6), rel=1e-12)


def test_a_change_of_sign_has_no_lmdi_and_is_told() -> None:
    """From -0.5 to 0.8 the share has no logarithm; replay: areas 100 (-500/3 + (-750 + 800)/6 + 1200/3) = 24 166.67."""
    found = land((-0.5, 0.8))
    reasons, warnings = decomposition_table(found)
    assert [(one.code, "Land (land) in a, 2019 to 2020: " in one.what) for one in warnings] == [
        ("lmdi-sign", True)
    ]
    assert not (reasons["method"] == "lmdi").any()
    told = effects(reasons, indicator="land")
    prices = 500 * (-50 / 3 + (-100 + 80) / 6 + 160 / 3) / 1e4
    shares = 1.3 * (100000 / 3 + 350000 / 6 + 300000 / 3) / 1e4
    assert told == pytest.approx(
        {
            "areas": 0.0001 * 100 * (-500 / 3 + 50 / 6 + 400),
            "data": 0,
            "coefficients": shares,
            "prices": prices,
        },
        rel=1e-12,
    )
    assert sum(told.values()) == pytest.approx(24 + 5, rel=1e-12)


def test_a_constant_negative_sign_has_its_lmdi() -> None:
    """Value and effects of the case of three factors with the other sign."""
    one, other = land((0.5, 0.8)).decomposition(), land((-0.5, -0.8)).decomposition()
    for method in ("replay", "lmdi"):
        first, second = (effects(some, method, indicator="land") for some in (one, other))
        assert second == pytest.approx({name: -value for name, value in first.items()}, rel=1e-12)


def test_a_type_that_is_new_belongs_to_the_areas(tmp_path: Path) -> None:
    """0 hm2 in 2019: the price and the share cannot have changed a value that was not there, but met in mixtures.

    Shapley with 0 before: areas 200 (500/3 + (750 + 800)/6 + 1200/3) of 240 000, the rest prices and coefficients;
    LMDI by its limit gives all of it to the area.
    """
    reasons = land((0.5, 0.8), (0, 200)).decomposition()
    told = effects(reasons, indicator="land")
    assert told["areas"] == pytest.approx(200 * (500 / 3 + 1550 / 6 + 400) / 1e4, rel=1e-12)
    assert sum(told.values()) == pytest.approx(24, rel=1e-12)
    lmdi = effects(reasons, "lmdi", indicator="land")
    assert {name: value for name, value in lmdi.items() if value} == pytest.approx(
        {"value.area": 24}, rel=1e-12
    )
    assert not (reasons["unit"] == "1").any()  # no ratio to nothing


def test_na_of_a_type_that_only_one_year_has_is_na_in_every_mixture(tmp_path: Path) -> None:
    """Field, without a runoff, is new in 2020; its na holds in mixtures of 2020's land with 2019's numbers too."""
    areas = [area("a", "wood", 400, year=2019), area("a", "wood", 300), area("a", "paddy", 100)]
    data = [{**one, "year": year} for one in DATA if one["region"] == "a" for year in (2019, 2020)]
    sets = {"base": priced(COEFFICIENTS, {2019: 0.8, 2020: 1})}
    regions = [one for one in REGIONS if one["region"] != "b"]
    found = Years(Small(areas=areas, data=data, sets=sets, regions=regions)).compared(tmp_path)
    reasons, warnings = decomposition_table(found)
    assert warnings == []
    told = effects(reasons, region="a", indicator="water")
    kept = 1600 * (0.75 * 0.75 + 0.25 * 0.6) * 10 / 1e4  # 10^4 m3 from a hectare of wood
    assert told == pytest.approx(
        {
            "areas": -100 * kept * (1.6 + 2) / 2,
            "data": 0,
            "coefficients": 0,
            "prices": 350 * kept * 0.4,
        },
        rel=1e-12,
    )


def test_accounts_of_two_standards_are_not_taken_apart(tmp_path: Path) -> None:
    one = of_products(LAND, areas=field_areas({("a", 2019): 10}), data=[], sets=_land_rows(2019))
    other = of_products(LAND, areas=field_areas({("a", 2020): 20}), data=[], sets=_land_rows(2020))
    other = replace(other, standard=other.standard.replace('id = "products"', 'id = "others"'))
    accounts = [one.account(tmp_path / "1", year=2019), other.account(tmp_path / "2", year=2020)]
    found = gep.compare(accounts, allow=["standard"])
    reasons, warnings = decomposition_table(found)
    assert len(reasons) == 0
    assert list(reasons.columns) == [*LINE, "method", "effect", "value", "unit"]
    assert [one.code for one in warnings] == ["not-decomposed"]
    assert row(found.table(), indicator="land")["change"] == pytest.approx(1 * 0.5)


def test_accounts_of_quantities_alone_have_no_values_to_decompose(tmp_path: Path) -> None:
    """Rows of quantities are compared; the table of reasons is empty, with its columns."""
    quantities = LAND.replace('kind = "value"', 'kind = "quantity"')
    small = of_products(
        quantities,
        areas=field_areas({("a", 2019): 10, ("a", 2020): 20}),
        data=[],
        sets=[*_land_rows(2019), *_land_rows(2020)[:1]],
    )
    found = Years(small).compared(tmp_path)
    assert found.headline is None
    assert set(found.table()["kind"]) == {"quantity"}
    reasons, warnings = decomposition_table(found)
    assert (len(reasons), warnings) == (0, [])
    assert list(reasons.columns) == [*LINE, "method", "effect", "value", "unit"]


def _land_rows(year: int) -> list[Row]:
    return [
        coefficient("land_value", 1000, "CNY ha-1", price_year=str(year)), coefficient("land_share", 0.5, "1")
    ]  # fmt: skip
