"""The services of SEEA EA (服务清单): the reference list, and what an indicator is in it.

The module owns the crosswalk from indicators of standards to Table 6.3. What ships are proposals;
a project may bring a table of its own, whose rows go first. Tables of accounts are left to
``gep.report.seea_tables``.
"""

import csv
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from gep.errors import ProblemLog
from gep.inputs.value_rows import GRADES, check_duplicates, in_column, read_grades
from gep.io.arguments import TableSource
from gep.io.catalog import shipped_folder
from gep.io.tables import Columns, Table, read_table, suggestion
from gep.standards.standard import Standard

Matches = Mapping[tuple[str, str], "ServiceMatch"]  # by indicator and item

_UNKNOWN_INDICATOR = "not_in_crosswalk"
_NOT_LISTED = "not_listed"
_COLUMNS = Columns(
    required=("indicator", "service"),
    optional=("item", "source", "locator", "grade", "note"),
)


class Service(NamedTuple):
    """A service of the reference list (Table 6.3).

    Attributes
    ----------
    category, zh, en, grade : str
        The grade is that of the name.
    """

    category: str
    zh: str
    en: str
    grade: str


class ServiceMatch(NamedTuple):
    """What an indicator is in the reference list.

    Attributes
    ----------
    service : str
        Ids of services, apart by blanks where they are in one figure; blank if it has no place.
    reason : str
        Why it has no place; blank if it has.
    grade, note : str
    """

    service: str
    reason: str
    grade: str
    note: str


@cache
def reference_services() -> Mapping[str, Service]:
    """Read the reference list of services that ships, by id.

    Returns
    -------
    mapping of str to Service
    """
    services = {}
    for row in shipped_rows("services.csv"):
        services[row["service"]] = Service(
            category=row["category"],
            zh=row["zh"],
            en=row["en"],
            grade=row["grade"],
        )
    return services


@cache
def shipped_matches() -> Mapping[tuple[str, str, str], ServiceMatch]:
    """Read what ships of the crosswalk, by standard, indicator and item.

    Returns
    -------
    mapping of (str, str, str) to ServiceMatch
    """
    matches = {}
    for row in shipped_rows("service_crosswalk.csv"):
        key = (row["standard"], row["indicator"], row["item"])
        matches[key] = ServiceMatch(
            service=row["service"],
            reason=row["reason"],
            grade=row["grade"],
            note=row["note"],
        )
    return matches


def shipped_rows(name: str) -> list[dict[str, str]]:
    """Read a table that ships beside the standards.

    Parameters
    ----------
    name : str
        Of its file.

    Returns
    -------
    list of dict of str to str
    """
    path = shipped_folder("standards") / "seea" / name
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load_services(source: TableSource, problems: ProblemLog) -> Table | None:
    """Read the table of a project's own crosswalk; what it names is left to ``load_matches``.

    Parameters
    ----------
    source : Path or GivenTable
    problems : ProblemLog
        Collects what is wrong with the table (see ``gep.io.tables``).

    Returns
    -------
    Table or None
        None if it cannot be read.
    """
    return read_table(source, _COLUMNS, problems)


def load_matches(
    source: TableSource | Table | None, standard: Standard, problems: ProblemLog
) -> Matches:
    """Read a project's own crosswalk to the reference list.

    Parameters
    ----------
    source : Path, GivenTable, Table or None
        A table, read or not, with ``indicator`` and ``service``; optionally ``item``, ``source``,
        ``locator``, ``grade`` and ``note``. A blank ``service`` says that the list has no such
        service.
    standard : Standard
        Whose indicators may be named.
    problems : ProblemLog
        Collects ``unknown-id`` for an indicator or service, ``duplicate-row``, and what is wrong
        with the table (see ``gep.io.tables``).

    Returns
    -------
    mapping of (str, str) to ServiceMatch
        Empty without a table, or where it cannot be read.
    """
    table = source
    if table is not None and not isinstance(table, Table):
        table = load_services(table, problems)
    if table is None:
        return {}
    frame = table.frame.assign(file=table.label, item=table.column("item"))
    check_duplicates(frame, ["indicator", "item"], problems)
    indicators = [each.id for each in standard.spec.indicator]
    for position, words in enumerate(frame["service"]):
        _check_known(table, position, "indicator", indicators, problems)
        for word in str(words).split():
            if word not in reference_services():
                _report_unknown(table, position, "service", word, problems)
    grades = [GRADES[code] for code in read_grades(table, problems)]
    notes = table.column("note")
    matches = {}
    for position, row in enumerate(frame.itertuples()):
        service = " ".join(str(row.service).split())
        reason = "" if service else _NOT_LISTED
        match = ServiceMatch(service, reason, grades[position], str(notes.iloc[position]))
        matches[str(row.indicator), str(row.item)] = match
    return matches


def _check_known(
    table: Table, position: int, column: str, known: list[str], problems: ProblemLog
) -> None:
    """Check that a cell names an indicator of the standard; adds ``unknown-id``."""
    word = str(table.frame[column].iloc[position])
    if word not in known:
        place = in_column(table.place([position]), column)
        hint = suggestion(word, known)
        problems.add("unknown-id", place, "report.seea.unknown-indicator", name=word, hint=hint)


def _report_unknown(
    table: Table, position: int, column: str, word: str, problems: ProblemLog
) -> None:
    """Report a service that the reference list does not have; adds ``unknown-id``."""
    place = in_column(table.place([position]), column)
    hint = suggestion(word, reference_services())
    problems.add("unknown-id", place, "report.seea.unknown-service", name=word, hint=hint)


def service_of(standard: Standard, indicator: str, item: str, matches: Matches) -> ServiceMatch:
    """Find an indicator in the reference list; a derived standard has what its base has.

    Parameters
    ----------
    standard : Standard
    indicator : str
    item : str
        ``substance=TN``; blank for an indicator as a whole.
    matches : mapping of (str, str) to ServiceMatch
        Those of the project, which go first.

    Returns
    -------
    ServiceMatch
        With a reason and no service if it has no place, or is in no crosswalk.
    """
    for member in (item, ""):
        if (indicator, member) in matches:
            return matches[indicator, member]
    shipped = shipped_matches()
    nearest: Standard | None = standard
    while nearest is not None:
        for member in (item, ""):
            match = shipped.get((nearest.spec.id, indicator, member))
            if match is not None:
                return match
        nearest = nearest.base
    return ServiceMatch("", _UNKNOWN_INDICATOR, "", "")


def services_of_standard(standard: Standard, matches: Matches) -> frozenset[str]:
    """Gather what the indicators of a standard can be in the reference list.

    Parameters
    ----------
    standard : Standard
    matches : mapping of (str, str) to ServiceMatch
        Those of the project.

    Returns
    -------
    frozenset of str
        Ids of services, with blanks between those in one figure.
    """
    members = {(name, item) for _, name, item in shipped_matches()}
    members.update(matches)
    services = set()
    for indicator in standard.spec.indicator:
        items = {item for name, item in members if name == indicator.id}
        for item in ("", *sorted(items)):
            services.add(service_of(standard, indicator.id, item, matches).service)
    return frozenset(services - {""})
