"""Results for pandas and xarray: numbers with NaN and a status, wide tables, Datasets that say what they are."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from support.small import DATA, Small, written

import gep
from gep.account.result_tables import ACCOUNT_COLUMNS, long_table, summary_table


@pytest.fixture
def account(tmp_path: Path) -> gep.Account:
    return Small().account(tmp_path)


@pytest.fixture
def with_gap(tmp_path: Path) -> gep.Account:
    lacks = [row for row in DATA if (row["name"], row["region"]) != ("output", "a")]
    return Small(data=lacks).account(tmp_path, partial=True)


def test_values_are_numbers_with_a_status(with_gap: gep.Account) -> None:
    frame = with_gap.frame()
    assert frame["value"].dtype == np.float64
    assert set(frame["status"]) == {"number", "not_compiled"}
    assert "none" in set(with_gap.by_ecosystem()["status"]), "shrub keeps no P"
    assert (frame["value"].notna() == (frame["status"] == "number")).all()
    for table in (with_gap.by_ecosystem(), with_gap.summary()):
        assert table["value"].dtype == np.float64
        assert "status" in table
    summary = with_gap.summary()
    assert all(summary[name].dtype == np.float64 for name in ("per_km2", "per_capita", "share"))


def test_files_keep_the_words(with_gap: gep.Account) -> None:
    """The frame says with NaN and status what the file says with words, cell by cell."""
    plan = with_gap.plan
    file = long_table(plan, with_gap.block, with_gap.parents, ACCOUNT_COLUMNS)
    assert "not_compiled" in set(file["value"])
    assert written(with_gap.frame())["value"].tolist() == file["value"].tolist()
    sums = summary_table(plan, with_gap.sums, with_gap.block)
    assert written(with_gap.summary())["value"].tolist() == sums["value"].tolist()


def test_a_frame_of_some_regions_with_names(account: gep.Account) -> None:
    frame = account.frame(region="乙", names=True, language="zh")
    assert set(frame["region"]) == {"b"}
    assert set(frame["region_name"]) == {"乙"}
    assert list(frame.columns[:6]) == [
        "year",
        "region",
        "region_name",
        "level",
        "category",
        "category_name",
    ]
    both = account.frame(region=["a", "B"], year="2020")
    assert set(both["region"]) == {"a", "b"}


def test_wide_frames_are_the_sums_of_the_long_one(account: gep.Account) -> None:
    wide = account.frame(wide="indicator")
    assert wide.to_numpy().dtype == np.float64
    assert list(wide.index) == ["a", "b", "mid", "top"]
    scaled = account.frame()
    scaled = scaled[(scaled["kind"] == "value") & (scaled["region"] == "a")]
    in_wan = {"10^4 CNY": 1.0, "CNY": 1e-4, "10^8 CNY": 1e4}
    by_hand = (scaled["value"] * scaled["unit"].map(in_wan)).groupby(scaled["indicator"]).sum()
    assert wide.loc["a", by_hand.index].tolist() == pytest.approx(by_hand.tolist())
    assert wide.attrs == {"year": 2020, "units": "10^4 CNY"}
    totals = account.frame(wide="category")["total"]
    assert totals["top"] == account.total("top")
    steps = account.frame(wide="step", names=True)
    assert steps.columns.names == ["indicator", "step", "item", "unit"]
    assert steps.index.names == ["region", "region_name"]


def test_a_gap_is_nan_in_a_wide_frame(with_gap: gep.Account) -> None:
    wide = with_gap.frame(wide="indicator")
    assert np.isnan(wide.loc["a", "farm"])
    assert np.isfinite(wide.loc["b", "farm"])
    assert np.isnan(wide.loc["top", "farm"])


def test_what_a_frame_cannot_be_is_a_problem(account: gep.Account) -> None:
    for options, code in (
        ({"year": 2019}, "missing-year"),
        ({"region": "nowhere"}, "unknown-region"),
        ({"wide": "rows"}, "wrong-argument"),
    ):
        with pytest.raises(gep.ProblemsFound) as found:
            account.frame(**options)  # type: ignore[arg-type]
        assert [problem.code for problem in found.value.problems] == [code]


def test_a_dataset_says_what_its_numbers_are(account: gep.Account, with_gap: gep.Account) -> None:
    dataset = account.to_xarray()
    assert dataset.attrs["measure"] == "gep"
    assert dataset.attrs["price_basis"] == "current"
    assert dataset.attrs["state"] == "试算"
    assert dataset.attrs["standard"] == "small"
    assert int(dataset["year"]) == 2020
    for name, array in dataset.data_vars.items():
        assert array.attrs["units"], name
        assert array.attrs["long_name"], name
        assert array.attrs["measure"] == "gep", "a variable alone still says it"
    by_parent = dataset["total"].groupby("parent").sum()
    assert float(by_parent.sel(parent="mid")) == pytest.approx(account.total("mid"))
    assert dataset["parent_2"].values.tolist() == ["top", "top"]
    gap = with_gap.to_xarray()["farm__value"]
    assert gap.attrs["not_compiled"] == "a"
    assert np.isnan(gap.sel(region="a")).all()


def test_a_dataset_can_be_written_as_netcdf_attributes(account: gep.Account) -> None:
    """NetCDF holds texts and numbers only."""
    dataset = account.to_xarray()
    holders = [dataset, *dataset.data_vars.values()]
    for holder in holders:
        assert all(isinstance(value, str | int | float) for value in holder.attrs.values())


def test_years_are_an_axis(tmp_path: Path) -> None:
    small = Small()
    early = small.account(tmp_path / "early", price_year=2020)
    rows = [dict(row) | {"year": 2021} for row in small.data]
    areas = [dict(row) | {"year": 2021} for row in small.areas]
    late = Small(data=rows, areas=areas).account(tmp_path / "late", price_year=2020)
    dataset = gep.to_xarray([late, early])
    assert dataset["year"].values.tolist() == [2020, 2021]
    assert dataset["total"].dims[0] == "year"
    assert dataset["region_name"].values.tolist() == ["甲", "乙"]
    assert float(dataset["total"].sel(year=2021, region="a")) == late.total("a")
    assert dataset.attrs["measure"] == "gep"
    assert set(dataset.data_vars) == set(early.to_xarray().data_vars)
    for wrong, code in (
        ([early, early], "same-year"),
        ([], "wrong-argument"),
        ([3], "wrong-argument"),
    ):
        with pytest.raises(gep.ProblemsFound) as found:
            gep.to_xarray(wrong)
        assert [problem.code for problem in found.value.problems] == [code]


def test_what_notebooks_and_terminals_show_is_short(account: gep.Account) -> None:
    plan = account.plan
    shown = [account, plan, plan.standard, plan.regions, plan.crosswalk, *plan.sets]
    shown.append(account.explain("farm", "a"))
    for value in shown:
        assert len(repr(value)) < 200
        assert repr(value).startswith("<")
    html = account._repr_html_()
    assert "<table" in html
    assert "Gross Ecosystem Product" in html
    assert "<table" in account.explain("farm", "a")._repr_html_()


def test_an_explanation_is_a_frame(account: gep.Account) -> None:
    explanation = account.explain("soil", region="甲")
    frame = explanation.frame()
    assert {"ecosystem", "value", "unit", "source", "locator", "grade", "where"} <= set(
        frame.columns
    )
    assert frame["value"].dtype == np.float64
    assert (frame["value"].notna() == (frame["status"] == "number")).all()
    assert "shrub" in set(frame["ecosystem"])
    parts = explanation.parts()
    kept = parts[parts["step"] == "soil.value"]
    assert kept["amount"].sum() == pytest.approx(explanation.step("soil.value").amount)


def test_an_explanation_is_json(account: gep.Account) -> None:
    explanation = account.explain("soil", region="a")
    document = json.loads(explanation.to_json())
    assert document["value"] == explanation.value
    assert [step["step"] for step in document["steps"]] == [step.name for step in explanation.steps]
    for step, told in zip(explanation.steps, document["steps"], strict=True):
        assert len(told["rows"]) == len(step.rows)
        assert len(told["parts"]) == len(step.parts)
    assert any(row["value"] is None for step in document["steps"] for row in step["rows"]), (
        "na is null"
    )
    assert isinstance(pd.DataFrame(document["steps"][0]["rows"]), pd.DataFrame)
    assert isinstance(account.to_xarray(), xr.Dataset)
