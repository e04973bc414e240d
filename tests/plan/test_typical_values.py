"""Typical values of a region stand in for data that nobody measured, where the project lists their set."""

from pathlib import Path

import pandas as pd
import pytest
from support.small import HEAD, Row, Small, area, cell, codes_of, coefficient, indicator
from test_data_of_parents import rain

import gep
from gep.io.catalog import shipped_folder

RAIN = HEAD.replace(
    'unit = "mm"',
    'unit = "mm"\nmin = 1\nmax = 5000\nrange_source = "expert"\nkeys = ["region", "ecosystem"]\n'
    'inherit = ["region", "ecosystem"]',
)
STEPS = (
    """
id = "kept"
kind = "quantity"
method = "./own.py:kept"
per = "area"
unit = "10^4 m3"
inputs = { rain = { data = "rain" }, runoff = { coef = "runoff" } }
""",
    """
id = "value"
kind = "value"
method = "./own.py:stored"
per = "amount"
unit = "10^4 CNY"
inputs = { volume = { step = "x.kept" }, cost = { coef = "storage_cost" } }
""",
)
PRICES = [coefficient("runoff", 0, "1"), coefficient("storage_cost", 2, "CNY m-3")]
TYPICAL = "typical = true\n"


def typical(ecosystem: str, value: object, **more: object) -> dict[str, object]:
    return coefficient("rain", value, "mm", ecosystem=ecosystem, **more)


def world(*rows: Row, data: list[Row] = [], head: str = TYPICAL) -> Small:  # noqa: B006
    """Rain on 100 ha of forest and shrub in regions a and b: 1000 mm are 100 x 10^4 m3, 200 x 10^4 CNY."""
    return Small(
        standard=indicator(*STEPS, head=RAIN),
        areas=[area(region, name, 100) for region in "ab" for name in ("forest", "shrub")],
        data=data,
        sets={"far": rows, "base": PRICES},
        heads={"far": head},
        walk=None,
    )


BOTH = (typical("forest", 1000), typical("shrub", 500))


def kept(account: gep.Account, region: str) -> float:
    return float(cell(account, region, "x", "kept"))


def test_typical_values_serve_where_there_is_no_row_of_data(tmp_path: Path) -> None:
    account = world(*BOTH).account(tmp_path)
    assert (kept(account, "a"), kept(account, "b")) == pytest.approx((150, 150))
    assert account.shares()["typical"] == pytest.approx(1)


def test_a_set_that_is_not_of_typical_values_never_serves_for_data(tmp_path: Path) -> None:
    assert codes_of(world(*BOTH, head=""), tmp_path) == {"missing-data"}


def test_a_row_of_data_goes_first_cell_by_cell(tmp_path: Path) -> None:
    data = [rain("a", "forest", 2000)]
    account = world(*BOTH, data=data).account(tmp_path)
    assert (kept(account, "a"), kept(account, "b")) == pytest.approx((200 + 50, 150))
    # all is 250 + 150; forest of a is not typical
    assert account.shares()["typical"] == pytest.approx((50 + 150) / 400)


def test_a_row_of_data_for_all_types_goes_first_in_all(tmp_path: Path) -> None:
    """A measured number for the region is nearer than a typical one for the type."""
    account = world(*BOTH, data=[rain("a", "", 300)]).account(tmp_path)
    assert (kept(account, "a"), kept(account, "b")) == pytest.approx((60, 150))


def test_a_typical_value_of_a_parent_type_serves_only_if_the_set_says_so(tmp_path: Path) -> None:
    of_parent = typical("nature", 1000)
    assert codes_of(world(of_parent), tmp_path / "no") == {"missing-data"}
    head = f'{TYPICAL}inherit = ["ecosystem"]\n'
    account = world(of_parent, head=head).account(tmp_path / "yes")
    assert kept(account, "a") == pytest.approx(200)


def test_na_of_a_typical_value_is_an_answer(tmp_path: Path) -> None:
    account = world(typical("forest", 1000), typical("shrub", "na")).account(tmp_path)
    assert kept(account, "a") == pytest.approx(100)


def test_what_no_set_has_is_missing_still(tmp_path: Path) -> None:
    assert codes_of(world(BOTH[0]), tmp_path) == {"missing-data"}


def test_typical_values_outside_their_scope_are_value_transfer(tmp_path: Path) -> None:
    small = world(*BOTH, head=f'{TYPICAL}[scope]\nregions = ["b"]\n')
    assert codes_of(small, tmp_path / "no") == {"value-transfer"}
    account = small.account(tmp_path / "yes", allow_transfer=True)
    assert account.shares()["transfer"] == pytest.approx(1 / 2)
    assert account.shares()["typical"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("more", "code"),
    [({"value": 9000}, "implausible"), ({"value": 1000, "low": 900, "high": 9000}, "implausible")],
)
def test_typical_values_are_held_against_the_range_of_the_data(
    tmp_path: Path, more: dict[str, object], code: str
) -> None:
    row = {**typical("forest", 0), **more}
    account = world(row, BOTH[1]).account(tmp_path)
    assert code in {problem.code for problem in account.plan.warnings}


def test_a_typical_value_in_another_dimension_is_refused(tmp_path: Path) -> None:
    row = {**typical("forest", 1000), "unit": "t"}
    assert codes_of(world(row, BOTH[1]), tmp_path) == {"wrong-dimension"}


def test_the_share_is_printed_and_the_numbers_are_listed(tmp_path: Path) -> None:
    account = world(*BOTH, data=[rain("a", "forest", 2000)]).account(tmp_path)
    assert any(line.endswith("50.0%") and "典型值" in line for line in account.caption("zh"))
    assert any(line.endswith("50.0%") and "typical" in line for line in account.caption("en"))
    listed = [problem for problem in account.plan.warnings if problem.code == "default-used"]
    assert [str(problem.place) for problem in listed] == ["far@1.0.0"]
    assert "rain" in listed[0].say("en")


def test_without_typical_values_nothing_is_said_of_them(tmp_path: Path) -> None:
    data = [rain(region, "", 1000) for region in "ab"]
    account = world(*BOTH, data=data).account(tmp_path)
    assert account.shares()["typical"] == 0
    assert not any("典型值" in line for line in account.caption("zh"))
    assert not [problem for problem in account.plan.warnings if problem.code == "default-used"]


def test_the_plan_tells_data_from_typical_values(tmp_path: Path) -> None:
    account = world(*BOTH, data=[rain("a", "forest", 2000)]).account(tmp_path)
    table = account.plan.table()
    rows = table[(table["input"] == "rain").to_numpy()]
    sets = dict(zip(rows["binding"], rows["set@version"], strict=True))
    assert sets == {
        "data=rain region=a ecosystem=forest": "",
        "data=rain ecosystem=forest": "far@1.0.0",
        "data=rain ecosystem=shrub": "far@1.0.0",
    }


def test_a_coefficient_of_such_a_set_counts_as_typical_too(tmp_path: Path) -> None:
    cost = coefficient("storage_cost", 4, "CNY m-3")
    data = [rain(region, "", 1000) for region in "ab"]
    account = world(cost, data=data).account(tmp_path)
    assert account.total("a") == pytest.approx(200 * 4)
    assert account.shares()["typical"] == pytest.approx(1)


def test_a_number_of_a_typical_value_is_explained(tmp_path: Path) -> None:
    account = world(*BOTH).account(tmp_path)
    assert "far@1.0.0" in str(account.explain("x", region="a"))


def test_no_shipped_standard_lists_typical_values() -> None:
    """They are used only where a project asks for them."""
    for path in sorted(shipped_folder("standards").glob("*.toml")):
        for name in gep.read_standard(path).spec.coefficients:
            if not name.startswith("."):
                assert not gep.read_coefficient_set(name).header.typical, path.name


def test_rows_of_the_set_for_jiangxi_are_inputs_of_the_standard() -> None:
    """A misspelled name would serve nothing, in silence."""
    spec = gep.read_standard("rcees-2017").spec
    rows = gep.read_coefficient_set("jiangxi-typical").rows
    known = {**spec.data, **spec.coefficient}
    assert set(rows["name"]) <= set(known)
    for row in rows.to_dict("records"):
        declared = known[row["name"]]
        if pd.notna(row["value"]):
            value = row["value"] * gep.units.factor(row["unit"], declared.unit)
            assert declared.min <= value <= declared.max, row["name"]
    expert = rows[(rows["grade"] == gep.inputs.value_rows.GRADE["expert"]).to_numpy()]
    assert set(expert["name"][expert["value"].notna()]) == {"vegetation_cover"}
