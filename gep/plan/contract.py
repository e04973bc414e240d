"""The contract of a method (核算方法的约定), tried on a few numbers before anything is computed.

A method of the user is called with some of the numbers that its step is bound to, in several
arrangements. It must give the same for a cell whatever other cells are there and in whichever
order, real numbers that depend on its arguments, and twice as much for twice the amounts where its
step says ``per = "amount"``. What ships is held to the same by tests.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gep.errors import ProblemLog
from gep.plan.binding import BoundInput
from gep.plan.planned_step import PlannedStep
from gep.standards.method import Method
from gep.standards.standard import DataName
from gep.texts.catalogue import Listed
from gep.units import ANY, Limits

Arguments = Mapping[str, np.ndarray]

# Cells on which a method is tried, by the number of its dimensions; more have length 2.
_SHAPES = ((), (6,), (3, 2), (2, 3, 2))
_LEAST_FACTOR = 0.6  # where all numbers of an argument are alike, by what some are made smaller
_SCALES = (1e-6, 1e-3, 0.1, 10.0, 1e3, 1e6, -1.0)  # at which a method may begin to vary
_RELATIVE = 1e-9  # by which two ways to the same number may differ
_ROWS_TRIED = 1000  # numbers of an argument among which those that are tried are chosen
_SHOWN = 12  # arguments that a message shows
_DIGITS = range(6, 18)  # of a number that a message shows: as few as show the difference


@dataclass(frozen=True)
class Breach:
    """What a method does that it must not.

    Attributes
    ----------
    message : str
        Key of the catalogue.
    values : mapping of str to object
        The numbers that differ, and of what they are.
    """

    message: str
    values: Mapping[str, object]


def check_contract(
    step: PlannedStep,
    planned: Mapping[str, PlannedStep],
    data: Mapping[str, DataName],
    problems: ProblemLog,
) -> None:
    """Check that the method of a step keeps the contract, if it is code of the user.

    Parameters
    ----------
    step : PlannedStep
    planned : mapping of str to PlannedStep
        Steps by name, from which it may take results.
    data : mapping of str to DataName
        Data that the standard declares.
    problems : ProblemLog
        Receives ``method-contract``. A method that raises an exception is told when it is evaluated
        with all numbers.
    """
    if step.method.own is None:
        return
    trial = Trial(step.method, _tried_numbers(step))
    amounts = _amounts(step, planned, data)
    for breach in trial.breaches(amounts if step.per == "amount" else ()):
        problems.add(
            "method-contract",
            step.name,
            breach.message,
            method=step.method.path,
            step=step.label,
            **breach.values,
        )
        return  # others may follow from it


def _amounts(
    step: PlannedStep, planned: Mapping[str, PlannedStep], data: Mapping[str, DataName]
) -> tuple[str, ...]:
    """Return the arguments that are amounts: areas, data, and results of steps, but no rates."""
    names = []
    for argument, binding in step.bindings.items():
        is_amount = bool(binding.area)
        if binding.step:
            is_amount = planned[binding.step].per != "none"
        elif binding.data in data:
            is_amount = data[binding.data].is_amount
        if is_amount:
            names.append(argument)
    return tuple(names)


def _tried_numbers(step: PlannedStep) -> Arguments:
    """Return numbers for each argument, different in each cell, such as the step is bound to."""
    shape: tuple[int, ...] = _SHAPES[min(max(len(step.dims), 1), len(_SHAPES) - 1)]
    shape += (2,) * (len(step.dims) - len(shape))
    count = int(np.prod(shape))
    numbers = {}
    for position, (argument, source) in enumerate(step.inputs.items()):
        limits = step.method.limits.get(argument, ANY)
        values = np.ones(1)
        if isinstance(source, BoundInput):
            sample = source.values.ravel()[:_ROWS_TRIED]
            values = np.unique(sample[np.isfinite(sample)])
        # in an order of its own, so that no argument goes up and down with another
        order = np.random.default_rng(position + 1).permutation(count)
        numbers[argument] = _spread(values, count, limits)[order].reshape(shape)
    return numbers


def _spread(values: np.ndarray, count: int, limits: Limits) -> np.ndarray:
    """Choose ``count`` different numbers among those of an argument, or of their size.

    ``values`` ascend.
    """
    if len(values) > 1:
        places = np.linspace(0, len(values) - 1, count)
        if len(values) >= count:
            places = places.round()
        return np.asarray(np.interp(places, np.arange(len(values)), values))
    largest = values[np.argmax(np.abs(values))] if len(values) else 1.0
    if largest == 0:
        largest = 1.0
    chosen = largest * np.linspace(_LEAST_FACTOR, 1.0, count)
    is_inside = bool(((chosen >= limits.low) & (chosen <= limits.high)).all())
    if not is_inside and np.isfinite([limits.low, limits.high]).all():
        return np.linspace(limits.low, limits.high, count + 2)[1:-1]
    return chosen


class Trial:
    """A method and the numbers on which it is tried.

    Parameters
    ----------
    method : Method
    numbers : mapping of str to ndarray
        By argument, all of one shape.
    """

    def __init__(self, method: Method, numbers: Arguments) -> None:
        self._call = method.function
        self._numbers = numbers
        self._shape = next(iter(numbers.values())).shape

    def breaches(self, amounts: Sequence[str] = ()) -> Iterator[Breach]:
        """Yield what the method does that it must not, the most telling first.

        Parameters
        ----------
        amounts : sequence of str
            Arguments in which it must be linear; none where it need not be.
        """
        before = {name: values.copy() for name, values in self._numbers.items()}
        try:
            with np.errstate(all="ignore"):
                raw = np.asarray(self._call(**before))
        except (Exception, SystemExit):  # told when the step is evaluated
            return
        if raw.dtype.kind not in "fiu":
            yield _not_real(raw)
            return
        yield from self._changes(before)
        whole = self._broadcast(raw)
        if whole is None:
            shapes = {"shape": list(raw.shape), "expected": list(self._shape)}
            yield Breach("plan.contract-shape", shapes)
            return
        yield from self._compare(whole, lambda numbers: numbers, "plan.contract-repeat")
        yield from self._alone(whole)
        yield from self._compare(whole, _reversed, "plan.contract-order")
        yield from self._constant(whole)
        if amounts:
            yield from self._linear(amounts)

    def _try(self, numbers: Arguments) -> np.ndarray | None:
        """Call the method; None if it fails or what it gives is of another shape."""
        shape = next(iter(numbers.values())).shape
        copies = {name: values.copy() for name, values in numbers.items()}
        try:
            with np.errstate(all="ignore"):
                values = np.asarray(self._call(**copies), dtype=float)
            return np.broadcast_to(values, shape)
        except (Exception, SystemExit):
            return None

    def _broadcast(self, values: np.ndarray) -> np.ndarray | None:
        """Return a result over all cells; None if it is of another shape."""
        try:
            return np.broadcast_to(values.astype(float), self._shape)
        except ValueError:
            return None

    def _changes(self, after: Arguments) -> Iterator[Breach]:
        """Yield an argument that the method changed."""
        for name, values in self._numbers.items():
            cell = _first_difference(values, after[name])
            if cell is not None:
                first, second = _told_apart(values[cell], after[name][cell])
                values_shown = {"argument": name, "first": first, "second": second}
                yield Breach("plan.contract-changes", values_shown)

    def _compare(
        self, whole: np.ndarray, arrange: Callable[[Arguments], Arguments], message: str
    ) -> Iterator[Breach]:
        """Yield a cell that gets another number in an arrangement, which is its own inverse."""
        again = self._try(arrange(self._numbers))
        if again is None:
            return
        again = arrange({"": again})[""]
        cell = _first_difference(whole, again)
        if cell is not None:
            first, second = _told_apart(whole[cell], again[cell])
            yield Breach(message, {"first": first, "second": second, "inputs": self._inputs(cell)})

    def _alone(self, whole: np.ndarray) -> Iterator[Breach]:
        """Yield a cell that gets another number where no other cells are there."""
        alone = np.full(self._shape, np.nan)
        for cell in np.ndindex(self._shape):
            one = {
                name: np.full((1,) * len(self._shape), values[cell])
                for name, values in self._numbers.items()
            }
            result = self._try(one)
            alone[cell] = np.nan if result is None else result.item()
        cell_found = _first_difference(whole, alone)
        if cell_found is not None:
            first, second = _told_apart(whole[cell_found], alone[cell_found])
            yield Breach(
                "plan.contract-alone",
                {
                    "first": first,
                    "second": second,
                    "count": whole.size,
                    "inputs": self._inputs(cell_found),
                },
            )

    def _constant(self, whole: np.ndarray) -> Iterator[Breach]:
        """Yield a number that is the same whatever the arguments are."""
        if not _is_constant(whole):
            return
        for scale in _SCALES:
            scaled = self._try({name: values * scale for name, values in self._numbers.items()})
            if scaled is None or not _is_constant(scaled) or scaled.flat[0] != whole.flat[0]:
                return
        first = (0,) * whole.ndim
        last = tuple(length - 1 for length in self._shape)
        inputs = {"inputs": self._inputs(first), "others": self._inputs(last)}
        value = f"{whole[first]:.{_DIGITS[0]}g}"
        yield Breach("plan.contract-constant", {"first": value, "second": value, **inputs})

    def _linear(self, amounts: Sequence[str]) -> Iterator[Breach]:
        """Yield a cell where the results of two amounts do not add up to that of their sum."""
        others = {name: np.flip(self._numbers[name]) for name in amounts}
        sums = {name: self._numbers[name] + others[name] for name in amounts}
        parts = [self._try({**self._numbers, **change}) for change in ({}, others, sums)]
        if any(part is None for part in parts):
            return
        first, second, together = (np.asarray(part) for part in parts)
        cell = _first_difference(first + second, together)
        if cell is not None:
            added, of_sum = _told_apart(first[cell] + second[cell], together[cell])
            yield Breach(
                "plan.contract-linear",
                {
                    "inputs": self._inputs(cell, self._numbers),
                    "others": self._inputs(cell, {**self._numbers, **others}),
                    "amounts": list(amounts),
                    "first": f"{first[cell]:.{_DIGITS[0]}g}",
                    "second": f"{second[cell]:.{_DIGITS[0]}g}",
                    "sum": added,
                    "together": of_sum,
                },
            )

    def _inputs(self, cell: tuple[int, ...], numbers: Arguments | None = None) -> Listed:
        """Return the arguments of a cell, for messages."""
        of_cell = self._numbers if numbers is None else numbers
        parts = [f"{name} = {float(values[cell]):.6g}" for name, values in of_cell.items()]
        return Listed(tuple(parts), _SHOWN)


def _not_real(values: np.ndarray) -> Breach:
    """Return the breach of a result that is no real number."""
    if not values.size:
        return Breach("plan.contract-not-a-number", {"value": "[]", "kind": values.dtype.name})
    first = values.flat[0]
    if values.dtype.kind != "c":
        kind = type(first.item() if isinstance(first, np.generic) else first).__name__
        return Breach("plan.contract-not-a-number", {"value": str(first), "kind": kind})
    digits = _DIGITS[0]
    numbers = {"value": f"({first:.{digits}g})", "real": f"{first.real:.{digits}g}"}
    return Breach("plan.contract-complex", numbers)


def _told_apart(first: float, second: float) -> tuple[str, str]:
    """Write two numbers with as few digits as show that they differ."""
    shown = ("", "")
    for digits in _DIGITS:
        shown = (f"{first:.{digits}g}", f"{second:.{digits}g}")
        if shown[0] != shown[1]:
            break
    return shown


def _reversed(numbers: Arguments) -> Arguments:
    """Return the cells in the opposite order."""
    return {name: np.flip(values) for name, values in numbers.items()}


def _is_constant(values: np.ndarray) -> bool:
    """Return whether all cells have one number."""
    return bool((values == values.flat[0]).all())


def _first_difference(first: np.ndarray, second: np.ndarray) -> tuple[int, ...] | None:
    """Return the cell where two arrays differ most; None if they agree up to rounding."""
    size = np.maximum(np.abs(first), np.abs(second))
    with np.errstate(all="ignore"):
        is_close = np.isclose(first, second, rtol=_RELATIVE, atol=0, equal_nan=True)
        gap = np.where(is_close, 0.0, np.nan_to_num(np.abs(first - second) / size, nan=np.inf))
    if is_close.all():
        return None
    return tuple(int(at) for at in np.unravel_index(int(np.argmax(gap)), gap.shape))
