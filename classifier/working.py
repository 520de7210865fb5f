"""What a long command shows while it works."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def working(work: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done; yield what to tell each step."""
    from rich.console import Console

    console = Console(stderr=True)
    with console.status(work) as status:

        def report(step: str) -> None:
            console.log(step)
            status.update(step)

        yield report


def quiet() -> bool:
    """Whether nobody watches, so that a bar would only fill a file."""
    return not sys.stderr.isatty()
