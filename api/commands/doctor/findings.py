"""What the doctor finds, and how it is told."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError

from api.errors import StartupError, where_it_broke

OK, WARNING, PROBLEM = "ok", "warning", "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, in a sentence; `advice` says what to do about it."""

    area: str
    state: str
    said: str
    advice: str = ""

    def show(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def ok(area: str, said: str) -> Finding:
    """It is as it should be."""
    return Finding(area, OK, said)


def warning(area: str, said: str, advice: str) -> Finding:
    """It works, and may not for long, or not as somebody thinks."""
    return Finding(area, WARNING, said, advice)


def problem(area: str, said: str, advice: str) -> Finding:
    """It does not work, or loses or shows what it must not."""
    return Finding(area, PROBLEM, said, advice)


Check = Callable[[], Iterable[Finding]]


def look(area: str, check: Check) -> Iterator[Finding]:
    """What a check finds; one that fails is a finding, and the others go on."""
    try:
        yield from check()
    except StartupError as error:
        yield problem(area, str(error), "Mend that and run this again.")
    except DBAPIError as error:
        # The driver's first line alone: the others may quote rows.
        words = str(error.orig).splitlines()
        said = f"The database refused to answer: {words[0] if words else type(error).__name__}."
        yield problem(area, said, "Mend that and run this again.")
    except OSError as error:
        yield problem(area, f"It could not be looked at: {error.strerror}.", "See who may read it.")
    except Exception as error:
        said = f"The check itself failed: {where_it_broke(error)}."
        yield problem(area, said, "Please report this line.")


def size(number: float) -> str:
    """A number of bytes for people."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"
