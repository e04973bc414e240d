"""The tutorial, followed: its commands are run, and what it prints is held against theirs."""

import contextlib
import io
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from openpyxl import load_workbook

from gep.cli.app import main

ROOT = Path(__file__).parents[2]
_TEXT = re.compile(r"^ *```text\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SIGNED = ("gep set demo approver", "gep set demo document")  # not for made-up numbers, it says


class Form(NamedTuple):
    """What the tutorial of a language calls the form, its columns and what is typed into it."""

    file: str
    county: str
    name: str
    value: str
    unit: str
    source: str
    grade: str
    demonstration: str
    made_up: str
    slips: tuple[tuple[str, str, str | None], ...]  # sheet, cell, what is typed by mistake


FORMS = {
    "zh": Form(
        file="数据表.xlsx",
        county="示例县",
        name="名称",
        value="数值",
        unit="单位",
        source="来源",
        grade="等级",
        demonstration="演示数",
        made_up="编造（占位）",
        slips=(
            ("统计", "F2", "45000万元"),
            ("统计", "H3", None),
            ("自然资源", "D9", "乔木林"),
            ("生态环境", "F4", None),
        ),
    ),
    "en": Form(
        file="data-form.xlsx",
        county="Example County",
        name="Name",
        value="Value",
        unit="Unit",
        source="Source",
        grade="Grade",
        demonstration="demonstration",
        made_up="made up",
        slips=(
            ("Statistics", "F2", "45000 CNY"),
            ("Statistics", "H3", None),
            ("Natural resources", "D9", "乔木林"),
            ("Environment", "F4", None),
        ),
    ),
}


def text_of(language: str) -> str:
    """Return the page in a language."""
    return (ROOT / "docs" / language / "tutorial.md").read_text(encoding="utf-8")


def numbers_to_type(language: str) -> list[list[str]]:
    """Return the numbers to type into the form: sheet, name, member, value, unit."""
    part = text_of(language).split("\n## 3 ")[1].split("\n## 4 ")[0]
    rows = []
    for line in re.findall(r"^\| (.*) \|$", part, re.MULTILINE)[1:]:
        cells = [cell.strip() for cell in re.split(r" ?\| ?", line)]
        # the English page adds what the Chinese name of a class means
        cells[2] = re.sub(r"(?<=[\u4e00-\u9fff]) \(.*\)$", "", cells[2])
        rows.append(cells)
    return rows


def type_into_form(folder: Path, language: str) -> None:
    """Type the numbers into the form as a person does: find the row by its names, fill in cells."""
    form = FORMS[language]
    path = folder / "demo" / form.file
    book = load_workbook(path)
    for title, name, member, value, unit in numbers_to_type(language):
        sheet = book[title]
        column = {cell.value: cell.column for cell in sheet[1]}
        places = []
        for row in range(2, sheet.max_row + 1):
            words = [cell.value for cell in sheet[row]]
            is_named = sheet.cell(row, column[form.name]).value == name
            if is_named and (not member or member in words):
                places.append(row)
        if len(places) != 1:
            raise AssertionError(f"the form has {len(places)} rows for {title}, {name}, {member}")
        sheet.cell(places[0], column[form.value]).value = float(value)
        sheet.cell(places[0], column[form.unit]).value = unit
        sheet.cell(places[0], column[form.source]).value = form.demonstration
        sheet.cell(places[0], column[form.grade]).value = form.made_up
    book.save(path)


def run(command: str, folder: Path) -> tuple[int, str]:
    """Run a command of gep in a folder; return its exit status and all that it says."""
    said = io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
        _locale("C.UTF-8"),
    ):
        status = main(shlex.split(command)[1:])
    return status, said.getvalue()


def follow(folder: Path, language: str) -> None:
    """Do what sections 1 to 3 say: a new project, two choices, the form filled in."""
    form = FORMS[language]
    for command in opening(language):
        status, said = run(command, folder)
        if status:
            raise AssertionError(f"{command} ended with {status}:\n{said}")
    regions = folder / "demo" / "regions.csv"
    written = regions.read_text(encoding="utf-8-sig")
    blank = f"990201,{form.county},,,,,,,"
    if blank not in written:
        raise AssertionError(f"regions.csv is not as the tutorial says:\n{written}")
    filled = written.replace(blank, f"990201,{form.county},,,600,km2,200000,,")
    regions.write_text(filled, encoding="utf-8-sig")
    type_into_form(folder, language)


def opening(language: str) -> list[str]:
    """Return the commands of sections 1 to 3, without the one that asks in a terminal."""
    return [command for command in _opening(language) if not _is_asking(command)]


def asking(language: str) -> list[str]:
    """Return the commands of sections 1 to 3 that ask in a terminal; the next has the answers."""
    return [command for command in _opening(language) if _is_asking(command)]


def _opening(language: str) -> list[str]:
    return _commands(text_of(language).split("\n## 4 ")[0])


def _is_asking(command: str) -> bool:
    return command.startswith("gep new project") and "--place" not in command


def _commands(text: str) -> list[str]:
    """Return the commands of a part of the page."""
    return [line.strip() for line in re.findall(r"^ *gep .*$", text, re.MULTILINE)]


def slip(folder: Path, language: str) -> None:
    """Make the four slips in the form that section 4 is about."""
    form = FORMS[language]
    path = folder / "demo" / form.file
    book = load_workbook(path)
    for sheet, cell, value in form.slips:
        book[sheet][cell].value = value
    book.save(path)


def said_in(folder: Path, language: str) -> list[str]:
    """Return what the commands of sections 4 to 8 say, in the order in which the page shows it.

    Parameters
    ----------
    folder : Path
        The working folder after :func:`follow`; a copy of the project is spoilt beside it.
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        The check with slips, the check, the run twice (caption, table), a number taken apart, the
        verification.
    """
    spoilt = folder / "spoilt"
    shutil.copytree(folder / "demo", spoilt / "demo")
    slip(spoilt, language)
    check, account, explain, verify = later(language)
    _, slips = run(check, spoilt)
    said = [slips]
    for command in (check, account, explain, verify):
        status, words = run(command, folder)
        if status:
            raise AssertionError(f"{command} ended with {status}:\n{words}")
        said.append(words)
        if command == account:
            said.append(words)
    return said


def later(language: str) -> list[str]:
    """Return the commands of sections 4 to 8, without those that record a signature."""
    commands = _commands("\n## 4 " + text_of(language).split("\n## 4 ")[1])
    return [command for command in commands if not command.startswith(_SIGNED)]


def signing(language: str) -> list[str]:
    """Return the commands that record a signature."""
    commands = _commands(text_of(language))
    return [command for command in commands if command.startswith(_SIGNED)]


def differences(language: str, said: list[str]) -> list[str]:
    """Return the lines that the page prints and its commands do not.

    Parameters
    ----------
    language : {'zh', 'en'}
    said : list of str
        As of :func:`said_in`.

    Returns
    -------
    list of str
        Empty if the page is true.
    """
    blocks = _TEXT.findall(text_of(language))
    if len(blocks) != len(said):
        return [f"the page shows {len(blocks)} outputs, its commands give {len(said)}"]
    missing = []
    for block, words in zip(blocks, said, strict=True):
        missing += lines_not_told(block, words)
    return missing


def lines_not_told(block: str, said: str) -> list[str]:
    """Return the lines of a block that nobody said; ``...`` stands for anything."""
    told = [_plain(line) for line in said.splitlines()]
    missing = []
    for line in block.splitlines():
        shown = ".*".join(re.escape(part.strip()) for part in _plain(line).split("..."))
        if not any(re.search(shown, spoken) for spoken in told):
            missing.append(line)
    return missing


def _plain(line: str) -> str:
    """Return a line without what depends on the width of a terminal and on how a table is drawn."""
    return re.sub(r"[\s━]+", " ", line.replace("┃", "│")).strip()


@contextlib.contextmanager
def _locale(name: str) -> Iterator[None]:
    """Let the user's system speak a language."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before
