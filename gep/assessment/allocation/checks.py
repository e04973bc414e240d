"""What is wrong with a compensation scheme, and what it needs and a project does not give (资金分配前的检查)."""

from collections.abc import Sequence

import numpy as np

from gep.assessment.allocation.largest_remainder import Infeasible
from gep.assessment.allocation.scheme import (
    AllocationScheme,
    AllocationSpec,
    Amount,
    EventCut,
    named_amounts,
)
from gep.assessment.allocation.shares import (
    cuts,
    deducted_of,
    factor_scores,
    money_of,
    share_out,
    shared_years,
    taking_part,
)
from gep.assessment.context import AssessmentContext
from gep.assessment.pools import yuan
from gep.assessment.readings import Reading
from gep.assessment.scheme import check_reading, check_source, check_unique_ids, check_unit
from gep.errors import ProblemLog, Where
from gep.inputs.value_rows import unit_fault
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.units import currency


def check_scheme(scheme: AllocationScheme, problems: ProblemLog) -> None:
    """Ids, weights, rates, units."""
    spec, label = scheme.spec, scheme.path.name
    for name, parts in (("factor", spec.factor), ("group", spec.group), ("event", spec.event)):
        check_unique_ids([one.id for one in parts], f"{label} {name}", problems)
    _check_weights(spec, label, problems)
    for one in spec.factor:
        where = f"{label} factor {one.id}"
        check_unit(one.unit, where, problems)
        if one.source:
            check_source(one.source, spec.sources, where, problems)
    for cut in spec.event:
        if cut.rate is not None and not cut.low <= cut.rate <= cut.high:
            _add_rate_fault(cut.rate, cut, f"{label} event {cut.id}", problems)
    for key, money in named_amounts(spec).items():
        _check_money(money, f"{label} {key}", problems)


def _check_weights(spec: AllocationSpec, label: str, problems: ProblemLog) -> None:
    whole = sum(one.weight for one in spec.factor)
    if spec.factor and abs(whole - spec.total) > 1e-9:
        what = f"the weights sum to {whole:g}, total says {spec.total:g}"
        problems.add("weights-sum", f"{label} factor", what, "correct the weights or the sum")
    for part in spec.group:
        own = sum(one.weight for one in spec.factor if one.group == part.id)
        if abs(own - part.weight) > 1e-9:
            what = f"its factors' weights sum to {own:g}, it says {part.weight:g}"
            problems.add(
                "weights-sum",
                f"{label} group {part.id}",
                what,
                "correct the weights or the sum",
            )
    known = {one.id for one in spec.group}
    for one in spec.factor:
        if one.group and one.group not in known:
            what, fix = (
                f"group {one.group!r} is not described",
                f"groups are: {', '.join(known) or 'none'}",
            )
            problems.add("scheme-section", f"{label} factor {one.id}", what, fix)


def _add_rate_fault(rate: float, cut: EventCut, where: Where, problems: ProblemLog) -> None:
    """A rate outside what the scheme's text allows."""
    what = f"{cut.id}: a rate of {rate:g}, {cut.low:g} to {cut.high:g} is allowed"
    problems.add("deduction-range", where, what, "write a share such as 0.3, within these limits")


def _check_money(money: Amount, where: Where, problems: ProblemLog) -> None:
    """Whether an amount of the scheme is money."""
    fault = unit_fault(money.unit)
    if fault is None and (coin := currency(money.unit)) is not None:
        fault = unit_fault(money.unit, coin)
    elif fault is None:
        fault = ("wrong-dimension", f"unit {money.unit!r} is not money")
    if fault:
        problems.add(fault[0], where, fault[1], "a unit like 10^4 CNY is due")


def check_inputs(scheme: AllocationScheme, ground: AssessmentContext, problems: ProblemLog) -> None:
    """Everything that would keep the money from being shared out, at once as far as it can be seen."""
    text, label, own = scheme.spec, scheme.path.name, ProblemLog()
    _check_readings(text, ground, label, own)
    _check_pools(text, ground, label, own)
    _check_events(text, ground, own)
    if not own.errors:
        for year in shared_years(text, ground):
            _check_year(text, ground, year, f"{label} {year}", own)
    if not own.errors:
        try:
            share_out(text, ground)
        except Infeasible as error:
            own.add(
                "allocation-infeasible",
                label,
                str(error),
                "correct the pool, the floors and caps, or the scores",
            )
    for one in (*own.errors, *own.warnings):
        problems.include([one])


def _check_readings(
    text: AllocationSpec, ground: AssessmentContext, label: str, problems: ProblemLog
) -> None:
    for one in text.factor:
        check_reading(one.reading, one.unit, ground, f"{label} factor {one.id}", problems)
    named: list[tuple[str, Reading, str]] = []
    if text.coefficient is not None:
        named.append(("coefficient", text.coefficient, "1"))
    named += [
        (key, Reading(data=one.data), currency(one.unit) or one.unit)
        for key, one in named_amounts(text).items()
        if one.data
    ]
    if text.contribution is not None:
        named.append(("met", Reading(data=text.met), "1"))
        if ground.readings.rows.empty or (ground.readings.rows["name"] == text.deducted).any():
            coin = currency(text.contribution.unit) or text.contribution.unit
            named.append(("deducted", Reading(data=text.deducted), coin))
    rows = None if ground.events is None else ground.events.rows
    for cut in text.event:
        if cut.data and rows is not None and (rows["event"] == cut.id).any():
            named.append((f"event {cut.id}", Reading(data=cut.data), "1"))
    for key, reading, unit in named:
        check_reading(reading, unit, ground, f"{label} {key}", problems)


def _check_pools(
    text: AllocationSpec, ground: AssessmentContext, label: str, problems: ProblemLog
) -> None:
    pools = ground.pools
    if pools is None:
        if text.method == "factors":
            fix = 'write pools = "pools.csv" under [assessment]'
            problems.add("missing-pool", f"{label} pool", "there is no table of pools", fix)
        return
    known = sorted(set(pools.rows["pool"]))
    if text.method == "factors" and text.pool not in known:
        what = f"no row of the pools is called {text.pool!r}"
        problems.add("missing-pool", f"{label} pool", what, suggestion(text.pool, known))
        return
    own = pools.of(text.pool)
    if text.method == "factors" and not set(own) & set(ground.years):
        what = f"{text.pool} has money in {', '.join(map(str, own))}, assessed are {', '.join(map(str, ground.years))}"
        problems.add("missing-pool", f"{label} pool", what, "add the row of the year")
        return
    for year, row in own.items():
        if year not in ground.years:
            where = row_place(str(row["file"]), [row["row"]])
            problems.add(
                "pool-year", where, f"{year} is not assessed", "add the year, or take the row out"
            )


def _check_events(text: AllocationSpec, ground: AssessmentContext, problems: ProblemLog) -> None:
    """Events of the scheme have a rate that it allows."""
    if ground.events is None or not text.event:
        return
    rows, known = ground.events.rows, {one.id for one in text.event}
    mine = rows[rows["event"].isin(known).to_numpy()]
    for code, some in mine[~mine["region"].isin(ground.regions).to_numpy()].groupby(
        "region", sort=False
    ):
        where = row_place(str(some["file"].iloc[0]), some["row"])
        problems.add(
            "unknown-region",
            where,
            f"region {code!r} has no reading",
            suggestion(str(code), ground.regions),
        )
    if problems.errors:
        return
    for year in ground.years:
        for code, cut, rate, origin in cuts(text, ground, year):
            if np.isnan(rate):
                what = (
                    f"{cut.id} of {code} in {year}: no data row {cut.data!r} says what is deducted"
                )
                problems.add(
                    "missing-data",
                    origin,
                    what,
                    f"{cut.low:g} to {cut.high:g} is allowed: write the share",
                )
            elif not cut.low <= rate <= cut.high:
                _add_rate_fault(rate, cut, origin, problems)


def _check_year(
    text: AllocationSpec, ground: AssessmentContext, year: int, where: Where, problems: ProblemLog
) -> None:
    places = taking_part(text, ground, year)
    if not places:
        problems.add(
            "missing-data",
            where,
            "no region has a factor score",
            "add the rows of the year to the readings",
        )
        return
    regions = [ground.regions[one] for one in places]
    read = (
        {
            one.id: own[places]
            for one, own in zip(text.factor, factor_scores(text, ground, year), strict=True)
        }
        if (text.factor)
        else {text.met: ground.read(Reading(data=text.met), "1", year).value[places]}
    )
    if text.coefficient is not None:
        read["coefficient"] = ground.read(text.coefficient, "1", year).value[places]
    for name, own in read.items():
        _check_scores(name, own, regions, where, problems)
        if text.factor and np.isfinite(own).all() and not own.any():
            what = f"all scores of {name} are 0, its weight cannot be shared out"
            problems.add(
                "factor-zero",
                where,
                what,
                "add scores, or take the factor out of a scheme of your own",
            )
    for key in ("floor", "cap", "contribution"):
        money = money_of(named_amounts(text).get(key), ground, year, places)
        own = np.array([np.nan if one is None else one for one in money], dtype=float)
        if key in named_amounts(text):
            _check_scores(key, own, regions, where, problems, partly=key != "contribution")
    if text.contribution is not None:
        _check_paid(text, ground, year, places, where, problems)


def _check_scores(
    name: str,
    own: np.ndarray,
    regions: Sequence[str],
    where: Where,
    problems: ProblemLog,
    partly: bool = False,
) -> None:
    """Each region that takes part has a number, none below 0."""
    lacking = [code for code, value in zip(regions, own, strict=True) if np.isnan(value)]
    if lacking and not partly:
        what = f"{name}: no number for {_some(lacking)}"
        problems.add("missing-data", where, what, "add the rows to the readings; 0 is a number")
    below = [code for code, value in zip(regions, own, strict=True) if value < 0]
    if below:
        problems.add("negative", where, f"{name} is below 0 for {_some(below)}", "0 or more is due")


def _check_paid(
    text: AllocationSpec,
    ground: AssessmentContext,
    year: int,
    places: list[int],
    where: Where,
    problems: ProblemLog,
) -> None:
    """Horizontal: nobody loses more than was paid in, and a row of the pool is the sum of what was."""
    paid = [one or 0 for one in money_of(text.contribution, ground, year, places)]
    taken = deducted_of(text, ground, year, places)
    for spot, own, less in zip(places, paid, taken, strict=True):
        if not 0 <= less <= own:
            what = f"{ground.regions[spot]} loses {yuan(less)}, it paid in {yuan(own)}"
            problems.add("deduction-range", where, what, "0 to what was paid in can be deducted")
    pools = ground.pools
    row = pools.of(text.pool).get(year) if pools is not None else None
    if row is not None and row["amount"] != yuan(sum(paid)):
        what = f"the pool is {row['amount']}, {len(paid)} regions pay in {yuan(sum(paid))}"
        fix = "correct the row, or the contributions"
        problems.add("pool-mismatch", row_place(str(row["file"]), [row["row"]]), what, fix)


def _some(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - 5} more" if len(codes) > 5 else ""
    return ", ".join(codes[:5]) + more
