"""Schemes applied (方案的应用): their context is put together and checked, then each one computes.

The tables and accounts of a project are read by ``gep.workflows``; this module reads nothing but a
scheme that is named by id or path, and tables that are given to ``assess``.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import pandas as pd

from gep.account.account import Account
from gep.assessment.context import AssessmentContext, regions_of
from gep.assessment.decided import UNDECIDED, Decided
from gep.assessment.events import (
    Events,
    Groups,
    TermsOfOffice,
    load_events,
    load_groups,
    load_terms,
)
from gep.assessment.kinds import read_scheme
from gep.assessment.measure import named_by_measure, with_measure
from gep.assessment.pools import Pools, load_pools
from gep.assessment.references import check_references, evaluation_order, publish, with_results
from gep.assessment.registers import Register, load_register
from gep.assessment.review.log import ReviewLog
from gep.assessment.scheme import Assessment, Scheme
from gep.assessment.stocks import (
    Causes,
    StockPrices,
    Stocks,
    load_causes,
    load_stock_prices,
    load_stocks,
)
from gep.assessment.targets import Targets, load_targets
from gep.comparison.comparison import Comparison, compare
from gep.errors import Place, ProblemLog
from gep.extent.regions import Regions, load_regions
from gep.extent.transitions import Transitions
from gep.inputs.data import EMPTY, Data, data_sources, load_data
from gep.inputs.value_rows import GRADE
from gep.io.argument_types import checked_arguments
from gep.io.arguments import TableArgument, TableSource, several, table_source
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.io.toml_documents import Title
from gep.texts.catalogue import Listed, text

_YEARLY_KINDS = ("score", "geep", "allocation")  # an index names the years that it leaves out

NOTHING_DECIDED: Mapping[str, Decided] = {}


@dataclass(frozen=True)
class AssessmentInputs:
    """The tables that ``[assessment]`` of a project names, loaded.

    Attributes
    ----------
    readings : Data
    targets, groups, events, stocks, causes, stock_prices, terms, pools, register
        Each None if the project does not name it.
    previous : mapping of (str, str, int) to int
        Ranks of earlier assessments, by scheme, region and year; year 0 where none is stated.
    regions : Regions or None
    log : ReviewLog or None
        The log of the review.
    earlier : mapping of str to DataFrame
        The ``scores.csv`` of an earlier version, by scheme.
    files : tuple of Path
        The files of all tables.
    years_left_out : tuple of int
        Years that ``[assessment]`` names and nothing is known of.
    """

    readings: Data = EMPTY
    targets: Targets | None = None
    groups: Groups | None = None
    events: Events | None = None
    stocks: Stocks | None = None
    causes: Causes | None = None
    stock_prices: StockPrices | None = None
    terms: TermsOfOffice | None = None
    pools: Pools | None = None
    register: Register | None = None
    previous: Mapping[tuple[str, str, int], int] = field(default_factory=dict)
    regions: Regions | None = None
    log: ReviewLog | None = None
    earlier: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    years_left_out: tuple[int, ...] = ()


@checked_arguments
def assess(
    scheme: Scheme | str | Path,
    accounts: Account | Sequence[Account] = (),
    targets: Targets | TableArgument | None = None,
    *,
    readings: Data | TableArgument | Sequence[TableArgument] = (),
    groups: Groups | TableArgument | None = None,
    events: Events | TableArgument | None = None,
    stocks: Stocks | TableArgument | None = None,
    causes: Causes | TableArgument | None = None,
    stock_prices: StockPrices | TableArgument | None = None,
    terms: TermsOfOffice | TableArgument | None = None,
    pools: Pools | TableArgument | None = None,
    register: Register | TableArgument | None = None,
    regions: Regions | TableArgument | None = None,
    years: int | Sequence[int] = (),
) -> Assessment:
    """Apply a scheme to accounts, readings and other tables.

    Parameters
    ----------
    scheme : Scheme, str or Path
        A scheme that was read, or the id or path of one.
    accounts : Account or sequence of Account, optional
        One for each year. They are taken at their own price basis, also where the scheme asks for
        constant prices and they are at such.
    targets, readings, groups, events, stocks, causes, stock_prices, terms, pools : optional
        The tables that the scheme reads, each in its own units: from ``gep.read_targets``,
        ``gep.read_data``, ``gep.read_groups`` and so on, or their paths, or DataFrames and xarray
        objects in their columns.
    register : Register, str, Path, DataFrame or xarray object, optional
        The register with dates, which schemes of kind ``register`` read.
    regions : Regions, str, Path, DataFrame or xarray object, optional
        Table of regions, where there are no accounts.
    years : int or sequence of int, optional
        The assessed years; by default those of the accounts, else those of the readings.

    Returns
    -------
    Assessment

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the scheme (see ``gep.read_scheme``) or in what it is
        applied to, of any code that its kind checks; ``unknown-event``, ``unknown-item`` and
        ``unknown-region``.

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> row = {"region": "a", "resource": "timber", "class": "natural", "unit": "m3"}
    >>> stocks = pd.DataFrame([row | {"year": 2015, "stock": 5}, row | {"year": 2016, "stock": 6}])
    >>> stocks["source"] = "survey"
    >>> assessed = gep.assess("balance-sheet-2015", stocks=stocks, years=[2015, 2016])
    >>> assessed.frame("balance")["value"].dtype
    dtype('float64')
    """
    the_scheme = scheme if isinstance(scheme, Scheme) else read_scheme(scheme)
    log = ProblemLog()
    if not isinstance(readings, Data):
        readings = load_data(data_sources(readings, name="readings"), log)
    inputs = AssessmentInputs(
        readings=readings,
        targets=_loaded(targets, Targets, "targets", load_targets, log),
        groups=_loaded(groups, Groups, "groups", load_groups, log),
        events=_loaded(events, Events, "events", load_events, log),
        stocks=_loaded(stocks, Stocks, "stocks", load_stocks, log),
        causes=_loaded(causes, Causes, "causes", load_causes, log),
        stock_prices=_loaded(stock_prices, StockPrices, "stock_prices", load_stock_prices, log),
        terms=_loaded(terms, TermsOfOffice, "terms", load_terms, log),
        pools=_loaded(pools, Pools, "pools", load_pools, log),
        register=_loaded(register, Register, "register", load_register, log),
        regions=_loaded(regions, Regions, "regions", load_regions, log),
    )
    log.raise_errors()
    comparisons: dict[str, Comparison] = {}
    listed: list[Account] = several(accounts)
    if listed:
        comparison = compare(listed, pairs=())
        comparisons["project"] = comparison
        constant = all(account.plan.price_year is not None for account in comparison.accounts)
        comparisons["constant" if constant else "current"] = comparison
    account_years = [account.year for account in listed]
    chosen = several(years) or account_years or sorted(set(inputs.readings.rows["year"]))
    if not chosen and inputs.register is not None:
        chosen = sorted(inputs.register.years)
    context = context_of(comparisons, inputs, chosen)
    problems = ProblemLog()
    context = publish([the_scheme], context)
    check_references(the_scheme, context, problems)
    problems.raise_errors()
    the_scheme.kind.check_inputs(the_scheme, context, problems)
    check_events(context, [the_scheme], problems)
    check_register(context, [the_scheme], problems)
    problems.raise_errors()
    return _assessed(the_scheme, context)


Loaded = TypeVar("Loaded")


def _loaded(
    argument: Loaded | TableArgument | None,
    kind: type[Loaded],
    name: str,
    load: Callable[[TableSource, ProblemLog], Loaded | None],
    problems: ProblemLog,
) -> Loaded | None:
    """Return what a table holds; it may have been read before."""
    if argument is None or isinstance(argument, kind):
        return argument
    return load(table_source(argument, name), problems)


def context_of(
    comparisons: Mapping[str, Comparison],
    inputs: AssessmentInputs,
    years: Sequence[int] = (),
    transitions: Transitions | None = None,
) -> AssessmentContext:
    """Put together what schemes are applied to.

    Parameters
    ----------
    comparisons : mapping of str to Comparison
        The accounts of all years, by basis; their regions and years are those at ``project``.
    inputs : AssessmentInputs
    years : sequence of int, optional
        The assessed years; by default those of the accounts.
    transitions : Transitions, optional

    Returns
    -------
    AssessmentContext
        Its regions are those of the accounts, their parents that have a reading, and those that
        only readings name.
    """
    comparison = comparisons.get("project")
    rows = inputs.readings.rows
    read_codes = [str(code) for code in rows["region"].unique()]
    codes: list[str] = []
    regions: list[str] = []
    account_years: list[int] = []
    table = inputs.regions
    if comparison is not None:
        codes = [str(code) for code in comparison.codes]
        regions = [str(code) for code in comparison.regions]
        for code, depth in zip(codes, comparison.depth, strict=True):
            if depth >= 0 and code in read_codes:
                regions.append(code)
        account_years = [account.year for account in comparison.accounts]
        table = comparison.accounts[-1].plan.regions
    codes_of_readings = [code for code in read_codes if code not in codes]
    names = {}
    area = {}
    population = {}
    for code in [*codes, *codes_of_readings]:
        if table is None:
            continue
        names[code] = Title(zh=table.name(code, "zh"), en=table.name(code, "en"))
        if code in table.frame.index:
            row = table.frame.loc[code]
            area[code] = float(row["area"])
            population[code] = float(row["population"])
    return AssessmentContext(
        years=tuple(sorted(years or account_years)),
        regions=(*regions, *codes_of_readings),
        comparisons=comparisons,
        readings=inputs.readings,
        targets=inputs.targets,
        groups=inputs.groups,
        events=inputs.events,
        names=names,
        area=area,
        population=population,
        previous=inputs.previous,
        stocks=inputs.stocks,
        causes=inputs.causes,
        stock_prices=inputs.stock_prices,
        terms=inputs.terms,
        pools=inputs.pools,
        register=inputs.register,
        region_table=inputs.regions,
        transitions=transitions,
        files=inputs.files,
    )


def check_placeholders(
    context: AssessmentContext, schemes: Sequence[Scheme], problems: ProblemLog
) -> None:
    """Check that no number and no scheme is made up.

    Parameters
    ----------
    context : AssessmentContext
    schemes : sequence of Scheme
    problems : ProblemLog
        Collects ``placeholder``.
    """
    tables = (
        context.readings,
        context.targets,
        context.stocks,
        context.causes,
        context.stock_prices,
        context.pools,
        context.register,
    )
    for table in tables:
        if table is None or table.rows.empty:
            continue
        made_up = (table.rows["grade"] == GRADE["placeholder"]).to_numpy(dtype=bool)
        for file, rows in table.rows[made_up].groupby("file", sort=False, observed=True):
            place = row_place(str(file), rows["row"])
            problems.add("placeholder", place, "assessment.made-up-rows")
    for scheme in schemes:
        label = scheme.path.name
        title = scheme.spec.title
        if scheme.spec.evidence == "placeholder":
            problems.add("placeholder", label, "assessment.made-up-scheme", title=title)
        for part in scheme.kind.made_up(scheme):
            values = {"id": part, "title": title}
            problems.add("placeholder", f"{label} {part}", "assessment.made-up-part", **values)


def check_tables(
    context: AssessmentContext, schemes: Sequence[Scheme], problems: ProblemLog
) -> None:
    """Check groups against the assessed regions, and targets against all schemes of a project.

    Parameters
    ----------
    context : AssessmentContext
    schemes : sequence of Scheme
    problems : ProblemLog
        Collects ``unknown-region`` (in a group, but not assessed), ``unknown-indicator`` (with a
        target, but in no scheme), and the warning ``region-ungrouped``.
    """
    if context.groups is not None:
        _check_groups(context, context.groups, problems)
    if context.targets is None:
        return
    known: set[str] = set()
    for scheme in schemes:
        ids = scheme.kind.target_ids(scheme)
        if ids is None:  # the kind does not say what may have a target
            return
        known |= ids
    rows = context.targets.rows
    unknown = rows[~rows["indicator"].isin(known).to_numpy()]
    for name, target_rows in unknown.groupby("indicator", sort=False, observed=True):
        hint = suggestion(str(name), known)
        problems.add(
            "unknown-indicator",
            row_place(str(target_rows["file"].iloc[0]), target_rows["row"]),
            "assessment.target-of-no-scheme",
            indicator=name,
            hint=hint,
        )


def _check_groups(context: AssessmentContext, groups: Groups, problems: ProblemLog) -> None:
    """Check that groups name assessed regions, and all of them."""
    label = groups.files[0].name
    for code in groups.of:
        if code not in context.regions:
            hint = suggestion(code, context.regions)
            values = {"region": context.label(code), "hint": hint}
            problems.add("unknown-region", label, "assessment.region-not-assessed", **values)
    ungrouped = [context.label(code) for code in context.regions if code not in groups.of]
    if ungrouped and groups.of:
        values = {"regions": ungrouped, "count": len(ungrouped)}
        problems.add("region-ungrouped", label, "assessment.regions-ungrouped", **values)


def check_events(
    context: AssessmentContext, schemes: Sequence[Scheme], problems: ProblemLog
) -> None:
    """Check that some scheme knows each event, and that events are of assessed regions.

    Parameters
    ----------
    context : AssessmentContext
    schemes : sequence of Scheme
    problems : ProblemLog
        Collects ``unknown-event`` and ``unknown-region``.
    """
    if context.events is None:
        return
    rows = context.events.rows
    known: set[str] = set()
    for scheme in schemes:
        known |= scheme.kind.event_ids(scheme)
    unknown = rows[~rows["event"].isin(known).to_numpy()]
    for event, event_rows in unknown.groupby("event", sort=False, observed=True):
        place = row_place(str(event_rows["file"].iloc[0]), event_rows["row"])
        values = {"event": event, "hint": suggestion(str(event), known)}
        problems.add("unknown-event", place, "assessment.event-of-no-scheme", **values)
    for code, place in _unknown_regions(rows, context.regions):
        values = {"region": context.label(code), "hint": suggestion(code, context.regions)}
        problems.add("unknown-region", place, "assessment.region-not-assessed", **values)


def _unknown_regions(rows: pd.DataFrame, known: Collection[str]) -> list[tuple[str, Place]]:
    """Return the regions of a table that are not known, with the place of their rows."""
    unknown = rows[~rows["region"].isin(known).to_numpy()]
    places = []
    for code, region_rows in unknown.groupby("region", sort=False, observed=True):
        place = row_place(str(region_rows["file"].iloc[0]), region_rows["row"])
        places.append((str(code), place))
    return places


def check_register(
    context: AssessmentContext, schemes: Sequence[Scheme], problems: ProblemLog
) -> None:
    """Check that some scheme reads each row of the register, and that its regions are known.

    Parameters
    ----------
    context : AssessmentContext
    schemes : sequence of Scheme
    problems : ProblemLog
        Collects ``unknown-item`` and ``unknown-region``.
    """
    if context.register is None:
        return
    rows = context.register.rows
    is_unread = pd.Series(True, index=rows.index)
    known: set[str] = set()
    for scheme in schemes:
        is_unread &= ~scheme.kind.register_rows(scheme, rows)
        known |= scheme.kind.register_words(scheme)
    unread = rows[is_unread.to_numpy(dtype=bool)]
    for (item, kind), item_rows in unread.groupby(["item", "subject_kind"], sort=False):
        place = row_place(str(item_rows["file"].iloc[0]), item_rows["row"])
        values = {"item": item, "kind": kind, "hint": suggestion(str(item), known)}
        problems.add("unknown-item", place, "register.row-of-no-scheme", **values)
    regions = regions_of(context)
    codes = {*context.regions, *(() if regions is None else map(str, regions.frame.index))}
    for code, place in _unknown_regions(rows, codes) if codes else ():
        values = {"region": context.label(code), "hint": suggestion(code, codes)}
        problems.add("unknown-region", place, "register.unknown-region", **values)


class AppliedSchemes(NamedTuple):
    """The assessments, in the order of the schemes, and the context with what they published."""

    assessments: tuple[Assessment, ...]
    context: AssessmentContext


def _assessed(scheme: Scheme, context: AssessmentContext) -> Assessment:
    """Apply a scheme whose names are those of what the accounts measure."""
    named = named_by_measure(scheme, context)
    assessment = with_measure(named.kind.assess(named, context), context)
    return _name_years_left_out(assessment, context)


def apply(
    schemes: Sequence[Scheme],
    context: AssessmentContext,
    decided: Mapping[str, Decided] = NOTHING_DECIDED,
) -> AppliedSchemes:
    """Apply schemes, each after those that it reads, whatever their order.

    Parameters
    ----------
    schemes : sequence of Scheme
    context : AssessmentContext
        Checked for all of them.
    decided : mapping of str to Decided, optional
        By scheme, what a review decided: it stands in the place of what is read and computed, also
        for the schemes that read the results.

    Returns
    -------
    AppliedSchemes
    """
    context = publish(schemes, context)
    assessments: dict[str, Assessment] = {}
    for scheme in evaluation_order(schemes):
        of_scheme = context.for_scheme(scheme.id)
        of_scheme = replace(of_scheme, decided=decided.get(scheme.id, UNDECIDED))
        assessment = _assessed(scheme, of_scheme)
        assessments[scheme.id] = assessment
        context = with_results(context, scheme, assessment.tables)
    in_order = tuple(assessments[scheme.id] for scheme in schemes)
    return AppliedSchemes(in_order, context)


def _name_years_left_out(assessment: Assessment, context: AssessmentContext) -> Assessment:
    """Name in the caption the years that a scheme was not applied to, since nothing was read."""
    if assessment.scheme.spec.kind not in _YEARLY_KINDS:
        return assessment
    years: set[int] = set()
    for table in assessment.tables.values():
        if "year" in table:
            years.update(table["year"])
    left_out = [year for year in context.years if year not in years]
    if not left_out or not years:
        return assessment
    line = text("assessment.caption.years-left-out", years=Listed(tuple(left_out), len(left_out)))
    return replace(assessment, caption=(*assessment.caption, line))
