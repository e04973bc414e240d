"""A report page as HTML (报告页): one file that a browser opens without a network.

What a page holds is told by ``gep.io.page_content``; its looks and its scripts stand beside
this module. Everything can be read, searched and printed without scripts; they add sorting,
filters, charts, the dialog of explanations and the switches of language and theme.

Words stand in the page in both languages, of which CSS shows one; numbers stand once. What users
wrote is text everywhere: escaped by jinja2, set as text by the scripts.
"""

import base64
import gzip
import hashlib
import importlib.util
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from gep.errors import Problem, make_problem
from gep.io.html_parts import UPRIGHT_COLUMNS, html_environment, in_both_languages
from gep.io.page_content import (
    PageCell,
    PageChart,
    PageExplanation,
    PageSection,
    PageTable,
    ReportPage,
)
from gep.texts.catalogue import LANGUAGES, Sayable, entries, visible

_CHART_LIBRARY = "mpld3"  # whose package holds D3; it is never imported
_CHART_SCRIPT = "js/d3.v5.min.js"
_SCRIPTS = ("page.js", "tables.js", "charts.js", "dialog.js", "account.js", "start.js")
_STYLE = "page.css"
_SIGNIFICANT = 10  # digits of the numbers that scripts read
# What could end a script or begin a comment within JSON, which reads the escapes as the same text.
_ESCAPED = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}
_NOTICE = "d3-licence.txt"


def render_page(page: ReportPage, *, with_charts: bool = True) -> str:
    """Write a page as HTML.

    What charts draw is told by ``PageChart.data``. Words may be ``Sayable`` anywhere in it, a
    number that there is not is None, and ``opens`` is the key of an explanation ('' if none):

    - ``map``: ``shapes`` (``id``, ``name``, ``label``: what stands in the shape, by default its
      name; ``path``: rings of (x, y), y up; ``value``, ``opens``), ``unit``, ``classes`` (the
      edges between the classes of colour, ascending; a value on an edge belongs to the class above
      it), ``diverging`` (whether classes below zero have another colour)
    - ``bars``: ``bars`` (``name``, ``value``, ``low``, ``high``, ``opens``), ``unit``
    - ``stacks``: ``columns`` (names), ``parts`` (``name``, ``values`` and ``opens`` by column),
      ``unit``
    - ``waterfall``: ``start`` and ``end`` (``name``, ``value``, ``opens``), ``effects`` (alike),
      ``unit``
    - ``intervals``: ``rows`` (``name``, ``value``, ``low``, ``high``, ``opens``), ``unit``
    - ``lines``: ``years``, ``series`` (``name``, ``values`` and ``opens`` by year), ``unit``
    - ``flows``: ``from`` and ``to`` (names), ``flows`` (``from``, ``to``: positions; ``value``,
      ``opens``), ``unit``

    Parameters
    ----------
    page : ReportPage
    with_charts : bool, default True
        Whether charts are drawn; without, the page says which extra draws them.

    Returns
    -------
    str
        HTML; equal pages give equal texts.
    """
    chart_script = _chart_script() if with_charts and _has_charts(page) else ""
    script = _own_script()
    scripts = [chart_script, script] if chart_script else [script]
    template = _environment().get_template("page.html")
    return template.render(
        page=page,
        language=page.language,
        only=None,
        style=Markup(_asset(_STYLE)),
        scripts=[Markup(source) for source in scripts],
        script_hashes=[_content_hash(source) for source in scripts],
        draws_charts=bool(chart_script),
        notice=Markup(_asset(_NOTICE)) if chart_script else "",
        data=_page_data(page, draws_charts=bool(chart_script)),
        explanations=_packed(_explanations(page.explanations)),
        accounts=_packed(page.accounts) if page.accounts else "",  # plain values already
    )


def write_page(page: ReportPage, path: Path) -> list[Problem]:
    """Write a page into a file.

    Parameters
    ----------
    page : ReportPage
    path : Path

    Returns
    -------
    list of Problem
        The warning ``missing-extra`` if charts are not drawn because the extra ``report`` is not
        installed.
    """
    path.write_text(render_page(page), encoding="utf-8", newline="\n")
    if not _has_charts(page) or _chart_script():
        return []
    return [
        make_problem(
            "missing-extra", path.name, "page.no-charts", page=path.name, library=_CHART_LIBRARY
        )
    ]


# --- words ----------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, words in both languages or once, numbers rounded."""
    if isinstance(value, str):
        return visible(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        return _plain_number(value)
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, Sequence):
        return [_plain(member) for member in value]
    if isinstance(value, Sayable):  # takes long to find out
        worded = in_both_languages(value)
        return worded["zh"] if worded["zh"] == worded["en"] else worded
    if hasattr(value, "item"):
        return _plain(value.item())
    return value


def _plain_number(number: float) -> float | int | None:
    """Round a number to ten significant digits; None where it is none."""
    if number - number != 0:  # not finite
        return None
    rounded = float(f"{number:.{_SIGNIFICANT}g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e15 else rounded


# --- data for the scripts -------------------------------------------------------------------------


def _page_data(page: ReportPage, *, draws_charts: bool) -> Markup:
    """Return title, charts and words of the page as JSON."""
    charts = []
    if draws_charts:
        for section in page.sections:
            charts += [_chart_data(chart) for chart in section.charts]
    data = {"title": _plain(page.title), "charts": charts, "texts": _texts()}
    return Markup(_json(data))


def _chart_data(chart: PageChart) -> dict[str, Any]:
    data: dict[str, Any] = _plain(chart.data)
    return {"id": chart.id, "kind": chart.kind, "title": _plain(chart.title), "data": data}


def _texts() -> dict[str, Any]:
    """Return the texts that scripts use, placeholders open."""
    texts: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        for key, template in entries(language, "page").items():
            section, _, name = key.partition(".")
            if section == "ui":
                texts.setdefault(name, {})[language] = template
    return texts


def _explanations(explanations: Mapping[str, PageExplanation]) -> dict[str, Any]:
    prepared = {}
    for key, explanation in explanations.items():
        prepared[key] = {
            "heading": _plain(explanation.heading),
            "lines": _plain(explanation.lines),
            "tables": [_table_data(table) for table in explanation.tables],
        }
    return prepared


def _table_data(table: PageTable) -> dict[str, Any]:
    columns = []
    for column in table.columns:
        described: dict[str, Any] = {"heading": _plain(column.heading)}
        if column.is_number:
            described["number"] = True
        if column.is_filter:
            described["filter"] = True
        columns.append(described)
    rows = [[_cell_data(cell) for cell in row] for row in table.rows]
    return {
        "title": _plain(table.title),
        "unit": _plain(table.unit),
        "file": table.file,
        "columns": columns,
        "rows": rows,
    }


def _cell_data(cell: PageCell) -> Any:
    """Return a cell, most of which are words alone, as short as it can be written."""
    shown = _plain(cell.shown)
    if cell.opens:
        return [shown, cell.value, cell.opens]
    return shown if cell.value is None else [shown, cell.value]


def _json(value: Any) -> str:
    """Write JSON that no HTML around it can take for its own."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return written.translate(_ESCAPED)


def _packed(value: Any) -> str:
    """Compress JSON into letters; the same bytes for the same value."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    packed = gzip.compress(written.encode("utf-8"), compresslevel=6, mtime=0)
    return base64.b64encode(packed).decode("ascii")


# --- files beside this module ---------------------------------------------------------------------


@cache
def _environment() -> Environment:
    """Return the templates of pages."""
    environment = html_environment("gep.report.pages")
    environment.globals["begins_sideways"] = _begins_sideways
    environment.globals["ends_sideways"] = _ends_sideways
    return environment


def _begins_sideways(section: PageSection) -> bool:
    """Return whether a heading is printed sideways, as it would be alone before a wide table."""
    if section.charts or not section.tables:
        return False
    return len(section.tables[0].columns) > UPRIGHT_COLUMNS


def _ends_sideways(page: ReportPage) -> bool:
    """Return whether the last table is printed sideways, so that the footer stands below it."""
    if not page.sections or not page.sections[-1].tables:
        return False
    is_wide = len(page.sections[-1].tables[-1].columns) > UPRIGHT_COLUMNS
    return is_wide or _begins_sideways(page.sections[-1])


@cache
def _asset(name: str) -> str:
    """Return a file beside this module."""
    return (files("gep.report.pages") / name).read_text(encoding="utf-8")


@cache
def _own_script() -> str:
    """Return the scripts of a page as one, whose names are its own and not the window's."""
    sources = [_asset(name) for name in _SCRIPTS]
    body = "\n".join(sources)
    return f'(() => {{\n"use strict";\n{body}}})();\n'


def _chart_script() -> str:
    """Return D3, which draws the charts; '' if the package that holds it is not installed."""
    spec = importlib.util.find_spec(_CHART_LIBRARY)
    if spec is None or spec.origin is None:
        return ""
    return _read_script(Path(spec.origin).parent / _CHART_SCRIPT)


@cache
def _read_script(path: Path) -> str:
    if not path.is_file():
        return ""
    return path.read_text(encoding="utf-8")


def _content_hash(source: str) -> str:
    """Return the hash by which the page's policy lets a script run, and no other."""
    digest = hashlib.sha256(source.encode("utf-8")).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")


def _has_charts(page: ReportPage) -> bool:
    return any(section.charts for section in page.sections)
