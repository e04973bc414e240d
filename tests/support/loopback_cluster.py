"""A dask scheduler and its workers as processes on loopback, which a test may kill."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).parents[1]


class LoopbackCluster:
    """A scheduler and its workers on loopback."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.environment = os.environ | {"PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"}
        self.started = [self.start("scheduler", "--host", "127.0.0.1", "--port", "0")]

    def start(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard"]
        command += ["--scheduler-file", str(self.file), *options]
        return subprocess.Popen(
            command,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.file.parent,
        )

    def start_worker(self) -> subprocess.Popen[bytes]:
        worker = self.start("worker", "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")
        self.started.append(worker)
        return worker

    @property
    def address(self) -> str:
        while not self.file.exists() or not self.file.read_text(encoding="utf-8").strip():
            time.sleep(0.05)
        return str(json.loads(self.file.read_text(encoding="utf-8"))["address"])

    def stop(self) -> None:
        for process in reversed(self.started):
            process.kill()
            process.wait()

    def wait_for(self, count: int) -> None:
        """Wait until so many workers are there."""
        from distributed import Client

        with Client(self.address, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=60)  # a busy machine starts slowly
