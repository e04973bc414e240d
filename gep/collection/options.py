"""What is asked of a collection (汇总要求): the common choice, tables beside the counties, what is permitted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gep.collection.jumps import JUMP


@dataclass(frozen=True)
class Asked:
    """What is asked of a collection. ``coefficients`` (ids or paths) come before the standard's own sets."""

    standard: str = ""  # default: the one that all counties have
    coefficients: tuple[str, ...] = ()
    switches: Mapping[str, str] = field(default_factory=dict)
    prices: str = ""  # current or a year; default: the basis that all counties have
    years: tuple[int, ...] = ()  # default: the years that all counties have
    controls: Path | None = None
    regions: Path | None = None
    alternatives: Path | None = None
    jump: float = JUMP
    skip_broken: bool = False
    allow_transfer: bool = False
    allow_code: bool = False
