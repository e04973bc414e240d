"""The catalogue of texts: a key and named values in, a sentence in one language out.

A key is ``file.section.name``: ``plan.missing-row.what`` is the entry ``what`` of ``[missing-row]``
in ``plan.toml``. Entries are templates with named placeholders (``{name}``), filled by
``str.format``.
"""

import locale
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import Any, Literal, Protocol, runtime_checkable

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_FOLDER = Path(__file__).parent
_LISTED = 5  # entries of a list that a sentence names; the rest are counted


@runtime_checkable
class Sayable(Protocol):
    """Anything that reads differently in each language: a text, a title, a place."""

    def say(self, language: Language) -> str:
        """Return the wording in ``language``."""
        ...


@dataclass(frozen=True)
class Text:
    """A text that waits for its language: a key of the catalogue and values of placeholders.

    Make one with :func:`text`.
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
        """Return title and identifier; the identifier alone where there is no other title."""
        title = "" if self.title is None else self.title.say(language)
        return self.id if title in ("", self.id) else f"{title} ({self.id})"

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
        Strings and numbers; texts, titles, labels and places, which are worded when the language is
        known; sequences of these, which are listed.

    Returns
    -------
    Text
    """
    frozen = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    return Text(key, tuple(sorted(frozen.items())))


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
    worded = {name: _word(value, language) for name, value in values.items()}
    return template(language, key).format(**worded)


def has_key(language: Language, key: str) -> bool:
    """Whether the catalogue has a text of this key.

    Parameters
    ----------
    language : {'zh', 'en'}
    key : str
        ``file.section.name``.

    Returns
    -------
    bool
    """
    return key.partition(".")[2] in entries(language, key.partition(".")[0])


def template(language: Language, key: str) -> str:
    """Return a text of the catalogue as it is written there, placeholders open."""
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
    words = [str(_word(item, language)) for item in items[:limit]]
    listed = template(language, "list.separator").join(words)
    if len(items) <= limit:
        return listed
    return say(language, "list.more", listed=listed, count=len(items) - limit)


def locale_language() -> Language:
    """Return the language of the user's system: Chinese if its locale is Chinese, else English.

    Returns
    -------
    {'zh', 'en'}
    """
    variables = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    setting = next((value for value in variables if value), None)
    if setting is None:
        setting = locale.getlocale()[0] or ""
    return "zh" if setting.lower().startswith(("zh", "chinese")) else "en"


def files(language: Language) -> list[str]:
    """Return the names of the catalogue's files, without their suffix."""
    return sorted(path.stem for path in (_FOLDER / language).glob("*.toml"))


@cache
def entries(language: Language, file: str) -> Mapping[str, str]:
    """Read one file of the catalogue: ``section.name`` to template."""
    with (_FOLDER / language / f"{file}.toml").open("rb") as stream:
        return dict(_flat(tomllib.load(stream)))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the entries of a table and of the tables within it, their keys joined by dots."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _word(value: Any, language: Language) -> Any:
    """Word a value in a language; numbers stay, for the template to format."""
    if isinstance(value, Sayable):
        return value.say(language)
    if isinstance(value, tuple | list):
        return join(language, value)
    if isinstance(value, PurePath):
        return str(value)
    return value
