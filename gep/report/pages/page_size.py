"""How large a result may be for a page (报告页的大小): beyond it no browser would open it well."""

from collections.abc import Sequence

from gep.account.account import Account
from gep.errors import Problem, make_problem

MOST_REGION_YEARS = 3000


def page_left_out(accounts: Sequence[Account], file: str) -> list[Problem]:
    """Warn (``page-left-out``) that no page is written of accounts with too many regions and years.

    Parameters
    ----------
    accounts : sequence of Account
        One for each year.
    file : str
        Name of the page.

    Returns
    -------
    list of Problem
        Empty if a page can be written.
    """
    count = sum(len(account.plan.extent.regions) for account in accounts)
    if count <= MOST_REGION_YEARS:
        return []
    return [
        make_problem(
            "page-left-out",
            file,
            "page.left-out",
            file=file,
            count=count,
            most=MOST_REGION_YEARS,
        )
    ]
