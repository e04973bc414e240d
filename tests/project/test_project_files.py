"""The files that a project is made of: all of them, and never overwritten by results."""

from pathlib import Path

import pytest

import gep
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
