"""The manual as a site: it builds without a warning, its links hold, its words are found, and it is true."""

import html
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from manual import gallery, site_pages
from manual.check_site import faults
from manual.markdown_dialect import adapted, outside_code
from support.paths import ROOT, not_available

import gep
from gep.errors import severities
from gep.io.catalog import shipped
from gep.report.coefficient_values import named_coefficients
from gep.texts.catalogue import LANGUAGES, Language
from gep.workflows.plot import PICTURES

_LONGEST = 900  # seconds that a worker waits for the site that another one builds
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; the first worker that needs it builds it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "manual"
    said = home / "said.txt"
    try:
        home.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + _LONGEST
        while not said.exists() and time.monotonic() < deadline:
            time.sleep(0.5)
    else:
        program = [sys.executable, str(ROOT / "docs" / "build.py")]
        command = [*program, str(home / "build"), "--tutorial-is-tested"]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        words = f"{done.stdout}{done.stderr}\nended with {done.returncode}"
        (home / "said.part").write_text(words, encoding="utf-8")
        (home / "said.part").rename(said)
    built = home / "build" / "site"
    told = said.read_text(encoding="utf-8")
    assert told.endswith("\nended with 0"), told[-4000:]  # the last step checks every link
    assert (built / "en" / "index.html").is_file(), told[-4000:]
    return built


def _home(site: Path, language: Language) -> Path:
    return site if language == "zh" else site / "en"


def _words(page: Path) -> str:
    """The words of a page, without its navigation."""
    text = page.read_text(encoding="utf-8")
    article = text[text.index("<article") : text.index("</article>")]
    return html.unescape(re.sub(r"<[^>]+>", "", article))


def test_every_link_leads_somewhere_and_nothing_is_loaded_from_outside(site: Path) -> None:
    """The build ends with ``faults``, and fails if they are any; the fixture asks how it ended."""
    assert len(list(site.rglob("*.html"))) > 2 * len(severities())


def test_what_is_wrong_with_links_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "there.html").write_text('<h1 id="top">there</h1>', encoding="utf-8")
    (tmp_path / "index.html").write_text(
        '<a href="there.html#top">good</a><a href="https://example.org/">good</a>'
        '<a href="gone.html">1</a><a href="there.html#gone">2</a><a href="../out.html">3</a>'
        '<img src="https://example.org/4.png"><link rel="stylesheet" href="//example.org/5.css">',
        encoding="utf-8",
    )
    (tmp_path / "style.css").write_text("@import 'https://example.org/6.css'", encoding="utf-8")
    told = "\n".join(faults(tmp_path))
    assert len(told.splitlines()) == 6
    for part in ("gone.html", "#gone", "out.html", "4.png", "5.css", "style.css"):
        assert part in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_in_the_navigation(site: Path, language: Language) -> None:
    """All but those of the problem codes, which the page of the codes leads to."""
    start = (_home(site, language) / "index.html").read_text(encoding="utf-8")
    sections = site_pages.navigation(language)
    listed = {page for section in sections for pages in section.values() for page in pages}
    for page in site_pages.documents(language).values():
        assert page in listed, page
    assert all(title in start for section in sections for title in section)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_standard_scheme_and_code_has_a_page(site: Path, language: Language) -> None:
    home = _home(site, language) / "reference"
    for kind in ("standards", "schemes"):
        assert {page.stem for page in (home / kind).glob("*.html")} == set(shipped(kind))
    coefficients = named_coefficients()
    assert {page.stem for page in (home / "coefficients").glob("*.html")} == set(coefficients)
    listed = (home / "coefficients.html").read_text(encoding="utf-8")
    for name in coefficients:
        assert f'href="coefficients/{name}.html"' in listed
    assert {page.stem for page in (home / "problems").glob("*.html")} == set(severities())
    codes = (home / "problems.html").read_text(encoding="utf-8")
    for code in severities():
        assert f'href="problems/{code}.html"' in codes


def test_a_page_of_a_code_shows_the_file_the_message_and_the_fix(site: Path) -> None:
    shown = {
        "zh": ("“1,300”", "改正：去掉千位分隔符，改为 1300"),
        "en": ("'1,300'", "fix: write 1300"),
    }
    for language in LANGUAGES:
        page = _home(site, language) / "reference" / "problems" / "thousands-separator.html"
        text = _words(page)
        assert "[thousands-separator] areas.csv" in text
        for words in shown[language]:
            assert words in text, (language, words)


def test_recalled_numbers_carry_a_mark(site: Path) -> None:
    rows = gep.read_coefficient_set("costanza-2014").rows
    grades = {"zh": "⚠ <strong>凭记忆</strong>", "en": "⚠ <strong>from memory</strong>"}
    for language, mark in grades.items():
        home = _home(site, "zh" if language == "zh" else "en")
        text = (home / "reference/standards/costanza-2014.html").read_text(encoding="utf-8")
        assert text.count(mark) == len(rows)  # all of the set are recalled


def test_a_page_of_a_standard_has_its_formulas_and_numbers(site: Path) -> None:
    text = _words(site / "reference/standards/rcees-2017.html")
    assert text.index("研究依据") < text.index("水源涵养")  # legal force first
    assert "P = C_we D_r + C_wo" in text
    assert "7.06" in text


def test_every_public_name_is_in_the_interface(site: Path) -> None:
    pages = [page.read_text(encoding="utf-8") for page in (site / "en" / "api").glob("*.html")]
    for name in set(gep.__all__) - {"__version__"}:
        home = getattr(gep, name).__module__
        assert any(f'id="{home}.{name}"' in page for page in pages), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gallery_shows_every_picture_with_its_command(site: Path, language: Language) -> None:
    text = (_home(site, language) / "gallery.html").read_text(encoding="utf-8")
    words = _words(_home(site, language) / "gallery.html")
    drawn = set()
    for picture in gallery.PICTURES:
        command = f"{picture.command} --language {language}"
        assert command in words
        drawn.add(command.split()[3])
        for name in picture.files:
            assert f'src="gallery/{name.replace("/", "-")}"' in text
    assert drawn >= set(PICTURES)


WORDS = {
    "zh": {
        "水源涵养": "reference/standards/rcees-2017.html",
        "单位": "reference/units.html",
        "派生规范": "how-to/share.html",
        "thousands-separator": "reference/problems/thousands-separator.html",
    },
    "en": {
        "decision": "decisions/index.html",
        "coefficient": "how-to/own-coefficients.html",
        "thousands-separator": "reference/problems/thousands-separator.html",
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_browser_finds_words_without_a_server(site: Path, language: Language) -> None:
    """The page is opened from the disk, as from a USB stick, with something to search for."""
    home = _home(site, language)
    for word, wanted in WORDS[language].items():
        shown = _open(home / "index.html", f"?q={word}")
        links = re.findall(r'<a href="([^"]+)" class="md-search-result__link"', shown)
        found = [link.split("/site/")[1].split("?")[0] for link in links]
        prefix = "en/" if language == "en" else ""
        assert prefix + wanted in found, (word, found[:10])
        assert all(link.startswith("en/") == (language == "en") for link in found)


def _open(page: Path, query: str) -> str:
    """What a browser makes of a page, with its scripts run; it asks no other computer."""
    browser = next((name for name in _BROWSERS if _is_there(name)), None)
    if browser is None:
        not_available("there is no Chromium")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000"]
    offline = "--host-resolver-rules=MAP * ~NOTFOUND"
    command = [str(browser), *options, offline, "--dump-dom", page.as_uri() + query]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120)
    return done.stdout


def _is_there(name: str) -> bool:
    from shutil import which

    return which(name) is not None


def test_the_index_of_words_is_that_of_the_language(site: Path) -> None:
    for language in LANGUAGES:
        index = json.loads((_home(site, language) / "search/search_index.json").read_bytes())
        places = {entry["location"].split("#")[0] for entry in index["docs"]}
        assert "tutorial.html" in places
        assert ("decisions/index.html" in places) == (language == "en")


def test_lists_of_code_forges_become_those_of_the_site() -> None:
    text = (
        "Text:\n1. one\n\n   ```sh\n   gep\n   ```\n   more\n2. two\n- three\n| a |\n|---|\n\nEnd\n"
    )
    changed = adapted(text)
    assert "Text:\n\n1. one" in changed
    assert "\n    ```sh\n    gep\n    ```\n    more\n" in changed
    assert adapted("```text\n  kept\n- as it is\n```\n") == "```text\n  kept\n- as it is\n```\n"
    assert outside_code("a\n```sh\nb\n```\nc\n") == "a\nc\n"


def test_the_picture_of_the_readme_is_what_its_command_draws(tmp_path: Path) -> None:
    for name, language in (("jiangxi-counties", "zh"), ("jiangxi-counties-en", "en")):
        kept = (ROOT / "docs" / "pictures" / f"{name}.svg").read_text(encoding="utf-8")
        drawn = gep.plot(
            ROOT / "examples" / "jiangxi-counties",
            ["map"],
            tmp_path / f"{name}.svg",
            language=language,
        )
        (file,) = drawn.files.values()
        pattern = r"<text[^>]*>([^<]*)</text>"
        words = re.findall(pattern, file.read_text(encoding="utf-8"))
        assert len(words) > 100
        assert re.findall(pattern, kept) == words
