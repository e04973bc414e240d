"""Methods (核算方法) as the plan sees them: a function by dotted path, with the units of its inputs and output."""

import importlib
import importlib.util
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gep.catalog import inside
from gep.errors import Problems
from gep.tables import suggestion


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


def load_method(name: str, base: Path, where: str, problems: Problems, *, allow_code: bool) -> Method | None:
    """Load ``gep.methods.soil:function`` or ``./file.py:function``; a user's own code only if it is allowed."""
    place, _, function = name.partition(":")
    if not function:
        problems.add("unknown-method", where, f"method {name!r}", "write module:function or ./file.py:function")
        return None
    own = not place.startswith("gep.methods.")
    if own and not allow_code:
        fix = "read the code; then allow_code = true in the project and --allow-code (Python: allow_code=True)"
        problems.add("code-not-allowed", where, f"method {name!r} is code of the project", fix)
        return None
    file = None
    if place.endswith(".py"):
        file = inside(place, base, where, problems)
        if file is None:
            return None
    module = _module(place, file, where, problems)
    if module is None:
        return None
    found = getattr(module, function, None)
    if not callable(found):
        public = [one for one in vars(module) if not one.startswith("_") and inspect.isfunction(getattr(module, one))]
        problems.add("unknown-method", where, f"{place} has no function {function!r}", suggestion(function, public))
        return None
    return describe(name, found, file, where, problems)


def _module(place: str, file: Path | None, where: str, problems: Problems) -> Any:
    try:
        if file is None:
            return importlib.import_module(place)
        spec = importlib.util.spec_from_file_location(f"gep_own_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    except Exception as error:  # whatever the user's own file raises is a problem of that file
        what = f"{place} cannot be imported: {type(error).__name__}: {error}"
        problems.add("unknown-method", where, what, "check the file")
        return None


def describe(
    name: str, function: Callable[..., Any], file: Path | None, where: str, problems: Problems
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
            what = f"argument {argument!r} of {name} is not keyword-only with Annotated[Array, unit]"
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
