"""Explanations of accounts as the page makes them: the same numbers and rows as ``gep explain``."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.paths import EXAMPLES, FORMAT_EXAMPLE

import gep
from gep.account.account import Account
from gep.account.explanation_rows import AREA_ROWS, SHARE_ROWS
from gep.report.pages.account_page import AccountEdition, account_page
from gep.report.pages.page import write_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from support.browser import OpenedPage

pytestmark = pytest.mark.browser

# A project with prices, quantities, crosswalk, own methods; and published ones.
PROJECTS = {
    "villages": (FORMAT_EXAMPLE, True),
    "jiangxi-counties": (EXAMPLES / "jiangxi-counties", False),
    "garze-2010": (EXAMPLES / "garze-2010", False),
}


class Explained:
    """A page with its accounts."""

    def __init__(self, opened: "OpenedPage", accounts: list[Account]) -> None:
        self.opened = opened
        self.account = accounts[-1]
        self.regions = [str(code) for code in self.account.plan.extent.regions]
        self.parents = list(self.account.parents.codes)
        spec = self.account.plan.standard.spec
        with_steps = {step.indicator.id for step in self.account.plan.steps if step.indicator}
        self.indicators = [item.id for item in spec.indicator if item.id in with_steps]

    def open(self, region: str, what: str) -> None:
        """Follow a link to a number."""
        key = f"account:{self.account.year}:{region}:{what}"
        page = self.opened.page
        page.keyboard.press("Escape")
        page.evaluate("key => { location.hash = encodeURIComponent(key); }", key)
        page.wait_for_selector(f'dialog[open][data-shows="{key}"]')

    def numbers(self, selector: str) -> list[str]:
        return [text.replace(",", "") for text in self.opened.shown(selector)]


@pytest.fixture(scope="module", params=PROJECTS)
def explained(
    request: pytest.FixtureRequest, browser: "Browser", tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Explained]:
    from support.browser import opened

    folder, allow_code = PROJECTS[request.param]
    project = gep.read_project(folder, allow_code=allow_code)
    accounts = project.compute()
    path: Path = tmp_path_factory.mktemp("explained") / "report.html"
    write_page(account_page(project, accounts, AccountEdition(), ["summary.csv"]), path)
    with opened(browser, path) as page:
        if page.language != "en":
            page.page.click("#switch-language")
        yield Explained(page, accounts)


def calculation(line: str) -> str:
    """What is calculated, without the name of the cell."""
    _, _, written = line.partition(": ")
    return written.replace(" -> ", " → ").replace(" x ", " × ")


def test_calculations_are_those_of_gep_explain(explained: Explained) -> None:
    regions = [*explained.regions[:2], *explained.parents[:1]]
    for region in regions:
        for indicator in explained.indicators[:4]:
            told = explained.account.explain(indicator, region, language="en")
            explained.open(region, indicator)
            shown = [line for line in explained.opened.shown(".calculations li") if ": " in line]
            expected = []
            for step in told.steps:
                expected += [calculation(line) for line in step.calculations if "nan" not in line]
            assert sorted(calculation(line) for line in shown) == sorted(expected), indicator


def test_figures_are_those_of_gep_explain(explained: Explained) -> None:
    for region in [*explained.regions[:3], *explained.parents[:1]]:
        for indicator in explained.indicators:
            told = explained.account.explain(indicator, region, language="en")
            explained.open(region, indicator)
            shown = explained.numbers(".answer .number")
            if told.value == told.value:
                assert [float(number) for number in shown] == pytest.approx([told.value], rel=1e-9)
            else:
                assert all(not re.match(r"[-\d]", number) for number in shown)


def test_sums_are_written_out(explained: Explained) -> None:
    explained.open(explained.regions[0], "total")
    (sum_line,) = explained.numbers("dialog p.formula")
    addends, _, total = sum_line.partition(" = ")
    numbers = [float(number) for number in addends.split(" + ") if re.match(r"[-\d]", number)]
    if re.match(r"[-\d]", total):
        assert sum(numbers) == pytest.approx(float(total), rel=1e-8)


def test_the_rows_behind_the_parts_are_those_of_gep_explain(explained: Explained) -> None:
    region = explained.regions[0]
    page = explained.opened.page
    for indicator in explained.indicators[:3]:
        told = explained.account.explain(indicator, region, language="en").frame()
        is_area = told["input"].isin([AREA_ROWS, SHARE_ROWS])
        expected = {(row.where, row.locator) for row in told[~is_area].itertuples()}
        explained.open(region, indicator)
        opens = page.locator("dialog tbody th [data-opens]").evaluate_all(
            "buttons => buttons.map(button => button.dataset.opens)"
        )
        assert opens
        shown = set()
        for key in opens:
            explained.open(region, key.split(":", 3)[3])
            for words in explained.opened.shown(".sources li"):
                shown.add(words)
        for where, locator in expected:
            pieces = [piece for piece in re.split(r"[ ,]", where) if piece]
            matching = [words for words in shown if all(piece in words for piece in pieces)]
            assert matching, where
            assert any(locator in words for words in matching), locator


def test_from_a_total_down_to_a_coefficient_row(explained: Explained) -> None:
    page = explained.opened.page
    explained.open(explained.regions[0], "total")
    depth = 1
    while not page.locator(".sources").count():
        cells = page.locator("dialog tbody th [data-opens]")
        numbers = page.locator("dialog tbody td [data-opens]")
        target = cells.first if cells.count() else numbers.first
        target.click()
        depth += 1
        page.wait_for_function("n => document.querySelectorAll('.path li').length === n", arg=depth)
    assert explained.opened.shown(".sources .number")
    for _ in range(depth - 1):
        page.locator(".back").click()
    page.wait_for_function("() => !document.querySelector('.back')")
    page.keyboard.press("Escape")
    assert not page.locator("dialog").is_visible()
    assert explained.opened.serious_violations() == []


def test_what_there_is_not_opens_nothing(explained: Explained) -> None:
    page = explained.opened.page
    year = explained.account.year
    for key in (
        f"account:{year}:nowhere:total",
        f"account:{year}:{explained.regions[0]}:x",
        "account:",
        "account:1:2:3",
    ):
        page.keyboard.press("Escape")
        page.evaluate("key => { location.hash = encodeURIComponent(key); }", key)
        page.wait_for_timeout(60)
        assert not page.locator("dialog").is_visible(), key
