"""Passages that a score hangs on, of a model that can only be asked."""

from collections.abc import Sequence

import pytest

from classifier.occlusion import occlude


class Counting:
    """Log-odds of a text: what its words are worth, until so many texts were asked about."""

    def __init__(self, worth: dict[str, float], most: int = 10_000) -> None:
        self.worth, self.most, self.asked = worth, most, 0

    def __call__(self, texts: Sequence[str]) -> list[float]:
        found = []
        for text in texts:
            self.asked += 1
            late = self.asked > self.most
            words = text.lower().split()
            found.append(
                float("nan") if late else sum(self.worth.get(w.strip(".,!"), 0.0) for w in words)
            )
        return found


def words_of(text: str, measure: Counting, limit: int = 5) -> list[str]:
    return [text[span.start : span.end] for span in occlude(text, measure, limit)]


def test_the_heaviest_word_comes_first() -> None:
    text = "You are an idiot, and a liar too."
    measure = Counting({"idiot": 5.0, "liar": 2.0, "you": 0.1})
    assert words_of(text, measure) == ["idiot", "liar"]
    assert [span.weight for span in occlude(text, measure, 5)] == pytest.approx([5.0, 2.0])


def test_what_lowers_a_score_is_no_passage() -> None:
    assert words_of("thanks you idiot", Counting({"idiot": 3.0, "thanks": -2.0})) == ["idiot"]


def test_a_long_text_is_looked_at_in_pieces_that_are_taken_apart() -> None:
    text = "word " * 300 + "idiot " + "word " * 300
    measure = Counting({"idiot": 5.0})
    [span] = occlude(text, measure, 5)
    passage = text[span.start : span.end].split()
    assert "idiot" in passage
    assert len(passage) < 10
    assert measure.asked < 40


def test_neighbours_are_one_passage() -> None:
    assert words_of("such complete idiots here", Counting({"complete": 3.0, "idiots": 3.0})) == [
        "complete idiots"
    ]


@pytest.mark.parametrize("text", ["", "  \n", "\u200b"])
def test_of_nothing_there_is_nothing(text: str) -> None:
    assert occlude(text, Counting({}), 5) == []


def test_no_more_than_were_asked_for() -> None:
    worth = {name: 1.0 + at for at, name in enumerate("abcdefgh")}
    text = " - ".join(worth)
    assert len(occlude(text, Counting(worth), 3)) == 3
    assert occlude(text, Counting(worth), 0) == []


@pytest.mark.parametrize("most", [0, 1, 2, 5, 13, 20])
def test_without_time_there_are_fewer_passages_and_no_error(most: int) -> None:
    text = " ".join(f"w{number}" for number in range(60)) + " idiot"
    for span in occlude(text, Counting({"idiot": 5.0, "w3": 2.0}, most), 5):
        assert span.weight > 0
        assert 0 <= span.start < span.end <= len(text)
