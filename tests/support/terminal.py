"""A terminal for the tests of what asks."""

import io


class Terminal(io.StringIO):
    """A terminal at which somebody types lines."""

    def isatty(self) -> bool:
        return True
