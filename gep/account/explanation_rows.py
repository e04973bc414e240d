"""The rows behind a step (数据来源行): coefficients, data, price indices, areas, crosswalk shares.

Owns the table of rows that an explanation shows, with the titles of their sources; wording it line
by line is left to ``gep.account.explanation``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog
from gep.extent.crosswalk import Crosswalk
from gep.extent.extent import CELL_DIMS
from gep.extent.regions import region_label
from gep.inputs.coefficients import read_sources
from gep.inputs.value_rows import KEYS, grade_names
from gep.io.toml_documents import Source, Title
from gep.plan.binding import BoundInput
from gep.plan.plan import Plan
from gep.plan.plan_table import of_layers, price_years
from gep.plan.planned_step import PlannedStep
from gep.texts.catalogue import Label, Language, Listed, say

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
    "index_grade",
    "note",
]
# Columns beside these: the row's number, and its keys, blank where it has none.
NUMBER_COLUMNS = ["number", *KEYS, "class"]
AREA_ROWS = "area rows"  # in the column ``input``; no argument of a method can be called so
SHARE_ROWS = "crosswalk rows"
_NAMED = 8  # of what a row of a parent serves; the rest is counted
INDEX_SUFFIX = ", price index"  # of the input whose prices the index rows convert


@dataclass(frozen=True)
class _RowWording:
    """How rows are worded: titles of sources by set and source id, and the language."""

    titles: Mapping[tuple[str, str], str]
    language: Language
    rasters: frozenset[str] = frozenset()  # files that have no rows


def source_rows(
    plan: Plan, step: PlannedStep, positions: np.ndarray, language: Language
) -> pd.DataFrame:
    """List the rows behind a step in some regions.

    Parameters
    ----------
    plan, step
        The plan and one of its steps.
    positions : ndarray of int
        Positions of the regions in ``plan.extent.regions``.
    language : {'zh', 'en'}
        Language of places and of the titles of sources.

    Returns
    -------
    DataFrame
        Columns ``ROW_COLUMNS`` and ``NUMBER_COLUMNS``: the rows of each input, each followed by the
        price indices that convert it, then the areas that the step is multiplied by or sums, and
        the crosswalk rows behind them. ``value`` times ``factor`` is in the method's unit.
        ``grade`` is the row's own, ``index_grade`` the worst of the price indices that convert it
        (blank if there are none).
    """
    titles = {key: title.say(language) for key, title in source_titles(plan).items()}
    rasters = frozenset[str]() if plan.raster is None else plan.raster.labels
    wording = _RowWording(titles, language, rasters)
    frames = []
    for name, bound in step.inputs.items():
        if not isinstance(bound, BoundInput):
            continue
        if "source" not in bound.frame:
            continue
        rows = _rows_in_regions(plan, bound, positions)
        used = np.unique(rows[rows >= 0])
        used_rows = bound.frame.iloc[used]
        below = _served_below(plan, bound, positions)
        notes = []
        for row, note in zip(used, used_rows["note"], strict=True):
            notes.append(_note_of_parent(note, below.get(int(row), []), language))
        if plan.raster is not None:
            is_layer = of_layers(plan.raster, step.bindings[name].data, used_rows)
            notes = _notes_of_layers(notes, is_layer, language)
        used_rows = used_rows.assign(grade=used_rows["own_grade"], note=notes)
        frames.append(_rows_of(name, used_rows, wording))
        if bound.index is not None and len(bound.index):
            index_name = name + INDEX_SUFFIX
            index_rows = bound.index.assign(factor=1.0)
            frames.append(_rows_of(index_name, index_rows, wording))
    classes: list[str] = []
    for binding in step.step.inputs.values():
        classes += binding.area
    if step.step.per == "area" or classes:
        areas = _areas_behind(plan, step, positions, classes)
        frames.append(_area_rows(areas, _RowWording({}, language, rasters)))
        if plan.crosswalk is not None:
            frames.append(_crosswalk_rows(plan, plan.crosswalk, areas, language))
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame(columns=[*ROW_COLUMNS, *NUMBER_COLUMNS])
    return pd.concat(frames, ignore_index=True)


def _served_below(plan: Plan, bound: BoundInput, positions: np.ndarray) -> dict[int, list[Label]]:
    """Find the regions and types that rows of their parents serve, by position of the row."""
    rows = _rows_in_regions(plan, bound, positions)
    is_present = plan.extent.present[positions].any(axis=0)
    names = {
        "region": plan.extent.regions[positions],
        "ecosystem": plan.extent.ecosystems[is_present],
    }
    below: dict[int, list[Label]] = {}
    for dim in CELL_DIMS:
        if dim not in bound.dims:
            continue
        given_for = bound.frame[dim].to_numpy(dtype=object)
        for position, name in enumerate(names[dim]):
            served_by = np.unique(rows.take(position, axis=bound.dims.index(dim)))
            for row in served_by[served_by >= 0]:
                if given_for[row] not in ("", name):
                    below.setdefault(int(row), []).append(_cell_label(plan, dim, str(name)))
    return below


def _cell_label(plan: Plan, dim: str, name: str) -> Label:
    """Return a region or ecosystem type with its title."""
    if dim == "region":
        return region_label(name, plan.regions)
    return plan.scheme.label(name)


def _note_of_parent(note: str, below: Sequence[Label], language: Language) -> str:
    """Return a row's note, with what the row serves if it is given for a parent."""
    if not below:
        return note
    members = Listed(tuple(below), _NAMED)
    served = say(language, "account.explanation.serves-below", members=members)
    return f"{note}; {served}" if note else served


def _notes_of_layers(notes: Sequence[str], is_layer: np.ndarray, language: Language) -> list[str]:
    """Return the notes of rows, with a word at those that stand for a layer."""
    mean = say(language, "account.pixels.mean-of-region")
    noted = []
    for note, marked in zip(notes, is_layer.tolist(), strict=True):
        noted.append("; ".join(filter(None, [note, mean])) if marked else note)
    return noted


def _rows_in_regions(plan: Plan, bound: BoundInput, positions: np.ndarray) -> np.ndarray:
    """Return the rows of an input for some regions and the ecosystem types that they have."""
    rows = bound.rows
    if "region" in bound.dims:
        rows = rows[positions]
    if "ecosystem" in bound.dims:
        is_present = plan.extent.present[positions].any(axis=0)
        axis = bound.dims.index("ecosystem")
        rows = np.compress(is_present, rows, axis=axis)
    return rows


def _areas_behind(
    plan: Plan, step: PlannedStep, positions: np.ndarray, classes: Sequence[str]
) -> pd.DataFrame:
    """Return the area rows, by crosswalk share, of the cells that a step has in some regions."""
    extent = plan.extent
    ecosystems = set(extent.ecosystems)
    if classes:
        ecosystems = plan.scheme.within(classes)
    if "ecosystem" in step.dims:
        live = step.live
        if "region" in step.dims:
            live = live.take(positions, axis=step.dims.index("region"))
        summed = [axis for axis, dim in enumerate(step.dims) if dim != "ecosystem"]
        is_live = live.any(axis=tuple(summed))
        ecosystems &= set(extent.ecosystems[is_live])
    in_regions = extent.parts["region"].isin(extent.regions[positions])
    in_ecosystems = extent.parts["ecosystem"].isin(ecosystems)
    is_behind = in_regions & in_ecosystems
    return extent.parts[is_behind.to_numpy()]


def _area_rows(areas: pd.DataFrame, wording: _RowWording) -> pd.DataFrame:
    """List area rows with their own grade; the factor is the share that counts."""
    keys = "class=" + areas["class"].astype(str) + " region=" + areas["region"].astype(str)
    rows = areas.assign(
        factor=areas["share"],
        grade=areas["own_grade"],
        na=False,
        set="",
        note="-> " + areas["ecosystem"].astype(str),
        price_year="",
    )
    return _rows_of(AREA_ROWS, rows, wording, keys)


def _crosswalk_rows(
    plan: Plan, crosswalk: Crosswalk, areas: pd.DataFrame, language: Language
) -> pd.DataFrame:
    """List the crosswalk rows that bring areas to ecosystem types."""
    rows = crosswalk.frame[crosswalk.frame["row"].isin(areas["cross_row"]).to_numpy()]
    keys = rows["class"] + "->" + rows["ecosystem"]
    rows = rows.assign(
        value=rows["share"],
        unit="1",
        factor=1.0,
        na=False,
        set=crosswalk.id,
        price_year="",
    )
    titles = {}
    for key, title in crosswalk_source_titles(plan, crosswalk).items():
        titles[key] = title.say(language)
    return _rows_of(SHARE_ROWS, rows, _RowWording(titles, language), keys)


def source_titles(plan: Plan) -> dict[tuple[str, str], Title]:
    """Return the titles of the sources that rows of coefficients name.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict of (str, str) to Title
        By the label of the set and the id of the source.
    """
    titles = {}
    for coefficient_set in plan.sets:
        for source, document in coefficient_set.sources.items():
            titles[coefficient_set.label, source] = document.title
    return titles


def crosswalk_source_titles(plan: Plan, crosswalk: Crosswalk) -> dict[tuple[str, str], Title]:
    """Return the titles of the sources that a crosswalk may name.

    They are described beside the crosswalk, else in the standard, else in the coefficient sets.

    Parameters
    ----------
    plan : Plan
    crosswalk : Crosswalk

    Returns
    -------
    dict of (str, str) to Title
        By the id of the crosswalk and that of the source.
    """
    sources: dict[str, Source] = {}
    for coefficient_set in reversed(plan.sets):
        sources |= coefficient_set.sources
    sources |= plan.standard.spec.sources
    path = crosswalk.sources_path
    if path.exists() and not crosswalk.is_given:
        sources |= read_sources(path, path.name, ProblemLog())
    return {(crosswalk.id, source): document.title for source, document in sources.items()}


def _rows_of(
    name: str, rows: pd.DataFrame, wording: _RowWording, keys: pd.Series | None = None
) -> pd.DataFrame:
    """Turn rows of numbers into rows of an explanation.

    Parameters
    ----------
    name : str
        What the rows supply: an argument of the method, or one of the names of this module.
    rows : DataFrame
        Rows of numbers; see ``gep.inputs.value_rows``.
    wording : _RowWording
    keys : Series of str, optional
        How the keys of each row are written; by default ``key=member`` of the keys that it fills.

    Returns
    -------
    DataFrame
        Columns ``ROW_COLUMNS`` and ``NUMBER_COLUMNS``.
    """
    values = []
    places = []
    sources = []
    index_grades = rows["index_grade"].fillna("").to_numpy() if "index_grade" in rows else ""
    for row in rows.itertuples():
        value = "na" if row.na else f"{row.value:.10g}"
        values.append(value)
        numbers_of_rows = () if row.file in wording.rasters else (int(row.row),)
        place = Place(str(row.file), numbers_of_rows)
        words = place.say(wording.language)
        places.append(f"{row.set} {words}".strip())
        title = wording.titles.get((row.set, row.source))
        sources.append(title or row.source or "-")
    members = dict.fromkeys(NUMBER_COLUMNS[1:], "")
    for key in members.keys() & set(rows.columns):
        members[key] = rows[key].astype(object).fillna("").to_numpy()
    is_na = rows["na"].to_numpy(dtype=bool)
    numbers = np.where(is_na, np.nan, rows["value"].to_numpy(dtype=float))
    return pd.DataFrame(
        {
            "input": name,
            "keys": _written_keys(rows) if keys is None else keys.to_numpy(),
            "value": values,
            "unit": rows["unit"].to_numpy(),
            "price_year": price_years(rows),
            "factor": rows["factor"].to_numpy(),
            "where": places,
            "source": sources,
            "locator": rows["locator"].to_numpy(),
            "grade": grade_names(rows["grade"]),
            "index_grade": index_grades,
            "note": rows["note"].to_numpy(),
            "number": numbers,
            **members,
        }
    )


def _written_keys(rows: pd.DataFrame) -> list[str]:
    """Write the keys that each row fills, ``ecosystem=forest substance=SO2``; ``-`` if none."""
    written = []
    for members in rows[list(KEYS)].to_numpy():
        pairs = []
        for key, member in zip(KEYS, members, strict=True):
            if member:
                pairs.append(f"{key}={member}")
        written.append(" ".join(pairs) or "-")
    return written
