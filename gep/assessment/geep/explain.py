"""GEEP in words (核算说明): the caption of its tables, and how each figure came about.

An explanation begins with the formula of an item in numbers, and goes down to the rows of files
and the indicators of the account.
"""

from dataclasses import dataclass

import numpy as np

from gep.account.lines import TOTAL
from gep.assessment.geep.scheme import find_term
from gep.assessment.geep.tables import item_title, shown_item
from gep.assessment.geep.terms import (
    LOWER,
    TREATMENT_COST,
    UNIT_VALUE_NAMES,
    GeepItems,
    GeepResult,
    TermValues,
)
from gep.assessment.readings import reading_place
from gep.inputs.value_rows import GRADES, grade_words
from gep.io.toml_documents import Title
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import Label, Language, Listed, Text, say, text

_ACCOUNT = "account "  # how the place of a reading of the account begins
_INDENT = "  "  # of what an item is made of, below it

# Each item as a formula of others, with their signs.
_FORMULAS: dict[str, tuple[tuple[str, str], ...]] = {
    "ggdp": (("", "gdp"), ("- ", "rdc"), ("- ", "endc"), ("- ", "ecdc")),
    "gep": (("", "eps"), ("+ ", "ers"), ("+ ", "ecs")),
    "overlap": (("", "eps"), ("+ ", "ecs")),
    "geep": (("", "ggdp"), ("+ ", "gep"), ("- ", "overlap")),
    "geep_per_gdp": (("", "geep"), ("/ ", "gdp")),
    "ggi": (("", "gep"), ("/ ", "gdp")),
    "ers_share": (("", "ers"), ("/ ", "geep")),
    "rank_geep_minus_rank_gdp": (("", "rank_geep"), ("- ", "rank_gdp")),
}
# What is left of a formula where provisioning and cultural services are not known.
_SHORT_FORMULAS = {
    "overlap": (("", "gep"), ("- ", "ers")),
    "geep": (("", "ggdp"), ("+ ", "ers")),
}


# --- the caption ------------------------------------------------------------------------------


def caption(result: GeepResult) -> tuple[Text | Title, ...]:
    """Word what must be printed with the tables.

    Parameters
    ----------
    result : GeepResult

    Returns
    -------
    tuple of Text or Title
        The formula; for each year its prices, the grades of what was read, which costs are lower
        bounds, and which services are by unit values; the evidence of the scheme unless verified;
        the scheme's note.
    """
    spec = result.scheme.spec
    by_unit_values = [bool(terms.has_unit_values.all()) for terms in result.terms]
    is_alike = bool(by_unit_values) and all(by_unit_values)
    formula = "formula-of-unit-values" if is_alike else "formula"
    lines: list[Text | Title] = [text(f"geep.caption.{formula}")]
    for terms in result.terms:
        grades = _grades(terms)
        lines.append(
            text(
                "geep.caption.year",
                year=terms.year,
                price_year=terms.price_year,
                grades=Listed(grades, len(grades)),
            )
        )
        told = {"lower-bound": terms.is_lower_bound, "unit-values": terms.has_unit_values}
        for key, is_told in told.items():
            if is_told.any():
                codes = [terms.regions[position] for position in np.flatnonzero(is_told)]
                regions = tuple(result.context.label(code) for code in codes)
                listed = Listed(regions, len(regions))
                lines.append(text(f"geep.caption.{key}", year=terms.year, regions=listed))
    if spec.evidence != "verified":
        lines.append(text("geep.caption.evidence", evidence=grade_words(spec.evidence)))
    zh, _, en = spec.note.partition("\n")  # a note in two languages has a line of each
    if zh:
        lines.append(Title(zh=zh.strip(), en=(en or zh).strip()))
    return tuple(lines)


def _grades(terms: TermValues) -> tuple[Text, ...]:
    """Return the worst grade of each term or part that was read, each once, the best first."""
    worst = set()
    for values in terms.read.values():
        grades = values.grade[values.where != ""]
        if len(grades):
            worst.add(int(grades.max()))
    return tuple(grade_words(GRADES[code]) for code in sorted(worst))


# --- explanations -----------------------------------------------------------------------------


def explain_geep(
    result: GeepResult, region: str, year: int, item: str, language: Language
) -> list[str]:
    """Explain an item: its formula with numbers, then each term down to rows of files.

    Parameters
    ----------
    result : GeepResult
    region : str
        A region, a parent, or ``ALL_REGIONS``.
    year : int
    item : str
        An item of ``geep.csv``.
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        Lines, those of a term indented below the item that it is part of; empty where there is no
        such item.
    """
    names = {shown: name for name, shown in UNIT_VALUE_NAMES.items()} | {LOWER: "endc"}
    name = names.get(item, item)
    for items, terms in zip(result.items, result.terms, strict=True):
        if items.year != year:
            continue
        if (region, item) in items.gini:
            value = items.gini[region, item]
            return _explain_gini(value, item, terms, result, language)
        if region in items.codes and name in items.value:
            shown = shown_item(name, items, items.codes.index(region))
            if item not in (shown, "endc"):
                return []
            explanation = _Explanation(result, items, terms, region, language)
            return explanation.lines(name, 0)
    return []


def _explain_gini(
    value: float, item: str, terms: TermValues, result: GeepResult, language: Language
) -> list[str]:
    """Say of what a Gini coefficient is."""
    is_unweighted = item.endswith("unweighted")
    label = Label(item, item_title(item, result)).say(language)
    regions = tuple(result.context.label(code) for code in terms.regions)
    return [
        f"{label} = {value:.6g}",
        say(
            language,
            "geep.explain.gini-unweighted" if is_unweighted else "geep.explain.gini-weighted",
            regions=Listed(regions, len(regions)),
        ),
    ]


@dataclass(frozen=True)
class _Explanation:
    """The explanation of the items of a region or parent in a year."""

    result: GeepResult
    items: GeepItems
    terms: TermValues
    region: str
    language: Language

    @property
    def position(self) -> int:
        """The position of the region among the codes of items: regions, then parents."""
        return self.items.codes.index(self.region)

    def lines(self, name: str, depth: int) -> list[str]:
        """Explain an item at a depth of indentation, and below it what it is made of."""
        head = self._figure(name, depth)
        if name in _FORMULAS and not self._is_read_itself(name):
            return self._formula_lines(name, head, depth)
        if name in self.items.sizes:
            return self._lines_by_size(name, head, depth)
        if self.region not in self.terms.regions:
            return [say(self.language, "geep.explain.sum-of-regions", figure=head)]
        if name not in self.terms.read:
            return [head]
        where = self.terms.where(name, self.region)
        if where == "":
            return [say(self.language, "geep.explain.no-row", figure=head)]
        position = self.terms.regions.index(self.region)
        grade_code = self.terms.read[name].grade[position]
        grade = grade_words(GRADES[int(grade_code)])
        line = say(
            self.language, "geep.explain.read", figure=head, where=reading_place(where), grade=grade
        )
        return [
            line,
            *self._substance_lines(name, depth),
            *self._part_lines(name, depth),
            *self._indicator_lines(name, depth),
        ]

    def _figure(self, name: str, depth: int) -> str:
        """Return an item with its title, value and unit."""
        item = shown_item(name, self.items, self.position)
        label = Label(item, item_title(item, self.result))
        value = self.items.value[name][self.position]
        figure = _with_unit(value, self.items.unit[name])
        indent = _INDENT * depth
        return f"{indent}{label.say(self.language)} = {figure}"

    def _formula_lines(self, name: str, head: str, depth: int) -> list[str]:
        """Explain an item by its formula, or by what is left of it where services are unknown."""
        formula = _FORMULAS[name]
        operands = [operand for _, operand in formula]
        values = {}
        for operand in operands:
            values[operand] = self.items.value[operand][self.position]
        is_known = np.isfinite(list(values.values())).all()
        if not is_known:
            formula = _SHORT_FORMULAS.get(name, ())
        words = []
        below: list[str] = []
        for sign, operand in formula:
            word = sign + shown_item(operand, self.items, self.position)
            if is_known:
                word = f"{word} {values[operand]:.10g}"
            words.append(word)
            below += self.lines(operand, depth + 1)
        if words:
            head = f"{head} = {' '.join(words)}"
        return [head, *below]

    def _lines_by_size(self, name: str, head: str, depth: int) -> list[str]:
        """Explain GEEP per head or per square kilometre: what by what, then GEEP itself."""
        size = self.items.sizes[name][self.position]
        if not np.isfinite(size):
            return [head]
        geep = _with_unit(self.items.value["geep"][self.position], self.items.unit["geep"])
        unit = "person" if name == "geep_per_capita" else "km2"
        head = f"{head} = geep {geep} / {_with_unit(size, unit)}"
        return [head, *self.lines("geep", depth + 1)]

    def _is_read_itself(self, name: str) -> bool:
        """Whether an item that has a formula was read instead: an overlap, or GEP without parts."""
        if self.terms.where(name, self.region) == "":
            return False
        if name == "overlap":
            return True
        position = self.terms.regions.index(self.region)
        provisioning = self.terms.read["eps"].value[position]
        cultural = self.terms.read["ecs"].value[position]
        return bool(np.isnan(provisioning + cultural))

    def _substance_lines(self, name: str, depth: int) -> list[str]:
        """Explain a virtual treatment cost by substance."""
        if name != "endc" or self.terms.where(name, self.region) != TREATMENT_COST:
            return []
        lines = []
        for cost in self.terms.treated:
            if cost.region == self.region:
                product = say(
                    self.language,
                    "geep.explain.substance",
                    substance=cost.substance,
                    emission=_with_unit(cost.emission, cost.emission_unit, "g"),
                    cost=_with_unit(cost.cost, cost.cost_unit, "g"),
                    tau=cost.tau,
                    value=_with_unit(cost.value, self.items.unit[name]),
                    places=cost.places,
                )
                lines.append(_INDENT * (depth + 1) + product)
        return lines

    def _part_lines(self, name: str, depth: int) -> list[str]:
        """Name the parts of a term that were read."""
        lines = []
        for part, term in self.terms.term_of_part.items():
            where = self.terms.where(part, self.region)
            if term == name and where != "":
                figure = self._figure(part, depth + 1)
                lines.append(
                    say(
                        self.language,
                        "geep.explain.part",
                        figure=figure,
                        where=reading_place(where),
                    )
                )
        return lines

    def _indicator_lines(self, name: str, depth: int) -> list[str]:
        """Name the indicators of the account that a category is the sum of."""
        where = self.terms.where(name, self.region)
        if not isinstance(where, str) or not where.startswith(_ACCOUNT):
            return []
        term = find_term(self.result.scheme.spec, name)
        if term is None:
            return []
        lines = []
        for reading in term.readings:
            if reading.account in CATEGORIES:
                lines += self._category_lines(reading.account, reading.basis)
        indent = _INDENT * (depth + 1)
        return [indent + line for line in lines]

    def _category_lines(self, category: str, basis: str) -> list[str]:
        """Return the values of the indicators of a category of the account."""
        comparison = self.result.context.comparisons.get(basis)
        if comparison is None or self.terms.year not in comparison.levels:
            return []
        levels = comparison.levels[self.terms.year]
        position = list(comparison.codes).index(self.region)
        frame = comparison.lines
        is_shown = frame["category"] == category
        is_shown &= frame["indicator"] != TOTAL
        is_shown &= frame["item"] == ""
        is_shown &= frame["kind"] == "value"
        is_shown &= levels.known[position]
        spec = comparison.accounts[-1].plan.standard.spec
        titles = {indicator.id: indicator.name for indicator in spec.indicator}
        lines = []
        for number in np.flatnonzero(is_shown.to_numpy()):
            line = frame.iloc[number]
            indicator = line["indicator"]
            label = Label(indicator, titles.get(indicator))
            name = label.say(self.language)
            value = levels.values[position, number]
            figure = _with_unit(value, line["unit"])
            lines.append(f"{name} = {figure}")
        return lines


def _with_unit(value: float, unit: str, spec: str = ".10g") -> str:
    """Return a number with its unit; nothing is written for the unit 1."""
    number = format(value, spec)
    return number if unit == "1" else f"{number} {unit}"
