"""What is missing from a plan (缺口): inputs without rows and prices that cannot be converted.

Binding only notes what is missing. When all steps are planned, this module adds one problem for
each name, with all its steps, and can say which option of a switch needs no such number. The blank
form is in ``gep.plan.blank_form``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gep.errors import make_problem, merge_duplicates
from gep.extent.extent import CELL_DIMS
from gep.io.csv_excel import row_place
from gep.io.tables import close_to, lost_zero
from gep.plan.binding import BoundInput
from gep.plan.binding_context import BindingContext, MissingInput
from gep.plan.blank_form import SpokenUnit
from gep.plan.dims import DIMS
from gep.plan.planned_step import PlannedStep
from gep.plan.prices import (
    NOMINAL,
    PriceBasis,
    PriceTarget,
    UnindexedPrice,
    lookup_price_index,
    missing_index_years,
)
from gep.standards.standard import Binding, Standard
from gep.texts.catalogue import Label, Language, Text, say, text
from gep.units import has_money

_NAMED = 8  # members of a key that a message names; the rest are counted
_ALIKE = 0.75  # likeness of two names (0 to 1) from which one may be the other misspelled


@dataclass(frozen=True)
class _Clauses:
    """Parts of one sentence, such as several ways to fix a problem."""

    parts: tuple[Text, ...]

    def say(self, language: Language) -> str:
        """Return the parts, one after the other."""
        separator = say(language, "plan.clause-separator")
        return separator.join(part.say(language) for part in self.parts)


def report_missing(
    context: BindingContext, switches: Mapping[str, str], planned: Mapping[str, PlannedStep]
) -> None:
    """Add a problem for each name without rows, and for each price that cannot be converted.

    Parameters
    ----------
    context : BindingContext
        Holds what binding noted. Its problems receive ``missing-data``, ``missing-coefficient`` and
        ``price-year``.
    switches : mapping of str to str
        The option of every switch.
    planned : mapping of str to PlannedStep
        All steps that could be planned.
    """
    by_name: dict[tuple[str, str, str], list[MissingInput]] = {}
    for entry in context.missing:
        binding = entry.input.binding
        key = (binding.data, binding.coef, str(binding.at))
        by_name.setdefault(key, []).append(entry)
    for entries in by_name.values():
        if entries[0].input.binding.data:
            _report_data(entries, switches, context)
        else:
            _report_coefficient(entries, switches, context)
    rows_of: dict[UnindexedPrice, set[int]] = {}
    for price in context.unindexed:
        without_rows = replace(price, rows=())
        rows_of.setdefault(without_rows, set()).update(price.rows)
    for price, rows in rows_of.items():
        _report_price(replace(price, rows=tuple(rows)), context, planned)


def _report_data(
    entries: Sequence[MissingInput], switches: Mapping[str, str], context: BindingContext
) -> None:
    """Add ``missing-data`` for one name, with all steps that need it."""
    name = entries[0].input.binding.data
    declared = context.standard.spec.data[name]
    advice = [text("plan.fix-add-data", unit=SpokenUnit(declared.unit))]
    open_keys = [key for key in declared.keys if key not in CELL_DIMS]
    if open_keys:
        advice.append(text("plan.fix-na-with-blank-key", key_name=open_keys[0]))
    else:
        advice.append(text("plan.fix-na"))
    undeclared = context.data.keys() - context.standard.spec.data.keys()
    for similar in close_to(name, undeclared, _ALIKE):
        rows = context.data[similar]
        place = row_place(str(rows["file"].iloc[0]), rows["row"])
        advice.append(text("plan.fix-misspelled-data", name=similar, place=place))
    advice += _switch_advice(entries[0].input.binding, context.standard, switches)
    cells = _cells(entries, context)
    _add_at_all_places(
        entries,
        context,
        "missing-data",
        "plan.missing-data-of" if cells.parts else "plan.missing-data",
        name=_name_with_members(entries[0]),
        cells=cells,
        year=context.year,
        advice=_Clauses(tuple(advice)),
    )


def _report_coefficient(
    entries: Sequence[MissingInput], switches: Mapping[str, str], context: BindingContext
) -> None:
    """Add ``missing-coefficient`` for one name, with all steps that need it."""
    source = entries[0].input
    name = source.binding.coef
    cells = _cells(entries, context)
    advice: list[Text] = []
    restored = _suggest_lost_zero(entries[0], context)
    if restored is not None:
        advice.append(restored)
    else:
        message = "plan.fix-add-price" if has_money(source.unit) else "plan.fix-add-coefficient"
        advice.append(text(message, unit=SpokenUnit(source.unit)))
        if "ecosystem" in entries[0].cells:
            advice.append(text("plan.fix-na-of-type"))
    known: set[str] = set()
    for coefficient_set in context.sets:
        known.update(map(str, coefficient_set.rows["name"].unique()))
    similar = close_to(name, known, _ALIKE)
    if name not in known and similar:
        advice.append(text("io.did-you-mean", names=similar))
    advice += _switch_advice(source.binding, context.standard, switches)
    _add_at_all_places(
        entries,
        context,
        "missing-coefficient",
        "plan.missing-coefficient-of" if cells.parts else "plan.missing-coefficient",
        name=_name_with_members(entries[0]),
        cells=cells,
        sets=_searched(context),
        argument=source.argument,
        unit=SpokenUnit(source.unit),
        step=source.step,
        advice=_Clauses(tuple(advice)),
    )


def _add_at_all_places(
    entries: Sequence[MissingInput],
    context: BindingContext,
    code: str,
    message: str,
    **values: object,
) -> None:
    """Add one problem whose place lists all inputs that need the number."""
    problems = [make_problem(code, entry.input.place, message, **values) for entry in entries]
    context.problems.include(merge_duplicates(problems))


def _searched(context: BindingContext) -> tuple[str, ...] | Text:
    """Return the sets that were searched."""
    if not context.sets:
        return text("plan.no-set")
    return tuple(coefficient_set.label for coefficient_set in context.sets)


def _suggest_lost_zero(entry: MissingInput, context: BindingContext) -> Text | None:
    """Suggest to restore a zero, if a set has rows of a region but for a zero in its code."""
    for coefficient_set in context.sets:
        rows = coefficient_set.named(entry.input.binding.coef)
        codes = rows["region"].unique()
        for code in entry.cells.get("region", ()):
            restored = lost_zero(code, codes, context.areas_file, coefficient_set.label)
            if restored is not None:
                return restored
    return None


def _name_with_members(entry: MissingInput) -> str | Label | Text:
    """Return the name of the data or coefficient, with the members that the binding fixes."""
    binding = entry.input.binding
    if not binding.at:
        return entry.input.name
    members = tuple(f"{key}={member}" for key, member in binding.at.items())
    return text("plan.name-with-members", name=entry.input.name, members=members)


def _cells(entries: Iterable[MissingInput], context: BindingContext) -> _Clauses:
    """Return the members without rows, dimension by dimension."""
    parts: list[Text] = []
    for dim in DIMS:
        names: dict[str, None] = {}
        for entry in entries:
            names.update(dict.fromkeys(entry.cells.get(dim, ())))
        if names:
            listed = context.member_labels(dim, names, _NAMED)
            parts.append(
                text("plan.members-of-key", key_name=text(f"plan.key.{dim}"), members=listed)
            )
    return _Clauses(tuple(parts))


def _switch_advice(binding: Binding, standard: Standard, switches: Mapping[str, str]) -> list[Text]:
    """Advise on the options of switches under which no step needs the number."""
    advice: list[Text] = []
    for name, switch in standard.spec.switch.items():
        options: list[str] = []
        for option in switch.options:
            if not _is_needed(binding, standard, {**switches, name: option}):
                options.append(f'{name} = "{option}"')
        if options:
            advice.append(text("plan.fix-switch", switch=Label(name, switch.name), options=options))
    return advice


def _is_needed(binding: Binding, standard: Standard, switches: Mapping[str, str]) -> bool:
    """Return whether a step that the switches turn on needs the same number."""
    wanted = (binding.data, binding.coef, binding.at)
    for _, _, step in standard.steps():
        if not step.active(switches):
            continue
        for step_binding in step.inputs.values():
            if (step_binding.data, step_binding.coef, step_binding.at) == wanted:
                return True
    return False


def _report_price(
    price: UnindexedPrice, context: BindingContext, planned: Mapping[str, PlannedStep]
) -> None:
    """Add ``price-year`` for the rows of one file."""
    wanted = context.prices.price_year
    lacking = missing_index_years(price.index, price.year, context.prices)
    if lacking:
        advice = [text("plan.fix-add-links", index=price.index, years=lacking)]
    elif price.index:
        advice = [text("plan.fix-add-index", index=price.index, year=price.year, wanted=wanted)]
    else:
        advice = [text("plan.fix-add-price-row", wanted=wanted)]
    if _all_prices_reach(price.year, context, planned):
        advice.append(text("plan.fix-set-price-year", year=price.year))
    context.problems.add(
        "price-year",
        row_place(price.file, price.rows),
        "plan.price-year",
        name=price.name,
        year=price.year,
        wanted=wanted,
        advice=_Clauses(tuple(advice)),
    )


def _all_prices_reach(
    year: str, context: BindingContext, planned: Mapping[str, PlannedStep]
) -> bool:
    """Return whether all prices in use are of a year or can be converted to it."""
    target = PriceTarget(PriceBasis(int(year)), context.year, context.sets)
    for step in planned.values():
        for argument, bound in step.inputs.items():
            if not isinstance(bound, BoundInput) or "price_year" not in bound.frame:
                continue
            rows = bound.used[~bound.used["na"].astype(bool)]
            money_units = {unit: has_money(unit) for unit in rows["unit"].unique()}
            is_money = rows["unit"].map(money_units).astype(bool)
            index = step.bindings[argument].index
            for price_year in set(rows.loc[is_money, "price_year"]) - {year}:
                if price_year == NOMINAL:
                    return False
                if lookup_price_index(index, str(price_year), target) is None:
                    return False
    return True
