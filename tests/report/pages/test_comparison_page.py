"""The page of a comparison: its numbers are those of the result tables, and each is explained."""

import csv
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.page_tables import ReadCell, ReadTable, packed_data, page_data, read_tables, read_text
from support.paths import EXAMPLES
from support.small import coefficient
from support.years import CROP, LAND, Years, field_areas, of_products, outputs, prices

import gep
from gep.comparison.comparability import price_basis_text
from gep.texts.catalogue import LANGUAGES
from gep.units import factor

CLOSE = 1e-9
HOSTILE = '<script>alert(1)</script>"&$x^{$[/]'  # the name of a region
CASES = ("beibu-gulf", "hongsibu", "poyang-basin", "years")
NUMBERS = {  # the columns of numbers of each table, as the file calls them
    "changes": ("value_from", "value_to", "change", "growth", "cagr", "contribution"),
    "quantities": ("value_from", "value_to", "change", "growth", "cagr"),
    "types": ("area_from", "area_to", "area_growth", "value_from", "value_to", "change", "growth"),
    "land": ("area", "value"),
}


class Result:
    """A comparison that was written: its page, its tables as the files have them."""

    def __init__(self, folder: Path) -> None:
        html = (folder / "comparison.html").read_text(encoding="utf-8")
        self.html = html
        self.tables = read_tables(html)
        self.explanations: dict[str, Any] = packed_data(html, "explanations")
        self.accounts: dict[str, Any] = packed_data(html, "accounts") or {}
        self.charts = {chart["id"]: chart for chart in page_data(html)["charts"]}
        self.files = {path.name: _read(path) for path in folder.glob("*.csv")}

    def rows(self, table: str) -> list[dict[str, str]]:
        """The rows of the file that a table shows, in their order."""
        rows = self.files[self.tables[table].file]
        if table == "changes":
            return [row for row in rows if row["item"] == "" and not _is_quantity(row)]
        if table == "quantities":
            return [row for row in rows if _is_quantity(row)]
        return rows

    def opened(self) -> Iterator[str]:
        """All keys that anything on the page opens."""
        for table in self.tables.values():
            for row in table.rows:
                yield from (cell.opens for cell in row.values() if cell.opens)
        for explanation in self.explanations.values():
            for table in explanation["tables"]:
                for row in table["rows"]:
                    yield from (cell[2] for cell in row if isinstance(cell, list) and len(cell) > 2)
        for chart in self.charts.values():
            yield from filter(None, _opens(chart["data"]))


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _is_quantity(row: Mapping[str, str]) -> bool:
    return row["kind"].partition(":")[0] == "quantity"


def _opens(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "opens":
                yield from ([member] if isinstance(member, str) else member)
            else:
                yield from _opens(member)
    elif isinstance(value, list):
        for member in value:
            yield from _opens(member)


def _number(words: str) -> float:
    return float(re.sub(r"[,%\s]", "", words))


def _is_rounded(cell: ReadCell) -> bool:
    """Whether what is shown is the number behind it, rounded to the decimals that are shown."""
    assert cell.value is not None
    shown = _number(cell.zh)
    scale = 100 if "%" in cell.zh else 1
    if "e" in cell.zh:
        return math.isclose(shown, cell.value * scale, rel_tol=0.01)
    decimals = len(cell.zh.replace("%", "").strip().partition(".")[2])
    return abs(shown - cell.value * scale) <= 0.5 * 10**-decimals + abs(cell.value) * scale * 1e-12


def _write_years(folder: Path) -> Path:
    """Two regions below a parent, one of which took in a third one; at two price bases."""
    field = {("a", 2015): 100, ("b", 2015): 100, ("c", 2015): 50, ("a", 2020): 90, ("b", 2020): 300}
    rice = {(code, year, "rice"): area + 10 for (code, year), area in field.items()}
    levels = {2015: 1000, 2020: 1500}
    sets = prices({("rice", year): level for year, level in levels.items()})
    for year, level in levels.items():
        sets.append(coefficient("land_value", level, "CNY ha-1", price_year=str(year)))
    small = of_products(
        CROP,
        LAND,
        areas=field_areas(field),
        data=outputs(rice),
        sets=[*sets, coefficient("land_share", 0.5, "1")],
        regions=(
            {"region": "p", "name": "省", "name_en": "province"},
            {"region": "a", "parent": "p", "name": HOSTILE, "name_en": HOSTILE},
            {"region": "b", "parent": "p"},
            {"region": "c", "parent": "p"},
        ),
    )
    merged = [{"from": "c", "to": "b", "date": "2018-01-01"}]
    return Years(small, (2015, 2020), changes=merged).project(folder)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Result]:
    home = tmp_path_factory.mktemp("compared")
    options: dict[str, Any] = {"allow_code": True, "prices": ["current", 2015]}
    gep.compare_projects(_write_years(home / "project"), home / "years", **options)
    for name in CASES[:-1]:
        gep.compare_projects(EXAMPLES / name, home / name)
    return {name: Result(home / name) for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_every_number_of_a_table_is_that_of_the_file(
    results: Mapping[str, Result], name: str
) -> None:
    result = results[name]
    checked = 0
    for table_id, columns in NUMBERS.items():
        table = result.tables.get(table_id, ReadTable())
        rows = result.rows(table_id) if table.rows else []
        assert len(table.rows) == len(rows)
        for shown, row in zip(table.rows, rows, strict=True):
            for column in columns:
                cell = shown.get(column, ReadCell())
                if cell.value is None:
                    assert row[column] in ("", "na", "not_compiled") or column not in shown
                    continue
                assert cell.value == pytest.approx(float(row[column]), rel=CLOSE, abs=1e-12)
                assert _is_rounded(cell), cell
                assert cell.opens
                checked += 1
    assert checked > 50


@pytest.mark.parametrize("name", CASES)
def test_effects_are_those_of_the_file_and_sum_to_the_change(
    results: Mapping[str, Result], name: str
) -> None:
    result = results[name]
    values: dict[str, dict[str, float]] = {}
    for row in result.files["decomposition.csv"]:
        if row["method"] == "replay":
            line = row["category"] if row["indicator"] == "total" else row["indicator"]
            key = f"replay:{row['from']}-{row['to']}:{row['region']}:{line}"
            values.setdefault(key, {})[row["effect"]] = float(row["value"])
    table = result.tables["effects"]
    assert len(table.rows) == len(values) > 0
    for shown in table.rows:
        key = shown["areas"].opens
        for effect, value in values[key].items():
            assert shown[effect].value == pytest.approx(value, rel=CLOSE, abs=1e-9)
        total = math.fsum(values[key].values())
        scale = max(abs(value) for value in values[key].values()) + 1e-6
        assert shown["sum"].value == pytest.approx(total, rel=1e-9, abs=scale * 1e-9)
        explained = result.explanations[key]["tables"][0]["rows"]
        parts = [row[1][1] for row in explained]
        assert math.fsum(parts[:-1]) == pytest.approx(parts[-1], rel=1e-8, abs=scale * 1e-8)


@pytest.mark.parametrize("name", CASES)
def test_all_that_can_be_opened_is_there(results: Mapping[str, Result], name: str) -> None:
    result = results[name]
    keys = set(result.opened())
    assert any(key.startswith("change:") for key in keys)
    accounts = [key for key in keys if key.startswith("account:")]
    assert accounts
    for key in keys - set(accounts):
        assert key in result.explanations, key
    for key in accounts:
        _, year, region, line = key.split(":", 3)
        lines = result.accounts["years"][year]["lines"]
        assert region in lines["codes"]
        names = {item["id"] for item in result.accounts["indicators"]}
        steps = {step["name"] for step in result.accounts["years"][year]["steps"]}
        assert line in {*lines["values"], *names, *steps}, key


@pytest.mark.parametrize("name", CASES)
def test_levels_that_open_an_account_are_its_figures(
    results: Mapping[str, Result], name: str
) -> None:
    result = results[name]
    compared = 0
    for row in result.tables["changes"].rows:
        for column in ("value_from", "value_to"):
            cell = row[column]
            if not cell.opens.startswith("account:"):
                continue
            _, year, region, line = cell.opens.split(":", 3)
            lines = result.accounts["years"][year]["lines"]
            figure = lines["values"][line][lines["codes"].index(region)]
            assert figure == pytest.approx(cell.value, rel=CLOSE)
            compared += 1
    assert compared >= 10


@pytest.mark.parametrize("name", CASES)
def test_changes_are_explained_by_their_levels(results: Mapping[str, Result], name: str) -> None:
    result = results[name]
    for row in result.tables["changes"].rows:
        change = row["change"]
        if change.value is None:
            continue
        last, first, difference, *_ = (
            cells[1][1] if isinstance(cells[1], list) else 0.0
            for cells in result.explanations[change.opens]["tables"][0]["rows"]
        )
        size = max(abs(last), abs(first))
        assert last - first == pytest.approx(difference, rel=1e-8, abs=size * 1e-8 + 1e-12)
        assert difference == pytest.approx(change.value, rel=CLOSE, abs=1e-12)


def test_a_transition_is_area_times_difference_of_values_per_area(
    results: Mapping[str, Result],
) -> None:
    result = results["hongsibu"]
    rows = result.files["transitions.csv"]
    per_area: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        side = {row["from_ecosystem"], row["to_ecosystem"]} & {"opening", "closing"}
        if side and float(row["area"]):
            (name,) = {row["from_ecosystem"], row["to_ecosystem"]} - side
            ratio = float(row["value"]) / float(row["area"])
            per_area.setdefault((row["from"] + row["to"], name), []).append(ratio)
    checked = 0
    for row in rows:
        key = f"land:{row['from']}-{row['to']}:{row['region']}"
        key += f":{row['from_ecosystem']}:{row['to_ecosystem']}"
        lines = " ".join(line["en"] for line in result.explanations[key]["lines"])
        formula = re.search(r"= (\S+) × \((\S+) - (\S+)\) = (\S+)", lines)
        if formula is None:
            continue
        area, after, before, value = map(_number, formula.groups())
        pair = row["from"] + row["to"]
        for name, ratio in ((row["from_ecosystem"], before), (row["to_ecosystem"], after)):
            known = per_area[pair, name]
            assert ratio == pytest.approx(sum(known) / len(known), rel=1e-8)
        assert value == pytest.approx(float(row["value"]), rel=1e-8)
        assert area * (after - before) == pytest.approx(value, rel=1e-7)
        checked += 1
    assert checked == 20  # of the matrix of 2000 to 2018, land that kept its type apart


def test_a_transition_names_the_rows_that_it_was_read_from(results: Mapping[str, Result]) -> None:
    result = results["hongsibu"]
    given = _read(EXAMPLES / "hongsibu" / "transitions.csv")
    explanation = result.explanations["land:2000-2018:hongsibu:dry_land:shrub"]
    (rows,) = [table["rows"] for table in explanation["tables"] if len(table["columns"]) > 6]
    assert rows
    for cells in rows:
        file, _, number = cells[0].partition(" : ")
        assert file == "transitions.csv"
        source = given[int(number) - 2]
        assert cells[2] == f"{source['from_class']} → {source['to_class']}"
        area = float(source["area"]) * factor(source["unit"], "km2")
        assert cells[3][1] == pytest.approx(area, rel=CLOSE)


def test_headlines_tell_level_and_change_at_each_price_basis(
    results: Mapping[str, Result],
) -> None:
    text = read_text(results["years"].html)
    totals = [
        row
        for row in results["years"].files["comparison.csv"]
        if row["category"] == "total" and row["indicator"] == "total" and row["kind"] == "value"
    ]
    bases = {row["price_basis"] for row in totals}
    assert len(bases) == 2
    for basis in bases:
        for language in LANGUAGES:
            assert price_basis_text(basis).say(language) in text


def test_charts_tell_the_numbers_of_the_tables(results: Mapping[str, Result]) -> None:
    result = results["hongsibu"]
    waterfall = result.charts["waterfall"]["data"]
    total = waterfall["start"]["value"] + sum(part["value"] for part in waterfall["effects"])
    assert total == pytest.approx(waterfall["end"]["value"], rel=1e-8)
    flows = result.charts["flows"]["data"]["flows"]
    rows = [
        row
        for row in result.files["transitions.csv"]
        if (row["from"], row["to"]) == ("2000", "2018")
        and not {row["from_ecosystem"], row["to_ecosystem"]}
        & {"opening", "closing", "net", "additions", "reductions"}
    ]
    assert [flow["value"] for flow in flows] == pytest.approx([float(row["area"]) for row in rows])
    years = result.charts["years"]["data"]
    sums = [sum(part["values"][column] for part in years["parts"]) for column in range(3)]
    ends = {
        row[end]: float(row[f"value_{end}"])
        for row in result.files["comparison.csv"]
        for end in ("from", "to")
        if row["category"] == "total"
    }
    assert sums == pytest.approx([ends[year] for year in years["columns"]], rel=1e-8)


def test_flags_are_told_with_what_they_mean(results: Mapping[str, Result]) -> None:
    for result in results.values():
        flags = {flag for row in result.files["comparison.csv"] for flag in row["flags"].split(";")}
        told = {row["code"].zh for row in result.tables.get("flags", ReadTable()).rows}
        assert told == flags - {""}
    assert "current-prices" in {
        row["code"].zh for row in results["poyang-basin"].tables["flags"].rows
    }


def test_regions_that_were_merged_open_no_account_of_another_boundary(
    results: Mapping[str, Result],
) -> None:
    result = results["years"]
    opened = {key for key in result.opened() if key.startswith("account:")}
    assert not any(key.startswith("account:2015:b:") for key in opened)
    assert any(key.startswith("account:2015:a:") for key in opened)
    key = next(key for key in result.explanations if key.startswith("change:2015-2020:b:total"))
    told = " ".join(line["en"] for line in result.explanations[key]["lines"])
    assert "on the boundary of 2020" in told


def test_what_users_wrote_is_text(results: Mapping[str, Result]) -> None:
    html = results["years"].html
    assert "<script>alert" not in html
    shown = {row["region"].zh for row in results["years"].tables["changes"].rows}
    assert HOSTILE in shown
