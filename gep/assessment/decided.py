"""Numbers that a review decided (审定数): they stand where a scheme reads or computes others.

``gep.assessment.review.decisions`` makes them from a log; the context of a scheme holds them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from gep.assessment.readings import Reading
from gep.units import factor


class DecidedReading(NamedTuple):
    """A reading as it was decided, in its unit, and the row of the log that decided it."""

    value: float
    unit: str
    where: str


@dataclass(frozen=True)
class Decided:
    """What was decided on the results of a scheme.

    Attributes
    ----------
    readings : mapping of (Reading, int) to mapping of str to DecidedReading
        By reading and year, then by region.
    points : mapping of (str, int) to mapping of str to float
        By item (an indicator, or ``total``) and year, then by region.
    """

    readings: Mapping[tuple[Reading, int], Mapping[str, DecidedReading]] = field(
        default_factory=dict
    )
    points: Mapping[tuple[str, int], Mapping[str, float]] = field(default_factory=dict)

    def with_readings(
        self, reading: Reading, year: int, unit: str, regions: Sequence[str], value: np.ndarray
    ) -> np.ndarray:
        """Put decided readings in the place of others.

        Parameters
        ----------
        reading : Reading
        year : int
        unit : str
            Unit of ``value``.
        regions : sequence of str
        value : ndarray of float
            By region.

        Returns
        -------
        ndarray of float
            ``value`` itself where nothing was decided.
        """
        decided = self.readings.get((reading, year))
        if not decided:
            return value
        numbers = list(value)
        for position, region in enumerate(regions):
            if region in decided:
                number = decided[region]
                numbers[position] = number.value * factor(number.unit, unit)
        return np.array(numbers, dtype=float)

    def with_places(
        self, reading: Reading, year: int, regions: Sequence[str], where: np.ndarray
    ) -> np.ndarray:
        """Put the rows of the log in the place of those whose reading they decided.

        Parameters
        ----------
        reading : Reading
        year : int
        regions : sequence of str
        where : ndarray of object
            By region, as ``ReadingValues.where``.

        Returns
        -------
        ndarray of object
            ``where`` itself where nothing was decided.
        """
        decided = self.readings.get((reading, year))
        if not decided:
            return where
        places = where.copy()
        for position, region in enumerate(regions):
            if region in decided:
                places[position] = decided[region].where
        return places

    def with_points(
        self, item: str, year: int, regions: Sequence[str], points: np.ndarray
    ) -> np.ndarray:
        """Put decided points in the place of others.

        Parameters
        ----------
        item : str
        year : int
        regions : sequence of str
        points : ndarray of float
            By region.

        Returns
        -------
        ndarray of float
        """
        decided = self.points.get((item, year), {})
        numbers = [
            decided.get(region, number) for region, number in zip(regions, points, strict=True)
        ]
        return np.array(numbers, dtype=float)


UNDECIDED = Decided()
