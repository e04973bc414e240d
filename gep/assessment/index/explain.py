"""How an index came about (指数的由来): node by node down to the rows of files, and what stands under its tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gep.assessment.context import AssessmentContext
from gep.assessment.index.scheme import (
    ChangeGrades,
    CitedRule,
    GradeCutoffs,
    Restriction,
    change_by,
    grade_by,
)
from gep.assessment.index.tables import BEFORE, TOTAL
from gep.assessment.index.tree import IndexNode, IndexTree
from gep.assessment.index.values import IndexResult, NodeValues, asked, worst_by_share
from gep.assessment.readings import ReadingValues
from gep.inputs.value_rows import GRADES
from gep.io.toml_documents import Source
from gep.texts.catalogue import Language

_WEAK = ("expert", "recalled", "placeholder")
Lines = list[tuple[str, str]]  # zh, en


@dataclass(frozen=True)
class Rules:
    """What a scheme states besides its tree."""

    floor: float
    cuts: GradeCutoffs | None
    changes: ChangeGrades | None
    restrictions: tuple[Restriction, ...]
    sources: Mapping[str, Source]

    def cited(self, source: str, locator: str, grade: str, language: Language) -> str:
        """A source in words."""
        title = self.sources[source].title.say(language) if source in self.sources else source
        return f"{title}, {locator} [{grade}]"


def explain_index(
    found: IndexResult, rules: Rules, region: str, year: int, item: str, language: Language
) -> list[str]:
    """The lines of a component, or of the total: what each node was made of."""
    spot = found.regions.index(region)
    name = found.root if item in (TOTAL, BEFORE, "") else item
    lines = list(_lines(found, found.years[year], rules, name, spot, language, 0, set()))
    if name == found.root:
        lines += _after(found, rules, region, year, spot, language)
    return lines


def _lines(
    found: IndexResult,
    values: NodeValues,
    rules: Rules,
    name: str,
    spot: int,
    language: Language,
    depth: int,
    told: set[str],
) -> Iterator[str]:
    node, pad = found.tree.nodes[name], "  " * depth
    told.add(name)
    value, unit = _number(values.value[name][spot]), "" if node.unit == "1" else f" {node.unit}"
    how = _how(found, values, rules, node, spot, int(language != "zh"))
    yield f"{pad}{node.name.say(language)} ({name}) = {value}{unit}: {how}"
    cited = rules.cited(node.source, node.locator, GRADES[node.grade], language)
    yield f"{pad}  {_own_numbers(node, int(language != 'zh'))}{cited}{'; ' + node.note if node.note else ''}"
    below = list(dict.fromkeys((*node.inputs, *node.denominator)))
    if found.tree.children[name]:
        below = [] if values.given[name][spot] else [*found.tree.children[name], *node.denominator]
    for one in below:
        if one not in told:
            yield from _lines(found, values, rules, one, spot, language, depth + 1, told)


def _own_numbers(node: IndexNode, pick: int) -> str:
    said = []
    if np.isfinite(node.weight):
        said.append(f"{('权重', 'weight')[pick]} {node.weight:.6g}")
    if node.coefficient != 1:
        said.append(f"{('系数', 'coefficient')[pick]} {node.coefficient:.10g}")
    return f"{', '.join(said)}: " if said else ""


def _how(
    found: IndexResult, values: NodeValues, rules: Rules, node: IndexNode, spot: int, pick: int
) -> str:
    """A node in one line: its sum, or its reading and what was done to it."""
    name, read = node.id, values.reads[node.id]
    if values.none[name][spot]:
        return ("na：该区域没有此项，权重由其余分担", "na: the region has none of it")[
            pick
        ] + f"; {read.where[spot]}"
    children = found.tree.children[name]
    if children:
        said = (
            _taken(read, spot, pick)
            if values.given[name][spot]
            else _sum(found, values, node, spot, pick)
        )
    elif values.given[name][spot]:
        said = f"{_times(node)}{_number(read.value[spot])}{_over(values, node, spot)} <- {_row(values, node, spot)}"
    elif node.formula:
        inputs = ", ".join(f"{one} {_number(values.value[one][spot])}" for one in node.inputs)
        said = f"{_times(node)}{node.formula}({inputs}){_over(values, node, spot)}"
    else:
        rule = {
            "floor": (
                f"无数据，保留权重，按下限 {rules.floor:g} 计",
                f"no reading: weight kept, taken at {rules.floor:g}",
            ),
            "spread": ("无数据，权重由其余分担", "no reading: its weight goes to the others"),
            "follow": (
                "无数据，上级随其余各项变动",
                "no reading: its parent moves as the others do",
            ),
        }
        return rule.get(node.missing, ("无数据", "no reading"))[pick]
    return said + _turned(values, rules, node, spot, pick)


def _turned(values: NodeValues, rules: Rules, node: IndexNode, spot: int, pick: int) -> str:
    """Efficacy function, caps and rounding of a node."""
    raw, value, said = values.raw[node.id][spot], values.value[node.id][spot], ""
    if node.normalise == "efficacy":
        low, high = (_number(end[spot]) for end in values.limits[node.id])
        part = f"(x - {low})" if node.direction == "+" else f"({high} - x)"
        said = f"; {rules.floor:g} + {100 - rules.floor:g} {part}/({high} - {low})"
    elif raw > node.max or raw < node.min:
        said = ("; 超限，由 {} 截至 {}", "; capped from {} to {}")[pick].format(
            _number(raw), _number(value)
        )
    elif raw != value:
        said = ("; 由 {} 修约", "; rounded from {}")[pick].format(_number(raw))
    return said


def _taken(read: ReadingValues, spot: int, pick: int) -> str:
    where = f"{read.where[spot]} [{GRADES[read.grade[spot]]}]"
    return ("直接给出，不由下级合成", "given itself, not made of its components")[
        pick
    ] + f" <- {where}"


def _sum(found: IndexResult, values: NodeValues, node: IndexNode, spot: int, pick: int) -> str:
    parts, weights = [], 0.0
    for child in found.tree.children[node.id]:
        if values.share[child][spot] > 0:
            one, value = found.tree.nodes[child], _number(values.value[child][spot])
            weights += one.weight
            turned = one.direction == "-" and one.normalise != "efficacy"
            parts.append(f"{one.weight:.6g} × {f'(100 - {value})' if turned else value}")
    whole = "" if node.combine == "sum" or weights == 1 else f" / {weights:.6g}"
    said, over = " + ".join(parts), whole + _over(values, node, spot)
    said = f"{_times(node)}({said}){over}" if _times(node) or over else said
    if values.followed[node.id][spot]:
        said += (
            "; 上一评价年的值加其余各项的变化",
            "; the year before, moved as these components moved",
        )[pick]
    return said


def _times(node: IndexNode) -> str:
    return "" if node.coefficient == 1 else f"{node.coefficient:.10g} × "


def _over(values: NodeValues, node: IndexNode, spot: int) -> str:
    return "".join(f" / {one} {_number(values.value[one][spot])}" for one in node.denominator)


def _row(values: NodeValues, node: IndexNode, spot: int) -> str:
    read = values.reads[node.id]
    return f"{node.reading}; {read.where[spot]} [{GRADES[read.grade[spot]]}]"


def explain_target(
    tree: IndexTree,
    ground: AssessmentContext,
    years: Mapping[int, NodeValues],
    rules: Rules,
    region: str,
    year: int,
    item: str,
    language: Language,
) -> list[str]:
    """The lines of an indicator that is held against its target."""
    spot, values = ground.regions.index(region), years[year]
    none = np.full(len(ground.regions), np.nan)
    found = IndexResult(tree, item, ground.regions, years, {year: none}, {})
    lines = list(_lines(found, values, rules, item, spot, language, 0, set()))
    assert ground.targets is not None
    due = ground.targets.current(item, year)
    if region in due.index:
        row = due.loc[region]
        said = ("目标", "target")[language != "zh"]
        goal = f"{row['comparator']} {row['target']:g} {row['unit']} ({row['form']}), {row['year']}"
        lines.append(f"{said}: {goal}; {row['file']} row {row['row']}, {row['source']}")
    return lines


def _after(
    found: IndexResult, rules: Rules, region: str, year: int, spot: int, language: Language
) -> list[str]:
    """Restrictions, grade and change of the total."""
    pick, lines = int(language != "zh"), []
    whole, total = found.years[year].value[found.root][spot], found.total[year][spot]
    named = {one.event: one for one in rules.restrictions}
    for row in found.events[year][(found.events[year]["region"] == region).to_numpy()].itertuples():
        rule = named[row.event]
        cited = rules.cited(rule.source, rule.locator, rule.grade, language)
        lines.append(
            f"{('限制', 'restriction')[pick]}: {rule.name.say(language)}, {row.document}, {row.date} "
            f"({row.file} row {row.row}); {cited}: {_number(whole)} -> {_number(total)}"
        )
    if grade := grade_by(total, rules.cuts, language):
        assert rules.cuts is not None
        lines.append(f"{('等级', 'grade')[pick]}: {grade}; {_cited(rules, rules.cuts, language)}")
    change = found.change(year)[spot]
    if (said := change_by(change, rules.changes, language)) and rules.changes is not None:
        lines.append(
            f"{('变化', 'change')[pick]}: {change:+.6g}: {said}; {_cited(rules, rules.changes, language)}"
        )
    return lines


def _cited(rules: Rules, rule: CitedRule, language: Language) -> str:
    return rules.cited(rule.source, rule.locator, rule.grade, language)


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.6g}"


def caption(
    found: IndexResult, rules: Rules, ground: AssessmentContext
) -> tuple[tuple[str, str], ...]:
    """What stands under the table: how well its weights are known, what was kept at the floor, what was left out."""
    lines: Lines = [_weights(found)]
    said = {
        "cuts": ("分级界限", "cut-offs of grades"),
        "changes": ("变化分级界限", "grades of change"),
    }
    rest: list[tuple[tuple[str, str], ChangeGrades | GradeCutoffs | Restriction | None]]
    rest = [(said["cuts"], rules.cuts), (said["changes"], rules.changes)]
    rest += [
        ((f"限制“{one.name.zh}”", f"restriction {one.event}"), one) for one in rules.restrictions
    ]
    for (zh, en), rule in rest:
        if rule is not None and rule.grade in _WEAK:
            lines.append((f"{zh}: {rule.grade}", f"{en}: {rule.grade}"))
    lines += _left(found, rules)
    if out := [str(year) for year in ground.years if year not in found.years]:
        lines.append(
            (
                f"无任何读数而未评价的年份: {'、'.join(out)}",
                f"years without any reading: {', '.join(out)}",
            )
        )
    if any(
        (found.total[year] < values.value[found.root]).any() for year, values in found.years.items()
    ):
        lines.append(
            (
                "变化按限制前的指数计算（before_restriction 行）",
                "changes are those of the index before restrictions (rows before_restriction)",
            )
        )
    return tuple(lines)


def _weights(found: IndexResult) -> tuple[str, str]:
    """The shares of the weight by the worst grade behind them, meaned over regions and years."""
    shares: dict[int, list[float]] = {}
    for values in found.years.values():
        for grade, share in worst_by_share(found.tree, found.root, values).items():
            shares.setdefault(grade, []).append(float(share.sum()))
    whole = sum(sum(parts) for parts in shares.values()) or 1.0
    said = [
        f"{GRADES[one]} {100 * sum(shares[one]) / whole:.0f} %"
        for one in sorted(shares)
        if sum(shares[one])
    ]
    return (
        f"权重与系数的依据等级: {', '.join(said)}",
        f"weights and coefficients by worst grade: {', '.join(said)}",
    )


def _left(found: IndexResult, rules: Rules) -> Lines:
    """How many indicators of regions had no reading, by rule, and how many values were capped."""
    count = {"floor": 0, "spread": 0, "follow": 0, "capped": 0}
    for values in found.years.values():
        due = asked(found.tree, found.root, values)
        for name, node in found.tree.nodes.items():
            raw, lacks = (
                values.raw[name],
                due[name] & ~values.none[name] & np.isnan(values.raw[name]),
            )
            if node.missing in count:
                count[node.missing] += int(lacks.sum())
            if node.normalise == "none":
                count["capped"] += int((due[name] & ((raw > node.max) | (raw < node.min))).sum())
    said = {
        "floor": (
            "{} 项次无数据，保留权重按下限计",
            "{} readings lack: weight kept, taken at the floor",
        ),
        "spread": (
            "{} 项次无数据，权重由其余分担",
            "{} readings lack: their weight goes to the others",
        ),
        "follow": (
            "{} 项次无数据，上级随其余各项变动",
            "{} readings lack: the parent moves as the others do",
        ),
        "capped": ("{} 项次超出上下限而截断", "{} values were capped"),
    }
    return [
        (said[kind][0].format(some), said[kind][1].format(some))
        for kind, some in count.items()
        if some
    ]
