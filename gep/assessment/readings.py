"""Readings (读数): where the number that a scheme reads comes from."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import model_validator

from gep.account.account import Account
from gep.account.lines import TOTAL
from gep.comparison.comparison import Comparison
from gep.io.toml_documents import Frozen

Basis = Literal["project", "current", "constant", "normal_climate"]


Form = Literal["level", "growth", "per_km2", "per_capita", "mean"]


class Reading(Frozen):
    """Where a reading comes from: a total, category, indicator or step of the account, data rows, or another scheme.

    ``growth`` is against the year before among those of the accounts (or of the data rows), a fraction. ``mean`` is the
    mean of all assessed years up to this one, as a five-year assessment takes in the yearly ones.
    """

    account: str = ""  # total | category | indicator | indicator.step
    data: str = ""
    scheme: str = ""  # the score of a scheme that the project names before
    basis: Basis = "project"
    form: Form = "level"

    @model_validator(mode="after")
    def _one(self) -> "Reading":
        if sum(bool(one) for one in (self.account, self.data, self.scheme)) != 1:
            raise ValueError("exactly one of account, data, scheme")
        if not self.account and self.basis != "project":
            raise ValueError("basis belongs to account only")
        return self

    def __str__(self) -> str:
        said = f"account={self.account} basis={self.basis}" if self.account else f"data={self.data}"
        said = f"scheme={self.scheme}" if self.scheme else said
        return said if self.form == "level" else f"{said} form={self.form}"


@dataclass(frozen=True)
class ReadingValues:
    """The readings of an indicator in a year, each by region: value (NaN: none), grade, where it stands, its unit."""

    value: np.ndarray
    grade: np.ndarray  # codes of gep.inputs.value_rows.GRADES
    where: np.ndarray  # text
    unit: str


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
    return any(
        one.indicator is not None and one.indicator.id == indicator and one.step.id == step
        for one in steps
    )


def account_names(found: Comparison) -> list[str]:
    """What a reading may name of an account."""
    lines = found.lines
    names = [*lines["category"], *lines["indicator"]]
    steps = [
        f"{indicator}.{item[5:]}"
        for indicator, item in zip(lines["indicator"], lines["item"], strict=True)
        if item
    ]
    return list(dict.fromkeys([*names, *steps]))


def indicators_behind(account: Account, name: str) -> list[str]:
    """The ids of the indicators that a reading of an account rests on: one, or those of a total or category."""
    text = account.plan.standard.spec
    computed = {one.indicator.id for one in account.plan.steps if one.indicator is not None}
    totals = {f"{TOTAL}:{one.id}": one.indicators for one in text.total} | {
        TOTAL: text.total[0].indicators
    }
    if name in totals:
        wanted = list(totals[name])
    else:
        headline = set(text.total[0].indicators)
        wanted = [one.id for one in text.indicator if one.category == name and one.id in headline]
        wanted = wanted or [name.partition(".")[0]]
    return [one for one in wanted if one in computed]
