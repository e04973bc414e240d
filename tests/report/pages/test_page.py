"""Report pages in a browser: words, tables, charts and explanations, by pointer and by keyboard."""

from pathlib import Path

import pytest
from support.sample_page import sample_page

from gep.report.pages.page import render_page, write_page


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    assert write_page(sample_page(), path) == []
    return path


def test_equal_pages_give_equal_bytes(sample: Path) -> None:
    assert sample.read_bytes() == render_page(sample_page()).encode("utf-8")
