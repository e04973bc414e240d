"""Change and rate by ecosystem type, and sensitivity to unit values, against what papers print of them."""

import pandas as pd
import pytest
from support.paths import EXAMPLES, TESTS
from support.published import read

import gep

# ChinaXiv:201802.00042, Table 10: change of the total in percent where the unit values of a type rise by half.
PRINTED = {
    "slope": 3.15,
    "waste": 2.28,
    "terrace": 20.57,
    "artgrass": 3.74,
    "orchard": 0.88,
    "econ": 3.66,
}
PRINTED |= {"closed": 8.27, "arbor": 6.71}


def compared(folder, tmp_path) -> dict[str, pd.DataFrame]:
    result = gep.compare_projects(folder, tmp_path / "out", allow_code=True)
    tables = {
        name: pd.read_csv(tmp_path / "out" / name) for name in result.tables if "by_type" in name
    }
    assert set(tables) == {"by_type.csv", "by_type_sensitivity.csv"}
    return tables


def test_sensitivity_is_what_the_paper_prints(tmp_path):
    table = compared(TESTS / "cases" / "jiajiyu-2012-2022", tmp_path)["by_type_sensitivity.csv"]
    raised = table[(table["year"] == 2012) & (table["unit_value_change"] == 0.5)].set_index(
        "ecosystem"
    )
    for name, printed in PRINTED.items():
        assert 100 * raised["total_change"][name] == pytest.approx(printed, abs=0.005)
    lowered = table[(table["year"] == 2012) & (table["unit_value_change"] == -0.5)].set_index(
        "ecosystem"
    )
    assert lowered["total_change"].to_numpy() == pytest.approx(-raised["total_change"].to_numpy())
    assert raised["coefficient"].sum() == pytest.approx(1)  # all value is of types
    assert (raised["total_changed"] - raised["total"]).to_numpy() == pytest.approx(
        (raised["total"] * raised["total_change"]).to_numpy()
    )


def test_changes_and_rates_are_what_the_paper_prints(tmp_path):
    table = compared(EXAMPLES / "beibu-gulf", tmp_path)["by_type.csv"]
    printed = [row for row in read(EXAMPLES / "beibu-gulf" / "expected.csv") if "-" in row["year"]]
    held = 0
    for row in printed:
        if row["item"] != "total" or "+" in row["ecosystem"]:
            continue
        first, last = map(int, row["year"].split("-"))
        names = table["ecosystem"] == (row["ecosystem"] or "total")
        found = table[names & (table["from"] == first) & (table["to"] == last)]
        assert len(found) == 1
        number = (
            100 * found["growth"].iloc[0] if row["unit"] == "%" else 1e4 * found["change"].iloc[0]
        )
        digits = len(row["value"].partition(".")[2].partition("e")[0])
        power = int(row["value"].partition("e")[2] or 0)
        assert number == pytest.approx(float(row["value"]), abs=0.51 * 10.0 ** (power - digits))
        held += 1
    assert held == 15


def test_types_sum_to_the_total(tmp_path):
    table = compared(EXAMPLES / "hongsibu", tmp_path)["by_type.csv"]
    for _, rows in table.groupby(["region", "from", "to"]):
        total = rows[rows["ecosystem"] == "total"].iloc[0]
        parts = rows[rows["ecosystem"] != "total"]
        for column in ("area_from", "area_to", "value_from", "value_to", "change"):
            assert parts[column].sum() == pytest.approx(total[column])
        assert parts["share_to"].sum() == pytest.approx(1)
