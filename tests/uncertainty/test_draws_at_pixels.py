"""Draws of accounts on rasters: those of the table where nothing varies, those of a loop by hand where something does."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support import small
from support.drawn_accounts import limits
from support.small import Row
from support.small_rasters import CODES, SmallRasters, checkerboard

import gep
from gep.account.evaluation import evaluate, settled
from gep.extent.blocks import Schedule
from gep.plan.alignment import relabel_regions
from gep.plan.plan import Plan
from gep.uncertainty.sampled_plan import block_of, prepare_plan, sample_result
from gep.uncertainty.uncertain_rows import find_uncertain_rows

pytest.importorskip("rasterio")

DRAWS = 200
UNCERTAIN = {"runoff": (0.8, 1.3), "storage_cost": (0.5, 2.0), "nutrient_rate": (0.9, 1.1)}
SHARES = {  # of a class in forest and in shrub, as the crosswalk of ``small`` has them
    "wood": (0.75, 0.25),
    "grove": (0.75, 0.25),
    "bush": (0.0, 1.0),
}
CURVE = '''

def curve(
    *, rain: Annotated[Array, "mm"], shape: Annotated[Array, "1"], part: Annotated[Array, "1"]
) -> Annotated[Array, "mm"]:
    """Part of the rain, by a curve whose shape is a coefficient: smooth, but not affine in it."""
    return part * rain * (rain / 1000) ** shape


def ceiling(
    *, rain: Annotated[Array, "mm"], shape: Annotated[Array, "1"], part: Annotated[Array, "1"]
) -> Annotated[Array, "mm"]:
    """Part of the rain up to a limit that is a coefficient, which few pixels reach: a kink."""
    return part * np.minimum(rain, 3000 * shape)


def kept_of(*, rain: Annotated[Array, "mm"], lost: Annotated[Array, "mm"]) -> Annotated[Array, "mm"]:
    """Rain without what is lost."""
    return rain - lost


def lost(*, rain: Annotated[Array, "mm"], runoff: Annotated[Array, "1"]) -> Annotated[Array, "mm"]:
    """Rain that runs off."""
    return rain * runoff
'''


def _with_limits() -> list[Row]:
    rows = []
    for row in small.COEFFICIENTS:
        factors = UNCERTAIN.get(str(row["coefficient"]))
        if factors is None or row["value"] == "na":
            rows.append(row)
        elif float(row["value"]) < 0:
            rows.append(limits(row, factors[1], factors[0]))
        else:
            rows.append(limits(row, *factors))
    return rows


def _varied(height: int = 60, width: int = 70, **options: object) -> SmallRasters:
    board = checkerboard(height, width, 9)
    rain = np.random.default_rng(5).uniform(500, 2500, board.zones.shape).astype(np.float32)
    return replace(board, layers={"rain": (rain, "mm")}, coefficients=_with_limits(), **options)


def _plan(board: SmallRasters, folder: Path) -> Plan:
    return gep.read_project(board.write(folder), allow_code=True).plan(2020)


def _with_samples(plan: Plan, draws: int, *, is_prepared: bool) -> Plan:
    """The plan at draws between the limits, some rows at one side and some at the other."""
    plan = settled(plan)
    rows = find_uncertain_rows([plan])
    if is_prepared:
        plan = prepare_plan(plan, rows, 0)
    block = block_of(plan, rows, 0, np.arange(len(plan.extent.regions)))
    generator = np.random.default_rng(8)
    uniform = generator.uniform(size=(len(rows.streams), draws))
    return block.plan_at(rows.samples(block.rows, list(uniform).__getitem__))


def _numbers(plan: Plan, step: str, argument: str, draw: int) -> Mapping[str, float]:
    """The numbers of a coefficient at a draw, by ecosystem type."""
    bound = plan.step(step).inputs[argument]
    at_draw = np.broadcast_to(bound.values, (DRAWS, len(plan.extent.ecosystems)))[draw]
    return dict(zip(plan.extent.ecosystems, at_draw.tolist(), strict=True))


def _without(rain: np.ndarray, share: float) -> np.ndarray:
    return rain * (1 - share)


def _rain_of(
    board: SmallRasters,
    zone: int,
    ecosystem: int,
    draw_of_rain: Callable[[np.ndarray], np.ndarray],
) -> float:
    """Sum what ``draw_of_rain`` makes of rain over the pixels of a zone, m3: 10 m3 a mm on a hectare."""
    rain, _ = board.layers["rain"]
    total = 0.0
    for name, shares in SHARES.items():
        pixels = (board.zones == zone) & (board.cover[2020] == CODES[name])
        total += shares[ecosystem] * draw_of_rain(rain[pixels].astype(float)).sum() * 10
    return total


def test_constant_regions_have_the_intervals_of_their_table(tmp_path: Path) -> None:
    board = replace(checkerboard(90, 120, 7), coefficients=_with_limits())
    on_rasters = gep.read_project(board.write(tmp_path / "raster"), allow_code=True).plan(2020)
    on_tables = gep.read_project(board.write_table_twin(tmp_path / "table"), allow_code=True).plan(
        2020
    )
    ours = gep.propagate_uncertainty(on_rasters, DRAWS, 7)
    theirs = gep.propagate_uncertainty(on_tables, DRAWS, 7)
    assert ours.rows_sampled == theirs.rows_sampled > 5
    assert ours.codes == theirs.codes
    assert (theirs.sd > 0).any()
    for name in ("mean", "sd", "quantiles"):
        np.testing.assert_allclose(
            getattr(ours, name), getattr(theirs, name), rtol=1e-9, atol=1e-9, err_msg=name
        )
    np.testing.assert_array_equal(ours.positive, theirs.positive)


def test_an_affine_step_is_drawn_as_by_hand_and_reads_the_pixels_once(tmp_path: Path) -> None:
    board = _varied()
    plan = _with_samples(_plan(board, tmp_path), DRAWS, is_prepared=True)
    assert plan.step("water.kept").density_at is not None
    kept = evaluate(plan)["water.kept"]
    for draw in (0, 3, DRAWS - 1):
        runoff = _numbers(plan, "water.kept", "runoff", draw)
        assert runoff["forest"] != 0.25
        for position, zone in enumerate((1, 2, 3)):
            for ecosystem, name in enumerate(("forest", "shrub")):
                by_hand = _rain_of(board, zone, ecosystem, partial(_without, share=runoff[name]))
                cell = kept[draw, position, list(plan.extent.ecosystems).index(name)]
                assert cell == pytest.approx(by_hand / 1e4, rel=1e-9)


def test_both_roads_give_the_same(tmp_path: Path) -> None:
    plan = _plan(_curved("curve"), tmp_path)
    polynomial = evaluate(_with_samples(plan, 70, is_prepared=True))
    at_pixels = evaluate(_with_samples(plan, 70, is_prepared=False))
    for name, values in at_pixels.items():
        np.testing.assert_allclose(polynomial[name], values, rtol=2e-9, err_msg=name)


def _curved(method: str = "ceiling", height: int = 60, width: int = 70) -> SmallRasters:
    water = small.WATER.replace("own.py:kept", f"own.py:{method}").replace(
        'runoff = { coef = "runoff" }', 'shape = { coef = "runoff" }, part = { coef = "part" }'
    )
    board = _varied(
        height,
        width,
        standard=small.HEAD + small.SHARED + water + small.AIR + small.SOIL,
        methods=small.METHODS + CURVE,
    )
    part = limits(small.coefficient("part", 0.5, "1"), 0.7, 1.6)
    return replace(board, coefficients=[*board.coefficients, part])


BY_HAND = {
    "curve": lambda rain, shape: rain * (rain / 1000) ** shape,
    "ceiling": lambda rain, shape: np.minimum(rain, 3000 * shape),
}


@pytest.mark.parametrize("method", ["curve", "ceiling"])
def test_a_step_that_is_not_affine_is_drawn_as_by_hand(tmp_path: Path, method: str) -> None:
    board = _curved(method)
    plan = _with_samples(_plan(board, tmp_path), DRAWS, is_prepared=True)
    polynomial = plan.step("water.kept").density_at
    if method == "curve":
        assert polynomial is not None
        assert polynomial.nodes.shape[:2] == (9, 2)  # ``part`` is affine
    else:
        assert polynomial is None  # pixel by pixel
    kept = evaluate(plan)["water.kept"]
    part = plan.step("water.kept").inputs["part"].values
    for draw in (0, 127, 128, DRAWS - 1):  # on both sides of the end of a pass
        shape = _numbers(plan, "water.kept", "shape", draw)
        for position, zone in enumerate((1, 2, 3)):
            for ecosystem, name in enumerate(("forest", "shrub")):
                of_rain = partial(BY_HAND[method], shape=shape[name])
                by_hand = _rain_of(board, zone, ecosystem, of_rain) * float(part[draw])
                cell = kept[draw, position, list(plan.extent.ecosystems).index(name)]
                assert cell == pytest.approx(by_hand / 1e4, rel=2e-9)


CHAINED = """
[[step]]
id = "lost"
kind = "auxiliary"
method = "./own.py:lost"
per = "none"
unit = "mm"
inputs = { rain = { data = "rain" }, runoff = { coef = "runoff" } }
""" + small.WATER.replace("own.py:kept", "own.py:kept_of").replace(
    'runoff = { coef = "runoff" }', 'lost = { step = "lost" }'
)


def test_a_coefficient_of_a_step_before_at_the_same_pixels_is_drawn(tmp_path: Path) -> None:
    chained = _varied(
        standard=small.HEAD + small.SHARED + CHAINED + small.AIR + small.SOIL,
        methods=small.METHODS + CURVE,
    )
    results = []
    for name, board in (("direct", _varied()), ("chained", chained)):
        plan = _with_samples(_plan(board, tmp_path / name), 70, is_prepared=True)
        assert plan.step("water.kept").density_at is not None
        results.append(evaluate(plan)["water.kept"])
    assert np.ptp(results[0][:, 0, 0]) > 0
    np.testing.assert_allclose(results[1], results[0], rtol=1e-9)


@pytest.mark.parametrize(
    "board", [_varied(700, 1100), _curved("ceiling", 520, 530)], ids=["polynomial", "at pixels"]
)
def test_bits_depend_neither_on_blocks_nor_on_threads(tmp_path: Path, board: SmallRasters) -> None:
    project = gep.read_project(board.write(tmp_path), allow_code=True)
    bits = set()
    schedules = (
        Schedule(scheduler="synchronous"),
        Schedule(threads=2, block=512),
        Schedule(threads=3, block=1024),
    )
    for workers, schedule in enumerate(schedules, 1):
        plan = project.plan(2020)
        assert plan.raster is not None
        plan = replace(plan, raster=replace(plan.raster, schedule=schedule))
        drawn = gep.propagate_uncertainty(plan, DRAWS, 3, workers=workers)
        bits.add(drawn.quantiles.tobytes() + drawn.mean.tobytes() + drawn.sd.tobytes())
    assert len(bits) == 1


def test_regions_under_other_codes_have_the_same_draws(tmp_path: Path) -> None:
    plan = _plan(_varied(), tmp_path)
    renamed = relabel_regions(plan, ["1", "two", "3"])
    by_code = gep.propagate_uncertainty(plan, DRAWS, 3)
    by_other = gep.propagate_uncertainty(renamed, DRAWS, 3)
    assert by_other.codes[:3] == ("1", "two", "3")
    np.testing.assert_array_equal(by_other.mean[:, :3], by_code.mean[:, :3])
    assert (by_code.sd[0, :3, 0] > 0).all()


def test_an_own_method_that_fails_at_a_draw_is_told(tmp_path: Path) -> None:
    strict = small.METHODS.replace(
        "    return rain * (1 - runoff)",
        "    if np.any(runoff > 0.45):\n        raise ValueError('too much')\n    return rain * (1 - runoff)",
    )
    plan = _plan(_varied(methods=strict), tmp_path)
    with pytest.raises(gep.ProblemsFound, match="method-failed"):
        gep.propagate_uncertainty(plan, DRAWS, 3)


def test_what_is_drawn_changes_no_bit_of_the_account(tmp_path: Path) -> None:
    plan = settled(_plan(_varied(), tmp_path))
    rows = find_uncertain_rows([plan])
    before = evaluate(plan)
    for name, values in evaluate(prepare_plan(plan, rows, 0)).items():
        assert values.tobytes() == before[name].tobytes()


def test_a_coefficient_of_pixels_moves_the_result_in_a_sensitivity(tmp_path: Path) -> None:
    plan = _plan(_varied(), tmp_path)
    result = sample_result([plan], "top", 2020)
    runoff = result.inputs["title"].str.contains("runoff").to_numpy()
    positions = np.zeros((len(result.inputs), 2))
    positions[runoff] = [-1, 1]
    lines = result.lines.frame
    kept = lines["indicator"].eq("water") & lines["item"].eq("step=kept")
    low, high = result.between(positions)[np.flatnonzero(kept)[0]]
    assert low > high > 0


def test_years_are_drawn_together(tmp_path: Path) -> None:
    board = _varied()
    later = np.roll(board.cover[2020], 3, axis=0)
    board = replace(board, cover={2020: board.cover[2020], 2021: later})
    written = board.write(tmp_path) / "project.toml"
    text = written.read_text("utf-8").replace("[inputs]", "price_year = 2020\n[inputs]")
    written.write_text(text, "utf-8")
    project = gep.read_project(tmp_path, allow_code=True)
    drawn = gep.propagate_uncertainty([project.plan(2020), project.plan(2021)], DRAWS, 3)
    frame = drawn.lines
    kept = np.flatnonzero(frame["indicator"].eq("water") & frame["item"].eq("step=kept"))[0]
    level = drawn.sd[0, :, kept]
    change = drawn.sd[2, :, kept]
    assert (level > 0).all()
    assert (change < level).all()  # what both years share cancels out
