"""Steps as DESIGN section 5 has them: keys and members, na, inheritance, layers of sets, forms of per, gaps."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.small import (
    COEFFICIENTS,
    DATA,
    HEAD,
    METHODS,
    REGIONS,
    Row,
    Small,
    area,
    cell,
    codes_of,
    coefficient,
    datum,
    indicator,
    written,
)

import gep

SOLD = """
id = "value"
kind = "value"
method = "./own.py:sold"
per = "region"
unit = "CNY"
inputs = { quantity = { data = "output" }, price = { coef = "product_price" } }
"""
TAKEN_UP = """
id = "taken"
kind = "quantity"
method = "./own.py:rate"
per = "area"
unit = "t"
over = { substance = ["SO2"] }
inputs = { rate = { coef = "uptake" } }
"""


def sold(**inputs: str) -> str:
    given = {"quantity": 'data = "output"', "price": 'coef = "product_price"'} | inputs
    text = ", ".join(f"{name} = {{ {binding} }}" for name, binding in given.items())
    return SOLD[: SOLD.index("inputs")] + f"inputs = {{ {text} }}"


def _method(name: str, inputs: dict[str, str], unit: str, returned: str) -> str:
    """The text of a method that returns an expression of its inputs."""
    given = ", ".join(f'{one}: Annotated[Array, "{its}"]' for one, its in inputs.items())
    head = f'def {name}(*, {given}) -> Annotated[Array, "{unit}"]:'
    return f'\n\n{head}\n    """As it is."""\n    return {returned}\n'


def plain(*rows: Row, areas: list[Row] | None = None, standard: str = "", **more: Any) -> Small:
    """An account by ecosystem types, without crosswalk and regions."""
    given = areas or [area("360981", "forest", 100), area("360981", "field", 50)]
    return Small(
        areas=given, data=(), sets={"base": rows}, standard=standard or indicator(TAKEN_UP), walk=None,
        **{"regions": None} | more,
    )  # fmt: skip


def uptake(value: object, **keys: object) -> dict[str, object]:
    return coefficient("uptake", value, "kg ha-1", substance="SO2", **keys)


# --- keys and members ------------------------------------------------------------------------------------------------


def test_members_are_those_of_the_data_rows_by_region(tmp_path: Path) -> None:
    account = Small().account(tmp_path)
    frame = account.frame()
    farm = frame[(frame["indicator"] == "farm") & (frame["level"] == "region")]
    assert set(zip(farm["region"], farm["item"], strict=True)) == {
        ("a", "product=rice"), ("b", "product=rice"), ("b", "product=fish")
    }  # fmt: skip
    assert cell(account, "top", "farm", "value", "product=rice") == 900 * 3000


def test_over_names_the_members_and_other_rows_are_ignored(tmp_path: Path) -> None:
    account = Small(standard=indicator(SOLD + 'over = { product = ["rice"] }')).account(tmp_path)
    assert set(account.frame()["item"]) == {"product=rice"}


def test_over_must_be_answered_by_every_keyed_input(tmp_path: Path) -> None:
    small = Small(standard=indicator(SOLD + 'over = { product = ["rice", "fish"] }'))
    with pytest.raises(gep.ProblemsFound) as found:
        small.account(tmp_path)
    assert {problem.code for problem in found.value.problems} == {"missing-data"}
    assert "for region A (a); product fish" in str(found.value)


def test_over_must_be_answered_by_a_step_in_every_region(tmp_path: Path) -> None:
    shared = SOLD.replace('id = "value"', 'id = "first"')
    handed = """
id = "value"
kind = "value"
method = "./own.py:same"
per = "region"
unit = "CNY"
over = { product = ["rice", "fish"] }
inputs = { value = { step = "x.first" } }
"""
    methods = METHODS + _method("same", {"value": "CNY"}, "CNY", "value")
    assert codes_of(
        Small(standard=indicator(shared, handed), methods=methods), tmp_path / "two"
    ) == {"missing-member"}
    one = handed.replace(', "fish"', "")
    account = Small(standard=indicator(shared, one), methods=methods).account(tmp_path / "one")
    assert cell(account, "a", "x", "value", "product=rice") == 2.1e6


@pytest.mark.parametrize(
    "bad", ['over = { product = ["rice", "rice"] }', "over = { product = [] }"]
)
def test_over_names_each_member_once(tmp_path: Path, bad: str) -> None:
    assert codes_of(Small(standard=indicator(SOLD + bad)), tmp_path) == {"open-key"}


@pytest.mark.parametrize("bad", ['over = { region = ["a"] }', 'sum_over = ["region"]'])
def test_a_step_runs_over_all_regions(tmp_path: Path, bad: str) -> None:
    assert codes_of(Small(standard=indicator(SOLD + bad)), tmp_path) == {"open-key"}


def test_members_of_two_data_inputs_must_be_the_same_by_region(tmp_path: Path) -> None:
    head = (
        HEAD + '[data.farm_price]\nname = "Price"\nunit = "CNY t-1"\nkeys = ["region", "product"]\n'
    )
    text = indicator(sold(price='data = "farm_price"'), head=head)
    prices = [datum(region, "farm_price", 5, "CNY t-1", product="rice") for region in "ab"]
    fish = datum("b", "farm_price", 7, "CNY t-1", product="fish")
    tea = datum("a", "farm_price", 7, "CNY t-1", product="tea")
    assert codes_of(Small(data=[*DATA, *prices, tea], standard=text), tmp_path / "tea") == {
        "members-differ"
    }
    assert codes_of(Small(data=[*DATA, *prices], standard=text), tmp_path / "lacks") == {
        "members-differ"
    }
    account = Small(data=[*prices[::-1], fish, *DATA], standard=text).account(tmp_path / "same")
    assert account.total("b") == pytest.approx((200 * 5 + 30 * 7) / 1e4)


def test_the_order_of_members_does_not_matter(tmp_path: Path) -> None:
    """``over`` names dust before SO2, the data rows are sorted the other way."""
    taken = TAKEN_UP.replace('["SO2"]', '["dust", "SO2"]')
    value = """
id = "value"
kind = "quantity"
method = "./own.py:lesser"
per = "region"
unit = "t"
inputs = { capacity = { step = "x.taken" }, emission = { data = "emission" } }
"""
    account = Small(standard=indicator(taken, value)).account(tmp_path)
    assert cell(account, "b", "x", "value", "substance=SO2") == 12
    assert cell(account, "b", "x", "value", "substance=dust") == 100


def test_at_fixes_a_key_of_data_coefficients_and_steps(tmp_path: Path) -> None:
    text = indicator(
        TAKEN_UP,
        sold(
            quantity='step = "x.taken", at = { substance = "SO2", ecosystem = "forest" }',
            price='coef = "treatment_cost", at = { substance = "SO2" }',
        ),
    )
    account = Small(standard=text).account(tmp_path / "step")
    assert cell(account, "a", "x", "value") == pytest.approx(300 * 0.1 * 1260)
    price = 'coef = "nutrient_cost", at = { substance = "N" }'
    text = indicator(sold(quantity='data = "output", at = { product = "rice" }', price=price))
    account = Small(standard=text).account(tmp_path / "data")
    assert cell(account, "a", "x", "value") == 700 * 1750


def test_at_a_region_hands_its_number_to_all(tmp_path: Path) -> None:
    text = indicator(
        sold(
            quantity='data = "output", at = { product = "rice", region = "a" }', price='coef = "p"'
        )
    )
    account = Small(standard=text, sets={"base": [coefficient("p", 2, "CNY t-1")]}).account(
        tmp_path
    )
    assert cell(account, "b", "x", "value") == 1400


@pytest.mark.parametrize("key", ["product", "month"])
def test_at_a_key_that_a_step_does_not_have_is_refused(tmp_path: Path, key: str) -> None:
    binding = f'step = "x.taken", at = {{ {key} = "SO2", substance = "SO2" }}'
    text = indicator(
        TAKEN_UP,
        sold(quantity=binding, price='coef = "treatment_cost", at = { substance = "SO2" }'),
    )
    assert codes_of(Small(standard=text), tmp_path) == {"missing-member"}


def test_a_coefficient_with_a_key_that_nothing_names_is_refused(tmp_path: Path) -> None:
    text = indicator(TAKEN_UP.replace('over = { substance = ["SO2"] }\n', ""))
    assert codes_of(Small(standard=text), tmp_path) == {"open-key"}


def test_data_of_an_ecosystem_without_area_are_told(tmp_path: Path) -> None:
    head = HEAD + '[data.rate]\nname = "Rate"\nunit = "kg ha-1"\nkeys = ["region", "ecosystem"]\n'
    step = TAKEN_UP.replace('coef = "uptake"', 'data = "rate"').replace(
        'over = { substance = ["SO2"] }', ""
    )
    data = [
        datum("360981", "rate", 3, "kg ha-1", ecosystem=name)
        for name in ("forest", "field", "shrub", "forrest")
    ]
    data += [datum("360982", "rate", value, "kg ha-1", ecosystem="field") for value in (0,)]
    areas = [area("360981", "forest", 100), area("360981", "field", 50), area("360982", "road", 50)]
    walk: list[Row] = [{"class": name, "ecosystem": name} for name in ("forest", "field")]
    small = plain(uptake(1, ecosystem="forest"), areas=areas, standard=indicator(step, head=head))
    small = Small(
        **{**vars(small), "data": data, "walk": [*walk, {"class": "road", "ecosystem": "na"}]}
    )
    account = small.account(tmp_path)
    assert [(one.code, one.where) for one in account.plan.warnings] == [
        ("unused-data", "data.csv row 4 column ecosystem"),
        ("unused-data", "data.csv row 5 column ecosystem"),
    ]
    assert "did you mean forest?" in account.plan.warnings[1].fix


# --- na --------------------------------------------------------------------------------------------------------------


def test_na_makes_its_cell_na_and_sums_skip_it(tmp_path: Path) -> None:
    areas = [
        area("360981", "forest", 100),
        area("360981", "field", 50),
        area("360982", "field", 50),
    ]
    regions: list[Row] = [
        {"region": "360900", "parent": ""}, {"region": "360981", "parent": "360900"},
        {"region": "360982", "parent": "360900"},
    ]  # fmt: skip
    rows = [
        uptake(30, ecosystem="forest"),
        uptake("na", ecosystem="field"),
        coefficient("p", 2, "CNY t-1"),
    ]
    value = sold(quantity='step = "x.taken"', price='coef = "p"')
    small = plain(*rows, areas=areas, regions=regions, standard=indicator(TAKEN_UP, value))
    account = small.account(tmp_path)
    assert cell(account, "360981", "x", "taken", "substance=SO2") == pytest.approx(3)
    assert cell(account, "360982", "x", "taken", "substance=SO2") == "na", "a sum of nothing but na"
    assert cell(account, "360982", "x", "value", "substance=SO2") == "na"
    assert cell(account, "360900", "x", "value", "substance=SO2") == pytest.approx(6)
    by_type = written(account.by_ecosystem()).set_index(["region", "step", "ecosystem"])["value"]
    assert by_type["360981", "taken", "forest"] == pytest.approx(3)
    assert by_type["360981", "taken", "field"] == "na"
    assert by_type["360982", "value", "unallocated"] == "na"
    summary = written(account.summary()).set_index(["region", "category"])["value"]
    assert summary["360982", "total"] == "na"
    assert summary["360900", "total"] == pytest.approx(6e-4)
    assert math.isnan(account.total("360982"))


def test_na_in_a_sum_over_members_is_skipped(tmp_path: Path) -> None:
    """Shrub gives no P: its value is that of N alone (10 kg/hm2 x 2625 yuan/t)."""
    account = Small().account(tmp_path)
    by_type = written(account.by_ecosystem())
    soil = by_type[
        (by_type["indicator"] == "soil") & (by_type["step"] == "value") & (by_type["region"] == "a")
    ]
    shrub = soil[soil["ecosystem"] == "shrub"]
    assert shrub["value"].tolist() == [pytest.approx(100 * 10 * 2.625 / 1e4)]


def test_members_and_ecosystems_keep_their_places(tmp_path: Path) -> None:
    """100 hm2 of shrub in a keep 1 t of N and, by na, no P; 100 hm2 of field 0.5 t and -0.1 t."""
    types = written(Small().account(tmp_path).by_ecosystem())
    kept = types[
        (types["indicator"] == "soil") & (types["step"] == "kept") & (types["region"] == "a")
    ]
    found = {(row["ecosystem"], row["item"]): row["value"] for _, row in kept.iterrows()}
    assert found.pop(("shrub", "substance=P")) == "na"
    assert found == pytest.approx(
        {
            ("forest", "substance=N"): 6, ("forest", "substance=P"): 0.6, ("shrub", "substance=N"): 1,
            ("field", "substance=N"): 0.5, ("field", "substance=P"): -0.1,
        }
    )  # fmt: skip


def test_a_zero_is_a_number(tmp_path: Path) -> None:
    account = plain(uptake(0, ecosystem="forest"), uptake("na", ecosystem="field")).account(
        tmp_path
    )
    assert cell(account, "360981", "x", "taken", "substance=SO2") == 0


# --- who answers -----------------------------------------------------------------------------------------------------


def test_a_class_answers_for_those_below_only_if_the_set_says_so(tmp_path: Path) -> None:
    rows = [uptake(30, ecosystem="nature"), uptake(1, ecosystem="field")]
    assert codes_of(plain(*rows), tmp_path / "no") == {"missing-coefficient"}
    for head in ('inherit = ["ecosystem"]\n', 'inherit = ["uptake"]\n'):
        account = plain(*rows, heads={"base": head}).account(tmp_path / "yes")
        assert cell(account, "360981", "x", "taken", "substance=SO2") == pytest.approx(3.05)
    nearer = plain(
        *rows, uptake(50, ecosystem="forest"), heads={"base": 'inherit = ["ecosystem"]\n'}
    )
    assert cell(
        nearer.account(tmp_path / "near"), "360981", "x", "taken", "substance=SO2"
    ) == pytest.approx(5.05)


@pytest.mark.parametrize("code", ["360900", "360000", "zone"])
def test_a_parent_region_answers_only_if_the_set_says_so(tmp_path: Path, code: str) -> None:
    """By the project's table, and by the digits of the code where the table has other parents."""
    rows = [uptake(30, region=code, ecosystem=name) for name in ("forest", "field")]
    regions: list[Row] = [{"region": "zone", "parent": ""}, {"region": "360981", "parent": "zone"}]
    assert codes_of(plain(*rows, regions=regions), tmp_path / "no") == {"missing-coefficient"}
    small = plain(*rows, regions=regions, heads={"base": 'inherit = ["region"]\n'})
    assert cell(
        small.account(tmp_path / "yes"), "360981", "x", "taken", "substance=SO2"
    ) == pytest.approx(4.5)


def test_a_class_never_answers_for_the_one_above(tmp_path: Path) -> None:
    areas = [area("360981", "nature", 100)]
    rows = [uptake(30, ecosystem="forest"), uptake(30, ecosystem="shrub")]
    small = plain(*rows, areas=areas, heads={"base": 'inherit = ["ecosystem"]\n'})
    assert codes_of(small, tmp_path / "no") == {"missing-coefficient"}
    account = plain(uptake(30, ecosystem="nature"), areas=areas).account(tmp_path / "yes")
    assert cell(account, "360981", "x", "taken", "substance=SO2") == pytest.approx(3)


def test_each_cell_takes_the_first_set_that_covers_it(tmp_path: Path) -> None:
    base = [uptake(30, ecosystem="forest"), uptake(10, ecosystem="field")]
    first = [uptake("na", ecosystem="field")]
    small = Small(**{**vars(plain()), "sets": {"own": first, "base": base}})
    account = small.account(tmp_path)
    assert cell(account, "360981", "x", "taken", "substance=SO2") == pytest.approx(3), (
        "na is an answer too"
    )
    table = account.plan.table().query("step == 'x.taken'")
    assert set(zip(table["set@version"], table["row"], strict=True)) == {
        ("own@1.0.0", 2),
        ("base@1.0.0", 2),
    }


def test_a_set_for_one_region_goes_before_one_for_all(tmp_path: Path) -> None:
    areas = [area("360981", "forest", 100), area("360982", "forest", 100)]
    sets = {
        "own": [uptake(50, region="360982", ecosystem="forest")],
        "base": [uptake(30, ecosystem="forest")],
    }
    account = Small(**{**vars(plain(areas=areas)), "sets": sets}).account(tmp_path)
    assert cell(account, "360981", "x", "taken", "substance=SO2") == pytest.approx(3)
    assert cell(account, "360982", "x", "taken", "substance=SO2") == pytest.approx(5)


# --- forms of per ----------------------------------------------------------------------------------------------------


def test_an_amount_of_the_region_is_not_counted_in_each_ecosystem(tmp_path: Path) -> None:
    value = sold(price='coef = "p"').replace('per = "region"', 'per = "amount"')
    by_type = [
        coefficient("p", 1, "CNY t-1", ecosystem=name) for name in ("forest", "shrub", "field")
    ]
    small = Small(standard=indicator(value), sets={"base": by_type})
    assert codes_of(small, tmp_path / "data") == {"ecosystem-key"}
    first = SOLD.replace('id = "value"', 'id = "first"')
    text = indicator(
        first,
        value.replace('data = "output"', 'step = "x.first"').replace("own.py:sold", "own.py:times"),
    )
    methods = METHODS + _method(
        "times", {"quantity": "CNY", "price": "CNY t-1"}, "CNY", "quantity * price"
    )
    sets = {"base": [*COEFFICIENTS, *by_type]}
    assert codes_of(Small(standard=text, methods=methods, sets=sets), tmp_path / "step") == {
        "ecosystem-key"
    }


def met(tmp_path: Path, unit: str, result: str, returned: str, per: str = "amount") -> gep.Account:
    """40 t and 30 t by type from a step meet 50 of the region from the data."""
    head = HEAD + f'[data.region_wide]\nname = "Of the region"\nunit = "{unit}"\n'
    methods = METHODS + _method("met", {"mass": "t", "other": unit}, result, returned)
    step = f"""
id = "met"
kind = "quantity"
method = "./own.py:met"
per = "{per}"
unit = "{result}"
inputs = {{ mass = {{ step = "x.taken" }}, other = {{ data = "region_wide" }} }}
"""
    rows = [uptake(400, ecosystem="forest"), uptake(600, ecosystem="field")]
    small = plain(*rows, standard=indicator(TAKEN_UP, step, head=head), methods=methods)
    return replace(small, data=[datum("360981", "region_wide", 50, unit)]).account(tmp_path)


@pytest.mark.parametrize(
    ("unit", "result"), [("t", "t"), ("t d-1", "t"), ("m3", "t"), ("10^4 CNY", "t"), ("km", "km")]
)
def test_an_amount_of_the_region_beside_a_step_by_ecosystem_is_refused(
    tmp_path: Path, unit: str, result: str
) -> None:
    """The lesser of emission and capacity, by type, would purify 40 + 30 t of the 50 t."""
    lesser = "np.minimum(other, mass)"
    with pytest.raises(gep.ProblemsFound) as found:
        met(tmp_path / "amount", unit, result, lesser)
    (problem,) = found.value.problems
    assert (problem.code, problem.where) == ("ecosystem-key", "small.toml x.met")
    assert "Of the region (region_wide) is an amount of the whole region" in problem.what
    assert 'per = "region"' in problem.fix
    by_region = met(tmp_path / "region", unit, result, lesser, per="region")
    assert cell(by_region, "360981", "x", "met", "substance=SO2") == pytest.approx(50)


@pytest.mark.parametrize(
    ("unit", "result"),
    [("CNY t-1", "CNY"), ("1", "t"), ("%", "t"), ("m3 t-1", "m3"), ("mm", "t mm"), ("d", "t d")],
)
def test_a_rate_of_the_region_may_meet_amounts_by_ecosystem(
    tmp_path: Path, unit: str, result: str
) -> None:
    account = met(tmp_path, unit, result, "mass * other")
    assert cell(account, "360981", "x", "met", "substance=SO2") == pytest.approx(70 * 50)


def test_an_amount_of_one_ecosystem_is_not_counted_in_each(tmp_path: Path) -> None:
    head = HEAD + '[data.taken]\nname = "Taken"\nunit = "t"\nkeys = ["region", "ecosystem"]\n'
    binding = 'data = "taken", at = { ecosystem = "forest" }'
    methods = METHODS + _method("average", {"one": "t", "other": "t"}, "t", "(one + other) / 2")
    step = f"""
id = "average"
kind = "quantity"
method = "./own.py:average"
per = "amount"
unit = "t"
inputs = {{ one = {{ data = "taken" }}, other = {{ {binding} }} }}
"""
    data = [
        datum("360981", "taken", value, "t", ecosystem=name)
        for name, value in (("forest", 3), ("field", 9))
    ]
    small = replace(
        plain(uptake(1), standard=indicator(step, head=head)), data=data, methods=methods
    )
    assert codes_of(small, tmp_path / "at") == {"ecosystem-key"}
    keyed = replace(small, standard=small.standard.replace(binding, 'data = "taken"'))
    assert cell(keyed.account(tmp_path / "keyed"), "360981", "x", "average") == 12


def test_a_price_handed_on_by_region_may_meet_amounts_by_ecosystem(tmp_path: Path) -> None:
    shared = """
[[step]]
id = "price"
kind = "auxiliary"
method = "./own.py:price"
per = "none"
unit = "CNY t-1"
inputs = { cost = { coef = "cost" }, factor = { coef = "factor" } }
"""
    value = sold(quantity='step = "x.taken"', price='step = "price"').replace(
        'per = "region"', 'per = "amount"'
    )
    rows = [
        uptake(30, ecosystem="forest"), uptake(10, ecosystem="field"), coefficient("factor", 1, "1"),
        coefficient("cost", 100, "CNY t-1", region="360981"),
    ]  # fmt: skip
    account = plain(*rows, standard=indicator(TAKEN_UP, value, head=HEAD + shared)).account(
        tmp_path
    )
    assert cell(account, "360981", "x", "value", "substance=SO2") == pytest.approx(350)
    assert not (account.frame()["step"] == "price").any(), "per = none is absent from account.csv"


def test_what_is_handed_on_by_ecosystem_is_never_summed(tmp_path: Path) -> None:
    first = TAKEN_UP.replace('"quantity"', '"auxiliary"').replace('per = "area"', 'per = "none"')
    first = first.replace('unit = "t"', 'unit = "kg ha-1"')
    second = TAKEN_UP.replace('id = "taken"', 'id = "again"').replace(
        'coef = "uptake"', 'step = "x.taken"'
    )
    rows = [uptake(30, ecosystem="forest"), uptake(10, ecosystem="field")]
    account = plain(*rows, standard=indicator(first, second)).account(tmp_path / "area")
    assert cell(account, "360981", "x", "again", "substance=SO2") == pytest.approx(3.5)
    by_region = second.replace('per = "area"', 'per = "region"').replace(
        'unit = "t"', 'unit = "kg ha-1"'
    )
    assert codes_of(plain(*rows, standard=indicator(first, by_region)), tmp_path / "region") == {
        "ecosystem-key"
    }


def test_over_ecosystem_limits_the_cells(tmp_path: Path) -> None:
    text = indicator(TAKEN_UP.replace("over = {", 'over = { ecosystem = ["nature"],'))
    account = plain(uptake(30, ecosystem="forest"), standard=text).account(tmp_path / "area")
    assert cell(account, "360981", "x", "taken", "substance=SO2") == pytest.approx(3)
    assert set(written(account.by_ecosystem())["ecosystem"]) == {"forest"}
    by_region = Small(standard=indicator(SOLD + 'over = { ecosystem = ["forest"] }'))
    assert codes_of(by_region, tmp_path / "region") == {"ecosystem-key"}


@pytest.mark.parametrize(
    ("per", "ecosystems"), [("region", {"unallocated"}), ("amount", {"forest", "shrub"})]
)
def test_the_area_of_listed_classes_is_an_input(
    tmp_path: Path, per: str, ecosystems: set[str]
) -> None:
    step = f"""
id = "wild"
kind = "quantity"
method = "./own.py:hectares"
per = "{per}"
unit = "km2"
inputs = {{ area = {{ area = ["nature"] }} }}
"""
    methods = METHODS + _method("hectares", {"area": "ha"}, "ha", "area")
    account = Small(standard=indicator(step), methods=methods).account(tmp_path)
    assert cell(account, "a", "x", "wild") == pytest.approx(4)
    assert cell(account, "b", "x", "wild") == pytest.approx(3)
    assert set(written(account.by_ecosystem())["ecosystem"]) == ecosystems
    rows = account.explain("x", "a").step("x.wild").rows
    assert rows[rows["input"] == "area rows"]["value"].tolist() == ["400", "400"], (
        "the row, by two shares"
    )
    assert rows[rows["input"] == "crosswalk rows"]["value"].tolist() == ["0.75", "0.25"]


def test_a_year_has_365_days(tmp_path: Path) -> None:
    methods = METHODS.replace("def rate", "def other") + _method(
        "rate", {"rate": "kg ha-1 a-1"}, "kg ha-1 a-1", "rate"
    )
    daily = coefficient("uptake", 1, "kg ha-1 d-1", substance="SO2", ecosystem="forest")
    yearly = coefficient("uptake", 365, "kg ha-1", substance="SO2", ecosystem="field")
    account = plain(daily, yearly, methods=methods).account(tmp_path)
    assert cell(account, "360981", "x", "taken", "substance=SO2") == pytest.approx(365 * 150 / 1000)


def test_a_standard_may_be_in_another_currency(tmp_path: Path) -> None:
    methods = METHODS.replace("CNY", "USD")
    head = HEAD.replace("10^4 CNY", "10^6 USD")
    text = indicator(SOLD.replace('unit = "CNY"', 'unit = "USD"'), head=head)
    dollars = [{**row, "unit": str(row["unit"]).replace("CNY", "USD")} for row in COEFFICIENTS]
    account = Small(standard=text, methods=methods, sets={"base": dollars}).account(
        tmp_path / "usd"
    )
    assert account.total("a") == pytest.approx(2.1)
    assert set(written(account.summary())["unit"]) == {"10^6 USD"}
    mixed = Small(
        standard=text.replace('unit = "USD"', 'unit = "CNY"'),
        methods=methods,
        sets={"base": dollars},
    )
    assert codes_of(mixed, tmp_path / "mixed") == {"wrong-dimension"}


def test_sums_that_are_not_additive_are_labelled_in_parents_only(tmp_path: Path) -> None:
    account = Small().account(tmp_path)
    assert [one for one in account.table("top", "en")["item of account"] if one.endswith("*")]
    assert not [one for one in account.table("a", "en")["item of account"] if one.endswith("*")]
    assert cell(account, "top", "air", "purified", "substance=dust") == 3500 + 100, (
        "not min(5100, 5150)"
    )


# --- land area, population -------------------------------------------------------------------------------------------


def test_per_km2_rests_on_land_area_never_on_class_sums(tmp_path: Path) -> None:
    def per_km2(name: str, **more: Any) -> dict[str, Any]:
        account = Small(**more).account(tmp_path / name)
        summary = written(account.summary()).query("category == 'total'").set_index("region")
        ratio = {
            code: summary["value"][code] / one if one != "" else ""
            for code, one in summary["per_km2"].items()
        }
        return {code: one if one == "" else round(one, 9) for code, one in ratio.items()}

    assert per_km2("table") == {"a": 6, "b": 4, "mid": 10, "top": 10}
    land = [datum("a", "land_area", 700, "hm2"), datum("top", "land_area", 12, "km2")]
    assert per_km2("data", data=[*DATA, *land]) == {"a": 7, "b": 4, "mid": 11, "top": 12}
    bare = [
        {key: value for key, value in row.items() if not key.startswith("area")} for row in REGIONS
    ]
    assert per_km2("none", regions=bare) == {"a": "", "b": "", "mid": "", "top": ""}
    assert per_km2("some", regions=bare, data=[*DATA, land[0]]) == {
        "a": 7,
        "b": "",
        "mid": "",
        "top": "",
    }
    assert per_km2("alone", regions=None, data=[*DATA, land[0]]) == {"a": 7, "b": ""}


# --- gaps ------------------------------------------------------------------------------------------------------------


def test_a_region_without_a_keyed_number_is_not_compiled(tmp_path: Path) -> None:
    lacks = [row for row in DATA if (row["name"], row["region"]) != ("output", "a")]
    assert codes_of(Small(data=lacks), tmp_path / "whole") == {"missing-data"}
    account = Small(data=lacks).account(tmp_path / "partial", partial=True)
    assert cell(account, "a", "farm", "value", "product=rice") == "not_compiled"
    assert cell(account, "b", "farm", "value", "product=fish") == 360000
    assert cell(account, "top", "farm", "value", "product=fish") == "not_compiled"
    summary = written(account.summary()).set_index(["region", "category"])["value"]
    for code in ("a", "mid", "top"):
        assert summary[code, "provisioning"] == summary[code, "total"] == "not_compiled"
    assert summary["b", "total"] == Small().account(tmp_path / "all").total("b")
    assert summary["a", "regulating"] == pytest.approx(969.19875)
    assert "not compiled in A (a)" in str(account.explain("farm", "top"))
    assert math.isnan(account.explain("farm", "top").value)


def test_what_is_missing_altogether_is_not_compiled_nor_is_what_follows(tmp_path: Path) -> None:
    lacks = [row for row in DATA if row["name"] not in ("output", "rain")]
    account = Small(data=lacks).account(tmp_path, partial=True)
    for step in ("kept", "value"):
        assert cell(account, "b", "water", step) == "not_compiled"
    assert cell(account, "b", "farm", "value") == "not_compiled"
    assert cell(account, "b", "visit", "value") == 0


def test_a_gap_does_not_make_the_members_of_its_region_differ(tmp_path: Path) -> None:
    """a has no output; the price of its rice alone is no reason to refuse b, which has all."""
    head = (
        HEAD + '[data.farm_price]\nname = "Price"\nunit = "CNY t-1"\nkeys = ["region", "product"]\n'
    )
    methods = METHODS + _method("tonnes", {"output": "t"}, "t", "output")
    first = """
id = "output"
kind = "quantity"
method = "./own.py:tonnes"
per = "region"
unit = "t"
inputs = { output = { data = "output" } }
"""
    pairs = [("a", "rice"), ("b", "rice"), ("b", "fish")]
    prices = [datum(code, "farm_price", 5, "CNY t-1", product=one) for code, one in pairs]
    data = [row for row in DATA if row["name"] == "output" and row["region"] == "b"] + prices
    text = indicator(
        first, sold(quantity='step = "x.output"', price='data = "farm_price"'), head=head
    )
    account = Small(data=data, standard=text, methods=methods).account(tmp_path, partial=True)
    assert cell(account, "b", "x", "value", "product=fish") == 150
    assert cell(account, "a", "x", "value", "product=rice") == "not_compiled"


def test_only_regions_with_the_uncovered_class_are_not_compiled(tmp_path: Path) -> None:
    lacks = [
        row
        for row in COEFFICIENTS
        if (row["coefficient"], row.get("ecosystem")) != ("runoff", "field")
    ]
    assert codes_of(Small(sets={"base": lacks}), tmp_path / "whole") == {"missing-coefficient"}
    account = Small(sets={"base": lacks}).account(tmp_path / "partial", partial=True)
    assert cell(account, "a", "water", "kept") == "not_compiled"
    assert cell(account, "b", "water", "kept") == pytest.approx(286.875), "b has no field"
    found = account.to_xarray()["water__kept"]
    assert found.sel(region="a").isnull().all(), (
        "nor are the parts of what is not compiled shown or weighed"
    )
    assert account.results["water.value"][0].sum() == 0


def test_a_region_of_which_nothing_is_accounted_for_has_no_rows_by_area(tmp_path: Path) -> None:
    areas = [area("a", "road", 10), area("b", "wood", 100)]
    account = Small(areas=areas).account(tmp_path)
    assert account.plan.extent.unaccounted.tolist() == [1e5, 0]
    frame = account.frame()
    assert not ((frame["region"] == "a") & (frame["indicator"] == "water")).any()
    assert cell(account, "a", "farm", "value", "product=rice") == 2.1e6


def test_an_account_of_nothing_but_unaccounted_classes_is_na(tmp_path: Path) -> None:
    account = Small(areas=[area("a", "road", 10), area("b", "road", 100)]).account(tmp_path)
    assert math.isnan(account.total("top", "regulating"))
    assert account.total("top") == pytest.approx(210 + 96 + 40)
    assert set(written(account.by_ecosystem())["ecosystem"]) == {"unallocated"}
    assert math.isnan(account.explain("water", "top").value)
    assert account.explain("farm", "top").value == pytest.approx(306)
