"""Write the rasters, counties and project of a province that is not there.

``python examples/synthetic-raster/generate.py --size 1000 --out DIR`` writes land cover of two
years, the layers that the project reads, county polygons and a project.toml. Every number is made
up. Rasters are made tile by tile, so that memory does not grow with their size.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from synthetic_counties import PROVINCE_CODE, County, make_counties  # noqa: E402
from synthetic_province import (  # noqa: E402
    CLASSES,
    LAYERS,
    NODATA,
    NODATA_CLASS,
    Province,
    Window,
)

TILE = 512
CHINA_ALBERS = (
    "+proj=aea +lat_0=0 +lon_0=105 +lat_1=25 +lat_2=47 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
)
MIDDLE = {"projected": (950_000.0, 3_150_000.0), "geographic": (115.0, 28.0)}
SECOND = 1 / 3600  # of arc: about 30 m
# what the project reads; the rest of LAYERS is for other standards, tests and benchmarks
PROJECT_LAYERS = (
    "rainfall", "evapotranspiration", "rainfall_erosivity", "ndvi", "slope",
    "soil_sand", "soil_silt", "soil_clay", "soil_organic_carbon",
)  # fmt: skip
MADE_UP = "made up by examples/synthetic-raster: nothing of it is real"


def transform_of(province: Province, kind: str) -> tuple[float, ...]:
    """Return the grid's transform, six numbers as ``Affine[:6]`` of rasterio.

    Parameters
    ----------
    province : Province
    kind : {'projected', 'geographic'}
    """
    step = province.cell if kind == "projected" else SECOND * province.cell / 30
    across, up = MIDDLE[kind]
    west = round(across / step - province.width / 2) * step
    north = round(up / step + province.height / 2) * step
    return (step, 0.0, west, 0.0, -step, north)


def crs_of(kind: str) -> Any:
    """Return the coordinate system: Albers with equal areas for China, or degrees of WGS 84."""
    from rasterio.crs import CRS

    return CRS.from_epsg(4326) if kind == "geographic" else CRS.from_proj4(CHINA_ALBERS)


def tiles(province: Province, tile: int = TILE) -> Iterator[Window]:
    """Yield the windows of a province from left to right, then down."""
    for row in range(0, province.height, tile):
        for column in range(0, province.width, tile):
            height = min(tile, province.height - row)
            yield Window(row, column, height, min(tile, province.width - column))


def file_name(name: str, year: int | None) -> str:
    """Return the name of a raster: ``rainfall_2020.tif``, ``slope.tif``."""
    return f"{name}.tif" if year is None else f"{name}_{year}.tif"


def write_rasters(
    province: Province,
    out: Path,
    names: Sequence[str],
    kind: str = "projected",
    compress: str = "deflate",
    threads: int = 1,
) -> list[Path]:
    """Write land cover of each year and layers, as tiled and compressed GeoTIFF.

    Parameters
    ----------
    province : Province
    out : Path
        A folder that is there.
    names : sequence of str
        Of ``LAYERS``.
    kind : {'projected', 'geographic'}
    compress : {'deflate', 'zstd', 'lzw', 'none'}
    threads : int
        That compress; the pixels are the same with any number.

    Returns
    -------
    list of Path
    """
    import rasterio

    wanted: list[tuple[str, int | None]] = [("land_cover", year) for year in province.years]
    for name in names:
        years: Sequence[int | None] = province.years if LAYERS[name].yearly else (None,)
        wanted += [(name, year) for year in years]
    with rasterio.Env(GDAL_CACHEMAX=128):
        files = {}
        for name, year in wanted:
            profile = _profile(province, kind, compress, is_cover=name == "land_cover")
            profile["num_threads"] = threads
            file = rasterio.open(out / file_name(name, year), "w", **profile)
            file.update_tags(source=MADE_UP)
            if name in LAYERS:
                file.units = [LAYERS[name].unit]
            files[name, year] = file
        for window in tiles(province):
            _write_tile(province, window, files)
        for file in files.values():
            file.close()
    return [out / file_name(name, year) for name, year in wanted]


def _profile(province: Province, kind: str, compress: str, is_cover: bool) -> dict[str, Any]:
    from rasterio.transform import Affine

    profile = {
        "driver": "GTiff", "count": 1, "height": province.height, "width": province.width,
        "crs": crs_of(kind), "transform": Affine(*transform_of(province, kind)),
        "dtype": "uint8" if is_cover else "float32", "nodata": NODATA_CLASS if is_cover else NODATA,
        "tiled": True, "blockxsize": TILE, "blockysize": TILE, "bigtiff": "if_safer",
    }  # fmt: skip
    if compress != "none":
        profile["compress"] = compress
    if compress == "deflate":
        profile["zlevel"] = 1
    elif compress == "zstd":
        profile["zstd_level"] = 1
    return profile


def _write_tile(
    province: Province, window: Window, files: dict[tuple[str, int | None], Any]
) -> None:
    from rasterio.windows import Window as FileWindow

    place = FileWindow(window.column, window.row, window.width, window.height)
    land = province.land(window)
    if not land.mapped.any():
        for (name, _), file in files.items():
            file.write(land.empty(name == "land_cover"), 1, window=place)
        return
    for (name, year), file in files.items():
        numbers = land.land_cover(year) if name == "land_cover" else land.layer(name, year)
        file.write(numbers, 1, window=place)


# ------------------------------------------------------------------------------ counties


def write_counties(
    province: Province, counties: Sequence[County], out: Path, kind: str = "projected"
) -> None:
    """Write counties.geojson (longitude and latitude of WGS 84) and regions.csv."""
    features = []
    for place, county in enumerate(counties):
        ring = _degrees(county, province, kind)
        properties = {"code": county.code, "name": f"虚构{place + 1:04d}县"}
        geometry = {"type": "Polygon", "coordinates": [ring]}
        feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        features.append(json.dumps(feature, ensure_ascii=False))
    head = '{"type": "FeatureCollection", "name": "counties", "features": [\n'
    text = head + ",\n".join(features) + "\n]}\n"
    (out / "counties.geojson").write_text(text, encoding="utf-8")
    lines = ["region,name,name_en,parent", f"{PROVINCE_CODE},虚构省,Made-up province,"]
    for place, county in enumerate(counties):
        names = f"虚构{place + 1:04d}县,Made-up county {place + 1:04d}"
        lines.append(f"{county.code},{names},{PROVINCE_CODE}")
    (out / "regions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _degrees(county: County, province: Province, kind: str) -> list[list[float]]:
    """Return a border in degrees, to 8 decimals (about a millimetre)."""
    from rasterio.warp import transform

    step, _, west, _, down, north = transform_of(province, kind)
    across = [west + step * column for column, _ in county.ring]
    up = [north + down * row for _, row in county.ring]
    if kind == "projected":
        across, up = transform(crs_of(kind), crs_of("geographic"), across, up)
    return [[round(lon, 8), round(lat, 8)] for lon, lat in zip(across, up, strict=True)]


# ------------------------------------------------------------------------------- project

PROJECT = """\
# {made_up}.
# 全部是编造的：没有这个省，没有这些县，也没有这些数。只用于教程、测试和计时。
[project]
id = "synthetic-raster"
title = {{ zh = "虚构的省（数据全是编造的，演示）", en = "A made-up province (a demonstration)" }}
standard = "hj1173-2021"
years = [{years}]
language = "zh"
allow_placeholder = true              # every number is made up

[switches]
erodibility = "from_texture"          # K from sand, silt, clay and organic carbon
slope_factors = "from_slope"          # L and S from slope and its length
vegetation_cover = "from_ndvi"
sand_fixation = "none"                # a humid province

[inputs]
crosswalk = "./crosswalk.csv"
regions = "regions.csv"
data = ["data.csv"]

[inputs.raster]
land_cover = "land_cover_{{year}}.tif"
zones = "counties.geojson"
zone_key = "code"
min_cover = 0.98
"""
LAYER = """
[[inputs.raster.layer]]
name = "{name}"
path = "{path}"
unit = "{unit}"
source = "{made_up}"
grade = "placeholder"
"""
# Numbers that this project takes from tables: of the whole province, made up.
PROVINCE_DATA = (
    ("slope_length", "", 80.0, "m"),
    ("ndvi_soil", "", 0.05, "1"),
    ("ndvi_vegetation", "", 0.95, "1"),
    ("surface_runoff", "forest", 120.0, "mm"),
    ("surface_runoff", "shrub", 160.0, "mm"),
    ("surface_runoff", "grassland", 210.0, "mm"),
    ("surface_runoff", "wetland", 90.0, "mm"),
    ("surface_runoff", "cropland", 280.0, "mm"),
    ("surface_runoff", "urban", 520.0, "mm"),
)


def crosswalk() -> str:
    """Return crosswalk.csv: codes of the land cover to classes of HJ 1166-2021."""
    lines = ["class,code,ecosystem,share,source,locator,grade,note"]
    for code, land_class in CLASSES.items():
        name = land_class.ecosystem
        lines.append(f"{name},{code},{name},,made-up,the same names,placeholder,made up")
    return "\n".join(lines) + "\n"


SOURCES = """\
[made-up]
title = { zh = "编造的（examples/synthetic-raster）", en = "Made up (examples/synthetic-raster)" }
note = "Nothing of it is real."
"""


def data_rows(years: Sequence[int]) -> str:
    """Return data.csv: what the project takes from tables."""
    lines = ["region,year,name,ecosystem,value,unit,source,grade,note"]
    for year in years:
        for name, ecosystem, value, unit in PROVINCE_DATA:
            keys = f"{PROVINCE_CODE},{year},{name},{ecosystem}"
            lines.append(f"{keys},{value},{unit},编造 made up,placeholder,{MADE_UP}")
    return "\n".join(lines) + "\n"


def project_text(years: Sequence[int]) -> str:
    """Return project.toml."""
    listed = ", ".join(str(year) for year in years)
    text = PROJECT.format(made_up=MADE_UP, years=listed)
    for name in PROJECT_LAYERS:
        path = f"{name}_{{year}}.tif" if LAYERS[name].yearly else f"{name}.tif"
        text += LAYER.format(name=name, path=path, unit=LAYERS[name].unit, made_up=MADE_UP)
    return text


def write_project(province: Province, counties: Sequence[County], out: Path, kind: str) -> None:
    """Write everything of a project but its rasters."""
    write_counties(province, counties, out, kind)
    (out / "project.toml").write_text(project_text(province.years), encoding="utf-8")
    (out / "crosswalk.csv").write_text(crosswalk(), encoding="utf-8")
    (out / "sources.toml").write_text(SOURCES, encoding="utf-8")
    (out / "data.csv").write_text(data_rows(province.years), encoding="utf-8")


# -------------------------------------------------------------------------- command line


def _size(text: str) -> tuple[int, int]:
    height, _, width = text.partition("x")
    return int(height), int(width or height)


def _layers(text: str) -> list[str]:
    if text in ("project", "all", "none"):
        return {"project": list(PROJECT_LAYERS), "all": list(LAYERS), "none": []}[text]
    names = text.split(",")
    for name in names:
        if name not in LAYERS:
            raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(LAYERS)}")
    return names


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=_size, default=(1000, 1000), help="1000, or 800x1200 (rows)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--counties", type=int, default=20)
    parser.add_argument("--years", type=int, nargs="+", default=[2015, 2020])
    parser.add_argument(
        "--layers", type=_layers, default="project", help="project, all, none, or names"
    )
    parser.add_argument("--degrees", action="store_true", help="a grid in degrees, not in metres")
    parser.add_argument("--cell", type=float, default=30.0, help="side of a pixel in metres")
    parser.add_argument("--compress", choices=("deflate", "zstd", "lzw", "none"), default="deflate")
    parser.add_argument("--threads", type=int, default=1, help="that compress")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> None:
    """Write what the command line asks for."""
    options = _arguments(words)
    begin = time.perf_counter()
    kind = "geographic" if options.degrees else "projected"
    years = tuple(sorted(options.years))
    province = Province(*options.size, options.seed, years, options.cell)
    options.out.mkdir(parents=True, exist_ok=True)
    counties = make_counties(province.height, province.width, options.counties, options.seed)
    write_project(province, counties, options.out, kind)
    how = (kind, options.compress, options.threads)
    files = write_rasters(province, options.out, options.layers, *how)
    spent = time.perf_counter() - begin
    pixels = province.height * province.width
    print(f"{MADE_UP}: {len(counties)} counties, {len(files)} rasters in {options.out}")
    print(f"{spent:.1f} s, {pixels / spent / 1e6:.2f} million pixels a second for all rasters")


if __name__ == "__main__":
    main()
