"""New files to begin with (新建): a coefficient set, a standard; and what ships.

Each of them runs, or says what is missing. The structure of the files is here, their comments are
in the catalogue of texts, in the language that the user chose. Projects are begun by
``gep.workflows.new_project``.
"""

import csv
import os
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gep.errors import ProblemLog, ProblemsFound, make_problem, worded_in
from gep.io.argument_types import checked_arguments
from gep.io.catalog import is_path
from gep.io.csv_excel import printable
from gep.io.result_folder import scratch_folder, sync_folder
from gep.io.spreadsheets import put_new, refuse_existing, unwritten
from gep.texts.catalogue import Language, Listed, locale_language, say

if TYPE_CHECKING:
    import pandas as pd

    from gep.standards.standard import StandardSpec

_UNPRINTABLE = ("Cc", "Cf", "Cs")  # control, format, and bytes that are no text

_PATH_SHOWN = 200  # characters of a path that a message shows
_SET = """\
id = {id}
version = "0.1.0"
title = {{ zh = {title}, en = {title} }}
licence = "CC-BY-4.0"
inherit = []                          # {inherit}

[scope]                               # {scope}
regions = []                          # {regions}
years = []                            # [2020]
"""
_SET_COMMENTS = ("inherit", "scope", "regions")
_SOURCES = """\
# {sources}
# [yearbook-2020]
# title = {{ zh = "某县统计年鉴2020", en = "Statistical yearbook 2020" }}
# issuer = "某县统计局"
# date = "2021"
"""
_SOURCES_COMMENTS = ("sources",)
_CHANGES = """\
# {name}

{begun}
"""
_CHANGES_COMMENTS = ("begun",)
_NUMBERS = "coefficient,ecosystem,value,unit,low,high,price_year,source,locator,grade,note\n"
_STANDARD = """\
# {begin}
id = {id}
title = {{ zh = {title}, en = {title} }}
source = "own"
measure = "gep"                       # {measure}
evidence = "recalled"                 # {evidence}
legal = "draft"                       # {legal}
ecosystems = "hj1166-2021"
unit = "10^4 CNY"

[sources.own]
title = {{ zh = {title}, en = {title} }}

[data.output_value]
name = {{ zh = "净产值", en = "Net output value" }}
unit = "10^4 CNY"
min = 0
from = {{ zh = "统计部门", en = "statistics bureau" }}
keys = ["region", "product"]

[[indicator]]
id = "products"
name = {{ zh = "物质产品", en = "Products" }}
category = "provisioning"
price_concept = "net_output"
[[indicator.step]]
id = "value"
kind = "value"
method = "gep.methods.valuation:reported_value"
per = "region"
unit = "10^4 CNY"
inputs = {{ value = {{ data = "output_value" }} }}

[[total]]
id = "gep"
name = {{ zh = "生态产品总值", en = "Gross Ecosystem Product" }}
indicators = ["products"]
"""
_STANDARD_COMMENTS = ("begin", "measure", "evidence", "legal")
_DERIVED = """\
# {begin}
base = {base}
id = {id}
title = {{ zh = {title}, en = {title} }}
source = "own"
evidence = "recalled"                 # {evidence}
legal = "draft"                       # {legal}

[sources.own]
title = {{ zh = {title}, en = {title} }}

# {examples}

# {remove}
# [remove]
# indicator = [{removed}]

# {replace}
# [[indicator]]
# id = {replaced}
# note = "…"

# {add}
# [data.added_value]
# name = {{ zh = "新科目的价值", en = "Value of the new indicator" }}
# unit = "10^4 CNY"
# [[indicator]]
# id = "added"
# name = {{ zh = "新科目", en = "New indicator" }}
# category = "regulating"
# [[indicator.step]]
# id = "value"
# kind = "value"
# method = "gep.methods.valuation:reported_value"
# per = "region"
# unit = "10^4 CNY"
# inputs = {{ value = {{ data = "added_value" }} }}
# [[total]]
# id = {total}
# add = ["added"]

# {indicators}
{listed}"""
_DERIVED_COMMENTS = ("begin", "examples", "remove", "replace", "add", "indicators")


@checked_arguments
def catalog(kind: str, *, language: Language | None = None) -> "pd.DataFrame":
    """Return a table of what ships with gep.

    Parameters
    ----------
    kind : str
        ``standards``, ``switches``, ``points`` (to be checked against the texts of standards),
        ``data``, ``coefficients``, ``values``, ``indicators``, ``sets``, ``methods``, ``classes``,
        ``crosswalks``, ``losses``, ``schemes``, ``problems``, ``units`` or
        ``places``.
    language : {'zh', 'en'}, optional
        Language of titles and messages; by default that of the user's system.

    Returns
    -------
    DataFrame
        The table that ``gep catalog`` prints.

    Raises
    ------
    ProblemsFound
        ``unknown-id``.

    Examples
    --------
    >>> import gep
    >>> "xie-2015" in gep.catalog("standards").to_string()
    True
    """
    from gep.report.reference import TABLES

    if kind not in TABLES:
        kinds = tuple(TABLES)
        unknown = make_problem(
            "unknown-id",
            "catalog",
            "workflows.unknown-catalog",
            kind=kind,
            kinds=Listed(kinds, len(kinds)),
        )
        raise ProblemsFound([unknown], language=language)
    return TABLES[kind](language or locale_language())


@checked_arguments
def new_coefficient_set(path: str | Path, *, language: Language | None = None) -> Path:
    """Make a folder for coefficients, without rows.

    Parameters
    ----------
    path : str or Path
        The folder, which must not exist.
    language : {'zh', 'en'}, optional
        Language of comments and messages; by default that of the user's system.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ProblemsFound
        ``file-exists`` or ``cannot-write``.

    Examples
    --------
    >>> import gep
    >>> gep.new_coefficient_set("local-set").name
    'local-set'
    """
    folder = Path(path)
    spoken = language or locale_language()
    title = quoted(name_of(folder))
    header = _SET.format(id=title, title=title, **comments("new-set", _SET_COMMENTS, spoken))
    changes = comments("new-set", _CHANGES_COMMENTS, spoken)
    files = {
        "set.toml": header,
        "sources.toml": _SOURCES.format(**comments("new-set", _SOURCES_COMMENTS, spoken)),
        "numbers.csv": _NUMBERS,
        "CHANGES.md": _CHANGES.format(name=name_of(folder), **changes),
    }
    with worded_in(language):
        return write_folder(folder, files)


@checked_arguments
def new_standard(
    path: str | Path, *, base: str | Path | None = None, language: Language | None = None
) -> Path:
    """Make a standard of one indicator that loads and runs, or one derived from another.

    Parameters
    ----------
    path : str or Path
        The file, which must not exist; ``.toml`` is added where it is missing.
    base : str or Path, optional
        The standard from which the new one is derived: an id, or a path inside the folder of the
        new file. The new one changes nothing yet; examples of changes are in its comments.
    language : {'zh', 'en'}, optional
        Language of comments and messages; by default that of the user's system.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ProblemsFound
        ``file-exists`` (also for a folder in place of a file), ``cannot-write``, and what is wrong
        with the base: ``unknown-id``, ``path-outside``, ``duplicate-id`` if the file is called as
        it, ``toml-value`` if it has a base itself.

    Examples
    --------
    >>> import gep
    >>> gep.new_standard("local-standard").name
    'local-standard.toml'
    >>> gep.new_standard("our-2025.toml", base="rcees-2017").name
    'our-2025.toml'
    """
    file = Path(path)
    with worded_in(language):
        if file.name in ("", ".."):
            message = "workflows.new-standard.folder"
            raise ProblemsFound([make_problem("file-exists", str(path), message)])
        if file.suffix != ".toml":
            file = file.with_name(f"{file.name}.toml")
        _refuse_unprintable(file)
        refuse_existing(file)
        spoken = language or locale_language()
        if base is None:
            title = quoted(name_of(file.with_suffix("")))
            lines = comments("new-standard", _STANDARD_COMMENTS, spoken)
            content = _STANDARD.format(id=title, title=title, **lines)
        else:
            content = _derived_text(file, base, spoken)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with scratch_folder(file.parent) as scratch:
                draft = scratch / "new" / file.name
                draft.write_text(content, encoding="utf-8", newline="\n")
                put_new(draft, file)
        except OSError as error:
            raise ProblemsFound([unwritten(file, error)]) from None
    return file


def _derived_text(file: Path, base: str | Path, language: Language) -> str:
    """Return the text of a new standard that is derived and changes nothing yet."""
    from gep.standards.standard import load_base

    named = str(base)
    if isinstance(base, Path) or is_path(named):
        named = Path(os.path.relpath(named, file.parent)).as_posix()
        named = named if named.startswith("..") else f"./{named}"
    new_id = name_of(file.with_suffix(""))
    problems = ProblemLog()
    standard = load_base(named, file, problems)
    if standard is not None and standard.id == new_id:
        problems.add("duplicate-id", f"{file.name} id", "standards.id-of-base", id=new_id)
    if standard is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    spec = standard.spec
    listed = [f"# {indicator.id}  {indicator.name.say(language)}" for indicator in spec.indicator]
    words = comments("new-derived", _DERIVED_COMMENTS, language, base=standard.id)
    words |= comments("new-standard", ("evidence", "legal"), language)
    return _DERIVED.format(
        base=quoted(named),
        id=quoted(new_id),
        title=quoted(new_id),
        removed=", ".join(quoted(name) for name in _removable(spec)[-1:]),
        replaced=quoted(spec.indicator[0].id),
        total=quoted(spec.total[0].id),
        listed="\n".join([*listed, ""]),
        **words,
    )


def _removable(spec: "StandardSpec") -> list[str]:
    """Return the indicators that nothing else needs: no step, and no total of them alone."""
    taken = {total.indicators[0] for total in spec.total if len(total.indicators) == 1}
    for indicator in spec.indicator:
        for step in indicator.step:
            sources = {str(binding.step).partition(".")[0] for binding in step.inputs.values()}
            taken |= sources - {indicator.id}
    for step in spec.step:
        taken |= {str(binding.step).partition(".")[0] for binding in step.inputs.values()}
    return [indicator.id for indicator in spec.indicator[1:] if indicator.id not in taken]


def name_of(path: Path) -> str:
    """Return the name of a folder, also where it is written as ``.``."""
    return path.resolve().name


def _refuse_unprintable(path: Path) -> None:
    """Refuse (``cannot-write``) a name that a TOML could not hold, or a terminal not show."""
    name = name_of(path)
    if any(unicodedata.category(mark) in _UNPRINTABLE for mark in name):
        raise ProblemsFound(
            [make_problem("cannot-write", printable(path, _PATH_SHOWN), "io.unprintable-name")]
        )


def comments(
    section: str, names: tuple[str, ...], language: Language, **values: str
) -> dict[str, str]:
    """Return the comments of a new file by name, from a section of the catalogue."""
    return {name: say(language, f"workflows.{section}.{name}", **values) for name in names}


def quoted(value: str) -> str:
    """Return a text as TOML has it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def column_values(path: Path | None, name: str) -> set[str]:
    """Return the values of a column of a shipped table; none if it has no such column."""
    if path is None:
        return set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row[name] for row in csv.DictReader(file) if name in row}


def write_folder(
    folder: Path, files: Mapping[str, str], finish: Callable[[Path], object] | None = None
) -> Path:
    """Write a new folder whole or not at all.

    Parameters
    ----------
    folder : Path
    files : mapping of str to str
        Contents by file name; a CSV gets a byte order mark.
    finish : callable, optional
        Takes the folder with these files before it has its name, and adds more to it.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ProblemsFound
        ``file-exists`` or ``cannot-write``, and what ``finish`` finds.
    """
    _refuse_unprintable(folder)
    refuse_existing(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(folder.parent) as scratch:
            for name, content in files.items():
                encoding = "utf-8-sig" if name.endswith(".csv") else "utf-8"
                (scratch / "new" / name).write_text(content, encoding=encoding, newline="\n")
            if finish is not None:
                finish(scratch / "new")
            refuse_existing(folder)
            os.rename(scratch / "new", folder)
            sync_folder(folder.parent)
    except OSError as error:
        raise ProblemsFound([unwritten(folder, error)]) from None
    return folder
