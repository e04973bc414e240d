"""The condition account of SEEA EA (生态系统状况账户): variables, indicators, indices.

The three stages of chapter 5: variables as they were measured (Table 5.2), each rescaled to 0..1
between its reference levels (Table 5.3), and indices of the classes of the typology and of the
whole type (Table 5.4). Types are never averaged: their reference conditions differ (5.98). Reading
is left to ``seea_inputs``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.inputs.value_rows import GRADES
from gep.report.seea_inputs import CONDITION_CLASSES, LESS, periods_of, rows_where

INDEX = "index"  # the row of a whole type
_VARIABLE_COLUMNS = [
    "from",
    "to",
    "ecosystem",
    "class",
    "variable",
    "unit",
    "opening_value",
    "closing_value",
    "low",
    "high",
    "direction",
    "opening_indicator",
    "closing_indicator",
    "change",
    "weight",
    "grade",
]
_INDEX_COLUMNS = [
    "from",
    "to",
    "ecosystem",
    "class",
    "variables",
    "weight",
    "opening_index",
    "closing_index",
    "change",
]


@dataclass(frozen=True)
class ConditionAccount:
    """The condition of the ecosystem types of a region.

    Attributes
    ----------
    variables : DataFrame
        ``from``, ``to``, ``ecosystem``, ``class``, ``variable``, ``unit``,
        ``opening_value``, ``closing_value``, ``low``, ``high``, ``direction``,
        ``opening_indicator``, ``closing_indicator`` (0 to 1), ``change``, ``weight`` (in the
        index; NaN where the variable is not in it), ``grade``. Empty without a table.
    indices : DataFrame
        ``from``, ``to``, ``ecosystem``, ``class`` (``index`` for the type), ``variables`` (their
        number), ``weight``, ``opening_index``, ``closing_index`` (0 to 1), ``change``.
    """

    variables: pd.DataFrame
    indices: pd.DataFrame

    def changes(self, first: int, last: int) -> pd.Series:
        """Return how the index of each type changed in a period, where it is known."""
        if self.indices.empty:
            return pd.Series(dtype=float)
        keys = {
            "from": first,
            "to": last,
            "class": INDEX,
        }
        rows = rows_where(self.indices, **keys)
        return rows.set_index("ecosystem")["change"].dropna()


def condition_account(
    rows: pd.DataFrame | None, code: str, types: Sequence[str], years: Sequence[int]
) -> ConditionAccount:
    """Lay the variables of a region out in the condition account.

    Parameters
    ----------
    rows : DataFrame or None
        See ``SeeaInputs.condition``; the rows of just this region count, as a parent is not made
        up of its regions here.
    code : str
        Code of the region or parent.
    types : sequence of str
        Ecosystem types of the accounts in their order; those of the table follow.
    years : sequence of int
        Of the accounts; a single one has a closing only.

    Returns
    -------
    ConditionAccount
    """
    nothing = ConditionAccount(pd.DataFrame(), pd.DataFrame())
    if rows is None:
        return nothing
    rows = rows_where(rows, region=code)
    types = list(dict.fromkeys([*types, *rows["ecosystem"]]))
    periods = periods_of(years) or [(years[0], years[0])]
    variables: list[pd.DataFrame] = []
    indices: list[dict[str, object]] = []
    for first, last in periods:
        for ecosystem in types:
            of_type = rows_where(rows, ecosystem=ecosystem)
            table = _variables(of_type, first, last)
            if len(table):
                variables.append(table)
                indices += _index_lines(table)
    if not variables:
        return nothing
    return ConditionAccount(
        pd.concat(variables, ignore_index=True)[_VARIABLE_COLUMNS],
        pd.DataFrame(indices, columns=_INDEX_COLUMNS),
    )


def indicator_of(
    value: np.ndarray, low: np.ndarray, high: np.ndarray, is_inverse: np.ndarray
) -> np.ndarray:
    """Rescale variables between their reference levels.

    Parameters
    ----------
    value, low, high : ndarray of float
        In the unit of the variable.
    is_inverse : ndarray of bool
        Where less is better, so that ``low`` is the good end.

    Returns
    -------
    ndarray of float
        From 0 to 1: a value beyond a level counts as the level. NaN stays NaN.
    """
    share = (value - low) / (high - low)
    share = np.clip(share, 0.0, 1.0)
    share[is_inverse] = 1.0 - share[is_inverse]
    return np.asarray(share)


def _variables(rows: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Return the variables of a type in a period, by class; empty where it has none."""
    rows = rows[rows["year"].isin([first, last]).to_numpy()]
    if rows.empty:
        return rows
    table = rows.drop_duplicates("variable").set_index("variable")
    by_year = rows.pivot(index="variable", columns="year", values="value")
    by_year = by_year.reindex(columns=sorted({first, last}))
    table["opening_value"] = by_year[first] if first < last else np.nan
    table["closing_value"] = by_year[last]
    table["worst"] = rows.groupby("variable")["grade"].max()
    numbers = {}
    for name in ("opening_value", "closing_value", "low", "high"):
        numbers[name] = table[name].to_numpy(dtype=float)
    for name in ("opening", "closing"):
        table[f"{name}_indicator"] = indicator_of(
            numbers[f"{name}_value"],
            low=numbers["low"],
            high=numbers["high"],
            is_inverse=np.array(table["direction"] == LESS),
        )
    table["change"] = table["closing_indicator"] - table["opening_indicator"]
    table["weight"] = _weights(table, is_single=first == last)
    table["grade"] = [GRADES[code] for code in table["worst"]]
    table["from"] = first
    table["to"] = last
    order = list(CONDITION_CLASSES)
    table["order"] = table["class"].map(order.index)
    return table.sort_values("order", kind="stable").reset_index()


def _weights(table: pd.DataFrame, *, is_single: bool) -> pd.Series:
    """Return the weight of each variable in the index of its type.

    Those of the project; else every class that has a variable counts alike, and so do the variables
    of a class, as in the example of Annex I. Only variables that are known at both ends have a
    weight of this kind, lest the index changes because something else was measured.
    """
    if table["weight"].notna().all():
        return table["weight"]
    is_known = table["closing_indicator"].notna()
    if not is_single:
        is_known &= table["opening_indicator"].notna()
    classes = table["class"].where(is_known)
    counts = classes.map(classes.value_counts())
    return 1.0 / counts / classes.nunique() if is_known.any() else counts


def _index_lines(table: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield the indices of the classes of a type, then that of the type."""
    counted = table[table["weight"].notna().to_numpy()]
    if counted.empty:
        return
    for name, rows in [*counted.groupby("class", sort=False), (INDEX, counted)]:
        weight = float(rows["weight"].sum())
        opening = _mean(rows, "opening_indicator", weight)
        closing = _mean(rows, "closing_indicator", weight)
        yield {
            "from": rows["from"].iloc[0],
            "to": rows["to"].iloc[0],
            "ecosystem": rows["ecosystem"].iloc[0],
            "class": name,
            "variables": len(rows),
            "weight": weight,
            "opening_index": opening,
            "closing_index": closing,
            "change": closing - opening,
        }


def _mean(rows: pd.DataFrame, column: str, weight: float) -> float:
    """Return the weighted mean of indicators; NaN where one of them is missing."""
    parts = rows["weight"] * rows[column]
    total = float(parts.sum(skipna=False))
    return total / weight if weight else np.nan
