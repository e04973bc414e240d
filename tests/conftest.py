"""What several tests need: English messages, the format example, the files of others."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from support.paths import FORMAT_EXAMPLE, shared_file

if TYPE_CHECKING:
    from playwright.sync_api import Browser

os.environ["GEP_CACHE"] = "off"  # tests of what is kept give a folder of their own
os.environ["LC_ALL"] = "C.UTF-8"  # messages in English, whatever machine the tests run on
# texts as pandas keeps them where pyarrow is not installed; test_run.py holds the other kind to it
pd.options.mode.string_storage = "python"
# a worker holds thousands of results: searched for garbage seldom, yet often enough to stay small
gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Give each worker of ``-n`` one stretch of the tests, and let the first that is done take from another.

    What a module computes once is then computed by one worker; ``--dist`` on the command line has its way.
    """
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.fixture(autouse=True)
def _no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the disk: what tests write need not outlive a power cut."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(autouse=True)
def _memory_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run hold what it holds in a new process, not what thousands of tests have left."""
    monkeypatch.setattr("gep.extent.blocks._held_memory", lambda: 128 * 2**20)


@pytest.fixture
def villages(tmp_path: Path) -> Path:
    """A writable copy of the format example without its expected results; needs ``allow_code``."""
    target = tmp_path / "villages"
    ignored = shutil.ignore_patterns("expected", "out", "__pycache__")
    shutil.copytree(FORMAT_EXAMPLE, target, ignore=ignored)
    return target


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the files of others, which are never committed."""
    return shared_file()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium without a window. It ends with the module: notebooks cannot run beside its loop."""
    from support.browser import running_browser

    with running_browser() as running:
        yield running
