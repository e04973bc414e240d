"""What is wrong with a scheme of balance sheets, and with the tables it is applied to (资产负债表检查)."""

from collections.abc import Iterable, Sequence
from itertools import product

import pandas as pd

from gep.assessment.balance.entries import STOCK, TOTAL, from_areas, from_tables
from gep.assessment.balance.scheme import BalanceScheme, Resource, Row, row_of
from gep.assessment.balance.valuation import per_unit
from gep.assessment.context import AssessmentContext, regions_of
from gep.assessment.scheme import check_unique_ids, check_unit
from gep.assessment.stocks import DIRECTIONS, NATURES
from gep.errors import ProblemLog, joined
from gep.inputs.value_rows import unit_fault
from gep.io.csv_excel import row_place
from gep.io.tables import suggestion
from gep.units import UnitError, factor, has_money

_NEEDED = ("opening", "closing", "statistical_error")
_OTHER = "\0"  # a cause that no row names


def check_scheme(scheme: BalanceScheme, problems: ProblemLog) -> None:
    """Resources that name others, units, and changes that have no row in the table."""
    spec, label = scheme.spec, scheme.path.name
    check_resources(spec.resource, spec.money, label, problems)
    check_rows(spec.row, label, problems)


def check_inputs(scheme: BalanceScheme, context: AssessmentContext, problems: ProblemLog) -> None:
    """Tables against the scheme, the regions and each other."""
    check_tables(scheme.spec.resource, scheme.spec.money, scheme.id, context, problems)


def check_resources(
    resources: Sequence[Resource], money: str, label: str, problems: ProblemLog
) -> None:
    """Ids, units, and what resources say of each other."""
    spec = {one.id: one for one in resources}
    check_unique_ids([one.id for one in resources], f"{label} resource", problems)
    for one in resources:
        where = f"{label} resource.{one.id}"
        for unit in (one.unit, *([one.density_unit] if one.density_unit else [])):
            check_unit(unit, where, problems)
        others = [one.area] if one.area else []
        others += [one.of.resource] if one.of else []
        for other in others:
            if other not in spec or other == one.id:
                what = f"resource {other!r} is not another resource of the scheme"
                problems.add(
                    "unknown-resource", where, what, suggestion(other, set(spec) - {one.id})
                )
        if one.areas and unit_fault(one.unit, "m2"):
            problems.add(
                "wrong-dimension",
                where,
                f"areas in {one.unit}",
                "areas need a unit of area, such as ha",
            )
        if problems.has("unknown-unit", "unknown-resource"):
            continue
        if one.of and unit_fault(one.unit, spec[one.of.resource].unit):
            what = f"{one.unit} does not sum to {spec[one.of.resource].unit}"
            problems.add(
                "wrong-dimension", where, what, "give both resources the same kind of unit"
            )
        if one.area and unit_fault(one.density_unit, f"({one.unit}) / ({spec[one.area].unit})"):
            what = f"density_unit {one.density_unit!r} is not {one.unit} per {spec[one.area].unit}"
            problems.add("wrong-dimension", where, what, "write it, such as m3 ha-1")
    if unit_fault(money) or not has_money(money):
        problems.add(
            "wrong-dimension", f"{label} money", f"{money!r} is no money", "write such as 10^4 CNY"
        )


def check_rows(rows: tuple[Row, ...], label: str, problems: ProblemLog) -> None:
    """Every addition and reduction has a row to stand in, and so have opening, closing and the error."""
    check_unique_ids([one.id for one in rows], f"{label} row", problems)
    for item in _NEEDED:
        if not any(one.item == item for one in rows):
            fix = f'add [[row]] with item = "{item}"'
            problems.add("balance-row", f"{label} row", f"no row for {item}", fix)
    homeless = [
        f"{direction} {nature}"
        for direction, nature in product(DIRECTIONS, (*NATURES, "net", "between"))
        if row_of(rows, direction, nature, _OTHER) is None
    ]
    if homeless:
        what = f"no row takes: {', '.join(homeless)}"
        problems.add(
            "balance-row", f"{label} row", what, "add a row of that item without natures and causes"
        )


def check_tables(
    resources: Sequence[Resource],
    money: str,
    label: str,
    ground: AssessmentContext,
    problems: ProblemLog,
) -> None:
    """Stocks, causes and prices against the scheme, the regions and each other."""
    before = len(problems.errors)
    for table, coin in ((ground.stocks, ""), (ground.causes, ""), (ground.stock_prices, money)):
        if table is not None:
            _against_scheme(table.rows, resources, coin, problems)
            _regions(table.rows, ground, problems)
    if len(problems.errors) > before:
        return
    rows = from_tables(resources, ground.stocks)
    areas = from_areas(resources, ground, rows)
    have = (
        pd.concat([one for one in (rows, areas) if len(one)]) if len(rows) or len(areas) else rows
    )
    if have.empty:
        fix = "name stocks = ... under [assessment], or give the project years with areas"
        problems.add("missing-stock", label, "no stock of any resource of the scheme", fix)
        return
    _complete(rows, problems)
    years = have.groupby(["resource", "region"], sort=False)["year"].nunique()
    single = [f"{resource} of {region}" for (resource, region), count in years.items() if count < 2]
    if single:
        what = f"one year alone: {joined(single, ', ')}"
        problems.add("missing-stock", label, what, "give opening and closing stocks")
    if ground.causes is not None:
        _causes(ground.causes.rows, {one.id for one in resources}, have, problems)


def _against_scheme(
    rows: pd.DataFrame, resources: Sequence[Resource], money: str, problems: ProblemLog
) -> None:
    spec = {one.id: one for one in resources}
    for (file, name), some in rows[~rows["resource"].isin(spec).to_numpy()].groupby(
        ["file", "resource"], sort=False
    ):
        what = f"the scheme has no resource {name!r}"
        problems.add(
            "unused-data", row_place(str(file), some["row"]), what, suggestion(str(name), spec)
        )
    mine = rows[rows["resource"].isin(spec).to_numpy()]
    for (file, name, unit), some in mine.groupby(["file", "resource", "unit"], sort=False):
        due = per_unit(money, spec[str(name)].unit) if money else spec[str(name)].unit
        try:
            factor(str(unit), due)
        except UnitError as error:
            problems.add(
                "wrong-dimension",
                row_place(str(file), some["row"]),
                str(error),
                f"a unit like {due} is due",
            )
    for file, some in mine[(mine["class"] == TOTAL).to_numpy()].groupby("file", sort=False):
        fix = "leave the sum out, or name the class otherwise: the sum over classes is made here"
        problems.add(
            "balance-class", row_place(str(file), some["row"]), f"a class is called {TOTAL!r}", fix
        )


def _regions(rows: pd.DataFrame, ground: AssessmentContext, problems: ProblemLog) -> None:
    table = regions_of(ground)
    known = {*ground.regions, *([] if table is None else map(str, table.frame.index)), ""}
    if known == {""}:
        return
    for (file, code), some in rows[~rows["region"].isin(known).to_numpy()].groupby(
        ["file", "region"], sort=False
    ):
        what = f"region {code!r} is not one of the project"
        problems.add(
            "unknown-region",
            row_place(str(file), some["row"]),
            what,
            suggestion(str(code), known - {""}),
        )


def _complete(rows: pd.DataFrame, problems: ProblemLog) -> None:
    """A class has a stock in every year of its resource and region; 0 is a stock."""
    lacking = []
    for (resource, region), some in rows.groupby(["resource", "region"], sort=False):
        have = set(zip(some["year"], some["class"], strict=True))
        every = product(sorted(some["year"].unique()), some["class"].unique())
        lacking += [
            f"{resource} {name} {region} {year}" for year, name in every if (year, name) not in have
        ]
    if lacking:
        what = f"a class lacks in a year: {joined(lacking, ', ')}"
        problems.add("missing-stock", "stocks", what, "add its row; write 0 where there was none")


def _causes(
    rows: pd.DataFrame, resources: Iterable[str], have: pd.DataFrame, problems: ProblemLog
) -> None:
    keys = set(have[STOCK[:4]].itertuples(index=False, name=None))
    mine = rows[rows["resource"].isin(set(resources)).to_numpy()]
    for (file, resource, region, name), some in mine.groupby(
        ["file", "resource", "region", "class"], sort=False
    ):
        years = {int(year) for year in (*some["from"], *some["to"])}
        lost = sorted(year for year in years if (resource, region, year, name) not in keys)
        if lost:
            what = f"no stock of {resource} {name} of {region} in {', '.join(map(str, lost))}"
            fix = "give opening and closing stocks of what changes, or correct resource, class and years"
            problems.add("missing-stock", row_place(str(file), some["row"]), what, fix)
