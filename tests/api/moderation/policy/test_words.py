"""Word rules: what is found, where, in which field, and what is made of it."""

from typing import Any

import pytest

from api.moderation.policy import words
from api.moderation.policy.document import Rule
from api.moderation.policy.inforce import Policy
from api.moderation.policy.lexicon import MOST_PLACES, MOST_PLACES_OF_ALL, MOST_REPLACED
from api.moderation.policy.matches import Match
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.replacing import publish
from api.moderation.policy.subject import Draft, Subject
from tests.factories import START

STRUCK = "v\u0336i\u0336a\u0336g\u0336r\u0336a\u0336"


def find(text: str, *rules: dict[str, Any], html: bool = False, **author: str) -> list[Match]:
    policy = Policy(load_document({"rules": [{"do": "hold", **rule} for rule in rules]}))
    draft = Draft(text, {"id": "a-17"}, html=html, author=author)
    return words.find(policy, Subject(draft, START))


def places(text: str, **rule: Any) -> list[str]:
    """What stands in the text where the rule is found."""
    found = find(text, rule)
    return [span["text"] for match in found for span in match.reason["spans"]]


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("casino", "The casino is open.", ["casino"]),
        ("casino", "CASINO, Casino!", ["CASINO", "Casino"]),
        ("casino", "casinos and a microcasino", []),
        ("casino", "_casino_ *casino* (casino) casino's", ["casino"] * 4),
        ("casino", "best-casino.example", ["casino"]),
        ("casino", "", []),
        (" casino ", "casino", ["casino"]),
        ("ass", "class assassin ass", ["ass"]),
        ("free money", "Free   money, free\n\tmoney", ["Free   money", "free\n\tmoney"]),
        ("free money", "free\u00a0money", ["free\u00a0money"]),
        ("free  money", "free money", ["free money"]),
        ("free money", "free, money; freemoney; money free", []),
        ("a b a", "a b a b a", ["a b a"]),
        ("straße", "STRASSE und Straße", ["STRASSE", "Straße"]),
        ("ΣΊΣΥΦΟΣ", "ο σίσυφος", ["σίσυφος"]),
        ("İstanbul", "İSTANBUL", ["İSTANBUL"]),
        ("café", "un cafe\u0301 noir", ["cafe\u0301"]),
        ("cafe\u0301", "un café noir", ["café"]),
        ("хуйло", "Хуйло!", ["Хуйло"]),
        ("дом", "домашний", []),
        ("हिन्दी", "यह हिन्दी है", ["हिन्दी"]),
        ("हिन्द", "यह हिन्दी है", []),
        ("c++", "I write C++ and c++11", ["C++", "c++"]),
        (".net", "asp.net", [".net"]),
        ("a.b", "a.b xa.b a.bx", ["a.b"]),
        ("don't", "Don't you", ["Don't"]),
        ("$$$", "win $$$$$$ now", ["$$$", "$$$"]),
        ("! !", "a !\n! b", ["!\n!"]),
        ("🖕", "you 🖕🏽", ["🖕"]),
        ("操你", "我操你妈的", ["操你"]),
        ("加qq群", "请加QQ群聊", ["加QQ群"]),
        ("qq", "请加QQ群聊", ["QQ"]),
        ("ばか", "おまえはばかだ", ["ばか"]),
        ("が", "か\u3099", ["か\u3099"]),
        ("ถูก", "ราคาถูกมาก", ["ถูก"]),
        ("바보", "이 바보 야", ["바보"]),
        ("바보", "바보야", []),
    ],
)
def test_a_word_is_found_as_a_whole(word: str, text: str, found: list[str]) -> None:
    assert places(text, word=word) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("buy v1agra", ["v1agra"]),
        ("V.I.A.G.R.A cheap", ["V.I.A.G.R.A"]),
        ("v i a g r a", ["v i a g r a"]),
        ("viiiagra", ["viiiagra"]),
        ("viagraaaa now", ["viagraaaa"]),
        ("viаgrа", ["viаgrа"]),
        ("ｖｉａｇｒａ", ["ｖｉａｇｒａ"]),
        ("𝓿𝓲𝓪𝓰𝓻𝓪 👍", ["𝓿𝓲𝓪𝓰𝓻𝓪"]),
        ("ɐɹƃɐᴉʌ ʎnq", ["ɐɹƃɐᴉʌ"]),
        (
            "v\u0336i\u0336a\u0336g\u0336r\u0336a\u0336 x",
            ["v\u0336i\u0336a\u0336g\u0336r\u0336a\u0336"],
        ),
        ("a vi\u200bagra b", ["vi\u200bagra"]),
        ("👩‍👩‍👧 e\u0301 vi\u00adagra", ["vi\u00adagra"]),
        ("viagra and v1agra", ["viagra", "v1agra"]),
    ],
)
def test_a_disguised_word_is_found_and_its_place_is_of_the_raw_text(
    text: str, found: list[str]
) -> None:
    [match] = find(text, {"word": "viagra"})

    spans = match.reason["spans"]
    assert [text[span["start"] : span["end"]] for span in spans] == found
    assert [span["text"] for span in spans] == found
    assert {span["weight"] for span in spans} == {1.0}


@pytest.mark.parametrize(
    ("wildcard", "text", "found"),
    [
        ("viagr*", "viagra viagras viagr xviagra", ["viagra", "viagras", "viagr"]),
        ("*coin", "Bitcoin, coin, coins", ["Bitcoin", "coin"]),
        ("*casino*", "my microcasinos and casino", ["microcasinos", "casino"]),
        ("c?t", "cat cut coat ct c.t", ["cat", "cut"]),
        ("c*t", "cat coat ct c-t cart's", ["cat", "coat", "ct", "cart"]),
        ("a*b*c", "abc axbxc acb axbxcx aabbccbc", ["abc", "axbxc", "aabbccbc"]),
        ("a**b", "axb", ["axb"]),
        ("buy * now", "buy cheap now; buy it, now; buy now", ["buy cheap now"]),
        ("? b", "a b; ab b", ["a b"]),
        ("p?rn", "PÖRN", ["PÖRN"]),
        ("p?rn", "po\u0308rn", ["po\u0308rn"]),
        ("*.example", "www.casino.example", ["casino.example"]),
        ("*操*妈*", "我操了妈的", ["操了妈"]),
        ("操?妈", "操了妈 操妈", ["操了妈"]),
        ("操*", "我操了", ["操"]),
        ("*é", "cafe\u0301", ["cafe\u0301"]),
        ("x*", "(x)", ["x"]),
        ("a+*", "a+b a", ["a+b"]),
    ],
)
def test_a_wildcard_stands_for_letters_within_a_word(
    wildcard: str, text: str, found: list[str]
) -> None:
    assert places(text, wildcard=wildcard) == found


@pytest.mark.parametrize(
    ("regex", "text", "found"),
    [
        (r"\d{3}-\d{4}", "ünï 555-1234 🖕 555-9999", ["555-1234", "555-9999"]),
        ("viagra", "xVIAGRAx", ["VIAGRA"]),
        ("(?-i)viagra", "VIAGRA viagra", ["viagra"]),
        ("^casino", "casino casino", ["casino"]),
        ("ö", "Ö", ["Ö"]),
        ("(?P<a>x)y", "xy", ["xy"]),
        (r"\Qa.b", "a.b axb", ["a.b"]),
        ("a|b", "cab", ["a", "b"]),
        ("x*", "axxb", ["xx"]),
        ("x*", "éКxx🖕x", ["xx", "x"]),
    ],
)
def test_an_expression_means_what_it_says(regex: str, text: str, found: list[str]) -> None:
    assert places(text, regex=regex) == found


def test_an_expression_that_finds_an_empty_string_is_found_nowhere_in_particular() -> None:
    [match] = find("anything", {"regex": "^"})

    assert match.reason["spans"] == []


def test_expressions_do_not_disturb_each_other() -> None:
    regexes = ["(?P<n>a)", "(?P<n>b)", r"\Qc", "d", r"\Qe\E", "(?i)f|g"]

    found = find("d", *({"regex": one} for one in regexes))

    assert [match.reason["rule"] for match in found] == ["rule:regex:d"]


@pytest.mark.parametrize("kind", ["word", "wildcard", "regex"])
def test_capitals_matter_where_they_are_said_to(kind: str) -> None:
    assert places("Turkey turkey TURKEY", **{kind: "Turkey", "case": True}) == ["Turkey"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Best Cas1no"),
        ("name", "CASINO"),
        ("email", "x@casino.example"),
        ("url", "https://casino.example/"),
    ],
)
def test_a_rule_looks_where_it_is_told_to(field: str, value: str) -> None:
    [match] = find("A fine day.", {"word": "casino", "in": [field]}, **{field: value})

    assert match.reason["spans"] == []
    assert find("A fine day.", {"word": "casino"}, **{field: value}) == []
    assert find("casino", {"word": "casino", "in": [field]}) == []


def test_a_rule_of_several_fields_is_found_once() -> None:
    rule = {"word": "casino", "in": ["name", "text"]}

    [match] = find("My casino", rule, name="casino")

    assert [span["start"] for span in match.reason["spans"]] == [3]


def test_a_place_in_html_is_a_place_of_what_was_sent() -> None:
    html = "<p class='casino'>My <b>casi</b>no &amp; your casino</p>"

    [match] = find(html, {"word": "casino"}, html=True)

    starts = [span["start"] for span in match.reason["spans"]]
    assert starts == [html.index("casi<"), html.index("your casino") + 5]
    assert publish(html, True, [{**match.reason, "replacement": "***"}]) == (
        "<p class='casino'>My <b>***</b> &amp; your ***</p>"
    )


@pytest.mark.parametrize("do", ["reject", "hold", "flag", "approve"])
def test_a_match_asks_for_what_the_rule_says(do: str) -> None:
    [match] = find("A casino", {"word": "casino", "do": do})

    assert (match.check, match.action) == ("rules", do)
    assert match.reason["code"] == "word_rule"
    assert match.reason["rule"] == "rule:word:casino"
    assert "casino" not in match.reason["message"]
    assert "replacement" not in match.reason


def test_a_reason_names_the_rule_or_says_what_the_site_wants_said() -> None:
    named = {"word": "casino", "name": "gambling"}
    spoken = {"word": "open", "message": "We do not talk of open things."}

    first, second = find("An open casino", named, spoken)

    assert first.reason["message"] == "The text matches the site's rule “gambling”."
    assert first.reason["rule"] == "rule:gambling"
    assert second.reason["message"] == "We do not talk of open things."


def test_matches_come_in_the_order_of_the_document() -> None:
    rules = [{"regex": "x1"}, {"word": "x2"}, {"wildcard": "x3*"}, {"word": "x0", "case": True}]

    found = find("x0 x1 x2 x3", *rules)

    keys = ["regex:x1", "word:x2", "wildcard:x3*", "word:x0"]
    assert [match.reason["rule"] for match in found] == [f"rule:{key}" for key in keys]


def test_a_rule_that_replaces_only_says_so() -> None:
    [match] = find("A casino", {"word": "casino", "do": "replace", "with": "***"})

    assert match.action == "flag"
    assert match.reason["replacement"] == "***"
    assert "replacement" not in match.as_flag("Staff may.").reason


def test_observing_replaces_nothing() -> None:
    rule = {"word": "casino", "do": "replace", "with": "***"}
    policy = Policy(load_document({"profile": "observe", "rules": [rule]}))

    [match] = words.find(policy, Subject(Draft("A casino", {"id": "a"}), START))

    assert "replacement" not in match.reason


def test_some_places_of_a_rule_are_shown() -> None:
    [match] = find("x " * (MOST_PLACES + 5), {"word": "x"})

    assert len(match.reason["spans"]) == MOST_PLACES


def test_a_text_with_more_than_is_replaced_is_held() -> None:
    rule = {"word": "x", "do": "replace"}

    [all_of_it] = find("x " * MOST_REPLACED, rule)
    [too_much] = find("x " * (MOST_REPLACED + 1), rule)

    assert (all_of_it.action, too_much.action) == ("flag", "hold")
    assert len(all_of_it.reason["spans"]) == MOST_REPLACED


def test_many_rules_share_what_is_shown_of_a_text() -> None:
    rules = [{"word": "x", "name": f"n{n}", "do": "replace"} for n in range(6)]

    found = find("x " * MOST_REPLACED, *rules)

    assert len(found) == 6
    assert sum(len(match.reason["spans"]) for match in found) == MOST_PLACES_OF_ALL
    assert [match.action for match in found] == ["flag"] * 4 + ["hold"] * 2


def test_a_policy_without_rules_says_nothing() -> None:
    assert find("A casino") == []


def test_every_key_is_one_that_can_be_kept() -> None:
    longest = [Rule(kind, "x" * 200, "hold").key for kind in ("word", "wildcard", "regex")]

    assert max(map(len, longest)) <= 250
