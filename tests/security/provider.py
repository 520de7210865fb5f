"""An OpenID Connect provider on this machine, with real keys, that can be told to misbehave."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "winnow at the gazette", "s3cret/of+winnow"

KEY = RSAKey.generate_key(2048, {"kid": "k-1", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "k-2", "use": "sig"})

Answer = tuple[int, dict[str, str], bytes]


class Provider:
    """What it says of whom, and all that it was asked."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.url = ""
        self.now = now
        self.person: dict[str, Any] = {
            "sub": "a-1",
            "email": "ada@gazette.example",
            "email_verified": True,
        }
        self.described: dict[str, Any] = {}
        """What it says of itself besides, or otherwise."""
        self.claims: dict[str, Any] = {}
        """What its ID tokens hold otherwise; None is a claim that is not there."""
        self.make_token = self.sign
        self.keys: Any = {"keys": [KEY.as_dict(private=False)]}
        self.answers: dict[str, Answer] = {}
        """What it answers at a path instead."""
        self.returns: dict[str, str] = {}
        """What the browser brings back besides."""
        self.pause = 0.0
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.userinfo: dict[str, Any] = {}
        self.leaving = threading.Event()

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.described,
        }

    def make_claims(self, nonce: str) -> dict[str, Any]:
        now = int(self.now())
        found = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            **self.person,
            **self.claims,
        }
        return {name: value for name, value in found.items() if value is not None}

    def sign(self, claims: dict[str, Any]) -> Any:
        """A right ID token."""
        return jwt.encode({"alg": "RS256", "kid": "k-1"}, claims, KEY)

    def authorize(self, asked: dict[str, str]) -> Answer:
        """The page where people sign in; here all are, and a link leads back."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], **self.returns}
        place = f"{asked['redirect_uri']}?{urlencode(back)}"
        return 303, {"Location": place}, b""

    def exchange(self, form: dict[str, str], authorization: str) -> Answer:
        """An ID token for a code, once, and for who asked for it."""
        asked = self.codes.pop(form.get("code", ""), None)
        pair = f"{quote_plus(CLIENT_ID)}:{quote_plus(CLIENT_SECRET)}".encode()
        known = authorization == f"Basic {base64.b64encode(pair).decode()}"
        known |= (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
        if not known:
            return _json({"error": "invalid_client"}, 401)
        if (
            asked is None
            or asked.get("code_challenge_method") != "S256"
            or asked.get("code_challenge") != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return _json({"error": "invalid_grant"}, 400)
        token = self.make_token(self.make_claims(asked["nonce"]))
        return _json({"access_token": "at-1", "token_type": "Bearer", "id_token": token})

    def answer(self, method: str, target: str, body: str, headers: Any) -> Answer:
        """What is answered to one request."""
        found = urlsplit(target)
        self.asked.append(f"{method} {found.path}")
        self.leaving.wait(self.pause)
        if found.path in self.answers:
            return self.answers[found.path]
        match f"{method} {found.path}":
            case "GET /.well-known/openid-configuration":
                return _json(self.describe())
            case "GET /authorize":
                return self.authorize(_flat(found.query))
            case "POST /token":
                return self.exchange(_flat(body), headers.get("Authorization", ""))
            case "GET /keys":
                return _json(self.keys)
            case "GET /userinfo" if headers.get("Authorization") == "Bearer at-1":
                return _json(self.userinfo)
            case _:
                return 404, {}, b""


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


def _json(found: Any, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(found).encode()


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """Serve it over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do()

        def do_POST(self) -> None:
            self.do()

        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            status, headers, answer = provider.answer(self.command, self.path, body, self.headers)
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield provider
    finally:
        provider.leaving.set()
        server.shutdown()
        thread.join()
        server.server_close()
