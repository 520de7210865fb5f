"""What came of a piece, as a file: there whole or not at all."""

import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from api.bulkscore.judging import Answer
from classifier import LABELS

FORMATS: Final = ("parquet", "jsonl")
ROWS_AT_ONCE: Final = 4096
"""Rows of a row group: so many are kept in memory."""


def name_part(number: int, form: str) -> str:
    """What a part is called; by name, parts are in the order of the input."""
    return f"part-{number:06}.{form}"


def write_part(path: Path, aside: Path, form: str, answers: Iterable[list[Answer]]) -> int:
    """Write a part in the folder `aside`, move it into its place, and return its size in bytes.

    Raises FileNotFoundError where that folder is gone: it was a run's that has been replaced.
    """
    written = aside / f"{path.name}.{secrets.token_hex(4)}"
    with written.open("xb") as file:
        _WRITERS[form](file, answers)
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    written.replace(path)
    return size


def _write_json(file: IO[bytes], answers: Iterable[list[Answer]]) -> None:
    for some in answers:
        for one in some:
            file.write(json.dumps(one, ensure_ascii=False).encode() + b"\n")


def _write_parquet(file: IO[bytes], answers: Iterable[list[Answer]]) -> None:
    import pyarrow

    with open_parquet(file) as writer:
        for some in _gather(answers):
            rows = [one | _write_reasons(one) for one in some]
            writer.write_table(pyarrow.Table.from_pylist(rows, schema=writer.schema))


@contextmanager
def open_parquet(file: IO[bytes]) -> Iterator[Any]:
    """Writes tables of verdicts: scores side by side, reasons as JSON."""
    import pyarrow.parquet

    text = pyarrow.string()
    schema = pyarrow.schema(
        [
            ("file", pyarrow.dictionary(pyarrow.int32(), text)),
            ("row", pyarrow.int64()),
            ("id", text),
            ("action", text),
            ("scores", pyarrow.struct([(label, pyarrow.float64()) for label in LABELS])),
            ("reasons", text),
            ("second_opinion", text),
            ("error", text),
        ]
    )
    with pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        yield writer


def _gather(answers: Iterable[list[Answer]]) -> Iterator[list[Answer]]:
    kept: list[Answer] = []
    for some in answers:
        kept += some
        if len(kept) >= ROWS_AT_ONCE:
            yield kept
            kept = []
    if kept:
        yield kept


def _write_reasons(answer: Answer) -> Answer:
    if "reasons" not in answer:
        return {}
    return {"reasons": json.dumps(answer["reasons"], ensure_ascii=False)}


_WRITERS: Final = {"jsonl": _write_json, "parquet": _write_parquet}
