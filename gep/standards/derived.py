"""Derived standards (派生规范): what a standard changes of its base, made into a complete document.

The module owns how the TOML of a derived standard and that of its base become one, and what is
never taken over from a base: what a standard says of itself. Reading both files and checking the
complete standard is left to ``gep.standards.standard``.
"""

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from gep.errors import ProblemLog
from gep.io.catalog import is_path
from gep.io.csv_excel import printable
from gep.io.tables import suggestion
from gep.io.toml_documents import Frozen, validate_document

Document = Mapping[str, Any]

# What a standard says of itself: a derived one says it anew, or not at all.
_OWN_KEYS = (
    "id",
    "title",
    "source",
    "evidence",
    "legal",
    "in_force",
    "replaced_by",
    "note",
    "to_check",
    "table",
)
_BY_ID = ("sources", "data", "coefficient", "switch")  # tables of tables
_ADD = "add"  # the key of a total that names indicators besides those of the base


class Removals(Frozen):
    """The table ``[remove]``: what of the base is left out, by id; steps by their full names."""

    indicator: tuple[str, ...] = ()
    step: tuple[str, ...] = ()
    total: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    coefficient: tuple[str, ...] = ()
    switch: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class Derivation(Frozen):
    """What only a derived standard has.

    Attributes
    ----------
    base : str
        An id or a path.
    remove : Removals
        What of the base is left out.
    defaults : dict
        Other default options of switches of the base.
    clauses : dict
        By kind of step, what the clauses of the steps that are taken over begin with: a clause of
        the base says where the formula was read, not where this standard prints it.
    """

    base: str
    remove: Removals = Removals()
    defaults: dict[str, str] = Field(default_factory=dict)
    clauses: dict[Literal["quantity", "value", "auxiliary"], str] = Field(default_factory=dict)


def read_derivation(raw: Document, label: str, problems: ProblemLog) -> Derivation | None:
    """Read what a standard derives from.

    Parameters
    ----------
    raw : mapping
        The TOML of a standard with the key ``base``.
    label : str
        The file as messages name it.
    problems : ProblemLog
        Receives ``unknown-key`` and ``toml-value``.

    Returns
    -------
    Derivation or None
        None if a problem was added.
    """
    keys = {key: raw[key] for key in Derivation.model_fields if key in raw}
    return validate_document(Derivation, keys, label, problems)


def complete_document(
    raw: Document, base: Document, derivation: Derivation, label: str, problems: ProblemLog
) -> dict[str, Any]:
    """Make the complete document of a derived standard.

    What the base has and is not named stays. Entries of ``_BY_ID`` and shared steps with an id of
    the base replace it; those of indicators and totals replace the keys that they write, and the
    steps of an indicator are replaced by id and ``when``. Whatever is new comes last.

    Parameters
    ----------
    raw : mapping
        The TOML of the derived standard.
    base : mapping
        The TOML of its base, which is checked.
    derivation : Derivation
        What is left out and what is said of all that stays, before anything is replaced or added.
    label : str
        The derived file as messages name it.
    problems : ProblemLog
        Receives ``unknown-id`` for what is to be removed, and ``unknown-option`` for switches that
        are to have another default, where they are not there.

    Returns
    -------
    dict of str to object
        As if all had been written in one file; it shares nothing with ``base``.
    """
    kept = {key: value for key, value in base.items() if key not in _OWN_KEYS}
    document: dict[str, Any] = copy.deepcopy(kept)
    _remove(document, derivation.remove, label, problems)
    _set_defaults(document, derivation.defaults, label, problems)
    for step in _steps_of(document):
        beginning = derivation.clauses.get(step["kind"])
        if beginning:
            step["clause"] = " ".join(filter(None, [beginning, step.get("clause", "")]))
    for key, value in raw.items():
        if key in Derivation.model_fields:
            continue
        before = document.get(key)
        if key in _BY_ID and isinstance(value, Mapping) and isinstance(before, Mapping):
            document[key] = {**before, **value}
        elif key in _JOINED and _is_list_of_tables(value) and before:
            document[key] = _join(before, value, _JOINED[key])
        else:
            document[key] = value
    return document


def paths_named(document: Document) -> set[str]:
    """Return what a document of a standard names by a path: files of methods, classes, sets.

    Parameters
    ----------
    document : mapping

    Returns
    -------
    set of str
        As they are written; a method without its function.
    """
    names = [document.get("ecosystems"), *_listed(document.get("coefficients"))]
    for step in _steps_of(document):
        names.append(str(step.get("method", "")).partition(":")[0])
    return {name for name in names if isinstance(name, str) and is_path(name)}


def _steps_of(document: Document) -> Iterator[dict[str, Any]]:
    """Yield the steps of a document, whatever else it holds."""
    homes = [document, *_listed(document.get("indicator"))]
    for home in homes:
        steps = home.get("step") if isinstance(home, Mapping) else None
        for step in _listed(steps):
            if isinstance(step, dict):
                yield step


def _listed(value: Any) -> Sequence[Any]:
    """Return a list as it is, and nothing for what is no list."""
    return value if isinstance(value, list) else ()


# --- removing ------------------------------------------------------------------------------------


def _remove(document: dict[str, Any], removals: Removals, label: str, problems: ProblemLog) -> None:
    """Take out of a document what is to be removed; adds ``unknown-id`` for what is not there."""
    for kind in _BY_ID:
        entries = document.get(kind, {})
        names = getattr(removals, kind)
        _check_there(names, entries, f"{label} remove.{kind}", problems)
        if kind in document:
            document[kind] = {name: entries[name] for name in entries if name not in names}
    for kind in ("indicator", "total"):
        names = getattr(removals, kind)
        entries = document.get(kind, [])
        _check_there(names, [entry["id"] for entry in entries], f"{label} remove.{kind}", problems)
        document[kind] = [entry for entry in entries if entry["id"] not in names]
    _check_there(removals.step, _step_names(document), f"{label} remove.step", problems)
    if "step" in document:
        document["step"] = _other_steps(document, "", removals.step)
    for indicator in document["indicator"]:
        indicator["step"] = _other_steps(indicator, f"{indicator['id']}.", removals.step)
        if "overlaps" in indicator:
            indicator["overlaps"] = _without(indicator["overlaps"], removals.indicator)
    for total in document["total"]:
        total["indicators"] = _without(total["indicators"], removals.indicator)


def _set_defaults(
    document: dict[str, Any], defaults: Mapping[str, str], label: str, problems: ProblemLog
) -> None:
    """Give switches another default; adds ``unknown-option`` for those that are not there.

    Whether the option exists is told by the check of the complete document.
    """
    switches = document.get("switch", {})
    for name, option in defaults.items():
        if name in switches:
            switches[name]["default"] = option
            continue
        message = "standards.unknown-switch"
        values = {"switch": printable(name), "hint": suggestion(name, switches)}
        problems.add("unknown-option", f"{label} defaults", message, **values)


def _check_there(
    names: Sequence[str], known: Sequence[str] | Document, place: str, problems: ProblemLog
) -> None:
    """Check that what is to be removed is in the base (``unknown-id``)."""
    for name in names:
        if name not in known:
            hint = suggestion(name, known)
            message = "standards.nothing-to-remove"
            problems.add("unknown-id", place, message, name=printable(name), hint=hint)


def _step_names(document: Document) -> list[str]:
    """Return the full names of the steps of a checked document."""
    names = [step["id"] for step in document.get("step", ())]
    for indicator in document["indicator"]:
        names += [f"{indicator['id']}.{step['id']}" for step in indicator["step"]]
    return names


def _other_steps(home: Document, prefix: str, removed: Sequence[str]) -> list[Document]:
    """Return the steps of a document or an indicator but those that are removed."""
    return [step for step in home.get("step", ()) if f"{prefix}{step['id']}" not in removed]


def _without(names: Sequence[str], removed: Sequence[str]) -> list[str]:
    """Return the names but those that are removed."""
    return [name for name in names if name not in removed]


# --- replacing and adding ------------------------------------------------------------------------


def _is_list_of_tables(value: Any) -> bool:
    """Return whether a value is a list of tables, as the entries of a standard are."""
    return isinstance(value, list) and all(isinstance(entry, Mapping) for entry in value)


def _identity(entry: Document) -> str:
    """Return what an entry of a list is known by: its id, and when it is active."""
    return json.dumps([entry.get("id"), entry.get("when", {})], sort_keys=True, default=str)


def _join(
    before: Sequence[Document],
    changes: Sequence[Document],
    joined: Callable[[Document, Document], Document],
) -> list[Document]:
    """Return the entries of the base, those that are replaced in their place, and the new ones."""
    entries = {_identity(entry): entry for entry in before}
    added = []
    replaced = set()
    for change in changes:
        identity = _identity(change)
        if identity in entries and identity not in replaced:
            replaced.add(identity)
            entries[identity] = joined(entries[identity], change)
        else:
            added.append(change)
    return [*entries.values(), *added]


def _new_step(_: Document, step: Document) -> Document:
    """Return the step that replaces one of the base, whole: a formula is read in one place."""
    return step


def _joined_indicator(before: Document, change: Document) -> Document:
    """Return an indicator of the base with the keys that are written anew, and its steps."""
    indicator = {**before, **change}
    steps = change.get("step")
    if _is_list_of_tables(steps):
        indicator["step"] = _join(before["step"], list(steps or ()), _new_step)
    return indicator


def _joined_total(before: Document, change: Document) -> Document:
    """Return a total of the base with the keys that are written anew, and what is added to it."""
    total = {**before, **change}
    added = total.pop(_ADD, [])
    if isinstance(added, list) and isinstance(total["indicators"], list):
        total["indicators"] = [*total["indicators"], *added]
    else:
        total[_ADD] = added  # what is no list is told by the check of the document
    return total


_JOINED: Mapping[str, Callable[[Document, Document], Document]] = {
    "step": _new_step,
    "indicator": _joined_indicator,
    "total": _joined_total,
}
