"""Sign-off: two made-up readers hold a standard against a made-up text, and everything is taken back again."""

import csv
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from support import checklists
from support.checklists import Answers, answer, column, filled, items, row_of, sheet
from support.paths import EXAMPLES, FORMAT_EXAMPLE
from support.recalculation import save_by_libreoffice

import gep
from gep.account.caption import caption
from gep.cli.app import main
from gep.errors import ProblemLog, ProblemsFound
from gep.inputs.value_rows import GRADE
from gep.project.project import check_project
from gep.report.checklist_workbook import sheet_title
from gep.standards.sign_off import ITEM_KINDS, SignedItem
from gep.standards.standard import load_standard
from gep.texts.catalogue import LANGUAGES, Language
from gep.workflows.sign_off import sign_standard, write_checklist

ID = "format-example"
SIGNED = f"{ID}.signed.csv"
YES: Answers = {"page": "12", "answer": "yes"}
STEP = "water_retention.value"
CLAUSE: Answers = {"page": "7", "answer": "no", "clause": "2.3"}
ROW = "base:reservoir_cost price_year=2020"
VALUE: Answers = {"page": "31", "answer": "no", "value": "2.5", "unit": "CNY m-3"}
ABSENT = "base:treatment_cost substance=NOx price_year=2020"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the format example, whose standard is a file of the user."""
    target = tmp_path / "villages"
    shutil.copytree(FORMAT_EXAMPLE, target, ignore=shutil.ignore_patterns("expected"))
    return target


def _all_yes(book: openpyxl.Workbook, language: Language = "en") -> None:
    words = {"en": "yes", "zh": "是"}[language]
    for kind in ITEM_KINDS:
        for item in items(sheet(book, kind, language)):
            answer(book, kind, item, {**YES, "answer": words}, language)


def _with_differences(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    answer(book, "step", STEP, CLAUSE)
    answer(book, "coefficient", ROW, VALUE)
    answer(book, "coefficient", ABSENT, {"page": "", "answer": "absent"})


def _sign(folder: Path, change: Callable[[openpyxl.Workbook], object]) -> int:
    path = filled(folder / "standard.toml", folder / "sheet.xlsx", change)
    return main(["standard", "sign", str(folder / "standard.toml"), str(path)])


def _signed_rows(folder: Path, name: str = SIGNED) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / name).read_text(encoding="utf-8-sig").splitlines()))


def _grades(folder: Path) -> dict[str, str]:
    """The grade of each row of the set of the standard, by coefficient and keys, as a plan has it."""
    _, plans = check_project(folder, allow_code=True)
    table = plans[0].table()
    rows = table[table["set@version"].str.startswith("base@")]
    return dict(zip(rows["name"] + " " + rows["row"].astype(str), rows["grade"], strict=True))


def _evidence(folder: Path) -> str:
    return gep.read_standard(folder / "standard.toml").spec.evidence


def _files(folder: Path) -> dict[str, bytes]:
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return files


def _apply(folder: Path, *options: str) -> None:
    command = ["git", "apply", *options, f"{ID}.patch"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def test_played_through_and_undone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two readers confirm all but a clause and a number; the patch corrects both; all is undone."""
    before = _files(folder)
    grades = _grades(folder)
    assert set(grades.values()) == {"placeholder"}
    assert _evidence(folder) == "published"
    assert _sign(folder, _with_differences) == 0
    said = capsys.readouterr().out
    names = {f"{ID}.patch", f"{ID}.differences.csv", SIGNED, "sheet.xlsx"}
    assert set(_files(folder)) == set(before) | names

    standard = gep.read_standard(folder / "standard.toml")
    count = len(standard.spec.indicator) + len(standard.steps())
    assert (standard.sign_off.verified, standard.sign_off.required) == (count - 1, count)
    assert f"{count - 1} of {count}" in said or f"{count} 项，已核对 {count - 1} 项" in said
    assert standard.spec.evidence == "published", "a step of the text is not in the standard yet"
    project, plans = check_project(folder, allow_code=True, language="en")
    warned = [problem.code for problem in plans[0].warnings]
    warned += [problem.code for problem in project.warnings]
    assert "sign-off-changed" in warned
    shares = {"grade": {"official": 1.0}, "transfer": 0.0, "nominal": 0.0, "typical": 0.0}
    lines = caption(plans[0], shares, "en")  # type: ignore[arg-type]
    (line,) = [line for line in lines if line.startswith("two readers")]
    assert line.startswith(f"two readers have confirmed {count - 1} of {count} ")
    signed = _grades(folder)
    assert {name for name, grade in signed.items() if grade != "official"} == {
        name for name in grades if name.startswith(("水库", "reservoir_cost")) or "库容" in name
    }, "all used numbers but the one that differs are official"

    _apply(folder)
    after = _files(folder)
    assert after["standard.toml"] == before["standard.toml"].replace(
        b'clause = "2.2"', b'clause = "2.3"'
    )
    row = b"reservoir_cost,,,,,2,CNY m-3,"
    assert after["base/numbers.csv"] == before["base/numbers.csv"].replace(
        row, b"reservoir_cost,,,,,2.5,CNY m-3,"
    )
    assert _evidence(folder) == "verified"
    assert set(_grades(folder).values()) == {"official"}

    (folder / SIGNED).unlink()
    assert _evidence(folder) == "published"
    _apply(folder, "--reverse")
    for name in names:
        (folder / name).unlink(missing_ok=True)
    assert _files(folder) == before
    assert _grades(folder) == grades


def test_what_is_written_says_who_read_what(folder: Path) -> None:
    _sign(folder, _with_differences)
    rows = _signed_rows(folder)
    assert list(rows[0]) == list(SignedItem._fields)
    assert {row["reader_1"] for row in rows} == {checklists.READERS["name"][0]}
    assert {row["sha256"] for row in rows} == {"0a" * 32}
    assert {row["date"] for row in rows} == {"2026-11-21"}, "when the second reader was done"
    by_item = {row["item"]: row for row in rows}
    assert by_item[STEP]["page"] == "7"
    assert ABSENT not in by_item
    differences = _signed_rows(folder, f"{ID}.differences.csv")
    assert [(row["item"], row["answer"], row["in_patch"]) for row in differences] == [
        (STEP, "no", "yes"),
        (ROW, "no", "yes"),
        (ABSENT, "absent", "no"),
    ]


def test_patch_takes_it_too(folder: Path) -> None:
    patch = shutil.which("patch")
    if patch is None:
        pytest.skip("there is no program patch")
    _sign(folder, _with_differences)
    text = (folder / f"{ID}.patch").read_bytes()
    subprocess.run([patch, "-p1"], cwd=folder, input=text, check=True, capture_output=True)
    assert _evidence(folder) == "verified"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", [True, False])
def test_a_patch_fits_files_as_they_are_saved(
    folder: Path, end: bytes, mark: bytes, last: bool
) -> None:
    """Line ends of Windows, the mark of Excel, and a last line without an end stay as they are."""
    for name in ("standard.toml", "base/numbers.csv"):
        content = (folder / name).read_bytes().replace(b"\n", end)
        if not last:
            content = content.removesuffix(end)
        (folder / name).write_bytes((mark if name.endswith("csv") else b"") + content)
    last_row = "base:treatment_cost substance=NOx price_year=2020"

    def change(book: openpyxl.Workbook) -> None:
        _with_differences(book)
        answer(book, "coefficient", last_row, {"page": "9", "answer": "no", "value": "631"})

    before = _files(folder)
    assert _sign(folder, change) == 0
    _apply(folder)
    after = _files(folder)
    row = before["base/numbers.csv"].replace(b",2,CNY m-3", b",2.5,CNY m-3")
    assert after["base/numbers.csv"] == row.replace(b",630,", b",631,")
    clause = before["standard.toml"].replace(b'clause = "2.2"', b'clause = "2.3"')
    assert after["standard.toml"] == clause


def test_what_changes_after_the_sign_off_is_not_verified(folder: Path) -> None:
    _sign(folder, _all_yes)
    assert _evidence(folder) == "verified"
    numbers = folder / "base" / "numbers.csv"
    text = numbers.read_text(encoding="utf-8")
    numbers.write_text(text.replace("rice,,2.8,", "rice,,2.9,"), encoding="utf-8")
    grades = _grades(folder)
    assert sorted(set(grades.values())) == ["official", "placeholder"]
    assert list(grades.values()).count("placeholder") == 1
    standard = folder / "standard.toml"
    text = standard.read_text(encoding="utf-8")
    standard.write_text(text.replace('clause = "3.1"', 'clause = "3.9"'), encoding="utf-8")
    assert _evidence(folder) == "published"
    problems = ProblemLog()
    assert load_standard(str(standard), None, "standard", problems) is not None
    (warning,) = problems.warnings
    assert warning.code == "sign-off-changed"
    assert "air_purification.capacity" in warning.say_what("en")


def test_a_changed_equation_is_not_verified(folder: Path) -> None:
    """The method is read, not run: nobody has allowed it."""
    _sign(folder, _all_yes)
    path = folder / "methods.py"
    code = path.read_text(encoding="utf-8")
    first = '"""'.join(code.split("def water_balance")[1].split('"""')[1:2])
    changed = code.replace(
        first, first + "\n\n    Notes\n    -----\n    Q = another equation\n    "
    )
    path.write_text(changed + "\nraise SystemExit('run')\n", encoding="utf-8")
    standard = gep.read_standard(folder / "standard.toml")
    assert standard.sign_off.required - standard.sign_off.verified == 1
    assert standard.spec.evidence == "published"


def test_two_sheets_add_up(folder: Path) -> None:
    """What was not read stays open; a later sheet adds to the file, and may take back."""

    def part(kinds: tuple[str, ...]) -> Callable[[openpyxl.Workbook], None]:
        def change(book: openpyxl.Workbook) -> None:
            for kind in ITEM_KINDS:
                for item in items(sheet(book, kind)) if kind in kinds else ():
                    answer(book, kind, item, YES)

        return change

    assert _sign(folder, part(("indicator", "coefficient"))) == 0
    first = len(_signed_rows(folder))
    assert _evidence(folder) == "published"
    (folder / "sheet.xlsx").unlink()
    assert _sign(folder, part(("step",))) == 0
    assert len(_signed_rows(folder)) > first
    assert _evidence(folder) == "verified"
    (folder / "sheet.xlsx").unlink()

    def absent(book: openpyxl.Workbook) -> None:
        answer(book, "step", STEP, {"page": "", "answer": "absent"})

    assert _sign(folder, absent) == 0
    assert STEP not in {row["item"] for row in _signed_rows(folder)}
    assert _evidence(folder) == "published"


def test_differences_that_no_patch_holds_are_left_to_people(folder: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        answer(book, "step", STEP, {**CLAUSE, "clause": "", "remark": "another formula"})
        answer(book, "indicator", "recreation", {"page": "3", "answer": "no", "remark": "no"})

    path = filled(folder / "standard.toml", folder / "sheet.xlsx", change)
    signed = sign_standard(str(folder / "standard.toml"), path)
    assert (signed.counts["no"], signed.by_hand, dict(signed.patches)) == (2, 2, {})
    assert signed.sign_off is None
    assert not (folder / SIGNED).exists()
    assert not (folder / f"{ID}.patch").exists()


def test_a_step_of_the_base_is_not_corrected_in_the_derived_standard(tmp_path: Path) -> None:
    derived = tmp_path / "ours.toml"
    lines = ['base = "xie-2015"', 'id = "ours"', 'title = "Ours"', 'source = "own"']
    lines += ['evidence = "recalled"', 'legal = "draft"', "[sources.own]", 'title = "Our text"']
    derived.write_text("\n".join([*lines, ""]), encoding="utf-8")

    def change(book: openpyxl.Workbook) -> None:
        answer(book, "step", items(sheet(book, "step"))[0], CLAUSE)

    signed = sign_standard(str(derived), filled(derived, tmp_path / "sheet.xlsx", change))
    assert (signed.by_hand, dict(signed.patches)) == (1, {})


# --- a standard that ships, signed in a project ---------------------------------------------------


def test_a_project_has_the_sign_off_of_a_shipped_standard(tmp_path: Path) -> None:
    project = tmp_path / "gulf"
    shutil.copytree(EXAMPLES / "beibu-gulf", project)
    bare = gep.run_project(project, tmp_path / "bare", language="en")
    assert bare.accounts[0].plan.standard.spec.evidence == "published"
    path = filled("xie-2015", tmp_path / "sheet.xlsx", _all_yes)
    assert main(["standard", "sign", "xie-2015", str(path), "--out", str(project)]) == 0
    result = gep.run_project(project, tmp_path / "out", language="en")
    plan = result.accounts[0].plan
    assert plan.standard.spec.evidence == "verified"
    grade = plan.sets[-1].rows["grade"]
    assert (grade == GRADE["official"]).sum() == plan.sets[-1].signed > 100
    region = plan.extent.regions[0]
    values = [each.accounts[0].total(region) for each in (bare, result)]
    assert values[0] == values[1], "evidence changes no number"
    manifest = (tmp_path / "out" / "manifest.json").read_text(encoding="utf-8")
    assert "xie-2015.signed.csv" in manifest, "an input with its checksum"
    assert main(["verify", str(tmp_path / "out"), "--project", str(project)]) == 0
    assert gep.read_standard("xie-2015").spec.evidence == "published", "elsewhere it does not count"
    (project / "xie-2015.signed.csv").unlink()
    again = gep.run_project(project, tmp_path / "again", language="en")
    assert again.accounts[0].plan.standard.spec.evidence == "published"
    assert not again.accounts[0].plan.standard.sign_off.signed


def test_a_patch_of_what_ships_starts_from_the_repository(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        answer(book, "coefficient", items(sheet(book, "coefficient"))[0], {**VALUE, "unit": ""})

    path = filled("xie-2003", tmp_path / "sheet.xlsx", change)
    signed = sign_standard("xie-2003", path, tmp_path)
    ((patch, root),) = signed.patches.items()
    assert "--- a/coefficients/xie-2003/" in patch.read_text(encoding="utf-8")
    command = ["git", "apply", "--check", "-p1", str(patch)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)


# --- workbooks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_checklist_lists_all_that_the_text_may_say(tmp_path: Path, language: Language) -> None:
    written = write_checklist("rcees-2017", tmp_path / "list.xlsx", language=language)
    standard = gep.read_standard("rcees-2017")
    book = openpyxl.load_workbook(tmp_path / "list.xlsx")
    pages = {kind: sheet(book, kind, language) for kind in ITEM_KINDS}
    assert written.rows == sum(len(items(page)) for page in pages.values())
    assert items(pages["indicator"]) == [each.id for each in standard.spec.indicator]
    assert len(items(pages["step"])) == len(standard.steps())
    equations = {cell.value for cell in pages["step"]["C"]}
    assert any("Q_wr = Σ A (P - R - ET)" in str(words) for words in equations)
    numbers = pages["coefficient"]
    inputs = (
        pages["step"]
        .cell(row_of(pages["step"], "water_supply.value water_supply_quantity=use|clean"), 4)
        .value
    )
    assert "price: coef=water_price index=cpi" in str(inputs)
    assert "over use=domestic, industry, farming" in str(inputs)
    row = row_of(numbers, "rcees-parameters:water_price use=domestic price_year=2010")
    assert numbers.cell(row, 3).value == 2.6
    grade = {"zh": "公开发表", "en": "published"}[language]
    assert grade in str(numbers.cell(row, 8).value)
    asked = {binding.coef for named in standard.steps() for binding in named.step.inputs.values()}
    listed = {item.partition(":")[2].split(" ")[0] for item in items(numbers)}
    assert listed <= asked
    for page in pages.values():
        assert page.freeze_panes == f"C{checklists.FIRST_ROW}"
        assert page.print_title_rows == f"$1:${checklists.HEADING_ROW}"
        rules = page.data_validations.dataValidation
        assert [rule.type for rule in rules] == ["list", "list"]
        assert int(page.page_setup.paperSize) == 9
    cover = [str(cell.value) for cell in book.worksheets[0]["B"]]
    assert standard.checksum in cover


@pytest.mark.office
def test_a_sheet_saved_by_libreoffice_is_signed_the_same(folder: Path, tmp_path: Path) -> None:
    """Typed, sorted out of order, and saved by another program, in Chinese."""

    def change(book: openpyxl.Workbook) -> None:
        _all_yes(book, "zh")

    path = filled(folder / "standard.toml", folder / "sheet.xlsx", change, "zh")
    saved = save_by_libreoffice(path, tmp_path)
    first = sign_standard(str(folder / "standard.toml"), path, tmp_path / "first")
    second = sign_standard(str(folder / "standard.toml"), saved, tmp_path / "second")
    assert first.verified == first.required == second.verified
    files = [tmp_path / name / SIGNED for name in ("first", "second")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_rows_may_be_sorted(folder: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        _all_yes(book)
        page = sheet(book, "step")
        for reader in (1, 2):  # a number, as a spreadsheet makes of what is typed
            page.cell(checklists.FIRST_ROW, column("step", "page", reader)).value = 12
        rows = [[cell.value for cell in row] for row in page.iter_rows(checklists.FIRST_ROW)]
        for number, cells in enumerate(reversed(rows), checklists.FIRST_ROW):
            for position, value in enumerate(cells, 1):
                page.cell(number, position).value = value

    assert _sign(folder, change) == 0
    assert _evidence(folder) == "verified"


# --- what is wrong with a sheet -------------------------------------------------------------------


def _reader(row: int, position: int, words: object) -> Callable[[openpyxl.Workbook], None]:
    """Have something else on the sheet of readers: row 1 is the name, reader 1 or 2."""

    def change(book: openpyxl.Workbook) -> None:
        _all_yes(book)
        page = sheet(book, "readers")
        page.cell(checklists.HEADING_ROW + row, 1 + position).value = words

    return change


def _entry(name: str, words: object, reader: int = 2) -> Callable[[openpyxl.Workbook], None]:
    """Have a reader write something else into the row of the number."""

    def change(book: openpyxl.Workbook) -> None:
        _with_differences(book)
        page = sheet(book, "coefficient")
        page.cell(row_of(page, ROW), column("coefficient", name, reader)).value = words

    return change


def _no_answers(book: openpyxl.Workbook) -> None:
    """Nobody has read anything."""


def _other_workbook(book: openpyxl.Workbook) -> None:
    for page in book.worksheets[1:]:
        book.remove(page)


def _without_sheet(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    book.remove(sheet(book, "step"))


def _renamed(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    page = sheet(book, "indicator")
    page.cell(checklists.HEADING_ROW, 1).value = "Row"


def _without_row(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    page = sheet(book, "step")
    page.delete_rows(row_of(page, STEP))


def _more_rows(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    page = sheet(book, "step")
    page.cell(page.max_row + 1, 1).value = "another.step"


def _twice(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    page = sheet(book, "step")
    row = page.max_row + 1
    for position, cell in enumerate(page[checklists.FIRST_ROW], 1):
        page.cell(row, position).value = cell.value


def _changed_number(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    page = sheet(book, "coefficient")
    page.cell(row_of(page, ROW), 3).value = 2.5


def _changed_words(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    page = sheet(book, "step")
    page.cell(row_of(page, STEP), 6).value = "9.9"


def _single_reader(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    page = sheet(book, "step")
    for name in ("page", "answer"):
        page.cell(row_of(page, STEP), column("step", name, 2)).value = None


def _no_answer(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    page = sheet(book, "step")
    for reader in (1, 2):
        page.cell(row_of(page, STEP), column("step", "answer", reader)).value = None


def _other_version(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    for row in book.worksheets[0].iter_rows():
        if row[0].value == "Checksum of the standard":
            row[1].value = "0" * 64


def _other_set(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    for row in book.worksheets[0].iter_rows():
        if row[0].value == "Versions of the sets":
            row[1].value = "base@9.9.9"


def _other_standard(book: openpyxl.Workbook) -> None:
    _all_yes(book)
    for row in book.worksheets[0].iter_rows():
        if row[0].value == "Id of the standard":
            row[1].value = "rcees-2017"


BROKEN: dict[str, tuple[Callable[[openpyxl.Workbook], object], str, str]] = {
    "another workbook": (_other_workbook, "4 sheets are missing", ""),
    "a sheet less": (_without_sheet, "1 sheet is missing: Formulas", ""),
    "a heading changed": (_renamed, "1 heading is missing: Item", "#Indicators"),
    "of another standard": (_other_standard, "'rcees-2017', not of 'format-example'", "#Cover"),
    "of another version": (_other_version, "another version: 0000", "#Cover"),
    "of another set": (_other_set, "another version: base@9.9.9", "#Cover"),
    "a row less": (_without_row, f"1 row is missing: {STEP}", "#Formulas"),
    "a row more": (_more_rows, "no row 'another.step'", "#Formulas A"),
    "a row twice": (_twice, "is there more than once", "#Formulas A"),
    "a number changed": (_changed_number, "'2.5' stands where the checklist has '2", " C"),
    "a clause changed": (_changed_words, "'9.9' stands where the checklist has '2.2'", " F"),
    "nothing answered": (_no_answers, "no row is answered", ""),
    "no second reader": (_reader(1, 2, None), "Name is blank", "#Readers C4"),
    "the same reader": (_reader(1, 2, "LI  MADE-UP"), "both readers are Li Made-up", "C4"),
    "no edition": (_reader(2, 1, " "), "Edition read (number, year, printing) is blank", "B5"),
    "two editions": (_reader(2, 2, "second printing"), "read different editions", "C5"),
    "a checksum cut": (_reader(3, 1, "0a" * 31), "is no SHA-256", "B6"),
    "a checksum of zeros": (_reader(3, 1, "0" * 64), "is no SHA-256", "B6"),
    "two copies": (_reader(3, 2, "0b" * 32), "read different copies", "C6"),
    "a day of nowhere": (_reader(4, 1, "2026-02-30"), "'2026-02-30' is no day", "B7"),
    "a day in words": (_reader(4, 2, "yesterday"), "'yesterday' is no day", "C7"),
    "one reader of a row": (_single_reader, "the other has answered", "#Formulas"),
    "no answer beside a page": (_no_answer, "the answer is blank, but other cells", ""),
    "two answers": (_entry("answer", "yes"), "the readers answer differently", ""),
    "another word": (_entry("answer", "maybe"), "'maybe' is no answer", ""),
    "no page": (_entry("page", None), "the page is blank", ""),
    "two pages": (_entry("page", "32"), "different things: 31, 32", ""),
    "two numbers": (_entry("value", "2.6"), "different things: 2.5, 2.6", ""),
    "a number in words": (_entry("value", "about 3"), "'about 3' is no number", ""),
    "an infinite number": (_entry("value", "1e999x"), "is no number", ""),
    "a unit of nowhere": (_entry("unit", "furlongs"), "the unit 'furlongs' cannot be read", ""),
    "text of the standard": (_entry("remark", "x" * 201), "it has 201 characters", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_sheet_is_told_with_its_cell_and_nothing_is_written(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change, words, place = BROKEN[name]
    path = filled(folder / "standard.toml", folder / "sheet.xlsx", change)
    before = _files(folder)
    command = ["standard", "sign", str(folder / "standard.toml"), str(path), "--language", "en"]
    assert main(command) == 2
    lines = capsys.readouterr().err.splitlines()
    assert any(
        "[checklist] sheet.xlsx" in line and words in line and place in line and "fix:" in line
        for line in lines
    ), lines
    assert _files(folder) == before


def test_all_faults_of_a_sheet_are_told_at_once(folder: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        for each in (_with_differences, _reader(3, 1, "?"), _changed_words, _more_rows):
            each(book)
        _single_reader(book)

    path = filled(folder / "standard.toml", folder / "sheet.xlsx", change)
    with pytest.raises(ProblemsFound) as caught:
        sign_standard(str(folder / "standard.toml"), path)
    assert {problem.message.rpartition("-")[2] for problem in caught.value.problems} >= {
        "sha256", "changed", "unknown", "reader",
    }  # fmt: skip


def test_instead_belongs_to_no(folder: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        answer(book, "coefficient", ROW, {"page": "1", "answer": "yes", "value": "3"})
        answer(book, "step", STEP, {"page": "1", "answer": "no"})

    path = filled(folder / "standard.toml", folder / "sheet.xlsx", change)
    with pytest.raises(ProblemsFound) as caught:
        sign_standard(str(folder / "standard.toml"), path)
    messages = {problem.message for problem in caught.value.problems}
    assert messages == {
        "workflows.checklist-instead-without-no",
        "workflows.checklist-instead-blank",
    }


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04 cut"])
def test_a_file_that_is_no_workbook_is_told(folder: Path, content: bytes) -> None:
    path = folder / "sheet.xlsx"
    path.write_bytes(content)
    with pytest.raises(ProblemsFound):
        sign_standard(str(folder / "standard.toml"), path)
    with pytest.raises(ProblemsFound):
        sign_standard(str(folder / "standard.toml"), folder / "nowhere.xlsx")
    assert not (folder / SIGNED).exists()


def test_earlier_lists_are_not_overwritten(folder: Path) -> None:
    assert _sign(folder, _with_differences) == 0
    before = _files(folder)
    path = str(folder / "sheet.xlsx")
    assert main(["standard", "sign", str(folder / "standard.toml"), path]) == 2
    assert _files(folder) == before


# --- what is wrong with a sign-off file -----------------------------------------------------------


def test_a_link_out_of_the_project_is_refused(folder: Path, tmp_path: Path) -> None:
    _sign(folder, _all_yes)
    (folder / SIGNED).rename(tmp_path / SIGNED)
    try:
        (folder / SIGNED).symlink_to(tmp_path / SIGNED)
    except OSError:
        pytest.skip("there are no links here")
    with pytest.raises(ProblemsFound) as caught:
        gep.read_standard(folder / "standard.toml")
    assert [problem.code for problem in caught.value.problems] == ["path-outside"]


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("standard", "rcees-2017", "signed-standard"),
        ("kind", "clause", "signed-kind"),
        ("item", "farm_products", "signed-item"),
        ("reader_2", "li made-up", "signed-reader-2"),
        ("sha256", "0a", "signed-sha256"),
        ("date", "2026", "signed-date"),
        ("page", "", "unsigned"),
    ],
)
def test_a_row_that_no_two_readers_wrote_is_refused(
    folder: Path, name: str, words: str, message: str
) -> None:
    _sign(folder, _all_yes)
    rows = _signed_rows(folder)
    rows[1][name] = words
    if name == "item":
        rows[1] = {**rows[0]}
    with (folder / SIGNED).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, SignedItem._fields)
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(ProblemsFound) as caught:
        gep.read_standard(folder / "standard.toml")
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == ("sign-off", f"standards.{message}")
    assert "3" in problem.say_where("en")


def test_titles_of_sheets_fit_and_differ() -> None:
    for language in LANGUAGES:
        titles = [sheet_title(name, language) for name in ("readers", *ITEM_KINDS)]
        assert len(set(titles)) == 4
        assert all(len(title) <= 31 for title in titles)
