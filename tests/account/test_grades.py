"""Grades, value transfer and placeholders (DESIGN section 5): the worst row behind a value, and shares of the value."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.small import (
    COEFFICIENTS,
    HEAD,
    SHARED,
    SOIL,
    WALK,
    Row,
    Small,
    area,
    codes_of,
    coefficient,
    datum,
)

STANDARD = """
[[step]]
id = "price"
kind = "auxiliary"
method = "./own.py:price"
per = "none"
unit = "CNY t-1"
inputs = { cost = { coef = "cost" }, factor = { coef = "factor" } }
[[indicator]]
id = "farm"
name = "Farm products"
category = "provisioning"
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:sold"
per = "region"
unit = "10^4 CNY"
inputs = { quantity = { data = "output" }, price = { coef = "product_price" } }
[[indicator]]
id = "soil"
name = "Soil retention"
category = "regulating"
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:priced_rate"
per = "area"
unit = "10^4 CNY"
inputs = { rate = { coef = "rate" }, price = { step = "price" } }
[[total]]
id = "gep"
name = "GEP"
indicators = ["farm", "soil"]
"""
# farm: 10 t of rice at 1000 and 30 t of fish at 2000: 1 and 6; soil: 100 hm2 at 30 kg/hm2 of 1000 yuan/t: 0.3;
# less 100 hm2 of shrub at 10 kg/hm2: -0.1 (10^4 yuan)
FARM_RICE, FARM_FISH, FOREST, SHRUB = 1.0, 6.0, 0.3, 0.1
WHOLE = FARM_RICE + FARM_FISH + FOREST + SHRUB


def world(
    *,
    evidence: str = "verified",
    grades: dict[str, str] | None = None,
    walk: list[Row] | None = None,
    **more: Any,
) -> Small:
    """The account above, everything official but what ``grades`` says."""
    of = {"default": "official"} | (grades or {})

    def grade(name: str) -> str:
        return of.get(name, of["default"])

    def cited(name: str) -> str:
        return (
            "official" if grade(name) == "unstated" else grade(name)
        )  # unstated is for areas and data

    rows = [
        coefficient("product_price", 1000, "CNY t-1", product="rice", grade=cited("rice price")),
        coefficient("product_price", 2000, "CNY t-1", product="fish", grade=cited("fish price")),
        coefficient("cost", 500, "CNY t-1", grade=cited("cost")),
        coefficient("factor", 2, "1", grade=cited("factor")),
        coefficient("rate", 30, "kg ha-1", ecosystem="forest", grade=cited("forest rate")),
        coefficient("rate", -10, "kg ha-1", ecosystem="shrub", grade=cited("shrub rate")),
    ]
    first, second = ("wood", "bush") if walk else ("forest", "shrub")
    areas = [
        area("360981", first, 100, grade=grade("forest area")), area("360981", second, 100, grade=grade("shrub area"))
    ]  # fmt: skip
    data = [
        datum("360981", "output", 10, "t", product="rice", grade=grade("rice")),
        datum("360981", "output", 30, "t", product="fish", grade=grade("fish")),
    ]
    head = HEAD.replace('evidence = "published"', f'evidence = "{evidence}"')
    return Small(
        areas=areas,
        data=data,
        sets={"base": rows},
        standard=head + STANDARD,
        walk=walk,
        **{"regions": None} | more,
    )


def shares(small: Small, folder: Path, **options: Any) -> dict[str, float]:
    found = small.account(folder, **options).shares()["grade"]
    return {name: share for name, share in found.items() if share}


def test_everything_official_is_official(tmp_path: Path) -> None:
    assert shares(world(), tmp_path) == {"official": pytest.approx(1)}


@pytest.mark.parametrize(
    ("behind", "size"),
    [
        ("rice price", FARM_RICE), ("fish price", FARM_FISH), ("rice", FARM_RICE), ("forest rate", FOREST),
        ("shrub rate", SHRUB), ("forest area", FOREST), ("shrub area", SHRUB), ("cost", FOREST + SHRUB),
        ("factor", FOREST + SHRUB),
    ],
)  # fmt: skip
def test_a_value_has_the_worst_grade_behind_it_and_shares_are_of_absolute_values(
    tmp_path: Path, behind: str, size: float
) -> None:
    found = shares(world(grades={behind: "recalled"}), tmp_path)
    assert found == {
        "official": pytest.approx(1 - size / WHOLE),
        "recalled": pytest.approx(size / WHOLE),
    }


def test_of_several_grades_the_worst_counts(tmp_path: Path) -> None:
    order = ("official", "published", "derived", "expert", "unstated", "recalled")
    for better, worse in pairwise(order):
        found = shares(
            world(grades={"default": worse, "rate": better, "cost": better}), tmp_path / worse
        )
        assert found == {worse: pytest.approx(1)}


def test_a_sum_over_members_has_the_worst_grade_of_those_that_count(tmp_path: Path) -> None:
    """The price of P is recalled: so is forest, worth 20 N + 2 P a hectare; shrub gives no P."""
    areas = [area("a", name, 100, grade="official") for name in ("forest", "shrub")]
    rows = [
        {**row, "grade": "recalled"}
        if (row["coefficient"], row.get("substance")) == ("nutrient_cost", "P")
        else row
        for row in COEFFICIENTS
    ]
    text = HEAD + SHARED + SOIL + '[[total]]\nid = "gep"\nname = "GEP"\nindicators = ["soil"]\n'
    found = shares(
        Small(areas=areas, data=(), sets={"base": rows}, standard=text, walk=None, regions=None),
        tmp_path,
    )
    forest, shrub = 20 * 1750 + 2 * 2800, 10 * 1750
    assert found == pytest.approx(
        {"recalled": forest / (forest + shrub), "published": shrub / (forest + shrub)}
    )


def test_the_crosswalks_grade_reaches_the_values_of_its_classes(tmp_path: Path) -> None:
    walk: list[Row] = [
        {"class": "wood", "ecosystem": "forest", "share": "", "grade": "derived"},
        {"class": "bush", "ecosystem": "shrub", "share": "", "grade": "official"},
    ]
    found = shares(world(walk=walk), tmp_path)
    assert found == {
        "official": pytest.approx(1 - FOREST / WHOLE),
        "derived": pytest.approx(FOREST / WHOLE),
    }


@pytest.mark.parametrize(
    ("evidence", "grade"), [("published", "published"), ("recalled", "recalled")]
)
def test_the_standards_text_lends_its_grade_to_every_value(
    tmp_path: Path, evidence: str, grade: str
) -> None:
    assert shares(world(evidence=evidence), tmp_path) == {grade: pytest.approx(1)}


def test_rows_without_a_grade_are_unstated(tmp_path: Path) -> None:
    found = shares(world(grades={"rice": "", "forest area": ""}), tmp_path)
    assert found["unstated"] == pytest.approx((FARM_RICE + FOREST) / WHOLE)
    table = world(grades={"rice": ""}).account(tmp_path / "plan").plan.table()
    assert table.loc[table["file"] == "data.csv", "grade"].tolist() == ["unstated", "official"]


def test_the_grade_of_a_price_index_counts(tmp_path: Path) -> None:
    small = world(grades={})
    moved = [
        {**row, "price_year": 2015} if row["coefficient"] == "cost" else row for row in small.sets["base"]
    ] + [
        coefficient("price_index", 100, "1", index="cpi", price_year=2015, grade="official"),
        coefficient("price_index", 100, "1", index="cpi", price_year=2020, grade="expert"),
    ]  # fmt: skip
    standard = small.standard.replace(
        'cost = { coef = "cost" }', 'cost = { coef = "cost", index = "cpi" }'
    )
    indexed = Small(**{**vars(small), "sets": {"base": moved}, "standard": standard})
    assert shares(indexed, tmp_path)["expert"] == pytest.approx((FOREST + SHRUB) / WHOLE)


@pytest.mark.parametrize("made_up", ["rice", "rice price", "forest rate", "cost", "forest area"])
def test_placeholders_are_refused_unless_allowed(tmp_path: Path, made_up: str) -> None:
    small = world(grades={made_up: "placeholder"})
    assert codes_of(small, tmp_path / "refused") == {"placeholder"}
    assert shares(small, tmp_path / "allowed", allow_placeholder=True)["placeholder"] > 0


def test_a_placeholder_in_the_crosswalk_is_refused_if_its_class_is_used(tmp_path: Path) -> None:
    walk: list[Row] = [
        {**row, "grade": "placeholder" if row["class"] == "wood" else "official"} for row in WALK
    ]
    assert codes_of(world(walk=walk), tmp_path / "used") == {"placeholder"}
    walk = [
        {**row, "grade": "placeholder" if row["class"] == "paddy" else "official"} for row in WALK
    ]
    assert codes_of(world(walk=walk), tmp_path / "unused") == set()


def test_placeholders_that_nobody_uses_are_no_problem(tmp_path: Path) -> None:
    small = world()
    spare = coefficient("product_price", 1, "CNY t-1", product="tea", grade="placeholder")
    assert (
        codes_of(Small(**{**vars(small), "sets": {"base": [*small.sets["base"], spare]}}), tmp_path)
        == set()
    )


# --- value transfer --------------------------------------------------------------------------------------------------


def scoped(small: Small, head: str) -> Small:
    return Small(**{**vars(small), "heads": {"base": head}})


@pytest.mark.parametrize(
    "head",
    ['[scope]\nregions = ["360981"]\n', '[scope]\nregions = ["360900"]\n', '[scope]\nregions = ["360000", "110000"]\n',
     "[scope]\nyears = [2019, 2020]\n", ""],
)  # fmt: skip
def test_inside_the_scope_nothing_is_transferred(tmp_path: Path, head: str) -> None:
    account = scoped(world(), head).account(tmp_path)
    assert account.shares()["transfer"] == 0
    assert not any("价值转移" in line for line in account.caption("zh"))


def test_a_region_of_a_zone_is_still_a_county_of_its_province(tmp_path: Path) -> None:
    regions: list[Row] = [{"region": "zone", "parent": ""}, {"region": "360981", "parent": "zone"}]
    assert (
        codes_of(
            scoped(world(regions=regions), '[scope]\nregions = ["360000"]\n'), tmp_path / "code"
        )
        == set()
    )
    assert (
        codes_of(scoped(world(regions=regions), '[scope]\nregions = ["zone"]\n'), tmp_path / "zone")
        == set()
    )


@pytest.mark.parametrize("head", ['[scope]\nregions = ["110000"]\n', "[scope]\nyears = [2019]\n"])
def test_value_transfer_is_refused_unless_allowed_and_then_its_share_is_printed(
    tmp_path: Path, head: str
) -> None:
    small = scoped(world(), head)
    assert codes_of(small, tmp_path / "refused") == {"value-transfer"}
    account = small.account(tmp_path / "allowed", allow_transfer=True)
    assert account.shares()["transfer"] == pytest.approx(1)
    assert any(
        "value transfer" in line and "100.0%" in line
        for line in account.table(language="en").attrs["caption"]
    )


def test_only_what_rests_on_transferred_numbers_is_transferred(tmp_path: Path) -> None:
    """The cost of soil comes from elsewhere, by a step that has no region of its own; the products do not."""
    small = world()
    cost = [row for row in small.sets["base"] if row["coefficient"] == "cost"]
    rest = [row for row in small.sets["base"] if row["coefficient"] != "cost"]
    head = '[scope]\nregions = ["110000"]\n'
    two = Small(**{**vars(small), "sets": {"far": cost, "base": rest}, "heads": {"far": head}})
    account = two.account(tmp_path, allow_transfer=True)
    assert account.shares()["transfer"] == pytest.approx((FOREST + SHRUB) / WHOLE)


def test_transfer_is_counted_region_by_region(tmp_path: Path) -> None:
    small = world()
    areas = [*small.areas, *({**row, "region": "110101"} for row in small.areas)]
    data = [*small.data, *({**row, "region": "110101"} for row in small.data)]
    two = scoped(
        Small(**{**vars(small), "areas": areas, "data": data}), '[scope]\nregions = ["360000"]\n'
    )
    assert codes_of(two, tmp_path / "refused") == {"value-transfer"}
    assert two.account(tmp_path / "allowed", allow_transfer=True).shares()[
        "transfer"
    ] == pytest.approx(0.5)
