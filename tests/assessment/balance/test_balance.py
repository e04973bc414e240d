"""Balance sheets: the equation and its error, identities I1 to I8, areas and transitions, money, layouts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.paths import shared_file
from support.small import AREAS, DATA, REGIONS, Row, Small, area, write_table
from support.years import Years, row

import gep
from gep.assessment.balance.scheme import BalanceSpec
from gep.assessment.context import AssessmentContext
from gep.assessment.kinds import read_scheme
from gep.assessment.scheme import Assessment, Scheme
from gep.assessment.stocks import read_causes, read_stock_prices, read_stocks
from gep.errors import ProblemLog, ProblemsFound
from gep.extent.transitions import read_transitions
from gep.inputs.data import EMPTY

SCHEMES = Path(gep.__file__).parent / "assessment" / "schemes"
SHIPPED = ("balance-sheet-2015", "asset-account-seea-cf")
COLUMNS = ["region", "from", "to", "resource", "class", "item", "cause", "value", "unit"]
READERS = {"stocks": read_stocks, "causes": read_causes, "stock_prices": read_stock_prices}


def stock(
    region: str, year: int, resource: str, name: str, value: object, unit: str, **more: object
) -> Row:
    keys = {"region": region, "year": year, "resource": resource, "class": name}
    return {**keys, "stock": value, "unit": unit, "source": "t", **more}


def price(year: int, resource: str, name: str, value: object, unit: str, region: str = "") -> Row:
    keys = {"region": region, "year": year, "resource": resource, "class": name}
    return {**keys, "price": value, "unit": unit, "source": "t"}


def change(
    region: str,
    resource: str,
    name: str,
    cause: str,
    how: str,
    amount: object,
    unit: str,
    **more: Any,
) -> Row:
    """A row of causes; ``how`` is such as ``human addition``."""
    nature, direction = how.split()
    keys = {
        "region": region,
        "from": 2015,
        "to": 2016,
        "resource": resource,
        "class": name,
        "cause": cause,
    }
    return {
        **keys,
        "nature": nature,
        "direction": direction,
        "amount": amount,
        "unit": unit,
        "source": "t",
        **more,
    }


def scheme(name: str = SHIPPED[0], folder: Path | None = None, *changes: tuple[str, str]) -> Scheme:
    """A shipped scheme, or a copy with some of its text changed."""
    path = SCHEMES / f"{name}.toml"
    if folder is None:
        return read_scheme(path)
    folder.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return read_scheme(folder / "own.toml")


def ground(folder: Path, regions: Sequence[Row] = (), **tables: Iterable[Row]) -> AssessmentContext:
    """What a project gives that has nothing but these tables; ``more`` of Ground come with ``given``."""
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {
        name: READERS[name](write_table(folder / f"{name}.csv", rows))
        for name, rows in tables.items()
    }
    if regions:
        found["region_table"] = gep.read_regions(write_table(folder / "regions.csv", regions))
    codes = tuple(str(one["region"]) for one in regions) if regions else ()
    return AssessmentContext(
        years=(2015, 2016), regions=codes, comparisons={}, readings=EMPTY, **found
    )


def assess(found: AssessmentContext, by: Scheme | None = None) -> Assessment:
    """Check and apply; raises ``ProblemsFound``."""
    by = by or scheme()
    problems = ProblemLog()
    by.kind.check_inputs(by, found, problems)
    problems.raise_errors()
    return by.kind.assess(by, found)


def codes(found: AssessmentContext, by: Scheme | None = None) -> set[str]:
    with pytest.raises(ProblemsFound) as caught:
        assess(found, by)
    return {problem.code for problem in caught.value.problems}


def value(found: Assessment, item: str, **keys: Any) -> float:
    return float(row(found.tables["balance.csv"], item=item, **keys)["value"])


def equation(found: Assessment, prefix: str = "") -> pd.DataFrame:
    """Opening, additions, reductions, error, revaluation and closing of every balance."""
    table = found.tables["balance.csv"]
    items = ["opening", "additions", "reductions", "revaluation", "statistical_error", "closing"]
    own = table[table["item"].isin([prefix + item for item in items]).to_numpy()]
    wide = own.pivot_table(index=COLUMNS[:5], columns="item", values="value")
    wide.columns = [str(name).removeprefix(prefix) for name in wide.columns]
    return wide.reindex(columns=items).fillna(0.0)


# --- the equation --------------------------------------------------------------------------------------------------

AMOUNT = st.floats(0, 1e6, allow_nan=False).map(lambda one: round(one, 2))
HOW = st.tuples(
    st.sampled_from(["human", "natural", "reclassification"]),
    st.sampled_from(["addition", "reduction"]),
)
MOVES = st.dictionaries(HOW, AMOUNT, max_size=4)
CELL = st.tuples(AMOUNT, AMOUNT, MOVES)
QUICK = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUICK
@given(cells=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=3), closes=st.booleans())
def test_a_balance_holds_or_the_error_names_the_gap(
    tmp_path: Path, cells: list[Any], closes: bool
) -> None:
    stocks, causes, gaps = [], [], {}
    for spot, both in enumerate(cells):
        for name, (opening, closing, moves) in zip(("natural", "planted"), both, strict=True):
            net = sum(one if how[1] == "addition" else -one for how, one in moves.items())
            if closes and opening + net >= 0 and moves:
                closing = opening + net
            if moves:
                gaps[f"r{spot}", name] = closing - opening - net
            stocks += [stock(f"r{spot}", 2015, "timber", name, opening, "m3")]
            stocks += [stock(f"r{spot}", 2016, "timber", name, closing, "m3")]
            causes += [
                change(f"r{spot}", "timber", name, f"cause {how[0]}", " ".join(how), one, "m3")
                for how, one in moves.items()
            ]
    tables = {"stocks": stocks} | ({"causes": causes} if causes else {})
    found = assess(ground(tmp_path, **tables))
    wide = equation(found)
    size = 1 + wide.abs().max().max()
    left = (
        wide["opening"]
        + wide["additions"]
        - wide["reductions"]
        + wide["statistical_error"]
        - wide["closing"]
    )
    assert left.abs().max() <= 1e-9 * size
    for (region, name), gap in gaps.items():
        assert wide.loc[(region, 2015, 2016, "timber", name), "statistical_error"] == pytest.approx(
            gap, abs=1e-8 * size
        )
    total = wide.xs("total", level="class")
    parts = wide.drop("total", level="class").groupby(["region"]).sum()
    assert (total.droplevel([1, 2, 3]) - parts).abs().max().max() <= 1e-8 * size
    beyond = [
        gap for gap in gaps.values() if abs(gap) > 1
    ]  # more than all roundings of 0.005 together
    assert ("balance-gap" in {one.code for one in found.warnings}) or not beyond


def test_rounding_is_no_gap_to_warn_of_but_stands_as_a_line(tmp_path: Path) -> None:
    stocks = [
        stock("a", 2015, "timber", "natural", "10.1", "m3"),
        stock("a", 2016, "timber", "natural", "12.4", "m3"),
    ]
    causes = [change("a", "timber", "natural", "growth", "natural addition", "2.4", "m3")]
    found = assess(ground(tmp_path, stocks=stocks, causes=causes))
    keys = {"region": "a", "class": "natural"}
    assert value(found, "statistical_error", **keys) == pytest.approx(-0.1)
    assert not found.warnings  # 3 x 0.05 explain it
    causes[0] = {**causes[0], "amount": "2.9"}
    found = assess(ground(tmp_path, stocks=stocks, causes=causes))
    assert [one.code for one in found.warnings] == ["balance-gap"]
    assert "I1" in found.warnings[0].where


def test_without_causes_a_change_is_net_and_says_so(tmp_path: Path) -> None:
    stocks = [
        stock("a", 2015, "water", "surface", 5, "亿m3"),
        stock("a", 2016, "water", "surface", 4.5, "亿m3"),
    ]
    found = assess(ground(tmp_path, stocks=stocks))
    assert value(
        found, "reduction_net", region="a", cause="net", **{"class": "surface"}
    ) == pytest.approx(5000)
    assert value(found, "statistical_error", region="a", **{"class": "surface"}) == 0
    captions = [(line.say("zh"), line.say("en")) for line in found.caption]
    assert any("净增减" in zh and "net, not gross" in en for zh, en in captions)
    assert any("不列负债" in zh and "no liabilities" in en for zh, en in captions)
    assert any("模板" in zh and "recalled" in en for zh, en in captions)


def test_the_opening_of_a_period_is_the_closing_of_the_one_before(tmp_path: Path) -> None:
    """I2, and causes over a longer period make a balance of their own."""
    stocks = [stock("a", 2010 + spot, "timber", "natural", 10 * spot, "m3") for spot in (1, 3, 6)]
    long = change(
        "a",
        "timber",
        "natural",
        "growth",
        "natural addition",
        50,
        "m3",
        **{"from": 2011, "to": 2016},
    )
    found = assess(ground(tmp_path, stocks=stocks, causes=[long]))
    table = found.tables["balance.csv"]
    own = table[(table["class"] == "natural").to_numpy()]
    assert list(dict.fromkeys(zip(own["from"], own["to"], strict=True))) == [
        (2011, 2013),
        (2011, 2016),
        (2013, 2016),
    ]
    closing = value(found, "closing", from_=2011, to=2013, **{"class": "natural"})
    assert closing == value(found, "opening", from_=2013, **{"class": "natural"}) == 30
    assert value(found, "additions", from_=2011, to=2016, **{"class": "natural"}) == 50


# --- published -----------------------------------------------------------------------------------------------------


def test_beilun_water_changes_as_printed(tmp_path: Path) -> None:
    """The four changes in percent that the trial of Beilun prints, from its stocks; its full table is not readable."""
    path = shared_file("assessment", "csv", "bs_beilun_water.csv")
    printed = pd.read_csv(path).dropna(subset="change_pct_published")
    stocks = [
        stock("330206", int(year), "water", one["item"], one[year], "万m3")
        for _, one in printed.iterrows()
        for year in ("2013", "2016")
    ]
    found = assess(ground(tmp_path, stocks=stocks))
    assert len(printed) == 4
    for _, one in printed.iterrows():
        keys = {"from_": 2013, "to": 2016, "class": one["item"]}
        growth = value(found, "additions", **keys) / value(found, "opening", **keys) * 100
        assert round(growth, 1) == one["change_pct_published"]


def test_land_classes_and_water_causes_are_those_of_the_template() -> None:
    path = shared_file("assessment", "csv", "bs_table_templates.csv")
    template = pd.read_csv(path).set_index("table")
    text = scheme().spec
    assert isinstance(text, BalanceSpec)
    spec = {one.id: one for one in text.resource}
    land = template.loc["土地资源存量及变动表", "columns"].split("|")
    assert [one.zh for one in spec["land"].classes.values()] == land[:-1]
    rows = template.loc["水资源存量及变动表", "rows"]
    assert all(one.zh in rows for one in spec["water"].causes.values())
    assert text.evidence == "recalled"  # so is the template


# --- identities between tables -------------------------------------------------------------------------------------

LAND = [
    stock("a", year, "land", name, one, "hm2")
    for year, both in {2015: (60.0, 40.0), 2016: (55.0, 45.0)}.items()
    for name, one in zip(("cropland", "forest"), both, strict=True)
]


def test_i3_classes_make_up_the_region(tmp_path: Path) -> None:
    own = ground(tmp_path, stocks=LAND)
    fits = assess(replace(own, area={"a": 1.0}))
    assert value(fits, "check_I3_opening", region="a") == pytest.approx(0)
    assert not fits.warnings
    short = assess(replace(own, area={"a": 1.25}))
    assert value(short, "check_I3_closing", region="a") == pytest.approx(-25)
    assert [one.where for one in short.warnings] == ["land I3"]


def test_i4_reclassification_adds_what_it_takes(tmp_path: Path) -> None:
    causes = [
        change("a", "land", "cropland", "survey", "reclassification reduction", 5, "ha"),
        change("a", "land", "forest", "survey", "reclassification addition", 5, "ha"),
    ]
    fits = assess(ground(tmp_path, stocks=LAND, causes=causes))
    assert value(fits, "check_I4", **{"class": "total"}) == 0
    assert not fits.warnings
    odd = assess(ground(tmp_path, stocks=LAND, causes=[causes[0], {**causes[1], "amount": 9}]))
    assert value(odd, "check_I4", **{"class": "total"}) == pytest.approx(4)
    assert {one.where for one in odd.warnings} == {"land I1", "land I4"}


def test_i5_quality_classes_sum_to_the_stock(tmp_path: Path) -> None:
    quality = [
        stock("a", year, "cropland_quality", name, one, "公顷")
        for year, both in {2015: (20, 40), 2016: (20, 30)}.items()
        for name, one in zip(("5", "6"), both, strict=True)
    ]
    found = assess(ground(tmp_path, stocks=[*LAND, *quality]))
    keys = {"resource": "cropland_quality", "class": "total"}
    assert value(found, "check_I5_opening", **keys) == 0
    assert value(found, "check_I5_closing", **keys) == pytest.approx(-5)
    assert [one.where for one in found.warnings] == ["cropland_quality I5"]


def test_i6_stock_per_area(tmp_path: Path) -> None:
    stocks = [
        *(
            stock("a", year, "timber", "natural", one, "万m3")
            for year, one in ((2015, 100), (2016, 110))
        ),
        *(stock("a", year, "timber", "planted", 30, "万m3") for year in (2015, 2016)),
        *(stock("a", year, "forest_area", "natural", 1, "万hm2") for year in (2015, 2016)),
    ]
    found = assess(ground(tmp_path, stocks=stocks))
    closing = row(
        found.tables["balance.csv"], item="stock_per_area_closing"
    )  # one row: planted has no area, nor total
    assert (closing["class"], closing["value"], closing["unit"]) == (
        "natural",
        pytest.approx(110),
        "m3 ha-1",
    )
    more = [stock("a", year, "forest_area", "planted", 0.5, "万hm2") for year in (2015, 2016)]
    found = assess(ground(tmp_path, stocks=[*stocks, *more]))
    assert value(found, "stock_per_area_closing", **{"class": "total"}) == pytest.approx(140 / 1.5)


REGIONS_OF_P = ({"region": "p"}, {"region": "a", "parent": "p"}, {"region": "b", "parent": "p"})


def water(region: str, opening: float, closing: float) -> list[Row]:
    return [
        stock(region, year, "water", "surface", one, "万m3")
        for year, one in ((2015, opening), (2016, closing))
    ]


def test_i7_a_parent_with_stocks_of_its_own_is_compared_with_its_regions(tmp_path: Path) -> None:
    rows = [*water("a", 10, 12), *water("b", 20, 21), *water("p", 30, 40)]
    found = assess(ground(tmp_path, REGIONS_OF_P, stocks=rows))
    assert value(found, "check_I7_opening", region="p", **{"class": "surface"}) == 0
    assert value(found, "check_I7_closing", region="p", **{"class": "surface"}) == pytest.approx(7)
    assert [one.where for one in found.warnings] == ["water I7"]


@QUICK
@given(amounts=st.lists(AMOUNT, min_size=6, max_size=6), flow=AMOUNT)
def test_a_parent_is_the_sum_of_its_regions_and_flows_inside_are_netted(
    tmp_path: Path, amounts: list[float], flow: float
) -> None:
    a0, a1, b0, b1, rain, use = amounts
    causes = [
        change("a", "water", "surface", "outflow", "natural reduction", flow, "万m3"),
        change("b", "water", "surface", "inflow", "natural addition", flow, "万m3"),
        change("a", "water", "surface", "precipitation", "natural addition", rain, "万m3"),
        change("b", "water", "surface", "abstraction", "human reduction", use, "万m3"),
    ]
    found = assess(
        ground(
            tmp_path, REGIONS_OF_P, stocks=[*water("a", a0, a1), *water("b", b0, b1)], causes=causes
        )
    )
    table = found.tables["balance.csv"]
    own = table[((table["region"] == "p") & (table["class"] == "surface")).to_numpy()]
    got = dict(zip(own["item"] + " " + own["cause"], own["value"], strict=True))
    size = 1 + sum(amounts) + flow
    assert got["opening "] == pytest.approx(a0 + b0, abs=1e-9 * size)
    assert got["closing "] == pytest.approx(a1 + b1, abs=1e-9 * size)
    assert got["additions "] == pytest.approx(
        rain, abs=1e-9 * size
    )  # what a sends to b is no addition of p
    assert got["addition_natural inflow"] == pytest.approx(0, abs=1e-9 * size)
    assert got["statistical_error "] == pytest.approx(
        a1 + b1 - a0 - b0 - rain + use, abs=1e-8 * size
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_the_sheet_of_a_parent_keeps_the_causes_of_its_parts(tmp_path: Path, name: str) -> None:
    """a sends 30 of its 70 to b; b sends 90 out; people bring 25 in and take 4 out."""
    causes = [
        change("a", "water", "surface", "precipitation", "natural addition", 80, "万m3"),
        change("a", "water", "surface", "outflow", "natural reduction", 70, "万m3"),
        change("b", "water", "surface", "inflow", "natural addition", 30, "万m3"),
        change("b", "water", "surface", "outflow", "natural reduction", 90, "万m3"),
        change("a", "water", "surface", "transfer_in", "human addition", 25, "万m3"),
        change("b", "water", "surface", "transfer_out", "human reduction", 4, "万m3"),
        change("b", "water", "surface", "abstraction", "human reduction", 11, "万m3"),
    ]
    stocks = [*water("a", 100, 135), *water("b", 200, 125)]
    context = ground(tmp_path, REGIONS_OF_P, stocks=stocks, causes=causes)
    found = assess(context, scheme(name))
    table = found.tables["balance.csv"]
    own = table[((table["region"] == "p") & (table["class"] == "surface")).to_numpy()]
    got = dict(zip(own["item"] + " " + own["cause"], own["value"], strict=True))
    assert got == {
        "opening ": 300,
        "closing ": 260,
        "addition_natural precipitation": 80,
        "reduction_natural outflow": 70 + 90 - 30,
        "addition_human transfer_in": 25 - 4,
        "reduction_human abstraction": 11,
        "additions ": 80 + 21,
        "reductions ": 130 + 11,
        "statistical_error ": 0,
    }
    sheet = found.tables["table_water.csv"]
    of_p = sheet[(sheet.iloc[:, 0] == "p").to_numpy()]
    shown = dict(zip(of_p.iloc[:, 4], of_p["地表水 Surface water"], strict=True))
    untold = [shown[row] for row in shown if "cause not told" in row]
    assert untold
    assert pd.isna(untold).all()


def test_a_cause_of_a_class_leaves_the_other_classes_as_they_were(tmp_path: Path) -> None:
    """Of 20 more forest 5 were planted; grassland lost 7, of which nobody says why."""
    stocks = [
        stock("a", 2015, "land", "forest", 100, "ha"),
        stock("a", 2016, "land", "forest", 120, "ha"),
        stock("a", 2015, "land", "grassland", 50, "ha"),
        stock("a", 2016, "land", "grassland", 43, "ha"),
    ]
    planted = change("a", "land", "forest", "planting", "human addition", 5, "ha")
    without = assess(ground(tmp_path / "without", stocks=stocks))
    found = assess(ground(tmp_path / "with", stocks=stocks, causes=[planted]))
    forest = {"class": "forest"}
    assert value(found, "addition_human", **forest) == 5
    assert value(found, "statistical_error", **forest) == 15
    columns = ["item", "cause", "value"]
    grass = []
    for result in (without, found):
        table = result.tables["balance.csv"]
        rows = table[(table["class"] == "grassland").to_numpy()]
        grass.append(rows[columns].to_records(index=False).tolist())
    assert grass[0] == grass[1]
    assert ("reduction_net", "net", 7) in grass[1]
    assert value(found, "statistical_error", **{"class": "total"}) == 15


def test_a_parent_that_lacks_a_region_has_no_sum(tmp_path: Path) -> None:
    found = assess(ground(tmp_path, REGIONS_OF_P, stocks=water("a", 10, 12)))
    assert set(found.tables["balance.csv"]["region"]) == {"a"}
    assert [one.code for one in found.warnings] == ["region-left-out"]


# --- money ---------------------------------------------------------------------------------------------------------


def at(name: str, folder: Path, changes_at: str) -> Scheme:
    return scheme(name, folder, ("[sources.", f'changes_at = "{changes_at}"\n[sources.'), )  # fmt: skip


@pytest.mark.parametrize("changes_at", ["mean", "opening", "closing"])
def test_i8_money_by_hand(tmp_path: Path, changes_at: str) -> None:
    """100 m3 at 5 become 130 at 7: 40 grow, 6 are felled, 4 are not accounted for."""
    stocks = [
        stock("a", 2015, "timber", "natural", 100, "m3"),
        stock("a", 2016, "timber", "natural", 130, "m3"),
    ]
    causes = [
        change("a", "timber", "natural", "growth", "natural addition", 40, "m3"),
        change("a", "timber", "natural", "felling", "human reduction", 6, "m3"),
    ]
    prices = [
        price(2015, "timber", "natural", 5, "万元/m3"),
        price(2016, "timber", "natural", 7, "万元/m3"),
    ]
    found = assess(
        ground(tmp_path, stocks=stocks, causes=causes, stock_prices=prices),
        at(SHIPPED[0], tmp_path, changes_at),
    )
    change_price = {"mean": 6, "opening": 5, "closing": 7}[changes_at]
    revaluation = {"mean": 2 * 115, "opening": 2 * 130, "closing": 2 * 100}[changes_at]
    keys = {"class": "natural"}
    assert value(found, "value_opening", **keys) == 500
    assert value(found, "value_closing", **keys) == 910
    assert value(found, "value_addition_natural", cause="growth", **keys) == 40 * change_price
    assert value(found, "value_reductions", **keys) == 6 * change_price
    assert value(found, "value_statistical_error", **keys) == pytest.approx(-4 * change_price)
    assert value(found, "value_revaluation", **keys) == revaluation
    assert value(found, "check_I8", **keys) == 0


@QUICK
@given(
    amounts=st.lists(AMOUNT, min_size=6, max_size=6),
    levels=st.lists(st.floats(0.01, 1e4), min_size=4, max_size=4),
    changes_at=st.sampled_from(["mean", "opening", "closing"]),
)
def test_i8_holds_and_parents_are_sums_in_money_too(
    tmp_path: Path, amounts: list[float], levels: list[float], changes_at: str
) -> None:
    a0, a1, b0, b1, rain, use = amounts
    causes = [
        change("a", "water", "surface", "precipitation", "natural addition", rain, "万m3"),
        change("b", "water", "surface", "abstraction", "human reduction", use, "万m3"),
    ]
    prices = [
        price(year, "water", "surface", one, "元/m3", region)
        for (year, region), one in zip(
            [(y, r) for y in (2015, 2016) for r in "ab"], levels, strict=True
        )
    ]
    stocks = [*water("a", a0, a1), *water("b", b0, b1)]
    found = assess(
        ground(tmp_path, REGIONS_OF_P, stocks=stocks, causes=causes, stock_prices=prices),
        at(SHIPPED[1], tmp_path, changes_at),
    )
    wide = equation(found, "value_")
    size = 1 + wide.abs().max().max()
    left = (
        wide["opening"]
        + wide["additions"]
        - wide["reductions"]
        + wide["revaluation"]
        + wide["statistical_error"]
    )
    assert (left - wide["closing"]).abs().max() <= 1e-8 * size
    table = found.tables["balance.csv"]
    assert table.loc[(table["item"] == "check_I8").to_numpy(), "value"].abs().max() <= 1e-8 * size
    region = wide.xs("surface", level="class").droplevel([1, 2, 3])
    assert (region.loc["p"] - region.loc["a"] - region.loc["b"]).abs().max() <= 1e-8 * size


def test_what_has_no_price_has_no_money_and_is_told(tmp_path: Path) -> None:
    stocks = [
        *water("a", 1, 2),
        *(stock("a", year, "water", "ground", 3, "万m3") for year in (2015, 2016)),
    ]
    prices = [price(year, "water", "surface", 2, "元/m3") for year in (2015, 2016)]
    found = assess(ground(tmp_path, stocks=stocks, stock_prices=prices))
    assert not found.tables["balance.csv"]["item"].str.startswith("value_").any()
    assert [one.code for one in found.warnings] == ["stock-price-missing"]


# --- areas of accounts ---------------------------------------------------------------------------------------------


def accounts(folder: Path) -> gep.Comparison:
    """Region a turns 40 ha of wood into paddy, and 5 ha of paddy into bush."""
    later = [
        area("a", "wood", 360, year=2021),
        area("a", "paddy", 135, year=2021),
        area("a", "bush", 5, year=2021),
    ]
    rest = [{**one, "year": 2021} for one in AREAS if one["region"] == "b"]
    data = [{**one, "year": year} for year in (2020, 2021) for one in DATA]
    small = Small(areas=[*AREAS, *later, *rest], data=data, regions=REGIONS)
    return Years(small, years=(2020, 2021), price_year=2020).compared(folder)


def of_accounts(folder: Path, found: gep.Comparison, **more: Any) -> AssessmentContext:
    codes = tuple(map(str, found.regions))
    given: dict[str, Any] = {
        "years": (2020, 2021),
        "regions": codes,
        "comparisons": {"project": found},
    }
    return AssessmentContext(**(given | {"readings": EMPTY} | more))


def test_area_tables_of_two_years_give_net_changes(tmp_path: Path) -> None:
    found = assess(of_accounts(tmp_path, accounts(tmp_path / "account")))
    forest = {"region": "a", "class": "forest"}
    assert value(found, "opening", **forest) == pytest.approx(
        300
    )  # three quarters of 400 ha of wood
    assert value(found, "reduction_net", **forest) == pytest.approx(30)
    assert value(found, "reduction_net", region="a", **{"class": "shrub"}) == pytest.approx(
        100 - 95
    )
    assert value(found, "closing", region="top", **{"class": "field"}) == pytest.approx(135)
    assert value(found, "opening", region="b", **{"class": "na"}) == pytest.approx(
        3
    )  # roads are in no type
    wide = equation(found)
    assert (wide["statistical_error"].abs() <= 1e-9 * wide["opening"].abs().max()).all()
    assert any("净增减" in line.say("zh") for line in found.caption)
    assert "matrix_land.csv" not in found.tables


def test_transitions_give_gross_changes_and_the_matrix(tmp_path: Path) -> None:
    moves = [("wood", "paddy", 40), ("paddy", "bush", 5)]
    rows = [
        {
            "region": "a",
            "from": 2020,
            "to": 2021,
            "from_class": one,
            "to_class": other,
            "area": size,
            "unit": "ha",
        }
        for one, other, size in moves
    ]
    transitions = read_transitions(write_table(tmp_path / "transitions.csv", rows))
    own = of_accounts(tmp_path, accounts(tmp_path / "account"), transitions=transitions)
    found = assess(own, scheme("asset-account-seea-cf"))
    shrub = {"region": "a", "class": "shrub"}
    assert value(found, "addition_reclassification", cause="from:field", **shrub) == pytest.approx(
        5
    )
    assert value(found, "reduction_reclassification", cause="to:field", **shrub) == pytest.approx(
        10
    )
    assert value(found, "statistical_error", **shrub) == pytest.approx(0, abs=1e-9)
    assert value(found, "check_I4", region="a", **{"class": "total"}) == 0
    matrix = found.tables["matrix_land.csv"]
    own_rows = matrix[(matrix["地区 Region"] == "a").to_numpy()].set_index("期初类型 From class")
    assert own_rows.loc["森林 Forest", "农田 Field"] == pytest.approx(30)
    assert own_rows.loc["森林 Forest", "期初 Opening"] == pytest.approx(300)
    assert own_rows.loc["期末 Closing", "农田 Field"] == pytest.approx(135)
    assert set(matrix["地区 Region"]) == {
        "a"
    }  # of b, and so of both together, no transitions are known


def test_stocks_of_a_region_come_before_its_areas(tmp_path: Path) -> None:
    rows = [stock("a", year, "land", "forest", one, "ha") for year, one in ((2020, 7), (2021, 8))]
    stocks = read_stocks(write_table(tmp_path / "stocks.csv", rows))
    found = assess(of_accounts(tmp_path, accounts(tmp_path / "account"), stocks=stocks))
    assert value(found, "closing", region="a", **{"class": "forest"}) == 8
    assert value(found, "opening", region="b", **{"class": "shrub"}) > 0


# --- layouts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_every_change_stands_in_one_row_of_the_layout(tmp_path: Path, name: str) -> None:
    causes = [
        change("a", "timber", "natural", "growth", "natural addition", 40, "m3"),
        change("a", "timber", "natural", "upward_reappraisal", "natural addition", 3, "m3"),
        change("a", "timber", "natural", "felling", "human reduction", 6, "m3"),
        change("a", "timber", "natural", "disaster", "natural reduction", 2, "m3"),
        change("a", "timber", "natural", "survey", "reclassification reduction", 1, "m3"),
    ]
    stocks = [
        stock("a", 2015, "timber", "natural", 100, "m3"),
        stock("a", 2016, "timber", "natural", 130, "m3"),
    ]
    by = scheme(name)
    table = assess(ground(tmp_path, stocks=stocks, causes=causes), by).tables["table_timber.csv"]
    assert isinstance(by.spec, BalanceSpec)
    column = dict(
        zip(
            [one.id for one in by.spec.row if one.item != "revaluation"],
            table["合计 Total"],
            strict=True,
        )
    )
    kinds: Mapping[str, list[str]] = {
        kind: [one.id for one in by.spec.row if one.item == kind]
        for kind in ("addition", "reduction")
    }
    assert sum(column[one] for one in kinds["addition"] if column[one] == column[one]) == 43
    assert sum(column[one] for one in kinds["reduction"] if column[one] == column[one]) == 9
    assert (column["opening"], column["closing"], column["statistical_error"]) == (
        100,
        130,
        pytest.approx(-4),
    )
    if name == "asset-account-seea-cf":
        assert (column["growth"], column["upward_reappraisal"], column["catastrophic_loss"]) == (
            40,
            3,
            2,
        )
        assert column["net_change"] == 34
    else:
        assert (
            column["addition_natural"],
            column["reduction_human"],
            column["reduction_natural"],
        ) == (43, 6, 2)
    assert table.columns.tolist()[-2:] == ["天然林 Natural forest", "合计 Total"]


def test_a_line_is_taken_apart_down_to_file_rows(tmp_path: Path) -> None:
    causes = [change("a", "water", "surface", "precipitation", "natural addition", 3, "万m3")]
    found = assess(ground(tmp_path, stocks=water("a", 10, 12), causes=causes))
    lines = found.explain("a", 2016, "water.surface", "zh")
    assert any("stocks.csv 第 2 行" in line for line in lines)
    assert any("precipitation" in line and "causes.csv 第 2 行" in line for line in lines)
    lines_en = found.explain("a", 2016, "water.surface", "en")
    assert any("stocks.csv row 2 " in line for line in lines_en)
    assert lines[-1] == "  10 + 3 - 0 + 统计误差 -1 = 12"
    assert found.explain("a", 2015, "water.surface", "zh") == []
    assert found.tables["balance.csv"].columns.tolist() == COLUMNS


# --- broken --------------------------------------------------------------------------------------------------------

OK = water("a", 10, 12)
BROKEN_STOCKS: dict[str, list[Row]] = {
    "missing-stock": [*OK, stock("a", 2015, "water", "ground", 3, "万m3")],
    "wrong-dimension": [*OK[:1], {**OK[1], "unit": "t"}],
    "balance-class": [{**one, "class": "total"} for one in OK],
}


@pytest.mark.parametrize("code", BROKEN_STOCKS)
def test_broken_stocks(tmp_path: Path, code: str) -> None:
    assert codes(ground(tmp_path, stocks=BROKEN_STOCKS[code])) == {code}


def test_one_year_no_stock_and_a_resource_of_another_scheme(tmp_path: Path) -> None:
    assert codes(ground(tmp_path, stocks=OK[:1])) == {"missing-stock"}
    assert codes(ground(tmp_path)) == {"missing-stock"}
    problems = ProblemLog()
    by, own = scheme(), ground(tmp_path, stocks=[*OK, *({**one, "resource": "gold"} for one in OK)])
    by.kind.check_inputs(by, own, problems)
    assert not problems.errors
    assert [one.code for one in problems.warnings] == ["unused-data"]


def test_regions_causes_and_prices_must_fit(tmp_path: Path) -> None:
    assert codes(ground(tmp_path, REGIONS_OF_P, stocks=[*OK, *water("x", 1, 2)])) == {
        "unknown-region"
    }
    lost = [change("a", "water", "ground", "rain", "natural addition", 1, "万m3")]
    assert codes(ground(tmp_path, stocks=OK, causes=lost)) == {"missing-stock"}
    late = [change("a", "water", "surface", "rain", "natural addition", 1, "万m3", to=2017)]
    assert codes(ground(tmp_path, stocks=OK, causes=late)) == {"missing-stock"}
    prices = [price(year, "water", "surface", 2, "元/t") for year in (2015, 2016)]
    assert codes(ground(tmp_path, stocks=OK, stock_prices=prices)) == {"wrong-dimension"}


BROKEN_TABLES = {
    "unknown-option": (
        "causes",
        change("a", "water", "surface", "rain", "divine addition", 1, "万m3"),
    ),
    "bad-year": (
        "causes",
        change("a", "water", "surface", "rain", "natural addition", 1, "万m3", to=2014),
    ),
    "negative": ("stocks", {**OK[0], "stock": -1}),
    "not-a-number": ("stocks", {**OK[0], "stock": "many"}),
    "blank": ("stocks", {**OK[0], "source": ""}),
    "unknown-unit": ("stock_prices", price(2015, "water", "surface", 2, "shells")),
    "unknown-grade": ("stocks", {**OK[0], "grade": "good"}),
}


@pytest.mark.parametrize("code", BROKEN_TABLES)
def test_broken_tables(tmp_path: Path, code: str) -> None:
    name, one = BROKEN_TABLES[code]
    with pytest.raises(ProblemsFound) as caught:
        READERS[name](write_table(tmp_path / "table.csv", [one]))
    assert {problem.code for problem in caught.value.problems} == {code}


def test_a_stock_or_cause_stands_once(tmp_path: Path) -> None:
    move = change("a", "water", "surface", "rain", "natural addition", 1, "万m3")
    for name, one in (
        ("stocks", OK[0]),
        ("causes", move),
        ("stock_prices", price(2015, "water", "surface", 2, "元/m3")),
    ):
        with pytest.raises(ProblemsFound) as caught:
            READERS[name](write_table(tmp_path / "table.csv", [one, one]))
        assert {problem.code for problem in caught.value.problems} == {"duplicate-row"}


def test_words_of_nature_and_direction_may_be_chinese(tmp_path: Path) -> None:
    one = change("a", "water", "surface", "降水", "自然 增加", 1, "万m3")
    found = read_causes(write_table(tmp_path / "causes.csv", [one])).rows.iloc[0]
    assert (found["nature"], found["direction"]) == ("natural", "addition")


BROKEN_SCHEMES = {
    "unknown-resource": ('resource = "land", class', 'resource = "lnd", class'),
    "duplicate-id": ('id = "timber"', 'id = "forest_area"'),
    "unknown-unit": ('unit = "m3"', 'unit = "shells"'),
    "wrong-dimension": ('density_unit = "m3 ha-1"', 'density_unit = "m3 t-1"'),
    "balance-row": ('item = "statistical_error"', 'item = "closing"'),
    "toml-value": ('item = "opening"', 'item = "start"'),
    "unknown-key": ("whole = true", "hole = true"),
}


@pytest.mark.parametrize("code", BROKEN_SCHEMES)
def test_broken_schemes(tmp_path: Path, code: str) -> None:
    with pytest.raises(ProblemsFound) as caught:
        scheme(SHIPPED[0], tmp_path, BROKEN_SCHEMES[code])
    assert code in {problem.code for problem in caught.value.problems}


WRONG_UNITS = {
    "resource.land": (
        'unit = "ha"\nareas = true',
        'unit = "t"\nareas = true',
        "Land (land) takes areas, but its unit is t",
    ),
    "resource.cropland_quality": (
        'unit = "ha"\nof = ',
        'unit = "t"\nof = ',
        "Quality of cropland (cropland_quality) in t cannot sum to Land (land) in ha",
    ),
    "money": ("[sources.", 'money = "t"\n[sources.', "the unit 't' is not money"),
}


@pytest.mark.parametrize("key", WRONG_UNITS)
def test_units_of_a_scheme_that_do_not_fit_are_named(tmp_path: Path, key: str) -> None:
    old, new, message = WRONG_UNITS[key]
    with pytest.raises(ProblemsFound) as caught:
        scheme(SHIPPED[0], tmp_path, (old, new))
    assert {problem.code for problem in caught.value.problems} == {"wrong-dimension"}
    by_place = {problem.where: problem.say_what("en") for problem in caught.value.problems}
    assert by_place[f"own.toml {key}"] == message


def test_a_change_needs_a_row_to_stand_in(tmp_path: Path) -> None:
    old = 'id = "addition_other"\nname = { zh = "未区分原因", en = "cause not told" }\nitem = "addition"\n'
    with pytest.raises(ProblemsFound) as caught:
        scheme(SHIPPED[0], tmp_path, (old, old + 'natures = ["human"]\n'))
    assert [problem.code for problem in caught.value.problems] == ["balance-row"]
    assert "addition net" in caught.value.problems[0].what
