"""The catalogue of texts: both languages are complete, agree, and hold only what the code uses."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import gep.texts.catalogue
from gep.io.toml_documents import Title
from gep.texts.catalogue import LANGUAGES, Label, Language, Listed, counted, say

ROOT = Path(__file__).parents[2]
TEXTS = Path(gep.texts.catalogue.__file__).parent
MODULES = sorted((ROOT / "gep").rglob("*.py"))
FILES = sorted(path.name for path in (TEXTS / "zh").glob("*.toml"))
LATIN = frozenset(Path(__file__).with_name("latin_words.txt").read_text(encoding="utf-8").split())

_CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
_SENTENCE = re.compile("[\u4e00-\u9fff]{2}.*[，。；：“”（）]|[，。；：“”（）].*[\u4e00-\u9fff]{2}")
_NUMBER = re.compile(r"[+,]?(\.\d+)?[efg%]?")
_NOUN = re.compile(r"((,|\.\d+[fg]) )?(?P<singular>[a-z][a-z -]+)(?P<plural>\|[a-z][a-z -]+)?")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def flat(table: dict[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            assert isinstance(value, str), f"{prefix}{key} is no text"
            yield f"{prefix}{key}", value


def read(language: Language) -> dict[str, str]:
    entries: dict[str, str] = {}
    for path in sorted((TEXTS / language).glob("*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        entries.update(flat(document, f"{path.stem}."))
    return entries


ENTRIES = {language: read(language) for language in LANGUAGES}


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def formats(language: Language) -> Iterator[tuple[str, str, str]]:
    """All placeholders that say how they are written: key of the text, name, format."""
    for key, template in ENTRIES[language].items():
        for _, name, form, _ in string.Formatter().parse(template):
            if name and form:
                yield key, name, form


def words(template: str) -> str:
    return " ".join(literal for literal, *_ in string.Formatter().parse(template))


# --- the two languages ----------------------------------------------------------------------------


def test_both_languages_have_the_same_files_and_keys() -> None:
    assert sorted(path.name for path in (TEXTS / "en").glob("*.toml")) == FILES
    assert ENTRIES["zh"].keys() == ENTRIES["en"].keys()
    assert len(ENTRIES["zh"]) > 500


@pytest.mark.parametrize("name", FILES)
def test_both_languages_have_the_same_placeholders(name: str) -> None:
    prefix = f"{name.removesuffix('.toml')}."
    differing = {}
    for key, chinese in ENTRIES["zh"].items():
        names = (placeholders(chinese), placeholders(ENTRIES["en"][key]))
        if key.startswith(prefix) and names[0] != names[1]:
            differing[key] = names
    assert not differing


def test_english_has_no_chinese() -> None:
    mixed = {key: words for key, words in ENTRIES["en"].items() if _CHINESE.search(words)}
    assert not mixed


def test_chinese_has_no_english_words() -> None:
    """Keys, columns, options, files, units and names of products are the same in both languages."""
    mixed = {}
    for key, template in ENTRIES["zh"].items():
        unknown = set(_LATIN_WORD.findall(words(template))) - LATIN
        if unknown:
            mixed[key] = unknown
    assert not mixed


def test_the_words_that_chinese_may_use_are_used() -> None:
    used: set[str] = set()
    for template in ENTRIES["zh"].values():
        used.update(_LATIN_WORD.findall(words(template)))
    assert used >= LATIN


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_blank_or_begins_or_ends_with_a_blank_line(language: Language) -> None:
    odd = {key for key, template in ENTRIES[language].items() if template.strip("\n") != template}
    assert not odd


# --- numbers and their nouns ----------------------------------------------------------------------


def test_chinese_numbers_have_no_english_noun() -> None:
    odd = [(key, form) for key, _, form in formats("zh") if not _NUMBER.fullmatch(form)]
    assert not odd


def test_a_noun_states_its_plural_unless_an_s_makes_it() -> None:
    nouns = 0
    for key, _, form in formats("en"):
        if _NUMBER.fullmatch(form):
            continue
        noun = _NOUN.fullmatch(form)
        assert noun is not None, f"{key}: {form}"
        nouns += 1
        last = noun["singular"].split()[-1]
        is_irregular = last.endswith(("s", "x", "ch", "sh")) or re.search("[^aeiou]y$", last)
        assert noun["plural"] or not is_irregular, f"{key}: {form}"
    assert nouns > 60


def test_no_number_stands_before_a_plural_that_it_does_not_govern() -> None:
    """A name that has a noun in any text is a number, so ``{count} rows`` would be "1 rows"."""
    counts = {name for _, name, form in formats("en") if not _NUMBER.fullmatch(form)}
    plural = re.compile(
        rf"{{({'|'.join(sorted(counts))})(:[^a-z}}]*[efg]?)?}} "
        r"(?:(?!of\b)[a-z-]+ )?(?!is\b|has\b|was\b)[a-z-]+s\b"
    )
    verb = re.compile(r"{count} (are|have|were|do)\b")
    for key, template in ENTRIES["en"].items():
        assert not plural.search(template), f"{key}: {template}"
        assert not verb.search(template), f"{key}: {template}"


@pytest.mark.parametrize(
    ("key", "number", "words"),
    [
        ("terminal.check.is-ready", 0, "ready: x, 0 warnings"),
        ("terminal.check.is-ready", 1, "ready: x, 1 warning"),
        ("terminal.check.is-ready", 2, "ready: x, 2 warnings"),
        ("terminal.check.is-ready", "1", "ready: x, 1 warning"),
        ("terminal.check.is-ready", "1 + 1", "ready: x, 1 + 1 warnings"),
        ("terminal.check.is-ready", np.int64(1), "ready: x, 1 warning"),
        ("cli.record.added", 1, "x: 1 entry, checksum x"),
        ("cli.record.added", 2, "x: 2 entries, checksum x"),
        ("workflows.verify.figures-missing.what", 1, "1 row is not in the file; the first: x"),
        ("workflows.verify.figures-missing.what", 2, "2 rows are not in the file; the first: x"),
        ("uncertainty.many-draws.what", 1, "1 draw is more than 100,000"),
        ("uncertainty.many-draws.what", 123456, "123,456 draws are more than 100,000"),
        (
            "extent.broken-population.what",
            1.0,
            "population of x is 1 person, which is no whole number",
        ),
        (
            "extent.broken-population.what",
            1.5,
            "population of x is 1.5 persons, which is no whole number",
        ),
    ],
)
def test_an_english_noun_agrees_with_its_number(key: str, number: object, words: str) -> None:
    values: dict[str, object] = dict.fromkeys(placeholders(ENTRIES["en"][key]), "x")
    values["most"] = 100_000
    for _, name, form in formats("en"):
        if name in values and not _NUMBER.fullmatch(form):
            values[name] = number
    assert say("en", key, **values) == words


def test_a_chinese_noun_is_the_same_for_any_number() -> None:
    for number in (1, 2):
        values = {"project": "某县", "warnings": number}
        assert f"{number} " in say("zh", "terminal.check.is-ready", **values)


def test_objects_count_what_they_hold() -> None:
    assert counted(1, "region") == "1 region"
    assert counted(2, "region") == "2 regions"
    assert counted(1, "county|counties") == "1 county"
    assert counted(2, "county|counties") == "2 counties"


# --- the code -------------------------------------------------------------------------------------


class Use:
    """A place in the code that names a text: its key, and the values given, if all are written out."""

    def __init__(self, module: Path, call: ast.Call, key: str) -> None:
        self.key = key
        self.where = f"{module.relative_to(ROOT)}:{call.lineno}"
        named = {keyword.arg for keyword in call.keywords}
        self.values = None if None in named else named


_POSITION_OF_KEY = {
    "say": 1,
    "text": 0,
    "add": 2,
    "make_problem": 2,
    "cannot_write": 1,
}


def _uses() -> Iterator[Use]:
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            name = (
                function.attr
                if isinstance(function, ast.Attribute)
                else getattr(function, "id", "")
            )
            position = _POSITION_OF_KEY.get(name)
            if position is None or len(node.args) <= position:
                continue
            key = node.args[position]
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and "." in key.value:
                yield Use(module, node, key.value)


@cache
def uses() -> tuple[Use, ...]:
    """All places; read when the first test asks, as every worker imports this module."""
    return tuple(_uses())


def is_problem(key: str) -> bool:
    return f"{key}.what" in ENTRIES["zh"] and f"{key}.fix" in ENTRIES["zh"]


def test_every_text_that_the_code_names_is_there() -> None:
    assert len(uses()) > 400
    missing = {
        use.where: use.key
        for use in uses()
        if use.key not in ENTRIES["zh"] and not is_problem(use.key)
    }
    assert not missing


def test_every_call_gives_the_values_of_its_text() -> None:
    wrong = {}
    for use in uses():
        if use.values is None:
            continue
        templates = [use.key]
        if is_problem(use.key):
            templates = [f"{use.key}.what", f"{use.key}.fix"]
        needed: set[str] = set()
        for key in templates:
            needed |= placeholders(ENTRIES["zh"].get(key, ""))
        if needed != use.values:
            wrong[f"{use.where} {use.key}"] = needed ^ use.values
    assert not wrong


def literals() -> tuple[set[str], set[str]]:
    """All strings of the code, and the beginnings of its f-strings."""
    whole: set[str] = set()
    beginnings: set[str] = set()
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            if isinstance(node, ast.JoinedStr) and node.values:
                first = node.values[0]
                if isinstance(first, ast.Constant) and "." in str(first.value):
                    beginnings.add(str(first.value))
    return whole, beginnings


def test_every_text_is_used() -> None:
    whole, beginnings = literals()
    begun = tuple(beginnings)
    unused = set()
    for key in ENTRIES["zh"]:
        message = re.sub(r"\.(what|fix)$", "", key)
        if key not in whole and message not in whole and not key.startswith(begun):
            unused.add(key)
    assert not unused


def test_no_sentence_for_people_is_in_the_code() -> None:
    """Chinese in the code is a name that files use, a docstring or a comment, never a message."""
    sentences = {}
    for module in MODULES:
        tree = ast.parse(module.read_text(encoding="utf-8"))
        docstrings = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                docstrings.add(node.value)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Constant) or node in docstrings:
                continue
            if isinstance(node.value, str) and _SENTENCE.search(node.value):
                sentences[f"{module.relative_to(ROOT)}:{node.lineno}"] = node.value
    assert not sentences


# --- wording --------------------------------------------------------------------------------------


def test_values_are_worded_in_the_language_of_the_text() -> None:
    title = Title(zh="水田", en="paddy field")
    assert Label("paddy", title).say("zh") == "水田 (paddy)"
    assert Label("paddy", title).say("en") == "paddy field (paddy)"
    assert Label("paddy").say("zh") == "paddy"
    assert Listed(("a", "b", "c"), 2).say("en") == "a, b and 1 more"
    assert Listed(("a", "b", "c"), 3).say("zh") == "a、b、c"


class Anything(str):
    """A value that takes every format."""

    def __format__(self, spec: str) -> str:
        return "1"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_can_be_worded(language: Language) -> None:
    for key, template in ENTRIES[language].items():
        values = {name: Anything("1") for name in placeholders(template)}
        assert say(language, key, **values), key
