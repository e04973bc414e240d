"""The outcome of a collection (汇总结果): counties' projects checked, replayed under one choice, ranked and written."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from gep import __version__
from gep.collection.alternatives import (
    Ranks,
    alternatives_table,
    each_option,
    load_alternatives,
    ranks_of,
)
from gep.collection.choice_effects import (
    DIFFERING_COLUMNS,
    MOVED_COLUMNS,
    choice_effects,
    replayed,
)
from gep.collection.choices import (
    COMMON,
    CURRENT,
    OWN,
    Alternatives,
    Choice,
    basis_of,
    check_units,
    choice_of,
    one_of,
    one_standard,
)
from gep.collection.completeness import completeness
from gep.collection.control_totals import (
    TOLERANCE,
    ControlContext,
    Controls,
    control_table,
    load_controls,
)
from gep.collection.counties import (
    FILE_COLUMNS,
    CollectionOptions,
    Counties,
    County,
    check_regions,
    check_sets,
    county_table,
    read_counties,
    tell_left_out,
    tell_runs,
)
from gep.collection.jumps import JUMP_COLUMNS, OPEN, jumps_of, load_explanations, unused
from gep.collection.recompute import RecomputedCounties, replay, stacked
from gep.errors import Problem, ProblemLog, ProblemsFound
from gep.extent.regions import Regions, load_regions
from gep.io.result_folder import append_csv, cannot_write, relative_path, replace_folder, sha256
from gep.project.project import refuse_inputs
from gep.standards.standard import load_standard

FOLDER = "collected"
TABLES = (
    "counties.csv",
    "files.csv",
    "completeness.csv",
    "replayed.csv",
    "moved.csv",
    "differing_rows.csv",
    "controls.csv",
    "jumps.csv",
    "alternatives.csv",
    "ranks.csv",
    "pairs.csv",
)
RECORD = "collection.json"
FILES = (*TABLES, RECORD)


@dataclass(frozen=True)
class CountyCollection:
    """Counties that were collected: the common choice, the tables by file name, where they are."""

    counties: Counties
    common: Choice
    tables: Mapping[str, pd.DataFrame]
    out: Path
    warnings: tuple[Problem, ...]


@dataclass(frozen=True)
class _Beside:
    """What is given beside the counties, loaded."""

    common: Choice
    named: Alternatives
    controls: Controls | None
    regions: Regions | None


def collect_projects(
    folder: str | Path, out: str | Path | None = None, asked: CollectionOptions | None = None
) -> CountyCollection:
    """Collect the county projects in ``folder`` and write the tables (default: to ``collected`` in it).

    Raises ``ProblemsFound`` with what is wrong in all counties before anything is written; with ``skip_broken``
    counties that cannot be read or computed are left out, and said to be.
    """
    asked, home = asked or CollectionOptions(), Path(folder)
    target = Path(out) if out is not None else home / FOLDER
    problems = ProblemLog()
    found = read_counties(home, target, asked.years, allow_code=asked.allow_code)
    if not found.read and not found.broken:
        what = "no folder in it holds a project.toml"
        problems.add(
            "no-county", str(home), what, "name the folder that the counties' folders lie in"
        )
    skipped = asked.skip_broken and found.read
    errors = [] if skipped else [one for some in found.broken.values() for one in some]
    beside = _beside(found.read, asked, problems)
    explanations = {one.name: load_explanations(one, problems) for one in found.read}
    check_regions(found.read, problems)
    if errors or problems.errors or beside is None:
        raise ProblemsFound([*errors, *problems.errors], problems.warnings)
    replays, found = replay(found, beside.common, beside.named, asked)
    jumps = _jumps(found.read, explanations, asked.jump, problems)
    tables = _tables(found, beside, replays, jumps, problems)
    problems.raise_errors()
    _refuse(found, asked, target)
    tell_left_out(found, problems)
    tell_runs(found.read, problems)
    check_sets(found.read, problems)
    collected = CountyCollection(found, beside.common, tables, target, tuple(problems.warnings))
    _write(collected, asked)
    return collected


def _beside(
    counties: Sequence[County], asked: CollectionOptions, problems: ProblemLog
) -> _Beside | None:
    """Everything but the counties; None where there is no common choice."""
    controls = load_controls(asked.controls, problems) if asked.controls else None
    regions = load_regions(asked.regions, problems) if asked.regions else None
    if not 0 < asked.jump < float("inf"):
        problems.add(
            "toml-value",
            "--jump",
            f"{asked.jump:g} is no threshold",
            "write a fraction such as 0.2",
        )
    if not counties:
        return None
    standard = (
        load_standard(asked.standard, None, "--standard", problems) if asked.standard else None
    )
    if not asked.standard:
        standard = one_standard(counties, problems)
    if not asked.years:
        words = [
            ", ".join(str(year) for year in sorted(one.project.spec.project.years))
            for one in counties
        ]
        one_of(
            counties,
            "years 年份",
            words,
            "--year YEAR, once for each year that is wanted",
            problems,
        )
    price_year = _price_year(counties, asked.prices, problems)
    if standard is None:
        return None
    check_units(counties, standard, problems)
    where = "--coefficients, --switch"
    common = choice_of(
        COMMON,
        standard,
        coefficients=asked.coefficients,
        switches=asked.switches,
        price_year=price_year,
        base=None,
        place=where,
        problems=problems,
    )
    if common is None or problems.errors:
        return None
    named = (
        load_alternatives(asked.alternatives, common, problems)
        if asked.alternatives
        else each_option(common)
    )
    return _Beside(common, named, controls, regions)


def _price_year(counties: Sequence[County], prices: str, problems: ProblemLog) -> int | None:
    """The common price year; None: current prices."""
    if prices:
        if prices == CURRENT or (
            prices.isascii() and prices.isdigit() and 1900 <= int(prices) <= 2100
        ):
            return None if prices == CURRENT else int(prices)
        problems.add(
            "bad-year",
            "--prices",
            f"prices reads {prices!r}",
            f"write {CURRENT}, or a year such as 2020",
        )
        return None
    words = [basis_of(one.project.parts.price_year) for one in counties]
    one_of(
        counties,
        "prices 价格基准",
        words,
        "--prices current, or the year of constant prices",
        problems,
    )
    return counties[0].project.parts.price_year


def _tables(
    found: Counties,
    beside: _Beside,
    replays: RecomputedCounties,
    jumps: pd.DataFrame,
    problems: ProblemLog,
) -> dict[str, pd.DataFrame]:
    values = replays.values
    for name, why in replays.lost.items():
        problems.add("alternative-left-out", name, "collection.alternative-left-out", reason=why)
    choices = {one.name: one for one in (beside.common, *beside.named.choices)}
    ranks = ranks_of(values)
    each = [choice_effects(one, beside.common, replays.common[one.name]) for one in found.read]
    ground = ControlContext(
        found.read,
        {name: values[name] for name in (OWN, COMMON)},
        beside.regions,
        bool(found.broken),
    )
    return {
        "counties.csv": county_table(found, replays.common),
        "files.csv": pd.concat([one.files for one in found.read], ignore_index=True)[FILE_COLUMNS],
        "completeness.csv": completeness(found.read, found.broken, replays.common),
        "replayed.csv": replayed(values[OWN], values[COMMON]),
        "moved.csv": stacked([one.choices for one in each], MOVED_COLUMNS),
        "differing_rows.csv": stacked([one.rows for one in each], DIFFERING_COLUMNS),
        "controls.csv": _controls(beside.controls, ground, problems),
        "jumps.csv": jumps,
        "alternatives.csv": alternatives_table(values, choices),
        **_rank_tables(ranks),
    }


def _rank_tables(ranks: Ranks) -> dict[str, pd.DataFrame]:
    return {"ranks.csv": ranks.table, "pairs.csv": ranks.pairs}


def _controls(
    controls: Controls | None, ground: ControlContext, problems: ProblemLog
) -> pd.DataFrame:
    """Control totals held, and a warning for each that is not met."""
    table = control_table(controls, ground, problems)
    for row in table[(table["flag"] == "differs").to_numpy()].to_dict("records"):
        what = f"{row['name']} of {row['region']}, {row['year']} {row['basis']}".strip()
        what += f": the counties give {row['sum']:.6g} {row['unit']}, {row['control']:.6g} is due ({row['source']})"
        problems.add(
            "control-differs",
            "controls.csv",
            what,
            "find the county that is off; regions: see the table",
        )
    return table


def _jumps(
    counties: Sequence[County],
    explanations: Mapping[str, pd.DataFrame | None],
    threshold: float,
    problems: ProblemLog,
) -> pd.DataFrame:
    """The jumps of all counties, and a warning for each county that leaves some without an explanation."""
    pieces = []
    for one in counties:
        given = explanations[one.name]
        jumps = jumps_of(one, threshold, given)
        pieces.append(jumps)
        if given is not None:
            unused(one, given, jumps, problems)
        open_ones = jumps[(jumps["status"] == OPEN).to_numpy()]
        if len(open_ones):
            what = f"{len(open_ones)} values moved by more than {threshold:.0%} in a year without an explanation"
            problems.add(
                "jump-unexplained", one.name, what, "explain them in explanations.csv of the county"
            )
    return stacked(pieces, JUMP_COLUMNS)


def _refuse(found: Counties, asked: CollectionOptions, out: Path) -> None:
    """Results are never written over what they are made of."""
    for one in found.read:
        refuse_inputs(one.project, one.plans, out, FILES)
    for given in (asked.controls, asked.regions, asked.alternatives):
        if given is not None and given.resolve() in {(out / name).resolve() for name in FILES}:
            raise cannot_write(out, "io.input-lost", files=[given.name])


def _write(collected: CountyCollection, asked: CollectionOptions) -> None:
    with replace_folder(collected.out) as scratch:
        for name, table in collected.tables.items():
            append_csv(scratch / name, table)
        text = json.dumps(_statement(collected, asked, scratch), ensure_ascii=False, indent=1)
        (scratch / RECORD).write_text(text + "\n", encoding="utf-8")


def _statement(collected: CountyCollection, asked: CollectionOptions, made: Path) -> dict[str, Any]:
    """What was collected: counties, the common choice, thresholds and where they come from, warnings, checksums."""
    common, text, out = collected.common, collected.common.standard.spec, collected.out
    given = [one for one in (asked.controls, asked.regions, asked.alternatives) if one is not None]
    return {
        "gep": __version__,
        "counties": {
            one.name: relative_path(one.project.folder, out) for one in collected.counties.read
        },
        "left_out": {
            name: [str(one) for one in some] for name, some in collected.counties.broken.items()
        },
        "common": {
            "standard": text.id,
            "evidence": text.evidence,
            "legal": text.legal,
            "sets": [one.label for one in common.sets],
            "switches": dict(common.switches),
            "prices": common.basis,
        },
        "thresholds": {
            "jump": asked.jump,
            "tolerance": TOLERANCE,
            "note": "defaults of gep; they come from no text",
        },
        "options": {"allow_transfer": asked.allow_transfer, "allow_code": asked.allow_code},
        "warnings": [str(one) for one in collected.warnings],
        "inputs": {relative_path(one, out): sha256(one) for one in given},
        "results": {file.name: sha256(file) for file in sorted(made.glob("*.csv"))},
    }
