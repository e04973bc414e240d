"""The page of ``gep check``: what is ready, what is missing, what to do next, then the problems.

The page is at most ``PAGE_LINES`` lines long, however much is wrong; all problems are in a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from gep.account.caption import percent, to_check_lines
from gep.errors import Problem, one_line
from gep.extent.regions import region_label
from gep.io.toml_documents import Title
from gep.plan.plan import Plan
from gep.project.project import InputsSpec
from gep.standards.standard import DEPARTMENTS, DeclaredName
from gep.texts.catalogue import Label, Language, Listed, Text, say, text
from gep.workflows.check import MISSING_ROWS, ProjectCheck, Question

PAGE_LINES = 40
_WIDTH = 148  # half-width characters of a line: two lines of a narrow terminal
_QUESTIONS = 3
_NAMED = 4  # names in a line
_OTHER_YEARS = 2  # lines about rows that no account uses
_COVERS = 6  # regions whose cover by pixels is told where nothing lacks
_LACKING = 500  # regions where pixels lack, which are told all
_WHOLE = 0.9995  # from this share on it is written as 100.0 %
_LEAST = 4  # lines for problems, whatever is above them
_FIRST = 3  # problems of a kind that are shown


def check_page(check: ProjectCheck, file: Path | None) -> list[str]:
    """Word the page of a check.

    Parameters
    ----------
    check : ProjectCheck
    file : Path or None
        The file with the complete list, if there is one.

    Returns
    -------
    list of str
        At most ``PAGE_LINES`` lines, and one for each region in which pixels lack.
    """
    language = check.language
    sections = [
        _section("ready", _cut_all(_ready(check)), language),
        _section("missing", _cut_all(_missing(check)), language),
        _pixels(check),
        _section("next", _numbered(check.steps, language), language),
        _section("questions", _questions(check.questions, language), language),
    ]
    lines = [_head(check)]
    for section in sections:
        lines += section
    total = len(check.problems) + len(check.warnings)
    if total:
        room = max(_LEAST, PAGE_LINES - len(lines) - 2)  # heading, and where the list is
        lines.append(say(language, "terminal.check.problems", count=total))
        lines += _kinds(check, room)
    if total or len(check.questions) > _QUESTIONS:
        lines.append(_where_all_is(check, file))
    return [one_line(line) for line in lines]


def _head(check: ProjectCheck) -> str:
    """Word in a line whether the account can be computed."""
    values: dict[str, object] = {
        "project": check.path,
        "problems": len(check.problems),
        "warnings": len(check.warnings),
    }
    if check.header is not None:
        values["project"] = check.header.spec.project.title
    message = "not-ready" if check.problems else "is-ready"
    return _cut(say(check.language, f"terminal.check.{message}", **values))


def _section(name: str, lines: Sequence[str], language: Language) -> list[str]:
    """Put a heading above lines, if there are any; they are indented."""
    if not lines:
        return []
    return [say(language, f"terminal.check.{name}"), *(f"  {line}" for line in lines)]


def _cut(line: str) -> str:
    """Cut a line to two lines of a terminal; never done to what is there to be typed."""
    if cell_len(line) <= _WIDTH:
        return line
    return f"{set_cell_size(line, _WIDTH - 2).rstrip()}…"


def _cut_all(lines: Sequence[str]) -> list[str]:
    """Cut lines that are going to be indented."""
    return [_cut(line) for line in lines]


def _ready(check: ProjectCheck) -> list[str]:
    """Word what is ready: standard, areas, data, coefficients."""
    language = check.language
    project = check.project
    if check.standard is None:
        return []
    spec = check.standard.spec
    lines = [say(language, "terminal.check.standard", standard=spec.title)]
    lines += to_check_lines(spec, language)
    if project is None or not check.plans:
        sound = _sound_tables(check)
        return [*lines, say(language, "terminal.check.tables", files=sound)] if sound else lines
    extent = check.plans[0].extent
    lines.append(
        say(
            language,
            "terminal.check.areas",
            years=[plan.year for plan in check.plans],
            regions=len(extent.regions),
            classes=extent.parts["class"].nunique(),
            file=_areas_file(project.spec.inputs),
        )
    )
    counts = check.counts
    if counts.data:
        by_department = _by_department(counts.data, spec.data)
        parts = [
            text("terminal.check.count", name=_department(department), count=sum(rows.values()))
            for department, rows in by_department.items()
        ]
        rows = sum(counts.data.values())
        departments = Listed(tuple(parts), len(parts))
        lines.append(say(language, "terminal.check.data", rows=rows, departments=departments))
    if counts.coefficients:
        sets = tuple(coefficients.label for coefficients in project.parts.sets)
        rows = sum(counts.coefficients.values())
        lines.append(say(language, "terminal.check.coefficients", rows=rows, sets=sets))
    for file, year, count in check.other_years[:_OTHER_YEARS]:
        values = {"file": file, "year": year, "count": count}
        lines.append(say(language, "terminal.check.other-years", **values))
    return lines


def _areas_file(inputs: InputsSpec) -> str:
    """Return the file that gives the areas, as the project writes it."""
    raster = "" if inputs.raster is None else inputs.raster.land_cover
    return inputs.areas or inputs.form or raster


@dataclass(frozen=True)
class _RegionCover:
    """In how much of a region pixels have land cover, and numbers by data name."""

    year: int
    region: Label
    land_cover: float
    layers: Mapping[Label, float]

    @property
    def least(self) -> float:
        """The least of these shares."""
        return min([self.land_cover, *self.layers.values()])


def _pixels(check: ProjectCheck) -> list[str]:
    """Word in how much of each region pixels have land cover and numbers, the least first."""
    if check.pixels is None:
        return []
    language = check.language
    covers = sorted(_region_covers(check), key=lambda cover: cover.least)
    count = sum(len(means) for means in check.pixels.means.values())
    seconds = check.pixels.seconds
    lines = [say(language, "terminal.check.pixels", layers=count, seconds=seconds)]
    lacking = [cover for cover in covers if cover.least < _WHOLE]
    told = max(_COVERS, min(len(lacking), _LACKING))
    for cover in covers[:told]:
        layers = []
        for name, share in sorted(cover.layers.items(), key=lambda layer: layer[1]):
            layers.append(text("terminal.check.pixels-of-layer", name=name, cover=percent(share)))
        land = text("terminal.check.pixels-of-land", cover=percent(cover.land_cover))
        line = say(
            language,
            "terminal.check.pixels-of-region",
            year=cover.year,
            region=cover.region,
            covers=Listed((land, *layers), 1 + len(layers)),
        )
        lines.append(f"  {line if cover.least < _WHOLE else _cut(line)}")
    rest = covers[told:]
    if rest:
        values = {"count": len(rest), "cover": percent(rest[0].least)}
        lines.append(f"  {say(language, 'terminal.check.pixels-more', **values)}")
    return lines


def _region_covers(check: ProjectCheck) -> list[_RegionCover]:
    """Return the covers of the regions of all years."""
    covers: list[_RegionCover] = []
    for plan in check.plans:
        means = () if check.pixels is None else check.pixels.means.get(plan.year, ())
        if plan.raster is None:
            continue
        for position, region in enumerate(plan.extent.regions):
            of_layers = {}
            for of_layer in means:
                label = Label(of_layer.layer.name, _title(plan, of_layer.layer.name))
                of_layers[label] = float(of_layer.cover[position])
            code = str(region)
            without = plan.raster.without_cover.get(code, 0.0)
            label = region_label(code, plan.regions)
            covers.append(_RegionCover(plan.year, label, 1 - without, of_layers))
    return covers


def _title(plan: Plan, name: str) -> Title | None:
    """Return the title of a data name."""
    declared = plan.standard.spec.data.get(name)
    return None if declared is None else declared.name


def _sound_tables(check: ProjectCheck) -> list[str]:
    """Return the tables of a project in which no problem was found."""
    if check.header is None:
        return []
    inputs = check.header.spec.inputs
    names = [inputs.areas, *inputs.data, inputs.regions, inputs.transitions, inputs.changes]
    faulty = {problem.file for problem in check.problems}
    return [name for name in names if name and name not in faulty]


def _missing(check: ProjectCheck) -> list[str]:
    """Word what is missing, a line for each department, then the coefficients."""
    language = check.language
    counts = check.counts
    standard = check.standard
    unit = "rows" if counts.is_exact else "names"
    lines: list[str] = []
    declared = {} if standard is None else standard.spec.data
    for department, missing in _by_department(counts.missing_data, declared).items():
        rows = sum(missing.values())
        names = _counted_names(missing, declared, counts.is_exact)
        department_name = _department(department)
        values = {"department": department_name, "rows": rows, "names": names}
        lines.append(say(language, f"terminal.check.missing-{unit}", **values))
    if counts.missing_coefficients:
        rows = sum(counts.missing_coefficients.values())
        coefficients = {} if standard is None else standard.spec.coefficient
        names = _counted_names(counts.missing_coefficients, coefficients, counts.is_exact)
        name = text("terminal.check.coefficients-name")
        values = {"department": name, "rows": rows, "names": names}
        lines.append(say(language, f"terminal.check.missing-{unit}", **values))
    return lines


def _by_department(
    rows: Mapping[str, int], declared: Mapping[str, object]
) -> dict[str, dict[str, int]]:
    """Sort counts of rows by department, in the order of ``DEPARTMENTS``; the others come last."""
    groups: dict[str, dict[str, int]] = {}
    for name, count in rows.items():
        department = getattr(declared.get(name), "department", None) or "other"
        groups.setdefault(department, {})[name] = count
    order = (*DEPARTMENTS, "other")
    return {department: groups[department] for department in order if department in groups}


def _department(name: str) -> Text:
    """Return the title of a department."""
    return text(f"standards.department.{name}")


def _counted_names(
    rows: Mapping[str, int], declared: Mapping[str, DeclaredName], is_exact: bool
) -> Listed:
    """List names with their numbers of rows, those with the most rows first."""
    parts: list[object] = []
    for name in sorted(rows, key=lambda name: -rows[name]):
        title = declared[name].name if name in declared else name
        if is_exact:
            parts.append(text("terminal.check.count", name=title, count=rows[name]))
        else:
            parts.append(title)
    return Listed(tuple(parts), _NAMED)


def _numbered(steps: Sequence[Text], language: Language) -> list[str]:
    """Put numbers before the steps."""
    return [f"{number}. {step.say(language)}" for number, step in enumerate(steps, 1)]


def _questions(questions: Sequence[Question], language: Language) -> list[str]:
    """Word the first questions, each with what follows and how it is answered."""
    lines: list[str] = []
    for number, question in enumerate(questions[:_QUESTIONS], 1):
        lines.append(_cut(f"{number}. {question.ask.say(language)}"))
        lines.append(_cut(f"   {question.consequence.say(language)}"))
        lines.append(say(language, "terminal.check.answer", answer=question.answer))
    more = len(questions) - _QUESTIONS
    if more > 0:
        lines.append(say(language, "terminal.check.more-questions", count=more))
    return lines


def _kinds(check: ProjectCheck, room: int) -> list[str]:
    """Word the problems by kind in so many lines, what stops the account first.

    Every kind has a heading and its first problem. What room is left goes to what to do about
    these, then to more problems of the same kinds.
    """
    language = check.language
    by_code: dict[str, list[Problem]] = {}
    for problem in (*check.problems, *check.warnings):
        by_code.setdefault(problem.code, []).append(problem)
    kinds = [_Kind(code, tuple(problems)) for code, problems in by_code.items()]
    shown = len(kinds)
    while sum(kind.least for kind in kinds[:shown]) + (shown < len(kinds)) > room:
        shown -= 1
    free = room - sum(kind.least for kind in kinds[:shown]) - (shown < len(kinds))
    lines: list[str] = []
    for kind in kinds[:shown]:
        lines.append(kind.heading(language))
        if kind.is_counted:
            continue
        for number, problem in enumerate(kind.problems[:_FIRST]):
            needed = 1 if number == 0 else 2
            if free < needed and number:
                break
            lines.append(_problem_line(problem, language))
            if free >= needed:
                free -= needed
                lines.append(
                    _cut(say(language, "terminal.check.fix", fix=problem.say_fix(language)))
                )
    if shown < len(kinds):
        rest = kinds[shown:]
        values: dict[str, object] = {
            "kinds": len(rest),
            "count": sum(len(kind.problems) for kind in rest),
            "titles": Listed(tuple(kind.title for kind in rest), _NAMED),
        }
        lines.append(_cut(say(language, "terminal.check.more-kinds", **values)))
    return lines


def _problem_line(problem: Problem, language: Language) -> str:
    """Word where a problem is, and what is wrong."""
    values = {"where": problem.say_where(language), "what": problem.say_what(language)}
    return _cut(say(language, "terminal.check.problem", **values))


@dataclass(frozen=True)
class _Kind:
    """The problems of one code."""

    code: str
    problems: tuple[Problem, ...]

    @property
    def title(self) -> Text:
        """The title of the code."""
        return text(f"problem_titles.{self.code}")

    @property
    def is_counted(self) -> bool:
        """Whether what is missing is counted above, by department."""
        return self.code in MISSING_ROWS and self.problems[0].severity == "error"

    @property
    def least(self) -> int:
        """Lines that the kind needs at the least: a heading, and a problem."""
        return 1 if self.is_counted else 2

    def heading(self, language: Language) -> str:
        """Word the title, the code, and the number of problems."""
        name = "counted" if self.is_counted else self.problems[0].severity
        count = len(self.problems)
        values = {"title": self.title, "code": self.code, "count": count}
        return say(language, f"terminal.check.kind-{name}", **values)


def _where_all_is(check: ProjectCheck, file: Path | None) -> str:
    """Word where the complete list is, or how to get it."""
    if file is None:
        return say(check.language, "terminal.check.list-option", folder=check.path)
    return say(check.language, "terminal.check.list-file", file=file)
