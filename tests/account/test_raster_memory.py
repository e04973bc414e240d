"""The limit of memory holds for a whole account, as measured of a process that does nothing else."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.small_rasters import checkerboard

rasterio = pytest.importorskip("rasterio")

SIDE = 6000
LIMIT = 700  # MiB
# The peak of this program alone: ru_maxrss would begin at what the process that starts it has.
PROGRAM = """
import sys
import gep
with gep.scheduled(memory="{limit} MiB", threads=2):
    (account,) = gep.read_project(sys.argv[1], allow_code=True).compute()
amounts = account.frame().query("step == 'kept' and level == 'region' and indicator == 'water'")
with open("/proc/self/status") as file:
    peak = next(line.split()[1] for line in file if line.startswith("VmHWM:"))
print(int(peak) / 1024, amounts["value"].sum())
"""


def grow(path: Path, side: int) -> None:
    """Write a raster again with so many pixels each way: its first row, over and over."""
    with rasterio.open(path) as file:
        row = file.read(1)[:1]
        profile = file.profile | {"height": side, "width": side}
    row = np.tile(row, side // row.shape[1])
    strip = np.repeat(row, 256, axis=0)
    with rasterio.open(path, "w", **profile) as file:
        for top in range(0, side, 256):
            height = min(256, side - top)
            window = rasterio.windows.Window(0, top, side, height)
            file.write(strip[:height], 1, window=window)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted otherwise elsewhere")
def test_a_large_account_stays_below_the_limit_of_memory(tmp_path: Path) -> None:
    """36 million pixels of three rasters: at once they would take 288 MB as numbers in each of their arrays."""
    board = checkerboard(60, 60, 10)
    folder = board.write(tmp_path)
    for name in ("lc_2020.tif", "zones.tif", "rain.tif"):
        grow(folder / name, SIDE)
    command = [sys.executable, "-c", PROGRAM.format(limit=LIMIT), str(folder)]
    report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    peak, total = (float(word) for word in report.split())
    cover, zones = board.cover[2020][0], board.zones[0]
    kept = {1: 0.75 * 0.75 + 0.25 * 0.6, 2: 0.75 * 0.75 + 0.25 * 0.6, 3: 0.6}
    rain = {1: 1200.0, 2: 1600.5, 3: 2100.25}
    of_row = 0.0
    for code, zone in zip(cover.tolist(), zones.tolist(), strict=True):
        of_row += kept.get(code, 0.0) * rain[zone] * 10 / 1e4  # 10^4 m3 of a pixel of 1 hm2
    assert total == pytest.approx(of_row * SIDE * (SIDE // 60), rel=1e-9)
    assert peak < LIMIT, f"{peak:.0f} MiB"
