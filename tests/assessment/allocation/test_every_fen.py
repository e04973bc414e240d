"""Every fen under every method: money adds up, floors and caps hold, and no order changes an amount."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from support.money import Ruled, amounts, event, pool, pooled, rows

from gep.assessment.scheme import Assessment

YEARS = (2020, 2021, 2022)
DRAWS = 40  # of each method
HEAD = """
id = "own"
title = "own"
kind = "allocation"
source = "me"
evidence = "published"
legal = "research"
pool = "basin"
sources = { me = { title = "made up for tests" } }
"""
EVENT = '\n[[event]]\nid = "e"\nname = "e"\nrate = 0.3\n'
FLOOR = Decimal(50_000)


def decimal(random: Random, low: int, high: int, places: int = 2) -> Decimal:
    """A number with some decimals."""
    scale = 10**places
    return Decimal(random.randint(low * scale, high * scale)) / scale


def codes_of(random: Random) -> tuple[str, ...]:
    return tuple(f"{number:02}x" for number in range(random.randint(2, 7)))


def events_of(random: Random, codes: Sequence[str]) -> list[Mapping[str, object]]:
    return [event(code, year) for code in codes for year in YEARS if random.random() < 0.2]


def by_factors(random: Random) -> Ruled:
    """Two factors with coefficients, a floor, and a cap that is now and then too low for the pool."""
    codes = codes_of(random)
    cap = decimal(random, 3_000_000, 9_000_000)
    text = HEAD + 'method = "factors"\ncoefficient = { data = "k" }\n'
    text += f'floor = {{ amount = "{FLOOR}", unit = "CNY" }}\ncap = {{ amount = "{cap}", unit = "CNY" }}\n'
    for name, weight in (("f", 60), ("g", 40)):
        text += (
            f'[[factor]]\nid = "{name}"\nname = "{name}"\nweight = {weight}\n'
            f'reading = {{ data = "{name}" }}\ngrade = "expert"\n'
        )
    readings = []
    for code in codes:
        for year in YEARS:
            scores = (decimal(random, 0, 99) + 1, decimal(random, 0, 100), decimal(random, 1, 3))
            readings += rows({code: scores}, ["f", "g", "k"], year=year)
    pools = [pool(decimal(random, 1_000_000, 9_000_000), year) for year in YEARS]
    return Ruled(text + EVENT, readings, pools, events_of(random, codes), YEARS, codes)


def horizontally(random: Random) -> Ruled:
    """Contributions with money that is lost, and events that take all the award."""
    codes = codes_of(random)
    text = HEAD + 'method = "horizontal"\ncontribution = { amount = "1000000.01", unit = "CNY" }\n'
    text += 'deducted = "lost"\nmet = "met"\n'
    readings = []
    for year in YEARS:
        most = random.choice(
            [0, 20, 20]
        )  # now and then nobody is to be awarded, and all is carried
        for code in codes:
            readings += rows({code: (random.randint(0, most),)}, ["met"], year=year)
            lost = decimal(random, 0, 1_000_000)
            readings += rows({code: (lost,)}, ["lost"], unit="CNY", year=year)
    return Ruled(text + EVENT, readings, (), events_of(random, codes), YEARS, codes)


def by_rules(random: Random) -> Ruled:
    """Two payments, two sections, a cap; the pool is of a table or of the rules, its rest is carried or shared."""
    codes = codes_of(random)
    is_open = random.random() < 0.5
    rest = random.choice(["carry", "share"])
    cap = decimal(random, 6_000_000, 20_000_000)
    text = HEAD + 'method = "rules"\n' + f'rest = "{rest}"\n'
    text += f'cap = {{ amount = "{cap}", unit = "CNY" }}\n'
    text += 'pool_from = "rules"\n' if is_open else ""
    for name, more in (("p", "per = 7"), ("q", 'direction = "-"\nbase = 3.3')):
        rate = decimal(random, 0, 100_000, places=4)
        text += (
            f'[[payment]]\nid = "{name}"\nname = "{name}"\nreading = {{ data = "{name}" }}\n'
            f'rate = {{ amount = "{rate}", unit = "CNY" }}\ngrade = "expert"\n{more}\n'
        )
    last = codes[-1] if len(codes) > 2 else codes[0]
    money = (
        'pays = { amount = "123.45", unit = "CNY" }',
        'rate = { amount = "77.77", unit = "CNY" }\nper = 0.3',
    )
    for name, line, sides in zip(
        "st", money, ((codes[0], codes[1]), (codes[1], last)), strict=True
    ):
        text += (
            f'[[section]]\nid = "{name}"\nname = "{name}"\nupstream = "{sides[0]}"\n'
            f'downstream = "{sides[1]}"\nreading = {{ data = "{name}" }}\nunit = "mg/L"\nlimit = 0.2\n'
            f'grade = "expert"\n{line}\n'
        )
    readings = []
    for code in codes:
        for year in YEARS:
            paid = (decimal(random, -50, 100, 3), decimal(random, -50, 100, 3))
            readings += rows({code: paid}, ["p", "q"], year=year)
            water = decimal(random, 0, 1, 3)
            readings += rows({code: (water, water)}, ["s", "t"], "mg/L", year)
    pools = [] if is_open else [pool(decimal(random, 0, 9_000_000), year) for year in YEARS]
    return Ruled(text + EVENT, readings, pools, events_of(random, codes), YEARS, codes)


METHODS: Mapping[str, Callable[[Random], Ruled]] = {
    "factors": by_factors,
    "horizontal": horizontally,
    "rules": by_rules,
}


def result_of(case: Ruled, folder: Path) -> Assessment | None:
    """The result; None where caps keep a pool from being shared out, which must be told as such."""
    folder.mkdir()
    problems = case.problems(folder)
    assert {problem.code for problem in problems} <= {"allocation-infeasible"}
    return None if problems else case.assessed(folder)


def check_sums(case: Ruled, result: Assessment) -> None:
    """The pool and what was carried in are what is given and what is carried on, in each year and in all."""
    carried = Decimal(0)
    put_in = Decimal(0)
    given = Decimal(0)
    for year in YEARS:
        paid = amounts(result, year=year)
        assert set(paid) == set(case.regions)
        assert all(amount == round(amount, 2) for amount in paid.values())
        assert pooled(result, "carried_in", year) == carried
        available = pooled(result, "amount", year) + carried
        carried = pooled(result, "carried_forward", year)
        assert carried >= 0
        assert sum(paid.values()) == pooled(result, "allotted", year)
        assert sum(paid.values()) + carried == available
        assert sum(amounts(result, "deduction", year).values()) == pooled(result, "deducted", year)
        assert pooled(result, "difference", year) == 0
        put_in += pooled(result, "amount", year)
        given += sum(paid.values())
    assert put_in == given + carried
    for row in case.pools:
        assert pooled(result, "amount", int(str(row["year"]))) == row["amount"]
    for (region, year), lines in _lines(result):
        assert lines == amounts(result, year=year)[region]


def _lines(result: Assessment) -> list[tuple[tuple[str, int], Decimal]]:
    """What the lines of each region and year sum to; nothing by other methods."""
    table = result.tables.get("allocation_rules.csv")
    if table is None:
        return []
    return [
        (key, of_region["amount"].sum()) for key, of_region in table.groupby(["region", "year"])
    ]


def check_limits(result: Assessment) -> None:
    """Nobody that is given its share before deductions is below the floor."""
    table = result.tables["allocation.csv"]
    assert ((table["amount"] + table["deduction"]) >= FLOOR).all()


@pytest.mark.parametrize("method", METHODS)
def test_money_adds_up_whatever_the_order_of_regions(tmp_path: Path, method: str) -> None:
    """In 40 draws of each method; those that cannot be shared out are told, and are few."""
    counts: Counter[str] = Counter()
    for seed in range(DRAWS):
        random = Random(seed)
        case = METHODS[method](random)
        result = result_of(case, tmp_path / f"{seed}-0")
        regions = list(case.regions)
        readings = list(case.readings)
        random.shuffle(regions)
        random.shuffle(readings)
        shuffled = Ruled(case.text, readings, case.pools, case.events, YEARS, tuple(regions))
        other = result_of(shuffled, tmp_path / f"{seed}-1")
        assert (result is None) == (other is None)
        if result is None or other is None:
            counts["infeasible"] += 1
            continue
        check_sums(case, result)
        if method == "factors":
            check_limits(result)
        for column in ("amount", "deduction", "carried_forward"):
            for year in YEARS:
                assert amounts(result, column, year) == amounts(other, column, year)
        counts["deducted"] += any(
            amounts(result, "deduction", year)[code] for year in YEARS for code in regions
        )
        counts["carried"] += any(pooled(result, "carried_forward", year) for year in YEARS)
    assert counts["infeasible"] <= DRAWS // 5
    assert counts["deducted"] >= DRAWS // 3  # the draws are about something
    assert counts["carried"] >= DRAWS // 5
