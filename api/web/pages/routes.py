"""Where the pages are about one comment, author or article, the search, and the settings."""

from collections.abc import Callable
from typing import Any

from api.web.pages import (
    article,
    authors,
    dossier,
    hooks,
    keys,
    learning,
    model,
    people,
    persons,
    preferences,
    privacy,
    savedqueues,
    search,
    shadows,
    teaching,
    trials,
)

_SETTINGS = "/moderate/settings"
_MODERATOR = f"{_SETTINGS}/moderators/<moderator_id:moderator_id>"
_PERSON = f"{_SETTINGS}/privacy/person"
_LEARNT = "/moderate/learning/<model_id:model>"
_QUEUE = "/moderate/queues/<queue_name:name>"
_WEBHOOK = f"{_SETTINGS}/webhooks/<webhook_id:webhook_id>"

READING: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("/moderate/comments/<comment_id:comment_id>", "comment", dossier.show),
    ("/moderate/authors", "author", authors.show),
    ("/moderate/standings", "standings", authors.show_standings),
    ("/moderate/articles", "article", article.show),
    ("/moderate/search", "search", search.show),
    ("/moderate/queues", "queues", savedqueues.show_all),
    ("/moderate/queues/new", "queue_new", savedqueues.ask),
    (_QUEUE, "saved_queue", savedqueues.show),
    ("/moderate/policy/shadow", "policy_shadow", shadows.show),
    ("/moderate/learning", "learning", learning.show),
    (_LEARNT, "trial", trials.show),
    ("/moderate/preferences", "preferences", preferences.show),
    (f"{_SETTINGS}/keys", "settings_keys", keys.show),
    (f"{_SETTINGS}/moderators", "settings_moderators", people.show_all),
    (_MODERATOR, "settings_moderator", people.show),
    (f"{_SETTINGS}/webhooks", "settings_webhooks", hooks.show_all),
    (_WEBHOOK, "settings_webhook", hooks.show),
    (f"{_SETTINGS}/privacy", "settings_privacy", privacy.show),
    (_PERSON, "person", persons.ask),
    (f"{_SETTINGS}/privacy/erasures/<erasure_id:erasure_id>", "erasure", persons.show),
    (f"{_SETTINGS}/model", "settings_model", model.show),
)
"""What is read: path, endpoint, view."""

ACTING: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("/moderate/comments/<comment_id:comment_id>/label", "teach", teaching.act),
    ("/moderate/authors/standing", "author_say", authors.say),
    ("/moderate/authors/notes", "author_note", authors.note),
    ("/moderate/notes/<note_id:note_id>/delete", "note_delete", authors.delete_note),
    ("/moderate/standings/<standing_id:standing_id>/end", "standing_end", authors.end),
    ("/moderate/queues", "queue_create", savedqueues.create),
    (_QUEUE, "saved_queue_change", savedqueues.change),
    (f"{_QUEUE}/delete", "saved_queue_delete", savedqueues.delete),
    ("/moderate/policy/shadow", "policy_shadow_act", shadows.act),
    ("/moderate/learning", "learning_act", learning.act),
    (_LEARNT, "trial_act", trials.act),
    ("/moderate/preferences", "preferences_save", preferences.save),
    ("/moderate/preferences/password", "own_password", preferences.change_password),
    ("/moderate/preferences/sessions", "own_sessions", preferences.end_other_sessions),
    (f"{_SETTINGS}/keys", "key_create", keys.create),
    (f"{_SETTINGS}/keys/<key_id:key_id>/revoke", "key_revoke", keys.revoke),
    (f"{_SETTINGS}/keys/<key_id:key_id>/secret", "key_secret", keys.keep_secret),
    (f"{_SETTINGS}/moderators", "moderator_create", people.create),
    (_MODERATOR, "moderator_change", people.change),
    (f"{_MODERATOR}/sign-out", "moderator_sign_out", people.sign_out),
    (f"{_MODERATOR}/remove", "moderator_remove", people.remove),
    (f"{_SETTINGS}/privacy", "privacy_save", privacy.save),
    (f"{_PERSON}/export", "person_export", persons.export),
    (f"{_PERSON}/erase", "person_erase", persons.erase),
    (f"{_SETTINGS}/webhooks", "webhook_create", hooks.create),
    (_WEBHOOK, "webhook_act", hooks.act),
    (
        f"{_WEBHOOK}/deliveries/<message_id:message_id>/redeliver",
        "webhook_redeliver",
        hooks.redeliver,
    ),
)
"""What forms are sent to."""
