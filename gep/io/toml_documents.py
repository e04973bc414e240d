"""TOML documents: read, checked against a model, and every fault reported in plain words.

The module owns the reading of TOML, the bases that all models share (``Frozen``, ``Title``,
``Source``), and the wording of faults, since pydantic's own messages speak of tuples and
validation. What the keys of a document mean is left to the models.

A validator of a model reports a fault by raising ``invalid_value("plan.scope-empty", name=...)``:
the key names a section of the catalogue whose entries ``what`` and ``fix`` become the problem
``toml-value``, with the values in them. A plain ``ValueError`` is reported with its own text.
Models that are filled from other files than TOML word their faults with ``value_message``.
"""

import copy
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

import tomlkit
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, PydanticKnownError
from pydantic_core.core_schema import no_info_wrap_validator_function

from gep.errors import Place, ProblemLog
from gep.io.csv_excel import decode, printable
from gep.io.tables import LARGEST, close_to, hidden_characters, suggestion
from gep.texts.catalogue import Language, Listed, Text, text

Model = TypeVar("Model", bound=BaseModel)
DocumentPath = list[str | int]  # keys, and positions in lists

_LARGEST_TOML = 10 * 2**20  # bytes; no TOML of a project comes near
_MOST_REPAIRS = 8  # rounds in which the wrong values of a document are taken out
_SHOWN = 60  # characters of a value or a line that a message shows
_PLACE_SHOWN = 200  # characters of a path of keys that a message shows
_LINE = re.compile(r"\(at line (\d+)")  # where tomllib says that it stopped
_TWICE = re.compile(r"Cannot (overwrite|declare|mutate)|Duplicate")  # as tomllib words it
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')
_FULL_WIDTH = re.compile("[“”‘’＝，【】［］｛｝＂＇]")
_BARE_KEY = re.compile(r"[^\s.=\[\]{}\"'#]*[^\x00-\x7f\s.=\[\]{}\"'#][^\s.=\[\]{}\"'#]*")
_WORDS_FOR_TRUE = re.compile(r"=\s*(True|TRUE|yes|Yes|YES|False|FALSE|no|No|NO)\s*(#.*)?$")
_OUTSIDE_QUOTES = re.compile(f"({_QUOTED.pattern})|(.)")
_HALF_WIDTH = str.maketrans("“”‘’＝，【】［］｛｝＂＇", "\"\"''=,[][]{}\"'")
_LONGEST_LINE = 1000  # characters of a line that is looked at for what was meant
_DEEPEST_LIST = 2  # lists of tables further inside are written on a line
_AT_END = "(at end of document)"
# What is wrong by pydantic's type of error.
_MESSAGES = {
    "missing": "io.missing-value",
    "extra_forbidden": "io.value-not-expected",
    "too_short": "io.empty-list",
    "string_too_short": "io.blank-text",
    "string_type": "io.text-required",
    "string_pattern_mismatch": "io.id-required",  # only ids have a pattern
    "int_type": "io.whole-number-required",
    "int_parsing": "io.whole-number-required",
    "int_from_float": "io.whole-number-required",
    "float_type": "io.number-required",
    "float_parsing": "io.number-required",
    "finite_number": "io.finite-number-required",
    "bool_type": "io.yes-or-no-required",
    "bool_parsing": "io.yes-or-no-required",
    "dict_type": "io.table-required",
    "model_type": "io.table-required",
    "tuple_type": "io.list-required",
    "literal_error": "io.not-an-option",
    "greater_than": "io.not-above",
    "greater_than_equal": "io.below",
    "less_than": "io.not-below",
    "less_than_equal": "io.above",
}
_NUMERIC = ("int", "float", "decimal")  # types of pydantic's schemas
_KEY_MARK = "[key]"  # the end of a location where a key itself is wrong
_LIMITS = ("gt", "ge", "lt", "le")  # where pydantic's context holds the limit of a number
# Models whose place in a document is written in another way than as a table.
_MODEL_MESSAGES = {"Title": "io.text-required", "Binding": "io.binding-required"}


def _read_number(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Read a number, but not ``true`` as 1, and none so large that products would overflow."""
    if isinstance(value, bool):
        raise PydanticKnownError("float_type")
    number = read(value)
    if abs(number) > LARGEST:
        raise PydanticKnownError("finite_number")
    return number


def _make_strict(schema: Any) -> None:
    """Make pydantic's schema of a model strict where it would convert what was not meant."""
    if isinstance(schema, list | tuple):
        for member in schema:
            _make_strict(member)
    if not isinstance(schema, dict) or schema.get("function") == _OWN:
        return
    kind = schema.get("type")
    if kind == "bool":
        schema["strict"] = True
    elif kind in _NUMERIC:
        number = dict(schema)
        schema.clear()
        schema.update(no_info_wrap_validator_function(_read_number, number))
    else:
        for key, member in schema.items():
            if key not in ("default", "metadata"):
                _make_strict(member)


_OWN = no_info_wrap_validator_function(_read_number, {"type": "any"})["function"]


class Frozen(BaseModel):
    """A model that is frozen and takes no key that it does not know.

    Its numbers are finite, and a number is never ``true`` or ``false``; a key that is ``true`` or
    ``false`` takes no text and no number.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False
    )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        _make_strict(schema)
        return schema


class Title(Frozen):
    """A title in Chinese and English."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if self.zh == self.en else f"{self.zh} {self.en}"

    def say(self, language: Language) -> str:
        """Return the title in ``zh`` or ``en``."""
        titles: dict[Language, str] = {"zh": self.zh, "en": self.en}
        return titles[language]


def _in_both_languages(value: Any) -> Any:
    """Complete a title: one that is given in a single language is used for the other too."""
    if isinstance(value, str):
        return {"zh": value, "en": value}
    if not isinstance(value, Mapping):
        return value
    title = value.get("zh") or value.get("en")
    if not title:
        return value
    filled = {language: words for language, words in value.items() if words}
    return {"zh": title, "en": title, **filled}


TitleField = Annotated[Title, BeforeValidator(_in_both_languages)]


class Source(Frozen):
    """A document that numbers or rules are taken from.

    Attributes
    ----------
    title : Title
    issuer, authors : str
        The authority that issued it, or the people who wrote it.
    number, date, url, doi : str
        Number of the document, date of issue, and where it is found.
    note : str
    """

    title: TitleField
    issuer: str = ""
    authors: str = ""
    number: str = ""
    date: str = ""
    url: str = ""
    doi: str = ""
    note: str = ""


def read_toml(path: Path, label: str, problems: ProblemLog) -> Mapping[str, Any] | None:
    """Read a TOML file as a mapping.

    Parameters
    ----------
    path : Path
        The file.
    label : str
        The file as messages name it.
    problems : ProblemLog
        Receives ``missing-file``, ``not-a-file``, ``file-format``, ``cannot-read``, ``encoding``,
        ``toml-syntax`` or ``control-character``, and the warning ``gbk``.

    Returns
    -------
    mapping or None
        Keys to values, empty for a file of 0 bytes; None if the file cannot be read.
    """
    content = decode(path, label, problems, may_be_empty=True, largest=_LARGEST_TOML)
    if content is None:
        return None
    try:
        document = tomllib.loads(content)
        _check_characters(document, [], label, problems)
    except tomllib.TOMLDecodeError as error:
        _report_syntax(str(error), content, label, problems)
    except (ValueError, RecursionError):  # a number too long for Python; tables nested too deep
        problems.add("toml-syntax", label, "io.toml-too-deep")
    else:
        return document
    return None


def toml_text(document: Mapping[str, Any]) -> str:
    """Write a document as TOML: tables of tables and lists of tables under heads of their own.

    Parameters
    ----------
    document : mapping of str to object
        As :func:`read_toml` returns it.

    Returns
    -------
    str
        It reads as the same document.
    """
    return "\n".join(_table_lines(document, [])).lstrip("\n") + "\n"


def _table_lines(table: Mapping[str, Any], path: list[str]) -> list[str]:
    """Return the lines of a table: what fits on a line first, then the tables inside it."""
    lines = []
    inner = []
    for key, value in table.items():
        place = [*path, tomlkit.key(key).as_string()]
        name = ".".join(place)
        if isinstance(value, list) and value and all(isinstance(part, Mapping) for part in value):
            if len(path) < _DEEPEST_LIST:
                for part in value:
                    inner += ["", f"[[{name}]]", *_table_lines(part, place)]
                continue
        elif not path and isinstance(value, Mapping) and _has_tables(value):
            for part_key, part in value.items():
                part_place = [*place, tomlkit.key(part_key).as_string()]
                inner += ["", f"[{'.'.join(part_place)}]"]
                inner += _table_lines(part, [*part_place, ""])
            continue
        lines.append(f"{place[-1]} = {_inline(value)}")
    return lines + inner


def _has_tables(table: Mapping[str, Any]) -> bool:
    """Return whether all that a table holds are tables."""
    return all(isinstance(value, Mapping) for value in table.values())


def _inline(value: Any) -> str:
    """Return a value as it is written after the sign of equality."""
    if isinstance(value, Mapping):
        pairs = [f"{tomlkit.key(key).as_string()} = {_inline(part)}" for key, part in value.items()]
        return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_inline(part) for part in value)}]"
    return str(tomlkit.item(value).as_string())


def _check_characters(value: Any, path: list[str], label: str, problems: ProblemLog) -> None:
    """Check that no text of a document, and no key, has characters that do not show."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            _check_characters(key, path, label, problems)
            _check_characters(member, [*path, key], label, problems)
    elif isinstance(value, list):
        for position, member in enumerate(value):
            name = member.get("id", position) if isinstance(member, Mapping) else position
            _check_characters(member, [*path, str(name)], label, problems)
    elif isinstance(value, str) and not value.isprintable():
        hidden = hidden_characters(value)
        if hidden:
            place = f"{label} {printable('.'.join(path), _PLACE_SHOWN)}".strip()
            problems.add(
                "control-character", place, "io.control-character-in-toml", characters=hidden
            )


def _report_syntax(report: str, content: str, label: str, problems: ProblemLog) -> None:
    """Report where and why a TOML cannot be parsed; ``report`` is what tomllib says."""
    lines = content.split("\n")
    match = _LINE.search(report)
    is_twice = _TWICE.search(report) is not None
    if match is None and not is_twice:
        message = "io.toml-unfinished" if report.endswith(_AT_END) else "io.toml-too-deep"
        problems.add("toml-syntax", label, message)
        return
    row = int(match.group(1)) if match else len(lines)
    line = lines[row - 1].strip()
    values: dict[str, str] = {}
    message = "io.toml-twice"
    if not is_twice:
        message, values = _syntax_message(line)
    place = Place(label, (row,))
    problems.add("toml-syntax", place, message, line=printable(line, _SHOWN), **values)


def _syntax_message(line: str) -> tuple[str, dict[str, str]]:
    """Return the message for a line that is no TOML, and how it may have been meant."""
    if len(line) > _LONGEST_LINE:
        return "io.toml-syntax", {}
    if "\\" in line:
        right = line.replace("\\\\", "/").replace("\\", "/")
        return "io.toml-backslash", {"right": printable(right, _SHOWN)}
    bare = _QUOTED.sub('""', line)
    mark = _FULL_WIDTH.search(bare)
    if mark is not None:
        right = _OUTSIDE_QUOTES.sub(_half_width, line)
        return "io.toml-full-width", {"mark": mark.group(), "right": printable(right, _SHOWN)}
    key = bare if bare.startswith("[") else bare.partition("=")[0]
    if _BARE_KEY.search(key) and (bare.startswith("[") or "=" in bare):
        rest = "" if bare.startswith("[") else " = ..."
        right = _BARE_KEY.sub(lambda match: f'"{match.group()}"', key).strip() + rest
        return "io.toml-bare-key", {"right": printable(right, _SHOWN)}
    word = _WORDS_FOR_TRUE.search(line)
    if word is not None:
        is_true = word.group(1).lower() in ("true", "yes")
        return "io.toml-true", {"word": word.group(1), "right": str(is_true).lower()}
    return "io.toml-syntax", {}


def _half_width(match: re.Match[str]) -> str:
    """Return the full-width signs of a line in half width; what stands in quotes stays."""
    return match.group(1) or match.group(2).translate(_HALF_WIDTH)


def validate_document(
    model: type[Model], raw: Mapping[str, Any] | None, label: str, problems: ProblemLog
) -> Model | None:
    """Validate a TOML document against its model; each fault becomes a problem.

    Parameters
    ----------
    model : type
        A pydantic model.
    raw : mapping or None
        The document, as :func:`read_toml` returns it.
    label : str
        The file as messages name it.
    problems : ProblemLog
        Receives ``unknown-key``, ``missing-key`` and ``toml-value``.

    Returns
    -------
    Model or None
        None if the document has a fault, or if there is none.
    """
    if raw is None:
        return None
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        faults = error.errors()
    for fault in faults:
        if fault["type"] == "too_short" and _has_faulty_members(fault, faults):
            continue  # a list of faulty members is not too short as well
        _check_fault(fault, raw, model, label, problems)
    return None


def validate_leniently(
    model: type[Model],
    raw: Mapping[str, Any] | None,
    label: str,
    problems: ProblemLog,
    stand_ins: Mapping[str, object],
) -> tuple[Model | None, frozenset[str]]:
    """Validate a TOML document, and return as much of it as can be used.

    Parameters
    ----------
    model, raw, label, problems
        See :func:`validate_document`.
    stand_ins : mapping of str to object
        By dotted path, what takes the place of a required value that is missing or wrong.

    Returns
    -------
    document : Model or None
        Without the values that are wrong; None if nothing can be used. An unknown key that is
        nearly a known one is taken for it.
    faulty : frozenset of str
        The dotted paths of tables and values that are not as they were meant; an item of a list
        counts as the list.
    """
    document = validate_document(model, raw, label, problems)
    faulty: set[str] = set()
    if document is not None or raw is None:
        return document, frozenset(faulty)
    repaired = copy.deepcopy(dict(raw))
    for _ in range(_MOST_REPAIRS):
        try:
            return model.model_validate(repaired), frozenset(faulty)
        except ValidationError as error:
            faults = error.errors()
        paths = [_document_path(fault, repaired) for fault in faults]
        for fault, path in reversed(list(zip(faults, paths, strict=True))):  # of a list, the end
            table = _table_of(repaired, path)
            if table is None:
                continue
            if fault["type"] == "extra_forbidden":
                _rename_key(table, path[-1], _keys(model, path[:-1]))
                continue
            keys = [part for part in path if isinstance(part, str)]
            faulty.add(".".join(keys))
            _drop_value(table, path[-1], stand_ins.get(".".join(map(str, path))))
    return None, frozenset(faulty)


def _table_of(document: dict[str, Any], path: DocumentPath) -> Any:
    """Return the table or list that holds the last part of a path; None if it is gone."""
    table: Any = document
    for part in path[:-1]:
        try:
            table = table[part]
        except (KeyError, IndexError, TypeError):
            return None
    return table if path and isinstance(table, dict | list) else None


def _drop_value(table: Any, key: Any, stand_in: object) -> None:
    """Remove a value of a table or list, or put in what stands in for it."""
    if isinstance(table, list):
        del table[key]
    elif stand_in is not None:
        table[key] = copy.deepcopy(stand_in)
    else:
        table.pop(key, None)


def _rename_key(table: Any, key: str | int, known: set[str]) -> None:
    """Remove an unknown key; a key with nearly its name takes its value, if it has none."""
    value = table.pop(key, None)
    for name in close_to(str(key), known - set(table))[:1]:
        table[name] = value


def invalid_value(message: str, **values: Any) -> PydanticCustomError:
    """Make the error that a validator of a model raises.

    Parameters
    ----------
    message : str
        Key of the catalogue whose entries ``what`` and ``fix`` word the problem.
    **values
        Values of the placeholders, as for ``ProblemLog.add``.

    Returns
    -------
    PydanticCustomError
        To be raised; :func:`validate_document` makes the problem ``toml-value`` of it.
    """
    return PydanticCustomError(message, message, values)


def value_message(fault: ErrorDetails, name: str) -> tuple[str, dict[str, Any]]:
    """Return the message of a fault that pydantic found in a value.

    Parameters
    ----------
    fault : ErrorDetails
        One of ``ValidationError.errors()``.
    name : str
        The key or column of the value, as the user writes it.

    Returns
    -------
    message : str
        Key of the catalogue whose entries ``what`` and ``fix`` word the fault.
    values : dict
        Values of the placeholders.
    """
    kind = fault["type"]
    context = fault.get("ctx", {})
    if "." in kind:  # a key of the catalogue, raised by invalid_value
        return kind, dict(context)
    if kind not in _MESSAGES:
        reason = str(fault["msg"]).removeprefix("Value error, ")
        return "io.value-refused", {"name": name, "reason": reason}
    message = _MODEL_MESSAGES.get(context.get("class_name", ""), _MESSAGES[kind])
    values: dict[str, Any] = {"name": name, "value": _shown(fault["input"])}
    if kind == "too_short" and name == "years":
        message = "io.no-years"
    if kind == "tuple_type" and isinstance(fault["input"], Mapping):
        message = "io.list-of-tables-required"
    if kind == "literal_error":
        if fault["loc"][-1] == _KEY_MARK:
            message = "io.key-not-an-option"
        options = re.findall(r"'([^']+)'", context["expected"])
        values["options"] = Listed(tuple(options), len(options))
    for limit in _LIMITS:
        if limit in context:
            values["limit"] = f"{context[limit]:g}"
    return message, values


def _shown(value: object) -> Text | str:
    """Return a value of a TOML as a message shows it."""
    if isinstance(value, Mapping):
        return text("io.value-table")
    if isinstance(value, list | tuple):
        return text("io.value-list")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return text("io.value-text", value=printable(value, _SHOWN))
    return printable(value, _SHOWN)


def _has_faulty_members(fault: ErrorDetails, faults: Sequence[ErrorDetails]) -> bool:
    """Return whether another fault lies inside the value of a fault."""
    depth = len(fault["loc"])
    for candidate in faults:
        if candidate is not fault and candidate["loc"][:depth] == fault["loc"]:
            return True
    return False


def _check_fault(
    fault: ErrorDetails,
    raw: Mapping[str, Any],
    model: type[BaseModel],
    label: str,
    problems: ProblemLog,
) -> None:
    """Add the problem of a fault: an unknown key, a missing key, or a wrong value."""
    path = _document_path(fault, raw)
    place = f"{label} {printable(_path_text(path, raw), _PLACE_SHOWN)}".strip()
    keys = [part for part in path if isinstance(part, str)]
    name = keys[-1] if keys else label
    if fault["type"] == "extra_forbidden":
        hint = suggestion(name, _keys(model, path[:-1]))
        problems.add("unknown-key", place, "io.unknown-key", name=printable(name), hint=hint)
    elif fault["type"] == "missing":
        form = _written_form(model, path)
        problems.add("missing-key", place, "io.missing-key", name=name, form=form)
    else:
        message, values = value_message(fault, name)
        problems.add("toml-value", place, message, **values)


def _document_path(fault: ErrorDetails, raw: Mapping[str, Any]) -> DocumentPath:
    """Return the path to a fault in the document.

    Pydantic's location also holds marks of its own: of validators, of members of a union, of keys.
    They are known by not being in the document.
    """
    path: DocumentPath = []
    value: Any = raw
    for part in fault["loc"]:
        if isinstance(value, list):
            is_inside = isinstance(part, int)
        else:
            is_inside = isinstance(value, Mapping) and part in value
        if is_inside:
            path.append(part)
            value = value[part]
    if fault["type"] == "missing":
        path.append(fault["loc"][-1])
    return path


def _path_text(path: DocumentPath, raw: Mapping[str, Any]) -> str:
    """Return a path as a message shows it, lists by ids: ``soil_retention.step.value.unit``."""
    words = []
    value: Any = raw
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(part)
            words.append(str(part))
        else:  # a position in a list
            value = value[part]
            member_id = value.get("id") if isinstance(value, Mapping) else None
            words.append(str(member_id or part))
    return ".".join(words)


def _keys(model: type[BaseModel], path: DocumentPath) -> set[str]:
    """Return the keys that a table at a path of a document may have."""
    keys = set()
    for kind in _types_at(model, path):
        for table in _models(kind):
            keys |= {field.alias or name for name, field in table.model_fields.items()}
    return keys


def _written_form(model: type[BaseModel], path: DocumentPath) -> str:
    """Return how the last key of a path is written: as a value, a table, or a list of tables."""
    key = path[-1]
    for kind in _types_at(model, path):
        if any(table is not Title for table in _models(kind)):
            return f"[[{key}]]" if get_origin(kind) is tuple else f"[{key}]"
    return f"{key} = ..."


def _types_at(model: type[BaseModel], path: DocumentPath) -> list[Any]:
    """Return the types that a document may have at a path; there are several in a union."""
    kinds: list[Any] = [model]
    for part in path:
        inner: list[Any] = []
        for kind in kinds:
            inner += _types_inside(kind, part)
        kinds = inner
    return kinds


def _types_inside(kind: Any, part: str | int) -> list[Any]:
    """Return the types behind a key of a table, a name in a table of names, or a position."""
    origin = get_origin(kind)
    if origin is dict:
        return [get_args(kind)[1]]
    if origin is tuple:
        return [get_args(kind)[0]]
    inner = []
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            if part in (name, field.alias):
                inner.append(field.annotation)
    for member in get_args(kind):  # of a union
        inner += _types_inside(member, part)
    return inner


def _models(kind: Any) -> list[type[BaseModel]]:
    """Return the models that a type consists of."""
    if _is_model(kind):
        return [kind]
    models = []
    for part in get_args(kind):
        models += _models(part)
    return models


def _is_model(kind: Any) -> bool:
    """Return whether a type is a pydantic model."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)
