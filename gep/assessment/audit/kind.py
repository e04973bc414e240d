"""Leaving-office audit of natural resource assets (领导干部自然资源资产离任审计): what changed over a term of office.

Offices and terms are assessed, never named people. The tables are working papers for auditors (供审计组参考); what is
decided on them is recorded apart, in the log of ``gep.assessment.review.log``.
"""

from typing import Literal

from pydantic import Field, model_validator

from gep.assessment.audit.terms_of_office import TermsOfOffice, check_terms
from gep.assessment.audit.terms_of_office import load_terms as load_terms
from gep.assessment.context import AssessmentContext, check_reading
from gep.assessment.readings import Reading
from gep.assessment.scheme import Assessment, Grade, Scheme, SchemeSpec, check_grades
from gep.assessment.targets import attainment
from gep.errors import ProblemLog
from gep.inputs.value_rows import unit_fault
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.io.toml_documents import Frozen, TitleField
from gep.units import UnitError


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


class AuditScheme(SchemeSpec):
    """The TOML of an audit scheme."""

    total: float | None = None  # what all points sum to
    item: tuple[AuditItem, ...] = Field(min_length=1)
    module: tuple[ScoredModule, ...] = ()
    part: tuple[ScoredPart, ...] = ()
    issue: tuple[Issue, ...] = ()
    grade: tuple[Grade, ...] = ()

    def bases(self, scheme: Scheme) -> set[str]:
        """The bases of accounts that the items read; normal climate too where weather is taken apart."""
        own = {one.reading.basis for one in self.item if one.reading.account}
        return own | (
            {"normal_climate"} if any(one.split == "weather" for one in self.item) else set()
        )

    def parts(self) -> tuple[ScoredPart, ...]:
        """The scored parts; a module without any is its own."""
        divided = {one.module for one in self.part}
        whole = [
            ScoredPart(id=one.id, module=one.id, name=one.name, points=one.points)
            for one in self.module
            if one.id not in divided
        ]
        return (*self.part, *whole)

    def events(self) -> set[str]:
        """The issues that events name."""
        return {one.id for one in self.issue}

    def check(self, scheme: Scheme, problems: ProblemLog) -> None:
        """Ids, units, sources, points, what parts and modules are named, grades."""
        label = scheme.path.name
        named = (
            ("item", self.item),
            ("module", self.module),
            ("part", self.part),
            ("issue", self.issue),
        )
        for kind, parts in named:
            ids = [one.id for one in parts]
            for same in dict.fromkeys(one for one in ids if ids.count(one) > 1):
                problems.add(
                    "duplicate-id",
                    f"{label} {kind} {same}",
                    "two have this id",
                    "give each its own",
                )
            for one in parts:
                if one.source and one.source not in self.sources:
                    what, fix = (
                        f"source {one.source!r}",
                        f"add [sources.{one.source}] to the scheme",
                    )
                    problems.add("unknown-source", f"{label} {kind} {one.id}", what, fix)
        for item in self.item:
            if fault := unit_fault(item.unit):
                fix = "see the units that are known: docs/reference/units.md"
                problems.add(fault[0], f"{label} item {item.id}", fault[1], fix)
        self._check_points(label, problems)
        self._check_names(label, problems)
        check_grades(self.grade, f"{label} grade", problems)

    def _check_points(self, label: str, problems: ProblemLog) -> None:
        sums = [("total", self.total, [one.points for one in self.module])]
        for one in self.module:
            own = [part.points for part in self.part if part.module == one.id]
            sums += [(f"module {one.id}", one.points, own)] if own else []
        for name, declared, points in sums:
            known = [one for one in points if one is not None]
            beyond = (
                len(known) < len(points) and declared is not None and sum(known) > declared + 1e-9
            )
            unequal = (
                len(known) == len(points)
                and declared is not None
                and abs(sum(known) - declared) > 1e-9
            )
            if beyond or unequal:
                what = f"the points sum to {sum(known):g}, it says {declared:g}"
                problems.add(
                    "weights-sum", f"{label} {name}", what, "correct the points or the sum"
                )

    def _check_names(self, label: str, problems: ProblemLog) -> None:
        modules, parts = {one.id for one in self.module}, {one.id for one in self.parts()}
        for part in self.part:
            if part.module not in modules:
                what, fix = f"module {part.module!r}", suggestion(part.module, modules)
                problems.add("audit-part", f"{label} part {part.id}", what, fix)
        named = [(f"issue {one.id}", one.part) for one in self.issue]
        named += [(f"item {one.id}", one.part) for one in self.item if one.part]
        for where, name in named:
            if name not in parts:
                what = f"part {name!r} is not described, or is a module that has parts"
                problems.add("audit-part", f"{label} {where}", what, suggestion(name, parts))

    def check_ground(self, scheme: Scheme, ground: AssessmentContext, problems: ProblemLog) -> None:
        """Terms, readings, targets, causes and events."""
        from gep.assessment.audit.term_results import check_causes

        label, terms = scheme.path.name, ground.tables.get("terms")
        if not isinstance(terms, TermsOfOffice):
            fix = 'write terms = "terms.csv" under [assessment]'
            problems.add("missing-terms", label, "there is no table of terms", fix)
        else:
            check_terms(terms, ground.regions, ground.years, problems)
        for item in self.item:
            check_reading(item.reading, item.unit, ground, f"{label} item {item.id}", problems)
            self._check_target(item, ground, problems)
        for name, what, rows in check_causes(self, ground):
            where = row_place(str(rows["file"].iloc[0]), rows["row"])
            problems.add(
                "wrong-dimension", where, f"{name}: {what}", "a unit that fits the item is due"
            )
        for part in self.part:
            if part.reading is not None:
                check_reading(part.reading, "1", ground, f"{label} part {part.id}", problems)

    def _check_target(
        self, item: AuditItem, ground: AssessmentContext, problems: ProblemLog
    ) -> None:
        """A target's unit fits the item."""
        if ground.targets is None:
            return
        rows = ground.targets.rows
        for year in sorted(set(rows.loc[(rows["indicator"] == item.id).to_numpy(), "year"])):
            due = ground.targets.due(item.id, int(year))
            try:
                attainment(
                    due, due["target"].to_numpy(dtype=float), item.unit, item.direction, int(year)
                )
            except UnitError as error:
                where = row_place(str(due["file"].iloc[0]), due["row"])
                problems.add(
                    "wrong-dimension",
                    where,
                    f"{item.id}: {error}",
                    f"a unit like {item.unit} is due",
                )
                break

    def assess(self, scheme: Scheme, ground: AssessmentContext) -> Assessment:
        """The tables of the audit; see ``gep.assessment.audit.term_results``."""
        from gep.assessment.audit.tables import audited

        return audited(self, scheme, ground)
