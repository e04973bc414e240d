"""Units: the spellings in use, the factors between them, and what is refused."""

import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pint
import pytest

import gep.units
from gep.texts.catalogue import LANGUAGES, Text, has_key
from gep.units import UnitError, canonical, currency, factor, has_money, same_dimension

CONVERSIONS = [
    # mass
    ("t", "kg", 1000), ("吨", "公斤", 1000), ("千克", "kg", 1), ("克", "mg", 1000), ("1e4 t", "t", 1e4),
    ("万t", "t", 1e4), ("万吨", "kg", 1e7), ("mg", "t", 1e-9),
    # carbon
    ("tC", "kgC", 1000), ("tC", "gC", 1e6), ("tCO2", "kgCO2", 1000), ("gC m-2", "tC ha-1", 0.01),
    ("万tCO2", "tCO2", 1e4), ("CNY tCO2-1", "CNY kgCO2-1", 1e-3),
    # length, area
    ("km", "m", 1000), ("公里", "千米", 1), ("dm", "cm", 10), ("米", "毫米", 1000),
    ("hm2", "ha", 1), ("hm²", "m2", 1e4),
    ("公顷", "hm2", 1), ("km2", "hm2", 100), ("平方公里", "平方千米", 1), ("平方米", "m2", 1), ("㎡", "m2", 1),
    ("亩", "m2", 10000 / 15), ("ha", "亩", 15), ("mu", "ha", 1 / 15), ("万亩", "km2", 20 / 3), ("万km2", "km2", 1e4),
    ("t·hm-2·a-1", "t ha-1", 1), ("hm3", "m3", 1e6),
    # volume
    ("m^3", "m3", 1), ("m³", "L", 1000), ("㎥", "m3", 1), ("方", "立方米", 1), ("亿m3", "m3", 1e8),
    ("亿立方米", "万方", 1e4),
    ("10^8 m3", "亿m3", 1), ("1e8 m3", "10⁸ m3", 1), ("cm-3", "m-3", 1e6), ("升", "m3", 1e-3), ("mm m2", "m3", 1e-3),
    # money
    ("万元", "元", 1e4), ("亿元", "10^4 CNY", 1e4), ("亿元", "10000 CNY", 1e4), ("yuan", "CNY", 1), ("RMB", "元", 1),
    ("百万元", "CNY", 1e6), ("千元", "CNY", 1e3), ("US$", "USD", 1), ("美元", "USD", 1), ("10^4 CNY", "亿元", 1e-4),
    ("元/亩", "CNY ha-1", 15), ("元/m³", "CNY m-3", 1), ("CNY/(kW·h)", "CNY kWh-1", 1), ("元／（t）", "CNY t-1", 1),
    # time
    ("a", "d", 365), ("年", "yr", 1), ("天", "小时", 24), ("h", "min", 60), ("min", "s", 60), ("a", "month", 12),
    ("日", "d", 1), ("kg d-1", "kg a-1", 365), ("kg month-1", "kg a-1", 12), ("m3 s-1", "m3 a-1", 31536000),
    # energy, power, pressure
    ("kWh", "kJ", 3600), ("千瓦时", "度", 1), ("亿kWh", "kWh", 1e8), ("GJ", "MJ", 1000), ("kJ", "J", 1000),
    ("MW", "kW", 1000), ("kW h", "kWh", 1), ("W", "kJ h-1", 3.6), ("kPa", "Pa", 1000), ("kPa", "kJ m-3", 1),
    # counts, parts, marks
    ("万人次", "visit", 1e4), ("亿人", "person", 1e8), ("个/cm3", "ion m-3", 1e6), ("株", "stem", 1), ("根", "stem", 1),
    ("%", "1", 0.01), ("％", "%", 1), ("‰", "%", 0.1), ("ppm", "1", 1e-6), ("1", "-", 1), ("t t-1", "1", 1),
    ("℃", "degC", 1), ("dB(A)", "dB", 1), ("g/kg", "%", 0.1), ("元/人次", "CNY visit-1", 1),
    # composed
    ("MJ mm/(hm2 h a)", "MJ mm ha-1 h-1 a-1", 1), ("t/(hm2·a)", "t ha-1 a-1", 1), ("kg/hm2/a", "t km-2 a-1", 0.1),
    ("kg*m-2", "t ha-1", 10), ("t h MJ-1 mm-1", "t·h/(MJ·mm)", 1), ("kJ m-2 d-1", "MJ m-2 a-1", 0.365),
    ("10^4m3", "m3", 1e4), ("10^-3 t", "kg", 1), ("m2 t ha-1 a-1", "t", 1e-4), ("CNY/(10^4 t)", "CNY t-1", 1e-4),
    # an explicit a-1 may be dropped on either side
    ("t ha-1 a-1", "t ha-1", 1), ("t", "t a-1", 1), ("kg/(亩·年)", "kg/亩", 1), ("万元/年", "CNY", 1e4),
    ("h a-1", "h", 1),
]  # fmt: skip

APART = [
    ("kW", "kWh"), ("kg d-1", "kg"), ("t", "m3"), ("CNY", "USD"), ("EUR", "CNY"), ("tC", "tCO2"), ("tC", "t"),
    ("CNY tC-1", "CNY tCO2-1"), ("visit", "person"), ("ion", "stem"), ("visit", "1"), ("degC", "1"), ("dB", "1"),
    ("kJ m-2 d-1", "MJ m-2"), ("t a-2", "t"), ("a", "1"), ("ha", "m"), ("kg d-1 a-1", "kg a-1"), ("CNY h-1", "CNY"),
    ("m3 month-1", "m3"), ("W", "J"),
]  # fmt: skip

UNREADABLE = [
    "", " ", "Mt", "kha", "KG", "kWhh", "tCO2e", "t CO2", "tce", "are", "K", "ts", "hm2x", "m.s", "m0", "m2.5",
    "t**2", "/ha",
    "ha/", "t//ha", "(t", "t)", "()", "104 t", "108m3", "2 t", "0 t", "1.5 t", "10^4.5 t",
    "10-3 t", "t ha -1", "- t", "--",
    "t/hm2 a", "CNY/10^4 t", "元人人", "万万x", "平方", "平方亩x", "²", "unit not printed", "yuan per t", "nan",
]  # fmt: skip


@pytest.mark.parametrize(("source", "target", "expected"), CONVERSIONS)
def test_factor(source: str, target: str, expected: float) -> None:
    assert factor(source, target) == pytest.approx(expected, rel=1e-15)
    assert factor(target, source) == pytest.approx(1 / expected, rel=1e-15)
    assert same_dimension(source, target)


@pytest.mark.parametrize("unit", sorted({unit for one in CONVERSIONS for unit in one[:2]}))
def test_the_normal_spelling_means_the_same_and_stays(unit: str) -> None:
    assert factor(unit, canonical(unit)) == 1
    assert canonical(canonical(unit)) == canonical(unit)


@pytest.mark.parametrize(("source", "target"), APART)
def test_other_dimensions_do_not_convert(source: str, target: str) -> None:
    assert not same_dimension(source, target)
    for pair in ((source, target), (target, source)):
        with pytest.raises(UnitError, match="cannot convert"):
            factor(*pair)


@pytest.mark.parametrize("unit", UNREADABLE)
def test_what_is_not_a_unit_is_refused(unit: str) -> None:
    for read in (canonical, currency, lambda text: factor(text, text)):
        with pytest.raises(UnitError):
            read(unit)


@pytest.mark.parametrize(
    ("unit", "near"),
    [("KWH", "kWh"), ("kWhh", "kWh"), ("t CO2", "tCO2"), ("人次次", "人次"), ("Hm2", "hm2"), ("CYN", "CNY"),
     ("公倾", "公顷")],
)  # fmt: skip
def test_the_message_names_the_nearest_units(unit: str, near: str) -> None:
    with pytest.raises(UnitError, match=f"nearest known: .*{near}"):
        factor(unit, "1")


@pytest.mark.parametrize(
    ("source", "target", "en", "zh"),
    [
        ("t", "hm2", "cannot convert 't' (mass) to 'hm2' (length2)", "“t”（质量）不能换算为“hm2”（长度2）"),
        ("1", "CNY", "cannot convert '1' (no dimension) to 'CNY' (CNY)", "“1”（无量纲）不能换算为“CNY”（人民币）"),
        ("", "t", "the unit is blank; write 1 for a number without a unit", "单位为空；无量纲的数写 1"),
        ("t/ha a", "t", "'t/ha a' can be read in two ways: put everything below the / in brackets",
         "“t/ha a”有两种读法：把 / 之后的各项放进括号"),
        ("t/(ha", "t", "'t/(ha' has a bracket that is not closed", "“t/(ha”的括号没有闭合"),
        ("t)", "t", "'t)' has a closing bracket without an opening one", "“t)”的右括号没有对应的左括号"),
        ("/ha", "t", "a unit is missing before '/' in '/ha'", "“/ha”中“/”之前缺少单位"),
        ("t/", "t", "a unit is missing in 't/'", "“t/”中缺少单位"),
        ("m0", "t", "'m0' has an exponent 0", "“m0”中有指数 0"),
        ("kWhh", "t", "unknown unit 'kWhh'; nearest known: kWh, kW, MWh", "未知的单位“kWhh”；相近的单位有 kWh、kW、MWh"),
        ("t qqqq", "t", "unknown unit 'qqqq' in 't qqqq'; the known units are listed in docs/en/reference/units.md",
         "“t qqqq”中有未知的单位“qqqq”；可用的单位见 docs/zh/reference/units.md"),
    ],
)  # fmt: skip
def test_the_reason_is_said_in_both_languages(source: str, target: str, en: str, zh: str) -> None:
    with pytest.raises(UnitError) as caught:
        factor(source, target)
    assert isinstance(caught.value.reason, Text)
    assert caught.value.reason.say("en") == str(caught.value) == en
    assert caught.value.reason.say("zh") == zh


def test_every_dimension_has_a_name_in_both_languages() -> None:
    vocabulary = Path(gep.units.__file__).with_name("units.txt").read_text(encoding="utf-8")
    dimensions = re.findall(r"^\w+ = \[(\w+)\]", vocabulary, re.MULTILINE)
    assert len(dimensions) > 10
    for dimension in dimensions:
        for language in LANGUAGES:
            assert has_key(language, f"units.dimension.{dimension}"), dimension


def test_a_lost_superscript_is_not_read_as_a_number() -> None:
    with pytest.raises(UnitError, match="power of ten"):
        factor("104 CNY", "CNY")


def test_what_stands_below_a_stroke_needs_brackets() -> None:
    with pytest.raises(UnitError, match="brackets"):
        factor("t/hm2 a", "t ha-1 a-1")
    assert factor("t/hm2 a-1", "t ha-1 a-1") == 1


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("元/亩", "CNY"), ("10^4 CNY", "CNY"), ("CNY m-3", "CNY"), ("USD t-1", "USD"), ("欧元", "EUR"), ("t CNY-1", "CNY"),
     ("CNY USD-1", "CNY"), ("t ha-1", None), ("1", None), ("CNY/CNY", None)],
)  # fmt: skip
def test_currency(unit: str, expected: str | None) -> None:
    assert currency(unit) == expected
    assert has_money(unit) == (expected is not None)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("元/亩", "CNY mu-1"), ("亿m³", "10^8 m3"), ("万人次", "10^4 visit"), ("-", "1"), ("1/a", "a-1"), ("hm-2", "ha-1"),
     ("MJ mm/(hm2 h a)", "MJ mm ha-1 h-1 a-1"), ("平方公里", "km2"), ("万方", "10^4 m3"), ("％", "%"),
     ("t hm2/hm2", "t")],
)  # fmt: skip
def test_canonical(unit: str, expected: str) -> None:
    assert canonical(unit) == expected


def test_units_are_those_of_pint() -> None:
    """The vocabulary is in pint's syntax: pint, which gep does without, reads the same from it."""
    registry: pint.UnitRegistry = pint.UnitRegistry(None, non_int_type=Fraction)
    lines = gep.units._FILE.read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line and not line.startswith("#"):
            registry.define(line)
    for name in gep.units._definitions():
        unit = registry.UnitsContainer({name: 1})
        dimensions = {str(key): power for key, power in registry.get_dimensionality(unit).items()}
        scale, _ = registry.get_root_units(unit)
        base = gep.units._in_dimensions(name)
        assert base.powers == dimensions, name
        assert base.scale == scale, name


def test_import_is_cheap() -> None:
    code = "import sys, gep.units; print({'numpy', 'pandas', 'xarray'} & set(sys.modules))"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "set()\n"
    )
