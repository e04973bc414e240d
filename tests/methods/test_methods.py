"""The contract of every public method: keyword-only, units, docstring, elementwise, pure, dimensions that fit."""

import ast
import contextlib
import doctest
import importlib
import inspect
import io
import itertools
import re
import textwrap
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Annotated, Any

import numpy as np
import pytest
import xarray as xr

from gep.standards.method import SHIPPED_MODULES
from gep.units import Limits, _dimension, _in_base_units, _read, canonical, factor

Function = Callable[..., Any]
Rate = Annotated[Any, "t ha-1"]
SECTIONS = ("Symbols", "Notes", "Valid for", "References", "Examples")
STRETCH = (
    0.25,
    0.5,
    1.0,
    1.9,
    3.6,
)  # wide enough to pass the bounds between classes of slope and cover

# A plausible level per unit or argument: only what keeps every formula inside its domain, no result is compared to it.
LEVEL_OF_ARGUMENT = {
    "slope": 8.0,
    "curve_number": 27.0,
    "shape": 4.0,
    "ndvi_soil": 0.02,
    "ndvi_vegetation": 2.0,
    "distance": 20.0,
}
LEVEL_OF_UNIT = {"1": 0.25, "%": 12.0, "mm": 40.0, "degC": 8.0, "ion cm-3": 2800.0}

# Formulas with a constant that itself carries a unit, and the constant. All others must be sound in their dimensions.
CONSTANT_WITH_UNIT = {
    "air:negative_ion_value": "600 ions per cm3",
    "carbon:carbon_price_per_co2": "44 g CO2 per 12 g C",
    "carbon:density_change": "44 g CO2 per 12 g C; years as a bare number",
    "carbon:fixed_by_carbon": "44 g CO2 per 12 g C",
    "carbon:heterotrophic_respiration": "regression on degC and mm",
    "carbon:stock_change": "44 g CO2 per 12 g C; years as a bare number",
    "climate:air_temperature_over_surface": "regression on degC",
    "climate:cooling_by_evaporation": "density of water",
    "climate:cooling_by_evaporation_with_ratio": "density of water",
    "climate:transpired_water": "density of water",
    "evaporation:extraterrestrial_radiation": "solar constant; degrees",
    "evaporation:net_radiation": "Stefan-Boltzmann; regression on kPa and m",
    "evaporation:reference_evapotranspiration": "regression on degC, kPa and m/s",
    "evaporation:reference_evapotranspiration_by_temperature": "regression on degC",
    "flood:lake_storage": "regression on km2 for 10^4 m3",
    "flood:marsh_soil_and_surface_storage": "density of water",
    "flood:storm_runoff_by_curve_number": "254 mm",
    "oxygen:oxygen_by_carbon_dioxide": "32 g O2 per 44 g CO2",
    "oxygen:oxygen_by_primary_production": "32 g O2 per 12 g C",
    "rusle:daily_erosivity": "regression on mm",
    "rusle:erodibility": "change from the US customary unit",
    "rusle:monthly_erosivity": "regression on mm",
    "rusle:slope_length_factor": "unit plot of 22.13 m",
    "rusle:slope_length_factor_by_class": "unit plot of 22.13 m",
    "rusle:slope_steepness_factor": "bounds in degrees",
    "rusle:slope_steepness_factor_by_ten_degrees": "bounds in degrees",
    "rusle:slope_steepness_factor_uncapped": "bounds in degrees",
    "rusle:wischmeier_monthly_erosivity": "regression on mm",
    "rusle:yearly_erosivity": "regression on mm",
    "rusle:zhang_exponent": "regression on mm",
    "rweq:roughness_factor": "regression on cm",
    "rweq:weather_factor": "kg per m and s kept as a bare kg per m",
    "sand:retention_by_rweq": "109.8 kg/m and 150.71 m",
    "sand:retention_by_rweq_closed_form": "regression on kg/m",
    "sand:wind_erosion": "109.8 kg/m and 150.71 m",
    "vegetation:carbon_in_dry_matter": "72 g C in 162 g of dry matter",
    "vegetation:cold_stress": "regression on degC",
    "vegetation:heat_stress": "regression on degC",
}
# Depths of water are volumes per area: they go with areas, lengths of a shore or a wall do not.
DEPTH = "mm"
# Products with a number of their own; the number of every other product is exactly the change of its units.
OWN_NUMBER = {
    "equivalents:value_of_equivalent_from_grain": 1 / 7,
    "recreation:consumer_surplus_of_linear_demand": 1 / 2,
    "rusle:zhang_coefficient": 21.586,
    "rweq:ridge_roughness": 0.2,
    "vegetation:primary_production_by_casa": 0.5,
}


def _modules() -> Iterator[ModuleType]:
    for name in SHIPPED_MODULES:
        yield importlib.import_module(name)


def methods() -> dict[str, Function]:
    """Every public function that a module of ``gep.methods`` defines, by ``module:function``."""
    found: dict[str, Function] = {}
    for module in _modules():
        short = module.__name__.rpartition(".")[2]
        for name, value in vars(module).items():
            if (
                inspect.isfunction(value)
                and value.__module__ == module.__name__
                and not name.startswith("_")
            ):
                found[f"{short}:{name}"] = value
    return found


METHODS = methods()
every_method = pytest.mark.parametrize(("path", "method"), list(METHODS.items()), ids=list(METHODS))


def units(method: Function) -> tuple[dict[str, str], str]:
    """Unit of each argument and of the result."""
    hints = typing.get_type_hints(method, include_extras=True)
    found = {name: typing.get_args(hint) for name, hint in hints.items()}
    assert all(isinstance(parts[1], str) for parts in found.values()), "Annotated[Array, unit]"
    assert all(isinstance(part, Limits) for parts in found.values() for part in parts[2:])
    read = {name: parts[1] for name, parts in found.items()}
    result = read.pop("return")
    return read, result


def level(argument: str, unit: str) -> float:
    return LEVEL_OF_ARGUMENT.get(argument, LEVEL_OF_UNIT.get(unit, 1.5))


def vectors(method: Function) -> dict[str, np.ndarray]:
    """One vector per argument, stretched in another order for each, that nothing may write to."""
    found = {}
    for position, (argument, unit) in enumerate(units(method)[0].items()):
        order = np.random.default_rng(position).permutation(len(STRETCH))
        found[argument] = level(argument, unit) * np.array(STRETCH)[order]
        found[argument].flags.writeable = False
    return found


def test_there_are_methods_in_every_module() -> None:
    assert {path.partition(":")[0] for path in METHODS} == {
        module.__name__.rpartition(".")[2] for module in _modules()
    }
    assert all(module.__doc__ for module in _modules())


@every_method
def test_arguments_are_keyword_only_and_have_no_default(path: str, method: Function) -> None:
    parameters = inspect.signature(method).parameters.values()
    assert parameters
    for parameter in parameters:
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.default is inspect.Parameter.empty, (
            "a default would be a number without a source"
        )


@every_method
def test_every_unit_is_declared_and_readable(path: str, method: Function) -> None:
    inputs, result = units(method)
    assert list(inputs) == list(inspect.signature(method).parameters)
    for unit in (*inputs.values(), result):
        assert factor(unit, canonical(unit)) == 1


@every_method
def test_the_docstring_reads_like_a_clause(path: str, method: Function) -> None:
    doc = inspect.getdoc(method) or ""
    parts = re.split(r"^([A-Z][A-Za-z ]+)\n(-+)$\n", doc, flags=re.MULTILINE)
    titles, rules, texts = parts[1::3], parts[2::3], parts[3::3]
    assert tuple(titles) == SECTIONS
    assert [len(rule) for rule in rules] == [len(title) for title in titles]
    section = dict(zip(titles, (text.strip() for text in texts), strict=True))
    assert all(section.values())
    summary = parts[0].split("\n\n")[0]
    assert re.search(r"\([^()]*[\u4e00-\u9fff][^()]*\)\.$", summary.strip()), (
        "the Chinese term is due"
    )
    assert "=" in section["Notes"], "an equation is due"
    named = {
        word
        for line in section["Symbols"].splitlines()
        for word in re.findall(r"\w+", line.partition(" : ")[2])
    }
    assert not set(inspect.signature(method).parameters) - named, "every argument has its symbol"


@every_method
def test_the_examples_run(path: str, method: Function) -> None:
    tests = doctest.DocTestFinder(recurse=False).find(method, path, globs=dict(method.__globals__))
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        runs = [doctest.DocTestRunner().run(test) for test in tests]
    assert sum(run.attempted for run in runs) >= 1
    assert sum(run.failed for run in runs) == 0, said.getvalue()


@every_method
def test_elements_are_treated_one_by_one(path: str, method: Function) -> None:
    inputs = vectors(method)
    before = {name: value.copy() for name, value in inputs.items()}
    result = method(**inputs)
    assert isinstance(result, np.ndarray)
    assert result.shape == (len(STRETCH),)
    assert np.isfinite(result).all()
    for spot in range(len(STRETCH)):
        one = method(**{name: float(value[spot]) for name, value in inputs.items()})
        assert np.ndim(one) == 0
        assert float(one) == pytest.approx(float(result[spot]), rel=1e-12)
    for name, value in inputs.items():
        np.testing.assert_array_equal(value, before[name])
    np.testing.assert_array_equal(method(**inputs), result)


@every_method
def test_labelled_arrays_broadcast_to_the_union_of_dims(path: str, method: Function) -> None:
    inputs = {
        name: xr.DataArray(value[:2].copy(), dims=[f"{name}_"], coords={f"{name}_": ["a", "b"]})
        for name, value in vectors(method).items()
    }
    before = {name: value.copy(deep=True) for name, value in inputs.items()}
    with xr.set_options(arithmetic_join="exact"):
        result = method(**inputs)
    assert isinstance(result, xr.DataArray)
    assert set(result.dims) == {f"{name}_" for name in inputs}
    corners = [("a", "b")] * len(inputs)
    for corner in itertools.islice(
        itertools.product(*corners), 0, None, max(1, 2 ** len(inputs) // 16)
    ):
        chosen = dict(zip(inputs, corner, strict=True))
        one = method(
            **{name: float(inputs[name].sel({f"{name}_": chosen[name]})) for name in inputs}
        )
        there = result.sel({f"{name}_": label for name, label in chosen.items()})
        assert float(there) == pytest.approx(float(one), rel=1e-12)
    for name, value in inputs.items():
        xr.testing.assert_identical(value, before[name])


@every_method
def test_labelled_arrays_of_two_dims_keep_their_labels(path: str, method: Function) -> None:
    regions, types = ["360981", "360982"], ["forest", "shrub", "cropland"]
    cells = {
        name: xr.DataArray(
            np.outer(value[:2], value[2:]) / level(name, unit),
            dims=["region", "ecosystem"],
            coords={"region": regions, "ecosystem": types},
        )
        for (name, value), unit in zip(
            vectors(method).items(), units(method)[0].values(), strict=True
        )
    }
    result = method(**cells)
    assert result.dims == ("region", "ecosystem")
    assert (list(result.region.values), list(result.ecosystem.values)) == (regions, types)


@every_method
def test_a_missing_number_gives_no_number(path: str, method: Function) -> None:
    inputs = vectors(method)
    for name in inputs:
        holed = inputs[name].copy()
        holed[1] = np.nan
        result = method(**{**inputs, name: holed})
        assert np.isnan(result[1])
        assert np.isfinite(np.delete(result, 1)).all()


@every_method
def test_numbers_of_half_the_width_stay_so(path: str, method: Function) -> None:
    """A pixel of a raster of float32 takes 4 bytes all the way."""
    inputs = vectors(method)
    narrow = method(**{name: value.astype(np.float32) for name, value in inputs.items()})
    assert narrow.dtype == np.float32
    np.testing.assert_allclose(narrow, method(**inputs), rtol=2e-4, atol=1e-6)


# --- dimensions ----------------------------------------------------------------------------------------------------


def _stretched(unit: str, sizes: Mapping[str, float]) -> float:
    """By how much a number in ``unit`` grows when the base units shrink by ``sizes``."""
    return float(np.prod([sizes[name] ** power for name, power in _dimension(_read(unit)).items()]))


def _sound(method: Function) -> bool:
    """Whether the result follows any change of the base units, so that no constant carries a unit."""
    inputs, unit = units(method)
    names = sorted({name for one in (*inputs.values(), unit) for name in _dimension(_read(one))})
    for name in names:
        for size in (1.07, 0.9):
            sizes = dict.fromkeys(names, 1.0) | {name: size}
            given = vectors(method)
            moved = {one: value * _stretched(inputs[one], sizes) for one, value in given.items()}
            if not np.allclose(
                method(**moved), method(**given) * _stretched(unit, sizes), rtol=1e-9, atol=0
            ):
                return False
    return True


@every_method
def test_dimensions_fit(path: str, method: Function) -> None:
    assert _sound(method) == (path not in CONSTANT_WITH_UNIT)


def _is_product(method: Function) -> bool:
    """Whether the logarithm of the result is linear in that of each argument."""
    given = vectors(method)
    base = method(**given)
    if not (base > 0).all():
        return False
    for name, value in given.items():
        once, twice = (method(**{**given, name: value * by}) / base for by in (1.1, 1.21))
        if not np.allclose(twice, once**2, rtol=1e-9) or not np.allclose(once, once[0], rtol=1e-9):
            return False
    return True


def _of_one(method: Function) -> float:
    """The result in base units where every input is one base unit."""
    inputs, unit = units(method)
    base = {one: 1 / float(_in_base_units(_read(of)).scale) for one, of in inputs.items()}
    return float(method(**base)) * float(_in_base_units(_read(unit)).scale)


@every_method
def test_the_number_in_a_product_is_the_change_of_its_units(path: str, method: Function) -> None:
    if not _is_product(method) or path in CONSTANT_WITH_UNIT:
        assert path not in OWN_NUMBER, "not a product"
        return
    assert _of_one(method) == pytest.approx(OWN_NUMBER.get(path, 1.0), rel=1e-12)


# --- one formula, one function --------------------------------------------------------------------------------------


def _kind(unit: str) -> str:
    """The dimension of a unit, a depth of water kept apart from other lengths."""
    return "depth of water" if unit == DEPTH else str(sorted(_dimension(_read(unit)).items()))


class _Normal(ast.NodeTransformer):
    """Arguments by position, constants of the module by value, local names by what they stand for."""

    def __init__(self, place: Mapping[str, str], constants: Mapping[str, Any]) -> None:
        self.place, self.constants, self.local = place, constants, dict[str, ast.expr]()

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.place:
            return ast.Name(self.place[node.id])
        if node.id in self.local:
            return self.local[node.id]
        known = self.constants.get(node.id)
        return ast.Constant(known) if isinstance(known, (int, float)) else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, (ast.Mult, ast.Add)):
            return ast.Call(
                ast.Name(type(node.op).__name__), sorted(_operands(node), key=ast.dump), []
            )
        return node


def _operands(node: ast.BinOp) -> Iterator[ast.expr]:
    """The factors of a product, the terms of a sum; those below are gathered already."""
    for side in (node.left, node.right):
        gathered = isinstance(side, ast.Call) and isinstance(side.func, ast.Name)
        if gathered and side.func.id == type(node.op).__name__:
            yield from side.args
        else:
            yield side


def _expression(source: str, constants: Mapping[str, Any], order: Sequence[str]) -> str:
    normal = _Normal({name: f"x{spot}" for spot, name in enumerate(order)}, constants)
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    for line in definition.body[1:]:
        if isinstance(line, ast.Return):
            assert line.value is not None
            return ast.dump(normal.visit(line.value))
        assert isinstance(line, ast.Assign), "a formula is made of assignments and what it returns"
        target, value = line.targets[0], line.value
        names, values = (
            (target.elts, value.elts) if isinstance(target, ast.Tuple) else ([target], [value])
        )
        normal.local |= {
            name.id: normal.visit(one) for name, one in zip(names, values, strict=True)
        }
    raise AssertionError("no return")


def signature(method: Function) -> tuple[tuple[str, ...], str]:
    """Kinds of the inputs, sorted, and of the result."""
    inputs, result = units(method)
    return tuple(sorted(_kind(unit) for unit in inputs.values())), _kind(result)


def formula(method: Function) -> str:
    """The expression, the same whatever the arguments are called and in whatever order those of one kind stand."""
    kinds = {name: _kind(unit) for name, unit in units(method)[0].items()}
    groups = [
        [name for name in kinds if kinds[name] == kind] for kind in sorted(set(kinds.values()))
    ]
    orders = itertools.product(*(itertools.permutations(group) for group in groups))
    source = textwrap.dedent(inspect.getsource(method))
    return min(
        _expression(source, method.__globals__, [*itertools.chain(*order)]) for order in orders
    )


def _alike(paths: Iterable[str], key: Callable[[Function], object]) -> list[list[str]]:
    """The methods that share a key with another one."""
    found: dict[object, list[str]] = {}
    for path in paths:
        found.setdefault(key(METHODS[path]), []).append(path)
    return [group for group in found.values() if len(group) > 1]


def test_one_formula_one_function() -> None:
    groups = _alike(METHODS, signature)
    assert groups
    assert [same for group in groups for same in _alike(group, formula)] == []


def test_a_formula_is_known_again_under_other_names() -> None:
    def one(
        *, soil: Annotated[Any, "t"], share: Annotated[Any, "1"], area: Annotated[Any, "ha"]
    ) -> Rate:
        """The first."""
        kept = soil * share
        return kept / area

    def same(
        *, ratio: Annotated[Any, "%"], land: Annotated[Any, "km2"], mass: Annotated[Any, "kg"]
    ) -> Rate:
        """The same under other names, in another order, in other units."""
        return ratio * mass / land

    def other(
        *, ratio: Annotated[Any, "%"], land: Annotated[Any, "km2"], mass: Annotated[Any, "kg"]
    ) -> Rate:
        """Of the same units, another formula."""
        return mass / ratio / land

    def volume(
        *, ratio: Annotated[Any, "%"], land: Annotated[Any, "km2"], mass: Annotated[Any, "m3"]
    ) -> Rate:
        """The same expression of another unit."""
        return ratio * mass / land

    assert (signature(one), formula(one)) == (signature(same), formula(same))
    assert (signature(one), formula(one)) != (signature(other), formula(other))
    assert formula(one) == formula(volume)
    assert signature(one) != signature(volume)


def test_the_lists_above_name_methods_that_exist() -> None:
    assert not (set(CONSTANT_WITH_UNIT) | set(OWN_NUMBER)) - set(METHODS)
