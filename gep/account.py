"""The account (核算账户): a plan and its results, with the tables that people read and the shares behind them."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gep.catalog import shipped_folder
from gep.evaluation import Marks, evaluate, marks
from gep.plan import Plan, make_plan
from gep.results import (
    ACCOUNT_COLUMNS,
    ECOSYSTEM_COLUMNS,
    Block,
    Parents,
    Summary,
    columns_of,
    long_table,
    parents,
    summary_of,
    summary_table,
    with_parents,
)
from gep.rows import GRADES
from gep.units import factor

if TYPE_CHECKING:
    import xarray as xr

    from gep.explanation import Explanation

LEGAL = {
    "in_force": ("现行", "in force"),
    "trial": ("试行", "trial"),
    "draft": ("草案", "draft"),
    "superseded": ("已被代替", "superseded"),
    "research": ("研究依据，非官方规范", "research basis, no official standard"),
}
EVIDENCE = {
    "verified": ("正文已核对", "held against its text"),
    "published": ("依据公开论文整理，未与任何官方文本核对", "read in published papers, not held against an official text"),
    "recalled": ("凭常识记录，未与文本核对", "from general knowledge, not held against its text"),
}
MEASURE = {
    "gep": ("生态产品总值", "Gross Ecosystem Product"),
    "esv": ("生态系统服务价值（当量因子法），不是生态产品总值", "ecosystem service value (equivalent factors), not GEP"),
    "quantity": ("生态产品功能量", "physical quantities of ecosystem services"),
}


@dataclass(frozen=True)
class Account:
    """One standard, one year, many regions. ``results`` holds each step over its dims, in its unit."""

    plan: Plan
    results: Mapping[str, np.ndarray]

    @property
    def year(self) -> int:
        """The account's year."""
        return self.plan.year

    @cached_property
    def parents(self) -> Parents:
        """The regions above those of the account."""
        return parents(self.plan)

    @cached_property
    def block(self) -> Block:
        """Regions and parents x steps and items."""
        return with_parents(columns_of(self.plan, self.results, by_ecosystem=False), self.parents)

    @cached_property
    def sums(self) -> Summary:
        """Categories and totals."""
        return summary_of(self.plan, self.block, self.parents)

    @cached_property
    def marks(self) -> Mapping[str, Marks]:
        """Grade, value transfer and nominal prices behind every cell."""
        return marks(self.plan)

    def frame(self) -> pd.DataFrame:
        """The rows of ``account.csv``."""
        return long_table(self.plan, self.block, self.parents, ACCOUNT_COLUMNS)

    def by_ecosystem(self) -> pd.DataFrame:
        """The rows of ``by_ecosystem.csv``: regions only; ``unallocated`` where a step has no ecosystem."""
        block = columns_of(self.plan, self.results, by_ecosystem=True)
        return long_table(self.plan, block, Parents((), ()), ECOSYSTEM_COLUMNS)

    def summary(self) -> pd.DataFrame:
        """The rows of ``summary.csv``."""
        return summary_table(self.plan, self.sums)

    def total(self, region: str, name: str = "total") -> float:
        """A total or category of a region or parent, in the standard's unit; NaN where na or not compiled."""
        row = int(np.flatnonzero(self.sums.codes == region)[0])
        column = self.sums.names.index(name)
        known = self.sums.valid[row, column] and not self.sums.gap[row, column]
        return float(self.sums.values[row, column]) if known else float("nan")

    def table(self, region: str | None = None, language: str = "zh") -> pd.DataFrame:
        """The standard's own table of a region (default: the topmost, else the only one), rounded for people.

        ``attrs["caption"]`` says what the table is: measure, standard, state, evidence, shares.
        """
        code = region or str(self.sums.codes[-1])
        row = int(np.flatnonzero(self.sums.codes == code)[0])
        block, total = self.block, self.total(code)
        lines = []
        for position, column in enumerate(block.columns.itertuples()):
            if column.kind == "auxiliary" or not block.present[row, position]:
                continue
            cell = self.block.cells()[row, position]
            share = cell * column.scale / total if column.kind == "value" and not isinstance(cell, str) and total else np.nan
            label = "" if column.additive or code in self.plan.extent.regions else " *"
            lines.append((column.category, self._title(column, language) + label, column.item, cell, column.unit, share))
        names = ("类别", "核算科目", "项", "数值", "单位", "占比") if language == "zh" else ("category", "item of account", "member", "value", "unit", "share")
        frame = pd.DataFrame(lines, columns=list(names))
        frame.attrs["caption"] = self.caption(language)
        return frame

    def _title(self, column: Any, language: str) -> str:
        one = self.plan.step(f"{column.indicator}.{column.step}" if column.indicator else column.step)
        indicator = one.indicator.name.language(language) if one.indicator else ""
        step = one.step.name.language(language) if one.step.name else one.step.id
        return f"{indicator} {step}".strip()

    def caption(self, language: str = "zh") -> list[str]:
        """What must be said above every table: state, measure, standard, evidence, legal force, shares."""
        text, pick = self.plan.standard.text, 0 if language == "zh" else 1
        state = ("试算，未经审批" if language == "zh" else "trial calculation (试算), not approved") if self.plan.state == "试算" else self.plan.state
        price = f"{self.plan.price_year} 年不变价" if language == "zh" else f"constant prices of {self.plan.price_year}"
        current = "当年价" if language == "zh" else "current prices"
        share = self.shares()
        grades = "  ".join(f"{name} {part:.1%}" for name, part in share["grade"].items() if part)
        lines = [
            f"{MEASURE[text.measure][pick]} · {self.year} · {price if self.plan.price_year else current}",
            f"{'状态' if pick == 0 else 'state'}: {state}",
            f"{'规范' if pick == 0 else 'standard'}: {text.title.language(language)} ({text.id}); {LEGAL[text.legal][pick]}; {EVIDENCE[text.evidence][pick]}",
            f"{'价值的依据等级' if pick == 0 else 'value by worst grade behind it'}: {grades or '-'}",
        ]
        unheld = "、".join(official_texts(self.plan)) if pick == 0 else ", ".join(official_texts(self.plan))
        lines.append(f"未与官方文本核对，不得称为依据其核算：{unheld}" if pick == 0 else f"not held against these official texts, and not an account under them: {unheld}")
        for key, zh, en in (("transfer", "异地异年参数（价值转移）", "value transfer"), ("nominal", "未注价格年份", "prices without a year")):
            if share[key]:
                lines.append(f"{zh if pick == 0 else en}: {share[key]:.1%}")
        return lines

    def shares(self) -> dict[str, Any]:
        """Shares of the sum of absolute values: by worst grade, by value transfer, by prices without a year."""
        by_grade, moved, flat, whole = np.zeros(len(GRADES)), 0.0, 0.0, 0.0
        headline = set(self.plan.standard.text.total[0].indicators)
        for one in self.plan.steps:
            if one.step.kind != "value" or one.indicator is None or one.indicator.id not in headline:
                continue
            size = np.abs(self.results[one.name]) * factor(one.step.unit, self.plan.standard.text.unit)
            mark = self.marks[one.name]
            by_grade += np.bincount(mark.grade.ravel(), weights=size.ravel(), minlength=len(GRADES))
            moved += float((size * mark.transfer).sum())
            flat += float((size * mark.nominal).sum())
            whole += float(size.sum())
        whole = whole or 1.0
        grades = dict(zip(GRADES, (by_grade / whole).tolist(), strict=True))
        return {"grade": grades, "transfer": moved / whole, "nominal": flat / whole}

    def explain(self, indicator: str, region: str, language: str = "en") -> "Explanation":
        """Take an indicator of a region (or parent) apart: formula, inputs, cells, rows; see ``gep.explanation``."""
        from gep.explanation import explain

        return explain(self, indicator, region, language)

    def to_xarray(self) -> "xr.Dataset":
        """The results as a Dataset: one variable a step, NaN where there is no number, units in the attributes."""
        import xarray as xr

        found = {}
        for one in self.plan.steps:
            labels = {"region": list(self.plan.extent.regions), "ecosystem": list(self.plan.extent.ecosystems), **one.members}
            values = np.where(one.valid, self.results[one.name], np.nan)
            coords = {dim: list(labels[dim]) for dim in one.out}
            found[one.name] = xr.DataArray(values, dims=one.out, coords=coords, attrs={"units": one.step.unit})
        return xr.Dataset({name.replace(".", "__"): array.rename(None) for name, array in found.items()}) if found else xr.Dataset()


@cache
def _official_texts() -> tuple[tuple[str, str], ...]:
    with (shipped_folder("standards") / "official_texts.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["number"], row["region"]) for row in csv.DictReader(file))


def official_texts(plan: Plan) -> list[str]:
    """The official texts in force for the plan's regions, national ones and by code, that its standard is not."""
    own = {source.number for name, source in plan.standard.text.sources.items() if name == plan.standard.text.source}
    held = own if plan.standard.text.evidence == "verified" else set()
    codes = tuple(str(code) for code in plan.extent.regions)
    return [number for number, region in _official_texts() if number not in held and (not region or any(code.startswith(region) for code in codes))]


def compute(**arguments: Any) -> Account:
    """Compute an account; takes what ``gep.make_plan`` takes. Raises ``ProblemsFound`` before anything is computed."""
    return account_of(make_plan(**arguments))


def account_of(plan: Plan) -> Account:
    """Evaluate a plan."""
    return Account(plan, evaluate(plan))
