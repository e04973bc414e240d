"""Six counties in six folders, and what a province adds to them: made up, and it says so in every row.

The files are those that the pages on collecting and assessing ask for. Numbers are kept as they are
written, so that a test can compute with them in fractions.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from support.small import Row, write_table

YEARS = (2023, 2024)
NAMES = {
    "991001": "甲县",
    "991002": "乙县",
    "991003": "丙县",
    "991004": "丁县",
    "991005": "戊县",
    "991006": "己县",
}
FOLDERS = dict(zip(NAMES, ("jia", "yi", "bing", "ding", "wu", "ji"), strict=True))
CITY_OF = {code: "991010" if code < "991004" else "991020" for code in NAMES}
CITIES = {"991010": "东市", "991020": "西市"}
PROVINCE = "991000"
LAND, FARM = "重点生态功能区", "农产品主产区"
GROUP_OF = {code: LAND if code < "991005" else FARM for code in NAMES}
KM2 = dict(zip(NAMES, ("900", "760", "1100", "820", "640", "1300"), strict=True))
PEOPLE = dict(zip(NAMES, ("310000", "254000", "402000", "187000", "450000", "615000"), strict=True))
MADE_UP = {"source": "编造", "grade": "placeholder"}

# Hectares by class, in both years.
HECTARES = {
    "991001": {"forest": ("52000", "52600"), "cropland": ("18000", "17500"), "water": ("900", "910")},
    "991002": {"forest": ("41000", "41100"), "cropland": ("21000", "21000"), "water": ("400", "400")},
    "991003": {"forest": ("60500", "60900"), "cropland": ("30000", "29800"), "water": ("1500", "1480")},
    "991004": {"forest": ("55000", "54100"), "cropland": ("12000", "12900"), "water": ("700", "700")},
    "991005": {"forest": ("9000", "9100"), "cropland": ("42000", "42000"), "water": ("1200", "1200")},
    "991006": {"forest": ("20000", "20050"), "cropland": ("70000", "70300"), "water": ("3000", "3010")},
}  # fmt: skip
# Readings by name: the unit, then by county the numbers of both years.
READINGS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "ei_bai": ("1", (("78.2", "79.0"), ("66.5", "66.1"), ("70.4", "70.9"), ("81.3", "76.3"), ("40.1", "41.7"), ("44.6", "44.9"))),
    "ei_vci": ("1", (("88.0", "89.4"), ("80.2", "80.6"), ("82.5", "83.1"), ("90.7", "84.2"), ("61.0", "64.5"), ("63.3", "63.0"))),
    "ei_wndi": ("1", (("45.3", "46.8"), ("38.9", "38.0"), ("50.2", "49.5"), ("36.4", "35.1"), ("52.7", "55.0"), ("57.9", "57.5"))),
    "ei_lsi": ("1", (("8.5", "8.1"), ("12.4", "12.6"), ("10.0", "9.7"), ("6.9", "9.8"), ("15.5", "14.2"), ("13.1", "13.4"))),
    "ei_pli": ("1", (("3.2", "3.0"), ("5.1", "5.6"), ("4.4", "4.0"), ("2.2", "2.9"), ("9.8", "8.7"), ("11.5", "11.9"))),
    "good_air_days": ("%", (("96.2", "95.6"), ("93.4", "94.0"), ("91.8", "90.1"), ("97.5", "97.0"), ("86.3", "85.2"), ("84.0", "84.7"))),
    "gdp": ("10^8 CNY", (("151.20", "158.34"), ("120.55", "126.10"), ("243.90", "251.72"), ("66.03", "68.51"), ("288.46", "301.05"), ("402.77", "418.60"))),
    "endc": ("10^8 CNY", (("2.31", "2.20"), ("3.05", "3.12"), ("4.40", "4.21"), ("0.92", "0.95"), ("7.81", "7.55"), ("11.02", "11.30"))),
    "ecdc": ("10^8 CNY", (("0.44", "0.41"), ("0.52", "0.55"), ("0.71", "0.69"), ("0.38", "0.61"), ("0.97", "0.93"), ("1.35", "1.31"))),
}  # fmt: skip
MONEY = ("gdp", "endc", "ecdc")  # at prices of 2007, as those of the accounts
TARGETS = dict(zip(NAMES, ("96.0", "93.0", "92.5", "96.0", "86.0", "85.0"), strict=True))
POOL = "2000"  # 10^4 CNY

YEARLY = """id = "yearly"
title = { zh = "六县年度考核（编造）", en = "Yearly assessment of six counties (made up)" }
kind = "score"
source = "made-up"
evidence = "placeholder"
legal = "research"
total = 100

[[indicator]]
id = "eco_level"
name = { zh = "生态环境状况指数", en = "Ecological index" }
property = "expected"
direction = "+"
unit = "1"
points = 30
reading = { scheme = "ei-hj192-2015" }
rule = { kind = "interpolate", at = [35, 75], values = [0, 30] }
source = "made-up"
locator = "第1条"
grade = "placeholder"

[[indicator]]
id = "eco_change"
name = { zh = "生态环境状况变化", en = "Change of the ecological index" }
property = "expected"
direction = "+"
unit = "1"
points = 20
reading = { scheme = "ei-hj192-2015/total.change_grade", classes = { "显著变好" = 20, "明显变好" = 18, "略微变好" = 16, "无明显变化" = 12, "略微变差" = 8, "明显变差" = 4, "显著变差" = 0 } }
rule = { kind = "reading" }
source = "made-up"
locator = "第2条"
grade = "placeholder"

[[indicator]]
id = "geep_head"
name = { zh = "人均生态经济生产总值", en = "GEEP per person" }
property = "expected"
direction = "+"
unit = "CNY person-1"
points = 20
reading = { scheme = "geep-caep-2018/geep_per_capita" }
rule = { kind = "rank", step = 3 }
source = "made-up"
locator = "第3条"
grade = "placeholder"

[[indicator]]
id = "air"
name = { zh = "优良天数比率", en = "Days of good air" }
property = "binding"
direction = "+"
unit = "%"
points = 30
reading = { data = "good_air_days" }
rule = { kind = "deduct", rate = 5, per = 1 }
source = "made-up"
locator = "第4条"
grade = "placeholder"

[[event]]
id = "listed"
name = { zh = "挂牌督办", en = "Supervision listing" }
effect = "deduct"
points = 2
most = 5

[veto]
property = "binding"
missed = 1
grade = "良好"

[[grade]]
name = { zh = "优秀", en = "excellent" }
from = 85
[[grade]]
name = { zh = "良好", en = "good" }
from = 70
[[grade]]
name = { zh = "合格", en = "passed" }
from = 60
[[grade]]
name = { zh = "不合格", en = "failed" }

[sources.made-up]
title = { zh = "为说明格式而编", en = "Made up to show the formats" }
"""
FUND = """id = "fund"
title = { zh = "六县生态补偿资金（编造）", en = "Compensation of six counties (made up)" }
kind = "allocation"
source = "made-up"
evidence = "placeholder"
legal = "research"
method = "rules"
pool = "six-counties"
cap = { amount = "650", unit = "10^4 CNY" }

[[payment]]
id = "points"
name = { zh = "考核得分", en = "Score" }
reading = { scheme = "yearly" }
base = 55
least = 55
rate = { amount = "12.5", unit = "10^4 CNY" }
source = "made-up"
locator = "第5条"
grade = "placeholder"

[[payment]]
id = "index"
name = { zh = "生态环境状况指数等级", en = "Grade of the ecological index" }
reading = { scheme = "ei-hj192-2015/total.grade", classes = { "优" = 2, "良" = 1, "一般" = 0, "较差" = -1, "差" = -2 } }
rate = { amount = "50", unit = "10^4 CNY" }
source = "made-up"
locator = "第6条"
grade = "placeholder"

[[payment]]
id = "forest"
name = { zh = "林地面积", en = "Forest area" }
reading = { data = "forest_area" }
unit = "hm2"
rate = { amount = "33.37", unit = "CNY" }
source = "made-up"
locator = "第7条"
grade = "placeholder"

[sources.made-up]
title = { zh = "为说明格式而编", en = "Made up to show the formats" }
"""
SCHEMES = ("ei-hj192-2015", "geep-caep-2018", "yearly", "fund")
ASSESSMENT = """schemes = ["./fund.toml", "./yearly.toml", "geep-caep-2018", "ei-hj192-2015"]
scheme_years = { "./yearly.toml" = [2024], "./fund.toml" = [2024] }
targets = "targets.csv"
groups = "groups.csv"
events = "events.csv"
pools = "pools.csv"
log = "log.csv"
"""


def reading_of(code: str, name: str, year: int) -> str:
    """A reading of a county as its file has it."""
    if name == "forest_area":
        return HECTARES[code]["forest"][YEARS.index(year)]
    _, numbers = READINGS[name]
    return numbers[list(NAMES).index(code)][YEARS.index(year)]


def write_county(folder: Path, code: str) -> Path:
    """The project of a county: areas, readings, regions; all of it made up."""
    home = folder / FOLDERS[code]
    home.mkdir(parents=True)
    areas: list[Row] = []
    readings: list[Row] = []
    for position, year in enumerate(YEARS):
        keys = {"region": code, "year": year}
        for name, hectares in HECTARES[code].items():
            area = {"class": name, "area": hectares[position], "unit": "hm2"}
            areas.append({**keys, **area, **MADE_UP})
        units = {name: unit for name, (unit, _) in READINGS.items()} | {"forest_area": "hm2"}
        for name, unit in units.items():
            price_year = "2007" if name in MONEY else ""
            value = {"name": name, "value": reading_of(code, name, year), "unit": unit}
            readings.append({**keys, **value, "price_year": price_year, **MADE_UP})
    write_table(home / "areas.csv", areas)
    write_table(home / "readings.csv", readings)
    write_table(home / "regions.csv", _regions(code))
    (home / "project.toml").write_text(
        f"""[project]
id = "{FOLDERS[code]}"
title = {{ zh = "{NAMES[code]}（编造）", en = "{FOLDERS[code].title()} county (made up)" }}
standard = "xie-2008"
years = [2023, 2024]
price_year = 2007
allow_placeholder = true

[inputs]
areas = "areas.csv"
regions = "regions.csv"
coverage = "part"

[assessment]
readings = ["readings.csv"]
""",
        encoding="utf-8",
    )
    return home


def _regions(code: str) -> list[Row]:
    """The table of regions of a county: itself, its city, its province."""
    city = CITY_OF[code]
    blank = {"area": "", "area_unit": "", "population": ""}
    size = {"area": KM2[code], "area_unit": "km2", "population": PEOPLE[code]}
    return [
        {"region": code, "name": NAMES[code], "parent": city, **size},
        {"region": city, "name": CITIES[city], "parent": PROVINCE, **blank},
        {"region": PROVINCE, "name": "某省", "parent": "", **blank},
    ]


def write_province_tables(folder: Path) -> None:
    """What the province adds once its counties are one project: schemes, targets and other tables."""
    (folder / "yearly.toml").write_text(YEARLY, encoding="utf-8")
    (folder / "fund.toml").write_text(FUND, encoding="utf-8")
    targets = [
        {
            "region": code,
            "indicator": "air",
            "base_year": "",
            "base": "",
            "year": 2024,
            "comparator": ">=",
            "target": target,
            "form": "level",
            "unit": "%",
            **MADE_UP,
        }
        for code, target in TARGETS.items()
    ]
    write_table(folder / "targets.csv", targets)
    groups = [{"region": code, "group": group} for code, group in GROUP_OF.items()]
    write_table(folder / "groups.csv", groups)
    event = {"region": "991004", "year": 2024, "event": "listed", "times": 2}
    paper = {"document": "某督〔2024〕3号（编造）", "date": "2024-05-06"}
    write_table(folder / "events.csv", [{**event, **paper}])
    pool = {"year": 2024, "pool": "six-counties", "amount": POOL, "unit": "10^4 CNY"}
    write_table(folder / "pools.csv", [{**pool, **MADE_UP}])


def write_assessment(
    folder: Path, more: Sequence[str] = (), changes: Mapping[str, str] | None = None
) -> None:
    """Enter the schemes and tables of the province into the project that was collected."""
    file = folder / "project.toml"
    text = file.read_text(encoding="utf-8")
    assert "schemes = []" in text
    text = text.replace("schemes = []", ASSESSMENT.strip())
    for before, after in (changes or {}).items():
        assert before in text, before
        text = text.replace(before, after)
    file.write_text(text + "".join(f"{line}\n" for line in more), encoding="utf-8")
