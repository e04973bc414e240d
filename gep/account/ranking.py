"""Competition ranking (排名): equal numbers share the better rank, and the next rank is skipped.

Owns the one rule of ranking that comparisons, assessments, draws and collections use: 1, 2, 2, 4.
What is ranked, and among whom, is left to them.
"""

import numpy as np
import pandas as pd


def competition_ranks(
    values: np.ndarray,
    groups: np.ndarray | None = None,
    *,
    axis: int = -1,
    descending: bool = True,
) -> np.ndarray:
    """Rank numbers along an axis, each among the numbers of its group.

    A rank is one more than how many numbers of the group are better. Numbers are compared exactly.

    Parameters
    ----------
    values : ndarray of float, any dims
        Numbers to be ranked; NaN where there is none.
    groups : ndarray, shape (values.shape[axis],), optional
        The group of each position along ``axis``, of any type that pandas can factorize. By default
        all positions are one group. What has no group (NaN, None) has no rank.
    axis : int, default -1
        The axis along which numbers are ranked. Other axes (lines, draws) are ranked one by one.
    descending : bool, default True
        Whether the largest number is the best.

    Returns
    -------
    ndarray of float, shape of ``values``
        Ranks from 1; NaN where ``values`` are NaN.

    Examples
    --------
    >>> competition_ranks(np.array([5.0, 9.0, 7.0, 7.0, 1.0, np.nan]))
    array([ 4.,  1.,  2.,  2.,  5., nan])
    >>> competition_ranks(np.array([5.0, 9.0, 7.0, 7.0]), np.array(["a", "a", "b", "b"]))
    array([2., 1., 1., 1.])
    """
    numbers = np.moveaxis(values, axis, -1)
    is_missing = np.isnan(numbers)
    costs = -numbers if descending else numbers.copy()
    costs[is_missing] = np.inf
    ranks = np.full(numbers.shape, np.nan)
    count = numbers.shape[-1]
    for members in _members_of_groups(groups, count):
        group_costs = costs[..., members]
        ranks[..., members] = _ranks_of_costs(group_costs)
    ranks[is_missing] = np.nan
    return np.moveaxis(ranks, -1, axis)


def alone_in_group(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return which numbers have no other in their group: their rank compares them with nothing.

    Parameters
    ----------
    values : ndarray of float, 1-dimensional
        NaN where there is none.
    groups : ndarray, shape of ``values``
        The group of each position.

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> alone_in_group(np.array([5.0, 9.0, 7.0, np.nan]), np.array(["a", "a", "b", "b"]))
    array([False, False,  True, False])
    """
    has_number = ~np.isnan(values)
    alone = np.zeros(len(values), dtype=bool)
    for name in dict.fromkeys(groups.tolist()):
        members = np.flatnonzero((groups == name) & has_number)
        if len(members) == 1:
            alone[members] = True
    return alone


def integer_ranks(values: np.ndarray, *, axis: int = -1, descending: bool = True) -> np.ndarray:
    """Rank numbers along an axis, none of which is missing.

    Parameters
    ----------
    values : ndarray of float, any dims
        Numbers to be ranked, without NaN.
    axis : int, default -1
        The axis along which numbers are ranked.
    descending : bool, default True
        Whether the largest number is the best.

    Returns
    -------
    ndarray of int, shape of ``values``
        Ranks from 1, as ``competition_ranks`` gives them, contiguous in memory along ``axis``.

    Examples
    --------
    >>> integer_ranks(np.array([[3.0, 1.0], [3.0, 2.0], [5.0, 0.0]]), axis=0)
    array([[2, 2],
           [2, 1],
           [1, 3]])
    """
    numbers = np.moveaxis(values, axis, -1)
    costs = -numbers if descending else numbers
    contiguous = np.ascontiguousarray(costs)
    ranks = _ranks_of_costs(contiguous)
    return np.moveaxis(ranks, -1, axis)


def _members_of_groups(groups: np.ndarray | None, count: int) -> list[np.ndarray]:
    """Return the positions of the members of each group; all positions without groups."""
    if groups is None:
        return [np.arange(count)]
    codes, names = pd.factorize(groups)  # code -1: no group
    has_group = codes >= 0
    sizes = np.bincount(
        codes[has_group],
        minlength=len(names),
    )
    without_group = count - sizes.sum()
    by_group = np.argsort(codes, kind="stable")[without_group:]
    ends = np.cumsum(sizes)
    return np.split(by_group, ends[:-1])


def _ranks_of_costs(costs: np.ndarray) -> np.ndarray:
    """Rank along the last axis, the smallest first; there is no NaN."""
    count = costs.shape[-1]
    order = np.argsort(costs, axis=-1, kind="stable")
    ordered = np.take_along_axis(costs, order, axis=-1)
    following = ordered[..., 1:]
    previous = ordered[..., :-1]
    is_first = np.ones(ordered.shape, dtype=bool)  # the first of numbers that are equal
    is_first[..., 1:] = following > previous
    places = np.arange(1, count + 1)
    first_places = np.where(is_first, places, 0)
    ordered_ranks = np.maximum.accumulate(first_places, axis=-1)
    ranks = np.empty_like(ordered_ranks)
    np.put_along_axis(ranks, order, ordered_ranks, axis=-1)
    return ranks
