"""Pages made of what ships: one for each standard, coefficient and scheme."""

import csv
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from manual.words import marked, own_lines, pick, table
from pydantic import BaseModel

from gep.assessment.kinds import read_scheme
from gep.inputs.coefficients import read_coefficient_set
from gep.inputs.value_rows import GRADES, KEYS
from gep.io.catalog import shipped
from gep.io.toml_documents import Source, Title
from gep.report.coefficient_values import (
    coefficient_rows,
    coefficient_values,
    named_coefficients,
    several_values,
    standards_with,
)
from gep.report.reference import all_methods, grades_of
from gep.standards.method import Method
from gep.standards.standard import (
    Binding,
    Indicator,
    Standard,
    StandardSpec,
    Step,
    read_standard,
)
from gep.texts.catalogue import has_key, say

_MANY = 400  # rows of a table of coefficients that a page shows


@cache
def _methods() -> dict[str, Method]:
    """Return the shipped methods by path."""
    return {method.path: method for method in all_methods()}


def write_reference(folder: Path, language: str) -> None:
    """Write a page for each standard, coefficient and scheme below ``reference``."""
    kinds = (
        ("standards", standard_page, shipped("standards")),
        ("coefficients", coefficient_page, named_coefficients()),
        ("schemes", scheme_page, shipped("schemes")),
    )
    for kind, write, names in kinds:
        target = folder / "reference" / kind
        target.mkdir(parents=True, exist_ok=True)
        for name in names:
            text = write(name, language)
            (target / f"{name}.md").write_text(text, encoding="utf-8")


# --- standards -----------------------------------------------------------------------------------


def standard_page(name: str, language: str) -> str:
    """Write the page of a standard: evidence and force, then indicator by indicator."""
    standard = read_standard(name)
    spec = standard.spec
    sets = [read_coefficient_set(set_name) for set_name in spec.coefficients]
    frames = [coefficients.rows for coefficients in sets]
    numbers = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    parts = [f"# {spec.title.say(language)}", _standing(spec, language)]
    parts.append(own_lines(language, spec.note))
    parts += _points(spec, language)
    words = []
    for coefficients in sets:
        title = coefficients.header.title.say(language)
        words.append([f"`{coefficients.label}`", title, grades_of(coefficients.rows, language)])
    if words:
        parts.append(f"## {pick(language, '参数集', 'Coefficient sets')}")
        heads = [pick(language, "参数集", "set"), pick(language, "名称", "title")]
        parts.append(table([*heads, pick(language, "各等级行数", "rows by grade")], words))
    parts += _switches(standard, language)
    if spec.step:
        parts.append(f"## {pick(language, '各科目共用的步骤', 'Steps that indicators share')}")
        parts += _steps(spec.step, standard, numbers, language)
    parts.append(f"## {pick(language, '科目', 'Indicators')}")
    for indicator in spec.indicator:
        parts += _indicator(indicator, standard, numbers, language)
    sources = dict(spec.sources)
    for coefficients in sets:
        sources |= coefficients.sources
    parts += _sources(sources, language)
    return "\n\n".join(part for part in parts if part) + "\n"


def _standing(spec: Any, language: str) -> str:
    """Write what a standard or a scheme is: evidence and legal force before anything else."""
    section = "account" if hasattr(spec, "measure") else "report"
    evidence = say(language, f"{section}.evidence.{spec.evidence}")
    rows = [
        [pick(language, "依据", "Evidence"), marked(spec.evidence, evidence)],
        [pick(language, "效力", "Legal force"), say(language, f"account.legal.{spec.legal}")],
        [pick(language, "代号", "Id"), f"`{spec.id}`"],
    ]
    if spec.replaced_by:
        rows.append([pick(language, "由此代替", "Replaced by"), f"`{spec.replaced_by}`"])
    if hasattr(spec, "measure"):
        measure = say(language, f"account.measure.{spec.approach or spec.measure}")
        rows.append([pick(language, "算的是什么", "Measures"), measure])
        rows.append([pick(language, "类型体系", "Ecosystem types"), f"`{spec.ecosystems}`"])
        rows.append([pick(language, "单位", "Unit"), f"`{spec.unit}`"])
    else:
        rows.append([pick(language, "种类", "Kind"), say(language, f"reference.word.{spec.kind}")])
        period = f"{spec.valid_from or '–'} … {spec.valid_to or '–'}"
        rows.append([pick(language, "有效期", "Valid"), period])
    source = spec.sources.get(spec.source)
    if source is not None:
        rows.append([pick(language, "来源", "Source"), _cited(source, language)])
    return table([pick(language, "先看这几行", "Read first"), ""], rows)


def _points(spec: StandardSpec, language: str) -> list[str]:
    """Write what of a standard is to be checked against its text."""
    if not spec.to_check:
        return []
    rows = []
    for point in spec.to_check:
        cells = (point.item, point.unknown, point.where)
        rows.append([cell.say(language) for cell in cells])
    heads = [
        pick(language, "事项", "what"),
        pick(language, "不知道什么、暂时怎样处理", "what is unknown, and what is done meanwhile"),
        pick(language, "看正文哪里", "where to look"),
    ]
    title = pick(language, "待与正文核对的事项", "To be checked against the text")
    return [f"## {title}", table(heads, rows)]


def _switches(standard: Standard, language: str) -> list[str]:
    """Write the choices that a standard leaves open."""
    rows = []
    for name, switch in standard.spec.switch.items():
        options = []
        for option in switch.options:
            title = switch.titles.get(option)
            words = f"`{option}`" + (f" {title.say(language)}" if title else "")
            options.append(f"**{words}**" if option == switch.default else words)
        rows.append([f"`{name}`", switch.name.say(language), "; ".join(options)])
    if not rows:
        return []
    options_head = pick(language, "选项（默认的加粗）", "options (the default is bold)")
    heads = [pick(language, "开关", "switch"), pick(language, "名称", "what"), options_head]
    return [f"## {pick(language, '开关', 'Switches')}", table(heads, rows)]


def _indicator(
    indicator: Indicator, standard: Standard, numbers: pd.DataFrame, language: str
) -> list[str]:
    """Write an indicator: what it is, its steps, its coefficients."""
    parts = [f"### {indicator.name.say(language)} (`{indicator.id}`)"]
    words = [say(language, f"account.category.{indicator.category}")]
    if indicator.price_concept:
        words.append(say(language, f"reference.word.{indicator.price_concept}"))
    if indicator.overlaps:
        listed = ", ".join(f"`{name}`" for name in indicator.overlaps)
        words.append(pick(language, "可能与这些重复：", "may count twice with ") + listed)
    parts.append(pick(language, "；", "; ").join(words))
    parts.append(own_lines(language, indicator.note))
    return parts + _steps(indicator.step, standard, numbers, language)


def _steps(
    steps: tuple[Step, ...], standard: Standard, numbers: pd.DataFrame, language: str
) -> list[str]:
    """Write steps with their formulas, and the rows of coefficients that they take."""
    parts = []
    taken: list[tuple[Step, Binding]] = []
    for step in steps:
        title = step.name.say(language) if step.name else ""
        kind = say(language, f"account.kind.{step.kind}")
        head = f"**`{step.id}`** {title} ({kind}, `{step.unit}`)"
        conditions = []
        for switch in step.when:
            options = " / ".join(f"`{option}`" for option in step.options(switch))
            conditions.append(f"`{switch}` = {options}")
        if conditions:
            head += pick(language, "，当 ", ", if ") + ", ".join(conditions)
        lines = [f"- {head}"]
        lines.append(f"    - {pick(language, '公式', 'formula')}: `{_formula(step)}`")
        for argument, binding in step.inputs.items():
            lines.append(f"    - `{argument}` = {_bound(binding, standard, language)}")
            if binding.coef:
                taken.append((step, binding))
        if step.clause:
            is_recalled = "recalled" in step.clause
            clause = marked("recalled" if is_recalled else "", step.clause)
            lines.append(f"    - {pick(language, '条文', 'clause')}: {clause}")
        parts.append("\n".join(lines))
    rows = _coefficient_rows(taken, numbers)
    return [*parts, _coefficients(rows, standard, language)]


def _formula(step: Step) -> str:
    """Return the equation of a step's method."""
    method = _methods().get(step.method)
    if method is None:
        return step.method
    equation, *_ = method.formula.split(". ")  # what follows is a remark
    return equation.rstrip(".").replace("`", "'")


def _bound(binding: Binding, standard: Standard, language: str) -> str:
    """Write where an input comes from."""
    fixed = "".join(f", {key} = `{member}`" for key, member in binding.at.items())
    if binding.data:
        declared = standard.spec.data.get(binding.data)
        kind = pick(language, "数据", "data")
        return f"{kind} `{binding.data}`{_named(declared, language)}{fixed}"
    if binding.coef:
        declared = standard.spec.coefficient.get(binding.coef)
        kind = pick(language, "参数", "coefficient")
        index = pick(language, "，按价格指数 ", ", by price index ")
        moved = f"{index}`{binding.index}`" if binding.index else ""
        return f"{kind} `{binding.coef}`{_named(declared, language)}{fixed}{moved}"
    if binding.step:
        return f"{pick(language, '步骤', 'step')} `{binding.step}`{fixed}"
    listed = ", ".join(f"`{name}`" for name in binding.area)
    return f"{pick(language, '面积', 'area of')} {listed}"


def _named(declared: Any, language: str) -> str:
    """Write the name and unit of data or of a coefficient."""
    return f" {declared.name.say(language)} [`{declared.unit}`]" if declared else ""


def _coefficient_rows(taken: list[tuple[Step, Binding]], numbers: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that the bindings take, each once."""
    if numbers.empty or not taken:
        return numbers.iloc[:0]
    wanted = pd.Series(data=False, index=numbers.index)
    for step, binding in taken:
        fits = numbers["name"] == binding.coef
        for key, members in step.over.items():
            fits &= numbers[key].isin([*members, ""])
        for key, member in binding.at.items():
            fits &= numbers[key].isin([member, ""])
        wanted |= fits
    return numbers[wanted]


def _coefficients(rows: pd.DataFrame, standard: Standard, language: str) -> str:
    """Write rows of coefficients: value, unit, source, locator, grade."""
    if rows.empty:
        return ""
    lines = []
    for row in rows.head(_MANY).to_dict("records"):
        keys = " ".join(f"{row[key]}" for key in KEYS if row[key])
        grade = GRADES[row["grade"]]
        title = say(language, f"inputs.grade-title.{grade}")
        lines.append(
            [
                f"`{row['name']}`",
                keys,
                _number(row["value"]),
                _interval(row),
                row["unit"],
                str(row["price_year"]),
                row["source"],
                row["locator"],
                marked(grade, title),
                row["set"],
            ]
        )
    heads = (
        ("参数", "键", "值", "上下限", "单位", "价格年份", "来源", "位置", "等级", "参数集")
        if language == "zh"
        else (
            "coefficient",
            "keys",
            "value",
            "low–high",
            "unit",
            "price year",
            "source",
            "locator",
            "grade",
            "set",
        )
    )
    return table(list(heads), lines)


def _number(value: float) -> str:
    """Write a number with the digits that it has."""
    return "na" if math.isnan(value) else f"{value:.12g}"


def _interval(row: Mapping[str, Any]) -> str:
    """Write the limits of a row; blank if it has none."""
    if math.isnan(row["low"]) and math.isnan(row["high"]):
        return ""
    return f"{_number(row['low'])}–{_number(row['high'])}"


def _sources(sources: Mapping[str, Source], language: str) -> list[str]:
    """List documents."""
    rows = []
    for name, source in sources.items():
        rows.append([f"`{name}`", _cited(source, language)])
    heads = [pick(language, "来源", "source"), pick(language, "文献", "document")]
    return [f"## {pick(language, '来源', 'Sources')}", table(heads, rows)] if rows else []


def _cited(source: Source, language: str) -> str:
    """Write a document: title, who, number, date, where it is found."""
    words = [source.authors, source.title.say(language), source.issuer, source.number, source.date]
    if source.doi:
        words.append(f"[doi:{source.doi}](https://doi.org/{source.doi})")
    if source.url:
        words.append(f"<{source.url}>")
    return ". ".join(word for word in words if word)


# --- coefficients --------------------------------------------------------------------------------

_VALUE_HEADS = {
    "keys": ("键", "keys"),
    "value": ("值", "value"),
    "low": ("下限", "low"),
    "high": ("上限", "high"),
    "unit": ("单位", "unit"),
    "printed": ("原文的写法", "as written"),
    "price year": ("价格年份", "price year"),
    "base": ("基期", "base"),
    "grade": ("等级", "grade"),
    "default of": ("默认用于", "default of"),
    "set": ("参数集", "set"),
    "source": ("来源", "source"),
    "locator": ("位置", "locator"),
    "checked": ("核对", "checked"),
    "note": ("说明", "note"),
}


def coefficient_page(name: str, language: str) -> str:
    """Write the page of a coefficient: all values that sets have for it, and which is taken."""
    declared = named_coefficients()[name]
    title = name if declared is None else f"{declared.name.say(language)} (`{name}`)"
    rows = coefficient_rows(name)
    parts = [f"# {title}"]
    if declared is not None:
        parts.append(own_lines(language, declared.note))
    parts.append(_defaults(name, rows, language))
    parts += _several(rows, language)
    parts.append(f"## {pick(language, '全部取值', 'All values')}")
    lines = []
    values = coefficient_values([name], language)
    for row, grade in zip(values.to_dict("records"), rows["grade"], strict=True):
        row["grade"] = marked(GRADES[grade], row["grade"])
        lines.append([str(row[column]) for column in _VALUE_HEADS])
    heads = [pick(language, *head) for head in _VALUE_HEADS.values()]
    parts.append(table(heads, lines))
    return "\n\n".join(part for part in parts if part) + "\n"


def _defaults(name: str, rows: pd.DataFrame, language: str) -> str:
    """Write which of several sets a standard takes the number from, and why."""
    with_rows = {label.partition("@")[0] for label in rows["set"]}
    lines = []
    for standard in standards_with(name):
        sets = [set_id for set_id in standard.spec.coefficients if set_id in with_rows]
        if not sets:
            none = pick(
                language, "自带的参数集里没有，由项目给出", "none of its sets has it: the project"
            )
            lines.append(f"- [{standard.id}](../standards/{standard.id}.md): {none}")
            continue
        listed = pick(language, "，再 ", ", then ").join(f"`{set_id}`" for set_id in sets)
        lines.append(f"- [{standard.id}](../standards/{standard.id}.md): {listed}")
    if not lines:
        return pick(
            language,
            "没有规范自带这个参数，项目在 `coefficients` 里列出参数集才用它。",
            "No standard takes it by itself: it is used where a project lists its set.",
        )
    rule = pick(
        language,
        "先看项目自己列出的参数集，再按规范所列的顺序，第一个有这一行的参数集就是默认。"
        "一个参数集里有几个价格年份的，取账户所需年份的，没有就取最近一个能换算的。",
        "The sets that the project lists come first, then those of the standard in its order: the"
        " first that has a row for the keys is the default. Of several price years in it, that of"
        " the account is taken, else the nearest that can be converted.",
    )
    return "\n".join([rule, "", *lines])


def _several(rows: pd.DataFrame, language: str) -> list[str]:
    """Write for which keys sets differ, and by how much."""
    lines = []
    for key, numbers in several_values(rows).items():
        lines.append([f"`{key}`", numbers[0], numbers[-1], ", ".join(numbers)])
    if not lines:
        return []
    heads = [
        pick(language, "键 [单位]", "keys [unit]"),
        pick(language, "最小", "least"),
        pick(language, "最大", "greatest"),
        pick(language, "各种取值", "values"),
    ]
    head = pick(language, "取值不一的", "Where sources differ")
    return [f"## {head}", table(heads, lines)]


# --- schemes -------------------------------------------------------------------------------------


def scheme_page(name: str, language: str) -> str:
    """Write the page of a scheme: evidence and force, then all that its files say."""
    scheme = read_scheme(name)
    spec = scheme.spec
    parts = [f"# {spec.title.say(language)}", _standing(spec, language)]
    parts.append(own_lines(language, spec.note))
    done = {"id", "title", "kind", "source", "evidence", "legal", "note", "sources"}
    done |= {"valid_from", "valid_to"}
    single = []
    for key in type(spec).model_fields:
        value = getattr(spec, key)
        if key in done or value in (None, "", (), {}):
            continue
        if isinstance(value, tuple) and isinstance(value[0], BaseModel):
            rows = [_cells(entry, language) for entry in value]
            parts += [f"## `{key}`", _of_cells(rows)]
        elif isinstance(value, dict) and isinstance(next(iter(value.values())), BaseModel):
            rows = [{"id": f"`{entry}`", **_cells(of, language)} for entry, of in value.items()]
            parts += [f"## `{key}`", _of_cells(rows)]
        else:
            single.append([f"`{key}`", _said(value, language)])
    if single:
        heads = [pick(language, "项", "key"), pick(language, "值", "value")]
        parts.append(table(heads, single))
    for file in scheme.files[1:]:
        parts += [f"## `{file.name}`", _of_cells(_rows_of(file, language))]
    parts += _sources(spec.sources, language)
    return "\n\n".join(part for part in parts if part) + "\n"


def _cells(entry: BaseModel, language: str) -> dict[str, str]:
    """Return what an entry of a scheme says, by key."""
    cells = {}
    for key in type(entry).model_fields:
        words = _said(getattr(entry, key), language)
        if key == "grade":
            words = _graded(words, language)
        cells[key] = words
    return cells


def _graded(word: str, language: str) -> str:
    """Return the title of a grade of evidence; other words, such as those of a score, stay."""
    key = f"inputs.grade-title.{word}"
    return marked(word, say(language, key)) if word and has_key(language, key) else word


def _said(value: Any, language: str) -> str:
    """Write a value of a scheme's TOML."""
    if value is None or value == "":
        return ""
    if isinstance(value, Title):
        return value.say(language)
    if isinstance(value, BaseModel):
        cells = _cells(value, language)
        return ", ".join(f"{key} = {words}" for key, words in cells.items() if words)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_said(item, language)}" for key, item in value.items())
    if isinstance(value, tuple | list):
        return "; ".join(_said(item, language) for item in value)
    if isinstance(value, bool):
        return pick(language, "是", "yes") if value else ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _rows_of(file: Path, language: str) -> list[dict[str, str]]:
    """Return the rows of a table beside a scheme, its titles in one language."""
    other = "en" if language == "zh" else "zh"
    rows = []
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            row.pop(other, None)
            if "grade" in row:
                row["grade"] = _graded(row["grade"], language)
            rows.append(row)
    return rows


def _of_cells(rows: list[dict[str, str]]) -> str:
    """Write rows by key as a table, the keys its heads."""
    heads = list(dict.fromkeys(key for row in rows for key in row))
    return table(heads, [[row.get(head, "") for head in heads] for row in rows])
