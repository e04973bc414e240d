"""Largest absolute difference of two rasters of one grid, where both have a number: ``python largest_difference.py A B``."""

import sys

import numpy as np
import rasterio
from rasterio.windows import Window


def main() -> None:
    one, other = (rasterio.open(path) for path in sys.argv[1:3])
    assert one.shape == other.shape, f"{one.shape} and {other.shape} pixels"
    most, pixels = 0.0, 0
    for top in range(0, one.height, 512):
        window = Window(0, top, one.width, min(512, one.height - top))
        values = [file.read(1, window=window, masked=True).astype(float) for file in (one, other)]
        difference = np.ma.abs(values[0] - values[1])
        pixels += int(difference.count())
        most = max(most, float(difference.max() or 0))
    print(most, pixels)


if __name__ == "__main__":
    main()
