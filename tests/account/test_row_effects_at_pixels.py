"""By how much numbers move the headline where steps are evaluated at pixels: as on tables, and by computing it again."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import small
from support.small import Row
from support.small_rasters import SmallRasters, checkerboard

import gep
from gep.account.row_effects import RowEffects, row_effects

pytest.importorskip("rasterio")

MONTHLY = """
[data.wet]
name = { zh = "月降水量", en = "Rain of a month" }
unit = "mm"
keys = ["region", "month"]

[[indicator]]
id = "water"
name = { zh = "水源涵养", en = "Water retention" }
category = "regulating"
[[indicator.step]]
id = "lost"
kind = "auxiliary"
method = "./own.py:lost"
per = "none"
unit = "mm"
over = { month = ["1", "2"] }
inputs.rain = { data = "wet" }
inputs.runoff = { coef = "monthly_runoff" }
inputs.bend = { coef = "bend" }
[[indicator.step]]
id = "kept"
kind = "quantity"
method = "./own.py:kept_of"
per = "area"
unit = "10^4 m3"
clause = "1"
over = { month = ["1", "2"] }
sum_over = ["month"]
inputs.rain = { data = "wet" }
inputs.lost = { step = "water.lost" }
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:stored"
per = "amount"
unit = "10^4 CNY"
clause = "2"
inputs = { volume = { step = "water.kept" }, cost = { coef = "storage_cost" } }
"""
BENT = '''

def lost(
    *, rain: Annotated[Array, "mm"], runoff: Annotated[Array, "1"], bend: Annotated[Array, "1"]
) -> Annotated[Array, "mm"]:
    """Rain that runs off, more of heavy rain: no line in any of the three."""
    return rain * np.minimum(runoff * (rain / 1000) ** bend, 1)


def kept_of(*, rain: Annotated[Array, "mm"], lost: Annotated[Array, "mm"]) -> Annotated[Array, "mm"]:
    """Rain without what is lost."""
    return rain - lost
'''
NUMBERS = (
    *(
        small.coefficient("monthly_runoff", value, "1", ecosystem=ecosystem, month=month)
        for ecosystem, month, value in (
            ("forest", "1", 0.2),
            ("forest", "2", 0.3),
            ("shrub", "1", 0.35),
            ("shrub", "2", 0.45),
            ("field", "1", 0.5),
            ("field", "2", 0.6),
        )
    ),
    small.coefficient("bend", 1.4, "1"),
    small.coefficient("storage_cost", 2, "CNY m-3"),
)


def monthly(coefficients: Sequence[Row] = NUMBERS, factor: float = 1.0) -> SmallRasters:
    """Rain of two months that varies from pixel to pixel, in month 2 times a factor."""
    board = checkerboard(50, 70, 9)
    random = np.random.default_rng(3)
    layers = {}
    for month in ("1", "2"):
        rain = random.uniform(200, 900, board.zones.shape)
        layers[f"wet.{month}"] = (rain * (factor if month == "2" else 1.0), "mm")
    return replace(
        board,
        layers=layers,
        standard=small.HEAD + MONTHLY,
        indicators=("water",),
        methods=small.METHODS + BENT,
        coefficients=coefficients,
    )


def account_of(folder: Path) -> gep.Account:
    (account,) = gep.read_project(folder, allow_code=True).compute()
    return account


def headline(board: SmallRasters, folder: Path) -> float:
    return float(account_of(board.write(folder)).summary()["value"].sum())


def effects_by_key(rows: RowEffects) -> dict[tuple[str, ...], float]:
    """The effect of each number by its name and keys, summed over the inputs that use it."""
    effects: dict[tuple[str, ...], float] = {}
    for entry in rows.inputs:
        for row, effect in zip(entry.source.frame.to_dict("records"), entry.effects, strict=True):
            keys = ("name", "region", "ecosystem", "substance", "month")
            key = tuple(str(row[name]) for name in keys if row.get(name))
            effects[key] = effects.get(key, 0.0) + effect
    return effects


def test_a_checkerboard_has_the_effects_of_its_table(tmp_path: Path) -> None:
    board = checkerboard(60, 90, 7)
    on_tables = effects_by_key(row_effects(account_of(board.write_table_twin(tmp_path / "table"))))
    on_pixels = effects_by_key(row_effects(account_of(board.write(tmp_path / "raster"))))
    assert on_pixels.keys() == on_tables.keys()
    assert min(abs(on_pixels["rain", code]) for code in board.regions()) > 0.01
    for key, effect in on_tables.items():
        assert on_pixels[key] == pytest.approx(effect, rel=1e-7, abs=1e-12), key


def test_a_number_of_a_step_before_at_the_pixels_moves_what_computing_again_says(
    tmp_path: Path,
) -> None:
    effects = effects_by_key(row_effects(account_of(monthly().write(tmp_path / "project"))))
    unchanged = headline(monthly(), tmp_path / "again")
    for position, row in enumerate(NUMBERS):
        computed = []
        for side in (1.001, 0.999):
            changed = list(NUMBERS)
            changed[position] = {**row, "value": float(row["value"]) * side}
            folder = tmp_path / f"changed-{position}-{side}"
            computed.append(headline(monthly(changed), folder))
        key = (row["coefficient"], *(row[name] for name in ("ecosystem", "month") if row.get(name)))
        expected = (computed[0] - computed[1]) / 0.002 / unchanged
        assert abs(expected) > 1e-4
        assert effects[key] == pytest.approx(expected, rel=1e-5), key


def test_a_layer_moves_what_computing_again_says(tmp_path: Path) -> None:
    """The layers of month 2 in all regions together."""
    effects = effects_by_key(row_effects(account_of(monthly().write(tmp_path / "project"))))
    of_layer = [effect for key, effect in effects.items() if key[0] == "wet" and key[-1] == "2"]
    assert len(of_layer) == 3
    unchanged = headline(monthly(), tmp_path / "again")
    above = headline(monthly(factor=1.001), tmp_path / "above")
    below = headline(monthly(factor=0.999), tmp_path / "below")
    assert sum(of_layer) == pytest.approx((above - below) / 0.002 / unchanged, rel=1e-5)
