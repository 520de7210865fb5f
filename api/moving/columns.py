"""Comments as Parquet: what is counted and filtered in columns, the rest as JSON beside them."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from classifier import LABELS

GROUP: Final = 10_000
"""Comments of a row group: what is held in memory."""

_TIME: Final = pa.timestamp("us", tz="UTC")
_PLAIN: Final = ("id", "parent_id", "text", "language", "status")
_NESTED: Final = ("article", "author", "form", "metadata")

SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in _PLAIN),
        ("html", pa.bool_()),
        ("created_at", _TIME),
        ("received_at", _TIME),
        ("article_id", pa.string()),
        ("author_id", pa.string()),
        *((name, pa.string()) for name in _NESTED),
        ("verdict_action", pa.string()),
        ("verdict_model", pa.string()),
        *((label, pa.float64()) for label in LABELS),
        ("reasons", pa.list_(pa.string())),
        ("decision_action", pa.string()),
        ("decision_reason", pa.string()),
        ("decision_actor", pa.string()),
        ("decision_at", _TIME),
        ("verdict", pa.string()),
    ]
)
"""`article`, `author`, `form`, `metadata` and `verdict` are JSON; `reasons` the codes in order."""


@contextmanager
def open_table(file: IO[bytes]) -> Iterator[Callable[[Sequence[dict[str, Any]]], None]]:
    """What writes comments to a file, a row group at a time."""
    kept: list[dict[str, Any]] = []
    with pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:

        def write(some: Sequence[dict[str, Any]]) -> None:
            kept.extend(map(_flatten, some))
            if len(kept) >= GROUP:
                flush()

        def flush() -> None:
            writer.write_table(pa.Table.from_pylist(kept, SCHEMA))
            kept.clear()

        yield write
        if kept:
            flush()


def _flatten(one: dict[str, Any]) -> dict[str, Any]:
    verdict, decision = one["verdict"], one["decision"] or {}
    return {
        **{name: one[name] for name in (*_PLAIN, "html", "created_at", "received_at")},
        **{name: json.dumps(one[name], ensure_ascii=False) for name in _NESTED},
        "article_id": one["article"].get("id"),
        "author_id": one["author"].get("id"),
        "verdict_action": verdict["action"],
        "verdict_model": verdict["model"],
        **{label: verdict["scores"].get(label) for label in LABELS},
        "reasons": [reason["code"] for reason in verdict["reasons"]],
        **{f"decision_{name}": decision.get(name) for name in ("action", "reason", "actor")},
        "decision_at": decision.get("created_at"),
        "verdict": json.dumps(verdict, ensure_ascii=False),
    }
