"""The pictures of a comparison: a change taken apart, stacked years, transitions of land, a map of growth."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep.account.caption import CATEGORY, measure
from gep.account.lines import TOTAL
from gep.comparison.comparison import Comparison, Pair
from gep.comparison.comparison_table import EFFECTS, comparison_caption, price_basis
from gep.errors import Problem, make_problem
from gep.extent.regions import read_boundaries
from gep.project.project import Project
from gep.report.account_map import can_map
from gep.report.figures.page import spoken
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import LANGUAGES

Text = Mapping[Any, str]


def draw(
    found: Comparison, tables: Mapping[str, pd.DataFrame], project: Project, folder: Path
) -> list[Problem]:
    """Draw what the tables hold for the topmost region (none where there is none); a warning where matplotlib lacks."""
    pictures: list[
        tuple[str, Callable[[Comparison, Mapping[str, pd.DataFrame], Project, Path], None]]
    ] = [
        ("change.png", _change),
        ("years.png", _years),
        ("transitions.png", _transitions),
        ("growth.png", _growth),
    ]
    if found.headline is None:
        return []
    for name, picture in pictures if _alone(found) else pictures[-1:]:
        try:
            picture(found, tables, project, folder / name)
        except ModuleNotFoundError as error:
            what = f"pictures are not drawn: {error.name} is not installed"
            return [
                make_problem("missing-extra", name, what, 'pip install "gep-accounting[report]"')
            ]
    return []


def _texts(found: Comparison, project: Project, head: Text, unit: str) -> dict[str, Any]:
    """Title, unit, caption and status in both languages."""
    lines = {language: comparison_caption(found, language) for language in LANGUAGES}
    title, code = project.spec.project.title, _top(found)
    names = {one: found.names(one)[code] for one in lines}
    return {
        "title": {
            one: f"{title.say(one)}\n{_without(names[one], title.say(one))}{head[one]}"
            for one in lines
        },
        "unit": {one: spoken(unit, one) for one in lines},
        "status": {one: lines[one][1] for one in lines},
        "caption": {one: "\n".join([lines[one][0], *lines[one][2:]]) for one in lines},
        "language": project.language,
    }


def _top(found: Comparison) -> str:
    """The topmost parent, else the only region."""
    return str(found.codes[-1])


def _alone(found: Comparison) -> bool:
    """Whether there is a topmost parent or an only region, of which a picture can be drawn."""
    return bool(found.above.codes) or len(found.regions) == 1


def _without(name: str, title: str) -> str:
    """The name of a region before what is said of it, unless the title says it."""
    return (
        "" if name in title else f"{name}{'' if any(mark > chr(0x2E80) for mark in name) else ': '}"
    )


def _whole(found: Comparison) -> Pair:
    """The longest pair of years."""
    return max(found.pairs, key=lambda pair: pair[1] - pair[0])


def _change(
    found: Comparison, tables: Mapping[str, pd.DataFrame], project: Project, path: Path
) -> None:
    """The headline's change of the longest pair, taken apart by replay."""
    from gep.report.figures.charts import waterfall

    first, last = _whole(found)
    code, reasons = _top(found), tables["decomposition.csv"]
    line = found.headline
    assert line is not None
    mine = (
        (reasons["region"] == code)
        & (reasons["category"] == TOTAL)
        & (reasons["method"] == "replay")
    )
    chosen = reasons[(mine & (reasons["from"] == first) & (reasons["to"] == last)).to_numpy()]
    row = int(np.flatnonzero(found.codes == code)[0])
    if chosen.empty or not (found.levels[first].known & found.levels[last].known)[row, line]:
        return
    effects = [
        ({"zh": EFFECTS[name][0], "en": EFFECTS[name][1]}, float(value))
        for name, value in zip(chosen["effect"], chosen["value"], strict=True)
        if value or name in ("areas", "prices")
    ]
    head = {"zh": f"{first}—{last} 年变化的原因", "en": f"why it changed, {first}-{last}"}
    ends = [
        ({"zh": f"{year} 年", "en": str(year)}, float(found.levels[year].values[row, line]))
        for year in (first, last)
    ]
    texts = _texts(found, project, head, str(found.lines["unit"].iloc[line]))
    waterfall(ends[0], effects, ends[1], path=path, **texts)


def _years(
    found: Comparison, tables: Mapping[str, pd.DataFrame], project: Project, path: Path
) -> None:
    """Every year by category, or by indicator where there is only one category."""
    from gep.report.figures.charts import stacked_years

    code, years = _top(found), [account.year for account in found.accounts]
    row = int(np.flatnonzero(found.codes == code)[0])
    sums = [name for name in CATEGORIES if (found.lines["category"] == name).any()]
    lines = [(name, CATEGORY[name], found.position(name)) for name in sums]
    if len(lines) == 1:
        headline = found.accounts[-1].plan.standard.spec
        lines = [
            (
                one.id,
                (one.name.say("zh"), one.name.say("en")),
                found.position(one.category, one.id),
            )
            for one in headline.indicator
            if one.id in headline.total[0].indicators and _has(found, one.category, one.id)
        ]
    parts = {}
    for key, words, line in lines:
        values = [found.levels[year] for year in years]
        if all(not one.gap[row, line] for one in values):
            parts[key] = (
                {"zh": words[0], "en": words[1]},
                [float(one.values[row, line]) for one in values],
            )
    if not parts or not any(any(values) for _, values in parts.values()):
        return
    measured = measure(found.accounts[-1].plan)
    head = {"zh": measured[0], "en": measured[1]}
    assert found.headline is not None
    texts = _texts(found, project, head, str(found.lines["unit"].iloc[found.headline]))
    stacked_years(years, parts, path=path, **texts)


def _has(found: Comparison, category: str, indicator: str) -> bool:
    frame = found.lines
    same = (
        (frame["category"] == category) & (frame["indicator"] == indicator) & (frame["item"] == "")
    )
    return bool(same.any())


def _transitions(
    found: Comparison, tables: Mapping[str, pd.DataFrame], project: Project, path: Path
) -> None:
    """The transitions of land of the longest pair that has them."""
    from gep.report.figures.charts import sankey

    land = tables["transitions.csv"]
    margins = {"opening", "closing", "additions", "reductions", "net"}
    land = land[(land["region"] == _top(found)).to_numpy()]
    flows = land[
        ~(land["from_ecosystem"].isin(margins) | land["to_ecosystem"].isin(margins)).to_numpy()
    ]
    pairs: Sequence[Pair] = sorted(
        {(int(a), int(b)) for a, b in zip(flows["from"], flows["to"], strict=True)}
    )
    if not pairs:
        return
    first, last = max(pairs, key=lambda pair: pair[1] - pair[0])
    flows = flows[((flows["from"] == first) & (flows["to"] == last)).to_numpy()]
    scheme = found.accounts[-1].plan.scheme
    names = {
        one: {"zh": scheme.titles[one][0] or one, "en": scheme.titles[one][1] or one}
        for one in scheme.classes
    } | {"na": {"zh": "不计入", "en": "not accounted for"}}
    head = {"zh": f"{first}—{last} 年土地转移", "en": f"land transitions, {first}-{last}"}
    texts = _texts(found, project, head, "km2")
    if rest := _untold(land, flows, (first, last)):
        texts["caption"] = {one: f"{rest[one]}\n{texts['caption'][one]}" for one in rest}
    some = [
        (str(a), str(b), float(area))
        for a, b, area in zip(
            flows["from_ecosystem"], flows["to_ecosystem"], flows["area"], strict=True
        )
    ]
    if any(area for _, _, area in some):
        sankey(
            some,
            names,
            ({"zh": f"{first} 年", "en": str(first)}, {"zh": f"{last} 年", "en": str(last)}),
            path=path,
            **texts,
        )


def _untold(land: pd.DataFrame, flows: pd.DataFrame, pair: Pair) -> Text:
    """That the transitions do not add up to the areas, where they do not."""
    opening = land[
        (
            (land["from"] == pair[0])
            & (land["to"] == pair[1])
            & (land["to_ecosystem"] == "opening")
        ).to_numpy()
    ]
    told, whole = float(flows["area"].sum()), float(opening["area"].sum())
    if abs(told - whole) <= 0.005 * whole:
        return {}
    return {
        "zh": f"转移表合计 {told:,.0f} km2，账户面积合计 {whole:,.0f} km2，两者不符。",
        "en": f"The transitions sum to {told:,.0f} km2, the account's areas to {whole:,.0f} km2: they do not agree.",
    }


def _growth(
    found: Comparison, tables: Mapping[str, pd.DataFrame], project: Project, path: Path
) -> None:
    """The headline's growth over the longest pair, region by region."""
    from gep.report.figures.maps import growth_choropleth, growth_map

    account = found.accounts[-1]
    regions = account.plan.regions
    if regions is None or not can_map(account, project.boundaries):
        return
    first, last = _whole(found)
    line, count = found.headline, len(found.regions)
    one, other = found.levels[first], found.levels[last]
    fine = (one.known & other.known)[:count, line] & (one.values[:count, line] > 0)
    with np.errstate(all="ignore"):
        growth = np.where(fine, other.values[:count, line] / one.values[:count, line] - 1, np.nan)
    values = {str(code): float(value) for code, value in zip(found.regions, growth, strict=True)}
    measured = measure(account.plan)
    basis = price_basis(found.basis)
    head = {
        "zh": f"{first}—{last} 年增长率（{basis[0]}）：{measured[0]}",
        "en": f"growth, {first}-{last} ({basis[1]}): {measured[1]}",
    }
    texts = _texts(found, project, head, "%")
    if project.boundaries is not None:
        inputs, shapes = project.spec.inputs, read_boundaries(project.boundaries)
        approval = inputs.approval or None
        growth_choropleth(
            values, shapes, inputs.boundary_key, approval=approval, path=path, **texts
        )
        return
    frame = regions.frame.reindex(list(values))
    lon, lat = (
        dict(zip(values, frame[name].astype(float), strict=True)) for name in ("lon", "lat")
    )
    names = {
        code: {language: regions.name(code, language) for language in LANGUAGES} for code in values
    }
    growth_map(values, lon, lat, names, path=path, **texts)
