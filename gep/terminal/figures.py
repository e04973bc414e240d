"""What the terminal shows of printed figures: misses, mismatches of the sources, the count."""

from gep.terminal.account import print_line
from gep.texts.catalogue import Language, say
from gep.workflows.expected import MISMATCH, Figure, FigureCheck

_DIGITS = 10  # of our number, where it is set beside a printed one


def print_figures(check: FigureCheck) -> None:
    """Print each miss with both numbers, the mismatches of the sources, and how many rows hold.

    Parameters
    ----------
    check : FigureCheck
    """
    language = check.language
    for figure in check.misses:
        print_line(_worded("miss", figure, language))
        if figure.role == MISMATCH:
            print_line("  " + say(language, "terminal.figures.agrees-after-all"))
    confirmed = [figure for figure in check.mismatches if figure.holds]
    for figure in confirmed:
        print_line(_worded("mismatch", figure, language))
    count = len(check.figures)
    held = count - len(check.misses)
    values = {"agreeing": held - len(confirmed), "confirmed": len(confirmed)}
    print_line(say(language, "terminal.figures.count", held=held, count=count, **values))


def _worded(kind: str, figure: Figure, language: Language) -> str:
    """Word a row with both numbers; what has no number is ``na``."""
    computed = figure.computed
    is_number = computed == computed
    return say(
        language,
        f"terminal.figures.{kind}",
        place=figure.place,
        name=figure.name,
        printed=figure.printed,
        computed=f"{computed:.{_DIGITS}g}" if is_number else "na",
        difference=f"{computed - float(figure.printed):.3g}"
        if is_number and figure.printed != "na"
        else "na",
        allowed=f"{figure.allowed:.3g}",
        unit=figure.unit,
        locator=figure.locator,
        reason=figure.reason,
    )
