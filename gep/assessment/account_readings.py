"""Lines of accounts (账户科目) as readings name them: total, category, indicator, indicator.step."""

import numpy as np

from gep.account.account import Account
from gep.account.lines import TOTAL
from gep.comparison.comparison import Comparison


def line_of(found: Comparison, name: str) -> int | None:
    """The line of a comparison that a reading names: total, total:ID, category, indicator, or indicator.step."""
    lines = found.lines
    plain = (lines["item"] == "") & (lines["kind"] == "value")
    if name == TOTAL or name.startswith(f"{TOTAL}:") or (lines["category"] == name).any():
        mask = plain & (lines["category"] == name) & (lines["indicator"] == TOTAL)
    elif "." in name:
        indicator, _, step = name.partition(".")
        mask = (lines["indicator"] == indicator) & (lines["item"] == f"step={step}")
        only = lines.loc[(lines["indicator"] == indicator) & (lines["kind"] == "value"), "item"]
        if not mask.any() and (only == "").all():  # its one value step has no line of its own
            mask = plain & (lines["indicator"] == indicator) & _has_step(found, indicator, step)
    else:
        mask = plain & (lines["indicator"] == name)
    spots = np.flatnonzero(mask.to_numpy())
    return int(spots[0]) if len(spots) else None


def _has_step(found: Comparison, indicator: str, step: str) -> bool:
    steps = found.accounts[-1].plan.steps
    return any(one.indicator is not None and one.indicator.id == indicator and one.step.id == step for one in steps)


def account_names(found: Comparison) -> list[str]:
    """What a reading may name of an account."""
    lines = found.lines
    names = [*lines["category"], *lines["indicator"]]
    steps = [
        f"{indicator}.{item[5:]}" for indicator, item in zip(lines["indicator"], lines["item"], strict=True) if item
    ]
    return list(dict.fromkeys([*names, *steps]))


def indicators_behind(account: Account, name: str) -> list[str]:
    """The ids of the indicators that a reading of an account rests on: one, or those of a total or category."""
    text = account.plan.standard.text
    computed = {one.indicator.id for one in account.plan.steps if one.indicator is not None}
    totals = {f"{TOTAL}:{one.id}": one.indicators for one in text.total} | {TOTAL: text.total[0].indicators}
    if name in totals:
        wanted = list(totals[name])
    else:
        headline = set(text.total[0].indicators)
        wanted = [one.id for one in text.indicator if one.category == name and one.id in headline]
        wanted = wanted or [name.partition(".")[0]]
    return [one for one in wanted if one in computed]
