"""Markup is blanked without moving a character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.moderation.markup import blank_markup

PIECES = st.sampled_from(
    [
        *("<b>", "</b>", "<a href='", "https://x.example", "'>", "</a>", "<img src=x ", ">", "<"),
        *("<![", "<!", "<!?", "<![if x]>"),
        *("<script>", "</script>", "<style>", "</style", "<!--", "-->", "<![CDATA[", "]]>", "<?"),
        *("<!DOCTYPE html", "&amp;", "&#65;", "&#x41", "&#", "&", "&nope;", "&lt", ";", "</", "/>"),
        *("\n", "\r\n", "\t", "\x00", " ", "é", "e\u0301", "😀", "\u202e", "\ufeff", "word", '"'),
        *("<textarea>", "<title>", "<plaintext>", "<svg/onload=", "<a\nhref\n=\n", "<A HREF=x>"),
    ]
)
HTML = st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join)


@given(HTML)
def test_it_never_raises_and_keeps_every_place(html: str) -> None:
    blanked = blank_markup(html)

    assert len(blanked) == len(html)
    assert [i for i, c in enumerate(html) if c == "\n"] == [
        i for i, c in enumerate(blanked) if c == "\n"
    ]


@given(st.text())
def test_text_without_markup_stays_as_it_is(text: str) -> None:
    plain = text.replace("<", "").replace("&", "")

    assert blank_markup(plain) == plain


@pytest.mark.parametrize(
    ("html", "blanked"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a <b>fat</b> cat", "a    fat     cat"),
        ("<p>one</p>\n<p>two</p>", "   one    \n   two    "),
        ("<script>alert(1)</script>x", "                         x"),
        ("<style>b{}</style>x", "                  x"),
        ("<!-- hidden -->x", "               x"),
        ("<a href='http://x.example'>y</a>", "         http://x.example  y    "),
        ('<IMG SRC="http://x.example/">', "          http://x.example/  "),
        ("a &amp; b", "a &     b"),
        ("&#65;BC", "A    BC"),
        ("&#x41;BC", "A     BC"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("&pills; now", "&pills  now"),
        ("&amppills;", "&amppills "),
        ("&pills now", "&pills now"),
        ("a&#8203;b", "a       b"),
    ],
)
def test_tags_are_blanked_and_what_is_read_stays(html: str, blanked: str) -> None:
    assert blank_markup(html) == blanked


@pytest.mark.parametrize(
    "piece", ["<", "<a ", "<a x=", "<a '", '<a "', "<a b='", "<!--", "<![", "&", "&#", "</", "\n<"]
)
@pytest.mark.parametrize("end", ["", ">", "'>"])
def test_the_longest_comment_of_nothing_but_brackets_is_read(piece: str, end: str) -> None:
    html = (piece * 20_000)[: 20_000 - len(end)] + end

    assert len(blank_markup(html)) == len(html)


def test_a_tag_that_is_never_closed_hides_nothing() -> None:
    assert "buy pills" in blank_markup("Hello <b>you</b> <a buy pills")
    assert "buy pills" in blank_markup("Hello <![ x > buy pills")
