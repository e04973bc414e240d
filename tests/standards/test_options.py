"""Options of standards beside the defaults: numbers worked out here, and methods that no standard binds.

Inputs are the made-up ones of ``support.family``; the first town has 1,500 ha, of which 10 are marsh.
"""

import importlib
import inspect

import pytest
from support import family
from support.family import account_under, figure
from support.options import CASES, SLOPE
from support.paths import ROOT

import gep
from gep.io.catalog import shipped
from gep.standards.method import SHIPPED_MODULES


@pytest.mark.parametrize("case", CASES)
def test_options_give_what_is_worked_out_by_hand(case: str) -> None:
    name, switches, expected = CASES[case]
    account = account_under(name, switches)
    computed = {key: figure(account, *key) for key in expected}
    assert computed == pytest.approx(expected, rel=1e-4)


def test_water_that_is_not_clean_enough_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family, "DATA", {**family.DATA, "water_class": (4, "1")})
    account = account_under("rcees-2017", {"water_supply_quantity": "clean"})
    assert figure(account, "water_supply.used", "use=farming") == 0


def test_factors_given_and_computed_to_the_same_numbers_agree() -> None:
    """With R given and K, L and S computed, and the other way round, the product is the same."""
    computed = account_under("rcees-2017", {"soil_factors": "computed"})
    given = account_under("rcees-2017")
    ratio = figure(computed, "soil_retention.retained") / figure(given, "soil_retention.retained")
    assert ratio == pytest.approx((16.8 * SLOPE - 0.5) / (2 * 3))


# --- methods that no standard binds --------------------------------------------------------------

NO_KEY_FOR_DAYS = "runs over days, for which there is no key: R enters as data"
UNBOUND = {
    "rusle:erosive_rain": NO_KEY_FOR_DAYS,
    "rusle:daily_erosivity": NO_KEY_FOR_DAYS,
    "rusle:zhang_exponent": NO_KEY_FOR_DAYS,
    "rusle:zhang_coefficient": NO_KEY_FOR_DAYS,
    "rusle:zhang_daily_erosivity": NO_KEY_FOR_DAYS,
    "flood:storm_runoff_by_curve_number": "runs over storms one by one, for which there is no key",
    "recreation:zonal_visits": "runs over zones of origin, for which there is no key",
    "recreation:consumer_surplus_of_linear_demand": "runs over zones of origin, likewise",
    "biodiversity:shannon_wiener_term": "runs over species, for which there is no key: H is data",
    "flood:area_over_seasons": "an area of a type is that of areas.csv: computed before it",
    "climate:transpired_water": "of one paper: bound in the standard of examples/gaotianyan-2014",
}


def _bound(paths: list[str]) -> set[str]:
    """The methods that steps of standards name, without ``gep.methods.``."""
    bound = set()
    for path in paths:
        for _, _, step in gep.read_standard(path).steps():
            bound.add(step.method.removeprefix("gep.methods."))
    return bound


def _methods() -> set[str]:
    """The public functions of the modules of methods that ship."""
    methods = set()
    for path in SHIPPED_MODULES:
        for name, value in vars(importlib.import_module(path)).items():
            is_own = inspect.isfunction(value) and value.__module__ == path
            if is_own and not name.startswith("_"):
                methods.add(f"{path.removeprefix('gep.methods.')}:{name}")
    return methods


def test_every_method_is_bound_or_says_why_not() -> None:
    assert len(_methods()) > 130
    assert _methods() - _bound(sorted(shipped("standards"))) == set(UNBOUND)
    example = str(ROOT / "examples" / "gaotianyan-2014" / "standard.toml")
    assert "climate:transpired_water" in _bound([example])
