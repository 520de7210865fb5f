"""The example site before a real Winnow, with the policy that `make demo` has in force."""

import importlib.util
import re
import sys
import threading

import pytest
import yaml
from werkzeug.serving import make_server

from api.moderation import access
from tests.conftest import ON_SQLITE
from tests.factories import make_key, put_policy

from .visitor import APP, Visitor
from .winnow_stub import QuietHandler

pytestmark = ON_SQLITE


@pytest.fixture
def real(app, services, monkeypatch):
    """Has the example site ask a real Winnow, under the demo's policy."""
    gazette = access.create_site(services, "gazette")
    put_policy(services, gazette, yaml.safe_load((APP.parent / "policy.yaml").read_text()))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    monkeypatch.setenv("WINNOW_KEY", make_key(services, gazette, "backend"))
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visitor(real, monkeypatch, tmp_path):
    """Somebody who reads the page of that site."""
    monkeypatch.setenv("WINNOW_URL", real)
    monkeypatch.setenv("DEMO_DATABASE", str(tmp_path / "comments.db"))
    spec = importlib.util.spec_from_file_location("example_site", APP)
    found = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "example_site", found)
    spec.loader.exec_module(found)
    yield Visitor(found)
    found.winnow.clear()


def fill_in(visitor):
    """The fields of a form that a person is shown, but for what they type."""
    page = visitor.read()
    trap = re.search(r'<input id="(\w+)" name="\1" tabindex="-1"', page)[1]
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    return {"token": token, trap: ""}


def statuses(visitor):
    return [row["status"] for row in visitor.site.sql("SELECT status FROM comments ORDER BY rowid")]


def test_who_reads_and_types_is_published(visitor, clock):
    form = fill_in(visitor)
    clock.move(seconds=30)
    visitor.post(**form)

    assert statuses(visitor) == ["approved"]


def test_programs_give_themselves_away(visitor, clock):
    form = fill_in(visitor)
    visitor.post(text="Too hasty.", **form)
    clock.move(seconds=30)
    visitor.post(text="With a token that was used.", **form)
    visitor.post(text="Without a token.", token="")
    trapped = fill_in(visitor)
    clock.move(seconds=30)
    visitor.post(**{name: value or "x" for name, value in trapped.items()})

    assert statuses(visitor) == ["pending", "pending", "pending", "rejected"]
