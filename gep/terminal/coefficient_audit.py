"""What the terminal shows of an audit of numbers, and of all values of a coefficient."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gep.account.caption import percents
from gep.inputs.value_rows import grade_title
from gep.io.csv_excel import row_place
from gep.terminal.account import console, print_caption, print_line, titled_table, unit_title
from gep.texts.catalogue import Language, say
from gep.workflows.coefficient_audit import AREA, FINDINGS, CoefficientAudit, audit_lines

_MOST = 10  # numbers that are shown whole, and of each finding
_DATA = "data"
_LEAST = 0.0005  # effects below would be 0.000
_PURE = "1"  # the unit of a number without one

_Row = Mapping[str, Any]


def print_audit(audit: CoefficientAudit) -> None:
    """Print which numbers carry a result, and how good they are, in the language of the project.

    Parameters
    ----------
    audit : CoefficientAudit
    """
    language = audit.language
    spec = audit.project.spec.project
    title = say(language, "terminal.audit.title", title=spec.title, year=audit.year)
    print_caption(title, audit_lines(audit))
    _print_grades(audit)
    most = audit.most_important(_MOST)
    _print_heading(say(language, "terminal.audit.most", count=len(most)))
    print_line(say(language, "terminal.audit.most-note"))
    for place, row in enumerate(most.to_dict("records"), 1):
        for line in _whole_lines(place, row, language):
            print_line(line)
    is_area = (audit.table["kind"] == AREA).to_numpy()
    effect = _effect(float(audit.table.loc[is_area, "effect"].sum()))
    print_line(say(language, "terminal.audit.areas", effect=effect))
    for finding in FINDINGS:
        _print_finding(audit, finding)
    console().print()
    print_line(say(language, "terminal.audit.next", project=audit.project.folder))


def _print_heading(heading: str) -> None:
    """Print a blank line and a heading."""
    console().print()
    print_line(heading, style="bold")


def _print_grades(audit: CoefficientAudit) -> None:
    """Print for each grade its share of the value, and how many numbers have it."""
    language = audit.language
    console().print()
    shown = titled_table(say(language, "terminal.audit.grades"))
    shown.add_column(say(language, "terminal.audit.grade"))
    for name in ("share", "numbers"):
        shown.add_column(say(language, f"terminal.audit.{name}"), justify="right")
    grades = audit.grades()
    shares = percents(dict(zip(grades["grade"], grades["share"], strict=True)))
    for row in grades.to_dict("records"):
        grade = str(row["grade"])
        shown.add_row(grade_title(grade, language), shares.get(grade, "-"), str(row["numbers"]))
    console().print(shown)
    print_line(say(language, "terminal.audit.grades-note"))


def _whole_lines(place: int, row: _Row, language: Language) -> list[str]:
    """Word a number with all that is known of it."""
    is_data = row["kind"] == _DATA
    checked = say(language, "terminal.audit.not-checked")
    if is_data:
        checked = say(language, "terminal.audit.data")
    elif row["checked"]:
        checked = say(language, "terminal.audit.checked", when=row["checked"])
    limits = say(language, "terminal.audit.no-limits")
    if not row["without_limits"]:
        limits = say(
            language, "terminal.audit.limits", low=_number(row["low"]), high=_number(row["high"])
        )
    grade = grade_title(str(row["grade"]), language)
    lines = [
        say(language, "terminal.audit.effect", place=place, **_named(row, language)),
        say(language, "terminal.audit.standing", grade=grade, checked=checked, limits=limits),
        say(
            language,
            "terminal.audit.where",
            where=_where(row, language),
            source=row["source"],
            locator=row["locator"] or "-",
        ),
    ]
    if row["other_values"]:
        lines.append(say(language, "terminal.audit.others", values=row["other_values"]))
    elif not is_data:
        lines.append(say(language, "terminal.audit.no-others"))
    return lines


def _print_finding(audit: CoefficientAudit, finding: str) -> None:
    """Print the numbers of which something is found, each on a line."""
    language = audit.language
    rows = audit.found(finding)
    if rows.empty:
        return
    _print_heading(say(language, f"terminal.audit.{finding}"))
    for row in rows.head(_MOST).to_dict("records"):
        words = {"grade": grade_title(str(row["grade"]), language), "where": _where(row, language)}
        print_line(say(language, "terminal.audit.row", **_named(row, language), **words))
        if finding == "outside":
            print_line(say(language, "terminal.audit.others", values=row["other_values"]))
    hidden = len(rows) - _MOST
    if hidden > 0:
        print_line(say(language, "terminal.audit.more", count=hidden))


def print_values(table: pd.DataFrame, language: Language) -> None:
    """Print all values of coefficients, each with where it is from, below the coefficient's name.

    Parameters
    ----------
    table : DataFrame
        See ``gep.report.coefficient_values.coefficient_values``.
    language : {'zh', 'en'}
    """
    for name, values in table.groupby("coefficient", sort=False):
        _print_heading(str(name))
        for row in values.to_dict("records"):
            words = {key: row[key] for key in ("grade", "source", "locator", "set")}
            unit = "" if row["unit"] == _PURE else unit_title(str(row["unit"]), language)
            said = [row["keys"], row["value"], unit, *_details(row, language)]
            place = row_place(str(row["file"]), [int(row["row"])])
            number = " ".join(filter(None, said))
            print_line(say(language, "terminal.audit.value", number=number, place=place, **words))


def _details(row: _Row, language: Language) -> list[str]:
    """Word what else is known of a value: limits, price year, when checked, whose default."""
    details = []
    if row["low"] and row["high"]:
        details.append(say(language, "terminal.audit.between", low=row["low"], high=row["high"]))
    for name in ("price year", "base", "checked", "default of"):
        if row[name]:
            key = f"terminal.audit.value-{name.replace(' ', '-')}"
            details.append(say(language, key, words=row[name]))
    return details


def _named(row: _Row, language: Language) -> dict[str, str]:
    """Return what a number is called, the number, and by how much it moves the total."""
    unit = str(row["unit"])
    number = _number(row["value"])
    return {
        "title": str(row["title"]),
        "number": number if unit == _PURE else f"{number} {unit_title(unit, language)}",
        "effect": _effect(float(row["effect"])),
    }


def _where(row: _Row, language: Language) -> str:
    """Return set, file and row of a number."""
    place = row_place(str(row["file"]), [int(row["row"])]).say(language)
    return f"{row['set@version']} {place}".strip()


def _number(value: float) -> str:
    """Write a number with the digits that it has."""
    return "na" if np.isnan(value) else f"{value:.10g}"


def _effect(value: float) -> str:
    """Write an effect with its sign; what is not 0 is never 0."""
    if value == 0 or abs(value) >= _LEAST:
        return f"{value:+.3f}"
    return f"{value:+.1g}"
