"""New folders to begin with (新建): a project, a coefficient set, a standard; and what ships.

Each of them runs, or says what is missing. The structure of the files is here, their comments are
in the catalogue of texts, in the language that the user chose.
"""

import csv
import os
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gep.account.caption import legal_title
from gep.errors import ProblemsFound, make_problem, worded_in
from gep.io.catalog import is_path, shipped
from gep.io.csv_excel import printable
from gep.io.result_folder import scratch_folder, sync_folder
from gep.io.spreadsheets import put_new, refuse_existing, unwritten
from gep.io.tables import suggestion
from gep.standards.standard import StandardSpec, read_standard
from gep.texts.catalogue import Language, Listed, locale_language, say

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN = "unknown"
RESEARCH = "rcees-2017"  # used for "unknown": a research basis, and the project says so
_COMMENT_COLUMN = 36
_UNPRINTABLE = ("Cc", "Cf", "Cs")  # control, format, and bytes that are no text

_PROJECT = """\
# {title}: {steps}
[project]
id = {id}
title = {{ zh = {title}, en = {title} }}
standard = {standard}{remark}
coefficients = []                     # {coefficients}
years = []                            # {years}
# price_year = 2020                   # {price_year}
language = {language}

[switches]                            # {switches}
{switch_lines}

[inputs]
areas = "areas.csv"                   # {areas}
{crosswalk_line}
regions = "regions.csv"               # {regions}
data = []                             # {data}
"""
_PROJECT_COMMENTS = (
    "steps",
    "coefficients",
    "years",
    "price_year",
    "switches",
    "areas",
    "regions",
    "data",
)
_PATH_SHOWN = 200  # characters of a path that a message shows
_AREAS = "region,year,class,area,unit,source\n"
_REGIONS = "region,name,name_en,parent,area,area_unit,population,lon,lat\n"
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


def new_project(path: str | Path, standard: str, *, language: Language | None = None) -> Path:
    """Make a project folder to fill in.

    Parameters
    ----------
    path : str or Path
        The folder, which must not exist.
    standard : str
        Id or path of the standard that the assignment names; ``unknown`` if it names none.
    language : {'zh', 'en'}, optional
        Language of comments and messages, and of the project; by default that of the user's system.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ProblemsFound
        ``unknown-id``, ``file-exists``, ``cannot-write``, and the codes of the standard.
    """
    known = shipped("standards")
    chosen = RESEARCH if standard == UNKNOWN else standard
    spoken = language or locale_language()
    with worded_in(language):
        if chosen not in known and not is_path(chosen):
            unknown = make_problem(
                "unknown-id",
                "--standard",
                "workflows.unknown-standard",
                standard=standard,
                hint=suggestion(chosen, known),
            )
            raise ProblemsFound([unknown])
        spec = read_standard(chosen).spec
        remark = ""
        if standard == UNKNOWN:
            remark = f"   # {say(spoken, 'workflows.new-project.research')}"
        folder = Path(path)
        title = _quoted(_name_of(folder))
        project = _PROJECT.format(
            id=title,
            title=title,
            standard=_quoted(chosen),
            remark=remark,
            language=_quoted(spoken),
            switch_lines=_switch_lines(spec, spoken),
            crosswalk_line=_crosswalk_line(spec.ecosystems, spoken),
            **_comments("new-project", _PROJECT_COMMENTS, spoken, ecosystems=spec.ecosystems),
        )
        files = {"project.toml": project, "areas.csv": _AREAS, "regions.csv": _REGIONS}
        return _write_folder(folder, files)


def standard_choices(language: Language) -> list[str]:
    """List what ``standard`` of :func:`new_project` may be, a line each: id, title, legal force."""
    lines = []
    for name in shipped("standards"):
        spec = read_standard(name).spec
        legal = legal_title(spec.legal, language)
        line = say(
            language, "workflows.new-project.choice", id=spec.id, title=spec.title, legal=legal
        )
        lines.append(line)
    unknown = say(language, "workflows.new-project.no-choice", unknown=UNKNOWN, standard=RESEARCH)
    return [*lines, unknown]


def catalog(kind: str, *, language: Language | None = None) -> "pd.DataFrame":
    """Return a table of what ships with gep.

    Parameters
    ----------
    kind : str
        ``standards``, ``switches``, ``data``, ``sets``, ``methods``, ``classes``, ``crosswalks``,
        ``schemes``, ``problems`` or ``units``.
    language : {'zh', 'en'}, optional
        Language of messages; by default that of the user's system.

    Returns
    -------
    DataFrame
        The table that ``gep catalog`` prints.

    Raises
    ------
    ProblemsFound
        ``unknown-id``.
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
    return TABLES[kind]()


def _switch_lines(spec: StandardSpec, language: Language) -> str:
    """Return the switches of a standard as comments, each at its default, with its options."""
    lines = []
    for name, switch in spec.switch.items():
        title = " ".join(switch.name.say(language).split())
        options = " | ".join(switch.options)
        lines.append(_commented(name, switch.default, f"{options}: {title}"))
    if not lines:
        lines.append(f"# {say(language, 'workflows.new-project.no-switch')}")
    return "\n".join(lines)


def _crosswalk_line(scheme: str, language: Language) -> str:
    """Return, as a comment, the shipped crosswalks whose ecosystem types are all of a scheme."""
    tables = shipped("classes")
    known = _column_values(tables.get(scheme), "class") | {"na"}
    fitting = []
    for name, path in tables.items():
        types = _column_values(path, "ecosystem")
        if types and types <= known:
            fitting.append(name)
    fitting.sort(reverse=True)  # the land survey before satellite classes
    first, *others = fitting or ["./crosswalk.csv"]
    key = "workflows.new-project.crosswalks" if others else "workflows.new-project.crosswalk"
    return _commented("crosswalk", first, say(language, key, others=", ".join(others)))


def _commented(key: str, value: str, comment: str) -> str:
    """Return a line of TOML that is commented out, with a comment on it."""
    line = f"# {key} = {_quoted(value)}"
    return f"{line.ljust(_COMMENT_COLUMN)}  # {comment}"


def _column_values(path: Path | None, name: str) -> set[str]:
    """Return the values of a column of a shipped table; none if it has no such column."""
    if path is None:
        return set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row[name] for row in csv.DictReader(file) if name in row}


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
    """
    folder = Path(path)
    spoken = language or locale_language()
    title = _quoted(_name_of(folder))
    header = _SET.format(id=title, title=title, **_comments("new-set", _SET_COMMENTS, spoken))
    changes = _comments("new-set", _CHANGES_COMMENTS, spoken)
    files = {
        "set.toml": header,
        "sources.toml": _SOURCES.format(**_comments("new-set", _SOURCES_COMMENTS, spoken)),
        "numbers.csv": _NUMBERS,
        "CHANGES.md": _CHANGES.format(name=_name_of(folder), **changes),
    }
    with worded_in(language):
        return _write_folder(folder, files)


def new_standard(path: str | Path, *, language: Language | None = None) -> Path:
    """Make a standard of one indicator that loads and runs.

    Parameters
    ----------
    path : str or Path
        The file, which must not exist; ``.toml`` is added where it is missing.
    language : {'zh', 'en'}, optional
        Language of comments and messages; by default that of the user's system.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ProblemsFound
        ``file-exists`` (also for a folder in place of a file) or ``cannot-write``.
    """
    file = Path(path)
    with worded_in(language):
        if file.name in ("", ".."):
            message = "workflows.new-standard.folder"
            raise ProblemsFound([make_problem("file-exists", str(path), message)])
        if file.suffix != ".toml":
            file = file.with_name(f"{file.name}.toml")
        title = _quoted(_name_of(file.with_suffix("")))
        comments = _comments("new-standard", _STANDARD_COMMENTS, language or locale_language())
        content = _STANDARD.format(id=title, title=title, **comments)
        _refuse_unprintable(file)
        refuse_existing(file)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with scratch_folder(file.parent) as scratch:
                draft = scratch / "new" / file.name
                draft.write_text(content, encoding="utf-8", newline="\n")
                put_new(draft, file)
        except OSError as error:
            raise ProblemsFound([unwritten(file, error)]) from None
    return file


def _name_of(path: Path) -> str:
    """Return the name of a folder, also where it is written as ``.``."""
    return path.resolve().name


def _refuse_unprintable(path: Path) -> None:
    """Refuse (``cannot-write``) a name that a TOML could not hold, or a terminal not show."""
    name = _name_of(path)
    if any(unicodedata.category(mark) in _UNPRINTABLE for mark in name):
        raise ProblemsFound(
            [make_problem("cannot-write", printable(path, _PATH_SHOWN), "io.unprintable-name")]
        )


def _comments(
    section: str, names: tuple[str, ...], language: Language, **values: str
) -> dict[str, str]:
    """Return the comments of a new file by name, from a section of the catalogue."""
    return {name: say(language, f"workflows.{section}.{name}", **values) for name in names}


def _quoted(value: str) -> str:
    """Return a text as TOML has it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _write_folder(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a new folder whole or not at all.

    Parameters
    ----------
    folder : Path
    files : mapping of str to str
        Contents by file name; a CSV gets a byte order mark.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ProblemsFound
        ``file-exists`` or ``cannot-write``.
    """
    _refuse_unprintable(folder)
    refuse_existing(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(folder.parent) as scratch:
            for name, content in files.items():
                encoding = "utf-8-sig" if name.endswith(".csv") else "utf-8"
                (scratch / "new" / name).write_text(content, encoding=encoding, newline="\n")
            refuse_existing(folder)
            os.rename(scratch / "new", folder)
            sync_folder(folder.parent)
    except OSError as error:
        raise ProblemsFound([unwritten(folder, error)]) from None
    return folder
