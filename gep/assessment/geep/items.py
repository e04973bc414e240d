"""What GEEP is made of and what it is compared by (核算结果): items by region and parent, ranks, Gini coefficients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gep.assessment.context import AssessmentContext
from gep.assessment.geep.scheme import GeepScheme
from gep.assessment.geep.terms import TermValues
from gep.assessment.rules import competition_ranks
from gep.units import currency, factor

ALL_REGIONS = "all"  # the region of figures over all regions
LOWER = "endc_lower_bound"  # the item of a cost of degradation that is the virtual treatment cost


@dataclass(frozen=True)
class Items:
    """Items (each an array over ``codes``, NaN: none) with their units; ``codes`` are regions, then parents."""

    year: int
    codes: tuple[str, ...]
    value: Mapping[str, np.ndarray]
    unit: Mapping[str, str]
    gini: Mapping[tuple[str, str], float]  # region, item
    bound: np.ndarray


@dataclass(frozen=True)
class GeepResult:
    """A scheme applied: the terms and the items of each year that has a row of the scheme."""

    scheme: GeepScheme
    context: AssessmentContext
    terms: tuple[TermValues, ...]
    items: tuple[Items, ...]


def items_of(
    terms: TermValues, ground: AssessmentContext, unit: str, sums: Mapping[str, list[int]]
) -> Items:
    """All items of a year. A parent's terms are the sums of its regions'; its ratios follow from the sums."""
    value = _sums(terms, sums)
    bound = np.array(
        [*terms.bound, *(terms.bound[some].any() for some in sums.values())], dtype=bool
    )
    codes = (*terms.regions, *sums)
    unit_of = dict.fromkeys(value, unit)
    people, land = (
        _sizes(sizes, terms.regions, sums) for sizes in (ground.population, ground.area)
    )
    with np.errstate(all="ignore"):
        ratios = {
            "geep_per_gdp": _finite(value["geep"] / value["gdp"]),
            "ggi": _finite(value["gep"] / value["gdp"]),
            "ers_share": _finite(value["ers"] / value["geep"]),
        }
        money = currency(unit) or "CNY"
        sized = {
            "geep_per_capita": (people, f"{money} person-1", factor(unit, money)),
            "geep_per_km2": (land, f"10^4 {money} km-2", factor(unit, f"10^4 {money}")),
        }
        for name, (size, own, scale) in sized.items():
            ratios[name], unit_of[name] = _finite(value["geep"] * scale / size), own
    ranks = _ranks(value, terms, ground, len(sums))
    unit_of |= dict.fromkeys((*ratios, *ranks), "1") | {
        name: own for name, (_, own, _) in sized.items()
    }
    gini = _ginis(value, people, terms, sums)
    return Items(terms.year, codes, value | ratios | ranks, unit_of, gini, bound)


def _sums(terms: TermValues, sums: Mapping[str, list[int]]) -> dict[str, np.ndarray]:
    """The terms of regions and parents, and what follows from them: GGDP, GEP, overlap, GEEP."""
    read = {name: one.value for name, one in terms.read.items()}
    ers, products = read["ers"], read["eps"] + read["ecs"]
    gep = np.where(np.isfinite(products), products + ers, read["gep"])
    overlap = np.where(np.isfinite(read["overlap"]), read["overlap"], gep - ers)
    ggdp = read["gdp"] - read["rdc"] - read["endc"] - read["ecdc"]
    geep = np.where(
        np.isfinite(overlap), ggdp + gep - overlap, ggdp + ers
    )  # of the default overlap ers is left
    found = read | {"ggdp": ggdp, "gep": gep, "overlap": overlap, "geep": geep}
    return {
        name: np.array([*own, *(own[some].sum() for some in sums.values())], dtype=float)
        for name, own in found.items()
    }


def _sizes(
    sizes: Mapping[str, float], regions: Sequence[str], sums: Mapping[str, list[int]]
) -> np.ndarray:
    own = np.array([sizes.get(code, np.nan) for code in regions], dtype=float)
    above = [sizes.get(code, np.nan) for code in sums]
    added = [own[some].sum() for some in sums.values()]
    return np.array(
        [
            *own,
            *(one if np.isfinite(one) else total for one, total in zip(above, added, strict=True)),
        ]
    )


def _finite(ratio: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(ratio), ratio, np.nan)


def _ranks(
    value: Mapping[str, np.ndarray], terms: TermValues, ground: AssessmentContext, parents: int
) -> dict[str, np.ndarray]:
    """Ranks within the groups of regions; parents have none."""
    count = len(terms.regions)
    group = ground.group[[ground.regions.index(code) for code in terms.regions]]
    ranks = {name: competition_ranks(value[name][:count], group) for name in ("gdp", "geep")}
    ranks = {
        f"rank_{name}": np.append(some, np.full(parents, np.nan)) for name, some in ranks.items()
    }
    return ranks | {"rank_geep_minus_rank_gdp": ranks["rank_geep"] - ranks["rank_gdp"]}


def _ginis(
    value: Mapping[str, np.ndarray],
    people: np.ndarray,
    terms: TermValues,
    sums: Mapping[str, list[int]],
) -> dict[tuple[str, str], float]:
    """Gini coefficients over all regions and inside each parent.

    Where the population of each region is known they are of values per head, weighted by population, else of the
    values of regions as they are, unweighted; the name of the item says which.
    """
    found = {}
    for code, some in ((ALL_REGIONS, list(range(len(terms.regions)))), *sums.items()):
        if len(some) < 2:
            continue
        weight = people[some]
        heads = bool(np.isfinite(weight).all() and (weight > 0).all())
        kind = "per_capita_population_weighted" if heads else "total_unweighted"
        for name in ("gdp", "geep"):
            own = value[name][some]
            of = gini(own / weight, weight) if heads else gini(own, np.ones(len(some)))
            found[code, f"gini_{name}_{kind}"] = of
        found[code, f"gini_geep_minus_gini_gdp_{kind}"] = (
            found[code, f"gini_geep_{kind}"] - found[code, f"gini_gdp_{kind}"]
        )
    return found


def gini(x: np.ndarray, weight: np.ndarray) -> float:
    """The Gini coefficient of values with weights: twice the area between the Lorenz curve and the line of equality.

    0 where all are equal, below 1 always; NaN where a value is negative or unknown, or all are 0.
    """
    if not np.isfinite(x).all() or (x < 0).any() or not (x * weight).sum() > 0:
        return float("nan")
    order = np.argsort(x, kind="stable")
    people = np.append(0.0, np.cumsum(weight[order])) / weight.sum()
    share = np.append(0.0, np.cumsum((x * weight)[order])) / (x * weight).sum()
    return float(max(1.0 - (np.diff(people) * (share[1:] + share[:-1])).sum(), 0.0))
