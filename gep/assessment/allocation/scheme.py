"""What a compensation scheme states (补偿资金分配方案): the method, factors and weights, money, events that deduct."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from gep.assessment.readings import Reading
from gep.assessment.scheme import Scheme, SchemeSpec
from gep.io.toml_documents import Frozen, TitleField


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


class AllocationSpec(SchemeSpec):
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
    def _of_method(self) -> "AllocationSpec":
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


@dataclass(frozen=True)
class AllocationScheme(Scheme):
    """A scheme of kind ``allocation``."""

    spec: AllocationSpec


def named_amounts(spec: AllocationSpec) -> dict[str, Amount]:
    """The money that the scheme names, by key."""
    named = {"floor": spec.floor, "cap": spec.cap, "contribution": spec.contribution}
    return {key: amount for key, amount in named.items() if amount is not None}
