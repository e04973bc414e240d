"""Crosswalks (对照表): the classes of a source mapped to ecosystem types by shares."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog, Where
from gep.extent.classes import ClassScheme
from gep.inputs.value_rows import check_duplicates, read_grades
from gep.io.catalog import locate
from gep.io.tables import Columns, read_numbers, read_table, suggestion

_CROSSWALK = Columns(
    ("class", "ecosystem"), ("code", "share", "source", "locator", "grade", "note")
)


@dataclass(frozen=True)
class Crosswalk:
    """Shares of a class in ecosystem types; ``frame``: class, ecosystem (or na), share, grade, source, file, row."""

    id: str
    path: Path
    frame: pd.DataFrame


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
    called = {
        text.casefold(): one
        for one in classes
        for text in (one, *scheme.titles.get(one, ()))
        if text
    }
    spelt = word.casefold()
    if close := [spelt] if spelt in called else get_close_matches(spelt, called, n=3, cutoff=0.6):
        zh = {called[text]: scheme.titles.get(called[text], ("", ""))[0] for text in close}
        return f"did you mean {', '.join(f'{one} ({zh[one]})' if zh[one] else one for one in zh)}?"
    if crosswalk is not None and word in {
        *scheme.classes,
        *(title for both in scheme.titles.values() for title in both),
    }:
        return f"the areas are of the classes of {crosswalk.id}; {suggestion(word, classes)}"
    return str(suggestion(word, classes))


def read_crosswalk(name: str | Path, scheme: ClassScheme) -> Crosswalk:
    """Read a crosswalk by id or path. Raises ``ProblemsFound``."""
    problems = ProblemLog()
    found = load_crosswalk(str(name), None, scheme, str(name), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_crosswalk(
    name: str, base: Path | None, scheme: ClassScheme, where: Where, problems: ProblemLog
) -> Crosswalk | None:
    """Load a crosswalk into a class scheme; its shares sum to 1 for each class."""
    path = locate("classes", name, base, where, problems)
    table = None if path is None else read_table(path, _CROSSWALK, problems)
    if path is None or table is None:
        return None
    share, _ = read_numbers(table, "share", problems, blank=True)
    share = np.where(table.column("share").to_numpy() == "", 1.0, share)
    frame = table.frame.assign(share=share, grade=read_grades(table, problems), file=table.label)
    for column in ("source", "locator", "note", "code"):
        frame[column] = table.column(column)
    check_duplicates(frame, ["class", "ecosystem"], problems)
    outside = np.flatnonzero((share < 0) | (share > 1))
    if len(outside):
        problems.add(
            "share-range",
            table.place(outside),
            "a share lies outside 0..1",
            "write shares as fractions",
        )
    for one, group in frame.groupby("class", sort=False):
        if np.isfinite(group["share"]).all() and abs(group["share"].sum() - 1) > 1e-6:
            what = f"the shares of {one!r} sum to {group['share'].sum():.6g}"
            problems.add(
                "share-sum",
                table.place(group.index),
                what,
                "they sum to 1 (ecosystem na for what is not accounted for)",
            )
    for position, one in enumerate(frame["ecosystem"]):
        if one != "na" and one not in scheme.parent and one not in scheme.classes:
            problems.add(
                "unknown-class",
                table.place([position]),
                f"ecosystem {one!r} is not in {scheme.id}",
                class_hint(one, scheme),
            )
    return Crosswalk(path.stem, path, frame)
