"""The example jiangxi-assessment: published figures come out, what is made up is marked and refused without leave."""

import csv
import shutil
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from support.paths import ROOT, shared_file

import gep
from gep.errors import ProblemLog, ProblemsFound
from gep.inputs.coefficients import read_sources
from gep.workflows.assess import ProjectAssessment, assess_project
from gep.workflows.explain import explain_score

EXAMPLE = ROOT / "examples" / "jiangxi-assessment"
COUNTIES = ROOT / "examples" / "jiangxi-counties"
MADE_UP = "placeholder-factor-scores.csv"
PRINTED = 10  # figures that sources print; the other rows are whether targets are met


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> ProjectAssessment:
    return assess_project(EXAMPLE, tmp_path_factory.mktemp("assessment"))


def written(assessed: ProjectAssessment, scheme: str, name: str) -> pd.DataFrame:
    return pd.read_csv(assessed.out / scheme / name, dtype=str, keep_default_na=False)


def test_published_figures_come_out_and_targets_are_met_or_missed_as_the_numbers_say() -> None:
    check = gep.check_figures(EXAMPLE)
    assert check.misses == ()
    words = [figure for figure in check.figures if isinstance(figure.computed, str)]
    assert (len(check.figures) - len(words), len(words)) == (PRINTED, 12)
    assert check.mismatches == ()


def test_binding_targets_of_the_plan_are_known(assessed: ProjectAssessment) -> None:
    plan = written(assessed, "targets-13fyp-environment", "targets.csv")
    assert set(plan.loc[plan["property"] == "binding", "indicator"]) == {
        "good_air_days", "pm25_decline", "surface_water_good", "surface_water_worse_v",
    }  # fmt: skip


def test_readings_are_those_of_the_ground() -> None:
    shared = shared_file("assessment", "csv")
    own = {(row["region"], row["year"], row["name"]): row["value"] for row in readings()}
    of = {
        "设区市PM2.5年均浓度(μg/m3)": "jx_pm25", "优良天数比率(%)": "jx_good_air_days",
        "地表水断面水质优良比例(%)": "jx_surface_water_good", "国考断面水质优良比例(%)": "jx_national_sections_good",
        "森林覆盖率(%)": "jx_forest_cover",
    }  # fmt: skip
    for row in rows(shared / "targets_jiangxi_readings.csv"):
        for year in ("2019", "2020"):
            assert float(own["360000", year, of[row["indicator"]]]) == float(row[year]), row
    nantong = rows(shared / "ei_worked_example.csv")[0]
    for name in ("BAI", "VCI", "WNDI", "LSI", "PLI"):
        assert own["320600", "2017", f"ei_{name.lower()}"] == nantong[name]
    china = rows(shared / "geep_worked.csv")[0]
    for name, printed in (("gdp", "GDP"), ("endc", "EnDC"), ("ecdc", "EcDC"), ("ers", "ERS")):
        assert float(own["100000", "2015", name]) == float(china[printed])
    aims = {row["indicator"]: row for row in rows(EXAMPLE / "targets.csv")}
    plan = rows(shared / "targets_13fyp_environment.csv")
    for row, name in zip(plan, list(aims)[2:], strict=True):
        number = (row["target_2020"] if row["target_2020"] != "-" else row["cumulative"]).strip(
            "><〔〕左右"
        )
        assert float(aims[name]["target"]) == float(number), row
        assert aims[name]["property"] == row["property"]
        assert (aims[name]["base"] or "-") == row["base_2015"]


def readings() -> list[dict[str, str]]:
    named = ("jiangxi.csv", "china.csv", "nantong.csv", "published-gep.csv", MADE_UP)
    return [row for name in named for row in rows(EXAMPLE / name)]


def test_printed_components_sum_to_the_printed_total() -> None:
    own = {
        (row["region"], row["name"]): Decimal(row["value"])
        for row in rows(EXAMPLE / "published-gep.csv")
    }
    parts = ("published_products", "published_regulating", "published_culture")
    assert sum(own["320118", name] for name in parts) == own["320118", "published_gep"]
    shares = dict(zip(parts, ("0.1325", "0.6347", "0.2328"), strict=True))
    for name, share in shares.items():
        assert own["360000", name] == own["360000", "published_gep"] * Decimal(share)


def test_made_up_numbers_stand_in_files_that_say_so() -> None:
    for path in EXAMPLE.glob("*.csv"):
        grades = {row["grade"] for row in rows(path) if "grade" in row}
        assert ("placeholder" in grades) == path.name.startswith("placeholder-"), path.name
        assert "official" not in grades
    assert {row["grade"] for row in rows(EXAMPLE / MADE_UP)} == {"placeholder"}


def test_made_up_scores_follow_one_neutral_rule() -> None:
    """They say nothing of a county but its size: area, forest on the map, or 1."""
    area = {row["region"]: float(row["area"]) for row in rows(EXAMPLE / "regions.csv")}
    forest: dict[str, float] = {}
    for row in rows(EXAMPLE / "areas.csv"):
        if "forest" in row["class"]:
            forest[row["region"]] = forest.get(row["region"], 0.0) + float(row["area"])
    for row in rows(EXAMPLE / MADE_UP):
        rule = {
            "score_water_sections": area[row["region"]], "score_water_treatment": area[row["region"]],
            "score_forest": forest.get(row["region"], 0.0), "score_water_management": 1.0,
        }  # fmt: skip
        assert float(row["value"]) == pytest.approx(rule[row["name"]], abs=0.005)


def test_what_is_made_up_is_marked_on_its_tables(assessed: ProjectAssessment) -> None:
    ranks = written(assessed, "placeholder-ranking", "scores.csv")
    assert set(ranks.loc[ranks["indicator"] != "total", "grade"]) == {"placeholder"}
    captions = {
        one.scheme.id: " ".join(line.say("zh") + line.say("en") for line in one.caption)
        for one in assessed.assessments
    }
    assert "编造" in captions["compensation-jiangxi-2016"]
    for scheme, word in (
        ("compensation-jiangxi-2016", "编造"),
        ("placeholder-ranking", "placeholder"),
    ):
        book = load_workbook(assessed.out / scheme / "tables.xlsx", read_only=True)
        cells = [
            str(cell) for line in book.worksheets[0].iter_rows(values_only=True) for cell in line
        ]
        assert any(word in cell for cell in cells), scheme
    for real in (
        "jiangxi-targets",
        "targets-13fyp-environment",
        "ei-hj192-2015",
        "geep-caep-2018",
        "published-gep",
    ):
        assert "编造" not in captions[real]
        assert "placeholder" not in captions[real]


def refused(folder: Path, **changes: str) -> Iterable[tuple[str, str]]:
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("out"))
    text = (folder / "project.toml").read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "project.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsFound) as caught:
        assess_project(folder)
    assert not (folder / "out").exists()
    return [(one.code, one.where) for one in caught.value.problems]


def test_it_is_refused_without_leave_to_use_what_is_made_up(tmp_path: Path) -> None:
    found = refused(tmp_path / "p", **{"allow_placeholder = true": "allow_placeholder = false"})
    assert {code for code, _ in found} == {"placeholder"}
    told = " ".join(where for _, where in found)
    assert MADE_UP in told
    assert "placeholder-ranking.toml" in told
    assert "jiangxi.csv" not in told


def test_the_real_part_needs_no_leave(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("out"))
    text = (folder / "project.toml").read_text(encoding="utf-8")
    for line in (
        "allow_placeholder = true",
        '"compensation-jiangxi-2016",',
        '"./placeholder-ranking.toml",',
    ):
        text = "\n".join(one for one in text.splitlines() if not one.strip().startswith(line))
    text = text.replace(f', "{MADE_UP}"', "").replace("2016, ", "")
    (folder / "project.toml").write_text(text, encoding="utf-8")
    found = assess_project(folder)
    assert [one.scheme.id for one in found.assessments] == [
        "jiangxi-targets", "targets-13fyp-environment", "ei-hj192-2015", "geep-caep-2018", "published-gep",
    ]  # fmt: skip
    assert not found.warnings


def test_no_score_is_printed_where_no_points_are_known(assessed: ProjectAssessment) -> None:
    for scheme in ("jiangxi-targets", "targets-13fyp-environment", "published-gep"):
        ranks = written(assessed, scheme, "ranking.csv")
        assert (ranks[["score", "rank", "grade"]] == "").all(axis=None), scheme


def test_a_scheme_tells_of_its_own_regions_and_years_only(assessed: ProjectAssessment) -> None:
    def told(scheme: str, name: str) -> set[tuple[str, str]]:
        table = written(assessed, scheme, name)
        return set(zip(table["region"], table["year"], strict=True))

    assert told("jiangxi-targets", "scores.csv") == {
        ("360000", year) for year in ("2019", "2020", "2025")
    }
    assert told("targets-13fyp-environment", "scores.csv") == {("100000", "2020")}
    assert told("ei-hj192-2015", "index.csv") == {("320600", "2017")}
    counties = {row["region"] for row in rows(EXAMPLE / "areas.csv")}
    assert told("placeholder-ranking", "scores.csv") == {(code, "2019") for code in counties}
    assert told("compensation-jiangxi-2016", "allocation.csv") == {
        (code, "2016") for code in counties
    }


def test_counties_are_ranked_inside_their_city(assessed: ProjectAssessment) -> None:
    ranks = written(assessed, "placeholder-ranking", "ranking.csv")
    parent = {row["region"]: row["parent"] for row in rows(EXAMPLE / "regions.csv")}
    name = {row["region"]: row["name"] for row in rows(EXAMPLE / "regions.csv")}
    assert ranks["group"].tolist() == [name[parent[code]] for code in ranks["region"]]
    for _, some in ranks[ranks["score"] != ""].groupby("group"):
        scores = some["score"].astype(float).tolist()
        assert [int(rank) for rank in some["rank"]] == [
            1 + sum(one > own for one in scores) for own in scores
        ]
    assert set(ranks.loc[ranks["score"] == "", "region"]) == {"360103", "360104"}, (
        "all built-up on this map"
    )


def test_the_account_is_that_of_the_example_of_counties() -> None:
    for name in ("areas.csv", "crosswalk.csv", "regions.csv"):
        assert (EXAMPLE / name).read_bytes() == (COUNTIES / name).read_bytes(), name


def test_every_row_has_a_source_that_is_described() -> None:
    known = set(read_sources(EXAMPLE / "sources.toml", "sources.toml", ProblemLog()))
    named = [row["source"] for path in EXAMPLE.glob("*.csv")
             for row in rows(path) if "source" in row and path.name != "groups.csv"]  # fmt: skip
    named += [row["locator"].partition(",")[0] for row in rows(EXAMPLE / "expected.csv")]
    assert set(named) <= known
    assert all(named)


def test_a_score_on_a_total_is_explained_down_to_coefficient_rows() -> None:
    """The reading is the account's total per km2: every indicator of it follows, with the rows behind."""
    told = explain_score(EXAMPLE, "360102", 2019, "placeholder-ranking:value_per_km2")
    assert "account=total" in told
    for indicator in ("food_production", "soil_conservation", "aesthetic_landscape"):
        assert f"({indicator}) = " in told
    assert "xie-2015@1.0.0" in told
