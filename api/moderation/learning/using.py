"""The model with a site's adapter, ready for use in this process."""

import logging
import threading

from sqlalchemy import select

from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.learning import StoredAdapter
from classifier import AdaptedModel, ModelError, restore_adapter

PREPARED = 12
"""How many adapted models a process keeps; each takes seven megabytes, and making one a moment."""

_PREPARING = threading.Lock()
log = logging.getLogger(__name__)


def find_scorer(services: Services, adapter_id: int | None) -> Scorer:
    """Who scores for a site with this adapter; without one, or without a model, everybody's.

    So does an adapter that corrects another model than the one in use: it is from before an
    upgrade, and the next training makes up for it.
    """
    if adapter_id is None or services.scorer.model is None:
        return services.scorer
    ready = services.adapted.get(adapter_id)
    if ready is not None and ready.base is services.scorer.model:
        return ready
    with _PREPARING:
        ready = services.adapted.get(adapter_id)
        if ready is None or ready.base is not services.scorer.model:
            ready = _prepare(services, adapter_id)
            if len(services.adapted) >= PREPARED:
                services.adapted.clear()
            services.adapted[adapter_id] = ready
    return ready


def _prepare(services: Services, adapter_id: int) -> Scorer:
    with services.database.reading() as session:
        data = session.scalar(select(StoredAdapter.data).where(StoredAdapter.id == adapter_id))
    base = services.scorer.model
    if data is None or base is None:
        return services.scorer.using(base)
    try:
        return services.scorer.using(AdaptedModel(base, restore_adapter(data)))
    except ModelError as error:
        log.warning("adapter %d is not used: %s", adapter_id, error)
        return services.scorer.using(base)
