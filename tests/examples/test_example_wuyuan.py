"""The first account of Wuyuan: four indicators by hand, the others not compiled, and every share of evidence told."""

import csv
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from support.paths import EXAMPLES

import gep

EXAMPLE = EXAMPLES / "wuyuan-first-account"
COMPILED = ("water_retention", "air_purification", "carbon_sequestration", "oxygen_release")
FOREST = 378e4 / 15 * 1e4  # m2: 15 mu are a hectare
RETAINED = (1784.96 * (1 - 0.0423) - 893.8) / 1000 * FOREST  # m3
FIXED = FOREST / 1e4 * 4.288 * 44 / 12  # t of carbon dioxide
CROPLAND = 32e4 / 15  # ha
RELEASED = (FOREST / 1e4 * 5.696 + CROPLAND * 4.625) * 32 / 12  # t of oxygen
TAKEN_UP = {"SO2": FOREST / 1e4 * 0.12494, "dust": FOREST / 1e4 * 17.10385}  # t


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wuyuan")
    gep.run_project(EXAMPLE, folder, partial=True)
    return folder


def rows(out: Path, indicator: str) -> dict[str, str]:
    table = pd.read_csv(out / "account.csv", dtype=str, keep_default_na=False)
    table = table[(table["indicator"] == indicator).to_numpy()]
    return dict(zip(table["step"], table["value"], strict=True))


def test_four_indicators_are_as_worked_out_by_hand(out: Path) -> None:
    assert float(rows(out, "water_retention")["retained"]) == pytest.approx(RETAINED)
    assert float(rows(out, "carbon_sequestration")["fixed"]) == pytest.approx(FIXED)
    assert float(rows(out, "oxygen_release")["released"]) == pytest.approx(RELEASED)
    check = gep.check_figures(EXAMPLE, partial=True)
    assert check.misses == ()
    assert len(check.figures) == 10


def test_air_purification_is_capacity_at_the_tax_of_the_province(out: Path) -> None:
    table = pd.read_csv(out / "account.csv", dtype=str, keep_default_na=False)
    table = table[(table["indicator"] == "air_purification").to_numpy()]
    cells = table.set_index(["step", "item"])["value"]
    tax = {"SO2": 1.2 / 0.95 * 1000, "dust": 1.2 / 4 * 1000}  # CNY/t
    for substance, mass in TAKEN_UP.items():
        item = f"substance={substance}"
        assert float(cells["purified", item]) == pytest.approx(mass)
        assert float(cells["value", item]) == pytest.approx(mass * tax[substance] / 1e4)
    assert cells["purified", "substance=NOx"] == "na"


def test_a_published_capacity_is_not_called_implausible(tmp_path: Path) -> None:
    """All pine: 33.2 t of dust a hectare is above what any county emits."""
    project = tmp_path / "wuyuan"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("out"))
    areas = project / "areas.csv"
    text = areas.read_text(encoding="utf-8")
    areas.write_text(text.replace(",forest,", ",coniferous_forest,"), encoding="utf-8")
    account = gep.read_project(project, partial=True).compute()[0]
    purified = account.results["air_purification.purified"].sum()
    assert purified == pytest.approx(FOREST / 1e4 * (0.21566 + 33.2))
    assert not [problem for problem in account.warnings if problem.code == "implausible"]


def test_the_others_are_not_compiled_and_no_total_is_given(out: Path) -> None:
    table = pd.read_csv(out / "account.csv", dtype=str, keep_default_na=False)
    others = table[~table["indicator"].isin(COMPILED).to_numpy()]
    assert others["indicator"].nunique() == 17 - len(COMPILED)
    values = others[(others["kind"] == "value").to_numpy()]
    assert set(values["value"]) == {"not_compiled"}
    summary = pd.read_csv(out / "summary.csv", dtype=str).set_index("category")["value"]
    assert summary["total"] == "not_compiled"
    assert summary["regulating"] == "not_compiled"


def test_every_share_of_evidence_is_told(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    shares = manifest["shares"]["2019"]
    assert shares["typical"] == pytest.approx(1)
    assert shares["transfer"] == 0
    assert sum(shares["grade"].values()) == pytest.approx(1)
    recalled, unstated = (f"{shares['grade'][name]:.1%}" for name in ("recalled", "unstated"))
    told = [(EXAMPLE / name).read_text(encoding="utf-8") for name in ("README.md", "README.en.md")]
    for text in told:
        assert recalled.replace("%", " %") in text
        assert unstated.replace("%", " %") in text
    account = gep.read_project(EXAMPLE, partial=True).compute()[0]
    assert any("典型值" in line and line.endswith("100.0%") for line in account.caption("zh"))
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "其中：地区典型值" in page


def test_the_plan_names_the_typical_values(out: Path) -> None:
    plan = pd.read_csv(out / "plan.csv", dtype=str, keep_default_na=False)
    data = plan[plan["binding"].str.startswith("data=").to_numpy()]
    assert {"data=rainfall", "data=net_ecosystem_production ecosystem=forest"} <= set(
        data["binding"]
    )
    assert set(data["set@version"]) == {"jiangxi-typical@1.1.1"}
    assert (data["source"] != "").all()
    assert (data["locator"] != "").all()


def test_a_local_number_puts_a_typical_one_out_of_use(tmp_path: Path) -> None:
    project = tmp_path / "wuyuan"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("out"))
    with (project / "data.csv").open("a", encoding="utf-8") as file:
        for name, value, unit in (
            ("rainfall", 2000, "mm"),
            ("evapotranspiration", 900, "mm"),
        ):
            file.write(f"361130,2019,{name},{value},{unit},made up,t,published,\n")
    account = gep.read_project(project, partial=True).compute()[0]
    retained = account.results["water_retention.retained"].sum()
    assert retained == pytest.approx((2000 * (1 - 0.0423) - 900) / 1000 * FOREST)
    values = account.results["water_retention.value"].sum()
    carbon = account.results["carbon_sequestration.value"].sum()
    oxygen = account.results["oxygen_release.value"].sum()
    air = account.results["air_purification.value"].sum()
    share = (air + carbon + oxygen) / (values + air + carbon + oxygen)
    assert account.shares()["typical"] == pytest.approx(share)


def test_as_few_numbers_are_typed_as_the_page_says() -> None:
    """At most sixty were to be; the pages say how many there are."""
    typed = 0
    for name in ("areas.csv", "data.csv", "regions.csv"):
        with (EXAMPLE / name).open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                for column in ("area", "value", "population", "lon", "lat"):
                    typed += bool(re.fullmatch(r"[\d.]+", row.get(column) or ""))
    assert typed <= 60
    assert f"共键入 {typed} 个" in (EXAMPLE / "README.md").read_text(encoding="utf-8")


def test_the_title_says_what_it_is() -> None:
    title = gep.read_project(EXAMPLE, partial=True).spec.project.title
    assert "试算" in title.say("zh")
    assert "不是GEP总值" in title.say("zh")
    assert "trial" in title.say("en")
    assert "not its GEP" in title.say("en")


def test_both_pages_print_the_figures() -> None:
    pages = [(EXAMPLE / name).read_text(encoding="utf-8") for name in ("README.md", "README.en.md")]
    oxygen = round(RELEASED / 1e4, 1)
    for text in ("20.55 亿立方米", f"{FIXED / 1e4:.1f} 万吨二氧化碳", f"{oxygen} 万吨"):
        assert text in pages[0]
    for text in ("2055 × 10⁶ m³", "3.962 × 10⁶ t CO₂", f"{RELEASED / 1e6:.3f} × 10⁶ t"):
        assert text in pages[1]
    assert round(RETAINED / 1e8, 2) == 20.55
