"""A new assessment scheme to begin with (新建考核方案): its TOML with comments, and its tables.

The folder passes ``gep check`` in a project that allows placeholders: every number in it is made up
and says so, until the user puts in numbers with a source. The structure of the files is here, their
comments are in the catalogue of texts.
"""

from pathlib import Path

from gep.errors import ProblemsFound, make_problem, worded_in
from gep.io.argument_types import checked_arguments
from gep.texts.catalogue import Language, locale_language
from gep.workflows.templates import comments, name_of, quoted, write_folder

SCHEME_KINDS = ("score", "index", "geep", "balance", "audit", "allocation")
_ID = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

_HEAD = """\
# {begin}
id = {id}
title = {{ zh = {id}, en = {id} }}
kind = "{kind}"
source = "own"
evidence = "placeholder"              # {evidence}
legal = "draft"                       # {legal}
"""
_SOURCES = """
[sources.own]                         # {sources}
title = {{ zh = {id}, en = {id} }}

[department]                          # {department}
# {data} = {{ zh = "生态环境局", en = "Environment bureau" }}
"""
_SCORE = """\
total = 100                           # {total}
missing = "floor"                     # {missing}
floor = 0

[[indicator]]
id = "good_air_days"
name = {{ zh = "优良天数比率", en = "Days of good air" }}
property = "binding"                  # {property}
direction = "+"                       # {direction}
unit = "%"
points = 60
reading = {{ data = "good_air_days" }}  # {reading}
rule = {{ kind = "attain" }}          # {rule}
source = "own"
grade = "placeholder"                 # {grade}

[[indicator]]
id = "forest_cover"
name = {{ zh = "森林覆盖率", en = "Forest cover" }}
property = "expected"
direction = "+"
unit = "%"
points = 40
reading = {{ data = "forest_cover" }}
rule = {{ kind = "efficacy" }}
source = "own"
grade = "placeholder"

[[event]]                             # {event}
id = "major_accident"
name = {{ zh = "重大环境事件", en = "Major accident" }}
effect = "deduct"
points = 5

[[grade]]
name = {{ zh = "优秀", en = "Excellent" }}
from = 90

[[grade]]
name = {{ zh = "合格", en = "Passed" }}
from = 60

[[grade]]
name = {{ zh = "不合格", en = "Failed" }}
"""
_INDEX = """\
indicators = "indicators.csv"         # {nodes}
root = "index"
"""
_INDEX_NODES = """\
node,parent,zh,en,weight,unit,data,direction,source,locator,grade,note
index,,综合指数,Index,,1,,,own,made up,placeholder,
air,index,优良天数比率,Days of good air,0.5,1,air_index,+,own,made up,placeholder,
water,index,水质指数,Water quality,0.5,1,water_index,+,own,made up,placeholder,
"""
_GEEP = """\
unit = "10^4 CNY"                     # {money}

[term.gdp]                            # {term}
name = {{ zh = "地区生产总值", en = "GDP" }}
readings = [{{ data = "gdp" }}]

[term.endc]
name = {{ zh = "环境退化成本", en = "Environmental degradation cost" }}
readings = [{{ data = "endc" }}]

[term.ecdc]
name = {{ zh = "生态破坏成本", en = "Ecological damage cost" }}
readings = [{{ data = "ecdc" }}]

[term.ers]
name = {{ zh = "调节服务价值", en = "Regulating services" }}
readings = [{{ data = "ers" }}]
"""
_BALANCE = """\
[[resource]]                          # {resource}
id = "timber"
name = {{ zh = "林木蓄积量", en = "Growing stock" }}
unit = "m3"
[resource.classes]
natural = {{ zh = "天然林", en = "Natural forest" }}
planted = {{ zh = "人工林", en = "Planted forest" }}

[[row]]                               # {row}
id = "opening"
name = {{ zh = "期初存量", en = "Opening stock" }}
item = "opening"

[[row]]
id = "additions"
name = {{ zh = "本期增加", en = "Additions" }}
item = "additions"

[[row]]
id = "addition"
name = {{ zh = "其中各种增加", en = "of which any addition" }}
item = "addition"

[[row]]
id = "reductions"
name = {{ zh = "本期减少", en = "Reductions" }}
item = "reductions"

[[row]]
id = "reduction"
name = {{ zh = "其中各种减少", en = "of which any reduction" }}
item = "reduction"

[[row]]
id = "statistical_error"
name = {{ zh = "统计误差", en = "Statistical error" }}
item = "statistical_error"

[[row]]
id = "closing"
name = {{ zh = "期末存量", en = "Closing stock" }}
item = "closing"
"""
_AUDIT = """\
total = 100

[[item]]                              # {item}
id = "cropland"
name = {{ zh = "耕地保有量", en = "Cropland" }}
property = "reference"
direction = "+"
unit = "hm2"
reading = {{ data = "cropland" }}
source = "own"
grade = "placeholder"

[[module]]                            # {module}
id = "duties"
name = {{ zh = "履行责任情况", en = "Duties" }}
grade = "placeholder"

[[grade]]
name = {{ zh = "好", en = "Good" }}
from = 90

[[grade]]
name = {{ zh = "较差", en = "Poor" }}
"""
_ALLOCATION = """\
method = "factors"                    # {method}
pool = "fund"
total = 100

[[factor]]                            # {factor}
id = "water"
name = {{ zh = "水质得分", en = "Score of water" }}
weight = 60
unit = "1"
reading = {{ data = "score_water" }}
source = "own"
grade = "placeholder"

[[factor]]
id = "forest"
name = {{ zh = "森林得分", en = "Score of forest" }}
weight = 40
unit = "1"
reading = {{ data = "score_forest" }}
source = "own"
grade = "placeholder"
"""
_BODIES = {
    "score": _SCORE,
    "index": _INDEX,
    "geep": _GEEP,
    "balance": _BALANCE,
    "audit": _AUDIT,
    "allocation": _ALLOCATION,
}
_COMMENTS = {  # names of the comments of each body
    "score": (
        "total",
        "missing",
        "property",
        "direction",
        "reading",
        "rule",
        "grade",
        "event",
    ),
    "index": ("nodes",),
    "geep": ("money", "term"),
    "balance": ("resource", "row"),
    "audit": ("item", "module"),
    "allocation": ("method", "factor"),
}
_HEAD_COMMENTS = ("begin", "evidence", "legal", "sources", "department")
_FIRST_DATA = {  # the data name that the example of a department names
    "score": "good_air_days",
    "index": "air_index",
    "geep": "gdp",
    "balance": "timber",
    "audit": "cropland",
    "allocation": "score_water",
}
# Made-up rows of two years, by kind and file.
_SCORE_READINGS = """\
region,year,name,value,unit,source,locator,grade,note
{region},{before},good_air_days,90,%,made-up,,placeholder,
{region},{before},forest_cover,50,%,made-up,,placeholder,
{region},{year},good_air_days,92,%,made-up,,placeholder,
{region},{year},forest_cover,51,%,made-up,,placeholder,
"""
_SCORE_TARGETS = """\
region,indicator,base_year,base,year,comparator,target,form,unit,source,grade
{region},good_air_days,,,{year},>=,90,level,%,made-up,placeholder
"""
_SCORE_EVENTS = """\
region,year,event,document,date,expires,times,note
{region},{year},major_accident,made-up,{year}-06-01,,,
"""
_INDEX_READINGS = """\
region,year,name,value,unit,source,locator,grade,note
{region},{before},air_index,70,1,made-up,,placeholder,
{region},{before},water_index,80,1,made-up,,placeholder,
{region},{year},air_index,72,1,made-up,,placeholder,
{region},{year},water_index,81,1,made-up,,placeholder,
"""
_GEEP_READINGS = """\
region,year,name,value,unit,source,locator,grade,note
{region},{before},gdp,1000,10^4 CNY,made-up,,placeholder,
{region},{before},endc,20,10^4 CNY,made-up,,placeholder,
{region},{before},ecdc,10,10^4 CNY,made-up,,placeholder,
{region},{before},ers,400,10^4 CNY,made-up,,placeholder,
{region},{year},gdp,1100,10^4 CNY,made-up,,placeholder,
{region},{year},endc,19,10^4 CNY,made-up,,placeholder,
{region},{year},ecdc,9,10^4 CNY,made-up,,placeholder,
{region},{year},ers,410,10^4 CNY,made-up,,placeholder,
"""
_BALANCE_STOCKS = """\
region,year,resource,class,stock,unit,source,grade
{region},{before},timber,natural,100,m3,made-up,placeholder
{region},{before},timber,planted,60,m3,made-up,placeholder
{region},{year},timber,natural,101,m3,made-up,placeholder
{region},{year},timber,planted,66,m3,made-up,placeholder
"""
_AUDIT_READINGS = """\
region,year,name,value,unit,source,locator,grade,note
{region},{before},cropland,500,hm2,made-up,,placeholder,
{region},{year},cropland,498,hm2,made-up,,placeholder,
"""
_AUDIT_TERMS = """\
region,office,term_start,term_end,document,note
{region},office-1,{before}-01-01,{year}-12-31,made-up,
"""
_ALLOCATION_READINGS = """\
region,year,name,value,unit,source,locator,grade,note
{region},{before},score_water,80,1,made-up,,placeholder,
{region},{before},score_forest,60,1,made-up,,placeholder,
{region},{year},score_water,82,1,made-up,,placeholder,
{region},{year},score_forest,61,1,made-up,,placeholder,
"""
_ALLOCATION_POOLS = """\
year,pool,amount,unit,source,grade
{before},fund,100,10^4 CNY,made-up,placeholder
{year},fund,110,10^4 CNY,made-up,placeholder
"""
_TABLES = {
    "score": {
        "readings.csv": _SCORE_READINGS,
        "targets.csv": _SCORE_TARGETS,
        "events.csv": _SCORE_EVENTS,
    },
    "index": {
        "readings.csv": _INDEX_READINGS,
        "indicators.csv": _INDEX_NODES,
    },
    "geep": {
        "readings.csv": _GEEP_READINGS,
    },
    "balance": {
        "stocks.csv": _BALANCE_STOCKS,
    },
    "audit": {
        "readings.csv": _AUDIT_READINGS,
        "terms.csv": _AUDIT_TERMS,
    },
    "allocation": {
        "readings.csv": _ALLOCATION_READINGS,
        "pools.csv": _ALLOCATION_POOLS,
    },
}


@checked_arguments
def new_scheme(
    path: str | Path,
    *,
    kind: str,
    region: str = "region-1",
    year: int = 2020,
    language: Language | None = None,
) -> Path:
    """Make a folder with a scheme of one's own: its TOML with comments, and its tables.

    Parameters
    ----------
    path : str or Path
        The folder, which must not exist; its name is the scheme's id.
    kind : {'score', 'index', 'geep', 'balance', 'audit', 'allocation'}
    region : str, optional
        The region of the made-up rows.
    year : int, optional
        Their second year; the first is the one before.
    language : {'zh', 'en'}, optional
        Language of comments and messages; by default that of the user's system.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ProblemsFound
        ``unknown-id`` for a kind or a name that a scheme cannot have; ``file-exists``,
        ``cannot-write``.

    Examples
    --------
    >>> import gep
    >>> gep.new_scheme("our-scheme", kind="score").name
    'our-scheme'
    """
    folder = Path(path)
    with worded_in(language):
        _check_names(folder, kind)
        return write_folder(folder, _files(folder, kind, region, year, language))


def _check_names(folder: Path, kind: str) -> None:
    """Raise ``ProblemsFound`` for a kind or an id that no scheme has."""
    problems = []
    if kind not in SCHEME_KINDS:
        message = "workflows.new-scheme.unknown-kind"
        problems.append(
            make_problem("unknown-id", "--kind", message, kind=kind, kinds=SCHEME_KINDS)
        )
    name = name_of(folder)
    if not name or not set(name) <= set(_ID) or name[0] in "_-":
        problems.append(make_problem("unknown-id", name, "workflows.new-scheme.bad-name"))
    if problems:
        raise ProblemsFound(problems)


def _files(
    folder: Path, kind: str, region: str, year: int, language: Language | None
) -> dict[str, str]:
    """Return the files of a new scheme, by name."""
    spoken = language or locale_language()
    name = name_of(folder)
    words = {
        **comments("new-scheme", _HEAD_COMMENTS, spoken),
        **comments("new-scheme", _COMMENTS[kind], spoken),
        "id": quoted(name),
        "kind": kind,
        "data": _FIRST_DATA[kind],
    }
    parts = (_HEAD, _BODIES[kind], _SOURCES)
    files = {f"{name}.toml": "".join(part.format(**words) for part in parts)}
    values = {"region": region, "before": year - 1, "year": year}
    for table, rows in _TABLES[kind].items():
        files[table] = rows.format(**values)
    return files


def lines_of_project(folder: Path) -> list[str]:
    """Return the lines of ``[assessment]`` by which a project beside it names a new scheme.

    Parameters
    ----------
    folder : Path
        From :func:`new_scheme`.

    Returns
    -------
    list of str
    """
    name = name_of(folder)
    lines = [f'schemes = ["./{name}/{name}.toml"]']
    for file in sorted(folder.glob("*.csv")):
        if file.stem == "readings":
            lines.append(f'readings = ["{name}/readings.csv"]')
        elif file.stem != "indicators":
            lines.append(f'{file.stem} = "{name}/{file.name}"')
    return lines
