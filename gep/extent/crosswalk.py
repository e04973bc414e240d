"""Crosswalks (对照表): the classes of a source as shares of the ecosystem types of a scheme."""

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from gep.errors import ProblemLog, ProblemsFound, Where
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.inputs.value_rows import check_duplicates, in_column, read_grades
from gep.io.argument_types import checked_arguments
from gep.io.arguments import GivenTable, TableArgument, TableSource, named_source
from gep.io.catalog import locate
from gep.io.notebook import ShownAsTable
from gep.io.tables import (
    Columns,
    Spellings,
    Table,
    check_total_rows,
    make_spellings,
    read_numbers,
    read_table,
    recognize,
    suggestion,
)
from gep.standards.standard import Standard
from gep.texts.catalogue import Text, counted, text

NOT_ACCOUNTED = "na"  # in place of an ecosystem type: this share of a class is not accounted for
SHARE_SUM_TOLERANCE = 1e-6  # shares are printed with few digits

_CROSSWALK = Columns(
    required=("class", "ecosystem"),
    optional=("code", "share", "source", "locator", "grade", "note"),
)
# What may be left out of a title: a remark in brackets at its end, and the word for ecosystem.
_REMARK = re.compile(r"[(（][^()（）]*[)）]$")
_ECOSYSTEM = re.compile(r"( ecosystem|生态系统)$", re.IGNORECASE)
_CLOSE = 0.6  # similarity from which difflib calls a spelling close
_MOST_SUGGESTED = 3


@dataclass(frozen=True, repr=False)
class Crosswalk(ShownAsTable):
    """A crosswalk from the classes of a source to ecosystem types.

    Attributes
    ----------
    id : str
        The name of its file.
    path : Path
    frame : DataFrame
        ``class``, ``ecosystem`` (``NOT_ACCOUNTED`` where the share is not accounted for), ``share``
        (0 to 1; those of a class sum to 1), ``grade`` (a code of ``GRADE``), ``code``, ``source``,
        ``locator``, ``note``, ``file``, ``row``.
    is_given : bool
        Whether it was an argument instead of a file: then nothing lies beside it, and its sources
        are words instead of ids.
    """

    id: str
    path: Path
    frame: pd.DataFrame
    is_given: bool = False

    def __repr__(self) -> str:
        """Return a line: id, and how many rows."""
        return f"<Crosswalk {self.id}: {counted(len(self.frame), 'row')}>"

    @property
    def sources_path(self) -> Path:
        """The ``sources.toml`` beside it, which may describe its sources and need not be there."""
        return self.path.parent / "sources.toml"

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read for it: its own, and the ``sources.toml`` beside it."""
        if self.is_given:
            return ()
        beside = self.sources_path
        return (self.path, beside) if beside.is_file() else (self.path,)

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        return self.frame


def losses(rows: pd.DataFrame, scheme: ClassScheme) -> pd.DataFrame:
    """List what a crosswalk cannot tell any more, or takes on trust.

    Parameters
    ----------
    rows : DataFrame
        ``class``, ``ecosystem`` and ``share`` (1 for a whole class) of a crosswalk.
    scheme : ClassScheme
        The ecosystem types that it maps to.

    Returns
    -------
    DataFrame
        ``loss``, ``class`` and ``ecosystem``, each a row: ``merged`` (several classes become one
        type), ``shared`` (a class is divided by shares that were not observed), ``undivided`` (a
        class becomes a type above others, which it does not tell apart) and ``left-out`` (a class
        is not accounted for).
    """
    found = []
    is_whole = rows["share"] == 1
    is_counted = rows["ecosystem"] != NOT_ACCOUNTED
    for ecosystem, merged in rows[is_whole & is_counted].groupby("ecosystem", sort=False):
        if len(merged) > 1:
            found.append(("merged", ", ".join(merged["class"]), str(ecosystem)))
    for class_name, shared in rows[~is_whole].groupby("class", sort=False):
        parts = shared["ecosystem"] + " " + shared["share"].map("{:g}".format)
        found.append(("shared", str(class_name), ", ".join(parts)))
    for class_name, ecosystem in zip(rows["class"], rows["ecosystem"], strict=True):
        below = [name for name in scheme.classes if scheme.parent.get(name) == ecosystem]
        if below:
            found.append(("undivided", class_name, f"{ecosystem}: {', '.join(below)}"))
    left_out = rows.loc[~is_counted, "class"]
    found += [("left-out", class_name, NOT_ACCOUNTED) for class_name in left_out]
    return pd.DataFrame(found, columns=["loss", "class", "ecosystem"])


def source_classes(scheme: ClassScheme, crosswalk: Crosswalk | None) -> tuple[str, ...]:
    """Return the classes that area rows may have: those of the crosswalk, else of the scheme.

    Parameters
    ----------
    scheme : ClassScheme
    crosswalk : Crosswalk or None

    Returns
    -------
    tuple of str
    """
    if crosswalk is None:
        return scheme.classes
    return tuple(dict.fromkeys(crosswalk.frame["class"]))


def class_spellings(scheme: ClassScheme, crosswalk: Crosswalk | None = None) -> Spellings:
    """Gather the spellings of the classes that area rows may have.

    Parameters
    ----------
    scheme : ClassScheme
        The ecosystem types of the standard, with their titles.
    crosswalk : Crosswalk, optional
        With one, the classes are its own; they have no titles.

    Returns
    -------
    Spellings
    """
    if crosswalk is not None:
        return make_spellings(source_classes(scheme, crosswalk))
    short_titles: dict[str, list[str]] = {}
    for name, titles in scheme.titles.items():
        short_titles[name] = []
        for title in titles:
            for without in (without_remark(title), _ECOSYSTEM.sub("", title)):
                short_titles[name].append(without)
                short_titles[name].append(f"{without}生态系统")
    return make_spellings(scheme.classes, scheme.titles, short_titles)


def without_remark(title: str) -> str:
    """Return a title without a remark in brackets at its end: 乔木林 for 乔木林（未分针阔）.

    Parameters
    ----------
    title : str

    Returns
    -------
    str
    """
    return _REMARK.sub("", title).strip()


def class_hint(word: str, scheme: ClassScheme, crosswalk: Crosswalk | None = None) -> Text:
    """Suggest what an unknown class may mean.

    Parameters
    ----------
    word : str
        The class found.
    scheme : ClassScheme
        The ecosystem types of the standard.
    crosswalk : Crosswalk, optional
        With one, the classes that are known are its own.

    Returns
    -------
    Text
        The class whose code the word is; else the classes with this or a similar id or title; else
        a close spelling, or the first of the classes that are known.
    """
    classes = source_classes(scheme, crosswalk)
    codes = scheme.codes
    if crosswalk is not None:
        codes = dict(zip(crosswalk.frame["code"], crosswalk.frame["class"], strict=True))
    by_number = {code.lstrip("0"): name for code, name in codes.items() if code}
    number = word.lstrip("0")
    if number in by_number:
        return text("extent.code-of-class", code=word, name=scheme.label(by_number[number]))
    similar = _similar_classes(word, classes, scheme)
    if similar:
        return text("io.did-you-mean", names=[scheme.label(name) for name in similar])
    hint = suggestion(word, classes)
    if crosswalk is not None and _is_of_scheme(word, scheme):
        return text("extent.class-of-scheme", crosswalk=crosswalk.id, hint=hint)
    return hint


def _similar_classes(word: str, classes: tuple[str, ...], scheme: ClassScheme) -> list[str]:
    """Return the classes that have the word as id or title, else those with a similar one."""
    spellings = {}
    for name in classes:
        for spelling in (name, *scheme.titles.get(name, ())):
            if spelling:
                spellings[spelling.casefold()] = name
    folded = word.casefold()
    if folded in spellings:
        return [spellings[folded]]
    close = get_close_matches(folded, spellings, n=_MOST_SUGGESTED, cutoff=_CLOSE)
    return list(dict.fromkeys(spellings[spelling] for spelling in close))


def _is_of_scheme(word: str, scheme: ClassScheme) -> bool:
    """Return whether a word is the id or a title of an ecosystem type."""
    if word in scheme.classes:
        return True
    return any(word in titles for titles in scheme.titles.values())


@checked_arguments
def read_crosswalk(name: TableArgument, scheme: ClassScheme | Standard | str | Path) -> Crosswalk:
    """Read a crosswalk.

    Parameters
    ----------
    name : str, Path, DataFrame or xarray object
        The id of a crosswalk that ships with the package, the path of a CSV file, or a table in its
        columns.
    scheme : ClassScheme, Standard, str or Path
        The ecosystem types that it maps to: a scheme, the standard that has it, or the id or path
        of a scheme.

    Returns
    -------
    Crosswalk

    Raises
    ------
    ProblemsFound
        With everything that is wrong in it (see ``load_crosswalk``).

    Examples
    --------
    >>> import gep
    >>> gep.read_crosswalk("examples/beibu-gulf/crosswalk.csv", "xie-2015")
    <Crosswalk crosswalk: ... rows>
    """
    problems = ProblemLog()
    named = named_source(name, "crosswalk")
    where = "crosswalk" if isinstance(named, GivenTable) else named
    home = None
    if isinstance(scheme, Standard):
        home = scheme.home_of(scheme.spec.ecosystems)
        scheme = scheme.spec.ecosystems
    if not isinstance(scheme, ClassScheme):
        loaded = load_class_scheme(str(scheme), home, "scheme", problems)
        if loaded is None:
            raise ProblemsFound(problems.errors, problems.warnings)
        scheme = loaded
    crosswalk = load_crosswalk(named, None, scheme, where, problems)
    if crosswalk is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return crosswalk


def load_crosswalk(
    name: str | GivenTable,
    base: Path | None,
    scheme: ClassScheme,
    where: Where,
    problems: ProblemLog,
) -> Crosswalk | None:
    """Load a crosswalk.

    Parameters
    ----------
    name : str or GivenTable
        The id of a crosswalk that ships with the package, or the path of a CSV file; or a table
        that is an argument.
    base : Path or None
        Folder of the file that names the crosswalk; None if the user gives the path.
    scheme : ClassScheme
        The ecosystem types that it maps to.
    where : str or Place
        Where the crosswalk is named.
    problems : ProblemLog
        Collects ``unknown-id``, ``path-outside``, what is wrong with the table (see
        ``gep.io.tables``), ``unknown-grade``, ``duplicate-row``, ``total-row``, ``share-range``,
        ``share-sum`` and ``unknown-class``.

    Returns
    -------
    Crosswalk or None
        None if the table could not be read at all.
    """
    source: TableSource | None = None
    if isinstance(name, GivenTable):
        source = name
    else:
        source = locate("classes", name, base, where, problems)
    table = None if source is None else read_table(source, _CROSSWALK, problems)
    if source is None or table is None:
        return None
    share = read_shares(table, problems)
    grade = read_grades(table, problems)
    frame = table.frame.assign(share=share, grade=grade, file=table.label)
    frame = recognize(frame, "ecosystem", _with_not_accounted(class_spellings(scheme)))
    for column in ("source", "locator", "note", "code"):
        frame[column] = table.column(column)
    is_repeated = check_duplicates(frame, ["class", "ecosystem"], problems)
    check_total_rows(table, "class", problems)
    check_share_range(table, share, problems)
    for class_name, rows in frame.groupby("class", sort=False, observed=True):
        total = rows["share"].sum()
        is_complete = np.isfinite(rows["share"]).all()
        if is_complete and abs(total - 1) > SHARE_SUM_TOLERANCE:
            problems.add(
                "share-sum",
                in_column(table.place(rows.index), "share"),
                "extent.class-shares-sum",
                name=class_name,
                total=float(total),
            )
    is_known = frame["ecosystem"].isin([NOT_ACCOUNTED, *scheme.parent, *scheme.classes])
    for ecosystem, rows in frame[~is_known].groupby("ecosystem", sort=False, observed=True):
        problems.add(
            "unknown-class",
            in_column(table.place(rows.index), "ecosystem"),
            "extent.unknown-class",
            name=ecosystem,
            scheme=scheme.id,
            hint=class_hint(str(ecosystem), scheme),
        )
    frame["ecosystem"] = frame["ecosystem"].where(is_known, NOT_ACCOUNTED)  # to check the rest
    path = table.path if isinstance(source, GivenTable) else source
    is_given = isinstance(source, GivenTable)
    return Crosswalk(path.stem, path, frame[~is_repeated].reset_index(drop=True), is_given)


def _with_not_accounted(classes: Spellings) -> Spellings:
    """Add the word for what is not accounted for, which is spelled in one way only."""
    return replace(classes, known=classes.known | {NOT_ACCOUNTED})


def read_shares(table: Table, problems: ProblemLog) -> np.ndarray:
    """Read the column ``share``; a blank cell, or no such column, is 1 (whole)."""
    share, _ = read_numbers(table, "share", problems, blank=True)
    return np.where(table.column("share").to_numpy() == "", 1.0, share)


def check_share_range(table: Table, share: np.ndarray, problems: ProblemLog) -> None:
    """Check that the shares of a table lie from 0 to 1.

    Parameters
    ----------
    table : Table
        With the column ``share``.
    share : ndarray of float
        Its numbers.
    problems : ProblemLog
        Collects ``share-range``.
    """
    outside = np.flatnonzero((share < 0) | (share > 1))
    if len(outside):
        problems.add(
            "share-range",
            in_column(table.place(outside), "share"),
            "extent.share-range",
            share=float(share[outside[0]]),
        )
