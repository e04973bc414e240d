"""Reads the cells of accounts as the script of a report page does."""

from collections.abc import Mapping
from typing import Any


def entry(column: Any, number: int, positions: Mapping[str, Any] | None = None) -> Any:
    """The entry of a cell or row in a column; ``positions`` are those of the cells by dim."""
    if isinstance(column, list):
        return column[number]
    if isinstance(column, dict) and "over" in column:
        assert positions is not None
        return column["values"][entry(positions[column["over"]], number)]
    return column


class CellReader:
    """The cells of a year."""

    def __init__(self, accounts: Mapping[str, Any], year: int) -> None:
        self.accounts = accounts
        self.year = accounts["years"][str(year)]
        self.steps = {step["name"]: step for step in self.year["steps"]}

    def members(self, step: Mapping[str, Any], dim: str) -> list[str]:
        """The ids of a dim's members by position."""
        if dim == "region":
            return list(self.year["regions"])
        if dim == "ecosystem":
            return list(self.year["ecosystems"])
        return list(step["members"][dim])

    def cells(self, name: str, region: str) -> list[dict[str, Any]]:
        """The cells of a step that count for a region, with members in the place of positions."""
        step = self.steps[name]
        listed = []
        for number in range(step["count"]):
            cell = {}
            for column, values in step["cells"].items():
                cell[column] = entry(values, number, step["cells"])
            for dim in step["dims"]:
                cell[dim] = self.members(step, dim)[cell[dim]]
            if cell.get("region", region) == region:
                listed.append(cell)
        return listed

    def row(self, position: int) -> dict[str, Any]:
        """A row, its texts and source in words."""
        rows = self.accounts["rows"]
        row = {name: entry(column, position) for name, column in rows.items()}
        for name, value in row.items():
            if name == "source":
                row[name] = self.accounts["sources"][value]
            elif name not in ("value", "factor", "row"):
                row[name] = self.accounts["texts"][value]
        return row

    def rows_behind(self, name: str, region: str) -> list[tuple[str, dict[str, Any]]]:
        """The rows behind a step in a region: what they supply, and the row."""
        step = self.steps[name]
        behind: dict[tuple[str, int], None] = {}
        cells = self.cells(name, region)
        for source in step["inputs"]:
            for cell in cells:
                position = cell.get(f"row:{source['name']}", -1)
                if position >= 0:
                    behind[source["name"], position] = None
            for position in source["index"]:
                behind[f"{source['name']}, price index", position] = None
        wanted = set()
        if step["perArea"]:
            wanted = {cell["ecosystem"] for cell in cells if cell["amount"] is not None}
        for source in step["inputs"]:
            if source["areas"] is not None:
                counted = {self.year["ecosystems"][position] for position in source["areas"]}
                if "ecosystem" in step["dims"]:
                    counted &= {cell["ecosystem"] for cell in cells if cell["amount"] is not None}
                wanted |= counted
        areas = self.year["areas"]
        count = max([len(column) for column in areas.values() if isinstance(column, list)] or [1])
        for number in range(count if wanted else 0):
            code = self.year["regions"][entry(areas["region"], number)]
            ecosystem = self.year["ecosystems"][entry(areas["ecosystem"], number)]
            if code == region and ecosystem in wanted:
                behind["area rows", entry(areas["row"], number)] = None
                cross = entry(areas["cross"], number)
                if cross >= 0:
                    behind["crosswalk rows", cross] = None
        return [(what, self.row(position)) for what, position in behind]
