"""Use of services by economic unit (生态系统服务使用表): supply shared out to its users.

A project says which share of a service each user has; the use is the supply times the share, so
that total supply equals total use (7.8, Table 9.1b). Of a service without shares the use is not
told. Reading the shares is left to ``seea_inputs``.
"""

import pandas as pd

from gep.inputs.value_rows import GRADES
from gep.report.seea_inputs import economic_units, rows_where

NOT_TOLD = "not_told"
LISTED = "listed"  # the row that sums what is in the reference list
_KEYS = ["year", "category", "service", "reason", "indicator", "item", "step", "unit"]


def shares_of(rows: pd.DataFrame | None, service: str, code: str, year: int) -> pd.DataFrame:
    """Find the shares of the users of a service.

    Parameters
    ----------
    rows : DataFrame or None
        See ``SeeaInputs.use``.
    service : str
        Ids, with blanks between services in one figure.
    code : str
        Code of the region or parent.
    year : int

    Returns
    -------
    DataFrame
        The rows of just this region and year; else those of this region in any year, of any region
        in this year, of any region and year. Empty if there are none.
    """
    if rows is None or not service:
        return pd.DataFrame()
    choices = (
        {"region": code, "year": year},
        {"region": code, "year": 0},
        {"region": "", "year": year},
        {"region": "", "year": 0},
    )
    for keys in choices:
        shares = rows_where(rows, service=service, **keys)
        if len(shares):
            return shares
    return pd.DataFrame()


def use_rows(supply: pd.DataFrame, rows: pd.DataFrame | None, code: str) -> pd.DataFrame:
    """Share the supply of services out to their users.

    Parameters
    ----------
    supply : DataFrame
        Rows of chapter 7 or 9, with ``supply`` and ``status``.
    rows : DataFrame or None
        See ``SeeaInputs.use``.
    code : str
        Code of the region or parent.

    Returns
    -------
    DataFrame
        The keys of the rows, a column for each user that has a share anywhere, ``use`` (the sum;
        ``not_told`` without shares), ``supply``, ``share_grade`` (worst grade of the shares).
        Empty where nothing is told.
    """
    if rows is None or supply.empty:
        return pd.DataFrame()
    lines = []
    for record in supply.to_dict("records"):
        service = str(record["service"])
        shares = shares_of(rows, service, code, int(record["year"]))
        line = {name: record[name] for name in _KEYS if name in record}
        line["supply"] = record["supply"]
        line["status"] = record["status"]
        line["use"] = NOT_TOLD
        line["share_grade"] = ""
        if len(shares):
            line |= _shared_out(float(record["supply"]), shares)
        lines.append(line)
    table = pd.DataFrame(lines)
    users = [name for name in economic_units() if name in table]
    if not users:
        return pd.DataFrame()
    if "category" in table:
        _fill_sums(table, users)
    keys = [name for name in _KEYS if name in table]
    return table[[*keys, "share_grade", *users, "use", "supply", "status"]]


def _fill_sums(table: pd.DataFrame, users: list[str]) -> None:
    """Sum the use of the listed services of a year where that of each of them is told."""
    for _, rows in table.groupby("year", sort=False):
        services = rows[(rows["service"] != "").to_numpy()]
        if not is_told_of_all(services["use"]):
            continue
        sums = services[users].sum(min_count=1)
        for position in rows_where(rows, category=LISTED).index:
            table.loc[position, users] = sums
            table.loc[position, "use"] = table.loc[position, "supply"]


def is_told_of_all(use: pd.Series) -> bool:
    """Return whether the use of all services is told; of none it is not.

    Parameters
    ----------
    use : Series of object

    Returns
    -------
    bool
    """
    return len(use) > 0 and not (use == NOT_TOLD).any()


def _shared_out(supply: float, shares: pd.DataFrame) -> dict[str, object]:
    """Return what each user has of a supply; the rounding is the largest user's, so it adds up."""
    by_user = shares.set_index("user")["share"]
    amounts = supply * by_user
    amounts[by_user.idxmax()] += supply - amounts.sum()
    worst = shares["grade"].max()
    return {
        **amounts.to_dict(),
        "use": supply,
        "share_grade": GRADES[worst],
    }
