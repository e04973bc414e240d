"""What each county's own choices change (自选参数影响): values, effects, and rows that differ.

Each of a county's choices that differs (price basis, a switch, the rows of a coefficient) is
replaced alone by the common one, and the account is computed again. What all choices change
together beyond that is their interaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.lines import TOTAL
from gep.account.result_tables import blanked
from gep.collection.choices import Choice, accounts_of, same_standard
from gep.collection.counties import County
from gep.collection.recompute import KEYS, drop_single_regions, rank_counties, value_cells
from gep.errors import ProblemsFound
from gep.inputs.coefficients import CoefficientSet
from gep.inputs.value_rows import GRADES
from gep.inputs.value_rows import KEYS as ROW_KEYS
from gep.plan.binding import BoundInput
from gep.plan.build import PlanInputs
from gep.plan.dims import DIMS, expand
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.plan.prices import PriceBasis
from gep.units import factor, same_dimension

REPLAYED_COLUMNS = [
    *KEYS,
    "own",
    "common",
    "difference",
    "relative",
    "rank_own",
    "rank_common",
    "unit",
]
MOVED_COLUMNS = ["county", "year", "choice", "name", "own", "common", "effect", "unit"]
_ROW_COLUMNS = ("set", "keys", "value", "unit", "grade", "file", "row")
DIFFERING_COLUMNS = [
    "county",
    "year",
    "name",
    *(f"own_{column}" for column in _ROW_COLUMNS),
    *(f"common_{column}" for column in _ROW_COLUMNS),
    "steps",
]
INTERACTION = "interaction"
_INDEX = "price_index"
_SAME = 1e-12  # relative difference up to which two numbers say the same


@dataclass(frozen=True)
class ChoiceEffects:
    """What one county's choices change.

    ``choices`` has the effect of each choice in ``MOVED_COLUMNS``, ``rows`` the coefficient rows
    that differ in ``DIFFERING_COLUMNS``.
    """

    choices: pd.DataFrame
    rows: pd.DataFrame


class Replacement(NamedTuple):
    """Inputs with one of their choices replaced by that of a common choice.

    Attributes
    ----------
    choice : str
        ``prices``, ``switch`` or ``coefficient``.
    name : str
        Of the switch or coefficient; blank for prices.
    own, common : str
        The choice as it is, and what replaces it.
    parts : PlanInputs
        The inputs with it replaced.
    """

    choice: str
    name: str
    own: str
    common: str
    parts: PlanInputs


def replayed(own: pd.DataFrame, common: pd.DataFrame) -> pd.DataFrame:
    """Make ``replayed.csv``: each value under the county's own choices and under the common one.

    Parameters
    ----------
    own, common : DataFrame
        Values of all counties under both, in the columns of
        ``gep.collection.recompute.VALUE_COLUMNS``.

    Returns
    -------
    DataFrame
        In ``REPLAYED_COLUMNS``. ``difference`` is own minus common; ``na`` counts as 0 in it, and
        it is blank where a value is not compiled, or where only one of the accounts has the line.
        ``relative`` is a fraction of the absolute common value. Counties are ranked within each
        line.
    """
    own_rows = drop_single_regions(own)
    own_rows["rank"] = rank_counties(own_rows)
    common_rows = drop_single_regions(common)
    common_rows["rank"] = rank_counties(common_rows)
    table = own_rows.merge(
        common_rows,
        on=KEYS,
        how="outer",
        suffixes=("_own", "_common"),
        sort=False,
    )
    amounts: dict[str, np.ndarray] = {}
    for side in ("own", "common"):
        values = table[f"value_{side}"].to_numpy(dtype=float)
        states = table[f"state_{side}"].to_numpy(dtype=object)
        states_or_blank = np.where(pd.isna(states), "", states)
        side_ranks = table[f"rank_{side}"].to_numpy(dtype=float)
        amounts[side] = np.where(states == "na", 0.0, values)
        table[side] = value_cells(values, states_or_blank)
        table[f"rank_{side}"] = blanked(side_ranks, whole=True)
    common_amounts = amounts["common"]
    difference = amounts["own"] - common_amounts
    with np.errstate(all="ignore"):
        ratio = difference / np.abs(common_amounts)
    relative = np.where(common_amounts != 0, ratio, np.nan)
    table["difference"] = blanked(difference)
    table["relative"] = blanked(relative)
    has_unit = table["unit_own"].notna()
    table["unit"] = table["unit_own"].where(has_unit, table["unit_common"])
    return table[REPLAYED_COLUMNS]


def choice_effects(county: County, common: Choice, accounts: Sequence[Account]) -> ChoiceEffects:
    """Compute the effect of each of a county's choices that differs from the common one.

    Parameters
    ----------
    county : County
        The county with its accounts under its own choices.
    common : Choice
        The common choice.
    accounts : sequence of Account
        The county's accounts under the common choice, one for each year.

    Returns
    -------
    ChoiceEffects
        Effects are of the total, in the common standard's unit: blank where a choice cannot be
        replaced alone.
    """
    if accounts is county.accounts:
        return ChoiceEffects(
            choices=pd.DataFrame(columns=MOVED_COLUMNS),
            rows=pd.DataFrame(columns=DIFFERING_COLUMNS),
        )
    unit = common.standard.spec.unit
    parts = county.project.parts
    rows: list[tuple[object, ...]] = []
    differing: list[pd.DataFrame] = []
    for account, common_account in zip(county.accounts, accounts, strict=True):
        year = account.year
        year_rows = differing_rows(account.plan, common_account.plan)
        differing.append(year_rows.assign(county=county.name, year=year))
        total = _total(account, unit)
        effects: list[float] = []
        if same_standard(county, common.standard):
            coefficients = list(dict.fromkeys(str(name) for name in year_rows["name"]))
            for replacement in replacements(parts, account.plan.switches, common, coefficients):
                effect = total - _total_of_parts(replacement.parts, year, unit)
                effects.append(effect)
                rows.append(
                    (
                        county.name,
                        year,
                        replacement.choice,
                        replacement.name,
                        replacement.own,
                        replacement.common,
                        _blank_if_unknown(effect),
                        unit,
                    )
                )
        else:
            # switches, rows and types may mean something else under another standard
            effects.append(float("nan"))
            county_standard = county.project.parts.standard.id
            common_standard = common.standard.id
            rows.append(
                (county.name, year, "standard", "", county_standard, common_standard, "", unit)
            )
        if effects:
            rest = total - _total(common_account, unit) - sum(effects)
            interaction = _blank_if_unknown(rest)
            rows.append((county.name, year, INTERACTION, "", "", "", interaction, unit))
    return ChoiceEffects(
        choices=pd.DataFrame(rows, columns=MOVED_COLUMNS),
        rows=pd.concat(differing, ignore_index=True),
    )


def _blank_if_unknown(effect: float) -> object:
    return effect if np.isfinite(effect) else ""


def _total(account: Account, unit: str) -> float:
    """Return the headline total over an account's regions, ``na`` being 0; NaN if not known."""
    sums = account.sums
    rows = sums.level == "region"
    column = sums.names.index(TOTAL)
    if sums.gap[rows, column].any():
        return float("nan")
    total = float(sums.values[rows, column].sum())
    return total * factor(account.plan.standard.spec.unit, unit)


def _total_of_parts(parts: PlanInputs, year: int, unit: str) -> float:
    """Compute the headline total with these inputs; NaN where they do not go together."""
    try:
        account = accounts_of(parts, [year])[0]
    except ProblemsFound:
        return float("nan")
    return _total(account, unit)


def replacements(
    parts: PlanInputs,
    switches: Mapping[str, str],
    common: Choice,
    coefficients: Sequence[str],
) -> Iterator[Replacement]:
    """Replace each choice that differs from a common one by it, alone.

    Parameters
    ----------
    parts : PlanInputs
        What is computed under choices of its own.
    switches : mapping of str to str
        The option of every switch in it.
    common : Choice
        The common choice. Of another standard only the options are taken that this one has.
    coefficients : sequence of str
        Coefficients whose rows differ.

    Yields
    ------
    Replacement
    """
    if parts.price_year != common.price_year:
        yield Replacement(
            choice="prices",
            name="",
            own=PriceBasis(parts.price_year).code,
            common=common.basis,
            parts=replace(parts, price_year=common.price_year),
        )
    known = parts.standard.spec.switch
    for name, option in common.switches.items():
        if name not in known or option not in known[name].options:
            continue
        own_option = switches[name]
        if own_option != option:
            yield Replacement(
                choice="switch",
                name=name,
                own=own_option,
                common=option,
                parts=replace(parts, switches={**parts.switches, name: option}),
            )
    for name in coefficients:
        yield Replacement(
            choice="coefficient",
            name=name,
            own=_set_labels(parts.sets, name),
            common=_set_labels(common.sets, name),
            parts=replace(parts, sets=_replace_coefficient(parts.sets, common.sets, name)),
        )


def _set_labels(sets: Sequence[CoefficientSet], name: str) -> str:
    """Join the labels of the sets that have rows of a coefficient."""
    labels = []
    for coefficient_set in sets:
        if len(coefficient_set.named(name)):
            labels.append(coefficient_set.label)
    return ";".join(labels)


def _replace_coefficient(
    sets: Sequence[CoefficientSet], common_sets: Sequence[CoefficientSet], name: str
) -> tuple[CoefficientSet, ...]:
    """Replace the rows of one coefficient in a county's sets by those of the common sets."""
    replaced: list[CoefficientSet] = []
    for common_set in common_sets:
        if len(common_set.named(name)):
            is_named = (common_set.rows["name"] == name).to_numpy()
            replaced.append(_select_rows(common_set, is_named))
    for county_set in sets:
        is_named = (county_set.rows["name"] == name).to_numpy()
        replaced.append(_select_rows(county_set, ~is_named))
    return tuple(replaced)


def _select_rows(coefficient_set: CoefficientSet, chosen: np.ndarray) -> CoefficientSet:
    rows = coefficient_set.rows[chosen]
    rows = rows.reset_index(drop=True)
    return replace(coefficient_set, rows=rows, _by_name={})


def differing_rows(plan: Plan, common_plan: Plan) -> pd.DataFrame:
    """Find the coefficient rows that supply the same cells in two plans but do not say the same.

    Parameters
    ----------
    plan : Plan
        The county's plan under its own choices.
    common_plan : Plan
        Its plan of the same year under the common choice.

    Returns
    -------
    DataFrame
        In ``DIFFERING_COLUMNS`` without county and year: a pair of rows and the steps that use it.
        The cells of a side are blank where no row supplies the value. A row copied into another set
        says the same. Steps that bind other coefficients, or types of another scheme, are no pairs.
    """
    common_steps = {step.name: step for step in common_plan.steps}
    same_types = plan.extent.ecosystems.equals(common_plan.extent.ecosystems)
    steps_by_pair: dict[tuple[object, ...], list[str]] = {}
    for step in plan.steps:
        common_step = common_steps.get(step.name)
        if common_step is None:
            continue
        for argument, bound in step.inputs.items():
            common_bound = common_step.inputs.get(argument)
            if not isinstance(bound, BoundInput) or not isinstance(common_bound, BoundInput):
                continue
            name = step.step.inputs[argument].coef
            if not name or name != common_step.step.inputs[argument].coef:
                continue
            unit = step.method.inputs[argument]
            if not same_dimension(unit, common_step.method.inputs[argument]):
                continue
            positions = _position_pairs(step, common_step, bound, common_bound, same_types)
            for pair in _differing_cells(positions, bound, common_bound, unit):
                steps_by_pair.setdefault((name, *pair), []).append(step.name)
            for pair in _differing_index_cells(bound, common_bound):
                steps_by_pair.setdefault((_INDEX, *pair), []).append(step.name)
    rows = []
    for pair, step_names in steps_by_pair.items():
        unique_names = dict.fromkeys(step_names)
        rows.append((*pair, ";".join(unique_names)))
    return pd.DataFrame(rows, columns=DIFFERING_COLUMNS[2:])


def _position_pairs(
    step: PlannedStep,
    common_step: PlannedStep,
    bound: BoundInput,
    common_bound: BoundInput,
    same_types: bool,
) -> np.ndarray:
    """Find the pairs of rows that supply the same cell of a step.

    Parameters
    ----------
    step, common_step : PlannedStep
        The step in both plans.
    bound, common_bound : BoundInput
        One of its inputs in both plans.
    same_types : bool
        Whether both plans have the same ecosystem types.

    Returns
    -------
    ndarray of int
        Pair x side: positions in the frames of both inputs, -1 where no row supplies a cell that
        needs one. No pairs if the cells of the plans cannot be compared.
    """
    dims = tuple(dim for dim in DIMS if dim in bound.dims or dim in common_bound.dims)
    no_pairs = np.zeros((0, 2), dtype=int)
    if "ecosystem" in dims and not same_types:
        return no_pairs
    for key in dims:
        if key in ("region", "ecosystem"):
            continue
        if step.members.get(key) != common_step.members.get(key):
            return no_pairs
    sizes = dict(zip(bound.dims, bound.rows.shape, strict=True))
    common_sizes = dict(zip(common_bound.dims, common_bound.rows.shape, strict=True))
    for dim, size in sizes.items():
        if common_sizes.get(dim, size) != size:
            return no_pairs
    rows = expand(bound.rows, bound.dims, dims)
    missing = expand(bound.missing, bound.dims, dims)
    common_rows = expand(common_bound.rows, common_bound.dims, dims)
    common_missing = expand(common_bound.missing, common_bound.dims, dims)
    has_row = rows >= 0
    common_has_row = common_rows >= 0
    needed = has_row | missing
    common_needed = common_has_row | common_missing
    chosen = needed & common_needed & (has_row | common_has_row)
    rows, common_rows = np.broadcast_arrays(rows, common_rows)
    pairs = np.stack([rows[chosen], common_rows[chosen]], axis=1)
    return np.unique(pairs, axis=0)


def _differing_cells(
    positions: np.ndarray, bound: BoundInput, common_bound: BoundInput, unit: str
) -> Iterator[tuple[object, ...]]:
    """Yield the table cells of the pairs of rows whose numbers or price years differ."""
    if len(positions) == 0:
        return
    numbers = _numbers(bound, unit)
    common_numbers = _numbers(common_bound, unit)
    price_years = bound.frame["price_year"].to_numpy(dtype=object)
    common_price_years = common_bound.frame["price_year"].to_numpy(dtype=object)
    for position, common_position in positions:
        if position >= 0 and common_position >= 0:
            number = numbers[position]
            common_number = common_numbers[common_position]
            same = np.isclose(number, common_number, rtol=_SAME, atol=0.0, equal_nan=True)
            if same and price_years[position] == common_price_years[common_position]:
                continue
        cells = _row_cells(bound.frame, position)
        yield (*cells, *_row_cells(common_bound.frame, common_position))


def _numbers(bound: BoundInput, unit: str) -> np.ndarray:
    """Return the numbers of all rows in a unit, prices not converted; NaN for ``na``."""
    units = bound.frame["unit"]
    used_rows = np.unique(bound.rows[bound.rows >= 0])
    used_units = units.iloc[used_rows].unique()
    factor_by_unit = {row_unit: factor(row_unit, unit) for row_unit in used_units}
    factors = units.map(factor_by_unit).fillna(np.nan)
    values = bound.frame["value"].to_numpy(dtype=float)
    converted = values * factors.to_numpy(dtype=float)
    is_na = bound.frame["na"].to_numpy(dtype=bool)
    return np.where(is_na, np.nan, converted)


def _row_cells(frame: pd.DataFrame, position: int) -> tuple[object, ...]:
    """Return the cells of a row in ``_ROW_COLUMNS``; blanks where there is no row."""
    if position < 0:
        return tuple("" for _ in _ROW_COLUMNS)
    row = frame.iloc[position]
    keys = [f"{key}={row[key]}" for key in (*ROW_KEYS, "price_year") if row[key] != ""]
    grade = row["own_grade"] if "own_grade" in frame else row["grade"]
    return (
        row["set"],
        " ".join(keys),
        "na" if row["na"] else float(row["value"]),
        row["unit"],
        GRADES[int(grade)],
        row["file"],
        int(row["row"]),
    )


def _differing_index_cells(
    bound: BoundInput, common_bound: BoundInput
) -> Iterator[tuple[object, ...]]:
    """Yield the table cells of price index rows that convert both inputs and that differ."""
    if bound.index is None or common_bound.index is None:
        return
    positions = _index_positions(bound.index)
    common_positions = _index_positions(common_bound.index)
    for key, position in positions.items():
        if key not in common_positions:
            continue
        common_position = common_positions[key]
        value = bound.index["value"].iloc[position]
        if value != common_bound.index["value"].iloc[common_position]:
            cells = _row_cells(bound.index, position)
            yield (*cells, *_row_cells(common_bound.index, common_position))


def _index_positions(frame: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return the positions of price index rows by index and price year."""
    positions: dict[tuple[str, str], int] = {}
    keys = zip(frame["index"], frame["price_year"], strict=True)
    for position, key in enumerate(keys):
        positions[key] = position
    return positions
