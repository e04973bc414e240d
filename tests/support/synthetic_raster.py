"""The modules of examples/synthetic-raster, which generate a province at any size for tests and benchmarks.

``from support.synthetic_raster import generate, synthetic_province, synthetic_counties``: the last two need numpy
alone, ``generate`` imports rasterio where it writes.
"""

import sys

from support.paths import EXAMPLES

FOLDER = EXAMPLES / "synthetic-raster"
if str(FOLDER) not in sys.path:
    sys.path.insert(0, str(FOLDER))

import generate  # noqa: E402
import synthetic_counties  # noqa: E402
import synthetic_province  # noqa: E402

__all__ = ["FOLDER", "generate", "synthetic_counties", "synthetic_province"]
