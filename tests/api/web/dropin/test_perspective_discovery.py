"""The description of Perspective's API: for Google's libraries, and with our address in it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api import create_app
from api.moderation.services import Services
from api.settings import Settings
from tests.conftest import ON_SQLITE
from tests.factories import make_key

PATH = "/$discovery/rest?version=v1alpha1"
OLDER = "/discovery/v1/apis/commentanalyzer/v1alpha1/rest"
CONTRACT = json.loads(Path(__file__).with_name("perspective_discovery.json").read_text("utf-8"))
"""What Google's libraries need of it."""

pytestmark = ON_SQLITE


def get(client: FlaskClient, path: str = PATH, **more: Any) -> dict[str, Any]:
    """The document."""
    answer = client.get(path, **more)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/json; charset=UTF-8"
    found: dict[str, Any] = answer.json
    return found


def without_descriptions(value: Any) -> Any:
    """The document without its prose; a description that is a table stays."""
    if isinstance(value, list):
        return [without_descriptions(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: without_descriptions(inner)
        for name, inner in value.items()
        if not (name == "description" and isinstance(inner, str))
    }


@pytest.mark.parametrize("path", [PATH, "/%24discovery/rest?version=v1alpha1", OLDER, f"{OLDER}/"])
def test_is_what_the_libraries_need_with_the_address_that_was_asked(
    client: FlaskClient, path: str
) -> None:
    found = get(client, path, headers={"Host": "127.0.0.1:8000"})
    assert without_descriptions(found) == without_descriptions(CONTRACT)
    assert found["description"] == CONTRACT["description"]


def test_every_schema_and_field_is_described(client: FlaskClient) -> None:
    for name, schema in get(client)["schemas"].items():
        assert schema["description"].endswith("."), name
        for field, inner in schema["properties"].items():
            assert inner["description"].endswith("."), f"{name}.{field}"


def test_without_a_version_it_is_the_only_one(client: FlaskClient) -> None:
    assert get(client, "/$discovery/rest")["version"] == "v1alpha1"


@pytest.mark.parametrize("version", ["v1", "v1alpha2", "", "<script>"])
def test_there_is_no_other_version(client: FlaskClient, version: str) -> None:
    answer = client.get("/$discovery/rest", query_string={"version": version})
    assert answer.status_code == 404
    assert answer.json["error"]["status"] == "NOT_FOUND"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_find_nothing(client: FlaskClient, method: str) -> None:
    assert client.open(PATH, method=method).status_code == 404


@pytest.mark.parametrize(
    "host",
    ["winnow.example", "winnow.example:8443", "[2001:db8::1]:8000", "192.0.2.7"],
)
def test_names_the_host_that_was_asked(client: FlaskClient, host: str) -> None:
    found = get(client, headers={"Host": host})
    assert found["rootUrl"] == found["baseUrl"] == f"http://{host}/"


@pytest.mark.parametrize(
    "host", ['evil"],"x":"', "a b", "evil/path", "evil?x", "user@evil", "</script>", "\xe9vil"]
)
def test_a_host_that_can_be_none_is_not_repeated(client: FlaskClient, host: str) -> None:
    found = get(client, environ_overrides={"HTTP_HOST": host})
    assert found["rootUrl"] == "http://localhost/"
    assert without_descriptions({**found, "rootUrl": "", "baseUrl": ""}) == without_descriptions(
        {**CONTRACT, "rootUrl": "", "baseUrl": ""}
    )


def test_nobody_says_by_a_header_how_they_came_unless_a_proxy_is_trusted(
    client: FlaskClient, settings: Settings, services: Services
) -> None:
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "winnow.example"}
    assert get(client, headers=said)["rootUrl"] == "http://localhost/"
    behind = create_app(replace(settings, trusted_proxies=1), services).test_client()
    assert get(behind, headers=said)["rootUrl"] == "https://winnow.example/"


def test_names_the_public_url_where_there_is_one(app: Flask, client: FlaskClient) -> None:
    app.config["PUBLIC_URL"] = "https://winnow.example/moderation/"
    found = get(client, headers={"Host": "10.0.0.1:8000"})
    assert found["rootUrl"] == found["baseUrl"] == "https://winnow.example/moderation/"


@pytest.mark.parametrize("path", ["/$discovery/rest", OLDER])
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ({"key": "AIzaSyNobodyHasThisKey"}, {}),
        ({"key": "wnw_00000000_x"}, {}),
        ({}, {"X-Goog-Api-Key": "nobody's"}),
        ({}, {"Authorization": "Bearer ya29.nobody"}),
        ({"access_token": "ya29.nobody"}, {}),
    ],
)
def test_a_wrong_key_fails_here_too(
    client: FlaskClient, path: str, query: dict[str, str], headers: dict[str, str]
) -> None:
    answer = client.get(path, query_string={"version": "v1alpha1", **query}, headers=headers)
    message = "API key not valid. Please pass a valid API key."
    assert answer.status_code == 400
    assert answer.json["error"]["status"] == "INVALID_ARGUMENT"
    assert answer.json["error"]["message"] == message
    assert answer.json["error"]["details"][0] == {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "commentanalyzer.googleapis.com"},
    }


def test_a_good_key_changes_nothing(client: FlaskClient, services: Services, site: int) -> None:
    key = make_key(services, site, "backend")
    assert get(client, f"{PATH}&key={key}") == get(client)


def test_is_indented_or_not_as_asked(client: FlaskClient) -> None:
    assert client.get(PATH).text.startswith('{\n  "kind": "discovery#restDescription",\n')
    plain = client.get(f"{PATH}&prettyPrint=false").text
    assert plain.startswith('{"kind":"discovery#restDescription",')
