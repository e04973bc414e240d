"""Units as they are written in the field, Chinese and English, and the factor from one to another.

This module owns the spelling (tokens, brackets, 万 and 亿, superscripts) and the rule of the account's year;
``units.txt`` owns the vocabulary; the algebra of dimensions is pint's, imported when it is first needed.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    import pint

Array: TypeAlias = Any  # numpy array, xarray.DataArray or a number: methods work on all three, so none is imported here

_FILE = Path(__file__).with_name("units.txt")
_NUMERALS = {"百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8}
_MARKS = {"%": "percent", "‰": "permille"}
_CURRENCIES = {"[cny]": "CNY", "[usd]": "USD", "[eur]": "EUR"}
_SUPERSCRIPT = re.compile("[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_TOKEN = re.compile(r"\s*([/()])\s*|\s*[*·]\s*|\s+|([^\s/()*·]+)")
_POWER_OF_TEN = re.compile(r"10\^([+-]?\d{1,2})|1[eE]([+-]?\d{1,2})|1(0{0,15})(?![\d.^eE])")
_WORD = re.compile(r"([^\W\d_]*CO2|[^\W\d_]+|[%‰])(?:\^?([+-]?\d))?")


class UnitError(ValueError):
    """A unit that cannot be read, or two that do not go together."""


@dataclass(frozen=True)
class _Unit:
    """A number times units of the vocabulary, by pint's name, each with its exponent."""

    scale: Fraction
    powers: dict[str, int]

    def times(self, other: "_Unit", exponent: int = 1) -> "_Unit":
        powers = dict(self.powers)
        for name, power in other.powers.items():
            powers[name] = powers.get(name, 0) + power * exponent
        return _Unit(
            self.scale * other.scale**exponent,
            {name: power for name, power in powers.items() if power},
        )

    def without_year(self) -> "_Unit":
        return _Unit(
            self.scale, {name: power for name, power in self.powers.items() if name != "year"}
        )


_ONE = _Unit(Fraction(1), {})


@lru_cache(maxsize=4096)
def factor(source: str, target: str) -> float:
    """The number that turns an amount in ``source`` into ``target``; raises UnitError where there is none."""
    first, second = _comparable(_read(source), _read(target))
    if _dimension(first) != _dimension(second):
        raise UnitError(
            f"cannot convert {source!r} ({_describe(first)}) to {target!r} ({_describe(second)})"
        )
    return float(_base_scale(first) / _base_scale(second))


@lru_cache(maxsize=4096)
def same_dimension(a: str, b: str) -> bool:
    """Whether one converts to the other, an explicit ``a-1`` on one side let pass."""
    first, second = _comparable(_read(a), _read(b))
    return _dimension(first) == _dimension(second)


def has_money(unit: str) -> bool:
    """Whether a currency stands in the unit."""
    return currency(unit) is not None


@lru_cache(maxsize=4096)
def currency(unit: str) -> str | None:
    """The currency of the unit, the one multiplied before one divided by; None if there is none."""
    dimension = _dimension(_read(unit))
    found = sorted((-power, name) for name, power in dimension.items() if name in _CURRENCIES)
    return _CURRENCIES[found[0][1]] if found else None


@lru_cache(maxsize=4096)
def canonical(unit: str) -> str:
    """The unit in the normal spelling: ``元/亩`` is ``CNY mu-1``, ``亿m³`` is ``10^8 m3``."""
    read = _read(unit)
    spelled = _symbols()
    ordered = sorted(
        read.powers.items(), key=lambda pair: pair[1] < 0
    )  # stable: as written, the divided last
    words = [spelled[name] + ("" if power == 1 else str(power)) for name, power in ordered]
    exponent = len(str(max(read.scale.numerator, read.scale.denominator))) - 1
    if exponent:
        words.insert(0, f"10^{exponent}" if read.scale > 1 else f"10^-{exponent}")
    return " ".join(words) or "1"


def _comparable(first: _Unit, second: _Unit) -> tuple[_Unit, _Unit]:
    """Drop ``a-1`` where only one side is written per year and that alone keeps them apart."""
    per_year = [unit.powers.get("year") == -1 for unit in (first, second)]
    if _dimension(first) != _dimension(second) and per_year[0] != per_year[1]:
        return first.without_year(), second.without_year()
    return first, second


# --- reading -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _read(text: str) -> _Unit:
    plain = _normal(text)
    if not plain:
        raise UnitError("the unit is blank; write 1 for a number without unit")
    if plain == "-":
        return _ONE
    tokens = list(_tokens(plain))
    unit, rest = _product(tokens, 0, text)
    if rest < len(tokens):
        raise UnitError(f"closing bracket without an opening one in {text!r}")
    hectometres, odd = divmod(unit.powers.get("hectometre", 0), 2)
    if hectometres and not odd:  # hm2 is how the standards write the hectare
        powers = {
            ("hectare" if name == "hectometre" else name): power
            for name, power in unit.powers.items()
        }
        powers["hectare"] = hectometres + unit.powers.get("hectare", 0)
        return _Unit(unit.scale, {name: power for name, power in powers.items() if power})
    return unit


def _normal(text: str) -> str:
    """Full-width forms, superscripts, dashes and dots in their plain spelling."""
    # before NFKC, which would turn 10⁴ into 104
    text = _SUPERSCRIPT.sub(lambda match: "^" + match.group(), text)
    text = (
        unicodedata.normalize("NFKC", text)
        .replace("dB(A)", "dB")
        .replace("US$", "USD")
        .replace("°C", "degC")
    )
    return re.sub("[⋅‧・×]", "*", re.sub("[−–﹣‐]", "-", text)).strip()


def _tokens(plain: str) -> Iterator[str]:
    """Brackets, ``/``, ``*`` (also for a blank between factors) and chunks such as ``10^4``, ``万t``, ``ha-1``."""
    for match in _TOKEN.finditer(plain):
        yield match.group(1) or match.group(2) or "*"


def _product(tokens: list[str], at: int, text: str) -> tuple[_Unit, int]:
    """Factors from ``at`` up to the closing bracket or the end; ``a/b/c`` is ``a b-1 c-1``."""
    total, sign, divided, due = _ONE, 1, False, True
    while at < len(tokens) and tokens[at] != ")":
        token = tokens[at]
        if token in ("/", "*"):
            if due:
                raise UnitError(f"a unit is missing before {token!r} in {text!r}")
            sign, due = (-1 if token == "/" else 1), True
            divided = divided or token == "/"
            at += 1
            continue
        if token == "(":
            one, at = _product(tokens, at + 1, text)
            if at == len(tokens):
                raise UnitError(f"bracket not closed in {text!r}")
        else:
            one = _chunk(token, text)
        at += 1
        if divided and sign == 1 and (not one.powers or max(one.powers.values()) > 0):
            raise UnitError(
                f"{text!r} can be read in two ways: put what stands below / in brackets"
            )
        total, sign, due = total.times(one, sign), 1, False
    if due:
        raise UnitError(f"a unit is missing in {text!r}")
    return total, at


def _chunk(chunk: str, text: str) -> _Unit:
    """A power of ten, a unit with its exponent, or the first written against the second (``10^4m3``)."""
    number = _POWER_OF_TEN.match(chunk)
    if number is None and chunk[0] in "0123456789.+-":
        fix = "write a power of ten as 10^4 or 1e4, and an exponent against its unit: m-3"
        raise UnitError(f"cannot read {chunk!r} in {text!r}; {fix}")
    scale = _ONE
    if number:
        ten, short, zeros = number.groups()
        scale = _Unit(Fraction(10) ** (int(ten or short) if ten or short else len(zeros)), {})
        chunk = chunk[number.end() :]
        if not chunk:
            return scale
    word = _WORD.fullmatch(chunk)
    if word is None:
        raise UnitError(f"cannot read {chunk!r} in {text!r}; {_nearest(chunk)}")
    exponent = int(word.group(2) or 1)
    if not exponent:
        raise UnitError(f"exponent 0 in {text!r}")
    return scale.times(_named(word.group(1), exponent, chunk, text))


def _named(word: str, exponent: int, chunk: str, text: str) -> _Unit:
    """A word: a spelling of the vocabulary, else 平方 or 立方 of one, else 万, 亿 ... of one (``万m3`` is 10^4 m3)."""
    name = _spellings().get(word)
    if name:
        return _Unit(Fraction(1), {name: exponent})
    if word == "方":
        return _named("米", 3 * exponent, chunk, text)
    for prefix, power in (("平方", 2), ("立方", 3)):
        if word.startswith(prefix) and exponent == 1:
            return _named(word.removeprefix(prefix), power, chunk, text)
    if word and word[0] in _NUMERALS:
        scale = _Unit(Fraction(_NUMERALS[word[0]]), {})
        return scale.times(_named(word[1:], exponent, chunk, text)) if word[1:] else scale
    raise UnitError(
        f"unknown unit {chunk!r}"
        + (f" in {text!r}" if chunk != text else "")
        + f"; {_nearest(chunk)}"
    )


def _nearest(chunk: str) -> str:
    """The known spellings most like this one."""
    word = re.sub(r"\^?[+-]?\d+$", "", chunk) or chunk
    folded = {name.casefold(): name for name in [*_spellings(), "m2", "m3", "km2", "hm2"]}
    near = [
        folded[name] for name in difflib.get_close_matches(word.casefold(), folded, n=3, cutoff=0.5)
    ]
    return f"nearest known: {', '.join(near)}" if near else "the known units stand in gep/units.txt"


# --- vocabulary and dimensions ---------------------------------------------------------------------------------------


@cache
def _definitions() -> dict[str, list[str]]:
    """The vocabulary file: pint's name -> its spellings, the symbol first."""
    lines = [
        line.split("=")
        for line in _FILE.read_text(encoding="utf-8").splitlines()
        if line and line[0] != "#"
    ]
    return {line[0].strip(): [part.strip() for part in line[2:]] for line in lines}


@cache
def _spellings() -> dict[str, str]:
    spelled = {
        spelling: name for name, spellings in _definitions().items() for spelling in spellings
    }
    return spelled | _MARKS


@cache
def _symbols() -> dict[str, str]:
    symbols = {name: spellings[0] for name, spellings in _definitions().items() if spellings}
    return symbols | {name: mark for mark, name in _MARKS.items()}


@cache
def _registry() -> "pint.UnitRegistry[Any]":
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(
        None, non_int_type=Fraction
    )  # fractions: factors are exact
    registry.load_definitions(str(_FILE))
    return registry


def _dimension(unit: _Unit) -> dict[str, int]:
    registry = _registry()
    found = registry.get_dimensionality(registry.UnitsContainer(unit.powers))
    return {str(name): cast(int, power) for name, power in found.items()}


def _base_scale(unit: _Unit) -> Fraction:
    registry = _registry()
    scale, _ = registry.get_root_units(registry.UnitsContainer(unit.powers))
    return unit.scale * cast(Fraction, scale)


def _describe(unit: _Unit) -> str:
    """The dimension in words, for messages."""
    names = sorted(_dimension(unit).items())
    return (
        " ".join(name.strip("[]") + ("" if power == 1 else str(power)) for name, power in names)
        or "no dimension"
    )
