"""Routes (路线): what the full and the short route ask for, and what the short one loses.

The full route asks for every number that the standard can use. The short one asks for rates at
first-level ecosystem types, and takes quantities as they are reported where the standard has such a
switch. ``gep.plan.blank_form`` makes the form of either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gep.errors import ProblemLog
from gep.inputs.data import EMPTY
from gep.plan.blank_form import PASSED, blank_form, cells_without_service
from gep.plan.build import PlanInputs, build_plan
from gep.standards.standard import Route
from gep.texts.catalogue import Label

ROUTES: tuple[Route, ...] = ("full", "short")


@dataclass(frozen=True)
class RouteCost:
    """What a route asks for.

    Attributes
    ----------
    route : {'full', 'short'}
    rows : int
        Data rows of a year, for all regions, in full detail.
    form_rows : int
        Those that a form has: rates by first-level types; blank rows only.
    types : int
        Ecosystem types for which data are asked.
    switches : tuple of Label
        The switches that the route sets: their quantities are taken as they are reported, so that
        they can neither be recomputed nor taken apart by cause.
    """

    route: Route
    rows: int
    form_rows: int
    types: int
    switches: tuple[Label, ...]


def route_costs(parts: PlanInputs, chosen: Mapping[str, str]) -> tuple[RouteCost, ...]:
    """Count what each route asks for in the first year of a project that has no data yet.

    Parameters
    ----------
    parts : PlanInputs
        What the project has loaded; its data are left aside.
    chosen : mapping of str to str
        The switches that the project itself sets; no route changes them.

    Returns
    -------
    tuple of RouteCost
        One for each of ``ROUTES``.

    Raises
    ------
    ProblemsFound
        Those of ``build_plan`` that do not stop a blank form.
    """
    permissions = replace(parts.allowed, passed=(*parts.allowed.passed, *PASSED))
    costs: list[RouteCost] = []
    for route in ROUTES:
        switches = parts.standard.with_route(chosen, route)
        without_data = replace(parts, data=EMPTY, switches=switches, allowed=permissions)
        plan = build_plan(without_data, parts.years[0], ProblemLog())
        rows = blank_form([plan], first_level=route == "short").data
        form_rows = blank_form([plan], first_level=True).data
        without_service = cells_without_service([plan], first_level=True)
        labels: list[Label] = []
        for name in switches:
            if name not in chosen:
                labels.append(Label(name, parts.standard.spec.switch[name].name))
        types = rows["ecosystem"] if "ecosystem" in rows else rows.iloc[:, 0].iloc[:0]
        costs.append(
            RouteCost(
                route=route,
                rows=len(rows),
                form_rows=len(form_rows) - len(without_service),
                types=len(set(types) - {""}),
                switches=tuple(labels),
            )
        )
    return tuple(costs)
