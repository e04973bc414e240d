"""The examples of the unit-value family against the figures that their papers print."""

import pytest
from support.paths import EXAMPLES
from support.published import Results

import gep
from gep.errors import ProblemLog
from gep.inputs.coefficients import load_coefficient_set

NAMES = ("poyang-zone", "beibu-gulf")


FAMILY = ("xie-2003", "xie-2008", "xie-2015", "costanza-2014", "unit-value-6")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory):
    return {name: Results(EXAMPLES / name, tmp_path_factory.mktemp(name)) for name in NAMES}


@pytest.mark.parametrize(("name", "printed"), [("poyang-zone", 28), ("beibu-gulf", 51 + 51)])
def test_printed_levels_and_changes(name, printed):
    check = gep.check_figures(EXAMPLES / name)
    assert check.misses == ()
    assert check.mismatches == ()
    assert len(check.figures) == printed


@pytest.mark.parametrize("name", NAMES)
def test_runs_without_warnings(name, results):
    assert [str(one) for one in results[name].outcome.warnings] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_is_titled_a_service_value_never_gep(name, language, results):
    for account in results[name].outcome.accounts:
        first = account.table(language=language).attrs["caption"][0]
        assert (
            "生态系统服务价值（当量因子法）" if language == "zh" else "ecosystem service value"
        ) in first
        assert "不是生态产品总值" in first if language == "zh" else "not GEP" in first


def test_only_sums_are_not_allocated_to_a_category(results):
    summary = results["poyang-zone"].summary
    assert set(summary["category"]) == {"unallocated", "total"}


def test_prices_without_a_year_are_counted(results):
    assert all(
        account.shares()["nominal"] == 1 for account in results["poyang-zone"].outcome.accounts
    )
    assert all(
        account.shares()["nominal"] == 0 for account in results["beibu-gulf"].outcome.accounts
    )


def test_negative_water_supply_of_paddy_keeps_its_own_line(results):
    cells = results["beibu-gulf"].cells
    paddy = cells[
        (cells["ecosystem"] == "paddy")
        & (cells["indicator"] == "water_supply")
        & (cells["year"] == "1999")
    ]
    assert float(paddy["value"].iloc[0]) == pytest.approx(-2.63 * 3406.5 * 367880 / 1e4)


def test_the_four_groups_of_the_source_sum_to_the_total(results):
    summary = results["beibu-gulf"].summary
    for _, year in summary.groupby("year"):
        groups = year[year["category"].str.startswith("total:source_")]["value"].astype(float)
        assert len(groups) == 4
        assert groups.sum() == pytest.approx(
            float(year[year["category"] == "total"]["value"].iloc[0])
        )


def test_built_up_land_is_reported_as_not_accounted_for(results):
    accounts = results["beibu-gulf"].outcome.accounts
    lost = {account.year: account.plan.extent.unaccounted.sum() / 1e6 for account in accounts}
    assert lost == pytest.approx({1999: 122.40, 2006: 310.66, 2014: 595.73})


def test_explain_takes_a_level_apart(results):
    account = results["beibu-gulf"].outcome.accounts[-1]
    explained = account.explain("hydrological_regulation", "beibu-gulf")
    printed = 2.40e10
    assert explained.value * 1e4 == pytest.approx(printed, abs=0.005e10)


@pytest.mark.parametrize("name", FAMILY)
def test_the_family_is_read_as_service_value(name):
    text = gep.read_standard(name).spec
    assert text.measure == "esv"
    assert text.legal == "research"
    assert "生态系统服务价值" in text.title.zh
    assert "GEP" not in f"{text.title} {[str(total.name) for total in text.total]}"
    supporting = [one for one in text.indicator if one.source_category == "supporting"]
    assert all(one.category == "regulating" and one.note for one in supporting)
    assert len(supporting) == {"xie-2003": 2, "xie-2008": 2, "xie-2015": 3}.get(name, 0)


SHIPPED = [("xie-2003", 9, 6), ("xie-2008", 9, 6), ("xie-2015", 11, 14), ("costanza-2014", 1, 16)]


@pytest.mark.parametrize(("name", "services", "types"), SHIPPED)
def test_sets_cover_their_standard_without_warnings(name, services, types):
    problems = ProblemLog()
    found = load_coefficient_set(name, None, name, problems)
    assert not problems.errors + problems.warnings
    table = found.named("unit_value_2011" if name == "costanza-2014" else "equivalents")
    assert len(table) == services * types
    assert table["ecosystem"].nunique() == types
    asked = {one.id for one in gep.read_standard(name).spec.indicator}
    assert name == "costanza-2014" or set(table["service"]) == asked


def test_column_sums_of_the_equivalents_of_2015():
    """Sums noted when the table was transcribed: a careless edit of one cell breaks one."""
    table = gep.read_coefficient_set("xie-2015").named("equivalents")
    sums = table.groupby("ecosystem")["value"].sum().round(2).to_dict()
    assert sums == {
        "dry_field": 4.01, "paddy": 3.89, "coniferous": 17.53, "mixed_forest": 23.09, "broadleaf": 22.95,
        "shrub": 15.22, "steppe": 5.07, "shrub_grass": 19.69, "meadow": 11.43, "wetland": 52.02, "desert": 1.10,
        "bare": 0.20, "water": 125.61, "glacier": 10.27,
    }  # fmt: skip
