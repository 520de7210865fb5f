"""What reads tells nobody of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime", reason="needs pip install 'winnow[read]'")

# Where one of these is set, it keeps quiet by itself.
QUIET = ("CI", "TF_BUILD", "GITHUB_ACTIONS", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS")
READ = """
from classifier.reader import Reader
print(Reader.load().score(["What a fool."]).shape)
"""


def test_onnxruntime_makes_nothing_ready_to_tell(tmp_path: Path) -> None:
    """Its telemetry begins with an identifier of the machine and a file of what is to be sent."""
    ours = {name: value for name, value in os.environ.items() if name not in QUIET}
    env = ours | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / ".cache")}

    done = subprocess.run([sys.executable, "-c", READ], env=env, capture_output=True, text=True)

    assert done.stdout == "(1, 7)\n", done.stderr
    assert list(tmp_path.rglob("*")) == []
