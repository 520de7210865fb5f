"""Adapters in the database, without the trouble of teaching them."""

import itertools
from typing import Any

import numpy as np

from api.moderation.learning.gate import Report
from api.moderation.learning.stored import Candidate
from api.moderation.services import Services
from api.store.learning import StoredAdapter
from classifier import LABELS
from classifier.adapter import pack
from tests.factories import START, TaughtWordModel, WordModel

REPORT: dict[str, Any] = {
    "open": True,
    "why": "Better on the site's own figure.",
    "accounts": {
        "count": 2,
        "doubted": 1,
        "capped": 0,
        "items": [
            {
                "actor": "moderator:gone@example.org",
                "labels": 50,
                "trust": 0.9996,
                "disagreement": 0.0512,
                "capped": False,
            },
            {
                "actor": "key:wnw_01234567",
                "labels": 1150,
                "trust": 1.0,
                "disagreement": None,
                "capped": True,
            },
        ],
    },
}
_numbers = itertools.count(1)


def keep_adapter(services: Services, site: int | None, **given: Any) -> StoredAdapter:
    """An adapter of a site, which scores as `TaughtWordModel` does."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "site_id": site,
        "public_id": f"mdl_{number:016x}",
        "version": f"{WordModel.version}+{number:08x}",
        "base": WordModel.version,
        "state": "waiting",
        "data": b"",
        "labels": 200,
        "taught_until": services.now(),
        "report": REPORT,
        "actor": "winnow",
        "created_at": services.now(),
        **given,
    }
    with services.database.writing() as session:
        row = StoredAdapter(**values)
        session.add(row)
        session.flush()
        model: Any = TaughtWordModel()
        services.adapted[row.id] = services.scorer.using(model)
        return row


def make_candidate(bias: float, why_not: str = "", base: str = WordModel.version) -> Candidate:
    """A trained adapter that adds no more than a bias; refused where there is a reason why."""
    empty = np.zeros(0)
    adapter = pack(empty, empty.astype(np.uint32), np.zeros(len(LABELS)), bias, {"base": base})
    report = Report(not why_not, why_not or "It is better.", {})
    return Candidate(adapter, 50, START, report, {}, START)
