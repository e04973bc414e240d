"""An evaluator's trial, by the manual alone: six counties, an index and GEEP, scores, money, appeals, final ranks.

The path is that of docs/zh/how-to/collect.md and assess.md, on the command line. Every number is worked
out here in fractions from the files as they are written; nothing of gep computes what is expected.
"""

import csv
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support import six_counties as made
from support.six_counties import GROUP_OF, NAMES, reading_of

import gep
from gep.cli.app import main

YEAR = 2024
# Equivalents of Xie et al. 2008, Table 4, by service: provisioning, regulating, cultural; and the
# value of one at prices of 2007 (CNY per hectare).
EQUIVALENTS = {
    "forest": (("0.33", "2.98"), ("4.32", "4.07", "4.09", "1.72", "4.02", "4.51"), ("2.08",)),
    "cropland": (("1.00", "0.39"), ("0.72", "0.97", "0.77", "1.39", "1.47", "1.02"), ("0.17",)),
    "water": (("0.53", "0.35"), ("0.51", "2.06", "18.77", "14.85", "0.41", "3.43"), ("4.44",)),
}
ONE = Fraction("449.1")
WEIGHTS = {"ei_bai": ("0.35", 1), "ei_vci": ("0.25", 1), "ei_wndi": ("0.15", 1), "ei_lsi": ("0.15", -1), "ei_pli": ("0.10", -1)}  # fmt: skip
CLASSES = (("优", 75), ("良", 55), ("一般", 35), ("较差", 20), ("差", None))
CHANGES = {"显著变好": 20, "明显变好": 18, "略微变好": 16, "无明显变化": 12, "略微变差": 8, "明显变差": 4, "显著变差": 0}  # fmt: skip
OF_CLASS = {"优": 2, "良": 1, "一般": 0, "较差": -1, "差": -2}
FEN = 100
DECIDED = {("991003", "ei_bai"): "74.0"}
POSITION = {"provisioning": 0, "regulating": 1, "cultural": 2}


# --- own arithmetic ------------------------------------------------------------------------------


def services(code: str, year: int, category: str) -> Fraction:
    """The value of a category of services of a county, in yuan."""
    value = Fraction(0)
    for name, hectares in made.HECTARES[code].items():
        equivalents = sum(map(Fraction, EQUIVALENTS[name][POSITION[category]]))
        value += Fraction(hectares[made.YEARS.index(year)]) * equivalents * ONE
    return value


def geep(code: str, year: int) -> Fraction:
    """GDP less costs plus regulating services (the overlap takes the others out), in yuan."""
    terms = {name: Fraction(reading_of(code, name, year)) for name in made.MONEY}
    ggdp = terms["gdp"] - terms["endc"] - terms["ecdc"]
    return ggdp * 10**8 + services(code, year, "regulating")


def ranks(numbers: dict[str, Fraction]) -> dict[str, int]:
    """Ranks in the groups, the greatest first."""
    placed = {}
    for code, number in numbers.items():
        peers = [other for other in numbers if GROUP_OF[other] == GROUP_OF[code]]
        placed[code] = 1 + sum(numbers[other] > number for other in peers)
    return placed


def to_fen(yuan: Fraction) -> int:
    """Whole fen; half a fen is rounded away from 0."""
    size = int(abs(yuan) * FEN + Fraction(1, 2))
    return size if yuan >= 0 else -size


@dataclass
class Expected:
    """All that the schemes give, with readings that were decided in the place of others."""

    decided: dict[tuple[str, str], str] = field(default_factory=dict)

    def reading(self, code: str, name: str, year: int = YEAR) -> Fraction:
        word = reading_of(code, name, year)
        if year == YEAR:
            word = self.decided.get((code, name), word)
        return Fraction(word)

    def index(self, code: str, year: int = YEAR) -> Fraction:
        total = Fraction(0)
        for name, (weight, sign) in WEIGHTS.items():
            value = self.reading(code, name, year)
            total += Fraction(weight) * (value if sign > 0 else 100 - value)
        return total

    def index_class(self, code: str, year: int = YEAR) -> str:
        value = self.index(code, year)
        return next(name for name, least in CLASSES if least is None or value >= least)

    def change_class(self, code: str) -> str:
        change = self.index(code) - self.index(code, 2023)
        sizes = (("显著", 8), ("明显", 3), ("略微", 1))
        size = next((word for word, least in sizes if abs(change) >= least), "")
        if not size:
            return "无明显变化"
        return f"{size}变好" if change > 0 else f"{size}变差"

    def readings(self, name: str) -> dict[str, Fraction]:
        """What an indicator of the score reads, by county."""
        read = {}
        for code in NAMES:
            if name == "eco_level":
                read[code] = self.index(code)
            elif name == "eco_change":
                read[code] = Fraction(CHANGES[self.change_class(code)])
            elif name == "geep_head":
                read[code] = geep(code, YEAR) / Fraction(made.PEOPLE[code])
            else:
                read[code] = self.reading(code, "good_air_days")
        return read

    @property
    def points(self) -> dict[str, dict[str, Fraction]]:
        """Points by indicator and county."""
        level = {}
        for code, value in self.readings("eco_level").items():
            within = min(max(value, Fraction(35)), Fraction(75))
            level[code] = (within - 35) * 30 / 40
        heads = ranks(self.readings("geep_head"))
        air = {}
        for code, value in self.readings("air").items():
            short = max(Fraction(0), Fraction(made.TARGETS[code]) - value)
            air[code] = max(Fraction(0), 30 - 5 * short)
        return {
            "eco_level": level,
            "eco_change": self.readings("eco_change"),
            "geep_head": {code: Fraction(20 - 3 * (rank - 1)) for code, rank in heads.items()},
            "air": air,
        }

    @property
    def totals(self) -> dict[str, Fraction]:
        """Scores; 991004 was listed twice, at 2 points each."""
        points = self.points
        totals = {code: sum(of[code] for of in points.values()) for code in NAMES}
        totals["991004"] -= 4
        return {code: Fraction(total) for code, total in totals.items()}

    def missed(self, code: str) -> bool:
        return self.reading(code, "good_air_days") < Fraction(made.TARGETS[code])

    @property
    def grades(self) -> dict[str, str]:
        """The class of each score; with the binding target missed at best 良好."""
        classes = (("优秀", 85), ("良好", 70), ("合格", 60), ("不合格", 0))
        grades = {}
        for code, total in self.totals.items():
            grade = next(name for name, least in classes if total >= least)
            grades[code] = "良好" if grade == "优秀" and self.missed(code) else grade
        return grades

    def lines(self, code: str) -> dict[str, int]:
        """What each rule gives, in fen."""
        points = max(self.totals[code], Fraction(55)) - 55
        hectares = Fraction(reading_of(code, "forest_area", YEAR))
        return {
            "points": to_fen(points * 125_000),
            "index": to_fen(Fraction(OF_CLASS[self.index_class(code)] * 500_000)),
            "forest": to_fen(hectares * Fraction("33.37")),
        }

    @property
    def money(self) -> dict[str, int]:
        """Fen: claims up to the cap, then their part of the pool by largest remainder."""
        claims = {code: min(sum(self.lines(code).values()), 650_000_000) for code in NAMES}
        pool = int(made.POOL) * 10_000 * FEN
        whole = sum(claims.values())
        assert whole > pool  # the pool is short, else nothing of this is tried
        shares = {code: Fraction(pool * claim, whole) for code, claim in claims.items()}
        given = {code: int(share) for code, share in shares.items()}
        order = sorted(NAMES, key=lambda code: (given[code] - shares[code], code))
        for code in order[: pool - sum(given.values())]:
            given[code] += 1
        assert sum(given.values()) == pool
        return given


COMPUTED = Expected()
FINAL = Expected(DECIDED)


# --- the path, on the command line ---------------------------------------------------------------

OFFICE = ("--who", "省考核办")


def step(state: str, scheme: str, day: str, *more: str) -> list[str]:
    """The words of gep record for a step on the whole result of a scheme, or on a number."""
    words = ["--state", state, "--scheme", scheme, "--year", str(YEAR), "--at", day]
    return [*words, *OFFICE, "--document", f"考办〔2025〕{day[-2:]}号（编造）", *more]


def number(region: str, item: str, old: str, new: str) -> list[str]:
    return ["--region", region, "--item", item, "--old", old, "--new", new, "--reason", "编造"]


APPEALED = {  # by scheme: county, item, old, claimed, and what was decided
    "ei-hj192-2015": ("丙县", "reading:bai", "70.9", "75.0", "74.0"),
    "yearly": ("戊县", "reading:air", "85.2", "86.0", "85.2"),
}
BEGUN = [
    *(step("初算", scheme, "2025-03-01") for scheme in ("ei-hj192-2015", "yearly", "fund")),
    *(step("复核", scheme, "2025-03-05") for scheme in ("ei-hj192-2015", "yearly", "fund")),
    *(step("反馈", scheme, "2025-03-10") for scheme in APPEALED),
]


def handled(*rejected: str) -> list[list[str]]:
    """The appeals and what was decided on each; those of some schemes are rejected."""
    steps = []
    for scheme, (region, item, old, claimed, decided) in APPEALED.items():
        steps.append(step("申诉", scheme, "2025-03-15", *number(region, item, old, claimed)))
        new = old if scheme in rejected else decided
        steps.append(step("复核", scheme, "2025-03-20", *number(region, item, old, new)))
    return sorted(steps, key=lambda words: words[words.index("--at") + 1])


CLOSED = [step("终核", scheme, "2025-04-01") for scheme in ("ei-hj192-2015", "yearly", "fund")]


def gep_(*words: str | Path, status: int = 0) -> None:
    """A command as it is typed."""
    assert main([*map(str, words), "--language", "zh"]) == status, words


def record(folder: Path, steps: Sequence[Sequence[str]]) -> None:
    for words in steps:
        gep_("record", folder, *words)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six folders made one project, with the tables of the province, computed once."""
    folder = tmp_path_factory.mktemp("trial") / "province"
    for code in NAMES:
        made.write_county(folder, code)
        gep_("run", folder / made.FOLDERS[code], "--quiet")
    gep_("collect", folder, "--project", "--quiet")
    made.write_province_tables(folder)
    made.write_assessment(folder)
    gep_("assess", folder, "--quiet")
    return folder


@pytest.fixture(scope="module")
def province(collected: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, with the log from 初算 to 终核, computed again."""
    folder = copied(collected, tmp_path_factory.mktemp("final"))
    record(folder, [*BEGUN, *handled(), *CLOSED])
    gep_("assess", folder, "--quiet")
    return folder


def copied(folder: Path, home: Path) -> Path:
    return Path(shutil.copytree(folder, home / "province"))


def rows_of(folder: Path, scheme: str, name: str) -> list[dict[str, str]]:
    file = folder / "out" / "assessment" / scheme / name
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def by_region(rows: list[dict[str, str]], **keys: str) -> dict[str, dict[str, str]]:
    """Rows of the trial's year that have some keys, by county; each county has one."""
    chosen = [row for row in rows if row["year"] == str(YEAR) and keys.items() <= row.items()]
    placed = {row["region"]: row for row in chosen}
    assert len(placed) == len(chosen)
    return placed


def near(expected: Fraction) -> object:
    return pytest.approx(float(expected), rel=1e-12, abs=1e-9)


# --- computed ------------------------------------------------------------------------------------


def test_every_figure_of_the_counties_says_that_it_is_made_up(collected: Path) -> None:
    count = 0
    for name in ("project_areas.csv", "project_readings.csv"):
        with (collected / "collected" / name).open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                assert (row["grade"], row["source"]) == ("placeholder", "编造")
                assert re.match(r"\w+/\w+\.csv row \d+$", row["note"])
                count += 1
    assert count == 6 * 2 * (3 + 10)


def test_index_and_geep_are_what_the_counties_figures_give(collected: Path) -> None:
    index = rows_of(collected, "ei-hj192-2015", "index.csv")
    totals = by_region(index, component="total")
    items = rows_of(collected, "geep-caep-2018", "geep.csv")
    assert not {"gep", "ggi"} & {row["item"] for row in items}  # the accounts are by unit values
    services_of = {
        "eps": "provisioning",
        "ers": "regulating",
        "ecs": "cultural",
    }
    for code in NAMES:
        assert float(totals[code]["value"]) == near(COMPUTED.index(code))
        assert totals[code]["grade"] == COMPUTED.index_class(code)
        assert totals[code]["change_grade"] == COMPUTED.change_class(code)
        values = {name: services(code, YEAR, of) for name, of in services_of.items()}
        values["esv"] = Fraction(sum(values.values()))
        values["geep"] = geep(code, YEAR)
        for name, value in values.items():
            assert float(by_region(items, item=name)[code]["value"]) == near(value / 10**8)
        head = by_region(items, item="geep_per_capita")[code]
        assert float(head["value"]) == near(geep(code, YEAR) / Fraction(made.PEOPLE[code]))
    for city in (*made.CITIES, made.PROVINCE):
        members = [code for code in NAMES if city in (made.CITY_OF[code], made.PROVINCE)]
        value = sum(geep(code, YEAR) for code in members) / 10**8
        assert float(by_region(items, item="geep")[city]["value"]) == near(Fraction(value))


def test_scores_ranks_and_grades(collected: Path) -> None:
    scores = rows_of(collected, "yearly", "scores.csv")
    assert {row["year"] for row in scores} == {str(YEAR)}  # the years of this scheme alone
    for name, points in COMPUTED.points.items():
        rows = by_region(scores, indicator=name)
        assert set(rows) == set(NAMES)
        for code, row in rows.items():
            assert float(row["reading"]) == near(COMPUTED.readings(name)[code])
            assert float(row["points"]) == near(points[code])
    targets = by_region(rows_of(collected, "yearly", "targets.csv"), indicator="air")
    ranking = by_region(rows_of(collected, "yearly", "ranking.csv"))
    for code in NAMES:
        total = COMPUTED.totals[code]
        assert float(by_region(scores, indicator="total")[code]["points"]) == near(total)
        assert float(ranking[code]["score"]) == near(total)
        assert int(ranking[code]["rank"]) == ranks(COMPUTED.totals)[code]
        assert (ranking[code]["grade"], ranking[code]["group"]) == (
            COMPUTED.grades[code],
            GROUP_OF[code],
        )
        assert targets[code]["status"] == ("missed" if COMPUTED.missed(code) else "met")


def test_money_to_the_fen(collected: Path) -> None:
    given = by_region(rows_of(collected, "fund", "allocation.csv"))
    rules = rows_of(collected, "fund", "allocation_rules.csv")
    for code in NAMES:
        assert Fraction(given[code]["amount"]) * FEN == COMPUTED.money[code]
        for item, fen in COMPUTED.lines(code).items():
            assert Fraction(by_region(rules, item=item)[code]["amount"]) * FEN == fen
        lines = [Fraction(row["amount"]) for row in rules if row["region"] == code]
        assert sum(lines) * FEN == COMPUTED.money[code]
    (pool,) = rows_of(collected, "fund", "allocation_pools.csv")
    assert Fraction(pool["allotted"]) == Fraction(made.POOL) * 10_000
    assert Fraction(pool["difference"]) == 0


# --- final ---------------------------------------------------------------------------------------


def test_the_appeal_moves_scores_ranks_and_money(province: Path) -> None:
    """丙县: 16 instead of 12 points for the change of its index, and past 乙县; money of all moves."""
    assert ranks(COMPUTED.totals)["991003"] == 3  # else nothing is tried
    assert ranks(FINAL.totals)["991003"] == 2
    numbers = by_region(rows_of(province, "yearly", "final_numbers.csv"), item="total")
    ranking = by_region(rows_of(province, "yearly", "final_ranking.csv"))
    index = by_region(rows_of(province, "ei-hj192-2015", "final_numbers.csv"), item="total")
    money = by_region(rows_of(province, "fund", "final_numbers.csv"))
    results = by_region(rows_of(province, "yearly", "life_results.csv"), item="total")
    for code in NAMES:
        for row in (numbers[code], results[code]):
            assert float(row["computed"]) == near(COMPUTED.totals[code])
            assert float(row["final"]) == near(FINAL.totals[code])
        assert float(index[code]["computed"]) == near(COMPUTED.index(code))
        assert float(index[code]["final"]) == near(FINAL.index(code))
        moved = float(FINAL.index(code) - COMPUTED.index(code))
        assert float(index[code]["moved"]) == pytest.approx(moved, abs=1e-12)
        row = ranking[code]
        before, after = ranks(COMPUTED.totals)[code], ranks(FINAL.totals)[code]
        assert [int(row["rank_computed"]), int(row["rank_final"])] == [before, after]
        assert float(row["rank_moved"]) == before - after
        assert float(row["score_moved"]) == near(FINAL.totals[code] - COMPUTED.totals[code])
        assert row["grade_final"] == FINAL.grades[code]
        assert Fraction(money[code]["computed"]) * FEN == COMPUTED.money[code]
        assert Fraction(money[code]["final"]) * FEN == FINAL.money[code]
        # exact: no digits below the fen are left over from binary fractions
        assert Fraction(money[code]["moved"]) * FEN == FINAL.money[code] - COMPUTED.money[code]
        assert {row["state"] for row in (numbers[code], index[code], money[code])} == {"终核"}
    assert ranking["991003"]["overtook"] == "991002"
    assert ranking["991002"]["overtaken_by"] == "991003"
    assert sum(FINAL.money.values()) == int(made.POOL) * 10_000 * FEN


def test_appeals_of_the_index_and_of_the_score_have_their_tables(province: Path) -> None:
    outcomes = {}
    for scheme, (_, item, old, claimed, decided) in APPEALED.items():
        (row,) = rows_of(province, scheme, "life_appeals.csv")
        assert (row["item"], row["old"], row["claimed"]) == (item, old, claimed)
        assert row["final"] == decided
        outcomes[scheme] = row["outcome"]
    assert outcomes == {"ei-hj192-2015": "adjusted", "yearly": "upheld"}


def test_computed_results_stay_as_they_were(collected: Path, province: Path) -> None:
    for scheme, names in {
        "yearly": ("scores.csv", "ranking.csv", "targets.csv"),
        "fund": ("allocation.csv", "allocation_pools.csv", "allocation_rules.csv"),
        "ei-hj192-2015": ("index.csv",),
        "geep-caep-2018": ("geep.csv", "geep_table.csv"),
    }.items():
        for name in names:
            file = Path("out") / "assessment" / scheme / name
            assert (province / file).read_bytes() == (collected / file).read_bytes(), file


def test_workbooks_have_the_same_numbers(province: Path) -> None:
    sheets = {
        ("ei-hj192-2015", "指数表"): COMPUTED.index,
        ("yearly", "分类排名表"): lambda code: COMPUTED.totals[code],
        ("yearly", "考核评分表"): lambda code: COMPUTED.readings("geep_head")[code],
        ("fund", "补偿资金分配表"): lambda code: Fraction(COMPUTED.money[code], FEN),
        ("yearly", "名次变动表"): lambda code: FINAL.totals[code],
        ("fund", "计算与终核对照表"): lambda code: Fraction(FINAL.money[code], FEN),
        ("ei-hj192-2015", "计算与终核对照表"): FINAL.index,
    }
    for (scheme, title), expected in sheets.items():
        book = load_workbook(province / "out" / "assessment" / scheme / "tables.xlsx")
        rows = list(book[title].iter_rows(values_only=True))
        for code, name in NAMES.items():
            cells = [cell for row in rows if name in row for cell in row]
            numbers = [cell for cell in cells if isinstance(cell, int | float)]
            assert any(value == near(expected(code)) for value in numbers), (title, name)
        words = " ".join(str(cell) for row in rows for cell in row)
        assert "编造" in words, title  # what is made up says so on every sheet
        assert "终核" in words, title


def test_the_explanation_goes_on_to_the_final_number(
    province: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--region", "丙县", "--year", str(YEAR), "--indicator"]
    gep_("explain", province, *words, "fund:total")
    computed, _, final = capsys.readouterr().out.partition("终核结果")
    for told, result in ((computed, COMPUTED), (final, FINAL)):
        assert f"{result.money['991003'] / FEN:.2f}" in told
        assert f"{float(result.index('991003')):.10g}" in told
        assert f"总得分: {float(result.totals['991003']):g} / 100" in told
        assert told.count("生态环境状况指数 (ei) =") == 1  # it is read three times, and told once
    assert "70.9 → 74.0" in final
    assert re.search(r"\(bai\) = 74：.*log\.csv 第 \d+ 行", final)
    gep_("explain", province, *words, "geep-caep-2018:geep_per_capita")
    told = capsys.readouterr().out
    assert "/ 402000 person" in told
    assert "第 20 行" in told  # down to the rows of the file
    assert not re.search(r"[=+-] gep ", told)


# --- what must not change anything ---------------------------------------------------------------


def tables(folder: Path) -> dict[str, list[dict[str, str]]]:
    """The final tables, and the computed ones."""
    found = {}
    for file in sorted((folder / "out" / "assessment").rglob("*.csv")):
        found[f"{file.parent.name}/{file.name}"] = rows_of(folder, file.parent.name, file.name)
    return found


def test_rejecting_every_appeal_changes_nothing(collected: Path, tmp_path: Path) -> None:
    folder = copied(collected, tmp_path)
    record(folder, [*BEGUN, *handled(*APPEALED), *CLOSED])
    gep_("assess", folder, "--quiet")
    for scheme in ("yearly", "fund", "ei-hj192-2015"):
        rows = rows_of(folder, scheme, "final_numbers.csv")
        assert rows
        for row in rows:
            assert row["final"] == row["computed"]
            assert float(row["moved"]) == 0
    for row in rows_of(folder, "yearly", "final_ranking.csv"):
        assert row["rank_final"] == row["rank_computed"]


def test_the_order_of_entries_within_a_day_changes_nothing(
    collected: Path, province: Path, tmp_path: Path
) -> None:
    """The two decisions and the three closing entries turned round, day by day."""
    appeals = handled()
    orders = [
        [*reversed(appeals[:2]), *reversed(appeals[2:]), *reversed(CLOSED)],
        [*appeals[:2], *reversed(appeals[2:]), *list(permutations(CLOSED))[3]],
    ]
    expected = tables(province)
    for position, later in enumerate(orders):
        folder = copied(collected, tmp_path / str(position))
        record(folder, [*BEGUN, *later])
        gep_("assess", folder, "--quiet")
        assert tables(folder) == expected


# --- verification and seal -----------------------------------------------------------------------

EDITS = (  # a digit in each kind of file: file, text before and after; the row follows from the text
    ("collected/project_readings.csv", "991003,2024,ei_bai,70.9", "991003,2024,ei_bai,70.8"),
    ("targets.csv", "93.0", "93.1"),
    ("events.csv", "2024-05-06", "2024-05-07"),
    ("groups.csv", "991005", "991006"),
    ("pools.csv", "2000", "2001"),
    ("yearly.toml", "rate = 5", "rate = 6"),
    ("fund.toml", "33.37", "33.38"),
    ("log.csv", "75.0", "75.1"),
    ("project.toml", "price_year = 2007", "price_year = 2008"),
)


def edited(folder: Path, name: str, before: str, after: str) -> Iterator[int]:
    """A file with one digit changed, and the row; it is put back afterwards."""
    file = folder / name
    content = file.read_bytes()
    text = content.decode("utf-8")
    assert before in text, name
    file.write_bytes(text.replace(before, after, 1).encode("utf-8"))
    try:
        yield text[: text.index(before)].count("\n") + 1
    finally:
        file.write_bytes(content)


def test_verification_is_clean_then_names_file_and_row(province: Path) -> None:
    assert gep.verify(province / "out") == []
    assert gep.verify(province / "collected") == []
    for name, before, after in EDITS:
        for row in edited(province, name, before, after):
            places = [problem.say_where("en") for problem in gep.verify(province / "out")]
            assert f"{name} row {row}" in places, places
    assert gep.verify(province / "out") == []


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("areas.csv", "52600", "52601"),
        ("readings.csv", "79.0", "79.1"),
        ("regions.csv", "310000", "310001"),
        ("project.toml", "price_year = 2007", "price_year = 2008"),
    ],
)
def test_a_digit_in_the_file_of_a_county_is_named(
    province: Path, name: str, before: str, after: str
) -> None:
    for row in edited(province, f"jia/{name}", before, after):
        places = [problem.say_where("en") for problem in gep.verify(province / "collected")]
        assert f"../jia/{name} row {row}" in places, places


def test_a_sealed_result_is_not_overwritten(
    province: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another number is refused and nothing is written; elsewhere, or after a review, it is computed."""
    folder = copied(province, tmp_path)
    before = tables(folder)
    gep_("assess", folder, "--quiet")  # the same inputs: the same results
    assert tables(folder) == before
    targets = folder / "targets.csv"
    targets.write_text(targets.read_text(encoding="utf-8").replace("93.0", "95.0"), "utf-8")
    capsys.readouterr()
    gep_("assess", folder, "--quiet", status=2)
    said = capsys.readouterr().err
    assert "[sealed]" in said
    assert "yearly" in said
    assert tables(folder) == before
    gep_("assess", folder, "--quiet", "--out", tmp_path / "elsewhere")
    record(folder, [step("复核", scheme, "2025-05-01") for scheme in ("yearly", "fund")])
    gep_("assess", folder, "--quiet")
    assert tables(folder) != before
