"""Printed tables of published cases that add up, in files of others: read where they are, tested by ``gep test``.

What a case needs of inputs and methods is a project of ``tests/cases`` or ``examples``. Here are the tables beside them:
sums, margins, shares, differences and rates that the sources print and that follow from figures they print too. Where
the files of others are missing the tests are skipped with the reason; in CI they fail.
"""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.paths import shared_file
from support.printed_parts import Part, PrintedTable, Whole, half_digit
from support.published import Row, read

import gep

BILLIONS = "10^8 CNY"
OTHERS = ("total", "subtotal")
CHINA = "china-forest-asset-2010"


def table(case: str, name: str) -> list[Row]:
    return read(shared_file("cases", case, name))


# --- forest assets of China, 2010: stumpage by age, assets by province, and the nation -------------

AGES = ("young", "middle", "near_mature", "mature", "over_mature")
NATION = "全国"


def _provinces() -> dict[str, str]:
    """Provinces as ids: the files name them in Chinese."""
    names = [row["province"] for row in table(CHINA, "table1_stumpage_1e8yuan.csv")]
    return {name: f"province_{number}" for number, name in enumerate(names, 1)}


def stumpage() -> PrintedTable:
    """Stumpage is the sum of five age classes, in each province and in the nation."""
    ids = _provinces()
    parts: list[Part] = []
    wholes: list[Whole] = []
    for row in table(CHINA, "table1_stumpage_1e8yuan.csv"):
        province = ids[row["province"]]
        parts.extend(Part(age, row[age], ecosystem=province) for age in AGES)
        wholes.append(Whole("total", row["total"], BILLIONS, ecosystem=province))
    for row in table(CHINA, "table2_assets_1e8yuan.csv"):
        if row["province"] == NATION:
            wholes.append(Whole("total", row["stumpage"], BILLIONS))
    return PrintedTable("10.5846/stxb201606161172, Table 1", BILLIONS, parts, wholes)


def assets() -> PrintedTable:
    """Direct is stumpage and products, the total adds indirect value; provinces add up to the nation."""
    ids = _provinces()
    columns = {
        "indirect": "indirect",
        "stumpage+forest_products": "direct",
        "stumpage": "stumpage",
        "forest_products": "forest_products",
        "total": "total",
    }
    parts: list[Part] = []
    wholes: list[Whole] = []
    for row in table(CHINA, "table2_assets_1e8yuan.csv"):
        if row["province"] == NATION:
            wholes.extend(Whole(item, row[name], BILLIONS) for item, name in columns.items())
            continue
        province = ids[row["province"]]
        for name in ("indirect", "stumpage", "forest_products"):
            parts.append(Part(name, row[name], ecosystem=province))
        for item in ("stumpage+forest_products", "total"):
            wholes.append(Whole(item, row[columns[item]], BILLIONS, ecosystem=province))
    texts = {row["parameter"]: row["value"] for row in table(CHINA, "inputs_parameters.csv")}
    wholes.append(Whole("indirect", texts["indirect_text2"], "10^12 CNY"))
    wholes.append(Whole("total", texts["total_text"], "10^12 CNY"))
    return PrintedTable("10.5846/stxb201606161172, Table 2", BILLIONS, parts, wholes)


# --- Poyang Lake zone, 2016 to 2024 ---------------------------------------------------------------

ZONE = "poyang-eez-2004-2024"
ZONE_YEARS = ("2016", "2018", "2020", "2022", "2024")


def zone_classes() -> PrintedTable:
    """Classes add up in each year, and their changes and rates follow."""
    parts: list[Part] = []
    wholes: list[Whole] = []
    for row in table(ZONE, "expected_projection_1e8yuan.csv"):
        name = row["land_class"]
        for year in ZONE_YEARS:
            if name == "total":
                wholes.append(Whole("total", row[year], BILLIONS, year))
            else:
                parts.append(Part(name, row[year], year))
        wholes.append(Whole(name, row["change"], BILLIONS, "2016-2024"))
        wholes.append(Whole(name, row["rate_percent"], "%", "2016-2024"))
    return PrintedTable("10.5846/stxb201612042489, Table 4", BILLIONS, parts, wholes)


def zone_services() -> PrintedTable:
    """Nine services add up in each year."""
    parts: list[Part] = []
    wholes: list[Whole] = []
    for row in table(ZONE, "expected_by_service_1e8yuan.csv"):
        for year in ZONE_YEARS:
            if row["service"] == "total":
                wholes.append(Whole("total", row[year], BILLIONS, year))
            else:
                parts.append(Part(row["service"], row[year], year))
    return PrintedTable("10.5846/stxb201612042489, Table 5", BILLIONS, parts, wholes)


# --- Shenzhen, 2002 to 2010 -----------------------------------------------------------------------

SHENZHEN = "shenzhen-2002-2010"
SHENZHEN_CLASSES = ("farmland", "orchard", "forest", "grassland", "water", "other")
REPEATED = "Table 5 repeats the total of Table 4; its own nine services add up to less"
UNTOLD = "2002"  # gas regulation is printed as 38: its rounding hides the difference


def shenzhen_zones() -> PrintedTable:
    """Two zones by class: margins of classes, of zones and of both."""
    parts: list[Part] = []
    wholes: list[Whole] = []
    for row in table(SHENZHEN, "expected_by_class_1e8yuan.csv"):
        whole_city = row["zone"] == "all"
        zone = "" if whole_city else row["zone"]
        wholes.append(Whole("total", row["total"], BILLIONS, row["year"], zone))
        for name in SHENZHEN_CLASSES:
            if whole_city:
                wholes.append(Whole(name, row[name], BILLIONS, row["year"]))
            else:
                parts.append(Part(name, row[name], row["year"], zone))
    return PrintedTable("10.5846/stxb201704300791, Table 4", BILLIONS, parts, wholes)


def shenzhen_services() -> PrintedTable:
    """Shares are of the sum of the services, not of the total that stands below them."""
    parts: list[Part] = []
    wholes: list[Whole] = []
    for row in table(SHENZHEN, "expected_by_service_1e8yuan.csv"):
        name = row["service"]
        for year in ("2002", "2005", "2010"):
            if name == "total":
                reason = "" if year == UNTOLD else REPEATED
                wholes.append(Whole("total", row[year], BILLIONS, year, reason=reason))
                continue
            parts.append(Part(name, row[year], year))
            wholes.append(Whole(f"share:{name}", row[f"share{year}"], "%", year))
    return PrintedTable("10.5846/stxb201704300791, Table 5", BILLIONS, parts, wholes)


# --- lower Tarim, 2000 to 2020 --------------------------------------------------------------------

TARIM = "tarim-lower-2000-2020"
TARIM_YEARS = ("2000", "2005", "2010", "2015", "2020")


def tarim_classes() -> PrintedTable:
    """Classes add up, and shares are of their sum."""
    parts: list[Part] = []
    wholes: list[Whole] = []
    for row in table(TARIM, "expected_by_class_1e8yuan.csv"):
        name = row["land_class"]
        for year in TARIM_YEARS:
            if name == "total":
                wholes.append(Whole("total", row[year], BILLIONS, year))
                continue
            parts.append(Part(name, row[year], year))
            wholes.append(Whole(f"share:{name}", row[f"s{year}"], "%", year))
    return PrintedTable("ChinaXiv:202106.00080, Table 4", BILLIONS, parts, wholes)


def tarim_services() -> PrintedTable:
    """Services add up to four groups and to the total."""
    rows = table(TARIM, "expected_by_service_1e8yuan.csv")
    groups: dict[str, list[str]] = {}
    for row in rows:
        if row["service"] not in OTHERS:
            groups.setdefault(row["category"], []).append(row["service"])
    parts: list[Part] = []
    wholes: list[Whole] = []
    for row in rows:
        item = "total" if row["category"] == "total" else "+".join(groups[row["category"]])
        for year in TARIM_YEARS:
            if row["service"] in OTHERS:
                wholes.append(Whole(item, row[year], BILLIONS, year))
            else:
                parts.append(Part(row["service"], row[year], year))
    return PrintedTable("ChinaXiv:202106.00080, Table 5", BILLIONS, parts, wholes)


# --- Hongsibu, 2000 to 2018 -----------------------------------------------------------------------


def hongsibu() -> PrintedTable:
    """Classes add up to four groups and the total, of which all have shares."""
    members: dict[str, list[str]] = {}
    parts: list[Part] = []
    wholes: list[Whole] = []
    group = ""
    rows = table("hongsibu-2000-2018", "expected_by_class_1e8yuan.csv")
    for row in rows:
        if row["level"] == "group":
            group = row["land_class"]
        elif row["level"] == "class":
            members.setdefault(group, []).append(row["land_class"])
    for row in rows:
        name = row["land_class"]
        item = "+".join(members.get(name, [name]))
        for year in ("2000", "2009", "2018"):
            if row["level"] == "class":
                parts.append(Part(name, row[year], year))
            else:
                wholes.append(Whole(item, row[year], BILLIONS, year))
            is_class_again = row["level"] == "group" and len(members[name]) == 1
            if row["level"] != "total" and not is_class_again:
                wholes.append(Whole(f"share:{item}", row[f"share{year}"], "%", year))
    return PrintedTable("ChinaXiv:202112.00052, Table 5", BILLIONS, parts, wholes)


# --- Garzê, 2010 ----------------------------------------------------------------------------------

GARZE = "ganzi-gep-2010"
SHARES = {
    "share_product": "product",
    "share_water_retention": "water_retention",
    "share_climate": "climate_regulation",
    "share_carbon_oxygen": "carbon_oxygen",
    "share_cultural": "recreation",
    "share_three_core": "water_retention+climate_regulation+carbon_oxygen",
    "share_regulating": "water_retention+soil_retention+sandstorm_prevention+flood_mitigation+air_purification"
    "+water_purification+carbon_oxygen+climate_regulation+pest_control",
}  # fmt: skip
PER_AREA = (
    "water_retention",
    "soil_retention",
    "sandstorm_prevention",
    "carbon_oxygen",
    "climate_regulation",
)


def garze_matrix() -> PrintedTable:
    """Eleven services by eight types: margins of both, and the shares that the text tells."""
    parts: list[Part] = []
    wholes: list[Whole] = []
    for row in table(GARZE, "expected_by_ecosystem.csv"):
        service = row.pop("service")
        for column, printed in row.items():
            if not printed:
                continue
            ecosystem = "" if column == "total" else column
            if "total" in (service, column):
                wholes.append(Whole(service, printed, BILLIONS, ecosystem=ecosystem))
            else:
                parts.append(Part(service, printed, ecosystem=ecosystem))
    areas = {
        row["ecosystem"]: row["area_km2"]
        for row in table(GARZE, "inputs_areas.csv")
        if row["ecosystem"] != "total"
    }
    for row in table(GARZE, "expected_text.csv"):
        if row["item"] in SHARES:
            wholes.append(Whole(f"share:{SHARES[row['item']]}", row["published"], "%"))
        elif "_per_km2_" in row["item"]:
            wholes.append(_per_area(row, "+".join(areas)))
    source = "10.5846/stxb201607011362, Table 4 and text"
    return PrintedTable(source, BILLIONS, parts, wholes, areas=areas)


def _per_area(row: Row, all_types: str) -> Whole:
    """A value per square kilometre that the text tells: of a service, by type or of the whole."""
    name, ecosystem = row["item"].split("_per_km2_")
    (service,) = [service for service in PER_AREA if service.startswith(name)]
    power = row["unit"].removesuffix("yuan/km2").strip()
    unit = f"{power.replace('1e', '10^')} CNY km-2".strip()
    where = all_types if ecosystem == "all" else ecosystem
    return Whole(f"per_km2:{service}", row["published"], unit, ecosystem=where)


# --- Shandong forest ------------------------------------------------------------------------------


def shandong(number: str) -> PrintedTable:
    """Carbon and oxygen of forest types in a period: both margins. The second has one type more."""
    parts: list[Part] = []
    wholes: list[Whole] = []
    for row in table("shandong-forest-2004-2013", "expected_1e8yuan.csv"):
        if not row[f"total{number}"]:
            continue
        forest = "" if row["forest_type"] == "total" else row["forest_type"]
        wholes.append(Whole("total", row[f"total{number}"], BILLIONS, ecosystem=forest))
        for service in ("carbon", "oxygen"):
            printed = row[f"{service}{number}"]
            if forest:
                parts.append(Part(service, printed, ecosystem=forest))
            else:
                wholes.append(Whole(service, printed, BILLIONS))
    return PrintedTable("10.5846/stxb201703280535, Table 5", BILLIONS, parts, wholes)


# --- published totals -----------------------------------------------------------------------------

OF_ANOTHER = "shares are of 66.2e12 CNY, not of the GEP of 72.81e12 that is printed"


def aggregates(place: str) -> dict[str, str]:
    rows = table("published-aggregates", "aggregates.csv")
    return {row["item"]: row["value"] for row in rows if row["set"] == place}


def sum_of(place: str, whole: str, parts: tuple[str, ...], unit: str = BILLIONS) -> PrintedTable:
    """Printed parts that add up to a printed whole."""
    printed = aggregates(place)
    rows = [Part(name, printed[name]) for name in parts]
    return PrintedTable(place, unit, rows, [Whole("total", printed[whole], unit)])


def shares_of(place: str, whole: str, unit: str = BILLIONS, reason: str = "", but: str = "") -> PrintedTable:  # fmt: skip
    """Printed shares of a printed whole; those but ``but`` are mismatches where a reason is given."""
    printed = aggregates(place)
    names = [item.removeprefix("share_") for item in printed if item.startswith("share_")]
    parts = [Part(name, printed[name]) for name in (whole, *names)]
    wholes = []
    for name in names:
        why = "" if name == but else reason
        wholes.append(Whole(f"share:{name}", printed[f"share_{name}"], "%", reason=why))
    return PrintedTable(place, unit, parts, wholes, total=[whole])


# --- the tables, with the number of wholes and of mismatches of the source --------------------------

TRILLIONS = "10^12 CNY"
TABLES: dict[str, tuple[Callable[[], PrintedTable], int, int]] = {
    "china-forest-asset-2010 stumpage": (stumpage, 31 + 1, 0),
    "china-forest-asset-2010 assets": (assets, 2 * 31 + 5 + 2, 0),
    "poyang-eez-2004-2024 classes": (zone_classes, 5 + 7 + 7, 0),
    "poyang-eez-2004-2024 services": (zone_services, 5, 0),
    "shenzhen-2002-2010 zones": (shenzhen_zones, 9 + 3 * 6, 0),
    "shenzhen-2002-2010 services": (shenzhen_services, 3 * 9 + 3, 2),
    "tarim-lower-2000-2020 classes": (tarim_classes, 5 * 5 + 5, 0),
    "tarim-lower-2000-2020 services": (tarim_services, 3 * 5 + 5, 0),
    "hongsibu-2000-2018 classes": (hongsibu, 3 * (4 + 1) + 3 * 13, 0),
    "ganzi-gep-2010 matrix": (garze_matrix, 11 + 8 + 1 + 7 + 10, 0),
    "shandong-forest-2004-2013 first": (lambda: shandong("1"), 12 + 3, 0),
    "shandong-forest-2004-2013 second": (lambda: shandong("2"), 13 + 3, 0),
    "published-aggregates jiangxi-forest-2009": (
        lambda: sum_of(
            "jiangxi-forest-2009",
            "social_total",
            ("recreation", "employment", "science_culture", "poverty"),
        ),
        1,
        0,
    ),
    "published-aggregates china-forest-2010": (
        lambda: sum_of(
            "china-forest-2010",
            "total",
            ("water", "soil", "carbon_oxygen", "nutrients", "air", "biodiversity"),
            TRILLIONS,
        ),
        1,
        0,
    ),
    "published-aggregates lushan-forest": (
        lambda: sum_of("lushan-forest", "total", ("water", "soil", "carbon", "air"), "10^4 CNY"),
        1,
        0,
    ),
    "published-aggregates ninghai-2018 sum": (
        lambda: sum_of("ninghai-2018", "GEP", ("regulating", "converted")),
        1,
        0,
    ),
    "published-aggregates ninghai-2018 share": (lambda: shares_of("ninghai-2018", "GEP"), 1, 0),
    "published-aggregates china-gep-2015": (
        lambda: shares_of("china-gep-2015", "GEP", TRILLIONS, OF_ANOTHER, but="regulating"),
        4,
        3,
    ),
    "published-aggregates geep-china-2015": (
        lambda: shares_of("geep-china-2015", "GEEP", TRILLIONS),
        1,
        0,
    ),
    "published-aggregates xiamen-2019": (lambda: shares_of("xiamen-2019", "total"), 2, 0),
    "published-aggregates hunan-forest-2018": (
        lambda: shares_of("hunan-forest-2018", "total"),
        8,
        0,
    ),
    "published-aggregates shenzhen-2020": (lambda: shares_of("shenzhen-2020", "GEP"), 7, 0),
}


@pytest.mark.parametrize("name", TABLES)
def test_wholes_follow_from_their_parts(name: str, tmp_path: Path) -> None:
    build, wholes, mismatches = TABLES[name]
    printed = build()
    check = gep.check_figures(printed.write(tmp_path))
    assert check.misses == ()
    assert len(check.figures) == len(printed.wholes) == wholes
    assert len(check.mismatches) == mismatches


# --- ratios that no account prints: cases of methods beside them -----------------------------------

METHODS = '''"""A ratio, and an even flow at the begin of each year as a stock: sum of flow / (1 + rate)^(i - 1)."""
from typing import Annotated

from gep.units import Array


def ratio(*, part: Annotated[Array, "1"], whole: Annotated[Array, "1"]) -> Annotated[Array, "1"]:
    """Ratio of two amounts of one unit (比)."""
    return part / whole


def present_value(
    *, flow: Annotated[Array, "CNY"], rate: Annotated[Array, "1"], years: Annotated[Array, "1"]
) -> Annotated[Array, "CNY"]:
    """Sum of a series (净现值)."""
    return flow * (1 - (1 + rate) ** -years) / (1 - 1 / (1 + rate))
'''
HEAD = ["case", "item", "value", "unit", "tolerance", "locator", "role"]
RATIO, PRESENT_VALUE = "./methods.py:ratio", "./methods.py:present_value"


def hold_cases(folder: Path, rows: Iterator[list[object]]) -> int:
    """Hold cases of the methods above against print, and return how many there are."""
    (folder / "methods.py").write_text(METHODS, encoding="utf-8")
    with (folder / "cases.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    check = gep.check_figures(folder / "cases.csv", allow_code=True)
    assert check.misses == ()
    return len(check.figures)


def _flows() -> Iterator[list[object]]:
    """Both versions that the text has of the flow, each with the stock that it gives for it."""
    texts = {row["parameter"]: row["value"] for row in table(CHINA, "inputs_parameters.csv")}
    factor = float(texts["indirect_text1"]) / float(texts["annual_services_text1"])
    for number in ("1", "2"):
        flow, stock = texts[f"annual_services_text{number}"], texts[f"indirect_text{number}"]
        case = f"text {number}"
        yield [case, "flow", flow, TRILLIONS, "", "2.2", "input"]
        yield [case, "rate", texts["discount_rate"], "%", "", "2.2", "input"]
        yield [case, "years", texts["years"], "1", "", "2.2", "input"]
        tolerance = half_digit(stock) + factor * half_digit(flow)
        yield [case, PRESENT_VALUE, stock, TRILLIONS, tolerance, "2.2", "match"]


def test_the_asset_value_of_a_flow_is_its_present_value(tmp_path: Path) -> None:
    """No method of the library values stocks: a method beside the cases does."""
    assert hold_cases(tmp_path, _flows()) == 2


def _jiangsu_ratios() -> Iterator[list[object]]:
    """Shares of area in the province and the zone, and of the zone in the province, of each class."""
    case = "jiangsu-redline-2013"
    areas = {
        (row["zone"], row["land_class"]): float(row["area_hm2"])
        for row in table(case, "inputs.csv")
    }
    for zone in ("province", "redline"):
        areas[zone, "total"] = sum(area for (name, _), area in areas.items() if name == zone)
    ratios = []
    for row in table(case, "expected.csv"):
        place = (row["zone"], row["land_class"])
        ratios.append((place, (row["zone"], "total"), row["area_share_percent"], "Tables 2 and 3"))
    for row in table(case, "expected_table4.csv"):
        name, printed = row["land_class"], row["area_share_of_province_percent"]
        if printed:
            ratios.append((("redline", name), ("province", name), printed, "Table 4"))
    for part, whole, printed, locator in ratios:
        if part == whole:
            continue
        name = f"{' '.join(part)} of {' '.join(whole)}"
        yield [name, "part", areas[part], "1", "", locator, "input"]
        yield [name, "whole", areas[whole], "1", "", locator, "input"]
        yield [name, RATIO, printed, "%", "", locator, "match"]


def test_shares_of_area_are_ratios_of_printed_areas(tmp_path: Path) -> None:
    assert hold_cases(tmp_path, _jiangsu_ratios()) == 2 * 6 + 6
