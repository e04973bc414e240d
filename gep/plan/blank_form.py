"""The blank form (填报表): the data rows that a plan lacks, ready to be filled in and named in ``[inputs] data``."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.inputs.value_rows import KEYS
from gep.io.toml_documents import Title
from gep.plan.binding import BoundInput
from gep.plan.build import PARTIAL
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.standards.standard import Binding, Indicator, Standard, Step
from gep.texts.catalogue import Language

PASSED = (
    *PARTIAL,
    "price-year",
    "nominal-price",
    "placeholder",
    "value-transfer",
)  # what does not hinder a blank form
_FORM = ("region", "year", "name", *KEYS[1:], "value", "unit", "source", "note")
_COEFFICIENTS = (
    "coefficient",
    *KEYS,
    "value",
    "unit",
    "price_year",
    "source",
    "locator",
    "grade",
    "note",
)
_KEY_NAMES = {
    "ecosystem": "生态系统类型",
    "substance": "污染物",
    "product": "产品",
    "use": "用途",
    "water_body": "水体",
    "service": "服务",
    "month": "月份",
    "index": "价格指数",
}
_SAID = {  # of a unit's parts, as departments write them; gep.units reads both
    "CNY": "元",
    "USD": "美元",
    "visit": "人次",
    "person": "人",
    "stem": "株",
    "t": "吨",
    "kg": "千克",
    "mm": "毫米",
    "m": "米",
    "km": "千米",
    "m2": "平方米",
    "km2": "平方千米",
    "ha": "公顷",
    "mu": "亩",
    "m3": "立方米",
    "kWh": "千瓦时",
    "h": "小时",
    "d": "天",
}
_TENS = {"10^4": "万", "10^8": "亿"}

Key = tuple[
    str, frozenset[tuple[str, str]]
]  # name of an input and the members that its binding fixes
Needs = dict[Key, bool]  # whether it is data


@dataclass(frozen=True)
class BlankForm:
    """What is lacking: ``data`` in the columns of data.csv with blank values, ``coefficients`` in lines to read.

    ``coefficient_rows`` are the same coefficients in the columns of a set, values, sources and grades blank.
    """

    data: pd.DataFrame
    coefficients: tuple[str, ...]
    coefficient_rows: pd.DataFrame


def blank_form(plans: Iterable[Plan], language: Language = "zh") -> BlankForm:
    """The form of plans that let ``PASSED`` pass; keys that only the user knows are left blank.

    Units and the advice in ``note`` are in ``language`` (``zh`` or ``en``), names in both.
    """
    plans = tuple(plans)
    data: dict[tuple[str, ...], dict[str, str]] = {}
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    lacking: dict[str, None] = {}
    for plan in plans:
        ways = _ways_out(plan, language)
        for one, argument, bound, binding in _missing(plan):
            way, unit = ways.get(_key(binding), ""), spoken(one.method.inputs[argument], language)
            if binding.coef:
                lacking[f"{one.name}.{argument}: {binding.coef} [{unit}] {_title(one)}"] = None
            for cell in _cells(plan, one, bound, binding):
                spot = (binding.data or binding.coef, *(cell.get(key, "") for key in KEYS))
                if binding.coef:
                    rows.setdefault(spot, _coefficient(plan, one, binding, unit, cell, way))
                else:
                    row = _datum(plan, binding, cell, way, language)
                    data.setdefault((row["year"], *spot), row)
    frame = _table(data.values(), _FORM, _due(plans, data.values()))
    return BlankForm(frame, tuple(lacking), _table(rows.values(), _COEFFICIENTS, {"ecosystem"}))


def spoken(unit: str, language: Language) -> str:
    """A unit as departments write it in Chinese (``10^4 CNY`` is 万元); others and other languages as they are."""
    match = re.fullmatch(r"(?:(10\^[48]) )?([a-zA-Z]+[23]?)(?: ([a-zA-Z]+)-([123]))?", unit)
    if language != "zh" or match is None:
        return "1" if unit == "-" else unit  # a dash in a cell looks like the start of a formula
    tens, above, below, power = match.groups()
    below = f"{below}{power}".removesuffix("1") if below else ""
    if above not in _SAID or (below and below not in _SAID):
        return unit
    return _TENS.get(tens or "", "") + _SAID[above] + (f"/{_SAID[below]}" if below else "")


def _missing(plan: Plan) -> Iterator[tuple[PlannedStep, str, BoundInput, Binding]]:
    for one in plan.steps:
        for argument, bound in one.inputs.items():
            if isinstance(bound, BoundInput) and bound.missing.any():
                yield one, argument, bound, one.step.inputs[argument]


def _cells(
    plan: Plan, one: PlannedStep, bound: BoundInput, binding: Binding
) -> Iterator[dict[str, str]]:
    """The members of each cell that lacks a number."""
    labels: dict[str, Sequence[str]] = {
        "region": list(plan.extent.regions),
        "ecosystem": list(plan.extent.ecosystems),
        **one.members,
    }
    for spot in np.argwhere(bound.missing):
        cell = {
            dim: str(labels[dim][position]) for dim, position in zip(bound.dims, spot, strict=True)
        }
        yield cell | {str(key): member for key, member in binding.at.items()}


def _table(
    lines: Iterable[Mapping[str, str]], columns: Sequence[str], due: set[str]
) -> pd.DataFrame:
    """The lines without the keys that none of them has, but for those that are due."""
    frame = pd.DataFrame(list(lines), columns=list(columns), dtype=object)
    idle = [key for key in KEYS if key in frame and (frame[key] == "").all() and key not in due]
    return frame.drop(columns=idle)


def _due(plans: Iterable[Plan], lines: Iterable[Mapping[str, str]]) -> set[str]:
    names = {name: spec for plan in plans for name, spec in plan.standard.spec.data.items()}
    return {"region", *(str(key) for line in lines for key in names[line["name"]].keys)}


def _datum(
    plan: Plan, binding: Binding, cell: Mapping[str, str], way: str, language: Language
) -> dict[str, str]:
    """A row of data.csv; its note says what is asked for and who has it."""
    spec = plan.standard.spec.data[binding.data]
    blank = [key for key in spec.keys if key not in cell]
    said = "、".join(f"{_KEY_NAMES[key]} {key}" for key in blank)
    open_ = (
        ""
        if not blank
        else f"每个{said} 一行"
        if language == "zh"
        else f"a row for each {', '.join(blank)}"
    )
    notes = [spec.name, *_places(plan, cell), spec.from_ or "", open_, way]
    keys = {key: cell.get(key, "") for key in KEYS}
    row = {
        "year": str(plan.year),
        "name": binding.data,
        "value": "",
        "unit": spoken(spec.unit, language),
    }
    return {**keys, **row, "source": "", "note": _joined(notes)}


def _coefficient(
    plan: Plan, one: PlannedStep, binding: Binding, unit: str, cell: Mapping[str, str], way: str
) -> dict[str, str]:
    """A row of a coefficient set; its note says what the number is for."""
    blank = dict.fromkeys(_COEFFICIENTS, "")
    note = _joined([_title(one), *_places(plan, cell), way])
    return {**blank, **cell, "coefficient": binding.coef, "unit": unit, "note": note}


def _joined(notes: Sequence[Title | str]) -> str:
    return "; ".join(str(note) for note in notes if note)


def _title(one: PlannedStep) -> str:
    """Indicator and step in Chinese and English."""
    names = [one.indicator.name if one.indicator else None, one.step.name]
    return " / ".join(str(name) for name in names if name) or one.name


def _places(plan: Plan, cell: Mapping[str, str]) -> list[str]:
    """The names of a cell's region and ecosystem type."""
    found = []
    if plan.regions is not None and "region" in cell:
        zh, en = (plan.regions.name(cell["region"], language) for language in ("zh", "en"))
        found.append(str(Title(zh=zh, en=en)))
    if "ecosystem" in cell:
        zh, en = plan.scheme.titles.get(cell["ecosystem"], ("", ""))
        found.append(str(Title(zh=zh, en=en)))
    return found


# --- switches ------------------------------------------------------------------------------------------------------


def _key(binding: Binding) -> Key:
    return binding.data or binding.coef, frozenset(
        (str(key), member) for key, member in binding.at.items()
    )


def _ways_out(plan: Plan, language: Language) -> dict[Key, str]:
    """For each input, the options of switches under which the standard needs neither it nor any other data instead."""
    standard = plan.standard
    now, steps = _needs(standard, plan.switches)
    had = {id(step) for _, _, step in steps}
    ways: dict[Key, tuple[list[str], list[str]]] = {}
    for name, switch in standard.spec.switch.items():
        for option in switch.options:
            then, left = _needs(standard, {**plan.switches, name: option})
            if not _complete(left) or any(data and one not in now for one, data in then.items()):
                continue
            comes = any(id(step) not in had for _, _, step in left)  # or else steps only go
            for one in now.keys() - then.keys():
                ways.setdefault(one, ([], []))[comes].append(f'{name} = "{option}"')
    return {one: _advice(*options, language) for one, options in ways.items()}


def _advice(left_out: Sequence[str], otherwise: Sequence[str], language: Language) -> str:
    zh, said = language == "zh", []
    link = " 或 " if zh else " or "
    if left_out:
        said.append(
            ("不适用时可在 [switches] 选 " if zh else "where it does not apply: [switches] ")
            + link.join(left_out)
        )
    if otherwise:
        said.append(
            ("不用它的算法：[switches] " if zh else "computed without it: [switches] ")
            + link.join(otherwise)
        )
    return "; ".join(said)


def _needs(
    standard: Standard, switches: Mapping[str, str]
) -> tuple[Needs, Sequence[tuple[str, Indicator | None, Step]]]:
    active = [one for one in standard.steps() if one[2].active(switches)]
    bindings = [binding for _, _, step in active for binding in step.inputs.values()]
    return {_key(one): bool(one.data) for one in bindings if one.data or one.coef}, active


def _complete(steps: Sequence[tuple[str, Indicator | None, Step]]) -> bool:
    names = {name for name, _, _ in steps}
    return all(
        not one.step or one.step in names for _, _, step in steps for one in step.inputs.values()
    )
