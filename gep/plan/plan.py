"""The plan (核算方案): a standard bound to extent, data and coefficient sets; checked, printable, ready to evaluate.

Building a plan finds every problem at once. A plan holds arrays in the methods' units and nothing is left to look up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import Problem
from gep.extent.classes import ClassScheme
from gep.extent.crosswalk import Crosswalk
from gep.extent.regions import Regions
from gep.extent.table_extent import TableExtent
from gep.inputs.coefficients import CoefficientSet
from gep.inputs.value_rows import GRADE
from gep.plan.plan_table import plan_table
from gep.plan.planned_step import PlannedStep
from gep.standards.standard import Standard

TRIAL = "试算"  # the state of an account until an approver and a document are recorded
EVIDENCE_GRADE = {
    "verified": GRADE["official"],
    "published": GRADE["published"],
    "recalled": GRADE["recalled"],
}


@dataclass(frozen=True)
class Plan:
    """A checked plan for one standard and one year."""

    standard: Standard
    extent: TableExtent
    steps: tuple[PlannedStep, ...]
    sets: tuple[CoefficientSet, ...]
    regions: Regions | None
    scheme: ClassScheme
    crosswalk: Crosswalk | None
    switches: Mapping[str, str]
    price_year: int | None
    land_area: np.ndarray  # region, km2, NaN unknown
    warnings: tuple[Problem, ...]
    files: tuple[Path, ...]
    state: str = TRIAL
    land: pd.DataFrame | None = None  # the data rows land_area that values per km2 rest on

    @property
    def year(self) -> int:
        """The account's year."""
        return self.extent.year

    def step(self, name: str) -> PlannedStep:
        """A step by its full name."""
        return next(one for one in self.steps if one.name == name)

    def table(self) -> pd.DataFrame:
        """The table an evaluator signs (``plan.csv``): one row per coefficient, data, area or crosswalk row used."""
        return plan_table(self.extent, self.crosswalk, self.steps, self.land)


def grade_of(plan: Plan) -> int:
    """The grade that a standard's text lends to every value: official where verified, recalled where recalled."""
    return EVIDENCE_GRADE[plan.standard.spec.evidence]


def warnings_of(plans: Iterable[Plan]) -> list[Problem]:
    """The warnings of several plans, each once."""
    return list(dict.fromkeys(problem for plan in plans for problem in plan.warnings))
