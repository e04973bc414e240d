"""The logarithmic mean Divisia index (LMDI-I) of a product of factors between two states, cell by cell.

This module owns the algebra alone: arrays in, arrays out. References: Ang 2005, Energy Policy 33:867-871 (the two
formulas); Ang & Liu 2001, Energy 26:537-548 (consistency in aggregation); Wood & Lenzen 2006, Energy Policy
34:1326-1331, and Ang & Liu 2007, Energy Policy 35:238-246 (zeros by analytical limits, not by a small number).
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

_DEGREES = range(-2, 3)
_TOLERANCE = 1e-9  # of the ratio of two results, for homogeneity


def log_mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Logarithmic mean L(a, b) = (a - b) / (ln a - ln b) of positive numbers; L(a, a) = a, and 0 where one is 0.

    With t = |ln a - ln b| it is max(a, b) (1 - exp(-t)) / t, which loses no digits however near a is to b.
    """
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    fine = (a > 0) & (b > 0)
    mean = _mean(np.maximum(a, b), _log_ratio(np.where(fine, a, 1.0), np.where(fine, b, 1.0)))
    return np.where(
        np.isnan(a) | np.isnan(b) | (a < 0) | (b < 0), np.nan, np.where(fine, mean, 0.0)
    )


def additive(
    factors0: Sequence[np.ndarray], factors1: Sequence[np.ndarray], powers: Sequence[int]
) -> np.ndarray:
    r"""Effects of the factors of V = prod x_k**p_k on its change from state 0 to state 1: array factor x cells.

    effect_k = L(V1, V0) p_k ln(x_k1 / x_k0). The effects of a cell sum to V1 - V0 (within 1e-12 of the larger level;
    cells may be summed afterwards, for LMDI-I is consistent in aggregation). Factors broadcast against each other; a
    negative power is a divisor. Factors of a constant negative sign count by their magnitudes, and the effects take
    the sign of V.

    Zeros. Put delta for every zero and let delta go to 0. Let Z be the factors that are 0 in state 0, all with p > 0,
    P the sum of their powers, and V1 != 0. Then V0 = c delta**P, and with u = -ln(delta) -> infinity

    - L(V1, V0) = (V1 - c delta**P) / (ln V1 - ln c + P u) -> V1 / (P u);
    - p_k ln(x_k1 / delta) = p_k (u + ln x_k1) for k in Z, so effect_k -> V1 p_k / P: the change belongs to the factors
      that come from zero, in proportion to their powers;
    - p_k ln(x_k1 / x_k0) is finite for all others: their effect -> 0.

    From V0 to V1 = 0 likewise, with -V0 in place of V1. If V0 = V1 = 0, L -> 0 faster than any logarithm grows: all
    effects are 0. Single zeros are the cases of Ang & Liu (2007).

    nan where a factor is nan and where ``sign_changes`` says that LMDI is not defined.
    """
    x0, x1, power = _stacked(factors0, factors1, powers)
    # a change of sign has no logarithm, 0**-1 no value: these cells are nan below
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        v0, v1 = np.prod(x0**power, axis=0), np.prod(x1**power, axis=0)
        zero = (x0 == 0) | (x1 == 0)
        logs = power * _log_ratio(np.abs(np.where(zero, 1.0, x1)), np.abs(np.where(zero, 1.0, x0)))
        plain = (
            _mean(np.maximum(np.abs(v0), np.abs(v1)), logs.sum(axis=0)) * logs * np.sign(v0 + v1)
        )
        from_zero, to_zero = power * ((x0 == 0) & (x1 != 0)), power * ((x1 == 0) & (x0 != 0))
        limit = np.where((v0 == 0) & (v1 != 0), _shares(from_zero) * v1, 0.0)
        limit = np.where((v1 == 0) & (v0 != 0), -_shares(to_zero) * v0, limit)
    effects = np.where((zero & (power > 0)).any(axis=0), limit, plain)
    undefined = _undefined(x0, x1, power) | np.isnan(v0) | np.isnan(v1)
    return np.where(undefined, np.nan, effects)


def sign_changes(
    factors0: Sequence[np.ndarray], factors1: Sequence[np.ndarray], powers: Sequence[int]
) -> np.ndarray:
    """Cells where LMDI is not defined: a factor changes sign between the states, or a divisor is 0.

    From 0 to a sign, or from a sign to 0, is no change of sign. A product changes its sign only if a factor does; a
    factor of power 0 plays no part.
    """
    return _undefined(*_stacked(factors0, factors1, powers))


def multiplicative(additive_effects: np.ndarray, v0: np.ndarray, v1: np.ndarray) -> np.ndarray:
    """Ratios D_k = exp(effect_k / L(v1, v0)) of the factors (first axis); their product is v1 / v0.

    ``v0`` and ``v1`` are the levels whose difference the effects sum to: of a cell, or of any sum of cells with the
    effects summed likewise. For effect_k = sum_i L(V_i1, V_i0) ln(x_ki1 / x_ki0), so that D_k is the multiplicative
    LMDI-I with weights L(V_i1, V_i0) / L(v1, v0): it is consistent in aggregation, and additive and multiplicative
    decomposition tell the same story. nan where v0 or v1 is 0 or their signs differ.
    """
    v0, v1 = np.asarray(v0, dtype=float), np.asarray(v1, dtype=float)
    mean = np.where(v0 * np.sign(v1) > 0, np.sign(v1) * log_mean(np.abs(v1), np.abs(v0)), np.nan)
    return np.exp(additive_effects / mean)


def homogeneity(
    function: Callable[..., np.ndarray], arguments: Mapping[str, np.ndarray]
) -> dict[str, int]:
    """For each argument x the integer k from -2 to 2 such that f(..., lam x, ...) = lam**k f(..., x, ...).

    Tried at lam = 2 and lam = 3 in all cells whose result is finite and not 0, to 1e-9. Left out are arguments without
    such k (the cover of 1 - C P, a term of a sum, an argument of min() that is at times the smaller), those that are
    nowhere other than 0, and all of them if no cell has a result. What is found holds for these arguments: take the k
    that the arguments of all states agree on. f / prod x**k (f at x = 1 where an x is 0) is then one more factor.
    """
    with np.errstate(all="ignore"):
        before = np.asarray(function(**arguments), dtype=float)
        known = np.isfinite(before) & (before != 0)
        found: dict[str, int] = {}
        for name, x in arguments.items():
            if not known.any() or not np.any(np.nan_to_num(np.asarray(x, dtype=float))):
                continue
            ratios = [
                (
                    lam,
                    (np.asarray(function(**{**arguments, name: lam * x}), dtype=float) / before)[
                        known
                    ],
                )
                for lam in (2.0, 3.0)
            ]
            for degree in _DEGREES:
                if all(
                    np.all(np.abs(ratio / lam**degree - 1) <= _TOLERANCE) for lam, ratio in ratios
                ):
                    found[name] = degree
    return found


def _stacked(
    factors0: Sequence[np.ndarray], factors1: Sequence[np.ndarray], powers: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The factors of both states, each factor x cells, and the powers shaped to meet them."""
    if not len(factors0) == len(factors1) == len(powers) > 0:
        raise ValueError(
            f"{len(factors0)} factors before, {len(factors1)} after and {len(powers)} powers"
        )
    both = np.stack(
        np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (*factors0, *factors1)))
    )
    power = np.asarray(powers, dtype=float).reshape(-1, *[1] * (both.ndim - 1))
    return both[: len(powers)], both[len(powers) :], power


def _undefined(x0: np.ndarray, x1: np.ndarray, power: np.ndarray) -> np.ndarray:
    turned = (np.sign(x0) * np.sign(x1) < 0) & (power != 0)
    by_zero = ((x0 == 0) | (x1 == 0)) & (power < 0)
    return np.asarray((turned | by_zero).any(axis=0))


def _log_ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """ln(a / b) of positive numbers, to full precision near a = b and without overflow far from it."""
    near = np.abs(a - b) <= b / 2
    (part_a, power_a), (part_b, power_b) = np.frexp(a), np.frexp(b)
    far = np.log(part_a / part_b) + (power_a - power_b) * np.log(2.0)
    return np.asarray(np.where(near, np.log1p(np.where(near, a - b, 0.0) / b), far))


def _mean(larger: np.ndarray, log_ratio: np.ndarray) -> np.ndarray:
    """The logarithmic mean from the larger of two numbers and the logarithm of their ratio."""
    t = np.abs(log_ratio)
    return np.asarray(larger * np.where(t == 0, 1.0, -np.expm1(-t) / np.where(t == 0, 1.0, t)))


def _shares(powers: np.ndarray) -> np.ndarray:
    """Powers as shares of their sum over the factors, 0 where it is 0."""
    total = powers.sum(axis=0)
    return np.where(total == 0, 0.0, powers / np.where(total == 0, 1.0, total))
