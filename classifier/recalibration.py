"""Thresholds, profiles and curves of a trained model anew, its weights as they are."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifier import modelfile, thresholds
from classifier.development import develop, score_sets
from classifier.gathering import Training, dev_files, gather, held_back, held_out
from classifier.labelled import LabelledFile
from classifier.labels import LABELS
from classifier.model import Model
from classifier.profiletables import tables
from classifier.tables import Table

# What is known of a model from its training alone.
_LEARNT: Final = ("series", "training", "calibration")


@dataclass(frozen=True, slots=True)
class Measuring:
    """The sets that thresholds are chosen on: those of a folder, and training's held-back rows."""

    dev: Path
    data: Path | None = None
    """The training sets; without them there are no held-back rows."""
    seed: int = 0
    """That of the training."""

    def find(self) -> tuple[list[Path], LabelledFile]:
        """Return the files and the rows; raise ValueError where there is no file.

        Which rows training keeps out of the fit follows from their texts and the seed alone.
        """
        files = dev_files(self.dev)
        if not files:
            raise ValueError(f"There is no development set in {self.dev}.")
        if self.data is None:
            return files, LabelledFile("held_back", [], np.empty((0, len(LABELS))), {})
        examples = gather(Training(self.data, self.dev, self.seed))
        return files, held_back(examples, held_out(examples, self.seed))


def calibrate(path: Path, measuring: Measuring, out: Path, keep: bool = False) -> dict[str, Any]:
    """Measure the model file at `path`, write it with what was found, return its manifest.

    The arrays, and so digest and version, stay. With `keep`, `balanced` has the thresholds of
    the file; else all are chosen by rule. Raises `ModelError` where `path` is no model file and
    ValueError where there is nothing to measure on.
    """
    arrays, manifest = modelfile.read(path)
    facts = {name: manifest[name] for name in _LEARNT}
    kept = manifest["thresholds"] if keep else None
    return modelfile.write(out, arrays, facts | develop(arrays, facts, *measuring.find(), kept))


def show_profiles(model: Model, measuring: Measuring) -> list[Table]:
    """Return what each profile of `model` does to the sets.

    Raises ValueError where there is nothing to measure on.
    """
    sets = score_sets(model, *measuring.find())
    given = {
        name: {label: asdict(one) for label, one in by_label.items()}
        for name, by_label in model.profiles.items()
    }
    ordinary = {name: thresholds.outcomes(sets, one) for name, one in given.items()}
    return tables(thresholds.measure(sets, given), ordinary)
