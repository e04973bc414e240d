"""The pages on performance evaluation: their projects run, show what is computed, and docs/zh/formats.md is whole."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest
from pydantic import BaseModel
from test_docs import DOCS, _text, _write_files_of

import gep
from gep.assessment.allocation import tables as allocation
from gep.assessment.audit import tables as audit_tables
from gep.assessment.balance import tables as balance_sheet
from gep.assessment.geep import tables as geep
from gep.assessment.index import tables as index_result
from gep.assessment.index.tree import NODE_COLUMNS
from gep.assessment.kinds import KINDS, read_scheme
from gep.assessment.review import log as life
from gep.assessment.review import tables as life_tables
from gep.assessment.scoring import tables as score_tables
from gep.workflows.assess import ProjectAssessment, assess_project, record_review
from gep.workflows.explain import explain_score

FORMATS = _text(DOCS / "zh" / "formats.md")


def _assessed(page: str, project: str, folder: Path, draws: int = 0) -> ProjectAssessment:
    _write_files_of(DOCS / "zh" / "how-to" / f"{page}.md", folder)
    return assess_project(folder / project, draws=draws, seed=1 if draws else 0)


def _ranking(found: ProjectAssessment, scheme: int) -> pd.DataFrame:
    return found.assessments[scheme].tables["ranking.csv"].set_index(["region", "year"])


# by hand, see the page
LAKE_2021 = {
    "990801": (30 + 20 + 15 + 20 + 9 + 4.5, 1, "良好"),
    "990802": (25 + 12.5 + 0 + 20 + 8.4 + 4.2 - 3, 2, "合格"),
    "990803": (30 + 5 + 0 + 15 + 6 + 4.1, 1, "合格"),
}


def test_own_scheme_gives_what_is_worked_out_by_hand(tmp_path: Path) -> None:
    found = _assessed("own-scheme", "lake", tmp_path)
    assert not found.warnings
    rows, text = _ranking(found, 0), _text(DOCS / "zh" / "how-to/own-scheme.md")
    for region, (score, rank, grade) in LAKE_2021.items():
        row = rows.loc[(region, 2021)]
        assert float(row["score"]) == pytest.approx(score)
        assert (row["rank"], row["grade"]) == (rank, grade)
        name = found.context.name(region, "zh")
        assert f"| {name} | {row['group']} | {score:g} | {rank} | {grade} |" in text
    first = (
        (30 + 15 + 20 + 9 + 4.5) * 100 / 80
    )  # of 2020: growth has no reading, its weight is spread
    assert float(rows.loc[("990801", 2020), "score"]) == pytest.approx(first)
    term = (first + LAKE_2021["990801"][0]) / 2 * 0.7 + 20 + 10
    assert float(_ranking(found, 1).loc[("990801", 2021), "score"]) == pytest.approx(term)


def test_money_follows_scores_as_worked_out_by_hand(tmp_path: Path) -> None:
    """10^4 yuan: a point above 60, 10 for the grade 良好, 45 at most."""
    found = _assessed("own-scheme", "lake", tmp_path)
    table = found.assessments[2].tables["allocation.csv"]
    assert set(table["year"]) == {2021}
    amounts = dict(zip(table["region"], table["amount"], strict=True))
    text = _text(DOCS / "zh" / "how-to/own-scheme.md")
    for region, (score, _, grade) in LAKE_2021.items():
        due = min((score - 60) * 10_000 + (100_000 if grade == "良好" else 0), 450_000)
        assert float(amounts[region]) == pytest.approx(due, abs=1e-9)
        name = found.context.name(region, "zh")
        assert re.search(rf"^\| {name} \|.*\| {amounts[region]:,} \|$", text, re.MULTILINE)


def test_assess_shows_the_intervals_that_are_drawn(tmp_path: Path) -> None:
    found = _assessed("own-scheme", "lake", tmp_path, 2000)
    tables, text = found.assessments[0].tables, _text(DOCS / "zh" / "how-to/assess.md")
    scores = tables["scores.csv"]
    scores = scores[
        ((scores["year"] == 2021) & (scores["indicator"] == "total")).to_numpy()
    ].set_index("region")
    ranks = tables["rank_intervals.csv"]
    ranks = ranks[(ranks["year"] == 2021).to_numpy()].set_index("region")
    for region, name in (("990801", "北县"), ("990802", "中县")):
        row, rank = scores.loc[region], ranks.loc[region]
        held = f"{row['points_low']:.1f}–{row['points_high']:.1f}"
        place = f"{rank['rank_p025']}–{rank['rank_p975']}"
        assert (
            f"| {name} | {row['points']:.1f} | {held} | {LAKE_2021[region][1]} | {place} |" in text
        )


def test_assess_records_the_life_that_it_shows(tmp_path: Path) -> None:
    _write_files_of(DOCS / "zh" / "how-to/own-scheme.md", tmp_path)
    lines = re.findall(
        r"^gep record lake (.*)$", _text(DOCS / "zh" / "how-to/assess.md"), re.MULTILINE
    )
    assert len(lines) == 6
    for line in lines:
        given = {key: value.strip('"') for key, value in re.findall(r'--(\w+) ("[^"]*"|\S+)', line)}
        record_review(tmp_path / "lake", **{**given, "year": int(given["year"])})
    found = assess_project(tmp_path / "lake")
    results = found.assessments[0].tables["life_results.csv"].set_index(["region", "year", "item"])
    assert float(results.loc[("990802", 2021, "total"), "final"]) == 70.1
    assert results.loc[("990802", 2021, "total"), "computed"] == pytest.approx(67.1)
    record = json.loads((found.out / "lake-yearly/assessment.json").read_text(encoding="utf-8"))
    assert record["results"] == {"2020": "", "2021": "终核"}
    assert record["log_head"] == found.log.head


def test_assess_shows_the_targets_and_the_money_that_are_computed(tmp_path: Path) -> None:
    found = _assessed("assess", "river", tmp_path)
    assert not found.warnings
    text = _text(DOCS / "zh" / "how-to/assess.md")
    targets = found.assessments[0].tables["targets.csv"].set_index(["region", "year", "indicator"])
    words = {"met": "完成", "on_schedule": "按进度", "behind": "滞后", "missed": "未完成"}
    row_of = r"^\| (.县) \| (\S+) \| ([\d.]+) \| \d{4} 年 \S+ \d+ \| ([\d.]+) \| (\S+) \|$"
    shown = re.findall(row_of, text, re.MULTILINE)
    assert len(shown) == 4
    names = {"优良天数比率": "good_air_days", "水质优良比例": "surface_water_good"}
    codes = {found.context.name(code, "zh"): code for code in found.context.regions}
    for name, indicator, reading, attainment, status in shown:
        row = targets.loc[(codes[name], 2017, names[indicator])]
        assert (row["reading"], round(row["attainment"], 2)) == (float(reading), float(attainment))
        assert words[row["status"]] == status
    money = found.assessments[1].tables["allocation.csv"].set_index(["region", "year"])
    for name, code in codes.items():
        one, other = money.loc[(code, 2016)], money.loc[(code, 2017)]
        less = f"{one['deduction']:,}" if one["deduction"] else "0"
        assert (
            f"| {name} | {one['score']:.2f} | {one['amount']:,} | {less} | {other['amount']:,} |"
            in text
        )
    share = 50 * 70 / 250 + 20 * 60 / 240 + 20 * 50 / 210 + 10 * 80 / 240
    assert float(money.loc[("991003", 2016), "amount"]) == pytest.approx(
        0.7 * share * 1e5, abs=0.01
    )
    shown = re.search(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    explained = explain_score(
        tmp_path / "river",
        "991003",
        2017,
        "targets-13fyp-environment:good_air_days",
        language="zh",
    )
    assert shown is not None
    assert shown[1].splitlines() == explained.splitlines()[:3]


def test_collect_shows_what_is_collected(tmp_path: Path) -> None:
    from gep.collection.counties import CollectionOptions
    from gep.workflows.collect import collect_projects

    _write_files_of(DOCS / "zh" / "how-to/collect.md", tmp_path)
    home = tmp_path / "province"
    for county in ("east", "west"):
        gep.run_project(home / county)
    files = {name: home / f"{name}.csv" for name in ("controls", "regions")}
    found = collect_projects(
        home, options=CollectionOptions(**files, alternatives=home / "alternatives.toml")
    )
    text, tables = _text(DOCS / "zh" / "how-to/collect.md"), found.tables
    assert {one.code for one in found.warnings} == {"control-differs", "jump-unexplained"}
    rows = tables["replayed.csv"]
    mine = (rows["category"] == "total") & (rows["indicator"] == "total") & (rows["region"] == "")
    rows = rows[mine.to_numpy()].set_index(["county", "year"])
    for county, name in (("east", "东县"), ("west", "西县")):
        row = rows.loc[(county, 2019)]
        numbers = " | ".join(f"{row[one]:,.0f}" for one in ("own", "common", "difference"))
        assert f"| {name} | {numbers} | {row['rank_own']} → {row['rank_common']} |" in text
    assert rows.loc[("west", 2019), "own"] / rows.loc[("west", 2019), "common"] == pytest.approx(
        538.92 / 449.1
    )
    assert set(tables["pairs.csv"]["year"]) == {2020}
    ranks = tables["ranks.csv"].set_index(["county", "year"])
    assert ranks.loc[("east", 2019), "kept"] == 0.75


def test_assess_names_data_that_the_schemes_read() -> None:
    text = _text(DOCS / "zh" / "how-to/assess.md")
    table = text.split("### 各方案要什么", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \|$", table, re.MULTILINE)
    assert len(rows) >= 10
    for name, said in rows:
        files = "\n".join(_text(file) for file in read_scheme(name).files)
        tables = {"stocks", "causes", "prices", "terms", "pools", "targets", "events", "groups"}
        for word in set(re.findall(r"`(\w+)`", said)) - tables:
            assert re.search(rf"\b{word}\b", files), f"{name} does not read {word}"


def _section(start: str, end: str) -> str:
    return FORMATS.split(f"\n{start}", 1)[1].split(f"\n{end}", 1)[0]


def _said(text: str) -> set[str]:
    """All words inside backticks or fences."""
    parts = re.findall(r"`([^`]+)`", text)
    return {word for part in parts for word in re.findall(r"\w+", part)}


def _models(annotation: Any) -> set[type[BaseModel]]:
    """The models that an annotation holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {one for part in get_args(annotation) for one in _models(part)}


def _keys(model: type[BaseModel]) -> set[str]:
    """The keys of a model and of the models in it."""
    found = set()
    for name, field in model.model_fields.items():
        found |= {field.alias or name} | {
            key for part in _models(field.annotation) for key in _keys(part)
        }
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_formats_has_every_key_of_every_kind(kind: str) -> None:
    text = _section("## 方案\n", "### `kind") + _section(f'### `kind = "{kind}"`', "##")
    keys = _keys(KINDS[kind].spec) - {"zh", "en"}
    assert keys - _said(text) == set()


def test_formats_has_every_column_of_a_node() -> None:
    text = _section('### `kind = "index"`', "###")
    assert {*NODE_COLUMNS.required, *NODE_COLUMNS.optional} - _said(text) == set()


TABLES = (
    score_tables.RANK_COLUMNS, score_tables.RANK_INTERVAL_COLUMNS, index_result.INDEX, geep.GEEP_COLUMNS,
    balance_sheet.BALANCE_COLUMNS, audit_tables.AUDIT_COLUMNS, audit_tables.ISSUE_COLUMNS, audit_tables.SCORE_COLUMNS,
    allocation.POOL_COLUMNS, allocation.RULE_COLUMNS,
    life.LOG_COLUMNS, life_tables.SOURCE_COLUMNS, life_tables.JUMP_COLUMNS, life_tables.DEDUCTION_COLUMNS,
    life_tables.APPEAL_COLUMNS, life_tables.RESULT_COLUMNS, life_tables.REVISION_COLUMNS,
)  # fmt: skip


@pytest.mark.parametrize("columns", TABLES, ids=lambda some: "-".join(some[:3]))
def test_formats_has_every_table_of_an_assessment(columns: list[str]) -> None:
    assert f"`{','.join(columns)}`" in FORMATS


def test_formats_has_every_column_told_one_by_one() -> None:
    said = _said(_section("## 考核的结果", "## 汇总的表"))
    for columns in (score_tables.TARGET_COLUMNS, score_tables.SCORE_COLUMNS, allocation.ALLOCATION_COLUMNS,
                    audit_tables.QUALITY_COLUMNS, audit_tables.BINDING_COLUMNS):  # fmt: skip
        assert set(columns) - said == set()


def test_formats_has_every_table_of_a_collection(tmp_path: Path) -> None:
    from gep.workflows.collect import TABLES as NAMES
    from gep.workflows.collect import collect_projects

    _write_files_of(DOCS / "zh" / "how-to/collect.md", tmp_path)
    found = collect_projects(tmp_path / "province")
    for name in NAMES:
        assert f"| `{name}` | `{','.join(found.tables[name].columns)}` |" in FORMATS
