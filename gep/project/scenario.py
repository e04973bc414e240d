"""Scenario files (情景文件): the edits of a "what if" as a TOML, read and written.

What the edits mean is left to ``gep.plan.edits``.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from gep.errors import ProblemLog
from gep.io.argument_types import checked_arguments
from gep.io.result_folder import cannot_write
from gep.io.toml_documents import Frozen, read_toml, validate_document


class ScenarioSpec(Frozen):
    """A scenario file.

    Attributes
    ----------
    title
        What is assumed, in a sentence.
    set
        By name the number, factor or choice; see ``gep.plan.edits.edit_inputs``.
    """

    title: str = ""
    set: dict[str, int | float | str]


def load_scenario(path: Path, problems: ProblemLog) -> dict[str, object]:
    """Load a scenario file.

    Parameters
    ----------
    path : Path
    problems : ProblemLog
        Receives what is wrong with the file (see ``gep.io.toml_documents``).

    Returns
    -------
    dict of str to object
        Its edits; empty if it cannot be read.
    """
    document = read_toml(path, path.name, problems)
    spec = validate_document(ScenarioSpec, document, path.name, problems)
    return {} if spec is None else dict(spec.set)


@checked_arguments
def write_scenario(path: str | Path, set: Mapping[str, str | float], title: str = "") -> Path:
    """Write the edits of a scenario as a file, as ``gep run --scenario`` reads it.

    Parameters
    ----------
    path : str or Path
        A new file (``.toml``).
    set : mapping of str to object
        The edits; see ``Project.compute``.
    title : str, optional
        What is assumed, in a sentence.

    Returns
    -------
    Path

    Raises
    ------
    ProblemsFound
        ``cannot-write`` if the file exists already; ``scenario-edit`` for a number that is not
        finite. Nothing is written then.

    Examples
    --------
    >>> import gep
    >>> gep.write_scenario("dearer.toml", {"equivalent_value": 3700}).name
    'dearer.toml'
    """
    file = Path(path)
    problems = ProblemLog()
    for name, change in set.items():
        if not isinstance(change, str) and not math.isfinite(change):
            problems.add("scenario-edit", f"set {name}", "plan.edit-no-number")
    problems.raise_errors()
    content = scenario_text(set, title).encode()
    try:
        stream = file.open("xb")
    except OSError as error:
        raise cannot_write(file, "io.scenario-not-written", reason=str(error)) from error
    try:
        with stream:
            stream.write(content)
    except OSError as error:
        file.unlink(missing_ok=True)  # a part of it would be read as the whole
        raise cannot_write(file, "io.scenario-not-written", reason=str(error)) from error
    return file


def scenario_text(changes: Mapping[str, object], title: str = "") -> str:
    """Return a scenario file, as ``gep run --scenario`` reads it.

    Parameters
    ----------
    changes : mapping of str to object
    title : str, optional

    Returns
    -------
    str
    """
    lines = [f"title = {_toml_value(title)}", "", "[set]"]
    lines += [f"{_toml_value(name)} = {_toml_value(change)}" for name, change in changes.items()]
    return "\n".join(lines) + "\n"


def _toml_value(value: object) -> str:
    """Return a text or a number as TOML writes it; texts of JSON are texts of TOML."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return repr(float(value))  # type: ignore[arg-type]
