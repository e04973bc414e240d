"""TOML documents: syntax, and faults of a model in the words of both languages."""

from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import Field, ValidationError, model_validator

from gep.errors import Place, Problem, ProblemLog
from gep.io.toml_documents import (
    Frozen,
    Title,
    TitleField,
    invalid_value,
    read_toml,
    validate_document,
    value_message,
)


class Member(Frozen):
    """A member of a list."""

    id: str
    size: float = Field(default=1, gt=0)

    @model_validator(mode="after")
    def _check(self) -> "Member":
        if self.id == "both":
            raise invalid_value("standards.binding-of-several", sources=["data", "coef"])
        if self.id == "plain":
            raise ValueError("said by the model")
        return self


class Document(Frozen):
    """A document with values of every kind."""

    name: TitleField
    label: str = Field(default="a", min_length=1, pattern="^[a-z]+$")
    years: tuple[int, ...] = Field(default=(2020,), min_length=1)
    share: float = Field(default=0, ge=0, le=1)
    below: float = Field(default=0, lt=1)
    partial: bool = False
    language: Literal["zh", "en"] = "zh"
    at: dict[Literal["region", "use"], str] = Field(default_factory=dict)
    when: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    start: int = Field(default=0, alias="from")
    one: Member | None = None
    member: tuple[Member, ...] = ()


def _problems(folder: Path, content: str) -> list[Problem]:
    (folder / "d.toml").write_text(content, encoding="utf-8")
    problems = ProblemLog()
    raw = read_toml(folder / "d.toml", "d.toml", problems)
    document = validate_document(Document, raw, "d.toml", problems)
    assert (document is None) == bool(problems.errors)
    return problems.errors


NAMED = 'name = "x"\n'


@pytest.mark.parametrize(
    ("content", "code", "place", "en", "zh"),
    [
        ("", "missing-key", "name", "add name = ...", "缺少 name"),
        (NAMED + "[[member]]\nsize = 2", "missing-key", "member.0.id", "add id", "缺少 id"),
        (NAMED + "yeers = [1]", "unknown-key", "yeers", "mean years?", "是否为 years"),
        (NAMED + "fro = 1", "unknown-key", "fro", "did you mean from?", "是否为 from"),
        ("name = 7", "toml-value", "name", "must be a text, not 7", "应为文字，现为 7"),
        ("name = { zh = 7 }", "toml-value", "name.zh", "must be a text", "应为文字"),
        (NAMED + 'label = ""', "toml-value", "label", "is blank", "label 为空"),
        (NAMED + 'label = "ä"', "toml-value", "label", "cannot be 'ä'", "不能写成 “ä”"),
        (NAMED + "years = []", "toml-value", "years", "such as years = [2020]", "写明核算年份"),
        (NAMED + "years = 2020", "toml-value", "years", "write years = [ ... ]", "应为列表"),
        (NAMED + 'years = ["x"]', "toml-value", "years.0", "a whole number, not 'x'", "应为整数"),
        (NAMED + "share = 2", "toml-value", "share", "must be 1 or less", "应不大于 1"),
        (NAMED + "share = -2", "toml-value", "share", "must be 0 or more", "应不小于 0"),
        (NAMED + "below = 1", "toml-value", "below", "must be below 1", "应小于 1"),
        (NAMED + "one = { id = 'a', size = 0 }", "toml-value", "one.size", "above 0", "应大于 0"),
        (NAMED + 'share = "x"', "toml-value", "share", "must be a number", "应为数字"),
        (NAMED + 'partial = "ja"', "toml-value", "partial", "true or false", "应为 true 或 false"),
        (NAMED + 'language = "cn"', "toml-value", "language", "one of: zh, en", "之一：zh、en"),
        (NAMED + 'at = { usee = "x" }', "toml-value", "at.usee", "one of: region, use", "这个键"),
        (NAMED + "at = 3", "toml-value", "at", "write at = { ... }", "应为表"),
        (NAMED + "one = 3", "toml-value", "one", "write one = { ... }", "应为表"),
        (
            NAMED + '[member]\nid = "a"',
            "toml-value",
            "member",
            "[[member]], with two",
            "[[member]]",
        ),
        (NAMED + '[one]\nid = "both"', "toml-value", "one", "sources: data, coef", "data、coef"),
        (NAMED + '[one]\nid = "plain"', "toml-value", "one", "said by the model", "改正该项的值"),
    ],
)
def test_faults_of_a_document(
    content: str, code: str, place: str, en: str, zh: str, tmp_path: Path
) -> None:
    (problem,) = [one for one in _problems(tmp_path, content) if one.where == f"d.toml {place}"]
    assert problem.code == code
    assert en in problem.say("en")
    assert zh in problem.say("zh")


def test_members_of_a_list_are_named_by_their_id(tmp_path: Path) -> None:
    content = NAMED + '[[member]]\nid = "a"\n[[member]]\nid = "b"\nsize = "x"\n'
    assert [one.where for one in _problems(tmp_path, content)] == ["d.toml member.b.size"]


def test_what_pydantic_adds_to_a_location_is_not_shown(tmp_path: Path) -> None:
    assert {one.where for one in _problems(tmp_path, NAMED + "when = { a = 3 }")} == {
        "d.toml when.a"
    }


def test_every_fault_is_reported_and_a_good_document_is_returned(tmp_path: Path) -> None:
    content = 'years = []\nshare = 2\nodd = 1\n[[member]]\nid = "a"\nsize = -1\n'
    codes = [one.code for one in _problems(tmp_path, content)]
    assert sorted(codes) == ["missing-key", *["toml-value"] * 3, "unknown-key"]
    assert _problems(tmp_path, NAMED + "from = 3") == []


def test_no_document_is_no_further_problem() -> None:
    problems = ProblemLog()
    assert validate_document(Document, None, "d.toml", problems) is None
    assert not problems.errors


@pytest.mark.parametrize(
    ("content", "place", "key"),
    [
        ("a = 1\na = 2\n", Place("d.toml", (2,)), "io.toml-twice"),
        ("a = 1\na = 2", Place("d.toml", (2,)), "io.toml-twice"),
        ("[a]\nb = 1\n[a]\nc = 2\n", Place("d.toml", (3,)), "io.toml-twice"),
        ("a = 1\nb = “x”\n", Place("d.toml", (2,)), "io.toml-full-width"),
        ("a = ja\n", Place("d.toml", (1,)), "io.toml-syntax"),
        ("a = [1, 2", "d.toml", "io.toml-unfinished"),
        ('a = """x', "d.toml", "io.toml-unfinished"),
        ("a = " + "1" * 5000, "d.toml", "io.toml-too-deep"),
        ("a = " + "[" * 50_000, "d.toml", "io.toml-too-deep"),
    ],
)
def test_syntax(content: str, place: Place | str, key: str, tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path, content)
    assert (problem.code, problem.place, problem.message) == ("toml-syntax", place, key)


def test_the_line_that_cannot_be_read_is_shown(tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path, "a = 1\n  b = “x”\n")
    assert problem.say_what("zh").endswith("：b = “x”")


def test_a_file_that_is_no_toml(tmp_path: Path) -> None:
    (tmp_path / "big.toml").write_bytes(b"x" * (11 << 20))
    for name, code in (("big.toml", "file-format"), ("none.toml", "missing-file")):
        problems = ProblemLog()
        assert read_toml(tmp_path / name, name, problems) is None
        assert [problem.code for problem in problems.errors] == [code]


def test_an_empty_file_is_a_document_without_keys(tmp_path: Path) -> None:
    (tmp_path / "d.toml").touch()
    problems = ProblemLog()
    assert read_toml(tmp_path / "d.toml", "d.toml", problems) == {}
    assert not problems.errors


def test_a_title_in_one_language_is_used_for_both() -> None:
    def title(value: Any) -> Title:
        return Document.model_validate({"name": value}).name

    assert title("水田") == title({"zh": "水田"}) == Title(zh="水田", en="水田")
    assert title({"zh": "", "en": "Paddy"}) == Title(zh="Paddy", en="Paddy")
    assert str(title({"zh": "水田", "en": "Paddy"})) == "水田 Paddy"
    assert str(title("水田")) == "水田"
    assert title({"zh": "水田", "en": "Paddy"}).say("en") == "Paddy"


def test_faults_of_a_row_of_a_table_have_the_same_words() -> None:
    with pytest.raises(ValidationError) as caught:
        Member.model_validate({"size": "x", "odd": 1})
    messages = {value_message(fault, "size")[0] for fault in caught.value.errors()}
    assert messages == {"io.missing-value", "io.number-required", "io.value-not-expected"}
