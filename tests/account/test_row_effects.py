"""By how much each number moves the headline: by hand on the small account, and by computing it again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.small import (
    COEFFICIENTS,
    DATA,
    HEAD,
    Small,
    area,
    coefficient,
    datum,
    indicator,
)

import gep
from gep.account.row_effects import InputEffects, RowEffects, row_effects, share_behind

# Values of the small account in 10^4 CNY, worked out from its areas (a: forest 300, shrub 100,
# field 100 hm2; b: forest 75, shrub 225 hm2) and its numbers.
FARM = 700 * 0.3 + 200 * 0.3 + 30 * 1.2
WATER_FOREST = (1.6 * 300 + 1.5 * 75) * 0.75 * 2  # m x hm2 = 10^4 m3
WATER_SHRUB = (1.6 * 100 + 1.5 * 225) * 0.6 * 2
WATER = WATER_FOREST + WATER_SHRUB
SO2 = (20 + 12) * 0.126  # as emitted: the capacity is 35 and 18.75 t
DUST_A = 3500 * 0.015  # the capacity; 5000 t are emitted
DUST_B = 100 * 0.015  # as emitted
NITROGEN = (6 + 1 + 0.5 + 1.5 + 2.25) * 0.1750 * 1.5
PHOSPHORUS = (0.6 - 0.1 + 0.15) * 0.28 * 1.5
VISITS = 5000 * 80 / 1e4
TOTAL = FARM + WATER + SO2 + DUST_A + DUST_B + NITROGEN + PHOSPHORUS + VISITS


def effects_by_name(rows: RowEffects) -> dict[tuple[str, ...], float]:
    """The effect of each row by its name and keys, summed over the inputs that use it."""
    effects: dict[tuple[str, ...], float] = {}
    for entry in rows.inputs:
        for row, effect in zip(entry.source.frame.to_dict("records"), entry.effects, strict=True):
            keys = ("name", "region", "ecosystem", "substance", "product")
            key = tuple(row[name] for name in keys if row[name])
            effects[key] = effects.get(key, 0.0) + effect
    return effects


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> gep.Account:
    """The small account of two regions."""
    return Small().account(tmp_path_factory.mktemp("small"))


def test_effects_by_hand(account: gep.Account) -> None:
    effects = effects_by_name(row_effects(account))
    by_hand = {
        ("product_price", "rice"): 270,
        ("output", "b", "fish"): 36,
        ("storage_cost",): WATER,
        ("rain", "a"): 1.6 * (300 * 0.75 + 100 * 0.6) * 2,
        ("runoff", "forest"): -WATER_FOREST * 0.25 / 0.75,  # what runs off is not kept
        ("runoff", "shrub"): -WATER_SHRUB * 0.4 / 0.6,
        ("uptake", "forest", "dust"): 3000 * 0.015,  # in a, where the capacity is the lesser
        ("uptake", "forest", "SO2"): 0,
        ("emission", "a", "dust"): 0,
        ("emission", "b", "dust"): DUST_B,
        ("treatment_cost", "SO2"): SO2,
        ("nutrient_factor",): NITROGEN + PHOSPHORUS,
        ("nutrient_cost", "P"): PHOSPHORUS,
        ("nutrient_rate", "field", "P"): -0.1 * 0.28 * 1.5,
        ("spending",): VISITS,
    }
    for key, value in by_hand.items():
        assert effects[key] == pytest.approx(value / TOTAL, rel=1e-9, abs=1e-12), key


def test_effects_of_areas_by_hand(account: gep.Account) -> None:
    """The row of 400 hm2 wood is forest and shrub; the road is not accounted for."""
    rows = row_effects(account)
    parts = account.plan.extent.parts.assign(effect=rows.areas)
    by_row = parts.groupby(["region", "class"])["effect"].sum()
    water = 1.6 * (300 * 0.75 + 100 * 0.6) * 2
    dust = 3400 * 0.015
    soil = 7 * 0.1750 * 1.5 + 0.6 * 0.28 * 1.5
    assert by_row["a", "wood"] == pytest.approx((water + dust + soil) / TOTAL, rel=1e-9)
    assert by_row["b", "road"] == 0


def test_effects_are_those_of_computing_again(tmp_path: Path, account: gep.Account) -> None:
    """Every coefficient and every number of data, 0.1 % up and down, in accounts of their own."""
    effects = effects_by_name(row_effects(account))
    small = Small()
    arguments = small.arguments(tmp_path)
    base = arguments["coefficients"][0]
    compared = 0
    for position, row in enumerate(COEFFICIENTS):
        if row["value"] == "na":
            continue
        totals = []
        for change in (1.001, 0.999):
            rows = base.rows.copy()
            rows.loc[position, "value"] *= change
            changed = replace(base, rows=rows, _by_name={})
            again = gep.compute(**{**arguments, "coefficients": [changed]})
            totals.append(again.total("a") + again.total("b"))
        key = tuple(str(row[name]) for name in _KEYS if name in row)
        slope = (totals[0] - totals[1]) / 0.002 / TOTAL
        assert effects[key] == pytest.approx(slope, rel=1e-6, abs=1e-9), key
        compared += 1
    for position, row in enumerate(DATA):
        totals = []
        for change in (1.001, 0.999):
            numbers = [dict(number) for number in DATA]
            numbers[position]["value"] = float(str(row["value"])) * change
            name = f"{position}-{change}"
            again = replace(small, data=numbers).account(tmp_path / name)
            totals.append(again.total("a") + again.total("b"))
        key = tuple(str(row[name]) for name in _DATA_KEYS if name in row)
        slope = (totals[0] - totals[1]) / 0.002 / TOTAL
        assert effects[key] == pytest.approx(slope, rel=1e-6, abs=1e-9), key
        compared += 1
    assert compared == len(DATA) + len(COEFFICIENTS) - 3


_KEYS = ("coefficient", "ecosystem", "substance", "product")
_DATA_KEYS = ("name", "region", "substance", "product")


def test_quantities_without_values_count_alike(tmp_path: Path) -> None:
    """Two quantities of different units: each moves the mean of both by half of itself."""
    step = """
id = "{name}"
kind = "quantity"
method = "./own.py:rate"
per = "area"
unit = "{unit}"
inputs = {{ rate = {{ coef = "{name}" }} }}
"""
    standard = indicator(step.format(name="n", unit="kg"), step.format(name="p", unit="t"))
    rows = [coefficient("n", 3, "kg ha-1"), coefficient("p", 5, "t ha-1")]
    small = Small(areas=[area("a", "field", 10)], standard=standard, sets={"base": rows}, walk=None)
    effects = row_effects(replace(small, data=(), regions=None).account(tmp_path))
    assert [entry.effects.tolist() for entry in effects.inputs] == [
        [pytest.approx(0.5)],
        [pytest.approx(0.5)],
    ]
    assert effects.areas.tolist() == [pytest.approx(1)]


def test_a_share_at_its_limit_is_changed_to_the_other_side(tmp_path: Path) -> None:
    """A method that is not defined beyond 1 is not asked for more."""
    methods = '''
"""Methods."""

from typing import Annotated

import numpy as np

from gep.units import Array, Limits


def paid(
    *, share: Annotated[Array, "1", Limits(0, 1)], price: Annotated[Array, "CNY"]
) -> Annotated[Array, "CNY"]:
    """A share of a price; more than all of it cannot be."""
    if np.any(share > 1):
        raise ValueError("more than all")
    return share * price
'''
    step = """
id = "value"
kind = "value"
method = "./own.py:paid"
per = "region"
unit = "CNY"
inputs = { share = { coef = "part" }, price = { data = "paid" } }
"""
    head = HEAD + '\n[data.paid]\nname = "Paid"\nunit = "CNY"\n'
    small = Small(
        areas=[area("a", "field", 10)],
        data=[datum("a", "paid", 70, "CNY")],
        sets={"base": [coefficient("part", 1, "1")]},
        standard=indicator(step, head=head),
        methods=methods,
        walk=None,
        regions=None,
    )
    rows = row_effects(small.account(tmp_path))
    assert [entry.effects.tolist() for entry in rows.inputs] == [[pytest.approx(1)]] * 2


def test_the_share_behind_which_rows_stand(account: gep.Account) -> None:
    """A value counts where one marked number is behind it, through all steps before."""
    rows = row_effects(account)

    def share(name: str, **keys: str) -> float:
        def is_marked(entry: InputEffects) -> np.ndarray:
            frame = entry.source.frame
            marks = np.array(frame["name"] == name)
            for key, member in keys.items():
                marks &= (frame[key] == member).to_numpy()
            return np.asarray(marks)

        return share_behind(account, is_marked, rows)

    assert share("storage_cost") == pytest.approx(WATER / TOTAL)
    assert share("runoff", ecosystem="forest") == pytest.approx(WATER_FOREST / TOTAL)
    assert share("nutrient_factor") > 0
    # the capacities of all types are summed: one of them is behind the whole of the substance
    dust = (DUST_A + DUST_B) / TOTAL
    assert share("uptake", ecosystem="shrub", substance="dust") == pytest.approx(dust)
    assert share("nothing") == 0
