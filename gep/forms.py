"""The blank form (填报表): the data rows that a plan lacks, ready to be filled in and named in ``[inputs] data``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.binding import Bound
from gep.plan import PARTIAL, Plan
from gep.rows import KEYS
from gep.standard import Binding, DataName
from gep.steps import PlannedStep

PASSED = (*PARTIAL, "price-year", "nominal-price", "placeholder", "value-transfer")  # what does not hinder a blank form
_KEYS = KEYS[1:]


@dataclass(frozen=True)
class Form:
    """What is lacking: ``data`` in the columns of data.csv with blank values, ``coefficients`` as steps and names."""

    data: pd.DataFrame
    coefficients: tuple[str, ...]


def blank_form(plans: Iterable[Plan]) -> Form:
    """The form of plans that let ``PASSED`` pass; keys that only the user knows are left blank."""
    lines: dict[tuple[str, ...], dict[str, str]] = {}
    coefficients: dict[str, None] = {}
    for plan in plans:
        for one in plan.steps:
            for name, bound in one.inputs.items():
                if not isinstance(bound, Bound) or not bound.missing.any():
                    continue
                binding = one.step.inputs[name]
                if binding.coef:
                    coefficients[f"{one.name}.{name}: {binding.coef}"] = None
                    continue
                for line in _lines(plan, one, bound, binding):
                    lines[tuple(line.values())] = line
    frame = pd.DataFrame(
        list(lines.values()), columns=["region", "year", "name", *_KEYS, "value", "unit", "source", "note"]
    )
    return Form(
        frame.drop(columns=[key for key in _KEYS if (frame[key] == "").all() and key not in _due(plans, frame)]),
        tuple(coefficients),
    )


def _due(plans: Iterable[Plan], frame: pd.DataFrame) -> set[str]:
    names = {name: spec for plan in plans for name, spec in plan.standard.text.data.items()}
    return {key for name in frame["name"].unique() for key in names[name].keys}


def _lines(plan: Plan, one: PlannedStep, bound: Bound, binding: Binding) -> list[dict[str, str]]:
    labels: dict[str, Sequence[str]] = {
        "region": list(plan.extent.regions),
        "ecosystem": list(plan.extent.ecosystems),
        **one.members,
    }
    spec = plan.standard.text.data[binding.data]
    lines = []
    for spot in np.argwhere(bound.missing):
        cell = {dim: str(labels[dim][position]) for dim, position in zip(bound.dims, spot, strict=True)}
        cell |= {str(key): member for key, member in binding.at.items()}
        keys = {key: cell.get(key, "") for key in _KEYS}
        lines.append(
            {
                "region": cell["region"],
                "year": str(plan.year),
                "name": binding.data,
                **keys,
                "value": "",
                "unit": spec.unit,
                "source": "",
                "note": _note(spec, cell),
            }
        )
    return lines


def _note(spec: DataName, cell: Mapping[str, str]) -> str:
    """What is asked for and who has it."""
    asked = f"{spec.name}; {spec.from_}" if spec.from_ else str(spec.name)
    blank = [key for key in spec.keys if key not in cell]
    return f"{asked}; 每个 {', '.join(blank)} 一行 a row for each" if blank else asked
