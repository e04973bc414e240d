"""Odd but valid inputs: they run without a problem and without a warning, and give the format example's figures.

A case changes how the example is written, not what it says; where it changes what it says, its figures are worked out
by hand beside it.
"""

import csv
import json
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from support import workbooks
from support.museum import BASE, contents, edit, project
from support.schemes import GRADES as SCORE_GRADES
from support.schemes import one, write_scheme
from support.tables import by_key, compute, read, same

import gep
from gep.cli.app import main
from gep.inputs.value_rows import GRADES
from gep.texts.catalogue import Language
from gep.workflows.verify import verify_result

TABLES = (
    "areas.csv",
    "data.csv",
    "crosswalk.csv",
    "regions.csv",
    "classes.csv",
    "base/numbers.csv",
    "local/treatment.csv",
)
TOMLS = (
    "project.toml",
    "standard.toml",
    "base/set.toml",
    "base/sources.toml",
    "local/set.toml",
    "local/sources.toml",
)
Edit = Callable[[Path], object]
Rows = list[list[str]]


def rows(file: Path) -> Rows:
    return list(csv.reader(StringIO(file.read_text(encoding="utf-8"))))


def write(file: Path, table: Rows, quoting: int = csv.QUOTE_MINIMAL) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n", quoting=quoting).writerows(table)


def boundaries(codes: Sequence[object], **properties: str) -> Edit:
    """Add outlines of villages, one beside the other."""
    features = []
    for number, code in enumerate(codes):
        west = 115 + number / 10
        ring = [[west, 28], [west + 0.1, 28], [west + 0.1, 28.1], [west, 28.1], [west, 28]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        shown = {"code": code, **properties}
        features.append({"type": "Feature", "properties": shown, "geometry": geometry})
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    return both(add("shapes.geojson", text), add("project.toml", 'boundaries = "shapes.geojson"\n'))


def bytes_of(names: tuple[str, ...], change: Callable[[bytes], bytes]) -> Edit:
    """Change the bytes of files."""
    return lambda folder: [
        (folder / name).write_bytes(change((folder / name).read_bytes())) for name in names
    ]


def table(name: str, change: Callable[[Rows], Rows]) -> Edit:
    """Change the rows of a table, its header among them."""
    return lambda folder: write(folder / name, change(rows(folder / name)))


def tables(change: Callable[[Rows], Rows]) -> Edit:
    return lambda folder: [table(name, change)(folder) for name in TABLES]


def swap(name: str, *pairs: tuple[str, str]) -> Edit:
    """Replace texts that stand once."""
    return lambda folder: [edit(folder / name, old, new) for old, new in pairs]


def swap_all(name: str, *pairs: tuple[str, str]) -> Edit:
    """Replace texts wherever they are in a file."""

    def replace(folder: Path) -> None:
        content = (folder / name).read_text(encoding="utf-8")
        for old, new in pairs:
            assert old in content, f"{name} has no {old!r}"
            content = content.replace(old, new)
        (folder / name).write_text(content, encoding="utf-8")

    return replace


def both(*edits: Edit) -> Edit:
    return lambda folder: [one(folder) for one in edits]


def add(name: str, text: str) -> Edit:
    """Add lines to a file, or a file."""

    def append(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        with (folder / name).open("a", encoding="utf-8") as stream:
            stream.write(text)

    return append


def moved(old: str, new: str) -> Edit:
    """Put an input of the project under another name."""

    def move(folder: Path) -> None:
        (folder / new).parent.mkdir(parents=True, exist_ok=True)
        (folder / old).rename(folder / new)
        edit(folder / "project.toml", f'"{old}"', f'"{new}"')

    return move


def column(name: str, filled: Callable[[Rows, int], str]) -> Callable[[Rows], Rows]:
    """Add a column."""
    return lambda table: [
        [*row, name if not number else filled(table, number)] for number, row in enumerate(table)
    ]


def columns_backwards(table: Rows) -> Rows:
    return [row[::-1] for row in table]


def rows_backwards(table: Rows) -> Rows:
    return [table[0], *table[:0:-1]]


def padded(left: str, right: str) -> Callable[[Rows], Rows]:
    return lambda table: [[f"{left}{cell}{right}" for cell in row] for row in table]


def recoded(codes: dict[str, str]) -> Edit:
    """Give the regions other codes, everywhere."""

    def change(folder: Path) -> None:
        for name in ("areas.csv", "data.csv", "regions.csv", "base/set.toml", "local/set.toml"):
            text = (folder / name).read_text(encoding="utf-8")
            (folder / name).write_text(
                re.sub("99010[012]", lambda found: codes[found.group()], text), encoding="utf-8"
            )

    return change


def codes(city: str, first: str, second: str) -> dict[str, str]:
    return {"990100": city, "990101": first, "990102": second}


NINE = codes("990100000", "990100101", "990100102")
TWELVE = codes("990100000000", "990100101000", "990100102000")
ZERO = codes("010100", "010101", "010102")
WORDS = codes("示例县", "甲村", "Village B (乙)")
OWN = codes(
    "合计", "12E34", "360321GTY"
)  # a parent may be called total, and 12E34 is no number of Excel
DISTRICT = codes("990100", "990101", "990121")  # a city of one district code and a county


def workbook(cell: Callable[[str], object], names: dict[str, str], trailing: int = 0) -> Edit:
    """Put inputs into the sheets of one workbook."""

    def change(folder: Path) -> None:
        book = Workbook()
        book.remove(book.active)
        for sheet, name in names.items():
            page = book.create_sheet(sheet)
            for row in rows(folder / name):
                page.append([cell(one) for one in row])
            for _ in range(trailing):
                page.append([" ", None, ""])
            written = (
                f'"./{name}"'
                if f'"./{name}"' in (folder / "project.toml").read_text(encoding="utf-8")
                else f'"{name}"'
            )
            edit(folder / "project.toml", written, f'"book.xlsx#{sheet}"')
            (folder / name).unlink()
        book.save(folder / "book.xlsx")

    return change


def workbook_beside(table: Path) -> None:
    """The workbook that a CSV was saved from."""
    book = Workbook()
    for row in rows(table):
        book.active.append([as_number(cell) for cell in row])
    book.save(table.with_suffix(".xlsx"))


SAVED = Path(__file__).parent / "libreoffice"
SHEETS = {
    "areas": "areas.csv",
    "data": "data.csv",
    "crosswalk": "crosswalk.csv",
    "regions": "regions.csv",
}


def as_number(cell: str) -> object:
    """What Excel makes of what is typed."""
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell


def saved_by_libreoffice(name: str) -> Edit:
    """The inputs in a workbook that LibreOffice 7.4 opened and saved (``libreoffice/*.xlsx``)."""

    def change(folder: Path) -> None:
        workbook(as_number, SHEETS)(folder)
        shutil.copyfile(SAVED / f"{name}.xlsx", folder / "book.xlsx")

    return change


def small_dimension(folder: Path) -> None:
    """A workbook of a program that writes the extent of a sheet too small."""
    workbook(as_number, SHEETS)(folder)
    old, new = folder / "book.xlsx", folder / "new.xlsx"
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w") as target:
        for name in source.namelist():
            target.writestr(
                name, re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', source.read(name))
            )
    os.replace(new, old)


def in_book(change: Callable[[Workbook], object]) -> Edit:
    """Change the workbook that holds the inputs."""

    def write(folder: Path) -> None:
        book = load_workbook(folder / "book.xlsx")
        change(book)
        book.save(folder / "book.xlsx")

    return write


def reformatted(*formats: tuple[Any, ...]) -> Edit:
    """Give columns of sheets a number format, and a value if there is one: sheet, column, format, value."""

    def change(book: Workbook) -> None:
        for sheet, letter, number_format, *value in formats:
            for cell in book[sheet][letter][1:]:
                if cell.value is not None:
                    cell.value = value[0] if value else cell.value
                    cell.number_format = number_format

    return in_book(change)


CODES_WITH_ZEROS = (
    ("areas", "A", "000000"), ("data", "A", "000000"), ("regions", "A", "000000"), ("regions", "D", "000000"),
)  # fmt: skip


def shares_as_percentages(folder: Path) -> None:
    """The shares of the crosswalk, formatted as percentages."""
    workbook(as_number, SHEETS)(folder)
    reformatted(("crosswalk", "D", "0%"))(folder)


def hidden_sheet_first(book: Workbook) -> None:
    old = book.copy_worksheet(book["areas"])
    old["D2"] = 1
    book.move_sheet(old, -1)
    old.sheet_state = "hidden"
    book.active = 1


def hidden_blanks_and_notes(book: Workbook) -> None:
    book["areas"].row_dimensions[9].hidden = True
    book["areas"].column_dimensions["H"].hidden = True
    book["data"].column_dimensions["I"].hidden = True  # source
    book.create_sheet("lists").sheet_state = "veryHidden"


def chart_first(book: Workbook) -> None:
    book.create_chartsheet("chart", 0)


def linked(name: str) -> Edit:
    """The file lies elsewhere in the project, a link stands in its place."""

    def link(folder: Path) -> None:
        home = folder / "store"
        home.mkdir(exist_ok=True)
        (folder / name).rename(home / Path(name).name)
        (folder / name).symlink_to(home / Path(name).name)

    return link


def without_crosswalk(folder: Path) -> None:
    """The areas that the crosswalk gives, typed by hand: 300 hm2 x 0.8, 1500 mu = 100 hm2 x 0.8, ..."""
    text = """region,year,class,area,unit
990101,2020,forest,240,hm2
990101,2020,shrub,60,hm2
990101,2020,cropland,100,hm2
990102,2020,forest,80,hm2
990102,2020,shrub,20,hm2
990102,2020,water,20,hm2
"""
    (folder / "areas.csv").write_text(text, encoding="utf-8")
    edit(folder / "project.toml", 'crosswalk = "./crosswalk.csv"\n', "")


def in_two_files(folder: Path) -> None:
    table = rows(folder / "data.csv")
    write(folder / "data.csv", table[:8])
    write(folder / "more.csv", [table[0], *table[8:]])
    edit(folder / "project.toml", '["data.csv"]', '["data.csv", "more.csv"]')


SAME: dict[str, Edit] = {
    # how a file is written
    "byte order mark": bytes_of((*TABLES, *TOMLS), lambda data: b"\xef\xbb\xbf" + data),
    "CRLF": bytes_of((*TABLES, *TOMLS), lambda data: data.replace(b"\n", b"\r\n")),
    "CR": bytes_of(TABLES, lambda data: data.replace(b"\n", b"\r")),
    "no line end at the end": bytes_of((*TABLES, *TOMLS), bytes.rstrip),
    "blank lines at the end": bytes_of(TABLES, lambda data: data + b"\n\n  \n"),
    "blank lines between": bytes_of(TABLES, lambda data: data.replace(b"\n", b"\n\n")),
    "rows of commas at the end": tables(
        lambda table: [*table, [""] * len(table[0]), [""] * len(table[0])]
    ),
    "all cells quoted": lambda folder: [
        write(folder / name, rows(folder / name), csv.QUOTE_ALL) for name in TABLES
    ],
    "columns backwards": tables(columns_backwards),
    "rows backwards": tables(rows_backwards),
    "blanks around cells": tables(padded("  ", " ")),
    "wide and no-break blanks around cells": tables(padded("\u3000", "\u00a0")),
    "columns without name or cells": bytes_of(TABLES, lambda data: data.replace(b"\n", b",,\n")),
    "comments in TOML": bytes_of(TOMLS, lambda data: "# 注释 \u200b\n".encode() + data),
    "comma, quote and line end in a cell": swap(
        "base/numbers.csv",
        (
            "rice,,2.8,CNY kg-1,,,,,2020,made_up,t3,placeholder,,",
            'rice,,2.8,CNY kg-1,,,,,2020,made_up,t3,placeholder,,"a, ""b""\nc"',
        ),
    ),
    "a note that begins with a minus": swap(
        "crosswalk.csv", ("not accounted for", "-5 % against 2019")
    ),
    "empty optional columns": both(
        table(
            "areas.csv",
            lambda table: [
                [*row, *(("grade", "low", "high", "source", "note") if not number else [""] * 5)]
                for number, row in enumerate(table)
            ],
        ),
        table(
            "data.csv",
            lambda table: [
                [
                    *row,
                    *(
                        (
                            "price_year",
                            "locator",
                            "grade",
                            "low",
                            "high",
                            "distribution",
                            "group",
                            "note",
                        )
                        if not number
                        else [""] * 8
                    ),
                ]
                for number, row in enumerate(table)
            ],
        ),
    ),
    "only the columns that are due": table(
        "local/treatment.csv",
        lambda table: [[row[at] for at in (0, 2, 5, 6, 11, 12, 13, 14)] for row in table],
    ),
    # numbers
    "scientific notation": both(
        swap("areas.csv", ("300,hm2", "3.0e2,hm2"), ("1500,", "1.5E+3,")),
        swap("base/numbers.csv", ("12000,CNY", "1.2E4,CNY")),
    ),
    "plus sign": both(
        swap("areas.csv", ("300,hm2", "+300,hm2")), swap("data.csv", ("1600,mm", "+1600,mm"))
    ),
    "points at the edge": both(swap("areas.csv", ("0.2,km2", ".2,km2"), ("300,hm2", "300.,hm2"))),
    "zeros in front": swap("areas.csv", ("300,hm2", "0300.00,hm2")),
    "all digits of a float": swap(
        "areas.csv", ("0.2,km2", "0.200000000000000011102230246251565,km2")
    ),
    "minus zero": swap("data.csv", ("visits,,,,0,", "visits,,,,-0,")),
    "zero with a small exponent": swap("data.csv", ("visits,,,,0,", "visits,,,,0.0e-400,")),
    "low, high and distribution": swap(
        "base/numbers.csv", ("2,CNY m-3,,,,,2020", "2,CNY m-3,1.5,2.5,triangular,prices,2020")
    ),
    "low and high equal to the value": swap(
        "base/numbers.csv", ("2,CNY m-3,,,,,2020", "2,CNY m-3,2,2,,,2020")
    ),
    "a normal number whose draws are below 0 once in 30,000": swap(
        "base/numbers.csv", ("2,CNY m-3,,,,,2020", "2,CNY m-3,1,3,normal,,2020")
    ),
    "a normal number that is declared to be truncated": swap(
        "base/numbers.csv", ("2,CNY m-3,,,,,2020", "2,CNY m-3,0.1,3.9,truncated_normal,,2020")
    ),
    "a lognormal number of a wide range": swap(
        "base/numbers.csv", ("2,CNY m-3,,,,,2020", "2,CNY m-3,0.2,20,lognormal,,2020")
    ),
    "an area that may be nothing": table(
        "areas.csv",
        lambda table: [
            [*table[0], "low", "high"],
            *([*row, "0", "0.4"] if row[2] == "pond" else [*row, "", ""] for row in table[1:]),
        ],
    ),
    "a limit that is the limit of what is plausible": table(
        "data.csv",
        lambda table: [
            [*table[0], "low", "high"],
            *([*row, "0", "5000"] if row[6] == "1600" else [*row, "", ""] for row in table[1:]),
        ],
    ),
    "a source that is a year": bytes_of(
        ("data.csv",), lambda data: data.replace(b"made up", b"2020")
    ),
    "a source that nobody knows": bytes_of(
        ("data.csv",), lambda data: data.replace(b"made up", "不详".encode())
    ),
    "a source of a class without its place": swap(
        "classes.csv", ("Shrub,,made_up,t1", "Shrub,,made_up,")
    ),
    "a grade for every row": table(
        "data.csv", column("grade", lambda table, number: GRADES[number % len(GRADES)])
    ),
    # units
    "Chinese units of area": swap(
        "areas.csv",
        ("300,hm2", "4500,亩"),
        ("1500,亩", "1,平方千米"),
        ("0.2,km2", "200000,平方米"),
        ("1,hm2", "1,公顷"),
    ),
    "Chinese units of mass and money": both(
        swap("data.csv", ("0.07,万t", "0.07,万吨"), ("30,t,", "30000,公斤,")),
        swap(
            "base/numbers.csv",
            ("2.8,CNY kg-1", "2.8,元/千克"),
            ("80,CNY visit-1", "80,元/人次"),
            ("2,CNY m-3", "2,元/m³"),
            ("300,CNY ha-1", "20,元/亩"),
        ),
    ),
    "signs of other keyboards": swap(
        "base/numbers.csv",
        ("2.8,CNY kg-1", "2.8,元／kg"),
        ("500,CNY ha-1", "500,元·hm⁻²"),
        ("12000,CNY t-1", "12000,CNY t−1"),
    ),
    "powers of ten": both(
        swap("data.csv", ("20,t,", "0.2,10^2 t,")),
        swap("base/numbers.csv", ("12000,CNY t-1", "1.2,万元/t")),
    ),
    "per year": swap(
        "base/numbers.csv", ("forest,SO2,,,100,kg ha-1", "forest,SO2,,,100,kg ha-1 a-1")
    ),
    "fraction for percent, percent for fraction": swap(
        "base/numbers.csv",
        ("forest,,,,5,%", "forest,,,,0.05,1"),
        ("shrub,,,,0.10,1", "shrub,,,,10,%"),
    ),
    "permille, and a dash for no unit": swap(
        "base/numbers.csv",
        ("forest,,,,5,%", "forest,,,,50,‰"),
        ("shrub,,,,0.10,1", "shrub,,,,0.10,-"),
    ),
    # coverage
    "classes of the crosswalk that no area has": add(
        "crosswalk.csv", "bare,15,na,,made_up,t2,placeholder,\n"
    ),
    "coefficients that nobody asks for": add(
        "base/numbers.csv",
        "tax,,,,,3,%,,,,,,made_up,t9,placeholder,,\n"
        "unit_value,forest,,,beauty,1,CNY ha-1,,,,,2020,made_up,t9,placeholder,,\n",
    ),
    "sources that nobody names": add("base/sources.toml", '\n[yearbook]\ntitle = "Yearbook"\n'),
    "classes that no area has": add(
        "classes.csv", "bare,5,裸地,Bare land,,made_up,t1\nrock,51,裸岩,Rock,bare,made_up,t1\n"
    ),
    "a class of area zero": both(
        add("areas.csv", "990101,2020,pond,0,km2\n"),
        add("data.csv", "990101,2020,evapotranspiration,water,,,1000,mm,made up\n"),
    ),
    "a class that is not accounted for": add("areas.csv", "990101,2020,road,3,hm2\n"),
    "no crosswalk": without_crosswalk,
    "areas and data of other years": both(
        add("areas.csv", "990101,2019,woodland,290,hm2\n"),
        add("data.csv", "990101,2019,visits,,,,4000,人次,made up\n"),
    ),
    "a longer series of areas, with a class that vanished": add(
        "areas.csv",
        "990101,2019,woodland,295,hm2\n990101,2019,paddy,103,公顷\n990101,2019,pond,2,公顷\n"
        "990102,2019,woodland,1490,亩\n990102,2019,pond,0.2,km2\n990102,2019,road,1,hm2\n",
    ),
    "a longer series of data, with a product that vanished": add(
        "data.csv",
        "990101,2019,output,,,rice,0.06,万t,made up\n990101,2019,output,,,wheat,9,t,made up\n"
        "990101,2019,emission,,SO2,,21,t,made up\n990101,2019,emission,,dust,,3100,t,made up\n",
    ),
    "none of a substance that nobody asks for": add(
        "data.csv",
        "990101,2020,emission,,NOx,,0,t,made up\n990102,2020,emission,,NOx,,na,t,made up\n",
    ),
    "a workbook beside its CSV": lambda folder: workbook_beside(folder / "base/numbers.csv"),
    "a row of a region elsewhere in a set of one's own": both(
        add(
            "local/visits.csv",
            "coefficient,region,value,unit,price_year,source,locator,grade\n"
            "spending_per_visit,880101,60,CNY visit-1,2020,made_up,t9,placeholder\n",
        ),
    ),
    # spellings
    "Chinese names": both(
        swap_all("data.csv", ("precipitation", "年降水量"), ("SO2", "二氧化硫"), ("dust", "粉尘")),
        swap_all("data.csv", ("990101", "甲村"), (",forest,", ",森林,"), (",water,", ",水域,")),
        swap_all("areas.csv", ("990102", "乙村")),
        swap_all("crosswalk.csv", (",shrub,", ",灌丛,")),
        swap_all("base/numbers.csv", (",cropland,", ",农田,"), (",SO2,", ",二氧化硫,")),
        swap("regions.csv", ("甲村,Village A,990100", "甲村,Village A,示例县")),
    ),
    "English names": both(
        swap_all("data.csv", ("precipitation", "Annual precipitation"), ("990102", "Village B")),
        swap_all("data.csv", ("SO2", "sulfur dioxide")),
    ),
    "full width": both(
        swap_all("data.csv", ("SO2", "ＳＯ２"), ("precipitation", "ｐｒｅｃｉｐｉｔａｔｉｏｎ")),
        swap_all("areas.csv", ("990101", "９９０１０１"), ("paddy", "ｐaddy")),
    ),
    "other common spellings": both(
        swap_all("data.csv", ("SO2", "SO₂"), ("dust", "Dust"), (",rice,", ",Rice,")),
        swap_all("data.csv", ("precipitation", "Precipitation"), (",forest,", ",Forest,")),
        swap_all("areas.csv", ("woodland", "Wood-land")),
    ),
    "data in two files": in_two_files,
    "a set named twice": swap(
        "project.toml", ('"./base"]', '"./base", "base/", "./local/../base"]')
    ),
    "a set that only the standard names": swap(
        "project.toml", ('["./local", "./base"]', '["./local"]')
    ),
    "a set of two tables": both(
        table("base/numbers.csv", lambda table: table[:20]),
        lambda folder: write(
            folder / "base" / "more numbers.csv",
            [rows(BASE / "base/numbers.csv")[0], *rows(BASE / "base/numbers.csv")[20:]],
        ),
    ),
    "a switch left to its default": swap("project.toml", ('[switches]\noxygen = "with"\n', "")),
    "a title that looks like markup": swap(
        "project.toml", ("格式示例：两村", "[gb 38582] [bold]两村[/bold] :cn: \\\\")
    ),
    "a title of two lines": swap(
        "project.toml", ('zh = "格式示例：两村"', 'zh = """\n格式示例：\n\t两村"""')
    ),
    "a title in one language": swap(
        "project.toml",
        (
            'title = { zh = "格式示例：两村", en = "Format example: two villages" }',
            'title = "两村"',
        ),
    ),
    "titles in Chinese only": both(
        swap("project.toml", (', en = "Format example: two villages"', "")),
        swap(
            "base/sources.toml",
            ('"Made up to show the formats"', '{ zh = "编造的数，用来说明格式" }'),
        ),
    ),
    "English": swap("project.toml", ('language = "zh"', 'language = "en"')),
    # regions
    "places": swap("regions.csv", ("4,km2,1000,,", "4,km2,1000,115.9,28.7")),
    "attributes": table(
        "regions.csv",
        column("attribute:climate", lambda table, number: "humid" if number > 1 else ""),
    ),
    "land area in other units": swap("regions.csv", ("4,km2,1000", "6000,亩,1000")),
    "land area as data": both(
        swap("regions.csv", ("4,km2,1000", ",,1000")),
        add("data.csv", "990101,2020,land_area,,,,4,km2,made up\n"),
    ),
    "population in ten thousands": both(
        swap("regions.csv", ("4,km2,1000", "4,km2,0.1")),
        table(
            "regions.csv",
            column("population_unit", lambda table, number: "万人" if number == 2 else ""),
        ),
    ),
    "GDP": add(
        "data.csv", "990101,2020,gdp,,,,2000,万元,made up\n990102,2020,gdp,,,,0.1,亿元,made up\n"
    ),
    # ranges
    "numbers at the ends of their ranges": swap(
        "standard.toml",
        ('en = "Output" }\nunit = "t"', 'en = "Output" }\nunit = "t"\nper_km2 = [20, 175]'),
        ('en = "Visits" }\n', 'en = "Visits" }\nper_person = [5, 10]\n'),
        (
            'en = "Evapotranspiration" }\nunit = "mm"',
            'en = "Evapotranspiration" }\nunit = "m"\nmin = 0.7\nmax = 1',
        ),
        (
            "[switch.oxygen]",
            '[coefficient.runoff_share]\nname = "runoff share"\nunit = "%"\nmin = 5\nmax = 10\n'
            'range_source = "made_up"\n\n[switch.oxygen]',
        ),
    ),
    "as much as it may be": swap(
        "standard.toml",
        (
            'en = "Evapotranspiration" }\n',
            'en = "Evapotranspiration" }\nat_most = [{ data = "precipitation", times = 0.666667 }]\n',
        ),
        (
            'en = "Emission" }\n',
            'en = "Emission" }\nat_most = [{ data = "output", times = 5 }]\n',
        ),
    ),
    "codes of nine digits": recoded(NINE),
    "codes of twelve digits": recoded(TWELVE),
    "codes that begin with zero": recoded(ZERO),
    "codes that are words": recoded(WORDS),
    "codes of one's own": recoded(OWN),
    "the districts of a city beside a county": both(
        recoded(DISTRICT), swap("regions.csv", ("甲村", "市辖区"))
    ),
    "codes of classes that are counted through": swap(
        "crosswalk.csv",
        ("woodland,11,forest", "woodland,1,forest"),
        ("woodland,11,shrub", "woodland,1,shrub"),
        ("paddy,12", "paddy,10"),
        ("pond,13", "pond,11"),
    ),
    "a class whose name ends that of another": both(
        swap_all("crosswalk.csv", ("woodland", "林地"), ("paddy", "其他林地")),
        swap_all("areas.csv", ("woodland", "林地"), ("paddy", "其他林地")),
    ),
    "a speck of no data": both(
        swap("crosswalk.csv", ("road", "无数据")), swap("areas.csv", ("road", "无数据"))
    ),
    "a year in quotation marks": swap("project.toml", ("years = [2020]", 'years = ["2020"]')),
    "a year as a number with a point": swap("project.toml", ("years = [2020]", "years = [2020.0]")),
    # prices
    "constant prices of the same year": swap(
        "project.toml", ("years = [2020]", "years = [2020]\nprice_year = 2020")
    ),
    "a price without a year at current prices": swap(
        "base/numbers.csv", ("80,CNY visit-1,,,,,2020", "80,CNY visit-1,,,,,nominal")
    ),
    "an index that moves a price": both(
        swap("base/numbers.csv", ("2,CNY m-3,,,,,2020", "1.6,CNY m-3,,,,,2018")),
        swap(
            "standard.toml",
            ('{ coef = "reservoir_cost" }', '{ coef = "reservoir_cost", index = "works" }'),
        ),
        add(
            "base/index.csv",
            "coefficient,index,value,unit,price_year,source,locator,grade\nprice_index,works,100,1,2018,made_up,t5,placeholder\nprice_index,works,125,1,2020,made_up,t5,placeholder\n",
        ),
    ),
    "an index on the year before": both(
        swap("base/numbers.csv", ("2,CNY m-3,,,,,2020", "1.6,CNY m-3,,,,,2018")),
        swap(
            "standard.toml",
            ('{ coef = "reservoir_cost" }', '{ coef = "reservoir_cost", index = "works" }'),
        ),
        add(
            "base/index.csv",
            "coefficient,index,value,unit,price_year,base,source,locator,grade\n"
            "price_index,works,97,1,2018,上年=100,made_up,t5,placeholder\n"
            "price_index,works,125,1,2019,上年=100,made_up,t5,placeholder\n"
            "price_index,works,100,1,2020,上年=100,made_up,t5,placeholder\n",
        ),
    ),
    "an index on a fixed base that falls and rises": both(
        swap("base/numbers.csv", ("2,CNY m-3,,,,,2020", "1.6,CNY m-3,,,,,2018")),
        swap(
            "standard.toml",
            ('{ coef = "reservoir_cost" }', '{ coef = "reservoir_cost", index = "works" }'),
        ),
        add(
            "base/index.csv",
            "coefficient,index,value,unit,price_year,base,source,locator,grade\n"
            "price_index,works,88,1,2018,2015=100,made_up,t5,placeholder\n"
            "price_index,works,84,1,2019,2015=100,made_up,t5,placeholder\n"
            "price_index,works,110,1,2020,2015=100,made_up,t5,placeholder\n",
        ),
    ),
    "an index of long ago that is not said": both(
        swap("base/numbers.csv", ("2,CNY m-3,,,,,2020", "1.6,CNY m-3,,,,,2018")),
        swap(
            "standard.toml",
            ('{ coef = "reservoir_cost" }', '{ coef = "reservoir_cost", index = "works" }'),
        ),
        add(
            "base/index.csv",
            "coefficient,index,value,unit,price_year,source,locator,grade\n"
            "price_index,works,520,1,2018,made_up,t5,placeholder\n"
            "price_index,works,510,1,2019,made_up,t5,placeholder\n"
            "price_index,works,650,1,2020,made_up,t5,placeholder\n",
        ),
    ),
    "an index whose base was 1": both(
        swap("base/numbers.csv", ("2,CNY m-3,,,,,2020", "1.6,CNY m-3,,,,,2018")),
        swap(
            "standard.toml",
            ('{ coef = "reservoir_cost" }', '{ coef = "reservoir_cost", index = "works" }'),
        ),
        add(
            "base/index.csv",
            "coefficient,index,value,unit,price_year,base,source,locator,grade\n"
            "price_index,works,4,1,2018,1978=1,made_up,t5,placeholder\n"
            "price_index,works,3.6,1,2019,1978=1,made_up,t5,placeholder\n"
            "price_index,works,5,1,2020,1978=1,made_up,t5,placeholder\n",
        ),
    ),
    "an index near its base of a few years ago": both(
        swap("base/numbers.csv", ("2,CNY m-3,,,,,2020", "1.6,CNY m-3,,,,,2018")),
        swap(
            "standard.toml",
            ('{ coef = "reservoir_cost" }', '{ coef = "reservoir_cost", index = "works" }'),
        ),
        add(
            "base/index.csv",
            "coefficient,index,value,unit,price_year,base,source,locator,grade\n"
            "price_index,works,96,1,2018,2015=100,made_up,t5,placeholder\n"
            "price_index,works,94,1,2019,2015=100,made_up,t5,placeholder\n"
            "price_index,works,120,1,2020,2015=100,made_up,t5,placeholder\n",
        ),
    ),
    "the same price of two years": add(
        "base/numbers.csv", "reservoir_cost,,,,,1.5,CNY m-3,,,,,2015,made_up,t3,placeholder,,\n"
    ),
    # names of files
    "Chinese names of files": both(
        moved("areas.csv", "输入/面积（2020年）.csv"), moved("regions.csv", "区域.csv")
    ),
    "blanks in names": moved("areas.csv", "my inputs/the areas 2020 .csv"),
    "a number sign in a name": moved("areas.csv", "areas#2.csv"),
    "other endings": both(moved("areas.csv", "areas.txt"), moved("regions.csv", "REGIONS.CSV")),
    "backslashes": both(
        moved("areas.csv", "inputs/areas.csv"),
        swap("project.toml", ('"inputs/areas.csv"', "'inputs\\areas.csv'")),
    ),
    "links to files elsewhere in the project": both(
        linked("areas.csv"), linked("data.csv"), linked("base")
    ),
    "other files beside": both(
        add("notes.txt", "x"), add("base/README.md", "x"), add("base/.hidden", "x")
    ),
    # TOML
    "years with a decimal point": swap("project.toml", ("[2020]", "[2020.0]")),
    "a title with signs": swap(
        "project.toml", ("格式示例：两村", "格式示例（２０２０年）— 两村 🌲 №1 $5 [a] {b} \\\\")
    ),
    "a limit that nobody reaches": swap(
        "standard.toml", ('unit = "人次"', 'unit = "人次"\nmin = -0.0\nmax = 1e99')
    ),
    # boundaries
    "boundaries, codes as numbers": boundaries([990101, 990102]),
    "boundaries, neighbours beside": boundaries(["990101", "990102", "990199"]),
    "boundaries, with a name in Chinese": boundaries(["990101", "990102"], name="甲村"),
    # Excel
    "Excel, numbers as numbers": workbook(as_number, SHEETS),
    "Excel, numbers as text": workbook(lambda cell: cell, SHEETS),
    "Excel, blank rows below": workbook(as_number, SHEETS, trailing=3),
    "Excel, Chinese sheet": workbook(as_number, {"面积 2020": "areas.csv"}),
    "Excel, first sheet": both(
        workbook(as_number, {"areas": "areas.csv"}),
        swap("project.toml", ("book.xlsx#areas", "book.xlsx")),
    ),
    "Excel, extent written too small": small_dimension,
    "Excel, shares as percentages": shares_as_percentages,
    "Excel, codes that a format fills with zeros": both(
        recoded(ZERO), workbook(as_number, SHEETS), reformatted(*CODES_WITH_ZEROS)
    ),
    "Excel, years as dates shown as years": both(
        workbook(as_number, SHEETS), reformatted(("areas", "B", "yyyy", datetime(2020, 12, 31)))
    ),
    "Excel, years with 年 in their format": both(
        workbook(as_number, SHEETS), reformatted(("areas", "B", '0"年"'), ("data", "B", '0"年"'))
    ),
    "Excel, numbers rounded, grouped and in accounting": both(
        workbook(as_number, SHEETS),
        reformatted(
            ("areas", "D", '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '),
            ("data", "G", "#,##0;[Red]#,##0"),
            ("regions", "E", "0"),
        ),
    ),
    "Excel, negative numbers in brackets": both(
        workbook(as_number, SHEETS), reformatted(("areas", "D", "#,##0.0_);(#,##0.0)"))
    ),
    "Excel, the unit of the row in the format": both(
        workbook(as_number, SHEETS), reformatted(("regions", "E", '0.00"km2"'))
    ),
    "Excel, a hidden sheet first": both(
        workbook(as_number, {"areas": "areas.csv"}),
        swap("project.toml", ("book.xlsx#areas", "book.xlsx")),
        in_book(hidden_sheet_first),
    ),
    "Excel, hidden rows and columns without numbers": both(
        workbook(as_number, SHEETS), in_book(hidden_blanks_and_notes)
    ),
    "Excel, a chart and sheets of other tables": both(
        workbook(as_number, {"areas": "areas.csv", "data": "data.csv"}),
        swap("project.toml", ("book.xlsx#areas", "book.xlsx")),
        in_book(chart_first),
    ),
    "Excel, merged cells outside the table": both(
        workbook(as_number, SHEETS), in_book(lambda book: book["areas"].merge_cells("A20:C21"))
    ),
    "Excel, strict": both(workbook(as_number, SHEETS), workbooks.strict),
    # the workbooks above, as LibreOffice saves them
    "LibreOffice, numbers as numbers": saved_by_libreoffice("numbers-as-numbers"),
    "LibreOffice, numbers rounded, grouped and in accounting": saved_by_libreoffice(
        "numbers-rounded"
    ),
    "LibreOffice, years as dates shown as years": saved_by_libreoffice(
        "years-as-dates-shown-as-years"
    ),
    "LibreOffice, codes that a format fills with zeros": both(
        recoded(ZERO), saved_by_libreoffice("codes-that-a-format-fills-with-zeros")
    ),
    "shares as percentages": swap(
        "crosswalk.csv", ("forest,0.8", "forest,80%"), ("shrub,0.2", "shrub,20 %")
    ),
    "letters of a PDF": lambda folder: [
        edit(folder / "regions.csv", "示例县", "⽰例县"),
        edit(folder / "regions.csv", "乙村", "⼄村"),
    ],
    "units named twice": both(
        swap("areas.csv", ("300,hm2", "300,公顷（hm²）"), ("0.2,km2", "0.2,平方千米 (km2)")),
        swap("data.csv", ("1600,mm", "1600,毫米（mm）")),
    ),
    "units as journals print them": both(
        swap("areas.csv", ("300,hm2", "3,×10^2 hm2"), ("0.2,km2", "2,×10⁻¹ km²")),
        swap("data.csv", ("30,t,", "30,Mg,"), ("0.07,万t", "0.7,thousand t")),
    ),
    "a tab before codes": swap("areas.csv", ("990101,2020,woodland", "\t990101,2020,woodland")),
    "coordinates": swap(
        "regions.csv", ("4,km2,1000,,", "4,km2,1000,115.9,28.2"), (",600,,", ",600,115.8,28.3")
    ),
    "Excel, codes with zero as text": both(
        recoded(ZERO),
        workbook(
            lambda cell: cell if cell.startswith("0") and "." not in cell else as_number(cell),
            SHEETS,
        ),
    ),
}
RECODED = {
    "codes of nine digits": NINE, "codes of twelve digits": TWELVE, "codes that begin with zero": ZERO,
    "codes that are words": WORDS, "Excel, codes with zero as text": ZERO,
    "Excel, codes that a format fills with zeros": ZERO,
    "LibreOffice, codes that a format fills with zeros": ZERO, "codes of one's own": OWN,
    "the districts of a city beside a county": DISTRICT,
}  # fmt: skip


def expected(
    name: str, codes: dict[str, str] | None = None
) -> dict[tuple[str, ...], dict[str, str]]:
    found = read(BASE / "expected" / name)
    return by_key(
        [{**row, "region": (codes or {}).get(row["region"], row["region"])} for row in found]
    )


def assert_same(
    out: Path, name: str, due: dict[tuple[str, ...], dict[str, str]], skip: tuple[str, ...] = ()
) -> None:
    given = by_key(read(out / name))
    assert set(given) == set(due)
    unlike = {
        key: row
        for key, row in given.items()
        if not all(same(due[key][one], row[one]) for one in row if one not in skip)
    }
    assert not unlike


@pytest.mark.parametrize("case", SAME)
def test_the_same_said_otherwise(case: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    SAME[case](folder)
    outcome = compute(folder, tmp_path / "out", allow_code=True)
    assert outcome.warnings == ()
    due = expected("by_ecosystem.csv", RECODED.get(case))
    if (
        case == "a class of area zero"
    ):  # it exists: nothing of it is na, its water and oxygen are 0 or na
        zero = {
            key: row
            for key, row in by_key(read(outcome.out / "by_ecosystem.csv")).items()
            if key not in due
        }
        assert {(row["region"], row["ecosystem"]) for row in zero.values()} == {("990101", "water")}
        assert {row["value"] for row in zero.values()} == {"na"}
        due |= zero
    assert_same(outcome.out, "by_ecosystem.csv", due)
    assert_same(outcome.out, "account.csv", expected("account.csv", RECODED.get(case)))
    assert_same(outcome.out, "summary.csv", expected("summary.csv", RECODED.get(case)))


def summary(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    outcome = compute(folder, folder / "out", allow_code=True)
    assert outcome.warnings == ()
    return {(row["region"], row["category"]): row for row in read(outcome.out / "summary.csv")}


@pytest.mark.parametrize("written", ["", "0"])
def test_a_region_without_population(written: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "regions.csv", "4,km2,1000", f"4,km2,{written}")
    edit(folder / "regions.csv", "5.21,km2,1600", "5.21,km2,600")
    given = summary(folder)
    assert given["990101", "total"]["per_capita"] == ""
    assert float(given["990101", "total"]["per_km2"]) == pytest.approx(667.3 / 4)
    assert float(given["990100", "total"]["per_capita"]) == pytest.approx(
        816.57 / 600
    )  # the parent prints its own


def test_a_region_without_land_area(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "regions.csv", "4,km2,1000", ",,1000")
    given = summary(folder)
    assert given["990101", "total"]["per_km2"] == ""
    assert float(given["990101", "total"]["value"]) == pytest.approx(667.3)


def test_a_parent_without_figures_of_its_own_sums_those_of_its_regions(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "regions.csv", "5.21,km2,1600", ",,")
    given = summary(folder)
    assert float(given["990100", "total"]["per_km2"]) == pytest.approx(816.57 / (4 + 1.21))
    assert float(given["990100", "total"]["per_capita"]) == pytest.approx(816.57 / (1000 + 600))


def test_land_that_is_measured_otherwise(tmp_path: Path) -> None:
    """Areas of two surveys never agree to the hectare."""
    folder = project(tmp_path / "p")
    edit(folder / "regions.csv", "4,km2,1000", "4.15,km2,1000")
    edit(folder / "regions.csv", "5.21,km2,1600", "5.4,km2,1580")
    given = summary(folder)
    assert float(given["990101", "total"]["per_km2"]) == pytest.approx(667.3 / 4.15)


def test_areas_that_cover_a_part_of_the_land(tmp_path: Path) -> None:
    """An account of some ecosystems says so, and its areas may change from year to year."""
    folder = project(tmp_path / "p")
    edit(folder / "regions.csv", "4,km2,1000", "40,km2,1000")
    edit(folder / "regions.csv", "5.21,km2,1600", "41.21,km2,1600")
    edit(folder / "project.toml", "[inputs]", '[inputs]\ncoverage = "part"')
    given = summary(folder)
    assert float(given["990101", "total"]["per_km2"]) == pytest.approx(667.3 / 40)


def test_two_years_of_rounded_areas(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "project.toml", "years = [2020]", "years = [2019, 2020]\nprice_year = 2020")
    for name in ("areas.csv", "data.csv"):
        head, *lines = rows(folder / name)
        earlier = [[line[0], "2019", *line[2:]] for line in lines]
        write(folder / name, [head, *earlier, *lines])
    edit(folder / "areas.csv", "990101,2019,woodland,300", "990101,2019,woodland,302")
    outcome = compute(folder, tmp_path / "out", allow_code=True)
    assert outcome.warnings == ()


def test_no_table_of_regions(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "project.toml", 'regions = "regions.csv"', "")
    outcome = compute(
        folder, tmp_path / "out", allow_code=True
    )  # the sets' scope 990100 holds by the digits of the codes
    assert outcome.warnings == ()
    due = {key: row for key, row in expected("account.csv").items() if row["level"] == "region"}
    assert_same(outcome.out, "account.csv", due)
    due = {key: row for key, row in expected("summary.csv").items() if row["level"] == "region"}
    assert_same(outcome.out, "summary.csv", due, skip=("per_km2", "per_capita"))
    assert {row["per_capita"] for row in read(outcome.out / "summary.csv")} == {""}


def test_one_region(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "regions.csv", "5.21,km2,1600", "4,km2,1000")
    for name in ("areas.csv", "data.csv", "regions.csv"):
        write(folder / name, [row for row in rows(folder / name) if row[0] != "990102"])
    given = summary(folder)
    assert {region for region, _ in given} == {"990101", "990100"}
    for region in ("990101", "990100"):
        assert float(given[region, "total"]["value"]) == pytest.approx(667.3)


def test_three_levels_of_regions(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "regions.csv", "示例县,Example county,,5.21", "示例县,Example county,990000,5.21")
    add("regions.csv", "990000,示例市,Example city,,,,,,\n")(folder)
    given = summary(folder)
    assert given["990000", "total"]["level"] == "parent"
    assert float(given["990000", "total"]["value"]) == pytest.approx(816.57)


def test_na_is_not_zero(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "data.csv", "visits,,,,0,", "visits,,,,na,")
    given = summary(folder)
    assert given["990102", "cultural"]["value"] == "na"
    assert given["990101", "cultural"]["value"] == "40.0"
    assert float(given["990102", "total"]["value"]) == pytest.approx(149.27)
    assert float(given["990100", "cultural"]["value"]) == pytest.approx(40)


def test_data_of_value_zero(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "data.csv", "0.07,万t", "0,万t")
    given = summary(folder)
    assert float(given["990101", "provisioning"]["value"]) == 0
    assert float(given["990101", "total"]["value"]) == pytest.approx(667.3 - 196)


def test_everything_not_accounted_for(tmp_path: Path) -> None:
    """A region of roads alone still has its products and visits."""
    folder = project(tmp_path / "p")
    table = [row for row in rows(folder / "areas.csv") if row[0] != "990102" or row[2] == "road"]
    write(folder / "areas.csv", table)
    table = [row for row in rows(folder / "data.csv") if row[0] != "990102" or row[3] == ""]
    write(folder / "data.csv", table)
    edit(folder / "regions.csv", "1.21,km2", "0.01,km2")
    edit(folder / "regions.csv", "5.21,km2", "4.01,km2")
    given = summary(folder)
    assert float(given["990102", "provisioning"]["value"]) == pytest.approx(36)
    assert float(given["990102", "cultural"]["value"]) == 0


def test_the_switch_that_leaves_a_service_out(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "project.toml", 'oxygen = "with"', 'oxygen = "without"')
    given = summary(folder)
    assert float(given["990101", "total"]["value"]) == pytest.approx(653.5)


@pytest.mark.parametrize(
    "how",
    ["folder", "file", "relative", "relative file", "dot", "slash", "link", "Chinese", "blanks"],
)
def test_how_the_project_is_named(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = {"Chinese": "核算 项目", "blanks": "my  project (2)"}.get(how, "p")
    folder = project(tmp_path / name)
    monkeypatch.chdir(folder if how == "dot" else tmp_path)
    if how == "link":
        (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    given = {
        "file": str(folder / "project.toml"), "relative": "p", "relative file": "p/project.toml", "dot": ".",
        "slash": "p/", "link": "link",
    }.get(how, str(folder))  # fmt: skip
    assert main(["run", given, "--allow-code", "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    assert_same(folder / "out", "summary.csv", expected("summary.csv"))


@pytest.mark.parametrize("out", ["elsewhere", "a/b/结果 1", "p/results", "."])
def test_results_elsewhere(out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(tmp_path / "p")
    monkeypatch.chdir(tmp_path)
    assert main(["run", "p", "--allow-code", "--quiet", "--out", out]) == 0
    assert_same(tmp_path / out, "summary.csv", expected("summary.csv"))
    assert not (folder / "out").exists()


def test_a_second_run_writes_the_same_and_leaves_other_files(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    gep.run_project(folder, allow_code=True)
    (folder / "out" / "my notes.txt").write_text("keep", encoding="utf-8")
    before = contents(folder / "out")
    gep.run_project(folder, allow_code=True)
    assert contents(folder / "out") == before


def test_results_where_other_files_and_links_are(tmp_path: Path) -> None:
    """A link inside the project, a folder of notes, results of another command: nothing to tell."""
    folder = project(tmp_path / "p")
    (folder / "results").mkdir()
    (folder / "out").symlink_to("results", target_is_directory=True)
    (folder / "out" / "notes").mkdir()
    (folder / "out" / "notes" / "summary.csv").write_text("keep", encoding="utf-8")
    (folder / "out" / "comparison.csv").write_text("keep", encoding="utf-8")
    for _ in range(2):
        outcome = gep.run_project(folder, allow_code=True)
        assert outcome.warnings == ()
        assert_same(folder / "results", "summary.csv", expected("summary.csv"))
    assert (folder / "results" / "notes" / "summary.csv").read_text(encoding="utf-8") == "keep"
    assert (folder / "results" / "comparison.csv").read_text(encoding="utf-8") == "keep"
    assert (folder / "out").is_symlink()


def test_a_result_that_was_opened_and_saved_without_a_change(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    gep.run_project(folder, allow_code=True)
    for path in (folder / "out").iterdir():
        path.write_bytes(path.read_bytes())
    (folder / "out" / "by_ecosystem.csv").unlink()
    assert gep.run_project(folder, allow_code=True).warnings == ()
    assert not list((folder / "out").glob("*edited*"))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    before = contents(folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        outcome = gep.run_project(folder, tmp_path / "elsewhere", allow_code=True)
    finally:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert_same(outcome.out, "summary.csv", expected("summary.csv"))
    assert contents(folder) == before


def test_texts_that_a_spreadsheet_would_run_are_escaped(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    for name in ("areas.csv", "data.csv", "regions.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace("990102", "-990102"), encoding="utf-8")
    outcome = gep.run_project(folder, allow_code=True)
    assert outcome.warnings == ()
    assert {row["region"] for row in read(outcome.out / "account.csv")} == {
        "990101",
        "'-990102",
        "990100",
    }


# --- checks that have nothing to tell, or only what is so ------------------------------------------------------------


def checked(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """What a check ends with and says of problems and warnings; the page has to agree."""
    status = main(["check", str(folder), "--allow-code", "--language", "en", *options])
    page, told = capsys.readouterr()
    assert page.startswith("not ready: " if status else "ready: ")
    assert f", {told.count('warning [')} warnings\n" in page
    return status, told


def test_a_check_in_part_of_a_project_without_gaps_says_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(tmp_path / "p")
    pages = []
    for options in ((), ("--partial",)):
        assert main(["check", str(folder), "--allow-code", *options]) == 0
        pages.append(capsys.readouterr())
    assert pages[0] == pages[1]
    assert pages[1].err == ""
    outcome = compute(folder, tmp_path / "out", allow_code=True, partial=True)
    assert outcome.warnings == ()
    assert_same(outcome.out, "summary.csv", expected("summary.csv"))


def test_a_check_in_part_tells_gaps_that_are_allowed_as_gaps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One warning for each name that lacks; without them are all figures that do not need the number."""
    folder = project(tmp_path / "p")
    edit(folder / "data.csv", "990101,2020,precipitation,,,,1600,mm,made up\n", "")
    edit(folder / "data.csv", "990102,2020,output,,,fish,30,t,made up\n", "")
    spending = "spending_per_visit,,,,,80,CNY visit-1,,,,,2020,made_up,t3,placeholder,,\n"
    edit(folder / "base" / "numbers.csv", spending, "")
    status, told = checked(folder, capsys, "--partial")
    assert status == 0
    assert re.findall(r"^(?:warning|\d+\.) \[.*?\]", told, re.MULTILINE) == [
        "warning [missing-data]",
        "warning [missing-data]",
        "warning [missing-coefficient]",
    ]
    outcome = compute(folder, tmp_path / "out", allow_code=True, partial=True)
    given = {(row["region"], row["category"]): row for row in read(outcome.out / "summary.csv")}
    assert float(given["990101", "provisioning"]["value"]) == pytest.approx(196)
    assert float(given["990102", "regulating"]["value"]) == pytest.approx(113.27)
    for key in (("990101", "regulating"), ("990102", "provisioning"), ("990102", "cultural")):
        assert given[key]["value"] == "not_compiled", key


def test_many_rows_that_look_alike_are_all_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """35 kinds of rice, each 20 t at 2.8 yuan: as much as 700 t, and nothing to tell of any."""
    folder = project(tmp_path / "p")
    kinds = [f"rice {number}" for number in range(1, 36)]
    row = "990101,2020,output,,,rice,0.07,万t,made up\n"
    amounts = [f"990101,2020,output,,,{kind},20,t,made up\n" for kind in kinds]
    edit(folder / "data.csv", row, "".join(amounts))
    price = "product_price,,,rice,,2.8,CNY kg-1,,,,,2020,made_up,t3,placeholder,,\n"
    prices = [price.replace(",rice,", f",{kind},") for kind in kinds]
    edit(folder / "base" / "numbers.csv", price, "".join(prices))
    assert checked(folder, capsys) == (0, "")
    outcome = compute(folder, tmp_path / "out", allow_code=True)
    assert outcome.warnings == ()
    assert_same(outcome.out, "summary.csv", expected("summary.csv"))
    items = {row["item"] for row in read(outcome.out / "account.csv") if "rice" in row["item"]}
    assert len(items) == len(kinds)


def test_an_assessment_that_is_written_first_beside_tables_written_backwards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 to 10 become 0 to 60 points, and a reading is points itself: 7 and 30 are 42 + 30."""
    folder = project(tmp_path / "p")
    tables(columns_backwards)(folder)
    tables(rows_backwards)(folder)
    asked = [
        one("green", 60, {"kind": "interpolate", "at": [0, 10], "values": [0, 60]}),
        one("clean", 40),
    ]
    write_scheme(folder / "考核 方案", asked, total=100, grade=SCORE_GRADES)
    text = """source,unit,value,name,year,region
站,1,30,clean,2020,990102
站,1,7.0,green,2020,990102
站,1,40,clean,2020,990101
站,1,1.0e1,green,2020,990101
"""
    (folder / "readings.csv").write_text(text, encoding="utf-8")
    lines = '[assessment]\nreadings = ["readings.csv"]\nschemes = ["./考核 方案/demo.toml"]\n\n'
    toml = (folder / "project.toml").read_text(encoding="utf-8")
    (folder / "project.toml").write_text(lines + toml, encoding="utf-8")
    assert checked(folder, capsys) == (0, "")
    assert main(["assess", str(folder), "--allow-code", "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    scores = read(folder / "out" / "assessment" / "demo" / "scores.csv")
    totals = {row["region"]: row for row in scores if row["indicator"] == "total"}
    assert {code: float(row["points"]) for code, row in totals.items()} == {
        "990101": 100,
        "990102": 72,
    }
    assert (totals["990101"]["grade"], totals["990102"]["grade"]) == ("优秀", "合格")


@pytest.mark.parametrize("moved_by", [1, 1.2])
def test_a_comparison_at_prices_that_ship_blames_nobody(
    moved_by: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Years and rows backwards, and an index of one's own with the later year first."""
    folder = tmp_path / "p"
    sets = '"xie-2015"' if moved_by == 1 else '"./own", "xie-2015"'
    year = 2010 if moved_by == 1 else 2016
    add(
        "project.toml",
        '[project]\nid = "p"\ntitle = "p"\nstandard = "xie-2015"\nyears = [2020, 2010]\n'
        f"coefficients = [{sets}]\nprice_year = 2010\nallow_transfer = true\n"
        '[inputs]\nareas = "areas.csv"\n',
    )(folder)
    add(
        "areas.csv",
        "region,year,class,area,unit\n990101,2020,paddy,1,km2\n990101,2020,dry_field,2,km2\n"
        "990101,2010,paddy,2,km2\n990101,2010,dry_field,1,km2\n",
    )(folder)
    add("own/set.toml", 'id = "own"\nversion = "1"\ntitle = "own"\nlicence = "CC0-1.0"\n')(folder)
    add("own/sources.toml", '[y]\ntitle = "Yearbook"\nauthors = "a"\ndate = "2021"\n')(folder)
    add(
        "own/index.csv",
        "coefficient,index,value,unit,price_year,source,locator,grade\n"
        "price_index,equivalent_value,120,1,2016,y,t,official\n"
        "price_index,equivalent_value,100,1,2010,y,t,official\n",
    )(folder)
    assert main(["compare", str(folder), "--prices", str(year), "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    # equivalents of paddy and dry field, at 3406.5 yuan a hectare: see coefficients/xie-2015
    paddy = 1.36 + 0.09 - 2.63 + 1.11 + 0.57 + 0.17 + 2.72 + 0.01 + 0.19 + 0.21 + 0.09
    dry = 0.85 + 0.40 + 0.02 + 0.67 + 0.36 + 0.10 + 0.27 + 1.03 + 0.12 + 0.13 + 0.06
    price = 100 * 3406.5 / 1e4 * moved_by
    (row,) = (
        row
        for row in read(folder / "out" / "comparison.csv")
        if row["category"] == row["indicator"] == "total"
    )
    assert (row["from"], row["to"]) == ("2010", "2020")
    assert float(row["value_from"]) == pytest.approx((2 * paddy + dry) * price)
    assert float(row["value_to"]) == pytest.approx((paddy + 2 * dry) * price)


# --- results that are verified ---------------------------------------------------------------------------------------


def _beside_files_of_the_system(folder: Path) -> Path:
    """A folder that Excel, Windows and macOS looked into, with the office's own note."""
    for name in ("~$account.xlsx", ".DS_Store", "Thumbs.db", "desktop.ini", "说明.txt"):
        (folder / "out" / name).write_bytes(b"not a result")
    return folder / "out"


def _in_another_layout(folder: Path) -> Path:
    """The record after an editor sorted its keys and took the spaces out; it says the same."""
    path = folder / "out" / "manifest.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text("\ufeff" + json.dumps(record, sort_keys=True), encoding="utf-8")
    return folder / "out"


def _copied_together(folder: Path) -> Path:
    """Project and results on another disk, under a name in Chinese."""
    target = folder.parent / "归档 2020" / "项目"
    shutil.copytree(folder, target)
    shutil.rmtree(folder)
    return target / "out"


def _through_a_link(folder: Path) -> Path:
    (folder.parent / "link").symlink_to(folder, target_is_directory=True)
    return folder.parent / "link" / "out"


def _with_a_draft(folder: Path) -> Path:
    """An earlier draft is kept in a folder inside."""
    gep.run_project(folder, folder / "out" / "draft", allow_code=True)
    return folder / "out"


VERIFIED = {
    "files of the system": _beside_files_of_the_system,
    "another layout of the record": _in_another_layout,
    "copied together": _copied_together,
    "through a link": _through_a_link,
    "a draft in a folder inside": _with_a_draft,
}


@pytest.mark.parametrize("change", VERIFIED)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_results_that_were_not_touched_agree(
    change: str, language: Language, tmp_path: Path
) -> None:
    """Whatever language the run spoke, and whatever lies beside the results."""
    folder = project(tmp_path / "p")
    gep.run_project(folder, allow_code=True, language=language)
    assert gep.verify(VERIFIED[change](folder), allow_code=True, language="en") == []


@pytest.mark.parametrize("lacking", ["run", "verify"])
def test_a_result_agrees_though_one_system_cannot_draw(
    lacking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The map is not there, or cannot be drawn again: that is no difference of the result."""
    folder = project(tmp_path / "p")
    for name in ("areas.csv", "data.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if line.startswith("990101")]
        third = "\n".join(lines).replace("990101", "990103")
        (folder / name).write_text(f"{text}{third}\n", encoding="utf-8")
    places = ""
    for number, land in ((1, 4), (2, 1.21), (3, 4)):
        places += f"99010{number},990100,{land},km2,11{number},28\n"
    text = f"region,parent,area,area_unit,lon,lat\n990100,,,,,\n{places}"
    (folder / "regions.csv").write_text(text, encoding="utf-8")
    for step in ("run", "verify"):
        with monkeypatch.context() as patch:
            if step == lacking:
                patch.setitem(sys.modules, "gep.report.figures.maps", None)
            if step == "run":
                gep.run_project(folder, allow_code=True)
            else:
                verification = verify_result(folder / "out", allow_code=True)
    assert (folder / "out" / "map.png").exists() == (lacking == "verify")
    assert verification.differences == ()
    notes = [note.say("en") for note in verification.notes]
    assert any("could not be drawn here" in note for note in notes) == (lacking == "verify")
