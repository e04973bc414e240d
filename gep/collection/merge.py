"""Many counties as one account (合并核算): their areas and data one below the other, computed at once.

A plan takes as long to build for one region as for hundreds. Counties go together where their crosswalks say the same
and as much is allowed; what an alternative gives is read off by county.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from gep.extent.areas import Areas
from gep.extent.classes import Regions
from gep.inputs.data import Data
from gep.plan.plan import Parts


def together(parts: Mapping[str, Parts]) -> list[tuple[list[str], Parts]]:
    """The counties that can be computed at once, with the parts of all of them."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for name, one in parts.items():
        walk = one.crosswalk.frame.to_csv(index=False) if one.crosswalk is not None else ""
        groups.setdefault((walk, one.allowed, one.regions is None), []).append(name)
    return [(names, _joined([parts[name] for name in names])) for names in groups.values()]


def _joined(parts: Sequence[Parts]) -> Parts:
    first = parts[0]
    files = tuple(dict.fromkeys(file for one in parts for file in one.areas.files))
    areas = Areas(pd.concat([one.areas.rows for one in parts], ignore_index=True), files)
    given = [one.data for one in parts if len(one.data.rows)]
    data = first.data
    if given:
        files = tuple(dict.fromkeys(file for one in given for file in one.files))
        data = Data(pd.concat([one.rows for one in given], ignore_index=True), files)
    tables = [one.regions for one in parts if one.regions is not None]
    return replace(first, areas=areas, data=data, regions=_regions(tables) if tables else None)


def _regions(tables: Sequence[Regions]) -> Regions:
    """One table; of a region that several name, such as their city, the first says what it is."""
    frame = pd.concat([one.frame for one in tables])
    parent: dict[str, str] = {}
    for one in tables:
        parent = {**one.parent, **parent}
    return Regions(tables[0].path, frame[~frame.index.duplicated()], parent)
