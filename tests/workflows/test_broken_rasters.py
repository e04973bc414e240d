"""Broken raster inputs, end to end: ``gep check`` and ``gep run`` answer each by its code before anything is written."""

import csv
import re
import shutil
from pathlib import Path

import pytest
from support.museum import contents

from gep.cli.app import main

pytest.importorskip("rasterio")
from support.broken_projects import (
    FILES,
    OWN,
    BrokenProject,
    cover_pixels,
    write_project,
    zone_pixels,
)

# By case of VALIDATION_PROBE.csv that no broken project here has: what answers it.
ELSEWHERE = {
    "carbon_ok": "test_a_right_project_is_told_of_by_nobody",
    "carbon_years_reversed": "test_comparability.test_years_that_cannot_be_compared",
    "carbon_discount_as_fraction": "test_seea_tables.test_a_rate_that_cannot_be_used_is_refused",
    "carbon_nan_price": "nan-in-a-cell",  # prices are coefficients, as pools are
}
_BOTH = [(case, command) for case in OWN for command in ("check", "run")]
_GRIDS = [(case, "check") for case in FILES if case.code == "grids-differ"]
_ONCE = [(case, "run") for case in FILES]


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which nothing is wrong."""
    return write_project(tmp_path_factory.mktemp("right") / "project")


def said(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str], language: str = "en"
) -> tuple[int, str, str]:
    """What a command answers."""
    arguments = [command, str(folder), "--allow-code", "--language", language]
    status = main([*arguments, "--quiet"] if command == "run" else arguments)
    printed = capsys.readouterr()
    return status, printed.out, printed.err


@pytest.mark.parametrize(
    ("case", "command"),
    [pytest.param(*pair, id=f"{pair[0].name}-{pair[1]}") for pair in (*_BOTH, *_GRIDS, *_ONCE)],
)
def test_a_broken_input_is_told_and_nothing_is_written(
    case: BrokenProject,
    command: str,
    right: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(right, folder)
    case.spoil(folder)
    before = contents(folder)
    status, _, errors = said(command, folder, capsys)
    assert status == (0 if case.runs else 2), errors
    kind = "warning " if case.runs else r"\d+\. "
    assert re.search(rf"^{kind}\[{case.code}\]", errors, re.MULTILINE), errors
    told = "\n".join(line for line in errors.splitlines() if f"[{case.code}]" in line)
    assert [word for word in case.words if word not in told] == []
    assert "fix:" in told
    if command == "check" or not case.runs:
        assert contents(folder) == before


def test_a_right_project_is_told_of_by_nobody(
    right: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(right, folder)
    status, page, errors = said("check", folder, capsys)
    assert (status, errors) == (0, "")
    assert "县1 (1): land cover 100.0%, Rain (rain) 100.0%" in page
    status, _, errors = said("run", folder, capsys)
    assert (status, errors) == (0, "")
    assert (folder / "out" / "account.csv").exists()


def test_the_page_of_a_check_says_what_lacks_in_each_region(
    right: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(right, folder)
    for case in OWN:
        if case.name in ("land-cover-with-holes", "nan-in-a-third-of-a-county"):
            case.spoil(folder)
    status, page, _ = said("check", folder, capsys)
    assert status == 2
    counts = (zone_pixels() == 1) & (cover_pixels() != 5)  # roads are in no account
    counts[:21, 0] = False
    share = counts[:, 10:].sum() / counts.sum()
    first, *others = [line for line in page.splitlines() if "land cover" in line and "%" in line]
    assert f"县1 (1): land cover 99.0%, Rain (rain) {share:.1%}" in first
    assert all("land cover 100.0%, Rain (rain) 100.0%" in line for line in others[:2])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("metres-for-millimetres", ("像是以 m 计的", 'unit = "m"', "县1", "5 至 8000 mm")),
        ("kelvin", ("开尔文", "offset = -273.15")),
        ("class-outside-the-scheme", ("9 不是任何类型的代码", "21 个像元")),
        ("nan-in-a-third-of-a-county", ("县1", "33.3%", "没有数值")),
        ("layer-that-is-an-amount", ("总量", "按地区求和")),
        ("infinite-pixels-of-any-number", ("任何有限的数", "3 个像元")),
    ],
)
def test_messages_are_in_chinese_too(
    name: str,
    words: tuple[str, ...],
    right: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(right, folder)
    (case,) = [case for case in OWN if case.name == name]
    case.spoil(folder)
    _, _, errors = said("check", folder, capsys, "zh")
    told = "\n".join(line for line in errors.splitlines() if f"[{case.code}]" in line)
    assert [word for word in words if word not in told] == []


def test_there_are_forty_and_every_case_of_the_probe_is_among_them(shared: Path) -> None:
    assert len({case.name for case in (*OWN, *FILES)}) == len((*OWN, *FILES)) >= 40
    answered = {probe for case in (*OWN, *FILES) for probe in case.probe} | set(ELSEWHERE)
    with (shared / "peers" / "VALIDATION_PROBE.csv").open(encoding="utf-8", newline="") as file:
        assert answered == {row["case"] for row in csv.DictReader(file)}
