"""Tabulation of a land cover (面积统计): the area of each code in each zone, and its changes.

One pass over the pixels gives areas (m2) and pixels by zone and code, what has no data, and what
lies outside of all zones; of two land covers, by zone, code before and code after. Pixels belong to
the zone of their centre, or by the exact shares of zones in them. Names of classes and what is
done with areas are left to ``gep.extent.raster_extent``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gep.extent.blocks import (
    UNIT,
    ProgressShare,
    Schedule,
    Totals,
    UnitSums,
    plan_blocks,
    unit_view,
    units_of,
)
from gep.extent.cell_areas import cell_areas
from gep.extent.kept_sums import sum_or_recall
from gep.extent.labels import (
    CODE_BITS,
    NO_DATA,
    SMALLEST_CODE,
    KeptRuns,
    Labels,
    Runs,
    label_codes,
    unit_runs,
)
from gep.extent.rasters import Grid, Raster, Window

if TYPE_CHECKING:
    from gep.extent.zones import Zones

OUTSIDE = -1  # the zone of pixels that no zone has
# A key is a whole number made of a zone and codes: see ``_Keys``.
_BYTES_PER_PIXEL = 8  # of a block: a zone raster, and what units take
_BYTES_OF_AREA = 8
_LEAST_SHARE = 1e-9  # of a pixel outside of all zones; below it is rounding


@dataclass(frozen=True)
class Tabulation:
    """Areas and pixels of the codes of a land cover by zone.

    Attributes
    ----------
    zones : tuple of str
        Codes of the zones.
    codes : ndarray of int
        Codes of the land cover that occur inside or outside of zones, ascending.
    area : ndarray
        Zone x code, m2.
    pixels : ndarray
        Zone x code: whole pixels by their centres, sums of shares where shares were asked for.
    nodata_area : ndarray
        Area without data by zone, m2.
    nodata_pixels : ndarray
        Pixels without data by zone.
    outside_pixels : ndarray
        Pixels of each code outside of all zones.
    outside_nodata : int or float
        Pixels without data outside of all zones.
    """

    zones: tuple[str, ...]
    codes: np.ndarray
    area: np.ndarray
    pixels: np.ndarray
    nodata_area: np.ndarray
    nodata_pixels: np.ndarray
    outside_pixels: np.ndarray
    outside_nodata: float

    @property
    def nodata_share(self) -> np.ndarray:
        """Share of each zone's area that has no data; NaN for a zone without pixels."""
        whole = self.area.sum(axis=1) + self.nodata_area
        share = np.full(len(whole), np.nan)
        np.divide(self.nodata_area, whole, out=share, where=whole > 0)
        return share

    @property
    def code_pixels(self) -> np.ndarray:
        """Pixels of each code, inside and outside of zones."""
        total: np.ndarray = self.pixels.sum(axis=0) + self.outside_pixels
        return total


@dataclass(frozen=True)
class ChangeTabulation:
    """Areas and pixels by zone, code before and code after; what occurs, a row each.

    Attributes
    ----------
    zones : tuple of str
        Codes of the zones.
    zone : ndarray of int
        Position of the row's zone in ``zones``.
    before, after : ndarray of int
        The two codes of the row.
    area : ndarray
        m2.
    pixels : ndarray
    opening, closing : Tabulation
        The two land covers, each by itself.
    lost_area : ndarray
        Area by zone (m2) that has data in one of the two land covers only.
    """

    zones: tuple[str, ...]
    zone: np.ndarray
    before: np.ndarray
    after: np.ndarray
    area: np.ndarray
    pixels: np.ndarray
    opening: Tabulation
    closing: Tabulation
    lost_area: np.ndarray

    def matrix(self, codes: Sequence[int]) -> np.ndarray:
        """Return areas as an array.

        Parameters
        ----------
        codes : sequence of int
            Labels of both last axes; rows of other codes are left out.

        Returns
        -------
        ndarray
            Zone x before x after, m2.
        """
        labels = np.asarray(codes)
        order = np.argsort(labels, kind="stable")
        kept = np.isin(self.before, labels) & np.isin(self.after, labels)
        before = order[np.searchsorted(labels, self.before[kept], sorter=order)]
        after = order[np.searchsorted(labels, self.after[kept], sorter=order)]
        areas = np.zeros((len(self.zones), len(labels), len(labels)))
        areas[self.zone[kept], before, after] = self.area[kept]
        return areas


def tabulate(
    land_cover: Raster,
    zones: "Zones",
    schedule: Schedule,
    progress: ProgressShare | None = None,
    *,
    fractions: bool = False,
    kept_runs: KeptRuns | None = None,
) -> Tabulation:
    """Tabulate the areas of codes by zone.

    Parameters
    ----------
    land_cover : Raster
        Whole numbers; pixels that are ``nodata`` or NaN have no data.
    zones : Zones
        On the grid of the land cover.
    schedule : Schedule
    progress : callable, optional
        Is called with the share that is done, from 0 to 1.
    fractions : bool, default False
        Whether pixels on a border are divided by the exact share of each zone; otherwise a pixel is
        of the zone in which its centre lies.
    kept_runs : KeptRuns, optional
        Keeps the runs that are found, for the pixels' own pass.

    Returns
    -------
    Tabulation

    Raises
    ------
    ProblemsFound
        ``raster-type`` for codes that are not whole numbers, or beyond what can be a code; what
        reading and ``sum_or_recall`` find.
    """
    totals = _sum_covers(
        (land_cover,),
        zones,
        schedule,
        progress,
        fractions,
        kept_runs,
    )
    keys = _Keys(totals.zones, 1)
    return _gather(zones.codes, keys.zone, keys.codes[0], totals.sums)


def tabulate_change(
    opening: Raster,
    closing: Raster,
    zones: "Zones",
    schedule: Schedule,
    progress: ProgressShare | None = None,
    *,
    fractions: bool = False,
) -> ChangeTabulation:
    """Tabulate by zone what was one code in one land cover and is one in another, in one pass.

    Parameters
    ----------
    opening, closing : Raster
        Land covers on one grid.
    zones : Zones
    schedule : Schedule
    progress : callable, optional
    fractions : bool, default False
        As for ``tabulate``.

    Returns
    -------
    ChangeTabulation

    Raises
    ------
    ProblemsFound
        As ``tabulate`` does.
    """
    totals = _sum_covers(
        (opening, closing),
        zones,
        schedule,
        progress,
        fractions,
    )
    keys = _Keys(totals.zones, 2)
    before, after = keys.codes
    area = totals.sums["area"]
    has_data = (before != NO_DATA) & (after != NO_DATA)
    inside = keys.zone != OUTSIDE
    lost = inside & ((before == NO_DATA) != (after == NO_DATA))
    kept = inside & has_data
    return ChangeTabulation(
        zones=zones.codes,
        zone=keys.zone[kept],
        before=before[kept],
        after=after[kept],
        area=area[kept],
        pixels=totals.sums["pixels"][kept],
        opening=_gather(zones.codes, keys.zone, before, totals.sums),
        closing=_gather(zones.codes, keys.zone, after, totals.sums),
        lost_area=np.bincount(keys.zone[lost], area[lost], minlength=len(zones.codes)),
    )


def _sum_covers(
    covers: tuple[Raster, ...],
    zones: "Zones",
    schedule: Schedule,
    progress: ProgressShare | None,
    fractions: bool,
    kept_runs: KeptRuns | None = None,
) -> Totals:
    """Return areas and pixels by key."""
    grid = covers[0].grid
    kernel = CoverKernel(covers, zones, grid, fractions, kept_runs)
    blocks = plan_blocks(grid, covers, schedule, _BYTES_PER_PIXEL + _BYTES_OF_AREA)
    return sum_or_recall(
        blocks,
        kernel,
        None,
        schedule,
        progress,
    )


def _gather(
    names: tuple[str, ...], zone: np.ndarray, code: np.ndarray, sums: Mapping[str, np.ndarray]
) -> Tabulation:
    """Spread the sums of keys over zones and codes."""
    pixels, area = sums["pixels"], sums["area"]
    codes = np.unique(code[code != NO_DATA])
    shape = (len(names) + 1, len(codes) + 1)  # the last row is outside, the last column nodata
    column = np.where(code == NO_DATA, len(codes), np.searchsorted(codes, code))
    row = np.where(zone == OUTSIDE, len(names), zone)
    all_pixels = np.zeros(shape, pixels.dtype)
    np.add.at(all_pixels, (row, column), pixels)
    all_area = np.zeros(shape)
    np.add.at(all_area, (row, column), area)
    return Tabulation(
        zones=names,
        codes=codes,
        area=all_area[:-1, :-1],
        pixels=all_pixels[:-1, :-1],
        nodata_area=all_area[:-1, -1],
        nodata_pixels=all_pixels[:-1, -1],
        outside_pixels=all_pixels[-1, :-1],
        outside_nodata=all_pixels[-1, -1].item(),
    )


# --- keys ----------------------------------------------------------------------------------------


class _Keys:
    """Zones and codes of keys; a key is ``(zone + 1, code - smallest, ...)`` in bits."""

    def __init__(self, keys: np.ndarray, code_count: int) -> None:
        codes = []
        for _ in range(code_count):
            codes.append((keys & (2**CODE_BITS - 1)) + SMALLEST_CODE)
            keys = keys >> CODE_BITS
        self.codes = codes[::-1]
        self.zone = keys + OUTSIDE


def _make_keys(zone: np.ndarray, codes: Sequence[np.ndarray]) -> np.ndarray:
    """Return the keys of zones and codes."""
    keys = zone.astype(np.int64) - OUTSIDE
    for code in codes:
        keys = (keys << CODE_BITS) | (code - SMALLEST_CODE)
    return keys


# --- pixels of a block ---------------------------------------------------------------------------


@dataclass(frozen=True)
class CoverKernel:
    """Sums areas and pixels of the units of a window by zone and code.

    Attributes
    ----------
    covers : tuple of Raster
        One land cover or two, on one grid.
    zones : Zones
    grid : Grid
    fractions : bool
        Whether pixels are divided by the shares of zones.
    kept_runs : KeptRuns or None
        Keeps the runs that are found.
    """

    covers: tuple[Raster, ...]
    zones: "Zones"
    grid: Grid
    fractions: bool
    kept_runs: KeptRuns | None = field(default=None, compare=False)

    def __call__(self, window: Window) -> list[UnitSums]:
        """Return the sums of the units of a window."""
        codes = [label_codes(cover.read(window), cover) for cover in self.covers]
        areas = cell_areas(self.grid, window)
        units = []
        if self.fractions:
            for row, column, unit in units_of(window):
                area = unit_view(areas, window, unit)
                codes_of_unit = [labels.part(window, unit) for labels in codes]
                sums = _sum_fractions(codes_of_unit, self.zones, unit, area)
                units.append(UnitSums(row, column, *sums))
            return units
        for unit, runs in unit_runs([self.zones.labels(window), *codes], window):
            sums = _sum_centres(runs, unit_view(areas, window, unit))
            if self.kept_runs is not None:
                self.kept_runs.keep(unit, runs)
            units.append(UnitSums(unit.row // UNIT, unit.column // UNIT, *sums))
        return units


_Sums = tuple[np.ndarray, dict[str, np.ndarray]]


def _sum_centres(runs: Runs, area: np.ndarray) -> _Sums:
    """Return the keys of a unit with their pixels and areas, by the centres of pixels."""
    areas = runs.pixels * area[0, 0] if area.min() == area.max() else runs.sum(area)
    zone, *codes = runs.names
    return _merged(_make_keys(zone, codes), runs.pixels, areas)


def _merged(keys: np.ndarray, pixels: np.ndarray, areas: np.ndarray) -> _Sums:
    """Return each key once, with its sums; pixels and numbers of a zone raster may share a key."""
    in_order = np.sort(keys)
    if (in_order[1:] != in_order[:-1]).all():
        return keys, {"pixels": pixels, "area": areas}
    occurs, position = np.unique(keys, return_inverse=True)
    merged = np.zeros(len(occurs), pixels.dtype)
    np.add.at(merged, position, pixels)
    return occurs, {"pixels": merged, "area": np.bincount(position, areas, len(occurs))}


def _sum_fractions(
    codes: Sequence[Labels], zones: "Zones", unit: Window, area: np.ndarray
) -> _Sums:
    """Return the keys of a unit with their pixels and areas, by the shares of zones in pixels."""
    size = unit.height * unit.width
    parts = zones.fractions(unit)
    outside = 1 - np.bincount(parts.pixel, parts.share, size)
    left = np.flatnonzero(outside > _LEAST_SHARE)
    pixel = np.concatenate([parts.pixel, left])
    share = np.concatenate([parts.share, outside[left]])
    zone = np.concatenate([parts.zone, np.full(len(left), OUTSIDE)])
    numbers = [labels.of_pixels(pixel).named() for labels in codes]
    areas = np.broadcast_to(area, (unit.height, unit.width)).reshape(-1)[pixel]
    return _merged(_make_keys(zone, numbers), share, share * areas)
