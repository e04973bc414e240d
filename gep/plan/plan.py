"""The plan (核算方案): a standard bound to extent, data and sets; checked and ready to evaluate.

A plan holds arrays in the units that the methods expect, so nothing is left to look up or to
convert. It is made in ``gep.plan.build`` and evaluated in ``gep.account``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.errors import Problem, ProblemLog
from gep.extent.classes import ClassScheme
from gep.extent.crosswalk import Crosswalk
from gep.extent.extent import Extent
from gep.extent.raster_extent import RasterYear
from gep.extent.regions import Regions
from gep.inputs.coefficients import CoefficientSet
from gep.inputs.value_rows import GRADE
from gep.io.notebook import ShownAsTable
from gep.plan.plan_table import RowNames, plan_pieces, with_plain_texts
from gep.plan.planned_step import PlannedStep, StepLink
from gep.plan.prices import PriceBasis
from gep.standards.standard import Standard
from gep.texts.catalogue import Language, Listed, Text, counted

TRIAL = "试算"  # the state of an account until an approver and a document are recorded
# Codes of problems that a partial plan keeps as warnings: the regions concerned are not compiled.
PARTIAL = ("missing-data", "missing-coefficient")

_GRADE_OF_EVIDENCE = {
    "verified": GRADE["official"],
    "published": GRADE["published"],
    "recalled": GRADE["recalled"],
}


class Edit(NamedTuple):
    """A number or a choice that a scenario changes.

    Attributes
    ----------
    name : str
        What is changed: a coefficient or data, with keys in brackets; ``price_year``, a switch.
    old, new : str
        What it was, and what it is; ``x 1.1`` is a factor.
    unit : str
        Of both; blank for choices.
    """

    name: str
    old: str
    new: str
    unit: str


@dataclass(frozen=True, repr=False)
class Plan(ShownAsTable):
    """A checked plan of one standard for one year.

    Attributes
    ----------
    standard : Standard
    extent : Extent
        Regions and ecosystem types with their areas.
    steps : tuple of PlannedStep
        Steps in the order in which they are evaluated: each after those whose results it takes.
    sets : tuple of CoefficientSet
        Coefficient sets in the order in which they were searched.
    regions : Regions or None
        The table of regions; its areas are the data ``land_area`` where these are given.
    scheme : ClassScheme
        The ecosystem types.
    crosswalk : Crosswalk or None
        The crosswalk by which the areas were brought to ecosystem types.
    switches : mapping of str to str
        The option of every switch of the standard.
    price_year : int or None
        The year of constant prices; None for current prices. See ``price_basis``.
    land_area : ndarray of float
        Land area by region, km2; NaN if it is not known.
    warnings : tuple of Problem
        Warnings, and the gaps of a partial plan.
    files : tuple of Path
        The files that the plan was made from.
    state : str
        ``TRIAL``, or who approved the account and in which document, as tables have it.
    approval : Text or None
        The same in words, who approved the account and in which document; None in a trial.
    land : DataFrame or None
        The data rows ``land_area`` that values per km2 rest on.
    gdp : Series or None
        The data ``gdp`` by region, 10^4 CNY, that results are held against.
    language : {'zh', 'en'}
        The project's own language, in which its table names what is bound.
    edits : tuple of Edit
        What a scenario changes; none in an account of what is.
    indicator : str
        The only indicator in it, in a plan that explains a number; blank for the whole standard.
    raster : RasterYear or None
        The rasters of the year; None where areas are from a table.

    Examples
    --------
    >>> import gep
    >>> gep.read_project("examples/beibu-gulf").plan(2014)
    <Plan of xie-2015, 2014, 1 region, 12 steps>
    """

    standard: Standard
    extent: Extent
    steps: tuple[PlannedStep, ...]
    sets: tuple[CoefficientSet, ...]
    regions: Regions | None
    scheme: ClassScheme
    crosswalk: Crosswalk | None
    switches: Mapping[str, str]
    price_year: int | None
    land_area: np.ndarray
    warnings: tuple[Problem, ...]
    files: tuple[Path, ...]
    state: str = TRIAL
    approval: Text | None = None
    land: pd.DataFrame | None = None
    gdp: pd.Series | None = None
    language: Language = "zh"
    edits: tuple[Edit, ...] = ()
    indicator: str = ""
    raster: RasterYear | None = None

    def __repr__(self) -> str:
        """Return a line: standard, year, size."""
        regions = counted(len(self.extent.regions), "region")
        size = f"{regions}, {counted(len(self.steps), 'step')}"
        return f"<Plan of {self.standard.id}, {self.year}, {size}>"

    @property
    def year(self) -> int:
        """The account's year."""
        return self.extent.year

    @property
    def price_basis(self) -> PriceBasis:
        """The prices of the account."""
        return PriceBasis(self.price_year)

    @cached_property
    def sums_of_parts(self) -> frozenset[str]:
        """Names of the steps whose figure for a parent is the sum of its regions only.

        They are not additive, or they take the result of such a step: the method, applied to the
        figures of the parent, would give another number.
        """
        names: set[str] = set()
        for step in self.steps:  # each after those whose results it takes
            sources = [link.source for link in step.inputs.values() if isinstance(link, StepLink)]
            if not step.step.additive or not names.isdisjoint(sources):
                names.add(step.name)
        return frozenset(names)

    def step(self, name: str) -> PlannedStep:
        """Return a step by its full name."""
        return next(step for step in self.steps if step.name == name)

    def table(self) -> pd.DataFrame:
        """Make the table that an evaluator signs (``plan.csv``): a row for each number used.

        Returns
        -------
        DataFrame
            Columns ``PLAN_COLUMNS``; see ``gep.plan.plan_table``.
        """
        return pd.concat(map(with_plain_texts, self.table_pieces()), ignore_index=True)

    def table_pieces(self) -> Iterator[pd.DataFrame]:
        """Yield the rows of ``table`` in pieces that fit into memory, texts as categories."""
        names = RowNames(self.standard, self.scheme, self.regions, self.language)
        return plan_pieces(
            self.extent,
            self.crosswalk,
            self.steps,
            names,
            self.land,
            self.raster,
        )

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        steps = []
        for step in self.steps:
            steps.append((step.name, step.step.method, step.per, step.step.unit))
        return pd.DataFrame(steps, columns=["step", "method", "per", "unit"])

    def _shown_whole(self) -> str:
        """Return what gives the rows that the steps are bound to."""
        return ".table()"


def grade_of(plan: Plan) -> int:
    """Return the grade that the evidence for the standard's text gives to every value.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    int
        A code of ``gep.inputs.value_rows.GRADE``.
    """
    return _GRADE_OF_EVIDENCE[plan.standard.spec.evidence]


def warnings_of(plans: Iterable[Plan]) -> list[Problem]:
    """Return the warnings of several plans, each once.

    Parameters
    ----------
    plans : iterable of Plan

    Returns
    -------
    list of Problem
    """
    warnings: dict[Problem, None] = {}
    for plan in plans:
        warnings.update(dict.fromkeys(plan.warnings))
    return list(warnings)


def check_year(plans: Sequence[Plan], year: int, option: str) -> None:
    """Check that a project has an account of a year.

    Parameters
    ----------
    plans : sequence of Plan
    year : int
    option : str
        Where the year was given, for the message.

    Raises
    ------
    ProblemsFound
        ``missing-year`` if there is none.
    """
    years = [plan.year for plan in plans]
    if year not in years:
        problems = ProblemLog()
        listed = Listed(tuple(years), len(years))
        problems.add(
            "missing-year",
            option,
            "plan.no-account",
            year=year,
            years=listed,
        )
        problems.raise_errors()
