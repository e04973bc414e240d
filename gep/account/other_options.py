"""What another option of a switch would give (他选影响), where a standard asks to show it.

Owns the warning ``option-matters``: a switch that names options ``beside`` one another has their
results computed beside the chosen one, for the indicators that it moves, if their inputs are
there. Nothing of the account changes. It does not choose, and recomputes no other indicator;
``gep.collection`` holds whole accounts of other choices against each other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from gep.account.evaluation import EvaluatedPlan, evaluate
from gep.errors import Problem, ProblemLog, ProblemsFound, make_problem
from gep.extent.regions import region_label
from gep.plan.build import PlanInputs, build_plan
from gep.plan.plan import Plan
from gep.plan.planned_step import PlannedStep
from gep.standards.standard import Standard
from gep.texts.catalogue import Label

_SAME = 1e-6  # relative difference up to which two options give the same


@dataclass(frozen=True)
class _OtherOption:
    """An option that could stand in place of the chosen one."""

    switch: str
    chosen: str
    option: str
    indicator: str


def warn_of_other_options(parts: PlanInputs, evaluated: EvaluatedPlan) -> list[Problem]:
    """Compute the options that stand beside the chosen ones, and tell what they would give.

    Parameters
    ----------
    parts : PlanInputs
        What the plan was made from.
    evaluated : EvaluatedPlan
        The account of a year.

    Returns
    -------
    list of Problem
        ``option-matters``, one for each step whose physical quantity differs: both quantities and
        their ratio in the region where they are furthest apart, and how many regions differ.
    """
    given = set(parts.data.rows["name"].unique())
    warnings = []
    for other in _other_options(evaluated.plan):
        switches = {**evaluated.plan.switches, other.switch: other.option}
        if not _data_of(parts.standard, other, switches) <= given:
            continue
        try:
            inputs = replace(parts, switches=switches, indicator=other.indicator)
            plan = build_plan(inputs, evaluated.year, ProblemLog())
        except ProblemsFound:  # what this option needs is not there
            continue
        results = evaluate(plan, check=False)
        beside = EvaluatedPlan(plan, results)
        for step in plan.steps:
            if _is_moved(step, other):
                warnings += _differences(evaluated, beside, step, other)
    return warnings


def _other_options(plan: Plan) -> Iterator[_OtherOption]:
    """List the options beside the chosen ones, for each indicator of the plan that they move."""
    for name, switch in plan.standard.spec.switch.items():
        chosen = plan.switches[name]
        if chosen not in switch.beside:
            continue
        for indicator in dict.fromkeys(_indicators_moved(plan, name)):
            for option in switch.beside:
                if option != chosen:
                    yield _OtherOption(name, chosen, option, indicator)


def _indicators_moved(plan: Plan, switch: str) -> Iterator[str]:
    """List the indicators that have a quantity which depends on a switch."""
    for step in plan.steps:
        if step.indicator is not None and step.kind == "quantity" and switch in step.step.when:
            yield step.indicator.id


def _data_of(standard: Standard, other: _OtherOption, switches: Mapping[str, str]) -> set[str]:
    """Return the names of the data that the indicator takes under another option."""
    names: set[str] = set()
    for _, indicator, step in standard.steps():
        if indicator is not None and indicator.id == other.indicator and step.active(switches):
            names.update(binding.data for binding in step.inputs.values() if binding.data)
    return names


def _is_moved(step: PlannedStep, other: _OtherOption) -> bool:
    """Return whether a step is a quantity of the indicator that depends on the switch."""
    return (
        step.indicator is not None
        and step.indicator.id == other.indicator
        and step.kind == "quantity"
        and other.switch in step.step.when
    )


def _differences(
    evaluated: EvaluatedPlan, beside: EvaluatedPlan, step: PlannedStep, other: _OtherOption
) -> list[Problem]:
    """Warn of the regions in which a step differs under another option; none if it does not."""
    plan = evaluated.plan
    if all(planned.name != step.name for planned in plan.steps):
        return []
    chosen = _by_region(evaluated, plan.step(step.name))
    instead = _by_region(beside, step)
    if chosen.shape != instead.shape:
        return []
    both = (chosen > 0) & (instead > 0)
    ratios = np.ones_like(chosen)
    np.divide(instead, chosen, out=ratios, where=both)
    apart = np.abs(np.log(ratios))
    count = int((apart > _SAME).sum())
    if not count:
        return []
    furthest = int(np.argmax(apart))
    switch = plan.standard.spec.switch[other.switch]
    warning = make_problem(
        "option-matters",
        f"switches.{other.switch}",
        "account.option-matters",
        step=Label(step.name, step.step.name),
        switch=other.switch,
        chosen=switch.option(other.chosen),
        option=switch.option(other.option),
        new=other.option,
        year=plan.year,
        region=region_label(str(plan.extent.regions[furthest]), plan.regions),
        value=float(chosen[furthest]),
        instead=float(instead[furthest]),
        unit=step.unit,
        ratio=float(ratios[furthest]),
        count=count,
    )
    return [warning]


def _by_region(evaluated: EvaluatedPlan, step: PlannedStep) -> np.ndarray:
    """Return the result of a step by region, summed over its other dims."""
    values = np.where(step.valid, evaluated.results[step.name], 0.0)
    if "region" not in step.out:
        return np.array([values.sum()])
    axis = step.out.index("region")
    by_region = np.moveaxis(values, axis, 0)
    return np.asarray(by_region.reshape(by_region.shape[0], -1).sum(axis=1))
