"""A page of the docs with a place for tables that a command writes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

BEGIN: Final = "<!-- written by python -m tests.bench.learninggate -->"
END: Final = "<!-- until here -->"


@dataclass(frozen=True, slots=True)
class Page:
    """A file with the two comments between which the tables are."""

    path: Path

    @classmethod
    def read(cls, path: Path) -> "Page":
        """Find the place; raise ValueError where there is none."""
        _split(path)
        return cls(path)

    def write(self, told: str) -> None:
        """Put the tables there, and leave the rest as it is by now."""
        before, after = _split(self.path)
        text = f"{before}{BEGIN}\n\n{told}\n\n{END}{after}"
        self.path.write_text(text, encoding="utf-8")


def _split(path: Path) -> tuple[str, str]:
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} lacks {BEGIN} or {END}.")
    return before, after
