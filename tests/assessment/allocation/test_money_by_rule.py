"""Money by rule: hand calculations, published figures, and every fen under every rule."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from support.money import Ruled, amounts, event, pool, pooled, rows
from support.small import datum

import gep

HEAD = """
id = "own"
title = "own"
kind = "allocation"
source = "me"
evidence = "published"
legal = "research"
method = "rules"
pool = "basin"
sources = { me = { title = "made up for tests" } }
"""
OPEN = 'pool_from = "rules"\n'  # the pool is what the rules sum to


def payment(name: str, rate: str, more: str = "", unit: str = "1", money: str = "CNY") -> str:
    """A payment that reads the data of its name."""
    return (
        f'\n[[payment]]\nid = "{name}"\nname = "{name}"\nreading = {{ data = "{name}" }}\n'
        f'unit = "{unit}"\nrate = {{ amount = "{rate}", unit = "{money}" }}\ngrade = "expert"\n{more}\n'
    )


def section(name: str, money: str, upstream: str = "a", downstream: str = "b") -> str:
    """A section with a limit of 0.2 mg/L."""
    return (
        f'\n[[section]]\nid = "{name}"\nname = "{name}"\nupstream = "{upstream}"\n'
        f'downstream = "{downstream}"\nreading = {{ data = "{name}" }}\nunit = "mg/L"\nlimit = 0.2\n'
        f'grade = "expert"\n{money}\n'
    )


EVENT = '\n[[event]]\nid = "e"\nname = "e"\nrate = 0.3\n'


# --- by hand -------------------------------------------------------------------------------------


def test_points_above_a_base_with_limits_and_a_penalty(tmp_path: Path) -> None:
    """1000 yuan a point above 60, for 30 points at most; below 60 a region pays as much."""
    text = HEAD + OPEN + payment("points", "1000", "base = 60\nmost = 90")
    case = Ruled(text, rows({"a": (95,), "b": (70.5,), "c": (58,)}, ["points"]))
    result = case.assessed(tmp_path)
    assert amounts(result) == {"a": Decimal(30000), "b": Decimal(10500), "c": Decimal(-2000)}
    assert pooled(result, "amount") == Decimal(38500)
    assert pooled(result, "difference") == 0


def test_a_short_pool_is_shared_in_proportion_with_floor_and_cap(tmp_path: Path) -> None:
    # claims 100, 300, 600, the last capped at 500; of 450 the floor 80 is kept: 370 go 3 to 5
    limits = 'floor = { amount = "80", unit = "CNY" }\ncap = { amount = "500", unit = "CNY" }\n'
    text = HEAD + limits + payment("points", "10")
    readings = rows({"a": (10,), "b": (30,), "c": (60,)}, ["points"])
    result = Ruled(text, readings, [pool(450)]).assessed(tmp_path)
    assert amounts(result) == {"a": Decimal(80), "b": Decimal("138.75"), "c": Decimal("231.25")}
    lines = "\n".join(result.explain("c", 2020, "total", "en"))
    for words in (
        "60 1 (reading 60, base 0) x 10 CNY / 1 x coefficient 1 = 600.00 CNY",
        "within floor and cap: 500.00 CNY",
        "all claims 900.00 CNY",
        "from the pool: 231.25",
        "amount: 231.25 CNY",
    ):
        assert words in lines
    table = result.tables["allocation_rules.csv"]
    of_c = table[(table["region"] == "c").to_numpy()].set_index("item")["amount"]
    assert of_c.to_dict() == {
        "points": Decimal(600),
        "floor_or_cap": Decimal(-100),
        "pool": Decimal("-268.75"),
    }


@pytest.mark.parametrize(
    ("rest", "first", "second"),
    [("carry", ("100", "200"), ("100", "200")), ("share", ("200", "400"), ("200", "400"))],
)
def test_what_a_pool_has_beyond_claims_is_carried_or_shared(
    tmp_path: Path, rest: str, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    text = HEAD + f'rest = "{rest}"\n' + payment("points", "10")
    readings = [
        *rows({"a": (10,), "b": (20,)}, ["points"]),
        *rows({"a": (10,), "b": (20,)}, ["points"], year=2021),
    ]
    case = Ruled(text, readings, [pool(600), pool(600, 2021)], years=(2020, 2021))
    result = case.assessed(tmp_path)
    assert list(amounts(result).values()) == [Decimal(amount) for amount in first]
    assert list(amounts(result, year=2021).values()) == [Decimal(amount) for amount in second]
    carried = Decimal(300) if rest == "carry" else Decimal(0)
    assert pooled(result, "carried_forward") == pooled(result, "carried_in", 2021) == carried
    assert pooled(result, "carried_forward", 2021) == 2 * carried


def test_sections_move_money_between_two_regions(tmp_path: Path) -> None:
    """The limit met: b pays a 100. Missed by 0.05 mg/L: b pays c 20, and 10 for every 0.01."""
    money = 'pays = { amount = "100", unit = "CNY" }\nrepays = { amount = "20", unit = "CNY" }\n'
    by_shortfall = 'rate = { amount = "10", unit = "CNY" }\nper = 0.01\n'
    most = 'most = { amount = "60", unit = "CNY" }\n'
    text = HEAD + section("s", money) + section("t", money + by_shortfall + most, "b", "c")
    readings = [datum("a", "s", 0.2, "mg/L", year=2020), datum("b", "t", 0.23, "mg/L", year=2020)]
    result = Ruled(text, readings).assessed(tmp_path)
    assert amounts(result) == {"a": Decimal(100), "b": Decimal(-150), "c": Decimal(50)}
    assert pooled(result, "amount") == 0
    lines = "\n".join(result.explain("b", 2020, "total", "en"))
    assert "s: 0.2 mg/L, limit 0.2, met: b pays a; -100.00 CNY" in lines
    assert (
        "missed: b pays c (fixed 20.00 CNY; beyond the limit 10 CNY for every 0.01); -50.00 CNY"
        in lines
    )
    worse = [datum("a", "s", 0.2, "mg/L", year=2020), datum("b", "t", 0.9, "mg/L", year=2020)]
    assert amounts(Ruled(text, worse).assessed(tmp_path))["c"] == Decimal(60)


def test_an_event_takes_a_share_of_what_is_received_and_the_next_year_has_it(
    tmp_path: Path,
) -> None:
    text = HEAD + OPEN + payment("points", "10") + EVENT
    readings = [
        *rows({"a": (10,), "b": (-5,)}, ["points"]),
        *rows({"a": (10,), "b": (0,)}, ["points"], year=2021),
    ]
    events = [event("a"), event("b")]
    case = Ruled(text, readings, events=events, years=(2020, 2021), regions=("a", "b"))
    result = case.assessed(tmp_path)
    assert amounts(result) == {"a": Decimal(70), "b": Decimal(-50)}
    assert amounts(result, "deduction") == {"a": Decimal(30), "b": Decimal(0)}
    assert pooled(result, "carried_in", 2021) == Decimal(30)
    assert pooled(result, "amount", 2021) == Decimal(70)  # 100 are due, 30 were left


# --- published figures ---------------------------------------------------------------------------


def test_the_energy_rule_of_zhejiang(tmp_path: Path) -> None:
    """10^4 yuan: 50 a percentage point of fall, 100 more beyond the average, 100 off for a rise.

    Rates as reported (cnr.cn, 2017-09-20); the falls of the counties and the average of 3.7 points
    are made up.
    """
    unit = {"unit": "%", "money": "10^4 CNY"}
    text = (
        HEAD
        + OPEN
        + payment("fall", "50", "least = 0", **unit)
        + payment("beyond", "100", "least = 0", **unit)
        + payment("rise", "100", "least = 0", **unit).replace(
            "least = 0", 'least = 0\nmissing = "nothing"'
        )
    )
    text = text.replace(
        'rate = { amount = "100", unit = "10^4 CNY" }\ngrade = "expert"\nleast = 0\nmissing',
        'rate = { amount = "100", unit = "10^4 CNY" }\ngrade = "expert"\ndirection = "-"\nbase = 0\nmissing',
    )
    readings = rows(
        {"a": (5.2, 1.5, None), "b": (3, -0.7, None), "c": (-1.2, -4.9, 1.2)},
        ["fall", "beyond", "rise"],
        "%",
    )
    result = Ruled(text, readings).assessed(tmp_path)
    assert amounts(result) == {
        "a": Decimal(4_100_000),  # 50 x 5.2 + 100 x 1.5 = 410
        "b": Decimal(1_500_000),
        "c": Decimal(-1_200_000),
    }


def test_public_forest_by_area_as_zhejiang_pays_it(tmp_path: Path) -> None:
    """40 yuan a mu (cnr.cn, 2017-09-20) is 600 yuan a hectare; the areas are made up."""
    text = HEAD + OPEN + payment("forest", "40", unit="mu")
    readings = rows({"a": (1234.5,), "b": (0.001,), "c": (0,)}, ["forest"], "hm2")
    result = Ruled(text, readings).assessed(tmp_path)
    assert amounts(result) == {"a": Decimal(740_700), "b": Decimal("0.60"), "c": Decimal(0)}


def test_air_quality_as_shandong_pays_it(tmp_path: Path) -> None:
    """2016: sum of w (last - now) x 40 x 10^4 yuan, w 60, 15, 15, 10 %; concentrations made up."""
    weights = {"pm25": "24", "pm10": "6", "so2": "6", "no2": "4"}  # 10^4 yuan for 1 ug/m3
    text = HEAD + OPEN
    for name, rate in weights.items():
        rule = payment(name, rate, 'direction = "-"', "ug/m3", "10^4 CNY")
        text += rule.replace(f'data = "{name}"', f'data = "{name}", form = "change"')
    names = list(weights)
    readings = [
        *rows({"a": (80, 140, 50, 40), "b": (70, 120, 30, 30)}, names, "ug/m3", 2015),
        *rows({"a": (72, 130, 45, 41), "b": (73, 120, 28, 30)}, names, "ug/m3", 2016),
    ]
    result = Ruled(text, readings, years=(2016,), regions=("a", "b")).assessed(tmp_path)
    # a: 0.6 x 8 + 0.15 x 10 + 0.15 x 5 - 0.1 x 1 = 6.95; b: -0.6 x 3 + 0.15 x 2 = -1.5
    assert amounts(result, year=2016) == {"a": Decimal(2_780_000), "b": Decimal(-600_000)}


XINJIANG = {  # ChinaXiv 202104.00049, table 2: counties and funds of each class, printed means, 10^4 yuan
    "潜在 key": (21, 122850, "5850.0"),
    "潜在 other": (2, 6969, "3484.5"),
    "次级 key": (24, 179291, "7470.5"),
    "次级 other": (5, 18270, "3654.0"),
    "优先 key": (14, 105593, "7542.4"),
    "优先 other": (2, 1136, "568.0"),
}
XINJIANG_SHARES = {  # table 2, in % of all funds of key zones, or of others; False: does not follow
    "潜在 key": ("30.1", True),
    "潜在 other": ("26.4", True),
    "次级 key": ("45.1", False),
    "次级 other": ("69.3", True),
    "优先 key": ("26.5", False),
    "优先 other": ("4.3", True),
}
XINJIANG_CLASSES = {  # table 2: counties, funds and mean of each class
    "潜在": (23, 129819, "5644.3"),
    "次级": (29, 197561, "6812.4"),
    "优先": (16, 106729, "6670.6"),
}
HALF = Decimal("0.05")  # half a unit of means and shares, which are printed to 0.1


def paid_by_class(classes: Mapping[str, tuple[int, int, str]], folder: Path) -> dict[str, Decimal]:
    """What each class is paid, in 10^4 yuan, where every county is paid the mean of its class."""
    text = HEAD + OPEN
    readings = []
    codes: dict[str, list[str]] = {}
    for number, (name, (count, _, mean)) in enumerate(classes.items()):
        text += payment(f"class{number}", mean, 'missing = "nothing"', money="10^4 CNY")
        codes[name] = [f"{number}{county:02}" for county in range(count)]
        readings += rows(dict.fromkeys(codes[name], (1,)), [f"class{number}"])
    regions = tuple(code for members in codes.values() for code in members)
    result = Ruled(text, readings, regions=regions).assessed(folder)
    paid = amounts(result)
    assert pooled(result, "allotted") == sum(paid.values())
    return {name: sum(paid[code] for code in codes[name]) / 10_000 for name in classes}


@pytest.mark.parametrize("classes", [XINJIANG, XINJIANG_CLASSES])
def test_yuan_per_class_gives_the_transfers_of_xinjiang(
    tmp_path: Path, classes: dict[str, tuple[int, int, str]]
) -> None:
    """The printed means of the classes, paid to 68 counties, give the printed funds of 2019."""
    paid = paid_by_class(classes, tmp_path)
    for name, (count, funds, _) in classes.items():
        assert abs(paid[name] - funds) <= HALF * count
    assert abs(sum(paid.values()) - 434109) <= HALF * 68


def test_what_does_not_follow_from_the_table_of_xinjiang(tmp_path: Path) -> None:
    """Two shares, the mean of key zones (table 2) and the total of the text (42.41 x 10^8 yuan)."""
    paid = paid_by_class(XINJIANG, tmp_path)
    for name, (printed, follows) in XINJIANG_SHARES.items():
        zone = name.split()[1]
        of_zone = sum(amount for other, amount in paid.items() if other.endswith(zone))
        share = 100 * paid[name] / of_zone
        assert (abs(share - Decimal(printed)) <= HALF) == follows
    key = sum(amount for name, amount in paid.items() if name.endswith("key"))
    assert abs(key / 59 - Decimal("6910.75")) <= HALF  # printed: 6741.3
    assert abs(sum(paid.values()) / 10_000 - Decimal("43.41")) < Decimal("0.01")  # text: 42.41


SHANDONG = {  # ChinaXiv 201711.00060, tables 1, 2: ha, 10^8 yuan; 10^4 yuan per ha; base value
    "滨州": (144071, "43.89", "3.05", "1.82"),
    "东营": (644034, "123.21", "1.91", "1.65"),
    "潍坊": (178104, "28.55", "1.60", "1.60"),
    "烟台一区": (340482, "68.2", "2.00", "1.66"),
    "烟台二区": (618807, "301.96", "4.88", "2.11"),
    "烟台三区": (218414, "55.59", "2.54", "1.75"),
    "威海": (997011, "402.92", "4.04", "1.98"),
    "青岛": (1196550, "910.49", "7.61", "2.53"),
    "日照": (399331, "193.95", "4.86", "2.10"),
}


def test_yuan_per_hectare_gives_the_sea_areas_of_shandong(tmp_path: Path) -> None:
    """Printed densities times printed sea areas are the printed services; of the third area of
    Yantai by a hair not: 2.54 needs 55.585, which is printed as 55.59.
    """
    rule = payment("sea", "0", unit="hm2", money="10^4 CNY")
    rule = rule.replace('amount = "0"', 'data = "density"')
    readings = []
    for name, (area, _, density, _) in SHANDONG.items():
        readings.append(datum(name, "sea", area, "hm2", year=2020))
        readings.append(datum(name, "density", density, "10^4 CNY", year=2020))
    result = Ruled(HEAD + OPEN + rule, readings, regions=tuple(SHANDONG)).assessed(tmp_path)
    not_met = []
    for name, (area, services, density, _) in SHANDONG.items():
        paid = amounts(result)[name]
        assert paid == Decimal(density) * area * 10_000
        half_digit = Decimal("0.005") * area * 10_000  # the density is printed to 0.01
        if abs(paid - Decimal(services) * 10**8) > half_digit:
            not_met.append(name)
            assert abs(paid - Decimal(services) * 10**8) <= half_digit + 10**6
    assert not_met == ["烟台三区"]


def test_the_compensation_of_a_hectare_in_shandong_is_the_base_value(tmp_path: Path) -> None:
    """Table 2: 1.60, and 0.93 for each 6.01 that the density is above 1.60, in 10^4 yuan per ha."""
    text = (
        HEAD
        + OPEN
        + payment("hectares", "1.60", unit="hm2", money="10^4 CNY")
        + payment("density", "0.93", "base = 1.60\nper = 6.01", money="10^4 CNY")
    )
    readings = []
    for name, (_, _, density, _) in SHANDONG.items():
        readings.append(datum(name, "hectares", 1, "hm2", year=2020))
        readings.append(datum(name, "density", density, "1", year=2020))
    result = Ruled(text, readings, regions=tuple(SHANDONG)).assessed(tmp_path)
    for name, (_, _, _, printed) in SHANDONG.items():
        value = amounts(result)[name] / 10_000
        assert abs(value - Decimal(printed)) <= Decimal("0.005")


# --- what is wrong -------------------------------------------------------------------------------

A = rows({"a": (1,), "b": (2,), "c": (3,)}, ["points"])
PAID = payment("points", "10")
TWO_COINS = PAID + payment("points", "1", money="USD").replace('id = "points"', 'id = "other"')
WRONG: dict[str, tuple[Ruled, str]] = {
    "no payment": (Ruled(HEAD, A), "toml-value"),
    "a factor of rules": (
        Ruled(HEAD + '[[factor]]\nid = "f"\nname = "f"\nweight = 1\nreading = { data = "f" }\n'
              'grade = "expert"\n' + PAID, A),
        "toml-value",
    ),
    "no pool": (Ruled(HEAD + PAID, A), "missing-pool"),
    "a pool beside rules": (Ruled(HEAD + OPEN + PAID, A, [pool(1)]), "pool-mismatch"),
    "floors above the pool": (
        Ruled(HEAD + 'floor = { amount = "9", unit = "CNY" }\n' + PAID, A, [pool(20)]),
        "allocation-infeasible",
    ),
    "a region without reading": (
        Ruled(HEAD + OPEN + PAID + payment("more", "1"), [*A, *rows({"a": (1,)}, ["more"])]),
        "missing-data",
    ),
    "two currencies": (Ruled(HEAD + OPEN + TWO_COINS, A), "wrong-dimension"),
    "a section of one region": (Ruled(HEAD + section("s", "", "a", "a"), A), "toml-value"),
    "a section without money": (Ruled(HEAD + section("s", ""), A), "toml-value"),
    "a section of a region that is not there": (
        Ruled(HEAD + section("points", 'pays = { amount = "1", unit = "CNY" }', "z").replace("mg/L", "1"), A),
        "unknown-region",
    ),
    "a rule twice": (Ruled(HEAD + OPEN + PAID + PAID, A), "duplicate-id"),
    "a source that is not described": (
        Ruled(HEAD + OPEN + PAID + 'source = "nobody"\n', A), "unknown-source"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told(tmp_path: Path, name: str) -> None:
    case, code = WRONG[name]
    assert {problem.code for problem in case.problems(tmp_path)} == {code}


def test_rates_that_are_made_up_are_refused_by_default(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(HEAD + OPEN + PAID.replace("expert", "placeholder"), encoding="utf-8")
    scheme = gep.read_scheme(path)
    assert list(scheme.kind.made_up(scheme)) == ["points"]
