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
from gep.assessment.register.kind import KIND as REGISTER
from gep.assessment.scheme import Kind, Scheme, check_head
from gep.assessment.scoring.kind import KIND as SCORE
from gep.errors import ProblemLog, ProblemsFound, Where
from gep.io.argument_types import checked_arguments
from gep.io.catalog import locate
from gep.io.tables import suggestion
from gep.io.toml_documents import read_toml, validate_document

KINDS: Mapping[str, Kind[Any, Any]] = {
    kind.name: kind for kind in (SCORE, INDEX, GEEP, BALANCE, AUDIT, ALLOCATION, REGISTER)
}

NO_OPTIONS: Mapping[str, str] = {}


@checked_arguments
def read_scheme(name: str | Path, *, options: Mapping[str, str] | None = None) -> Scheme:
    """Read a scheme.

    Parameters
    ----------
    name : str or Path
        Id of a scheme that ships with gep, or path of a TOML.
    options : mapping of str to str, optional
        For rules that the scheme leaves open, the reading that is taken; others take its default.

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
    scheme = load_scheme(str(name), None, str(name), problems, options or {})
    if scheme is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return scheme


def load_scheme(
    name: str,
    base: Path | None,
    where: Where,
    problems: ProblemLog,
    options: Mapping[str, str] = NO_OPTIONS,
) -> Scheme | None:
    """Load a scheme and check it by itself.

    Parameters
    ----------
    name : str
        Id of a scheme that ships with gep, or path of a TOML.
    base : Path or None
        Folder from which a relative path starts; None for the working folder.
    where : Where
        The place that names the scheme.
    options : mapping of str to str
        Readings that are taken of rules that the scheme leaves open, by rule.
    problems : ProblemLog
        Collects ``scheme-kind``, ``unknown-option``, what is wrong with the file and its keys, and
        what the scheme's kind finds wrong with it and with the tables beside it.

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
    raw = _with_options(raw, options, where, problems)
    spec = validate_document(kind.spec, raw, path.name, problems)
    if spec is None:
        return None
    scheme: Scheme = kind.load(spec, path, problems)
    check_head(scheme, problems)
    kind.check(scheme, problems)
    return scheme


def _with_options(
    raw: Mapping[str, Any], options: Mapping[str, str], where: Where, problems: ProblemLog
) -> dict[str, Any]:
    """Return a scheme's TOML with the chosen readings in place of the defaults."""
    open_rules = raw.get("option")
    if not isinstance(open_rules, Mapping):
        open_rules = {}
    chosen = dict(open_rules)
    for name, option in options.items():
        rule = open_rules.get(name)
        if not isinstance(rule, Mapping) or option not in rule.get("choices", {}):
            problems.add(
                "unknown-option",
                where,
                "assessment.no-such-option",
                name=name,
                option=option,
                known=_known_options(open_rules),
            )
        else:
            chosen[name] = {**rule, "default": option}
    return {**raw, "option": chosen} if chosen else dict(raw)


def _known_options(open_rules: Mapping[str, Any]) -> tuple[str, ...]:
    """List the open rules of a scheme with their readings."""
    known = []
    for name, rule in open_rules.items():
        choices = rule.get("choices", {}) if isinstance(rule, Mapping) else {}
        known += [f'{name} = "{choice}"' for choice in choices]
    return tuple(known) or ("-",)


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
