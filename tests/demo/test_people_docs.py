"""What the chapter about people says is what works."""

import json
import re

from api.moderation import access, passwords, people
from api.moderation.queues.listing import SPARED
from api.moderation.services import Services
from api.web.pages import routes
from tests.conftest import ON_SQLITE
from tests.factories import make_key

from .visitor import APP

TEXT = (APP.parents[1] / "people.md").read_text()


@ON_SQLITE
def test_its_request_is_answered(app, services: Services):
    body = re.search(r"-d '(\{.*?\})'", TEXT)[1]
    quoted = re.search(r'^ +(\{"id": "mod_.*?\})$', TEXT, re.DOTALL | re.MULTILINE)[1]
    key = make_key(services, access.create_site(services, "gazette"), "admin")

    headers = {"Authorization": f"Bearer {key}"}
    answer = app.test_client().post("/v1/moderators", json=json.loads(body), headers=headers)

    assert answer.status_code == 201
    shown = json.loads(quoted)
    changing = ("id", "created_at", "password")
    assert {**answer.json, **{name: shown[name] for name in changing}} == shown


def test_its_figures_are_those_of_the_code():
    assert f"({passwords.SHORTEST} characters at least)" in TEXT
    assert f"up to {people.LONGEST_REMINDER}," in TEXT
    assert f"comments that have {SPARED} or more" in TEXT
    assert all(f"| `{role}` |" in TEXT for role in people.ROLES)


def test_the_pages_it_names_are_there():
    known = {re.sub(r"<\w+:\w+>", "{id}", path) for path, _, _ in routes.READING}
    named = set(re.findall(r"`(/moderate/[a-z/{}]+)", TEXT))
    assert {"/moderate/search", "/moderate/comments/{id}"} <= named
    assert named <= known
