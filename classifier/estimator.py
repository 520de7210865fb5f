"""The features of this package as a scikit-learn transformer, for pipelines of your own."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags

from classifier.features import ROWS, rows_and_values

_LONGEST: Final = 20_000


class HashedNgrams(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn texts into the hashed word and character n-grams that `Model` scores.

    Stateless: nothing is learned, `fit` only checks, and any text has the same row everywhere.
    A linear model fitted on these rows can be scored by `classifier.Model` with the same
    result. What `Model` does besides (its second, de-disguised view, its signals) is not here.

    Parameters
    ----------
    longest : int, default=20000
        How many characters of each text are read.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> pipeline = make_pipeline(HashedNgrams(), LogisticRegression())
    >>> pipeline.fit(["you fool", "thank you", "what a fool", "thanks"], [1, 0, 1, 0])
    ... # doctest: +ELLIPSIS
    Pipeline(...)
    >>> pipeline.predict(["such a fool"]).tolist()
    [1]
    """

    def __init__(self, longest: int = _LONGEST) -> None:
        self.longest = longest

    def fit(self, X: Iterable[str], y: Any = None) -> "HashedNgrams":  # noqa: N803
        """Check that `X` are texts and `longest` is usable; raise ValueError otherwise."""
        self._check(X)
        return self

    def transform(self, X: Iterable[str]) -> csr_matrix:  # noqa: N803
        """Return the features of `X`, a float32 matrix of (texts, rows of the hash table).

        Raises ValueError where `X` is one string, or holds anything but strings.
        """
        texts = self._check(X)
        found = [rows_and_values(text[: self.longest]) for text in texts]
        edges = np.cumsum([0, *(len(rows) for rows, _ in found)])
        rows = np.concatenate([np.empty(0, np.int32), *(rows for rows, _ in found)])
        values = np.concatenate([np.empty(0, np.float32), *(values for _, values in found)])
        shape = (len(texts), ROWS)
        return csr_matrix((values, rows.astype(np.int32), edges), shape, dtype=np.float32)

    def _check(self, X: Iterable[str]) -> list[str]:  # noqa: N803
        if self.longest < 1:
            raise ValueError(f"longest must be at least 1, not {self.longest!r}.")
        if isinstance(X, str):
            raise ValueError("Iterable over texts expected, one string received.")
        texts = list(X)
        for text in texts:
            if not isinstance(text, str):
                raise ValueError(f"Texts must be strings, not {type(text).__name__}.")
        return texts

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        return tags
