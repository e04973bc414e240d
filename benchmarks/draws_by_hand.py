"""A Monte Carlo simulation of accounts of ``rcees-2017`` as an analyst would write it in numpy, without ``gep``.

All that ``gep.uncertainty`` gives for counties: numbers drawn, accounts, lines (totals, categories, indicators, items),
their means, standard deviations, quantiles and probabilities for years and changes, and ranks. What it does not do: no
streams by row (a coefficient is one random number for all counties and years, a datum is its own), one thread, one seed
for one size of pieces, no parents, no check of any input.

It is written to be fast: draws are last in memory, a piece of an array fits into the CPU cache, only cells that exist
are drawn, and each line is sorted once for all its quantiles, which takes a third of the time of ``numpy.quantile``.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import by_hand
import numpy as np
import rcees_inputs
from rcees_inputs import COEFFICIENTS, COLUMNS, COVER, DATA, KEYS, UNSURE, Inputs

COUNTIES_AT_ONCE, DRAWS_AT_ONCE = 5, 2500  # of an array by ecosystem type 800 kB
PROBABILITIES = np.array([0.025, 0.05, 0.5, 0.95, 0.975])
RANK_PROBABILITIES = np.array([0.025, 0.975])
PROVISIONING = ("farming", "forestry", "husbandry", "fishery", "water_supply", "hydropower")
ITEMS = {  # results that have a line for each member of a key, the last axis
    "water_supply": ("use", KEYS["use"]),
    "air_purification": ("substance", KEYS["air"]),
    "water_purification": ("substance", KEYS["water"]),
    "soil_retention.pollution": ("substance", rcees_inputs.NUTRIENTS),
}
BY_TYPE = (  # results by ecosystem type, which is the axis before that of items
    "water_retention", "soil_retention", "sand_fixation", "flood_mitigation.marshes", "carbon_sequestration",
    "oxygen_release", "climate_regulation", "pest_control",
)  # fmt: skip
Line = tuple[str, str, str]  # category, indicator, item; as ``gep`` names them


class Statistics(NamedTuple):
    """Statistics over draws: period (years, then changes) x county x line, quantiles with a last axis; and of ranks."""

    lines: list[Line]
    mean: np.ndarray
    sd: np.ndarray
    positive: np.ndarray
    quantiles: np.ndarray
    ranks: np.ndarray  # limit x year x county
    exceeds: np.ndarray  # year x county x county: probability that the first exceeds the second


def simulate(years: Sequence[Inputs], draws: int, seed: int, spread: float) -> Statistics:
    """Simulate the accounts of some years; limits of uncertain numbers are ``spread`` to both sides, as a share."""
    rng = np.random.default_rng(seed)
    coefficients = drawn_coefficients(rng, draws, spread)
    counties = len(years[0].area)
    pairs = [*zip(range(len(years) - 1), range(1, len(years)), strict=True), (0, len(years) - 1)]
    parts, headlines = [], []
    for start in range(0, counties, COUNTIES_AT_ONCE):
        block = slice(start, min(start + COUNTIES_AT_ONCE, counties))
        names, levels = drawn_lines(
            rng, [part(one, block) for one in years], coefficients, draws, spread
        )
        headlines.append(levels[:, 0].copy())  # sorted below
        periods = [statistics(levels[last] - levels[first]) for first, last in pairs]
        periods = [statistics(level) for level in levels] + periods
        parts.append([np.stack(one).swapaxes(1, 2) for one in zip(*periods, strict=True)])
    joined = [np.concatenate(one, axis=1) for one in zip(*parts, strict=True)]
    ranked = [ranking(one) for one in np.concatenate(headlines, axis=1)]
    ranks, exceeds = (np.stack(one) for one in zip(*ranked, strict=True))
    return Statistics(names, *joined, ranks.swapaxes(0, 1), exceeds)


def part(inputs: Inputs, block: slice) -> Inputs:
    """Some counties, the types that they lack filled with 0."""
    data = {name: np.nan_to_num(values[block]) for name, values in inputs.data.items()}
    return Inputs(np.nan_to_num(inputs.area[block]), inputs.has[block], data, inputs.coefficients)


def drawn_coefficients(
    rng: np.random.Generator, draws: int, spread: float
) -> dict[str, np.ndarray]:
    """Draw x 1 (for the county) x member."""
    numbers, drawn = {}, {}
    for name, (_, _, members, values) in COEFFICIENTS.items():
        factors = rng.triangular(1 - spread, 1, 1 + spread, (len(values), draws))
        numbers[name] = np.array(values)[:, None] * factors
        drawn[name] = numbers[name].T[:, None, :] if members else numbers[name].T
    cover = np.stack([numbers[f"cover_factor_{name}"] for name in COVER])  # class x type x draw
    drawn["cover_factor"] = np.moveaxis(cover, -1, 0)
    return drawn


def drawn_lines(
    rng: np.random.Generator,
    years: Sequence[Inputs],
    coefficients: Mapping[str, np.ndarray],
    draws: int,
    spread: float,
) -> tuple[list[Line], np.ndarray]:
    """The lines of some counties: year x line x county x draw."""
    levels: list[np.ndarray] = []
    names: list[Line] = []
    for inputs in years:
        drawn = {name: drawn_data(rng, inputs, name, draws, spread) for name in UNSURE}
        values = np.empty(0)
        for start in range(0, draws, DRAWS_AT_ONCE):
            chunk = slice(start, start + DRAWS_AT_ONCE)
            data = {**inputs.data, **{name: one[chunk] for name, one in drawn.items()}}
            numbers = {name: one[chunk] for name, one in coefficients.items()}
            lines = lines_of(by_hand.account(inputs.area, data, numbers, COLUMNS))
            if not len(values):
                values = np.empty((len(lines), len(inputs.area), draws))
            for line, one in zip(values, lines.values(), strict=True):
                line[:, chunk] = one.T if one.ndim == 2 else one[:, None]
        names = list(lines)
        levels.append(values)
    return names, np.stack(levels)


def drawn_data(
    rng: np.random.Generator, inputs: Inputs, name: str, draws: int, spread: float
) -> np.ndarray:
    """Draw x county x member, last in memory the draws; the types that a county lacks stay 0."""
    values = inputs.data[name]
    cells = inputs.has if DATA[name][0] == "ecosystem" else np.ones(values.shape, dtype=bool)
    numbers = np.zeros((*values.shape, draws))
    numbers[cells] = values[cells][:, None] * rng.triangular(
        1 - spread, 1, 1 + spread, (int(cells.sum()), draws)
    )
    return np.moveaxis(numbers, -1, 0)


def lines_of(found: Mapping[str, np.ndarray]) -> dict[Line, np.ndarray]:
    """Totals, categories, and each indicator's value and items: (draw x) county each."""
    values: dict[str, np.ndarray] = {}
    items: dict[str, dict[str, np.ndarray]] = {}
    for name, amounts in found.items():
        indicator, step = name.split(".")
        key, members = next(
            (what for start, what in ITEMS.items() if name.startswith(start)), ("", ())
        )
        if name.startswith(BY_TYPE):
            amounts = amounts.sum(axis=-2 if members else -1)
        of_step = {f"step={step}": amounts}
        if members:
            of_step = {
                f"step={step};{key}={member}": amounts[..., position]
                for position, member in enumerate(members)
            }
        items.setdefault(indicator, {}).update(of_step)
        if "value" in step:
            for one in of_step.values():
                values[indicator] = values[indicator] + one if indicator in values else one
    lines: dict[Line, np.ndarray] = {}
    category = dict.fromkeys(PROVISIONING, "provisioning") | {"recreation": "cultural"}
    sums = {"total": list(values), "provisioning": list(PROVISIONING)}
    sums["regulating"] = [name for name in values if name not in category]
    sums["cultural"] = ["recreation"]
    sums["total:without_oxygen"] = [name for name in values if name != "oxygen_release"]
    sums["total:carbon_and_oxygen"] = ["carbon_sequestration", "oxygen_release"]
    for name, indicators in sums.items():
        lines[name, "total", ""] = sum(values[one] for one in indicators)
    for indicator, of_steps in items.items():
        group = category.get(indicator, "regulating")
        lines[group, indicator, ""] = values[indicator]
        worth = [name for name in of_steps if "value" in name.split(";")[0]]
        for name, one in of_steps.items():
            if name not in worth or len(worth) > 1:
                lines[group, indicator, name] = one
    return lines


def statistics(values: np.ndarray) -> tuple[np.ndarray, ...]:
    """Mean, standard deviation, probability above 0 and quantiles over the last axis, which is sorted in place."""
    mean, sd = values.mean(axis=-1), np.empty(values.shape[:-1])
    positive = np.empty_like(sd)
    quantiles = np.empty((*sd.shape, len(PROBABILITIES)))
    place = PROBABILITIES * (values.shape[-1] - 1)
    below = place.astype(int)
    for line, numbers in enumerate(values):  # a line of some counties fits into the cache
        sd[line] = numbers.std(axis=-1, ddof=1)
        positive[line] = np.count_nonzero(numbers > 0, axis=-1) / numbers.shape[-1]
        numbers.sort(axis=-1)
        low = numbers[:, below]
        quantiles[line] = low + (numbers[:, below + 1] - low) * (place - below)
    return mean, sd, positive, quantiles


def ranking(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Limits of the ranks of counties (limit x county), and in what share of draws each exceeds each other."""
    draws = values.shape[1]
    order = np.argsort(-values.T, axis=-1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, len(values) + 1)[None, :], axis=-1)
    ranks = np.sort(ranks.T, axis=-1)
    limits = ranks[:, np.ceil(RANK_PROBABILITIES * draws).astype(int) - 1].T
    exceeds = np.stack([np.count_nonzero(one > values, axis=-1) for one in values]) / draws
    return limits, exceeds
