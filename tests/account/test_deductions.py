"""Products from outside the region: an indicator of the category ``adjustment`` lessens the total."""

from pathlib import Path

import pytest
from support.museum import edit, project

import gep

DEDUCTION = """
[[indicator]]
id = "outside_products"
name = { zh = "区域外产品扣除", en = "Products from outside, deducted" }
category = "adjustment"
[[indicator.step]]
id = "value"
kind = "value"
method = "gep.methods.products:deduction_by_share"
per = "region"
unit = "10^4 CNY"
clause = "made up"
inputs = { value = { step = "farm_products.value" }, outside_share = { coef = "outside_share" } }

[[total]]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The format example, a quarter of whose farm products is owed to ecosystems elsewhere."""
    folder = project(tmp_path / "p")
    standard = folder / "standard.toml"
    text = standard.read_text(encoding="utf-8")
    head, total, tail = text.partition("\n[[total]]\n")
    tail = tail.replace('"farm_products"', '"farm_products", "outside_products"', 1)
    assert total
    assert '"outside_products"' in tail
    standard.write_text(head + DEDUCTION + tail, encoding="utf-8")
    numbers = folder / "base" / "numbers.csv"
    columns = numbers.read_text(encoding="utf-8").splitlines()[0].split(",")
    row = {"coefficient": "outside_share", "value": "25", "unit": "%", "source": "made_up"}
    row |= {"locator": "t9", "grade": "placeholder"}
    line = ",".join(row.get(column, "") for column in columns)
    numbers.write_text(numbers.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    return folder


def _sums(account: gep.Account, region: str) -> dict[str, float]:
    """Value by category of a region."""
    lines = account.summary()
    lines = lines[(lines["region"] == region).to_numpy()]
    return dict(zip(lines["category"], lines["value"], strict=False))


def test_what_comes_from_outside_is_taken_off_the_total(folder: Path, tmp_path: Path) -> None:
    before = gep.run_project(project(tmp_path / "before"), allow_code=True).accounts[0]
    run = gep.run_project(folder, allow_code=True)
    (account,) = run.accounts
    for region in ("990101", "990102"):
        sums = _sums(account, region)
        products = sums["provisioning"]  # farm products alone
        assert products > 0
        assert sums["adjustment"] == pytest.approx(-products / 4)
        assert account.total(region) == pytest.approx(before.total(region) - products / 4)
        assert "adjustment" not in _sums(before, region)
    assert run.warnings == ()  # an adjustment may be negative


def test_a_share_above_one_is_impossible(folder: Path) -> None:
    edit(folder / "base" / "numbers.csv", "outside_share,,,,,25,%", "outside_share,,,,,125,%")
    with pytest.raises(gep.ProblemsFound) as found:
        gep.run_project(folder, allow_code=True)
    assert {problem.code for problem in found.value.problems} == {"impossible"}
