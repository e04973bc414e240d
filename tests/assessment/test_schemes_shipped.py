"""All shipped schemes: sources, texts, validity, evidence, points; the templates run on a small made-up project."""

import csv
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.paths import ROOT
from support.small import Row, datum, write_table

import gep
from gep.assessment.kinds import load_scheme, read_scheme
from gep.assessment.scheme import Scheme
from gep.assessment.scoring.scheme import ScoredIndicator, ScoreSpec
from gep.errors import ProblemLog
from gep.io.catalog import shipped
from gep.workflows.assess import ProjectAssessment, apply_schemes, assess_project

DEMO = ROOT / "docs" / "demo-county"
SCHEMES = sorted(shipped("schemes"))
FOLDER = shipped("schemes")["gep-yearly"].parent
TEMPLATES = ("gep-yearly", "five-year", "gdp-gep-dual", "key-function-zone", "beautiful-china-2026")
SCORED = (*TEMPLATES, "targets-13fyp-environment", "eco-civilisation-targets-2016")
NORMAL = ("rainfall", "evapotranspiration")
COUNTY, OTHER = "990201", "990202"


def text_of(scheme: Scheme) -> ScoreSpec:
    assert isinstance(scheme.spec, ScoreSpec)
    return scheme.spec


def indicators(name: str) -> tuple[ScoredIndicator, ...]:
    return text_of(read_scheme(name)).indicator


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def named_sources(scheme: Scheme) -> set[str]:
    """Every source that the scheme or a table of it names."""
    found = {scheme.spec.source}
    for file in scheme.files:
        if file.suffix == ".csv":
            found |= {row["source"] for row in table(file) if row.get("source")}

    def walk(part: Any) -> None:
        if isinstance(part, Mapping):
            found.update(
                [part["source"]] if isinstance(part.get("source"), str) and part["source"] else []
            )
            for one in part.values():
                walk(one)
        elif isinstance(part, Sequence) and not isinstance(part, str):
            for one in part:
                walk(one)

    walk(scheme.spec.model_dump(exclude={"sources"}))
    return found


def texts(part: Any) -> Iterable[tuple[str, str]]:
    """Every pair of texts in Chinese and English."""
    if isinstance(part, Mapping):
        if set(part) == {"zh", "en"}:
            yield part["zh"], part["en"]
        for one in part.values():
            yield from texts(one)
    elif isinstance(part, Sequence) and not isinstance(part, str):
        for one in part:
            yield from texts(one)


def test_what_the_issue_asks_for_ships() -> None:
    assert {"ei-hj192-2015", "eqi-2021", "green-development-2016", "beautiful-china-2020"} <= set(
        SCHEMES
    )
    assert {
        "geep-caep-2018",
        "compensation-jiangxi-2016",
        "leaving-office-audit-2017",
        *SCORED,
    } <= set(SCHEMES)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_shipped_scheme_loads_without_a_word_under_its_own_name(name: str) -> None:
    problems = ProblemLog()
    scheme = load_scheme(name, None, name, problems)
    assert scheme is not None
    assert not problems.errors
    assert not problems.warnings
    assert scheme.id == name == scheme.path.stem


@pytest.mark.parametrize("name", SCHEMES)
def test_nothing_shipped_is_called_verified_official_or_made_up(name: str) -> None:
    scheme = read_scheme(name)
    assert scheme.spec.evidence in ("published", "recalled"), (
        "no document was held against its text"
    )
    rows = [row for file in scheme.files if file.suffix == ".csv" for row in table(file)]
    grades = {row.get("grade", "") for row in rows} | set(grades_in(scheme.spec.model_dump()))
    assert not grades & {"official", "placeholder", "unstated"}


def grades_in(part: Any) -> Iterable[str]:
    """The grades of evidence in a scheme; a grade of scores is a table or a Chinese name, never one of these words."""
    if isinstance(part, Mapping):
        if isinstance(part.get("grade"), str):
            yield part["grade"]
        for one in part.values():
            yield from grades_in(one)
    elif isinstance(part, Sequence) and not isinstance(part, str):
        for one in part:
            yield from grades_in(one)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_shipped_scheme_names_its_sources_and_speaks_two_languages(name: str) -> None:
    scheme = read_scheme(name)
    assert named_sources(scheme) <= set(scheme.spec.sources)
    for source in scheme.spec.sources.values():
        assert source.title.zh
        assert source.title.en
        assert source.date or source.url or source.number or source.doi or source.note
    for zh, en in texts(scheme.spec.model_dump()):
        assert bool(zh) == bool(en), (zh, en)
    assert scheme.spec.title.zh
    for row in [row for file in scheme.files if file.suffix == ".csv" for row in table(file)]:
        assert all(row[key] for key in ("zh", "en") if key in row), row
    for file in scheme.files:
        assert "shared/" not in file.read_text(encoding="utf-8")


def test_every_table_beside_the_schemes_belongs_to_one() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.toml"))
    for path in FOLDER.glob("*.csv"):
        assert path.name in text, path.name


@pytest.mark.parametrize("name", SCORED)
def test_a_template_says_from_when_and_from_where(name: str) -> None:
    text = read_scheme(name).spec
    assert text.valid_from
    assert text.note
    used = named_sources(read_scheme(name))
    for key, source in text.sources.items():
        assert source.issuer, f"{key} has no issuer"
        assert source.date, f"{key} has no date"
        if key in used and key != "gep":
            assert source.url, f"{key} has no address"
    if text.replaced_by:
        assert text.replaced_by in SCHEMES


@pytest.mark.parametrize("name", SCORED)
def test_points_are_blank_where_no_text_gives_them(name: str) -> None:
    for one in indicators(name):
        assert one.source
        assert one.locator
        assert one.points is None, f"{one.id}: neither read nor recalled with a rule"


@pytest.mark.parametrize("name", SCORED)
def test_cutoffs_that_are_recalled_make_the_scheme_recalled(name: str) -> None:
    text = text_of(read_scheme(name))
    if any(one.from_ is not None for one in text.grade):
        assert text.evidence == "recalled"
        assert "凭常识" in text.note
        assert "recalled" in text.note


def test_recalled_rows_are_marked_in_the_title_and_add_up() -> None:
    scheme = read_scheme("eco-civilisation-targets-2016")
    assert "凭常识" in scheme.spec.title.zh
    assert "recalled" in scheme.spec.title.en
    rows = indicators(scheme.id)
    assert {one.grade for one in rows} == {"recalled"}
    assert len(rows) + 1 == 23, "the last row of 23 is the item that takes points"
    of = {one.id: one.points for one in text_of(scheme).section}
    inland = dict.fromkeys(of, 0.0)
    for one in rows:
        if one.id != "sea_good":  # 2 points that are taken from surface water, at the coast only
            digits = one.note.partition("points ")[2]
            inland[one.section] += float("".join(sign for sign in digits[:2] if sign.isdigit()))
    assert inland == of
    assert sum(inland.values()) == text_of(scheme).total


def test_the_plan_binds_four_of_its_eight_targets() -> None:
    found = indicators("targets-13fyp-environment")
    assert len(found) == 8
    assert [one.id for one in found if one.property == "binding"] == [
        "good_air_days", "pm25_decline", "surface_water_good", "surface_water_worse_v",
    ]  # fmt: skip
    assert [one.id for one in found if one.direction == "-"] == [
        "surface_water_worse_v",
        "groundwater_very_poor",
    ]


# ------------------------------------------------------------------------------------------- on a made-up project


def copied(folder: Path, years: Sequence[int] = (2020, 2021)) -> Path:
    """The demo county in two years and with a second county, at constant prices and with normal weather."""
    shutil.copytree(DEMO, folder)
    for file, scale in (("areas.csv", 1.0), ("data.csv", 1.1)):
        rows = table(folder / file)
        more = [
            {
                **row,
                "region": code,
                "year": year,
                **({} if scale == 1.0 or year == 2020 else changed(row, scale)),
            }
            for code in (COUNTY, OTHER)
            for year in years
            for row in rows
        ]
        if file == "data.csv":
            more = [priced for row in more for priced in at_prices(row)]
        write_table(folder / file, more)
    dated(folder / "local" / "numbers.csv")
    regions = table(folder / "regions.csv")
    write_table(
        folder / "regions.csv",
        [*regions, {**regions[0], "region": OTHER, "name": "另一县", "name_en": "Other"}],
    )
    normal = [
        row for row in table(folder / "data.csv") if row["name"] in NORMAL and row["year"] == "2020"
    ]
    write_table(
        folder / "normal.csv", [{**row, "year": year} for row in normal for year in (2018, 2019)]
    )
    text = (folder / "project.toml").read_text(encoding="utf-8")
    text = text.replace(
        "years = [2020]", f"years = {list(years)}\nprice_year = 2020\nallow_transfer = true"
    )
    text += 'normal = "normal.csv"\n'
    (folder / "project.toml").write_text(text, encoding="utf-8")
    return folder


def at_prices(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Money at prices of 2020; output, which has no price index, at those of its own year too."""
    money, output = "CNY" in row["unit"], row["name"] == "net_output_value"
    found = [{**row, "price_year": 2020 if money else ""}]
    return (
        found if not output or row["year"] == 2020 else [*found, {**row, "price_year": row["year"]}]
    )


def dated(path: Path) -> None:
    """Charges that ship without a price year are given one, and indices of 2021: there was no inflation."""
    rows = table(path)
    rows += [{**row, "price_year": "2021"} for row in rows if row["coefficient"] == "price_index"][
        1::2
    ]
    fixed = {
        "price_year": "2020",
        "source": "demo",
        "locator": "t",
        "grade": "placeholder",
        "unit": "CNY t-1",
    }
    for name, substances in (
        ("nutrient_treatment_cost", ("N", "P")),
        ("air_treatment_cost", ("SO2", "NOx", "dust")),
        ("water_treatment_cost", ("COD", "NH3-N")),
    ):
        rows += [
            {"coefficient": name, "value": "1000", "substance": one, **fixed} for one in substances
        ]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    write_table(path, [{key: row.get(key, "") for key in columns} for row in rows])


def changed(row: Mapping[str, str], scale: float) -> dict[str, str]:
    """The output of farming grows, nothing else does."""
    return {"value": str(float(row["value"]) * scale)} if row["name"] == "net_output_value" else {}


def readings(names: Iterable[str], years: Sequence[int] = (2020, 2021)) -> list[Row]:
    """A made-up row of every data name that the schemes read."""
    units = {
        one.reading.data: one.unit for name in names for one in indicators(name) if one.reading.data
    }  # the unit of a scheme is a unit that its rows may have
    units |= {"transfer_received": "10^4 CNY", "gdp": "10^8 CNY", "gdp_constant_prices": "10^8 CNY"}
    return [
        datum(code, name, 10 + spot, unit, year=year, grade="placeholder")
        for spot, code in enumerate((COUNTY, OTHER))
        for year in years
        for name, unit in sorted(units.items())
    ]


def project(
    folder: Path, schemes: Sequence[str], events: Sequence[Row] = (), targets: Sequence[Row] = ()
) -> Path:
    copied(folder)
    named = [name.rpartition("/")[2].removesuffix(".toml") for name in schemes]
    write_table(folder / "readings.csv", readings(named))
    lines = [
        "",
        "[assessment]",
        f"schemes = {list(schemes)}".replace("'", '"'),
        'readings = ["readings.csv"]',
    ]
    for key, rows in (("events", events), ("targets", targets)):
        if rows:
            write_table(folder / f"{key}.csv", rows)
            lines.append(f'{key} = "{key}.csv"')
    with (folder / "project.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> ProjectAssessment:
    folder = tmp_path_factory.mktemp("schemes") / "project"
    return assess_project(
        project(
            folder, SCORED, targets=[target("gep_growth_normal", 0.02), target("gdp_growth", 9)]
        )
    )


def target(indicator: str, value: float, comparator: str = ">=", region: str = COUNTY) -> Row:
    return {
        "region": region, "indicator": indicator, "base_year": "", "base": "", "year": 2021, "comparator": comparator,
        "target": value, "form": "level", "unit": "1", "source": "made up", "grade": "placeholder",
    }  # fmt: skip


def tables(assessed: ProjectAssessment, scheme: str) -> dict[str, pd.DataFrame]:
    return dict(next(one.tables for one in assessed.assessments if one.scheme.id == scheme))


@pytest.mark.parametrize("name", SCORED)
def test_a_template_reads_everything_and_prints_no_score(
    assessed: ProjectAssessment, name: str
) -> None:
    scores, ranking = tables(assessed, name)["scores.csv"], tables(assessed, name)["ranking.csv"]
    last = scores[(scores["year"] == 2021) & (scores["indicator"] != "total")]
    unread = {"yearly_mean"}  # the mean of scores that do not exist
    assert set(last.loc[last["reading"] == "", "indicator"]) <= unread
    assert (scores["points"] == "").all()
    assert (scores.loc[scores["indicator"] == "total", "grade"] == "").all()
    assert (ranking[["score", "rank", "grade"]] == "").all(axis=None)


def test_growth_at_normal_climate_is_told_against_its_target(assessed: ProjectAssessment) -> None:
    rows = tables(assessed, "gep-yearly")["targets.csv"]
    row = rows[(rows["indicator"] == "gep_growth_normal") & (rows["year"] == 2021)].iloc[0]
    account = assessed.context.comparisons["constant"]
    total = {
        one.year: float(one.summary().query("category == 'total'")["value"].iloc[0])
        for one in account.accounts
    }
    assert row["reading"] == pytest.approx(total[2021] / total[2020] - 1), (
        "the weather is the same in both years"
    )
    assert row["status"] == ("met" if row["reading"] >= 0.02 else "missed")


def test_the_dual_table_misses_a_growth_that_nobody_can_reach(assessed: ProjectAssessment) -> None:
    rows = tables(assessed, "gdp-gep-dual")["targets.csv"]
    assert rows.loc[rows["year"] == 2021, "status"].tolist() == ["missed"]
    scores = tables(assessed, "gdp-gep-dual")["scores.csv"]
    own = scores[(scores["year"] == 2021) & (scores["region"] == COUNTY)].set_index("indicator")[
        "reading"
    ]
    assert own["gdp_per_capita"] == pytest.approx(10 * 1e8 / 200000)
    assert own["gep_per_km2"] == pytest.approx(own["gep"] * 1e4 / 600)


def filled(folder: Path, **more: str) -> str:
    """A copy of the yearly template with points: 10 each for two growths, interpolated, 80 for the rest as read."""
    rows = table(FOLDER / "gep-yearly-indicators.csv")
    keep = [
        row
        for row in rows
        if row["indicator"] in ("gep_growth_normal", "regulating_growth_normal", "visits")
    ]
    for row in keep:
        growth = row["indicator"] != "visits"
        row |= {"points": "10" if growth else "80", "rule": "interpolate"}
        row |= {"at": "-0.2;0.2" if growth else "0;1", "values": "0;10" if growth else "0;80"}
    write_table(folder / "own-indicators.csv", [{**row, **more} for row in keep])
    text = (FOLDER / "gep-yearly.toml").read_text(encoding="utf-8")
    text = text.replace("gep-yearly-indicators.csv", "own-indicators.csv")
    (folder / "gep-yearly.toml").write_text(text, encoding="utf-8")
    return "./gep-yearly.toml"


def scored(
    folder: Path, events: Sequence[Row] = (), targets: Sequence[Row] = ()
) -> ProjectAssessment:
    """Scores and grades by region and year under the filled template and the five-year scheme after it."""
    project(folder, ["./gep-yearly.toml", "five-year"], events, targets)
    filled(folder)
    return apply_schemes(folder)


def event(name: str, year: int, expires: str = "") -> Row:
    return {
        "region": COUNTY, "year": year, "event": name, "document": "made up", "date": f"{year}-03-01",
        "expires": expires,
    }  # fmt: skip


def grades(assessed: ProjectAssessment, year: int = 2021) -> dict[str, str]:
    rows = tables(assessed, "gep-yearly")["ranking.csv"]
    rows = rows[rows["year"] == year]
    return dict(zip(rows["region"], rows["grade"], strict=True))


def test_a_filled_template_scores_and_the_five_years_take_it_in(tmp_path: Path) -> None:
    found = scored(tmp_path / "p")
    rows = tables(found, "gep-yearly")["ranking.csv"].set_index(["region", "year"])["score"]
    mean = tables(found, "five-year")["scores.csv"]
    mean = mean[mean["indicator"] == "yearly_mean"].set_index(["region", "year"])["reading"]
    for code in (COUNTY, OTHER):
        assert rows[code, 2021] == pytest.approx(80 + 10 * (growth(found) + 0.2) / 0.4 + 5)
        assert mean[code, 2020] == pytest.approx(rows[code, 2020])
        assert mean[code, 2021] == pytest.approx((rows[code, 2020] + rows[code, 2021]) / 2)
    assert grades(found) == {COUNTY: "优秀", OTHER: "优秀"}


def growth(found: ProjectAssessment) -> float:
    """The growth of GEP at constant prices: farming alone, by a tenth."""
    first, last = (
        one.summary().query("category == 'total'")["value"].iloc[0] for one in account(found)
    )
    return float(last / first - 1)


def account(found: ProjectAssessment) -> Sequence[gep.Account]:
    return found.context.comparisons["constant"].accounts


def test_a_listing_bars_grades_until_it_is_lifted(tmp_path: Path) -> None:
    lasting = scored(tmp_path / "a", [event("supervision_listing", 2020, "2022-06-30")])
    assert grades(lasting) == {COUNTY: "合格", OTHER: "优秀"}
    lifted = scored(tmp_path / "b", [event("supervision_listing", 2020, "2021-06-30")])
    assert grades(lifted, 2020)[COUNTY] == "合格"
    assert grades(lifted) == {COUNTY: "优秀", OTHER: "优秀"}


def test_falsified_data_and_the_veto_fail_whatever_the_score(tmp_path: Path) -> None:
    assert grades(scored(tmp_path / "a", [event("data_falsified", 2021)]))[COUNTY] == "不合格"
    missed = scored(tmp_path / "b", targets=[target("regulating_growth_normal", 0.01)])
    assert grades(missed) == {COUNTY: "不合格", OTHER: "优秀"}


def test_a_low_base_earns_no_more_than_the_guard(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    project(folder, ["./gep-yearly.toml"])
    rows = [{**row, "value": "900000"} if row["name"] == "net_output_value" and row["year"] == "2021" else row
            for row in table(folder / "data.csv")]  # fmt: skip
    write_table(folder / "data.csv", rows)
    filled(folder)
    found = tables(apply_schemes(folder), "gep-yearly")["scores.csv"]
    row = found[(found["year"] == 2021) & (found["indicator"] == "gep_growth_normal")].iloc[0]
    assert row["reading"] > 0.2
    assert row["points"] == 10.0
    assert "beyond its limits" in row["note"]


@pytest.mark.parametrize("name", SCHEMES)
def test_a_number_read_in_a_program_only_is_recalled(name: str) -> None:
    """Published means read in a paper or statistics; a program is neither, whatever it cites."""
    files = [file for file in read_scheme(name).files if file.suffix == ".csv"]
    read_in_code = [
        row for file in files for row in table(file) if "not the standard" in row.get("note", "")
    ]
    for row in read_in_code:
        assert row["grade"] == "recalled" or "Nantong" in row["note"], row
