"""The table of a plan (核算方案表) that an evaluator signs: a row for each number used.

The column ``binding`` identifies a row of a file without its number: what is bound, then the
row's own keys and price year. Reading and writing files is left to others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gep.extent.classes import ClassScheme
from gep.extent.crosswalk import Crosswalk
from gep.extent.extent import Extent
from gep.extent.regions import Regions
from gep.inputs.coefficients import PRICE_INDEX_NAME
from gep.inputs.data import COMMON
from gep.inputs.value_rows import KEYS, grade_names, member_word
from gep.plan.binding import BoundInput
from gep.plan.binding_context import class_title, region_title
from gep.plan.planned_step import PlannedStep, StepLink
from gep.standards.standard import Binding, DeclaredName, Standard
from gep.texts.catalogue import Language, say
from gep.units import factor, has_money

PLAN_COLUMNS = [
    "year",
    "step",
    "input",
    "method",
    "clause",
    "binding",
    "set@version",
    "file",
    "row",
    "value",
    "unit",
    "factor",
    "grade",
    "source",
    "locator",
    "name",
]


_ROWS_AT_ONCE = 20_000  # of which a piece of the table is made
_Columns = Mapping[str, np.ndarray]  # columns of the table


@dataclass(frozen=True)
class RowNames:
    """What the rows of the table are called, for the people who sign it.

    Attributes
    ----------
    standard : Standard
        Names data and coefficients.
    scheme : ClassScheme
        Names ecosystem types.
    regions : Regions or None
        Names regions, if the project has a table of them.
    language : {'zh', 'en'}
    """

    standard: Standard
    scheme: ClassScheme
    regions: Regions | None
    language: Language
    _named: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def of_input(self, binding: Binding) -> str:
        """Return the title of the data or the coefficient that an input is bound to."""
        spec = self.standard.spec
        declared: Mapping[str, DeclaredName] = spec.data if binding.data else spec.coefficient
        return self.title(binding.data or binding.coef, declared)

    def title(self, name: str, declared: Mapping[str, DeclaredName]) -> str:
        """Return the title of a name; the name itself where it has none."""
        return declared[name].name.say(self.language) if name in declared else name

    def of_rows(self, title: str | np.ndarray, rows: pd.DataFrame) -> np.ndarray:
        """Return a title with the names of the region, type and other members of each row."""
        names = np.full(len(rows), title, dtype=object) if isinstance(title, str) else title
        for key in KEYS:
            members = rows[key].to_numpy(dtype=object) if key in rows else np.array([])
            if members.any():  # most keys of most rows are blank
                names = names + self._members(key, members)
        return names

    def _members(self, key: str, members: np.ndarray) -> np.ndarray:
        """Return the names of members, each after a separator; blank where there is no member."""
        positions, unique = pd.factorize(members)
        separator = say(self.language, "plan.name-separator")
        words = [
            f"{separator}{self.member(key, str(member))}" if member else "" for member in unique
        ]
        return np.asarray(np.array(words, dtype=object)[positions])

    def member(self, key: str, member: str) -> str:
        """Return the name of a member of a key; the member itself where it has none."""
        if (key, member) not in self._named:
            self._named[key, member] = self._word(key, member)
        return self._named[key, member]

    def _word(self, key: str, member: str) -> str:
        """Find the name of a member."""
        if key == "region" and self.regions is not None:
            return region_title(self.regions, member).say(self.language)
        if key == "ecosystem" and member in self.scheme.classes:
            return class_title(self.scheme, member).say(self.language)
        return member_word(key, member, self.language)


def plan_pieces(
    extent: Extent,
    crosswalk: Crosswalk | None,
    steps: Iterable[PlannedStep],
    names: RowNames,
    land: pd.DataFrame | None = None,
) -> Iterator[pd.DataFrame]:
    """Make ``plan.csv``: the rows behind all inputs, then areas, crosswalk and land area.

    The table of a whole country is as large as all that was read: it is made in pieces.

    Parameters
    ----------
    extent : Extent
        Its area rows are listed.
    crosswalk : Crosswalk or None
        Its rows of the classes in use are listed.
    steps : iterable of PlannedStep
    names : RowNames
        What the rows are called.
    land : DataFrame, optional
        The data rows ``land_area`` (see ``gep.inputs.value_rows``) that values per km2 rest on.

    Yields
    ------
    DataFrame
        Columns ``PLAN_COLUMNS``. ``value`` and ``unit`` are as in the file; ``factor`` brings the
        value to the unit of the method and to the wanted price year. ``grade`` is the row's own;
        the price indices that convert it are rows of their own, with theirs. ``source`` and
        ``locator`` are as in the file; ``name`` says in words what is bound, and of what.
    """
    parts: list[_Columns] = []
    for part in _parts(extent, crosswalk, steps, names, land):
        parts.append(part)
        if sum(len(waiting["row"]) for waiting in parts) > _ROWS_AT_ONCE:
            yield _joined(parts)
            parts = []
    if parts:
        yield _joined(parts)


def _parts(
    extent: Extent,
    crosswalk: Crosswalk | None,
    steps: Iterable[PlannedStep],
    names: RowNames,
    land: pd.DataFrame | None,
) -> Iterator[_Columns]:
    """Yield the columns of the rows behind each input, then of areas, crosswalk and land area."""
    for step in steps:
        for argument, bound in step.inputs.items():
            if isinstance(bound, StepLink) or not len(bound.used) or "area" in bound.frame:
                continue  # steps and areas are listed elsewhere
            yield from _rows_used(extent.year, step, argument, bound, names)
    yield _area_rows(extent, names)
    if crosswalk is not None:
        yield _crosswalk_rows(crosswalk, extent, names)
    if land is not None and len(land):
        yield _land_rows(extent.year, land, names)


def _joined(parts: Sequence[_Columns]) -> pd.DataFrame:
    """Join columns one below the other."""
    columns: dict[str, np.ndarray] = {}
    for name in PLAN_COLUMNS:
        arrays = [part[name] for part in parts]
        columns[name] = np.concatenate(arrays)
    return pd.DataFrame(columns)


def _rows_used(
    year: int, step: PlannedStep, argument: str, bound: BoundInput, names: RowNames
) -> Iterator[_Columns]:
    """Yield the rows behind an input, then the price indices that convert them."""
    binding = step.bindings[argument]
    of_step = {
        "year": year,
        "step": step.name,
        "input": argument,
        "method": step.step.method,
        "clause": step.step.clause,
    }
    used = bound.used
    yield _columns_of(
        used,
        **of_step,
        binding=_describe_rows(_bound_name(binding), used, binding.index),
        factor=used["factor"],
        grade=grade_names(used["own_grade"]),
        name=names.of_rows(names.of_input(binding), used),
    )
    index = bound.index
    if index is not None and len(index):
        yield _columns_of(
            index,
            **of_step,
            binding=_describe_rows("coef=price_index", index),
            factor=1.0,
            grade=grade_names(index["grade"]),
            name=names.of_rows(PRICE_INDEX_NAME.name.say(names.language), index),
        )


def _columns_of(rows: pd.DataFrame, **columns: object) -> _Columns:
    """Return the columns of rows: those given, and those that the rows have of their own."""
    columns.setdefault("set@version", rows.get("set", ""))
    if "value" not in columns:
        columns["value"] = _printed_values(rows)
    for name in ("file", "row", "unit", "source", "locator"):
        columns.setdefault(name, rows.get(name))
    arrays: dict[str, np.ndarray] = {}
    for name, column in columns.items():
        if isinstance(column, pd.Series | np.ndarray):
            arrays[name] = np.asarray(column)
        else:
            dtype = object if isinstance(column, str) else None
            arrays[name] = np.full(len(rows), column, dtype=dtype)
    return arrays


def _bound_name(binding: Binding) -> str:
    """Return what is bound, as ``data=rain`` or ``coef=runoff``."""
    return f"data={binding.data}" if binding.data else f"coef={binding.coef}"


def _describe_rows(name: str, rows: pd.DataFrame, index: str = "") -> np.ndarray:
    """Describe rows: what is bound, the keys of each, the price index and the price year."""
    descriptions = np.full(len(rows), name, dtype=object)
    for key in KEYS:
        members = rows[key].to_numpy(dtype=object)
        if members.any():  # most keys of most rows are blank
            descriptions = descriptions + _describe_key(key, members)
    if index:
        descriptions = descriptions + f" index={index}"
    return np.asarray(descriptions + _describe_key("price_year", price_years(rows)))


def _describe_key(key: str, members: np.ndarray) -> np.ndarray:
    """Return `` key=member`` for each row; blank where the row does not fill the key."""
    positions, unique = pd.factorize(members, use_na_sentinel=False)
    words = [f" {key}={member}" if member else "" for member in unique]
    return np.asarray(np.array(words, dtype=object)[positions])


def price_years(rows: pd.DataFrame) -> np.ndarray:
    """Return the price year of each row for which the table of a plan shows one.

    Parameters
    ----------
    rows : DataFrame
        Value rows (see ``gep.inputs.value_rows``) with ``set``.

    Returns
    -------
    ndarray of str
        A year or ``nominal``; blank for data rows that are not in money, whose year is that of the
        row.
    """
    money_units = {unit: has_money(unit) for unit in rows["unit"].unique()}
    is_money = rows["unit"].map(money_units).to_numpy(dtype=bool)
    in_set = (rows["set"] != "").to_numpy()
    years = rows["price_year"].to_numpy(dtype=object)
    return np.where(is_money | in_set, years, "")


def _printed_values(rows: pd.DataFrame) -> np.ndarray:
    """Return the values as they are printed: numbers, or na."""
    values: np.ndarray = rows["value"].to_numpy(dtype=float).astype(object)
    values[rows["na"].to_numpy(dtype=bool)] = "na"
    return values


# Of rows that belong to no single step: areas, crosswalk shares, land areas.
_OF_NO_STEP = {"step": "", "method": "", "clause": ""}


def _area_rows(extent: Extent, names: RowNames) -> _Columns:
    """Return the rows of areas.csv."""
    rows = extent.parts.drop_duplicates(["file", "row"])
    titles = {name: names.member("ecosystem", str(name)) for name in rows["class"].unique()}
    classes = rows["class"].map(titles).to_numpy(dtype=object)
    return _columns_of(
        rows,
        year=extent.year,
        input="area",
        **_OF_NO_STEP,
        binding="class=" + rows["class"].astype(object) + " region=" + rows["region"],
        value=rows["value"].astype(object),
        factor=1.0,
        grade=grade_names(rows["own_grade"]),
        name=names.of_rows(classes, rows[["region"]]),
        **{"set@version": ""},
    )


def _crosswalk_rows(crosswalk: Crosswalk, extent: Extent, names: RowNames) -> _Columns:
    """Return the rows of the crosswalk for classes that have areas."""
    in_use = crosswalk.frame["class"].isin(extent.parts["class"]).to_numpy()
    rows = crosswalk.frame[in_use]
    classes = rows["class"].to_numpy(dtype=object)
    return _columns_of(
        rows,
        year=extent.year,
        input="crosswalk",
        **_OF_NO_STEP,
        binding=rows["class"] + "->" + rows["ecosystem"],
        value=rows["share"].astype(object),
        unit="1",
        factor=1.0,
        grade=grade_names(rows["grade"]),
        name=names.of_rows(classes, rows[["ecosystem"]]),
        **{"set@version": crosswalk.id},
    )


def _land_rows(year: int, land: pd.DataFrame, names: RowNames) -> _Columns:
    """Return the data rows land_area."""
    scale = {unit: factor(unit, "km2") for unit in land["unit"].unique()}
    return _columns_of(
        land,
        year=year,
        input="land_area",
        **_OF_NO_STEP,
        binding=_describe_rows("data=land_area", land),
        factor=land["unit"].map(scale),
        grade=grade_names(land["grade"]),
        name=names.of_rows(names.title("land_area", COMMON), land[["region"]]),
        **{"set@version": ""},
    )
