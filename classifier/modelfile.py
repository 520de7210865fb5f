"""The model file: safetensors holding plain arrays, with a JSON manifest in its metadata.

Reading it can only ever yield arrays and JSON, and the digest in the manifest must fit the
arrays, so a damaged or foreign file is refused in a sentence instead of scoring nonsense. The
arrays are mapped, not copied: all processes that load one file share its memory. Replace a
model file by renaming another over it, never by writing into it.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from classifier import features
from classifier.labels import LABELS
from classifier.signals import signal_names

FORMAT: Final = "winnow-linear/2"
Arrays = Mapping[str, NDArray[Any]]
# Every array a file must hold: its shape, None for one of any length, and its type.
LAYOUT: Final[Mapping[str, tuple[tuple[int, ...] | None, str]]] = {
    "weights": ((features.ROWS,), "uint64"),
    "scales": ((2, len(LABELS)), "float64"),
    "signals": ((len(signal_names),), "float64"),
    "intercepts": ((len(LABELS),), "float64"),
    "slopes": ((len(LABELS),), "float64"),
    "offsets": ((len(LABELS),), "float64"),
    "blocklist": (None, "uint32"),
}


class ModelError(Exception):
    """A model file cannot be used; the message is one sentence that says why."""


def digest(arrays: Arrays) -> str:
    """Return the SHA-256, in hex, of the arrays with their names, types and shapes."""
    sha = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        sha.update(f"{name} {array.dtype} {array.shape}\n".encode())
        sha.update(array.data)
    return sha.hexdigest()


def write(path: Path, arrays: Arrays, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Write a model file and return its manifest, completed with format, labels and digest."""
    complete = {
        "format": FORMAT,
        "features": features.SCHEME,
        "labels": list(LABELS),
        "signals": list(signal_names),
        "digest": digest(arrays),
        **manifest,
    }
    # One metadata key only: safetensors does not keep the order of several.
    text = json.dumps(complete, sort_keys=True, allow_nan=False)
    plain = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(save(plain, {"winnow": text}))
    # Others may have mapped the file that is replaced, this process too.
    unfinished.replace(path)
    return complete


def read(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Map arrays and read the manifest; raise `ModelError` for anything but a sound model file."""
    try:
        with safe_open(path, framework="numpy") as file:
            manifest = _manifest(path, file.metadata())
        # safe_open has checked that the header is sound and that the file ends where it says.
        arrays = _mapped(path)
    except FileNotFoundError as error:
        raise ModelError(f"There is no model file at {path}.") from error
    except (OSError, SafetensorError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(f"The file {path} is not a whole model file ({error}).") from error
    _check(path, arrays, manifest)
    return arrays, manifest


def _mapped(path: Path) -> dict[str, NDArray[Any]]:
    """Return read-only views of the file's arrays of `LAYOUT`; their pages are read when used."""
    # As a plain array: what is computed from a memmap would drag its class along.
    whole = np.memmap(path, dtype=np.uint8, mode="r").view(np.ndarray)
    start = 8 + int.from_bytes(whole[:8].tobytes(), "little")
    header = json.loads(whole[8:start].tobytes())
    arrays = {}
    for name, (shape, kind) in LAYOUT.items():
        entry = header.get(name)
        if entry and entry["dtype"] == _KINDS[kind] and _fits(tuple(entry["shape"]), shape):
            first, last = entry["data_offsets"]
            arrays[name] = whole[start + first : start + last].view(kind).reshape(entry["shape"])
    return arrays


_KINDS: Final = {"uint64": "U64", "uint32": "U32", "float64": "F64"}


def _fits(shape: tuple[int, ...], wanted: tuple[int, ...] | None) -> bool:
    return len(shape) == 1 if wanted is None else shape == wanted


def _manifest(path: Path, metadata: dict[str, str] | None) -> dict[str, Any]:
    if not metadata or "winnow" not in metadata:
        raise ModelError(f"The file {path} was not made by Winnow: it has no manifest.")
    manifest = json.loads(metadata["winnow"])
    if not isinstance(manifest, dict):
        raise ModelError(f"The manifest of the model file {path} is not a JSON object.")
    return manifest


def _check(path: Path, arrays: Arrays, manifest: Mapping[str, Any]) -> None:
    expected = {
        "format": FORMAT,
        "features": features.SCHEME,
        "labels": list(LABELS),
        "signals": list(signal_names),
    }
    for key, value in expected.items():
        if manifest.get(key) != value:
            raise ModelError(
                f"The model file {path} has the {key} {_short(manifest.get(key))}; "
                f"this version of Winnow reads {_short(value)}."
            )
    for name in LAYOUT:
        if name not in arrays:
            raise ModelError(f"The model file {path} lacks the array {name!r} in its right shape.")
    if manifest.get("digest") != digest(arrays):
        raise ModelError(f"The model file {path} was changed: its digest does not fit its arrays.")
    if not all(np.isfinite(array).all() for array in arrays.values() if array.dtype.kind == "f"):
        raise ModelError(f"The model file {path} holds numbers that are not finite.")


def _short(value: object) -> str:
    words = repr(value)
    return words if len(words) <= 100 else f"{words[:97]}..."
