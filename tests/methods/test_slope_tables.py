"""Slope length and steepness against the printed table of the revised equation, which is not ours.

``rusle_ls.csv``: values for the topographic factor, moderate ratio of rill to interrill erosion, slope in percent by horizontal
length in feet, as Michigan State University prints them for the revised universal soil loss equation
(http://www.iwr.msu.edu/rusle/lstable.htm; of 14 % the first five lengths could be read). HJ 1173-2021 has the same
equations up to 18 %; lengths under 25 ft, for which the table has another S, and slopes above 18 %, where HJ 1173 has
the equation of Liu, are left out. No table of K by texture or of erosivity by monthly rain could be read.
"""

import math
from pathlib import Path

import pytest
from support.published import Row, read

from gep.methods import rusle

TABLE = read(Path(__file__).with_name("rusle_ls.csv"))
FOOT = 0.3048


@pytest.mark.parametrize("row", TABLE, ids=[f"{row['slope_percent']} %" for row in TABLE])
def test_the_printed_table_comes_out(row: Row) -> None:
    """To less than a unit of the last digit, or 0.6 %: the table's length of the unit plot is rounded to 72.6 ft."""
    angle = math.degrees(math.atan(float(row["slope_percent"]) / 100))
    steepness = rusle.slope_steepness_factor(slope=angle)
    printed = {feet: cell for feet, cell in row.items() if feet != "slope_percent" and cell}
    assert len(printed) >= 5
    for feet, cell in printed.items():
        length = rusle.slope_length_factor(length=float(feet) * FOOT, slope=angle)
        assert float(length * steepness) == pytest.approx(float(cell), abs=0.007, rel=0.006), feet


def test_the_table_has_the_unit_plot_between_its_cells() -> None:
    """9 % and 72.6 ft have a factor of 1 by definition; S alone is 1.0 at the unit slope within a hundredth."""
    angle = math.degrees(math.atan(0.09))
    factor = rusle.slope_steepness_factor(slope=angle) * rusle.slope_length_factor(
        length=72.6 * FOOT, slope=angle
    )
    assert float(factor) == pytest.approx(1, abs=0.012)
