"""Examples of several years against the changes, rates and transitions that their papers print."""

import re
import shutil

import numpy as np
import pandas as pd
import pytest
from support.paths import EXAMPLES
from support.published import Results, hold, read

import gep
from gep.errors import ProblemsFound
from gep.units import factor

NAMES = ("poyang-zone", "poyang-basin", "beibu-gulf", "hongsibu")
NEW = ("poyang-basin", "hongsibu")
MOVED = read(EXAMPLES / "hongsibu/expected/transitions.csv")
TRANSITIONS = read(EXAMPLES / "hongsibu/transitions.csv")
IN_NOTE = re.compile(r"([\d.]+)e8 yuan / \(([\d.]+) x ([\d.]+) yuan/hm2\)")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory):
    return {name: Results(EXAMPLES / name, tmp_path_factory.mktemp(name)) for name in NAMES}


@pytest.fixture(scope="module")
def at_prices(tmp_path_factory: pytest.TempPathFactory):
    """The total of a year of the Poyang basin at prices of a year, or at its own."""
    done: dict[int, Results] = {}

    def total(year: int, price_year: int | None = None) -> float:
        key = price_year or 0
        if key not in done:
            folder = tmp_path_factory.mktemp("basin") / "project"
            shutil.copytree(EXAMPLES / "poyang-basin", folder, ignore=shutil.ignore_patterns("out"))
            text = (folder / "project.toml").read_text(encoding="utf-8")
            fixed = f"price_year = {price_year}\n" if price_year else ""
            (folder / "project.toml").write_text(
                text.replace("language", f"{fixed}language"), encoding="utf-8"
            )
            done[key] = Results(folder, folder / "out")
        return _figure(done[key], "poyang-basin", year)

    return total


def _figure(
    results: Results, region: str, year: int, ecosystem: str = "", unit: str = "10^8 CNY"
) -> float:
    """The total of a region and year, of one ecosystem type or of all."""
    table = results.cells if ecosystem else results.account
    standard = results.outcome.project.parts.standard
    is_asked = (table["year"] == str(year)) & (table["region"] == region)
    is_asked &= (table["kind"] == "value") & (table["value"] != "na")
    is_asked &= table["indicator"].isin(standard.spec.total[0].indicators)
    if ecosystem:
        is_asked &= table["ecosystem"] == ecosystem
    rows = table[is_asked]
    assert len(rows)
    scale = [factor(own, unit) for own in rows["unit"]]
    return float((rows["value"].astype(float) * scale).sum())


# ------------------------------------------------------------------------------------------- printed levels and rates


@pytest.mark.parametrize(("name", "mismatches"), [("poyang-basin", 0), ("hongsibu", 15)])
def test_published_levels_and_changes(name, mismatches):
    check = gep.check_figures(EXAMPLES / name)
    assert check.misses == ()
    assert len(check.mismatches) == mismatches


def test_all_that_the_papers_print_stands_in_the_expected_files():
    units = {}
    for name in ("beibu-gulf", "poyang-basin"):
        rows = read(EXAMPLES / name / "expected.csv")
        units[name] = [row["unit"] for row in rows if "-" in row["year"]]
    assert (units["beibu-gulf"].count("%"), units["beibu-gulf"].count("CNY")) == (18, 33)
    assert (units["poyang-basin"].count("%"), units["poyang-basin"].count("CNY hm-2")) == (2, 2)
    assert len(MOVED) == len(TRANSITIONS) == 23


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_warned_of_but_what_is_not_read_yet(name, results):
    codes = {one.code for one in results[name].outcome.warnings}
    assert codes <= ({"not-used"} if name == "hongsibu" else set())


def test_directions_that_the_poyang_zone_paper_states(results):
    """Abstract: from 2004 to 2016 grassland, built-up and unused land grew, the others shrank. It prints no rates."""
    grew = {
        one: _figure(results["poyang-zone"], "poyang-zone", 2016, one)
        > _figure(results["poyang-zone"], "poyang-zone", 2004, one)
        for one in ("cropland", "forest", "grassland", "water", "built", "unused")
    }
    assert [one for one, more in grew.items() if more] == ["grassland", "built", "unused"]


# ------------------------------------------------------------------------------------- Poyang basin: price and volume


def test_the_derived_areas_add_up_to_one_basin():
    """Areas are value / (equivalents x value of one): three years of printed values give the same basin."""
    sums = (
        pd.DataFrame(read(EXAMPLES / "poyang-basin/areas.csv"))
        .astype({"area": float})
        .groupby("year")["area"]
        .sum()
    )
    assert sums.round().to_dict() == {"1990": 158519, "2000": 158515, "2008": 158522}


def test_the_note_of_a_derived_area_is_its_calculation():
    for row in read(EXAMPLES / "poyang-basin/areas.csv"):
        value, equivalents, price = (float(one) for one in IN_NOTE.fullmatch(row["note"]).groups())
        to_area = 1e6 / (equivalents * price)  # km2 for 1e8 yuan
        assert float(row["area"]) == pytest.approx(value * to_area, abs=0.0006)
        low, high = (value - 0.005) * to_area, (value + 0.005) * to_area
        assert (float(row["low"]), float(row["high"])) == pytest.approx((low, high), abs=0.0006)


def test_the_sub_basins_of_the_paper_cover_more():
    """Table 8 of the paper lists 160 467 km2 (changed and unchanged sub-basins): 1.2 % more than its values imply."""
    table_8 = [145950.10, 2240.17, 1603.69, 2291.11, 3014.48, 2635.90, 832.13, 1899.59]
    assert sum(table_8) / 158515.2 - 1 == pytest.approx(0.0123, abs=0.00005)


@pytest.mark.parametrize(
    ("first", "last", "nominal", "price", "volume"),
    [(1990, 2000, 1.95, 1.86, 0.09), (2000, 2008, 18.21, 14.72, 3.04)],
)
@pytest.mark.parametrize("base", [1990, 2000, 2008])
def test_nominal_growth_is_price_times_volume(first, last, nominal, price, volume, base, at_prices):
    """Percentages worked out by hand from Table 2 and the note under Table 1; the paper does not print the split."""
    grown = at_prices(last) / at_prices(first)
    real = at_prices(last, base) / at_prices(first, base)
    assert 100 * (grown - 1) == pytest.approx(nominal, abs=0.005)
    assert 100 * (real - 1) == pytest.approx(volume, abs=0.005)
    assert 100 * (grown / real - 1) == pytest.approx(price, abs=0.005)


def test_constant_prices_of_a_year_without_a_value_of_one_equivalent_are_refused(at_prices):
    with pytest.raises(ProblemsFound, match="2005"):
        at_prices(2000, 2005)


# ---------------------------------------------------------------------------------------------- Hongsibu: transitions


@pytest.fixture(scope="module")
def per_hectare(results) -> dict[str, float]:
    """CNY per hm2 of each type, out of the account of 2018, in which each has land."""
    account = results["hongsibu"].outcome.accounts[-1]
    area = dict(zip(account.plan.extent.ecosystems, account.plan.extent.area[0] / 1e4, strict=True))
    return {
        one: _figure(results["hongsibu"], "hongsibu", 2018, one, "CNY") / hm2
        for one, hm2 in area.items()
    }


def _types() -> dict[str, str]:
    return {row["class"]: row["ecosystem"] for row in read(EXAMPLES / "hongsibu/crosswalk.csv")}


@pytest.mark.parametrize(
    ("moved", "land"), list(zip(MOVED, TRANSITIONS, strict=True)), ids=range(len(MOVED))
)
def test_value_of_a_printed_transition(moved, land, per_hectare):
    """Area x (unit value after less before); of unchanged land the paper prints the whole value."""
    types, before, after = _types(), moved["from_ecosystem"], moved["to_ecosystem"]
    assert (types[land["from_class"]], types[land["to_class"]]) == (before, after)
    change = per_hectare[after] - (per_hectare[before] if before != after else 0)
    hold(moved, float(land["area"]) * 1e4 * change / 1e8)


def test_the_odd_transition_is_that_of_dry_land(per_hectare):
    """Printed 0.35 for orchard to water, 0.08 x 10^4 hm2: it is what dry land to water would give."""
    assert 0.08 * 1e4 * (per_hectare["water"] - per_hectare["dry_land"]) / 1e8 == pytest.approx(
        0.35, abs=0.005
    )


def test_where_the_transitions_do_not_fit_the_areas():
    """Table 6 lists main transitions only, so that less than the areas is no error; more than the areas is one."""
    types, land = _types(), pd.DataFrame(TRANSITIONS).astype({"area": float})
    areas = pd.DataFrame(read(EXAMPLES / "hongsibu/areas.csv")).astype({"area": float})
    areas["type"] = areas["class"].map(types)
    off = {}
    for year, side in (("2000", "from_class"), ("2018", "to_class")):
        have = areas[areas["year"] == year].groupby("type")["area"].sum()
        told = land.groupby(land[side].map(types))["area"].sum().reindex(have.index, fill_value=0)
        off |= {
            (one, year): round(value, 2)
            for one, value in (told - have).items()
            if round(value, 2) > 0
        }
    assert off == {("orchard", "2000"): 0.08, ("dry_land", "2018"): 0.05}
    gained, lost = land["area"][:15].sum(), land["area"][15:].sum()
    assert (gained, lost) == (pytest.approx(18.67), pytest.approx(4.62, abs=8 * 0.005)), (
        "the subtotals of Table 6"
    )
    assert (gained + lost) / 27.66 == pytest.approx(0.843, abs=0.0005), "of the district"


def test_what_table_5_uses_for_other_grassland(results, per_hectare):
    """6.63, 6.72 and 5.97 x 10^8 yuan over the areas of Table 4 are about 4120 yuan/hm2; Table 3 adds up to 2166."""
    used = np.array([6.63 / 16.08, 6.72 / 16.31, 5.97 / 14.50]) * 1e4
    assert used == pytest.approx(4120, abs=4)
    assert per_hectare["other_grassland"] == pytest.approx(2166.2)
    swapped = [_figure(results["hongsibu"], "hongsibu", year) for year in (2000, 2009, 2018)]
    swapped += np.array([6.63, 6.72, 5.97]) - np.array([16.08, 16.31, 14.50]) * 2166.2 / 1e4
    pasture = np.array([0, 0.19, 0.07])
    assert swapped + pasture == pytest.approx([11.49, 20.95, 22.67], abs=0.03), (
        "then the printed totals come out"
    )


def test_pasture_without_a_unit_value_is_reported_as_not_accounted_for(results):
    accounts = results["hongsibu"].outcome.accounts
    assert [account.plan.extent.unaccounted.sum() / 1e4 for account in accounts] == pytest.approx(
        [0, 1000, 400]
    )


def test_every_unit_value_is_an_equivalent_of_two_decimals():
    """Section 2.2.2: one equivalent is 1969.27 yuan/hm2 at prices of 2010."""
    rows = gep.read_coefficient_set(str(EXAMPLES / "hongsibu/coefficients/an-2021")).named(
        "unit_value"
    )
    equivalents = rows["value"] / 1969.27
    assert len(rows) == 99
    assert (equivalents - equivalents.round(2)).abs().max() * 1969.27 < 0.006
    assert set(rows["price_year"]) == {"2010"}


def test_without_a_price_year_the_account_is_refused(tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(EXAMPLES / "hongsibu", folder, ignore=shutil.ignore_patterns("out"))
    text = (folder / "project.toml").read_text(encoding="utf-8")
    (folder / "project.toml").write_text(text.replace("price_year = 2010\n", ""), encoding="utf-8")
    with pytest.raises(ProblemsFound, match="2000"):
        gep.run_project(folder, folder / "out")


# ------------------------------------------------------------------------------------------------------ titles, all


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_is_titled_a_service_value_never_gep(name, language, results):
    for account in results[name].outcome.accounts:
        first = account.table(language=language).attrs["caption"][0]
        assert ("不是生态产品总值" if language == "zh" else "not GEP") in first


def test_at_which_prices_the_accounts_say_they_are(results):
    first = {name: results[name].outcome.accounts[0].table().attrs["caption"][0] for name in NEW}
    assert "当年价" in first["poyang-basin"]
    assert "2010 年不变价" in first["hongsibu"]
