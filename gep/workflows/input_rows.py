"""Checksums of the rows of inputs (逐行校验): which rows of a file were edited after a run.

A checksum of a file tells that it was edited; those of its rows tell where. They are short, since
the one of the file holds in any case. Rows of a CSV are counted as a spreadsheet counts them,
those of other texts are lines; workbooks have none.
"""

import csv
import hashlib
import os
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

from gep.io.catalog import displayed_path

ROWS = "input_rows"  # the key of records
_LENGTH = 6  # hexadecimal digits of a row
_MOST = 200_000  # rows of a file that are worth it
_TEXTS = (".csv", ".toml")


def row_sums(names: Iterable[str], home: Path) -> dict[str, str]:
    """Return the checksums of the rows of files, one behind the other, by name of the file.

    Parameters
    ----------
    names : iterable of str
        As records name inputs.
    home : Path
        The folder that names start from, which need not be there yet.

    Returns
    -------
    dict of str to str
        Without files that are no texts, cannot be read or are too long.
    """
    sums = {}
    for name in dict.fromkeys(names):
        file = Path(os.path.normpath(displayed_path(name, home.resolve())))
        rows = _rows_of(file)
        if rows and len(rows) <= _MOST:
            sums[name] = "".join(rows)
    return sums


def edited_rows(file: Path, recorded: str) -> list[int]:
    """Return which rows of a file are not those that were recorded.

    Parameters
    ----------
    file : Path
    recorded : str
        From :func:`row_sums`; blank if the file has none.

    Returns
    -------
    list of int
        Rows from 1 on, of the file as it is now; where rows were only taken out, the row that is in
        their place.
    """
    before = [recorded[start : start + _LENGTH] for start in range(0, len(recorded), _LENGTH)]
    now = _rows_of(file)
    if not before or not now:
        return []
    if len(before) == len(now):
        pairs = zip(before, now, strict=True)
        return [row for row, (first, second) in enumerate(pairs, 1) if first != second]
    start = _common(before, now)
    end = _common(before[start:][::-1], now[start:][::-1])
    return list(range(start + 1, len(now) - end + 1)) or [start + 1]


def _common(first: list[str], second: list[str]) -> int:
    """Return with how many equal items two lists begin."""
    count = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        count += 1
    return count


def _rows_of(file: Path) -> list[str]:
    """Return the checksum of each row of a text; none for other files."""
    if file.suffix.lower() not in _TEXTS or not file.is_file():
        return []
    try:
        content = file.read_bytes().decode("utf-8-sig")
        if file.suffix.lower() == ".csv":
            rows = ["\x1f".join(cells) for cells in csv.reader(StringIO(content, newline=""))]
        else:
            rows = content.splitlines()
    except (OSError, UnicodeDecodeError, csv.Error):
        return []
    return [hashlib.sha256(row.encode("utf-8")).hexdigest()[:_LENGTH] for row in rows]


def recorded_rows(record: Mapping[str, object]) -> dict[str, str]:
    """Return the checksums of rows that a record has; none where it has none of that shape.

    Parameters
    ----------
    record : mapping of str to object

    Returns
    -------
    dict of str to str
    """
    rows = record.get(ROWS)
    if not isinstance(rows, dict):
        return {}
    return {str(name): sums for name, sums in rows.items() if isinstance(sums, str)}
