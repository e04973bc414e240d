"""The pages of accounts in a browser: from a number down to the rows it rests on, as ``gep explain`` says."""

import csv
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.paths import EXAMPLES

import gep

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from support.browser import OpenedPage

pytestmark = pytest.mark.browser

PROJECTS = ("jiangxi-counties", "beibu-gulf", "garze-2010")
EXPLAINED = {
    "jiangxi-counties": (2019, "361123", "water_supply"),
    "beibu-gulf": (2006, "beibu-gulf", "hydrological_regulation"),
    "garze-2010": (2010, "513300", "soil_retention"),
}
CLOSE = 1e-9


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name in PROJECTS:
        gep.run_project(EXAMPLES / name, folder / name)
    return {name: folder / name / "report.html" for name in PROJECTS}


@pytest.fixture
def jiangxi(browser: "Browser", pages: Mapping[str, Path]) -> Iterator["OpenedPage"]:
    from support.browser import opened

    with opened(browser, pages["jiangxi-counties"]) as page:
        yield page


def _summary(page: Path) -> list[dict[str, str]]:
    with (page.parent / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _open(page: "OpenedPage", selector: str) -> None:
    """Open an explanation from a number in the page or in the dialog."""
    before = page.page.locator("#explanation-heading").all_inner_texts()
    page.page.locator(selector).first.click()
    page.page.wait_for_function(
        "before => { const head = document.getElementById('explanation-heading');"
        " return head && document.getElementById('explanation').open"
        " && (before.length === 0 || head.innerText !== before[0]); }",
        arg=before,
    )


def _rows(page: "OpenedPage", table: int = 0) -> list[list[dict[str, Any]]]:
    """The cells of a table of the dialog: what is shown, the number, what a click opens."""
    script = """tables => [...tables[TABLE].querySelectorAll('tbody tr')].map(row =>
      [...row.children].map(cell => ({
        shown: cell.innerText,
        value: cell.dataset.v === undefined ? null : Number(cell.dataset.v),
        opens: (cell.querySelector('[data-opens]') || { dataset: {} }).dataset.opens || '',
      })))"""
    rows: list[list[dict[str, Any]]] = page.page.locator("dialog table").evaluate_all(
        script.replace("TABLE", str(table))
    )
    return rows


def _explained(name: str) -> dict[str, Any]:
    year, region, indicator = EXPLAINED[name]
    document: dict[str, Any] = json.loads(
        gep.explain_number(
            EXAMPLES / name, region=region, year=year, indicator=indicator, as_json=True
        )
    )
    return document


@pytest.mark.parametrize("name", PROJECTS)
def test_both_languages_are_whole(browser: "Browser", pages: Mapping[str, Path], name: str) -> None:
    from support.browser import opened

    title = gep.read_project(EXAMPLES / name).spec.project.title
    with opened(browser, pages[name]) as page:
        assert page.shown("h1") == [title.zh]
        chinese = page.shown("h2")
        page.page.click("#switch-language")
        assert page.language == "en"
        assert page.shown("h1") == [title.en]
        english = page.shown("h2")
        assert len(english) == len(chinese) >= 4
        assert all(words.isascii() for words in english)
        assert not any(words.isascii() for words in chinese)


def test_regions_are_sorted_by_their_total(
    jiangxi: "OpenedPage", pages: Mapping[str, Path]
) -> None:
    jiangxi.page.locator('#table-regions th[data-column="total"] button').click()
    totals = [
        (float(row["value"]), row["region"])
        for row in _summary(pages["jiangxi-counties"])
        if row["category"] == "total" and row["value"] != "na"
    ]
    largest = [code for _, code in sorted(totals, reverse=True)][:10]
    assert jiangxi.shown("#table-regions tbody td:nth-child(2)")[:10] == largest


def test_regions_are_filtered_by_their_parent(jiangxi: "OpenedPage") -> None:
    jiangxi.page.locator("#table-regions select").select_option(label="南昌市")
    account = gep.read_project(EXAMPLES / "jiangxi-counties").compute()[0]
    regions = account.plan.regions
    assert regions is not None
    expected = [code for code in account.sums.codes if regions.ancestors(code)[:1] == ["360100"]]
    assert sorted(jiangxi.shown("#table-regions tbody td:nth-child(2)")) == sorted(expected)


@pytest.mark.parametrize("name", ["beibu-gulf", "garze-2010"])
def test_items_are_filtered_by_category(
    browser: "Browser", pages: Mapping[str, Path], name: str
) -> None:
    from support.browser import opened

    with opened(browser, pages[name]) as page:
        rows = page.page.locator("#table-items-0 tbody tr")
        before = rows.count()
        page.page.locator("#table-items-0 select").first.select_option(label="文化服务")
        shown = page.shown("#table-items-0 tbody td:nth-child(2)")
        assert 0 < len(shown) < before
        assert set(shown) == {"文化服务"}


def test_a_click_on_the_map_explains_the_value_by_area(
    jiangxi: "OpenedPage", pages: Mapping[str, Path]
) -> None:
    mark = jiangxi.page.locator('#chart-map .mark[aria-label^="玉山县"]')
    mark.click()
    jiangxi.page.wait_for_selector("dialog[open]")
    total = next(
        row
        for row in _summary(pages["jiangxi-counties"])
        if (row["region"], row["category"]) == ("361123", "total")
    )
    (answer,) = jiangxi.shown("dialog .answer .number")
    assert math.isclose(float(answer.replace(",", "")), float(total["per_km2"]), rel_tol=1e-8)
    assert math.isclose(_rows(jiangxi)[0][1]["value"], float(total["value"]), rel_tol=CLOSE)
    _open(jiangxi, 'dialog [data-opens="account:2019:361123:total"]')
    assert "玉山县" in jiangxi.shown("#explanation-heading")[0]


@pytest.mark.parametrize("name", PROJECTS)
def test_an_indicator_is_explained_as_gep_explain_does(
    browser: "Browser", pages: Mapping[str, Path], name: str
) -> None:
    from support.browser import opened

    year, region, indicator = EXPLAINED[name]
    document = _explained(name)
    key = f"account:{year}:{region}:{indicator}"
    with opened(browser, pages[name], fragment=f"#{key}") as page:
        page.page.wait_for_selector("dialog[open]")
        (answer,) = page.shown("dialog .answer .number")
        assert math.isclose(float(answer.replace(",", "")), document["value"], rel_tol=CLOSE)
        body = page.page.locator("dialog").inner_text()
        tables = page.page.locator("dialog table").count()
        assert tables == len(document["steps"])
        for position, step in enumerate(document["steps"]):
            assert step["formula"] in body
            assert step["clause"] in body
            rows = _rows(page, position)
            parts = step["parts"]
            assert len([row for row in rows if row[-1]["value"] is not None]) == len(parts)
            for row, part in zip(rows, parts, strict=True):
                numbers = [part[f"input:{argument}"] for argument in step["inputs"]]
                if "cell area" in part:
                    numbers.append(part["cell area"])
                numbers += [part["result"], part["amount"]]
                shown = [cell["value"] for cell in row[1:]]
                assert shown == pytest.approx(numbers, rel=CLOSE)
        rows_seen = 0
        for step in document["steps"]:
            rows_seen += _compare_rows(page, key, step)
        assert rows_seen >= 2


def _compare_rows(page: "OpenedPage", key: str, step: Mapping[str, Any]) -> int:
    """Open the cells of a step one after the other, and compare the rows with those explained."""
    seen: set[tuple[float | None, str]] = set()
    prefix = f"{key.rpartition(':')[0]}:{step['step']}:"
    keys = page.page.locator(f'dialog [data-opens^="{prefix}"]').evaluate_all(
        "numbers => numbers.map(number => number.dataset.opens)"
    )
    for cell in keys:
        _open(page, f'dialog [data-opens="{cell}"]')
        items = page.page.locator("dialog ol.sources li").evaluate_all(
            "rows => rows.map(row => [row.querySelector('.number').dataset.v, row.innerText])"
        )
        for number, words in items:
            value = float(number) if number not in (None, "", "null") else None
            matching = [
                row
                for row in step["rows"]
                if (value is None) == (row["value"] is None)
                and (value is None or math.isclose(value, row["value"], rel_tol=CLOSE))
                and row["where"].split(" ")[-2] in words
            ]
            assert matching, (cell, number, words)
            assert any(row["source"] in words for row in matching), words
            assert any(row["locator"] in words for row in matching), words
            seen |= {(row["value"], row["where"]) for row in matching}
        page.page.locator("dialog .back").click()
        page.page.wait_for_selector(f'dialog [data-opens="{cell}"]')
    assert {(row["value"], row["where"]) for row in step["rows"]} <= seen
    return len(seen)


def test_from_the_headline_to_a_coefficient_row_by_clicks(jiangxi: "OpenedPage") -> None:
    """Province, city, county, category, indicator, cell: each a click on a number."""
    _open(jiangxi, ".headlines [data-opens]")
    for key in (
        "account:2019:360102:total",
        "account:2019:360102:regulating",
        "account:2019:360102:climate_regulation",
    ):
        _open(jiangxi, f'dialog [data-opens="{key}"]')
    cells = 'dialog [data-opens^="account:2019:360102:climate_regulation.value:"]'
    _open(jiangxi, cells)
    sources = jiangxi.shown("dialog ol.sources li")
    assert any("xie-2015/equivalents.csv" in words for words in sources)
    assert any("areas.csv" in words for words in sources)
    assert any("crosswalk" in words for words in sources)
    assert jiangxi.page.locator("dialog ol.path li").count() == 5
    jiangxi.page.keyboard.press("Escape")
    assert not jiangxi.page.locator("dialog").is_visible()


def test_a_number_is_reached_and_explained_without_a_mouse(
    browser: "Browser", pages: Mapping[str, Path]
) -> None:
    from support.browser import opened

    with opened(browser, pages["garze-2010"]) as page:
        _tab_to(page, ".headlines [data-opens]")
        page.page.keyboard.press("Enter")
        page.page.wait_for_selector("dialog[open]")
        _tab_to(page, 'dialog [data-opens$=":regulating"]')
        page.page.keyboard.press("Enter")
        page.page.wait_for_selector("dialog .back")
        _tab_to(page, "dialog .back")
        page.page.keyboard.press("Enter")
        page.page.wait_for_selector('dialog [data-opens$=":regulating"]')
        page.page.keyboard.press("Escape")
        assert not page.page.locator("dialog").is_visible()
        focused = page.page.evaluate("document.activeElement.dataset.opens")
        assert focused == "account:2010:513300:total"


def _tab_to(page: "OpenedPage", selector: str) -> None:
    for _ in range(300):
        page.page.keyboard.press("Tab")
        if page.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached")


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_violation_of_accessibility(
    browser: "Browser", pages: Mapping[str, Path], name: str, scheme: str
) -> None:
    from support.browser import opened

    with opened(browser, pages[name], color_scheme=scheme) as page:
        assert page.serious_violations(scheme) == []
        _open(page, "main table [data-opens]")
        assert page.serious_violations(scheme) == []


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("width", [360, 1400])
def test_no_page_is_wider_than_its_window(
    browser: "Browser", pages: Mapping[str, Path], name: str, width: int
) -> None:
    from support.browser import opened

    with opened(browser, pages[name], viewport={"width": width, "height": 800}) as page:
        for _ in ("zh", "en"):
            assert page.page.evaluate("document.documentElement.scrollWidth") == width
            assert page.overflowing_cells() == []
            page.page.click("#switch-language")


@pytest.mark.parametrize("name", PROJECTS)
def test_all_rows_are_printed(browser: "Browser", pages: Mapping[str, Path], name: str) -> None:
    from support.browser import opened

    with opened(browser, pages[name]) as page:
        printed = page.page.pdf(prefer_css_page_size=True)
        assert printed.startswith(b"%PDF")
        page.page.emulate_media(media="print")
        boxes = page.page.locator(".scroll").evaluate_all(
            "boxes => boxes.map(box => [box.scrollHeight - box.clientHeight,"
            " box.scrollWidth - box.clientWidth])"
        )
        assert boxes
        assert max(height for height, _ in boxes) <= 0
