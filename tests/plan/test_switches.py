"""Every option of every switch of rcees-2017, by the public path, against hand calculations.

The small complete account ``hand-default`` of ``tests/cases/rcees-2017/hand.csv`` runs with the default options; a
variant of ``switches/variants.csv`` adds its switches and the inputs that they need, and says what then comes out.
"""

from itertools import groupby
from pathlib import Path

import pandas as pd
import pytest
from support.options import CASES
from support.published import FOLDER, Row, cases, read, write_project

import gep
from gep.workflows import expected
from gep.workflows.run import compute_run

BASE = tuple(row for row in cases()["rcees-2017", "hand-default"] if row["role"] != "expect")
ROWS = read(FOLDER / "rcees-2017" / "switches" / "variants.csv")
VARIANTS = {name: tuple(rows) for name, rows in groupby(ROWS, key=lambda row: row["case"])}
SWITCHES = gep.read_standard("rcees-2017").spec.switch


def merged(extra: tuple[Row, ...]) -> tuple[Row, ...]:
    """The account's rows and those of a variant, with the same columns."""
    blank = dict.fromkeys([*BASE[0], *extra[0]], "")
    return tuple({**blank, **row} for row in (*BASE, *extra))


@pytest.mark.parametrize("variant", VARIANTS)
def test_variant_gives_the_numbers_worked_out_by_hand(
    variant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = merged(VARIANTS[variant])
    folder = write_project("rcees-2017", rows, tmp_path)
    planned = gep.check_project(folder)
    # what is planned serves both: the figures, and the warnings of a run
    monkeypatch.setattr(expected, "check_project", lambda path, **options: planned)
    check = gep.check_figures(folder)
    assert check.misses == ()
    assert len(check.figures) == [row["role"] for row in rows].count("expect") > 0
    # the numbers are chosen for their arithmetic, and some are implausible
    outcome = compute_run(*planned, tmp_path / "out")
    told = {one.code for one in outcome.warnings}
    assert ("deficit-clipped" in told) == ("deficit-as-nothing" in variant)
    assert told <= {"unused-data", "implausible", "deficit-clipped", "option-matters"}


def test_every_option_of_every_switch_is_run() -> None:
    run = {(row["name"], row["value"]) for row in ROWS if row["role"] == "switch"}
    run |= {(name, switch.default) for name, switch in SWITCHES.items()}
    for standard, switches, _ in CASES.values():  # tests/standards/test_options.py
        run |= set(switches.items()) if standard == "rcees-2017" else set()
    assert run == {(name, option) for name, switch in SWITCHES.items() for option in switch.options}


def test_every_variant_says_what_comes_out() -> None:
    for name, rows in VARIANTS.items():
        assert {"switch", "expect"} <= {row["role"] for row in rows}, name
    assert len({row["case"] for row in ROWS}) == len(VARIANTS), (
        "the rows of a variant stand together"
    )


def without(coefficient: str) -> tuple[Row, ...]:
    """The account's rows but those of a coefficient."""
    return tuple(row for row in BASE if row["name"] != coefficient)


@pytest.mark.parametrize("coefficient", ["lake_exchanges", "nature_visit_share"])
def test_what_no_source_gives_for_all_places_is_asked_for(coefficient: str, tmp_path: Path) -> None:
    """The shipped sets hold no local number: its absence is a problem with a name, not a number from elsewhere."""
    project = write_project("rcees-2017", without(coefficient), tmp_path)
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.run_project(project, tmp_path / "out")
    found = [problem for problem in caught.value.problems if problem.code == "missing-coefficient"]
    assert found
    assert all(coefficient in problem.what for problem in found)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("coefficient", ["electricity_price", "soil_bulk_density"])
def test_a_default_is_never_used_in_silence(coefficient: str, tmp_path: Path) -> None:
    project = write_project("rcees-2017", without(coefficient), tmp_path)
    outcome = gep.run_project(project, tmp_path / "out")
    told = [warning for warning in outcome.warnings if warning.code == "default-used"]
    assert len(told) == 1
    assert coefficient in told[0].what
    plan = pd.read_csv(tmp_path / "out" / "plan.csv", dtype=str)
    rows = plan[plan["binding"].str.split().str[0] == f"coef={coefficient}"]
    assert len(rows)
    assert rows["set@version"].str.startswith("rcees-defaults@").all()
    assert set(rows["grade"]) <= {"published", "derived", "expert"}


def with_water_not_told(lake_area: str) -> tuple[Row, ...]:
    """The account's lake as water of which kind is not told, and a lake of some area or none."""
    rows: list[Row] = []
    for row in BASE:
        if row["name"] != "lake" and row["ecosystem"] != "lake":
            rows.append(row)
            continue
        column = "name" if row["name"] == "lake" else "ecosystem"
        rows.append({**row, column: "open_water"})
        if lake_area:
            rows.append({**row, "value": lake_area} if column == "name" else row)
    return tuple(rows)


def test_water_of_no_kind_is_not_taken_for_no_lake(tmp_path: Path) -> None:
    """The total area of lakes would be 0 without a word: the account is refused."""
    folder = write_project("rcees-2017", with_water_not_told(""), tmp_path)
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.check_project(folder)
    coarse = [problem for problem in caught.value.problems if problem.code == "class-coarse"]
    assert len(coarse) == 1
    assert "flood_mitigation.lakes" in coarse[0].say("en")
    assert "open_water" in coarse[0].say("en")


@pytest.mark.parametrize("lake_area", ["0", "3"])
def test_water_of_no_kind_may_stand_beside_a_lake(lake_area: str, tmp_path: Path) -> None:
    """By hand: 2 x 3^0.5 x 10^4 m3, or nothing of a lake of no area."""
    folder = write_project("rcees-2017", with_water_not_told(lake_area), tmp_path)
    account = gep.run_project(folder, tmp_path / "out").accounts[0]
    stored = account.results["flood_mitigation.lakes"].sum()
    assert stored == pytest.approx(2e4 * float(lake_area) ** 0.5, rel=1e-12)
