"""Species conservation: the diversity of an area and what is spent for species (物种保育)."""

from typing import Annotated

import numpy as np

from gep.units import NOT_NEGATIVE, SHARE, Array

# A logarithm of nothing has no value; a species that is not there adds nothing to the index.
LEAST_SHARE = 1e-300
# GB/T 38582-2020: each point of an index of special species adds a tenth.
SPECIAL_SPECIES_WEIGHT = 0.1


def shannon_wiener_term(*, share: Annotated[Array, "1", SHARE]) -> Annotated[Array, "1"]:
    """Part of one species in the Shannon-Wiener index; its sum is the index (多样性指数的分量).

    Symbols
    -------
    p_i : share
    H : sum of the result

    Notes
    -----
    H = -Σ p_i ln p_i. The base of the logarithm is e; an index to base 2 is 1.4427 times as large
    and falls into other classes of `value_of_diversity`.

    Valid for
    ---------
    Shares of individuals by species in plots of one type.

    References
    ----------
    Shannon-Wiener index; general knowledge. Which base LY/T 1721-2008 means is not known.

    Examples
    --------
    >>> float(sum(shannon_wiener_term(share=share) for share in (0.5, 0.5)).round(4))
    0.6931
    """
    return -share * np.log(np.maximum(share, LEAST_SHARE))


def value_of_diversity(
    *,
    index: Annotated[Array, "1", NOT_NEGATIVE],
    below_1: Annotated[Array, "CNY ha-1 a-1", NOT_NEGATIVE],
    from_1: Annotated[Array, "CNY ha-1 a-1", NOT_NEGATIVE],
    from_2: Annotated[Array, "CNY ha-1 a-1", NOT_NEGATIVE],
    from_3: Annotated[Array, "CNY ha-1 a-1", NOT_NEGATIVE],
    from_4: Annotated[Array, "CNY ha-1 a-1", NOT_NEGATIVE],
    from_5: Annotated[Array, "CNY ha-1 a-1", NOT_NEGATIVE],
    from_6: Annotated[Array, "CNY ha-1 a-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY ha-1 a-1"]:
    """Value per hectare of the species kept, by class of Shannon-Wiener index (物种保育价值).

    Symbols
    -------
    H : index
    S_k : below_1, from_1, from_2, from_3, from_4, from_5, from_6
    S : result

    Notes
    -----
    S = S_k of the class of H; U = S A. Seven classes, of width 1 from 0 to 6; a class holds its
    lower bound.

    Valid for
    ---------
    Forest types with plots. The values of the classes are coefficients.

    References
    ----------
    LY/T 1721-2008 and GB/T 38582-2020, species conservation: classes recalled, not held against the
    text; S A read in programs that implement them.

    Examples
    --------
    >>> values = dict(below_1=1, from_1=2, from_2=3, from_3=4, from_4=5, from_5=6, from_6=7)
    >>> [float(value_of_diversity(index=index, **values)) for index in (0.3, 2.0, 8.0)]
    [1.0, 3.0, 7.0]
    """
    return (
        below_1
        + np.heaviside(index - 1, 1.0) * (from_1 - below_1)
        + np.heaviside(index - 2, 1.0) * (from_2 - from_1)
        + np.heaviside(index - 3, 1.0) * (from_3 - from_2)
        + np.heaviside(index - 4, 1.0) * (from_4 - from_3)
        + np.heaviside(index - 5, 1.0) * (from_5 - from_4)
        + np.heaviside(index - 6, 1.0) * (from_6 - from_5)
    )


def value_with_special_species(
    *,
    value: Annotated[Array, "CNY ha-1 a-1", NOT_NEGATIVE],
    endangered: Annotated[Array, "1", NOT_NEGATIVE],
    endemic: Annotated[Array, "1", NOT_NEGATIVE],
    old_trees: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY ha-1 a-1"]:
    """Value per hectare of species kept, raised for special species (计濒危、特有、古树年龄指数).

    Symbols
    -------
    S : value
    ΣE, ΣB, ΣO : endangered, endemic, old_trees

    Notes
    -----
    U = (1 + 0.1 ΣE + 0.1 ΣB + 0.1 ΣO) S, the sums over species of the area.

    Valid for
    ---------
    Forest; the indices of the species are given by tables of the standard.

    References
    ----------
    GB/T 38582-2020, species conservation; recalled, not held against the text.

    Examples
    --------
    >>> value_with_special_species(value=10000, endangered=3, endemic=2, old_trees=0)
    15000.0
    """
    return value * (1 + SPECIAL_SPECIES_WEIGHT * (endangered + endemic + old_trees))


def protected_species_cost(
    *,
    species: Annotated[Array, "species", NOT_NEGATIVE],
    cost: Annotated[Array, "CNY species-1", NOT_NEGATIVE],
) -> Annotated[Array, "CNY"]:
    """Cost of keeping protected species, by their number (珍稀濒危物种保育成本).

    Symbols
    -------
    N : species
    C : cost

    Notes
    -----
    V = N C. By area instead of number it is `valuation.area_value`.

    Valid for
    ---------
    Nationally protected and endangered species (HJ 1173 counts them and gives no value); the cost
    is that of protecting one species in a year.

    References
    ----------
    Protection cost of rare species, form of Chinese GEP rules since 2020; recalled, not held
    against the text. Number of species: HJ 1173-2021, 7.6.

    Examples
    --------
    >>> protected_species_cost(species=42, cost=250000)
    10500000
    """
    return species * cost
