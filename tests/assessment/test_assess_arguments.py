"""``gep.assess``: a frame, an array or a path give the scores that read tables give."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from support.schemes import ATTAIN, GRADES, Demo, event, one, reading, target, write_scheme
from support.small import Row, write_table

import gep

READINGS = [
    reading("a", "x", 60),
    reading("a", "y", 20),
    reading("b", "x", 80),
    reading("b", "y", 30),
]
TARGETS = [target("a", "x", 80), target("b", "x", 80)]
GROUPS: list[Row] = [{"region": "a", "group": "hills"}, {"region": "b", "group": "plain"}]
INDICATORS = [one("x", 60, ATTAIN), one("y", 40)]
NAMES = ("scheme", "accounts", "targets", "readings", "groups", "events", "stocks", "causes",
         "stock_prices", "terms", "pools", "register", "regions", "years")  # fmt: skip
TABLES: Mapping[str, list[Row]] = {"readings": READINGS, "targets": TARGETS, "groups": GROUPS}


@pytest.fixture
def scheme(tmp_path: Path) -> Path:
    return write_scheme(tmp_path, INDICATORS, grade=GRADES)


def _scores(**arguments: Any) -> pd.DataFrame:
    return gep.assess(**arguments).tables["scores.csv"]


def _problems(**arguments: Any) -> list[str]:
    with pytest.raises(gep.ProblemsFound) as found:
        gep.assess(**arguments)
    return [problem.say("en") for problem in found.value.problems]


@pytest.fixture
def expected(scheme: Path, tmp_path: Path) -> pd.DataFrame:
    """The scores of the files, read by the demonstration's own way."""
    groups = {str(row["region"]): str(row["group"]) for row in GROUPS}
    demo = Demo(INDICATORS, READINGS, TARGETS, groups, head={"grade": GRADES})
    return demo.assessed(tmp_path / "demo").tables["scores.csv"]


def test_paths_and_frames_give_the_same_scores(
    scheme: Path, expected: pd.DataFrame, tmp_path: Path
) -> None:
    paths = {name: write_table(tmp_path / f"{name}.csv", rows) for name, rows in TABLES.items()}
    frames = {name: pd.DataFrame(list(rows)) for name, rows in TABLES.items()}
    words = {name: str(path) for name, path in paths.items()}
    read = {
        "readings": gep.read_data(paths["readings"]),
        "targets": gep.read_targets(paths["targets"]),
        "groups": gep.read_groups(paths["groups"]),
    }
    assert (expected["points"].astype(str) != "").any()
    for tables in (paths, frames, words, read):
        pd.testing.assert_frame_equal(_scores(scheme=scheme, **tables), expected)
    halves = [frames["readings"].iloc[:2], paths["readings"].parent / "rest.csv"]
    write_table(tmp_path / "rest.csv", READINGS[2:])
    both = _scores(scheme=str(scheme), **frames | {"readings": halves})
    pd.testing.assert_frame_equal(both, expected)


def test_readings_may_be_a_dataset(scheme: Path, expected: pd.DataFrame) -> None:
    values = {"x": [60.0, 80.0], "y": [20.0, 30.0]}
    arrays = {}
    for name, cells in values.items():
        arrays[name] = xr.DataArray(
            np.array([cells]),
            dims=("year", "region"),
            coords={"year": [2020], "region": ["a", "b"]},
            attrs={"units": "1", "source": "made up"},
        )
    tables: dict[str, Any] = {"targets": pd.DataFrame(TARGETS), "groups": pd.DataFrame(GROUPS)}
    scores = _scores(scheme=scheme, readings=xr.Dataset(arrays), **tables)
    columns = ["region", "indicator", "points"]
    pd.testing.assert_frame_equal(scores[columns], expected[columns])


def test_what_is_wrong_in_several_tables_is_said_at_once(scheme: Path) -> None:
    readings = pd.DataFrame(READINGS, index=["one", "two", "three", "four"])
    readings["unit"] = readings["unit"].where(readings.index != "three", "furlong")
    targets = pd.DataFrame(TARGETS).assign(comparator="about")
    groups = pd.DataFrame(GROUPS).drop(columns="group")
    problems = _problems(scheme=scheme, readings=readings, targets=targets, groups=groups)
    assert any(line.startswith("[unknown-unit] readings row three column") for line in problems)
    assert any(line.startswith("[target-form] targets row 0, 1 column") for line in problems)
    assert any(line.startswith("[missing-column] groups column group") for line in problems)


def test_events_that_no_scheme_knows_are_named_by_argument(scheme: Path) -> None:
    frames = {name: pd.DataFrame(list(rows)) for name, rows in TABLES.items()}
    events = pd.DataFrame([event("a", "flood")])
    (problem,) = _problems(scheme=scheme, events=events, **frames)
    assert problem.startswith("[unknown-event] events row 0")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("argument", [2.5, object(), b"table.csv"])
def test_an_argument_of_another_type_is_refused_by_name(
    scheme: Path, name: str, argument: object
) -> None:
    (problem,) = _problems(**{"scheme": scheme, name: argument})
    assert problem.startswith(f"[wrong-argument] {name}: ")
