"""Aligned copies: every pixel has the value that lies there in the source, and a copy is whole or is not there."""

from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from rasterio import Affine
from support.raster_files import (
    CORNER,
    PIXEL,
    SHAPE,
    UTM50,
    classes,
    degrees,
    place,
    rain,
    turned,
    write_arrays,
    write_geotiff,
)

from gep.errors import ProblemLog, ProblemsFound
from gep.extent.aligned_copies import AlignedCopy, align_raster
from gep.extent.rasters import Raster, check_grids, open_raster


def opened(path: Path) -> Raster:
    problems = ProblemLog()
    raster = open_raster(path, problems, path.name)
    assert raster is not None, [problem.say("en") for problem in problems.errors]
    return raster


def aligned(source: Path, like: Path, how: str | None = None) -> np.ndarray:
    """The pixels of a copy, whose grid is held against the reference."""
    reference = opened(like)
    copy = align_raster(source, reference, source.parent / "copy.tif", how)  # type: ignore[arg-type]
    raster = opened(copy.path)
    problems = ProblemLog()
    check_grids(reference, [raster], problems)
    assert not problems.errors
    pixels = raster.read(raster.grid.window)
    has_data = ~np.isnan(raster.read_numbers(raster.grid.window))
    assert copy.covered == has_data.mean()
    return pixels


@pytest.fixture
def land(tmp_path: Path) -> Path:
    return write_geotiff(tmp_path / "land.tif", classes(seed=9))


def centres() -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of the centres of the reference's pixels."""
    transform = place()
    rows, columns = np.indices(SHAPE) + 0.5
    return transform.c + transform.a * columns, transform.f + transform.e * rows


def nearest(pixels: np.ndarray, transform: Affine, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What lies at points, 0 outside; -1 nearer to an edge of a pixel than positions are exact."""
    inverse = ~transform
    across = inverse.a * x + inverse.b * y + inverse.c
    down = inverse.d * x + inverse.e * y + inverse.f
    column, row = np.floor(across).astype(int), np.floor(down).astype(int)
    inside = (row >= 0) & (row < pixels.shape[0]) & (column >= 0) & (column < pixels.shape[1])
    values = np.where(
        inside, pixels[row.clip(0, pixels.shape[0] - 1), column.clip(0, pixels.shape[1] - 1)], 0
    )
    edge = np.minimum(np.abs(across - np.round(across)), np.abs(down - np.round(down))) < 0.03
    return np.where(edge, -1, values.astype(int))


def hold(pixels: np.ndarray, expected: np.ndarray) -> None:
    sure = expected >= 0
    assert sure.mean() > 0.8
    assert (expected > 0).mean() > 0.3
    np.testing.assert_array_equal(pixels[sure], expected[sure])


def test_a_copy_on_the_same_grid_is_the_same(land: Path, tmp_path: Path) -> None:
    for name, pixels in (("a.tif", classes()), ("b.tif", rain())):
        source = write_geotiff(tmp_path / name, pixels)
        np.testing.assert_array_equal(aligned(source, land), pixels)
        (tmp_path / "copy.tif").unlink()


def test_pixels_beside_the_source_have_no_data(land: Path, tmp_path: Path) -> None:
    moved = place((CORNER[0] - 10 * PIXEL, CORNER[1] + 20 * PIXEL))
    source = write_geotiff(tmp_path / "a.tif", classes(), transform=moved)
    expected = np.zeros(SHAPE, dtype="uint8")
    expected[:50, :80] = classes()[20:, 10:]
    np.testing.assert_array_equal(aligned(source, land), expected)


@pytest.mark.parametrize(
    "transform",
    [
        place((CORNER[0] + 10, CORNER[1] - 10)),
        Affine(PIXEL, 0, CORNER[0], 0, PIXEL, CORNER[1] - SHAPE[0] * PIXEL),  # south first
        Affine(-PIXEL, 0, CORNER[0] + SHAPE[1] * PIXEL, 0, -PIXEL, CORNER[1]),  # east first
        turned(10),
        Affine(PIXEL, 7, CORNER[0], 0, -PIXEL, CORNER[1]),
    ],
    ids=["shifted", "south-up", "east-first", "rotated", "sheared"],
)
def test_nearest_is_what_lies_at_the_centre_of_a_pixel(
    transform: Affine, land: Path, tmp_path: Path
) -> None:
    source = write_geotiff(tmp_path / "a.tif", classes(), transform=transform)
    hold(aligned(source, land).astype(int), nearest(classes(), transform, *centres()))


def test_another_crs_is_projected(land: Path, tmp_path: Path) -> None:
    to_zone50 = pyproj.Transformer.from_crs("EPSG:32649", UTM50, always_xy=True)
    x, y = to_zone50.transform(*centres())
    transform = place((float(x.min()) - 100, float(y.max()) - 200), 25.0)
    pixels = classes((110, 130))
    source = write_geotiff(tmp_path / "a.tif", pixels, transform=transform, crs=UTM50)
    hold(aligned(source, land).astype(int), nearest(pixels, transform, x, y))


def finer(pixels: np.ndarray) -> np.ndarray:
    """Blocks of 3 x 3 pixels, one below the other."""
    rows, columns = SHAPE
    return pixels.reshape(rows, 3, columns, 3).transpose(0, 2, 1, 3).reshape(rows, columns, 9)


def test_finer_pixels_are_averaged_and_those_without_data_left_out(
    land: Path, tmp_path: Path
) -> None:
    pixels = rain((SHAPE[0] * 3, SHAPE[1] * 3)).astype("float64")
    pixels[np.random.default_rng(3).random(pixels.shape) < 0.2] = np.nan
    pixels[30:36, 60:66] = np.nan  # four pixels of the copy have no data
    source = write_geotiff(tmp_path / "a.tif", pixels, transform=place(pixel=10.0), nodata=None)
    np.testing.assert_allclose(aligned(source, land, "average"), mean_of(pixels), rtol=1e-12)


def mean_of(pixels: np.ndarray) -> np.ndarray:
    blocks = finer(pixels)
    counts = (~np.isnan(blocks)).sum(axis=2)
    sums = np.nansum(blocks, axis=2)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def test_the_mode_is_the_class_of_most_pixels(land: Path, tmp_path: Path) -> None:
    pixels = classes((SHAPE[0] * 3, SHAPE[1] * 3))
    source = write_geotiff(tmp_path / "a.tif", pixels, transform=place(pixel=10.0))
    counts = np.stack([(finer(pixels) == code).sum(axis=2) for code in range(1, 5)], axis=2)
    ordered = np.sort(counts, axis=2)
    is_clear = ordered[..., -1] > ordered[..., -2]
    expected = counts.argmax(axis=2) + 1
    assert is_clear.mean() > 0.5
    np.testing.assert_array_equal(aligned(source, land, "mode")[is_clear], expected[is_clear])


def test_integers_are_averaged_as_floats(land: Path, tmp_path: Path) -> None:
    heights = (
        np.random.default_rng(4).integers(0, 3000, (SHAPE[0] * 3, SHAPE[1] * 3)).astype("int16")
    )
    source = write_geotiff(tmp_path / "a.tif", heights, transform=place(pixel=10.0), nodata=-9999)
    pixels = aligned(source, land, "average")
    assert pixels.dtype == "float32"
    np.testing.assert_allclose(pixels, finer(heights).mean(axis=2), rtol=1e-6)


def test_what_much_finer_pixels_need_is_advised(land: Path, tmp_path: Path) -> None:
    size = (SHAPE[0] * 3, SHAPE[1] * 3)
    like = opened(land)
    advice = {}
    for name, pixels in (("codes", classes(size)), ("rain", rain(size))):
        source = write_geotiff(tmp_path / f"{name}.tif", pixels, transform=place(pixel=10.0))
        copy = align_raster(source, like, tmp_path / f"copy-{name}.tif")
        assert copy.finer == pytest.approx(3)
        advice[name] = (copy.how, copy.advised)
    assert advice == {"codes": ("nearest", "mode"), "rain": ("bilinear", "average")}
    assert AlignedCopy(land, "average", 9.0, 1.0).advised is None
    assert AlignedCopy(land, "nearest", 1.2, 1.0).advised is None


def test_a_value_for_no_data_is_one_that_no_pixel_has(land: Path, tmp_path: Path) -> None:
    pixels = classes()
    pixels[0, :4] = (0, 255, 254, 252)
    moved = place((CORNER[0] + 5 * PIXEL, CORNER[1]))
    source = write_geotiff(tmp_path / "a.tif", pixels, nodata=None, transform=moved)
    copied = aligned(source, land)
    np.testing.assert_array_equal(copied[:, 5:], pixels[:, :-5])
    assert (copied[:, :5] == 253).all()
    assert opened(tmp_path / "copy.tif").nodata == 253


def test_without_a_free_value_it_is_refused(land: Path, tmp_path: Path) -> None:
    pixels = (np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE) % 256).astype("uint8")
    source = write_geotiff(tmp_path / "a.tif", pixels, nodata=None)
    with pytest.raises(ProblemsFound, match="int16"):
        aligned(source, land)


def test_masked_pixels_become_pixels_without_data(land: Path, tmp_path: Path) -> None:
    source = write_geotiff(tmp_path / "a.tif", classes(), nodata=None)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(source, "r+") as file:
        file.write_mask(classes() > 1)
    copied = aligned(source, land)
    np.testing.assert_array_equal(copied, np.where(classes() > 1, classes(), 255))


@pytest.mark.parametrize("suffix", ["nc", "zarr"])
def test_a_variable_is_copied_with_its_scale(suffix: str, tmp_path: Path) -> None:
    coords = degrees()
    like = write_arrays(tmp_path / "like.nc", {"x": (("lat", "lon"), rain())}, coords)
    name, latitude, attributes = coords["lat"]
    coords["lat"] = (name, latitude[::-1], attributes)
    packed = (np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE) % 300).astype("int16")
    numbers = {"scale_factor": 0.5, "add_offset": 10.0, "_FillValue": np.int16(3)}
    source = write_arrays(
        tmp_path / f"a.{suffix}", {"pr": (("lat", "lon"), packed[::-1], numbers)}, coords
    )
    aligned(source.with_name(f"a.{suffix}#pr"), like, "nearest")
    copy = opened(tmp_path / "copy.tif")
    expected = packed * 0.5 + 10
    expected[packed == 3] = np.nan
    np.testing.assert_array_equal(copy.read_numbers(copy.grid.window), expected)


def test_a_copy_keeps_what_its_source_says(land: Path, tmp_path: Path) -> None:
    source = write_geotiff(tmp_path / "a.tif", classes(), nodata=77)
    colours = {1: (10, 120, 30, 255), 2: (200, 180, 20, 255)}
    with rasterio.open(source, "r+") as file:
        file.update_tags(SOURCE="CLCD 2020")
        file.update_tags(1, STATISTICS_MEAN="2.5", legend="x")
        file.write_colormap(1, colours)
    aligned(source, land)
    with rasterio.open(tmp_path / "copy.tif") as file:
        assert file.nodata == 77
        assert file.crs == rasterio.open(land).crs
        assert file.dtypes == ("uint8",)
        assert file.tags()["SOURCE"] == "CLCD 2020"
        assert file.tags()["GEP_SOURCE"] == "a.tif"
        assert file.tags(1) == {"legend": "x"}
        assert {code: file.colormap(1)[code] for code in colours} == colours
        assert file.profile["tiled"]
        assert file.compression.name == "deflate"


def test_the_blocks_of_a_copy_meet(tmp_path: Path) -> None:
    """A grid of several windows down and across, whose edges are those of nothing else."""
    pixels = np.random.default_rng(5).integers(1, 250, (1100, 4200)).astype("uint8")
    source = write_geotiff(tmp_path / "a.tif", pixels)
    moved = place((CORNER[0] + 7 * PIXEL, CORNER[1] - 3 * PIXEL))
    like = write_geotiff(
        tmp_path / "like.tif", np.ones((1090, 4190), dtype="uint8"), transform=moved
    )
    np.testing.assert_array_equal(aligned(source, like), pixels[3:1093, 7:4197])


def test_rasters_that_are_apart_are_refused(land: Path, tmp_path: Path) -> None:
    far = place((CORNER[0] + 1e6, CORNER[1]))
    source = write_geotiff(tmp_path / "a.tif", classes(), transform=far)
    with pytest.raises(ProblemsFound) as error:
        aligned(source, land)
    assert [problem.code for problem in error.value.problems] == ["grids-differ"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "land.tif"]


def test_a_damaged_source_leaves_no_copy(tmp_path: Path) -> None:
    size = (512, 512)
    tiles = {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate"}
    source = write_geotiff(tmp_path / "a.tif", classes(size), **tiles)
    content = bytearray(source.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = b"\xff" * 400
    source.write_bytes(content)
    like = write_geotiff(tmp_path / "like.tif", classes(size, 2))
    with pytest.raises(ProblemsFound) as error:
        aligned(source, like)
    assert [problem.code for problem in error.value.problems] == ["unreadable-raster"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "like.tif"]


def test_nothing_is_overwritten(land: Path, tmp_path: Path) -> None:
    source = write_geotiff(tmp_path / "a.tif", classes())
    before = source.read_bytes()
    with pytest.raises(ProblemsFound) as error:
        align_raster(source, opened(land), source)
    assert [problem.code for problem in error.value.problems] == ["file-exists"]
    assert source.read_bytes() == before
