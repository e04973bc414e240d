"""One account whatever it is computed from and by: tables, files of every layout, threads, processes, a cluster."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support import small
from support.loopback_cluster import LoopbackCluster
from support.small_rasters import ALBERS, SmallRasters, checkerboard

import gep
from gep.extent import schedule as schedules
from gep.extent.blocks import UNIT, Schedule

pytest.importorskip("rasterio")

SHIPPED_WATER = """
[data.rainfall]
name = { zh = "降水量", en = "Rainfall" }
unit = "mm"

[data.evapotranspiration]
name = { zh = "蒸散发", en = "Evapotranspiration" }
unit = "mm"

[[indicator]]
id = "water"
name = { zh = "水源涵养", en = "Water retention" }
category = "regulating"
[[indicator.step]]
id = "kept"
kind = "quantity"
method = "gep.methods.water:retention_by_water_balance"
per = "area"
unit = "10^4 m3"
clause = "1"
inputs.rainfall = { data = "rainfall" }
inputs.runoff = { coef = "runoff_depth" }
inputs.evapotranspiration = { data = "evapotranspiration" }
[[indicator.step]]
id = "value"
kind = "value"
method = "gep.methods.valuation:volume_value"
per = "amount"
unit = "10^4 CNY"
clause = "2"
inputs = { volume = { step = "water.kept" }, price = { coef = "storage_cost" } }
"""
DEPTHS = (
    small.coefficient("runoff_depth", 80, "mm", ecosystem="forest"),
    small.coefficient("runoff_depth", 12, "cm", ecosystem="shrub"),
    small.coefficient("runoff_depth", 300, "mm", ecosystem="field"),
    small.coefficient("storage_cost", 2, "CNY m-3"),
)
BESIDE = '"""A constant beside the methods."""\n\nWHOLE = 1\n'


def rough(board: SmallRasters, *names: str) -> SmallRasters:
    """A board whose layers vary from pixel to pixel, over many orders of magnitude."""
    random = np.random.default_rng(16)
    layers = {}
    for name in names:
        numbers = 10 ** random.uniform(-3, 4, board.zones.shape)
        numbers[random.random(numbers.shape) < 0.02] = np.nan
        layers[name] = (numbers.astype(np.float32), "mm")
    return replace(board, layers=layers)


WIDE = rough(checkerboard(2 * UNIT + 76, 2 * UNIT + 276, 31), "rain")
SHIPPED = replace(
    rough(WIDE, "rainfall", "evapotranspiration"),
    standard=small.HEAD + SHIPPED_WATER,
    indicators=("water",),
    coefficients=DEPTHS,
)


@pytest.fixture
def by(monkeypatch: pytest.MonkeyPatch) -> Callable[[Schedule], None]:
    """Set how blocks are computed: their size is no option of the public functions."""

    def use(schedule: Schedule) -> None:
        monkeypatch.setattr(schedules, "make_schedule", lambda **options: schedule)

    return use


def frames(folder: Path) -> list[pd.DataFrame]:
    (account,) = gep.read_project(folder, allow_code=True).compute()
    return [account.frame(), account.by_ecosystem(), account.summary()]


def account_bytes(folder: Path, out: Path, **options: Any) -> bytes:
    gep.run_project(folder, out, allow_code=True, **options)
    return (out / "account.csv").read_bytes()


def agree(ours: list[pd.DataFrame], theirs: list[pd.DataFrame]) -> None:
    for first, second in zip(ours, theirs, strict=True):
        numbers = list(first.select_dtypes("number").columns)
        assert "value" in numbers
        assert first.drop(columns=numbers).equals(second.drop(columns=numbers))
        for name in numbers:
            np.testing.assert_allclose(first[name], second[name], rtol=1e-9)


@pytest.mark.parametrize(
    "form",
    [
        {"options": {"tiled": False, "compress": "lzw"}},
        {"options": {"blockxsize": 16, "blockysize": 16}},
        {"form": "nc"},
        {"form": "zarr"},
    ],
    ids=["strips", "tiles", "netcdf", "zarr"],
)
def test_a_checkerboard_agrees_with_its_table_in_every_file_format(
    form: dict[str, Any], tmp_path: Path
) -> None:
    board = checkerboard(90, 120, 7)
    on_tables = frames(board.write_table_twin(tmp_path / "table"))
    agree(frames(replace(board, **form).write(tmp_path / "raster")), on_tables)


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_a_checkerboard_agrees_with_its_table_by_every_scheduler(
    scheduler: str, tmp_path: Path, by: Callable[[Schedule], None]
) -> None:
    board = checkerboard(UNIT + 40, UNIT + 90, 31)
    on_tables = frames(board.write_table_twin(tmp_path / "table"))
    by(Schedule(scheduler, 2, block=UNIT))
    agree(frames(board.write(tmp_path / "raster")), on_tables)


FORMS = [
    ({}, Schedule("synchronous", block=3 * UNIT)),
    ({}, Schedule("threads", 3, block=UNIT)),
    ({"options": {"tiled": False}}, Schedule("threads", 2)),
    ({"form": "nc"}, Schedule("threads", 2, block=UNIT)),
    ({"form": "zarr"}, Schedule("threads", 2, block=2 * UNIT)),
]


@pytest.mark.parametrize(("files", "schedule"), FORMS, ids=str)
def test_account_csv_has_the_same_bytes_whatever_the_files_blocks_and_threads(
    files: dict[str, Any],
    schedule: Schedule,
    tmp_path: Path,
    by: Callable[[Schedule], None],
    reference: bytes,
) -> None:
    by(schedule)
    folder = replace(WIDE, **files).write(tmp_path / "project")
    assert account_bytes(folder, tmp_path / "out") == reference


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of account.csv by one thread in one block."""
    folder = tmp_path_factory.mktemp("reference")
    with gep.scheduled(scheduler="synchronous"):
        return account_bytes(WIDE.write(folder), folder / "out")


def test_sums_of_this_board_depend_on_their_order(tmp_path: Path) -> None:
    """Else the tests of bytes could not fail: the same pixels, added in one stretch."""
    rain = WIDE.layers["rain"][0].astype(float)
    known = np.where(np.isnan(rain), 0, rain)
    in_units = 0.0
    for row in range(0, rain.shape[0], UNIT):
        for column in range(0, rain.shape[1], UNIT):
            in_units += np.add.reduce(known[row : row + UNIT, column : column + UNIT], axis=None)
    in_one = np.bincount(np.zeros(rain.size, int), known.reshape(-1))[0]
    assert in_units != in_one


def test_the_command_writes_the_same_account_by_two_processes(
    tmp_path: Path, reference: bytes
) -> None:
    """In a process of its own, as a user runs it; the methods of the project reach those that it starts."""
    folder = WIDE.write(tmp_path / "project")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "gep", "run", str(folder), "--out", str(out), "--quiet"]
    command += ["--allow-code", "--scheduler", "processes", "--threads", "2"]
    subprocess.run(command, check=True)
    assert (out / "account.csv").read_bytes() == reference


# --- a cluster -----------------------------------------------------------------------------------


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LoopbackCluster]:
    processes = LoopbackCluster(tmp_path)
    try:
        yield processes
    finally:
        processes.stop()


@pytest.mark.filterwarnings("default")
def test_a_cluster_that_loses_a_worker_writes_the_same_account(
    cluster: LoopbackCluster,
    tmp_path: Path,
    by: Callable[[Schedule], None],
    reference: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once with methods that ship, and once with methods of the project, which import a file beside them."""
    imported = "from beside import WHOLE\n"
    own_text = small.METHODS.replace("import numpy as np\n", f"import numpy as np\n{imported}")
    own = replace(WIDE, methods=own_text.replace("rain * (1 - runoff)", "rain * (WHOLE - runoff)"))
    folders = [SHIPPED.write(tmp_path / "shipped"), own.write(tmp_path / "own")]
    (folders[1] / "beside.py").write_text(BESIDE, encoding="utf-8")
    monkeypatch.setattr("gep.extent.blocks._POLL", 0.01)  # to hear of blocks singly
    workers = [cluster.start_worker(), cluster.start_worker()]
    expected = [account_bytes(folders[0], tmp_path / "shipped-here"), reference]
    cluster.wait_for(2)
    by(Schedule(cluster.address, block=UNIT))
    for number, folder in enumerate(folders):
        seen: list[float] = []

        def kill_at_first_blocks(share: Any, seen: list[float] = seen) -> None:
            if "account of" not in share.stage.say("en"):
                return
            seen.append(float(share))
            if len(seen) == 2:  # the first call says that the stage begins
                workers[-1].kill()
                workers[-1].wait()

        progress = kill_at_first_blocks
        out = tmp_path / f"out-{number}"
        assert account_bytes(folder, out, progress=progress) == expected[number]
        assert seen[1] < seen[-1], "the worker was there to the end"
        workers.append(cluster.start_worker())
        cluster.wait_for(2)
    check_failure(tmp_path / "broken")


def check_failure(folder: Path) -> None:
    """Own code that fails at pixels is a problem of it, wherever it runs."""
    broken = small.METHODS.replace("rain * (1 - runoff)", 'rain * ["a", "b"][5]')
    replace(checkerboard(40, 50, 7), methods=broken).write(folder)
    project = gep.read_project(folder, allow_code=True)
    with pytest.raises(gep.ProblemsFound) as caught:
        project.compute()
    (problem,) = caught.value.problems
    assert problem.code == "method-failed"
    assert "IndexError" in problem.say("en")


def test_own_code_that_fails_at_pixels_is_a_problem_of_it(tmp_path: Path) -> None:
    check_failure(tmp_path)


def test_own_code_that_cannot_be_sent_to_other_processes_is_a_problem(tmp_path: Path) -> None:
    board = checkerboard(40, 50, 7)
    locked = "import threading\n\nLOCK = threading.Lock()\n" + small.METHODS.replace(
        "    return rain *", "    with LOCK:\n        return rain *"
    )
    folder = replace(board, methods=locked).write(tmp_path)
    project = gep.read_project(folder, allow_code=True)
    assert project.compute()
    with gep.scheduled(scheduler="processes", threads=1):
        project = gep.read_project(folder, allow_code=True)
        with pytest.raises(gep.ProblemsFound, match="lock") as caught:
            project.compute()
    assert caught.value.problems[0].message == "extent.raster-code-stays"


def test_the_record_lists_all_files_of_a_shapefile_and_none_beside_it(tmp_path: Path) -> None:
    import shapely
    from support.zone_files import write_zones

    board = checkerboard(40, 50, 7)
    folder = board.write(tmp_path / "project")
    shapes = [shapely.box(1e6, 3_196_000, 1_002_000, 3_200_000)]
    write_zones(folder / "zones.shp", shapes, ["1"], crs=ALBERS)
    write_zones(folder / "zones_of_others.shp", shapes, ["1"], crs=ALBERS)
    text = (folder / "project.toml").read_text("utf-8").replace("zones.tif", "zones.shp")
    (folder / "project.toml").write_text(text, "utf-8")
    gep.run_project(folder, tmp_path / "out", allow_code=True)
    record = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    listed = {Path(name).name for name in record["inputs"] if "zones" in name}
    assert {"zones.shp", "zones.dbf", "zones.shx", "zones.prj"} <= listed
    assert all(name.partition(".")[0] == "zones" for name in listed)
