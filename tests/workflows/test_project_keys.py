"""gep set: a key is checked and changed, everything else in project.toml stays as it is."""

import errno
import os
import tomllib
from pathlib import Path

import pytest

import gep
from gep.cli.app import main
from gep.errors import ProblemsFound
from gep.workflows.project_keys import set_project_key

PROJECT = """\
# 本县项目 our county
[project]
id = "county"
title = "婺源县"
standard = "rcees-2017"               # 任务书
years = [
    2020,  # 第一年
]
language = "zh"

[switches]                            # choices
# oxygen_base = "npp"                 # npp | co2_ratio | reported
pest_area = "surveyed"                # 待定

[inputs]
areas = "areas.csv"
"""


@pytest.fixture
def county(tmp_path: Path) -> Path:
    (tmp_path / "project.toml").write_text(PROJECT, encoding="utf-8")
    return tmp_path


def _text(folder: Path) -> str:
    return (folder / "project.toml").read_text(encoding="utf-8")


def _value(folder: Path, key: str) -> object:
    value: object = tomllib.loads(_text(folder))
    for part in key.split("."):
        assert isinstance(value, dict)
        value = value.get(part)
    return value


@pytest.mark.parametrize(
    ("key", "word", "full", "value"),
    [
        ("years", "2020,2021", "project.years", [2020, 2021]),
        ("years", "2018-2020", "project.years", [2018, 2019, 2020]),
        ("project.years", "2020，2021", "project.years", [2020, 2021]),
        ("price_year", "2020", "project.price_year", 2020),
        ("route", "short", "project.route", "short"),
        ("allow_placeholder", "是", "project.allow_placeholder", True),
        ("approver", "某县人民政府", "project.approver", "某县人民政府"),
        ("title", '婺源 "2020"', "project.title", '婺源 "2020"'),
        ("title.en", "Wuyuan", "project.title.en", "Wuyuan"),
        ("data", "a.csv, b.xlsx#data", "inputs.data", ["a.csv", "b.xlsx#data"]),
        ("crosswalk", "third-survey-to-hj1166", "inputs.crosswalk", "third-survey-to-hj1166"),
        ("coefficients", "./local,xie-2015", "project.coefficients", ["./local", "xie-2015"]),
        ("schemes", "gep-yearly", "assessment.schemes", ["gep-yearly"]),
        ("assessment.years", "2020", "assessment.years", [2020]),
        ("switches.oxygen_base", "reported", "switches.oxygen_base", "reported"),
        ("standard", "xie-2015", "project.standard", "xie-2015"),
    ],
)
def test_a_key_is_set_and_the_rest_stays(
    key: str, word: str, full: str, value: object, county: Path
) -> None:
    key = f"project.{key}" if key == "title.en" else key
    before = tomllib.loads(PROJECT)
    assert main(["set", str(county), key, word]) == 0
    assert _value(county, full) == value
    after = tomllib.loads(_text(county))
    table, name, *_ = full.split(".")
    for document in (before, after):
        document.get(table, {}).pop(name, None)
    assert {name: rows for name, rows in after.items() if rows} == before
    for line in PROJECT.splitlines():
        if not line.startswith((name, " ", "]")):
            assert line in _text(county).splitlines(), "comments and lines stay"


def test_the_comment_of_the_line_stays(county: Path) -> None:
    set_project_key(county, "switches.pest_area", "share")
    assert 'pest_area = "share"                # 待定\n' in _text(county)


@pytest.mark.parametrize("nothing", ["", "-"])
def test_nothing_removes_a_key(nothing: str, county: Path) -> None:
    change = set_project_key(county, "switches.pest_area", nothing)
    assert (change.key, change.old, change.new) == ("switches.pest_area", '"surveyed"', None)
    assert _value(county, "switches") == {}
    assert set_project_key(county, "price_year", "").old is None


def test_what_changed_is_shown(county: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["set", str(county), "years", "2020,2021"]) == 0
    assert capsys.readouterr().out == "project.years：[2020] → [2020, 2021]\n"
    assert main(["set", str(county), "price_year", "2020"]) == 0
    assert capsys.readouterr().out == "project.price_year：（没有写） → 2020\n"
    text = _text(county)
    assert main(["set", str(county), "price_year", "2020"]) == 0
    assert "没有改动" in capsys.readouterr().out
    assert _text(county) == text


@pytest.mark.parametrize(
    ("key", "word", "code", "says"),
    [
        ("yeers", "2020", "unknown-key", "years"),
        ("inputs.area", "a.csv", "unknown-key", "inputs.areas"),
        ("project", "x", "unknown-key", "project"),
        ("switches", "x", "unknown-key", "switches"),
        ("raster", "x", "toml-value", "raster"),
        ("", "x", "unknown-key", ""),
        ("years", "last year", "toml-value", "years"),
        ("years", "", "missing-key", "years"),
        ("price_year", "2020.5", "toml-value", "price_year"),
        ("allow_code", "perhaps", "toml-value", "allow_code"),
        ("language", "fr", "toml-value", "language"),
        ("route", "quick", "toml-value", "route"),
        ("id.zh", "x", "unknown-key", "id.zh"),
        ("switches.oxygen", "with", "unknown-switch", "oxygen"),
        ("switches.oxygen_base", "with", "unknown-option", "reported"),
        ("standard", "rcees", "unknown-id", "rcees-2017"),
        ("crosswalk", "igbp", "unknown-id", "igbp"),
        ("coefficients", "rcees-parameters,nothing", "unknown-id", "nothing"),
    ],
)
def test_what_a_project_cannot_have_is_not_written(
    key: str, word: str, code: str, says: str, county: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["set", str(county), key, word]) == 2
    err = capsys.readouterr().err
    assert f"[{code}]" in err
    assert says in err
    assert _text(county) == PROJECT
    assert [path.name for path in county.iterdir()] == ["project.toml"]


def test_other_faults_of_the_project_do_not_stand_in_the_way(county: Path) -> None:
    unfinished = PROJECT.replace("2020,  # 第一年", "").replace('areas = "areas.csv"\n', "")
    (county / "project.toml").write_text(unfinished, encoding="utf-8")
    set_project_key(county, "years", "2020")
    assert _value(county, "project.years") == [2020]
    set_project_key(county, "areas", "areas.csv")
    assert _value(county, "inputs.areas") == "areas.csv"


def test_a_project_that_is_no_toml_is_reported_and_left(county: Path) -> None:
    broken = PROJECT.replace('id = "county"', "id = county")
    (county / "project.toml").write_text(broken, encoding="utf-8")
    with pytest.raises(ProblemsFound, match=r"\[toml-syntax\] project.toml"):
        set_project_key(county, "years", "2020")
    assert _text(county) == broken


def test_there_must_be_a_project(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound, match=r"\[missing-file\] project.toml"):
        set_project_key(tmp_path, "years", "2020")
    assert list(tmp_path.iterdir()) == []


def test_line_ends_of_windows_stay(county: Path) -> None:
    file = county / "project.toml"
    file.write_bytes(PROJECT.replace("\n", "\r\n").encode())
    set_project_key(county, "price_year", "2020")
    assert file.read_bytes().count(b"\n") == file.read_bytes().count(b"\r\n")
    assert b"price_year = 2020\r\n" in file.read_bytes()


def test_where_nothing_can_be_written(county: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system refuses the last step; it is asked to, since root may write everywhere."""

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(ProblemsFound, match=r"\[cannot-write\]"):
        set_project_key(county, "years", "2021")
    assert _text(county) == PROJECT
    assert {path.name for path in county.iterdir()} == {"project.toml"}


def test_a_link_is_followed(county: Path) -> None:
    (county / "real.toml").write_text(PROJECT, encoding="utf-8")
    (county / "project.toml").unlink()
    (county / "project.toml").symlink_to("real.toml")
    set_project_key(county, "price_year", "2020")
    assert (county / "project.toml").is_symlink()
    assert "price_year = 2020" in (county / "real.toml").read_text(encoding="utf-8")


def test_every_switch_of_a_new_project_can_be_set(tmp_path: Path) -> None:
    folder = gep.new_project(tmp_path / "county", "rcees-2017", language="zh")
    standard = gep.read_standard("rcees-2017")
    for name, switch in standard.spec.switch.items():
        set_project_key(folder, f"switches.{name}", switch.options[-1])
    chosen = {name: switch.options[-1] for name, switch in standard.spec.switch.items()}
    assert _value(folder, "switches") == chosen
