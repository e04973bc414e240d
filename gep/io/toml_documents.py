"""TOML documents against what they may hold: every fault told with its place and in plain words, 中文在前.

The models are pydantic's; its own messages speak of tuples and validation, which nobody who fills in a project knows.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from gep.errors import ProblemLog
from gep.io.csv_excel import decode, file_fault
from gep.io.tables import suggestion
from gep.texts.catalogue import Language

Model = TypeVar("Model", bound=BaseModel)
_TEXT = ("应为文字", "a text is due", 'write it in quotation marks: "..."')
_WHOLE = (
    "应为整数",
    "a whole number is due",
    "write it without quotation marks or decimals, such as 2020",
)
_NUMBER = ("应为数字", "a number is due", "write digits without quotation marks")
_YES_NO = (
    "应为 true 或 false",
    "true or false is due",
    "write KEY = true or KEY = false, without quotation marks",
)
_TABLE = ("应为表", "a table is due", "write KEY = { ... }, or [KEY] on a line of its own")
_TYPES = {
    "string_type": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "tuple_type": ("应为列表", "a list is due", "write KEY = [ ... ]"),
}
_NAMED = {
    "Title": _TEXT,
    "Binding": (
        "应为表",
        "a table is due",
        'write KEY = { data = "..." }; or coef, step or area in the place of data',
    ),
}
_TITLE = "Title"  # a title, which may be a text or a table of languages
_EMPTY_LISTS = {"years": "write the years of the account, such as years = [2020]"}


def validate_document(
    model: type[Model], raw: Mapping[str, Any] | None, label: str, problems: ProblemLog
) -> Model | None:
    """Validate a TOML document; each fault of it becomes a problem."""
    if raw is None:
        return None
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        faults = error.errors()
        for fault in faults:
            inside = [
                one
                for one in faults
                if one is not fault and one["loc"][: len(fault["loc"])] == fault["loc"]
            ]
            if (
                fault["type"] != "too_short" or not inside
            ):  # a list of faulty members is not too short as well
                _fault(fault, raw, model, label, problems)
        return None


def _fault(
    fault: Any, raw: Mapping[str, Any], model: type[BaseModel], label: str, problems: ProblemLog
) -> None:
    spot = [
        part for part in fault["loc"] if not str(part).endswith("()") and part != "function-before"
    ]
    where = f"{label} {_path(spot, raw)}".strip()
    kind, key = (
        fault["type"],
        [label, *(part for part in spot if part != "[key]" and not isinstance(part, int))][-1],
    )
    if kind == "extra_forbidden":
        problems.add(
            "unknown-key",
            where,
            f"key {key!r} is not known",
            suggestion(str(key), _keys(model, spot[:-1])),
        )
    elif kind == "missing":
        problems.add(
            "missing-key", where, f"key {key!r} is not there", f"add {_as_written(model, spot)}"
        )
    else:
        problems.add("toml-value", where, *_plainly(fault, key))


def _plainly(fault: Any, key: object) -> tuple[str, str]:
    """What is wrong with a value and how to write it."""
    kind, given, context = fault["type"], fault["input"], fault.get("ctx", {})
    if kind == "too_short":
        return f"{key} 为空 {key} is empty", _EMPTY_LISTS.get(str(key), "name at least one")
    if kind == "string_too_short":
        return f"{key} 为空 {key} is blank", f'write {key} = "..."'
    if kind == "literal_error":
        options = re.findall(r"'([^']*)'", context["expected"])
        return (
            f"不能写 {_shown(given)} it cannot be {_shown(given)}",
            f"one of: {', '.join(options)}",
        )
    if kind in _TYPES:
        zh, en, fix = _NAMED.get(context.get("class_name", ""), _TYPES[kind])
        if kind == "tuple_type" and isinstance(given, Mapping):
            fix = "head it [[KEY]], with two brackets"
        return f"{key} {zh} {en}, not {_shown(given)}", fix.replace("KEY", str(key))
    return str(fault["msg"]).removeprefix("Value error, "), "correct the value"


def _shown(given: object) -> str:
    if isinstance(given, Mapping | list):
        return "a table" if isinstance(given, Mapping) else "a list"
    text = str(given).lower() if isinstance(given, bool) else repr(given)
    return text if len(text) <= 60 else f"{text[:60]} ..."


def _keys(model: type[BaseModel], spot: list[Any]) -> set[str]:
    """The keys that may stand at a place of a document."""
    models = [one for kind in _kinds(model, spot) for one in _models(kind)]
    return {field.alias or name for one in models for name, field in one.model_fields.items()}


def _kinds(model: type[BaseModel], spot: list[Any]) -> list[Any]:
    kinds: list[Any] = [model]
    for part in spot:
        kinds = [inner for kind in kinds for inner in _within(kind, part)]
    return kinds


def _as_written(model: type[BaseModel], spot: list[Any]) -> str:
    """How the last key of a place is written: a value, a table, or the tables of a list."""
    for kind in _kinds(model, spot):
        if any(one.__name__ != _TITLE for one in _models(kind)):
            return f"[[{spot[-1]}]]" if get_origin(kind) is tuple else f"[{spot[-1]}]"
    return f"{spot[-1]} = ..."


def _within(kind: Any, part: Any) -> Iterator[Any]:
    """The type behind a key of a table, a name in a table of names, or the number in a list."""
    if get_origin(kind) is dict:
        yield get_args(kind)[1]
    elif get_origin(kind) is tuple:
        yield get_args(kind)[0]
    elif _is_model(kind):
        yield from (
            field.annotation
            for name, field in kind.model_fields.items()
            if part in (name, field.alias)
        )
    for one in get_args(kind) if get_origin(kind) not in (dict, tuple) else ():  # one of several
        yield from _within(one, part)


def _models(kind: Any) -> list[type[BaseModel]]:
    return [kind] if _is_model(kind) else [one for part in get_args(kind) for one in _models(part)]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _path(spot: list[Any], raw: Any) -> str:
    """``soil_retention.step.value.unit`` for a place in a document."""
    words: list[str] = []
    here: Any = raw
    for part in spot:
        inside = (
            part in here
            if isinstance(here, dict)
            else isinstance(here, list) and isinstance(part, int)
        )
        here = here[part] if inside else None
        name = here.get("id") if isinstance(here, dict) else None
        words.append(str(name or part) if isinstance(part, int) else str(part))
    return ".".join(words)


_LARGE = 10 << 20  # bytes; no TOML of a project comes near


def read_toml(path: Path, label: str, problems: ProblemLog) -> Mapping[str, Any] | None:
    """A TOML file as a mapping; None when a problem was found."""
    fault = file_fault(path)
    if fault and fault[0] != "empty-file":
        problems.add(fault[0], label, *fault[1:])
        return None
    if not fault and os.path.getsize(path) > _LARGE:
        problems.add(
            "file-format",
            label,
            f"the file has {os.path.getsize(path) >> 20} MB, this is no TOML",
            "put the right file there",
        )
        return None
    text = decode(path, label, problems)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except (
        ValueError,
        RecursionError,
    ) as error:  # ValueError: its own, and numbers too long for Python
        line = re.search(r"\(at line (\d+)", str(error))
        where = f"{label} row {line.group(1)}" if line else label
        problems.add(
            "toml-syntax",
            where,
            str(error),
            "a key may stand once; texts need quotes; see the line named",
        )
        return None


class Frozen(BaseModel):
    """Frozen, and any key that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Title(Frozen):
    """A title in Chinese and English."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if self.zh == self.en else f"{self.zh} {self.en}"

    def say(self, language: Language) -> str:
        """Return the title in ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en


def _both(value: Any) -> Any:
    """A title in one language stands for the other too."""
    if isinstance(value, str):
        return {"zh": value, "en": value}
    if isinstance(value, Mapping) and (one := value.get("zh") or value.get("en")):
        return {"zh": one, "en": one} | {language: text for language, text in value.items() if text}
    return value


TitleField = Annotated[Title, BeforeValidator(_both)]


class Source(Frozen):
    """A document: title, who issued or wrote it, number, date, address."""

    title: TitleField
    issuer: str = ""
    authors: str = ""
    number: str = ""
    date: str = ""
    url: str = ""
    doi: str = ""
    note: str = ""
