"""Two standards side by side (规范对照): every indicator, and what each of the two states of it.

Standards are compared as they are complete, so that one that is derived is compared with its base
by what it changes. Indicators are paired by their ids, and where these differ by their names.
Nothing is said of which of the two is right, and nothing is computed: what the choice does to the
account of a project is left to ``gep.workflows.compare_standards``.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from gep.inputs.coefficients import CoefficientSet
from gep.inputs.value_rows import GRADES, KEYS
from gep.standards.standard import Indicator, NamedStep, Standard
from gep.texts.catalogue import Language

INDICATOR_COLUMNS = (
    "indicator",
    "name",
    "in",
    "first_category",
    "second_category",
    "differs",
)
DETAIL_COLUMNS = (
    "indicator",
    "name",
    "part",
    "item",
    "key",
    "first",
    "second",
    "state",
    "first_grade",
    "second_grade",
)
BOTH = "both"
FIRST = "first"
SECOND = "second"
SAME = "same"
DIFFERS = "differs"

# Where entries differ, by their part and key: what is said of the indicator, in this order.
ASPECTS = (
    "category",
    "formula",
    "unit",
    "clause",
    "coefficients",
    "switches",
    "options",
    "data",
    "words",
)
_ASPECT_OF_PART = {
    "coefficient": "coefficients",
    "switch": "switches",
    "option": "options",
    "data": "data",
}
_ASPECT_OF_KEY = {
    "category": "category",
    "source_category": "category",
    "price_concept": "category",
    "unit": "unit",
    "clause": "clause",
    "when": "options",
}
_WORDS = ("id", "name", "note", "overlaps", "per_km2")  # keys that change no number
_TABLES = ("sources", "data", "coefficient", "switch")
_NOT_IN_HEAD = (*_TABLES, "step", "indicator", "total")
PRICE_YEAR = "price_year"  # behind a number, or behind the key where there are several
VALUE = "value"  # the key of a coefficient's number, with the members that it is for


class EntryKey(NamedTuple):
    """What an entry is known by.

    Attributes
    ----------
    indicator : str
        Blank for what belongs to the standard as a whole.
    part : str
        ``indicator``, ``step``, ``option`` (a step that other options of switches turn on),
        ``coefficient``, ``switch``, ``data``; of the whole: ``standard``, ``sources``, ``total``.
    item : str
        Step, coefficient, switch, data name; blank for the indicator itself.
    key : str
    """

    indicator: str
    part: str
    item: str
    key: str


class Statement(NamedTuple):
    """What a standard states at an entry: the words, and the grade of a number."""

    words: str
    grade: str = ""


Entries = dict[EntryKey, Statement]
Members = Mapping[str, Sequence[str]]  # by key, those that a step takes


class IndicatorPair(NamedTuple):
    """An indicator in the first and in the second standard; None where one has it not."""

    first: Indicator | None
    second: Indicator | None

    @property
    def indicator(self) -> Indicator:
        """The indicator that names the pair: that of the first standard, if it has it."""
        indicator = self.first or self.second
        assert indicator is not None
        return indicator

    @property
    def place(self) -> str:
        """``both``, ``first`` or ``second``: which of the standards has it."""
        if self.first is not None and self.second is not None:
            return BOTH
        return SECOND if self.first is None else FIRST


@dataclass(frozen=True)
class StandardTables:
    """Two standards side by side.

    Attributes
    ----------
    pairs : tuple of IndicatorPair
    indicators : DataFrame
        Columns ``INDICATOR_COLUMNS``: a row for each pair. ``differs`` lists, with semicolons, what
        of ``ASPECTS`` is not the same in both.
    details : DataFrame
        Columns ``DETAIL_COLUMNS``: a row for each entry of either standard; ``state`` is ``same``,
        ``differs``, ``first`` or ``second`` (only that standard has it).
    """

    pairs: tuple[IndicatorPair, ...]
    indicators: pd.DataFrame
    details: pd.DataFrame


def paired_indicators(first: Standard, second: Standard) -> tuple[IndicatorPair, ...]:
    """Pair the indicators of two standards, by id and then by their Chinese names.

    Parameters
    ----------
    first, second : Standard

    Returns
    -------
    tuple of IndicatorPair
        In the order of the first standard, followed by those that only the second has.
    """
    remaining = {indicator.id: indicator for indicator in second.spec.indicator}
    first_ids = {indicator.id for indicator in first.spec.indicator}
    by_name: dict[str, str] = {}
    for indicator in second.spec.indicator:
        if indicator.id not in first_ids:
            by_name[indicator.name.say("zh")] = indicator.id
    pairs = []
    for indicator in first.spec.indicator:
        partner = indicator.id
        if partner not in remaining:
            partner = by_name.get(indicator.name.say("zh"), "")
        pairs.append(IndicatorPair(indicator, remaining.pop(partner, None)))
    for indicator in remaining.values():
        pairs.append(IndicatorPair(None, indicator))
    return tuple(pairs)


def standard_tables(
    first: Standard,
    first_sets: Sequence[CoefficientSet],
    second: Standard,
    second_sets: Sequence[CoefficientSet],
    language: Language,
) -> StandardTables:
    """Set two standards side by side.

    Parameters
    ----------
    first, second : Standard
    first_sets, second_sets : sequence of CoefficientSet
        The coefficient sets that each takes its defaults from, in the order of search.
    language : {'zh', 'en'}
        Language of the names of indicators.

    Returns
    -------
    StandardTables
    """
    pairs = paired_indicators(first, second)
    names = {"": ""}
    aliases: dict[str, str] = {}  # ids of the second standard by which the first knows them
    for pair in pairs:
        names[pair.indicator.id] = pair.indicator.name.say(language)
        if pair.second is not None:
            aliases[pair.second.id] = pair.indicator.id
    before = dict(_entries_of(first, first_sets, {}))
    after = dict(_entries_of(second, second_sets, aliases))
    details = _detail_rows(before, after, names)
    aspects = _aspects_by_indicator(details)
    rows = []
    for pair in pairs:
        differing = aspects.get(pair.indicator.id, set()) if pair.place == BOTH else set()
        ordered = [aspect for aspect in ASPECTS if aspect in differing]
        rows.append(
            (
                pair.indicator.id,
                names[pair.indicator.id],
                pair.place,
                "" if pair.first is None else pair.first.category,
                "" if pair.second is None else pair.second.category,
                ";".join(ordered),
            )
        )
    indicators = pd.DataFrame(rows, columns=list(INDICATOR_COLUMNS))
    return StandardTables(pairs, indicators, details)


def _aspects_by_indicator(details: pd.DataFrame) -> dict[str, set[str]]:
    """Return what differs of each indicator; a step that only one has is another formula."""
    differing = details[details["state"] != SAME]
    is_single = (differing["key"] == "method") & (differing["state"] != DIFFERS)
    columns = ["indicator", "part", "item"]
    single = set(differing[is_single][columns].itertuples(index=False, name=None))
    aspects: dict[str, set[str]] = {}
    for row in differing.to_dict("records"):
        place = (row["indicator"], row["part"], row["item"])
        key = "method" if place in single else row["key"]
        aspect = aspect_of(row["part"], key)
        aspects.setdefault(row["indicator"], set()).add(aspect)
    return aspects


def aspect_of(part: str, key: str) -> str:
    """Return what differs of an indicator where an entry differs.

    Parameters
    ----------
    part, key : str
        See ``EntryKey``.

    Returns
    -------
    str
        One of ``ASPECTS``.
    """
    if part == "coefficient" and not key.startswith(VALUE):
        return "words"
    if part == "switch" and key != "default":
        return "options" if key == "options" else "words"
    if part in _ASPECT_OF_PART:
        return _ASPECT_OF_PART[part]
    if key in _WORDS:
        return "words"
    return _ASPECT_OF_KEY.get(key, "formula")


def _detail_rows(before: Entries, after: Entries, names: Mapping[str, str]) -> pd.DataFrame:
    """Return a row for each entry of either standard, those of an indicator together."""
    order = {indicator: position for position, indicator in enumerate(names)}
    entries = dict.fromkeys([*before, *after])
    rows = []
    for entry in sorted(entries, key=lambda entry: order[entry.indicator]):
        first = before.get(entry)
        second = after.get(entry)
        if first is None:
            state = SECOND
        elif second is None:
            state = FIRST
        else:
            state = SAME if first == second else DIFFERS
        first_words, first_grade = first or Statement("")
        second_words, second_grade = second or Statement("")
        row = (entry.indicator, names[entry.indicator], entry.part, entry.item, entry.key)
        rows.append((*row, first_words, second_words, state, first_grade, second_grade))
    return pd.DataFrame(rows, columns=list(DETAIL_COLUMNS))


# --- entries of a standard ------------------------------------------------------------------------


def _entries_of(
    standard: Standard, sets: Sequence[CoefficientSet], aliases: Mapping[str, str]
) -> Iterator[tuple[EntryKey, Statement]]:
    """Yield what a standard states: of the whole, then of each indicator.

    Parameters
    ----------
    standard : Standard
    sets : sequence of CoefficientSet
    aliases : mapping of str to str
        Indicators by ids of the standard, where the other standard knows them by another id.

    Yields
    ------
    EntryKey, Statement
        Steps, coefficients, switches and data that several indicators use are stated for each.
    """
    document = standard.spec.model_dump(mode="json", by_alias=True)
    head = {key: value for key, value in document.items() if key not in _NOT_IN_HEAD}
    yield from _stated("", "standard", "", head)
    for name, entry in document["sources"].items():
        yield from _stated("", "sources", name, entry)
    for total in document["total"]:
        yield from _stated("", "total", total["id"], total)
    numbers = _default_numbers(sets)
    declared: set[tuple[str, str]] = set()
    for indicator in standard.spec.indicator:
        name = aliases.get(indicator.id, indicator.id)
        keys = indicator.model_dump(mode="json", by_alias=True)
        del keys["step"]
        yield from _stated(name, "indicator", "", keys)
        needs: dict[tuple[str, str], list[Members]] = {}
        for named in steps_behind(standard, indicator):
            yield from _entries_of_step(name, indicator.id, named, standard)
            for need, members in _needs_of(named):
                needs.setdefault(need, []).append(members)
        for (part, item), asked in needs.items():
            yield from _stated(name, part, item, document[part].get(item, {}))
            if part == "coefficient":
                yield from _numbers_asked(name, item, numbers.get(item, ()), asked)
        declared |= set(needs)
    for part in ("data", "coefficient", "switch"):
        for item, entry in document[part].items():
            if (part, item) not in declared:
                yield from _stated("", part, item, entry)


def steps_behind(standard: Standard, indicator: Indicator) -> list[NamedStep]:
    """Return the steps of an indicator, and those whose results these take.

    Parameters
    ----------
    standard : Standard
    indicator : Indicator

    Returns
    -------
    list of NamedStep
        In the order of the standard, with all variants that switches choose between.
    """
    steps = standard.steps()
    wanted = {f"{indicator.id}.{step.id}" for step in indicator.step}
    size = 0
    while size < len(wanted):
        size = len(wanted)
        for named in steps:
            if named.name in wanted:
                links = [binding.step for binding in named.step.inputs.values()]
                wanted.update(link for link in links if link)
    return [named for named in steps if named.name in wanted]


def _entries_of_step(
    indicator: str, prefix: str, named: NamedStep, standard: Standard
) -> Iterator[tuple[EntryKey, Statement]]:
    """Yield the keys of a step; a variant that is not the default has its options in its name."""
    step = named.step.model_dump(mode="json", by_alias=True)
    item = named.name.removeprefix(f"{prefix}.")
    part = "step"
    if not named.step.active(standard.chosen({})):
        options = [f"{name}={one_line(option)}" for name, option in step["when"].items()]
        item = " ".join([item, *options])
        part = "option"
        del step["when"]
    del step["id"], step["inputs"]
    yield from _stated(indicator, part, item, step)
    for argument, binding in named.step.inputs.items():
        yield EntryKey(indicator, part, item, f"inputs.{argument}"), Statement(str(binding))


def _needs_of(named: NamedStep) -> Iterator[tuple[tuple[str, str], Members]]:
    """Yield the switches, data and coefficients that a step names, and the members it takes."""
    for name in named.step.when:
        yield ("switch", name), {}
    for binding in named.step.inputs.values():
        members: dict[str, Sequence[str]] = {}
        for key, names in named.step.over.items():
            members[key] = names
        for key, member in binding.at.items():
            members[key] = (member,)
        if binding.coef:
            yield ("coefficient", binding.coef), members
        if binding.data:
            yield ("data", binding.data), members


def _stated(
    indicator: str, part: str, item: str, entry: Mapping[str, Any]
) -> Iterator[tuple[EntryKey, Statement]]:
    """Yield the keys of an entry that say something, each on a line."""
    for key, value in entry.items():
        if value not in (None, "", [], {}):
            yield EntryKey(indicator, part, item, key), Statement(one_line(value))


def one_line(value: object) -> str:
    """Write a value of a TOML on a line: texts as they are, all else as JSON.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _numbers_asked(
    indicator: str, name: str, rows: Sequence[Mapping[str, Any]], asked: Sequence[Members]
) -> Iterator[tuple[EntryKey, Statement]]:
    """Yield the numbers of a coefficient that an indicator can take, by what each is for."""
    for row in rows:
        if not any(_is_asked(row, members) for members in asked):
            continue
        for_what = [f"{key}={row[key]}" for key in KEYS if row[key]]
        words = "na" if row["na"] else f"{row['value']:.15g} {row['unit']}"
        year = f"{PRICE_YEAR}={row['price_year']}" if row["price_year"] not in ("", 0) else ""
        if year and row["years"] > 1:
            for_what.append(year)
        elif year:
            words = f"{words} {year}"
        key = " ".join([VALUE, *for_what])
        yield EntryKey(indicator, "coefficient", name, key), Statement(words, GRADES[row["grade"]])


def _is_asked(row: Mapping[str, Any], members: Members) -> bool:
    """Return whether a row is for members that a step takes, or for all."""
    return all(row[key] in ("", *names) for key, names in members.items())


def _default_numbers(sets: Sequence[CoefficientSet]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the rows that sets supply, by coefficient, with the count of ``years`` of a price.

    The first set that has a row for some members supplies them, with its rows of all price years.
    """
    numbers: dict[str, list[Mapping[str, Any]]] = {}
    supplied: set[tuple[object, ...]] = set()
    for coefficient_set in sets:
        rows = coefficient_set.rows
        identities = list(zip(*(rows[key] for key in ("name", *KEYS)), strict=True))
        counts = Counter(identities)
        for identity, row in zip(identities, rows.to_dict("records"), strict=True):
            if identity not in supplied:
                stated = {**row, "years": counts[identity]}
                numbers.setdefault(str(row["name"]), []).append(stated)
        supplied.update(counts)
    return numbers
