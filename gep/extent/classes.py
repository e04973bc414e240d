"""Class schemes (生态系统类型), crosswalks between class systems, and regions with their parents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gep.errors import ProblemLog, Where
from gep.inputs.value_rows import check_duplicates
from gep.io.catalog import locate
from gep.io.tables import Columns, Table, read_table, suggestion

_SCHEME = Columns(("class", "code", "zh", "en", "parent", "source", "locator"))


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
        return ancestors_of(self.parent, name)

    def within(self, names: Iterable[str]) -> set[str]:
        """The classes named and all below them."""
        wanted = set(names)
        return {
            one for one in self.classes if one in wanted or wanted.intersection(self.ancestors(one))
        }


def ancestors_of(parent: Mapping[str, str], name: str) -> list[str]:
    """What lies above a name, nearest first; a cycle ends the chain."""
    found: list[str] = []
    while (name := parent.get(name, "")) and name not in found:
        found.append(name)
    return found


def load_class_scheme(
    name: str, base: Path | None, where: Where, problems: ProblemLog
) -> ClassScheme | None:
    """Load a class scheme by id or path."""
    path = locate("classes", name, base, where, problems)
    table = None if path is None else read_table(path, _SCHEME, problems)
    if path is None or table is None:
        return None
    frame = table.frame
    check_duplicates(frame.assign(file=table.label), ["class"], problems)
    parent = {
        one: above for one, above in zip(frame["class"], frame["parent"], strict=True) if above
    }
    known = set(frame["class"])
    for position, above in enumerate(frame["parent"]):
        if above and above not in known:
            problems.add(
                "unknown-class",
                table.place([position]),
                f"parent {above!r}",
                suggestion(above, known),
            )
    _no_cycle(parent, table, "class", problems)
    titles = {
        one: (zh, en) for one, zh, en in zip(frame["class"], frame["zh"], frame["en"], strict=True)
    }
    codes = dict(zip(frame["code"], frame["class"], strict=True))
    sources = frozenset(frame["source"]) - {""}
    return ClassScheme(path.stem, path, tuple(frame["class"]), titles, parent, sources, codes)


def _no_cycle(parent: Mapping[str, str], table: Table, column: str, problems: ProblemLog) -> None:
    for position, name in enumerate(table.frame[column].tolist()):
        above = ancestors_of(parent, name)
        if name in above or (above and parent.get(above[-1], "")):
            problems.add(
                "parent-cycle",
                table.place([position]),
                f"{name} is its own ancestor",
                "mend the parents",
            )
