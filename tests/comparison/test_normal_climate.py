"""Weather apart from management: accounts under reference years' weather and moving means, worked by hand."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from support.museum import contents
from support.small import Row, coefficient, datum
from support.years import (
    CROP,
    EROSION,
    LAND,
    Years,
    changed,
    effects,
    field_areas,
    of_products,
    outputs,
    prices,
    row,
)

import gep
from gep.cli.app import main
from gep.comparison.normal_climate import under_reference_weather
from gep.inputs.data import read_data

RAIN = {1991: 500, 1992: 1500, 1993: 2500}  # mm; (rain / 1000 mm)^2, at most 4: 0.25, 2.25, 4
MEAN = (0.25 + 2.25 + 4) / 3  # under the mean rain of 1500 mm it would be 2.25


def rain(levels: dict[int, float], regions: Sequence[str] = ("a",), unit: str = "mm") -> list[Row]:
    return [
        datum(code, "rain", value, unit, year=year)
        for year, value in levels.items()
        for code in regions
    ]


def project(regions: Sequence[str] = ("a",), normal: Sequence[Row] | None = None) -> Years:
    """100 hm2 at 1000 CNY in 2015 with 1000 mm of rain, 150 hm2 at 1200 CNY in 2020 with 3000 mm; land beside."""
    rows = [
        coefficient("soil_cost", 1000, "CNY ha-1", price_year="2015"),
        coefficient("soil_cost", 1200, "CNY ha-1", price_year="2020"),
        coefficient("land_share", 0.5, "1"),
        *(
            coefficient("land_value", 1000, "CNY ha-1", price_year=str(year))
            for year in (2015, 2020)
        ),
    ]
    hectares = {
        (code, year): value for code in regions for year, value in ((2015, 100), (2020, 150))
    }
    small = of_products(
        EROSION, LAND, areas=field_areas(hectares),
        data=rain({2015: 1000, 2020: 3000}, regions), sets=rows,
    )  # fmt: skip
    return Years(small, (2015, 2020), normal=rain(RAIN, regions) if normal is None else normal)


def tell(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = main(["compare", *arguments, "--allow-code"])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return status, said.err


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    folder = project().project(tmp_path / "p")
    assert tell([str(folder)], capsys) == (0, "")
    return read(folder / "out" / "comparison.csv"), read(folder / "out" / "decomposition.csv")


def test_the_normal_value_is_the_mean_of_accounts(told: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """10^4 CNY: actual 10 x 1 to 18 x 4; at normal climate 10 and 18 times the mean of 0.25, 2.25 and 4."""
    table, _ = told
    actual = row(table, indicator="soil", kind="value")
    assert [float(actual[name]) for name in ("value_from", "value_to", "change")] == pytest.approx(
        [10, 72, 62]
    )
    normal = row(table, indicator="soil", kind="value:normal_climate")
    levels = [10 * MEAN, 18 * MEAN, 8 * MEAN, 0.8]
    assert [
        float(normal[name]) for name in ("value_from", "value_to", "change", "growth")
    ] == pytest.approx(levels)
    assert levels[0] != pytest.approx(10 * 2.25)
    land = [row(table, indicator="land", kind=kind) for kind in ("value", "value:normal_climate")]
    assert land[0]["value_to"] == land[1]["value_to"]


def test_weather_and_the_rest_are_the_change(told: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """Areas 50 x 1100, prices 125 x 200, each times the mean; weather is 62 less the change at normal climate."""
    _, reasons = told
    soil = effects(reasons, indicator="soil")
    expected = {
        "areas": 5.5 * MEAN,
        "data": 0,
        "coefficients": 0,
        "prices": 2.5 * MEAN,
        "weather": 62 - 8 * MEAN,
    }
    assert soil == pytest.approx(expected)
    assert effects(reasons, indicator="land") == pytest.approx(
        {"areas": 2.5, "data": 0, "coefficients": 0, "prices": 0, "weather": 0}
    )
    whole = effects(reasons, category="total")
    assert whole == pytest.approx({**expected, "areas": 5.5 * MEAN + 2.5})
    assert sum(whole.values()) == pytest.approx(64.5)


def test_one_reference_year_is_that_weather(tmp_path: Path) -> None:
    one = project(normal=rain({1991: 500}))
    folder = one.project(tmp_path / "p")
    parts = gep.read_project(folder, allow_code=True).parts
    normal = under_reference_weather(parts, read_data(folder / "normal.csv"), [2015, 2020])
    found = gep.compare(one.accounts(tmp_path / "q"), normal=normal)
    told = row(found.table(), indicator="soil", kind="value:normal_climate")
    assert (told["value_from"], told["value_to"]) == pytest.approx((2.5, 4.5))


def test_the_caption_and_the_record_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project().project(tmp_path / "p")
    assert main(["compare", str(folder), "--allow-code", "--language", "zh"]) == 0
    assert "常年气候" in capsys.readouterr().out
    record = (folder / "out" / "comparison.json").read_text(encoding="utf-8")
    assert '"climate": "normal_climate"' in record
    assert '"normal.csv"' in record


# --- what is wrong in normal.csv -------------------------------------------------------------------------------------

FAULTS: dict[str, tuple[list[Row], str, tuple[str, ...]]] = {
    "a region lacks a reference year": (
        [one for one in rain(RAIN, "ab") if (one["region"], one["year"]) != ("b", 1992)],
        "missing-data", ("normal.csv weather of 1992", "b"),
    ),
    "an unknown region": (
        [*rain(RAIN, "ab"), *rain({1993: 1}, "z")], "unknown-region", ("normal.csv weather of 1993", "region z has no areas"),
    ),
    "a unit of another kind": (
        [*rain({1991: 500}, "ab"), *rain({1992: 1}, "ab", "t")], "wrong-dimension", ("normal.csv weather of 1992",),
    ),
    "no number": ([*rain(RAIN, "ab"), datum("a", "rain", "wet", "mm", year=1994)], "not-a-number", ("normal.csv",)),
    "a number twice": ([*rain(RAIN, "ab"), *rain({1991: 500}, "a")], "duplicate-row", ("normal.csv",)),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named_with_file_and_reference_year(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, code, words = FAULTS[fault]
    folder = project("ab", rows).project(tmp_path / "p")
    before = contents(tmp_path)
    status, err = tell([str(folder)], capsys)
    assert status == 2
    assert f"[{code}]" in err
    for word in words:
        assert word in err, err
    assert contents(tmp_path) == before


def test_all_reference_years_are_checked_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        one
        for one in rain(RAIN, "ab")
        if (one["region"], one["year"]) not in (("b", 1992), ("a", 1993))
    ]
    status, err = tell([str(project("ab", rows).project(tmp_path / "p"))], capsys)
    assert status == 2
    assert "weather of 1992" in err
    assert "weather of 1993" in err


def test_what_nobody_asks_for_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [*rain(RAIN), *(datum("a", "snow", 1, "mm", year=year) for year in RAIN)]
    status, err = tell([str(project(normal=rows).project(tmp_path / "p"))], capsys)
    assert status == 0
    assert "[unused-data]" in err
    assert "snow" in err


def one_year(year: int, normal: Sequence[Row]) -> Years:
    whole = project(normal=normal)
    areas = [one for one in whole.small.areas if one["year"] == year]
    data = [one for one in whole.small.data if one["year"] == year]
    return replace(changed(whole, areas=areas, data=data), years=(year,))


@pytest.mark.parametrize("second", [(), rain({1991: 500}), rain({1981: 1, 1982: 2, 1983: 3})])
def test_projects_have_one_normal_climate(
    second: Sequence[Row], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """None for one of them, or the weather of other years: a difference of means of different weather is none."""
    folders = [
        one_year(2015, rain(RAIN)).project(tmp_path / "one"), one_year(2020, second).project(tmp_path / "two")
    ]  # fmt: skip
    before = contents(tmp_path)
    status, err = tell([*map(str, folders), "--out", str(tmp_path / "out")], capsys)
    assert status == 2
    assert "normal" in err
    assert contents(tmp_path) == before


def test_projects_with_the_same_reference_years(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [one_year(year, rain(RAIN)).project(tmp_path / str(year)) for year in (2015, 2020)]
    assert tell([*map(str, folders), "--out", str(tmp_path / "out")], capsys)[0] == 0
    soil = effects(read(tmp_path / "out" / "decomposition.csv"), indicator="soil")
    assert soil["weather"] == pytest.approx(62 - 8 * MEAN)


def test_a_renamed_region_has_the_weather_of_both_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """a became x in 2017; normal.csv gives the same rain under each code, of which a year has one."""
    one = project(normal=rain(RAIN, "ax"))
    areas, data = (
        [{**some, "region": "x"} if some["year"] == 2020 else some for some in rows]
        for rows in (one.small.areas, one.small.data)
    )
    changes = [{"from": "a", "to": "x", "date": "2017-08-31"}]
    folder = changed(one, areas=areas, data=data, changes=changes).project(tmp_path / "p")
    status, err = tell([str(folder)], capsys)
    assert (status, err) == (0, "")
    soil = effects(read(folder / "out" / "decomposition.csv"), region="x", indicator="soil")
    expected = {
        "areas": 5.5 * MEAN,
        "data": 0,
        "coefficients": 0,
        "prices": 2.5 * MEAN,
        "weather": 62 - 8 * MEAN,
    }
    assert soil == pytest.approx(expected)


# --- moving means ----------------------------------------------------------------------------------------------------


def five_years() -> Years:
    """10, 20, 60, 40, 20 t at 1000 CNY: 1, 2, 6, 4, 2 of 10^4 CNY; means of three years 3, 4, 4."""
    tonnes = dict(zip(range(2010, 2015), (10, 20, 60, 40, 20), strict=True))
    small = of_products(
        CROP, areas=field_areas({("a", year): 1 for year in tonnes}),
        data=outputs({("a", year, "rice"): amount for year, amount in tonnes.items()}),
        sets=prices({("rice", year): 1000 for year in tonnes}),
    )  # fmt: skip
    return Years(small, tuple(tonnes))


def test_moving_means_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = five_years().project(tmp_path / "p")
    assert tell([str(folder), "--moving-mean", "3"], capsys) == (0, "")
    table, reasons = (
        read(folder / "out" / "comparison.csv"),
        read(folder / "out" / "decomposition.csv"),
    )
    for first, last, actual, mean in (
        ("2012", "2013", (6, 4), (3, 4)), ("2013", "2014", (4, 2), (4, 4)), ("2012", "2014", (6, 2), (3, 4))
    ):  # fmt: skip
        keys = {"indicator": "crop", "from_": first, "to": last}
        for kind, ends in (("value", actual), ("value:moving_mean", mean)):
            one = row(table, kind=kind, **keys)
            assert [float(one["value_from"]), float(one["value_to"])] == pytest.approx(ends)
        told = effects(reasons, **keys)
        data = mean[1] - mean[0]
        expected = {"areas": 0, "coefficients": 0, "prices": 0, "data": data}
        assert told == pytest.approx(
            {**expected, "fluctuation": actual[1] - actual[0] - data}, abs=1e-12
        )
    assert set(zip(table["from"], table["to"], strict=True)) == {
        ("2012", "2013"),
        ("2013", "2014"),
        ("2012", "2014"),
    }


@pytest.mark.parametrize("length", [5, 6, 1])
def test_too_few_years_for_a_moving_mean(
    length: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = five_years().project(tmp_path / "p")
    before = contents(tmp_path)
    status, err = tell([str(folder), "--moving-mean", str(length)], capsys)
    assert status == 2
    assert "[moving-mean] --moving-mean" in err
    assert "2010, 2011, 2012, 2013, 2014" in err
    assert contents(tmp_path) == before


def test_years_with_a_gap_have_no_moving_mean(tmp_path: Path) -> None:
    project = replace(five_years(), years=(2010, 2011, 2013, 2014))
    with pytest.raises(gep.ProblemsFound) as found:
        project.compared(tmp_path / "p", moving_mean=3)
    assert [one.code for one in found.value.problems] == ["moving-mean"]
    assert project.compared(tmp_path / "q", moving_mean=2).pairs == ((2011, 2014),)


def test_a_year_without_a_mean_cannot_be_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = five_years().project(tmp_path / "p")
    status, err = tell([str(folder), "--moving-mean", "3", "--from", "2011"], capsys)
    assert status == 2
    assert "[missing-year] --from, --to" in err
    assert "2012, 2013, 2014" in err


def test_a_moving_mean_takes_the_place_of_the_normal_climate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = five_years()
    one = replace(
        one, normal=[{**some, "year": 1990} for some in one.small.data if some["year"] == 2010]
    )
    folder = one.project(tmp_path / "p")
    assert tell([str(folder), "--moving-mean", "2"], capsys)[0] == 0
    assert set(read(folder / "out" / "comparison.csv")["kind"]) == {"value", "value:moving_mean"}
    assert tell([str(folder)], capsys)[0] == 0
    assert set(read(folder / "out" / "comparison.csv")["kind"]) == {"value", "value:normal_climate"}
