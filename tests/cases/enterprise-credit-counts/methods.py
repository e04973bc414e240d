"""Identities of published counts of enterprises by class of environmental credit."""

from typing import Annotated

from gep.units import NOT_NEGATIVE, Array


def enterprises(
    *,
    class_1: Annotated[Array, "1", NOT_NEGATIVE],
    class_2: Annotated[Array, "1", NOT_NEGATIVE],
    class_3: Annotated[Array, "1", NOT_NEGATIVE],
    class_4: Annotated[Array, "1", NOT_NEGATIVE],
    class_5: Annotated[Array, "1", NOT_NEGATIVE] = 0.0,
) -> Annotated[Array, "1"]:
    """Enterprises of all classes (参评企业数), in the order in which the classes are printed."""
    return class_1 + class_2 + class_3 + class_4 + class_5


def share(
    *,
    enterprises: Annotated[Array, "1", NOT_NEGATIVE],
    all_enterprises: Annotated[Array, "1", NOT_NEGATIVE],
) -> Annotated[Array, "1"]:
    """Share of a class in all enterprises (占比)."""
    return enterprises / all_enterprises
