"""Pictures of a project (结果图): chosen by name, drawn for papers and slides, written whole.

The module decides what a project allows to be drawn and where the files go. What a picture shows is
left to ``gep.report.result_figures``, how it is drawn to ``gep.report.figures``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from gep import __version__
from gep.account.account import Account, account_from_plan
from gep.account.lines import region_named
from gep.comparison.comparison import Comparison, Pair, compare
from gep.errors import Problem, ProblemLog, ProblemsFound, make_problem, worded_in
from gep.io.argument_types import checked_arguments
from gep.io.arguments import several
from gep.io.notebook import ShownAsTable
from gep.io.result_folder import (
    refuse_foreign,
    relative_path,
    replace_folder,
    sha256,
    write_record,
)
from gep.io.spreadsheets import unwritten
from gep.io.tables import suggestion
from gep.plan.plan import Plan, check_year, warnings_of
from gep.project.project import (
    Project,
    check_project,
    file_sums,
    project_uncertainty,
    refuse_inputs,
)
from gep.project.raster_transitions import with_raster_transitions
from gep.report.figures.page import drawn_language
from gep.report.result_figures import (
    Subject,
    account_map,
    can_map,
    draw_change,
    draw_regions,
    draw_transitions,
    draw_years,
    rank_figure,
)
from gep.texts.catalogue import Language, Listed, text
from gep.workflows.compare import CompareOptions, comparison_of_plans, tables_of
from gep.workflows.run import OTHER_RESULTS, picture_not_drawn
from gep.workflows.sensitivity import draw_swings, sensitivity_of_plans

PICTURES = ("map", "bars", "waterfall", "tornado", "ranks", "transitions")
ALL = "all"  # all pictures that the project allows
FORMATS = (".svg", ".pdf", ".png")
PLOT_FOLDER = "plots"  # in the project
DEFAULT_DRAWS = 1000


@dataclass(frozen=True)
class PictureOptions:
    """What of the project the pictures show, as the user chose it.

    Attributes
    ----------
    year : int or None
        Year of the account; of a change, its last year.
    from_year : int or None
        First year of a change.
    region : str
        Code or name of a region or parent; blank for the topmost.
    draws, seed : int
        Of the intervals of ranks.
    """

    year: int | None = None
    from_year: int | None = None
    region: str = ""
    draws: int = DEFAULT_DRAWS
    seed: int = 0


@dataclass(frozen=True, repr=False)
class ProjectPictures(ShownAsTable):
    """The pictures of a project that were drawn.

    Attributes
    ----------
    project : Project
    files : mapping of str to Path
        The file of each picture, by its name.
    warnings : tuple of Problem
        What should be looked at; where ``all`` were asked for, also why others are not drawn.

    Examples
    --------
    >>> import gep
    >>> gep.plot("examples/beibu-gulf", "bars", "years.svg")
    <ProjectPictures of beibu-gulf: bars>
    """

    project: Project
    files: Mapping[str, Path]
    warnings: tuple[Problem, ...]

    def __repr__(self) -> str:
        name = self.project.spec.project.id
        return f"<ProjectPictures of {name}: {', '.join(self.files)}>"

    def _shown_table(self) -> pd.DataFrame:
        """Return what a notebook shows of it."""
        names = list(self.files)
        paths = [str(path) for path in self.files.values()]
        return pd.DataFrame({"picture": names, "file": paths})


@checked_arguments
def plot(
    path: str | Path,
    what: str | Sequence[str],
    out: str | Path | None = None,
    *,
    year: int | None = None,
    from_year: int | None = None,
    region: str | int | None = None,
    draws: int = DEFAULT_DRAWS,
    seed: int = 0,
    allow_code: bool = False,
    partial: bool = False,
    language: Language | None = None,
) -> ProjectPictures:
    """Draw pictures of a project for papers and slides.

    Parameters
    ----------
    path : str or Path
        The project's folder, or its ``project.toml``.
    what : str or sequence of str
        ``map`` (value per km2), ``bars`` (years stacked by category; the regions of a year where it
        is given or the only one, or where several regions have no parent), ``waterfall`` (reasons
        of a change), ``tornado`` (inputs that move the value most), ``ranks`` (with their
        intervals), ``transitions`` (of land); ``all`` for those that the project allows.
    out : str or Path, optional
        A ``.svg``, ``.pdf`` or ``.png`` for a single picture, which is replaced if it is there;
        else a folder for PNG files; by default ``plots`` in the project.
    year : int, optional
        Year of the account, of a change the last one; by default the last year.
    from_year : int, optional
        First year of a change; by default the first year.
    region : str or int, optional
        Code or name of a region or parent; by default the topmost parent or the only region.
    draws : int, default 1000
        Number of draws for the intervals of ranks.
    seed : int, default 0
        Seed of the draws.
    allow_code, partial
        See :func:`gep.run_project`.
    language : {'zh', 'en'}, optional
        Language of pictures and messages; by default the project's, then that of the user's system.

    Returns
    -------
    ProjectPictures

    Raises
    ------
    ProblemsFound
        ``unknown-option`` for another picture, or one file for several; ``file-format`` for another
        ending; ``not-drawn`` where the project lacks what a picture shows, and the codes of the
        analysis behind it; ``missing-extra`` without the libraries of the extra ``report``;
        ``missing-year``, ``unknown-region``, ``cannot-write``, and the codes of
        ``gep.check_project``. Nothing is written then.

    Examples
    --------
    >>> import gep
    >>> pictures = gep.plot("examples/jiangxi-counties", ["map", "bars"], "pictures")
    >>> pictures.files["map"].name
    'map.png'
    """
    asked = several(what)
    problems = ProblemLog(language)
    names = _picture_names(asked, problems)
    target = _check_target(out, asked, problems)
    problems.raise_errors()
    options = PictureOptions(
        year,
        from_year,
        str(region or ""),
        draws,
        seed,
    )
    project, plans = check_project(path, allow_code=allow_code, partial=partial, language=language)
    with worded_in(project.language):
        try:
            return _draw_all(_Drawing(project, plans, options), names, target, ALL in asked)
        except ModuleNotFoundError as error:
            raise ProblemsFound([picture_not_drawn(names[0], error)]) from None


def _picture_names(asked: Sequence[str], problems: ProblemLog) -> list[str]:
    """Return the names of the pictures that are asked for, each once; report unknown ones."""
    names: dict[str, None] = {}
    for name in asked:
        if name == ALL:
            names.update(dict.fromkeys(PICTURES))
        elif name in PICTURES:
            names[name] = None
        else:
            known = (*PICTURES, ALL)
            listed = Listed(known, len(known))
            hint = suggestion(name, known)
            values = {"name": name, "hint": hint, "known": listed}
            problems.add("unknown-option", "plot", "workflows.plot.unknown", **values)
    return list(names)


def _check_target(
    out: str | Path | None, asked: Sequence[str], problems: ProblemLog
) -> Path | None:
    """Check where pictures shall go: a file for one of them, or a folder."""
    if out is None:
        return None
    target = Path(out)
    if not target.suffix or target.is_dir():
        return target
    if target.suffix.lower() not in FORMATS:
        values = {"suffix": target.suffix, "formats": Listed(FORMATS, len(FORMATS))}
        problems.add("file-format", str(target), "workflows.plot.format", **values)
    if len(asked) > 1 or ALL in asked:
        problems.add("unknown-option", "--out", "workflows.plot.one-file", file=target.name)
    return target


class _Drawing:
    """What the pictures of a project are drawn from, computed when one of them needs it."""

    def __init__(self, project: Project, plans: Sequence[Plan], options: PictureOptions) -> None:
        self.project = project
        self.plans = sorted(plans, key=lambda plan: plan.year)
        self.options = options
        self.years = [plan.year for plan in self.plans]
        if options.year is not None:
            check_year(plans, options.year, "--year")
        if options.from_year is not None:
            check_year(plans, options.from_year, "--from")
        self.year = options.year or self.years[-1]
        if options.from_year is not None and options.from_year >= self.year:
            problems = ProblemLog()
            values = {"start": options.from_year, "year": self.year}
            problems.add("bad-year", "--from", "workflows.from-not-earlier", **values)
            problems.raise_errors()
        self.plan = self.plans[self.years.index(self.year)]
        self.region = region_named(self.plan, options.region) if options.region else ""

    @cached_property
    def language(self) -> Language:
        """The language in which can be drawn."""
        return drawn_language(self.project.language)

    @cached_property
    def account(self) -> Account:
        """The account of the year."""
        return account_from_plan(self.plan)

    @cached_property
    def comparison(self) -> Comparison:
        """The accounts of the years that a change has, compared."""
        options = CompareOptions(*(self.pair or ()))
        return comparison_of_plans([self.project], [self.plans], options)

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The result tables of the comparison."""
        project, _ = with_raster_transitions(self.project, self.comparison.pairs)
        tables, _ = tables_of([self.comparison], project)
        return tables

    @property
    def pair(self) -> Pair | None:
        """The years of a change, if any was given."""
        options = self.options
        if options.year is None and options.from_year is None:
            return None
        first = self.years[0] if options.from_year is None else options.from_year
        return first, self.year

    @property
    def subject(self) -> str:
        """The region that was asked for, else the topmost parent or the only region.

        Blank where there are several regions and no parent.
        """
        parents = self.account.parents.codes
        if self.region or parents:
            return self.region or str(parents[-1])
        regions = self.plan.extent.regions
        return str(regions[0]) if len(regions) == 1 else ""

    def draw(self, name: str, file: Path) -> None:
        """Draw a picture, or raise ``ProblemsFound`` that says what the project lacks for it."""
        if name in ("waterfall", "transitions") and len(self.years) < 2:
            raise self.lacking(name, "workflows.plot.two-years")
        if name not in ("map", "bars", "ranks") and not self.subject:
            raise self.lacking(name, "workflows.plot.which-region")
        if not _DRAW[name](self, file):
            raise self.lacking(name, f"workflows.plot.no-{name}")

    def lacking(self, name: str, message: str) -> ProblemsFound:
        """Make the error that the project does not allow a picture."""
        picture = text(f"workflows.picture.{name}")
        return ProblemsFound([make_problem("not-drawn", name, message, picture=picture)])


def _draw_map(drawing: _Drawing, file: Path) -> bool:
    """Draw the value per km2 of the regions."""
    project = drawing.project
    inputs = project.spec.inputs
    if not can_map(drawing.account, project.boundaries):
        return False
    account_map(
        drawing.account,
        file,
        project.spec.project.title,
        drawing.language,
        boundaries=project.boundaries,
        key=inputs.boundary_key,
        approval=inputs.approval,
        region=drawing.region,
    )
    return True


def _draw_bars(drawing: _Drawing, file: Path) -> bool:
    """Draw the years of a region, or the regions of a year."""
    project = drawing.project
    subject = Subject(drawing.subject)
    if subject.region and drawing.options.year is None and len(drawing.years) > 1:
        accounts = drawing.comparison
        return draw_years(
            accounts,
            {},
            project,
            subject,
            drawing.language,
            file,
        )
    accounts = compare(drawing.account, pairs=())
    return draw_regions(
        accounts,
        project,
        drawing.year,
        subject,
        drawing.language,
        file,
    )


def _draw_waterfall(drawing: _Drawing, file: Path) -> bool:
    """Draw the reasons of the change of a region's value."""
    subject = Subject(drawing.subject, drawing.pair)
    comparison = drawing.comparison
    return draw_change(
        comparison,
        drawing.tables,
        drawing.project,
        subject,
        drawing.language,
        file,
    )


def _draw_tornado(drawing: _Drawing, file: Path) -> bool:
    """Draw the inputs that move a region's value most."""
    analysis = sensitivity_of_plans(
        drawing.project,
        drawing.plans,
        drawing.subject,
        drawing.year,
        start=drawing.options.from_year,
    )
    draw_swings(analysis, file)
    return True


def _draw_ranks(drawing: _Drawing, file: Path) -> bool:
    """Draw the ranks of regions with their intervals."""
    project = drawing.project
    options = drawing.options
    if len(drawing.plan.extent.regions) < 2:
        return False
    uncertainty = project_uncertainty(project, drawing.plans, options.draws, options.seed)
    return rank_figure(
        uncertainty,
        drawing.account,
        project,
        file,
        drawing.language,
        region=drawing.region,
    )


def _draw_transitions(drawing: _Drawing, file: Path) -> bool:
    """Draw the land of a region that changed its type."""
    subject = Subject(drawing.subject, drawing.pair)
    comparison = drawing.comparison
    return draw_transitions(
        comparison,
        drawing.tables,
        drawing.project,
        subject,
        drawing.language,
        file,
    )


_DRAW = {
    "map": _draw_map,
    "bars": _draw_bars,
    "waterfall": _draw_waterfall,
    "tornado": _draw_tornado,
    "ranks": _draw_ranks,
    "transitions": _draw_transitions,
}


def _draw_all(
    drawing: _Drawing, names: Sequence[str], target: Path | None, any_will_do: bool
) -> ProjectPictures:
    """Draw pictures into a file or a folder; all of them, or those that the project allows."""
    project = drawing.project
    plans = drawing.plans
    warnings = dict.fromkeys([*project.warnings, *warnings_of(plans)])
    if target is not None and target.suffix and not target.is_dir():
        refuse_inputs(project, plans, target.parent, [target.name])
        try:
            drawing.draw(names[0], target)
        except OSError as error:
            raise ProblemsFound([unwritten(target, error)]) from None
        return ProjectPictures(project, {names[0]: target}, tuple(warnings))
    folder = target or project.folder / PLOT_FOLDER
    records = {f"{name}.json": (f"{name}.png",) for name in names}
    pictures = [f"{name}.png" for name in names]
    files = [*pictures, *records]
    refuse_inputs(project, plans, folder, files)
    refuse_foreign(folder, files, records)
    problems = ProblemLog()
    refusals: list[Problem] = []
    drawn: dict[str, Path] = {}
    with replace_folder(folder, records, problems) as scratch:
        for name in names:
            try:
                drawing.draw(name, scratch / f"{name}.png")
            except ProblemsFound as error:
                refusals += error.problems
                continue
            drawn[name] = folder / f"{name}.png"
            write_record(scratch / f"{name}.json", _record(drawing, name, scratch, folder))
        if refusals and not (any_will_do and drawn):
            raise ProblemsFound(list(dict.fromkeys(refusals)))
    every = dict.fromkeys([*warnings, *refusals, *problems.warnings])
    return ProjectPictures(project, drawn, tuple(every))


def _record(drawing: _Drawing, name: str, scratch: Path, folder: Path) -> dict[str, Any]:
    """Return what the record beside a picture says: of what it was drawn, and its checksum."""
    project = drawing.project
    options = drawing.options
    picture = f"{name}.png"
    return {
        "gep": __version__,
        "project": {
            "id": project.spec.project.id,
            "folder": relative_path(project.folder, folder),
        },
        "picture": name,
        "options": {
            "year": options.year,
            "from": options.from_year,
            "region": drawing.region,
            "draws": options.draws if name == "ranks" else 0,
            "seed": options.seed,
            "allow_code": project.own_code,
            "partial": project.partial,
            "language": project.language,
        },
        "state": project.state,
        "inputs": file_sums(project, drawing.plans),
        OTHER_RESULTS: {picture: sha256(scratch / picture)},
    }
