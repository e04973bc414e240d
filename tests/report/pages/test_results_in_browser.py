"""Pages of comparisons and assessments in a browser: from a number to its rows, by mouse and keys."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.paths import EXAMPLES

import gep

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from support.browser import OpenedPage

pytestmark = pytest.mark.browser

NAMES = ("beibu-gulf", "hongsibu", "jiangxi-assessment")
WIDE = {"width": 1400, "height": 900}
NARROW = {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    home = tmp_path_factory.mktemp("pages")
    for name in NAMES[:2]:
        gep.compare_projects(EXAMPLES / name, home / name)
    gep.assess_project(EXAMPLES / NAMES[2], home / NAMES[2])
    found = {name: home / name / "comparison.html" for name in NAMES[:2]}
    return found | {NAMES[2]: home / NAMES[2] / "assessment" / "report.html"}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _heading(page: "OpenedPage") -> str:
    return page.page.locator("#explanation-heading").inner_text()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_and_have_no_serious_violation(
    browser: "Browser", pages: Mapping[str, Path], name: str, viewport: Any, scheme: str
) -> None:
    from support.browser import opened

    with opened(browser, pages[name], viewport=viewport, color_scheme=scheme) as page:
        width = page.page.evaluate("document.documentElement.scrollWidth")
        assert width <= viewport["width"]
        assert page.serious_violations(scheme) == []
        assert page.overflowing_cells() == []
        page.page.locator("#switches button").first.click()
        assert page.overflowing_cells() == []


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_are_whole(browser: "Browser", pages: Mapping[str, Path], name: str) -> None:
    from support.browser import opened

    with opened(browser, pages[name]) as page:
        assert page.language == "zh"
        chinese = page.shown("h2")
        page.page.locator("#switches button").first.click()
        assert page.language == "en"
        english = page.shown("h2")
        assert len(english) == len(chinese) >= 4
        assert all(words.isascii() for words in english)
        headings = page.shown("th[scope=col]")
        assert headings
        assert all(words.isascii() or words.strip("↕▲▼ \n").isascii() for words in headings)


def test_changes_are_sorted_and_filtered(browser: "Browser", pages: Mapping[str, Path]) -> None:
    from support.browser import opened

    rows = _rows(pages["beibu-gulf"].parent / "comparison.csv")
    with opened(browser, pages["beibu-gulf"]) as page:
        table = "#table-changes"
        years = page.page.locator(f'{table} select:has(option:text-is("1999–2014"))')
        years.select_option(label="1999–2014")
        page.page.locator(f'{table} th[data-column="change"] button').click()
        shown = page.page.locator(f"{table} tbody tr:visible td[data-v]").count()
        assert shown
        values = page.page.locator(f"{table} tbody tr:visible").evaluate_all(
            "rows => rows.map(row => row.children[5].dataset.v).map(Number)"
        )
        expected = [float(row["change"]) for row in rows if row["from"] + row["to"] == "19992014"]
        assert sorted(values) == pytest.approx(sorted(expected))
        assert values in (sorted(values), sorted(values, reverse=True))


def test_a_change_opens_its_levels_and_those_their_rows(
    browser: "Browser", pages: Mapping[str, Path]
) -> None:
    """From a change to a level, its indicator, a part, down to the coefficient row with its file."""
    from support.browser import opened

    key = "change:1999-2014:beibu-gulf:food_production:value:constant:2010"
    with opened(browser, pages["beibu-gulf"], fragment=f"#{key}") as page:
        page.page.wait_for_selector("dialog[open]")
        assert "食物生产" in _heading(page)
        page.page.locator('dialog [data-opens="account:2014:beibu-gulf:food_production"]').click()
        page.page.wait_for_function(
            "() => decodeURIComponent(location.hash).startsWith('#account:2014')"
        )
        cells = page.page.locator('dialog [data-opens^="account:2014:beibu-gulf:food_production"]')
        assert cells.count()
        cells.first.click()
        page.page.wait_for_timeout(200)
        assert ".csv" in page.page.locator("dialog").inner_text()
        page.page.keyboard.press("Escape")
        assert not page.page.locator("dialog[open]").count()


def test_a_transition_is_opened_from_the_chart_down_to_its_row(
    browser: "Browser", pages: Mapping[str, Path]
) -> None:
    from support.browser import opened

    rows = _rows(pages["hongsibu"].parent / "transitions.csv")
    largest = max(
        (
            row
            for row in rows
            if row["from_ecosystem"] == "dry_land"
            and row["to"] == "2018"
            and row["from"] == "2000"
            and row["to_ecosystem"] == "shrub"
        ),
        key=lambda row: float(row["area"]),
    )
    with opened(browser, pages["hongsibu"]) as page:
        mark = page.page.locator(
            '#chart-flows .mark[aria-label*="旱地"][aria-label*="灌木林地"]'
        ).first
        mark.focus()
        page.page.keyboard.press("Enter")
        page.page.wait_for_selector("dialog[open]")
        words = page.page.locator("dialog").inner_text()
        assert f"{float(largest['area']):,.10g}" in words
        assert "transitions.csv" in words


def test_the_waterfall_opens_the_effects(browser: "Browser", pages: Mapping[str, Path]) -> None:
    from support.browser import opened

    with opened(browser, pages["hongsibu"]) as page:
        page.page.locator('#chart-waterfall .mark[aria-label*="面积"]').first.click()
        page.page.wait_for_selector("dialog[open]")
        assert "原因" in _heading(page)
        assert "沙普利值" in page.page.locator("dialog").inner_text()


def test_a_score_is_explained_down_to_the_account_by_keyboard_alone(
    browser: "Browser", pages: Mapping[str, Path]
) -> None:
    from support.browser import opened

    with opened(browser, pages["jiangxi-assessment"]) as page:
        opens = '[data-opens="assess:placeholder-ranking:2019:361127:regulating_per_km2"]'
        page.page.locator(opens).first.focus()
        page.page.keyboard.press("Enter")
        page.page.wait_for_selector("dialog[open]")
        assert "余干" in _heading(page)
        before = _heading(page)
        page.page.locator('dialog [data-opens^="account:2019:361127:"]').first.focus()
        page.page.keyboard.press("Enter")
        page.page.wait_for_function(
            "before => document.getElementById('explanation-heading').innerText !== before",
            arg=before,
        )
        assert "×" in page.page.locator("dialog").inner_text()  # a formula with its numbers
        page.page.keyboard.press("Escape")
        assert not page.page.locator("dialog[open]").count()
        focused = page.page.evaluate("document.activeElement.dataset.opens")
        assert focused == "assess:placeholder-ranking:2019:361127:regulating_per_km2"


@pytest.mark.parametrize("name", NAMES)
def test_pages_print(
    browser: "Browser", pages: Mapping[str, Path], name: str, tmp_path: Path
) -> None:
    from support.browser import opened

    with opened(browser, pages[name]) as page:
        page.page.emulate_media(media="print")
        assert not page.page.locator("#switches:visible").count()
        assert not page.page.locator("select:visible").count()
        page.page.pdf(path=str(tmp_path / "page.pdf"), prefer_css_page_size=True)
    assert (tmp_path / "page.pdf").stat().st_size > 20_000
