"""What the terminal shows of two standards: by indicator, what differs, and what that does.

Names come first and identifiers after them. Differences of words and plausible ranges are left to
``--csv`` and ``--out``, which have everything.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
from rich.table import Table

from gep.account.caption import evidence_title, legal_title
from gep.account.lines import TOTAL
from gep.collection.choice_effects import INTERACTION
from gep.comparison.standards import (
    BOTH,
    DIFFERS,
    FIRST,
    PRICE_YEAR,
    SAME,
    SECOND,
    aspect_of,
)
from gep.errors import ProblemLog
from gep.inputs.value_rows import grade_title
from gep.standards.method import load_method
from gep.standards.standard import Standard
from gep.terminal.account import (
    console,
    number,
    print_caption,
    print_line,
    titled_table,
    unit_title,
)
from gep.texts.catalogue import Label, Language, Sayable, has_key, join, say
from gep.workflows.compare_standards import (
    FORMULA,
    MISSING,
    QUANTITY,
    VALUE,
    StandardComparison,
)

_SHOWN = ("category", "formula", "unit", "clause", "coefficients", "switches")
_KINDS = {"data": "data", "coef": "coefficient", "step": "step"}  # by the source of an input
_SILENT = ("per", "kind", "additive")  # keys that say how a formula is applied
_MOST_ROWS = 60  # of the differences; --csv has all
_MOST_NUMBERS = 3  # of a coefficient, that are shown one by one


class StandardWords:
    """Names and words of two standards in a language.

    Parameters
    ----------
    comparison : StandardComparison
    language : {'zh', 'en'}
    """

    def __init__(self, comparison: StandardComparison, language: Language) -> None:
        self.language = language
        self.standards = (comparison.first, comparison.second)
        self._titles: dict[tuple[str, str], Sayable] = {}
        self.none = self.say("none")
        for coefficient_set in reversed(comparison.sets):
            for name, declared in coefficient_set.header.coefficient.items():
                self._titles["coefficient", name] = declared.name
        for standard in reversed(self.standards):
            self._add_titles(standard)

    def _add_titles(self, standard: Standard) -> None:
        """Gather the titles of a standard."""
        spec = standard.spec
        for name, data in spec.data.items():
            self._titles["data", name] = data.name
        for name, coefficient in spec.coefficient.items():
            self._titles["coefficient", name] = coefficient.name
        for name, switch in spec.switch.items():
            self._titles["switch", name] = switch.name
        for indicator in spec.indicator:
            self._titles["indicator", indicator.id] = indicator.name
        for named in standard.steps():
            if named.step.name is not None:
                self._titles["step", named.name] = named.step.name

    def label(self, kind: str, name: str) -> str:
        """Return the name of something, with its id."""
        title = self._titles.get((kind, name))
        return Label(name, title).say(self.language)

    def title(self, kind: str, name: str) -> str:
        """Return the name of something without its id; blank if it has none."""
        title = self._titles.get((kind, name))
        if title is None:
            return ""
        return title.say(self.language)

    def option(self, switch: str, option: str) -> str:
        """Return the name of an option, with its id."""
        for standard in self.standards:
            declared = standard.spec.switch.get(switch)
            if declared is not None and option in declared.options:
                return declared.option(option).say(self.language)
        return option

    def category(self, category: str) -> str:
        """Return a category in words."""
        key = f"account.category.{category}"
        if not has_key("en", key):
            return category
        return say(self.language, key)

    def listed(self, items: Sequence[str]) -> str:
        """List words in a sentence."""
        return join(self.language, items, len(items))

    def say(self, key: str, **values: Any) -> str:
        """Return a text of the section ``standards`` of the terminal."""
        return say(self.language, f"terminal.standards.{key}", **values)


def print_standards(comparison: StandardComparison, language: Language) -> None:
    """Print what two standards state, and what the choice does to a project.

    Parameters
    ----------
    comparison : StandardComparison
    language : {'zh', 'en'}
    """
    words = StandardWords(comparison, language)
    lines = []
    for side, standard in zip((FIRST, SECOND), words.standards, strict=True):
        spec = standard.spec
        lines.append(
            words.say(
                "standard",
                side=words.say(side),
                standard=Label(standard.id, spec.title),
                measure=say(language, f"account.measure.{spec.approach or spec.measure}"),
                legal=legal_title(spec.legal, language),
                evidence=evidence_title(spec.evidence, language),
                ecosystems=spec.ecosystems,
                unit=unit_title(spec.unit, language),
            )
        )
    print_caption(words.say("title"), lines)
    _print_indicators(comparison, words)
    _print_differences(comparison, words)
    if comparison.reasons is not None:
        for year, rows in comparison.reasons.groupby("year", sort=False):
            _print_reasons(str(year), rows, comparison, words)


def _print_indicators(comparison: StandardComparison, words: StandardWords) -> None:
    """Print a row for each indicator: where it is, and what differs."""
    table = _table(words, "indicators", ("indicator", FIRST, SECOND, "differs"))
    for row in comparison.indicators.to_dict("records"):
        cells = [words.label("indicator", row["indicator"])]
        for side in (FIRST, SECOND):
            category = row[f"{side}_category"]
            cells.append(words.category(category) if category else words.none)
        aspects = []
        for name in row["differs"].split(";"):
            if name:
                aspects.append(words.say(f"aspect.{name}"))
        difference = words.listed(aspects)
        if row["in"] in (FIRST, SECOND):
            difference = words.say(f"only-{row['in']}")
        if not difference:
            difference = words.say("same")
        table.add_row(*cells, difference)
    console().print(table)


def _table(words: StandardWords, title: str, headings: Sequence[str]) -> Table:
    """Begin a table of texts."""
    table = titled_table(words.say(title))
    for heading in headings:
        table.add_column(words.say(heading), overflow="fold")
    return table


# --- what differs ---------------------------------------------------------------------------------


class _Difference(NamedTuple):
    """What differs of an indicator, in words: what it is, and what each standard states."""

    what: str
    first: str
    second: str


def _print_differences(comparison: StandardComparison, words: StandardWords) -> None:
    """Print what differs in indicators that both standards have."""
    is_shared = comparison.indicators["in"] == BOTH
    shared = comparison.indicators["indicator"][is_shared.to_numpy()]
    details = comparison.details
    is_shown = details["indicator"].isin(shared)
    is_shown &= details["state"] != SAME
    differing = details[is_shown.to_numpy()]
    rows = []
    for place, group in differing.groupby(["indicator", "part", "item"], sort=False):
        indicator, part, item = map(str, place)
        title = words.label("indicator", indicator)
        stated = []
        for row in group.to_dict("records"):
            is_told = aspect_of(part, row["key"]) in _SHOWN
            if is_told and row["key"] not in _SILENT:
                stated.append(row)
        name = _item_title(indicator, part, item, words)
        for difference in _item_differences(part, item, name, stated, words):
            rows.append((title, *difference))
    if not rows:
        return
    table = _table(words, "differences", ("indicator", "what", FIRST, SECOND))
    previous = ""
    for title, *cells in rows[:_MOST_ROWS]:
        table.add_row("" if title == previous else title, *cells)
        previous = title
    hidden = len(rows) - _MOST_ROWS
    if hidden > 0:
        table.caption = words.say("more", count=hidden)
    console().print(table)


def _item_title(indicator: str, part: str, item: str, words: StandardWords) -> str:
    """Return the name of a step, coefficient or switch, with its id."""
    if part in ("coefficient", "switch"):
        label = words.label(part, item)
        return words.say(part, name=label)
    if part != "step":
        return ""
    title = words.title("step", f"{indicator}.{item}")
    if title:
        return words.say("step", step=f"{title} ({item})")
    return words.say("step", step=words.label("step", item))


def _item_differences(
    part: str,
    item: str,
    name: str,
    rows: Sequence[Mapping[str, Any]],
    words: StandardWords,
) -> Iterator[_Difference]:
    """Yield what differs of a step, coefficient or switch, in words.

    Parameters
    ----------
    part, item : str
        What it is, and its id.
    name : str
        Its name.
    rows : sequence of mapping
        The keys that differ.
    words : StandardWords

    Yields
    ------
    _Difference
    """
    if part == "coefficient":
        yield from _number_differences(name, rows, words)
        return
    only_one_has_it = False
    for row in rows:
        if row["key"] == "method" and row["state"] != DIFFERS:
            only_one_has_it = True
    for row in rows:
        key = row["key"]
        if only_one_has_it and key != "method":
            continue
        stem, _, argument = key.partition(".")
        key_text = f"terminal.standards.key.{stem}"
        pieces = [name, stem, argument]
        if has_key("en", key_text):
            pieces[1] = say(words.language, key_text)
        both = []
        for side, standard in zip((FIRST, SECOND), words.standards, strict=True):
            stated = row[side]
            if stated and part == "switch" and key == "default":
                both.append(words.option(item, stated))
            else:
                both.append(_stated_words(stated, key, standard, words))
        what = " ".join(filter(None, pieces))
        yield _Difference(what, *both)


def _stated_words(stated: str, key: str, standard: Standard, words: StandardWords) -> str:
    """Return what a standard states at a key, in words where there are some."""
    if not stated:
        return words.none
    if key in ("category", "source_category"):
        return words.category(stated)
    if key == "unit":
        return unit_title(stated, words.language)
    if key == "method":
        method = load_method(
            stated,
            standard.path.parent,
            standard.path.name,
            ProblemLog(),  # a method that is not loaded is shown by its name
            allow_code=False,
        )
        if method is None:
            return stated
        return f"{method.formula} ({stated})"
    source, _, bound = stated.partition("=")
    if key.startswith("inputs.") and source in _KINDS:
        name, blank, rest = bound.partition(" ")
        label = words.label(_KINDS[source], name)
        return f"{label}{blank}{rest}"
    return stated


def _number_differences(
    name: str, rows: Sequence[Mapping[str, Any]], words: StandardWords
) -> Iterator[_Difference]:
    """Yield the numbers of a coefficient that differ; of many only how many they are."""
    if len(rows) > _MOST_NUMBERS:
        both = []
        for side in (FIRST, SECOND):
            stated = [row for row in rows if row[side]]
            count = len(stated)
            both.append(words.say("numbers", count=count) if count else words.none)
        yield _Difference(name, *both)
        return
    for row in rows:
        members = row["key"].removeprefix(VALUE)
        yield _Difference(
            what=f"{name}{members}",
            first=_graded(row["first"], row["first_grade"], words),
            second=_graded(row["second"], row["second_grade"], words),
        )


def _graded(stated: str, grades: str, words: StandardWords) -> str:
    """Return a number with its price year and the words of its grade."""
    if not stated:
        return words.none
    amount, _, year = stated.partition(f" {PRICE_YEAR}=")
    remarks = []
    if year.isdecimal():
        remarks.append(words.say("price-year", year=year))
    elif year:
        remarks.append(words.say("no-price-year"))
    for name in grades.split(";"):
        if name:
            remarks.append(grade_title(name, words.language))
    if not remarks:
        return amount
    return words.say("graded", number=amount, grade=words.listed(remarks))


# --- a project under both -------------------------------------------------------------------------


def _print_reasons(
    year: str, rows: pd.DataFrame, comparison: StandardComparison, words: StandardWords
) -> None:
    """Print the values of a year under both standards, and why they differ.

    Where neither gives a value, the quantities are shown.
    """
    assert comparison.project is not None
    title = comparison.project.spec.project.title
    codes = comparison.project.parts.areas.rows["region"]
    kind = QUANTITY
    if (rows["reason"] == VALUE).any():
        kind = VALUE
    table = titled_table(words.say("values", project=title.say(words.language), year=year))
    table.add_column(words.say("indicator"), overflow="fold")
    for heading in (FIRST, SECOND, "difference"):
        table.add_column(words.say(heading), justify="right", overflow="fold")
    for heading in ("unit", "reasons"):
        table.add_column(words.say(heading), overflow="fold")
    for indicator, group in rows.groupby("indicator", sort=False):
        entry = _IndicatorReasons(words, kind, is_counted=codes.nunique() > 1)
        for row in group.to_dict("records"):
            entry.add(row)
        label = words.label("indicator", str(indicator))
        if indicator == TOTAL:
            label = group["name"].iloc[0]
        reasons = "\n".join(entry.reasons())
        for cells in entry.amounts or [_NO_AMOUNTS]:
            table.add_row(label, *cells, reasons)
            label = reasons = ""
    console().print(table)
    print_line(words.say("how"))


_NO_AMOUNTS = ("", "", "", "")
_OF_LINES = ("switch", "coefficient", FORMULA, INTERACTION)


class _IndicatorReasons:
    """The amounts of an indicator under both standards, and the reasons of their difference.

    Parameters
    ----------
    words : StandardWords
    kind : {'value', 'quantity'}
        Which amounts are shown.
    is_counted : bool
        Whether the regions that lack an input are counted.
    """

    def __init__(self, words: StandardWords, kind: str, *, is_counted: bool) -> None:
        self.amounts: list[tuple[str, ...]] = []
        self._words = words
        self._kind = kind
        self._is_counted = is_counted
        self._is_shown = False  # the line that the rows belong to
        self._explained: list[str] = []
        self._missing: dict[str, list[str]] = {FIRST: [], SECOND: []}

    def add(self, row: Mapping[str, Any]) -> None:
        """Take a row of the table of reasons."""
        reason = row["reason"]
        if reason in (VALUE, QUANTITY):
            self._is_shown = reason == self._kind
            if self._is_shown:
                self._add_amounts(row)
        elif reason.startswith(MISSING):
            self._add_missing(row)
        elif self._is_shown or reason not in _OF_LINES:
            self._explained.append(self._explanation(row))

    def reasons(self) -> list[str]:
        """Return the reasons in words, what is missing at the end."""
        lines = list(self._explained)
        for side, names in self._missing.items():
            if names:
                listed = self._words.listed(names)
                side_name = self._words.say(side)
                lines.append(self._words.say("missing", side=side_name, names=listed))
        return lines

    def _add_amounts(self, row: Mapping[str, Any]) -> None:
        """Take both amounts, their difference and unit."""
        units = []
        for unit in row["unit"].split(" | "):
            units.append(unit_title(unit, self._words.language))
        self.amounts.append(
            (
                self._amount(row["first"]),
                self._amount(row["second"]),
                self._amount(row["effect"]),
                " | ".join(units),
            )
        )

    def _amount(self, amount: object) -> str:
        """Return an amount in words; blank where there is none."""
        if isinstance(amount, float):
            return number(amount)
        if not amount:
            return ""
        return self._words.say(f"state.{amount}")

    def _add_missing(self, row: Mapping[str, Any]) -> None:
        """Take what is missing under one or both standards."""
        words = self._words
        kind = row["reason"].removeprefix(MISSING)
        name = words.label(kind, row["item"])
        if row["members"]:
            name = words.say("of-types", name=name, types=row["members"])
        for side, names in self._missing.items():
            count = row[side]
            if count == "":
                continue
            if self._is_counted:
                names.append(words.say("missing-in", name=name, count=count))
            else:
                names.append(name)

    def _explanation(self, row: Mapping[str, Any]) -> str:
        """Return a reason in words, with what it does."""
        words = self._words
        reason = row["reason"]
        effect = self._amount(row["effect"])
        if reason in (FIRST, SECOND):
            said = words.say(f"only-{reason}")
            if not effect:
                return said
        else:
            said = words.say(
                f"reason.{reason}",
                name=words.label(reason, row["item"]),
                first=self._choice(row, FIRST),
                second=self._choice(row, SECOND),
            )
        if not effect:
            effect = words.say("unknown")
        return words.say("effect", reason=said, effect=effect)

    def _choice(self, row: Mapping[str, Any], side: str) -> str:
        """Return the option or number that a standard has."""
        if row["reason"] == "switch":
            return self._words.option(row["item"], row[side])
        return _graded(row[side], row[f"{side}_grade"], self._words)
