"""Every command and every line of Python that the manual shows is run, or is listed here with the reason why not."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest
from manual import tutorial
from openpyxl import Workbook
from support import checklists
from support.paths import EXAMPLES, ROOT

from gep.cli.app import main
from gep.texts.catalogue import LANGUAGES, Language

DOCS = ROOT / "docs"
PART = re.compile(r"^(?:\*\*([^*\n]+)\*\*\n)?( *)```(\w*)\n(.*?)^\2```$", re.MULTILINE | re.DOTALL)
PROGRAM = r"(?:[^\s`]*[/\\])?(?:gep|pip|python3?|py|cmd)(?= )"

_README = "sets up an environment from a package index: .ci/readme_command.py runs it in CI"
_WINDOWS = "is for Windows: .ci/readme_command.py runs it in CI, on Windows"
_OFFLINE = "sets up an environment from a package index: .ci/run does the same in its own folders"
_WINDOWS_OFFLINE = "is for Windows; .ci/run does the same under Linux, the page says so"
_GENERATOR = (
    "writes files outside of the manual: test_example_synthetic_raster.py runs the generator"
)
_CLUSTER = "needs machines: test_raster_forms.py runs an account on a cluster of this one"
_BROUGHT = "needs files of others, which the user brings"
NOT_RUN = {
    'python3 -m venv .venv && .venv/bin/pip install -q ".[report]" && .venv/bin/gep run examples/jiangxi-counties': _README,
    'python3 -m venv .venv && .venv/bin/pip install -q -e ".[dev]" && .venv/bin/python -m pytest -n auto': _README,
    r'cmd /c "py -m venv .venv && .venv\Scripts\pip install -q .[report] && .venv\Scripts\gep run examples\jiangxi-counties"': _WINDOWS,
    r'cmd /c "py -m venv .venv && .venv\Scripts\pip install -q -e .[dev] && .venv\Scripts\python -m pytest -n auto"': _WINDOWS,
    'py -m pip wheel --wheel-dir wheelhouse ".[report]"': _WINDOWS_OFFLINE,
    "py -m venv gep-env": _WINDOWS_OFFLINE,
    r'gep-env\Scripts\pip install --no-index --find-links wheelhouse "gep-accounting[report]"': _WINDOWS_OFFLINE,
    r"gep-env\Scripts\gep --version": _WINDOWS_OFFLINE,
    "python3 -m pip wheel --no-deps --wheel-dir wheelhouse .": _OFFLINE,
    'python3 -m pip download --dest wheelhouse --only-binary=:all: --platform win_amd64 --python-version 3.12 "$(ls wheelhouse/gep_accounting-*.whl)[report]" colorama tzdata': _OFFLINE,
    "python3 .ci/check_wheelhouse.py wheelhouse 3.12": _OFFLINE,
    "python examples/synthetic-raster/generate.py --size 1000 --out province": _GENERATOR,
    "gep run province": _GENERATOR,
    "gep run examples/jiangxi-raster": _BROUGHT,
    'gep run 项目 --scheduler tcp://HOST:8786 --memory "8 GiB" --threads 8': _CLUSTER,
    'gep run PROJECT --scheduler tcp://HOST:8786 --memory "8 GiB" --threads 8': _CLUSTER,
}  # fmt: skip
# The project that a page goes on with is that of another page.
GOES_ON_FROM = {"assess": "own-scheme"}
REFUSED = ("gep compare examples/poyang-zone examples/hongsibu",)  # it is what the page tells
FROM_FILE = "region,from,to,"  # how a table begins that test_docs.py holds against the file


class Part(NamedTuple):
    """A block of a page: a file if it has a name, else what its kind says."""

    name: str
    kind: str
    body: str


def _parts(text: str) -> list[Part]:
    return [
        Part(name, kind, re.sub(f"^{indent}", "", body, flags=re.MULTILINE))
        for name, indent, kind, body in PART.findall(text)
    ]


def _lines(part: Part) -> list[str]:
    """The commands of a block, without comments and without what a list says beside them."""
    if part.name:
        return []
    body = re.sub(r"\\\n\s*", "", part.body)
    if part.kind in ("", "text"):
        body = "\n".join(re.findall(rf"^{PROGRAM}.*$", body, re.MULTILINE))
        body = re.sub(r" {2,}.*$", "", body, flags=re.MULTILINE)
    elif part.kind not in ("sh", "bat"):
        return []
    lines = [re.sub(r"\s+#.*$", "", line).strip() for line in body.splitlines()]
    return [line for line in lines if line]


def _commands(text: str) -> list[str]:
    return [line for part in _parts(text) for line in _lines(part)]


def _python(text: str) -> list[str]:
    return [part.body for part in _parts(text) if part.kind == "python" and not part.name]


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _pages(language: Language) -> Iterator[Path]:
    for page in sorted((DOCS / language).rglob("*.md")):
        if "reference" not in page.parts:
            yield page
    name = {"zh": "README.md", "en": "README.en.md"}[language]
    yield from sorted(EXAMPLES.glob(f"*/{name}"))


def _shows_output(page: Path) -> bool:
    """Whether a block after the first command tells what commands say."""
    kinds = [part.kind for part in _parts(_text(page))]
    return "sh" in kinds and "text" in kinds[kinds.index("sh") :]


TUTORIAL = {language: DOCS / language / "tutorial.md" for language in LANGUAGES}
LISTS = [DOCS / language / "commands.md" for language in LANGUAGES]  # of what the tutorial runs
EVERY_PAGE = [ROOT / "README.md", *_pages("zh"), *_pages("en")]


def _pages_to_run() -> list[Path]:
    """Those that have commands or Python of their own, or say what commands answer.

    An English page has the commands of the Chinese one; a page of an example has those of a guide.
    """
    pages = []
    known = set(NOT_RUN)
    for page in EVERY_PAGE:
        things = {*_commands(_text(page)), *_python(_text(page))}
        is_elsewhere = page in (*TUTORIAL.values(), *LISTS)
        if not is_elsewhere and (things - known or _shows_output(page)):
            pages.append(page)
            known |= things
    return pages


RUN = _pages_to_run()


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _write_tables(folder: Path) -> None:
    """Write the workbooks that the page on tables is about, and a project without areas and data."""
    page = _text(DOCS / "zh" / "how-to" / "import-tables.md")
    book = Workbook()
    sheet = book.active
    sheet.title = "表1"
    for line in re.findall(r"^\| \d+ \|(.*)\|$", page, re.MULTILINE):
        words = [word.strip().removesuffix("（合并 A1:D1）") for word in line.split("|")]
        sheet.append([_cell(word) for word in words])
    sheet.merge_cells("A1:D1")
    book.save(folder / "三调.xlsx")
    book = Workbook()
    book.active.title = "1-1"
    book.active.append(["指标", "单位", "2020年"])
    book.active.append(["rainfall", "毫米", 1600])
    book.save(folder / "年鉴.xlsx")
    shutil.copytree(DOCS / "demo-county", folder / "my-county")
    for name in ("areas.csv", "data.csv"):
        (folder / "my-county" / name).unlink()


def _cell(word: str) -> float | str | None:
    is_number = re.fullmatch(r"\d+\.\d+|[1-9]\d*", word) is not None
    return float(word) if is_number else word or None


def _write_incomplete_project(folder: Path) -> None:
    """Write the demonstration county without the data and coefficients that a form then asks for."""
    shutil.copytree(DOCS / "demo-county", folder / "my-county")
    data = folder / "my-county" / "data.csv"
    rows = data.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    data.write_text("".join(rows[:10]), encoding="utf-8")


def _write_filled_checklist(folder: Path) -> None:
    """Write the demonstration county, and a checklist that made-up readers have filled in."""
    shutil.copytree(DOCS / "demo-county", folder / "my-county")

    def change(book: Workbook) -> None:
        for item in checklists.items(checklists.sheet(book, "indicator")):
            checklists.answer(book, "indicator", item, {"page": "3", "answer": "yes"})

    checklists.filled("rcees-2017", folder / "filled.xlsx", change)


PREPARED: dict[str, Callable[[Path], None]] = {
    "sign-a-standard": _write_filled_checklist,
    "import-tables": _write_tables,
    "excel": _write_incomplete_project,
}


def _write(part: Part, folder: Path) -> None:
    file = folder / part.name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(part.body, encoding="utf-8")


def _run_line(line: str, folder: Path, language: Language) -> None:
    """Run a line of a page: gep in this process, pip into a folder that Python then searches."""
    program, *words = shlex.split(line)
    if program == "pip":
        site = folder / "site"
        options = ["--no-index", "--no-build-isolation", "--no-deps", "--target", str(site)]
        command = [sys.executable, "-m", "pip", words[0], "--quiet", *options, *words[1:]]
        subprocess.run(command, check=True, capture_output=True)
        return
    assert program == "gep", line
    if language == "en" and words[0] in ("compare", "test", "explain", "import", "standard"):
        words += ["--language", "en"]  # the projects of the manual are Chinese; the pages say so
    needs_more = "by_ecosystem.parquet" in words and find_spec("pyarrow") is None
    refused = needs_more or line in REFUSED  # the extra is asked for by name
    assert main(words) == (2 if refused else 0), line


def _follow(
    page: Path, folder: Path, language: Language, said: Callable[[], str]
) -> list[tuple[str, str]]:
    """Do what a page says, top to bottom; return what it shows with all that was said until then.

    The English page has the commands of the Chinese one: it is followed for what it shows.
    """
    text = _text(page)
    for example in set(re.findall(r"examples/([a-z0-9-]+)", text)):
        if (EXAMPLES / example).is_dir():
            ignored = shutil.ignore_patterns("out", "__pycache__")
            target = folder / "examples" / example
            shutil.copytree(EXAMPLES / example, target, ignore=ignored)
    names: dict[str, object] = {}
    shown = []
    told = ""
    parts = _parts(text)
    if language == "en":
        last = max(place for place, part in enumerate(parts) if part.kind == "text")
        parts = [part for part in parts[: last + 1] if part.kind != "python"]
    for part in parts:
        lines = _lines(part)
        if part.name:
            _write(part, folder)
        elif part.kind == "python":
            exec(compile(part.body, _name(page), "exec"), names)
        elif part.kind == "text" and told and not part.body.startswith(FROM_FILE):
            shown.append((part.body, told))
        for line in lines:
            if line not in NOT_RUN:
                _run_line(line, folder, language)
        if lines:
            told += said()
    return shown


@pytest.mark.parametrize("page", RUN, ids=_name)
def test_commands_and_python_of_a_page_run_as_written_and_say_what_it_shows(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    language: Language = "en" if page in set(_pages("en")) else "zh"
    monkeypatch.setenv("LC_ALL", {"zh": "zh_CN.UTF-8", "en": "C.UTF-8"}[language])
    monkeypatch.setenv("COLUMNS", "200")  # of the terminal that the tables are made for
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "site")

    def said() -> str:
        captured = capsys.readouterr()
        return captured.out + captured.err

    name = page.stem
    if name in PREPARED:
        PREPARED[name](tmp_path)
    if name in GOES_ON_FROM:
        for part in _parts(_text(page.with_name(f"{GOES_ON_FROM[name]}.md"))):
            if part.name:
                _write(part, tmp_path)
    for body, told in _follow(page, tmp_path, language, said):
        assert tutorial.lines_not_told(body, told) == []


def test_import_tables_shows_the_rows_that_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = DOCS / "zh" / "how-to" / "import-tables.md"
    monkeypatch.chdir(tmp_path)
    _write_tables(tmp_path)
    _follow(page, tmp_path, "zh", str)
    (shown,) = (part.body for part in _parts(_text(page)) if part.kind == "csv")
    written = (tmp_path / "my-county" / "areas.csv").read_text(encoding="utf-8-sig")
    assert written.startswith(shown)


@cache
def _accounted() -> frozenset[str]:
    """The commands and the Python of the pages that tests run, and what is listed."""
    known = {line for page in RUN for line in _commands(_text(page))} | set(NOT_RUN)
    programs = {body for page in RUN for body in _python(_text(page))}
    # test_docs.py follows the tutorials
    programs |= set(_python(_text(TUTORIAL["zh"])))
    for language in LANGUAGES:
        parts = (tutorial.asking, tutorial.opening, tutorial.later, tutorial.signing)
        known |= {line for commands in parts for line in commands(language)}
    return frozenset(known | programs)


def _unaccounted(text: str) -> list[str]:
    """What looks like a command or is Python in a page, and is neither run by a test nor listed."""
    # whatever block it stands in, and outside of blocks, too
    joined = re.sub(r"\\\n\s*", "", text)
    alike = re.findall(rf"^\s*(?:\$ )?({PROGRAM}.*)$", joined, re.MULTILINE)
    alike = [re.sub(r"(\s+#| {2,}).*$", "", line).strip() for line in alike]
    lines = [*_commands(text), *alike]
    return [line for line in [*lines, *_python(text)] if line not in _accounted()]


@pytest.mark.parametrize("page", EVERY_PAGE, ids=_name)
def test_every_command_of_a_page_is_run_or_listed(page: Path) -> None:
    assert _unaccounted(_text(page)) == []


def test_a_command_that_no_test_runs_is_noticed() -> None:
    page = (
        "1. Then\n\n   ```sh\n   gep run nowhere   # comment\n   ```\n\n```text\npip install this\n```\n"
        '```bat\ngep check nowhere\n```\n```python\nprint("that")\n```\n```sh\nls \\\n    -l\n```\n'
    )
    told = set(_unaccounted(page))
    assert told == {
        "gep run nowhere",
        "pip install this",
        "gep check nowhere",
        "ls -l",
        'print("that")\n',
    }


def test_what_no_command_says_is_noticed() -> None:
    said = "[a-code] file row 1: too long / fix: less\n│ a │ 1 │\n"
    assert tutorial.lines_not_told("[a-code] file ... / fix: ...\n│ a │\n", said) == []
    assert tutorial.lines_not_told("[a-code] book ... / fix: ...\n│ 2 │\n", said) == [
        "[a-code] book ... / fix: ...",
        "│ 2 │",
    ]


def test_what_is_listed_stands_in_the_manual_and_nothing_else_is() -> None:
    lines = {line for page in EVERY_PAGE for line in _commands(_text(page))}
    assert set(NOT_RUN) <= lines
    assert set(REFUSED) <= lines
