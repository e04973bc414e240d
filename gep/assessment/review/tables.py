"""Tables on the way of a result (考核流程用表): its sources and reviews, jumps, deductions, appeals, versions.

Frames of scores and targets have the columns of ``scores.csv`` and ``targets.csv``,
blank cells where there is no number; they may come from memory or be read back from the files as text.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from gep.assessment.context import AssessmentContext
from gep.assessment.readings import Reading
from gep.assessment.review.log import APPEAL, FINAL, PRELIMINARY, REVIEW, LogEntry, ReviewLog
from gep.assessment.scheme import Assessment
from gep.assessment.scoring.scheme import EventRule, ScoreScheme
from gep.inputs.value_rows import GRADES

TITLES = {
    "life_sources.csv": ("考核数据来源及审核表", "Sources of the readings and their review"),
    "life_jumps.csv": ("异常变动说明表", "Unusual changes and their explanation"),
    "life_deductions.csv": ("扣分依据清单", "Grounds of every deduction"),
    "life_appeals.csv": ("申诉处理表", "Appeals and how they were dealt with"),
    "life_results.csv": ("申诉前后结果对照表", "Results as computed, as appealed for, and final"),
    "life_revisions.csv": ("版本修订对照表", "Two versions side by side"),
}
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
    "change",
    "threshold",
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
JUMP = 0.2  # the change from which an explanation is asked for, where nobody says another; not from any text
EXPLAINED, UNEXPLAINED = "explained", "needs_explanation"
_KEYS = ["region", "year", "indicator"]
TOTAL = "total"


def review_tables(
    done: Assessment,
    ground: AssessmentContext,
    log: ReviewLog | None = None,
    threshold: float = JUMP,
    before: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """All tables of a scored scheme by file name; ``before`` are the scores of an earlier version.

    Other kinds of schemes have none; appeals and results need a log.
    """
    scheme, name = done.scheme, done.scheme.id
    if not isinstance(scheme, ScoreScheme):
        return {}
    scores = done.tables["scores.csv"]
    items = [(one.id, one.reading, one.unit) for one in scheme.spec.indicator]
    found = {
        "life_sources.csv": sources_table(items, ground, log, name),
        "life_jumps.csv": jumps_table(scores, threshold, log, name),
        "life_deductions.csv": deductions_table(
            scores, done.tables["targets.csv"], ground, scheme.spec.event
        ),
    }
    if log is not None:
        appeals = [appeals_table(log, name, year) for year in ground.years]
        found["life_appeals.csv"] = pd.concat(appeals, ignore_index=True)
        results = [results_table(scores, log, name, year) for year in ground.years]
        found["life_results.csv"] = pd.concat(results, ignore_index=True)
    return found | (
        {} if before is None else {"life_revisions.csv": revisions_table(before, scores)}
    )


def sources_table(
    items: Iterable[tuple[str, Reading, str]],
    ground: AssessmentContext,
    log: ReviewLog | None,
    scheme: str,
) -> pd.DataFrame:
    """Every reading used (item, reading, unit): its value, grade, source, and which office reviewed it last."""
    rows, cited = ground.readings.rows, {}
    if len(rows):
        places = (rows["file"].astype(str) + " row " + rows["row"].astype(str)).tolist()
        cited = dict(zip(places, zip(rows["source"], rows["locator"], strict=True), strict=True))
    found = []
    for year in ground.years:
        entries = () if log is None else log.of(scheme, year)
        for name, reading, unit in items:
            read = ground.read(reading, unit, year)
            for spot in np.flatnonzero(np.isfinite(read.value)):
                where, region = str(read.where[spot]), ground.regions[spot]
                source, locator = cited.get(where.partition(" against ")[0], ("", ""))
                row = {
                    "region": region,
                    "year": year,
                    "indicator": name,
                    "reading": str(reading),
                    "unit": read.unit,
                }
                row |= {
                    "value": read.value[spot],
                    "grade": GRADES[read.grade[spot]],
                    "where": where,
                }
                review = _last(entries, region, name, (REVIEW, FINAL))
                said = (review.who, review.at, review.document) if review else ("", "", "")
                row |= dict(zip(("reviewed_by", "reviewed_at", "document"), said, strict=True))
                found.append(row | {"source": source, "locator": locator})
    return pd.DataFrame(found, columns=SOURCE_COLUMNS)


def jumps_table(
    scores: pd.DataFrame, threshold: float, log: ReviewLog | None = None, scheme: str = ""
) -> pd.DataFrame:
    """Readings that changed by more than a share (0.2: a fifth) since the year before among those scored.

    A jump is explained where the log has an entry on its region, year and indicator with a reason. A reading that
    comes from 0 is a jump too; its change is left blank.
    """
    frame = scores.assign(reading=numeric(scores["reading"]), year=scores["year"].astype(int))
    frame = frame[
        np.isfinite(frame["reading"]).to_numpy() & (frame["indicator"] != TOTAL).to_numpy()
    ]
    found = []
    for (region, indicator), some in frame.groupby(["region", "indicator"], sort=False):
        ordered = some.sort_values("year").to_dict("records")
        for one, other in pairwise(ordered):
            old, new = one["reading"], other["reading"]
            change = (new - old) / abs(old) if old else np.nan
            if new == old or (old and abs(change) <= threshold):
                continue
            said = _explained(log, scheme, str(region), int(other["year"]), str(indicator))
            found.append(
                {
                    "region": region,
                    "indicator": indicator,
                    "from": one["year"],
                    "to": other["year"],
                    "reading_from": old,
                    "reading_to": new,
                    "change": _cell(change),
                    "threshold": threshold,
                    "explanation": said.reason if said else "",
                    "document": said.document if said else "",
                    "status": EXPLAINED if said else UNEXPLAINED,
                }
            )
    return pd.DataFrame(found, columns=JUMP_COLUMNS)


def deductions_table(
    scores: pd.DataFrame,
    targets: pd.DataFrame,
    ground: AssessmentContext,
    rules: Sequence[EventRule] = (),
) -> pd.DataFrame:
    """Every indicator with fewer points than it can have, and every event that takes points off, with its grounds."""
    frame = scores.assign(
        points=numeric(scores["points"]), max_points=numeric(scores["max_points"])
    )
    frame["year"] = frame["year"].astype(int)
    own = frame[
        (frame["indicator"] != TOTAL).to_numpy()
        & (frame["points"] < frame["max_points"]).to_numpy()
    ]
    due = targets[["region", "year", "indicator", "target", "comparator", "status", "unit"]]
    due = due.assign(
        year=due["year"].astype(int), target=due["comparator"] + " " + due["target"].astype(str)
    )
    rows = own.merge(due.drop_duplicates(_KEYS), on=_KEYS, how="left").fillna(
        {"target": "", "status": "", "unit": ""}
    )
    rows["deducted"] = rows["max_points"] - rows["points"]
    rows["document"] = [_target_source(ground, *key) for key in rows[_KEYS].itertuples(index=False)]
    table = rows.reindex(columns=DEDUCTION_COLUMNS)
    events = pd.DataFrame(_event_rows(frame, ground, rules), columns=DEDUCTION_COLUMNS)
    pieces = [one for one in (table, events) if len(one)]
    return pd.concat(pieces, ignore_index=True) if pieces else table


def _event_rows(
    frame: pd.DataFrame, ground: AssessmentContext, rules: Sequence[EventRule]
) -> list[dict[str, object]]:
    """The events of the scored years; what several of a kind take together is at most what the scheme says."""
    known = {one.id: one for one in rules if one.effect != "bonus"}
    found: list[dict[str, object]] = []
    for year in sorted(set(frame["year"])) if ground.events is not None else ():
        assert ground.events is not None
        taken: dict[tuple[str, str], float] = {}
        for row in ground.events.of(int(year)).to_dict("records"):
            rule = known.get(str(row["event"]))
            if rule is None or row["region"] not in ground.regions:
                continue
            key = (str(row["region"]), rule.id)
            left = (np.inf if rule.most is None else rule.most) - taken.get(key, 0.0)
            points = min(row["times"] * rule.points, left)
            taken[key] = taken.get(key, 0.0) + points
            found.append(
                {
                    "region": row["region"],
                    "year": year,
                    "indicator": rule.id,
                    "max_points": "",
                    "points": "",
                    "deducted": points if rule.effect == "deduct" else "",
                    "rule": rule.effect,
                    "reading": row["times"],
                    "target": "",
                    "unit": "1",
                    "status": rule.grade,
                    "document": f"{row['document']} {row['date']}",
                    "note": row["note"],
                }
            )
    return found


def _target_source(ground: AssessmentContext, region: str, year: int, indicator: str) -> str:
    if ground.targets is None:
        return ""
    due = ground.targets.current(indicator, year)
    return str(due.loc[region, "source"]) if region in due.index else ""


def appeals_table(log: ReviewLog, scheme: str, year: int) -> pd.DataFrame:
    """Every appeal, what was asked for, which office dealt with it, the number that came of it and why."""
    entries, found = log.of(scheme, year), []
    for spot, one in enumerate(entries):
        if one.state != APPEAL:
            continue
        answer = next((later for later in entries[spot + 1 :] if _deals_with(later, one)), None)
        final = (answer.new or one.old) if answer else ""
        found.append(
            {
                "region": one.region,
                "year": year,
                "item": one.item,
                "appealed_at": one.at,
                "appealed_by": one.who,
                "document": one.document,
                "old": one.old,
                "claimed": one.new,
                "reason": one.reason,
                "handled_at": answer.at if answer else "",
                "handled_by": answer.who if answer else "",
                "handled_document": answer.document if answer else "",
                "handled_state": answer.state if answer else "",
                "final": final,
                "handled_reason": answer.reason if answer else "",
                "outcome": _outcome(one, final) if answer else "open",
            }
        )
    return pd.DataFrame(found, columns=APPEAL_COLUMNS)


def _deals_with(later: LogEntry, appeal: LogEntry) -> bool:
    return (
        later.state in (REVIEW, FINAL)
        and later.region == appeal.region
        and later.item in ("", appeal.item)
    )


def _outcome(appeal: LogEntry, final: str) -> str:
    return "upheld" if final == appeal.old else "as_claimed" if final == appeal.new else "adjusted"


def results_table(scores: pd.DataFrame, log: ReviewLog, scheme: str, year: int) -> pd.DataFrame:
    """Points as computed, as an appeal asks for, and final, side by side; final only from a 终核 on.

    Entries before the last 初算 are past: the scores were computed anew. Where indicators were changed and no entry
    gives the total, the final total is blank and says so, for caps and floors keep it from being a sum.
    """
    found, entries = [], _since_computed(log.of(scheme, year))
    frame = scores[(scores["year"].astype(int) == year).to_numpy()]
    moved: set[str] = set()  # regions of which an indicator was changed
    for region, item, points in zip(
        frame["region"], frame["indicator"], numeric(frame["points"]), strict=True
    ):
        own = [one for one in entries if (one.region, one.item) == (region, item) and one.new]
        changed = next((one.new for one in reversed(own) if one.state in (REVIEW, FINAL)), "")
        moved |= {region} if changed and item != TOTAL else set()
        untold = item == TOTAL and region in moved and not changed
        state = next((one.state for one in reversed(entries) if one.region in ("", region)), "")
        final = (changed or _cell(points)) if state == FINAL and not untold else ""
        row = {
            "region": region,
            "year": year,
            "item": item,
            "computed": _cell(points),
            "final": final,
            "state": state,
        }
        row["claimed"] = next((one.new for one in reversed(own) if one.state == APPEAL), "")
        row["difference"] = "" if final == "" or np.isnan(points) else float(final) - points
        row["note"] = "指标已改，总分未记 indicators changed, total not entered" if untold else ""
        found.append(row)
    return pd.DataFrame(found, columns=RESULT_COLUMNS)


def _since_computed(entries: Sequence[LogEntry]) -> Sequence[LogEntry]:
    starts = [
        spot for spot, one in enumerate(entries) if one.state == PRELIMINARY and not one.region
    ]
    return entries[starts[-1] :] if starts else entries


def revisions_table(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Two versions of ``scores.csv`` side by side; only what differs: changed, added or removed rows."""
    columns = [*_KEYS, "reading", "points", "grade"]
    sides = [one[columns].assign(year=one["year"].astype(int), here=True) for one in (old, new)]
    both = sides[0].merge(sides[1], on=_KEYS, how="outer", suffixes=("_old", "_new"), sort=False)
    for name in ("reading", "points"):
        for side in ("old", "new"):
            both[f"{name}_{side}"] = numeric(both[f"{name}_{side}"])
    both["difference"] = both["points_new"] - both["points_old"]
    lacking = [both[f"here_{side}"].isna().to_numpy() for side in ("old", "new")]
    same = np.ones(len(both), dtype=bool)
    for name in ("reading", "points"):
        one, other = both[f"{name}_old"].to_numpy(), both[f"{name}_new"].to_numpy()
        same &= (one == other) | (np.isnan(one) & np.isnan(other))
    grades = both[["grade_old", "grade_new"]].fillna("")
    same &= (grades["grade_old"] == grades["grade_new"]).to_numpy()
    both["kind"] = np.select([lacking[0], lacking[1], ~same], ["added", "removed", "changed"], "")
    both[["grade_old", "grade_new"]] = grades
    table = both[(both["kind"] != "").to_numpy()][REVISION_COLUMNS].reset_index(drop=True)
    for name in ("reading_old", "reading_new", "points_old", "points_new", "difference"):
        table[name] = pd.Series([_cell(value) for value in table[name]], dtype=object)
    return table


def numeric(cells: Iterable[object]) -> np.ndarray:
    """Cells as numbers, NaN for blanks."""
    return np.array(
        [np.nan if cell in ("", None) else float(str(cell)) for cell in cells], dtype=float
    )


def _cell(value: float) -> float | str:
    return "" if np.isnan(value) else float(value)


def _last(
    entries: Sequence[LogEntry], region: str, item: str, states: Sequence[str]
) -> LogEntry | None:
    """The last entry in one of some states that bears on a region's item."""
    bearing = (
        one
        for one in reversed(entries)
        if one.state in states and one.region in ("", region) and one.item in ("", item)
    )
    return next(bearing, None)


def _explained(
    log: ReviewLog | None, scheme: str, region: str, year: int, item: str
) -> LogEntry | None:
    entries = () if log is None else log.of(scheme, year)
    return next(
        (
            one
            for one in reversed(entries)
            if (one.region, one.item) == (region, item) and one.reason
        ),
        None,
    )
