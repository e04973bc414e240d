"""Choices (核算选择): standard, sets, switches and price basis that a county, or all in common, compute with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gep.account.account import Account, account_from_plan
from gep.collection.counties import County
from gep.errors import Problem, ProblemLog, ProblemsFound, Where, joined
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.inputs.coefficients import CoefficientSet
from gep.io.result_folder import sha256
from gep.io.tables import suggestion
from gep.plan.build import PlanInputs, build_plan, load_sets
from gep.standards.method import is_own_file
from gep.standards.standard import Standard
from gep.units import UnitError, factor

CURRENT = "current"
OWN, COMMON = "own", "common"


@dataclass(frozen=True)
class Choice:
    """What a county's data are computed with. ``price_year`` None: current prices."""

    name: str
    standard: Standard
    scheme: ClassScheme
    sets: tuple[CoefficientSet, ...]
    switches: Mapping[str, str]
    price_year: int | None

    @property
    def basis(self) -> str:
        """The price basis in words."""
        return basis_of(self.price_year)


def basis_of(price_year: int | None) -> str:
    """``current``, or ``constant:2020``."""
    return CURRENT if price_year is None else f"constant:{price_year}"


def choice_of(
    name: str,
    standard: Standard,
    names: Sequence[str],
    switches: Mapping[str, str],
    price_year: int | None,
    base: Path | None,
    where: Where,
    problems: ProblemLog,
    sets: tuple[CoefficientSet, ...] = (),
) -> Choice | None:
    """Load a choice: its sets are those given, else those named and then the standard's own."""
    sets = sets or load_sets(names, standard, base, problems)
    if not sets:
        what = f"{standard.id} has no sets of its own and none is named"
        problems.add(
            "missing-set",
            where,
            what,
            "name the sets that all are computed with: --coefficients ID",
        )
    scheme = load_class_scheme(
        standard.spec.ecosystems, standard.path.parent, standard.path.name, problems
    )
    known = standard.spec.switch
    for switch, option in switches.items():
        if switch not in known:
            what = f"{standard.id} has no switch {switch!r}"
            problems.add("unknown-switch", where, what, suggestion(switch, known))
        elif option not in known[switch].options:
            fix = f"options are: {', '.join(known[switch].options)}"
            problems.add("unknown-option", f"{where} {switch}", f"option {option!r}", fix)
    return (
        None
        if scheme is None
        else Choice(name, standard, scheme, sets, standard.chosen(switches), price_year)
    )


def one_standard(counties: Sequence[County], problems: ProblemLog) -> Standard | None:
    """The standard that all counties have; its text, own code and class scheme must be the same."""
    kinds: dict[tuple[object, ...], list[County]] = {}
    for one in counties:
        kinds.setdefault(_identity(one), []).append(one)
    if len(kinds) > 1:
        told = "; ".join(
            f"{some[0].project.parts.standard.id}: {joined([one.name for one in some], ', ')}"
            for some in kinds.values()
        )
        what = f"the counties have {len(kinds)} standards (text, own code and ecosystem types count): {told}"
        fix = (
            "--standard ID computes all under one, and tells what the counties' own standards moved"
        )
        problems.add("counties-differ", "standard 核算规范", what, fix)
    return counties[0].project.parts.standard if counties else None


def same_standard(county: County, standard: Standard) -> bool:
    """Whether a county's own standard is this one: the same text and own code."""
    own = county.project.parts.standard
    return own.spec == standard.spec and _code(own) == _code(standard)


def is_own(county: County, choice: Choice) -> bool:
    """Whether a choice is the county's own: standard, prices, switches, and the content of the sets in their order."""
    parts = county.project.parts
    if not same_standard(county, choice.standard) or parts.price_year != choice.price_year:
        return False
    if parts.scheme.classes != choice.scheme.classes or parts.scheme.parent != choice.scheme.parent:
        return False
    return choice.standard.chosen(parts.switches) == choice.switches and _content(
        parts.sets
    ) == _content(choice.sets)


def _content(sets: Sequence[CoefficientSet]) -> list[tuple[str, ...]]:
    """What sets say, wherever they lie."""
    return [(one.label, *sorted(sha256(file) for file in one.files)) for one in sets]


def _identity(county: County) -> tuple[object, ...]:
    parts = county.project.parts
    return (parts.standard.spec.model_dump_json(), _code(parts.standard), parts.scheme.classes)


def _code(standard: Standard) -> tuple[str, ...]:
    """The checksums of the code that a standard brings along."""
    names = {step.method.partition(":")[0] for _, _, step in standard.steps()}
    files = [standard.path.parent / name for name in sorted(names) if is_own_file(name)]
    return tuple(sha256(file) for file in files if file.is_file())


def one_of(
    counties: Sequence[County], what: str, words: Sequence[str], fix: str, problems: ProblemLog
) -> None:
    """A problem where the counties differ in what should be the same; ``words`` say it for each."""
    kinds: dict[str, list[str]] = {}
    for one, word in zip(counties, words, strict=True):
        kinds.setdefault(word, []).append(one.name)
    if len(kinds) > 1:
        told = "; ".join(f"{word}: {joined(names, ', ')}" for word, names in kinds.items())
        problems.add("counties-differ", what, f"the counties differ: {told}", fix)


def check_units(counties: Sequence[County], standard: Standard, problems: ProblemLog) -> None:
    """Values of the counties' own standards must be of the common one's unit."""
    for one in counties:
        try:
            factor(one.project.parts.standard.spec.unit, standard.spec.unit)
        except UnitError as error:
            problems.add(
                "wrong-dimension",
                one.name,
                str(error),
                "values are summed and ranked in one currency",
            )


def parts_under(county: County, choice: Choice, allow_transfer: bool) -> PlanInputs:
    """The county's data with the standard, sets, switches and prices of a choice.

    Whether code may run stays as the county's project and the caller settled it together.
    """
    own = county.project.parts
    allowed = replace(own.allowed, transfer=own.allowed.transfer or allow_transfer)
    return replace(
        own,
        standard=choice.standard,
        scheme=choice.scheme,
        sets=choice.sets,
        switches=dict(choice.switches),
        price_year=choice.price_year,
        allowed=allowed,
    )


def accounts_of(parts: PlanInputs, years: Sequence[int]) -> tuple[Account, ...]:
    """The accounts of some years. Raises ``ProblemsFound`` with what all years lack."""
    found, errors = list[Account](), list[Problem]()
    for year in years:
        problems = ProblemLog()
        try:
            _check_crosswalk(parts, problems)
            found.append(account_from_plan(build_plan(parts, year, problems)))
        except ProblemsFound as error:
            errors += error.problems
    if errors:
        raise ProblemsFound(errors)
    return tuple(found)


def _check_crosswalk(parts: PlanInputs, problems: ProblemLog) -> None:
    """A county's crosswalk must lead to the ecosystem types of the standard it is computed under."""
    if parts.crosswalk is None:
        return
    lost = sorted(set(parts.crosswalk.frame["ecosystem"]) - {"na", *parts.scheme.classes})
    if lost:
        what = f"{parts.crosswalk.id} leads to {joined(lost, ', ')}, which {parts.scheme.id} does not have"
        problems.add(
            "unknown-class",
            parts.crosswalk.path.name,
            what,
            suggestion(lost[0], parts.scheme.classes),
        )
        problems.raise_errors()
