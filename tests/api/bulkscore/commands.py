"""`winnow score` as a process of its own, in a folder of its own, with the first stage alone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet

from tests.bench.comments import make_comments

COMMAND = (sys.executable, "-c", "from api.cli import main; main()", "score")
ROOT = Path(__file__).parents[3]


def find_environment(**more: str) -> dict[str, str]:
    """The environment without settings, but for those given."""
    plain = {name: one for name, one in os.environ.items() if not name.startswith("WINNOW_")}
    return plain | {"WINNOW_READER": "none", "PYTHONPATH": str(ROOT)} | more


def start(folder: Path, *given: str, **more: str) -> subprocess.Popen[str]:
    """Start it in a folder, in a group of its own."""
    return subprocess.Popen(
        [*COMMAND, *given],
        cwd=folder,
        env=find_environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def score(folder: Path, *given: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    with start(folder, *given, **more) as process:
        out, err = process.communicate(timeout=300)
    return subprocess.CompletedProcess(given, process.returncode, out, err)


def write_lines(path: Path, count: int) -> None:
    """A JSONL file of so many comments."""
    texts = make_comments(count)
    lines = [json.dumps({"id": f"n-{n}", "text": one}) for n, one in enumerate(texts)]
    path.write_text("\n".join(lines), encoding="utf-8")


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """All rows of a folder's parts, in their order."""
    found = []
    for path in sorted(folder.glob("part-*")):
        if path.suffix == ".parquet":
            found += pyarrow.parquet.read_table(path).to_pylist()
        else:
            found += [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return found
