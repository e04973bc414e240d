"""A new scheme of each kind: it passes ``gep check`` in a project, and is assessed."""

from pathlib import Path
from typing import Any

import pytest
from support.schemes import ACCOUNT

import gep
from gep.cli.app import main
from gep.workflows.check import check_folder
from gep.workflows.new_scheme import SCHEME_KINDS, lines_of_project, new_scheme


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", SCHEME_KINDS)
def test_a_new_scheme_passes_check_and_is_assessed(
    tmp_path: Path, kind: str, language: Any
) -> None:
    folder = tmp_path / "p"
    ACCOUNT.project(folder)
    made = new_scheme(folder / "our-scheme", kind=kind, region="a", language=language)
    project = folder / "project.toml"
    lines = "\n".join(["", "[assessment]", *lines_of_project(made), ""])
    text = project.read_text(encoding="utf-8")
    text = text.replace("[project]", "[project]\nallow_placeholder = true")
    project.write_text(text + lines, encoding="utf-8")
    check = check_folder(folder, allow_code=True, language="en")
    assert [problem.say("en") for problem in check.problems] == []
    result = gep.assess_project(folder, allow_code=True)
    (assessment,) = result.assessments
    assert assessment.scheme.id == "our-scheme"
    assert any(len(table) for table in assessment.tables.values())


def test_made_up_numbers_of_a_new_scheme_are_refused_unless_allowed(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    ACCOUNT.project(folder)
    made = new_scheme(folder / "s", kind="score", region="a")
    with (folder / "project.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(["", "[assessment]", *lines_of_project(made), ""]))
    check = check_folder(folder, allow_code=True)
    assert {problem.code for problem in check.problems} == {"placeholder"}


def test_each_key_of_a_new_scheme_is_explained_in_both_languages(tmp_path: Path) -> None:
    for language in ("zh", "en"):
        for kind in SCHEME_KINDS:
            made = new_scheme(tmp_path / f"{kind}-{language}", kind=kind, language=language)  # type: ignore[arg-type]
            text = next(made.glob("*.toml")).read_text(encoding="utf-8")
            assert text.count("#") > 5


def test_the_command_asks_for_the_kind_and_refuses_what_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "scheme", str(tmp_path / "a")]) == 2
    assert "--kind" in capsys.readouterr().err
    assert main(["new", "scheme", str(tmp_path / "a"), "--kind", "sore"]) == 2
    assert "score" in capsys.readouterr().err
    assert main(["new", "scheme", str(tmp_path / "方案"), "--kind", "score"]) == 2
    assert not (tmp_path / "a").exists()
    assert main(["--language", "en", "new", "scheme", str(tmp_path / "a"), "--kind", "score"]) == 0
    assert 'schemes = ["./a/a.toml"]' in capsys.readouterr().out
