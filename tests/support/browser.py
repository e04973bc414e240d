"""A browser without a window that opens report pages, and notes what no page may do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from support.paths import not_available

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_TIMEOUT = 15_000  # milliseconds
# Rows with the same elements, classes and styles have the same colours; two, as even rows may differ from odd ones.
_HIDE_ALIKE = r"""() => {
  for (const body of document.querySelectorAll('tbody')) {
    const seen = new Map();
    for (const row of body.rows) {
      const parts = [row, ...row.querySelectorAll('*')].map(part => [part.tagName, part.childElementCount,
        part.textContent.trim() !== '', part.getAttribute('class'), part.getAttribute('style'), part.hidden,
        part.ariaDisabled, part.ariaSort, part.disabled].join('|'));
      const shape = parts.join(' ');
      seen.set(shape, (seen.get(shape) || 0) + 1);
      if (seen.get(shape) > 2) row.classList.add('alike-in-tests');
    }
  }
  const style = document.createElement('style');
  style.id = 'alike-in-tests';
  style.textContent = '.alike-in-tests { display: none !important; }';
  document.head.append(style);
}"""
_SHOW_ALIKE = "() => document.getElementById('alike-in-tests')?.remove()"
_COLOUR_RULES = ("color-contrast", "link-in-text-block")  # those of cat.color that are on


def browser_path() -> str:
    """Return where Chromium is; without it the test is skipped, in CI it fails."""
    named = os.environ.get("GEP_CHROMIUM")
    paths = [named] if named else [shutil.which(name) for name in _PROGRAMS]
    for path in paths:
        if path:
            return path
    not_available("Chromium is not installed")
    raise AssertionError


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start a browser, and stop it."""
    path = browser_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_OPTIONS)
        yield browser
        browser.close()


@dataclass
class OpenedPage:
    """A report page in the browser."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Note errors, messages of the console, and requests for anything but the page itself."""
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", lambda request: self._check_request(request.url))
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))

    def _note(self, kind: str, words: str) -> None:
        if kind in ("error", "warning", "assert"):
            self.faults.append(f"console {kind}: {words}")

    def _check_request(self, url: str) -> None:
        if url.split("#")[0] != self.url:
            self.faults.append(f"request: {url}")

    @property
    def language(self) -> str:
        """The language that is shown."""
        return str(self.page.locator("html").get_attribute("lang"))

    def shown(self, selector: str) -> list[str]:
        """The texts that are seen of some elements, in their order."""
        texts = self.page.locator(selector).evaluate_all(
            "elements => elements.filter(e => e.checkVisibility()).map(e => e.innerText)"
        )
        return [str(text).strip() for text in texts]

    def overflowing_cells(self) -> list[str]:
        """The words of cells that run over the cell beside them."""
        texts = self.page.locator("td, tbody th").evaluate_all(
            "cells => cells.filter(c => c.checkVisibility() && c.scrollWidth > c.clientWidth + 1)"
            ".map(c => c.innerText)"
        )
        return [str(text) for text in texts]

    def serious_violations(self, scheme: str = "light") -> list[str]:
        """What axe-core calls serious or critical: rule and element.

        The dark page is the light one in other colours (``test_page.py`` holds the style sheet to that): in ``dark``
        the rules about colours are asked alone, and of rows of a table that are alike but for their words two.
        """
        from axe_playwright_python.sync_playwright import Axe

        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if scheme == "dark":
            options["runOnly"] = list(_COLOUR_RULES)
            self.page.evaluate(_HIDE_ALIKE)
        found: Any = Axe().run(self.page, options=options).response
        self.page.evaluate(_SHOW_ALIKE)
        listed = []
        for violation in found["violations"]:
            if violation["impact"] in ("serious", "critical"):
                targets = [str(node["target"]) for node in violation["nodes"][:3]]
                listed.append(f"{violation['id']}: {violation['help']}: {targets}")
        return listed


@contextmanager
def opened(
    browser: Browser, path: Path, *, fragment: str = "", **context: Any
) -> Iterator[OpenedPage]:
    """Open a file; at the end nothing may have gone wrong and nothing have been asked for.

    ``context`` are options of a browser context, such as ``viewport`` and ``color_scheme``.
    """
    options: dict[str, Any] = {
        "viewport": {"width": 1400, "height": 900},
        "offline": True,
        **context,
    }
    session = browser.new_context(**options)
    session.set_default_timeout(_TIMEOUT)
    url = path.resolve().as_uri()
    page = OpenedPage(session.new_page(), url)
    page.listen()
    page.page.goto(url + fragment)
    assert not page.faults, page.faults
    page.page.wait_for_selector("html[data-ready]", state="attached")
    yield page
    session.close()
    assert not page.faults, page.faults
