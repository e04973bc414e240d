"""Runs on rasters that are stopped: nothing is left behind, and the next run goes on by years."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.loopback_cluster import LoopbackCluster
from support.small_rasters import CODES, NODATA, checkerboard, write_raster

import gep
from gep.extent import kept_sums
from gep.extent.blocks import Totals
from gep.project import raster_files
from gep.project.stages import Progress
from gep.workflows.verify import verify_result

rasterio = pytest.importorskip("rasterio")
ROOT = Path(__file__).parents[2]
YEARS = (2018, 2019, 2020)
SIDE = 1300  # pixels: nine units, of which each takes at least two calls of a method
PAUSE = "0.12"  # seconds for each call of a method in the child
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="lists processes by /proc"
)
SLOW = """    import os, time
    if rain.size > 1000:
        time.sleep(float(os.environ.get("PAUSE", "0")))
    return rain * (1 - runoff)"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of three years whose rain varies inside regions, with a method that is slow."""
    board = checkerboard(SIDE, SIDE, 63)
    rain = np.random.default_rng(5).uniform(500, 2500, board.zones.shape).astype(np.float32)
    cover = board.cover[2020]
    covers = {year: 1 + (cover + number) % len(CODES) for number, year in enumerate(YEARS)}
    folder = replace(board, layers={"rain": (rain, "mm")}, cover=covers).write(tmp_path / "project")
    header = (folder / "project.toml").read_text("utf-8")
    header = header.replace("allow_code = true", "allow_code = true\nprice_year = 2020")
    (folder / "project.toml").write_text(header, "utf-8")
    own = (folder / "own.py").read_text("utf-8")
    assert own.count("    return rain * (1 - runoff)") == 1
    (folder / "own.py").write_text(own.replace("    return rain * (1 - runoff)", SLOW), "utf-8")
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kept_sums, "_LEAST_SECONDS", 0.0)
    return tmp_path / "cache"


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kernels of the passes that are computed, not recalled."""
    computed: list[str] = []
    really_sum = kept_sums.sum_blocks

    def counted(blocks, kernel, *rest) -> Totals:  # type: ignore[no-untyped-def]
        computed.append(type(kernel).__name__)
        return really_sum(blocks, kernel, *rest)

    monkeypatch.setattr(kept_sums, "sum_blocks", counted)
    return computed


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _is_of_account(path: Path) -> bool:
    """Return whether a file that is kept is of a pass that computed a step, not of land cover."""
    with np.load(path) as arrays:
        return b"step:" in arrays["labels"].tobytes()


def _group_members(group: int) -> list[int]:
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state = (entry / "stat").read_text("utf-8").rpartition(")")[2].split()
            except OSError:
                continue
            if int(state[2]) == group and state[0] != "Z":
                members.append(int(entry.name))
    return members


def _heed_interrupts() -> None:
    """Take back that Ctrl-C is ignored, as a shell lets jobs in its background do."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@needs_proc
def test_a_run_that_is_stopped_leaves_nothing_and_the_next_goes_on_by_years(
    project: Path, cache: Path, passes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    before = sorted(path.name for path in project.iterdir())
    command = [sys.executable, "-m", "gep", "run", str(project), "--out", str(out), "--allow-code"]
    child = subprocess.Popen(
        [*command, "--threads", "2"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_heed_interrupts,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PAUSE": PAUSE},
    )
    deadline = time.monotonic() + 120
    while not any(_is_of_account(path) for path in cache.glob("*.npz")):
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(float(PAUSE))  # the second year has begun
    child.send_signal(signal.SIGINT)
    sent = time.monotonic()
    _, said = child.communicate(timeout=60)
    assert child.returncode == 130, said
    assert time.monotonic() - sent < 15
    assert b"Traceback" not in said
    assert not _group_members(child.pid)
    assert not out.exists()
    assert sorted(path.name for path in project.iterdir()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "project"]
    kept = [path.suffix for path in cache.iterdir()]
    assert set(kept) == {".npz"}, "nothing half-written"
    years_done = sum(map(_is_of_account, cache.iterdir()))
    assert 1 <= years_done < len(YEARS)

    gep.run_project(project, out, allow_code=True)
    assert passes.count("PixelKernel") == len(YEARS) - years_done
    assert sum(map(_is_of_account, cache.glob("*.npz"))) == len(YEARS)
    gone_on = _contents(out)
    passes.clear()
    gep.run_project(project, out, allow_code=True)
    assert "PixelKernel" not in passes
    assert _contents(out) == gone_on
    passes.clear()
    assert not verify_result(out, allow_code=True).differences
    assert passes.count("PixelKernel") == len(YEARS), "a check computes anew"
    monkeypatch.setenv("GEP_CACHE", "off")
    gep.run_project(project, out, allow_code=True)
    assert _contents(out) == gone_on


def _started(project: Path, out: Path, scheduler: str) -> subprocess.Popen[bytes]:
    """A run by a scheduler, in a group of processes of its own."""
    command = [sys.executable, "-m", "gep", "run", str(project), "--out", str(out), "--allow-code"]
    return subprocess.Popen(
        [*command, "--threads", "2", "--scheduler", scheduler],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_heed_interrupts,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PAUSE": PAUSE},
    )


def _wait_until(child: subprocess.Popen[bytes], is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not is_so():
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _workers(group: int) -> list[int]:
    """The worker processes of a group, as soon as they are there."""
    workers = []
    for member in _group_members(group):
        try:
            command = Path(f"/proc/{member}/cmdline").read_bytes()
        except OSError:
            continue
        if b"spawn_main" in command:
            workers.append(member)
    return workers


def _assert_stopped(child: subprocess.Popen[bytes], project: Path, before: list[str]) -> None:
    """Check that a run that was interrupted ended as a run does, and left nothing but sums."""
    sent = time.monotonic()
    _, said = child.communicate(timeout=60)
    assert child.returncode == 130, said
    assert time.monotonic() - sent < 15
    assert b"Traceback" not in said
    assert b"Error" not in said
    while _group_members(child.pid):  # the tracker of multiprocessing ends when its pipe does
        assert time.monotonic() - sent < 20, "a process is left"
        time.sleep(0.02)
    assert sorted(path.name for path in project.iterdir()) == before
    assert sorted(path.name for path in project.parent.iterdir()) == ["cache", "project"]
    kept = {path.suffix for path in (project.parent / "cache").iterdir()}
    assert kept <= {".npz"}, "nothing half-written"


@needs_proc
@pytest.mark.parametrize(
    ("moment", "is_of_terminal"), [("starting", True), ("starting", False), ("computing", True)]
)
def test_a_run_by_processes_that_is_stopped_leaves_no_process(
    project: Path, cache: Path, tmp_path: Path, moment: str, *, is_of_terminal: bool
) -> None:
    before = sorted(path.name for path in project.iterdir())
    cache.mkdir()
    child = _started(project, tmp_path / "out", "processes")
    if moment == "starting":
        _wait_until(child, lambda: bool(_workers(child.pid)))
        time.sleep(0.15)  # they are importing what they need
    else:
        _wait_until(child, lambda: any(map(_is_of_account, cache.glob("*.npz"))))
        _wait_until(child, lambda: len(_workers(child.pid)) == 2)
        time.sleep(2 * float(PAUSE))
    if is_of_terminal:  # which sends Ctrl-C to all processes of the group
        os.killpg(child.pid, signal.SIGINT)
    else:
        child.send_signal(signal.SIGINT)
    _assert_stopped(child, project, before)


@needs_proc
def test_a_run_on_a_cluster_that_is_stopped_leaves_the_cluster_free(
    project: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    before = sorted(path.name for path in project.iterdir())
    cache.mkdir()
    monkeypatch.setenv("PAUSE", PAUSE)
    elsewhere = tmp_path.parent / f"{tmp_path.name}-cluster"
    elsewhere.mkdir()
    cluster = LoopbackCluster(elsewhere)
    try:
        workers = [cluster.start_worker(), cluster.start_worker()]
        cluster.wait_for(2)
        child = _started(project, tmp_path / "out", cluster.address)
        _wait_until(child, lambda: any(map(_is_of_account, cache.glob("*.npz"))))
        time.sleep(2 * float(PAUSE))  # the second year has begun
        os.killpg(child.pid, signal.SIGINT)
        _assert_stopped(child, project, before)
        assert [worker.poll() for worker in workers] == [None, None]
        with distributed.Client(cluster.address, timeout=30, set_as_default=False) as client:
            deadline = time.monotonic() + 60
            while any(client.processing().values()):
                assert time.monotonic() < deadline, "a task of the stopped run is still there"
                time.sleep(0.1)
        again = _started(project, tmp_path / "out", cluster.address)
        _, said = again.communicate(timeout=120)
        assert again.returncode == 0, said
    finally:
        cluster.stop()
    assert (tmp_path / "out" / "account.csv").exists()


def test_what_was_kept_is_of_the_same_inputs_only(
    project: Path, cache: Path, passes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:

    def computed() -> list[str]:
        passes.clear()
        gep.read_project(project, allow_code=True).compute(years=2018)
        return sorted(passes)

    layer_and_cover = ["CoverKernel"] * 3 + ["PixelKernel"]
    assert computed() == layer_and_cover
    assert computed() == []
    rain = project / "rain.tif"
    os.utime(rain, (0, 0))
    assert computed() == ["PixelKernel"], "the rain may be another"
    cover = project / "lc_2018.tif"
    content = cover.read_bytes()
    stamp = cover.stat()
    cover.write_bytes(content)
    os.utime(cover, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert computed() == ["CoverKernel", "PixelKernel"], "written anew, whatever date it bears"
    own = (project / "own.py").read_text("utf-8")
    (project / "own.py").write_text(own + "\n", "utf-8")
    assert computed() == ["PixelKernel"], "another method"
    numbers = project / "base" / "numbers.csv"
    text = numbers.read_text("utf-8")
    assert "0.75" in text or "0.25" in text
    changed = text.replace("0.25", "0.26") if "0.25" in text else text.replace("0.75", "0.76")
    numbers.write_text(changed, "utf-8")
    assert computed() == ["PixelKernel"], "another coefficient"
    for path in cache.glob("*.npz"):
        path.write_bytes(path.read_bytes()[:-40])
    assert computed() == layer_and_cover, "damaged files are not read"
    monkeypatch.setattr(kept_sums, "_program", lambda: ("another version",))
    assert computed() == layer_and_cover


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("most_bytes", [2**25, 60_000])
def test_a_land_cover_that_changes_after_it_was_tabulated_leaves_no_wrong_sums(
    project: Path, most_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs that are kept are those of the file before: neither they nor sums of them are used."""
    monkeypatch.setattr(raster_files, "_MOST_BYTES", len(YEARS) * most_bytes)
    opened = gep.read_project(project, allow_code=True)
    path = project / "lc_2018.tif"
    with rasterio.open(path) as file:
        pixels = file.read(1)
    shuffled = np.random.default_rng(1).permutation(pixels)  # its rows
    write_raster(path, shuffled, nodata=NODATA)
    opened.compute(years=2018)
    (again,) = gep.read_project(project, allow_code=True).compute(years=2018)
    monkeypatch.setenv("GEP_CACHE", "off")
    (expected,) = gep.read_project(project, allow_code=True).compute(years=2018)
    pd.testing.assert_frame_equal(again.frame(), expected.frame(), check_exact=True)


def test_files_unused_for_long_make_room(
    project: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_sums, "_MOST_BYTES", 3000)
    cache.mkdir()
    stale = cache / "abc.part"
    stale.write_bytes(b"x")
    os.utime(stale, (0, 0))
    mine = cache / "notes.txt"
    mine.write_text("of the user", "utf-8")
    gep.read_project(project, allow_code=True).compute()
    files = list(cache.glob("*.npz"))
    assert 1 <= len(files) < 6
    assert sum(path.stat().st_size for path in files) <= 3000
    assert not stale.exists()
    assert mine.exists()


def test_a_folder_that_cannot_be_written_keeps_nothing(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_sums, "_LEAST_SECONDS", 0.0)
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    monkeypatch.setenv("GEP_CACHE", str(blocked / "cache"))
    assert gep.read_project(project, allow_code=True).compute(years=2018)
    assert blocked.read_bytes() == b""


def test_progress_tells_of_land_cover_and_advances_inside_a_year(
    project: Path, tmp_path: Path
) -> None:
    told: list[Progress] = []
    gep.run_project(project, tmp_path / "out", allow_code=True, progress=told.append)
    stages = list(dict.fromkeys(each.stage.say("en") for each in told))
    assert stages == [
        "reading the tables",
        *(f"areas of {year} by region and class" for year in YEARS),
        *(f"plan of {year}" for year in YEARS),
        *(f"account of {year}" for year in YEARS),
        *(f"tables of {year}" for year in YEARS),
        "workbook, map and record",
    ]
    assert sorted(told) == told
    assert (told[0], told[-1]) == (0, 1)
    inside = {float(each) for each in told if each.stage.say("en") == "account of 2019"}
    assert len(inside) > 2
    tabulated = {float(each) for each in told if each.stage.say("en").startswith("areas of 2018")}
    assert len(tabulated) > 2
