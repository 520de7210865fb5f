"""The model card, written from the manifest so that its figures cannot drift from the file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_card(path: Path, manifest: Mapping[str, Any], size: int) -> None:
    """x."""
