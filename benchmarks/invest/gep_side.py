"""gep's side: a project of rasters as a user would write it, computed by ``gep.read_project(FOLDER).compute()``.

``python gep_side.py ACCOUNT FOLDER --out DIR [--threads 1] [--maps DIR]``. Prints one line of JSON: seconds after the
imports, peak memory, totals by county.
"""

import argparse
import contextlib
import csv
import importlib
import os
import shutil
import subprocess
import sys
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
from measured import Clock, report, versions

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
standard = "./{standard}.toml"
years = [{year}]
allow_placeholder = true

[inputs.raster]
land_cover = "land_cover.tif"
zones = "counties.gpkg"
zone_key = "code"
min_cover = 0.5
"""
LAYER = """
[[inputs.raster.layer]]
name = "{name}"
path = "{file}.tif"
unit = "{unit}"
source = "made up"
"""


def write_project(account: str, folder: Path, out: Path, *, has_maps: bool = False) -> Path:
    """The project of an account, new: project.toml, standard, classes, coefficients.

    With maps its standard has as many quantities as InVEST writes maps.
    """
    standard = f"{account}-maps" if has_maps and account != "soil" else account
    project = out / account
    shutil.rmtree(project, ignore_errors=True)
    (project / "numbers").mkdir(parents=True)
    shutil.copy(HERE / "standards" / f"{standard}.toml", project)
    text = PROJECT.format(standard=standard, year=YEAR)
    for name in LAYERS_OF[account]:
        text += LAYER.format(name=name, file=name, unit=LAYERS[name][0])
    if account == "soil":
        text += slope_layer()
    for path in folder.iterdir():  # a project keeps its files in its folder
        if path.suffix in {".tif", ".gpkg"}:
            os.link(path, project / path.name)
    (project / "project.toml").write_text(text, encoding="utf-8")
    _write_csv(project / "classes.csv", CLASS_HEAD, class_rows(account))
    _write_csv(project / "numbers" / "numbers.csv", NUMBER_HEAD, coefficient_rows(account))
    (project / "numbers" / "set.toml").write_text(SET, encoding="utf-8")
    (project / "numbers" / "sources.toml").write_text(
        '[made-up]\ntitle = { zh = "编造", en = "Made up" }\n', encoding="utf-8"
    )
    return project


def slope_layer() -> str:
    """The slope of the soil chain, which gep makes of the elevations where it reads them."""
    return LAYER.format(name="slope", file="dem", unit="degree") + 'derive = "slope"\n'


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
    return [
        (f"class_{code}", code, f"类{code}", f"Class {code}", "", SOURCES[account], "made up")
        for code in CODES
    ]


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
    if account == "carbon":  # beside the pool of a map
        rows += [("no_carbon", f"class_{code}", 0, "tC ha-1") for code in CODES]
    if account == "water":
        rows.append(("seasonality", "", SEASONALITY, "1"))
    if account == "soil":
        rows.append(("slope_length", "", SLOPE_LENGTH, "m"))
        for position, name in enumerate(COVER_NAMES):
            rows += [
                (f"cover_{name}", f"class_{code}", COVER_ROWS[code][position], "1")
                for code in CODES
            ]
    return [(*row, "made-up", "1", "placeholder") for row in rows]


def _write_csv(path: Path, head: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])


def compute_raster_account(project: Path, threads: int, maps: Path | None) -> "gep.Account":
    """The account of a project of rasters: the one place that calls gep."""
    import gep

    os.environ["GEP_CACHE"] = "off"  # every pass is computed
    with gep.scheduled(threads=threads):
        (account,) = gep.read_project(project).compute(years=[YEAR])
        if maps is not None:
            from gep.account.pixel_maps import write_maps

            shutil.rmtree(maps, ignore_errors=True)
            maps.mkdir(parents=True)
            write_maps(account, maps, "quantities", "en")
    return account


def totals_of(account: "gep.Account", name: str) -> dict[str, dict[str, float]]:
    """Quantities by county, in the unit of their steps."""
    frame = account.frame()
    frame["quantity"] = frame["indicator"] + "." + frame["step"]
    totals = {}
    for quantity, total in QUANTITIES[name].items():
        rows = frame[frame["quantity"] == quantity]
        totals[total] = dict(zip(rows["region"], rows["value"].astype(float).tolist(), strict=True))
    return totals


def import_what_it_needs(out: Path, account: str, folder: Path) -> None:
    """Import what gep imports on its way: a run in a process of its own says what that is. Imports are timed on no side."""
    listed = out / f"modules-{account}.txt"
    if not listed.exists():
        given = [account, str(folder), "--out", str(out), "--list-modules", str(listed)]
        subprocess.run([sys.executable, __file__, *given], check=True)
    for name in listed.read_text(encoding="utf-8").split():
        with contextlib.suppress(ImportError):  # some are made by others while they are imported
            importlib.import_module(name)


def main() -> None:
    parser = argparse.ArgumentParser(description="gep's side of the comparison.")
    parser.add_argument("account", choices=list(LAYERS_OF))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--maps", type=Path, help="folder of result rasters; none by default")
    parser.add_argument(
        "--list-modules", type=Path, help="file for the names of all modules of a run"
    )
    chosen = parser.parse_args()
    if chosen.list_modules is None:
        import_what_it_needs(chosen.out, chosen.account, chosen.folder)
    has_maps = chosen.maps is not None
    project = write_project(chosen.account, chosen.folder, chosen.out, has_maps=has_maps)
    clock = Clock()
    account = compute_raster_account(project, chosen.threads, chosen.maps)
    totals = totals_of(account, chosen.account)
    if chosen.list_modules:
        names = [name for name in sys.modules if not name.startswith("__")]
        chosen.list_modules.write_text("\n".join(names), encoding="utf-8")
        return
    report(
        **clock.spent(),
        totals=totals,
        threads=f"{chosen.threads}",
        versions=versions("gep-accounting", "numpy", "rasterio"),
    )


if __name__ == "__main__":
    sys.exit(main())
