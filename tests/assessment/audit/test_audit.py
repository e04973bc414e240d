"""Leaving-office audit: terms at account dates, changes parted by hand, points, grades, what is wrong in inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import ROOT
from support.small import Row, coefficient, datum, write_table
from support.years import EROSION, LAND, Years, field_areas, of_products, row

import gep
from gep.account.account import account_from_plan
from gep.assessment.audit.checks import check_terms
from gep.assessment.audit.tables import AUDIT_COLUMNS
from gep.assessment.audit.term_results import nearest_account
from gep.assessment.context import AssessmentContext
from gep.assessment.events import load_events, load_terms, read_terms
from gep.assessment.kinds import load_scheme, read_scheme
from gep.assessment.scheme import Assessment
from gep.assessment.stocks import read_causes
from gep.assessment.targets import read_targets
from gep.comparison.comparison import Comparison, compare
from gep.comparison.normal_climate import under_reference_weather
from gep.errors import ProblemLog
from gep.inputs.data import EMPTY, read_data
from gep.project.project import build_plans, read_project

SCHEMES = Path(gep.__file__).parent / "assessment" / "schemes"
SOME = settings(max_examples=150, deadline=None, derandomize=True, database=None)
HEAD = """
id = "own"
title = "own"
kind = "audit"
source = "me"
evidence = "published"
legal = "research"
sources = { me = { title = "own" } }
"""
FOREST = """
[[item]]
id = "forest"
name = "forest"
property = "binding"
direction = "+"
unit = "hm2"
reading = { data = "forest" }
split = "causes"
resource = "land"
class = "forest"
part = "a1"
missed = 4
grade = "expert"
"""
DUST = """
[[item]]
id = "dust"
name = "dust"
table = "quality"
direction = "-"
unit = "10^-3 mg m-3"
reading = { data = "pm25" }
grade = "expert"
"""
SCORED = """
[[module]]
id = "a"
name = "a"
points = 40
[[module]]
id = "b"
name = "b"
points = 60
[[part]]
id = "a1"
module = "a"
name = "a1"
points = 30
[[part]]
id = "a2"
module = "a"
name = "a2"
points = 10
[[issue]]
id = "late"
name = "late"
part = "a1"
points = 2
most = 5
[[issue]]
id = "gain"
name = "gain"
part = "a2"
effect = "bonus"
points = 3
[[issue]]
id = "lost"
name = "lost"
part = "b"
points = 25
"""
GRADES = "".join(
    f'[[grade]]\nname = "{name}"\nfrom = {cut}\n'
    for name, cut in (("好", 90), ("较好", 80), ("一般", 70))
)
GRADES += '[[grade]]\nname = "较差"\nfrom = 60\n[[grade]]\nname = "差"\n'


@dataclass(frozen=True)
class Case:
    """A scheme of one's own with its tables."""

    text: str = HEAD + "total = 100\n" + FOREST + DUST + SCORED + GRADES
    terms: Sequence[Row] = ()
    readings: Sequence[Row] = ()
    targets: Sequence[Row] = ()
    events: Sequence[Row] = ()
    causes: Sequence[Row] = ()
    years: tuple[int, ...] = (2016, 2017, 2018, 2019, 2020, 2021)
    regions: tuple[str, ...] = ("a",)
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)

    def ground(self, folder: Path) -> AssessmentContext:
        """The tables read; raises ``gep.ProblemsFound``."""
        problems, terms, causes = ProblemLog(), None, None
        if self.terms:
            terms = read_terms(write_table(folder / "terms.csv", self.terms))
        if self.causes:
            causes = read_causes(write_table(folder / "causes.csv", self.causes))
        events = (
            load_events(write_table(folder / "events.csv", self.events), problems)
            if self.events
            else None
        )
        problems.raise_errors()
        return AssessmentContext(
            self.years, self.regions, self.comparisons,
            read_data(write_table(folder / "readings.csv", self.readings)) if self.readings else EMPTY,
            targets=read_targets(write_table(folder / "targets.csv", self.targets)) if self.targets else None,
            events=events, terms=terms, causes=causes,
        )  # fmt: skip

    def path(self, folder: Path) -> Path:
        """The scheme's file."""
        (folder / "own.toml").write_text(self.text, encoding="utf-8")
        return folder / "own.toml"

    def assessed(self, folder: Path) -> Assessment:
        """The tables; raises ``gep.ProblemsFound``."""
        scheme, ground, problems = read_scheme(self.path(folder)), self.ground(folder), ProblemLog()
        scheme.kind.check_inputs(scheme, ground, problems)
        problems.raise_errors()
        return scheme.kind.assess(scheme, ground)

    def codes(self, folder: Path) -> set[str]:
        """The codes of everything that is wrong."""
        problems = ProblemLog()
        try:
            scheme = load_scheme(str(self.path(folder)), None, "scheme", problems)
            if scheme is not None and not problems.errors:
                scheme.kind.check_inputs(scheme, self.ground(folder), problems)
        except gep.ProblemsFound as error:
            return {one.code for one in error.problems}
        return {one.code for one in (*problems.errors, *problems.warnings)}


def term(start: str, end: str, office: str = "县长", region: str = "a") -> Row:
    return {
        "region": region,
        "office": office,
        "term_start": start,
        "term_end": end,
        "document": "made up",
    }


def event(name: str, day: str, times: object = "", region: str = "a") -> Row:
    return {
        "region": region,
        "year": day[:4],
        "event": name,
        "document": "made up",
        "date": day,
        "times": times,
    }


def cause(start: int, end: int, nature: str, direction: str, amount: object, name: str = "") -> Row:
    return {
        "region": "a", "from": start, "to": end, "resource": "land", "class": "forest", "cause": name or nature,
        "nature": nature, "direction": direction, "amount": amount, "unit": "hm2", "source": "made up",
    }  # fmt: skip


def target(value: object, year: int = 2020, indicator: str = "forest", unit: str = "hm2") -> Row:
    return {
        "region": "a", "indicator": indicator, "base_year": "", "base": "", "year": year, "comparator": ">=",
        "target": value, "form": "level", "unit": unit, "source": "made up",
    }  # fmt: skip


READINGS = [
    *(
        datum("a", "forest", value, "hm2", year=year)
        for year, value in {2016: 1000, 2018: 1040, 2020: 1030}.items()
    ),
    *(
        datum("a", "pm25", value, "10^-3 mg m-3", year=year)
        for year, value in {2016: 35, 2018: 31, 2020: 31}.items()
    ),
]
BASE = Case(
    terms=[term("2017-03-15", "2020-11-02")],
    readings=READINGS,
    targets=[target(1050)],
    causes=[
        cause(2016, 2018, "human", "addition", 60), cause(2018, 2020, "human", "reduction", 25, "building"),
        cause(2016, 2020, "natural", "reduction", 5, "fire"), cause(2015, 2016, "human", "addition", 700),
    ],
    events=[event("late", "2017-03-15", 4), event("gain", "2020-11-02"), event("lost", "2017-03-14")],
)  # fmt: skip


def test_a_term_is_taken_at_the_accounts_nearest_to_its_days(tmp_path: Path) -> None:
    table = BASE.assessed(tmp_path).tables["audit.csv"]
    assert list(table.columns) == AUDIT_COLUMNS
    forest = row(table, item="forest")
    assert (forest["account_start"], forest["account_end"]) == ("2016-12-31", "2020-12-31")
    assert (forest["value_start"], forest["value_end"], forest["change"]) == (1000, 1030, 30)


def test_changes_are_parted_by_their_causes(tmp_path: Path) -> None:
    """60 - 25 by people, 5 by fire; what lies before the term does not count."""
    found = BASE.assessed(tmp_path)
    forest = row(found.tables["audit.csv"], item="forest")
    assert (forest["human"], forest["natural"]) == (35, -5)
    assert found.warnings == ()
    dust = row(found.tables["audit.csv"], item="dust")
    assert (dust["human"], dust["natural"]) == ("", "")


def test_causes_that_do_not_sum_to_the_change_are_told(tmp_path: Path) -> None:
    found = replace(BASE, causes=[*BASE.causes[:2]]).assessed(tmp_path)
    assert [one.code for one in found.warnings] == ["term-causes"]
    assert "leave -5" in found.warnings[0].what
    said = "\n".join(found.explain("a", 2020, "forest", "en"))
    assert "unexplained -5" in said
    assert "building (human) -25 hm2; causes.csv row 3" in said


def test_reclassified_land_is_neither_human_nor_natural(tmp_path: Path) -> None:
    causes = [
        cause(2016, 2020, "human", "addition", 20),
        cause(2016, 2020, "reclassification", "addition", 10),
    ]
    found = replace(BASE, causes=causes).assessed(tmp_path)
    forest = row(found.tables["audit.csv"], item="forest")
    assert (forest["human"], forest["natural"], found.warnings) == (20, 0, ())


def test_a_target_of_the_term_is_missed_and_takes_points(tmp_path: Path) -> None:
    found = BASE.assessed(tmp_path)
    forest = row(found.tables["audit.csv"], item="forest")
    assert (forest["target"], forest["met"]) == (1050, "missed")
    bound = row(found.tables["audit_targets.csv"], item="forest")
    assert (bound["reading"], bound["attainment"], bound["year"]) == (
        1030,
        pytest.approx(1030 / 1050),
        2020,
    )
    # part a1: 30 - 4 of the target - min(4 x 2, 5) of findings; a2: 10 + 3; module a at most 40
    scores = found.tables["audit_scores.csv"]
    assert row(scores, part="a1")["score"] == 21
    assert row(scores, part="a2")["score"] == 13
    assert row(scores, module="a", part="")["score"] == 34
    assert (
        row(scores, module="b", part="")["score"] == 60
    )  # the finding of the day before the term is not of it
    total = row(scores, module="total")
    assert (total["score"], total["grade"]) == (94, "好")
    met = replace(BASE, targets=[target(1030)]).assessed(tmp_path)
    assert row(met.tables["audit_scores.csv"], part="a1")["score"] == 25


def test_a_module_is_at_most_its_points(tmp_path: Path) -> None:
    found = replace(BASE, targets=(), events=[event("gain", "2018-01-01", 7)]).assessed(tmp_path)
    module = row(found.tables["audit_scores.csv"], module="a", part="")
    assert (module["score"], module["bonus"]) == (40, 21)
    assert "capped" in module["note"]


def test_deductions_use_a_part_up_and_no_more(tmp_path: Path) -> None:
    found = replace(BASE, targets=(), events=[event("lost", "2018-01-01", 3)]).assessed(tmp_path)
    assert row(found.tables["audit_scores.csv"], module="b", part="")["score"] == 0
    assert row(found.tables["audit_scores.csv"], module="total")["grade"] == "差"


def test_the_quality_of_the_environment_is_judged_by_its_direction(tmp_path: Path) -> None:
    table = BASE.assessed(tmp_path).tables["audit_quality.csv"]
    assert table["item"].tolist() == ["dust"]
    assert (table["change"].item(), table["judgement"].item()) == (-4, "improved")
    short = replace(BASE, terms=[term("2018-12-31", "2020-12-31")]).assessed(tmp_path)
    assert short.tables["audit_quality.csv"]["judgement"].item() == "unchanged"


def test_findings_are_listed_with_their_document(tmp_path: Path) -> None:
    table = BASE.assessed(tmp_path).tables["audit_issues.csv"]
    assert table[["event", "effect", "event_points", "date", "document"]].to_numpy().tolist() == [
        ["late", "deduct", 8.0, "2017-03-15", "made up"], ["gain", "bonus", 3.0, "2020-11-02", "made up"],
    ]  # fmt: skip


def test_points_that_no_text_gives_leave_no_grade(tmp_path: Path) -> None:
    blank = BASE.text.replace('id = "b"\nname = "b"\npoints = 60', 'id = "b"\nname = "b"')
    found = replace(BASE, text=blank).assessed(tmp_path).tables["audit_scores.csv"]
    assert row(found, module="b", part="")["score"] == ""
    total = row(found, module="total")
    assert (total["score"], total["grade"]) == ("", "")
    assert "no grade" in total["note"]
    unknown = BASE.text.replace('part = "a1"\npoints = 2\nmost = 5', 'part = "a1"')
    found = replace(BASE, text=unknown).assessed(tmp_path).tables["audit_scores.csv"]
    assert row(found, part="a1")["score"] == row(found, module="total")["grade"] == ""


def test_points_given_by_auditors_are_data(tmp_path: Path) -> None:
    text = BASE.text.replace(
        'name = "a2"\npoints = 10', 'name = "a2"\npoints = 10\nreading = { data = "given" }'
    )
    rows = [*READINGS, datum("a", "given", 7.5, "1", year=2020)]
    found = replace(BASE, text=text, readings=rows, events=()).assessed(tmp_path)
    assert row(found.tables["audit_scores.csv"], part="a2")["score"] == 7.5
    assert "7.5 / 10" in "\n".join(found.explain("a", 2020, "total", "zh"))


def test_the_caption_says_what_the_tables_are_for_and_which_terms_were_moved(
    tmp_path: Path,
) -> None:
    from_account_to_account = replace(BASE, terms=[term("2016-12-31", "2020-12-31")])
    inside_years = BASE.assessed(tmp_path).caption
    at_accounts = from_account_to_account.assessed(tmp_path).caption
    assert inside_years[0].say("zh").startswith("供审计组参考")
    lines = [line.say("en") for line in inside_years]
    assert any("account_start" in line and "县长 of a" in line for line in lines)
    assert not any("account_start" in line.say("en") for line in at_accounts)


def test_recalled_readings_are_marked(tmp_path: Path) -> None:
    rows = [{**one, "grade": "recalled"} if one["name"] == "pm25" else one for one in READINGS]
    marked = replace(BASE, readings=rows).assessed(tmp_path).caption
    lines = [line.say("en") for line in marked]
    assert any("from memory" in line and "dust" in line for line in lines)
    unmarked = BASE.assessed(tmp_path).caption
    assert not any("from memory" in line.say("en") for line in unmarked)


@SOME
@given(
    st.dates(date(2010, 1, 1), date(2030, 12, 31)),
    st.sets(st.integers(2012, 2028), min_size=1, max_size=6),
)
def test_no_account_is_nearer(day: date, years: set[int]) -> None:
    year, off = nearest_account(day, sorted(years))
    assert off == abs((day - date(year, 12, 31)).days)
    for other in years:
        away = abs((day - date(other, 12, 31)).days)
        assert away > off or (away == off and other >= year)


def test_of_two_dates_equally_near_the_earlier_counts() -> None:
    assert nearest_account(date(2020, 7, 1), [2019, 2020]) == (
        2019,
        183,
    )  # 2020 has 366 days: 183 either way
    assert nearest_account(date(2020, 7, 2), [2019, 2020]) == (2020, 182)


def test_the_working_takes_scores_and_targets_apart(tmp_path: Path) -> None:
    found = BASE.assessed(tmp_path)
    said = found.explain("a", 2020, "forest", "en")
    assert said[0] == "县长 2017-03-15 ~ 2020-11-02 -> 2016-12-31 ~ 2020-12-31 (terms.csv row 2)"
    assert "  end: 1030 hm2; readings.csv row 4" in said
    assert "  change: 30 hm2 = human 35 + natural -5" in said
    assert said[-1] == "  target: >= 1050 hm2, 2020; missed; made up"
    assert found.explain("a", 2020, "a1", "zh")[1:] == [
        "  a1: 21 / 30；扣 9，加 0",
        "    late 2017-03-15 made up（events.csv 第 2 行）",
    ]
    assert found.explain("a", 2020, "total", "en")[-1] == "  total: 94 好"
    assert found.explain("a", 2019, "forest", "en") == []


def test_sources_and_grades_of_items_are_said(tmp_path: Path) -> None:
    text = BASE.text.replace(
        'missed = 4\ngrade = "expert"',
        'missed = 4\nsource = "me"\nlocator = "p. 1"\ngrade = "recalled"',
    )
    found = replace(BASE, text=text).assessed(tmp_path)
    assert "  forest: own p. 1" in found.explain("a", 2020, "forest", "en")
    assert (
        "未经原文核对（凭记忆）: forest",
        "not held against a text (from memory): forest",
    ) in [(line.say("zh"), line.say("en")) for line in found.caption]


# --- accounts --------------------------------------------------------------------------------------------------------


def test_weather_is_taken_apart(tmp_path: Path) -> None:
    """10^4 CNY: 10 to 72 under actual weather; 10 and 18 times the mean at normal climate; prices of their years."""
    rain = {
        1991: 500,
        1992: 1500,
        1993: 2500,
    }  # mm; the squares of metres, at most 4: 0.25, 2.25, 4
    mean = (0.25 + 2.25 + 4) / 3
    sets = [
        coefficient("soil_cost", 1000, "CNY ha-1", price_year="2015"),
        coefficient("soil_cost", 1200, "CNY ha-1", price_year="2020"),
        coefficient("land_share", 0.5, "1"),
        *(
            coefficient("land_value", 1000, "CNY ha-1", price_year=str(year))
            for year in (2015, 2020)
        ),
    ]
    small = of_products(
        EROSION, LAND, areas=field_areas({("a", 2015): 100, ("a", 2020): 150}), sets=sets,
        data=[datum("a", "rain", value, "mm", year=year) for year, value in {2015: 1000, 2020: 3000}.items()],
    )  # fmt: skip
    normal = [datum("a", "rain", value, "mm", year=year) for year, value in rain.items()]
    project = read_project(
        Years(small, (2015, 2020), normal=normal).project(tmp_path / "p"), allow_code=True
    )
    accounts = [account_from_plan(plan) for plan in build_plans(project)]
    assert project.normal is not None
    calm = under_reference_weather(project.parts, project.normal, [2015, 2020])
    both = {
        "project": compare(accounts, pairs=()),
        "normal_climate": compare(accounts, pairs=(), normal=calm),
    }
    item = DUST.replace('unit = "10^-3 mg m-3"', 'unit = "10^4 CNY"').replace(
        'direction = "-"', 'direction = "+"'
    )
    text = HEAD + item.replace('{ data = "pm25" }', '{ account = "soil" }\nsplit = "weather"')
    case = Case(text, [term("2015-12-31", "2020-12-31")], years=(2015, 2020), comparisons=both)
    soil = case.assessed(tmp_path).tables["audit.csv"].iloc[0]
    assert [soil[name] for name in ("change", "human", "natural")] == pytest.approx(
        [62, 8 * mean, 62 - 8 * mean]
    )
    without = (
        replace(case, comparisons={"project": both["project"]})
        .assessed(tmp_path)
        .tables["audit.csv"]
        .iloc[0]
    )
    assert (without["change"], without["human"], without["natural"]) == (pytest.approx(62), "", "")


def test_a_published_account_over_a_term(tmp_path: Path) -> None:
    """Poyang Lake zone, 10.5846/stxb201612042489, Table 1: 465.39 in 2012 and 457.38 in 2016, each to a last digit."""
    project = read_project(ROOT / "examples" / "poyang-zone")
    found = compare([account_from_plan(plan) for plan in build_plans(project)], pairs=())
    item = DUST.replace("10^-3 mg m-3", "10^8 CNY").replace(
        '{ data = "pm25" }', '{ account = "total" }'
    )
    case = Case(
        HEAD + item, [term("2012-06-30", "2016-06-30", region="poyang-zone")], years=(2004, 2008, 2012, 2016),
        regions=("poyang-zone",), comparisons={"project": found},
    )  # fmt: skip
    table = case.assessed(tmp_path).tables["audit.csv"].iloc[0]
    assert (table["account_start"], table["account_end"]) == ("2012-12-31", "2016-12-31")
    assert [table[name] for name in ("value_start", "value_end")] == pytest.approx(
        [465.39, 457.38], abs=0.015
    )
    assert table["change"] == pytest.approx(-8.01, abs=0.03)
    far = replace(case, terms=[term("2006-06-30", "2016-06-30", region="poyang-zone")])
    assert far.codes(tmp_path) == {"term-far"}


# --- the scheme that ships -------------------------------------------------------------------------------------------

SHIPPED = SCHEMES / "leaving-office-audit-2017.toml"


def test_the_five_grades_are_those_that_were_read(shared: Path) -> None:
    table = pd.read_csv(
        shared / "assessment" / "csv" / "audit_grades.csv", dtype=str, keep_default_na=False
    )
    scheme: Any = read_scheme(SHIPPED).spec
    assert [one.name.zh for one in scheme.grade] == table["grade"].tolist()
    assert ["" if one.from_ is None else f"{one.from_:g}" for one in scheme.grade] == table[
        "lower_incl"
    ].tolist()
    modules = pd.read_csv(
        shared / "assessment" / "csv" / "audit_modules.csv", dtype=str, keep_default_na=False
    )
    own = {one.id: one for one in (*scheme.module, *scheme.part)}
    assert own["decisions"].name.zh == modules["module"].iloc[0]
    assert [own[name].points for name in ("decisions", "reform_tasks", "decisions_rest")] == [
        25,
        13,
        12,
    ]
    assert modules["item_points"].tolist()[:2] == ["13", "12"]
    assert "每1项扣2分" in modules["rule"].iloc[0]
    assert scheme.issue[0].points == 2


def test_the_template_gives_no_grade(tmp_path: Path) -> None:
    names = ("cropland", "forest", "wetland", "water_use", "good_air_days", "good_water")
    units = ("hm2", "hm2", "hm2", "10^8 m3", "%", "%")
    rows = [
        datum("a", name, 1, unit, year=year)
        for name, unit in zip(names, units, strict=True)
        for year in (2017, 2020)
    ]
    text = SHIPPED.read_text(encoding="utf-8")
    before, _, rest = text.partition('[[item]]\nid = "gep_normal"')
    case = Case(
        before + "[[item]]" + rest.partition("[[item]]")[2], [term("2017-12-31", "2020-12-31")], rows,
        years=(2017, 2020), events=[event("missing_reform_task", "2018-01-01", 2)],
    )  # fmt: skip
    scores = case.assessed(tmp_path).tables["audit_scores.csv"]
    assert row(scores, part="reform_tasks")["score"] == 9  # 13 - 2 x 2
    assert (
        row(scores, part="decisions_rest")["score"]
        == row(scores, module="decisions", part="")["score"]
        == ""
    )
    assert row(scores, module="total")["grade"] == ""
    shipped = read_scheme(SHIPPED)
    assert shipped.kind.bases(shipped) == {"constant", "normal_climate"}


# --- what is wrong ---------------------------------------------------------------------------------------------------

TERM = BASE.terms[0]
BROKEN: dict[str, tuple[Case, str]] = {
    "name": (replace(BASE, terms=[{**TERM, "name": "X"}]), "unknown-column"),
    "person": (replace(BASE, terms=[{**TERM, "person": "X"}]), "unknown-column"),
    "date": (replace(BASE, terms=[{**TERM, "term_end": "2020-13-01"}]), "bad-date"),
    "date-form": (replace(BASE, terms=[{**TERM, "term_start": "20170315"}]), "bad-date"),
    "office": (replace(BASE, terms=[{**TERM, "office": ""}]), "blank"),
    "document": (replace(BASE, terms=[{**TERM, "document": ""}]), "blank"),
    "order": (replace(BASE, terms=[term("2020-11-02", "2017-03-15")]), "term-order"),
    "overlap": (replace(BASE, terms=[TERM, term("2018-01-01", "2021-12-31")]), "term-overlap"),
    "twice": (replace(BASE, terms=[TERM, TERM]), "duplicate-row"),
    "one-account": (replace(BASE, terms=[term("2018-08-01", "2019-05-01")]), "term-one-account"),
    "far": (replace(BASE, terms=[term("2010-01-01", "2020-12-31")]), "term-far"),
    "region": (
        replace(BASE, terms=[TERM, term("2017-01-01", "2020-12-31", region="b")]),
        "unknown-region",
    ),
    "no-terms": (replace(BASE, terms=()), "missing-terms"),
    "reading": (replace(BASE, readings=READINGS[:3]), "unknown-reading"),
    "unit": (
        replace(BASE, readings=[{**one, "unit": "t"} for one in READINGS[:3]] + READINGS[3:]),
        "wrong-dimension",
    ),
    "target-unit": (replace(BASE, targets=[target(1, unit="t")]), "wrong-dimension"),
    "cause-unit": (replace(BASE, causes=[{**BASE.causes[0], "unit": "t"}]), "wrong-dimension"),
    "total": (replace(BASE, text=BASE.text.replace("total = 100", "total = 110")), "weights-sum"),
    "module-points": (
        replace(BASE, text=BASE.text.replace("points = 30", "points = 31")),
        "weights-sum",
    ),
    "part-module": (
        replace(BASE, text=BASE.text.replace('id = "a2"\nmodule = "a"', 'id = "a2"\nmodule = "c"')),
        "",
    ),
    "issue-part": (replace(BASE, text=BASE.text.replace('part = "b"', 'part = "a"')), "audit-part"),
    "issue-twice": (
        replace(BASE, text=BASE.text.replace('id = "lost"', 'id = "late"')),
        "duplicate-id",
    ),
    "cut-offs": (replace(BASE, text=BASE.text.replace("from = 80", "from = 95")), "grade-cutoffs"),
    "source": (
        replace(
            BASE, text=BASE.text.replace('class = "forest"', 'class = "forest"\nsource = "you"')
        ),
        "unknown-source",
    ),
    "item-unit": (
        replace(BASE, text=BASE.text.replace('unit = "hm2"', 'unit = "hm3s"')),
        "unknown-unit",
    ),
    "weather": (
        replace(BASE, text=BASE.text.replace('split = "causes"', 'split = "weather"')),
        "toml-value",
    ),
    "split": (replace(BASE, text=BASE.text.replace('resource = "land"\n', "")), "toml-value"),
    "missed": (replace(BASE, text=BASE.text.replace("missed = 4\n", "")), "toml-value"),
}


def test_problems_are_worded_in_both_languages(tmp_path: Path) -> None:
    """Place, the value found, names with their ids."""
    text = BASE.text.replace('id = "a2"\nmodule = "a"', 'id = "a2"\nmodule = "c"')
    path = replace(BASE, text=text).path(tmp_path)
    problems = ProblemLog()
    load_scheme(str(path), None, "scheme", problems)
    problem = next(problem for problem in problems.errors if problem.code == "audit-part")
    assert problem.say("zh") == (
        "[audit-part] own.toml part a2：评分项 a2 所属的版块“c”，方案中没有列出"
        " / 改正：补上 [[module]]，或改正名称；已有：a、b"
    )
    assert problem.say_what("en") == (
        "the part a2 is of the module 'c', which the scheme does not describe"
    )
    problems = ProblemLog()
    case = replace(BASE, terms=[term("2010-01-01", "2020-12-31")])
    scheme = read_scheme(case.path(tmp_path))
    scheme.kind.check_inputs(scheme, case.ground(tmp_path), problems)
    assert [problem.say("zh") for problem in problems.warnings] == [
        "[term-far] terms.csv 第 2 行 term_start 列：2010-01-01 距最近的核算时点 2016-12-31 有"
        " 2556 天 / 改正：补充任期内各年的核算结果"
    ]
    assert problems.warnings[0].say_where("en") == "terms.csv row 2 column term_start"


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_told(name: str, tmp_path: Path) -> None:
    case, code = BROKEN[name]
    assert case.codes(tmp_path) == ({code} if code else {"audit-part", "weights-sum"})


def test_nothing_is_wrong_with_the_case_that_is_right(tmp_path: Path) -> None:
    assert BASE.codes(tmp_path) == set()


def test_terms_that_follow_one_another_or_belong_to_two_offices_are_fine(tmp_path: Path) -> None:
    terms = [
        term("2016-12-31", "2018-12-31"),
        term("2018-12-31", "2020-12-31"),
        term("2017-03-15", "2020-11-02", "书记"),
    ]
    found = replace(BASE, terms=terms).assessed(tmp_path).tables["audit.csv"]
    assert found["office"].unique().tolist() == ["县长", "书记"]
    assert found[(found["item"] == "forest").to_numpy()]["change"].tolist() == [40, -10, 30]


def test_a_day_that_cannot_be_read_is_told_and_nothing_follows_from_it(tmp_path: Path) -> None:
    problems = ProblemLog()
    terms = load_terms(write_table(tmp_path / "terms.csv", [term("2016", "2020-11-02")]), problems)
    assert terms is not None
    check_terms(terms, AssessmentContext((2016, 2020), ("a", "b"), {}, EMPTY), problems)
    assert "bad-date" in {one.code for one in problems.errors}
    assert all("term_start" in one.what or one.code != "bad-date" for one in problems.errors)
