"""``gep verify`` finds a digit that was changed in any input of an assessment, and says where."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.paths import EXAMPLES
from support.schemes import Whole, event, one, reading, target

import gep
from gep.errors import ProblemsFound, make_problem
from gep.io.result_folder import read_record
from gep.workflows import assess, input_rows
from gep.workflows.verify import verify

DIGIT = re.compile(rb"\d")
ENTRY: dict[str, Any] = {"who": "考核办", "document": "1号", "year": 2019}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example of an assessment with a log, assessed."""
    folder = tmp_path_factory.mktemp("verified") / "p"
    shutil.copytree(EXAMPLES / "jiangxi-assessment", folder)
    with (folder / "project.toml").open("a", encoding="utf-8") as file:
        file.write('log = "log.csv"\n')
    for state in ("初算", "复核", "反馈"):
        gep.record_review(folder, state=state, scheme="placeholder-ranking", **ENTRY)
    gep.assess_project(folder)
    return folder


def inputs_of(folder: Path) -> list[Path]:
    """The inputs of all schemes that are in the project, by their records."""
    names: dict[str, None] = {}
    for file in sorted(folder.glob("out/assessment/*/assessment.json")):
        names |= dict.fromkeys(read_record(file)["inputs"])
    return [folder / name for name in names if not name.startswith("gep:")]


def changes(content: bytes) -> Iterator[tuple[int, bytes]]:
    """A digit of every cell of every line changed: the line, and the content with the other digit."""
    position = 0
    for row, line in enumerate(content.splitlines(keepends=True), 1):
        start = 0
        for cell in re.split(rb"(?<=[,=\s])", line):
            found = DIGIT.search(cell)
            if found is not None:
                place = position + start + found.start()
                other = b"%d" % ((int(found.group()) + 1) % 10)
                yield row, content[:place] + other + content[place + 1 :]
            start += len(cell)
        position += len(line)


def test_records_name_no_file_by_where_the_project_is(example: Path) -> None:
    for file in example.glob("out/assessment/**/*.json"):
        assert str(example) not in file.read_text(encoding="utf-8")


def test_every_data_file_of_the_example_is_an_input(example: Path) -> None:
    known = {file.name for file in inputs_of(example)}
    not_read = {"expected.csv", "sources.toml", "pyproject.toml"}
    files = {file.name for file in example.iterdir() if file.suffix in (".csv", ".toml")}
    assert files - known <= not_read


def test_a_digit_of_any_cell_of_any_file_is_told_with_its_row(
    example: Path, tmp_path: Path
) -> None:
    """Of each line of each input a digit of each cell; the recorded rows tell the line."""
    record = read_record(example / "out" / "assessment" / "report.json")
    rows = input_rows.recorded_rows(record)
    count = 0
    for file in inputs_of(example):
        name = file.relative_to(example).as_posix()
        content = file.read_bytes()
        changed = tmp_path / file.name
        cells = list(changes(content))
        step = max(
            1, len(cells) // 150
        )  # of long files every so many cells; the step is no column count
        step += step % 2 == 0
        for row, other in cells[::step]:
            changed.write_bytes(other)
            assert input_rows.edited_rows(changed, rows[name]) == [row], (name, row)
            count += 1
    assert count > 1000


def _stop(*_: Any, **__: Any) -> Any:
    raise ProblemsFound([make_problem("missing-key", "here", "workflows.no-log")])


def test_verify_names_file_and_row(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A digit in the first and the last row of each file; nothing is computed, so that it is quick."""
    monkeypatch.setattr(assess, "apply_schemes", _stop)
    for file in inputs_of(example):
        content = file.read_bytes()
        cells = list(changes(content))
        for row, other in (cells[0], cells[-1]):
            file.write_bytes(other)
            try:
                differences = verify(example / "out")
            finally:
                file.write_bytes(content)
            places = {problem.say_where("en") for problem in differences}
            assert f"{file.relative_to(example).as_posix()} row {row}" in places, places


def test_readings_targets_events_log_and_scheme_of_a_small_project(tmp_path: Path) -> None:
    """Computed again each time: the numbers that follow are told as well as the row."""
    indicators = [one("water", 40), one("air", 10, {"kind": "attain"})]
    spill = {"id": "spill", "name": "污染", "effect": "deduct", "points": 5}
    whole = Whole(
        [(indicators, {"event": [spill]})],
        readings=[reading("a", "water", 30), reading("a", "air", 80), reading("b", "water", 35)],
        targets=[target("a", "air", 70), target("b", "air", 70)],
        events=[event("a", "spill")],
        more='log = "log.csv"',
    )
    folder = whole.write(tmp_path)
    for state in ("初算", "复核"):
        entry = {**ENTRY, "year": 2020}
        gep.record_review(folder, state=state, scheme="demo", at="2021-01-31", **entry)
    gep.assess_project(folder, allow_code=True)
    assert verify(folder / "out", allow_code=True) == []
    for name, before, after, row in (
        ("readings.csv", "a,2020,water,30", "a,2020,water,31", 2),
        ("targets.csv", "70", "71", 2),
        ("events.csv", "2020-05-06", "2020-05-07", 2),
        ("log.csv", "2021-01-31", "2021-01-30", 2),
        ("scheme-0/demo.toml", "points = 40", "points = 41", 0),
    ):
        file = folder / name
        text = file.read_text(encoding="utf-8-sig")
        assert before in text, name
        line = row or text[: text.index(before)].count("\n") + 1
        file.write_text(text.replace(before, after, 1), encoding="utf-8")
        places = [problem.say_where("en") for problem in verify(folder / "out", allow_code=True)]
        assert f"{name} row {line}" in places, places
        file.write_text(text, encoding="utf-8")
