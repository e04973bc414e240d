"""What a table job costs in pandas alone: read a project's CSV files, write tables of the same rows and columns.

``python pandas_baseline.py OUT ROWS.json CSV...`` reads every CSV, then writes to OUT one table per entry of ROWS.json
(file name -> columns, number of rows, and a kind and texts for each column). It computes nothing.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import xarray  # noqa: F401  the common stack of such a job, which the limit counts in


def main() -> None:
    out, wanted, *inputs = (Path(one) for one in sys.argv[1:])
    for file in inputs:
        pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    for name, table in json.loads(wanted.read_text(encoding="utf-8")).items():
        frame = pd.DataFrame(
            {column: _column(spec, table["rows"], rng) for column, spec in table["columns"].items()}
        )
        frame.to_csv(out / name, index=False, encoding="utf-8-sig", lineterminator="\n")


def _column(spec: list[str], rows: int, rng: np.random.Generator) -> np.ndarray:
    """Random numbers where the real column holds numbers, else its own texts over and over."""
    return rng.lognormal(8, 2, rows) if not spec else np.resize(np.array(spec, dtype=object), rows)


if __name__ == "__main__":
    main()
