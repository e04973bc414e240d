"""Methods (核算方法) as the plan sees them: a function with the units of its inputs and output.

The module owns which methods ship, the loading of a method by its path, and the consent without
which no other code is run. The formulas themselves are in ``gep.methods`` or in files of the user.
"""

import ast
import importlib
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from gep.errors import ProblemLog, Where
from gep.io.catalog import resolve_inside
from gep.io.csv_excel import printable
from gep.io.tables import suggestion
from gep.standards.own_code import OwnCode
from gep.units import Limits

# What ships, by exact name: all else is code of the user, and runs only with the user's consent.
# ``gep.methods.terrain`` is none: it needs the neighbours of a pixel, which no step has.
SHIPPED_MODULES = (
    "gep.methods.air",
    "gep.methods.biodiversity",
    "gep.methods.budyko",
    "gep.methods.carbon",
    "gep.methods.climate",
    "gep.methods.equivalents",
    "gep.methods.evaporation",
    "gep.methods.flood",
    "gep.methods.land",
    "gep.methods.noise",
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

# Methods that count a deficit as nothing, each with the method that keeps it: what the first leaves
# out of an account is told.
KEEPING_METHODS = {
    "gep.methods.water:retention_by_water_balance_floored": (
        "gep.methods.water:retention_by_water_balance"
    ),
}

_REPORT_SHOWN = 300  # characters of an error of the user's own code that a message shows
_FULL_LINE = 80  # characters of a docstring, after which a line may have been broken


@dataclass(frozen=True)
class Method:
    """A pure keyword-only function whose annotations carry units.

    Attributes
    ----------
    path : str
        ``module:function`` or ``./file.py:function``, as a standard writes it.
    function : callable
    inputs : mapping of str to str
        Arguments with their units.
    limits : mapping of str to Limits
        Physical limits of the arguments that have any, in these units.
    optional : frozenset of str
        Arguments with a default.
    unit : str
        Unit of the result.
    file : Path or None
        The file, if it is a file of the user.
    own : OwnCode or None
        The code of the user that runs; None if the method ships.
    """

    path: str
    function: Callable[..., Any]
    inputs: Mapping[str, str]
    optional: frozenset[str]
    unit: str
    file: Path | None = None
    own: OwnCode | None = field(default=None, repr=False, compare=False)
    limits: Mapping[str, Limits] = field(default_factory=dict)

    @property
    def doc(self) -> str:
        """The docstring, blank if there is none."""
        return inspect.getdoc(self.function) or ""

    @property
    def formula(self) -> str:
        """The first equation in the Notes of the docstring, else the docstring's first line."""
        return MethodDoc(self.doc).formula


class MethodDoc(NamedTuple):
    """What a method says of itself.

    Attributes
    ----------
    words : str
        The docstring, blank if there is none.
    """

    words: str

    @property
    def formula(self) -> str:
        """The first equation in the Notes of the docstring, else the docstring's first line.

        An equation goes on in the next line where its line is as long as lines may be.
        """
        words: list[str] = []
        for line in self.words.partition("Notes")[2].splitlines():
            if words and not line.strip():
                break
            if words or "=" in line:
                words.append(line.strip())
                if len(line) < _FULL_LINE:
                    break
        if words:
            return " ".join(words)
        return self.words.split("\n", 1)[0]

    @property
    def symbols(self) -> list[str]:
        """The lines of the section Symbols: what the text calls the arguments."""
        lines = []
        for line in self.words.partition("Symbols\n-------\n")[2].splitlines():
            if not line.strip():
                break
            lines.append(line.strip())
        return lines


def method_doc(name: str, base: Path) -> MethodDoc:
    """Read what a method says of itself; code that does not ship is read, but not run.

    Parameters
    ----------
    name : str
        See :func:`load_method`.
    base : Path
        The folder of the standard.

    Returns
    -------
    MethodDoc
        Blank where there is no such function, or where it is in an installed package.
    """
    home, _, function_name = name.partition(":")
    if home in SHIPPED_MODULES:
        function = vars(importlib.import_module(home)).get(function_name)
        return MethodDoc(inspect.getdoc(function) or "")
    if not is_own_file(home):
        return MethodDoc("")
    file = resolve_inside(home, base, name, ProblemLog())
    try:
        tree = ast.parse("" if file is None else file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):  # told where the method is loaded
        return MethodDoc("")
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == function_name:
            return MethodDoc(ast.get_docstring(node) or "")
    return MethodDoc("")


def load_method(
    name: str, base: Path, place: Where, problems: ProblemLog, *, allow_code: bool
) -> Method | None:
    """Load a method by its path, ``gep.methods.soil:function`` or ``./file.py:function``.

    Parameters
    ----------
    name : str
        What a standard writes: a module or a file, a colon, the name of a function.
    base : Path
        The folder of the standard; a file must be inside it.
    place : str or Sayable
        The step, for messages.
    problems : ProblemLog
        Receives ``unknown-method``, ``code-not-allowed``, ``method-signature`` or
        ``path-outside``.
    allow_code : bool
        Whether both the project and the caller consent to running code that does not ship with
        gep.

    Returns
    -------
    Method or None
        None if a problem was added.
    """
    home, _, function_name = name.partition(":")
    shown = printable(name)
    if not function_name:
        problems.add("unknown-method", place, "standards.method-without-function", method=shown)
        return None
    is_shipped = home in SHIPPED_MODULES
    if not is_shipped and not allow_code:
        problems.add("code-not-allowed", place, "standards.code-not-allowed", method=shown)
        return None
    file = None
    if is_own_file(home):
        file = resolve_inside(home, base, place, problems)
        if file is None:
            return None
    own = None if is_shipped else OwnCode(problems)
    module = _load_module(
        home,
        file,
        own,
        place,
        problems,
    )
    if module is None:
        return None
    public_functions = []
    for member_name, member in vars(module).items():
        if inspect.isfunction(member) and not member_name.startswith("_"):
            public_functions.append(member_name)
    function = vars(module).get(function_name)
    if not callable(function) or (is_shipped and function_name not in public_functions):
        problems.add(
            "unknown-method",
            place,
            "standards.unknown-function",
            module=printable(home),
            function=printable(function_name),
            hint=suggestion(function_name, public_functions),
        )
        return None
    method = read_units(
        name,
        function,
        file,
        place,
        problems,
    )
    return None if method is None else replace(method, own=own)


def keeping_function(path: str) -> Callable[..., Any] | None:
    """Return the function of the method that keeps the deficits which a method counts as nothing.

    Parameters
    ----------
    path : str
        ``module:function`` of the method that counts them as nothing.

    Returns
    -------
    callable or None
        It takes the same arguments. None if the method leaves nothing out, or is not known to.
    """
    keeping = KEEPING_METHODS.get(path)
    if keeping is None:
        return None
    home, _, function_name = keeping.partition(":")
    function: Callable[..., Any] = vars(importlib.import_module(home))[function_name]
    return function


def is_own_file(home: str) -> bool:
    """Return whether a method's path before the colon names a file of the user, not a module.

    Parameters
    ----------
    home : str
        Such as ``./methods.py`` or ``gep.methods.soil``.

    Returns
    -------
    bool
    """
    if home in SHIPPED_MODULES:
        return False
    return "/" in home or "\\" in home or home.lower().endswith(".py")


def _load_module(
    home: str, file: Path | None, own: OwnCode | None, place: Where, problems: ProblemLog
) -> Any:
    """Import a module, or run a file; consent was checked before."""
    try:
        if own is None:
            return importlib.import_module(home)
        return own.import_module(home) if file is None else own.run_file(file)
    except (
        Exception,
        SystemExit,
    ) as error:  # whatever the user's own file raises is a problem of that file
        report = printable(f"{type(error).__name__}: {error}", _REPORT_SHOWN)
        module_name = printable(home)
        message = "standards.module-fails"
        problems.add(
            "unknown-method",
            place,
            message,
            module=module_name,
            report=report,
        )
        return None


def read_units(
    name: str, function: Callable[..., Any], file: Path | None, place: Where, problems: ProblemLog
) -> Method | None:
    """Read the units of a method from the annotations of its function.

    Parameters
    ----------
    name : str
        The method's path, as a standard writes it.
    function : callable
        Its arguments must be keyword-only and annotated ``Annotated[Array, unit]``, and so must
        its result.
    file : Path or None
        The file, if it is code of the user.
    place : str or Sayable
        The step, for messages.
    problems : ProblemLog
        Receives ``method-signature``.

    Returns
    -------
    Method or None
        None if a problem was added.
    """
    method = printable(name)
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        report = printable(error, _REPORT_SHOWN)
        message = "standards.annotations-unreadable"
        problems.add(
            "method-signature",
            place,
            message,
            method=method,
            report=report,
        )
        return None
    inputs: dict[str, str] = {}
    limits: dict[str, Limits] = {}
    optional = set()
    for argument, parameter in inspect.signature(function).parameters.items():
        unit = _unit_of_hint(hints.get(argument))
        if parameter.kind is not parameter.KEYWORD_ONLY or unit is None:
            message = "standards.argument-without-unit"
            problems.add(
                "method-signature",
                place,
                message,
                method=method,
                argument=argument,
            )
            return None
        inputs[argument] = unit
        limit = _limits_of_hint(hints[argument])
        if limit is not None:
            limits[argument] = limit
        if parameter.default is not parameter.empty:
            optional.add(argument)
    output_unit = _unit_of_hint(hints.get("return"))
    if output_unit is None:
        problems.add("method-signature", place, "standards.result-without-unit", method=method)
        return None
    if not inputs:
        problems.add("method-signature", place, "standards.method-without-inputs", method=method)
        return None
    return Method(
        path=name,
        function=function,
        inputs=inputs,
        optional=frozenset(optional),
        unit=output_unit,
        file=file,
        limits=limits,
    )


def _unit_of_hint(hint: Any) -> str | None:
    """Return the unit of an annotation ``Annotated[Array, unit]``; None if it has none."""
    notes = getattr(hint, "__metadata__", ())
    return notes[0] if notes and isinstance(notes[0], str) else None


def _limits_of_hint(hint: Any) -> Limits | None:
    """Return the limits of ``Annotated[Array, unit, limits]``; None if it has none."""
    for note in getattr(hint, "__metadata__", ())[1:]:
        if isinstance(note, Limits):
            return note
    return None
