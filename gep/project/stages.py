"""The stages of a run (进度): what is being done, and how much of it.

Who shows them, and what the stages are, is left to others.
"""

from collections.abc import Callable
from typing import TypeAlias

from gep.texts.catalogue import Text, text

HEAVY = 20  # how many other stages one takes that reads all pixels of a year


class Progress(float):
    """How far a run is: the share of its stages that is done (0 to 1), and what is being done.

    Attributes
    ----------
    stage : Text
        Say it in a language: ``progress.stage.say("en")``.
    """

    stage: Text

    def __new__(cls, share: float, stage: Text) -> "Progress":
        """Make a number that knows its stage."""
        progress = super().__new__(cls, share)
        progress.stage = stage
        return progress


ProgressCall: TypeAlias = Callable[[Progress], None]


class Stages:
    """The stages of a run, which are reported as they begin.

    Parameters
    ----------
    call : callable or None
        Is called with a ``Progress``; None if nobody asks.
    """

    def __init__(self, call: ProgressCall | None = None) -> None:
        self._call = call
        self._stage = text("project.progress.reading")
        self._begun: float = 0
        self._weight: float = 1
        self._total: float = 1
        self._done = 0.0

    def expect(self, count: float) -> None:
        """Count on so many stages, each by its weight, after those that have begun."""
        self._total = self._begun + count

    def begin(self, message: str, weight: float = 1, **values: object) -> None:
        """Report that a stage begins, which takes as long as so many others.

        ``message`` is its key in the catalogue.
        """
        self._stage = text(message, **values)
        self._begun += weight
        self._weight = weight
        self.advance(0.0)

    def advance(self, share: float) -> None:
        """Report how much of the stage is done, from 0 to 1; it never goes back."""
        if self._call is not None:
            before = self._begun - self._weight
            done = (before + self._weight * share) / max(self._total, self._begun)
            self._done = max(self._done, done)
            self._call(Progress(self._done, self._stage))
