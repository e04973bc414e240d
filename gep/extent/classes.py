"""Class schemes (生态系统类型): the ecosystem types of a standard, with their titles and parents.

Classes of other sources, and how they map to these types, are left to ``gep.extent.crosswalk``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gep.errors import ProblemLog, Where
from gep.inputs.value_rows import check_duplicates, in_column
from gep.io.catalog import locate
from gep.io.tables import MAX_FAULTS, Columns, Table, check_total_rows, read_table, suggestion
from gep.io.toml_documents import Title
from gep.texts.catalogue import Label

_SCHEME = Columns(("class", "code", "zh", "en", "parent", "source", "locator"))


@dataclass(frozen=True)
class ClassScheme:
    """A scheme of ecosystem types.

    Attributes
    ----------
    id : str
        The scheme's id: the name of its file.
    path : Path
    classes : tuple of str
        Ids of the types, in the order of the file.
    titles : mapping of str to (str, str)
        Chinese and English title by id; ``label`` puts them into messages.
    parent : mapping of str to str
        The type above, for those that have one.
    sources : frozenset of str
        Ids of the documents that the rows cite.
    codes : mapping of str to str
        Code (the value in a raster) to id.
    """

    id: str
    path: Path
    classes: tuple[str, ...]
    titles: Mapping[str, tuple[str, str]]
    parent: Mapping[str, str]
    sources: frozenset[str]
    codes: Mapping[str, str] = field(default_factory=dict)

    def label(self, name: str) -> Label:
        """Return an ecosystem type with its title: ``水田 (paddy)``; alone if it is unknown."""
        zh, en = self.titles.get(name, ("", ""))
        return Label(name, Title(zh=zh or en, en=en or zh))

    def ancestors(self, name: str) -> list[str]:
        """Return the types above a type, nearest first."""
        return ancestors_of(self.parent, name)

    def within(self, names: Iterable[str]) -> set[str]:
        """Return the types named and all types below them."""
        named = set(names)
        within = set()
        for name in self.classes:
            if name in named or named.intersection(self.ancestors(name)):
                within.add(name)
        return within


def ancestors_of(parent: Mapping[str, str], name: str) -> list[str]:
    """Return the names above a name, nearest first.

    Parameters
    ----------
    parent : mapping of str to str
        The name above each name; names at the top are missing or blank.
    name : str

    Returns
    -------
    list of str
        Ends before a name would be repeated, should the parents form a circle.
    """
    ancestors: dict[str, None] = {}
    name = parent.get(name, "")
    while name and name not in ancestors:
        ancestors[name] = None
        name = parent.get(name, "")
    return list(ancestors)


def load_class_scheme(
    name: str, base: Path | None, where: Where, problems: ProblemLog
) -> ClassScheme | None:
    """Load a class scheme.

    Parameters
    ----------
    name : str
        The id of a scheme that ships with the package, or the path of a CSV file.
    base : Path or None
        Folder of the file that names the scheme; None if the user gives the path.
    where : str or Place
        Where the scheme is named.
    problems : ProblemLog
        Collects ``unknown-id``, ``path-outside``, what is wrong with the table (see
        ``gep.io.tables``), ``duplicate-row``, ``total-row``, ``unknown-class`` and
        ``parent-cycle``.

    Returns
    -------
    ClassScheme or None
        None if the table could not be read at all.
    """
    path = locate(
        "classes",
        name,
        base,
        where,
        problems,
    )
    if path is None:
        return None
    table = read_table(path, _SCHEME, problems)
    if table is None:
        return None
    frame = table.frame
    check_duplicates(table.texts(["class"]), ["class"], problems)
    check_total_rows(table, "class", problems, exempt=frame["parent"])
    parent = filled_parents(frame["class"], frame["parent"])
    known = set(frame["class"])
    for position, parent_name in enumerate(frame["parent"]):
        if parent_name and parent_name not in known:
            problems.add(
                "unknown-class",
                in_column(table.place([position]), "parent"),
                "extent.unknown-parent-class",
                name=parent_name,
                hint=suggestion(parent_name, known),
            )
    check_parents(parent, table, "class", problems)
    titles = {}
    for class_id, zh, en in zip(frame["class"], frame["zh"], frame["en"], strict=True):
        titles[class_id] = (zh, en)
    return ClassScheme(
        id=path.stem,
        path=path,
        classes=tuple(frame["class"]),
        titles=titles,
        parent=parent,
        sources=frozenset(frame["source"]) - {""},
        codes=dict(zip(frame["code"], frame["class"], strict=True)),
    )


def filled_parents(names: Iterable[str], parents: Iterable[str]) -> dict[str, str]:
    """Return the name above each name, without those that have none."""
    pairs = zip(names, parents, strict=True)
    return {name: parent for name, parent in pairs if parent}


def check_parents(
    parent: Mapping[str, str], table: Table, column: str, problems: ProblemLog
) -> None:
    """Check that no name of a table is above itself.

    Parameters
    ----------
    parent : mapping of str to str
        The name above each name.
    table : Table
    column : str
        The column with the names.
    problems : ProblemLog
        Collects ``parent-cycle`` at every row whose ancestors form a circle.
    """
    circles = _names_in_circles(parent)
    names = table.frame[column]
    for position in np.flatnonzero(names.isin(circles))[:MAX_FAULTS]:
        name = str(names.iloc[position])
        problems.add(
            "parent-cycle",
            in_column(table.place([position]), "parent"),
            "extent.parent-cycle",
            name=name,
            ancestors=tuple(ancestors_of(parent, name)),
        )


def _names_in_circles(parent: Mapping[str, str]) -> set[str]:
    """Return the names whose ancestors form a circle; each name is walked through once."""
    ends_well: dict[str, bool] = {}
    for name in parent:
        walk: dict[str, None] = {}
        while name and name not in ends_well and name not in walk:
            walk[name] = None
            name = parent.get(name, "")
        is_well = ends_well.get(name, name not in walk)
        ends_well.update(dict.fromkeys(walk, is_well))
    return {name for name, is_well in ends_well.items() if not is_well}
