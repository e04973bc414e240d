"""Speed and memory of tabulating zones x land-cover codes, against a streaming ``numpy.bincount`` with the same threads.

``python benchmarks/raster_tabulation.py [--size 16000] [--threads 2] [--runs 3] [--grid degrees]``. Exit status 1 where a
limit is exceeded. Both sides read the same two GeoTIFFs (land cover, 100 counties; tiles of 512, deflate), which are made
here with a fixed seed, by the same number of threads, in turn; tables must agree. Times are the least of the runs: wall
time and processor time. ``reading`` reads and decodes both files and does nothing else. Growth is told in nanoseconds a
pixel from 1,000 squared on. Memory is the peak of a process that does nothing but tabulate.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

os.environ["GEP_CACHE"] = "off"  # every pass is computed

SEED, COUNTIES, NODATA = 11, 10, 255  # counties across and down
CODES = np.array([10, 20, 30, 40, 50, 60, 70, 80, 90, 100], np.uint8)
PATCH, STRAY = 12, 0.02  # pixels of a patch; share of pixels unlike their patch
TILE, BLOCK = 512, 2048  # of the files; what the other side reads at once
LIMIT, SPEED_UP, GROWTH, MEMORY = 1.2, 1.6, 1.2, 2.0  # times, times, times, GiB
GRIDS = {
    "degrees": ("EPSG:4326", (0.0003, 0.0, 110.0, 0.0, -0.0003, 30.0)),
    "equal-area": ("EPSG:6933", (30.0, 0.0, 1e7, 0.0, -30.0, 3.6e6)),
}
SIZES = (1_000, 2_000, 4_000, 8_000, 16_000)


def main() -> int:
    """Both sides; the exit status."""
    parser = argparse.ArgumentParser(description="Speed and memory of tabulating a land cover.")
    parser.add_argument("--size", type=int, default=16_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--grid", choices=sorted(GRIDS), action="append")
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.alone is not None:
        tabulate_alone(chosen.alone, chosen.threads)
        return 0
    fine = True
    with tempfile.TemporaryDirectory() as name:
        for grid in chosen.grid or sorted(GRIDS):
            folder = Path(name) / grid
            folder.mkdir()
            fine &= compare(folder, grid, chosen.size, chosen.threads, chosen.runs)
    return int(not fine)


def compare(folder: Path, grid: str, size: int, threads: int, runs: int) -> bool:
    """Growth, then both sides at the full size."""
    fine = True
    pixel_times = {}
    for side in [*(smaller for smaller in SIZES if smaller < size), size]:
        files = write_files(folder, grid, side)
        sides: dict[str, Callable[[], object]] = {"ours": partial(ours, files, threads)}
        if side == size:
            sides["theirs"] = partial(theirs, files, threads, grid)
            sides["reading"] = partial(theirs, files, threads, None)
            sides["ours, 1 thread"] = partial(ours, files, 1)
            sides["theirs, 1 thread"] = partial(theirs, files, 1, grid)
        best, tables = measure(sides, runs)
        pixel_times[side] = best["ours"][0] / side**2 * 1e9
        print(
            f"{grid} {side:,}: ours {told(best['ours'])}, {pixel_times[side]:.2f} ns a pixel",
            flush=True,
        )
        if side == size:
            same(tables["ours"], tables["theirs"])
            fine &= verdict("wall time", best["ours"][0] / best["theirs"][0], LIMIT)
            fine &= verdict("processor time", best["ours"][1] / best["theirs"][1], LIMIT)
            for name in ("theirs", "reading", "ours, 1 thread", "theirs, 1 thread"):
                print(f"  {name}: {told(best[name])}")
            share = best["reading"][1] / best["ours"][1]
            print(f"  reading and decoding: {share:.0%} of our processor time")
            speed_up = best["ours, 1 thread"][0] / best["ours"][0]
            their_speed_up = best["theirs, 1 thread"][0] / best["theirs"][0]
            fine &= verdict(
                f"{threads} threads, times 1 thread (theirs {their_speed_up:.2f})",
                speed_up,
                -SPEED_UP,
            )
            fine &= verdict("peak memory, GiB", peak_alone(files, threads), MEMORY)
    least = min(value for side, value in pixel_times.items() if side >= 4_000 or side == size)
    fine &= verdict("growth a pixel", pixel_times[size] / least, GROWTH)
    return fine


def measure(
    sides: dict[str, Callable[[], object]], runs: int
) -> tuple[dict[str, tuple[float, float]], dict[str, object]]:
    """The least wall and processor time of each side, which take turns."""
    walls: dict[str, list[float]] = {name: [] for name in sides}
    processor: dict[str, list[float]] = {name: [] for name in sides}
    tables = {}
    for _ in range(runs):
        for name, side in sides.items():
            wall, begin = time.perf_counter(), time.process_time()
            tables[name] = side()
            walls[name].append(time.perf_counter() - wall)
            processor[name].append(time.process_time() - begin)
    return {name: (min(walls[name]), min(processor[name])) for name in sides}, tables


def told(times: tuple[float, float]) -> str:
    return f"{times[0]:.2f} s wall, {times[1]:.2f} s processor"


def verdict(what: str, value: float, limit: float) -> bool:
    """Print whether a limit holds; a negative one is the least."""
    fine = value <= limit if limit > 0 else value >= -limit
    kind = "at most" if limit > 0 else "at least"
    print(f"  {what}: {value:.2f}, {kind} {abs(limit)}: {'pass' if fine else 'FAIL'}", flush=True)
    return fine


# --- files ---------------------------------------------------------------------------------------


def write_files(folder: Path, grid: str, size: int) -> tuple[Path, Path]:
    """Write land cover and counties, a row of tiles at a time."""
    import rasterio
    from rasterio.transform import Affine

    crs, transform = GRIDS[grid]
    profile = {
        "driver": "GTiff", "width": size, "height": size, "count": 1, "crs": crs,
        "transform": Affine(*transform), "tiled": True, "blockxsize": TILE, "blockysize": TILE,
        "compress": "deflate", "zlevel": 1,
    }  # fmt: skip
    files = folder / f"cover_{size}.tif", folder / f"counties_{size}.tif"
    with (
        rasterio.open(files[0], "w", dtype="uint8", nodata=NODATA, **profile) as cover,
        rasterio.open(files[1], "w", dtype="uint16", nodata=0, **profile) as counties,
    ):
        for row in range(0, size, TILE):
            height = min(TILE, size - row)
            place = rasterio.windows.Window(0, row, size, height)
            cover.write(land_cover(row, height, size), 1, window=place)
            counties.write(county_codes(row, height, size), 1, window=place)
    return files


def land_cover(row: int, height: int, size: int) -> np.ndarray:
    """Patches of a class with some pixels of other classes and without data."""
    random = np.random.default_rng([SEED, row])
    patches = random.choice(CODES, (-(-height // PATCH), -(-size // PATCH) + 1))
    codes = np.repeat(np.repeat(patches, PATCH, 0), PATCH, 1)[:height]
    shift = random.integers(0, PATCH, height)  # so that borders of patches are no straight lines
    codes = np.stack([line[start : start + size] for line, start in zip(codes, shift, strict=True)])
    stray = random.integers(0, height * size, int(STRAY * height * size))
    codes.reshape(-1)[stray] = random.choice(np.append(CODES, NODATA), len(stray))
    return codes


def county_codes(row: int, height: int, size: int) -> np.ndarray:
    """Counties with waved borders, and a margin without any."""
    rows = np.arange(row, row + height)[:, None] / size
    columns = np.arange(size)[None, :] / size
    across = (columns - 0.05) / 0.9 * COUNTIES + 0.2 * np.sin(rows * 40)
    down = (rows - 0.05) / 0.9 * COUNTIES + 0.2 * np.sin(columns * 40)
    inside = (across >= 0) & (across < COUNTIES) & (down >= 0) & (down < COUNTIES)
    codes = np.floor(down) * COUNTIES + np.floor(across) + 1
    return np.where(inside, codes, 0).astype(np.uint16)


# --- the two sides -------------------------------------------------------------------------------


def ours(files: tuple[Path, Path], threads: int) -> object:
    from gep.errors import ProblemLog
    from gep.extent.blocks import Schedule
    from gep.extent.rasters import open_raster
    from gep.extent.tabulation import tabulate
    from gep.extent.zones import RasterZones

    problems = ProblemLog()
    cover, counties = (open_raster(file, problems, file.name) for file in files)
    assert cover is not None
    assert counties is not None
    values = np.arange(1.0, COUNTIES**2 + 1)
    codes = tuple(f"{value:03.0f}" for value in values)
    zones = RasterZones(codes, counties, values, (0.0,) * len(codes))
    return tabulate(cover, zones, Schedule(threads=threads))


def theirs(files: tuple[Path, Path], threads: int, grid: str | None) -> object:
    """What one would write by hand; without a grid it reads and does nothing else."""
    import rasterio

    opened = threading.local()
    row_area = row_areas(files[0], grid)

    def count(place: tuple[int, int]) -> tuple[np.ndarray, np.ndarray] | None:
        if not hasattr(opened, "files"):
            opened.files = [rasterio.open(file) for file in files]
        cover, counties = opened.files
        row, column = place
        height, width = min(BLOCK, cover.height - row), min(BLOCK, cover.width - column)
        window = rasterio.windows.Window(column, row, width, height)
        codes, zones = cover.read(1, window=window), counties.read(1, window=window)
        if grid is None:
            return None
        index = (zones.astype(np.int32) * 256 + codes).ravel()
        bins = (COUNTIES**2 + 1) * 256
        if row_area is None:
            return np.bincount(index, minlength=bins), np.zeros(0)
        weights = np.broadcast_to(row_area[row : row + height, None], codes.shape).ravel()
        return np.bincount(index, weights, bins), np.zeros(0)

    with rasterio.open(files[0]) as file:
        places = list(blocks(file.height, file.width))
    total = 0
    with ThreadPoolExecutor(threads) as pool:
        for counted in pool.map(count, places):
            if counted is not None:
                total = total + counted[0]
    return total if row_area is not None or grid is None else total * 900.0


def row_areas(file: Path, grid: str | None) -> np.ndarray | None:
    """Area of the cells of each row in degrees (those of ours: areas are not what is compared)."""
    from gep.errors import ProblemLog
    from gep.extent.cell_areas import cell_areas
    from gep.extent.rasters import Window, open_raster

    if grid != "degrees":
        return None
    raster = open_raster(file, ProblemLog(), file.name)
    assert raster is not None
    return cell_areas(raster.grid, Window(0, 0, raster.grid.height, 1))[:, 0]


def blocks(height: int, width: int) -> Iterator[tuple[int, int]]:
    for row in range(0, height, BLOCK):
        for column in range(0, width, BLOCK):
            yield row, column


def same(table: object, by_hand: object) -> None:
    """Areas of counties and codes agree. Raises ``AssertionError``."""
    expected = np.asarray(by_hand).reshape(-1, 256)[1:]
    np.testing.assert_allclose(table.area, expected[:, table.codes], rtol=1e-9)  # type: ignore[attr-defined]
    np.testing.assert_allclose(table.nodata_area, expected[:, NODATA], rtol=1e-9)  # type: ignore[attr-defined]


# --- memory --------------------------------------------------------------------------------------


def peak_alone(files: tuple[Path, Path], threads: int) -> float:
    """Peak memory (GiB) of another process that tabulates."""
    command = [sys.executable, __file__, "--threads", str(threads), "--alone", str(files[0])]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(run.stdout)


def tabulate_alone(cover: Path, threads: int) -> None:
    counties = cover.with_name(cover.name.replace("cover", "counties"))
    ours((cover, counties), threads)
    print(peak())


def peak() -> float:
    """The most memory that this process has held, GiB; on Linux without what the one that started it held."""
    if sys.platform == "linux":
        words = Path("/proc/self/status").read_text().split()
        return int(words[words.index("VmHWM:") + 1]) / 2**20
    scale = 2**30 if sys.platform == "darwin" else 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


if __name__ == "__main__":
    sys.exit(main())
