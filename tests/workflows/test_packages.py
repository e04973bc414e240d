"""Numbers and rules in a package of their own: found, used, explained and verified.

One is built and installed with pip; for the other tests it is laid out as pip leaves it, outside
the project and outside gep.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gep
from gep.cli.app import main
from gep.errors import ProblemsFound

FILES = {
    "gep_ours/__init__.py": "",
    "gep_ours/methods.py": '''
"""Methods of the package."""

from typing import Annotated

from gep.units import Array
from gep_ours.sizes import SCALE


def quiet(*, cost: Annotated[Array, "CNY ha-1"]) -> Annotated[Array, "CNY ha-1"]:
    """Value of quiet per area."""
    return cost * SCALE
''',
    "gep_ours/sizes.py": 'import gep\n\nSCALE = float(gep.open_beside("scale.txt").read())\n',
    "gep_ours/scale.txt": "2\n",
    "gep_ours/standards/__init__.py": "",
    "gep_ours/standards/quiet-2024.toml": """
base = "xie-2015"
id = "quiet-2024"
title = { zh = "加安静", en = "With quiet" }
source = "xie-2015"
evidence = "published"
legal = "research"
coefficients = ["xie-2015", "quiet-values"]
[remove]
indicator = ["nutrient_cycling"]
[[indicator]]
id = "quiet"
name = { zh = "安静", en = "Quiet" }
category = "regulating"
[[indicator.step]]
id = "value"
kind = "value"
method = "gep_ours.methods:quiet"
per = "area"
unit = "10^4 CNY"
clause = "ours"
inputs = { cost = { coef = "quiet_value" } }
[[total]]
id = "esv"
add = ["quiet"]
""",
    "gep_ours/sets/quiet-values/set.toml": """
id = "quiet-values"
version = "1.2.0"
title = { zh = "安静的价值", en = "Values of quiet" }
licence = "CC-BY-4.0"
""",
    "gep_ours/sets/quiet-values/sources.toml": '[survey]\ntitle = { zh = "调查", en = "Survey" }\n',
    "gep_ours/sets/quiet-values/values.csv": (
        "coefficient,ecosystem,value,unit,price_year,source,locator,grade\n"
        "quiet_value,coniferous,100,CNY ha-1,2010,survey,table 1,published\n"
        "quiet_value,paddy,na,CNY ha-1,2010,survey,table 1,published\n"
    ),
    "gep_ours-1.2.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: gep-ours\nVersion: 1.2.0\n",
    "gep_ours-1.2.0.dist-info/entry_points.txt": (
        "[gep.sets]\nquiet-values = gep_ours.sets\n\n[gep.standards]\nquiet-2024 = gep_ours.standards\n"
    ),
}
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "gep-ours"
version = "1.2.0"

[project.entry-points."gep.sets"]
quiet-values = "gep_ours.sets"

[project.entry-points."gep.standards"]
quiet-2024 = "gep_ours.standards"

[project.entry-points."gep.crosswalks"]
map-to-xie = "gep_ours.classes"

[tool.hatch.build.targets.wheel]
packages = ["gep_ours"]
"""
CROSSWALK = {
    "gep_ours/classes/map-to-xie.csv": (
        "class,code,ecosystem,share,source,locator,grade,note\n"
        "woods,1,coniferous,,map,table 2,published,\n"
        "fields,2,paddy,,map,table 2,published,\n"
    ),
    "gep_ours/classes/sources.toml": '[map]\ntitle = { zh = "图", en = "Map" }\n',
}
PROJECT = {
    "project.toml": """
[project]
id = "quiet"
title = { zh = "安静", en = "Quiet" }
standard = "quiet-2024"
years = [2010]
price_year = 2010
language = "en"
allow_code = true
[inputs]
areas = "areas.csv"
""",
    "areas.csv": "region,year,class,area,unit\na,2010,coniferous,30,ha\na,2010,paddy,10,ha\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder of installed packages with ours among them."""
    folder = write(tmp_path / "site-packages", FILES)
    monkeypatch.syspath_prepend(folder)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "gep_ours"]:
        del sys.modules[name]


def _gep(site: Path, *words: str) -> tuple[int, str]:
    """Run a command as a user does for whom pip has put the package into ``site``."""
    paths = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    answer = subprocess.run(
        [sys.executable, "-m", "gep", *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"},
        cwd=site.parent,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return answer.returncode, answer.stdout + answer.stderr


def test_a_package_that_pip_installs_is_used_from_the_command_line(tmp_path: Path) -> None:
    """Area 30 ha x 100 CNY/ha x 2 is 0.6 in 10^4 CNY; the class is one of the package's crosswalk."""
    modules = {name: text for name, text in FILES.items() if "dist-info" not in name}
    source = write(tmp_path / "source", {**modules, **CROSSWALK, "pyproject.toml": PYPROJECT})
    site = tmp_path / "site"
    options = ["--no-index", "--no-build-isolation", "--no-deps", "--target", str(site)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", *options, str(source)]
    subprocess.run(command, check=True, capture_output=True)
    for file in (source / "gep_ours").rglob("*"):
        if file.is_file():
            file.write_text("not what is installed", encoding="utf-8")
    files = {
        "project.toml": PROJECT["project.toml"] + 'crosswalk = "map-to-xie"\n',
        "areas.csv": PROJECT["areas.csv"].replace("coniferous", "woods").replace("paddy", "fields"),
    }
    project = str(write(tmp_path / "project", files))

    status, words = _gep(site, "run", project)
    assert (status, "code-not-allowed" in words) == (2, True), words
    status, words = _gep(site, "run", project, "--allow-code")
    assert status == 0, words
    numbers = (tmp_path / "project" / "out" / "account.csv").read_text(encoding="utf-8-sig")
    (line,) = [line for line in numbers.splitlines() if ",quiet,value," in line]
    assert float(line.split(",")[-2]) == 0.6
    question = ["--region", "a", "--year", "2010", "--indicator", "quiet", "--allow-code"]
    status, words = _gep(site, "explain", project, *question)
    assert status == 0, words
    for part in ("quiet-values@1.2.0", "gep_ours.methods:quiet", "Survey", "table 1"):
        assert part in words
    out = str(tmp_path / "project" / "out")
    assert _gep(site, "verify", out, "--allow-code")[0] == 0
    recorded = set(_manifest(tmp_path / "project")["inputs"])
    changed = ("methods.py", "sizes.py", "scale.txt", "classes/map-to-xie.csv")
    for name in changed:
        assert f"package:gep_ours/{name}" in recorded
        file = site / "gep_ours" / name
        file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    status, words = _gep(site, "verify", out, "--allow-code")
    assert status == 2
    for name in changed:
        assert f"package:gep_ours/{name}" in words


def test_a_folder_on_gep_path_is_used_and_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = _shared_folder(tmp_path)
    project = write(tmp_path / "project", PROJECT)
    assert main(["run", str(project)]) == 2
    assert "quiet-2024" in capsys.readouterr().err
    monkeypatch.setenv("GEP_PATH", os.pathsep.join([str(tmp_path / "nothing"), str(shared)]))
    assert main(["run", str(project)]) == 0
    question = ["--region", "a", "--year", "2010", "--indicator", "quiet"]
    assert main(["explain", str(project), *question]) == 0
    assert "quiet-values@1.2.0" in capsys.readouterr().out
    out = project / "out"
    assert main(["verify", str(out)]) == 0
    file = shared / "coefficients" / "quiet-values" / "values.csv"
    assert f"GEP_PATH:{file.relative_to(shared).as_posix()}" in _manifest(project)["inputs"]
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(",100,", ",101,"), encoding="utf-8")
    capsys.readouterr()
    assert main(["verify", str(out)]) == 2
    assert "GEP_PATH:coefficients/quiet-values/values.csv" in capsys.readouterr().err
    monkeypatch.delenv("GEP_PATH")
    assert main(["verify", str(out)]) == 2


def _manifest(project: Path) -> dict[str, dict[str, str]]:
    record: dict[str, dict[str, str]] = json.loads((project / "out" / "manifest.json").read_text())
    return record


def test_a_package_is_found_used_explained_and_verified(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write(tmp_path / "project", PROJECT)
    result = gep.run_project(project, allow_code=True)
    frame = result.accounts[0].frame()
    (quiet,) = frame.loc[(frame["indicator"] == "quiet"), "value"]
    assert float(quiet) == 30 * 100 * 2 / 1e4  # ha x CNY/ha x scale, in 10^4 CNY
    assert "nutrient_cycling" not in set(frame["indicator"])

    explained = gep.explain_number(
        project, region="a", year=2010, indicator="quiet", allow_code=True
    )
    for words in ("quiet-values@1.2.0", "Survey", "table 1", "gep_ours.methods:quiet"):
        assert words in explained

    record = _manifest(project)
    assert set(record["inputs"]) >= {
        "gep:standards/xie-2015.toml",
        "package:gep_ours/methods.py",
        "package:gep_ours/sizes.py",
        "package:gep_ours/scale.txt",
        "package:gep_ours/standards/quiet-2024.toml",
        "package:gep_ours/sets/quiet-values/set.toml",
        "package:gep_ours/sets/quiet-values/values.csv",
    }
    assert record["standard"]["base"] == "xie-2015"
    assert record["standard"]["complete_sha256"] == gep.read_standard("quiet-2024").checksum
    assert gep.verify(project / "out", allow_code=True) == []

    assert main(["catalog", "show", "quiet-2024"]) == 0
    assert 'id = "quiet"' in capsys.readouterr().out
    assert main(["standard", "compare", "xie-2015", "quiet-2024", "--csv"]) == 0
    assert "quiet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "name",
    [
        "gep_ours/methods.py",
        "gep_ours/sizes.py",
        "gep_ours/scale.txt",
        "gep_ours/standards/quiet-2024.toml",
        "gep_ours/sets/quiet-values/values.csv",
    ],
)
def test_verify_names_the_file_of_a_package_that_changed(
    name: str, site: Path, tmp_path: Path
) -> None:
    project = write(tmp_path / "project", PROJECT)
    gep.run_project(project, allow_code=True)
    for module in [name for name in sys.modules if name.partition(".")[0] == "gep_ours"]:
        del sys.modules[module]
    file = site / name
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    edited = [problem.where for problem in gep.verify(project / "out", allow_code=True)]
    assert f"package:{name}" in edited


@pytest.mark.parametrize("language", ["zh", "en"])
def test_files_beside_a_method_are_recorded_and_named_if_they_change(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    standard = FILES["gep_ours/standards/quiet-2024.toml"]
    standard = standard.replace("gep_ours.methods:quiet", "./methods.py:quiet")
    numbers = {name.removeprefix("gep_ours/sets/"): text for name, text in FILES.items()}
    files = {
        **PROJECT,
        "project.toml": PROJECT["project.toml"]
        .replace('"quiet-2024"', '"./rules/ours.toml"')
        .replace("years =", 'coefficients = ["./quiet-values"]\nyears ='),
        "rules/ours.toml": standard.replace(', "quiet-values"', ""),
        "rules/methods.py": FILES["gep_ours/methods.py"].replace("gep_ours.sizes", "sizes"),
        "rules/sizes.py": FILES["gep_ours/sizes.py"],
        "rules/scale.txt": FILES["gep_ours/scale.txt"],
        **{name: text for name, text in numbers.items() if name.startswith("quiet-values/")},
    }
    project = write(tmp_path / "project", files)
    assert main(["run", str(project), "--quiet", "--allow-code"]) == 0
    out = str(project / "out")
    assert main(["verify", out, "--allow-code", "--language", language]) == 0
    names = ["rules/methods.py", "rules/scale.txt", "rules/sizes.py"]
    assert set(_manifest(project)["inputs"]) >= set(names)
    for name in names:
        file = project / name
        file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["verify", out, "--allow-code", "--language", language]) == 2
    told = capsys.readouterr().err
    for name in names:
        assert name in told


def test_verify_names_a_base_that_changed(tmp_path: Path) -> None:
    base = gep.read_standard("xie-2015").text
    derived = FILES["gep_ours/standards/quiet-2024.toml"]
    derived = derived.partition("[[indicator]]")[0].replace(', "quiet-values"', "")
    files = {
        **PROJECT,
        "project.toml": PROJECT["project.toml"].replace('"quiet-2024"', '"./ours.toml"'),
        "ours.toml": derived.replace('"xie-2015"\nid', '"./rules/base.toml"\nid'),
        "rules/base.toml": base.replace('id = "xie-2015"', 'id = "copied"', 1),
    }
    project = write(tmp_path / "project", files)
    gep.run_project(project)
    assert set(_manifest(project)["inputs"]) >= {"ours.toml", "rules/base.toml"}
    assert gep.verify(project / "out") == []
    file = project / "rules" / "base.toml"
    text = file.read_text(encoding="utf-8").replace('legal = "research"', 'legal = "draft"', 1)
    file.write_text(text, encoding="utf-8")
    assert [problem.where for problem in gep.verify(project / "out")] == ["rules/base.toml"]


def test_the_code_of_a_package_needs_consent(site: Path, tmp_path: Path) -> None:
    project = write(tmp_path / "project", PROJECT)
    with pytest.raises(ProblemsFound) as caught:
        gep.run_project(project)
    assert {problem.code for problem in caught.value.problems} == {"code-not-allowed"}
    assert "gep_ours" not in sys.modules


def _shared_folder(tmp_path: Path) -> Path:
    """Write set and standard as files in a folder of their own, with a shipped method."""
    library = {
        name.replace("gep_ours/sets", "coefficients").replace("gep_ours/", ""): content
        for name, content in FILES.items()
        if "standards/quiet" in name or "/sets/" in name
    }
    shared = write(tmp_path / "shared", library)
    standard = shared / "standards" / "quiet-2024.toml"
    shipped = "gep.methods.equivalents:unit_value"
    text = standard.read_text(encoding="utf-8").replace("gep_ours.methods:quiet", shipped)
    standard.write_text(text.replace("{ cost =", "{ unit_value ="), encoding="utf-8")
    return shared


def test_a_library_is_held_to_its_checksum(tmp_path: Path) -> None:
    shared = _shared_folder(tmp_path)
    named = PROJECT["project.toml"] + '[[library]]\nfolder = "../shared"\nsha256 = ""\n'
    project = write(tmp_path / "project", {**PROJECT, "project.toml": named})

    problem = _library_problem(project)
    assert "nothing says" in problem
    checksum = problem.rpartition('sha256 = "')[2].partition('"')[0]
    (project / "project.toml").write_text(
        named.replace('sha256 = ""', f'sha256 = "{checksum}"'), encoding="utf-8"
    )
    gep.run_project(project)
    record = _manifest(project)
    assert "../shared/standards/quiet-2024.toml" in record["inputs"]
    assert "../shared/coefficients/quiet-values/values.csv" in record["inputs"]
    assert gep.verify(project / "out") == []

    (shared / "classes").mkdir()
    (shared / "classes" / "more.csv").write_text("class\n", encoding="utf-8")
    assert "is not what it was" in _library_problem(project)


def _library_problem(project: Path) -> str:
    """Return the problem of a project with its library, in English."""
    with pytest.raises(ProblemsFound) as caught:
        gep.check_project(project)
    (problem,) = caught.value.problems
    assert problem.code == "library-changed"
    return problem.say("en")
