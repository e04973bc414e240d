"""The forest standards, known without their texts: what they say of themselves, and numbers by hand.

Inputs are the made-up ones of ``support.family``; the first town has 1,000 ha of forest. Prices are those of the set
``lyt1721-2008``, where those with a year (2008) are moved to 2020 by consumer prices.
"""

import math

import pytest
from support.family import YEAR, account_under, figure

import gep
from gep.account.caption import evidence_title
from gep.texts.catalogue import LANGUAGES

FOREST = ("lyt1721-2008", "gbt38582-2020")
NOT_HELD = "recalled, not held against the text"
SERVICES = {
    "water_regulation", "water_quality", "soil_fixation", "fertility", "carbon_sequestration",
    "oxygen_release", "nutrient_accumulation", "negative_ions", "air_purification",
    "forest_protection", "species_conservation", "recreation",
}  # fmt: skip
COUNTED = {
    "lyt1721-2008": SERVICES | {"noise_reduction"},
    "gbt38582-2020": SERVICES | {"fine_particles", "forest_products"},
}


def _prices_since_2008() -> float:
    """Consumer prices of 2020 for those of 2008."""
    rows = gep.read_coefficient_set("price-index").named("price_index")
    rows = rows[(rows["index"] == "cpi").to_numpy()]
    years = rows["price_year"].astype(int)
    of_years = rows[(years > 2008) & (years <= YEAR)]
    assert len(of_years) == YEAR - 2008  # each over the year before
    return math.prod(float(value) / 100 for value in of_years["value"])


@pytest.mark.parametrize("name", FOREST)
def test_they_say_that_they_are_recalled_and_not_gep(name: str) -> None:
    standard = gep.read_standard(name)
    spec = standard.spec
    assert (spec.measure, spec.evidence, spec.legal) == ("esv", "recalled", "unchecked")
    assert len(spec.to_check) >= 10
    for full_name, _, step in standard.steps():
        assert NOT_HELD in step.clause, full_name
    account = account_under(name)
    for language in LANGUAGES:
        lines = account.caption(language)
        assert any(evidence_title("recalled", language) in line for line in lines)
        assert any(spec.to_check[0].item.say(language) in line for line in lines)


@pytest.mark.parametrize("name", FOREST)
def test_they_count_forest_alone(name: str) -> None:
    spec = gep.read_standard(name).spec
    assert {indicator.id for indicator in spec.indicator} == COUNTED[name]
    assert set(spec.total[0].indicators) == COUNTED[name]
    frame = account_under(name).by_ecosystem()
    assert set(frame["ecosystem"]) == {"evergreen_broadleaf_forest", "unallocated"}


DRY_MATTER = {
    # 10 (1800 - 800 - 200) mm on 1,000 ha; x 6.1107 CNY; x 2.09 CNY
    ("water_regulation.regulated", ""): 8e6,
    ("water_regulation.value", ""): 4888.56,
    ("water_quality.value", ""): 1672.0,
    # (40 - 2.5) t/ha; / 1.25 x 12.6 CNY
    ("soil_fixation.fixed", ""): 37500.0,
    ("soil_fixation.value", ""): 37.8,
    # 0.4 %; / 50 % x 2400 CNY; x 320 CNY
    ("fertility.nutrients", "substance=N"): 150.0,
    ("fertility.p_value", ""): 72.0,
    ("fertility.k_value", ""): 66.0,
    ("fertility.organic_value", ""): 4.8,
    # 1.63 and 1.19 of 10 t/ha; 0.5 tC/ha of soil
    ("carbon_sequestration.fixed", ""): 16300.0,
    ("carbon_sequestration.soil", ""): 500.0,
    ("oxygen_release.released", ""): 11900.0,
    # 0.5 % of 10,000 t; / 50 % x 2200 CNY
    ("nutrient_accumulation.nutrients", "substance=K"): 50.0,
    ("nutrient_accumulation.k_value", ""): 22.0,
    ("negative_ions.value", ""): 5.256e15 * 1000 * 5.8185e-18 * 1000 / 1e4,
    # 5 kg/ha; x 0.69 CNY/kg; 0.01 kg/ha x 30 CNY/kg
    ("air_purification.value", "substance=HF"): 0.345,
    ("forest_protection.value", ""): 30.0,
    # index 2.4: 4000 CNY/ha
    ("species_conservation.value", ""): 400.0,
    ("recreation.value", ""): 500.0,
}
CASES = {
    "LY/T 1721": (
        "lyt1721-2008",
        {},
        # heavy metals: 0.01 kg/ha x 30 CNY/kg; 0.25 of 3 km x 400,000 CNY
        DRY_MATTER
        | {
            ("air_purification.metals_value", "substance=Pb"): 0.03,
            ("noise_reduction.value", ""): 30.0,
        },
    ),
    # 6 dB x 7.66 CNY; 1800 x 0.6 x 0.3 mm; 72/162 of 10 t/ha; 300 + 60 + 100000^2 / ... CNY
    "LY/T 1721, the other ways": (
        "lyt1721-2008",
        {
            "noise": "levels", "water_quantity": "rain_share", "carbon_base": "carbon_content",
            "recreation_value": "travel_value", "heavy_metals": "none",
        },
        {
            ("noise_reduction.value", ""): 6 * 7.66 / 1e4,
            ("water_regulation.regulated", ""): 3.24e6,
            ("carbon_sequestration.fixed_carbon", ""): 10 * 72 / 162 * 1000,
            # N / (1 / slope per visit): 100,000 visits over 50 visits per CNY are 2,000 CNY
            ("recreation.value", ""): 300 + 60 + 0.2,
        },
    ),
    # 37,500 t / (1.25 t/m3 x 0.5 m) = 60,000 m2 or 6 ha; x 282 CNY
    "soil as land": (
        "lyt1721-2008",
        {"soil_fixation_value": "land"},
        {("soil_fixation.land", ""): 6.0, ("soil_fixation.value", ""): 0.1692},
    ),
    # (90,000 - 80,000) m3 x 0.5 x 1.4 x 1.25 x 0.5 tC / 5 a x 44/12
    "volume": (
        "lyt1721-2008",
        {"carbon_base": "volume", "recreation_value": "facilities"},
        {
            ("carbon_sequestration.fixed", ""): 4375 / 5 * 44 / 12,
            ("recreation.value", ""): 580.0,
        },
    ),
    # 10,000 m3 x 1.4 x 0.5 x 0.5 tC x (1 + 0.2 + 0.5)
    "volume with undergrowth and soil": (
        "lyt1721-2008",
        {"carbon_base": "expansion", "recreation_value": "income_share"},
        {
            ("carbon_sequestration.fixed", ""): 5950 / 5 * 44 / 12,
            ("recreation.value", ""): 200.0,
        },
    ),
    # 0.5 t/m3 x 10 m3/ha x 0.5 on 1,000 ha: the intercept cancels
    "straight line": (
        "lyt1721-2008",
        {"carbon_base": "linear"},
        {("carbon_sequestration.fixed", ""): 2500 / 5 * 44 / 12},
    ),
    # 0.8 x (1 + 0.5) tC/ha
    "rate": (
        "lyt1721-2008",
        {"carbon_base": "rate"},
        {("carbon_sequestration.fixed", ""): 1200 * 44 / 12},
    ),
    "GB/T 38582": (
        "gbt38582-2020",
        {},
        DRY_MATTER
        | {
            # 4000 CNY/ha x (1 + 0.1 x (3 + 2 + 0))
            ("species_conservation.value", ""): 600.0,
            # 2 kg/ha x 5 CNY
            ("fine_particles.value", "substance=PM2.5"): 1.0,
            # 2,000 m3 x 800 CNY; 10,000 stems x 12 CNY; 100 + 200 x (1 - 25 %)
            ("forest_products.timber_value", ""): 160.0,
            ("forest_products.bamboo_value", ""): 12.0,
            ("forest_products.other_value", ""): 250.0,
        },
    ),
    "GB/T 38582, the index alone": (
        "gbt38582-2020",
        {"species_value": "diversity"},
        {("species_conservation.value", ""): 400.0},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_services_of_forest_are_what_is_worked_out_by_hand(case: str) -> None:
    name, switches, expected = CASES[case]
    account = account_under(name, switches)
    computed = {key: figure(account, *key) for key in expected}
    assert computed == pytest.approx(expected, rel=1e-9)


def test_a_price_of_carbon_is_not_one_of_carbon_dioxide() -> None:
    """1.63 x 12/44 x 1200 CNY for a tonne of dry matter: 533.45, and not 1956."""
    account = account_under("lyt1721-2008")
    by_hand = 10000 * 1.63 * 12 / 44 * 1200 * _prices_since_2008() / 1e4
    assert figure(account, "carbon_sequestration.value") == pytest.approx(by_hand)
    soil = 500 * 1200 * _prices_since_2008() / 1e4
    assert figure(account, "carbon_sequestration.soil_value") == pytest.approx(soil)
