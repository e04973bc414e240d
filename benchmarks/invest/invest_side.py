"""InVEST's side: carbon, annual water yield, soil loss up to RKLS and USLE, and county totals by pygeoprocessing.

``python invest_side.py ACCOUNT FOLDER --out DIR [--workers -1]`` in an environment with natcap.invest; see README.md.
Prints one line of JSON: seconds after the imports, by step, peak memory, totals by county.
"""

import argparse
import csv
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pygeoprocessing
import pygeoprocessing.routing
from made_up_grid import PIXEL, SEASONALITY
from measured import Clock, report, versions
from natcap.invest.annual_water_yield import annual_water_yield
from natcap.invest.carbon import carbon
from natcap.invest.sdr import sdr
from osgeo import gdal

gdal.UseExceptions()
CELL = PIXEL * PIXEL
SQUARE_METRES = 10_000  # of a hectare
L_MAX, STREAM = 122.0, 1000  # InVEST's own example: greatest L, pixels upstream of a stream
Totals = dict[str, dict[str, float]]


class Steps:
    """Seconds of each step, in turn."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def run(
        self, name: str, work: Callable[..., object], *given: object, **named: object
    ) -> object:
        begin = time.perf_counter()
        result = work(*given, **named)
        self.seconds[name] = time.perf_counter() - begin
        return result


def codes_of(folder: Path) -> dict[int, str]:
    """Code of each county by its number in the file, and so in zonal statistics."""
    vector = gdal.OpenEx(str(folder / "counties.gpkg"), gdal.OF_VECTOR)
    return {feature.GetFID(): feature.GetField("code") for feature in vector.GetLayer()}


def zonal(steps: Steps, folder: Path, rasters: dict[str, Path], factor: float) -> Totals:
    """Sums by county, times a factor; all rasters in one call, which spares rasterising the counties again."""
    pairs = [(str(path), 1) for path in rasters.values()]
    found = steps.run(
        "zonal statistics", pygeoprocessing.zonal_statistics, pairs, str(folder / "counties.gpkg")
    )
    codes = codes_of(folder)
    return {
        name: {codes[number]: float(stats["sum"]) * factor for number, stats in by_county.items()}
        for name, by_county in zip(rasters, found, strict=True)
    }


def run_carbon(steps: Steps, folder: Path, out: Path, workers: int) -> Totals:
    """Five maps (four pools and their sum), the sum of the whole grid; counties by zonal statistics."""
    arguments = {
        "workspace_dir": str(out), "results_suffix": "", "lulc_bas_path": str(folder / "land_cover.tif"),
        "carbon_pools_path": str(folder / "carbon_pools.csv"), "calc_sequestration": False,
        "do_valuation": False, "n_workers": workers,
    }  # fmt: skip
    files = steps.run("carbon", carbon.execute, arguments)
    return zonal(steps, folder, {"carbon": Path(files["c_storage_bas"])}, CELL / SQUARE_METRES)


def run_water(steps: Steps, folder: Path, out: Path, workers: int) -> Totals:
    """Maps, and means by county that InVEST makes itself: times its pixels they are totals."""
    arguments = {
        "workspace_dir": str(out), "results_suffix": "", "lulc_path": str(folder / "land_cover.tif"),
        "precipitation_path": str(folder / "rainfall.tif"), "eto_path": str(folder / "reference_evaporation.tif"),
        "depth_to_root_rest_layer_path": str(folder / "soil_depth.tif"),
        "pawc_path": str(folder / "available_water.tif"), "watersheds_path": str(folder / "counties.gpkg"),
        "biophysical_table_path": str(folder / "water.csv"), "seasonality_constant": SEASONALITY,
        "n_workers": workers,
    }  # fmt: skip
    files = steps.run("annual water yield", annual_water_yield.execute, arguments)
    codes = {position: code for position, (_, code) in enumerate(sorted(codes_of(folder).items()))}
    with open(files["watershed_results_wyield_csv"], newline="", encoding="utf-8") as file:
        means = {
            codes[position]: float(row["wyield_mn"])
            for position, row in enumerate(csv.DictReader(file))
        }
    return {"mean_water_yield": means}


def run_soil(steps: Steps, folder: Path, out: Path, workers: int) -> Totals:
    """The steps of ``sdr.execute`` up to RKLS and USLE, in its order and with its functions (D8, the cheaper routing).

    Left out are its steps that only the delivery ratio needs: thresholds of slope and C, what follows USLE.
    """
    del workers  # the functions are called in this process, as -1 does
    out.mkdir(parents=True, exist_ok=True)
    path = {name: str(out / f"{name}.tif") for name in SOIL_FILES}
    keys = ("dem", "land_cover", "rainfall_erosivity", "soil_erodibility")
    aligned, masked = ([path[f"{kind}_{key}"] for key in keys] for kind in ("aligned", "masked"))
    given = [str(folder / f"{key}.tif") for key in keys]
    counties = str(folder / "counties.gpkg")
    info = pygeoprocessing.get_raster_info(given[0])
    steps.run(
        "align", pygeoprocessing.align_and_resize_raster_stack,
        given, aligned, ["bilinear", "mode", "bilinear", "bilinear"], (PIXEL, -PIXEL), "intersection",
        target_projection_wkt=info["projection_wkt"], base_vector_path_list=(counties,), raster_align_index=0,
        vector_mask_options={"mask_vector_path": counties},
    )  # fmt: skip
    steps.run(
        "mask", pygeoprocessing.raster_map,
        op=sdr._create_mutual_mask_op, rasters=aligned, target_path=path["mask"], target_nodata=0,
    )  # fmt: skip
    for source, target in zip(aligned, masked, strict=True):
        steps.run(
            f"mask {Path(target).stem.removeprefix('masked_')}", pygeoprocessing.raster_map,
            op=sdr._mask_single_raster_op, rasters=[source, path["mask"]], target_path=target,
        )  # fmt: skip
    routing = pygeoprocessing.routing
    steps.run("fill pits", routing.fill_pits, (masked[0], 1), path["filled"])
    steps.run("slope", pygeoprocessing.calculate_slope, (path["filled"], 1), path["slope"])
    steps.run("flow direction", routing.flow_dir_d8, (path["filled"], 1), path["direction"])
    steps.run(
        "flow accumulation",
        routing.flow_accumulation_d8,
        (path["direction"], 1),
        path["accumulation"],
    )
    steps.run(
        "streams", routing.extract_streams_d8,
        flow_accum_raster_path_band=(path["accumulation"], 1), flow_threshold=STREAM,
        target_stream_raster_path=path["stream"],
    )  # fmt: skip
    steps.run(
        "LS", sdr._calculate_ls_factor, path["accumulation"], path["slope"], L_MAX, path["ls"]
    )
    with (folder / "soil_loss.csv").open(newline="", encoding="utf-8") as file:
        factors = {
            int(row["lucode"]): float(row["usle_c"]) * float(row["usle_p"])
            for row in csv.DictReader(file)
        }
    steps.run("CP", sdr._calculate_cp, factors, masked[1], path["cp"])
    steps.run(
        "RKLS", sdr._calculate_rkls, path["ls"], masked[2], masked[3], path["stream"], path["rkls"]
    )
    steps.run(
        "USLE", pygeoprocessing.raster_map,
        op=sdr.usle_op, rasters=[path["rkls"], path["cp"]], target_path=path["usle"],
    )  # fmt: skip
    rasters = {"potential_loss": Path(path["rkls"]), "actual_loss": Path(path["usle"])}
    return zonal(steps, folder, rasters, CELL / SQUARE_METRES)


SOIL_FILES = (
    *(f"{kind}_{key}" for kind in ("aligned", "masked") for key in ("dem", "land_cover", "rainfall_erosivity", "soil_erodibility")),
    "mask", "filled", "slope", "direction", "accumulation", "stream", "ls", "cp", "rkls", "usle",
)  # fmt: skip
ACCOUNTS = {"carbon": run_carbon, "water": run_water, "soil": run_soil}


def main() -> None:
    parser = argparse.ArgumentParser(description="InVEST's side of the comparison.")
    parser.add_argument("account", choices=list(ACCOUNTS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=-1)
    chosen = parser.parse_args()
    steps = Steps()
    clock = Clock()
    totals = ACCOUNTS[chosen.account](steps, chosen.folder, chosen.out, chosen.workers)
    spent = clock.spent()
    threads = (
        "n_workers=-1: all in one process"
        if chosen.workers == -1
        else f"n_workers={chosen.workers}"
    )
    said = f"{versions('natcap.invest', 'pygeoprocessing', 'numpy')}, GDAL {gdal.__version__}"
    report(**spent, steps=steps.seconds, totals=totals, threads=threads, versions=said)


if __name__ == "__main__":
    sys.exit(main())
