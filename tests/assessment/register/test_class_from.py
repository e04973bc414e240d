"""A draw takes its classes from a scheme of credit: on its day, in whatever order, and references that do not hold."""

import shutil
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.paths import ROOT, TESTS
from support.small import Row, write_table

import gep

EXAMPLE = TESTS / "assessment" / "register" / "example"
CREDIT = "enterprise-credit-jiangsu-2019"
SHIPPED = ROOT / "gep" / "assessment" / "schemes" / "supervision-draw-jiangxi-county.toml"
OF = {"A": '["yellow", "red", "black"]', "B": '["blue"]', "C": '["green"]'}
ENTERPRISES = [f"E{number:02}" for number in range(12)]
# base 9 is blue; 5 points off are yellow, 2 points more are green
BAD = {"E00": "2023-02-01", "E01": "2023-02-01", "E02": "2023-06-01"}
UNKNOWN = "E11"  # an entry whose points no row states: no class


def entry(
    subject: str,
    item: str,
    day: str,
    kind: str = "enterprise",
    region: str = "990201",
    **cells: Any,
) -> Row:
    row = {"region": region, "subject_kind": kind, "subject": subject, "item": item, "date": day}
    row |= {"value": "", "event": "", "document": f"{item} {day}", "grade": "placeholder"}
    return row | cells


def register() -> list[Row]:
    rows = [entry(name, "assessed", "2023-01-01") for name in ENTERPRISES]
    rows += [entry(name, "other_conduct", day, value=5) for name, day in BAD.items()]
    rows.append(entry("E01", "other_conduct", "2023-05-10", event="repaired"))
    rows.append(entry("E10", "commitment", "2023-01-02", value=2))
    rows.append(entry(UNKNOWN, "other_conduct", "2023-01-02"))
    rows += [entry(f"JC-{number}", "on_duty", "2023-01-01", "inspector") for number in range(3)]
    rows += [
        entry("bureau", "draw", day, "office", value=7)
        for day in ("2023-03-01", "2023-05-10", "2023-08-01")
    ]
    return rows


def draw_scheme(source: str = CREDIT, of: dict[str, str] | None = None, name: str = "draw") -> str:
    """The shipped scheme whose classes come from another one."""
    text = SHIPPED.read_text(encoding="utf-8")
    text = text.replace('id = "supervision-draw-jiangxi-county"', f'id = "{name}"')
    text = text.replace('rule = "draw"', f'rule = "draw"\nclass_from = "{source}"')
    first, _, rest = text.partition("[[item]]\n")
    assert "supervision_class" in rest.split("[[item]]")[0]
    text = "[[item]]\n".join([first, *rest.split("[[item]]\n")[1:]])
    for class_, names in (OF if of is None else of).items():
        text = text.replace(f'id = "{class_}"\n', f'id = "{class_}"\nof = {names}\n')
    return text


def assessed(
    folder: Path, schemes: dict[str, str], names: Sequence[str], rows: Sequence[Row] | None = None
) -> gep.ProjectAssessment:
    shutil.copytree(EXAMPLE, folder)
    for name, text in schemes.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    write_table(folder / "register.csv", register() if rows is None else rows)
    toml = (folder / "project.toml").read_text(encoding="utf-8").partition("[assessment]")[0]
    toml += (
        f"[assessment]\nyears = [2023]\nschemes = {list(names)!r}\nregisters = ['register.csv']\n"
    )
    (folder / "project.toml").write_text(toml, encoding="utf-8")
    return gep.assess_project(folder, folder / "out", language="en")


def codes(folder: Path, schemes: dict[str, str], names: Sequence[str]) -> dict[str, str]:
    with pytest.raises(gep.ProblemsFound) as found:
        assessed(folder, schemes, names)
    return {problem.code: f"{problem.what} {problem.fix}" for problem in found.value.problems}


def tables(result: gep.ProjectAssessment, scheme: str) -> dict[str, pd.DataFrame]:
    (assessment,) = (each for each in result.assessments if each.scheme.id == scheme)
    return dict(assessment.tables)


def candidates(log: pd.DataFrame, class_: str) -> dict[str, set[str]]:
    """The candidates of a class by the day of the draw."""
    of_class = log[log["class"] == class_]
    return {day: set(rows["subject"]) for day, rows in of_class.groupby("date")}


def test_a_draw_takes_the_credit_of_its_own_day(tmp_path: Path) -> None:
    result = assessed(tmp_path / "x", {"draw": draw_scheme()}, ["./draw.toml", CREDIT])
    log = tables(result, "draw")["draw_log.csv"]
    assert candidates(log, "A") == {
        "2023-03-01": {"E00", "E01"},
        "2023-05-10": {"E00", "E01"},  # an entry counts on the day of its repair
        "2023-08-01": {"E00", "E02"},  # and no longer after; another one is from June
    }
    assert candidates(log, "C")["2023-03-01"] == {"E10"}
    blue = {*ENTERPRISES} - {*BAD, "E10", UNKNOWN}
    assert candidates(log, "B")["2023-03-01"] == blue | {"E02"}
    assert candidates(log, "B")["2023-08-01"] == blue | {"E01"}
    states = tables(result, "draw")["register_states.csv"].set_index("subject")
    credit = tables(result, CREDIT)["register_states.csv"].set_index("subject")
    expected = {"yellow": "A", "blue": "B", "green": "C", "": ""}
    assert {name: expected[class_] for name, class_ in credit["class"].items()} == dict(
        states["class"]
    )
    assert set(states["class_from"]) == {CREDIT}
    (assessment,) = (each for each in result.assessments if each.scheme.id == "draw")
    caption = " ".join(line.say("en") for line in assessment.caption)
    assert f"1 enterprise is left out of a draw, since {CREDIT} gives no class" in caption
    lines = gep.explain_score(tmp_path / "x", "990201", 2023, "draw:E02", language="en")
    assert f"E02: class A on 2023-12-31, from scheme {CREDIT}" in lines


def test_the_order_of_draw_and_credit_changes_nothing(tmp_path: Path) -> None:
    logs = []
    for number, names in enumerate(permutations(["./draw.toml", CREDIT])):
        result = assessed(tmp_path / str(number), {"draw": draw_scheme()}, names)
        logs.append(tables(result, "draw"))
    for name, table in logs[0].items():
        pd.testing.assert_frame_equal(logs[1][name], table)


def test_without_class_from_the_register_states_the_class(tmp_path: Path) -> None:
    name = "supervision-draw-jiangxi-county"
    rows = [*register(), entry("E05", "supervision_class", "2023-01-20", event="A")]
    result = assessed(tmp_path / "x", {}, [name, CREDIT], rows)
    assert candidates(tables(result, name)["draw_log.csv"], "A")["2023-03-01"] == {"E05"}


def test_references_that_do_not_hold(tmp_path: Path) -> None:
    names = ["./draw.toml", CREDIT]
    draw = draw_scheme()
    told = codes(tmp_path / "1", {"draw": draw_scheme("enterprise-credit")}, names)
    assert CREDIT in told["unknown-scheme"]
    told = codes(tmp_path / "2", {"draw": draw}, ["./draw.toml"])
    assert CREDIT in told["unknown-scheme"]
    told = codes(
        tmp_path / "3", {"draw": draw_scheme("ecological-flow")}, [*names, "ecological-flow"]
    )
    assert "ecological-flow gives no classes" in told["scheme-class"]
    told = codes(tmp_path / "4", {"draw": draw_scheme(of={**OF, "B": '["blau"]'})}, names)
    assert "blau" in told["scheme-class"] or "blue" in told["scheme-class"]
    told = codes(tmp_path / "5", {"draw": draw_scheme(of={**OF, "B": '["blue", "red"]'})}, names)
    assert "red" in told["duplicate-id"]
    both = draw.replace('role = "duty"', 'role = "class"', 1)
    assert "register-rule" in codes(tmp_path / "6", {"draw": both}, names)
    without = draw.replace(f'class_from = "{CREDIT}"\n', "")
    assert "register-rule" in codes(tmp_path / "7", {"draw": without}, names)


def test_circles_are_named(tmp_path: Path) -> None:
    told = codes(tmp_path / "1", {"draw": draw_scheme("draw")}, ["./draw.toml", CREDIT])
    assert "draw → draw" in told["scheme-circle"]
    schemes = {"draw": draw_scheme("other"), "other": draw_scheme("draw", name="other")}
    told = codes(tmp_path / "2", schemes, ["./draw.toml", "./other.toml", CREDIT])
    assert "draw → other → draw" in told["scheme-circle"]
