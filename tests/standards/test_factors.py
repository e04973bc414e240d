"""Factors that an account under ``rcees-2017`` makes of simpler data on its way to a service: each by hand.

Inputs are those of ``support.family`` with others in their place; all types and months are alike, so that a
factor has one number.
"""

from collections.abc import Mapping
from math import cos, exp, log, log10, pi, sin, sqrt

import pytest
from support import family
from support.family import account_under, figure

from gep.account.account import Account

Given = Mapping[str, tuple[float, str]]
COMPUTED = {"soil_factors": "computed"}
CASA = {"carbon_base": "casa"}
RAIN: Given = {"monthly_rainfall": (100, "mm"), "rainfall": (1200, "mm")}
LIGHT: Given = {
    "ndvi_monthly": (0.5, "1"),
    "monthly_evapotranspiration": (60, "mm"),
    "monthly_potential_evapotranspiration": (120, "mm"),
    "solar_radiation": (500, "MJ m-2"),
    "monthly_temperature": (25, "degC"),
    "optimum_temperature": (20, "degC"),
}
PENMAN: Given = {
    "solar_radiation": (900, "MJ m-2"),
    "monthly_highest_temperature": (20, "degC"),
    "monthly_lowest_temperature": (20, "degC"),
}
# over the equator the day has 12 hours: ω = π/2, and sin φ and tan φ are 0
TURN = 2 * pi * 81 / 365
ABOVE = 30 * 1440 / pi * 0.0820 * (1 + 0.033 * cos(TURN)) * cos(0.409 * sin(TURN - 1.39))
# under a clear sky: 1.35 - 0.35 = 1; 0.34 - 0.14 x 1 = 0.2
NET = 0.77 * 900 - 30 * 4.903e-9 * 293.16**4 * 0.2
SATURATED = 0.6108 * exp(17.27 * 20 / 257.3)
SLOPE = 4098 * SATURATED / 257.3**2
GAMMA = 0.000665 * 101.3
# 0.408 Δ (R_n - 6) + 30 γ 900 / 293 x 2 (e_s - 1), over Δ + γ (1 + 0.68)
POTENTIAL = (0.408 * SLOPE * (NET - 6) + 30 * GAMMA * 900 / 293 * 2 * (SATURATED - 1)) / (
    SLOPE + 1.68 * GAMMA
)
BY_TEMPERATURE = 0.408 * 0.0023 * ABOVE * (25.5 + 17.8) * sqrt(9)
# 1.1814 / [1 + exp(0.2 (20 - 10 - 25))] / [1 + exp(0.3 (-20 - 10 + 25))]
HEAT = 1.1814 / (1 + exp(-3)) / (1 + exp(-1.5))

CASES: Mapping[str, tuple[Mapping[str, str], Given, Mapping[str, float]]] = {
    # 12 x 100^2 / 1200 = 100 mm
    "erosivity": (
        {**COMPUTED, "rainfall_erosivity": "fournier"}, RAIN,
        {
            "soil_retention.fournier": 100.0,
            "soil_retention.erosivity": 0.1833 * 100**1.9957,
        },
    ),
    "erosivity, Wischmeier": (
        {**COMPUTED, "rainfall_erosivity": "wischmeier"}, RAIN,
        {
            "soil_retention.erosivity": 12
            * 17.02 * 1.735 * 10 ** (1.5 * log10(100 / 12) - 0.8188)
        },
    ),
    "erosivity, yearly": (
        {**COMPUTED, "rainfall_erosivity": "yearly"}, RAIN,
        {"soil_retention.erosivity": 0.0534 * exp(1.6548 * log(1200))},
    ),
    # 30 degrees are 57.7 %: (88.52 / 22.13)^0.5; 21.91 x sin 30 - 0.96
    "slopes by class, no cap": (
        {**COMPUTED, "slope_form": "by_class"},
        {"slope_length": (88.52, "m"), "slope": (30, "degree")},
        {"soil_retention.length_factor": 2.0, "soil_retention.steepness_factor": 9.995},
    ),
    # 21.9 x sin 30 - 0.96
    "slope, Chinese equation": (
        {**COMPUTED, "slope_form": "ten_degrees"}, {"slope": (30, "degree")},
        {"soil_retention.steepness_factor": 9.99},
    ),
    # 0.6508 - 0.3436 x lg 50
    "cover, logarithm": (
        {"cover_factor": "logarithm"}, {"vegetation_cover": (50, "%")},
        {"soil_retention.cover": 0.6508 - 0.3436 * 1.698970004},
    ),
    # 0.4149 - 0.0052 x 50
    "cover, line": (
        {"cover_factor": "line"}, {"vegetation_cover": (50, "%")},
        {"soil_retention.cover": 0.1549},
    ),
    # FPAR 1.16 x 0.5 - 0.0439; 0.8 + 0.4 - 0.2; 0.5 + 0.5 x 60 / 120;
    # 12 x 500 x 0.5361 x 0.5 x 0.75 x 0.5 = 603.1125 gC/m2 or 6.031125 tC/ha, x HEAT
    "net primary production": (
        CASA, LIGHT,
        {
            "carbon_sequestration.light_share": 0.5361,
            "carbon_sequestration.cold": 1.0,
            "carbon_sequestration.heat": HEAT,
            "carbon_sequestration.dryness": 0.75,
            "carbon_sequestration.production": 6.031125 * HEAT,
        },
    ),
    # 12 x 0.22 x (e^1.824 + ln 32.45) x 30 x 0.465 gC/m2
    "respiration": (
        CASA, {"monthly_temperature": (20, "degC"), "monthly_rainfall": (100, "mm")},
        {
            "carbon_sequestration.respiration": 12
            * 0.22 * (exp(1.824) + log(32.45)) * 13.95 / 100
        },
    ),
    "potential evapotranspiration": (
        {**CASA, "potential_evapotranspiration": "penman_monteith"}, {**LIGHT, **PENMAN},
        {
            "carbon_sequestration.extraterrestrial": ABOVE,
            "carbon_sequestration.net_radiation": NET,
            "carbon_sequestration.potential": POTENTIAL,
            "carbon_sequestration.dryness": 0.5 + 0.5 * 60 / POTENTIAL,
        },
    ),
    "potential evapotranspiration from temperature": (
        {**CASA, "potential_evapotranspiration": "temperature"}, LIGHT,
        {
            "carbon_sequestration.extraterrestrial": ABOVE,
            "carbon_sequestration.potential": BY_TEMPERATURE,
            "carbon_sequestration.dryness": 0.5 + 0.5 * 60 / BY_TEMPERATURE,
        },
    ),
}  # fmt: skip


def _under(switches: Mapping[str, str], given: Given, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setattr(family, "DATA", {**family.DATA, **given})
    return account_under("rcees-2017", switches)


def _factor(account: Account, name: str) -> list[float]:
    """The numbers of a step, over all regions, types and months."""
    (step,) = [step for step in account.plan.steps if step.name == name]
    values = account.results[name]
    if step.all_live:
        return values.ravel().tolist()
    return values[..., step.live].ravel().tolist()


@pytest.mark.parametrize("case", CASES)
def test_a_factor_is_what_is_worked_out_by_hand(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    switches, given, expected = CASES[case]
    account = _under(switches, given, monkeypatch)
    for name, number in expected.items():
        values = _factor(account, name)
        assert values
        assert values == pytest.approx([number] * len(values), rel=1e-8), name


def test_peat_holds_more_water_than_its_own_mass(monkeypatch: pytest.MonkeyPatch) -> None:
    """0.4 x 0.5 x (1.2 - 0.7) + 0.3 = 0.4 m on 10 ha."""
    given: Given = {
        "marsh_saturated_content": (120, "%"),
        "marsh_water_content": (70, "%"),
    }
    account = _under({"flood_marshes": "soil_and_surface"}, given, monkeypatch)
    assert figure(account, "flood_mitigation.marshes") == pytest.approx(40000)


def test_oxygen_follows_the_primary_production_of_the_carbon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """32/12 of the carbon that light use gives, on 1,500 ha; no other production is asked for."""
    account = _under(CASA, LIGHT, monkeypatch)
    oxygen = 6.031125 * HEAT * 1500 * 32 / 12
    assert figure(account, "oxygen_release.released") == pytest.approx(oxygen, rel=1e-8)
    bindings = [binding for step in account.plan.steps for binding in step.step.inputs.values()]
    assert "net_primary_production" not in {binding.data for binding in bindings}
