"""Gross Ecosystem Product accounts (生态产品总值核算): the public names, loaded when first used."""

# Nothing but importlib, which Python has loaded already: `python -m gep` imports this file before ``__main__`` takes
# the working folder off the path, so that a ``typing.py`` lying there would be run.
from importlib import import_module

TYPE_CHECKING = False
__version__ = "0.1.0"

_HOME = {
    "Account": "gep.account",
    "Compared": "gep.compared",
    "Comparison": "gep.comparison",
    "Explanation": "gep.explanation",
    "Outcome": "gep.outcome",
    "Plan": "gep.plan",
    "Problem": "gep.errors",
    "ProblemsFound": "gep.errors",
    "Project": "gep.project",
    "Standard": "gep.standard",
    "Assessed": "gep.assessing",
    "Assessment": "gep.assessment.assessed",
    "assess": "gep.grounding",
    "assess_project": "gep.assessing",
    "blank_form": "gep.forms",
    "check": "gep.project",
    "compare": "gep.comparison",
    "compare_projects": "gep.compared",
    "compute": "gep.account",
    "make_plan": "gep.plan",
    "new_project": "gep.scaffold",
    "new_set": "gep.scaffold",
    "new_standard": "gep.scaffold",
    "read_areas": "gep.extent",
    "read_crosswalk": "gep.classes",
    "read_changes": "gep.region_changes",
    "read_data": "gep.data",
    "read_project": "gep.project",
    "read_regions": "gep.classes",
    "read_scheme": "gep.assessment.scheme",
    "read_set": "gep.coefficients",
    "read_standard": "gep.standard",
    "read_targets": "gep.assessment.targets",
    "read_transitions": "gep.transitions",
    "run": "gep.outcome",
    "sense": "gep.sensed",
    "verify": "gep.verification",
}

__all__ = [*sorted(_HOME), "__version__"]

if TYPE_CHECKING:
    from gep.account import Account as Account
    from gep.account import compute as compute
    from gep.assessing import Assessed as Assessed
    from gep.assessing import assess_project as assess_project
    from gep.assessment.assessed import Assessment as Assessment
    from gep.assessment.scheme import read_scheme as read_scheme
    from gep.assessment.targets import read_targets as read_targets
    from gep.classes import read_crosswalk as read_crosswalk
    from gep.classes import read_regions as read_regions
    from gep.coefficients import read_set as read_set
    from gep.compared import Compared as Compared
    from gep.compared import compare_projects as compare_projects
    from gep.comparison import Comparison as Comparison
    from gep.comparison import compare as compare
    from gep.data import read_data as read_data
    from gep.errors import Problem as Problem
    from gep.errors import ProblemsFound as ProblemsFound
    from gep.explanation import Explanation as Explanation
    from gep.extent import read_areas as read_areas
    from gep.forms import blank_form as blank_form
    from gep.grounding import assess as assess
    from gep.outcome import Outcome as Outcome
    from gep.outcome import run as run
    from gep.plan import Plan as Plan
    from gep.plan import make_plan as make_plan
    from gep.project import Project as Project
    from gep.project import check as check
    from gep.project import read_project as read_project
    from gep.region_changes import read_changes as read_changes
    from gep.scaffold import new_project as new_project
    from gep.scaffold import new_set as new_set
    from gep.scaffold import new_standard as new_standard
    from gep.sensed import sense as sense
    from gep.standard import Standard as Standard
    from gep.standard import read_standard as read_standard
    from gep.transitions import read_transitions as read_transitions
    from gep.verification import verify as verify

if TYPE_CHECKING:
    from typing import Any


def __getattr__(name: str) -> "Any":
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'gep' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
