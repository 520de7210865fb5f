"""The OpenAPI document in a form to be read: operations, fields, types and limits in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias

from flask import current_app, render_template

DEPTH = 3
"""How many levels of fields inside fields are shown."""

_METHODS = ("post", "get", "put", "patch", "delete")
_ROLES = {
    "public": "nobody needs a key",
    "backend": "any key",
    "moderator": "a moderator's or an admin's key",
    "admin": "an admin's key",
}
_RANGES = (
    ("minLength", "maxLength", " characters"),
    ("minimum", "maximum", ""),
    ("minItems", "maxItems", " items"),
)

Json: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body or one parameter."""

    name: str
    type: str
    required: bool
    note: str
    fields: list["Field"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation may answer."""

    status: str
    description: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path."""

    anchor: str
    method: str
    path: str
    role: str
    caller: str
    summary: str
    paragraphs: list[str]
    parameters: list[Field]
    body: list[Field]
    answers: list[Answer]


def show() -> str:
    """The documentation of the API."""
    spec = current_app.extensions["winnow-openapi"]
    return render_template("docs.html", info=spec["info"], groups=describe(spec), split=split_code)


def describe(spec: Json) -> dict[str, list[Operation]]:
    """All operations by their group."""
    groups: dict[str, list[Operation]] = {}
    for path, item in spec["paths"].items():
        for method in _METHODS:
            if method in item:
                one = item[method]
                shared = item.get("parameters", [])
                group = one.get("tags", ["other"])[0]
                groups.setdefault(group, []).append(_operation(spec, path, method, one, shared))
    return groups


def split_code(text: str) -> list[tuple[bool, str]]:
    """Prose in pieces, each with whether it stood between backticks.

    >>> split_code("send `id` again")
    [(False, 'send '), (True, 'id'), (False, ' again')]
    """
    pieces = re.split(r"`([^`]*)`", text)
    return [(at % 2 == 1, piece) for at, piece in enumerate(pieces) if piece]


def _operation(
    spec: Json, path: str, method: str, one: Json, shared: list[dict[str, Any]]
) -> Operation:
    role: str = one.get("x-role", "public")
    content = one.get("requestBody", {}).get("content", {})
    return Operation(
        anchor=re.sub(r"\W+", "-", f"{method} {path}").strip("-"),
        method=method.upper(),
        path=path,
        role=role,
        caller=_ROLES.get(role, role),
        summary=one.get("summary", ""),
        paragraphs=[part for part in one.get("description", "").split("\n\n") if part],
        parameters=[
            _parameter(spec, _resolve(spec, given))
            for given in (*shared, *one.get("parameters", []))
        ],
        body=_content_fields(spec, content),
        answers=[_answer(spec, *given) for given in sorted(one["responses"].items())],
    )


def _parameter(spec: Json, given: Json) -> Field:
    described = {"description": given.get("description", ""), **given.get("schema", {})}
    place = "in the path" if given["in"] == "path" else ""
    found = _field(spec, given["name"], described, given.get("required", False), DEPTH)
    note = "; ".join(part for part in (place, found.note) if part)
    return Field(found.name, found.type, found.required, note, found.fields)


def _answer(spec: Json, status: str, given: Json) -> Answer:
    answer = _resolve(spec, given)
    if status == "default":
        fields = _content_fields(spec, answer.get("content", {}))
        return Answer("other", "A problem document says what went wrong.", fields)
    phrase = HTTPStatus(int(status)).phrase
    said = answer.get("description", "")
    description = phrase if said in ("", phrase) else f"{phrase}. {said}"
    return Answer(status, description, _content_fields(spec, answer.get("content", {})))


def _content_fields(spec: Json, content: Json) -> list[Field]:
    kinds = [one.get("schema", {}) for one in content.values()]
    return _fields(spec, kinds[0], DEPTH) if kinds else []


def _fields(spec: Json, schema: Json, depth: int) -> list[Field]:
    known = _resolve(spec, schema)
    if known.get("type") == "array":
        known = _resolve(spec, known.get("items", {}))
    required = known.get("required", [])
    return [
        _field(spec, name, inner, name in required, depth)
        for name, inner in known.get("properties", {}).items()
        if depth
    ]


def _field(spec: Json, name: str, schema: Json, required: bool, depth: int) -> Field:
    known = _resolve(spec, schema)
    return Field(
        name=name,
        type=_type(spec, schema),
        required=required,
        note=_note(known),
        fields=_fields(spec, known, depth - 1),
    )


def _type(spec: Json, schema: Json) -> str:
    nullable = any(one == {"type": "null"} for one in schema.get("anyOf", []))
    known = _resolve(spec, schema)
    given = known.get("type", "anything")
    kinds = [given] if isinstance(given, str) else list(given)
    words = " or ".join(_kind(spec, known, kind) for kind in kinds)
    return f"{words} or null" if nullable else words


def _kind(spec: Json, schema: Json, kind: str) -> str:
    if kind == "array":
        return f"list of {_type(spec, schema.get('items', {}))}s"
    return {"date-time": "time"}.get(schema.get("format", ""), kind) if kind == "string" else kind


def _note(schema: Json) -> str:
    parts = [schema["description"]] if schema.get("description") else []
    values = [f"`{value}`" for value in schema.get("enum", []) if value is not None]
    if values:
        parts.append("one of " + ", ".join(values))
    for least, most, unit in _RANGES:
        if most in schema:
            low = schema.get(least, 0)
            reach = f"{low:,} to {schema[most]:,}" if low or not unit else f"up to {schema[most]:,}"
            parts.append(reach + unit)
    if "pattern" in schema:
        parts.append(f"matches `{schema['pattern']}`")
    if schema.get("default") is not None:
        parts.append(f"default `{schema['default']}`")
    return "; ".join(parts)


def _resolve(spec: Json, schema: Json) -> Json:
    """Follow references, and see through "this or null"."""
    choices = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if choices:
        return _resolve(spec, {**choices[0], **{k: v for k, v in schema.items() if k != "anyOf"}})
    if "$ref" not in schema:
        return schema
    found: Any = spec
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return _resolve(spec, found)
