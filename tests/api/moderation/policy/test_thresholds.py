"""From a document and a model to numbers: profiles, overrides, targets, models too old to say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.moderation.policy.document import Document, Override, Target
from api.moderation.policy.inforce import Policy
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.thresholds import resolve
from classifier import LABELS, Model, Threshold, load, modelfile
from classifier.model import SHIPPED
from tests.factories import WordModel

USUAL = Threshold(0.5, 0.9)


class Stepped(WordModel):
    """A model whose profiles differ, and which says no more of targets than `sayings`."""

    def __init__(self, **sayings: float | None) -> None:
        super().__init__()
        self.sayings = sayings
        self.thresholds = dict.fromkeys(LABELS, USUAL) | {"threat": Threshold(0.4, None)}

    @property
    def profiles(self) -> dict[str, dict[str, Threshold]]:
        relaxed = dict.fromkeys(LABELS, Threshold(0.7, None))
        strict = dict.fromkeys(LABELS, Threshold(0.3, 0.8))
        return {"relaxed": relaxed, "balanced": self.thresholds, "strict": strict}

    def find_threshold(self, label: str, kind: str, value: float) -> float | None:
        return self.sayings[kind]


def resolved(document: dict[str, Any], model: Any = None, label: str = "spam") -> Threshold:
    return resolve(load_document(document), model or Stepped())[label]


def with_override(model: Any = None, profile: str = "balanced", **override: Any) -> Threshold:
    return resolved({"profile": profile, "thresholds": {"spam": override}}, model)


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("observe", USUAL),
        ("balanced", USUAL),
        ("relaxed", Threshold(0.7, None)),
        ("strict", Threshold(0.3, 0.8)),
    ],
)
def test_a_profile_is_what_the_model_says_it_is(profile: str, expected: Threshold) -> None:
    assert resolved({"profile": profile}) == expected
    assert set(resolve(load_document({"profile": profile}), Stepped())) == set(LABELS)  # type: ignore[arg-type]


def test_who_says_nothing_has_balanced() -> None:
    assert resolve(load_document({}), load()) == load().profiles["balanced"]


def test_an_override_leaves_other_labels_alone() -> None:
    document = {"thresholds": {"spam": {"hold": 0.1}}}
    assert resolved(document, label="toxicity") == USUAL
    assert resolved(document, label="threat") == Threshold(0.4, None)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ({"hold": 0.2}, Threshold(0.2, 0.9)),
        ({"reject": 0.95}, Threshold(0.5, 0.95)),
        ({"hold": 0.6, "reject": 0.7}, Threshold(0.6, 0.7)),
        ({"reject": "never"}, Threshold(0.5, None)),
        # What was set by hand counts: the profile's other threshold gives way.
        ({"hold": 0.97}, Threshold(0.97, 0.97)),
        ({"reject": 0.3}, Threshold(0.3, 0.3)),
        ({"hold": 0.0, "reject": 1.0}, Threshold(0.0, 1.0)),
    ],
)
def test_scores_set_by_hand(override: dict[str, Any], expected: Threshold) -> None:
    assert with_override(**override) == expected


def test_never_held_is_never_rejected_unless_said() -> None:
    found = with_override(hold="never")
    assert found.hold > 1
    assert found.reject is None


def test_a_label_that_never_rejects_can_be_told_to() -> None:
    document = {"thresholds": {"threat": {"reject": 0.8}}}
    assert resolved(document, label="threat") == Threshold(0.4, 0.8)


def test_targets_are_the_models_to_resolve() -> None:
    model = Stepped(precision=0.93, share=0.62)
    found = with_override(model, hold="share:0.01", reject="precision:0.99")
    assert found == Threshold(0.62, 0.93)


def test_a_target_no_score_meets_is_never() -> None:
    assert with_override(Stepped(precision=2.0), reject="precision:0.99") == Threshold(0.5, None)
    assert with_override(Stepped(share=2.0), hold="share:0.01").hold > 1


@pytest.mark.parametrize("profile", ["balanced", "strict"])
def test_a_model_that_cannot_say_leaves_the_profiles(profile: str) -> None:
    model = Stepped(precision=None, share=None)
    found = with_override(model, profile, hold="share:0.01", reject="precision:0.99")
    assert found == model.profiles[profile]["spam"]


def test_a_model_from_before_there_were_profiles() -> None:
    arrays, manifest = modelfile.read(SHIPPED)
    older = Model(
        arrays, {n: one for n, one in manifest.items() if n not in ("profiles", "curves")}
    )
    document = {"profile": "strict", "thresholds": {"spam": {"reject": "precision:0.9"}}}
    assert resolve(load_document(document), older) == older.thresholds


def test_targets_hold_their_meaning_for_the_shipped_model() -> None:
    model = load()
    surer = resolved({"thresholds": {"spam": {"reject": "precision:0.99"}}}, model)
    laxer = resolved({"thresholds": {"spam": {"reject": "precision:0.95"}}}, model)
    usual = model.thresholds["spam"]
    assert surer.hold == laxer.hold == usual.hold
    assert laxer.reject < usual.reject < surer.reject  # type: ignore[operator]
    never = resolved({"thresholds": {"threat": {"reject": "precision:0.99"}}}, model, "threat")
    assert never.reject is None


def test_another_model_resolves_anew() -> None:
    policy = Policy(load_document({"thresholds": {"spam": {"reject": "precision:0.99"}}}))
    first, second = Stepped(precision=0.93), Stepped(precision=0.97)
    assert policy.thresholds(first)["spam"].reject == 0.93  # type: ignore[arg-type]
    assert policy.thresholds(second)["spam"].reject == 0.97  # type: ignore[arg-type]
    assert policy.thresholds(first)["spam"].reject == 0.93  # type: ignore[arg-type]


SCORES = st.floats(0, 1).map(lambda one: Target("score", one))
TARGETS = st.none() | st.just(Target("never")) | SCORES


@given(hold=TARGETS, reject=TARGETS, profile=st.sampled_from(["relaxed", "balanced", "strict"]))
def test_what_is_rejected_would_be_held_too(
    hold: Target | None, reject: Target | None, profile: str
) -> None:
    document = Document(profile=profile, thresholds={"spam": Override(hold, reject)})
    found = resolve(document, Stepped())["spam"]  # type: ignore[arg-type]
    assert found.reject is None or found.hold <= found.reject <= 1
    if hold is not None:
        assert found.hold == (hold.value if hold.kind == "score" else 2.0)
    elif reject is not None:
        assert found.reject == (reject.value if reject.kind == "score" else None)
    else:
        assert found == Stepped().profiles[profile]["spam"]
