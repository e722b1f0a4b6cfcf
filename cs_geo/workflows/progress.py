"""How long work says how far it is, and hears that it should stop."""

from typing import Protocol

from cs_geo.errors import UserError


class Cancelled(UserError):
    """Somebody asked for the work to stop. Nothing it had done so far is kept."""


class Progress(Protocol):
    """Where a workflow says what it is doing. May raise ``Cancelled``."""

    def __call__(self, doing: str, done: int, total: int | None) -> None:
        """Say what is being done, how much of it is done, and of how much if that is known."""
        ...


def say_nothing(doing: str, done: int, total: int | None) -> None:
    """The progress of work that nobody watches."""
