"""How missing numbers are reported: in the reader's language, with titles, all steps and every way out."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from support.small import AREAS, COEFFICIENTS, DATA, Row, Small, area, coefficient

import gep
from gep.plan.axes import KeyMembers, _merge_members
from gep.plan.prices import PriceBasis


def problems_of(small: Small, folder: Path, **options: object) -> Sequence[gep.Problem]:
    """The problems that stop an account."""
    with pytest.raises(gep.ProblemsFound) as refused:
        small.account(folder, **options)
    return refused.value.problems


def coefficients_without(name: str) -> list[Row]:
    return [row for row in COEFFICIENTS if row["coefficient"] != name]


def test_missing_data_are_worded_in_both_languages(tmp_path: Path) -> None:
    rows = [row for row in DATA if (row["name"], row["region"]) != ("rain", "b")]
    (problem,) = problems_of(Small(data=rows), tmp_path)
    assert problem.code == "missing-data"
    assert problem.say_where("en") == "small.toml water.kept.rain"
    assert problem.say_what("en") == "data Rain (rain) has no row in 2020 for region B (b)"
    assert problem.say_fix("en") == (
        "add the rows, in unit mm (gep form PROJECT writes them blank); write na where there is none"
    )
    assert problem.say_what("zh") == "2020 年的数据 降水量 (rain) 缺少以下各项：区域 乙 (b)"
    assert problem.say_fix("zh") == (
        "补上这些数据行，单位 毫米（可用 gep form 项目文件夹 生成空白表）；确无此项的写 na"
    )


def test_a_missing_coefficient_names_the_sets_searched_and_its_use(tmp_path: Path) -> None:
    small = Small(sets={"base": coefficients_without("storage_cost")})
    (problem,) = problems_of(small, tmp_path)
    assert problem.code == "missing-coefficient"
    assert problem.say_what("en") == (
        "coefficient storage_cost is in no set (searched: base@1.0.0); "
        "it is cost [CNY m-3] of Water retention (water.value)"
    )
    assert problem.say_what("zh") == (
        "各参数集中都没有参数 storage_cost（已查找：base@1.0.0）；"
        "它是 水源涵养 (water.value) 的输入项 cost，单位 元/立方米"
    )
    assert "with price_year" in problem.say_fix("en")
    assert "并填写 price_year" in problem.say_fix("zh")


def test_many_regions_are_counted(tmp_path: Path) -> None:
    codes = [f"r{number:02d}" for number in range(12)]
    areas = [*AREAS, *(area(code, "wood", 1) for code in codes)]
    problems = problems_of(Small(areas=areas, regions=None), tmp_path)
    (rain,) = [problem for problem in problems if "(rain)" in problem.say_what("en")]
    named = ", ".join(codes[:8])
    assert rain.say_what("en").endswith(f"for region {named} and 4 more")
    assert rain.say_what("zh").endswith(f"区域 {'、'.join(codes[:8])}等，另有 4 个")


def test_prices_without_a_year_name_the_price_basis(tmp_path: Path) -> None:
    rows = coefficients_without("storage_cost")
    rows.append(coefficient("storage_cost", 5, "CNY m-3", price_year="nominal"))
    problems = problems_of(Small(sets={"base": rows}), tmp_path, price_year=2020)
    assert [problem.code for problem in problems] == ["nominal-price"]
    assert "constant prices of 2020" in problems[0].say_what("en")
    assert "2020 年不变价" in problems[0].say_what("zh")
    assert problems[0].say_where("en").endswith("column price_year")


@pytest.mark.parametrize(
    ("basis", "code", "zh", "en"),
    [
        (PriceBasis(), "current", "当年价", "current prices"),
        (PriceBasis(2020), "constant:2020", "2020 年不变价", "constant prices of 2020"),
    ],
)
def test_a_price_basis_has_a_code_and_words(basis: PriceBasis, code: str, zh: str, en: str) -> None:
    assert basis.code == code
    assert PriceBasis.from_code(code) == basis
    assert (basis.say("zh"), basis.say("en")) == (zh, en)


@pytest.mark.parametrize("code", ["", "2020", "constant:", "constant:x", "current;constant:2020"])
def test_any_other_text_is_no_price_basis(code: str) -> None:
    with pytest.raises(ValueError, match="price basis"):
        PriceBasis.from_code(code)


def members(names: Sequence[str], *regions: Sequence[str]) -> KeyMembers:
    """The members of a key, and for each region those that it has."""
    present = [[name in region for name in names] for region in regions]
    return KeyMembers(tuple(names), np.array(present, dtype=bool))


def test_members_of_two_inputs_are_merged_where_they_agree() -> None:
    first = members(["SO2", "dust"], ["SO2", "dust"], [])
    second = members(["dust", "SO2", "NOx"], ["SO2", "dust"], ["NOx"])
    merged = _merge_members(first, second)
    assert merged is not None
    assert merged.names == ("SO2", "dust", "NOx")
    assert [merged.of_region(position) for position in (0, 1)] == [("SO2", "dust"), ("NOx",)]
    other = members(["SO2"], ["SO2"], ["SO2"])
    assert _merge_members(first, other) is None
