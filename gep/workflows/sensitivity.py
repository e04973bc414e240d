"""Sensitivity of a project's value (敏感性分析结果): computed for a region, written where asked.

The analysis itself belongs to ``gep.uncertainty``; this module finds region, year and indicator by
what the user wrote, and writes ``sensitivity.csv`` with its picture and its record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gep import __version__
from gep.account.account import Account, account_from_plan
from gep.account.caption import measure_title
from gep.account.lines import TOTAL, indicator_named, region_named
from gep.errors import Problem, ProblemLog, worded_in
from gep.inputs.value_rows import KEYS
from gep.io.argument_types import checked_arguments
from gep.io.csv_tables import append_csv
from gep.io.notebook import ShownAsTable
from gep.io.result_folder import (
    refuse_foreign,
    relative_path,
    replace_folder,
    write_record,
)
from gep.plan.plan import Plan, check_year, warnings_of
from gep.plan.plan_table import RowNames
from gep.project.project import Project, check_project, file_sums, refuse_inputs
from gep.report.figures.page import distinct_names, spoken
from gep.standards.standard import DeclaredName
from gep.texts.catalogue import Language, counted, say
from gep.uncertainty.input_sensitivity import input_sensitivity
from gep.workflows.run import picture_not_drawn, result_sums

RECORD = "sensitivity.json"
FILES = ("sensitivity.csv", "tornado.png", RECORD)
_AREA = "area"  # the first word of the name of an area
_DRAWN = 20  # inputs in the picture


@dataclass(frozen=True, repr=False)
class SensitivityAnalysis(ShownAsTable):
    """The inputs behind a value of a project, by how much they move it.

    Attributes
    ----------
    project : Project
    table : DataFrame
        A row for each input; see ``gep.uncertainty.input_sensitivity``.
    region, indicator : str
        Code of the region; id of the indicator, or ``total``.
    year, start : int
        Year of the value; for a change, the year from which on (else None).
    unit : str
        Unit of the value.
    account : Account
        The account of ``year``.
    out : Path or None
        Folder with the result files, if there are any.
    warnings : tuple of Problem

    Examples
    --------
    >>> import gep
    >>> project = "examples/garze-2010"
    >>> sensitivity = gep.analyse_sensitivity(project, "513300", 2010)
    >>> bool(sensitivity.table["swing"].notna().any())
    True
    """

    project: Project
    table: pd.DataFrame
    region: str
    indicator: str
    year: int
    start: int | None
    unit: str
    account: Account
    out: Path | None
    warnings: tuple[Problem, ...]

    @property
    def language(self) -> Language:
        """The language of the run."""
        return self.project.language

    def caption(self, language: Language) -> list[str]:
        """Return the lines that must be printed above: measure, prices, state, standard, shares."""
        return self.account.caption(language)

    def title(self, language: Language) -> str:
        """Return in words what was analyzed: region, years, indicator, level or change."""
        plan = self.account.plan
        region = self.region
        if plan.regions is not None:
            region = plan.regions.name(self.region, language)
        indicator = measure_title(plan, language)
        for spec in plan.standard.spec.indicator:
            if spec.id == self.indicator:
                indicator = spec.name.say(language)
        key = "workflows.sensitivity.change" if self.start else "workflows.sensitivity.level"
        return say(
            language,
            key,
            region=region,
            start=self.start,
            year=self.year,
            indicator=indicator,
        )

    def _shown_size(self) -> str:
        """Return how much it holds."""
        inputs = counted(len(self.table), "input")
        return f"{self.indicator} of {self.region} in {self.year}, {inputs}"

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        return self.table


@checked_arguments
def analyse_sensitivity(
    path: str | Path,
    region: str | int,
    year: int,
    *,
    start: int | None = None,
    indicator: str = TOTAL,
    points: int = 0,
    seed: int = 0,
    out: str | Path | None = None,
    partial: bool = False,
    allow_code: bool = False,
    language: Language | None = None,
) -> SensitivityAnalysis:
    """Find the inputs that move a value of a project most.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    region : str or int
        Code or name of a region or parent.
    year : int
        Year of the account.
    start : int, optional
        For the change since this year; by default the level of ``year`` is analyzed.
    indicator : str, default ``total``
        Id or name of an indicator, or ``total``.
    points : int, default 0
        Base points of Sobol indices, a power of two; 0: none.
    seed : int, default 0
        Seed of the points.
    out : str or Path, optional
        Folder for ``sensitivity.csv``, ``tornado.png`` and their record; by default nothing is
        written.
    partial, allow_code
        See :func:`gep.run_project`.
    language : {'zh', 'en'}, optional
        Language of messages and picture; by default the project's, then that of the user's system.

    Returns
    -------
    SensitivityAnalysis

    Raises
    ------
    ProblemsFound
        ``missing-year``, ``bad-year``, ``unknown-region``, ``unknown-indicator``,
        ``cannot-write``, and the codes of ``gep.check_project`` and of the analysis.

    Examples
    --------
    >>> import gep
    >>> analysis = gep.analyse_sensitivity("examples/garze-2010", "513300", 2010)
    >>> analysis.table.columns[0]
    '...'
    """
    region = str(region)
    project, plans = check_project(path, allow_code=allow_code, partial=partial, language=language)
    with worded_in(project.language):
        check_year(plans, year, "--year")
        if start is not None:
            check_year(plans, start, "--from")
        if start is not None and start >= year:
            problems = ProblemLog()
            problems.add("bad-year", "--from", "workflows.from-not-earlier", start=start, year=year)
            problems.raise_errors()
        result = sensitivity_of_plans(
            project,
            plans,
            region,
            year,
            start=start,
            indicator=indicator,
            points=points,
            seed=seed,
        )
        if out is None:
            return result
        options = {"points": points, "seed": seed, "allow_code": allow_code, "partial": partial}
        return _write(replace(result, out=Path(out)), plans, Path(out), options)


def sensitivity_of_plans(
    project: Project,
    plans: Sequence[Plan],
    region: str,
    year: int,
    *,
    start: int | None = None,
    indicator: str = TOTAL,
    points: int = 0,
    seed: int = 0,
) -> SensitivityAnalysis:
    """Find the inputs that move a value most, without writing anything.

    Parameters
    ----------
    project : Project
    plans : sequence of Plan
        One for each year.
    region, year, start, indicator, points, seed
        See :func:`analyse_sensitivity`.

    Returns
    -------
    SensitivityAnalysis

    Raises
    ------
    ProblemsFound
        See :func:`analyse_sensitivity`.
    """
    plan = next(plan for plan in plans if plan.year == year)
    code = region_named(plan, region)
    indicator_id = TOTAL if indicator == TOTAL else indicator_named(plan, indicator)
    table = input_sensitivity(
        plans,
        code,
        year,
        start=start,
        indicator=indicator_id,
        points=points,
        seed=seed,
    )
    account = account_from_plan(plan)
    warnings = dict.fromkeys([*project.warnings, *warnings_of(plans), *account.warnings])
    return SensitivityAnalysis(
        project=project,
        table=table,
        region=code,
        indicator=indicator_id,
        year=year,
        start=start,
        unit=plan.standard.spec.unit,
        account=account,
        out=None,
        warnings=tuple(warnings),
    )


def _write(
    result: SensitivityAnalysis, plans: Sequence[Plan], out: Path, options: Mapping[str, Any]
) -> SensitivityAnalysis:
    """Write table, picture and record, or none, and return the result with further warnings."""
    project = result.project
    records = {RECORD: FILES}
    refuse_inputs(project, plans, out, FILES)
    refuse_foreign(out, ("sensitivity.csv", RECORD), records)
    problems = ProblemLog()
    with replace_folder(out, records, problems) as scratch:
        cells = result.table.astype(object).where(result.table.notna(), "")
        append_csv(scratch / "sensitivity.csv", cells)
        picture = scratch / "tornado.png"
        try:
            draw_swings(result, picture)
        except ModuleNotFoundError as error:
            not_drawn = picture_not_drawn(picture.name, error)
            result = replace(result, warnings=(*result.warnings, not_drawn))
        header = project.spec.project
        record = {
            "gep": __version__,
            "project": {"id": header.id, "folder": relative_path(project.folder, out)},
            "options": options,
            "region": result.region,
            "indicator": result.indicator,
            "year": result.year,
            "from": result.start,
            "state": project.state,
            "warnings": [problem.say(result.language) for problem in result.warnings],
            "inputs": file_sums(project, plans),
            **result_sums(scratch, "results"),
        }
        write_record(scratch / RECORD, record)
    return replace(result, warnings=(*result.warnings, *problems.warnings))


def draw_swings(result: SensitivityAnalysis, path: Path) -> None:
    """Draw the swings of the inputs that move the value most.

    Parameters
    ----------
    result : SensitivityAnalysis
    path : Path
        A ``png``, ``svg`` or ``pdf``.

    Raises
    ------
    ModuleNotFoundError
        Without the libraries of the extra ``report``.
    """
    from gep.report.figures.charts import tornado
    from gep.report.figures.page import drawn_language

    rows = result.table.head(_DRAWN)
    language = drawn_language(result.language)
    names = _input_names(result, [str(name) for name in rows["input"]], language)
    swings = []
    for name, row in zip(names, rows.to_dict("records"), strict=True):
        low, high = float(row["result_low"]), float(row["result_high"])
        swings.append((name, low, high))
    left_out = len(result.table) - len(rows)
    heading, state, *others = result.caption(language)
    lines = [heading, *others]
    if left_out:
        lines.insert(0, say(language, "workflows.sensitivity.left-out", count=left_out))
    tornado(
        float(rows["result"].iloc[0]),
        swings,
        title=result.title(language),
        unit=spoken(result.unit, language),
        caption="\n".join(lines),
        language=language,
        path=path,
        status=state,
    )


def _input_names(
    result: SensitivityAnalysis, inputs: Sequence[str], language: Language
) -> list[str]:
    """Return what inputs are called: the number, its type and other members, each by its title.

    The region and the year stand in the title of the picture; they are named where they differ.
    Inputs that are called the same are told apart by what the table calls them.
    """
    plan = result.account.plan
    spec = plan.standard.spec
    row_names = RowNames(plan.standard, plan.scheme, plan.regions, language)
    declared: dict[str, DeclaredName] = {**spec.data, **spec.coefficient}
    for coefficient_set in result.project.parts.sets:
        declared = {**coefficient_set.header.coefficient, **declared}
    members = {}
    for name in plan.scheme.classes:
        members[name] = row_names.member("ecosystem", name)
    regions = {}
    for code in map(str, plan.extent.regions):
        regions[code] = row_names.member("region", code)
    members |= distinct_names(regions)
    titles = {}
    for name in inputs:
        first, *words = name.split(" ")
        title = row_names.title(first, declared)
        if first == _AREA:
            title = say(language, "workflows.sensitivity.area")
        parts = [title]
        for word in words:
            if word not in (result.region, str(result.year)):
                parts.append(members.get(word) or _member_name(row_names, word))
        titles[name] = say(language, "plan.name-separator").join(parts)
    return list(distinct_names(titles).values())


def _member_name(row_names: RowNames, word: str) -> str:
    """Return the title of a word in the name of an input, whatever key it is a member of."""
    for key in KEYS:
        title = row_names.member(key, word)
        if title != word:
            return title
    return word
