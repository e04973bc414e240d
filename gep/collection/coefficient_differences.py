"""Coefficient rows that differ (差异参数): for each number of an account the row that answers it in two plans."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from gep.inputs.value_rows import GRADES, KEYS
from gep.plan.binding import BoundInput
from gep.plan.dims import DIMS, expand
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.units import factor

_SIDE = ("set", "keys", "value", "unit", "grade", "file", "row")
DIFFERING_COLUMNS = [
    "county",
    "year",
    "name",
    *(f"own_{one}" for one in _SIDE),
    *(f"common_{one}" for one in _SIDE),
    "steps",
]
INDEX = "price_index"


def differing_rows(own: Plan, common: Plan) -> pd.DataFrame:
    """The pairs of rows that answer the same cells and do not say the same, without county and year.

    A row copied into a set of one's own says the same. A blank side: no row answers there. ``steps`` uses them.
    """
    found: dict[tuple[object, ...], list[str]] = {}
    for step in own.steps:
        other = next((one for one in common.steps if one.name == step.name), None)
        for argument, bound in step.inputs.items() if other is not None else ():
            against = other.inputs.get(argument) if other is not None else None
            name = step.step.inputs[argument].coef
            if (
                not name
                or not isinstance(bound, BoundInput)
                or not isinstance(against, BoundInput)
                or other is None
            ):
                continue
            for row in _unlike(step, other, bound, against, step.method.inputs[argument]):
                found.setdefault((name, *row), []).append(step.name)
            for row in _indices(bound, against):
                found.setdefault((INDEX, *row), []).append(step.name)
    rows = [(*row, ";".join(dict.fromkeys(steps))) for row, steps in found.items()]
    return pd.DataFrame(rows, columns=DIFFERING_COLUMNS[2:])


def names_of(rows: pd.DataFrame) -> list[str]:
    """The coefficients that differ."""
    return list(dict.fromkeys(str(name) for name in rows["name"]))


def _unlike(
    step: PlannedStep, other: PlannedStep, own: BoundInput, common: BoundInput, unit: str
) -> Iterator[tuple[object, ...]]:
    pairs = _pairs(step, other, own, common)
    if not len(pairs):
        return
    numbers = [_numbers(one, unit) for one in (own, common)]
    years = [one.frame["price_year"].to_numpy(dtype=object) for one in (own, common)]
    for first, second in pairs:
        if first >= 0 and second >= 0:
            same = np.isclose(
                numbers[0][first], numbers[1][second], rtol=1e-12, atol=0.0, equal_nan=True
            )
            if same and years[0][first] == years[1][second]:
                continue
        yield (*_told(own.frame, first), *_told(common.frame, second))


def _pairs(
    step: PlannedStep, other: PlannedStep, own: BoundInput, common: BoundInput
) -> np.ndarray:
    """The pairs of rows (positions in the two frames, -1: none) that answer the same cell."""
    dims = tuple(dim for dim in DIMS if dim in own.dims or dim in common.dims)
    keys = [dim for dim in dims if dim not in ("region", "ecosystem")]
    sizes = [dict(zip(one.dims, one.rows.shape, strict=True)) for one in (own, common)]
    alike = all(step.members.get(key) == other.members.get(key) for key in keys)
    if not alike or any(sizes[0][dim] != sizes[1][dim] for dim in set(sizes[0]) & set(sizes[1])):
        return np.zeros((0, 2), dtype=int)
    parts = [
        (one, expand(one.rows, one.dims, dims), expand(one.missing, one.dims, dims))
        for one in (own, common)
    ]
    rows = np.broadcast_arrays(*(part[1] for part in parts))
    due = np.broadcast_arrays(*((part[1] >= 0) | part[2] for part in parts))
    answered = (due[0] & due[1]) & ((rows[0] >= 0) | (rows[1] >= 0))
    return np.unique(np.stack([rows[0][answered], rows[1][answered]], axis=1), axis=0)


def _numbers(one: BoundInput, unit: str) -> np.ndarray:
    """The rows' own numbers in the method's unit, prices not moved; NaN for na."""
    units = one.frame["unit"]
    scale = {
        text: factor(text, unit) for text in units.iloc[np.unique(one.rows[one.rows >= 0])].unique()
    }
    values = one.frame["value"].to_numpy(dtype=float) * units.map(scale).fillna(np.nan).to_numpy(
        dtype=float
    )
    return np.where(one.frame["na"].to_numpy(dtype=bool), np.nan, values)


def _told(frame: pd.DataFrame, position: int) -> tuple[object, ...]:
    """A row as the table tells it; blanks where there is none."""
    if position < 0:
        return ("",) * len(_SIDE)
    row = frame.iloc[position]
    words = [f"{key}={row[key]}" for key in (*KEYS, "price_year") if row[key] != ""]
    value = "na" if row["na"] else float(row["value"])
    return (
        row["set"],
        " ".join(words),
        value,
        row["unit"],
        GRADES[int(row["grade"])],
        row["file"],
        int(row["row"]),
    )


def _indices(own: BoundInput, common: BoundInput) -> Iterator[tuple[object, ...]]:
    """Rows of price indices that moved the prices of both and do not say the same."""
    frames = [one.index for one in (own, common)]
    if frames[0] is None or frames[1] is None:
        return
    first, second = (_by_year(one) for one in frames if one is not None)
    for key in first.keys() & second.keys():
        at = (first[key], second[key])
        if frames[0]["value"].iloc[at[0]] != frames[1]["value"].iloc[at[1]]:
            yield (*_told(frames[0], at[0]), *_told(frames[1], at[1]))


def _by_year(frame: pd.DataFrame) -> dict[tuple[str, str], int]:
    pairs: Sequence[tuple[str, str]] = list(zip(frame["index"], frame["price_year"], strict=True))
    return {pair: position for position, pair in enumerate(pairs)}
