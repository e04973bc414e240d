"""Where files are found: ids of what ships, paths that stay inside a folder, names in manifests."""

from pathlib import Path

import pytest

from gep.errors import ProblemLog
from gep.io.catalog import (
    display_name,
    displayed_path,
    is_path,
    locate,
    resolve_inside,
    shipped,
    shipped_folder,
)


@pytest.mark.parametrize("kind", ["standards", "classes", "schemes", "coefficients"])
def test_what_ships_is_found_by_its_id(kind: str) -> None:
    paths = shipped(kind)
    assert paths
    problems = ProblemLog()
    for name, path in paths.items():
        assert locate(kind, name, None, "--option", problems) == path
        assert path.exists()
    assert not problems.errors


@pytest.mark.parametrize(
    ("name", "expected"),
    [("xie-2015", False), ("./xie", True), ("a/b", True), ("a\\b", True), ("B.CSV", True)],
)
def test_ids_and_paths(name: str, expected: bool) -> None:
    assert is_path(name) == expected
    assert is_path("book.xlsx#areas")


def test_an_unknown_id_is_told_apart_from_a_file_of_that_name(tmp_path: Path) -> None:
    problems = ProblemLog()
    assert locate("standards", "xie-2051", tmp_path, "project.toml standard", problems) is None
    (tmp_path / "mine.toml").touch()
    assert locate("standards", "mine", tmp_path, "project.toml standard", problems) is None
    unknown, own_file = problems.errors
    assert unknown.say("en") == (
        "[unknown-id] project.toml standard: no standard has the id 'xie-2051'"
        " / fix: did you mean xie-2015, xie-2008, xie-2003?"
    )
    assert "核算规范" in unknown.say_what("zh")
    assert 'write "./mine.toml"' in own_file.say_fix("en")
    assert '"./mine.toml"' in own_file.say_fix("zh")


@pytest.mark.parametrize("name", ["../a.csv", "a/../../b", "/etc/a", "C:/a", "..\\a.csv"])
def test_paths_that_leave_the_folder_are_refused(name: str, tmp_path: Path) -> None:
    problems = ProblemLog()
    assert resolve_inside(name, tmp_path / "county", "project.toml inputs", problems) is None
    (problem,) = problems.errors
    assert problem.code == "path-outside"
    assert "county" in problem.say_what("zh")


def test_paths_inside_a_folder_and_paths_of_the_user(tmp_path: Path) -> None:
    problems = ProblemLog()
    assert resolve_inside("a\\b.csv", tmp_path, "x", problems) == tmp_path / "a" / "b.csv"
    assert resolve_inside("a/../b.csv", tmp_path, "x", problems) == tmp_path / "b.csv"
    assert resolve_inside("../b.csv", None, "x", problems) == Path("../b.csv")
    assert not problems.errors


def test_names_in_manifests_lead_back_to_the_file(tmp_path: Path) -> None:
    standard = shipped_folder("standards") / "xie-2015.toml"
    assert display_name(standard) == "gep:standards/xie-2015.toml"
    classes = shipped_folder("classes") / "xie-2015.csv"
    assert display_name(classes) == "gep:classes/xie-2015.csv"
    for path in (standard, classes, tmp_path / "a.csv"):
        assert displayed_path(display_name(path), tmp_path) == path
    assert displayed_path("a.csv", tmp_path) == tmp_path / "a.csv"


def test_links_are_followed_inside_the_project_only(tmp_path: Path) -> None:
    """The project is the nearest folder with a project.toml, wherever in it the path is written."""
    outside, project = tmp_path / "outside", tmp_path / "p"
    for folder in (outside, project / "sets" / "base", project / "rules"):
        folder.mkdir(parents=True)
    (outside / "a.csv").touch()
    (project / "b.csv").touch()
    for name, target in (
        ("out.csv", outside / "a.csv"),
        ("in.csv", project / "b.csv"),
        ("broken.csv", Path("nowhere.csv")),
        ("folder", outside),
        ("loop.csv", Path("loop.csv")),
    ):
        (project / "rules" / name).symlink_to(target)

    def codes(name: str) -> list[str]:
        problems = ProblemLog()
        path = resolve_inside(name, project / "rules", "x.toml inputs", problems)
        assert (path is None) == bool(problems.errors)
        return [problem.code for problem in problems.errors]

    assert codes("in.csv") == ["path-outside"], "without a project the folder is the limit"
    (project / "project.toml").touch()
    assert codes("in.csv") == codes("broken.csv") == codes("loop.csv") == codes("a\0b") == []
    assert codes("out.csv") == codes("folder/a.csv") == codes("folder/a.xlsx#a") == ["path-outside"]
    problems = ProblemLog()
    resolve_inside("out.csv", project / "rules", "x.toml inputs", problems)
    (problem,) = problems.errors
    assert str(outside / "a.csv") in problem.say_what("en")
    assert "链接" in problem.say_what("zh")
    (tmp_path / "link").symlink_to(project, target_is_directory=True)
    linked = ProblemLog()
    assert resolve_inside("../b.csv", tmp_path / "link" / "rules", "x", linked) is None
    assert resolve_inside("in.csv", tmp_path / "link" / "rules", "x", ProblemLog()) is not None
