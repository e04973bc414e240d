"""The decomposition of changes (变化因素分解): the effects behind each change.

Replay gives the effects of areas, data, coefficients and prices, without residual; LMDI the effects
of the factors of each indicator. Where the accounts are known under reference years' weather, the
effects of replay are those at normal climate, and ``weather`` is the rest: what the weather of the
later year did less what that of the earlier year did. The change of regions that were merged or
split between the two years is not decomposed: ``boundary``. The methods themselves are in
``shapley_effects`` and ``lmdi_effects``.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.columns import roll_up
from gep.account.lines import LineValues, reindex_lines
from gep.comparison.comparability import aspect_label
from gep.comparison.lmdi_effects import factor_effects
from gep.comparison.panel import Pair, Panel, known_values, pair_plans, stable_regions
from gep.comparison.shapley_effects import shapley_effects
from gep.errors import Problem, ProblemsFound, make_problem
from gep.texts.catalogue import Text

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
REPLAY = "replay"
LMDI = "lmdi"
# the effect that is left between the actual levels and the mean levels, by what the means are
WEATHER = {"normal_climate": "weather", "moving_mean": "fluctuation"}

_NOT_DECOMPOSED = ("standard", "switches", "classes")  # without these alike, inputs do not match
_PLACE = "decomposition"


def decomposition_table(panel: Panel) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows of ``decomposition.csv`` and warnings of what cannot be decomposed.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    table : DataFrame
        Columns ``DECOMPOSITION_COLUMNS``, a row for each region, line, pair of years, method and
        effect. Effects of method ``replay`` sum to the change. Those of ``lmdi`` sum to it where
        ``unit`` is the line's; with unit 1 they are ratios, whose product is the ratio of the
        levels.
    warnings : list of Problem
        ``not-decomposed`` for pairs of years whose inputs cannot be mixed, ``lmdi-sign`` for
        indicators without LMDI in some regions.
    """
    tables = []
    warnings = []
    differing = [aspect_label(aspect) for aspect in panel.differs]
    can_mix = not any(aspect in panel.differs for aspect in _NOT_DECOMPOSED)
    for pair in panel.pairs:
        first_year, last_year = pair
        if not can_mix:
            warning = make_problem(
                "not-decomposed",
                _PLACE,
                "comparison.inputs-differ",
                first=first_year,
                last=last_year,
                aspects=differing,
            )
            warnings.append(warning)
            continue
        try:
            effects = replay_effects(panel, pair)
            tables.append(_effect_rows(panel, pair, REPLAY, effects))
        except ProblemsFound as error:
            reason = error.problems[0]
            warning = make_problem(
                "not-decomposed",
                _PLACE,
                "comparison.mixture-without-result",
                first=first_year,
                last=last_year,
                step=reason.place,
                reason=Text(f"{reason.message}.what", reason.values),
            )
            warnings.append(warning)
        lmdi = factor_effects(panel, pair)
        warnings += lmdi.warnings
        tables.append(_effect_rows(panel, pair, LMDI, lmdi.additive))
        ratios = _effect_rows(
            panel,
            pair,
            method=LMDI,
            effects=lmdi.ratios,
            unit="1",
        )
        tables.append(ratios)
    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame(columns=DECOMPOSITION_COLUMNS), warnings
    return pd.concat(filled, ignore_index=True), warnings


def replay_effects(panel: Panel, pair: Pair) -> dict[str, np.ndarray]:
    """Return the effects behind the change of each value, by replay.

    Parameters
    ----------
    panel : Panel
    pair : (int, int)

    Returns
    -------
    dict of str to ndarray
        For each effect its share in the change, regions and parents x lines, in the lines' units.
        The effects sum to the change.

    Raises
    ------
    ProblemsFound
        ``not-finite-result`` or ``method-failed`` where a mixture of the two years' inputs has no
        result.
    """
    panel_between = panel.between(pair)
    effects = {}
    for name, amounts in _effects_on_own_boundary(panel_between, pair).items():
        mapped = panel.map_amounts(panel_between, pair, amounts)
        effects[name] = roll_up(mapped, panel.above)
    return effects


def _effects_on_own_boundary(panel: Panel, pair: Pair) -> dict[str, np.ndarray]:
    """Return the effects between two years on the boundary of a panel, regions x lines."""
    first_year, last_year = pair
    stable = stable_regions(panel, pair)
    if panel.normal:
        first_accounts = panel.normal[first_year]
        last_accounts = panel.normal[last_year]
    else:
        first_accounts = (panel.account(first_year),)
        last_accounts = (panel.account(last_year),)
    replays = []
    for first, last in zip(first_accounts, last_accounts, strict=True):
        replay = _replay(
            panel,
            first=first,
            last=last,
            stable=stable,
        )
        replays.append(replay)
    effects = {}
    for name in replays[0]:
        values = [replay[name] for replay in replays]
        effects[name] = np.mean(values, axis=0)
    is_stable = stable[:, None]
    change = _change(panel.levels, pair)
    change = change[: len(stable)]
    if panel.normal:
        mean_change = _change(panel.mean_levels, pair)
        rest = change - mean_change[: len(stable)]
        effect = WEATHER[panel.climate]
        effects[effect] = np.where(is_stable, rest, 0.0)
    if not stable.all():
        effects["boundary"] = np.where(is_stable, 0.0, change)
    return effects


def _change(levels: Mapping[int, LineValues], pair: Pair) -> np.ndarray:
    """Return the change of all lines; what is not known counts as 0."""
    first_year, last_year = pair
    before = known_values(levels[first_year], 0.0)
    after = known_values(levels[last_year], 0.0)
    return np.asarray(after - before)


def _replay(
    panel: Panel, first: Account, last: Account, stable: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the effects between two accounts by replay; 0 in regions that are not stable."""
    first_plan, last_plan, lines = pair_plans(panel, first, last)
    effects = {}
    for name, amounts in shapley_effects(first_plan, last_plan, lines).items():
        on_lines = reindex_lines(panel.lines, lines.frame, amounts)
        effects[name] = np.where(stable[:, None], on_lines, 0.0)
    return effects


def _effect_rows(
    panel: Panel, pair: Pair, method: str, effects: Mapping[str, np.ndarray], unit: str = ""
) -> pd.DataFrame:
    """Return the rows of a method for the values of indicators, categories and totals.

    Parameters
    ----------
    panel : Panel
    pair : (int, int)
    method : str
    effects : mapping of str to ndarray
        Regions and parents x lines; NaN where there is no effect to show.
    unit : str, optional
        Unit of the effects; blank for the unit of each line.

    Returns
    -------
    DataFrame
        Columns ``DECOMPOSITION_COLUMNS``, ordered by region and line. Lines that either year does
        not know are left out.
    """
    first_year, last_year = pair
    first = panel.levels[first_year]
    last = panel.levels[last_year]
    lines = panel.money
    has_value = first.valid | last.valid
    has_gap = first.gap | last.gap
    is_known = (has_value & ~has_gap)[:, lines]
    pieces = []
    for name, matrix in effects.items():
        has_effect = is_known & np.isfinite(matrix[:, lines])
        row, number = np.nonzero(has_effect)
        line = lines[number]
        piece = panel.lines.iloc[line][["category", "indicator", "unit"]]
        piece = piece.reset_index(drop=True)
        piece["region"] = panel.codes[row]
        piece["from"] = first_year
        piece["to"] = last_year
        piece["method"] = method
        piece["effect"] = name
        piece["value"] = matrix[row, line]
        piece["_row"] = row
        piece["_line"] = line
        if unit:
            piece["unit"] = unit
        pieces.append(piece)
    if not pieces:
        return pd.DataFrame(columns=DECOMPOSITION_COLUMNS)
    table = pd.concat(pieces, ignore_index=True)
    table = table.sort_values(["_row", "_line"], kind="stable")
    return table[DECOMPOSITION_COLUMNS]
