"""Settings of a project (项目设置): one key of ``project.toml`` changed, by a command.

The key and the value are checked against the models of ``project.toml``, switches against the
standard. Comments and the order of the file stay; it is written whole or not at all.
"""

import copy
import os
import re
import shutil
import tomllib
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import tomlkit

from gep.errors import Problem, ProblemLog, ProblemsFound, worded_in
from gep.io.catalog import check_link, locate
from gep.io.csv_excel import decode, printable
from gep.io.result_folder import scratch_folder, sync_file, sync_folder
from gep.io.spreadsheets import unwritten
from gep.io.tables import suggestion
from gep.io.toml_documents import Title, read_toml, validate_document
from gep.project.project import ProjectSpec, project_language
from gep.standards.standard import load_standard
from gep.texts.catalogue import Label, Language
from gep.workflows.new_project import year_list

_FILE = "project.toml"
_TABLES = ("project", "inputs", "assessment")  # in which a key without a table is looked for
_SWITCHES = "switches"
_SHOWN = 60  # characters of a key that a message shows
_NOTHING = ("", "-")  # PowerShell passes no empty argument
_ITEMS = re.compile(r"\s*[,，、]\s*")
_TRUE = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}


@dataclass(frozen=True)
class KeyChange:
    """A key of a project that was set.

    Attributes
    ----------
    key : str
        With its table: ``project.years``.
    old, new : str or None
        The values as TOML writes them; None where the file has none.
    language : {'zh', 'en'}
        In which the project is spoken of.
    """

    key: str
    old: str | None
    new: str | None
    language: Language


def set_project_key(
    path: str | Path, key: str, value: str, *, language: Language | None = None
) -> KeyChange:
    """Set a key of a project.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    key : str
        A key with its table, such as ``inputs.crosswalk`` or ``switches.oxygen_base``; the table
        may be left out where it is clear, as in ``years``.
    value : str
        The value as a person types it, a list with commas; ``-`` or blank removes the key.
    language : {'zh', 'en'}, optional
        Language of messages; by default the project's, then that of the user's system.

    Returns
    -------
    KeyChange

    Raises
    ------
    ProblemsFound
        ``missing-file``, ``toml-syntax``, ``unknown-key``, ``toml-value``, ``missing-key``,
        ``unknown-switch``, ``unknown-option``, ``unknown-id`` and ``cannot-write``; nothing is
        written then.
    """
    file = Path(path)
    file = file if file.name == _FILE else file / _FILE
    with worded_in(language or project_language(path)):
        problems = ProblemLog()
        content = None
        if check_link(file, file.parent, _FILE, problems):
            content = decode(file, _FILE, problems)
        document = None if content is None else read_toml(file, _FILE, ProblemLog())
        if content is None or document is None:
            read_toml(file, _FILE, problems)
            raise ProblemsFound(problems.errors, problems.warnings)
        keys = _full_key(key.strip(), document, file.parent, problems)
        new = _typed(ProjectSpec, keys, value.strip())
        changed = _changed(document, keys, new)
        for problem in _new_problems(document, changed, keys, file.parent):
            problems.include([problem])
        problems.raise_errors()
        written = _written(content, keys, new, changed)
        if changed != document:
            _replace(file, written)
        return KeyChange(
            key=".".join(keys),
            old=_shown(_value_at(document, keys)),
            new=_shown(_value_at(changed, keys)),
            language=language or project_language(path),
        )


def _full_key(
    key: str, document: Mapping[str, Any], folder: Path, problems: ProblemLog
) -> list[str]:
    """Return a key with its table, as a list; report one that a project does not have.

    Raises
    ------
    ProblemsFound
        ``unknown-key``, ``unknown-switch``, and what is wrong with the standard of a switch.
    """
    parts = key.split(".")
    if len(parts) == 1:
        tables = [name for name in _TABLES if key in _fields(ProjectSpec, [name])]
        parts = [*tables[:1], key]
    table, *rest = parts
    if table == _SWITCHES and len(rest) == 1:
        _check_switch_name(rest[0], document, folder, problems)
    elif not rest or not _is_known(parts):
        known: list[str] = []
        for name in _TABLES:
            prefix = f"{name}." if rest else ""
            known += [f"{prefix}{field}" for field in _fields(ProjectSpec, [name])]
        hint = suggestion(key, known)
        problems.add("unknown-key", _FILE, "io.unknown-key", name=printable(key, _SHOWN), hint=hint)
    problems.raise_errors()
    return parts


def _is_known(keys: list[str]) -> bool:
    """Return whether a project may have a key that a command can set: no table, no list of them."""
    annotation = _annotation(ProjectSpec, keys)
    return annotation is not None and "dict" not in str(annotation)


def _fields(model: Any, keys: list[str]) -> list[str]:
    """Return the keys of a table of a model."""
    inner = _annotation(model, keys)
    return list(getattr(inner, "model_fields", ()))


def _annotation(model: Any, keys: list[str]) -> Any:
    """Return the type of a key of a model; None if it has no such key."""
    annotation = model
    for key in keys:
        fields = getattr(annotation, "model_fields", {})
        if key not in fields:
            return None
        annotation = fields[key].annotation
    return annotation


def _check_switch_name(
    name: str, document: Mapping[str, Any], folder: Path, problems: ProblemLog
) -> None:
    """Check that the project's standard has a switch of a name (``unknown-switch``)."""
    standard = load_standard(_standard_of(document), folder, f"{_FILE} project.standard", problems)
    if standard is not None and name not in standard.spec.switch:
        problems.add(
            "unknown-switch",
            _SWITCHES,
            "plan.unknown-switch",
            standard=Label(standard.id, standard.spec.title),
            name=printable(name, _SHOWN),
            advice=suggestion(name, standard.spec.switch),
        )


def _standard_of(document: Mapping[str, Any]) -> str:
    """Return what a project states as its standard, blank if that is no text."""
    header = document.get("project")
    standard = header.get("standard") if isinstance(header, Mapping) else None
    return standard if isinstance(standard, str) else ""


def _typed(model: Any, keys: list[str], value: str) -> Any:
    """Return a value in the type that its key has; as text where it cannot be read so.

    What cannot be read is left to the model to report. None for a blank value or ``-``.
    """
    if value in _NOTHING:
        return None
    annotation = _annotation(model, keys)
    options = get_args(annotation) if _is_union(annotation) else (annotation,)
    if bool in options:
        return _TRUE.get(value.lower(), value)
    if int in options:
        return _whole_number(value)
    kind = get_origin(annotation)
    if kind is not tuple:
        return value
    if get_args(annotation)[0] is int:
        years = year_list(value)
        if years is not None:
            return list(years)
        return [_whole_number(item) for item in _ITEMS.split(value)]
    return [item for item in _ITEMS.split(value) if item]


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)


def _whole_number(value: str) -> int | str:
    """Return a whole number, or the text where it is none."""
    return int(value) if re.fullmatch(r"-?\d{1,18}", value) else value


def _changed(document: Mapping[str, Any], keys: list[str], new: Any) -> dict[str, Any]:
    """Return a document with another value of a key; without the key for None."""
    changed: dict[str, Any] = copy.deepcopy(dict(document))
    _put(changed, keys, new)
    return changed


def _put(document: Any, keys: list[str], new: Any) -> None:
    """Set a key of a document, of dicts or of tomlkit; a title in one language becomes two."""
    table = document
    for position, key in enumerate(keys[:-1]):
        inner = table.get(key)
        if isinstance(inner, str) and _annotation(ProjectSpec, keys[: position + 1]) is Title:
            pair = tomlkit.inline_table()
            pair.update({"zh": str(inner), "en": str(inner)})
            table[key] = pair
        elif inner is None:
            table[key] = {}
        table = table[key]
        if not hasattr(table, "get"):
            return  # the model reports a table that is none
    if new is None:
        table.pop(keys[-1], None)
    else:
        table[keys[-1]] = new


def _new_problems(
    document: Mapping[str, Any], changed: Mapping[str, Any], keys: list[str], folder: Path
) -> list[Problem]:
    """Return what is wrong with a changed document and was not wrong before."""
    before = ProblemLog()
    validate_document(ProjectSpec, document, _FILE, before)
    problems = ProblemLog()
    validate_document(ProjectSpec, changed, _FILE, problems)
    key = ".".join(keys)
    value = _value_at(changed, keys)
    place = f"{_FILE} {key}"
    if keys[0] == _SWITCHES and value is not None:
        _check_option(keys[1], str(value), changed, folder, problems)
    elif key == "project.standard" and isinstance(value, str):
        load_standard(value, folder, place, problems)
    elif key == "inputs.crosswalk" and isinstance(value, str):
        locate("classes", value, folder, place, problems)
    elif key == "project.coefficients" and isinstance(value, list):
        for name in value:
            locate("coefficients", name, folder, place, problems)
    known = {*before.errors}
    is_set = [problem for problem in problems.errors if problem.say_where("en").endswith(key)]
    fresh = [problem for problem in problems.errors if problem not in known]
    return list(dict.fromkeys([*is_set, *fresh]))


def _check_option(
    name: str, option: str, document: Mapping[str, Any], folder: Path, problems: ProblemLog
) -> None:
    """Check that a switch has an option (``unknown-option``)."""
    standard = load_standard(_standard_of(document), folder, f"{_FILE} project.standard", problems)
    if standard is None:
        return
    switch = standard.spec.switch[name]
    if option not in switch.options:
        problems.add(
            "unknown-option",
            f"{_SWITCHES}.{name}",
            "plan.unknown-option",
            switch=Label(name, switch.name),
            option=printable(option, _SHOWN),
            options=tuple(map(switch.option, switch.options)),
        )


def _written(content: str, keys: list[str], new: Any, changed: Mapping[str, Any]) -> str:
    """Return the text of a project with another value of a key, all else as it was."""
    is_windows = "\r\n" in content
    document = tomlkit.parse(content.replace("\r\n", "\n"))
    _put(document, keys, new)
    written = tomlkit.dumps(document)
    if tomllib.loads(written) != changed:
        raise RuntimeError(f"{'.'.join(keys)} was not set as meant")
    return written.replace("\n", "\r\n") if is_windows else written


def _replace(file: Path, content: str) -> None:
    """Write a file in the place of another, whole or not at all (``cannot-write``)."""
    target = Path(os.path.realpath(file))
    try:
        with scratch_folder(target.parent) as scratch:
            draft = scratch / "new" / target.name
            draft.write_text(content, encoding="utf-8", newline="")
            shutil.copymode(target, draft)
            sync_file(draft)
            os.replace(draft, target)
            sync_folder(target.parent)
    except OSError as error:
        raise ProblemsFound([unwritten(file, error)]) from None


def _value_at(document: Mapping[str, Any], keys: list[str]) -> Any:
    """Return the value of a key of a document, None if it has none."""
    value: Any = document
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def _shown(value: Any) -> str | None:
    """Return a value as TOML writes it; None for none."""
    return None if value is None else tomlkit.item(value).as_string()
