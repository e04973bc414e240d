"""The page of a comparison (对比报告页): changes, their reasons, ecosystem types, land, flags.

Sections are made by ``change_sections``, ``reason_section`` and ``land_sections``; how a page is
written belongs to ``gep.report.pages.page``.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from gep import __version__
from gep.comparison.comparison import Comparison
from gep.comparison.comparison_table import comparison_caption
from gep.errors import Problem
from gep.io.page_content import (
    PageExplanation,
    PageSection,
    ReportPage,
)
from gep.project.project import Project
from gep.report.pages.change_sections import ChangeSections
from gep.report.pages.land_sections import LandSections
from gep.report.pages.reason_section import ReasonSection
from gep.report.pages.wording import (
    both_words,
    in_both,
)
from gep.texts.catalogue import LANGUAGES, text


class _AllSections(ChangeSections, ReasonSection, LandSections):
    """Makes all sections; what several of them look up is made once."""


def comparison_page(
    project: Project,
    comparison: Comparison,
    tables: Mapping[str, pd.DataFrame],
    warnings: Sequence[Problem] = (),
    accounts: Mapping[str, object] | None = None,
) -> ReportPage:
    """Make the page of a comparison.

    Parameters
    ----------
    project : Project
        The first of the projects; gives title and language.
    comparison : Comparison
        At the first price basis.
    tables : mapping of str to DataFrame
        The result tables by file name; ``comparison.csv`` has the rows of all price bases.
    warnings : sequence of Problem, optional
        What should be looked at.
    accounts : mapping of str to object, optional
        The cells of the accounts that are compared, see ``gep.report.pages.account_cells``.

    Returns
    -------
    ReportPage
    """
    explanations: dict[str, PageExplanation] = {}
    maker = _AllSections(project, comparison, tables, accounts or {}, explanations)
    made = [
        maker.values(),
        maker.quantities(),
        maker.reasons(),
        maker.types(),
        maker.land(),
        maker.flags(),
    ]
    sections = [section for section in made if section is not None]
    if warnings:
        lines = [in_both(problem.say) for problem in warnings]
        sections.append(PageSection("warnings", text("page.comparison.warnings"), lines))
    lines_by_language = [comparison_caption(comparison, language) for language in LANGUAGES]
    caption = [both_words(*words) for words in zip(*lines_by_language, strict=True)]
    return ReportPage(
        title=text("page.comparison.title", title=project.spec.project.title),
        language=project.language,
        caption=caption,
        headlines=maker.headlines(),
        sections=sections,
        explanations=explanations,
        accounts=accounts or {},
        footer=(
            text("page.comparison.software", version=__version__),
            text("page.comparison.files", files=", ".join([*tables, "comparison.json"])),
        ),
    )
