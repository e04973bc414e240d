"""How an amount of compensation came about (分配依据), and the lines above the tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from gep.assessment.allocation.amounts import amounts_in_fen
from gep.assessment.allocation.rules import RuleLine, in_yuan, quantity, shortfall_of
from gep.assessment.allocation.scheme import (
    AllocationRule,
    AllocationSpec,
    Payment,
    named_amounts,
)
from gep.assessment.allocation.shares import (
    YearAllocation,
    event_deductions,
    factor_scores,
)
from gep.assessment.allocation.tables import adjustments
from gep.assessment.context import AssessmentContext
from gep.assessment.pools import coin_of, yuan
from gep.assessment.readings import reading_place
from gep.inputs.value_rows import GRADE, grade_words
from gep.plan.blank_form import spoken
from gep.texts.catalogue import Label, Language, Listed, Text, say, text

_DOUBTFUL = ("recalled", "placeholder")  # grades that are named in the caption


def allocation_caption(
    spec: AllocationSpec, context: AssessmentContext, years: Sequence[int]
) -> tuple[Text, ...]:
    """Return the caption of a scheme's tables.

    Parameters
    ----------
    spec : AllocationSpec
    context : AssessmentContext
    years : sequence of int
        The years that were shared out.

    Returns
    -------
    tuple of Text
        How amounts are rounded, what events do, and which weights and scores have the grade
        ``recalled`` or ``placeholder``.
    """
    lines = [text("allocation.caption.rounding")]
    if spec.method == "horizontal":
        lines.append(text("allocation.caption.horizontal"))
    else:
        if spec.event:
            lines.append(text("allocation.caption.events"))
        if spec.method == "rules":
            lines.append(text(f"allocation.caption.rules-{spec.pool_from}"))
        if spec.coefficient is None:
            lines.append(text("allocation.caption.no-coefficients"))
    for grade in _DOUBTFUL:
        weights = []
        scores = []
        for factor in spec.all_rules:
            if factor.grade == grade:
                weights.append(_label(factor))
            if _has_grade(factor, context, years, grade):
                scores.append(_label(factor))
        if weights:
            listed = Listed(tuple(weights), len(weights))
            words = grade_words(grade)
            lines.append(text("allocation.caption.weights", grade=words, factors=listed))
        if scores:
            listed = Listed(tuple(scores), len(scores))
            words = grade_words(grade)
            lines.append(text("allocation.caption.scores", grade=words, factors=listed))
    return tuple(lines)


def _label(factor: AllocationRule) -> Label:
    """Return the id of a factor, payment or section with its title."""
    return Label(factor.id, factor.name)


def _has_grade(
    factor: AllocationRule,
    context: AssessmentContext,
    years: Sequence[int],
    grade: str,
) -> bool:
    """Return whether any reading of a factor, payment or section has a grade."""
    for year in years:
        grades = context.read(factor.reading, factor.unit, year).grade
        if (grades == GRADE[grade]).any():
            return True
    return False


@dataclass(frozen=True)
class _RegionAllocation:
    """What a region received in a year, as it is explained.

    Attributes
    ----------
    spec : AllocationSpec
    context : AssessmentContext
    allocation : YearAllocation
    index : int
        Position of the region among those of the allocation.
    language : {'zh', 'en'}
    """

    spec: AllocationSpec
    context: AssessmentContext
    allocation: YearAllocation
    index: int
    language: Language

    @property
    def region(self) -> str:
        """Code of the region."""
        return self.allocation.regions[self.index]

    @property
    def position(self) -> int:
        """Position of the region in the context."""
        return self.context.regions.index(self.region)

    def say(self, key: str, **values: object) -> str:
        """Word a line; ``unit`` is the currency."""
        unit = spoken(coin_of(self.allocation.currency), self.language)
        return say(self.language, f"allocation.explanation.{key}", unit=unit, **values)


def explain_allocation(
    spec: AllocationSpec,
    context: AssessmentContext,
    allocation: YearAllocation,
    *,
    region: str,
    item: str,
    language: Language,
) -> list[str]:
    """Word how the amount of a region in a year came about.

    Parameters
    ----------
    spec : AllocationSpec
    context : AssessmentContext
    allocation : YearAllocation
        The year.
    region : str
        Code of the region.
    item : str
        Id of a factor, payment or section; anything else means the whole amount.
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        Lines; none if the region takes no part in the year.
    """
    if region not in allocation.regions:
        return []
    index = allocation.regions.index(region)
    explained = _RegionAllocation(spec, context, allocation, index, language)
    if item in allocation.factor_shares:
        return _factor_lines(explained, [item])
    if spec.method == "rules":
        of_rules = _rule_lines(explained, item)
        if of_rules:
            return of_rules
        lines = _rule_lines(explained) + _claim_lines(explained)
    elif spec.method == "horizontal":
        lines = _horizontal_lines(explained)
    else:
        lines = _factor_lines(explained, list(allocation.factor_shares))
        lines += _money_lines(explained)
    return lines + _event_lines(explained)


def _factor_lines(explained: _RegionAllocation, wanted: Sequence[str]) -> list[str]:
    """Word the points for factors: weight, score, sum of scores, and where the score is from."""
    spec = explained.spec
    context = explained.context
    allocation = explained.allocation
    position = explained.position
    positions = [context.regions.index(region) for region in allocation.regions]
    scores = factor_scores(spec, context, allocation.year)
    lines = []
    for factor, factor_row in zip(spec.factor, scores, strict=True):
        if factor.id not in wanted:
            continue
        reading = context.read(factor.reading, factor.unit, allocation.year)
        share = float(allocation.factor_shares[factor.id][explained.index])
        line = explained.say(
            "factor",
            factor=_label(factor),
            weight=factor.weight,
            score=float(factor_row[position]),
            sum=float(np.nansum(factor_row[positions])),
            points=factor.weight * share,
            reading=str(factor.reading),
            rows=reading_place(reading.where[position]),
        )
        if factor.source:
            title = spec.sources[factor.source].title
            line += explained.say("factor-source", title=title, locator=factor.locator)
        lines.append(line.rstrip())
    return lines


def _money_lines(explained: _RegionAllocation) -> list[str]:
    """Word how the score gives the share before deductions, within floor and cap."""
    allocation = explained.allocation
    index = explained.index
    gross = allocation.gross[index]
    total = Fraction(0)
    for score, coefficient in zip(allocation.score, allocation.coefficient, strict=True):
        total += score * coefficient
    weighted = allocation.score[index] * allocation.coefficient[index]
    lines = [
        explained.say(
            "score",
            score=float(allocation.score[index]),
            coefficient=float(allocation.coefficient[index]),
            weighted=float(weighted),
            total=float(total),
            share=float(weighted / total) if total else 0.0,
        ),
        explained.say("pool", pool=yuan(allocation.pool), carried_in=yuan(allocation.carried_in)),
    ]
    amounts = named_amounts(explained.spec)
    for key in ("floor", "cap"):
        limit = amounts_in_fen(
            amounts.get(key), explained.context, allocation.year, [explained.position]
        )[0]
        if limit is not None:
            reached = "-reached" if limit == gross else ""
            lines.append(explained.say(f"{key}{reached}", amount=yuan(limit)))
    return [*lines, explained.say("share", amount=yuan(gross))]


def _rule_lines(explained: _RegionAllocation, wanted: str = "") -> list[str]:
    """Word what payments and sections give, all of them or one."""
    parts = explained.allocation.parts
    listed = [lines[explained.index] for lines in parts.payments]
    listed += parts.transfers[explained.index]
    lines = []
    for line in listed:
        if wanted in ("", line.rule.id):
            lines.append(_rule_line(explained, line))
    return lines


def _rule_line(explained: _RegionAllocation, line: RuleLine) -> str:
    """Word the arithmetic of a rule: reading, limits, rate, and where the reading is from."""
    rule = line.rule
    values: dict[str, object] = {
        "rule": Label(rule.id, rule.name),
        "value": line.reading,
        "of": rule.unit,
        "rate": in_yuan(line.rate),
        "per": rule.per,
        "amount": yuan(line.amount),
        "reading": str(rule.reading),
        "rows": reading_place(line.where),
    }
    if np.isnan(line.reading):
        return explained.say("no-payment", rule=values["rule"])
    if isinstance(rule, Payment):
        values["quantity"] = float(quantity(rule, line.reading))
        values["base"] = rule.base
        values["coefficient"] = float(explained.allocation.coefficient[explained.index])
        worded = explained.say("payment", **values)
    else:
        context = explained.context
        values["limit"] = rule.limit
        values["upstream"] = context.label(rule.upstream)
        values["downstream"] = context.label(rule.downstream)
        is_met = shortfall_of(rule, line.reading) <= 0
        position = context.regions.index(rule.upstream)
        year = explained.allocation.year
        fixed = amounts_in_fen(rule.repays, context, year, [position])[0]
        values["fixed"] = yuan(fixed or 0)
        worded = explained.say("section-met" if is_met else "section-missed", **values)
    if rule.source:
        title = explained.spec.sources[rule.source].title
        worded += explained.say("factor-source", title=title, locator=rule.locator)
    return worded.rstrip()


def _claim_lines(explained: _RegionAllocation) -> list[str]:
    """Word how the payments become the share: floor and cap, pool, sections."""
    allocation = explained.allocation
    index = explained.index
    limited = allocation.limited
    changes = adjustments(allocation, index)
    lines = [explained.say("claim", amount=yuan(allocation.parts.claim(index)))]
    if "floor_or_cap" in changes:
        lines.append(explained.say("within-limits", amount=yuan(limited[index])))
    lines.append(
        explained.say("pool", pool=yuan(allocation.pool), carried_in=yuan(allocation.carried_in))
    )
    if "pool" in changes:
        lines.append(
            explained.say(
                "from-pool",
                claims=yuan(sum(claim for claim in limited if claim > 0)),
                paid_in=yuan(-sum(claim for claim in limited if claim < 0)),
                amount=yuan(limited[index] + changes["pool"]),
            )
        )
    return lines


def _horizontal_lines(explained: _RegionAllocation) -> list[str]:
    """Word what a region paid in, the indicators that it met, and its reward."""
    allocation = explained.allocation
    index = explained.index
    contribution = amounts_in_fen(
        explained.spec.contribution, explained.context, allocation.year, [explained.position]
    )[0]
    paid_in = contribution or 0
    met = float(allocation.score[index])
    return [
        explained.say("paid-in", amount=yuan(paid_in)),
        explained.say("met", met=met, total=float(sum(allocation.score))),
        explained.say("reward", amount=yuan(allocation.gross[index] - paid_in)),
    ]


def _event_lines(explained: _RegionAllocation) -> list[str]:
    """Word the events of a region, what is deducted, and what it receives."""
    allocation = explained.allocation
    index = explained.index
    lines = []
    for deduction in event_deductions(explained.spec, explained.context, allocation.year):
        if deduction.region == explained.region:
            event = Label(deduction.rule.id, deduction.rule.name)
            values = {"event": event, "rate": deduction.rate, "place": deduction.place}
            lines.append(explained.say("event", **values))
    return [
        *lines,
        explained.say("deduction", amount=yuan(allocation.deduction[index])),
        explained.say("amount", amount=yuan(allocation.amount[index])),
    ]
