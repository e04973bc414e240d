"""The rasters of a project (栅格数据): ``[inputs.raster]`` of ``project.toml``, and what it names.

Land cover, zones and layers are opened here, and land cover is tabulated by zone. What comes of it
are area rows and data rows, which take the same way as those of tables, and for each year what its
plan reads pixels from.
"""

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from gep.account.caption import percent
from gep.account.layer_checks import shares_of_regions
from gep.errors import ProblemLog
from gep.extent.areas import AREA_COLUMNS, Areas, areas_of_table
from gep.extent.cell_areas import check_measurable
from gep.extent.classes import ClassScheme
from gep.extent.crosswalk import Crosswalk
from gep.extent.kept_sums import holds_all_pixels
from gep.extent.labels import KeptRuns
from gep.extent.raster_extent import RasterLayer, RasterYear, sample_numbers
from gep.extent.rasters import (
    Raster,
    check_grids,
    check_nodata_class,
    open_raster,
    split_variable,
)
from gep.extent.regions import Regions, region_label
from gep.extent.schedule import schedule_in_use
from gep.extent.tabulation import Tabulation, tabulate
from gep.extent.zones import Zones, load_zones
from gep.inputs.value_rows import DATA_COLUMNS
from gep.io.arguments import text_cells
from gep.io.catalog import resolve_inside
from gep.io.distinct_cells import Distinct
from gep.io.tables import Columns, Table, make_table
from gep.io.toml_documents import Frozen, invalid_value
from gep.project.stages import HEAVY, Stages
from gep.standards.standard import COMMON_DATA, DataName
from gep.texts.catalogue import Label, Listed

_FILE = "project.toml"
_YEAR = "{year}"
_LIBRARIES = ("rasterio", "pyproj", "pyogrio", "shapely", "dask")
_NAMED = 20  # codes of a message
_MOST_BYTES = 32 * 2**20  # of the runs that are kept, of all years


class LayerSpec(Frozen):
    """A table ``[[inputs.raster.layer]]``: a data name of the standard as a raster.

    Attributes
    ----------
    name, unit, source, locator, grade
        As the columns of a data table.
    path
        The file; ``{year}`` stands for the year, ``file.nc#name`` for a variable.
    scale, offset
        A number is stored x scale + offset; by default what the file says.
    keys
        Further keys of the data name, such as ``{ month = "1" }``.
    low, high
        Bounds of plausible numbers, in the unit.
    derive
        ``slope``: the raster holds elevations in m, and the layer is the slope in degrees.
    """

    name: str = Field(min_length=1)
    path: str = Field(min_length=1)
    unit: str = Field(min_length=1)
    source: str = ""
    locator: str = ""
    grade: str = ""
    scale: float | None = Field(default=None, allow_inf_nan=False)
    offset: float | None = Field(default=None, allow_inf_nan=False)
    keys: dict[str, str] = Field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    derive: Literal["", "slope"] = ""

    @model_validator(mode="after")
    def _check_numbers(self) -> "LayerSpec":
        """Refuse a scale that leaves nothing, and bounds that are not in order."""
        if self.scale == 0:
            raise invalid_value("project.scale-zero")
        if self.low is not None and self.high is not None and not self.low <= self.high:
            raise invalid_value("project.layer-bounds", low=self.low, high=self.high)
        return self


class RasterSpec(Frozen):
    """The table ``[inputs.raster]``: land cover, zones and layers.

    Attributes
    ----------
    land_cover
        The file; ``{year}`` stands for the year, ``file.nc#name`` for a variable. Its values are
        codes of the crosswalk, else of the standard's classes.
    zones, zone_key
        Polygons of the regions and their attribute with the code; or a raster of codes.
    min_cover
        The least share of a region's area that must have land cover, and numbers in each layer.
    fractions
        Whether pixels on a border are divided by the exact share of each region.
    source, locator, grade
        Of the land cover, as the columns of an area table.
    layer
        Data as rasters.
    """

    land_cover: str = Field(min_length=1)
    zones: str = Field(min_length=1)
    zone_key: str = "code"
    min_cover: float = Field(default=0.98, ge=0, le=1)
    fractions: bool = False
    source: str = ""
    locator: str = ""
    grade: str = ""
    layer: tuple[LayerSpec, ...] = ()


@dataclass(frozen=True)
class ProjectRasters:
    """What a project's rasters give.

    Attributes
    ----------
    areas : Areas
        Areas by region, year and class, from land cover.
    data : tuple of Table
        Data rows that stand for the layers until pixels are read.
    years : mapping of int to RasterYear
    files : tuple of Path
        All files that are read.
    """

    areas: Areas
    data: tuple[Table, ...]
    years: Mapping[int, RasterYear]
    files: tuple[Path, ...]


class _Opened(NamedTuple):
    """A raster and the path as the project writes it."""

    raster: Raster
    label: str


def load_rasters(
    spec: RasterSpec,
    folder: Path,
    years: Sequence[int],
    class_names: Mapping[int, str],
    regions: Regions | None,
    problems: ProblemLog,
    *,
    data_names: Mapping[str, DataName],
    stages: Stages,
) -> ProjectRasters | None:
    """Open the rasters of a project, check that they fit together, and tabulate land cover.

    Parameters
    ----------
    spec : RasterSpec
    folder : Path
        The project's folder.
    years : sequence of int
    class_names : mapping of int to str
        The class of each code (see ``class_names_of``).
    regions : Regions or None
        The regions of the project; polygons of others are left out.
    problems : ProblemLog
        Collects ``file-format``, the problems of ``gep.extent.rasters``, ``zones`` and
        ``tabulation``; ``not-supported`` for a layer that is an amount, ``nodata-class``,
        ``unknown-class``, ``low-cover``, and the warnings ``raster-gaps``.
    data_names : mapping of str to DataName
        Those of the standard.
    stages : Stages
        Has a stage begun for each year.

    Returns
    -------
    ProjectRasters or None
        None if something keeps areas from being tabulated.
    """
    if not _has_libraries(spec, problems):
        return None
    errors_before = len(problems.errors)
    schedule = schedule_in_use()
    _check_amounts(spec, data_names, problems)
    opener = _Opener(folder, problems)
    covers = _open_covers(spec, years, class_names, opener)
    first = next((cover for cover in covers.values() if cover is not None), None)
    layers = _open_layers(spec, years, opener)
    if first is None:
        return None
    check_grids(first.raster, opener.others(first), problems)
    check_measurable(first.raster.grid, problems, f"{_FILE} inputs.raster.land_cover")
    zones_path = opener.path(spec.zones, "inputs.raster.zones")
    if zones_path is None:
        return None
    zones = load_zones(
        zones_path,
        spec.zone_key,
        first.raster.grid,
        problems,
        f"{_FILE} inputs.raster.zones",
        only=None if regions is None else regions.frame.index,
        expected=() if regions is None else regions.lowest,
        min_cover=spec.min_cover,
    )
    if zones is not None and zones.raster is not None:
        check_grids(first.raster, [zones.raster], problems)
    if zones is None or len(problems.errors) > errors_before:
        return None
    pieces = []
    raster_years = {}
    to_come = 2 * HEAVY + 2  # of a year: areas, plan, account and tables
    stages.expect(to_come * len(years) + 1)
    for year in years:
        cover = covers[year]
        assert cover is not None
        stages.begin("project.progress.tabulating", HEAVY, year=year)
        kept_runs = None
        if layers[year]:
            kept_runs = _kept_runs(cover.raster, zones, len(years))
        tabulation = tabulate(
            cover.raster,
            zones,
            schedule,
            stages.advance,
            fractions=spec.fractions,
            kept_runs=kept_runs,
        )
        labels = [region_label(zone, regions) for zone in zones.codes]
        _check_cover(
            tabulation,
            labels,
            cover.label,
            spec.min_cover,
            np.array(zones.outside),
            problems,
        )
        _check_codes(tabulation, class_names, cover.label, problems)
        areas = _areas_of(tabulation, year, class_names, spec, cover.label, problems)
        if areas is not None:
            pieces.append(areas)
        raster_years[year] = RasterYear(
            year=year,
            land_cover=cover.raster,
            zones=zones,
            layers=tuple(layers[year]),
            class_names=class_names,
            fractions=spec.fractions,
            min_cover=spec.min_cover,
            schedule=schedule,
            without_cover=_without_cover(tabulation),
            kept_runs=kept_runs,
        )
    if not pieces:  # no pixel has a class: reported above
        return None
    rows = pd.concat([piece.rows for piece in pieces], ignore_index=True)
    data = _data_of(spec, raster_years, problems)
    files = (*opener.files, *_parts_of(zones_path))
    return ProjectRasters(Areas(rows, files), data, raster_years, files)


def _kept_runs(land_cover: Raster, zones: Zones, year_count: int) -> KeptRuns | None:
    """Return what keeps the runs of a year; None where files do not tell that they have changed."""
    rasters = [land_cover] if zones.raster is None else [land_cover, zones.raster]
    files = [raster.path for raster in rasters]
    if not all(holds_all_pixels(file) for file in files):
        return None
    return KeptRuns(_MOST_BYTES // year_count, files)


def _open_covers(
    spec: RasterSpec, years: Sequence[int], class_names: Mapping[int, str], opener: "_Opener"
) -> dict[int, _Opened | None]:
    """Open the land cover of each year; its value for no data may be no class."""
    covers: dict[int, _Opened | None] = {}
    checked: set[str] = set()
    for year in years:
        cover = opener.open(spec.land_cover, year, "inputs.raster.land_cover")
        covers[year] = cover
        if cover is not None and cover.label not in checked:
            checked.add(cover.label)
            check_nodata_class(cover.raster, class_names, opener.problems, cover.label)
    return covers


def _open_layers(
    spec: RasterSpec, years: Sequence[int], opener: "_Opener"
) -> dict[int, list[RasterLayer]]:
    """Open the layers of each year, as far as they can be used."""
    layers: dict[int, list[RasterLayer]] = {year: [] for year in years}
    for number, layer in enumerate(spec.layer, start=1):
        for year in years:
            opened = opener.open(layer.path, year, f"inputs.raster.layer[{number}].path")
            if opened is not None:
                layers[year].append(_layer_of(layer, opened))
    return layers


def class_names_of(scheme: ClassScheme, crosswalk: Crosswalk | None) -> dict[int, str]:
    """Return the class of each code of a land cover.

    Parameters
    ----------
    scheme : ClassScheme
    crosswalk : Crosswalk or None
        Where there is one, its codes hold, else those of the scheme.

    Returns
    -------
    dict of int to str
        Codes that are no whole numbers are left out.
    """
    pairs = list(scheme.codes.items())
    if crosswalk is not None:
        frame = crosswalk.frame
        pairs = list(zip(frame["code"].astype(str), frame["class"].astype(str), strict=True))
    names: dict[int, str] = {}
    for code, name in pairs:
        if code.strip().lstrip("-").isdecimal():
            names[int(code)] = name
    return names


def _has_libraries(spec: RasterSpec, problems: ProblemLog) -> bool:
    """Check that the libraries of the extra ``raster`` are installed (``file-format``).

    Those that only files of one kind need are asked for where such a file is opened.
    """
    needed = (*_LIBRARIES, "exactextract") if spec.fractions else _LIBRARIES
    missing = [name for name in needed if not _is_installed(name)]
    if missing:
        place = f"{_FILE} inputs.raster"
        problems.add("file-format", place, "project.raster-extra", libraries=missing)
    return not missing


def _is_installed(library: str) -> bool:
    """Return whether a library could be imported, without importing it."""
    try:
        return find_spec(library) is not None
    except ModuleNotFoundError:
        return False


class _Opener:
    """Opens each file of a project once, and notes what was opened."""

    def __init__(self, folder: Path, problems: ProblemLog) -> None:
        self.folder = folder
        self.problems = problems
        self.opened: dict[str, _Opened | None] = {}

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the rasters, those in the folder of a Zarr among them."""
        files: dict[Path, None] = {}
        for opened in self.opened.values():
            if opened is None:
                continue
            files.update(dict.fromkeys(_parts_of(opened.raster.path)))
        return tuple(files)

    def others(self, first: _Opened) -> list[Raster]:
        """Return all rasters but one."""
        rasters = [opened.raster for opened in self.opened.values() if opened is not None]
        return [raster for raster in rasters if raster is not first.raster]

    def path(self, name: str, key: str) -> Path | None:
        """Return the path that a key names; None if it leads out of the project."""
        return resolve_inside(name, self.folder, f"{_FILE} {key}", self.problems)

    def open(self, pattern: str, year: int, key: str) -> _Opened | None:
        """Open the file of a year; None if it cannot be used."""
        name = pattern.replace(_YEAR, str(year))
        if name not in self.opened:
            path = self.path(name, key)
            raster = None
            if path is not None:
                raster = open_raster(path, self.problems, f"{_FILE} {key}")
            self.opened[name] = None if raster is None else _Opened(raster, name)
        return self.opened[name]


def _parts_of(path: Path) -> list[Path]:
    """Return the files that a path names: those in the folder of a Zarr, all of a shapefile."""
    file, _ = split_variable(path)
    if file.is_dir():
        return [part for part in sorted(file.rglob("*")) if part.is_file()]
    if file.suffix.lower() == ".shp":
        return sorted(file.parent.glob(f"{glob.escape(file.stem)}.*"))
    return [file]


def _layer_of(spec: LayerSpec, opened: _Opened) -> RasterLayer:
    """Return a layer as the project describes it."""
    raster = opened.raster
    if spec.scale is not None:
        raster = replace(raster, scale=spec.scale)
    if spec.offset is not None:
        raster = replace(raster, offset=spec.offset)
    return RasterLayer(
        name=spec.name,
        label=opened.label,
        raster=raster,
        unit=spec.unit,
        keys=spec.keys,
        low=-np.inf if spec.low is None else spec.low,
        high=np.inf if spec.high is None else spec.high,
        derive=spec.derive,
    )


def _check_amounts(spec: RasterSpec, names: Mapping[str, DataName], problems: ProblemLog) -> None:
    """Check that no layer is an amount of a region: a pixel has a density (``not-supported``)."""
    for number, layer in enumerate(spec.layer, start=1):
        declared = names.get(layer.name)
        title = None if declared is None else declared.name
        unit = layer.unit if declared is None else declared.unit
        if layer.name in COMMON_DATA or (declared is not None and declared.is_amount):
            problems.add(
                "not-supported",
                f"{_FILE} inputs.raster.layer[{number}]",
                "project.layer-amount",
                name=Label(layer.name, title),
                unit=unit,
            )


def _without_cover(tabulation: Tabulation) -> dict[str, float]:
    """Return the share of each region's area without land cover, where it has pixels."""
    shares = zip(tabulation.zones, tabulation.nodata_share.tolist(), strict=True)
    return {zone: share for zone, share in shares if np.isfinite(share)}


def _check_codes(
    tabulation: Tabulation, class_names: Mapping[int, str], label: str, problems: ProblemLog
) -> None:
    """Check that the codes in regions are of known classes (``unknown-class``)."""
    pixels = tabulation.pixels.sum(axis=0)
    area = tabulation.area.sum(axis=0)
    for code, of_code, of_area in zip(tabulation.codes.tolist(), pixels, area, strict=True):
        if of_code > 0 and code not in class_names:
            problems.add(
                "unknown-class",
                label,
                "project.unknown-code",
                number=code,
                count=round(float(of_code)),
                share=percent(float(of_area / area.sum())),
                known=Listed(tuple(sorted(class_names)), _NAMED),
            )


def _check_cover(
    tabulation: Tabulation,
    regions: Sequence[Label],
    label: str,
    least: float,
    outside: np.ndarray,
    problems: ProblemLog,
) -> None:
    """Check that land cover covers the regions: ``low-cover``, ``raster-gaps``.

    ``outside`` are the shares of regions beyond the raster, told where they are too large alone.
    """
    without = np.nan_to_num(tabulation.nodata_share)
    is_cut = (outside > 0) & (outside <= 1 - least)
    lacking = np.where(is_cut, 1 - (1 - outside) * (1 - without), without)
    for position in np.flatnonzero(lacking > 1 - least).tolist():
        problems.add(
            "low-cover",
            label,
            "project.low-cover",
            region=regions[position],
            lacking=float(lacking[position]),
            most=1 - least,
        )
    has_gaps = (without > 0) & (lacking <= 1 - least)
    if has_gaps.any():
        problems.add(
            "raster-gaps",
            label,
            "project.raster-gaps",
            count=int(has_gaps.sum()),
            regions=shares_of_regions(regions, np.where(has_gaps, without, 0)),
        )


def _areas_of(
    tabulation: Tabulation,
    year: int,
    class_names: Mapping[int, str],
    spec: RasterSpec,
    label: str,
    problems: ProblemLog,
) -> Areas | None:
    """Return the areas of a land cover; None where no pixel has a class, which is reported."""
    is_known = np.isin(tabulation.codes, list(class_names))
    zone, code = np.nonzero(tabulation.area * is_known)
    if not len(zone):
        return None
    names = [class_names.get(number, "") for number in tabulation.codes.tolist()]
    classes = list(dict.fromkeys(names))
    position = np.array([classes.index(name) for name in names])[code]
    area = np.zeros((len(tabulation.zones), len(classes)))
    np.add.at(area, (zone, position), tabulation.area[zone, code])  # codes of a class are summed
    _, rows = np.unique(zone * len(classes) + position, return_index=True)
    rows.sort()
    zone, position = zone[rows], position[rows]
    columns = {
        "region": _texts(tabulation.zones, zone),
        "class": _texts(classes, position),
        "area": text_cells(area[zone, position]),
    }
    shared = {"year": year, "unit": "m2", **_origin(spec)}
    table = _made_table(label, columns, shared, AREA_COLUMNS, problems)
    return None if table is None else areas_of_table(table, Path(label), problems)


def _data_of(
    spec: RasterSpec, years: Mapping[int, RasterYear], problems: ProblemLog
) -> tuple[Table, ...]:
    """Return rows that stand for the layers: a row by region, whose value is a first mean."""
    tables = []
    means: dict[tuple[str, str], float] = {}
    for number, layer_spec in enumerate(spec.layer):
        for year, raster_year in years.items():
            layer = raster_year.layers[number]
            key = (layer.label, layer.name)
            if key not in means:
                means[key] = _sample_mean(layer)
            codes = raster_year.zones.codes
            columns = {"region": _texts(codes, np.arange(len(codes)))}
            shared = {"year": year, "name": layer.name, "value": means[key], "unit": layer.unit}
            shared |= {**_origin(layer_spec), **layer.keys}
            table = _made_table(layer.label, columns, shared, DATA_COLUMNS, problems)
            if table is not None:
                tables.append(table)
    return tuple(tables)


def _origin(spec: RasterSpec | LayerSpec) -> dict[str, str]:
    """Return where numbers come from, as a table has it."""
    return {"source": spec.source, "locator": spec.locator, "grade": spec.grade}


def _made_table(
    label: str,
    columns: Mapping[str, Distinct],
    shared: Mapping[str, object],
    known: Columns,
    problems: ProblemLog,
) -> Table | None:
    """Make a table of a raster: its columns, and what all rows share."""
    (count,) = {len(column) for column in columns.values()}
    for_all = np.zeros(count, dtype=int)
    cells = dict(columns)
    for name, value in shared.items():
        cells[name] = _texts([value], for_all)
    return make_table(label, cells, known, problems)


def _texts(values: Sequence[object], positions: np.ndarray) -> Distinct:
    """Return the column of values at positions, as text."""
    different = Distinct.of(positions)
    chosen = np.array([values[position] for position in different.words.tolist()], dtype=object)
    return different.with_words(text_cells(chosen).cells().tolist())


def _sample_mean(layer: RasterLayer) -> float:
    """Return the mean of a sample of the pixels of a layer; 0 where none has a number.

    It stands for the mean until pixels are read, which tells of a layer without numbers.
    """
    numbers = sample_numbers(layer)
    numbers = numbers[np.isfinite(numbers)]
    return float(numbers.mean()) if len(numbers) else 0.0
