"""Standards known without their text: what they count, what they say of it, and numbers by hand.

Numbers are worked out here from the made-up inputs of ``support.family``: the first town has
1,000 ha of forest, 100 of grass, 300 of dry fields, 50 of lake, 10 of marsh and 40 of settlement.
"""

import shutil
from pathlib import Path

import pytest
from support.family import COUNTY, TOWN, account_under, figure
from support.paths import ROOT

import gep
from gep.account.caption import evidence_title
from gep.texts.catalogue import LANGUAGES
from gep.workflows.check import check_folder

RECALLED = ("db33t2274-2020", "db36t1402-2021", "gbt46869-2025", "mee-2020", "ndrc-2022")
NOT_HELD = "recalled, not held against the text"


# --- what they say of themselves -----------------------------------------------------------------


@pytest.mark.parametrize("name", RECALLED)
def test_a_standard_known_from_memory_says_so_at_every_step(name: str) -> None:
    standard = gep.read_standard(name)
    assert standard.spec.evidence == "recalled"
    assert standard.base is not None
    assert standard.base.id == "rcees-2017"
    for full_name, _, step in standard.steps():
        assert NOT_HELD in step.clause, full_name


@pytest.mark.parametrize("name", RECALLED)
def test_its_points_to_check_are_listed_and_told_with_every_account(name: str) -> None:
    account = account_under(name)
    points = account.plan.standard.spec.to_check
    assert len(points) >= 7
    listed = gep.catalog("points", language="en")
    assert list(listed.loc[listed["standard"] == name, "what"]) == [
        point.item.en for point in points
    ]
    for language in LANGUAGES:
        lines = account.caption(language)
        assert any(evidence_title("recalled", language) in line for line in lines)
        (line,) = [line for line in lines if "gep catalog points" in line]
        assert str(len(points)) in line
        assert points[0].item.say(language) in line


def test_legal_force_and_successor() -> None:
    force = {name: gep.read_standard(name).spec.legal for name in RECALLED}
    assert force == {
        "db33t2274-2020": "superseded",
        "db36t1402-2021": "in_force",
        "gbt46869-2025": "in_force",
        "mee-2020": "research",
        "ndrc-2022": "trial",
    }
    account = account_under("db33t2274-2020")
    assert any("db33t2274-2025" in line for line in account.caption("en"))


COUNTED = {
    "ndrc-2022": {
        "biomass_supply", "water_retention", "soil_retention", "sand_fixation", "coastal_protection",
        "flood_mitigation", "air_purification", "water_purification", "carbon_sequestration",
        "climate_regulation", "noise_reduction", "recreation", "leisure", "landscape",
    },
    "db36t1402-2021": {
        "farming", "forestry", "husbandry", "fishery", "water_retention", "soil_retention",
        "flood_mitigation", "water_purification", "air_purification", "carbon_sequestration",
        "oxygen_release", "climate_regulation", "negative_ions", "recreation",
    },
    "gbt46869-2025": {
        "flood_mitigation", "carbon_sequestration", "climate_regulation", "extra_regional",
    },
    "mee-2020": {
        "farming", "forestry", "husbandry", "fishery", "hydropower", "water_retention",
        "soil_retention", "sand_fixation", "coastal_protection", "flood_mitigation",
        "carbon_sequestration", "oxygen_release", "air_purification", "water_purification",
        "climate_regulation", "species_conservation", "recreation", "landscape",
    },
}  # fmt: skip
COUNTED["db33t2274-2020"] = COUNTED["mee-2020"] - {"species_conservation"}


@pytest.mark.parametrize("name", RECALLED)
def test_a_standard_counts_the_names_that_are_known_and_no_others(name: str) -> None:
    """Names: METHODS.md section 7 and CATALOGUE.csv of the ground; 14, 18 and 17 of them."""
    spec = gep.read_standard(name).spec
    assert {indicator.id for indicator in spec.indicator} == COUNTED[name]
    assert set(spec.total[0].indicators) == COUNTED[name]


# --- numbers by hand -----------------------------------------------------------------------------

JIANGXI = {
    # 5.256e15 x 1600 ions x 10 m / 10 min x 1000 ha
    ("negative_ions.supplied", ""): 5.256e15 * 1600 * 1000,
    # 5.256e15 x (1600 - 600) x 10 m / 10 min x 5.8185e-18 CNY x 1000 ha, in 10^4 CNY
    ("negative_ions.value", ""): 5.256e15 * 1000 * 5.8185e-18 * 1000 / 1e4,
    # (500 - 20 % of 500) mm on 1,100 ha of forest and grass: 0.4 m x 11e6 m2
    ("flood_mitigation.vegetation", ""): 4.4e6,
    # 5 kg/ha on 1,500 ha are 7.5 t, less than the 20 t emitted
    ("air_purification.purified", "substance=SO2"): 7.5,
    # 100 kg/ha on 60 ha of wetland are 6 t, less than the 30 t discharged
    ("water_purification.purified", "substance=TP"): 6.0,
    # (6 - 4) tC/ha x 44/12 x 1,500 ha = 11,000 t; oxygen 32/44 of it
    ("carbon_sequestration.fixed", ""): 11000.0,
    ("oxygen_release.released", ""): 8000.0,
    ("farming.value", ""): 5000.0,
}
NATION = {
    # 5000 - 2000 - 1000 - 500
    ("biomass_supply.value", "product=farming"): 1500.0,
    # (70 - 64) dB x 3 km x 5000 CNY = 90,000 CNY
    ("noise_reduction.value", ""): 9.0,
    # 20,000 persons x 50 h x 30 CNY x 30 % = 9e6 CNY
    ("leisure.value", ""): 900.0,
    # 10,000 m2 x 400 CNY; 4,000 nights x 80 CNY
    ("landscape.houses_value", ""): 400.0,
    ("landscape.rooms_value", ""): 32.0,
    # 6 t x 3500 CNY
    ("water_purification.value", "substance=TN"): 2.1,
}
NATION_OTHERWISE = {
    # (6000 - 1000) CNY/ha on 1000 + 100 + 300 + 60 ha = 7.3e6 CNY
    ("biomass_supply.value", ""): 730.0,
    # 0.25 of 12 km; x 2e6 CNY/km
    ("coastal_protection.protected", ""): 3.0,
    ("coastal_protection.value", ""): 600.0,
    # 0.25 of 3 km of belt; x 400,000 CNY/km
    ("noise_reduction.wall", ""): 0.75,
    ("noise_reduction.value", ""): 30.0,
    # 9e7 + 1e7 - 4e7 + 5e6
    ("water_retention.retained", ""): 6.5e7,
    # 10,000 m2 x 8000 CNY x 5 %
    ("landscape.houses_value", ""): 400.0,
}
CASES = {
    "Jiangxi": ("db36t1402-2021", {}, JIANGXI),
    "NDRC": ("ndrc-2022", {}, NATION),
    "NDRC, the other ways": (
        "ndrc-2022",
        {
            "biomass_value": "land_rent", "noise_value": "wall", "coast": "counted",
            "water_retention_quantity": "flows", "house_premium": "share",
        },
        NATION_OTHERWISE,
    ),
    # 20 m x 0.2 dB/m = 4 dB; x 3 km x 5000 CNY
    "NDRC, noise by belts": (
        "ndrc-2022", {"noise_value": "belt"}, {("noise_reduction.value", ""): 6.0},
    ),
    # 8 species x 50,000 CNY
    "MEE": ("mee-2020", {}, {("species_conservation.value", ""): 40.0}),
    # 150 ha x 300 CNY
    "MEE, species by area": (
        "mee-2020", {"species_value": "area"}, {("species_conservation.value", ""): 4.5},
    ),
    # 30 t discharged x 3500 CNY
    "Zhejiang, emission": (
        "db33t2274-2020",
        {"water_purification_quantity": "emission"},
        {("water_purification.value", "substance=TN"): 10.5},
    ),
    # (26,000 - 20,000) tC / 5 a x 44/12; 1000 CNY x 2.5 degrees x 1,160 ha; - 25 % of 400
    "national, the other ways": (
        "gbt46869-2025",
        {
            "carbon_base": "biomass", "local_climate": "temperature_difference",
            "outside_products": "share",
        },
        {
            ("carbon_sequestration.fixed", ""): 4400.0,
            ("climate_regulation.difference_value", ""): 290.0,
            ("extra_regional.value", ""): -100.0,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_new_bindings_give_what_is_worked_out_by_hand(case: str) -> None:
    name, switches, expected = CASES[case]
    account = account_under(name, switches)
    found = {key: figure(account, *key) for key in expected}
    assert found == pytest.approx(expected, rel=1e-9)


def test_products_from_outside_are_taken_off_the_total() -> None:
    account = account_under("gbt46869-2025")
    assert figure(account, "extra_regional.value") == pytest.approx(-120)
    frame = account.frame(region=TOWN)
    others = frame[(frame["kind"] == "value") & (frame["category"] != "adjustment")]
    assert account.total(TOWN) == pytest.approx(others["value"].sum() - 120)
    assert account.total(COUNTY, "adjustment") == pytest.approx(-240)


# --- another standard on the same project --------------------------------------------------------


def _swapped(example: str, standard: str, folder: Path) -> Path:
    """Copy an example, and put another standard in the place of its own."""
    shutil.copytree(ROOT / "examples" / example, folder)
    lines = (folder / "project.toml").read_text(encoding="utf-8").splitlines()
    lines = [
        f'standard = "{standard}"' if line.startswith("standard =") else line for line in lines
    ]
    (folder / "project.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.mark.parametrize("standard", RECALLED)
@pytest.mark.parametrize("example", ["garze-2010", "gaotianyan-2014"])
def test_another_standard_names_what_is_missing_by_indicator(
    example: str, standard: str, tmp_path: Path
) -> None:
    check = check_folder(_swapped(example, standard, tmp_path / "project"), language="en")
    missing = [problem for problem in check.problems if problem.code.startswith("missing-")]
    assert missing
    indicators = {indicator.id for indicator in gep.read_standard(standard).spec.indicator}
    shared = {step.id for step in gep.read_standard(standard).spec.step}
    for problem in missing:
        place = problem.where.removeprefix(f"{standard}.toml ")
        assert place.partition(".")[0] in indicators | shared, problem.where


def test_the_other_standard_runs_once_nothing_is_missing(tmp_path: Path) -> None:
    """Garzê under the national names: 59.5864 of floods, 117.8 of CO2, 2157.8662 of climate (10^8)."""
    folder = _swapped("garze-2010", "gbt46869-2025", tmp_path / "project")
    text = (folder / "project.toml").read_text(encoding="utf-8")
    for switch in ("water_retention_quantity", "soil_retention_quantity", "sand_fixation_quantity",
                   "oxygen_base", "recreation_value"):  # fmt: skip
        text = text.replace(f'{switch} = "reported"\n', "")
    (folder / "project.toml").write_text(text, encoding="utf-8")
    with (folder / "data.csv").open("a", encoding="utf-8") as file:
        file.write("513300,2010,outside_value,,,,,0,10^4 CNY,,,,none,none,expert,\n")
    account = gep.read_project(folder).compute(2010)[0]
    assert account.total("513300") / 1e4 == pytest.approx(59.5864 + 117.8 + 2157.8662, abs=1e-3)
