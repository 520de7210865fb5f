"""Make a trained encoder into the file of the second stage; needs onnx, not torch."""

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError, safe_open

from classifier import readerfile
from classifier.graph import build_graph
from classifier.pruning import prune

SERIES: Final = "reader-2026.11"
TRAINED: Final = "encoder.safetensors"
PIECES: Final = 20_000
"""How many word pieces are kept: with 6 layers of 384, a file of 19 MB."""


def export_reader(
    folder: Path, out: Path, pieces: int = PIECES, report: Callable[[str], None] = print
) -> dict[str, Any]:
    """Write the encoder that `train-reader` left in `folder` to `out`; return the manifest.

    Raises ValueError where there is none or the file would be larger than 30 MB.
    """
    if not out.parent.is_dir():
        raise ValueError(f"There is no folder {out.parent} to write to.")
    facts, weights = read_trained(folder)
    config = facts.pop("config")
    tokenizer, kept = prune(facts.pop("tokenizer"), weights.pop("counts"), pieces)
    report(f"keeping {len(kept):,} of {config['vocab_size']:,} word pieces")
    weights["words.weight"] = weights["words.weight"][kept]
    graph = build_graph(weights, config["num_attention_heads"])
    facts["versions"] |= {"onnx": version("onnx")}
    facts |= {"series": SERIES, "pieces": len(kept), "layers": config["num_hidden_layers"]}
    return readerfile.write(out, graph, tokenizer, facts)


def read_trained(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what `train-reader` wrote down in `folder`, and the weights by name.

    Raises ValueError where it has not finished there.
    """
    path = folder / TRAINED
    try:
        with safe_open(path, framework="numpy") as file:
            facts = json.loads((file.metadata() or {})["winnow"])
            return facts, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise ValueError(f"There is no trained encoder in {folder}.") from error
    except (SafetensorError, KeyError, ValueError) as error:
        raise ValueError(f"The file {path} is no trained encoder ({error}).") from error
