"""The account of Garzê 2010, through files, plan and run, against what the paper prints.

Every printed input carries half a unit of its last digit (``low`` and ``high`` of the input tables; prices and
coefficients are exact). All results rise with every input, so an account of all lows and one of all highs bound what
the printed inputs allow; a printed result, with half a unit of its own, must meet these bounds.
"""

import csv
import shutil
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from support.paths import EXAMPLES

import gep
from gep.units import factor

EXAMPLE = EXAMPLES / "garze-2010"
VALUE = "10^8 CNY"


def read(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def half(printed: str) -> float:
    """Half a unit of the last printed digit."""
    return float(Decimal(1).scaleb(int(Decimal(printed).as_tuple().exponent)) / 2)


def slack(printed: str) -> float:
    """Half a unit of the last printed digit, and what binary numbers lose."""
    return half(printed) * (1 + 1e-9) + 1e-12


class Tables:
    """The result tables of one run."""

    def __init__(self, project: Path, out: Path) -> None:
        gep.run_project(project, out)
        types = {"region": str, "item": str}
        self.account = pd.read_csv(out / "account.csv", dtype=types, keep_default_na=False)
        self.cells = pd.read_csv(out / "by_ecosystem.csv", dtype=types, keep_default_na=False)
        self.summary = pd.read_csv(out / "summary.csv", dtype={"region": str}).set_index("category")

    def step(self, name: str, member: str, unit: str) -> float:
        indicator, step = name.split(".")
        cells = self.cells[(self.cells["indicator"] == indicator) & (self.cells["step"] == step)]
        if member.startswith("ecosystem="):
            cells = cells[cells["ecosystem"] == member.removeprefix("ecosystem=")]
        elif member:
            cells = cells[cells["item"] == member]
        assert len(cells), f"{name} {member} is not in the account"
        return float(cells["value"].astype(float).sum()) * factor(cells["unit"].iloc[0], unit)

    def value(self, indicators: str, ecosystem: str = "") -> float:
        rows = self.cells[
            self.cells["indicator"].isin(indicators.split()) & (self.cells["kind"] == "value")
        ]
        rows = rows[rows["ecosystem"] == ecosystem] if ecosystem else rows
        return float(rows["value"].astype(float).sum()) * factor("10^4 CNY", VALUE)


def at_bound(bound: str, folder: Path) -> Path:
    """The example with every rounded input at its low or high."""
    project = folder / bound
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("out", "expected"))
    for name, column in (("areas.csv", "area"), ("data.csv", "value")):
        rows = read(name)
        for row in rows:
            row[column] = row[bound] or row[column]
        with (project / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return project


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tables]:
    folder = tmp_path_factory.mktemp("garze")
    found = {
        bound: Tables(at_bound(bound, folder), folder / f"out-{bound}") for bound in ("low", "high")
    }
    return {**found, "printed": Tables(EXAMPLE, folder / "out")}


def meets(printed: str, low: float, high: float) -> None:
    number, edge = float(printed), slack(printed)
    assert low - edge <= number <= high + edge, (
        f"printed {printed}, the printed inputs allow {low:.6g} to {high:.6g}"
    )


MEMBERS = ("ecosystem", "substance", "use")
ROWS = read("expected.csv")


def items_of_table_3() -> dict[str, dict[str, str]]:
    """The items of Table 3 and of the text: a step, and the member that is meant."""
    items = {}
    for row in ROWS:
        if "." in row["item"]:
            member = ";".join(f"{key}={row[key]}" for key in MEMBERS if row[key])
            items[row["note"]] = {"step": row["item"], "member": member, **row}
    return items


def sums_of_table_3() -> dict[str, dict[str, str]]:
    """Services, groups and the total: what they sum; the note says which of these they are."""
    sums = {}
    for row in ROWS:
        level, is_sum, name = row["note"].partition(": ")
        if is_sum:
            sums[name] = {"level": level, "indicators": row["item"].replace("+", " "), **row}
    return sums


ITEMS = items_of_table_3()
SUMS = sums_of_table_3()
MATRIX = read("expected/by_ecosystem.csv")
AREAS = {row["class"]: row for row in read("areas.csv")}


def test_every_figure_holds_and_no_tolerance_is_wider_than_the_rounding_of_the_inputs(
    runs: dict[str, Tables],
) -> None:
    check = gep.check_figures(EXAMPLE)
    assert check.misses == ()
    assert len(check.figures) == len(ROWS) == len(ITEMS) + len(SUMS) == 54
    for row in (*ITEMS.values(), *SUMS.values()):
        low, middle, high = (amount(runs[name], row) for name in ("low", "printed", "high"))
        room = half(row["value"]) + max(high - middle, middle - low)
        assert float(row["tolerance"] or half(row["value"])) <= 1.1 * room, row["item"]


def amount(tables: Tables, row: dict[str, str]) -> float:
    """What an account gives for an item or a sum, in its unit."""
    if "step" in row:
        return tables.step(row["step"], row["member"], row["unit"])
    return tables.value(row["indicators"])


@pytest.mark.parametrize("item", ITEMS)
def test_item_is_within_the_rounding_of_its_printed_inputs(
    item: str, runs: dict[str, Tables]
) -> None:
    row = ITEMS[item]
    low, high = (runs[one].step(row["step"], row["member"], row["unit"]) for one in ("low", "high"))
    meets(row["value"], low, high)


def test_every_printed_item_of_the_table_is_checked() -> None:
    values = [row for row in ITEMS.values() if row["unit"] == VALUE]
    assert len(values) == 28, "Table 3 prints 23 priced items and 5 values"
    steps = {row["step"] for row in values}
    standard = gep.read_standard("rcees-2017")
    assert {one.id for one in standard.spec.indicator} == {step.split(".")[0] for step in steps}


@pytest.mark.parametrize("name", SUMS)
def test_service_group_and_total_are_within_rounding(name: str, runs: dict[str, Tables]) -> None:
    row = SUMS[name]
    meets(row["value"], *(runs[one].value(row["indicators"]) for one in ("low", "high")))


def test_printed_quantities_give_7548_9_where_7545_59_is_printed(runs: dict[str, Tables]) -> None:
    """Carbon and oxygen are printed with two digits: 0.31 and 2.51 x 10^8 t. They make the whole difference."""
    summary = runs["printed"].summary["value"] * factor("10^4 CNY", VALUE)
    assert round(summary["total"], 1) == 7548.9
    printed = {name: float(row["value"]) for name, row in SUMS.items()}
    assert printed["gep"] == 7545.59
    carbon = summary["total:carbon_and_oxygen"] - printed["carbon_oxygen"]
    assert summary["total"] - printed["gep"] == pytest.approx(carbon, abs=0.05)
    assert summary["total"] - summary["total:without_oxygen"] == pytest.approx(2.51 * 727)


def test_categories_sum_to_the_total(runs: dict[str, Tables]) -> None:
    summary = runs["printed"].summary["value"]
    parts = summary["provisioning"] + summary["regulating"] + summary["cultural"]
    assert parts == pytest.approx(summary["total"], rel=1e-12)


CELLS = [row for row in MATRIX if row["check"] == "cell"]


@pytest.mark.parametrize("row", CELLS, ids=lambda row: f"{row['service']}-{row['ecosystem']}")
def test_cell_of_the_matrix_whose_inputs_are_printed(
    row: dict[str, str], runs: dict[str, Tables]
) -> None:
    indicators = SUMS[row["service"]]["indicators"]
    meets(
        row["published"],
        *(runs[one].value(indicators, row["ecosystem"]) for one in ("low", "high")),
    )


def test_our_matrix_has_the_printed_cells_and_nothing_else(runs: dict[str, Tables]) -> None:
    cells = runs["printed"].cells
    valued = cells[(cells["kind"] == "value") & (cells["ecosystem"] != "unallocated")]
    services = {
        name: row["indicators"].split() for name, row in SUMS.items() if row["level"] == "service"
    }
    service = {one: name for name, indicators in services.items() for one in indicators}
    ours = {(service[row.indicator], row.ecosystem) for row in valued.itertuples()}
    assert ours == {(row["service"], row["ecosystem"]) for row in CELLS}


def test_margins_of_the_printed_matrix() -> None:
    """Rows and columns of Table 4 add up within the rounding of their cells; its row totals are those of Table 3."""
    for axis, other in (("service", "ecosystem"), ("ecosystem", "service")):
        for name in dict.fromkeys(row[axis] for row in MATRIX):
            line = {row[other]: row["published"] for row in MATRIX if row[axis] == name}
            total = line.pop("total")
            room = sum(slack(cell) for cell in line.values()) + slack(total)
            assert sum(map(float, line.values())) == pytest.approx(float(total), abs=room), (
                axis,
                name,
            )
    totals = {row["service"]: row["published"] for row in MATRIX if row["ecosystem"] == "total"}
    names = {"product": "provisioning", "total": "gep"}
    assert {names.get(name, name): value for name, value in totals.items()} == {
        name: row["value"]
        for name, row in SUMS.items()
        if name in {names.get(one, one) for one in totals}
    }


def rounded(printed: str) -> tuple[float, float]:
    return float(printed) - half(printed), float(printed) + half(printed)


def bounds(term: str, runs: dict[str, Tables], unit: str) -> tuple[float, float]:
    """The low and high of a sum, step, printed cell, area or population that the text divides."""
    kind, _, name = term.partition(":")
    if kind == "sum":
        indicators = " ".join(SUMS[one]["indicators"] for one in name.split("+"))
        low, high = (runs[one].value(indicators) * factor(VALUE, "CNY") for one in ("low", "high"))
    elif kind == "step":
        low, high = (
            sum(runs[one].step(step, "", unit) for step in name.split("+"))
            for one in ("low", "high")
        )
    elif kind == "cell":
        service, ecosystem = name.split("/")
        cell = next(
            row for row in MATRIX if (row["service"], row["ecosystem"]) == (service, ecosystem)
        )
        low, high = (one * factor(VALUE, "CNY") for one in rounded(cell["published"]))
    elif kind == "area":
        low, high = (
            rounded(AREAS[name]["area"]) if name else rounded(read("regions.csv")[0]["area"])
        )
    else:
        low, high = (one * 1e4 for one in rounded("106"))
    return low, high


@pytest.mark.parametrize("row", read("expected/text.csv"), ids=lambda row: row["item"])
def test_shares_and_unit_values_of_the_text(row: dict[str, str], runs: dict[str, Tables]) -> None:
    low, high = bounds(row["numerator"], runs, row["unit"])
    if row["denominator"]:
        least, most = bounds(row["denominator"], runs, row["unit"])
        scale = factor(
            row["unit"],
            "CNY km-2" if "km-2" in row["unit"] else "1" if row["unit"] == "%" else "CNY",
        )
        low, high = low / most / scale, high / least / scale
    meets(row["published"], low, high)


def printed(*names: str) -> float:
    return sum(float(ITEMS[name]["value"]) for name in names)


def priced(*indicators: str) -> list[str]:
    return [
        name
        for name, row in ITEMS.items()
        if row["unit"] == VALUE and row["step"].split(".")[0] in indicators
    ]


MISMATCHES: dict[str, Callable[[], float]] = {
    "provisioning_total": lambda: printed(*priced(*SUMS["provisioning"]["indicators"].split())),
    "gep_total": lambda: printed(*priced(*SUMS["gep"]["indicators"].split())),
    "grassland_product": lambda: printed("husbandry"),
    "wetland_product": lambda: printed(*priced("fishery", "water_supply", "hydropower")),
    "water_supply_in_text": lambda: printed(*priced("water_supply")),
    "lakes_in_text": lambda: printed("lakes"),
    "forest_area_share": lambda: (
        100 * float(AREAS["forest"]["area"]) / float(read("regions.csv")[0]["area"])
    ),
}


@pytest.mark.parametrize("row", read("expected/mismatches.csv"), ids=lambda row: row["item"])
def test_mismatches_of_the_source_are_known_by_name(row: dict[str, str]) -> None:
    """These printed numbers do not follow from the others that the paper prints; the day they do, the list is wrong."""
    again = MISMATCHES[row["item"]]()
    assert again == pytest.approx(float(row["recomputed"]), abs=slack(row["recomputed"]))
    assert abs(again - float(row["published"])) > half(row["published"])


def test_the_list_of_mismatches_is_complete() -> None:
    assert set(MISMATCHES) == {row["item"] for row in read("expected/mismatches.csv")}


def test_areas_are_those_of_the_total(runs: dict[str, Tables]) -> None:
    low, high = (sum(float(row[bound]) for row in AREAS.values()) for bound in ("low", "high"))
    meets(read("regions.csv")[0]["area"], low, high)


def test_inputs_bracket_their_values() -> None:
    for name, column in (("areas.csv", "area"), ("data.csv", "value")):
        for row in read(name):
            if row["low"]:
                assert all(
                    a < b for a, b in pairwise([float(row[one]) for one in ("low", column, "high")])
                )
                assert float(row["high"]) - float(row[column]) == pytest.approx(half(row[column]))


def test_only_the_cooling_by_plants_rests_on_recalled_numbers(tmp_path: Path) -> None:
    """Everything else was read in the paper; the scale of the heat of transpiration is not printed there.

    The paper prints areas and electricity, from which heat times days over the efficiency ratio
    follows and no more. Nothing is made up, or brought from another place.
    """
    account = gep.run_project(EXAMPLE, tmp_path).accounts[0]
    shares = account.shares()
    whole = sum(
        account.total("513300", name) for name in ("provisioning", "regulating", "cultural")
    )
    plants = 1483.52 * factor(VALUE, "10^4 CNY") / whole
    assert shares["grade"]["recalled"] == pytest.approx(plants, rel=1e-4)
    assert shares["grade"]["published"] == pytest.approx(1 - plants, rel=1e-4)
    assert shares["transfer"] == 0
