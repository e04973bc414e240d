"""Ids of what is installed as a package, on GEP_PATH, or in a library of the project."""

import os
import sys
from pathlib import Path

import pytest

import gep
from gep.errors import ProblemLog, ProblemsFound
from gep.io.catalog import catalogued, display_name, displayed_path, libraries, locate

SET = """
id = "{id}"
version = "1.0.0"
title = "Ours"
licence = "CC-BY-4.0"
"""
STANDARD = """
base = "rcees-2017"
id = "{id}"
title = "Ours"
source = "garze"
evidence = "published"
legal = "research"
"""


def write_library(folder: Path, name: str) -> None:
    """Write a standard, a set, a class scheme and a crosswalk of one id in the layout of a library."""
    for kind in ("standards", "classes"):
        (folder / kind).mkdir(parents=True)
    home = folder / "coefficients" / name
    home.mkdir(parents=True)
    (home / "set.toml").write_text(SET.format(id=name), encoding="utf-8")
    (home / "sources.toml").write_text('[own]\ntitle = "Ours"\n', encoding="utf-8")
    rows = "coefficient,value,unit,source,locator,grade\nx,1,1,own,table 1,published\n"
    (home / "x.csv").write_text(rows, encoding="utf-8")
    (folder / "standards" / f"{name}.toml").write_text(STANDARD.format(id=name), encoding="utf-8")
    scheme = "class,code,zh,en,parent,source,locator\nforest,1,林,forest,,,\n"
    (folder / "classes" / f"{name}-types.csv").write_text(scheme, encoding="utf-8")


def install(folder: Path, package: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a package with a library inside on ``sys.path``, as pip leaves it."""
    write_library(folder / package, name)
    (folder / package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    points = {
        "gep.sets": f"{name} = {package}.coefficients",
        "gep.standards": f"{name} = {package}.standards",
        "gep.classes": f"{name}-types = {package}.classes",
    }
    lines = [f"[{group}]\n{line}\n" for group, line in points.items()]
    (info / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(folder)


def test_what_a_package_brings_is_found_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "ours" not in catalogued("standards")
    install(tmp_path, "gep_ours", "ours", monkeypatch)
    assert gep.read_standard("ours").path == tmp_path / "gep_ours" / "standards" / "ours.toml"
    assert gep.read_coefficient_set("ours").header.version == "1.0.0"
    assert "ours-types" in catalogued("classes")
    assert "gep_ours" not in sys.modules
    assert "ours" in set(gep.catalog("standards")["standard"])
    assert "ours@1.0.0" in set(gep.catalog("sets")["set"])


def test_a_folder_on_gep_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_library(tmp_path / "shared", "ours")
    monkeypatch.setenv(
        "GEP_PATH", os.pathsep.join([str(tmp_path / "no"), str(tmp_path / "shared")])
    )
    standard = gep.read_standard("ours")
    assert standard.path == tmp_path / "shared" / "standards" / "ours.toml"
    name = display_name(standard.path)
    assert name == "GEP_PATH:standards/ours.toml"
    assert displayed_path(name, Path("project")) == standard.path


def test_names_in_records_lead_back_to_the_files_of_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "gep_ours", "ours", monkeypatch)
    path = gep.read_standard("ours").path
    name = display_name(path)
    assert name == "package:gep_ours/standards/ours.toml"
    assert displayed_path(name, Path("project")) == path


def test_a_name_in_a_record_imports_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "hostile"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert displayed_path("package:hostile/set.toml", tmp_path) == package / "set.toml"
    assert not displayed_path("package:hostile.inner/set.toml", tmp_path).exists()
    assert "hostile" not in sys.modules


def test_two_of_one_id_are_not_chosen_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_library(tmp_path / "shared", "rcees-2017")
    monkeypatch.setenv("GEP_PATH", str(tmp_path / "shared"))
    with pytest.raises(ProblemsFound) as caught:
        gep.read_standard("rcees-2017")
    (problem,) = caught.value.problems
    assert problem.code == "duplicate-id"
    for place in ("gep:standards/rcees-2017.toml", "GEP_PATH:standards/rcees-2017.toml"):
        assert place in problem.say("en")


def test_a_library_is_seen_by_its_project_only(tmp_path: Path) -> None:
    write_library(tmp_path / "shared", "ours")
    project = tmp_path / "project"
    project.mkdir()
    problems = ProblemLog()
    assert locate("standards", "ours", project, "here", problems) is None
    (project / "project.toml").write_text('[[library]]\nfolder = "../shared"\n', encoding="utf-8")
    path = locate("standards", "ours", project, "here", problems)
    assert path == project / ".." / "shared" / "standards" / "ours.toml"
    assert [problem.code for problem in problems.errors] == ["unknown-id"]
    # a file in a library sees what is beside it
    assert tmp_path / "shared" in libraries(tmp_path / "shared" / "standards")
    assert libraries(None) == []
