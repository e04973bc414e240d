"""Types of arguments (参数的类型): what the signature of a public function says is what it takes.

Owns the check of types and its messages. What a table or a number means is left to the function
and its readers.
"""

import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, wraps
from inspect import Parameter, Signature, signature
from numbers import Integral, Real
from typing import Any, ForwardRef, Literal, TypeVar, Union, cast, get_args, get_origin

import numpy as np
import pandas as pd

from gep.errors import Problem, ProblemsFound, make_problem
from gep.io.arguments import is_array, is_several

Function = TypeVar("Function", bound=Callable[..., Any])

_SHOWN = 60  # characters of a value that a message shows
_SIMPLE = (str, bytes, int, float, type(None))  # types whose values a message shows
_XARRAY = {"xr.": "xarray."}


def checked_arguments(function: Function) -> Function:
    """Make a function refuse arguments of other types than those of its signature.

    Parameters
    ----------
    function : callable
        Its annotations are what it takes: classes, ``Literal``, unions, sequences and mappings.

    Returns
    -------
    callable
        Raises ``ProblemsFound`` with a ``wrong-argument`` for each argument of another type, and
        for an empty list where one is required, before the function begins.
    """
    parameters = cache(lambda: signature(function))

    @wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:
        problems = _wrong_arguments(parameters(), arguments, named)
        if problems:
            raise ProblemsFound(problems)
        return function(*arguments, **named)

    return cast("Function", checked)


def _wrong_arguments(
    called: Signature, arguments: tuple[Any, ...], named: Mapping[str, Any]
) -> list[Problem]:
    """Return a problem for each argument of another type; those that do not bind are Python's."""
    try:
        bound = called.bind(*arguments, **named).arguments
    except TypeError:
        return []
    problems: list[Problem] = []
    for name, parameter in called.parameters.items():
        hint = parameter.annotation
        if parameter.kind is Parameter.VAR_POSITIONAL:
            problems += _wrong_positions(bound.get(name, ()), name, hint)
        elif name in bound and hint is not Parameter.empty:
            is_required = parameter.default is Parameter.empty
            problems += _wrong_argument(bound[name], name, hint, is_required=is_required)
    return problems


def _wrong_positions(arguments: Collection[Any], name: str, hint: Any) -> list[Problem]:
    """Return the problems of arguments that may be any number, but at least one."""
    if not arguments:
        return [_nothing_given(name, hint)]
    problems: list[Problem] = []
    for argument in arguments:
        problems += _wrong_argument(argument, name, hint, is_required=True)
    return problems


def _wrong_argument(
    argument: Any, name: str, hint: Any, *, is_required: bool
) -> Iterator[Problem] | list[Problem]:
    """Return the problem of an argument, if it has one."""
    if is_required and is_several(argument) and not len(argument) and _takes_several(hint):
        return [_nothing_given(name, hint)]
    if _fits(argument, hint):
        return []
    if is_several(argument) and _takes_several(hint):
        elements = list(argument)
        wrong = [element for element in elements if not _fits([element], hint)]
        if wrong:
            position = next(i for i, element in enumerate(elements) if element is wrong[0])
            is_numbered = isinstance(argument, list | tuple) and len(elements) > 1
            label = f"{name}[{position}]" if is_numbered else name
            return [wrong_type(wrong[0], label, hint)]
    return [wrong_type(argument, name, hint)]


def _nothing_given(name: str, hint: Any) -> Problem:
    """Return the problem of a list that is empty."""
    return make_problem("wrong-argument", name, "io.nothing-given", expected=_words(hint))


def wrong_type(argument: Any, name: str, hint: Any) -> Problem:
    """Return the problem of an argument of another type.

    Parameters
    ----------
    argument : object
    name : str
        The argument, as messages name it.
    hint : type
        What the function takes.

    Returns
    -------
    Problem
        ``wrong-argument``.
    """
    kind = type(argument).__name__
    if pd.DataFrame in _leaves(hint) and type(None) not in get_args(hint):
        return make_problem("wrong-argument", name, "io.not-a-table", type=kind)
    value = repr(argument)[:_SHOWN] if isinstance(argument, _SIMPLE) else ""
    found = f"{value} ({kind})" if value else kind
    return make_problem("wrong-argument", name, "io.wrong-type", found=found, expected=_words(hint))


def _leaves(hint: Any) -> set[Any]:
    """Return the types that a union consists of."""
    if get_origin(hint) in (Union, types.UnionType):
        leaves: set[Any] = set()
        for part in get_args(hint):
            leaves |= _leaves(part)
        return leaves
    return {hint} if isinstance(hint, type | ForwardRef) else set()


def _takes_several(hint: Any) -> bool:
    """Return whether a list may stand where the hint does."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return any(_takes_several(part) for part in get_args(hint))
    return _is_sequence(origin)


def _is_sequence(origin: Any) -> bool:
    """Return whether a generic type is a list of any length."""
    if not isinstance(origin, type) or origin is tuple:
        return False
    return issubclass(origin, Iterable) and not issubclass(origin, Mapping)


def _fits(argument: Any, hint: Any) -> bool:
    """Return whether an argument is what a hint says; hints that say nothing fit all."""
    origin = get_origin(hint)
    parts = get_args(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(argument, part) for part in parts)
    if origin is Literal:
        return isinstance(argument, str | int) and argument in parts
    if origin is not None:
        return _fits_generic(argument, origin, parts)
    if isinstance(hint, ForwardRef | str):
        name = hint if isinstance(hint, str) else hint.__forward_arg__
        is_xarray = name.startswith(tuple(_XARRAY))
        return not is_xarray or (is_array(argument) and name.endswith(type(argument).__name__))
    if hint is None:
        return argument is None
    return _is_instance(argument, hint) if isinstance(hint, type) else True


def _fits_generic(argument: Any, origin: Any, parts: tuple[Any, ...]) -> bool:
    """Return whether an argument is a list, mapping, tuple or callable as a hint says."""
    if origin is tuple:
        is_pair = isinstance(argument, tuple | list) and len(argument) == len(parts)
        return is_pair and all(map(_fits, argument, parts))
    if _is_sequence(origin):
        return is_several(argument) and all(_fits(element, parts[0]) for element in argument)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(argument, Mapping) or is_array(argument):  # a Dataset is a mapping
            return False
        fits = [_fits(key, parts[0]) and _fits(argument[key], parts[1]) for key in argument]
        return all(fits)
    return callable(argument)


def _is_instance(argument: Any, kind: type) -> bool:
    """Return whether an argument is of a class; a yes is no number, and numpy's numbers are."""
    if kind is object:
        return True
    if kind is bool:
        return isinstance(argument, bool | np.bool_)
    if isinstance(argument, bool | np.bool_):
        return False
    if kind is int:
        return isinstance(argument, Integral)
    if kind is float:
        return isinstance(argument, Real)
    return isinstance(argument, kind)


def _words(hint: Any) -> str:
    """Return a hint as Python writes it, such as ``str | Path | list[str]``."""
    origin = get_origin(hint)
    parts = get_args(hint)
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(_words(part) for part in parts))
    if origin is Literal:
        return " | ".join(repr(part) for part in parts)
    if origin is tuple:
        return f"tuple[{', '.join(_words(part) for part in parts)}]"
    if _is_sequence(origin):
        return f"list[{_words(parts[0])}]"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"dict[{', '.join(_words(part) for part in parts)}]"
    if origin is not None:
        return "callable"
    if isinstance(hint, ForwardRef | str):
        name = hint if isinstance(hint, str) else hint.__forward_arg__
        return name.replace("xr.", _XARRAY["xr."])
    if hint is type(None):
        return "None"
    return getattr(hint, "__name__", str(hint))
