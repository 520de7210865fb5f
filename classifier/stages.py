"""What a training run has worked out, kept so that an interrupted one can go on."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from classifier.examples import Examples

Result = tuple[NDArray[np.float64], ...]


class Stages:
    """A folder of results, or none; a result serves only the same rows, seed and source code."""

    def __init__(self, folder: Path | None, examples: Examples, seed: int) -> None:
        self._folder = folder
        self._key = _describe(examples, seed) if folder else ""

    def recall(self, name: str, work: Callable[[], Result]) -> Result:
        """Return what `work` returned in an earlier run, or do it and keep it.

        A file that cannot be read is made again. Raises OSError when the folder cannot be
        written to.
        """
        if self._folder is None:
            return work()
        path = self._folder / f"{name}-{self._key}.npz"
        try:
            with np.load(path, allow_pickle=False) as kept:
                return tuple(kept[f"arr_{number}"] for number in range(len(kept.files)))
        except (OSError, BadZipFile, ValueError, KeyError):
            found = work()
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part.npz")
        np.savez(unfinished, *found)
        # A run that is killed here leaves the old state or the new one, nothing between.
        unfinished.replace(path)
        return found


def _describe(examples: Examples, seed: int) -> str:
    digest = hashlib.sha256(str(seed).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    for text, name in zip(examples.texts, examples.sets, strict=True):
        digest.update(f"{name}\0{text}\0".encode("utf-8", "surrogatepass"))
    digest.update(examples.labels.tobytes())
    digest.update(examples.weights.tobytes())
    return digest.hexdigest()[:16]
