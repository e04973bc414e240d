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
from gep.extent.raster_extent import RasterYear
from gep.extent.regions import Regions
from gep.inputs.coefficients import PRICE_INDEX_NAME
from gep.inputs.data import COMMON
from gep.inputs.value_rows import GRADES, KEYS, member_word
from gep.io.distinct_cells import Distinct, is_coded
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


OF_RASTER = (
    "raster"  # in ``value``: the number is another one at each pixel; in ``binding``: a layer
)
_ROWS_AT_ONCE = 20_000  # of which a piece of the table is made
_REPEATED = ("set@version", "file", "unit", "source", "locator")  # columns of few different texts

_Column = np.ndarray | Distinct
_Columns = Mapping[str, _Column]  # columns of the table
_Keys = Mapping[str, Distinct]  # members of the keys that rows fill


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
    _named: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    def of_input(self, binding: Binding) -> str:
        """Return the title of the data or the coefficient that an input is bound to."""
        spec = self.standard.spec
        declared: Mapping[str, DeclaredName] = spec.data if binding.data else spec.coefficient
        return self.title(binding.data or binding.coef, declared)

    def title(self, name: str, declared: Mapping[str, DeclaredName]) -> str:
        """Return the title of a name; the name itself where it has none."""
        return declared[name].name.say(self.language) if name in declared else name

    def of_rows(self, names: Distinct, keys: _Keys) -> np.ndarray:
        """Return names of rows, with those of the region, type and other members of each."""
        for key, members in keys.items():
            names = names.followed_by(self._members(key, members))
        return names.cells()

    def _members(self, key: str, members: Distinct) -> Distinct:
        """Return the names of members, each after a separator; blank where there is no member."""
        separator = say(self.language, "plan.name-separator")
        named = self._named.setdefault(key, {"": ""})
        for member in set(members.words).difference(named):
            named[member] = separator + self.member(key, str(member))
        return members.with_words([named[member] for member in members.words])

    def member(self, key: str, member: str) -> str:
        """Return the name of a member of a key; the member itself where it has none."""
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
    raster: RasterYear | None = None,
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
    raster : RasterYear, optional
        The layers among the rows; ``binding`` marks them with ``raster``.

    Yields
    ------
    DataFrame
        Columns ``PLAN_COLUMNS``; texts that repeat are categories. ``value`` and ``unit`` are as in
        the file; of a layer ``value`` is ``raster`` before its pixels are read, then its mean by
        region, weighted by area. ``factor`` brings the value to the unit of the method and to the
        wanted price year. ``grade`` is the row's own; the price indices that convert it are rows of
        their own, with theirs. ``source`` and ``locator`` are as in the file; ``name`` says in
        words what is bound, and of what.
    """
    parts: list[_Columns] = []
    for part in _parts(
        extent,
        crosswalk,
        steps,
        names,
        land,
        raster,
    ):
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
    raster: RasterYear | None,
) -> Iterator[_Columns]:
    """Yield the columns of the rows behind each input, then of areas, crosswalk and land area."""
    for step in steps:
        for argument, bound in step.inputs.items():
            if isinstance(bound, StepLink) or not len(bound.used) or "area" in bound.frame:
                continue  # steps and areas are listed elsewhere
            yield from _rows_used(
                step,
                argument,
                bound,
                extent.year,
                names,
                raster,
            )
    yield _area_rows(extent, names)
    if crosswalk is not None:
        yield _crosswalk_rows(crosswalk, extent, names)
    if land is not None and len(land):
        yield _land_rows(extent.year, land, names)


def _joined(parts: Sequence[_Columns]) -> pd.DataFrame:
    """Join columns one below the other."""
    columns: dict[str, pd.Categorical | pd.Series] = {}
    for name in PLAN_COLUMNS:
        columns[name] = _joined_column([part[name] for part in parts])
    return pd.DataFrame(columns, copy=False)


def _joined_column(parts: Sequence[_Column]) -> pd.Categorical | pd.Series:
    """Join the parts of a column; one of coded texts has categories."""
    coded = [part for part in parts if isinstance(part, Distinct)]
    if len(coded) == len(parts):
        return Distinct.join(coded).categories()
    arrays = []
    for part in parts:
        if isinstance(part, Distinct):
            arrays.append(part.cells())
        else:
            arrays.append(part)
    joined = np.concatenate(arrays)
    return pd.Series(joined, dtype=joined.dtype)  # objects stay: texts need not be looked at


def with_plain_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts are not categories any more, but as pandas keeps texts.

    Parameters
    ----------
    table : DataFrame

    Returns
    -------
    DataFrame
    """
    columns: dict[str, pd.Series | np.ndarray] = {}
    for name, column in table.items():
        columns[str(name)] = column
        if column.dtype == object or is_coded(column):
            columns[str(name)] = column.to_numpy(dtype=object)
    return pd.DataFrame(columns, table.index)


def _rows_used(
    step: PlannedStep,
    argument: str,
    bound: BoundInput,
    year: int,
    names: RowNames,
    raster: RasterYear | None,
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
    keys = _filled_keys(used)
    title = Distinct.same(names.of_input(binding), len(used))
    described = _describe_rows(_bound_name(binding), used, keys, binding.index)
    values = _printed_values(used)
    if raster is not None:
        is_layer = of_layers(raster, binding.data, used)
        described[is_layer] += f" {OF_RASTER}"
        if not raster.is_settled:
            values[is_layer] = OF_RASTER
    yield _columns_of(
        used,
        **of_step,
        binding=described,
        value=values,
        factor=used["factor"],
        grade=_grades(used["own_grade"]),
        name=names.of_rows(title, keys),
    )
    index = bound.index
    if index is not None and len(index):
        keys = _filled_keys(index)
        title = Distinct.same(PRICE_INDEX_NAME.name.say(names.language), len(index))
        yield _columns_of(
            index,
            **of_step,
            binding=_describe_rows("coef=price_index", index, keys),
            factor=1.0,
            grade=_grades(index["grade"]),
            name=names.of_rows(title, keys),
        )


def of_layers(raster: RasterYear, name: str, rows: pd.DataFrame) -> np.ndarray:
    """Return which rows of a data name stand for layers.

    Parameters
    ----------
    raster : RasterYear
    name : str
        The data name; blank for a coefficient, which no layer gives.
    rows : DataFrame
        Rows with ``file``.

    Returns
    -------
    ndarray of bool
    """
    labels = [layer.label for layer in raster.layers if layer.name == name]
    return np.asarray(rows["file"].isin(labels).to_numpy())


def _columns_of(rows: pd.DataFrame, **columns: object) -> _Columns:
    """Return the columns of rows: those given, and those that the rows have of their own."""
    if "value" not in columns:
        columns["value"] = _printed_values(rows)
    if "set@version" not in columns:
        columns["set@version"] = rows["set"]
    for name in ("file", "row", "unit", "source", "locator"):
        if name not in columns:
            columns[name] = rows[name]
    arrays: dict[str, _Column] = {}
    for name, column in columns.items():
        if isinstance(column, str):
            arrays[name] = Distinct.same(column, len(rows))
        elif isinstance(column, pd.Series) and name in _REPEATED:
            arrays[name] = Distinct.of(column)
        elif isinstance(column, pd.Series):
            arrays[name] = np.asarray(column)
        elif isinstance(column, np.ndarray | Distinct):
            arrays[name] = column
        else:
            arrays[name] = np.full(len(rows), column)
    return arrays


def _grades(codes: pd.Series) -> Distinct:
    """Return the names of grades, such as ``official``."""
    words = np.array(GRADES, dtype=object)
    return Distinct(codes.to_numpy(dtype=int), words)


def _filled_keys(rows: pd.DataFrame) -> _Keys:
    """Return the members of the keys that rows fill; most keys of most rows are blank."""
    keys = {}
    for key in KEYS:
        members = Distinct.of(rows[key])
        if any(members.words):
            keys[key] = members
    return keys


def _bound_name(binding: Binding) -> str:
    """Return what is bound, as ``data=rain`` or ``coef=runoff``."""
    return f"data={binding.data}" if binding.data else f"coef={binding.coef}"


def _describe_rows(name: str, rows: pd.DataFrame, keys: _Keys, index: str = "") -> np.ndarray:
    """Describe rows: what is bound, the keys of each, the price index and the price year."""
    descriptions = Distinct.same(name, len(rows))
    for key, members in keys.items():
        descriptions = descriptions.followed_by(_describe_key(key, members))
    if index:
        descriptions = descriptions.followed_by(Distinct.same(f" index={index}", len(rows)))
    years = pd.Series(price_years(rows))
    described = _describe_key("price_year", Distinct.of(years))
    return descriptions.followed_by(described).cells()


def _describe_key(key: str, members: Distinct) -> Distinct:
    """Return `` key=member`` for each row; blank where the row does not fill the key."""
    words = []
    for member in members.words:
        words.append(f" {key}={member}" if member else "")
    return members.with_words(words)


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
    units = Distinct.of(rows["unit"])
    money_units = [has_money(unit) for unit in units.words]
    is_money = np.array(money_units, dtype=bool)[units.codes]
    sets = Distinct.of(rows["set"])
    in_set = (sets.words != "")[sets.codes]
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
    classes = Distinct.of(rows["class"])
    titles = [names.member("ecosystem", str(name)) for name in classes.words]
    titles_of_rows = classes.with_words(titles)
    regions = Distinct.of(rows["region"])
    return _columns_of(
        rows,
        year=extent.year,
        input="area",
        **_OF_NO_STEP,
        binding="class=" + rows["class"].astype(object) + " region=" + rows["region"],
        value=rows["value"].astype(object),
        factor=1.0,
        grade=_grades(rows["own_grade"]),
        name=names.of_rows(titles_of_rows, {"region": regions}),
        **{"set@version": ""},
    )


def _crosswalk_rows(crosswalk: Crosswalk, extent: Extent, names: RowNames) -> _Columns:
    """Return the rows of the crosswalk for classes that have areas."""
    in_use = crosswalk.frame["class"].isin(extent.parts["class"]).to_numpy()
    rows = crosswalk.frame[in_use]
    classes = Distinct.of(rows["class"])
    ecosystems = Distinct.of(rows["ecosystem"])
    return _columns_of(
        rows,
        year=extent.year,
        input="crosswalk",
        **_OF_NO_STEP,
        binding=rows["class"] + "->" + rows["ecosystem"],
        value=rows["share"].astype(object),
        unit="1",
        factor=1.0,
        grade=_grades(rows["grade"]),
        name=names.of_rows(classes, {"ecosystem": ecosystems}),
        **{"set@version": crosswalk.id},
    )


def _land_rows(year: int, land: pd.DataFrame, names: RowNames) -> _Columns:
    """Return the data rows land_area."""
    scale = {unit: factor(unit, "km2") for unit in land["unit"].unique()}
    titles = Distinct.same(names.title("land_area", COMMON), len(land))
    keys = _filled_keys(land)
    return _columns_of(
        land,
        year=year,
        input="land_area",
        **_OF_NO_STEP,
        binding=_describe_rows("data=land_area", land, keys),
        factor=land["unit"].map(scale),
        grade=_grades(land["grade"]),
        name=names.of_rows(titles, {"region": keys["region"]}),
        **{"set@version": ""},
    )
