"""The sum of one raster (rain) by county: tools that users know, and a streamed bincount.

``python zonal.py TOOL FOLDER``, with TOOL one of ``bincount``, ``pygeoprocessing``, ``rasterstats``, ``exactextract``.
Prints one line of JSON; exactextract counts the shares of pixels on borders, so its sums are others.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from measured import Clock, report, versions

RASTER, VECTOR = "rainfall.tif", "counties.gpkg"


def by_bincount() -> Callable[[Path], dict[str, float]]:
    import numpy as np
    from numpy_pass import Grid

    def sums(folder: Path) -> dict[str, float]:
        grid = Grid(folder)
        total = np.zeros(len(grid.codes) + 1)
        for top, bottom in grid.strips():
            zones = grid.zones(top, bottom).ravel()
            total += np.bincount(zones, grid.read("rainfall", top, bottom).ravel(), len(total))
        return dict(zip(grid.codes, total.tolist()[:-1], strict=True))

    return sums


def by_pygeoprocessing() -> Callable[[Path], dict[str, float]]:
    import pygeoprocessing
    from invest_side import codes_of

    def sums(folder: Path) -> dict[str, float]:
        found = pygeoprocessing.zonal_statistics((str(folder / RASTER), 1), str(folder / VECTOR))
        codes = codes_of(folder)
        return {codes[number]: float(stats["sum"]) for number, stats in found.items()}

    return sums


def by_rasterstats() -> Callable[[Path], dict[str, float]]:
    import rasterstats

    def sums(folder: Path) -> dict[str, float]:
        found = rasterstats.zonal_stats(
            str(folder / VECTOR), str(folder / RASTER), stats=["sum"], geojson_out=True
        )
        return {
            feature["properties"]["code"]: float(feature["properties"]["sum"]) for feature in found
        }

    return sums


def by_exactextract() -> Callable[[Path], dict[str, float]]:
    from exactextract import exact_extract

    def sums(folder: Path) -> dict[str, float]:
        found = exact_extract(
            str(folder / RASTER), str(folder / VECTOR), ["sum"], include_cols=["code"]
        )
        return {
            feature["properties"]["code"]: float(feature["properties"]["sum"]) for feature in found
        }

    return sums


TOOLS = {
    "bincount": (by_bincount, ("numpy", "rasterio")),
    "pygeoprocessing": (by_pygeoprocessing, ("pygeoprocessing",)),
    "rasterstats": (by_rasterstats, ("rasterstats",)),
    "exactextract": (by_exactextract, ("exactextract",)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="The sum of one raster by county.")
    parser.add_argument("tool", choices=list(TOOLS))
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    prepare, packages = TOOLS[chosen.tool]
    sums = prepare()
    clock = Clock()
    totals = sums(chosen.folder)
    report(**clock.spent(), totals={"rainfall": totals}, threads="1", versions=versions(*packages))


if __name__ == "__main__":
    sys.exit(main())
