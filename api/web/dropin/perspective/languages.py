"""In which language a comment is, and whether the model can judge its abuse."""

import re
import unicodedata
from collections.abc import Sequence

from classifier import detect_language

READABLE = "en"
"""The language whose abuse the model was taught."""

UNKNOWN = "und"

_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


def detect(text: str) -> list[str]:
    """The language of a text, in a list of one.

    What is too short or too mixed to tell counts as English where it has a letter of its script,
    as it does for the policy; a text without any is `und`.
    """
    code = detect_language(text).code
    if code == UNKNOWN and _LATIN.search(unicodedata.normalize("NFKC", text)):
        return [READABLE]
    return [code]


def are_readable(spoken: Sequence[str]) -> bool:
    """Whether one of these is English, of whichever region: `en`, `en-US`."""
    return any(one.replace("_", "-").partition("-")[0].lower() == READABLE for one in spoken)
