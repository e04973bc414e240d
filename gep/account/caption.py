"""What must be said above every table of an account (表头说明): measure, state, standard, evidence, shares of value."""

import csv
from collections.abc import Mapping
from functools import cache
from typing import Any

from gep.io.catalog import shipped_folder
from gep.plan.plan import TRIAL, Plan
from gep.texts.catalogue import Language

LEGAL = {
    "in_force": ("现行", "in force"),
    "trial": ("试行", "trial"),
    "draft": ("草案", "draft"),
    "superseded": ("已被代替", "superseded"),
    "research": ("研究依据，非官方规范", "research basis, no official standard"),
}
EVIDENCE = {
    "verified": ("正文已核对", "held against its text"),
    "published": (
        "依据公开论文整理，未与任何官方文本核对",
        "read in published papers, not held against an official text",
    ),
    "recalled": ("凭常识记录，未与文本核对", "from general knowledge, not held against its text"),
}
MEASURE = {
    "gep": ("生态产品总值", "Gross Ecosystem Product"),
    "esv": (
        "生态系统服务价值（当量因子法），不是生态产品总值",
        "ecosystem service value (equivalent factors), not GEP",
    ),
    "quantity": ("生态产品功能量", "physical quantities of ecosystem services"),
}
CATEGORY = {
    "provisioning": ("物质产品", "provisioning"),
    "regulating": ("调节服务", "regulating"),
    "cultural": ("文化服务", "cultural"),
    "unallocated": ("未分类", "unallocated"),
    "adjustment": ("调整项", "adjustment"),
    "total": ("合计", "total"),
}


def measure(plan: Plan) -> tuple[str, str]:
    """The title of what is measured; 当量因子法 is said of unit values only where all values are by that method."""
    kind = plan.standard.spec.measure
    values = [one.step.method for one in plan.steps if one.step.kind == "value"]
    if kind == "esv" and not all(
        method.startswith("gep.methods.equivalents:") for method in values
    ):
        return "生态系统服务价值，不是生态产品总值", "ecosystem service value, not GEP"
    return MEASURE[kind]


def caption(plan: Plan, shares: Mapping[str, Any], language: Language) -> list[str]:
    """The lines in ``zh`` or ``en``; ``shares`` are those of ``Account.shares``."""
    pick = 0 if language == "zh" else 1
    text = plan.standard.spec
    grades = "  ".join(f"{name} {part:.1%}" for name, part in shares["grade"].items() if part)
    lines = [
        f"{measure(plan)[pick]} · {plan.year} · {_prices(plan)[pick]}",
        ("状态: ", "state: ")[pick]
        + (
            ("试算，未经审批", "trial calculation, not approved")[pick]
            if plan.state == TRIAL
            else plan.state
        ),
        ("规范: ", "standard: ")[pick]
        + f"{text.title.say(language)} ({text.id}); {LEGAL[text.legal][pick]}; {EVIDENCE[text.evidence][pick]}",
        ("价值的依据等级: ", "value by worst grade behind it: ")[pick] + (grades or "-"),
    ]
    others = official_texts(plan, language)
    if others:
        said = (
            "未与官方文本核对，不得称为依据其核算: ",
            "not held against these official texts, and not an account under them: ",
        )
        lines.append(said[pick] + ("、", ", ")[pick].join(others))
    if shares["transfer"]:
        lines.append(
            ("异地异年参数（价值转移）: ", "value transfer: ")[pick] + f"{shares['transfer']:.1%}"
        )
    if shares["nominal"]:
        lines.append(
            ("未注价格年份: ", "prices without a year: ")[pick] + f"{shares['nominal']:.1%}"
        )
    lost = float(plan.extent.unaccounted.sum())
    if lost:
        part = lost / (lost + float(plan.extent.area.sum()))
        lines.append(
            ("不计入的面积: ", "area not accounted for: ")[pick]
            + f"{lost / 1e6:,.2f} km2 ({part:.1%})"
        )
    return lines


def _prices(plan: Plan) -> tuple[str, str]:
    if plan.price_year is None:
        return "当年价", "current prices"
    return f"{plan.price_year} 年不变价", f"constant prices of {plan.price_year}"


@cache
def _official_texts() -> tuple[tuple[str, str, str], ...]:
    with (shipped_folder("standards") / "official_texts.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        return tuple(
            (row["number"], row["number_en"], row["region"]) for row in csv.DictReader(file)
        )


def official_texts(plan: Plan, language: Language = "zh") -> list[str]:
    """The official texts for the plan's regions, national ones and by code, that its standard was not held against."""
    text = plan.standard.spec
    held = text.sources[text.source].number if text.evidence == "verified" else ""
    codes = [str(code) for code in plan.extent.regions]
    return [
        number if language == "zh" else english
        for number, english, region in _official_texts()
        if number != held and any(code.startswith(region) for code in codes)
    ]
