"""What an audit scheme states (离任审计方案): items, modules and parts with points, issues, grades."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from gep.assessment.readings import Reading
from gep.assessment.scheme import Grade, Scheme, SchemeSpec
from gep.io.toml_documents import Frozen, TitleField


class AuditItem(Frozen):
    """What is tabled for a term: a reading at the account dates nearest to its first and last day.

    ``split`` says how its change is parted into human and natural: by the causes table (``resource`` and ``class``), or
    by weather, the change under actual weather less that at normal climate being natural.
    """

    id: str = Field(min_length=1)
    name: TitleField
    table: Literal["asset", "quality"] = "asset"
    property: str = "reference"
    direction: Literal["+", "-"]
    unit: str
    reading: Reading
    split: Literal["", "causes", "weather"] = ""
    resource: str = ""
    class_: str = Field(default="", alias="class")
    part: str = ""  # the scored part of the audit that a missed target takes points from
    missed: float | None = Field(default=None, gt=0)  # how many
    source: str = ""
    locator: str = ""
    grade: Literal["official", "published", "derived", "expert", "recalled", "placeholder"]
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> "AuditItem":
        if self.split == "causes" and not self.resource:
            raise ValueError('split = "causes" needs the resource of the causes table')
        if self.split == "weather" and not (self.reading.account and self.reading.form == "level"):
            raise ValueError('split = "weather" needs a level of the account')
        if bool(self.part) != (self.missed is not None):
            raise ValueError("give both of part and missed, or neither")
        return self


class ScoredPart(Frozen):
    """A scored part of a module. ``points`` blank: no text gives them.

    ``reading``: the points that auditors gave, as data rows.
    """

    id: str = Field(min_length=1)
    module: str
    name: TitleField
    points: float | None = Field(default=None, ge=0)
    reading: Reading | None = None
    source: str = ""
    locator: str = ""
    note: str = ""


class ScoredModule(Frozen):
    """A module (评价版块), capped at its points; without parts it is scored as one."""

    id: str = Field(min_length=1)
    name: TitleField
    points: float | None = Field(default=None, ge=0)
    source: str = ""
    locator: str = ""
    grade: Literal["official", "published", "derived", "expert", "recalled", "placeholder"] = (
        "published"
    )
    note: str = ""


class Issue(Frozen):
    """A kind of finding (问题), an event in the events table: points off or on of a part or a module of one part."""

    id: str = Field(min_length=1)
    name: TitleField
    part: str
    effect: Literal["deduct", "bonus"] = "deduct"
    points: float | None = Field(
        default=None, gt=0
    )  # blank: no text gives them, and its part is not scored
    most: float | None = Field(default=None, gt=0)  # of all such findings of a term
    source: str = ""
    locator: str = ""


class AuditSpec(SchemeSpec):
    """The TOML of an audit scheme."""

    total: float | None = None  # what all points sum to
    item: tuple[AuditItem, ...] = Field(min_length=1)
    module: tuple[ScoredModule, ...] = ()
    part: tuple[ScoredPart, ...] = ()
    issue: tuple[Issue, ...] = ()
    grade: tuple[Grade, ...] = ()


@dataclass(frozen=True)
class AuditScheme(Scheme):
    """A scheme of kind ``audit``."""

    spec: AuditSpec


def scored_parts(spec: AuditSpec) -> tuple[ScoredPart, ...]:
    """The scored parts; a module without any is its own."""
    divided = {one.module for one in spec.part}
    whole = [
        ScoredPart(id=one.id, module=one.id, name=one.name, points=one.points)
        for one in spec.module
        if one.id not in divided
    ]
    return (*spec.part, *whole)
