"""Ranks under every permitted alternative (位次稳健性): which ranks and orders are stable.

Owns the reading of ``alternatives.toml``, and the tables ``alternatives.csv``, ``ranks.csv`` and
``pairs.csv``. Computing the counties under each alternative belongs to ``recompute``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from gep.account.result_tables import blanked
from gep.collection.choices import COMMON, OWN, Alternatives, Choice, choice_of
from gep.collection.recompute import headline, rank_counties, stacked, value_cells
from gep.comparison.comparison_table import ranks
from gep.errors import ProblemLog
from gep.extent.crosswalk import load_crosswalk
from gep.io.toml_documents import Frozen, read_toml, validate_document
from gep.standards.standard import Standard, load_standard

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
    "crosswalk",
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
    """``[[alternative]]``: what it does not state is as in the common choice."""

    name: str = Field(min_length=1)
    standard: str = ""
    coefficients: tuple[str, ...] | None = None
    switches: dict[str, str] = Field(default_factory=dict)
    crosswalk: str = ""
    price_year: int | Literal["current"] | None = None


class _Alternatives(Frozen):
    """``alternatives.toml``."""

    alternative: tuple[_Alternative, ...] = Field(min_length=1)


def load_alternatives(path: Path, common: Choice, problems: ProblemLog) -> Alternatives:
    """Load the permitted alternatives from a file.

    Parameters
    ----------
    path : Path
        The file; paths in it start from its folder.
    common : Choice
        The common choice, which supplies what an alternative does not state.
    problems : ProblemLog
        Gets ``duplicate-id`` and the problems of the document and of :func:`choice_of`.

    Returns
    -------
    Alternatives
        Not optional: a county that an alternative cannot be computed for is a problem.
    """
    document = read_toml(path, path.name, problems)
    spec = validate_document(_Alternatives, document, path.name, problems)
    choices: list[Choice] = []
    names = [OWN, COMMON]
    for alternative in spec.alternative if spec is not None else ():
        place = f"{path.name} {alternative.name}"
        if alternative.name in names:
            problems.add(
                "duplicate-id", place, "collection.alternative-twice", name=alternative.name
            )
        names.append(alternative.name)
        choice = _load_choice(alternative, common, path.parent, place, problems)
        if choice is not None:
            choices.append(choice)
    return Alternatives(tuple(choices), optional=False)


def _load_choice(
    alternative: _Alternative, common: Choice, base: Path, place: str, problems: ProblemLog
) -> Choice | None:
    """Load the choice of an alternative; another standard brings its own sets and switches."""
    standard: Standard | None = common.standard
    switches = {**common.switches, **alternative.switches}
    sets = common.sets if alternative.coefficients is None else ()
    if alternative.standard:
        standard = load_standard(alternative.standard, base, place, problems)
        switches = alternative.switches
        sets = ()
    if standard is None:
        return None
    price_year: int | None
    if alternative.price_year is None:
        price_year = common.price_year
    elif alternative.price_year == "current":
        price_year = None
    else:
        price_year = alternative.price_year
    choice = choice_of(
        alternative.name,
        standard,
        coefficients=alternative.coefficients or (),
        switches=switches,
        price_year=price_year,
        base=base,
        place=place,
        problems=problems,
        sets=sets,
    )
    if choice is None or not alternative.crosswalk:
        return choice
    name = alternative.crosswalk
    crosswalk = load_crosswalk(name, base, choice.scheme, place, problems)
    return None if crosswalk is None else replace(choice, crosswalk=crosswalk)


def each_option(common: Choice) -> Alternatives:
    """Return an alternative for each option of each switch that is not the common one.

    Parameters
    ----------
    common : Choice
        The choice that all counties are computed under.

    Returns
    -------
    Alternatives
    """
    choices = []
    for name, switch in common.standard.spec.switch.items():
        for option in switch.options:
            if option != common.switches[name]:
                switches = {**common.switches, name: option}
                choices.append(replace(common, name=f"{name}={option}", switches=switches))
    return Alternatives(tuple(choices), optional=True)


def alternatives_table(
    values: Mapping[str, pd.DataFrame], choices: Mapping[str, Choice]
) -> pd.DataFrame:
    """Make ``alternatives.csv``: total and rank of every county under each alternative.

    Parameters
    ----------
    values : mapping of str to DataFrame
        Values of all counties by alternative, ``own`` and ``common`` among them.
    choices : mapping of str to Choice
        The choice of each alternative but ``own``: the counties' own choices are in
        ``counties.csv``.

    Returns
    -------
    DataFrame
        In ``ALTERNATIVE_COLUMNS``.
    """
    tables = []
    for name, table in values.items():
        rows = headline(table)
        rows = rows.assign(alternative=name, rank=blanked(rank_counties(rows), whole=True))
        rows["value"] = value_cells(
            rows["value"].to_numpy(dtype=float), rows["state"].to_numpy(dtype=object)
        )
        choice = choices.get(name)
        if choice is None:
            choice_cells = dict.fromkeys(ALTERNATIVE_COLUMNS[6:], OWN)
        else:
            choice_cells = {
                "standard": choice.standard.id,
                "sets": ";".join(coefficient_set.label for coefficient_set in choice.sets),
                "switches": ";".join(f"{key}={option}" for key, option in choice.switches.items()),
                "price_basis": choice.basis,
                "crosswalk": OWN if choice.crosswalk is None else choice.crosswalk.id,
            }
        tables.append(rows.assign(**choice_cells)[ALTERNATIVE_COLUMNS])
    return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True)
class Ranks:
    """The tables ``ranks.csv`` and ``pairs.csv``."""

    table: pd.DataFrame
    pairs: pd.DataFrame


def ranks_of(values: Mapping[str, pd.DataFrame]) -> Ranks:
    """Rank the counties by their total under all alternatives.

    Parameters
    ----------
    values : mapping of str to DataFrame
        Values of all counties by alternative, ``own`` and ``common`` among them.

    Returns
    -------
    Ranks
        ``table`` in ``RANK_COLUMNS``: ``rank`` under the common choice; ``kept``, the fraction of
        alternatives with the same rank; ``above_always``, the number of counties that this one
        exceeds under every alternative. ``pairs`` in ``PAIR_COLUMNS`` names them.
    """
    headlines = []
    for name, table in values.items():
        headlines.append(headline(table).assign(alternative=name))
    totals = pd.concat(headlines, ignore_index=True)
    tables: list[pd.DataFrame] = []
    pairs: list[pd.DataFrame] = []
    for year, rows in totals.groupby("year"):
        matrix = rows.pivot(index="county", columns="alternative", values="value")
        matrix = matrix.reindex(columns=list(values))
        unit = str(rows["unit"].iloc[0])
        year_ranks = _ranks_of_year(matrix, int(year), unit)
        tables.append(year_ranks.table)
        pairs.append(year_ranks.pairs)
    return Ranks(
        table=stacked(tables, RANK_COLUMNS),  # empty under a standard without a headline total
        pairs=stacked(pairs, PAIR_COLUMNS),
    )


def _ranks_of_year(totals: pd.DataFrame, year: int, unit: str) -> Ranks:
    """Rank the counties of one year.

    Parameters
    ----------
    totals : DataFrame
        County x alternative, in ``unit``; NaN where the total is not known. A county without a
        total under some alternative is in no stable order.
    year : int
    unit : str

    Returns
    -------
    Ranks
    """
    values = totals.to_numpy(dtype=float)
    known = np.isfinite(values)
    all_ranks = pd.DataFrame(ranks(values, known, np.zeros(len(values))), columns=totals.columns)
    common_rank = all_ranks[COMMON].to_numpy()
    always_exceeds = np.all(values[:, None, :] > values[None, :, :], axis=2)  # county x county
    known_count = known.sum(axis=1)
    same_count = (all_ranks.to_numpy() == common_rank[:, None]).sum(axis=1)
    same_share = same_count / np.maximum(known_count, 1)
    table = pd.DataFrame(
        {
            "county": totals.index,
            "year": year,
            "value": blanked(totals[COMMON].to_numpy(dtype=float)),
            "rank": blanked(common_rank, whole=True),
            "best": blanked(all_ranks.min(axis=1).to_numpy(), whole=True),
            "worst": blanked(all_ranks.max(axis=1).to_numpy(), whole=True),
            "kept": blanked(np.where(np.isfinite(common_rank), same_share, np.nan)),
            "alternatives": known_count,
            "above_always": always_exceeds.sum(axis=1),
            "below_always": always_exceeds.sum(axis=0),
            "unit": unit,
        }
    )
    higher, lower = np.nonzero(always_exceeds)
    names = totals.index.to_numpy()
    pairs = pd.DataFrame(
        {
            "year": year,
            "above": names[higher],
            "below": names[lower],
            "alternatives": len(totals.columns),
        }
    )
    return Ranks(table[RANK_COLUMNS], pairs[PAIR_COLUMNS])
