"""Words for the tables of a collection: titles of identifiers, codes, the common choice.

Terminal and workbook say the same. What the tables hold belongs to ``gep.collection``.
"""

from collections.abc import Mapping
from functools import cached_property

import pandas as pd

from gep.account.caption import category_title, evidence_title, legal_title, switch_labels
from gep.account.columns import NOT_COMPILED
from gep.account.lines import TOTAL
from gep.collection.choices import Choice
from gep.collection.counties import Counties, County
from gep.comparison.comparability import price_basis_text
from gep.extent.regions import region_label
from gep.plan.blank_form import spoken
from gep.plan.plan import TRIAL
from gep.standards.standard import CATEGORIES, StandardSpec
from gep.texts.catalogue import Label, Language, Listed, has_key, join, say, text
from gep.units import canonical

_MOST_LISTED = 40
_NAMES = ("population", "land_area", "areas", "project")  # in column name, of no standard
_UNITS = ("unit", "own_unit", "common_unit")
_CODES = ("run", "kind", "status", "choice", "basis", "flag")  # columns with codes that have words


class CollectionWords:
    """Puts the tables of a collection into words.

    Parameters
    ----------
    counties : Counties
    common : Choice
        The choice under which all were recomputed.
    language : {'zh', 'en'}
    """

    def __init__(self, counties: Counties, common: Choice, language: Language) -> None:
        self.counties = counties
        self.common = common
        self.language = language

    @property
    def heading(self) -> str:
        """How many counties were collected."""
        return say(
            self.language,
            "report.collected.heading",
            count=len(self.counties.read),
            left_out=len(self.counties.broken),
        )

    @property
    def caption(self) -> list[str]:
        """The common choice, a line each."""
        language = self.language
        spec = self.common.standard.spec
        labels = tuple(coefficient_set.label for coefficient_set in self.common.sets)
        standard = say(
            language,
            "report.collected.standard",
            standard=Label(spec.id, spec.title),
            legal=legal_title(spec.legal, language),
            evidence=evidence_title(spec.evidence, language),
        )
        sets = Listed(labels, len(labels))
        lines = [standard, say(language, "report.collected.sets", sets=sets)]
        if self.common.switches:
            switches = switch_labels(self.common.switches, spec)
            lines.append(say(language, "report.collected.switches", switches=switches))
        prices = price_basis_text(self.common.basis)
        lines.append(say(language, "report.collected.prices", prices=prices))
        return lines

    @cached_property
    def titles(self) -> dict[tuple[str, str], str]:
        """What identifiers are called, by column and identifier.

        Of counties, of regions, and of what the columns ``name``, ``category`` and ``indicator``
        name: switches, data, indicators, categories.
        """
        language = self.language
        titles: dict[tuple[str, str], str] = {}
        for county in self.counties.read:
            header = county.project.spec.project
            label = Label(county.name, header.title)
            titles["county", county.name] = label.say(language)
            for code, region in _region_labels(county).items():
                titles["region", code] = region.say(language)
            county_standard = county.project.parts.standard
            titles |= _standard_titles(county_standard.spec, language)
        titles |= _standard_titles(self.common.standard.spec, language)
        for category in (*CATEGORIES, TOTAL):
            for column in ("category", "indicator", "name"):
                titles[column, category] = category_title(category, language)
        for name in _NAMES:
            titles["name", name] = say(language, f"report.collected-name.{name}")
        return titles

    def with_prices(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return ``moved.csv`` with the price bases that counties chose in words."""
        worded = table.copy()
        is_price = worded["choice"] == "prices"
        for column in ("own", "common"):
            bases = worded.loc[is_price, column]
            words = [price_basis_text(basis).say(self.language) for basis in bases]
            worded.loc[is_price, column] = words
        return worded

    def say(self, column: str, value: str) -> str:
        """Return a text of a table in words.

        Parameters
        ----------
        column : str
        value : str

        Returns
        -------
        str
            Identifiers with titles; codes, problems, units and price bases in words; anything else
            as it is.
        """
        language = self.language
        if (column, value) in self.titles:
            return self.titles[column, value]
        if value == NOT_COMPILED:
            return say(language, "report.book.gap")
        if column in _UNITS:
            return spoken(canonical(value), language)
        if column == "price_basis":
            return price_basis_text(value).say(language)
        if column == "state" and value == TRIAL:
            return say(language, "account.caption.trial")
        if column == "switches":
            return join(language, _switch_words(value, self.titles), _MOST_LISTED)
        if column in ("problem", "note"):
            return join(language, _problem_labels(value, language), _MOST_LISTED)
        if column in _CODES:
            choice, _, code = value.rpartition(":")
            key = f"report.collected-{column}.{code}"
            word = say(language, key) if has_key(language, key) else code
            return say(language, "report.collected.common-kind", kind=word) if choice else word
        return value


def _region_labels(county: County) -> dict[str, Label]:
    """Return the regions and parents of a county with their names, by code."""
    regions = county.project.parts.regions
    codes = list(county.regions)
    if regions is not None:
        codes += map(str, regions.frame.index)
    return {code: region_label(code, regions) for code in codes}


def _standard_titles(spec: StandardSpec, language: Language) -> dict[tuple[str, str], str]:
    """Return what indicators, data and switches of a standard are called, by column and id."""
    titles = {}
    for indicator in spec.indicator:
        label = Label(indicator.id, indicator.name)
        titles["indicator", indicator.id] = label.say(language)
        titles["name", indicator.id] = label.say(language)
    for name, data in spec.data.items():
        label = Label(name, data.name)
        titles["name", name] = label.say(language)
    for name, switch in spec.switch.items():
        label = Label(name, switch.name)
        titles["name", name] = label.say(language)
    return titles


def _switch_words(cell_value: str, titles: Mapping[tuple[str, str], str]) -> list[str]:
    """Return switches, written ``name=option;name=option``, with their titles."""
    words = []
    for switch in cell_value.split(";"):
        name, _, option = switch.partition("=")
        title = titles.get(("name", name), name)
        words.append(f"{title} = {option}")
    return words


def _problem_labels(codes: str, language: Language) -> list[Label]:
    """Return codes of problems, joined by commas or semicolons, with their titles."""
    labels = []
    for code in codes.replace(",", ";").split(";"):
        name = code.strip()
        key = f"problem_titles.{name}"
        labels.append(Label(name, text(key) if has_key(language, key) else None))
    return labels
