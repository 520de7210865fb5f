"""Cells of tables that people open in a spreadsheet."""

from typing import TypeVar

T = TypeVar("T")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell begins with that a spreadsheet would work out instead of showing."""


def tame(cell: T) -> T | str:
    """The cell, but no formula to whoever opens it: a text that begins like one is quoted."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
