"""The cells of accounts (核算单元), from which a report page makes its explanations.

``account_cells`` writes them as plain values for JSON, as small as they can be read from. Numbers
have ten significant figures, as ``gep explain`` prints them; null where there is none. Words are a
text, or ``{"zh": .., "en": ..}`` where the languages differ::

    unit, unitWords     of values: "10^4 CNY", and how it is said
    units               {unit: words} of every unit that occurs
    regions             {code: {"name": words, "parent": code or ""}} of regions and parents
    members             {dim: {id: words}} of ecosystem types and the members of other keys
    indicators          [{"id", "category", "name": words}]
    categories          {id: words} of categories and totals
    kinds, grades       {id: words}
    sums                {category or total: [categories or indicators whose figures it sums]}
    sumsOfParts         [categories and totals whose figure for a parent is a sum of parts]
    sources             [words]
    texts               [text], which columns of ``rows`` name by position
    rows                columns of the rows of numbers, of areas and of crosswalks, each row once:
                          region, ecosystem, .., class (the keys; texts), value (number), unit
                          (text), price_year (text), factor (number), set, file (texts), row
                          (whole number; 0 of a raster, which has none), source (position in
                          ``sources``), locator, grade,
                          index_grade, note (texts)
    years               {"2019": {
      regions           [code], in the order of positions
      parents           {code: [positions of its regions]}
      ecosystems        [id], in the order of positions
      lines             {"codes": [regions, then parents], "land": [km2], "population": [persons],
                         "values": {category, total or indicator: [number, "na" or
                         "not_compiled" for each code]}}, values in the unit of the account
      steps             [{name, indicator ("" if shared), kind, unit, title: words, method,
                         formula ("= ..", "" if it is more than an expression), constants
                         ({name: number} in the formula), clause, resultUnit, perArea, summed
                         (whether amounts are summed), additive, restsOnSums (of parts), gap
                         ([positions of regions that are not compiled]), dims, members ({dim:
                         [id]} of dims other than region and ecosystem), separate ([dims whose
                         members are different things]),
                         layers ([file] of a step that was evaluated at pixels: "result" is the
                         mean of those of a cell, "in:" null where an input differs among them),
                         inputs: [{name, unit, step ("" or the step whose result it takes), index
                         ([positions in rows] of the price indices that convert it), areas
                         ([positions of ecosystem types] whose area of the cell's region it is;
                         null if it is no area)}],
                         count (of cells), cells: {"<dim>": positions, "in:<input>": numbers,
                         "row:<input>": positions in rows, -1 without one, "area": hm2,
                         "result", "amount" (null where the cell is na)}}]
      areas             {"region", "ecosystem": positions, "row": positions in rows, "cross":
                         positions in rows of the crosswalk row, -1 without one}, a row for each
                         part of an area
    }}

A column is a list with an entry for each cell or row; where all are the same, that entry alone; and
where they depend on one dim alone ``{"over": dim, "values": [..]}``, an entry for each of its
members by position.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gep.account.caption import category_title, sum_title
from gep.account.columns import NOT_COMPILED
from gep.account.evaluation import EvaluatedPlan
from gep.account.explanation import formula, formula_constants
from gep.account.explanation_rows import crosswalk_source_titles, source_titles
from gep.account.lines import TOTAL, lines_of
from gep.account.pixel_caption import layers_of_step
from gep.account.step_cells import SEPARATE_KEYS, StepCells, cells_of_step
from gep.extent.regions import Regions
from gep.inputs.value_rows import GRADES, KEYS, grade_names, grade_title, member_word
from gep.io.toml_documents import Title
from gep.plan.binding import BoundInput
from gep.plan.dims import expand
from gep.plan.plan import Plan
from gep.plan.plan_table import price_years
from gep.plan.planned_step import PlannedStep, StepLink
from gep.report.figures.page import spoken
from gep.standards.standard import CATEGORIES, StandardSpec
from gep.texts.catalogue import LANGUAGES, Language, say, visible

JsonWords = str | dict[str, str]
Column = Any  # a list, one entry, or the entries by member of a dim

_FIGURES = 10  # significant figures of numbers
_LARGEST_WHOLE = 1e15  # numbers beyond it are not exact as whole numbers of JSON
_KINDS = ("quantity", "value", "auxiliary")
_KEY_COLUMNS = (*KEYS, "class")
_TEXT_COLUMNS = (
    *_KEY_COLUMNS,
    "unit",
    "price_year",
    "set",
    "file",
    "locator",
    "grade",
    "index_grade",
    "note",
)
_ROW_COLUMNS = (*_TEXT_COLUMNS, "value", "factor", "row", "source")


def account_cells(accounts: Sequence[EvaluatedPlan]) -> dict[str, Any]:
    """Write the cells of the accounts of a project, with the rows behind them.

    Parameters
    ----------
    accounts : sequence of EvaluatedPlan
        One for each year, of one standard.

    Returns
    -------
    dict of str to object
        Plain values, see the module. A part of a public edition must not hold them: they list what
        it withholds.
    """
    plan = accounts[-1].plan
    spec = plan.standard.spec
    rows = _RowList()
    years = {}
    for account in accounts:
        years[str(account.year)] = _year_cells(account, rows)
    last_year = years[str(accounts[-1].year)]
    lines = last_year["lines"]["values"]
    return {
        "unit": spec.unit,
        "unitWords": _unit_words(spec.unit),
        "units": {unit: _unit_words(unit) for unit in _units_of(accounts, rows)},
        "regions": _regions(accounts),
        "members": _members(accounts),
        "indicators": _indicators(spec),
        "categories": _categories(spec, lines),
        "kinds": {kind: _text_words(f"account.kind.{kind}") for kind in _KINDS},
        "grades": {grade: _words(grade_title, grade) for grade in GRADES},
        "sums": _sums(spec, lines),
        "sumsOfParts": sorted(accounts[-1].sums.sums_of_parts),
        **rows.columns(),
        "years": years,
    }


# --- words ---------------------------------------------------------------------------------------


def page_words(zh: str, en: str) -> JsonWords:
    """Return words for JSON: one text if it is the same in both languages."""
    zh, en = visible(zh), visible(en)
    return zh if zh == en else {"zh": zh, "en": en}


def _words(say_name: Callable[[str, Language], str], name: str) -> JsonWords:
    """Return what a function says of a name in both languages."""
    zh, en = (say_name(name, language) for language in LANGUAGES)
    return page_words(zh, en)


def _text_words(key: str) -> JsonWords:
    """Return a text of the catalogue without placeholders in both languages."""
    return page_words(say("zh", key), say("en", key))


def _unit_words(unit: str) -> JsonWords:
    return _words(spoken, unit)


def _units_of(accounts: Sequence[EvaluatedPlan], rows: "_RowList") -> list[str]:
    """Return the units of steps, inputs and rows."""
    units = dict.fromkeys(rows.units())
    for account in accounts:
        for step in account.plan.steps:
            units |= dict.fromkeys(step.method.inputs.values())
            units.setdefault(step.unit)
            units.setdefault(step.method.unit)
    return list(units)


def _regions(accounts: Sequence[EvaluatedPlan]) -> dict[str, Any]:
    """Describe the regions and parents of all years."""
    described = {}
    for account in accounts:
        table = account.plan.regions
        for code in account.sums.codes.tolist():
            above = [] if table is None else table.ancestors(code)
            described[code] = {
                "name": region_words(code, table),
                "parent": above[0] if above else "",
            }
    return described


def region_words(code: str, table: Regions | None) -> JsonWords:
    """Return the name of a region or parent in both languages; its code without a table."""
    if table is None:
        return visible(code)
    return _words(table.name, code)


def _members(accounts: Sequence[EvaluatedPlan]) -> dict[str, dict[str, JsonWords]]:
    """Name the ecosystem types of all years, and the members of other keys."""
    members: dict[str, dict[str, JsonWords]] = {"ecosystem": {}}
    for account in accounts:
        for name in account.plan.extent.ecosystems:
            members["ecosystem"][str(name)] = ecosystem_words(account.plan, str(name))
        for step in account.plan.steps:
            for dim, names in step.members.items():
                named = members.setdefault(dim, {})
                for name in names:
                    zh, en = (member_word(dim, name, language) for language in LANGUAGES)
                    named[name] = page_words(zh, en)
    return members


def ecosystem_words(plan: Plan, name: str) -> JsonWords:
    """Return the title of an ecosystem type in both languages, its id without one."""
    zh, en = plan.scheme.titles.get(name, ("", ""))
    return page_words(zh or en or name, en or zh or name)


def _title_words(title: Title | None, name: str) -> JsonWords:
    """Return a title in both languages, the name without one."""
    return visible(name) if title is None else page_words(title.zh, title.en)


def _indicators(spec: StandardSpec) -> list[dict[str, Any]]:
    """Describe the indicators of a standard."""
    indicators = []
    for indicator in spec.indicator:
        name = _title_words(indicator.name, indicator.id)
        indicators.append({"id": indicator.id, "category": indicator.category, "name": name})
    return indicators


def _categories(spec: StandardSpec, lines: Mapping[str, Any]) -> dict[str, JsonWords]:
    """Name the categories and totals that have a line, and the categories of quantities."""
    categories = {}
    for category in CATEGORIES:
        categories[category] = _words(category_title, category)
    for name in lines:
        if name == TOTAL or name.startswith(f"{TOTAL}:"):
            zh, en = (sum_title(name, spec, language) for language in LANGUAGES)
            categories[name] = page_words(zh, en)
    return categories


def _sums(spec: StandardSpec, lines: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what each category and total sums, of what has a line."""
    headline, *others = spec.total
    sums: dict[str, list[str]] = {}
    categories = [category for category in CATEGORIES if category in lines]
    if TOTAL in lines:
        sums[TOTAL] = categories
    for category in categories:
        in_category = [item.id for item in spec.indicator if item.category == category]
        summed = [name for name in in_category if name in headline.indicators]
        sums[category] = [name for name in summed if name in lines]
    for total in others:
        if f"{TOTAL}:{total.id}" in lines:
            sums[f"{TOTAL}:{total.id}"] = [name for name in total.indicators if name in lines]
    return sums


# --- numbers and columns -------------------------------------------------------------------------


def plain_number(value: float) -> float | int | None:
    """Return a number for JSON with ten significant figures; None if it is not finite."""
    if not np.isfinite(value):
        return None
    rounded = float(f"{value:.{_FIGURES}g}")
    if rounded.is_integer() and abs(rounded) < _LARGEST_WHOLE:
        return int(rounded)
    return rounded


def _plain(values: np.ndarray) -> list[Any]:
    """Return an array for JSON: whole numbers as they are, others with ten figures."""
    listed: list[Any] = values.tolist()
    if values.dtype.kind != "f":
        return listed
    return [plain_number(value) for value in listed]


def _column(values: np.ndarray, positions: Mapping[str, np.ndarray]) -> Column:
    """Write the entries of cells as small as they can be: one, one for each member, or all."""
    if not len(values):
        return []
    if _are_same(values, np.full(len(values), values[0])):
        return _plain(values[:1])[0]
    for dim, of_cells in positions.items():
        by_member = np.zeros(int(of_cells.max()) + 1, dtype=values.dtype)
        by_member[of_cells] = values
        if len(by_member) < len(values) and _are_same(by_member[of_cells], values):
            return {"over": dim, "values": _plain(by_member)}
    return _plain(values)


def _are_same(left: np.ndarray, right: np.ndarray) -> bool:
    """Return whether two arrays hold the same numbers, NaN being the same as NaN."""
    return bool(np.array_equal(left, right, equal_nan=left.dtype.kind == "f"))


class _RowList:
    """The rows behind steps, each listed once, with their texts and sources."""

    def __init__(self) -> None:
        self._rows: dict[tuple[Any, ...], int] = {}
        self._titles: dict[tuple[str, str], JsonWords] = {}

    def add_titles(self, titles: Mapping[tuple[str, str], Title]) -> None:
        """Note how sources are called, by set and id."""
        for key, title in titles.items():
            self._titles[key] = page_words(title.zh, title.en)

    def add(self, rows: pd.DataFrame, **changes: Any) -> np.ndarray:
        """List rows of numbers; return their positions.

        Parameters
        ----------
        rows : DataFrame
            Rows of numbers; see ``gep.inputs.value_rows``.
        **changes
            Columns that have another value.

        Returns
        -------
        ndarray of int
        """
        rows = rows.assign(**changes)
        is_na = rows["na"].to_numpy(dtype=bool)
        columns: dict[str, Any] = {
            "grade": grade_names(rows["grade"]),
            "price_year": price_years(rows),
            "value": np.where(
                is_na,
                np.nan,
                rows["value"].to_numpy(dtype=float),
            ),
            "factor": rows["factor"].to_numpy(dtype=float),
            "row": rows["row"].to_numpy(dtype=int),
        }
        entries = []
        for name in _ROW_COLUMNS:
            column = columns.get(name)
            if column is None and name in rows:
                column = rows[name].astype(object).fillna("").astype(str)
            if column is None:
                entries.append([""] * len(rows))
            else:
                entries.append(np.asarray(column).tolist())
        positions = []
        for entry in zip(*entries, strict=True):
            key = tuple("na" if part != part else part for part in entry)  # NaN is not itself
            positions.append(self._rows.setdefault(key, len(self._rows)))
        return np.array(positions, dtype=int)

    def units(self) -> list[str]:
        """Return the units of the rows."""
        position = _ROW_COLUMNS.index("unit")
        return sorted({str(row[position]) for row in self._rows})

    def columns(self) -> dict[str, Any]:
        """Return ``texts``, ``sources`` and ``rows`` of the module's description."""
        texts: dict[str, int] = {}
        sources: dict[str, int] = {}
        source_words: list[JsonWords] = []
        columns: dict[str, Column] = {}
        by_name = dict(
            zip(
                _ROW_COLUMNS,
                zip(*self._rows, strict=True),
                strict=False,
            )
        )
        for name in _TEXT_COLUMNS:
            words = [visible(str(entry)) for entry in by_name.get(name, ())]
            if name in _KEY_COLUMNS and not any(words):
                continue
            codes = [texts.setdefault(word, len(texts)) for word in words]
            columns[name] = _column(np.array(codes, dtype=int), {})
        for name in ("value", "factor"):
            numbers = [np.nan if entry == "na" else entry for entry in by_name.get(name, ())]
            columns[name] = _column(np.array(numbers, dtype=float), {})
        columns["row"] = _column(np.array(by_name.get("row", ()), dtype=int), {})
        codes = []
        for key in zip(by_name.get("set", ()), by_name.get("source", ()), strict=True):
            words_of_source = self._titles.get(key, visible(str(key[1])) or "-")
            code = sources.setdefault(str(words_of_source), len(sources))
            if code == len(source_words):
                source_words.append(words_of_source)
            codes.append(code)
        columns["source"] = _column(np.array(codes, dtype=int), {})
        return {"sources": source_words, "texts": list(texts), "rows": columns}


# --- a year --------------------------------------------------------------------------------------


def _year_cells(account: EvaluatedPlan, rows: _RowList) -> dict[str, Any]:
    """Write the account of a year; its rows are added to those of all years."""
    plan = account.plan
    rows.add_titles(source_titles(plan))
    parents = {}
    for code, members in zip(account.parents.codes, account.parents.members, strict=True):
        parents[code] = members.tolist()
    return {
        "regions": [str(code) for code in plan.extent.regions],
        "parents": parents,
        "ecosystems": [str(name) for name in plan.extent.ecosystems],
        "lines": _lines(account),
        "steps": [_step(account, step, rows) for step in plan.steps],
        "areas": _areas(plan, rows),
    }


def _lines(account: EvaluatedPlan) -> dict[str, Any]:
    """Write the sums and the values of indicators, for regions and parents."""
    sums = account.sums
    columns: dict[str, list[Any]] = {}
    if sums.has_values:
        known = sums.valid & ~sums.gap
        for position, name in enumerate(sums.names):
            columns[name] = _cells(
                sums.values,
                known,
                sums.gap,
                position,
            )
        block = account.block
        lines = lines_of(account.plan, block.columns)
        is_indicator = (lines.frame["indicator"] != TOTAL) & (lines.frame["item"] == "")
        used = (lines.picks != 0).astype(float)
        values = (
            np.where(
                block.valid,
                block.values,
                0.0,
            )
            @ lines.picks
        )
        gap = block.gap.astype(float) @ used > 0
        known = (block.valid.astype(float) @ used > 0) & ~gap
        for line in np.flatnonzero(is_indicator).tolist():
            name = str(lines.frame["indicator"].iloc[line])
            columns[name] = _cells(
                values,
                known,
                gap,
                line,
            )
    return {
        "codes": sums.codes.tolist(),
        "land": _plain(sums.land),
        "population": _plain(sums.population),
        "values": columns,
    }


def _cells(values: np.ndarray, known: np.ndarray, gap: np.ndarray, column: int) -> list[Any]:
    """Write a column of a table: numbers, ``na``, ``not_compiled``."""
    cells = _plain(values[:, column])
    for row in np.flatnonzero(~known[:, column]):
        cells[row] = NOT_COMPILED if gap[row, column] else "na"
    return cells


def _step(account: EvaluatedPlan, step: PlannedStep, rows: _RowList) -> dict[str, Any]:
    """Write a step with its cells."""
    plan = account.plan
    is_cell = step.live | step.required
    cells = cells_of_step(account, step, is_cell, None)
    inputs = []
    row_columns = {}
    for name, unit in step.method.inputs.items():
        source = step.inputs[name]
        described: dict[str, Any] = {
            "name": name,
            "unit": unit,
            "step": "",
            "index": [],
            "areas": None,
        }
        if isinstance(source, StepLink):
            described["step"] = source.source
        elif "source" in source.frame:
            row_columns[f"row:{name}"] = _rows_of_cells(
                plan,
                step,
                source,
                cells,
                rows,
            )
            if source.index is not None and len(source.index):
                described["index"] = rows.add(source.index, factor=1.0).tolist()
        elif step.bindings[name].area:
            classes = plan.scheme.within(step.bindings[name].area)
            counted = plan.extent.mask_of(classes)
            described["areas"] = np.flatnonzero(counted).tolist()
        inputs.append(described)
    gap = []
    if step.gap is not None:
        gap = np.flatnonzero(step.gap).tolist()
    members = {}
    for dim, names in step.members.items():
        if dim in step.dims:
            members[dim] = list(names)
    function = step.method.function
    constants = {}
    for name, value in formula_constants(function).items():
        constants[name] = plain_number(value)
    return {
        "name": step.name,
        "indicator": step.indicator.id if step.indicator is not None else "",
        "kind": step.kind,
        "unit": step.unit,
        "title": _title_words(step.step.name, step.step.id),
        "method": step.method.path,
        "formula": formula(function),
        "constants": constants,
        "clause": visible(step.step.clause),
        "resultUnit": step.method.unit,
        "perArea": step.per == "area",
        "summed": step.per != "none",
        "additive": step.step.additive,
        "restsOnSums": step.step.additive and step.name in plan.sums_of_parts,
        "gap": gap,
        "dims": list(step.dims),
        "members": members,
        "layers": layers_of_step(plan, step) if step.density is not None else [],
        "separate": [key for key in SEPARATE_KEYS if key in step.out],
        "inputs": inputs,
        "count": len(cells.amount),
        "cells": _cell_columns(cells) | row_columns,
    }


def _cell_columns(cells: StepCells) -> dict[str, Column]:
    """Write the columns of the cells of a step, but for the rows behind them."""
    columns: dict[str, Column] = {}
    for dim, positions in cells.positions.items():
        columns[dim] = _column(positions, {})
    if cells.area is not None:
        columns["area"] = _column(cells.area, cells.positions)
    for name, values in cells.inputs.items():
        numbers = np.asarray(values, dtype=float)
        columns[f"in:{name}"] = _column(numbers, cells.positions)
    columns["result"] = _column(cells.result, cells.positions)
    columns["amount"] = _column(cells.amount, cells.positions)
    return columns


def _rows_of_cells(
    plan: Plan, step: PlannedStep, source: BoundInput, cells: StepCells, rows: _RowList
) -> Column:
    """Write which row supplies an input of each cell."""
    used = np.unique(source.rows[source.rows >= 0])
    used_rows = source.frame.iloc[used]
    positions = np.full(len(source.frame) + 1, -1)  # the last is for -1, no row
    numbers = _row_numbers(plan, used_rows)
    positions[used] = rows.add(used_rows, grade=used_rows["own_grade"], row=numbers)
    over_dims = expand(source.rows, source.dims, step.dims)
    wide = np.broadcast_to(over_dims, step.live.shape)
    index = tuple(cells.positions[dim] for dim in step.dims)
    of_cells = wide[index].reshape(len(cells.amount))
    return _column(positions[of_cells], cells.positions)


def _row_numbers(plan: Plan, rows: pd.DataFrame) -> np.ndarray:
    """Return the numbers of rows in their files; 0 for those of rasters."""
    numbers: np.ndarray = rows["row"].to_numpy(dtype=int)
    if plan.raster is None:
        return numbers
    is_of_raster = rows["file"].isin(plan.raster.labels).to_numpy()
    return np.where(is_of_raster, 0, numbers)


def _areas(plan: Plan, rows: _RowList) -> dict[str, Column]:
    """Write the area rows of the cells, and the crosswalk rows behind them."""
    parts = plan.extent.parts
    region = plan.extent.regions.get_indexer(parts["region"])
    ecosystem = plan.extent.ecosystems.get_indexer(parts["ecosystem"])
    is_in_cell = (region >= 0) & (ecosystem >= 0)
    parts = parts[is_in_cell]
    positions = rows.add(
        parts,
        factor=parts["share"],
        row=_row_numbers(plan, parts),
        grade=parts["own_grade"],
        na=False,
        set="",
        price_year="",
        note="",
    )
    cross = np.full(len(parts), -1)
    if plan.crosswalk is not None:
        rows.add_titles(crosswalk_source_titles(plan, plan.crosswalk))
        shares = plan.crosswalk.frame
        shares = shares[shares["row"].isin(parts["cross_row"]).to_numpy()]
        of_shares = rows.add(
            shares,
            value=shares["share"],
            unit="1",
            factor=1.0,
            na=False,
            set=plan.crosswalk.id,
            price_year="",
        )
        numbers = shares["row"].tolist()
        by_number = dict(
            zip(
                numbers,
                of_shares.tolist(),
                strict=True,
            )
        )
        of_parts = parts["cross_row"].tolist()
        cross = np.array([by_number.get(number, -1) for number in of_parts])
    return {
        "region": _column(region[is_in_cell], {}),
        "ecosystem": _column(ecosystem[is_in_cell], {}),
        "row": _column(positions, {}),
        "cross": _column(cross, {}),
    }
