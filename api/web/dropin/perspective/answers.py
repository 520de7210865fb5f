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

_quote = json.encoder.encode_basestring
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
    return _write(masks.read(mask).apply(body) if mask else body, 200, query)


def show_error(error: GoogleError, query: Mapping[str, str]) -> Response:
    """A failure; a mask says nothing of those."""
    return _write(error.show(), error.code, query)


def _write(body: Any, status: int, query: Mapping[str, str]) -> Response:
    plain = query.get("prettyPrint", "").lower() in ("false", "0")
    text = _compact(body) if plain else f"{_indent(body)}\n"
    callback = query.get("callback")
    if callback and _is_name(callback):
        text = f"// API callback\n{callback}({text.strip().translate(_UNSAFE)});"
        return Response(text, status, content_type=SCRIPT)
    return Response(text, status, content_type=JSON)


def _is_name(callback: str) -> bool:
    return len(callback) <= _LONGEST_CALLBACK and _CALLBACK.fullmatch(callback) is not None


def _indent(value: Any, line: str = "\n") -> str:
    """JSON with two blanks a level, as `json` writes it in thrice the time."""
    kind = type(value)
    if kind is str:
        return _quote(value)
    if kind is float or kind is int:
        return repr(value)
    inner = f"{line}  "
    if kind is dict and value:
        items = [f"{_quote(name)}: {_indent(one, inner)}" for name, one in value.items()]
        return f"{{{inner}{f',{inner}'.join(items)}{line}}}"
    if kind is list and value:
        return f"[{inner}{f',{inner}'.join([_indent(one, inner) for one in value])}{line}]"
    return _compact(value)
