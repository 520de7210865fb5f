"""Servers for clients to call, and sites on them of which no other test knows."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
import urllib3

from api.moderation import access, foreignkeys
from api.moderation.services import Services
from api.store import schema
from api.store.database import Database
from tests.contract.clients.wires import Wires
from tests.factories import make_key, operator, words_scorer
from tests.reliability.serving import Server

SECRET_KEY = "k" * 32

CORAL_SECRET = "empsec_" + "c" * 64
"""What Coral signs with, on every site."""


@dataclass(frozen=True)
class Site:
    """A site with a key of each style; `comments` are what came to it, the oldest first."""

    url: str
    key: str
    akismet_key: str
    coral_name: str
    _admin_key: str

    def comments(self) -> list[dict[str, Any]]:
        """All its comments, as its moderators' tools list them."""
        found = self._get("/v1/comments?limit=100")["items"]
        return sorted(found, key=lambda one: one["received_at"])

    def comment(self) -> dict[str, Any]:
        """The only comment that came."""
        [found] = self.comments()
        return found

    def _get(self, path: str) -> Any:
        who = {"Authorization": f"Bearer {self._admin_key}"}
        answer = urllib3.request("GET", self.url + path, headers=who, retries=False)
        assert answer.status == 200, answer.data
        return answer.json()


class Running:
    """`winnow serve`, with the wires that bring clients of other services to it.

    In `public_url`, which it is told to be its own, `{tls}` is the port where TLS ends.
    """

    def __init__(self, home: Path, public_url: str = "", **given: str) -> None:
        self.server = Server(
            home, WINNOW_WORKERS="1", WINNOW_WORKER="no", WINNOW_SECRET_KEY=SECRET_KEY, **given
        )
        self.port, self.url = self.server.port, self.server.url
        self.public_url = public_url
        self.wires = Wires(self.server.port, home)
        database = Database(self.server.database_url)
        schema.migrate(database)
        self._services = Services(database, words_scorer(), secret_key=SECRET_KEY)

    def make_site(self) -> Site:
        """Another site."""
        services = self._services
        site = access.create_site(services, uuid.uuid4().hex)
        coral_name = foreignkeys.create_coral(services, operator(site)).id
        foreignkeys.set_secret(services, operator(site), coral_name, CORAL_SECRET)
        return Site(
            self.url,
            make_key(services, site, "backend"),
            foreignkeys.create_akismet(services, operator(site)).key,
            coral_name,
            make_key(services, site, "admin"),
        )

    @property
    def environment(self) -> dict[str, str]:
        """Variables that lead clients here whatever host they call, and let them trust it."""
        authority = str(self.wires.authority)
        return {
            "HTTPS_PROXY": f"http://127.0.0.1:{self.wires.proxy}",
            "HTTP_PROXY": self.url,
            "NO_PROXY": "127.0.0.1,localhost",
            "SSL_CERT_FILE": authority,
            "REQUESTS_CA_BUNDLE": authority,
            "NODE_EXTRA_CA_CERTS": authority,
        }

    def __enter__(self) -> Self:
        self.wires.__enter__()
        self.public_url = self.public_url.format(tls=self.wires.tls)
        self.server.env["WINNOW_PUBLIC_URL"] = self.public_url
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()
        self.wires.__exit__()
        self._services.database.dispose()


def capture(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead the clients of this process to a server, whatever host they call."""
    for name, value in running.environment.items():
        # Both spellings are read, and a machine may have set either.
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(name.lower(), value)
    # Python keeps what it read of them at its first request.
    monkeypatch.setattr("urllib.request._opener", None)
