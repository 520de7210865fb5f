"""Who may do what: one table for all routes, asked before any view runs."""

from flask import Flask, Response, g, request

from api.moderation import access
from api.web import limits
from api.web.problems import answer, problem
from api.web.routing import services

PUBLIC = "public"
SIGNED_IN = "signed in"
"""A moderators' page: `api.web.pages` asks for the session and sends people to sign in."""
ADMINS_SIGNED_IN = "signed in as an admin"
"""A page that hands out power: who is signed in as a moderator is told that it takes an admin."""

FOREIGN = "a foreign protocol's key"
"""A route of `api.web.dropin`, which asks for a key in its protocol's way, and refuses in it."""

PERMISSIONS = {
    "health.live": PUBLIC,
    "health.ready": PUBLIC,
    "metrics.metrics": PUBLIC,
    "openapi.document": PUBLIC,
    "comments.submit": "backend",
    "comments.check": "backend",
    "comments.submit_batch": "backend",
    "comments.list_comments": "backend",
    "comments.get": "backend",
    "comments.edit": "backend",
    "comments.delete": "backend",
    "comments.history": "backend",
    "forms.issue": "backend",
    "site.get_site": "backend",
    "events.list_events": "backend",
    "events.get_head": "backend",
    "reports.report": "backend",
    "reports.list_reports": "backend",
    "queue.list_queue": "moderator",
    "queues.list_queues": "moderator",
    "queues.get": "moderator",
    "queues.put": "moderator",
    "queues.delete": "moderator",
    "claims.claim": "moderator",
    "claims.extend": "moderator",
    "claims.release": "moderator",
    "campaigns.list_campaigns": "moderator",
    "campaigns.get": "moderator",
    "campaigns.decide": "moderator",
    "campaigns.undo": "moderator",
    "decisions.decide": "moderator",
    "decisions.undo": "moderator",
    "decisions.list_opinions": "moderator",
    "bulk.decide": "moderator",
    "bulk.list_all": "moderator",
    "bulk.get": "moderator",
    "bulk.stop": "moderator",
    "bulk.undo": "moderator",
    # Whoever decides may see by which policy, and try another; to put one in force takes an
    # administrator's key, or a person who is signed in to the pages.
    "policy.get": "moderator",
    "policy.check": "moderator",
    "policy.list_versions": "moderator",
    "policy.get_version": "moderator",
    "policy_rules.list_rules": "moderator",
    "policy_rules.list_hits": "moderator",
    "previews.begin": "moderator",
    "previews.list_previews": "moderator",
    "previews.get": "moderator",
    "previews.stop": "moderator",
    "shadow.get": "moderator",
    "shadow.put": "admin",
    "shadow.end": "admin",
    "shadow.promote": "admin",
    "advice.advise": "moderator",
    "labels.list_labels": "moderator",
    "labels.forget": "admin",
    "labels.remember": "admin",
    "labels.erase": "admin",
    "models.list_models": "moderator",
    "models.get": "moderator",
    "models.promote": "admin",
    "models.rollback": "admin",
    "models.show_shadow": "moderator",
    "models.start_shadow": "admin",
    "models.stop_shadow": "admin",
    "stats.show": "moderator",
    "drift.show": "moderator",
    "stats.export": "moderator",
    "policy.put": "admin",
    "policy.restore": "admin",
    "authors.get": "moderator",
    "articles.get": "moderator",
    "reporters.get": "moderator",
    "standings.list_standings": "moderator",
    "standings.put": "moderator",
    "standings.get": "moderator",
    "standings.end": "moderator",
    "notes.note_comment": "moderator",
    "notes.list_of_comment": "moderator",
    "notes.note_author": "moderator",
    "notes.list_of_author": "moderator",
    "notes.delete": "moderator",
    "checker.get": "admin",
    "webhooks.list_webhooks": "admin",
    "webhooks.create": "admin",
    "webhooks.get": "admin",
    "webhooks.change": "admin",
    "webhooks.delete": "admin",
    "webhooks.rotate": "admin",
    "webhooks.test": "admin",
    "webhooks.list_deliveries": "admin",
    "webhooks.redeliver": "admin",
    "webhooks.redeliver_failed": "admin",
    "privacy.show": "admin",
    "privacy.change": "admin",
    "people.export": "admin",
    "people.erase": "admin",
    "people.get_erasure": "admin",
    "jobs.list_jobs": "admin",
    "jobs.replay": "admin",
    "moderators.list_moderators": "admin",
    "moderators.create": "admin",
    "moderators.get": "admin",
    "moderators.change": "admin",
    "moderators.remove": "admin",
    "site.list_keys": "admin",
    "site.create_key": "admin",
    "site.revoke_key": "admin",
    "site.set_secret": "admin",
    "perspective.analyze": FOREIGN,
    "perspective.suggest_score": FOREIGN,
    "perspective.discover": FOREIGN,
    "perspective.batch": FOREIGN,
    "akismet.verify_key": FOREIGN,
    "akismet.comment_check": FOREIGN,
    "akismet.submit_spam": FOREIGN,
    "akismet.submit_ham": FOREIGN,
    "akismet.key_sites": FOREIGN,
    "akismet.usage_limit": FOREIGN,
    "akismet.deactivate": FOREIGN,
    "akismet.get_stats": FOREIGN,
    "akismet.get_subscription": FOREIGN,
    "akismet.token": FOREIGN,
    "akismet.verify_wpcom_key": FOREIGN,
    "openai.moderate": FOREIGN,
    "openai.list_models": FOREIGN,
    "openai.get_model": FOREIGN,
    "coral.moderate": FOREIGN,
    "pages.docs": PUBLIC,
    "pages.static": PUBLIC,
    "pages.sign_in": PUBLIC,
    "pages.oidc_start": PUBLIC,
    "pages.oidc_return": PUBLIC,
    "pages.sign_out": SIGNED_IN,
    "pages.queue": SIGNED_IN,
    "pages.items": SIGNED_IN,
    "pages.live": SIGNED_IN,
    "pages.note": SIGNED_IN,
    "pages.claim": SIGNED_IN,
    "pages.decided": SIGNED_IN,
    "pages.decide": SIGNED_IN,
    "pages.undo": SIGNED_IN,
    "pages.policy": SIGNED_IN,
    "pages.policy_act": SIGNED_IN,
    "pages.policy_versions": SIGNED_IN,
    "pages.policy_version": SIGNED_IN,
    "pages.policy_restore": SIGNED_IN,
    "pages.policy_rules": SIGNED_IN,
    "pages.policy_rule": SIGNED_IN,
    "pages.previews": SIGNED_IN,
    "pages.preview": SIGNED_IN,
    "pages.preview_stop": SIGNED_IN,
    "pages.advice": SIGNED_IN,
    "pages.learning": SIGNED_IN,
    "pages.learning_act": ADMINS_SIGNED_IN,
    "pages.trial": SIGNED_IN,
    "pages.trial_act": ADMINS_SIGNED_IN,
    "pages.dashboard": SIGNED_IN,
    "pages.dashboard_sheet": SIGNED_IN,
    "pages.bulks": SIGNED_IN,
    "pages.bulk": SIGNED_IN,
    "pages.bulk_new": SIGNED_IN,
    "pages.bulk_begin": SIGNED_IN,
    "pages.bulk_stop": SIGNED_IN,
    "pages.bulk_undo": SIGNED_IN,
    "pages.campaigns": SIGNED_IN,
    "pages.campaign": SIGNED_IN,
    "pages.campaign_decide": SIGNED_IN,
    "pages.campaign_undo": SIGNED_IN,
    "pages.comment": SIGNED_IN,
    "pages.teach": ADMINS_SIGNED_IN,
    "pages.author": SIGNED_IN,
    "pages.standings": SIGNED_IN,
    "pages.article": SIGNED_IN,
    "pages.search": SIGNED_IN,
    "pages.policy_shadow": SIGNED_IN,
    "pages.preferences": SIGNED_IN,
    "pages.settings_model": SIGNED_IN,
    "pages.queues": SIGNED_IN,
    "pages.queue_new": SIGNED_IN,
    "pages.saved_queue": SIGNED_IN,
    "pages.queue_create": SIGNED_IN,
    "pages.saved_queue_change": SIGNED_IN,
    "pages.saved_queue_delete": SIGNED_IN,
    "pages.author_say": SIGNED_IN,
    "pages.author_note": SIGNED_IN,
    "pages.note_delete": SIGNED_IN,
    "pages.standing_end": SIGNED_IN,
    "pages.policy_shadow_act": SIGNED_IN,
    "pages.preferences_save": SIGNED_IN,
    "pages.own_password": SIGNED_IN,
    "pages.own_sessions": SIGNED_IN,
    "pages.settings_keys": ADMINS_SIGNED_IN,
    "pages.settings_moderators": ADMINS_SIGNED_IN,
    "pages.settings_moderator": ADMINS_SIGNED_IN,
    "pages.settings_privacy": ADMINS_SIGNED_IN,
    "pages.privacy_save": ADMINS_SIGNED_IN,
    "pages.settings_webhooks": ADMINS_SIGNED_IN,
    "pages.settings_webhook": ADMINS_SIGNED_IN,
    "pages.key_create": ADMINS_SIGNED_IN,
    "pages.key_revoke": ADMINS_SIGNED_IN,
    "pages.key_secret": ADMINS_SIGNED_IN,
    "pages.moderator_create": ADMINS_SIGNED_IN,
    "pages.moderator_change": ADMINS_SIGNED_IN,
    "pages.moderator_sign_out": ADMINS_SIGNED_IN,
    "pages.moderator_remove": ADMINS_SIGNED_IN,
    "pages.webhook_create": ADMINS_SIGNED_IN,
    "pages.webhook_act": ADMINS_SIGNED_IN,
    "pages.webhook_redeliver": ADMINS_SIGNED_IN,
}
"""Endpoint to the least role that may call it."""


def register(app: Flask) -> None:
    """Ask for a key on every route that is not public; refuse to start with an unknown route."""
    unknown = {rule.endpoint for rule in app.url_map.iter_rules()} - set(PERMISSIONS)
    if unknown:
        raise LookupError(f"not in the table of permissions: {', '.join(sorted(unknown))}")
    app.before_request(check)


def check() -> Response | None:
    """Let the request through, or answer 401, 403 or 429."""
    needed = PERMISSIONS.get(request.endpoint or "", PUBLIC)
    if needed == PUBLIC and request.endpoint not in limits.FREE:
        limits.admit_stranger()
    if needed in (PUBLIC, SIGNED_IN, ADMINS_SIGNED_IN, FOREIGN):
        return None
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    found = access.find_caller(services(), key.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        limits.admit_stranger()
        detail = "Send a key of your site as Authorization: Bearer <key>."
        return answer(problem(401, detail), {"WWW-Authenticate": "Bearer"})
    limits.admit(found)
    if not found.may(needed):
        return answer(problem(403, f"This key's role is {found.role}; this needs {needed}."))
    g.caller = found
    return None
