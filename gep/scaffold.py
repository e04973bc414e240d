"""New folders to start from (新建): a project, a coefficient set, a standard; each runs, or says what is missing."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gep.catalog import is_path, shipped
from gep.errors import Problem, ProblemsFound
from gep.standard import read_standard
from gep.tables import suggestion

UNKNOWN = "unknown"
RESEARCH = "rcees-2017"  # what "unknown" stands for: a research basis, and the project says so

_PROJECT = """\
# {title}: see docs/tutorial.md. Run: gep check . ; gep form . ; gep run .
[project]
id = {id}
title = {{ zh = {title}, en = {title} }}
standard = {standard}{remark}
coefficients = []                     # ids or paths of sets; "./my-numbers" is a folder of your own
years = []                            # the years of areas.csv, such as [2020]
language = "zh"

[switches]                            # choices that the standard leaves open (gep catalog standards)

[inputs]
areas = "areas.csv"                   # classes: those of {ecosystems} (gep catalog classes), or those of a crosswalk
regions = "regions.csv"
data = []                             # ["data.csv"]: gep form . prints the rows that are due
"""
_AREAS = "region,year,class,area,unit,source\n"
_REGIONS = "region,name,name_en,parent,area,area_unit,population,lon,lat\n"
_SET = """\
id = {id}
version = "0.1.0"
title = {{ zh = {title}, en = {title} }}
licence = "CC-BY-4.0"
inherit = []                          # "region" or "ecosystem": rows of a parent answer for its children

[scope]
regions = []                          # codes that the numbers were made for; outside it is value transfer
years = []
"""
_SOURCES = """\
# One table for each document; `source` in the CSV names it.
# [yearbook-2020]
# title = { zh = "某县统计年鉴2020", en = "Statistical yearbook 2020" }
# issuer = "某县统计局"
# date = "2021"
"""
_NUMBERS = "coefficient,ecosystem,value,unit,low,high,price_year,source,locator,grade,note\n"
_STANDARD = """\
# One indicator to begin with; docs/how-to/own-standard.md goes on from here.
id = {id}
title = {{ zh = {title}, en = {title} }}
source = "own"
measure = "gep"                       # gep | esv (unit values) | quantity
evidence = "recalled"                 # verified once it was held against its text
legal = "draft"
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


def new_project(path: str | Path, standard: str) -> Path:
    """A project folder for the standard that the assignment names, or ``unknown``. Raises ``ProblemsFound``."""
    known = shipped("standards")
    chosen = RESEARCH if standard == UNKNOWN else standard
    if chosen not in known and not is_path(chosen):
        fix = f"{suggestion(chosen, known)} Write unknown if the assignment names none"
        raise ProblemsFound([Problem("unknown-id", "--standard", f"no standard is called {standard!r}", fix)])
    read = read_standard(chosen)
    remark = "   # research basis (研究依据): the assignment named no standard" if standard == UNKNOWN else ""
    where = Path(path)
    text = _filled(_PROJECT, where, standard=chosen, ecosystems=read.text.ecosystems, remark=remark)
    return _folder(where, {"project.toml": text, "areas.csv": _AREAS, "regions.csv": _REGIONS})


def new_set(path: str | Path) -> Path:
    """A folder of coefficients without rows. Raises ``ProblemsFound`` where it exists."""
    where = Path(path)
    changes = f"# {where.name}\n\n0.1.0: begun.\n"
    files = {"set.toml": _filled(_SET, where), "sources.toml": _SOURCES, "numbers.csv": _NUMBERS, "CHANGES.md": changes}
    return _folder(where, files)


def new_standard(path: str | Path) -> Path:
    """A standard of one indicator that loads and runs. Raises ``ProblemsFound`` where the file exists."""
    where = Path(path)
    where = where if where.suffix == ".toml" else where.with_name(where.name + ".toml")
    _refuse_existing(where)
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(_filled(_STANDARD, where.with_suffix("")), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ProblemsFound([_unwritten(where, error)]) from None
    return where


def _filled(template: str, where: Path, **texts: str) -> str:
    name = where.resolve().name
    words = {"id": name, "title": name, **{key: text for key, text in texts.items() if key in ("standard",)}}
    plain = {key: text for key, text in texts.items() if key not in words}
    return template.format(**{key: _quoted(text) for key, text in words.items()}, **plain)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _refuse_existing(where: Path) -> None:
    if where.exists():
        raise ProblemsFound(
            [Problem("file-exists", str(where), "exists already, and is left as it is", "choose another name")]
        )


def _unwritten(where: Path, error: OSError) -> Problem:
    return Problem("cannot-write", str(where), f"{error.strerror or error}", "choose another place")


def _folder(where: Path, files: Mapping[str, str]) -> Path:
    """Write the folder whole or not at all."""
    _refuse_existing(where)
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".gep-", dir=where.parent))
    except OSError as error:
        raise ProblemsFound([_unwritten(where, error)]) from None
    try:
        for name, text in files.items():
            (scratch / name).write_text(text, encoding="utf-8-sig" if name.endswith(".csv") else "utf-8", newline="\n")
        scratch.chmod(0o755)
        scratch.rename(where)
    except OSError as error:
        raise ProblemsFound([_unwritten(where, error)]) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return where
