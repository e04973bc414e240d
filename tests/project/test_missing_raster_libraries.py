"""Projects on rasters where a library of the extra ``raster`` is not installed: a problem with its fix."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.small_rasters import checkerboard

pytest.importorskip("rasterio")
ROOT = Path(__file__).parents[2]
BLOCKED = """
import sys
sys.path.insert(0, {root!r})
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):  # versions of libraries are looked up by finders too
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] != {library!r}:
            return self.finder.find_spec(name, path, target)
sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
from gep.cli.app import main
raise SystemExit(main(["check", {project!r}, "--allow-code", "--language", "en"]))
"""
SQUARE = """{{"type": "FeatureCollection", "crs": {{"type": "name", "properties": {{"name": "urn:ogc:def:crs:EPSG::4326"}}}},
"features": [{{"type": "Feature", "properties": {{"code": "1"}}, "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}]}}"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose zones are polygons, whose land cover is a GeoTIFF, NetCDF or Zarr."""
    import rasterio
    import xarray as xr
    from rasterio.warp import transform_bounds

    folder = checkerboard(60, 60, 20).write(tmp_path_factory.mktemp("raster"))
    with rasterio.open(folder / "lc_2020.tif") as file:
        west, south, east, north = transform_bounds(file.crs, "EPSG:4326", *file.bounds)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    (folder / "zones.geojson").write_text(SQUARE.format(ring=ring), "utf-8")
    cover = xr.DataArray(
        np.ones((4, 4), np.int16),
        {"lat": [30.5, 29.5, 28.5, 27.5], "lon": [100.5, 101.5, 102.5, 103.5]},
        name="cover",
    )
    cover.to_netcdf(folder / "cover.nc", engine="netcdf4")
    cover.to_dataset().to_zarr(folder / "cover.zarr", zarr_format=2)
    return folder


@pytest.mark.parametrize(
    ("library", "land_cover", "more"),
    [
        ("rasterio", "lc_{year}.tif", ""),
        ("pyproj", "lc_{year}.tif", ""),
        ("pyogrio", "lc_{year}.tif", ""),
        ("shapely", "lc_{year}.tif", ""),
        ("dask", "lc_{year}.tif", ""),
        ("exactextract", "lc_{year}.tif", "fractions = true"),
        ("netCDF4", "cover.nc#cover", ""),
        ("zarr", "cover.zarr#cover", ""),
    ],
)
def test_a_library_that_is_missing_is_named_with_what_installs_it(
    project: Path, library: str, land_cover: str, more: str
) -> None:
    file = project / "project.toml"
    text = file.read_text("utf-8")
    section = text.index("[inputs.raster]")
    rest = text[text.index("[[inputs.raster.layer]]") :]
    lines = f'[inputs.raster]\nland_cover = "{land_cover}"\nzones = "zones.geojson"\nmin_cover = 0.1\n{more}\n'
    file.write_text(f"{text[:section]}{lines}{rest}", "utf-8")
    code = BLOCKED.format(root=str(ROOT), library=library, project=str(project))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 2, said
    assert "Traceback" not in said
    assert library in said
    assert "gep-accounting[raster]" in said
    assert "missing-year" not in said, "what follows from it is left out"
