"""What the manifest says of a new model: its data, its figures, thresholds and groups."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from classifier import modelfile, thresholds
from classifier.augmentation import SWAP_WEIGHT, SWAPS, TEMPLATE_WEIGHT, TEMPLATES
from classifier.corpora import CORPORA, Corpus
from classifier.curvefitting import fit_curve
from classifier.evaluation import measure
from classifier.evidence import gather
from classifier.examples import Examples
from classifier.fairness import measure_groups
from classifier.labelled import Labelled, LabelledFile, score_file, score_labelled
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
    arrays: modelfile.Arrays,
    facts: dict[str, Any],
    dev: list[Path],
    held_back: LabelledFile,
    kept: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return thresholds, figures of each file in `dev`, outcomes and groups, for the manifest.

    The thresholds are chosen on `dev` and `held_back`, but those of `balanced` are `kept` where
    given; without `dev` every label holds at 0.5, and there are no profiles.
    """
    model = Model(arrays, facts | {"thresholds": PLAIN})
    sets = score_sets(model, dev, held_back)
    chosen = choose_thresholds(sets, kept) if sets else {"thresholds": PLAIN, "ordinary": {}}
    holds = {label: chosen["thresholds"][label]["hold"] for label in LABELS}
    metrics = {one.name: measure(one) for one in sets if one.name != held_back.name}
    return chosen | {"metrics": metrics, "groups": measure_groups(model, holds)}


def score_sets(model: Model, dev: Sequence[Path], held_back: LabelledFile) -> list[Labelled]:
    """Score the sets that thresholds are chosen on: none where there are no files in `dev`."""
    sets = [score_file(path, model) for path in dev]
    if sets and held_back.items:
        sets.append(score_labelled(held_back, model))
    return sets


def choose_thresholds(
    sets: Sequence[Labelled],
    kept: Mapping[str, Any] | None = None,
    least: Mapping[str, float] = MappingProxyType({}),
    shares: Mapping[str, float] = thresholds.SHARES,
) -> dict[str, Any]:
    """Return thresholds, profiles, curves and what becomes of ordinary comments, for a manifest.

    The arguments are those of `thresholds.choose`.
    """
    profiles = thresholds.choose(sets, kept, least, shares)
    ordinary = {name: thresholds.outcomes(sets, one) for name, one in profiles.items()}
    return {
        "thresholds": profiles["balanced"],
        "ordinary": ordinary["balanced"],
        "profiles": profiles,
        "profiles_ordinary": ordinary,
        "curves": {label: fit_curve(gather(sets, label)) for label in LABELS},
    }
