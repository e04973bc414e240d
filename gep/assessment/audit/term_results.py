"""One term of office worked out (一个任期的审计计算): changes, their causes, targets, findings, points."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from gep.assessment.audit.scheme import AuditItem, AuditSpec, Issue, ScoredPart, scored_parts
from gep.assessment.audit.terms_of_office import with_account_dates
from gep.assessment.context import AssessmentContext
from gep.assessment.readings import Reading
from gep.assessment.scheme import grade_of
from gep.assessment.targets import MISSED, attainment
from gep.units import factor

_NEAR = 1e-6  # how far causes may be from the change, as a share of what they move


@dataclass(frozen=True)
class ItemChange:
    """An item over a term; NaN and blanks where there is nothing."""

    item: AuditItem
    start: float
    end: float
    human: float
    natural: float
    other: float  # causes that are neither: reclassification
    target: float
    comparator: str
    target_year: int
    attainment: float
    status: str
    where: tuple[str, str]
    source: str  # of the target
    grade: int  # the worst of both readings, a code of gep.inputs.value_rows.GRADES

    @property
    def change(self) -> float:
        """End less start."""
        return self.end - self.start

    @property
    def judgement(self) -> str:
        """Whether the change is for the better."""
        if np.isnan(self.change):
            return ""
        sign = self.change if self.item.direction == "+" else -self.change
        return "improved" if sign > 0 else "worsened" if sign < 0 else "unchanged"

    @property
    def gap(self) -> float:
        """What the causes leave of the change; NaN where there are none."""
        return (
            self.change - self.human - self.natural - self.other
            if self.item.split == "causes"
            else np.nan
        )


@dataclass(frozen=True)
class PartScore:
    """A part of a term: points off, on, and what is left; NaN where no text gives them."""

    part: ScoredPart
    deduction: float
    bonus: float
    score: float
    note: str


@dataclass(frozen=True)
class AuditedTerm:
    """A term of an office: ``row`` has the columns of ``with_account_dates``."""

    spec: AuditSpec
    ground: AssessmentContext
    row: dict[str, Any]
    at: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", self.ground.regions.index(self.row["region"]))

    @property
    def years(self) -> tuple[int, int]:
        """The years of the accounts that the term is taken at."""
        return int(self.row["account_start"]), int(self.row["account_end"])

    def value(self, reading: Reading, unit: str, year: int) -> tuple[float, str, int]:
        """A reading of the region, where it stands, and its grade."""
        found = self.ground.read(reading, unit, year)
        return float(found.value[self.at]), str(found.where[self.at]), int(found.grade[self.at])

    @cached_property
    def found(self) -> list[ItemChange]:
        """The items of the scheme over the term."""
        return [self._found(item) for item in self.spec.item]

    def _found(self, item: AuditItem) -> ItemChange:
        first, last = self.years
        start, before, first_grade = self.value(item.reading, item.unit, first)
        end, after, last_grade = self.value(item.reading, item.unit, last)
        human, natural, rest = self._parted(item, end - start)
        goal = self._target(item, end, last)
        worst = max(first_grade, last_grade)
        return ItemChange(
            item, start, end, human, natural, rest, *goal[:5], (before, after), goal[5], worst
        )

    def _target(
        self, item: AuditItem, end: float, year: int
    ) -> tuple[float, str, int, float, str, str]:
        """Target level, comparator, year, attainment, status and source of the target due."""
        none = (np.nan, "", 0, np.nan, "", "")
        if self.ground.targets is None:
            return none
        due = self.ground.targets.current(item.id, year)
        due = due[(due.index == self.row["region"])]
        if due.empty:
            return none
        done = attainment(due, np.array([end]), item.unit, item.direction, year)
        return (
            float(done.target[0]),
            str(done.comparator[0]),
            int(due["year"].iloc[0]),
            float(done.attainment[0]),
            str(done.status[0]),
            str(due["source"].iloc[0]),
        )

    def _parted(self, item: AuditItem, change: float) -> tuple[float, float, float]:
        """The human and the natural part of a change, and what is neither."""
        if item.split == "causes":
            return self._causes(item)
        if item.split == "weather":
            return self._weather(item, change)
        return np.nan, np.nan, 0.0

    def _causes(self, item: AuditItem) -> tuple[float, float, float]:
        rows = self.cause_rows(item)
        if rows is None or rows.empty:
            return np.nan, np.nan, 0.0
        scale = np.array([factor(unit, item.unit) for unit in rows["unit"]])
        sign = np.where(rows["direction"] == "addition", 1.0, -1.0)
        amount = rows["value"].to_numpy(dtype=float) * scale * sign
        parts = [
            float(amount[(rows["nature"] == name).to_numpy()].sum())
            for name in ("human", "natural")
        ]
        return parts[0], parts[1], float(amount.sum()) - sum(parts)

    def cause_rows(self, item: AuditItem) -> pd.DataFrame | None:
        """The rows of the causes table that lie inside the two account dates."""
        causes = self.ground.causes
        if causes is None:
            return None
        rows, (first, last) = causes.rows, self.years
        mine = (rows["region"] == self.row["region"]) & (rows["resource"] == item.resource)
        if item.class_:
            mine &= rows["class"] == item.class_
        return rows[(mine & (rows["from"] >= first) & (rows["to"] <= last)).to_numpy()]

    def _weather(self, item: AuditItem, change: float) -> tuple[float, float, float]:
        """Natural is what the weather did: the change less that at normal climate, at the same prices."""
        found, own = (
            self.ground.comparisons.get(name) for name in ("normal_climate", item.reading.basis)
        )
        if (
            found is None
            or own is None
            or found.basis != own.basis
            or item.reading.basis == "normal_climate"
        ):
            return np.nan, np.nan, 0.0
        calm = Reading(account=item.reading.account, basis="normal_climate")
        first, last = (self.value(calm, item.unit, year)[0] for year in self.years)
        return last - first, change - (last - first), 0.0

    @cached_property
    def events(self) -> pd.DataFrame:
        """The events of the region whose day lies in the term, with their rule in ``issue``."""
        rules = {one.id: one for one in self.spec.issue}
        if self.ground.events is None:
            return pd.DataFrame(columns=["event", "times", "issue"])
        rows = self.ground.events.rows
        mine = (rows["region"] == self.row["region"]) & rows["event"].isin(list(rules))
        within = (rows["date"] >= self.row["term_start"]) & (rows["date"] <= self.row["term_end"])
        chosen = rows[(mine & within).to_numpy()]
        return chosen.assign(issue=[rules[name] for name in chosen["event"]])

    def issue_points(self, issue: Issue) -> float:
        """The points of all findings of a kind; NaN where there are some and no text gives their points."""
        times = float(self.events.loc[(self.events["event"] == issue.id).to_numpy(), "times"].sum())
        if not times:
            return 0.0
        return np.nan if issue.points is None else min(times * issue.points, issue.most or np.inf)

    @cached_property
    def parts(self) -> list[PartScore]:
        """The scored parts of the audit."""
        return [self._part(one) for one in scored_parts(self.spec)]

    def _part(self, part: ScoredPart) -> PartScore:
        issues = [one for one in self.spec.issue if one.part == part.id]
        items = [one for one in self.found if one.item.part == part.id]
        off = sum(self.issue_points(one) for one in issues if one.effect == "deduct")
        off += sum(one.item.missed or 0.0 for one in items if one.status == MISSED)
        on = float(sum(self.issue_points(one) for one in issues if one.effect == "bonus"))
        base = np.nan if part.points is None else part.points
        if part.reading is not None:
            base = float(np.clip(self.value(part.reading, "1", self.years[1])[0], 0.0, base))
        note = "" if part.points is not None else "分值未定 points not given"
        if not note and not (issues or items or part.reading):
            base, note = np.nan, "评分规则未定 no rule given"
        if not note and np.isnan(base):
            note = "无读数 no reading"
        if not note and np.isnan(off + on):
            note = "问题分值未定 points of a finding not given"
        return PartScore(part, off, on, float(np.maximum(base - off, 0.0) + on), note)

    @cached_property
    def modules(self) -> dict[str, float]:
        """The score of each module, at most its points; NaN where a part has none."""
        found = {}
        for one in self.spec.module:
            own = sum(part.score for part in self.parts if part.part.module == one.id)
            found[one.id] = np.nan if one.points is None or np.isnan(own) else min(own, one.points)
        return found

    @property
    def score(self) -> float:
        """The sum of the modules; NaN where one has no score."""
        return (
            round(float(sum(self.modules.values())), 9) if self.modules else np.nan
        )  # no cut-off missed by a bit

    @property
    def grade(self) -> str:
        """The grade; blank where there is no score."""
        return "" if np.isnan(self.score) else grade_of(self.score, self.spec.grade)


def terms_of(text: AuditSpec, ground: AssessmentContext) -> list[AuditedTerm]:
    """The terms of the table, in its order."""
    if ground.terms is None:
        return []
    rows = with_account_dates(ground.terms.rows, ground.years)
    return [
        AuditedTerm(text, ground, {str(key): cell for key, cell in row.items()})
        for row in rows.to_dict("records")
    ]


def gaps(term: AuditedTerm) -> Iterator[tuple[ItemChange, float]]:
    """The items whose causes do not sum to the change."""
    for one in term.found:
        moved = abs(one.human) + abs(one.natural) + abs(one.other) + abs(one.change)
        if np.isfinite(one.gap) and abs(one.gap) > _NEAR * moved:
            yield one, one.gap
