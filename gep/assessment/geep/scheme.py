"""What a scheme of kind ``geep`` states (GEEP 方案): where each term is read, and the virtual treatment cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from gep.assessment.readings import Reading
from gep.assessment.scheme import Scheme, SchemeSpec
from gep.io.toml_documents import Frozen, TitleField

TermName = Literal["gdp", "rdc", "endc", "ecdc", "eps", "ers", "ecs", "gep", "overlap"]


class TermPart(Frozen):
    """A part of a term, such as the cost of air pollution; its readings are tried in turn for each region."""

    name: TitleField
    readings: tuple[Reading, ...]


class GeepTerm(TermPart):
    """A term and its parts; one that is ``optional`` is 0 where it has no row."""

    readings: tuple[Reading, ...] = ()
    parts: dict[str, TermPart] = Field(default_factory=dict)
    optional: bool = False


class VirtualCost(Frozen):
    """The data names of emissions, unit treatment costs and (optional) exceedances, each by substance."""

    emission: str
    unit_cost: str
    exceedance: str = ""


class GeepSpec(SchemeSpec):
    """A scheme of kind ``geep``: where each term is read; ``tau`` names a table beside the scheme."""

    kind: Literal["geep"] = "geep"
    unit: str
    term: dict[TermName, GeepTerm]
    virtual_cost: VirtualCost | None = None
    tau: str = ""


@dataclass(frozen=True)
class TauSteps:
    """The steps of tau, which rises with the exceedance.

    Attributes
    ----------
    above : ndarray
        The exceedances above which each step holds, ascending; -inf for the first.
    tau : ndarray
        The value of tau at each step.
    """

    above: np.ndarray
    tau: np.ndarray


@dataclass(frozen=True)
class GeepScheme(Scheme):
    """A scheme of kind ``geep`` with the steps of tau; None where it names none or they could not be read."""

    spec: GeepSpec
    tau: TauSteps | None


def term_parts(spec: GeepSpec) -> Iterator[TermPart]:
    """Every term, each followed by its parts."""
    for term in spec.term.values():
        yield term
        yield from term.parts.values()
