"""The worked examples of SEEA EA: condition, effects of changes, the asset account of SEEALand.

Read in a copy of the edition of 2024 (ST/ESA/STAT/SER.F/124), Appendix A10.1 and Annex I, and in sheets of
the spreadsheet that comes with it ("Condition accounts by ecosystem type", "NPV by ET", "NPV decomposition").
"""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from support.small import Small, area, datum

import gep
from gep.extent.transitions import read_transitions
from gep.report.seea_assets import TOTAL, Factors, three_effects
from gep.report.seea_condition import INDEX

TYPES = ("forest", "lake", "cropland", "urban", "wetland", "seagrass")

# --- condition -----------------------------------------------------------------------------------

# Forest: Table AI.4a and AI.4b. Others: the spreadsheet, sheet "Condition accounts by ecosystem type".
# class, variable, low, high, opening, closing, indicator at opening and closing, direction
FOREST = [
    ("physical", "NDWI", -1, 1, 0.31, 0.29, 0.655, 0.645, "more"),
    ("chemical", "soil carbon", 0, 250, 100, 95, 0.4, 0.38, "more"),
    ("chemical", "litter nitrogen", 4, 40, 18, 17, 14 / 36, 13 / 36, "more"),
    ("compositional", "tree species", 0, 10, 6, 5, 0.6, 0.5, "more"),
    ("structural", "tree cover", 0, 100, 81, 75, 0.81, 0.75, "more"),
    ("functional", "NDVI", -1, 1, 0.65, 0.63, 0.825, 0.815, "more"),
    ("landscape", "forest area density", 0, 100, 74, 59, 0.74, 0.59, "more"),
]
# Nitrogen has lower level 2 and upper level 0 there: less is better.
LAKE = [
    ("physical", "clarity", 0.25, 10, 5, 5.5, 4.75 / 9.75, 5.25 / 9.75, "more"),
    ("chemical", "nitrogen", 0, 2, 1.1, 0.9, 0.45, 0.55, "less"),
    ("chemical", "chlorophyll", 2, 35, 4.2, 3.5, 30.8 / 33, 31.5 / 33, "less"),
    ("compositional", "fish species", 0, 45, 35, 34, 35 / 45, 34 / 45, "more"),
    ("structural", "predatory fish", 0, 25, 12.5, 17, 0.5, 0.68, "more"),
    ("functional", "oxygen demand", 0, 25, 2.5, 2.4, 0.9, 0.904, "less"),
    ("landscape", "natural shoreline", 0, 100, 40, 40, 0.4, 0.4, "more"),
]
CROPLAND = [
    ("physical", "NDWI", -1, 1, -0.15, -0.13, 0.425, 0.435, "more"),
    ("chemical", "soil carbon", 0, 40, 25.6, 24.8, 0.64, 0.62, "more"),
    ("compositional", "birds", 0, 100, 71, 70, 0.71, 0.7, "more"),
    ("structural", "crop diversity", 0, 1, 0.43, 0.48, 0.43, 0.48, "more"),
    ("structural", "organic farming", 0, 100, 7.5, 7.6, 0.075, 0.076, "more"),
    ("functional", "primary production", 0.5, 1.3, 0.92, 0.94, 0.525, 0.55, "more"),
    ("landscape", "semi-natural share", 0, 20, 5.1, 4.9, 0.255, 0.245, "more"),
]
# Five classes only: no functional variable was selected, and each class weighs 0.2.
URBAN = [
    ("physical", "imperviousness", 0, 100, 55, 57, 0.55, 0.57, "more"),
    ("chemical", "nitrogen dioxide", 0, 40, 10.5, 12.3, 0.2625, 0.3075, "more"),
    ("compositional", "birds", 0, 75, 53, 45, 53 / 75, 0.6, "more"),
    ("structural", "tree cover", 0, 70, 31, 30, 31 / 70, 30 / 70, "more"),
    ("landscape", "mosaic", 0, 100, 56, 52, 0.56, 0.52, "more"),
]
WETLAND = [
    ("physical", "inundation", 0, 100, 97, 89, 0.97, 0.89, "more"),
    ("chemical", "nitrogen", 0, 2, 0.89, 0.99, 0.555, 0.505, "less"),
    ("compositional", "dragonflies", 0, 35, 29, 26, 29 / 35, 26 / 35, "more"),
    ("structural", "macrophytes", 0, 50, 30, 31, 0.6, 0.62, "more"),
    ("functional", "oxygen demand", 0, 25, 5.1, 6.2, 0.204, 0.248, "more"),
    ("landscape", "land use around", 0, 100, 39, 33, 0.39, 0.33, "more"),
]
# The patch size at the closing lies below the lower level: the indicator is 0, not negative.
SEAGRASS = [
    ("physical", "turbidity", 0, 2000, 35, 30, 0.9825, 0.985, "less"),
    ("physical", "patch size", 15, 30, 18.5, 13.9, 3.5 / 15, 0, "more"),
    ("chemical", "chlorophyll", 0.1, 4, 3.5, 3.7, 0.5 / 3.9, 0.3 / 3.9, "less"),
    ("compositional", "fish species", 0, 10, 3, 2, 0.3, 0.2, "more"),
    ("structural", "shoot density", 50, 300, 121, 105, 0.284, 0.22, "more"),
    ("functional", "oxygen demand", 0, 10, 1.5, 1.55, 0.85, 0.845, "less"),
    ("landscape", "meadow cover", 10, 60, 35, 29, 0.5, 0.38, "more"),
]
VARIABLES = dict(zip(TYPES, (FOREST, LAKE, CROPLAND, URBAN, WETLAND, SEAGRASS), strict=True))
# Table AI.5: opening and closing condition; and the change of the spreadsheet with all digits.
INDICES = {
    "forest": (0.67, 0.61, -0.058981481),
    "lake": (0.63, 0.67, 0.045610982),
    "cropland": (0.47, 0.47, 0.003416667),
    "urban": (0.50, 0.49, -0.019190476),
    "wetland": (0.59, 0.56, -0.035285714),
    "seagrass": (0.45, 0.37, -0.075949786),
}


def condition_table() -> pd.DataFrame:
    lines = []
    for ecosystem, variables in VARIABLES.items():
        for name, variable, low, high, opening, closing, _, _, direction in variables:
            for year, value in ((2019, opening), (2020, closing)):
                line = {"region": "a", "ecosystem": ecosystem, "variable": variable}
                line |= {"class": name, "direction": direction, "year": year, "value": value}
                line |= {"unit": "as in the text", "low": low, "high": high, "source": "SEEA EA"}
                lines.append(line)
    return pd.DataFrame(lines)


# --- the accounts --------------------------------------------------------------------------------

HECTARES = {2019: (40, 30, 60, 50, 20, 50), 2020: (38, 30, 62, 50, 20, 50)}  # Table AI.2
# Expected flows and prices at opening and closing: Table AI.10 for forest, the sheet "NPV by ET" for the
# others.
FLOWS = {
    ("forest", "wood"): (150, 120, 60, 65),
    ("forest", "carbon"): (160, 125, 25, 26),
    ("forest", "visits"): (1600, 1450, 5, 5),
    ("lake", "fish"): (3, 4, 340, 370),
    ("lake", "visits"): (4800, 5000, 5, 5),
    ("cropland", "crop"): (150, 170, 75, 75),
    ("urban", "carbon"): (5, 5, 25, 26),
    ("urban", "visits"): (2400, 2600, 5, 5),
    ("wetland", "carbon"): (20, 19, 25, 26),
    ("wetland", "nitrogen"): (7, 7, 100, 100),
    ("seagrass", "fish"): (6, 6, 340, 370),
    ("seagrass", "carbon"): (250, 250, 25, 26),
    ("seagrass", "visits"): (800, 700, 5, 5),
}
SERVICES = {
    "wood": "wood",
    "carbon": "global_climate",
    "visits": "recreation",
    "fish": "wild_fish",
    "crop": "crop",
    "nitrogen": "purification_nutrients",
}
HEAD = """
id = "seealand"
title = "SEEALand"
source = "text"
measure = "gep"
evidence = "published"
legal = "research"
ecosystems = "./classes.csv"
unit = "CNY"

[sources.text]
title = "SEEA EA, Annex I"
"""


def _standard() -> str:
    """All quantities are in tonnes here: units play no part in the account."""
    text = HEAD
    for name in SERVICES:
        for data, unit in ((name, "t"), (f"{name}_price", "CNY t-1")):
            text += f'\n[data.{data}]\nname = "{data}"\nunit = "{unit}"\nkeys = ["region", "ecosystem"]\n'
    for name in SERVICES:
        text += f"""
[[indicator]]
id = "{name}"
name = "{name}"
category = "regulating"
[[indicator.step]]
id = "flow"
kind = "quantity"
method = "gep.methods.reported:mass"
per = "amount"
unit = "t"
clause = "1"
inputs = {{ mass = {{ data = "{name}" }} }}
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:sold"
per = "amount"
unit = "CNY"
clause = "1"
inputs = {{ quantity = {{ step = "{name}.flow" }}, price = {{ data = "{name}_price" }} }}
"""
    names = ", ".join(f'"{name}"' for name in SERVICES)
    return text + f'\n[[total]]\nid = "gep"\nname = "GEP"\nindicators = [{names}]\n'


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> list[gep.Account]:
    made = []
    for position, (year, hectares) in enumerate(HECTARES.items()):
        data = []
        for ecosystem, name in product(TYPES, SERVICES):
            numbers = FLOWS.get((ecosystem, name), ("na",) * 4)
            keys = {"year": year, "ecosystem": ecosystem}
            data.append(datum("a", name, numbers[position], "t", **keys))
            price = numbers[2 + position]
            keys["price_year"] = "nominal"
            data.append(datum("a", f"{name}_price", price, "CNY t-1", **keys))
        areas = [
            area("a", name, size, year=year) for name, size in zip(TYPES, hectares, strict=True)
        ]
        small = replace(
            Small(),
            areas=areas,
            data=data,
            sets={},
            standard=_standard(),
            classes=[{"class": name, "zh": name, "en": name} for name in TYPES],
            walk=None,
            regions=None,
        )
        made.append(small.account(tmp_path_factory.mktemp(str(year))))
    return made


def _tables(accounts: list[gep.Account], **given: object) -> gep.SeeaTables:
    services = pd.DataFrame(list(SERVICES.items()), columns=["indicator", "service"])
    return gep.seea_tables(accounts, services=services, rate=0.02, years=100, **given)  # type: ignore[arg-type]


def test_condition_of_all_types(accounts: list[gep.Account]) -> None:
    tables = _tables(accounts, condition=condition_table())
    for ecosystem, variables in VARIABLES.items():
        rows = tables.condition[tables.condition["ecosystem"] == ecosystem].set_index("variable")
        for _, variable, _, _, _, _, opening, closing, _ in variables:
            row = rows.loc[variable]
            assert row["opening_indicator"] == pytest.approx(opening), variable
            assert row["closing_indicator"] == pytest.approx(closing), variable
        index = tables.condition_index
        row = index[(index["ecosystem"] == ecosystem) & (index["class"] == INDEX)].iloc[0]
        opening, closing, change = INDICES[ecosystem]
        assert row["opening_index"] == pytest.approx(opening, abs=0.005)
        assert row["closing_index"] == pytest.approx(closing, abs=0.005)
        assert row["change"] == pytest.approx(change, abs=5e-10)


def test_weights_of_classes_and_variables(accounts: list[gep.Account]) -> None:
    """Table AI.4c: six classes weigh 0.17 each, the two chemical variables of forest 0.08 each."""
    tables = _tables(accounts, condition=condition_table())
    forest = tables.condition[tables.condition["ecosystem"] == "forest"].set_index("variable")
    assert forest["weight"].to_dict() == pytest.approx(
        {
            "NDWI": 1 / 6,
            "soil carbon": 1 / 12,
            "litter nitrogen": 1 / 12,
            "tree species": 1 / 6,
            "tree cover": 1 / 6,
            "NDVI": 1 / 6,
            "forest area density": 1 / 6,
        }
    )
    urban = tables.condition[tables.condition["ecosystem"] == "urban"]
    assert urban["weight"].tolist() == pytest.approx([0.2] * 5)
    classes = tables.condition_index.set_index(["ecosystem", "class"])
    # the subindex of the two chemical variables: (0.4 + 14 / 36) / 2
    assert classes.loc[("forest", "chemical"), "opening_index"] == pytest.approx(0.394444444)


# --- effects -------------------------------------------------------------------------------------

# Tables A10.1.1 and A10.1.2: quantities and unit prices of five years. Rows: wood, carbon, visits, crops.
QUANTITIES = (
    np.array([[12] * 5, [140, 142, 144, 146, 148], [190, 190, 190, 200, 200], [5, 6, 6, 7, 7]]),
    np.array([[10] * 5, [130, 132, 134, 136, 138], [190, 200, 200, 210, 210], [6, 7, 7, 8, 7]]),
)
PRICES = (
    np.array([[60, 62, 64, 66, 70], [25, 26, 27, 28, 29], [5, 5, 6, 6, 6], [75] * 5]),
    np.array([[65, 65, 67, 70, 72], [26, 27, 28, 29, 30], [5, 6, 6, 6, 6], [75] * 5]),
)
# The printed discount factors 0.9800, 0.9604, 0.9412 ... are powers of 0.98.
DISCOUNT = 0.98 ** np.arange(1, 6)
EXTENT = (np.array([50.0, 50, 50, 40]), np.array([48.0, 48, 48, 42]))


def _factors(at: int, areas: np.ndarray) -> Factors:
    total = QUANTITIES[at].sum(axis=1)
    value = (QUANTITIES[at] * PRICES[at] * DISCOUNT).sum(axis=1)
    return Factors(value / total, total / areas, areas)


def test_two_effects_of_the_appendix() -> None:
    """Table A10.1.3: no area changes."""
    effects = three_effects(_factors(0, EXTENT[0]), _factors(1, EXTENT[0]))
    assert effects.price == pytest.approx([177, 655, 192, 4], abs=0.75)
    assert effects.volume == pytest.approx([-622, -1293, 215, 282], abs=0.75)
    assert effects.area.tolist() == [0, 0, 0, 0]


def test_three_effects_of_the_appendix() -> None:
    """Table A10.1.6: 2 ha of forest became cropland."""
    effects = three_effects(_factors(0, EXTENT[0]), _factors(1, EXTENT[1]))
    assert effects.area == pytest.approx([-139, -733, -217, 113], abs=0.75)
    assert effects.volume == pytest.approx([-482, -560, 431, 168], abs=0.75)
    assert effects.price == pytest.approx([177, 654, 192, 4], abs=0.75)
    total = np.sum([effects.area, effects.volume, effects.price])
    assert total == pytest.approx(-392, abs=0.5)


# --- the asset account ---------------------------------------------------------------------------

# Table AI.11, one line an entry, and the sheet "Monetary asset account".
ASSETS = {
    "opening": (905_065, 1_078_321, 484_856, 522_568, 51_718, 529_679, 3_572_207),
    "enhancement": (0, 15_300, 0, 0, 0, 0, 15_300),
    "degradation": (-108_111, 0, 0, 0, -1_099, -163_946, -273_156),
    "conversion_additions": (0, 0, 16_944, 0, 0, 0, 16_944),
    "conversion_reductions": (-43_435, 0, 0, 0, 0, 0, -43_435),
    "upward_reappraisals": (0, 0, 47_704, 43_098, 0, 0, 90_802),
    "downward_reappraisals": (0, 0, 0, 0, 0, 0, 0),
    "revaluations": (35_180, 47_624, 0, 215, 840, 160_929, 244_789),
    "net": (-116_366, 62_924, 64_648, 43_314, -259, -3_017, 51_244),
    "closing": (788_700, 1_141_244, 549_504, 565_881, 51_459, 526_662, 3_623_451),
}


def test_the_asset_account_of_seealand(accounts: list[gep.Account]) -> None:
    """Table AI.11, but for three figures that do not follow from the example's own numbers.

    Cropland: its condition rises by 0.0034, 0.00 in Table AI.5, and the table has the volume effect as a
    reappraisal. Read by Table A10.1.5 the index is up, and the same 47,704 are an enhancement.
    Lake: visits rise from 4800 to 5000 at a price of 5 (sheet "NPV by ET"), which is 43,098 of volume. The
    sheet "NPV decomposition" has 5 and 5 in their place, so that the table has the 43,098 as revaluation.
    Seagrass: 6 t of fish at 340 and 370, which is revaluation alone (6 x 30 x 43.098 = 7,758). The sheet of
    the decomposition has 20 t at the opening with the value of 6 t, and so 142,397 less of degradation.
    """
    tables = _tables(accounts, condition=condition_table())
    rows = tables.assets.set_index("entry")[[*TYPES, TOTAL]]
    expected = pd.DataFrame(ASSETS, index=[*TYPES, TOTAL]).T.astype(float)
    for column in ("cropland", TOTAL):
        expected.loc["enhancement", column] += 47_704
        expected.loc["upward_reappraisals", column] -= 47_704
    for column in ("lake", TOTAL):
        expected.loc["enhancement", column] += 43_098
        expected.loc["revaluations", column] -= 43_098
    for column in ("seagrass", TOTAL):
        expected.loc["degradation", column] += 142_397
        expected.loc["revaluations", column] -= 142_397
    for entry, row in expected.iterrows():
        assert rows.loc[entry].tolist() == pytest.approx(row.tolist(), abs=0.75), entry
    assert rows.loc["catastrophic_losses"].isna().all()  # no table of losses: not told
    assert "volume" not in rows.index


def test_a_flat_condition_is_a_reappraisal(accounts: list[gep.Account]) -> None:
    """Cropland as Table AI.11 has it, where its condition does not change at all."""
    table = condition_table()
    is_closing = (table["ecosystem"] == "cropland") & (table["year"] == 2020)
    opening = table.loc[(table["ecosystem"] == "cropland") & (table["year"] == 2019), "value"]
    table.loc[is_closing, "value"] = opening.to_numpy()
    rows = _tables(accounts, condition=table).assets.set_index("entry")
    assert rows.loc["upward_reappraisals", [*TYPES, TOTAL]].tolist() == pytest.approx(
        ASSETS["upward_reappraisals"], abs=0.75
    )
    assert rows.loc["enhancement", TOTAL] == pytest.approx(15_300 + 43_098, abs=0.75)  # the lake


def test_opening_and_changes_are_the_closing(accounts: list[gep.Account]) -> None:
    for given in ({}, {"condition": condition_table()}):
        rows = _tables(accounts, **given).assets.set_index("entry")[[*TYPES, TOTAL]]
        changes = rows.drop(index=["opening", "net", "closing"]).fillna(0.0)
        summed = rows.loc["opening"] + changes.sum()
        assert summed.to_numpy() == pytest.approx(rows.loc["closing"].to_numpy(), rel=1e-12)


def test_without_condition_the_effect_of_volume_is_one_figure(accounts: list[gep.Account]) -> None:
    """Forest: -62,181 - 30,449 - 15,481 (sheet "NPV decomposition") without a name."""
    rows = _tables(accounts).assets.set_index("entry")
    assert rows.loc["volume", "forest"] == pytest.approx(-108_111, abs=0.75)
    entries = ["enhancement", "degradation", "upward_reappraisals", "downward_reappraisals"]
    assert rows.loc[entries, [*TYPES, TOTAL]].isna().all(axis=None)
    assert rows.loc["conversion_reductions", "forest"] == pytest.approx(-43_435, abs=0.75)


def test_catastrophes_are_taken_out_of_losses(accounts: list[gep.Account]) -> None:
    """A fire took a quarter of what forest lost: 108,111 / 4 = 27,027.8; the rest is degradation."""
    losses = pd.DataFrame(
        [{"from": 2019, "to": 2020, "ecosystem": "forest", "event": "fire", "share": 0.25}]
    ).assign(source="made up")
    tables = _tables(accounts, condition=condition_table(), losses=losses)
    rows = tables.assets.set_index("entry")
    assert rows.loc["catastrophic_losses", "forest"] == pytest.approx(-27_027.8, abs=0.2)
    assert rows.loc["catastrophic_losses", "seagrass"] == 0
    assert rows.loc["degradation", "forest"] == pytest.approx(-81_083.3, abs=0.2)


def test_conversions_by_gross_changes(accounts: list[gep.Account]) -> None:
    """3 ha of forest became cropland and 1 ha of cropland forest: 3/2 and -1/2 of the net effect."""
    years = {"region": "a", "from": 2019, "to": 2020, "unit": "hm2"}
    moves = [("forest", "cropland", 3), ("cropland", "forest", 1), ("forest", "forest", 37)]
    moves.append(("cropland", "cropland", 59))
    moves += [(name, name, size) for name, size in zip(TYPES[3:], (50, 20, 50), strict=True)]
    moves.append(("lake", "lake", 30))
    table = pd.DataFrame(
        [years | {"from_class": start, "to_class": end, "area": size} for start, end, size in moves]
    )
    rows = _tables(accounts, transitions=read_transitions(table)).assets.set_index("entry")
    assert rows.loc["conversion_reductions", "forest"] == pytest.approx(-43_434.63 * 1.5, abs=0.1)
    assert rows.loc["conversion_additions", "forest"] == pytest.approx(43_434.63 * 0.5, abs=0.1)
    assert rows.loc["conversion_additions", "cropland"] == pytest.approx(16_943.91 * 1.5, abs=0.1)
    assert rows.loc["revaluations", "forest"] == pytest.approx(35_180, abs=0.75)


# --- use -----------------------------------------------------------------------------------------

# Table AI.7 and AI.9 give services of 2020 to these users.
USERS = {
    "crop": "agriculture",
    "wood": "forestry",
    "wild_fish": "fisheries",
    "global_climate": "government",
    "purification_nutrients": "electricity",
    "recreation": "households",
}


def test_use_equals_supply(accounts: list[gep.Account]) -> None:
    use = pd.DataFrame(list(USERS.items()), columns=["service", "user"])
    tables = _tables(accounts, use=use.assign(share=1, source="SEEA EA, Table AI.7"))
    rows = tables.quantities_use
    closing = rows[rows["year"] == 2020].set_index("service")
    assert closing.loc["recreation", "households"] == 1450 + 5000 + 2600 + 700
    assert closing.loc["global_climate", "government"] == 125 + 5 + 19 + 250
    assert pd.isna(closing.loc["crop", "households"])
    assert closing["use"].tolist() == closing["supply"].tolist()
    money = tables.values_use
    listed = money[(money["year"] == 2020) & (money["category"] == "listed")].iloc[0]
    assert listed["government"] == pytest.approx((125 + 5 + 19 + 250) * 26)
    assert listed[list(USERS.values())].sum() == pytest.approx(listed["supply"])
    assert listed["use"] == listed["supply"]
    assert tables.values["use"].iloc[0] == tables.values["supply"].iloc[0]
