"""What notebooks show: fragments in one language, with hostile names as text, long tables cut."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.paths import EXAMPLES

import gep
from gep.io.notebook import ShownAsTable, html_table

HOSTILE = '<script>alert(1)</script> "&amp; $x^{$ [/] \u202e\x07'


class _Many(ShownAsTable):
    rows = pd.DataFrame({"name": [HOSTILE] * 200, "value": np.arange(200) / 3})


def test_what_users_wrote_is_text() -> None:
    html = html_table([HOSTILE], pd.DataFrame({HOSTILE: [HOSTILE]}), name=HOSTILE)
    assert "<script" not in html
    assert (
        html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 5
    )  # name, line, heading (and its attribute), cell
    assert "\u202e" not in html
    assert "\\u202e" in html
    assert "\x07" not in html


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "只列前 60 行，共 200 行；全部的行：.rows"),
        ("en", "first 60 of 200 rows; .rows has all"),
    ],
)
def test_long_tables_are_cut_with_a_line_that_says_how_to_see_all(
    language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8" if language == "zh" else "C.UTF-8")
    html = _Many()._repr_html_()
    assert html.count("<tr") == 61
    assert words in html
    assert f'lang="{language}"' in html


def test_numbers_are_written_for_people_and_years_are_not() -> None:
    frame = pd.DataFrame(
        {"year": [2019], "value": [4833441.9754], "share": [0.01234], "no": [np.nan]}
    )
    html = html_table([], frame)
    assert ">2019<" in html
    assert ">4,833,442<" in html
    assert ">0.0123<" in html
    assert "nan" not in html


def test_style_stays_within_the_fragment() -> None:
    html = html_table([], pd.DataFrame({"a": [1]}))
    style = html.partition("<style>")[2].partition("</style>")[0]
    rules = [rule.partition("{")[0].strip() for rule in style.split("}") if rule.strip()]
    assert rules
    for rule in rules:
        assert all(part.strip().startswith(".gep-fragment") for part in rule.split(",")), rule
    assert "<script" not in html
    assert "id=" not in html.replace("data-v", "")


def test_results_show_their_caption_and_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    account = gep.read_project(EXAMPLES / "beibu-gulf").compute(2014)[0]
    html = account._repr_html_()
    assert "not official" in html.lower() or "trial" in html.lower()
    total = account.total("beibu-gulf")
    assert f"{total:,.0f}" in html
    explanation = account.explain("food_production", "beibu-gulf")
    html = explanation._repr_html_()
    assert f"{explanation.value:,.10g}" in html
    for row in explanation.frame().to_dict("records")[:10]:
        assert str(row["where"]) in html
    accounts = gep.read_project(EXAMPLES / "beibu-gulf").compute()
    html = gep.compare(accounts)._repr_html_()
    assert "565,024" in html  # the change of the total from 1999 to 2014, 10^4 CNY
    assert account.plan.steps[0].name in account.plan._repr_html_()


@pytest.mark.browser
def test_a_fragment_opens_in_a_browser(browser: object, tmp_path: Path) -> None:
    """Nothing of it runs, asks for anything or is wider than its window."""
    from playwright.sync_api import Browser

    assert isinstance(browser, Browser)
    accounts = gep.read_project(EXAMPLES / "beibu-gulf").compute()
    parts = [accounts[-1], accounts[-1].plan, gep.compare(accounts)]
    parts.append(accounts[-1].explain("food_production", "beibu-gulf"))
    html = "".join(part._repr_html_() for part in parts)
    file = tmp_path / "notebook.html"
    file.write_text(f"<!DOCTYPE html><meta charset=utf-8>{html}", encoding="utf-8")
    page = browser.new_page(viewport={"width": 900, "height": 900})
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    assert requests == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= 900
    page.close()
