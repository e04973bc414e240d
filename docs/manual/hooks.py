"""What the build of the site adds to MkDocs: pages from elsewhere, links, the other language.

Pages are written so that their links work in the repository. Here each link is brought to the page
or file of the site that it means; a link that leads nowhere stays, and the strict build refuses it.
"""

import logging
import posixpath
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import jieba
from manual.markdown_dialect import adapted, outside_code
from manual.site_pages import ENGLISH_ONLY, ROOT, documents, made, navigation, pages
from mkdocs.structure.files import File
from mkdocs.structure.nav import Link, Section

_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
_EXTERNAL = re.compile(r"[a-z]+:")
_ID = re.compile(r"^\| ([\w-]+) \|", re.MULTILINE)
# Stands for the top of the whole site until the place of a page is known.
_TOP = "https://top.invalid/"
_FILES = "files"  # folder of the files of the repository that pages link to


def _language(config: Any) -> str:
    """Return the language of the site that is built."""
    return str(config.extra["manual_language"])


def _other(language: str) -> str:
    """Return the other language."""
    return "en" if language == "zh" else "zh"


def _address(language: str, page: str) -> str:
    """Return where a page of a language is, seen from the top of the whole site."""
    html = page.removesuffix(".md") + ".html" if page.endswith(".md") else page
    return f"en/{html}" if language == "en" else html


def on_config(config: Any) -> Any:
    """Set the navigation, and teach the index of words the terms of this field."""
    jieba.setLogLevel(logging.WARNING)
    jieba.load_userdict(str(Path(__file__).with_name("words.txt")))
    config.nav = navigation(_language(config))
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add pages that are elsewhere in the repository, pages that were made, and linked files."""
    language = _language(config)
    wanted: dict[str, Path] = {}
    for path, page in documents(language).items():
        wanted[page] = ROOT / path
        wanted.update(_linked_files(path))
    wanted.update(made(language))
    for name, file in wanted.items():
        if files.get_file_from_path(name) is None:
            files.append(File.generated(config, name, abs_src_path=str(file)))
    return files


def _linked_files(path: str) -> dict[str, Path]:
    """Return the files of the repository, other than pages, that a document links to."""
    known = {**documents("zh"), **documents("en"), "README.md": ""}
    linked = {}
    for _, target, _ in _LINK.findall(outside_code((ROOT / path).read_text(encoding="utf-8"))):
        meant = _resolved(path, target.partition("#")[0])
        is_file = not _EXTERNAL.match(target) and (ROOT / meant).is_file()
        if is_file and meant not in known:
            linked[_copied(meant)] = ROOT / meant
    return linked


def _copied(path: str) -> str:
    """Return where the copy of a file of the repository is; Markdown that is no page is a text."""
    return f"{_FILES}/{path}.txt" if path.endswith(".md") else f"{_FILES}/{path}"


def _resolved(path: str, target: str) -> str:
    """Return the path in the repository that a link of a document means."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Bring links to the site, and ids of a table of reference to the pages about them."""
    language = _language(config)
    name = page.file.src_uri
    sources = {place: path for path, place in documents(language).items()}
    # a page that is made links as if it were in the folder of the others
    source = sources.get(name, f"docs/{language}/{name}")

    def moved(match: re.Match[str]) -> str:
        opening, target, closing = match.groups()
        return opening + _target(source, name, target, language) + closing

    markdown = outside_code(markdown, lambda text: _LINK.sub(moved, text))
    page.meta.setdefault("search", {"boost": _boost(name)})
    folder = name.removesuffix(".md")
    known = pages(language)

    def linked(match: re.Match[str]) -> str:
        entry = match.group(1)
        if f"{folder}/{entry}.md" not in known:
            return match.group(0)
        return f"| [{entry}]({posixpath.basename(folder)}/{entry}.md) |"

    if folder.startswith("reference/"):
        markdown = _ID.sub(linked, markdown)
    return adapted(markdown)


def _boost(name: str) -> float:
    """Return how far up a page is among the results of a search."""
    if name.startswith(("how-to/", "tutorial", "commands", "reference/")) and name.count("/") <= 1:
        return 4
    return 0.5 if name.startswith(("decisions/", "changelog")) else 1


def _target(source: str, name: str, target: str, language: str) -> str:
    """Return a link of a document as the site has it."""
    path, hash_sign, anchor = target.partition("#")
    if not path or _EXTERNAL.match(target):
        return target
    meant = _resolved(source, path)
    meant = f"docs/{language}/install.md" if meant == "README.md" else meant
    here = documents(language).get(meant)
    if here is not None:
        return posixpath.relpath(here, posixpath.dirname(name) or ".") + hash_sign + anchor
    other = _other(language)
    twin = meant.replace(f"docs/{language}/", f"docs/{other}/", 1)  # a page of one language only
    there = documents(other).get(meant) or documents(other).get(twin)
    if there is not None and meant.removeprefix(f"docs/{language}/") not in made(language):
        return _TOP + _address(other, there) + hash_sign + anchor
    if (ROOT / meant).is_file():
        return posixpath.relpath(_copied(meant), posixpath.dirname(name) or ".")
    return target  # leads nowhere: the strict build says so


def on_nav(nav: Any, config: Any, files: Any) -> Any:
    """Lead over to what is in English only."""
    if _language(config) == "zh":
        links = [Link(title, _TOP + _address("en", page)) for title, page in ENGLISH_ONLY]
        nav.items.append(Section("英文页", links))
    return nav


def on_page_context(context: Any, page: Any, config: Any, nav: Any) -> Any:
    """Say where the page is in the other language."""
    other = _other(_language(config))
    if page.file.src_uri in pages(other):
        context["other_page"] = _TOP + _address(other, page.file.src_uri)
    return context


def on_env(env: Any, config: Any, files: Any) -> Any:
    """Name the other language."""
    other = _other(_language(config))
    env.globals["other_language"] = other
    env.globals["other_name"] = "中文" if other == "zh" else "English"
    env.globals["other_start"] = _TOP + _address(other, "index.md")
    return env


def on_post_page(output: str, page: Any, config: Any) -> str:
    """Make links between the languages relative, now that the place of the page is known."""
    return output.replace(_TOP, _way_up(page.file.dest_uri, config))


def on_post_template(output_content: str, template_name: str, config: Any) -> str:
    """Do the same for pages without a source, such as 404.html."""
    return output_content.replace(_TOP, _way_up(template_name, config))


def _way_up(place: str, config: Any) -> str:
    """Return the way from a page to the top of the whole site."""
    levels = place.count("/") + (_language(config) == "en")
    return "../" * levels or "./"
