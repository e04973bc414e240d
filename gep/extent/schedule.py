"""The schedule in use (运行设置): how much memory rasters may take, and who computes their blocks.

A command or a script sets it around what it calls; else the variables of the environment hold, else
threads of this process in 2 GiB. What a schedule means is left to ``gep.extent.blocks``.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from gep.errors import Problem, ProblemsFound, make_problem
from gep.extent.blocks import Schedule, check_scheduler
from gep.io.argument_types import checked_arguments

_SCHEDULE: ContextVar[Schedule | None] = ContextVar("schedule", default=None)
_MEMORY = "GEP_MEMORY"
_THREADS = "GEP_THREADS"
_SCHEDULER = "GEP_SCHEDULER"
_AMOUNT = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(?P<prefix>[kmgt]?)(?P<is_binary>i?)b?", re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_LEAST = 64 * 2**20  # bytes below which an amount is surely a slip, such as 2 for 2 GiB


def schedule_in_use() -> Schedule:
    """Return how blocks are read and computed.

    Returns
    -------
    Schedule

    Raises
    ------
    ProblemsFound
        ``command-line`` if a variable of the environment cannot be read.
    """
    schedule = _SCHEDULE.get()
    return make_schedule() if schedule is None else schedule


@checked_arguments
@contextmanager
def scheduled(
    *, memory: str = "", threads: int | None = None, scheduler: str = ""
) -> Iterator[None]:
    """Compute rasters by a schedule, inside a ``with`` block.

    Parameters
    ----------
    memory : str, optional
        What a run may take, such as ``4 GiB``; by default ``GEP_MEMORY``, else 2 GiB.
    threads : int, optional
        Blocks that are computed at once; by default ``GEP_THREADS``, else one for each core.
    scheduler : str, optional
        ``threads``, ``synchronous``, ``processes``, or the address of a dask scheduler
        (``tcp://host:port``); by default ``GEP_SCHEDULER``, else threads.

    Raises
    ------
    ProblemsFound
        ``command-line`` for an amount of memory that cannot be read or is too small, and for a
        number of threads below 1; ``scheduler`` for one that is unknown.

    Examples
    --------
    >>> import gep
    >>> with gep.scheduled(memory="4 GiB", threads=2):
    ...     gep.read_project("examples/beibu-gulf")
    <Project beibu-gulf: xie-2015, years [1999, 2006, 2014]>
    """
    schedule = make_schedule(memory=memory, threads=threads, scheduler=scheduler)
    token = _SCHEDULE.set(schedule)
    try:
        yield
    finally:
        _SCHEDULE.reset(token)


def make_schedule(*, memory: str = "", threads: int | None = None, scheduler: str = "") -> Schedule:
    """Make a schedule of what a user writes; see ``scheduled``."""
    spoken = memory or os.environ.get(_MEMORY, "")
    place = "--memory" if memory else _MEMORY
    amount = Schedule.memory if not spoken else _bytes_of(spoken, place)
    count = threads
    if count is not None and count < 1:
        raise ProblemsFound([_no_threads("--threads", str(count))])
    if count is None and os.environ.get(_THREADS):
        count = _count_of(os.environ[_THREADS])
    schedule = Schedule(
        scheduler=scheduler or os.environ.get(_SCHEDULER) or Schedule.scheduler,
        threads=count,
        memory=amount,
    )
    check_scheduler(schedule, "--scheduler" if scheduler else _SCHEDULER)
    return schedule


def _bytes_of(words: str, place: str) -> int:
    """Read an amount of memory."""
    match = _AMOUNT.fullmatch(words.strip().lower())
    if match is None:
        raise ProblemsFound([make_problem("command-line", place, "extent.memory", words=words)])
    base = 1024 if match["is_binary"] or not match["prefix"] else 1000
    amount = int(float(match["number"]) * base ** _POWERS[match["prefix"]])
    if amount < _LEAST:
        message = "extent.memory-too-small"
        raise ProblemsFound([make_problem("command-line", place, message, words=words)])
    return amount


def _count_of(words: str) -> int:
    """Read a number of threads."""
    if words.isascii() and words.isdigit() and int(words) > 0:
        return int(words)
    raise ProblemsFound([_no_threads(_THREADS, words)])


def _no_threads(place: str, words: str) -> Problem:
    """Return the problem that a number of threads is none."""
    return make_problem("command-line", place, "extent.threads", words=words)
