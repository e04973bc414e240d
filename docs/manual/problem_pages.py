"""A page for each problem code: an input that has the problem, what is printed, the fix.

The inputs are the cases of tests/bad: each is run, and what it says is written down.
"""

import ast
import csv
import re
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from manual.words import LANGUAGES, pick
from support.museum import BAD, BASE, project
from support.tables import compute

import gep
from gep.errors import Problem, ProblemsFound, severities
from gep.texts.catalogue import has_key, say, template

_LINES = 14  # of a file that a page shows
_AROUND = 2  # lines before and after the place of a problem


def codes() -> list[str]:
    """Return all problem codes."""
    return sorted(severities())


def write_problems(folder: Path, wanted: Iterable[str]) -> None:
    """Write the pages of codes into ``zh/reference/problems`` and ``en/reference/problems``."""
    for language in LANGUAGES:
        (folder / language / "reference" / "problems").mkdir(parents=True, exist_ok=True)
    for code in wanted:
        case = _case_of(code)
        with tempfile.TemporaryDirectory() as scratch:
            found = _run(case["case"], code, Path(scratch)) if case else None
            for language in LANGUAGES:
                target = folder / language / "reference" / "problems" / f"{code}.md"
                target.write_text(_page(code, case, found, language), encoding="utf-8")


def _case_of(code: str) -> dict[str, str] | None:
    """Return the first case of a code that is a folder of files; the one with fewest problems."""
    rows = _index()
    of_case: dict[str, int] = {}
    for row in rows:
        of_case[row["case"]] = of_case.get(row["case"], 0) + 1
    cases = []
    for row in rows:
        if row["code"] == code and (BAD / row["case"]).is_dir():
            cases.append(row)
    return min(cases, key=lambda row: of_case[row["case"]], default=None)


@cache
def _index() -> tuple[dict[str, str], ...]:
    """Return the rows of tests/bad/index.csv."""
    with (BAD / "index.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _run(case: str, code: str, scratch: Path) -> Problem:
    """Compute a bad project and return the problem of the code that it has."""
    folder = project(scratch / "p", BAD / case)
    try:
        problems = compute(folder, scratch / "out", allow_code=True).warnings
    except ProblemsFound as error:
        problems = error.problems
    for problem in problems:
        if problem.code == code:
            return problem
    raise AssertionError(f"tests/bad/{case} does not show {code}")


def _page(code: str, case: dict[str, str] | None, found: Problem | None, language: str) -> str:
    """Write the page of a code."""
    title = say(language, f"problem_titles.{code}")
    is_error = severities()[code] == "error"
    refused = pick(
        language,
        "**拒绝**：什么都不写，退出码 2。",
        "**Error**: nothing is written, the exit status is 2.",
    )
    told = pick(
        language,
        "**提示**：照算，结果里记下，要有人看过。",
        "**Warning**: computed all the same, kept in the results; somebody has to look at it.",
    )
    parts = [f"# {title} (`{code}`)", refused if is_error else told]
    if case and found:
        parts += _example(case, found, language)
    parts += _wordings(code, language)
    back = pick(language, "全部代码", "all codes")
    parts.append(f"[{back}](../problems.md)")
    return "\n\n".join(parts) + "\n"


def _example(case: dict[str, str], found: Problem, language: str) -> list[str]:
    """Write what the file looks like, what is printed, and what to do."""
    parts = [f"## {pick(language, '例子', 'An example')}"]
    if case["note"] and language == "en":
        parts.append(f"{case['note'][:1].upper()}{case['note'][1:]}.")
    shown = _excerpt(case)
    if shown:
        parts.append(shown)
    printed = pick(language, "打印出来的是：", "What is printed:")
    fix = pick(language, "怎么改：", "The fix:")
    parts += [printed, f"``` {{ .text .wrap }}\n{found.say(language)}\n```"]
    parts.append(f"**{fix}** {found.say_fix(language)}")
    folder = f"`tests/bad/{case['case']}`"
    parts.append(pick(language, f"例子取自 {folder}。", f"The example is {folder}."))
    return parts


def _excerpt(case: dict[str, str]) -> str:
    """Return the part of the file that has the problem; blank if it is no text."""
    overlay = BAD / case["case"]
    file = overlay / case["file"].partition("#")[0]
    if not case["file"] or not file.is_file():
        changed = sorted(path for path in overlay.rglob("*") if path.is_file())
        if not changed:
            return ""
        file = changed[0]
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return ""
    base = BASE / file.relative_to(overlay)
    before = base.read_text(encoding="utf-8").splitlines() if base.is_file() else []
    wanted = {number for number, line in enumerate(lines) if line not in before}
    if case["row"].isdigit() and file.suffix == ".csv":
        wanted.add(int(case["row"]) - 1)
    chosen = lines if len(lines) <= _LINES else _around(lines, sorted(wanted))
    name = file.relative_to(overlay).as_posix()
    kind = {".csv": "csv", ".toml": "toml", ".py": "python"}.get(file.suffix, "text")
    body = "\n".join(line[:200] for line in chosen if line.isprintable() or "\t" in line)
    return f"**{name}**\n\n```{kind}\n{body}\n```"


def _around(lines: list[str], wanted: list[int]) -> list[str]:
    """Return the first line and those around the wanted ones, with dots for what is left out."""
    kept = {0}
    for number in wanted[:4] or [0]:
        kept |= set(range(max(0, number - _AROUND), min(len(lines), number + _AROUND + 1)))
    chosen = []
    last = -1
    for number in sorted(kept):
        if number > last + 1:
            chosen.append("...")
        chosen.append(lines[number])
        last = number
    return chosen if last == len(lines) - 1 else [*chosen, "..."]


# --- all wordings of a code ----------------------------------------------------------------------


@cache
def _messages() -> dict[str, tuple[str, ...]]:
    """Return the keys of the texts that the code names with each problem code."""
    named: dict[str, dict[str, None]] = {}
    for path in sorted(Path(gep.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) < 3:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            code, key = node.args[0], node.args[2]
            if name not in ("add", "make_problem") or not isinstance(key, ast.Constant):
                continue
            for part in ast.walk(code):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    named.setdefault(part.value, {})[key.value] = None
    return {code: tuple(keys) for code, keys in named.items()}


def _wordings(code: str, language: str) -> list[str]:
    """Write every wording that the code can have, with its fix."""
    lines = []
    for key in _messages().get(code, ()):
        if isinstance(key, str) and "." in key and has_key(language, f"{key}.what"):
            what = _opened(template(language, f"{key}.what"))
            fix = _opened(template(language, f"{key}.fix"))
            lines.append(f"- {what}\n\n    → {fix}")
    if not lines:
        return []
    head = pick(language, "可能的说法和改法", "What it may say, and what to do")
    note = pick(language, "‹…› 处是具体的名称和数。", "‹…› stands for a name or a number.")
    return [f"## {head}", note, "\n\n".join(lines)]


def _opened(words: str) -> str:
    """Return a template with its placeholders shown, safe as Markdown."""
    words = re.sub(r"\{(\w+)[^}]*\}", "‹\\1›", words.replace("\n", " "))
    return re.sub(r"([*_<>\[\]`|\\])", r"\\\1", words)
