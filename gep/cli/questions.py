"""The questions of a new project, at a terminal or from options.

What an answer means and what can be chosen is in ``gep.workflows.new_project``; here a question is
shown, asked again where an answer cannot be used, or reported as missing where nobody can be asked.
"""

import sys
from collections.abc import Mapping

import typer

from gep.errors import ProblemLog, ProblemsFound, make_problem
from gep.texts.catalogue import Language, say, visible
from gep.workflows.new_project import (
    QUESTIONS,
    AnswerChoice,
    ProjectAnswers,
    choices,
    read_answer,
    read_answers,
)


def project_answers(words: Mapping[str, str], language: Language) -> ProjectAnswers:
    """Complete and read the answers of a new project.

    Parameters
    ----------
    words : mapping of str to str
        What the options say, by question; blank where an option is missing.
    language : {'zh', 'en'}

    Returns
    -------
    ProjectAnswers

    Raises
    ------
    ProblemsFound
        Those of :func:`gep.workflows.new_project.read_answers`, and ``missing-answer`` for each
        option that is missing where there is no terminal to ask at; all at once.
    """
    is_terminal = sys.stdin is not None and sys.stdin.isatty()
    problems = ProblemLog()
    answered = {}
    for question in QUESTIONS:
        word = words.get(question, "").strip()
        try:
            if word:
                read_answer(question, word)
            elif not is_terminal:
                _show_choices(question, choices(question, "", language), language)
                key = f"cli.no-answer-{question}"
                problems.add("missing-answer", f"--{question}", key)
        except ProblemsFound as error:
            problems.include(error.problems)
        answered[question] = word
    problems.raise_errors()
    for question, word in answered.items():
        if not word:
            answered[question] = _ask(question, language)
    return read_answers(answered)


def scheme_kind(word: str, language: Language) -> str:
    """Return the kind of a new scheme, asked for at a terminal where no option gives it.

    Parameters
    ----------
    word : str
        What the option says; blank without it.
    language : {'zh', 'en'}

    Returns
    -------
    str

    Raises
    ------
    ProblemsFound
        ``missing-answer`` where there is no terminal to ask at.
    """
    if word:
        return word
    if sys.stdin is None or not sys.stdin.isatty():
        raise ProblemsFound([make_problem("missing-answer", "--kind", "cli.no-answer-kind")])
    typed: str = typer.prompt(say(language, "cli.new-scheme.ask"))
    return typed.strip()


def _ask(question: str, language: Language) -> str:
    """Ask a question until its answer can be used, and return the answer."""
    options = choices(question, "", language)
    _show_question(question, options, language)
    while True:
        typed = typer.prompt(say(language, f"cli.new-project.prompt-{question}"))
        word = _chosen(typed, options)
        try:
            read_answer(question, word)
        except ProblemsFound as error:
            closer = choices(question, word, language)
            if question == "place" and closer:
                options = closer
                _show_question("places", options, language)
            else:
                typer.echo(visible(error.say(language)), err=True)
            continue
        return word


def _chosen(typed: str, options: list[AnswerChoice]) -> str:
    """Return an answer with the numbers of choices replaced by what they stand for."""
    numbered = {str(number): option.answer for number, option in enumerate(options, 1)}
    words = typed.replace("，", ",").replace("、", ",").split(",")
    if not all(word.strip() in numbered for word in words):
        return typed
    return ",".join(numbered[word.strip()] for word in words)


def _show_question(question: str, options: list[AnswerChoice], language: Language) -> None:
    """Print a question, with its choices numbered."""
    typer.echo(f"\n{say(language, f'cli.new-project.ask-{question}')}")
    for number, option in enumerate(options, 1):
        typer.echo(visible(f"{number:3}  {option.line}"))


def _show_choices(question: str, options: list[AnswerChoice], language: Language) -> None:
    """Print on standard error what can be chosen for an option that is missing."""
    if options:
        typer.echo(say(language, f"cli.new-project.ask-{question}"), err=True)
    for option in options:
        typer.echo(visible(f"  {option.line}"), err=True)
