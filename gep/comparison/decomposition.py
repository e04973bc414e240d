"""Why accounts changed (变化因素分解): the effects behind each change, with no residual, by replay and by LMDI.

Replay tells what areas, data, coefficients and prices did. Where the account is known under reference
years' weather, the effects are those at normal climate and ``weather`` is the rest: what this year's weather did less
what the earlier year's did. Regions that were merged or split between the two years are not taken apart:
``boundary``.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.columns import roll_up
from gep.account.lines import LineValues, reindex_lines
from gep.comparison.comparison import Comparison, Pair
from gep.comparison.lmdi_effects import factor_effects
from gep.comparison.paired_plans import pair_plans, stable_regions
from gep.comparison.replay import shapley_effects
from gep.errors import Problem, ProblemsFound, make_problem

DECOMPOSITION_COLUMNS = [
    "region",
    "category",
    "indicator",
    "from",
    "to",
    "method",
    "effect",
    "value",
    "unit",
]
REPLAY, LMDI = "replay", "lmdi"
WEATHER = {
    "normal_climate": "weather",
    "moving_mean": "fluctuation",
}  # the effect beside those of the means
Effects = Mapping[str, np.ndarray]  # effect -> regions and parents x lines of the comparison


def replay_effects(found: Comparison, pair: Pair) -> dict[str, np.ndarray]:
    """The effects behind the change of each value, by replay: effect -> regions and parents x lines.

    Their sum is the change. Raises ``ProblemsFound`` where a mixture of two years cannot be computed.
    """
    at = found.between(pair)
    done = _on_its_boundary(at, pair)
    return {
        name: roll_up(found.carried(at, pair, matrix), found.above) for name, matrix in done.items()
    }


def _on_its_boundary(found: Comparison, pair: Pair) -> dict[str, np.ndarray]:
    """The effects between two years on the boundary of the comparison: effect -> regions x lines."""
    stable = stable_regions(found, pair)
    if found.normal:
        twins = list(zip(found.normal[pair[0]], found.normal[pair[1]], strict=True))
    else:
        twins = [(found.account(pair[0]), found.account(pair[1]))]
    parts = [_between(found, first, last, stable) for first, last in twins]
    done = {name: np.mean([one[name] for one in parts], axis=0) for name in parts[0]}
    change = _change(found.levels, pair)[: len(stable)]
    if found.normal:
        rest = change - _change(found.mean_levels, pair)[: len(stable)]
        done[WEATHER[found.climate]] = np.where(stable[:, None], rest, 0.0)
    if not stable.all():
        done["boundary"] = np.where(stable[:, None], 0.0, change)
    return done


def _change(levels: Mapping[int, LineValues], pair: Pair) -> np.ndarray:
    first, last = (np.where(levels[year].known, levels[year].values, 0.0) for year in pair)
    return np.asarray(last - first)


def _between(
    found: Comparison, first: Account, last: Account, stable: np.ndarray
) -> dict[str, np.ndarray]:
    one, other, lines = pair_plans(found, first, last)
    return {
        name: np.where(stable[:, None], reindex_lines(found.lines, lines.frame, matrix), 0.0)
        for name, matrix in shapley_effects(one, other, lines).items()
    }


def decomposition_table(found: Comparison) -> tuple[pd.DataFrame, list[Problem]]:
    """``decomposition.csv`` and warnings of what could not be taken apart."""
    pieces, warnings = [], []
    for pair in found.pairs:
        if "standard" in found.differs or "switches" in found.differs or "classes" in found.differs:
            words = ", ".join(found.differs)
            what = f"{pair[0]} to {pair[1]}: the accounts differ in {words}, their inputs cannot be swapped"
            warnings.append(
                make_problem(
                    "not-decomposed", "decomposition", what, "compare under one standard to see why"
                )
            )
            continue
        try:
            pieces.append(_rows(found, pair, REPLAY, replay_effects(found, pair)))
        except ProblemsFound as error:
            what = f"{pair[0]} to {pair[1]}: a mixture of the two years has no result: {error.problems[0].what}"
            warnings.append(
                make_problem(
                    "not-decomposed",
                    "decomposition",
                    what,
                    "look at that step's inputs in both years",
                )
            )
        additive, ratios, refused = factor_effects(found, pair)
        pieces += [_rows(found, pair, LMDI, additive), _rows(found, pair, LMDI, ratios, unit="1")]
        warnings += refused
    empty = pd.DataFrame(columns=DECOMPOSITION_COLUMNS)
    return pd.concat(
        [one for one in pieces if len(one)], ignore_index=True
    ) if pieces else empty, warnings


def _rows(
    found: Comparison, pair: Pair, method: str, done: Effects, unit: str = ""
) -> pd.DataFrame:
    """The rows of a method: the values of indicators, categories and totals that both years know."""
    first, last = found.levels[pair[0]], found.levels[pair[1]]
    lines = found.money
    fine = (first.valid | last.valid)[:, lines] & ~(first.gap | last.gap)[:, lines]
    pieces = []
    for name, matrix in done.items():
        row, line = np.nonzero(fine & np.isfinite(matrix[:, lines]))
        frame = found.lines.iloc[lines[line]][["category", "indicator", "unit"]].reset_index(
            drop=True
        )
        frame["region"], frame["from"], frame["to"] = found.codes[row], *pair
        frame["method"], frame["effect"], frame["value"] = method, name, matrix[row, lines[line]]
        frame["unit"] = unit or frame["unit"]
        pieces.append(frame.assign(_row=row, _line=line))
    if not pieces:
        return pd.DataFrame(columns=DECOMPOSITION_COLUMNS)
    table = pd.concat(pieces, ignore_index=True).sort_values(["_row", "_line"], kind="stable")
    return table[DECOMPOSITION_COLUMNS]
