"""Fine-tune the encoder: one run, kept in a folder, that can be killed and gone on with."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
import torch
from torch.nn import functional

from classifier.checkpoints import Plan, State, keep, recall
from classifier.encoder import Encoder
from classifier.evasion import disguise
from classifier.examples import Examples
from classifier.syllabus import deal

Report = Callable[[str], None]
Measure = Callable[[Encoder], float]
_ANSWERS: Final = 8.0
_LEAST: Final = 0.02
_CLIP: Final = 1.0


@dataclass(slots=True)
class Run:
    """One fine-tuning of `encoder` on `examples`, whose weights are 0 where nothing is known."""

    encoder: Encoder
    examples: Examples
    plan: Plan
    folder: Path | None = None
    """Where the run is kept, or None."""
    measure: Measure | None = None
    """What says how good the encoder is; the higher the better."""
    report: Report = print
    _tokens: list[list[int]] = field(init=False)
    _batches: dict[int, list[list[int]]] = field(init=False, default_factory=dict)

    def go(self) -> State:
        """Train to the last step, from the state that the folder holds if it holds one.

        At the end the encoder has the weights that measured best, or the last where nothing
        was measured. Raises ValueError where the folder holds a run on other rows or with
        another plan.
        """
        self._tokens = [self.encoder.pieces.encode(text) for text in self.examples.texts]
        optimiser = self._optimiser()
        state = recall(self.folder, self.encoder, optimiser, self.plan, self.examples)
        started, first = time.monotonic(), state.step
        while state.step < self.plan.steps:
            loss = self._step(optimiser, state.step)
            state.step += 1
            last = state.step == self.plan.steps
            if state.step % 50 == 0 or last:
                self.report(_progress(state.step, self.plan.steps, first, started, loss))
            if self.measure and (last or state.step % self.plan.measure_every == 0):
                self._measure(state)
            if last or state.step % self.plan.keep_every == 0:
                keep(self.folder, self.encoder, optimiser, state)
        if state.best_weights:
            self.encoder.load_state_dict(state.best_weights)
        return state

    def _measure(self, state: State) -> None:
        assert self.measure  # noqa: S101  (for mypy)
        found = self.measure(self.encoder)
        if state.best is None or found > state.best:
            state.best, state.best_step = found, state.step
            weights = self.encoder.state_dict().items()
            state.best_weights = {name: one.detach().clone() for name, one in weights}
        self.report(
            f"measured {found:.4f}; the best is {state.best:.4f} (step {state.best_step:,})"
        )

    def _step(self, optimiser: Any, step: int) -> float:
        # Chance starts anew at each step: there is no state of it to keep.
        torch.manual_seed(self.plan.seed * 1_000_003 + step)
        rows = self._batch(step)
        for group in optimiser.param_groups:
            group["lr"] = group["most"] * _rate(step, self.plan.steps)
        self.encoder.train()
        odds = self.encoder(self._read(rows, step))
        labels = torch.tensor(self.examples.labels[rows], dtype=torch.float32).to(odds.device)
        weights = torch.tensor(self.examples.weights[rows], dtype=torch.float32).to(odds.device)
        losses = functional.binary_cross_entropy_with_logits(odds, labels, reduction="none")
        loss = 3 * (losses * weights).sum() / weights.sum().clamp(min=1)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.encoder.parameters(), _CLIP)
        optimiser.step()
        return float(loss.item())

    def _batch(self, step: int) -> list[int]:
        size = self.plan.batch
        round_, place = divmod(step, -(-len(self._tokens) // size))
        if round_ not in self._batches:
            lengths = np.array([len(one) for one in self._tokens])
            self._batches = {round_: deal(lengths, size, self.plan.seed, round_)}
        return self._batches[round_][place]

    def _read(self, rows: Sequence[int], step: int) -> list[list[int]]:
        chance = Random(f"{self.plan.seed} {step}")  # noqa: S311
        found = []
        for row in rows:
            tokens = self._tokens[row]
            if chance.random() < self.plan.evaded:
                hidden = disguise(self.examples.texts[row][:1000], chance)
                tokens = self.encoder.pieces.encode(hidden)
            found.append(tokens)
        return found

    def _optimiser(self) -> Any:
        own = list(self.encoder.answers.parameters())
        known = {id(one) for one in own}
        rest = [one for one in self.encoder.parameters() if id(one) not in known]
        most = self.plan.rate
        groups = [{"params": rest, "most": most}, {"params": own, "most": _ANSWERS * most}]
        return torch.optim.AdamW(groups, lr=most, weight_decay=0.01, fused=True)


def _rate(step: int, steps: int) -> float:
    """Return what part of its rate a step has: rising over a sixteenth, then falling evenly."""
    return min(1.0, (step + 1) / max(1, steps // 16)) * max(_LEAST, 1 - step / steps)


def _progress(step: int, steps: int, first: int, started: float, loss: float) -> str:
    speed = (step - first) / max(time.monotonic() - started, 1e-6)
    minutes = round((steps - step) / speed / 60)
    left = f"{minutes // 60} h {minutes % 60:02} min"
    return f"step {step:,} of {steps:,}, loss {loss:.3f}, {60 * speed:.0f} a minute, {left} left"
