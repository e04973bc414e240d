"""New folders to start from (新建): a project, a coefficient set, a standard; each runs, or says what is missing."""

import csv
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gep.account.caption import LEGAL
from gep.errors import ProblemsFound, make_problem
from gep.io.catalog import is_path, shipped
from gep.io.spreadsheets import refuse_existing, unwritten
from gep.io.tables import suggestion
from gep.standards.standard import StandardSpec, read_standard

UNKNOWN = "unknown"
RESEARCH = "rcees-2017"  # what "unknown" stands for: a research basis, and the project says so

_PROJECT = """\
# {title}: 步骤见 steps in docs/tutorial.md; gep check . ; gep form . --out form.xlsx ; gep run .
[project]
id = {id}
title = {{ zh = {title}, en = {title} }}
standard = {standard}{remark}
coefficients = []                     # 参数集的编号或文件夹 ids or folders of sets: ["./local"] (gep new set local)
years = []                            # 核算年，areas.csv 里有的 years of areas.csv: [2020]
# price_year = 2020                   # 按哪年价格；不写为当年价 at constant prices; without it, current prices
language = "zh"

[switches]                            # 规范留给核算者的选择 choices that the standard leaves open: gep catalog switches
{switches}

[inputs]
areas = "areas.csv"                   # 类型 classes: {ecosystems} (gep catalog classes)，或对照表的 or the crosswalk's
{crosswalk}
regions = "regions.csv"               # 区域名称、上级、面积、人口 names, parents, areas, population
data = []                             # 部门数据 departments' data: ["data.csv"], ["form.xlsx#data"]
"""
_AREAS = "region,year,class,area,unit,source\n"
_REGIONS = "region,name,name_en,parent,area,area_unit,population,lon,lat\n"
_SET = """\
id = {id}
version = "0.1.0"
title = {{ zh = {title}, en = {title} }}
licence = "CC-BY-4.0"
inherit = []                          # ["ecosystem"]: 大类的数可用于小类 a parent's row answers for its children

[scope]                               # 适用范围，之外是价值转移 made for these; elsewhere is value transfer
regions = []                          # 区域代码 codes: ["360000"]
years = []                            # [2020]
"""
_SOURCES = """\
# 一份文献一段；CSV 的 source 列写它的名字 one table for each document; `source` in the CSV names it
# [yearbook-2020]
# title = { zh = "某县统计年鉴2020", en = "Statistical yearbook 2020" }
# issuer = "某县统计局"
# date = "2021"
"""
_NUMBERS = "coefficient,ecosystem,value,unit,low,high,price_year,source,locator,grade,note\n"
_STANDARD = """\
# 先有一个科目，再照 docs/how-to/own-standard.md 增加 one indicator to begin with; that page goes on from here
id = {id}
title = {{ zh = {title}, en = {title} }}
source = "own"
measure = "gep"                       # gep 生态产品总值 | esv 当量因子法 unit values | quantity 功能量
evidence = "recalled"                 # 与正文核对后改为 verified once it was held against its text
legal = "draft"                       # 草案 draft | 试行 trial | 现行 in_force | 已代替 superseded | 研究 research
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
        raise ProblemsFound(
            [make_problem("unknown-id", "--standard", f"no standard is called {standard!r}", fix)]
        )
    text = read_standard(chosen).spec
    remark = "   # 研究依据：任务书没有指定规范 research basis: the assignment named no standard"
    where = Path(path)
    made = _filled(
        _PROJECT,
        where,
        standard=chosen,
        ecosystems=text.ecosystems,
        remark=remark if standard == UNKNOWN else "",
        switches=_switches(text),
        crosswalk=_crosswalks(text.ecosystems),
    )
    return _folder(where, {"project.toml": made, "areas.csv": _AREAS, "regions.csv": _REGIONS})


def choices() -> list[str]:
    """What ``standard`` of ``new_project`` may be, a line each: id, Chinese title, legal force."""
    texts = [read_standard(name).spec for name in shipped("standards")]
    lines = [f"{one.id}  {one.title.zh}（{LEGAL[one.legal][0]}）" for one in texts]
    return [*lines, f"{UNKNOWN}  任务书没有指定：用 {RESEARCH}，研究依据 the assignment names none"]


def _switches(text: StandardSpec) -> str:
    """The switches as comments, each at its default, with its options."""
    lines = [
        f"# {name} = {_quoted(one.default)}".ljust(36)
        + f"  # {' | '.join(one.options)}: {' '.join(str(one.name).split())}"
        for name, one in text.switch.items()
    ]
    return "\n".join(lines or ["# 本规范没有开关 this standard has none"])


def _crosswalks(scheme: str) -> str:
    """The shipped crosswalks whose types are all of the scheme, as a comment."""
    known = _column(shipped("classes").get(scheme), "class") | {"na"}
    fit = [
        name
        for name, path in shipped("classes").items()
        if (types := _column(path, "ecosystem")) and types <= known
    ]
    first, *others = sorted(fit, reverse=True) or [
        "./crosswalk.csv"
    ]  # the land survey before satellite classes
    also = f"；另有 others: {', '.join(others)}" if others else ""
    return (
        f"# crosswalk = {_quoted(first)}".ljust(36)
        + f"  # 面积按其他分类时的对照表 where areas are of other classes{also}"
    )


def _column(path: Path | None, name: str) -> set[str]:
    """What stands in a column of a shipped table, nothing where it has no such column."""
    if path is None:
        return set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row[name] for row in csv.DictReader(file) if name in row}


def new_coefficient_set(path: str | Path) -> Path:
    """A folder of coefficients without rows. Raises ``ProblemsFound`` where it exists."""
    where = Path(path)
    changes = f"# {where.name}\n\n0.1.0: begun.\n"
    files = {
        "set.toml": _filled(_SET, where),
        "sources.toml": _SOURCES,
        "numbers.csv": _NUMBERS,
        "CHANGES.md": changes,
    }
    return _folder(where, files)


def new_standard(path: str | Path) -> Path:
    """A standard of one indicator that loads and runs. Raises ``ProblemsFound`` where the file exists."""
    where = Path(path)
    where = where if where.suffix == ".toml" else where.with_name(where.name + ".toml")
    refuse_existing(where)
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(_filled(_STANDARD, where.with_suffix("")), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ProblemsFound([unwritten(where, error)]) from None
    return where


def _filled(template: str, where: Path, **texts: str) -> str:
    name = where.resolve().name
    words = {
        "id": name,
        "title": name,
        **{key: text for key, text in texts.items() if key in ("standard",)},
    }
    plain = {key: text for key, text in texts.items() if key not in words}
    return template.format(**{key: _quoted(text) for key, text in words.items()}, **plain)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _folder(where: Path, files: Mapping[str, str]) -> Path:
    """Write the folder whole or not at all."""
    refuse_existing(where)
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".gep-", dir=where.parent))
    except OSError as error:
        raise ProblemsFound([unwritten(where, error)]) from None
    try:
        for name, text in files.items():
            (scratch / name).write_text(
                text, encoding="utf-8-sig" if name.endswith(".csv") else "utf-8", newline="\n"
            )
        scratch.chmod(0o755)
        scratch.rename(where)
    except OSError as error:
        raise ProblemsFound([unwritten(where, error)]) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return where
