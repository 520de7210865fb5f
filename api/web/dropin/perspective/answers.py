"""Answers as Google's front end writes them: by the parameters that every call may have."""

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Response

from api.web.dropin.perspective import masks
from api.web.dropin.perspective.errors import GoogleError, refuse_payload

JSON = "application/json; charset=UTF-8"
SCRIPT = "text/javascript; charset=UTF-8"

_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*)*")
_LONGEST_CALLBACK = 128
# What could end a script, or a line of one.
_UNSAFE = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}

_pretty = json.JSONEncoder(ensure_ascii=False, indent=2).encode
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def check(query: Mapping[str, str]) -> None:
    """Raise GoogleError for a mask or a callback that no answer could follow."""
    callback = query.get("callback")
    if callback and not _is_name(callback):
        says = "Invalid JSONP callback name; only letters, digits, '_', '$' and '.' are allowed."
        raise refuse_payload([("callback", says)])
    masks.read(query.get("fields", ""))


def show(body: dict[str, Any], query: Mapping[str, str]) -> Response:
    """A success, as the call's parameters want it: `check` has passed them."""
    mask = query.get("fields")
    return _answer(masks.read(mask).apply(body) if mask else body, 200, query)


def show_text(text: str, query: Mapping[str, str]) -> Response:
    """A success that `write` could have written; in other words only where they are asked for."""
    if query.get("fields") or query.get("callback") or _is_compact(query):
        return show(json.loads(text), query)
    return Response(text, content_type=JSON)


def show_error(error: GoogleError, query: Mapping[str, str]) -> Response:
    """A failure; a mask says nothing of those."""
    return _answer(error.show(), error.code, query)


def write(body: dict[str, Any]) -> str:
    """A body as it is sent to whoever asks for nothing else."""
    return f"{_pretty(body)}\n"


def _answer(body: dict[str, Any], status: int, query: Mapping[str, str]) -> Response:
    text = _compact(body) if _is_compact(query) else write(body)
    callback = query.get("callback")
    if callback and _is_name(callback):
        text = f"// API callback\n{callback}({text.strip().translate(_UNSAFE)});"
        return Response(text, status, content_type=SCRIPT)
    return Response(text, status, content_type=JSON)


def _is_compact(query: Mapping[str, str]) -> bool:
    return query.get("prettyPrint", "").lower() in ("false", "0")


def _is_name(callback: str) -> bool:
    return len(callback) <= _LONGEST_CALLBACK and _CALLBACK.fullmatch(callback) is not None
