"""New projects (新建项目): the questions that one begins with, and the folder that answers make.

Five answers make a project: place, years, standard, route, and what is at hand. The module owns how
an answer is read and what it writes; asking at a terminal is left to ``gep.cli.questions``, later
changes to ``gep.workflows.project_keys``.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, get_args

from gep.account.caption import legal_title, spec_measure_title
from gep.errors import ProblemLog, ProblemsFound, make_problem, worded_in
from gep.extent.places import (
    AREA,
    POPULATION,
    AdministrativeUnit,
    administrative_units,
    find_units,
    units_above,
)
from gep.io.argument_types import checked_arguments
from gep.io.arguments import several
from gep.io.catalog import catalogued, is_path
from gep.io.csv_excel import printable
from gep.io.tables import suggestion
from gep.io.toml_documents import Title
from gep.standards.standard import Route, StandardSpec, read_standard
from gep.texts.catalogue import Language, Listed, locale_language, say
from gep.workflows.form import write_form
from gep.workflows.templates import column_values, comments, name_of, quoted, write_folder

UNKNOWN = "unknown"
RESEARCH = "rcees-2017"  # used for "unknown": a research basis, and the project says so
QUESTIONS = ("place", "years", "standard", "route", "with")
ROUTES: tuple[Route, ...] = get_args(Route)
AT_HAND = ("areas", "data", "rasters", "coefficients")
NOTHING = "nothing"

_COMMENT_COLUMN = 36
_SHOWN = 60  # characters of an answer that a message shows
_MOST_PLACES = 12  # places of one name that a message lists
_LAND_SURVEY = "third-survey-to-"  # crosswalks from the classes of the land survey
_FIRST_YEAR = 1900
_LAST_YEAR = 2100
_SEPARATORS = re.compile(r"[\s,;、]+")
_YEARS = re.compile(r"(\d{4})(?:[-~—–至到](\d{4}))?年?")
_OWN_PLACE = re.compile(r"(\d{6,12})\s+(\S.*)")  # code and name of a place that does not ship

_PROJECT = """\
# {heading}: {steps}
[project]
id = {id}
title = {{ zh = {title_zh}, en = {title_en} }}
standard = {standard}{remark}
coefficients = []                     # {coefficients}
years = {year_list}{years}
# price_year = 2020                   # {price_year}
language = {language}
{route_line}

[switches]                            # {switches}
{switch_lines}

[inputs]
{form_line}{areas_line}
{crosswalk_line}
regions = "regions.csv"               # {regions}
{data_line}
{raster_lines}"""
_PROJECT_COMMENTS = (
    "steps",
    "coefficients",
    "years",
    "price_year",
    "switches",
    "form",
    "areas",
    "regions",
    "data",
)
_RASTER = (  # lines of the section, and the words of their comments
    ("[inputs.raster]", "section"),
    ('land_cover = "land_cover_{year}.tif"', "land-cover"),
    ('zones = "counties.geojson"', "zones"),
    ('zone_key = "code"', "zone-key"),
    ("[[inputs.raster.layer]]", "layer"),
    ('name = "rainfall"', "name"),
    ('path = "rain_{year}.tif"', "path"),
    ('unit = "mm"', "unit"),
    ('source = ""', "source"),
)
_AREAS = "region,year,class,area,unit,source\n"
_REGIONS = (
    *("region", "name", "name_en", "parent", "area", "area_unit"),
    *("population", "lon", "lat"),
)


@dataclass(frozen=True)
class ProjectAnswers:
    """What a new project is made of.

    Attributes
    ----------
    standard : str
        Id or path; ``unknown`` where the assignment names none.
    place : AdministrativeUnit or None
        The place that is accounted; None leaves the regions to be filled in.
    years : tuple of int
    route : {'full', 'short'}
    at_hand : tuple of str
        Of ``areas``, ``data``, ``rasters`` and ``coefficients``, what there is.
    """

    standard: str
    place: AdministrativeUnit | None = None
    years: tuple[int, ...] = ()
    route: Route = "full"
    at_hand: tuple[str, ...] = ()

    @property
    def asks_with_form(self) -> bool:
        """Whether a form can be written: it asks for numbers of a place and of years."""
        return self.place is not None and bool(self.years)


class AnswerChoice(NamedTuple):
    """An answer that can be chosen from a list, and the line that says what it is."""

    answer: str
    line: str


@checked_arguments
def new_project(
    path: str | Path,
    standard: str,
    *,
    place: str | int = "",
    years: int | Sequence[int] = (),
    route: Route = "full",
    at_hand: str | Sequence[str] = (),
    language: Language | None = None,
) -> Path:
    """Make a project folder.

    Parameters
    ----------
    path : str or Path
        The folder, which must not exist.
    standard : str
        Id or path of the standard that the assignment names; ``unknown`` if it names none.
    place : str or int, optional
        Code or name of a place that ships, such as ``婺源县``; or code and name of another one
        (``990201 示例县``). Without it the regions are left to be filled in.
    years : int or sequence of int, optional
        The years to account; without them they are left to be filled in.
    route : {'full', 'short'}, default 'full'
    at_hand : str or sequence of str, optional
        What there is: ``areas`` of the land survey, ``data`` of departments, ``rasters``, local
        ``coefficients``.
    language : {'zh', 'en'}, optional
        Language of comments and messages, and of the project; by default that of the user's system.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ProblemsFound
        ``unknown-id``, ``missing-answer``, ``bad-year``, ``file-exists``, ``cannot-write``, and the
        codes of the standard.

    Examples
    --------
    >>> import gep
    >>> gep.new_project("wuyuan", "xie-2015", place=361130, years=2020).name
    'wuyuan'
    """
    words = {"standard": standard, "route": route, "with": ",".join(several(at_hand)) or NOTHING}
    if place:
        words["place"] = str(place)
    if several(years):
        words["years"] = ",".join(map(str, several(years)))
    with worded_in(language):
        answers = read_answers(words)
        return make_project(path, answers, language or locale_language())


def read_answers(words: Mapping[str, str]) -> ProjectAnswers:
    """Read all answers of a new project.

    Parameters
    ----------
    words : mapping of str to str
        What was answered, by question; ``standard`` is required.

    Returns
    -------
    ProjectAnswers

    Raises
    ------
    ProblemsFound
        With the problems of all answers; their codes are those of :func:`read_answer`.
    """
    problems = ProblemLog()
    values: dict[str, Any] = {}
    for question, word in words.items():
        try:
            values[question] = read_answer(question, word)
        except ProblemsFound as error:
            problems.include(error.problems)
    problems.raise_errors()
    return ProjectAnswers(
        standard=values["standard"],
        place=values.get("place"),
        years=values.get("years", ()),
        route=values.get("route", "full"),
        at_hand=values.get("with", ()),
    )


def read_answer(question: str, word: str) -> Any:
    """Read the answer to a question.

    Parameters
    ----------
    question : str
        One of ``QUESTIONS``.
    word : str
        What was answered.

    Returns
    -------
    object
        An AdministrativeUnit for ``place``, a tuple of int for ``years``, a str for ``standard``
        and ``route``, a tuple of str for ``with``.

    Raises
    ------
    ProblemsFound
        ``unknown-id``, ``missing-answer`` where several places have the name, ``bad-year``, and the
        codes of the standard.
    """
    return _READERS[question](word.strip())


def choices(question: str, word: str, language: Language) -> list[AnswerChoice]:
    """List what can be chosen for an answer.

    Parameters
    ----------
    question : str
        One of ``QUESTIONS``.
    word : str
        What was answered so far; blank at first.
    language : {'zh', 'en'}

    Returns
    -------
    list of AnswerChoice
        Every standard, route or thing at hand; the places that a word may mean if there are
        several; nothing for years.
    """
    if question == "place":
        return _place_choices(word, language)
    if question == "standard":
        return _standard_choices(language)
    options = {"route": ROUTES, "with": (*AT_HAND, NOTHING)}.get(question, ())
    lines = []
    for option in options:
        line = say(language, f"workflows.new-project-{question}.{option}")
        lines.append(AnswerChoice(option, f"{option}  {line}"))
    return lines


def make_project(path: str | Path, answers: ProjectAnswers, language: Language) -> Path:
    """Write the folder of a new project, whole or not at all.

    Parameters
    ----------
    path : str or Path
        The folder, which must not exist.
    answers : ProjectAnswers
    language : {'zh', 'en'}
        Of comments, and of the project.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ProblemsFound
        ``file-exists``, ``cannot-write``, and what keeps the form from being made.
    """
    chosen = RESEARCH if answers.standard == UNKNOWN else answers.standard
    spec = read_standard(chosen).spec
    remark = ""
    if answers.standard == UNKNOWN:
        remark = f"   # {say(language, 'workflows.new-project.research')}"
    folder = Path(path)
    title = _title(folder, spec, answers)
    lines = comments("new-project", _PROJECT_COMMENTS, language, ecosystems=spec.ecosystems)
    year_list = f"[{', '.join(map(str, answers.years))}]"
    years_comment = "" if answers.years else f"                            # {lines['years']}"
    route_comment = say(language, f"workflows.new-project-route.{answers.route}")
    project = _PROJECT.format(
        heading=title.say(language),
        id=quoted(name_of(folder)),
        title_zh=quoted(title.zh),
        title_en=quoted(title.en),
        standard=quoted(chosen),
        remark=remark,
        year_list=year_list,
        language=quoted(language),
        route_line=_with_comment("route", answers.route, route_comment),
        switch_lines=_switch_lines(spec, language),
        crosswalk_line=_crosswalk_line(spec.ecosystems, language, "areas" in answers.at_hand),
        raster_lines=_raster_lines(language) if "rasters" in answers.at_hand else "",
        **_table_lines(answers, lines, language),
        **{**lines, "years": years_comment},
    )
    files = {"project.toml": project, "regions.csv": _regions(answers.place, answers.years)}
    if not answers.asks_with_form:
        files["areas.csv"] = _AREAS
        return write_folder(folder, files)
    return write_folder(folder, files, finish=write_form)


def place_notes(answers: ProjectAnswers, language: Language) -> list[str]:
    """Say which figures of a place a new project begins with, and where they are from.

    Parameters
    ----------
    answers : ProjectAnswers
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        A line for each figure; empty for a place that does not ship.
    """
    if answers.place is None:
        return []
    notes = []
    for name, figure in answers.place.figures.items():
        is_unused = name == POPULATION and int(figure.year) not in answers.years
        key = f"workflows.new-project-figure.{'no-population' if is_unused else name}"
        notes.append(say(language, key, value=figure.value, year=figure.year))
    return notes


def next_steps(folder: Path, answers: ProjectAnswers, language: Language) -> list[str]:
    """Say what to do with a new project, by what is at hand.

    Parameters
    ----------
    folder : Path
    answers : ProjectAnswers
    language : {'zh', 'en'}

    Returns
    -------
    list of str
        A line for each step.
    """
    steps = ["form", *answers.at_hand, "check", "later"]
    values = {"folder": folder, "form": folder / form_name(language)}
    return [say(language, f"workflows.new-project-next.{step}", **values) for step in steps]


def form_name(language: Language) -> str:
    """Return the file name of the form of a new project.

    Parameters
    ----------
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    return say(language, "workflows.new-project.form-name")


def _read_place(word: str) -> AdministrativeUnit:
    """Return the place that a word means."""
    units = find_units(word)
    match = _OWN_PLACE.fullmatch(unicodedata.normalize("NFKC", word))
    if not units and match is not None:
        code, name = match.groups()
        known = administrative_units().get(code)
        if known is not None:
            raise _unread("place", "workflows.code-of-another-place", word, unit=known.label)
        return AdministrativeUnit(
            code=code,
            title=Title(zh=name, en=name),
            kind="",
            parent="",
            figures={},
            former=(),
        )
    if not units:
        names = [unit.title.zh for unit in administrative_units().values()]
        raise _unread("place", "workflows.unknown-place", word, hint=suggestion(word, names))
    if len(units) > 1:
        labels = tuple(unit.label for unit in units)
        several = make_problem(
            "missing-answer",
            "--place",
            "workflows.several-places",
            value=printable(word, _SHOWN),
            places=Listed(labels, _MOST_PLACES),
            example=units[0].code,
        )
        raise ProblemsFound([several])
    return units[0]


def year_list(word: str) -> tuple[int, ...] | None:
    """Return the years of a list such as ``2020,2021`` or ``2015-2020``; None if it is none."""
    years: list[int] = []
    for part in _SEPARATORS.split(unicodedata.normalize("NFKC", word)):
        match = _YEARS.fullmatch(part)
        if match is None:
            return None
        first = int(match.group(1))
        last = int(match.group(2) or first)
        if not _FIRST_YEAR <= first <= last <= _LAST_YEAR:
            return None
        years += range(first, last + 1)
    return tuple(dict.fromkeys(years))


def _read_years(word: str) -> tuple[int, ...]:
    """Return the years of a list (``bad-year``)."""
    years = year_list(word)
    if years is None:
        value = printable(word, _SHOWN)
        raise ProblemsFound(
            [make_problem("bad-year", "--years", "workflows.bad-years", value=value)]
        )
    return years


def _read_standard(word: str) -> str:
    """Return the id or path of a standard that can be read."""
    known = catalogued("standards")
    chosen = RESEARCH if word == UNKNOWN else word
    if chosen not in known and not is_path(chosen):
        hint = suggestion(chosen, known)
        raise _unread("standard", "workflows.unknown-standard", word, hint=hint)
    read_standard(chosen)
    return word


def _read_route(word: str) -> Route:
    """Return the route of that name."""
    for route in ROUTES:
        if word == route:
            return route
    raise _unread("route", "workflows.unknown-route", word)


def _read_at_hand(word: str) -> tuple[str, ...]:
    """Return what is at hand, in the order of the question."""
    named = set(_SEPARATORS.split(unicodedata.normalize("NFKC", word)))
    unknown = sorted(named - {*AT_HAND, NOTHING})
    is_both = NOTHING in named and len(named) > 1
    if unknown or is_both:
        raise _unread("with", "workflows.unknown-at-hand", word)
    return tuple(name for name in AT_HAND if name in named)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "place": _read_place,
    "years": _read_years,
    "standard": _read_standard,
    "route": _read_route,
    "with": _read_at_hand,
}


def _unread(question: str, message: str, word: str, **values: Any) -> ProblemsFound:
    """Return the problem (``unknown-id``) of an answer that means nothing."""
    value = printable(word, _SHOWN)
    problem = make_problem(
        "unknown-id",
        f"--{question}",
        message,
        value=value,
        **values,
    )
    return ProblemsFound([problem])


def _place_choices(word: str, language: Language) -> list[AnswerChoice]:
    """Return the places that a word may mean, if there are several."""
    units = find_units(word)
    if len(units) < 2:  # nothing to choose
        return []
    lines = []
    for unit in units:
        above = tuple(parent.label for parent in units_above(unit))
        key = "place-below" if above else "place-alone"
        line = say(language, f"workflows.new-project.{key}", place=unit.label, above=above)
        lines.append(AnswerChoice(unit.code, line))
    return lines


def _standard_choices(language: Language) -> list[AnswerChoice]:
    """Return what the standard may be: id, what it computes, legal force."""
    lines = []
    for name in catalogued("standards"):
        spec = read_standard(name).spec
        line = say(
            language,
            "workflows.new-project.choice",
            id=spec.id,
            title=spec.title,
            measure=spec_measure_title(spec, language),
            indicators=len(spec.indicator),
            legal=legal_title(spec.legal, language),
        )
        lines.append(AnswerChoice(name, line))
    unknown = say(language, "workflows.new-project.no-choice", unknown=UNKNOWN, standard=RESEARCH)
    return [*lines, AnswerChoice(UNKNOWN, unknown)]


def _title(folder: Path, spec: StandardSpec, answers: ProjectAnswers) -> Title:
    """Return the title of a project: place, years and measure; the folder's name without them."""
    if answers.place is None or not answers.years:
        return Title(zh=name_of(folder), en=name_of(folder))
    first, *_, last = (*answers.years, answers.years[-1])
    key = "title" if len(answers.years) == 1 else "title-of-years"
    titles: dict[Language, str] = {}
    for language in ("zh", "en"):
        titles[language] = say(
            language,
            f"workflows.new-project.{key}",
            place=answers.place.title,
            year=first,
            first=first,
            last=last,
            measure=say(language, f"workflows.new-project-measure.{spec.measure}"),
        )
    return Title(zh=titles["zh"], en=titles["en"])


def _regions(place: AdministrativeUnit | None, years: Sequence[int]) -> str:
    """Return the table of regions: the place with its figures.

    Its parents are not in it, since a city with one county in an account would be printed as if the
    county were all of it. The population is that of the census, and blank in other years.
    """
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, _REGIONS, restval="", lineterminator="\n")
    writer.writeheader()
    if place is not None:
        title = place.title
        names = {"name": title.zh, "name_en": "" if title.en == title.zh else title.en}
        writer.writerow({"region": place.code, **names, **_figure_cells(place, years)})
    return sheet.getvalue()


def _figure_cells(unit: AdministrativeUnit, years: Sequence[int]) -> dict[str, str]:
    """Return area and population of a place, as far as they are known for the years."""
    cells = {}
    area = unit.figures.get(AREA)
    if area is not None:
        cells = {"area": area.value, "area_unit": area.unit}
    population = unit.figures.get(POPULATION)
    if population is not None and int(population.year) in years:
        cells["population"] = population.value
    return cells


def _table_lines(
    answers: ProjectAnswers, lines: Mapping[str, str], language: Language
) -> dict[str, str]:
    """Return the lines of form, areas and data; beside a form the others are comments."""
    areas = _with_comment("areas", "areas.csv", lines["areas"])
    data = f"{'data = []'.ljust(_COMMENT_COLUMN)}  # {lines['data']}"
    if not answers.asks_with_form:
        return {"form_line": "", "areas_line": areas, "data_line": data}
    form = _with_comment("form", form_name(language), lines["form"])
    return {"form_line": f"{form}\n", "areas_line": f"# {areas}", "data_line": f"# {data}"}


def _raster_lines(language: Language) -> str:
    """Return the section of rasters as comments: it is taken into use once the files are there."""
    lines = [""]
    for line, name in _RASTER:
        comment = say(language, f"workflows.new-project-raster.{name}")
        lines.append(f"# {line.ljust(_COMMENT_COLUMN)}  # {comment}")
    return "\n".join(lines) + "\n"


def _switch_lines(spec: StandardSpec, language: Language) -> str:
    """Return the switches of a standard as comments, each at its default, with its options."""
    lines = []
    for name, switch in spec.switch.items():
        title = " ".join(switch.name.say(language).split())
        options = " | ".join(switch.options)
        lines.append(f"# {_with_comment(name, switch.default, f'{options}: {title}')}")
    if not lines:
        lines.append(f"# {say(language, 'workflows.new-project.no-switch')}")
    return "\n".join(lines)


def _crosswalk_line(scheme: str, language: Language, is_survey: bool) -> str:
    """Return the line of the crosswalk: that of the land survey, or a comment with all that fit."""
    tables = catalogued("classes")
    known = column_values(tables.get(scheme), "class") | {"na"}
    fitting = []
    for name, path in tables.items():
        types = column_values(path, "ecosystem")
        if types and types <= known:
            fitting.append(name)
    fitting.sort(reverse=True)  # a later table of equivalents before an earlier one
    fitting.sort(key=lambda name: not name.startswith(_LAND_SURVEY))  # before satellite classes
    first, *others = fitting or ["./crosswalk.csv"]
    key = "workflows.new-project.crosswalks" if others else "workflows.new-project.crosswalk"
    line = _with_comment("crosswalk", first, say(language, key, others=", ".join(others)))
    return line if is_survey and first.startswith(_LAND_SURVEY) else f"# {line}"


def _with_comment(key: str, value: str, comment: str) -> str:
    """Return a line of TOML with a comment on it."""
    return f"{f'{key} = {quoted(value)}'.ljust(_COMMENT_COLUMN)}  # {comment}"
