"""Area tables (面积表): the areas of classes by region and year, as cited rows.

This module reads ``areas.csv`` and checks each row. Whether classes and regions are known, and
what the rows are in ecosystem types, is left to ``gep.extent.table_extent``.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog, ProblemsFound, Where
from gep.inputs.value_rows import (
    AREA_RANGE,
    check_distributions,
    check_duplicates,
    check_not_blank,
    check_possible,
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
    Columns,
    Table,
    check_region_codes,
    check_total_rows,
    read_numbers,
    read_table,
)
from gep.texts.catalogue import Listed, counted, text

AREA_COLUMNS = Columns(
    required=("region", "year", "class", "area", "unit"),
    optional=(
        "price_year",
        "locator",
        "grade",
        "low",
        "high",
        "distribution",
        "group",
        "note",
        "source",
    ),
)
AREA_IDENTITY = ("region", "year", "class")  # the columns by which an area is known
_TEXTS = ("region", "class", "unit", "source", "locator", "distribution", "group")
_LISTED_YEARS = 12
_CODE_LENGTHS = (6, 9, 12)  # of counties, townships and villages
_FEWEST_ALIKE = 3  # regions with codes of one form from which another form is odd
_SHARE_ALIKE = 0.75
_LETTERS_LIKE_DIGITS = str.maketrans("OoIl|", "00111")


@dataclass(frozen=True, repr=False)
class Areas(ShownAsTable):
    """Area rows of one or more years.

    Attributes
    ----------
    rows : DataFrame
        ``region``, ``class``, ``year`` (0 where it cannot be read), ``value`` (as printed, in
        ``unit``), ``area`` (m2; NaN where it is negative or cannot be read), ``grade`` (a code of
        ``GRADE``), ``source``, ``locator``, ``low``, ``high``, ``distribution``, ``group``,
        ``file``, ``row``.
    files : tuple of Path
        The files that were read.
    """

    rows: pd.DataFrame
    files: tuple[Path, ...]

    def _shown_size(self) -> str:
        """Return how much it holds."""
        years = sorted({int(year) for year in self.rows["year"]})
        return f"{counted(len(self.rows), 'row')}, years {years}"


_AREA_ROWS = ("region", "class", "year", "unit", "value", "area", "grade", "file", "row")
NO_AREAS = Areas(pd.DataFrame(columns=list(_AREA_ROWS)), ())


@checked_arguments
def read_areas(path: TableArgument, year: int | None = None) -> Areas:
    """Read an area table.

    Parameters
    ----------
    path : str, Path, DataFrame or xarray object
        A CSV file, or ``book.xlsx#sheet``; or a table in its columns, or with named axes
        (docs/zh/how-to/python.md).
    year : int, optional
        Keep the rows of this year only.

    Returns
    -------
    Areas

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the table (see ``load_areas``).

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> areas = pd.DataFrame({"region": [361130], "year": 2020, "class": "paddy", "area": 5.5})
    >>> gep.read_areas(areas.assign(unit="km2", source="survey"))
    <Areas: 1 row, years [2020]>
    """
    problems = ProblemLog()
    areas = load_areas(table_source(path, "areas"), problems)
    if areas is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    if year is None:
        return areas
    of_year = (areas.rows["year"] == year).to_numpy()
    return Areas(areas.rows[of_year].reset_index(drop=True), areas.files)


def load_areas(
    path: TableSource, problems: ProblemLog, codes: Collection[str] = ()
) -> Areas | None:
    """Load an area table and convert its areas to m2.

    Parameters
    ----------
    path : Path or GivenTable
    problems : ProblemLog
        Collects what is wrong with the table (see ``gep.io.tables``) and ``blank``, ``bad-year``,
        ``unknown-grade``, ``negative``, ``unknown-unit``, ``wrong-dimension``, ``broken-code``,
        ``total-row``, ``duplicate-row`` and the codes of ``gep.inputs.value_rows``.
    codes : collection of str, optional
        The regions that are asked for, see ``gep.io.tables.read_table``; by default all.

    Returns
    -------
    Areas or None
        None if the table could not be read at all.
    """
    table = read_table(path, AREA_COLUMNS, problems, codes=codes)
    return None if table is None else areas_of_table(table, path, problems)


def areas_of_table(table: Table, path: TableSource, problems: ProblemLog) -> Areas:
    """Read the areas in a table that has the columns of ``areas.csv``.

    Parameters
    ----------
    table : Table
    path : Path or GivenTable
        What it was read from.
    problems : ProblemLog
        See ``load_areas``.

    Returns
    -------
    Areas
    """
    value, _ = read_numbers(table, "area", problems)
    rows = table.texts(_TEXTS)
    rows["value"] = value
    rows["year"] = read_years(table, problems)
    rows["grade"] = read_grades(table, problems)
    for name in ("low", "high"):
        rows[name], _ = read_numbers(table, name, problems, blank=True)
    check_distributions(rows, table, problems)
    check_region_codes(table, "region", problems)
    check_possible(rows, table.place, AREA_RANGE, text("extent.area"), problems)
    for name in ("region", "class"):
        check_not_blank(table, name, problems)
        check_total_rows(table, name, problems)
    check_areas_positive(table, value, problems)
    check_units(table, "m2", problems)
    is_repeated = check_duplicates(rows, list(AREA_IDENTITY), problems)
    if is_repeated.any():
        rows = rows[~is_repeated].reset_index(drop=True)
    area = rows["value"].where(rows["value"] >= 0)
    rows["area"] = area * unit_factors(rows["unit"], "m2")
    return Areas(rows, files_read(path))


def check_areas_positive(table: Table, area: np.ndarray, problems: ProblemLog) -> None:
    """Check that the areas of a table are 0 or more.

    Parameters
    ----------
    table : Table
        A table with the column ``area``.
    area : ndarray
        Its numbers; NaN where there is none.
    problems : ProblemLog
        Collects ``negative``.
    """
    negative = np.flatnonzero(area < 0)
    if len(negative):
        problems.add(
            "negative",
            in_column(table.place(negative), "area"),
            "extent.negative-area",
            area=float(area[negative[0]]),
        )


def check_alike_codes(rows: pd.DataFrame, problems: ProblemLog) -> None:
    """Check that the region codes of a table are alike.

    Where most have six, nine or twelve digits, one of a digit more or less, or with a letter that
    looks like a digit, is a slip: its rows would be a region of their own.

    Parameters
    ----------
    rows : DataFrame
        Rows of the table of regions, else of areas: ``region``, ``file`` and ``row``.
    problems : ProblemLog
        Collects the warning ``odd-code``.
    """
    codes = [str(code) for code in rows["region"].unique()]
    lengths = Counter(len(code) for code in codes if code.isascii() and code.isdigit())
    for length in _CODE_LENGTHS:
        if lengths[length] < _FEWEST_ALIKE or lengths[length] < _SHARE_ALIKE * len(codes):
            continue
        for code in codes:
            digits = code.translate(_LETTERS_LIKE_DIGITS)
            is_slip = digits != code and len(code) == length
            is_slip |= digits == code and len(code) in (length - 1, length + 1)
            if not (is_slip and digits.isascii() and digits.isdigit()):
                continue
            if len(code) == _CODE_LENGTHS[0] - 1:  # may have lost its zero, which is told
                continue
            of_code = rows[(rows["region"] == code).to_numpy()]
            problems.add(
                "odd-code",
                in_column(row_place(str(of_code["file"].iloc[0]), of_code["row"]), "region"),
                "extent.odd-code",
                region=code,
                length=length,
                count=lengths[length],
            )


def report_no_areas(areas: Areas, year: int, where: Where, problems: ProblemLog) -> None:
    """Report that a year has no area rows.

    Parameters
    ----------
    areas : Areas
    year : int
        The year without rows.
    where : str or Place
        The table.
    problems : ProblemLog
        Collects ``missing-year``.
    """
    years = tuple(sorted(set(areas.rows["year"]) - {0}))  # 0: a year that cannot be read
    message = "extent.no-areas-of-year" if years else "extent.no-areas"
    listed = Listed(years, _LISTED_YEARS)
    problems.add(
        "missing-year",
        where,
        message,
        year=year,
        years=listed,
    )
