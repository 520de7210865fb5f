"""Labelled files through a running server: every row answered, and how well the scores rank.

WINNOW_KEY=… python -m tests.bench.labelled --url http://127.0.0.1:8000 FILE.csv…
"""

import argparse
import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import urllib3
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from classifier import LABELS, Model
from classifier.evaluation import measure, score_file

BATCH = 500


class ServedModel:
    """Looks like a model, but asks a server, which keeps every comment."""

    def __init__(self, url: str, key: str, prefix: str) -> None:
        self.outcomes: Counter[str] = Counter()
        self._endpoint = f"{url}/v1/comments/batch"
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._prefix, self._posted = prefix, 0
        self._http = urllib3.PoolManager(timeout=60)

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Post the texts and return their scores, shape (n, 7); NaN for a refused one."""
        rows = []
        for start in range(0, len(texts), BATCH):
            entries = self._post(texts[start : start + BATCH])
            if len(entries) != len(texts[start : start + BATCH]):
                raise SystemExit("The server did not answer every row.")
            rows += [self._scores(entry) for entry in entries]
        return np.array(rows)

    def _post(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        items = [
            {"id": f"{self._prefix}-{number}", "article": {"id": self._prefix}, "text": text}
            for number, text in enumerate(texts, self._posted)
        ]
        self._posted += len(texts)
        body = json.dumps({"items": items})
        answer = self._http.request("POST", self._endpoint, body=body, headers=self._headers)
        if answer.status != 207:
            raise SystemExit(f"The server answered {answer.status}: {answer.data.decode()}")
        return cast("list[dict[str, Any]]", answer.json()["items"])

    def _scores(self, entry: dict[str, Any]) -> list[float]:
        if "comment" not in entry:
            self.outcomes[f"refused {entry['status']}"] += 1
            return [float("nan")] * len(LABELS)
        self.outcomes[entry["comment"]["status"]] += 1
        scores = entry["comment"]["verdict"]["scores"]
        return [scores[label] for label in LABELS]


def main() -> None:
    """Post each file and print how its rows were answered and the AUC of each label it has."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    options = parser.parse_args()
    answered, ranked = Table("set", "rows", "answered as"), Table("set", "label", "AUC", "rows")
    for path in track(options.files, "posting"):
        name = path.name.split(".")[0]
        served = ServedModel(options.url, os.environ["WINNOW_KEY"], name)
        found = score_file(path, cast("Model", served))
        outcomes = ", ".join(f"{count} {what}" for what, count in sorted(served.outcomes.items()))
        answered.add_row(name, str(len(found.scores)), outcomes)
        for label, figures in measure(found).items():
            ranked.add_row(name, label, f"{figures['auc']:.3f}", str(figures["rows"]))
    console = Console()
    console.print(answered)
    console.print(ranked)


if __name__ == "__main__":
    main()
