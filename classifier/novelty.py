"""Which of a text's n-grams nothing has been learnt of: by a site's adapter, or at all."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifier.adapted import AdaptedModel
from classifier.features import find_rows
from classifier.normalise import find_view

READ: Final = 2000
"""Of a longer text the beginning tells enough, and costs a millisecond whatever it holds."""


def find_new(model: Any, text: str) -> tuple[NDArray[np.uint32], int]:
    """Return the rows of `text`, rising, that the model's adapter does not weigh, and of how many.

    A disguised text is read without the disguise, as adapters do. Any model without an adapter
    has learnt nothing of a site: all rows are new to it.
    """
    start = text[:READ]
    view = find_view(start)
    rows = find_rows([start if view is None else view.text]).rows
    new = rows[~model.has_learnt(rows)] if isinstance(model, AdaptedModel) else rows
    return new, len(rows)
