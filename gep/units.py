"""Units as they are written in the field, Chinese and English, and the factor between two of them.

The module owns the spelling (powers of ten, brackets, 万 and 亿, superscripts) and the rule of the
account's year. The vocabulary, and what each unit of it is made of, is in ``units.txt``.
"""

import difflib
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeAlias

from gep.texts.catalogue import Language, Text, say, text

# A numpy array, an xarray.DataArray or a number: methods work on all three, so none is imported.
Array: TypeAlias = Any


@dataclass(frozen=True)
class Limits:
    """Physical limits of an argument of a method, in its unit; both ends are possible.

    They stand behind the unit: ``Annotated[Array, "1", Limits(0, 1)]``. A number outside them is a
    problem (``impossible``), whatever the standard calls it.

    Attributes
    ----------
    low, high : float
        The least and the greatest number that can be; infinite where there is no limit.
    working_time : bool
        Whether the time in the unit is time at work, so that a day, month or year of the calendar
        does not convert to its hours.
    """

    low: float = -math.inf
    high: float = math.inf
    working_time: bool = False


ANY = Limits()
NOT_NEGATIVE = Limits(0)
PAY = Limits(0, working_time=True)
SHARE = Limits(0, 1)
PERCENT = Limits(0, 100)

_FILE = Path(__file__).with_name("units.txt")
_NUMERALS = {"十": 10, "百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8}
_SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_POWERS = {"平方": 2, "立方": 3}
_MARKS = {"%": "percent", "‰": "permille"}
_CURRENCIES = {"[cny]": "CNY", "[usd]": "USD", "[eur]": "EUR"}
_SUPERSCRIPT = re.compile("[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_TOKEN = re.compile(r"\s*([/()])\s*|\s*[*·]\s*|\s+|([^\s/()*·]+)")
_PLAIN_MARKS = str.maketrans(dict.fromkeys("−–﹣‐", "-") | dict.fromkeys("⋅‧・×", "*"))
_TIMES_TEN = re.compile(r"(^|\()[*xX]\s*(?=1)")  # ×10^4 hm2, as journals print it
_EQUIVALENT = re.compile("(CO2|二氧化碳)-?(e|eq|当量)$")  # with other gases
_POWER_OF_TEN = re.compile(r"10\^([+-]?\d{1,2})|1[eE]([+-]?\d{1,2})|1(0{0,15})(?![\d.^eE])")
_WORD = re.compile(r"([^\W\d_]*CO2|[^\W\d_]+|[%‰])(?:\^?([+-]?\d))?")
_EXPONENT = re.compile(r"\^?[+-]?\d+$")
# A factor of a definition: what it is multiplied or divided by, and its power.
_FACTOR = re.compile(r"([*/])?\s*(?:(\d+)|(\[\w+\]|[a-z]\w*))(?:\s*\*\*\s*(\d))?")
_COMPOSED = ("m2", "m3", "km2", "hm2")  # spellings with an exponent that a message may propose
# Spellings that are not taken because they may mean several things, and the likeliest of these.
_ADVICE = {
    "ton": "t",
    "tons": "t",
    "tonne": "t",
    "tonnes": "t",
    "kt": "10^3 t",
    "Mt": "10^6 t",
    "Gt": "10^9 t",
    "hectare": "ha",
    "hectares": "ha",
    "C": "tC",
    "¥": "CNY",
    "$": "USD",
    "次": "人次",
    "bn": "10^9",
    "mn": "10^6",
    "mln": "10^6",
}
_NEAR = 0.5  # least similarity of a unit that a message proposes
_LONGEST = 100  # characters of a unit; longer texts are none
_LARGEST_FACTOR = 1e100  # no unit is so many of another one
_CACHED = 4096  # spellings kept in each cache; no project has as many


class UnitError(ValueError):
    """A unit that cannot be read, or two units that do not go together.

    Attributes
    ----------
    reason : Text or str
        What is wrong: a text to be used as a value of a problem's message, so that it is worded in
        the language of the reader. ``str(error)`` words it in the language of the user's system.
    """

    def __init__(self, reason: Text | str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.reason)


def _error(key: str, **values: Any) -> UnitError:
    """Make the error of a unit from the key of its text and the values in it."""
    return UnitError(text(key, **values))


@dataclass(frozen=True)
class _Unit:
    """A number times units of the vocabulary by name, or dimensions, each with its exponent."""

    scale: Fraction
    powers: dict[str, int]

    def times(self, factor: "_Unit", exponent: int = 1) -> "_Unit":
        """Return the product with a power of another unit."""
        powers = dict(self.powers)
        for name, power in factor.powers.items():
            present = powers.get(name, 0)
            powers[name] = present + power * exponent
        scale = self.scale * factor.scale**exponent
        return _Unit(scale, _without_zeros(powers))

    def without_year(self) -> "_Unit":
        """Return the unit without its year."""
        return _Unit(self.scale, _without_zeros({**self.powers, "year": 0}))


def _without_zeros(powers: dict[str, int]) -> dict[str, int]:
    """Drop the units whose exponent is 0."""
    return {name: power for name, power in powers.items() if power}


_ONE = _Unit(Fraction(1), {})


@dataclass(frozen=True)
class _Dimension:
    """The dimension of a unit in words, for messages: ``mass length-2``."""

    powers: tuple[tuple[str, int], ...]

    def say(self, language: Language) -> str:
        """Return the dimension in words."""
        if not self.powers:
            return say(language, "units.dimension.none")
        words = []
        for name, power in self.powers:
            word = say(language, f"units.dimension.{name}")
            words.append(word if power == 1 else f"{word}{power}")
        return " ".join(words)


@lru_cache(maxsize=_CACHED)
def factor(source: str, target: str) -> float:
    """Return the number that converts an amount from one unit to another.

    Parameters
    ----------
    source, target : str
        Units as written. If ``a-1`` in one of them alone keeps them apart, it is dropped, since an
        account is of one year.

    Returns
    -------
    float
        Amount in ``target`` = amount in ``source`` times this number.

    Raises
    ------
    UnitError
        If a unit cannot be read, or their dimensions differ.
    """
    first, second = _comparable(_read(source), _read(target))
    source_base = _in_base_units(first)
    target_base = _in_base_units(second)
    if source_base.powers != target_base.powers:
        raise _error(
            "units.no-conversion",
            source=source,
            source_dimension=_describe(first),
            target=target,
            target_dimension=_describe(second),
        )
    scale = source_base.scale / target_base.scale
    if not 1 / _LARGEST_FACTOR <= scale <= _LARGEST_FACTOR:
        raise _error("units.no-factor", source=source, target=target)
    return float(scale)


@lru_cache(maxsize=_CACHED)
def same_dimension(left: str, right: str) -> bool:
    """Return whether one unit converts to the other, ``a-1`` in one of them alone set aside.

    Parameters
    ----------
    left, right : str

    Returns
    -------
    bool
    """
    first, second = _comparable(_read(left), _read(right))
    return _dimension(first) == _dimension(second)


def has_money(unit: str) -> bool:
    """Return whether a unit contains a currency.

    Parameters
    ----------
    unit : str

    Returns
    -------
    bool
    """
    return currency(unit) is not None


@lru_cache(maxsize=_CACHED)
def currency(unit: str) -> str | None:
    """Return the currency of a unit, such as ``CNY``; None if it has none.

    Of two currencies it is the one that is multiplied, not the one that is divided by.

    Parameters
    ----------
    unit : str

    Returns
    -------
    str or None
    """
    powers = _dimension(_read(unit))
    currencies = sorted(name for name in powers if name in _CURRENCIES)
    if not currencies:
        return None
    multiplied = max(currencies, key=lambda name: powers[name])
    return _CURRENCIES[multiplied]


@lru_cache(maxsize=_CACHED)
def canonical(unit: str) -> str:
    """Return the normal spelling of a unit: ``元/亩`` is ``CNY mu-1``, ``亿m³`` is ``10^8 m3``.

    Parameters
    ----------
    unit : str

    Returns
    -------
    str
    """
    parsed = _read(unit)
    symbols = _symbols()
    words = []
    scale = parsed.scale
    exponent = len(str(max(scale.numerator, scale.denominator))) - 1
    if exponent:
        sign = "" if scale > 1 else "-"
        words.append(f"10^{sign}{exponent}")
    # the sort is stable: factors stay as written, those divided by come last
    for name, power in sorted(parsed.powers.items(), key=lambda item: item[1] < 0):
        symbol = symbols[name]
        words.append(symbol if power == 1 else f"{symbol}{power}")
    return " ".join(words) or "1"


@lru_cache(maxsize=_CACHED)
def per_calendar_time(unit: str) -> str | None:
    """Return the month, year or day of the calendar that a unit is per; None if there is none.

    Parameters
    ----------
    unit : str
        Such as ``CNY month-1``; hours, and months and days of work, are no time of the calendar.

    Returns
    -------
    str or None
        ``day``, ``month`` or ``year``.
    """
    powers = _read(unit).powers
    for name in ("day", "month", "year"):
        if powers.get(name, 0) < 0:
            return name
    return None


def _comparable(first: _Unit, second: _Unit) -> tuple[_Unit, _Unit]:
    """Drop ``a-1`` if only one unit is written per year and that alone keeps them apart."""
    is_first_yearly = first.powers.get("year") == -1
    is_second_yearly = second.powers.get("year") == -1
    if is_first_yearly == is_second_yearly:
        return first, second
    if _dimension(first) == _dimension(second):
        return first, second
    return first.without_year(), second.without_year()


# --- reading ---------------------------------------------------------------------------------


@lru_cache(maxsize=_CACHED)
def _read(unit: str) -> _Unit:
    """Read a unit as written."""
    if len(unit) > _LONGEST:
        raise _error("units.too-long", unit=f"{unit[:_LONGEST]} ...", limit=_LONGEST)
    plain = _plain_spelling(unit)
    if not plain:
        raise _error("units.blank")
    if plain == "-":
        return _ONE
    tokens = list(_tokens(plain))
    product, end = _read_product(tokens, 0, unit)
    if end < len(tokens):
        raise _error("units.closing-bracket", unit=unit)
    hectometres = product.powers.get("hectometre", 0)
    if hectometres == 0 or hectometres % 2:
        return product
    powers = {}  # hm2 is how the standards write the hectare
    for name, power in product.powers.items():
        powers["hectare" if name == "hectometre" else name] = power
    powers["hectare"] = hectometres // 2 + product.powers.get("hectare", 0)
    return _Unit(product.scale, _without_zeros(powers))


def _plain_spelling(unit: str) -> str:
    """Replace full-width forms, superscripts, dashes and dots by their plain spelling."""
    # superscripts before NFKC, which would turn 10⁴ into 104
    plain = _SUPERSCRIPT.sub(lambda match: "^" + match.group(), unit)
    plain = unicodedata.normalize("NFKC", plain)
    plain = plain.replace("dB(A)", "dB").replace("US$", "USD").replace("°C", "degC")
    plain = plain.translate(_PLAIN_MARKS).strip()
    return _TIMES_TEN.sub(r"\1", plain)


def _tokens(plain: str) -> Iterator[str]:
    """Yield brackets, ``/``, ``*`` (for a blank too) and chunks such as ``10^4`` and ``ha-1``."""
    for match in _TOKEN.finditer(plain):
        mark, chunk = match.groups()
        yield mark or chunk or "*"


def _read_product(tokens: list[str], start: int, unit: str) -> tuple[_Unit, int]:
    """Read factors up to a closing bracket or the end; ``a/b/c`` is ``a b-1 c-1``.

    Returns the product and the position of the closing bracket or the end. ``unit`` is the whole
    unit as written, for messages. A bracket right behind a unit may name it a second time.
    """
    product = part = _ONE
    sign = 1
    is_divided = False
    needs_factor = True
    position = start
    while position < len(tokens) and tokens[position] != ")":
        token = tokens[position]
        position += 1
        if token in ("/", "*"):
            if needs_factor:
                raise _error("units.missing-before", operator=token, unit=unit)
            needs_factor = True
            sign = 1
            if token == "/":
                sign = -1
                is_divided = True
            continue
        if token == "(":
            previous = part
            part, position = _read_product(tokens, position, unit)
            if position == len(tokens):
                raise _error("units.open-bracket", unit=unit)
            position += 1
            if product.powers and not needs_factor:
                _check_same(part, (product, previous), unit)
                continue
        else:
            part = _read_chunk(token, unit)
        is_numerator = not part.powers or max(part.powers.values()) > 0
        if is_divided and sign == 1 and is_numerator:
            raise _error("units.two-readings", unit=unit)
        product = product.times(part, sign)
        sign = 1
        needs_factor = False
    if needs_factor:
        raise _error("units.missing", unit=unit)
    return product, position


def _check_same(bracket: _Unit, others: tuple[_Unit, _Unit], unit: str) -> None:
    """Check that a bracket right behind a unit is the same unit: ``毫米（mm）``."""
    if any(_in_base_units(bracket) == _in_base_units(candidate) for candidate in others):
        return
    raise _error("units.bracket-beside", unit=unit)


def _read_chunk(chunk: str, unit: str) -> _Unit:
    """Read a power of ten, a unit with its exponent, or both without a blank (``10^4m3``)."""
    number = _POWER_OF_TEN.match(chunk)
    if number is None and chunk[0] in "0123456789.+-":
        raise _error("units.number", part=chunk, unit=unit)
    scale = _ONE
    if number:
        digits, short_digits, zeros = number.groups()
        exponent = len(zeros) if zeros is not None else int(digits or short_digits)
        scale = _Unit(Fraction(10) ** exponent, {})
        chunk = chunk[number.end() :]
        if not chunk:
            return scale
    word = _WORD.fullmatch(chunk)
    if word is None:
        raise _error("units.unreadable", part=chunk, unit=unit, hint=_nearest(chunk))
    exponent = int(word.group(2) or 1)
    if not exponent:
        raise _error("units.exponent-zero", unit=unit)
    return scale.times(_read_word(word.group(1), exponent, chunk, unit))


def _read_word(word: str, exponent: int, chunk: str, unit: str) -> _Unit:
    """Read a word of the vocabulary, or 平方, 立方, 万, 亿 ... before one (``万m3`` is 10^4 m3).

    ``chunk`` and ``unit``, in which the word is written, are for messages.
    """
    name = _spellings().get(word)
    if name:
        return _Unit(Fraction(1), {name: exponent})
    if word in _SCALES and exponent == 1:
        return _Unit(Fraction(_SCALES[word]), {})
    if word == "方":
        return _read_word("米", 3 * exponent, chunk, unit)
    for prefix, power in _POWERS.items():
        if word.startswith(prefix) and exponent == 1:
            return _read_word(word.removeprefix(prefix), power, chunk, unit)
    if word and word[0] in _NUMERALS:
        scale = _Unit(Fraction(_NUMERALS[word[0]]), {})
        rest = word[1:]
        return scale.times(_read_word(rest, exponent, chunk, unit)) if rest else scale
    if chunk == unit:
        raise _error("units.unknown", unit=unit, hint=_nearest(chunk))
    raise _error("units.unknown-part", part=chunk, unit=unit, hint=_nearest(chunk))


def _nearest(chunk: str) -> Text:
    """Propose the known spellings most like a chunk that cannot be read."""
    if chunk in _ADVICE:
        return text("units.nearest", units=[_ADVICE[chunk]])
    if _EQUIVALENT.search(chunk):
        return text("units.equivalent")
    word = _EXPONENT.sub("", chunk) or chunk
    known = [*_spellings(), *_COMPOSED]
    for candidate in (chunk.casefold(), word.casefold()):
        same = [name for name in known if name.casefold() == candidate]
        if same:
            return text("units.nearest", units=same)
    spellings = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), spellings, n=3, cutoff=_NEAR)
    if not close:
        return text("units.list-of-known")
    return text("units.nearest", units=[spellings[name] for name in close])


# --- vocabulary and dimensions -----------------------------------------------------------------


@cache
def _definitions() -> dict[str, list[str]]:
    """Return the name of every unit with its definition and its spellings, the symbol first."""
    definitions = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, *parts = [part.strip() for part in line.split("=")]
            definitions[name] = parts
    return definitions


@cache
def _spellings() -> dict[str, str]:
    """Return every spelling with the name of its unit."""
    spellings = {}
    for name, (_, *names) in _definitions().items():
        spellings.update(dict.fromkeys(names, name))
    return spellings | _MARKS


@cache
def _symbols() -> dict[str, str]:
    """Return the name of every unit with its symbol."""
    symbols = {}
    for name, (_, *spellings) in _definitions().items():
        if spellings:
            symbols[name] = spellings[0]
    for mark, name in _MARKS.items():
        symbols[name] = mark
    return symbols


@cache
def _in_dimensions(name: str) -> _Unit:
    """Return a unit of the vocabulary as a number times dimensions, such as ``[mass]``."""
    definition = _definitions()[name][0]
    product = _ONE
    for match in _FACTOR.finditer(definition):
        operator, number, word, power = match.groups()
        if number:
            part = _Unit(Fraction(number), {})
        elif word in _definitions():
            part = _in_dimensions(word)
        else:
            part = _Unit(Fraction(1), {word: 1})
        exponent = int(power or 1)
        product = product.times(part, -exponent if operator == "/" else exponent)
    return product


def _in_base_units(unit: _Unit) -> _Unit:
    """Return a product as a number times the dimensions of its units."""
    product = _Unit(unit.scale, {})
    for name, power in unit.powers.items():
        product = product.times(_in_dimensions(name), power)
    return product


def _dimension(unit: _Unit) -> dict[str, int]:
    """Return the exponents of the dimensions of a unit: ``{"[mass]": 1, "[length]": -2}``."""
    return _in_base_units(unit).powers


def _describe(unit: _Unit) -> _Dimension:
    """Return the dimension of a unit for messages."""
    powers = []
    for name, power in sorted(_dimension(unit).items()):
        powers.append((name.strip("[]"), power))
    return _Dimension(tuple(powers))
