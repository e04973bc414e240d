"""What a project adds to its tables of SEEA EA: files of [seea], causes of transitions, wrong inputs, the workbook."""

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from report.test_seea_tables import SERVICES, _moves, _row, _two_years
from support.paths import ROOT

import gep
import gep.workflows.seea
from gep.extent.transitions import read_transitions
from gep.report.seea_assets import TOTAL
from gep.report.seea_tables import TABLES
from gep.texts.catalogue import Language

CONDITION = """region,ecosystem,variable,class,direction,year,value,unit,low,high,source,grade
hongsibu,other_grassland,cover,structural,more,2000,30,%,0,80,made up,placeholder
hongsibu,other_grassland,cover,structural,more,2018,50,%,0,80,made up,placeholder
hongsibu,other_grassland,bare ground,physical,less,2000,40,%,0,60,made up,placeholder
hongsibu,other_grassland,bare ground,physical,less,2018,70,%,0,60,made up,placeholder
"""


# --- causes of transitions -----------------------------------------------------------------------


def test_causes_split_additions_and_reductions(tmp_path: Path) -> None:
    """Of 45 ha of paddy that became wood 30 were planted, 10 grew up, 5 have no cause; 3/4 of wood is forest."""
    moves = _moves().assign(cause=["", "managed", "", ""])
    grown = moves.iloc[[2, 2]].assign(area=[10, 30], cause=["unmanaged", "managed"])
    moves.loc[2, "area"] = 5
    transitions = read_transitions(pd.concat([moves, grown], ignore_index=True))
    tables = gep.seea_tables(_two_years(tmp_path), transitions=transitions)
    extent = tables.extent.set_index("entry")
    assert extent.index.tolist() == [
        "opening",
        "additions",
        "additions_managed",
        "additions_unmanaged",
        "additions_no_cause",
        "reductions",
        "reductions_managed",
        "reductions_unmanaged",
        "reductions_no_cause",
        "net",
        "closing",
    ]
    columns = ["forest", "shrub", "field", TOTAL]
    expected = {
        "additions": [0.3375, 0.1125, 0.05, 0.5],
        "additions_managed": [0.225, 0.075, 0.05, 0.35],
        "additions_unmanaged": [0.075, 0.025, 0, 0.1],
        "additions_no_cause": [0.0375, 0.0125, 0, 0.05],
        "reductions": [-0.0375, -0.0125, -0.45, -0.5],
        "reductions_managed": [-0.0375, -0.0125, -0.3, -0.35],
        "reductions_unmanaged": [0, 0, -0.1, -0.1],
        "reductions_no_cause": [0, 0, -0.05, -0.05],
    }
    for entry, areas in expected.items():
        assert extent.loc[entry, columns].tolist() == pytest.approx(areas, abs=1e-12), entry


def test_a_reappraisal_of_data_is_told_apart(tmp_path: Path) -> None:
    moves = _moves().assign(cause=["", "managed", "reappraisal", ""])
    tables = gep.seea_tables(_two_years(tmp_path), transitions=read_transitions(moves))
    row = _row(tables.extent, entry="additions_reappraisal")
    assert row[["forest", "shrub", TOTAL]].tolist() == pytest.approx([0.3375, 0.1125, 0.45])
    assert "additions_no_cause" not in set(tables.extent["entry"])


def test_a_wrong_cause_is_refused() -> None:
    with pytest.raises(gep.ProblemsFound, match="unknown-option") as error:
        read_transitions(_moves().assign(cause="planted"))
    assert "cause" in str(error.value)


def test_the_same_move_twice_with_one_cause_is_refused() -> None:
    moves = pd.concat([_moves(), _moves().iloc[[1]]]).assign(cause="managed")
    with pytest.raises(gep.ProblemsFound, match="duplicate-row"):
        read_transitions(moves)


# --- wrong tables --------------------------------------------------------------------------------

GOOD = {
    "condition": {
        "region": "a",
        "ecosystem": "forest",
        "variable": "cover",
        "class": "structural",
        "direction": "more",
        "year": 2020,
        "value": 60,
        "unit": "%",
        "low": 0,
        "high": 100,
        "weight": "",
        "source": "survey",
        "grade": "",
    },
    "use": {
        "service": "crop",
        "user": "households",
        "share": 1,
        "source": "survey",
        "region": "",
        "year": 2020,
        "grade": "",
    },
    "losses": {
        "from": 2010,
        "to": 2020,
        "ecosystem": "forest",
        "event": "fire",
        "share": 0.5,
        "source": "survey",
        "region": "",
        "grade": "",
    },
}
WRONG = [
    ("condition", {"class": "physic"}, "unknown-option"),
    ("condition", {"direction": "up"}, "unknown-option"),
    ("condition", {"ecosystem": "woods"}, "unknown-class"),
    ("condition", {"region": "c"}, "unknown-region"),
    ("condition", {"year": 2015}, "missing-year"),
    ("condition", {"year": "soon"}, "bad-year"),
    ("condition", {"value": "much"}, "not-a-number"),
    ("condition", {"source": ""}, "blank"),
    ("condition", {"unit": ""}, "blank"),
    ("condition", {"low": 100}, "condition-levels"),
    ("condition", {"weight": 0.5}, "weights-sum"),
    ("condition", {"grade": "placeholder"}, "placeholder"),
    ("condition", {"grade": "good"}, "unknown-grade"),
    ("use", {"share": 0.9}, "share-sum"),
    ("use", {"share": 1.2}, "share-range"),
    ("use", {"user": "farmers"}, "unknown-id"),
    ("use", {"service": "crops"}, "unknown-id"),
    ("use", {"service": "noise"}, "unknown-id"),  # in the list, but of no indicator
    ("use", {"year": 2015}, "missing-year"),
    ("losses", {"from": 2020, "to": 2010}, "bad-year"),
    ("losses", {"share": 1.5}, "share-range"),
    ("losses", {"event": ""}, "blank"),
    ("losses", {"to": 2015}, "missing-year"),
]


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> list[gep.Account]:
    return _two_years(tmp_path_factory.mktemp("years"))


def test_good_tables_are_read(accounts: list[gep.Account]) -> None:
    given = {name: pd.DataFrame([row]) for name, row in GOOD.items()}
    tables = gep.seea_tables(accounts, services=SERVICES, **given)
    row = tables.condition.iloc[0]
    assert (row["closing_indicator"], row["grade"]) == (0.6, "unstated")
    assert pd.isna(row["opening_indicator"])
    assert pd.isna(row["weight"])
    assert tables.condition_index.empty  # of one end only: no index
    assert set(tables.tables()) < set(TABLES)


@pytest.mark.parametrize(("name", "wrong", "code"), WRONG, ids=str)
def test_wrong_rows_are_problems(
    accounts: list[gep.Account], name: str, wrong: dict[str, object], code: str
) -> None:
    table = pd.DataFrame([GOOD[name] | wrong])
    with pytest.raises(gep.ProblemsFound) as error:
        gep.seea_tables(accounts, services=SERVICES, **{name: table})
    assert code in {problem.code for problem in error.value.problems}
    assert all(problem.place for problem in error.value.problems)


def test_levels_of_a_variable_are_the_same_in_all_years(accounts: list[gep.Account]) -> None:
    rows = pd.DataFrame([GOOD["condition"], GOOD["condition"] | {"year": 2010, "high": 90}])
    with pytest.raises(gep.ProblemsFound, match="condition-levels") as error:
        gep.seea_tables(accounts, condition=rows)
    assert "high" in str(error.value)


def test_losses_beyond_all_are_refused(accounts: list[gep.Account]) -> None:
    rows = pd.DataFrame([GOOD["losses"], GOOD["losses"] | {"event": "flood", "share": 0.6}])
    with pytest.raises(gep.ProblemsFound, match="share-sum"):
        gep.seea_tables(accounts, losses=rows)


def test_weights_that_are_given(accounts: list[gep.Account]) -> None:
    """Table 5.4: indicators 0.5 and 0.9 of weights 0.75 and 0.25 are 0.6; classes do not count alike."""
    rows = []
    values = {"physical": ((50, 25), 0.75), "functional": ((90, 70), 0.25)}
    for name, (ends, weight) in values.items():
        for year, value in zip((2010, 2020), ends, strict=True):
            row = {"variable": name, "class": name, "year": year, "value": value, "weight": weight}
            rows.append(GOOD["condition"] | row)
    tables = gep.seea_tables(accounts, condition=pd.DataFrame(rows))
    index = _row(tables.condition_index, **{"class": "index"})
    assert index["opening_index"] == pytest.approx(0.5 * 0.75 + 0.9 * 0.25)
    assert index["closing_index"] == pytest.approx(0.25 * 0.75 + 0.7 * 0.25)


def test_services_without_a_quantity_have_no_price(accounts: list[gep.Account]) -> None:
    """Farm products are output times a price in one step: their change is one figure."""
    tables = gep.seea_tables(accounts, region="a", services=SERVICES, rate=0.0, years=1)
    rows = tables.assets.set_index("entry")
    # 2010: wood 360 ha is 270 ha of forest, 324 x 10^4 m3 of water at 2 CNY; 2020: 300 ha, 360 x 10^4 m3.
    # 1200 m3 of water per ha (x 2 CNY = 0.24 x 10^4 CNY) did not change: 30 ha more are 72.
    assert rows.loc["conversion_additions", "forest"] == pytest.approx(0.24 * 10 * 30)
    assert rows.loc["net", "forest"] == pytest.approx(72)
    assert rows.loc["revaluations", "forest"] == pytest.approx(0, abs=1e-9)
    # air: prices are known, no type supplies it; farm products: 700 t at 3 CNY/kg in both years
    assert rows.loc["volume", "unallocated"] == rows.loc["net", "unallocated"]


# --- project -------------------------------------------------------------------------------------


def _project(folder: Path, seea: str, **tables: str) -> Path:
    """Copy the example of Hongsibu with tables of [seea]."""
    target = folder / "hongsibu"
    shutil.copytree(ROOT / "examples" / "hongsibu", target)
    file = target / "project.toml"
    text = file.read_text(encoding="utf-8").replace(
        "[project]", "[project]\nallow_placeholder = true", 1
    )
    file.write_text(f"{text}\n[seea]\n{seea}\n", encoding="utf-8")
    for name, content in tables.items():
        (target / f"{name}.csv").write_text(content, encoding="utf-8")
    return target


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook_of_a_project_with_all_tables(tmp_path: Path, language: Language) -> None:
    use = "service,user,share,source\ncrop livestock,agriculture,0.75,made up\ncrop livestock,households,0.25,made up\n"
    services = "indicator,service\nfood_production,crop livestock\n"
    project = _project(
        tmp_path,
        'services = "services.csv"\ncondition = "condition.csv"\nuse = "use.csv"',
        condition=CONDITION,
        use=use,
        services=services,
    )
    target = tmp_path / "seea.xlsx"
    tables = gep.write_seea(project, target, rate=0.03, years=50, language=language)
    # cover: 30/80 and 50/80; bare ground: 1 - 40/60, and 70 beyond the level of 60 is 0
    index = _row(tables.condition_index, **{"class": "index", "from": 2000, "to": 2018})
    assert index["opening_index"] == pytest.approx((0.375 + 1 / 3) / 2)
    assert index["closing_index"] == pytest.approx(0.625 / 2)
    book = openpyxl.load_workbook(target)
    texts = {str(cell) for page in book for row in page.iter_rows(values_only=True) for cell in row}
    words = {
        "zh": ("状况指数", "A1 物理状态", "越少越好", "居民消费", "生态系统退化"),
        "en": (
            "Condition index",
            "A1 Physical state",
            "less",
            "Household consumption",
            "Ecosystem degradation",
        ),
    }[language]
    assert set(words) <= texts
    assert not any("{" in text or "nan" in text.split() for text in texts)


def test_the_table_of_services_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gep.report import seea_services

    opened = []
    read = seea_services.read_table

    def counting(path: Path, *more: object, **options: object) -> object:
        opened.append(path)
        return read(path, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(seea_services, "read_table", counting)
    file = tmp_path / "services.csv"
    file.write_text("indicator,service\nfood_production,crop livestock\n", encoding="utf-8")
    gep.write_seea(ROOT / "examples" / "hongsibu", tmp_path / "seea.xlsx", services=file)
    assert opened == [file]


def _refuse(*more: object, **options: object) -> None:
    raise AssertionError("computed before all problems were told")


def test_all_wrong_tables_are_told_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = _project(
        tmp_path,
        'condition = "condition.csv"\nuse = "../use.csv"\nlosses = "none.csv"\nservices = "services.csv"',
        condition=CONDITION.replace("physical", "physic"),
        services="indicator,service\nfood,crop\n",
    )
    monkeypatch.setattr(gep.workflows.seea, "account_from_plan", _refuse)
    with pytest.raises(gep.ProblemsFound) as error:
        gep.write_seea(project, tmp_path / "seea.xlsx")
    codes = {problem.code for problem in error.value.problems}
    assert codes == {"unknown-option", "path-outside", "missing-file", "unknown-id"}
    assert not (tmp_path / "seea.xlsx").exists()
