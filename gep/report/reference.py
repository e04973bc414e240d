"""What ships, as tables (目录), made from the files: standards, sets, methods, classes, crosswalks, problem codes.

``gep catalog`` prints them and ``python -m gep.report.reference FOLDER`` writes them as the pages of docs/reference.
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd

import gep.methods
from gep.assessment.kinds import read_scheme
from gep.errors import ProblemLog, severities
from gep.inputs.coefficients import read_coefficient_set
from gep.inputs.value_rows import GRADES
from gep.io.catalog import shipped
from gep.standards.method import Method, read_units
from gep.standards.standard import Standard, read_standard
from gep.texts.catalogue import say


@cache
def _standards() -> dict[str, Standard]:
    return {name: read_standard(name) for name in shipped("standards")}


def all_methods() -> Iterator[Method]:
    """Every shipped method, by module and then as the module lists them."""
    for module in sorted(one.name for one in pkgutil.iter_modules(gep.methods.__path__)):
        home = importlib.import_module(f"gep.methods.{module}")
        for name, function in vars(home).items():
            if (
                inspect.isfunction(function)
                and function.__module__ == home.__name__
                and not name.startswith("_")
            ):
                method = read_units(f"{home.__name__}:{name}", function, None, name, ProblemLog())
                assert method is not None, f"{name} is no method"
                yield method


def standards() -> pd.DataFrame:
    """Shipped standards with their measure, legal force, evidence, ecosystem types and sets."""
    lines = [
        (
            one.id,
            str(one.spec.title),
            one.spec.measure,
            one.spec.legal,
            one.spec.evidence,
            one.spec.ecosystems,
            ", ".join(one.spec.coefficients),
            len(one.spec.indicator),
            one.spec.unit,
        )
        for one in _standards().values()
    ]
    names = [
        "standard",
        "title",
        "measure",
        "legal",
        "evidence",
        "ecosystems",
        "sets",
        "indicators",
        "unit",
    ]
    return pd.DataFrame(lines, columns=names)


def sets() -> pd.DataFrame:
    """Shipped coefficient sets with their size, scope, grades and the standards that use them."""
    lines = []
    for name in shipped("coefficients"):
        one = read_coefficient_set(name)
        scope = one.header.scope
        held = [f"{part}: {', '.join(map(str, values))}" for part, values in scope if values]
        counts = one.rows["grade"].value_counts()
        grades = ", ".join(f"{GRADES[code]} {counts[code]}" for code in sorted(counts.index))
        users = [
            standard.id for standard in _standards().values() if name in standard.spec.coefficients
        ]
        lines.append(
            (
                one.label,
                str(one.header.title),
                len(one.rows),
                "; ".join(held) or "-",
                grades,
                ", ".join(users) or "-",
            )
        )
    return pd.DataFrame(lines, columns=["set", "title", "rows", "scope", "grades", "used by"])


def methods() -> pd.DataFrame:
    """Shipped methods with the units of inputs and output, and the steps that use them."""
    users: dict[str, dict[str, None]] = {}
    for standard in _standards().values():
        for name, _, step in standard.steps():
            users.setdefault(step.method, {})[f"{standard.id} {name}"] = None
    lines = []
    for one in all_methods():
        takes = ", ".join(f"{name} [{unit}]" for name, unit in one.inputs.items())
        first = one.doc.split("\n", 1)[0]
        lines.append(
            (
                one.path,
                first,
                takes,
                one.unit,
                one.formula,
                ", ".join(users.get(one.path, {})) or "-",
            )
        )
    return pd.DataFrame(lines, columns=["method", "what", "inputs", "gives", "equation", "used by"])


def _scheme_files() -> Iterator[tuple[str, pd.DataFrame]]:
    for name, path in shipped("classes").items():
        yield name, pd.read_csv(path, dtype=str, keep_default_na=False)


def classes() -> pd.DataFrame:
    """Shipped class schemes, a row for each class."""
    frames = []
    for name, frame in _scheme_files():
        if "parent" in frame:
            frames.append(
                frame.assign(scheme=name)[["scheme", "class", "code", "zh", "en", "parent"]]
            )
    return pd.concat(frames, ignore_index=True)


def crosswalks() -> pd.DataFrame:
    """Shipped crosswalks, a row for each class and ecosystem type."""
    frames = [
        frame.assign(crosswalk=name) for name, frame in _scheme_files() if "ecosystem" in frame
    ]
    columns = ["crosswalk", "class", "code", "ecosystem", "share", "grade", "note"]
    return pd.concat(frames, ignore_index=True).fillna("")[columns]


def problems() -> pd.DataFrame:
    """Problem codes with severity and titles."""
    lines = [
        (code, severity, say("zh", f"codes.{code}"), say("en", f"codes.{code}"))
        for code, severity in severities().items()
    ]
    return pd.DataFrame(lines, columns=["code", "severity", "zh", "en"])


def switches() -> pd.DataFrame:
    """The choices that each shipped standard leaves open."""
    lines = [
        (one.id, name, str(switch.name), ", ".join(switch.options), switch.default)
        for one in _standards().values()
        for name, switch in one.spec.switch.items()
    ]
    return pd.DataFrame(lines, columns=["standard", "switch", "what", "options", "default"])


def data_names() -> pd.DataFrame:
    """The data names of each shipped standard: unit, keys, who has them."""
    lines = [
        (one.id, name, str(spec.name), spec.unit, ", ".join(spec.keys), str(spec.from_ or "-"))
        for one in _standards().values()
        for name, spec in one.spec.data.items()
    ]
    return pd.DataFrame(lines, columns=["standard", "data", "what", "unit", "keys", "who has it"])


def units() -> pd.DataFrame:
    """The units that are known, with their spellings."""
    lines = []
    for line in (
        (Path(__file__).parent.parent / "units.txt").read_text(encoding="utf-8").splitlines()
    ):
        if line and not line.startswith("#"):
            _, definition, *spellings = [part.strip() for part in line.split("=")]
            lines.append((", ".join(spellings) or "%, ‰", definition))
    return pd.DataFrame(lines, columns=["written", "is"])


def schemes() -> pd.DataFrame:
    """Shipped schemes of evaluation with their kind, legal force, evidence and validity."""
    lines = []
    for name in shipped("schemes"):
        text = read_scheme(name).spec
        valid = f"{text.valid_from or '-'} … {text.valid_to or '-'}"
        lines.append((text.id, str(text.title), text.kind, text.legal, text.evidence, valid))
    return pd.DataFrame(lines, columns=["scheme", "title", "kind", "legal", "evidence", "valid"])


KINDS = (
    "standards",
    "sets",
    "methods",
    "classes",
    "crosswalks",
    "schemes",
)  # what gep catalog prints first
TABLES = {
    "standards": standards,
    "switches": switches,
    "data": data_names,
    "sets": sets,
    "methods": methods,
    "classes": classes,
    "crosswalks": crosswalks,
    "schemes": schemes,
    "problems": problems,
    "units": units,
}
PAGES = {
    "standards": ("核算规范 Standards", (standards, switches, data_names)),
    "sets": ("参数集 Coefficient sets", (sets,)),
    "methods": ("核算方法 Methods", (methods,)),
    "classes": ("生态系统类型 Class schemes and crosswalks", (classes, crosswalks)),
    "schemes": ("考核方案 Schemes of evaluation", (schemes,)),
    "problems": ("问题代码 Problem codes", (problems,)),
    "units": ("单位 Units", (units,)),
}


def page(name: str) -> str:
    """A page of docs/reference as Markdown."""
    title, tables = PAGES[name]
    parts = [
        f"# {title}",
        "",
        "Generated by `python -m gep.report.reference docs/reference`; do not edit.",
        "",
    ]
    for table in tables:
        if len(tables) > 1:
            parts += [f"## {table.__name__.replace('_', ' ')}", ""]
        parts += [_markdown(table()), ""]
    return "\n".join(parts)


def _markdown(frame: pd.DataFrame) -> str:
    if "equation" in frame:
        frame = frame.assign(equation="`" + frame["equation"] + "`")
    rows = [
        list(frame.columns),
        ["---"] * len(frame.columns),
        *frame.astype(str).to_numpy().tolist(),
    ]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
        for row in rows
    )


def main(folder: str) -> None:
    """Write all pages into a folder."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name in PAGES:
        (Path(folder) / f"{name}.md").write_text(page(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1])
