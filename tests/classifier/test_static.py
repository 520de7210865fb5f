"""No shipped line can run what a file says: model files are data, and stay data."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path for folder in ("api", "classifier") for path in (ROOT / folder).rglob("*.py"))
# Modules that build objects out of bytes, or code out of text.
MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "marshal", "shelve"}
MODULES |= {"pickletools", "jsonpickle", "runpy"}
CALLS = {"eval", "exec", "compile", "__import__"}
# Module and the functions of it that unpickle or run what they read.
FUNCTIONS = {
    "joblib": {"load", "dump"},
    "torch": {"load", "save", "hub"},
    "yaml": {"load", "load_all", "unsafe_load", "unsafe_load_all", "full_load", "full_load_all"},
    "pandas": {"read_pickle", "to_pickle"},
    "skops": {"load"},
}


def forbidden(source: str) -> list[str]:
    """Name, with its line, each forbidden import or call in `source`."""
    tree = ast.parse(source)
    aliases = _aliases(tree)
    return [f"line {line}: {name}" for line, name in _found(tree, aliases)]


def _aliases(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for: {"np": "numpy", "load": "joblib.load"}."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                whole = one.name if one.asname else one.name.partition(".")[0]
                names[one.asname or whole] = whole
        elif isinstance(node, ast.ImportFrom):
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return names


def _found(tree: ast.AST, aliases: dict[str, str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, one.name) for one in node.names if _bad_module(one.name))
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = [module, *(f"{module}.{one.name}" for one in node.names)]
            yield from ((node.lineno, name) for name in names if not node.level and _bad(name))
        elif isinstance(node, ast.Attribute):
            if _bad(name := _dotted(node, aliases)):
                yield node.lineno, name
        elif isinstance(node, ast.Name) and (node.id in CALLS or _bad(aliases.get(node.id, ""))):
            yield node.lineno, node.id
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                yield node.value.lineno, "allow_pickle"
        elif isinstance(node, ast.Constant) and node.value in MODULES | {"joblib"}:
            # importlib.import_module("pickle"), or a name in a table of modules.
            yield node.lineno, repr(node.value)


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, aliases)}.{node.attr}"
    return aliases.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def _bad_module(name: str) -> bool:
    return name.partition(".")[0] in MODULES


def _bad(name: str) -> bool:
    first, _, rest = name.partition(".")
    last = rest.rpartition(".")[2]
    return _bad_module(name) or last in FUNCTIONS.get(first, ()) or name == "builtins.eval"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_code_cannot_run_a_file(path: Path) -> None:
    assert forbidden(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import pickle as data",
        "from pickle import loads",
        "from marshal import loads as read",
        "import shelve",
        "import joblib\njoblib.load('model')",
        "import joblib as j\nj.load('model')",
        "from joblib import load",
        "import torch\ntorch.load('model')",
        "import yaml\nyaml.load('a: 1')",
        "import yaml\nread = yaml.unsafe_load",
        "from yaml import load as read",
        "eval('1')",
        "run = exec",
        "__import__('os')",
        "import importlib\nimportlib.import_module('pickle')",
        "import numpy as np\nnp.load('a.npy', allow_pickle=True)",
        "import pandas\npandas.read_pickle('frame')",
        "def later():\n    import dill",
    ],
)
def test_the_test_would_notice(source: str) -> None:
    assert forbidden(source)


@pytest.mark.parametrize(
    "source",
    [
        "import json\njson.load(open('a'))",
        "import re\nre.compile('a')",
        "from classifier import load\nload()",
        "import yaml\nyaml.safe_load('a: 1')",
        "import numpy as np\nnp.load('a.npy', allow_pickle=False)",
        "from .pickle import jar",
        "text = 'no pickle here'",
    ],
)
def test_it_lets_harmless_code_pass(source: str) -> None:
    assert forbidden(source) == []


def test_there_is_code_to_look_at() -> None:
    assert len(SHIPPED) > 20
