"""Who may call a phase: whoever has its secret, as the signature over the body shows."""

import hashlib
import hmac
import json
import logging
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import access, foreignkeys
from api.moderation.services import Services
from api.store.database import Database
from api.web.dropin.coral.signatures import is_signed
from tests.api.web.dropin.coral import NEW, SECRET, ask, sign, spell, write
from tests.conftest import ON_SQLITE
from tests.factories import count, make_key, operator, revoke_key

OTHER = "empsec_ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
BODY = spell(NEW)


@pytest.fixture
def phase(services: Services, site: int) -> str:
    """The name of a phase that has its secret."""
    return open_phase(services, site)


def open_phase(services: Services, site: int, secret: str = SECRET) -> str:
    name = foreignkeys.create_coral(services, operator(site)).key
    foreignkeys.set_secret(services, operator(site), name, secret)
    return name


def test_the_signature_is_what_corals_own_code_makes_of_it() -> None:
    # From Node: crypto.createHmac("sha256", "empsec_0123456789abcdef").update("{}").digest("hex")
    made = "39da61a76507635b64e6cfef12fd834cd64de86d7acada230e73affa2b86d8ce"

    assert sign(b"{}", "empsec_0123456789abcdef") == f"sha256={made}"


RIGHT = {
    "the one": sign(BODY, SECRET),
    "the first of two": sign(BODY, SECRET, OTHER),
    "the second of two": sign(BODY, OTHER, SECRET),
    "blanks between": sign(BODY, OTHER, SECRET).replace(",", " , "),
    "capital letters": "sha256=" + sign(BODY, SECRET).removeprefix("sha256=").upper(),
    "another scheme besides": f"sha1=00,{sign(BODY, SECRET)}",
}
_HEX = sign(BODY, SECRET).removeprefix("sha256=")
WRONG = {
    "nothing": "",
    "of another secret": sign(BODY, OTHER),
    "of another body": sign(spell(write("Something else.")), SECRET),
    "of no secret": sign(BODY, ""),
    "without its scheme": _HEX,
    "with another scheme": f"sha1={_HEX}",
    "cut": sign(BODY, SECRET)[:-1],
    "longer": sign(BODY, SECRET) + "0",
    "the scheme alone": "sha256=",
    "many of them": ",".join([f"sha256={'0' * 64}"] * 100),
    "of the spelling without blanks": sign(json.dumps(NEW).encode(), SECRET),
    "plain sha256": "sha256=" + hashlib.sha256(BODY).hexdigest(),
    "with key and body changed about": (
        "sha256=" + hmac.new(BODY, SECRET.encode(), hashlib.sha256).hexdigest()
    ),
    "no ASCII": "sha256=\xe9\xff",
    "the secret itself": SECRET,
}


@pytest.mark.parametrize("name", RIGHT)
@ON_SQLITE
def test_any_signature_that_is_right_will_do(client: FlaskClient, phase: str, name: str) -> None:
    headers = {"X-Coral-Signature": RIGHT[name]}

    assert client.post(f"/coral/{phase}", data=BODY, headers=headers).status_code == 204


def test_whatever_is_wrong_the_answer_is_the_same_401(
    client: FlaskClient,
    services: Services,
    site: int,
    phase: str,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    revoked = open_phase(services, site)
    revoke_key(services, site, revoked)
    unfinished = foreignkeys.create_coral(services, operator(site)).key
    key = make_key(services, site, "admin")
    akismet = foreignkeys.create_akismet(services, operator(site))
    before = count(database)

    def call(path: str, given: str, **more: Any) -> tuple[int, bytes, str]:
        headers = {"X-Coral-Signature": given, **more}
        answer = client.post(path, data=BODY, headers=headers)
        return answer.status_code, answer.data, str(answer.content_type)

    right = RIGHT["the one"]
    answers = {
        **{name: call(f"/coral/{phase}", given) for name, given in WRONG.items()},
        "a key besides": call(f"/coral/{phase}", "", Authorization=f"Bearer {key}"),
        "revoked": call(f"/coral/{revoked}", right),
        "without a secret": call(f"/coral/{unfinished}", right),
        "signed with nothing": call(f"/coral/{unfinished}", sign(BODY, "")),
        "unknown": call("/coral/cor_00000000", right),
        "capitals": call(f"/coral/{phase.upper()}", right),
        "a key of ours": call(f"/coral/{access.key_prefix(key)}", sign(BODY, key)),
        "a key of akismet": call(f"/coral/{akismet.id}", sign(BODY, akismet.key)),
        "no name": call("/coral/%20", right),
        "SQL": call("/coral/' OR 1=1 --", right),
    }

    assert len(set(answers.values())) == 1, answers
    [(status, body, kind)] = set(answers.values())
    assert (status, kind) == (401, "application/json")
    assert set(json.loads(body)) == {"error"}
    assert count(database) == before
    assert not [line for line in caplog.messages if SECRET in line or _HEX in line]


def test_a_header_that_is_missing_is_401_and_another_sites_phase_is_its_own(
    client: FlaskClient, services: Services, site: int, database: Database
) -> None:
    other = access.create_site(services, "elsewhere")
    mine, theirs = open_phase(services, site), open_phase(services, other, OTHER)

    assert client.post(f"/coral/{mine}", data=BODY).status_code == 401
    assert ask(client, theirs, secret=SECRET).status_code == 401
    assert ask(client, theirs, secret=OTHER).status_code == 204
    assert count(database)["comments"] == 1


def test_another_secret_takes_the_place_of_the_one_before(
    client: FlaskClient, services: Services, site: int, phase: str
) -> None:
    foreignkeys.set_secret(services, operator(site), phase, OTHER)

    assert ask(client, phase, secret=SECRET).status_code == 401
    assert ask(client, phase, secret=OTHER).status_code == 204


def test_a_body_that_is_no_text_can_be_signed_too() -> None:
    body = bytes(range(256))

    assert is_signed(SECRET, body, sign(body, SECRET))
    assert not is_signed(SECRET, body[:-1], sign(body, SECRET))
