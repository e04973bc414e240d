"""Report pages: what is written, and in a browser words, tables, charts, explanations, paper."""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.sample_page import (
    COUNTY,
    HOSTILE,
    KINDS,
    VISIBLE,
    county_table,
    explanations,
    sample_page,
    value_of,
)

from gep.io.html_parts import fragment_html
from gep.io.page_content import Fragment, PageSection
from gep.report.pages.page import render_page, write_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator
    from support.browser import OpenedPage

_KEY = 'main td [data-opens="county:0"]'


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    assert write_page(sample_page(), path) == []
    return path


@pytest.fixture
def opened(browser: "Browser", sample: Path) -> Iterator["OpenedPage"]:
    from support.browser import opened

    with opened(browser, sample) as page:
        yield page


# --- without a browser ----------------------------------------------------------------------------


class Tags(HTMLParser):
    """The elements of a page, and the texts outside scripts and styles."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._inside = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style"):
            self.texts.append(data)


def test_equal_pages_give_equal_bytes(sample: Path) -> None:
    assert sample.read_bytes() == render_page(sample_page()).encode("utf-8")


def test_the_dark_page_differs_in_colours_alone() -> None:
    """So a dark page needs no other rules of accessibility than those about colours."""
    style = (files("gep.report.pages") / "page.css").read_text(encoding="utf-8")
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    blocks = re.findall(r"([^{}]*)\{([^{}]*)\}", style)
    dark = [body for selector, body in blocks if "data-theme" in selector]
    assert len(dark) == 2  # chosen, or what the system prefers
    assert style.count("prefers-color-scheme") == 1
    for body in dark:
        for declaration in filter(str.strip, body.split(";")):
            name, _, value = declaration.strip().partition(": ")
            colour = name.startswith("--") and re.fullmatch(r"#[0-9a-f]{6}", value)
            assert colour or (name, value) == ("color-scheme", "dark"), declaration


def test_nothing_that_users_wrote_becomes_an_element(sample: Path) -> None:
    page = Tags(sample.read_text(encoding="utf-8"))
    tags = [tag for tag, _ in page.tags]
    assert tags.count("img") == 0
    assert tags.count("b") == 0
    assert tags.count("script") == 5  # data, two packed data, D3, ours
    words = "".join(page.texts)
    for name in HOSTILE:
        assert VISIBLE.get(name, name) in words
    for mark in "\x07\u202e\u2028":
        assert mark not in sample.read_text(encoding="utf-8")


def test_only_its_own_scripts_may_run_and_nothing_is_fetched(sample: Path) -> None:
    page = Tags(sample.read_text(encoding="utf-8"))
    policies = [
        attributes["content"] for tag, attributes in page.tags if "http-equiv" in attributes
    ]
    assert len(policies) == 1
    policy = policies[0] or ""
    assert policy.startswith("default-src 'none'; ")
    assert "'unsafe-eval'" not in policy
    (scripts,) = re.findall(r"script-src ([^;]*);", policy)
    assert all(source.startswith("'sha256-") for source in scripts.split())
    for tag, attributes in page.tags:
        assert "src" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        assert (attributes.get("href") or "#").startswith("#"), tag


def test_data_cannot_end_the_element_it_stands_in(sample: Path) -> None:
    source = sample.read_text(encoding="utf-8")
    (data,) = re.findall(r'<script type="application/json" id="page-data">(.*?)</script>', source)
    assert not set("<>&\u2028\u2029") & set(data)
    charts = {chart["id"]: chart for chart in json.loads(data)["charts"]}
    assert charts["hostile-bars"]["title"] == HOSTILE[0]


def test_numbers_of_tables_are_those_given(sample: Path) -> None:
    page = Tags(sample.read_text(encoding="utf-8"))
    written = [
        float(attributes["data-v"] or "") for _, attributes in page.tags if "data-v" in attributes
    ]
    given = [value_of(number) for number in range(100) if number != 41]
    assert set(given) <= set(written)


def test_without_the_extra_tables_stand_and_charts_are_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mpld3", None)
    (problem,) = write_page(sample_page(), tmp_path / "report.html")
    assert problem.code == "missing-extra"
    assert "gep-accounting[report]" in problem.fix
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "gep-accounting[report]" in source
    assert "<figure" not in source
    assert 'id="table-counties"' in source
    page = replace(sample_page(), sections=[PageSection("s", "S", tables=[county_table()])])
    assert write_page(page, tmp_path / "report.html") == []  # there are no charts to miss


def test_charts_can_be_left_out() -> None:
    source = render_page(sample_page(), with_charts=False)
    assert "Mike Bostock" not in source
    assert "<figure" not in source


def test_the_chart_library_is_read_and_not_imported(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from support.sample_page import sample_page;"
        "from gep.report.pages.page import write_page; write_page(sample_page(), Path(sys.argv[1]));"
        "assert 'mpld3' not in sys.modules and 'matplotlib' not in sys.modules"
    )
    tests = str(Path(__file__).parents[2])
    path = [tests, *sys.path]
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}; {program}"]
    subprocess.run([*command, str(tmp_path / "report.html")], check=True)


def test_the_licence_of_the_chart_library_stands_in_the_page(sample: Path) -> None:
    source = sample.read_text(encoding="utf-8")
    spec = importlib.util.find_spec("mpld3")
    assert spec is not None
    assert spec.origin is not None
    library = (Path(spec.origin).parent / "js" / "d3.v5.min.js").read_text(encoding="utf-8")
    assert library.splitlines()[0] in source  # its own notice
    assert "Redistribution and use in source and binary forms" in source
    assert distribution("mpld3").metadata["License"].startswith("BSD")


def test_a_fragment_has_one_language_and_no_buttons() -> None:
    fragment = Fragment(tables=[county_table()], headlines=sample_page().headlines)
    chinese = fragment_html(fragment, "zh")
    english = fragment_html(fragment, "en")
    assert KINDS[0].zh in chinese
    assert KINDS[0].en not in chinese
    assert KINDS[0].en in english
    assert KINDS[0].zh not in english
    assert "<button" not in chinese
    assert "5,012,345.67" in english
    hostile = explanations()["hostile"]
    explained = fragment_html(Fragment(hostile.heading, hostile.lines, (), hostile.tables), "en")
    assert "&lt;script&gt;alert(1)" in explained
    assert "<script" not in explained


# --- in a browser ---------------------------------------------------------------------------------

browser_test = pytest.mark.browser


def names(page: "OpenedPage", table: str = "counties") -> list[str]:
    return page.shown(f"#table-{table} tbody th")


@browser_test
def test_the_language_is_switched_and_everything_follows(opened: "OpenedPage") -> None:
    page = opened.page
    assert opened.language == "zh"
    assert names(opened)[0] == COUNTY[0].zh
    page.click("#switch-language")
    assert opened.language == "en"
    assert names(opened)[0] == COUNTY[0].en
    assert page.title() == "Gross ecosystem product of the sample counties"
    options = page.locator("#table-counties select option").all_inner_texts()
    assert options == ["all", *(kind.en for kind in KINDS)]
    label = page.locator("#chart-map .mark").first.get_attribute("aria-label")
    assert label == "County 1: 0 10^4 CNY"
    assert page.locator("nav").first.get_attribute("aria-label") == "Contents"
    visible = page.locator("body").inner_text()
    assert not re.findall("[\u4e00-\u9fff]+", visible.replace("中文", ""))
    page.click("#switch-language")
    assert names(opened)[0] == COUNTY[0].zh


@browser_test
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_begins_with_the_systems_and_is_switched(
    browser: "Browser", sample: Path, scheme: str
) -> None:
    from support.browser import opened

    paper = "getComputedStyle(document.documentElement).backgroundColor"
    with opened(browser, sample, color_scheme=scheme) as page:
        before = page.page.evaluate(paper)
        assert (before == "rgb(255, 255, 255)") == (scheme == "light")
        button = page.page.locator("#switch-theme")
        assert button.get_attribute("aria-pressed") == str(scheme == "dark").lower()
        button.click()
        after = page.page.evaluate(paper)
        assert (after == "rgb(255, 255, 255)") == (scheme == "dark")
        assert button.get_attribute("aria-pressed") == str(scheme == "light").lower()


@browser_test
def test_tables_are_sorted_by_number_and_brought_back(opened: "OpenedPage") -> None:
    heads = opened.page.locator("#table-counties thead th")
    unsorted = names(opened)
    known = [number for number in range(100) if number != 41]
    by_value = [COUNTY[number].zh for number in sorted(known, key=value_of)]
    value = heads.nth(2)
    value.locator("button").click()
    assert value.get_attribute("aria-sort") == "descending"
    assert names(opened) == [*by_value[::-1], COUNTY[41].zh]  # without a number: last
    value.locator("button").click()
    assert value.get_attribute("aria-sort") == "ascending"
    assert names(opened) == [*by_value, COUNTY[41].zh]
    value.locator("button").click()
    assert value.get_attribute("aria-sort") == "none"
    assert names(opened) == unsorted
    heads.nth(1).locator("button").click()
    terrain = opened.shown("#table-counties tbody td:nth-child(2)")
    assert len(list(dict.fromkeys(terrain))) == 3
    assert terrain == sorted(terrain, key=list(dict.fromkeys(terrain)).index)


@browser_test
def test_tables_are_filtered_by_members_and_by_words(opened: "OpenedPage") -> None:
    box = opened.page.locator("#table-counties")
    box.locator("select").select_option(label=KINDS[1].zh)
    expected = [name.zh for number, name in enumerate(COUNTY) if number % 3 == 1]
    assert names(opened) == expected
    assert box.locator(".count").inner_text() == "33 行，共 100 行"
    box.locator("input").fill("第1")
    assert names(opened) == [name for name in expected if "第1" in name]
    box.locator("input").fill("county 11")  # words of the other language are found too
    assert names(opened) == ["第11县"]
    box.locator("select").select_option(value="")
    box.locator("input").fill("no such thing")
    assert names(opened) == []


@browser_test
def test_a_click_on_the_map_opens_and_a_region_without_a_value_does_not(
    opened: "OpenedPage",
) -> None:
    marks = opened.page.locator("#chart-map .mark")
    assert marks.count() == 100
    marks.nth(5).hover()
    tip = opened.page.locator("#tip")
    assert tip.is_visible()
    assert tip.inner_text() == f"第6县: {value_of(5):,.10g} 万元"
    marks.nth(41).click()
    assert not opened.page.locator("dialog").is_visible()
    marks.nth(5).click()
    opened.page.wait_for_selector("dialog[open]")
    assert opened.shown("#explanation-heading") == ["第6县 的来历"]


@browser_test
def test_every_chart_is_drawn_and_named(opened: "OpenedPage") -> None:
    page = opened.page
    counts = {"map": 100, "bars": 7, "stacks": 9, "waterfall": 6, "ranks": 12, "lines": 15}
    for name, count in counts.items():
        marks = page.locator(f"#chart-{name} .mark")
        assert marks.count() == count, name
        reachable = page.locator(f'#chart-{name} .mark[tabindex="0"]')
        assert reachable.count() == 1, name
    for label in page.locator(".mark").evaluate_all(
        "m => m.map(e => e.getAttribute('aria-label'))"
    ):
        assert ":" in label
        assert "NaN" not in label
        assert "undefined" not in label
    drawn = page.locator(".drawing").evaluate_all("d => d.map(e => e.innerHTML).join('')")
    assert "NaN" not in drawn
    assert page.locator("#chart-hostile-bars text").filter(has_text="$x^{$").count() == 1


@browser_test
def test_hostile_names_are_texts_in_the_browser(opened: "OpenedPage") -> None:
    page = opened.page
    shown = opened.shown("#table-hostile tbody th")
    assert shown == [VISIBLE.get(name, name) for name in HOSTILE] * 2
    page.locator('#table-hostile [data-opens="hostile"]').first.click()
    page.wait_for_selector("dialog[open]")
    assert opened.shown("#explanation-heading") == [HOSTILE[0]]
    assert opened.shown("dialog p.line") == [VISIBLE.get(name, name) for name in HOSTILE]
    assert page.locator("dialog img, dialog script, dialog b").count() == 0
    options = page.locator("#table-hostile select option").all_inner_texts()
    assert options == ["全部", *(VISIBLE.get(name, name) for name in HOSTILE)]


def focused(page: "OpenedPage") -> "Locator":
    return page.page.locator(":focus")


def tab_to(page: "OpenedPage", selector: str) -> None:
    """Press Tab until an element is reached; behind the last one stands the browser itself."""
    for _ in range(400):
        page.page.keyboard.press("Tab")
        if page.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached")


@browser_test
def test_the_way_to_a_coefficient_row_and_back_by_keyboard(opened: "OpenedPage") -> None:
    page = opened.page
    page.keyboard.press("Tab")
    assert focused(opened).get_attribute("class") == "skip"
    tab_to(opened, _KEY)
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    assert opened.shown("#explanation-heading") == ["第1县 的来历"]
    tab_to(opened, '[data-opens="row:0"]')
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog .back")
    assert opened.shown("dialog tbody th") == [HOSTILE[0]]
    assert page.url.endswith("#row%3A0")
    tab_to(opened, ".back")
    page.keyboard.press("Enter")
    page.wait_for_selector('dialog [data-opens="row:0"]')
    assert focused(opened).get_attribute("data-opens") == "row:0"
    page.keyboard.press("Escape")
    assert not page.locator("dialog").is_visible()
    assert focused(opened).get_attribute("data-opens") == "county:0"
    assert "#" not in page.url


@browser_test
def test_a_map_is_walked_by_arrow_keys(opened: "OpenedPage") -> None:
    page = opened.page
    tab_to(opened, "#chart-map .mark")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert (focused(opened).get_attribute("aria-label") or "").startswith("第3县: ")
    assert page.locator("#tip").is_visible()
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    assert (focused(opened).get_attribute("aria-label") or "").startswith("第3县: ")
    page.keyboard.press("End")
    assert (focused(opened).get_attribute("aria-label") or "").startswith("第100县: ")


@browser_test
def test_a_link_to_a_number_opens_it_and_a_link_to_a_section_does_not(
    browser: "Browser", sample: Path
) -> None:
    from support.browser import opened

    with opened(browser, sample, fragment="#county%3A7") as page:
        page.page.wait_for_selector("dialog[open]")
        assert page.shown("#explanation-heading") == ["第8县 的来历"]
    with opened(browser, sample, fragment="#names") as page:
        assert not page.page.locator("dialog").is_visible()
    with opened(browser, sample, fragment="#%E0%A4%A<script>") as page:
        assert not page.page.locator("dialog").is_visible()


@browser_test
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_violation_of_accessibility(
    browser: "Browser", sample: Path, language: str, scheme: str
) -> None:
    from support.browser import opened

    with opened(browser, sample, color_scheme=scheme) as page:
        if page.language != language:
            page.page.click("#switch-language")
        assert page.serious_violations(scheme) == []
        page.page.locator(_KEY).click()
        page.page.wait_for_selector("dialog[open]")
        assert page.serious_violations(scheme) == []


@browser_test
@pytest.mark.parametrize("width", [360, 390, 800, 1400])
def test_the_page_is_never_wider_than_its_window(
    browser: "Browser", sample: Path, width: int
) -> None:
    from support.browser import opened

    with opened(browser, sample, viewport={"width": width, "height": 800}) as page:
        for _ in ("zh", "en"):
            assert page.page.evaluate("document.documentElement.scrollWidth") == width
            page.page.click("#switch-language")
        page.page.locator(_KEY).click()
        page.page.wait_for_selector("dialog[open]")
        assert page.page.evaluate("document.documentElement.scrollWidth") == width


@browser_test
def test_paper_has_everything_but_the_switches(opened: "OpenedPage") -> None:
    page = opened.page
    page.emulate_media(media="print", color_scheme="dark")
    assert (
        page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert not page.locator("#switches").is_visible()
    assert not page.locator(".filters").first.is_visible()
    assert page.locator("#table-counties tbody tr").last.is_visible()
    scroll = page.locator("#table-counties .scroll")
    assert scroll.evaluate("e => e.scrollHeight - e.clientHeight") == 0
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


@browser_test
def test_an_open_explanation_is_printed_alone(opened: "OpenedPage") -> None:
    page = opened.page
    page.locator(_KEY).click()
    page.wait_for_selector("dialog[open]")
    page.emulate_media(media="print")
    assert page.locator("dialog").is_visible()
    assert not page.locator("main").is_visible()
    assert not page.locator(".close").is_visible()


@browser_test
def test_everything_can_be_read_without_scripts(browser: "Browser", sample: Path) -> None:
    session = browser.new_context(java_script_enabled=False)
    page = session.new_page()
    page.goto(sample.resolve().as_uri())
    assert page.locator("#table-counties tbody tr").count() == 100
    assert page.locator("h1").inner_text() == "示例县生态产品总值核算报告"
    assert page.locator("#chart-map .drawing").inner_text() != ""
    assert not page.locator("#switches").is_visible()
    session.close()


@browser_test
def test_an_old_browser_is_told_why_explanations_do_not_open(
    browser: "Browser", sample: Path
) -> None:
    session = browser.new_context()
    session.add_init_script("delete window.DecompressionStream")
    page = session.new_page()
    page.goto(sample.resolve().as_uri())
    page.locator(_KEY).click()
    page.wait_for_selector("dialog[open]")
    assert "gep explain" in page.locator("dialog").inner_text()
    session.close()
