"""The table of a comparison (``comparison.csv``): a row per region, line and pair of years, in the firm columns."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gep.account.caption import EVIDENCE, LEGAL, measure
from gep.account.columns import NOT_COMPILED
from gep.account.lines import LineValues
from gep.account.result_tables import blanked
from gep.comparison.comparability import FLAGS
from gep.comparison.comparison import Comparison, Pair
from gep.inputs.value_rows import GRADES
from gep.plan.plan import TRIAL
from gep.texts.catalogue import Language

COMPARISON_COLUMNS = [
    "region",
    "level",
    "category",
    "indicator",
    "item",
    "kind",
    "from",
    "to",
    "value_from",
    "value_to",
    "change",
    "growth",
    "cagr",
    "contribution",
    "share_from",
    "share_to",
    "rank_from",
    "rank_to",
    "price_basis",
    "flags",
    "unit",
]
DEFLATOR = "deflator"


def comparison_table(found: Comparison) -> pd.DataFrame:
    """All pairs of years, then the same at normal climate where that is known.

    ``growth``, ``cagr`` and shares are fractions, ``contribution`` percentage points of the headline's growth; a growth
    is blank where the first level is not above zero. ``rank`` is by value among the regions, or among parents of the
    same level, equals sharing the better rank.
    """
    pieces = [_pair_rows(found, pair, found.levels, "") for pair in found.pairs]
    if found.normal:
        pieces += [
            _pair_rows(found, pair, found.mean_levels, f":{found.climate}") for pair in found.pairs
        ]
    return pd.concat(pieces, ignore_index=True)


def _pair_rows(
    found: Comparison, pair: Pair, levels: Mapping[int, LineValues], suffix: str
) -> pd.DataFrame:
    first, last = levels[pair[0]], levels[pair[1]]
    head = found.headline
    value = (found.lines["kind"] == "value").to_numpy()
    numbers = _numbers(first, last, pair, head, value)
    numbers |= {
        f"rank_{end}": ranks(one.values, one.known, found.depth)
        for end, one in (("from", first), ("to", last))
    }
    shown = first.valid | last.valid | first.gap | last.gap
    row, line = np.nonzero(shown)
    frame = found.lines.iloc[line].reset_index(drop=True)
    frame["region"], frame["level"] = (
        found.codes[row],
        np.where(found.depth[row] < 0, "region", "parent"),
    )
    frame["kind"] += suffix
    frame["from"], frame["to"], frame["price_basis"] = *pair, found.basis
    frame["value_from"], frame["value_to"] = _cells(first)[row, line], _cells(last)[row, line]
    for name, matrix in numbers.items():
        frame[name] = blanked(matrix[row, line], whole=name.startswith("rank"))
    frame["flags"] = _flags(found, first, last)[row, line]
    return frame[COMPARISON_COLUMNS]


def _numbers(
    first: LineValues, last: LineValues, pair: Pair, head: int | None, value: np.ndarray
) -> dict[str, np.ndarray]:
    """What is worked out of two levels, each regions x lines; NaN where it has no meaning."""
    gap, both = first.gap | last.gap, first.known & last.known
    before, after = np.where(first.known, first.values, 0.0), np.where(last.known, last.values, 0.0)
    with np.errstate(all="ignore"):
        change = np.where(gap, np.nan, after - before)
        growth = np.where(both & (before > 0), after / before - 1, np.nan)
        yearly = np.where(
            both & (before > 0) & (after >= 0),
            (after / before) ** (1 / (pair[1] - pair[0])) - 1,
            np.nan,
        )
        nothing = np.full(change.shape, np.nan)
        found = {"change": change, "growth": growth, "cagr": yearly}
        found |= {"contribution": nothing, "share_from": nothing, "share_to": nothing}
        if head is not None:
            whole = [np.where(one.known, one.values, np.nan)[:, [head]] for one in (first, last)]
            found["contribution"] = np.where(
                value & (whole[0] > 0), 100 * change / whole[0], np.nan
            )
            found["share_from"] = np.where(value & first.known, before / whole[0], np.nan)
            found["share_to"] = np.where(value & last.known, after / whole[1], np.nan)
    return {name: np.where(np.isfinite(matrix), matrix, np.nan) for name, matrix in found.items()}


def ranks(values: np.ndarray, known: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """The rank of each region among those of its depth, by value, descending; equals share the better (1, 2, 2, 4)."""
    frame = pd.DataFrame(np.where(known, values, np.nan))
    return np.asarray(frame.groupby(depth).rank(method="min", ascending=False))


def _cells(one: LineValues) -> np.ndarray:
    """Levels as written: numbers, ``na``, ``not_compiled``."""
    cells = one.values.astype(object)
    cells[~one.valid] = "na"
    cells[one.gap] = NOT_COMPILED
    return cells


def _flags(found: Comparison, first: LineValues, last: LineValues) -> np.ndarray:
    """The flags of each cell: those of the whole table, and where a line exists in one of the years only."""
    common = list(found.flags)
    parts = (
        np.isin(np.arange(len(found.lines)), found.sums_of_parts)[None, :]
        & (found.depth >= 0)[:, None]
    )
    cells = np.empty(first.valid.shape, dtype=object)
    for one_only in (0, 1, 2):
        for summed in (False, True):
            names = [
                *common,
                *["sum-of-parts"] * summed,
                *([], ["only-in-from"], ["only-in-to"])[one_only],
            ]
            here = (first.valid.astype(int) - last.valid == (0, 1, -1)[one_only]) & (
                parts == summed
            )
            cells[here] = ";".join(names)
    return cells


def deflators(current: Comparison, constant: Comparison) -> pd.DataFrame:
    """The implied deflator of each value: at current over at constant prices, its growth being that of prices.

    Rows of kind ``deflator``, unit 1; ``price_basis`` names both.
    """
    pieces = []
    for pair in current.pairs:
        ends = []
        for year in pair:
            one, other = current.levels[year], constant.levels[year]
            fine = one.known & other.known & (one.values > 0) & (other.values > 0)
            with np.errstate(all="ignore"):
                ends.append(
                    LineValues(
                        np.where(fine, one.values / other.values, 0.0), fine, np.zeros_like(fine)
                    )
                )
        numbers = _numbers(ends[0], ends[1], pair, None, np.zeros(len(current.lines), dtype=bool))
        chosen = ((current.lines["kind"] == "value") & (current.lines["item"] == "")).to_numpy()
        row, line = np.nonzero(ends[0].known & ends[1].known & chosen)
        frame = current.lines.iloc[line].reset_index(drop=True)
        frame["region"], frame["level"] = (
            current.codes[row],
            np.where(current.depth[row] < 0, "region", "parent"),
        )
        frame["kind"], frame["unit"], frame["price_basis"] = (
            DEFLATOR,
            "1",
            f"current/{constant.basis}",
        )
        frame["from"], frame["to"], frame["flags"] = *pair, ""
        frame["value_from"], frame["value_to"] = (
            ends[0].values[row, line],
            ends[1].values[row, line],
        )
        for name, matrix in numbers.items():
            frame[name] = blanked(matrix[row, line])
        frame["rank_from"] = frame["rank_to"] = ""
        pieces.append(frame[COMPARISON_COLUMNS])
    return pd.concat(pieces, ignore_index=True)


EFFECTS = {
    "areas": ("面积", "areas"),
    "data": ("数据", "data"),
    "coefficients": ("参数", "coefficients"),
    "prices": ("价格", "prices"),
    "weather": ("气象", "weather"),
    "fluctuation": ("年际波动", "fluctuation"),
    "boundary": ("合并拆分（未分解）", "merged or split, not taken apart"),
}


CLIMATE = {
    "actual": ("各年实际气象", "the actual weather of each year"),
    "normal_climate": (
        "另按多年参照气象计算（常年气候）",
        "also under reference years' weather (normal climate)",
    ),
    "moving_mean": ("另取滑动平均", "moving means beside"),
}


CLIMATE_KINDS = {
    "normal_climate": ("常年气候", "normal climate"),
    "moving_mean": ("滑动平均", "moving mean"),
}


def comparison_caption(found: Comparison, language: Language) -> list[str]:
    """The lines in ``zh`` or ``en``."""
    pick = 0 if language == "zh" else 1
    years = ("、", ", ")[pick].join(str(account.year) for account in found.accounts)
    last = found.accounts[-1].plan
    text, state = last.standard.spec, {account.plan.state for account in found.accounts}
    approved = TRIAL not in state
    lines = [
        f"{measure(last)[pick]} · {years} · {price_basis(found.basis)[pick]}",
        ("状态: ", "state: ")[pick]
        + (
            "; ".join(sorted(state))
            if approved
            else ("试算，未经审批", "trial calculation, not approved")[pick]
        ),
        ("规范: ", "standard: ")[pick]
        + f"{text.title.say(language)} ({text.id}); {LEGAL[text.legal][pick]}; {EVIDENCE[text.evidence][pick]}",
        ("气象: ", "climate: ")[pick] + CLIMATE[found.climate if found.normal else "actual"][pick],
        (f"区划: {found.boundary} 年", f"boundary: {found.boundary}")[pick],
        ("价值的依据等级: ", "value by worst grade behind it: ")[pick] + _grades(found),
    ]
    if found.flags:
        told = [FLAGS[flag][pick] for flag in found.flags]
        lines.append(("可比性: ", "comparability: ")[pick] + ("；", "; ")[pick].join(told))
    return lines


def price_basis(basis: str) -> tuple[str, str]:
    """``current`` and ``constant:2016`` as they are said."""
    said = [one.partition(":") for one in basis.split(";")]
    zh = [f"{year} 年不变价" if year else "当年价" for _, _, year in said]
    en = [f"constant prices of {year}" if year else "current prices" for _, _, year in said]
    return "；".join(zh), "; ".join(en)


def _grades(found: Comparison) -> str:
    """The largest share of each grade among the years."""
    most = {
        grade: max(float(account.shares()["grade"][grade]) for account in found.accounts)
        for grade in GRADES
    }
    return "  ".join(f"{grade} ≤ {share:.1%}" for grade, share in most.items() if share) or "-"
