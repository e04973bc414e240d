"""Published cases that bring a standard of their own: projects of ``tests/cases``, each with ``expected.csv``."""

import csv
from pathlib import Path

import pytest
from support.paths import TESTS, shared_file
from support.published import read

import gep
from gep.cli.app import main

CASES = TESTS / "cases"
PROJECTS = {path.parent.name: path.parent for path in sorted(CASES.glob("*/project.toml"))}
# The rows of a case, and those of them that do not follow from their source: as the files of the
# cases say, so that no mismatch is made up to pass and no row is lost.
COUNTED = {
    "carbon-price-index-2014": (1, 0),
    "changtian-forest": (8, 0),
    "fujian-balance-2015": (4, 0),
    "ganjiang-wtp-2015": (8, 0),
    "jiajiyu-2012-2022": (37 + 8, 6),  # and the sensitivity of the total
    "jiangxi-paddy-index-2013": (40 + 10, 2 + 2),  # values of the index, and ranks
    "jiaozhou-bay-2005-2015": (6, 2),
    "natcap-energy-gep-2019": (183, 0),
    "published-aggregates-2": (18, 0),
    "published-aggregates-2019": (8, 1),
    "published-aggregates-2020": (4, 0),
    "seea-land": (4, 0),
    "shandong-forest-2004-2013": (63 + 21, 0),
    "shandong-marine-compensation-2016": (32, 2),
    "xinjiang-transfer-2018": (90, 4),
}
# What a project's assessment is warned of: the sheet of Fujian prints no outflow.
WARNED = {"jiangxi-paddy-index-2013": set(), "fujian-balance-2015": {"balance-gap"}}


@pytest.fixture(scope="module", params=PROJECTS)
def check(request: pytest.FixtureRequest) -> tuple[str, gep.FigureCheck]:
    return request.param, gep.check_figures(PROJECTS[request.param], allow_code=True)


def test_every_printed_figure_holds(check: tuple[str, gep.FigureCheck]) -> None:
    name, figures = check
    assert figures.misses == ()
    rows = read(PROJECTS[name] / "expected.csv")
    assert len(figures.figures) == sum(row["role"] != "input" for row in rows)
    assert (len(figures.figures), len(figures.mismatches)) == COUNTED[name]


@pytest.mark.parametrize("name", PROJECTS)
def test_project_runs_without_warnings(name: str, tmp_path: Path) -> None:
    result = gep.run_project(PROJECTS[name], tmp_path / "out", allow_code=True)
    assert [str(warning) for warning in result.warnings] == []


@pytest.mark.parametrize("name", WARNED)
def test_the_tables_that_are_written_are_those_that_are_tested(name: str, tmp_path: Path) -> None:
    result = gep.assess_project(PROJECTS[name], tmp_path / "out")
    assert {warning.code for warning in result.warnings} == WARNED[name]
    tables = set()
    for row in read(PROJECTS[name] / "expected.csv"):
        table, is_cell, _ = row["item"].partition(".csv:")
        if is_cell:
            tables.add(f"{table}.csv")
    assert tables
    assert all((result.out / table).is_file() for table in tables)


def test_counts_that_no_account_has_are_cases_of_methods(capsys: pytest.CaptureFixture) -> None:
    """Enterprises by class of credit: sums and shares, 7 of 7."""
    cases = str(CASES / "enterprise-credit-counts" / "cases.csv")
    assert main(["test", cases, "--allow-code", "--language", "en"]) == 0
    assert "rows that hold: 7 of 7; 7 figures agree, 0 mismatches" in capsys.readouterr().out


# --- carrying capacity of Deqing 2019: without a licence, so that it is read where it is ----------

TOWNS = 12
UNIT_HUNDREDTH = "%"  # the index inverts 100 - value, and the source 1 - value
DEQING = {
    # node of the scheme: id in the case, and whether less is better
    "ecology": {"habitat": ("hq", ""), "cover": ("vc", ""), "stress": ("ls", "-"), "load": ("pl", "-")},
    "water": {"resources": ("wr", ""), "match": ("wm", "")},
}  # fmt: skip
WEIGHTS = {"habitat": 0.3, "cover": 0.25, "stress": 0.25, "load": 0.2, "resources": 0.6, "match": 0.4}  # fmt: skip
CUTS = {"ecology": (0.5, 0.35), "water": (0.4, 0.25)}
PRINTED = {"ecology": "eco", "water": "wat"}
STATES = ("可载", "临界", "超载")


def deqing(folder: Path) -> Path:
    """A project of two indices with the numbers of the case, which are not copied anywhere else."""
    case = shared_file("cases", "deqing-carrying-2019")
    numbers = {row["id"]: row["value"] for row in read(case / "inputs.csv")}
    printed = {row["id"]: row for row in read(case / "expected.csv")}
    towns = [f"town-{number}" for number in range(1, TOWNS + 1)]
    source = '[sources.case]\ntitle = "Carrying capacity of Deqing 2019"\n'
    readings = []
    expected = []
    for index, nodes in DEQING.items():
        rows = [[index, "", index, index, "", 0.01, "", "", "", "1"]]
        for node, (_, direction) in nodes.items():
            rows.append(
                [node, index, node, node, WEIGHTS[node], "", node, "", direction, UNIT_HUNDREDTH]
            )
        head = [
            "node",
            "parent",
            "zh",
            "en",
            "weight",
            "coefficient",
            "data",
            "account",
            "direction",
            "unit",
        ]
        write(folder / f"{index}.csv", [*head, "source", "locator", "grade"],
              [[*row, "case", "util.js", "published"] for row in rows])  # fmt: skip
        levels = [
            f'{{ name = "{state}", from = {cut} }}'
            for state, cut in zip(STATES, CUTS[index], strict=False)
        ]
        levels.append(f'{{ name = "{STATES[-1]}" }}')
        (folder / f"{index}.toml").write_text(
            f'id = "{index}"\ntitle = "{index}"\nkind = "index"\nsource = "case"\nevidence = "published"\n'
            f'legal = "research"\nindicators = "{index}.csv"\nroot = "{index}"\n[grades]\nsource = "case"\n'
            f'locator = "util.js"\ngrade = "published"\nlevels = [{", ".join(levels)}]\n{source}',
            encoding="utf-8",
        )
        for number, town in enumerate(towns, 1):
            for node, (key, _) in nodes.items():
                readings.append([town, node, float(numbers[f"{key}{number}"]), "1"])
            row = printed[f"{PRINTED[index]}{number}"]
            cell = f"{index}/index.csv:component=total:"
            expected.append([f"{cell}value", town, row["value"], row["where"]])
            worse = sum(float(row["value"]) < cut for cut in CUTS[index])
            expected.append(
                [f"{cell}grade", town, STATES[worse], f"{row['where']}, cuts of util.js"]
            )
    write(folder / "readings.csv", ["region", "name", "value", "unit", "year", "source"],
          [[*row, 2019, "case"] for row in readings])  # fmt: skip
    write(folder / "expected.csv", ["item", "region", "value", "locator", "year", "unit", "role"],
          [[*row, 2019, "1", "match"] for row in expected])  # fmt: skip
    write(folder / "areas.csv", ["region", "year", "class", "area", "unit"], [[town, 2019, "land", 0, "ha"] for town in towns])  # fmt: skip
    (folder / "classes.csv").write_text(
        "class,code,zh,en,parent,source,locator\nland,1,全域,Land,,case,towns\n", encoding="utf-8"
    )
    (folder / "standard.toml").write_text(STANDARD + source, encoding="utf-8")
    (folder / "project.toml").write_text(PROJECT, encoding="utf-8")
    cover = [
        [*row[:1], "vegetation_cover", *row[2:], 2019, "case"]
        for row in readings
        if row[1] == "cover"
    ]
    write(folder / "data.csv", ["region", "name", "value", "unit", "year", "source"], cover)
    return folder


STANDARD = """
id = "cover"
title = "Vegetation cover"
source = "case"
measure = "quantity"
evidence = "published"
legal = "research"
ecosystems = "./classes.csv"
unit = "1"
[data.vegetation_cover]
name = "Vegetation cover"
unit = "1"
keys = ["region"]
[[indicator]]
id = "cover"
name = "Vegetation cover"
category = "regulating"
[[indicator.step]]
id = "share"
kind = "quantity"
method = "gep.methods.reported:share"
per = "region"
unit = "1"
additive = false
inputs = { share = { data = "vegetation_cover" } }
[[total]]
id = "total"
name = "Total"
indicators = ["cover"]
"""
PROJECT = """
[project]
id = "deqing-carrying-2019"
title = "Carrying capacity of Deqing 2019"
standard = "./standard.toml"
years = [2019]
[inputs]
areas = "areas.csv"
data = ["data.csv"]
[assessment]
schemes = ["./ecology.toml", "./water.toml"]
readings = ["readings.csv"]
"""


def write(path: Path, head: list[str], rows: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


def test_indices_and_states_of_deqing(tmp_path: Path) -> None:
    """24 of 24 printed indices, each with the state that its cuts give; one town is critical."""
    check = gep.check_figures(deqing(tmp_path))
    assert check.misses == ()
    indices = [figure for figure in check.figures if ":value" in figure.name]
    states = [figure.computed for figure in check.figures if ":grade" in figure.name]
    assert len(indices) == 2 * TOWNS
    assert (states.count("可载"), states.count("临界"), states.count("超载")) == (23, 1, 0)
