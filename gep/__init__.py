"""Gross Ecosystem Product accounts (生态产品总值核算): the public names, loaded when first used."""

# Nothing but importlib, which Python has loaded already: `python -m gep` imports this file before
# ``__main__`` takes the working folder off the path, so that a ``typing.py`` there would be run.
from importlib import import_module

TYPE_CHECKING = False
__version__ = "0.1.0"

_HOME = {
    "Account": "gep.account.account",
    "ProjectComparison": "gep.workflows.compare",
    "Comparison": "gep.comparison.comparison",
    "Explanation": "gep.account.explanation",
    "ProjectRun": "gep.workflows.run",
    "Plan": "gep.plan.plan",
    "Problem": "gep.errors",
    "ProblemsFound": "gep.errors",
    "Project": "gep.project.project",
    "Standard": "gep.standards.standard",
    "ProjectAssessment": "gep.workflows.assess",
    "Assessment": "gep.assessment.scheme",
    "assess": "gep.assessment.apply",
    "assess_project": "gep.workflows.assess",
    "blank_form": "gep.plan.blank_form",
    "check_project": "gep.project.project",
    "compare": "gep.comparison.comparison",
    "compare_projects": "gep.workflows.compare",
    "compute": "gep.account.account",
    "make_plan": "gep.plan.build",
    "new_project": "gep.workflows.templates",
    "new_coefficient_set": "gep.workflows.templates",
    "new_standard": "gep.workflows.templates",
    "read_areas": "gep.extent.areas",
    "read_causes": "gep.assessment.stocks",
    "read_crosswalk": "gep.extent.crosswalk",
    "read_region_changes": "gep.extent.region_changes",
    "read_data": "gep.inputs.data",
    "read_events": "gep.assessment.events",
    "read_groups": "gep.assessment.events",
    "read_pools": "gep.assessment.pools",
    "read_project": "gep.project.project",
    "read_regions": "gep.extent.regions",
    "read_scheme": "gep.assessment.kinds",
    "read_stock_prices": "gep.assessment.stocks",
    "read_stocks": "gep.assessment.stocks",
    "read_coefficient_set": "gep.inputs.coefficients",
    "read_standard": "gep.standards.standard",
    "read_targets": "gep.assessment.targets",
    "read_terms": "gep.assessment.events",
    "read_transitions": "gep.extent.transitions",
    "run_project": "gep.workflows.run",
    "analyse_sensitivity": "gep.workflows.sensitivity",
    "verify": "gep.workflows.verify",
}

__all__ = [*sorted(_HOME), "__version__"]

if TYPE_CHECKING:
    from gep.account.account import Account as Account
    from gep.account.account import compute as compute
    from gep.account.explanation import Explanation as Explanation
    from gep.assessment.apply import assess as assess
    from gep.assessment.events import read_events as read_events
    from gep.assessment.events import read_groups as read_groups
    from gep.assessment.events import read_terms as read_terms
    from gep.assessment.kinds import read_scheme as read_scheme
    from gep.assessment.pools import read_pools as read_pools
    from gep.assessment.scheme import Assessment as Assessment
    from gep.assessment.stocks import read_causes as read_causes
    from gep.assessment.stocks import read_stock_prices as read_stock_prices
    from gep.assessment.stocks import read_stocks as read_stocks
    from gep.assessment.targets import read_targets as read_targets
    from gep.comparison.comparison import Comparison as Comparison
    from gep.comparison.comparison import compare as compare
    from gep.errors import Problem as Problem
    from gep.errors import ProblemsFound as ProblemsFound
    from gep.extent.areas import read_areas as read_areas
    from gep.extent.crosswalk import read_crosswalk as read_crosswalk
    from gep.extent.region_changes import read_region_changes as read_region_changes
    from gep.extent.regions import read_regions as read_regions
    from gep.extent.transitions import read_transitions as read_transitions
    from gep.inputs.coefficients import read_coefficient_set as read_coefficient_set
    from gep.inputs.data import read_data as read_data
    from gep.plan.blank_form import blank_form as blank_form
    from gep.plan.build import make_plan as make_plan
    from gep.plan.plan import Plan as Plan
    from gep.project.project import Project as Project
    from gep.project.project import check_project as check_project
    from gep.project.project import read_project as read_project
    from gep.standards.standard import Standard as Standard
    from gep.standards.standard import read_standard as read_standard
    from gep.workflows.assess import ProjectAssessment as ProjectAssessment
    from gep.workflows.assess import assess_project as assess_project
    from gep.workflows.compare import ProjectComparison as ProjectComparison
    from gep.workflows.compare import compare_projects as compare_projects
    from gep.workflows.run import ProjectRun as ProjectRun
    from gep.workflows.run import run_project as run_project
    from gep.workflows.sensitivity import analyse_sensitivity as analyse_sensitivity
    from gep.workflows.templates import new_coefficient_set as new_coefficient_set
    from gep.workflows.templates import new_project as new_project
    from gep.workflows.templates import new_standard as new_standard
    from gep.workflows.verify import verify as verify

if TYPE_CHECKING:
    from typing import Any


def __getattr__(name: str) -> "Any":
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'gep' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
