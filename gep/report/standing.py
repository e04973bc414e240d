"""The state of a result (结果状态), as every sheet and every table of a page says it.

The state of the accounts is that of the project; that of a result of each year is the last entry of
the review log on the whole result.
"""

from collections.abc import Sequence

from gep.assessment.review.log import STATES, ReviewLog
from gep.texts.catalogue import Listed, Text, text


def standing(
    approval: Text | None, log: ReviewLog | None = None, scheme: str = "", years: Sequence[int] = ()
) -> Text:
    """Word the state of the accounts, and of the results of a scheme in the review.

    Parameters
    ----------
    approval : Text or None
        Who approved the accounts, and in which document; None if they are a trial (试算).
    log : ReviewLog, optional
    scheme : str, optional
        Id of a scheme; blank for the accounts alone.
    years : sequence of int, optional
        The assessed years.

    Returns
    -------
    Text
        With the state, the office and the document of each year that has an entry.
    """
    accounts = approval or text("account.caption.trial")
    states: list[Text] = []
    for year in years:
        entries = [] if log is None else log.of(scheme, year)
        whole = [entry for entry in entries if not entry.region]
        if not whole:
            continue
        last = whole[-1]
        states.append(
            text(
                "report.standing.of-year",
                year=year,
                state=text(f"review.state.{STATES[last.state]}"),
                who=last.who,
                document=last.document,
            )
        )
    if not states:
        return text("report.standing.accounts", accounts=accounts)
    listed = Listed(tuple(states), len(states))
    return text("report.standing.results", accounts=accounts, results=listed)
