"""Projects read: the language that their problems are worded in, their years and regions, their plans."""

from pathlib import Path

import pytest
from support.museum import edit

import gep
from gep.project.project import build_plans, check_project, read_project

LANGUAGE_LINE = 'language = "zh"\n'


def _problems(folder: Path) -> gep.ProblemsFound:
    with pytest.raises(gep.ProblemsFound) as found:
        check_project(folder, allow_code=True)
    return found.value


@pytest.mark.parametrize(("locale", "language"), [("zh_CN.UTF-8", "zh"), ("de_DE.UTF-8", "en")])
def test_without_a_language_the_system_decides(
    villages: Path, monkeypatch: pytest.MonkeyPatch, locale: str, language: str
) -> None:
    edit(villages / "project.toml", LANGUAGE_LINE, "")
    monkeypatch.setenv("LC_ALL", locale)
    project = read_project(villages, allow_code=True)
    assert project.spec.project.language is None
    assert project.language == language


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_project_decides_on_its_language(
    villages: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    edit(villages / "project.toml", LANGUAGE_LINE, f'language = "{language}"\n')
    for locale in ("zh_CN.UTF-8", "C.UTF-8"):
        monkeypatch.setenv("LC_ALL", locale)
        assert read_project(villages, allow_code=True).language == language


def test_problems_are_worded_in_the_project_s_language(villages: Path) -> None:
    edit(villages / "project.toml", "years = [2020]", "years = [2020, 2020]")
    error = _problems(villages)
    assert error.language == "zh"
    assert str(error) == (
        "1. [toml-value] project.toml years：years 中重复列出 2020 年 / 改正：每个年份只列一次"
    )
    assert "years lists 2020 more than once" in error.say("en")


def test_a_wrong_key_does_not_hide_the_language(villages: Path) -> None:
    edit(villages / "project.toml", LANGUAGE_LINE, f"{LANGUAGE_LINE}colour = 1\n")
    error = _problems(villages)
    assert [problem.code for problem in error.problems] == ["unknown-key"]
    assert error.language == "zh"


def test_a_language_that_is_none_is_refused(villages: Path) -> None:
    edit(villages / "project.toml", LANGUAGE_LINE, 'language = "fr"\n')
    error = _problems(villages)
    assert [problem.code for problem in error.problems] == ["toml-value"]
    assert error.language is None


def test_problems_of_plans_are_in_the_project_s_language(villages: Path) -> None:
    (villages / "data.csv").write_text(
        "region,year,name,value,unit,source\n990101,2020,gold,1,t,x\n", encoding="utf-8"
    )
    project = read_project(villages, allow_code=True)
    with pytest.raises(gep.ProblemsFound) as found:
        build_plans(project)
    assert found.value.language == "zh"


def test_a_region_must_have_areas_in_every_year(villages: Path) -> None:
    edit(villages / "project.toml", "years = [2020]", "years = [2020, 2021]")
    with (villages / "areas.csv").open("a", encoding="utf-8") as file:
        file.write("990101,2021,woodland,300,hm2\n")
    problem = next(
        problem for problem in _problems(villages).problems if problem.code == "region-missing-year"
    )
    assert problem.where == "areas.csv"
    assert problem.what == (
        "no areas in 2021 for regions that have areas in other years of the project: "
        "Village B (990102)"
    )
    assert "2021 年没有：乙村 (990102)" in problem.say_what("zh")


def test_a_folder_and_its_project_file_are_the_same_project(villages: Path) -> None:
    from_folder = read_project(villages, allow_code=True)
    from_file = read_project(villages / "project.toml", allow_code=True)
    assert from_folder.folder == from_file.folder
    assert from_folder.spec == from_file.spec


def test_an_account_is_a_trial_until_approver_and_document_are_recorded(villages: Path) -> None:
    _, plans = check_project(villages, allow_code=True)
    assert [plan.state for plan in plans] == ["试算"]
    edit(villages / "project.toml", LANGUAGE_LINE, f'{LANGUAGE_LINE}approver = "某局"\n')
    assert read_project(villages, allow_code=True).state == "试算"
    edit(villages / "project.toml", LANGUAGE_LINE, f'{LANGUAGE_LINE}document = "1号"\n')
    _, plans = check_project(villages, allow_code=True)
    assert [plan.state for plan in plans] == ["某局 1号"]
