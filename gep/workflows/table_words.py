"""What the words of an imported table mean in a project: regions, classes, data names and units.

The module gathers the spellings that a project knows into vocabularies for ``gep.io.wide_table``.
How a table is taken apart is left to that module, what is written to
``gep.workflows.import_table``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gep.errors import ProblemLog, ProblemsFound
from gep.extent.areas import NO_AREAS
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.extent.crosswalk import Crosswalk, load_crosswalk
from gep.extent.regions import Regions, codes_above, load_regions, region_spellings
from gep.inputs.data import COMMON, EMPTY
from gep.inputs.day_cells import DAY
from gep.io.catalog import resolve_inside
from gep.io.days import read_day
from gep.io.tables import Spellings, is_total, plain_spelling
from gep.io.toml_documents import Title
from gep.io.wide_table import SKIPPED, UNIT, VALUE, YEAR, Constant, Vocabulary
from gep.plan.build import NameSpellings, Permissions, PlanInputs, name_spellings
from gep.project.project import ProjectFolder, read_header
from gep.standards.standard import CoefficientName, DataName, Standard, load_standard
from gep.texts.catalogue import LANGUAGES, Language, locale_language, text
from gep.units import UnitError, canonical, same_dimension

_TOML = "project.toml"
_AREA_UNIT = "m2"
_CODE_LENGTHS = (6, 9, 12)  # of counties, townships and villages
_SHORTEST_CODE = 2  # digits of a class that may stand for it alone
_PLACES = "省市县区旗州镇乡村场"  # last letters of names of places
_REGION_HEADS = (
    "行政区域 行政区域名称 行政区域代码 政区 政区名称 政区代码 "
    "行政区 行政区名称 行政区划 行政区划名称 行政区代码 行政区划代码 区划代码 区域 区域名称 地区 "
    "地区名称 县区 区县 县 县名 县市区 乡镇 乡镇名称 乡镇街道 镇 村 村名 行政村 region county town"
)
_CLASS_HEADS = (
    "地类 地类名称 地类编码 地类代码 土地类型 土地类别 土地利用类型 土地利用现状 生态系统 "
    "生态系统类型 类型 类别 一级类 二级类 三级类 一级地类 二级地类 三级地类 一级类型 二级类型 "
    "class landuse landclass landcover landtype landusetype type ecosystem ecosystemtype"
)
_CLASS_GROUPS = (  # first-level classes of the land surveys, and what yearbooks sum up
    "湿地 耕地 种植园用地 园地 林地 草地 商业服务业用地 商服用地 工矿用地 工矿仓储用地 住宅用地 "
    "公共管理与公共服务用地 交通运输用地 水域及水利设施用地 其他土地 农用地 建设用地 未利用地"
)
_NAME_HEADS = "指标 指标名称 项目 项目名称 数据名 数据项 名称 name item indicator"
_YEAR_HEADS = "年份 年度 年 year"
_DAY_HEADS = "日期 日 date day"
# Dates and 05-01; a word such as 1-1 or 3.5 in a table is rarely a day.
_WRITTEN_DAY = re.compile(r"\d{4}[-/.年]\d|\d\d-\d\d$|\d\d?月\d")
_UNIT_HEADS = "单位 计量单位 面积单位 unit units"
_VALUE_HEADS = "面积 地类面积 图斑面积 土地面积 现状面积 数值 数量 值 数据 area value amount"
_NUMBERING_HEADS = "序号 编号 行次 备注 说明 note notes remark no"
_SHARE_HEADS = (
    "占比 比例 比重 百分比 所占比例 占总面积比例 占土地总面积比例 占土地总面积的比例 占总面积比重 "
    "% share percent"
)
_GROWTH_HEADS = "增长 增速 同比 同比增长 比上年增长 增长率 增减 比上年± 比上年增长% change growth"

_UNDECLARED = CoefficientName(name=Title(zh="-", en="-"), unit="1")  # a coefficient without keys


@dataclass(frozen=True)
class ProjectWords:
    """The names that a project knows.

    Attributes
    ----------
    header : ProjectFolder
    scheme : ClassScheme
    names : NameSpellings
    codes : mapping of str to str
        Class by its code, without zeros in front as well where that is clear.
    regions : Regions or None
    crosswalk : Crosswalk or None
    data : mapping of str to DataName
    standard : Standard
    ancestors : callable
        From a class of area rows to those above it.
    language : {'zh', 'en'}
    """

    header: ProjectFolder
    scheme: ClassScheme
    names: NameSpellings
    codes: Mapping[str, str]
    regions: Regions | None
    crosswalk: Crosswalk | None
    data: Mapping[str, DataName]
    standard: Standard
    ancestors: Callable[[str], Sequence[str]]
    language: Language


def read_project_words(path: Path, language: Language | None, problems: ProblemLog) -> ProjectWords:
    """Read the names that a project knows; its areas and data need not be there yet.

    Parameters
    ----------
    path : Path
        The project's folder, or its ``project.toml``.
    language : {'zh', 'en'} or None
        By default the project's, then that of the user's system.
    problems : ProblemLog
        Receives what is wrong with ``project.toml``, the standard, class scheme, crosswalk and
        table of regions.

    Returns
    -------
    ProjectWords

    Raises
    ------
    ProblemsFound
        If one of them cannot be read.
    """
    header, _ = read_header(path, problems)
    problems.raise_errors()
    if header is None:
        raise ProblemsFound(problems.errors, problems.warnings, problems.language)
    spec = header.spec
    standard = load_standard(spec.project.standard, header.folder, _TOML, problems)
    problems.raise_errors()
    if standard is None:
        raise ProblemsFound(problems.errors, problems.warnings, problems.language)
    home = standard.path
    scheme = load_class_scheme(standard.spec.ecosystems, home.parent, home.name, problems)
    problems.raise_errors()
    if scheme is None:
        raise ProblemsFound(problems.errors, problems.warnings, problems.language)
    crosswalk = None
    if spec.inputs.crosswalk:
        crosswalk = load_crosswalk(spec.inputs.crosswalk, header.folder, scheme, _TOML, problems)
    regions = None
    if spec.inputs.regions:
        place = f"{_TOML} inputs.regions"
        file = resolve_inside(spec.inputs.regions, header.folder, place, problems)
        regions = None if file is None else load_regions(file, problems)
    problems.raise_errors()
    parts = PlanInputs(
        standard=standard,
        areas=NO_AREAS,
        data=EMPTY,
        sets=(),
        scheme=scheme,
        crosswalk=crosswalk,
        regions=regions,
        switches={},
        price_year=None,
        allowed=Permissions(),
    )
    if crosswalk is None:
        codes = dict(scheme.codes)
    else:
        frame = crosswalk.frame
        codes = dict(zip(frame["code"], frame["class"], strict=True))
    return ProjectWords(
        header=header,
        scheme=scheme,
        names=name_spellings(parts),
        codes=_with_short_codes(codes),
        regions=regions,
        crosswalk=crosswalk,
        data={**COMMON, **standard.spec.data},
        standard=standard,
        ancestors=scheme.ancestors if crosswalk is None else _nothing_above,
        language=language or spec.project.language or locale_language(),
    )


def _nothing_above(name: str) -> tuple[str, ...]:
    """Return the classes above one of a crosswalk, which has no levels."""
    return ()


def _with_short_codes(codes: Mapping[str, str]) -> dict[str, str]:
    """Add codes without the zeros that a spreadsheet takes away: 301 for 0301."""
    usable = {code: name for code, name in codes.items() if len(code) >= _SHORTEST_CODE}
    short: dict[str, str] = {}
    for code, name in usable.items():
        plain = code.lstrip("0")
        if plain != code and plain not in usable and len(plain) > _SHORTEST_CODE:
            short[plain] = name
    return {**short, **usable}


def area_vocabulary(words: ProjectWords) -> Vocabulary:
    """Return what the words of a table of areas mean.

    Parameters
    ----------
    words : ProjectWords

    Returns
    -------
    Vocabulary
        Of the dimensions ``class``, ``region``, ``year`` and ``unit``.
    """
    by_name = _finder(words.names.classes)

    @cache
    def find_class(word: str) -> str:
        return by_name(word) or words.codes.get(word.upper(), "")

    heads = _heads(
        (_CLASS_HEADS, "class"),
        (_REGION_HEADS, "region"),
        (_YEAR_HEADS, YEAR),
        (_UNIT_HEADS, UNIT),
        (_VALUE_HEADS, VALUE),
        (f"{_NUMBERING_HEADS} {_SHARE_HEADS}", SKIPPED),
    )
    find_region = _region_finder(words)
    return Vocabulary(
        members={"class": find_class, "region": find_region, UNIT: _find_area_unit},
        heads=heads,
        inside={"region": _regions_inside(words)},
        required=("class", "region", YEAR, UNIT),
        defaults=_default_region(words),
        above={"region": _regions_above(words), "class": words.ancestors},
        groups=frozenset(plain_spelling(word) for word in _CLASS_GROUPS.split()),
    )


def data_vocabulary(words: ProjectWords) -> Vocabulary:
    """Return what the words of a statistical table mean.

    Parameters
    ----------
    words : ProjectWords

    Returns
    -------
    Vocabulary
        Of the dimensions ``name``, ``region``, ``year``, ``unit`` and the keys of data rows.
    """
    members: dict[str, Callable[[str], str]] = {
        "name": _finder(words.names.data),
        "region": _region_finder(words),
    }
    for key, spellings in words.names.members.items():
        members[key] = _finder(spellings[0])
    if any(DAY in declared.keys for declared in words.data.values()):
        members[DAY] = _find_day
    members[UNIT] = _find_unit
    heads = _heads(
        (_NAME_HEADS, "name"),
        (_DAY_HEADS, DAY),
        (_REGION_HEADS, "region"),
        (_CLASS_HEADS, "ecosystem"),
        (_YEAR_HEADS, YEAR),
        (_UNIT_HEADS, UNIT),
        (_VALUE_HEADS, VALUE),
        (f"{_NUMBERING_HEADS} {_GROWTH_HEADS}", SKIPPED),
        ("产品 品种 农产品 product", "product"),
        ("污染物 物质 substance", "substance"),
        ("用途 use", "use"),
    )
    return Vocabulary(
        members=members,
        heads=heads,
        inside={"region": _regions_inside(words)},
        required=("name", "region", YEAR, UNIT),
        defaults=_default_region(words),
        above={"region": _regions_above(words)},
    )


def set_vocabulary(words: ProjectWords, coefficient: str) -> Vocabulary:
    """Return what the words of a table of coefficients mean, such as services by ecosystem types.

    Parameters
    ----------
    words : ProjectWords
    coefficient : str
        The coefficient of the table; the keys that its rows must fill are required.

    Returns
    -------
    Vocabulary
        Of the keys of coefficient rows and ``unit``. Members are known by the standard's ids, their
        titles, and the titles of the indicators that take the member.
    """
    declared = words.standard.spec.coefficient.get(coefficient, _UNDECLARED)
    members: dict[str, Callable[[str], str]] = {}
    for key, spellings in words.names.members.items():
        titles = _titles_of_members(words.standard, coefficient, key)
        members[key] = _finder_of_both(_finder(spellings[0]), titles)
    members["region"] = _region_finder(words)
    members[UNIT] = _find_unit
    heads = _heads(
        (_CLASS_HEADS, "ecosystem"),
        (_REGION_HEADS, "region"),
        (
            "服务 服务类型 服务功能 生态系统服务 生态系统服务功能 二级服务 service services",
            "service",
        ),
        (_UNIT_HEADS, UNIT),
        (f"{_VALUE_HEADS} 当量 系数 单位价值 coefficient", VALUE),
        (_NUMBERING_HEADS, SKIPPED),
    )
    return Vocabulary(
        members=members,
        heads=heads,
        inside={},
        required=(*declared.keys, UNIT),
        above={"ecosystem": words.scheme.ancestors},
    )


def _titles_of_members(standard: Standard, coefficient: str, key: str) -> dict[str, str]:
    """Return the members of a key by the titles of the indicators that take them, plainly spelt."""
    titles: dict[str, str] = {}
    for _, indicator, step in standard.steps():
        for binding in step.inputs.values():
            fixed = {str(name): member for name, member in binding.at.items()}
            if indicator is None or binding.coef != coefficient or key not in fixed:
                continue
            for language in LANGUAGES:
                titles[plain_spelling(indicator.name.say(language))] = fixed[key]
    return titles


def _finder_of_both(find: Callable[[str], str], titles: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function from a word to the member that it means, by its name or by a title."""
    return lambda word: find(word) or titles.get(plain_spelling(word), "")


def _heads(*groups: tuple[str, str]) -> dict[str, str]:
    """Return the roles of heads by their plain spelling."""
    heads = {}
    for listed, role in groups:
        for word in listed.split():
            heads[plain_spelling(word)] = role
    return heads


def _finder(spellings: Spellings) -> Callable[[str], str]:
    """Return a function from a word to the name that it means; blank if that is none."""

    @cache
    def find(word: str) -> str:
        name = spellings.find(word)
        return name if name in spellings.known else ""

    return find


def _region_finder(words: ProjectWords) -> Callable[[str], str]:
    """Return a function from a word to a region.

    Without a table of regions, codes and what is named as a place are regions as they are written.
    """
    if words.regions is not None:
        return _finder(region_spellings(words.regions))

    @cache
    def find(word: str) -> str:
        is_code = word.isascii() and word.isdigit() and len(word) in _CODE_LENGTHS
        is_name = word[-1:] in _PLACES and len(word) > 1 and not is_total(word)
        is_class = word in words.names.classes.known
        return word if (is_code or is_name) and not is_class else ""

    return find


def _regions_inside(words: ProjectWords) -> Callable[[str], tuple[str, ...]]:
    """Return a function from a title to the regions that it names, the longest names first."""
    names: dict[str, str] = {}
    if words.regions is not None:
        for code, name in words.regions.frame["name"].items():
            if len(str(name)) > 1:
                names[str(name)] = "" if str(name) in names else str(code)

    def search(title: str) -> tuple[str, ...]:
        rest = title
        regions = []
        for name in sorted(names, key=len, reverse=True):
            if name in rest:
                rest = rest.replace(name, " ")
                regions.append(names[name])
        return tuple(filter(None, regions))

    return search


def _regions_above(words: ProjectWords) -> Callable[[str], Sequence[str]]:
    """Return a function from a region to those above it: by the table of regions, else by code."""
    return _above_by_code if words.regions is None else words.regions.ancestors


def _above_by_code(code: str) -> list[str]:
    """Return the codes of the regions in which a region lies by its code."""
    codes = []
    for digits in codes_above(code):
        for length in _CODE_LENGTHS:
            if len(digits) <= length:
                codes.append(digits.ljust(length, "0"))
    return codes


def _default_region(words: ProjectWords) -> dict[str, Constant]:
    """Return the only region of a project, which a table need not name."""
    if words.regions is None:
        return {}
    lowest = words.regions.lowest
    if len(lowest) != 1:
        return {}
    origin = text("workflows.import.only-region", file=words.regions.path.name)
    return {"region": Constant(lowest[0], origin)}


@cache
def _find_day(word: str) -> str:
    """Return a day as it is written, with its year if it has one; blank for other words."""
    is_date = _WRITTEN_DAY.match(word.strip()) is not None
    return word.strip() if is_date and read_day(word) is not None else ""


@cache
def _find_area_unit(word: str) -> str:
    """Return a unit of area as it is written; blank for other words."""
    return word.strip() if _is_unit(word) and same_dimension(word, _AREA_UNIT) else ""


@cache
def _find_unit(word: str) -> str:
    """Return a unit as it is written; blank for other words."""
    return word.strip() if _is_unit(word) else ""


def _is_unit(word: str) -> bool:
    """Return whether a word can be read as a unit, numbers left out."""
    if not word.strip() or word.strip().isdigit():
        return False
    try:
        canonical(word)
    except UnitError:
        return False
    return True
