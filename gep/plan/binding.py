"""Binding one input of a step to the rows that answer it: keys, price years, units, coverage.

Arrays here are bare; their dims stand in the order of ``DIMS`` and a missing dim means that the number does not vary
along it. NaN is ``na`` or missing; the plan knows which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.errors import Where
from gep.inputs.data import NONE, expand_absent
from gep.inputs.value_rows import GRADE, KEYS
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.plan.binding_context import BindingContext, MissingInput, region_ancestors, scope_fix
from gep.plan.dims import Axes, expand
from gep.plan.prices import convert_prices, own_years, pick_price_year
from gep.standards.standard import Binding, Key
from gep.units import UnitError, factor, has_money


@dataclass(frozen=True)
class BoundInput:
    """An input bound to rows: ``values`` in the method's unit, ``rows`` points into ``frame`` (-1: none answers)."""

    dims: tuple[str, ...]
    values: np.ndarray
    rows: np.ndarray
    frame: pd.DataFrame
    missing: np.ndarray
    outside: np.ndarray | None = None  # value transfer, with the region as first dim
    index: pd.DataFrame | None = None  # the price_index rows behind the factors

    def mark(self, column: str) -> np.ndarray:
        """A column of the rows behind each cell, 0 where there is none."""
        marks = np.append(self.frame[column].to_numpy(dtype=np.uint8), np.uint8(0))
        return np.asarray(marks[self.rows])

    @property
    def used(self) -> pd.DataFrame:
        """The rows that answer at least one cell that is due."""
        return self.frame.iloc[np.unique(self.rows[self.rows >= 0])]


def bind_data(
    binding: Binding, unit: str, axes: Axes, ground: BindingContext, where: Where
) -> BoundInput:
    """Bind an input to the data rows of the account's year."""
    frame = expand_absent(select_members(ground.data.get(binding.data), binding.at), axes.members)
    keyed = [key for key in KEYS if key not in binding.at]
    keys = (
        ground.names[binding.data].keys if frame.empty else ()
    )  # no row tells them: those that are due
    due = {key for key in keys if key == "ecosystem" or key in axes.members}
    dims = tuple(key for key in keyed if key == "region" or key in due or (frame[key] != "").any())
    if bad := [
        key for key in dims if key not in ("region", "ecosystem") and key not in axes.members
    ]:
        return _open(binding, bad, axes, ground, where)
    if "ecosystem" in dims:
        _warn_of_no_area(binding, frame, ground)
    frame = pick_price_year(own_years(frame, ground.problems), binding.index, ground.prices)
    rows = lookup_rows(frame, dims, dims, {dim: [labels(dim, axes, ground)] for dim in dims})
    return convert_and_check(binding, unit, dims, rows, frame, axes, ground, where)


def _warn_of_no_area(binding: Binding, frame: pd.DataFrame, ground: BindingContext) -> None:
    """Numbers for ecosystem types that a region has no area of: they count nowhere."""
    extent = ground.extent
    region, ecosystem = (
        extent.regions.get_indexer(frame["region"]),
        extent.ecosystems.get_indexer(frame["ecosystem"]),
    )
    lost = (region >= 0) & (frame["value"] != 0).to_numpy() & ~frame["na"].to_numpy(dtype=bool)
    known = lost & (ecosystem >= 0)
    lost[known] = ~extent.present[region[known], ecosystem[known]]
    for (file, name), some in frame[lost].groupby(["file", "ecosystem"], sort=False):
        what = f"{binding.data} of {name!r} in {', '.join(some['region'].unique()[:5])}, which has no area of it"
        fix = f"add the area, or take the row out; {suggestion(str(name), ground.scheme.classes)}"
        ground.problems.add("unused-data", row_place(str(file), some["row"]), what, fix)


def bind_coefficient(
    binding: Binding, unit: str, axes: Axes, ground: BindingContext, where: Where
) -> BoundInput:
    """Bind an input to coefficient rows: each cell takes the first set that has it."""
    named = [select_members(one.named(binding.coef), binding.at) for one in ground.sets]
    frames = [pick_price_year(frame, binding.index, ground.prices) for frame in named]
    filled = {key for frame in frames for key in KEYS if (frame[key] != "").any()} - set(binding.at)
    dims = tuple(key for key in KEYS if key in filled)
    if bad := [
        key for key in dims if key not in ("region", "ecosystem") and key not in axes.members
    ]:
        return _open(binding, bad, axes, ground, where)
    rows, offset = np.full([axes.size(dim) for dim in dims], -1), 0
    for one, frame in zip(ground.sets, frames, strict=True):
        if len(frame):
            own = tuple(key for key in dims if (frame[key] != "").any())
            levels = {
                dim: _levels(dim, one.inherits(binding.coef, dim), axes, ground) for dim in own
            }
            found = lookup_rows(frame, own, dims, levels)
            rows = np.where((rows < 0) & (found >= 0), found + offset, rows)
        offset += len(frame)
    frame = pd.concat(frames, ignore_index=True) if frames else select_members(None, {})
    return convert_and_check(binding, unit, dims, rows, frame, axes, ground, where)


_COLUMNS = (
    "value",
    "na",
    "unit",
    "price_year",
    "grade",
    "file",
    "row",
    "set",
    "source",
    "locator",
    "note",
)


def select_members(frame: pd.DataFrame | None, fixed: Mapping[Key, str]) -> pd.DataFrame:
    """The rows of the members that a binding fixes."""
    if frame is None:
        return pd.DataFrame(columns=["name", *KEYS, *_COLUMNS])
    for key, member in fixed.items():
        frame = frame[(frame[key] == member).to_numpy()]
    return frame.reset_index(drop=True)


def labels(dim: str, axes: Axes, ground: BindingContext) -> pd.Index:
    """The names along a dim."""
    if dim == "region":
        return ground.extent.regions
    return (
        ground.extent.ecosystems
        if dim == "ecosystem"
        else pd.Index(axes.members[dim], dtype=object)
    )


def _levels(dim: str, inherits: bool, axes: Axes, ground: BindingContext) -> list[pd.Index]:
    """The names along a dim, then those of their parents, as far as the set lets them answer."""
    own = labels(dim, axes, ground)
    if not inherits or dim not in ("region", "ecosystem"):
        return [own]
    above = [
        region_ancestors(one, ground.regions) if dim == "region" else ground.scheme.ancestors(one)
        for one in own
    ]
    depth = max((len(one) for one in above), default=0)
    filled = [[*one, *[""] * (depth - len(one))] for one in above]
    return [
        own,
        *(pd.Index([one[level] for one in filled], dtype=object) for level in range(depth)),
    ]


def lookup_rows(
    frame: pd.DataFrame,
    own: Sequence[str],
    dims: Sequence[str],
    levels: Mapping[str, Sequence[pd.Index]],
) -> np.ndarray:
    """For every cell of ``dims`` the position of the row that answers it, nearest level first; -1 where none does."""
    codes, words = [], []
    for key in own:
        code, word = pd.factorize(frame[key].to_numpy())
        codes.append(code)
        words.append(pd.Index(word))
    dense = np.full(
        [len(word) + 1 for word in words], -1
    )  # the last slot of an axis stands for "no such row"
    dense[tuple(codes)] = np.arange(len(frame)) if own else 0
    found = np.full([len(levels[key][0]) for key in own], -1)
    for depth in np.ndindex(*[len(levels[key]) for key in own]):
        index = [
            word.get_indexer(levels[key][level])
            for key, word, level in zip(own, words, depth, strict=True)
        ]
        rows = dense[np.ix_(*index)] if index else dense
        found = np.where(found < 0, rows, found)
    return expand(found, own, dims)


def convert_and_check(
    binding: Binding,
    unit: str,
    dims: tuple[str, ...],
    rows: np.ndarray,
    frame: pd.DataFrame,
    axes: Axes,
    ground: BindingContext,
    where: Where,
) -> BoundInput:
    """Convert units and price years, note what is missing, not allowed, or from elsewhere."""
    need = axes.needed(dims)
    rows = np.where(need, rows, -1)
    used = np.unique(rows[rows >= 0])
    frame, index = frame.assign(factor=1.0, nominal=False), None
    if len(used):
        frame, index = _convert(binding, unit, frame, used, ground, where)
    numbers = np.where(frame["na"].astype(bool), np.nan, frame["value"] * frame["factor"]).astype(
        float
    )
    values = np.append(numbers, np.nan)[rows]
    missing = need & (rows < 0) & ~_of_none(dims, axes)
    if missing.any():
        spots = np.argwhere(missing)
        seen = {
            dim: labels(dim, axes, ground)[np.unique(spots[:, select_members])]
            for select_members, dim in enumerate(dims)
        }
        cells = {dim: tuple(map(str, names)) for dim, names in seen.items()}
        ground.missing.append(MissingInput(where, binding, unit, cells))
    check_placeholders(frame.iloc[used], ground)
    return BoundInput(
        dims, values, rows, frame, missing, _outside(rows, frame, dims, ground), index
    )


def _of_none(dims: Sequence[str], axes: Axes) -> np.ndarray:
    """The cells of regions that say that they have none of a key, and of the member that says so: no number is due."""
    none = np.zeros([1] * len(dims), dtype=bool)
    for key, having in axes.having.items():
        said = np.array([name == NONE for name in axes.members[key]], dtype=bool)
        bare = np.asarray(having[:, said].any(axis=1) & ~having[:, ~said].any(axis=1))
        none = none | (expand(bare, ("region",), dims) if "region" in dims else bare.all())
        none = none | expand(said, (key,), dims) if key in dims else none
    return none


def _convert(
    binding: Binding,
    unit: str,
    frame: pd.DataFrame,
    used: np.ndarray,
    ground: BindingContext,
    where: Where,
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    scale, index = np.ones(len(frame)), []
    grade = frame["grade"].to_numpy(dtype=np.uint8).copy()
    nominal = np.zeros(len(frame), dtype=bool)
    chosen = frame.iloc[used]
    for (file, text), some in chosen.groupby(["file", "unit"], sort=False):
        spots = some.index.to_numpy()
        try:
            scale[spots] = factor(str(text), unit)
        except UnitError as error:
            name = binding.data or binding.coef
            what = f"{name} in {where}: {error}"
            ground.problems.add(
                "wrong-dimension",
                row_place(str(file), some["row"]),
                what,
                f"a unit like {unit} is due",
            )
            continue
        if has_money(str(text)):
            moved = convert_prices(binding, some, ground.prices, ground.problems)
            ground.unmoved.extend(moved.unmoved)
            scale[spots] *= moved.factor
            grade[spots] = np.maximum(grade[spots], moved.grade)
            nominal[spots] = moved.nominal
            index.append(moved.index)
    rows = pd.concat(index).drop_duplicates(["set", "file", "row"]) if index else None
    return frame.assign(factor=scale, grade=grade, nominal=nominal), rows


def _open(
    binding: Binding, keys: Sequence[str], axes: Axes, ground: BindingContext, where: Where
) -> BoundInput:
    """A key without members: a problem, but where it only follows from another input that is missing altogether."""
    if not axes.absent:
        what = f"{binding} is keyed by {', '.join(keys)}, over which {where} does not run"
        fix = 'name the members: over = { key = [...] } in the step, or at = { key = "..." }'
        ground.problems.add("open-key", where, what, fix)
    return BoundInput(
        (),
        np.array(np.nan),
        np.array(-1),
        select_members(None, {}).assign(factor=1.0, nominal=False),
        np.array(False),
    )


def check_placeholders(used: pd.DataFrame, ground: BindingContext) -> None:
    """Numbers that are made up, among the rows that are used."""
    made_up = used[(used["grade"] == GRADE["placeholder"]).to_numpy(dtype=bool)]
    if ground.allow_placeholder or made_up.empty:
        return
    for file, some in made_up.groupby("file", sort=False):
        what = f"{', '.join(some['name'].unique()[:5])}: made-up numbers (grade placeholder)"
        fix = "replace them; or allow_placeholder = true for a demonstration"
        ground.problems.add("placeholder", row_place(str(file), some["row"]), what, fix)


def _outside(
    rows: np.ndarray, frame: pd.DataFrame, dims: Sequence[str], ground: BindingContext
) -> np.ndarray | None:
    """Where a number is used outside its set's scope, with the region as first dim; None where nowhere."""
    found = None
    for one in ground.sets:
        beyond = ground.beyond(one)
        from_set = np.append((frame["set"] == one.label).to_numpy(dtype=bool), False)[rows]
        if not beyond.any() or not from_set.any():
            continue
        target = dims if "region" in dims else ("region", *dims)
        here = expand(from_set, dims, target) & expand(beyond, ("region",), target)
        found = here if found is None else found | here
        if not ground.allow_transfer and here.any():
            codes = ground.extent.regions[np.flatnonzero(beyond)]
            what = f"numbers of {one.label} in {', '.join(codes[:5])}, {ground.year}, outside its scope"
            what = f"{what} ({one.header.scope})"
            ground.problems.add(
                "value-transfer", one.label, what, scope_fix(one, codes, ground.regions)
            )
    return found
