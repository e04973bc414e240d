"""What is missing from a plan (缺口), and what serves nothing in it.

Missing are inputs without rows and prices that cannot be converted. Binding only notes them. When
all steps are planned, this module adds one problem for each name, with all its steps, and can say
which option of a switch needs no such number, and which rows that serve nothing may be meant. The
blank form is in ``gep.plan.blank_form``.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gep.errors import Place, Where, make_problem, merge_duplicates
from gep.extent.crosswalk import class_hint
from gep.extent.extent import CELL_DIMS
from gep.inputs.coefficients import PRICE_INDEX, CoefficientSet
from gep.inputs.day_cells import DAY
from gep.inputs.value_rows import is_readable
from gep.io.catalog import shipped_folder
from gep.io.csv_excel import row_place
from gep.io.days import stretches_of
from gep.io.tables import close_to, lost_zero, suggestion
from gep.plan.binding import BoundInput
from gep.plan.binding_context import (
    ActiveStep,
    BindingContext,
    MissingInput,
    region_ancestors,
    related_regions,
)
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
from gep.standards.standard import Binding, Standard, Step
from gep.texts.catalogue import Label, Language, Listed, Text, say, text
from gep.units import has_money

_NAMED = 8  # members of a key that a message names; the rest are counted
_ROWS_NAMED = 3  # places of rows that may be meant, of each kind
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
    for entries in _told_together(by_name.values()):
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


def _told_together(groups: Iterable[list[MissingInput]]) -> Iterator[list[MissingInput]]:
    """Yield the missing inputs that one problem tells: days by the regions that lack the same."""
    for entries in groups:
        by_regions: dict[tuple[str, ...], list[MissingInput]] = {}
        for entry in entries:
            if DAY in entry.cells:
                by_regions.setdefault(entry.cells.get("region", ()), []).append(entry)
        if by_regions:
            yield from by_regions.values()
        else:
            yield entries


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
    advice += _idle_rows(entries, context)
    advice += _switch_advice(entries[0].input.binding, context.standard, switches)
    cells = _cells(entries, context)
    message = "plan.missing-data-of" if cells.parts else "plan.missing-data"
    values = {
        "name": _name_with_members(entries[0]),
        "cells": cells,
        "year": context.year,
        "advice": _Clauses(tuple(advice)),
    }
    places = _unfilled_places(entries, context)
    for place in places:
        context.problems.add("missing-data", place, message, **values)
    if not places:
        _add_at_all_places(entries, context, "missing-data", message, **values)


def _unfilled_places(entries: Sequence[MissingInput], context: BindingContext) -> list[Place]:
    """Return the cells of a form, by sheet, that were left blank and would hold the numbers."""
    rows = context.unfilled
    if rows.empty:
        return []
    is_asked = np.zeros(len(rows), dtype=bool)
    for entry in entries:
        is_of_entry = np.array(rows["name"] == entry.input.binding.data, dtype=bool)
        for key, names in entry.cells.items():
            accepted = [*names, *_above(key, names, context), ""]
            is_of_entry &= rows[key].isin(accepted).to_numpy()
        for fixed_key, member in entry.input.binding.at.items():
            is_of_entry &= rows[fixed_key].isin([member, ""]).to_numpy()
        is_asked |= is_of_entry
    places = []
    for file, rows_of_sheet in rows[is_asked].groupby("file", sort=False, observed=True):
        places.append(row_place(str(file), rows_of_sheet["row"], "value"))
    return places


def _above(key: str, names: Iterable[str], context: BindingContext) -> list[str]:
    """Return the members whose rows may serve others below them, as a rate of 湿地 a river."""
    above: dict[str, None] = {}
    for name in names:
        if key == "ecosystem":
            above |= dict.fromkeys(context.scheme.ancestors(name))
        elif key == "region":
            above |= dict.fromkeys(region_ancestors(name, context.regions))
    return list(above)


def _idle_rows(entries: Sequence[MissingInput], context: BindingContext) -> list[Text]:
    """Name rows of the same data that serve nothing, and may be those that are missing."""
    name = entries[0].input.binding.data
    cells: dict[str, set[str]] = {}
    for entry in entries:
        for dim, names in entry.cells.items():
            cells.setdefault(dim, set()).update(names)
        for fixed_key, fixed_member in entry.input.binding.at.items():
            cells.setdefault(fixed_key, set()).add(fixed_member)
    regions = cells.get("region", set())
    advice: list[Text] = []
    rows = context.data.get(name)
    if rows is not None:
        in_regions = rows[rows["region"].isin(regions).to_numpy()]
        for key, unasked in _unasked_members(name, in_regions, context).items():
            wanted = context.member_labels(key, sorted(cells.get(key, ())), _NAMED)
            for member, member_rows in list(unasked.groupby(key, sort=False, observed=True))[
                :_ROWS_NAMED
            ]:
                advice.append(
                    text(
                        "plan.fix-unasked-member",
                        place=_first_place(member_rows),
                        key_name=text(f"plan.key.{key}"),
                        member=str(member),
                        wanted=wanted,
                    )
                )
        advice += _rows_of_other_levels(rows, regions, context)
        advice += _rows_of_parent_types(in_regions, cells.get("ecosystem", set()), context)
    return advice + _rows_of_other_years(name, cells, context)


def _rows_of_other_levels(
    rows: pd.DataFrame, regions: Collection[str], context: BindingContext
) -> list[Text]:
    """Name rows of regions above or below those that lack a row."""
    advice: list[Text] = []
    elsewhere = rows[~rows["region"].isin(context.extent.regions).to_numpy()]
    for code, code_rows in list(elsewhere.groupby("region", sort=False, observed=True)):
        related = related_regions(str(code), sorted(regions), context.regions)
        if related and len(advice) < _ROWS_NAMED:
            advice.append(
                text(
                    _other_level_message(str(code_rows["name"].iloc[0]), context),
                    place=_first_place(code_rows),
                    region=context.member_label("region", str(code)),
                    regions=context.member_labels("region", related),
                )
            )
    return advice


def _other_level_message(name: str, context: BindingContext) -> str:
    """Return the key of the advice about data of a parent that does not serve its parts."""
    is_amount = context.standard.spec.data[name].is_amount
    return "plan.fix-amount-of-other-level" if is_amount else "plan.fix-other-level"


def _rows_of_parent_types(
    rows: pd.DataFrame, ecosystems: Collection[str], context: BindingContext
) -> list[Text]:
    """Name rows of ecosystem types above those that lack a row."""
    advice: list[Text] = []
    for parent, parent_rows in list(rows.groupby("ecosystem", sort=False, observed=True)):
        below = [name for name in ecosystems if parent in context.scheme.ancestors(name)]
        if below and len(advice) < _ROWS_NAMED:
            advice.append(
                text(
                    _other_level_message(str(parent_rows["name"].iloc[0]), context),
                    place=_first_place(parent_rows),
                    region=context.member_label("ecosystem", str(parent)),
                    regions=context.member_labels("ecosystem", sorted(below)),
                )
            )
    return advice


def _rows_of_other_years(
    name: str, cells: Mapping[str, Collection[str]], context: BindingContext
) -> list[Text]:
    """Name rows that give the missing numbers for a year that is not accounted for."""
    rows = context.other_years
    if rows.empty:
        return []
    rows = rows[(rows["name"] == name).to_numpy()]
    for key, names in cells.items():
        rows = rows[rows[key].isin([*names, ""]).to_numpy()]
    advice: list[Text] = []
    for year, year_rows in list(rows.groupby("year", sort=False, observed=True))[:_ROWS_NAMED]:
        place = _first_place(year_rows)
        advice.append(text("plan.fix-other-year", place=place, found=year, year=context.year))
    return advice


def _first_place(rows: pd.DataFrame) -> Place:
    """Return the place of some rows in the first of their files."""
    file = str(rows["file"].iloc[0])
    return row_place(file, rows.loc[(rows["file"] == file).to_numpy(), "row"])


def _unasked_members(
    name: str, rows: pd.DataFrame, context: BindingContext
) -> dict[str, pd.DataFrame]:
    """Find, by key, the rows of a data name whose member no step takes; 0 and na serve nothing."""
    counts = (rows["value"] != 0).to_numpy() & ~rows["na"].to_numpy(dtype=bool)
    rows = rows[counts]
    asked = context.asked.get(("data", name), [])
    unasked: dict[str, pd.DataFrame] = {}
    for key in DIMS:
        if key in CELL_DIMS or not asked or any(key not in members for members in asked):
            continue
        members = {""}
        for taken in asked:
            members.update(taken[key])
        of_others = rows[~rows[key].isin(members).to_numpy()]
        if len(of_others):
            unasked[key] = of_others
    return unasked


def report_unused(context: BindingContext, active_steps: Iterable[ActiveStep]) -> None:
    """Warn of data rows whose member no step takes, and of misspelled rows of the user's own sets.

    Parameters
    ----------
    context : BindingContext
        Holds what the bound inputs ask for. Its problems receive ``unused-data``.
    active_steps : iterable of ActiveStep
        All steps that the switches turn on; data of a step that could not be bound are passed over.
    """
    inputs = Counter[str]()
    for active in active_steps:
        inputs.update(binding.data for binding in active.step.inputs.values() if binding.data)
    for (kind, name), asked in context.asked.items():
        if kind != "data" or name not in context.data or len(asked) < inputs[name]:
            continue
        rows = context.data[name]
        rows = rows[rows["region"].isin(context.extent.regions).to_numpy()]
        for key, unasked in _unasked_members(name, rows, context).items():
            taken: dict[str, None] = {}
            for members in asked:
                taken.update(dict.fromkeys(members[key]))
            for (file, member), group in unasked.groupby(["file", key], sort=False, observed=True):
                context.problems.add(
                    "unused-data",
                    replace(row_place(str(file), group["row"]), column=key),
                    "plan.data-of-unasked-member",
                    name=context.data_label(name),
                    key_name=text(f"plan.key.{key}"),
                    member=str(member),
                    asked=Listed(tuple(taken), _NAMED),
                    value=float(group["value"].iloc[0]),
                    unit=str(group["unit"].iloc[0]),
                )
    for coefficient_set in context.sets:
        if not coefficient_set.path.is_relative_to(shipped_folder("coefficients")):
            _report_unused_coefficients(coefficient_set, context)


def _report_unused_coefficients(coefficients: CoefficientSet, context: BindingContext) -> None:
    """Warn of rows of a set that no cell can take, while other sets supply what they may mean."""
    bound: set[str] = set()
    for _, _, step in context.standard.steps():
        bound.update(binding.coef for binding in step.inputs.values())
    names = set(map(str, coefficients.rows["name"].unique()))
    for name in sorted(names - bound - {PRICE_INDEX}):
        similar = close_to(name, bound - names - {""}, _ALIKE)
        if similar:
            rows = coefficients.named(name)
            context.problems.add(
                "unused-data",
                replace(_first_place(rows), column="coefficient"),
                "plan.coefficient-of-no-step",
                name=name,
                hint=text("io.did-you-mean", names=similar),
            )
    for (kind, name), asked in context.asked.items():
        if kind == "data" or name not in names:
            continue
        rows = coefficients.named(name)
        _report_unknown_types(rows, context)
        _report_unknown_regions(rows, context)
        for key in CELL_DIMS:
            if not coefficients.inherits(name, key):
                _report_uninherited(rows, key, context)
        for key in DIMS:
            is_open = key not in CELL_DIMS and key != DAY
            if is_open and all(key in members for members in asked):
                wanted = set().union(*(members[key] for members in asked))
                _report_unasked_members(rows, key, wanted, context)


def _report_unasked_members(
    rows: pd.DataFrame, key: str, wanted: Collection[str], context: BindingContext
) -> None:
    """Warn of rows of a coefficient for members that no step asks for, if one is spelled alike."""
    given = set(map(str, rows[key].unique())) - {""}
    missing = set(wanted) - given
    for member in sorted(given - set(wanted)):
        similar = close_to(member, missing)
        if similar:
            of_member = rows[(rows[key] == member).to_numpy()]
            context.problems.add(
                "unused-data",
                replace(_first_place(of_member), column=key),
                "plan.coefficient-of-unasked-member",
                name=str(of_member["name"].iloc[0]),
                key_name=text(f"plan.key.{key}"),
                member=member,
                hint=text("io.did-you-mean", names=similar),
            )


def _report_unknown_types(rows: pd.DataFrame, context: BindingContext) -> None:
    """Warn of coefficient rows of ecosystem types that the standard does not have."""
    known = {"", *context.scheme.classes}
    unknown = [name for name in rows["ecosystem"].unique() if name not in known]
    for ecosystem in unknown:
        group = rows[(rows["ecosystem"] == ecosystem).to_numpy()]
        context.problems.add(
            "unused-data",
            replace(_first_place(group), column="ecosystem"),
            "plan.coefficient-of-unknown-class",
            name=str(group["name"].iloc[0]),
            ecosystem=str(ecosystem),
            advice=class_hint(str(ecosystem), context.scheme),
        )


def _report_unknown_regions(rows: pd.DataFrame, context: BindingContext) -> None:
    """Warn of coefficient rows of a region by a name, where regions are codes."""
    names = [code for code in rows["region"].unique() if code and not str(code).isdecimal()]
    codes = context.extent.regions
    if not names or not all(str(code).isdecimal() for code in codes):
        return
    known = set(codes) if context.regions is None else {*codes, *context.regions.frame.index}
    for code, group in rows[rows["region"].isin(names).to_numpy()].groupby(
        "region", sort=False, observed=True
    ):
        if code in known:
            continue
        context.problems.add(
            "unused-data",
            replace(_first_place(group), column="region"),
            "plan.coefficient-of-unknown-region",
            name=str(group["name"].iloc[0]),
            region=str(code),
            hint=suggestion(str(code), known),
        )


def _report_uninherited(rows: pd.DataFrame, key: str, context: BindingContext) -> None:
    """Warn of coefficient rows of a region or class above those accounted for.

    They count for these only if the set says so, and another set supplies the number instead.
    """
    cells = context.extent.regions if key == "region" else context.extent.ecosystems
    given = set(rows[key].unique())
    above = {name for name in given if name and name not in cells}
    if not above:
        return
    children: dict[str, list[str]] = {}
    for cell in cells:
        if cell in given:
            continue
        if key == "region":
            ancestors = region_ancestors(str(cell), context.regions)
        else:
            ancestors = context.scheme.ancestors(str(cell))
        for ancestor in above.intersection(ancestors):
            children.setdefault(ancestor, []).append(str(cell))
    for ancestor, names in children.items():
        of_ancestor = rows[(rows[key] == ancestor).to_numpy()]
        context.problems.add(
            "unused-data",
            replace(_first_place(of_ancestor), column=key),
            "plan.coefficient-not-inherited",
            name=str(of_ancestor["name"].iloc[0]),
            key_name=key,
            parent=context.member_label(key, ancestor),
            children=context.member_labels(key, names),
            set=str(of_ancestor["set"].iloc[0]),
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
    advice += _members_of_data(entries, context)
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


def _members_of_data(entries: Sequence[MissingInput], context: BindingContext) -> list[Text]:
    """Name the data rows whose member has no coefficient, and the members that sets have."""
    name = entries[0].input.binding.coef
    members: dict[tuple[str, str], None] = {}
    for entry in entries:
        for dim, names in entry.cells.items():
            if dim not in CELL_DIMS:
                members.update(dict.fromkeys((dim, member) for member in names))
    advice: list[Text] = []
    for key, member in list(members)[:_ROWS_NAMED]:
        known: dict[str, None] = {}
        for coefficient_set in context.sets:
            known.update(dict.fromkeys(map(str, coefficient_set.named(name)[key].unique())))
        known.pop("", None)
        for rows in context.data.values():
            of_member = rows[(rows[key] == member).to_numpy()]
            if len(of_member) and known:
                advice.append(
                    text(
                        "plan.fix-member-of-data",
                        place=_first_place(of_member),
                        key_name=text(f"plan.key.{key}"),
                        member=member,
                        known=Listed(tuple(known), _NAMED),
                    )
                )
                break
    return advice


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
    return text(
        "plan.name-with-members",
        name=entry.input.name,
        members=members,
    )


def _cells(entries: Iterable[MissingInput], context: BindingContext) -> _Clauses:
    """Return the members without rows, dimension by dimension."""
    parts: list[Text] = []
    for dim in DIMS:
        names: dict[str, None] = {}
        for entry in entries:
            names.update(dict.fromkeys(entry.cells.get(dim, ())))
        if names:
            listed = context.member_labels(dim, names, _NAMED)
            if dim == DAY:
                listed = _listed_days(tuple(names), context.year)
            parts.append(
                text(
                    "plan.members-of-key",
                    key_name=text(f"plan.key.{dim}"),
                    members=listed,
                )
            )
    return _Clauses(tuple(parts))


def _listed_days(days: Sequence[str], year: int) -> Listed:
    """List days as the stretches that they make."""
    stretches = stretches_of(days, year)
    return Listed(stretches, max(len(stretches), 1))


def _switch_advice(binding: Binding, standard: Standard, switches: Mapping[str, str]) -> list[Text]:
    """Advise on the options of switches under which no step needs the number."""
    advice: list[Text] = []
    steps = list(_steps_that_need(binding, standard))
    for name, switch in standard.spec.switch.items():
        options: list[str] = []
        for option in switch.options:
            if not any(step.active({**switches, name: option}) for step in steps):
                options.append(f'{name} = "{option}"')
        if options:
            advice.append(text("plan.fix-switch", switch=Label(name, switch.name), options=options))
    return advice


def _steps_that_need(binding: Binding, standard: Standard) -> Iterator[Step]:
    """List the steps that need the same number, whether switches turn them on or not."""
    wanted = (binding.data, binding.coef, binding.at)
    for _, _, step in standard.steps():
        for other in step.inputs.values():
            number = (other.data, other.coef, other.at)
            if number == wanted:
                yield step
                break


def _report_price(
    price: UnindexedPrice, context: BindingContext, planned: Mapping[str, PlannedStep]
) -> None:
    """Add ``price-year`` for the rows of one file.

    Rows that ship with gep are right as they are: the place is then what asks for the year.
    """
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
    rows = row_place(price.file, price.rows)
    place: Where = rows
    message = "plan.price-year"
    if _is_shipped(price.file, context):
        message = "plan.price-year-of-shipped"
        place = text("plan.place-of-prices", basis=context.prices.basis, year=context.year)
    context.problems.add(
        "price-year",
        place,
        message,
        name=price.name,
        year=price.year,
        wanted=wanted,
        rows=rows,
        advice=_Clauses(tuple(advice)),
    )


def _is_shipped(file: str, context: BindingContext) -> bool:
    """Return whether a table, as messages name it, is of a set that ships with gep."""
    shipped_sets = set()
    for coefficient_set in context.sets:
        if coefficient_set.path.is_relative_to(shipped_folder("coefficients")):
            shipped_sets.add(coefficient_set.path.name)
    return file.partition("/")[0] in shipped_sets


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
            rows = rows[rows["unit"].map(is_readable).to_numpy(dtype=bool)]
            money_units = {unit: has_money(unit) for unit in rows["unit"].unique()}
            is_money = rows["unit"].map(money_units).astype(bool)
            index = step.bindings[argument].index
            for price_year in set(rows.loc[is_money, "price_year"]) - {year}:
                if price_year == NOMINAL:
                    return False
                if lookup_price_index(index, str(price_year), target) is None:
                    return False
    return True
