"""``gep test``: printed figures held against results, cases of methods, and what is wrong in a table of them."""

import shutil
from pathlib import Path

import pytest
from support.paths import EXAMPLES, TESTS

import gep
from gep.cli.app import main
from gep.errors import Place, ProblemsFound
from gep.inputs.value_rows import KEYS
from gep.terminal.figures import print_figures
from gep.workflows.expected import FigureCheck, _Row

PROJECT = TESTS / "cases" / "jiaozhou-bay-2005-2015"
HEAD = "item,year,region,ecosystem,service,value,unit,tolerance,locator,role,reason\n"
CASES = "case,item,value,unit,locator,role,reason,tolerance\n"


def table(tmp_path: Path, rows: str, head: str = HEAD) -> Path:
    path = tmp_path / "figures.csv"
    path.write_text(head + rows, encoding="utf-8")
    return path


def computed(tmp_path: Path, row: str) -> float:
    (figure,) = gep.check_figures(PROJECT, table(tmp_path, row)).figures
    return figure.computed


def codes(tmp_path: Path, rows: str, head: str = HEAD) -> list[tuple[str, str]]:
    with pytest.raises(ProblemsFound) as raised:
        gep.check_figures(PROJECT, table(tmp_path, rows, head))
    problems = raised.value.problems
    return [(problem.code, problem.place.say("en").partition(" row ")[2]) for problem in problems]


# The printed values of the source: salt 18.1 and aquatic products 456.47, 10^7 CNY, on 38299 hm2 in 2005.
@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("salt,2005,,,,18.1,10^7 CNY,,t,match,\n", 18.1),
        ("salt.value,2005,370200,,,181,10^6 CNY,,t,match,\n", 181.0),
        ("salt+aquatic_products,2005,,,,474.57,10^7 CNY,,t,match,\n", 456.47 + 18.1),
        ("area,2005,,wetland,,382.99,km2,,t,match,\n", 382.99),
        ("area,2005-2010,,wetland,,-22.98,km2,,t,match,\n", 360.01 - 382.99),
        ("area,2005-2010,,wetland,,-6.00,%,,t,match,\n", 100 * (36001 / 38299 - 1)),
    ],
)
def test_items_are_amounts_sums_areas_changes_and_rates(tmp_path, row, value):
    assert computed(tmp_path, row) == pytest.approx(value, rel=1e-12)


def test_a_share_is_of_the_total_of_the_region(tmp_path):
    rows = "".join(f"share:{one},2005,,,,50,%,100,t,match,\n" for one in ("total", "provisioning"))
    total, provisioning = gep.check_figures(PROJECT, table(tmp_path, rows)).figures
    assert total.computed == pytest.approx(100)
    # Aquatic products, plants and salt as printed; habitat is the one value that is computed.
    whole = computed(tmp_path, "total,2005,,,,1,10^7 CNY,,t,mismatch,made up\n")
    assert provisioning.computed == pytest.approx(100 * (456.47 + 0.41 + 18.1) / whole)


def test_digits_decide_where_no_tolerance_is_given(tmp_path):
    rows = "salt,2005,,,,18.1,10^7 CNY,,a,match,\nsalt,2005,,,,18.14,10^7 CNY,,b,match,\n"
    rows += "salt,2005,,,,18.14,10^7 CNY,0.05,c,match,\nsalt,2005,,,,18.14,10^7 CNY,1%,d,match,\n"
    rows += "salt,2005,,,,18,10^7 CNY,,e,match,\nsalt,2005,,,,na,10^7 CNY,,f,match,\n"
    check = gep.check_figures(PROJECT, table(tmp_path, rows))
    assert [figure.holds for figure in check.figures] == [True, False, True, True, True, False]
    assert check.figures[1].allowed == pytest.approx(0.005)


def test_a_mismatch_that_agrees_is_a_miss(tmp_path, capsys):
    rows = "salt,2005,,,,18.1,10^7 CNY,,t,mismatch,said so\n"
    assert (
        main(["test", str(PROJECT), "--expected", str(table(tmp_path, rows)), "--language", "en"])
        == 1
    )
    printed = capsys.readouterr().out
    assert "rows that hold: 0 of 1;" in printed
    assert "make it a match" in printed


def test_a_mismatch_without_a_number_of_ours_is_a_miss(tmp_path, capsys):
    rows = "salt,2005,,,,18.2,10^7 CNY,,t,mismatch,said so\nsalt,2005,,,,na,10^7 CNY,,u,mismatch,said so\n"
    figures = gep.check_figures(PROJECT, table(tmp_path, rows)).figures
    assert [figure.holds for figure in figures] == [True, True], "ours is 18.1"
    row = _Row(
        ("expected.csv", 2),
        Place("expected.csv", (2,)),
        {
            **dict.fromkeys(("case", "item", "year", *KEYS, "unit", "locator", "reason"), ""),
            "value": "18.2",
            "role": "mismatch",
        },
        18.2,
        0.05,
    )
    figure = row.figure(float("nan"))
    assert not figure.holds
    assert not figure.is_computed
    print_figures(FigureCheck((figure,), (), "en"))
    assert "nothing is computed that could differ" in capsys.readouterr().out


def test_a_miss_shows_both_numbers_and_the_status_is_1(tmp_path, capsys):
    rows = "salt,2005,,,,18.2,10^7 CNY,,Table 2,match,\nplants,2005,,,,0.41,10^7 CNY,,t,match,\n"
    assert (
        main(["test", str(PROJECT), "--expected", str(table(tmp_path, rows)), "--language", "en"])
        == 1
    )
    printed = capsys.readouterr().out
    assert "rows that hold: 1 of 2;" in printed
    assert "printed 18.2, computed 18.1 10^7 CNY (off by -0.1, allowed 0.05); Table 2" in printed


def test_all_hold_and_the_mismatches_of_the_source_are_named(capsys):
    assert main(["test", str(PROJECT), "--language", "zh"]) == 0
    printed = capsys.readouterr().out
    assert "6 行中 6 行成立：4 个数相符，2 个来源有误的经核实" in printed
    assert printed.count("来源有误：") == 2


def test_what_is_wrong_in_a_table_is_found_at_once(tmp_path):
    rows = "salt,2005,,,,18.1,10^7 CNY,,t,expect,\nsalt,2005,,,,x,10^7 CNY,,u,match,\n"
    rows += "salt,2005,,,,17,10^7 CNY,,v,mismatch,\nsalt,,,,,17,10^7 CNY,-1,w,match,\n,2005,,,,1,t,,,match,\n"
    assert set(codes(tmp_path, rows)) == {
        ("unknown-option", "2 column role"),
        ("not-a-number", "3 column value"),
        ("blank", "4 column reason"),
        ("bad-year", "5 column year"),
        ("not-a-number", "5 column tolerance"),
        ("blank", "6 column item"),
        ("blank", "6 column locator"),
    }


def test_what_no_account_has_is_found_at_once(tmp_path):
    rows = "sugar,2005,,,,1,10^7 CNY,,t,match,\nsalt,2006,,,,1,10^7 CNY,,t,match,\nsalt,2005,990101,,,1,10^7 CNY,,t,match,\n"
    rows += "salt,2005,,paddy,,1,10^7 CNY,,t,match,\nsalt,2005,,,salt,1,10^7 CNY,,t,match,\nsalt,2005,,,,1,km2,,t,match,\n"
    assert codes(tmp_path, rows) == [
        ("unknown-indicator", "2 column item"),
        ("missing-year", "3 column year"),
        ("unknown-region", "4 column region"),
        ("unknown-class", "5 column ecosystem"),
        ("missing-member", "6 column item"),
        ("wrong-dimension", "7 column unit"),
    ]


def test_a_wrong_table_has_the_status_2(tmp_path, capsys):
    file = table(tmp_path, "sugar,2005,,,,1,10^7 CNY,,t,match,\n")
    assert main(["test", str(PROJECT), "--expected", str(file), "--language", "en"]) == 2
    assert "sugar" in capsys.readouterr().err


def test_per_area_of_a_type(tmp_path):
    """Paddy of Xie 2015 at 3406.5 yuan: one equivalent of a hectare is 1.36 of food production."""
    row = "per_km2:food_production,1999,,paddy,,0.463,10^4 CNY hm-2,0.0005,hand,match,\n"
    assert gep.check_figures(EXAMPLES / "beibu-gulf", table(tmp_path, row)).misses == ()


METHOD = '''
from typing import Annotated
from gep.units import Array


def half(*, area: Annotated[Array, "hm2"]) -> Annotated[Array, "t"]:
    """Half."""
    return area / 2


def fails(*, area: Annotated[Array, "hm2"]) -> Annotated[Array, "t"]:
    """Fails."""
    raise RuntimeError("no")
'''


def own_cases(tmp_path: Path, rows: str) -> Path:
    (tmp_path / "methods.py").write_text(METHOD, encoding="utf-8")
    return table(tmp_path, rows, CASES)


def test_own_methods_have_cases_like_those_that_ship(tmp_path):
    rows = "a,area,2,km2,given,input,,\na,./methods.py:half,100,t,by hand,match,,\n"
    file = own_cases(tmp_path, rows)
    with pytest.raises(ProblemsFound) as raised:
        gep.check_figures(file)
    assert [problem.code for problem in raised.value.problems] == ["code-not-allowed"]
    (figure,) = gep.check_figures(file, allow_code=True).figures
    assert figure.holds
    assert figure.computed == 100


def test_what_is_wrong_in_a_case(tmp_path):
    rows = "a,area,2,t,given,input,,\na,./methods.py:half,100,t,by hand,match,,\n"
    rows += "b,area,2,hm2,given,input,,\nb,price,2,1,given,input,,\nb,./methods.py:fails,1,t,by hand,match,,\n"
    rows += "c,./methods.py:half,1,t,by hand,match,,\nd,area,1,hm2,given,input,,\n"
    with pytest.raises(ProblemsFound) as raised:
        gep.check_figures(own_cases(tmp_path, rows), allow_code=True)
    places = [
        (problem.code, problem.place.say("en").partition(" row ")[2])
        for problem in raised.value.problems
    ]
    assert set(places) == {
        ("wrong-dimension", "2 column unit"),
        ("method-failed", "6 column item"),
        ("method-argument", "5 column item"),
        ("method-argument", "7 column item"),
        ("method-argument", "8 column case"),
    }


def test_an_argument_is_given_once_wherever_it_is_printed(tmp_path):
    rows = "a,area,2,hm2,Table 1,input,,\na,area,3,hm2,Table 2,input,,\n"
    rows += "a,./methods.py:half,1,t,by hand,match,,\n"
    with pytest.raises(ProblemsFound) as raised:
        gep.check_figures(own_cases(tmp_path, rows), allow_code=True)
    (problem,) = raised.value.problems
    assert (problem.code, problem.place.say("en")[-17:]) == ("duplicate-row", "row 3 column item")


def test_a_percentage_is_held_at_its_own_digits(tmp_path):
    """-6.00 % of the area, by the printed areas; a fraction of 1 is 100 times as coarse."""
    rows = "area,2005-2010,,wetland,,-6.00%,1,,t,match,\narea,2005-2010,,wetland,,-5%,1,,u,match,\n"
    agrees, misses = gep.check_figures(PROJECT, table(tmp_path, rows)).figures
    assert (agrees.holds, misses.holds) == (True, False)
    assert misses.allowed == pytest.approx(0.005)


def test_what_is_no_share_and_no_number_of_a_usual_size(tmp_path):
    rows = "share:area,2005,,wetland,,18.1,%,,t,match,\n"
    assert codes(tmp_path, rows) == [("wrong-dimension", "2 column item")]
    rows = "salt,2005,,,,1e400,10^7 CNY,,t,match,\n"
    assert codes(tmp_path, rows) == [("not-finite", "2 column value")]


def test_rows_of_an_account_need_a_project(tmp_path):
    with pytest.raises(ProblemsFound) as raised:
        gep.check_figures(table(tmp_path, "salt,2005,,,,18.1,10^7 CNY,,t,match,\n"))
    assert [problem.code for problem in raised.value.problems] == ["blank"]


def test_a_project_without_the_table_says_so(tmp_path):
    shutil.copytree(PROJECT, tmp_path / "project")
    (tmp_path / "project" / "expected.csv").unlink()
    with pytest.raises(ProblemsFound) as raised:
        gep.check_figures(tmp_path / "project")
    assert [problem.code for problem in raised.value.problems] == ["missing-file"]


# --- cells of an assessment's tables --------------------------------------------------------------

ROTATIONS = TESTS / "cases" / "jiangxi-paddy-index-2013"
CELL = "item,year,region,value,unit,locator,role\n"


def test_cells_are_numbers_and_words(tmp_path):
    rows = "rotations/index.csv:component=social:value,2012,A,0.1343,1,t,match\n"
    rows += "rotations/index.csv:component=social:component,2012,A,social,1,t,match\n"
    rows += "ranks/scores.csv:indicator=output:rule,2012,A,attain,1,t,match\n"
    rows += "rotations/index.csv:component=total:value,2012,A,good,1,t,match\n"
    rows += "rotations/index.csv:component=social:component,2012,A,0.1,1,u,match\n"
    rows += "rotations/index.csv:component=total:grade,2012,A,na,1,t,match\n"
    check = gep.check_figures(ROTATIONS, table(tmp_path, rows, CELL))
    assert [figure.holds for figure in check.figures] == [True, True, False, False, False, True]
    assert check.figures[2].computed == "interpolate"
    # Table 2 by Table 5 of the source: 0.0441 x 0.803 + 0.1103 x 0.8967
    assert check.figures[0].computed == pytest.approx(0.0441 * 0.803 + 0.1103 * 0.8967, rel=1e-12)


def test_cells_of_money_and_stocks_convert_to_the_unit_of_the_row(tmp_path):
    stock = "balance/balance.csv:resource=forest;class=total;item=closing:value"
    rows = f"{stock},2014-2015,350000,86145.62,km2,t,match\n"
    rows += f"{stock.replace('closing', 'opening')},2014-2015,,8493584,ha,t,match\n"
    check = gep.check_figures(TESTS / "cases" / "fujian-balance-2015", table(tmp_path, rows, CELL))
    assert check.misses == ()
    wrong = table(tmp_path, f"{stock},2014-2015,350000,1,t,t,match\n", CELL)
    with pytest.raises(ProblemsFound) as raised:
        gep.check_figures(TESTS / "cases" / "fujian-balance-2015", wrong)
    assert [problem.code for problem in raised.value.problems] == ["wrong-dimension"]


def test_cells_of_a_comparison_are_fractions_in_the_unit_of_the_row(tmp_path):
    cell = "comparison/comparison.csv:category=total:growth"
    rows = f"{cell},2005-2010,,,,-5.3,%,,t,match,\n{cell},2005-2010,,,,-0.053,1,,t,match,\n"
    check = gep.check_figures(PROJECT, table(tmp_path, rows))
    percent, fraction = (figure.computed for figure in check.figures)
    first = computed(tmp_path, "total,2005,,,,1,10^7 CNY,,t,mismatch,made up\n")
    last = computed(tmp_path, "total,2010,,,,1,10^7 CNY,,t,mismatch,made up\n")
    assert percent == pytest.approx(100 * (last / first - 1))
    assert fraction == pytest.approx(last / first - 1)


def test_what_no_table_of_an_assessment_has_is_found_at_once(tmp_path):
    rows = "rotation/index.csv:component=total:value,2012,A,1,1,t,match\n"
    rows += "rotations/index.csv:node=total:value,2012,A,1,1,t,match\n"
    rows += "rotations/index.csv:component=all:value,2012,A,1,1,t,match\n"
    rows += "rotations/index.csv:component=total:value,2012,,1,1,t,match\n"
    rows += 'rotations/index.csv:component=total:value,2013,A,"1,000",1,t,match\n'
    file = table(tmp_path, rows, CELL)
    with pytest.raises(ProblemsFound) as raised:
        gep.check_figures(ROTATIONS, file)
    assert [problem.code for problem in raised.value.problems] == ["thousands-separator"]
    file.write_text(file.read_text(encoding="utf-8").replace('"1,000"', "1"), encoding="utf-8")
    with pytest.raises(ProblemsFound) as raised:
        gep.check_figures(ROTATIONS, file)
    problems = raised.value.problems
    assert [problem.code for problem in problems] == [
        "unknown-id",
        "unknown-column",
        "missing-member",
        "missing-member",
    ]
    assert "rotations/index.csv" in problems[0].say_what("en")
    assert "5 rows" in problems[3].say_what("en")


def test_a_miss_of_a_word_shows_both(tmp_path, capsys):
    rows = "ranks/scores.csv:indicator=output:rule,2012,A,attain,1,Table 9,match\n"
    file = str(table(tmp_path, rows, CELL))
    assert main(["test", str(ROTATIONS), "--expected", file, "--language", "en"]) == 1
    assert "printed attain, computed interpolate" in capsys.readouterr().out
