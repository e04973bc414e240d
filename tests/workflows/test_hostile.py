"""What is too large, of the wrong shape, or not there any more: answered in words, with nothing changed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.museum import contents, project
from support.mutants import write_assessed
from support.paths import ROOT
from support.schemes import PLAIN, Whole, faults_of, one, reading, write_scheme

import gep
from gep.cli.app import main
from gep.workflows.assess import apply_schemes, assess_project, record_review


def tell(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run a command line; return its exit status and what it says on standard error."""
    status = main([*arguments, "--language", "en"])
    return status, capsys.readouterr().err


def codes(work: Callable[[], object]) -> list[tuple[str, str]]:
    """Return code and place of the problems that stop it."""
    with pytest.raises(gep.ProblemsFound) as found:
        work()
    assert all(problem.say("zh") != problem.say("en") for problem in found.value.problems)
    return [(problem.code, problem.say_where("en")) for problem in found.value.problems]


# --- large files ----------------------------------------------------------------------------------

LARGE = 24  # MB
LIBRARIES = (
    150  # MiB before anything is read, 40 of them pyarrow, which pandas loads if it is there
)
MEMORY = LIBRARIES + LARGE * 9.24  # MiB


def _areas_of_other_years() -> str:
    lines = []
    for year in range(1960, 2020):
        for region in range(3600):
            lines.append(f"{100000 + region},{year},woodland,{300 + region / 7:.2f},hm2")
            lines.append(f"{100000 + region},{year},paddy,100,公顷")
            lines.append(f"{100000 + region},{year},pond,0.2,km2")
            lines.append(f"{100000 + region},{year},road,1,hm2")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", ["areas.csv", "data.csv", "sound"])
def test_memory_for_a_large_file(name: str, tmp_path: Path) -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("the system does not tell the largest memory of a process")
    folder = project(tmp_path / "large")
    path = folder / ("areas.csv" if name == "sound" else name)
    rows = path.read_text(encoding="utf-8").partition("\n")[2]
    more = _areas_of_other_years() if name == "sound" else rows
    times = max(1, LARGE * 1_000_000 // len(more.encode()))
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(more * times)
    answer = subprocess.run(
        [sys.executable, "-c", MEASURED, "check", str(folder), "--allow-code"],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert path.stat().st_size > 0.9 * LARGE * 1_000_000
    assert answer.returncode == (0 if name == "sound" else 2), answer.stderr[-1000:]
    assert float(answer.stdout.split()[-1]) < MEMORY


MEASURED = """
import re, sys
from pathlib import Path
from gep.cli.app import main
status = main(sys.argv[1:])
print(int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024)
raise SystemExit(status)
"""


# --- numbers of schemes --------------------------------------------------------------------------

SCHEMES = {
    "a grade from nan": ({"grade": [{"name": "优秀", "from": "NUMBER"}, {"name": "良好"}]}, {}),
    "a total of nan": ({"total": "NUMBER"}, {}),
    "points of nan": ({}, {"points": "NUMBER"}),
    "a guard of nan": ({}, {"least": "NUMBER", "most": 5}),
    "an efficacy from nan": ({}, {"rule": {"kind": "efficacy", "low": "NUMBER", "high": 3}}),
    "interpolated from nan": (
        {},
        {"rule": {"kind": "interpolate", "at": ["NUMBER", 3], "values": [0, 10]}},
    ),
    "events of at most nan": (
        {"event": [{"id": "spill", "name": "s", "effect": "deduct", "points": 5, "most": "NUMBER"}]},
        {},
    ),
    "a veto of nan": ({"veto": {"missed": "NUMBER", "grade": "合格"}}, {}),
}  # fmt: skip


@pytest.mark.parametrize("number", ["nan", "-inf", "1e400", "1e101", "true"])
@pytest.mark.parametrize("case", SCHEMES)
def test_numbers_of_a_scheme_are_finite(case: str, number: str, tmp_path: Path) -> None:
    head, indicator = SCHEMES[case]
    path = write_scheme(tmp_path, [one("x", **{"rule": PLAIN, **indicator})], **head)
    text = path.read_text(encoding="utf-8")
    assert '"NUMBER"' in text
    path.write_text(text.replace('"NUMBER"', number), encoding="utf-8")
    assert "toml-value" in {problem.code for problem in faults_of(path)}


@pytest.mark.parametrize("number", ["nan", "inf", "1e400"])
def test_numbers_of_a_table_of_indicators_are_finite(number: str, tmp_path: Path) -> None:
    write_scheme(tmp_path, [one("x", points=77)], as_csv=True)
    table = tmp_path / "indicators.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("77", number), encoding="utf-8")
    (fault,) = faults_of(tmp_path / "demo.toml")
    assert (fault.code, fault.say_where("en")) == (
        "scheme-indicator",
        "indicators.csv row 2 column points",
    )


# --- tables of an assessment ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with its assessment, written once: copies serve the tests."""
    folder = tmp_path_factory.mktemp("assessed") / "p"
    write_assessed(folder)
    return folder


@pytest.fixture
def assessed(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "p"))


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("a,2020,x,lake,6,36", "a,2020,x,lake,good,36", "not-a-number", "row 2 column reading"),
        ("a,2020,x,lake,6,36", "a,2020,x,lake,6,inf", "not-finite", "row 2 column points"),
        ("a,2020,x,lake,6,36", "a,2020,x,lake,6,nan", "not-a-number", "row 2 column points"),
        ("a,2020,total", "a,MMXX,total", "bad-year", "row 3 column year"),
        ("a,2020,total", "a,2020,x", "duplicate-row", "row 3"),
    ],
)
def test_scores_of_an_earlier_version_are_numbers(
    assessed: Path, old: str, new: str, code: str, place: str
) -> None:
    file = assessed / "old" / "demo" / "scores.csv"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    told = codes(lambda: apply_schemes(assessed, allow_code=True))
    assert told == [(code, f"old/demo/scores.csv {place}")]


@pytest.mark.parametrize("rank", ["1e100", "1.5", "0", "-3", "1000001"])
def test_ranks_are_places_in_an_order(assessed: Path, rank: str) -> None:
    file = assessed / "previous.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("b,2019,2", f"b,2019,{rank}"), encoding="utf-8")
    told = codes(lambda: apply_schemes(assessed, allow_code=True))
    assert told == [("not-a-number", "previous.csv row 3 column rank")]


@pytest.mark.parametrize("rank", ["2", "2.0", "", "1000000"])
def test_ranks_written_otherwise_are_read(assessed: Path, rank: str) -> None:
    file = assessed / "previous.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("b,2019,2", f"b,2019,{rank}"), encoding="utf-8")
    result = apply_schemes(assessed, allow_code=True)
    read = result.context.previous.get(("demo", "b", 2019))
    assert read == (int(float(rank)) if rank else None)


def test_a_log_that_is_a_folder_or_no_text(assessed: Path) -> None:
    log = assessed / "log.csv"
    log.unlink()
    log.mkdir()
    folder = [("not-a-file", "log.csv")]
    assert codes(lambda: apply_schemes(assessed, allow_code=True)) == folder
    entry = {"state": "review", "who": "办", "document": "2号", "scheme": "demo", "year": 2020}
    assert codes(lambda: record_review(assessed, **entry)) == folder  # type: ignore[arg-type]
    log.rmdir()
    log.write_bytes(b"\xff\xfe\x00")
    assert codes(lambda: apply_schemes(assessed, allow_code=True)) == [("encoding", "log.csv")]


def test_numbers_in_the_log_are_numbers(assessed: Path) -> None:
    entry = {"state": "复核", "who": "办", "document": "2号", "scheme": "demo", "year": 2020}
    given = {**entry, "region": "a", "item": "total", "old": "77", "new": "优秀", "reason": "r"}
    told = codes(lambda: record_review(assessed, **given))  # type: ignore[arg-type]
    assert told == [("log-entry", "log.csv, new entry, column new")]
    record_review(assessed, **{**given, "new": "78.5"}, allow_code=True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "record", ["[]", "null", "{", '{"tables": 3}', '{"log_head": []}', "[" * 99_999]
)
def test_a_damaged_record_of_an_assessment_is_no_record(assessed: Path, record: str) -> None:
    """What it named may be files of the user, which are never replaced."""
    file = assessed / "out" / "assessment" / "demo" / "assessment.json"
    file.write_text(record, encoding="utf-8")
    told = codes(lambda: assess_project(assessed, allow_code=True))
    assert [code for code, _ in told] == ["cannot-write"]
    assert file.read_text(encoding="utf-8") == record


# --- the command line ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "p", "--allow-code", "--draws", "99999999999"],
        ["assess", "w", "--allow-code", "--draws", "99999999999"],
        ["sensitivity", "p", "--allow-code", "--region", "990101", "--year", "2020", "--sobol", str(2**60)],
        ["run", "p", "--allow-code", "--draws", "9" * 400],
    ],
)  # fmt: skip
def test_so_many_draws_are_refused(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = project(tmp_path / "p")
    prices = folder / "base" / "numbers.csv"
    text = prices.read_text(encoding="utf-8")
    limits = text.replace("2,CNY m-3,,,,,2020", "2,CNY m-3,1.5,2.5,triangular,,2020")
    assert limits != text
    prices.write_text(limits, encoding="utf-8")
    if arguments[0] == "assess":
        whole = Whole(
            [([one("x", reading={"account": "total"}, unit="CNY")], {})],
            readings=[reading("a", "y", 1)],
        )
        whole.write(tmp_path / "w")
        data = tmp_path / "w" / "data.csv"
        rows = data.read_text(encoding="utf-8").splitlines()
        rows = [
            f"{row},{'low,high' if number == 0 else '1,1000'}" for number, row in enumerate(rows)
        ]
        data.write_text("\n".join(rows) + "\n", encoding="utf-8")
    before = contents(tmp_path)
    status, err = tell(arguments, capsys)
    assert status == 2, err
    assert "[bad-draws]" in err or "[command-line]" in err
    assert contents(tmp_path) == before


def test_so_long_a_moving_mean_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Whole([]).account.project(tmp_path / "p")
    status, err = tell(["compare", "p", "--allow-code", "--moving-mean", "99999999999"], capsys)
    assert status == 2
    assert "[moving-mean]" in err


@pytest.mark.parametrize("name", [".", "..", "", "sub/..", "/"])
@pytest.mark.parametrize("kind", ["standard", "set"])
def test_a_folder_is_no_name_of_something_new(
    kind: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    status, err = tell(["new", kind, name], capsys)
    assert status == 2
    assert "[file-exists]" in err
    assert contents(tmp_path) == {"sub": None}


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2Jb", "a\u202eb", "a\udcffb"])
@pytest.mark.parametrize("kind", ["standard", "set"])
def test_a_name_that_does_not_show_is_refused(
    kind: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    status, err = tell(["new", kind, name], capsys)
    assert status == 2
    assert "[cannot-write]" in err
    assert err.strip().isprintable()
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("name", ["l" * 300, f"{'l' * 300}/x"])
@pytest.mark.parametrize("kind", ["standard", "set"])
def test_a_name_longer_than_the_system_allows(
    kind: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    status, err = tell(["new", kind, name], capsys)
    assert status == 2
    assert "[cannot-write]" in err


def _gep(arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run gep in a shell, since what is tested is where its output goes."""
    command = f'"{sys.executable}" -m gep {arguments}'
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


needs_shell = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


@needs_shell
@pytest.mark.parametrize(
    "command", ["--help", "catalog units --csv", "catalog units", "plan p --csv --allow-code"]
)
def test_a_full_disk_is_told(command: str, tmp_path: Path) -> None:
    project(tmp_path / "p")
    done = _gep(f"{command} > /dev/full", tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip().endswith("fix: free the disk, or write into another file")
    assert (
        "[cannot-write] standard output: the output cannot be written: the disk is full"
        in done.stderr
    )


@needs_shell
@pytest.mark.parametrize(
    "command", ["catalog units --csv", "catalog units", "plan p --csv --allow-code"]
)
def test_a_reader_that_goes_away_is_no_defect(command: str, tmp_path: Path) -> None:
    project(tmp_path / "p")
    done = _gep(f"{command} | true", tmp_path)
    assert done.returncode in (0, 141)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@needs_shell
def test_standard_output_that_is_closed(tmp_path: Path) -> None:
    done = _gep("catalog units --csv >&-", tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
