"""Choices (核算选择): the standard, sets, switches and price basis that accounts are computed with.

Owns the comparison of the counties' own choices, the loading of a common choice, and accounts under
a choice. The alternatives that ranks are tested with are read by ``alternatives``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gep.account.account import Account, account_from_plan
from gep.collection.counties import County
from gep.errors import Problem, ProblemLog, ProblemsFound, Where
from gep.extent.classes import ClassScheme, load_class_scheme
from gep.extent.crosswalk import Crosswalk
from gep.inputs.coefficients import CoefficientSet
from gep.io.result_folder import sha256
from gep.io.tables import suggestion
from gep.plan.build import PlanInputs, build_plan, load_sets, recognize_names
from gep.plan.prices import PriceBasis
from gep.standards.method import is_own_file
from gep.standards.own_code import files_of_code
from gep.standards.standard import Standard
from gep.texts.catalogue import Label, Listed, Sayable, text
from gep.units import UnitError, factor

OWN = "own"
COMMON = "common"
_SHARES = ["class", "ecosystem", "share"]  # what a crosswalk is
_GROUPS = 12  # groups of counties, or options of a switch, that a message lists


@dataclass(frozen=True)
class Choice:
    """What the counties' data are computed with.

    Attributes
    ----------
    name : str
        ``common``, or the name of an alternative.
    standard : Standard
        The standard.
    scheme : ClassScheme
        Its ecosystem types.
    sets : tuple of CoefficientSet
        The coefficient sets; the first that has a row supplies it.
    switches : mapping of str to str
        The option of every switch of the standard.
    price_year : int or None
        Year of constant prices; None: current prices.
    crosswalk : Crosswalk or None
        Taken for every county in place of its own; None: each county has its own.
    """

    name: str
    standard: Standard
    scheme: ClassScheme
    sets: tuple[CoefficientSet, ...]
    switches: Mapping[str, str]
    price_year: int | None
    crosswalk: Crosswalk | None = None

    @property
    def basis(self) -> str:
        """The price basis as the tables have it."""
        return PriceBasis(self.price_year).code


@dataclass(frozen=True)
class Alternatives:
    """The alternatives that counties are computed under, beside their own and the common choice.

    If ``optional``, an alternative that a county cannot be computed under is left out; else the
    county is.
    """

    choices: tuple[Choice, ...]
    optional: bool


def choice_of(
    name: str,
    standard: Standard,
    *,
    coefficients: Sequence[str],
    switches: Mapping[str, str],
    price_year: int | None,
    base: Path | None,
    place: str,
    problems: ProblemLog,
    sets: tuple[CoefficientSet, ...] = (),
) -> Choice | None:
    """Load a choice.

    Parameters
    ----------
    name : str
        ``common``, or the name of an alternative.
    standard : Standard
        Its standard.
    coefficients : sequence of str
        Ids or paths of coefficient sets, followed by those of the standard.
    switches : mapping of str to str
        Options of switches; the others have the standard's default.
    price_year : int or None
        Year of constant prices; None: current prices.
    base : Path or None
        Folder that relative paths start from and must not leave; None: the user's working folder.
    place : str
        Option or file that names the choice, for problems.
    problems : ProblemLog
        Gets ``missing-set``, ``unknown-switch``, ``unknown-option``, and the problems of sets and
        class schemes.
    sets : tuple of CoefficientSet, optional
        Sets that are loaded already, used instead of ``coefficients``.

    Returns
    -------
    Choice or None
        None if the class scheme could not be loaded.
    """
    sets = sets or load_sets(coefficients, standard, base, problems)
    label = Label(standard.id, standard.spec.title)
    if not sets:
        problems.add("missing-set", place, "collection.no-coefficient-set", standard=label)
    ecosystems = standard.spec.ecosystems
    home = standard.home_of(ecosystems)
    scheme = load_class_scheme(ecosystems, home, standard.path.name, problems)
    known_switches = standard.spec.switch
    for switch, option in switches.items():
        if switch not in known_switches:
            problems.add(
                "unknown-switch",
                place,
                "collection.unknown-switch",
                standard=label,
                switch=switch,
                suggestion=suggestion(switch, known_switches),
            )
        elif option not in known_switches[switch].options:
            problems.add(
                "unknown-option",
                f"{place} {switch}",
                "collection.unknown-option",
                switch=Label(switch, known_switches[switch].name),
                option=option,
                options=Listed(known_switches[switch].options, _GROUPS),
            )
    if scheme is None:
        return None
    return Choice(
        name=name,
        standard=standard,
        scheme=scheme,
        sets=sets,
        switches=standard.chosen(switches),
        price_year=price_year,
    )


def one_standard(counties: Sequence[County], problems: ProblemLog) -> Standard | None:
    """Find the standard that all counties have, with the same text, own code and class scheme.

    Parameters
    ----------
    counties : sequence of County
    problems : ProblemLog
        Gets ``counties-differ``.

    Returns
    -------
    Standard or None
        That of the first county; None if there is no county.
    """
    counties_by_standard: dict[tuple[object, ...], list[County]] = {}
    for county in counties:
        counties_by_standard.setdefault(_standard_content(county), []).append(county)
    if len(counties_by_standard) > 1:
        groups = []
        for members in counties_by_standard.values():
            standard = members[0].project.parts.standard
            names = [county.name for county in members]
            label = Label(standard.id, standard.spec.title)
            groups.append(text("collection.group-of", counties=names, value=label))
        problems.add(
            "counties-differ",
            text("collection.place.standard"),
            "collection.standards-differ",
            count=len(groups),
            groups=Listed(tuple(groups), _GROUPS),
        )
    return counties[0].project.parts.standard if counties else None


def one_of(
    counties: Sequence[County],
    place: Where,
    values: Sequence[str],
    fix: str | Sayable,
    problems: ProblemLog,
) -> None:
    """Check that something is the same in all counties.

    Parameters
    ----------
    counties : sequence of County
    place : str or Sayable
        What should be the same, for the problem.
    values : sequence of str
        The value of each county.
    fix : str or Sayable
        What to do if they differ.
    problems : ProblemLog
        Gets ``counties-differ``.
    """
    names_by_value: dict[str, list[str]] = {}
    for county, value in zip(counties, values, strict=True):
        names_by_value.setdefault(value, []).append(county.name)
    if len(names_by_value) > 1:
        groups = []
        for value, names in names_by_value.items():
            groups.append(text("collection.group-of", counties=names, value=value))
        problems.add(
            "counties-differ",
            place,
            "collection.counties-differ",
            groups=Listed(tuple(groups), _GROUPS),
            fix=fix,
        )


def check_units(counties: Sequence[County], standard: Standard, problems: ProblemLog) -> None:
    """Check that the values of the counties' own standards convert to the unit of the common one.

    Parameters
    ----------
    counties : sequence of County
    standard : Standard
        The common standard.
    problems : ProblemLog
        Gets ``wrong-dimension``.
    """
    for county in counties:
        spec = county.project.parts.standard.spec
        try:
            factor(spec.unit, standard.spec.unit)
        except UnitError:
            problems.add(
                "wrong-dimension",
                county.name,
                "collection.value-unit",
                standard=Label(spec.id, spec.title),
                unit=spec.unit,
                common_unit=standard.spec.unit,
            )


def same_standard(county: County, standard: Standard) -> bool:
    """Return whether a county's own standard is this one: the same text and own code."""
    county_standard = county.project.parts.standard
    if county_standard.spec != standard.spec:
        return False
    return _code_sums(county_standard) == _code_sums(standard)


def is_own(county: County, choice: Choice) -> bool:
    """Return whether a choice is the county's own; sets are compared by content, in their order."""
    parts = county.project.parts
    if not same_standard(county, choice.standard) or parts.price_year != choice.price_year:
        return False
    if choice.crosswalk is not None and not _same_crosswalk(parts.crosswalk, choice.crosswalk):
        return False
    if parts.scheme.classes != choice.scheme.classes or parts.scheme.parent != choice.scheme.parent:
        return False
    if choice.standard.chosen(parts.switches) != choice.switches:
        return False
    return _set_contents(parts.sets) == _set_contents(choice.sets)


def _same_crosswalk(own: Crosswalk | None, other: Crosswalk) -> bool:
    """Return whether a county's own crosswalk is this one."""
    return own is not None and own.frame[_SHARES].equals(other.frame[_SHARES])


def _set_contents(sets: Sequence[CoefficientSet]) -> list[tuple[str, ...]]:
    """Return label and checksums of each set."""
    contents = []
    for coefficient_set in sets:
        sums = sorted(sha256(file) for file in coefficient_set.files)
        contents.append((coefficient_set.label, *sums))
    return contents


def _standard_content(county: County) -> tuple[object, ...]:
    """Return what two counties must share to have the same standard."""
    parts = county.project.parts
    return (
        parts.standard.spec.model_dump_json(),
        _code_sums(parts.standard),
        parts.scheme.classes,
    )


def _code_sums(standard: Standard) -> tuple[str, ...]:
    """Return the checksums of the code files that a standard brings along."""
    names = {step.method.partition(":")[0] for _, _, step in standard.steps()}
    sums = []
    for name in sorted(names):
        file = standard.home_of(name) / name
        if is_own_file(name):
            sums += [sha256(code) for code in files_of_code(file)]
    return tuple(sums)


def parts_under(county: County, choice: Choice, allow_transfer: bool) -> PlanInputs:
    """Return the county's data with the standard, sets, switches and prices of a choice.

    Whether code may run stays as the county's project and the caller settled it together.
    """
    parts = county.project.parts
    permissions = parts.allowed
    permissions = replace(permissions, transfer=permissions.transfer or allow_transfer)
    return replace(
        parts,
        standard=choice.standard,
        scheme=choice.scheme,
        crosswalk=choice.crosswalk or parts.crosswalk,
        sets=choice.sets,
        switches=dict(choice.switches),
        price_year=choice.price_year,
        allowed=permissions,
    )


def accounts_of(parts: PlanInputs, years: Sequence[int]) -> tuple[Account, ...]:
    """Compute the accounts of some years.

    Parameters
    ----------
    parts : PlanInputs
        What the plans are built of.
    years : sequence of int

    Returns
    -------
    tuple of Account
        One for each year.

    Raises
    ------
    ProblemsFound
        With the problems of all years: ``unknown-class`` for a crosswalk that does not fit, and
        those of ``gep.plan.build.build_plan``.
    """
    accounts: list[Account] = []
    errors: list[Problem] = []
    for year in years:
        problems = ProblemLog()
        try:
            _check_crosswalk(parts, problems)
            spelled = recognize_names(parts, problems)  # as the standard of the choice has it
            accounts.append(account_from_plan(build_plan(spelled, year, problems)))
        except ProblemsFound as error:
            errors += error.problems
    if errors:
        raise ProblemsFound(errors)
    return tuple(accounts)


def _check_crosswalk(parts: PlanInputs, problems: ProblemLog) -> None:
    """Refuse a county's crosswalk that leads to ecosystem types unknown to the standard."""
    if parts.crosswalk is None:
        return
    unknown = sorted(set(parts.crosswalk.frame["ecosystem"]) - {"na", *parts.scheme.classes})
    if unknown:
        problems.add(
            "unknown-class",
            parts.crosswalk.path.name,
            "collection.crosswalk-does-not-fit",
            crosswalk=parts.crosswalk.id,
            classes=tuple(unknown),
            scheme=parts.scheme.id,
            suggestion=suggestion(unknown[0], parts.scheme.classes),
        )
        problems.raise_errors()
