"""Reads the tables and the data of a report page from its HTML, as a reader without scripts does."""

import base64
import gzip
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class ReadCell:
    """A cell of a table: what is shown in both languages, the number, and the key it opens."""

    zh: str = ""
    en: str = ""
    value: float | None = None
    opens: str = ""


@dataclass
class ReadTable:
    """A table of a page."""

    file: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, ReadCell]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, ReadTable] = {}
        self.text: list[str] = []
        self._table: ReadTable | None = None
        self._id = ""
        self._cells: list[ReadCell] = []
        self._cell: ReadCell | None = None
        self._language = ""
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag in ("script", "style"):
            self._silent += 1
        if tag == "div" and named.get("id", "").startswith("table-"):
            self._id = named["id"].removeprefix("table-")
        if tag == "table":
            self._table = self.tables.setdefault(self._id, ReadTable(named.get("data-file", "")))
        if tag == "th" and named.get("scope") == "col" and self._table is not None:
            self._table.columns.append(named["data-column"])
        elif tag in ("td", "th") and self._table is not None:
            number = named.get("data-v")
            self._cell = ReadCell(value=None if number is None else float(number))
            self._cells.append(self._cell)
        if tag == "tr":
            self._cells = []
        if tag == "button" and self._cell is not None:
            self._cell.opens = named.get("data-opens", "")
        if tag == "span" and "lang" in named:
            self._language = named["lang"]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._silent -= 1
        if tag == "span":
            self._language = ""
        if tag in ("td", "th"):
            self._cell = None
        if tag == "tr" and self._cells and self._table is not None:
            row = dict(zip(self._table.columns, self._cells, strict=True))
            self._table.rows.append(row)
        if tag == "table":
            self._table = None

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text.append(data)
        if self._cell is not None:
            if self._language != "en":
                self._cell.zh += data
            if self._language != "zh":
                self._cell.en += data


def read_tables(html: str) -> dict[str, ReadTable]:
    """The tables of a page by their id."""
    reader = _Reader()
    reader.feed(html)
    return reader.tables


def read_text(html: str) -> str:
    """The words of a page, both languages."""
    reader = _Reader()
    reader.feed(html)
    return " ".join(" ".join(reader.text).split())


def packed_data(html: str, name: str) -> Any:
    """The compressed data of a page: ``accounts`` or ``explanations``; None without them."""
    match = re.search(rf'<script[^>]*id="{name}-data"[^>]*>([^<]*)</script>', html)
    if match is None or not match.group(1).strip():
        return None
    return json.loads(gzip.decompress(base64.b64decode(match.group(1))))


def page_data(html: str) -> Any:
    """The plain data of a page: title, charts, texts."""
    match = re.search(r'<script[^>]*id="page-data"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert match is not None
    return json.loads(match.group(1))
