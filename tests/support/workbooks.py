"""Workbooks as people hand them in: the areas of the format example in a sheet, with one thing changed."""

import csv
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from support.museum import edit

Change = Callable[[Worksheet], object]
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def area_rows(folder: Path) -> list[list[object]]:
    """The rows of areas.csv, its numbers as numbers."""
    with (folder / "areas.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    table: list[list[object]] = [list(header)]
    for region, year, name, area, unit in rows:
        table.append([int(region), int(year), name, float(area), unit])
    return table


def with_sheet(change: Change, name: str = "book.xlsx#areas") -> Callable[[Path], None]:
    """Put the areas into the sheet ``areas`` of a workbook and change it; ``name`` is what the project writes."""

    def write(folder: Path) -> None:
        book = Workbook()
        page = book.active
        page.title = "areas"
        for row in area_rows(folder):
            page.append(row)
        change(page)
        book.save(folder / "book.xlsx")
        edit(folder / "project.toml", 'areas = "areas.csv"', f'areas = "{name}"')

    return write


def formatted(cells: str, number_format: str, value: object = None) -> Change:
    """Give cells a number format, and a value if one is given."""

    def change(page: Worksheet) -> None:
        for row in page[cells if ":" in cells else f"{cells}:{cells}"]:
            for cell in row:
                cell.value = cell.value if value is None else value
                cell.number_format = number_format

    return change


def set_cell(cell: str, value: object) -> Change:
    """Write a value into a cell."""

    def change(page: Worksheet) -> None:
        page[cell] = value

    return change


def hide_rows(*rows: int) -> Change:
    def change(page: Worksheet) -> None:
        for row in rows:
            page.row_dimensions[row].hidden = True

    return change


def hide_column(letter: str) -> Change:
    def change(page: Worksheet) -> None:
        page.column_dimensions[letter].hidden = True

    return change


def filtered(page: Worksheet) -> None:
    """A filter that shows the first region only, as Excel saves it."""
    page.auto_filter.ref = "A1:E6"
    page.auto_filter.add_filter_column(0, ["990101"])
    hide_rows(4, 5, 6)(page)


def merged(cells: str) -> Change:
    return lambda page: page.merge_cells(cells)


def old_version_first(page: Worksheet) -> None:
    """A hidden sheet with last year's numbers stands before the one that is seen."""
    book = page.parent
    old = book.copy_worksheet(page)
    old.title = "old"
    for row in old.iter_rows(min_row=2, min_col=4, max_col=4):
        row[0].value = 1
    book.move_sheet(old, -1)
    old.sheet_state = "hidden"
    book.active = 1


def hidden(page: Worksheet) -> None:
    """The sheet itself is hidden behind another."""
    page.parent.create_sheet("read me").append(["see the hidden sheet"])
    page.sheet_state = "hidden"
    page.parent.active = 1


def one_sheet_a_year(page: Worksheet) -> None:
    """A second sheet holds the same columns for another year."""
    other = page.parent.copy_worksheet(page)
    other.title = "2015"
    for row in other.iter_rows(min_row=2, min_col=2, max_col=2):
        row[0].value = 2015


def cover_first(page: Worksheet) -> None:
    """A cover sheet stands before the table."""
    cover = page.parent.create_sheet("说明", 0)
    cover.append(["某县生态系统面积"])
    cover.append(["填报单位", "自然资源局"])


def shared_unit(page: Worksheet) -> None:
    """One cell of the unit is merged over two rows that have the same."""
    page["E4"] = "公顷"
    page["E3"] = "公顷"
    page.merge_cells("E3:E4")


def with_password(folder: Path) -> None:
    """Excel encrypts a workbook with a password into a container of the older form."""
    content = OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(2000)
    (folder / "book.xlsx").write_bytes(content)
    edit(folder / "project.toml", 'areas = "areas.csv"', 'areas = "book.xlsx"')


def renamed_xls(folder: Path) -> None:
    """An old workbook whose ending was changed by hand."""
    (folder / "book.xlsx").write_bytes(OLE + bytes(4000))
    edit(folder / "project.toml", 'areas = "areas.csv"', 'areas = "book.xlsx"')


def named_csv(folder: Path) -> None:
    """A workbook whose ending was changed to .csv by hand."""
    with_sheet(lambda page: None)(folder)
    edit(folder / "project.toml", 'areas = "book.xlsx#areas"', 'areas = "areas.csv"')
    (folder / "areas.csv").unlink()
    (folder / "book.xlsx").rename(folder / "areas.csv")


def replace_parts(file: Path, *pairs: tuple[bytes, bytes]) -> None:
    """Replace bytes in all parts of a workbook."""
    with zipfile.ZipFile(file) as source:
        parts = [(name, source.read(name)) for name in source.namelist()]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts:
            for old, new in pairs:
                content = content.replace(old, new)
            target.writestr(name, content)


def strict(folder: Path) -> None:
    """Excel's form called Strict Open XML has namespaces of its own."""
    replace_parts(
        folder / "book.xlsx",
        (
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        ),
        (
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        ),
    )


def with_entities(folder: Path) -> None:
    """A sheet that declares entities, which grow without limit."""
    with_sheet(lambda page: None)(folder)
    declared = b'<!DOCTYPE worksheet [<!ENTITY a "aaaa">]><worksheet '
    replace_parts(folder / "book.xlsx", (b"<worksheet ", declared))


# What a sheet shows is not what it holds, or is not what is meant: refused or told.
BAD: dict[str, Callable[[Path], object]] = {
    "sheet-percent-of-an-area": with_sheet(formatted("D2", "0%", 0.3)),
    "sheet-in-thousands": with_sheet(formatted("D2:D6", "#,##0,", None)),
    "sheet-in-wan": with_sheet(formatted("D2", '0!.0,"万"', 30000)),
    "sheet-with-another-unit": with_sheet(formatted("D2", '0.0"亩"')),
    "sheet-number-not-shown": with_sheet(formatted("D2", ";;;")),
    "sheet-with-a-minus": with_sheet(formatted("D2", '"-"0')),
    "sheet-in-brackets": with_sheet(formatted("D2", "(#,##0)")),
    "sheet-area-as-date": with_sheet(formatted("D2", "yyyy/m/d")),
    "sheet-year-as-date": with_sheet(formatted("B2", "yyyy-mm-dd")),
    "sheet-year-of-a-day": with_sheet(formatted("B3", "yyyy/m/d", datetime(2020, 12, 31))),
    "sheet-class-as-date": with_sheet(set_cell("C3", datetime(2020, 1, 2))),
    "sheet-error-in-region": with_sheet(set_cell("A3", "#N/A")),
    "sheet-error-in-year": with_sheet(set_cell("B3", "#REF!")),
    "sheet-formula-in-region": with_sheet(set_cell("A3", '="990101"')),
    "sheet-merged-regions": with_sheet(merged("A2:A3")),
    "sheet-merged-units": with_sheet(shared_unit),
    "sheet-hidden-rows": with_sheet(hide_rows(3)),
    "sheet-filtered": with_sheet(filtered),
    "sheet-hidden-column": with_sheet(hide_column("E")),
    "sheet-hidden": with_sheet(hidden),
    "sheet-of-another-year": with_sheet(one_sheet_a_year, "book.xlsx"),
    "sheet-behind-a-cover": with_sheet(cover_first, "book.xlsx"),
    "sheet-far-cell": with_sheet(set_cell("XFD20000", 1)),
    "workbook-with-password": with_password,
    "workbook-old-renamed": renamed_xls,
    "workbook-named-csv": named_csv,
    "workbook-with-entities": with_entities,
}  # fmt: skip
