"""The kinds of schemes (方案种类) by name, and schemes read by id or path.

This is the only module that imports the kinds; a new kind is a package and a line here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gep.assessment.allocation.kind import KIND as ALLOCATION
from gep.assessment.audit.kind import KIND as AUDIT
from gep.assessment.balance.kind import KIND as BALANCE
from gep.assessment.geep.kind import KIND as GEEP
from gep.assessment.index.kind import KIND as INDEX
from gep.assessment.scheme import Kind, Scheme, check_head
from gep.assessment.scoring.kind import KIND as SCORE
from gep.errors import ProblemLog, ProblemsFound, Where
from gep.io.argument_types import checked_arguments
from gep.io.catalog import locate
from gep.io.tables import suggestion
from gep.io.toml_documents import read_toml, validate_document

KINDS: Mapping[str, Kind[Any, Any]] = {
    kind.name: kind for kind in (SCORE, INDEX, GEEP, BALANCE, AUDIT, ALLOCATION)
}


@checked_arguments
def read_scheme(name: str | Path) -> Scheme:
    """Read a scheme.

    Parameters
    ----------
    name : str or Path
        Id of a scheme that ships with gep, or path of a TOML.

    Returns
    -------
    Scheme

    Raises
    ------
    ProblemsFound
        With everything that is wrong in the scheme; see ``load_scheme``.

    Examples
    --------
    >>> import gep
    >>> gep.read_scheme("gep-yearly").spec.kind
    'score'
    """
    problems = ProblemLog()
    scheme = load_scheme(str(name), None, str(name), problems)
    if scheme is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return scheme


def load_scheme(name: str, base: Path | None, where: Where, problems: ProblemLog) -> Scheme | None:
    """Load a scheme and check it by itself.

    Parameters
    ----------
    name : str
        Id of a scheme that ships with gep, or path of a TOML.
    base : Path or None
        Folder from which a relative path starts; None for the working folder.
    where : Where
        The place that names the scheme.
    problems : ProblemLog
        Collects ``scheme-kind``, what is wrong with the file and its keys, and what the scheme's
        kind finds wrong with it and with the tables beside it.

    Returns
    -------
    Scheme or None
        None if the TOML cannot be read, or does not fit its kind.
    """
    path = locate("schemes", name, base, where, problems)
    if path is None:
        return None
    raw = read_toml(path, path.name, problems)
    if raw is None:
        return None
    kind = _kind_of(raw, f"{path.name} kind", problems)
    if kind is None:
        return None
    spec = validate_document(kind.spec, raw, path.name, problems)
    if spec is None:
        return None
    scheme: Scheme = kind.load(spec, path, problems)
    check_head(scheme, problems)
    kind.check(scheme, problems)
    return scheme


def _kind_of(raw: Mapping[str, Any], where: str, problems: ProblemLog) -> Kind[Any, Any] | None:
    """Return the kind that a scheme's TOML names."""
    word = raw.get("kind")
    if word is None:
        problems.add("scheme-kind", where, "assessment.missing-kind", known=tuple(KINDS))
        return None
    kind = KINDS.get(word) if isinstance(word, str) else None
    if kind is None:
        hint = suggestion(str(word), KINDS)
        problems.add("scheme-kind", where, "assessment.unknown-kind", kind=str(word), hint=hint)
    return kind
