"""Tables of what there is (目录): standards, sets, methods, classes, schemes, problem codes.

They are made of what ships and of what else is found by an id, in one language. ``gep catalog``
prints them, and ``python -m gep.report.reference docs`` writes them as the pages of
docs/zh/reference and docs/en/reference.
"""

import importlib
import inspect
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pandas as pd

import gep
from gep.assessment.kinds import read_scheme
from gep.errors import ProblemLog, ProblemsFound, severities
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.extent.crosswalk import NOT_ACCOUNTED, losses
from gep.extent.places import administrative_units
from gep.inputs.coefficients import (
    PRICE_INDEX,
    PRICE_INDEX_NAME,
    CoefficientSet,
    read_coefficient_set,
)
from gep.inputs.value_rows import GRADES, KEYS
from gep.io.catalog import catalogued
from gep.report.coefficient_values import (
    coefficient_rows,
    named_coefficients,
    several_values,
    standards_with,
)
from gep.standards.method import SHIPPED_MODULES, Method, read_units
from gep.standards.standard import Binding, DataName, DeclaredName, Standard, read_standard
from gep.texts.catalogue import LANGUAGES, Language, has_key, say

_NONE = "-"  # a cell without content
_COMMAND = "`python -m gep.report.reference docs`"
_WITHOUT_SPELLINGS = "%, ‰"  # the spellings of the unit whose line in units.txt has none


def _standards() -> dict[str, Standard]:
    """Read the standards that are found, by id."""
    return {name: _read(name, path) for name, path in catalogued("standards").items()}


@cache
def _read(name: str, _path: Path) -> Standard:
    """Read a standard once."""
    return read_standard(name)


def all_methods() -> Iterator[Method]:
    """Yield every shipped method, by module and then in the order of the module.

    Yields
    ------
    Method
    """
    for module_name in SHIPPED_MODULES:
        module = importlib.import_module(module_name)
        for name, function in vars(module).items():
            if not inspect.isfunction(function) or name.startswith("_"):
                continue
            if function.__module__ != module.__name__:  # imported there
                continue
            path = f"{module.__name__}:{name}"
            method = read_units(
                path,
                function,
                None,
                name,
                ProblemLog(),
            )
            if method is None:
                raise TypeError(f"{path} is not a method")
            yield method


# --- tables --------------------------------------------------------------------------------------


def standards(language: Language) -> pd.DataFrame:
    """Return the shipped standards: measure, legal force, evidence, ecosystem types, sets."""
    rows = []
    for standard in _standards().values():
        spec = standard.spec
        row = {
            "standard": standard.id,
            "title": spec.title.say(language),
            "measure": spec.measure,
            "legal": spec.legal,
            "evidence": spec.evidence,
            "ecosystems": spec.ecosystems,
            "sets": ", ".join(spec.coefficients),
            "indicators": len(spec.indicator),
            "unit": spec.unit,
        }
        rows.append(row)
    return pd.DataFrame(rows)


def switches(language: Language) -> pd.DataFrame:
    """Return the choices that the shipped standards leave open."""
    rows = []
    for standard in _standards().values():
        for name, switch in standard.spec.switch.items():
            options = []
            for option in switch.options:
                title = switch.titles.get(option)
                options.append(option if title is None else f"{option}: {title.say(language)}")
            row = {
                "standard": standard.id,
                "switch": name,
                "what": switch.name.say(language),
                "options": "; ".join(options),
                "default": switch.default,
            }
            rows.append(row)
    return pd.DataFrame(rows)


def points(language: Language) -> pd.DataFrame:
    """Return what of the standards that are found is to be checked against their texts."""
    rows = []
    for standard in _standards().values():
        for point in standard.spec.to_check:
            row = {
                "standard": standard.id,
                "what": point.item.say(language),
                "unknown": point.unknown.say(language),
                "where to look": point.where.say(language),
            }
            rows.append(row)
    return pd.DataFrame(rows, columns=["standard", "what", "unknown", "where to look"])


def data_names(language: Language) -> pd.DataFrame:
    """Return the data that the shipped standards ask for: unit, keys, who has them."""
    rows = []
    for standard in _standards().values():
        for name, data in standard.spec.data.items():
            row = {
                "standard": standard.id,
                "data": name,
                "what": data.name.say(language),
                "unit": data.unit,
                "keys": ", ".join(data.keys),
                "may be of a parent": ", ".join(data.inherit) or _NONE,
                "who has it": data.from_.say(language) if data.from_ else _NONE,
                "plausible": _plausible(data, language),
                "range from": data.range_source or _NONE,
            }
            rows.append(row)
    return pd.DataFrame(rows)


def coefficient_names(language: Language) -> pd.DataFrame:
    """Return the coefficients that the shipped standards and sets declare, with their ranges.

    Keys are those that the standard requires, those at which its steps fix a member, and those that
    rows of its own sets fill; members are the fixed ones, and those of rows for other keys than
    region and ecosystem.
    """
    rows = []
    for standard in _standards().values():
        frames = [read_coefficient_set(set_id).rows for set_id in standard.spec.coefficients]
        numbers = pd.concat(frames) if frames else pd.DataFrame(columns=["name", *KEYS])
        for name, quantity in standard.spec.coefficient.items():
            bindings = _bindings_of(standard, name)
            own_rows = numbers[(numbers["name"] == name).to_numpy()]
            rows.append(
                _coefficient_row(
                    standard.id,
                    name,
                    quantity,
                    bindings,
                    own_rows,
                    language,
                )
            )
    declared: dict[str, Mapping[str, DeclaredName]] = {}
    declared[say(language, "reference.every-set")] = {PRICE_INDEX: PRICE_INDEX_NAME}
    for set_name in catalogued("coefficients"):
        declared[set_name] = read_coefficient_set(set_name).header.coefficient
    for home, coefficients in declared.items():
        for name, of_set in coefficients.items():
            rows.append(
                _coefficient_row(
                    home,
                    name,
                    of_set,
                    (),
                    None,
                    language,
                )
            )
    return pd.DataFrame(rows)


def _bindings_of(standard: Standard, name: str) -> tuple[Binding, ...]:
    """Return the bindings of a standard's steps that take a coefficient."""
    bindings = []
    for _, _, step in standard.steps():
        bindings += [binding for binding in step.inputs.values() if binding.coef == name]
    return tuple(bindings)


def _coefficient_row(
    home: str,
    name: str,
    quantity: DeclaredName,
    bindings: Sequence[Binding],
    rows: pd.DataFrame | None,
    language: Language,
) -> dict[str, str]:
    """Describe a coefficient: what it is, how its rows are keyed, its range, its price index."""
    required: tuple[str, ...] = tuple(getattr(quantity, "keys", ()))
    keys: dict[str, None] = dict.fromkeys(required)
    members: dict[str, dict[str, None]] = {}
    for binding in bindings:
        for fixed_key, member in binding.at.items():
            members.setdefault(str(fixed_key), {})[member] = None
    for key in KEYS:
        if rows is not None and (rows[key] != "").any():
            keys[key] = None
            if key not in ("region", "ecosystem"):
                known = rows.loc[(rows[key] != "").to_numpy(), key]
                members.setdefault(key, {}).update(dict.fromkeys(map(str, known)))
    keys |= dict.fromkeys(members)
    listed = [f"{key}: {' '.join(names)}" for key, names in members.items()]
    indices = dict.fromkeys(binding.index for binding in bindings if binding.index)
    return {
        "declared by": home,
        "coefficient": name,
        "what": quantity.name.say(language),
        "unit": quantity.unit,
        "keys": ", ".join(keys) or _NONE,
        "required keys": ", ".join(required) or _NONE,
        "members": "; ".join(listed) or _NONE,
        "index": ", ".join(indices) or _NONE,
        "plausible": _plausible(quantity, language),
        "range from": quantity.range_source or _NONE,
    }


def indicators(language: Language) -> pd.DataFrame:
    """Return the indicators of the shipped standards: category, steps, data and coefficients."""
    rows = []
    for standard in _standards().values():
        for indicator in standard.spec.indicator:
            steps: dict[str, None] = {}
            taken: dict[str, dict[str, None]] = {"data": {}, "coef": {}}
            for step in indicator.step:
                steps[f"{step.id} ({step.kind}) [{step.unit}]"] = None
                for binding in step.inputs.values():
                    taken["data"] |= dict.fromkeys([binding.data] if binding.data else [])
                    taken["coef"] |= dict.fromkeys([binding.coef] if binding.coef else [])
            row = {
                "standard": standard.id,
                "indicator": indicator.id,
                "what": indicator.name.say(language),
                "category": indicator.category,
                "price concept": indicator.price_concept or _NONE,
                "steps": "; ".join(steps),
                "data": ", ".join(taken["data"]) or _NONE,
                "coefficients": ", ".join(taken["coef"]) or _NONE,
            }
            rows.append(row)
    return pd.DataFrame(rows)


def _plausible(quantity: DeclaredName, language: Language) -> str:
    """Write the plausible range of a number: of each row, by area, by person, at most what."""
    ranges = []
    if quantity.min is not None or quantity.max is not None:
        low = -math.inf if quantity.min is None else quantity.min
        high = math.inf if quantity.max is None else quantity.max
        key = "reference.range-or-0" if quantity.zero else "reference.range"
        ranges.append(say(language, key, low=low, high=high))
    if isinstance(quantity, DataName):
        for size, limits in (("km2", quantity.per_km2), ("person", quantity.per_person)):
            if limits is not None:
                key = f"reference.range-per-{size}"
                ranges.append(say(language, key, low=limits[0], high=limits[1]))
        if quantity.mean_min is not None:
            ranges.append(say(language, "reference.mean-min", least=quantity.mean_min))
        for bound in quantity.at_most:
            ranges.append(say(language, "reference.at-most", name=bound.data))
    return "; ".join(ranges) or _NONE


def values(language: Language) -> pd.DataFrame:
    """Return the coefficients of which some set has a row: how many values, from where, how good.

    In the manual each name leads to the page with all of them.
    """
    rows = []
    for name, declared in named_coefficients().items():
        numbers = coefficient_rows(name)
        labels = dict.fromkeys(numbers["set"])
        takers = [standard.id for standard in standards_with(name)]
        row = {
            "coefficient": name,
            "what": _NONE if declared is None else declared.name.say(language),
            "unit": numbers["unit"].iloc[0] if declared is None else declared.unit,
            "rows": len(numbers),
            "several values": _several_values(numbers),
            "grades": grades_of(numbers, language),
            "sets": ", ".join(labels),
            "used by": ", ".join(takers) or _NONE,
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _several_values(numbers: pd.DataFrame) -> str:
    """Count the keys for which rows of a coefficient have more than one value."""
    count = len(several_values(numbers))
    return str(count) if count else _NONE


def sets(language: Language) -> pd.DataFrame:
    """Return the shipped coefficient sets: size, scope, grades, the standards that use them."""
    rows = []
    for name in catalogued("coefficients"):
        coefficient_set = read_coefficient_set(name)
        users = []
        for standard in _standards().values():
            if name in standard.spec.coefficients:
                users.append(standard.id)
        row = {
            "set": coefficient_set.label,
            "title": coefficient_set.header.title.say(language),
            "rows": len(coefficient_set.rows),
            "scope": _scope(coefficient_set),
            "grades": grades_of(coefficient_set.rows, language),
            "used by": ", ".join(users) or _NONE,
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _scope(coefficient_set: CoefficientSet) -> str:
    """Write the regions, years and climates that a set is for."""
    parts = []
    for dimension, values in coefficient_set.header.scope:
        if values:
            listed = ", ".join(str(value) for value in values)
            parts.append(f"{dimension}: {listed}")
    return "; ".join(parts) or _NONE


def grades_of(rows: pd.DataFrame, language: Language) -> str:
    """Write the number of rows of each grade.

    Parameters
    ----------
    rows : DataFrame
        Rows of a set.
    language : {'zh', 'en'}

    Returns
    -------
    str
    """
    counts = rows["grade"].value_counts()
    words = []
    for code in sorted(counts.index):
        grade = say(language, f"inputs.grade-title.{GRADES[code]}")
        words.append(f"{grade} {counts[code]}")
    return ", ".join(words)


def methods(language: Language) -> pd.DataFrame:
    """Return the shipped methods: units of inputs and output, the steps that use them."""
    users: dict[str, dict[str, None]] = {}  # by method, each step once
    for standard in _standards().values():
        for name, _, step in standard.steps():
            steps = users.setdefault(step.method, {})
            steps[f"{standard.id} {name}"] = None
    rows = []
    for method in all_methods():
        inputs = [f"{name} [{unit}]" for name, unit in method.inputs.items()]
        summary, *_ = method.doc.split("\n", 1)
        row = {
            "method": method.path,
            "what": summary if language == "en" else _NONE,  # docstrings are English
            "inputs": ", ".join(inputs),
            "gives": method.unit,
            "equation": method.formula,
            "used by": ", ".join(users.get(method.path, {})) or _NONE,
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _class_tables() -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the shipped class schemes and crosswalks, by id; each has columns of its own."""
    for name, path in catalogued("classes").items():
        yield name, pd.read_csv(path, dtype=str, keep_default_na=False)


def classes(language: Language) -> pd.DataFrame:
    """Return the shipped class schemes, a row for each class."""
    columns = ["scheme", "class", "code", language, "parent"]
    frames = []
    for name, frame in _class_tables():
        if "parent" in frame:
            frame = frame.assign(scheme=name)
            frames.append(frame[columns].rename(columns={language: "title"}))
    return pd.concat(frames, ignore_index=True)


def crosswalks(language: Language) -> pd.DataFrame:
    """Return the shipped crosswalks, a row for each class and ecosystem type."""
    columns = ["crosswalk", "class", "code", "ecosystem", "share", "grade", "note"]
    frames = []
    for name, frame in _class_tables():
        if "ecosystem" in frame:
            frames.append(frame.assign(crosswalk=name))
    table = pd.concat(frames, ignore_index=True).fillna("")
    return table[columns]


def crosswalk_losses(language: Language) -> pd.DataFrame:
    """Return what each shipped crosswalk cannot tell any more, or takes on trust."""
    types = []
    crosswalk_rows = []
    for name, frame in _class_tables():
        if "parent" in frame:
            types.append(_class_scheme(name))
        else:
            crosswalk_rows.append((name, frame))
    frames = []
    for name, frame in crosswalk_rows:
        mapped = set(frame["ecosystem"]) - {NOT_ACCOUNTED}
        scheme = next(scheme for scheme in types if mapped <= set(scheme.classes))
        share = pd.to_numeric(frame["share"]).fillna(1)
        frames.append(losses(frame.assign(share=share), scheme).assign(crosswalk=name))
    table = pd.concat(frames, ignore_index=True)
    return table[["crosswalk", "loss", "class", "ecosystem"]]


def _class_scheme(name: str) -> ClassScheme:
    """Load a shipped class scheme."""
    problems = ProblemLog()
    scheme = load_class_scheme(name, None, name, problems)
    if scheme is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return scheme


def schemes(language: Language) -> pd.DataFrame:
    """Return the shipped schemes of evaluation: kind, legal force, evidence, validity."""
    rows = []
    for name in catalogued("schemes"):
        spec = read_scheme(name).spec
        row = {
            "scheme": spec.id,
            "title": spec.title.say(language),
            "kind": spec.kind,
            "legal": spec.legal,
            "evidence": spec.evidence,
            "valid": f"{spec.valid_from or _NONE} … {spec.valid_to or _NONE}",
        }
        rows.append(row)
    return pd.DataFrame(rows)


def problems(language: Language) -> pd.DataFrame:
    """Return the problem codes with their severity and their titles."""
    rows = []
    for code, severity in severities().items():
        row = {
            "code": code,
            "severity": severity,
            "title": say(language, f"problem_titles.{code}"),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def units(language: Language) -> pd.DataFrame:
    """Return the units that are known, with their spellings."""
    path = Path(gep.__file__).with_name("units.txt")
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        _, definition, *spellings = [part.strip() for part in line.split("=")]
        row = {
            "written": ", ".join(spellings) or _WITHOUT_SPELLINGS,
            "is": definition,
        }
        rows.append(row)
    return pd.DataFrame(rows)


def places(language: Language) -> pd.DataFrame:
    """Return the places that ship, with the figures about them and where these are from."""
    rows = []
    for code, unit in administrative_units().items():
        row = {
            "code": code,
            "title": unit.title.say(language),
            "kind": unit.kind,
            "parent": unit.parent or _NONE,
        }
        for name, figure in sorted(unit.figures.items()):
            row[f"{name} [{figure.unit}]"] = figure.value
            row[f"{name}: year, source, grade"] = f"{figure.year}, {figure.source}, {figure.grade}"
        row["formerly"] = " ".join(unit.former) or _NONE
        rows.append(row)
    return pd.DataFrame(rows)


# What gep catalog prints if no table is named.
KINDS = ("standards", "sets", "methods", "classes", "crosswalks", "schemes")
TABLES: dict[str, Callable[[Language], pd.DataFrame]] = {
    "standards": standards,
    "switches": switches,
    "points": points,
    "data": data_names,
    "coefficients": coefficient_names,
    "indicators": indicators,
    "values": values,
    "sets": sets,
    "methods": methods,
    "classes": classes,
    "crosswalks": crosswalks,
    "losses": crosswalk_losses,
    "schemes": schemes,
    "problems": problems,
    "units": units,
    "places": places,
}

# --- pages ---------------------------------------------------------------------------------------

# The tables of each page.
PAGES = {
    "standards": ("standards", "points", "switches", "data", "coefficients", "indicators"),
    "coefficients": ("values",),
    "sets": ("sets",),
    "methods": ("methods",),
    "classes": ("classes", "crosswalks", "losses"),
    "schemes": ("schemes",),
    "problems": ("problems",),
    "units": ("units",),
    "places": ("places",),
}
# Columns whose cells are words of a list: of an account, and of these pages.
_WORDS_OF_ACCOUNT = ("measure", "legal", "evidence", "category")
_WORDS = ("kind", "severity", "price concept", "loss")


def page(name: str, language: Language) -> str:
    """Write a page of docs/zh/reference or docs/en/reference.

    Parameters
    ----------
    name : str
        One of ``PAGES``.
    language : {'zh', 'en'}

    Returns
    -------
    str
        Markdown.
    """
    generated = say(language, "reference.generated", command=_COMMAND)
    parts = [f"# {say(language, f'report.page.{name}')}", "", generated, ""]
    tables = PAGES[name]
    for table in tables:
        if len(tables) > 1:
            parts += [f"## {say(language, f'reference.table.{table}')}", ""]
        parts += [markdown(TABLES[table](language), language), ""]
    return "\n".join(parts)


def markdown(frame: pd.DataFrame, language: Language) -> str:
    """Write a table in Markdown, its headings and listed words in a language.

    Parameters
    ----------
    frame : DataFrame
    language : {'zh', 'en'}

    Returns
    -------
    str
        Columns without content are left out; equations are set as code.
    """
    frame = frame.astype(str)
    is_filled = (frame != _NONE).any()
    frame = frame.loc[:, is_filled.to_numpy()]
    for column in frame.columns.intersection((*_WORDS_OF_ACCOUNT, *_WORDS)):
        frame = frame.assign(**{column: _titled(frame[column], language)})
    if "equation" in frame:
        frame = frame.assign(equation="`" + frame["equation"] + "`")
    heads = [_head(column, language) for column in frame.columns]
    rows = [heads, ["---"] * len(heads), *frame.to_numpy().tolist()]
    lines = []
    for row in rows:
        cells = [cell.replace("|", "\\|").replace("\n", " ") for cell in row]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _titled(cells: pd.Series, language: Language) -> list[str]:
    """Return the titles of listed words; words without a title stay."""
    column = cells.name
    titles = []
    for word in cells:
        key = (
            f"account.{column}.{word}" if column in _WORDS_OF_ACCOUNT else f"reference.word.{word}"
        )
        titles.append(say(language, key) if has_key(language, key) else word)
    return titles


def _head(column: str, language: Language) -> str:
    """Return the heading of a column; that of a figure keeps its unit."""
    name, bracket, unit = column.partition(" [")
    key = f"reference.column.{name.replace(' ', '-').replace(':', '').replace(',', '')}"
    return say(language, key) + bracket + unit if has_key(language, key) else column


def main(folder: str) -> None:
    """Write all pages of both languages.

    Parameters
    ----------
    folder : str
        The folder ``docs``.
    """
    for language in LANGUAGES:
        target = Path(folder) / language / "reference"
        target.mkdir(parents=True, exist_ok=True)
        for name in PAGES:
            path = target / f"{name}.md"
            path.write_text(page(name, language), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1])
