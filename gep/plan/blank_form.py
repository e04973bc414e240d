"""The blank form (填报表): the data rows that are missing from a plan, ready to be filled in.

The form words units as the departments that fill it in write them, and notes what each row is for,
who has the number, and which option of a switch does without it. ``gep.cli`` writes the form to a
file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.inputs.value_rows import KEYS
from gep.io.argument_types import checked_arguments
from gep.io.arguments import several
from gep.io.notebook import ShownAsTable
from gep.io.toml_documents import Title
from gep.plan.binding import BoundInput
from gep.plan.binding_context import class_title, region_title, step_label
from gep.plan.plan import PARTIAL, Plan
from gep.plan.planned_step import PlannedStep, StepLink
from gep.standards.standard import Binding, DataName, Standard, Step
from gep.texts.catalogue import Language, counted, has_key, say

# Codes of problems that do not prevent a blank form.
PASSED = (
    *PARTIAL,
    "price-year",
    "nominal-price",
    "placeholder",
    "value-transfer",
)
_DATA_COLUMNS = ("region", "year", "name", *KEYS[1:], "value", "unit", "source", "note")
_COEFFICIENT_COLUMNS = (
    "coefficient",
    *KEYS,
    "value",
    "unit",
    "price_year",
    "source",
    "locator",
    "grade",
    "note",
)
_UNIT = re.compile(
    r"(?:(?P<power_of_ten>10\^[48]) )?(?P<above>[a-zA-Z]+[23]?)"
    r"(?: (?P<below>[a-zA-Z]+(?:O2)?)-(?P<exponent>[123]))?"
)

_Row = dict[str, str]  # of a table, by column


@dataclass(frozen=True, repr=False)
class BlankForm(ShownAsTable):
    """What is missing from plans, in tables to fill in.

    Attributes
    ----------
    data : DataFrame
        Missing data in the columns of data.csv; values and sources are blank.
    coefficients : tuple of str
        Missing coefficients, a line each to read.
    coefficient_rows : DataFrame
        The same coefficients in the columns of a coefficient set; values, sources and grades are
        blank.
    advice : mapping of str to str
        By name of data or coefficient, which option of a switch does without it.
    """

    data: pd.DataFrame
    coefficients: tuple[str, ...]
    coefficient_rows: pd.DataFrame
    advice: Mapping[str, str] = field(default_factory=dict)

    def _shown_size(self) -> str:
        """Return how much it holds."""
        rows = counted(len(self.data), "row of data|rows of data")
        return f"{rows}, {counted(len(self.coefficients), 'coefficient')}"

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        return self.data


@dataclass(frozen=True)
class SpokenUnit:
    """A unit that reads differently in each language."""

    unit: str

    def say(self, language: Language) -> str:
        """Return the unit as it is written in ``language``."""
        return spoken(self.unit, language)


class _InputName(NamedTuple):
    """What identifies the number that an input needs: its name, and the members that are fixed."""

    name: str
    fixed: frozenset[tuple[str, str]]


class _MissingRows(NamedTuple):
    """An input of a step for which rows are missing."""

    step: PlannedStep
    argument: str
    bound: BoundInput
    binding: Binding


@dataclass
class _SwitchOptions:
    """Options of switches that need no such input: steps are left out, or others computed."""

    left_out: list[str] = field(default_factory=list)
    computed_otherwise: list[str] = field(default_factory=list)

    def advise(self, language: Language) -> str:
        """Word the options."""
        advice: list[str] = []
        separator = say(language, "plan.form.or")
        if self.left_out:
            options = separator.join(self.left_out)
            advice.append(say(language, "plan.form.left-out", options=options))
        if self.computed_otherwise:
            options = separator.join(self.computed_otherwise)
            advice.append(say(language, "plan.form.computed-otherwise", options=options))
        return "; ".join(advice)


@checked_arguments
def blank_form(
    plans: Plan | Sequence[Plan] = (), language: Language = "zh", *, first_level: bool = False
) -> BlankForm:
    """Make the form of what is missing; keys whose members only the user knows are blank.

    Parameters
    ----------
    plans : Plan or sequence of Plan
        Plans of one or more years, made so that problems of the codes ``PASSED`` do not stop them.
    language : {'zh', 'en'}, default 'zh'
        Language of units and of the advice in the column ``note``; titles are in both.
    first_level : bool, default False
        Whether data whose parent types serve those below are asked for at first-level types.

    Returns
    -------
    BlankForm

    Examples
    --------
    >>> import gep
    >>> gep.blank_form(gep.read_project("examples/beibu-gulf").plan(2014))
    <BlankForm: 0 rows of data, 0 coefficients>
    """
    plans = several(plans)
    data: dict[tuple[str, ...], _Row] = {}
    coefficients: dict[tuple[str, ...], _Row] = {}
    lines: dict[str, None] = {}
    advice_of: dict[str, str] = {}
    for plan in plans:
        advice = _switch_advice(plan, language)
        for input_name, words in advice.items():
            advice_of.setdefault(input_name.name, words)
        for missing in _missing_inputs(plan):
            binding = missing.binding
            row_advice = advice.get(_input_name(binding), "")
            unit = spoken(missing.step.method.inputs[missing.argument], language)
            if binding.coef:
                lines[_coefficient_line(missing, unit, language)] = None
            for missing_cell in _cells(plan, missing):
                cell = missing_cell
                if first_level and binding.data:
                    cell = _first_level_cell(missing_cell, binding.data, plan)
                members = tuple(cell.get(key, "") for key in KEYS)
                if binding.coef:
                    row = _coefficient_row(missing, cell, unit=unit, plan=plan, advice=row_advice)
                    coefficients.setdefault((binding.coef, *members), row)
                else:
                    row = _data_row(binding, cell, plan=plan, advice=row_advice, language=language)
                    data.setdefault((row["year"], binding.data, *members), row)
    return BlankForm(
        data=_table(data.values(), _DATA_COLUMNS, _declared_keys(plans, data.values())),
        coefficients=tuple(lines),
        coefficient_rows=_table(coefficients.values(), _COEFFICIENT_COLUMNS, {"ecosystem"}),
        advice=advice_of,
    )


def cells_without_service(
    plans: Iterable[Plan], *, first_level: bool = False
) -> dict[tuple[str, ...], str]:
    """Find the missing data of cells that are ``na`` whatever the number: no service is supplied.

    There another input of every step that asks for the number is ``na``, such as a coefficient of
    an ecosystem type; or the standard says which types can have the number, and the cell's is none.

    Parameters
    ----------
    plans : iterable of Plan
    first_level : bool, default False
        As for :func:`blank_form`: a first-level type is without the service if all missing types
        below it are.

    Returns
    -------
    dict of tuple of str to str
        By year, name and members of ``KEYS`` what says so: the set and the coefficient, or the
        standard and the data.
    """
    reasons: dict[tuple[str, ...], str] = {}
    needed: set[tuple[str, ...]] = set()
    for plan in plans:
        for missing in _missing_inputs(plan):
            if not missing.binding.data:
                continue
            data = missing.binding.data
            for missing_cell in _cells(plan, missing):
                cause = _na_cause(missing, missing_cell, plan)
                cell = missing_cell
                if first_level:
                    cell = _first_level_cell(missing_cell, data, plan)
                members = tuple(cell.get(key, "") for key in KEYS)
                key = (str(plan.year), data, *members)
                if cause:
                    reasons.setdefault(key, cause)
                else:
                    needed.add(key)
    return {key: cause for key, cause in reasons.items() if key not in needed}


def _na_cause(missing: _MissingRows, cell: Mapping[str, str], plan: Plan) -> str:
    """Return what makes a step ``na`` in a cell: the standard or a set, and a name; else blank."""
    data = missing.binding.data
    if not _may_have(cell.get("ecosystem", ""), data, plan):
        return f"{plan.standard.spec.id} {data}"
    return _na_input(missing.step, cell, plan)


def _na_input(step: PlannedStep, cell: Mapping[str, str], plan: Plan) -> str:
    """Return the set and the name of an input that is ``na`` in a cell, or of a step before."""
    labels: dict[str, Sequence[str]] = {
        "region": list(plan.extent.regions),
        "ecosystem": list(plan.extent.ecosystems),
        **step.members,
    }
    for argument, source in step.inputs.items():
        if not set(source.dims) <= cell.keys():
            continue
        if isinstance(source, StepLink):
            cause = "" if source.total else _na_input(plan.step(source.source), cell, plan)
            if cause:
                return cause
            continue
        position = tuple(list(labels[dim]).index(cell[dim]) for dim in source.dims)
        row = int(source.rows[position])
        if row >= 0 and np.isnan(source.values[position]):
            binding = step.bindings[argument]
            return f"{source.frame['set'].iloc[row]} {binding.coef or binding.data}".strip()
    return ""


def spoken(unit: str, language: Language) -> str:
    """Write a unit as departments do: ``10^4 CNY`` is 万元, ``CNY m-3`` is 元/立方米 in Chinese.

    Parameters
    ----------
    unit : str
        In the normal spelling of ``gep.units``.
    language : {'zh', 'en'}

    Returns
    -------
    str
        A spelling that ``gep.units`` reads as the same unit. The unit itself if the language has no
        word for a part of it; ``1`` for a dash, which in a cell would look like the beginning of a
        formula.
    """
    if unit == "-":
        return "1"
    match = _UNIT.fullmatch(unit)
    if match is None:
        return unit
    below = match["below"] or ""
    if below and match["exponent"] != "1":
        below += match["exponent"]
    parts = [match["power_of_ten"] or "", match["above"], below]
    words: list[str] = []
    for part in parts:
        key = f"plan.unit.{part}"
        if part and not has_key(language, key):
            return unit
        words.append(say(language, key) if part else "")
    if words == parts:  # the language writes the symbols themselves
        return unit
    ratio = f"/{words[2]}" if words[2] else ""
    return f"{words[0]}{words[1]}{ratio}"


def _missing_inputs(plan: Plan) -> Iterator[_MissingRows]:
    """Yield the inputs of a plan for which rows are missing."""
    for step in plan.steps:
        for argument, bound in step.inputs.items():
            if not isinstance(bound, BoundInput):
                continue
            missing = _MissingRows(step, argument, bound, step.bindings[argument])
            if bound.missing.any() or _regions_without_member(missing).any():
                yield missing


def _regions_without_member(missing: _MissingRows) -> np.ndarray:
    """Find regions without any row of data whose rows alone tell the members, such as products.

    No cell stands for them in ``BoundInput.missing``, as their members are unknown.
    """
    step, _, bound, binding = missing
    gap = step.gap
    has_members = not step.members.keys().isdisjoint(bound.dims)
    if gap is None or not binding.data or "region" not in bound.dims or not has_members:
        return np.zeros(0, dtype=bool)
    others = tuple(axis for axis, dim in enumerate(bound.dims) if dim != "region")
    is_told = (bound.rows >= 0) | bound.missing
    return np.asarray(gap & ~is_told.any(axis=others))


def _cells(plan: Plan, missing: _MissingRows) -> Iterator[dict[str, str]]:
    """Yield the members, by key, of each cell without a row; a region whose members are unknown."""
    labels: dict[str, Sequence[str]] = {
        "region": list(plan.extent.regions),
        "ecosystem": list(plan.extent.ecosystems),
        **missing.step.members,
    }
    fixed = {str(key): member for key, member in missing.binding.at.items()}
    for positions in np.argwhere(missing.bound.missing):
        cell: dict[str, str] = {}
        for dim, position in zip(missing.bound.dims, positions, strict=True):
            cell[dim] = str(labels[dim][position])
        yield cell | fixed
    for position in np.flatnonzero(_regions_without_member(missing)):
        yield {"region": str(plan.extent.regions[position])} | fixed


def _may_have(ecosystem: str, data: str, plan: Plan) -> bool:
    """Return whether an ecosystem type, or a type below it, can have data."""
    named = plan.standard.spec.data[data].ecosystems
    if not named or not ecosystem:
        return True
    below = plan.scheme.within([ecosystem])
    return ecosystem in plan.scheme.within(named) or not below.isdisjoint(named)


def _first_level_cell(cell: Mapping[str, str], data: str, plan: Plan) -> dict[str, str]:
    """Return the cell whose row serves a cell too: that of its first-level ecosystem type."""
    first_level = dict(cell)
    if "ecosystem" in cell and "ecosystem" in plan.standard.spec.data[data].inherit:
        ancestors = plan.scheme.ancestors(cell["ecosystem"])
        first_level["ecosystem"] = ancestors[-1] if ancestors else cell["ecosystem"]
    return first_level


def _table(
    rows: Iterable[Mapping[str, str]], columns: Sequence[str], required: set[str]
) -> pd.DataFrame:
    """Make a table without the key columns that no row fills and that are not required."""
    frame = pd.DataFrame(list(rows), columns=list(columns), dtype=object)
    unused: list[str] = []
    for key in KEYS:
        if key not in frame or key in required:
            continue
        if (frame[key] == "").all():
            unused.append(key)
    return frame.drop(columns=unused)


def _declared_keys(plans: Iterable[Plan], rows: Iterable[Mapping[str, str]]) -> set[str]:
    """Return the keys that the standards declare for the data in the rows."""
    declared: dict[str, DataName] = {}
    for plan in plans:
        declared.update(plan.standard.spec.data)
    keys = {"region"}
    for row in rows:
        keys.update(declared[row["name"]].keys)
    return keys


def _data_row(
    binding: Binding, cell: Mapping[str, str], *, plan: Plan, advice: str, language: Language
) -> _Row:
    """Make a row of data.csv; its note says what is asked for and who has it."""
    declared = plan.standard.spec.data[binding.data]
    blank_keys = [key for key in declared.keys if key not in cell]
    notes: list[Title | str] = [declared.name, *_cell_titles(plan, cell)]
    if declared.from_ is not None:
        notes.append(declared.from_)
    if blank_keys:
        keys = tuple(say(language, f"plan.form-key.{key}") for key in blank_keys)
        notes.append(say(language, "plan.form.row-for-each", keys=keys))
    notes.append(advice)
    row = {key: cell.get(key, "") for key in KEYS}
    row["year"] = str(plan.year)
    row["name"] = binding.data
    row["value"] = ""
    row["unit"] = spoken(declared.unit, language)
    row["source"] = ""
    row["note"] = _join_notes(notes)
    return row


def _coefficient_row(
    missing: _MissingRows, cell: Mapping[str, str], *, unit: str, plan: Plan, advice: str
) -> _Row:
    """Make a row of a coefficient set; its note says what the number is for."""
    row = dict.fromkeys(_COEFFICIENT_COLUMNS, "")
    row.update(cell)
    row["coefficient"] = missing.binding.coef
    row["unit"] = unit
    notes = [_step_titles(missing.step), *_cell_titles(plan, cell), advice]
    row["note"] = _join_notes(notes)
    return row


def _coefficient_line(missing: _MissingRows, unit: str, language: Language) -> str:
    """Word a missing coefficient in a line."""
    step = missing.step
    return say(
        language,
        "plan.form.coefficient",
        coefficient=missing.binding.coef,
        unit=unit,
        argument=missing.argument,
        step=step_label(step.name, step.indicator, step.step),
    )


def _join_notes(notes: Sequence[Title | str]) -> str:
    """Join notes, titles in Chinese and English; blank ones are left out."""
    words = [str(note) for note in notes]
    return "; ".join(word for word in words if word)


def _step_titles(step: PlannedStep) -> str:
    """Return the titles of indicator and step in both languages; else the name of the step."""
    titles: list[str] = []
    if step.indicator is not None:
        titles.append(str(step.indicator.name))
    if step.step.name is not None:
        titles.append(str(step.step.name))
    return " / ".join(titles) or step.name


def _cell_titles(plan: Plan, cell: Mapping[str, str]) -> list[Title | str]:
    """Return the titles of the region and ecosystem type of a cell."""
    titles: list[Title | str] = []
    if plan.regions is not None and "region" in cell:
        titles.append(region_title(plan.regions, cell["region"]))
    if "ecosystem" in cell:
        titles.append(class_title(plan.scheme, cell["ecosystem"]))
    return titles


# --- switches -------------------------------------------------------------------------------------


def _input_name(binding: Binding) -> _InputName:
    """Return what identifies the number that a binding asks for."""
    fixed = frozenset((str(key), member) for key, member in binding.at.items())
    return _InputName(binding.data or binding.coef, fixed)


def _switch_advice(plan: Plan, language: Language) -> dict[_InputName, str]:
    """Advise, for each input, on options that need neither it nor other data in its place."""
    standard = plan.standard
    steps = _active_steps(standard, plan.switches)
    needed = _needed_inputs(steps.values())
    step_ids = {id(step) for step in steps.values()}
    options: dict[_InputName, _SwitchOptions] = {}
    for switch_name, switch in standard.spec.switch.items():
        for option in switch.options:
            other_steps = _active_steps(standard, {**plan.switches, switch_name: option})
            other_needed = _needed_inputs(other_steps.values())
            new_inputs = other_needed.keys() - needed.keys()
            asks_for_data = any(other_needed[name] for name in new_inputs)
            if asks_for_data or not _is_complete(other_steps):
                continue
            adds_steps = any(id(step) not in step_ids for step in other_steps.values())
            for name in needed.keys() - other_needed.keys():
                input_options = options.setdefault(name, _SwitchOptions())
                if adds_steps:
                    input_options.computed_otherwise.append(f"switches.{switch_name} {option}")
                else:
                    input_options.left_out.append(f"switches.{switch_name} {option}")
    return {name: input_options.advise(language) for name, input_options in options.items()}


def _active_steps(standard: Standard, switches: Mapping[str, str]) -> dict[str, Step]:
    """Return the steps that the switches turn on, by full name."""
    return {name: step for name, _, step in standard.steps() if step.active(switches)}


def _needed_inputs(steps: Iterable[Step]) -> dict[_InputName, bool]:
    """Return the data and coefficients that steps need, and for each whether it is data."""
    needed: dict[_InputName, bool] = {}
    for step in steps:
        for binding in step.inputs.values():
            if binding.data or binding.coef:
                needed[_input_name(binding)] = bool(binding.data)
    return needed


def _is_complete(steps: Mapping[str, Step]) -> bool:
    """Return whether every step whose result is taken is among the steps."""
    for step in steps.values():
        for binding in step.inputs.values():
            if binding.step and binding.step not in steps:
                return False
    return True
