"""The figures of results: the map and ranks of an account, the figures of a comparison.

The module chooses what is drawn of a result, and words it in the language of the project. How it is
drawn is left to ``gep.report.figures``, which needs the libraries of the extra ``report``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.caption import category_title, measure_title
from gep.account.lines import TOTAL
from gep.comparison.comparability import price_basis_text
from gep.comparison.comparison import Comparison, Pair
from gep.comparison.comparison_table import comparison_caption, ranks
from gep.errors import Problem, make_problem
from gep.extent.regions import Regions, read_boundaries
from gep.io.argument_types import checked_arguments
from gep.io.toml_documents import Title
from gep.project.project import Project
from gep.report.figures.page import drawn_language, spoken
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import Language, say
from gep.uncertainty.interval_tables import Uncertainty
from gep.units import canonical

# Regions of a map: fewer show nothing, more cannot be told apart (nor placed in memory).
_FEWEST_ON_MAP = 3
_MOST_ON_MAP = 5000
_FEWEST_RANKS = 2
_MOST_RANKS = 60
_AREA_TOLERANCE = 0.005  # share of the areas by which transitions may miss them without a note
_ALWAYS_SHOWN = ("areas", "prices")  # effects that are drawn even if they are 0
_MARGINS = ("opening", "closing", "additions", "reductions", "net")  # of transitions.csv
_NOT_ACCOUNTED = "na"  # the ecosystem type of land that is not accounted for


class _FigureTexts(TypedDict):
    """The texts around a figure, in one language."""

    title: str
    unit: str
    status: str
    caption: str
    language: Language


def _figure_texts(
    title: str, heading: str, unit: str, caption: Sequence[str], language: Language
) -> _FigureTexts:
    """Gather the texts around a figure.

    Parameters
    ----------
    title : str
        Of the project.
    heading : str
        What the figure shows.
    unit : str
    caption : sequence of str
        Lines, of which the second is the status of the result.
    language : {'zh', 'en'}

    Returns
    -------
    dict
    """
    first, status, *others = caption
    return {
        "title": f"{title}\n{heading}",
        "unit": spoken(unit, language),
        "status": status,
        "caption": "\n".join([first, *others]),
        "language": language,
    }


def _not_drawn(files: Sequence[str], error: ModuleNotFoundError) -> Problem:
    """Return the warning that figures are not drawn because a library is not installed."""
    return make_problem(
        "missing-extra",
        files[0],
        "report.not-drawn",
        files=files,
        library=error.name or str(error),
    )


def _coordinates(regions: Regions, codes: Iterable[str], name: str) -> dict[str, float]:
    """Return the ``lon`` or ``lat`` of regions."""
    frame = regions.frame.reindex(list(codes))
    return {str(code): float(value) for code, value in frame[name].items()}


# --- an account ----------------------------------------------------------------------------------


def can_map(account: Account, boundaries: Path | None) -> bool:
    """Return whether there are regions for a map.

    Parameters
    ----------
    account : Account
    boundaries : Path or None
        The project's GeoJSON; without it regions need a longitude and latitude.

    Returns
    -------
    bool
        Whether anything is valued, and the number of regions with an area and a place is neither
        too small nor too large.
    """
    regions = account.plan.regions
    if regions is None or not account.sums.has_values:
        return False
    is_shown = np.isfinite(account.plan.land_area)
    if boundaries is None:
        frame = regions.frame.reindex(account.plan.extent.regions)
        places = frame[["lon", "lat"]].to_numpy(dtype=float)
        is_shown &= np.isfinite(places).all(axis=1)
    return bool(_FEWEST_ON_MAP <= is_shown.sum() <= _MOST_ON_MAP)


@checked_arguments
def account_map(
    account: Account,
    path: str | Path,
    title: Title | str,
    language: Language = "zh",
    *,
    boundaries: Path | None = None,
    key: str = "code",
    approval: str = "",
) -> Path:
    """Draw the total per km2 of each region.

    Parameters
    ----------
    account : Account
        With a table of regions, see :func:`can_map`.
    path : str or Path
        A ``png``, ``svg`` or ``pdf``.
    title : Title or str
        Of the project.
    language : {'zh', 'en'}, default 'zh'
    boundaries : Path, optional
        A GeoJSON, whose polygons are drawn; otherwise hexagons are placed by longitude and
        latitude.
    key : str, default 'code'
        The property of a polygon that names its region.
    approval : str, optional
        The approval number of the map (审图号).

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    ModuleNotFoundError
        Without the libraries of the extra ``report``.

    Examples
    --------
    >>> import gep
    >>> account = gep.read_project("examples/jiangxi-counties").compute()[0]
    >>> gep.account_map(account, "map.png", "江西省各县").name
    'map.png'
    """
    from gep.report.figures.maps import choropleth, hexagon_map

    language = drawn_language(language)
    path = Path(path)
    plan = account.plan
    codes = [str(code) for code in plan.extent.regions]
    totals = np.array([account.total(code) for code in codes])
    per_km2 = (totals / plan.land_area).tolist()
    values = dict(zip(codes, per_km2, strict=True))
    texts = _figure_texts(
        title if isinstance(title, str) else title.say(language),
        say(language, "report.heading.map", measure=measure_title(plan, language), year=plan.year),
        f"{canonical(plan.standard.spec.unit)} km-2",
        account.caption(language),
        language,
    )
    if boundaries is not None:
        return choropleth(
            values,
            read_boundaries(boundaries),
            key,
            approval=approval or None,
            path=path,
            **texts,
        )
    if plan.regions is None:
        raise ValueError("the account has no table of regions: nothing to draw")
    return hexagon_map(
        values,
        _coordinates(plan.regions, codes, "lon"),
        _coordinates(plan.regions, codes, "lat"),
        {code: plan.regions.name(code, language) for code in codes},
        path=path,
        **texts,
    )


def draw_ranks(
    uncertainty: Uncertainty,
    account: Account,
    project: Project,
    path: Path,
    language: Language | None = None,
) -> list[Problem]:
    """Draw the ranks of an account's regions with their intervals.

    Parameters
    ----------
    uncertainty : Uncertainty
        Of the accounts of the project.
    account : Account
        The account whose regions are ranked.
    project : Project
        Its title is used.
    path : Path
        A ``png``, ``svg`` or ``pdf``, which is not written if there are too few or too many
        regions.
    language : {'zh', 'en'}, optional
        The language of the project by default.

    Returns
    -------
    list of Problem
        The warning ``missing-extra`` if matplotlib is not installed.
    """
    table = uncertainty.written_table()
    is_ranked = table["rank_p025"] != ""
    is_ranked &= table["year"] == account.year
    is_ranked &= table["level"] == "region"
    is_ranked &= table["from"] == ""
    rows = table[is_ranked.to_numpy()]
    if not _FEWEST_RANKS <= len(rows) <= _MOST_RANKS:
        return []
    totals = np.array([[account.total(str(code))] for code in rows["region"]])
    same_depth = np.zeros(len(rows))
    rank = ranks(totals, np.isfinite(totals), same_depth)[:, 0]
    try:
        from gep.report.figures.charts import rank_intervals

        language = drawn_language(language or project.language)
        regions = account.plan.regions
        bars = []
        for position, row in enumerate(rows.to_dict("records")):
            code = str(row["region"])
            name = code if regions is None else regions.name(code, language)
            low = float(row["rank_p025"])
            high = float(row["rank_p975"])
            bars.append((name, float(rank[position]), low, high))
        measure = measure_title(account.plan, language)
        texts = _figure_texts(
            project.spec.project.title.say(language),
            say(language, "report.heading.ranks", measure=measure, year=account.year),
            say(language, "report.unit.rank"),
            account.caption(language),
            language,
        )
        draws = say(
            language, "report.caption.draws", draws=uncertainty.draws, seed=uncertainty.seed
        )
        texts["caption"] = f"{draws}\n{texts['caption']}"
        rank_intervals(bars, path=path, **texts)
    except ModuleNotFoundError as error:
        return [_not_drawn([path.name], error)]
    return []


# --- a comparison --------------------------------------------------------------------------------

Tables = Mapping[str, pd.DataFrame]  # by file name
DrawFigure = Callable[[Comparison, Tables, Project, Language, Path], None]


def draw(
    comparison: Comparison,
    tables: Tables,
    project: Project,
    folder: Path,
    language: Language | None = None,
) -> list[Problem]:
    """Draw the figures of a comparison that its tables have the numbers for.

    Parameters
    ----------
    comparison : Comparison
    tables : mapping of str to DataFrame
        Its result tables, by file name.
    project : Project
        Its title and boundaries are used.
    folder : Path
        Receives ``change.png``, ``years.png`` and ``transitions.png`` of the topmost parent or the
        only region, and the map ``growth.png``. Without a headline in money nothing is drawn.
    language : {'zh', 'en'}, optional
        The language of the project by default.

    Returns
    -------
    list of Problem
        The warning ``missing-extra`` if the libraries of the extra ``report`` are not installed.
    """
    if comparison.headline is None:
        return []
    figures: dict[str, DrawFigure] = {}
    if comparison.above.codes or len(comparison.regions) == 1:
        figures["change.png"] = _draw_change
        figures["years.png"] = _draw_years
        figures["transitions.png"] = _draw_transitions
    figures["growth.png"] = _draw_growth
    try:
        language = drawn_language(language or project.language)
        for name, draw_figure in figures.items():
            draw_figure(comparison, tables, project, language, folder / name)
    except ModuleNotFoundError as error:
        return [_not_drawn(list(figures), error)]
    return []


def _comparison_texts(
    comparison: Comparison, project: Project, heading: str, unit: str, language: Language
) -> _FigureTexts:
    """Gather the texts of a figure; the region is named unless the project's title names it."""
    title = project.spec.project.title.say(language)
    region = comparison.names(language)[_top_code(comparison)]
    if region not in title:
        heading = say(language, "report.heading.of-region", region=region, heading=heading)
    caption = comparison_caption(comparison, language)
    return _figure_texts(title, heading, unit, caption, language)


def _top_code(comparison: Comparison) -> str:
    """Return the code of the topmost parent, else of the only region."""
    return str(comparison.codes[-1])


def _top_row(comparison: Comparison) -> int:
    """Return the row of the topmost parent, or only region, in the levels."""
    rows = np.flatnonzero(comparison.codes == _top_code(comparison))
    return int(rows[0])


def _headline_unit(comparison: Comparison) -> str:
    return str(comparison.lines["unit"].iloc[comparison.headline])


def _longest(pairs: Iterable[Pair]) -> Pair:
    """Return the pair of years that are farthest apart."""
    return max(pairs, key=lambda pair: pair[1] - pair[0])


def _draw_change(
    comparison: Comparison, tables: Tables, project: Project, language: Language, path: Path
) -> None:
    """Draw the headline's change over the longest pair of years, with its reasons by replay."""
    from gep.report.figures.charts import waterfall

    first, last = _longest(comparison.pairs)
    row = _top_row(comparison)
    line = comparison.headline
    opening = comparison.levels[first]
    closing = comparison.levels[last]
    reasons = tables["decomposition.csv"]
    is_drawn = reasons["region"] == _top_code(comparison)
    is_drawn &= reasons["category"] == TOTAL
    is_drawn &= reasons["method"] == "replay"
    is_drawn &= reasons["from"] == first
    is_drawn &= reasons["to"] == last
    reasons = reasons[is_drawn.to_numpy()]
    if reasons.empty or not (opening.known[row, line] and closing.known[row, line]):
        return
    effects = []
    for effect, value in zip(reasons["effect"], reasons["value"], strict=True):
        if value or effect in _ALWAYS_SHOWN:
            effects.append((say(language, f"comparison.effect.{effect}"), float(value)))
    waterfall(
        (say(language, "report.year", year=first), float(opening.values[row, line])),
        effects,
        (say(language, "report.year", year=last), float(closing.values[row, line])),
        path=path,
        **_comparison_texts(
            comparison,
            project,
            say(language, "report.heading.change", first=first, last=last),
            _headline_unit(comparison),
            language,
        ),
    )


def _draw_years(
    comparison: Comparison, tables: Tables, project: Project, language: Language, path: Path
) -> None:
    """Draw every year by category, or by indicator where there is a single category."""
    from gep.report.figures.charts import stacked_years

    row = _top_row(comparison)
    years = [account.year for account in comparison.accounts]
    levels = [comparison.levels[year] for year in years]
    parts = {}
    is_blank = True
    for key, (name, line) in _lines_of_years(comparison, language).items():
        if any(level.gap[row, line] for level in levels):
            continue
        values = [float(level.values[row, line]) for level in levels]
        parts[key] = (name, values)
        if any(values):
            is_blank = False
    if is_blank:
        return
    heading = measure_title(comparison.accounts[-1].plan, language)
    unit = _headline_unit(comparison)
    texts = _comparison_texts(comparison, project, heading, unit, language)
    stacked_years(years, parts, path=path, **texts)


def _lines_of_years(comparison: Comparison, language: Language) -> dict[str, tuple[str, int]]:
    """Return name and position of the categories, or of the indicators of the only category."""
    lines = comparison.lines
    present = set(lines["category"])
    categories = [category for category in CATEGORIES if category in present]
    if len(categories) != 1:
        named = {}
        for category in categories:
            name = category_title(category, language)
            named[category] = (name, comparison.position(category))
        return named
    spec = comparison.accounts[-1].plan.standard.spec
    is_whole_line = (lines["item"] == "").to_numpy()
    whole_lines = lines[is_whole_line]
    keys = set(zip(whole_lines["category"], whole_lines["indicator"], strict=True))
    named = {}
    for indicator in spec.indicator:
        is_summed = indicator.id in spec.total[0].indicators
        if is_summed and (indicator.category, indicator.id) in keys:
            line = comparison.position(indicator.category, indicator.id)
            named[indicator.id] = (indicator.name.say(language), line)
    return named


def _draw_transitions(
    comparison: Comparison, tables: Tables, project: Project, language: Language, path: Path
) -> None:
    """Draw the transitions of land over the longest pair of years that has them."""
    from gep.report.figures.charts import sankey

    land = tables["transitions.csv"]
    of_region = land["region"] == _top_code(comparison)
    land = land[of_region.to_numpy()]
    is_margin = land["from_ecosystem"].isin(_MARGINS) | land["to_ecosystem"].isin(_MARGINS)
    flows = land[~is_margin.to_numpy()]
    pairs = set(zip(flows["from"].astype(int), flows["to"].astype(int), strict=True))
    if not pairs:
        return
    first, last = _longest(sorted(pairs))
    in_pair = (flows["from"] == first) & (flows["to"] == last)
    flows = flows[in_pair.to_numpy()]
    amounts = flows["area"].astype(float).tolist()
    if not any(amounts):
        return
    scheme = comparison.accounts[-1].plan.scheme
    names = {}
    for name in scheme.classes:
        zh, en = scheme.titles[name]
        names[name] = Title(zh=zh or name, en=en or name).say(language)
    names[_NOT_ACCOUNTED] = say(language, "report.not-accounted")
    texts = _comparison_texts(
        comparison,
        project,
        say(language, "report.heading.transitions", first=first, last=last),
        "km2",
        language,
    )
    opening_area = _opening_area(land, first, last)
    transition_area = float(flows["area"].sum())
    if abs(transition_area - opening_area) > _AREA_TOLERANCE * opening_area:
        note = say(
            language,
            "report.caption.areas-differ",
            transitions=transition_area,
            areas=opening_area,
        )
        texts["caption"] = f"{note}\n{texts['caption']}"
    sources = flows["from_ecosystem"].astype(str)
    targets = flows["to_ecosystem"].astype(str)
    sankey(
        list(zip(sources, targets, amounts, strict=True)),
        names,
        (say(language, "report.year", year=first), say(language, "report.year", year=last)),
        path=path,
        **texts,
    )


def _opening_area(land: pd.DataFrame, first: int, last: int) -> float:
    """Return the area of the account at the opening, km2, from the margins of transitions."""
    is_opening = land["to_ecosystem"] == "opening"
    is_opening &= land["from"] == first
    is_opening &= land["to"] == last
    opening = land[is_opening.to_numpy()]
    return float(opening["area"].sum())


def _draw_growth(
    comparison: Comparison, tables: Tables, project: Project, language: Language, path: Path
) -> None:
    """Draw a map of the headline's growth over the longest pair of years."""
    from gep.report.figures.maps import growth_choropleth, growth_map

    plan = comparison.accounts[-1].plan
    regions = plan.regions
    if regions is None or not can_map(comparison.accounts[-1], project.boundaries):
        return
    first, last = _longest(comparison.pairs)
    heading = say(
        language,
        "report.heading.growth",
        first=first,
        last=last,
        prices=price_basis_text(comparison.basis),
        measure=measure_title(plan, language),
    )
    texts = _comparison_texts(comparison, project, heading, "%", language)
    codes = [str(code) for code in comparison.regions]
    growth = _headline_growth(comparison, first, last)
    values = dict(zip(codes, growth.tolist(), strict=True))
    if project.boundaries is not None:
        inputs = project.spec.inputs
        growth_choropleth(
            values,
            read_boundaries(project.boundaries),
            inputs.boundary_key,
            approval=inputs.approval or None,
            path=path,
            **texts,
        )
        return
    growth_map(
        values,
        _coordinates(regions, codes, "lon"),
        _coordinates(regions, codes, "lat"),
        {code: regions.name(code, language) for code in codes},
        path=path,
        **texts,
    )


def _headline_growth(comparison: Comparison, first: int, last: int) -> np.ndarray:
    """Return the growth of each region's headline as a fraction; NaN from a level not above 0."""
    count = len(comparison.regions)
    line = comparison.headline
    opening = comparison.levels[first]
    closing = comparison.levels[last]
    start = opening.values[:count, line]
    end = closing.values[:count, line]
    is_known = (opening.known & closing.known)[:count, line]
    is_known &= start > 0
    with np.errstate(all="ignore"):
        growth = end / start - 1
    return np.where(is_known, growth, np.nan)
