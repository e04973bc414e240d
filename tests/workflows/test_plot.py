"""Pictures by name: each in three formats and two languages, its texts as text, nothing half-written."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.paths import ROOT

import gep
from gep.cli.app import main
from gep.report.figures import page as drawing
from gep.workflows.plot import PICTURES

pytest.importorskip("matplotlib")
pytest.importorskip("scipy")

FILES = {
    "project.toml": '[project]\nid = "towns"\ntitle = { zh = "四镇 $x^{$ <b>", en = "Towns $x^{$ <b>" }\n'
    'standard = "xie-2015"\ncoefficients = ["./local"]\nyears = [2010, 2020]\nprice_year = 2010\n'
    'allow_placeholder = true\n[inputs]\nareas = "areas.csv"\nregions = "regions.csv"\n'
    'transitions = "transitions.csv"\n',
    "regions.csv": "region,name,name_en,parent,area,area_unit,lon,lat\n"
    '990700,某县,County,,,,,\n990701,"甲$x^{$""&""镇",Same,990700,72,km2,115,28\n'
    "990702,乙<script>,Same,990700,74,km2,116,28\n"
    "990703,丙镇,Third,990700,76,km2,116,29\n990704,丁镇,Fourth,990700,78,km2,115,29\n",
    "local/set.toml": 'id = "towns-local"\nversion = "1.0.0"\nlicence = "CC-BY-4.0"\n'
    'title = { zh = "编造", en = "Made up" }\n',
    "local/sources.toml": '[made-up]\ntitle = { zh = "编造", en = "Made up" }\nauthors = "gep"\ndate = "2026"\n',
    "local/numbers.csv": "coefficient,value,unit,low,high,distribution,price_year,source,locator,grade\n"
    "equivalent_value,3000,CNY ha-1,2400,3600,normal,2010,made-up,p. 1,placeholder\n",
}
MARKS = {  # what stands in each picture, by language; a region of several has its code
    "map": {"zh": ["（示意图）", "未经审核，仅供内部使用。", "乙<script>"],
            "en": ["(schematic map)", "Unreviewed, internal use only.", "(990701)"]},
    "bars": {"zh": ["某县", "调节服务", "2020"], "en": ["County", "regulating", "2020"]},
    "waterfall": {"zh": ["面积", "2010 年"], "en": ["areas", "2010"]},
    "tornado": {"zh": ["面积，丙镇，阔叶"], "en": ["area, Same (990701),", "Broadleaf forest"]},
    "ranks": {"zh": ["乙<script>", "丁镇"], "en": ["Same (990701)", "Same (990702)"]},
    "transitions": {"zh": ["水田", "km²"], "en": ["Paddy", "km²"]},
}  # fmt: skip


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four towns of a county, with limits of numbers and transitions of land; made up."""
    folder = tmp_path_factory.mktemp("towns")
    areas = ["region,year,class,area,unit,low,high,distribution"]
    flows = ["region,from,to,from_class,to_class,area,unit"]
    for number in range(1, 5):
        town = f"99070{number}"
        for year, moved in ((2010, 0), (2020, 5)):
            forest, paddy = 40 + 2 * number - moved, 30 + moved
            areas.append(f"{town},{year},broadleaf,{forest},km2,{forest - 4},{forest + 4},uniform")
            areas.append(f"{town},{year},paddy,{paddy},km2,,,")
        flows.append(f"{town},2010,2020,broadleaf,paddy,5,km2")
        flows.append(f"{town},2010,2020,broadleaf,broadleaf,{35 + 2 * number},km2")
        flows.append(f"{town},2010,2020,paddy,paddy,30,km2")
    files = {**FILES, "areas.csv": "\n".join(areas), "transitions.csv": "\n".join(flows)}
    for name, body in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(body, encoding="utf-8")
    return folder


def _copy(towns: Path, target: Path) -> Path:
    """A copy of the project without pictures."""
    shutil.copytree(towns, target, ignore=shutil.ignore_patterns("plots"))
    return target


def _texts(file: Path) -> str:
    """All texts of an SVG, a line each."""
    root = ElementTree.fromstring(file.read_bytes())
    return "\n".join(
        "".join(element.itertext()) for element in root.iter() if element.tag.endswith("}text")
    )


def _draw(project: Path, what: str, file: Path, language: str) -> None:
    if language == "zh" and not drawing.cjk_font():
        pytest.skip("no Chinese font")
    gep.plot(project, what, file, language=language, draws=100)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("what", PICTURES)
def test_a_picture_says_what_it_shows_as_text(
    towns: Path, tmp_path: Path, what: str, language: str
) -> None:
    file = tmp_path / f"{what}.svg"
    _draw(towns, what, file, language)
    shown = _texts(file)
    for mark in MARKS[what][language]:
        assert mark in shown, mark
    if what != "tornado":  # whose title is that of the value
        assert ("四镇 $x^{$ <b>" if language == "zh" else "Towns $x^{$ <b>") in shown
    for identifier in ("broadleaf", "equivalent_value", "990703"):
        assert identifier not in shown, "names, not ids"
    assert "date" not in file.read_text(encoding="utf-8")
    again = tmp_path / "again.svg"
    _draw(towns, what, again, language)
    assert again.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("what", PICTURES)
def test_other_formats(towns: Path, tmp_path: Path, what: str) -> None:
    for language, suffix, magic in (("zh", ".pdf", b"%PDF"), ("en", ".png", b"\x89PNG")):
        file = tmp_path / f"{what}{suffix}"
        gep.plot(towns, what, file, language=language, draws=100)
        assert file.read_bytes().startswith(magic)
        assert b"CreationDate" not in file.read_bytes()


def test_a_map_with_an_approval_number_states_it(towns: Path, tmp_path: Path) -> None:
    project = _copy(towns, tmp_path / "approved")
    with (project / "project.toml").open("a", encoding="utf-8") as file:
        file.write('approval = "赣S(2026)001"\n')
    gep.plot(project, "map", tmp_path / "map.svg", language="en")
    shown = _texts(tmp_path / "map.svg")
    assert "(2026)001" in shown
    assert "nreviewed" not in shown


def test_a_parent_narrows_the_picture_and_a_year_shows_its_regions(
    towns: Path, tmp_path: Path
) -> None:
    gep.plot(towns, "bars", tmp_path / "bars.svg", year=2010, language="en")
    shown = _texts(tmp_path / "bars.svg")
    assert "Same (990701)" in shown
    lines = [line for line in shown.splitlines() if "GB/T" not in line and "LY/T" not in line]
    assert not any("2020" in line for line in lines)  # but for years of official texts
    gep.plot(towns, "map", tmp_path / "map.svg", region="County", language="en")
    assert "County: ecosystem service value" in _texts(tmp_path / "map.svg")
    gep.plot(towns, "bars", tmp_path / "one.svg", region="Third", language="en")
    assert "Third" in _texts(tmp_path / "one.svg")


def test_towns_without_a_parent(towns: Path, tmp_path: Path) -> None:
    project = _copy(towns, tmp_path / "alone")
    table = (project / "regions.csv").read_text(encoding="utf-8")
    lines = [line for line in table.splitlines() if not line.startswith("990700")]
    body = "\n".join(lines).replace(",990700,", ",,")
    (project / "regions.csv").write_text(body, encoding="utf-8")
    gep.plot(project, "bars", tmp_path / "bars.svg", language="en")
    shown = _texts(tmp_path / "bars.svg")
    assert shown.index("Fourth") < shown.index("Same (990701)"), "the largest first"
    with pytest.raises(gep.ProblemsFound, match="several without a common parent"):
        gep.plot(project, "waterfall", tmp_path / "waterfall.svg", language="en")
    gep.plot(project, "waterfall", tmp_path / "waterfall.svg", region="Third", language="en")
    assert "Third" in _texts(tmp_path / "waterfall.svg")


def test_all_that_the_project_allows_goes_to_its_folder(
    tmp_path: Path, towns: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "slides"
    assert main(["plot", str(towns), "all", "--out", str(out), "--draws", "100"]) == 0
    assert capsys.readouterr().out.count(".png") == len(PICTURES)
    written = {f"{what}{suffix}" for what in PICTURES for suffix in (".png", ".json")}
    assert {path.name for path in out.iterdir()} == written
    record = json.loads((out / "ranks.json").read_text(encoding="utf-8"))
    assert record["options"]["draws"] == 100
    assert set(record["other_results"]) == {"ranks.png"}
    kept = (out / "map.png").read_bytes()
    gep.plot(towns, "bars", out, language="en")
    assert (out / "map.png").read_bytes() == kept, "another picture stays"


def test_what_a_project_lacks_is_said_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plots"
    example = ROOT / "examples" / "garze-2010"
    for what, code in {
        "map": "not-drawn", "waterfall": "not-drawn", "ranks": "not-drawn",
        "transitions": "not-drawn",
    }.items():  # fmt: skip
        with pytest.raises(gep.ProblemsFound) as refused:
            gep.plot(example, what, out)
        assert [problem.code for problem in refused.value.problems] == [code]
    with pytest.raises(gep.ProblemsFound) as refused:
        gep.plot(ROOT / "examples" / "beibu-gulf", ["tornado", "ranks", "bars"], out)
    assert [problem.code for problem in refused.value.problems] == ["no-uncertainty", "not-drawn"]
    assert main(["plot", str(example), "maps", "--out", str(out)]) == 2
    assert "[unknown-option] plot" in capsys.readouterr().err
    for words, code in (
        (["bars", "--out", str(tmp_path / "a.jpg")], "file-format"),
        (["bars", "map", "--out", str(tmp_path / "a.png")], "unknown-option"),
        (["bars", "--year", "1999"], "missing-year"),
        (["tornado", "--from", "2010"], "bad-year"),
        (["bars", "--region", "nowhere"], "unknown-region"),
    ):
        assert main(["plot", str(example), *words]) == 2
        assert f"[{code}]" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_files_of_others_stay(tmp_path: Path) -> None:
    example = ROOT / "examples" / "beibu-gulf"
    (tmp_path / "bars.png").write_text("a picture of mine")
    with pytest.raises(gep.ProblemsFound, match="cannot-write"):
        gep.plot(example, "bars", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["bars.png"]
    gep.plot(example, "bars", tmp_path / "bars.png")  # it is named
    assert (tmp_path / "bars.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(gep.ProblemsFound, match="cannot-write"):
        gep.plot(example, "bars", tmp_path / "bars.png" / "deeper.png")


def test_without_its_library_no_picture_but_a_problem(tmp_path: Path) -> None:
    code = (
        "import sys\nsys.modules['matplotlib'] = None\nimport gep\n"
        "try:\n    gep.plot(sys.argv[1], 'bars', sys.argv[2])\n"
        "except gep.ProblemsFound as error:\n    print([each.code for each in error.problems])\n"
    )
    command = [
        sys.executable,
        "-c",
        code,
        str(ROOT / "examples" / "beibu-gulf"),
        str(tmp_path / "p"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "['missing-extra']"
    assert list(tmp_path.iterdir()) == []


def test_without_a_chinese_font_no_boxes(
    towns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "cjk_font", lambda: None)
    drawing._warn_no_font.cache_clear()
    with pytest.warns(UserWarning, match="no Chinese font"):
        gep.plot(towns, "map", tmp_path / "map.svg", language="zh")
    for what in PICTURES:
        gep.plot(towns, what, tmp_path / f"{what}.svg", language="zh", draws=100)
        shown = _texts(tmp_path / f"{what}.svg")
        assert not re.search("[\u2e80-\u9fff]", shown)
        for mark in MARKS[what]["en"]:
            assert mark in shown
