"""What `Model.score` promises, through the public names only."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import classifier
from classifier import LABELS, Model, Submission

ANY_TEXT = st.text(st.characters(), max_size=300)

CLEAN = [
    "Thanks for the article, I learned a lot about bridges.",
    "I disagree with the mayor, the plan costs too much.",
    "We moved here in 2011 and the park has got better every year.",
    "Does anyone know whether the shop is open on Sunday?",
    "My grandmother made this soup with barley instead of rice.",
]
SPAM = [
    "Check out my channel and subscribe, I post new videos every day!!!",
    "Make $500 a day working from home, visit http://money.example now",
    "FREE gift card, click here http://win.example/gift and claim your prize now",
]
ABUSE = [
    "You are a stupid idiot and nobody likes you",
    "Shut up, you pathetic moron",
    "What a disgusting piece of trash you are, loser",
]

# No shouting, which counts, and no signs: a capital after a full stop begins a sentence.
CASED_WORDS = st.builds(
    lambda word, case: case(word),
    st.sampled_from(
        sorted({word for text in CLEAN + SPAM + ABUSE for word in text.split() if word.isalpha()})
    ),
    st.sampled_from((str.lower, str.title)),
)


def column(model: Model, texts: list[str], label: str) -> list[float]:
    return [float(scores[LABELS.index(label)]) for scores in model.score(texts)]


def test_exposes_exactly_the_public_names() -> None:
    assert sorted(classifier.__all__) == [
        "AdaptedModel",
        "Adapter",
        "Contribution",
        "LABELS",
        "LEARNED",
        "Language",
        "Measured",
        "Model",
        "ModelError",
        "NEVER",
        "Normalised",
        "PROFILES",
        "Signal",
        "Span",
        "Submission",
        "Threshold",
        "detect_language",
        "find_new",
        "load",
        "normalise",
        "restore_adapter",
    ]
    assert LABELS == (
        "spam",
        "toxicity",
        "severe_toxicity",
        "profanity",
        "threat",
        "insult",
        "identity_attack",
    )


def test_shape_type_and_range(model: Model) -> None:
    scores = model.score(CLEAN)
    assert scores.shape == (len(CLEAN), 7)
    assert scores.dtype == np.float64
    assert ((scores >= 0) & (scores <= 1)).all()


def test_nothing_in_nothing_out(model: Model) -> None:
    assert model.score([]).shape == (0, 7)


def test_abuse_scores_above_clean_comments(model: Model) -> None:
    for label in ("toxicity", "insult"):
        assert min(column(model, ABUSE, label)) > max(column(model, CLEAN + SPAM, label))


def test_spam_scores_above_clean_comments(model: Model) -> None:
    assert min(column(model, SPAM, "spam")) > max(column(model, CLEAN + ABUSE, "spam"))


def test_threat_is_told_from_insult(model: Model) -> None:
    threat, insult = column(model, ["I will find you and kill you", ABUSE[0]], "threat")
    assert threat > 0.5 > insult


def test_thresholds_approve_clean_and_hold_the_rest(model: Model) -> None:
    limits = np.array([model.thresholds[label].hold for label in LABELS])
    assert not (model.score(CLEAN) >= limits).any()
    assert (model.score(SPAM + ABUSE) >= limits).any(axis=1).all()


@settings(deadline=None)
@given(texts=st.lists(ANY_TEXT, max_size=6))
def test_alone_or_in_a_batch_makes_no_difference(model: Model, texts: list[str]) -> None:
    batch = model.score(texts)
    for row, text in enumerate(texts):
        np.testing.assert_array_equal(batch[row], model.score([text])[0])


@settings(deadline=None)
@given(text=ANY_TEXT, name=ANY_TEXT, url=ANY_TEXT, email=ANY_TEXT)
def test_any_submission_is_scored(model: Model, text: str, name: str, url: str, email: str) -> None:
    item = Submission(text, name, url, email, honeypot=name, elapsed_ms=5, site_language="de")
    assert np.isfinite(model.score([item, text])).all()
    assert np.isfinite([one.weight for one in model.contributions(item, "spam")]).all()


def test_a_bare_text_is_a_submission_without_a_writer(model: Model) -> None:
    for text in CLEAN + SPAM + ABUSE:
        np.testing.assert_array_equal(model.score([text]), model.score([Submission(text)]))


def test_what_the_writer_gives_away_counts_for_spam_only(model: Model) -> None:
    writer = {"author_name": "Cheap Nike Shoes Outlet", "author_url": "http://cheap-shoes.example"}
    plain, signed = model.score([CLEAN[0], Submission(CLEAN[0], honeypot="x", **writer)])
    assert signed[0] > plain[0]
    np.testing.assert_array_equal(signed[1:], plain[1:])


def test_a_disguise_is_seen_through_and_condemns_nobody(model: Model) -> None:
    insult = LABELS.index("insult")
    limit = model.thresholds["insult"].hold
    plain, hidden = model.score(["You are an idiot", "You are an i.d.i.o.t"])[:, insult]
    assert min(plain, hidden) >= limit
    clean = ["I met a dear friend", "I met a d.e.a.r friend"]
    assert (model.score(clean)[:, insult] < limit).all()


@settings(deadline=None)
@given(words=st.lists(CASED_WORDS, min_size=1, max_size=30))
def test_the_case_of_words_does_not_matter(model: Model, words: list[str]) -> None:
    text = " ".join(words)
    np.testing.assert_array_equal(model.score([text.lower()]), model.score([text]))


@pytest.mark.parametrize("text", ["000O0001", "you iDIooOoOt", "sOoOo coOl"])
def test_letters_drawn_out_in_any_case_are_cut(model: Model, text: str) -> None:
    np.testing.assert_array_equal(model.score([text.lower()]), model.score([text]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "\udfff\ud800 idiot",
        "\U0010ffff",
        "a" * 20_000,
        "💩" * 20_000,
        " \n\t" * 7_000,
        "\u0301" * 20_000,
        "\u202eidiot\u202c" * 2_000,
        "İstanbul ŒUVRE ﬁne ẞ ΌΣΟΣ",
        "x y " * 5_000,
        "".join(chr(code) for code in range(0x20, 0x3000)),
    ],
    ids=range(14),
)
def test_hostile_text_has_finite_scores_and_spans_inside_it(model: Model, text: str) -> None:
    scores = model.score([text])
    assert np.isfinite(scores).all()
    for label in LABELS:
        assert all(0 <= s.start < s.end <= len(text) for s in model.explain(text, label))


def test_threads_agree(model: Model) -> None:
    texts = (CLEAN + SPAM + ABUSE) * 10
    expected = model.score(texts)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(model.score, [texts] * 12):
            np.testing.assert_array_equal(scores, expected)
