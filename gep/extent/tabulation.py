"""Tabulation of a land cover (面积统计): the area of each code in each zone, and its changes.

One pass over the pixels gives areas (m2) and pixels by zone and code, what has no data, and what
lies outside of all zones; of two land covers, by zone, code before and code after. Pixels belong to
the zone of their centre, or by the exact shares of zones in them. Names of classes and what is
done with areas are left to ``gep.extent.raster_extent``.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gep.errors import ProblemsFound, make_problem
from gep.extent.blocks import (
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
from gep.extent.rasters import Grid, Raster, Window

if TYPE_CHECKING:
    from gep.extent.zones import Zones

OUTSIDE = -1  # the zone of pixels that no zone has
# A key is a whole number made of a zone and codes: see ``_Keys``. Codes are from -2**20 to 2**20-1.
_CODE_BITS = 21
_SMALLEST = -(2 ** (_CODE_BITS - 1))
_LARGEST = 2 ** (_CODE_BITS - 1) - 2
_NO_DATA = _LARGEST + 1  # stands for nodata in keys
_LANES = 4  # bins of neighbours, see ``_count_keys``
_ROW_BINS = 64  # keys of a unit up to which each row is counted for itself
_MOST_BINS = 2**18  # keys of a unit beyond which only those that occur are counted
_BYTES_PER_PIXEL = 16  # of a block: zones, and what making them takes
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
    has_data = (before != _NO_DATA) & (after != _NO_DATA)
    inside = keys.zone != OUTSIDE
    lost = inside & ((before == _NO_DATA) != (after == _NO_DATA))
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
) -> Totals:
    """Return areas and pixels by key."""
    grid = covers[0].grid
    kernel = CoverKernel(covers, zones, grid, fractions)
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
    codes = np.unique(code[code != _NO_DATA])
    shape = (len(names) + 1, len(codes) + 1)  # the last row is outside, the last column nodata
    column = np.where(code == _NO_DATA, len(codes), np.searchsorted(codes, code))
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
            codes.append((keys & (2**_CODE_BITS - 1)) + _SMALLEST)
            keys = keys >> _CODE_BITS
        self.codes = codes[::-1]
        self.zone = keys + OUTSIDE


def _make_keys(zone: np.ndarray, codes: Sequence[np.ndarray]) -> np.ndarray:
    """Return the keys of zones and codes."""
    keys = zone.astype(np.int64) - OUTSIDE
    for code in codes:
        keys = (keys << _CODE_BITS) | (code - _SMALLEST)
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
    """

    covers: tuple[Raster, ...]
    zones: "Zones"
    grid: Grid
    fractions: bool

    def __call__(self, window: Window) -> list[UnitSums]:
        """Return the sums of the units of a window."""
        stored = [cover.read(window) for cover in self.covers]
        areas = cell_areas(self.grid, window)
        zones, zone_of = self._read_zones(window)
        units = []
        for row, column, unit in units_of(window):
            codes = []
            for cover, pixels in zip(self.covers, stored, strict=True):
                codes.append(_codes_of(unit_view(pixels, window, unit), cover))
            area = unit_view(areas, window, unit)
            if zones is not None:
                sums = _sum_centres(codes, unit_view(zones, window, unit), area, zone_of)
            else:
                sums = _sum_fractions(codes, self.zones, unit, area)
            units.append(UnitSums(row, column, *sums))
        return units

    def _read_zones(self, window: Window) -> tuple[np.ndarray | None, "_ZoneOf | None"]:
        """Return the zone of each pixel, or what a zone raster stores with what it stands for."""
        if self.fractions:
            return None, None
        raster = self.zones.raster
        if raster is not None and hasattr(self.zones, "values") and _is_plain(raster):
            return raster.read(window), _ZoneOf(self.zones.values)
        return self.zones.of_window(window), None


def _is_plain(raster: Raster) -> bool:
    """Return whether a raster stores whole numbers as they are."""
    dtype = np.dtype(raster.dtype)
    is_small = dtype.itemsize <= 2 or dtype == np.int32
    return dtype.kind in "iu" and is_small and raster.scale == 1 and raster.offset == 0


@dataclass(frozen=True)
class _ZoneOf:
    """Which zone a stored number is of: looked up for the numbers that occur, not for pixels."""

    values: np.ndarray

    def __call__(self, numbers: np.ndarray) -> np.ndarray:
        """Return positions of zones."""
        order = np.argsort(self.values)
        ascending = self.values[order]
        place = np.minimum(np.searchsorted(ascending, numbers), len(ascending) - 1)
        return np.where(ascending[place] == numbers, order[place], OUTSIDE)


@dataclass(frozen=True)
class _Labels:
    """One whole number for each pixel of a unit: zones, or the codes of a land cover.

    ``lowest`` and ``count`` say that pixels are from ``lowest`` to ``lowest + count - 1``;
    ``nodata`` is what means no data, and ``names`` what pixels stand for, if not for themselves.
    """

    pixels: np.ndarray
    lowest: int
    count: int
    nodata: int | None = None
    names: np.ndarray | None = None

    def named(self, positions: np.ndarray) -> np.ndarray:
        """Return zones or codes by their distance from the lowest."""
        numbers: np.ndarray = positions + self.lowest
        if self.names is not None:
            numbers = self.names[numbers]
        if self.nodata is not None:
            numbers = np.where(numbers == self.nodata, _NO_DATA, numbers)
        return numbers

    def thinned(self) -> "_Labels":
        """Return labels without the numbers between that do not occur."""
        if self.count > _MOST_BINS:
            names, position = np.unique(self.pixels, return_inverse=True)
            pixels = position.reshape(self.pixels.shape).astype(np.int32)
            return _Labels(
                pixels,
                0,
                len(names),
                self.nodata,
                names.astype(np.int64),
            )
        distance: np.ndarray = self.pixels.astype(np.int32)
        distance -= self.lowest
        occurs = np.bincount(distance.reshape(-1), minlength=self.count) > 0
        names = np.flatnonzero(occurs) + self.lowest
        positions = np.cumsum(occurs, dtype=np.int32) - 1
        return _Labels(
            positions[distance],
            0,
            len(names),
            self.nodata,
            names.astype(np.int64),
        )


def _labels_of(pixels: np.ndarray, nodata: int | None = None) -> _Labels:
    """Return the labels of pixels that are whole numbers."""
    lowest = int(pixels.min())
    return _Labels(pixels, lowest, int(pixels.max()) - lowest + 1, nodata)


def _codes_of(pixels: np.ndarray, cover: Raster) -> _Labels:
    """Return the codes of a land cover; those of wide types are checked, and made int32."""
    nodata = cover.stored_nodata
    if pixels.dtype.kind in "iu" and pixels.dtype.itemsize <= 2:
        return _labels_of(pixels, None if nodata is None else int(nodata))
    has_data = np.isfinite(pixels)
    if nodata is not None:
        has_data &= pixels != nodata
    known = pixels[has_data]
    if known.size == 0:
        return _Labels(np.zeros(pixels.shape, np.int32), 0, 1, 0)
    _check_codes(known, cover)
    blank = int(known.min()) - 1
    codes = np.full(pixels.shape, blank, np.int32)
    codes[has_data] = known
    return _labels_of(codes, blank)


def _check_codes(codes: np.ndarray, cover: Raster) -> None:
    """Refuse numbers that cannot be codes."""
    outside = codes[(codes <= _SMALLEST) | (codes > _LARGEST)]
    if outside.size:
        values = {"value": float(outside[0]), "smallest": _SMALLEST + 1, "largest": _LARGEST}
        message = "extent.raster-code-range"
        raise ProblemsFound([make_problem("raster-type", cover.label, message, **values)])
    broken = codes[codes != np.floor(codes)]
    if broken.size:
        value = float(broken[0])
        message = "extent.raster-code-fraction"
        raise ProblemsFound([make_problem("raster-type", cover.label, message, value=value)])


_Sums = tuple[np.ndarray, dict[str, np.ndarray]]


def _sum_centres(
    codes: Sequence[_Labels], zones: np.ndarray, area: np.ndarray, zone_of: _ZoneOf | None
) -> _Sums:
    """Return the keys of a unit with their pixels and areas, by the centres of pixels."""
    labels = [_labels_of(zones), *codes]
    if _bins(labels) > _MOST_BINS:
        labels = [label.thinned() for label in labels]
    bins = _bins(labels)
    if bins > _MOST_BINS:
        numbers = [label.named(label.pixels.reshape(-1) - label.lowest) for label in labels]
        keys = _keys_of(numbers, zone_of)
        return _sum_keys(keys, None, np.broadcast_to(area, zones.shape).reshape(-1))
    if area.min() == area.max():
        pixels = _count(labels, bins)
        areas = pixels * area[0, 0]
    elif area.shape[1] == 1 and bins <= _ROW_BINS:
        by_row = _count_rows(labels, bins)
        pixels = by_row.sum(axis=0)
        areas = (by_row * area).sum(axis=0)
    else:
        index = _index(labels, bins).reshape(-1).astype(np.intp)  # once for both
        weights = np.broadcast_to(area, zones.shape).reshape(-1)
        pixels = _folded(np.bincount(index, minlength=bins * _LANES))
        areas = _folded(np.bincount(index, weights, bins * _LANES))
    occurs = np.flatnonzero(pixels)
    keys = _keys_of(_numbers_of(occurs, labels), zone_of)
    return _merged(keys, pixels[occurs], areas[occurs])


def _merged(keys: np.ndarray, pixels: np.ndarray, areas: np.ndarray) -> _Sums:
    """Return each key once; several numbers of a zone raster may stand for no zone."""
    occurs, position = np.unique(keys, return_inverse=True)
    if len(occurs) == len(keys):
        return keys, {"pixels": pixels, "area": areas}
    merged = np.zeros(len(occurs), pixels.dtype)
    np.add.at(merged, position, pixels)
    return occurs, {"pixels": merged, "area": np.bincount(position, areas, len(occurs))}


def _bins(labels: Sequence[_Labels]) -> int:
    """Return how many combinations labels may have."""
    return math.prod(label.count for label in labels)


def _numbers_of(positions: np.ndarray, labels: Sequence[_Labels]) -> list[np.ndarray]:
    """Return zones and codes of positions among the combinations of labels."""
    numbers = []
    for label in reversed(labels):
        positions, distance = np.divmod(positions, label.count)
        numbers.append(label.named(distance))
    return numbers[::-1]


def _keys_of(numbers: Sequence[np.ndarray], zone_of: _ZoneOf | None) -> np.ndarray:
    """Return the keys of zones (or what a zone raster stores) and codes."""
    zone, *codes = numbers
    return _make_keys(zone if zone_of is None else zone_of(zone), codes)


def _index(labels: Sequence[_Labels], bins: int) -> np.ndarray:
    """Return the bin of each pixel, in lanes.

    Neighbours are mostly alike, and adding to a bin has to wait for the pixel before that added to
    the same. Therefore each of some neighbours has bins of its own (a lane), which are added in the
    end: up to five times faster.
    """
    height, width = labels[0].pixels.shape
    lanes = np.arange(width, dtype=np.int32) % _LANES
    index = np.zeros((height, width), np.int32)
    for label in labels:
        if label.count > 1:
            index *= label.count
            index += label.pixels
            if label.lowest:
                index -= label.lowest
    index += lanes * np.int32(bins)
    return index


def _folded(counts: np.ndarray) -> np.ndarray:
    """Add the lanes."""
    folded: np.ndarray = counts.reshape(_LANES, -1).sum(axis=0)
    return folded


def _count(labels: Sequence[_Labels], bins: int) -> np.ndarray:
    """Return the pixels of each combination of labels."""
    varying = [label for label in labels if label.count > 1]
    if not varying:
        return np.array([labels[0].pixels.size])
    label = varying[0]
    if len(varying) == 1 and 0 <= label.lowest < bins:  # a unit inside of a zone
        return np.bincount(label.pixels.reshape(-1))[label.lowest :]
    return _folded(np.bincount(_index(labels, bins).reshape(-1), minlength=bins * _LANES))


def _count_rows(labels: Sequence[_Labels], bins: int) -> np.ndarray:
    """Return the pixels of each row (of a unit) and combination of labels."""
    index = _index(labels, bins)
    height = len(index)
    index += np.arange(height, dtype=np.int32)[:, None] * np.int32(bins * _LANES)
    counts = np.bincount(index.reshape(-1), minlength=height * _LANES * bins)
    by_row: np.ndarray = counts.reshape(height, _LANES, bins).sum(axis=1)
    return by_row


def _sum_fractions(
    codes: Sequence[_Labels], zones: "Zones", unit: Window, area: np.ndarray
) -> _Sums:
    """Return the keys of a unit with their pixels and areas, by the shares of zones in pixels."""
    size = unit.height * unit.width
    parts = zones.fractions(unit)
    outside = 1 - np.bincount(parts.pixel, parts.share, size)
    left = np.flatnonzero(outside > _LEAST_SHARE)
    pixel = np.concatenate([parts.pixel, left])
    share = np.concatenate([parts.share, outside[left]])
    zone = np.concatenate([parts.zone, np.full(len(left), OUTSIDE)])
    numbers = []
    for label in codes:
        distance = label.pixels.reshape(-1)[pixel].astype(np.int64) - label.lowest
        numbers.append(label.named(distance))
    areas = np.broadcast_to(area, (unit.height, unit.width)).reshape(-1)[pixel]
    return _sum_keys(_make_keys(zone, numbers), share, share * areas)


def _sum_keys(keys: np.ndarray, share: np.ndarray | None, areas: np.ndarray) -> _Sums:
    """Sum pixels and areas by key."""
    occurs, position = np.unique(keys, return_inverse=True)
    pixels = np.bincount(position, share, len(occurs))
    return occurs, {"pixels": pixels, "area": np.bincount(position, areas, len(occurs))}
