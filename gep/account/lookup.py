"""What a user means by a word (名称识别): an indicator or region by its id, or by its Chinese or English name."""

from collections.abc import Mapping

from gep.account.result_tables import parents
from gep.errors import Problem, ProblemsFound
from gep.io.tables import suggestion
from gep.plan.plan import Plan


def indicator_named(plan: Plan, asked: str) -> str:
    """The id of an indicator that is asked for by id or by its Chinese or English name."""
    names = {one.id: (one.name.zh, one.name.en) for one in plan.standard.text.indicator}
    return _resolved(asked, names, "indicator")


def region_named(plan: Plan, asked: str) -> str:
    """The code of a region or parent that is asked for by code or by name."""
    names: dict[str, tuple[str, ...]] = {str(code): () for code in (*plan.extent.regions, *parents(plan).codes)}
    if plan.regions is not None:
        names = {code: tuple(plan.regions.name(code, language) for language in ("zh", "en")) for code in names}
    return _resolved(asked, names, "region")


def _resolved(asked: str, names: Mapping[str, tuple[str, ...]], kind: str) -> str:
    """The id that a word means; where it means none or several, those that exist are listed with their names."""
    word = asked.strip().casefold()
    found = [one for one, called in names.items() if word in (name.casefold() for name in called)]
    if asked in names or len(found) == 1:
        return asked if asked in names else found[0]
    titles = [f"{one} {names[one][0]}" if names[one] else one for one in found or names]
    if found:
        what, fix = f"{asked!r} is the name of {len(found)}", f"write the id: {', '.join(titles)}"
    elif kind == "indicator":
        what, fix = f"there is no indicator {asked!r}", f"known are: {', '.join(titles)}"
    else:
        what, fix = f"the account has no region {asked!r}", suggestion(asked, titles)
    code = "unknown-indicator" if kind == "indicator" else "unknown-region"
    raise ProblemsFound([Problem(code, f"--{kind}", what, fix)])
