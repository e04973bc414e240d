"""Build the manual, a site of Chinese and English pages: ``python docs/build.py [FOLDER]``.

First the pages are made that are not written by hand, from what ships, from the bad inputs of the
tests and from commands that are run; then MkDocs builds both languages; then every link is checked.
Warnings are errors. The site is FOLDER/site, by default build/manual/site; open its index.html.
With ``--tutorial-is-tested`` after FOLDER the tutorial is not followed: ``tests/docs/test_docs.py``
follows it in the same way, and the tests build the site too.
"""

import logging
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path[:0] = [str(ROOT), str(DOCS), str(ROOT / "tests")]

if len(sys.argv) > 1 and __name__ == "__main__":
    os.environ["GEP_MANUAL"] = str(Path(sys.argv[1]).resolve())  # also for the workers

from manual.site_pages import BUILD, GENERATED  # noqa: E402  the path comes first
from manual.words import LANGUAGES  # noqa: E402

SITE = BUILD / "site"
_PARTS = 4  # of the problem codes, so that processors share them evenly
_TUTORIAL_IS_TESTED = "--tutorial-is-tested"


def _quiet_disk() -> None:
    """Do not wait for the disk: what is written here need not outlive a power cut."""
    os.fsync = lambda descriptor: None  # type: ignore[assignment]
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ["COLUMNS"] = "120"


def _reference(language: str) -> None:
    """Make the pages of standards and schemes, and of the Python interface."""
    from manual.api_pages import write_api
    from manual.evidence_page import write_evidence
    from manual.reference_pages import write_reference

    write_reference(GENERATED / language, language)
    write_evidence(GENERATED / language, language)
    if language == "en":
        write_api(GENERATED / language)


def _problems(part: int) -> None:
    """Make a part of the pages of problem codes."""
    from manual.problem_pages import codes, write_problems

    write_problems(GENERATED, codes()[part::_PARTS])


def _gallery(language: str) -> None:
    """Draw the gallery."""
    from manual.gallery import write_gallery

    with tempfile.TemporaryDirectory() as scratch:
        write_gallery(GENERATED / language, Path(scratch), language)


def _tutorial(language: str) -> None:
    """Follow the tutorial; it must print what its commands say."""
    from manual.tutorial import differences, follow, said_in

    with tempfile.TemporaryDirectory() as scratch:
        follow(Path(scratch), language)
        told = differences(language, said_in(Path(scratch), language))
    if told:
        lines = "\n".join(told)
        raise SystemExit(f"docs/{language}/tutorial.md prints what gep does not:\n{lines}")


def _site(language: str) -> None:
    """Let MkDocs build a language."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    name = "mkdocs.yml" if language == "zh" else "mkdocs.en.yml"
    target = SITE if language == "zh" else BUILD / "site-en"
    config = load_config(str(DOCS / name), strict=True, site_dir=str(target))
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build(config)
    finally:
        config.plugins.on_shutdown()


def build_manual(*, follow_tutorial: bool = True) -> Path:
    """Build the site.

    Parameters
    ----------
    follow_tutorial : bool
        Whether to do what the tutorial says and hold what it prints against the commands.

    Returns
    -------
    Path
        Its folder.

    Raises
    ------
    SystemExit
        If a page is not true, MkDocs warns of something, or a link leads nowhere.
    """
    shutil.rmtree(BUILD, ignore_errors=True)
    with ProcessPoolExecutor(max_workers=2, initializer=_quiet_disk) as workers:
        made = [workers.submit(_gallery, language) for language in LANGUAGES]
        made += [workers.submit(_problems, part) for part in range(_PARTS)]
        made += [workers.submit(_reference, language) for language in LANGUAGES]
        if follow_tutorial:
            made += [workers.submit(_tutorial, language) for language in LANGUAGES]
        _finish(made)
        _finish([workers.submit(_site, language) for language in LANGUAGES])
    shutil.move(BUILD / "site-en", SITE / "en")
    from manual.check_site import faults

    told = faults(SITE)
    if told:
        raise SystemExit("\n".join(told))
    return SITE


def _finish(jobs: list[Future[None]]) -> None:
    """Wait for jobs; the first that failed ends the build."""
    for job in jobs:
        job.result()


if __name__ == "__main__":
    started = time.monotonic()
    site = build_manual(follow_tutorial=_TUTORIAL_IS_TESTED not in sys.argv[2:])
    seconds = time.monotonic() - started
    print(f"{site / 'index.html'} ({seconds:.0f} s)")
