"""Train an adapter: a penalised logistic regression on top of what the model says already.

The log-odds of a rejection are the model's *margin*, which is given, plus the correction, which
is learnt and pulled towards zero: where nothing was decided, nothing changes. With few decisions
this is the maximum a posteriori of a Gaussian prior around the shipped model (Chelba and Acero,
"Adaptation of Maximum Entropy Capitalizer: Little Data Can Help a Lot", 2004).

Moderators decide about what was held, hardly ever about what passed. So that a run of rejections
does not come to hold everything, ordinary comments are read along: their corrections are pulled
towards zero too, as weights are. And so that a run of approvals does not come to let everything
pass, so are those of plain abuse and spam, and above zero by a quarter as much.

A word tells the more the rarer it is in what was decided (inverse document frequency; Spärck
Jones, "A Statistical Interpretation of Term Specificity", 1972): a new campaign's words are learnt
from its first texts, and what everybody writes is left to the model. Few steps are taken, which
pulls towards zero as the penalty does: at the optimum a campaign is learnt from later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags, vstack

from classifier.adapter import LARGEST, Adapter, Floats, pack, suspect
from classifier.features import ROWS, Found, batches, find_rows
from classifier.labels import LABELS
from classifier.model import Model
from classifier.normalise import find_view
from classifier.submission import Submission
from classifier.suites import read_plain, read_usual

PENALTY: Final = 0.1
"""Of the square of a weight."""
MARGIN: Final = 8.0
"""The model's margin counts up to so many log-odds: it must stay possible to be taught better."""
_AGREED: Final = (2.5, 1.5)
"""And where moderators approve, or reject, as it does: it is less sure of the next such comment."""
_SHRINK: Final = 4.0
"""The labels' suspicions are divided by this, which sets their price beside a word's."""
_KEEP: Final = 1.5
"""Of the square of an ordinary comment's correction, and of plain abuse's and spam's."""
_UPWARDS: Final = 0.25
"""What part of it that costs where plain abuse and spam is corrected upwards."""
_BESIDE: Final = 2000.0
"""For each so many decisions that price rises by one, from where that is more."""
_MANY: Final = (100, 1000)
"""From so many texts on, n-grams that one has, or two, are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Texts as an adapter sees them, in order: sparse rows, labels' log-odds (n, 7).

    `grams` (n, columns) holds each text's rows, of which `rows` (columns,) are the numbers, and
    `usual` (m, columns) what ordinary comments have of them, `plain` (k, columns) what plain abuse
    and spam have, whose labels' log-odds are `plain_odds` (k, 7).
    """

    grams: csr_matrix
    rows: NDArray[np.uint32]
    usual: csr_matrix
    plain: csr_matrix
    plain_odds: Floats
    odds: Floats

    def __len__(self) -> int:
        return len(self.odds)

    def pick(self, places: NDArray[np.intp] | slice) -> "Examples":
        """Return the examples at these places, in this order."""
        return replace(self, grams=self.grams[places], odds=self.odds[places])


def read(model: Model, items: Sequence[Submission]) -> Examples:
    """Read submissions; of a disguised text, what it says without the disguise."""
    texts = [view.text if (view := find_view(item.text)) else item.text for item in items]
    rows, grams = _read_grams(texts)
    usual, plain = (_read_along(texts)[:, rows] for texts in (read_usual, read_plain))
    plain_odds, odds = (model.log_odds(some)[:, : len(LABELS)] for some in (read_plain(), items))
    return Examples(grams, rows, usual, plain, plain_odds, odds)


def _read_grams(texts: Sequence[str]) -> tuple[NDArray[np.uint32], csr_matrix]:
    """Return the rows that any of the texts has (columns,), and their values (n, columns)."""
    found: list[Found] = [find_rows(texts[part]) for part in batches(texts)]
    rows = np.concatenate([np.zeros(0, np.uint32), *(one.rows for one in found)])
    counts = np.concatenate([np.zeros(0, np.int64), *(np.diff(one.edges).ravel() for one in found)])
    values = np.repeat(np.maximum(counts, 1) ** -0.5, counts).astype(np.float32)
    here = np.zeros(ROWS, dtype=np.int32)
    here[rows] = 1
    known, columns = np.flatnonzero(here).astype(np.uint32), (np.cumsum(here) - 1)[rows]
    ends = np.concatenate(([0], np.cumsum(counts.reshape(-1, 2).sum(axis=1))))
    shape = (len(texts), len(known))
    return known, csr_matrix((values, columns.astype(np.int32), ends), shape=shape)


@lru_cache(maxsize=2)
def _read_along(read_texts: Callable[[], list[str]]) -> csr_matrix:
    """Return what the texts that are read along have of each row of the table, (m, ROWS)."""
    rows, grams = _read_grams(read_texts())
    shape = (grams.shape[0], ROWS)
    return csr_matrix((grams.data, rows[grams.indices].astype(np.int32), grams.indptr), shape=shape)


def correct(adapter: Adapter, examples: Examples) -> Floats:
    """Return the corrections (n,) of examples, but for rounding as an `AdaptedModel` makes them."""
    places = np.searchsorted(examples.rows, adapter.rows)
    known = places < len(examples.rows)
    known[known] = examples.rows[places[known]] == adapter.rows[known]
    weights = np.zeros(len(examples.rows))
    weights[places[known]] = adapter.weights[known]
    found = examples.grams @ weights + adapter.weigh_labels(examples.odds)
    return np.asarray(np.clip(found, -LARGEST, LARGEST))


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
    counts. Raises ValueError for weights below 0 and for numbers that are none.
    """
    if not (np.isfinite(weights) & (weights >= 0) & ~np.isnan(margins)).all():
        raise ValueError("Margins are numbers, and weights are finite ones from 0 on.")
    # What weighs nothing is as if it were not there: it does not say either how rare a word is.
    told = np.flatnonzero(weights)
    if len(told) < len(weights):
        given = margins[told], rejected[told], weights[told]
        return train(examples.pick(told), *given, manifest, penalty)
    grams, columns = _worth_learning(examples.grams)
    rarity = _find_rarity(grams, weights)
    by_rarity = diags(rarity)
    grams, usual, plain = (
        csr_matrix(some @ by_rarity, dtype=np.float32)
        for some in (grams, examples.usual[:, columns], examples.plain[:, columns])
    )
    # They are as many as they are, however much is decided.
    keep = max(_KEEP, float(weights.sum()) / _BESIDE)
    along = _Along(usual, plain, _widen(examples.plain_odds), keep)
    dense = _widen(examples.odds)
    offset = np.where(
        rejected > 0,
        np.clip(margins, -MARGIN, _AGREED[1]),
        np.clip(margins, -_AGREED[0], MARGIN),
    )
    found = _minimise(grams, along, dense, offset, rejected * 2.0 - 1.0, weights, penalty)
    words, labels, bias = found[: len(columns)], found[len(columns) : -1], float(found[-1])
    return pack(words * rarity, examples.rows[columns], labels / _SHRINK, bias, manifest)


def _worth_learning(grams: csr_matrix) -> tuple[csr_matrix, NDArray[np.int64]]:
    """Leave out what hardly any of many texts have: it teaches nothing of the next."""
    seen = np.bincount(grams.indices, minlength=grams.shape[1])
    columns = np.flatnonzero(seen >= 1 + np.searchsorted(_MANY, grams.shape[0], side="right"))
    return (grams[:, columns] if len(columns) < grams.shape[1] else grams), columns


def _find_rarity(grams: csr_matrix, weights: Floats) -> NDArray[np.float32]:
    """Return how much each column tells (columns,): 1 in the mean of squares over all there are."""
    each = np.repeat(weights, np.diff(grams.indptr))
    seen = np.bincount(grams.indices, each, minlength=grams.shape[1])
    rarity = np.log((1 + weights.sum()) / (1 + seen))
    size = float(rarity**2 @ seen) / max(float(seen.sum()), 1e-9)
    return np.asarray(rarity / np.sqrt(size) if size else np.ones(len(seen)), dtype=np.float32)


def _widen(odds: Floats) -> Floats:
    """Return what of labels' log-odds (n, 7) an adapter weighs, and the bias, (n, 8)."""
    return np.hstack([suspect(odds) / _SHRINK, np.ones((len(odds), 1))])


class _Along:
    """What keeps a correction from moving what no site's decisions are about."""

    def __init__(self, usual: csr_matrix, plain: csr_matrix, dense: Floats, keep: float) -> None:
        self._keep = keep
        # No label suspects an ordinary comment: its words and the bias are all that corrects it.
        bias = np.zeros((usual.shape[0], dense.shape[1]))
        bias[:, -1] = 1.0
        self._grams = vstack([usual, plain]).tocsr()
        self._turned = self._grams.T.tocsr()
        self._dense = np.vstack([bias, dense]).astype(np.float32)
        self._ordinary = np.arange(len(self._dense)) < usual.shape[0]

    def pull(self, found: NDArray[np.float32]) -> tuple[float, Floats]:
        """Return what the corrections cost, and how that grows with each weight."""
        count = self._grams.shape[1]
        moved = self._grams @ found[:count] + self._dense @ found[count:]
        price = self._keep * np.where(self._ordinary | (moved < 0), 1.0, _UPWARDS)
        pull = (price * moved).astype(np.float32)
        slope = np.concatenate([self._turned @ pull, self._dense.T @ pull])
        return float(pull @ moved) / 2, slope.astype(np.float64)


def _minimise(
    grams: csr_matrix,
    along: _Along,
    dense: Floats,
    offset: Floats,
    signs: Floats,
    weights: Floats,
    penalty: float,
) -> Floats:
    """Return the weights of rows, labels and the bias with the least penalised loss.

    Minimised by L-BFGS (Liu and Nocedal, 1989); the sums of many take half the memory.
    """
    turned = grams.T.tocsr()
    count = grams.shape[1]
    dense32 = dense.astype(np.float32)

    def lose(found: Floats) -> tuple[float, Floats]:
        given = found.astype(np.float32)
        margin = signs * (offset + grams @ given[:count] + dense32 @ given[count:])
        loss = float(weights @ np.logaddexp(0.0, -margin))
        pull = (-weights * signs / (1.0 + np.exp(np.clip(margin, -30, 30)))).astype(np.float32)
        slope = np.concatenate([turned @ pull, dense32.T @ pull]).astype(np.float64)
        kept, kept_slope = along.pull(given)
        loss += kept + penalty / 2 * float(found @ found)
        return loss, slope + kept_slope + penalty * found

    start = np.zeros(count + dense.shape[1])
    options = {"maxiter": 20, "ftol": 1e-5, "gtol": 1e-3, "maxcor": 4}
    result: Floats = minimize(lose, start, jac=True, method="L-BFGS-B", options=options).x
    return result
