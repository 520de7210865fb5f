"""Holds answers against the OpenAPI document."""

import re
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from werkzeug.test import TestResponse

_HERE = "urn:document"


def _body(answer: TestResponse) -> Any:
    return answer.json if answer.is_json else answer.text


class Document:
    """The OpenAPI document, and which of its operations have been held against it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.whole = document
        self.seen: set[tuple[str, str, int]] = set()
        resource = Resource(document, DRAFT202012)
        self._registry: Any = Registry().with_resource(_HERE, resource)

    def operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Method, path and description of each operation."""
        return [
            (method.upper(), path, operation)
            for path, item in self.whole["paths"].items()
            for method, operation in item.items()
            if method != "parameters"
        ]

    def check(self, answer: TestResponse) -> None:
        """Raise AssertionError unless the document allows this answer to its request."""
        method, path = answer.request.method, self._template(answer.request.path)
        operation = self.whole["paths"][path][method.lower()]
        responses = operation["responses"]
        shown = f"{method} {path} -> {answer.status_code}"
        described = responses.get(str(answer.status_code)) or responses.get("default")
        assert described is not None, f"{shown} is not described"
        if str(answer.status_code) not in responses:
            assert answer.status_code >= 400, f"{shown} is described as an error only"
        self.seen.add((method, path, answer.status_code))
        self._check_body(answer, self._follow(described), shown)

    def _check_body(self, answer: TestResponse, described: dict[str, Any], shown: str) -> None:
        content = described.get("content")
        if not content:
            assert answer.data == b"", f"{shown} has a body that is not described"
            return
        assert answer.mimetype in content, f"{shown} is {answer.mimetype}"
        schema = content[answer.mimetype]["schema"]
        found = [
            f"{error.json_path}: {error.message}"
            for error in self._validator(schema).iter_errors(_body(answer))
        ]
        assert found == [], shown

    def accepts(self, method: str, path: str, body: Any) -> bool:
        """Whether the document calls this a right body."""
        operation = self.whole["paths"][path][method.lower()]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        return bool(self._validator(schema).is_valid(body))

    def _validator(self, schema: dict[str, Any]) -> Any:
        absolute = _make_absolute(schema)
        return Draft202012Validator(absolute, registry=self._registry)

    def _follow(self, described: dict[str, Any]) -> dict[str, Any]:
        reference = described.get("$ref")
        if reference is None:
            return described
        found: Any = self.whole
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        return dict(found)

    def _template(self, path: str) -> str:
        for template in sorted(self.whole["paths"], key=lambda one: one.count("{")):
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
                return str(template)
        raise AssertionError(f"{path} is not described")


def _make_absolute(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: _HERE + value if key == "$ref" else _make_absolute(value)
            for key, value in schema.items()
        }
    return [_make_absolute(one) for one in schema] if isinstance(schema, list) else schema
