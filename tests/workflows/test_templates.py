"""gep new: what it makes runs, or says what is missing."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import gep
from gep.cli.app import main
from gep.errors import ProblemLog, ProblemsFound
from gep.extent.classes import load_class_scheme
from gep.io.catalog import shipped
from gep.texts.catalogue import LANGUAGES, Language
from gep.workflows.new_project import new_project
from gep.workflows.templates import new_coefficient_set, new_standard

Make = Callable[[Path], Path]


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("language", "remark"),
    [
        ("zh", "研究依据：任务书没有指定规范"),
        ("en", "research basis: the assignment named no standard"),
    ],
)
def test_unknown_gives_the_research_basis_and_says_so(
    tmp_path: Path, language: Language, remark: str
) -> None:
    made = new_project(tmp_path / "county", "unknown", language=language)
    text = (made / "project.toml").read_text(encoding="utf-8")
    assert f'standard = "rcees-2017"   # {remark}\n' in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_project_speaks_one_language(tmp_path: Path, language: Language) -> None:
    made = new_project(tmp_path / "county", "rcees-2017", language=language)
    assert gep_language(made) == language
    text = (made / "project.toml").read_text(encoding="utf-8")
    comments = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
    has_chinese = [comment for comment in comments if re.search("[\u4e00-\u9fff]", comment)]
    assert bool(has_chinese) == (language == "zh")


def gep_language(folder: Path) -> str:
    """The language that a project states."""
    header = tomllib.loads((folder / "project.toml").read_text(encoding="utf-8"))["project"]
    return str(header["language"])


@pytest.mark.parametrize("name", shipped("standards"))
def test_the_comments_of_a_new_project_are_choices_that_hold(tmp_path: Path, name: str) -> None:
    """With its switches and crosswalk uncommented, the file says what the standard takes unless told otherwise."""
    text = (new_project(tmp_path / "county", name) / "project.toml").read_text(encoding="utf-8")
    standard = gep.read_standard(name)
    assert tomllib.loads(text)["switches"] == {}
    head, _, rest = text.partition("[switches]")
    switches, _, inputs = rest.partition("[inputs]")
    chosen = (
        tomllib.loads("[switches]" + switches.replace("\n# ", "\n")) if standard.spec.switch else {}
    )
    assert chosen.get("switches", {}) == standard.chosen({})
    for switch in standard.spec.switch.values():
        assert " | ".join(switch.options) in switches
    walk = tomllib.loads("[inputs]" + inputs.replace("\n# ", "\n"))["inputs"]["crosswalk"]
    known = {one for one in shipped("classes") if "-to-" in one}
    assert walk in known or not [
        one for one in known if one.endswith(f"-to-{standard.spec.ecosystems}")
    ]
    if walk in known:
        scheme = load_class_scheme(standard.spec.ecosystems, None, "scheme", ProblemLog())
        assert scheme is not None
        assert gep.read_crosswalk(walk, scheme).id == walk
    assert '"./local"' in head
    assert "gep catalog switches" in text


def test_a_new_project_says_what_is_missing_and_then_runs(tmp_path: Path) -> None:
    made = new_project(tmp_path / "某县 county", "xie-2015")
    with pytest.raises(ProblemsFound, match="years"):
        gep.read_project(made)
    _replace(made / "project.toml", "years = []", "years = [2010]")
    with pytest.raises(ProblemsFound, match=r"\[empty-table\] areas.csv"):
        gep.read_project(made)
    _append(made / "areas.csv", "360981,2010,paddy,1000,公顷,made up for this test\n")
    _append(made / "regions.csv", "360981,丰城市,Fengcheng,,10,km2,,,\n")
    _replace(made / "project.toml", "years = [2010]", "years = [2010]\nprice_year = 2010")
    outcome = gep.run_project(made)
    assert (made / "out" / "account.csv").exists()
    assert outcome.accounts[0].total("360981") > 0


def test_a_standard_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound, match=r"\[unknown-id\] --standard"):
        new_project(tmp_path / "county", "xie2015")
    assert list(tmp_path.iterdir()) == []


def test_a_new_set_loads_once_it_has_rows(tmp_path: Path) -> None:
    made = new_coefficient_set(tmp_path / "ours")
    with pytest.raises(ProblemsFound, match=r"\[empty-table\] ours/numbers.csv"):
        gep.read_coefficient_set(made)
    _append(made / "numbers.csv", "runoff_share,forest,5,%,,,,a,table 1,expert,\n")
    _append(made / "sources.toml", '[a]\ntitle = "A"\n')
    assert gep.read_coefficient_set(made).label == "ours@0.1.0"


def test_a_new_standard_loads_and_runs(tmp_path: Path) -> None:
    made = new_standard(tmp_path / "ours")
    assert made.name == "ours.toml"
    assert gep.read_standard(made).id == "ours"
    _write = {
        "areas.csv": "region,year,class,area,unit\n1,2020,forest,1,km2\n",
        "data.csv": "region,year,name,product,value,unit,source\n1,2020,output_value,rice,3,亿元,made up\n",
        "project.toml": '[project]\nid = "p"\ntitle = "p"\nstandard = "./ours.toml"\nyears = [2020]\n'
        '[inputs]\nareas = "areas.csv"\ndata = ["data.csv"]\n',
    }
    for name, text in _write.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert gep.run_project(tmp_path).accounts[0].total("1") == pytest.approx(30_000)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("base", ["rcees-2017", "xie-2015"])
def test_a_derived_standard_changes_nothing_until_its_examples_are_uncommented(
    base: str, language: Language, tmp_path: Path
) -> None:
    made = new_standard(tmp_path / "ours", base=base, language=language)
    details = gep.compare_standards(base, made).details
    changes = details[(details["state"] != "same") & (details["part"] != "sources")]
    assert set(changes["part"]) == {"standard"}
    before = gep.read_standard(base).spec
    text = made.read_text(encoding="utf-8")
    for indicator in before.indicator:
        assert f"# {indicator.id}  {indicator.name.say(language)}\n" in text
    examples, _, _ = text.partition(f"# {before.indicator[0].id}  ")
    lines = [
        line.removeprefix("# ") if re.match(r"# (\[|\w+ = )", line) else line
        for line in examples.splitlines()
    ]
    made.write_text("\n".join(lines), encoding="utf-8")
    changed = gep.read_standard(made).spec
    names = {indicator.id for indicator in changed.indicator}
    (removed,) = {indicator.id for indicator in before.indicator} - names
    assert names - {indicator.id for indicator in before.indicator} == {"added"}
    assert "added" in changed.total[0].indicators
    assert removed not in changed.total[0].indicators
    assert changed.indicator[0].note == "…"


def test_a_base_is_held_to_the_rules_of_derived_standards(tmp_path: Path) -> None:
    first = new_standard(tmp_path / "first")
    second = new_standard(tmp_path / "second", base=first)
    assert gep.read_standard(second).base.id == "first"
    wrong = {
        "unknown-id": (tmp_path / "a", "rcees-2018"),
        "duplicate-id": (tmp_path / "rcees-2017", "rcees-2017"),
        "toml-value": (tmp_path / "a", second),
        "path-outside": (tmp_path / "inner" / "a", first),
    }
    for code, (path, base) in wrong.items():
        with pytest.raises(ProblemsFound) as caught:
            new_standard(path, base=base)
        assert [problem.code for problem in caught.value.problems] == [code]
    assert {path.name for path in tmp_path.iterdir()} == {"first.toml", "second.toml"}


@pytest.mark.parametrize(
    "make", [lambda path: new_project(path, "xie-2015"), new_coefficient_set, new_standard]
)
def test_what_exists_is_left_as_it_is(tmp_path: Path, make: Make) -> None:
    place = tmp_path / "there.toml"
    place.write_text("mine", encoding="utf-8")
    with pytest.raises(ProblemsFound, match=r"\[file-exists\]"):
        make(place)
    assert place.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "make", [lambda path: new_project(path, "xie-2015"), new_coefficient_set, new_standard]
)
def test_where_nothing_can_be_written(tmp_path: Path, make: Make) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ProblemsFound, match=r"\[cannot-write\]"):
        make(tmp_path / "file" / "x")


def test_the_commands_make_sets_and_standards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "set", str(tmp_path / "s")]) == 0
    assert main(["new", "standard", str(tmp_path / "t")]) == 0
    assert main(["new", "standard", str(tmp_path / "u"), "--base", "rcees-2017"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"s", "t.toml", "u.toml"}
    assert "numbers.csv" in capsys.readouterr().out


@pytest.mark.parametrize("name", [".", "..", "/"])
def test_a_folder_is_no_name_for_a_standard(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(ProblemsFound, match=r"\[file-exists\]"):
        new_standard(name)
    assert [path.name for path in tmp_path.rglob("*")] == ["here"]
