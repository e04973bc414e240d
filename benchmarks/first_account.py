"""A first account, played: from an empty folder to the workbook, as a person who knows Excel only.

``python benchmarks/first_account.py``: a county with 36 classes of the land survey under ``rcees-2017``, by both
routes. Commands are typed as a user types them, the form is filled in cell by cell, and nothing else is touched. It
counts commands, rounds of ``gep check``, TOML and CSV files that the person changed, and what is typed. A typed value
is a number (or ``na``) in a cell of values, areas included. Sources and grades are typed once a sheet and filled down;
they are counted apart, and so are other words.

Public numbers come from ``../shared/data`` (or the folder in ``GEP_SHARED``): the land of the county, and the rain of
the basin it lies in. Everything else is made up, marked as such (``placeholder``), and good for counting only.
Exit status 1 where a limit is exceeded, 2 where the public numbers are missing.
"""

import csv
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("GEP_SHARED", ROOT.parent / "shared")) / "data"
PLACE, CODE, BASIN, YEAR = "婺源县", "361130", "Le'anhe", "2020"
FORM, WORKBOOK = "数据表.xlsx", "核算表.xlsx"
MOST_COMMANDS, MOST_CHECKS, MOST_EDITS = 5, 2, 0
MOST_VALUES = {"full": 110, "short": 70}
KM2 = {"万亩": 1e8 / 15 / 1e6, "km2": 1.0}

# Made-up shares of the classes in what is printed of the county's land; the third group is the rest of it.
SHARES = {
    "耕地": {"水田": 75, "水浇地": 2, "旱地": 23},
    "林地": {"乔木林地": 84, "竹林地": 5, "灌木林地": 4, "其他林地": 7},
    "": {
        "果园": 6, "茶园": 30, "其他园地": 3, "天然牧草地": 1, "其他草地": 8, "商业服务业设施用地": 2, "工业用地": 4,
        "采矿用地": 2, "城镇住宅用地": 8, "农村宅基地": 25, "机关团体新闻出版用地": 1, "科教文卫用地": 2,
        "公园与绿地": 2, "铁路用地": 3, "公路用地": 12, "城镇村道路用地": 4, "交通服务场站用地": 1, "农村道路": 10,
        "河流水面": 35, "湖泊水面": 2, "水库水面": 8, "坑塘水面": 9, "内陆滩涂": 3, "沟渠": 4, "沼泽地": 1,
        "水工建筑用地": 1, "设施农用地": 2, "田坎": 40, "裸土地": 5,
    },
}  # fmt: skip
ABSENT = {
    "荒漠生态系统",
    "沙地",
    "盐碱地",
    "冰川/永久积雪",
}  # types of which the county has no land
# Made-up numbers in the unit that the form names, by data, then by type or member where they differ.
NUMBERS: Mapping[str, float | Mapping[str, float]] = {
    "农林牧渔业净产值": {"农业": 62000, "林业": 21000, "畜牧业": 15000, "渔业": 6000},
    "水力发电量": 2.1e8,
    "游客小时工资": 28,
    "坡长因子": {"": 6, "农田生态系统": 2.5, "城镇生态系统": 1.5, "湿地生态系统": 1},
    "坡度因子": {"": 3, "农田生态系统": 1.2, "城镇生态系统": 0.6, "湿地生态系统": 0.3},
    "分用途用水量": {"生活": 2.1e7, "工业": 1.2e7, "农业": 1.1e8},
    "各湖泊水面面积": 0.3,
    "水库总库容": 9.5e7,
    "植被覆盖度": {"": 75, "农田生态系统": 55, "城镇生态系统": 20, "湿地生态系统": 15, "其他": 5},
    "净初级生产力（以碳计）": {"": 7.5, "城镇生态系统": 2, "湿地生态系统": 2.5, "其他": 0.5},
    "土壤呼吸（以碳计）": {"": 5, "城镇生态系统": 1.5, "湿地生态系统": 2, "其他": 0.4},
    "病虫害自愈面积": {"": 500, "乔木林（未分针阔）": 9000},
    "土壤可蚀性因子": 0.031,
    "大气污染物排放量": {"二氧化硫": 600, "氮氧化物": 1500, "粉尘": 700},
    "水污染物排放量": {"化学需氧量": 4200, "氨氮": 310},
    "蒸散发量": {"": 850, "湿地生态系统": 1050, "农田生态系统": 750},
    "降雨侵蚀力因子": 11000,
    "空调开放天数（须写明按日均温还是日最高温判定）": 96,
    "水面蒸发量（空调开放期内）": 420,
    "旅游人次": 1.2e7,
    "人均旅行时间（路途与停留）": 16,
    "人均直接旅行费用": 600,
    "已核算的湖泊调蓄量": 5e5,
    "已核算的水源涵养量": 2.4e9,
    "已核算的土壤保持量": 9e7,
    "已核算的防风固沙量": 0,
    "已核算的固碳量（CO2）": 2.1e6,
    "已核算的释氧量": 5e6,
    "已核算的景观游憩价值": 900000,
    "湖泊年换水次数": 2,
    "自然景观旅游人次比例": 0.6,
}  # fmt: skip
# One number for the whole county: the class of the row is cleared, and the rows of other classes stay blank.
OF_THE_COUNTY = {"土壤可蚀性因子"}
NO_WIND = {
    "风蚀气候因子（12个月之和）", "风蚀土壤可蚀因子（按0.2～2 mm粗砂）", "土壤结皮因子", "地表粗糙度因子", "最大风蚀出现距离",
}  # fmt: skip
MADE_UP = "编造（占位）"
FIRST_ROW = 2


@dataclass
class Tally:
    """What a person did on one route."""

    commands: list[str] = field(default_factory=list)
    edits: int = 0
    values: int = 0  # numbers typed
    areas: int = 0  # of which areas
    words: int = 0  # other words typed: names of water bodies, classes that are cleared
    filled_down: int = 0  # cells of sources and grades
    texts: set[tuple[str, str, str]] = field(
        default_factory=set
    )  # sources and grades, once a sheet

    @property
    def checks(self) -> int:
        """Rounds of ``gep check``."""
        return sum(command.startswith("check") for command in self.commands)

    def line(self, route: str) -> str:
        """The counts of a route in words."""
        counts = f"{len(self.commands)} commands, {self.checks} checks, {self.edits} edits"
        return f"{route} {counts}, {self.values} values"

    def is_within(self, route: str) -> bool:
        """Whether no limit is exceeded."""
        return (
            len(self.commands) <= MOST_COMMANDS
            and self.checks <= MOST_CHECKS
            and self.edits <= MOST_EDITS
            and self.values <= MOST_VALUES[route]
        )


def main() -> int:
    """Both routes; the exit status."""
    if not SHARED.is_dir():
        print(f"there is no {SHARED}: set GEP_SHARED to the folder with the public numbers")
        return 2
    tallies = {}
    with tempfile.TemporaryDirectory() as folder:
        for route in MOST_VALUES:
            tallies[route] = play(Path(folder) / route, route)
    for route, tally in tallies.items():
        print(f"{route}: {'; '.join(tally.commands)}")
        print(
            f"{route}: {tally.areas} areas and {tally.values - tally.areas} other numbers; {tally.words} other words; "
            f"sources and grades typed {len(tally.texts)} times and filled down into {tally.filled_down} cells"
        )
    is_within = all(tally.is_within(route) for route, tally in tallies.items())
    lines = "; ".join(tally.line(route) for route, tally in tallies.items())
    print(f"first account: {lines}")
    return int(not is_within)


def play(project: Path, route: str) -> Tally:
    """Make the account of the county by one route, and count."""
    tally = Tally()
    run(tally, "new project", project, "--place", PLACE, "--years", YEAR, "--standard", "rcees-2017",
        "--route", route, "--with", "areas,data", "--language", "zh")  # fmt: skip
    before = checksums(project)
    fill(project / FORM, tally)
    tally.edits += sum(checksums(project)[name] != before[name] for name in before)
    page = run(tally, "check", project, status=2)
    for question, answer in (("防风固沙", "switches.sand_fixation_quantity none"),
                             ("占位", "project.allow_placeholder true")):  # fmt: skip
        is_asked = f"gep set {project} {answer}" in page
        if is_asked and (route == "full" or question == "占位"):
            run(tally, "set", project, *answer.split())
    if route == "short":
        run(tally, "check", project)
    run(tally, "run", project)
    assert list((project / "out").rglob(WORKBOOK)), f"{route}: there is no {WORKBOOK}"
    return tally


def run(tally: Tally, command: str, project: Path, *words: str, status: int = 0) -> str:
    """Type a command, note it, and return what it says."""
    asked = [sys.executable, "-m", "gep", *command.split(), str(project), *words]
    answer = subprocess.run(asked, capture_output=True, text=True, encoding="utf-8", check=False)
    if answer.returncode != status:
        raise SystemExit(f"gep {command} {' '.join(words)}\n{answer.stdout}\n{answer.stderr}")
    tally.commands.append(" ".join((command, *words)))
    return answer.stdout + answer.stderr


def checksums(project: Path) -> dict[Path, str]:
    """The checksums of the tables and settings of a project."""
    files = sorted([*project.rglob("*.toml"), *project.rglob("*.csv")])
    return {file: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def fill(form: Path, tally: Tally) -> None:
    """Fill in the form: what is blank, and of what the county has land."""
    areas = county_areas()
    rain = public("poyang_basins_hydrology.csv", code=BASIN, year=YEAR, variable="precipitation")
    book = load_workbook(form)
    for page in book.worksheets:
        columns = {str(cell.value): cell.column for cell in page[1]}
        head = "本地数值" if "本地数值" in columns else "数值"
        if head not in columns:
            continue
        done: set[str] = set()
        for row in range(FIRST_ROW, page.max_row + 1):
            name = str(page.cell(row, 1).value or "")
            number: object = None
            source, grade = "编造，仅供计数", MADE_UP
            if name == "面积":
                number = areas.get(word(page, row, columns, "类型"))
            elif name == "产流降雨量（年）":
                number, source, grade = float(rain["value"]), rain["source_title"], "推算"
            elif is_asked(page, row, columns, name) and name not in done:
                number = number_of(page, row, columns, name)
            if number is None:
                continue
            if name in OF_THE_COUNTY:
                page.cell(row, columns["类型"]).value = None
                tally.words += 1
                done.add(name)
            if "水体" in columns and name == "各湖泊水面面积":
                page.cell(row, columns["水体"]).value = "某湖"
                tally.words += 1
                done.add(name)
            page.cell(row, columns[head]).value = number
            tally.values += 1
            tally.areas += name == "面积"
            for column, text in (("来源", source), ("等级", grade)):
                page.cell(row, columns[column]).value = text
                tally.texts.add((page.title, column, text))
                tally.filled_down += 1
    book.save(form)


def word(page: Worksheet, row: int, columns: Mapping[str, int], head: str) -> str:
    """What a cell says; blank where there is no such column."""
    return str(page.cell(row, columns[head]).value or "") if head in columns else ""


def is_asked(page: Worksheet, row: int, columns: Mapping[str, int], name: str) -> bool:
    """Whether a row is still blank, has no default, and is of land that the county has."""
    is_blank = not any(word(page, row, columns, head) for head in ("数值", "本地数值", "默认值"))
    return (
        bool(name)
        and is_blank
        and word(page, row, columns, "类型") not in ABSENT
        and name not in NO_WIND
    )


def number_of(page: Worksheet, row: int, columns: Mapping[str, int], name: str) -> float:
    """The made-up number of a row."""
    numbers = NUMBERS[name]
    if not isinstance(numbers, Mapping):
        return numbers
    for head in ("类型", "污染物", "产品", "用途"):
        member = word(page, row, columns, head)
        if member in numbers:
            return numbers[member]
    return numbers[""]


def county_areas() -> dict[str, float]:
    """Areas of the classes in km2: what is printed of cultivated land and forest, and the rest, in made-up shares."""
    printed = {}
    for name in ("耕地", "林地"):
        row = public("land_area.csv", code=CODE, **{"class": name})
        printed[name] = float(row["value"]) * KM2[row["unit"]]
    whole = float(public("admin_units.csv", code=CODE)["area_km2_gis"])
    printed[""] = whole - sum(printed.values())
    areas = {}
    for group, shares in SHARES.items():
        for name, share in shares.items():
            areas[name] = round(printed[group] * share / sum(shares.values()), 4)
    return areas


def public(file: str, **wanted: str) -> dict[str, str]:
    """The first row of a public table with these words."""
    with (SHARED / file).open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if all(row[key] == value for key, value in wanted.items()):
                return row
    raise SystemExit(f"{SHARED / file}: no row with {wanted}")


if __name__ == "__main__":
    sys.exit(main())
