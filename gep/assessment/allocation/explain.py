"""How an amount of compensation came about (分配依据), and what stands under the tables."""

from collections.abc import Iterator, Sequence

import numpy as np

from gep.assessment.allocation.scheme import AllocationSpec, named_amounts
from gep.assessment.allocation.shares import YearAllocation, cuts, factor_scores, money_of
from gep.assessment.context import AssessmentContext
from gep.assessment.pools import coin_of, yuan
from gep.inputs.value_rows import GRADE
from gep.texts.catalogue import Language

_DOUBTED = ("recalled", "placeholder")


def allocation_caption(
    text: AllocationSpec, ground: AssessmentContext, years: Sequence[YearAllocation]
) -> Iterator[tuple[str, str]]:
    """Lines, Chinese and English: rounding, events, what was not read in a text."""
    yield (
        "金额按最大余额法分配到分，余额相同的按地区代码先后",
        "every fen is allotted by the largest remainder method, ties by region code",
    )
    if text.method == "factors" and text.event:
        yield (
            "同一年有多起事件的按最高扣减比例扣一次；扣减资金并入下一年度资金池",
            "of several events in a year the largest rate counts, once; deductions join the pool of the next year",
        )
    if text.method == "factors" and text.coefficient is None:
        yield "补偿系数均取 1", "all coefficients are 1"
    if text.method == "horizontal":
        yield (
            "扣减资金按达标指标数分配，发生事件的不参与分配；无人可得时转入下一年度",
            "deductions are shared out by indicators met, not to regions with an event; else carried forward",
        )
    for word in _DOUBTED:
        names = [one for one in text.factor if one.grade == word]
        if names:
            zh, en = (
                ", ".join(one.name.zh for one in names),
                ", ".join(one.name.en for one in names),
            )
            yield (
                f"权重未经原文核对（{word}）: {zh}",
                f"weights not held against a text ({word}): {en}",
            )
        read = {
            one.id: [ground.read(one.reading, one.unit, some.year) for some in years]
            for one in text.factor
        }
        named = ", ".join(
            name
            for name, some in read.items()
            if any((one.grade == GRADE[word]).any() for one in some)
        )
        if named:
            yield f"得分含 {word} 级数据: {named}", f"scores rest on data of grade {word}: {named}"


def explain_allocation(
    text: AllocationSpec,
    ground: AssessmentContext,
    years: Sequence[YearAllocation],
    region: str,
    year: int,
    item: str,
    language: Language,
) -> list[str]:
    """The lines of a region's amount in a year; ``item`` is a factor, or anything else for the whole."""
    one = next((some for some in years if some.year == year), None)
    if one is None or region not in one.regions:
        return []
    pick, at = language != "zh", one.regions.index(region)
    lines = list(_factor_lines(text, ground, one, at, pick, item))
    if item in one.factors:
        return lines
    return lines + (_horizontal_lines if text.method == "horizontal" else _money_lines)(
        text, ground, one, at, pick
    )


def _factor_lines(
    text: AllocationSpec,
    ground: AssessmentContext,
    one: YearAllocation,
    at: int,
    pick: bool,
    item: str,
) -> Iterator[str]:
    spot = ground.regions.index(one.regions[at])
    places = [ground.regions.index(code) for code in one.regions]
    scores = factor_scores(text, ground, one.year)
    for rule, own in zip(text.factor, scores, strict=True):
        if item in one.factors and item != rule.id:
            continue
        read = ground.read(rule.reading, rule.unit, one.year)
        source = text.sources.get(rule.source)
        share = float(one.factors[rule.id][at])
        yield (
            f"{rule.name.say('en' if pick else 'zh')} ({rule.id}): {rule.weight:g} x {own[spot]:g} / "
            f"{np.nansum(own[places]):g} = {rule.weight * share:.6g} <- {rule.reading}; {read.where[spot]}"
            + (f"; {source.title} {rule.locator}" if source else "")
        )


def _money_lines(
    text: AllocationSpec, ground: AssessmentContext, one: YearAllocation, at: int, pick: bool
) -> list[str]:
    code, coin = one.regions[at], coin_of(one.coin)
    whole = sum(
        (s * k for s, k in zip(one.score, one.coefficient, strict=True)), start=0 * one.score[0]
    )
    mine = one.score[at] * one.coefficient[at]
    share = float(mine / whole) if whole else 0.0
    lines = [
        f"{('得分', 'score')[pick]}: {float(one.score[at]):.6g} x {('系数', 'coefficient')[pick]} "
        f"{float(one.coefficient[at]):g}; {float(mine):.6g} / {float(whole):.6g} = {share:.6g}",
        f"{('资金池', 'pool')[pick]}: {yuan(one.pool)} {coin}; {('转入', 'carried in')[pick]} {yuan(one.carried_in)}",
    ]
    spot = [ground.regions.index(code)]
    for key, word in (("floor", ("保底", "floor")), ("cap", ("封顶", "cap"))):
        limit = money_of(named_amounts(text).get(key), ground, one.year, spot)[0]
        if limit is not None:
            held = limit == one.gross[at]
            lines.append(
                f"{word[pick]}: {yuan(limit)} {coin}"
                + (("，按此计", ", held at it")[pick] if held else "")
            )
    lines.append(f"{('应得', 'share')[pick]}: {yuan(one.gross[at])} {coin}")
    return lines + _event_lines(text, ground, one, at, pick)


def _horizontal_lines(
    text: AllocationSpec, ground: AssessmentContext, one: YearAllocation, at: int, pick: bool
) -> list[str]:
    coin, spot = coin_of(one.coin), [ground.regions.index(one.regions[at])]
    paid = money_of(text.contribution, ground, one.year, spot)[0] or 0
    lines = [
        f"{('出资', 'paid in')[pick]}: {yuan(paid)} {coin}",
        f"{('达标指标数', 'indicators met')[pick]}: {float(one.score[at]):g} / {float(sum(one.score)):g}",
        f"{('奖励', 'reward')[pick]}: {yuan(one.gross[at] - paid)} {coin}",
    ]
    return lines + _event_lines(text, ground, one, at, pick)


def _event_lines(
    text: AllocationSpec, ground: AssessmentContext, one: YearAllocation, at: int, pick: bool
) -> list[str]:
    coin, lines = coin_of(one.coin), []
    for code, cut, rate, where in cuts(text, ground, one.year):
        if code == one.regions[at]:
            lines.append(
                f"  {cut.name.say('en' if pick else 'zh')} ({cut.id}): {rate:.0%}, {where}"
            )
    lines.append(f"{('扣减', 'deduction')[pick]}: {yuan(one.deduction[at])} {coin}")
    return [*lines, f"{('实得', 'amount')[pick]}: {yuan(one.amount[at])} {coin}"]
