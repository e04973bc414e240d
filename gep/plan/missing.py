"""What a plan lacks (缺口): inputs that no row answers and prices that cannot be moved, each told once, with a way out.

Binding only notes them; what stands here sees all steps and switches, and so can say which choice needs them not.
"""

from collections.abc import Mapping

from gep.errors import joined
from gep.io.csv_excel import row_place
from gep.io.tables import close_to, lost_zero
from gep.plan.binding import BoundInput
from gep.plan.binding_context import BindingContext, MissingInput
from gep.plan.dims import DIMS
from gep.plan.planned_step import PlannedStep
from gep.plan.prices import PriceBasis, UnindexedPrice, price_index
from gep.standards.standard import Indicator, Standard, Step
from gep.units import has_money

_SHOWN = 8  # names of a key in a message before "..."
_CLOSE = 0.75  # likeness of two names, from which one may be the other misspelt


def report_missing(
    ground: BindingContext,
    standard: Standard,
    switches: Mapping[str, str],
    planned: Mapping[str, PlannedStep],
) -> None:
    """Tell what all steps together lack, once for each name."""
    same: dict[tuple[str, str, str], list[MissingInput]] = {}
    for one in ground.missing:
        same.setdefault((one.binding.data, one.binding.coef, str(one.binding.at)), []).append(one)
    for found in same.values():
        way_out = _way_out(found[0], standard, switches)
        (_tell_data if found[0].binding.data else _tell_coefficient)(
            found, way_out, ground, standard
        )
    prices: dict[tuple[str, str, str, str], set[int]] = {}
    for price in ground.unmoved:
        prices.setdefault((price.name, price.index, price.have, price.file), set()).update(
            price.rows
        )
    for (name, index, have, file), rows in prices.items():
        _tell_price(UnindexedPrice(name, index, have, file, tuple(rows)), ground, planned)


def _tell_data(
    found: list[MissingInput], way_out: str, ground: BindingContext, standard: Standard
) -> None:
    name = found[0].binding.data
    spec = standard.spec.data[name]
    keys = [key for key in spec.keys if key not in ("region", "ecosystem")]
    what = f"data {_called(found)} ({spec.name}) for {ground.year} lacks {_cells(found) or 'rows'}"
    none = (
        f"na with a blank {keys[0]} where a region has none" if keys else "na where there is none"
    )
    fix = f"add the rows, in unit {spec.unit} (gep form PROJECT prints them blank); {none}"
    for near in close_to(name, ground.data.keys() - ground.names.keys(), _CLOSE):
        rows = ground.data[near]
        fix += f"; rows are called {near!r}, which nobody asks for ({row_place(str(rows['file'].iloc[0]), rows['row'])})"
    ground.problems.add("missing-data", _where(found), what, fix + way_out)


def _tell_coefficient(
    found: list[MissingInput], way_out: str, ground: BindingContext, standard: Standard
) -> None:
    name, cells = found[0].binding.coef, _cells(found)
    searched = ", ".join(one.label for one in ground.sets) or "no set"
    lacks = (
        f"has no row for {cells} (searched: {searched})"
        if cells
        else f"stands in no set (searched: {searched})"
    )
    what = f"coefficient {_called(found)} {lacks}; it is {_use(found[0], standard)}"
    money = " with its price_year" if has_money(found[0].unit) else ""
    fix = f"add rows in unit {found[0].unit}{money} to a set of yours (gep new set NAME)"
    fix += "; na where a class gives none" if "ecosystem" in found[0].cells else ""
    if lost := _lost_zero(found, ground):
        fix = lost
    names = {str(one) for part in ground.sets for one in part.rows["name"].unique()}
    if name not in names and (close := close_to(name, names, _CLOSE)):
        fix += f"; did you mean {', '.join(close)}?"
    ground.problems.add("missing-coefficient", _where(found), what, fix + way_out)


def _lost_zero(found: list[MissingInput], ground: BindingContext) -> str:
    """Whether rows of a region are there, under a code that lost its zero."""
    for one in ground.sets:
        rows = one.named(found[0].binding.coef)
        for code in found[0].cells.get("region", ()):
            if lost := lost_zero(code, rows["region"].unique(), "the areas", one.label):
                return str(lost)
    return ""


def _called(found: list[MissingInput]) -> str:
    binding = found[0].binding
    return repr(binding.data or binding.coef) + "".join(
        f" {key}={member}" for key, member in binding.at.items()
    )


def _where(found: list[MissingInput]) -> str:
    return joined(list(dict.fromkeys(str(one.where) for one in found)))


def _cells(found: list[MissingInput]) -> str:
    parts = []
    for dim in DIMS:
        names = list(dict.fromkeys(name for one in found for name in one.cells.get(dim, ())))
        if names:
            parts.append(
                f"{dim} {', '.join(names[:_SHOWN])}{' ...' if len(names) > _SHOWN else ''}"
            )
    return "; ".join(parts)


def _use(one: MissingInput, standard: Standard) -> str:
    """``unit_cost [CNY m-3] of 水源涵养 Water retention, 价值 Value``."""
    argument = str(one.where).rpartition(".")[2]
    for name, indicator, step in standard.steps():
        if (
            one.where == f"{standard.path.name} {name}.{argument}"
            and one.binding in step.inputs.values()
        ):
            return f"{argument} [{one.unit}] of {_title(indicator, step)}"
    return f"{argument} [{one.unit}]"


def _title(indicator: Indicator | None, step: Step) -> str:
    return ", ".join(
        str(name) for name in (indicator and indicator.name, step.name or step.id) if name
    )


def _way_out(one: MissingInput, standard: Standard, switches: Mapping[str, str]) -> str:
    """The options of a switch under which no step asks for the number."""
    advice = ""
    for name, switch in standard.spec.switch.items():
        free = [
            option
            for option in switch.options
            if not _asked(one, standard, {**switches, name: option})
        ]
        if free:
            options = " or ".join(f'"{option}"' for option in free)
            advice += (
                f"; or choose another option of switch {name} ({switch.name}): {name} = {options}"
            )
    return advice


def _asked(one: MissingInput, standard: Standard, switches: Mapping[str, str]) -> bool:
    binding = one.binding
    return any(
        (other.data, other.coef, other.at) == (binding.data, binding.coef, binding.at)
        for _, _, step in standard.steps()
        if step.active(switches)
        for other in step.inputs.values()
    )


def _tell_price(
    one: UnindexedPrice, ground: BindingContext, planned: Mapping[str, PlannedStep]
) -> None:
    wanted = ground.prices.wanted
    what = f"{one.name} is at prices of {one.have}, the account at those of {wanted}"
    fix = f"add a row of price year {wanted}"
    if one.index:
        fix = f"add price_index rows of {one.index!r} for {one.have} and {wanted}, or a row of price year {wanted}"
    if _settles(one.have, ground, planned):
        fix += f"; or set price_year = {one.have} in [project]: the whole account is then at constant prices of that year"
    ground.problems.add("price-year", row_place(one.file, one.rows), what, fix)


def _settles(year: str, ground: BindingContext, planned: Mapping[str, PlannedStep]) -> bool:
    """Whether all prices that are used are of a year, or can be moved to it."""
    target = PriceBasis(int(year), ground.year, ground.sets)
    for step in planned.values():
        for argument, bound in step.inputs.items():
            if not isinstance(bound, BoundInput) or "price_year" not in bound.frame:
                continue
            rows = bound.used[~bound.used["na"].astype(bool)]
            money = (
                rows["unit"]
                .map({unit: has_money(unit) for unit in rows["unit"].unique()})
                .astype(bool)
            )
            index = step.step.inputs[argument].index
            for have in set(rows.loc[money, "price_year"]) - {year}:
                if have == "nominal" or price_index(index, str(have), target) is None:
                    return False
    return True
