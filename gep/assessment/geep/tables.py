"""The tables of GEEP (核算各表): ``geep.csv``, and the same as a wide table with names to hand in."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gep.assessment.geep.items import LOWER, GeepResult, Items
from gep.assessment.geep.scheme import GeepTerm
from gep.texts.catalogue import Language

GEEP_COLUMNS = ["region", "year", "item", "value", "unit"]
_NAMES = {
    "gdp": ("地区生产总值", "GDP"),
    "rdc": ("资源消耗成本", "Resource depletion cost"),
    "endc": ("环境退化成本", "Environmental degradation cost"),
    LOWER: (
        "环境退化成本（虚拟治理成本，下限）",
        "Degradation cost (virtual treatment cost, lower bound)",
    ),
    "ecdc": ("生态破坏成本", "Ecological damage cost"),
    "ggdp": ("绿色GDP", "Green GDP"),
    "eps": ("产品供给价值", "Provisioning services"),
    "ers": ("调节服务价值", "Regulating services"),
    "ecs": ("文化服务价值", "Cultural services"),
    "gep": ("生态产品总值", "GEP"),
    "overlap": ("GDP与GEP重叠部分", "Overlap of GDP and GEP"),
    "geep": ("生态经济生产总值", "GEEP"),
    "geep_per_gdp": ("GEEP/GDP", "GEEP/GDP"),
    "ggi": ("绿金指数（GEP/GDP）", "GGI (GEP/GDP)"),
    "ers_share": ("调节服务占GEEP比重", "Regulating services in GEEP"),
    "geep_per_capita": ("人均GEEP", "GEEP per head"),
    "geep_per_km2": ("单位面积GEEP", "GEEP per km2"),
    "rank_gdp": ("GDP位次", "Rank by GDP"),
    "rank_geep": ("GEEP位次", "Rank by GEEP"),
    "rank_geep_minus_rank_gdp": ("位次变化（GEEP位次减GDP位次）", "Rank by GEEP less rank by GDP"),
}


def geep_table(years: Sequence[Items]) -> pd.DataFrame:
    """The rows of ``geep.csv``."""
    rows = []
    for one in years:
        for spot, code in enumerate(one.codes):
            for name, values in one.value.items():
                if np.isfinite(values[spot]):
                    item = LOWER if name == "endc" and one.bound[spot] else name
                    rows.append((code, one.year, item, float(values[spot]), one.unit[name]))
        for (code, item), value in one.gini.items():
            if np.isfinite(value):
                rows.append((code, one.year, item, value, "1"))
    return pd.DataFrame(rows, columns=GEEP_COLUMNS)


def term_of(found: GeepResult, name: str) -> GeepTerm | None:
    """The term of the scheme of that name; None where it is another item."""
    return next((term for key, term in found.scheme.spec.term.items() if key == name), None)


def name_of(item: str, found: GeepResult, language: Language) -> str:
    """The name of an item."""
    term, _, part = item.partition("_")
    spec = term_of(found, term)
    if spec is not None and part in spec.parts:
        return str(spec.parts[part].name.say(language))
    if spec is not None and not part:
        return str(spec.name.say(language))
    return _NAMES.get(item, (item, item))[language != "zh"]


def wide_table(found: GeepResult) -> pd.DataFrame:
    """The table that is handed in: a row a region and year, a column an item."""
    rows = []
    for one in found.items:
        for spot, code in enumerate(one.codes):
            row: dict[str, object] = {
                "地区 Region": code,
                "名称 Name": found.context.name(code, "zh"),
                "年份 Year": one.year,
            }
            for name in [*dict.fromkeys([*_order(found), *one.value])]:
                item = LOWER if name == "endc" and one.bound[spot] else name
                if name in one.value and np.isfinite(one.value[name][spot]):
                    zh, en = (name_of(item, found, language) for language in ("zh", "en"))
                    both = zh if zh == en else f"{zh} {en}"
                    row[both + ("" if one.unit[name] == "1" else f" ({one.unit[name]})")] = (
                        one.value[name][spot]
                    )
            rows.append(row)
    return pd.DataFrame(rows)


def _order(found: GeepResult) -> list[str]:
    names = []
    for name in ("gdp", "rdc", "endc", "ecdc"):
        names += (
            [name, *(f"{name}_{part}" for part in found.scheme.spec.term[name].parts)]
            if name in found.scheme.spec.term
            else []
        )
    return [*names, "ggdp", "eps", "ers", "ecs", "gep", "overlap", "geep"]
