"""One contestant in a process of its own: `python -m tests.bench.contestants NAME TEXTS CORE`.

It scores one comment, says how long that took from the first import on, and then answers
questions, a line each, in JSON, until its standard input ends. Runs under any interpreter
that has what the contestant imports, and no other module of this project but the classifier.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Score = Callable[[Sequence[str]], Any]
# A transformer is slow: it scores so many of the comments, and its time is given for each.
FEW = 8
LENGTH = 400
CALLS = 400


def load_winnow(texts: Sequence[str]) -> Score:
    from classifier import load

    return load().score


def load_peer(texts: Sequence[str]) -> Score:
    from profanity_check import predict_prob

    return predict_prob


def load_pipeline(texts: Sequence[str]) -> Score:
    """scikit-learn's own hashing of the same n-grams, and seven outcomes in one product."""
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    words = HashingVectorizer(ngram_range=(1, 2), n_features=2**18, binary=True)
    chars = HashingVectorizer(analyzer="char", ngram_range=(1, 5), n_features=2**19, binary=True)
    pipeline = make_pipeline(make_union(words, chars), LogisticRegression(max_iter=3, tol=1e3))
    pipeline.fit(texts[:70], [number % 7 for number in range(70)])
    return pipeline.predict_proba


def load_bert(texts: Sequence[str]) -> Score:
    """BERT-base with random weights: its time does not depend on what the weights are."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.set_num_threads(1)
    model = BertForSequenceClassification(BertConfig(num_labels=7)).eval()

    def score(some: Sequence[str]) -> None:
        # No vocabulary is at hand: as many random tokens as English usually makes, one for each
        # 4.5 characters. Splitting into tokens costs nothing here. Like lengths go together.
        lengths = sorted(min(512, 2 + round(len(text) / 4.5)) for text in some)
        with torch.inference_mode():
            for first in range(0, len(lengths), 8):
                part = lengths[first : first + 8]
                tokens = torch.randint(1000, 30_000, (len(part), max(part)))
                mask = torch.arange(max(part)) < torch.tensor(part)[:, None]
                model(tokens, attention_mask=mask)

    return score


CONTESTANTS: dict[str, Callable[[Sequence[str]], Score]] = {
    "winnow": load_winnow,
    "alt-profanity-check": load_peer,
    "HashingVectorizer": load_pipeline,
    "BERT-base": load_bert,
}


def main() -> None:
    """Load the contestant named on the command line and answer for it."""
    name, path, core = sys.argv[1:]
    os.sched_setaffinity(0, {int(core)})
    texts = json.loads(Path(path).read_text(encoding="utf-8"))
    begin = time.perf_counter()
    try:
        score = CONTESTANTS[name](texts)
    except ImportError as error:
        _answer({"missing": str(error)})
        return
    score(texts[:1])
    _answer({"first": time.perf_counter() - begin})
    few = FEW if name == "BERT-base" else len(texts)
    questions: dict[str, Callable[[], Any]] = {
        "batch": lambda: measure_batch(score, texts[-few:]),
        "single": lambda: measure_calls(score, texts, few),
        "memory": measure_memory,
        "forked": lambda: measure_forked(score, texts[: min(few, 500)]),
    }
    for line in sys.stdin:
        _answer(questions[line.strip()]())


def _answer(value: Any) -> None:
    print(json.dumps(value), flush=True)


def measure_batch(score: Score, texts: Sequence[str]) -> float:
    """Return seconds a comment, all texts in one call."""
    begin = time.perf_counter()
    score(texts)
    return (time.perf_counter() - begin) / len(texts)


def measure_calls(score: Score, texts: Sequence[str], few: int) -> list[float]:
    """Return the seconds of each of up to `CALLS` calls with one comment of 400 characters."""
    text = " ".join(texts[:5000])
    count = min(CALLS, few, len(text) // LENGTH)
    times = []
    for number in range(count):
        one = [text[number * LENGTH : (number + 1) * LENGTH]]
        begin = time.perf_counter()
        score(one)
        times.append(time.perf_counter() - begin)
    return times


def measure_memory() -> dict[str, float]:
    """Return megabytes of this process: resident, its fair share, and its own alone."""
    found: dict[str, float] = {}
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, amount, _ = line.split()
        found[name.rstrip(":")] = int(amount) * 1024 / 1e6
    own = found["Private_Clean"] + found["Private_Dirty"]
    return {"resident": found["Rss"], "share": found["Pss"], "own": own}


def measure_forked(score: Score, texts: Sequence[str], workers: int = 4) -> list[dict[str, float]]:
    """Fork workers that all score, and return the memory of each while all are alive."""
    pipes = [(os.pipe(), os.pipe()) for _ in range(workers)]
    for (_, answer), (go, _) in pipes:
        if not os.fork():
            score(texts)
            # First all have scored, then all look, then all end.
            for said in (b"ready", json.dumps(measure_memory()).encode()):
                os.write(answer, said.ljust(200))
                os.read(go, 1)
            os._exit(0)
    answers = []
    for _ in ("ready", "measured"):
        answers = [os.read(answer, 200) for (answer, _), _ in pipes]
        for _, (_, go) in pipes:
            os.write(go, b".")
    for ends in pipes:
        os.wait()
        for end in (*ends[0], *ends[1]):
            os.close(end)
    return [json.loads(answer) for answer in answers]


if __name__ == "__main__":
    main()
