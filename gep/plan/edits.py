"""Edits of a scenario (情景改动): numbers, switches and prices changed for a "what if", and marked.

Rows are edited where they are, so that each answers the cells that it answers without the edit;
plans and explanations show them as edited beside what they were. Files are never changed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog
from gep.inputs.coefficients import CoefficientSet, SetHeader
from gep.inputs.data import Data
from gep.inputs.value_rows import GRADE, KEYS
from gep.io.arguments import whole_letters
from gep.io.tables import suggestion
from gep.io.toml_documents import Source, Title
from gep.plan.build import NameSpellings, PlanInputs, name_spellings
from gep.plan.plan import Edit
from gep.texts.catalogue import say

EDITED = "edited"  # id of the set of edits, and of the source of an edited row
SCENARIO = "scenario"  # its version, and the table that its rows are in
PRICE_YEAR = "price_year"
SWITCH = "switches."

_LABEL = f"{EDITED}@{SCENARIO}"
_PLACE = "set"
_TARGET = re.compile(r"([^\[\]]+)(?:\[([^\[\]]+)\])?")
_FACTOR = re.compile(r"[x*×]\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)")
_SHOWN = 3  # different old values that an edit names

Changes = Mapping[str, object]


@dataclass(frozen=True)
class _Target:
    """What an edit changes: a name, and the members of keys that choose among its rows."""

    key: str
    name: str
    members: Mapping[str, str]


@dataclass(frozen=True)
class _Change:
    """How rows are changed: a number in their unit, or a factor."""

    number: float
    is_factor: bool

    def of(self, values: np.ndarray) -> np.ndarray:
        """Return the new values."""
        return values * self.number if self.is_factor else np.full(len(values), self.number)


def edit_inputs(parts: PlanInputs, changes: Changes, problems: ProblemLog) -> PlanInputs:
    """Return what plans are made from, with the edits of a scenario.

    Parameters
    ----------
    parts : PlanInputs
        Everything that a project has loaded.
    changes : mapping of str to object
        By name of a coefficient or of data the number in the unit of its row, or a factor such as
        ``x1.1``. Members in brackets choose among its rows: ``rainfall[region=361130]``. Also
        ``price_year`` (a year) and ``switches.<name>`` (an option).
    problems : ProblemLog
        Receives ``unknown-id`` for a name that has no rows, ``scenario-edit`` for what cannot be
        edited so.

    Returns
    -------
    PlanInputs
        With ``edits``.
    """
    names = name_spellings(parts)
    count = 0  # of edited rows of coefficients
    for key, value in changes.items():
        if key == PRICE_YEAR:
            parts = _with_price_year(parts, value, problems)
            continue
        if key.startswith(SWITCH):
            parts = _with_switch(parts, key.removeprefix(SWITCH), value)
            continue
        target = _read_target(key, names, problems)
        change = _read_change(key, value, problems)
        if target is None or change is None:
            continue
        rows = _coefficient_rows(parts, target)
        if rows.empty:
            parts = _edit_data(parts, target, change, problems)
            continue
        edit = _edit_of(target, rows, change, problems)
        if edit is not None:
            new_rows = _edited(rows, change).assign(set=_LABEL, file=SCENARIO)
            new_rows["row"] = np.arange(count + 1, count + len(rows) + 1)
            count += len(rows)
            parts = replace(
                parts,
                sets=_edit_sets(parts, new_rows),
                edits=(*parts.edits, edit),
            )
    if count:
        parts = replace(parts, sets=(_set_of_edits(parts), *parts.sets))
    return parts


def _with_price_year(parts: PlanInputs, value: object, problems: ProblemLog) -> PlanInputs:
    """Return the inputs at constant prices of another year."""
    if not isinstance(value, int) or isinstance(value, bool):
        problems.add("scenario-edit", f"{_PLACE} {PRICE_YEAR}", "plan.edit-no-year", value=value)
        return parts
    edit = Edit(PRICE_YEAR, str(parts.price_year or "-"), str(value), "")
    return replace(parts, price_year=value, edits=(*parts.edits, edit))


def _with_switch(parts: PlanInputs, name: str, value: object) -> PlanInputs:
    """Return the inputs with another option of a switch, which is checked with the others."""
    before = parts.standard.chosen(parts.switches).get(name, "-")
    edit = Edit(f"{SWITCH}{name}", before, str(value), "")
    switches = parts.switches | {name: str(value)}
    return replace(parts, switches=switches, edits=(*parts.edits, edit))


def _read_target(key: str, names: NameSpellings, problems: ProblemLog) -> _Target | None:
    """Read ``name[key=member, ...]``."""
    match = _TARGET.fullmatch(whole_letters(key).strip())
    members: dict[str, str] = {}
    pairs = (match[2] or "").split(",") if match else []
    for pair in pairs:
        if not pair.strip():
            continue
        word, equals, member = (part.strip() for part in pair.partition("="))
        if word not in KEYS or not equals:
            match = None
            break
        members[word] = member
    if match is None:
        problems.add("scenario-edit", f"{_PLACE} {key}", "plan.edit-form", name=key, keys=KEYS)
        return None
    row = pd.DataFrame([{key_name: members.get(key_name, "") for key_name in KEYS}])
    row["name"] = names.data.find(names.coefficients.find(match[1].strip()))
    row = names.recognize_rows(row)
    known = {name: str(row[name].iloc[0]) for name in members}
    return _Target(key, str(row["name"].iloc[0]), known)


def _read_change(key: str, value: object, problems: ProblemLog) -> _Change | None:
    """Read a number, or a factor such as ``x1.1``."""
    if isinstance(value, str):
        match = _FACTOR.fullmatch(value.strip())
        if match is not None:
            return _Change(float(match[1]), is_factor=True)
        try:
            value = float(value)
        except ValueError:
            value = None
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if is_number and np.isfinite(float(value)):  # type: ignore[arg-type]
        return _Change(float(value), is_factor=False)  # type: ignore[arg-type]
    problems.add("scenario-edit", f"{_PLACE} {key}", "plan.edit-no-number")
    return None


def _chosen(rows: pd.DataFrame, target: _Target) -> pd.DataFrame:
    """Return the rows that a target means."""
    chosen = rows[(rows["name"] == target.name).to_numpy()]
    for key, member in target.members.items():
        chosen = chosen[(chosen[key] == member).to_numpy()]
    return chosen


def _numbers(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that have a number; those that say ``na`` are left as they are."""
    return rows[~rows["na"].to_numpy(dtype=bool)]


def _coefficient_rows(parts: PlanInputs, target: _Target) -> pd.DataFrame:
    """Return the rows of a coefficient: of rows with the same keys that of the first set."""
    frames = [parts.data.rows.iloc[:0]]
    for number, coefficient_set in enumerate(parts.sets):
        rows = _chosen(coefficient_set.rows, target)
        if len(rows):
            frames.append(rows.assign(set_number=number))
    if len(frames) == 1:
        return frames[0]
    return _numbers(pd.concat(frames[1:]).drop_duplicates([*KEYS, "price_year"]))


def _edit_of(
    target: _Target, rows: pd.DataFrame, change: _Change, problems: ProblemLog
) -> Edit | None:
    """Describe an edit; None, with ``scenario-edit``, if it is not clear what would be changed."""
    units = rows["unit"].unique()
    prices = rows["price_year"].unique()
    values = rows["value"].unique()
    place = f"{_PLACE} {target.key}"
    if not change.is_factor and (len(units) > 1 or len(prices) > 1):
        problems.add("scenario-edit", place, "plan.edit-several-units", units=tuple(units))
        return None
    if not change.is_factor and len(values) > 1 and not target.members:
        problems.add(
            "scenario-edit", place, "plan.edit-several-rows", name=target.name, count=len(rows)
        )
        return None
    old = ", ".join(f"{value:.10g}" for value in values[:_SHOWN])
    if len(values) > _SHOWN:
        old += ", ..."
    new = f"x {change.number:.10g}" if change.is_factor else f"{change.number:.10g}"
    return Edit(target.key, old, new, str(units[0]))


def _edited(rows: pd.DataFrame, change: _Change) -> pd.DataFrame:
    """Return rows with their new values, which say what they were and cite nothing."""
    was = []
    for row in rows.itertuples():
        origin = "; ".join(word for word in (str(row.set), row.source, row.locator) if word)
        was.append(f"was {row.value:.10g} {row.unit} ({origin})")
    limits = dict.fromkeys(("low", "high"), np.nan)
    if change.is_factor:
        limits = {name: rows[name] * change.number for name in ("low", "high")}
    return rows.assign(
        value=change.of(rows["value"].to_numpy(dtype=float)),
        source=EDITED,
        locator=was,
        grade=GRADE["expert"],
        **limits,
    )


def _edit_sets(parts: PlanInputs, new_rows: pd.DataFrame) -> tuple[CoefficientSet, ...]:
    """Return the coefficient sets with edited rows, each in its place."""
    sets = []
    for number, coefficient_set in enumerate(parts.sets):
        of_set = new_rows[(new_rows["set_number"] == number).to_numpy()]
        if len(of_set):
            rows = _replaced(coefficient_set.rows, of_set, ("set", "file", "row"))
            coefficient_set = replace(coefficient_set, rows=rows, _by_name={})
        sets.append(coefficient_set)
    return tuple(sets)


def _set_of_edits(parts: PlanInputs) -> CoefficientSet:
    """Return the set that edited rows say they are of; they stay in theirs, and it has none."""
    title = Title(zh=say("zh", "plan.edited"), en=say("en", "plan.edited"))
    header = SetHeader(id=EDITED, version=SCENARIO, title=title, licence="")
    return CoefficientSet(
        header=header,
        sources={EDITED: Source(title=title)},
        rows=parts.sets[0].rows.iloc[:0],
        path=Path(_LABEL),
        files=(),
    )


def _edit_data(
    parts: PlanInputs, target: _Target, change: _Change, problems: ProblemLog
) -> PlanInputs:
    """Return the inputs with edited rows of data."""
    rows = parts.data.rows
    chosen = _numbers(_chosen(rows, target)) if len(rows) else rows
    if chosen.empty:
        known: set[str] = set(rows["name"])
        for coefficient_set in parts.sets:
            known.update(coefficient_set.rows["name"])
        message = "plan.edit-no-rows" if target.name in known else "plan.edit-unknown-name"
        code = "scenario-edit" if target.name in known else "unknown-id"
        hint = suggestion(target.name, known)
        place = f"{_PLACE} {target.key}"
        problems.add(code, place, message, name=target.name, hint=hint)
        return parts
    edit = _edit_of(target, chosen, change, problems)
    if edit is None:
        return parts
    data = Data(_replaced(rows, _edited(chosen, change)), parts.data.files)
    return replace(parts, data=data, edits=(*parts.edits, edit))


def _replaced(
    rows: pd.DataFrame, new_rows: pd.DataFrame, columns: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return rows of which some are edited.

    Parameters
    ----------
    rows : DataFrame
    new_rows : DataFrame
        The edited rows; their index says which they replace.
    columns : tuple of str
        What they change beside what every edit changes.
    """
    changed = rows.copy()
    for column in ("value", "source", "locator", "grade", "low", "high", *columns):
        changed[column] = changed[column].astype(new_rows[column].dtype)
        changed.loc[new_rows.index, column] = new_rows[column].to_numpy()
    return changed
