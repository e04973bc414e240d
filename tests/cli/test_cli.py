"""The command line as its user meets it: what it prints, its exit status, what it writes."""

import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from support.museum import edit
from support.paths import EXAMPLES

import gep
from gep.cli.app import main
from gep.cli.commands import progress_bar
from gep.plan.blank_form import blank_form, spoken
from gep.project.project import build_plans, read_project
from gep.project.stages import Progress
from gep.report import reference
from gep.texts.catalogue import LANGUAGES, Text
from gep.units import factor

RESULTS = {
    "report.html",
    "datapackage.json",
    "account.csv",
    "by_ecosystem.csv",
    "summary.csv",
    "plan.csv",
    "manifest.json",
    "核算表.xlsx",
}


def _said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(one) for one in arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def _said_in_english(
    capsys: pytest.CaptureFixture[str], *arguments: object
) -> tuple[int, str, str]:
    """The format example itself is in Chinese."""
    return _said(capsys, *arguments, "--language", "en")


class _Screen(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_shown_on_a_screen_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Text("project.progress.computing", (("year", 2020),))
    for stream, shown, is_told in (
        (_Screen(), True, True),
        (_Screen(), False, False),  # --quiet
        (StringIO(), True, False),
    ):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress_bar(shown, "en") as progress:
            assert (progress is not None) == is_told
            if progress is not None:
                assert "reading the tables" in stream.getvalue(), "before anything is read"
                progress(Progress(0.5, stage))
        assert ("account of 2020" in stream.getvalue()) == is_told


def test_run_writes_the_files_and_opens_with_the_state(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = _said(capsys, "run", villages, "--allow-code")
    assert (status, err) == (0, "")
    assert {path.name for path in (villages / "out").iterdir()} == RESULTS
    lines = [line for line in out.splitlines() if line]
    assert "试算" in lines[2], "the state stands at the top"
    assert "GB/T 46869-2025" in out, (
        "the official texts that the standard was not held against are named"
    )
    assert "编造（占位） 100.0%" in out
    for text in ("甲村", "物质产品", "816.57", "156.73", "0.5104", "summary.csv"):
        assert text in out


def test_names_of_files_do_not_reach_the_terminal_raw(
    villages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In what is printed of results, in problems and warnings, and in what is mistyped."""
    strange = "out\x1b[2K\u202e\r"
    for arguments in (
        ("run", villages, "--allow-code", "--out", tmp_path / strange),
        ("run", villages, "--allow-code", "--out", villages / "areas.csv" / strange),
        ("check", villages / strange),
        ("verify", tmp_path / strange / "x"),
        ("plan", villages, "--allow-code", "--out", tmp_path / f"{strange}.csv"),
        ("new", "set", tmp_path / f"{strange}2"),
        ("new", "standard", tmp_path / f"{strange}3"),
        ("new", strange),
        (strange,),
    ):
        _, out, err = _said(capsys, *arguments)
        is_named = arguments[:1] != ("new",) or len(arguments) > 2
        assert not is_named or "\\x1b[2K\\u202e\\r" in out + err, arguments
        assert not set("\x1b\u202e\r") & set(out + err), arguments
    assert (tmp_path / strange / "summary.csv").is_file()


def test_a_name_with_a_line_break_adds_no_problem(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = _said_in_english(capsys, "check", villages / "x\n2. [fine] all is well")
    assert status == 2
    assert len(err.strip().splitlines()) == 1


def test_quiet_prints_nothing_and_out_is_obeyed(
    villages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _said(
        capsys, "run", villages, "--allow-code", "--quiet", "--out", tmp_path / "there"
    ) == (0, "", "")
    assert {path.name for path in (tmp_path / "there").iterdir()} == RESULTS
    assert not (villages / "out").exists()


def test_own_code_runs_only_when_the_command_line_allows_it(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = _said_in_english(capsys, "run", villages)
    assert (status, out) == (2, "")
    assert err.startswith("1. [code-not-allowed] standard.toml farm_products.value")
    assert "/ fix: " in err
    assert not (villages / "out").exists()


def test_problems_are_all_listed_and_nothing_is_overwritten(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _said(capsys, "run", villages, "--allow-code", "-q")[0] == 0
    before = {path.name: path.read_bytes() for path in (villages / "out").iterdir()}
    areas = (villages / "areas.csv").read_text(encoding="utf-8")
    (villages / "areas.csv").write_text(
        areas.replace("300,hm2", "-300,hm2").replace("1500,亩", "1500,mo"), encoding="utf-8"
    )
    status, out, err = _said_in_english(capsys, "run", villages, "--allow-code")
    assert (status, out) == (2, "")
    assert "1. [negative] areas.csv row 2 column area: " in err
    assert "2. [unknown-unit] areas.csv row 4 column unit: " in err
    assert "Traceback" not in err
    assert {path.name: path.read_bytes() for path in (villages / "out").iterdir()} == before


def test_check_computes_nothing(villages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _said(capsys, "check", villages, "--allow-code")
    assert status == 0
    assert out.startswith("可以核算：格式示例：两村，0 条提示\n")
    assert "2020 年，2 个区域，4 个地类" in out
    status, out, _ = _said_in_english(capsys, "check", villages, "--allow-code")
    assert status == 0
    assert out.startswith("ready: ")
    assert "areas: 2020, 2 regions, 4 classes" in out
    assert not (villages / "out").exists()


def test_plan_as_csv_is_the_file_that_run_writes(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _said(capsys, "run", villages, "--allow-code", "-q")
    status, out, _ = _said(capsys, "plan", villages, "--allow-code", "--csv")
    assert status == 0
    assert out == (villages / "out" / "plan.csv").read_text(encoding="utf-8-sig")
    status, out, _ = _said(capsys, "plan", villages, "--allow-code")
    assert status == 0
    assert "是否计释氧 (oxygen) = with" in out


def test_plan_into_a_file_is_the_file_that_run_writes(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _said(capsys, "run", villages, "--allow-code", "-q")
    status, out, err = _said(
        capsys, "plan", villages, "--allow-code", "--csv", "--out", villages / "signed.csv"
    )
    assert (status, out) == (0, "")
    assert "signed.csv" in err
    assert (villages / "signed.csv").read_bytes() == (villages / "out" / "plan.csv").read_bytes()
    assert (
        _said(capsys, "plan", villages, "--allow-code", "--out", villages / "signed.xlsx")[0] == 0
    )
    page = load_workbook(villages / "signed.xlsx")["核算方案"]
    table = pd.read_csv(villages / "out" / "plan.csv")
    column = {cell.value: cell.column for cell in page[3]}
    for name, heading in (("factor", "换算系数"), ("row", "行号")):
        cells = [page.cell(row, column[heading]).value for row in range(4, page.max_row + 1)]
        assert cells == table[name].tolist(), "numbers stay numbers"


def test_explain_shows_formula_numbers_parts_and_rows(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--region", "990101", "--year", "2020", "--indicator", "water_retention")
    status, out, _ = _said(capsys, "explain", villages, *arguments, "--allow-code")
    assert status == 0
    # 240 hm2 of forest: (1600 x 0.95 - 900) mm = 620 mm
    formula = (
        "precipitation * (1 - runoff_share) - evapotranspiration",
        "1600 * (1 - 0.05) - 900",
        "240 hm2",
    )
    rows = ("base@1.0.0", "numbers.csv 第 2 行", "Made up to show the formats", "t3", "placeholder")
    for text in ("374.4", "1,488,000 m3", *formula, *rows):
        assert text in out
    assert "base/numbers.csv 第 3 行 " in out
    assert "base/numbers.csv 第 5 行 " not in out, (
        "the row of water, which the region does not have"
    )


@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--region", "99", "unknown-region"),
        ("--year", "2019", "missing-year"),
        ("--indicator", "water", "unknown-indicator"),
    ],
)
def test_explain_of_what_does_not_exist(
    villages: Path, capsys: pytest.CaptureFixture[str], option: str, value: str, code: str
) -> None:
    chosen = {"--region": "990101", "--year": "2020", "--indicator": "recreation"} | {option: value}
    status, _, err = _said_in_english(
        capsys,
        "explain",
        villages,
        *(word for pair in chosen.items() for word in pair),
        "--allow-code",
    )
    assert status == 2
    assert f"[{code}] {option}: " in err


@pytest.mark.parametrize("indicator", ["water_retention", "水源涵养", "water retention"])
@pytest.mark.parametrize("region", ["990101", "甲村", "Village A"])
def test_explain_takes_names(
    villages: Path, capsys: pytest.CaptureFixture[str], indicator: str, region: str
) -> None:
    arguments = ("--region", region, "--year", "2020", "--indicator", indicator)
    status, out, _ = _said(capsys, "explain", villages, *arguments, "--allow-code")
    assert status == 0
    assert "甲村 (990101) 2020 水源涵养 (water_retention) = " in out


def test_explain_lists_ids_with_their_names(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def err(region: str, indicator: str) -> str:
        arguments = ("--region", region, "--year", "2020", "--indicator", indicator)
        status, out, err = _said_in_english(capsys, "explain", villages, *arguments, "--allow-code")
        assert (status, out) == (2, "")
        return err

    assert "Water retention (water_retention)" in err("990101", "水")
    assert "Village A (990101)" in err("丙村", "water_retention")
    regions = villages / "regions.csv"
    regions.write_text(
        regions.read_text(encoding="utf-8-sig").replace("乙村", "甲村"), encoding="utf-8"
    )
    twice = err("甲村", "water_retention")
    assert "[unknown-region] --region: " in twice
    assert "several regions are called '甲村': Village A (990101), Village B (990102)" in twice
    assert (
        _said(
            capsys,
            "explain",
            villages,
            "--region",
            "示例县",
            "--year",
            2020,
            "--indicator",
            "水源涵养",
            "--allow-code",
        )[0]
        == 0
    ), "a parent has a name too"


def test_verify_takes_the_project_as_well(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _said(capsys, "verify", villages, "--allow-code")[0] == 2
    _said(capsys, "run", villages, "--allow-code", "-q")
    for folder in (villages, villages / "out"):
        status, out, _ = _said_in_english(capsys, "verify", folder, "--allow-code")
        assert (status, "agrees in full" in out) == (0, True)
        status, out, _ = _said(capsys, "verify", folder, "--allow-code")
        assert (status, out) == (0, "一致：重新核算的结果与文件完全相同\n")


@pytest.mark.parametrize(
    "kind",
    [
        "standards",
        "switches",
        "data",
        "coefficients",
        "sets",
        "methods",
        "classes",
        "crosswalks",
        "problems",
        "units",
    ],
)
def test_catalog_prints_every_kind(capsys: pytest.CaptureFixture[str], kind: str) -> None:
    status, out, _ = _said(capsys, "catalog", kind, "--csv")
    assert status == 0
    assert len(out.splitlines()) > 3
    assert _said(capsys, "catalog", kind)[0] == 0


def test_catalog_of_something_else(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = _said(capsys, "catalog", "recipes")
    assert status == 2
    assert "[unknown-id]" in err


def test_methods_of_the_catalogue_name_who_uses_them(capsys: pytest.CaptureFixture[str]) -> None:
    out = _said(capsys, "catalog", "methods", "--csv")[1]
    line = next(
        line for line in out.splitlines() if line.startswith("gep.methods.soil:retention_by_rusle,")
    )
    assert "rcees-2017 soil_retention" in line
    assert "erosivity [MJ mm ha-1 h-1 a-1]" in line


def test_form_prints_the_rows_that_lack(villages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = (villages / "data.csv").read_text(encoding="utf-8")
    kept = [
        line
        for line in data.splitlines()
        if "evapotranspiration,water" not in line and not line.startswith("990101,2020,visits")
    ]
    (villages / "data.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    status, out, _ = _said(capsys, "form", villages, "--allow-code")
    assert status == 0
    (villages / "form.csv").write_text(out, encoding="utf-8")
    form = pd.read_csv(villages / "form.csv", dtype=str, keep_default_na=False)
    asked = {
        (row.region, row.name_, row.ecosystem)
        for row in form.rename(columns={"name": "name_"}).itertuples()
    }
    assert asked == {("990102", "evapotranspiration", "water"), ("990101", "visits", "")}
    assert set(form["value"]) == {""}
    filled = form.assign(value=["1000", "5000"], source="a letter")
    filled["unit"] = [
        {"evapotranspiration": "mm", "visits": "人次"}[name] for name in filled["name"]
    ]
    filled.to_csv(villages / "form.csv", index=False)
    project = (villages / "project.toml").read_text(encoding="utf-8")
    (villages / "project.toml").write_text(
        project.replace('["data.csv"]', '["data.csv", "form.csv"]'), encoding="utf-8"
    )
    assert _said(capsys, "check", villages, "--allow-code")[0] == 0, (
        "a form that was filled in is a data table"
    )
    assert "no data is missing" in _said_in_english(capsys, "form", villages, "--allow-code")[2]


def _without(path: Path, *starts: str) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(starts)]
    assert len(kept) < len(lines)
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")


def test_form_as_a_file_comes_back_as_data(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Codes with leading zeros, filled in as Excel saves it, read by the project."""
    for name in ("areas.csv", "data.csv", "regions.csv", "base/set.toml", "local/set.toml"):
        file = villages / name
        file.write_text(
            re.sub(r"\b9901(0[012])\b", r"0101\1", file.read_text(encoding="utf-8-sig")),
            encoding="utf-8",
        )
    _without(villages / "data.csv", "010101,2020,visits", "010102,2020,evapotranspiration")
    printed = _said(capsys, "form", villages, "--allow-code")[1]
    for name in ("form.csv", "form.xlsx"):
        status, out, err = _said(capsys, "form", villages, "--allow-code", "--out", villages / name)
        assert (status, out) == (0, "")
        assert f"{name}：{len(printed.splitlines()) - 1} 行" in err
    assert (villages / "form.csv").read_bytes() == b"\xef\xbb\xbf" + printed.encode()
    book = load_workbook(villages / "form.xlsx")
    assert book.sheetnames == ["data"]
    page = book["data"]
    names = [cell.value for cell in page[1]]
    assert page.freeze_panes == "A2"
    for row in page.iter_rows(min_row=2):
        cells = dict(zip(names, row, strict=True))
        assert cells["region"].value.startswith("0101")
        assert cells["region"].number_format == "@"
        assert cells["value"].value is None
        cells["value"].value = 700
        cells["source"].value = "a letter"
    assert page.column_dimensions["A"].number_format == "@", "rows that are added keep their zeros"
    book.save(villages / "form.xlsx")
    project = (villages / "project.toml").read_text(encoding="utf-8")
    changed = project.replace('["data.csv"]', '["data.csv", "form.xlsx#data"]')
    (villages / "project.toml").write_text(changed, encoding="utf-8")
    assert _said(capsys, "check", villages, "--allow-code")[0] == 0
    status, _, err = _said_in_english(
        capsys, "form", villages, "--allow-code", "--out", villages / "none.xlsx"
    )
    assert (status, "no data is missing" in err) == (0, True)
    assert not (villages / "none.xlsx").exists()


def test_form_notes_say_what_is_asked_for(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = (villages / "data.csv").read_text(encoding="utf-8")
    kept = [
        line
        for line in data.splitlines()
        if ",output," not in line and ",evapotranspiration," not in line
    ]
    (villages / "data.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    _without(villages / "data.csv", "990101,2020,visits")
    read = read_project(villages, allow_code=True)
    for language, each in (("zh", "每个产品 product 一行"), ("en", "a row for each product")):
        form = blank_form(build_plans(read, ("missing-data",)), language).data
        note = {
            (row.name_, row.ecosystem): row.note
            for row in form.rename(columns={"name": "name_"}).itertuples()
        }
        for text in ("蒸散发 Evapotranspiration", "水域 Water", "甲村 Village A"):
            assert any(
                text in said for (name, _), said in note.items() if name == "evapotranspiration"
            )
        assert each in note["output", ""]
        assert "一行" not in note["visits", ""]


def test_form_names_the_switch_that_goes_without(tmp_path: Path) -> None:
    """By hand from rcees-2017: lakes may be left out or taken together; rainfall has no way around."""
    files = {
        "areas.csv": "region,year,class,area,unit\n1,2010,lake,5,km2\n1,2010,evergreen_broadleaf_forest,9,km2\n",
        "project.toml": '[project]\nid = "p"\ntitle = "p"\nstandard = "rcees-2017"\nyears = [2010]\n'
        '[switches]\nflood_lakes = "each"\n[inputs]\nareas = "areas.csv"\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    form = blank_form(
        build_plans(
            read_project(tmp_path), ("missing-data", "missing-coefficient", "value-transfer")
        )
    )
    note = dict(zip(form.data["name"], form.data["note"], strict=True))
    unit = dict(zip(form.data["name"], form.data["unit"], strict=True))
    assert "本地没有这一项：gep set 项目 switches.flood_lakes none" in note["lake_area"]
    assert "换用不要它的算法：gep set 项目 switches.flood_lakes total_area" in note["lake_area"]
    assert "每个水体 water_body 一行" in note["lake_area"]
    assert "switches." not in note["rainfall"]
    assert (unit["net_output_value"], unit["visits"], unit["self_healed_area"]) == (
        "万元",
        "人次",
        "公顷",
    )
    assert form.coefficient_rows["coefficient"].isin(["lake_storage_intercept"]).any()


def test_units_of_a_form_are_said_in_chinese_and_can_be_read() -> None:
    asked = set(reference.data_names("zh")["unit"])
    asked |= {unit for method in reference.all_methods() for unit in method.inputs.values()}
    for unit in asked:
        assert factor(spoken(unit, "zh"), unit) == 1, unit
        assert spoken(unit, "en") == unit
    said = {
        "10^4 CNY": "万元",
        "visit": "人次",
        "ha": "公顷",
        "CNY kWh-1": "元/千瓦时",
        "CNY m-3": "元/立方米",
    }
    assert {unit: spoken(unit, "zh") for unit in said} == said
    assert spoken("-", "zh") == "1"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("there.csv", "file-exists"),
        ("form.xls", "cannot-write"),
        ("there.csv/a.csv", "cannot-write"),
    ],
)
def test_form_and_plan_never_write_over_a_file(
    villages: Path, capsys: pytest.CaptureFixture[str], name: str, code: str
) -> None:
    _without(villages / "data.csv", "990101,2020,visits")
    (villages / "there.csv").write_text("mine", encoding="utf-8")
    before = sorted(villages.iterdir())
    for command in ("form", "plan"):
        partial = ("--partial",) if command == "plan" else ()
        arguments = (command, villages, "--allow-code", *partial, "--out", villages / name)
        status, out, err = _said(capsys, *arguments)
        assert (status, out) == (2, "")
        assert f"[{code}] " in err
    assert (villages / "there.csv").read_text(encoding="utf-8") == "mine"
    assert sorted(villages.iterdir()) == before


def test_form_writes_coefficients_in_the_columns_of_a_set(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _without(villages / "base" / "numbers.csv", "spending_per_visit", "runoff_share,forest")
    _without(villages / "data.csv", "990101,2020,visits")
    command = ("form", villages, "--allow-code")
    status, _, err = _said(capsys, *command, "--out", villages / "form.xlsx")
    assert status == 0
    assert (
        "还缺参数：spending_per_visit，单位 元/人次，旅游康养 (recreation.value) 的输入项 spending"
        in err
    )
    book = load_workbook(villages / "form.xlsx")
    assert book.sheetnames == ["data", "coefficients"]
    status, out, _ = _said(capsys, *command, "--coefficients", villages / "lacking.csv")
    assert (status, out.splitlines()[0][:12]) == (0, "region,year,"), "the data stay on stdout"
    lacking = pd.read_csv(
        villages / "lacking.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig"
    )
    assert list(lacking) == [cell.value for cell in book["coefficients"][1]]
    assert {(row.coefficient, row.ecosystem) for row in lacking.itertuples()} == {
        ("spending_per_visit", ""), ("runoff_share", "forest"),
    }  # fmt: skip
    same = _said(
        capsys, *command, "--out", villages / "both.csv", "--coefficients", villages / "both.csv"
    )
    assert (same[0], "one table" in same[2], (villages / "both.csv").exists()) == (2, True, False)
    filled = lacking.assign(
        value=["5", "30"], source="made_up", locator="t1", grade="placeholder", price_year=""
    )
    filled.loc[filled["coefficient"] == "spending_per_visit", "price_year"] = "2020"
    (villages / "base" / "more").mkdir()
    for name in ("set.toml", "sources.toml"):
        text = (
            (villages / "base" / name)
            .read_text(encoding="utf-8")
            .replace('id = "base"', 'id = "more"')
        )
        (villages / "base" / "more" / name).write_text(text, encoding="utf-8")
    filled.to_csv(villages / "base" / "more" / "lacking.csv", index=False)
    assert len(gep.read_coefficient_set(villages / "base" / "more").rows) == 2, (
        "filled in, it is a table of a set"
    )


def test_form_names_the_coefficients_that_lack_too(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = (villages / "base" / "numbers.csv").read_text(encoding="utf-8")
    kept = [line for line in numbers.splitlines() if not line.startswith("spending_per_visit")]
    (villages / "base" / "numbers.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    status, _, err = _said(capsys, "form", villages, "--allow-code")
    assert status == 0
    assert (
        "还缺参数：spending_per_visit，单位 元/人次，旅游康养 (recreation.value) 的输入项 spending"
        in err
    )


def test_partial_withholds_what_is_not_compiled(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = (villages / "data.csv").read_text(encoding="utf-8")
    kept = [line for line in data.splitlines() if not line.startswith("990101,2020,visits")]
    (villages / "data.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert _said(capsys, "run", villages, "--allow-code")[0] == 2
    status, out, err = _said(capsys, "run", villages, "--allow-code", "--partial")
    assert status == 0
    assert "未核算" in out
    assert "[missing-data]" in err
    summary = pd.read_csv(
        villages / "out" / "summary.csv", dtype=str, keep_default_na=False
    ).set_index(["region", "category"])["value"]
    for region in ("990101", "990100"):
        assert summary[region, "cultural"] == summary[region, "total"] == "not_compiled"
    assert float(summary["990102", "total"]) == pytest.approx(149.27)
    assert float(summary["990101", "provisioning"]) == pytest.approx(196)


def test_the_state_is_trial_until_an_approver_and_a_document_are_recorded(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _said(capsys, "run", villages, "--allow-code", "-q")
    assert (
        json.loads((villages / "out" / "manifest.json").read_text(encoding="utf-8"))["state"]
        == "试算"
    )
    project = (villages / "project.toml").read_text(encoding="utf-8")
    record = project.replace(
        "allow_code = true",
        'allow_code = true\napprover = "某县统计局"\ndocument = "某统〔2021〕1号"',
    )
    (villages / "project.toml").write_text(record, encoding="utf-8")
    _, out, err = _said(capsys, "run", villages, "--allow-code")
    assert "[approved-placeholder] project.toml：" in err, "what is approved must not be made up"
    assert "某县统计局 某统〔2021〕1号" in out
    assert (
        json.loads((villages / "out" / "manifest.json").read_text(encoding="utf-8"))["state"]
        == "某县统计局 某统〔2021〕1号"
    )


def test_the_english_state_says_who_approved_and_which_document(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = (villages / "project.toml").read_text(encoding="utf-8")
    record = project.replace(
        'language = "zh"',
        'language = "en"\napprover = "Government of Example County"\n'
        'document = "County Office (2021) No. 1"',
    )
    (villages / "project.toml").write_text(record, encoding="utf-8")
    _, out, err = _said(capsys, "run", villages, "--allow-code")
    approved = "approved by Government of Example County, document County Office (2021) No. 1"
    assert f"state: {approved}\n" in out
    assert f"the account is recorded as {approved}, and " in err
    (workbook,) = (villages / "out").glob("*.xlsx")
    cells = load_workbook(workbook).worksheets[0].iter_rows(values_only=True)
    assert approved in {cell for row in cells for cell in row}


def test_english_projects_are_told_in_english(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = (villages / "project.toml").read_text(encoding="utf-8")
    (villages / "project.toml").write_text(
        project.replace('language = "zh"', 'language = "en"'), encoding="utf-8"
    )
    out = _said(capsys, "run", villages, "--allow-code")[1]
    for text in (
        "Gross Ecosystem Product",
        "trial calculation",
        "Village A",
        "regulating",
        "per km2",
    ):
        assert text in out


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert _said(capsys, "--version")[1].startswith("gep ")
    status, out, _ = _said(capsys, "--help")
    assert status == 0
    for command in ("run", "check", "plan", "explain", "verify", "catalog", "new", "form"):
        assert f"\n  {command} " in out


@pytest.mark.parametrize(
    ("words", "place", "told"),
    [
        (["rum"], "rum", "gep has no such command"),
        (["run"], "PROJECT", "this is required and missing"),
        (["run", "p", "--out"], "--out", "the option has no value"),
        (["run", "p", "--draw", "5"], "--draw", "did you mean --draws?"),
        (["run", "p", "--draws", "many"], "--draws", "'many' is not a whole number"),
        (["run", "p", "--draws=-1"], "--draws", "'-1' is not a whole number"),
        (["collect", "p", "--jump", "much"], "--jump", "'much' is not a number"),
        (["explain", "p", "--region", "x"], "--year", "this is required and missing"),
        (["run", "p", "q"], "run p q", "cannot be understood"),
        (["run", "p", "--language", "fr"], "--language", "gep does not speak 'fr'"),
    ],
)
def test_a_command_line_that_cannot_be_understood(
    capsys: pytest.CaptureFixture[str], words: list[str], place: str, told: str
) -> None:
    status, out, err = _said(capsys, *words)
    assert (status, out) == (2, "")
    assert err.startswith(f"1. [command-line] {place}: ")
    assert told in err
    if "--language" not in words:
        status, _, err = _said(capsys, *words, "--language", "zh")
        assert status == 2
        assert err.startswith(f"1. [command-line] {place}：")


def test_the_language_is_the_one_asked_for_else_the_projects_else_the_systems(
    villages: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def language() -> str:
        err = _said(capsys, "check", villages, *asked)[2]
        return "en" if " / fix: " in err else "zh" if " / 改正：" in err else err

    asked = ["--language", "en"]
    assert language() == "en", "the format example itself is in Chinese"
    asked = []
    assert language() == "zh"
    edit(villages / "project.toml", 'language = "zh"\n', "")
    assert language() == "en", "tests run in English"
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert language() == "zh"
    asked = ["--language=en"]
    assert language() == "en"


def test_the_record_of_a_run_is_in_the_language_asked_for(villages: Path) -> None:
    edit(villages / "areas.csv", "300,hm2", "330,hm2")
    for language, words in (("zh", " / 改正："), ("en", " / fix: ")):
        run = gep.run_project(villages, allow_code=True, language=language)
        assert run.project.language == language
        record = json.loads((villages / "out" / "manifest.json").read_text(encoding="utf-8"))
        assert len(record["warnings"]) == 1
        assert words in record["warnings"][0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_help_page_is_in_one_language(
    capsys: pytest.CaptureFixture[str], language: str
) -> None:
    pages = [
        *(
            [command]
            for command in ("run", "check", "plan", "explain", "verify", "catalog", "form")
        ),
        *([command] for command in ("compare", "sensitivity", "assess", "record", "collect")),
        *(["new", *command] for command in ([], ["project"], ["set"], ["standard"])),
        [],
    ]
    for words in pages:
        status, out, err = _said(capsys, *words, "--help", "--language", language)
        assert (status, err) == (0, "")
        assert " ".join(["gep", *words]) in out.splitlines()[0]
        assert bool(re.search("[\u4e00-\u9fff]", out)) == (language == "zh"), out


def test_the_module_is_the_command() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "gep", "--version"], capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith("gep ")
    missing = subprocess.run(
        [sys.executable, "-m", "gep", "run", "no-such-folder"],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert missing.returncode == 2
    assert "[missing-file] project.toml: " in missing.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_audit_of_coefficients_is_printed(
    capsys: pytest.CaptureFixture[str], language: str, tmp_path: Path
) -> None:
    project = str(EXAMPLES / "garze-2010")
    words = ("coefficients", "audit", project, "--language", language)
    status, out, _ = _said(capsys, *words)
    assert status == 0
    assert "80.3%" in out
    assert "rcees-parameters/prices.csv" in out
    for line in out.splitlines():
        assert "None" not in line
        assert "nan" not in line
    status, out, _ = _said(capsys, *words, "--csv", "--year", "2010")
    table = pd.read_csv(StringIO(out))
    assert status == 0
    assert table["effect"].abs().is_monotonic_decreasing
    file = tmp_path / "numbers.xlsx"
    status, out, err = _said(capsys, *words, "--out", str(file))
    assert (status, out) == (0, "")
    assert str(file) in err
    assert len(pd.read_excel(file)) == len(table)
    status, _, err = _said(capsys, *words, "--out", str(file))
    assert status == 2
    assert "[file-exists]" in err
    status, _, err = _said(capsys, *words, "--year", "1500")
    assert status == 2
    assert "[missing-year]" in err


def test_all_values_of_a_coefficient_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _said(
        capsys, "catalog", "coefficients", "equivalent_value", "--language", "en"
    )
    assert status == 0
    for number in ("449.1", "884.9", "3406.5"):
        assert number in out
    assert "(default of xie-2003)" in out
    status, out, _ = _said(capsys, "catalog", "coefficients", "xie-2008", "--csv")
    assert status == 0
    assert set(pd.read_csv(StringIO(out))["coefficient"]) == {"equivalent_value", "equivalents"}
    status, _, err = _said(capsys, "catalog", "coefficients", "equivalent_valu")
    assert status == 2
    assert "[unknown-id]" in err


def test_ctrl_c_has_its_own_exit_status(monkeypatch: pytest.MonkeyPatch, villages: Path) -> None:
    """Some versions of typer return 130 for what others raise."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gep.project.project.check_project", interrupt)
    assert main(["plan", str(villages)]) == 130
