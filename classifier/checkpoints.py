"""A run as a file: weights, what the optimiser remembers, how far it is. Arrays and JSON only."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from classifier.encoder import Encoder
from classifier.examples import Examples

_FILE: Final = "run.safetensors"
# How AdamW calls what it remembers of a weight.
_MEMORIES: Final = ("exp_avg", "exp_avg_sq")
Weights = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run goes: what is written down of it, and must be the same to go on with it."""

    steps: int
    batch: int = 32
    seed: int = 0
    rate: float = 1.2e-4
    """How far the encoder's weights move at most; its answers start from nothing and move more."""
    evaded: float = 0.06
    """The share of texts in which words are disguised."""
    keep_every: int = 200
    measure_every: int = 1000


@dataclass(slots=True)
class State:
    """How far a run is. `best_weights` is empty until something was measured."""

    key: str
    step: int = 0
    best: float | None = None
    best_step: int = 0
    best_weights: Weights = field(default_factory=dict)


def has_run(folder: Path) -> bool:
    """Whether the folder holds a run, finished or not."""
    return (folder / _FILE).is_file()


def keep(folder: Path | None, encoder: Encoder, optimiser: Any, state: State) -> None:
    """Write the run down, in place of what was written before; nothing for no folder."""
    if folder is None:
        return
    named = {id(one): name for name, one in encoder.named_parameters()}
    arrays = {f"weights/{name}": one for name, one in encoder.state_dict().items()}
    arrays |= {f"best/{name}": one for name, one in state.best_weights.items()}
    for weight, memory in optimiser.state.items():
        arrays |= {f"{kind}/{named[id(weight)]}": memory[kind] for kind in _MEMORIES}
    facts = {"key": state.key, "step": state.step, "best": state.best, "best_step": state.best_step}
    unfinished = folder / f"{_FILE}.part"
    save_file(
        {name: one.detach().cpu().contiguous() for name, one in arrays.items()},
        unfinished,
        {"run": json.dumps(facts)},
    )
    # A run that is killed here leaves the old state or the new one, nothing between.
    unfinished.replace(folder / _FILE)


def recall(
    folder: Path | None, encoder: Encoder, optimiser: Any, plan: Plan, examples: Examples
) -> State:
    """Put encoder and optimiser where a kept run was; return how far it is: 0 where none is kept.

    Raises ValueError where the file is damaged, or the run was on other rows or another plan.
    """
    key = _describe(plan, examples)
    if folder is None or not has_run(folder):
        return State(key)
    path = folder / _FILE
    try:
        with safe_open(path, framework="pt", device=str(encoder.kind.device)) as file:
            facts = json.loads(file.metadata()["run"])
            found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if facts["key"] != key:
            raise ValueError(f"The run in {folder} has other rows or another plan.")
        encoder.load_state_dict(_part(found, "weights"))
        _remind(encoder, optimiser, found, facts["step"])
    except (SafetensorError, KeyError, TypeError, RuntimeError) as error:
        raise ValueError(f"The run in {path} cannot be gone on with ({error}).") from error
    return State(**facts, best_weights=_part(found, "best"))


def _part(found: Weights, part: str) -> Weights:
    start = f"{part}/"
    return {name.removeprefix(start): one for name, one in found.items() if name.startswith(start)}


def _remind(encoder: Encoder, optimiser: Any, found: Weights, step: int) -> None:
    for name, weight in encoder.named_parameters():
        memory = {kind: found[f"{kind}/{name}"] for kind in _MEMORIES}
        optimiser.state[weight] = memory | {"step": torch.tensor(float(step))}


def _describe(plan: Plan, examples: Examples) -> str:
    sha = hashlib.sha256(json.dumps(asdict(plan), sort_keys=True).encode())
    for text in examples.texts:
        sha.update(f"{text}\0".encode("utf-8", "surrogatepass"))
    sha.update(examples.labels.tobytes())
    sha.update(examples.weights.tobytes())
    return sha.hexdigest()[:16]
