"""Changes of region codes: dates, chains, merging, splitting, the laws of a mapping, and those of Jiangxi."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.museum import BAD, project
from support.paths import shared_file

import gep
from gep.errors import ProblemLog
from gep.extent.region_changes import (
    RegionChanges,
    check_codes,
    check_handed_on,
    load_region_changes,
    map_codes,
    read_region_changes,
    renames,
    share_matrix,
)

SOME = settings(max_examples=80, deadline=None, derandomize=True, database=None)
BAD_CASES = [
    row
    for row in csv.DictReader((BAD / "index.csv").read_text(encoding="utf-8").splitlines())
    if row["case"].startswith("changes-") and row["case"] != "changes-chain"  # told with the areas
]
DATES = ("2001-02-03", "2002-07", "2003", "2004")
Row = tuple[str, str, float | str, str]


def written(folder: Path, rows: Sequence[Row]) -> RegionChanges:
    """Rows of from, to, share, date as a file that is read."""
    lines = ["from,to,share,date", *(",".join(str(cell) for cell in row) for row in rows)]
    (folder / "changes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_region_changes(folder / "changes.csv")


# --- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", BAD_CASES, ids=lambda row: row["case"])
def test_bad_changes_are_named(row: dict[str, str], tmp_path: Path) -> None:
    folder = project(tmp_path / "p", BAD / row["case"])
    problems = ProblemLog()
    load_region_changes(folder / "changes.csv", problems)
    assert {problem.code for problem in problems.errors} == {row["code"]}
    assert any(f"{row['file']} row {row['row']}" in problem.where for problem in problems.errors)
    for problem in problems.errors:
        assert problem.say("zh") != problem.say("en")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    rows: list[Row] = [
        ("a", "b", 0.5, "2010"),
        ("c", "", "x", "2010"),
        ("d", "e", "", ""),
        ("f", "g", 2, "2010-13"),
    ]
    with pytest.raises(gep.ProblemsFound) as found:
        written(tmp_path, rows)
    codes = sorted(problem.code for problem in found.value.problems)
    assert codes == ["bad-date", "blank", "blank", "not-a-number", "share-range", "share-sum"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2017-08-31", "2017-08-31"), ("2017-08-31 00:00:00", "2017-08-31"), ("2017-02", "2017-02-28"),
        ("2016-02", "2016-02-29"), ("2017-12", "2017-12-31"), ("2017", "2017-12-31"),
    ],
)  # fmt: skip
def test_a_date_of_a_month_or_a_year_is_its_last_day(text: str, day: str, tmp_path: Path) -> None:
    assert written(tmp_path, [("a", "b", "", text)]).rows["date"].tolist() == [day]


@pytest.mark.parametrize(
    "text", ["2017-13", "2017-00", "2017-02-29", "2017-8-1", "20170801", "2017年", "1817", "soon"]
)
def test_what_is_no_date(text: str, tmp_path: Path) -> None:
    with pytest.raises(gep.ProblemsFound, match="bad-date"):
        written(tmp_path, [("a", "b", "", text)])


def test_codes_are_text_and_a_lost_zero_is_suspected(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("from,to,date\n010101,10102,2010\n", encoding="utf-8")
    problems = ProblemLog()
    found = load_region_changes(tmp_path / "c.csv", problems)
    assert found is not None
    assert found.rows["from"].tolist() == ["010101"]
    assert [(problem.code, problem.where) for problem in problems.warnings] == [
        ("lost-zero", "c.csv row 2 column to")
    ]


# --- mapping -------------------------------------------------------------------------------------------------------


def test_a_year_is_on_the_boundary_of_its_last_day(tmp_path: Path) -> None:
    changes = written(
        tmp_path,
        [("a", "b", "", "2017-12-31"), ("c", "d", "", "2018-01-01"), ("e", "f", "", "2018")],
    )
    assert map_codes(changes, "ace", 2016, 2017) == {
        "a": (("b", 1),),
        "c": (("c", 1),),
        "e": (("e", 1),),
    }
    assert map_codes(changes, "ace", 2017, 2018) == {
        "a": (("a", 1),),
        "c": (("d", 1),),
        "e": (("f", 1),),
    }
    assert map_codes(changes, "ace", 2018, 2030) == {one: ((one, 1),) for one in "ace"}
    with pytest.raises(ValueError, match="forward only"):
        map_codes(changes, "a", 2018, 2017)


def test_renamed_split_and_merged_in_the_order_of_dates(tmp_path: Path) -> None:
    """a is renamed b, of which a quarter goes to c in 2012; what remains merges with d into e in 2015."""
    rows: list[Row] = [
        ("b", "e", "", "2015"), ("d", "e", "", "2015"), ("b", "c", 0.25, "2012"), ("b", "b", 0.75, "2012"),
        ("a", "b", "", "2010"),
    ]  # fmt: skip
    changes = written(tmp_path, rows)
    found = map_codes(changes, ["a", "c", "d", "z"], 2009, 2015)
    assert found == {
        "a": (("c", 0.25), ("e", 0.75)),
        "c": (("c", 1),),
        "d": (("e", 1),),
        "z": (("z", 1),),
    }
    shares, new = share_matrix(found, ["a", "c", "d", "z"])
    assert new == ("c", "e", "z")
    assert (shares.T @ np.array([100.0, 10, 20, 5])).tolist() == [35, 95, 5]
    assert renames(changes, ["a", "c", "d", "z"], 2009, 2011) == {"a": "b"}
    assert renames(changes, ["a", "c", "d", "z"], 2009, 2015) == {}


def test_what_merges_is_not_renamed_even_if_the_other_is_outside(tmp_path: Path) -> None:
    changes = written(
        tmp_path, [("a", "c", "", "2010"), ("b", "c", "", "2010"), ("d", "e", "", "2010")]
    )
    assert renames(changes, ["a", "d"], 2009, 2010) == {"d": "e"}
    assert renames(changes, ["a", "d", "e"], 2009, 2010) == {}  # d joins e, which stays


def test_a_code_may_come_back_later_and_parts_may_be_exchanged(tmp_path: Path) -> None:
    back = written(
        tmp_path, [("a", "b", "", "2010"), ("b", "a", "", "2015"), ("a", "c", "", "2020")]
    )
    assert map_codes(back, ["a"], 2000, 2016) == {"a": (("a", 1),)}
    assert renames(back, ["a"], 2000, 2020) == {"a": "c"}
    swap = written(
        tmp_path,
        [
            ("a", "a", 0.9, "2010"),
            ("a", "b", 0.1, "2010"),
            ("b", "b", 0.5, "2010"),
            ("b", "a", 0.5, "2010"),
        ],
    )
    assert map_codes(swap, ["a", "b"], 2000, 2010) == {
        "a": (("a", 0.9), ("b", 0.1)),
        "b": (("b", 0.5), ("a", 0.5)),
    }


def test_a_code_is_handed_on_to_another_region_on_the_same_day(tmp_path: Path) -> None:
    """F leaves its code to Y; in a year that follows Y has it, and F has a new one."""
    changes = written(
        tmp_path, [("362324", "362202", "", "1983-06-01"), ("362322", "362324", "", "1983-06-01")]
    )
    codes = ["362324", "362322"]
    expected = {"362324": "362202", "362322": "362324"}
    assert map_codes(changes, codes, 1980, 1990) == {
        old: ((new, 1),) for old, new in expected.items()
    }
    assert renames(changes, codes, 1980, 1990) == expected
    problems = ProblemLog()
    check_codes(changes, ["362202", "362324"], 1990, "areas.csv", problems)
    check_handed_on(changes, {1980: codes, 1990: ["362202", "362324"]}, problems)
    assert not problems.errors
    check_handed_on(changes, {1980: codes, 1990: ["362202"]}, problems)
    (problem,) = problems.errors
    assert (problem.code, problem.say_where("en")) == ("changed-twice", "changes.csv row 2")
    assert "362322 becomes '362324'" in problem.what
    assert "'362324' has no areas in 1990" in problem.what
    check_handed_on(changes, {1980: codes}, problems)
    assert len(problems.errors) == 1


def test_codes_exchanged_in_a_circle_are_refused(tmp_path: Path) -> None:
    rows: list[Row] = [("a", "b", "", "2010"), ("b", "c", "", "2010"), ("c", "a", "", "2010")]
    with pytest.raises(gep.ProblemsFound) as found:
        written(tmp_path, rows)
    (problem,) = found.value.problems
    assert (problem.code, problem.say_where("en")) == ("changed-twice", "changes.csv row 2, 3, 4")
    through = written(
        tmp_path,
        [("a", "x", "", "2010-05-01"), ("b", "a", "", "2010-05-02"), ("x", "b", "", "2010-05-02")],
    )
    assert renames(through, ["a", "b"], 2009, 2010) == {"a": "b", "b": "a"}


def test_a_code_that_had_ended_has_no_place_in_an_account(tmp_path: Path) -> None:
    changes = written(
        tmp_path, [("a", "b", "", "2010-06"), ("c", "c", 0.5, "2010"), ("c", "d", 0.5, "2010")]
    )
    for year, told in ((2009, []), (2010, ["a"]), (2020, ["a"])):
        problems = ProblemLog()
        check_codes(changes, ["a", "b", "c", "d", "z"], year, "areas.csv", problems)
        assert [(one.code, one.where) for one in problems.errors] == [
            ("unknown-region", "areas.csv") for _ in told
        ]
        for one in problems.errors:
            assert "'a' ended on 2010-06-30" in one.what
            assert "under the codes of that time: b" in one.fix
    back = written(tmp_path, [("a", "b", "", "2010"), ("b", "a", "", "2015")])
    problems = ProblemLog()
    check_codes(back, ["a"], 2015, "areas.csv", problems)
    assert not problems.errors


# --- laws ----------------------------------------------------------------------------------------------------------


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[str], list[Row]]:
    """Codes of 2000, and at each date some are renamed or split, and pairs merged, always into new codes."""
    count = draw(st.integers(1, 4))
    first = [f"r{number}" for number in range(count)]
    alive, rows = list(first), list[Row]()
    for day in DATES:
        fresh = iter(f"{day[:4]}n{number}" for number in range(20))
        chosen = draw(st.lists(st.sampled_from(alive), unique=True, max_size=3))
        into: list[str] = []
        for code in chosen:
            kind = draw(st.sampled_from(["rename", "split", "part", "join"]))
            if kind in ("rename", "join"):
                target = into[0] if kind == "join" and into else next(fresh)
                rows.append((code, target, "", day))
                into.append(target)
            else:
                share, other = draw(st.sampled_from([0.25, 0.1, 0.5])), next(fresh)
                rest = code if kind == "part" else next(fresh)
                rows += [(code, rest, 1 - share, day), (code, other, share, day)]
                into += [rest, other]
        alive = list(dict.fromkeys([*(one for one in alive if one not in chosen), *into]))
    return first, draw(st.permutations(rows)) if rows else [("x", "y", "", "2003")]


@given(
    case=histories(),
    halfway=st.sampled_from([2001, 2002, 2003]),
    numbers=st.lists(st.floats(0, 1e9), min_size=4, max_size=4),
)
@SOME
def test_amounts_are_kept_and_two_ways_are_one(
    case: tuple[list[str], list[Row]],
    halfway: int,
    numbers: list[float],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    codes, rows = case
    changes = written(tmp_path_factory.mktemp("c"), rows)
    amounts = np.array(numbers[: len(codes)])
    direct = map_codes(changes, codes, 2000, 2004)
    shares, new = share_matrix(direct, codes)
    assert (shares.T @ amounts).sum() == pytest.approx(amounts.sum(), rel=1e-12)
    early, between = share_matrix(map_codes(changes, codes, 2000, halfway), codes)
    late, end = share_matrix(map_codes(changes, between, halfway, 2004), between)
    assert set(end) == set(new)
    order = [end.index(code) for code in new]
    np.testing.assert_allclose((early @ late)[:, order], shares, rtol=1e-12, atol=1e-15)
    assert map_codes(changes, codes, 2004, 2004) == {code: ((code, 1.0),) for code in codes}
    for old, one in renames(changes, codes, 2000, 2004).items():
        assert direct[old] == ((one, 1.0),)
        assert sum(one in dict(targets) for targets in direct.values()) == 1


# --- Jiangxi -------------------------------------------------------------------------------------------------------


def test_the_counties_of_jiangxi(tmp_path: Path) -> None:
    """Changes between the lists of December 2016 and June 2023: no day is known but that of the later list.

    Four counties were renamed. Of 湾里区 and 红谷滩区 no list says what became of which part, so they are no rows.
    """
    path = shared_file("data", "code_changes.csv")
    with path.open(encoding="utf-8-sig") as file:
        known = list(csv.DictReader(file))
    both = [row for row in known if row["old_code"] and row["new_code"]]
    assert sorted(row["old_name"] or row["new_name"] for row in known if row not in both) == [
        "湾里区",
        "红谷滩区",
    ]
    changes = written(
        tmp_path, [(row["old_code"], row["new_code"], "", "2023-06-30") for row in both]
    )
    with (Path(gep.__file__).parents[1] / "examples/jiangxi-counties/regions.csv").open(
        encoding="utf-8-sig"
    ) as file:
        today = {row["region"] for row in csv.DictReader(file)}
    expected = {"360421": "360404", "360622": "360603", "360727": "360783", "361121": "361104"}
    assert set(expected.values()) <= today
    assert not today.intersection(expected)
    back = {new: old for old, new in expected.items()}
    of_2016 = [back.get(code, code) for code in sorted(today)]
    assert renames(changes, of_2016, 2016, 2023) == expected
    assert sorted(
        code for ((code, _),) in map_codes(changes, of_2016, 2016, 2023).values()
    ) == sorted(today)
    assert renames(changes, of_2016, 2016, 2022) == {}
    problems = ProblemLog()
    check_codes(changes, of_2016, 2023, "areas.csv", problems)
    assert len(problems.errors) == 4
