"""One contestant of `tests.bench.reader`: `python -m tests.bench.readers NAME TEXTS READER CORE`.

It loads, says what it is, and answers questions, a line each, in JSON, until its standard input
ends: a name among the texts is answered with the seconds a comment. Runs under any interpreter
that has what the contestant imports, and no other module of this project but the classifier.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from classifier.readerfile import ReaderError

Read = Callable[[Sequence[str]], Any]
MIX = "mix"
"""These texts are given all at once; others one by one."""
BASE = {
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "vocab_size": 30_522,
    "max_position_embeddings": 512,
}


def load_linear(_: Path, texts: Sequence[str]) -> tuple[Read, dict[str, Any]]:
    """The first stage alone."""
    from classifier import load

    model = load()
    return model.log_odds, {"version": model.version}


def load_reader(path: Path, texts: Sequence[str]) -> tuple[Read, dict[str, Any]]:
    """The second stage alone."""
    from classifier.reader import Reader

    reader = Reader.load(path)
    reader.start()
    return reader.log_odds, {"version": reader.version, "megabytes": path.stat().st_size / 1e6}


def load_cascade(path: Path, texts: Sequence[str]) -> tuple[Read, dict[str, Any]]:
    """Both, the second asked where the first is not sure, and the share of `texts` that is."""
    from classifier import load
    from classifier.bothstages import open_cascade

    cascade = open_cascade(load(), path)
    asked = cascade.doubts(cascade.model.log_odds(texts))
    return cascade.score, {"version": cascade.version, "asked": float(asked.mean())}


def load_bert(path: Path, texts: Sequence[str]) -> tuple[Read, dict[str, Any]]:
    """A BERT-base with random weights, whose time does not depend on what they are."""
    import torch

    from classifier import encoder, readerfile
    from classifier.wordpieces import WordPieces

    # In float32 wherever it runs: bfloat16 is what the training does where it is faster.
    encoder._halves = lambda device: False  # type: ignore[assignment]
    torch.set_num_threads(1)
    torch.manual_seed(0)
    bert = encoder.Encoder(BASE, WordPieces(readerfile.read(path)[1])).eval()
    count = sum(one.numel() for one in bert.parameters())
    return bert.score, {"version": f"torch {torch.__version__}", "parameters": count}


CONTESTANTS: dict[str, Callable[[Path, Sequence[str]], tuple[Read, dict[str, Any]]]] = {
    "linear": load_linear,
    "reader": load_reader,
    "cascade": load_cascade,
    "BERT-base": load_bert,
}


def main() -> None:
    """Load the contestant named on the command line and answer for it."""
    name, path, reader, core = sys.argv[1:]
    os.sched_setaffinity(0, {int(core)})
    texts = json.loads(Path(path).read_text(encoding="utf-8"))
    try:
        read, facts = CONTESTANTS[name](Path(reader), texts[MIX])
    except (ImportError, ReaderError) as error:
        _answer({"missing": str(error)})
        return
    _answer(facts)
    for line in sys.stdin:
        which = line.strip()
        _answer((measure_batch if which == MIX else measure_singles)(read, texts[which]))


def measure_singles(read: Read, texts: Sequence[str]) -> float:
    """Return seconds a comment, one at a time."""
    begin = time.perf_counter()
    for text in texts:
        read([text])
    return (time.perf_counter() - begin) / len(texts)


def measure_batch(read: Read, texts: Sequence[str]) -> float:
    """Return seconds a comment, all in one call."""
    begin = time.perf_counter()
    read(texts)
    return (time.perf_counter() - begin) / len(texts)


def _answer(value: Any) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main()
