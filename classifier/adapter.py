"""A site's own correction of the shipped model: what its moderators' decisions add to the log-odds.

An adapter is linear over the model's own features: a weight for some rows of the weight table, one
for how far each label suspects the text, and a bias. Its sum is the *correction*: above 0 it
speaks for rejecting, below for approving, and 0 says nothing. The rows' weights take the table's
eighth byte, which the labels leave free, so that reading them costs next to nothing.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from classifier import curves, features
from classifier.features import WORD_ROWS
from classifier.labels import LABELS
from classifier.modelfile import ModelError
from classifier.weights import ZERO

FORMAT: Final = "winnow-adapter/1"
STEPS: Final = 127
FLOOR: Final = -2.0
"""Log-odds of labels up to this say nothing to an adapter: what no label suspects, it can only
judge by its words. Otherwise weights on low scores would act as a bias on every harmless text."""
CLIP: Final = 6.0
"""Log-odds of labels beyond this say no more to an adapter."""
LARGEST: Final = 8.0
"""A correction is at most this, in log-odds."""
_ABSURD: Final = 1e6
_LAYOUT: Final = {
    "rows": (None, "uint32"),
    "steps": (None, "int8"),
    "scales": ((2,), "float64"),
    "labels": ((len(LABELS),), "float64"),
    "bias": ((1,), "float64"),
}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """A correction: `rows` (n,), rising, weigh `steps` (n,) times the scale of their block.

    `scales` (2,) are those of words and characters; `labels` (7,) weigh the labels' log-odds.
    `manifest` says of which model it is a correction (`base`), and whatever its maker adds.
    """

    rows: NDArray[np.uint32]
    steps: NDArray[np.int8]
    scales: Floats
    labels: Floats
    bias: float
    manifest: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """The SHA-256, in hex, of all that scores and targets depend on."""
        told = json.dumps([self.manifest["base"], self.manifest.get("curve")], sort_keys=True)
        sha = hashlib.sha256(f"{FORMAT} {features.SCHEME} {told}\n".encode())
        for array in (self.rows, self.steps, self.scales, self.labels, np.array([self.bias])):
            sha.update(np.ascontiguousarray(array).data)
        return sha.hexdigest()

    @property
    def weights(self) -> Floats:
        """What each of the rows weighs, (n,)."""
        return np.asarray(self.steps * self.scales[(self.rows >= WORD_ROWS).astype(np.int8)])

    def into(self, words: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return a copy of the weight table (ROWS,) with this correction as its eighth byte."""
        table = words.copy()
        table.view(np.uint8).reshape(-1, 8)[self.rows, 7] = (
            self.steps.astype(np.int16) + ZERO
        ).astype(np.uint8)
        return table

    def weigh_labels(self, odds: Floats) -> Floats:
        """Return what the labels' log-odds (n, 7) and the bias add, (n,)."""
        return np.asarray(suspect(odds) @ self.labels + self.bias)


def suspect(odds: Floats) -> Floats:
    """Return how far each label suspects texts of these log-odds (n, 7): 0 for harmless ones."""
    return np.asarray(np.clip(odds, FLOOR, CLIP) - FLOOR)


def pack(
    weights: Floats,
    rows: NDArray[np.uint32],
    labels: Floats,
    bias: float,
    manifest: Mapping[str, Any],
) -> Adapter:
    """Make an adapter of the rows' weights (n,), in the precision it is kept in.

    Rows whose weight is too small for that are left out.
    """
    words = rows < WORD_ROWS
    steps = np.zeros(len(rows), dtype=np.int8)
    scales = np.ones(2)
    for block, here in enumerate((words, ~words)):
        largest = float(np.abs(weights[here]).max(initial=0.0))
        if largest > 0:
            scales[block] = largest / STEPS
            steps[here] = np.rint(weights[here] / scales[block]).astype(np.int8)
    kept = steps != 0
    return Adapter(rows[kept], steps[kept], scales, labels, bias, manifest)


def dump(adapter: Adapter) -> bytes:
    """Return an adapter as bytes: safetensors, deflated, with a manifest and a digest."""
    arrays: dict[str, NDArray[Any]] = {
        "rows": adapter.rows,
        "steps": adapter.steps,
        "scales": adapter.scales,
        "labels": adapter.labels,
        "bias": np.array([adapter.bias]),
    }
    manifest = {
        **adapter.manifest,
        "format": FORMAT,
        "features": features.SCHEME,
        "digest": adapter.digest,
    }
    text = np.frombuffer(json.dumps(manifest, sort_keys=True, allow_nan=False).encode(), np.uint8)
    return zlib.compress(save({**arrays, "manifest": text}), 6)


def restore(data: bytes, longest: int = 2**24) -> Adapter:
    """Read what `dump` has made; raise `ModelError`, in a sentence, for anything else.

    Inflated, no adapter is longer than `longest` bytes.
    """
    try:
        reader = zlib.decompressobj()
        plain = reader.decompress(data, longest)
        if not reader.eof or reader.unused_data:
            raise ValueError("it does not end where it should")
        arrays = load(plain)
        manifest = json.loads(arrays.pop("manifest").tobytes())
        found = _check(arrays, manifest)
    except (KeyError, SafetensorError, TypeError, ValueError, zlib.error, RecursionError) as error:
        raise ModelError(f"This is no whole adapter ({error}).") from error
    if found.digest != manifest.get("digest"):
        raise ModelError("The adapter was changed: its digest does not fit its numbers.")
    return found


def _check(arrays: Mapping[str, NDArray[Any]], manifest: Any) -> Adapter:
    for key, value in (("format", FORMAT), ("features", features.SCHEME)):
        if manifest[key] != value:
            raise ValueError(f"its {key} is not {value}")
    if not isinstance(manifest["base"], str):
        raise ValueError("its base is not a name")
    for name, (shape, kind) in _LAYOUT.items():
        array = arrays[name]
        if array.dtype != kind or array.ndim != 1 or (shape and array.shape != shape):
            raise ValueError(f"its {name} are not as they should be")
        if kind == "float64" and not (np.abs(array) <= _ABSURD).all():
            raise ValueError(f"its {name} are beyond all reason")
    rows = arrays["rows"]
    rising = bool((rows[1:] > rows[:-1]).all())
    if len(rows) != len(arrays["steps"]) or not rising or (rows >= features.ROWS).any():
        raise ValueError("its rows are not those of the weight table")
    if manifest.get("curve") is not None:
        curves.check_one(manifest["curve"], "the adapter")
    numbers = arrays["scales"], arrays["labels"], float(arrays["bias"][0])
    return Adapter(rows, arrays["steps"], *numbers, manifest)
