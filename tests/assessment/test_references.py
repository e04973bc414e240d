"""Schemes that read each other: numbers by hand, whatever the order, and references that do not hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from support.schemes import ACCOUNT, cell
from support.small import Row, datum, write_table

import gep
from gep.assessment.scoring.explain import score_caption
from gep.errors import Problem
from gep.workflows.assess import ProjectAssessment, apply_schemes

HEAD = """
id = "{id}"
title = {{ zh = "方案{id}", en = "scheme {id}" }}
kind = "{kind}"
source = "me"
evidence = "published"
legal = "research"
sources = {{ me = {{ title = "made up for tests" }} }}
"""
INDEX = (
    HEAD.format(id="eco", kind="index")
    + """
indicators = "eco.csv"
root = "eco"
[grades]
source = "me"
locator = "1"
grade = "published"
levels = [{ name = "优", from = 75 }, { name = "良", from = 55 }, { name = "差" }]
[changes]
source = "me"
locator = "2"
grade = "published"
levels = [
  { from = 5, better = "明显变好", worse = "明显变差" },
  { from = 1, better = "略微变好", worse = "略微变差" },
  { better = "基本稳定" },
]
"""
)
NODES = """node,parent,zh,en,weight,unit,source,locator,grade,data
eco,,生态,ecology,,1,me,1,published,
green,eco,绿,green,1,1,me,1,published,green
"""
GEEP = (
    HEAD.format(id="geep", kind="geep")
    + """
unit = "10^8 CNY"
[term.gdp]
name = "GDP"
readings = [{ data = "gdp" }]
[term.endc]
name = "EnDC"
readings = [{ data = "endc" }]
[term.ecdc]
name = "EcDC"
readings = [{ data = "ecdc" }]
[term.ers]
name = "ERS"
readings = [{ data = "ers" }]
"""
)
CHANGE = '"明显变好" = 10, "略微变好" = 8, "基本稳定" = 6, "略微变差" = 3, "明显变差" = 0'


def indicator(name: str, points: float, reading: str, unit: str = "1") -> str:
    """An indicator whose reading is its points."""
    return (
        f'\n[[indicator]]\nid = "{name}"\nname = "{name}"\nproperty = "reference"\ndirection = "+"\n'
        f'unit = "{unit}"\npoints = {points}\nreading = {reading}\nrule = {{ kind = "reading" }}\n'
        'grade = "published"\n'
    )


def score(*indicators: str, name: str = "score") -> str:
    """A scoring scheme."""
    return HEAD.format(id=name, kind="score") + "".join(indicators)


def paid(reading: str, more: str = "", head: str = 'pool_from = "rules"') -> str:
    """An allocation with one payment of 100 yuan for a unit of the reading."""
    return (
        HEAD.format(id="money", kind="allocation")
        + f'method = "rules"\npool = "p"\n{head}\n'
        + f'[[payment]]\nid = "points"\nname = "points"\nreading = {reading}\n'
        + f'rate = {{ amount = "100", unit = "CNY" }}\ngrade = "expert"\n{more}'
    )


SCORE = score(
    indicator("level", 100, '{ scheme = "eco" }'),
    indicator("change", 10, f'{{ scheme = "eco/total.change_grade", classes = {{ {CHANGE} }} }}'),
    indicator("geep", 100, '{ scheme = "geep/geep" }', "10^6 CNY"),
)
GREEN = {("a", 2019): 60, ("a", 2020): 70, ("b", 2019): 80, ("b", 2020): 78}
READINGS = [
    row
    for (code, year), green in GREEN.items()
    for row in (
        datum(code, "green", green, "1", year=year),
        datum(code, "gdp", 0.5, "10^8 CNY", year=year),
        datum(code, "endc", 0.1, "10^8 CNY", year=year),
        datum(code, "ecdc", 0.05, "10^8 CNY", year=year),
        datum(code, "ers", 0.2 if code == "a" else 0.3, "10^8 CNY", year=year),
    )
]


@dataclass(frozen=True)
class Linked:
    """A project whose schemes read each other, by the name of their file."""

    schemes: Mapping[str, str]
    readings: Sequence[Row] = tuple(READINGS)
    more: str = ""
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def assessed(self, folder: Path) -> ProjectAssessment:
        """Written and applied; raises ``gep.ProblemsFound``."""
        ACCOUNT.project(folder)
        (folder / "eco.csv").write_text(NODES, encoding="utf-8")
        for name, text in self.schemes.items():
            (folder / f"{name}.toml").write_text(text, encoding="utf-8")
        write_table(folder / "readings.csv", self.readings)
        names = [f"./{name}.toml" for name in self.schemes]
        lines = ["", "[assessment]", f"schemes = {names!r}", 'readings = ["readings.csv"]']
        for name, rows in self.tables.items():
            write_table(folder / f"{name}.csv", rows)
            lines.append(f'{name} = "{name}.csv"')
        with (folder / "project.toml").open("a", encoding="utf-8") as file:
            file.write("\n".join([*lines, self.more]) + "\n")
        return apply_schemes(folder, allow_code=True, language="en")

    def problems(self, folder: Path) -> list[Problem]:
        """What is wrong."""
        try:
            self.assessed(folder)
        except gep.ProblemsFound as error:
            return list(error.problems)
        return []


BASE = Linked({"eco": INDEX, "geep": GEEP, "score": SCORE, "money": paid('{ scheme = "score" }')})


def of(result: ProjectAssessment, scheme: str) -> Mapping[str, pd.DataFrame]:
    """The tables of a scheme."""
    return next(each.tables for each in result.assessments if each.scheme.id == scheme)


def points(result: ProjectAssessment, name: str, code: str, year: int = 2020) -> Any:
    return cell(of(result, "score")["scores.csv"], "points", code, year, indicator=name)


def test_a_score_reads_an_index_a_change_and_geep_and_money_follows(tmp_path: Path) -> None:
    # geep: gdp 0.5 - endc 0.1 - ecdc 0.05 + ers 0.2 (a), 0.3 (b), in 10^8 yuan: 55 and 65 x 10^6 yuan
    result = BASE.assessed(tmp_path)
    assert [points(result, "level", code) for code in "ab"] == [70, 78]
    assert [points(result, "change", code) for code in "ab"] == [10, 3]  # 60 to 70, 80 to 78
    assert [points(result, "geep", code) for code in "ab"] == pytest.approx([55, 65])
    assert points(result, "change", "a", 2019) == 0  # no year before: no reading, floor 0
    amounts = of(result, "money")["allocation.csv"]
    assert cell(amounts, "amount", "a") == Decimal("13500.00")  # 100 x (70 + 10 + 55)
    assert cell(amounts, "amount", "b") == Decimal("14600.00")
    pools = of(result, "money")["allocation_pools.csv"].set_index("year")
    assert pools.loc[2020, "allotted"] == pools.loc[2020, "amount"] == Decimal("28100.00")


def test_the_order_of_schemes_in_the_file_changes_nothing(tmp_path: Path) -> None:
    expected = BASE.assessed(tmp_path / "0")
    for number, names in enumerate(permutations(BASE.schemes)):
        if number % 5 == 3:
            schemes = {name: BASE.schemes[name] for name in names}
            result = replace(BASE, schemes=schemes).assessed(tmp_path / str(number + 1))
            assert [each.scheme.id for each in result.assessments] == list(names)
            for name in names:
                for file, table in of(expected, name).items():
                    pd.testing.assert_frame_equal(of(result, name)[file], table)


def test_forms_grades_and_ranks_of_other_schemes(tmp_path: Path) -> None:
    grades = 'classes = { "优" = 3, "良" = 2, "差" = 1 }'
    reader = score(
        indicator("grade", 5, f'{{ scheme = "eco/total.grade", {grades} }}'),
        indicator("moved", 100, '{ scheme = "eco/green", form = "change" }'),
        indicator("grown", 100, '{ scheme = "eco", form = "growth" }', "%"),
        indicator("rank", 5, '{ scheme = "first/total.rank" }'),
        indicator("part", 100, '{ scheme = "first/x" }'),
    )
    first = score(indicator("x", 100, '{ data = "green" }'), name="first")
    result = Linked({"score": reader, "eco": INDEX, "first": first}).assessed(tmp_path)
    readings = of(result, "score")["scores.csv"]
    expected = {
        "grade": (2, 3),
        "moved": (10, -2),
        "grown": (100 / 6, -2.5),
        "rank": (2, 1),
        "part": (70, 78),
    }
    for name, values in expected.items():
        for code, value in zip("ab", values, strict=True):
            assert cell(readings, "reading", code, indicator=name) == pytest.approx(value)


def test_an_index_reads_a_score_and_its_grade(tmp_path: Path) -> None:
    nodes = (
        "node,parent,zh,en,weight,unit,source,locator,grade,scheme,classes\n"
        "eco,,生态,ecology,,1,me,1,published,,\n"
        "points,eco,分,points,1/2,1,me,1,published,first,\n"
        "land,eco,地,land,1/2,1,me,1,published,first/total.grade,甲=90;乙=40\n"
    )
    first = (
        score(indicator("x", 100, '{ data = "green" }'), name="first")
        + '\n[[grade]]\nname = "甲"\nfrom = 75\n[[grade]]\nname = "乙"\n'
    )
    linked = Linked({"eco": INDEX.replace("eco.csv", "other.csv"), "first": first})
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "other.csv").write_text(nodes, encoding="utf-8")
    table = of(linked.assessed(tmp_path), "eco")["index.csv"]
    assert cell(table, "value", "a", component="total") == pytest.approx((70 + 40) / 2)
    assert cell(table, "value", "b", component="total") == pytest.approx((78 + 90) / 2)


SHEET = (
    HEAD.format(id="sheet", kind="balance")
    + """
[[resource]]
id = "timber"
name = "timber"
unit = "m3"
classes = { natural = "natural", planted = "planted" }
"""
    + "".join(
        f'[[row]]\nid = "{item}"\nname = "{item}"\nitem = "{item}"\n'
        for item in ("opening", "addition", "reduction", "statistical_error", "closing")
    )
)
AUDIT = (
    HEAD.format(id="audit", kind="audit")
    + """
total = 100
[[item]]
id = "green"
name = "green"
property = "binding"
direction = "+"
unit = "1"
reading = { data = "green" }
part = "p"
missed = 4
grade = "expert"
[[module]]
id = "m"
name = "m"
points = 100
[[part]]
id = "p"
module = "m"
name = "p"
points = 100
"""
)
PAID_FIRST = paid('{ data = "green" }')
# a has 7 and 5 m3 of timber in 2020, b 4 and 2
TIMBER = [
    {"region": code, "year": year, "resource": "timber", "class": name, "stock": stock, "unit": "m3"}
    | {"source": "made up"}
    for code, year, name, stock in (
        ("a", 2019, "natural", 6), ("a", 2019, "planted", 1), ("a", 2020, "natural", 7), ("a", 2020, "planted", 5),
        ("b", 2019, "natural", 5), ("b", 2019, "planted", 2), ("b", 2020, "natural", 4), ("b", 2020, "planted", 2),
    )
]  # fmt: skip
TERMS = [
    {"region": code, "office": "mayor", "term_start": "2019-12-01", "term_end": "2020-12-01"}
    | {"document": "made up"}
    for code in "ab"
]
TARGETS = [
    {"region": code, "indicator": "green", "base_year": "", "base": "", "year": 2020}
    | {"comparator": ">=", "target": 75, "form": "level", "unit": "1", "source": "made up"}
    for code in "ab"
]
READER = score(
    indicator("timber", 100, '{ scheme = "sheet/timber.total.closing" }', "m3"),
    indicator("planted", 100, '{ scheme = "sheet/timber.planted.opening" }', "m3"),
    indicator("moved", 100, '{ scheme = "audit/green.change" }'),
    indicator("audited", 100, '{ scheme = "audit/total" }'),
    indicator(
        "met",
        1,
        '{ scheme = "audit/green.status", '
        "classes = { met = 1, on_schedule = 0.5, behind = 0.2, missed = 0 } }",
    ),
    indicator("money", 10000, '{ scheme = "money/total" }', "CNY"),
)
ALL_KINDS = Linked(
    {
        "score": READER,
        "sheet": SHEET,
        "audit": AUDIT,
        "money": PAID_FIRST,
        "eco": INDEX,
        "geep": GEEP,
    },
    more='scheme_years = { "./score.toml" = [2020] }',
    tables={"stocks": TIMBER, "terms": TERMS, "targets": TARGETS},
)


def test_a_score_reads_a_balance_an_audit_and_an_allocation(tmp_path: Path) -> None:
    """Stocks and changes by hand; b meets its target of 75, a misses it and loses 4 points."""
    result = ALL_KINDS.assessed(tmp_path)
    expected = {
        "timber": (12, 6),
        "planted": (1, 2),
        "moved": (10, -2),
        "audited": (96, 100),
        "met": (0, 1),
        "money": (7000, 7800),
    }
    readings = of(result, "score")["scores.csv"]
    for name, values in expected.items():
        for code, value in zip("ab", values, strict=True):
            assert cell(readings, "reading", code, indicator=name) == pytest.approx(value)
    lines = gep.explain_score(tmp_path, "a", 2020, "score:timber", allow_code=True, language="en")
    assert "scheme=sheet/timber.total.closing" in lines
    assert "7 + 5" in lines


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose rows and columns are in an order of their own."""
    columns = sorted(table.columns)
    ordered = table[columns].astype(str)
    return ordered.sort_values(columns, kind="stable", ignore_index=True)


@pytest.mark.parametrize("seed", range(4))
def test_no_order_of_schemes_or_rows_changes_a_number(tmp_path: Path, seed: int) -> None:
    order = Random(seed)
    expected = ALL_KINDS.assessed(tmp_path / "0")
    names = list(ALL_KINDS.schemes)
    readings = list(ALL_KINDS.readings)
    tables = {name: list(rows) for name, rows in ALL_KINDS.tables.items()}
    for listed in (names, readings, *tables.values()):
        order.shuffle(listed)
    schemes = {name: ALL_KINDS.schemes[name] for name in names}
    shuffled = replace(ALL_KINDS, schemes=schemes, readings=readings, tables=tables)
    result = shuffled.assessed(tmp_path / "1")
    assert [each.scheme.id for each in result.assessments] == names
    for name in names:
        for file, table in of(expected, name).items():
            pd.testing.assert_frame_equal(in_order(of(result, name)[file]), in_order(table))


def test_a_caption_says_whose_uncertainty_is_not_drawn(tmp_path: Path) -> None:
    """Only with draws, and only of indicators that read another scheme."""
    reader = score(
        indicator("level", 100, '{ scheme = "eco" }'), indicator("own", 100, '{ data = "green" }')
    )
    (tmp_path / "score.toml").write_text(reader, encoding="utf-8")
    indicators = gep.read_scheme(tmp_path / "score.toml").spec.indicator  # type: ignore[attr-defined]
    exact = score_caption(indicators, has_all_points=True)
    drawn = score_caption(indicators, has_all_points=True, is_drawn=True)
    (line,) = (line.say("en") for line in drawn if line not in exact)
    assert "level read other schemes (eco), whose uncertainty is not drawn" in line
    assert "own" not in line


def test_the_grade_of_evidence_follows_the_number(tmp_path: Path) -> None:
    """A made-up reading behind an index is made up in the score that reads the index."""
    rows = [{**row, "grade": "expert"} if row["region"] == "b" else row for row in READINGS]
    result = replace(BASE, readings=rows).assessed(tmp_path)
    scores = of(result, "score")["scores.csv"]
    assert cell(scores, "grade", "b", indicator="level") == "expert"
    assert cell(scores, "grade", "a", indicator="level") != "expert"


def test_explanations_follow_references_down(tmp_path: Path) -> None:
    BASE.assessed(tmp_path)
    lines = gep.explain_score(tmp_path, "a", 2020, "money:points", allow_code=True, language="en")
    assert "13500.00 CNY" in lines
    assert "scheme score (score) 2020" in lines
    assert "scheme eco (eco) 2020" in lines
    assert "readings.csv row" in lines


def test_years_of_each_scheme(tmp_path: Path) -> None:
    """The index is of both years, the score and the money of the last, by project and by scheme."""
    head = 'pool_from = "rules"\nyears = [2020]'
    linked = replace(
        BASE,
        schemes={**BASE.schemes, "money": paid('{ scheme = "score" }', head=head)},
        more='scheme_years = { "./score.toml" = [2020] }',
    )
    result = linked.assessed(tmp_path)
    assert set(of(result, "eco")["index.csv"]["year"]) == {2019, 2020}
    assert set(of(result, "score")["scores.csv"]["year"]) == {2020}
    assert set(of(result, "money")["allocation.csv"]["year"]) == {2020}
    assert points(result, "change", "a") == 10  # against 2019, which the index assesses


def money_of(reading: str, more: str = "") -> Linked:
    """The base with another reading of the money."""
    return replace(BASE, schemes={**BASE.schemes, "money": paid(reading)}, more=more)


FIRST_YEAR = 'scheme_years = { "./score.toml" = [2019] }'
WRONG: dict[str, tuple[Linked, str, str]] = {
    "unknown scheme": (money_of('{ scheme = "scores" }'), "unknown-scheme", "score"),
    "unknown item": (money_of('{ scheme = "score/levels" }'), "unknown-item", "level"),
    "an item of another kind": (money_of('{ scheme = "eco/total.rank" }'), "unknown-item", "eco"),
    "other unit": (money_of('{ scheme = "geep/geep" }'), "wrong-dimension", "CNY"),
    "year not assessed": (money_of('{ scheme = "score" }', FIRST_YEAR), "scheme-year", "2020"),
    "class without numbers": (money_of('{ scheme = "eco/total.grade" }'), "scheme-class", "优"),
    "numbers for a number": (
        money_of('{ scheme = "eco", classes = { "优" = 1 } }'),
        "scheme-class",
        "eco",
    ),
    "a word that is no class": (
        money_of('{ scheme = "eco/total.grade", classes = { "优" = 1, "良" = 1, "劣" = 0 } }'),
        "scheme-class",
        "劣",
    ),
    "a class left out": (
        money_of('{ scheme = "eco/total.grade", classes = { "优" = 1, "良" = 1 } }'),
        "scheme-class",
        "差",
    ),
    "itself": (money_of('{ scheme = "money" }'), "scheme-circle", "money → money"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_reference_that_does_not_hold_is_told(tmp_path: Path, name: str) -> None:
    linked, code, word = WRONG[name]
    (problem,) = linked.problems(tmp_path)
    assert problem.code == code
    assert word in problem.what + problem.fix


def test_a_circle_is_named_whole_and_other_schemes_are_still_checked(tmp_path: Path) -> None:
    links = {"one": "two", "two": "three", "three": "one", "four": "one"}
    schemes = {
        name: score(indicator("x", 100, f'{{ scheme = "{read}" }}'), name=name)
        for name, read in links.items()
    }
    schemes["lone"] = score(indicator("x", 100, '{ data = "nothing" }'), name="lone")
    problems = Linked(schemes).problems(tmp_path)
    assert [problem.code for problem in problems] == ["scheme-circle", "unknown-reading"]
    assert "one → two → three → one" in problems[0].what


def test_what_fails_is_told_of_the_scheme_that_failed(tmp_path: Path) -> None:
    rows = [row for row in READINGS if (row["name"], row["region"]) != ("green", "b")]
    rows.append(datum("b", "green", 1, "hm2", year=2020))
    problems = replace(BASE, readings=rows).problems(tmp_path)
    assert {problem.code for problem in problems} == {"wrong-dimension"}
    assert len(problems) == 1


def test_years_of_no_scheme_are_told(tmp_path: Path) -> None:
    problems = replace(BASE, more='scheme_years = { "./nobody.toml" = [2020] }').problems(tmp_path)
    assert [problem.code for problem in problems] == ["unknown-id"]
    problems = replace(BASE, more='scheme_years = { "./eco.toml" = [2031] }').problems(
        tmp_path / "2"
    )
    assert "missing-year" in {problem.code for problem in problems}
