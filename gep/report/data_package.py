"""The data package (数据包): one ``datapackage.json`` that describes the tables of a result folder.

In the form of Frictionless Data (https://specs.frictionlessdata.io/data-package/), which programs
of many languages read. It is made of the tables alone and holds neither checksums nor times, so
that the same results have the same package; checksums are in the record.
"""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

from gep.account.columns import NOT_COMPILED
from gep.io.result_folder import PACKED
from gep.texts.catalogue import Language, has_key, say

DATA_PACKAGE = "datapackage.json"

_YEARS = ("year", "from", "to")
_INTEGERS = ("row", "rank_p025", "rank_p975", "rank_from", "rank_to")
_NUMBERS = (
    "value", "per_km2", "per_capita", "share", "factor", "mean", "sd", "p025", "p050", "p500",
    "p950", "p975", "p_positive", "probability", "value_from", "value_to", "change", "growth",
    "cagr", "contribution", "share_from", "share_to", "area", "area_from", "area_to",
    "area_change", "area_growth", "unit_value_change", "total", "total_changed", "total_change",
    "coefficient",
)  # fmt: skip
_MISSING = ("", "na", NOT_COMPILED)  # cells that hold no number


def write_data_package(folder: Path, name: str, title: str, language: Language) -> None:
    """Write ``datapackage.json`` for the CSV files of a folder.

    Parameters
    ----------
    folder : Path
        The tables must be there already.
    name, title : str
        Of the project.
    language : {'zh', 'en'}
        Of the descriptions.
    """
    resources = [_resource(path, language) for path in sorted(folder.iterdir()) if _is_table(path)]
    package = {
        "profile": "tabular-data-package",
        "name": name,
        "title": title,
        "resources": resources,
    }
    words = json.dumps(package, ensure_ascii=False, indent=1)
    (folder / DATA_PACKAGE).write_text(words + "\n", encoding="utf-8", newline="\n")


def is_number(name: str) -> bool:
    """Return whether a column of result tables holds numbers that are no years.

    Parameters
    ----------
    name : str
        Of the column.

    Returns
    -------
    bool
    """
    return name in _NUMBERS or name in _INTEGERS


def _resource(path: Path, language: Language) -> dict[str, Any]:
    """Describe a table: its path, its encoding, its fields."""
    is_packed = path.suffix == PACKED
    open_table = gzip.open if is_packed else open
    with open_table(path, "rt", encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    resource: dict[str, Any] = {
        "profile": "tabular-data-resource",
        "name": path.name.partition(".")[0],
        "path": path.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
    }
    if is_packed:
        resource["compression"] = "gz"
    fields = [_field(name, language) for name in header]
    return resource | {"schema": {"fields": fields, "missingValues": list(_MISSING)}}


def _is_table(path: Path) -> bool:
    """Return whether a file is a CSV, or one that is compressed."""
    return path.name.endswith((".csv", f".csv{PACKED}"))


def _field(name: str, language: Language) -> dict[str, str]:
    """Describe a column: its type, and what it is where the name alone does not say."""
    kind = "string"
    if name in _YEARS:
        kind = "year"
    elif name in _INTEGERS:
        kind = "integer"
    elif name in _NUMBERS:
        kind = "number"
    field = {"name": name, "type": kind}
    key = f"report.field.{name}"
    if has_key(language, key):
        field["description"] = say(language, key)
    return field
