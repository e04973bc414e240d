"""What may be compared: what differs is refused by name, all at once, or allowed and flagged in each row."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from support.museum import contents
from support.small import Row, coefficient
from support.years import (
    CROP,
    LAND,
    Years,
    changed,
    effects,
    field_areas,
    of_products,
    outputs,
    prices,
    products,
    row,
    total,
)

import gep
from gep.cli.app import main
from gep.comparison.comparability import ASPECTS
from gep.comparison.comparison_table import comparison_table
from gep.comparison.decomposition import decomposition_table

SWITCH = """
[switch.land]
name = { zh = "土地", en = "Land" }
options = ["with", "without"]
default = "with"
"""
SWITCHED = LAND.replace('per = "area"', 'per = "area"\nwhen = { land = "with" }')


def project(year: int, **parts: object) -> Years:
    """One year of rice and land in two regions."""
    rows: list[Row] = [
        *prices({("rice", 2015): 1000, ("rice", 2020): 1000}), coefficient("land_share", 0.5, "1"),
        *(coefficient("land_value", 1000, "CNY ha-1", price_year=str(one)) for one in (2015, 2020)),
    ]  # fmt: skip
    small = of_products(
        CROP, LAND, areas=field_areas({(code, year): 100 for code in "ab"}),
        data=outputs({(code, year, "rice"): 10 for code in "ab"}), sets=rows,
    )  # fmt: skip
    return changed(Years(small, (year,)), **{"standard": products(CROP, SWITCHED) + SWITCH} | parts)


def other_standard(text: str) -> str:
    return text.replace('id = "products"', 'id = "other"')


# aspect -> the second project, and what the message says of the difference
CASES: dict[str, tuple[Callable[[], Years], tuple[str, ...]]] = {
    "standard": (
        lambda: project(2020, standard=other_standard(products(CROP, SWITCHED) + SWITCH)),
        ("2015: Small standard (products)", "2020: Small standard (other)"),
    ),
    "indicators": (
        lambda: project(2020, switches={"land": "without"}), ("not in 2020: Land (land.value)",)
    ),
    "switches": (
        lambda: project(2020, switches={"land": "without"}),
        ("2015: Land (land) = with", "2020: Land (land) = without"),
    ),
    "prices": (lambda: project(2020, price_year=2015), ("2015: current prices", "2020: constant prices of 2015")),
    "boundary": (
        lambda: project(2020, areas=field_areas({("a", 2020): 100}), data=outputs({("a", 2020, "rice"): 10})),
        ("not in 2020: b",),
    ),
}  # fmt: skip
ALONE = {"switches": {"indicators"}, "indicators": {"switches"}}  # what comes with it


def both(second: Years, folder: Path) -> list[str]:
    first = project(2015)
    return [str(first.project(folder / "one")), str(second.project(folder / "two"))]


def tell(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = main(["compare", *arguments, "--allow-code"])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert bool(said.out) == (status == 0)
    return status, said.err


def refused_aspects(err: str) -> set[str]:
    """The aspects that are refused: each problem's place is the aspect's title with its id."""
    return set(re.findall(r"\[not-comparable\] [a-z ]+ \((\w+)\): ", err))


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


@pytest.mark.parametrize("aspect", CASES)
def test_what_differs_is_refused_by_name(
    aspect: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second, words = CASES[aspect]
    folders = both(second(), tmp_path)
    before = contents(tmp_path)
    status, err = tell([*folders, "--out", str(tmp_path / "out")], capsys)
    assert status == 2
    assert refused_aspects(err) >= {aspect}
    assert f"--allow {aspect}" in err
    for word in words:
        assert word in err, err
    assert contents(tmp_path) == before


@pytest.mark.parametrize("aspect", CASES)
def test_what_is_allowed_is_flagged_in_every_row(
    aspect: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    allowed = sorted({aspect, *ALONE.get(aspect, ())})
    folders = both(CASES[aspect][0](), tmp_path)
    options = [word for one in allowed for word in ("--allow", one)]
    assert tell([*folders, "--out", str(tmp_path / "out"), *options], capsys)[0] == 0
    table = read(tmp_path / "out" / "comparison.csv")
    assert len(table) > 4
    for flags in table["flags"]:
        assert {f"{one}-differs" for one in allowed} <= set(flags.split(";"))


def test_a_difference_is_said_in_both_languages(tmp_path: Path) -> None:
    """Where, what differs with the values, and what to do; ids with their titles."""
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compare(two_accounts(tmp_path, CASES["switches"][0]()), allow=["indicators"])
    (problem,) = found.value.problems
    assert problem.say("en") == (
        "[not-comparable] choices that the standard leaves open (switches): the accounts differ: "
        "2015: Land (land) = with; 2020: Land (land) = without / fix: compute the accounts alike; or "
        "allow the difference with --allow switches (in Python allow=['switches']), and every row is "
        "flagged"
    )
    assert problem.say("zh") == (
        "[not-comparable] 规范选项 (switches)：各年账户不一致：2015 年：土地 (land) = with；2020 年：土地 (land) = "
        "without / 改正：用同样的做法重新核算；确需对比的，用 --allow switches 允许这一差异（程序中写 "
        "allow=['switches']），结果逐行标注"
    )


def test_lines_in_units_that_do_not_convert_are_refused(tmp_path: Path) -> None:
    """An account in dollars beside one in yuan, as currencies are never converted."""
    second = project(2020)
    small = second.small
    rows = [{**one, "unit": str(one["unit"]).replace("CNY", "USD")} for one in small.sets["base"]]
    dollars = changed(
        second,
        standard=small.standard.replace("CNY", "USD"),
        methods=small.methods.replace("CNY", "USD"),
        sets={"base": rows},
    )
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compare(two_accounts(tmp_path, dollars), allow=["standard"])
    assert {one.code for one in found.value.problems} == {"wrong-dimension"}
    first = found.value.problems[0]
    assert first.what == (
        "one account has the unit '10^4 CNY' and another '10^4 USD', which do not convert into each "
        "other"
    )


def test_all_differences_are_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another standard with other indicators, at constant prices, of other regions."""
    second = project(
        2020, standard=other_standard(products(CROP)), price_year=2015, areas=field_areas({("c", 2020): 100}),
        data=outputs({("c", 2020, "rice"): 10}),
    )  # fmt: skip
    folders = both(second, tmp_path)
    before = contents(tmp_path)
    status, err = tell(folders, capsys)
    assert status == 2
    assert refused_aspects(err) == {"standard", "indicators", "prices", "boundary"}
    assert contents(tmp_path) == before
    status, err = tell([*folders, "--allow", "standard", "--allow", "prices"], capsys)
    assert status == 2
    assert refused_aspects(err) == {"indicators", "boundary"}
    assert contents(tmp_path) == before


def two_accounts(tmp_path: Path, second: Years | None = None) -> list[gep.Account]:
    return [
        *project(2015).accounts(tmp_path / "1"),
        *(second or project(2020)).accounts(tmp_path / "2"),
    ]


@pytest.mark.parametrize("aspect", ["tier", "classes"])
def test_tier_and_classes_are_refused_too(aspect: str, tmp_path: Path) -> None:
    """No project of this version has another tier, and classes go with the standard: the accounts are made so."""
    first, last = two_accounts(tmp_path)
    if aspect == "tier":
        plan = replace(last.plan, extent=replace(last.plan.extent, tier="raster"))
    else:
        plan = replace(last.plan, scheme=replace(last.plan.scheme, id="others"))
    other = replace(last, plan=plan)
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compare(first, other)
    assert [(one.code, one.place.id) for one in found.value.problems] == [
        ("not-comparable", aspect)
    ]
    allowed = gep.compare(first, other, allow=[aspect])
    assert (
        comparison_table(allowed)["flags"]
        .str.split(";")
        .map(lambda flags: f"{aspect}-differs" in flags)
        .all()
    )


def test_every_aspect_has_its_case() -> None:
    assert {*CASES, "tier", "classes"} == set(ASPECTS)


def test_a_standard_is_more_than_its_id(tmp_path: Path) -> None:
    """Two files that call themselves alike and value land differently are two standards."""
    text = products(CROP, SWITCHED) + SWITCH
    edited = text.replace('share = { coef = "land_share" }', 'share = { coef = "land_part" }')
    assert edited != text
    other = project(2020, standard=edited)
    rows = [
        {**one, "coefficient": "land_part"} if one["coefficient"] == "land_share" else one
        for one in other.small.sets["base"]
    ]
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compare(two_accounts(tmp_path, changed(other, sets={"base": rows})))
    assert {one.code for one in found.value.problems} == {"not-comparable"}


def test_two_projects_of_one_standard_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their sets may differ, and the difference is one of the reasons: share 0.5 to 0.6, value 1000 to 1500."""
    rows = [
        *prices({("rice", 2020): 1000}), coefficient("land_share", 0.6, "1"),
        coefficient("land_value", 1500, "CNY ha-1", price_year="2020"),
    ]  # fmt: skip
    second = project(2020, sets={"county": rows})
    assert tell([*both(second, tmp_path), "--out", str(tmp_path / "out")], capsys)[0] == 0
    table, reasons = (
        read(tmp_path / "out" / "comparison.csv"),
        read(tmp_path / "out" / "decomposition.csv"),
    )
    assert set(table["flags"]) == {"current-prices"}
    told = effects(reasons, region="a", indicator="land")
    expected = {"areas": 0, "data": 0, "coefficients": 0.1 * 1250 / 100, "prices": 500 * 0.55 / 100}
    assert told == pytest.approx(expected)
    change = float(row(table, region="a", indicator="land")["change"])
    assert change == pytest.approx(9 - 5) == pytest.approx(sum(told.values()))


def test_what_the_switches_turn_off_is_compared_and_not_taken_apart(tmp_path: Path) -> None:
    found = gep.compare(
        two_accounts(tmp_path, project(2020, switches={"land": "without"})),
        allow=["switches", "indicators"],
    )
    land = row(comparison_table(found), region="a", indicator="land")
    assert (land["value_from"], land["value_to"], land["change"]) == (
        pytest.approx(5),
        "na",
        pytest.approx(-5),
    )
    reasons, warnings = decomposition_table(found)
    assert len(reasons) == 0
    assert [one.code for one in warnings] == ["not-decomposed"]
    assert "choices that the standard leaves open (switches)" in warnings[0].what


# --- years -----------------------------------------------------------------------------------------------------------


def codes(found: pytest.ExceptionInfo[gep.ProblemsFound]) -> list[str]:
    return [one.code for one in found.value.problems]


def test_the_same_year_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = both(project(2015), tmp_path)
    before = contents(tmp_path)
    status, err = tell(folders, capsys)
    assert status == 2
    assert "[same-year] 2015" in err
    assert contents(tmp_path) == before
    account = two_accounts(tmp_path)[0]
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compare(account, account)
    assert "same-year" in codes(found)


def test_one_year_or_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project(2015).project(tmp_path / "p")
    before = contents(tmp_path)
    status, err = tell([str(folder)], capsys)
    assert status == 2
    assert "[missing-year] years" in err
    assert contents(tmp_path) == before
    given = {"wrong-argument": [], "missing-year": project(2015).accounts(tmp_path / "1")}
    for code, accounts in given.items():
        with pytest.raises(gep.ProblemsFound) as found:
            gep.compare(accounts)
        assert codes(found) == [code]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--from", "2020", "--to", "2015"], "bad-year"), (["--from", "2020"], "bad-year"),
        (["--from", "2015", "--to", "2015"], "bad-year"), (["--from", "2016"], "missing-year"),
        (["--to", "2019"], "missing-year"),
    ],
)  # fmt: skip
def test_years_that_cannot_be_compared(
    options: list[str], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = both(project(2020), tmp_path)
    before = contents(tmp_path)
    status, err = tell([*folders, *options], capsys)
    assert status == 2
    assert f"[{code}] --from, --to" in err
    assert contents(tmp_path) == before


def test_an_aspect_that_does_not_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = both(project(2020), tmp_path)
    status, err = tell([*folders, "--allow", "price"], capsys)
    assert status == 2
    assert "[unknown-option] --allow" in err
    assert all(aspect in err for aspect in ASPECTS)


# --- flags that are no refusal ---------------------------------------------------------------------------------------


def test_other_sources_of_areas_are_flagged(tmp_path: Path) -> None:
    """Of both years stated and different; where one does not say, nothing can be said."""
    for first, last, told in (
        ("map A", "map B", True),
        ("map A", "map A", False),
        ("map A", "", False),
    ):
        accounts = []
        for year, source in ((2015, first), (2020, last)):
            one = project(year)
            areas = [{**some, "source": source} for some in one.small.areas]
            accounts += changed(one, areas=areas).accounts(tmp_path / f"{first}{last}{year}")
        flags = gep.compare(accounts).flags
        assert ("area-source-differs" in flags) is told, (first, last)


def test_totals_belong_to_the_list_of_indicators(tmp_path: Path) -> None:
    """A headline over other indicators is no headline to compare with."""
    text = (products(CROP, SWITCHED) + SWITCH).replace(total("crop", "land"), total("crop"))
    with pytest.raises(gep.ProblemsFound) as found:
        gep.compare(two_accounts(tmp_path, project(2020, standard=text)))
    assert "indicators" in {one.place.id for one in found.value.problems}
