"""What a compensation scheme states (补偿资金分配方案): its method, factors, money and deductions.

The module owns the specification of the TOML, and checks what belongs to which method. Weights,
units and rates are checked by ``checks``.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from gep.assessment.readings import Reading
from gep.assessment.scheme import Scheme, SchemeSpec
from gep.io.toml_documents import Frozen, TitleField, invalid_value


class AllocationFactor(Frozen):
    """A factor (分配因素) and its weight.

    A region's share in a factor is its score over the sum of the scores of all regions.

    Attributes
    ----------
    id, name
        Identifier and title.
    group : str
        Id of a :class:`FactorGroup`; blank for none.
    weight : float
        Weight, above 0; the weights of all factors sum to the scheme's ``total``.
    unit : str
        Unit of the scores.
    reading : Reading
        Where the scores come from.
    source, locator, grade, note : str
        The document that states the weight, the place in it, how it was read.
    """

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
    """A group of factors with the sum of their weights, as the scheme declares it."""

    id: str = Field(min_length=1)
    name: TitleField
    weight: float = Field(gt=0)


class Amount(Frozen):
    """An amount of money for each region: one number for all, or data rows.

    Attributes
    ----------
    amount : Decimal or None
        The number for all regions, in ``unit``.
    data : str
        Name of data rows with the number of each region; blank where ``amount`` is given.
    unit : str
        A unit of money.
    """

    amount: Decimal | None = Field(default=None, ge=0)
    data: str = ""
    unit: str

    @model_validator(mode="after")
    def _check_one_source(self) -> "Amount":
        has_amount = self.amount is not None
        has_data = self.data != ""
        if has_amount == has_data:
            raise invalid_value("allocation.amount-or-data")
        return self


class DeductionRule(Frozen):
    """An event (事件) and the share of a region's money of the year that it takes.

    Attributes
    ----------
    id, name
        Identifier, as in the table of events, and title.
    rate : float or None
        The share, between 0 and 1.
    data : str
        Name of data rows with the share for the region and year of the event; blank where ``rate``
        is given.
    low, high : float
        The least and the largest share that the scheme allows.
    """

    id: str = Field(min_length=1)
    name: TitleField
    rate: float | None = None
    data: str = ""
    low: float = Field(default=0.0, ge=0, le=1)
    high: float = Field(default=1.0, ge=0, le=1)

    @model_validator(mode="after")
    def _check_rate(self) -> "DeductionRule":
        has_rate = self.rate is not None
        has_data = self.data != ""
        if has_rate == has_data:
            raise invalid_value("allocation.rate-or-data")
        if self.low > self.high:
            raise invalid_value("allocation.limits-order", low=self.low, high=self.high)
        return self


class AllocationSpec(SchemeSpec):
    """The TOML of a compensation scheme.

    Attributes
    ----------
    method : {'factors', 'horizontal'}
        By factor scores (因素法), or between regions that pay in (横向补偿).
    pool : str
        Name of the pool in ``pools.csv``.
    total : float
        What the weights of the factors sum to.
    group, factor
        Method ``factors``: groups of factors, and the factors.
    coefficient : Reading or None
        Method ``factors``: the coefficient of each region; 1 if not given.
    floor, cap : Amount or None
        Method ``factors``: the least and the largest amount of a region.
    contribution : Amount or None
        Method ``horizontal``: what each region pays in.
    deducted : str
        Method ``horizontal``: name of data rows of money that a region loses.
    met : str
        Method ``horizontal``: name of data rows with the number of indicators met, all quarters
        of the year together.
    event : tuple of DeductionRule
    """

    method: Literal["factors", "horizontal"]
    pool: str = Field(min_length=1)
    total: float = 100.0
    group: tuple[FactorGroup, ...] = ()
    factor: tuple[AllocationFactor, ...] = ()
    coefficient: Reading | None = None
    floor: Amount | None = None
    cap: Amount | None = None
    contribution: Amount | None = None
    deducted: str = ""
    met: str = ""
    event: tuple[DeductionRule, ...] = ()

    @model_validator(mode="after")
    def _check_keys_of_method(self) -> "AllocationSpec":
        of_factors: dict[str, object] = {
            "factor": self.factor,
            "group": self.group,
            "coefficient": self.coefficient,
            "floor": self.floor,
            "cap": self.cap,
        }
        of_horizontal: dict[str, object] = {
            "contribution": self.contribution,
            "deducted": self.deducted,
            "met": self.met,
        }
        if self.method == "factors":
            required: dict[str, object] = {"factor": self.factor}
            foreign = of_horizontal
        else:
            required = of_horizontal
            foreign = of_factors
        missing = [key for key, value in required.items() if not value]
        if missing:
            raise invalid_value("allocation.key-required", method=self.method, keys=missing)
        unwanted = [key for key, value in foreign.items() if value]
        if unwanted:
            raise invalid_value("allocation.key-of-other-method", method=self.method, keys=unwanted)
        return self


@dataclass(frozen=True, repr=False)
class AllocationScheme(Scheme):
    """A scheme of kind ``allocation``."""

    spec: AllocationSpec


def named_amounts(spec: AllocationSpec) -> dict[str, Amount]:
    """Return the amounts of money that the scheme states, by key."""
    amounts = {"floor": spec.floor, "cap": spec.cap, "contribution": spec.contribution}
    return {key: amount for key, amount in amounts.items() if amount is not None}
