"""Tables in the layout of a standard: the rows of Jiangxi's report, the four tables of the RCEES paper."""

from dataclasses import replace
from functools import cache

import pytest
from support.family import COUNTY, TOWNS, YEAR, account_under
from support.paths import ROOT

import gep
from gep.account.account import Account, account_from_plan
from gep.account.publication import Withheld
from gep.io.workbook import BookSheet
from gep.report.account_sheets import AccountSheets
from gep.report.layout_tables import layout_sheets
from gep.texts.catalogue import Language, say

# Rows 0 to 18 of the Wuyuan report of 2020 without 2 and 3, which were not seen; then its products.
ROWS = [
    "水源涵养", "土壤保持", "洪水调蓄（植被）", "COD", "氨氮", "总磷", "水体净化小计", "SO2", "NOx",
    "空气净化小计", "固碳", "释氧", "气候调节-植被", "气候调节-水面", "气候调节小计", "负氧离子",
    "调节服务合计", "农业", "林业", "牧业", "渔业", "供给合计",
]  # fmt: skip


def _tables(account: Account, language: Language = "zh") -> dict[str, BookSheet]:
    maker = AccountSheets([account], language)
    maker.make()
    return {sheet.title: sheet for sheet in layout_sheets(maker)}


def _cells(sheet: BookSheet) -> list[list[object]]:
    """The rows below the headings."""
    return [[cell.value for cell in row] for row in sheet.rows[sheet.heading :]]


def _headings(sheet: BookSheet) -> list[object]:
    return [cell.value for cell in sheet.rows[sheet.heading - 1]]


@cache
def _jiangxi() -> Account:
    return account_under("db36t1402-2021")


@cache
def _garze() -> Account:
    (account,) = gep.read_project(ROOT / "examples" / "garze-2010").compute()
    return account


# --- Jiangxi -------------------------------------------------------------------------------------


def test_the_table_by_township_has_the_rows_and_columns_of_the_report() -> None:
    sheet = _tables(_jiangxi())["乡镇核算结果表"]
    assert _headings(sheet) == [
        "年份",
        "区域",
        "指标",
        "功能量",
        "价值量（亿元）",
        "占调节比",
        "占总比",
    ]
    cells = _cells(sheet)
    assert [row[1] for row in cells] == ["示例县"] * 22 + ["东乡"] * 22 + ["西乡"] * 22
    for name, row in zip(ROWS * 3, cells, strict=True):
        assert str(row[2]).startswith(name)
    line = sheet.rows[1][0].value
    assert "凭常识记录" in str(line)
    assert "Wuyuan" in str(line)


def test_its_numbers_are_those_of_the_account_and_its_sums_add_up() -> None:
    account = _jiangxi()
    cells = [row for row in _cells(_tables(account)["乡镇核算结果表"]) if row[1] == "东乡"]
    values = {name: float(str(row[4])) for name, row in zip(ROWS, cells, strict=True)}
    quantities = {name: row[3] for name, row in zip(ROWS, cells, strict=True)}
    assert quantities["SO2"] == pytest.approx(7.5)  # t, see test_recalled_standards
    assert quantities["洪水调蓄（植被）"] == pytest.approx(440)  # 10^4 m3
    assert values["农业"] == pytest.approx(0.5)  # 5000 x 10^4 CNY
    assert values["空气净化小计"] == pytest.approx(values["SO2"] + values["NOx"])
    assert values["水体净化小计"] == pytest.approx(values["COD"] + values["氨氮"] + values["总磷"])
    parts = [
        "水源涵养",
        "土壤保持",
        "洪水调蓄（植被）",
        "水体净化小计",
        "空气净化小计",
        "固碳",
        "释氧",
    ]
    parts += ["气候调节小计", "负氧离子"]
    assert sum(values[name] for name in parts) == pytest.approx(values["调节服务合计"])
    assert values["供给合计"] == pytest.approx(2)
    total = account.total(TOWNS[0]) / 1e4
    for name, row in zip(ROWS, cells, strict=True):
        assert row[6] == pytest.approx(values[name] / total)
        if name in ROWS[:17]:
            assert row[5] == pytest.approx(values[name] / values["调节服务合计"])
        else:
            assert row[5] == ""


def test_the_county_is_the_sum_of_its_towns() -> None:
    cells = _cells(_tables(_jiangxi())["乡镇核算结果表"])
    county, east, west = (cells[start : start + 22] for start in (0, 22, 44))
    for whole, first, second in zip(county, east, west, strict=True):
        assert whole[4] == pytest.approx(float(str(first[4])) + float(str(second[4])))


def test_values_are_called_comparable_at_constant_prices_only() -> None:
    headings = _headings(_tables(_jiangxi(), "en")["Results by township"])
    assert headings[4] == "value (10^8 CNY)"
    account = account_from_plan(replace(_jiangxi().plan, price_year=YEAR))
    headings = _headings(_tables(account, "en")["Results by township"])
    assert headings[4] == "value at constant prices (10^8 CNY)"


def test_the_public_edition_has_no_tables_of_this_kind() -> None:
    maker = AccountSheets([_jiangxi()], "zh", left_out=Withheld(figures=frozenset({(COUNTY, "x")})))
    assert layout_sheets(maker) == []


# --- RCEES ---------------------------------------------------------------------------------------


def test_the_table_of_services_holds_what_the_paper_prints() -> None:
    """Table 3 of the Garzê paper: quantity, price, value; rounding of its inputs: 5e-3."""
    sheet = _tables(_garze())["生态系统服务功能量与价值量"]
    assert _headings(sheet)[2:] == [
        "核算项目", "服务功能", "核算指标", "功能量", "单价", "价值量（亿元）", "服务价值量（亿元）", "总价值（亿元）",
    ]  # fmt: skip
    cells = _cells(sheet)
    printed = {
        "水源涵养": (321.49, "7.06 元/立方米", 2269.7074),
        "防风固沙": (6089, None, 2.2835),
        "释氧": (2.51, "727 元/吨", 1821.9182),
    }
    for service, (quantity, price, value) in printed.items():
        (row,) = [row for row in cells if row[3] == service]
        assert row[5] == pytest.approx(quantity, rel=5e-3)
        assert row[7] == pytest.approx(value, rel=5e-3)
        if price:
            assert row[6] == price
    groups = [float(str(row[9])) for row in cells if row[9] != ""]
    assert groups == pytest.approx([632.64, 6842.28, 70.67], rel=5e-3)
    soil = [row for row in cells if row[3] == "土壤保持"]
    assert [row[8] for row in soil] == [
        pytest.approx(156.2555 + 125.8199 + 117.5226, rel=5e-3),
        "",
        "",
    ]


def test_the_table_by_type_puts_values_where_they_arise_and_adds_up() -> None:
    """Table 4: plants cool in forest, shrub and grass; water and floods belong to wetland."""
    sheet = _tables(_garze())["各类生态系统价值量"]
    heads = [str(head) for head in _headings(sheet)]
    rows = {str(row[3] or row[2]): dict(zip(heads, row, strict=True)) for row in _cells(sheet)}
    climate = rows["气候调节"]
    assert climate["湿地生态系统"] == pytest.approx(674.3433, rel=5e-3)
    plants = [climate[f"{name}生态系统"] for name in ("森林", "灌丛", "草地")]
    assert sum(float(str(part)) for part in plants) == pytest.approx(1483.5208, rel=5e-3)
    assert rows["洪水调蓄"]["湿地生态系统"] == pytest.approx(17.1430 + 0.0684 + 42.3436, rel=5e-3)
    assert rows["水源涵养"]["不分类型"] == pytest.approx(2269.7074, rel=5e-3)
    assert rows["合计"]["合计"] == pytest.approx(7545.59, rel=5e-3)
    assert rows["合计"]["总价值（亿元）"] == pytest.approx(7545.59, rel=5e-3)


def test_the_tables_of_areas_and_of_indicators() -> None:
    tables = _tables(_garze())
    areas = {row[2]: row[3:] for row in _cells(tables["生态系统构成"])}
    assert areas["森林生态系统"][0] == pytest.approx(31920.60)
    assert areas["合计"] == [pytest.approx(149687.7), 1]
    indicators = _cells(tables["核算指标体系"])
    assert [row[0] for row in indicators].count("物质产品") == 6
    assert indicators[6] == ["调节服务", "水源涵养", "替代成本"]


def test_areas_and_types_of_a_county_are_those_of_its_towns() -> None:
    account = account_under("rcees-2017")
    areas = _cells(_tables(account, "en")["Ecosystem extent"])
    assert {row[1] for row in areas} == {account.plan.regions.name(COUNTY, "en")}  # type: ignore[union-attr]
    assert [row[3] for row in areas if row[2] == say("en", "report.book.sum")] == [
        pytest.approx(42.1)
    ]
    values = _cells(_tables(account, "en")["Value by ecosystem type"])
    assert values[-1][-2] == pytest.approx(account.total(COUNTY) / 1e4)
    assert values[-1][-1] == pytest.approx(account.total(COUNTY) / 1e4)
