"""Standards (核算规范): indicators, steps and bindings as data, read from TOML into frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from gep.errors import ProblemLog, Where
from gep.io.catalog import locate
from gep.io.tables import suggestion
from gep.io.toml_documents import Frozen, Source, TitleField, read_toml, validate_document

CATEGORIES = ("provisioning", "regulating", "cultural", "unallocated", "adjustment")
Category = Literal["provisioning", "regulating", "cultural", "unallocated", "adjustment"]
PriceConcept = Literal[
    "exchange", "replacement_cost", "avoided_cost", "gross_output", "net_output", "welfare"
]
Key = Literal[
    "region", "ecosystem", "substance", "product", "use", "water_body", "service", "month", "index"
]


class Binding(Frozen):
    """Where an input comes from: exactly one of data, coef, step, area."""

    data: str = ""
    coef: str = ""
    step: str = ""
    area: tuple[str, ...] = ()
    at: dict[Key, str] = Field(default_factory=dict)
    index: str = ""

    @model_validator(mode="after")
    def _one(self) -> "Binding":
        if sum(bool(part) for part in (self.data, self.coef, self.step, self.area)) != 1:
            raise ValueError("exactly one of data, coef, step, area")
        if self.index and not (self.data or self.coef):
            raise ValueError("index belongs to data and coef only")
        if self.at and self.area:
            raise ValueError("at belongs to data, coef and step only")
        return self

    def __str__(self) -> str:
        kind = next(name for name in ("data", "coef", "step", "area") if getattr(self, name))
        value = getattr(self, kind)
        text = f"{kind}={value if isinstance(value, str) else '+'.join(value)}"
        at = "".join(f" {key}={member}" for key, member in self.at.items())
        return text + at + (f" index={self.index}" if self.index else "")


class Step(Frozen):
    """One method applied to its inputs; its ``id`` is unique among the steps that are active together."""

    id: str
    name: TitleField | None = None
    kind: Literal["quantity", "value", "auxiliary"]
    method: str
    per: Literal["area", "amount", "region", "none"]
    unit: str
    clause: str = ""
    over: dict[Key, tuple[str, ...]] = Field(default_factory=dict)
    sum_over: tuple[Key, ...] = ()
    additive: bool = True
    when: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    inputs: dict[str, Binding]

    @model_validator(mode="after")
    def _sound(self) -> "Step":
        if self.per == "none" and self.kind != "auxiliary":
            raise ValueError('per = "none" is for auxiliary steps only')
        if not self.inputs:
            raise ValueError("inputs are due")
        return self

    def active(self, switches: Mapping[str, str]) -> bool:
        """Whether the chosen switches let the step run."""
        return all(
            switches[name] in ([wanted] if isinstance(wanted, str) else wanted)
            for name, wanted in self.when.items()
        )


class Indicator(Frozen):
    """One service or product (核算科目) of the standard."""

    id: str
    name: TitleField
    category: Category
    price_concept: PriceConcept | None = None
    overlaps: tuple[str, ...] = ()
    note: str = ""
    source_category: str = ""
    step: tuple[Step, ...] = Field(min_length=1)


class DataName(Frozen):
    """A name that data rows may carry: what it measures and who has it."""

    name: TitleField
    unit: str
    min: float | None = None
    max: float | None = None
    from_: TitleField | None = Field(default=None, alias="from")
    keys: tuple[Key, ...] = ("region",)


class Switch(Frozen):
    """A choice that the standard leaves open."""

    name: TitleField
    options: tuple[str, ...] = Field(min_length=1)
    default: str


class Total(Frozen):
    """A sum of indicators; the first of a standard is the headline."""

    id: str
    name: TitleField
    indicators: tuple[str, ...] = Field(min_length=1)


class StandardSpec(Frozen):
    """The TOML of a standard."""

    id: str
    title: TitleField
    source: str
    measure: Literal["gep", "esv", "quantity"]
    approach: Literal["equivalent_factors"] | None = None  # how an "esv" is made, for its title
    evidence: Literal["verified", "published", "recalled"]
    legal: Literal["in_force", "trial", "draft", "superseded", "research"]
    in_force: Any = None
    replaced_by: str = ""
    note: str = ""
    ecosystems: str
    coefficients: tuple[str, ...] = ()
    unit: str
    sources: dict[str, Source] = Field(default_factory=dict)
    data: dict[str, DataName] = Field(default_factory=dict)
    switch: dict[str, Switch] = Field(default_factory=dict)
    step: tuple[Step, ...] = ()
    indicator: tuple[Indicator, ...] = Field(min_length=1)
    total: tuple[Total, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Standard:
    """A standard and the file it was read from."""

    spec: StandardSpec
    path: Path

    @property
    def id(self) -> str:
        """The standard's id."""
        return self.spec.id

    def steps(self) -> list[tuple[str, Indicator | None, Step]]:
        """All steps with their full names: shared ones by id, others ``indicator.step``."""
        shared: list[tuple[str, Indicator | None, Step]] = [
            (step.id, None, step) for step in self.spec.step
        ]
        return shared + [
            (f"{one.id}.{step.id}", one, step) for one in self.spec.indicator for step in one.step
        ]

    def chosen(self, switches: Mapping[str, str]) -> dict[str, str]:
        """All switches with their options, defaults filled in."""
        return {
            name: switches.get(name, switch.default) for name, switch in self.spec.switch.items()
        }


def read_standard(name: str | Path, *, base: Path | None = None) -> Standard:
    """Read a standard by id or path. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    found = load_standard(str(name), base, str(name), problems)
    problems.raise_errors()
    assert found is not None
    return found


def load_standard(
    name: str, base: Path | None, where: Where, problems: ProblemLog
) -> Standard | None:
    """Load a standard into ``problems``; None when it cannot be used."""
    path = locate("standards", name, base, where, problems)
    if path is None:
        return None
    text = validate_document(
        StandardSpec, read_toml(path, path.name, problems), path.name, problems
    )
    if text is None:
        return None
    standard = Standard(text, path)
    before = len(problems.errors)
    _check(standard, path.name, problems)
    return standard if len(problems.errors) == before else None


def _check(standard: Standard, label: str, problems: ProblemLog) -> None:
    text = standard.spec
    if text.source not in text.sources:
        problems.add(
            "unknown-source", label, f"source {text.source!r}", f"add [sources.{text.source}]"
        )
    for name, switch in text.switch.items():
        if switch.default not in switch.options:
            fix = f"options are: {', '.join(switch.options)}"
            problems.add(
                "unknown-option", f"{label} switch.{name}", f"default {switch.default!r}", fix
            )
    indicators = [one.id for one in text.indicator]
    for kind, ids in (("indicator", indicators), ("total", [total.id for total in text.total])):
        for again in sorted({one for one in ids if ids.count(one) > 1}):
            problems.add(
                "duplicate-id", label, f"{kind} {again!r} stands twice", "give each its own id"
            )
    for total in text.total:
        for one in total.indicators:
            if one not in indicators:
                where = f"{label} total.{total.id}"
                problems.add(
                    "unknown-indicator", where, f"indicator {one!r}", suggestion(one, indicators)
                )
    for indicator in text.indicator:
        for one in indicator.overlaps:
            if one not in indicators:
                where = f"{label} {indicator.id}.overlaps"
                problems.add(
                    "unknown-indicator", where, f"indicator {one!r}", suggestion(one, indicators)
                )
    _check_steps(standard, label, problems)


def _check_steps(standard: Standard, label: str, problems: ProblemLog) -> None:
    text, steps = standard.spec, standard.steps()
    names = [name for name, _, _ in steps]
    for name, _, step in steps:
        where = f"{label} {name}"
        for switch, wanted in step.when.items():
            options = text.switch[switch].options if switch in text.switch else ()
            for option in [wanted] if isinstance(wanted, str) else wanted:
                if option not in options:
                    problems.add(
                        "unknown-option",
                        where,
                        f"when {switch} = {option!r}",
                        suggestion(option, options),
                    )
        for input_name, binding in step.inputs.items():
            if binding.step and binding.step not in names:
                what = f"{input_name} is bound to step {binding.step!r}"
                problems.add("unknown-step", where, what, suggestion(binding.step, names))
            if binding.data and binding.data not in text.data:
                what = f"{input_name} is bound to data {binding.data!r}"
                fix = f"add [data.{binding.data}]; {suggestion(binding.data, text.data)}"
                problems.add("unknown-data-name", where, what, fix)
        for other, _, twin in steps[names.index(name) :]:
            if other == name and twin is not step and not _exclusive(step, twin):
                what = "two steps of this id can be active together"
                problems.add("duplicate-id", where, what, "their when must exclude each other")


def _exclusive(one: Step, other: Step) -> bool:
    def options(value: str | tuple[str, ...]) -> set[str]:
        return {value} if isinstance(value, str) else set(value)

    shared = set(one.when) & set(other.when)
    return any(options(one.when[name]).isdisjoint(options(other.when[name])) for name in shared)
