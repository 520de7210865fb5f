"""Reads JSON bodies strictly: what two parsers could read differently is refused."""

import json
import math
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request
from webargs.flaskparser import FlaskParser

from api.web.problems import BodyError

MAX_DEPTH = 32
"""How deep arrays and objects may nest."""


class BodyParser(FlaskParser):
    """Webargs' parser over `read_json`; the schema must name every field."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012  (webargs types it so)
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": ma.RAISE,
        "query": ma.RAISE,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The request's body, or BodyError."""
        if not req.is_json:
            raise BodyError("The body must be sent as Content-Type: application/json.", 415)
        return read_json(req.get_data())


class OptionalBodyParser(BodyParser):
    """The same where no body at all means what `{}` does."""

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        """The request's body, or BodyError."""
        return super().load_json(req, schema) if req.get_data() else {}


def read_json(body: bytes) -> Any:
    """Parse UTF-8 JSON; raise BodyError for what RFC 8259 leaves to chance."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_constant,
            parse_float=_float,
        )
    except UnicodeDecodeError as error:
        raise BodyError(f"The body is not UTF-8 at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise BodyError(f"The body is not JSON: {error.msg} at {where}.") from error
    except RecursionError as error:
        raise BodyError(_too_deep()) from error
    except ValueError as error:
        raise BodyError("The body holds a number with too many digits.") from error
    # Each level costs a bracket, so most bodies need no walk.
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _check_depth(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        shown = json.dumps(twice[:100])
        raise BodyError(f"The field {shown} appears twice in the same object.")
    return found


def _constant(name: str) -> NoReturn:
    raise BodyError(f"The body holds {name}, which is not JSON.")


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise BodyError(f"The number {digits[:40]} is too large.")
    return value


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return
    raise BodyError(_too_deep())


def _too_deep() -> str:
    return f"The body nests arrays or objects deeper than {MAX_DEPTH} levels."
