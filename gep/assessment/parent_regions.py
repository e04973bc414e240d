"""The regions above those that are assessed (上级区域), and which of them are the sum of what lies inside."""

from collections.abc import Mapping, Sequence

from gep.assessment.context import Ground
from gep.extent.classes import Regions


def regions_of(ground: Ground) -> Regions | None:
    """The table of regions: that of the accounts, else the table ``regions`` of the ground."""
    for found in ground.comparisons.values():
        if found.accounts[-1].plan.regions is not None:
            return found.accounts[-1].plan.regions
    given = ground.tables.get("regions")
    return given if isinstance(given, Regions) else None


def members_of(regions: Regions | None, codes: Sequence[str]) -> tuple[dict[str, list[int]], list[str]]:
    """What each parent sums, as positions in ``codes``, and the parents that lack a region inside them.

    A parent is a sum only where every region inside it that has none inside itself is there, itself or a region above
    it. ``codes`` hold no region together with one above it.
    """
    if regions is None:
        return {}, []
    inner = set(regions.parent.values())
    leaves = [str(code) for code in regions.frame.index if code not in inner]
    have = {code: position for position, code in enumerate(codes)}
    sums: dict[str, list[int]] = {}
    for code in codes:
        for parent in regions.ancestors(code):
            sums.setdefault(parent, []).append(have[code])
    short = {
        parent
        for leaf in leaves
        for parent in regions.ancestors(leaf)
        if parent in sums and not any(one in have for one in (leaf, *_below(regions, leaf, parent)))
    }
    order = [str(code) for code in regions.frame.index if code in sums]
    return {code: sums[code] for code in order if code not in short}, [code for code in order if code in short]


def _below(regions: Regions, leaf: str, parent: str) -> list[str]:
    """The regions between a region and one above it."""
    between = regions.ancestors(leaf)
    return between[: between.index(parent)]


def both_levels(regions: Regions | None, codes: Sequence[str]) -> Mapping[str, list[str]]:
    """The regions that are given together with some inside them, which are named."""
    found: dict[str, list[str]] = {}
    if regions is not None:
        have = set(codes)
        for code in codes:
            for parent in regions.ancestors(code):
                if parent in have:
                    found.setdefault(parent, []).append(code)
    return found
