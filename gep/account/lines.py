"""The lines of a comparison (对比科目): each total, category and indicator with its value, each quantity with its unit.

Every line is a sum of columns of an account's block, so that levels, changes, effects and draws
are all made of the same matrix: regions x columns times columns x lines.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.account.columns import ParentRegions, column_values, columns_of, parents, roll_up
from gep.errors import ProblemsFound, make_problem
from gep.io.tables import suggestion
from gep.plan.plan import Plan
from gep.standards.standard import CATEGORIES

LINE_COLUMNS = ["category", "indicator", "item", "kind", "unit"]
TOTAL = "total"  # the indicator of a category's or total's line


@dataclass(frozen=True)
class AccountLines:
    """``frame`` has the columns ``LINE_COLUMNS``, a row a line; ``picks`` (columns x lines) says what each sums."""

    frame: pd.DataFrame
    picks: np.ndarray


@dataclass(frozen=True)
class LineValues:
    """The lines of one account, regions and parents x lines; na is nothing in a sum, a gap makes a sum unknown."""

    values: np.ndarray
    valid: np.ndarray  # something is not na
    gap: np.ndarray  # something that is needed was not compiled

    @property
    def known(self) -> np.ndarray:
        """Where there is a number."""
        return np.asarray(self.valid & ~self.gap)


def lines_of(plan: Plan, meta: pd.DataFrame, every: bool = False) -> AccountLines:
    """The lines of a plan whose columns are ``meta`` (of a block without ecosystems).

    An item that is all of its indicator's value is left out, but for ``every``.
    """
    rows, picks = [], []
    for row, pick in _lines(plan, meta):
        rows.append(row)
        picks.append(pick)
    frame = pd.DataFrame(rows, columns=LINE_COLUMNS)
    kept = np.ones(len(frame), dtype=bool) if every else ~single_item_lines(frame)
    return AccountLines(frame[kept].reset_index(drop=True), np.array(picks, dtype=float).T[:, kept])


def single_item_lines(frame: pd.DataFrame) -> np.ndarray:
    """The value items that are all of their indicator's value."""
    items = (frame["kind"] == "value") & (frame["item"] != "")
    return np.asarray(
        items & (items.groupby([frame["category"], frame["indicator"]]).transform("sum") == 1)
    )


def reindex_lines(frame: pd.DataFrame, own: pd.DataFrame, matrix: np.ndarray) -> np.ndarray:
    """A matrix of (regions x) the lines ``own`` brought to the lines ``frame``; 0 where a line is not among its own."""
    keys = LINE_COLUMNS[:-1]
    place = pd.MultiIndex.from_frame(frame[keys]).get_indexer(pd.MultiIndex.from_frame(own[keys]))
    wide = np.zeros((len(matrix), len(frame)))
    wide[:, place[place >= 0]] = matrix[:, place >= 0]
    return wide


def _lines(plan: Plan, meta: pd.DataFrame) -> Iterator[tuple[tuple[str, ...], np.ndarray]]:
    text = plan.standard.spec
    scale = meta["scale"].fillna(0.0).to_numpy()
    value = (meta["kind"] == "value").to_numpy()
    for name, mask in _sums(plan, meta):
        yield (name, TOTAL, "", "value", text.unit), np.where(mask & value, scale, 0.0)
    for one in text.indicator:
        mine = (meta["indicator"] == one.id).to_numpy()
        if (mine & value).any():
            yield (one.category, one.id, "", "value", text.unit), np.where(mine & value, scale, 0.0)
        for spot in np.flatnonzero(mine & (meta["kind"] != "auxiliary").to_numpy()):
            column = meta.iloc[spot]
            item = ";".join(filter(None, [f"step={column['step']}", column["item"]]))
            unit = text.unit if column["kind"] == "value" else column["unit"]
            pick = np.zeros(len(meta))
            pick[spot] = scale[spot] if column["kind"] == "value" else 1.0
            yield (one.category, one.id, item, column["kind"], unit), pick


def _sums(plan: Plan, meta: pd.DataFrame) -> Iterator[tuple[str, np.ndarray]]:
    """The headline, its categories, the other totals: those that have a value."""
    text = plan.standard.spec
    headline = meta["indicator"].isin(text.total[0].indicators).to_numpy()
    value = (meta["kind"] == "value").to_numpy()
    found = [(TOTAL, headline)]
    found += [(one, headline & (meta["category"] == one).to_numpy()) for one in CATEGORIES]
    found += [
        (f"{TOTAL}:{one.id}", meta["indicator"].isin(one.indicators).to_numpy())
        for one in text.total[1:]
    ]
    yield from ((name, mask) for name, mask in found if (mask & value).any())


def levels(
    plan: Plan, results: Mapping[str, np.ndarray], lines: AccountLines, above: ParentRegions
) -> LineValues:
    """The lines of an account with its parents."""
    block = columns_of(plan, results, by_ecosystem=False)
    used = (lines.picks != 0).astype(float)
    valid, gap = block.valid.astype(float) @ used > 0, block.gap.astype(float) @ used > 0
    values = line_values(plan, results, lines)
    return LineValues(
        roll_up(values, above), roll_up(valid, above, "any"), roll_up(gap, above, "any")
    )


def line_values(plan: Plan, results: Mapping[str, np.ndarray], lines: AccountLines) -> np.ndarray:
    """The lines' values of the regions, (draws x) regions x lines.

    Columns are added one by one: a matrix product would round otherwise for other sizes of a chunk of draws.
    """
    columns = column_values(plan, results)
    found = np.zeros((*columns.shape[:-1], lines.picks.shape[1]))
    for line, weights in enumerate(lines.picks.T):
        for column in np.flatnonzero(weights):
            part = columns[..., column]
            found[..., line] += part if weights[column] == 1 else part * weights[column]
    return found


def indicator_named(plan: Plan, asked: str) -> str:
    """The id of an indicator that is asked for by id or by its Chinese or English name."""
    names = {one.id: (one.name.zh, one.name.en) for one in plan.standard.spec.indicator}
    return _resolved(asked, names, "indicator")


def region_named(plan: Plan, asked: str) -> str:
    """The code of a region or parent that is asked for by code or by name."""
    names: dict[str, tuple[str, ...]] = {
        str(code): () for code in (*plan.extent.regions, *parents(plan).codes)
    }
    if plan.regions is not None:
        names = {
            code: tuple(plan.regions.name(code, language) for language in ("zh", "en"))
            for code in names
        }
    return _resolved(asked, names, "region")


def _resolved(asked: str, names: Mapping[str, tuple[str, ...]], kind: str) -> str:
    """The id that a word means; where it means none or several, those that exist are listed with their names."""
    word = asked.strip().casefold()
    found = [one for one, called in names.items() if word in (name.casefold() for name in called)]
    if asked in names or len(found) == 1:
        return asked if asked in names else found[0]
    titles = [f"{one} {names[one][0]}" if names[one] else one for one in found or names]
    if found:
        what, fix = f"{asked!r} is the name of {len(found)}", f"write the id: {', '.join(titles)}"
    elif kind == "indicator":
        what, fix = f"there is no indicator {asked!r}", f"known are: {', '.join(titles)}"
    else:
        what, fix = f"the account has no region {asked!r}", str(suggestion(asked, titles))
    code = "unknown-indicator" if kind == "indicator" else "unknown-region"
    raise ProblemsFound([make_problem(code, f"--{kind}", what, fix)])
