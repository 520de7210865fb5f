"""Form tokens: what they say, and that nobody else can make or change one."""

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.moderation.derivation import derive
from api.moderation.policy import tokens
from tests.factories import START

SECRET = "s" * 32
NONCE = bytes(range(16))


def write(secret: str = SECRET, site: int = 1, article: str = "a-17") -> str:
    return tokens.write(secret, site, article, START, NONCE)


def test_a_token_says_when_and_where_it_was_made() -> None:
    token = tokens.read(SECRET, 1, write())

    assert token is not None
    assert (token.site, token.issued_at, token.nonce) == (1, START, NONCE.hex())
    assert token.is_for("a-17")
    assert not token.is_for("a-18")


def test_time_is_kept_to_the_millisecond() -> None:
    moment = START + timedelta(milliseconds=1, microseconds=999)

    token = tokens.read(SECRET, 1, tokens.write(SECRET, 1, "a", moment, NONCE))

    assert token is not None
    assert token.issued_at == START + timedelta(milliseconds=1)


@given(
    site=st.integers(1, 2**62),
    article=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256),
    nonce=st.binary(min_size=16, max_size=16),
)
def test_whatever_is_written_can_be_read(site: int, article: str, nonce: bytes) -> None:
    token = tokens.read(SECRET, site, tokens.write(SECRET, site, article, START, nonce))

    assert token is not None
    assert token.is_for(article)
    assert token.nonce == nonce.hex()


@given(place=st.integers(0, 107), letter=st.sampled_from("AQgwBx-_09+/= .é"))
def test_one_character_changed_is_no_token(place: int, letter: str) -> None:
    token = write()
    changed = token[:place] + letter + token[place + 1 :]

    assert (tokens.read(SECRET, 1, changed) is None) == (changed != token)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "x",
        "A" * 108,
        write() + "A",
        write()[:-1],
        write() + "\n",
        f" {write()}",
        f"{write()}==",
    ],
)
def test_what_is_no_token_is_none(written: str) -> None:
    assert tokens.read(SECRET, 1, written) is None


def test_another_sites_token_and_another_servers_are_none() -> None:
    assert tokens.read(SECRET, 2, write()) is None
    assert tokens.read("t" * 32, 1, write()) is None


def test_a_signature_for_another_purpose_makes_no_token() -> None:
    parts = base64.urlsafe_b64decode(write())[:-32]
    signed = base64.urlsafe_b64encode(parts + derive(SECRET, "honeypot name")).decode()

    assert tokens.read(SECRET, 1, signed) is None


def test_a_later_version_of_tokens_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_VERSION", 2)
    later = write()
    monkeypatch.undo()

    assert tokens.read(SECRET, 1, later) is None


def test_the_honeypot_has_another_name_with_each_token() -> None:
    made = [tokens.write(SECRET, 1, "a", START, bytes([n] * 16)) for n in range(50)]

    names = [tokens.name_honeypot(SECRET, token) for token in made]

    assert len(set(names)) == 50
    assert names == [tokens.name_honeypot(SECRET, token) for token in made]
    assert tokens.name_honeypot("t" * 32, made[0]) != names[0]
    for name in names:
        assert name.partition("_")[0].isalpha()


def test_keys_for_two_purposes_have_nothing_in_common() -> None:
    keys = {derive(SECRET, purpose) for purpose in ("a", "b", "a b", "")} | {derive("t" * 32, "a")}

    assert len(keys) == 5
    assert {len(key) for key in keys} == {32}


def test_keys_are_those_of_hkdf() -> None:
    # By `cryptography`: HKDF(SHA256(), 32, salt=b"winnow", info=b"form token").
    by_others = "4bd154ac9ab19e987ea92e844e5ef19d41dd5d233d96e7fb53564d93e4cd3d68"

    assert derive(SECRET, "form token").hex() == by_others
