"""What an audit scheme states (离任审计方案): items, modules and parts with points, issues, grades.

The module owns the models of the TOML. Whether what they state fits together is checked in
``checks``.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from gep.assessment.readings import Reading
from gep.assessment.scheme import Grade, Scheme, SchemeSpec
from gep.assessment.targets import property_code
from gep.io.toml_documents import Frozen, TitleField, invalid_value

TOTAL = "total"  # the row of the sum in audit_scores.csv
Evidence = Literal["official", "published", "derived", "expert", "recalled", "placeholder"]


class AuditItem(Frozen):
    """What is tabled for a term: a reading at the accounts nearest to its first and last day.

    Attributes
    ----------
    id, name : str, Title
    table : {'asset', 'quality'}
        Quality items are also judged, in ``audit_quality.csv``.
    property : str
        ``binding`` items are also listed with their target, in ``audit_targets.csv``.
    direction : {'+', '-'}
        Whether more or less is better.
    unit : str
    reading : Reading
    split : {'', 'causes', 'weather'}
        How the change is split into human and natural: by the table of causes (``resource`` and
        ``class``), or by weather, the change less that at normal climate being natural.
    resource, class_ : str
        What the rows of the table of causes are about; without a class, all classes.
    part : str
        The scored part from which a missed target takes points.
    missed : float or None
        How many points it takes.
    source, locator, note : str
    grade : str
        How well the item is known.
    """

    id: str = Field(min_length=1)
    name: TitleField
    table: Literal["asset", "quality"] = "asset"
    property: Annotated[str, AfterValidator(property_code)] = "reference"
    direction: Literal["+", "-"]
    unit: str
    reading: Reading
    split: Literal["", "causes", "weather"] = ""
    resource: str = ""
    class_: str = Field(default="", alias="class")
    part: str = ""
    missed: float | None = Field(default=None, gt=0)
    source: str = ""
    locator: str = ""
    grade: Evidence
    note: str = ""

    @model_validator(mode="after")
    def _check_keys(self) -> "AuditItem":
        if self.split == "causes" and not self.resource:
            raise invalid_value("audit.causes-without-resource")
        reads_level = self.reading.account and self.reading.form == "level"
        if self.split == "weather" and not reads_level:
            raise invalid_value("audit.weather-without-level", reading=str(self.reading))
        if self.part and self.missed is None:
            raise invalid_value("audit.part-without-missed", part=self.part)
        if self.missed is not None and not self.part:
            raise invalid_value("audit.missed-without-part", missed=f"{self.missed:g}")
        return self


class ScoredPart(Frozen):
    """A scored part of a module.

    Attributes
    ----------
    id, module, name : str, str, Title
    points : float or None
        None if no text gives them; the part then has no score.
    reading : Reading or None
        The points that auditors gave, where they are data rows.
    source, locator, note : str
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
    """A module (评价版块), whose score is at most its points; without parts it is scored as one.

    Attributes
    ----------
    id, name : str, Title
    points : float or None
        None if no text gives them; the module then has no score.
    source, locator, note : str
    grade : str
        How well the module is known.
    """

    id: str = Field(min_length=1)
    name: TitleField
    points: float | None = Field(default=None, ge=0)
    source: str = ""
    locator: str = ""
    grade: Evidence = "published"
    note: str = ""


class Issue(Frozen):
    """A kind of finding (问题), recorded as an event, that takes or gives points.

    Attributes
    ----------
    id, name : str, Title
    part : str
        The part, or the module without parts, whose points change.
    effect : {'deduct', 'bonus'}
    points : float or None
        For each finding. None if no text gives them; a part with such a finding has no score.
    most : float or None
        The most points for all such findings of a term; None if there is no limit.
    source, locator : str
    """

    id: str = Field(min_length=1)
    name: TitleField
    part: str
    effect: Literal["deduct", "bonus"] = "deduct"
    points: float | None = Field(default=None, gt=0)
    most: float | None = Field(default=None, gt=0)
    source: str = ""
    locator: str = ""


class AuditSpec(SchemeSpec):
    """The TOML of an audit scheme.

    Attributes
    ----------
    total : float or None
        What the points of all modules sum to.
    item : tuple of AuditItem
    module : tuple of ScoredModule
    part : tuple of ScoredPart
    issue : tuple of Issue
    grade : tuple of Grade
        The best first.
    """

    total: float | None = None
    item: tuple[AuditItem, ...] = Field(min_length=1)
    module: tuple[ScoredModule, ...] = ()
    part: tuple[ScoredPart, ...] = ()
    issue: tuple[Issue, ...] = ()
    grade: tuple[Grade, ...] = ()


@dataclass(frozen=True, repr=False)
class AuditScheme(Scheme):
    """A scheme of kind ``audit``."""

    spec: AuditSpec


def scored_parts(spec: AuditSpec) -> tuple[ScoredPart, ...]:
    """Return the scored parts; a module without any is a part itself."""
    parts = list(spec.part)
    divided = {part.module for part in spec.part}
    for module in spec.module:
        if module.id not in divided:
            parts.append(
                ScoredPart(id=module.id, module=module.id, name=module.name, points=module.points)
            )
    return tuple(parts)
