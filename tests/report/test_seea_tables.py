"""Accounts in the tables of SEEA EA: hand numbers, the case of SEEALand, what is told and what is not."""

from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from support.paths import ROOT
from support.small import AREAS, HEAD, Small, area, coefficient, datum

import gep
from gep.extent.transitions import read_transitions
from gep.io.catalog import shipped
from gep.report.seea_assets import TOTAL, Discounting
from gep.report.seea_services import reference_services, service_of, shipped_matches
from gep.report.seea_tables import APART
from gep.report.seea_use import LISTED
from gep.texts.catalogue import Language

# Which service an indicator of the small standard is; "visit" is left out.
SERVICES = pd.DataFrame(
    [
        ("farm", "crop", "expert"),
        ("water", "baseline_flow", "recalled"),
        ("air", "air_filtration", "expert"),
        ("soil", "", "expert"),
    ],
    columns=["indicator", "service", "grade"],
)
# Of region a, 10^4 CNY. Wood of 400 ha is 300 ha of forest and 100 ha of shrub; paddy of 100 ha is field.
#   water: forest 300 ha x 1600 mm x 0.75 = 360 x 10^4 m3, shrub 100 ha x 1600 mm x 0.6 = 96; at 2 CNY
#   farm: 700 t x 3000 CNY = 210; air: 20 t x 1260 + (300 x 10 + 100 x 4 + 100 x 1) t x 150 = 55.02
#   soil: N at 2625 CNY/t, P at 4200 CNY/t: forest 6 t and 0.6 t, shrub 1 t, field 0.5 t and -0.1 t
#   visit: 5000 x 80 CNY = 40
WATER = {"forest": 720.0, "shrub": 192.0}
SOIL = {"forest": 1.827, "shrub": 0.2625, "field": 0.08925}
LISTED_OF_A = {"forest": 720.0, "shrub": 192.0, "unallocated": 210 + 55.02, "supply": 1177.02}
APART_OF_A = {"forest": 1.827, "shrub": 0.2625, "unallocated": 40.0, "supply": 42.17875}
SEEALAND = """
[data.wood]
name = "Wood"
unit = "m3"
keys = ["region", "ecosystem"]

[data.carbon]
name = "Carbon dioxide"
unit = "t"
keys = ["region", "ecosystem"]

[data.guests]
name = "Visits"
unit = "visit"
keys = ["region", "ecosystem"]
"""


def _rows(frame: pd.DataFrame, **keys: object) -> pd.DataFrame:
    for name, key in keys.items():
        frame = frame[frame[name] == key]
    return frame


def _row(frame: pd.DataFrame, **keys: object) -> pd.Series:
    chosen = _rows(frame, **keys)
    assert len(chosen) == 1, keys
    return chosen.iloc[0]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> gep.Account:
    return Small().account(tmp_path_factory.mktemp("small"))


# --- services ------------------------------------------------------------------------------------


def test_values_by_type_are_those_of_the_account(small: gep.Account) -> None:
    tables = gep.seea_tables(small, region="a", services=SERVICES)
    water = _row(tables.values, indicator="water")
    assert water[list(WATER)].to_dict() == pytest.approx(WATER)
    assert (water["service"], water["reason"]) == ("baseline_flow", "")
    assert water["grade"] == "unstated"  # the data have no grade
    assert (water["match_grade"], water["use"]) == ("recalled", "not_told")
    soil = _row(tables.values, indicator="soil")
    assert soil[list(SOIL)].to_dict() == pytest.approx(SOIL)
    assert (soil["service"], soil["reason"]) == ("", "not_listed")
    assert _row(tables.values, indicator="visit")["reason"] == "not_in_crosswalk"


def test_what_is_not_in_the_list_is_apart_and_not_summed(small: gep.Account) -> None:
    values = gep.seea_tables(small, region="a", services=SERVICES).values
    listed = _row(values, category=LISTED)
    assert listed[list(LISTED_OF_A)].to_dict() == pytest.approx(LISTED_OF_A)
    apart = _row(values, category=APART)
    assert apart[list(APART_OF_A)].to_dict() == pytest.approx(APART_OF_A)
    assert _row(values, category=TOTAL)["supply"] == pytest.approx(small.total("a"))
    order = values["indicator"].tolist()
    assert order == ["farm", "water", "air", "", "soil", "visit", "", ""]


def test_quantities_keep_their_units_and_members(small: gep.Account) -> None:
    tables = gep.seea_tables(small, region="a", services=SERVICES)
    water = _row(tables.quantities, indicator="water")
    assert (water["forest"], water["shrub"], water["unit"]) == (360, 96, "10^4 m3")
    dust = _row(tables.quantities, item="substance=dust")
    assert (dust["unallocated"], dust["supply"], dust["use"]) == (3500, 3500, "not_told")
    assert tables.quantities["indicator"].iloc[-1] == "soil"  # what has no place comes last


def test_a_parent_sums_its_regions(small: gep.Account) -> None:
    """The topmost parent by default."""
    tables = gep.seea_tables(small, services=SERVICES)
    assert tables.region == "top"
    parts = [gep.seea_tables(small, region=code, services=SERVICES).values for code in "ab"]
    sums = [_row(part, category=LISTED)["supply"] for part in parts]
    assert _row(tables.values, category=LISTED)["supply"] == pytest.approx(sum(sums))


def test_a_number_that_is_missing_leaves_sums_open(tmp_path: Path) -> None:
    data = [row for row in Small().data if (row["region"], row["name"]) != ("a", "rain")]
    account = replace(Small(), data=data).account(tmp_path, partial=True)
    values = gep.seea_tables(account, region="a", services=SERVICES, rate=0.02, years=100)
    assert _row(values.values, indicator="water")["status"] == "not_compiled"
    assert pd.isna(_row(values.values, category=LISTED)["supply"])
    assert _row(values.values, category=APART)["supply"] == pytest.approx(42.17875)
    assert values.assets[TOTAL].isna().all()


def test_an_own_crosswalk_is_checked(small: gep.Account) -> None:
    wrong = pd.DataFrame(
        [("farms", "crop"), ("water", "base_flow"), ("air", ""), ("air", "air_filtration")],
        columns=["indicator", "service"],
    )
    with pytest.raises(gep.ProblemsFound) as error:
        gep.seea_tables(small, services=wrong)
    codes = [problem.code for problem in error.value.problems]
    assert sorted(codes) == ["duplicate-row", "unknown-id", "unknown-id"]


# --- assets --------------------------------------------------------------------------------------


def test_the_value_of_seealand_in_a_hundred_years() -> None:
    """The text prints 18,300 of services a year as 788,700 at 2 %: each year's at its end."""
    discounting = Discounting(0.02, 100)
    assert discounting.factor == pytest.approx(sum(1.02**-year for year in range(1, 101)))
    assert round(18_300 * discounting.factor, -2) == 788_700
    at_the_beginning = 18_300 * sum(1.02**-year for year in range(100))
    assert round(at_the_beginning, -2) != 788_700
    assert Discounting(0.0, 30).factor == 30


def _seealand(folder: Path) -> gep.Account:
    """The forest of SEEALand: 150 m3 of wood at 60, 160 t of CO2 at 25, 1600 visits at 5."""
    methods = {"wood": "stored", "carbon": "sold", "guests": "spent"}
    arguments = {"wood": ("volume", "cost"), "carbon": ("quantity", "price")}
    text = HEAD.replace('"10^4 CNY"', '"CNY"') + SEEALAND
    for name, method in methods.items():
        amount, price = arguments.get(name, ("visits", "spending"))
        text += f"""
[[indicator]]
id = "{name}"
name = "{name}"
category = "regulating"
[[indicator.step]]
id = "value"
kind = "value"
method = "./own.py:{method}"
per = "amount"
unit = "CNY"
clause = "1"
inputs = {{ {amount} = {{ data = "{name}" }}, {price} = {{ coef = "{name}_price" }} }}
"""
    text += '\n[[total]]\nid = "gep"\nname = "GEP"\nindicators = ["wood", "carbon", "guests"]\n'
    amounts = {"wood": (150, "m3"), "carbon": (160, "t"), "guests": (1600, "visit")}
    prices = {"wood": (60, "CNY m-3"), "carbon": (25, "CNY t-1"), "guests": (5, "CNY visit-1")}
    made = replace(
        Small(),
        areas=(area("a", "forest", 1, "km2"),),
        data=[datum("a", name, *given, ecosystem="forest") for name, given in amounts.items()],
        sets={"base": [coefficient(f"{name}_price", *given) for name, given in prices.items()]},
        standard=text,
        walk=None,
        regions=None,
    )
    return made.account(folder)


def test_the_forest_of_seealand(tmp_path: Path) -> None:
    account = _seealand(tmp_path)
    names = {"wood": "wood", "carbon": "global_climate", "guests": "recreation"}
    services = pd.DataFrame(list(names.items()), columns=["indicator", "service"])
    tables = gep.seea_tables(account, services=services, rate=0.02, years=100)
    by_service = tables.values.set_index("service")["forest"]
    assert by_service[list(names.values())].tolist() == [9000, 4000, 8000]
    assert _row(tables.values, category=LISTED)["forest"] == 21_000
    assert tables.assets[["entry", "forest", TOTAL]].to_numpy().tolist() == [
        ["closing", pytest.approx(905_065.38, abs=0.01), pytest.approx(905_065.38, abs=0.01)]
    ]  # 21,000 x 43.0983516


def test_assets_take_what_is_in_the_list_only(small: gep.Account) -> None:
    tables = gep.seea_tables(small, region="a", services=SERVICES, rate=0.02, years=100)
    closing = _row(tables.assets, entry="closing")
    assert closing[TOTAL] == pytest.approx(1177.02 * 43.0983516, rel=1e-8)
    assert closing["forest"] == pytest.approx(720 * 43.0983516, rel=1e-8)
    nothing = gep.seea_tables(small, region="a", rate=0.02, years=100)
    assert nothing.assets.empty  # no indicator of this standard is in the crosswalk that ships


def test_why_assets_changed_is_not_told(tmp_path: Path) -> None:
    accounts = _two_years(tmp_path)
    tables = gep.seea_tables(accounts, region="a", services=SERVICES, rate=0.0, years=10)
    totals = tables.assets.set_index("entry")[TOTAL]
    assert totals[["enhancement", "degradation", "catastrophic_losses"]].isna().all()
    assert totals["net"] == pytest.approx(totals["closing"] - totals["opening"])
    assert totals["closing"] == pytest.approx(11770.2)


@pytest.mark.parametrize(
    "given",
    [{"rate": 0.02}, {"years": 10}, {"rate": 1.5, "years": 10}, {"rate": 0.02, "years": 0}],
    ids=str,
)
def test_a_rate_that_cannot_be_used_is_refused(small: gep.Account, given: dict[str, float]) -> None:
    with pytest.raises(gep.ProblemsFound, match="bad-discount"):
        gep.seea_tables(small, **given)  # type: ignore[arg-type]


# --- extent --------------------------------------------------------------------------------------


def _two_years(folder: Path) -> list[gep.Account]:
    """Region a in two years: 40 ha of field became wood, hence 30 of forest and 10 of shrub."""
    before = (area("a", "wood", 360, year=2010), area("a", "paddy", 140, year=2010))
    years = {2010: before, 2020: [row for row in AREAS if row["region"] == "a"]}
    accounts = []
    for year, areas in years.items():
        data = [dict(row) | {"year": year} for row in Small().data if row["region"] == "a"]
        made = replace(Small(), areas=areas, data=data, regions=None)
        accounts.append(made.account(folder / str(year), price_year=2020))
    return accounts


def _moves() -> pd.DataFrame:
    years = {"region": "a", "from": 2010, "to": 2020, "unit": "hm2"}
    moves = [("wood", "wood", 355), ("wood", "paddy", 5), ("paddy", "wood", 45)]
    moves.append(("paddy", "paddy", 95))
    return pd.DataFrame(
        [years | {"from_class": start, "to_class": end, "area": size} for start, end, size in moves]
    )


def test_extent_from_transitions(tmp_path: Path) -> None:
    """45 ha of paddy became wood and 5 ha of wood became paddy; wood is 3/4 forest, 1/4 shrub."""
    transitions = read_transitions(_moves())
    tables = gep.seea_tables(_two_years(tmp_path), transitions=transitions)
    extent = tables.extent.set_index("entry")
    expected = {
        "opening": [2.7, 0.9, 1.4, 5.0],
        "additions": [0.3375, 0.1125, 0.05, 0.5],
        "reductions": [-0.0375, -0.0125, -0.45, -0.5],
        "net": [0.3, 0.1, -0.4, 0.0],
        "closing": [3.0, 1.0, 1.0, 5.0],
    }
    columns = ["forest", "shrub", "field", TOTAL]
    assert extent.index.tolist() == list(expected)
    for entry, areas in expected.items():
        assert extent.loc[entry, columns].tolist() == pytest.approx(areas, abs=1e-12), entry
    matrix = tables.changes.set_index("opening")
    assert matrix.loc["field", columns].tolist() == pytest.approx([0.3375, 0.1125, 0.95, 1.4])
    assert tables.net_only == ()


def test_what_transitions_do_not_explain_is_told(tmp_path: Path) -> None:
    """A transition less: the additions of wood miss 20 ha of the change."""
    moves = _moves()
    moves.loc[2, "area"] = 25
    tables = gep.seea_tables(_two_years(tmp_path), transitions=read_transitions(moves))
    unexplained = _row(tables.extent, entry="unexplained")
    assert unexplained[["forest", "shrub", "field"]].tolist() == pytest.approx([0.15, 0.05, -0.2])
    assert {problem.code for problem in tables.warnings} == {"transition-margins"}


def test_without_transitions_only_net_changes_are_known(tmp_path: Path) -> None:
    tables = gep.seea_tables(_two_years(tmp_path))
    assert tables.extent["entry"].tolist() == ["opening", "net", "closing"]
    assert tables.changes.empty
    assert tables.net_only == ((2010, 2020),)


def test_a_single_year_has_a_closing_only(small: gep.Account) -> None:
    extent = gep.seea_tables(small, region="b").extent
    assert extent["entry"].tolist() == ["closing"]
    assert extent[["forest", "shrub", TOTAL]].iloc[0].tolist() == pytest.approx([0.75, 2.25, 3.0])


# --- what ships ----------------------------------------------------------------------------------


def test_every_indicator_that_ships_has_its_place_or_a_reason() -> None:
    for name in shipped("standards"):
        standard = gep.read_standard(name)
        for indicator in standard.spec.indicator:
            match = service_of(standard, indicator.id, "", {})
            assert bool(match.service) != bool(match.reason), (name, indicator.id)
            assert match.reason != "not_in_crosswalk", (name, indicator.id)
            assert match.grade in ("expert", "recalled")


def test_the_crosswalk_names_what_exists() -> None:
    for (name, indicator, _), match in shipped_matches().items():
        standard = gep.read_standard(name)
        assert indicator in {each.id for each in standard.spec.indicator}
        assert set(match.service.split()) <= set(reference_services())


def test_the_reference_list_is_recalled() -> None:
    services = reference_services()
    assert len(services) == 34
    assert {service.grade for service in services.values()} == {"recalled"}


def test_oxygen_has_no_place_and_nutrients_are_apart_from_other_substances() -> None:
    garze = gep.read_project(ROOT / "examples" / "garze-2010")
    tables = gep.seea_tables(garze.compute())
    oxygen = _row(tables.values, indicator="oxygen_release")
    assert (oxygen["service"], oxygen["reason"]) == ("", "not_listed")
    water = _rows(tables.quantities, indicator="water_purification").set_index("item")["service"]
    assert water.to_dict() == {
        "substance=COD": "purification_other",
        "substance=NH3-N": "purification_nutrients",
    }
    types = tables.types.set_index("ecosystem")
    assert types.loc["glacier_snow", ["get_code", "match_grade"]].tolist() == ["T6.1", "expert"]
    assert types.loc["wetland", "get_code"] == ""  # of several realms


# --- workbook ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook_says_what_is_recalled_and_not_told(
    tmp_path: Path, language: Language
) -> None:
    target = tmp_path / "seea.xlsx"
    folder = ROOT / "examples" / "garze-2010"
    gep.write_seea(folder, target, rate=0.02, years=100, language=language)
    book = openpyxl.load_workbook(target)
    texts = [
        str(value)
        for page in book.worksheets
        for row in page.iter_rows(values_only=True)
        for value in row
        if value is not None
    ]
    joined = "\n".join(texts)
    words = {
        "zh": ("未知", "凭记忆", "不在清单：清单中没有这项服务", "没有状况账户", "暖温带"),
        "en": ("not told", "from memory", "outside the list: no such", "no condition account", ""),
    }[language]
    for word in words[:4]:
        assert word in joined
    assert len(book.sheetnames) == 7
    with pytest.raises(gep.ProblemsFound, match="file-exists"):
        gep.write_seea(folder, target)
