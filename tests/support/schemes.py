"""Scoring schemes for tests: written as TOML or as a CSV beside, with readings, targets, groups and events as files.

Nothing here is a reference: the numbers are made up and what they must give is worked out in the tests.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gep.assessment.apply import apply
from gep.assessment.context import AssessmentContext
from gep.assessment.events import load_events, load_groups
from gep.assessment.kinds import load_scheme
from gep.assessment.references import check_references, publish
from gep.assessment.scheme import Assessment, Scheme
from gep.assessment.targets import load_targets
from gep.errors import Problem, ProblemLog
from gep.inputs.data import read_data
from gep.workflows.assess import ProjectAssessment, assess_project
from support.small import Row, area, coefficient, datum, write_table
from support.years import CROP, LAND, Years, of_products

HEAD: Mapping[str, Any] = {
    "id": "demo", "title": {"zh": "示例考核", "en": "Demonstration"}, "kind": "score", "source": "made_up",
    "evidence": "published", "legal": "research",
}  # fmt: skip
SOURCES = '\n[sources.made_up]\ntitle = "Made up for tests"\n'
GRADES = (
    {"name": "优秀", "from": 90}, {"name": "良好", "from": 80}, {"name": "合格", "from": 60}, {"name": "不合格"},
)  # fmt: skip
ATTAIN = {"kind": "attain"}
PLAIN = {"kind": "reading"}  # the reading is the points
_CSV_KEYS = ("id", "name", "reading", "rule")


def one(
    name: str, points: float | None = 10, rule: Mapping[str, Any] | None = PLAIN, **more: Any
) -> dict[str, Any]:
    """An indicator whose reading is the data row of its name; ``None`` takes a key away."""
    given: dict[str, Any] = {
        "id": name, "name": {"zh": f"指标{name}", "en": name}, "property": "binding", "direction": "+", "unit": "1",
        "points": points, "reading": {"data": name}, "rule": rule, "grade": "published",
    }  # fmt: skip
    return {key: value for key, value in (given | more).items() if value is not None}


def scheme_toml(listed: Sequence[Mapping[str, Any]], **head: Any) -> str:
    """The TOML of a scheme; its lists of tables (section, event, grade) and tables (veto) come after its keys."""
    keys, tables = [], []
    for name, value in ({**HEAD, **head}).items():
        if (
            isinstance(value, Sequence)
            and not isinstance(value, str)
            and name in ("section", "event", "grade")
        ):
            tables += [(f"[[{name}]]", one_table) for one_table in value]
        elif name == "veto":
            tables.append(("[veto]", value))
        elif value is not None:
            keys.append(f"{name} = {_inline(value)}")
    tables += [("[[indicator]]", each) for each in listed]
    lines = [
        f"\n{title}\n" + "\n".join(f"{key} = {_inline(item)}" for key, item in table.items())
        for title, table in tables
    ]
    return "\n".join(keys) + "\n" + "\n".join(lines) + "\n" + SOURCES


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_inline(item)}" for key, item in value.items()) + " }"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def csv_row(indicator: Mapping[str, Any]) -> dict[str, Any]:
    """An indicator as a row of the CSV beside a scheme."""
    rest = {key: value for key, value in indicator.items() if key not in _CSV_KEYS}
    rule = dict(indicator.get("rule", {}))
    for key in ("at", "values"):
        if key in rule:
            rule[key] = ";".join(str(item) for item in rule[key])
    named = {
        "indicator": indicator["id"],
        "zh": indicator["name"]["zh"],
        "en": indicator["name"]["en"],
    }
    blank = {"property": "", "direction": "", "unit": "", "source": "", "locator": "", "grade": ""}
    kind = {"rule": rule.pop("kind")} if rule else {}
    return named | blank | rest | dict(indicator["reading"]) | kind | rule


def write_scheme(
    folder: Path, listed: Sequence[Mapping[str, Any]], as_csv: bool = False, **head: Any
) -> Path:
    """Write a scheme; ``as_csv`` puts its indicators into a CSV beside."""
    folder.mkdir(parents=True, exist_ok=True)
    if as_csv:
        write_table(folder / "indicators.csv", [csv_row(each) for each in listed])
        head, listed = {**head, "indicators": "indicators.csv"}, ()
    path = folder / f"{head.get('id', HEAD['id'])}.toml"
    path.write_text(scheme_toml(listed, **head), encoding="utf-8")
    return path


def loaded(path: Path) -> Scheme:
    """A scheme that has nothing wrong."""
    problems = ProblemLog()
    found = load_scheme(str(path), None, path.name, problems)
    assert [str(problem) for problem in problems.errors] == []
    assert found is not None
    return found


def faults_of(path: Path) -> list[Problem]:
    """What is wrong with a scheme itself."""
    problems = ProblemLog()
    load_scheme(str(path), None, path.name, problems)
    return problems.errors


def reading(
    region: str, name: str, value: object, unit: str = "1", year: int = 2020, **more: object
) -> Row:
    """A row of readings."""
    return datum(region, name, value, unit, year, **more)


def target(
    region: str,
    indicator: str,
    goal: object,
    comparator: str = ">=",
    year: int = 2020,
    **more: object,
) -> dict[str, object]:
    """A row of targets.csv, a level unless it says otherwise."""
    given = {
        "region": region, "indicator": indicator, "base_year": "", "base": "", "year": year, "comparator": comparator,
        "target": goal, "form": "level", "unit": "1", "source": "made up",
    }  # fmt: skip
    return given | more


def event(region: str, name: str, year: int = 2020, **more: object) -> dict[str, object]:
    """A row of events.csv."""
    given = {
        "region": region,
        "year": year,
        "event": name,
        "document": "通报〔2020〕1号",
        "date": f"{year}-05-06",
    }
    return {**given, "expires": "", "times": "", **more}


@dataclass(frozen=True)
class Demo:
    """A scheme with all that it is applied to, each a list of rows."""

    indicators: Sequence[Mapping[str, Any]]
    readings: Sequence[Row]
    targets: Sequence[Row] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    events: Sequence[Row] = ()
    head: Mapping[str, Any] = field(default_factory=dict)
    previous: Mapping[str, int] = field(default_factory=dict)
    as_csv: bool = False

    def scheme(self, folder: Path) -> Scheme:
        """The scheme, written and read."""
        return loaded(write_scheme(folder, self.indicators, self.as_csv, **self.head))

    def ground(self, folder: Path) -> AssessmentContext:
        """Readings, targets, groups and events, written and read; there are no accounts."""
        problems = ProblemLog()
        rows = read_data(write_table(folder / "readings.csv", self.readings))
        targets = (
            load_targets(write_table(folder / "targets.csv", self.targets), problems)
            if self.targets
            else None
        )
        group_rows = [{"region": code, "group": name} for code, name in self.groups.items()]
        groups = (
            load_groups(write_table(folder / "groups.csv", group_rows), problems)
            if group_rows
            else None
        )
        events = (
            load_events(write_table(folder / "events.csv", self.events), problems)
            if self.events
            else None
        )
        assert [str(problem) for problem in problems.errors] == []
        regions = tuple(dict.fromkeys(str(each["region"]) for each in self.readings))
        years = tuple(sorted({int(each["year"]) for each in self.readings}))
        before = {
            (str(self.head.get("id", HEAD["id"])), code, 0): rank
            for code, rank in self.previous.items()
        }
        return AssessmentContext(years, regions, {}, rows, targets, groups, events, previous=before)

    def problems(self, folder: Path) -> list[Problem]:
        """What the ground lacks for the scheme."""
        folder.mkdir(parents=True, exist_ok=True)
        scheme, problems = self.scheme(folder), ProblemLog()
        on = publish([scheme], self.ground(folder))
        check_references(scheme, on, problems)
        scheme.kind.check_inputs(scheme, on, problems)
        return problems.errors

    def assessed(self, folder: Path) -> Assessment:
        """The scheme applied; nothing may be wrong."""
        assert [str(problem) for problem in self.problems(folder)] == []
        return apply([self.scheme(folder)], self.ground(folder)).assessments[0]


def cell(
    table: pd.DataFrame, column: str, region: str = "a", year: int = 2020, **keys: object
) -> Any:
    """A cell of the one row of a region and year."""
    chosen = table[((table["region"] == region) & (table["year"] == year)).to_numpy()]
    for name, key in keys.items():
        chosen = chosen[(chosen[name] == key).to_numpy()]
    assert len(chosen) == 1, f"{region} {year} {keys}: {len(chosen)} rows"
    return chosen[column].iloc[0]


def points(found: Assessment, indicator: str, region: str = "a", year: int = 2020) -> Any:
    """Points of an indicator, or of ``total``."""
    return cell(found.tables["scores.csv"], "points", region, year, indicator=indicator)


def rank(found: Assessment, column: str, region: str = "a", year: int = 2020) -> Any:
    """A cell of ranking.csv."""
    return cell(found.tables["ranking.csv"], column, region, year)


# --- a whole project -------------------------------------------------------------------------------------------------

CROPS = of_products(
    CROP, LAND,
    areas=[area(code, "field", hectares, year=year) for code, hectares in (("a", 100), ("b", 300))
           for year in (2019, 2020)],
    data=[datum(code, "output", tonnes, "t", year=year, product="rice")
          for code, year, tonnes in (("a", 2019, 100), ("a", 2020, 120), ("b", 2019, 200), ("b", 2020, 150))],
    sets=[coefficient("product_price", price, "CNY t-1", product="rice", price_year=str(year))
          for year, price in ((2019, 2000), (2020, 4000))]
    + [coefficient("land_value", value, "CNY ha-1", ecosystem="field", price_year=str(year))
       for year, value in ((2019, 1000), (2020, 2000))]
    + [coefficient("land_share", 0.5, "1", ecosystem="field")],
    regions=[
        {"region": "a", "name": "甲县", "name_en": "A", "area": 4, "area_unit": "km2", "population": 200},
        {"region": "b", "name": "乙县", "name_en": "B", "area": 10, "area_unit": "km2", "population": 500},
    ],
)  # fmt: skip
# In yuan. At own prices: a 2019 100 x 2000 + 100 x 500 = 250,000; a 2020 120 x 4000 + 100 x 1000 = 580,000;
# b 2019 200 x 2000 + 300 x 500 = 550,000; b 2020 150 x 4000 + 300 x 1000 = 900,000.
# At prices of 2020: a 2019 100 x 4000 + 100,000 = 500,000, a 2020 580,000; b 2019 1,100,000, b 2020 900,000.
ACCOUNT = Years(CROPS)


@dataclass(frozen=True)
class Whole:
    """A project with ``[assessment]``: schemes as (indicators, head), tables as rows, more lines of its TOML."""

    schemes: Sequence[tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]]
    account: Years = ACCOUNT
    readings: Sequence[Row] = ()
    targets: Sequence[Row] = ()
    groups: Sequence[Row] = ()
    events: Sequence[Row] = ()
    more: str = ""
    as_csv: bool = False

    def write(self, folder: Path) -> Path:
        """Write the project and its schemes."""
        self.account.project(folder)
        named = []
        for number, (indicators, head) in enumerate(self.schemes):
            path = write_scheme(folder / f"scheme-{number}", indicators, self.as_csv, **head)
            named.append(f"./{path.relative_to(folder).as_posix()}")
        lines = ["", "[assessment]", f"schemes = {json.dumps(named)}"]
        for name in ("readings", "targets", "groups", "events"):
            if rows := getattr(self, name):
                write_table(folder / f"{name}.csv", rows)
                lines.append(
                    f'{name} = ["{name}.csv"]' if name == "readings" else f'{name} = "{name}.csv"'
                )
        with (folder / "project.toml").open("a", encoding="utf-8") as file:
            file.write("\n".join([*lines, self.more]) + "\n")
        return folder

    def assessed(self, folder: Path, **options: Any) -> ProjectAssessment:
        """Written and assessed; raises ``gep.ProblemsFound``."""
        return assess_project(self.write(folder), allow_code=True, **options)


def but(demo: Demo, **parts: Any) -> Demo:
    """A demonstration with other parts."""
    return replace(demo, **parts)
