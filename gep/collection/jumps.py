"""Year-on-year jumps (异常变动): values that moved by more than a threshold, with the county's explanation."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from gep.account.columns import NOT_COMPILED
from gep.account.lines import TOTAL
from gep.collection.counties import County
from gep.collection.values import cells
from gep.comparison.comparison import compare
from gep.errors import ProblemLog
from gep.inputs.value_rows import check_duplicates, read_years
from gep.io.csv_excel import row_place
from gep.io.tables import Columns, read_table, suggestion

JUMP_COLUMNS = [
    "county",
    "region",
    "from",
    "year",
    "category",
    "indicator",
    "value_from",
    "value",
    "growth",
    "threshold",
    "status",
    "explanation",
    "document",
    "unit",
]
EXPLANATIONS = "explanations.csv"
EXPLAINED, NO_DOCUMENT, OPEN = "explained", "no_document", "needs_explanation"
_COLUMNS = Columns(("region", "year", "indicator", "explanation"), ("document", "note"))


def load_explanations(county: County, problems: ProblemLog) -> pd.DataFrame | None:
    """A county's ``explanations.csv``, if it has one; ``indicator`` may be total or a category too."""
    path = county.project.folder / EXPLANATIONS
    table = (
        read_table(path, _COLUMNS, problems, f"{county.name}: {EXPLANATIONS}")
        if path.exists()
        else None
    )
    if table is None:
        return None
    rows = table.frame[["region", "indicator", "explanation", "row"]].assign(file=table.label)
    rows["year"], rows["document"] = (
        read_years(table, problems),
        table.column("document").to_numpy(),
    )
    for name in ("region", "indicator", "explanation"):
        blank = np.flatnonzero(rows[name] == "")
        if len(blank):
            problems.add("blank", table.place(blank), f"{name} is blank", f"write the {name}")
    check_duplicates(rows, ["region", "year", "indicator"], problems)
    return rows


def jumps_of(county: County, threshold: float, explanations: pd.DataFrame | None) -> pd.DataFrame:
    """The jumps of a county's regions between each year and the next that it has, regions on the last year's boundary.

    ``growth`` is a fraction of the absolute value before, by the year where years lie between. A value that came,
    went or was not compiled in one of the years is a jump without growth.
    """
    if len(county.accounts) < 2:
        return pd.DataFrame(columns=JUMP_COLUMNS)
    rows = pd.DataFrame(_rows(county, threshold), columns=JUMP_COLUMNS)
    if explanations is None or rows.empty:
        return rows
    given = explanations.set_index(["region", "year", "indicator"])[["explanation", "document"]]
    for spot, row in rows.iterrows():
        name = row["category"] if row["indicator"] == TOTAL else row["indicator"]
        if (key := (row["region"], row["year"], name)) in given.index:
            text, document = given.loc[key]
            status = EXPLAINED if document else NO_DOCUMENT
            rows.loc[spot, ["status", "explanation", "document"]] = [status, text, document]
    return rows


def _rows(county: County, threshold: float) -> Iterator[tuple[object, ...]]:
    found = compare(county.accounts, pairs=(), changes=county.project.changes)
    frame, regions, unit = (
        found.lines.iloc[found.money],
        found.depth < 0,
        found.accounts[0].plan.standard.spec.unit,
    )
    for first, last in pairwise(account.year for account in found.accounts):
        ends = [found.levels[year] for year in (first, last)]
        values = [np.where(one.known, one.values, np.nan)[regions][:, found.money] for one in ends]
        states = [np.where(one.gap, NOT_COMPILED, "na")[regions][:, found.money] for one in ends]
        growth = _growth(values[0], values[1], last - first)
        one_only = np.isfinite(values[0]) != np.isfinite(values[1])
        jumped = (np.abs(np.nan_to_num(growth)) > threshold) | one_only
        for row, line in np.argwhere(jumped):
            words = [
                cells(values[end][[row], [line]], states[end][[row], [line]])[0] for end in (0, 1)
            ]
            named = frame.iloc[line][["category", "indicator"]]
            yield (
                county.name,
                str(found.codes[regions][row]),
                first,
                last,
                *named,
                *words,
                cells(growth[[row], [line]])[0],
                threshold,
                OPEN,
                "",
                "",
                unit,
            )


def _growth(before: np.ndarray, after: np.ndarray, span: int) -> np.ndarray:
    """Growth by the year as a fraction of the absolute value before; infinite from zero to something."""
    with np.errstate(all="ignore"):
        whole = np.where(before == after, 0.0, (after - before) / np.abs(before))
        yearly = np.where(
            whole > -1, np.power(np.maximum(1 + whole, 0.0), 1 / span) - 1, whole / span
        )
    return np.asarray(whole if span == 1 else yearly)


def unused(
    county: County, explanations: pd.DataFrame, jumps: pd.DataFrame, problems: ProblemLog
) -> None:
    """Warn of explanations of what is no jump, or that name nothing."""
    names = np.where(jumps["indicator"] == TOTAL, jumps["category"], jumps["indicator"])
    known = set(zip(jumps["region"], jumps["year"], names, strict=True))
    for row in explanations.to_dict("records"):
        if (row["region"], row["year"], row["indicator"]) not in known:
            what = (
                f"{row['indicator']} of {row['region']} in {row['year']} is no jump that needs one"
            )
            texts = county.accounts[0].plan.standard.spec
            hint = suggestion(str(row["indicator"]), [one.id for one in texts.indicator] + [TOTAL])
            problems.add(
                "unused-data", f"{county.name}: {row_place(EXPLANATIONS, [row['row']])}", what, hint
            )
