"""The file of the second stage: safetensors with an ONNX graph, its tokenizer and a manifest.

As in `modelfile`, reading it yields bytes and JSON and runs nothing, and the digest must fit. Here
it covers the manifest too.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from classifier.labels import LABELS
from classifier.modelfile import ModelError, digest

FORMAT: Final = "winnow-reader/1"
MOST_BYTES: Final = 30_000_000
_PARTS: Final = ("graph", "tokenizer")
Bytes = NDArray[np.uint8]


class ReaderError(ModelError):
    """The second stage cannot be used; the message is one sentence that says why."""


def write(
    path: Path, graph: bytes | Bytes, tokenizer: str, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Write the file and return its manifest: `facts`, format, labels and digest.

    Raises ValueError where the file would be larger than 30 MB.
    """
    parts: dict[str, bytes | Bytes] = {"graph": graph, "tokenizer": tokenizer.encode()}
    manifest = {**facts, "format": FORMAT, "labels": list(LABELS)}
    manifest["digest"] = _digest(parts, manifest)
    text = json.dumps(manifest, sort_keys=True, allow_nan=False)
    content = save({name: _bytes(part) for name, part in parts.items()}, {"winnow": text})
    if len(content) > MOST_BYTES:
        raise ValueError(f"The file would have {len(content) / 1e6:.1f} MB: keep fewer pieces.")
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
    return manifest


def read(path: Path) -> tuple[Bytes, str, dict[str, Any]]:
    """Return graph, tokenizer and manifest; raise `ReaderError` for anything but a sound file.

    The graph is mapped, not copied: who only wants the manifest need not hold 20 MB.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            manifest = json.loads((file.metadata() or {})["winnow"])
        # First, so that a file of another version is not called damaged or changed.
        _check(path, manifest)
        # safe_open has checked that the header is sound and that the file ends where it says.
        found = _map(path)
        if manifest.pop("digest", None) != (right := _digest(found, manifest)):
            raise ReaderError(f"The file {path} was changed: its digest does not fit.")
        tokenizer = found["tokenizer"].tobytes().decode()
        return found["graph"], tokenizer, manifest | {"digest": right}
    except FileNotFoundError as error:
        raise ReaderError(f"There is no second stage at {path}.") from error
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ReaderError(f"The file {path} is not a whole second stage ({error}).") from error


def _map(path: Path) -> dict[str, Bytes]:
    """Return read-only views of the file's parts."""
    whole = np.memmap(path, dtype=np.uint8, mode="r").view(np.ndarray)
    start = 8 + int.from_bytes(whole[:8].tobytes(), "little")
    header = json.loads(whole[8:start].tobytes())
    places = {name: header[name]["data_offsets"] for name in _PARTS}
    return {name: whole[start + first : start + last] for name, (first, last) in places.items()}


def _check(path: Path, manifest: object) -> None:
    if not isinstance(manifest, dict):
        raise ReaderError(f"The manifest of {path} is not a JSON object.")
    for key, value in (("format", FORMAT), ("labels", list(LABELS))):
        if manifest.get(key) != value:
            raise ReaderError(
                f"The file {path} has the {key} {manifest.get(key)!r:.100}; "
                f"this version of Winnow reads {value!r:.100}."
            )


def _digest(parts: Mapping[str, bytes | Bytes], manifest: Mapping[str, Any]) -> str:
    text = json.dumps(manifest, sort_keys=True, allow_nan=False).encode()
    return digest({name: _bytes(part) for name, part in {**parts, "manifest": text}.items()})


def _bytes(content: bytes | Bytes) -> Bytes:
    return np.frombuffer(content, dtype=np.uint8)
