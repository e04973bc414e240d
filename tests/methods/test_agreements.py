"""Two ways to the same number: methods against integrals, balances and each other."""

import math

import numpy as np
import pytest

from gep.methods import biodiversity, carbon, climate, recreation, rusle, soil, vegetation, water


def integral(values: np.ndarray, points: np.ndarray) -> float:
    """The area under a curve, by trapezia."""
    return float(((values[1:] + values[:-1]) / 2 * np.diff(points)).sum())


def test_the_surplus_of_exponential_demand_is_the_area_under_it() -> None:
    demand = {"population": 5e5, "intercept": -2.5, "slope": 0.004, "visits_per_head": 1.0}
    costs = np.linspace(300, 300 + 30 / 0.004, 200_001)  # e^-30 of the visits are left
    visits = recreation.zonal_visits(cost=costs, **demand)
    surplus = recreation.consumer_surplus_of_exponential_demand(visits=visits[0], slope=0.004)
    assert surplus == pytest.approx(integral(visits, costs), rel=1e-6)


def test_the_surplus_of_linear_demand_is_the_area_under_it() -> None:
    population, slope, cost, choke = 5e5, 2e-4, 150.0, 400.0
    costs = np.linspace(cost, choke, 1001)
    visits = population * slope * (choke - costs)
    surplus = recreation.consumer_surplus_of_linear_demand(
        visits=visits[0], population=population, slope=slope
    )
    assert surplus == pytest.approx(integral(visits, costs), rel=1e-9)


def test_the_surplus_of_a_visit_is_that_of_the_study() -> None:
    """Baiyangdian prints 578.03 yuan a visit: the slope of its regression is the inverse of that."""
    surplus = recreation.consumer_surplus_of_exponential_demand(visits=135e4, slope=1 / 578.03)
    value = recreation.travel_value(
        spending=52.47 * 135e4, time_value=343.33 * 135e4, consumer_surplus=surplus
    )
    assert value == pytest.approx(13.15e8, abs=0.005e8)


def test_water_that_flows_is_rain_less_what_evaporates() -> None:
    """A region with 900 of rain and 500 evaporated unused: what flows out closes its balance."""
    rain, evaporated = 900.0, 500.0
    inflow, consumption, storage_change = 240.0, 65.0, -12.0
    outflow = inflow + rain - evaporated - consumption - storage_change
    supply = water.supply_by_flows(
        outflow=outflow, consumption=consumption, inflow=inflow, storage_change=storage_change
    )
    balance = water.retention_by_water_balance(
        rainfall=rain, runoff=0.0, evapotranspiration=evaporated
    )
    assert supply == pytest.approx(balance)


def test_the_chinese_equation_without_tillage_is_the_one_with_practice() -> None:
    site = {"erosivity": 7000, "erodibility": 0.004, "slope_length": 1.7, "slope_steepness": 2.4}
    chinese = soil.retention_by_csle(biological=0.06, engineering=0.4, tillage=1.0, **site)
    revised = soil.retention_by_rusle_with_practice(cover=0.06, practice=0.4, **site)
    assert chinese == pytest.approx(revised)


def test_slope_factors_part_only_where_they_say_so() -> None:
    for slope in (0.0, 2.0, 4.9, 6.0, 9.9):
        steepness = rusle.slope_steepness_factor(slope=slope)
        assert rusle.slope_steepness_factor_uncapped(slope=slope) == pytest.approx(steepness)
        assert rusle.slope_steepness_factor_by_ten_degrees(slope=slope) == pytest.approx(steepness)
    for slope in (15.0, 28.0):
        steepness = rusle.slope_steepness_factor(slope=slope)
        near = rusle.slope_steepness_factor_uncapped(slope=slope)
        assert near == pytest.approx(steepness, rel=0.001)
    assert rusle.slope_steepness_factor_uncapped(slope=35.0) > 11
    assert rusle.slope_steepness_factor(slope=35.0) == 9.5988


def test_slope_lengths_agree_within_the_width_of_a_class() -> None:
    """Exponents agree to 0.1, or 8 % at twice the length; above 9 degrees the class has an end."""
    for slope in (1.5, 3.0, 5.5, 8.0):
        smooth = rusle.slope_length_factor(length=2 * 22.13, slope=slope)
        by_class = rusle.slope_length_factor_by_class(length=2 * 22.13, slope=slope)
        assert by_class == pytest.approx(smooth, rel=2**0.11 - 1)


def test_the_coefficient_of_zhang_balances_its_exponent() -> None:
    """At a rain of e^(7.1891/β) mm a small change of β moves λ D^β in no direction."""
    exponent = 1.6
    rain = math.exp(7.1891 / exponent)
    days = []
    for beta in (exponent - 1e-4, exponent, exponent + 1e-4):
        coefficient = rusle.zhang_coefficient(exponent=beta)
        day = rusle.daily_erosivity(erosive_rain=rain, coefficient=coefficient, exponent=beta)
        days.append(day)
    assert days[0] == pytest.approx(days[1], rel=1e-6)
    assert days[2] == pytest.approx(days[1], rel=1e-6)


def test_the_forms_of_erosivity_are_of_one_size_for_a_rainy_year() -> None:
    """Jiangxi-like months; the two monthly forms are within a factor of two, as units demand."""
    months = np.array([70, 100, 170, 220, 260, 290, 150, 130, 80, 60, 80, 50], dtype=float)
    index = rusle.fournier_term(monthly_rain=months, annual_rain=months.sum()).sum()
    zhang = rusle.monthly_erosivity(fournier_index=index)
    wischmeier = rusle.wischmeier_monthly_erosivity(
        monthly_rain=months, annual_rain=months.sum()
    ).sum()
    assert 0.5 < wischmeier / zhang < 2


def test_cover_factors_fall_with_the_cover_and_stay_between_0_and_1() -> None:
    cover = np.linspace(0, 1, 101)
    for method in (rusle.cover_factor_by_logarithm, rusle.cover_factor_by_line):
        factors = method(vegetation_cover=cover)
        assert (np.diff(factors) <= 0).all()
        assert factors.min() == 0
        assert factors.max() <= 1


def test_stresses_are_least_at_the_best_temperature() -> None:
    temperatures = np.linspace(-20, 45, 651)
    stress = vegetation.heat_stress(temperature=temperatures, optimum=25.0)
    best = float(temperatures[stress.argmax()])
    assert best == pytest.approx(25, abs=3)
    at_best = vegetation.heat_stress(temperature=25.0, optimum=25.0)
    assert at_best == pytest.approx(stress.max(), rel=0.01)
    assert vegetation.cold_stress(temperature=20.0, optimum=20.0) == pytest.approx(1.0)


def test_the_index_of_even_shares_is_the_logarithm_of_their_number() -> None:
    for count in (2, 7, 40):
        terms = biodiversity.shannon_wiener_term(share=np.full(count, 1 / count))
        assert terms.sum() == pytest.approx(math.log(count))


def test_carbon_by_volume_joins_the_change_of_stocks() -> None:
    stand = {"wood_density": 0.5, "root_ratio": 0.25, "carbon_fraction": 0.5}
    opening = carbon.stock_by_volume(volume=1000, expansion_factor=1.6, **stand)
    closing = carbon.stock_by_volume(volume=1150, expansion_factor=1.6, **stand)
    fixed = carbon.stock_change(opening=opening, closing=closing, years=5)
    assert fixed == pytest.approx(150 * 0.5 * 1.6 * 1.25 * 0.5 / 5 * 44 / 12)


def test_a_cooler_air_column_is_a_heat_of_transpiration() -> None:
    """12 kJ/m2 a day are 10 m of air by 1 °C at 1.2 kJ/(m3 °C): both forms give one electricity."""
    by_difference = climate.cooling_by_temperature_difference(
        difference=1, days=30, heat_capacity=1.2, height=10, efficiency_ratio=3
    )
    by_heat = climate.cooling_by_transpiration(heat=12, days=30, efficiency_ratio=3)
    assert by_difference == pytest.approx(by_heat)
