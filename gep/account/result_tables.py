"""Result tables (核算结果): the columns of the three CSVs of an account, which are firm.

These are ``account.csv``, ``by_ecosystem.csv`` and ``summary.csv``.

All three are cut from one matrix, regions (then parents) x columns, where a column is a step and
item; see ``gep.account.columns``. Writing them is left to ``gep.workflows``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gep.account.columns import NOT_COMPILED, ParentRegions, ResultColumns, columns_of
from gep.account.lines import TOTAL, sums_of_parts
from gep.plan.plan import Plan
from gep.standards.standard import CATEGORIES

ACCOUNT_COLUMNS = [
    "year",
    "region",
    "level",
    "category",
    "indicator",
    "step",
    "item",
    "kind",
    "value",
    "unit",
]
ECOSYSTEM_COLUMNS = [*ACCOUNT_COLUMNS, "ecosystem"]
SUMMARY_COLUMNS = [
    "year",
    "region",
    "level",
    "category",
    "value",
    "unit",
    "per_km2",
    "per_capita",
    "share",
]
QUANTITY = "quantity"  # the kind of such a step, and how a quantity in summary.csv begins
_CELLS_AT_ONCE = 100_000  # of a table that is made in pieces


def long_table(
    plan: Plan,
    block: ResultColumns,
    parent_regions: ParentRegions,
    names: Sequence[str],
    rows: slice = slice(None),
    *,
    for_file: bool = False,
) -> pd.DataFrame:
    """Turn a block of results into a long table: a row for each region and column that exists.

    Parameters
    ----------
    plan : Plan
    block : ResultColumns
        The results of the plan's regions, followed by those of their parents or not.
    parent_regions : ParentRegions
        The parents of the plan's regions.
    names : sequence of str
        The columns of the table, in order: year, region, level, value, or any of the block's.
    rows : slice, optional
        The rows of the block to take; by default all.
    for_file : bool, default False
        Whether columns of texts are categories, which take less memory and are written faster.

    Returns
    -------
    DataFrame
        ``value`` holds numbers in the unit of the row, ``na`` or ``not_compiled``.
    """
    codes, levels = _codes_and_levels(plan, parent_regions)
    block = block.select(rows)
    row, column = np.nonzero(block.present)
    cells = block.cells()
    take = _take_categories if for_file else np.take
    frame = {
        "year": plan.year,
        "region": take(codes[rows], row),
        "level": take(levels[rows], row),
        "value": cells[row, column],
    }
    for name in names:
        if name not in frame:
            frame[name] = take(block.columns[name].to_numpy(), column)
    return pd.DataFrame({name: frame[name] for name in names}, copy=False)


def _take_categories(words: np.ndarray, positions: np.ndarray) -> pd.Categorical:
    """Return the words at some positions as categories."""
    codes, categories = pd.factorize(words)
    return pd.Categorical.from_codes(codes[positions], categories)


def _codes_and_levels(plan: Plan, parent_regions: ParentRegions) -> tuple[np.ndarray, np.ndarray]:
    """Return the codes of the plan's regions, then of the parents, and ``region`` or ``parent``."""
    codes = [*plan.extent.regions, *parent_regions.codes]
    levels = ["region"] * len(plan.extent.regions)
    levels += ["parent"] * len(parent_regions.codes)
    return np.array(codes, dtype=object), np.array(levels, dtype=object)


def account_pieces(
    plan: Plan, block: ResultColumns, parent_regions: ParentRegions
) -> Iterator[pd.DataFrame]:
    """Yield the rows of ``account.csv``, a number of regions at a time.

    Parameters
    ----------
    plan : Plan
    block : ResultColumns
        The results of the plan's regions and of their parents.
    parent_regions : ParentRegions
        The parents of the plan's regions.

    Yields
    ------
    DataFrame
        Rows with the columns ``ACCOUNT_COLUMNS``; those of texts are categories.
    """
    return _pieces(plan, block, parent_regions, ACCOUNT_COLUMNS)


def ecosystem_pieces(plan: Plan, results: Mapping[str, np.ndarray]) -> Iterator[pd.DataFrame]:
    """Yield the rows of ``by_ecosystem.csv``, a number of regions at a time.

    Parameters
    ----------
    plan : Plan
    results : mapping of str to ndarray
        The results of ``gep.account.evaluation.evaluate``.

    Yields
    ------
    DataFrame
        Rows with the columns ``ECOSYSTEM_COLUMNS``; those of texts are categories.
    """
    block = columns_of(plan, results, by_ecosystem=True)
    return _pieces(plan, block, ParentRegions((), ()), ECOSYSTEM_COLUMNS)


def _pieces(
    plan: Plan, block: ResultColumns, parent_regions: ParentRegions, names: Sequence[str]
) -> Iterator[pd.DataFrame]:
    """Yield a long table in pieces: the whole does not fit in memory when regions are many."""
    region_count, column_count = block.values.shape
    size = _CELLS_AT_ONCE // max(1, column_count)
    size = max(1, size)
    for start in range(0, region_count, size):
        rows = slice(start, start + size)
        yield long_table(
            plan,
            block,
            parent_regions,
            names,
            rows,
            for_file=True,
        )


@dataclass(frozen=True)
class Summary:
    """Sums of value by category and total, for regions and their parents.

    Attributes
    ----------
    codes : ndarray of str, region
        Codes of the regions, then of the parents.
    level : ndarray of str, region
        ``region`` or ``parent``.
    names : tuple of str
        Categories, ``total`` for the headline, ``total:<id>`` for the standard's other totals.
    values : ndarray of float, region x name
        Sums in the standard's unit.
    valid : ndarray of bool, region x name
        Whether something in the sum is not ``na``.
    gap : ndarray of bool, region x name
        Whether something that the sum needs is not compiled.
    land : ndarray of float, region
        Land area in km2; NaN if not known.
    population : ndarray of float, region
        Persons; NaN if not known.
    sums_of_parts : frozenset of str
        The names whose figure for a parent is the sum of its regions only, for something in it is
        not additive.
    has_values : bool
        Whether anything is valued; a standard may give physical quantities only.
    """

    codes: np.ndarray
    level: np.ndarray
    names: tuple[str, ...]
    values: np.ndarray
    valid: np.ndarray
    gap: np.ndarray
    land: np.ndarray
    population: np.ndarray
    sums_of_parts: frozenset[str] = frozenset()
    has_values: bool = True


def summary_of(plan: Plan, block: ResultColumns, parent_regions: ParentRegions) -> Summary:
    """Sum values by category of the headline, over the headline, and by the other totals.

    Parameters
    ----------
    plan : Plan
    block : ResultColumns
        The results of the plan's regions and of their parents.
    parent_regions : ParentRegions
        The parents of the plan's regions.

    Returns
    -------
    Summary
        ``na`` is skipped in sums; a sum of nothing but ``na`` is ``na``.
    """
    masks = _summed_columns(plan, block.columns)
    picks = np.array(list(masks.values())).T.astype(float)
    scale = np.nan_to_num(block.columns["scale"].to_numpy())
    scaled = np.where(block.valid, block.values, 0.0) * scale
    valid_terms = block.valid.astype(float) @ picks
    gap_terms = block.gap.astype(float) @ picks
    codes, levels = _codes_and_levels(plan, parent_regions)
    population = _population(plan)
    return Summary(
        codes=codes,
        level=levels,
        names=tuple(masks),
        values=scaled @ picks,
        valid=valid_terms > 0,
        gap=gap_terms > 0,
        land=_with_parent_figures(plan, parent_regions, plan.land_area, "area"),
        population=_with_parent_figures(plan, parent_regions, population, "population"),
        sums_of_parts=sums_of_parts(plan),
        has_values=bool(picks.any()),
    )


def _summed_columns(plan: Plan, columns: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return, for each category of the headline and each total, the columns in its sum."""
    totals = plan.standard.spec.total
    headline = totals[0].indicators
    is_value = (columns["kind"] == "value").to_numpy()
    in_headline = columns["indicator"].isin(headline).to_numpy()
    masks: dict[str, np.ndarray] = {}
    for category in CATEGORIES:
        in_category = (columns["category"] == category).to_numpy()
        mask = is_value & in_category & in_headline
        if mask.any():
            masks[category] = mask
    masks[TOTAL] = is_value & in_headline
    for total in totals[1:]:
        in_total = columns["indicator"].isin(total.indicators).to_numpy()
        masks[f"{TOTAL}:{total.id}"] = is_value & in_total
    return masks


def _population(plan: Plan) -> np.ndarray:
    """Return the persons of each region, NaN if not known."""
    codes = plan.extent.regions
    if plan.regions is None:
        return np.full(len(codes), np.nan)
    population = plan.regions.frame["population"]
    return np.asarray(population.reindex(codes), dtype=float)


def _with_parent_figures(
    plan: Plan, parent_regions: ParentRegions, figures: np.ndarray, column: str
) -> np.ndarray:
    """Append the parents to a figure of the regions.

    A parent has the figure that the regions table gives, else the sum of its regions; NaN if the
    table gives none and a region's figure is not known.
    """
    if plan.regions is None or not parent_regions.codes:
        return figures
    codes = list(parent_regions.codes)
    printed = plan.regions.frame[column].reindex(codes)
    of_parents = printed.to_numpy(dtype=float, copy=True)
    for position, members in enumerate(parent_regions.members):
        if not np.isfinite(of_parents[position]):
            of_parents[position] = figures[members].sum()
    return np.concatenate([figures, of_parents])


def quantity_summary(block: ResultColumns, summary: Summary) -> tuple[Summary, list[str]]:
    """Sum up an account that values nothing: its quantities stand in the place of categories.

    Parameters
    ----------
    block : ResultColumns
        The results of the plan's regions and of their parents.
    summary : Summary
        Gives the regions, land areas and persons.

    Returns
    -------
    (Summary, list of str)
        ``names`` are as in ``quantity:soil_retention.retained`` or, for a member,
        ``quantity:air_purification.purified;substance=SO2``; then the unit of each.
    """
    columns = block.columns
    is_quantity = (columns["kind"] == "quantity").to_numpy()
    names = []
    for column in columns[is_quantity].itertuples():
        step = f"{column.indicator}.{column.step}" if column.indicator else column.step
        names.append(f"{QUANTITY}:{step};{column.item}".removesuffix(";"))
    quantities = replace(
        summary,
        names=tuple(names),
        values=np.where(block.valid, block.values, 0.0)[:, is_quantity],
        valid=block.valid[:, is_quantity],
        gap=block.gap[:, is_quantity],
    )
    return quantities, list(columns.loc[is_quantity, "unit"])


def summary_table(plan: Plan, summary: Summary, block: ResultColumns) -> pd.DataFrame:
    """Write a summary as the rows of ``summary.csv``.

    Parameters
    ----------
    plan : Plan
    summary : Summary
    block : ResultColumns
        The results of the plan's regions and of their parents: an account that values nothing has a
        row for each quantity.

    Returns
    -------
    DataFrame
        Columns ``SUMMARY_COLUMNS``. ``per_km2`` and ``per_capita`` are in the standard's unit per
        km2 and per person, blank where land area or population is not known; ``share`` is a
        fraction of the headline, blank for quantities.
    """
    units = [plan.standard.spec.unit] * len(summary.names)
    if not summary.has_values:
        summary, units = quantity_summary(block, summary)
    values = summary.values
    valid = summary.valid
    gap = summary.gap
    headline = np.full(len(values), np.nan)
    headline_gap = np.zeros(len(values), dtype=bool)
    if TOTAL in summary.names:
        headline = values[:, summary.names.index(TOTAL)]
        headline_gap = gap[:, summary.names.index(TOTAL)]
    land = summary.land[:, None]
    population = summary.population[:, None]
    share_gap = gap | headline_gap[:, None]
    with np.errstate(all="ignore"):
        per_km2 = values / land
        per_capita = values / population
        share = values / headline[:, None]
    names = np.array(summary.names, dtype=object)
    frame = pd.DataFrame(
        {
            "year": plan.year,
            "region": np.repeat(summary.codes, len(names)),
            "level": np.repeat(summary.level, len(names)),
            "category": np.tile(names, len(summary.codes)),
            "value": _cells(values, valid, gap).ravel(),
            "unit": np.tile(np.array(units, dtype=object), len(summary.codes)),
        }
    )
    frame["per_km2"] = _cells(per_km2, valid, gap, blank=True).ravel()
    frame["per_capita"] = _cells(per_capita, valid, gap, blank=True).ravel()
    frame["share"] = _cells(share, valid, share_gap, blank=True).ravel()
    return frame[SUMMARY_COLUMNS]


def blanked(values: np.ndarray, whole: bool = False) -> np.ndarray:
    """Turn numbers into cells, blank where they are NaN.

    Parameters
    ----------
    values : ndarray of float
        Numbers of any shape.
    whole : bool, default False
        Whether the numbers are whole and to be written as integers.

    Returns
    -------
    ndarray of object
        The numbers, ``''`` in the place of NaN.
    """
    numbers = np.nan_to_num(values).astype(int) if whole else values
    cells = numbers.astype(object)
    cells[np.isnan(values)] = ""
    return cells


def _cells(
    values: np.ndarray, valid: np.ndarray, gap: np.ndarray, *, blank: bool = False
) -> np.ndarray:
    """Turn sums into cells: blank where not finite, ``na``, ``not_compiled``; with ``blank`` ''."""
    finite = np.isfinite(values)
    if valid.all() and not gap.any() and finite.all():
        return values
    cells = values.astype(object)
    cells[~finite] = ""
    cells[~valid] = "" if blank else "na"
    cells[gap] = "" if blank else NOT_COMPILED
    return cells
