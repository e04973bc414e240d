"""What every extent offers to the packages above it, whatever tier it is of.

A tier is a way of knowing where ecosystems are: an area table (``gep.extent.table_extent``), or
class rasters with zones. The packages above use the protocol of this module and nothing else of a
tier, so that another one can be added without touching them.
"""

from collections.abc import Collection, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

CELL_DIMS = ("region", "ecosystem")
ALL_REGIONS = slice(None)


@runtime_checkable
class Extent(Protocol):
    """The areas of ecosystem types by region in one year, and the two verbs of an evaluation.

    A *cell* is a region x ecosystem type. A step of a plan is evaluated at *places*: the cells
    themselves in the table tier, pixels in a raster tier. ``spread`` brings an input to the places,
    the method turns inputs into densities there, and ``collect`` turns densities into amounts of
    the cells::

        inputs = [extent.spread(values, dims, step.dims) for each input]
        amounts = extent.collect(method(*inputs), step.dims)

    Everything after ``collect`` is an array over cells in every tier. Therefore nothing above
    ``gep.account`` sees a pixel, and a raster tier differs from the table tier in the two verbs,
    and in what ``area_of`` and ``parts`` count up from its pixels.

    Arrays over cells have the dims ``CELL_DIMS``. Extents are values: the methods that change
    something return a new extent.
    """

    @property
    def tier(self) -> str:
        """How areas are known: ``table``. Accounts of two tiers are not compared unasked."""
        ...

    @property
    def year(self) -> int:
        """The year of the areas."""
        ...

    @property
    def regions(self) -> pd.Index:
        """Codes of the regions, in the order of the first dim of cells."""
        ...

    @property
    def ecosystems(self) -> pd.Index:
        """Ids of the ecosystem types, in the order of the class scheme."""
        ...

    @property
    def present(self) -> np.ndarray:
        """Whether a cell exists (region x ecosystem, bool); a cell with a row of area 0 does."""
        ...

    @property
    def grade(self) -> np.ndarray:
        """The worst grade among the rows behind each cell, as a code of ``GRADE`` (uint8)."""
        ...

    @property
    def unaccounted(self) -> np.ndarray:
        """Area of each region that the crosswalk maps to no ecosystem type (m2)."""
        ...

    @property
    def parts(self) -> pd.DataFrame:
        """The rows behind the areas: one for each area row and each share of its class.

        Columns: ``region``, ``class``, ``ecosystem`` (``na`` where not accounted for), ``area``
        (m2, times the share), ``share``, ``value`` (as printed, in ``unit``), ``low``, ``high``,
        ``distribution``, ``group``, ``grade`` (the worse of area row and crosswalk row),
        ``own_grade`` (of the area row), ``cross_row`` (row of the crosswalk, 0 without one),
        ``file``, ``row``, ``source``, ``locator``.
        """
        ...

    def spread(self, values: np.ndarray, dims: Sequence[str], target: Sequence[str]) -> np.ndarray:
        """Bring the values of an input to the places at which a step is evaluated.

        Parameters
        ----------
        values : ndarray
            Values over ``dims``. Axes ahead of these (draws) are kept.
        dims : sequence of str
            Dims of the values, in their order; all are among ``target``.
        target : sequence of str
            Dims of the step.

        Returns
        -------
        ndarray
            Values with an axis for each dim of ``target``, of length 1 where they do not vary. In a
            raster tier cells become pixels, looked up by zone and class.
        """
        ...

    def collect(
        self, density: np.ndarray, dims: Sequence[str], regions: slice = ALL_REGIONS
    ) -> np.ndarray:
        """Turn a density into the amounts of cells.

        Parameters
        ----------
        density : ndarray
            Amounts per m2 over ``dims``. Axes ahead of these (draws) are kept.
        dims : sequence of str
            Dims of the step, ``region`` and ``ecosystem`` among them.
        regions : slice, optional
            The regions that the densities are of; all by default.

        Returns
        -------
        ndarray
            A new array of amounts over ``dims``: density times area, summed over the places of a
            cell where it has several.
        """
        ...

    def mask_of(self, ecosystems: Collection[str]) -> np.ndarray:
        """Return which of the extent's ecosystem types are among ``ecosystems`` (bool)."""
        ...

    def area_of(self, ecosystems: Collection[str] | None = None) -> np.ndarray:
        """Return the areas of cells.

        Parameters
        ----------
        ecosystems : collection of str, optional
            The ecosystem types that count; all by default.

        Returns
        -------
        ndarray
            Region x ecosystem, m2; 0 where a cell does not exist or its type does not count. An
            extent with drawn areas has an axis of draws ahead.
        """
        ...

    def class_area(self, name: str) -> np.ndarray:
        """Return the area by region (m2) of a class that area rows name, before a crosswalk."""
        ...

    def with_area(self, area: np.ndarray) -> "Extent":
        """Return the extent with other areas of its cells.

        Parameters
        ----------
        area : ndarray
            Region x ecosystem, m2, with an axis of draws ahead or without. Which cells exist, and
            the rows behind them, stay.
        """
        ...

    def reindex(self, regions: pd.Index, ecosystems: pd.Index) -> "Extent":
        """Return the extent on other labels.

        Parameters
        ----------
        regions, ecosystems : Index
            Labels of the new cells. Cells that this extent does not have do not exist there: area
            and grade are 0. The rows behind stay.
        """
        ...

    def relabel(self, codes: Sequence[str]) -> "Extent":
        """Return the extent with other codes for its regions, in their order."""
        ...
