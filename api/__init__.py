"""Winnow: a self-hosted comment-moderation service."""

from threading import BoundedSemaphore

from flask import Flask

from api.limiting.limiter import Limiter
from api.moderation.identity import Client
from api.moderation.identity.provider import Provider
from api.moderation.scoring import Scorer
from api.moderation.secondstage import SecondStage
from api.moderation.services import Services
from api.serving.proxies import Proxies
from api.settings import Settings, read_settings
from api.store.database import Database
from api.telemetry.requestids import RequestIds

BATCH_BODIES = 8
"""How many times `max_body` a batch may have."""


def create_services(settings: Settings) -> Services:
    """Open the database and load both stages of the classifier, which may fail without harm."""
    return Services(
        Database(settings.database_url),
        Scorer(settings.model, SecondStage.load(settings.reader)),
        webhook_networks=settings.webhook_networks,
        secret_key=settings.secret_key,
    )


def create_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """Put the floors together: a Flask app over the rules, the tables and the classifier."""
    from api.web import register

    settings = settings or read_settings()
    app = Flask("api.web", static_folder=None)
    configure(app, settings, services or create_services(settings))
    hops, networks = settings.trusted_proxies, settings.proxy_networks
    app.wsgi_app = Proxies(app.wsgi_app, hops, networks)  # type: ignore[method-assign]
    ids = RequestIds(app.wsgi_app, settings.access_log)
    app.wsgi_app = ids  # type: ignore[method-assign]
    register(app)
    return app


def _find_provider(settings: Settings) -> Provider | None:
    """Who vouches for people, if anybody."""
    if not settings.oidc_issuer:
        return None
    secret, name = settings.oidc_client_secret, settings.oidc_name
    return Provider(Client(settings.oidc_issuer, settings.oidc_client_id, secret, name))


def configure(app: Flask, settings: Settings, services: Services) -> None:
    """Give an app what it works with; what its routes are does not depend on that."""
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_body,
        MAX_BATCH_LENGTH=settings.max_body * BATCH_BODIES,
        SESSION_HOURS=settings.session_hours,
        IDLE_MINUTES=settings.idle_minutes,
        PASSWORDS=settings.passwords,
        PROVIDER=_find_provider(settings),
        PUBLIC_URL=settings.public_url,
        HOME=settings.home,
        # Replaced by a server that can be told to stop.
        IS_STOPPING=lambda: False,
        IS_LEAVING=lambda: False,
    )
    app.extensions["winnow"] = services
    app.extensions["limiter"] = Limiter.of(settings)
    app.extensions["streams"] = BoundedSemaphore(settings.streams)
