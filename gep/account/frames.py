"""Results for pandas and xarray (结果数据框): numbers that are numbers, with what they are.

Owns the numeric form of result tables (NaN and a column ``status`` where a file says ``na`` or
``not_compiled``), wide tables, and the Dataset of an account with its attributes. The rows of the
files are those of ``gep.account.result_tables``.
"""

from collections.abc import Mapping, Sequence
from numbers import Number
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from gep.account.caption import caption, category_title, measure_title
from gep.account.columns import NOT_COMPILED
from gep.account.evaluation import EvaluatedPlan
from gep.account.lines import TOTAL
from gep.errors import ProblemsFound, make_problem
from gep.io.arguments import several
from gep.io.tables import suggestion
from gep.plan.planned_step import PlannedStep
from gep.texts.catalogue import Language

if TYPE_CHECKING:
    import xarray as xr

Wide = Literal["indicator", "category", "step"]

NUMBER = "number"  # of the column ``status``
NONE = "none"
STATUSES = (NUMBER, NONE, NOT_COMPILED)

_NO_NUMBER = ("na", NOT_COMPILED, "")  # words in columns of numbers
_LEVELS_NAMED = 8  # of regions above a region, as coordinates


def with_status(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return a result table with numbers in its columns of numbers, and a column ``status``.

    Parameters
    ----------
    table : DataFrame
        As it is written: cells are numbers, ``na``, ``not_compiled`` or blank.
    *columns : str
        Columns of numbers; the status is that of the first and stands behind it.

    Returns
    -------
    DataFrame
        NaN where there is no number. ``status`` is ``number``, ``none`` (``na``: this region or
        class has none of it) or ``not_compiled`` (an input is missing).
    """
    cells = table[columns[0]].to_numpy()
    status = np.full(len(cells), NUMBER, dtype=object)
    if cells.dtype == object:
        status[(cells == "na") | (cells == "")] = NONE
        status[cells == NOT_COMPILED] = NOT_COMPILED
    numeric = {name: pd.to_numeric(table[name], errors="coerce") for name in columns}
    frame = table.assign(**{name: numbers.astype(float) for name, numbers in numeric.items()})
    frame.insert(list(frame.columns).index(columns[0]) + 1, "status", status)
    return frame


def as_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return a result table whose columns of numbers hold nothing but numbers, with a ``status``.

    Parameters
    ----------
    table : DataFrame
        As it is written: cells of numbers may be ``na``, ``not_compiled`` or blank.

    Returns
    -------
    DataFrame
        Columns of numbers are floats, NaN where there is no number; texts and whole numbers stay.
        ``status``, the last column, says for each row whether one of its numbers is ``none`` (there
        is none of it) or ``not_compiled`` (an input is missing), else ``number``.
    """
    frame = table.copy()
    status = np.full(len(frame), NUMBER, dtype=object)
    for name in frame.columns:
        cells = frame[name].to_numpy()
        if cells.dtype != object or not _are_numbers(cells):
            continue
        has_none = np.array([cell == "na" for cell in cells], dtype=bool)
        has_gap = np.array([cell == NOT_COMPILED for cell in cells], dtype=bool)
        status[has_none & (status == NUMBER)] = NONE
        status[has_gap] = NOT_COMPILED
        frame[name] = pd.to_numeric(frame[name], errors="coerce").astype(float)
    if "status" in frame.columns:
        return frame
    return frame.assign(status=status)


def _are_numbers(cells: np.ndarray) -> bool:
    """Return whether cells are numbers and the words for none, not nothing but blanks."""
    for cell in cells:
        is_number = isinstance(cell, Number) and not isinstance(cell, bool)
        if not is_number and not (isinstance(cell, str) and cell in _NO_NUMBER):
            return False
    return any(cell != "" for cell in cells)


def table_as_numbers(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """Return one of several result tables with ``as_numbers``.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables as they are written, by file name.
    name : str
        A file name, with or without ``.csv``; blank for the first.

    Returns
    -------
    DataFrame

    Raises
    ------
    ProblemsFound
        ``unknown-id`` for a table that is not among them.
    """
    if not name and tables:
        return as_numbers(next(iter(tables.values())))
    if name in tables:
        return as_numbers(tables[name])
    if f"{name}.csv" in tables:
        return as_numbers(tables[f"{name}.csv"])
    hint = suggestion(name, tables)
    problem = make_problem("unknown-id", "name", "account.unknown-table", asked=name, hint=hint)
    raise ProblemsFound([problem])


def select_year(evaluated: EvaluatedPlan, year: int | str | None) -> None:
    """Raise ``missing-year`` if a year is asked for that is not the account's."""
    if year is not None and str(year) != str(evaluated.year):
        problem = make_problem(
            "missing-year", "year", "account.missing-year", asked=year, year=evaluated.year
        )
        raise ProblemsFound([problem])


def region_codes(evaluated: EvaluatedPlan, region: object) -> list[str] | None:
    """Return the codes of the regions that are asked for; None if all are."""
    if region is None:
        return None
    return [evaluated.region_code(name) for name in several(region)]


def with_names(frame: pd.DataFrame, evaluated: EvaluatedPlan, language: Language) -> pd.DataFrame:
    """Return a result table with the names of regions, categories, indicators and steps.

    Parameters
    ----------
    frame : DataFrame
    evaluated : EvaluatedPlan
    language : {'zh', 'en'}

    Returns
    -------
    DataFrame
        Each column of ids is followed by one of names, such as ``region_name``.
    """
    titles: dict[str, Mapping[str, str]] = {
        "region": _region_names(evaluated, language),
        "category": _category_names(frame, language),
        "indicator": {},
        "step": {},
        "ecosystem": {},
    }
    indicators: dict[str, str] = {}
    for indicator in evaluated.plan.standard.spec.indicator:
        indicators[indicator.id] = indicator.name.say(language)
    titles["indicator"] = indicators
    steps: dict[str, str] = {}
    for step in evaluated.plan.steps:
        steps[step.name] = step_title(step, language)
    ecosystems: dict[str, str] = {}
    for name in evaluated.plan.extent.ecosystems:
        ecosystems[str(name)] = evaluated.plan.scheme.label(str(name)).say(language)
    titles["ecosystem"] = ecosystems
    named = frame.copy()
    for column, names in titles.items():
        if column not in frame:
            continue
        ids = frame[column]
        if column == "step":
            full = frame["indicator"].astype(str) + "." + frame["step"].astype(str)
            ids = full.str.removeprefix(".")
            names = steps
        position = list(named.columns).index(column) + 1
        words = [names.get(str(name), str(name)) for name in ids]
        named.insert(position, f"{column}_name", words)
    return named


def _region_names(evaluated: EvaluatedPlan, language: Language) -> dict[str, str]:
    """Return the names of regions and parents by code; the code itself without a table."""
    regions = evaluated.plan.regions
    names = {}
    for code in evaluated.sums.codes:
        names[str(code)] = str(code) if regions is None else regions.name(str(code), language)
    return names


def _category_names(frame: pd.DataFrame, language: Language) -> dict[str, str]:
    """Return the titles of the categories in a table."""
    names = {}
    for category in frame["category"].unique() if "category" in frame else ():
        is_total = str(category).startswith(f"{TOTAL}:") or ":" in str(category)
        names[str(category)] = str(category)
        if category and not is_total:
            names[str(category)] = category_title(str(category), language)
    return names


def step_title(step: PlannedStep, language: Language) -> str:
    """Return the title of a step, the indicator's before it.

    Parameters
    ----------
    step : PlannedStep
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    title = step.step.name.say(language) if step.step.name is not None else step.step.id
    if step.indicator is None:
        return title.strip()
    return f"{step.indicator.name.say(language)} {title}".strip()


def wide_frame(evaluated: EvaluatedPlan, wide: Wide, codes: Sequence[str] | None) -> pd.DataFrame:
    """Return results as a wide table of numbers: regions, then parents, by indicator or step.

    Parameters
    ----------
    evaluated : EvaluatedPlan
    wide : {'indicator', 'category', 'step'}
    codes : sequence of str or None
        The regions; None for all.

    Returns
    -------
    DataFrame
        Index ``region``. By indicator and category: values in the standard's unit (``attrs``). By
        step: quantities and values in the unit that stands in the columns (``indicator``, ``step``,
        ``item``, ``unit``). NaN where there is no number.

    Raises
    ------
    ProblemsFound
        ``unknown-option`` for other tables than by step, if the account values nothing.
    """
    block = evaluated.block
    columns = block.columns
    has_values = bool((columns["kind"] == "value").any())
    if wide != "step" and not has_values:
        message = "account.wide-without-values"
        problem = make_problem("unknown-option", "wide", message, asked=wide)
        raise ProblemsFound([problem])
    index = pd.Index(evaluated.sums.codes, name="region")
    numbers = np.where(block.valid & ~block.gap, block.values, np.nan)
    if wide == "step":
        shown = (columns["kind"] != "auxiliary").to_numpy()
        names = columns.loc[shown, ["indicator", "step", "item", "unit"]]
        frame = pd.DataFrame(numbers[:, shown], index, pd.MultiIndex.from_frame(names))
    elif wide == "category":
        sums = evaluated.sums
        values = np.where(sums.valid & ~sums.gap, sums.values, np.nan)
        frame = pd.DataFrame(values, index, pd.Index(sums.names, name="category"))
    else:
        frame = _by_indicator(evaluated, index)
    frame.attrs = {"year": evaluated.year, **_unit_attribute(evaluated, wide)}
    return frame if codes is None else frame.loc[list(codes)]


def _unit_attribute(evaluated: EvaluatedPlan, wide: str) -> dict[str, str]:
    """Return the unit of a wide table of values."""
    return {} if wide == "step" else {"units": evaluated.plan.standard.spec.unit}


def _by_indicator(evaluated: EvaluatedPlan, index: pd.Index) -> pd.DataFrame:
    """Return the value of each indicator in the standard's unit."""
    block = evaluated.block
    is_value = (block.columns["kind"] == "value").to_numpy()
    scale = np.nan_to_num(block.columns["scale"].to_numpy())
    values: dict[str, np.ndarray] = {}
    for indicator in block.columns.loc[is_value, "indicator"].unique():
        chosen = is_value & (block.columns["indicator"] == indicator).to_numpy()
        numbers = np.where(block.valid, block.values, 0.0)[:, chosen] @ scale[chosen]
        has_number = block.valid[:, chosen].any(axis=1) & ~block.gap[:, chosen].any(axis=1)
        values[str(indicator)] = np.where(has_number, numbers, np.nan)
    frame = pd.DataFrame(values, index)
    frame.columns.name = "indicator"
    return frame


# --- xarray ---------------------------------------------------------------------------------------


def meaning_of(evaluated: EvaluatedPlan) -> dict[str, Any]:
    """Return what the numbers of an account are, as attributes of a Dataset.

    Parameters
    ----------
    evaluated : EvaluatedPlan

    Returns
    -------
    dict of str to str or int
        ``measure`` (``gep``, ``esv`` or ``quantity``), ``title``, ``standard``, ``evidence``,
        ``legal``, ``price_basis``, ``price_year`` (constant prices only), ``state``, ``sets``,
        ``switches``, and the caption.
    """
    plan = evaluated.plan
    spec = plan.standard.spec
    attributes: dict[str, Any] = {
        "measure": spec.measure,
        "title": measure_title(plan, "en"),
        "standard": spec.id,
        "standard_title": spec.title.say("en"),
        "evidence": spec.evidence,
        "legal": spec.legal,
        "price_basis": plan.price_basis.code,
        "state": plan.state,
        "sets": ", ".join(of_set.label for of_set in plan.sets),
        "switches": ", ".join(f"{name}={option}" for name, option in plan.switches.items()),
        "caption": "\n".join(caption(plan, evaluated.shares(), "en", plan.warnings)),
    }
    if plan.price_year is not None:
        attributes["price_year"] = plan.price_year
    return attributes


def account_dataset(evaluated: EvaluatedPlan, language: Language) -> "xr.Dataset":
    """Return the results of an account as a Dataset.

    Parameters
    ----------
    evaluated : EvaluatedPlan
    language : {'zh', 'en'}
        Language of ``long_name``.

    Returns
    -------
    Dataset
        See ``gep.Account.to_xarray``.
    """
    import xarray as xr

    plan = evaluated.plan
    extent = plan.extent
    meaning = meaning_of(evaluated)
    kept = {name: meaning[name] for name in ("measure", "standard", "price_basis", "state")}
    variables = {}
    for step in plan.steps:
        labels = {
            "region": list(extent.regions),
            "ecosystem": list(extent.ecosystems),
            **step.members,
        }
        valid = step.valid
        attributes: dict[str, Any] = {
            "units": step.step.unit,
            "long_name": step_title(step, language),
            "kind": step.step.kind,
            "method": step.step.method,
            "sum_of_parts": int(step.name in plan.sums_of_parts),
            **kept,
        }
        if step.gap is not None and step.gap.any():
            attributes["not_compiled"] = " ".join(map(str, extent.regions[step.gap]))
            if "region" in step.out:
                shape = [1] * len(step.out)
                shape[step.out.index("region")] = len(extent.regions)
                valid = valid & ~step.gap.reshape(shape)
        variables[step.name.replace(".", "__")] = xr.DataArray(
            np.where(valid, evaluated.results[step.name], np.nan),
            dims=step.out,
            coords={dim: list(labels[dim]) for dim in step.out},
            attrs=attributes,
        )
    dataset = xr.Dataset({**variables, **_sums(evaluated, language, kept)}, attrs=meaning)
    return dataset.assign_coords(_coordinates(evaluated, dataset, language))


def _sums(
    evaluated: EvaluatedPlan, language: Language, kept: Mapping[str, Any]
) -> dict[str, "xr.DataArray"]:
    """Return the categories and totals of the regions."""
    import xarray as xr

    sums = evaluated.sums
    codes = list(evaluated.plan.extent.regions)
    names = sums.names if sums.has_values else ()
    arrays = {}
    for column, name in enumerate(names):
        has_number = sums.valid[:, column] & ~sums.gap[:, column]
        numbers = np.where(has_number, sums.values[:, column], np.nan)
        title = name if ":" in name else category_title(name, language)
        attributes = {
            "units": evaluated.plan.standard.spec.unit,
            "long_name": title,
            "kind": "value",
            "sum_of_parts": int(name in sums.sums_of_parts),
            **kept,
        }
        arrays[name.replace(":", "__")] = xr.DataArray(
            numbers[: len(codes)], {"region": codes}, ("region",), attrs=attributes
        )
    return arrays


def _coordinates(
    evaluated: EvaluatedPlan, dataset: "xr.Dataset", language: Language
) -> dict[str, Any]:
    """Return the year, names of regions and ecosystem types, and the regions above each region."""
    plan = evaluated.plan
    coordinates: dict[str, Any] = {"year": evaluated.year}
    codes = [str(code) for code in plan.extent.regions]
    if "region" in dataset.dims and plan.regions is not None:
        names = [plan.regions.name(code, language) for code in codes]
        coordinates["region_name"] = ("region", names)
        above = [plan.regions.ancestors(code) for code in codes]
        depth = min(max(map(len, above), default=0), _LEVELS_NAMED)
        for level in range(depth):
            parents = [chain[level] if level < len(chain) else "" for chain in above]
            name = "parent" if level == 0 else f"parent_{level + 1}"
            coordinates[name] = ("region", parents)
    if "ecosystem" in dataset.dims:
        ecosystems = [str(name) for name in dataset["ecosystem"].values]
        titles = [plan.scheme.label(name).say(language) for name in ecosystems]
        coordinates["ecosystem_name"] = ("ecosystem", titles)
    return coordinates
