"""The page on which an import says how it understood a table, before anything is written."""

from collections.abc import Iterator, Sequence

from gep.io.grid import address, column_letters
from gep.io.wide_table import GROUP, SKIPPED, UNIT, VALUE, YEAR, Line, WideTable
from gep.texts.catalogue import Label, Language, Listed, say
from gep.workflows.import_table import TableImport

_MEMBERS_SHOWN = 60
_TOTALS_SHOWN = 20
_NO_DIFFERENCE = 1e-6  # from which a difference is more than one of floats
_DIMENSIONS = ("class", "name", "ecosystem", "region", YEAR, UNIT)


def import_page(imported: TableImport) -> str:
    """Word how tables were understood: rows, columns, units, totals, and what is left out.

    Parameters
    ----------
    imported : TableImport

    Returns
    -------
    str
    """
    language = imported.language
    lines: list[str] = []
    for table in imported.tables:
        lines += [_title(table, language)]
        lines += [f"  {line}" for line in _lines(table, imported)]
        lines.append("")
    count = len(imported.rows)
    lines.append(say(language, "terminal.import.rows-to-write", count=count, file=imported.out))
    return "\n".join(lines)


def _title(table: WideTable, language: Language) -> str:
    body = table.layout.body
    columns = table.layout.of_role(VALUE)
    area = f"{address(body[0], columns[0])}:{address(body[-1], columns[-1])}"
    return say(language, "terminal.import.table", file=table.grid.label, area=area)


def _lines(table: WideTable, imported: TableImport) -> Iterator[str]:
    """Word everything that was understood of a table."""
    language = imported.language
    layout = table.layout
    if layout.titles:
        cells = [cell for cell in sorted(table.grid.cells) if cell[0] in layout.titles]
        titles = [table.grid.label_at(row, column) for row, column in cells]
        yield say(language, "terminal.import.titles", titles=Listed(tuple(titles), 6))
    for column in layout.of_role(GROUP):
        letters = column_letters(column)
        head = _head(table, column)
        yield say(language, "terminal.import.group-column", column=letters, head=head)
    for column in layout.labels:
        head = _head(table, column)
        kind = say(language, f"terminal.import.kind-{layout.roles[column]}")
        letters = column_letters(column)
        yield say(language, "terminal.import.label-column", kind=kind, column=letters, head=head)
    yield from _axis_lines(table, imported)
    for dimension, constant in table.constants.items():
        kind = say(language, f"terminal.import.kind-{dimension}")
        member = _member(dimension, constant.member, imported)
        values = {"kind": kind, "member": member, "origin": constant.origin}
        yield say(language, "terminal.import.constant", **values)
    yield from _total_lines(table.rows, "row", language)
    yield from _total_lines(table.columns, "column", language)
    yield from _left_out(table, imported)


def _head(table: WideTable, column: int) -> str:
    labels = [table.grid.label_at(row, column) for row in table.layout.heads]
    return " ".join(dict.fromkeys(label for label in labels if label))


def _axis_lines(table: WideTable, imported: TableImport) -> Iterator[str]:
    """Word which members the labels of rows and columns mean."""
    language = imported.language
    axes = (("rows", table.rows), ("columns", table.columns))
    for axis, lines in axes:
        for dimension in _dimensions(lines):
            members: dict[str, str] = {}
            for line in lines:
                if line.is_leaf and dimension in line.members:
                    members.setdefault(line.members[dimension], line.label)
            labels = [_meaning(dimension, name, members[name], imported) for name in members]
            values = {
                "kind": say(language, f"terminal.import.kind-{dimension}"),
                "count": len(labels),
                "members": Listed(tuple(labels), _MEMBERS_SHOWN),
            }
            yield say(language, f"terminal.import.{axis}", **values)


def _dimensions(lines: Sequence[Line]) -> list[str]:
    """Return the dimensions of which rows or columns have members, in the order of the page."""
    named: set[str] = set()
    for line in lines:
        if line.is_leaf:
            named.update(line.members)
    first = [name for name in _DIMENSIONS if name in named]
    return [*first, *sorted(named.difference(first))]


def _meaning(dimension: str, name: str, label: str, imported: TableImport) -> str:
    """Word a member; where the table writes it in another way, how it does."""
    member = _member(dimension, name, imported)
    words = label.split()
    if dimension in (YEAR, UNIT) or any(word in member or name in word for word in words):
        return member
    return f"{label} → {member}"


def _member(dimension: str, name: str, imported: TableImport) -> str:
    """Return a member with its title."""
    words = imported.words
    if dimension == "region" and words.regions is not None:
        return words.regions.label(name).say(imported.language)
    if dimension == "name" and name in words.data:
        return Label(name, words.data[name].name).say(imported.language)
    return name


def _total_lines(lines: Sequence[Line], kind: str, language: Language) -> Iterator[str]:
    """Word which rows or columns are totals, and of what; of many that agree, the first."""
    agreeing = [line for line in lines if line.parts]
    for line in lines:
        number = str(line.number) if kind == "row" else column_letters(line.number)
        values = {"number": number, "label": line.label or line.total}
        if line.total and not line.parts and line.skip is None:
            yield say(language, f"terminal.import.unchecked-{kind}", **values)
        if not line.parts or (line in agreeing[_TOTALS_SHOWN:] and not _is_apart(line)):
            continue
        count = len(line.parts)
        line_of_total = say(language, f"terminal.import.total-{kind}", count=count, **values)
        if _is_apart(line):
            line_of_total += say(language, "terminal.import.rounded", difference=line.difference)
        yield line_of_total
    if len(agreeing) > _TOTALS_SHOWN:
        count = len(agreeing) - _TOTALS_SHOWN
        yield say(language, "terminal.import.more-totals", count=count)


def _is_apart(line: Line) -> bool:
    """Return whether a total differs from its parts by more than floats do."""
    return line.difference > _NO_DIFFERENCE


def _left_out(table: WideTable, imported: TableImport) -> Iterator[str]:
    """Word what is not used: rows, columns, blank cells, other sheets."""
    language = imported.language
    layout = table.layout
    for column, role in layout.roles.items():
        if role in ("", SKIPPED):
            values = {"column": column_letters(column), "head": _head(table, column)}
            key = "skipped-column" if role else "unused-column"
            yield say(language, f"terminal.import.{key}", **values)
    for kind, lines in (("row", table.rows), ("column", table.columns)):
        for line in lines:
            number = str(line.number) if kind == "row" else column_letters(line.number)
            key = f"terminal.import.left-out-{kind}"
            if line.skip is not None:
                yield say(language, key, number=number, label=line.label, reason=line.skip)
            elif line.unknown:
                key = f"terminal.import.unknown-{kind}"
                yield say(language, key, number=number, label=line.unknown)
    notes = [row for row in layout.notes if any(spot[0] == row for spot in table.grid.cells)]
    if notes:
        yield say(language, "terminal.import.notes", rows=Listed(tuple(notes), 12))
    empty = table.blanks
    if empty or table.dashes:
        yield say(language, "terminal.import.blanks", blanks=empty, dashes=table.dashes)
    if table.grid.other_sheets:
        sheets = Listed(table.grid.other_sheets, 12)
        yield say(language, "terminal.import.other-sheets", sheets=sheets)
