"""The rows behind a step (数据来源行): coefficients, data, price indices, areas and shares, with titles."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.inputs.coefficients import read_sources
from gep.inputs.value_rows import KEYS
from gep.plan.binding import BoundInput
from gep.plan.plan_table import grade_names, price_years
from gep.plan.planned_step import PlannedStep
from gep.texts.catalogue import Language

if TYPE_CHECKING:
    from gep.plan.plan import Plan

ROW_COLUMNS = [
    "input",
    "keys",
    "value",
    "unit",
    "price_year",
    "factor",
    "where",
    "source",
    "locator",
    "grade",
    "note",
]
AREA_ROWS, SHARE_ROWS = "area rows", "crosswalk rows"  # no argument of a method can be called so
Titles = Mapping[tuple[str, str], str]  # (set, source id) -> title


def source_rows(
    plan: "Plan", one: PlannedStep, where: np.ndarray, language: Language
) -> pd.DataFrame:
    """The rows behind a step in the regions at ``where``: of its inputs, then of the areas that it rests on."""
    titles = {
        (some.label, source): text.title.say(language)
        for some in plan.sets
        for source, text in some.sources.items()
    }
    frames = []
    for name, bound in one.inputs.items():
        if isinstance(bound, BoundInput) and "source" in bound.frame:
            rows = _rows_of(plan, bound, where)
            frames.append(_told(name, bound.frame.iloc[np.unique(rows[rows >= 0])], titles))
            if bound.index is not None and len(bound.index):
                frames.append(_told(f"{name}, price index", bound.index.assign(factor=1.0), titles))
    classes = [name for binding in one.step.inputs.values() for name in binding.area]
    if one.step.per == "area" or classes:
        parts = _parts_behind(plan, one, where, classes)
        frames += [_area_rows(parts), _crosswalk_rows(plan, parts, language)]
    found = [frame for frame in frames if len(frame)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=ROW_COLUMNS)


def _rows_of(plan: "Plan", bound: BoundInput, where: np.ndarray) -> np.ndarray:
    """The rows that answer the regions at ``where``, for ecosystem types that one of them has."""
    rows = bound.rows[where] if "region" in bound.dims else bound.rows
    if "ecosystem" in bound.dims:
        there = np.flatnonzero(plan.extent.present[where].any(axis=0))
        rows = np.take(rows, there, axis=bound.dims.index("ecosystem"))
    return rows


def _parts_behind(
    plan: "Plan", one: PlannedStep, where: np.ndarray, classes: Sequence[str]
) -> pd.DataFrame:
    """Area rows by crosswalk share, of the regions and ecosystem types whose cells have a part."""
    parts = plan.extent.parts
    others = tuple(axis for axis, dim in enumerate(one.dims) if dim not in ("region", "ecosystem"))
    cells = np.asarray(one.live.any(axis=others))
    chosen = plan.scheme.within(classes) if classes else set(plan.extent.ecosystems)
    if "ecosystem" in one.dims:
        chosen &= {
            name
            for name, some in zip(plan.extent.ecosystems, cells[where].any(axis=0), strict=True)
            if some
        }
    return parts[
        (
            parts["region"].isin(plan.extent.regions[where]) & parts["ecosystem"].isin(chosen)
        ).to_numpy()
    ]


def _area_rows(parts: pd.DataFrame) -> pd.DataFrame:
    """Area rows with their own grade and the share that counts as the factor."""
    keys = "class=" + parts["class"].astype(str) + " region=" + parts["region"].astype(str)
    text = "-> " + parts["ecosystem"].astype(str)
    used = parts.assign(
        factor=parts["share"], grade=parts["own_grade"], na=False, set="", note=text, price_year=""
    )
    return _told(AREA_ROWS, used, {}, keys)


def _crosswalk_rows(plan: "Plan", parts: pd.DataFrame, language: Language) -> pd.DataFrame:
    """The crosswalk rows that bring these areas to ecosystem types."""
    if plan.crosswalk is None:
        return pd.DataFrame(columns=ROW_COLUMNS)
    walk = plan.crosswalk
    rows = walk.frame[walk.frame["row"].isin(parts["cross_row"]).to_numpy()]
    used = rows.assign(
        value=rows["share"], unit="1", factor=1.0, na=False, set=walk.id, price_year=""
    )
    return _told(
        SHARE_ROWS,
        used,
        _crosswalk_titles(plan, language),
        rows["class"] + "->" + rows["ecosystem"],
    )


def _crosswalk_titles(plan: "Plan", language: Language) -> Titles:
    """Titles of the sources that a crosswalk may name: its own beside it, else those of the standard and the sets."""
    assert plan.crosswalk is not None
    beside = plan.crosswalk.path.parent / "sources.toml"
    known = {source: text for some in reversed(plan.sets) for source, text in some.sources.items()}
    known |= plan.standard.spec.sources
    known |= read_sources(beside, beside.name, ProblemLog()) if beside.exists() else {}
    return {(plan.crosswalk.id, source): text.title.say(language) for source, text in known.items()}


def _told(
    name: str, used: pd.DataFrame, titles: Titles, keys: pd.Series | None = None
) -> pd.DataFrame:
    """Rows as an explanation shows them, with the titles of their sources."""
    places = zip(used["set"], used["file"], used["row"], strict=True)
    sources = zip(used["set"], used["source"], strict=True)
    return pd.DataFrame(
        {
            "input": name,
            "keys": _keys(used) if keys is None else keys.to_numpy(),
            "value": [
                "na" if na else f"{value:.10g}"
                for value, na in zip(used["value"], used["na"], strict=True)
            ],
            "unit": used["unit"].to_numpy(),
            "price_year": price_years(used),
            "factor": used["factor"].to_numpy(),
            "where": [
                f"{label + ' ' if label else ''}{file} row {row}" for label, file, row in places
            ],
            "source": [titles.get((label, source), source) or "-" for label, source in sources],
            "locator": used["locator"].to_numpy(),
            "grade": grade_names(used["grade"]),
            "note": used["note"].to_numpy(),
        }
    )


def _keys(used: pd.DataFrame) -> list[str]:
    rows = used[list(KEYS)].to_numpy()
    return [
        " ".join(f"{key}={part}" for key, part in zip(KEYS, row, strict=True) if part) or "-"
        for row in rows
    ]
