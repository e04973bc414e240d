"""What a step runs over (核算单元与成员): its cells, and the members of its other keys by region.

A step may name the members in ``over``; then every input with that key must have all of them.
Otherwise the members are those of its data rows, or of the steps whose results it takes: by region,
and the same in every input.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from gep.extent.extent import CELL_DIMS
from gep.io.distinct_cells import is_blank
from gep.io.tables import suggestion
from gep.plan.binding_context import (
    ActiveStep,
    BindingContext,
    MissingInput,
    StepInput,
    region_ancestors,
)
from gep.plan.dims import DIMS, Axes
from gep.plan.planned_step import PlannedStep
from gep.standards.standard import Step
from gep.texts.catalogue import text


class KeyMembers(NamedTuple):
    """The members of a key, such as SO2 and NOx of substance, and the regions that have them."""

    names: tuple[str, ...]
    present: np.ndarray  # region x member, bool

    def over(self, names: tuple[str, ...]) -> np.ndarray:
        """Return ``present`` with a column for each of ``names``, which include the members."""
        wide = np.zeros((len(self.present), len(names)), dtype=bool)
        columns = [names.index(name) for name in self.names]
        wide[:, columns] = self.present
        return wide

    def elsewhere(self, earlier: "KeyMembers") -> "KeyMembers":
        """Return the members in the regions that have none of the earlier members."""
        is_new = np.asarray(~earlier.present.any(axis=1))
        return self._replace(present=self.present & is_new[:, None])

    def of_region(self, position: int) -> tuple[str, ...]:
        """Return the members that the region at a position has."""
        columns = np.flatnonzero(self.present[position])
        return tuple(self.names[column] for column in columns)


def find_axes(
    active: ActiveStep,
    inputs: Mapping[str, StepInput],
    planned: Mapping[str, PlannedStep],
    context: BindingContext,
) -> Axes | None:
    """Find what a step runs over.

    Parameters
    ----------
    active : ActiveStep
    inputs : mapping of str to StepInput
        The inputs of the step by argument.
    planned : mapping of str to PlannedStep
        Steps that are planned already, by name; those that the step takes are among them.
    context : BindingContext
        Its problems receive ``unknown-class``, ``open-key``, ``ecosystem-key``, ``class-coarse``,
        ``missing-member`` and ``members-differ``; regions without rows of a key are noted as
        missing.

    Returns
    -------
    Axes or None
        None if ``over`` or ``sum_over`` cannot be used, or if inputs contradict each other.
    """
    step = active.step
    if not _check_keys(active, context):
        return None
    _check_class_level(active, context)
    over: dict[str, tuple[str, ...]] = {
        key: names for key, names in step.over.items() if key != "ecosystem"
    }
    members = dict(over)
    supplied: dict[str, np.ndarray] = {}
    members_unknown = False
    unsupplied = np.zeros(len(context.extent.regions), dtype=bool)
    for source in _amounts_first(inputs.values(), context):
        members_unknown = members_unknown or _has_no_number(source, planned, context)
        for key, input_members in _members_supplied(source, planned, context).items():
            if key in source.binding.at:
                continue
            if source.binding.data:
                unsupplied |= ~input_members.present.any(axis=1)
            if key in over:
                if source.binding.step:
                    taken = planned[source.binding.step]
                    _check_members(
                        source,
                        taken,
                        input_members,
                        key=key,
                        required=over[key],
                        context=context,
                    )
                continue
            if key not in members:
                members[key], supplied[key] = input_members
                continue
            earlier_members = KeyMembers(members[key], supplied[key])
            if _may_be_of_parent(source, context):
                input_members = input_members.elsewhere(earlier_members)
            merged = _merge_members(earlier_members, input_members)
            if merged is None:
                _report_difference(
                    source, key, members=input_members, earlier=earlier_members, context=context
                )
                return None
            members[key], supplied[key] = merged
    return Axes(
        present=_present_cells(step, context),
        members=members,
        supplied=supplied,
        unsupplied=unsupplied,
        members_unknown=members_unknown,
    )


def _may_be_of_parent(source: StepInput, context: BindingContext) -> bool:
    """Return whether an input is data that a parent region may give."""
    return "region" in context.inherited(source.binding.data)


def _amounts_first(inputs: Iterable[StepInput], context: BindingContext) -> list[StepInput]:
    """Put data that a parent region may give last: it may have more members than a region has."""
    return sorted(inputs, key=lambda source: _may_be_of_parent(source, context))


def _listed_classes(step: Step) -> list[str]:
    """Return the ecosystem types that a step names, in ``over`` and as areas."""
    classes = list(step.over.get("ecosystem", ()))
    for binding in step.inputs.values():
        classes += binding.area
    return classes


def _present_cells(step: Step, context: BindingContext) -> np.ndarray:
    """Find the cells of the types that a step names in ``over`` and as areas; else all."""
    present = context.extent.present
    area_classes: list[str] = []
    if step.per != "region":
        for binding in step.inputs.values():
            area_classes += binding.area
    for classes in (step.over.get("ecosystem", ()), area_classes):
        if classes:
            within = context.scheme.within(classes)
            listed = np.array([name in within for name in context.extent.ecosystems], dtype=bool)
            present = present & listed
    return present


def _check_keys(active: ActiveStep, context: BindingContext) -> bool:
    """Check ecosystem types, ``over`` and ``sum_over`` of a step; return False if they are wrong.

    Adds ``unknown-class``, ``open-key`` and ``ecosystem-key``.
    """
    step = active.step
    problems = context.problems
    errors_before = len(problems.errors)
    classes = context.scheme.classes
    for name in [*_listed_classes(step), *step.mixed]:
        if name not in classes:
            problems.add(
                "unknown-class",
                active.place,
                "plan.class-not-in-scheme",
                name=name,
                scheme=context.scheme.id,
                advice=suggestion(name, classes),
            )
    for key, names in step.over.items():
        if not names:
            problems.add("open-key", active.place, "plan.over-without-members", key_name=key)
        elif len(set(names)) < len(names):
            problems.add("open-key", active.place, "plan.over-repeats", key_name=key, names=names)
    if "region" in step.over or "region" in step.sum_over:
        problems.add("open-key", active.place, "plan.over-region")
    if step.per == "region" and "ecosystem" in step.over:
        problems.add("ecosystem-key", active.place, "plan.over-ecosystem-by-region")
    return len(problems.errors) == errors_before


def _check_class_level(active: ActiveStep, context: BindingContext) -> None:
    """Check that no region gives its areas under a parent of a type that the step names.

    The step would not see such areas, and they would count as nothing. Nor would it see those of
    a type that mixes the named ones with others. Adds ``class-coarse``.
    """
    _check_mixed_types(active, context)
    listed = _listed_classes(active.step)
    child_of: dict[str, str] = {}
    for name in listed:
        for ancestor in context.scheme.ancestors(name):
            child_of[ancestor] = name
    within = context.scheme.within(listed)
    for position, name in enumerate(context.extent.ecosystems):
        has_areas = context.extent.present[:, position]
        if name in child_of and name not in within and has_areas.any():
            context.problems.add(
                "class-coarse",
                active.place,
                "plan.class-coarse",
                child=context.member_label("ecosystem", child_of[name]),
                parent=context.member_label("ecosystem", name),
                regions=context.member_labels("region", context.extent.regions[has_areas]),
            )


def _check_mixed_types(active: ActiveStep, context: BindingContext) -> None:
    """Check that no region has only types that may hold those of the step (``class-coarse``)."""
    ecosystems = context.extent.ecosystems
    present = context.extent.present
    listed = _listed_classes(active.step)
    named = np.isin(ecosystems, list(context.scheme.within(listed)))
    has_named = present[:, named].any(axis=1)
    for mixed in active.step.mixed:
        within = np.isin(ecosystems, list(context.scheme.within([mixed])))
        regions = present[:, within].any(axis=1) & ~has_named
        if regions.any():
            context.problems.add(
                "class-coarse",
                active.place,
                "plan.class-mixed",
                named=[context.member_label("ecosystem", name) for name in listed],
                mixed=context.member_label("ecosystem", mixed),
                regions=context.member_labels("region", context.extent.regions[regions]),
            )


def _has_no_number(
    source: StepInput, planned: Mapping[str, PlannedStep], context: BindingContext
) -> bool:
    """Return whether an input has no number in any region, so that its members cannot be known."""
    binding = source.binding
    if binding.step:
        gap = planned[binding.step].gap
        return gap is not None and bool(gap.all())
    return bool(binding.data) and binding.data not in context.data


def _merge_members(first: KeyMembers, second: KeyMembers) -> KeyMembers | None:
    """Merge the members that two inputs supply for the same key.

    A region may be supplied by one input only. A region supplied by both must have the same members
    in both; otherwise the inputs contradict each other and None is returned.
    """
    names = tuple(dict.fromkeys([*first.names, *second.names]))
    in_first = first.over(names)
    in_second = second.over(names)
    supplied_twice = in_first.any(axis=1) & in_second.any(axis=1)
    if (in_first != in_second)[supplied_twice].any():
        return None
    return KeyMembers(names, in_first | in_second)


def _report_difference(
    source: StepInput,
    key: str,
    *,
    members: KeyMembers,
    earlier: KeyMembers,
    context: BindingContext,
) -> None:
    """Add ``members-differ`` with the first region in which an input contradicts earlier inputs."""
    for position, code in enumerate(context.extent.regions):
        region_members = members.of_region(position)
        earlier_members = earlier.of_region(position)
        if not region_members or not earlier_members:
            continue
        if set(region_members) != set(earlier_members):
            context.problems.add(
                "members-differ",
                source.place,
                "plan.members-differ",
                key_name=text(f"plan.key.{key}"),
                region=context.member_label("region", code),
                argument=source.argument,
                members=region_members,
                others=earlier_members,
            )
            return


def _check_members(
    source: StepInput,
    taken: PlannedStep,
    members: KeyMembers,
    *,
    key: str,
    required: tuple[str, ...],
    context: BindingContext,
) -> None:
    """Check that a linked step has every member that ``over`` names in every region.

    Adds ``missing-member``. Data rows are checked cell by cell when they are bound.
    """
    for member in required:
        if member not in members.names:
            continue
        has_member = members.present[:, members.names.index(member)]
        has_any = members.present.any(axis=1)
        without = context.extent.regions[~has_member & has_any]
        if len(without):
            context.problems.add(
                "missing-member",
                source.place,
                "plan.member-not-in-every-region",
                source=taken.label,
                key_name=text(f"plan.key.{key}"),
                member=member,
                regions=context.member_labels("region", without),
            )


def _members_supplied(
    source: StepInput, planned: Mapping[str, PlannedStep], context: BindingContext
) -> dict[str, KeyMembers]:
    """Find the members that data rows or a step supply, by key.

    Regions without data rows of a key are noted as missing.
    """
    codes = context.extent.regions
    binding = source.binding
    supplied: dict[str, KeyMembers] = {}
    if binding.step:
        taken = planned[binding.step]
        for key in DIMS:
            if key in taken.out and key in taken.members:
                supplied[key] = _step_members(taken, key, codes)
        return supplied
    if not binding.data or binding.data not in context.data:
        return {}
    rows = context.data[binding.data]
    for fixed_key, fixed_member in binding.at.items():
        rows = rows[(rows[fixed_key] == fixed_member).to_numpy()]
    if rows.empty:
        return {}
    for key in DIMS:
        if key in CELL_DIMS or is_blank(rows[key]):
            continue
        names = tuple(sorted(set(rows[key])))
        present = np.zeros((len(codes), len(names)), dtype=bool)
        regions = codes.get_indexer(rows["region"])
        members = pd.Index(names).get_indexer(rows[key])
        if "region" in binding.at:  # the rows of one region hold for all
            present[:, members] = True
        known = regions >= 0
        present[regions[known], members[known]] = True
        if _may_be_of_parent(source, context):
            present |= _members_of_parents(rows["region"], members, present.shape, context)
        supplied[key] = KeyMembers(names, present)
        without = codes[~present.any(axis=1)]
        if len(without):
            cells = {"region": tuple(map(str, without))}
            context.missing.append(MissingInput(source, cells))
    return supplied


def _members_of_parents(
    row_regions: pd.Series, members: np.ndarray, shape: tuple[int, ...], context: BindingContext
) -> np.ndarray:
    """Find the members that rows of parent regions supply: bool over region and member."""
    present = np.zeros(shape, dtype=bool)
    for position, code in enumerate(context.extent.regions):
        above = row_regions.isin(region_ancestors(str(code), context.regions)).to_numpy()
        present[position, members[above]] = True
    return present


def _step_members(taken: PlannedStep, key: str, codes: pd.Index) -> KeyMembers:
    """Return the members of a key that a planned step has, and the regions where it has them."""
    kept_axes = {taken.out.index(key)}
    if "region" in taken.out:
        kept_axes.add(taken.out.index("region"))
    all_axes = set(range(taken.present.ndim))
    has_member = np.asarray(taken.present.any(axis=tuple(all_axes - kept_axes)))
    names = taken.members[key]
    present = np.array(np.broadcast_to(has_member, (len(codes), len(names))))
    if taken.gap is not None:
        present[taken.gap] = False
    return KeyMembers(names, present)
