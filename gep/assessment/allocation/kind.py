"""Ecological compensation (生态补偿资金分配): pools shared out by factors, or among those who met their indicators.

Factor method: ``score_i = sum_f w_f s_if / sum_j s_jf`` and ``M_i = M score_i k_i / sum_j score_j k_j``, within floors
and caps; an event takes a share of a region's money, which joins the pool of the next year. Horizontal method: each
region pays in; what is deducted is shared out by the number of indicators met, an event bars the award.
"""

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from gep.assessment.allocation.pools import load_pools as load_pools
from gep.assessment.context import AssessmentContext
from gep.assessment.readings import Reading
from gep.assessment.scheme import Assessment, Scheme, SchemeSpec
from gep.errors import ProblemLog, Where
from gep.inputs.value_rows import unit_fault
from gep.io.toml_documents import Frozen, TitleField
from gep.units import currency


class AllocationFactor(Frozen):
    """A factor and its weight; a region's share in it is its score over the sum of all scores."""

    id: str = Field(min_length=1)
    name: TitleField
    group: str = ""
    weight: float = Field(gt=0)
    unit: str = "1"
    reading: Reading
    source: str = ""
    locator: str = ""
    grade: Literal["official", "published", "derived", "expert", "recalled", "placeholder"]
    note: str = ""


class FactorGroup(Frozen):
    """Factors whose weights sum as declared."""

    id: str = Field(min_length=1)
    name: TitleField
    weight: float = Field(gt=0)


class Amount(Frozen):
    """Money of each region: one amount for all (``amount``, as text or number), or data rows in that unit."""

    amount: Decimal | None = Field(default=None, ge=0)
    data: str = ""
    unit: str

    @model_validator(mode="after")
    def _one(self) -> "Amount":
        if (self.amount is None) == (not self.data):
            raise ValueError("exactly one of amount, data")
        return self


class EventCut(Frozen):
    """An event: which share of the year's money it takes, by the scheme or by a data row, within low and high."""

    id: str = Field(min_length=1)
    name: TitleField
    rate: float | None = None
    data: str = ""  # the name of data rows with the rate of the event's region and year
    low: float = Field(default=0.0, ge=0, le=1)
    high: float = Field(default=1.0, ge=0, le=1)

    @model_validator(mode="after")
    def _one(self) -> "EventCut":
        if (self.rate is None) == (not self.data):
            raise ValueError("exactly one of rate, data")
        if self.low > self.high:
            raise ValueError("low must not be above high")
        return self


class AllocationScheme(SchemeSpec):
    """The TOML of a compensation scheme."""

    method: Literal["factors", "horizontal"]
    pool: str = Field(min_length=1)  # its name in pools.csv
    total: float = 100.0  # what the weights sum to
    group: tuple[FactorGroup, ...] = ()
    factor: tuple[AllocationFactor, ...] = ()
    coefficient: Reading | None = None  # k_i; 1 without
    floor: Amount | None = None
    cap: Amount | None = None
    contribution: Amount | None = None  # horizontal: what each region pays in
    deducted: str = ""  # horizontal: data rows of money that a region loses
    met: str = ""  # horizontal: data rows of how many indicators were met, over all quarters
    event: tuple[EventCut, ...] = ()

    @model_validator(mode="after")
    def _of_method(self) -> "AllocationScheme":
        if self.method == "factors" and not self.factor:
            raise ValueError("method factors needs [[factor]]")
        if self.method == "factors" and (self.contribution or self.deducted or self.met):
            raise ValueError("contribution, deducted and met belong to method horizontal")
        if self.method == "horizontal" and not (self.contribution and self.deducted and self.met):
            raise ValueError("method horizontal needs contribution, deducted and met")
        if self.method == "horizontal" and (
            self.factor or self.group or self.coefficient or self.floor or self.cap
        ):
            raise ValueError("factor, group, coefficient, floor and cap belong to method factors")
        return self

    def bases(self, scheme: Scheme) -> set[str]:
        """The bases of accounts that factors and coefficients read."""
        read = [one.reading for one in self.factor] + (
            [self.coefficient] if self.coefficient else []
        )
        return {one.basis for one in read if one.account}

    def amounts(self) -> dict[str, Amount]:
        """The money that the scheme names, by key."""
        named = {"floor": self.floor, "cap": self.cap, "contribution": self.contribution}
        return {key: one for key, one in named.items() if one is not None}

    def events(self) -> set[str]:
        """The events that deduct."""
        return {one.id for one in self.event}

    def check(self, scheme: Scheme, problems: ProblemLog) -> None:
        """Ids, weights, rates, units."""
        label = scheme.path.name
        for name, parts in (("factor", self.factor), ("group", self.group), ("event", self.event)):
            ids = [one.id for one in parts]
            for same in dict.fromkeys(one for one in ids if ids.count(one) > 1):
                problems.add(
                    "duplicate-id",
                    f"{label} {name} {same}",
                    "two have this id",
                    "give each its own",
                )
        self._check_weights(label, problems)
        for one in self.factor:
            where = f"{label} factor {one.id}"
            if fault := unit_fault(one.unit):
                problems.add(
                    fault[0],
                    where,
                    fault[1],
                    "see the units that are known: docs/reference/units.md",
                )
            if one.source and one.source not in self.sources:
                what = f"source {one.source!r}"
                problems.add(
                    "unknown-source", where, what, f"add [sources.{one.source}] to the scheme"
                )
        for cut in self.event:
            if cut.rate is not None and not cut.low <= cut.rate <= cut.high:
                rate_fault(cut.rate, cut, f"{label} event {cut.id}", problems)
        for key, money in self.amounts().items():
            check_money(money, f"{label} {key}", problems)

    def _check_weights(self, label: str, problems: ProblemLog) -> None:
        whole = sum(one.weight for one in self.factor)
        if self.factor and abs(whole - self.total) > 1e-9:
            what = f"the weights sum to {whole:g}, total says {self.total:g}"
            problems.add("weights-sum", f"{label} factor", what, "correct the weights or the sum")
        for part in self.group:
            own = sum(one.weight for one in self.factor if one.group == part.id)
            if abs(own - part.weight) > 1e-9:
                what = f"its factors' weights sum to {own:g}, it says {part.weight:g}"
                problems.add(
                    "weights-sum",
                    f"{label} group {part.id}",
                    what,
                    "correct the weights or the sum",
                )
        known = {one.id for one in self.group}
        for one in self.factor:
            if one.group and one.group not in known:
                what, fix = (
                    f"group {one.group!r} is not described",
                    f"groups are: {', '.join(known) or 'none'}",
                )
                problems.add("scheme-section", f"{label} factor {one.id}", what, fix)

    def check_ground(self, scheme: Scheme, ground: AssessmentContext, problems: ProblemLog) -> None:
        """Pools, factor scores, rates, and whether the money can be shared out."""
        from gep.assessment.allocation.checks import check_allocation

        check_allocation(self, scheme, ground, problems)

    def assess(self, scheme: Scheme, ground: AssessmentContext) -> Assessment:
        """``allocation.csv`` and ``allocation_pools.csv`` of the years that have a pool."""
        from gep.assessment.allocation.shares import allocated

        return allocated(self, scheme, ground)


def rate_fault(rate: float, cut: EventCut, where: Where, problems: ProblemLog) -> None:
    """A rate outside what the scheme's text allows."""
    what = f"{cut.id}: a rate of {rate:g}, {cut.low:g} to {cut.high:g} is allowed"
    problems.add("deduction-range", where, what, "write a share such as 0.3, within these limits")


def check_money(money: Amount, where: Where, problems: ProblemLog) -> None:
    """Whether an amount of the scheme is money."""
    fault = unit_fault(money.unit)
    if fault is None and (coin := currency(money.unit)) is not None:
        fault = unit_fault(money.unit, coin)
    elif fault is None:
        fault = ("wrong-dimension", f"unit {money.unit!r} is not money")
    if fault:
        problems.add(fault[0], where, fault[1], "a unit like 10^4 CNY is due")
