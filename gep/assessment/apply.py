"""Schemes applied (方案的应用): what they are applied to is put together and checked, then one after the other computes.

A project's tables and accounts are read elsewhere; here nothing is read but a scheme named by id or path.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from gep.account.account import Account
from gep.assessment.context import AssessmentContext, SchemeScores
from gep.assessment.events import Events, Groups, TermsOfOffice
from gep.assessment.kinds import read_scheme
from gep.assessment.pools import Pools
from gep.assessment.review.log import ReviewLog
from gep.assessment.scheme import Assessment, Scheme
from gep.assessment.stocks import Causes, StockPrices, Stocks
from gep.assessment.targets import Targets
from gep.comparison.comparison import Comparison, compare
from gep.errors import ProblemLog, joined
from gep.extent.regions import Regions
from gep.extent.transitions import Transitions
from gep.inputs.data import EMPTY, Data
from gep.inputs.value_rows import GRADE
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion


@dataclass(frozen=True)
class AssessmentInputs:
    """What ``[assessment]`` names, loaded."""

    readings: Data = EMPTY
    targets: Targets | None = None
    groups: Groups | None = None
    events: Events | None = None
    previous: Mapping[tuple[str, str], int] = field(default_factory=dict)
    stocks: Stocks | None = None
    causes: Causes | None = None
    stock_prices: StockPrices | None = None
    terms: TermsOfOffice | None = None
    pools: Pools | None = None
    regions: Regions | None = None
    log: ReviewLog | None = None
    earlier: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


def context_of(
    comparisons: Mapping[str, Comparison],
    inputs: AssessmentInputs,
    years: Sequence[int] = (),
    transitions: Transitions | None = None,
) -> AssessmentContext:
    """What schemes are applied to: the regions of the accounts, then those that only readings name."""
    at = comparisons.get("project")
    codes = [str(code) for code in at.codes] if at is not None else []
    named = (
        [str(code) for code in inputs.readings.rows["region"].unique()]
        if len(inputs.readings.rows)
        else []
    )
    more = [code for code in named if code not in codes]
    parents = (
        [code for code, depth in zip(codes, at.depth, strict=True) if depth >= 0]
        if at is not None
        else []
    )
    own = [str(code) for code in at.regions] if at is not None else []
    table = at.accounts[-1].plan.regions if at is not None else inputs.regions
    names, area, population = {}, {}, {}
    for code in [*codes, *more]:
        names[code] = (
            (table.name(code, "zh"), table.name(code, "en")) if table is not None else (code, code)
        )
        if table is not None and code in table.frame.index:
            row = table.frame.loc[code]
            area[code], population[code] = float(row["area"]), float(row["population"])
    computed = [account.year for account in at.accounts] if at is not None else []
    return AssessmentContext(
        years=tuple(sorted(years or computed)),
        regions=(*own, *(code for code in parents if code in named), *more),
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
        region_table=inputs.regions,
        transitions=transitions,
        files=inputs.files,
    )


def check_placeholders(
    context: AssessmentContext, schemes: Sequence[Scheme], problems: ProblemLog
) -> None:
    """Made-up readings, targets and schemes."""
    fix = "replace them; or allow_placeholder = true for a demonstration"
    for rows in context.graded_rows():
        made_up = rows[(rows["grade"] == GRADE["placeholder"]).to_numpy(dtype=bool)]
        for file, some in made_up.groupby("file", sort=False):
            place = row_place(str(file), some["row"])
            problems.add("placeholder", place, "made-up numbers (grade placeholder)", fix)
    for scheme in schemes:
        label = scheme.path.name
        if scheme.spec.evidence == "placeholder":
            what = "the scheme is made up (evidence placeholder)"
            problems.add("placeholder", label, what, fix)
        for name in scheme.kind.made_up(scheme):
            what = "the indicator is made up (grade placeholder)"
            problems.add("placeholder", f"{label} {name}", what, fix)


def check_tables(
    context: AssessmentContext, schemes: Sequence[Scheme], problems: ProblemLog
) -> None:
    """Groups of regions that are assessed, all of them; targets of indicators that a scheme has."""
    of = {} if context.groups is None else context.groups.of
    label = "" if context.groups is None else context.groups.files[0].name
    for code in (code for code in of if code not in context.regions):
        what = f"region {code!r} is not assessed"
        problems.add("unknown-region", label, what, suggestion(code, context.regions))
    bare = [code for code in context.regions if of and code not in of]
    if bare:
        what = f"{joined(bare, ', ')} are in no group, and ranked by themselves"
        problems.add("region-ungrouped", label, what, "add them to the table of groups")
    known = [scheme.kind.target_ids(scheme) for scheme in schemes]
    if context.targets is None or None in known:
        return
    ids, rows = {name for some in known for name in some or ()}, context.targets.rows
    for name, some in rows[~rows["indicator"].isin(ids).to_numpy()].groupby(
        "indicator", sort=False
    ):
        where = row_place(str(some["file"].iloc[0]), some["row"])
        problems.add(
            "unknown-indicator",
            where,
            f"no scheme has indicator {name!r}",
            suggestion(str(name), ids),
        )


def check_events(
    context: AssessmentContext, schemes: Sequence[Scheme], problems: ProblemLog
) -> None:
    """Events that none of the schemes knows, or of regions that are not scored."""
    if context.events is None:
        return
    rows = context.events.rows
    known = {name for scheme in schemes for name in scheme.kind.event_ids(scheme)}
    for name, some in rows[~rows["event"].isin(known).to_numpy()].groupby("event", sort=False):
        where = row_place(str(some["file"].iloc[0]), some["row"])
        problems.add("unknown-event", where, f"event {name!r}", suggestion(str(name), known))
    for code, some in rows[~rows["region"].isin(context.regions).to_numpy()].groupby(
        "region", sort=False
    ):
        where = row_place(str(some["file"].iloc[0]), some["row"])
        problems.add(
            "unknown-region",
            where,
            f"region {code!r} is not assessed",
            suggestion(str(code), context.regions),
        )


def assess(
    scheme: Scheme | str | Path,
    accounts: Sequence[Account] = (),
    targets: Targets | None = None,
    *,
    readings: Data = EMPTY,
    groups: Groups | None = None,
    events: Events | None = None,
    stocks: Stocks | None = None,
    causes: Causes | None = None,
    stock_prices: StockPrices | None = None,
    terms: TermsOfOffice | None = None,
    pools: Pools | None = None,
    regions: Regions | None = None,
    years: Sequence[int] = (),
) -> Assessment:
    """Apply a scheme, loaded or by id or path, to accounts and readings. Raises ``ProblemsFound``.

    The accounts are taken at their own price basis, also where a scheme asks for constant prices and they are at such.
    ``years`` are those assessed (default: those of the accounts, else of the readings).
    """
    the_scheme = scheme if isinstance(scheme, Scheme) else read_scheme(scheme)
    comparisons: dict[str, Comparison] = {}
    if accounts:
        at = compare(list(accounts), pairs=())
        constant = all(account.plan.price_year is not None for account in at.accounts)
        comparisons = {"project": at, "constant" if constant else "current": at}
    seen = [account.year for account in accounts] or sorted(set(readings.rows["year"]))
    inputs = AssessmentInputs(
        readings=readings,
        targets=targets,
        groups=groups,
        events=events,
        stocks=stocks,
        causes=causes,
        stock_prices=stock_prices,
        terms=terms,
        pools=pools,
        regions=regions,
    )
    context = context_of(comparisons, inputs, years or seen)
    problems = ProblemLog()
    the_scheme.kind.check_inputs(the_scheme, context, problems)
    check_events(context, [the_scheme], problems)
    problems.raise_errors()
    return the_scheme.kind.assess(the_scheme, context)


def apply(schemes: Sequence[Scheme], context: AssessmentContext) -> tuple[Assessment, ...]:
    """The schemes one after the other; a later one may read the scores of an earlier one."""
    assessments: list[Assessment] = []
    scores: list[SchemeScores] = []
    for scheme in schemes:
        assessment = scheme.kind.assess(scheme, replace(context, earlier_scores=tuple(scores)))
        assessments.append(assessment)
        if "ranking.csv" in assessment.tables:
            ranking, points = assessment.tables["ranking.csv"], assessment.tables["scores.csv"]
            scores.append(SchemeScores(scheme.id, scheme.spec.evidence, ranking, points))
    return tuple(assessments)
