"""The classifier is missing, broken or talks nonsense: comments are kept and held."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

import classifier
from api.moderation import scoring
from api.moderation.scoring import Scorer
from classifier import LABELS, Submission
from tests.conftest import ON_SQLITE
from tests.factories import WordModel, comment, submit

SHIPPED = Path(classifier.__file__).parent / "data" / "model.safetensors"


class Broken(WordModel):
    """A model that was loaded and then fails in some way."""

    def __init__(self, answer: Callable[[int], Any]) -> None:
        super().__init__()
        self.answer = answer

    def score(self, texts: Any) -> Any:
        return self.answer(len(texts))


def fail(_: int) -> Any:
    raise RuntimeError("out of memory")


BROKEN: dict[str, Callable[[int], Any]] = {
    "raises": fail,
    "not a number": lambda n: np.full((n, len(LABELS)), np.nan),
    "infinite": lambda n: np.full((n, len(LABELS)), np.inf),
    "below zero": lambda n: np.full((n, len(LABELS)), -0.1),
    "above one": lambda n: np.full((n, len(LABELS)), 1.1),
    "too few labels": lambda n: np.zeros((n, 3)),
    "too few texts": lambda n: np.zeros((n - 1, len(LABELS))),
    "nothing": lambda _: None,
}


def assert_held(found: dict[str, Any]) -> None:
    assert found["status"] == "pending"
    assert found["verdict"]["scores"] == {}
    assert found["verdict"]["model"] is None
    codes = [reason["code"] for reason in found["verdict"]["reasons"]]
    assert codes == ["classifier_unavailable"]


@ON_SQLITE
@pytest.mark.parametrize("name", BROKEN)
def test_a_comment_is_kept_and_held_whatever_the_model_does(
    moderator: FlaskClient, client: FlaskClient, scorer: Scorer, name: str
) -> None:
    scorer.model = Broken(BROKEN[name])  # type: ignore[assignment]

    assert_held(submit(moderator, id="c-1"))

    assert_held(moderator.patch("/v1/comments/c-1", json={"text": "Two."}).json)
    batch = moderator.post("/v1/comments/batch", json={"items": [comment(), comment()]})
    for entry in batch.json["items"]:
        assert_held(entry["comment"])
    assert moderator.post("/v1/comments/check", json=comment()).status_code == 200
    assert len(moderator.get("/v1/queue").json["items"]) == 3
    ready = client.get("/ready")
    assert (ready.status_code, ready.json["status"]) == (200, "degraded")


@ON_SQLITE
def test_a_model_that_recovers_is_no_longer_called_broken(
    backend: FlaskClient, client: FlaskClient, scorer: Scorer
) -> None:
    good = scorer.model
    scorer.model = Broken(fail)  # type: ignore[assignment]
    submit(backend)
    assert client.get("/ready").json["status"] == "degraded"

    scorer.model = good

    assert submit(backend)["status"] == "approved"
    assert client.get("/ready").json["status"] == "ready"


@ON_SQLITE
def test_a_model_that_cannot_explain_still_decides(backend: FlaskClient, scorer: Scorer) -> None:
    class Mute(WordModel):
        """A model without explanations."""

        def explain(self, text: str, label: str, limit: int = 5, lowering: bool = False) -> Any:
            raise RuntimeError("no words")

    scorer.model = Mute()  # type: ignore[assignment]

    found = submit(backend, "spam0.97")

    assert found["status"] == "rejected"
    assert found["verdict"]["reasons"][0]["spans"] == []


@ON_SQLITE
def test_a_filled_honeypot_is_rejected_without_a_model_as_well(
    backend: FlaskClient, scorer: Scorer
) -> None:
    scorer.model, scorer.failure = None, "There is none."

    assert submit(backend, form={"honeypot": "x"})["status"] == "rejected"


class Hanging(WordModel):
    """A model of which one part does not return until it is told to."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.released = threading.Event()
        self.calls = 0
        inner = getattr(self, part)

        def hang(*given: Any, **named: Any) -> Any:
            self.calls += 1
            self.released.wait()
            return inner(*given, **named)

        setattr(self, part, hang)


@pytest.fixture
def hanging(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Hanging]]:
    """Puts a model in whose part hangs until the test is over."""
    monkeypatch.setattr(scoring, "LIMIT_SECONDS", 0.05)
    made: list[Hanging] = []

    def hang(part: str) -> Hanging:
        made.append(Hanging(part))
        scorer.model = made[-1]  # type: ignore[assignment]
        return made[-1]

    yield hang
    for one in made:
        one.released.set()


PARTS = ["score", "explain", "signals", "smallest_change"]


@ON_SQLITE
@pytest.mark.parametrize("part", PARTS)
def test_a_comment_is_kept_and_held_when_the_model_hangs(
    moderator: FlaskClient,
    client: FlaskClient,
    scorer: Scorer,
    hanging: Callable[[str], Hanging],
    part: str,
) -> None:
    model = hanging(part)

    assert_held(submit(moderator, "spam0.97", id="c-1", author={"url": "https://a.example"}))

    assert client.get("/ready").json["status"] == "degraded"
    assert scorer.failed == 1
    calls = model.calls
    # What comes after it is not even tried: no other thread is lost, nobody waits.
    for _ in range(20):
        assert_held(submit(moderator, "spam0.97"))
    batch = moderator.post("/v1/comments/batch", json={"items": [comment(), comment()]})
    for entry in batch.json["items"]:
        assert_held(entry["comment"])
    assert moderator.post("/v1/comments/check", json=comment()).status_code == 200
    assert_held(moderator.patch("/v1/comments/c-1", json={"text": "Two."}).json)
    assert model.calls == calls == 1
    assert scorer.failed == 25


@ON_SQLITE
def test_a_model_that_comes_back_judges_again(
    backend: FlaskClient, client: FlaskClient, scorer: Scorer, hanging: Callable[[str], Hanging]
) -> None:
    model = hanging("score")
    assert_held(submit(backend))

    model.released.set()
    while scorer.stuck:
        time.sleep(0.001)

    assert submit(backend)["status"] == "approved"
    assert submit(backend, "spam0.97")["status"] == "rejected"
    assert client.get("/ready").json["status"] == "ready"


@ON_SQLITE
def test_long_texts_may_take_longer(
    backend: FlaskClient, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []
    limit: Any = scorer._health.limit

    def note(work: Callable[[], Any], seconds: float) -> Any:
        given.append(seconds)
        return work()

    monkeypatch.setattr(limit, "call", note)
    monkeypatch.setattr(scoring, "LIMIT_SECONDS", 0.5)

    submit(backend, "a" * 100)
    submit(backend, "a" * 20_000)
    items = [comment("a" * 20_000) for _ in range(10)]
    backend.post("/v1/comments/batch", json={"items": items})

    assert given == pytest.approx([0.501, 0.7, 2.518])


def cut(path: Path) -> None:
    shutil.copy(SHIPPED, path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def change_one_byte(path: Path) -> None:
    shutil.copy(SHIPPED, path)
    with path.open("r+b") as file:
        file.seek(-1000, 2)
        [byte] = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))


FILES: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("a model, honestly " * 1000),
    "pickle": lambda path: path.write_bytes(b"\x80\x04cos\nsystem\n(S'true'\ntR."),
    "huge header": lambda path: path.write_bytes(b"\xff" * 64),
    "cut": cut,
    "one byte changed": change_one_byte,
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_model_leaves_a_sentence_and_a_service(tmp_path: Path, name: str) -> None:
    FILES[name](tmp_path / "model.safetensors")

    scorer = Scorer(tmp_path / "model.safetensors")

    assert scorer.model is None
    assert scorer.failure
    assert "\n" not in scorer.failure
    assert scorer.score([Submission("A fine day.")]) is None
    assert scorer.explain(Submission("A fine day."), "spam") == []
