"""The catalogue of texts: a key and named values in, a sentence in one language out.

A key is ``file.section.name``: ``plan.missing-row.what`` is the entry ``what`` of ``[missing-row]``
in ``plan.toml``. Entries are templates with named placeholders (``{name}``), filled by
``str.format``. The module owns how texts are worded; what they say stands in the TOML files.

A number in an English text stands with its noun, since that follows the number:

- ``{count:problem}`` is "1 problem", "2 problems";
- ``{count:entry|entries}`` and ``{count:row is|rows are}`` write the plural, and a verb, out;
- ``{count:, draw}`` and ``{count:.10g person}`` format the number first.

Chinese nouns have one form: the same placeholder is ``{count}`` there.
"""

import locale
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any, Literal, Protocol, runtime_checkable

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_FOLDER = Path(__file__).parent
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # categories of characters that do not show
_LISTED = 5  # entries of a list that a sentence names; the rest are counted
_NOUN = re.compile(r"((?P<form>,|\.\d+[fg]) )?(?P<singular>[a-z][a-z -]+)(\|(?P<plural>[a-z -]+))?")


@runtime_checkable
class Sayable(Protocol):
    """Anything that reads differently in each language: a text, a title, a place."""

    def say(self, language: Language) -> str:
        """Return the wording in ``language``."""
        ...


@dataclass(frozen=True)
class Text:
    """A text that waits for its language; make one with :func:`text`.

    Attributes
    ----------
    key : str
        A key of the catalogue.
    values : tuple of (str, object)
        The values of its placeholders, by name.
    """

    key: str
    values: tuple[tuple[str, Any], ...] = ()

    def say(self, language: Language) -> str:
        """Return the wording in ``language``."""
        return say(language, self.key, **dict(self.values))

    def __str__(self) -> str:
        return self.say(locale_language())


@dataclass(frozen=True)
class Label:
    """An identifier with its title, so that it is never alone in a sentence: ``水田 (paddy)``."""

    id: str
    title: Sayable | None = None

    def say(self, language: Language) -> str:
        """Return title and identifier; the identifier alone without a title of its own."""
        if self.title is None:
            return self.id
        title = self.title.say(language)
        if title in ("", self.id):
            return self.id
        return f"{title} ({self.id})"

    def __str__(self) -> str:
        return self.say(locale_language())


@dataclass(frozen=True)
class Listed:
    """A list that names so many of its items, and counts the rest."""

    items: tuple[Any, ...]
    limit: int

    def say(self, language: Language) -> str:
        """Return the items, listed."""
        return join(language, self.items, self.limit)


def text(key: str, **values: Any) -> Text:
    """Make a text from its key and the values of its placeholders.

    Parameters
    ----------
    key : str
        ``file.section.name``.
    **values
        Strings and numbers; texts, titles, labels and places, which are worded when the language
        is known; sequences of these, which are listed.

    Returns
    -------
    Text
    """
    frozen = []
    for name in sorted(values):
        value = values[name]
        if isinstance(value, list):
            value = tuple(value)  # so that texts can be compared and kept in sets
        frozen.append((name, value))
    return Text(key, tuple(frozen))


def say(language: Language, key: str, **values: Any) -> str:
    """Word a text in a language.

    Parameters
    ----------
    language : {'zh', 'en'}
    key : str
        ``file.section.name``.
    **values
        See :func:`text`.

    Returns
    -------
    str

    Raises
    ------
    KeyError
        If the catalogue has no such key, or a placeholder has no value: a defect, which the tests
        look for.
    """
    words = {}
    for name, value in values.items():
        words[name] = _Value(_word(value, language))
    return template(language, key).format(**words)


def counted(number: Any, noun: str) -> str:
    """Return a number with its English noun.

    Parameters
    ----------
    number : int or float
    noun : str
        As in a template: ``region``, ``county|counties``.

    Returns
    -------
    str
        ``1 region``, ``2 counties``.
    """
    return format(_Value(number), noun)


def has_key(language: Language, key: str) -> bool:
    """Return whether the catalogue has a text of this key.

    Parameters
    ----------
    language : {'zh', 'en'}
    key : str
        ``file.section.name``; its file must exist.

    Returns
    -------
    bool
    """
    file, _, name = key.partition(".")
    return name in entries(language, file)


def template(language: Language, key: str) -> str:
    """Return a text of the catalogue as it is written there, placeholders open.

    Parameters
    ----------
    language : {'zh', 'en'}
    key : str
        ``file.section.name``.

    Returns
    -------
    str
    """
    file, _, name = key.partition(".")
    return entries(language, file)[name]


def join(language: Language, items: Sequence[Any], limit: int = _LISTED) -> str:
    """List things in a sentence, the first ``limit`` by name, and count the rest.

    Parameters
    ----------
    language : {'zh', 'en'}
    items : sequence
        Strings, numbers, texts, titles, labels or places.
    limit : int, default 5

    Returns
    -------
    str
    """
    words = []
    for item in items[:limit]:
        word = _word(item, language)
        words.append(str(word))
    separator = template(language, "list.separator")
    listed = separator.join(words)
    unnamed = len(items) - limit
    if unnamed <= 0:
        return listed
    return say(language, "list.more", listed=listed, count=unnamed)


def visible(words: str) -> str:
    """Return a text as a terminal may show it: characters that do not show as their code points.

    A control character could move the cursor over other lines; a mark of writing direction could
    turn words around. Ends of lines and tabs stay.

    Parameters
    ----------
    words : str

    Returns
    -------
    str
    """
    if words.isprintable():
        return words
    marks = []
    for mark in words:
        is_hidden = mark not in "\n\t" and unicodedata.category(mark) in _HIDDEN
        marks.append(ascii(mark)[1:-1] if is_hidden else mark)
    return "".join(marks)


def locale_language() -> Language:
    """Return the language of the user's system.

    Returns
    -------
    {'zh', 'en'}
        Chinese if the locale is Chinese, else English.
    """
    setting = _locale().lower()
    if setting.startswith(("zh", "chinese")):
        return "zh"
    return "en"


def _locale() -> str:
    """Return the locale that the environment names, else that of the system; blank if unknown."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        setting = os.environ.get(variable)
        if setting:
            return setting
    return locale.getlocale()[0] or ""


def files(language: Language) -> list[str]:
    """Return the names of the catalogue's files in a language, without their suffix."""
    folder = _FOLDER / language
    return sorted(path.stem for path in folder.glob("*.toml"))


@cache
def entries(language: Language, file: str) -> Mapping[str, str]:
    """Read one file of the catalogue.

    Parameters
    ----------
    language : {'zh', 'en'}
    file : str
        Without its suffix.

    Returns
    -------
    mapping of str to str
        Templates by ``section.name``.
    """
    path = _FOLDER / language / f"{file}.toml"
    with path.open("rb") as stream:
        tables = tomllib.load(stream)
    return dict(_flat(tables))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the entries of a table and of the tables within it, their keys joined by dots."""
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        else:
            yield key, value


class _Value:
    """A value of a placeholder, which may be written with a noun behind it."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __format__(self, form: str) -> str:
        noun = _NOUN.fullmatch(form)
        if noun is None:
            return format(self._value, form)
        number = format(self._value, noun["form"] or "")
        if number == "1":  # as it is shown, so that 0.9996 of three digits is 1 person
            return f"{number} {noun['singular']}"
        return f"{number} {noun['plural'] or noun['singular'] + 's'}"


def _word(value: Any, language: Language) -> Any:
    """Word a value: what has a language is said in it, and sequences are listed.

    Numbers stay, so that the template can format them.
    """
    if isinstance(value, Sayable):
        return value.say(language)
    if isinstance(value, tuple | list):
        return join(language, value)
    if isinstance(value, PurePath):
        return str(value)
    return value
