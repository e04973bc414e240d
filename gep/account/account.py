"""The account (核算账户): a plan and its results, with the tables that people read and the shares behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gep.account.caption import CATEGORY, caption
from gep.account.columns import ParentRegions, ResultColumns, columns_of, parents, with_parents
from gep.account.evaluation import EvidenceMarks, evaluate, evidence_marks
from gep.account.result_tables import (
    ACCOUNT_COLUMNS,
    ECOSYSTEM_COLUMNS,
    Summary,
    long_table,
    summary_of,
    summary_table,
)
from gep.errors import ProblemsFound, make_problem
from gep.inputs.value_rows import GRADES
from gep.io.tables import suggestion
from gep.plan.build import make_plan
from gep.plan.plan import Plan
from gep.texts.catalogue import Language
from gep.units import factor

if TYPE_CHECKING:
    import xarray as xr

    from gep.account.explanation import Explanation


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
    def parents(self) -> ParentRegions:
        """The regions above those of the account."""
        return parents(self.plan)

    @cached_property
    def block(self) -> ResultColumns:
        """Regions and parents x steps and items."""
        return with_parents(columns_of(self.plan, self.results, by_ecosystem=False), self.parents)

    @cached_property
    def sums(self) -> Summary:
        """Categories and totals."""
        return summary_of(self.plan, self.block, self.parents)

    @cached_property
    def marks(self) -> Mapping[str, EvidenceMarks]:
        """Grade, value transfer and nominal prices behind every cell."""
        return evidence_marks(self.plan)

    def frame(self) -> pd.DataFrame:
        """The rows of ``account.csv``."""
        return long_table(self.plan, self.block, self.parents, ACCOUNT_COLUMNS)

    def by_ecosystem(self) -> pd.DataFrame:
        """The rows of ``by_ecosystem.csv``: regions only; ``unallocated`` where a step has no ecosystem."""
        block = columns_of(self.plan, self.results, by_ecosystem=True)
        return long_table(self.plan, block, ParentRegions((), ()), ECOSYSTEM_COLUMNS)

    def summary(self) -> pd.DataFrame:
        """The rows of ``summary.csv``."""
        return summary_table(self.plan, self.sums)

    def total(self, region: str, name: str = "total") -> float:
        """A total or category of a region or parent, in the standard's unit; NaN where na or not compiled.

        Raises ``ProblemsFound`` for a region that the account does not have.
        """
        row, column = self._row(region), self.sums.names.index(name)
        known = self.sums.valid[row, column] and not self.sums.gap[row, column]
        return float(self.sums.values[row, column]) if known else float("nan")

    def table(self, region: str | None = None, language: Language = "zh") -> pd.DataFrame:
        """The standard's own table of a region (default: the topmost, else the only one), rounded for people.

        Numbers have six figures. ``attrs["caption"]`` says what the table is: measure, standard,
        state, evidence, shares. A figure of a parent with * is a sum of parts: its step is not additive.
        """
        code = region or str(self.sums.codes[-1])
        row, parts = self._row(code), False
        cells, total = self.block.cells()[row], self.total(code)
        lines = []
        for position, column in enumerate(self.block.columns.itertuples()):
            if column.kind == "auxiliary" or not self.block.present[row, position]:
                continue
            cell = cells[position]
            known = not isinstance(cell, str)
            share = (
                cell * column.scale / total
                if column.kind == "value" and known and total
                else np.nan
            )
            summed = not column.additive and code not in self.plan.extent.regions
            title, parts = self._title(column, language) + (" *" if summed else ""), parts or summed
            category = CATEGORY[str(column.category)][language != "zh"] if column.category else ""
            shown = _rounded(cell) if known else cell
            lines.append((category, title, column.item, shown, column.unit, _rounded(share)))
        zh = ("类别", "核算科目", "项", "数值", "单位", "占比")
        en = ("category", "item of account", "member", "value", "unit", "share")
        frame = pd.DataFrame(lines, columns=list(zh if language == "zh" else en))
        note = (
            "* 各区域之和，该步骤不可对上级直接计算"
            if language == "zh"
            else "* a sum of parts: the step is not additive"
        )
        frame.attrs["caption"] = [*self.caption(language), *([note] if parts else [])]
        return frame

    def _row(self, region: str) -> int:
        found = np.flatnonzero(self.sums.codes == region)
        if not len(found):
            hint = suggestion(region, self.sums.codes)
            raise ProblemsFound(
                [
                    make_problem(
                        "unknown-region", "region", f"the account has no region {region!r}", hint
                    )
                ]
            )
        return int(found[0])

    def _title(self, column: Any, language: Language) -> str:
        one = self.plan.step(
            f"{column.indicator}.{column.step}" if column.indicator else column.step
        )
        indicator = one.indicator.name.say(language) if one.indicator else ""
        step = one.step.name.say(language) if one.step.name else one.step.id
        return f"{indicator} {step}".strip()

    def caption(self, language: Language = "zh") -> list[str]:
        """What must be said above every table, a line each; see ``gep.account.caption``."""
        return caption(self.plan, self.shares(), language)

    def shares(self) -> Mapping[str, Any]:
        """Shares of the sum of absolute values: by worst grade, by value transfer, by prices without a year."""
        return self._shares

    @cached_property
    def _shares(self) -> Mapping[str, Any]:
        by_grade, moved, flat, whole = np.zeros(len(GRADES)), 0.0, 0.0, 0.0
        headline = set(self.plan.standard.spec.total[0].indicators)
        for one in self.plan.steps:
            if (
                one.step.kind != "value"
                or one.indicator is None
                or one.indicator.id not in headline
            ):
                continue
            size = np.abs(self.results[one.name]) * factor(
                one.step.unit, self.plan.standard.spec.unit
            )
            mark = self.marks[one.name]
            by_grade += np.bincount(mark.grade.ravel(), weights=size.ravel(), minlength=len(GRADES))
            moved += float((size * mark.transfer).sum())
            flat += float((size * mark.nominal).sum())
            whole += float(size.sum())
        whole = whole or 1.0
        grades = dict(zip(GRADES, (by_grade / whole).tolist(), strict=True))
        return {"grade": grades, "transfer": moved / whole, "nominal": flat / whole}

    def explain(self, indicator: str, region: str, language: Language = "en") -> "Explanation":
        """Take an indicator of a region (or parent) apart: formula, inputs, cells, rows."""
        from gep.account.explanation import explain

        return explain(self, indicator, region, language)

    def to_xarray(self) -> "xr.Dataset":
        """The results as a Dataset: one variable a step, NaN where there is no number, units in the attributes."""
        import xarray as xr

        found, extent = {}, self.plan.extent
        for one in self.plan.steps:
            labels = {
                "region": list(extent.regions),
                "ecosystem": list(extent.ecosystems),
                **one.members,
            }
            values = np.where(one.valid, self.results[one.name], np.nan)
            coords = {dim: list(labels[dim]) for dim in one.out}
            name = one.name.replace(".", "__")
            found[name] = xr.DataArray(
                values, dims=one.out, coords=coords, attrs={"units": one.step.unit}
            )
        return xr.Dataset(found)


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def compute(**arguments: Any) -> Account:
    """Compute an account; takes what ``gep.make_plan`` takes. Raises ``ProblemsFound`` before anything is computed."""
    return account_from_plan(make_plan(**arguments))


def account_from_plan(plan: Plan) -> Account:
    """Evaluate a plan."""
    return Account(plan, evaluate(plan))
