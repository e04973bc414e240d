"""What each county's own choices moved (自选参数影响): its values under them beside those under the common choice.

Each choice that differs (price basis, a switch, the rows of a coefficient) is put in the place of the county's own
alone, and the account is built anew; what the choices do together beyond that is told as their interaction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.lines import TOTAL
from gep.collection.choices import Choice, accounts_of, basis_of, same_standard
from gep.collection.coefficient_differences import DIFFERING_COLUMNS, differing_rows, names_of
from gep.collection.counties import County
from gep.collection.values import KEYS, cells, ranked, shown
from gep.errors import ProblemsFound
from gep.inputs.coefficients import CoefficientSet
from gep.plan.build import PlanInputs
from gep.units import factor

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
INTERACTION = "interaction"


def replayed(own: pd.DataFrame, common: pd.DataFrame) -> pd.DataFrame:
    """``replayed.csv``: each value under the county's own and under the common choice; ``difference`` is own - common.

    na counts as nothing in a difference; it is blank where a value is not compiled or its line is in one of them only.
    ``relative`` is a fraction of the common value. Counties are ranked with their sums, by each line.
    """
    tables = [one.assign(rank=ranked(one)) for one in (shown(own), shown(common))]
    both = tables[0].merge(
        tables[1], on=KEYS, how="outer", suffixes=("_own", "_common"), sort=False
    )
    amounts = []
    for side in ("own", "common"):
        value, state = (
            both[f"value_{side}"].to_numpy(dtype=float),
            both[f"state_{side}"].to_numpy(dtype=object),
        )
        amounts.append(np.where(state == "na", 0.0, value))
        both[side] = cells(value, np.where(pd.isna(state), "", state))
        both[f"rank_{side}"] = cells(both[f"rank_{side}"].to_numpy(dtype=float), whole=True)
    difference = amounts[0] - amounts[1]
    with np.errstate(all="ignore"):
        relative = np.where(amounts[1] != 0, difference / np.abs(amounts[1]), np.nan)
    both["difference"], both["relative"] = cells(difference), cells(relative)
    both["unit"] = both["unit_own"].where(both["unit_own"].notna(), both["unit_common"])
    return both[REPLAYED_COLUMNS]


@dataclass(frozen=True)
class ChoiceEffects:
    """What one county's choices moved: ``choices`` in MOVED_COLUMNS, ``rows`` as ``differing_rows.csv`` has them."""

    choices: pd.DataFrame
    rows: pd.DataFrame


def choice_effects(county: County, common: Choice, accounts: Sequence[Account]) -> ChoiceEffects:
    """The choices of a county that differ from the common one; ``accounts`` are those under the common choice."""
    if accounts is county.accounts:
        return ChoiceEffects(
            pd.DataFrame(columns=MOVED_COLUMNS), pd.DataFrame(columns=DIFFERING_COLUMNS)
        )
    unit, choices, rows = (
        common.standard.spec.unit,
        list[tuple[object, ...]](),
        list[pd.DataFrame](),
    )
    for own, other in zip(county.accounts, accounts, strict=True):
        wrong = differing_rows(own.plan, other.plan)
        rows.append(wrong.assign(county=county.name, year=own.year))
        ends = [_total(one, unit) for one in (own, other)]
        alone = list(_alone(county, own, common, names_of(wrong), unit))
        choices += [(county.name, own.year, *told, _blank(effect), unit) for told, effect in alone]
        if alone:
            rest = ends[0] - ends[1] - sum(effect for _, effect in alone)
            choices.append((county.name, own.year, INTERACTION, "", "", "", _blank(rest), unit))
    return ChoiceEffects(
        pd.DataFrame(choices, columns=MOVED_COLUMNS), pd.concat(rows, ignore_index=True)
    )


def _blank(effect: float) -> object:
    return effect if np.isfinite(effect) else ""


def _total(account: Account, unit: str) -> float:
    """The headline over an account's regions, na being nothing; NaN where it is not known."""
    sums = account.sums
    rows, column = sums.level == "region", sums.names.index(TOTAL)
    if sums.gap[rows, column].any():
        return float("nan")
    return float(sums.values[rows, column].sum()) * factor(account.plan.standard.spec.unit, unit)


def _alone(
    county: County, own: Account, common: Choice, names: Sequence[str], unit: str
) -> Iterator[tuple[tuple[str, str, str, str], float]]:
    """Each choice that differs: (what, name, own, common) and what the county's own adds to its total."""
    if not same_standard(county, common.standard):
        # switches, rows and types need not mean the same under two standards: they are not taken apart
        yield ("standard", "", county.project.parts.standard.id, common.standard.id), float("nan")
        return
    before, parts = _total(own, unit), county.project.parts

    def effect(mixture: PlanInputs) -> float:
        try:
            return before - _total(accounts_of(mixture, [own.year])[0], unit)
        except ProblemsFound:  # the choice cannot be had without another one
            return float("nan")

    if parts.price_year != common.price_year:
        told = ("prices", "", basis_of(parts.price_year), common.basis)
        yield told, effect(replace(parts, price_year=common.price_year))
    for name, option in common.switches.items():
        if own.plan.switches[name] != option:
            told = ("switch", name, own.plan.switches[name], option)
            yield told, effect(replace(parts, switches={**parts.switches, name: option}))
    for name in names:
        told = ("coefficient", name, _labels(parts.sets, name), _labels(common.sets, name))
        yield told, effect(replace(parts, sets=_mixed(parts.sets, common.sets, name)))


def _labels(sets: Sequence[CoefficientSet], name: str) -> str:
    return ";".join(one.label for one in sets if len(one.named(name)))


def _mixed(
    own: Sequence[CoefficientSet], common: Sequence[CoefficientSet], name: str
) -> tuple[CoefficientSet, ...]:
    """The own sets with the rows of one coefficient as the common sets have them."""
    first = [_only(one, name, True) for one in common if len(one.named(name))]
    return (*first, *(_only(one, name, False) for one in own))


def _only(one: CoefficientSet, name: str, wanted: bool) -> CoefficientSet:
    """The set with the rows of a coefficient alone, or without them."""
    chosen = ((one.rows["name"] == name) == wanted).to_numpy()
    return replace(one, rows=one.rows[chosen].reset_index(drop=True), _by_name={})
