"""Whether accounts can be compared (可比性): what must be alike, what differs, and what a reader of a change must know.

A growth rate that mixes methods, prices or boundaries is worse than none: what differs is refused by name unless the
user allows that aspect, and then stands as a flag in every row.
"""

from collections.abc import Collection, Sequence

from gep.account.account import Account
from gep.errors import ProblemLog, joined
from gep.plan.plan import Plan

ASPECTS = {
    "standard": ("核算规范", "the accounting standard"),
    "indicators": ("核算科目", "the list of indicators and steps"),
    "switches": ("规范选项", "the choices that the standard leaves open"),
    "prices": ("价格基准", "the price basis"),
    "tier": ("核算层级", "the tier"),
    "classes": ("生态系统分类", "the scheme of ecosystem types"),
    "boundary": ("区划", "the regions"),
}
FLAGS = {
    "current-prices": (
        "当年价：增长含价格变化",
        "current prices: growth holds the change of prices",
    ),
    "nominal-prices": ("含未注年份的价格", "some prices have no year"),
    "crosswalk-differs": ("分类对照表不同", "the crosswalks differ"),
    "area-source-differs": ("面积来源不同", "the sources of the areas differ"),
    "mapped-boundary": ("区划已按变更表归并", "regions were mapped to one boundary"),
    "sum-of-parts": (
        "各区域之和，该步骤不可对上级直接计算",
        "a sum of parts: the step is not additive",
    ),
    "only-in-from": ("只有基期有数", "only the first year has a number"),
    "only-in-to": ("只有末期有数", "only the last year has a number"),
    **{f"{name}-differs": (f"{zh}不同", f"{en} differs") for name, (zh, en) in ASPECTS.items()},
}


def basis(account: Account) -> str:
    """The price basis: ``current``, or ``constant:2016``."""
    year = account.plan.price_year
    return "current" if year is None else f"constant:{year}"


def differences(accounts: Sequence[Account], codes: Sequence[Collection[str]]) -> dict[str, str]:
    """What differs between accounts, aspect -> words; ``codes`` are the regions of each on the common boundary."""
    plans = [account.plan for account in accounts]
    seen: dict[str, list[str]] = {
        "standard": _standards(plans),
        "indicators": ["; ".join(sorted(_indicators(account))) for account in accounts],
        "switches": [
            ", ".join(f"{name} = {option}" for name, option in plan.switches.items())
            for plan in plans
        ],
        "prices": [basis(account) for account in accounts],
        "tier": [plan.extent.tier for plan in plans],
        "classes": [plan.scheme.id for plan in plans],
        "boundary": ["; ".join(sorted(some)) for some in codes],
    }
    if len(set(seen["standard"])) > 1:  # its choices and steps go with it
        del seen["switches"]
    found = {}
    for aspect, words in seen.items():
        if len(set(words)) > 1:
            several = aspect in ("indicators", "boundary")
            found[aspect] = _lacking(accounts, words) if several else _each(accounts, words)
    return found


def _standards(plans: Sequence[Plan]) -> list[str]:
    """The standards' ids; texts that differ under one id are numbered as they come."""
    words = []
    for plan in plans:
        texts = [one.standard.spec for one in plans if one.standard.id == plan.standard.id]
        apart = [text for position, text in enumerate(texts) if text not in texts[:position]]
        number = f" (text {apart.index(plan.standard.spec) + 1})" if len(apart) > 1 else ""
        words.append(plan.standard.id + number)
    return words


def _indicators(account: Account) -> set[str]:
    """Totals and indicators that the account computes, with their steps."""
    totals = {
        f"total {one.id} ({', '.join(one.indicators)})" for one in account.plan.standard.spec.total
    }
    return totals | {one.name for one in account.plan.steps if one.indicator is not None}


def _each(accounts: Sequence[Account], words: Sequence[str]) -> str:
    return "; ".join(
        f"{account.year}: {word or 'none'}" for account, word in zip(accounts, words, strict=True)
    )


def _lacking(accounts: Sequence[Account], words: Sequence[str]) -> str:
    """What each account lacks of what some other has."""
    have = [set(word.split("; ")) for word in words]
    every = sorted(set().union(*have))
    texts = []
    for account, own in zip(accounts, have, strict=True):
        lacks = [one for one in every if one not in own]
        if lacks:
            texts.append(f"{account.year} lacks {joined(lacks, ', ')}")
    return "; ".join(texts)


def check_comparable(found: dict[str, str], allowed: Collection[str], problems: ProblemLog) -> None:
    """Make a problem of every difference that is not allowed, and of an aspect that does not exist."""
    for name in allowed:
        if name not in ASPECTS:
            problems.add(
                "unknown-option",
                "--allow",
                f"aspect {name!r}",
                f"aspects are: {', '.join(ASPECTS)}",
            )
    for aspect, words in found.items():
        if aspect not in allowed:
            what = f"{ASPECTS[aspect][1]}: {words}"
            fix = f"compute the accounts alike; or --allow {aspect} (Python: allow=[{aspect!r}]), and every row says so"
            problems.add("not-comparable", f"{aspect} {ASPECTS[aspect][0]}", what, fix)


def flags(accounts: Sequence[Account], found: Collection[str], mapped: bool) -> list[str]:
    """The flags that every row of a comparison carries."""
    plans = [account.plan for account in accounts]
    names = [f"{aspect}-differs" for aspect in found]
    if any(plan.price_year is None for plan in plans):
        names.append("current-prices")
    if any(account.shares()["nominal"] for account in accounts):
        names.append("nominal-prices")
    if len({plan.crosswalk.id if plan.crosswalk else "" for plan in plans}) > 1:
        names.append("crosswalk-differs")
    sources = [frozenset(plan.extent.parts["source"]) - {""} for plan in plans]
    if all(sources) and len(set(sources)) > 1:
        names.append("area-source-differs")
    return [*names, "mapped-boundary"] if mapped else names
