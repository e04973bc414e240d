"""What land that changed its type did to value (土地转移的价值变化), by region and parent."""

import numpy as np
import pandas as pd

from gep.account.evaluation import evaluate
from gep.comparison.comparison import Comparison, Pair
from gep.comparison.paired_plans import pair_plans, stable_regions
from gep.errors import Problem, ProblemLog
from gep.extent.transitions import (
    TRANSITION_COLUMNS,
    Transitions,
    net_matrix,
    transition_matrix,
    transition_table,
    unit_values,
    warn_margins,
)
from gep.plan.plan import Plan
from gep.units import factor


def transitions_table(
    found: Comparison, transitions: Transitions | None
) -> tuple[pd.DataFrame, list[Problem]]:
    """``transitions.csv`` for every pair of years, and warnings where its margins are not the areas of the accounts.

    Values are those of the headline's steps that are known by ecosystem type. Regions whose boundary changed are left
    out. Without transitions only net changes are known, and the table says ``net``.
    """
    problems, pieces = ProblemLog(), []
    for pair in found.pairs:
        if "classes" not in found.differs and "standard" not in found.differs:
            pieces.append(_pair_rows(found, pair, transitions, problems))
    pieces = [piece for piece in pieces if len(piece)]
    table = (
        pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=TRANSITION_COLUMNS)
    )
    return table, problems.warnings


def _pair_rows(
    found: Comparison, pair: Pair, transitions: Transitions | None, problems: ProblemLog
) -> pd.DataFrame:
    at = found.between(pair)
    one, other, _ = pair_plans(at, at.account(pair[0]), at.account(pair[1]))
    kept = np.flatnonzero(stable_regions(at, pair))
    regions, names = one.extent.regions[kept], [str(name) for name in one.extent.ecosystems]
    opening, closing = one.extent.area[kept], other.extent.area[kept]
    unit = one.standard.spec.unit
    worth = [
        unit_values(_values(plan, unit)[kept], plan.extent.area[kept]) for plan in (one, other)
    ]
    walk = found.accounts[-1].plan.crosswalk
    land = None
    if transitions is not None:
        land = transition_matrix(transitions, regions, names, *pair, walk, opening, closing)
    if land is None:
        land = net_matrix(regions, names, *pair, opening, closing)
    else:
        assert transitions is not None
        warn_margins(land, transitions.files[0].name, problems)
    sums, lost = _sums(found, found.moved(at, pair), kept, regions)
    if lost:
        what = f"{', '.join(lost[:5])}: land is not told from {pair[0]} to {pair[1]}"
        fix = "regions that were merged or split between or after these years, and parents that hold them, are left out"
        problems.add("land-not-told", "transitions.csv", what, fix)
    table = transition_table(land, land.aligned(worth[0]), land.aligned(worth[1]), unit, sums)
    return table[table["region"].isin([*found.codes]).to_numpy()]


def _sums(
    found: Comparison, moved: np.ndarray, kept: np.ndarray, regions: pd.Index
) -> tuple[dict[str, list[int]], list[str]]:
    """Which of the regions that are told make up each region and parent of the boundary whole; and which are lost."""
    place = {int(position): number for number, position in enumerate(kept)}
    parts: dict[str, list[int]] = {}
    lost = []
    for final, code in enumerate(found.regions):
        own = [int(one) for one in np.flatnonzero(moved[:, final] > 0)]
        if own and all(one in place and moved[one, final] == 1 for one in own):
            parts[str(code)] = [place[one] for one in own]
        else:
            lost.append(str(code))
    sums = {
        code: some for code, some in parts.items() if len(some) > 1 or str(regions[some[0]]) != code
    }
    for code, members in zip(found.above.codes, found.above.members, strict=True):
        names = [str(found.regions[int(one)]) for one in members]
        if all(name in parts for name in names):
            sums[code] = [one for name in names for one in parts[name]]
        else:
            lost.append(code)
    return sums, lost


def _values(plan: Plan, unit: str) -> np.ndarray:
    """The headline's value by region and ecosystem type, as far as steps are known by type."""
    headline = set(plan.standard.spec.total[0].indicators)
    results, total = evaluate(plan), np.zeros(plan.extent.area.shape)
    for one in plan.steps:
        counts = (
            one.step.kind == "value" and one.indicator is not None and one.indicator.id in headline
        )
        if counts and "ecosystem" in one.out:
            others = tuple(
                axis for axis, dim in enumerate(one.out) if dim not in ("region", "ecosystem")
            )
            total += results[one.name].sum(axis=others) * factor(one.step.unit, unit)
    return total
