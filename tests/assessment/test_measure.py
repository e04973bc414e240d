"""Ecosystem service value by unit values is never called GEP or GGI, whatever the scheme that reads it."""

import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from support.small import write_table

import gep
from gep.assessment.measure import _reworded
from gep.texts.catalogue import Language
from gep.workflows.assess import assess_project
from gep.workflows.explain import explain_score

HEAD = """source = "made-up"
evidence = "placeholder"
legal = "research"

[sources.made-up]
title = { zh = "编造", en = "Made up" }
"""
INDICATOR = """
[[indicator]]
id = "{id}"
name = {{ zh = "{zh}", en = "{en}" }}
property = "reference"
direction = "+"
unit = "10^4 CNY"
points = 50
rule = {{ kind = "rank", step = 10 }}
reading = {{ {reading} }}
source = "made-up"
grade = "placeholder"
"""
SCORE = f"""id = "value-score"
title = {{ zh = "生态产品总值（GEP）考核", en = "Assessment of GEP" }}
kind = "score"
{HEAD}
[[section]]
id = "s"
name = {{ zh = "GEP评估表", en = "GEP table" }}
{INDICATOR.format(id="value", zh="生态产品总值", en="GEP of the county", reading='account = "total"')}
{INDICATOR.format(id="stated", zh="统计局公布的GEP", en="GEP that was published", reading='data = "stated"')}
"""
ALLOCATION = f"""id = "value-money"
title = {{ zh = "按GEP分配", en = "Money by GEP" }}
kind = "allocation"
method = "factors"
pool = "p"
{HEAD}
[[factor]]
id = "total"
name = {{ zh = "生态系统生产总值(GEP)", en = "Gross Ecosystem Product (GEP)" }}
weight = 100
unit = "10^4 CNY"
reading = {{ account = "total" }}
grade = "placeholder"
"""
INDEX = f"""id = "value-index"
title = {{ zh = "绿金指数", en = "Green gold index (GGI)" }}
kind = "index"
root = "top"
indicators = "nodes.csv"
{HEAD}
"""
NODES = [
    {"node": "top", "parent": "", "zh": "绿金指数", "en": "GGI", "weight": "", "unit": "1"},
    {
        "node": "per",
        "parent": "top",
        "zh": "GEP与GDP之比",
        "en": "GEP/GDP",
        "weight": 1,
        "unit": "1",
    },
]
GEP_WORDS = re.compile(
    r"生态产品总值|生态系统生产总值|绿金|(?<![A-Za-z])G(?:EP|GI)(?![A-Za-z])|[Gg]ross [Ee]cosystem"
)
# said of the measure, not of a value: it is not GEP, and what is published is
ALLOWED = re.compile(
    r"不是生态产品总值|not GEP|方案中称为 GEP 的名称|names of the scheme that say GEP|不得出 GEP 和绿金指数"
    r"|there is no GEP and no GGI from them|与按 GEP 算出的不可比|with GEEP from GEP"
    r"|统计局公布的GEP|GEP that was published"
    r"|陆地生态系统生产总值（GEP）核算技术指南|technical guide to GEP of terrestrial",  # the title of a document
)  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two counties under equivalent factors, with schemes that call what they read GEP."""
    home: Path = tmp_path_factory.mktemp("unit-values")
    (home / "project.toml").write_text(
        """[project]
id = "unit-values"
title = "编造"
standard = "xie-2015"
years = [2019, 2020]
price_year = 2010
allow_placeholder = true

[inputs]
areas = "areas.csv"
regions = "regions.csv"

[assessment]
schemes = ["./score.toml", "./money.toml", "./index.toml", "geep-caep-2018"]
readings = ["readings.csv"]
pools = "pools.csv"
""",
        encoding="utf-8",
    )
    areas = []
    readings = []
    for region, hectares in (("991001", 6000), ("991002", 4000)):
        for year in (2019, 2020):
            keys = {"region": region, "year": year}
            areas.append({**keys, "class": "broadleaf", "area": hectares + year, "unit": "hm2"})
            for name, value in (("gdp", 90000), ("endc", 1000), ("ecdc", 500), ("stated", 7)):
                row = {"name": name, "value": value, "unit": "10^4 CNY", "price_year": "2010"}
                readings.append({**keys, **row, "source": "编造", "grade": "placeholder"})
    write_table(home / "areas.csv", areas)
    write_table(home / "readings.csv", readings)
    regions = [{"region": "991000", "name": "市", "name_en": "City", "parent": ""}]
    for code, name in (("991001", "东县"), ("991002", "西县")):
        regions.append({"region": code, "name": name, "name_en": name, "parent": "991000"})
    write_table(home / "regions.csv", regions)
    pool = {"year": 2020, "pool": "p", "amount": 100, "unit": "10^4 CNY"}
    write_table(home / "pools.csv", [{**pool, "source": "编造", "grade": "placeholder"}])
    (home / "score.toml").write_text(SCORE, encoding="utf-8")
    (home / "money.toml").write_text(ALLOCATION, encoding="utf-8")
    (home / "index.toml").write_text(INDEX, encoding="utf-8")
    nodes = []
    for node in NODES:
        reading = {"account": "", "coefficient": "", "denominator": ""}
        nodes.append(
            {**node, **reading, "source": "made-up", "locator": "p", "grade": "placeholder"}
        )
    nodes[1] |= {"account": "total", "unit": "10^4 CNY"}
    write_table(home / "nodes.csv", nodes)
    return home


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """All that the results say to people: cells of tables and workbooks, captions, the page."""
    for file in sorted(folder.rglob("*")):
        if file.suffix == ".csv":
            table = pd.read_csv(file, dtype=str, keep_default_na=False)
            for cell in [*table.columns, *table.to_numpy().ravel()]:
                yield file.name, cell
        elif file.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(file):
                for row in sheet.iter_rows(values_only=True):
                    for cell in row:
                        yield f"{file.name} {sheet.title}", str(cell)
                yield file.name, sheet.title
        elif file.suffix == ".html":
            page = file.read_text(encoding="utf-8")
            for words in re.split(
                r"<[^>]*>|\n", re.sub(r"<(style|script).*?</\1>", "", page, flags=re.S)
            ):
                yield file.name, words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_scheme_calls_it_gep(project: Path, tmp_path: Path, language: Language) -> None:
    result = assess_project(project, tmp_path, language=language)
    said = list(texts(tmp_path))
    called = [(place, words) for place, words in said if GEP_WORDS.search(ALLOWED.sub("", words))]
    assert called == []
    published = {"zh": "统计局公布的GEP", "en": "GEP that was published"}[language]
    assert any(published in words for _, words in said)  # GEP that was read as such stays
    items = set(result.assessments[3].frame("geep")["item"])
    assert {"esv", "esv_per_gdp", "geep"} <= items
    assert items.isdisjoint({"gep", "ggi"})
    for assessment in result.assessments:
        lines = [line.say(language) for line in assessment.caption]
        assert any({"zh": "不是生态产品总值", "en": "not GEP"}[language] in line for line in lines)


def test_what_is_explained_is_not_called_gep(project: Path) -> None:
    asked = [
        "value-score:value",
        "value-money:total",
        "value-index:per",
        "geep-caep-2018:esv",
        "geep-caep-2018:geep",
    ]
    languages: tuple[Language, ...] = ("zh", "en")
    for indicator in asked:
        for language in languages:
            lines = explain_score(
                project, "991001", 2020, indicator, language=language
            ).splitlines()
            assert lines
            for line in lines:
                assert not GEP_WORDS.search(ALLOWED.sub("", str(line))), line
    with pytest.raises(gep.ProblemsFound):
        explain_score(project, "991001", 2020, "geep-caep-2018:ggi")


@pytest.mark.parametrize(
    ("words", "renamed"),
    [
        ("GEP at constant prices", "Ecosystem service value at constant prices"),
        ("Growth of GEP", "Growth of ecosystem service value"),
        ("GEEP", "GEEP"),
        ("GEEP and GEP", "GEEP and ecosystem service value"),
        ("生态产品总值（GEP）增长率", "生态系统服务价值增长率"),
        ("单位面积GEP", "单位面积生态系统服务价值"),
        ("绿金指数（GGI）", "生态系统服务价值与GDP之比"),
        ("GGI", "Ratio of ecosystem service value to GDP"),
    ],
)
def test_words_for_gep(words: str, renamed: str) -> None:
    assert _reworded(words) == renamed
