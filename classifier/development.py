"""What the manifest says of a new model: its data, its figures, thresholds and groups."""

from pathlib import Path
from typing import Any, Final

from classifier import modelfile, thresholds
from classifier.augmentation import SWAP_WEIGHT, SWAPS, TEMPLATE_WEIGHT, TEMPLATES
from classifier.corpora import CORPORA, Corpus
from classifier.evaluation import measure
from classifier.examples import Examples
from classifier.fairness import measure_groups
from classifier.labelled import LabelledFile, score_file, score_labelled
from classifier.labels import LABELS
from classifier.model import Model

# What holds before thresholds were chosen.
PLAIN: Final[dict[str, dict[str, Any]]] = {label: {"hold": 0.5, "reject": None} for label in LABELS}


def describe(examples: Examples) -> dict[str, Any]:
    """Return for each set its rows, licence, what it is and what a row counts."""
    own = {
        TEMPLATES: Corpus("Apache-2.0", "sentences about groups of people", TEMPLATE_WEIGHT, dict),
        SWAPS: Corpus("as their originals", "the same comments about others", SWAP_WEIGHT, dict),
    }
    described = {}
    for name, one in {**CORPORA, **own}.items():
        if rows := examples.sets.count(name):
            facts = {"rows": rows, "licence": one.licence, "about": one.about}
            described[name] = facts | {"weight": one.weight}
    return described


def develop(
    arrays: modelfile.Arrays, facts: dict[str, Any], dev: list[Path], held_back: LabelledFile
) -> dict[str, Any]:
    """Return thresholds, figures of each file in `dev`, outcomes and groups, for the manifest.

    The thresholds are chosen on `dev` and `held_back`; without `dev` every label holds at 0.5.
    """
    model = Model(arrays, facts | {"thresholds": PLAIN})
    sets = [score_file(path, model) for path in dev]
    metrics = {one.name: measure(one) for one in sets}
    if sets and held_back.items:
        sets.append(score_labelled(held_back, model))
    chosen = thresholds.choose(sets) if sets else PLAIN
    holds = {label: chosen[label]["hold"] for label in LABELS}
    return {
        "thresholds": chosen,
        "metrics": metrics,
        "ordinary": thresholds.outcomes(sets, chosen),
        "groups": measure_groups(model, holds),
    }
