"""What another option of a switch would give is told, with both quantities and their ratio."""

from pathlib import Path

import pytest
from support.published import Row, cases, write_project

import gep
from gep.errors import Problem

BASE = tuple(row for row in cases()["rcees-2017", "hand-default"] if row["role"] != "expect")


def told(rows: tuple[Row, ...], folder: Path) -> list[Problem]:
    """The remarks on options of a run of these rows."""
    run = gep.run_project(write_project("rcees-2017", rows, folder), folder / "out")
    return [warning for warning in run.warnings if warning.code == "option-matters"]


def switched(switch: str, option: str) -> tuple[Row, ...]:
    """The account by hand with another option."""
    blank = dict.fromkeys(BASE[0], "")
    chosen = {**blank, "role": "switch", "name": switch, "value": option, "case": BASE[0]["case"]}
    return (*BASE, chosen)


def test_lakes_one_by_one_stand_beside_their_total_area(tmp_path: Path) -> None:
    """By hand: 2 x 13^0.5 against 2 x (4^0.5 + 9^0.5), x 10^4 m3: 1.387 times as much."""
    remarks = [text for text in told(BASE, tmp_path) if "flood_lakes" in text.place]
    assert len(remarks) == 1
    said = remarks[0].say("en")
    assert "72111 m3" in said
    assert "100000 m3, 1.39 times" in said
    assert "gep set PROJECT switches.flood_lakes each" in said
    assert "逐湖" in remarks[0].say("zh")


def test_the_other_way_round_the_ratio_is_below_1(tmp_path: Path) -> None:
    remarks = told(switched("flood_lakes", "each"), tmp_path)
    said = [text.say("en") for text in remarks if "flood_lakes" in text.place]
    assert len(said) == 1
    assert "100000 m3" in said[0]
    assert "72111 m3, 0.721 times" in said[0]


def test_a_hundred_lakes_of_5_km2_hold_4_times_as_much_one_by_one(tmp_path: Path) -> None:
    """100 x 5^0.678 against 500^0.678: 100^0.322 = 4.406, with the exponent that Garzê prints."""
    rows = []
    for row in BASE:
        if row["name"] == "lake_area":
            continue
        if row["name"] == "lake_storage_exponent":
            rows.append({**row, "value": "0.678"})
        elif (row["role"], row["name"]) == ("area", "lake"):
            rows.append({**row, "value": "500"})
        else:
            rows.append(row)
    example = next(row for row in BASE if row["name"] == "lake_area")
    key = next(column for column, cell in example.items() if cell == "A")
    rows += [{**example, key: f"L{number}", "value": "5"} for number in range(100)]
    remarks = [text for text in told(tuple(rows), tmp_path) if "flood_lakes" in text.place]
    assert "4.41 times" in remarks[0].say("en")


def test_without_the_area_of_each_lake_nothing_is_told(tmp_path: Path) -> None:
    rows = tuple(row for row in BASE if row["name"] != "lake_area")
    assert not [text for text in told(rows, tmp_path) if "flood_lakes" in text.place]


def test_one_lake_is_the_same_either_way(tmp_path: Path) -> None:
    rows = []
    for row in BASE:
        if row["name"] != "lake_area":
            rows.append(row)
        elif row["value"] == "9":
            rows.append({**row, "value": "13"})
    assert not [text for text in told(tuple(rows), tmp_path) if "flood_lakes" in text.place]


@pytest.mark.parametrize(("chosen", "ratio"), [("open_water", "2.54"), ("wetland", "0.394")])
def test_evaporation_of_marshes_stands_beside_that_of_open_water(
    chosen: str, ratio: str, tmp_path: Path
) -> None:
    """By hand: 374.66 against 951.06 x 10^6 kWh."""
    remarks = told(switched("climate_water_area", chosen), tmp_path)
    said = [text.say("en") for text in remarks if "climate_water_area" in text.place]
    assert len(said) == 1
    assert "3.7466e+08 kWh" in said[0]
    assert "9.5106e+08 kWh" in said[0]
    assert f"{ratio} times" in said[0]
