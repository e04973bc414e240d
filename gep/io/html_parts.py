"""Parts of HTML that report pages and notebooks share (网页片段): words, tables, headlines.

Owns the templates in ``templates`` and how words and numbers go into them. Whole pages are written
by ``gep.report.pages.page``, what a notebook shows by ``gep.io.notebook``.
"""

from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from gep.io.page_content import Fragment, PageTable, Words, word
from gep.texts.catalogue import LANGUAGES, Language, Sayable, text, visible

UPRIGHT_COLUMNS = 8  # of a table on upright paper
_SIDEWAYS_COLUMNS = 14  # of a table in letters of the common size


def fragment_html(fragment: Fragment, language: Language) -> str:
    """Write a fragment as HTML in one language, with the few rules of style that it needs.

    Parameters
    ----------
    fragment : Fragment
    language : {'zh', 'en'}

    Returns
    -------
    str
        What users wrote is text in it.
    """
    template = _fragment_environment().get_template("fragment.html")
    style = (files("gep.io") / "fragment.css").read_text(encoding="utf-8")
    return template.render(
        fragment=fragment,
        language=language,
        only=language,
        style=Markup(style),
    )


@cache
def _fragment_environment() -> Environment:
    return html_environment()


def html_environment(*packages: str) -> Environment:
    """Return an environment of templates: what they show is escaped, what they miss is an error.

    Parameters
    ----------
    *packages : str
        Names of packages with folders ``templates`` beside the shared one.

    Returns
    -------
    Environment
        Templates are rendered with ``only``: the language of a fragment, None for both.
    """
    loaders = [PackageLoader(package) for package in (*packages, "gep.io")]
    environment = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["words"] = _words
    environment.filters["number"] = _written
    environment.filters["plain"] = _plain_words
    environment.filters["visible"] = visible
    environment.globals["ui"] = _ui
    environment.globals["table_class"] = _table_class
    return environment


def in_both_languages(words: Sayable) -> dict[Language, str]:
    """Return words by language, characters that do not show as their code points.

    Parameters
    ----------
    words : Sayable

    Returns
    -------
    dict of str to str
    """
    return {language: visible(words.say(language)) for language in LANGUAGES}


@pass_context
def _words(context: Context, words: Words) -> Markup:
    """Write words in the only language of a fragment, else in both, once if they are the same."""
    if context["only"] is not None:
        return escape(visible(word(words, context["only"])))
    if isinstance(words, str):
        return escape(visible(words))
    worded = in_both_languages(words)
    if worded["zh"] == worded["en"]:
        return escape(worded["zh"])
    span = Markup('<span lang="zh">{zh}</span><span lang="en">{en}</span>')
    return span.format(zh=worded["zh"], en=worded["en"])


def _plain_words(words: Words, language: Language) -> str:
    """Word an attribute or the title of the window, which have one language at a time."""
    return visible(word(words, language))


def _written(number: float) -> str:
    """Write a number with all its digits, by which rows are sorted."""
    return repr(float(number))


def _ui(name: str, **values: object) -> Sayable:
    """Return a text of the page itself."""
    return text(f"page.ui.{name}", **values)


def _table_class(table: PageTable) -> str:
    """Return the classes of a table, of which wide ones are printed sideways, in small letters."""
    if len(table.columns) <= UPRIGHT_COLUMNS:
        return "table"
    return "table wide wider" if len(table.columns) > _SIDEWAYS_COLUMNS else "table wide"
