"""What a user writes of memory, threads and scheduler."""

import pytest

import gep
from gep.extent.schedule import make_schedule, schedule_in_use, scheduled

GIB = 2**30


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("2 GiB", 2 * GIB),
        ("4GiB", 4 * GIB),
        ("500 MB", 500 * 10**6),
        ("1.5 gib", 1.5 * GIB),
        ("1073741824", GIB),
    ],
)
def test_memory_is_read_with_its_unit(words: str, amount: float) -> None:
    assert make_schedule(memory=words).memory == amount


@pytest.mark.parametrize("words", ["much", "2", "-3 GiB", "2 GiB 3", "٢ GiB", "2 KiB"])
def test_what_is_no_amount_is_refused(words: str) -> None:
    with pytest.raises(gep.ProblemsFound, match="--memory"):
        make_schedule(memory=words)


def test_the_environment_holds_where_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEP_MEMORY", "3 GiB")
    monkeypatch.setenv("GEP_THREADS", "5")
    monkeypatch.setenv("GEP_SCHEDULER", "synchronous")
    schedule = schedule_in_use()
    assert (schedule.memory, schedule.threads, schedule.scheduler) == (3 * GIB, 5, "synchronous")
    with scheduled(threads=1, scheduler="threads"):
        inside = schedule_in_use()
    assert (inside.memory, inside.threads, inside.scheduler) == (3 * GIB, 1, "threads")


@pytest.mark.parametrize(
    ("name", "words"), [("GEP_THREADS", "0"), ("GEP_THREADS", "two"), ("GEP_MEMORY", "x")]
)
def test_the_environment_is_checked(name: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, words)
    with pytest.raises(gep.ProblemsFound, match=name):
        schedule_in_use()


@pytest.mark.parametrize(
    "scheduler", ["thread", "tcp://", "tcp://host", "8786", "http://host:8786"]
)
def test_an_unknown_scheduler_is_refused_before_anything_is_read(
    scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(gep.ProblemsFound, match="--scheduler"):
        make_schedule(scheduler=scheduler)
    monkeypatch.setenv("GEP_SCHEDULER", scheduler)
    with pytest.raises(gep.ProblemsFound, match="GEP_SCHEDULER"):
        schedule_in_use()


@pytest.mark.parametrize("threads", [0, -1])
def test_threads_are_counted_from_one(threads: int) -> None:
    with pytest.raises(gep.ProblemsFound, match="--threads"), scheduled(threads=threads):
        pass
