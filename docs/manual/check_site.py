"""Check the built site: every link leads somewhere, and nothing is loaded from anywhere else."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Attributes by which a page loads something; ``href`` of these elements loads too.
_LOADED = {"src", "srcset", "poster", "data"}
_LOADING = {"link"}
_NOT_LOADED = {"canonical", "alternate", "prev", "next", "author", "license"}
_IN_STYLE = re.compile(r"url\(\s*['\"]?(https?:)?//|@import\s+['\"]?(https?:)?//")


class _Page(HTMLParser):
    """The ids, links and loaded files of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element names."""
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "a" and "name" in given:
            self.ids.add(given["name"])
        for name, value in given.items():
            kinds = set(given.get("rel", "").split())
            if name in _LOADED or (name == "href" and tag in _LOADING and not kinds & _NOT_LOADED):
                self.loaded.append(value)
            elif name == "href":
                self.links.append(value)


@cache
def _page(path: Path) -> _Page:
    """Read a page once."""
    return _Page(path.read_text(encoding="utf-8"))


@cache
def _target(folder: Path, link: str) -> Path:
    """Follow a link once from a folder; the navigation of all its pages has the same links."""
    return (folder / link).resolve()


@cache
def _is_file(path: Path) -> bool:
    """Look once whether a file is there."""
    return path.is_file()


def faults(site: Path) -> list[str]:
    """Return what is wrong with the links of a site.

    Parameters
    ----------
    site : Path
        The folder with its ``index.html``.

    Returns
    -------
    list of str
        A sentence for each link that leads nowhere, and for each file that is loaded from outside.
    """
    for known in (_page, _target, _is_file):
        known.cache_clear()
    site = site.resolve()
    told = []
    for path in sorted(site.rglob("*.html")):
        if path.name == "404.html":  # for a web server; its links begin at the root
            continue
        name = path.relative_to(site).as_posix()
        page = _page(path)
        for link in page.loaded:
            if _is_outside(link):
                told.append(f"{name} loads {link}")
        for link in [*page.links, *page.loaded]:
            if not _leads_somewhere(path, link, site):
                told.append(f"{name} links to {link}, which is not there")
    for path in sorted(site.rglob("*.css")):
        if _IN_STYLE.search(path.read_text(encoding="utf-8")):
            told.append(f"{path.relative_to(site).as_posix()} loads something from outside")
    return told


def _is_outside(link: str) -> bool:
    """Return whether a link leads out of the site."""
    parts = urlsplit(link)
    return bool(parts.netloc) or parts.scheme in ("http", "https")


def _leads_somewhere(path: Path, link: str, site: Path) -> bool:
    """Return whether a link within the site leads to a file, and to an id in it if it names one."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return parts.scheme not in ("file", "javascript") and "invalid" not in parts.netloc
    target = path if not parts.path else _target(path.parent, unquote(parts.path))
    if not target.is_relative_to(site) and target != path:
        return False
    if not _is_file(target):
        return False
    anchor = unquote(parts.fragment)
    if not anchor or target.suffix != ".html" or anchor.startswith("__"):
        return True
    return anchor in _page(target).ids
