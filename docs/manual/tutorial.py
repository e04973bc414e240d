"""The tutorial, followed: its commands are run, and what it prints is held against theirs."""

import contextlib
import io
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

from openpyxl import load_workbook

from gep.cli.app import main

ROOT = Path(__file__).parents[2]
FORM = "数据表.xlsx"
_TEXT = re.compile(r"^ *```text\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SLIPS = (
    ("统计", "F2", "45000万元"),
    ("统计", "H3", None),
    ("自然资源", "D9", "乔木林"),
    ("生态环境", "F4", None),
)


def text_of(language: str) -> str:
    """Return the page in a language."""
    return (ROOT / "docs" / language / "tutorial.md").read_text(encoding="utf-8")


def has_page(language: str) -> bool:
    """Return whether the manual has the page in a language."""
    return (ROOT / "docs" / language / "tutorial.md").is_file()


def numbers_to_type() -> list[list[str]]:
    """Return the numbers to type into the form: sheet, name, member, value, unit."""
    part = text_of("zh").split("## 3 ")[1].split("## 4 ")[0]
    lines = re.findall(r"^\| (.*) \|$", part, re.MULTILINE)[1:]
    return [[cell.strip() for cell in re.split(r" ?\| ?", line)] for line in lines]


def type_into_form(form: Path, rows: list[list[str]]) -> None:
    """Type numbers into a form as a person does: find the row by its names, fill in four cells."""
    book = load_workbook(form)
    for title, name, member, value, unit in rows:
        sheet = book[title]
        column = {cell.value: cell.column for cell in sheet[1]}
        keys = [column[key] for key in ("类型", "产品", "用途", "污染物") if key in column]
        places = []
        for row in range(2, sheet.max_row + 1):
            members = [sheet.cell(row, key).value for key in keys]
            is_named = sheet.cell(row, column["名称"]).value == name
            if is_named and (member or None) in [*members, None]:
                places.append(row)
        if len(places) != 1:
            raise AssertionError(f"the form has {len(places)} rows for {title}, {name}, {member}")
        sheet.cell(places[0], column["数值"]).value = float(value)
        sheet.cell(places[0], column["单位"]).value = unit
        sheet.cell(places[0], column["来源"]).value = "演示数"
        sheet.cell(places[0], column["等级"]).value = "编造（占位）"
    book.save(form)


def run(command: str, folder: Path) -> tuple[int, str]:
    """Run a command of gep in a folder; return its exit status and all that it says."""
    said = io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        status = main(shlex.split(command)[1:])
    return status, said.getvalue()


def follow(folder: Path) -> None:
    """Do what sections 1 to 3 say: a new project, two choices, the form filled in."""
    text = text_of("zh").split("## 4 ")[0]
    with _locale("zh_CN.UTF-8"):
        for command in re.findall(r"^gep .*$", text, re.MULTILINE):
            # the first asks in a terminal; the next one has the answers
            if command == "gep new project demo":
                continue
            status, said = run(command, folder)
            if status:
                raise AssertionError(f"{command} ended with {status}:\n{said}")
    regions = folder / "demo" / "regions.csv"
    written = regions.read_text(encoding="utf-8-sig")
    if "990201,示例县,,,,,,," not in written:
        raise AssertionError(f"regions.csv is not as the tutorial says:\n{written}")
    filled = written.replace("示例县,,,,,,,", "示例县,,,600,km2,200000,,")
    regions.write_text(filled, encoding="utf-8-sig")
    type_into_form(folder / "demo" / FORM, numbers_to_type())


def slip(folder: Path) -> None:
    """Make the four slips in the form that section 4 is about."""
    form = folder / "demo" / FORM
    book = load_workbook(form)
    for sheet, cell, value in _SLIPS:
        book[sheet][cell].value = value
    book.save(form)


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
    spoilt = folder / f"spoilt-{language}"
    shutil.copytree(folder / "demo", spoilt / "demo")
    slip(spoilt)
    asked = f"--language {language}"
    explain = "gep explain demo --region 示例县 --year 2020 --indicator 水源涵养"
    _, slips = run(f"gep check demo {asked}", spoilt)
    _, check = run(f"gep check demo {asked}", folder)
    _, account = run(f"gep run demo {asked}", folder)
    _, explained = run(f"{explain} {asked}", folder)
    _, verified = run(f"gep verify demo {asked}", folder)
    return [slips, check, account, account, explained, verified]


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
        told = {_plain(line) for line in words.splitlines()}
        for line in block.splitlines():
            shown = _plain(line)
            if shown not in ("", "...") and not any(shown in spoken for spoken in told):
                missing.append(line)
    return missing


def _plain(line: str) -> str:
    """Return a line without what depends on the width of a terminal and on how a table is drawn."""
    return re.sub(r"\s+", " ", line.replace("┃", "│")).strip()


@contextlib.contextmanager
def _locale(name: str) -> Iterator[None]:
    """Let the user's system speak another language."""
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before
