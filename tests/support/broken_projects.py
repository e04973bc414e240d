"""Projects on rasters that are broken in one way each: values, zones, layers, and the files of ``raster_files``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from support import raster_files, small
from support.raster_files import CORNER, PIXEL, SHAPE, UTM49, BrokenRaster, write_geotiff
from support.small import datum, write_set, write_table
from support.small_rasters import NODATA, SmallRasters

METHODS = '''

def shaded(*, rain: Annotated[Array, "mm"], cover: Annotated[Array, "1"]) -> Annotated[Array, "mm"]:
    """Rain that falls on leaves."""
    return rain * cover


def melted(
    *, rain: Annotated[Array, "mm"], warmth: Annotated[Array, "degC"]
) -> Annotated[Array, "mm"]:
    """Rain that falls where it thaws."""
    return rain * (warmth > 0)


def worth(
    *, volume: Annotated[Array, "m3"], cost: Annotated[Array, "CNY m-3", NOT_NEGATIVE]
) -> Annotated[Array, "CNY"]:
    """Volume times the cost of storage."""
    return volume * cost
'''

DATA = """
[data.rain]
name = { zh = "降水量", en = "Rain" }
unit = "mm"
min = 5
max = 8000

[data.leaves]
name = { zh = "植被覆盖度", en = "Vegetation cover" }
unit = "1"
min = 0
max = 1

[data.warmth]
name = { zh = "气温", en = "Temperature" }
unit = "degC"
min = -60
max = 50

[coefficient.storage_cost]
name = { zh = "库容造价", en = "Cost of storage" }
unit = "CNY m-3"
min = 0.1
max = 100

[data.spare]
name = { zh = "备用", en = "Spare" }
unit = "mm"
"""

SPARE = 'name = { zh = "备用", en = "Spare" }\nunit = "mm"\n'
_BY_TYPE = """at_most = [{ data = "rain" }]
keys = ["region", "ecosystem"]
inherit = ["region", "ecosystem"]
"""
GREEN = """
[[indicator]]
id = "green"
name = { zh = "绿", en = "Green" }
category = "regulating"
[[indicator.step]]
id = "shaded"
kind = "quantity"
method = "./own.py:shaded"
per = "area"
unit = "10^4 m3"
inputs = { rain = { data = "rain" }, cover = { data = "leaves" } }
[[indicator.step]]
id = "melted"
kind = "quantity"
method = "./own.py:melted"
per = "area"
unit = "10^4 m3"
inputs = { rain = { data = "rain" }, warmth = { data = "warmth" } }
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:worth"
per = "amount"
unit = "10^4 CNY"
inputs = { volume = { step = "green.shaded" }, cost = { coef = "storage_cost" } }
"""

_RAIN = '\n[data.rain]\nname = { zh = "降水量", en = "Rain" }\nunit = "mm"\n'
UNITS = {"rain": "mm", "leaves": "1", "warmth": "degC"}
PLACE: dict[str, Any] = {"crs": UTM49, "corner": CORNER, "pixel": PIXEL}


def cover_pixels() -> np.ndarray:
    """Codes 1 to 5 in squares."""
    rows, columns = np.indices(SHAPE) // 7
    return (1 + (rows + columns) % 5).astype("uint8")


def zone_pixels() -> np.ndarray:
    """Three regions in stripes of 30 columns."""
    return np.broadcast_to(1 + np.arange(SHAPE[1]) // 30, SHAPE).astype("int16")


def layer_pixels() -> dict[str, np.ndarray]:
    """Plausible numbers of each layer."""
    random = np.random.default_rng(16)
    return {
        "rain": random.uniform(800, 2000, SHAPE).astype("float32"),
        "leaves": random.uniform(0.2, 0.9, SHAPE).astype("float32"),
        "warmth": random.uniform(5, 20, SHAPE).astype("float32"),
    }


def write_project(folder: Path) -> Path:
    """Write a project on rasters in which nothing is wrong."""
    head = small.HEAD.replace(_RAIN, DATA)
    assert DATA in head
    board = SmallRasters(
        {2020: cover_pixels()},
        zone_pixels(),
        {name: (pixels, UNITS[name]) for name, pixels in layer_pixels().items()},
        standard=head + small.SHARED + GREEN,
        indicators=("green",),
        options=PLACE,
    )
    board.write(folder)
    methods = small.METHODS.replace("import Array", "import NOT_NEGATIVE, Array") + METHODS
    (folder / "own.py").write_text(methods, "utf-8")
    (folder / "data.csv").unlink()  # nothing asks for emissions
    edit(folder, 'data = ["data.csv"]', "data = []")
    return folder


Break = Callable[[Path], object]


@dataclass(frozen=True)
class BrokenProject:
    """A defect of a project on rasters.

    ``code`` answers it; with ``runs`` it is warned of, else refused. ``words`` are in the English messages. ``probe`` is the case of VALIDATION_PROBE.csv
    that has the defect.
    """

    name: str
    spoil: Break
    code: str
    words: tuple[str, ...] = ()
    runs: bool = False
    probe: tuple[str, ...] = ()


# --- what spoils a project ------------------------------------------------------------------------


def edit(folder: Path, before: str, after: str, file: str = "project.toml") -> None:
    """Replace words of a file that has them."""
    path = folder / file
    content = path.read_text("utf-8")
    assert before in content, before
    path.write_text(content.replace(before, after), "utf-8")


def layer(
    name: str, change: Callable[[np.ndarray], np.ndarray], nodata: float | None = np.nan
) -> Break:
    """Change the pixels of a layer."""

    def spoil(folder: Path) -> None:
        pixels = change(layer_pixels()[name])
        write_geotiff(folder / f"{name}.tif", pixels, nodata=nodata)

    return spoil


def cover(change: Callable[[np.ndarray], np.ndarray], nodata: float | None = NODATA) -> Break:
    """Change the pixels of land cover."""

    def spoil(folder: Path) -> None:
        write_geotiff(folder / "lc_2020.tif", change(cover_pixels()), nodata=nodata)

    return spoil


def zones(change: Callable[[np.ndarray], np.ndarray]) -> Break:
    """Change the pixels of zones."""

    def spoil(folder: Path) -> None:
        write_geotiff(folder / "zones.tif", change(zone_pixels()), nodata=0)

    return spoil


def words(before: str, after: str, file: str = "project.toml") -> Break:
    """Change words of a file."""
    return lambda folder: edit(folder, before, after, file)


def with_pixels(value: float, count: int, column: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """Give the first pixels of a column a value."""

    def change(pixels: np.ndarray) -> np.ndarray:
        pixels = pixels.copy()
        pixels[:count, column] = value
        return pixels

    return change


def in_columns(value: float, count: int) -> Callable[[np.ndarray], np.ndarray]:
    """Give the first columns a value."""

    def change(pixels: np.ndarray) -> np.ndarray:
        pixels = pixels.copy()
        pixels[:, :count] = value
        return pixels

    return change


def filled(value: float) -> Callable[[np.ndarray], np.ndarray]:
    """Give all pixels a value."""
    return lambda pixels: np.full_like(pixels, value)


def times(factor: float) -> Callable[[np.ndarray], np.ndarray]:
    """Multiply the pixels."""
    return lambda pixels: (pixels * factor).astype(pixels.dtype)


def more_layers(text: str) -> Break:
    """Add to the project."""

    def spoil(folder: Path) -> None:
        path = folder / "project.toml"
        path.write_text(path.read_text("utf-8") + text, "utf-8")

    return spoil


def layer_table(name: str, path: str, unit: str, more: str = "") -> str:
    """The table of a layer."""
    return (
        f'\n[[inputs.raster.layer]]\nname = "{name}"\npath = "{path}"\nunit = "{unit}"\n'
        f'source = "made up"\n{more}\n'
    )


def polygons(*squares: tuple[str, float, float, float, float]) -> Break:
    """Zones as rectangles: code, and west, south, east and north in pixels from the upper left."""

    def spoil(folder: Path) -> None:
        import json

        features = []
        for code, west, south, east, north in squares:
            corners = [(west, north), (east, north), (east, south), (west, south), (west, north)]
            ring = [[CORNER[0] + PIXEL * x, CORNER[1] - PIXEL * y] for x, y in corners]
            geometry = {"type": "Polygon", "coordinates": [ring]}
            properties = {"code": code}
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32649"}}
        document = {"type": "FeatureCollection", "crs": crs, "features": features}
        (folder / "zones.geojson").write_text(json.dumps(document), "utf-8")
        edit(folder, 'zones = "zones.tif"', 'zones = "zones.geojson"')

    return spoil


def both(*spoils: Break) -> Break:
    """Spoil in several ways."""

    def spoil(folder: Path) -> None:
        for each in spoils:
            each(folder)

    return spoil


def in_region_2_more_than_rain(folder: Path) -> None:
    """Water that is lost: a third of the rain, but twice of it in one region."""
    rain = layer_pixels()["rain"]
    lost = np.where(zone_pixels() == 2, 2 * rain, rain / 3)
    write_geotiff(folder / "spare.tif", lost, nodata=np.nan)


def _as_layer(broken: BrokenRaster) -> Break:
    """Put a broken file in the place of rain."""

    def spoil(folder: Path) -> None:
        path = broken.make(folder)
        edit(folder, 'path = "rain.tif"', f'path = "{path.name}"')

    return spoil


def _damaged(folder: Path) -> None:
    """Rain whose blocks cannot be decompressed, though the file is complete."""
    path = write_geotiff(folder / "rain.tif", layer_pixels()["rain"], compress="deflate")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = b"\xff" * 400
    path.write_bytes(content)


def _small_set(
    folder: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> None:
    rows = change([dict(row) for row in small.COEFFICIENTS])
    write_set(folder / "base", rows)


def coefficients(change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Break:
    """Change the rows of the coefficients: pools by class are such rows for us."""
    return lambda folder: _small_set(folder, change)


def _row(
    name: str, key: str, value: object
) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        first = next(row for row in rows if row["coefficient"] == name)
        first[key] = value
        return rows

    return change


def _doubled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*rows, dict(rows[2])]


def _without(key: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda rows: [
        {name: value for name, value in row.items() if name != key} for row in rows
    ]


def _in_gbk(folder: Path) -> None:
    path = folder / "base" / "numbers.csv"
    path.write_bytes(path.read_text("utf-8").replace(",t,", ",表,").encode("gbk"))


def _table_row(folder: Path) -> None:
    rows = [datum("1", "rain", 1200, "mm")]
    path = folder / "more.csv"
    write_table(path, rows)
    edit(folder, "data = []", 'data = ["more.csv"]')


def _two_years(folder: Path) -> None:
    edit(folder, "years = [2020]", "years = [2015, 2020]")


VALUES = (
    BrokenProject(
        "metres-for-millimetres",
        layer("rain", times(1e-3)),
        "implausible",
        ('unit = "m"', "x 1000", "Rain (rain)", "100.0%"),
        runs=True,
        probe=("awy_precip_in_metres",),
    ),
    BrokenProject(
        "metres-inside-of-the-plausible-range",
        both(
            words("min = 5\nmax = 8000", "min = 1\nmax = 5000\nmean_min = 5", "small.toml"),
            layer("rain", lambda pixels: (1 + pixels / 1000).astype("float32")),
        ),
        "implausible",
        ('unit = "m"', "x 1000", "the mean of Rain (rain)", "at least 5 mm"),
        runs=True,
    ),
    BrokenProject(
        "metres-for-centimetres-of-a-dry-land",
        both(
            words("min = 5\nmax = 8000", "min = 1\nmax = 5000\nmean_min = 5", "small.toml"),
            layer("rain", lambda pixels: np.clip(pixels / 4000, 0.2, 0.45).astype("float32")),
            words('path = "rain.tif"\nunit = "mm"', 'path = "rain.tif"\nunit = "cm"'),
        ),
        "implausible",
        ('unit = "m"', "x 100,", "at least 0.5 cm"),
        runs=True,
    ),
    BrokenProject(
        "fractions-for-percent",
        both(
            words(
                'unit = "1"\nmin = 0\nmax = 1',
                'unit = "%"\nmin = 0\nmax = 100\nmean_min = 1',
                "small.toml",
            ),
            words('path = "leaves.tif"\nunit = "1"', 'path = "leaves.tif"\nunit = "%"'),
        ),
        "implausible",
        ('unit = "1"', "x 100,", "Vegetation cover (leaves)"),
        runs=True,
    ),
    BrokenProject(
        "tenths-of-millimetres",
        layer("rain", times(10)),
        "implausible",
        ("x 0.1", "scale = 0.1"),
        runs=True,
    ),
    BrokenProject(
        "percent-for-fractions",
        layer("leaves", times(100)),
        "impossible",
        ('unit = "%"', "x 0.01", "0 to 1"),
        probe=("awy_pawc_in_percent",),
    ),
    BrokenProject(
        "permille-for-fractions",
        layer("leaves", times(1000)),
        "impossible",
        ('unit = "‰"', "x 0.001"),
    ),
    BrokenProject(
        "scaled-by-ten-thousand",
        layer("leaves", lambda pixels: (pixels * 1e4).astype("int16"), nodata=-9999),
        "impossible",
        ("x 0.0001", "scale = 0.0001"),
    ),
    BrokenProject(
        "fifty-for-a-factor", layer("leaves", filled(50)), "impossible", probe=("awy_kc_50",)
    ),
    BrokenProject(
        "kelvin",
        layer("warmth", lambda pixels: pixels + np.float32(273.15)),
        "implausible",
        ("kelvin", "offset = -273.15"),
        runs=True,
    ),
    BrokenProject(
        "unit-kelvin",
        words('unit = "degC"\nsource', 'unit = "K"\nsource'),
        "unknown-unit",
        ("'K'",),
    ),
    BrokenProject(
        "negative-rain",
        layer("rain", with_pixels(-5, 12)),
        "impossible",
        ("12 pixels", "region 县1 (1)", "-5 to"),
        probe=("awy_precip_negative",),
    ),
    BrokenProject(
        "nodata-not-declared-negative",
        layer("rain", with_pixels(-9999, 12, 40), nodata=None),
        "impossible",
        ("12 pixels", "region 县2 (2)", "-9999"),
    ),
    BrokenProject(
        "infinite-pixels",
        layer("rain", with_pixels(np.inf, 3)),
        "impossible",
        ("3 pixels", "inf"),
    ),
    BrokenProject(
        "infinite-pixels-of-any-number",
        layer("warmth", with_pixels(-np.inf, 3)),
        "impossible",
        ("3 pixels", "-inf", "any finite number"),
    ),
    BrokenProject(
        "nan-pixels",
        layer("rain", with_pixels(np.nan, 21), nodata=None),
        "raster-gaps",
        ("1.3%", "县1 (1)"),
        runs=True,
        probe=("awy_precip_nan_pixels",),
    ),
    BrokenProject(
        "nan-in-a-third-of-a-county",
        layer("rain", in_columns(np.nan, 10)),
        "low-cover",
        ("33.3%", "region 县1 (1)"),
    ),
    BrokenProject("all-nodata", layer("rain", filled(np.nan)), "low-cover", ("100.0%",)),
    BrokenProject(
        "nodata-hides-real-numbers",
        layer("leaves", lambda pixels: np.round(pixels, 1).astype("float32"), nodata=0.5),
        "low-cover",
    ),
    BrokenProject("the-same-everywhere", layer("rain", filled(1000)), "raster-constant", runs=True),
    BrokenProject(
        "scale-of-the-project-that-is-wrong",
        words('path = "rain.tif"', 'path = "rain.tif"\nscale = 0.001'),
        "implausible",
        ("scale = 1",),
        runs=True,
    ),
    BrokenProject(
        "more-than-falls",
        both(
            words(SPARE, SPARE + _BY_TYPE, "small.toml"),
            words(
                'cover = { data = "leaves" }',
                'cover = { data = "leaves" }, lost = { data = "spare" }',
                "small.toml",
            ),
            words(
                "def shaded(*, rain", 'def shaded(*, lost: Annotated[Array, "mm"], rain', "own.py"
            ),
            more_layers(layer_table("spare", "spare.tif", "mm")),
            in_region_2_more_than_rain,
        ),
        "implausible",
        (
            "spare.tif",
            "the mean of Spare (spare) over 县2 (2) is",
            "more than Rain (rain)",
            "(rain.tif)",
            "1 region",
        ),
        runs=True,
    ),
    BrokenProject(
        "more-than-falls-by-a-table",
        both(
            words(
                SPARE, SPARE + 'at_most = [{ data = "rain" }]\ninherit = ["region"]\n', "small.toml"
            ),
            words(
                'cover = { data = "leaves" }',
                'cover = { data = "leaves" }, lost = { data = "spare" }',
                "small.toml",
            ),
            words(
                "def shaded(*, rain", 'def shaded(*, lost: Annotated[Array, "mm"], rain', "own.py"
            ),
            lambda folder: write_table(folder / "more.csv", [datum("top", "spare", 1700, "mm")]),
            words("data = []", 'data = ["more.csv"]'),
        ),
        "implausible",
        ("more.csv row 2", "Spare (spare) of", "is 1700 mm, more than Rain (rain)", "(rain.tif)"),
        runs=True,
    ),
    BrokenProject(
        "outside-of-stated-bounds",
        words('path = "rain.tif"', 'path = "rain.tif"\nlow = 900\nhigh = 3000'),
        "outside-bounds",
        ("900 to 3000 mm",),
    ),
)

CLASSES = (
    BrokenProject("damaged-in-the-middle", _damaged, "unreadable-raster", ("rows", "columns")),
    BrokenProject(
        "class-outside-the-scheme",
        cover(with_pixels(9, 21)),
        "unknown-class",
        ("9 is no code", "21 pixels", "0.3%"),
        probe=("carbon_missing_lucode",),
    ),
    BrokenProject(
        "nodata-that-is-not-declared",
        cover(with_pixels(255, 21), nodata=None),
        "unknown-class",
        ("255 is no code", "declare it as nodata"),
        probe=("carbon_lulc_nodata_undefined",),
    ),
    BrokenProject(
        "nodata-that-is-a-class",
        cover(lambda pixels: pixels, nodata=3),
        "nodata-class",
        ("3",),
    ),
    BrokenProject(
        "land-cover-with-holes",
        cover(with_pixels(255, 21)),
        "raster-gaps",
        ("1.0%", "县1 (1)"),
        runs=True,
    ),
    BrokenProject("half-a-county-without-land-cover", cover(in_columns(255, 15)), "low-cover"),
    BrokenProject("all-land-cover-nodata", cover(filled(255)), "low-cover"),
    BrokenProject(
        "land-cover-with-fractions",
        cover(lambda pixels: pixels.astype("float32") + np.float32(0.5)),
        "raster-type",
    ),
    BrokenProject("year-without-land-cover", _two_years, "missing-file", ("lc_2015.tif",)),
    BrokenProject(
        "land-cover-that-is-not-there",
        words('land_cover = "lc_{year}.tif"', 'land_cover = "cover.tif"'),
        "missing-file",
        ("cover.tif",),
    ),
)

ZONES = (
    BrokenProject("zone-that-is-no-region", zones(with_pixels(7, 21)), "unknown-region", ("7",)),
    BrokenProject(
        "region-without-zone",
        zones(lambda pixels: pixels.clip(1, 2)),
        "region-without-areas",
        runs=True,
    ),
    BrokenProject(
        "zones-outside",
        polygons(("1", 200, 70, 230, 0), ("2", 230, 70, 260, 0), ("3", 260, 70, 290, 0)),
        "zone-outside",
    ),
    BrokenProject(
        "zones-half-outside",
        polygons(("1", -30, 70, 30, 0), ("2", 30, 70, 60, 0), ("3", 60, 70, 90, 0)),
        "zone-outside",
    ),
    BrokenProject(
        "zones-that-overlap",
        polygons(("1", 0, 70, 40, 0), ("2", 30, 70, 60, 0), ("3", 60, 70, 90, 0)),
        "zone-overlap",
    ),
    BrokenProject(
        "zone-key-that-is-none",
        both(
            polygons(("1", 0, 70, 30, 0), ("2", 30, 70, 60, 0), ("3", 60, 70, 90, 0)),
            words('zones = "zones.geojson"', 'zones = "zones.geojson"\nzone_key = "adcode"'),
        ),
        "missing-key",
        ("adcode",),
    ),
    BrokenProject(
        "zones-smaller-than-a-pixel",
        polygons(("1", 0, 70, 30, 0), ("2", 30, 70, 60, 0), ("3", 60.6, 0.9, 60.9, 0.6)),
        "region-without-areas",
        runs=True,
    ),
    BrokenProject(
        "polygon-of-a-wrong-code",
        polygons(("1", 0, 70, 30, 0), ("2", 30, 70, 60, 0), ("33", 60, 70, 90, 0)),
        "region-without-areas",
        ("the polygons of 33 in zones.geojson", "3 have no polygon"),
        runs=True,
    ),
    BrokenProject(
        "zone-cut-and-with-holes",  # neither is much by itself
        both(
            polygons(("1", -2.6, 70, 30, 0), ("2", 30, 70, 60, 0), ("3", 60, 70, 90, 0)),
            cover(in_columns(255, 2)),
        ),
        "low-cover",
        ("14.1%",),
    ),
    BrokenProject("zones-without-a-pixel", zones(filled(0)), "zone-code"),
)

LAYERS = (
    BrokenProject(
        "layer-that-nobody-asks-for",
        more_layers(layer_table("spare", "rain.tif", "mm")),
        "unused-data",
        ("spare",),
        runs=True,
    ),
    BrokenProject(
        "layer-of-an-unknown-name",
        more_layers(layer_table("rian", "rain.tif", "mm")),
        "unused-data",
        ("rian",),
        runs=True,
    ),
    BrokenProject(
        "layer-of-a-wrong-name",
        words('name = "rain"', 'name = "rian"'),
        "missing-data",
        ("rian",),
    ),
    BrokenProject(
        "unit-of-a-wrong-dimension",
        words('path = "rain.tif"\nunit = "mm"', 'path = "rain.tif"\nunit = "kg"'),
        "wrong-dimension",
        ("kg",),
    ),
    BrokenProject(
        "unit-that-is-none",
        words('path = "rain.tif"\nunit = "mm"', 'path = "rain.tif"\nunit = "millis"'),
        "unknown-unit",
        ("millis",),
    ),
    BrokenProject(
        "layer-that-is-an-amount",
        more_layers(layer_table("emission", "rain.tif", "t", 'keys = { substance = "SO2" }')),
        "not-supported",
        ("amount", "(t)"),
    ),
    BrokenProject(
        "layer-of-land-area",
        more_layers(layer_table("land_area", "rain.tif", "km2")),
        "not-supported",
        ("land_area", "amount", "(km2)"),
    ),
    BrokenProject(
        "layer-of-gdp",
        more_layers(layer_table("gdp", "rain.tif", "CNY")),
        "not-supported",
        ("gdp", "amount", "(CNY)"),
    ),
    BrokenProject("layer-and-table-row", _table_row, "duplicate-row", ("more.csv",)),
    BrokenProject(
        "layer-twice", more_layers(layer_table("rain", "leaves.tif", "mm")), "duplicate-row"
    ),
    BrokenProject(
        "key-that-does-not-exist",
        words('path = "rain.tif"', 'path = "rain.tif"\nkeys = { colour = "red" }'),
        "unknown-column",
        ("colour",),
    ),
    BrokenProject(
        "key-of-another-name",
        words('path = "rain.tif"', 'path = "rain.tif"\nkeys = { month = "1" }'),
        "wrong-keys",
    ),
    BrokenProject(
        "key-of-the-file-that-does-not-exist",
        words('path = "rain.tif"', 'path = "rain.tif"\ncolour = "red"'),
        "unknown-key",
        ("colour",),
    ),
    BrokenProject(
        "scale-twice",
        words('path = "rain.tif"', 'path = "rain.tif"\nscale = 1\nscale = 2'),
        "toml-syntax",
    ),
    BrokenProject(
        "scale-of-nothing", words('path = "rain.tif"', 'path = "rain.tif"\nscale = 0'), "toml-value"
    ),
    BrokenProject(
        "scale-nan", words('path = "rain.tif"', 'path = "rain.tif"\nscale = nan'), "toml-value"
    ),
    BrokenProject(
        "bounds-upside-down",
        words('path = "rain.tif"', 'path = "rain.tif"\nlow = 9\nhigh = 1'),
        "toml-value",
        ("9", "1"),
    ),
    BrokenProject(
        "cover-in-percent", words("min_cover = 0.9", "min_cover = 98"), "toml-value", ("98",)
    ),
    BrokenProject(
        "path-outside", words('path = "rain.tif"', 'path = "../rain.tif"'), "path-outside"
    ),
    BrokenProject(
        "areas-twice",
        both(
            lambda folder: write_table(
                folder / "areas.csv", [small.area("1", "wood", 5, "hm2", source="made up")]
            ),
            words("data = []", 'data = []\nareas = "areas.csv"'),
        ),
        "not-supported",
        ("twice",),
    ),
)

# InVEST's tables of carbon pools and crops are sets of coefficients for us.
TABLES = (
    BrokenProject(
        "pool-twice", coefficients(_doubled), "duplicate-row", probe=("carbon_duplicate_lucode",)
    ),
    BrokenProject(
        "pools-without-a-column",
        coefficients(_without("value")),
        "missing-column",
        ("value",),
        probe=("carbon_missing_column",),
    ),
    BrokenProject(
        "nan-in-a-cell",
        coefficients(_row("storage_cost", "value", "nan")),
        "not-a-number",
        ("'nan'",),
        probe=("carbon_nan_cell",),
    ),
    BrokenProject(
        "words-in-a-cell",
        coefficients(_row("storage_cost", "value", "many")),
        "not-a-number",
        ("many",),
        probe=("carbon_text_cell",),
    ),
    BrokenProject(
        "negative-coefficient",
        coefficients(_row("storage_cost", "value", -2)),
        "impossible",
        probe=("carbon_negative", "carbon_negative_price"),
    ),
    BrokenProject(
        "a-thousand-times",
        coefficients(_row("storage_cost", "value", 2000)),
        "implausible",
        runs=True,
        probe=("carbon_1000x_units",),
    ),
    BrokenProject("pools-in-gbk", _in_gbk, "gbk", runs=True, probe=("carbon_gbk_csv",)),
    BrokenProject(
        "thousands-separator",
        coefficients(_row("storage_cost", "value", "1,095.0")),
        "thousands-separator",
        probe=("carbon_thousands_sep",),
    ),
    BrokenProject(
        "share-of-two",
        words(",0.75", ",2", "walk.csv"),
        "share-range",
        probe=("awy_lulc_veg_2",),
    ),
)


# What answers a file of ``raster_files`` in a whole project, where that is not its own code alone.
_ANSWERS = {
    "nodata-not-declared-in-rain": "impossible",  # its pixels of -9999, too
    "missing-value-of-another-type": "grids-differ",  # it lies in degrees
}


def of_files() -> list[BrokenProject]:
    """The broken files of ``raster_files`` in the place of rain."""
    cases = []
    for broken in raster_files.BROKEN:
        if broken.stage in ("classes", "read"):
            continue  # among the classes and values here
        code = _ANSWERS.get(broken.name, broken.code)
        words = tuple(word.replace("land.tif", "lc_2020.tif") for word in broken.words)
        if broken.name in _ANSWERS:
            words = ()
        probe = broken.probe
        if broken.name == "in-degrees":
            probe = "carbon_lulc_degrees"
        if probe == "carbon_lulc_nodata_undefined":
            probe = ""  # of land cover: among the classes
        cases.append(
            BrokenProject(
                f"file-{broken.name}",
                _as_layer(broken),
                code,
                words,
                runs=code == "raster-nodata",
                probe=(probe,) if probe else (),
            )
        )
    return cases


OWN = (*VALUES, *CLASSES, *ZONES, *LAYERS, *TABLES)
FILES = tuple(of_files())
