"""How a model treats sentences that differ only in the group they name.

The measures of Borkan et al. ("Nuanced Metrics for Measuring Unintended Bias", 2019) on the
held-out sentences of `identity`: each group's share of harmless sentences held, and how well
the score tells that group's harmless sentences from its hateful ones.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from classifier.cascade import Cascade
from classifier.identity import held_out_sentences
from classifier.labels import LABELS
from classifier.model import Model

# What the model is held to: points of false positives from the mean, and spread of the AUC.
MOST_APART: Final = 0.02
MOST_SPREAD: Final = 0.05

Floats = NDArray[np.float64]


def measure_groups(model: Model | Cascade, holds: Mapping[str, float]) -> dict[str, Any]:
    """Return, for the held-out sentences, figures of each group and of all together.

    `holds` gives each label's hold threshold. `held` is the share of harmless sentences that
    any label holds, `auc` that of `toxicity`; `apart` is the largest distance of a group's
    `held` from the mean, `spread` that between the groups' AUC.
    """
    sentences = list(held_out_sentences())
    scores = model.score([one.text for one in sentences])
    hateful = np.array([one.hateful for one in sentences])
    held = np.any(scores >= [holds[label] for label in LABELS], axis=1)
    toxicity = scores[:, LABELS.index("toxicity")]
    groups = {}
    for group in dict.fromkeys(one.group for one in sentences):
        own = np.array([one.group == group for one in sentences])
        groups[group] = {
            "held": round(float(held[own & ~hateful].mean()), 4),
            "caught": round(float(held[own & hateful].mean()), 4),
            "auc": round(float(roc_auc_score(hateful[own], toxicity[own])), 4),
        }
    rates = np.array([one["held"] for one in groups.values()])
    areas = np.array([one["auc"] for one in groups.values()])
    return {
        "groups": groups,
        "sentences": len(sentences),
        "held": round(float(held[~hateful].mean()), 4),
        "caught": round(float(held[hateful].mean()), 4),
        "auc": round(float(roc_auc_score(hateful, toxicity)), 4),
        "apart": round(float(np.abs(rates - rates.mean()).max()), 4),
        "spread": round(float(areas.max() - areas.min()), 4),
    }
