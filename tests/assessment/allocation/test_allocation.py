"""Compensation: a hand calculation, every fen allotted whatever the pool, and what is wrong in inputs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.small import Row, datum, write_table

import gep
from gep.assessment.allocation.shares import (
    Infeasible,
    allot,
    allot_within,
    part_of,
    proportional_shares,
)
from gep.assessment.allocation.tables import ALLOCATION_COLUMNS
from gep.assessment.context import AssessmentContext
from gep.assessment.events import load_events
from gep.assessment.kinds import load_scheme, read_scheme
from gep.assessment.pools import fen, read_pools, yuan
from gep.assessment.scheme import Assessment
from gep.errors import Problem, ProblemLog
from gep.inputs.data import EMPTY, read_data

SCHEMES = Path(gep.__file__).parent / "assessment" / "schemes"
SOME = settings(max_examples=150, deadline=None, derandomize=True, database=None)
FACTORS = (
    "score_water_sections",
    "score_water_treatment",
    "score_forest",
    "score_water_management",
)
OWN = """
id = "own"
title = "own"
kind = "allocation"
source = "me"
evidence = "published"
legal = "research"
pool = "basin"
sources = { me = { title = "own" } }
"""


@dataclass(frozen=True)
class Case:
    """A scheme with rows of readings, pools and events."""

    scheme: str = "compensation-jiangxi-2016"
    text: str = ""  # a scheme of one's own, in the place of one that ships
    readings: Sequence[Row] = ()
    pools: Sequence[Row] = ()
    events: Sequence[Row] = ()
    years: tuple[int, ...] = (2016,)
    regions: tuple[str, ...] = ("a", "b")
    more: Mapping[str, Any] = field(default_factory=dict)

    def path(self, folder: Path) -> Path:
        """The scheme's file."""
        if not self.text:
            return SCHEMES / f"{self.scheme}.toml"
        (folder / "own.toml").write_text(self.text, encoding="utf-8")
        return folder / "own.toml"

    def ground(self, folder: Path) -> AssessmentContext:
        """The tables read."""
        readings = (
            read_data(write_table(folder / "readings.csv", self.readings))
            if self.readings
            else EMPTY
        )
        pools = read_pools(write_table(folder / "pools.csv", self.pools)) if self.pools else None
        found = AssessmentContext(self.years, self.regions, {}, readings, pools=pools)
        if not self.events:
            return found
        problems = ProblemLog()
        events = load_events(write_table(folder / "events.csv", self.events), problems)
        problems.raise_errors()
        return replace(found, events=events)

    def assessed(self, folder: Path) -> Assessment:
        """The tables; raises ``gep.ProblemsFound``."""
        scheme, ground, problems = read_scheme(self.path(folder)), self.ground(folder), ProblemLog()
        scheme.kind.check_inputs(scheme, ground, problems)
        problems.raise_errors()
        return scheme.kind.assess(scheme, ground)

    def found_problems(self, folder: Path) -> list[Problem]:
        """Everything that is wrong."""
        problems = ProblemLog()
        try:
            scheme = load_scheme(str(self.path(folder)), None, "scheme", problems)
            if scheme is not None and not problems.errors:
                scheme.kind.check_inputs(scheme, self.ground(folder), problems)
        except gep.ProblemsFound as error:
            return list(error.problems)
        return [*problems.errors, *problems.warnings]

    def codes(self, folder: Path) -> set[str]:
        """The codes of everything that is wrong."""
        return {problem.code for problem in self.found_problems(folder)}


def scored(
    values: Mapping[str, Sequence[Any]], year: int = 2016, names: Sequence[str] = FACTORS
) -> list[Row]:
    """Factor scores: region -> one number a factor."""
    return [
        datum(region, name, value, "1", year=year)
        for region, own in values.items()
        for name, value in zip(names, own, strict=True)
    ]


def pool(amount: object, year: int = 2016, unit: str = "CNY", name: str = "jiangxi-basin") -> Row:
    return {"year": year, "pool": name, "amount": amount, "unit": unit, "source": "made up"}


def event(region: str, year: int = 2016, name: str = "major_pollution_or_damage") -> Row:
    return {
        "region": region,
        "year": year,
        "event": name,
        "document": "made up",
        "date": f"{year}-06-01",
    }


TWO = scored({"a": (1, 1, 3, 0), "b": (3, 1, 1, 2)})
BASE = Case(readings=TWO, pools=[pool("1000.00")])


def amounts(found: Assessment, column: str = "amount") -> dict[tuple[str, int], Decimal]:
    table = found.tables["allocation.csv"]
    return {(row["region"], row["year"]): row[column] for row in table.to_dict("records")}


def test_a_hand_calculation_with_the_weights_of_2016(tmp_path: Path) -> None:
    # a: 50 x 1/4 + 20 x 1/2 + 20 x 3/4 + 10 x 0/2 = 37.5; b: 50 x 3/4 + 10 + 5 + 10 = 62.5
    found = BASE.assessed(tmp_path)
    table = found.tables["allocation.csv"]
    assert list(table.columns) == ALLOCATION_COLUMNS
    assert table["score"].tolist() == [37.5, 62.5]
    assert table["coefficient"].tolist() == [1.0, 1.0]
    assert amounts(found) == {("a", 2016): Decimal("375.00"), ("b", 2016): Decimal("625.00")}
    assert all(isinstance(one, Decimal) for one in table["amount"])
    assert set(table["unit"]) == {"CNY"}


def test_an_event_takes_a_share_that_joins_the_next_pool(tmp_path: Path) -> None:
    rows = [
        *TWO,
        datum("b", "deduction_rate", 0.4, "1", year=2016),
        *scored({"a": (1,) * 4, "b": (1,) * 4}, 2017),
    ]
    pools = [pool("1000.00"), pool("0.1", 2017, "10^4 CNY")]
    found = replace(
        BASE, readings=rows, pools=pools, events=[event("b")], years=(2016, 2017)
    ).assessed(tmp_path)
    # 625 x 0.4 = 250 is taken; 2017: 1000 + 250, shared in half
    assert amounts(found) == {
        ("a", 2016): Decimal("375.00"), ("b", 2016): Decimal("375.00"),
        ("a", 2017): Decimal("625.00"), ("b", 2017): Decimal("625.00"),
    }  # fmt: skip
    assert (
        amounts(found, "carried_forward")["b", 2016]
        == amounts(found, "deduction")["b", 2016]
        == Decimal("250.00")
    )
    pooled = found.tables["allocation_pools.csv"].set_index("year")
    assert pooled.loc[2017, "carried_in"] == Decimal("250.00")
    assert pooled.loc[2017, "available"] == Decimal("1250.00")
    assert set(pooled["difference"]) == {Decimal("0.00")}


def test_of_two_events_the_larger_rate_counts_once(tmp_path: Path) -> None:
    text = OWN + (
        'method = "factors"\n[[factor]]\nid = "f"\nname = "f"\nweight = 100\nreading = { data = "f" }\n'
        'grade = "expert"\n'
        '[[event]]\nid = "one"\nname = "one"\nrate = 0.3\nlow = 0.3\nhigh = 0.5\n'
        '[[event]]\nid = "other"\nname = "other"\nrate = 0.5\nlow = 0.3\nhigh = 0.5\n'
    )
    case = Case(
        text=text, readings=scored({"a": (1,), "b": (1,)}, names=["f"]), pools=[pool(200, name="basin")],
        events=[event("a", name="one"), event("a", name="other")],
    )  # fmt: skip
    assert amounts(case.assessed(tmp_path), "deduction")["a", 2016] == Decimal("50.00")


def test_coefficients_floors_and_caps(tmp_path: Path) -> None:
    text = OWN + (
        'method = "factors"\ncoefficient = { data = "k" }\nfloor = { amount = "100", unit = "CNY" }\n'
        'cap = { data = "most", unit = "10^4 CNY" }\n'
        '[[factor]]\nid = "f"\nname = "f"\nweight = 100\nreading = { data = "f" }\ngrade = "expert"\n'
    )
    rows = [
        *scored({"a": (0, 1), "b": (4, 1), "c": (3, 1), "d": (1, 3)}, names=["f", "k"]),
        datum("b", "most", 0.03, "10^4 CNY", year=2016),
    ]
    case = Case(
        text=text, readings=rows, pools=[pool(1000, name="basin")], regions=("a", "b", "c", "d")
    )
    # weights 0, 4, 3, 3: a has its floor 100, b its cap 300, the other 600 go half and half
    found = amounts(case.assessed(tmp_path))
    assert [found[one, 2016] for one in "abcd"] == [
        Decimal(one) for one in ("100", "300", "300", "300")
    ]


def test_a_region_without_any_score_takes_no_part(tmp_path: Path) -> None:
    found = replace(BASE, regions=("a", "b", "c")).assessed(tmp_path)
    assert set(found.tables["allocation.csv"]["region"]) == {"a", "b"}
    assert found.tables["allocation_pools.csv"]["regions"].tolist() == [2]


HORIZONTAL = Case(
    scheme="compensation-horizontal",
    readings=[
        *(
            datum(region, "indicators_met", met, "1", year=2016)
            for region, met in (("a", 20), ("b", 8), ("c", 28))
        ),
        datum("b", "deducted_money", 20, "10^4 CNY", year=2016),
    ],
    regions=("a", "b", "c"),
)


def test_the_horizontal_pool_is_shared_by_indicators_met(tmp_path: Path) -> None:
    # b loses 20 of its 100; 20 are shared 20:8:28 over 56, in yuan 71428.571..., 28571.428..., 100000
    found = HORIZONTAL.assessed(tmp_path)
    assert amounts(found) == {
        ("a", 2016): Decimal("1071428.57"), ("b", 2016): Decimal("828571.43"), ("c", 2016): Decimal("1100000.00"),
    }  # fmt: skip
    assert sum(amounts(found).values()) == Decimal("3000000.00")


def test_an_event_takes_the_contribution_and_bars_the_award(tmp_path: Path) -> None:
    found = replace(HORIZONTAL, events=[event("c", name="major_water_pollution")]).assessed(
        tmp_path
    )
    # c loses its 100; 120 are shared 20:8
    got = amounts(found)
    assert got["c", 2016] == Decimal("0.00")
    assert got["a", 2016] == Decimal("1857142.86")  # 100 + 120 x 20/28
    assert sum(got.values()) == Decimal("3000000.00")


def test_what_nobody_may_be_given_is_carried_forward(tmp_path: Path) -> None:
    struck = [event(one, name="major_water_pollution") for one in "abc"]
    rows = [*HORIZONTAL.readings, *({**row, "year": 2017} for row in HORIZONTAL.readings)]
    found = replace(HORIZONTAL, readings=rows, events=struck, years=(2016, 2017)).assessed(tmp_path)
    pooled = found.tables["allocation_pools.csv"].set_index("year")
    assert (
        pooled.loc[2016, "carried_forward"]
        == pooled.loc[2017, "carried_in"]
        == Decimal("3000000.00")
    )
    assert pooled.loc[2017, "allotted"] == Decimal("6000000.00")
    assert set(pooled["difference"]) == {Decimal("0.00")}


def test_the_working_takes_an_amount_apart(tmp_path: Path) -> None:
    lines = "\n".join(BASE.assessed(tmp_path).explain("a", 2016, "amount", "zh"))
    for said in (
        "50 x 1 / 4 = 12.5",
        "20 x 3 / 4 = 15",
        "readings.csv 第 2 行",
        "375.00 元",
        "37.5",
    ):
        assert said in lines
    assert BASE.assessed(tmp_path).explain("a", 2016, "score_none", "en")
    only = BASE.assessed(tmp_path).explain("a", 2016, "forest", "en")
    assert len(only) == 1
    assert "20 x 3 / 4" in only[0]
    assert BASE.assessed(tmp_path).explain("zzz", 2016, "amount", "en") == []


def test_the_working_names_limits_events_and_rewards(tmp_path: Path) -> None:
    text = own_factors(
        more='cap = { amount = "60", unit = "CNY" }\nfloor = { amount = "10", unit = "CNY" }'
    )
    text += '[[event]]\nid = "e"\nname = { zh = "事件", en = "event" }\nrate = 0.3\n'
    case = replace(
        ONE,
        text=text,
        readings=scored({"a": (1,), "b": (3,)}, names=["f"]),
        events=[event("b", name="e")],
    )
    said = case.assessed(tmp_path).explain("b", 2016, "amount", "en")
    assert "floor: 10.00 CNY" in said
    assert "cap: 60.00 CNY, held at it" in said
    assert said[-3:] == [
        "  event (e): 30%, events.csv row 2",
        "deduction: 18.00 CNY",
        "amount: 42.00 CNY",
    ]
    said = HORIZONTAL.assessed(tmp_path).explain("b", 2016, "amount", "zh")
    assert said[:3] == ["出资：1000000.00 元", "达标指标数：8 / 56", "奖励：28571.43 元"]
    assert said[-1] == "实得：828571.43 元"


def test_recalled_weights_are_marked(tmp_path: Path) -> None:
    case = replace(ONE, text=own_factors().replace("expert", "recalled"))
    said = [line.say("en") for line in case.assessed(tmp_path).caption]
    assert "weights not held against a text (from memory): f" in said


def test_recalled_scores_are_marked(tmp_path: Path) -> None:
    rows = [{**row, "grade": "recalled"} if row["name"] == FACTORS[2] else row for row in TWO]
    case = replace(BASE, readings=rows)
    said = [line.say("en") for line in case.assessed(tmp_path).caption]
    assert "scores rest on data graded “from memory”: Forest ecological quality (forest)" in said
    said = [line.say("zh") for line in case.assessed(tmp_path).caption]
    assert "得分含“凭记忆”的数据：森林生态质量 (forest)" in said
    said = [line.say("en") for line in BASE.assessed(tmp_path).caption]
    assert not any("from memory" in line for line in said)


# --- every fen -----------------------------------------------------------------------------------------------------


@st.composite
def limited(draw: st.DrawFn) -> tuple[int, list[Fraction], list[int], list[int | None], list[str]]:
    """A pool in fen with weights, floors and caps that it can meet, and names."""
    count = draw(st.integers(1, 12))
    weights = draw(st.lists(st.integers(0, 1000), min_size=count, max_size=count))
    floors = draw(st.lists(st.integers(0, 500), min_size=count, max_size=count))
    above = draw(st.lists(st.none() | st.integers(0, 900), min_size=count, max_size=count))
    caps = [
        None if more is None else floor + more for floor, more in zip(floors, above, strict=True)
    ]
    most = [
        floor if not weight else (10**9 if cap is None else cap)
        for floor, weight, cap in zip(floors, weights, caps, strict=True)
    ]
    total = draw(st.integers(sum(floors), sum(most)))
    return (
        total,
        [Fraction(one, 7) for one in weights],
        floors,
        caps,
        [f"{one:06}" for one in range(count)],
    )


@SOME
@given(limited())
def test_every_fen_is_allotted_within_floors_and_caps(case: Any) -> None:
    total, weights, floors, caps, names = case
    shares = allot_within(total, weights, floors, caps, names=names)
    assert sum(shares) == total
    for share, floor, cap in zip(shares, floors, caps, strict=True):
        assert floor <= share
        assert cap is None or share <= cap


@SOME
@given(limited())
def test_the_shares_are_one_level_of_the_weights_cut_at_the_limits(case: Any) -> None:
    total, weights, floors, caps, _ = case
    shares = proportional_shares(total, weights, floors, caps)
    assert sum(shares) == total
    free = [
        (share / weight)
        for share, weight, floor, cap in zip(shares, weights, floors, caps, strict=True)
        if weight and share != floor and share != cap
    ]
    assert len(set(free)) <= 1  # whoever is not held gets the same for a unit of weight
    for level in free[:1]:
        for share, weight, floor, cap in zip(shares, weights, floors, caps, strict=True):
            if weight and share == floor and share != cap:
                assert level * weight <= share
            if weight and share == cap and share != floor:
                assert level * weight >= share


@SOME
@given(
    st.integers(0, 10**12),
    st.lists(st.floats(0, 1e6).map(lambda one: Fraction(repr(one))), min_size=1, max_size=40),
)
def test_no_share_is_a_fen_or_more_from_its_due(total: int, weights: list[Fraction]) -> None:
    names = [f"{one:06}" for one in range(len(weights))]
    if not any(weights):
        if total:
            with pytest.raises(Infeasible):
                allot(total, weights, names)
        return
    shares = allot(total, weights, names)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1


def test_ties_go_to_the_code_that_sorts_first() -> None:
    assert allot(100, [Fraction(1)] * 3, ["c", "a", "b"]) == [33, 34, 33]
    assert allot(101, [Fraction(1)] * 3, ["c", "a", "b"]) == [33, 34, 34]


SCORES = st.lists(st.decimals(0, 100, places=2), min_size=4, max_size=4)


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(
    st.lists(
        st.tuples(SCORES, SCORES, st.none() | st.decimals("0.30", "0.50", places=3)),
        min_size=1,
        max_size=6,
    ),
    st.tuples(st.decimals(0, 10**7, places=2), st.decimals(0, 10**7, places=2)),
)
def test_the_pool_is_what_is_allotted_and_carried_forward(
    tmp_path_factory: Any, regions: Any, money: Any
) -> None:
    folder = tmp_path_factory.mktemp("pool")
    codes = tuple(f"{one:03}x" for one in range(len(regions)))
    rows = [
        datum("zz", name, 1, "1", year=year) for name in FACTORS for year in (2016, 2017)
    ]  # no factor is all 0
    events = []
    for code, (first, second, rate) in zip(codes, regions, strict=True):
        rows += scored({code: first}) + scored({code: second}, 2017)
        if rate is not None:
            rows.append(datum(code, "deduction_rate", rate, "1", year=2016))
            events.append(event(code))
    pools = [pool(money[0]), pool(money[1], 2017)]
    case = Case(
        readings=rows, pools=pools, events=events, years=(2016, 2017), regions=(*codes, "zz")
    )
    table = case.assessed(folder).tables["allocation.csv"]
    carried = Decimal(0)
    for year, amount in zip((2016, 2017), money, strict=True):
        own = table[(table["year"] == year).to_numpy()]
        assert own["amount"].sum() + own["carried_forward"].sum() == amount + carried
        assert (own["deduction"] == own["carried_forward"]).all()
        carried = own["carried_forward"].sum()
    assert float(table["score"].sum()) == pytest.approx(200)


def test_money_in_fen() -> None:
    assert fen(Decimal("2091000000.01")) == 209100000001
    assert yuan(209100000001) == Decimal("2091000000.01")
    assert str(yuan(5)) == "0.05"
    assert part_of(1, Fraction(1, 2)) == 1  # half a fen is rounded up
    with pytest.raises(ValueError, match="fen"):
        fen(Decimal("0.001"))


def test_a_pool_is_read_to_the_fen(tmp_path: Path) -> None:
    read = read_pools(
        write_table(
            tmp_path / "pools.csv", [pool("20.91", unit="10^8 CNY"), pool("0.07", 2017, "亿元")]
        )
    )
    assert read.rows["amount"].tolist() == [Decimal("2091000000"), Decimal("7000000")]


# --- the schemes that ship -------------------------------------------------------------------------------------------


def test_the_weights_of_jiangxi_are_those_that_were_read(shared: Path) -> None:
    table = pd.read_csv(
        shared / "assessment" / "csv" / "compensation_factor_weights.csv", dtype=str
    )
    own = table[(table["province"] == "江西").to_numpy()]
    scheme: Any = read_scheme(SCHEMES / "compensation-jiangxi-2016.toml").spec
    assert [one.weight for one in scheme.factor] == own["weight_pct"].astype(float).tolist()
    water = own[(own["factor"] == "水环境质量").to_numpy()]
    assert scheme.group[0].weight == water["weight_pct"].astype(float).sum() == 70
    assert scheme.sources[scheme.source].url == own["source"].iloc[0]
    rules = pd.read_csv(shared / "assessment" / "csv" / "compensation_rules.csv", dtype=str)
    assert rules.loc[rules["scheme"] == "江西全流域 2016", "value"].item() == "30-50"
    assert (scheme.event[0].low, scheme.event[0].high) == (0.30, 0.50)


# --- what is wrong ---------------------------------------------------------------------------------------------------


def own_factors(weight: float = 100, more: str = "", reading: str = '{ data = "f" }') -> str:
    return OWN + (
        f'method = "factors"\n{more}\n[[factor]]\nid = "f"\nname = "f"\nweight = {weight}\n'
        f'reading = {reading}\ngrade = "expert"\n'
    )


ONE = Case(
    text=own_factors(),
    readings=scored({"a": (1,), "b": (1,)}, names=["f"]),
    pools=[pool(100, name="basin")],
)
PAID = datum("b", "deducted_money", 101, "10^4 CNY", year=2016)
BROKEN: dict[str, tuple[Case, str]] = {
    "weights": (replace(ONE, text=own_factors(90)), "weights-sum"),
    "group": (
        replace(ONE, text=own_factors() + 'group = "g"\n[[group]]\nid = "g"\nname = "g"\nweight = 70\n'), "weights-sum",
    ),
    "group-unknown": (replace(ONE, text=own_factors() + 'group = "g"\n'), "scheme-section"),
    "factor-twice": (
        replace(ONE, text=own_factors(50) + own_factors(50).partition("\n\n")[2]), "duplicate-id",
    ),
    "factor-unit": (replace(ONE, text=own_factors() + 'unit = "tonns"\n'), "unknown-unit"),
    "factor-source": (replace(ONE, text=own_factors() + 'source = "you"\n'), "unknown-source"),
    "cap-unit": (replace(ONE, text=own_factors(more='cap = { amount = "1", unit = "CNYs" }')), "unknown-unit"),
    "cap-per-area": (
        replace(ONE, text=own_factors(more='cap = { amount = "1", unit = "CNY mu-1" }')), "wrong-dimension",
    ),
    "cap-both": (replace(ONE, text=own_factors(more='cap = { amount = "1", data = "c", unit = "CNY" }')), "toml-value"),
    "event-both": (replace(ONE, text=own_factors() + '[[event]]\nid = "e"\nname = "e"\n'), "toml-value"),
    "event-limits": (
        replace(ONE, text=own_factors() + '[[event]]\nid = "e"\nname = "e"\nrate = 0.4\nlow = 0.5\nhigh = 0.3\n'),
        "toml-value",
    ),
    "no-factor": (replace(ONE, text=OWN + 'method = "factors"\n'), "toml-value"),
    "met-of-factors": (replace(ONE, text=own_factors(more='met = "m"')), "toml-value"),
    "paid-of-factors": (
        replace(ONE, text=own_factors(more='contribution = { amount = "1", unit = "CNY" }')), "toml-value",
    ),
    "pool-words": (replace(ONE, pools=[pool("much", name="basin")]), "not-a-number"),
    "method": (replace(ONE, text=own_factors().replace('"factors"', '"horizontal"')), "toml-value"),
    "cap-not-money": (replace(ONE, text=own_factors(more='cap = { amount = "1", unit = "t" }')), "wrong-dimension"),
    "rate": (
        replace(ONE, text=own_factors() + '[[event]]\nid = "e"\nname = "e"\nrate = 0.6\nlow = 0.3\nhigh = 0.5\n'),
        "deduction-range",
    ),
    "reading": (replace(ONE, readings=scored({"a": (1,)}, names=["g"])), "unknown-reading"),
    "no-pool": (replace(ONE, pools=()), "missing-pool"),
    "pool-name": (replace(ONE, pools=[pool(1, name="basim")]), "missing-pool"),
    "pool-of-no-year": (replace(ONE, pools=[pool(1, 2019, name="basin")]), "missing-pool"),
    "pool-year": (replace(ONE, pools=[*ONE.pools, pool(1, 2019, name="basin")]), "pool-year"),
    "pool-fen": (replace(ONE, pools=[pool("0.001", name="basin")]), "money-fen"),
    "pool-negative": (replace(ONE, pools=[pool("-1", name="basin")]), "negative"),
    "pool-unit": (replace(ONE, pools=[pool("1", unit="t", name="basin")]), "wrong-dimension"),
    "pool-twice": (replace(ONE, pools=[*ONE.pools, *ONE.pools]), "duplicate-row"),
    "pool-source": (replace(ONE, pools=[{**pool(1, name="basin"), "source": ""}]), "blank"),
    "score-negative": (replace(ONE, readings=scored({"a": (-1,), "b": (1,)}, names=["f"])), "negative"),
    "score-lacking": (replace(BASE, readings=TWO[:-1]), "missing-data"),
    "score-none": (replace(BASE, readings=scored({"a": (1,) * 4}, 2015)), "missing-data"),
    "score-all-0": (replace(ONE, readings=scored({"a": (0,), "b": (0,)}, names=["f"])), "factor-zero"),
    "rate-range": (
        replace(BASE, readings=[*TWO, datum("b", "deduction_rate", 0.2, "1", year=2016)], events=[event("b")]),
        "deduction-range",
    ),
    "rate-lacking": (
        replace(BASE, readings=[*TWO, datum("a", "deduction_rate", 0.3, "1", year=2016)], events=[event("b")]),
        "missing-data",
    ),
    "event-region": (
        replace(BASE, readings=[*TWO, datum("a", "deduction_rate", 0.3, "1", year=2016)], events=[event("x")]),
        "unknown-region",
    ),
    "floors": (replace(ONE, text=own_factors(more='floor = { amount = "51", unit = "CNY" }')), "allocation-infeasible"),
    "caps": (replace(ONE, text=own_factors(more='cap = { amount = "49.99", unit = "CNY" }')), "allocation-infeasible"),
    "floor-above-cap": (
        replace(ONE, text=own_factors(
            more='floor = { amount = "20", unit = "CNY" }\ncap = { amount = "10", unit = "CNY" }'
        )), "allocation-infeasible",
    ),
    "loses-more": (replace(HORIZONTAL, readings=[*HORIZONTAL.readings[:3], PAID]), "deduction-range"),
    "contributions": (replace(HORIZONTAL, pools=[pool("299", unit="10^4 CNY", name="horizontal")]), "pool-mismatch"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_told(name: str, tmp_path: Path) -> None:
    case, code = BROKEN[name]
    problems = case.found_problems(tmp_path)
    assert {problem.code for problem in problems} == {code}
    for problem in problems:
        english = problem.say("en")
        assert not re.search("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]", english), english
        assert re.search("[\u4e00-\u9fff]", problem.say("zh"))


WORDED = {
    "weights": (
        "own.toml factor",
        "the weights of the factors sum to 90, but total is 100",
        "各因素权重之和为 90，而 total 为 100",
    ),
    "no-factor": ("own.toml", "the method 'factors' needs factor", "分配方法 method 为“factors”，缺少 factor"),
    "met-of-factors": (
        "own.toml", "the method 'factors' has no use for met", "分配方法 method 为“factors”，不用 met",
    ),
    "event-limits": (
        "own.toml event.e", "low is 0.5, above high, which is 0.3", "扣减比例的下限 low 为 0.5，高于上限 high（0.3）",
    ),
    "cap-per-area": ("own.toml cap", "the unit 'CNY mu-1' is not money", "单位“CNY mu-1”不是货币单位"),
    "pool-name": ("own.toml pool", "the table of pools has no pool 'basin'", "资金池表中没有“basin”"),
    "rate-range": (
        "events.csv row 2",
        "the rate of Major pollution accident or ecological damage (major_pollution_or_damage) for b in 2016 is 0.2,"
        " outside the limits 0.3 to 0.5",
        "b 2016 年重大环境污染事故或生态破坏事件 (major_pollution_or_damage) 的扣减比例为 0.2，超出规定的 0.3 至 0.5",
    ),
    "score-lacking": (
        "compensation-jiangxi-2016.toml 2016",
        "Water resource management (water_management) is missing for b",
        "下列区域缺少水资源管理 (water_management)：b",
    ),
    "floors": (
        "own.toml 2016",
        "the pool cannot be shared out (amounts in CNY): the floors sum to 102.00, the pool is 100.00",
        "资金池无法按保底、封顶和得分分配（单位：CNY）：保底合计 102.00，资金池只有 100.00",
    ),
    "caps": (
        "own.toml 2016",
        "the pool cannot be shared out (amounts in CNY): of a pool of 100.00, 0.02 can go to no region, "
        "because of caps and scores of 0",
        "资金池无法按保底、封顶和得分分配（单位：CNY）：资金池为 100.00，因封顶或得分为 0，有 0.02 无区域可得",
    ),
    "loses-more": (
        "compensation-horizontal.toml 2016",
        "b loses 1010000.00 CNY (deducted_money), but it paid in 1000000.00 CNY",
        "b 的扣减（deducted_money）为 1010000.00 CNY，而出资为 1000000.00 CNY",
    ),
    "contributions": (
        "pools.csv row 2 column amount",
        "the pool 'horizontal' is 2990000.00 CNY, but 3 regions pay in 3000000.00 CNY",
        "资金池“horizontal”为 2990000.00 CNY，而 3 个区域共出资 3000000.00 CNY",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WORDED)
def test_a_problem_names_the_place_and_the_value_in_both_languages(
    name: str, tmp_path: Path
) -> None:
    place, english, chinese = WORDED[name]
    (problem,) = BROKEN[name][0].found_problems(tmp_path)
    assert problem.say_where("en") == place
    assert problem.say_what("en") == english
    assert problem.say_what("zh") == chinese


def test_nothing_is_wrong_with_the_cases_that_are_right(tmp_path: Path) -> None:
    for case in (BASE, ONE, HORIZONTAL):
        assert case.codes(tmp_path) == set()


def test_all_is_told_at_once(tmp_path: Path) -> None:
    case = replace(
        ONE, readings=scored({"a": (1,)}, names=["g"]), pools=(), events=[event("b", name="e")]
    )
    text = own_factors(more='cap = { data = "most", unit = "CNY" }')
    assert replace(case, text=text).codes(tmp_path) == {"unknown-reading", "missing-pool"}
