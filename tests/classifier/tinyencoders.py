"""A BERT of two layers with weights by chance, in a folder as Hugging Face lays it out."""

import json
import string
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

WORDS = """
what lovely clever helpful patient honest cheerful stupid idiotic pathetic worthless disgusting
moronic thank article comment answer photo recipe bridge garden song you person your is trash win
now visit cheap today saw this yesterday such neighbour and so an are wonder
"""
MARKS = [*string.ascii_lowercase, *string.digits, *".,!?:/*-'", "é", "я", "😀"]
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
PIECES += [*MARKS, *(f"##{one}" for one in MARKS), *WORDS.split(), "##ful", "##ing", "##ed"]
WIDTH, INNER, LAYERS = 32, 64, 2


def tokenizer() -> dict[str, object]:
    special = {name: PIECES.index(name) for name in ("[PAD]", "[UNK]", "[CLS]", "[SEP]")}
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    ends = [{"SpecialToken": {"id": name, "type_id": 0}} for name in ("[CLS]", "[SEP]")]
    single = [ends[0], {"Sequence": {"id": "A", "type_id": 0}}, ends[1]]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": number, "content": name, "special": True} | plain
            for name, number in special.items()
        ],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": [*single, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {
                name: {"id": name, "ids": [special[name]], "tokens": [name]}
                for name in ("[CLS]", "[SEP]")
            },
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {piece: number for number, piece in enumerate(PIECES)},
        },
    }


def write_base(folder: Path) -> Path:
    folder.mkdir()
    config = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "vocab_size": len(PIECES),
        "hidden_size": WIDTH,
        "intermediate_size": INNER,
        "num_attention_heads": 4,
        "num_hidden_layers": LAYERS,
        "max_position_embeddings": 144,
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer()), encoding="utf-8")
    save_file(_weights(), folder / "model.safetensors")
    return folder


def _weights() -> dict[str, np.ndarray]:
    chance = np.random.default_rng(1)

    def random(*shape: int) -> np.ndarray:
        return chance.normal(0, 0.1, shape).astype(np.float32)

    def linear(name: str, out: int, into: int) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = random(out, into), random(out)

    def norm(name: str) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = 1 + random(WIDTH), random(WIDTH)

    found = {
        "embeddings.word_embeddings.weight": random(len(PIECES), WIDTH),
        "embeddings.position_embeddings.weight": random(144, WIDTH),
        "embeddings.token_type_embeddings.weight": random(2, WIDTH),
    }
    norm("embeddings.LayerNorm")
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        for part in ("query", "key", "value"):
            linear(f"{layer}.attention.self.{part}", WIDTH, WIDTH)
        linear(f"{layer}.attention.output.dense", WIDTH, WIDTH)
        norm(f"{layer}.attention.output.LayerNorm")
        linear(f"{layer}.intermediate.dense", INNER, WIDTH)
        linear(f"{layer}.output.dense", WIDTH, INNER)
        norm(f"{layer}.output.LayerNorm")
    return found
