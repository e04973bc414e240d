"""Methods (核算方法) as the plan sees them: a function by dotted path, with the units of its inputs and output."""

import importlib
import importlib.util
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gep.errors import ProblemLog, Where
from gep.io.catalog import resolve_inside
from gep.io.tables import suggestion

# What ships, by exact name: everything else is code of the user, and runs only with the user's consent.
SHIPPED_MODULES = (
    "gep.methods.air",
    "gep.methods.carbon",
    "gep.methods.climate",
    "gep.methods.equivalents",
    "gep.methods.flood",
    "gep.methods.land",
    "gep.methods.oxygen",
    "gep.methods.products",
    "gep.methods.purification",
    "gep.methods.ratios",
    "gep.methods.recreation",
    "gep.methods.reported",
    "gep.methods.rusle",
    "gep.methods.rweq",
    "gep.methods.sand",
    "gep.methods.soil",
    "gep.methods.valuation",
    "gep.methods.vegetation",
    "gep.methods.water",
)


@dataclass(frozen=True)
class Method:
    """A pure keyword-only function whose annotations carry units."""

    path: str
    function: Callable[..., Any]
    inputs: Mapping[str, str]  # argument -> unit
    optional: frozenset[str]
    unit: str
    file: Path | None = None  # set for a user's own code

    @property
    def doc(self) -> str:
        """The docstring."""
        return inspect.getdoc(self.function) or ""

    @property
    def formula(self) -> str:
        """The equation of the docstring's Notes, or the source of the return line."""
        lines = [line.strip() for line in self.doc.partition("Notes")[2].splitlines()]
        return next((line for line in lines if "=" in line), self.doc.split("\n", 1)[0])


def load_method(
    name: str, base: Path, where: Where, problems: ProblemLog, *, allow_code: bool
) -> Method | None:
    """Load a method by its dotted path, ``gep.methods.soil:function`` or ``./file.py:function``.

    Parameters
    ----------
    name : str
        What a standard writes: a module or a file, a colon, the name of a function.
    base : Path
        The folder of the standard; a file must lie inside it.
    where : str
        The step, for messages.
    problems : Problems
        Receives ``unknown-method``, ``code-not-allowed``, ``method-signature`` and ``path-outside``.
    allow_code : bool
        Whether both the project and the caller consent to running code that does not ship with gep.

    Returns
    -------
    Method or None
        None if a problem was added.
    """
    place, _, function = name.partition(":")
    if not function:
        problems.add(
            "unknown-method",
            where,
            f"method {name!r}",
            "write module:function or ./file.py:function",
        )
        return None
    shipped = place in SHIPPED_MODULES
    if not shipped and not allow_code:
        fix = "read the code; then allow_code = true in the project and --allow-code (Python: allow_code=True)"
        problems.add("code-not-allowed", where, f"method {name!r} is code of the project", fix)
        return None
    file = None
    if is_own_file(place):
        file = resolve_inside(place, base, where, problems)
        if file is None:
            return None
    module = _module(place, file, where, problems)
    if module is None:
        return None
    public = [
        key
        for key, value in vars(module).items()
        if inspect.isfunction(value) and not key.startswith("_")
    ]
    method = vars(module).get(function)
    if not callable(method) or (shipped and function not in public):
        problems.add(
            "unknown-method",
            where,
            f"{place} has no function {function!r}",
            suggestion(function, public),
        )
        return None
    return read_units(name, method, file, where, problems)


def is_own_file(place: str) -> bool:
    """Whether the part of a method's path before the colon names a file of the project, not a module."""
    return place not in SHIPPED_MODULES and (
        "/" in place or "\\" in place or place.lower().endswith(".py")
    )


def _module(place: str, file: Path | None, where: Where, problems: ProblemLog) -> Any:
    """Import a shipped or an own module, or run a file; consent was checked before."""
    try:
        if file is None:
            return importlib.import_module(place)
        # compiled from the text that the user has read: no bytecode lying beside it is run, and none is left there
        module = types.ModuleType(f"gep_own_{file.stem}")
        module.__file__ = str(file)
        source = importlib.util.decode_source(file.read_bytes())
        exec(compile(source, str(file), "exec"), vars(module))
        return module
    except Exception as error:  # whatever the user's own file raises is a problem of that file
        what = f"{place} cannot be imported: {type(error).__name__}: {error}"
        problems.add("unknown-method", where, what, "check the file")
        return None


def read_units(
    name: str, function: Callable[..., Any], file: Path | None, where: Where, problems: ProblemLog
) -> Method | None:
    """Read the units off a function's annotations."""
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        what = f"the annotations of {name} cannot be read: {error}"
        problems.add("method-signature", where, what, "see docs/how-to/own-method.md")
        return None
    inputs: dict[str, str] = {}
    optional = set()
    for argument, parameter in inspect.signature(function).parameters.items():
        unit = _unit(hints.get(argument))
        if parameter.kind is not parameter.KEYWORD_ONLY or unit is None:
            what = (
                f"argument {argument!r} of {name} is not keyword-only with Annotated[Array, unit]"
            )
            problems.add("method-signature", where, what, "see docs/how-to/own-method.md")
            return None
        inputs[argument] = unit
        if parameter.default is not parameter.empty:
            optional.add(argument)
    output = _unit(hints.get("return"))
    if output is None or not inputs:
        what = f"{name} has no unit on its return value, or no inputs"
        problems.add("method-signature", where, what, "see docs/how-to/own-method.md")
        return None
    return Method(name, function, inputs, frozenset(optional), output, file)


def _unit(hint: Any) -> str | None:
    notes = getattr(hint, "__metadata__", ())
    return notes[0] if notes and isinstance(notes[0], str) else None
