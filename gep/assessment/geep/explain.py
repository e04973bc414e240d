"""GEEP in words (核算说明): the caption of its tables, and how each figure came about."""

import numpy as np

from gep.account.lines import TOTAL
from gep.assessment.geep.items import LOWER, GeepResult, Items
from gep.assessment.geep.tables import name_of, term_of
from gep.assessment.geep.terms import TermValues
from gep.inputs.value_rows import GRADES
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import Language

_FORMULAS = {
    "ggdp": ("gdp", "- rdc", "- endc", "- ecdc"),
    "gep": ("eps", "+ ers", "+ ecs"),
    "overlap": ("eps", "+ ecs"),
    "geep": ("ggdp", "+ gep", "- overlap"),
    "geep_per_gdp": ("geep", "/ gdp"),
    "ggi": ("gep", "/ gdp"),
    "ers_share": ("ers", "/ geep"),
    "rank_geep_minus_rank_gdp": ("rank_geep", "- rank_gdp"),
}
_SHORT = {"overlap": ("gep", "- ers"), "geep": ("ggdp", "+ ers")}  # where eps and ecs are not known


def caption(found: GeepResult) -> tuple[tuple[str, str], ...]:
    """What must stand under the table: formula, prices, grades of what was read, bounds, evidence of the scheme."""
    text = found.scheme.spec
    lines = [
        (
            "GEEP = GDP - 资源消耗成本 - 环境退化成本 - 生态破坏成本 + GEP - 重叠部分",
            "GEEP = GDP - RDC - EnDC - EcDC + GEP - overlap",
        ),
    ]
    for one in found.terms:
        grades = sorted(
            {
                GRADES[int(some.max())]
                for read in one.read.values()
                if len(some := read.grade[read.where != ""])
            }
        )
        kept = [name for name in GRADES if name in grades]
        zh = f"{one.year}年：{one.price_year}年价格；所读数据的依据等级：{'、'.join(kept)}"
        lines.append(
            (
                zh,
                f"{one.year}: prices of {one.price_year}; grades of what was read: {', '.join(kept)}",
            )
        )
        if one.bound.any():
            codes = [code for code, bound in zip(one.regions, one.bound, strict=True) if bound]
            lines.append(
                (
                    f"{one.year}年 {'、'.join(codes)}：环境退化成本以虚拟治理成本代替，为下限，GEEP相应为上限",
                    f"{one.year} {', '.join(codes)}: the cost of degradation is the virtual treatment cost, a "
                    "lower bound, and GEEP therefore an upper bound",
                )
            )
    if text.evidence != "verified":
        lines.append((f"方案依据等级：{text.evidence}", f"evidence of the scheme: {text.evidence}"))
    zh, _, en = text.note.partition("\n")  # a note in two languages has a line of each
    return tuple(lines) + (((zh.strip(), (en or zh).strip()),) if zh else ())


def explain_geep(
    found: GeepResult, region: str, year: int, item: str, language: Language
) -> list[str]:
    """The lines of an item: its formula with numbers, then each term down to file rows."""
    both = [
        (items, terms)
        for items, terms in zip(found.items, found.terms, strict=True)
        if items.year == year
    ]
    if not both:
        return []
    items, terms = both[0]
    name = "endc" if item == LOWER else item
    if (region, item) in items.gini:
        return [f"{item} = {items.gini[region, item]:.6g}", *_gini_lines(terms, item, language)]
    if region not in items.codes or name not in items.value:
        return []
    return _lines(found, items, terms, region, name, language, 0)


def _gini_lines(terms: TermValues, item: str, language: Language) -> list[str]:
    weighted = item.endswith("weighted") and not item.endswith("unweighted")
    zh = "人均值，按人口加权" if weighted else "各地区总值，不加权"
    en = "values per head weighted by population" if weighted else "values of regions, unweighted"
    return [f"  {zh if language == 'zh' else en}: {', '.join(terms.regions)}"]


def _lines(
    found: GeepResult,
    items: Items,
    terms: TermValues,
    region: str,
    name: str,
    language: Language,
    depth: int,
) -> list[str]:
    spot, unit = items.codes.index(region), items.unit[name]
    shown = LOWER if name == "endc" and items.bound[spot] else name
    value, pad = items.value[name][spot], "  " * depth
    head = f"{pad}{name_of(shown, found, language)} ({shown}) = {value:.10g}{'' if unit == '1' else ' ' + unit}"
    if name in _FORMULAS and not _given(terms, region, name):
        parts = [part.split() for part in _FORMULAS[name]]
        known = [part for part in parts if np.isfinite(items.value[part[-1]][spot])]
        if len(known) < len(parts):
            first, second = _SHORT.get(name, ("", ""))
            said = f" = {first} {second}".rstrip(" =")
            names = [one.split()[-1] for one in (first, second) if one]
            below = [_lines(found, items, terms, region, one, language, depth + 1) for one in names]
            return [head + said, *(line for some in below for line in some)]
        said = " ".join(
            " ".join([*part[:-1], f"{part[-1]} {items.value[part[-1]][spot]:.10g}"])
            for part in parts
        )
        below = [
            _lines(found, items, terms, region, part[-1], language, depth + 1) for part in parts
        ]
        return [f"{head} = {said}", *(line for some in below for line in some)]
    if region not in terms.regions:
        return [f"{head}: {'下级地区之和' if language == 'zh' else 'sum of the regions inside'}"]
    if name not in terms.read:
        return [head]
    at = terms.regions.index(region)
    read = terms.read[name]
    if not read.where[at]:
        return [f"{head}: {'无数据行，取0' if language == 'zh' else 'no row, 0 by default'}"]
    lines = [f"{head}: {read.where[at]} [{GRADES[int(read.grade[at])]}]"]
    return (
        lines
        + _details(terms, region, name, unit, pad)
        + _of_account(found, terms, region, name, pad)
    )


def _given(terms: TermValues, region: str, name: str) -> bool:
    """Whether a figure that has a formula was read instead."""
    if name not in terms.read or region not in terms.regions:
        return False
    at = terms.regions.index(region)
    parts = terms.read["eps"].value[at] + terms.read["ecs"].value[at]
    return bool(terms.read[name].where[at]) and (name == "overlap" or bool(np.isnan(parts)))


def _details(terms: TermValues, region: str, name: str, unit: str, pad: str) -> list[str]:
    """The parts of a term, and of the virtual treatment cost its substances."""
    at, lines = terms.regions.index(region), []
    if name == "endc" and terms.bound[at]:
        for one in terms.treated:
            if one.region == region:
                made = f"{one.emission:g} {one.emission_unit} x {one.cost:g} {one.cost_unit} x tau {one.tau:g}"
                lines.append(
                    f"{pad}  {one.substance}: {made} = {one.value:.10g} {unit} ({one.where})"
                )
    for part, term in terms.part_of.items():
        read = terms.read[part]
        if term == name and read.where[at]:
            lines.append(f"{pad}  {part} = {read.value[at]:.10g} {unit}: {read.where[at]}")
    return lines


def _of_account(
    found: GeepResult, terms: TermValues, region: str, name: str, pad: str
) -> list[str]:
    """The indicators of the account that a category is the sum of."""
    term = term_of(found, name)
    where = str(terms.read[name].where[terms.regions.index(region)])
    if term is None or not where.startswith("account "):
        return []
    lines = []
    for reading in [one for one in term.readings if one.account in CATEGORIES]:
        compared = found.context.comparisons.get(reading.basis)
        if compared is None or terms.year not in compared.levels:
            continue
        spot, levels, frame = (
            list(compared.codes).index(region),
            compared.levels[terms.year],
            compared.lines,
        )
        mine = (frame["category"] == reading.account) & (frame["indicator"] != TOTAL)
        for line in np.flatnonzero(
            (mine & (frame["item"] == "") & (frame["kind"] == "value")).to_numpy()
        ):
            if levels.known[spot, line]:
                one = frame.iloc[line]
                lines.append(
                    f"{pad}  {one['indicator']} = {levels.values[spot, line]:.10g} {one['unit']}"
                )
    return lines
