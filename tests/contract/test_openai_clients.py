"""Published clients of OpenAI's moderation, unmodified, on a real server.

The official ones of PyPI and npm, and npm's `openai-fetch`, which is a program of its own. Each is
pointed at Winnow by its base URL, and the official ones by their service's name over TLS too.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from openai.types import ModerationCreateResponse

from tests.contract.clients.calling import CallError
from tests.contract.clients.running import Running, Site

HARMLESS = "The council should repair the bridge before winter; it has been shut since spring."
INSULT = "You are a complete idiot and a pathetic liar, shut up."

PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
CATEGORIES = {
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
}

Node = Callable[..., list[Any]]


@pytest.fixture
def client(running: Running, own: Site) -> Iterator[openai.OpenAI]:
    """PyPI's, at our address."""
    with openai.OpenAI(api_key=own.key, base_url=f"{running.url}/v1", max_retries=0) as found:
        yield found


def ask(client: openai.OpenAI, given: Any, **more: Any) -> ModerationCreateResponse:
    return client.moderations.create(input=given, **more)


def refusal(client: openai.OpenAI, given: Any, **more: Any) -> openai.BadRequestError:
    """The error that the client makes of a bad request."""
    with pytest.raises(openai.BadRequestError) as found:
        ask(client, given, **more)
    assert found.value.type == "invalid_request_error"
    assert (found.value.request_id or "").startswith("req_")
    return found.value


# openai, from PyPI


def test_openai_hears_what_is_rude_and_what_is_not(client: openai.OpenAI, own: Site) -> None:
    answer = ask(client, [HARMLESS, INSULT])
    harmless, insult = answer.results
    assert (harmless.flagged, insult.flagged) == (False, True)
    assert insult.categories.harassment is True
    assert insult.category_scores.harassment > 0.9 > harmless.category_scores.harassment
    assert insult.category_applied_input_types.harassment == ["text"]
    for shown in (
        insult.categories,
        insult.category_scores,
        insult.category_applied_input_types,
    ):
        assert set(shown.to_dict()) == CATEGORIES
    assert answer.id.startswith("modr-")
    assert answer.model == "omni-moderation-latest"
    assert (answer._request_id or "").startswith("req_")
    assert [(one["text"], one["status"]) for one in own.comments()] == [
        (HARMLESS, "approved"),
        (INSULT, "rejected"),
    ]
    assert {one["metadata"]["door"] for one in own.comments()} == {"openai"}


def test_openai_sends_parts_as_one_input(client: openai.OpenAI, own: Site) -> None:
    parts = [{"type": "text", "text": HARMLESS}, {"type": "text", "text": INSULT}]
    [result] = ask(client, parts, model="omni-moderation-2024-09-26").results
    assert result.flagged is True
    assert HARMLESS in own.comment()["text"]


def test_openai_asks_an_older_model(client: openai.OpenAI) -> None:
    answer = ask(client, INSULT, model="text-moderation-latest")
    [result] = answer.results
    assert answer.model == "text-moderation-007"
    assert result.flagged is True
    assert set(result.categories.to_dict()) == CATEGORIES - {"illicit", "illicit/violent"}


def test_openai_asks_about_nothing(client: openai.OpenAI, own: Site) -> None:
    [result] = ask(client, "").results
    assert result.flagged is False
    assert own.comments() == []
    assert "'$.input' is invalid" in refusal(client, []).message


def test_openai_is_told_what_cannot_be_asked(client: openai.OpenAI, own: Site) -> None:
    model = refusal(client, HARMLESS, model="gpt-4o")
    assert (model.param, model.code) == ("model", "model_not_found")
    one = refusal(client, [{"type": "text", "text": HARMLESS}, PICTURE])
    assert one.param == "input"
    two = refusal(client, [PICTURE, PICTURE])
    assert (two.param, two.code) == ("input", "too_many_images")
    assert "Number of images (2) exceeds maximum of 1" in two.message
    missing = refusal(client, openai.omit)
    assert (missing.param, missing.code) == ("input", "missing_required_parameter")
    assert refusal(client, [5, HARMLESS]).code is None
    assert own.comments() == []


def test_openai_is_told_of_a_key_that_is_nobodys(client: openai.OpenAI, own: Site) -> None:
    for key in ("sk-0123456789abcdef0123456789", own.akismet_key):
        with pytest.raises(openai.AuthenticationError) as found:
            ask(client.with_options(api_key=key), INSULT)
        assert found.value.code == "invalid_api_key"
        assert key not in str(found.value)
        with pytest.raises(openai.AuthenticationError):
            client.with_options(api_key=key).models.list()
    assert own.comments() == []


def test_openai_finds_the_models_there_are(client: openai.OpenAI) -> None:
    names = [one.id for one in client.models.list()]
    assert {"omni-moderation-latest", "text-moderation-stable"} <= set(names)
    assert client.models.retrieve(names[0]).id == names[0]
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


def test_openai_asks_without_waiting(running: Running, own: Site) -> None:
    async def ask_both() -> list[bool]:
        url = f"{running.url}/v1"
        async with openai.AsyncOpenAI(api_key=own.key, base_url=url, max_retries=0) as client:
            calls = [client.moderations.create(input=text) for text in (HARMLESS, INSULT)]
            return [one.results[0].flagged for one in await asyncio.gather(*calls)]

    assert asyncio.run(ask_both()) == [False, True]
    assert len(own.comments()) == 2


def test_openai_comes_by_its_services_own_name(own: Site, captured: Running) -> None:
    with openai.OpenAI(api_key=own.key, max_retries=0) as client:
        assert ask(client, INSULT).results[0].flagged is True
    assert captured.wires.names[-1] == "api.openai.com"
    assert own.comment()["text"] == INSULT


def test_openai_says_that_nobody_is_there(own: Site) -> None:
    url = "http://127.0.0.1:1/v1"
    client = openai.OpenAI(api_key=own.key, base_url=url, max_retries=0)
    with client, pytest.raises(openai.APIConnectionError):
        ask(client, HARMLESS)


def test_without_a_classifier_openai_is_refused_and_the_text_waits(speechless: Running) -> None:
    site = speechless.make_site()
    url = f"{speechless.url}/v1"
    client = openai.OpenAI(api_key=site.key, base_url=url, max_retries=0)
    with client, pytest.raises(openai.InternalServerError) as found:
        ask(client, INSULT)
    assert (found.value.status_code, found.value.type) == (503, "server_error")
    assert site.comment()["status"] == "pending"


# openai, from npm; and openai-fetch


def test_openai_of_npm_hears_and_is_told(running: Running, own: Site, call_node: Node) -> None:
    options = {"apiKey": own.key, "baseURL": f"{running.url}/v1", "maxRetries": 0}
    one, many, model, picture, listed = call_node(
        "openai",
        options,
        ("moderations.create", {"input": INSULT}),
        ("moderations.create", {"input": [HARMLESS, INSULT], "model": "omni-moderation-latest"}),
        ("moderations.create", {"input": HARMLESS, "model": "gpt-4o"}),
        ("moderations.create", {"input": [PICTURE]}),
        ("models.list",),
    )
    assert one["results"][0]["flagged"] is True
    assert set(one["results"][0]["category_scores"]) == CATEGORIES
    assert [result["flagged"] for result in many["results"]] == [False, True]
    assert (model.name, model.more["code"]) == ("BadRequestError", "model_not_found")
    assert (picture.name, picture.more["param"]) == ("BadRequestError", "input")
    assert "omni-moderation-latest" in {found["id"] for found in listed["data"]}
    assert [found["text"] for found in own.comments()] == [INSULT, HARMLESS]


def test_openai_of_npm_comes_by_its_services_own_name(
    running: Running, own: Site, call_node: Node
) -> None:
    [found] = call_node("openai", {"apiKey": own.key}, ("moderations.create", {"input": INSULT}))
    assert found["results"][0]["flagged"] is True
    assert running.wires.names[-1] == "api.openai.com"


@pytest.mark.parametrize(
    ("package", "url", "method"),
    [
        ("openai", "baseURL", "moderations.create"),
        ("openai-fetch", "baseUrl", "createModeration"),
    ],
)
def test_npms_are_told_of_a_key_that_is_nobodys(
    running: Running, own: Site, call_node: Node, package: str, url: str, method: str
) -> None:
    options = {"apiKey": "sk-0123456789abcdef0123456789", url: f"{running.url}/v1"}
    [error] = call_node(package, options, (method, {"input": INSULT}))
    assert isinstance(error, CallError)
    assert error.more["status"] == 401
    assert error.more["code"] == "invalid_api_key"
    assert error.more["type"] == "invalid_request_error"


def test_openai_fetch_hears_and_is_told(running: Running, own: Site, call_node: Node) -> None:
    options = {"apiKey": own.key, "baseUrl": f"{running.url}/v1"}
    found, model, nothing = call_node(
        "openai-fetch",
        options,
        ("createModeration", {"input": [INSULT, HARMLESS], "model": "text-moderation-stable"}),
        ("createModeration", {"input": HARMLESS, "model": "gpt-4o"}),
        ("createModeration", {}),
    )
    assert [result["flagged"] for result in found["results"]] == [True, False]
    assert found["model"] == "text-moderation-007"
    assert model.more["code"] == "model_not_found"
    assert nothing.more["code"] == "missing_required_parameter"
    assert [one["text"] for one in own.comments()] == [INSULT, HARMLESS]


def test_without_a_classifier_npms_client_is_refused(speechless: Running, call_node: Node) -> None:
    site = speechless.make_site()
    options = {"apiKey": site.key, "baseURL": f"{speechless.url}/v1", "maxRetries": 0}
    [error] = call_node("openai", options, ("moderations.create", {"input": INSULT}))
    assert (error.name, error.more["status"]) == ("InternalServerError", 503)
