"""Arguments of ``gep.compute``: a frame, an array or a path give the account that files give, and what is wrong names
the argument and the row."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from support.small import AREAS, COEFFICIENTS, DATA, REGIONS, WALK, Small, write_table

import gep
from gep.io.arguments import text_cells


def _frame(rows: Any) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def _same(account: gep.Account, expected: gep.Account) -> None:
    pd.testing.assert_frame_equal(account.frame(), expected.frame())


def _problems(call: Callable[[], object]) -> list[str]:
    with pytest.raises(gep.ProblemsFound) as found:
        call()
    return [problem.say("en") for problem in found.value.problems]


@pytest.fixture
def arguments(tmp_path: Path) -> dict[str, Any]:
    return Small().arguments(tmp_path)


@pytest.fixture
def expected(arguments: dict[str, Any]) -> gep.Account:
    return gep.compute(**arguments)


def test_frames_give_the_account_of_the_files(
    arguments: dict[str, Any], expected: gep.Account
) -> None:
    coefficients = _frame(COEFFICIENTS)
    _same(
        gep.compute(
            standard=arguments["standard"],
            areas=_frame(AREAS),
            data=_frame(DATA),
            regions=_frame(REGIONS),
            crosswalk=_frame(WALK),
            coefficients=coefficients,
            allow_code=True,
            coverage="part",
        ),
        expected,
    )


def test_a_path_is_one_path_and_a_list_may_have_one_element(
    arguments: dict[str, Any], expected: gep.Account, tmp_path: Path
) -> None:
    arguments |= {
        "areas": str(tmp_path / "areas.csv"),
        "data": str(tmp_path / "data.csv"),
        "regions": tmp_path / "regions.csv",
        "coefficients": str(tmp_path / "base"),
    }
    _same(gep.compute(**arguments), expected)
    arguments |= {"data": [tmp_path / "data.csv"], "coefficients": [tmp_path / "base"]}
    _same(gep.compute(**arguments), expected)


def test_several_tables_of_data_are_one(arguments: dict[str, Any], expected: gep.Account) -> None:
    _same(gep.compute(**arguments | {"data": [_frame(DATA[:4]), _frame(DATA[4:])]}), expected)


def test_wide_tables_and_arrays_are_areas(
    arguments: dict[str, Any], expected: gep.Account, tmp_path: Path
) -> None:
    in_km2 = {"hm2": 0.01, "km2": 1.0, "亩": 1 / 1500}
    frame = _frame(AREAS)
    frame["area"] = frame["area"] * frame["unit"].map(in_km2)
    wide = frame.pivot(index="region", columns="class", values="area")
    year = int(frame["year"].iloc[0])
    wide.attrs = {"units": "km2"}
    array = xr.DataArray(
        wide.to_numpy(),
        dims=("region", "class"),
        coords={"region": list(wide.index), "class": list(wide.columns), "year": year},
        attrs={"units": "km2"},
    )
    left_over = wide.reset_index()  # as pandas leaves it: the axis of the columns keeps its name
    left_over.attrs = wide.attrs
    for areas in (wide, left_over, array, array.to_dataset(name="area")):
        account = gep.compute(**arguments | {"areas": areas, "year": year})
        assert account.total("top") == pytest.approx(expected.total("top"), rel=1e-12)


def test_a_dataset_has_a_variable_a_data_name(tmp_path: Path) -> None:
    frame = _frame(DATA)
    rain = xr.DataArray(
        np.array([[1600.0, 1500.0]]),
        dims=("year", "region"),
        coords={"year": [2020], "region": ["a", "b"]},
        attrs={"units": "mm", "source": "met office"},
    )
    visits = rain.copy(data=np.array([[5000.0, np.nan]]))
    visits.attrs = {"units": "人次", "source": "survey"}
    data = gep.read_data(xr.Dataset({"rain": rain, "visits": visits})).rows
    assert list(data["name"]) == ["rain", "rain", "visits"]
    assert list(data["unit"]) == ["mm", "mm", "人次"]
    assert list(data["source"]) == ["met office", "met office", "survey"]
    assert data["value"].tolist() == [1600.0, 1500.0, 5000.0]
    by_name = frame[frame["name"].isin(["rain", "visits"])]
    wide = by_name.pivot(index=["region", "year"], columns=["name", "unit"], values="value")
    wide.attrs = {"source": "yearbook"}
    read = gep.read_data(wide).rows
    assert set(zip(read["name"], read["unit"], read["value"], strict=True)) == set(
        zip(by_name["name"], by_name["unit"], by_name["value"].astype(float), strict=True)
    )


def test_codes_may_be_whole_numbers_and_floats(arguments: dict[str, Any]) -> None:
    codes = {"a": 990101, "b": 990102, "mid": 990100, "top": 990000}
    areas = _frame(AREAS).replace({"region": codes})
    regions = _frame(REGIONS).replace({"region": codes, "parent": codes})
    data = _frame(DATA).replace({"region": codes})
    areas["region"] = areas["region"].astype(float)  # as pandas reads a column with a blank cell
    account = gep.compute(**arguments | {"areas": areas, "regions": regions, "data": data})
    total = account.total("990000")
    assert np.isfinite(total)
    assert account.total(990000) == account.total("省") == total  # code and name of the region


def test_a_problem_names_the_argument_and_the_label_of_the_row(arguments: dict[str, Any]) -> None:
    frame = _frame(AREAS)
    frame.loc[3, "area"] = -4
    (problem,) = _problems(lambda: gep.compute(**arguments | {"areas": frame}))
    assert problem.startswith("[negative] areas row 3 column area: area -4 is negative / fix: ")
    frame.index = ["first", "second", "third", "fourth", "fifth"]
    (problem,) = _problems(lambda: gep.compute(**arguments | {"areas": frame}))
    assert problem.startswith("[negative] areas row fourth column area")
    wide = frame.assign(unit="hm2", area=[4, 1, 2, -1, 3]).pivot(
        index="region", columns="class", values="area"
    )
    wide.attrs["units"] = "hm2"
    (problem,) = _problems(lambda: gep.compute(**arguments | {"areas": wide, "year": 2020}))
    assert problem.startswith("[negative] areas row b/wood column area")


@pytest.mark.parametrize("cell", [[1], {}, (1, [2])])
def test_a_collection_is_no_cell(arguments: dict[str, Any], cell: object) -> None:
    frame = _frame(AREAS)
    frame["area"] = [cell] * len(frame)
    problems = _problems(lambda: gep.compute(**arguments | {"areas": frame}))
    assert problems[0].startswith("[not-a-number] areas row 0, 1, 2, 3, 4 column area")


def test_of_a_dataset_of_areas_only_area_is_read(arguments: dict[str, Any]) -> None:
    array = xr.DataArray(
        [[4.0]],
        {"region": ["a"], "class": ["wood"], "year": 2020},
        ("region", "class"),
        attrs={"units": "hm2"},
    )
    single = xr.Dataset({"area": 3.0}, attrs={"units": "hm2"})
    for dataset in (array.to_dataset(name="carbon"), xr.Dataset(), single):
        areas = {"areas": dataset, "year": 2020}
        problems = _problems(partial(gep.compute, **arguments | areas))
        assert any("[missing-column] areas column" in line for line in problems)
    limits = xr.Dataset({"area": array, "low": array * 90, "high": array * 110})
    limits["high"].attrs["units"] = "m2"
    problems = _problems(lambda: gep.compute(**arguments | {"areas": limits, "year": 2020}))
    assert problems[0].startswith("[missing-column] areas column unit: ")


def test_all_arguments_are_checked_at_once(arguments: dict[str, Any]) -> None:
    areas = _frame(AREAS).assign(area="many")
    data = _frame(DATA).drop(columns="unit")
    problems = _problems(lambda: gep.compute(**arguments | {"areas": areas, "data": data}))
    assert any("[not-a-number] areas row 0, 1, 2" in problem for problem in problems)
    assert any("[missing-column] data column unit" in problem for problem in problems)


def test_of_several_tables_the_one_is_named(arguments: dict[str, Any]) -> None:
    second = _frame(DATA[4:]).assign(unit="furlong")
    problems = _problems(lambda: gep.compute(**arguments | {"data": [_frame(DATA[:4]), second]}))
    assert all("data[1] row" in problem for problem in problems)


@pytest.mark.parametrize("name", ["areas", "data", "regions", "crosswalk", "coefficients"])
@pytest.mark.parametrize("argument", [3, 2.5, object(), b"areas.csv", np.zeros(3)])
def test_an_argument_of_another_type_is_refused_by_name(
    arguments: dict[str, Any], name: str, argument: object
) -> None:
    (problem,) = _problems(lambda: gep.compute(**arguments | {name: argument}))
    assert problem.startswith(f"[wrong-argument] {name}: ")


def test_a_standard_of_another_type_is_refused(arguments: dict[str, Any]) -> None:
    (problem,) = _problems(lambda: gep.compute(**arguments | {"standard": 3}))
    assert problem.startswith("[wrong-argument] standard: ")


def test_axes_and_units_that_are_missing_are_asked_for(arguments: dict[str, Any]) -> None:
    wide = _frame(AREAS).assign(area=1).pivot(index="region", columns="class", values="area")
    (problem,) = _problems(lambda: gep.compute(**arguments | {"areas": wide, "year": 2020}))
    assert "[missing-column] areas column unit" in problem
    assert "attrs['units']" in problem
    array = xr.DataArray(np.ones((2, 2)), dims=("place", "class"), attrs={"units": "km2"})
    (problem,) = _problems(lambda: gep.compute(**arguments | {"areas": array, "year": 2020}))
    assert "[unknown-column] areas: the axes place" in problem
    array = array.rename({"place": "region"})
    (problem,) = _problems(lambda: gep.compute(**arguments | {"areas": array, "year": 2020}))
    assert "[missing-column] areas column region" in problem


def test_readers_take_frames(tmp_path: Path) -> None:
    from_file = gep.read_areas(write_table(tmp_path / "areas.csv", AREAS)).rows
    from_frame = gep.read_areas(_frame(AREAS)).rows
    labels = ["file", "row"]
    pd.testing.assert_frame_equal(from_file.drop(columns=labels), from_frame.drop(columns=labels))
    assert set(gep.read_regions(_frame(REGIONS)).frame.index) == {"top", "mid", "a", "b"}
    changes = pd.DataFrame(
        {"from": [1, 2], "to": [3, 3], "date": pd.to_datetime(["2019-05-01"] * 2)}
    )
    assert list(gep.read_region_changes(changes).rows["date"]) == ["2019-05-01"] * 2


def test_frames_may_hold_arrow(arguments: dict[str, Any], expected: gep.Account) -> None:
    tables = {"areas": _frame(AREAS), "data": _frame(DATA), "regions": _frame(REGIONS)}
    for name, frame in tables.items():
        tables[name] = frame.convert_dtypes(dtype_backend="pyarrow")
    assert isinstance(tables["areas"]["area"].dtype, pd.ArrowDtype)
    _same(gep.compute(**arguments | tables), expected)


@pytest.mark.parametrize("column", ["region", "class", "unit"])
def test_half_a_letter_is_a_problem_of_its_cell(column: str) -> None:
    """Texts of Python can hold what no file and no column of Arrow can."""
    cells = {"region": "a", "year": 2020, "class": "wood", "area": 1, "unit": "km2"}
    frame = pd.DataFrame([cells | {column: "\ud800x"}], dtype=object)
    first = _problems(lambda: gep.read_areas(frame))[0]
    assert f"[encoding] areas row 0 column {column}: " in first
    heads = pd.Index(["\ud800x"], dtype=object)
    (unknown, *_) = _problems(lambda: gep.read_areas(pd.DataFrame([["a"]], columns=heads)))
    assert "[unknown-column] areas column \ufffdx" in unknown


LONG = pd.DataFrame(
    {
        "region": "361130",
        "year": 2020,
        "class": ["paddy", "urban"],
        "area": [1.5, 2.5],
        "unit": "km2",
        "source": "survey",
    }
)


def test_a_column_that_is_there_twice_is_refused() -> None:
    twice = pd.concat([LONG, LONG[["area"]] * 10], axis=1)
    (problem,) = _problems(lambda: gep.read_areas(twice))
    assert problem.startswith("[duplicate-column] areas column area:"), problem


def test_the_name_of_an_axis_makes_no_long_table_wide() -> None:
    named = LONG.assign(population=[7.0, 8.0]).rename_axis(columns="class")
    problems = _problems(lambda: gep.read_areas(named))
    assert [problem.split(":")[0] for problem in problems] == [
        "[unknown-column] areas column population"
    ]


def test_pivot_may_write_the_name_of_the_cells_above_the_columns() -> None:
    wide = LONG.pivot(index=["region", "year"], columns="class", values=["area"])
    wide.attrs = {"units": "km2", "source": "survey"}
    rows = gep.read_areas(wide).rows
    assert dict(zip(rows["class"], rows["value"], strict=True)) == {"paddy": 1.5, "urban": 2.5}
    wide = wide.rename(columns={"area": "extent"}, level=0)
    (problem,) = _problems(lambda: gep.read_areas(wide))
    assert "the axes extent are no columns" in problem


@pytest.mark.parametrize("cell", [["a"], {"a": 1}])
def test_a_cell_that_holds_several_values_is_a_text(cell: object) -> None:
    odd = LONG.assign(area=[cell, 2.5])
    (problem,) = _problems(lambda: gep.read_areas(odd))
    assert problem.startswith("[not-a-number] areas row 0 column area"), problem


def test_large_labels_of_rows_are_names() -> None:
    odd = LONG.assign(area=["?", 1.0]).set_index(pd.Index([2**64 - 1, 0], dtype="uint64"))
    (problem,) = _problems(lambda: gep.read_areas(odd))
    assert f"areas row {2**64 - 1} column area" in problem


def test_a_dataset_without_variables_has_no_cells() -> None:
    (problem,) = _problems(lambda: gep.read_areas(xr.Dataset()))
    assert problem.startswith("[missing-column] areas column region and "), problem
    assert "areas column area" in problem


def test_variables_of_one_table_have_one_unit() -> None:
    dims = ("region", "year", "name")
    names = {"region": ["361130"], "year": [2020], "name": ["rainfall"]}
    variables = {}
    for column, unit, number in (("value", "mm", 1.6), ("low", "m", 1.5), ("high", "m", 1.7)):
        variables[column] = (dims, [[[number]]], {"units": unit})
    rain = xr.Dataset(variables, coords=names, attrs={"source": "survey"})
    (problem,) = _problems(lambda: gep.read_data(rain))
    assert problem.startswith("[missing-column] data column unit:"), problem
    for column in ("low", "high"):
        rain[column].attrs["units"] = "mm"
    assert gep.read_data(rain).rows["unit"].tolist() == ["mm"]


def test_coordinates_along_an_axis_are_columns() -> None:
    area = LONG.set_index(["region", "year", "class"])["area"].to_xarray()
    area.attrs["units"] = "km2"
    area = area.assign_coords(source=("class", ["survey", "map"]), year=[2020])
    assert gep.read_areas(area).rows["source"].tolist() == ["survey", "map"]


def test_a_crosswalk_may_be_a_matrix() -> None:
    shares = pd.DataFrame({"paddy": [0.4, np.nan], "dry_field": [0.6, 1.0]}, index=["x", "y"])
    shares = shares.rename_axis(index="class", columns="ecosystem")
    array = xr.DataArray(shares)
    for matrix in (shares, array, array.to_dataset(name="share")):
        frame = gep.read_crosswalk(matrix, "xie-2015").frame
        assert frame["share"].tolist() == [0.4, 0.6, 1.0]
        assert frame["ecosystem"].tolist() == ["paddy", "dry_field", "dry_field"]


def test_an_array_may_be_a_column_of_the_regions() -> None:
    area = xr.DataArray([5.0], [("region", ["361130"])], name="area", attrs={"units": "km2"})
    assert gep.read_regions(area).frame["area"].tolist() == [5.0]
    (problem,) = _problems(lambda: gep.read_regions(area.rename("size")))
    assert "'size' is the name of the array" in problem


def test_a_row_that_is_there_twice_names_both_by_their_labels() -> None:
    index = pd.MultiIndex.from_tuples([("361130", 2020)] * 2, names=["region", "year"])
    areas = pd.DataFrame({"forest": [1.0, 3.0]}, index).rename_axis(columns="class")
    areas.attrs["units"] = "km2"
    with pytest.raises(gep.ProblemsFound) as caught:
        gep.read_areas(areas)
    (problem,) = caught.value.problems
    assert "already in areas row 361130/2020/forest" in problem.say("en")


def test_true_and_one_in_a_column_are_told_apart() -> None:
    cells = np.array([True, 1, 0, False, "a", None], dtype=object)
    assert text_cells(cells).cells().tolist() == ["yes", "1", "0", "no", "a", ""]
