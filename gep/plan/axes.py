"""What a step runs over (核算单元与成员): its cells, and the members of its other keys with the regions that have them.

With ``over`` the step names the members and every keyed input answers each. Without, they are those of its data rows
(or of the steps that it takes), per region, the same in every input.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gep.errors import Where
from gep.io.tables import suggestion
from gep.plan.binding_context import BindingContext, MissingInput
from gep.plan.dims import DIMS, Axes
from gep.standards.standard import Binding, Step

if TYPE_CHECKING:
    from gep.plan.planned_step import PlannedStep

KeyMembers = tuple[
    tuple[str, ...], np.ndarray
]  # members of a key, and region x member: which region has which
Planned = Mapping[str, "PlannedStep"]


def axes_of(step: Step, planned: Planned, ground: BindingContext, where: Where) -> Axes | None:
    """What a step runs over: its cells, and the members of its other keys."""
    if not _sound_keys(step, ground, where):
        return None
    _check_not_coarse(step, ground, where)
    present = ground.extent.present
    classes = [
        name for binding in step.inputs.values() if step.per != "region" for name in binding.area
    ]
    for listed in (step.over.get("ecosystem", ()), classes):
        if listed:
            within = ground.scheme.within(listed)
            present = present & np.array(
                [one in within for one in ground.extent.ecosystems], dtype=bool
            )
    over: dict[str, tuple[str, ...]] = {
        key: names for key, names in step.over.items() if key != "ecosystem"
    }
    members = dict(over)
    having: dict[str, np.ndarray] = {}
    absent, lacking = False, np.zeros(len(ground.extent.regions), dtype=bool)
    for argument, binding in step.inputs.items():
        absent = absent or _is_absent(binding, planned, ground)
        for key, offer in _offered(binding, planned, ground, f"{where}.{argument}").items():
            if key in binding.at:
                continue
            if binding.data:
                lacking |= ~offer[1].any(axis=1)
            if key in over:
                _answers_each(binding, key, over[key], offer, ground, f"{where}.{argument}")
            elif key not in members:
                members[key], having[key] = offer
            elif (joined := _joined((members[key], having[key]), offer)) is not None:
                members[key], having[key] = joined
            else:
                what = f"the members of {key} are not the same in every input ({argument}: {', '.join(offer[0])}; "
                what += f"others: {', '.join(members[key])})"
                fix = "give the same members per region, or name them with over"
                ground.problems.add("members-differ", f"{where}.{argument}", what, fix)
                return None
    return Axes(present, members, having, absent, lacking)


def _sound_keys(step: Step, ground: BindingContext, where: Where) -> bool:
    """Whether the classes are known and ``over`` and ``sum_over`` can be meant."""
    before = len(ground.problems.errors)
    known = ground.scheme.classes
    for one in (
        *step.over.get("ecosystem", ()),
        *(one for binding in step.inputs.values() for one in binding.area),
    ):
        if one not in known:
            what = f"class {one!r} is not in {ground.scheme.id}"
            ground.problems.add("unknown-class", where, what, suggestion(one, known))
    for key, names in step.over.items():
        if not names or len(set(names)) < len(names):
            ground.problems.add(
                "open-key", where, f"over {key} names none, or one twice", "name each member once"
            )
    if "region" in step.over or "region" in step.sum_over:
        what = "a step runs over all regions of the account, and only parents sum them"
        ground.problems.add("open-key", where, what, "take region out of over and sum_over")
    if step.per == "region" and "ecosystem" in step.over:
        what = "over names ecosystem types and the step runs by region"
        ground.problems.add("ecosystem-key", where, what, "name them in the step that it sums")
    return len(ground.problems.errors) == before


def _check_not_coarse(step: Step, ground: BindingContext, where: Where) -> None:
    """A step that picks classes cannot see them where the areas are of a class above: they would count as nothing."""
    listed = (
        *step.over.get("ecosystem", ()),
        *(one for binding in step.inputs.values() for one in binding.area),
    )
    above = {upper: one for one in listed for upper in ground.scheme.ancestors(one)}
    within = ground.scheme.within(listed)
    for position, name in enumerate(ground.extent.ecosystems):
        here = ground.extent.present[:, position]
        if name in above and name not in within and here.any():
            places = ", ".join(map(str, ground.extent.regions[here][:5]))
            what = f"it runs over {above[name]}, and the areas of {places} are of {name}, which holds it"
            fix = f"give the areas of {name} by its classes, or choose other switches"
            ground.problems.add("class-coarse", where, what, fix)


def _is_absent(binding: Binding, planned: Planned, ground: BindingContext) -> bool:
    """Whether an input has no number in any region, so that its keys cannot be known."""
    if binding.step:
        gap = planned[binding.step].gap
        return gap is not None and bool(gap.all())
    return bool(binding.data) and binding.data not in ground.data


def _joined(one: KeyMembers, other: KeyMembers) -> KeyMembers | None:
    """Two offers as one; None where a region that answers both has other members in one than in the other."""
    names = tuple(dict.fromkeys([*one[0], *other[0]]))
    both = []
    for members, having in (one, other):
        wide = np.zeros((len(having), len(names)), dtype=bool)
        wide[:, [names.index(member) for member in members]] = having
        both.append(wide)
    answer = both[0].any(axis=1) & both[1].any(axis=1)
    return None if (both[0] != both[1])[answer].any() else (names, both[0] | both[1])


def _answers_each(
    binding: Binding,
    key: str,
    due: Sequence[str],
    offer: KeyMembers,
    ground: BindingContext,
    where: Where,
) -> None:
    """A step that is bound must have every member that ``over`` names, in every region (data rows: see the cells)."""
    have, having = offer
    if not binding.step:
        return
    for member in due:
        if member in have and not having[:, have.index(member)].all():
            lacking = ground.extent.regions[~having[:, have.index(member)] & having.any(axis=1)]
            if len(lacking):
                what = f"step {binding.step!r} has no {key} {member} in {', '.join(map(str, lacking[:5]))}"
                ground.problems.add(
                    "missing-member", where, what, "over must name what every region has"
                )


def _offered(
    binding: Binding, planned: Planned, ground: BindingContext, where: Where
) -> dict[str, KeyMembers]:
    """The members that data rows or a step bring: key -> names, which region has which."""
    codes = ground.extent.regions
    if binding.step:
        source = planned[binding.step]
        return {
            key: _had(source, key, codes)
            for key in DIMS
            if key in source.out and key in source.members
        }
    if not binding.data or binding.data not in ground.data:
        return {}
    rows = ground.data[binding.data]
    for fixed, member in binding.at.items():
        rows = rows[(rows[fixed] == member).to_numpy()]
    offered: dict[str, KeyMembers] = {}
    for key in DIMS:
        if key in ("region", "ecosystem") or not len(rows) or not (rows[key] != "").any():
            continue
        names = tuple(sorted(set(rows[key])))
        has = np.zeros((len(codes), len(names)), dtype=bool)
        spots = codes.get_indexer(rows["region"])
        if "region" in binding.at:
            has[:, pd.Index(names).get_indexer(rows[key])] = True
        has[spots[spots >= 0], pd.Index(names).get_indexer(rows[key])[spots >= 0]] = True
        offered[key] = (names, has)
        lacks = codes[~has.any(axis=1)]
        if len(lacks):
            ground.missing.append(
                MissingInput(where, binding, "", {"region": tuple(map(str, lacks))})
            )
    return offered


def _had(source: "PlannedStep", key: str, codes: pd.Index) -> KeyMembers:
    axis = source.out.index(key)
    keep = (source.out.index("region"), axis) if "region" in source.out else (axis,)
    has = np.asarray(source.present.any(axis=tuple(set(range(source.present.ndim)) - set(keep))))
    has = np.array(np.broadcast_to(has, (len(codes), len(source.members[key]))))
    if source.gap is not None:
        has[source.gap] = False
    return source.members[key], has
