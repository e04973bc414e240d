"""The lines of an account (核算科目): its totals, categories and indicators, each with its unit.

Every line is a sum of columns of an account's block, so that levels, changes, effects and draws are
all made of the same matrix: regions x columns times columns x lines. Looking up an indicator or a
region by id or name is here too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.account.columns import (
    NOT_COMPILED,
    ParentRegions,
    column_values,
    columns_of,
    parents,
    roll_up,
)
from gep.errors import ProblemsFound, Where, make_problem
from gep.extent.regions import region_label
from gep.io.tables import close_to, lost_zero
from gep.plan.plan import Plan
from gep.standards.standard import CATEGORIES, StandardSpec
from gep.texts.catalogue import LANGUAGES, Label, Listed, Text, text

LINE_COLUMNS = ["category", "indicator", "item", "kind", "unit"]
TOTAL = "total"  # the headline; also the indicator of a line that sums a category or total
_NAMED = 12  # known names that a suggestion lists


@dataclass(frozen=True)
class AccountLines:
    """The lines of an account, and the columns of its block that each sums.

    Attributes
    ----------
    frame : DataFrame
        A row for each line, with the columns ``LINE_COLUMNS``.
    picks : ndarray of float, column x line
        The factor by which each column is multiplied before it is summed; 0 if it is not in the
        line.
    """

    frame: pd.DataFrame
    picks: np.ndarray


@dataclass(frozen=True)
class LineValues:
    """The values of the lines of one account, for regions and their parents.

    Attributes
    ----------
    values : ndarray of float, region x line
        In the unit of each line. ``na`` counts as nothing in a sum.
    valid : ndarray of bool, region x line
        Whether something in the line is not ``na``.
    gap : ndarray of bool, region x line
        Whether something that the line needs is not compiled, so that the sum is not known.
    """

    values: np.ndarray
    valid: np.ndarray
    gap: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Whether there is a number (bool, region x line)."""
        return np.asarray(self.valid & ~self.gap)

    def cells(self) -> np.ndarray:
        """Return the values as they are written: numbers, ``na``, ``not_compiled``."""
        cells = self.values.astype(object)
        cells[~self.valid] = "na"
        cells[self.gap] = NOT_COMPILED
        return cells


class _Line(NamedTuple):
    """One line, and the factor of each column in it."""

    category: str
    indicator: str
    item: str
    kind: str
    unit: str
    factors: np.ndarray


def lines_of(plan: Plan, meta: pd.DataFrame, every: bool = False) -> AccountLines:
    """List the lines of an account.

    Parameters
    ----------
    plan : Plan
    meta : DataFrame
        The columns of the account's block, not by ecosystem type; see ``ResultColumns.columns``.
    every : bool, default False
        Whether to keep an item that is the only one of its indicator's value, and so the same line.

    Returns
    -------
    AccountLines
        The headline, its categories, the other totals; then each indicator with its items.
    """
    rows = []
    factors = []
    for line in _lines(plan, meta):
        rows.append((line.category, line.indicator, line.item, line.kind, line.unit))
        factors.append(line.factors)
    frame = pd.DataFrame(rows, columns=LINE_COLUMNS)
    picks = np.array(factors, dtype=float).T
    if not every:
        is_listed = ~single_item_lines(frame)
        frame = frame[is_listed].reset_index(drop=True)
        picks = picks[:, is_listed]
    return AccountLines(frame, picks)


def single_item_lines(frame: pd.DataFrame) -> np.ndarray:
    """Find the value items that are the only ones of their indicator.

    Parameters
    ----------
    frame : DataFrame
        Lines with the columns ``LINE_COLUMNS``.

    Returns
    -------
    ndarray of bool
        For each line, whether it repeats the line of its indicator's value.
    """
    is_value = frame["kind"] == "value"
    is_item = is_value & (frame["item"] != "")
    of_indicator = is_item.groupby([frame["category"], frame["indicator"]])
    items = of_indicator.transform("sum")
    return np.asarray(is_item & (items == 1))


def reindex_lines(frame: pd.DataFrame, own: pd.DataFrame, matrix: np.ndarray) -> np.ndarray:
    """Bring a matrix from its lines to other lines.

    Parameters
    ----------
    frame : DataFrame
        The lines wanted, with the columns ``LINE_COLUMNS``.
    own : DataFrame
        The lines of ``matrix``.
    matrix : ndarray, region x line

    Returns
    -------
    ndarray, region x line
        0 in lines that ``matrix`` does not have. Units are not compared.
    """
    keys = LINE_COLUMNS[:-1]
    wanted = pd.MultiIndex.from_frame(frame[keys])
    matrix_lines = pd.MultiIndex.from_frame(own[keys])
    position = wanted.get_indexer(matrix_lines)
    is_wanted = position >= 0
    wide = np.zeros((len(matrix), len(frame)))
    wide[:, position[is_wanted]] = matrix[:, is_wanted]
    return wide


def _lines(plan: Plan, meta: pd.DataFrame) -> Iterator[_Line]:
    """Yield all lines: sums, then each indicator's value and the items that are not auxiliary."""
    spec = plan.standard.spec
    scale = meta["scale"].fillna(0.0).to_numpy()
    is_value = (meta["kind"] == "value").to_numpy()
    is_shown = (meta["kind"] != "auxiliary").to_numpy()
    for name, mask in _sums(plan, meta):
        factors = np.where(mask & is_value, scale, 0.0)
        yield _Line(
            category=name,
            indicator=TOTAL,
            item="",
            kind="value",
            unit=spec.unit,
            factors=factors,
        )
    for indicator in spec.indicator:
        of_indicator = (meta["indicator"] == indicator.id).to_numpy()
        values_of_indicator = of_indicator & is_value
        if values_of_indicator.any():
            factors = np.where(values_of_indicator, scale, 0.0)
            yield _Line(
                category=indicator.category,
                indicator=indicator.id,
                item="",
                kind="value",
                unit=spec.unit,
                factors=factors,
            )
        for position in np.flatnonzero(of_indicator & is_shown):
            column = meta.iloc[position]
            item = f"step={column['step']}"
            if column["item"]:
                item += f";{column['item']}"
            factors = np.zeros(len(meta))
            if column["kind"] == "value":
                factors[position] = scale[position]
                unit = spec.unit
            else:
                factors[position] = 1.0
                unit = column["unit"]
            yield _Line(
                category=indicator.category,
                indicator=indicator.id,
                item=item,
                kind=column["kind"],
                unit=unit,
                factors=factors,
            )


def _sums(plan: Plan, meta: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """Yield name and columns of the headline, its categories and the other totals with a value."""
    totals = plan.standard.spec.total
    headline = totals[0].indicators
    in_headline = meta["indicator"].isin(headline).to_numpy()
    sums = {TOTAL: in_headline}
    for category in CATEGORIES:
        in_category = (meta["category"] == category).to_numpy()
        sums[category] = in_headline & in_category
    for total in totals[1:]:
        in_total = meta["indicator"].isin(total.indicators)
        sums[f"{TOTAL}:{total.id}"] = in_total.to_numpy()
    is_value = (meta["kind"] == "value").to_numpy()
    for name, mask in sums.items():
        if (mask & is_value).any():
            yield name, mask


def sums_of_parts(plan: Plan) -> frozenset[str]:
    """Name the categories and totals whose figure for a parent is the sum of its regions only.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    frozenset of str
        ``total``, ``total:<id>`` and categories of the headline that hold a value which is not
        additive or rests on a step that is not; see ``Plan.sums_of_parts``.
    """
    flagged = {}
    for name in plan.sums_of_parts:
        step = plan.step(name)
        if step.indicator is not None and step.step.kind == "value":
            flagged[step.indicator.id] = step.indicator.category
    names = set()
    headline, *others = plan.standard.spec.total
    for indicator, category in flagged.items():
        if indicator in headline.indicators:
            names |= {TOTAL, category}
        for total in others:
            if indicator in total.indicators:
                names.add(f"{TOTAL}:{total.id}")
    return frozenset(names)


def levels(
    plan: Plan,
    results: Mapping[str, np.ndarray],
    lines: AccountLines,
    parent_regions: ParentRegions,
) -> LineValues:
    """Compute the values of the lines of an account, with the rows of the parents.

    Parameters
    ----------
    plan : Plan
    results : mapping of str to ndarray
        The results of the plan's steps, without an axis of draws.
    lines : AccountLines
    parent_regions : ParentRegions
        The parents whose rows follow those of the regions.

    Returns
    -------
    LineValues
    """
    block = columns_of(plan, results, by_ecosystem=False)
    used = (lines.picks != 0).astype(float)
    valid = block.valid.astype(float) @ used > 0
    gap = block.gap.astype(float) @ used > 0
    values = line_values(plan, results, lines)
    return LineValues(
        values=roll_up(values, parent_regions),
        valid=roll_up(valid, parent_regions, "any"),
        gap=roll_up(gap, parent_regions, "any"),
    )


def line_values(plan: Plan, results: Mapping[str, np.ndarray], lines: AccountLines) -> np.ndarray:
    """Compute the values of the lines in the plan's regions.

    Columns are added one by one: a matrix product would be rounded differently for chunks of draws
    of different sizes.

    Parameters
    ----------
    plan : Plan
    results : mapping of str to ndarray
        The results of the plan's steps, with an axis of draws before their dims or without.
    lines : AccountLines

    Returns
    -------
    ndarray, (draw x) region x line
        In the unit of each line; ``na`` counts as 0.
    """
    columns = column_values(plan, results)
    line_count = lines.picks.shape[1]
    values = np.zeros((*columns.shape[:-1], line_count))
    for line, factors in enumerate(lines.picks.T):
        for column in np.flatnonzero(factors):
            part = columns[..., column]
            if factors[column] != 1:
                part = part * factors[column]
            values[..., line] += part
    return values


def indicator_named(plan: Plan, asked: str) -> str:
    """Find an indicator by its id or by its Chinese or English name.

    Parameters
    ----------
    plan : Plan
    asked : str
        What the user wrote for ``--indicator``.

    Returns
    -------
    str
        The indicator's id.

    Raises
    ------
    ProblemsFound
        ``unknown-indicator`` if no indicator, or more than one, has this name.
    """
    labels = _indicator_labels(plan.standard.spec)
    matches = indicators_called(plan.standard.spec, asked)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise ProblemsFound(
            [
                make_problem(
                    "unknown-indicator",
                    "--indicator",
                    "account.ambiguous-indicator",
                    asked=asked,
                    matches=[labels[name] for name in matches],
                )
            ]
        )
    raise unknown_indicator(plan, asked)


def region_named(plan: Plan, asked: str | int, place: Where = "--region") -> str:
    """Find a region or parent by its code or by its Chinese or English name.

    Parameters
    ----------
    plan : Plan
    asked : str or int
        What the user wrote for ``--region``.
    place : str or Place, default '--region'
        Where the user wrote it.

    Returns
    -------
    str
        The region's code.

    Raises
    ------
    ProblemsFound
        ``unknown-region`` if no region, or more than one, has this name.
    """
    asked = str(asked)
    labels = _region_labels(plan)
    matches = _matches(asked, labels)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise ProblemsFound(
            [
                make_problem(
                    "unknown-region",
                    place,
                    "account.ambiguous-region",
                    asked=asked,
                    matches=[labels[code] for code in matches],
                )
            ]
        )
    raise unknown_region(plan, asked, place)


def unknown_indicator(plan: Plan, asked: str, place: Where = "--indicator") -> ProblemsFound:
    """Make the error ``unknown-indicator``, which suggests the names that the standard has.

    Parameters
    ----------
    plan : Plan
    asked : str
        What the user wrote.
    place : str or Place, default '--indicator'
        Where it was written.

    Returns
    -------
    ProblemsFound
    """
    return ProblemsFound(
        [
            make_problem(
                "unknown-indicator",
                place,
                "account.unknown-indicator",
                standard=Label(plan.standard.id, plan.standard.spec.title),
                asked=asked,
                suggestion=suggest_label(asked, _indicator_labels(plan.standard.spec)),
            )
        ]
    )


def unknown_region(plan: Plan, asked: str, place: Where) -> ProblemsFound:
    """Make the error ``unknown-region``, which suggests the regions that the account has."""
    return ProblemsFound(
        [
            make_problem(
                "unknown-region",
                place,
                "account.unknown-region",
                asked=asked,
                suggestion=suggest_label(asked, _region_labels(plan)),
            )
        ]
    )


def indicators_called(spec: StandardSpec, asked: str) -> list[str]:
    """Find the indicators of a standard that a word means.

    Parameters
    ----------
    spec : StandardSpec
    asked : str
        An id, else a Chinese or English name.

    Returns
    -------
    list of str
        Ids; one if the word is clear.
    """
    return _matches(asked, _indicator_labels(spec))


def _indicator_labels(spec: StandardSpec) -> dict[str, Label]:
    """Return the indicators of a standard by id."""
    labels = {}
    for indicator in spec.indicator:
        labels[indicator.id] = Label(indicator.id, indicator.name)
    return labels


def _region_labels(plan: Plan) -> dict[str, Label]:
    """Return the regions of a plan and their parents by code."""
    labels = {}
    for code in (*plan.extent.regions, *parents(plan).codes):
        label = region_label(str(code), plan.regions)
        labels[label.id] = label
    return labels


def _names(label: Label) -> list[str]:
    """Return what a label may be called: its id, then its title in each language."""
    if label.title is None:
        return [label.id]
    return [label.id, *(label.title.say(language) for language in LANGUAGES)]


def _matches(asked: str, labels: Mapping[str, Label]) -> list[str]:
    """Return the ids that a word means: the id itself, else all with this name in any case."""
    if asked in labels:
        return [asked]
    word = asked.strip().casefold()
    matches = []
    for name, label in labels.items():
        titles = [title.casefold() for title in _names(label)[1:]]
        if word in titles:
            matches.append(name)
    return matches


def suggest_label(asked: str, labels: Mapping[str, Label]) -> Text:
    """Suggest what a word that names nothing may have meant.

    Parameters
    ----------
    asked : str
        The word found.
    labels : mapping of str to Label
        By id, what exists: spellings of ids and titles are compared.

    Returns
    -------
    Text
        The code with its leading zeros, else the labels with a close spelling, else the first few
        that exist.
    """
    lost = lost_zero(asked, labels)
    if lost is not None:
        return lost
    id_of_name: dict[str, str] = {}
    for name, label in labels.items():
        for spelling in _names(label):
            id_of_name.setdefault(spelling, name)
    close = dict.fromkeys(id_of_name[spelling] for spelling in close_to(asked, id_of_name))
    if close:
        return text("io.did-you-mean", names=[labels[name] for name in close])
    known = tuple(labels[name] for name in sorted(labels))
    return text("io.known-are", names=Listed(known, _NAMED))
