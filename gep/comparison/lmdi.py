"""The logarithmic mean Divisia index (LMDI-I) of a product between two states, cell by cell.

This module owns the algebra alone: arrays in, arrays out. References: Ang 2005, Energy Policy
33:867-871 (the two formulas); Ang & Liu 2001, Energy 26:537-548 (consistency in aggregation); Wood
& Lenzen 2006, Energy Policy 34:1326-1331, and Ang & Liu 2007, Energy Policy 35:238-246 (zeros by
analytical limits, not by a small number).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

_DEGREES = range(-2, 3)  # powers that are tried
_SCALES = (2.0, 3.0)  # by which an argument is multiplied to find its power
_TOLERANCE = 1e-9  # of the ratio of two results, for homogeneity


class _States(NamedTuple):
    """The factors of both states, factor x cells, and the powers shaped to meet them."""

    before: np.ndarray
    after: np.ndarray
    powers: np.ndarray

    def undefined(self) -> np.ndarray:
        """Return the cells where a factor changes sign or a divisor is 0."""
        changes_sign = np.sign(self.before) * np.sign(self.after) < 0
        changes_sign &= self.powers != 0
        divides_by_zero = (self.before == 0) | (self.after == 0)
        divides_by_zero &= self.powers < 0
        is_undefined = changes_sign | divides_by_zero
        return np.asarray(is_undefined.any(axis=0))


def log_mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the logarithmic mean L(a, b) = (a - b) / (ln a - ln b) of numbers.

    With t = |ln a - ln b| it is max(a, b) (1 - exp(-t)) / t, which loses no digits however near a
    is to b.

    Parameters
    ----------
    a, b : ndarray of float
        Numbers in one unit, of shapes that broadcast.

    Returns
    -------
    ndarray of float
        L(a, b) in the same unit; a where b = a, 0 where a or b is 0, NaN where a or b is negative
        or NaN.

    Notes
    -----
    The weight function of Ang 2005.
    """
    a = np.asarray(a, dtype=float)
    b = np.asarray(b, dtype=float)
    a, b = np.broadcast_arrays(a, b)
    is_missing = np.isnan(a) | np.isnan(b)
    is_negative = (a < 0) | (b < 0)
    is_positive = (a > 0) & (b > 0)
    positive_a = np.where(is_positive, a, 1.0)
    positive_b = np.where(is_positive, b, 1.0)
    log_ratio = _log_ratio(positive_a, positive_b)
    mean = _mean(np.maximum(a, b), log_ratio)
    mean = np.where(is_positive, mean, 0.0)
    return np.where(is_missing | is_negative, np.nan, mean)


def additive(
    factors0: Sequence[np.ndarray], factors1: Sequence[np.ndarray], powers: Sequence[int]
) -> np.ndarray:
    """Return the effects of the factors of V = prod x_k**p_k on its change from state 0 to 1.

    effect_k = L(V1, V0) p_k ln(x_k1 / x_k0). The effects of a cell sum to V1 - V0, within 1e-12 of
    the larger level. Cells may be summed afterwards, for LMDI-I is consistent in aggregation.

    Parameters
    ----------
    factors0, factors1 : sequence of ndarray
        The factors of both states, of shapes that broadcast. Factors of a constant negative sign
        count by their magnitudes, and the effects take the sign of V.
    powers : sequence of int
        The power of each factor; a negative one makes it a divisor.

    Returns
    -------
    ndarray of float
        Factor x cells, in the unit of V. NaN where a factor is NaN and where ``sign_changes`` finds
        that LMDI is not defined.

    Notes
    -----
    Ang 2005, the additive formula of LMDI-I.

    Zeros. Put delta for every zero and let delta go to 0. Let Z be the factors that are 0 in state
    0, all with p > 0, P the sum of their powers, and V1 != 0. Then V0 = c delta**P, and with
    u = -ln(delta) -> infinity

    - L(V1, V0) = (V1 - c delta**P) / (ln V1 - ln c + P u) -> V1 / (P u);
    - p_k ln(x_k1 / delta) = p_k (u + ln x_k1) for k in Z, so effect_k -> V1 p_k / P: the change
      belongs to the factors that come from zero, in proportion to their powers;
    - p_k ln(x_k1 / x_k0) is finite for all others: their effect -> 0.

    From V0 to V1 = 0 likewise, with -V0 in place of V1. If V0 = V1 = 0, L -> 0 faster than any
    logarithm grows: all effects are 0. Single zeros are the cases of Ang & Liu (2007).
    """
    states = _stack(factors0, factors1, powers)
    x0, x1, power = states
    # a change of sign has no logarithm, 0**-1 no value: these cells are NaN below
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        v0 = np.prod(x0**power, axis=0)
        v1 = np.prod(x1**power, axis=0)
        is_zero = (x0 == 0) | (x1 == 0)
        size0 = np.where(is_zero, 1.0, np.abs(x0))
        size1 = np.where(is_zero, 1.0, np.abs(x1))
        logs = power * _log_ratio(size1, size0)
        larger = np.maximum(np.abs(v0), np.abs(v1))
        mean = _mean(larger, logs.sum(axis=0))
        sign = np.sign(v0 + v1)
        plain = mean * logs * sign
        limits = _limits(states, v0, v1)
    takes_limit = is_zero & (power > 0)
    effects = np.where(takes_limit.any(axis=0), limits, plain)
    is_missing = np.isnan(v0) | np.isnan(v1)
    is_undefined = states.undefined() | is_missing
    return np.where(is_undefined, np.nan, effects)


def sign_changes(
    factors0: Sequence[np.ndarray], factors1: Sequence[np.ndarray], powers: Sequence[int]
) -> np.ndarray:
    """Find the cells where LMDI is not defined: a factor changes sign, or a divisor is 0.

    From 0 to a sign, or from a sign to 0, is no change of sign. A product changes its sign only if
    a factor does; a factor of power 0 plays no part.

    Parameters
    ----------
    factors0, factors1, powers
        See ``additive``.

    Returns
    -------
    ndarray of bool
        Over the cells.
    """
    return _stack(factors0, factors1, powers).undefined()


def multiplicative(additive_effects: np.ndarray, v0: np.ndarray, v1: np.ndarray) -> np.ndarray:
    """Return the ratios D_k = exp(effect_k / L(v1, v0)) of the factors; their product is v1 / v0.

    Parameters
    ----------
    additive_effects : ndarray of float
        Effects of ``additive``, factor x cells, or effects of cells summed likewise.
    v0, v1 : ndarray of float
        The levels whose difference the effects sum to: of a cell, or of any sum of cells.

    Returns
    -------
    ndarray of float
        Factor x cells, without unit; NaN where v0 or v1 is 0 or their signs differ.

    Notes
    -----
    effect_k = sum_i L(V_i1, V_i0) ln(x_ki1 / x_ki0), so D_k is the multiplicative LMDI-I with
    weights L(V_i1, V_i0) / L(v1, v0) (Ang 2005, the multiplicative formula). It is consistent in
    aggregation, and additive and multiplicative decomposition agree (Ang & Liu 2001).
    """
    v0 = np.asarray(v0, dtype=float)
    v1 = np.asarray(v1, dtype=float)
    sign = np.sign(v1)
    same_sign = v0 * sign > 0
    mean = sign * log_mean(np.abs(v1), np.abs(v0))
    mean = np.where(same_sign, mean, np.nan)
    return np.exp(additive_effects / mean)


def homogeneity(
    function: Callable[..., np.ndarray], arguments: Mapping[str, np.ndarray]
) -> dict[str, int]:
    """Find the power of each argument in which a function is homogeneous.

    For an argument x it is the integer k from -2 to 2 such that f(..., lam x, ...) = lam**k
    f(..., x, ...). It is tried at lam = 2 and lam = 3 in all cells whose result is finite and not
    0, to 1e-9. What is found holds for these arguments: take the k that the arguments of all states
    agree on. f / prod x**k (f at x = 1 where an x is 0) is then one more factor.

    Parameters
    ----------
    function : callable
        An elementwise function of arrays.
    arguments : mapping of str to ndarray
        Its arguments by name, of shapes that broadcast.

    Returns
    -------
    dict of str to int
        Powers by argument. Left out are arguments without such k (the cover of 1 - C P, a term of a
        sum, an argument of min() that is at times the smaller), those that are nowhere other than
        0, and all of them if no cell has a result.
    """
    powers: dict[str, int] = {}
    with np.errstate(all="ignore"):
        result = np.asarray(function(**arguments), dtype=float)
        has_result = np.isfinite(result) & (result != 0)
        if not has_result.any():
            return powers
        for name, x in arguments.items():
            if not np.any(np.nan_to_num(np.asarray(x, dtype=float))):
                continue
            ratios = []
            for scale in _SCALES:
                scaled = np.asarray(function(**{**arguments, name: scale * x}), dtype=float)
                ratios.append((scaled / result)[has_result])
            for degree in _DEGREES:
                if _has_degree(ratios, degree):
                    powers[name] = degree
    return powers


def _has_degree(ratios: Sequence[np.ndarray], degree: int) -> bool:
    """Return whether results grow as a power of the scale of an argument."""
    for scale, ratio in zip(_SCALES, ratios, strict=True):
        if not np.all(np.abs(ratio / scale**degree - 1) <= _TOLERANCE):
            return False
    return True


def _stack(
    factors0: Sequence[np.ndarray], factors1: Sequence[np.ndarray], powers: Sequence[int]
) -> _States:
    """Stack the factors of both states, all broadcast to the same cells."""
    count = len(powers)
    if not len(factors0) == len(factors1) == count > 0:
        raise ValueError(
            f"{len(factors0)} factors before, {len(factors1)} after and {count} powers"
        )
    arrays = []
    for factor in (*factors0, *factors1):
        arrays.append(np.asarray(factor, dtype=float))
    stacked = np.stack(np.broadcast_arrays(*arrays))
    cell_axes = tuple(range(1, stacked.ndim))
    return _States(
        before=stacked[:count],
        after=stacked[count:],
        powers=np.expand_dims(np.asarray(powers, dtype=float), cell_axes),
    )


def _limits(states: _States, v0: np.ndarray, v1: np.ndarray) -> np.ndarray:
    """Return the effects in cells with zeros, by their limits; see ``additive``.

    Parameters
    ----------
    states : _States
    v0, v1 : ndarray of float
        The products of the factors in both states.

    Returns
    -------
    ndarray of float
        Factor x cells; 0 where the product is 0 in both states or in neither.
    """
    is_zero0 = states.before == 0
    is_zero1 = states.after == 0
    from_zero = states.powers * (is_zero0 & ~is_zero1)
    to_zero = states.powers * (is_zero1 & ~is_zero0)
    appears = (v0 == 0) & (v1 != 0)
    vanishes = (v1 == 0) & (v0 != 0)
    limits = np.where(appears, _shares(from_zero) * v1, 0.0)
    return np.where(vanishes, -_shares(to_zero) * v0, limits)


def _log_ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return ln(a / b) of positive numbers, precise near a = b, without overflow far from it."""
    difference = a - b
    is_near = np.abs(difference) <= b / 2
    near = np.log1p(np.where(is_near, difference, 0.0) / b)
    part_a, power_a = np.frexp(a)
    part_b, power_b = np.frexp(b)
    far = np.log(part_a / part_b)
    far = far + (power_a - power_b) * np.log(2.0)
    return np.asarray(np.where(is_near, near, far))


def _mean(larger: np.ndarray, log_ratio: np.ndarray) -> np.ndarray:
    """Return the logarithmic mean from the larger of two numbers and the log of their ratio."""
    t = np.abs(log_ratio)
    is_equal = t == 0
    divisor = np.where(is_equal, 1.0, t)
    ratio = -np.expm1(-t) / divisor
    ratio = np.where(is_equal, 1.0, ratio)
    return np.asarray(larger * ratio)


def _shares(powers: np.ndarray) -> np.ndarray:
    """Return powers as shares of their sum over the factors, 0 where it is 0."""
    total = powers.sum(axis=0)
    is_zero = total == 0
    divisor = np.where(is_zero, 1.0, total)
    return np.where(is_zero, 0.0, powers / divisor)
