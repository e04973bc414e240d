"""Published cases as rows of one table: a case becomes a project in files with ``expected.csv``, which ``gep test`` runs.

A case is the rows of one ``case`` in a CSV of ``tests/cases/<standard>/``. Columns: ``case, role, name, value`` and, as
needed, ``year, region, ecosystem, substance, product, use, water_body, service, month, index, unit, tolerance,
price_year, locator, note``. A blank region of an area, a data row or a result is ``place``. Roles:

- ``area`` (name: class) and ``map`` (name: class, ecosystem, value: share; classes without one map to themselves);
- ``class`` (name): an ecosystem type of the source; the standard is then copied with these in place of its own types;
- ``data``, ``coef`` (money without price_year is ``nominal``), ``switch`` (value: option), ``project`` (a key of
  ``[project]``, such as price_year);
- ``expect``, ``mismatch``: a row of ``expected.csv`` (docs/zh/formats.md), whose item is ``name`` and whose role is ``match``
  or ``mismatch``; the note of a mismatch is its reason.

``value`` is as printed. The tolerance is half a unit of its last digit, or the column ``tolerance``: a number in the
row's unit where the inputs' own rounding adds to it, or a percentage of the value.
"""

import csv
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd

import gep
from gep.inputs.value_rows import KEYS
from gep.io.catalog import shipped
from gep.units import has_money
from support.paths import TESTS

FOLDER = TESTS / "cases"
NOTED = ("value", "unit", "price_year", "locator", "grade", "source")
RESULTS = ("account.csv", "by_ecosystem.csv", "summary.csv")
Row = dict[str, str]


def read(path: Path) -> list[Row]:
    """The rows of a table as text, blanks as empty text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            {key: (value or "").strip() for key, value in row.items()}
            for row in csv.DictReader(file)
        ]


@cache
def cases() -> dict[tuple[str, str], tuple[Row, ...]]:
    """(standard, case) -> its rows."""
    found: dict[tuple[str, str], list[Row]] = {}
    for path in sorted(
        path for standard in shipped("standards") for path in (FOLDER / standard).glob("*.csv")
    ):
        for row in read(path):
            found.setdefault((path.parent.name, row["case"]), []).append(row)
    return {key: tuple(rows) for key, rows in found.items()}


def write_project(standard: str, rows: tuple[Row, ...], folder: Path) -> Path:
    """Write a case as a project folder."""
    areas, data, coefficients = of(rows, "area"), of(rows, "data"), of(rows, "coef")
    inputs = {"areas": "areas.csv"}
    _areas(folder / "areas.csv", areas)
    if data:
        inputs["data"] = ["data.csv"]
        _table(folder / "data.csv", ("region", "year", "name", *KEYS[1:], *NOTED), data)
    if coefficients:
        _set(folder / "own", coefficients)
    if of(rows, "map"):
        inputs["crosswalk"] = "./crosswalk.csv"
        _crosswalk(folder / "crosswalk.csv", areas, of(rows, "map"))
    if of(rows, "class"):
        standard = _standard(folder, standard, [row["name"] for row in of(rows, "class")])
    own = ["./own"] if coefficients else []
    years = sorted({int(row["year"]) for row in areas})
    project = {
        "id": "case",
        "title": "case",
        "standard": standard,
        "coefficients": own,
        "years": years,
    }
    project |= {row["name"]: _plain(row["value"]) for row in of(rows, "project")}
    switches = {row["name"]: row["value"] for row in of(rows, "switch")}
    text = _toml("project", project) + _toml("switches", switches) + _toml("inputs", inputs)
    (folder / "project.toml").write_text(text, encoding="utf-8")
    _expected(folder / "expected.csv", rows)
    return folder


def of(rows: tuple[Row, ...], role: str) -> list[Row]:
    """The rows of a role."""
    return [row for row in rows if row["role"] == role]


def _plain(text: str) -> int | bool | str:
    return int(text) if text.isdigit() else text == "true" if text in ("true", "false") else text


def _toml(name: str, table: Mapping[str, object]) -> str:
    def spelled(value: object) -> str:
        if isinstance(value, list):
            return "[" + ", ".join(spelled(one) for one in value) + "]"
        return f'"{value}"' if isinstance(value, str) else str(value).lower()

    return (
        f"[{name}]\n"
        + "".join(f"{key} = {spelled(value)}\n" for key, value in table.items())
        + "\n"
    )


def _table(path: Path, header: tuple[str, ...], rows: list[Row]) -> None:
    """Write rows under the columns of ``header``, source, grade and region filled in."""
    filled = {"grade": "published", "source": "case", "region": "place"}
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(
            [[row.get(column) or filled.get(column, "") for column in header] for row in rows]
        )


def _expected(path: Path, rows: tuple[Row, ...]) -> None:
    printed = [{**row, "role": "match"} for row in of(rows, "expect")]
    printed += [{**row, "reason": row["note"]} for row in of(rows, "mismatch")]
    renamed = [{**row, "item": row["name"].removeprefix("category:")} for row in printed]
    head = ("item", "year", *KEYS, "value", "unit", "tolerance", "locator", "role", "reason")
    _table(path, head, renamed)


def _areas(path: Path, rows: list[Row]) -> None:
    renamed = [{**row, "class": row["name"], "area": row["value"]} for row in rows]
    _table(path, ("region", "year", "class", "area", "unit", "locator", "grade"), renamed)


def _set(folder: Path, rows: list[Row]) -> None:
    folder.mkdir()
    head = 'id = "own"\nversion = "1"\ntitle = "case"\nlicence = "none"\n'
    (folder / "set.toml").write_text(head, encoding="utf-8")
    (folder / "sources.toml").write_text('[case]\ntitle = "case"\n', encoding="utf-8")
    columns = ["coefficient", *KEYS, "value", "unit", "price_year", "source", "locator", "grade"]
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        for row in rows:
            price = row.get("price_year") or (
                "nominal" if has_money(row["unit"]) and row["value"] != "na" else ""
            )
            fixed = {
                "coefficient": row["name"],
                "source": "case",
                "grade": "published",
                "price_year": price,
            }
            out.writerow([fixed.get(column, row.get(column, "")) for column in columns])


def _crosswalk(path: Path, areas: list[Row], maps: list[Row]) -> None:
    classes = dict.fromkeys(
        row["name"] for row in areas if row["name"] not in {row["name"] for row in maps}
    )
    itself = [{"name": one, "ecosystem": one} for one in classes]
    rows = [
        {**row, "class": row["name"], "share": row.get("value", "")} for row in [*maps, *itself]
    ]
    _table(path, ("class", "ecosystem", "share", "locator", "grade"), rows)


def _standard(folder: Path, standard: str, classes: list[str]) -> str:
    """A copy of the standard with the source's own ecosystem types."""
    rows = [f"{name},{code},{name},{name},,,\n" for code, name in enumerate(classes, 1)]
    (folder / "classes.csv").write_text(
        "class,code,zh,en,parent,source,locator\n" + "".join(rows), encoding="utf-8"
    )
    text = shipped("standards")[standard].read_text(encoding="utf-8")
    text, count = re.subn(r'(?m)^ecosystems = ".*"$', 'ecosystems = "./classes.csv"', text)
    assert count == 1, f"{standard} names its ecosystem types in one line"
    (folder / "standard.toml").write_text(text, encoding="utf-8")
    return "./standard.toml"


class Results:
    """The result files of a run."""

    def __init__(self, project: Path, out: Path):
        self.outcome = gep.run_project(project, out)
        tables = [pd.read_csv(out / name, dtype=str, keep_default_na=False) for name in RESULTS]
        self.account, self.cells, self.summary = tables


def tolerance(row: Row) -> float:
    """How far a result may be from a printed figure."""
    given = row.get("tolerance", "")
    if given.endswith("%"):
        return abs(float(row["value"])) * float(given[:-1]) / 100
    exponent = Decimal(row["value"]).as_tuple().exponent
    assert isinstance(exponent, int)
    return (float(given) if given else 0.5 * 10.0**exponent) * (1 + 1e-9) + 1e-12 * abs(
        float(row["value"])
    )


def hold(row: Row, found: str | float) -> None:
    """Assert that a result is the printed figure, or that it is not where the source contradicts itself."""
    if row["value"] == "na" or found == "na":
        assert found == row["value"]
        return
    off, allowed = abs(float(found) - float(row["value"])), tolerance(row)
    if row["role"] == "mismatch":
        assert row["note"], "a mismatch says why"
        assert off > allowed, (
            f"{found} agrees with the printed {row['value']}: no mismatch any more"
        )
    else:
        what = f"{found} is {off:.4g} off the printed {row['value']} (allowed {allowed:.4g}); {row['locator']}"
        assert off <= allowed, what
