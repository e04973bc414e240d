"""Speed of scoring: 2,851 counties x 60 indicators of mixed rules, against the bare pandas arithmetic in one process.

``python benchmarks/assessment.py``. Both sides begin with tables that were read and end with the three tables that an
evaluator hands in; their scores and ranks must agree. Exit status 1 where the limit of README.md beside is exceeded.
"""

import csv
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.events import load_groups
from gep.assessment.kinds import read_scheme
from gep.assessment.scheme import Assessment, Scheme
from gep.assessment.targets import Targets, read_targets
from gep.errors import ProblemLog
from gep.inputs.data import Data, read_data

COUNTIES, INDICATORS, YEAR, LIMIT, RUNS = 2_851, 60, 2020, 5.0, 5
RULES: tuple[dict[str, Any], ...] = (
    {"rule": "attain"}, {"rule": "deduct", "rate": 0.1, "per": 0.5}, {"rule": "efficacy"},
    {"rule": "interpolate", "at": "20;50;80", "values": "0;1;1.5"}, {"rule": "rank", "step": 0.001},
    {"rule": "efficacy", "low": 10, "high": 90},
)  # fmt: skip
POINTS = 1.5
HEAD = """
id = "many"
title = "Many indicators"
kind = "score"
source = "made_up"
evidence = "published"
legal = "research"
total = 90
indicators = "indicators.csv"
[[grade]]
name = "甲"
from = 60
[[grade]]
name = "乙"
[sources.made_up]
title = "Made up for a benchmark"
"""


def main() -> int:
    """Both sides in turn; the exit status."""
    with tempfile.TemporaryDirectory() as temporary:
        scheme, ground, frames = inputs(Path(temporary))
        theirs_is(by_pandas(**frames), assess(scheme, ground))
        ours, theirs = alternating(
            lambda: assess(scheme, fresh(ground)), lambda: by_pandas(**frames)
        )
    fine = ours <= LIMIT * theirs
    verdict = f"ratio {ours / theirs:.2f}, limit {LIMIT}: {'pass' if fine else 'FAIL'}"
    print(
        f"{COUNTIES:,} counties x {INDICATORS} indicators: {ours:.3f} s against {theirs:.3f} s: {verdict}"
    )
    return int(not fine)


def inputs(folder: Path) -> tuple[Scheme, AssessmentContext, dict[str, pd.DataFrame]]:
    """Scheme and ground, and the same tables as an analyst would have read them."""
    random = np.random.default_rng(0)
    codes = [f"{number:06d}" for number in range(110_000, 110_000 + COUNTIES)]
    listed, readings, targets = [], [], []
    for number in range(INDICATORS):
        name, rule, sign = (
            f"i{number:02d}",
            RULES[number % len(RULES)],
            "+-"[number // len(RULES) % 2],
        )
        values = np.round(random.uniform(0, 100, COUNTIES), 2)
        fixed = {
            "property": "binding",
            "unit": "%",
            "source": "made_up",
            "locator": "t",
            "grade": "published",
        }
        listed.append({"indicator": name, "zh": name, "en": name, "direction": sign, "points": POINTS, "data": name}
                      | fixed | rule)  # fmt: skip
        lacks = random.random(COUNTIES) < 0.01
        readings += [{"region": code, "year": YEAR, "name": name, "value": "na" if no else value, "unit": "%",
                      "source": "s"} for code, value, no in zip(codes, values, lacks, strict=True)]  # fmt: skip
        if rule["rule"] in ("attain", "deduct"):
            word = ">=" if sign == "+" else "<="
            targets += [{"region": code, "indicator": name, "base_year": 2015, "base": 40, "year": YEAR, "unit": "%",
                         "comparator": word, "target": 50, "form": "level", "source": "s"}
                        for code in codes]  # fmt: skip
    groups = [{"region": code, "group": f"g{number % 4}"} for number, code in enumerate(codes)]
    (folder / "many.toml").write_text(HEAD, encoding="utf-8")
    tables = {"indicators": listed, "readings": readings, "targets": targets, "groups": groups}
    paths = {name: write(folder / f"{name}.csv", rows) for name, rows in tables.items()}
    problems = ProblemLog()
    ground = AssessmentContext(
        (YEAR,), tuple(codes), {}, read_data(paths["readings"]), read_targets(paths["targets"]),
        load_groups(paths["groups"], problems),
    )  # fmt: skip
    problems.raise_errors()
    frames = {
        name: pd.read_csv(path, dtype={"region": str}, na_values="na")
        for name, path in paths.items()
    }
    return read_scheme(folder / "many.toml"), ground, frames


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows as CSV."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def fresh(ground: AssessmentContext) -> AssessmentContext:
    """The same ground without anything kept from an earlier run."""
    readings, targets = ground.readings, ground.targets
    assert targets is not None
    return replace(
        ground, readings=Data(readings.rows, readings.files), targets=Targets(targets.rows, targets.files)
    )  # fmt: skip


def assess(scheme: Scheme, ground: AssessmentContext) -> Assessment:
    """Check the ground and apply the scheme."""
    problems = ProblemLog()
    scheme.kind.check_inputs(scheme, ground, problems)
    problems.raise_errors()
    return scheme.kind.assess(scheme, ground)


def by_pandas(
    indicators: pd.DataFrame, readings: pd.DataFrame, targets: pd.DataFrame, groups: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The same three tables as an analyst writes them: one wide table of readings, a rule a column, a long table."""
    wide = readings.pivot(index="region", columns="name", values="value").reindex(groups["region"])
    goals = targets.pivot(index="region", columns="indicator", values="target").reindex(wide.index)
    group = groups.set_index("region")["group"]
    points = pd.DataFrame({row.indicator: column_points(wide[row.data], goals, group, row)
                           for row in indicators.itertuples()})  # fmt: skip
    score = points.fillna(0).sum(axis=1).round(10)
    rank = score.groupby(group).rank(method="min", ascending=False)
    ranking = pd.DataFrame({"group": group, "score": score, "rank": rank, "year": YEAR})
    ranking["grade"] = np.where(score >= 60, "甲", "乙")
    scores = (
        points.join(score.rename("total")).stack(future_stack=True).rename("points").reset_index()
    )
    scores.columns = ["region", "indicator", "points"]
    merged = scores.merge(
        readings, how="left", left_on=["region", "indicator"], right_on=["region", "name"]
    )
    merged["group"] = merged["region"].map(group)
    merged = merged.merge(
        indicators[["indicator", "points", "rule", "grade"]], on="indicator", how="left"
    )
    done = targets.merge(readings, left_on=["region", "indicator"], right_on=["region", "name"])
    met = np.where(
        done["comparator"] == ">=", done["value"] >= done["target"], done["value"] <= done["target"]
    )
    done["attainment"] = (done["value"] - done["base"]) / (done["target"] - done["base"])
    done["status"] = np.where(done["value"].isna(), "no_data", np.where(met, "met", "missed"))
    return {
        "ranking.csv": ranking.reset_index().sort_values(["group", "rank"]), "scores.csv": merged, "targets.csv": done,
    }  # fmt: skip


def column_points(x: pd.Series, goals: pd.DataFrame, group: pd.Series, row: Any) -> pd.Series:
    """The points of one indicator."""
    up = row.direction == "+"
    if row.rule in ("attain", "deduct"):
        short = (goals[row.indicator] - x) * (1 if up else -1)
        if row.rule == "deduct":
            return (POINTS - row.rate * short.clip(lower=0) / row.per).clip(lower=0)
        return (short <= 0).astype(float).where(x.notna()) * POINTS
    if row.rule == "interpolate":
        at, values = ([float(part) for part in text.split(";")] for text in (row.at, row.values))
        return pd.Series(np.interp(x, at, values), x.index).where(x.notna())
    if row.rule == "rank":
        return (
            POINTS - row.step * (x.groupby(group).rank(method="min", ascending=not up) - 1)
        ).clip(lower=0)
    low, high = (row.low, row.high) if not np.isnan(row.low) else (
        x.groupby(group).transform("min"), x.groupby(group).transform("max"))  # fmt: skip
    part = ((x - low) if up else (high - x)) / (high - low)
    return (60 + 40 * part.clip(0, 1)) * POINTS / 100


def theirs_is(theirs: dict[str, pd.DataFrame], ours: Assessment) -> None:
    """Scores, ranks and the verdicts on targets agree. Raises ``AssertionError``."""
    mine = ours.tables["ranking.csv"].set_index("region")
    other = theirs["ranking.csv"].set_index("region").loc[mine.index]
    np.testing.assert_allclose(mine["score"].astype(float), other["score"], rtol=1e-9)
    assert (mine["rank"].astype(int) == other["rank"].astype(int)).all()
    assert (mine["grade"] == other["grade"]).all()
    keys = ["region", "indicator"]
    verdicts = ours.tables["targets.csv"].merge(theirs["targets.csv"], on=keys)
    assert len(verdicts) == len(theirs["targets.csv"])
    assert (verdicts["status_x"] == verdicts["status_y"]).all()
    print(
        f"scores, ranks and grades of {len(mine):,} counties and {len(verdicts):,} verdicts on targets agree"
    )


def alternating(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of both, run in turn."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        for work, times in zip((ours, theirs), spent, strict=True):
            begin = time.perf_counter()
            work()
            times.append(time.perf_counter() - begin)
    return median(spent[0]), median(spent[1])


if __name__ == "__main__":
    sys.exit(main())
