"""The values of counties (各县价值量) in one long table, whatever they were computed with; counties ranked by them.

A row is a county (``region`` blank: the sum of its regions) or a region; a year; and a line of the account: a total, a
category or an indicator.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gep.account.account import Account
from gep.account.columns import NOT_COMPILED, ParentRegions, columns_of
from gep.account.lines import TOTAL, AccountLines, levels, lines_of
from gep.comparison.comparison_table import ranks
from gep.units import factor

KEYS = ["county", "region", "year", "category", "indicator"]
COLUMNS = [*KEYS, "value", "state", "unit"]  # state: "" | na | not_compiled, where value is NaN


def values_of(
    homes: Mapping[str, Sequence[str]], accounts: Sequence[Account], unit: str
) -> pd.DataFrame:
    """The values of counties, ``homes`` being the regions of each, in ``unit``."""
    pieces = [_of_year(homes, account, unit) for account in accounts]
    return pd.concat(pieces, ignore_index=True)


def _of_year(homes: Mapping[str, Sequence[str]], account: Account, unit: str) -> pd.DataFrame:
    plan = account.plan
    found = lines_of(
        plan, columns_of(plan, account.results, by_ecosystem=False).columns, every=True
    )
    kept = ((found.frame["kind"] == "value") & (found.frame["item"] == "")).to_numpy()
    lines = AccountLines(found.frame[kept].reset_index(drop=True), found.picks[:, kept])
    regions = plan.extent.regions
    members = {name: np.flatnonzero(regions.isin(list(codes))) for name, codes in homes.items()}
    members = {name: spots for name, spots in members.items() if len(spots)}
    level = levels(
        plan, account.results, lines, ParentRegions(tuple(members), tuple(members.values()))
    )
    home = {str(code): name for name, codes in homes.items() for code in codes}
    counties = np.array([*(home[str(code)] for code in regions), *members], dtype=object)
    codes = np.array([*regions, *[""] * len(members)], dtype=object)
    count = len(lines.frame)
    state = np.where(level.gap, NOT_COMPILED, np.where(level.valid, "", "na"))
    values = np.where(level.known, level.values * factor(plan.standard.spec.unit, unit), np.nan)
    return pd.DataFrame(
        {
            "county": np.repeat(counties, count),
            "region": np.repeat(codes, count),
            "year": plan.year,
            "category": np.tile(lines.frame["category"], len(codes)),
            "indicator": np.tile(lines.frame["indicator"], len(codes)),
            "value": values.ravel(),
            "state": state.ravel(),
            "unit": unit,
        }
    )


def shown(values: pd.DataFrame) -> pd.DataFrame:
    """The rows without the regions of counties that have but one."""
    counts = values.groupby("county")["region"].nunique()  # the county's own blank among them
    return values[
        ((values["region"] == "") | (values["county"].map(counts) > 2)).to_numpy()
    ].reset_index(drop=True)


def headline(values: pd.DataFrame) -> pd.DataFrame:
    """The rows of the counties' headline total."""
    chosen = (
        (values["category"] == TOTAL) & (values["indicator"] == TOTAL) & (values["region"] == "")
    )
    return values[chosen.to_numpy()].reset_index(drop=True)


def gaps(values: pd.DataFrame, common: pd.DataFrame) -> list[str]:
    """The counties whose total is not compiled in ``values`` and is in ``common``."""
    there, here = (
        {
            (county, year)
            for county, year, state in one[["county", "year", "state"]].to_numpy()
            if state == NOT_COMPILED
        }
        for one in (headline(common), headline(values))
    )
    return list(dict.fromkeys(county for county, _ in sorted(here - there)))


def ranked(values: pd.DataFrame) -> np.ndarray:
    """The rank of each county among the counties by year and line; NaN for regions and where there is no number."""
    groups = (
        values.groupby(["year", "category", "indicator", values["region"] == ""], sort=False)
        .ngroup()
        .to_numpy()
    )
    numbers = values["value"].to_numpy(dtype=float)[:, None]
    found = ranks(numbers, np.isfinite(numbers), groups)[:, 0] if len(values) else np.zeros(0)
    return np.where((values["region"] == "").to_numpy(), found, np.nan)


def stacked(pieces: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Tables one below the other, in these columns; some or all may be empty."""
    kept = [one for one in pieces if len(one)]
    return (
        pd.concat(kept, ignore_index=True)[list(columns)]
        if kept
        else pd.DataFrame(columns=list(columns))
    )


def cells(
    numbers: np.ndarray, words: Sequence[str] | np.ndarray | str = "", whole: bool = False
) -> np.ndarray:
    """Numbers as written, with words (default: blanks) in the place of NaN; ``whole`` ones as integers."""
    numbers = np.asarray(numbers, dtype=float)
    found = (np.nan_to_num(numbers).astype(int) if whole else numbers).astype(object)
    none = np.isnan(numbers)
    found[none] = np.broadcast_to(np.asarray(words, dtype=object), numbers.shape)[none]
    return found
