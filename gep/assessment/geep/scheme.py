"""The specification of a scheme of kind ``geep`` (GEEP 方案).

It states where each term of the formula is read, and the data of the virtual treatment cost.
Reading the table of tau beside the scheme is left to ``virtual_cost``, checks to ``checks``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from gep.assessment.readings import Reading
from gep.assessment.scheme import Scheme, SchemeSpec
from gep.io.toml_documents import Frozen, TitleField
from gep.texts.catalogue import Label

TermName = Literal["gdp", "rdc", "endc", "ecdc", "eps", "ers", "ecs", "gep", "overlap"]
NEEDED: tuple[TermName, ...] = (
    "gdp",
    "endc",
    "ecdc",
    "ers",
)  # terms without which there is no GEEP


class TermPart(Frozen):
    """A part of a term, such as the cost of air pollution; its readings are tried in turn."""

    name: TitleField
    readings: tuple[Reading, ...]


class GeepTerm(TermPart):
    """A term and its parts; one that is ``optional`` is 0 where it has no row."""

    readings: tuple[Reading, ...] = ()
    parts: dict[str, TermPart] = Field(default_factory=dict)
    optional: bool = False


class VirtualCost(Frozen):
    """The data names of emissions, unit treatment costs and (optional) exceedances by substance."""

    emission: str
    unit_cost: str
    exceedance: str = ""


class GeepSpec(SchemeSpec):
    """The TOML of a scheme of kind ``geep``.

    Attributes
    ----------
    unit : str
        The unit of money of all terms, such as ``10^8 CNY``.
    term : dict of str to GeepTerm
        Where each term is read.
    virtual_cost : VirtualCost or None
        What replaces a missing cost of degradation.
    tau : str
        File of the steps of tau beside the scheme; blank for none.
    """

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


@dataclass(frozen=True, repr=False)
class GeepScheme(Scheme):
    """A scheme of kind ``geep`` with its steps of tau.

    ``tau`` is None where the scheme names no table of them, or where it could not be read.
    """

    spec: GeepSpec
    tau: TauSteps | None


def term_parts(spec: GeepSpec) -> Iterator[TermPart]:
    """Yield every term, each followed by its parts."""
    for term in spec.term.values():
        yield term
        yield from term.parts.values()


def find_term(spec: GeepSpec, name: str) -> GeepTerm | None:
    """Return the term of a name; None where the scheme has no such term."""
    for term_name, term in spec.term.items():
        if term_name == name:
            return term
    return None


def term_label(spec: GeepSpec, name: str) -> Label:
    """Return the name of a term with its title: ``环境退化成本 (endc)``."""
    term = find_term(spec, name)
    return Label(name, None if term is None else term.name)


def data_labels(spec: GeepSpec) -> dict[str, Label]:
    """Return the data names that bring a region into the scheme, each with the title of its term.

    Emissions and unit treatment costs alone do not bring a region in.
    """
    labels = {}
    for part in term_parts(spec):
        for reading in part.readings:
            if reading.data:
                labels[reading.data] = Label(reading.data, part.name)
    return labels
