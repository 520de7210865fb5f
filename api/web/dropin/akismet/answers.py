"""Answers as Akismet gives them: a word without a newline, and more in headers."""

from flask import Response

THANKS = "Thanks for making the web a better place."

_TEXT = "text/plain; charset=utf-8"


def say(body: str, headers: dict[str, str] | None = None, status: int = 200) -> Response:
    """A body of these very letters."""
    return Response(body, status, headers, content_type=_TEXT)


def refuse_call(why: str, body: str = "invalid", status: int = 200) -> Response:
    """An answer that is no good, with the reason in words.

    The status is 200: clients that see another never read what it was. And clients take any
    answer with this header for a failure, so no other answer has it.
    """
    return say(body, {"X-akismet-debug-help": _one_line(why)}, status)


def refuse_key() -> Response:
    """What a caller without a good key is told, whatever it wanted."""
    return refuse_call("The key is missing, unknown or revoked: make one in Winnow's settings.")


def miss_field(name: str) -> Response:
    """What a caller is told who left out a field that is needed."""
    return say(f"Missing required field: {name}.")


def _one_line(why: str) -> str:
    return " ".join(why.encode("ascii", "replace").decode().split())
