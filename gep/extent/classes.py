"""Class schemes (生态系统类型), crosswalks between class systems, and regions with their parents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import Problems
from gep.inputs.value_rows import duplicates, read_grades, unit_faults
from gep.io.catalog import locate
from gep.io.tables import HINTED, LIKEWISE, Columns, Table, lost_zeros, numbers, place, read_table, suggestion
from gep.units import factor

_SCHEME = Columns(("class", "code", "zh", "en", "parent", "source", "locator"))
_CROSSWALK = Columns(("class", "ecosystem"), ("code", "share", "source", "locator", "grade", "note"))
_REGIONS = Columns(
    ("region",),
    ("name", "name_en", "parent", "area", "area_unit", "population", "lon", "lat"),
    free="attribute:",
)


@dataclass(frozen=True)
class ClassScheme:
    """A scheme of ecosystem types: ids in file order, titles and parents."""

    id: str
    path: Path
    classes: tuple[str, ...]
    titles: Mapping[str, tuple[str, str]]  # zh, en
    parent: Mapping[str, str]
    sources: frozenset[str]
    codes: Mapping[str, str] = field(default_factory=dict)  # code -> class

    def ancestors(self, name: str) -> list[str]:
        """The classes above, nearest first."""
        return chain(self.parent, name)

    def within(self, names: Iterable[str]) -> set[str]:
        """The classes named and all below them."""
        wanted = set(names)
        return {one for one in self.classes if one in wanted or wanted.intersection(self.ancestors(one))}


@dataclass(frozen=True)
class Crosswalk:
    """Shares of a class in ecosystem types; ``frame``: class, ecosystem (or na), share, grade, source, file, row."""

    id: str
    path: Path
    frame: pd.DataFrame


@dataclass(frozen=True)
class Regions:
    """Regions of a project; ``frame`` by code: name, name_en, parent, area (km2), population, lon, lat."""

    path: Path
    frame: pd.DataFrame
    parent: Mapping[str, str]

    def ancestors(self, code: str) -> list[str]:
        """The regions above, nearest first."""
        return chain(self.parent, code)

    def name(self, code: str, language: str) -> str:
        """The name in ``zh`` or ``en``, or the code."""
        if code not in self.frame.index:
            return code
        row = self.frame.loc[code]
        return str((row["name"] if language == "zh" else row["name_en"]) or row["name"] or row["name_en"] or code)


def chain(parent: Mapping[str, str], name: str) -> list[str]:
    """What lies above a name, nearest first; a cycle ends the chain."""
    found: list[str] = []
    while (name := parent.get(name, "")) and name not in found:
        found.append(name)
    return found


def administrative_ancestors(code: str) -> list[str]:
    """City and province of a county code, by the digits of GB/T 2260 (360981 -> 360900, 360000)."""
    if len(code) != 6 or not code.isdigit():
        return []
    return [above for above in (f"{code[:4]}00", f"{code[:2]}0000") if above != code]


def load_scheme(name: str, base: Path | None, where: str, problems: Problems) -> ClassScheme | None:
    """Load a class scheme by id or path."""
    path = locate("classes", name, base, where, problems)
    table = None if path is None else read_table(path, _SCHEME, problems)
    if path is None or table is None:
        return None
    frame = table.frame
    duplicates(frame.assign(file=table.label), ["class"], problems)
    parent = {one: above for one, above in zip(frame["class"], frame["parent"], strict=True) if above}
    known = set(frame["class"])
    for position, above in enumerate(frame["parent"]):
        if above and above not in known:
            problems.add("unknown-class", table.where([position]), f"parent {above!r}", suggestion(above, known))
    _no_cycle(parent, table, "class", problems)
    titles = {one: (zh, en) for one, zh, en in zip(frame["class"], frame["zh"], frame["en"], strict=True)}
    codes = dict(zip(frame["code"], frame["class"], strict=True))
    sources = frozenset(frame["source"]) - {""}
    return ClassScheme(path.stem, path, tuple(frame["class"]), titles, parent, sources, codes)


def class_hint(word: str, scheme: ClassScheme, crosswalk: Crosswalk | None = None) -> str:
    """What a class that is not known may mean: the code of one, its Chinese or English name, or a close spelling."""
    if crosswalk is None:
        classes, codes = scheme.classes, scheme.codes
    else:
        classes = tuple(dict.fromkeys(crosswalk.frame["class"]))
        codes = dict(zip(crosswalk.frame["code"], crosswalk.frame["class"], strict=True))
    bare = {code.lstrip("0"): name for code, name in codes.items() if code}
    if word.lstrip("0") in bare:
        return f"code {word} is {bare[word.lstrip('0')]}: write its class name"
    called = {text.casefold(): one for one in classes for text in (one, *scheme.titles.get(one, ())) if text}
    spelt = word.casefold()
    if close := [spelt] if spelt in called else get_close_matches(spelt, called, n=3, cutoff=0.6):
        zh = {called[text]: scheme.titles.get(called[text], ("", ""))[0] for text in close}
        return f"did you mean {', '.join(f'{one} ({zh[one]})' if zh[one] else one for one in zh)}?"
    if crosswalk is not None and word in {
        *scheme.classes,
        *(title for both in scheme.titles.values() for title in both),
    }:
        return f"the areas are of the classes of {crosswalk.id}; {suggestion(word, classes)}"
    return suggestion(word, classes)


def _no_cycle(parent: Mapping[str, str], table: Table, column: str, problems: Problems) -> None:
    for position, name in enumerate(table.frame[column].tolist()):
        above = chain(parent, name)
        if name in above or (above and parent.get(above[-1], "")):
            problems.add("parent-cycle", table.where([position]), f"{name} is its own ancestor", "mend the parents")


def read_crosswalk(name: str | Path, scheme: ClassScheme) -> Crosswalk:
    """Read a crosswalk by id or path. Raises ``ProblemsFound``."""
    problems = Problems()
    found = load_crosswalk(str(name), None, scheme, str(name), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_crosswalk(
    name: str, base: Path | None, scheme: ClassScheme, where: str, problems: Problems
) -> Crosswalk | None:
    """Load a crosswalk into a class scheme; its shares sum to 1 for each class."""
    path = locate("classes", name, base, where, problems)
    table = None if path is None else read_table(path, _CROSSWALK, problems)
    if path is None or table is None:
        return None
    share, _ = numbers(table, "share", problems, blank=True)
    share = np.where(table.column("share").to_numpy() == "", 1.0, share)
    frame = table.frame.assign(share=share, grade=read_grades(table, problems), file=table.label)
    for column in ("source", "locator", "note", "code"):
        frame[column] = table.column(column)
    duplicates(frame, ["class", "ecosystem"], problems)
    outside = np.flatnonzero((share < 0) | (share > 1))
    if len(outside):
        problems.add("share-range", table.where(outside), "a share lies outside 0..1", "write shares as fractions")
    for one, group in frame.groupby("class", sort=False):
        if np.isfinite(group["share"]).all() and abs(group["share"].sum() - 1) > 1e-6:
            what = f"the shares of {one!r} sum to {group['share'].sum():.6g}"
            problems.add(
                "share-sum",
                table.where(group.index),
                what,
                "they sum to 1 (ecosystem na for what is not accounted for)",
            )
    for position, one in enumerate(frame["ecosystem"]):
        if one != "na" and one not in scheme.parent and one not in scheme.classes:
            problems.add(
                "unknown-class",
                table.where([position]),
                f"ecosystem {one!r} is not in {scheme.id}",
                class_hint(one, scheme),
            )
    return Crosswalk(path.stem, path, frame)


def read_regions(path: str | Path) -> Regions:
    """Read ``regions.csv``. Raises ``ProblemsFound``."""
    problems = Problems()
    found = load_regions(Path(path), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_regions(path: Path, problems: Problems) -> Regions | None:
    """Load the regions of a project: areas in km2, persons, degrees; unknown figures are NaN."""
    table = read_table(path, _REGIONS, problems)
    if table is None:
        return None
    frame = table.frame.assign(file=table.label)
    duplicates(frame, ["region"], problems)
    for name in ("name", "name_en", "parent", "area_unit"):
        frame[name] = table.column(name).to_numpy()
    for name in ("area", "population", "lon", "lat"):
        frame[name], _ = numbers(table, name, problems, blank=True)
    blank = np.flatnonzero(frame["region"] == "")
    if len(blank):
        problems.add("blank", table.where(blank), "region is blank", "write the region's code")
    lost_zeros(table, "region", problems)
    _areas(frame, table, problems)
    negative = np.flatnonzero((frame["population"] < 0).to_numpy())
    if len(negative):
        problems.add("negative", table.where(negative), "population is negative", "write the number of persons")
    known = set(frame["region"])
    lost = frame[~frame["parent"].isin(["", *known]).to_numpy()]
    for number, (above, rows) in enumerate(lost.groupby("parent", sort=False)):
        hint = suggestion(str(above), known) if number < HINTED else LIKEWISE
        problems.add("unknown-region", place(table.label, rows["row"]), f"parent {above!r} has no row", hint)
    parent = {
        one: above for one, above in zip(frame["region"].tolist(), frame["parent"].tolist(), strict=True) if above
    }
    _no_cycle(parent, table, "region", problems)
    return Regions(path, frame.drop_duplicates("region").set_index("region"), parent)


def _areas(frame: pd.DataFrame, table: Table, problems: Problems) -> None:
    given = np.isfinite(frame["area"].to_numpy())
    if not given.any():
        return
    negative = np.flatnonzero((frame["area"] < 0).to_numpy())
    if len(negative):
        problems.add("negative", table.where(negative), "area is negative", "write the land area")
    checked = Table(
        table.path,
        table.label,
        frame.loc[given, ["area_unit", "row"]].reset_index(drop=True),
    )
    before = len(problems.errors)
    unit_faults(checked, "km2", problems, "area_unit")
    if len(problems.errors) == before:
        scale = {unit: factor(unit, "km2") for unit in frame.loc[given, "area_unit"].unique()}
        frame.loc[given, "area"] *= frame.loc[given, "area_unit"].map(scale)
