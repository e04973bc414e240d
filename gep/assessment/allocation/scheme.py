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


class AllocationRule(Frozen):
    """What factors, payments and sections have in common.

    Attributes
    ----------
    id, name
        Identifier and title.
    reading : Reading
        What it reads.
    unit : str
        Unit of the reading.
    source, locator, grade, note : str
        The document that states weight or money, the place in it, how it was read.
    """

    id: str = Field(min_length=1)
    name: TitleField
    reading: Reading
    unit: str = "1"
    source: str = ""
    locator: str = ""
    grade: Literal["official", "published", "derived", "expert", "recalled", "placeholder"]
    note: str = ""


class AllocationFactor(AllocationRule):
    """A factor (分配因素) and its weight.

    A region's share in a factor is its score over the sum of the scores of all regions.

    Attributes
    ----------
    group : str
        Id of a :class:`FactorGroup`; blank for none.
    weight : float
        Weight, above 0; the weights of all factors sum to the scheme's ``total``.
    """

    group: str = ""
    weight: float = Field(gt=0)


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


class Payment(AllocationRule):
    """A rule that pays a region for a reading: points, classes, hectares, a change.

    It pays ``rate`` for every ``per`` units that the reading is above ``base``, and takes as much
    for those that it is below.

    Attributes
    ----------
    rate : Amount
        Money, the same for all regions or data rows.
    per : float, default 1
        Units of the reading for which the rate is paid.
    base : float, default 0
        The reading at which nothing is paid.
    least, most : float or None
        Readings beyond them are taken at them; with ``least`` = ``base`` nothing is taken.
    direction : {'+', '-'}
        With ``-`` the rate is paid for what the reading is below the base.
    missing : {'refuse', 'nothing'}
        Whether a region that takes part may have no reading, and is paid nothing then.
    """

    rate: Amount
    per: float = Field(default=1.0, gt=0)
    base: float = 0.0
    least: float | None = None
    most: float | None = None
    direction: Literal["+", "-"] = "+"
    missing: Literal["refuse", "nothing"] = "refuse"

    @model_validator(mode="after")
    def _check_limits(self) -> "Payment":
        if self.least is not None and self.most is not None and self.least >= self.most:
            raise invalid_value("allocation.limits-order", low=self.least, high=self.most)
        return self


class RiverSection(AllocationRule):
    """A section of a river between two regions (断面), of which one pays the other by its quality.

    Its reading, in ``unit``, is of the upstream region.

    Attributes
    ----------
    upstream, downstream : str
        Codes of the regions.
    limit : float
    direction : {'-', '+'}
        ``-``: the limit is met at or below it, as with a concentration; ``+``: at or above it.
    pays, repays : Amount or None
        What the downstream region pays where the limit is met, and the upstream one where it is
        missed.
    rate : Amount or None
        What the upstream region pays besides, for every ``per`` units beyond the limit.
    per : float, default 1
    most : Amount or None
        The most that the upstream region pays.
    """

    upstream: str
    downstream: str
    limit: float
    direction: Literal["+", "-"] = "-"
    pays: Amount | None = None
    repays: Amount | None = None
    rate: Amount | None = None
    per: float = Field(default=1.0, gt=0)
    most: Amount | None = None

    @model_validator(mode="after")
    def _check_sides(self) -> "RiverSection":
        if self.upstream == self.downstream:
            raise invalid_value("allocation.one-side", region=self.upstream)
        if self.pays is None and self.repays is None and self.rate is None:
            raise invalid_value("allocation.section-without-money", section=self.id)
        return self


class AllocationSpec(SchemeSpec):
    """The TOML of a compensation scheme.

    Attributes
    ----------
    method : {'factors', 'horizontal', 'rules'}
        By factor scores (因素法), between regions that pay in (横向补偿), or by rules that state
        amounts (按规则).
    pool : str
        Name of the pool in ``pools.csv``.
    total : float
        What the weights of the factors sum to.
    group, factor
        Method ``factors``: groups of factors, and the factors.
    payment, section
        Method ``rules``: payments to regions, and sections of rivers between them.
    pool_from : {'table', 'rules'}
        Method ``rules``: whether the pool is that of ``pools.csv``, or what the payments sum to.
    rest : {'carry', 'share'}
        Method ``rules``: whether what a pool has beyond the payments joins the pool of the next
        year, or is shared out in proportion to them.
    coefficient : Reading or None
        Methods ``factors`` and ``rules``: the coefficient of each region; 1 if not given.
    floor, cap : Amount or None
        Methods ``factors`` and ``rules``: the least and the largest amount of a region.
    contribution : Amount or None
        Method ``horizontal``: what each region pays in.
    deducted : str
        Method ``horizontal``: name of data rows of money that a region loses.
    met : str
        Method ``horizontal``: name of data rows with the number of indicators met, all quarters
        of the year together.
    event : tuple of DeductionRule
    """

    method: Literal["factors", "horizontal", "rules"]
    pool: str = Field(min_length=1)
    total: float = 100.0
    group: tuple[FactorGroup, ...] = ()
    factor: tuple[AllocationFactor, ...] = ()
    payment: tuple[Payment, ...] = ()
    section: tuple[RiverSection, ...] = ()
    pool_from: Literal["table", "rules"] = "table"
    rest: Literal["carry", "share"] = "carry"
    coefficient: Reading | None = None
    floor: Amount | None = None
    cap: Amount | None = None
    contribution: Amount | None = None
    deducted: str = ""
    met: str = ""
    event: tuple[DeductionRule, ...] = ()

    @property
    def rules(self) -> dict[str, tuple[AllocationRule, ...]]:
        """Factors, payments and sections, by key of the TOML."""
        return {"factor": self.factor, "payment": self.payment, "section": self.section}

    @property
    def pays_from_table(self) -> bool:
        """Whether the money is that of ``pools.csv``."""
        if self.method == "rules":
            return bool(self.payment) and self.pool_from == "table"
        return self.method == "factors"

    @property
    def all_rules(self) -> tuple[AllocationRule, ...]:
        """Factors, payments and sections."""
        return (*self.factor, *self.payment, *self.section)

    @model_validator(mode="after")
    def _check_keys_of_method(self) -> "AllocationSpec":
        keys: dict[str, dict[str, object]] = {
            "factors": {"factor": self.factor, "group": self.group},
            "horizontal": {
                "contribution": self.contribution,
                "deducted": self.deducted,
                "met": self.met,
            },
            "rules": {
                "payment": self.payment,
                "section": self.section,
                "pool_from": self.pool_from != "table",
                "rest": self.rest != "carry",
            },
        }
        limits = {"coefficient": self.coefficient, "floor": self.floor, "cap": self.cap}
        foreign: dict[str, object] = dict(limits) if self.method == "horizontal" else {}
        for method, of_method in keys.items():
            if method != self.method:
                foreign |= of_method
        required: dict[str, object] = {"factor": self.factor}
        if self.method == "horizontal":
            required = keys["horizontal"]
        elif self.method == "rules":
            required = {"payment": self.payment or self.section}
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


def rule_amounts(spec: AllocationSpec) -> dict[str, Amount]:
    """Return the money that payments and sections state, by place in the TOML.

    Parameters
    ----------
    spec : AllocationSpec

    Returns
    -------
    dict of str to Amount
    """
    amounts: dict[str, Amount | None] = {}
    for payment in spec.payment:
        amounts[f"payment {payment.id} rate"] = payment.rate
    for section in spec.section:
        for key in ("pays", "repays", "rate", "most"):
            amounts[f"section {section.id} {key}"] = getattr(section, key)
    return {key: amount for key, amount in amounts.items() if amount is not None}
