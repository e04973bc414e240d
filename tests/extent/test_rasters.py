"""Rasters: what is read is what is stored, whatever the file; what is broken is told before a pixel is used."""

import csv
import multiprocessing
import pickle
import threading
import warnings
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from support import raster_files
from support.raster_files import (
    BROKEN,
    SHAPE,
    BrokenRaster,
    classes,
    degrees,
    rain,
    write_arrays,
    write_geotiff,
)

from gep.errors import Problem, ProblemLog, ProblemsFound, severities
from gep.extent.rasters import (
    Raster,
    Window,
    check_grids,
    check_nodata_class,
    close_rasters,
    open_raster,
)


def opened(path: Path) -> Raster:
    problems = ProblemLog()
    raster = open_raster(path, problems, path.name)
    assert raster is not None, [problem.say("en") for problem in problems.errors]
    return raster


def problems_of(broken: BrokenRaster, folder: Path) -> list[Problem]:
    """What is told of a broken raster where its stage looks at it."""
    problems = ProblemLog()
    raster = open_raster(broken.make(folder), problems, "inputs.raster.land_cover")
    if broken.stage == "open":
        return [*problems.errors, *problems.warnings]
    assert raster is not None
    assert not problems.errors
    if broken.stage == "read":
        with pytest.raises(ProblemsFound) as error:
            raster.read(raster.grid.window)
        return list(error.value.problems)
    if broken.stage == "classes":
        check_nodata_class(raster, (1, 2, 3, 4, 255), problems, "inputs.raster.land_cover")
    else:
        reference = opened(write_geotiff(folder / "land.tif", classes()))
        check_grids(reference, [reference, raster], problems)
    return problems.errors


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_broken_raster_is_told_by_its_code(
    broken: BrokenRaster, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    found = problems_of(broken, tmp_path)
    assert [problem.code for problem in found] == [broken.code]
    message = found[0].say("en")
    assert [word for word in (*broken.words, "fix:") if word not in message] == []
    chinese = found[0].say("zh")
    assert "改正" in chinese or "broken" in chinese
    assert capfd.readouterr() == ("", "")  # libraries keep their reports to themselves


def test_a_right_raster_is_told_of_by_nobody(tmp_path: Path) -> None:
    for path in (
        write_geotiff(tmp_path / "land.tif", classes()),
        write_arrays(tmp_path / "rain.nc", {"pr": (("lat", "lon"), rain())}, degrees()),
        write_arrays(tmp_path / "rain.zarr", {"pr": (("lat", "lon"), rain())}, degrees()),
    ):
        problems = ProblemLog()
        raster = open_raster(path, problems, "x")
        assert raster is not None
        check_grids(raster, [raster], problems)
        assert not problems.errors
        assert not problems.warnings


def test_bad_grids_of_the_probe_are_among_the_broken_ones(shared: Path) -> None:
    with (shared / "peers" / "VALIDATION_PROBE.csv").open(encoding="utf-8", newline="") as file:
        cases = {row["case"] for row in csv.DictReader(file)}
    grids = {case for case in cases if case.startswith("carbon_alt_")} | {
        "carbon_lulc_nodata_undefined"
    }
    assert {broken.probe for broken in BROKEN if broken.probe} == grids


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
@pytest.mark.parametrize(
    "layout", [{}, {"tiled": True, "blockxsize": 16, "blockysize": 32, "compress": "deflate"}]
)
def test_pixels_are_read_as_they_are_stored(
    dtype: str, layout: dict[str, object], tmp_path: Path
) -> None:
    pixels = (np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE) % 251).astype(dtype)
    raster = opened(write_geotiff(tmp_path / "x.tif", pixels, nodata=7, **layout))
    assert (raster.grid.height, raster.grid.width) == SHAPE
    assert raster.dtype == dtype
    window = Window(11, 20, 33, 41)
    stored = raster.read(window)
    assert stored.dtype == dtype
    np.testing.assert_array_equal(stored, pixels[11:44, 20:61])
    numbers = raster.read_numbers(window)
    assert numbers.dtype == ("float32" if dtype == "float32" else "float64")
    expected = pixels[11:44, 20:61].astype(float)
    expected[expected == 7] = np.nan
    np.testing.assert_array_equal(numbers, expected)


def test_a_cloud_optimised_file_is_read_like_any_other(tmp_path: Path) -> None:
    pixels = classes((600, 700))
    raster = opened(
        write_geotiff(tmp_path / "x.tif", pixels, driver="COG", compress="deflate", blocksize=256)
    )
    assert raster.blocks == (256, 256)
    np.testing.assert_array_equal(raster.read(Window(100, 300, 400, 400)), pixels[100:500, 300:700])


def test_a_window_outside_is_a_mistake_of_ours(tmp_path: Path) -> None:
    raster = opened(write_geotiff(tmp_path / "x.tif", classes()))
    for window in (Window(-1, 0, 3, 3), Window(0, 0, 71, 1), Window(0, 88, 1, 3)):
        with pytest.raises(ValueError, match="outside"):
            raster.read(window)


def test_scale_and_offset_are_applied_and_nodata_is_told_before(tmp_path: Path) -> None:
    pixels = np.array([[100, -9999], [0, 250]], dtype="int16")
    path = write_geotiff(tmp_path / "x.tif", pixels, nodata=-9999)
    with rasterio.open(path, "r+") as file:
        file.scales = (0.1,)
        file.offsets = (-5.0,)
    numbers = opened(path).read_numbers(Window(0, 0, 2, 2))
    np.testing.assert_allclose(numbers, [[5.0, np.nan], [-5.0, 20.0]], rtol=1e-15)
    np.testing.assert_array_equal(opened(path).read(Window(0, 0, 2, 2)), pixels)


def test_nodata_of_float32_is_found_though_it_is_declared_in_double(tmp_path: Path) -> None:
    lowest = -3.40282346638528859811704183484516925e38
    pixels = np.array([[1.5, lowest], [np.nan, 0.1]], dtype="float32")
    numbers = opened(write_geotiff(tmp_path / "x.tif", pixels, nodata=lowest)).read_numbers(
        Window(0, 0, 2, 2)
    )
    np.testing.assert_array_equal(np.isnan(numbers), [[False, True], [True, False]])
    tenth = opened(write_geotiff(tmp_path / "y.tif", pixels, nodata=0.1)).read_numbers(
        Window(0, 0, 2, 2)
    )
    assert np.isnan(tenth[1, 1])


def arrays(path: Path, *, rows: slice, transposed: bool = False) -> Path:
    """Packed numbers, with the rows in an order and the dimensions in another."""
    packed = (np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE) % 300).astype("int16")
    coords = degrees()
    name, latitude, attributes = coords["lat"]
    coords["lat"] = (name, latitude[rows], attributes)
    dims = ("lon", "lat") if transposed else ("lat", "lon")
    pixels = packed[rows].T if transposed else packed[rows]
    numbers = {"scale_factor": 0.5, "add_offset": 10.0, "_FillValue": np.int16(3)}
    return write_arrays(path, {"pr": (dims, pixels, numbers)}, coords)


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
@pytest.mark.parametrize("transposed", [False, True])
def test_rows_and_columns_of_any_order_are_read_north_up(
    suffix: str, transposed: bool, tmp_path: Path
) -> None:
    packed = (np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE) % 300).astype("int16")
    north = opened(arrays(tmp_path / f"north.{suffix}", rows=slice(None)))
    south = opened(
        arrays(tmp_path / f"south.{suffix}", rows=slice(None, None, -1), transposed=transposed)
    )
    window = Window(3, 5, 40, 50)
    for raster in (north, south):
        np.testing.assert_array_equal(raster.read(window), packed[3:43, 5:55])
        expected = packed[3:43, 5:55] * 0.5 + 10
        expected[packed[3:43, 5:55] == 3] = np.nan
        np.testing.assert_array_equal(raster.read_numbers(window), expected)
        assert raster.grid.bounds == pytest.approx((110.0, 26.5, 114.5, 30.0))
        assert raster.grid.is_geographic
    problems = ProblemLog()
    check_grids(north, [south], problems)
    assert not problems.errors


def test_a_layer_of_several_is_read_by_its_number(tmp_path: Path) -> None:
    months = np.stack([rain() + month for month in range(12)])
    path = write_arrays(tmp_path / "x.nc", {"pr": (("time", "lat", "lon"), months)}, degrees())
    raster = opened(path.with_name("x.nc#pr[3]"))
    assert raster.label == "x.nc#pr[3]"
    np.testing.assert_array_equal(raster.read(Window(1, 2, 9, 8)), months[2, 1:10, 2:10])
    bands = opened(write_geotiff(tmp_path / "x.tif", months).with_name("x.tif#12"))
    np.testing.assert_array_equal(bands.read(Window(1, 2, 9, 8)), months[11, 1:10, 2:10])


def test_a_netcdf_has_the_crs_of_its_grid_mapping(tmp_path: Path) -> None:
    reference = opened(write_geotiff(tmp_path / "land.tif", classes()))
    y = raster_files.CORNER[1] - 15 - 30 * np.arange(SHAPE[0])
    x = raster_files.CORNER[0] + 15 + 30 * np.arange(SHAPE[1])
    variables = {
        "pr": (("y", "x"), rain(), {"grid_mapping": "utm"}),
        "utm": ((), 0, {"crs_wkt": rasterio.crs.CRS.from_user_input(raster_files.UTM49).to_wkt()}),
    }
    raster = opened(write_arrays(tmp_path / "x.nc", variables, {"y": ("y", y), "x": ("x", x)}))
    problems = ProblemLog()
    check_grids(reference, [raster], problems)
    assert not problems.errors


def test_single_precision_coordinates_are_regular(tmp_path: Path) -> None:
    coords = degrees(step=0.0083333333)
    for name in ("lat", "lon"):
        dim, numbers, attributes = coords[name]
        coords[name] = (dim, numbers.astype("float32"), attributes)
    raster = opened(write_arrays(tmp_path / "x.nc", {"pr": (("lat", "lon"), rain())}, coords))
    assert raster.grid.pixel_width == pytest.approx(0.0083333333, rel=1e-4)


def test_grids_that_differ_by_rounding_agree_and_by_a_fiftieth_of_a_pixel_do_not(
    tmp_path: Path,
) -> None:
    land = opened(write_geotiff(tmp_path / "land.tif", classes()))
    for shift, count in ((0.1, 0), (0.6, 1)):
        corner = (raster_files.CORNER[0] + shift, raster_files.CORNER[1])
        path = write_geotiff(
            tmp_path / f"{shift}.tif", classes(), transform=raster_files.place(corner)
        )
        problems = ProblemLog()
        check_grids(land, [opened(path)], problems)
        assert len(problems.errors) == count, shift


def test_how_far_a_grid_of_another_zone_is_off_is_projected(tmp_path: Path) -> None:
    land = opened(write_geotiff(tmp_path / "land.tif", classes()))
    path = write_geotiff(tmp_path / "x.tif", classes(), crs=raster_files.UTM50)
    to_zone49 = pyproj.Transformer.from_crs(raster_files.UTM50, raster_files.UTM49, always_xy=True)
    x, y = to_zone49.transform(*raster_files.CORNER)
    east, north = x - raster_files.CORNER[0], y - raster_files.CORNER[1]
    problems = ProblemLog()
    check_grids(land, [opened(path)], problems)
    message = problems.errors[0].say("en")
    assert f"{east / 30:,.0f} pixels ({east:,.0f} m) east" in message
    assert f"{north / 30:,.0f} pixels ({north:,.0f} m) north" in message


def test_a_grid_that_stretches_is_told_though_its_corner_agrees(tmp_path: Path) -> None:
    land = opened(write_geotiff(tmp_path / "land.tif", classes()))
    path = write_geotiff(tmp_path / "x.tif", classes(), transform=raster_files.place(pixel=30.02))
    problems = ProblemLog()
    check_grids(land, [opened(path)], problems)
    assert "30.02 x 30.02 m" in problems.errors[0].say("en")


def test_a_raster_travels_to_threads_and_processes(tmp_path: Path) -> None:
    raster = opened(write_geotiff(tmp_path / "x.tif", classes()))
    arrays_of = opened(write_arrays(tmp_path / "x.nc", {"pr": (("lat", "lon"), rain())}, degrees()))
    raster.read(raster.grid.window)  # open here, and not taken along
    assert pickle.loads(pickle.dumps(raster)) == raster
    sums: list[float] = []
    threads = [
        threading.Thread(
            target=lambda each=each: sums.append(float(each.read(each.grid.window).sum()))
        )
        for each in (raster, arrays_of) * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(sums)) == sorted({float(classes().sum()), float(rain().sum())})
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pixels = pool.apply(raster.read, (Window(2, 3, 4, 5),))
    np.testing.assert_array_equal(pixels, classes()[2:6, 3:8])


def test_a_file_written_anew_is_read_anew(tmp_path: Path) -> None:
    raster = opened(write_geotiff(tmp_path / "x.tif", classes()))
    before = raster.read(raster.grid.window)
    close_rasters()
    write_geotiff(tmp_path / "x.tif", classes(seed=5))
    assert (raster.read(raster.grid.window) != before).any()
    np.testing.assert_array_equal(raster.read(raster.grid.window), classes(seed=5))


def test_a_window_has_the_corner_of_its_first_pixel(tmp_path: Path) -> None:
    grid = opened(write_geotiff(tmp_path / "x.tif", classes())).grid
    west, north = raster_files.CORNER
    assert grid.window_transform(Window(4, 6, 1, 1)) == (30, 0, west + 180, 0, -30, north - 120)
    assert grid.bounds == (west, north - 2100, west + 2700, north)
    assert not grid.is_geographic


def test_codes_are_known() -> None:
    assert {broken.code for broken in BROKEN} <= set(severities())
    with warnings.catch_warnings():
        assert len({broken.name for broken in BROKEN}) == len(BROKEN)


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_geotiff(tmp_path / "x.tif", classes())
    monkeypatch.setitem(__import__("sys").modules, "rasterio", None)
    problems = ProblemLog()
    assert open_raster(path, problems, "inputs.raster.land_cover") is None
    assert "gep-accounting[raster]" in problems.errors[0].say("en")
    assert problems.errors[0].code == "file-format"
