"""gep's side: a project of rasters as a user would write it, computed by ``gep.read_project(FOLDER).compute()``.

``python gep_side.py ACCOUNT FOLDER --out DIR [--threads 1] [--maps]``. Prints one line of JSON: seconds after the
imports, peak memory, totals by county.
"""

import argparse
import csv
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from made_up_grid import (
    ABOVE,
    BELOW,
    CLASSES,
    CODES,
    COVER_ROWS,
    DEAD,
    KC,
    LAYERS,
    PRACTICE,
    ROOT,
    SEASONALITY,
    SLOPE_LENGTH,
    SOIL,
    VEGETATED,
)
from measured import report, versions

if TYPE_CHECKING:
    import gep

YEAR = 2020
HERE = Path(__file__).parent
LAYERS_OF = {
    "carbon": (),
    "water": ("rainfall", "reference_evaporation", "soil_depth", "available_water"),
    "soil": ("rainfall_erosivity", "soil_erodibility", "vegetation_cover"),
}
COVER_NAMES = ("below_10", "from_10", "from_30", "from_50", "from_70", "from_90", "log_slope")
# quantity of the account: name of the total, both in the unit of the step
QUANTITIES = {
    "carbon": {"carbon_storage.stock": "carbon"},
    "water": {"water_yield.yield": "water_yield"},
    "soil": {"soil_retention.potential": "potential_loss", "soil_retention.retained": "retention"},
}
PROJECT = """\
[project]
id = "invest"
title = {{ zh = "计时用的随机栅格", en = "Made-up rasters for timing" }}
standard = "./{account}.toml"
years = [{year}]
allow_placeholder = true

[inputs.raster]
land_cover = "{folder}/land_cover.tif"
zones = "{folder}/counties.gpkg"
zone_key = "code"
min_cover = 0.9
"""
LAYER = """
[[inputs.raster.layer]]
name = "{name}"
path = "{folder}/{file}.tif"
unit = "{unit}"
source = "made up"
"""


def write_project(account: str, folder: Path, out: Path) -> Path:
    """The project of an account, new: project.toml, standard, classes, coefficients."""
    project = out / account
    shutil.rmtree(project, ignore_errors=True)
    (project / "numbers").mkdir(parents=True)
    shutil.copy(HERE / "standards" / f"{account}.toml", project)
    place = os.path.relpath(folder, project)
    text = PROJECT.format(account=account, year=YEAR, folder=place)
    for name in LAYERS_OF[account]:
        text += LAYER.format(name=name, file=name, folder=place, unit=LAYERS[name][0])
    if account == "soil":
        text += slope_layer(place)
    (project / "project.toml").write_text(text, encoding="utf-8")
    _write_csv(project / "classes.csv", CLASS_HEAD, class_rows(account))
    _write_csv(project / "numbers" / "numbers.csv", NUMBER_HEAD, coefficient_rows(account))
    (project / "numbers" / "set.toml").write_text(SET, encoding="utf-8")
    (project / "numbers" / "sources.toml").write_text('[made-up]\ntitle = { zh = "编造", en = "Made up" }\n', encoding="utf-8")
    return project


def slope_layer(place: str) -> str:
    """The slope of the soil chain, made from the elevations."""
    return LAYER.format(name="slope", file="slope", folder=place, unit="degree")


SET = """\
id = "made-up"
version = "1.0.0"
title = { zh = "计时用的参数（编造）", en = "Numbers for timing (made up)" }
licence = "CC-BY-4.0"
"""
CLASS_HEAD = ("class", "code", "zh", "en", "parent", "source", "locator")
NUMBER_HEAD = ("coefficient", "ecosystem", "value", "unit", "source", "locator", "grade")
SOURCES = {"carbon": "invest", "water": "invest", "soil": "hj1173"}


def class_rows(account: str) -> list[tuple[object, ...]]:
    return [(f"class_{code}", code, f"类{code}", f"Class {code}", "", SOURCES[account], "made up") for code in CODES]


def coefficient_rows(account: str) -> list[tuple[object, ...]]:
    """Numbers by class, and those of the whole grid."""
    by_class = {
        "carbon": {
            "carbon_above": (ABOVE, "tC ha-1"), "carbon_below": (BELOW, "tC ha-1"),
            "carbon_soil": (SOIL, "tC ha-1"), "carbon_dead": (DEAD, "tC ha-1"),
        },
        "water": {"crop_coefficient": (KC, "1"), "root_depth": (ROOT, "mm"), "vegetated": (VEGETATED, "1")},
        "soil": {"practice": (PRACTICE, "1")},
    }[account]  # fmt: skip
    rows = [
        (name, f"class_{code}", CLASSES[code][column], unit)
        for name, (column, unit) in by_class.items()
        for code in CODES
    ]
    if account == "water":
        rows.append(("seasonality", "", SEASONALITY, "1"))
    if account == "soil":
        rows.append(("slope_length", "", SLOPE_LENGTH, "m"))
        for position, name in enumerate(COVER_NAMES):
            rows += [(f"cover_{name}", f"class_{code}", COVER_ROWS[code][position], "1") for code in CODES]
    return [(*row, "made-up", "1", "placeholder") for row in rows]


def _write_csv(path: Path, head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])


def compute_raster_account(project: Path, threads: int, maps: Path | None) -> "gep.Account":
    """The account of a project of rasters: the one place that calls gep."""
    import gep

    assert maps is None, "gep writes no maps yet"
    del threads
    account, = gep.read_project(project).compute(years=[YEAR])
    return account


def totals_of(account: "gep.Account", name: str) -> dict[str, dict[str, float]]:
    """Quantities by county, in the unit of their steps."""
    raise NotImplementedError(name, account)


def main() -> None:
    parser = argparse.ArgumentParser(description="gep's side of the comparison.")
    parser.add_argument("account", choices=list(LAYERS_OF))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--maps", type=Path, help="folder of result rasters; none by default")
    chosen = parser.parse_args()
    for module in MODULES:
        __import__(module)
    project = write_project(chosen.account, chosen.folder, chosen.out)
    begin = time.perf_counter()
    account = compute_raster_account(project, chosen.threads, chosen.maps)
    totals = totals_of(account, chosen.account)
    seconds = time.perf_counter() - begin
    report(seconds=seconds, totals=totals, threads=f"{chosen.threads}", versions=versions("gep-accounting", "numpy", "rasterio"))


# what gep imports when it is needed: imports are timed on neither side
MODULES = ("gep", "gep.project.project", "pandas", "xarray", "pint", "rasterio", "rasterio.features", "shapely", "pyogrio", "pyproj", "dask", "dask.threaded")

if __name__ == "__main__":
    sys.exit(main())
