"""How long work tells how far it is: the command line draws a bar, everyone else gets a no-op."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # (what is being done, done, total; total 0: unknown)


def silent(what: str, done: int, total: int) -> None:
    """Says nothing."""
