"""Score texts for spam and toxicity, on a CPU, offline, with reasons.

>>> model = load()
>>> model.score(["You are all lovely."]).shape
(1, 7)
"""

from classifier.adapted import LEARNED, AdaptedModel
from classifier.adapter import Adapter
from classifier.adapter import restore as restore_adapter
from classifier.curves import NEVER
from classifier.explanation import Contribution, Span
from classifier.labels import LABELS
from classifier.language import Language
from classifier.language import detect as detect_language
from classifier.model import Model, load
from classifier.modelfile import ModelError
from classifier.normalise import Normalised, normalise
from classifier.novelty import find_new
from classifier.profiles import PROFILES, Measured, Threshold
from classifier.signals import Signal
from classifier.submission import Submission

__all__ = [
    "LABELS",
    "LEARNED",
    "NEVER",
    "PROFILES",
    "AdaptedModel",
    "Adapter",
    "Contribution",
    "Language",
    "Measured",
    "Model",
    "ModelError",
    "Normalised",
    "Signal",
    "Span",
    "Submission",
    "Threshold",
    "detect_language",
    "find_new",
    "load",
    "normalise",
    "restore_adapter",
]
