"""Odd but valid inputs: they run without a problem and without a warning, and give the format example's figures.

A case changes how the example is written, not what it says; where it changes what it says, its figures are worked out
by hand beside it.
"""

import csv
import os
import re
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from openpyxl import Workbook
from support.museum import BASE, contents, edit, project
from support.tables import by_key, read, same

import gep
from gep.cli.app import main
from gep.inputs.value_rows import GRADES

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


def linked(name: str) -> Edit:
    """The file lies elsewhere, a link stands in its place."""

    def link(folder: Path) -> None:
        home = folder.parent / "elsewhere"
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
    "codes of nine digits": recoded(NINE),
    "codes of twelve digits": recoded(TWELVE),
    "codes that begin with zero": recoded(ZERO),
    "codes that are words": recoded(WORDS),
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
    "the same price of two years": add(
        "base/numbers.csv", "reservoir_cost,,,,,1.5,CNY m-3,,,,,2015,made_up,t3,placeholder,,\n"
    ),
    # names of files
    "Chinese names": both(
        moved("areas.csv", "输入/面积（2020年）.csv"), moved("regions.csv", "区域.csv")
    ),
    "blanks in names": moved("areas.csv", "my inputs/the areas 2020 .csv"),
    "a number sign in a name": moved("areas.csv", "areas#2.csv"),
    "other endings": both(moved("areas.csv", "areas.txt"), moved("regions.csv", "REGIONS.CSV")),
    "backslashes": both(
        moved("areas.csv", "inputs/areas.csv"),
        swap("project.toml", ('"inputs/areas.csv"', "'inputs\\areas.csv'")),
    ),
    "links to files elsewhere": both(linked("areas.csv"), linked("data.csv"), linked("base")),
    "other files beside": both(
        add("notes.txt", "x"), add("base/README.md", "x"), add("base/.hidden", "x")
    ),
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
    outcome = gep.run_project(folder, allow_code=True)
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
    outcome = gep.run_project(folder, allow_code=True)
    assert outcome.warnings == ()
    return {(row["region"], row["category"]): row for row in read(outcome.out / "summary.csv")}


@pytest.mark.parametrize("written", ["", "0"])
def test_a_region_without_population(written: str, tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "regions.csv", "4,km2,1000", f"4,km2,{written}")
    given = summary(folder)
    assert given["990101", "total"]["per_capita"] == ""
    assert float(given["990101", "total"]["per_km2"]) == pytest.approx(667.3 / 4)
    assert float(given["990100", "total"]["per_capita"]) == pytest.approx(
        816.57 / 1600
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


def test_no_table_of_regions(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "project.toml", 'regions = "regions.csv"', "")
    outcome = gep.run_project(
        folder, allow_code=True
    )  # the sets' scope 990100 holds by the digits of the codes
    assert outcome.warnings == ()
    due = {key: row for key, row in expected("account.csv").items() if row["level"] == "region"}
    assert_same(outcome.out, "account.csv", due)
    due = {key: row for key, row in expected("summary.csv").items() if row["level"] == "region"}
    assert_same(outcome.out, "summary.csv", due, skip=("per_km2", "per_capita"))
    assert {row["per_capita"] for row in read(outcome.out / "summary.csv")} == {""}


def test_one_region(tmp_path: Path) -> None:
    folder = project(tmp_path / "p")
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
