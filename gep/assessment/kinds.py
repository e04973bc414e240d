"""The kinds of schemes (方案种类) by name, and schemes read by id or path.

The only module that knows every kind; a new kind is a package and a line here.
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
from gep.io.catalog import locate
from gep.io.tables import suggestion
from gep.io.toml_documents import read_toml, validate_document

KINDS: Mapping[str, Kind[Any, Any]] = {
    kind.name: kind for kind in (SCORE, INDEX, GEEP, BALANCE, AUDIT, ALLOCATION)
}


def load_scheme(name: str, base: Path | None, where: Where, problems: ProblemLog) -> Scheme | None:
    """Load a scheme by id or path into ``problems``; None when it cannot be read."""
    path = locate("schemes", name, base, where, problems)
    raw = None if path is None else read_toml(path, path.name, problems)
    if path is None or raw is None:
        return None
    kind = KINDS.get(raw.get("kind", ""))
    if kind is None:
        word = raw.get("kind")
        what = f"kind reads {word!r}" if word is not None else "key 'kind' is not there"
        problems.add("scheme-kind", f"{path.name} kind", what, suggestion(str(word or ""), KINDS))
        return None
    spec = validate_document(kind.spec, raw, path.name, problems)
    if spec is None:
        return None
    scheme: Scheme = kind.load(spec, path, problems)
    check_head(scheme, problems)
    kind.check(scheme, problems)
    return scheme


def read_scheme(name: str | Path) -> Scheme:
    """Read a scheme by id or path. Raises ``ProblemsFound`` with everything that is wrong in it."""
    problems = ProblemLog()
    scheme = load_scheme(str(name), None, str(name), problems)
    if scheme is None or problems.errors:
        raise ProblemsFound(problems.errors, problems.warnings)
    return scheme
