"""Writing the form of a project (数据表): what is still asked for, by department, in one workbook.

The rows are those that the plans of the project lack. A project without areas is asked for the
areas of all classes, and for the data of all ecosystem types that these may be.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import itemgetter
from pathlib import Path

import pandas as pd

from gep.errors import ProblemLog, ProblemsFound, worded_in
from gep.extent.areas import NO_AREAS, Areas
from gep.extent.crosswalk import class_spellings, source_classes
from gep.extent.regions import Regions, region_spellings, regions_of_table
from gep.inputs.coefficients import PRICE_INDEX, PRICE_INDEX_NAME
from gep.inputs.data import COMMON, Data
from gep.inputs.value_rows import GRADE, KEYS, grade_names, grade_title, is_readable, member_word
from gep.io.distinct_cells import Cells
from gep.io.tables import Table, make_spellings, recognize
from gep.plan.binding import BoundInput
from gep.plan.blank_form import PASSED, BlankForm, blank_form, cells_without_service, spoken
from gep.plan.build import NameSpellings, PlanInputs, build_plan, name_spellings
from gep.plan.plan import Plan
from gep.plan.routes import RouteCost, route_costs
from gep.project.form import SHOWN, FilledForm, Kind, area_word, is_area_row, load_form
from gep.project.project import Project, read_project
from gep.report.form_workbook import Cell, Form, FormSheet, save_form
from gep.standards.standard import DEPARTMENTS, DataName, DeclaredName
from gep.texts.catalogue import Language, say
from gep.units import UnitError, factor

_SQUARE_METRE = 1.0
_OPEN_ROWS = 3  # for data whose members only the user knows
_AREA_UNIT = "km2"
_AREA = "area"
_JOINT = "|"
# What a person types into a row; the rest says what the row is of.
_TYPED = {
    *("value", "unit", "source", "grade", "locator", "note", "price_year", "base"),
    *("low", "high", "distribution", "group", "checked"),
}
_BY_HAND = {"value", "source", "locator"}  # blank in a blank form
_NUMBERS = ("value", "low", "high", "area", "population", "lon", "lat")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
_SCALES = ((1e8, "hundred-million"), (1e4, "ten-thousand"))  # of numbers in words
_MOST_NAMES = 100  # of further forms beside one that is there

_Row = dict[str, Cell]


@dataclass(frozen=True)
class WrittenForm:
    """A form that was written.

    Attributes
    ----------
    path : Path
    rows : mapping of str to int
        Number of rows to fill in, by title of the sheet.
    language : {'zh', 'en'}
    """

    path: Path
    rows: Mapping[str, int]
    language: Language


def write_form(
    project: str | Path,
    out: Path | None = None,
    *,
    allow_code: bool = False,
    language: Language | None = None,
) -> WrittenForm:
    """Write the form of what a project still lacks.

    Parameters
    ----------
    project : str or Path
    out : Path, optional
        A new ``.xlsx``; by default the one that ``[inputs] form`` names, or one with a number
        behind its name where that is there already.
    allow_code : bool, default False
        Whether the project's own code may run.
    language : {'zh', 'en'}, optional
        Of the form; by default the project's.

    Returns
    -------
    WrittenForm

    Raises
    ------
    ProblemsFound
        What keeps plans from being made (see ``gep.project.project.build_plans``), other than what
        is missing; ``file-exists``, ``cannot-write``.
    """
    read = read_project(project, allow_code=allow_code, language=language, for_form=True)
    with worded_in(read.language):
        path = out
        if path is None:
            path = _free_path(read.folder / read.spec.inputs.form)
        form = make_form(read, _typed_form(read))
        save_form(form, path)
    rows = {sheet.title: len(sheet.rows) for sheet in form.sheets}
    return WrittenForm(path, rows, read.language)


def _free_path(path: Path) -> Path:
    """Return a path at which no file is: the one named, else one with a number behind its name."""
    candidate = path
    for number in range(2, _MOST_NAMES):
        if not candidate.exists():
            break
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def _typed_form(project: Project) -> FilledForm | None:
    """Return the form that a project has already; None if there is none."""
    name = project.spec.inputs.form
    path = project.folder / name
    return load_form(path, ProblemLog()) if name and path.exists() else None


def make_form(project: Project, typed: FilledForm | None = None) -> Form:
    """Make the form of what a project lacks, with what an earlier form has.

    Parameters
    ----------
    project : Project
        Read for a form.
    typed : FilledForm, optional
        The earlier form. What was typed is taken over as it is.

    Returns
    -------
    Form
    """
    earlier = _Typed(project, typed)
    parts = _without_form(project.parts, typed)
    if parts.regions is None and not project.spec.inputs.areas:
        parts = replace(parts, regions=_assumed_region(project))
    plans: list[Plan] = []
    for variant in _variants(parts):
        plans += _plans(variant, is_first=not plans)
    blank = blank_form(plans, project.language, first_level=True)
    words = _Words(parts, project.language)
    asked = _Asked(words)
    regions = parts.regions
    if regions is not None and not project.spec.inputs.areas:
        asked.areas(earlier.fill(_area_rows(parts, regions, words)))
    without_service = cells_without_service(plans, first_level=True)
    for record in _in_tree_order(blank.data, parts):
        declared = {**COMMON, **parts.standard.spec.data}[record["name"]]
        rows = _data_rows(record, declared, blank, without_service, words)
        asked.data(declared, earlier.fill(rows))
    for row in earlier.left("data"):
        asked.more(_department_of(row, parts), row)
    sheets = asked.sheets()
    if regions is not None and not project.spec.inputs.areas and not project.spec.inputs.regions:
        title = say(project.language, "project.form-sheet.regions")
        rows = earlier.left("regions") or _region_rows(regions, project.language)
        sheets.insert(0, FormSheet("regions", title, rows))
    rows = earlier.fill(_coefficient_rows(plans, blank, words)) + earlier.left("coefficients")
    if rows:
        title = say(project.language, "project.form-sheet.coefficients")
        units = [words.units(str(row.get("unit", ""))) for row in rows]
        sheets.append(FormSheet("coefficients", title, rows, units))
    title = project.spec.project.title.say(project.language)
    return Form(title, project.language, asked.requests(), sheets)


def costs_of_routes(project: Project) -> tuple[RouteCost, ...]:
    """Count what each route asks for; a project without areas may have all classes.

    Parameters
    ----------
    project : Project
        Read for a form, unless it has its areas.

    Returns
    -------
    tuple of RouteCost

    Raises
    ------
    ProblemsFound
        See :func:`gep.plan.routes.route_costs`.
    """
    return route_costs(_variants(project.parts)[0], project.spec.switches)


class _Asked:
    """The rows of the sheets of departments, and the list of what is asked of each."""

    def __init__(self, words: "_Words") -> None:
        self._words = words
        self._rows: dict[str, list[_Row]] = {name: [] for name in DEPARTMENTS}
        self._units: dict[str, list[tuple[str, ...]]] = {name: [] for name in DEPARTMENTS}
        self._requests: dict[tuple[str, str], _Row] = {}

    def areas(self, rows: Sequence[_Row]) -> None:
        """Ask for areas."""
        for row in rows:
            self.more("natural_resources", row, _AREA_UNIT)
        _note_area_request(self._requests, rows, self._words)

    def data(self, declared: DataName, rows: Sequence[_Row]) -> None:
        """Ask for data of one name."""
        for row in rows:
            self.more(declared.department, row, declared.unit)
        _note_request(self._requests, declared, rows, self._words)

    def more(self, department: str, row: _Row, unit: str = "") -> None:
        """Add a row to the sheet of a department."""
        self._rows[department].append(row)
        self._units[department].append(self._words.units(unit))

    def sheets(self) -> list[FormSheet]:
        """Return the sheets of the departments that are asked for something."""
        sheets = []
        for department in DEPARTMENTS:
            if self._rows[department]:
                title = say(self._words.language, f"standards.department.{department}")
                rows, units = _ordered(self._rows[department], self._units[department])
                sheets.append(FormSheet("data", title, rows, units))
        return sheets

    def requests(self) -> list[_Row]:
        """Return the list of what is asked for, by department."""
        keys = sorted(self._requests, key=_department_order)
        return [self._requests[key] for key in keys]


def _department_order(request: tuple[str, str]) -> int:
    """Return the position of the department of a request."""
    return list(DEPARTMENTS).index(request[0])  # type: ignore[arg-type]


def _ordered(
    rows: Sequence[_Row], units: Sequence[tuple[str, ...]]
) -> tuple[list[_Row], list[tuple[str, ...]]]:
    """Bring the rows of one name together, in the order in which the names come first."""
    first: dict[object, int] = {}
    for row in rows:
        first.setdefault(row["name"], len(first))
    order = sorted(range(len(rows)), key=lambda position: first[rows[position]["name"]])
    return [rows[position] for position in order], [units[position] for position in order]


# --- what was typed before ------------------------------------------------------------------------


def _without_form(parts: PlanInputs, typed: FilledForm | None) -> PlanInputs:
    """Return the parts of a project without the data and coefficients of its form."""
    if typed is None:
        return parts
    of_form = {table.label for _, table in typed.sheets}
    data = parts.data
    if not data.rows.empty:
        kept = ~data.rows["file"].isin(of_form).to_numpy()
        data = Data(data.rows[kept].reset_index(drop=True), data.files)
    sets = tuple(of_set for of_set in parts.sets if of_set.path != typed.path)
    return replace(parts, data=data, sets=sets, unfilled=None)


def _department_of(row: _Row, parts: PlanInputs) -> str:
    """Return the department in whose sheet a row that was typed stands."""
    name = str(row["id"]).partition(_JOINT)[0]
    if name == _AREA:
        return "natural_resources"
    declared = {**COMMON, **parts.standard.spec.data}.get(name)
    return "accounting_body" if declared is None else declared.department


class _Typed:
    """The rows of an earlier form, by what they are of; those that were taken over are gone."""

    def __init__(self, project: Project, typed: FilledForm | None) -> None:
        self._language = project.language
        self._rows: dict[Kind, dict[str, list[_Row]]] = {}
        names = name_spellings(project.parts)
        for kind, table in () if typed is None else typed.sheets:
            rows = self._rows.setdefault(kind, {})
            for identity, row in zip(
                _identities(kind, table, names), self._cells(table), strict=True
            ):
                if kind == "regions" or row.keys() & _BY_HAND:
                    row["id"] = identity
                    rows.setdefault(identity, []).append(row)

    def _cells(self, table: Table) -> list[_Row]:
        """Return the cells of a table that are filled in, numbers as numbers."""
        rows = []
        for record in table.frame.drop(columns="row").to_dict("records"):
            row: _Row = {}
            for name, word in record.items():
                if word == "" or name in SHOWN:
                    continue
                is_number = name in _NUMBERS and _PLAIN_NUMBER.fullmatch(word)
                row[str(name)] = float(word) if is_number else str(word)
            if "grade" in row and row["grade"] in GRADE:
                row["grade"] = grade_title(str(row["grade"]), self._language)
            if str(row.get("year", "")).isdecimal():
                row["year"] = int(row["year"])
            rows.append(row)
        return rows

    def fill(self, rows: Sequence[_Row]) -> list[_Row]:
        """Return rows with what was typed for them."""
        filled = []
        for row in rows:
            for of_kind in self._rows.values():
                typed = of_kind.get(str(row["id"]))
                if typed:
                    row = row | {name: typed[0][name] for name in typed[0] if name in _TYPED}
                    typed.pop(0)
            filled.append(row)
        return filled

    def left(self, kind: Kind) -> list[_Row]:
        """Return the rows that were typed and are not asked for."""
        left: list[_Row] = []
        for rows in self._rows.get(kind, {}).values():
            left += rows
        return left


def _identities(kind: Kind, table: Table, names: NameSpellings) -> list[str]:
    """Return for each row of a sheet what it is of, as the rows of a new form say it."""
    if kind == "regions":
        return [f"{word}" for word in table.frame["region"]]
    frame = table.frame.rename(columns={"coefficient": "name"})
    texts = table.with_frame(frame).texts(("name", "year", "price_year", *KEYS))
    if kind == "coefficients":
        known = names.recognize_coefficients(texts)
        known = known.assign(year=known["price_year"].where(known["name"] == PRICE_INDEX, ""))
    else:
        is_area = is_area_row(table)
        areas = recognize(recognize(texts, "region", names.regions), "ecosystem", names.classes)
        known = names.recognize_rows(texts)
        known = pd.concat([known[~is_area], areas[is_area].assign(name=_AREA)]).sort_index()
    columns = [known["name"], known["year"], *(known[key] for key in KEYS)]
    return [_identity(*words) for words in zip(*columns, strict=True)]


def _identity(name: str, year: object, *members: str) -> str:
    """Return what a row is of, in one text."""
    return _JOINT.join((name, str(year), *members))


# --- plans of what is not known yet ---------------------------------------------------------------


def _assumed_region(project: Project) -> Regions:
    """Return one region with the id and the title of the project, which the user may change."""
    header = project.spec.project
    frame = pd.DataFrame(
        [[header.id, header.title.zh, header.title.en, 2]],
        columns=["region", "name", "name_en", "row"],
        dtype=object,
    )
    table = Table(Path(header.id), header.id, Cells.of(frame))
    return regions_of_table(table, Path(header.id), ProblemLog())


def _variants(parts: PlanInputs) -> list[PlanInputs]:
    """Return the parts with areas: those given, else one area of each class that has no parts.

    Classes of a crosswalk that have parts there are in a variant of their own, as the two exclude
    each other.
    """
    if not parts.areas.rows.empty or parts.regions is None:
        return [parts]
    variants = []
    for classes in _class_levels(parts):
        areas = _assumed_areas(parts.regions, parts.years, classes)
        variants.append(replace(parts, areas=areas, coverage="part"))
    return variants


def _class_levels(parts: PlanInputs) -> list[list[str]]:
    """Return the classes that have no parts, and those of a crosswalk that have."""
    classes = list(source_classes(parts.scheme, parts.crosswalk))
    if parts.crosswalk is None:
        parents = set(parts.scheme.parent.values())
        leaves = [name for name in classes if name not in parents]
        return [sorted(leaves, key=lambda name: _tree_position(name, parts))]
    codes: dict[str, str] = {}
    if "code" in parts.crosswalk.frame:
        frame = parts.crosswalk.frame
        codes = dict(zip(frame["class"], frame["code"].astype(str), strict=True))
    wholes = []
    for name in classes:
        code = codes.get(name, "")
        others = [other for other in codes.values() if other != code]
        if code and any(other.startswith(code) for other in others):
            wholes.append(name)
    levels = [[name for name in classes if name not in wholes], wholes]
    return [level for level in levels if level]


def _tree_position(name: str, parts: PlanInputs) -> list[int]:
    """Return where a class is in the tree of its scheme: types of one type stand together."""
    path = [name, *parts.scheme.ancestors(name)]
    return [parts.scheme.classes.index(member) for member in reversed(path)]


def _in_tree_order(data: pd.DataFrame, parts: PlanInputs) -> list[dict[str, str]]:
    """Return missing rows by name, year and region as they come, types as the scheme lists them."""
    first: dict[tuple[str, str], int] = {}
    keyed: list[tuple[list[int], list[int], int, dict[str, str]]] = []
    for record in data.to_dict("records"):
        place: list[int] = []
        for column in ("name", "year", "region"):
            place.append(first.setdefault((column, record[column]), len(first)))
        ecosystem = record.get("ecosystem", "")
        branch = _tree_position(ecosystem, parts) if ecosystem else []
        keyed.append((place, branch, len(keyed), record))
    return [record for _, _, _, record in sorted(keyed, key=itemgetter(0, 1, 2))]


def _assumed_areas(regions: Regions, years: Sequence[int], classes: Sequence[str]) -> Areas:
    """Return an area of a square metre for each class, region without parts, and year."""
    records = []
    for region in regions.lowest:
        for year in years:
            for name in classes:
                records.append((region, name, year))
    rows = pd.DataFrame(records, columns=["region", "class", "year"])
    rows = rows.assign(unit="m2", value=_SQUARE_METRE, area=_SQUARE_METRE, grade=GRADE["unstated"])
    rows = rows.assign(file="", row=range(2, len(rows) + 2))
    for name in ("source", "locator", "distribution", "group"):
        rows[name] = ""
    return Areas(rows.assign(low=float("nan"), high=float("nan")), NO_AREAS.files)


def _plans(parts: PlanInputs, *, is_first: bool) -> list[Plan]:
    """Build the plans of all years; what is missing leaves gaps.

    Only classes that have parts may be such that a step does not take them: then their plans are
    left out, for the first ones ask for the same data.
    """
    allowed = replace(parts.allowed, passed=(*parts.allowed.passed, *PASSED))
    plans: list[Plan] = []
    errors: ProblemsFound | None = None
    for year in parts.years:
        try:
            plans.append(build_plan(replace(parts, allowed=allowed), year, ProblemLog()))
        except ProblemsFound as error:
            errors = error
    if errors is not None and is_first:
        raise errors
    return plans


# --- words ----------------------------------------------------------------------------------------


class _Words:
    """What ids are called in a form: words by which they are recognized again."""

    def __init__(self, parts: PlanInputs, language: Language) -> None:
        self.parts = parts
        self.language = language
        self._classes = class_spellings(parts.scheme, parts.crosswalk)
        self._ecosystems = class_spellings(parts.scheme)
        self._regions = None if parts.regions is None else region_spellings(parts.regions)
        candidates = say(language, "report.form.units")
        self._units = tuple(candidates.split(","))
        self._meanings = _indicators_of_names(parts, language)
        data_titles = {}
        for name, declared in {**COMMON, **parts.standard.spec.data}.items():
            data_titles[name] = (declared.name.say("zh"), declared.name.say("en"))
        self._data = make_spellings(data_titles, data_titles)
        self._declared = {PRICE_INDEX: PRICE_INDEX_NAME}
        for of_set in reversed(parts.sets):
            self._declared |= of_set.header.coefficient
        self._declared |= parts.standard.spec.coefficient
        titles = {}
        for name, quantity in self._declared.items():
            titles[name] = (quantity.name.say("zh"), quantity.name.say("en"))
        self._coefficients = make_spellings(titles, titles)

    def data(self, name: str, declared: DeclaredName) -> str:
        """Return the title of data; its id where the title does not lead back to it."""
        title = declared.name.say(self.language)
        return title if self._data.find(title) == name else name

    def coefficient(self, name: str) -> str:
        """Return the title of a coefficient, or its id."""
        if name not in self._declared:
            return name
        title = self._declared[name].name.say(self.language)
        return title if self._coefficients.find(title) == name else name

    def declared_coefficient(self, name: str) -> DeclaredName | None:
        """Return what is declared of a coefficient."""
        return self._declared.get(name)

    def region(self, code: str) -> str:
        """Return the name of a region, or its code."""
        if not code or self.parts.regions is None or self._regions is None:
            return code
        name = self.parts.regions.name(code, self.language)
        return name if self._regions.find(name) == code else code

    def ecosystem(self, name: str) -> str:
        """Return the title of an ecosystem type, or its id."""
        title = self.parts.scheme.label(name).title if name else None
        words = "" if title is None else str(title.say(self.language))
        return words if words and self._ecosystems.find(words) == name else name

    def area_class(self, name: str) -> str:
        """Return what a class of areas is called."""
        if self.parts.crosswalk is not None:
            return name
        return self.ecosystem(name)

    def member(self, key: str, member: str) -> str:
        """Return what the member of a key is called."""
        if key == "ecosystem":
            return self.ecosystem(member)
        return member_word(key, member, self.language) if member else ""

    def units(self, unit: str) -> tuple[str, ...]:
        """Return the units to choose from that convert to a unit, itself first."""
        if not is_readable(unit):
            return ()
        choices = {spoken(unit, self.language): None}
        for candidate in self._units:
            try:
                factor(candidate, unit)
            except UnitError:
                continue
            choices[candidate] = None
        return tuple(choices)

    def meaning(self, name: str) -> str:
        """Say in a sentence what a number is for."""
        indicators = self._meanings.get(name, ())
        if not indicators:
            return say(self.language, "report.form.meaning-none")
        return say(self.language, "report.form.meaning", indicators=tuple(indicators))

    def range(self, quantity: DeclaredName | None) -> str:
        """Return the plausible range of a number in words; blank if there is none."""
        if quantity is None or (quantity.min is None and quantity.max is None):
            return ""
        unit = spoken(quantity.unit, self.language)
        unit = "" if unit == "1" else unit
        low = "" if quantity.min is None else _short(quantity.min, self.language)
        high = "" if quantity.max is None else _short(quantity.max, self.language)
        key = "range" if low and high else "at-least" if low else "at-most"
        return say(self.language, f"report.form.{key}", low=low, high=high, unit=unit).strip()


def _short(number: float, language: Language) -> str:
    """Return a number as people write it: large ones in 万 and 亿."""
    for scale, key in _SCALES:
        if abs(number) >= scale:
            return say(language, f"report.form.{key}", number=_plain(number / scale))
    return _plain(number)


def _plain(number: float) -> str:
    """Return a number in plain digits, without an exponent."""
    return f"{Decimal(f'{number:.10g}'):f}"


def _indicators_of_names(parts: PlanInputs, language: Language) -> dict[str, list[str]]:
    """Return by data or coefficient the indicators whose steps take it, each once."""
    switches = parts.standard.chosen(parts.switches)
    shared: dict[str, list[str]] = {}  # full name of a step to the names of what it takes
    takers: dict[str, dict[str, None]] = {}
    links: list[tuple[str, str]] = []
    for name, indicator, step in parts.standard.steps():
        if not step.active(switches):
            continue
        words = "" if indicator is None else indicator.name.say(language)
        for binding in step.inputs.values():
            taken = binding.data or binding.coef
            if taken and words:
                takers.setdefault(taken, {})[words] = None
            elif taken:
                shared.setdefault(name, []).append(taken)
            elif binding.step and words:
                links.append((binding.step, words))
    for step_name, words in links:
        for taken in shared.get(step_name, ()):
            takers.setdefault(taken, {})[words] = None
    return {name: list(words) for name, words in takers.items()}


# --- rows -----------------------------------------------------------------------------------------


def _region_rows(regions: Regions, language: Language) -> list[_Row]:
    """Return the rows of regions, with the units that are usual."""
    rows = []
    for code, region in regions.frame.iterrows():
        row: _Row = {"region": str(code), "area_unit": _AREA_UNIT}
        row["population_unit"] = spoken("person", language)
        for name in ("name", "name_en", "parent"):
            row[name] = str(region[name])
        rows.append(row)
    return rows


def _area_rows(parts: PlanInputs, regions: Regions, words: _Words) -> list[_Row]:
    """Return a blank row for the area of each class, by region and year."""
    classes = source_classes(parts.scheme, parts.crosswalk)
    if parts.crosswalk is None:
        classes = tuple(_class_levels(parts)[0])
    rows = []
    for year in parts.years:
        for code in regions.lowest:
            for name in classes:
                members = {"region": code, "ecosystem": name}
                row: _Row = {"name": area_word(words.language), "region": words.region(code)}
                row["meaning"] = say(words.language, "report.form.meaning-area")
                row["ecosystem"] = words.area_class(name)
                row["year"] = year
                row["id"] = _identity(_AREA, year, *(members.get(key, "") for key in KEYS))
                row["unit"] = words.units(_AREA_UNIT)[0]
                rows.append(row)
    return rows


def _data_rows(
    record: Mapping[str, str],
    declared: DataName,
    blank: BlankForm,
    without_service: Mapping[tuple[str, ...], str],
    words: _Words,
) -> list[_Row]:
    """Return the rows of the form for a row that is missing."""
    name = record["name"]
    row: _Row = {"name": words.data(name, declared), "meaning": words.meaning(name)}
    row["id"] = _identity(name, record["year"], *(record.get(key, "") for key in KEYS))
    row["region"] = words.region(record["region"])
    row["year"] = int(record["year"])
    row["unit"] = record["unit"]
    row["range"] = words.range(declared)
    row["note"] = blank.advice.get(name, "")
    for key in KEYS[1:]:
        member = record.get(key, "")
        if member:
            row[key] = words.member(key, member)
    cause = without_service.get((record["year"], name, *(record.get(key, "") for key in KEYS)), "")
    if cause:
        row["value"] = "na"
        row["source"] = say(words.language, "report.form.without-service", cause=cause)
    open_keys = [key for key in declared.keys if key != "region" and not record.get(key, "")]
    if not open_keys:
        return [row]
    for key in open_keys:
        row[f"{key}?"] = ""
    keys = tuple(say(words.language, f"project.form-head.{key}") for key in open_keys)
    row["note"] = say(words.language, "report.form.row-for-each", keys=keys)
    return [dict(row) for _ in range(_OPEN_ROWS)]


def _coefficient_rows(plans: Iterable[Plan], blank: BlankForm, words: _Words) -> list[_Row]:
    """Return the rows of coefficients: those without a default first, then those to overwrite."""
    rows: dict[tuple[object, ...], _Row] = {}
    for record in blank.coefficient_rows.to_dict("records"):
        row = _coefficient_row(record["coefficient"], record, words)
        row["unit"] = record["unit"]
        row["note"] = say(words.language, "report.form.no-default")
        rows[(record["coefficient"], *(record.get(key, "") for key in KEYS))] = row
    for plan in plans:
        for step in plan.steps:
            for argument, bound in step.inputs.items():
                if not isinstance(bound, BoundInput) or argument not in step.bindings:
                    continue
                frames = [bound.used] if step.bindings[argument].coef else []
                if bound.index is not None:
                    frames.append(bound.index.assign(own_grade=bound.index["grade"]))
                for frame in frames:
                    _add_defaults(rows, frame, words)
    return list(rows.values())


def _add_defaults(rows: dict[tuple[object, ...], _Row], frame: pd.DataFrame, words: _Words) -> None:
    """Add the rows of coefficients that are used, each once."""
    for record in frame.to_dict("records"):
        members = tuple(str(record[key]) for key in KEYS)
        key = (record["name"], *members, str(record["price_year"]))
        if key in rows:
            continue
        row = _coefficient_row(str(record["name"]), record, words)
        unit = spoken(str(record["unit"]), words.language)
        value = "na" if record["na"] else _plain(float(record["value"]))
        if unit not in ("1", "") and not record["na"]:
            value = f"{value} {unit}"
        row["default"] = value
        grade = grade_title(str(grade_names([int(record["own_grade"])])[0]), words.language)
        source = " ".join(filter(None, (record["set"], record["source"], record["locator"])))
        row["default_source"] = say(
            words.language, "report.form.default-source", source=source, grade=grade
        )
        row["unit"] = unit
        row["price_year"] = str(record["price_year"])
        if record["base"]:
            row["base"] = str(record["base"])
        rows[key] = row


def _coefficient_row(name: str, record: Mapping[str, object], words: _Words) -> _Row:
    """Return what a row of the form says of a coefficient, whatever its number."""
    row: _Row = {"coefficient": words.coefficient(name), "meaning": words.meaning(name)}
    if name == PRICE_INDEX:
        row["meaning"] = say(words.language, "report.form.meaning-index")
    members = [str(record.get(key, "")) for key in KEYS]
    year = record["price_year"] if name == PRICE_INDEX else ""
    row["id"] = _identity(name, year, *members)
    row["region"] = words.region(members[0])
    row["range"] = words.range(words.declared_coefficient(name))
    for key in KEYS[1:]:
        member = str(record.get(key, ""))
        if member:
            row[key] = words.member(key, member)
    return row


# --- what is asked of whom ------------------------------------------------------------------------


def _note_area_request(
    requests: dict[tuple[str, str], _Row], rows: Sequence[_Row], words: _Words
) -> None:
    """Note that areas are asked for."""
    request = _request("natural_resources", rows, words)
    request["who"] = say(words.language, "report.form.from-survey")
    requests["natural_resources", area_word(words.language)] = request


def _note_request(
    requests: dict[tuple[str, str], _Row],
    declared: DataName,
    rows: Sequence[_Row],
    words: _Words,
) -> None:
    """Note what is asked of a department, the rows of one name together."""
    key = (declared.department, str(rows[0]["name"]))
    if key in requests:
        request = requests[key]
        request["rows"] = int(request["rows"]) + len(rows)
        years = str(request["years"]).split(", ")
        request["years"] = ", ".join(dict.fromkeys([*years, str(rows[0]["year"])]))
        return
    request = _request(declared.department, rows, words)
    if declared.from_ is not None:
        request["who"] = declared.from_.say(words.language)
    requests[key] = request


def _request(department: str, rows: Sequence[_Row], words: _Words) -> _Row:
    """Return a row of the list of what is asked for."""
    years = dict.fromkeys(str(row["year"]) for row in rows)
    return {
        "department": say(words.language, f"standards.department.{department}"),
        "data": rows[0]["name"],
        "meaning": rows[0]["meaning"],
        "years": ", ".join(years),
        "rows": len(rows),
        "unit": rows[0]["unit"],
    }
