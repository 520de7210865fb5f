"""What a password may be, and what is kept of it."""

import hashlib
import re
import secrets
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from api.moderation.errors import FieldError

SHORTEST = 12
"""Shortest password a moderator may have, in characters."""

LONGEST = 1000
"""The longest one."""

_OURS = "winnow"
_LEAST_LEFT = 6
"""How many letters a password must have besides what anybody would try for this account."""
_LEAST_DIFFERENT = 5

_COMMON = Path(__file__).with_name("common-passwords.bin")
_WIDTH = 5

_hasher = PasswordHasher()
# Checked for an unknown address, so that its answer takes as long as a wrong password's.
_NOBODY = _hasher.hash(secrets.token_urlsafe())


def hash_password(password: str) -> str:
    """What is kept of a password; it takes a while, so that guessing does too."""
    return _hasher.hash(password)


def is_password(hashed: str | None, password: str) -> bool:
    """Whether this is the password of which that was kept; without one it takes as long to say no.

    Where what was kept is no hash, the answer is no as well.
    """
    try:
        return _hasher.verify(hashed or _NOBODY, password) and bool(hashed)
    except (Argon2Error, InvalidHashError):
        return False


def object_to(password: str, email: str) -> str | None:
    """What speaks against a password for the account of this address; None where nothing does.

    It takes no digits, capitals or signs: length, and what nobody would try first, is what counts
    (NIST SP 800-63B, 3.1.1; ASVS 5.0, 6.2).
    """
    if len(password) < SHORTEST:
        return f"A password has {SHORTEST} characters at least."
    if len(password) > LONGEST:
        return f"A password has {LONGEST} characters at most."
    if _is_monotonous(password):
        return "A password has more in it than a few characters over and over, or in their order."
    if _digest(password) in _read_common():
        return "This password is one of those that are tried first; choose another one."
    if len(_without(password.casefold(), _find_words(email))) < _LEAST_LEFT:
        return "A password has more in it than your e-mail address and the name of this program."
    return None


def check(password: str, email: str) -> None:
    """Raise FieldError where something speaks against a password for this account."""
    why = object_to(password, email)
    if why is not None:
        raise FieldError("/password", why)


def _find_words(email: str) -> list[str]:
    """What anybody would try first for this account."""
    parts = re.split(r"[^\w]+", email.casefold())
    return [word for word in (*parts, email.casefold(), _OURS) if len(word) >= 3]


def _without(password: str, words: list[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        password = password.replace(word, "")
    return "".join(letter for letter in password if letter.isalnum())


def _is_monotonous(password: str) -> bool:
    """Whether it is made of very few characters, or counts up or down most of the way."""
    steps = [ord(b) - ord(a) for a, b in pairwise(password.casefold())]
    counted = sum(step in (-1, 0, 1) for step in steps)
    return len(set(password)) < _LEAST_DIFFERENT or counted > 0.7 * len(steps)


def _digest(password: str) -> bytes:
    return hashlib.sha256(password.casefold().encode("utf-8", "surrogatepass")).digest()[:_WIDTH]


@lru_cache(maxsize=1)
def _read_common() -> frozenset[bytes]:
    """The 4,000 commonest passwords that are long enough, as the beginnings of their digests.

    They are the first 4,000 of 12 characters and more, in lower case, of Mark Burnett's ten
    million passwords (2015, in the public domain) in the order of SecLists (MIT).
    """
    kept = _COMMON.read_bytes()
    return frozenset(kept[at : at + _WIDTH] for at in range(0, len(kept), _WIDTH))
