"""The files that a project is made of: all of them, and never overwritten by results."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.museum import edit

import gep
from gep.errors import ProblemLog
from gep.io.result_folder import sha256
from gep.project.project import check_project, file_sums, files_of, refuse_inputs


def test_every_file_that_was_read_is_listed_once(villages: Path) -> None:
    project, plans = check_project(villages, allow_code=True)
    names = [file.relative_to(villages).as_posix() for file in files_of(project, plans)]
    top = ["project.toml", "standard.toml", "classes.csv", "areas.csv", "data.csv"]
    assert names[:7] == [*top, "regions.csv", "crosswalk.csv"]
    assert names[-1] == "methods.py", "own code is an input too"
    for folder in ("local", "base"):
        for file in (villages / folder).glob("*.csv"):
            assert f"{folder}/{file.name}" in names
    assert len(set(names)) == len(names)
    assert file_sums(project, plans)["areas.csv"] == sha256(villages / "areas.csv")


def test_results_do_not_overwrite_inputs(villages: Path) -> None:
    project, plans = check_project(villages, allow_code=True)
    refuse_inputs(project, plans, villages / "out", ["data.csv"])
    other_input = villages / "out" / "log.csv"
    for out, names, others in (
        (villages, ["data.csv", "summary.csv"], ()),
        (villages / "out", ["log.csv"], (other_input,)),
    ):
        with pytest.raises(gep.ProblemsFound) as found:
            refuse_inputs(project, plans, out, names, others)
        problem = found.value.problems[0]
        assert (problem.code, problem.where) == ("cannot-write", str(out))
        assert problem.what == f"the results would replace inputs: {names[0]}"
        assert problem.say_what("zh") == f"写出的结果会覆盖输入文件：{names[0]}"


def test_results_do_not_join_the_tables_of_a_set(villages: Path) -> None:
    project, plans = check_project(villages, allow_code=True)
    with pytest.raises(gep.ProblemsFound) as found:
        refuse_inputs(project, plans, villages / "local", ["summary.csv"])
    problem = found.value.problems[0]
    assert problem.code == "cannot-write"
    assert "folder of a coefficient set" in problem.what
    assert "参数集的文件夹" in problem.say_what("zh")


def test_results_do_not_overwrite_what_an_assessment_reads(villages: Path) -> None:
    """Not by a run either, which does not read it."""
    with (villages / "project.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[assessment]\nlog = "out/plan.csv"\nreadings = ["out/summary.csv", "x.xlsx#a"]\n'
            'earlier = "out/assessment"\n'
        )
    (villages / "out" / "assessment" / "demo").mkdir(parents=True)
    scores = villages / "out" / "assessment" / "demo" / "scores.csv"
    scores.touch()
    project, plans = check_project(villages, allow_code=True)
    refuse_inputs(project, plans, villages / "out", ["account.csv"])
    for out, name in (
        (villages / "out", "plan.csv"),
        (villages / "out", "summary.csv"),
        (villages, "x.xlsx"),
        (scores.parent, "scores.csv"),
    ):
        with pytest.raises(gep.ProblemsFound) as found:
            refuse_inputs(project, plans, out, [name])
        assert name in found.value.problems[0].say_what("en")


def test_results_do_not_follow_a_link_out_of_the_project(villages: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (villages / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    project, plans = check_project(villages, allow_code=True)
    refuse_inputs(project, plans, tmp_path / "link", [])  # named by the user, outside the project
    for out in (villages / "link", villages / "link" / "deeper"):
        with pytest.raises(gep.ProblemsFound) as found:
            refuse_inputs(project, plans, out, [])
        (problem,) = found.value.problems
        assert problem.code == "cannot-write"
        assert str(tmp_path / "elsewhere") in problem.say_what("zh")


def _square(code: str, left: float) -> dict[str, Any]:
    """A feature whose outline is a square of one degree."""
    right = left + 1
    ring = [[left, 0], [right, 0], [right, 1], [left, 1], [left, 0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"geometry": geometry, "properties": {"code": code}}


def test_the_checksums_are_of_the_bytes_that_were_read(villages: Path) -> None:
    """Of tables, documents, sets and own code, though all are replaced during the run."""
    (villages / "boundaries.geojson").write_text(
        json.dumps({"features": [_square("990101", 0), _square("990102", 1)]}),
        encoding="utf-8",
    )
    edit(villages / "project.toml", "[inputs]", '[inputs]\nboundaries = "boundaries.geojson"')
    project, plans = check_project(villages, allow_code=True)
    files = [file for file in files_of(project, plans) if file.is_relative_to(villages)]
    read = {file.relative_to(villages).as_posix(): sha256(file) for file in files}
    for file in files:
        file.write_text("replaced", encoding="utf-8")
    sums = file_sums(project, plans)
    assert {name: sums[name] for name in read} == read
    assert {"boundaries.geojson", "methods.py", "project.toml", "base/sources.toml"} <= set(read)


def test_a_file_that_is_replaced_between_two_looks_is_told(villages: Path) -> None:
    """The sheets of a workbook, say, must be of one version."""
    problems = ProblemLog()
    problems.note_read(villages / "areas.csv", b"first")
    problems.note_read(villages / "areas.csv", b"first")
    assert problems.errors == []
    problems.note_read(villages / "base" / ".." / "areas.csv", b"second")
    (problem,) = problems.errors
    assert (problem.code, problem.where) == ("cannot-read", "areas.csv")
    assert "replaced" in problem.say_what("en")
    assert "换掉" in problem.say_what("zh")
