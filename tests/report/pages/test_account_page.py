"""The page of an account: every number is that of its CSV, and a public edition tells nothing more."""

import csv
import importlib.util
import json
import math
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from support.museum import project
from support.page_tables import (
    ReadCell,
    ReadTable,
    packed_data,
    page_data,
    read_tables,
    read_text,
)
from support.paths import EXAMPLES, ROOT

import gep
from gep.units import factor

PROJECTS = ("jiangxi-counties", "beibu-gulf", "garze-2010")
WORDS = {"na": "无", "not_compiled": "未核算", "": ""}
_NUMBERS = re.compile(r"\d[\d,]*(?:\.\d+)?")
SIZES = ("per_km2", "per_capita")
NAMES = ("region_name", "region", "parent", "year", "category", "unit", "kind", "indicator")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The results of the examples by name."""
    folder = tmp_path_factory.mktemp("pages")
    for name in PROJECTS:
        gep.run_project(EXAMPLES / name, folder / name)
    return {name: folder / name for name in PROJECTS}


@pytest.fixture(scope="module")
def villages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the format example: quantities, and numbers drawn within limits."""
    folder = project(tmp_path_factory.mktemp("villages") / "p")
    data = pd.read_csv(folder / "data.csv", dtype=str, keep_default_na=False)
    numbers = pd.to_numeric(data["value"], errors="coerce")
    data["low"] = [f"{n * 0.9:.12g}" if n > 0 else "" for n in numbers]
    data["high"] = [f"{n * 1.1:.12g}" if n > 0 else "" for n in numbers]
    data.to_csv(folder / "data.csv", index=False)
    gep.run_project(folder, allow_code=True, draws=200, language="zh")
    return folder / "out"


def _page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def _csv(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _check_cell(cell: ReadCell, written: object, where: object) -> None:
    """A cell shows what a CSV has: its word, or its number as far as it is shown."""
    text = str(written)
    if text in WORDS:
        assert (cell.zh, cell.value) == (WORDS[text], None), where
        return
    number = float(text)
    assert cell.value is not None, where
    assert math.isclose(cell.value, number, rel_tol=1e-9, abs_tol=0), (where, cell, number)
    assert cell.zh == cell.en, where
    shown = cell.zh.replace(",", "")
    decimals = len(shown.partition(".")[2].partition("e")[0])
    power = int(shown.partition("e")[2] or 0)
    allowed = 0.5 * 10.0 ** (power - decimals)
    assert abs(float(shown) - number) <= allowed * (1 + 1e-9), (where, cell, number)


def _region_of(cell: ReadCell, year: str) -> str:
    prefix = f"account:{year}:"
    assert cell.opens.startswith(prefix), cell
    return cell.opens.removeprefix(prefix).partition(":")[0]


def _indicator_values(folder: Path, unit: str) -> dict[tuple[str, str, str], object]:
    """The value of each indicator: its rows of account.csv in one unit, summed."""
    values: dict[tuple[str, str, str], object] = {}
    for row in _csv(folder, "account.csv"):
        if row["kind"] != "value":
            continue
        key = (row["year"], row["region"], row["indicator"])
        if row["value"] == "na":
            values.setdefault(key, "na")
            continue
        before = values.get(key, 0.0)
        before = 0.0 if before == "na" else before
        assert isinstance(before, float)
        values[key] = before + float(row["value"]) * factor(row["unit"], unit)
    return values


@pytest.mark.parametrize("name", PROJECTS)
def test_sums_of_regions_are_those_of_the_summary(runs: Mapping[str, Path], name: str) -> None:
    folder = runs[name]
    tables = read_tables(_page(folder))
    summary = {(r["year"], r["region"], r["category"]): r for r in _csv(folder, "summary.csv")}
    years = sorted({key[0] for key in summary})
    compared = 0
    if "regions" in tables:
        for row in tables["regions"].rows:
            year = row["year"].zh if "year" in row else years[-1]
            total = summary[year, row["region"].zh, "total"]
            for column, cell in row.items():
                if column in NAMES:
                    continue
                in_csv = summary.get((year, row["region"].zh, column))
                written = total[column] if in_csv is None else in_csv["value"]
                _check_cell(cell, written, (year, row["region"].zh, column))
                compared += 1
        assert {row["region"].zh for row in tables["regions"].rows} == {k[1] for k in summary}
    if "years" in tables:
        for row in tables["years"].rows:
            for year in years:
                cell = row[year]
                what = cell.opens.rpartition(f"{_region_of(cell, year)}:")[2]
                in_csv = summary[
                    year, _region_of(cell, year), what if what not in SIZES else "total"
                ]
                _check_cell(cell, in_csv[what if what in SIZES else "value"], (year, what))
                compared += 1
    assert compared >= 8


def test_items_of_regions_are_those_of_the_account(runs: Mapping[str, Path]) -> None:
    folder = runs["jiangxi-counties"]
    tables = read_tables(_page(folder))
    values = _indicator_values(folder, "10^4 CNY")
    codes = [row["region"].zh for row in tables["regions"].rows]
    compared = 0
    for name, table in tables.items():
        if not name.startswith("indicators-"):
            continue
        assert table.file == "account.csv"
        for code, row in zip(codes, table.rows, strict=True):
            for column, cell in row.items():
                if column not in NAMES:
                    key = ("2019", code, column)
                    _check_cell(cell, values.get(key, ""), key)
                    compared += key in values
    assert compared == len(values)


@pytest.mark.parametrize("name", PROJECTS)
def test_the_account_of_a_region_is_whole(runs: Mapping[str, Path], name: str) -> None:
    folder = runs[name]
    tables = read_tables(_page(folder))
    rows = [row for row in _csv(folder, "account.csv") if row["kind"] != "auxiliary"]
    shown = [table for key, table in tables.items() if key.startswith("items-")]
    assert shown
    for table in shown:
        for year in [column for column in table.columns if column.isdigit()]:
            cells = [row[year] for row in table.rows]
            region = next(_region_of(cell, year) for cell in cells if cell.opens)
            expected = [r for r in rows if (r["year"], r["region"]) == (year, region)]
            assert len(cells) == len(expected)
            for cell, row in zip(cells, expected, strict=True):
                _check_cell(cell, row["value"], (region, row["indicator"], row["step"]))


@pytest.mark.parametrize("name", PROJECTS)
def test_ecosystem_types_sum_the_rows_of_regions(runs: Mapping[str, Path], name: str) -> None:
    folder = runs[name]
    page = _page(folder)
    table = read_tables(page)["ecosystems"]
    account = gep.read_project(EXAMPLES / name).compute()[-1]
    headline = account.plan.standard.spec.total[0].indicators
    explanations = packed_data(page, "explanations")
    sums: dict[str, float] = {}
    for row in _csv(folder, "by_ecosystem.csv"):
        counts = row["kind"] == "value" and row["indicator"] in headline
        if counts and row["year"] == str(account.year) and row["value"] != "na":
            number = float(row["value"]) * factor(row["unit"], "10^4 CNY")
            sums[row["ecosystem"]] = sums.get(row["ecosystem"], 0.0) + number
    valued = [row for row in table.rows if row["value"].value is not None]
    assert len(valued) == len(sums)
    for row in valued:
        key = row["value"].opens
        number = sums[key.rpartition(":")[2]]
        _check_cell(row["value"], number, key)
        parts = [cells[1][1] for cells in explanations[key]["tables"][0]["rows"]]
        assert math.isclose(math.fsum(parts), number, rel_tol=1e-8, abs_tol=1e-6)
    total = account.total(account.sums.codes[-1])
    assert math.isclose(sum(sums.values()), total, rel_tol=1e-9)
    areas = math.fsum(row["area"].value or 0.0 for row in table.rows)
    assert math.isclose(areas, account.plan.extent.area_of().sum() / 1e6, rel_tol=1e-9)


@pytest.mark.parametrize("name", [*PROJECTS, "villages"])
def test_every_number_of_a_table_opens_an_explanation(
    runs: Mapping[str, Path], villages: Path, name: str
) -> None:
    page = _page(villages if name == "villages" else runs[name])
    tables = read_tables(page)
    for title, table in tables.items():
        for row in table.rows:
            for column, cell in row.items():
                if cell.value is not None and column != "year":
                    assert cell.opens, (title, column, cell)


def test_areas_and_shares_say_what_they_are_made_of(runs: Mapping[str, Path]) -> None:
    page = _page(runs["jiangxi-counties"])
    explanations = packed_data(page, "explanations")
    table = read_tables(page)["ecosystems"]
    for row in table.rows:
        parts = explanations[row["area"].opens]["tables"][0]["rows"]
        areas = math.fsum(cells[2][1] for cells in parts)
        assert math.isclose(areas, row["area"].value or 0.0, rel_tol=1e-9)
        for column in ("area_share", "value_share"):
            cell = row[column]
            part, whole, share = _NUMBERS.findall(explanations[cell.opens]["heading"]["zh"])[:3]
            quotient = float(part.replace(",", "")) / float(whole.replace(",", ""))
            assert abs(quotient * 100 - float(share)) < 0.02
            assert share in cell.zh


def test_quantities_ranks_and_intervals_are_those_of_the_tables(villages: Path) -> None:
    tables = read_tables(_page(villages))
    codes = [row["region"].zh for row in tables["regions"].rows]
    account = _csv(villages, "account.csv")
    quantities = {}
    for row in account:
        name = f"{row['indicator']}.{row['step']}:{row['item']}".removesuffix(":")
        quantities[row["region"], name] = row["value"]
    compared = 0
    for name, table in tables.items():
        if name.startswith("quantities-"):
            for code, cells in zip(codes, table.rows, strict=True):
                for column, cell in cells.items():
                    if column not in NAMES:
                        _check_cell(cell, quantities.get((code, column), ""), (code, column))
                        compared += 1
    assert compared >= 3
    ranks = tables["ranks"]
    drawn = {
        row["region"]: row
        for row in _csv(villages, "uncertainty.csv")
        if row["category"] == row["indicator"] == "total"
    }
    assert {row["region"].zh for row in ranks.rows} == set(drawn)
    for row in ranks.rows:
        for column in ("mean", "p025", "p975", "rank_p025", "rank_p975"):
            _check_cell(row[column], drawn[row["region"].zh][column], column)
    (chart,) = [c for c in page_data(_page(villages))["charts"] if c["kind"] == "intervals"]
    assert len(chart["data"]["rows"]) == 2
    for bar in chart["data"]["rows"]:
        assert bar["low"] <= bar["value"] <= bar["high"]


@pytest.mark.parametrize("name", PROJECTS)
def test_every_key_of_an_account_is_in_the_data(runs: Mapping[str, Path], name: str) -> None:
    page = _page(runs[name])
    accounts = packed_data(page, "accounts")
    explanations = packed_data(page, "explanations") or {}
    opened = set()
    for table in read_tables(page).values():
        for row in table.rows:
            opened |= {cell.opens for cell in row.values() if cell.opens}
    assert len(opened) > 10
    for key in opened - set(explanations):
        kind, year, region, what = key.split(":", 3)
        assert kind == "account"
        lines = accounts["years"][year]["lines"]
        assert region in lines["codes"], key
        steps = {step["name"] for step in accounts["years"][year]["steps"]}
        assert what in {*lines["values"], *steps, *SIZES}, key


def test_the_map_has_the_values_and_classes_of_the_picture(runs: Mapping[str, Path]) -> None:
    from gep.report.figures.chart_layout import class_edges

    folder = runs["jiangxi-counties"]
    (chart,) = [c for c in page_data(_page(folder))["charts"] if c["kind"] == "map"]
    per_km2 = {
        row["region"]: row["per_km2"]
        for row in _csv(folder, "summary.csv")
        if row["category"] == "total" and row["level"] == "region"
    }
    shapes = chart["data"]["shapes"]
    assert {shape["id"] for shape in shapes} == set(per_km2)
    for shape in shapes:
        written = per_km2[shape["id"]]
        assert (shape["value"] is None) == (written == "")
        if written:
            assert math.isclose(shape["value"], float(written), rel_tol=1e-9)
    known = [float(written) for written in per_km2.values() if written]
    assert chart["data"]["classes"] == pytest.approx(class_edges(known))
    assert "示意图" in chart["title"]["zh"]
    text = read_text(_page(folder))
    assert "未经审核，仅供内部使用" in text
    assert "Unreviewed, internal use only" in text


def test_polygons_are_simplified_and_named_by_their_code(tmp_path: Path) -> None:
    folder = tmp_path / "jiangxi"
    shutil.copytree(EXAMPLES / "jiangxi-counties", folder)
    regions = pd.read_csv(folder / "regions.csv", dtype=str, keep_default_na=False)
    features = []
    for row in regions.itertuples():
        if row.lon:
            lon, lat = float(row.lon), float(row.lat)
            turns = [2 * math.pi * step / 400 for step in range(400)]
            ring = [[lon + 0.1 * math.cos(t), lat + 0.1 * math.sin(t)] for t in turns]
            geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
            features.append(
                {"type": "Feature", "properties": {"code": row.region}, "geometry": geometry}
            )
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "counties.geojson").write_text(json.dumps(collection), encoding="utf-8")
    toml = (folder / "project.toml").read_text(encoding="utf-8")
    toml = toml.replace("[inputs]", '[inputs]\nboundaries = "counties.geojson"\napproval = "GS-1"')
    (folder / "project.toml").write_text(toml, encoding="utf-8")
    gep.run_project(folder)
    page = _page(folder / "out")
    (chart,) = [c for c in page_data(page)["charts"] if c["kind"] == "map"]
    corners = [len(ring) for shape in chart["data"]["shapes"] for ring in shape["path"]]
    assert len(corners) == len(features)
    assert max(corners) < 40
    assert "GS-1" in read_text(page)


# --- public editions -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The county of the tutorial, whose first use of water is restricted, run in both editions."""
    folder = tmp_path_factory.mktemp("county") / "demo"
    shutil.copytree(ROOT / "docs" / "demo-county", folder)
    data = pd.read_csv(folder / "data.csv", dtype=str, keep_default_na=False)
    is_first = data.index == data.index[data["name"] == "water_use"][0]
    data["restricted"] = ["yes" if mark else "" for mark in is_first]
    data.to_csv(folder / "data.csv", index=False)
    gep.run_project(folder, language="zh")
    gep.run_project(folder, language="zh", edition="public")
    return folder


def test_a_public_page_lists_no_cells_and_nothing_withheld(county: Path) -> None:
    full, public = _page(county / "out"), _page(county / "public")
    assert packed_data(full, "accounts")
    assert packed_data(public, "accounts") is None
    explained = json.dumps(packed_data(public, "explanations") or {}, ensure_ascii=False)
    assert "data.csv" not in explained
    left = _csv(county / "public", "account.csv")
    kept = {(row["region"], row["indicator"], row["step"], row["item"]) for row in left}
    gone = []
    for row in _csv(county / "out", "account.csv"):
        if (row["region"], row["indicator"], row["step"], row["item"]) not in kept:
            gone.append(row)
    assert gone
    numbers = {f"{float(row['value']):.10g}" for row in gone}
    numbers |= {f"{float(row['value']):,.0f}" for row in gone}
    long_numbers = {number for number in numbers if len(number) > 4}
    assert long_numbers & set(_NUMBERS.findall(full))
    assert not long_numbers & set(_NUMBERS.findall(public + explained))
    assert "不公开" in public
    assert "公开版" in public


def test_a_public_page_shows_the_numbers_of_its_tables(county: Path) -> None:
    tables = read_tables(_page(county / "public"))
    rows = [r for r in _csv(county / "public", "account.csv") if r["kind"] != "auxiliary"]
    cells = [next(iter(_numbers(row))) for row in _items(tables)]
    assert len(cells) == len(rows)
    for cell, row in zip(cells, rows, strict=True):
        _check_cell(cell, row["value"], row)
        assert cell.opens == ""


def _items(tables: Mapping[str, ReadTable]) -> list[dict[str, ReadCell]]:
    return tables["items-0"].rows


def _numbers(row: Mapping[str, ReadCell]) -> list[ReadCell]:
    return [cell for column, cell in row.items() if column.isdigit()]


# --- the file ------------------------------------------------------------------------------------


def test_equal_runs_write_equal_pages(runs: Mapping[str, Path], tmp_path: Path) -> None:
    gep.run_project(EXAMPLES / "beibu-gulf", tmp_path / "again")
    first = (runs["beibu-gulf"] / "report.html").read_bytes()
    assert (tmp_path / "again" / "report.html").read_bytes() == first


def test_the_record_has_the_page(runs: Mapping[str, Path]) -> None:
    record: dict[str, Any] = json.loads(
        (runs["beibu-gulf"] / "manifest.json").read_text(encoding="utf-8")
    )
    assert "report.html" in record["other_results"]
    assert "report.html" not in record["results"]


def test_a_page_that_was_edited_is_found(runs: Mapping[str, Path], tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "beibu-gulf", tmp_path / "p")
    gep.run_project(tmp_path / "p")
    assert gep.verify(tmp_path / "p" / "out") == []
    page = tmp_path / "p" / "out" / "report.html"
    text = page.read_text(encoding="utf-8")
    assert "5,398,466" in text
    page.write_text(text.replace("5,398,466", "6,398,466"), encoding="utf-8", newline="\n")
    differences = gep.verify(tmp_path / "p" / "out")
    assert {problem.code for problem in differences} == {"differs"}
    assert any("report.html" in str(problem.place) for problem in differences)


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    path = ROOT / "benchmarks" / "report_page.py"
    spec = importlib.util.spec_from_file_location("report_page", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["report_page"] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_takes_no_longer_than_its_account_and_two_seconds(benchmark: ModuleType) -> None:
    account, page, _ = benchmark.measured(benchmark.EXAMPLE)
    assert page <= account + benchmark.SPARE


def test_the_page_of_five_years_is_small_and_has_every_year(
    benchmark: ModuleType, tmp_path: Path
) -> None:
    run = benchmark.computed(benchmark.of_five_years(tmp_path / "p"))
    page = benchmark.rendered(run)
    assert len(page.encode("utf-8")) < benchmark.MOST_BYTES
    tables = read_tables(page)
    years = [str(year) for year in benchmark.YEARS]
    assert {row["year"].zh for row in tables["regions"].rows} == set(years)
    assert len(tables["regions"].rows) == 112 * len(years)
    assert list(packed_data(page, "accounts")["years"]) == years


def test_names_that_hold_markup_are_text(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    shutil.copytree(EXAMPLES / "beibu-gulf", folder)
    hostile = '<script>alert(1)</script>&"[/]$x^{$'
    regions = pd.read_csv(folder / "regions.csv", dtype=str, keep_default_na=False)
    regions["name"] = hostile
    regions["name_en"] = hostile
    regions.to_csv(folder / "regions.csv", index=False)
    gep.run_project(folder)
    page = _page(folder / "out")
    assert "<script>alert" not in page
    assert hostile in read_text(page)
    accounts = packed_data(page, "accounts")
    assert accounts["regions"]["beibu-gulf"]["name"] == hostile
