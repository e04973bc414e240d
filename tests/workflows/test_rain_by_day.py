"""Rain by day to the erosivity of a year: from a table of data to the results, with what may be wrong on the way.

The worked case is HJ 1173-2021, A.5 and A.6: R is the sum of α P^1.7265 over the days that erode, α 0.3937 in the warm
season and 0.3101 in the cold one. The clause prints neither the threshold (12 mm of a paper) nor the months of the
seasons (May to September, recalled).
"""

import time
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from support.days import (
    HEAD,
    REGION,
    SWITCHES,
    Row,
    days,
    others,
    rain_project,
    rain_rows,
    season_set,
)

import gep
from gep.account.account import Account
from gep.cli.app import main
from gep.workflows.check import check_folder

# P^1.7265 by logarithms: 1.7265 x 2.484906650 = 4.290191331, e^4.290191331; 1.7265 x 2.995732274 = 5.172131771;
# 1.7265 x 3.912023005 = 6.754107719
POWERS = {12: 72.980431, 20: 176.290248, 50: 857.574211}


def _erosivity(account: Account, region: str = REGION) -> float:
    values = account.results["soil_retention.erosivity"]
    return float(values[list(account.plan.extent.regions).index(region)])


def _wet(year: int, rain: dict[str, float]) -> list[Row]:
    """Dry days, but for some."""
    return [
        (REGION, year, "daily_rain", day, rain.get(f"{day:%m-%d}", 0), "mm", "made up")
        for day in days(year)
    ]


def _run(folder: Path) -> Account:
    (account,) = gep.run_project(folder).accounts
    return account


def test_a_year_of_days_gives_the_erosivity_of_the_clause(tmp_path: Path) -> None:
    """50 and 12 mm in the warm season, 20 mm on its eve and on its morrow; 11.9 mm does not erode."""
    rain = {"04-30": 20, "05-01": 50, "06-07": 11.9, "09-30": 12, "10-01": 20}
    account = _run(rain_project(tmp_path, _wet(2020, rain)))
    by_hand = 0.3937 * (POWERS[50] + POWERS[12]) + 0.3101 * 2 * POWERS[20]
    assert _erosivity(account) == pytest.approx(by_hand, rel=1e-6)
    assert gep.verify(tmp_path / "out") == []


@pytest.mark.parametrize(("year", "length"), [(2020, 366), (2021, 365)])
def test_leap_years_have_their_day(tmp_path: Path, year: int, length: int) -> None:
    account = _run(rain_project(tmp_path, rain_rows(year), year=year))
    by_hand = POWERS[20] * (153 * 0.3937 + (length - 153) * 0.3101)
    assert _erosivity(account) == pytest.approx(by_hand, rel=1e-6)
    (step,) = [step for step in account.plan.steps if step.name.endswith(".erosive_rain")]
    assert len(step.members["day"]) == length


def test_both_kinds_of_years_are_one_project(tmp_path: Path) -> None:
    rain_project(tmp_path, [*rain_rows(2020), *rain_rows(2021)])
    toml = tmp_path / "project.toml"
    toml.write_text(toml.read_text().replace("[2020]", "[2020, 2021]"), encoding="utf-8")
    areas = tmp_path / "areas.csv"
    areas.write_text(areas.read_text() + f"{REGION},2021,dry_field,100,ha\n", encoding="utf-8")
    path = tmp_path / "others.csv"
    path.write_text(others(2020) + others(2021).partition("\n")[2], encoding="utf-8")
    first, second = gep.run_project(tmp_path).accounts
    assert _erosivity(first) - _erosivity(second) == pytest.approx(0.3101 * POWERS[20], rel=1e-6)


def test_seasons_of_ones_own_go_before_those_that_ship(tmp_path: Path) -> None:
    """April is made warm; what the set leaves out stays as it was."""
    sets = season_set(tmp_path, ("04-01/04-30", 1), ("04-05", 0))
    account = _run(rain_project(tmp_path, rain_rows(), sets=sets))
    warm = 153 + 29
    by_hand = POWERS[20] * (warm * 0.3937 + (366 - warm) * 0.3101)
    assert _erosivity(account) == pytest.approx(by_hand, rel=1e-6)


def test_a_prefecture_serves_its_counties_and_a_county_goes_first(tmp_path: Path) -> None:
    other = "361128"
    rows = [("361100", *row[1:]) for row in rain_rows()] + _wet(2020, {"07-01": 50})
    folder = rain_project(tmp_path, rows)
    areas = folder / "areas.csv"
    areas.write_text(areas.read_text() + f"{other},2020,dry_field,100,ha\n", encoding="utf-8")
    account = _run(folder)
    assert _erosivity(account) == pytest.approx(0.3937 * POWERS[50], rel=1e-6)
    every_day = POWERS[20] * (153 * 0.3937 + 213 * 0.3101)
    assert _erosivity(account, other) == pytest.approx(every_day, rel=1e-6)


def test_missing_days_are_listed_by_region(tmp_path: Path) -> None:
    other = "361128"
    gone = {(REGION, "02-28"), (REGION, "02-29"), (REGION, "03-01"), (other, "12-25")}
    rows = [
        row
        for region in (REGION, other)
        for row in rain_rows(region=region)
        if (region, f"{row[3]:%m-%d}") not in gone
    ]
    folder = rain_project(tmp_path, rows)
    areas = folder / "areas.csv"
    areas.write_text(areas.read_text() + f"{other},2020,dry_field,100,ha\n", encoding="utf-8")
    with pytest.raises(gep.ProblemsFound) as found:
        gep.run_project(folder)
    told = [str(problem) for problem in found.value.problems]
    assert len(told) == 2
    assert any("361128; day 12-25 /" in words for words in told)
    assert any(f"{REGION}; day 02-28/03-01 /" in words for words in told)


def test_a_form_asks_for_each_missing_day(tmp_path: Path) -> None:
    rows = [row for row in rain_rows() if row[3] != date(2020, 2, 29)]
    folder = rain_project(tmp_path, rows)
    checked = check_folder(folder, language="en")
    assert {problem.code for problem in checked.problems} == {"missing-data"}
    plan = gep.make_plan(
        standard="hj1173-2021",
        areas=folder / "areas.csv",
        data=[folder / "data.csv", folder / "others.csv"],
        year=2020,
        switches=SWITCHES,
        partial=True,
    )
    (row,) = gep.blank_form(plan).data.to_dict("records")
    assert (row["name"], row["region"], row["day"]) == ("daily_rain", REGION, "02-29")


def test_a_filled_form_of_days_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`gep form` writes 366 rows with the head Day; typed in, they are the same as a table."""
    folder = rain_project(tmp_path, [])
    toml = folder / "project.toml"
    toml.write_text(
        toml.read_text().replace('"data.csv", "others.csv"]', '"others.csv"]\nform = "form.xlsx"')
    )
    (folder / "data.csv").unlink()
    assert main(["form", str(folder), "--out", str(folder / "form.xlsx")]) == 0
    book = load_workbook(folder / "form.xlsx")
    filled = 0
    for sheet in book.worksheets:
        heads = [cell.value for cell in sheet[1]]
        if not {"Day", "Value"} <= set(heads):
            continue
        value, source, day = (heads.index(name) + 1 for name in ("Value", "Source", "Day"))
        for number in range(2, sheet.max_row + 1):
            if sheet.cell(number, day).value:
                sheet.cell(number, value, 20)
                sheet.cell(number, source, "made up")
                filled += 1
    book.save(folder / "form.xlsx")
    assert filled == 366
    by_hand = POWERS[20] * (153 * 0.3937 + 213 * 0.3101)
    assert _erosivity(_run(folder)) == pytest.approx(by_hand, rel=1e-6)


def test_an_explanation_names_the_wettest_days_and_counts_the_others(tmp_path: Path) -> None:
    rain = {f"07-{number:02}": 10 + number for number in range(1, 13)}
    account = _run(rain_project(tmp_path, _wet(2020, rain)))
    words = str(account.explain("soil_retention", REGION))
    assert "rain: 22 mm x 1 (region=361130 day=07-12)" in words
    assert "day=07-02" not in words
    assert "rain: 356 rows of other days, with smaller numbers" in words
    assert "warm_season: 1 x 1 (day=05-01/09-30)" in words
    assert len(account.explain("soil_retention", REGION).frame()) > 366


@pytest.mark.parametrize("layout", ["down", "right", "sheet"])
def test_days_side_by_side_are_imported(
    tmp_path: Path, layout: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Days down or to the right, and a sheet with dates under a title that names year and unit."""
    folder = rain_project(tmp_path, [])
    (folder / "data.csv").unlink()
    (folder / "regions.csv").write_text(f"region,name\n{REGION},婺源县\n", encoding="utf-8")
    toml = folder / "project.toml"
    toml.write_text(f'{toml.read_text()}regions = "regions.csv"\n', encoding="utf-8")
    path = folder / f"{layout}.csv"
    answers = ["--name", "daily_rain", "--source", "made up"]
    if layout == "down":
        lines = [f"{day:%Y-%m-%d},{20}" for day in days(2020)]
        path.write_text("\n".join(["日期,婺源县", *lines]) + "\n", encoding="utf-8")
    elif layout == "right":
        heads = ",".join(f"{day:%m-%d}" for day in days(2020))
        path.write_text(f"region,{heads}\n{REGION}{',20' * 366}\n", encoding="utf-8")
    else:
        path = folder / "rain.xlsx"
        book = Workbook()
        book.active.append(["2020年逐日降水量"])
        book.active.append(["单位：mm"])
        book.active.append(["日期", "婺源县"])
        for day in days(2020):
            book.active.append([day, 20])
        book.save(path)
    if layout != "sheet":
        answers += ["--year", "2020", "--unit", "mm"]
    assert main(["import", "data", str(path), "--project", str(folder), *answers]) == 0
    by_hand = POWERS[20] * (153 * 0.3937 + 213 * 0.3101)
    assert _erosivity(_run(folder)) == pytest.approx(by_hand, rel=1e-6)


def test_dates_of_a_table_in_memory_are_days() -> None:
    frame = pd.DataFrame(rain_rows(), columns=list(HEAD))
    frame["day"] = pd.to_datetime(frame["day"])
    data = gep.read_data(frame)
    assert list(data.rows["day"][:2]) == ["01-01", "01-02"]
    assert len(set(data.rows["day"])) == 366


def test_a_hundred_counties_take_seconds(tmp_path: Path) -> None:
    """36,600 rows: read, bound and summed."""
    codes = [f"36{number:04}" for number in range(1001, 1101)]
    frame = pd.DataFrame(rain_rows(), columns=list(HEAD))
    frames = [frame.assign(region=code) for code in codes]
    path = tmp_path / "data.csv"
    pd.concat(frames).to_csv(path, index=False)
    table = tmp_path / "others.csv"
    table.write_text(others(2020), encoding="utf-8")
    areas = pd.DataFrame(
        {"region": codes, "year": 2020, "class": "dry_field", "area": 100.0, "unit": "ha"}
    )
    start = time.perf_counter()
    account = gep.compute(
        standard="hj1173-2021",
        areas=areas,
        data=[path, table],
        year=2020,
        switches=SWITCHES,
    )
    assert time.perf_counter() - start < 10  # 0.6 s where nothing else runs
    by_hand = POWERS[20] * (153 * 0.3937 + 213 * 0.3101)
    assert _erosivity(account, codes[-1]) == pytest.approx(by_hand, rel=1e-6)
