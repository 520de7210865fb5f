"""Form tokens: that a form was shown by us, for which article, and when, signed by us.

A token is its version, site, article, time and nonce and the HMAC of all that, in base64url. It
holds nothing of who is shown the form, and nothing is kept of it until a comment uses it up.
"""

import base64
import hashlib
import hmac
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.moderation.derivation import derive

LONGEST = timedelta(minutes=10_080)
"""The longest that a policy may let a token be good for."""

PURPOSE = "form token"

NONCE_BYTES = 16

_VERSION = 1
_PARTS = struct.Struct(f">BQ16sQ{NONCE_BYTES}s")
_WRITTEN = re.compile(r"[A-Za-z0-9_-]{108}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

# Names that tempt a program; none that browsers fill in by themselves, as they do e-mail addresses.
_BAIT = ("subject", "topic", "summary", "remark", "headline", "opinion", "feedback", "reaction")


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says; `article` is the digest of the article's id."""

    site: int
    article: bytes
    issued_at: datetime
    nonce: str

    def is_for(self, article_id: str) -> bool:
        """Whether the form was shown below this article."""
        return self.article == _digest(article_id)


def write(secret: str, site: int, article_id: str, now: datetime, nonce: bytes) -> str:
    """A token for a form that is shown now; `nonce` is random, of `NONCE_BYTES`."""
    milliseconds = (now - _EPOCH) // _MILLISECOND
    parts = _PARTS.pack(_VERSION, site, _digest(article_id), milliseconds, nonce)
    return base64.urlsafe_b64encode(parts + _sign(secret, parts)).decode()


def read(secret: str, site: int, written: str) -> Token | None:
    """What a token says; None where we have made no such token for this site."""
    # One spelling only: the decoder would skip what is not of its alphabet.
    if not _WRITTEN.fullmatch(written):
        return None
    whole = base64.urlsafe_b64decode(written)
    parts, signature = whole[: _PARTS.size], whole[_PARTS.size :]
    if not hmac.compare_digest(_sign(secret, parts), signature):
        return None
    version, of, article, milliseconds, nonce = _PARTS.unpack(parts)
    if version != _VERSION or of != site:
        return None
    return Token(of, article, _EPOCH + milliseconds * _MILLISECOND, nonce.hex())


def name_honeypot(secret: str, token: str) -> str:
    """The name of the field that people do not see in this token's form; another each time."""
    found = hmac.digest(derive(secret, "honeypot name"), token.encode(), "sha256")
    return f"{_BAIT[found[0] % len(_BAIT)]}_{found[1:5].hex()}"


def _sign(secret: str, parts: bytes) -> bytes:
    return hmac.digest(derive(secret, PURPOSE), parts, "sha256")


def _digest(article_id: str) -> bytes:
    return hashlib.sha256(article_id.encode()).digest()[:16]
