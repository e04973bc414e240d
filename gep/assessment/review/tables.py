"""Tables that follow a scored result through review (考核流程用表).

The tables are: sources of readings, jumps, deductions, appeals, results, and revisions. Tables of
scores and targets have the columns of ``scores.csv`` and ``targets.csv``, with blank cells where
there is no number; they may come from memory or be read from files as text. Points are computed in
``gep.assessment.scoring``, not here.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.events import Events
from gep.assessment.readings import AGAINST, GROWTHS, SchemeReading
from gep.assessment.review.decisions import since_computed
from gep.assessment.review.log import (
    APPEAL,
    FINAL,
    REVIEW,
    LogEntry,
    ReviewLog,
    is_number,
    last_state,
)
from gep.assessment.scheme import Assessment
from gep.assessment.scoring.scheme import EventRule, ScoredIndicator, ScoreScheme
from gep.assessment.targets import Targets
from gep.inputs.value_rows import GRADES
from gep.units import factor

SOURCE_COLUMNS = [
    "region",
    "year",
    "indicator",
    "reading",
    "value",
    "unit",
    "grade",
    "source",
    "locator",
    "where",
    "reviewed_by",
    "reviewed_at",
    "document",
]
JUMP_COLUMNS = [
    "region",
    "indicator",
    "from",
    "to",
    "reading_from",
    "reading_to",
    "compared",
    "change",
    "threshold",
    "unit",
    "explanation",
    "document",
    "status",
]
DEDUCTION_COLUMNS = [
    "region",
    "year",
    "indicator",
    "max_points",
    "points",
    "deducted",
    "rule",
    "reading",
    "target",
    "unit",
    "status",
    "document",
    "note",
]
APPEAL_COLUMNS = [
    "region",
    "year",
    "item",
    "appealed_at",
    "appealed_by",
    "document",
    "old",
    "claimed",
    "reason",
    "handled_at",
    "handled_by",
    "handled_document",
    "handled_state",
    "final",
    "handled_reason",
    "outcome",
]
RESULT_COLUMNS = [
    "region",
    "year",
    "item",
    "computed",
    "claimed",
    "final",
    "difference",
    "state",
    "note",
]
REVISION_COLUMNS = [
    "region",
    "year",
    "indicator",
    "reading_old",
    "reading_new",
    "points_old",
    "points_new",
    "difference",
    "grade_old",
    "grade_new",
    "kind",
]
# Changes from which an explanation is asked for by default, not from any text: shares of the
# previous reading, and differences of rates, which are shares themselves.
JUMP = 0.2
RATE_JUMP = 0.05
RELATIVE = "relative"
DIFFERENCE = "difference"
_RATE_UNITS = ("%", "‰")
EXPLAINED = "explained"
UNEXPLAINED = "needs_explanation"
TOTAL = "total"
_KEYS = ["region", "year", "indicator"]


def review_tables(
    assessment: Assessment,
    context: AssessmentContext,
    log: ReviewLog | None = None,
    threshold: float = JUMP,
    before: pd.DataFrame | None = None,
    final: Assessment | None = None,
) -> dict[str, pd.DataFrame]:
    """Make all review tables of a scored scheme.

    Parameters
    ----------
    assessment : Assessment
    context : AssessmentContext
    log : ReviewLog, optional
        Without it there are no tables of appeals and results.
    threshold : float, default 0.2
        Share of change from which a reading is a jump.
    before : DataFrame, optional
        The scores of a previous version; without it there is no table of revisions.
    final : Assessment, optional
        The scheme applied again with what the log decided; by default nothing was decided.

    Returns
    -------
    dict of str to DataFrame
        By file name; for schemes of other kinds appeals alone, where there are some.
    """
    scheme = assessment.scheme
    if not isinstance(scheme, ScoreScheme):
        return {} if log is None else _appeals_alone(log, scheme.id, context)
    scores = assessment.tables["scores.csv"]
    targets = assessment.tables["targets.csv"]
    items = scheme.kind.readings(scheme)
    tables = {
        "life_sources.csv": sources_table(items, context, log, scheme.id),
        "life_jumps.csv": jumps_table(
            scores, threshold, log, scheme.id, rates=rates_of(scheme.spec.indicator)
        ),
        "life_deductions.csv": deductions_table(scores, targets, context, scheme.spec.event),
    }
    if log is not None:
        appeals = [appeals_table(log, scheme.id, year) for year in context.years]
        final_scores = scores if final is None else final.tables["scores.csv"]
        results = []
        for year in context.years:
            results.append(results_table(scores, final_scores, log, scheme.id, year))
        tables["life_appeals.csv"] = pd.concat(appeals, ignore_index=True)
        tables["life_results.csv"] = pd.concat(results, ignore_index=True)
    if before is not None:
        tables["life_revisions.csv"] = revisions_table(before, scores)
    return tables


def _appeals_alone(
    log: ReviewLog, scheme: str, context: AssessmentContext
) -> dict[str, pd.DataFrame]:
    """Return the table of appeals, where there are some."""
    appeals = [appeals_table(log, scheme, year) for year in context.years]
    filled = [table for table in appeals if len(table)]
    return {"life_appeals.csv": pd.concat(filled, ignore_index=True)} if filled else {}


def sources_table(
    items: Iterable[SchemeReading],
    context: AssessmentContext,
    log: ReviewLog | None,
    scheme: str,
) -> pd.DataFrame:
    """Make the table of all readings used, with their sources and last reviews.

    Parameters
    ----------
    items : iterable of SchemeReading
    context : AssessmentContext
    log : ReviewLog or None
    scheme : str
        Id of the scheme.

    Returns
    -------
    DataFrame
        Columns ``SOURCE_COLUMNS``; a row for each region, year and item that has a number.
    """
    citations = _citations(context.readings.rows)
    no_citation = _Citation("", "")
    rows: list[dict[str, object]] = []
    for year in context.years:
        entries = _entries(log, scheme, year)
        for named in items:
            reading = named.reading
            values = context.read(reading, named.unit, year)
            for position in np.flatnonzero(np.isfinite(values.value)):
                region = context.regions[position]
                where = str(values.where[position])
                first_place = where.partition(AGAINST)[0]
                citation = citations.get(first_place, no_citation)
                row = {
                    "region": region,
                    "year": year,
                    "indicator": named.item,
                    "reading": str(reading),
                    "unit": values.unit,
                    "value": values.value[position],
                    "grade": GRADES[values.grade[position]],
                    "where": where,
                    "reviewed_by": "",
                    "reviewed_at": "",
                    "document": "",
                    "source": citation.source,
                    "locator": citation.locator,
                }
                review = _last_review(entries, region, named.item)
                if review is not None:
                    row["reviewed_by"] = review.who
                    row["reviewed_at"] = review.at
                    row["document"] = review.document
                rows.append(row)
    return pd.DataFrame(rows, columns=SOURCE_COLUMNS)


class _Citation(NamedTuple):
    """The source of a data row, and the place in it."""

    source: str
    locator: str


def _citations(rows: pd.DataFrame) -> Mapping[str, _Citation]:
    """Return the citation of each data row, by its place as readings name it."""
    if rows.empty:
        return {}
    citations = {}
    for row in rows[["file", "row", "source", "locator"]].itertuples():
        citations[f"{row.file} row {row.row}"] = _Citation(row.source, row.locator)
    return citations


def _entries(log: ReviewLog | None, scheme: str, year: int) -> Sequence[LogEntry]:
    """Return the entries on a scheme's year; none without a log."""
    return () if log is None else log.of(scheme, year)


def _last_review(entries: Sequence[LogEntry], region: str, item: str) -> LogEntry | None:
    """Return the last review or final entry that covers an item of a region."""
    for entry in reversed(entries):
        covers = entry.region in ("", region) and entry.item in ("", item)
        if covers and entry.state in (REVIEW, FINAL):
            return entry
    return None


def rates_of(indicators: Iterable[ScoredIndicator]) -> dict[str, str]:
    """Return the indicators that are rates, and the unit of each.

    Parameters
    ----------
    indicators : iterable of ScoredIndicator

    Returns
    -------
    dict of str to str
        Those whose unit is a percentage, and growths.
    """
    rates = {}
    for indicator in indicators:
        if indicator.unit in _RATE_UNITS or indicator.reading.form in GROWTHS:
            rates[indicator.id] = indicator.unit
    return rates


def jumps_table(
    scores: pd.DataFrame,
    threshold: float,
    log: ReviewLog | None = None,
    scheme: str = "",
    *,
    rates: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Make the table of readings that changed by more than a share since the previous scored year.

    Rates are compared by difference: growth of 1 % after 2 % is a fall of one percentage point, not
    of a half. A jump is explained if the log has an entry on its region, year and indicator with a
    reason. A reading that was 0 and is not any more is a jump too; its change is left blank.

    Parameters
    ----------
    scores : DataFrame
        Columns of ``scores.csv``.
    threshold : float
        0.2: a fifth of the previous reading.
    log : ReviewLog, optional
    scheme : str, optional
        Id of the scheme.
    rates : mapping of str to str, optional
        The unit of indicators that are rates; see ``rates_of``.

    Returns
    -------
    DataFrame
        Columns ``JUMP_COLUMNS``. ``change`` and ``threshold`` are in ``unit``: of a difference that
        of the indicator (percentage points where it is %), else 1.
    """
    frame = scores.assign(reading=numeric(scores["reading"]), year=scores["year"].astype(int))
    is_read = np.isfinite(frame["reading"]).to_numpy()
    is_indicator = (frame["indicator"] != TOTAL).to_numpy()
    frame = frame[is_read & is_indicator]
    rows: list[dict[str, object]] = []
    for (region, indicator), series in frame.groupby(
        ["region", "indicator"], sort=False, observed=True
    ):
        ordered = series.sort_values("year")
        for previous, current in pairwise(ordered.to_dict("records")):
            old = previous["reading"]
            new = current["reading"]
            unit = (rates or {}).get(str(indicator))
            change = _change(old, new, threshold, unit)
            if new == old or abs(change.amount) <= change.threshold:
                continue
            year = int(current["year"])
            row = {
                "region": region,
                "indicator": indicator,
                "from": previous["year"],
                "to": current["year"],
                "reading_from": old,
                "reading_to": new,
                "compared": RELATIVE if unit is None else DIFFERENCE,
                "change": _cell(change.amount),
                "threshold": change.threshold,
                "unit": unit or "1",
                "explanation": "",
                "document": "",
                "status": UNEXPLAINED,
            }
            entries = _entries(log, scheme, year)
            entry = _explanation(entries, str(region), str(indicator))
            if entry is not None:
                row["explanation"] = entry.reason
                row["document"] = entry.document
                row["status"] = EXPLAINED
            rows.append(row)
    return pd.DataFrame(rows, columns=JUMP_COLUMNS)


class _ReadingChange(NamedTuple):
    """A change of a reading, and from which change on it is a jump, in the same unit."""

    amount: float
    threshold: float


def _change(old: float, new: float, threshold: float, unit: str | None) -> _ReadingChange:
    """Return the change of a reading: a difference for rates in ``unit``, else a share."""
    if unit is None:
        return _ReadingChange((new - old) / abs(old) if old else np.nan, threshold)
    return _ReadingChange(new - old, RATE_JUMP * factor("1", unit))


def _explanation(entries: Sequence[LogEntry], region: str, item: str) -> LogEntry | None:
    """Return the last entry with a reason on an item of a region."""
    for entry in reversed(entries):
        if entry.region == region and entry.item == item and entry.reason:
            return entry
    return None


def deductions_table(
    scores: pd.DataFrame,
    targets: pd.DataFrame,
    context: AssessmentContext,
    rules: Sequence[EventRule] = (),
) -> pd.DataFrame:
    """Make the table of all deductions with their grounds.

    Parameters
    ----------
    scores, targets : DataFrame
        Columns of ``scores.csv`` and ``targets.csv``.
    context : AssessmentContext
    rules : sequence of EventRule
        The scheme's rules for events.

    Returns
    -------
    DataFrame
        Columns ``DEDUCTION_COLUMNS``; a row for every indicator with fewer points than it can have,
        and one for every event that takes points off or limits the result.
    """
    frame = scores.assign(
        points=numeric(scores["points"]),
        max_points=numeric(scores["max_points"]),
        year=scores["year"].astype(int),
    )
    is_indicator = (frame["indicator"] != TOTAL).to_numpy()
    is_deducted = (frame["points"] < frame["max_points"]).to_numpy()
    deducted = frame[is_indicator & is_deducted]
    goals = targets[["region", "year", "indicator", "target", "comparator", "status", "unit"]]
    goals = goals.assign(
        year=goals["year"].astype(int),
        target=goals["comparator"] + " " + goals["target"].astype(str),
    )
    goals = goals.drop_duplicates(_KEYS)
    rows = deducted.merge(goals, on=_KEYS, how="left")
    rows = rows.fillna({"target": "", "status": "", "unit": ""})
    rows["deducted"] = rows["max_points"] - rows["points"]
    documents = []
    for row in rows[_KEYS].itertuples():
        documents.append(_target_source(context.targets, row.region, row.year, row.indicator))
    rows["document"] = documents
    table = rows.reindex(columns=DEDUCTION_COLUMNS)
    event_rows: list[dict[str, object]] = []
    if context.events is not None:
        scored_years = sorted(set(frame["year"]))
        event_rows = _event_rows(scored_years, context.events, context.regions, rules)
    events = pd.DataFrame(event_rows, columns=DEDUCTION_COLUMNS)
    filled = [part for part in (table, events) if len(part)]
    if not filled:
        return table
    return pd.concat(filled, ignore_index=True)


def _target_source(targets: Targets | None, region: str, year: int, indicator: str) -> str:
    """Return the source of the target of an indicator; blank if there is no target."""
    if targets is None:
        return ""
    rows = targets.current(indicator, year)
    return str(rows.loc[region, "source"]) if region in rows.index else ""


def _event_rows(
    years: Sequence[int], events: Events, regions: Sequence[str], rules: Sequence[EventRule]
) -> list[dict[str, object]]:
    """Return the deductions for events of some years.

    Several events of one kind take off at most what the scheme says.
    """
    known_rules = {rule.id: rule for rule in rules if rule.effect != "bonus"}
    event_rows: list[dict[str, object]] = []
    for year in years:
        taken: dict[tuple[str, str], float] = {}
        for event in events.of(int(year)).to_dict("records"):
            rule = known_rules.get(str(event["event"]))
            if rule is None or event["region"] not in regions:
                continue
            key = (str(event["region"]), rule.id)
            taken_before = taken.get(key, 0.0)
            most = np.inf if rule.most is None else rule.most
            points = min(event["times"] * rule.points, most - taken_before)
            taken[key] = taken_before + points
            row = {
                "region": event["region"],
                "year": year,
                "indicator": rule.id,
                "max_points": "",
                "points": "",
                "deducted": points if rule.effect == "deduct" else "",
                "rule": rule.effect,
                "reading": event["times"],
                "target": "",
                "unit": "1",
                "status": rule.grade,
                "document": f"{event['document']} {event['date']}",
                "note": event["note"],
            }
            event_rows.append(row)
    return event_rows


def appeals_table(log: ReviewLog, scheme: str, year: int) -> pd.DataFrame:
    """Make the table of appeals: what was claimed, who dealt with it, and the outcome.

    Parameters
    ----------
    log : ReviewLog
    scheme : str
        Id of the scheme.
    year : int

    Returns
    -------
    DataFrame
        Columns ``APPEAL_COLUMNS``; ``outcome`` is ``open``, ``upheld`` (the old number stands),
        ``as_claimed`` or ``adjusted``.
    """
    entries = log.of(scheme, year)
    rows: list[dict[str, object]] = []
    for position, appeal in enumerate(entries):
        if appeal.state != APPEAL:
            continue
        row = {
            "region": appeal.region,
            "year": year,
            "item": appeal.item,
            "appealed_at": appeal.at,
            "appealed_by": appeal.who,
            "document": appeal.document,
            "old": appeal.old,
            "claimed": appeal.new,
            "reason": appeal.reason,
            "handled_at": "",
            "handled_by": "",
            "handled_document": "",
            "handled_state": "",
            "final": "",
            "handled_reason": "",
            "outcome": "open",
        }
        answer = _answer(appeal, entries[position + 1 :])
        if answer is not None:
            final = answer.new or appeal.old
            row["handled_at"] = answer.at
            row["handled_by"] = answer.who
            row["handled_document"] = answer.document
            row["handled_state"] = answer.state
            row["final"] = final
            row["handled_reason"] = answer.reason
            row["outcome"] = _outcome(appeal, final)
        rows.append(row)
    return pd.DataFrame(rows, columns=APPEAL_COLUMNS)


def _answer(appeal: LogEntry, later_entries: Sequence[LogEntry]) -> LogEntry | None:
    """Return the first entry that deals with an appeal."""
    for entry in later_entries:
        covers = entry.region == appeal.region and entry.item in ("", appeal.item)
        if covers and entry.state in (REVIEW, FINAL):
            return entry
    return None


def _outcome(appeal: LogEntry, final: str) -> str:
    """Return the outcome of an appeal that was dealt with."""
    if _number(final) == _number(appeal.old):
        return "upheld"
    if _number(final) == _number(appeal.new):
        return "as_claimed"
    return "adjusted"


def _number(word: str) -> float | str:
    """Return a cell of the log as a number, so that 8 is 8.0; what is none as it is."""
    return float(word) if is_number(word) else word


def results_table(
    scores: pd.DataFrame, final_scores: pd.DataFrame, log: ReviewLog, scheme: str, year: int
) -> pd.DataFrame:
    """Make the table of points as computed, as claimed in appeals, and final.

    Final points are shown once the state is 终核. Entries before the last 初算 do not count, since
    the scores were computed anew.

    Parameters
    ----------
    scores : DataFrame
        Columns of ``scores.csv``, as computed.
    final_scores : DataFrame
        The same, as computed again with what was decided.
    log : ReviewLog
    scheme : str
        Id of the scheme.
    year : int

    Returns
    -------
    DataFrame
        Columns ``RESULT_COLUMNS``.
    """
    entries = since_computed(log.of(scheme, year))
    frame = scores[(scores["year"].astype(int) == year).to_numpy()]
    is_of_year = (final_scores["year"].astype(int) == year).to_numpy()
    decided = final_scores[is_of_year].set_index(["region", "indicator"])["points"]
    rows: list[dict[str, object]] = []
    points_of_rows = numeric(frame["points"])
    for region, item, points in zip(
        frame["region"], frame["indicator"], points_of_rows, strict=True
    ):
        state = last_state(entries, region)
        final: float | str = ""
        if state == FINAL:
            final = _cell(numeric([decided.loc[(region, item)]])[0])
        difference: float | str = ""
        if final != "" and not np.isnan(points):
            difference = float(final) - points
        row = {
            "region": region,
            "year": year,
            "item": item,
            "computed": _cell(points),
            "claimed": _last_claim(entries, region, item),
            "final": final,
            "difference": difference,
            "state": state,
            "note": "",
        }
        rows.append(row)
    return pd.DataFrame(rows, columns=RESULT_COLUMNS)


def _last_claim(entries: Sequence[LogEntry], region: str, item: str) -> str:
    """Return the last number that an appeal claims for an item of a region; blank if none."""
    for entry in reversed(entries):
        is_of_item = entry.region == region and entry.item == item
        if is_of_item and entry.new and entry.state == APPEAL:
            return entry.new
    return ""


def revisions_table(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Make the table of two versions of scores side by side.

    Parameters
    ----------
    old, new : DataFrame
        Columns of ``scores.csv``.

    Returns
    -------
    DataFrame
        Columns ``REVISION_COLUMNS``; only rows that differ: ``changed``, ``added`` or ``removed``.
    """
    merged = _merge_versions(old, new)
    is_added = merged["present_old"].isna().to_numpy()
    is_removed = merged["present_new"].isna().to_numpy()
    grade_old = merged["grade_old"].fillna("")
    grade_new = merged["grade_new"].fillna("")
    is_same = (grade_old == grade_new).to_numpy()
    for name in ("reading", "points"):
        old_values = merged[f"{name}_old"].to_numpy()
        new_values = merged[f"{name}_new"].to_numpy()
        is_blank = np.isnan(old_values) & np.isnan(new_values)
        is_same = is_same & ((old_values == new_values) | is_blank)
    merged["grade_old"] = grade_old
    merged["grade_new"] = grade_new
    merged["difference"] = merged["points_new"] - merged["points_old"]
    merged["kind"] = np.select(
        [is_added, is_removed, ~is_same], ["added", "removed", "changed"], ""
    )
    is_different = merged["kind"] != ""
    table = merged[is_different.to_numpy()][REVISION_COLUMNS]
    table = table.reset_index(drop=True)
    for name in ("reading_old", "reading_new", "points_old", "points_new", "difference"):
        cells = [_cell(value) for value in table[name]]
        table[name] = pd.Series(cells, dtype=object)
    return table


def _merge_versions(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Merge two versions of scores by region, year and indicator; numbers are NaN where blank."""
    columns = [*_KEYS, "reading", "points", "grade"]
    old = old[columns].assign(year=old["year"].astype(int), present=True)
    new = new[columns].assign(year=new["year"].astype(int), present=True)
    merged = old.merge(new, on=_KEYS, how="outer", suffixes=("_old", "_new"), sort=False)
    for name in ("reading_old", "reading_new", "points_old", "points_new"):
        merged[name] = numeric(merged[name])
    return merged


def numeric(cells: Iterable[object]) -> np.ndarray:
    """Return cells as numbers, NaN for blanks."""
    numbers = []
    for cell in cells:
        is_blank = cell is None or cell == ""
        numbers.append(np.nan if is_blank else float(str(cell)))
    return np.array(numbers, dtype=float)


def _cell(value: float) -> float | str:
    """Return a number as a cell, blank for NaN."""
    return "" if np.isnan(value) else float(value)
