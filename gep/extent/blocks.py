"""Blocks (分块) of a raster: who reads what, what memory it takes, in which order sums are added.

A grid is divided from its upper left corner in *units* of 512 x 512 pixels. A *block* is what one
task reads: whole units down and across. A kernel makes the sums of each unit, and units are added
in one fixed order: in each row of units from left to right, then the rows from top to bottom.
Therefore sums have the same bits whatever blocks, threads, processes or workers. What is summed is
left to the kernels, such as that of ``gep.extent.tabulation``.
"""

import math
import os
import pickle
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain, groupby
from multiprocessing import get_context, resource_tracker
from typing import Any, TypeAlias

import numpy as np

from gep.errors import Problem, ProblemsFound, make_problem
from gep.extent.rasters import Grid, Raster, Window

UNIT = 512  # pixels down and across; a change of it changes the last bits of sums
THREADS = "threads"
SYNCHRONOUS = "synchronous"
PROCESSES = "processes"
SCHEDULERS = (THREADS, SYNCHRONOUS, PROCESSES)
_ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:\d{1,5}/?", re.ASCII)  # of a scheduler elsewhere
_MIB = 2**20
_SHARED = 96 * _MIB  # of a process: GDAL's cache of decoded tiles, runs kept, what dask needs
_BY_THREAD = 80 * _MIB  # arrays of a few units, while they are summed: pixels that are all unlike
_LARGEST_FREED = 31 * _MIB  # of glibc: larger ones do not count
_PROCESS = 180 * _MIB  # a worker process that has imported what a kernel needs
_LEAST_PIXELS = 2**20  # of a block: below, starting tasks is what takes the time
_MOST_PIXELS = 2**22  # above, a larger block saves nothing
_MOST_BYTES = 180 * _MIB  # of what is held of a block: above, arrays are slower to come by
_BLOCKS_BY_THREAD = 16  # so that threads end at the same time
_WAVE = 64  # blocks whose sums are held at once
_PATIENCE = 5.0  # seconds that a scheduler has to answer, and its first worker to be there
_NO_WORKER = 30.0  # seconds that tasks wait for a worker after the last has gone
_POLL = 0.02  # seconds between looks at a cluster

ProgressShare: TypeAlias = Callable[[float], None]


@dataclass(frozen=True)
class Schedule:
    """Who computes blocks, and what they may take.

    Attributes
    ----------
    scheduler : str
        ``threads`` of this process, ``synchronous`` without any, ``processes`` of this machine, or
        the address of a dask scheduler (``tcp://host:port``).
    threads : int or None
        Blocks that are computed at once, at most; by default as many as the process has cores.
    memory : int
        Bytes that the run may take, with what the interpreter holds; of a cluster each worker with
        so many threads.
    block : int or None
        Pixels down and across of a block, rounded up to whole units; by default they suit the
        layout of the files and the memory.
    """

    scheduler: str = THREADS
    threads: int | None = None
    memory: int = 2 * 2**30
    block: int | None = None

    @property
    def is_cluster(self) -> bool:
        """Whether workers of a dask scheduler compute the blocks."""
        return self.scheduler not in SCHEDULERS

    @property
    def most_threads(self) -> int:
        """Blocks that may be computed at once."""
        if self.scheduler == SYNCHRONOUS:
            return 1
        return max(1, self.threads or _core_count())


@dataclass(frozen=True)
class UnitSums:
    """What a kernel makes of one unit.

    Attributes
    ----------
    row, column : int
        Which unit of the grid, counted in units from its upper left corner.
    zones : ndarray of int
        The zones (or other keys) that occur, each once.
    sums : mapping of str to ndarray
        Sums by name, the first axis being ``zones``. Integers stay integers.
    lows, highs : mapping of str to ndarray
        Minima and maxima by name; NaN where nothing was compared.
    """

    row: int
    column: int
    zones: np.ndarray
    sums: Mapping[str, np.ndarray] = field(default_factory=dict)
    lows: Mapping[str, np.ndarray] = field(default_factory=dict)
    highs: Mapping[str, np.ndarray] = field(default_factory=dict)


Kernel: TypeAlias = Callable[[Window], list[UnitSums]]


@dataclass(frozen=True)
class Totals:
    """The sums of a whole grid.

    Attributes
    ----------
    zones : ndarray of int
        All zones; where their number was not known, the keys that occur, ascending.
    sums, lows, highs : mapping of str to ndarray
        As in ``UnitSums``, over these zones: 0 and NaN where a zone does not occur. A name that no
        unit has is missing.
    """

    zones: np.ndarray
    sums: Mapping[str, np.ndarray]
    lows: Mapping[str, np.ndarray]
    highs: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Blocks(Sequence[Window]):
    """The windows of all tasks in their order, and how many are computed at once.

    Attributes
    ----------
    windows : tuple of Window
        From the upper left to the lower right corner.
    threads : int
        Blocks that fit the memory at once.
    """

    windows: tuple[Window, ...]
    threads: int

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, index: Any) -> Any:
        return self.windows[index]


def units_of(window: Window) -> Iterator[tuple[int, int, Window]]:
    """Divide a block into its units.

    Parameters
    ----------
    window : Window
        Begins at the corner of a unit.

    Yields
    ------
    (int, int, Window)
        Row and column of a unit in the grid, counted in units, and its pixels within the grid; row
        by row from left to right.
    """
    for row in range(window.row, window.row + window.height, UNIT):
        height = min(UNIT, window.row + window.height - row)
        for column in range(window.column, window.column + window.width, UNIT):
            width = min(UNIT, window.column + window.width - column)
            yield row // UNIT, column // UNIT, Window(row, column, height, width)


def unit_view(pixels: np.ndarray, block: Window, unit: Window) -> np.ndarray:
    """Return the part of a block's array that belongs to a unit.

    Parameters
    ----------
    pixels : ndarray
        Height x width of the block, or height x 1.
    block, unit : Window

    Returns
    -------
    ndarray
        A view.
    """
    row = unit.row - block.row
    rows = slice(row, row + unit.height)
    if pixels.shape[1] == 1 and block.width > 1:
        return pixels[rows]
    column = unit.column - block.column
    return pixels[rows, column : column + unit.width]


# --- how a grid is divided -----------------------------------------------------------------------


def plan_blocks(
    grid: Grid, rasters: Sequence[Raster], schedule: Schedule, bytes_per_pixel: float
) -> Blocks:
    """Divide a grid into blocks that suit the layout of the files and the memory.

    Tiled files are read by whole tiles; files in strips as wide as memory allows, so that no row is
    decoded twice. Where memory is short fewer blocks are computed at once, then smaller ones.

    Parameters
    ----------
    grid : Grid
    rasters : sequence of Raster
        The rasters that a kernel reads for each block.
    schedule : Schedule
    bytes_per_pixel : float
        What the kernel holds for each pixel of a block beside these rasters as they are stored.

    Returns
    -------
    Blocks

    Raises
    ------
    ProblemsFound
        ``scheduler`` if it is unknown; ``raster-memory`` if memory is too small for a single unit:
        says how much is needed.
    """
    check_scheduler(schedule)
    stored = sum(np.dtype(raster.dtype).itemsize for raster in rasters)
    by_pixel = stored + bytes_per_pixel
    threads = _affordable_threads(schedule, by_pixel)
    pixels = (_memory_by_thread(schedule, threads)) / by_pixel
    if schedule.block is not None:
        side = _round_up(max(1, schedule.block), UNIT)
        height = min(side, _round_up(grid.height, UNIT))
        width = min(side, _round_up(grid.width, UNIT))
        while height * width > pixels and threads > 1:
            threads -= 1
            pixels = _memory_by_thread(schedule, threads) / by_pixel
        if height * width > pixels:
            raise ProblemsFound([_too_little_memory(schedule, height * width * by_pixel)])
        return Blocks(_divide(grid, height, width), threads)
    fair: float = grid.height * grid.width
    if threads > 1:
        fair /= _BLOCKS_BY_THREAD * threads
    most = min(_MOST_PIXELS, _MOST_BYTES / by_pixel)
    if any(_is_striped(raster) for raster in rasters):  # whose rows each block beside decodes
        fair *= 2
        most = 2 * _MOST_PIXELS
    pixels = min(pixels, max(_LEAST_PIXELS, min(fair, most)))
    height, width = _block_shape(grid, rasters, pixels)
    return Blocks(_divide(grid, height, width), threads)


def check_scheduler(schedule: Schedule, place: str = "--scheduler") -> None:
    """Refuse a scheduler that is neither a word nor an address (``scheduler``).

    Parameters
    ----------
    schedule : Schedule
    place : str, optional
        Where it is named.

    Raises
    ------
    ProblemsFound
    """
    if not schedule.is_cluster or _ADDRESS.fullmatch(schedule.scheduler):
        return
    values = {"scheduler": schedule.scheduler, "known": SCHEDULERS}
    message = "extent.raster-scheduler-unknown"
    raise ProblemsFound([make_problem("scheduler", place, message, **values)])


def _affordable_threads(schedule: Schedule, by_pixel: float) -> int:
    """Return how many blocks of at least a unit fit the memory at once."""
    threads = schedule.most_threads
    unit = UNIT * UNIT * by_pixel
    while threads > 1 and _memory_by_thread(schedule, threads) < unit:
        threads -= 1
    if _memory_by_thread(schedule, threads) < unit:
        raise ProblemsFound([_too_little_memory(schedule, unit)])
    return threads


def _fixed_memory(schedule: Schedule, threads: int) -> int:
    """Return the bytes that a run takes whatever the size of its blocks."""
    held = _held_memory() + _SHARED
    if schedule.scheduler == PROCESSES:
        return held + threads * (_PROCESS + _SHARED + _BY_THREAD)
    return held + threads * _BY_THREAD


def _memory_by_thread(schedule: Schedule, threads: int) -> float:
    """Return the bytes that are left for the block of each thread."""
    return (schedule.memory - _fixed_memory(schedule, threads)) / threads


def _too_little_memory(schedule: Schedule, block: float) -> Problem:
    """Return the problem that a block does not fit, with what it needs."""
    need = math.ceil((_fixed_memory(schedule, 1) + block) / _MIB)
    values = {"memory": schedule.memory / _MIB, "need": need}
    return make_problem("raster-memory", "--memory", "extent.raster-memory", **values)


def _block_shape(grid: Grid, rasters: Sequence[Raster], pixels: float) -> tuple[int, int]:
    """Return height and width of blocks of at most so many pixels (at least one unit)."""
    rows, columns = _layout(grid, rasters)
    if rows * columns > pixels:
        rows, columns = UNIT, UNIT
    across = _round_up(grid.width, columns)
    is_striped = any(_is_striped(raster) for raster in rasters)
    if is_striped:
        width = min(across, _round_down(pixels / rows, columns))
    else:
        width = min(across, _round_down(max(columns, math.sqrt(pixels)), columns))
    height = _round_down(max(rows, pixels / width), rows)
    height = min(height, _round_up(grid.height, rows))
    if height == _round_up(grid.height, rows):  # a low grid: wider blocks
        width = min(across, max(columns, _round_down(pixels / height, columns)))
    return height, width


def _is_striped(raster: Raster) -> bool:
    """Return whether a file stores whole rows."""
    rows, columns = raster.blocks
    return columns >= raster.grid.width and rows < raster.grid.height


def _layout(grid: Grid, rasters: Iterable[Raster]) -> tuple[int, int]:
    """Return the least rows and columns that are whole units and whole pieces of every file."""
    rows = columns = UNIT
    for raster in rasters:
        down, across = raster.blocks
        if down < grid.height:
            rows = math.lcm(rows, down)
        if across < grid.width:
            columns = math.lcm(columns, across)
    return rows, columns


def _divide(grid: Grid, height: int, width: int) -> tuple[Window, ...]:
    """Return the blocks of a grid, row by row."""
    windows = []
    for row in range(0, grid.height, height):
        for column in range(0, grid.width, width):
            down = min(height, grid.height - row)
            across = min(width, grid.width - column)
            windows.append(Window(row, column, down, across))
    return tuple(windows)


def _round_up(number: float, step: int) -> int:
    """Return the least multiple of a step that is not below a number."""
    return math.ceil(number / step) * step


def _round_down(number: float, step: int) -> int:
    """Return the largest multiple of a step that is not above a number; at least one step."""
    return max(1, int(number // step)) * step


def _core_count() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _held_memory() -> int:
    """Return the bytes that the process holds now; where the system does not say, at its peak."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return _peak_memory()


def _peak_memory() -> int:
    """Return the most bytes that the process has held; a guess where the system has no word."""
    try:
        import resource
    except ImportError:  # Windows
        return _PROCESS
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


# --- how sums are added --------------------------------------------------------------------------


def sum_blocks(
    blocks: Sequence[Window],
    kernel: Kernel,
    zone_count: int | None,
    schedule: Schedule,
    progress: ProgressShare | None = None,
) -> Totals:
    """Compute all blocks and add their units in the fixed order.

    Parameters
    ----------
    blocks : sequence of Window
        Of ``plan_blocks``: whole units, row by row from left to right.
    kernel : callable
        Makes the sums of the units of a window. It can be pickled, and threads call it at once.
    zone_count : int or None
        Number of zones; None where zones are keys that are not known before.
    schedule : Schedule
    progress : callable, optional
        Is called in this thread with the share of blocks that are done, from 0 to 1.

    Returns
    -------
    Totals

    Raises
    ------
    ProblemsFound
        Problems of the kernel, as of a file that cannot be read; ``scheduler`` for one
        that does not answer, has no worker, or whose workers cannot compute; ``missing-extra``
        without dask.
    """
    check_scheduler(schedule)
    threads = blocks.threads if isinstance(blocks, Blocks) else schedule.most_threads
    threads = max(1, min(threads, len(blocks)))
    totals = _RunningSums(zone_count)
    rows: dict[int, _RunningSums] = {}
    height = -1  # row at which the current row of blocks begins
    with _open_pool(kernel, schedule, threads) as pool:
        for wave in _computed(blocks, pool, threads, progress):
            for row, row_of_blocks in groupby(wave, key=_row_of_block):
                if row != height:
                    _add_rows(totals, rows)
                    height = row
                _add_units(
                    rows, chain.from_iterable(units for _, units in row_of_blocks), zone_count
                )
            wave.clear()  # before the next is computed
    _add_rows(totals, rows)
    return totals.totals()


def _add_units(
    rows: dict[int, "_RunningSums"], units: Iterable[UnitSums], zone_count: int | None
) -> None:
    """Add units of a row of blocks to the sums of their rows, from left to right."""
    for row, of_row in groupby(sorted(units, key=_place_of_unit), key=_row_of_unit):
        if row not in rows:
            rows[row] = _RunningSums(zone_count)
        rows[row].add(list(of_row))


def _row_of_block(computed: tuple[Window, list[UnitSums]]) -> int:
    """Return where a block begins that was computed."""
    window, _ = computed
    return window.row


def _row_of_unit(unit: UnitSums) -> int:
    """Return in which row of units a unit is."""
    return unit.row


def _place_of_unit(unit: UnitSums) -> tuple[int, int]:
    """Return by what the units of a row of blocks are ordered."""
    return unit.row, unit.column


def _computed(
    blocks: Sequence[Window],
    pool: "_LocalTasks | _ClusterTasks",
    threads: int,
    progress: ProgressShare | None,
) -> Iterator[list[tuple[Window, list[UnitSums]]]]:
    """Yield the blocks with their units, wave by wave: some dozens are computed at a time."""
    size = max(_WAVE, _BLOCKS_BY_THREAD * threads)
    for begin in range(0, len(blocks), size):
        wave = blocks[begin : begin + size]
        report = partial(_report, progress, begin, len(blocks))
        yield list(zip(wave, pool.compute(wave, report), strict=True))


def _report(progress: ProgressShare | None, begin: int, total: int, done: int) -> None:
    """Tell how much is done."""
    if progress is not None:
        progress((begin + done) / total)


def _add_rows(totals: "_RunningSums", rows: dict[int, "_RunningSums"]) -> None:
    """Add the rows of units of a row of blocks, from top to bottom, and forget them."""
    for _, sums in sorted(rows.items()):
        totals.add([sums.totals()])
    rows.clear()


class _RunningSums:
    """Sums, minima and maxima by zone that grow unit by unit."""

    def __init__(self, zone_count: int | None) -> None:
        self.is_open = zone_count is None  # zones are keys, which come as they come
        self.zones = np.arange(zone_count or 0)
        self.sums: dict[str, np.ndarray] = {}
        self.lows: dict[str, np.ndarray] = {}
        self.highs: dict[str, np.ndarray] = {}

    def add(self, units: Sequence[UnitSums | Totals]) -> None:
        """Add what units, or a row of them, have, one after the other."""
        zones = [unit.zones for unit in units]
        ends = np.cumsum([len(of_unit) for of_unit in zones])
        places = np.split(self._places(np.concatenate(zones)), ends[:-1])
        self._join(self.sums, [unit.sums for unit in units], places, np.add, 0)
        self._join(self.lows, [unit.lows for unit in units], places, np.fmin, np.nan)
        self._join(self.highs, [unit.highs for unit in units], places, np.fmax, np.nan)

    def _join(
        self,
        arrays: dict[str, np.ndarray],
        of_units: Sequence[Mapping[str, np.ndarray]],
        places: Sequence[np.ndarray],
        function: np.ufunc,
        blank: float,
    ) -> None:
        """Join the arrays of units, by name, to those that have grown so far."""
        for name in dict.fromkeys(chain.from_iterable(of_units)):
            having = [number for number, unit in enumerate(of_units) if name in unit]
            values = np.concatenate([of_units[number][name] for number in having])
            if name not in arrays:
                is_whole = blank == 0 and values.dtype.kind in "iub"
                shape = (len(self.zones), *values.shape[1:])
                arrays[name] = np.full(shape, blank, np.int64 if is_whole else np.float64)
            of_values = np.concatenate([places[number] for number in having])
            function.at(arrays[name], of_values, values)

    def totals(self) -> Totals:
        """Return what has been added."""
        return Totals(self.zones, self.sums, self.lows, self.highs)

    def _places(self, zones: np.ndarray) -> np.ndarray:
        """Return the positions of zones, making room for those that are new."""
        if not self.is_open:
            return zones
        merged = np.union1d(self.zones, zones)
        if len(merged) > len(self.zones):
            former = np.searchsorted(merged, self.zones)
            for arrays, blank in ((self.sums, 0), (self.lows, np.nan), (self.highs, np.nan)):
                for name, values in arrays.items():
                    wider = np.full((len(merged), *values.shape[1:]), blank, values.dtype)
                    wider[former] = values
                    arrays[name] = wider
            self.zones = merged
        return np.searchsorted(self.zones, zones)


# --- who computes --------------------------------------------------------------------------------

_Done: TypeAlias = Callable[[int], None]  # is told how many blocks of a wave are done


class _LocalTasks:
    """Threads or processes of this machine, through dask."""

    def __init__(self, task: Callable[[Window], Any], get: Callable[..., Any], **options: Any):
        self.task = task
        self.get = get  # of dask: the function itself, since its name makes dask load distributed
        self.options = options

    def compute(self, wave: Sequence[Window], done: _Done) -> list[list[UnitSums]]:
        """Return the units of each block of a wave."""
        from dask.callbacks import Callback

        count = 0

        def count_task(*_: object) -> None:
            nonlocal count
            count += 1
            done(min(count, len(wave)))

        graph = {number: (self.task, window) for number, window in enumerate(wave)}
        try:
            with Callback(posttask=count_task):
                results = self.get(graph, list(graph), **self.options)
        except BrokenProcessPool:
            raise ProblemsFound([_lost_process()]) from None
        return [_units_or_raise(result) for result in results]


@contextmanager
def _open_pool(
    kernel: Kernel, schedule: Schedule, threads: int
) -> Iterator["_LocalTasks | _ClusterTasks"]:
    """Give what computes blocks, and leave nothing of it running, whatever happens."""
    _keep_freed_memory()
    try:
        import dask.threaded
    except ModuleNotFoundError as error:
        raise ProblemsFound([_missing_library(error)]) from None
    if schedule.is_cluster:
        with _open_cluster(kernel, schedule.scheduler) as cluster:
            yield cluster
        return
    is_alone = schedule.scheduler == THREADS and threads == 1
    if is_alone or schedule.scheduler == SYNCHRONOUS:  # in this thread, which has files open
        yield _LocalTasks(kernel, dask.local.get_sync)
        return
    if schedule.scheduler == THREADS:
        with _closing(ThreadPoolExecutor(threads, "gep-block")) as pool:
            yield _LocalTasks(kernel, partial(_get_by_threads, pool))
        return
    import dask.multiprocessing

    task = partial(_compute_packed, _pack(kernel))
    options = {"optimize_graph": False, "chunksize": 1}
    with _closing(ProcessPoolExecutor(threads, get_context("spawn"), _ignore_interrupt)) as pool:
        with _interrupts_held():
            for _ in range(threads):  # each starts a process, as long as none is idle
                pool.submit(os.getpid)
        yield _LocalTasks(task, dask.multiprocessing.get, pool=pool, **options)


def _get_by_threads(pool: Executor, graph: Mapping[int, Any], keys: list[int]) -> Any:
    """Return the results of a graph of dask, whose tasks all wait in the queue of a pool.

    ``dask.threaded.get`` gives a thread its next task when it has told of the last: after 0.3 ms.
    """
    import dask.threaded

    return dask.local.get_async(
        pool.submit,
        len(graph),
        graph,
        keys,
        pack_exception=dask.threaded.pack_exception,
    )


@contextmanager
def _closing(executor: Executor) -> Iterator[Executor]:
    """Give threads or processes, and end them without what they have not begun."""
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold back Ctrl-C from this thread, and for good from the processes that it starts meanwhile.

    A terminal sends it to all of them, and one that is still starting would die with a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # which lets Ctrl-C through when it starts later
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ignore_interrupt() -> None:
    """Leave Ctrl-C to the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _keep_freed_memory() -> None:
    """Have arrays of a unit made of memory that others left, not of new memory of the system.

    The C library of Linux gives back what is free beyond twice the largest piece that was ever
    freed, and has to ask for it again; this piece is never touched.
    """
    np.empty(_LARGEST_FREED, np.uint8)


def _pack(kernel: Kernel) -> bytes:
    """Return a kernel as other processes take it.

    Code that no import finds there, as methods in a file of the user, travels by value.
    """
    import cloudpickle  # dask brings it

    try:
        packed: bytes = cloudpickle.dumps(kernel)
    except Exception as error:  # whatever code of the user holds: an open file, a lock
        reason = f"{type(error).__name__}: {error}"
        message = "extent.raster-code-stays"
        problem = make_problem("scheduler", "--scheduler", message, reason=reason)
        raise ProblemsFound([problem]) from error
    return packed


@lru_cache(maxsize=2)
def _unpack(packed: bytes) -> Kernel:
    """Return a kernel that was sent; it is unpacked once in a process, with what it has cached."""
    _keep_freed_memory()
    kernel: Kernel = pickle.loads(packed)
    return kernel


def _compute_packed(packed: bytes, window: Window) -> list[UnitSums] | ProblemsFound:
    """Compute a block in another process; problems are returned, for schedulers wrap errors."""
    try:
        return _unpack(packed)(window)
    except ProblemsFound as error:
        return error


def _units_or_raise(result: Any) -> list[UnitSums]:
    """Return the units of a block, or raise the problems that it had."""
    if isinstance(result, ProblemsFound):
        raise result
    units: list[UnitSums] = result
    return units


def _missing_library(error: ModuleNotFoundError) -> Problem:
    """Return the problem that a library of the extra ``raster`` is not installed."""
    library = error.name or str(error)
    return make_problem(
        "missing-extra", "--scheduler", "extent.raster-no-scheduler", library=library
    )


def _lost_process() -> Problem:
    """Return the problem that the system ended a worker process."""
    return make_problem("scheduler", "--scheduler", "extent.raster-process-lost")


class _ClusterTasks:
    """The workers of a dask scheduler elsewhere."""

    def __init__(self, client: Any, packed: bytes, address: str) -> None:
        self.client = client
        self.packed = packed
        self.address = address

    def compute(self, wave: Sequence[Window], done: _Done) -> list[list[UnitSums]]:
        """Return the units of each block; blocks of a worker that is lost run on another one."""
        from dask.delayed import delayed

        packed = delayed(self.packed, traverse=False)
        task = delayed(_compute_packed, pure=False)
        futures = self.client.compute([task(packed, window) for window in wave])
        try:
            self._wait(futures, done)
            results = self.client.gather(futures)
        except ProblemsFound:
            raise
        except Exception as error:  # whatever workers, pickles and connections raise
            raise ProblemsFound([self._failure("failed", error)]) from error
        finally:
            self.client.cancel(futures)
        return [_units_or_raise(result) for result in results]

    def _wait(self, futures: Sequence[Any], done: _Done) -> None:
        """Wait for all futures, telling how many are done, as long as there is a worker."""
        count = 0
        seen = looked = time.monotonic()  # when there was a worker, and when that was asked
        while count < len(futures):
            time.sleep(_POLL)
            ended = sum(future.done() for future in futures)
            if ended > count:
                count = ended
                done(ended)
            now = time.monotonic()
            if now - looked < _PATIENCE:
                continue
            looked = now
            if self._has_worker():
                seen = now
            elif now - seen > _NO_WORKER:
                raise ProblemsFound([self._failure("no-worker", None)])

    def _has_worker(self) -> bool:
        """Return whether the scheduler knows a worker."""
        return bool(self.client.scheduler_info().get("workers"))

    def _failure(self, key: str, error: Exception | None) -> Problem:
        """Return what is wrong with the cluster."""
        return _cluster_problem(key, self.address, error)


def _cluster_problem(key: str, address: str, error: Exception | None) -> Problem:
    """Return the problem of a scheduler or its workers."""
    reason = f"{type(error).__name__}: {error}" if error is not None else ""
    values = {"scheduler": address, "reason": reason}
    if error is None:
        del values["reason"]
    return make_problem("scheduler", "--scheduler", f"extent.raster-cluster-{key}", **values)


@contextmanager
def _open_cluster(kernel: Kernel, address: str) -> Iterator[_ClusterTasks]:
    """Connect with a scheduler that has a worker, and leave none of our tasks there."""
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise ProblemsFound([_missing_library(error)]) from None
    packed = _pack(kernel)
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ProblemsFound([_cluster_problem("silent", address, error)]) from None
    try:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise ProblemsFound([_cluster_problem("no-worker", address, None)]) from None
        yield _ClusterTasks(client, packed, address)
    finally:
        client.close(timeout=_PATIENCE)
