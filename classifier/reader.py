"""The second stage: a small transformer that reads a comment. Needs onnxruntime, never torch."""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier import readerfile
from classifier.labels import LABELS
from classifier.readerfile import ReaderError
from classifier.submission import Submission, as_submission

__all__ = ["SHIPPED", "Reader", "ReaderError"]

SHIPPED: Final = Path(__file__).parent / "data" / "reader.safetensors"
Floats = NDArray[np.float64]
_NEEDS: Final = ("onnxruntime", "tokenizers")


class Reader:
    """A loaded second stage, safe to share between threads, and to hand to a forked process.

    A text has the same scores alone and in any batch: texts are read one after another, which
    on one core costs no more than padding them to one length.

    Attributes:
        manifest: what the file says of itself, read-only.
        version: series and the first eight characters of the digest.

    """

    def __init__(self, path: Path, manifest: Mapping[str, Any]) -> None:
        self._path = path
        self.manifest = MappingProxyType(dict(manifest))
        self.version = f"{manifest.get('series', 'reader')}-{manifest['digest'][:8]}"
        self._starting = threading.Lock()
        self._process = -1
        self._session: Any = None
        self._pieces: Any = None

    @classmethod
    def load(cls, path: Path | None = None) -> "Reader":
        """Load a file that `python -m classifier export-reader` wrote, or the shipped one.

        Raises `ReaderError` where the file is missing, changed or of another version, or where
        the packages of `winnow[read]` are missing.
        """
        path = SHIPPED if path is None else path
        _, _, manifest = readerfile.read(path)
        for name in _NEEDS:
            if find_spec(name) is None:
                raise ReaderError(f"The second stage needs {name}: pip install 'winnow[read]'.")
        return cls(path, manifest)

    def start(self) -> None:
        """Make ready what reads, which takes a moment and 50 MB; the first text does it too.

        Raises `ReaderError` where the file is another by now, or onnxruntime cannot use it.
        """
        if self._process == os.getpid():
            return
        with self._starting:
            # A forked process has none of its parent's threads, and makes what it reads with anew.
            if self._process != os.getpid():
                # Read again: a process that reads nothing need not hold 20 MB.
                graph, tokenizer, manifest = readerfile.read(self._path)
                if manifest["digest"] != self.manifest["digest"]:
                    raise ReaderError(f"The file {self._path} is another than it was.")
                self._session, self._pieces = _start(graph.tobytes(), tokenizer)
                self._process = os.getpid()

    def score(self, items: Sequence[str | Submission]) -> Floats:
        """Return the probability of each label for each item, shape (items, 7)."""
        return 1.0 / (1.0 + np.exp(-self.log_odds(items)))

    def log_odds(self, items: Sequence[str | Submission], until: float | None = None) -> Floats:
        """Return the log-odds of each label for each item, shape (items, 7).

        Once `time.monotonic()` is past `until` no other text is begun: the rest is NaN.
        """
        self.start()
        found = np.full((len(items), len(LABELS)), np.nan)
        for row, item in enumerate(items):
            if until is not None and time.monotonic() >= until:
                break
            tokens = np.array([self._pieces.encode(as_submission(item).text)], dtype=np.int64)
            found[row] = self._session.run(None, {"tokens": tokens})[0][0]
        return found


def _start(graph: bytes, tokenizer: str) -> tuple[Any, Any]:
    # From 1.29 on it tells its makers of each model and session, and reads this when imported.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    from classifier.wordpieces import WordPieces

    # For Windows, and for where somebody else has imported it before.
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    # One core a text: servers have as many processes as they have cores.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        # It keeps the 20 MB to begin again with other providers, and has no others.
        session._model_bytes = None
        return session, WordPieces(tokenizer)
    except Exception as error:  # onnxruntime's own have no common class.
        cause = str(error).partition("\n")[0]
        raise ReaderError(f"onnxruntime cannot use the second stage ({cause}).") from error
