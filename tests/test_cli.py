"""The command line as its user meets it: what it prints, its exit status, what it writes."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from gep.cli import main

RESULTS = {"account.csv", "by_ecosystem.csv", "summary.csv", "plan.csv", "manifest.json"}


def _said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(one) for one in arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_run_writes_the_files_and_opens_with_the_state(villages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = _said(capsys, "run", villages, "--allow-code")
    assert (status, err) == (0, "")
    assert {path.name for path in (villages / "out").iterdir()} == RESULTS
    lines = [line for line in out.splitlines() if line]
    assert "试算" in lines[2], "the state stands at the top"
    assert "GB/T 46869-2025" in out, "the official texts that the standard was not held against are named"
    assert "placeholder 100.0%" in out
    for text in ("甲村", "物质产品", "816.57", "156.73", "0.5104", "summary.csv"):
        assert text in out


def test_quiet_prints_nothing_and_out_is_obeyed(
    villages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _said(capsys, "run", villages, "--allow-code", "--quiet", "--out", tmp_path / "there") == (0, "", "")
    assert {path.name for path in (tmp_path / "there").iterdir()} == RESULTS
    assert not (villages / "out").exists()


def test_own_code_runs_only_when_the_command_line_allows_it(villages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = _said(capsys, "run", villages)
    assert (status, out) == (2, "")
    assert err.startswith("1. [code-not-allowed] standard.toml farm_products.value: ")
    assert "/ fix: " in err
    assert not (villages / "out").exists()


def test_problems_are_all_listed_and_nothing_is_overwritten(villages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _said(capsys, "run", villages, "--allow-code", "-q")[0] == 0
    before = {path.name: path.read_bytes() for path in (villages / "out").iterdir()}
    areas = (villages / "areas.csv").read_text(encoding="utf-8")
    (villages / "areas.csv").write_text(
        areas.replace("300,hm2", "-300,hm2").replace("1500,亩", "1500,mo"), encoding="utf-8"
    )
    status, out, err = _said(capsys, "run", villages, "--allow-code")
    assert (status, out) == (2, "")
    assert "1. [negative] areas.csv row 2: " in err
    assert "2. [unknown-unit] areas.csv row 4: " in err
    assert "Traceback" not in err
    assert {path.name: path.read_bytes() for path in (villages / "out").iterdir()} == before


def test_check_computes_nothing(villages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _said(capsys, "check", villages, "--allow-code")
    assert status == 0
    assert "ready: two-villages, 2020, 2 个区域" in out
    assert not (villages / "out").exists()


def test_plan_as_csv_is_the_file_that_run_writes(villages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _said(capsys, "run", villages, "--allow-code", "-q")
    status, out, _ = _said(capsys, "plan", villages, "--allow-code", "--csv")
    assert status == 0
    assert out == (villages / "out" / "plan.csv").read_text(encoding="utf-8-sig")
    status, out, _ = _said(capsys, "plan", villages, "--allow-code")
    assert status == 0
    assert "oxygen = with" in out


def test_explain_shows_formula_numbers_parts_and_rows(villages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--region", "990101", "--year", "2020", "--indicator", "water_retention")
    status, out, _ = _said(capsys, "explain", villages, *arguments, "--allow-code")
    assert status == 0
    # 240 hm2 of forest: (1600 x 0.95 - 900) mm = 620 mm
    formula = ("precipitation * (1 - runoff_share) - evapotranspiration", "1600 * (1 - 0.05) - 900", "240 hm2")
    rows = ("base@1.0.0", "numbers.csv row 2", "Made up to show the formats", "t3", "placeholder")
    for text in ("374.4", "1,488,000 m3", *formula, *rows):
        assert text in out


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
    status, _, err = _said(
        capsys, "explain", villages, *(word for pair in chosen.items() for word in pair), "--allow-code"
    )
    assert status == 2
    assert f"[{code}] {option}: " in err


@pytest.mark.parametrize(
    "kind", ["standards", "switches", "data", "sets", "methods", "classes", "crosswalks", "problems", "units"]
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
    line = next(line for line in out.splitlines() if line.startswith("gep.methods.soil:retention_by_rusle,"))
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
    asked = {(row.region, row.name_, row.ecosystem) for row in form.rename(columns={"name": "name_"}).itertuples()}
    assert asked == {("990102", "evapotranspiration", "water"), ("990101", "visits", "")}
    assert set(form["value"]) == {""}
    filled = form.assign(value=["1000", "5000"], source="a letter")
    filled["unit"] = [{"evapotranspiration": "mm", "visits": "人次"}[name] for name in filled["name"]]
    filled.to_csv(villages / "form.csv", index=False)
    project = (villages / "project.toml").read_text(encoding="utf-8")
    (villages / "project.toml").write_text(
        project.replace('["data.csv"]', '["data.csv", "form.csv"]'), encoding="utf-8"
    )
    assert _said(capsys, "check", villages, "--allow-code")[0] == 0, "a form that was filled in is a data table"
    assert "no data is missing" in _said(capsys, "form", villages, "--allow-code")[2]


def test_form_names_the_coefficients_that_lack_too(villages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = (villages / "base" / "numbers.csv").read_text(encoding="utf-8")
    kept = [line for line in numbers.splitlines() if not line.startswith("spending_per_visit")]
    (villages / "base" / "numbers.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    status, _, err = _said(capsys, "form", villages, "--allow-code")
    assert status == 0
    assert "recreation.value.spending: spending_per_visit" in err


def test_partial_withholds_what_is_not_compiled(villages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = (villages / "data.csv").read_text(encoding="utf-8")
    kept = [line for line in data.splitlines() if not line.startswith("990101,2020,visits")]
    (villages / "data.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert _said(capsys, "run", villages, "--allow-code")[0] == 2
    status, out, err = _said(capsys, "run", villages, "--allow-code", "--partial")
    assert status == 0
    assert "not_compiled" in out
    assert "[missing-data]" in err
    summary = pd.read_csv(villages / "out" / "summary.csv", dtype=str, keep_default_na=False).set_index(
        ["region", "category"]
    )["value"]
    for region in ("990101", "990100"):
        assert summary[region, "cultural"] == summary[region, "total"] == "not_compiled"
    assert float(summary["990102", "total"]) == pytest.approx(149.27)
    assert float(summary["990101", "provisioning"]) == pytest.approx(196)


def test_the_state_is_trial_until_an_approver_and_a_document_are_recorded(
    villages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _said(capsys, "run", villages, "--allow-code", "-q")
    assert json.loads((villages / "out" / "manifest.json").read_text(encoding="utf-8"))["state"] == "试算"
    project = (villages / "project.toml").read_text(encoding="utf-8")
    record = project.replace(
        "allow_code = true", 'allow_code = true\napprover = "某县统计局"\ndocument = "某统〔2021〕1号"'
    )
    (villages / "project.toml").write_text(record, encoding="utf-8")
    out = _said(capsys, "run", villages, "--allow-code")[1]
    assert "某县统计局 某统〔2021〕1号" in out
    assert (
        json.loads((villages / "out" / "manifest.json").read_text(encoding="utf-8"))["state"]
        == "某县统计局 某统〔2021〕1号"
    )


def test_english_projects_are_told_in_english(villages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = (villages / "project.toml").read_text(encoding="utf-8")
    (villages / "project.toml").write_text(project.replace('language = "zh"', 'language = "en"'), encoding="utf-8")
    out = _said(capsys, "run", villages, "--allow-code")[1]
    for text in ("Gross Ecosystem Product", "trial calculation", "Village A", "regulating", "per km2"):
        assert text in out


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert _said(capsys, "--version")[1].startswith("gep ")
    status, out, _ = _said(capsys, "--help")
    assert status == 0
    for command in ("run", "check", "plan", "explain", "verify", "catalog", "new", "form"):
        assert f"\n  {command} " in out


def test_a_command_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert _said(capsys, "rum")[0] == 2


def test_the_module_is_the_command() -> None:
    found = subprocess.run([sys.executable, "-m", "gep", "--version"], capture_output=True, text=True, check=True)
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
