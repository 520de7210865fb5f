"""A second stage made by hand, without torch and onnx: the rudest word of a text counts."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from classifier import LABELS, readerfile
from tests.classifier.tinyencoders import PIECES, tokenizer

RUDE = "stupid"
"""The word that has log-odds of 3; any other has -5."""


def write_reader(path: Path, facts: dict[str, Any]) -> Path:
    """Write a reader's file; `facts` go into its manifest."""
    graph, words = _model(), json.dumps(tokenizer())
    readerfile.write(path, graph, words, {"series": "reader-tiny", **facts})
    return path


def _model() -> bytes:
    """ONNX's protocol buffers: the row of each token, and the largest of each column."""
    table = np.full((len(PIECES), len(LABELS)), -5.0, dtype=np.float32)
    table[PIECES.index(RUDE)] = 3.0
    gather = _node("Gather", ["table", "tokens"], "rows")
    axes = _text(1, "axes") + _number(8, 1) + _number(20, 7)
    keep = _text(1, "keepdims") + _number(3, 0) + _number(20, 2)
    reduce = _node("ReduceMax", ["rows"], "odds") + _part(5, axes) + _part(5, keep)
    weights = b"".join(_number(1, one) for one in table.shape)
    weights += _number(2, 1) + _text(8, "table") + _part(9, table.tobytes())
    graph = _part(1, gather) + _part(1, reduce) + _text(2, "tiny") + _part(5, weights)
    graph += _part(11, _value("tokens", 7, [1, "length"]))
    graph += _part(12, _value("odds", 1, [1, len(LABELS)]))
    return _number(1, 8) + _part(7, graph) + _part(8, _text(1, "") + _number(2, 13))


def _node(kind: str, inputs: list[str], output: str) -> bytes:
    return b"".join(_text(1, one) for one in inputs) + _text(2, output) + _text(4, kind)


def _value(name: str, kind: int, shape: list[int | str]) -> bytes:
    sizes = [_number(1, one) if isinstance(one, int) else _text(2, one) for one in shape]
    tensor = _number(1, kind) + _part(2, b"".join(_part(1, one) for one in sizes))
    return _text(1, name) + _part(2, _part(1, tensor))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _part(field, value.encode())


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])
