"""How an index came about (指数的由来): node by node down to the rows read, and the caption.

The module words what ``values`` computed; it computes nothing itself but shares and counts for the
caption. All sentences are in the catalogue (``index.toml``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.assessment.index.scheme import (
    ChangeGrades,
    CitedRule,
    GradeCutoffs,
    OpenRule,
    Restriction,
    change_by,
    grade_by,
)
from gep.assessment.index.tables import BEFORE, TOTAL
from gep.assessment.index.tree import IndexNode, IndexTree
from gep.assessment.index.values import (
    FULL,
    IndexResult,
    NodeValues,
    is_reversed,
    needed_nodes,
    shares_by_grade,
)
from gep.assessment.readings import reading_place
from gep.errors import Place
from gep.inputs.value_rows import GRADES, grade_words
from gep.io.toml_documents import Source, Title
from gep.texts.catalogue import Label, Language, Listed, Text, say, text

_WEAK = ("expert", "recalled", "placeholder")
_INDENT = "  "
_UNKNOWN = "-"  # a number that is not known


@dataclass(frozen=True)
class Rules:
    """What a scheme states besides its tree.

    Attributes
    ----------
    floor : float
        Result of efficacy functions at the worse limit.
    cutoffs : GradeCutoffs or None
    changes : ChangeGrades or None
    restrictions : tuple of Restriction
    sources : mapping of str to Source
    options : tuple of OpenRule
    """

    floor: float
    cutoffs: GradeCutoffs | None
    changes: ChangeGrades | None
    restrictions: tuple[Restriction, ...]
    sources: Mapping[str, Source]
    options: tuple[OpenRule, ...] = ()

    def cite(self, source: str, locator: str, grade: str) -> Text:
        """Return a source in words, with the place in it and the grade of evidence."""
        title: str | Title = source
        if source in self.sources:
            title = self.sources[source].title
        return text(
            "index.explanation.citation",
            source=title,
            locator=locator,
            grade=grade_words(grade),
        )

    def cite_rule(self, rule: CitedRule) -> Text:
        """Return the source of a rule in words."""
        return self.cite(rule.source, rule.locator, rule.grade)


def explain_index(
    result: IndexResult, rules: Rules, region: str, year: int, *, item: str, language: Language
) -> list[str]:
    """Explain the total of an index, or one of its nodes.

    Parameters
    ----------
    result : IndexResult
    rules : Rules
    region : str
    year : int
        One of the years of ``result``.
    item : str
        A node; ``total`` or ``before_restriction`` for the whole index.
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        Each node, how it was computed and where its weight was read, indented by level; for the
        total also the events that lowered it, its grade and the grade of its change.
    """
    name = result.root if item in (TOTAL, BEFORE, "") else item
    explanation = _explanation(result, rules, region, year, language)
    lines = explanation.lines(name)
    if name == result.root:
        lines += _total_lines(result, rules, region, year, language)
    return lines


def explain_target(
    result: IndexResult,
    rules: Rules,
    target_rows: pd.DataFrame,
    region: str,
    year: int,
    *,
    item: str,
    language: Language,
) -> list[str]:
    """Explain an indicator that is compared with its target.

    Parameters
    ----------
    result : IndexResult
        An index without total.
    rules : Rules
    target_rows : DataFrame
        The targets of the indicator in the year, by region; see ``Targets.current``.
    region : str
    year : int
    item : str
        A node.
    language : {'zh', 'en'}

    Returns
    -------
    list of str
    """
    explanation = _explanation(result, rules, region, year, language)
    lines = explanation.lines(item)
    if region in target_rows.index:
        row = target_rows.loc[region]
        line = say(
            language,
            "index.explanation.target",
            comparator=row["comparator"],
            target=float(row["target"]),
            unit=row["unit"],
            form=row["form"],
            year=row["year"],
            place=Place(row["file"], (int(row["row"]),)),
            source=row["source"],
        )
        lines.append(line)
    return lines


def _explanation(
    result: IndexResult, rules: Rules, region: str, year: int, language: Language
) -> "_NodeExplanation":
    """Return the explanation of a region's nodes in a year."""
    return _NodeExplanation(
        tree=result.tree,
        values=result.years[year],
        rules=rules,
        position=result.regions.index(region),
        language=language,
    )


@dataclass(frozen=True)
class _NodeExplanation:
    """The nodes of one region in one year, to be worded in one language.

    Attributes
    ----------
    tree : IndexTree
    values : NodeValues
    rules : Rules
    position : int
        Position of the region.
    language : {'zh', 'en'}
    """

    tree: IndexTree
    values: NodeValues
    rules: Rules
    position: int
    language: Language

    def lines(self, name: str) -> list[str]:
        """Return the lines of a node and of all that it was computed from."""
        lines: list[str] = []
        self._add_lines(name, 0, lines, set())
        return lines

    def _add_lines(self, name: str, depth: int, lines: list[str], explained: set[str]) -> None:
        """Add the lines of a node, then those of the nodes below it that were not explained yet."""
        node = self.tree.nodes[name]
        explained.add(name)
        value = self._value(name)
        if node.unit != "1":
            value = f"{value} {node.unit}"
        formula = self._formula(node)
        line = self._say("node", node=node.label, value=value, formula=formula)
        evidence = self._evidence(node)
        indent = _INDENT * depth
        lines.append(f"{indent}{line}")
        lines.append(f"{indent}{_INDENT}{evidence}")
        for source in self._sources(node):
            if source not in explained:
                self._add_lines(source, depth + 1, lines, explained)

    def _sources(self, node: IndexNode) -> list[str]:
        """Return the nodes that a node was computed from."""
        children = self.tree.children[node.id]
        is_read = self.values.is_read[node.id]
        if not children:
            sources = (*node.inputs, *node.denominator)
            return list(dict.fromkeys(sources))
        if self._is(is_read):
            return []
        return [*children, *node.denominator]

    def _evidence(self, node: IndexNode) -> str:
        """Return weight and coefficient of a node, and where they were read."""
        numbers = []
        if np.isfinite(node.weight):
            numbers.append(self._say("weight", weight=node.weight))
        if node.coefficient != 1:
            numbers.append(self._say("coefficient", coefficient=node.coefficient))
        grade = GRADES[node.grade]
        citation = self.rules.cite(node.source, node.locator, grade)
        evidence = citation.say(self.language)
        if numbers:
            evidence = self._say("evidence-of-numbers", numbers=numbers, citation=evidence)
        if node.note:
            evidence = self._say("with-note", line=evidence, note=node.note)
        return evidence

    def _formula(self, node: IndexNode) -> str:
        """Return how a node was computed, from what, and what was done to the result."""
        name = node.id
        reading = self.values.readings[name]
        place = reading_place(reading.where[self.position])
        grade = GRADES[reading.grade[self.position]]
        has_children = bool(self.tree.children[name])
        is_read = self._is(self.values.is_read[name])
        if self._is(self.values.is_na[name]):
            if place:
                return self._say("na", place=place)
            return self._say("na-below")
        if has_children and is_read:
            formula = self._say("parent-read", place=place, grade=grade_words(grade))
        elif has_children:
            formula = self._sum(node)
        elif is_read:
            number = _number(reading.value[self.position])
            formula = self._say(
                "leaf-read",
                number=self._scaled(node, number),
                reading=str(node.reading),
                place=place,
                grade=grade_words(grade),
            )
        elif node.formula:
            inputs = []
            for source in node.inputs:
                value = self._value(source)
                inputs.append(f"{source} {value}")
            arguments = ", ".join(inputs)
            formula = self._scaled(node, f"{node.formula}({arguments})")
        else:
            return self._say(f"missing.{node.missing}", floor=self.rules.floor)
        adjustment = self._adjustment(node)
        if adjustment:
            return self._say("adjusted", formula=formula, adjustment=adjustment)
        return formula

    def _adjustment(self, node: IndexNode) -> str:
        """Return in words the efficacy function, caps or rounding of a node; blank if none."""
        name = node.id
        position = self.position
        raw = self.values.raw[name][position]
        value = self.values.value[name][position]
        if node.normalise == "efficacy":
            limits = self.values.limits[name]
            low = _number(limits.low[position])
            high = _number(limits.high[position])
            floor = self.rules.floor
            factor = FULL - floor
            distance = f"(x - {low})" if node.direction == "+" else f"({high} - x)"
            return f"{floor:g} + {factor:g} {distance}/({high} - {low})"
        raw_number = _number(raw)
        if raw > node.max or raw < node.min:
            return self._say("capped", raw=raw_number, value=_number(value))
        if np.isfinite(raw) and raw != value:
            return self._say("rounded", raw=raw_number)
        return ""

    def _sum(self, node: IndexNode) -> str:
        """Return the weighted sum or mean of the children of a node as a formula."""
        terms = []
        weight_sum = 0.0
        for child in self.tree.children[node.id]:
            if self.values.share[child][self.position] > 0:
                child_node = self.tree.nodes[child]
                weight = child_node.weight
                weight_sum += weight
                value = self._value(child)
                if is_reversed(child_node):
                    value = f"(100 - {value})"
                terms.append(f"{weight:.6g} × {value}")
        if not terms:
            return self._say("no-components")
        formula = " + ".join(terms)
        is_divided = node.combine == "mean" and weight_sum != 1
        if is_divided:
            formula = f"({formula}) / {weight_sum:.6g}"
        elif node.coefficient != 1 or node.denominator:
            formula = f"({formula})"
        formula = self._scaled(node, formula)
        if self._is(self.values.followed[node.id]):
            formula = self._say("followed", formula=formula)
        return formula

    def _scaled(self, node: IndexNode, formula: str) -> str:
        """Return a formula multiplied by the coefficient and divided by the denominators."""
        if node.coefficient != 1:
            formula = f"{node.coefficient:.10g} × {formula}"
        for name in node.denominator:
            formula = f"{formula} / {name} {self._value(name)}"
        return formula

    def _value(self, name: str) -> str:
        """Return the value of a node as a text."""
        return _number(self.values.value[name][self.position])

    def _is(self, mask: np.ndarray) -> bool:
        """Return whether something holds for the region."""
        return bool(mask[self.position])

    def _say(self, key: str, **values: object) -> str:
        """Word a text of the explanation."""
        return say(self.language, f"index.explanation.{key}", **values)


def _total_lines(
    result: IndexResult, rules: Rules, region: str, year: int, language: Language
) -> list[str]:
    """Return lines on the events that lowered the total, its grade and the grade of its change."""
    position = result.regions.index(region)
    root_value = result.years[year].value[result.root][position]
    total = result.total[year][position]
    restrictions = {restriction.event: restriction for restriction in rules.restrictions}
    lines = []
    events = result.events[year]
    is_in_region = events["region"] == region
    for row in events[is_in_region.to_numpy()].itertuples():
        restriction = restrictions[row.event]
        line = say(
            language,
            "index.explanation.restriction",
            event=Label(restriction.event, restriction.name),
            document=row.document,
            date=row.date,
            place=Place(row.file, (int(row.row),)),
            citation=rules.cite_rule(restriction),
            before=_number(root_value),
            after=_number(total),
        )
        lines.append(line)
    grade = grade_by(total, rules.cutoffs)
    if grade is not None and rules.cutoffs is not None:
        citation = rules.cite_rule(rules.cutoffs)
        lines.append(say(language, "index.explanation.grade", grade=grade, citation=citation))
    change = result.change(year)[position]
    change_grade = change_by(change, rules.changes)
    if change_grade is not None and rules.changes is not None:
        line = say(
            language,
            "index.explanation.change",
            change=float(change),
            grade=change_grade,
            citation=rules.cite_rule(rules.changes),
        )
        lines.append(line)
    return lines


def _number(value: float) -> str:
    """Return a number as explanations show it."""
    return _UNKNOWN if np.isnan(value) else f"{value:.6g}"


def caption(result: IndexResult, rules: Rules, years: Sequence[int]) -> tuple[Text, ...]:
    """Make the caption of the table of an index.

    Parameters
    ----------
    result : IndexResult
    rules : Rules
    years : sequence of int
        The assessed years.

    Returns
    -------
    tuple of Text
        How well weights are known; rules of weak evidence; readings that are missing, by what was
        done about them; years that were left out; what changes are computed from.
    """
    lines = [_grades_of_weights(result)]
    cutoffs = rules.cutoffs
    if cutoffs is not None and cutoffs.grade in _WEAK:
        lines.append(text("index.caption.cutoffs", grade=grade_words(cutoffs.grade)))
    changes = rules.changes
    if changes is not None and changes.grade in _WEAK:
        lines.append(text("index.caption.changes", grade=grade_words(changes.grade)))
    for restriction in rules.restrictions:
        if restriction.grade in _WEAK:
            event = Label(restriction.event, restriction.name)
            line = text(
                "index.caption.restriction", event=event, grade=grade_words(restriction.grade)
            )
            lines.append(line)
    for rule in rules.options:
        if _is_used(rule, result):
            lines.append(_option_line(rule))
    lines += _counts(result)
    left_out = tuple(str(year) for year in years if year not in result.years)
    if left_out:
        listed = Listed(left_out, len(left_out))
        lines.append(text("index.caption.years-left-out", years=listed))
    if _is_lowered(result):
        lines.append(text("index.caption.change-before-restriction"))
    return tuple(lines)


def _is_used(rule: OpenRule, result: IndexResult) -> bool:
    """Return whether a node that depends on an open rule has a value in any year."""
    for values in result.years.values():
        for reading in rule.choices.values():
            for name in reading.coefficient:
                if np.isfinite(values.value[name]).any():
                    return True
    return False


def _option_line(rule: OpenRule) -> Text:
    """Return the reading of an open rule that was taken, and those that were not."""
    others = []
    for name, reading in rule.choices.items():
        if name != rule.default:
            others.append(reading.name)
    return text(
        "index.caption.option",
        rule=rule.name,
        taken=rule.choices[rule.default].name,
        others=Listed(tuple(others), len(others)),
        grade=grade_words(rule.grade),
    )


def _is_lowered(result: IndexResult) -> bool:
    """Return whether an event lowered the index of any region."""
    for year, values in result.years.items():
        root_value = values.value[result.root]
        is_lower = result.total[year] < root_value
        if is_lower.any():
            return True
    return False


def _grades_of_weights(result: IndexResult) -> Text:
    """Return the shares of the weight by the worst grade, averaged over regions and years."""
    sums: dict[int, float] = {}
    for values in result.years.values():
        shares = shares_by_grade(result.tree, result.root, values)
        for grade, share in shares.items():
            previous = sums.get(grade, 0)
            sums[grade] = previous + float(share.sum())
    total = sum(sums.values()) or 1.0
    grades = []
    for grade in sorted(sums):
        percent = 100 * sums[grade] / total
        if percent:
            name = grade_words(GRADES[grade])
            grades.append(text("index.caption.share", grade=name, percent=percent))
    listed = Listed(tuple(grades), len(grades))
    return text("index.caption.weights", grades=listed)


def _counts(result: IndexResult) -> list[Text]:
    """Count missing readings by the rule of their node, and values that were capped."""
    counts = {"floor": 0, "spread": 0, "follow": 0, "capped": 0}
    for values in result.years.values():
        needed = needed_nodes(result.tree, result.root, values)
        for name, node in result.tree.nodes.items():
            raw = values.raw[name]
            is_needed = needed[name]
            if node.missing in counts:
                is_na = values.is_na[name]
                is_missing = is_needed & ~is_na
                is_missing &= np.isnan(raw)
                counts[node.missing] += int(is_missing.sum())
            if node.normalise == "none":
                is_outside = (raw > node.max) | (raw < node.min)
                is_capped = is_needed & is_outside
                counts["capped"] += int(is_capped.sum())
    lines = []
    for rule, count in counts.items():
        if count:
            lines.append(text(f"index.caption.count.{rule}", count=count))
    return lines
