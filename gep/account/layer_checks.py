"""Checks of layers (栅格数据检查): what the pixels of the data rasters of an account may be.

Pixels are held against what the standard and the methods say is possible, what the standard says is
plausible, and the bounds that the project states. They are counted by the pass over the rasters
(``gep.account.pixel_kernel``); what is told of the counts, and what may be the cause, is here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from gep.account.caption import percent
from gep.errors import Problem, ProblemLog, ProblemsFound
from gep.extent.blocks import Totals
from gep.extent.raster_extent import LayerRange, RasterLayer, sample_numbers
from gep.extent.regions import region_label
from gep.inputs.data import Sizes, check_means
from gep.plan.binding import BoundInput
from gep.plan.binding_context import class_title
from gep.plan.plan import Plan
from gep.standards.standard import DeclaredName
from gep.texts.catalogue import Label, Listed, Text, text
from gep.units import UnitError, factor, same_dimension

RangeKind = Literal["possible", "stated", "plausible"]

_CODES: dict[RangeKind, str] = {
    "possible": "impossible",
    "stated": "outside-bounds",
    "plausible": "implausible",
}
_FACTORS = (1e4, 1e3, 100.0, 10.0, 0.1, 0.01, 1e-3, 1e-4)  # of numbers in a wrong unit or scale
_NEARLY_ALL = 0.9  # of the numbers that must be plausible by a factor for it to be the cause
_SUSPECT = 0.5  # of the numbers that must be implausible for a cause to be looked for
_KELVIN = -273.15
_LENGTHS = ("m", "cm", "mm", "km")
_SHARES = ("1", "%", "‰")
_MASSES = ("g", "kg", "t")
_NAMED = 12  # regions of a message


@dataclass(frozen=True)
class LayerBounds:
    """A range of a layer and what it means to leave it.

    Attributes
    ----------
    kind : {'possible', 'stated', 'plausible'}
        Of what can be at all; of the project's ``low`` and ``high``; of what the standard expects.
    range : LayerRange
        In the unit of the layer.
    """

    kind: RangeKind
    range: LayerRange


@dataclass(frozen=True)
class LayerMeans:
    """What a layer is in the regions of an account.

    Attributes
    ----------
    layer : RasterLayer
    mean : ndarray
        By region, weighted by area; NaN where the layer has no number.
    cover : ndarray
        By region, the share of its area in which the layer has numbers.
    lowest, highest : float
        Of all pixels that count; NaN if none has a number.
    outside : tuple of PixelsOutside
        Of each range that pixels leave.
    """

    layer: RasterLayer
    mean: np.ndarray
    cover: np.ndarray
    lowest: float
    highest: float
    outside: tuple["PixelsOutside", ...] = ()


@dataclass(frozen=True)
class PixelsOutside:
    """The pixels of a layer outside of a range.

    Attributes
    ----------
    bounds : LayerBounds
    pixels : ndarray
        By region.
    share : float
        Of the area in which the layer has numbers.
    """

    bounds: LayerBounds
    pixels: np.ndarray
    share: float


def bounds_of_layer(plan: Plan, layer: RasterLayer) -> tuple[LayerBounds, ...]:
    """Return the ranges that the numbers of a layer are held against.

    Parameters
    ----------
    plan : Plan
    layer : RasterLayer

    Returns
    -------
    tuple of LayerBounds
        What is possible by the standard's data name and the methods that take the layer; what the
        project states; what the standard declares to be plausible.
    """
    bounds = [LayerBounds("possible", _possible_range(plan, layer))]
    if np.isfinite(layer.low) or np.isfinite(layer.high):
        bounds.append(LayerBounds("stated", LayerRange(layer.low, layer.high)))
    declared = plan.standard.spec.data.get(layer.name)
    if declared is not None and (declared.min is not None or declared.max is not None):
        bounds.append(LayerBounds("plausible", _plausible_range(declared, layer)))
    return tuple(bounds)


def _possible_range(plan: Plan, layer: RasterLayer) -> LayerRange:
    """Return what can be at all, in the unit of a layer."""
    low, high = -np.inf, np.inf
    declared = plan.standard.spec.data.get(layer.name)
    if declared is not None:
        scale = _scale(declared.unit, layer.unit)
        low = float(declared.possible.least) * scale
        high = float(declared.possible.most) * scale
    for step in plan.steps:
        for argument, limits in step.method.limits.items():
            source = step.inputs.get(argument)
            if not isinstance(source, BoundInput) or step.bindings[argument].data != layer.name:
                continue
            if layer.label in source.files:
                scale = _scale(step.method.inputs[argument], layer.unit)
                low = max(low, limits.low * scale)
                high = min(high, limits.high * scale)
    return LayerRange(low, high)


def _plausible_range(declared: DeclaredName, layer: RasterLayer) -> LayerRange:
    """Return what a standard declares to be plausible, in the unit of a layer."""
    scale = _scale(declared.unit, layer.unit)
    low = -np.inf if declared.min is None else declared.min * scale
    high = np.inf if declared.max is None else declared.max * scale
    return LayerRange(low, high, declared.zero)


def _scale(unit: str, target: str) -> float:
    """Return the factor between units; infinite ends stay, whatever it is."""
    try:
        return float(factor(unit, target))
    except UnitError:  # reported where units are bound
        return 1.0


def layer_means(
    layers: Sequence[RasterLayer], totals: Totals, bounds: Sequence[Sequence[LayerBounds]]
) -> list[LayerMeans]:
    """Return what layers are in the regions.

    Parameters
    ----------
    layers : sequence of RasterLayer
    totals : Totals
        Of a ``PixelKernel`` of these layers.
    bounds : sequence of sequence of LayerBounds
        The ranges of the kernel, by layer.

    Returns
    -------
    list of LayerMeans
    """
    area = totals.sums["area"].sum(axis=1)
    means = []
    for position, layer in enumerate(layers):
        name = f"layer:{position}"
        covered = area - totals.sums[f"{name}:missing"]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(covered > 0, totals.sums[name] / covered, np.nan)
            cover = np.where(area > 0, covered / area, 1.0)
        outside = []
        for number, of_range in enumerate(bounds[position]):
            pixels = totals.sums.get(f"{name}:outside:{number}")
            if pixels is not None:
                share = totals.sums[f"{name}:outside-area:{number}"].sum() / covered.sum()
                outside.append(PixelsOutside(of_range, pixels, float(share)))
        means.append(
            LayerMeans(
                layer=layer,
                mean=mean,
                cover=cover,
                lowest=float(np.fmin.reduce(totals.lows[name])),
                highest=float(np.fmax.reduce(totals.highs[name])),
                outside=tuple(outside),
            )
        )
    return means


def check_layers(plan: Plan, means: Sequence[LayerMeans]) -> list[Problem]:
    """Check that layers have numbers in nearly all of each region, and only plausible ones.

    Parameters
    ----------
    plan : Plan
    means : sequence of LayerMeans

    Returns
    -------
    list of Problem
        The warnings ``raster-gaps``, ``raster-constant`` and ``implausible``: pixels outside of
        the plausible range, and means by region above data that they should not exceed.

    Raises
    ------
    ProblemsFound
        ``low-cover``, ``impossible`` and ``outside-bounds``, of all layers at once.
    """
    problems = ProblemLog()
    for of_layer in means:
        _check_cover(plan, of_layer, problems)
        told_of = [outside for outside in of_layer.outside if outside.pixels.any()]
        for outside in told_of:
            _report_outside(plan, of_layer, outside, problems)
        if not told_of:
            _check_least(plan, of_layer, problems)
        if of_layer.lowest == of_layer.highest:
            problems.add(
                "raster-constant",
                of_layer.layer.label,
                "account.raster-constant",
                name=_label(plan, of_layer.layer),
                value=of_layer.lowest,
                unit=of_layer.layer.unit,
            )
    _check_relations(plan, means, problems)
    if problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return problems.warnings


def _check_cover(plan: Plan, means: LayerMeans, problems: ProblemLog) -> None:
    """Check in how much of each region a layer has numbers: ``low-cover``, ``raster-gaps``."""
    raster = plan.raster
    assert raster is not None
    name = _label(plan, means.layer)
    lacking = 1 - means.cover
    is_low = means.cover < raster.min_cover
    for position in np.flatnonzero(is_low):
        problems.add(
            "low-cover",
            means.layer.label,
            "account.low-cover",
            name=name,
            region=region_label(str(plan.extent.regions[position]), plan.regions),
            lacking=float(lacking[position]),
            most=1 - raster.min_cover,
        )
    has_gaps = (lacking > 0) & ~is_low
    if has_gaps.any():
        codes = [str(code) for code in plan.extent.regions]
        labels = [region_label(code, plan.regions) for code in codes]
        problems.add(
            "raster-gaps",
            means.layer.label,
            "account.raster-gaps",
            name=name,
            count=int(has_gaps.sum()),
            regions=shares_of_regions(labels, np.where(has_gaps, lacking, 0)),
        )


def shares_of_regions(labels: Sequence[Label], shares: np.ndarray) -> Listed:
    """Word the shares of regions, the largest first; those of 0 are left out.

    Parameters
    ----------
    labels : sequence of Label
    shares : ndarray

    Returns
    -------
    Listed
    """
    parts = []
    for position in np.argsort(-shares, kind="stable"):
        if shares[position] > 0:
            values = {"region": labels[position], "share": percent(float(shares[position]))}
            parts.append(text("account.share-of-region", **values))
    return Listed(tuple(parts), _NAMED)


def _check_least(plan: Plan, means: LayerMeans, problems: ProblemLog) -> None:
    """Warn (``implausible``) where no region reaches what some region should reach."""
    layer = means.layer
    least = _least_mean(plan, layer)
    highest = float(np.fmax.reduce(means.mean, initial=-np.inf))
    if 0 < highest < least:
        problems.add(
            "implausible",
            layer.label,
            "account.layer-low",
            name=_label(plan, layer),
            highest=highest,
            least=least,
            unit=layer.unit,
            advice=_advice(plan, layer, "plausible"),
        )


def _least_mean(plan: Plan, layer: RasterLayer) -> float:
    """Return what the mean over some region should reach, in the unit of a layer."""
    declared = plan.standard.spec.data.get(layer.name)
    if declared is None or declared.mean_min is None:
        return -np.inf
    return declared.mean_min * _scale(declared.unit, layer.unit)


def _check_relations(plan: Plan, means: Sequence[LayerMeans], problems: ProblemLog) -> None:
    """Hold the means of layers against data that the standard relates to them (``implausible``)."""
    names = plan.standard.spec.data
    rows_by_name = _rows_by_region(plan)
    for of_layer in means:
        layer = of_layer.layer
        rows = rows_by_name.get(layer.name)
        if rows is not None:
            of_region = pd.Series(of_layer.mean, index=plan.extent.regions)
            is_of_layer = (rows["file"] == layer.label) & (rows["row"] < 0)
            rows.loc[is_of_layer, "value"] = rows["region"][is_of_layer].map(of_region)

    def label(dim: str, member: str) -> Label:
        if dim == "region":
            return region_label(member, plan.regions)
        if dim == "ecosystem":
            return Label(member, class_title(plan.scheme, member))
        return Label(member)

    unknown = pd.Series(np.nan, index=plan.extent.regions)
    no_cells = pd.DataFrame(columns=["region", "ecosystem", "area"])
    sizes = Sizes(unknown, unknown, no_cells, label, plan.scheme.within)
    check_means(rows_by_name, names, sizes, problems)


def _rows_by_region(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the rows of related data names that steps take, in each region that takes them."""
    related: set[str] = set()
    for declared_name, declared in plan.standard.spec.data.items():
        if declared.at_most:
            related |= {declared_name, *(bound.data for bound in declared.at_most)}
    pieces: dict[str, list[pd.DataFrame]] = {}
    for step in plan.steps:
        for argument, source in step.inputs.items():
            name = step.bindings[argument].data if argument in step.bindings else ""
            if name in related and isinstance(source, BoundInput) and "file" in source.frame:
                pieces.setdefault(name, []).append(_rows_of_regions(plan, source))
    rows_by_name = {}
    for name, frames in pieces.items():
        rows = pd.concat(frames, ignore_index=True)
        rows_by_name[name] = rows.drop_duplicates(["region", "file", "row"], ignore_index=True)
    return rows_by_name


def _rows_of_regions(plan: Plan, source: BoundInput) -> pd.DataFrame:
    """Return the rows of an input, once for each region that takes them, with its code."""
    count = len(plan.extent.regions)
    if "region" in source.dims:
        rows = np.moveaxis(source.rows, source.dims.index("region"), 0).reshape(count, -1)
    else:
        rows = np.broadcast_to(source.rows.reshape(1, -1), (count, source.rows.size))
    regions = np.repeat(np.arange(count), rows.shape[1])
    pairs = np.unique(np.column_stack([regions, rows.ravel()]), axis=0)
    pairs = pairs[pairs[:, 1] >= 0]
    taken = source.frame.iloc[pairs[:, 1]]
    return taken.assign(region=np.asarray(plan.extent.regions, dtype=object)[pairs[:, 0]])


def _label(plan: Plan, layer: RasterLayer) -> Label:
    """Return the data name of a layer with its title in the standard."""
    declared = plan.standard.spec.data.get(layer.name)
    return Label(layer.name, None if declared is None else declared.name)


def _report_outside(
    plan: Plan, means: LayerMeans, outside: PixelsOutside, problems: ProblemLog
) -> None:
    """Add the problem of the pixels that leave a range."""
    layer = means.layer
    kind = outside.bounds.kind
    most = int(outside.pixels.argmax())
    problems.add(
        _CODES[kind],
        layer.label,
        f"account.layer-{kind}",
        name=_label(plan, layer),
        count=int(outside.pixels.sum()),
        share=percent(outside.share),
        region=region_label(str(plan.extent.regions[most]), plan.regions),
        in_region=int(outside.pixels[most]),
        range=_worded_range(outside.bounds.range, layer.unit),
        lowest=means.lowest,
        highest=means.highest,
        unit=layer.unit,
        advice=_advice(plan, layer, kind),
    )


def _worded_range(bounds: LayerRange, unit: str) -> Text:
    """Word a range."""
    values: dict[str, object] = {"low": bounds.low, "high": bounds.high, "unit": unit}
    if not np.isfinite(bounds.low) and not np.isfinite(bounds.high):
        return text("account.range-any")
    if not np.isfinite(bounds.high):
        return text("account.range-from", **values)
    if not np.isfinite(bounds.low):
        return text("account.range-to", **values)
    return text("account.range", **values)


# --- likely causes --------------------------------------------------------------------------------


def _advice(plan: Plan, layer: RasterLayer, kind: RangeKind) -> Text:
    """Say what to do about numbers outside of a range: what seems to be the cause, if any does."""
    bounds = [of_range.range for of_range in bounds_of_layer(plan, layer)]
    bounds.append(LayerRange(_least_mean(plan, layer), np.inf, True))
    numbers = sample_numbers(layer)
    numbers = numbers[np.isfinite(numbers)]
    advice = text(f"account.advice-{kind}")
    if not len(numbers) or _share_inside(numbers, bounds) >= _SUSPECT:
        return advice
    if _is_temperature(layer.unit) and _share_inside(numbers + _KELVIN, bounds) >= _NEARLY_ALL:
        written = f"{layer.raster.offset + _KELVIN:g}"
        return text("account.advice-kelvin", written=written, unit=layer.unit)
    by_name = sorted(_FACTORS, key=lambda times: not _unit_of(layer.unit, times))  # units first
    for times in by_name:
        share = _share_inside(numbers * times, bounds)
        if share >= _NEARLY_ALL:
            unit = _unit_of(layer.unit, times)
            message = "account.advice-unit" if unit else "account.advice-scale"
            written = f"{layer.raster.scale * times:g}"
            return text(
                message,
                share=share,
                times=times,
                unit=unit,
                written=written,
            )
    return advice


def _share_inside(numbers: np.ndarray, bounds: Sequence[LayerRange]) -> float:
    """Return the share of numbers that are in all of some ranges."""
    is_outside = np.zeros(len(numbers), dtype=bool)
    for of_range in bounds:
        is_outside |= of_range.outside(numbers)
    return float(1 - is_outside.mean())


def _unit_of(unit: str, times: float) -> str:
    """Return a usual unit of which one is so many of another, as m is 1000 mm; blank without."""
    first, _, rest = unit.partition(" ")
    for names in (_LENGTHS, _SHARES, _MASSES):
        if first not in names:
            continue
        for name in names:
            whole = f"{name} {rest}".strip()
            if np.isclose(_scale(whole, unit), times, rtol=1e-9):
                return whole
    return ""


def _is_temperature(unit: str) -> bool:
    """Return whether a unit is one of temperature."""
    try:
        return same_dimension(unit, "degC")
    except UnitError:
        return False
