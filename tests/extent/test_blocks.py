"""Blocks: how a grid is divided, and that sums have the same bits whoever computes them."""

import os
import signal
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.land_covers import ArrayRaster, BrokenKernel, RoundingKernel, make_grid
from support.loopback_cluster import LoopbackCluster

from gep.errors import ProblemsFound
from gep.extent.blocks import (
    SCHEDULERS,
    UNIT,
    Blocks,
    Schedule,
    Totals,
    UnitSums,
    plan_blocks,
    sum_blocks,
    unit_view,
    units_of,
)
from gep.extent.rasters import Grid, Window

GRID = make_grid(5 * UNIT - 7, 6 * UNIT + 9)
GIB = 2**30


def bits(totals: Totals) -> list[bytes]:
    arrays = [totals.zones]
    for group in (totals.sums, totals.lows, totals.highs):
        arrays += [group[name] for name in sorted(group)]
    return [array.tobytes() for array in arrays]


def reference(kernel: RoundingKernel, grid: Grid) -> dict[str, np.ndarray]:
    """The sums by plain loops in the documented order."""
    total = np.zeros((kernel.zone_count, 2))
    count = np.zeros(kernel.zone_count, int)
    low = np.full((kernel.zone_count, 2), np.nan)
    high = low.copy()
    for row in range(-(-grid.height // UNIT)):
        of_row = np.zeros_like(total)
        for column in range(-(-grid.width // UNIT)):
            unit = kernel(Window(row * UNIT, column * UNIT, 1, 1))[0]
            for place, zone in enumerate(unit.zones):
                of_row[zone] += unit.sums["value"][place]
                count[zone] += unit.sums["count"][place]
                low[zone] = np.fmin(low[zone], unit.lows["low"][place])
                high[zone] = np.fmax(high[zone], unit.highs["high"][place])
        total += of_row
    return {"value": total, "count": count, "low": low, "high": high}


def run(
    kernel: RoundingKernel, schedule: Schedule, grid: Grid = GRID, keys: bool = False
) -> Totals:
    blocks = plan_blocks(grid, [], schedule, 8)
    return sum_blocks(blocks, kernel, None if keys else kernel.zone_count, schedule)


FORMS = [
    Schedule(scheduler, threads, block=block)
    for scheduler in ("threads", "synchronous")
    for threads in (1, 2, 3)
    for block in (None, 1, UNIT, 2 * UNIT, 3 * UNIT + 1)
]


@pytest.mark.parametrize("schedule", FORMS, ids=str)
def test_the_same_bits_whatever_the_blocks_and_threads(schedule: Schedule) -> None:
    kernel = RoundingKernel()
    expected = reference(kernel, GRID)
    totals = run(kernel, schedule)
    for name in ("value", "count"):
        assert totals.sums[name].tobytes() == expected[name].tobytes()
    assert totals.lows["low"].tobytes() == expected["low"].tobytes()
    assert totals.highs["high"].tobytes() == expected["high"].tobytes()
    by_key = run(kernel, schedule, keys=True)
    assert bits(by_key) == bits(totals)


@given(
    height=st.integers(1, 4 * UNIT),
    width=st.integers(1, 4 * UNIT),
    block=st.integers(1, 5 * UNIT),
    threads=st.integers(1, 4),
    zone_count=st.integers(1, 9),
)
@settings(max_examples=30, deadline=None)
def test_the_same_bits_on_any_grid(
    height: int, width: int, block: int, threads: int, zone_count: int
) -> None:
    grid = make_grid(height, width)
    kernel = RoundingKernel(zone_count)
    expected = reference(kernel, grid)
    totals = run(kernel, Schedule(threads=threads, block=block), grid)
    assert totals.sums["value"].tobytes() == expected["value"].tobytes()
    assert totals.highs["high"].tobytes() == expected["high"].tobytes()


def test_another_order_has_other_bits() -> None:
    """Else the tests of bits could not fail."""
    kernel = RoundingKernel()
    right_to_left = np.zeros((kernel.zone_count, 2))
    for row in range(-(-GRID.height // UNIT)):
        for column in reversed(range(-(-GRID.width // UNIT))):
            unit = kernel(Window(row * UNIT, column * UNIT, 1, 1))[0]
            right_to_left[unit.zones] += unit.sums["value"]
    assert right_to_left.tobytes() != reference(kernel, GRID)["value"].tobytes()


class SometimesKernel:
    """Units with sums that others lack, by open keys; numbers that differ by their order."""

    def __call__(self, window: Window) -> list[UnitSums]:
        units = []
        for row, column, _ in units_of(window):
            keys = np.array([row * 7 % 5, 10 + column * 3 % 4])
            value = np.array([1e16 / 3 ** (column % 5), 1.0 / (1 + row + column)])
            names = {"always": value, f"in-{(row + column) % 3}": value / 7}
            units.append(UnitSums(row, column, keys, names, {"low": value}))
        return units


def test_sums_that_only_some_units_have_are_added_in_the_same_order() -> None:
    expected: dict[tuple[str, int], float] = {}
    for row in range(5):
        of_row: dict[tuple[str, int], float] = {}
        for unit in SometimesKernel()(Window(row * UNIT, 0, 1, GRID.width)):
            for name, values in unit.sums.items():
                for key, value in zip(unit.zones.tolist(), values.tolist(), strict=True):
                    of_row[name, key] = of_row.get((name, key), 0.0) + value
        for place, value in of_row.items():
            expected[place] = expected.get(place, 0.0) + value
    for block in (UNIT, 2 * UNIT, 8 * UNIT):
        schedule = Schedule("threads", 2, block=block)
        blocks = plan_blocks(GRID, [], schedule, 8)
        totals = sum_blocks(blocks, SometimesKernel(), None, schedule)
        summed = {}
        for name, values in totals.sums.items():
            for key, value in zip(totals.zones.tolist(), values.tolist(), strict=True):
                if value:
                    summed[name, key] = value
        assert summed == expected


def test_processes_give_the_same_bits_and_none_is_left(tmp_path: Path) -> None:
    noted = tmp_path / "blocks.txt"
    kernel = RoundingKernel(noted=str(noted))
    totals = run(kernel, Schedule("processes", 2, block=UNIT))
    assert bits(totals) == bits(run(RoundingKernel(), Schedule("synchronous")))
    workers = {int(line.split()[0]) for line in noted.read_text(encoding="utf-8").splitlines()}
    assert os.getpid() not in workers
    assert not [worker for worker in workers if is_running(worker)]


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


# --- division ------------------------------------------------------------------------------------


@given(
    height=st.integers(1, 30_000),
    width=st.integers(1, 30_000),
    tile=st.sampled_from([(1, None), (16, None), (128, 128), (256, 256), (512, 512), (300, 1000)]),
    dtype=st.sampled_from(["uint8", "int16", "float32", "float64"]),
    memory=st.sampled_from([GIB // 2, GIB, 2 * GIB, 8 * GIB]),
    threads=st.integers(1, 16),
    by_pixel=st.integers(0, 200),
    block=st.one_of(st.none(), st.integers(1, 3000)),
)
@settings(max_examples=200, deadline=None)
def test_blocks_cover_a_grid_once_and_fit_the_memory(
    height: int,
    width: int,
    tile: tuple[int, int | None],
    dtype: str,
    memory: int,
    threads: int,
    by_pixel: int,
    block: int | None,
) -> None:
    grid = make_grid_without_crs(height, width)
    raster = bare_raster(grid, dtype, (tile[0], tile[1] or width))
    schedule = Schedule(threads=threads, memory=memory, block=block)
    try:
        blocks = plan_blocks(grid, [raster], schedule, by_pixel)
    except ProblemsFound:
        side = 3072 if block is not None else 512
        needed = side * side * (np.dtype(dtype).itemsize + by_pixel)
        assert needed > memory / 8, "a block that fits was refused"
        return
    assert sum(window.height * window.width for window in blocks) == height * width
    assert all(window.row % UNIT == 0 and window.column % UNIT == 0 for window in blocks)
    places = [(window.row, window.column) for window in blocks]
    assert places == sorted(set(places))
    assert 1 <= blocks.threads <= threads
    largest = max(window.height * window.width for window in blocks)
    used = largest * (np.dtype(dtype).itemsize + by_pixel) * min(blocks.threads, len(blocks))
    assert used < memory


def make_grid_without_crs(height: int, width: int) -> Grid:
    return Grid("", (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), width, height)


def bare_raster(grid: Grid, dtype: str, blocks: tuple[int, int]) -> ArrayRaster:
    return ArrayRaster(Path("x.tif"), "", grid, dtype, None, 1.0, 0.0, blocks)


def test_blocks_suit_the_layout_of_the_file() -> None:
    grid = make_grid_without_crs(16_000, 16_000)
    schedule = Schedule(threads=2, memory=2 * GIB)
    striped = plan_blocks(grid, [bare_raster(grid, "uint8", (1, 16_000))], schedule, 24)
    assert {window.width for window in striped} == {16_000}
    tiled = plan_blocks(grid, [bare_raster(grid, "uint8", (1024, 1024))], schedule, 24)
    assert all(window.row % 1024 == 0 and window.column % 1024 == 0 for window in tiled)
    assert len(tiled) >= 16
    odd = plan_blocks(grid, [bare_raster(grid, "uint8", (1000, 1000))], schedule, 24)
    assert len(odd) >= 16


def test_little_memory_takes_fewer_threads_then_a_problem_says_how_much_is_needed() -> None:
    grid = make_grid_without_crs(16_000, 16_000)
    raster = bare_raster(grid, "float64", (512, 512))
    need = least_memory(grid, raster, 1)
    assert need == pytest.approx(least_memory(grid, raster, 8), rel=0.05)
    blocks = plan_blocks(grid, [raster], Schedule(threads=8, memory=(need + 20) * 2**20), 1000)
    assert blocks.threads == 1
    assert plan_blocks(grid, [raster], Schedule(threads=8, memory=32 * GIB), 1000).threads == 8


def least_memory(grid: Grid, raster: ArrayRaster, threads: int) -> int:
    with pytest.raises(ProblemsFound) as caught:
        plan_blocks(grid, [raster], Schedule(threads=threads, memory=2**20), 1000)
    (problem,) = caught.value.problems
    assert problem.where == "--memory"
    assert "MiB" in problem.say("en")
    assert problem.say("zh")
    return int(dict(problem.values)["need"])


def test_a_block_that_is_asked_for_must_fit() -> None:
    grid = make_grid_without_crs(16_000, 16_000)
    with pytest.raises(ProblemsFound) as caught:
        plan_blocks(grid, [], Schedule(block=16_000, memory=GIB), 100)
    assert dict(caught.value.problems[0].values)["need"] > 20_000
    assert caught.value.problems[0].code == "raster-memory"
    (window, *_) = plan_blocks(grid, [], Schedule(block=700), 100)
    assert (window.height, window.width) == (1024, 1024)


def test_units_of_a_block_are_parts_of_its_arrays() -> None:
    pixels = np.arange(700 * 1100).reshape(700, 1100)
    block = Window(512, 1024, 700, 1100)
    by_row = np.arange(700)[:, None]
    units = list(units_of(block))
    assert [unit[:2] for unit in units] == [(1, 2), (1, 3), (1, 4), (2, 2), (2, 3), (2, 4)]
    total = sum(unit_view(pixels, block, unit).sum() for *_, unit in units)
    assert total == pixels.sum()
    assert unit_view(by_row, block, units[3][2]).tolist() == by_row[512:].tolist()


# --- what goes wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_a_block_that_cannot_be_read_is_a_problem_of_its_file(scheduler: str) -> None:
    kernel = RoundingKernel(fail_at=UNIT)
    with pytest.raises(ProblemsFound) as caught:
        run(kernel, Schedule(scheduler, 2, block=UNIT))
    assert caught.value.problems[0].place == "cover.tif"


@pytest.mark.parametrize("scheduler", ["fast", "tcp", "http://127.0.0.1:1"])
def test_an_unknown_scheduler_is_a_problem(scheduler: str) -> None:
    with pytest.raises(ProblemsFound, match=scheduler) as caught:
        plan_blocks(GRID, [], Schedule(scheduler), 8)
    assert caught.value.problems[0].code == "scheduler"


def test_a_process_that_dies_is_a_problem() -> None:
    with pytest.raises(ProblemsFound) as caught:
        sum_blocks(run_windows(), _Dying(), 3, Schedule("processes", 1))  # type: ignore[arg-type]
    assert caught.value.problems[0].message == "extent.raster-process-lost"


def run_windows() -> Blocks:
    return plan_blocks(GRID, [], Schedule(block=UNIT), 8)


class _Dying:
    def __call__(self, window: Window) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def test_progress_grows_to_one() -> None:
    shares: list[float] = []
    schedule = Schedule("threads", 2, block=UNIT)
    sum_blocks(run_windows(), RoundingKernel(), 3, schedule, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(set(shares)) > 10


@pytest.mark.parametrize("scheduler", ["threads", "synchronous", "processes"])
def test_an_interrupt_stops_soon_and_leaves_nothing_running(scheduler: str, tmp_path: Path) -> None:
    noted = tmp_path / "blocks.txt"
    kernel = RoundingKernel(pause=0.05, noted=str(noted))

    def interrupt(share: float) -> None:
        if share > 0.1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sum_blocks(run_windows(), kernel, 3, Schedule(scheduler, 2, block=UNIT), interrupt)
    count = len(noted.read_text(encoding="utf-8").splitlines())
    assert count < len(run_windows()) / 2
    assert not [thread for thread in threading.enumerate() if "gep-block" in thread.name]
    time.sleep(0.2)
    assert len(noted.read_text(encoding="utf-8").splitlines()) == count


# --- a cluster -----------------------------------------------------------------------------------


def test_a_scheduler_that_does_not_answer_is_a_problem() -> None:
    begin = time.monotonic()
    with pytest.raises(ProblemsFound) as caught:
        sum_blocks(run_windows(), RoundingKernel(), 3, Schedule("tcp://127.0.0.1:9"))
    assert caught.value.problems[0].message == "extent.raster-cluster-silent"
    assert time.monotonic() - begin < 10


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LoopbackCluster]:
    processes = LoopbackCluster(tmp_path)
    try:
        yield processes
    finally:
        processes.stop()


@pytest.mark.filterwarnings("default")
def test_a_cluster_without_workers_and_then_one_whose_worker_is_killed(
    cluster: LoopbackCluster, tmp_path: Path
) -> None:
    blocks = run_windows()
    expected = bits(run(RoundingKernel(), Schedule("synchronous")))
    schedule = Schedule(cluster.address, block=UNIT)
    workers = [cluster.start_worker(), cluster.start_worker()]
    cluster.wait_for(2)
    noted = tmp_path / "blocks.txt"
    kernel = RoundingKernel(pause=0.05, noted=str(noted))

    def kill(share: float) -> None:
        if share > 0.3 and workers[0].poll() is None:
            workers[0].kill()
            workers[0].wait()

    totals = sum_blocks(blocks, kernel, 3, schedule, kill)
    assert bits(totals) == expected
    ran = [line.split() for line in noted.read_text(encoding="utf-8").splitlines()]
    assert {int(line[0]) for line in ran} == {worker.pid for worker in workers}
    with pytest.raises(ProblemsFound) as caught:
        sum_blocks(blocks, RoundingKernel(fail_at=UNIT), 3, schedule)
    assert caught.value.problems[0].place == "cover.tif"
    with pytest.raises(ProblemsFound, match="nobody foresaw this") as caught:
        sum_blocks(blocks, BrokenKernel(), 3, schedule)
    assert caught.value.problems[0].message == "extent.raster-cluster-failed"
    workers[1].kill()
    workers[1].wait()
    with pytest.raises(ProblemsFound) as caught:
        sum_blocks(blocks, kernel, 3, schedule)
    assert caught.value.problems[0].message == "extent.raster-cluster-no-worker"


class CountingKernel:
    """Counts how many results of units are held at once."""

    def __init__(self) -> None:
        self.held = 0
        self.most = 0
        self.lock = threading.Lock()

    def __call__(self, window: Window) -> list[UnitSums]:
        sums = UnitSums(window.row // UNIT, window.column // UNIT, np.array([0]))
        with self.lock:
            self.held += 1
            self.most = max(self.most, self.held)
        weakref.finalize(sums, self._release)
        return [sums]

    def _release(self) -> None:
        self.held -= 1


def test_memory_does_not_grow_with_the_number_of_blocks() -> None:
    most = []
    for rows in (4, 40):
        kernel = CountingKernel()
        schedule = Schedule("threads", 2, block=UNIT)
        blocks = plan_blocks(make_grid_without_crs(rows * UNIT, 20 * UNIT), [], schedule, 8)
        assert len(blocks) == rows * 20
        sum_blocks(blocks, kernel, 1, schedule)
        most.append(kernel.most)
    assert most[1] < 100


@pytest.mark.parametrize("scheduler", ["processes", "tcp://127.0.0.1:9"])
def test_a_kernel_that_cannot_be_sent_is_told_before_anything_starts(scheduler: str) -> None:
    """Code of a user travels by value, but not what it holds of this process."""
    windows = [Window(0, 0, UNIT, UNIT)]
    lock = threading.Lock()  # which no process can be sent
    with pytest.raises(ProblemsFound, match="cannot be sent") as caught:
        sum_blocks(windows, lambda window: [lock], 1, Schedule(scheduler, 2))
    assert [problem.code for problem in caught.value.problems] == ["scheduler"]
