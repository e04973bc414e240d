"""Gross Ecosystem Product accounts (生态产品总值核算): the public names, loaded when first used.

Work on project folders begins with ``run_project``, ``compare_projects`` and ``assess_project``;
work on tables of one's own with ``compute``, ``compare`` and ``assess``. Every kind of file has a
function ``read_...``.
"""

# Nothing but importlib, which Python has loaded already: `python -m gep` imports this file before
# ``__main__`` takes the working folder off the path, so that a ``typing.py`` there would be run.
from importlib import import_module

TYPE_CHECKING = False
__version__ = "0.1.0"

_HOME = {
    "Account": "gep.account.account",
    "Assessment": "gep.assessment.scheme",
    "CollectionOptions": "gep.collection.counties",
    "CoefficientAudit": "gep.workflows.coefficient_audit",
    "Comparison": "gep.comparison.comparison",
    "CountyCollection": "gep.workflows.collect",
    "Explanation": "gep.account.explanation",
    "FigureCheck": "gep.workflows.expected",
    "Plan": "gep.plan.plan",
    "Problem": "gep.errors",
    "ProblemsFound": "gep.errors",
    "Project": "gep.project.project",
    "ProjectAssessment": "gep.workflows.assess",
    "ProjectComparison": "gep.workflows.compare",
    "ProjectPictures": "gep.workflows.plot",
    "ProjectRun": "gep.workflows.run",
    "ScenarioComparison": "gep.comparison.scenarios",
    "SeeaTables": "gep.report.seea_tables",
    "SensitivityAnalysis": "gep.workflows.sensitivity",
    "Standard": "gep.standards.standard",
    "StandardComparison": "gep.workflows.compare_standards",
    "account_map": "gep.report.result_figures",
    "analyse_sensitivity": "gep.workflows.sensitivity",
    "assess": "gep.assessment.apply",
    "assess_project": "gep.workflows.assess",
    "audit_coefficients": "gep.workflows.coefficient_audit",
    "blank_form": "gep.plan.blank_form",
    "catalog": "gep.workflows.templates",
    "catalog_diff": "gep.workflows.differences",
    "check_figures": "gep.workflows.expected",
    "check_project": "gep.project.project",
    "collect_projects": "gep.workflows.collect",
    "compare": "gep.comparison.scenarios",
    "compare_projects": "gep.workflows.compare",
    "compare_standards": "gep.workflows.compare_standards",
    "compute": "gep.account.account",
    "explain_number": "gep.workflows.explain",
    "explain_score": "gep.workflows.explain",
    "export_results": "gep.workflows.export",
    "make_plan": "gep.plan.build",
    "new_coefficient_set": "gep.workflows.templates",
    "new_project": "gep.workflows.new_project",
    "new_scheme": "gep.workflows.new_scheme",
    "new_standard": "gep.workflows.templates",
    "open_beside": "gep.standards.own_code",
    "plot": "gep.workflows.plot",
    "propagate_uncertainty": "gep.uncertainty.monte_carlo",
    "read_areas": "gep.extent.areas",
    "read_causes": "gep.assessment.stocks",
    "read_coefficient_set": "gep.inputs.coefficients",
    "read_crosswalk": "gep.extent.crosswalk",
    "read_data": "gep.inputs.data",
    "read_events": "gep.assessment.events",
    "read_groups": "gep.assessment.events",
    "read_pools": "gep.assessment.pools",
    "read_project": "gep.project.project",
    "read_region_changes": "gep.extent.region_changes",
    "read_regions": "gep.extent.regions",
    "read_register": "gep.assessment.registers",
    "read_scheme": "gep.assessment.kinds",
    "read_standard": "gep.standards.standard",
    "read_stock_prices": "gep.assessment.stocks",
    "read_stocks": "gep.assessment.stocks",
    "read_targets": "gep.assessment.targets",
    "read_terms": "gep.assessment.events",
    "read_transitions": "gep.extent.transitions",
    "record_review": "gep.workflows.assess",
    "run_project": "gep.workflows.run",
    "scheduled": "gep.extent.schedule",
    "seea_tables": "gep.report.seea_tables",
    "to_xarray": "gep.comparison.arrays",
    "verify": "gep.workflows.verify",
    "write_scenario": "gep.project.scenario",
    "write_seea": "gep.workflows.seea",
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
    from gep.assessment.registers import read_register as read_register
    from gep.assessment.scheme import Assessment as Assessment
    from gep.assessment.stocks import read_causes as read_causes
    from gep.assessment.stocks import read_stock_prices as read_stock_prices
    from gep.assessment.stocks import read_stocks as read_stocks
    from gep.assessment.targets import read_targets as read_targets
    from gep.collection.counties import CollectionOptions as CollectionOptions
    from gep.comparison.arrays import to_xarray as to_xarray
    from gep.comparison.comparison import Comparison as Comparison
    from gep.comparison.scenarios import ScenarioComparison as ScenarioComparison
    from gep.comparison.scenarios import compare as compare
    from gep.errors import Problem as Problem
    from gep.errors import ProblemsFound as ProblemsFound
    from gep.extent.areas import read_areas as read_areas
    from gep.extent.crosswalk import read_crosswalk as read_crosswalk
    from gep.extent.region_changes import read_region_changes as read_region_changes
    from gep.extent.regions import read_regions as read_regions
    from gep.extent.schedule import scheduled as scheduled
    from gep.extent.transitions import read_transitions as read_transitions
    from gep.inputs.coefficients import read_coefficient_set as read_coefficient_set
    from gep.inputs.data import read_data as read_data
    from gep.plan.blank_form import blank_form as blank_form
    from gep.plan.build import make_plan as make_plan
    from gep.plan.plan import Plan as Plan
    from gep.project.project import Project as Project
    from gep.project.project import check_project as check_project
    from gep.project.project import read_project as read_project
    from gep.project.scenario import write_scenario as write_scenario
    from gep.report.result_figures import account_map as account_map
    from gep.report.seea_tables import SeeaTables as SeeaTables
    from gep.report.seea_tables import seea_tables as seea_tables
    from gep.standards.own_code import open_beside as open_beside
    from gep.standards.standard import Standard as Standard
    from gep.standards.standard import read_standard as read_standard
    from gep.uncertainty.monte_carlo import propagate_uncertainty as propagate_uncertainty
    from gep.workflows.assess import ProjectAssessment as ProjectAssessment
    from gep.workflows.assess import assess_project as assess_project
    from gep.workflows.assess import record_review as record_review
    from gep.workflows.coefficient_audit import CoefficientAudit as CoefficientAudit
    from gep.workflows.coefficient_audit import audit_coefficients as audit_coefficients
    from gep.workflows.collect import CountyCollection as CountyCollection
    from gep.workflows.collect import collect_projects as collect_projects
    from gep.workflows.compare import ProjectComparison as ProjectComparison
    from gep.workflows.compare import compare_projects as compare_projects
    from gep.workflows.compare_standards import StandardComparison as StandardComparison
    from gep.workflows.compare_standards import compare_standards as compare_standards
    from gep.workflows.differences import catalog_diff as catalog_diff
    from gep.workflows.expected import FigureCheck as FigureCheck
    from gep.workflows.expected import check_figures as check_figures
    from gep.workflows.explain import explain_number as explain_number
    from gep.workflows.explain import explain_score as explain_score
    from gep.workflows.export import export_results as export_results
    from gep.workflows.new_project import new_project as new_project
    from gep.workflows.new_scheme import new_scheme as new_scheme
    from gep.workflows.plot import ProjectPictures as ProjectPictures
    from gep.workflows.plot import plot as plot
    from gep.workflows.run import ProjectRun as ProjectRun
    from gep.workflows.run import run_project as run_project
    from gep.workflows.seea import write_seea as write_seea
    from gep.workflows.sensitivity import SensitivityAnalysis as SensitivityAnalysis
    from gep.workflows.sensitivity import analyse_sensitivity as analyse_sensitivity
    from gep.workflows.templates import catalog as catalog
    from gep.workflows.templates import new_coefficient_set as new_coefficient_set
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
