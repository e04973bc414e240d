"""Which pages the site has: files of the repository, pages that are made, and their order."""

import os
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BUILD = Path(os.environ.get("GEP_MANUAL", ROOT / "build" / "manual"))  # set by docs/build.py
GENERATED = BUILD / "generated"

# Sections of the navigation: titles in both languages, and pages in their order.
NAVIGATION = (
    (("开始", "Start"), ("index.md", "install.md", "tutorial.md", "gallery.md")),
    (
        ("统计人员", "Statisticians"),
        (
            "how-to/excel.md",
            "how-to/which-standard.md",
            "how-to/import-tables.md",
            "how-to/first-account.md",
            "how-to/install-without-network.md",
            "checks.md",
        ),
    ),
    (
        ("审核与考核", "Evaluators"),
        (
            "how-to/report-page.md",
            "how-to/read-a-plan-and-explain.md",
            "how-to/compare-years.md",
            "how-to/how-sure.md",
            "how-to/how-good.md",
            "how-to/assess.md",
            "how-to/governance-measures.md",
            "how-to/collect.md",
            "how-to/pictures.md",
        ),
    ),
    (
        ("研究人员", "Researchers"),
        (
            "how-to/python.md",
            "how-to/scenarios.md",
            "how-to/compare-standards.md",
            "how-to/own-coefficients.md",
            "how-to/own-indicator.md",
            "how-to/own-method.md",
            "how-to/own-standard.md",
            "how-to/own-scheme.md",
            "how-to/sign-a-standard.md",
            "how-to/share.md",
            "how-to/published-figures.md",
            "how-to/printed-tables.md",
            "how-to/export.md",
            "how-to/seea.md",
            "how-to/many-counties.md",
            "how-to/rasters.md",
        ),
    ),
    (
        ("目录", "Reference"),
        (
            "commands.md",
            "formats.md",
            "reference/standards.md",
            "reference/standards/*",
            "reference/evidence.md",
            "reference/coefficients.md",
            "reference/coefficients/*",
            "reference/sets.md",
            "reference/methods.md",
            "reference/classes.md",
            "reference/schemes.md",
            "reference/schemes/*",
            "reference/problems.md",
            "reference/units.md",
            "reference/places.md",
            "api/*",
        ),
    ),
    (("方法与依据", "Theory"), ("theory.md",)),
    (("例子", "Examples"), ("examples.md", "examples/*")),
    (("设计取舍", "Decisions"), ("decisions/*",)),
    (("改动", "Changes"), ("changelog.md", "contributing.md")),
)
# Sections with pages in English only: the Chinese navigation leads over to them.
ENGLISH_ONLY = (
    ("Python 接口（英文）", "api/index.md"),
    ("设计取舍（英文）", "decisions/index.md"),
    ("改动（英文）", "changelog.md"),
)


@cache
def documents(language: str) -> dict[str, str]:
    """Return the Markdown files that are pages of a language: path in the repository to its page.

    Parameters
    ----------
    language : {'zh', 'en'}

    Returns
    -------
    dict of str to str
        ``docs/en/how-to/assess.md`` to ``how-to/assess.md``.
    """
    pages = {}
    for file in sorted((DOCS / language).rglob("*.md")):
        pages[_path(file)] = file.relative_to(DOCS / language).as_posix()
    readme = "README.md" if language == "zh" else "README.en.md"
    for file in sorted((ROOT / "examples").glob(f"*/{readme}")):
        pages[_path(file)] = f"examples/{file.parent.name}.md"
    if language == "en":
        for file in sorted((DOCS / "decisions").glob("*.md")):
            name = "index.md" if file.name == "README.md" else file.name
            pages[_path(file)] = f"decisions/{name}"
        pages["CHANGELOG.md"] = "changelog.md"
        pages["CONTRIBUTING.md"] = "contributing.md"
    return pages


@cache
def made(language: str) -> dict[str, Path]:
    """Return what ``docs/build.py`` made for a language: pages and pictures, by their place."""
    folder = GENERATED / language
    files = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            files[file.relative_to(folder).as_posix()] = file
    return files


@cache
def pages(language: str) -> frozenset[str]:
    """Return all pages of a language."""
    names = set(documents(language).values())
    names.update(name for name in made(language) if name.endswith(".md"))
    return frozenset(names)


def navigation(language: str) -> list[dict[str, list[str]]]:
    """Return the navigation of a language, as MkDocs reads it."""
    known = pages(language)
    sections = []
    for titles, patterns in NAVIGATION:
        names: list[str] = []
        for pattern in patterns:
            if pattern.endswith("*"):
                below = pattern.removesuffix("*")
                names += sorted(_in_folder(known, below), key=_index_first)
            elif pattern in known:
                names.append(pattern)
        if names:
            sections.append({titles[language == "en"]: names})
    return sections


def _in_folder(names: frozenset[str], folder: str) -> list[str]:
    """Return the pages of a folder."""
    return [name for name in names if name.startswith(folder)]


def _index_first(name: str) -> tuple[bool, str]:
    """Sort the index of a folder before its other pages."""
    return (not name.endswith("/index.md"), name)


def _path(file: Path) -> str:
    """Return the path of a file in the repository."""
    return file.relative_to(ROOT).as_posix()
