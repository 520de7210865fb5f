"""Make a trained encoder into the file of the second stage; needs onnx, not torch."""

import json
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from classifier import readerfile
from classifier.graph import build_graph
from classifier.pruning import prune

Weights = dict[str, NDArray[Any]]
SERIES: Final = "reader-2026.11"
TRAINED: Final = "encoder.safetensors"
PIECES: Final = 20_000
"""How many word pieces are kept: with 6 layers of 384, a file of 19 MB."""


def export_reader(
    folders: Sequence[Path],
    out: Path,
    pieces: int = PIECES,
    report: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Write the encoder that `train-reader` left in a folder to `out`; return the manifest.

    Of several folders, each run begun where the one before has ended, it is the mean of their
    weights (Wortsman et al., "Model soups", 2022), and the manifest is the last one's. Raises
    ValueError where there is no encoder, they differ in shape, or the file would be larger than
    30 MB.
    """
    if not out.parent.is_dir():
        raise ValueError(f"There is no folder {out.parent} to write to.")
    facts, weights = _average([read_trained(folder) for folder in folders])
    config = facts.pop("config")
    tokenizer, kept = prune(facts.pop("tokenizer"), weights.pop("counts"), pieces)
    report(f"keeping {len(kept):,} of {config['vocab_size']:,} word pieces")
    weights["words.weight"] = weights["words.weight"][kept]
    graph = build_graph(weights, config["num_attention_heads"])
    facts["versions"] |= {"onnx": version("onnx")}
    facts |= {"series": SERIES, "pieces": len(kept), "layers": config["num_hidden_layers"]}
    return readerfile.write(out, graph, tokenizer, facts)


def _average(runs: Sequence[tuple[dict[str, Any], Weights]]) -> tuple[dict[str, Any], Weights]:
    """Return the last run's facts and counts, and the mean of all weights."""
    facts, last = runs[-1]
    shapes = [{name: one.shape for name, one in weights.items()} for _, weights in runs]
    if any(one != shapes[-1] for one in shapes):
        raise ValueError("These runs are of encoders of different shapes.")
    mean = {
        name: np.mean([weights[name] for _, weights in runs], axis=0, dtype=np.float64)
        for name in last
        if name != "counts"
    }
    weights = {name: one.astype(last[name].dtype) for name, one in mean.items()}
    return facts | {"averaged": len(runs)}, weights | {"counts": last["counts"]}


def read_trained(folder: Path) -> tuple[dict[str, Any], Weights]:
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
