"""A plan with its results: what tables, captions and explanations are made of.

Owns the figures that follow from the results alone: the block of columns, sums by category, the
evidence behind every cell, shares of the value. Presenting them is left to ``gep.account.account``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gep.account.caption import EvidenceShares
from gep.account.columns import ParentRegions, ResultColumns, columns_of, parents, with_parents
from gep.account.evaluation import EvidenceMarks, evidence_marks
from gep.account.lines import unknown_region
from gep.account.result_tables import Summary, summary_of
from gep.inputs.value_rows import GRADES
from gep.plan.plan import Plan
from gep.units import factor


@dataclass(frozen=True)
class EvaluatedPlan:
    """A plan and the results of its steps: one standard, one year, many regions.

    Attributes
    ----------
    plan : Plan
        The plan that was evaluated.
    results : mapping of str to ndarray
        For each step, by its full name, the values over its ``out`` dims in its own unit; cells
        that are not valid are 0.
    """

    plan: Plan
    results: Mapping[str, np.ndarray]

    @property
    def year(self) -> int:
        """The account's year."""
        return self.plan.year

    @cached_property
    def parents(self) -> ParentRegions:
        """The parents of the account's regions."""
        return parents(self.plan)

    @cached_property
    def block(self) -> ResultColumns:
        """The results as a matrix: regions and parents x steps and items."""
        regions = columns_of(self.plan, self.results, by_ecosystem=False)
        return with_parents(regions, self.parents)

    @cached_property
    def sums(self) -> Summary:
        """The sums of value by category and total, for regions and parents."""
        return summary_of(self.plan, self.block, self.parents)

    @cached_property
    def marks(self) -> Mapping[str, EvidenceMarks]:
        """The grade, value transfer and nominal prices behind every cell, by step."""
        return evidence_marks(self.plan)

    def shares(self) -> EvidenceShares:
        """Return what the account's value rests on.

        Returns
        -------
        EvidenceShares
            Shares by worst grade, of value transfer, and of prices without a year. They are shares
            of the sum of absolute values of the headline's value steps; 0 if that sum is 0.
        """
        return self._shares

    @cached_property
    def _shares(self) -> EvidenceShares:
        """The shares, computed once."""
        spec = self.plan.standard.spec
        headline = spec.total[0].indicators
        by_grade = np.zeros(len(GRADES))
        transfer = 0.0
        nominal = 0.0
        total = 0.0
        for step in self.plan.steps:
            if step.step.kind != "value" or step.indicator is None:
                continue
            if step.indicator.id not in headline:
                continue
            size = np.abs(self.results[step.name]) * factor(step.step.unit, spec.unit)
            marks = self.marks[step.name]
            grades = marks.grade.ravel()
            by_grade += np.bincount(
                grades,
                weights=size.ravel(),
                minlength=len(GRADES),
            )
            transfer += float((size * marks.transfer).sum())
            nominal += float((size * marks.nominal).sum())
            total += float(size.sum())
        total = total or 1.0  # all shares are 0 then
        grade_shares = (by_grade / total).tolist()
        return {
            "grade": dict(zip(GRADES, grade_shares, strict=True)),
            "transfer": transfer / total,
            "nominal": nominal / total,
        }

    def region_row(self, region: str, place: str = "region") -> int:
        """Find the row of a region or parent in ``block`` and ``sums``.

        Parameters
        ----------
        region : str
            Code of a region or parent.
        place : str, default 'region'
            Where the code was written, for the problem.

        Returns
        -------
        int

        Raises
        ------
        ProblemsFound
            ``unknown-region`` if the account does not have it.
        """
        rows = np.flatnonzero(self.sums.codes == region)
        if not len(rows):
            raise unknown_region(self.plan, region, place)
        return int(rows[0])

    def region_positions(self, region: str, place: str = "region") -> np.ndarray:
        """Find which of the plan's regions a region or parent consists of.

        Parameters
        ----------
        region : str
            Code of a region or parent.
        place : str, default 'region'
            Where the code was written, for the problem.

        Returns
        -------
        ndarray of int
            Positions in ``plan.extent.regions``.

        Raises
        ------
        ProblemsFound
            ``unknown-region`` if the account does not have it.
        """
        row = self.region_row(region, place)
        count = len(self.plan.extent.regions)
        if row < count:
            return np.array([row])
        return self.parents.members[row - count]
