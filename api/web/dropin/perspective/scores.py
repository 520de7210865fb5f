"""The scores of an answer, as the text that most clients ask for.

Nearly all of it is always the same, and a server that scores for others writes it all day: put
together from its parts it takes a third of the time of JSON that is made anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from api.moderation.dropin import curves
from api.moderation.dropin.rejection import Fit
from api.moderation.policy.document import Curve
from api.web.dropin.perspective.attributes import Attribute

Scores = Mapping[str, float]

_ALL = """\
  "attributeScores": {
%s
  },
"""
_ATTRIBUTE = """\
    "%s": {
      "spanScores": [
%s
      ],
      "summaryScore": {
        "value": %s,
        "type": "PROBABILITY"
      }
    }"""
_SPAN = """\
        {
          "begin": %d,
          "end": %d,
          "score": {
            "value": %s,
            "type": "PROBABILITY"
          }
        }"""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes scores by the site's curves, of a whole text and of each of its parts."""

    bends: Mapping[str, Curve]
    fit: Fit | None
    places: Sequence[tuple[int, int]]

    def write(
        self, chosen: Sequence[Attribute], asked: Mapping[str, Any], found: Sequence[Scores]
    ) -> str:
        """The attributes' scores, but for what is below the threshold that was asked.

        `found` is of the whole text, and then of its parts where it has several.
        """
        written = []
        for one in chosen:
            summary, *parts = [self._show(one, scores) for scores in found]
            threshold = asked[one.name].get("scoreThreshold")
            if threshold is None or float(summary) >= threshold:
                spans = zip(self.places, parts or [summary], strict=True)
                shown = ",\n".join([_SPAN % (*place, score) for place, score in spans])
                written.append(_ATTRIBUTE % (one.name, shown, summary))
        return _ALL % ",\n".join(written) if written else ""

    def _show(self, attribute: Attribute, scores: Scores) -> str:
        """A score as 32 bits hold it, in as few digits as say so."""
        if attribute.label is None and self.fit is not None:
            value = self.fit.estimate(scores)
        else:
            value = scores[attribute.label or ""]
        curve = self.bends.get(attribute.base)
        return str(np.float32(value if curve is None else curves.bend(curve, value)))
