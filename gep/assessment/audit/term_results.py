"""One term of office computed (一个任期的审计计算): changes, causes, targets, findings, points.

The module owns the dates of the accounts at which a term is taken, and everything that the tables
and explanations of a term show. Accounts are of 31 December; a term that begins or ends inside a
year is taken at the account nearest to that day, and of two equally near at the earlier. No text
that was read states a rule, so tables and captions show the accounts that were taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.assessment.audit.scheme import AuditItem, AuditSpec, Issue, ScoredPart, scored_parts
from gep.assessment.context import AssessmentContext
from gep.assessment.readings import Reading
from gep.assessment.scheme import grade_of
from gep.assessment.targets import MISSED, attainment, properties_of
from gep.texts.catalogue import Language, Text, text
from gep.units import factor

_TOLERANCE = 1e-6  # how far causes may be from the change, as a share of what they move
_DECIMALS = 9  # to which a score is exact, so that no cut-off is missed by a binary fraction


class AccountDate(NamedTuple):
    """The account at which one end of a term is taken: its year, and how many days it is off."""

    year: int
    days_off: int

    @property
    def day(self) -> str:
        """The day of the account."""
        return f"{self.year}-12-31"


def nearest_account(day: date, years: Sequence[int]) -> AccountDate:
    """Find the account nearest to a day; of two that are equally near, the earlier.

    Parameters
    ----------
    day : date
    years : sequence of int
        The years of the accounts, which are of 31 December; not empty.

    Returns
    -------
    AccountDate
    """
    accounts = []
    for year in sorted(years):
        distance = day - date(year, 12, 31)
        accounts.append(AccountDate(year, abs(distance.days)))
    return min(accounts, key=_days_off)


def _days_off(account: AccountDate) -> int:
    return account.days_off


class Level(NamedTuple):
    """A reading of the region of a term: its value, where it was read, and its grade as a code."""

    value: float
    place: str
    grade: int


class ChangeParts(NamedTuple):
    """A change split by its causes; NaN where it is not split.

    ``other`` is neither human nor natural: reclassification.
    """

    human: float
    natural: float
    other: float


class TermTarget(NamedTuple):
    """The target of an item that holds at the end of a term; NaN, 0 and blank if there is none.

    Attributes
    ----------
    level : float
        In the unit of the item.
    comparator : str
    year : int
    attainment : float
        Share of the way that was covered; NaN where it cannot be told.
    status : str
        As in ``gep.assessment.targets.Attainment``.
    source : str
    property : str
        That of the target row, else of the item.
    """

    level: float
    comparator: str
    year: int
    attainment: float
    status: str
    source: str
    property: str


_NO_SPLIT = ChangeParts(np.nan, np.nan, 0.0)
_NO_TARGET = TermTarget(np.nan, "", 0, np.nan, "", "", "")


@dataclass(frozen=True)
class ItemChange:
    """How an item changed over a term.

    Attributes
    ----------
    item : AuditItem
    start, end : Level
        Values in the unit of the item; NaN if there is no reading.
    parts : ChangeParts
    target : TermTarget
    """

    item: AuditItem
    start: Level
    end: Level
    parts: ChangeParts
    target: TermTarget

    @property
    def change(self) -> float:
        """The end less the start."""
        return self.end.value - self.start.value

    @property
    def grade(self) -> int:
        """The worse grade of both readings, a code of ``gep.inputs.value_rows.GRADES``."""
        return max(self.start.grade, self.end.grade)

    @property
    def judgement(self) -> str:
        """``improved``, ``worsened`` or ``unchanged``; blank if the change is not known."""
        if np.isnan(self.change):
            return ""
        gain = self.change if self.item.direction == "+" else -self.change
        if gain > 0:
            return "improved"
        return "worsened" if gain < 0 else "unchanged"

    @property
    def gap(self) -> float:
        """What the causes leave of the change; NaN if the item is not split by causes."""
        if self.item.split != "causes":
            return np.nan
        return self.change - self.parts.human - self.parts.natural - self.parts.other

    @property
    def has_gap(self) -> bool:
        """Whether the causes do not sum to the change."""
        gap = self.gap
        if not np.isfinite(gap):
            return False
        parts = self.parts
        moved = abs(parts.human) + abs(parts.natural) + abs(parts.other) + abs(self.change)
        return abs(gap) > _TOLERANCE * moved


@dataclass(frozen=True)
class PartScore:
    """The score of a part in a term.

    Attributes
    ----------
    part : ScoredPart
    deduction, bonus : float
        NaN if there is a finding whose points no text gives.
    score : float
        NaN if it cannot be told; ``note`` says why.
    note : Text or None
    """

    part: ScoredPart
    deduction: float
    bonus: float
    score: float
    note: Text | None


@dataclass(frozen=True)
class AuditedTerm:
    """A term of an office in a region, and what follows from it.

    Attributes
    ----------
    spec : AuditSpec
    context : AssessmentContext
    region, office : str
    term_start, term_end : str
        Days, as 2020-12-31.
    start, end : AccountDate
        The accounts at which the term is taken.
    file : str
        The table of terms.
    row : int
        Its row in that table.
    """

    spec: AuditSpec
    context: AssessmentContext
    region: str
    office: str
    term_start: str
    term_end: str
    start: AccountDate
    end: AccountDate
    file: str
    row: int

    def read(self, reading: Reading, unit: str, year: int) -> Level:
        """Read a reading of the region in a year."""
        values = self.context.read(reading, unit, year)
        position = self.context.regions.index(self.region)
        return Level(
            float(values.value[position]),
            str(values.where[position]),
            int(values.grade[position]),
        )

    @cached_property
    def changes(self) -> list[ItemChange]:
        """The changes of the items of the scheme, in its order."""
        changes = []
        for item in self.spec.item:
            start = self.read(item.reading, item.unit, self.start.year)
            end = self.read(item.reading, item.unit, self.end.year)
            parts = self._split(item, end.value - start.value)
            changes.append(ItemChange(item, start, end, parts, self._target(item, end.value)))
        return changes

    def _target(self, item: AuditItem, value: float) -> TermTarget:
        """Return the target of an item that holds at the end, and whether ``value`` meets it."""
        if self.context.targets is None:
            return _NO_TARGET
        year = self.end.year
        rows = self.context.targets.current(item.id, year)
        rows = rows[rows.index == self.region]
        if rows.empty:
            return _NO_TARGET
        reached = attainment(rows, np.array([value]), item.unit, item.direction, year)
        return TermTarget(
            level=float(reached.target[0]),
            comparator=str(reached.comparator[0]),
            year=int(rows["year"].iloc[0]),
            attainment=float(reached.attainment[0]),
            status=str(reached.status[0]),
            source=str(rows["source"].iloc[0]),
            property=str(properties_of(rows, item.property)[0]),
        )

    def _split(self, item: AuditItem, change: float) -> ChangeParts:
        """Split a change into its human and its natural part, as the item says."""
        if item.split == "causes":
            return self._split_by_causes(item)
        if item.split == "weather":
            return self._split_by_weather(item, change)
        return _NO_SPLIT

    def _split_by_causes(self, item: AuditItem) -> ChangeParts:
        """Sum the human and the natural causes of a change."""
        rows = self.cause_rows(item)
        if rows.empty:
            return _NO_SPLIT
        scale = np.array([factor(unit, item.unit) for unit in rows["unit"]])
        is_addition = rows["direction"] == "addition"
        sign = np.where(is_addition, 1.0, -1.0)
        amounts = rows["value"].to_numpy(dtype=float)
        amounts = amounts * scale * sign
        is_human = rows["nature"] == "human"
        is_natural = rows["nature"] == "natural"
        human = float(amounts[is_human.to_numpy()].sum())
        natural = float(amounts[is_natural.to_numpy()].sum())
        return ChangeParts(human, natural, float(amounts.sum()) - (human + natural))

    def cause_rows(self, item: AuditItem) -> pd.DataFrame:
        """Return the rows of the table of causes that lie between the accounts of the term."""
        causes = self.context.causes
        if causes is None:
            return pd.DataFrame()
        rows = causes.rows
        chosen = rows["region"] == self.region
        chosen &= rows["resource"] == item.resource
        if item.class_:
            chosen &= rows["class"] == item.class_
        chosen &= rows["from"] >= self.start.year
        chosen &= rows["to"] <= self.end.year
        return rows[chosen.to_numpy()]

    def _split_by_weather(self, item: AuditItem, change: float) -> ChangeParts:
        """Split off what the weather did: the change less that at normal climate, same prices."""
        normal_climate = self.context.comparisons.get("normal_climate")
        actual = self.context.comparisons.get(item.reading.basis)
        if normal_climate is None or actual is None:
            return _NO_SPLIT
        at_normal_climate = item.reading.basis == "normal_climate"
        if at_normal_climate or normal_climate.basis != actual.basis:
            return _NO_SPLIT
        reading = Reading(account=item.reading.account, basis="normal_climate")
        first = self.read(reading, item.unit, self.start.year).value
        last = self.read(reading, item.unit, self.end.year).value
        return ChangeParts(last - first, change - (last - first), 0.0)

    @cached_property
    def issues(self) -> dict[str, Issue]:
        """The kinds of findings of the scheme, by id."""
        return {issue.id: issue for issue in self.spec.issue}

    @cached_property
    def findings(self) -> pd.DataFrame:
        """The events of the region whose day lies in the term and that are findings (问题)."""
        if self.context.events is None:
            return pd.DataFrame(columns=["event", "times"])
        rows = self.context.events.rows
        chosen = rows["region"] == self.region
        chosen &= rows["event"].isin(list(self.issues))
        chosen &= rows["date"] >= self.term_start
        chosen &= rows["date"] <= self.term_end
        return rows[chosen.to_numpy()]

    def _issue_points(self, issue: Issue) -> float:
        """Return the points of the findings of a kind; NaN where no text gives them."""
        is_of_issue = self.findings["event"] == issue.id
        times = float(self.findings.loc[is_of_issue.to_numpy(), "times"].sum())
        if not times:
            return 0.0
        if issue.points is None:
            return np.nan
        return min(times * issue.points, issue.most or np.inf)

    @cached_property
    def part_scores(self) -> list[PartScore]:
        """The scores of the parts, in the order of the scheme."""
        return [self._score_part(part) for part in scored_parts(self.spec)]

    def _score_part(self, part: ScoredPart) -> PartScore:
        """Score a part: its points less deductions, never below 0, and bonuses."""
        issues = [issue for issue in self.spec.issue if issue.part == part.id]
        deducting = [issue for issue in issues if issue.effect == "deduct"]
        adding = [issue for issue in issues if issue.effect == "bonus"]
        changes = [change for change in self.changes if change.item.part == part.id]
        missed = [change.item for change in changes if change.target.status == MISSED]
        deduction = sum(self._issue_points(issue) for issue in deducting)
        deduction += sum(item.missed or 0.0 for item in missed)
        bonus = float(sum(self._issue_points(issue) for issue in adding))
        base = np.nan if part.points is None else part.points
        if part.reading is not None:
            points_read = self.read(part.reading, "1", self.end.year).value
            base = float(np.clip(points_read, 0.0, base))
        note: Text | None = None
        if part.points is None:
            note = text("audit.note.points-unknown")
        elif not issues and not changes and part.reading is None:
            base = np.nan
            note = text("audit.note.no-rule")
        elif np.isnan(base):
            note = text("audit.note.no-reading")
        elif np.isnan(deduction + bonus):
            note = text("audit.note.finding-without-points")
        score = float(np.maximum(base - deduction, 0.0) + bonus)
        return PartScore(part, deduction, bonus, score, note)

    def parts_of(self, module: str) -> list[PartScore]:
        """Return the scores of the parts of a module."""
        return [score for score in self.part_scores if score.part.module == module]

    @cached_property
    def module_scores(self) -> dict[str, float]:
        """The score of each module, at most its points; NaN where a part has none."""
        scores = {}
        for module in self.spec.module:
            score = sum(part.score for part in self.parts_of(module.id))
            if module.points is None or np.isnan(score):
                scores[module.id] = np.nan
            else:
                scores[module.id] = min(score, module.points)
        return scores

    @property
    def score(self) -> float:
        """The sum of the modules; NaN if one has no score, or if there is none."""
        if not self.module_scores:
            return np.nan
        return round(float(sum(self.module_scores.values())), _DECIMALS)

    def grade(self, language: Language) -> str:
        """Return the name of the grade; blank if there is no score."""
        if np.isnan(self.score):
            return ""
        return grade_of(self.score, self.spec.grade, language)


def terms_of(spec: AuditSpec, context: AssessmentContext) -> list[AuditedTerm]:
    """Return the terms of the table of terms, in its order.

    Parameters
    ----------
    spec : AuditSpec
    context : AssessmentContext
        Its years are those of the accounts.

    Returns
    -------
    list of AuditedTerm
        Empty if there is no table of terms.
    """
    if context.terms is None:
        return []
    terms = []
    for row in context.terms.rows.to_dict("records"):
        term = AuditedTerm(
            spec=spec,
            context=context,
            region=row["region"],
            office=row["office"],
            term_start=row["term_start"],
            term_end=row["term_end"],
            start=nearest_account(date.fromisoformat(row["term_start"]), context.years),
            end=nearest_account(date.fromisoformat(row["term_end"]), context.years),
            file=str(row["file"]),
            row=int(row["row"]),
        )
        terms.append(term)
    return terms
