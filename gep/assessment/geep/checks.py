"""What is wrong with a scheme of GEEP and with the data that it is applied to (核算检查).

The module also adds the warnings that belong to a result: what was left out, what is a lower bound,
what is unknown. Problems of the virtual treatment cost are left to ``virtual_cost``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from gep.assessment.context import AssessmentContext, regions_at_two_levels, regions_of
from gep.assessment.geep.scheme import (
    NEEDED,
    GeepScheme,
    GeepSpec,
    TermName,
    data_labels,
    find_term,
    term_label,
)
from gep.assessment.geep.terms import (
    SUM_OF_PARTS,
    TermValues,
    read_term_values,
    regions_with_rows,
    scheme_rows,
    sum_of_parts,
    years_of,
)
from gep.comparison.comparability import Clauses
from gep.errors import ProblemLog
from gep.inputs.value_rows import KEYS, unit_fault
from gep.io.csv_excel import row_place
from gep.texts.catalogue import Label, Listed, Text, text
from gep.units import UnitError, factor, has_money

# By how much, as a share, published figures may miss their sum: they are printed with few digits.
_ROUNDING = 0.005
_NAMED = 6  # data names that a message gives as examples


# --- the scheme -------------------------------------------------------------------------------


def check_scheme(scheme: GeepScheme, problems: ProblemLog) -> None:
    """Check a scheme by itself.

    Parameters
    ----------
    scheme : GeepScheme
    problems : ProblemLog
        Collects ``missing-key`` (a term that is read from nowhere), ``term-form`` (a reading that
        is no level), and ``blank``, ``unknown-unit`` and ``wrong-dimension`` for the unit.
    """
    spec = scheme.spec
    label = scheme.path.name
    for name in NEEDED:
        term = find_term(spec, name)
        if term is None or not (term.readings or term.parts):
            problems.add(
                "missing-key",
                f"{label} term.{name}",
                "geep.term-without-reading",
                term=Label(name, text(f"geep.item.{name}")),
                name=name,
            )
    for term_name, term in spec.term.items():
        for part in (term, *term.parts.values()):
            forms = [reading.form for reading in part.readings if reading.form != "level"]
            if forms:
                problems.add(
                    "term-form",
                    f"{label} term.{term_name}",
                    "geep.term-form",
                    term=Label(term_name, part.name),
                    forms=forms,
                )
    fault = unit_fault(spec.unit)
    if fault is not None:
        code, reason = fault
        problems.add(code, f"{label} unit", "geep.bad-unit", reason=reason)
    elif not has_money(spec.unit):
        problems.add("wrong-dimension", f"{label} unit", "geep.unit-not-money", unit=spec.unit)


# --- the data ---------------------------------------------------------------------------------


def check_inputs(scheme: GeepScheme, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check that the project gives all that a scheme needs, in every year that has a row of it.

    Parameters
    ----------
    scheme : GeepScheme
    context : AssessmentContext
    problems : ProblemLog
        Collects ``missing-data``, ``parent-with-rows``, ``wrong-keys``, ``negative``,
        ``wrong-dimension``, ``parts-sum``, ``price-year`` and ``gep-sum``.
    """
    spec = scheme.spec
    years = years_of(spec, context)
    if not years:
        labels = data_labels(spec)
        named = [labels[name] for name in sorted(labels)[:_NAMED]]
        problems.add("missing-data", scheme.id, "geep.no-rows", names=Listed(tuple(named), _NAMED))
    for year in years:
        rows = scheme_rows(spec, context, year)
        _check_levels(rows, context, problems)
        if not _are_rows_readable(rows, spec, problems):
            continue
        terms = read_term_values(scheme, context, year, problems)
        _check_parts(spec, terms, context, problems)
        _check_price_year(terms, problems)
        _check_needed(spec, terms, context, problems)
        if find_term(spec, "gdp") is not None:
            _check_figures(spec, terms, context, problems)


def _check_levels(rows: pd.DataFrame, context: AssessmentContext, problems: ProblemLog) -> None:
    """Check that no region has rows together with regions inside it; adds ``parent-with-rows``."""
    regions = regions_with_rows(rows, context)
    for parent, inside in regions_at_two_levels(regions_of(context), regions).items():
        of_parent = rows[(rows["region"] == parent).to_numpy()]
        problems.add(
            "parent-with-rows",
            row_place(str(of_parent["file"].iloc[0]), of_parent["row"]),
            "geep.two-levels",
            parent=context.label(parent),
            regions=[context.label(code) for code in inside],
        )


def _are_rows_readable(rows: pd.DataFrame, spec: GeepSpec, problems: ProblemLog) -> bool:
    """Check keys, signs and units of the rows of terms.

    Adds ``wrong-keys``, ``negative`` and ``wrong-dimension``.
    """
    labels = data_labels(spec)
    is_fine = True
    for (name, file), named_rows in rows.groupby(["name", "file"], sort=False, observed=True):
        label = labels[str(name)]
        has_keys = (named_rows[list(KEYS[1:])] != "").any(axis=1).to_numpy()
        if has_keys.any():
            is_fine = False
            place = row_place(str(file), named_rows["row"][has_keys])
            problems.add("wrong-keys", place, "geep.keys-of-term", name=label)
        is_negative = (named_rows["value"] < 0).to_numpy()
        if is_negative.any():
            is_fine = False
            negative = named_rows[is_negative]
            problems.add(
                "negative",
                row_place(str(file), negative["row"], "value"),
                "geep.negative-term",
                name=label,
                value=float(negative["value"].iloc[0]),
                unit=str(negative["unit"].iloc[0]),
            )
        for unit, unit_rows in named_rows.groupby("unit", sort=False, observed=True):
            try:
                factor(str(unit), spec.unit)
            except UnitError as error:
                is_fine = False
                problems.add(
                    "wrong-dimension",
                    row_place(str(file), unit_rows["row"], "unit"),
                    "geep.unit-of-term",
                    name=label,
                    reason=error.reason,
                    unit=spec.unit,
                )
    return is_fine


def _check_parts(
    spec: GeepSpec, terms: TermValues, context: AssessmentContext, problems: ProblemLog
) -> None:
    """Check that the parts of a term are not more than the term itself; adds ``parts-sum``."""
    for name, term in spec.term.items():
        values = terms.read[name]
        parts = [terms.read[f"{name}_{part_name}"] for part_name in term.parts]
        if not parts:
            continue
        total = sum_of_parts(parts)
        has_part = np.any([part.where != "" for part in parts], axis=0)
        is_read = (values.where != "") & (values.where != SUM_OF_PARTS)
        exceeds = is_read & has_part & (total > values.value * (1 + _ROUNDING))
        if exceeds.any():
            first = int(np.flatnonzero(exceeds)[0])
            problems.add(
                "parts-sum",
                values.where[first],
                "geep.parts-exceed",
                year=terms.year,
                term=term_label(spec, name),
                regions=_labels(terms.regions, exceeds, context),
                first=context.label(terms.regions[first]),
                total=float(total[first]),
                value=float(values.value[first]),
                unit=spec.unit,
            )


def _check_price_year(terms: TermValues, problems: ProblemLog) -> None:
    """Check that all terms are at prices of one year; adds ``price-year``."""
    if len(terms.price_years) <= 1:
        return
    clauses = []
    for year, places in sorted(terms.price_years.items()):
        clauses.append(text("geep.prices-of-year", year=year, places=tuple(places)))
    problems.add(
        "price-year",
        text("geep.year", year=terms.year),
        "geep.price-years",
        years=Clauses(tuple(clauses)),
    )


def _check_needed(
    spec: GeepSpec, terms: TermValues, context: AssessmentContext, problems: ProblemLog
) -> None:
    """Check that the terms without which there is no GEEP were read; adds ``missing-data``."""
    for name in NEEDED:
        if name not in terms.read:
            continue
        is_missing = np.isnan(terms.read[name].value)
        if is_missing.any():
            problems.add(
                "missing-data",
                text("geep.year", year=terms.year),
                "geep.missing-term",
                term=term_label(spec, name),
                regions=_labels(terms.regions, is_missing, context),
                sources=_sources(spec, name),
            )


def _sources(spec: GeepSpec, name: TermName) -> Clauses:
    """Return in words from where a term would be read."""
    term = spec.term[name]
    labels = data_labels(spec)
    sources: list[Any] = []
    for reading in term.readings:
        if reading.data:
            sources.append(text("geep.source.data", name=labels[reading.data]))
        else:
            sources.append(text("geep.source.account", line=reading.account or reading.scheme))
    if term.parts:
        parts = tuple(Label(f"{name}_{key}", part.name) for key, part in term.parts.items())
        sources.append(text("geep.source.parts", parts=Listed(parts, len(parts))))
    if name == "endc" and spec.virtual_cost is not None:
        sources.append(
            text(
                "geep.source.treatment-cost",
                emission=spec.virtual_cost.emission,
                unit_cost=spec.virtual_cost.unit_cost,
            )
        )
    return Clauses(tuple(sources))


def _check_figures(
    spec: GeepSpec, terms: TermValues, context: AssessmentContext, problems: ProblemLog
) -> None:
    """Check GEP against its parts, a GDP of none, and an overlap that cannot be deducted.

    Adds ``gep-sum`` and ``missing-data``.
    """
    amounts = {name: values.value for name, values in terms.read.items()}
    services = amounts["eps"] + amounts["ers"] + amounts["ecs"]
    gep = amounts["gep"]
    with np.errstate(invalid="ignore"):
        misses_sum = np.abs(services - gep) > _ROUNDING * gep
        misses_sum |= amounts["ers"] > gep * (1 + _ROUNDING)
    has_no_gdp = amounts["gdp"] == 0
    is_overlap_alone = np.isfinite(amounts["overlap"]) & np.isnan(services) & np.isnan(gep)
    place = text("geep.year", year=terms.year)
    if misses_sum.any():
        first = int(np.flatnonzero(misses_sum)[0])
        problems.add(
            "gep-sum",
            place,
            "geep.gep-not-sum",
            regions=_labels(terms.regions, misses_sum, context),
            first=context.label(terms.regions[first]),
            gep=float(gep[first]),
            services=float(np.nansum([amounts[name][first] for name in ("eps", "ers", "ecs")])),
            unit=spec.unit,
        )
    if has_no_gdp.any():
        problems.add(
            "missing-data",
            place,
            "geep.no-gdp",
            regions=_labels(terms.regions, has_no_gdp, context),
        )
    if is_overlap_alone.any():
        problems.add(
            "missing-data",
            place,
            "geep.overlap-alone",
            regions=_labels(terms.regions, is_overlap_alone, context),
        )


def _labels(codes: Sequence[str], chosen: np.ndarray, context: AssessmentContext) -> list[Label]:
    """Return the regions that are chosen, with their names."""
    return [context.label(codes[position]) for position in np.flatnonzero(chosen).tolist()]


# --- warnings of a result ---------------------------------------------------------------------


def warn_of_terms(
    terms: TermValues, incomplete: list[str], context: AssessmentContext, problems: ProblemLog
) -> None:
    """Warn of what a result leaves out, of lower bounds, and of GEP that is unknown.

    Parameters
    ----------
    terms : TermValues
    incomplete : list of str
        Parents that have no sum.
    context : AssessmentContext
    problems : ProblemLog
        Collects ``region-left-out``, ``lower-bound`` and ``gep-unknown``.
    """
    place = text("geep.year", year=terms.year)
    if terms.left_out:
        regions = [context.label(code) for code in terms.left_out]
        problems.add("region-left-out", place, "geep.left-out", regions=regions)
    if incomplete:
        parents = [context.label(code) for code in incomplete]
        problems.add("region-left-out", place, "geep.no-sum", regions=parents)
    is_bound = terms.is_lower_bound
    if is_bound.any():
        hint: Text = text("geep.lower-bound-fix.all")
        if not is_bound.all():
            hint = text("geep.lower-bound-fix.some")
        problems.add(
            "lower-bound",
            place,
            "geep.lower-bound",
            regions=_labels(terms.regions, is_bound, context),
            hint=hint,
        )
    is_unknown = terms.is_gep_unknown
    if is_unknown.any():
        regions = _labels(terms.regions, is_unknown, context)
        problems.add("gep-unknown", place, "geep.gep-unknown", regions=regions)
