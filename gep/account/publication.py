"""Public editions (公开版): which results are withheld because they rest on restricted rows.

A data or coefficient row marked ``restricted`` is not published, nor is any result that was
computed from it, nor, as far as sums go, any other number from which such a result follows exactly.
The unit that is withheld is an indicator of a region. Sums that are published are never changed:
where a sum would tell a withheld figure, another indicator of the region is withheld with its own
data (secondary suppression), and only where none can be is the sum itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from gep.account.evaluation import EvaluatedPlan
from gep.account.lines import TOTAL
from gep.account.result_tables import QUANTITY
from gep.plan.binding import BoundInput
from gep.plan.planned_step import PlannedStep, StepLink
from gep.standards.standard import CATEGORIES

RESTRICTED = "restricted"  # the column of a row that is not published

Figure = tuple[str, str]  # region or parent, and indicator; or category or total
_Row = tuple[str, int]  # file and row


@dataclass(frozen=True)
class Withheld:
    """What the public edition of an account leaves out.

    Attributes
    ----------
    figures : frozenset of (str, str)
        Regions and parents with the indicators that are withheld there.
    sums : frozenset of (str, str)
        Regions and parents with the categories and totals that are withheld there.
    rows : frozenset of (str, int)
        File and row of the data and coefficients that are not listed: restricted ones, and those of
        indicators that are withheld for others' sake.
    restricted : frozenset of (str, int)
        Those of the rows that are marked ``restricted``.
    """

    figures: frozenset[Figure] = frozenset()
    sums: frozenset[Figure] = frozenset()
    rows: frozenset[_Row] = frozenset()
    restricted: frozenset[_Row] = frozenset()

    @property
    def marked(self) -> int:
        """How many rows are marked ``restricted``."""
        return len(self.restricted)


NOTHING = Withheld()


@dataclass(frozen=True)
class _Sum:
    """A published number as a sum over indicators of regions.

    Attributes
    ----------
    figure : (str, str)
        Region or parent, and indicator, category or total.
    members : frozenset of (str, str)
    order : int
        In which it is withheld: indicators of parents first, the headline last.
    """

    figure: Figure
    members: frozenset[Figure]
    order: int


def withheld(account: EvaluatedPlan) -> Withheld:
    """Find what the public edition of an account leaves out.

    Parameters
    ----------
    account : EvaluatedPlan

    Returns
    -------
    Withheld
        Nothing if no row in use is marked ``restricted``.
    """
    marked: set[_Row] = set()
    for _, bound in _bound_inputs(account):
        if RESTRICTED in bound.used:
            used = bound.used[bound.used[RESTRICTED].to_numpy(dtype=bool)]
            marked.update(zip(used["file"], map(int, used["row"]), strict=True))
    if not marked:
        return NOTHING
    sensitive = _figures_of(account, marked)
    sums = _published_sums(account)
    hidden = set(sensitive)
    helped: set[str] = set()
    hidden_rows = set(marked)
    dropped: set[Figure] = set()
    while True:
        told = _told(sensitive, hidden, sums)
        if told is None:
            break
        single = [each for each in sums if len(each.members & hidden) == 1 and each.order == 0]
        if single:
            dropped.update(each.figure for each in single)
            sums = [each for each in sums if each not in single]
            continue
        direct = [each for each in sums if _is_one_of(each.members & hidden, sensitive)]
        shown = {told}.union(*(each.members & hidden for each in direct))
        waiting = sorted(figure for figure in shown if figure[0] not in helped)
        if waiting:
            helped.add(waiting[0][0])
            other = _other_figure(account, waiting[0], hidden)
            if other is not None:
                figure, rows = other
                hidden.add(figure)
                hidden_rows |= rows
            continue
        telling = direct or [each for each in sums if _has_region(each.members & hidden, told[0])]
        least = min(telling, key=lambda each: (len(each.members & hidden), each.order))
        dropped.add(least.figure)
        sums.remove(least)
    names = set(account.sums.names)
    return Withheld(
        figures=frozenset(hidden | {figure for figure in dropped if figure[1] not in names}),
        sums=frozenset(figure for figure in dropped if figure[1] in names),
        rows=frozenset(hidden_rows),
        restricted=frozenset(marked),
    )


def joined(parts: Sequence[Withheld]) -> Withheld:
    """Return what is left out in several years together, in each of them.

    Parameters
    ----------
    parts : sequence of Withheld

    Returns
    -------
    Withheld
    """
    return Withheld(
        figures=frozenset().union(*(part.figures for part in parts)),
        sums=frozenset().union(*(part.sums for part in parts)),
        rows=frozenset().union(*(part.rows for part in parts)),
        restricted=frozenset().union(*(part.restricted for part in parts)),
    )


def without_withheld(table: pd.DataFrame, left_out: Withheld) -> pd.DataFrame:
    """Return a result table without the rows that a public edition leaves out.

    Parameters
    ----------
    table : DataFrame
        ``account.csv``, ``by_ecosystem.csv``, ``summary.csv``, ``plan.csv`` or ``uncertainty.csv``
        of one year.
    left_out : Withheld

    Returns
    -------
    DataFrame
    """
    if left_out == NOTHING:
        return table
    if "file" in table:
        rows = zip(table["file"], table["row"], strict=True)
        hidden = [row != "" and (file, int(row)) in left_out.rows for file, row in rows]
        return table[~np.array(hidden, dtype=bool)]
    names = table["category"].astype(object)
    indicators = [_indicator_of(name) for name in names]
    if "indicator" in table:
        is_sum = (table["indicator"] == TOTAL).to_numpy()
        indicators = list(table["indicator"])
        names = names.where(is_sum, "")
    hidden = []
    for region, name, indicator in zip(table["region"], names, indicators, strict=True):
        is_hidden = (region, indicator) in left_out.figures or (region, name) in left_out.sums
        hidden.append(is_hidden)
    return table[~np.array(hidden, dtype=bool)]


def _indicator_of(name: str) -> str:
    """Return the indicator of a quantity in the column of categories; blank for other names."""
    kind, _, step = name.partition(":")
    return step.partition(".")[0] if kind == QUANTITY else ""


# --- what rests on which rows --------------------------------------------------------------------


def _bound_inputs(account: EvaluatedPlan) -> Iterator[tuple[PlannedStep, BoundInput]]:
    """Yield the inputs that rows of data and coefficients supply."""
    for step in account.plan.steps:
        for bound in step.inputs.values():
            if isinstance(bound, BoundInput) and len(bound.frame) and "area" not in bound.frame:
                yield step, bound


def _indicator(step: PlannedStep) -> str:
    """Return the indicator of a step; an auxiliary step is its own."""
    return step.name.partition(".")[0]


def _figures_of(account: EvaluatedPlan, rows: set[_Row]) -> set[Figure]:
    """Return the indicators of regions that were computed from some rows, directly or not."""
    regions = [str(code) for code in account.plan.extent.regions]
    touched: dict[str, np.ndarray] = {}
    figures: set[Figure] = set()
    for step in account.plan.steps:
        is_touched = np.zeros(len(regions), dtype=bool)
        for bound in step.inputs.values():
            if isinstance(bound, StepLink):
                is_touched |= touched[bound.source]
            elif isinstance(bound, BoundInput) and len(bound.frame) and "area" not in bound.frame:
                frame = bound.frame
                keys = zip(frame["file"], map(int, frame["row"]), strict=True)
                is_among = np.array([*(key in rows for key in keys), False])  # -1: no row
                is_touched |= _by_region(bound, is_among[bound.rows], len(regions))
        touched[step.name] = is_touched
        for position in np.flatnonzero(is_touched):
            figures.add((regions[position], _indicator(step)))
    return figures


def _by_region(bound: BoundInput, cells: np.ndarray, count: int) -> np.ndarray:
    """Return for each region whether a cell of an input is true there."""
    if "region" not in bound.dims:
        return np.full(count, bool(cells.any()))
    axis = bound.dims.index("region")
    others = tuple(each for each in range(cells.ndim) if each != axis)
    return np.asarray(np.broadcast_to(cells.any(axis=others), count))


# --- sums ----------------------------------------------------------------------------------------


def _published_sums(account: EvaluatedPlan) -> list[_Sum]:
    """Return the sums that are published over indicators, and over the regions of parents."""
    columns = account.block.columns
    names = [str(name) for name in dict.fromkeys(columns["indicator"]) if name]
    spec = account.plan.standard.spec
    headline = spec.total[0].indicators if spec.total else ()
    category_of = dict(zip(columns["indicator"], columns["category"], strict=True))
    groups: dict[str, tuple[set[str], int]] = {}
    for name in account.sums.names:
        if name in CATEGORIES:
            members = {each for each in headline if category_of.get(each) == name}
            groups[name] = (members, 1)
        elif name == TOTAL:
            groups[name] = (set(headline), 3)
    for total in spec.total:
        name = f"{TOTAL}:{total.id}"
        if name in account.sums.names:
            groups[name] = (set(total.indicators), 2)
    regions = [str(code) for code in account.plan.extent.regions]
    places = {code: [code] for code in regions}
    for code, positions in zip(account.parents.codes, account.parents.members, strict=True):
        places[code] = [regions[position] for position in positions]
        for name in names:
            groups.setdefault(f"\0{name}", ({name}, 0))
    sums = []
    for code, below in places.items():
        for name, (indicators, order) in groups.items():
            if order == 0 and code in regions:
                continue
            summed = frozenset(product(below, indicators))
            sums.append(_Sum((code, name.lstrip("\0")), summed, order))
    return sums


def _is_one_of(figures: frozenset[Figure], sensitive: set[Figure]) -> bool:
    """Return whether there is one figure, and that is sensitive."""
    return len(figures) == 1 and figures <= sensitive


def _has_region(figures: frozenset[Figure], region: str) -> bool:
    """Return whether one of the figures is of a region."""
    return any(place == region for place, _ in figures)


def _told(sensitive: set[Figure], hidden: set[Figure], sums: list[_Sum]) -> Figure | None:
    """Return a sensitive figure that follows exactly from the published sums; None if none does.

    Every figure that is not hidden is known, so a sum tells the sum of its hidden members.
    """
    unknown = sorted(hidden)
    position = {figure: number for number, figure in enumerate(unknown)}
    rows = {each.members & hidden for each in sums}
    told = [row for row in rows if row]
    matrix = np.zeros((len(told), len(unknown)))
    for line, row in enumerate(told):
        for figure in row:
            matrix[line, position[figure]] = 1.0
    rank = np.linalg.matrix_rank(matrix) if told else 0
    for figure in sorted(sensitive):
        unit = np.zeros((1, len(unknown)))
        unit[0, position[figure]] = 1.0
        if told and np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank:
            return figure
    return None


def _other_figure(
    account: EvaluatedPlan, told: Figure, hidden: set[Figure]
) -> tuple[Figure, set[_Row]] | None:
    """Choose another indicator of the region to be withheld: the smallest of the same category.

    It must rest on data of its own, which are then not listed either: else anybody could compute
    it again.
    """
    region, indicator = told
    columns = account.block.columns
    row = account.region_row(region)
    users = _users_of_rows(account)
    of_indicator = dict(zip(columns["indicator"], columns["category"], strict=True))
    spec = account.plan.standard.spec
    headline = set(spec.total[0].indicators) if spec.total else set()
    best: tuple[tuple[bool, float], Figure, set[_Row]] | None = None
    values = account.block.values[row]
    is_value = (columns["kind"] == "value").to_numpy() & account.block.valid[row]
    for name, category in of_indicator.items():
        figure = (region, str(name))
        if figure in hidden or name not in headline:
            continue
        is_of_name = (columns["indicator"] == name).to_numpy()
        value = float(values[is_of_name & is_value].sum())
        own_rows = set()
        for key, figures in users.items():
            if figures == {figure}:
                own_rows.add(key)
        if value <= 0 or not own_rows:
            continue
        rank = (category != of_indicator.get(indicator), value)
        if best is None or rank < best[0]:
            best = (rank, figure, own_rows)
    return None if best is None else best[1:]


def _users_of_rows(account: EvaluatedPlan) -> Mapping[_Row, set[Figure]]:
    """Return for each row of data the indicators of regions that take it."""
    regions = [str(code) for code in account.plan.extent.regions]
    users: dict[_Row, set[Figure]] = {}
    for step, bound in _bound_inputs(account):
        frame = bound.frame
        is_data = (frame["set"] == "").to_numpy()
        if "region" not in bound.dims:
            places = dict.fromkeys(np.unique(bound.rows[bound.rows >= 0]).tolist(), regions)
        else:
            axis = bound.dims.index("region")
            cells = np.moveaxis(bound.rows, axis, 0)
            places = {}
            for region, of_region in zip(regions, cells, strict=False):
                for position in np.unique(of_region[of_region >= 0]).tolist():
                    places.setdefault(position, []).append(region)
        for position, codes in places.items():
            if is_data[position]:
                key = (frame["file"].iloc[position], int(frame["row"].iloc[position]))
                taken = users.setdefault(key, set())
                taken.update((code, _indicator(step)) for code in codes)
    return users
