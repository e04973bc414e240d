"""The figures of results: the map and ranks of an account, the figures of a comparison.

The module chooses what is drawn of a result, and words it in the language of the project. How it is
drawn is left to ``gep.report.figures``, which needs the libraries of the extra ``report``.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from gep.report.figures.page import distinct_names, drawn_language, spoken
from gep.standards.standard import CATEGORIES
from gep.texts.catalogue import Language, say, text
from gep.uncertainty.interval_tables import Uncertainty
from gep.units import canonical

# Regions of a map: fewer show nothing, more cannot be told apart (nor placed in memory).
_FEWEST_ON_MAP = 3
_MOST_ON_MAP = 5000
_FEWEST_RANKS = 2
_MOST_RANKS = 60
_MOST_COLUMNS = 24  # bars of regions beside each other
_PROVINCES = 31  # of the mainland; a map of all of them is one of the whole country
_CODE_DIGITS = 6  # of the code of a county
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


def coordinates(regions: Regions, codes: Iterable[str], name: str) -> dict[str, float]:
    """Return the ``lon`` or ``lat`` of regions.

    Parameters
    ----------
    regions : Regions
    codes : iterable of str
        Of the regions.
    name : {'lon', 'lat'}

    Returns
    -------
    dict of str to float
        Degrees by code, NaN where they are not known.
    """
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
    region: str = "",
) -> Path:
    """Draw the total per km2 of each region; below the whole country, the title says 示意图.

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
        The approval number of the map (审图号); without one it says that it was not reviewed.
    region : str, optional
        Code of a parent, whose regions are drawn; all regions by default.

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
    if region:
        codes = _regions_in(account, region)
        values = {code: values[code] for code in codes}
    heading = say(
        language, "report.heading.map", measure=measure_title(plan, language), year=plan.year
    )
    heading = _with_region(heading, account, region, language)
    texts = _figure_texts(
        title if isinstance(title, str) else title.say(language),
        map_heading(heading, codes, language),
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
        coordinates(plan.regions, codes, "lon"),
        coordinates(plan.regions, codes, "lat"),
        {code: plan.regions.name(code, language) for code in codes},
        approval=approval or None,
        path=path,
        **texts,
    )


def _regions_in(account: Account, code: str) -> list[str]:
    """Return the codes of the regions in a parent; that of a region itself."""
    codes = account.plan.extent.regions
    for parent, members in zip(account.parents.codes, account.parents.members, strict=True):
        if parent == code:
            return [str(member) for member in codes[members]]
    return [code]


def _with_region(heading: str, account: Account, code: str, language: Language) -> str:
    """Name the parent whose regions are drawn, if one was asked for, in a heading."""
    if not code:
        return heading
    names = _region_names(account, [code], language)
    return say(language, "report.heading.of-region", region=names[code], heading=heading)


def map_heading(heading: str, codes: Collection[str], language: Language) -> str:
    """Say that a map is schematic (示意图), unless it is one of the whole country.

    Parameters
    ----------
    heading : str
    codes : collection of str
        Of the regions drawn.
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    provinces = set()
    for code in codes:
        if len(code) >= _CODE_DIGITS and code.isdigit():
            provinces.add(code[:2])
    if len(provinces) >= _PROVINCES:
        return heading
    return say(language, "report.heading.schematic", heading=heading)


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
    try:
        rank_figure(uncertainty, account, project, path, language)
    except ModuleNotFoundError as error:
        return [_not_drawn([path.name], error)]
    return []


def rank_figure(
    uncertainty: Uncertainty,
    account: Account,
    project: Project,
    path: Path,
    language: Language | None = None,
    *,
    region: str = "",
) -> bool:
    """Draw the ranks of an account's regions with their intervals.

    Parameters
    ----------
    uncertainty, account, project, path, language
        See :func:`draw_ranks`.
    region : str, optional
        Code of a parent, whose regions are drawn, ranked among all; all regions by default.

    Returns
    -------
    bool
        Whether it was drawn: not where there are too few or too many regions.

    Raises
    ------
    ModuleNotFoundError
        Without the libraries of the extra ``report``.
    """
    table = uncertainty.written_table()
    is_ranked = table["rank_p025"] != ""
    is_ranked &= table["year"] == account.year
    is_ranked &= table["level"] == "region"
    is_ranked &= table["from"] == ""
    rows = table[is_ranked.to_numpy()]
    totals = np.array([[account.total(str(code))] for code in rows["region"]])
    same_depth = np.zeros(len(rows))
    if len(rows):
        rows = rows.assign(place=ranks(totals, np.isfinite(totals), same_depth)[:, 0])
    if region:
        shown = _regions_in(account, region)
        rows = rows[rows["region"].astype(str).isin(shown).to_numpy()]
    if not _FEWEST_RANKS <= len(rows) <= _MOST_RANKS:
        return False
    from gep.report.figures.charts import rank_intervals

    language = drawn_language(language or project.language)
    names = _region_names(account, [str(code) for code in rows["region"]], language)
    bars = []
    for row in rows.to_dict("records"):
        low = float(row["rank_p025"])
        high = float(row["rank_p975"])
        bars.append((names[str(row["region"])], float(row["place"]), low, high))
    measure = measure_title(account.plan, language)
    heading = say(language, "report.heading.ranks", measure=measure, year=account.year)
    texts = _figure_texts(
        project.spec.project.title.say(language),
        _with_region(heading, account, region, language),
        say(language, "report.unit.rank"),
        account.caption(language),
        language,
    )
    draws = say(language, "report.caption.draws", draws=uncertainty.draws, seed=uncertainty.seed)
    texts["caption"] = f"{draws}\n{texts['caption']}"
    rank_intervals(bars, path=path, **texts)
    return True


def _region_names(account: Account, codes: Sequence[str], language: Language) -> dict[str, str]:
    """Return what regions are called, with the code where several are called so."""
    regions = account.plan.regions
    if regions is None:
        return {code: code for code in codes}
    return distinct_names({code: regions.name(code, language) for code in codes})


# --- a comparison --------------------------------------------------------------------------------

Tables = Mapping[str, pd.DataFrame]  # by file name


@dataclass(frozen=True)
class Subject:
    """What a figure of a comparison shows.

    Attributes
    ----------
    region : str
        Code of a region or parent.
    pair : (int, int), optional
        First and last year; by default those that are farthest apart.
    """

    region: str
    pair: Pair | None = None


DrawFigure = Callable[[Comparison, Tables, Project, Subject, Language, Path], bool]


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
        figures["change.png"] = draw_change
        figures["years.png"] = draw_years
        figures["transitions.png"] = draw_transitions
    figures["growth.png"] = _draw_growth
    subject = Subject(str(comparison.codes[-1]))  # the topmost parent, else the only region
    try:
        language = drawn_language(language or project.language)
        for name, draw_figure in figures.items():
            draw_figure(
                comparison,
                tables,
                project,
                subject,
                language,
                folder / name,
            )
    except ModuleNotFoundError as error:
        return [_not_drawn(list(figures), error)]
    return []


def _comparison_texts(
    comparison: Comparison,
    project: Project,
    code: str,
    heading: str,
    unit: str,
    language: Language,
) -> _FigureTexts:
    """Gather the texts of a figure; the region is named unless the project's title names it."""
    title = project.spec.project.title.say(language)
    region = comparison.names(language).get(code, "")
    if region not in title:
        heading = say(language, "report.heading.of-region", region=region, heading=heading)
    caption = comparison_caption(comparison, language)
    return _figure_texts(title, heading, unit, caption, language)


def _row_of(comparison: Comparison, code: str) -> int:
    """Return the row of a region or parent in the levels."""
    rows = np.flatnonzero(comparison.codes == code)
    return int(rows[0])


def _headline_unit(comparison: Comparison) -> str:
    return str(comparison.lines["unit"].iloc[comparison.headline])


def _longest(pairs: Iterable[Pair]) -> Pair:
    """Return the pair of years that are farthest apart."""
    return max(pairs, key=lambda pair: pair[1] - pair[0])


def draw_change(
    comparison: Comparison,
    tables: Tables,
    project: Project,
    subject: Subject,
    language: Language,
    path: Path,
) -> bool:
    """Draw the headline's change over a pair of years, with its reasons by replay.

    Parameters
    ----------
    comparison : Comparison
    tables : mapping of str to DataFrame
        Its result tables, by file name.
    project : Project
        Its title is used.
    subject : Subject
    language : {'zh', 'en'}
        See ``drawn_language``.
    path : Path
        A ``png``, ``svg`` or ``pdf``.

    Returns
    -------
    bool
        Whether it was drawn: not where the numbers for it are missing.
    """
    from gep.report.figures.charts import waterfall

    first, last = subject.pair or _longest(comparison.pairs)
    row = _row_of(comparison, subject.region)
    line = comparison.headline
    opening = comparison.levels[first]
    closing = comparison.levels[last]
    reasons = tables["decomposition.csv"]
    is_drawn = reasons["region"] == subject.region
    is_drawn &= reasons["category"] == TOTAL
    is_drawn &= reasons["method"] == "replay"
    is_drawn &= reasons["from"] == first
    is_drawn &= reasons["to"] == last
    reasons = reasons[is_drawn.to_numpy()]
    if reasons.empty or not (opening.known[row, line] and closing.known[row, line]):
        return False
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
            subject.region,
            say(language, "report.heading.change", first=first, last=last),
            _headline_unit(comparison),
            language,
        ),
    )
    return True


def draw_years(
    comparison: Comparison,
    tables: Tables,
    project: Project,
    subject: Subject,
    language: Language,
    path: Path,
) -> bool:
    """Draw every year by category, or by indicator where there is a single category.

    Parameters
    ----------
    comparison : Comparison
    tables : mapping of str to DataFrame
        Its result tables, by file name.
    project : Project
        Its title is used.
    subject : Subject
    language : {'zh', 'en'}
        See ``drawn_language``.
    path : Path
        A ``png``, ``svg`` or ``pdf``.

    Returns
    -------
    bool
        Whether it was drawn: not where the numbers for it are missing.
    """
    from gep.report.figures.charts import stacked_years

    row = _row_of(comparison, subject.region)
    years = [account.year for account in comparison.accounts]
    parts = _parts_of_cells(comparison, [(year, row) for year in years], language)
    if not parts:
        return False
    heading = measure_title(comparison.accounts[-1].plan, language)
    unit = _headline_unit(comparison)
    texts = _comparison_texts(
        comparison,
        project,
        subject.region,
        heading,
        unit,
        language,
    )
    stacked_years(years, parts, path=path, **texts)
    return True


def draw_regions(
    comparison: Comparison,
    project: Project,
    year: int,
    subject: Subject,
    language: Language,
    path: Path,
) -> bool:
    """Draw the regions of a year by category, or by indicator where there is a single category.

    Parameters
    ----------
    comparison, project, language, path
        See :func:`draw_years`.
    year : int
    subject : Subject
        The regions right below it are drawn, the largest first; itself where none is below. All
        regions where its code is blank.

    Returns
    -------
    bool
        Whether it was drawn: not where the numbers for it are missing.
    """
    from gep.report.figures.charts import stacked_bars

    account = comparison.account(year)
    level = comparison.levels[year]
    line = comparison.headline
    sizes = {}
    for code in _codes_below(comparison, subject.region):
        row = _row_of(comparison, code)
        sizes[code] = (-float(np.nan_to_num(level.values[row, line])), row)
    codes = sorted(sizes, key=sizes.__getitem__)
    shown = codes[:_MOST_COLUMNS]
    cells = [(year, sizes[code][1]) for code in shown]
    parts = _parts_of_cells(comparison, cells, language)
    if not parts:
        return False
    measure = measure_title(account.plan, language)
    heading = say(language, "report.heading.map", measure=measure, year=year)
    unit = _headline_unit(comparison)
    texts = _comparison_texts(
        comparison,
        project,
        subject.region,
        heading,
        unit,
        language,
    )
    state_texts = _figure_texts("", "", unit, account.caption(language), language)
    texts["status"], texts["caption"] = state_texts["status"], state_texts["caption"]
    remarks = []
    if len(shown) < len(codes):
        largest = text("report.chart.largest-regions", shown=len(shown), count=len(codes))
        remarks.append(largest)
    names = _region_names(account, shown, language)
    stacked_bars([names[code] for code in shown], parts, path=path, remarks=remarks, **texts)
    return True


def _codes_below(comparison: Comparison, code: str) -> list[str]:
    """Return the regions and parents right below one; itself where none is; all below none."""
    if not code:
        return [str(region) for region in comparison.regions]
    regions = comparison.accounts[-1].plan.regions
    below = []
    if regions is not None:
        for member in map(str, comparison.codes):
            if regions.ancestors(member)[:1] == [code]:
                below.append(member)
    return below or [code]


def _parts_of_cells(
    comparison: Comparison, cells: Sequence[tuple[int, int]], language: Language
) -> dict[str, tuple[str, list[float]]]:
    """Return name and values of the categories or indicators in cells (year, row of a region).

    What has a gap in a cell is left out; there is nothing where all values are 0.
    """
    parts = {}
    is_blank = True
    for key, (name, line) in _lines_of_years(comparison, language).items():
        values = []
        for year, row in cells:
            level = comparison.levels[year]
            if not level.gap[row, line]:
                values.append(float(level.values[row, line]))
        if len(values) == len(cells):
            parts[key] = (name, values)
            is_blank = is_blank and not any(values)
    return {} if is_blank else parts


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


def draw_transitions(
    comparison: Comparison,
    tables: Tables,
    project: Project,
    subject: Subject,
    language: Language,
    path: Path,
) -> bool:
    """Draw the transitions of land over a pair of years, the longest that has them by default.

    Parameters
    ----------
    comparison : Comparison
    tables : mapping of str to DataFrame
        Its result tables, by file name.
    project : Project
        Its title is used.
    subject : Subject
    language : {'zh', 'en'}
        See ``drawn_language``.
    path : Path
        A ``png``, ``svg`` or ``pdf``.

    Returns
    -------
    bool
        Whether it was drawn: not where the numbers for it are missing.
    """
    from gep.report.figures.charts import sankey

    land = tables["transitions.csv"]
    of_region = land["region"] == subject.region
    land = land[of_region.to_numpy()]
    is_margin = land["from_ecosystem"].isin(_MARGINS) | land["to_ecosystem"].isin(_MARGINS)
    flows = land[~is_margin.to_numpy()]
    pairs = set(zip(flows["from"].astype(int), flows["to"].astype(int), strict=True))
    if not pairs or subject.pair not in (None, *pairs):
        return False
    first, last = subject.pair or _longest(sorted(pairs))
    in_pair = (flows["from"] == first) & (flows["to"] == last)
    flows = flows[in_pair.to_numpy()]
    amounts = flows["area"].astype(float).tolist()
    if not any(amounts):
        return False
    scheme = comparison.accounts[-1].plan.scheme
    names = {}
    for name in scheme.classes:
        zh, en = scheme.titles[name]
        names[name] = Title(zh=zh or name, en=en or name).say(language)
    names[_NOT_ACCOUNTED] = say(language, "report.not-accounted")
    texts = _comparison_texts(
        comparison,
        project,
        subject.region,
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
    return True


def _opening_area(land: pd.DataFrame, first: int, last: int) -> float:
    """Return the area of the account at the opening, km2, from the margins of transitions."""
    is_opening = land["to_ecosystem"] == "opening"
    is_opening &= land["from"] == first
    is_opening &= land["to"] == last
    opening = land[is_opening.to_numpy()]
    return float(opening["area"].sum())


def _draw_growth(
    comparison: Comparison,
    tables: Tables,
    project: Project,
    subject: Subject,
    language: Language,
    path: Path,
) -> bool:
    """Draw a map of the headline's growth over the longest pair of years."""
    from gep.report.figures.maps import growth_choropleth, growth_map

    plan = comparison.accounts[-1].plan
    regions = plan.regions
    if regions is None or not can_map(comparison.accounts[-1], project.boundaries):
        return False
    first, last = _longest(comparison.pairs)
    heading = say(
        language,
        "report.heading.growth",
        first=first,
        last=last,
        prices=price_basis_text(comparison.basis),
        measure=measure_title(plan, language),
    )
    codes = [str(code) for code in comparison.regions]
    heading = map_heading(heading, codes, language)
    top = subject.region if comparison.above.codes else ""  # without a parent, all are drawn
    texts = _comparison_texts(
        comparison,
        project,
        top,
        heading,
        "%",
        language,
    )
    growth = _headline_growth(comparison, first, last)
    values = dict(zip(codes, growth.tolist(), strict=True))
    inputs = project.spec.inputs
    if project.boundaries is not None:
        growth_choropleth(
            values,
            read_boundaries(project.boundaries),
            inputs.boundary_key,
            approval=inputs.approval or None,
            path=path,
            **texts,
        )
        return True
    growth_map(
        values,
        coordinates(regions, codes, "lon"),
        coordinates(regions, codes, "lat"),
        {code: regions.name(code, language) for code in codes},
        approval=inputs.approval or None,
        path=path,
        **texts,
    )
    return True


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
