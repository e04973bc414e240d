"""All that ships loads without a warning and fits together; every number has unit, source, locator and grade."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gep
from gep.errors import ProblemLog
from gep.extent.classes import load_class_scheme
from gep.extent.crosswalk import load_crosswalk
from gep.inputs.coefficients import PRICE_INDEX, PRICE_INDEX_NAME, CoefficientSet, read_sources
from gep.inputs.data import COMMON
from gep.inputs.value_rows import GRADE, check_range
from gep.io.catalog import shipped
from gep.standards.method import load_method
from gep.standards.standard import (
    DEPARTMENTS,
    EXPERT,
    Binding,
    DataName,
    DeclaredName,
    load_standard,
)
from gep.texts.catalogue import LANGUAGES, Label, say
from gep.units import factor, has_money

STANDARDS, SETS = sorted(shipped("standards")), sorted(shipped("coefficients"))
SCHEMES = sorted(name for name in shipped("classes") if "-to-" not in name)
CROSSWALKS = sorted(name for name in shipped("classes") if "-to-" in name)
CLASSES = shipped("classes")["hj1166-2021"].parent


def test_what_the_issue_asks_for_ships() -> None:
    assert {
        "xie-2003",
        "xie-2008",
        "xie-2015",
        "costanza-2014",
        "unit-value-6",
        "rcees-2017",
    } <= set(STANDARDS)
    assert {
        "hj1166-2021",
        "xie-2003",
        "xie-2008",
        "xie-2015",
        "costanza-2014",
        "unit-value-6",
    } <= set(SCHEMES)
    ends = ("hj1166", "xie-2003", "xie-2015")
    assert {f"{begin}-to-{end}" for begin in ("igbp", "third-survey") for end in ends} <= set(
        CROSSWALKS
    )


def _is_declared(quantity: DeclaredName) -> bool:
    """Whether a number has a meaning in both languages, a unit, and a range with its source."""
    has_range = quantity.min is not None and quantity.max is not None
    if isinstance(quantity, DataName):
        has_range = has_range or quantity.per_km2 is not None or quantity.per_person is not None
    titles = bool(quantity.name.zh) and bool(quantity.name.en)
    return titles and bool(quantity.unit) and has_range and bool(quantity.range_source)


@pytest.mark.parametrize("name", STANDARDS)
def test_every_number_of_a_standard_is_declared(name: str) -> None:
    spec = gep.read_standard(name).spec
    data = {binding.data for binding in _bindings(name)} - {""}
    coefficients = {binding.coef for binding in _bindings(name)} - {""}
    assert data <= set(spec.data)
    assert coefficients == set(spec.coefficient)
    for quantity in (*spec.data.values(), *spec.coefficient.values(), *COMMON.values()):
        assert _is_declared(quantity), quantity
        if isinstance(quantity, DataName):
            assert "department" in quantity.model_fields_set, quantity
    known = {"", EXPERT, *spec.sources}
    assert {quantity.range_source for quantity in spec.data.values()} <= known


_AMOUNT = re.compile(
    r"(10\^\d )?(CNY|t|tC|tCO2|ha|m2|km2|m3|kWh|visit|person|km|species|roomnight|stem)( a-1)?"
)


@pytest.mark.parametrize("name", STANDARDS)
def test_only_rates_may_be_given_at_a_parent(name: str) -> None:
    """Money, mass, area, volume, energy and counts never; depths, shares and what is "per" may."""
    for data_name, declared in gep.read_standard(name).spec.data.items():
        is_amount = _AMOUNT.fullmatch(declared.unit) is not None
        assert is_amount == declared.is_amount, data_name
        if is_amount:
            assert declared.inherit == (), data_name
        elif data_name != "sown_share":  # the structure of a county, not a rate
            wanted = [key for key in ("region", "ecosystem") if key in declared.keys]
            assert list(declared.inherit) == wanted, data_name


def test_departments_have_titles_in_both_languages() -> None:
    assert len(DEPARTMENTS) > 8
    for language in LANGUAGES:
        titles = {say(language, f"standards.department.{name}") for name in DEPARTMENTS}
        assert len(titles) == len(DEPARTMENTS)


@pytest.mark.parametrize("name", SETS)
def test_every_coefficient_of_a_set_is_declared_and_in_its_range(name: str) -> None:
    """A set declares the names that no standard declares: projects list it beside any of them."""
    coefficients = gep.read_coefficient_set(name)
    for coefficient in sorted(set(coefficients.rows["name"])):
        declared = [PRICE_INDEX_NAME] if coefficient == PRICE_INDEX else []
        for standard in STANDARDS:
            spec = gep.read_standard(standard).spec
            if coefficient in spec.coefficient:
                declared.append(spec.coefficient[coefficient])
        if coefficient in coefficients.header.coefficient:
            declared.append(coefficients.header.coefficient[coefficient])
        assert declared, coefficient
        for quantity in declared:
            assert _is_declared(quantity), coefficient
            problems = ProblemLog()
            rows = coefficients.named(coefficient)
            check_range(Label(coefficient), rows, quantity, problems)
            assert not problems.warnings, [str(problem) for problem in problems.warnings]


def _bindings(name: str) -> Iterator[Binding]:
    for _, _, step in gep.read_standard(name).steps():
        yield from step.inputs.values()


@pytest.mark.parametrize("name", STANDARDS)
def test_standards_load_and_every_step_has_its_method(name: str) -> None:
    problems = ProblemLog()
    standard = load_standard(name, None, name, problems)
    assert standard is not None
    for full, _, step in standard.steps():
        method = load_method(step.method, standard.path.parent, full, problems, allow_code=False)
        assert method is not None
        assert set(step.inputs) <= set(method.inputs)
        assert set(method.inputs) - method.optional <= set(step.inputs)
        assert step.clause, f"{full} names no clause"
    assert not problems.errors
    assert not problems.warnings
    if standard.spec.measure == "esv":
        titles = [standard.spec.title, *(total.name for total in standard.spec.total)]
        assert not any(
            "GEP" in title.zh + title.en or "生态产品总值" in title.zh for title in titles
        )
    for data in standard.spec.data.values():
        factor(data.unit, data.unit)


@pytest.mark.parametrize("name", STANDARDS)
def test_standards_find_their_classes_sets_and_coefficients(name: str) -> None:
    standard = gep.read_standard(name)
    problems = ProblemLog()
    assert (
        load_class_scheme(standard.spec.ecosystems, standard.path.parent, name, problems)
        is not None
    )
    sets = [gep.read_coefficient_set(one) for one in standard.spec.coefficients]
    have = {str(row) for one in sets for row in one.rows["name"].unique()}
    asked = {
        binding.coef
        for _, _, step in standard.steps()
        for binding in step.inputs.values()
        if binding.coef
    }
    told = "".join((one.path / "CHANGES.md").read_text(encoding="utf-8") for one in sets)
    told += "".join(point.unknown.en for point in standard.spec.to_check)
    lacking = {one for one in asked - have if f"`{one}`" not in told}
    assert not lacking or not sets, (
        f"{name} binds coefficients that no set has, and neither CHANGES.md nor to_check tells the user so"
    )


@pytest.mark.parametrize("name", SETS)
def test_every_number_of_a_set_has_unit_source_locator_and_grade(name: str) -> None:
    one = gep.read_coefficient_set(name)
    rows = one.rows
    for column in ("unit", "source", "locator"):
        assert (rows[column] != "").all(), column
    assert set(rows["source"]) <= set(one.sources)
    assert not rows["grade"].isin([GRADE["placeholder"], GRADE["unstated"]]).any(), (
        "nothing made up, nothing unstated"
    )
    derived = rows[(rows["grade"] == GRADE["derived"]).to_numpy()]
    assert (derived["note"] != "").all(), "a derived number shows how"
    money = rows[
        rows["unit"].map(has_money).to_numpy(dtype=bool) & ~rows["na"].to_numpy(dtype=bool)
    ]
    assert (money["price_year"] != "").all()
    assert (one.path / "CHANGES.md").is_file()
    for source in one.sources.values():
        assert source.title.zh
        assert source.title.en


@pytest.mark.parametrize("name", SETS)
def test_official_numbers_come_from_a_document_with_issuer_and_number(name: str) -> None:
    one: CoefficientSet = gep.read_coefficient_set(name)
    official = one.rows[(one.rows["grade"] == GRADE["official"]).to_numpy()]
    for source in official["source"].unique():
        assert one.sources[source].issuer, f"{source} is called official and has no issuer"
        assert one.sources[source].number, f"{source} is called official and has no number"


@pytest.mark.parametrize("name", SCHEMES)
def test_class_schemes_load_with_their_sources(name: str) -> None:
    problems = ProblemLog()
    scheme = load_class_scheme(name, None, name, problems)
    assert scheme is not None
    assert not problems.errors
    assert not problems.warnings
    assert scheme.sources <= set(read_sources(CLASSES / "sources.toml", "sources.toml", problems))
    assert all(zh and en for zh, en in scheme.titles.values())


@pytest.mark.parametrize("name", CROSSWALKS)
def test_crosswalks_lead_into_a_shipped_scheme_and_are_called_proposals(name: str) -> None:
    end = name.rpartition("-to-")[2]
    target = next(one for one in SCHEMES if f"{one}-".startswith(f"{end}-"))
    problems = ProblemLog()
    scheme = load_class_scheme(target, None, target, problems)
    assert scheme is not None
    crosswalk = load_crosswalk(name, None, scheme, name, problems)
    assert crosswalk is not None
    assert not problems.errors
    assert not problems.warnings
    assert set(crosswalk.frame["grade"]) <= {GRADE["expert"], GRADE["derived"]}, (
        "none was read in an official text"
    )
    assert set(crosswalk.frame["source"]) <= set(
        read_sources(CLASSES / "sources.toml", "sources.toml", problems)
    )


def test_no_shipped_text_names_a_place_of_the_developers() -> None:
    folders = [*shipped("coefficients").values(), CLASSES, CLASSES.parent]
    files = [path for folder in folders for path in Path(folder).iterdir() if path.is_file()]
    assert files
    for path in files:
        assert "shared/" not in path.read_text(encoding="utf-8"), path.name


def test_the_other_table_of_runoff_is_recalled_and_used_only_where_it_is_named() -> None:
    """Read in a program: evergreen broadleaf 2.67 % for 4.65 %, tussock 9.37 % for 3.87 %."""
    for name in STANDARDS:
        assert "runoff-redline" not in gep.read_standard(name).spec.coefficients
    tables = {}
    for name in ("runoff-redline", "rcees-parameters"):
        rows = gep.read_coefficient_set(name).rows
        rows = rows[rows["name"] == "runoff_coefficient"]
        tables[name] = dict(zip(rows["ecosystem"], rows["value"], strict=True))
        expected = "recalled" if name == "runoff-redline" else "published"
        assert set(rows["grade"]) == {GRADE[expected]}
    other, gong = tables.values()
    assert other["evergreen_broadleaf_forest"] == 2.67
    assert gong["evergreen_broadleaf_forest"] == 4.65
    assert (other["tussock"], gong["subtropical_tussock"]) == (9.37, 3.87)
    assert "cultivated_land" not in other, "0 in the program says not assessed"


def test_official_texts_that_were_not_read_are_named_and_what_was_read_is_not() -> None:
    path = shipped("standards")["rcees-2017"].with_name("official_texts.csv")
    text = path.read_text(encoding="utf-8")
    for name in ("LY/T 1721-2008", "GB/T 38582-2020", "（GEP）核算技术指南（2020）"):
        assert name in text
    assert "HJ 1173" not in text, "its annex A was read in full"
    rows = gep.read_coefficient_set("hj1173-2021").rows
    assert GRADE["official"] in set(rows["grade"])
