"""NetCDF by several threads: HDF5 takes one at a time, and what asks it meanwhile ends the process."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from support.raster_files import degrees, write_arrays

SHAPE = (200, 200)
READ = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from gep.errors import ProblemLog
from gep.extent.rasters import Window, close_rasters, open_raster

def read(turn):
    for _ in range(100):
        close_rasters()  # so that files are opened while others are read
        raster = open_raster(Path(sys.argv[1]), ProblemLog(), "here")
        pixels = raster.read(Window(0, 0, 200, 200))
    return float(pixels.sum())

with ThreadPoolExecutor(4) as pool:
    print(set(pool.map(read, range(4))))
"""


def test_threads_open_and_read_at_once(tmp_path: Path) -> None:
    attributes = {f"attribute_{number}": "word " * number for number in range(20)}
    layer = (("lat", "lon"), np.ones(SHAPE), attributes)
    file = write_arrays(tmp_path / "layer.nc", {"layer": layer}, degrees(SHAPE, 0.01))
    command = [sys.executable, "-c", READ, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "{40000.0}\n"), done.stderr
