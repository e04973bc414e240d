"""Two standards side by side: by indicator what differs, and what that does to a project.

The second standard is made up here, derived from the first, so that every expected number follows
from what it changes and from the quantities that the Garzê paper prints.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from support.paths import EXAMPLES

import gep
from gep.cli.app import main
from gep.comparison.standards import ASPECTS, DETAIL_COLUMNS, INDICATOR_COLUMNS
from gep.errors import ProblemsFound
from gep.texts.catalogue import LANGUAGES, Language
from gep.workflows.compare_standards import REASON_COLUMNS, StandardComparison

GARZE = EXAMPLES / "garze-2010"
RESERVE = EXAMPLES / "gaotianyan-2014"
SOIL = 38.86e8  # t kept, Garzê 2010, 3.2.2
OXYGEN = 2.51e8  # t, Table 3
WATER = 321.49e8  # m3, Table 3

STANDARD = """
base = "rcees-2017"
id = "ours"
title = { zh = "某省规范", en = "Ours" }
source = "garze"
evidence = "recalled"
legal = "draft"
coefficients = ["./numbers", "hj1173-2021", "rcees-parameters", "rcees-defaults"]

[remove]
indicator = ["pest_control"]

[data.noise_value]
name = { zh = "噪声消减价值", en = "Value of noise abatement" }
unit = "10^4 CNY"
keys = ["region"]

[switch.carbon_price]
name = { zh = "碳价的计量", en = "Carbon price" }
options = ["per_co2", "per_carbon"]
default = "per_carbon"

[[indicator]]
id = "oxygen_release"
category = "cultural"

[[indicator]]
id = "water_retention"
[[indicator.step]]
id = "value"
name = { zh = "水源涵养价值", en = "Value of water retention" }
kind = "value"
method = "gep.methods.valuation:volume_value"
per = "amount"
unit = "10^4 CNY"
clause = "5.3"
inputs = { volume = { step = "water_retention.retained" }, price = { coef = "retention_price" } }

[[indicator]]
id = "noise"
name = { zh = "噪声消减", en = "Noise abatement" }
category = "regulating"
[[indicator.step]]
id = "value"
name = { zh = "噪声消减价值", en = "Value of noise abatement" }
kind = "value"
method = "gep.methods.valuation:reported_value"
per = "region"
unit = "10^4 CNY"
clause = "5.9"
inputs = { value = { data = "noise_value" } }

[[total]]
id = "gep"
add = ["noise"]
"""
NUMBERS = """\
coefficient,substance,value,unit,price_year,source,locator,grade
oxygen_price,,1000,CNY t-1,2010,made_up,p. 1,expert
soil_nutrient_content,N,0.40,%,,made_up,p. 1,expert
nutrient_treatment_cost,N,2000,CNY t-1,2010,made_up,p. 1,expert
retention_price,,2,CNY m-3,2010,made_up,p. 1,expert
"""
SET = 'id = "numbers"\nversion = "1"\ntitle = "Made up"\nlicence = "CC0-1.0"\n'


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ours")
    file = folder / "ours.toml"
    file.write_text(STANDARD, encoding="utf-8")
    (folder / "numbers").mkdir()
    (folder / "numbers" / "set.toml").write_text(SET, encoding="utf-8")
    (folder / "numbers" / "sources.toml").write_text('[made_up]\ntitle = "Made up"\n')
    (folder / "numbers" / "numbers.csv").write_text(NUMBERS, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def compared(ours: Path) -> StandardComparison:
    return gep.compare_standards("rcees-2017", ours, GARZE, language="en")


def _one(rows: pd.DataFrame | None, **keys: str) -> pd.Series:
    assert rows is not None
    for key, value in keys.items():
        rows = rows[rows[key] == value]
    assert len(rows) == 1, f"{keys}: {len(rows)} rows"
    return rows.iloc[0]


def _effects(compared: StandardComparison, indicator: str) -> dict[str, Any]:
    """The value of an indicator under both, and the effects on it, by reason and item."""
    assert compared.reasons is not None
    effects = {}
    rows = compared.reasons[compared.reasons["indicator"] == indicator]
    for _, row in rows.iterrows():
        if row["reason"] == "quantity":
            break
        effects[f"{row['reason']} {row['item']}".strip()] = row["effect"]
    return effects


def test_indicators_of_either_standard_are_listed(compared: StandardComparison) -> None:
    table = compared.indicators
    assert tuple(table.columns) == INDICATOR_COLUMNS
    places = dict(zip(table["indicator"], table["in"], strict=True))
    first = {indicator.id for indicator in compared.first.spec.indicator}
    second = {indicator.id for indicator in compared.second.spec.indicator}
    assert {name for name, place in places.items() if place == "first"} == first - second
    assert {name for name, place in places.items() if place == "second"} == {"noise"}
    differs = dict(zip(table["indicator"], table["differs"], strict=True))
    assert differs["farming"] == differs["noise"] == differs["pest_control"] == ""
    assert differs["soil_retention"] == "coefficients"
    assert differs["oxygen_release"] == "category;coefficients"
    # the step that the default turns on is another one: so are its formula and its number
    assert differs["carbon_sequestration"].split(";")[0] == "formula"
    assert "switches" in differs["carbon_sequestration"]
    # the shared step of the unit cost is gone, and with it its switch
    assert differs["water_retention"] == "formula;clause;coefficients;switches;options;words"
    for words in differs.values():
        assert set(filter(None, words.split(";"))) <= set(ASPECTS)


def test_details_state_both_with_grades(compared: StandardComparison) -> None:
    details = compared.details
    assert tuple(details.columns) == DETAIL_COLUMNS
    price = _one(
        details, indicator="oxygen_release", part="coefficient", item="oxygen_price", key="value"
    )
    assert (price["first"], price["first_grade"]) == ("727 CNY t-1 price_year=2010", "published")
    assert (price["second"], price["second_grade"]) == ("1000 CNY t-1 price_year=2010", "expert")
    assert price["state"] == "differs"
    default = _one(
        details, indicator="carbon_sequestration", part="switch", item="carbon_price", key="default"
    )
    assert (default["first"], default["second"]) == ("per_co2", "per_carbon")
    method = _one(details, indicator="noise", part="step", item="value", key="method")
    assert (method["first"], method["state"]) == ("", "second")
    removed = details[details["indicator"] == "pest_control"]
    assert set(removed["state"]) == {"first"}


def test_every_step_and_number_of_a_standard_is_in_its_comparison_with_itself() -> None:
    compared = gep.compare_standards("rcees-2017", "rcees-2017")
    assert set(compared.details["state"]) == {"same"}
    assert set(compared.indicators["differs"]) == {""}
    standard = compared.first
    methods = compared.details[compared.details["key"] == "method"]
    listed = set(methods["first"])
    assert listed == {named.step.method for named in standard.steps()}
    parts = compared.details.groupby("part")["item"].agg(set)
    for part in ("data", "coefficient", "switch"):
        assert set(getattr(standard.spec, part)) <= parts[part]
    assert compared.reasons is None


def test_a_derived_standard_differs_from_its_base_by_what_it_says(
    compared: StandardComparison,
) -> None:
    details = compared.details
    whole = details[(details["indicator"] == "") & (details["state"] != "same")]
    assert ("standard", "id") in set(zip(whole["part"], whole["key"], strict=True))
    totals = whole[whole["part"] == "total"]
    base = compared.first.spec
    changed = {total.id for total in base.total if "pest_control" in total.indicators}
    assert set(totals["item"]) == changed | {"gep"}


def test_a_number_is_of_the_members_that_the_indicator_takes() -> None:
    details = gep.compare_standards("xie-2008", "xie-2015").details
    is_number = (details["item"] == "equivalents") & details["key"].str.startswith("value ")
    numbers = details[is_number]
    assert len(numbers) > 50
    for indicator, key in zip(numbers["indicator"], numbers["key"], strict=True):
        assert f"service={indicator}" in key.split()


# --- a project under both -------------------------------------------------------------------------


def test_values_are_those_of_runs(compared: StandardComparison) -> None:
    assert compared.reasons is not None
    assert tuple(compared.reasons.columns) == REASON_COLUMNS
    account = gep.read_project(GARZE).compute()[0]
    total = _one(compared.reasons, indicator="total", reason="value")
    assert total["first"] == pytest.approx(account.total("513300"))
    assert total["second"] == "not_compiled"  # of noise there are no data
    values = account.frame().set_index("indicator")
    for name in ("oxygen_release", "soil_retention", "recreation"):
        row = _one(compared.reasons, indicator=name, reason="value")
        steps = values.loc[[name]]
        expected = steps[steps["kind"] == "value"]["value"].astype(float).sum()
        assert float(row["first"]) == pytest.approx(expected)


def test_a_price_explains_the_whole_difference(compared: StandardComparison) -> None:
    effects = _effects(compared, "oxygen_release")
    expected = OXYGEN * (1000 - 727) / 1e4
    assert effects == {
        "value": pytest.approx(expected),
        "coefficient oxygen_price": pytest.approx(expected),
    }
    row = _one(
        compared.reasons, indicator="oxygen_release", reason="coefficient", item="oxygen_price"
    )
    assert (row["first"], row["second"]) == ("727 CNY t-1", "1000 CNY t-1")
    assert (row["first_grade"], row["second_grade"]) == ("published", "expert")
    assert row["unit"] == "10^4 CNY"


def test_two_numbers_that_are_multiplied_have_an_interaction(
    compared: StandardComparison,
) -> None:
    prices = compared.details[
        (compared.details["item"] == "nutrient_treatment_cost")
        & (compared.details["indicator"] == "soil_retention")
        & (compared.details["key"] == "value substance=N")
    ]
    before = float(prices["first"].iloc[0].split()[0])
    more_content = (0.0040 - 0.0037) * SOIL
    more_price = 2000 - before
    effects = _effects(compared, "soil_retention")
    content = effects["coefficient soil_nutrient_content"]
    assert content == pytest.approx(more_content * before / 1e4)
    price = effects["coefficient nutrient_treatment_cost"]
    assert price == pytest.approx(0.0037 * SOIL * more_price / 1e4)
    assert effects["interaction"] == pytest.approx(more_content * more_price / 1e4)
    rest = effects.pop("value") - sum(effects.values())
    assert rest == pytest.approx(0, abs=1e-6)


def test_a_switch_explains_what_its_default_changes(compared: StandardComparison) -> None:
    effects = _effects(compared, "carbon_sequestration")
    assert effects["switch carbon_price"] == pytest.approx(effects["value"])
    assert effects["value"] != 0
    assert set(effects) == {"value", "switch carbon_price"}


def test_another_formula_is_told_from_other_numbers(compared: StandardComparison) -> None:
    row = _one(compared.reasons, indicator="water_retention", reason="value")
    assert float(row["second"]) == pytest.approx(WATER * 2 / 1e4)
    effects = _effects(compared, "water_retention")
    assert effects == {
        "value": pytest.approx(WATER * (2 - 7.06) / 1e4),
        "formula": pytest.approx(WATER * (2 - 7.06) / 1e4),
    }


def test_what_only_one_standard_has_is_said_with_what_it_weighs(
    compared: StandardComparison,
) -> None:
    value = _one(compared.reasons, indicator="pest_control", reason="value")
    effects = _effects(compared, "pest_control")
    assert effects["value"] == ""
    only = _one(compared.reasons, indicator="pest_control", reason="first")
    assert float(only["effect"]) == -float(value["first"])
    _one(compared.reasons, indicator="noise", reason="second")
    missing = _one(compared.reasons, indicator="noise", reason="missing-data")
    assert (missing["item"], missing["first"], missing["second"]) == ("noise_value", "", 1)


def test_the_same_standard_gives_the_same_numbers() -> None:
    reasons = gep.compare_standards("rcees-2017", "rcees-2017", GARZE).reasons
    assert reasons is not None
    assert set(reasons["reason"]) == {"value", "quantity"}
    assert set(reasons["effect"]) == {0.0}


def test_another_standard_says_what_the_project_lacks_by_indicator() -> None:
    compared = gep.compare_standards(
        RESERVE / "standard.toml",
        "rcees-2017",
        RESERVE,
        crosswalk=RESERVE / "crosswalk-hj1166.csv",
    )
    reasons = compared.reasons
    assert reasons is not None
    own = gep.read_project(RESERVE).compute()[0].total("360321GTY")
    total = _one(reasons, indicator="total", reason="value")
    assert total["first"] == pytest.approx(own)
    assert total["second"] == "not_compiled"
    values = reasons[reasons["reason"] == "value"]
    withheld = set(values["indicator"][values["second"] == "not_compiled"]) - {"total"}
    is_missing = reasons["reason"].str.startswith("missing-")
    assert set(reasons["indicator"][is_missing]) == withheld
    # 固碳 is paired by its name, for the ids differ
    carbon = reasons[(reasons["indicator"] == "carbon_fixation") & is_missing]
    assert set(carbon["item"]) == {"net_primary_production", "soil_respiration"}
    lake = reasons[(reasons["indicator"] == "flood_mitigation") & is_missing]
    assert "missing-coefficient" in set(lake["reason"])
    cover = _one(reasons, indicator="soil_conservation", item="vegetation_cover")
    assert (cover["first"], cover["second"], cover["members"]) == ("", 1, "")
    assert {problem.code for problem in compared.warnings} == {"default-used"}


def test_types_that_lack_a_number_are_named(tmp_path: Path) -> None:
    types = dict.fromkeys(("shrub", "grassland", "cropland", "urban", "bare_land"), "na")
    # of wetland and glaciers Xie 2015 prints numbers, of forest only those of its four kinds
    types |= {"wetland": "wetland", "glacier_snow": "glacier", "forest": "forest"}
    lines = ["class,ecosystem,grade", *(f"{name},{kind},expert" for name, kind in types.items())]
    file = tmp_path / "to-xie.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    compared = gep.compare_standards("rcees-2017", "xie-2015", GARZE, crosswalk=file, language="en")
    reasons = compared.reasons
    row = _one(reasons, indicator="food_production", reason="missing-coefficient")
    assert (row["item"], row["members"]) == ("equivalents", "Forest (forest)")


# --- what is refused ------------------------------------------------------------------------------


def _codes(*arguments: object, **options: object) -> set[str]:
    with pytest.raises(ProblemsFound) as caught:
        gep.compare_standards(*arguments, **options)  # type: ignore[arg-type]
    return {problem.code for problem in caught.value.problems}


def test_what_is_no_standard_is_refused() -> None:
    assert _codes("nope", "also-nope") == {"unknown-id"}
    with pytest.raises(ProblemsFound) as caught:
        gep.compare_standards("nope", "also-nope")
    assert len(caught.value.problems) == 2
    assert _codes("rcees-2017", GARZE / "data.csv") == {"toml-syntax"}
    assert _codes("rcees-2017", GARZE) == {"not-a-file"}
    assert _codes("rcees-2017", "xie-2015", GARZE / "nowhere") == {"missing-file"}


def test_classes_that_a_standard_does_not_have_need_a_crosswalk(ours: Path) -> None:
    with pytest.raises(ProblemsFound) as caught:
        gep.compare_standards("rcees-2017", "xie-2015", GARZE, language="en")
    (problem,) = caught.value.problems
    assert problem.code == "unknown-class"
    assert "Urban ecosystem (urban)" in problem.what
    assert "--crosswalk" in problem.fix
    wrong = {"crosswalk": "igbp-to-hj1166"}
    assert _codes("rcees-2017", "xie-2015", GARZE, **wrong) == {"unknown-class"}
    unknown = {"crosswalk": "nope"}
    assert _codes("rcees-2017", "xie-2015", GARZE, **unknown) == {"unknown-id"}
    idle = {"crosswalk": "igbp-to-hj1166"}
    assert _codes("rcees-2017", ours, GARZE, **idle) == {"command-line"}


def test_problems_of_an_account_name_the_standard(tmp_path: Path, ours: Path) -> None:
    text = ours.read_text(encoding="utf-8").replace("./numbers", str(ours.parent / "numbers"))
    text = text.replace('coef = "retention_price" }', 'coef = "oxygen_price" }')
    file = tmp_path / "wrong.toml"
    file.write_text(text.replace(f'"{ours.parent}/numbers", ', ""), encoding="utf-8")
    with pytest.raises(ProblemsFound) as caught:
        gep.compare_standards("rcees-2017", file, GARZE)
    assert {problem.code for problem in caught.value.problems} == {"wrong-dimension"}
    assert {problem.project for problem in caught.value.problems} == {"ours"}


# --- the command ----------------------------------------------------------------------------------


def _said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    status = main(["standard", "compare", *map(str, words)])
    return status, *capsys.readouterr()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_screen_has_names_first(
    language: Language, ours: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("rcees-2017", ours, "--project", GARZE, "--language", language)
    status, out, _ = _said(capsys, *words)
    assert status == 0
    flat = " ".join(out.replace("│", " ").split())
    expected = {
        "zh": (
            "释氧 (oxygen_release)",
            "开关 碳价的计量",
            "乙缺：噪声消减价值",
            "只有甲有",
            "未编制",
        ),
        "en": (
            "Oxygen release",
            "switch Carbon price",
            "missing under B:",
            "only in A",
            "compiled",
        ),
    }
    for piece in expected[language]:
        assert piece in flat
    assert "6,852,300" in flat
    assert "noise_value: 1" not in flat


def test_csv_and_workbook_have_all(
    ours: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = _said(capsys, "rcees-2017", ours, "--csv")
    assert (status, out.splitlines()[0].lstrip("\ufeff")) == (0, ",".join(DETAIL_COLUMNS))
    status, out, _ = _said(capsys, "rcees-2017", ours, "--project", GARZE, "--csv")
    assert (status, out.splitlines()[0].lstrip("\ufeff")) == (0, ",".join(REASON_COLUMNS))
    file = tmp_path / "compared.xlsx"
    status, _, err = _said(capsys, "rcees-2017", ours, "--project", GARZE, "--out", file)
    assert status == 0
    assert "compared.xlsx" in err
    assert load_workbook(file).sheetnames == ["indicators", "details", "reasons"]
    assert _said(capsys, "rcees-2017", ours, "--out", file)[0] == 2  # it is there


@pytest.mark.parametrize(
    "words",
    [
        ("rcees-2017",),
        ("rcees-2017", "nope"),
        ("rcees-2017", "xie-2015", "--project", GARZE),
        ("rcees-2017", "xie-2015", "--out", "table.pdf"),
    ],
)
def test_broken_inputs_are_problems(
    words: tuple[object, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = _said(capsys, *words, "--language", "en")
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    assert " / fix: " in err


def test_sets_are_compared_by_the_catalogue_and_standards_are_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for names in (["rcees-2017", "xie-2015"], ["a.toml", "b.toml"]):
        assert main(["catalog", "diff", *names, "--language", "en"]) == 2
        assert "gep standard compare" in capsys.readouterr().err
