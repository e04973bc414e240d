"""What the messages advise: the right repair, in words of the field, and none that would make things worse.

The museum of bad inputs (``test_bad``) holds the codes and places; here are the words.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.museum import edit, project
from support.tables import read

import gep
from gep.cli.app import main
from gep.errors import Place, make_problem

Change = Callable[[Path], object]


def edits(*changes: tuple[str, str, str]) -> Change:
    """Replace texts that stand once."""
    return lambda folder: [edit(folder / name, old, new) for name, old, new in changes]


def recoded(starts: dict[str, str]) -> Change:
    """Region codes that begin otherwise, file by file."""

    def change(folder: Path) -> None:
        for name in ("areas.csv", "data.csv", "regions.csv", "base/set.toml", "local/set.toml"):
            text = (folder / name).read_text(encoding="utf-8")
            start = starts.get(name, "0101")
            (folder / name).write_text(re.sub("9901(?=0[012])", start, text), encoding="utf-8")

    return change


def problems_of(folder: Path, change: Change) -> gep.ProblemsFound:
    """What a copy of the format example with one change says."""
    project(folder)
    change(folder)
    with pytest.raises(gep.ProblemsFound) as found:
        gep.run_project(folder, allow_code=True)
    return found.value


def _all_replaced(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


SETS = ("base/numbers.csv", "local/treatment.csv")
AREA = ("areas.csv", "300,hm2")
TITLE = 'title = { zh = "格式示例：两村", en = "Format example: two villages" }'
PRICE_2015 = ("base/numbers.csv", "2,CNY m-3,,,,,2020", "2,CNY m-3,,,,,2015")
# change, code, words of the message, words that would mislead
SAID: dict[str, tuple[Change, str, tuple[str, ...], tuple[str, ...]]] = {
    "decimal comma": (
        edits((*AREA, '"500,5",hm2')), "thousands-separator", ("decimal comma, write 500.5", "小数点用英文句点"),
        ("5005",),
    ),
    "thousands": (edits((*AREA, '"1,234,500.5",hm2')), "thousands-separator", ("write 1234500.5",), ("decimal",)),
    "groups of two": (edits((*AREA, '"1,50,0",hm2')), "thousands-separator", ("check the digits",), ("1500", "1.50")),
    "a zero lost in the areas": (
        recoded({"areas.csv": "101"}), "unknown-region", ("a leading zero was lost: write 010101",), ("did you mean",)
    ),
    "a zero lost in the regions": (
        recoded({"regions.csv": "101"}), "unknown-region", ("lost in regions.csv, which has 10101: write 010101",),
        ("did you mean",),
    ),
    "a zero lost in the data": (
        recoded({"data.csv": "101"}), "unknown-region", ("a leading zero was lost: write 010101",), ("did you mean",)
    ),
    "a zero lost in a scope": (
        recoded({"base/set.toml": "101"}), "value-transfer", ("base/set.toml", "write 010100"),
        ("allow_transfer = true,",),
    ),
    "a zero lost but in a scope": (
        recoded(dict.fromkeys(("areas.csv", "data.csv", "regions.csv"), "101")), "value-transfer",
        ("lost in areas.csv: write 010100",), ("allow_transfer = true,",),
    ),
    "a coefficient that no set has": (
        edits(("base/numbers.csv", "reservoir_cost", "reservoir_costs")), "missing-coefficient",
        ("is in no set", "unit_cost [CNY m-3] of Water retention", "with price_year", "did you mean reservoir_costs?",
         "水源涵养 (water_retention.value) 的输入项 unit_cost，单位 元/立方米"),
        ("at all", "treatment_cost", "switch"),
    ),
    "a coefficient that a choice needs": (
        edits(("base/numbers.csv", "unit_value,shrub", "unit_value,bare")), "missing-coefficient",
        ("for ecosystem type Shrub (shrub)", "switch Oxygen release counted (oxygen)", 'oxygen = "without"',
         "na where a class gives none", "生态系统类型 灌丛 (shrub)"), ("did you mean",),
    ),
    "a data name misspelt": (
        edits(("data.csv", "990101,2020,visits", "990101,2020,visit")), "missing-data",
        ("data Visits (visits)", "单位 人次", "rows named 'visit' (data.csv row 16) are not used", "游客人次 (visits)"),
        ("switch", "开关"),
    ),
    "data with a key that is open": (
        edits(("data.csv", "990101,2020,output,,,rice,0.07,万t,made up\n", ""),
              ("data.csv", "990102,2020,output,,,fish,30,t,made up\n", "")),
        "missing-data", ("na with a blank product where a region has none",), (),
    ),
    "a price of another year among others": (
        edits(PRICE_2015), "price-year", ("add a row of price year 2020",), ("price_year = 2015",)
    ),
    "all prices of another year": (
        lambda folder: [_all_replaced(folder / name, ",2020,made_up", ",2015,made_up") for name in SETS],
        "price-year", ("set price_year = 2015", "constant prices"), (),
    ),
    "no years": (edits(("project.toml", "years = [2020]", "years = []")), "toml-value",
                 ("years 为空", "years = [2020]"), ("Tuple", "validation")),
    "a year for a list": (edits(("project.toml", "[2020]", "2020")), "toml-value", ("应为列表", "years = [ ... ]"), ()),
    "a number for a title": (edits(("project.toml", TITLE, "title = 7")), "toml-value",
                             ("应为文字", "quotation marks"), ("Names", "instance")),
    "another language": (edits(("project.toml", '"zh"\nallow', '"cn"\nallow')), "toml-value", ("one of: zh, en",), ()),
    "a word for true": (edits(("project.toml", "allow_code = true", 'allow_code = "ja"')), "toml-value",
                        ("true or false",), ("boolean",)),
    "a list headed as a table": (
        edits(("standard.toml", '[[total]]\nid = "gep"', '[total]\nid = "gep"'),
              ("standard.toml", '[[total]]\nid = "without', '[more]\nid = "without')),
        "toml-value", ("[[total]], with two brackets",), ("tuple",),
    ),
    "no table of inputs": (edits(("project.toml", "[inputs]", "[input]")), "missing-key", ("add [inputs]",), ()),
    "a key of a binding": (edits(("standard.toml", '{ data = "visits" }', '{ dat = "visits" }')), "unknown-key",
                           ("did you mean data",), ()),
    "a key of a data name": (edits(("standard.toml", 'Visits" }\nunit', 'Visits" }\nunits')), "unknown-key",
                             ("did you mean unit",), ()),
    "a class by its code": (edits(("areas.csv", "990101,2020,paddy", "990101,2020,012")), "unknown-class",
                            ("code 012 is paddy",), ()),
    "a class by a name close to the Chinese one": (
        lambda folder: (
            edit(folder / "project.toml", 'crosswalk = "./crosswalk.csv"\n', ""),
            edit(folder / "areas.csv", "990101,2020,woodland", "990101,2020,灌丛地"),
        ),
        "unknown-class", ("did you mean Shrub (shrub)?", "是否为 灌丛 (shrub)？"), (),
    ),
    "a class by a name close to the English one": (
        edits(("crosswalk.csv", ",11,shrub,", ",11,Shrubs,")), "unknown-class",
        ("did you mean Shrub (shrub)?", "是否为 灌丛 (shrub)？"), (),
    ),
    "a class of the standard beside a crosswalk": (
        edits(("areas.csv", "990101,2020,paddy", "990101,2020,农田")), "unknown-class",
        ("of the classes of crosswalk", "paddy"), (),
    ),
    "a set of one's own": (edits(("project.toml", '"./local"', '"local"')), "unknown-id", ('write "./local"',), ()),
    "a standard of one's own": (edits(("project.toml", '"./standard.toml"', '"standard"')), "unknown-id",
                                ('write "./standard.toml"',), ()),
    "a coefficient without a known grade": (
        edits(("base/numbers.csv", "2,CNY m-3,,,,,2020,made_up,t3,placeholder", "2,CNY m-3,,,,,2020,made_up,t3,")),
        "unknown-grade", ("grade is blank", "official"), ("unstated",),
    ),
    "land area without its unit": (edits(("regions.csv", "4,km2,1000", "4,,1000")), "blank", ("area_unit",), ()),
    "a year with its word": (edits(("areas.csv", "990101,2020,woodland", "990101,2020年,woodland")), "bad-year",
                             ("such as 2020",), ()),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_the_advice_helps(case: str, tmp_path: Path) -> None:
    change, code, needed, misleading = SAID[case]
    found = problems_of(tmp_path / "p", change)
    said = [
        problem.say("en") + problem.say("zh") for problem in found.problems if problem.code == code
    ]
    assert any(all(text in one for text in needed) for one in said), found
    for text in misleading:
        assert not any(text in one for one in said), found


def test_years_that_do_not_read_are_told_once(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path / "p", lambda folder: _all_replaced(folder / "areas.csv", ",2020,", ",2020年,")
    )
    assert [problem.code for problem in found.problems] == ["bad-year"]


def test_a_formula_that_was_never_calculated_is_thought_of(tmp_path: Path) -> None:
    from test_bad import GENERATED

    (problem,) = problems_of(tmp_path / "p", GENERATED["sheet-with-formula"]).problems
    assert "never calculated" in problem.what
    (problem,) = problems_of(tmp_path / "q", edits((*AREA, ",hm2"))).problems
    assert "formula" not in problem.fix


def test_the_same_thing_is_told_once_with_all_its_places(tmp_path: Path) -> None:
    lacks = edits(("data.csv", "990101,2020,precipitation,,,,1600,mm,made up\n", ""))
    twice = edits(
        (
            "standard.toml",
            'spending = { coef = "spending_per_visit" }',
            'spending = { coef = "reservoir_cost" }',
        )
    )

    def change(folder: Path) -> None:
        lacks(folder)
        twice(folder)
        edit(
            folder / "methods.py",
            'spending: Annotated[Array, "CNY visit-1"]',
            'spending: Annotated[Array, "CNY m-3"]',
        )
        edit(folder / "base/numbers.csv", "reservoir_cost", "cost")

    found = problems_of(tmp_path / "p", change)
    (coefficient,) = [
        problem for problem in found.problems if problem.code == "missing-coefficient"
    ]
    assert "water_retention.value.unit_cost" in coefficient.where
    assert "recreation.value.spending" in coefficient.where
    assert len([problem for problem in found.problems if problem.code == "missing-data"]) == 1


def test_warnings_follow_the_numbered_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(tmp_path / "p")
    edit(folder / "data.csv", "990101,2020,visits", "990101,2020,visit")
    edit(folder / "areas.csv", "300,hm2", "330,hm2")
    assert main(["check", str(folder), "--allow-code", "--language", "en"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("1. [missing-data] ")
    assert all(line.startswith("warning [") for line in lines[1:])
    assert any("did you mean Visits (visits)?" in line for line in lines[1:])
    assert any("[land-differs] areas.csv" in line for line in lines[1:])


def test_warnings_of_reading_are_not_lost_when_the_plan_fails(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path / "p",
        lambda folder: (
            edit(folder / "data.csv", "990101,2020,visits", "990101,2020,visit"),
            (folder / "areas.csv").write_bytes(
                (folder / "areas.csv").read_text("utf-8-sig").encode("gbk")
            ),
        ),
    )
    assert {"gbk", "unused-data"} <= {problem.code for problem in found.warnings}


# --- none here -------------------------------------------------------------------------------------------------------


def account(folder: Path, change: Change) -> dict[tuple[str, str, str], str]:
    project(folder)
    change(folder)
    outcome = gep.run_project(folder, allow_code=True)
    assert outcome.warnings == ()
    return {
        (row["region"], row["step"], row["item"]): row["value"]
        for row in read(outcome.out / "account.csv")
    }


FISH = ("data.csv", "990102,2020,output,,,fish,30,t,made up", "990102,2020,output,,,,na,t,made up")
RICE = (
    "data.csv",
    "990101,2020,output,,,rice,0.07,万t,made up",
    "990101,2020,output,,,,na,t,made up",
)


def test_na_with_a_blank_key_says_that_a_region_has_none(tmp_path: Path) -> None:
    values = account(tmp_path / "p", edits(FISH))
    assert float(values["990101", "value", "product=rice"]) == pytest.approx(
        0.07e4 * 1000 * 2.8 / 1e4
    )
    assert ("990102", "value", "product=fish") not in values
    assert {
        values[key] for key in values if key[0] == "990102" and key[2].startswith("product")
    } == {"na"}


def test_no_region_may_have_any(tmp_path: Path) -> None:
    values = account(tmp_path / "p", edits(FISH, RICE))
    assert {value for (_, _, item), value in values.items() if item.startswith("product")} == {"na"}


def test_a_region_with_none_asks_for_no_coefficient(tmp_path: Path) -> None:
    """A price of each region is due where something is sold, and one price where anything is."""
    rice, fish = (
        "product_price,,,rice,,2.8,CNY kg-1,,,,,2020,",
        "product_price,,,fish,,12000,CNY t-1,,,,,2020,",
    )

    def change(folder: Path, *, regions: bool) -> None:
        edits(FISH)(folder)
        edit(folder / "base/numbers.csv", f"{fish}made_up,t3,placeholder,,\n", "")
        if regions:
            line = f"{rice}made_up,t3,placeholder,,\n"
            edit(folder / "base/numbers.csv", line, "")
            text = "coefficient,region,value,unit,price_year,source,locator,grade\n"
            text += "product_price,990101,2.8,CNY kg-1,2020,made_up,t3,placeholder\n"
            (folder / "base/prices.csv").write_text(text, encoding="utf-8")

    for regions in (False, True):
        values = account(
            tmp_path / str(regions), lambda folder, by=regions: change(folder, regions=by)
        )
        assert float(values["990101", "value", "product=rice"]) == pytest.approx(
            0.07e4 * 1000 * 2.8 / 1e4
        )
        assert values["990102", "value", "product=na"] == "na"


def test_where_no_region_has_any_no_coefficient_is_due(tmp_path: Path) -> None:
    bare = edits(
        (
            "base/numbers.csv",
            "product_price,,,rice,,2.8,CNY kg-1,,,,,2020,made_up,t3,placeholder,,\n",
            "",
        ),
        (
            "base/numbers.csv",
            "product_price,,,fish,,12000,CNY t-1,,,,,2020,made_up,t3,placeholder,,\n",
            "",
        ),
    )
    values = account(tmp_path / "p", lambda folder: (edits(FISH, RICE)(folder), bare(folder)))
    assert {value for (_, _, item), value in values.items() if item.startswith("product")} == {"na"}


def test_none_is_said_of_all_the_members_that_a_step_names(tmp_path: Path) -> None:
    change = edits(
        (
            "data.csv",
            "990102,2020,emission,,SO2,,12,t,made up",
            "990102,2020,emission,,,,na,t,made up",
        ),
        ("data.csv", "990102,2020,emission,,dust,,100,t,made up\n", ""),
    )
    values = account(tmp_path / "p", change)
    for substance in ("SO2", "dust"):
        assert values["990102", "purified", f"substance={substance}"] == "na"
        assert float(values["990101", "purified", f"substance={substance}"]) > 0


def test_of_thousands_alike_the_first_are_listed_and_the_rest_counted(villages: Path) -> None:
    rows = "".join(f"88{number:04d},2020,paddy,1,hm2\n" for number in range(400))
    areas = (villages / "areas.csv").read_text(encoding="utf-8")
    (villages / "areas.csv").write_text(areas + rows, encoding="utf-8")
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.run_project(villages, allow_code=True, language="en")
    assert len(caught.value.problems) == 400, "all of them, for a program"
    lines = [line for line in str(caught.value).splitlines() if "unknown-region" in line]
    assert len(lines) == 101
    rest = "areas.csv row 107, 108, 109, 110, 111 and 295 more column region"
    assert lines[-1] == f"... [unknown-region] and 300 more like these: {rest}"


def test_no_line_is_saved_for_a_few_problems() -> None:
    def of_rows(count: int) -> list[gep.Problem]:
        places = [Place("a.csv", (row,)) for row in range(count)]
        return [
            make_problem("negative", place, "extent.negative-area", area=-place.rows[0])
            for place in places
        ]

    assert len(str(gep.ProblemsFound(of_rows(110))).splitlines()) == 110
    lines = gep.ProblemsFound(of_rows(111)).say("en").splitlines()
    assert len(lines) == 101
    rest = "a.csv row 100, 101, 102, 103, 104 and 6 more"
    assert lines[-1] == f"... [negative] and 11 more like these: {rest}"
