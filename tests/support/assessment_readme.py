"""The small tables of results in the README of ``examples/jiangxi-assessment``, made from the results themselves.

``python -m support.assessment_readme FOLDER`` prints them, where ``FOLDER`` has the results of the three projects; a
test holds them against the page, so that it cannot go stale.
"""

import csv
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import gep
from support.paths import ROOT

HOME = ROOT / "examples" / "jiangxi-assessment"
PROJECTS = {"real": HOME, "balance": HOME / "balance-sheets", "demo": HOME / "placeholder-counties"}
Words = tuple[str, str]
Row = Mapping[str, str]
Line = tuple[str | Words, ...]
STATUS: dict[str, Words] = {
    "met": ("完成", "met"), "missed": ("未完成", "missed"), "on_schedule": ("符合进度", "on schedule"),
    "behind": ("落后", "behind"), "no_data": ("无数据", "no data"), "on_time": ("按期完成", "on time"),
    "late": ("逾期完成", "late"), "open": ("在办", "open"), "overdue": ("逾期未完成", "overdue"), "": ("不下结论", "no verdict"),
    "binding": ("约束性", "binding"), "expected": ("预期性", "expected"), "on_record": ("有记录", "on record"),
    "clear": ("无记录", "clear"), "green": ("绿", "green"), "blue": ("蓝", "blue"), "yellow": ("黄", "yellow"), "red": ("红", "red"),
    "black": ("黑", "black"), "none": ("不定等级", "no class"),
    "一般变好": ("一般变好", "better"), "基本稳定": ("基本稳定", "stable"), "轻微变差": ("轻微变差", "slightly worse"),
}  # fmt: skip


class Results:
    """The results of the three projects under one folder, and names from their inputs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, Words] = {"100000": ("全国", "China")}
        for home in PROJECTS.values():
            for row in rows(home / "regions.csv"):
                self.names[row["region"]] = (row["name"], row["name_en"])

    def table(self, project: str, scheme: str, name: str, **keys: str) -> list[dict[str, str]]:
        """The rows of a table of results that have all the keys."""
        found = rows(self.folder / project / "assessment" / scheme / name)
        return [row for row in found if all(row[key] == value for key, value in keys.items())]

    def cell(self, project: str, scheme: str, name: str, column: str, **keys: str) -> str:
        """The one cell that has all the keys."""
        (row,) = self.table(project, scheme, name, **keys)
        return row[column]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(text: str, digits: int = 2) -> str:
    """A number as people read it: thousands, at most so many digits after the point."""
    if not text:
        return ""
    shown = f"{float(text):,.{digits}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def percent(text: str) -> str:
    return f"{float(text) * 100:.1f} %"


def targets(results: Results) -> Iterable[Line]:
    """Clause 3: every target with its property, reading and verdict."""
    yield (("地区", "Region"), ("指标", "Indicator"), ("属性", "Property"), ("年份", "Year"), ("读数", "Reading"), ("目标", "Target"), ("判定", "Verdict"))  # fmt: skip
    schemes = {"jiangxi-targets": HOME / "jiangxi-targets.toml", "targets-13fyp-environment": None}
    for scheme, path in schemes.items():
        spec = gep.read_scheme(path or scheme).spec
        named = {one.id: (one.name.zh, one.name.en) for one in spec.indicator}
        for row in results.table("real", scheme, "targets.csv"):
            aim = f"{row['comparator']} {number(row['target'])}".replace("<=", "≤").replace(
                ">=", "≥"
            )
            yield (
                results.names[row["region"]], named[row["indicator"]], STATUS[row["property"]], row["year"],
                number(row["reading"]), aim, STATUS[row["status"]],
            )  # fmt: skip


def tasks(results: Results) -> Iterable[Line]:
    """Clause 4: the tasks of the list at the end of 2024."""
    yield (("事项", "Task"), ("责任单位", "Office"), ("期限", "Deadline"), ("销号", "Signed off"), ("逾期天数", "Days late"), ("状态", "State"))  # fmt: skip
    for row in results.table("demo", "rectification-list", "register_states.csv", year="2024"):
        yield row["item"], row["subject"], row["due"], row["done"], number(row["value"]), STATUS[row["status"]]  # fmt: skip


def flows(results: Results) -> Iterable[Line]:
    """Clause 12: days of each section in 2024."""
    yield (("断面", "Section"), ("县", "County"), ("有读数的天数", "Days read"), ("达标天数", "Days met"), ("占比", "Share"), ("判定（≥ 90 %）", "Verdict (≥ 90 %)"))  # fmt: skip
    for row in results.table("demo", "ecological-flow", "register_days.csv", period="2024"):
        county = results.names[row["region"]]
        yield row["subject"], county, row["days_judged"], row["days_met"], percent(row["share"]), STATUS[row["status"]]  # fmt: skip


def draws(results: Results) -> Iterable[Line]:
    """Clause 13: who was drawn on which day of 2024."""
    yield (("日期", "Day"), ("县", "County"), ("种子", "Seed"), ("类别", "Class"), ("候选", "Candidates"), ("抽中（检查人员代号）", "Drawn (codes of inspectors)"))  # fmt: skip
    log = results.table("demo", "supervision-draw-jiangxi-county", "draw_log.csv", year="2024")
    held = dict.fromkeys((row["date"], row["region"], row["class"]) for row in log)
    for day, region, kind in held:
        here = [
            row for row in log if (row["date"], row["region"], row["class"]) == (day, region, kind)
        ]
        drawn = [row for row in here if row["drawn"] == "1"]
        who = "；".join(
            f"{row['subject']} ({row['inspectors'].replace('; ', ', ')})" for row in drawn
        )
        seed = number(here[0]["seed"]).replace(",", "")
        if drawn:
            yield day, results.names[region], seed, kind, here[0]["candidates"], who


def credit(results: Results) -> Iterable[Line]:
    """Clause 20: enterprises by class at the end of 2024, by each rule."""
    classes = ("green", "blue", "yellow", "red", "black", "none")
    yield (("规则", "Rule"), *(STATUS[name] for name in classes), ("合计", "Total"))
    rules = {
        "enterprise-credit-jiangxi": ("江西（只有公布等级和黑名单）", "Jiangxi (only announced classes and the black list)"),
        "enterprise-credit-jiangsu-2019": ("江苏的分数线（对照）", "Cuts of Jiangsu (for comparison)"),
    }  # fmt: skip
    for scheme, name in rules.items():
        counted = results.table("demo", scheme, "register_counts.csv", year="2024", region="990200")
        by_class = {row["class"]: row["count"] for row in counted}
        whole = str(sum(int(count) for count in by_class.values()))
        yield (name, *(by_class.get(kind, "0") for kind in classes), whole)


def offices(results: Results) -> Iterable[Line]:
    """Clause 20: offices with records at the end of each year."""
    yield (("单位", "Office"), ("年末", "End of"), ("在册记录", "Records"), ("状态", "State"))
    for row in results.table("demo", "government-credit", "register_states.csv"):
        yield row["subject"], row["year"], row["entries"], STATUS[row["status"]]


def money(results: Results) -> Iterable[Line]:
    """Clause 23: what each county receives in 2024 and why, in yuan."""
    yield (("县", "County"), "EQI 2023", "EQI 2024", ("变化等级", "Change"), ("按分", "By points"), ("按等级", "By class"), ("断面", "Sections"), ("合计", "Sum"), ("横向补偿", "Horizontal"))  # fmt: skip
    for region in ("990201", "990202", "990203"):
        index = {
            year: results.table("demo", "eqi-2021", "index.csv", region=region, component="total", year=year)[0]
            for year in ("2023", "2024")
        }  # fmt: skip
        paid: dict[str, float] = {"points": 0, "class": 0, "sections": 0}
        for row in results.table(
            "demo", "placeholder-money", "allocation_rules.csv", region=region
        ):
            paid[row["item"] if row["item"] in paid else "sections"] += float(row["amount"])
        whole = results.cell("demo", "placeholder-money", "allocation.csv", "amount", region=region)
        level = results.cell("demo", "compensation-horizontal", "allocation.csv", "amount", region=region)  # fmt: skip
        yield (
            results.names[region], *(f"{float(row['value']):.2f}" for row in index.values()), STATUS[index["2024"]["change_grade"]],
            *(number(str(amount)) for amount in paid.values()), number(whole), number(level),
        )  # fmt: skip


def stocks(results: Results) -> Iterable[Line]:
    """Balance sheets: opening, changes, closing, and what stays unexplained."""
    yield (("地区", "Region"), ("资源", "Resource"), ("单位", "Unit"), ("期间", "Period"), ("期初", "Opening"), ("增加", "Additions"), ("减少", "Reductions"), ("统计误差", "Statistical error"), ("期末", "Closing"))  # fmt: skip
    sheets: list[tuple[str, Words, str, str, str, str]] = [
        ("350000", ("森林面积", "Forest"), "ha", "2014", "forest_area", "total"),
        ("350000", ("水资源", "Water"), "10^4 m3", "2014", "water", "total"),
    ]
    land = {"cropland": ("耕地", "Cropland"), "forest": ("林地", "Forest"), "grassland": ("草地", "Grassland"), "water": ("水体", "Water"), "built": ("建设用地", "Built-up"), "unused": ("未利用地", "Unused"), "total": ("土地合计", "All land")}  # fmt: skip
    sheets += [("poyang-zone", name, "ha", "2012", "land", kind) for kind, name in land.items()]
    for region, name, unit, start, resource, kind in sheets:
        keys = {"region": region, "from": start, "resource": resource, "class": kind}
        found = results.table("balance", "balance-sheet-2015", "balance.csv", **keys)
        of = {row["item"]: row for row in found}
        items = ("opening", "additions", "reductions", "statistical_error", "closing")
        period = f"{start}–{of['opening']['to']}"
        yield (results.names[region], name, unit, period, *(number(of[item]["value"], 0) for item in items))  # fmt: skip


def audit(results: Results) -> Iterable[Line]:
    """The audit: changes over the term, by people and by nature, with targets."""
    yield (("指标", "Item"), ("任期初", "Start"), ("任期末", "End"), ("变化", "Change"), ("人为", "By people"), ("自然", "By nature"), ("目标", "Target"), ("判定", "Verdict"))  # fmt: skip
    spec = gep.read_scheme("leaving-office-audit-2017").spec
    named = {one.id: (one.name.zh, one.name.en) for one in spec.item}
    for row in results.table("demo", "leaving-office-audit-2017", "audit.csv"):
        if row["target"]:
            figures = (row[name] for name in ("value_start", "value_end", "change", "human", "natural", "target"))  # fmt: skip
            yield (named[row["item"]], *(number(figure) for figure in figures), STATUS[row["met"]])


TABLES: tuple[Callable[[Results], Iterable[Line]], ...] = (
    targets, tasks, flows, draws, credit, offices, money, stocks, audit,
)  # fmt: skip


def markdown(lines: Iterable[Line], language: str) -> str:
    """A table in Markdown."""
    place = ("zh", "en").index(language)
    said = [[cell if isinstance(cell, str) else cell[place] for cell in line] for line in lines]
    said.insert(1, ["---"] * len(said[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in said)


if __name__ == "__main__":
    computed = Results(Path(sys.argv[1]))
    for language in ("zh", "en"):
        for make in TABLES:
            print(f"\n{language} {make.__name__}\n{markdown(make(computed), language)}")
