"""The picture of a comparison."""

from xml.etree import ElementTree as ET

from api.comparing.curves import find_curve
from api.comparing.drawing import draw
from api.comparing.findings import find
from api.comparing.pairing import Gathered, Pairs
from api.comparing.telling import Comparison

SVG = "{http://www.w3.org/2000/svg}"


def picture(model: str = "words-1", **pairs: Pairs) -> ET.Element:
    gathered = Gathered(pairs=pairs)
    found = Comparison(model, gathered, [find(one, pairs[one], [0.5, 0.9]) for one in pairs], {})
    return ET.fromstring(draw(found, {one: find_curve(pairs[one], [0.5]) for one in pairs}))


def pair(many: int) -> Pairs:
    pairs = Pairs("toxicity")
    for n in range(many):
        pairs.add((n / many) ** 2, n / many, n)
    return pairs


def words(drawn: ET.Element) -> str:
    return " ".join("".join(one.itertext()) for one in drawn.iter(f"{SVG}text"))


def test_each_attribute_has_a_panel_with_its_thresholds() -> None:
    drawn = picture(TOXICITY=pair(200), SPAM=pair(200))

    assert "TOXICITY 200 comments, rank correlation 1.00" in words(drawn)
    assert "SPAM 200 comments" in words(drawn)
    titles = [one.text for one in drawn.iter(f"{SVG}title")]
    assert titles == [
        "0.5 of theirs is 0.25 of ours",
        "0.9 of theirs is 0.81 of ours",
        "0.5 of theirs is 0.25 of ours",
        "0.9 of theirs is 0.81 of ours",
    ]
    assert len(drawn.findall(f"./{SVG}g/{SVG}path[@class='curve']")) == 2 + 1


def test_where_too_few_say_something_nothing_is_marked() -> None:
    drawn = picture(TOXICITY=pair(12))

    assert "12 comments" in words(drawn)
    assert list(drawn.iter(f"{SVG}title")) == []


def test_it_is_read_by_screen_readers_and_in_the_dark() -> None:
    drawn = picture('a"<&b', TOXICITY=pair(50))

    assert drawn.get("role") == "img"
    assert drawn.get("aria-label") == "Perspective's scores beside those of a\"<&b: TOXICITY"
    assert "prefers-color-scheme: dark" in "".join(drawn.find(f"{SVG}style").itertext())  # type: ignore[union-attr]


def test_many_comments_make_no_larger_picture() -> None:
    sizes = [len(ET.tostring(picture(TOXICITY=pair(many)))) for many in (1000, 50_000)]

    assert sizes[1] < 1.5 * sizes[0]
