"""Ranks under every permitted alternative (位次稳健性): which ranks and orders survive them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from gep.collection.choices import COMMON, OWN, Choice, choice_of
from gep.collection.values import cells, headline, ranked
from gep.comparison.comparison_table import ranks
from gep.errors import ProblemLog, Where
from gep.io.toml_documents import Frozen, read_toml, validate_document
from gep.standards.standard import load_standard

ALTERNATIVE_COLUMNS = [
    "alternative",
    "year",
    "county",
    "value",
    "rank",
    "unit",
    "standard",
    "sets",
    "switches",
    "price_basis",
]
RANK_COLUMNS = [
    "county",
    "year",
    "value",
    "rank",
    "best",
    "worst",
    "kept",
    "alternatives",
    "above_always",
    "below_always",
    "unit",
]
PAIR_COLUMNS = ["year", "above", "below", "alternatives"]


class _Alternative(Frozen):
    """``[[alternative]]``: what is left out is as in the common choice."""

    name: str = Field(min_length=1)
    standard: str = ""
    coefficients: tuple[str, ...] | None = None
    switches: dict[str, str] = Field(default_factory=dict)
    price_year: int | Literal["current"] | None = None


class _Alternatives(Frozen):
    """``alternatives.toml``."""

    alternative: tuple[_Alternative, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Alternatives:
    """The alternatives beside own and common; ``optional`` ones fall away where a county cannot compute them."""

    choices: tuple[Choice, ...]
    optional: bool


def load_alternatives(path: Path, common: Choice, problems: ProblemLog) -> Alternatives:
    """The alternatives of a file; paths in it start from its folder."""
    text = validate_document(
        _Alternatives, read_toml(path, path.name, problems), path.name, problems
    )
    found: list[Choice] = []
    names = [OWN, COMMON]
    for one in text.alternative if text is not None else ():
        where = f"{path.name} {one.name}"
        if one.name in names:
            problems.add(
                "duplicate-id",
                where,
                f"two alternatives are called {one.name!r}",
                "give each its own name",
            )
        names.append(one.name)
        choice = _choice(one, common, path.parent, where, problems)
        found += [choice] if choice is not None else []
    return Alternatives(tuple(found), optional=False)


def _choice(
    one: _Alternative, common: Choice, base: Path, where: Where, problems: ProblemLog
) -> Choice | None:
    standard = (
        load_standard(one.standard, base, where, problems) if one.standard else common.standard
    )
    if standard is None:
        return None
    price_year = common.price_year if one.price_year is None else one.price_year
    year = None if isinstance(price_year, str) else price_year
    kept = {} if one.standard else common.switches
    sets = common.sets if one.coefficients is None and not one.standard else ()
    switches = {**kept, **one.switches}
    return choice_of(
        one.name, standard, one.coefficients or (), switches, year, base, where, problems, sets
    )


def each_option(common: Choice) -> Alternatives:
    """Every option of every switch of the common standard that is not the common one, one at a time."""
    found = [
        replace(common, name=f"{name}={option}", switches={**common.switches, name: option})
        for name, switch in common.standard.spec.switch.items()
        for option in switch.options
        if option != common.switches[name]
    ]
    return Alternatives(tuple(found), optional=True)


def alternatives_table(
    values: Mapping[str, pd.DataFrame], choices: Mapping[str, Choice]
) -> pd.DataFrame:
    """``alternatives.csv``: total and rank of every county under each; own choices are told in ``counties.csv``."""
    pieces = []
    for name, table in values.items():
        rows = headline(table)
        rows = rows.assign(alternative=name, rank=cells(ranked(rows), whole=True))
        rows["value"] = cells(
            rows["value"].to_numpy(dtype=float), rows["state"].to_numpy(dtype=object)
        )
        for column, word in zip(ALTERNATIVE_COLUMNS[6:], _words(choices.get(name)), strict=True):
            rows[column] = word
        pieces.append(rows[ALTERNATIVE_COLUMNS])
    return pd.concat(pieces, ignore_index=True)


def _words(choice: Choice | None) -> list[str]:
    """Standard, sets, switches and prices of a choice."""
    if choice is None:
        return [OWN] * 4
    switches = ";".join(f"{name}={option}" for name, option in choice.switches.items())
    return [choice.standard.id, ";".join(one.label for one in choice.sets), switches, choice.basis]


@dataclass(frozen=True)
class Ranks:
    """``ranks.csv`` and ``pairs.csv``."""

    table: pd.DataFrame
    pairs: pd.DataFrame


def ranks_of(values: Mapping[str, pd.DataFrame]) -> Ranks:
    """How the ranks by total hold under all alternatives; ``values`` has own, common and the others.

    ``rank`` is that under the common choice, ``kept`` the share of alternatives that give the same. ``above_always``
    counts the counties that this one is above in every alternative; ``pairs.csv`` names them.
    """
    whole = pd.concat(
        [headline(table).assign(alternative=name) for name, table in values.items()],
        ignore_index=True,
    )
    rows, pairs = list[pd.DataFrame](), list[pd.DataFrame]()
    for year, some in whole.groupby("year"):
        table = some.pivot(index="county", columns="alternative", values="value").reindex(
            columns=list(values)
        )
        one, other = _of_year(table, int(year), str(some["unit"].iloc[0]))
        rows.append(one)
        pairs.append(other)
    return Ranks(pd.concat(rows, ignore_index=True), pd.concat(pairs, ignore_index=True))


def _of_year(table: pd.DataFrame, year: int, unit: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counties x alternatives, NaN where not known: a county without a total in one of them is in no lasting order."""
    values = table.to_numpy(dtype=float)
    rank = pd.DataFrame(
        ranks(values, np.isfinite(values), np.zeros(len(values))), columns=table.columns
    )
    common = rank[COMMON].to_numpy()
    above = np.all(values[:, None, :] > values[None, :, :], axis=2)
    known = np.isfinite(values).sum(axis=1)
    kept = (rank.to_numpy() == common[:, None]).sum(axis=1) / np.maximum(known, 1)
    frame = pd.DataFrame(
        {
            "county": table.index,
            "year": year,
            "value": cells(table[COMMON].to_numpy(dtype=float)),
            "rank": cells(common, whole=True),
            "best": cells(rank.min(axis=1).to_numpy(), whole=True),
            "worst": cells(rank.max(axis=1).to_numpy(), whole=True),
            "kept": cells(np.where(np.isfinite(common), kept, np.nan)),
            "alternatives": known,
            "above_always": above.sum(axis=1),
            "below_always": above.sum(axis=0),
            "unit": unit,
        }
    )
    first, second = np.nonzero(above)
    names = table.index.to_numpy()
    pairs = pd.DataFrame(
        {
            "year": year,
            "above": names[first],
            "below": names[second],
            "alternatives": len(table.columns),
        }
    )
    return frame[RANK_COLUMNS], pairs[PAIR_COLUMNS]
