"""The second stage: a small transformer that reads a comment. Needs onnxruntime, never torch.

No such file is shipped yet; `docs/classifier.md` says how one is made.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier import readerfile
from classifier.labels import LABELS
from classifier.readerfile import ReaderError
from classifier.submission import Submission, as_submission

__all__ = ["Reader", "ReaderError"]

Floats = NDArray[np.float64]


class Reader:
    """A loaded second stage, safe to share between threads.

    A text has the same scores alone and in any batch: texts are read one after another, which
    on one core costs no more than padding them to one length.

    Attributes:
        manifest: what the file says of itself, read-only.
        version: series and the first eight characters of the digest.

    """

    def __init__(self, session: Any, pieces: Any, manifest: Mapping[str, Any]) -> None:
        self._session, self._pieces = session, pieces
        self.manifest = MappingProxyType(dict(manifest))
        self.version = f"{manifest.get('series', 'reader')}-{manifest['digest'][:8]}"

    @classmethod
    def load(cls, path: Path, threads: int = 1) -> "Reader":
        """Load a file that `python -m classifier export-reader` wrote.

        Raises `ReaderError` where the file is missing, changed or of another version, or where
        the packages of `winnow[read]` are missing.
        """
        graph, tokenizer, manifest = readerfile.read(path)
        try:
            import onnxruntime

            from classifier.wordpieces import WordPieces
        except ModuleNotFoundError as error:
            raise ReaderError(
                f"The second stage needs {error.name}: pip install 'winnow[read]'."
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        try:
            session = onnxruntime.InferenceSession(
                graph, options, providers=["CPUExecutionProvider"]
            )
            return cls(session, WordPieces(tokenizer), manifest)
        except Exception as error:  # onnxruntime's own have no common class.
            cause = str(error).partition("\n")[0]
            raise ReaderError(f"onnxruntime cannot use the file {path} ({cause}).") from error

    def score(self, items: Sequence[str | Submission]) -> Floats:
        """Return the probability of each label for each item, shape (items, 7)."""
        return 1.0 / (1.0 + np.exp(-self.log_odds(items)))

    def log_odds(self, items: Sequence[str | Submission]) -> Floats:
        """Return the log-odds of each label for each item, shape (items, 7)."""
        found = np.empty((len(items), len(LABELS)))
        for row, item in enumerate(items):
            tokens = np.array([self._pieces.encode(as_submission(item).text)], dtype=np.int64)
            found[row] = self._session.run(None, {"tokens": tokens})[0][0]
        return found
