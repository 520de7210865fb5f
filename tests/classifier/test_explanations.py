"""Spans point at the raw text, whatever stands before or inside them."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import LABELS, Model, Span, Submission


def passages(text: str, spans: list[Span]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    "before",
    [
        "",
        "I think ",
        "👩\u200d👩\u200d👧\u200d👦 ",
        "cafe\u0301 ",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ",
        "sooooooo      ",
        "\n\n\t\t\n",
        "İİİİ ",
        "\ud83d ",
        "\u202e",
        "很好 ",
    ],
)
def test_the_offending_word_is_found_behind_anything(model: Model, before: str) -> None:
    text = f"{before}you are an idiot, and that is the truth"
    best = passages(text, model.explain(text, "insult"))[0]
    assert "idiot" in best
    assert best == best.strip()
    assert "truth" not in best


def test_the_longest_run_of_a_letter_stays_whole(model: Model) -> None:
    text = "what an idiottttttt, really"
    assert passages(text, model.explain(text, "insult"))[0].endswith("idiottttttt")


def test_punctuation_around_a_word_is_left_out(model: Model) -> None:
    text = '("idiot!!") said nobody'
    assert passages(text, model.explain(text, "insult"))[0] == "idiot"


def test_a_link_is_one_passage(model: Model) -> None:
    text = "so nice, visit http://cheap-pills.example/buy?x=1 today and subscribe"
    assert any(
        "http://cheap-pills.example/buy?x=1" in passage
        for passage in passages(text, model.explain(text, "spam", limit=10))
    )


def test_limit_and_order(model: Model) -> None:
    text = "You stupid idiot. You moron. What a pathetic loser, so dumb, such an ugly liar."
    spans = model.explain(text, "insult", limit=3)
    assert len(spans) == 3
    assert [s.weight for s in spans] == sorted((s.weight for s in spans), reverse=True)
    assert spans == model.explain(text, "insult", limit=20)[:3]
    assert model.explain(text, "insult", limit=0) == []


def test_unknown_label_is_refused_by_name(model: Model) -> None:
    with pytest.raises(ValueError, match="no label 'politeness'"):
        model.explain("text", "politeness")


ITEMS = [
    "",
    "   ",
    "x",
    "I read it and you are an idiot",
    "v1agra and c.a.s.i.n.o at http://cheap-pills.example now",
    "<b>Buy</b> at hxxp://bit[.]ly/x  \n\n  FREE  gift  card",
    Submission("Nice post", "Cheap Shoes Online", "http://cheap-shoes.example/a", honeypot="x"),
]


@pytest.mark.parametrize("item", ITEMS, ids=range(len(ITEMS)))
@pytest.mark.parametrize("label", LABELS)
def test_contributions_add_up_to_the_log_odds(
    model: Model, item: str | Submission, label: str
) -> None:
    pieces = model.contributions(item, label)
    odds = model.log_odds([item])[0, LABELS.index(label)]
    assert sum(piece.weight for piece in pieces) == pytest.approx(odds, abs=1e-9)
    assert pieces[0].name == "bias"


def test_signals_are_named_with_a_sentence(model: Model) -> None:
    pieces = {piece.name: piece for piece in model.contributions(ITEMS[-1], "spam")}
    assert pieces["honeypot"].weight > 0
    assert pieces["honeypot"].message.endswith(".")
    assert "honeypot" not in {p.name for p in model.contributions(ITEMS[-1], "insult")}


@settings(deadline=None, max_examples=50)
@given(text=st.text(st.characters(), max_size=120), label=st.sampled_from(LABELS))
def test_any_contributions_add_up(model: Model, text: str, label: str) -> None:
    pieces = model.contributions(text, label)
    odds = model.log_odds([text])[0, LABELS.index(label)]
    assert sum(piece.weight for piece in pieces) == pytest.approx(odds, abs=1e-9)
    assert all(0 <= a < b <= len(text) for piece in pieces for a, b in piece.spans)


def test_the_smallest_change_is_enough_and_needed(model: Model) -> None:
    text = "You are an idiot and a moron, but the bridge is nice, and thank you for the map"
    limit = model.thresholds["insult"].hold
    column = LABELS.index("insult")
    spans = model.smallest_change(text, "insult", limit)
    assert spans

    def without(gone: list[Span]) -> float:
        rest = text
        for span in sorted(gone, key=lambda one: -one.start):
            rest = rest[: span.start] + rest[span.end :]
        return float(model.score([rest])[0, column])

    assert without(spans) < limit
    assert all(without([s for s in spans if s is not one]) >= limit for one in spans)


def test_no_change_where_none_is_needed_or_none_helps(model: Model) -> None:
    assert model.smallest_change("Thank you for the map", "insult", 0.5) == []
    assert model.smallest_change("You idiot", "insult", 0.0) is None


def test_removing_the_heaviest_span_lowers_the_score(model: Model) -> None:
    text = "I read it twice and you are an idiot for writing such things about the town"
    (span, *_) = model.explain(text, "insult")
    column = LABELS.index("insult")
    before, after = model.score([text, text[: span.start] + text[span.end :]])[:, column]
    assert after < before


@settings(deadline=None)
@given(
    text=st.text(st.characters(), max_size=200) | st.text("idot 🤡\u0301.!", max_size=80),
    label=st.sampled_from(LABELS),
)
def test_spans_are_inside_apart_and_positive(model: Model, text: str, label: str) -> None:
    spans = sorted(model.explain(text, label, limit=100), key=lambda span: span.start)
    assert all(span.weight > 0 for span in spans)
    assert all(text[span.start : span.end].strip() for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
