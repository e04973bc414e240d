"""Readings (读数): where a number that a scheme reads comes from, and its values.

The module also finds the line of an account that a reading names, and the indicators of the account
behind it. Readings are read by ``gep.assessment.context``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from pydantic import field_validator, model_validator

from gep.account.account import Account
from gep.account.lines import TOTAL
from gep.comparison.comparison import Comparison
from gep.errors import Place, Where
from gep.io.toml_documents import Frozen, Title, invalid_value
from gep.texts.catalogue import Listed, text

Basis = Literal["project", "current", "constant", "normal_climate"]
Form = Literal["level", "growth", "yearly_growth", "change", "per_km2", "per_capita", "mean"]
GROWTHS = ("growth", "yearly_growth")
SINCE_BEFORE = (*GROWTHS, "change")  # forms that compare with the year before
TOTAL_ITEM = "total"  # the item of a scheme that is read where none is named
_SEPARATOR = "/"  # between a scheme and its item
# Data by which a form divides, with its unit; the table of regions has them where no row does.
SIZES: Mapping[Form, tuple[str, str]] = {
    "per_km2": ("land_area", "km2"),
    "per_capita": ("population", "person"),
}
_STEP_ITEM = "step="  # how the lines of an account name a step in column item


class Reading(Frozen):
    """Where a reading comes from: a line of the account, data rows, or another scheme.

    Attributes
    ----------
    account : str
        ``total``, ``total:ID``, a category, an indicator, or ``indicator.step``.
    data : str
        Name of data rows.
    scheme : str
        ``ID/item``: an item that another scheme of the project publishes; ``ID`` is its total.
    classes : tuple of (str, float)
        The number that stands for each class, where the item is a class, such as a grade. Written
        as a table in a TOML, as ``class=number;class=number`` in a CSV.
    basis : {'project', 'current', 'constant', 'normal_climate'}
        Which accounts are read: as the project states them, at current or constant prices, or at
        normal climate.
    form : {'level', 'growth', 'yearly_growth', 'change', 'per_km2', 'per_capita', 'mean'}
        ``per_km2`` and ``per_capita`` divide by land area and population of the year.
        ``growth`` is a fraction, against the previous year among those of the accounts (of the
        data rows, of the scheme), however many years ago that is; ``yearly_growth`` is the mean
        growth in each of these years, compounded; ``change`` is the difference from that year, in
        the unit. ``mean`` is the mean of all assessed years up to this one, as a five-year
        assessment takes in the yearly ones.
    """

    account: str = ""
    data: str = ""
    scheme: str = ""
    classes: tuple[tuple[str, float], ...] = ()
    basis: Basis = "project"
    form: Form = "level"

    @field_validator("classes", mode="before")
    @classmethod
    def _pair_classes(cls, written: object) -> object:
        if isinstance(written, Mapping):
            return tuple(written.items())
        if not isinstance(written, str):
            return written
        pairs: list[tuple[str, Any]] = []
        for cell in written.split(";"):
            word, _, number = cell.partition("=")
            if not word.strip() or not number.strip():
                raise invalid_value("assessment.classes-cell", cell=cell)
            pairs.append((word.strip(), number.strip()))
        return tuple(pairs)

    @model_validator(mode="after")
    def _check_one_source(self) -> "Reading":
        sources = (self.account, self.data, self.scheme)
        if sources.count("") != len(sources) - 1:
            raise ValueError("exactly one of account, data, scheme")
        if not self.account and self.basis != "project":
            raise ValueError("basis belongs to account only")
        if self.classes and not self.scheme:
            raise ValueError("classes belongs to scheme only")
        return self

    @property
    def scheme_id(self) -> str:
        """The id of the scheme that is read."""
        return self.scheme.partition(_SEPARATOR)[0]

    @property
    def scheme_item(self) -> str:
        """The item of the scheme that is read."""
        return self.scheme.partition(_SEPARATOR)[2] or TOTAL_ITEM

    def __str__(self) -> str:
        if self.scheme:
            source = f"scheme={self.scheme}"
        elif self.account:
            source = f"account={self.account} basis={self.basis}"
        else:
            source = f"data={self.data}"
        return source if self.form == "level" else f"{source} form={self.form}"


class SchemeReading(NamedTuple):
    """A reading of a scheme, in the unit in which it is read.

    Attributes
    ----------
    reading : Reading
    unit : str
    where : Where
        The place in the scheme.
    grade : str
        How well that part of the scheme is known; blank if it does not say.
    item : str
        The item of the scheme that rests on it, by which a log and a form name it; blank if that
        has no name.
    name : Title or None
        What people call the item.
    """

    reading: Reading
    unit: str
    where: Where
    grade: str = ""
    item: str = ""
    name: Title | None = None


@dataclass(frozen=True)
class ReadingValues:
    """A reading in a year, by region.

    Attributes
    ----------
    value : ndarray of float
        In ``unit``; NaN if missing, or if the region has none of it (``na``).
    grade : ndarray of uint8
        Codes of ``gep.inputs.value_rows.GRADES``.
    where : ndarray of str
        The rows or the account that were read, as results show them; blank if there are none.
    unit : str
    """

    value: np.ndarray
    grade: np.ndarray
    where: np.ndarray
    unit: str


def line_of(comparison: Comparison, name: str) -> int | None:
    """Find the line of accounts that a reading names.

    Parameters
    ----------
    comparison : Comparison
    name : str
        ``Reading.account``.

    Returns
    -------
    int or None
        Position in ``comparison.lines``; None if the accounts have no such line.
    """
    lines = comparison.lines
    indicators = lines["indicator"]
    in_category = lines["category"] == name
    is_value = lines["kind"] == "value"
    is_sum = is_value & (lines["item"] == "")
    if name == TOTAL or name.startswith(f"{TOTAL}:") or in_category.any():
        is_line = is_sum & in_category & (indicators == TOTAL)
    elif "." in name:
        indicator, _, step = name.partition(".")
        of_indicator = indicators == indicator
        is_line = of_indicator & (lines["item"] == f"{_STEP_ITEM}{step}")
        if not is_line.any() and _has_step(comparison, indicator, step):
            # the only value step of an indicator has no line of its own
            values = lines[of_indicator & is_value]
            if (values["item"] == "").all():
                is_line = is_sum & of_indicator
    else:
        is_line = is_sum & (indicators == name)
    positions = np.flatnonzero(is_line.to_numpy())
    if len(positions) == 0:
        return None
    return int(positions[0])


def _has_step(comparison: Comparison, indicator: str, step: str) -> bool:
    """Return whether an indicator of the accounts has a step."""
    for planned in comparison.accounts[-1].plan.steps:
        of_indicator = planned.indicator is not None and planned.indicator.id == indicator
        if of_indicator and planned.step.id == step:
            return True
    return False


def account_names(comparison: Comparison) -> list[str]:
    """Return the names that a reading of the account may have."""
    lines = comparison.lines
    names = [*lines["category"], *lines["indicator"]]
    for indicator, item in zip(lines["indicator"], lines["item"], strict=True):
        if item.startswith(_STEP_ITEM):
            names.append(f"{indicator}.{item.removeprefix(_STEP_ITEM)}")
    return list(dict.fromkeys(names))


def indicators_behind(account: Account, name: str) -> list[str]:
    """Return the indicators of an account that a reading rests on.

    Parameters
    ----------
    account : Account
    name : str
        ``Reading.account``.

    Returns
    -------
    list of str
        Ids: one indicator, or those of a total or category, without any that were not computed.
    """
    spec = account.plan.standard.spec
    headline = spec.total[0].indicators
    totals = {f"{TOTAL}:{total.id}": total.indicators for total in spec.total}
    totals[TOTAL] = headline
    if name in totals:
        names = list(totals[name])
    else:
        names = []
        for indicator in spec.indicator:
            if indicator.category == name and indicator.id in headline:
                names.append(indicator.id)
        if not names:
            names.append(name.partition(".")[0])
    computed = set()
    for step in account.plan.steps:
        if step.indicator is not None:
            computed.add(step.indicator.id)
    return [indicator for indicator in names if indicator in computed]


# --- where a reading comes from -------------------------------------------------------------------

# As ``ReadingValues.where`` and the result tables write it, whatever the language of a run.
AGAINST = " against "
PER = " per "
_ROW = re.compile(r"(?P<file>.+) row (?P<row>\d+)")
_ACCOUNT = re.compile(r"account (?P<year>\d+) (?P<basis>\S+) (?P<line>\S+)")
_MEAN = re.compile(r"mean of (?P<count>\d+) years: (?P<places>.*)")
_SCHEME = re.compile(r"scheme (?P<item>\S+) (?P<year>\d+)")


def reading_place(where: Where) -> Where:
    """Return where a reading comes from, so that it can be worded in the language of a run.

    Parameters
    ----------
    where : str or Sayable
        A place as ``ReadingValues.where`` has it, such as ``readings.csv row 4``.

    Returns
    -------
    str or Sayable
        What is not of a known form is returned as it is.
    """
    if not isinstance(where, str):
        return where
    level, against, previous = where.partition(AGAINST)
    if against:
        places = {"level": reading_place(level), "previous": reading_place(previous)}
        return text("assessment.where.growth", **places)
    level, per, size = where.partition(PER)
    if per:
        places = {"level": reading_place(level), "size": reading_place(size)}
        return text("assessment.where.size", **places)
    mean = _MEAN.fullmatch(where)
    if mean is not None:
        places_of_years = tuple(reading_place(place) for place in mean["places"].split("; "))
        listed = Listed(places_of_years, len(places_of_years))
        return text("assessment.where.mean", count=mean["count"], places=listed)
    for pattern, key in ((_ACCOUNT, "account"), (_SCHEME, "scheme")):
        match = pattern.fullmatch(where)
        if match is not None:
            return text(f"assessment.where.{key}", **match.groupdict())
    row = _ROW.fullmatch(where)
    if row is not None:
        return Place(row["file"], (int(row["row"]),))
    return where
