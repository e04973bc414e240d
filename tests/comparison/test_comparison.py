"""The table of a comparison against numbers worked by hand, its price bases, and what is written."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from support.museum import contents, edit
from support.small import Row, coefficient
from support.years import (
    CROP,
    LAND,
    Years,
    changed,
    effects,
    field_areas,
    index_rows,
    of_products,
    outputs,
    prices,
    row,
    with_index,
)

import gep
from gep.cli.app import main
from gep.comparison.comparison_table import (
    COMPARISON_COLUMNS,
    comparison_caption,
    comparison_table,
)
from gep.io import result_folder
from gep.io.result_folder import sha256
from gep.texts.catalogue import text

# t of rice and hm2 of field in 2015 and 2020: a tonne is 0.1, a hectare 0.05 of 10^4 CNY
RICE: dict[str, tuple[object, object]] = {
    "a": (100, 150),
    "b": (100, 50),
    "c": ("na", 40),
    "d": (0, 0),
    "e": (200, 100),
}
FIELD = {"a": (100, 100), "b": (100, 300), "c": (100, 20), "d": (20, 20), "e": (200, 200)}
REGIONS: tuple[Row, ...] = (
    {"region": "top"}, {"region": "p", "parent": "top"}, {"region": "q", "parent": "top"},
    {"region": "s", "parent": "top"}, {"region": "a", "parent": "p"}, {"region": "b", "parent": "p"},
    {"region": "c", "parent": "q"}, {"region": "d", "parent": "q"}, {"region": "e", "parent": "s"},
)  # fmt: skip
ENDS = (2015, 2020)


def land_rows(value: float = 1000, share: float = 0.5, years: Sequence[int] = ENDS) -> list[Row]:
    values = [coefficient("land_value", value, "CNY ha-1", price_year=str(year)) for year in years]
    return [*values, coefficient("land_share", share, "1")]


def five_regions() -> Years:
    small = of_products(
        CROP, LAND,
        areas=field_areas({(code, year): FIELD[code][end] for code in FIELD for end, year in enumerate(ENDS)}),
        data=outputs({(code, year, "rice"): RICE[code][end] for code in RICE for end, year in enumerate(ENDS)}),
        sets=[*prices({("rice", year): 1000 for year in ENDS}), *land_rows()], regions=REGIONS,
    )  # fmt: skip
    return Years(small, ENDS)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return comparison_table(five_regions().compared(tmp_path_factory.mktemp("five")))


def of(
    table: pd.DataFrame, region: str, indicator: str = "total", category: str | None = None
) -> pd.Series:
    keys = {"category": category or ("total" if indicator == "total" else None)}
    return row(
        table,
        region=region,
        indicator=indicator,
        **{name: key for name, key in keys.items() if key},
    )


def test_the_columns_are_those_of_the_format(table: pd.DataFrame) -> None:
    firm = "region,level,category,indicator,item,kind,from,to,value_from,value_to,change,growth,cagr,contribution,"
    firm += "share_from,share_to,rank_from,rank_to,price_basis,flags,unit"
    assert list(table.columns) == COMPARISON_COLUMNS == firm.split(",")
    assert set(table["level"]) == {"region", "parent"}
    assert set(table["unit"]) == {"10^4 CNY"}
    assert set(table["price_basis"]) == {"current"}
    assert len(table) == 9 * 5  # total, two categories, two indicators


def test_levels_growth_and_contribution_by_hand(table: pd.DataFrame) -> None:
    """Region a: rice 10 to 15, land 5 to 5, total 15 to 20: a growth of 1/3 to which rice gives all points."""
    whole, rice, land = of(table, "a"), of(table, "a", "crop"), of(table, "a", "land")
    assert whole[["value_from", "value_to", "change", "growth"]].tolist() == pytest.approx(
        [15, 20, 5, 1 / 3]
    )
    assert whole["cagr"] == pytest.approx((4 / 3) ** 0.2 - 1)
    assert rice[["value_from", "value_to", "change", "growth"]].tolist() == pytest.approx(
        [10, 15, 5, 0.5]
    )
    assert [one["contribution"] for one in (whole, rice, land)] == pytest.approx(
        [100 / 3, 100 / 3, 0]
    )
    assert rice[["share_from", "share_to"]].tolist() == pytest.approx([10 / 15, 15 / 20])
    assert land[["share_from", "share_to", "growth", "cagr"]].tolist() == pytest.approx(
        [5 / 15, 5 / 20, 0, 0]
    )


def test_parents_are_the_sums_of_their_regions(table: pd.DataFrame) -> None:
    """p is a + b: rice 20 to 20, land 10 to 20; top is p + q + s: 66 to 66."""
    assert of(table, "p", "crop")[["value_from", "value_to"]].tolist() == pytest.approx([20, 20])
    assert of(table, "p", "land")[
        ["value_from", "value_to", "contribution"]
    ].tolist() == pytest.approx([10, 20, 100 / 3])
    top = of(table, "top")
    assert top[["value_from", "value_to"]].tolist() == pytest.approx([30 + 6 + 30, 40 + 6 + 20])
    assert top["growth"] == pytest.approx(0, abs=1e-15)
    assert (
        of(table, "q", "crop")["value_from"],
        of(table, "q", "crop")["value_to"],
    ) == pytest.approx((0, 4))


def test_contributions_sum_to_the_growth_in_points(table: pd.DataFrame) -> None:
    for region in "abde":
        parts = [of(table, region, name)["contribution"] for name in ("crop", "land")]
        assert sum(parts) == pytest.approx(100 * of(table, region)["growth"])
        categories = [
            of(table, region, "total", name)["contribution"]
            for name in ("provisioning", "regulating")
        ]
        assert categories == pytest.approx(parts)


def test_equals_share_the_better_rank(table: pd.DataFrame) -> None:
    """Totals of 2015: e 30, a and b 15, c 5, d 1; of 2020: a, b and e 20, c 5, d 1."""
    assert [of(table, code)["rank_from"] for code in "abcde"] == [2, 2, 4, 5, 1]
    assert [of(table, code)["rank_to"] for code in "abcde"] == [1, 1, 4, 5, 1]
    assert [of(table, code, "crop")["rank_from"] for code in "abcde"] == [
        2,
        2,
        "",
        4,
        1,
    ]  # c is na, d has 0
    assert [of(table, code, "crop")["rank_to"] for code in "abcde"] == [1, 3, 4, 5, 2]


def test_parents_are_ranked_among_their_level(table: pd.DataFrame) -> None:
    """2015: p and s 30, q 6; 2020: p 40, s 20, q 6; top is alone on its level."""
    assert [of(table, code)["rank_from"] for code in ("p", "s", "q", "top")] == [1, 1, 3, 1]
    assert [of(table, code)["rank_to"] for code in ("p", "s", "q", "top")] == [1, 2, 3, 1]


def test_na_and_zero_have_no_growth(table: pd.DataFrame) -> None:
    new, none = of(table, "c", "crop"), of(table, "d", "crop")
    assert (new["value_from"], new["value_to"], new["change"]) == (
        "na",
        pytest.approx(4),
        pytest.approx(4),
    )
    assert new[["growth", "cagr", "share_from", "rank_from"]].tolist() == [""] * 4
    assert new["contribution"] == pytest.approx(100 * 4 / 5)
    assert "only-in-to" in new["flags"].split(";")
    assert none[["value_from", "value_to", "change"]].tolist() == [0, 0, 0]
    assert none[["growth", "cagr"]].tolist() == ["", ""]
    assert "only-in" not in none["flags"]
    # the other way round
    assert "only-in-to" not in of(table, "q", "crop")["flags"]  # d has 0 in 2015


def test_what_is_gone_is_flagged(tmp_path: Path) -> None:
    project = five_regions()
    data = [{**one, "year": ENDS[1 - ENDS.index(one["year"])]} for one in project.small.data]
    table = comparison_table(changed(project, data=data).compared(tmp_path))
    gone = of(table, "c", "crop")
    assert (gone["value_from"], gone["value_to"], gone["change"]) == (
        pytest.approx(4),
        "na",
        pytest.approx(-4),
    )
    assert "only-in-from" in gone["flags"].split(";")
    assert gone[["growth", "rank_to", "share_to"]].tolist() == ["", "", ""]


def test_a_base_below_zero_has_no_growth(tmp_path: Path) -> None:
    """Land at a share of -0.5 is worth -5; the headline of the region is 10 - 5 = 5 and can be grown from."""
    project = five_regions()
    rows = [*prices({("rice", year): 1000 for year in ENDS}), *land_rows(share=-0.5)]
    table = comparison_table(changed(project, sets={"base": rows}).compared(tmp_path))
    land = of(table, "b", "land")
    assert land[["value_from", "value_to", "change"]].tolist() == pytest.approx([-5, -15, -10])
    assert land[["growth", "cagr"]].tolist() == ["", ""]
    assert land["contribution"] == pytest.approx(-200)
    whole = of(table, "b")
    assert whole[["value_from", "value_to", "change", "growth"]].tolist() == pytest.approx(
        [5, -10, -15, -3]
    )
    assert whole["cagr"] == ""  # no rate a year leads below zero
    lost = of(table, "d")
    assert lost[["value_from", "growth", "cagr", "contribution"]].tolist() == [
        pytest.approx(-1),
        "",
        "",
        "",
    ]


def test_members_are_items_whether_one_year_has_one_or_two(tmp_path: Path) -> None:
    """Rice in both years, fish in 2020 alone: rice keeps its row and its level of 2015."""
    small = of_products(
        CROP, areas=field_areas({("a", year): 1 for year in ENDS}),
        data=outputs({("a", 2015, "rice"): 100, ("a", 2020, "rice"): 150, ("a", 2020, "fish"): 10}),
        sets=prices({("rice", 2015): 1000, ("rice", 2020): 1000, ("fish", 2015): 9000, ("fish", 2020): 9000}),
    )  # fmt: skip
    table = comparison_table(Years(small, ENDS).compared(tmp_path))
    rice, fish = (row(table, item=f"step=value;product={name}") for name in ("rice", "fish"))
    assert (fish["value_from"], fish["value_to"]) == ("na", pytest.approx(9))
    assert "only-in-to" in fish["flags"]
    assert (rice["value_from"], rice["value_to"]) == (pytest.approx(10), pytest.approx(15))
    assert "only-in" not in rice["flags"]


def test_one_product_in_the_place_of_another(tmp_path: Path) -> None:
    """Rice in 2015 alone, fish in 2020 alone: 1 to 1.8, all of it data, each product in one year."""
    small = of_products(
        CROP, areas=field_areas({("a", year): 1 for year in ENDS}),
        data=outputs({("a", 2015, "rice"): 10, ("a", 2020, "fish"): 2}),
        sets=prices({("rice", 2015): 1000, ("rice", 2020): 1000, ("fish", 2015): 9000, ("fish", 2020): 9000}),
    )  # fmt: skip
    found = Years(small, ENDS).compared(tmp_path)
    told = effects(found.decomposition(), indicator="crop")
    assert told == pytest.approx({"areas": 0, "data": 0.8, "coefficients": 0, "prices": 0})
    assert sum(effects(found.decomposition(), "lmdi", indicator="crop").values()) == pytest.approx(
        0.8
    )
    rice, fish = (
        row(comparison_table(found), item=f"step=value;product={name}") for name in ("rice", "fish")
    )
    assert (rice["value_from"], rice["value_to"]) == (pytest.approx(1), "na")
    assert (fish["value_from"], fish["value_to"]) == ("na", pytest.approx(1.8))


def tell(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = main(["compare", *arguments, "--allow-code"])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return status, said.out, said.err


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def test_what_is_not_compiled_is_withheld(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = five_regions()
    data = [one for one in project.small.data if (one["region"], one["year"]) != ("a", 2015)]
    folder = changed(project, data=data).project(tmp_path / "p")
    status, _, err = tell([str(folder)], capsys)
    assert status == 2
    assert "[missing-data]" in err
    assert not (folder / "out").exists()
    assert tell([str(folder), "--partial"], capsys)[0] == 0
    table = read(folder / "out" / "comparison.csv")
    for region in ("a", "p", "top"):
        for one in (of(table, region, "crop"), of(table, region)):
            assert one["value_from"] == "not_compiled"
            assert one["value_to"] not in ("", "not_compiled")
            assert (
                one[
                    ["change", "growth", "cagr", "contribution", "share_from", "rank_from"]
                ].tolist()
                == [""] * 6
            )
    assert float(of(table, "a", "land")["value_from"]) == pytest.approx(5)
    assert of(table, "b")["rank_from"] == "2"  # a is not ranked
    reasons = read(folder / "out" / "decomposition.csv")
    assert set(reasons[(reasons["indicator"] == "crop").to_numpy()]["region"]) == {
        "b",
        "c",
        "d",
        "e",
        "q",
        "s",
    }


# --- years -----------------------------------------------------------------------------------------------------------


def three_years() -> Years:
    """Rice 10, 20, 25 t at 2000, 2500, 2500 CNY/t in 2010, 2015, 2020."""
    small = of_products(
        CROP, areas=field_areas({("a", year): 1 for year in (2010, 2015, 2020)}),
        data=outputs({("a", 2010, "rice"): 10, ("a", 2015, "rice"): 20, ("a", 2020, "rice"): 25}),
        sets=prices({("rice", 2010): 2000, ("rice", 2015): 2500, ("rice", 2020): 2500}),
    )  # fmt: skip
    return Years(small, (2020, 2010, 2015))  # in no order


def test_each_year_with_the_next_and_the_first_with_the_last(tmp_path: Path) -> None:
    found = three_years().compared(tmp_path)
    assert found.pairs == ((2010, 2015), (2015, 2020), (2010, 2020))
    assert found.boundary == 2020
    table = comparison_table(found)
    assert [
        row(table, indicator="crop", from_=one, to=other)["growth"] for one, other in found.pairs
    ] == pytest.approx([1.5, 0.25, 2.125])


@pytest.mark.parametrize(
    ("chosen", "pair"),
    [
        (["--from", "2015"], ("2015", "2020")), (["--to", "2015"], ("2010", "2015")),
        (["--from", "2010", "--to", "2020"], ("2010", "2020")),
    ],
)  # fmt: skip
def test_chosen_years(
    chosen: list[str], pair: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = three_years().project(tmp_path / "p")
    assert tell([str(folder), *chosen], capsys)[0] == 0
    for name in ("comparison.csv", "decomposition.csv", "transitions.csv"):
        table = read(folder / "out" / name)
        assert set(zip(table["from"], table["to"], strict=True)) == {pair}


# --- price bases -----------------------------------------------------------------------------------------------------


def written(
    project: Years, folder: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> dict[str, pd.DataFrame]:
    assert tell([str(project.project(folder)), *options], capsys)[0] == 0
    return {name: read(folder / "out" / f"{name}.csv") for name in ("comparison", "decomposition")}


def indexed() -> Years:
    """The same quantities with the price of 2020 alone, brought to other years by an index: 80, 100, 100."""
    project = three_years()
    rows = [*prices({("rice", 2020): 2500}), *index_rows({2010: 80, 2015: 100, 2020: 100})]
    return changed(project, standard=with_index(project.small.standard), sets={"base": rows})


@pytest.mark.parametrize("kind", ["rows", "index"])
def test_nominal_growth_is_real_growth_times_the_deflator(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = three_years() if kind == "rows" else indexed()
    found = written(project, tmp_path / "p", ["--prices", "current", "--prices", "2010"], capsys)
    table, reasons = found["comparison"], found["decomposition"]
    assert dict(table.groupby("price_basis").size()) == {
        "current": 9,
        "constant:2010": 9,
        "current/constant:2010": 9,
    }
    for indicator, category in (
        ("crop", "provisioning"),
        ("total", "provisioning"),
        ("total", "total"),
    ):
        for first, last, nominal, real, deflator in (
            ("2010", "2015", 1.5, 1.0, 0.25), ("2015", "2020", 0.25, 0.25, 0.0), ("2010", "2020", 2.125, 1.5, 0.25)
        ):  # fmt: skip
            keys = {"indicator": indicator, "category": category, "from_": first, "to": last}
            bases = ("current", "constant:2010", "current/constant:2010")
            some = [row(table, price_basis=basis, **keys) for basis in bases]
            assert [float(one["growth"]) for one in some] == pytest.approx(
                [nominal, real, deflator], abs=1e-12
            )
            assert [one["kind"] for one in some] == ["value", "value", "deflator"]
            assert some[2]["unit"] == "1"
            assert float(some[2]["value_from"]) == pytest.approx(1 if first == "2010" else 1.25)
            assert "current-prices" in some[0]["flags"]
            assert "current-prices" not in some[1]["flags"]
    told = effects(
        reasons, indicator="crop", from_="2010", to="2015"
    )  # of the first basis that is named
    assert told == pytest.approx({"areas": 0, "data": 2.25, "coefficients": 0, "prices": 0.75})


@pytest.mark.parametrize("kind", ["rows", "index"])
def test_at_constant_prices_prices_have_no_effect(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = three_years() if kind == "rows" else indexed()
    found = written(project, tmp_path / "p", ["--prices", "2015"], capsys)
    assert set(found["comparison"]["price_basis"]) == {"constant:2015"}
    told = effects(found["decomposition"], indicator="crop", from_="2010", to="2020")
    assert told["prices"] == 0
    assert told["data"] == pytest.approx(15 * 0.25)


def test_the_price_year_of_the_project_is_the_basis_unless_another_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = replace(three_years(), price_year=2010)
    own = written(project, tmp_path / "p", [], capsys)["comparison"]
    assert set(own["price_basis"]) == {"constant:2010"}
    other = written(project, tmp_path / "p", ["--prices", "current"], capsys)["comparison"]
    assert set(other["price_basis"]) == {"current"}


def refused(
    arguments: list[str],
    code: str,
    words: Sequence[str],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit status 2 with a problem of a code that says words, and nothing written."""
    before = contents(folder)
    status, out, err = tell(arguments, capsys)
    assert (status, out) == (2, "")
    assert f"[{code}]" in err
    for word in words:
        assert word in err, err
    assert contents(folder) == before


def test_a_missing_index_is_refused_with_its_fix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = indexed().project(tmp_path / "p")
    refused(
        [str(folder), "--prices", "2012"],
        "price-year",
        ["product_price", "2012", "cpi"],
        tmp_path,
        capsys,
    )
    plain = three_years().project(tmp_path / "q")
    refused(
        [str(plain), "--prices", "2012"], "price-year", ["product_price", "2012"], tmp_path, capsys
    )
    refused(
        [str(plain), "--prices", "current", "--prices", "2012"],
        "price-year",
        ["2012"],
        tmp_path,
        capsys,
    )


@pytest.mark.parametrize("word", ["202", "constant", "2010.0", "２０２０"])
def test_what_is_no_price_basis(
    word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = three_years().project(tmp_path / "p")
    refused(
        [str(folder), "--prices", word], "bad-year", ["--prices", word, "current"], tmp_path, capsys
    )


def test_prices_without_a_year_are_flagged_and_refused_at_constant_prices(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [coefficient("product_price", 2000, "CNY t-1", product="rice", price_year="nominal")]
    project = changed(three_years(), sets={"base": rows})
    table = written(project, tmp_path / "p", [], capsys)["comparison"]
    assert set(table["flags"]) == {"current-prices;nominal-prices"}
    refused(
        [str(tmp_path / "p"), "--prices", "2015"],
        "nominal-price",
        ["product_price"],
        tmp_path,
        capsys,
    )


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_run_and_a_comparison_share_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = three_years().project(tmp_path / "p")
    assert main(["run", str(folder), "--allow-code", "--quiet"]) == 0
    ran = contents(folder / "out")
    (folder / "out" / "growth.png").write_bytes(
        b"mine"
    )  # there is no earlier comparison whose picture it could be
    assert tell([str(folder)], capsys)[0] == 0
    now = contents(folder / "out")
    assert {name: now[name] for name in ran} == ran
    assert {"comparison.csv", "decomposition.csv", "transitions.csv", "comparison.json"} <= set(now)
    assert now["growth.png"] == b"mine"
    assert main(["verify", str(folder / "out"), "--allow-code"]) == 2
    assert "growth.png: no record in this folder lists the file" in capsys.readouterr().err
    (folder / "out" / "growth.png").unlink()
    assert main(["verify", str(folder / "out"), "--allow-code"]) == 0


def test_pictures_of_an_earlier_comparison_go(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = three_years().project(tmp_path / "p")
    assert tell([str(folder)], capsys)[0] == 0
    for name in ("growth.png", "transitions.png", "map.png", "note.txt"):
        (folder / "out" / name).write_bytes(b"old")
    record = json.loads((folder / "out" / "comparison.json").read_text(encoding="utf-8"))
    for name in ("growth.png", "transitions.png"):
        record["other_results"][name] = sha256(folder / "out" / name)
    (folder / "out" / "comparison.json").write_text(json.dumps(record), encoding="utf-8")
    assert tell([str(folder)], capsys)[0] == 0
    left = contents(folder / "out")
    assert left.get("growth.png") != b"old"
    assert left.get("transitions.png") != b"old"
    assert left["map.png"] == left["note.txt"] == b"old"
    assert not [name for name in left if "edited" in name]
    assert not [name for name in left if name.startswith(".gep-")]


@pytest.mark.parametrize("name", ["comparison.csv", "transitions.csv"])
def test_an_input_is_never_written_over(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = three_years().project(tmp_path / "p")
    (folder / "out").mkdir()
    (folder / "areas.csv").rename(folder / "out" / name)
    edit(folder / "project.toml", '"areas.csv"', f'"out/{name}"')
    refused([str(folder)], "cannot-write", [name], tmp_path, capsys)


def test_nothing_is_written_among_the_tables_of_a_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = three_years().project(tmp_path / "p")
    refused(
        [str(folder), "--out", str(folder / "base")],
        "cannot-write",
        ["coefficient set"],
        tmp_path,
        capsys,
    )


def test_a_folder_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = three_years().project(tmp_path / "p")
    (tmp_path / "file").write_bytes(b"a file")
    refused(
        [str(folder), "--out", str(tmp_path / "file" / "out")], "cannot-write", [], tmp_path, capsys
    )


def _no_exchange(*_: object) -> None:
    raise OSError(22, "folders are not exchanged here, so files are")


def test_when_a_table_cannot_be_replaced_the_old_ones_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = three_years().project(tmp_path / "p")
    assert tell([str(folder)], capsys)[0] == 0
    before = contents(folder / "out")
    edit(folder / "data.csv", "25,t", "26,t")
    replace_file = os.replace

    def held(source: Path, target: Path) -> None:
        if (
            Path(target) == folder / "out" / "decomposition.csv"
            and Path(source).parent.name != "old"
        ):
            raise PermissionError(13, "held by Excel", str(target))
        replace_file(source, target)

    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(result_folder, "_exchange", _no_exchange)
    status, _, err = tell([str(folder)], capsys)
    assert status == 2
    assert "[cannot-write]" in err
    assert contents(folder / "out") == before


def test_the_record_says_what_was_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = three_years().project(tmp_path / "p")
    assert tell([str(folder), "--from", "2010", "--to", "2020", "--prices", "2010"], capsys)[0] == 0
    record = json.loads((folder / "out" / "comparison.json").read_text(encoding="utf-8"))
    assert record["gep"] == gep.__version__
    assert record["projects"] == [{"id": "years", "folder": ".."}]
    assert record["pairs"] == [[2010, 2020]]
    assert record["years"] == [2010, 2015, 2020]
    assert (record["standard"], record["price_basis"], record["boundary"]) == (
        ["products"],
        "constant:2010",
        2020,
    )
    assert record["climate"] == "actual"
    assert (record["differs"], record["flags"], record["warnings"]) == ({}, [], [])
    assert {
        "project.toml",
        "areas.csv",
        "data.csv",
        "small.toml",
        "own.py",
        "base/numbers.csv",
    } <= set(record["inputs"])
    assert record["inputs"]["data.csv"] == sha256(folder / "data.csv")
    assert record["results"] == {
        name: sha256(folder / "out" / name)
        for name in (
            "comparison.csv",
            "decomposition.csv",
            "transitions.csv",
            "by_type.csv",
            "by_type_sensitivity.csv",
            "contributions.csv",
        )
    }


def test_the_record_of_two_projects_names_the_inputs_of_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = []
    for years in ((2010,), (2015, 2020)):
        project = replace(three_years(), years=years)
        areas = [one for one in project.small.areas if one["year"] in years]
        data = [one for one in project.small.data if one["year"] in years]
        folders.append(changed(project, areas=areas, data=data).project(tmp_path / f"p{years[0]}"))
    assert tell([*map(str, folders), "--out", str(tmp_path / "out")], capsys)[0] == 0
    record = json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))
    assert [one["folder"] for one in record["projects"]] == ["../p2010", "../p2015"]
    for folder in folders:
        for name in ("project.toml", "areas.csv", "data.csv", "own.py"):
            assert sha256(folder / name) in record["inputs"].values(), f"{folder.name}/{name}"


def test_the_same_comparison_has_the_same_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = three_years().project(tmp_path / "p")
    for out in ("one", "two"):
        assert tell([str(folder), "--out", str(folder / out)], capsys)[0] == 0
    one, two = (contents(folder / out) for out in ("one", "two"))
    assert one == two


def test_the_caption_names_who_approved_the_years(tmp_path: Path) -> None:
    """Of years of which one is a trial the comparison is a trial."""
    panel = five_regions().compared(tmp_path)
    words = {"approver": "Example County", "document": "No. 1"}
    accounts = []
    for account in panel.accounts:
        plan = replace(account.plan, approval=text("account.caption.approved", **words))
        accounts.append(replace(account, plan=plan))
    approved = replace(panel, accounts=tuple(accounts))
    mixed = replace(panel, accounts=(accounts[0], *panel.accounts[1:]))
    state = "state: approved by Example County, document No. 1"
    assert state in comparison_caption(approved, "en")
    assert "状态：Example County No. 1" in comparison_caption(approved, "zh")
    assert "state: trial calculation, not approved" in comparison_caption(mixed, "en")
