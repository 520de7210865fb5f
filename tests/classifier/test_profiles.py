"""What a model file says of profiles and targets, and what holds where it says nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from classifier import LABELS, NEVER, PROFILES, Model, ModelError, load, modelfile
from classifier.model import SHIPPED


def changed(tmp_path: Path, **facts: Any) -> Path:
    """The shipped model with other facts in its manifest; None takes one away."""
    arrays, manifest = modelfile.read(SHIPPED)
    kept = {name: one for name, one in (manifest | facts).items() if one is not None}
    modelfile.write(tmp_path / "model.safetensors", arrays, kept)
    return tmp_path / "model.safetensors"


def test_balanced_is_what_the_model_was_shipped_with(model: Model) -> None:
    assert model.version == "linear-2026.11-f6614435"
    assert model.profiles["balanced"] == model.thresholds
    shipped = {
        "spam": (0.481, 0.9937),
        "toxicity": (0.866, 0.98),
        "severe_toxicity": (0.25, None),
        "profanity": (0.721, 0.9995),
        "threat": (0.25, None),
        "insult": (0.73, 0.9992),
        "identity_attack": (0.25, None),
    }
    found = {label: (one.hold, one.reject) for label, one in model.thresholds.items()}
    assert found == shipped


@pytest.mark.parametrize(("laxer", "stricter"), [("relaxed", "balanced"), ("balanced", "strict")])
def test_profiles_are_ordered(model: Model, laxer: str, stricter: str) -> None:
    pairs = [(model.profiles[laxer][one], model.profiles[stricter][one]) for one in LABELS]
    assert all(lax.hold >= strict.hold for lax, strict in pairs)
    assert all((lax.reject or NEVER) >= (strict.reject or NEVER) for lax, strict in pairs)
    assert any(lax.hold > strict.hold for lax, strict in pairs)
    assert any((lax.reject or NEVER) > (strict.reject or NEVER) for lax, strict in pairs)
    assert all(lax.reject is None or lax.hold <= lax.reject for lax, _ in pairs)


def test_profiles_cannot_be_changed_by_their_users(model: Model) -> None:
    with pytest.raises(TypeError):
        model.profiles["strict"]["spam"] = model.thresholds["spam"]  # type: ignore[index]


@pytest.mark.parametrize("label", LABELS)
def test_a_higher_target_is_at_no_lower_score(model: Model, label: str) -> None:
    sure = [model.find_threshold(label, "precision", one) for one in (0.3, 0.6, 0.9, 0.99)]
    rare = [model.find_threshold(label, "share", one) for one in (0.1, 0.02, 0.005, 0.0005)]
    assert None not in sure + rare
    assert sure == sorted(sure, key=float)  # type: ignore[arg-type]
    assert rare == sorted(rare, key=float)  # type: ignore[arg-type]
    assert len(set(rare)) == 4


def test_targets_of_the_shipped_model(model: Model) -> None:
    found = model.find_threshold("toxicity", "precision", 0.95)
    # The profiles hold at 94 % and reject at 98 %.
    assert found is not None
    assert model.thresholds["toxicity"].hold < found < model.thresholds["toxicity"].reject  # type: ignore[operator]
    assert model.find_threshold("threat", "precision", 0.99) == NEVER


@pytest.mark.parametrize(("label", "kind"), [("rudeness", "share"), ("spam", "recall")])
def test_unknown_questions(model: Model, label: str, kind: str) -> None:
    with pytest.raises(ValueError, match="There is no"):
        model.find_threshold(label, kind, 0.5)


def test_a_model_from_before_there_were_profiles(tmp_path: Path) -> None:
    model = load(changed(tmp_path, profiles=None, profiles_ordinary=None, curves=None))
    assert set(model.profiles) == set(PROFILES)
    assert all(one == model.thresholds for one in model.profiles.values())
    assert model.find_threshold("spam", "precision", 0.9) is None
    assert model.find_threshold("spam", "share", 0.01) is None


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"profiles": {"relaxed": {}}}, "thresholds"),
        ({"profiles": {}}, "profiles"),
        ({"profiles": 3}, "profiles"),
        ({"curves": {}}, "curves"),
        ({"curves": {"spam": 3}}, "curves"),
        ({"curves": [1]}, "curves"),
    ],
)
def test_damaged_parts_are_a_sentence(tmp_path: Path, facts: dict[str, Any], says: str) -> None:
    with pytest.raises(ModelError, match=f"no usable {says}"):
        load(changed(tmp_path, **facts))


def test_the_card_is_that_of_the_shipped_model(model: Model) -> None:
    card = Path("docs/model-card.md").read_text(encoding="utf-8")
    for name, by_set in model.manifest["profiles_ordinary"].items():
        for which, one in by_set.items():
            line = f"| {name} | {which} | {one['comments']:,} | "
            assert f"{line}{one['held_or_rejected_for_abuse']:.2%} | " in card
    assert json.dumps(model.manifest["profiles"]["balanced"]) == json.dumps(
        model.manifest["thresholds"]
    )
