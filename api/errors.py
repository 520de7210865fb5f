"""The one failure that ends a command, and how a failure that is our own is written down."""

import traceback
from pathlib import Path


class StartupError(Exception):
    """Says in one sentence what the operator must mend; the command line prints it and exits 1."""


def where_it_broke(error: BaseException) -> str:
    """What kind of error it was and where, for the log, in one line.

    Its words are left out: they could quote what somebody wrote, or an address.
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = (f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__} at {' > '.join(places)}"
