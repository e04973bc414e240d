"""The Budyko curve: its limits, its symmetry, and InVEST's arithmetic written out a second time."""

import math

import numpy as np
import pytest

from gep.methods import budyko, water

DRYNESS = np.geomspace(0.01, 100, 81)
SHAPES = (1.25, 2.0, 2.63, 5.0)


@pytest.mark.parametrize("shape", SHAPES)
def test_neither_more_than_rain_nor_more_than_demand_evaporates(shape: float) -> None:
    share = budyko.evaporated_share(dryness=DRYNESS, shape=shape)
    assert (share > 0).all()
    assert (share < np.minimum(DRYNESS, 1)).all()
    assert (np.diff(share) > 0).all()


def test_more_water_in_the_soil_evaporates_more() -> None:
    shares = [budyko.evaporated_share(dryness=DRYNESS, shape=shape) for shape in SHAPES]
    assert (np.diff(shares, axis=0) > 0).all()


def test_the_limits_of_the_shape() -> None:
    """1: nothing evaporates; without end: the lesser of rain and demand."""
    none = budyko.evaporated_share(dryness=DRYNESS, shape=1.0)
    np.testing.assert_allclose(none, 0, atol=1e-13)
    most = budyko.evaporated_share(dryness=DRYNESS, shape=150.0)
    np.testing.assert_allclose(most, np.minimum(DRYNESS, 1), rtol=0.006)


@pytest.mark.parametrize("shape", SHAPES)
def test_rain_and_demand_may_change_places(shape: float) -> None:
    """Fu derived the curve so that water and energy are on one footing: P F(E/P) = E F(P/E)."""
    share = budyko.evaporated_share(dryness=DRYNESS, shape=shape)
    turned = budyko.evaporated_share(dryness=1 / DRYNESS, shape=shape)
    np.testing.assert_allclose(share, DRYNESS * turned, rtol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_wet_land_evaporates_its_demand_and_dry_land_its_rain(shape: float) -> None:
    """At a dryness of nothing the curve leaves along F = φ, towards dry it comes to 1."""
    wet = budyko.evaporated_share(dryness=1e-6, shape=5.0)
    assert wet == pytest.approx(1e-6, rel=1e-6)
    dry = budyko.evaporated_share(dryness=1e6, shape=shape)
    assert dry == pytest.approx(1, abs=0.04)


def test_plants_with_more_water_evaporate_more_by_zhang() -> None:
    """Grass (w 0.5) keeps below rain and demand; forest (2.0) passes its demand where it is wet."""
    grass = budyko.evaporated_share_by_plant_water(dryness=DRYNESS, plant_water=0.5)
    forest = budyko.evaporated_share_by_plant_water(dryness=DRYNESS, plant_water=2.0)
    assert (grass < forest).all()
    assert (forest < 1).all()
    assert (grass < DRYNESS).all()
    np.testing.assert_array_equal(forest > DRYNESS, DRYNESS < 0.5)


def test_nothing_evaporates_without_demand_by_zhang() -> None:
    assert budyko.evaporated_share_by_plant_water(dryness=0.0, plant_water=2.0) == 0


def invest(
    rain: float,
    demand: float,
    kc: float,
    soil: float,
    root: float,
    share: float,
    plants: int,
    z: float,
) -> float:
    """The water yield of one pixel in mm, after the program of InVEST (annual_water_yield.py), number by number."""
    potential = kc * demand
    if not plants:
        return rain - min(rain, potential)
    depth = root if root < soil else soil
    omega = min(depth * share / rain * z + 1.25, 5.0)
    ratio = potential / rain
    fraction = 1.0 + ratio - math.pow(1.0 + math.pow(ratio, omega), 1.0 / omega)
    return (1.0 - min(ratio, fraction)) * rain


def test_the_water_yield_of_invest_comes_out() -> None:
    random = np.random.default_rng(3)
    count = 500
    rain, demand = random.uniform(50, 3000, count), random.uniform(300, 2000, count)
    kc, share = random.uniform(0.1, 1.3, count), random.uniform(0, 0.4, count)
    soil, root = random.uniform(100, 5000, count), random.uniform(0, 7000, count)
    plants = random.integers(0, 2, count)
    z = 7.5
    dryness = budyko.dryness_index(
        rainfall=rain, reference_evapotranspiration=demand, crop_coefficient=kc
    )
    held = budyko.available_water(soil_depth=soil, root_depth=root, available_share=share)
    shape = budyko.curve_shape(available_water=held, rainfall=rain, seasonality=z)
    assert 1 < (shape < 5).sum() < count
    evaporated = budyko.evaporated_share_by_cover(dryness=dryness, shape=shape, vegetated=plants)
    computed = budyko.water_yield(rainfall=rain, evaporated=evaporated)
    expected = [
        invest(rain[i], demand[i], kc[i], soil[i], root[i], share[i], plants[i], z)
        for i in range(count)
    ]
    np.testing.assert_allclose(computed, expected, rtol=1e-11, atol=1e-9)
    evaporation = water.share_of_rain(rainfall=rain, share=evaporated)
    np.testing.assert_allclose(evaporation + computed, rain, rtol=1e-12)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("plants", [0, 1])
def test_where_it_never_rains_nothing_flows(kind: type, plants: int) -> None:
    rain, demand, held = np.array([[0.0], [3500.0], [400.0]], dtype=kind)
    dryness = budyko.dryness_index(
        rainfall=rain, reference_evapotranspiration=demand, crop_coefficient=1.5
    )
    shape = budyko.curve_shape(available_water=held, rainfall=rain, seasonality=30.0)
    evaporated = budyko.evaporated_share_by_cover(dryness=dryness, shape=shape, vegetated=plants)
    assert budyko.water_yield(rainfall=rain, evaporated=evaporated).item() == 0
