"""What balances must keep (勾稽关系), each with its gap as a line of its own: I1 and I3 to I7.

I2, the opening of a period is the closing of the one before, holds because a stock stands once for each year.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from gep.assessment.balance.entries import ENTRY, KEY, TOTAL
from gep.assessment.balance.scheme import Resource
from gep.assessment.context import AssessmentContext
from gep.errors import ProblemLog
from gep.extent.regions import Regions
from gep.units import factor

_ENDS = ("opening", "closing")
_RELATIVE = 0.005  # of a level: by how much what is printed elsewhere may differ before a warning
_SAYS = {
    "statistical_error": ("I1", "opening + additions - reductions is not closing"),
    "check_I3": ("I3", "the classes do not make up the area of the region"),
    "check_I4": ("I4", "reclassification adds more or less than it takes away"),
    "check_I5": ("I5", "quality classes do not sum to the stock"),
    "check_I7": ("I7", "regions do not sum to the one above"),
}


def identity_gaps(
    full: pd.DataFrame,
    resources: Sequence[Resource],
    ground: AssessmentContext,
    regions: Regions | None,
) -> pd.DataFrame:
    """Lines of gaps (``check_I3_opening`` ...) and of stock per area, columns ``ENTRY``; ``half`` is what rounding or
    print explains.
    """
    spec = {one.id: one for one in resources}
    level = full[full["item"].isin(_ENDS).to_numpy()].set_index([*KEY, "item"])[
        ["value", "half", "grade"]
    ]
    pieces: list[pd.DataFrame] = []
    for name, resource in spec.items():
        own = full[(full["resource"] == name).to_numpy()]
        if own.empty:
            continue
        ends = own[own["item"].isin(_ENDS).to_numpy()]
        pieces.append(_reclassified(own))
        if resource.whole:
            pieces.append(_area_gap(ends, resource, ground))
        if resource.of is not None and resource.of.resource in spec:
            scale = factor(resource.unit, spec[resource.of.resource].unit)
            other = (resource.of.resource, resource.of.class_)
            pieces.append(
                _of_another(ends[(ends["class"] == TOTAL).to_numpy()], level, other, scale)
            )
        if resource.area in spec:
            unit = f"({resource.unit}) / ({spec[resource.area].unit})"
            pieces.append(_per_area(ends, level, resource, factor(unit, resource.density_unit)))
        if regions is not None:
            pieces += list(_above(ends, regions))
    return pd.concat(
        [one[ENTRY] for one in pieces if len(one)] or [pd.DataFrame(columns=ENTRY)],
        ignore_index=True,
    )


def _gap(rows: pd.DataFrame, identity: str, gap: np.ndarray, explained: np.ndarray) -> pd.DataFrame:
    item = [f"check_{identity}_{name}" for name in rows["item"]]
    return rows.assign(item=item, value=gap, half=explained, cause="", where="")


def _reclassified(own: pd.DataFrame) -> pd.DataFrame:
    """I4: what reclassification adds to classes it takes from others."""
    rows = own[
        own["item"].str.endswith("_reclassification").to_numpy()
        & (own["class"] != TOTAL).to_numpy()
    ]
    if rows.empty:
        return rows
    sign = np.where(rows["item"].str.startswith("addition"), 1.0, -1.0)
    sums = rows.assign(value=rows["value"] * sign, size=rows["value"]).groupby(
        KEY[:4], sort=False, as_index=False
    )
    found = sums.agg({"value": "sum", "half": "sum", "grade": "max", "size": "sum"})
    gap = np.where(found["value"].abs() > 1e-9 * found["size"], found["value"], 0.0)
    return found.assign(value=gap, item="check_I4", cause="", where="", **{"class": TOTAL})


def _area_gap(ends: pd.DataFrame, resource: Resource, ground: AssessmentContext) -> pd.DataFrame:
    """I3: classes less the area of the region."""
    rows = ends[(ends["class"] == TOTAL).to_numpy()]
    area = rows["region"].map(lambda code: ground.area.get(code, np.nan)).to_numpy(dtype=float)
    area = area * factor("km2", resource.unit)
    known = np.isfinite(area)
    rows, area = rows[known], area[known]
    return _gap(
        rows, "I3", rows["value"].to_numpy() - area, np.maximum(rows["half"], _RELATIVE * area)
    )


def _of_another(
    ends: pd.DataFrame, level: pd.DataFrame, other: tuple[str, str], scale: float
) -> pd.DataFrame:
    """I5: the sum of quality classes less the stock of the class they are of."""
    index = pd.MultiIndex.from_frame(
        ends.assign(resource=other[0], **{"class": other[1]})[[*KEY, "item"]]
    )
    whole = level.reindex(index)
    known = whole["value"].notna().to_numpy()
    ends, whole = ends[known], whole[known]
    value = whole["value"].to_numpy(dtype=float)
    explained = np.maximum(
        ends["half"].to_numpy() * scale + whole["half"].to_numpy(dtype=float), _RELATIVE * value
    )
    return _gap(ends, "I5", ends["value"].to_numpy() * scale - value, explained)


def _per_area(
    ends: pd.DataFrame, level: pd.DataFrame, resource: Resource, scale: float
) -> pd.DataFrame:
    """I6: stock per area, of each class and of their sum, where the area is known for all of them."""
    area = level.reindex(
        pd.MultiIndex.from_frame(ends.assign(resource=resource.area)[[*KEY, "item"]])
    )["value"]
    own = area.to_numpy(dtype=float)
    bare = ends.assign(bare=np.isnan(own) & (ends["class"] != TOTAL).to_numpy())
    lacks = bare.groupby([*KEY[:4], "item"])["bare"].transform("any").to_numpy()
    fine = (own > 0) & ~(lacks & (ends["class"] == TOTAL).to_numpy())
    rows = ends[fine]
    item = [f"stock_per_area_{name}" for name in rows["item"]]
    return rows.assign(
        item=item,
        value=rows["value"].to_numpy() * scale / own[fine],
        cause="",
        where="stock / area",
    )


def _above(ends: pd.DataFrame, regions: Regions) -> Iterator[pd.DataFrame]:
    """I7: a region with stocks of its own less the sum of all regions just inside it."""
    inside: dict[str, list[str]] = {}
    for code, parent in regions.parent.items():
        inside.setdefault(parent, []).append(code)
    key = ["from", "to", "class", "item"]
    wide = ends.pivot_table(index=key, columns="region", values=["value", "half"], sort=False)
    periods = {
        str(code): set(zip(some["from"], some["to"], strict=True))
        for code, some in ends.groupby("region")
    }
    for parent, members in inside.items():
        mine = ends[
            (ends["region"] == parent).to_numpy()
            & (ends["where"] != "sum of the regions inside").to_numpy()
        ]
        shared = set.intersection(*(periods.get(one, set()) for one in members))
        alike = [pair in shared for pair in zip(mine["from"], mine["to"], strict=True)]
        mine = mine[(mine["where"] != "sum over classes").to_numpy() & np.array(alike, dtype=bool)]
        if mine.empty:
            continue
        index = pd.MultiIndex.from_frame(mine[key])
        total = wide["value"].reindex(index)[members].sum(axis=1, min_count=1).to_numpy()
        half = wide["half"].reindex(index)[members].sum(axis=1).to_numpy() + mine["half"].to_numpy()
        known = np.isfinite(total)
        value = mine["value"].to_numpy()
        yield _gap(mine, "I7", value - total, np.maximum(half, _RELATIVE * value))[known]


def warn_gaps(rows: pd.DataFrame, resources: Sequence[Resource], problems: ProblemLog) -> None:
    """One warning for each identity and resource with gaps beyond what rounding explains."""
    names = {one.id: one.unit for one in resources}
    for start, (identity, says) in _SAYS.items():
        mine = rows[rows["item"].str.startswith(start).to_numpy()]
        for resource, some in mine.groupby("resource", sort=False):
            beyond = some[(some["value"].abs() > some["half"] * (1 + 1e-9)).to_numpy()]
            if beyond.empty:
                continue
            worst = beyond.loc[beyond["value"].abs().idxmax()]
            period = f"{worst['from']}-{worst['to']}"
            what = (
                f"{says} in {len(beyond)} of {len(some)}; the most in {worst['region']} {worst['class']} {period}: "
                f"{worst['value']:.6g} {names[str(resource)]}"
            )
            fix = "check the rows; the gap stands as a line of its own and is not spread"
            problems.add("balance-gap", f"{resource} {identity}", what, fix)
