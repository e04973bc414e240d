"""What follows from a register (名录结果): the states of subjects on the days of account.

The module runs the rule of a scheme for every assessed year. Each rule has a module of its own.
"""

from dataclasses import dataclass
from functools import cached_property

from gep.assessment.context import AssessmentContext, regions_of
from gep.assessment.register.credit import CreditState, credit_states
from gep.assessment.register.deadlines import TaskState, task_states
from gep.assessment.register.draws import Draw, classes_on, draws_of, without_class
from gep.assessment.register.flows import DayCount, day_counts
from gep.assessment.register.records import Record, RegisterSubject, by_subject, latest, records_of
from gep.assessment.register.scheme import DAYS, DEADLINES, DRAW, POINTS, RegisterSpec
from gep.texts.catalogue import Label


@dataclass(frozen=True)
class DrawnState:
    """An enterprise of a class on a day, and how often it was drawn in the year up to it.

    Attributes
    ----------
    subject : RegisterSubject
    year : int
    day : str
    class_ : str
    record : Record or None
        The row that states the class; None if it is of another scheme.
    draws : tuple of Draw
        The draws in which it was drawn.
    """

    subject: RegisterSubject
    year: int
    day: str
    class_: str
    record: Record | None
    draws: tuple[Draw, ...]


SubjectState = CreditState | TaskState | DrawnState | DayCount


@dataclass(frozen=True)
class RegisterResult:
    """What a scheme makes of a register.

    Attributes
    ----------
    spec : RegisterSpec
    context : AssessmentContext
    """

    spec: RegisterSpec
    context: AssessmentContext

    @cached_property
    def records(self) -> list[Record]:
        """The rows that the scheme reads."""
        return records_of(self.spec, self.context.register)

    def day(self, year: int) -> str:
        """Return the day of account of a year."""
        return f"{year}-{self.spec.day}"

    @cached_property
    def credits(self) -> list[CreditState]:
        """The credit of subjects; empty by other rules."""
        states: list[CreditState] = []
        if self.spec.rule == POINTS:
            for year in self.context.years:
                states += credit_states(self.spec, self.records, year, self.day(year))
        return states

    @cached_property
    def tasks(self) -> list[TaskState]:
        """The states of tasks; empty by other rules."""
        states: list[TaskState] = []
        if self.spec.rule == DEADLINES:
            for year in self.context.years:
                states += task_states(self.records, year, self.day(year))
        return states

    @cached_property
    def day_counts(self) -> list[DayCount]:
        """The counts of days; empty by other rules."""
        counts: list[DayCount] = []
        if self.spec.rule == DAYS:
            for year in self.context.years:
                counts += day_counts(self.spec, self.records, year)
        return counts

    @cached_property
    def draws(self) -> list[Draw]:
        """The draws up to the last day of account; empty by other rules."""
        if self.spec.rule != DRAW or not self.context.years:
            return []
        return draws_of(self.spec, self._records_of_draws(), self.context)

    def _records_of_draws(self) -> list[Record]:
        """Return the rows without draws after the last day of account."""
        last = self.day(max(self.context.years, default=0))
        return [record for record in self.records if record.role != "draw" or record.date <= last]

    @cached_property
    def drawn(self) -> list[DrawnState]:
        """The enterprises with a class on the days of account; empty by other rules."""
        states: list[DrawnState] = []
        if self.spec.rule != DRAW:
            return states
        groups = by_subject(self.records)
        for year in self.context.years:
            day = self.day(year)
            draws = self._draws_by_subject(year)
            for subject, class_ in classes_on(self.spec, groups, day, self.context).items():
                if subject.kind != self.spec.subject_kind:
                    continue
                record = latest(groups.get(subject, ()), "class", day)
                of_subject = tuple(draws.get(subject, ()))
                states.append(
                    DrawnState(
                        subject,
                        year,
                        day,
                        class_,
                        record,
                        of_subject,
                    )
                )
        return states

    @cached_property
    def without_class(self) -> list[RegisterSubject]:
        """The enterprises that no draw could take, since another scheme gives them no class."""
        if not self.spec.class_from:
            return []
        return without_class(self.spec, self._records_of_draws(), self.context)

    def _draws_by_subject(self, year: int) -> dict[RegisterSubject, list[Draw]]:
        """Return the draws of a year, up to its day of account, in which each subject was drawn."""
        draws: dict[RegisterSubject, list[Draw]] = {}
        for draw in self.draws:
            if draw.year != year or draw.record.date > self.day(year):
                continue
            for ticket in draw.tickets:
                if ticket.drawn:
                    draws.setdefault(ticket.subject, []).append(draw)
        return draws

    @cached_property
    def states(self) -> list[SubjectState]:
        """The states of all subjects, by whatever rule."""
        states: list[SubjectState] = [*self.credits, *self.tasks]
        states += self.drawn
        states += self.day_counts
        return states

    def subjects(self, region: str, year: int) -> list[str]:
        """Return the codes of the subjects of a region that have a state in a year."""
        codes = []
        for state in self.states:
            if state.year == year and state.subject.region == region:
                codes.append(state.subject.code)
        return list(dict.fromkeys(codes))

    def region_label(self, code: str) -> Label:
        """Return a region with its name."""
        regions = regions_of(self.context)
        return Label(code) if regions is None else regions.label(code)

    def regions_above(self, code: str) -> list[str]:
        """Return the regions above a region, nearest first."""
        regions = regions_of(self.context)
        return [] if regions is None else regions.ancestors(code)
