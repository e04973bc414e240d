"""The page that says how far each shipped standard is read and checked."""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from manual.words import pick, table

from gep.inputs.coefficients import read_coefficient_set
from gep.inputs.value_rows import GRADES, grade_names, grade_title
from gep.io.catalog import shipped
from gep.standards.standard import Standard, Step, read_standard

_ROOT = Path(__file__).parents[2]
_CASES = _ROOT / "tests" / "cases"
_METHOD_CASES = "methods"
_RECALLED = "recalled"
_BY_HAND = ("hand calculation", "chosen for the calculation")
_PRINTED = ("match", "expect")  # roles of rows whose number is printed by a source


def write_evidence(folder: Path, language: str) -> None:
    """Write the page ``reference/evidence.md``.

    Parameters
    ----------
    folder : Path
        The pages of the language.
    language : {'zh', 'en'}
    """
    text = evidence_page(language)
    (folder / "reference" / "evidence.md").write_text(text, encoding="utf-8")


def evidence_page(language: str) -> str:
    """Return the page: a row for each shipped standard."""
    rows = [_row(read_standard(name), language) for name in shipped("standards")]
    heads = [
        pick(language, "规范", "standard"),
        pick(language, "步骤", "steps"),
        pick(language, "公式凭记忆", "formula from memory"),
        pick(language, "两人核对过正文", "text verified by two readers"),
        pick(language, "方法有公布的算例", "method validated by a published case"),
        pick(language, "复算过公布的账户", "arithmetic replicated in a published account"),
        pick(language, "默认参数行", "default coefficient rows"),
        *(grade_title(grade, language) for grade in GRADES),
    ]
    title = pick(language, "依据走到哪一步", "How far the evidence goes")
    told = pick(
        language,
        "每部随软件的规范：步骤的公式怎样读到，方法和账户有没有与公布的数对上，默认参数各等级占多少。"
        "“公布的算例”是 `tests/cases` 里论文或报告印出的数，手算的不计；"
        "“复算过”是该规范的公布账户里印出了这一步的数，并且对得上。"
        "核对正文见[规范与正文核对、核签](../how-to/sign-a-standard.md)。",
        "For each shipped standard: how the formulas of its steps were read, whether methods and "
        "accounts were held against published numbers, and the shares of grades of its default "
        "coefficients. A published case is a number that a paper or report prints "
        "(`tests/cases`), not a hand calculation; replicated means that a published account "
        "under this standard prints the number of the step, and that it agrees. How a text is "
        "verified: [signing a standard](../how-to/sign-a-standard.md).",
    )
    return "\n\n".join((f"# {title}", told, table(heads, rows), ""))


def _row(standard: Standard, language: str) -> list[str]:
    """Return the row of a standard."""
    steps = [(name, step) for name, _, step in standard.steps()]
    replicated = _replicated_steps(standard.id)
    counts = {
        "memory": sum(_RECALLED in step.clause for _, step in steps),
        "validated": sum(step.method in _validated_methods() for _, step in steps),
        "replicated": sum(name in replicated for name, _ in steps),
    }
    grades = _grades_of_defaults(standard, [step for _, step in steps])
    total = sum(grades.values())
    shares = [f"{grades[name] / total:.0%}" if grades[name] else "" for name in GRADES]
    return [
        f"[{standard.spec.title.say(language)}](standards/{standard.id}.md)",
        str(len(steps)),
        str(counts["memory"]),
        str(standard.sign_off.verified),
        str(counts["validated"]),
        str(counts["replicated"]),
        str(total),
        *shares,
    ]


def _grades_of_defaults(standard: Standard, steps: list[Step]) -> Mapping[str, int]:
    """Count the rows by grade of the coefficients that the steps take from the default sets."""
    names = set()
    for step in steps:
        names |= {binding.coef for binding in step.inputs.values() if binding.coef}
    counts = dict.fromkeys(GRADES, 0)
    for set_name in standard.spec.coefficients:
        rows = read_coefficient_set(set_name).rows
        for grade in grade_names(rows.loc[rows["name"].isin(names), "grade"]):
            counts[str(grade)] += 1
    return counts


@cache
def _validated_methods() -> frozenset[str]:
    """Return the methods with a case whose number a source prints."""
    methods = set()
    for row in _printed_rows(_CASES / _METHOD_CASES):
        methods.add(row["item"])
    return frozenset(methods)


def _replicated_steps(standard: str) -> frozenset[str]:
    """Return the indicators and steps whose number a published account of a standard prints."""
    steps = set()
    for row in _printed_rows(_CASES / standard):
        steps.add(row["name"])
    for indicator in tuple(steps):
        steps.add(f"{indicator}.value")
    return frozenset(steps)


def _printed_rows(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of cases whose number is printed by a source and agrees."""
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                is_printed = not row["locator"].startswith(_BY_HAND)
                if row["role"] in _PRINTED and is_printed:
                    yield row
