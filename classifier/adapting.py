"""Train an adapter: a penalised logistic regression on top of what the model says already.

The log-odds of a rejection are the model's *margin*, which is given, plus the correction, which
is learnt and pulled towards zero: where nothing was decided, nothing changes. With few decisions
this is the maximum a posteriori of a Gaussian prior around the shipped model (Chelba and Acero,
"Adaptation of Maximum Entropy Capitalizer: Little Data Can Help a Lot", 2004).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from classifier.adapter import CLIP, Adapter, Floats, pack
from classifier.features import ROWS, Found, batches, find_rows
from classifier.model import Model
from classifier.normalise import find_view
from classifier.submission import Submission

PENALTY: Final = 0.2
"""Of the square of a weight; the columns of labels and the bias bear the same."""
MARGIN: Final = 8.0
"""The model's margin counts up to so many log-odds: it must stay possible to be taught better."""
_SHRINK: Final = 4.0
"""The labels' log-odds are divided by this, which makes their weights cheaper than a word's."""
_MANY: Final = (100, 1000)
"""From so many texts on, n-grams that one has, or two, are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Texts as an adapter sees them, in order: sparse rows, labels' log-odds (n, 7).

    `grams` (n, columns) holds each text's rows, of which `rows` (columns,) are the numbers.
    """

    grams: csr_matrix
    rows: NDArray[np.uint32]
    odds: Floats

    def __len__(self) -> int:
        return len(self.odds)


def read(model: Model, items: Sequence[Submission]) -> Examples:
    """Read submissions; of a disguised text, what it says without the disguise."""
    texts = [view.text if (view := find_view(item.text)) else item.text for item in items]
    odds = model.log_odds(items)
    found: list[Found] = [find_rows(texts[part]) for part in batches(texts)]
    rows = np.concatenate([np.zeros(0, np.uint32), *(one.rows for one in found)])
    counts = np.concatenate([np.zeros(0, np.int64), *(np.diff(one.edges).ravel() for one in found)])
    values = np.repeat(np.maximum(counts, 1) ** -0.5, counts).astype(np.float32)
    here = np.zeros(ROWS, dtype=np.int32)
    here[rows] = 1
    known, columns = np.flatnonzero(here).astype(np.uint32), (np.cumsum(here) - 1)[rows]
    ends = np.concatenate(([0], np.cumsum(counts.reshape(-1, 2).sum(axis=1))))
    shape = (len(items), len(known))
    grams = csr_matrix((values, columns.astype(np.int32), ends), shape=shape)
    return Examples(grams, known, odds[:, :7])


def train(
    examples: Examples,
    margins: Floats,
    rejected: Floats,
    weights: Floats,
    manifest: Mapping[str, Any],
    penalty: float = PENALTY,
) -> Adapter:
    """Return the adapter that examples (n) teach.

    `margins` (n,) is how far, in log-odds, each is beyond what is held already; `rejected` (n,) is
    1 for what is to be rejected and 0 for what is to be approved; `weights` (n,) how much each
    counts.
    """
    chosen, columns = _worth_learning(examples.grams)
    dense = np.hstack([np.clip(examples.odds, -CLIP, CLIP) / _SHRINK, np.ones((len(examples), 1))])
    offset = np.clip(margins, -MARGIN, MARGIN)
    found = _minimise(chosen, dense, offset, rejected * 2.0 - 1.0, weights, penalty)
    grams, labels = found[: chosen.shape[1]], found[chosen.shape[1] :]
    return pack(grams, examples.rows[columns], labels[:-1] / _SHRINK, float(labels[-1]), manifest)


def _worth_learning(grams: csr_matrix) -> tuple[csr_matrix, NDArray[np.int64]]:
    """Leave out what hardly any of many texts have: it teaches nothing of the next."""
    seen = np.bincount(grams.indices, minlength=grams.shape[1])
    columns = np.flatnonzero(seen >= 1 + np.searchsorted(_MANY, grams.shape[0], side="right"))
    return (grams[:, columns] if len(columns) < grams.shape[1] else grams), columns


def _minimise(
    grams: csr_matrix,
    dense: Floats,
    offset: Floats,
    signs: Floats,
    weights: Floats,
    penalty: float,
) -> Floats:
    turned = grams.T.tocsr()
    count = grams.shape[1]
    dense32 = dense.astype(np.float32)

    def lose(found: Floats) -> tuple[float, Floats]:
        given = found.astype(np.float32)
        margin = signs * (offset + grams @ given[:count] + dense32 @ given[count:])
        loss = float(weights @ np.logaddexp(0.0, -margin))
        pull = (-weights * signs / (1.0 + np.exp(np.clip(margin, -30, 30)))).astype(np.float32)
        slope = np.concatenate([turned @ pull, dense32.T @ pull]).astype(np.float64)
        return loss + penalty / 2 * float(found @ found), slope + penalty * found

    start = np.zeros(count + dense.shape[1])
    options = {"maxiter": 25, "ftol": 1e-5, "gtol": 1e-3, "maxcor": 4}
    result: Floats = minimize(lose, start, jac=True, method="L-BFGS-B", options=options).x
    return result
