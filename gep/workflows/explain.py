"""Explaining a number (数据溯源): of an account, or of an assessment and the accounts behind it.

The explanations themselves belong to ``gep.account`` and to the kinds of ``gep.assessment``; this
module finds the number by what the user wrote.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import pandas as pd

from gep.account.account import account_from_plan
from gep.account.explanation import Explanation
from gep.account.frames import as_numbers
from gep.account.lines import TOTAL, indicator_named, region_named
from gep.errors import ProblemLog, ProblemsFound, worded_in
from gep.io.argument_types import checked_arguments
from gep.io.tables import suggestion
from gep.plan.plan import check_year
from gep.project.project import build_plans, check_project, read_part
from gep.texts.catalogue import LANGUAGES, Label, Language, say

if TYPE_CHECKING:
    from gep.assessment.context import AssessmentContext
    from gep.assessment.readings import Reading
    from gep.assessment.scheme import Assessment
    from gep.workflows.assess import ProjectAssessment

_SEPARATOR = ":"  # between scheme and item


class _Permitted(TypedDict):
    """What a user permits and asks for; see :func:`gep.run_project`."""

    allow_code: bool
    partial: bool
    language: Language | None


@checked_arguments
def explain_number(
    path: str | Path,
    *,
    region: str | int,
    year: int,
    indicator: str,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
    as_json: bool = False,
) -> str:
    """Explain how a number of an account, or of an assessment, came about.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    region : str or int
        Code or name of a region or parent.
    year : int
        Year of the account or assessment.
    indicator : str
        Id or name of an indicator; ``SCHEME:ITEM`` for an assessment.
    allow_code, partial
        See :func:`gep.run_project`.
    language : {'zh', 'en'}, optional
        By default the project's, then that of the user's system.
    as_json : bool, default False
        Whether to write a document instead of lines: see ``Explanation.to_dict``; of an assessment
        ``scheme``, ``item``, ``region``, ``year``, ``tables`` (the rows of its result tables that
        are of the item, numbers as in ``Assessment.frame``) and ``lines``.

    Returns
    -------
    str
        Lines: formula, inputs, cells, the rows behind them and their sources.

    Raises
    ------
    ProblemsFound
        ``missing-year``, ``unknown-region``, ``unknown-indicator``, ``unknown-id`` for a scheme,
        and the codes of ``gep.check_project`` and ``gep.assess_project``.

    Examples
    --------
    >>> import gep
    >>> lines = gep.explain_number(
    ...     "examples/beibu-gulf", region="beibu-gulf", year=2014, indicator="food_production"
    ... )
    >>> "food_production" in lines
    True
    """
    region = str(region)
    options: _Permitted = {"allow_code": allow_code, "partial": partial, "language": language}
    if _SEPARATOR in indicator:
        score = _explained_score(path, region, year, indicator, options)
        return score.to_json() if as_json else "\n".join(score.lines)
    explanation = _explain_part(path, region, year, indicator, options)
    if explanation is not None:
        return explanation.to_json() if as_json else str(explanation)
    project, plans = check_project(path, **options)
    with worded_in(project.language):
        check_year(plans, year, "--year")
        plan = next(plan for plan in plans if plan.year == year)
        name = indicator_named(plan, indicator)
        code = region_named(plan, region)
        explanation = account_from_plan(plan).explain(name, code, project.language)
        return explanation.to_json() if as_json else str(explanation)


def _explain_part(
    path: str | Path, region: str, year: int, indicator: str, options: _Permitted
) -> Explanation | None:
    """Explain a number of a large project by a plan of what it needs; None if that is not known."""
    project = read_part(path, region=region, year=year, indicator=indicator, **options)
    if project is None:
        return None
    try:
        with worded_in(project.language):
            plan = build_plans(project, years=(year,))[0]
            account = account_from_plan(plan)
            code = region_named(plan, region)
            return account.explain(project.parts.indicator, code, project.language)
    except ProblemsFound:  # of which the whole project tells all
        return None


@checked_arguments
def explain_score(
    path: str | Path,
    region: str | int,
    year: int,
    indicator: str,
    *,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
) -> str:
    """Explain how a number of an assessment came about, then the accounts that it rests on.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    region : str or int
        Code or name of an assessed region.
    year : int
        An assessed year.
    indicator : str
        ``SCHEME:ITEM``; without an item the total.
    allow_code, partial, language
        See :func:`explain_number`.

    Returns
    -------
    str

    Raises
    ------
    ProblemsFound
        ``unknown-id``, ``unknown-region``, ``missing-year``, ``unknown-indicator``, and the codes
        of ``gep.assess_project``.

    Examples
    --------
    >>> import gep
    >>> assessed = gep.assess_project("examples/jiangxi-assessment", "results-d")
    >>> ranking = assessed.assessments[0].tables["scores.csv"].iloc[-1]
    >>> scheme = assessed.assessments[0].scheme.id
    >>> lines = gep.explain_score(
    ...     "examples/jiangxi-assessment", ranking["region"], int(ranking["year"]), scheme
    ... )
    >>> len(lines) > 100
    True
    """
    options: _Permitted = {"allow_code": allow_code, "partial": partial, "language": language}
    score = _explained_score(path, str(region), year, indicator, options)
    return "\n".join(score.lines)


@dataclass(frozen=True)
class _ExplainedScore:
    """A number of an assessment, what its tables say of it, and how it came about."""

    assessment: "Assessment"
    item: str
    region: str
    year: int
    lines: list[str]

    def to_json(self) -> str:
        """Return the explanation as a document."""
        tables = {}
        for name, table in self.assessment.tables.items():
            records = self._records(table)
            if records:
                tables[name] = records
        document = {
            "scheme": self.assessment.scheme.id,
            "item": self.item,
            "region": self.region,
            "year": self.year,
            "tables": tables,
            "lines": self.lines,
        }
        return json.dumps(document, ensure_ascii=False, indent=2, default=str)

    def _records(self, table: pd.DataFrame) -> list[dict[str, Any]]:
        """Return the rows of a result table that are of the item; of the total also the ranks."""
        keys = {"region": self.region, "year": self.year}
        name = next((name for name in ("indicator", "item") if name in table.columns), "")
        if name:
            keys[name] = self.item
        elif self.item != TOTAL:
            return []
        if not set(keys) <= set(table.columns):
            return []
        is_of_item = np.ones(len(table), dtype=bool)
        for column, member in keys.items():
            is_of_item &= (table[column] == member).to_numpy()
        rows = as_numbers(table[is_of_item])
        return [_without_nan(row) for row in rows.to_dict("records")]


def _without_nan(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row with null where there is no number, since JSON has no NaN."""
    cells = {}
    for name, cell in row.items():
        value = cell.item() if isinstance(cell, np.generic) else cell
        is_nan = isinstance(value, float) and not np.isfinite(value)
        cells[str(name)] = None if is_nan else value
    return cells


def _explained_score(
    path: str | Path, region: str, year: int, indicator: str, options: _Permitted
) -> _ExplainedScore:
    """Explain a number of an assessment; see ``explain_score``."""
    from gep.workflows.assess import apply_schemes, check_assessed_year  # takes a while

    result = apply_schemes(path, **options)
    spoken = result.project.language
    context = result.context
    scheme, _, item = indicator.partition(_SEPARATOR)
    item = item or TOTAL
    problems = ProblemLog(spoken)
    assessments = {assessment.scheme.id: assessment for assessment in result.assessments}
    if scheme not in assessments:
        hint = suggestion(scheme, assessments)
        problems.add(
            "unknown-id", "--indicator", "workflows.unknown-scheme", scheme=scheme, hint=hint
        )
    codes = [code for code in context.regions if _is_called(context, code, region)]
    if not codes:
        hint = suggestion(region, context.regions)
        problems.add(
            "unknown-region", "--region", "workflows.region-not-assessed", region=region, hint=hint
        )
    check_assessed_year(context.years_of(scheme), year, problems)
    problems.raise_errors()
    assessment = assessments[scheme]
    code = codes[0]
    _check_item(
        assessment,
        item,
        context,
        code,
        year,
        problems,
    )
    problems.raise_errors()
    with worded_in(spoken):
        lines = _explained_lines(
            result,
            result.assessments,
            scheme,
            item,
            code,
            year,
        )
        if result.finals:
            final = _explained_lines(
                result,
                result.finals,
                scheme,
                item,
                code,
                year,
            )
            if final != lines:
                lines = [*lines, "", *_decision_lines(result, year), *final]
    return _ExplainedScore(assessment, item, code, year, lines)


def _explained_lines(
    result: "ProjectAssessment",
    applied: Sequence["Assessment"],
    scheme: str,
    item: str,
    code: str,
    year: int,
) -> list[str]:
    """Explain an item of computed or of final results, with what it rests on."""
    language = result.project.language
    assessments = {assessment.scheme.id: assessment for assessment in applied}
    assessment = assessments[scheme]
    lines = list(assessment.explain(code, year, item, language))
    reading = assessment.account_readings.get(item)
    if reading is not None:
        lines += _explain_accounts(result.context, reading, code, year, language)
    references = _References(result, assessments, code)
    return [*lines, *references.lines(assessment, item, year)]


def _decision_lines(result: "ProjectAssessment", year: int) -> list[str]:
    """Head the explanation of a final number: which numbers the log decided for a year."""
    from gep.assessment.review.decisions import ComputedNumbers, decided_numbers

    language = result.project.language
    lines = [say(language, "workflows.final-result")]
    for assessment in result.assessments:
        if result.log is None:
            continue
        scheme = assessment.scheme.id
        computed = ComputedNumbers(assessment, result.context.for_scheme(scheme))
        decided = decided_numbers(result.log.of(scheme, year), computed)
        for key, entry in decided.items():
            lines.append(
                say(
                    language,
                    "workflows.decided-number",
                    scheme=scheme,
                    region=result.context.label(key.region),
                    item=key.item,
                    old=entry.old,
                    new=entry.new,
                    document=entry.document,
                )
            )
    return lines


def _is_called(context: "AssessmentContext", code: str, word: str) -> bool:
    """Return whether a word is the code of a region or its name in a language."""
    return word == code or any(word == context.name(code, language) for language in LANGUAGES)


def _check_item(
    assessment: "Assessment",
    item: str,
    context: "AssessmentContext",
    code: str,
    year: int,
    problems: ProblemLog,
) -> None:
    """Check (``unknown-indicator``) that an assessment has an item for a region and year."""
    items = assessment.items(code, year)
    if item in items:
        return
    problems.add(
        "unknown-indicator",
        "--indicator",
        "assessment.no-item",
        scheme=Label(assessment.scheme.id, assessment.scheme.spec.title),
        item=item,
        region=context.label(code),
        year=year,
        hint=suggestion(item, items),
    )


@dataclass
class _References:
    """The items of other schemes that an item of a region rests on, each explained once."""

    result: "ProjectAssessment"
    assessments: Mapping[str, "Assessment"]
    code: str
    _told: set[tuple[str, str, int]] = field(default_factory=set)

    def lines(self, assessment: "Assessment", item: str, year: int) -> list[str]:
        """Explain what an item rests on; of a total all that its scheme reads."""
        lines: list[str] = []
        scheme = assessment.scheme
        for named in scheme.kind.readings(scheme):
            rests_on = item == TOTAL or named.item == item or named.item.startswith(f"{item}.")
            if named.reading.scheme and rests_on:
                for read_year in self._years(named.reading, year):
                    lines += self._item_lines(named.reading, read_year)
        return lines

    def _years(self, reading: "Reading", year: int) -> list[int]:
        """Return the years that a reading is of."""
        from gep.assessment.readings import SINCE_BEFORE

        before = None
        if reading.form in SINCE_BEFORE:
            before = self.result.context.year_before(reading, year)
        return [year] if before is None else [before, year]

    def _item_lines(self, reading: "Reading", year: int) -> list[str]:
        """Explain what a reading is, unless it was, and what that rests on."""
        language = self.result.project.language
        read = self.assessments[reading.scheme_id]
        item = reading.scheme_item.partition(".")[0]
        key = (reading.scheme_id, item, year)
        of_item = read.explain(self.code, year, item, language)
        if key in self._told or not of_item:
            return []
        self._told.add(key)
        title = read.scheme.spec.title.say(language)
        head = f"{title} ({reading.scheme}) {year}"
        return ["", head, *of_item, *self.lines(read, item, year)]


def _explain_accounts(
    context: "AssessmentContext", reading: "Reading", code: str, year: int, language: Language
) -> list[str]:
    """Explain every indicator of the account that a reading rests on; for growth, of both years."""
    from gep.assessment.readings import SINCE_BEFORE, indicators_behind

    comparison = context.comparisons.get(reading.basis)
    if comparison is None:
        return []
    years = [year]
    if reading.form in SINCE_BEFORE:
        earlier = context.year_before(reading, year)
        years = [year] if earlier is None else [earlier, year]
    lines: list[str] = []
    for account_year in years:
        if account_year not in comparison.levels or code not in comparison.codes:
            continue
        account = comparison.account(account_year)
        for indicator in indicators_behind(account, reading.account):
            lines += ["", str(account.explain(indicator, code, language))]
    return lines
