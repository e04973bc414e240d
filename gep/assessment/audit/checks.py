"""What is wrong with an audit scheme, and what it needs and a project does not give (离任审计检查)."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from gep.assessment.audit.scheme import AuditItem, AuditScheme, AuditSpec, scored_parts
from gep.assessment.audit.terms_of_office import with_account_dates
from gep.assessment.context import AssessmentContext
from gep.assessment.events import TermsOfOffice, is_date
from gep.assessment.scheme import (
    check_grades,
    check_reading,
    check_source,
    check_unique_ids,
    check_unit,
)
from gep.assessment.targets import attainment
from gep.errors import ProblemLog
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.units import UnitError, factor

_FAR = (
    184  # days: the account nearest to a day is at most half a year off, where every year has one
)
_FIX_FAR = "add the accounts of the years of the term"


def check_scheme(scheme: AuditScheme, problems: ProblemLog) -> None:
    """Ids, units, sources, points, what parts and modules are named, grades."""
    spec, label = scheme.spec, scheme.path.name
    named = (
        ("item", spec.item),
        ("module", spec.module),
        ("part", spec.part),
        ("issue", spec.issue),
    )
    for kind, parts in named:
        check_unique_ids([one.id for one in parts], f"{label} {kind}", problems)
        for one in parts:
            if one.source:
                check_source(one.source, spec.sources, f"{label} {kind} {one.id}", problems)
    for item in spec.item:
        check_unit(item.unit, f"{label} item {item.id}", problems)
    _check_points(spec, label, problems)
    _check_names(spec, label, problems)
    check_grades(spec.grade, f"{label} grade", problems)


def _check_points(spec: AuditSpec, label: str, problems: ProblemLog) -> None:
    sums = [("total", spec.total, [one.points for one in spec.module])]
    for one in spec.module:
        own = [part.points for part in spec.part if part.module == one.id]
        sums += [(f"module {one.id}", one.points, own)] if own else []
    for name, declared, points in sums:
        known = [one for one in points if one is not None]
        beyond = len(known) < len(points) and declared is not None and sum(known) > declared + 1e-9
        unequal = (
            len(known) == len(points) and declared is not None and abs(sum(known) - declared) > 1e-9
        )
        if beyond or unequal:
            what = f"the points sum to {sum(known):g}, it says {declared:g}"
            problems.add("weights-sum", f"{label} {name}", what, "correct the points or the sum")


def _check_names(spec: AuditSpec, label: str, problems: ProblemLog) -> None:
    modules, parts = {one.id for one in spec.module}, {one.id for one in scored_parts(spec)}
    for part in spec.part:
        if part.module not in modules:
            what, fix = f"module {part.module!r}", suggestion(part.module, modules)
            problems.add("audit-part", f"{label} part {part.id}", what, fix)
    named = [(f"issue {one.id}", one.part) for one in spec.issue]
    named += [(f"item {one.id}", one.part) for one in spec.item if one.part]
    for where, name in named:
        if name not in parts:
            what = f"part {name!r} is not described, or is a module that has parts"
            problems.add("audit-part", f"{label} {where}", what, suggestion(name, parts))


def check_inputs(scheme: AuditScheme, context: AssessmentContext, problems: ProblemLog) -> None:
    """Terms, readings, targets, causes and events."""
    spec, label = scheme.spec, scheme.path.name
    if context.terms is None:
        fix = 'write terms = "terms.csv" under [assessment]'
        problems.add("missing-terms", label, "there is no table of terms", fix)
    else:
        check_terms(context.terms, context.regions, context.years, problems)
    for item in spec.item:
        check_reading(item.reading, item.unit, context, f"{label} item {item.id}", problems)
        _check_target(item, context, problems)
    for name, what, rows in check_causes(spec, context):
        where = row_place(str(rows["file"].iloc[0]), rows["row"])
        problems.add(
            "wrong-dimension", where, f"{name}: {what}", "a unit that fits the item is due"
        )
    for part in spec.part:
        if part.reading is not None:
            check_reading(part.reading, "1", context, f"{label} part {part.id}", problems)


def _check_target(item: AuditItem, context: AssessmentContext, problems: ProblemLog) -> None:
    """A target's unit fits the item."""
    if context.targets is None:
        return
    rows = context.targets.rows
    for year in sorted(set(rows.loc[(rows["indicator"] == item.id).to_numpy(), "year"])):
        due = context.targets.current(item.id, int(year))
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


def check_terms(
    terms: TermsOfOffice, regions: Sequence[str], years: Sequence[int], problems: ProblemLog
) -> None:
    """Terms are of regions that are known, and reach from one account to another."""
    rows = terms.rows
    for (file, code), some in rows[~rows["region"].isin(list(regions)).to_numpy()].groupby(
        ["file", "region"]
    ):
        what = f"region {code!r} has no reading"
        problems.add(
            "unknown-region",
            row_place(str(file), some["row"]),
            what,
            suggestion(str(code), regions),
        )
    sound = [
        is_date(one) and is_date(other)
        for one, other in zip(rows["term_start"], rows["term_end"], strict=True)
    ]
    kept = rows[np.array(sound, dtype=bool)].reset_index(drop=True)
    for term in with_account_dates(kept, years).to_dict("records") if len(kept) else ():
        where = row_place(str(term["file"]), [term["row"]])
        if term["account_start"] == term["account_end"]:
            what = (
                f"its first and last day are both nearest to the account of {term['account_start']}"
            )
            problems.add("term-one-account", where, what, _FIX_FAR)
        for end in ("start", "end"):
            if term[f"{end}_off"] > _FAR:
                off, day, year = (
                    term[name] for name in (f"{end}_off", f"term_{end}", f"account_{end}")
                )
                what = f"term_{end} {day} is {off} days from {year}-12-31, the nearest account"
                problems.add("term-far", where, what, _FIX_FAR)


def check_causes(
    spec: AuditSpec, ground: AssessmentContext
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Cause rows whose unit does not fit their item: item, what is wrong, rows."""
    causes = ground.causes
    if causes is None:
        return
    for item in spec.item:
        rows = causes.rows[(causes.rows["resource"] == item.resource).to_numpy()]
        rows = rows[(rows["class"] == item.class_).to_numpy()] if item.class_ else rows
        for unit, some in rows.groupby("unit", sort=False) if item.split == "causes" else ():
            try:
                factor(str(unit), item.unit)
            except UnitError as error:
                yield item.id, str(error), some
