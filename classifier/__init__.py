"""Score texts for spam and toxicity, on a CPU, offline, with reasons.

>>> model = load()
>>> model.score(["You are all lovely."]).shape
(1, 7)
"""

from classifier.explanation import Span
from classifier.labels import LABELS
from classifier.model import Model, Threshold, load
from classifier.modelfile import ModelError

__all__ = ["LABELS", "Model", "ModelError", "Span", "Threshold", "load"]
