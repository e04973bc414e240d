"""What the terminal shows of printed figures: misses, mismatches of the sources, the count."""

from gep.terminal.account import print_line
from gep.texts.catalogue import Language, say
from gep.workflows.expected import MISMATCH, Figure, FigureCheck

_DIGITS = 10  # of our number, where it is set beside a printed one
_NONE = "na"


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
            advice = "agrees-after-all" if figure.is_computed else "not-computed"
            print_line("  " + say(language, f"terminal.figures.{advice}"))
    confirmed = [figure for figure in check.mismatches if figure.holds]
    for figure in confirmed:
        print_line(_worded("mismatch", figure, language))
    count = len(check.figures)
    held = count - len(check.misses)
    values = {"agreeing": held - len(confirmed), "confirmed": len(confirmed)}
    print_line(say(language, "terminal.figures.count", held=held, count=count, **values))


def _worded(kind: str, figure: Figure, language: Language) -> str:
    """Word a row with both numbers, or words; what has none is ``na``."""
    computed = figure.computed
    shown = _NONE
    difference = _NONE
    if isinstance(computed, str):
        shown = computed
    elif figure.is_computed:
        shown = f"{computed:.{_DIGITS}g}"
        difference = _difference(computed, figure.printed)
    return say(
        language,
        f"terminal.figures.{kind}",
        place=figure.place,
        name=figure.name,
        printed=figure.printed,
        computed=shown,
        difference=difference,
        allowed=f"{figure.allowed:.3g}",
        unit=figure.unit,
        locator=figure.locator,
        reason=figure.reason,
    )


def _difference(computed: float, printed: str) -> str:
    """Return how far a number is from the printed one; ``na`` where a word is printed."""
    try:
        return f"{computed - float(printed):.3g}"
    except ValueError:
        return _NONE
