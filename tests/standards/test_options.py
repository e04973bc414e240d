"""Options of standards beside the defaults: numbers worked out here.

Inputs are the made-up ones of ``support.family``; the first town has 1,500 ha, of which 10 are marsh.
"""

import pytest
from support import family
from support.family import account_under, figure
from support.options import CASES, SLOPE


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
