"""Pages of the Python interface, made of the docstrings of the public names."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import gep

_INTRO = """# Python

Everything here is a name of `gep`: `import gep`, then `gep.compute(...)`.
Start with [gep in Python](../how-to/python.md).
"""


def write_api(folder: Path) -> None:
    """Write a page for each package that public names are from, and an index."""
    target = folder / "api"
    target.mkdir(parents=True, exist_ok=True)
    lines = [_INTRO]
    for package, names in sorted(_by_package().items()):
        blocks = [f"# gep: {package}"]
        for name in names:
            home = getattr(gep, name).__module__
            blocks.append(f"::: {home}.{name}\n    options:\n      heading: gep.{name}")
        (target / f"{package}.md").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
        lines.append(f"## [{package}]({package}.md)\n")
        lines += _summaries(package, names)
    (target / "index.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _by_package() -> dict[str, list[str]]:
    """Return the public names by the package that they are from."""
    names: dict[str, list[str]] = {}
    for name in sorted(set(gep.__all__) - {"__version__"}):
        package = getattr(gep, name).__module__.split(".")[1]
        names.setdefault(package, []).append(name)
    return names


def _summaries(package: str, names: list[str]) -> Iterator[str]:
    """Yield a line for each name: what it is."""
    for name in names:
        described = inspect.getdoc(getattr(gep, name)) or ""
        home = getattr(gep, name).__module__
        yield f"- [`gep.{name}`]({package}.md#{home}.{name}): {described.splitlines()[0]}"
    yield ""
