"""Laws that hold for every account (DESIGN section 8), on random accounts of the small standard and of xie-2015."""

import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.paths import EXAMPLES
from support.small import COEFFICIENTS, Row, Small, area, datum, write_table

import gep
from gep.account.account import account_from_plan
from gep.errors import ProblemLog
from gep.extent.classes import load_class_scheme
from gep.io.catalog import shipped
from gep.project.project import build_plans
from gep.units import factor

FEW = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)  # derandomized: the same accounts in every run, so that a failure can be repeated
CLOSE = {"rel": 1e-9, "abs": 1e-9}
CLASSES = ("wood", "grove", "bush", "paddy", "road")
AMOUNTS = ("output", "emission", "visits")  # data of which a half region has half
LINEAR = ("water", "soil")  # indicators linear in area, with nothing else in them that is an amount

SMALLEST = 1e-90  # numbers below 1e-100 are refused, because they would be cut to 0
KM2 = {"hm2": 0.01, "亩": 1 / 1500, "km2": 1}
plain = st.floats(min_value=0, max_value=1e6).map(
    lambda value: float(f"{value:.4g}") if value > SMALLEST else 0.0
)
numbers = st.one_of(plain, st.just("na"))
codes = st.lists(
    st.sampled_from(["11", "12", "21", "22", "31"]), min_size=1, max_size=4, unique=True
)


@st.composite
def regions_of(draw: st.DrawFn, chosen: Sequence[str], areas: Sequence[Row]) -> list[Row]:
    """Regions in groups by their first digit, the groups under one top; areas and persons known or not."""
    groups = sorted({code[0] for code in chosen})
    rows: list[Row] = [
        {"region": "top", "parent": ""},
        *({"region": one, "parent": "top"} for one in groups),
    ]
    for code in chosen:
        land = sum(row["area"] * KM2[row["unit"]] for row in areas if row["region"] == code)
        known = draw(st.booleans()) and land > 0
        more = {"area": land, "area_unit": "km2", "population": 100} if known else {}
        rows.append({"region": code, "parent": code[0], **more})
    return rows


@st.composite
def accounts(draw: st.DrawFn) -> Small:
    """Random areas, data and coefficients; some are na, a region may lack a class or have other products."""
    chosen = draw(codes)
    areas, data = [], []
    for code in chosen:
        for name in draw(st.lists(st.sampled_from(CLASSES), min_size=1, max_size=5, unique=True)):
            areas.append(area(code, name, draw(plain), draw(st.sampled_from(["hm2", "亩", "km2"]))))
        for product in draw(st.sampled_from([("rice",), ("fish",), ("rice", "fish")])):
            data.append(datum(code, "output", draw(numbers), "t", product=product))
        data.append(datum(code, "rain", draw(numbers), "mm"))
        data.append(datum(code, "visits", draw(numbers), "人次"))
        data += [
            datum(code, "emission", draw(numbers), "t", substance=one) for one in ("SO2", "dust")
        ]
    rows = []
    for row in COEFFICIENTS:
        value = draw(
            st.one_of(st.just(row["value"]), st.just("na"), st.sampled_from([-3, 0, 0.5, 17]))
        )
        rows.append({**row, "value": value})
    return Small(
        areas=areas, data=data, sets={"base": rows}, regions=draw(regions_of(chosen, areas))
    )


def computed(small: Small, **options: Any) -> gep.Account:
    with tempfile.TemporaryDirectory() as folder:
        return small.account(Path(folder), **options)


def changed(small: Small, **parts: Any) -> Small:
    return Small(**{**vars(small), **parts})


def numeric(frame: pd.DataFrame) -> pd.DataFrame:
    """A result table with NaN where a cell is na or blank."""
    found = frame.copy()
    for name in ("value", "per_km2", "per_capita", "share"):
        if name in found:
            found[name] = pd.to_numeric(found[name], errors="coerce")
    return found


def same(one: pd.DataFrame, other: pd.DataFrame, keys: Sequence[str]) -> None:
    """Two tables with the same rows, in any order."""
    first, second = (numeric(frame).set_index(list(keys)).sort_index() for frame in (one, other))
    assert list(first.index) == list(second.index)
    for name in first.columns:
        if first[name].dtype == float:
            np.testing.assert_allclose(first[name], second[name], rtol=1e-9, atol=1e-9)


ROW = ("region", "level", "category", "indicator", "step", "item", "kind", "unit")
SUMMARY = ("region", "level", "category", "unit")


# --- identities of one account ---------------------------------------------------------------------------------------


def check_identities(account: gep.Account) -> None:
    """What must hold inside every account."""
    frame, types, summary = (
        numeric(one) for one in (account.frame(), account.by_ecosystem(), account.summary())
    )
    regions = frame[frame["level"] == "region"]
    check_ecosystems(regions[regions["kind"] != "auxiliary"], types)
    check_totals(account, frame, summary)
    check_parents(account, frame)


def check_ecosystems(regions: pd.DataFrame, types: pd.DataFrame) -> None:
    """Ecosystems, with ``unallocated``, sum to the region; what is na in all of them is na."""
    keys = [*ROW]
    summed = types.groupby(keys)["value"].sum(min_count=1)
    own = regions.set_index(keys)["value"]
    assert set(summed.index) == set(own.index)
    np.testing.assert_allclose(summed.reindex(own.index), own, rtol=1e-9, atol=1e-9)


def check_totals(account: gep.Account, frame: pd.DataFrame, summary: pd.DataFrame) -> None:
    """Value steps sum to categories, categories to the headline, indicators to every total."""
    text = account.plan.standard.spec
    values = frame[frame["kind"] == "value"]
    values = values.assign(
        value=values["value"] * [factor(unit, text.unit) for unit in values["unit"]]
    )
    told = summary.set_index(["region", "category"])["value"]
    for code, rows in values.groupby("region"):
        headline = rows[rows["indicator"].isin(text.total[0].indicators)]
        for category, some in headline.groupby("category"):
            assert told[code, category] == pytest.approx(
                some["value"].sum(min_count=1), nan_ok=True, **CLOSE
            )
        categories = [one for one in told[code].index if not one.startswith("total")]
        whole = told[code][categories].sum(min_count=1)
        assert told[code, "total"] == pytest.approx(whole, nan_ok=True, **CLOSE)
        for position, total in enumerate(text.total):
            name = f"total:{total.id}" if position else "total"
            part = rows.loc[rows["indicator"].isin(total.indicators), "value"].sum(min_count=1)
            assert told[code, name] == pytest.approx(part, nan_ok=True, **CLOSE)


def check_parents(account: gep.Account, frame: pd.DataFrame) -> None:
    """Regions sum to their parents, level by level up to the top."""
    if account.plan.regions is None:
        return
    parent = account.plan.regions.parent
    keys = [name for name in ROW if name not in ("region", "level")]
    children = frame.assign(above=frame["region"].map(parent)).dropna(subset=["above"])
    summed = children.groupby(["above", *keys])["value"].sum(min_count=1)
    own = frame[frame["level"] == "parent"].set_index(["region", *keys])["value"]
    assert set(summed.index) == set(own.index)
    np.testing.assert_allclose(summed.reindex(own.index), own, rtol=1e-9, atol=1e-9)


def check_explanations(account: gep.Account, frame: pd.DataFrame, code: str) -> None:
    """The parts of every step behind every indicator sum to the row of account.csv."""
    for name in ("farm", "water", "air", "soil", "visit"):
        for step in account.explain(name, code).steps:
            if step.summed:
                own = (frame["indicator"] == name) & (frame["step"] == step.name.split(".")[1])
                value = frame.loc[own & (frame["region"] == code), "value"].sum(min_count=1)
                assert step.amount == pytest.approx(value, nan_ok=True, **CLOSE)


def check_areas(small: Small, account: gep.Account) -> None:
    """The crosswalk conserves area: what is accounted for and what is not make up what was given."""
    factors = {"hm2": 1e4, "亩": 1e4 / 15, "km2": 1e6}
    extent = account.plan.extent
    for position, code in enumerate(extent.regions):
        whole = sum(
            row["area"] * factors[row["unit"]] for row in small.areas if row["region"] == code
        )
        assert extent.area[position].sum() + extent.unaccounted[position] == pytest.approx(
            whole, **CLOSE
        )


@settings(FEW, max_examples=12)
@given(accounts())
def test_identities_explanations_and_areas_hold_in_every_account(small: Small) -> None:
    account = computed(small)
    check_identities(account)
    check_areas(small, account)
    frame = numeric(account.frame())
    for code in ("top", str(account.plan.extent.regions[0])):
        check_explanations(account, frame, code)
    shares = account.shares()
    assert sum(shares["grade"].values()) == pytest.approx(1) or not any(shares["grade"].values())


# --- what changes nothing, or changes in proportion ------------------------------------------------------------------


@FEW
@given(accounts(), st.sampled_from([0.1, 3, 1e3]))
def test_scaling_areas_scales_what_is_linear_in_area(small: Small, scale: float) -> None:
    larger = [{**row, "area": row["area"] * scale} for row in small.areas]
    assert small.regions is not None
    regions = [
        {**row, "area": row["area"] * scale} if "area" in row else row for row in small.regions
    ]
    scaled = changed(small, areas=larger, regions=regions)
    one, other = (numeric(computed(each).frame()) for each in (small, scaled))
    linear = one["indicator"].isin(LINEAR) | (one["step"] == "capacity")
    np.testing.assert_allclose(
        other.loc[linear, "value"], one.loc[linear, "value"] * scale, rtol=1e-9, atol=1e-9
    )
    rest = one["indicator"].isin(("farm", "visit"))
    np.testing.assert_allclose(other.loc[rest, "value"], one.loc[rest, "value"], rtol=1e-12)


@FEW
@given(accounts())
def test_splitting_a_region_in_two_changes_nothing_above_it(small: Small) -> None:
    """Half the areas and half the amounts each; rain, a depth, is that of both."""
    code = str(small.areas[0]["region"])

    def halved(rows: Sequence[Row], name: str) -> list[Row]:
        found: list[Row] = []
        for row in rows:
            halves = row["region"] == code
            amount = row[name] != "na" and row.get("name") in (None, *AMOUNTS)
            half = {name: row[name] / 2} if amount else {}
            found += (
                [{**row, **half, "region": one} for one in (f"{code}a", f"{code}b")]
                if halves
                else [row]
            )
        return found

    assert small.regions is not None
    regions = [
        {**row, "region": one, "area": "", "area_unit": "", "population": ""}
        for row in small.regions
        for one in ((f"{code}a", f"{code}b") if row["region"] == code else (row["region"],))
    ]
    two = changed(
        small, areas=halved(small.areas, "area"), data=halved(small.data, "value"), regions=regions
    )
    one, other = (computed(each).frame().query("level == 'parent'") for each in (small, two))
    same(one, other, ROW)


@FEW
@given(accounts(), st.floats(min_value=0.01, max_value=0.99))
def test_splitting_a_class_in_two_changes_nothing(small: Small, part: float) -> None:
    """Wood and grove are the same thing under two names; a row of one is split over both."""
    areas: list[Row] = []
    for row in small.areas:
        if row["class"] == "grove":
            continue
        pair = (
            [("wood", part), ("grove", 1 - part)] if row["class"] == "wood" else [(row["class"], 1)]
        )
        areas += [{**row, "class": name, "area": row["area"] * share} for name, share in pair]
    whole = [row for row in small.areas if row["class"] != "grove"]
    if {row["region"] for row in whole} != {row["region"] for row in small.areas}:
        return
    one, other = (computed(changed(small, areas=rows)) for rows in (whole, areas))
    same(one.frame(), other.frame(), ROW)
    same(one.by_ecosystem(), other.by_ecosystem(), [*ROW, "ecosystem"])


@FEW
@given(accounts(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_rows_of_other_years_change_nothing(
    small: Small, order: random.Random
) -> None:
    """All rows are shuffled, and rows of other years stand between them."""

    def shuffled(rows: Sequence[Row]) -> list[Row]:
        mixed = list(rows)
        order.shuffle(mixed)
        return mixed

    areas = [*small.areas, *({**row, "year": 2021, "area": 1} for row in small.areas)]
    data = [*small.data, *({**row, "year": 2021, "value": 1} for row in small.data)]
    assert small.regions is not None
    mixed = changed(
        small, areas=shuffled(areas), data=shuffled(data), sets={"base": shuffled(small.sets["base"])},
        regions=shuffled(small.regions),
    )  # fmt: skip
    one, other = computed(small), computed(mixed, year=2020)
    same(one.frame(), other.frame(), ROW)
    same(one.by_ecosystem(), other.by_ecosystem(), [*ROW, "ecosystem"])
    same(one.summary(), other.summary(), SUMMARY)
    assert one.shares()["grade"] == pytest.approx(other.shares()["grade"])


# --- shipped standards -----------------------------------------------------------------------------------------------


@st.composite
def xie_areas(draw: st.DrawFn) -> list[Row]:
    """Random areas of random classes of xie-2015."""
    names = draw(st.lists(st.sampled_from(XIE), min_size=1, max_size=6, unique=True))
    return [area(code, name, draw(plain)) for code in ("360981", "360982") for name in names]


def shipped_classes(name: str) -> list[str]:
    """The lowest classes of a shipped scheme."""
    scheme = load_class_scheme(str(shipped("classes")[name]), None, name, ProblemLog())
    assert scheme is not None
    above = set(scheme.parent.values())
    return [one for one in scheme.classes if one not in above]


XIE = shipped_classes("xie-2015")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@settings(FEW, max_examples=6)
@given(rows=xie_areas(), scale=st.sampled_from([0.5, 40]))
def test_identities_of_xie_2015(folder: Path, rows: list[Row], scale: float) -> None:
    def account(areas: Sequence[Row]) -> gep.Account:
        return gep.compute(
            standard="xie-2015",
            areas=gep.read_areas(write_table(folder / "areas.csv", areas)),
            price_year=2010,
        )

    one = account(rows)
    check_identities(one)
    larger = account([{**row, "area": row["area"] * scale} for row in rows])
    np.testing.assert_allclose(
        numeric(larger.frame())["value"],
        numeric(one.frame())["value"] * scale,
        rtol=1e-9,
        atol=1e-12,
    )


# Its data are incomplete, so that its totals are withheld: there is no sum to be held.
WITHHELD = "wuyuan-first-account"
# Its rasters are files that a user brings.
WITHOUT_FILES = "jiangxi-raster"
PROJECT_FILES = sorted(EXAMPLES.glob("*/project.toml"))
EXAMPLE_FOLDERS = [
    path.parent for path in PROJECT_FILES if path.parent.name not in (WITHHELD, WITHOUT_FILES)
]


@pytest.mark.parametrize("example", EXAMPLE_FOLDERS, ids=lambda path: path.name)
def test_the_identities_hold_on_every_example(example: Path) -> None:
    project = gep.read_project(example)
    for plan in build_plans(project):
        check_identities(account_from_plan(plan))
