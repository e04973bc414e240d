"""Land transitions (土地转移): areas that change from one class to another between two years.

This module reads ``transitions.csv``, brings it to ecosystem types as an asset account of area
(opening + additions - reductions = closing, 期初 + 增加 - 减少 = 期末), and lays this account out
as a table with values. The margins of an account do not identify its transitions: of a region
without rows in the table only net changes are known. Whose unit values are used is left to
``gep.comparison``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.errors import Place, ProblemLog, ProblemsFound, Where
from gep.extent.areas import check_areas_positive
from gep.extent.classes import ClassScheme
from gep.extent.crosswalk import NOT_ACCOUNTED, Crosswalk, class_hint, source_classes
from gep.extent.regions import Regions, region_label
from gep.inputs.value_rows import (
    check_duplicates,
    check_not_blank,
    check_units,
    in_column,
    read_grades,
    read_years,
    unit_factors,
)
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument, TableSource, files_read, table_source
from gep.io.csv_excel import row_place
from gep.io.notebook import ShownAsTable
from gep.io.tables import (
    HINTED,
    LIKEWISE,
    Columns,
    Table,
    check_region_codes,
    check_total_rows,
    is_total,
    read_numbers,
    read_table,
    suggestion,
)
from gep.texts.catalogue import Label, Listed

TRANSITION_COLUMNS = [
    "region",
    "from",
    "to",
    "from_ecosystem",
    "to_ecosystem",
    "area",
    "area_unit",
    "value",
    "unit",
]

_TRANSITIONS = Columns(
    required=("region", "from", "to", "from_class", "to_class", "area", "unit"),
    optional=("cause", "source", "locator", "grade", "note"),
)
# Causes of a transition: by people, by nature, or only a reappraisal of the data.
CAUSES = ("managed", "unmanaged", "reappraisal")
TRANSITION_IDENTITY = ["region", "from", "to", "from_class", "to_class", "cause"]
_CLASS_COLUMNS = ("from_class", "to_class")
_YEAR_COLUMNS = ("from", "to")
_MARGIN_TOLERANCE = 0.005  # of the area of a type in the account
_FLOAT_TOLERANCE = 1e-9  # of the two tolerances, so that sums of floats do not exceed them
_M2_PER_KM2 = 1e6
_LISTED_YEARS = 12


@dataclass(frozen=True, repr=False)
class Transitions(ShownAsTable):
    """Rows of land transitions.

    Attributes
    ----------
    rows : DataFrame
        ``region``, ``from`` and ``to`` (years; 0 where they cannot be read), ``from_class``,
        ``to_class``, ``unit``, ``area`` (m2), ``half_digit`` (m2: half a unit of the last digit
        printed, the rounding that a row carries), ``cause`` (one of ``CAUSES``, or blank),
        ``grade``, ``source``, ``locator``, ``note``, ``file``, ``row``.
    files : tuple of Path
        The files that were read.
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Margin:
    """An ecosystem type of a region whose transitions do not sum to its area in the account.

    Attributes
    ----------
    region, ecosystem : str
    side : {'opening', 'closing'}
    table : float
        Sum of the transitions (m2).
    account : float
        Area of the account (m2).
    """

    region: str
    ecosystem: str
    side: str
    table: float
    account: float


@dataclass(frozen=True)
class TransitionMatrix:
    """Areas from type to type between two years.

    Attributes
    ----------
    first, last : int
        The two years.
    regions : Index
    ecosystems : Index
        The types asked for, then others that the rows name, then ``na`` (not accounted for), whose
        opening and closing are the sums of its rows.
    area : ndarray
        Region x from x to, m2; the diagonal is land that kept its type.
    known : ndarray
        Region, bool: whether the table has rows of it. Of other regions only net changes are known.
    opening, closing : ndarray
        Region x ecosystem, m2, of the account in the two years.
    margins : tuple of Margin
        Where the transitions miss the opening or closing by more than rounding.
    """

    first: int
    last: int
    regions: pd.Index
    ecosystems: pd.Index
    area: np.ndarray
    known: np.ndarray
    opening: np.ndarray
    closing: np.ndarray
    margins: tuple[Margin, ...]

    def aligned(self, unit_value: np.ndarray) -> np.ndarray:
        """Bring unit values of the types asked for to all types of the matrix.

        Parameters
        ----------
        unit_value : ndarray
            Region x the first types of ``ecosystems``, money per m2.

        Returns
        -------
        ndarray
            Region x ecosystem: 0 for ``na``, NaN for other types that were not asked for.
        """
        return _padded(unit_value, self.ecosystems, np.nan)


# --- reading ----------------------------------------------------------------------------------


@checked_arguments
def read_transitions(path: TableArgument) -> Transitions:
    """Read ``transitions.csv``.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).

    Returns
    -------
    Transitions

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table (see ``load_transitions``).

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> row = {"region": "a", "from": 2010, "to": 2020, "from_class": "paddy", "to_class": "urban"}
    >>> gep.read_transitions(pd.DataFrame([row | {"area": 1.5, "unit": "km2"}]))
    <Transitions: 1 row>
    """
    problems = ProblemLog()
    transitions = load_transitions(table_source(path, "transitions"), problems)
    if transitions is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return transitions


def load_transitions(path: TableSource, problems: ProblemLog) -> Transitions | None:
    """Load a table of transitions and convert its areas to m2.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects what is wrong with the table (see ``gep.io.tables``), ``unknown-grade``,
        ``bad-year``, ``blank``, ``negative``, ``unknown-option``, ``duplicate-row``,
        ``unknown-unit`` and ``wrong-dimension``.

    Returns
    -------
    Transitions or None
        None if the table could not be read at all. Without ``area`` and ``half_digit`` if a unit
        cannot be converted.
    """
    table = read_table(path, _TRANSITIONS, problems)
    if table is None:
        return None
    value, _ = read_numbers(table, "area", problems)
    grade = read_grades(table, problems)
    columns = ["region", *_CLASS_COLUMNS, "unit", "row"]
    rows = table.frame[columns].assign(file=table.label, grade=grade)
    for name in _YEAR_COLUMNS:
        rows[name] = read_years(table, problems, name)
    for name in ("cause", "source", "locator", "note"):
        rows[name] = table.column(name)
    check_region_codes(table, "region", problems)
    for name in ("region", *_CLASS_COLUMNS):
        check_not_blank(table, name, problems)
        check_total_rows(table, name, problems)
    check_areas_positive(table, value, problems)
    _check_years_in_order(rows, table, problems)
    _check_causes(table, problems)
    check_duplicates(rows, TRANSITION_IDENTITY, problems)
    errors_before = len(problems.errors)
    check_units(table, "m2", problems)
    if len(problems.errors) == errors_before:
        factors = unit_factors(rows["unit"], "m2")
        half_digits = np.array([_half_digit(number) for number in table.column("area")])
        rows["area"] = value * factors
        rows["half_digit"] = half_digits * factors
    return Transitions(rows, files_read(path))


def _check_years_in_order(rows: pd.DataFrame, table: Table, problems: ProblemLog) -> None:
    """Check that transitions lead from a year to a later one; adds ``bad-year``."""
    first = rows["from"].to_numpy()
    last = rows["to"].to_numpy()
    wrong = np.flatnonzero((first >= last) & (last > 0))  # a year that cannot be read is 0
    if len(wrong):
        problems.add(
            "bad-year",
            table.place(wrong),
            "extent.years-not-in-order",
            first=int(first[wrong[0]]),
            last=int(last[wrong[0]]),
        )


def _check_causes(table: Table, problems: ProblemLog) -> None:
    """Check causes of transitions, which may be blank; adds ``unknown-option``."""
    cells = table.distinct("cause")
    for code, word in enumerate(cells.words):
        if word in ("", *CAUSES):
            continue
        problems.add(
            "unknown-option",
            in_column(table.place(cells.positions(code)), "cause"),
            "extent.unknown-cause",
            cause=word,
            known=Listed(CAUSES, len(CAUSES)),
        )


def _half_digit(number: str) -> float:
    """Return half a unit of the last digit of a number as it is printed; 0 if it is no number."""
    try:
        exponent = Decimal(number).as_tuple().exponent
    except InvalidOperation:
        return 0.0
    if not isinstance(exponent, int):  # infinite
        return 0.0
    return float(Decimal(5).scaleb(exponent - 1))


def check_transitions(
    transitions: Transitions,
    scheme: ClassScheme,
    crosswalk: Crosswalk | None,
    regions_with_areas: Iterable[str],
    years: Iterable[int],
    problems: ProblemLog,
) -> None:
    """Check classes, regions and years of transitions against those of a project.

    Parameters
    ----------
    transitions : Transitions
    scheme : ClassScheme
        The ecosystem types of the standard.
    crosswalk : Crosswalk or None
        Shares of the classes of the project's areas in these types.
    regions_with_areas : iterable of str
    years : iterable of int
        The years of the project.
    problems : ProblemLog
        Collects ``unknown-class``, ``unknown-region`` and ``missing-year``.
    """
    rows = transitions.rows
    classes = source_classes(scheme, crosswalk)
    known_codes = {str(code) for code in regions_with_areas}
    known_years = sorted({int(year) for year in years})
    for column in _CLASS_COLUMNS:
        for name, place in _unknown_values(rows, column, {*classes, ""}):
            if is_total(str(name)):
                continue  # a total-row of the reader
            problems.add(
                "unknown-class",
                place,
                "extent.unknown-class",
                name=name,
                scheme=scheme.id if crosswalk is None else crosswalk.id,
                hint=class_hint(str(name), scheme, crosswalk),
            )
    unknown_codes = _unknown_values(rows, "region", {*known_codes, ""})
    for number, (code, place) in enumerate(unknown_codes):
        hint = LIKEWISE
        if number < HINTED:
            hint = suggestion(str(code), known_codes, taken=rows["region"])
        problems.add(
            "unknown-region",
            place,
            "extent.region-has-no-areas",
            region=code,
            hint=hint,
        )
    for column in _YEAR_COLUMNS:
        for year, place in _unknown_values(rows, column, {*known_years, 0}):
            problems.add(
                "missing-year",
                place,
                "extent.year-of-no-account",
                year=year,
                years=Listed(tuple(known_years), _LISTED_YEARS),
            )


def _unknown_values(
    rows: pd.DataFrame, column: str, known: set[str] | set[int]
) -> list[tuple[object, Place]]:
    """Return the values of a column that are not known, each with its place."""
    unknown = rows[~rows[column].isin(known).to_numpy()]
    values: list[tuple[object, Place]] = []
    for value, rows_of_value in unknown.groupby(column, sort=False, observed=True):
        file = str(rows_of_value["file"].iloc[0])
        place = in_column(row_place(file, rows_of_value["row"]), column)
        values.append((value, place))
    return values


# --- the matrix -------------------------------------------------------------------------------


def transition_matrix(
    transitions: Transitions,
    *,
    regions: pd.Index,
    ecosystems: Sequence[str],
    first: int,
    last: int,
    crosswalk: Crosswalk | None,
    opening: np.ndarray,
    closing: np.ndarray,
) -> TransitionMatrix | None:
    """Bring the transitions from one year to another to ecosystem types.

    A class that changes is shared out by the crosswalk at both ends: each share of the old class
    goes to every share of the new one in proportion. A class that stays what it is keeps each of
    its shares. Where no row says how much of a type's classes stayed, land that kept its type is
    the opening less the reductions, no more than the closing less the additions leaves room for,
    and never less than 0.

    Parameters
    ----------
    transitions : Transitions
    regions : Index
    ecosystems : sequence of str
        The ecosystem types of the account.
    first, last : int
        The two years.
    crosswalk : Crosswalk or None
        Shares of the classes of ``transitions`` in ecosystem types; None if they are such types.
    opening, closing : ndarray
        Areas of the account in the two years, region x ecosystem, m2.

    Returns
    -------
    TransitionMatrix or None
        None if the table has no rows for just this pair of years.
    """
    rows = transitions.rows
    is_of_pair = (rows["from"] == first) & (rows["to"] == last) & rows["region"].isin(regions)
    rows = rows[is_of_pair.to_numpy()]
    if rows.empty:
        return None
    parts = parts_by_ecosystem(rows, crosswalk)
    types = _types_of(parts, ecosystems)
    count = len(types)
    region = regions.get_indexer(parts["region"])
    start = types.get_indexer(parts["from_ecosystem"])
    end = types.get_indexer(parts["to_ecosystem"])
    area = np.zeros((len(regions), count, count))
    np.add.at(area, (region, start, end), parts["area"].to_numpy())
    known = np.bincount(region, minlength=len(regions)) > 0
    opening = _padded(opening, types, 0.0)
    closing = _padded(closing, types, 0.0)

    stays_known = np.zeros((len(regions), count), dtype=bool)
    stays = (parts["from_class"] == parts["to_class"]).to_numpy()
    stays_known[region[stays], start[stays]] = True
    if types[-1] == NOT_ACCOUNTED and NOT_ACCOUNTED not in ecosystems:
        stays_known[:, -1] = True  # the account does not say how much is not accounted for
        opening[:, -1] = area[:, -1, :].sum(axis=1)
        closing[:, -1] = area[:, :, -1].sum(axis=1)
    diagonal = np.arange(count)
    left_of_opening = opening - area.sum(axis=2)
    left_of_closing = closing - area.sum(axis=1)
    unchanged = np.maximum(np.minimum(left_of_opening, left_of_closing), 0)
    is_settled = stays_known | ~known[:, None]
    area[:, diagonal, diagonal] += np.where(is_settled, 0, unchanged)

    rounding = _rounding_of_margins(
        parts,
        region,
        start,
        end,
        (len(regions), count),
    )
    matrix = TransitionMatrix(
        first=first,
        last=last,
        regions=regions,
        ecosystems=types,
        area=area,
        known=known,
        opening=opening,
        closing=closing,
        margins=(),
    )
    return replace(matrix, margins=_margins_beyond(matrix, rounding))


def net_matrix(
    regions: pd.Index,
    ecosystems: Sequence[str],
    first: int,
    last: int,
    opening: np.ndarray,
    closing: np.ndarray,
) -> TransitionMatrix:
    """Return the matrix of a pair of years without transitions: only net changes are known.

    Parameters
    ----------
    regions : Index
    ecosystems : sequence of str
        The ecosystem types of the account.
    first, last : int
        The two years.
    opening, closing : ndarray
        Areas of the account in the two years, region x ecosystem, m2.

    Returns
    -------
    TransitionMatrix
    """
    count = len(ecosystems)
    return TransitionMatrix(
        first=first,
        last=last,
        regions=regions,
        ecosystems=pd.Index(list(ecosystems), name="ecosystem", dtype=object),
        area=np.zeros((len(regions), count, count)),
        known=np.zeros(len(regions), dtype=bool),
        opening=opening,
        closing=closing,
        margins=(),
    )


def _types_of(parts: pd.DataFrame, ecosystems: Sequence[str]) -> pd.Index:
    """Return the types asked for, then others that rows name, then ``na`` if a row names it."""
    types = dict.fromkeys(ecosystems)
    types.update(dict.fromkeys([*parts["from_ecosystem"], *parts["to_ecosystem"]]))
    if NOT_ACCOUNTED in types and NOT_ACCOUNTED not in ecosystems:
        del types[NOT_ACCOUNTED]
        types[NOT_ACCOUNTED] = None  # as the last
    return pd.Index(list(types), name="ecosystem", dtype=object)


def parts_by_ecosystem(rows: pd.DataFrame, crosswalk: Crosswalk | None) -> pd.DataFrame:
    """Share out areas and roundings of rows to the ecosystem types at both ends.

    Parameters
    ----------
    rows : DataFrame
        Rows of ``Transitions``.
    crosswalk : Crosswalk or None
        Shares of their classes in ecosystem types; None if they are such types.

    Returns
    -------
    DataFrame
        The rows, each once for every pair of types, with ``from_ecosystem``, ``to_ecosystem`` and,
        by a crosswalk, ``from_share`` and ``to_share``. Land of no class (``na``) stays that.
    """
    if crosswalk is None:
        return rows.assign(from_ecosystem=rows["from_class"], to_ecosystem=rows["to_class"])
    shares = crosswalk.frame[["class", "ecosystem", "share"]]
    if NOT_ACCOUNTED not in set(shares["class"]):
        nothing = {"class": [NOT_ACCOUNTED], "ecosystem": [NOT_ACCOUNTED], "share": [1.0]}
        shares = pd.concat([shares, pd.DataFrame(nothing)], ignore_index=True)
    start_shares = shares.add_prefix("from_")
    end_shares = shares.add_prefix("to_")
    is_same = (rows["from_class"] == rows["to_class"]).to_numpy()
    stays = rows[is_same].merge(start_shares, on="from_class")
    stays = stays.assign(to_ecosystem=stays["from_ecosystem"], to_share=1.0)
    changes = rows[~is_same].merge(start_shares, on="from_class").merge(end_shares, on="to_class")
    pieces = [piece for piece in (stays, changes) if len(piece)]
    parts = pd.concat(pieces, ignore_index=True)
    share = parts["from_share"] * parts["to_share"]
    parts = parts.assign(area=parts["area"] * share, half_digit=parts["half_digit"] * share)
    return parts[(share > 0).to_numpy()]


def _padded(values: np.ndarray, types: pd.Index, fill: float) -> np.ndarray:
    """Return values of the first types on all types: ``fill`` for others, 0 for ``na``."""
    count = values.shape[1]
    padded = np.full((len(values), len(types)), fill)
    padded[:, :count] = values
    if count < len(types) and types[-1] == NOT_ACCOUNTED:
        padded[:, -1] = 0
    return padded


def _rounding_of_margins(
    parts: pd.DataFrame,
    region: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    shape: tuple[int, int],
) -> np.ndarray:
    """Return how far a margin may miss the area of its type because areas are printed rounded.

    Each row carries half a unit of its last digit, and so does the area of the account, which is
    held to be printed alike.

    Parameters
    ----------
    parts : DataFrame
        Rows by ecosystem types, with ``half_digit`` (m2).
    region, start, end : ndarray of int
        Positions of the region and of both types of each part.
    shape : (int, int)
        Numbers of regions and types.

    Returns
    -------
    ndarray
        Region x ecosystem, m2.
    """
    half_digit = parts["half_digit"].to_numpy()
    of_rows = np.zeros(shape)
    np.add.at(of_rows, (region, start), half_digit)
    np.add.at(of_rows, (region, end), np.where(start == end, 0, half_digit))
    of_account = np.zeros(shape[0])
    np.maximum.at(of_account, region, half_digit)
    return np.asarray(of_rows + of_account[:, None])


def _margins_beyond(matrix: TransitionMatrix, rounding: np.ndarray) -> tuple[Margin, ...]:
    """Return the margins that miss the account by more than tolerance and rounding."""
    sides = (
        ("opening", matrix.opening, matrix.area.sum(axis=2)),
        ("closing", matrix.closing, matrix.area.sum(axis=1)),
    )
    margins = []
    for side, account, table in sides:
        tolerance = np.maximum(_MARGIN_TOLERANCE * account, rounding) * (1 + _FLOAT_TOLERANCE)
        is_beyond = (np.abs(table - account) > tolerance) & matrix.known[:, None]
        for region, ecosystem in zip(*np.nonzero(is_beyond), strict=True):
            margins.append(
                Margin(
                    region=str(matrix.regions[region]),
                    ecosystem=str(matrix.ecosystems[ecosystem]),
                    side=side,
                    table=float(table[region, ecosystem]),
                    account=float(account[region, ecosystem]),
                )
            )
    return tuple(margins)


def warn_margins(
    matrix: TransitionMatrix,
    where: Where,
    problems: ProblemLog,
    scheme: ClassScheme | None = None,
    regions: Regions | None = None,
) -> None:
    """Warn where transitions do not sum to the areas of the account.

    Parameters
    ----------
    matrix : TransitionMatrix
    where : str or Place
        The table of transitions.
    problems : ProblemLog
        Collects the warning ``transition-margins``.
    scheme : ClassScheme, optional
        Gives the titles of ecosystem types.
    regions : Regions, optional
        Gives the names of regions.
    """
    for margin in matrix.margins:
        is_opening = margin.side == "opening"
        ecosystem = Label(margin.ecosystem)
        if scheme is not None:
            ecosystem = scheme.label(margin.ecosystem)
        problems.add(
            "transition-margins",
            where,
            "extent.opening-margin" if is_opening else "extent.closing-margin",
            region=region_label(margin.region, regions),
            ecosystem=ecosystem,
            first=matrix.first,
            last=matrix.last,
            table=margin.table / _M2_PER_KM2,
            account=margin.account / _M2_PER_KM2,
        )


# --- values -----------------------------------------------------------------------------------


def unit_values(value: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Divide values (region x ecosystem) by areas (m2); NaN where there is no area.

    Parameters
    ----------
    value : ndarray
        Region x ecosystem.
    area : ndarray
        Region x ecosystem, m2.

    Returns
    -------
    ndarray
        Region x ecosystem, value per m2.
    """
    with np.errstate(all="ignore"):
        return np.asarray(np.where(area > 0, value / area, np.nan))


def _filled_from_each_other(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the unit values of two years; a type without one in a year has that of the other."""
    filled_first = np.where(np.isnan(first), last, first)
    filled_last = np.where(np.isnan(last), first, last)
    return filled_first, filled_last


def transition_values(
    area: np.ndarray, unit_value0: np.ndarray, unit_value1: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the value that each transition gains or loses, and the change of unit values.

    A transition gains area x (mean unit value of its new type - that of its old type), where the
    mean is of both years. The remainder is mean area x change of unit value. If the areas sum to
    those of the account, both together are its change of value. At constant unit values the gain is
    area x (new unit value - old), as papers print it.

    Parameters
    ----------
    area : ndarray
        Region x from x to, m2.
    unit_value0, unit_value1 : ndarray
        Region x ecosystem, money per m2 in the first and the last year; NaN where a type has none.

    Returns
    -------
    gains : ndarray
        Region x from x to, money; 0 where nothing changes, NaN where a unit value is missing.
    remainder : ndarray
        Region x ecosystem, money.
    """
    first, last = _filled_from_each_other(unit_value0, unit_value1)
    mean = (first + last) / 2
    gain = mean[:, None, :] - mean[:, :, None]
    diagonal = np.arange(area.shape[1])
    gain[:, diagonal, diagonal] = 0
    stock = (area.sum(axis=2) + area.sum(axis=1)) / 2
    with np.errstate(invalid="ignore"):  # NaN where there is no unit value
        gains = np.where(area == 0, 0, area * gain)
        remainder = np.where(stock == 0, 0, stock * (last - first))
    return gains, remainder


# --- the table --------------------------------------------------------------------------------


class _TransitionLine(NamedTuple):
    """A line of the table: area in m2, value in money (NaN: na)."""

    region: str
    from_ecosystem: str
    to_ecosystem: str
    area: float
    value: float


class _Stock(NamedTuple):
    """Areas (m2) and values of one point of time or of a change, by place x ecosystem."""

    area: np.ndarray
    value: np.ndarray


@dataclass(frozen=True)
class _TableValues:
    """Everything that the table shows, by place (regions, then parents) and ecosystem type.

    Attributes
    ----------
    types : Index
    area : ndarray
        Place x from x to, m2.
    gains : ndarray
        Place x from x to, money; NaN where it is na.
    opening, closing, net : _Stock
    """

    types: pd.Index
    area: np.ndarray
    gains: np.ndarray
    opening: _Stock
    closing: _Stock
    net: _Stock


def transition_table(
    matrix: TransitionMatrix,
    unit_value0: np.ndarray,
    unit_value1: np.ndarray,
    unit: str,
    parents: Mapping[str, Sequence[int]],
) -> pd.DataFrame:
    """Lay out ``transitions.csv``: transitions and unchanged land, then the margins.

    Opening and closing have the value of their year; all other lines have what was gained or lost.
    A region without rows of transitions has only ``net`` changes, and so has a parent with such a
    region.

    Parameters
    ----------
    matrix : TransitionMatrix
    unit_value0, unit_value1 : ndarray
        Region x ``matrix.ecosystems``, ``unit`` per m2 in the first and the last year; NaN where a
        type has none (see ``TransitionMatrix.aligned``).
    unit : str
        Unit of money.
    parents : mapping of str to sequence of int
        For each parent the positions of its regions in ``matrix.regions``.

    Returns
    -------
    DataFrame
        The columns ``TRANSITION_COLUMNS``: area in km2, value in ``unit`` or ``na``.
    """
    values = _table_values(matrix, unit_value0, unit_value1, parents)
    is_known = list(matrix.known)
    for members in parents.values():
        is_known.append(bool(matrix.known[list(members)].all()))
    lines: list[_TransitionLine] = []
    for place, code in enumerate([*matrix.regions, *parents]):
        if is_known[place]:
            lines += _transition_lines(code, place, values)
        else:
            lines += _net_lines(code, place, values)
    table = pd.DataFrame(lines, columns=_TransitionLine._fields)
    table["area"] /= _M2_PER_KM2
    if table["value"].isna().any():
        table["value"] = table["value"].astype(object).where(table["value"].notna(), "na")
    years = {"from": matrix.first, "to": matrix.last}
    table = table.assign(area_unit="km2", unit=unit, **years)
    return table[TRANSITION_COLUMNS]


def _table_values(
    matrix: TransitionMatrix,
    unit_value0: np.ndarray,
    unit_value1: np.ndarray,
    parents: Mapping[str, Sequence[int]],
) -> _TableValues:
    """Compute areas and values of all lines of the table, for regions and parents."""
    gains, _ = transition_values(matrix.area, unit_value0, unit_value1)
    gains = np.where(matrix.area == 0, np.nan, gains)  # no transition: no value to sum
    first, last = _filled_from_each_other(unit_value0, unit_value1)
    net = matrix.closing - matrix.opening
    return _TableValues(
        types=matrix.ecosystems,
        area=_with_parents(matrix.area, parents),
        gains=_with_parents(gains, parents),
        opening=_stock(matrix.opening, unit_value0, parents),
        closing=_stock(matrix.closing, unit_value1, parents),
        net=_stock(net, (first + last) / 2, parents),
    )


def _stock(
    area: np.ndarray, unit_value: np.ndarray, parents: Mapping[str, Sequence[int]]
) -> _Stock:
    """Return areas and their values for regions and parents; what has no area has the value 0."""
    value = _with_parents(np.where(area == 0, np.nan, area * unit_value), parents)
    area = _with_parents(area, parents)
    return _Stock(area, np.where(np.isnan(value) & (area == 0), 0, value))


def _transition_lines(code: str, place: int, values: _TableValues) -> list[_TransitionLine]:
    """Return the lines of a region or parent whose transitions are known."""
    types = values.types
    area = values.area[place]
    gains = values.gains[place]
    has_stock = (values.opening.area[place] > 0) | (values.closing.area[place] > 0)
    is_used = area.any(axis=0) | area.any(axis=1) | has_stock
    lines: list[_TransitionLine] = []
    for start, end in zip(*np.nonzero((area != 0) | np.diag(is_used)), strict=True):
        value = 0.0 if start == end else gains[start, end]
        lines.append(
            _TransitionLine(
                code,
                types[start],
                types[end],
                area[start, end],
                value,
            )
        )
    changed = area - np.diag(np.diag(area))
    for position in np.flatnonzero(is_used).tolist():
        name = types[position]
        reductions = changed[position]
        additions = changed[:, position]
        lost_value = _sum_known(gains[position][reductions != 0])
        gained_value = _sum_known(gains[:, position][additions != 0])
        lines.append(
            _TransitionLine(
                code,
                name,
                "reductions",
                reductions.sum(),
                lost_value,
            )
        )
        lines.append(
            _TransitionLine(
                code,
                "additions",
                name,
                additions.sum(),
                gained_value,
            )
        )
        lines += _stock_lines(code, place, position, values)
    return lines


def _net_lines(code: str, place: int, values: _TableValues) -> list[_TransitionLine]:
    """Return the lines of a region or parent of which only net changes are known."""
    has_stock = (values.opening.area[place] > 0) | (values.closing.area[place] > 0)
    lines: list[_TransitionLine] = []
    for position in np.flatnonzero(has_stock).tolist():
        area = values.net.area[place][position]
        value = values.net.value[place][position]
        lines += _stock_lines(code, place, position, values)
        lines.append(
            _TransitionLine(
                code,
                "net",
                values.types[position],
                area,
                value,
            )
        )
    return lines


def _stock_lines(
    code: str, place: int, position: int, values: _TableValues
) -> list[_TransitionLine]:
    """Return the lines of opening and closing of one type."""
    name = values.types[position]
    opening = values.opening
    closing = values.closing
    cell = (place, position)
    return [
        _TransitionLine(
            code,
            name,
            "opening",
            opening.area[cell],
            opening.value[cell],
        ),
        _TransitionLine(
            code,
            "closing",
            name,
            closing.area[cell],
            closing.value[cell],
        ),
    ]


def _sum_known(values: np.ndarray) -> float:
    """Return a sum that skips na; of nothing but na it is na."""
    if len(values) and not np.isfinite(values).any():
        return np.nan
    return float(np.nansum(values))


def _with_parents(values: np.ndarray, parents: Mapping[str, Sequence[int]]) -> np.ndarray:
    """Append the sums of parents to the rows of regions; na is skipped as in ``_sum_known``."""
    rows = [values]
    for members in parents.values():
        of_members = values[list(members)]
        is_na = np.isnan(of_members).all(axis=0)
        rows.append(np.where(is_na, np.nan, np.nansum(of_members, axis=0))[None])
    return np.concatenate(rows, axis=0)
