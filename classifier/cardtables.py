"""Tables of the model card: cells as they are given, which may be Markdown."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def between(interval: Sequence[float] | None, digits: int | None) -> str:
    """Return an interval in brackets, in per cent where `digits` is None."""
    if interval is None:
        return ""
    low, high = (f"{end:.2%}" if digits is None else f"{end:.{digits}f}" for end in interval)
    return f" ({low} to {high})"
