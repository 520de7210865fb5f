"""What of a person is in which column: the one list that export and erasure go by.

A test reads every table there is: a column that can hold text and is in no list fails it. So a
new table cannot be forgotten when somebody is erased.

- `OWN`: hangs on a comment, and goes with the comment's row.
- `PERSON`: says who somebody is, or what is said of them, beside their comments; `erasing` and
  `mentions` go through it.
- `ACTORS`: by which name somebody acted who is not a commenter; see `moderators`.
- `WORDS`: free words of moderators or of the site, which may name anybody; `mentions` looks for
  whoever is erased, and removes what it finds or says where it is.
- `PLAIN`: ids, codes, digests and settings, which say nothing of a commenter.
"""

from collections.abc import Mapping

Columns = Mapping[str, str]
"""Of a table its columns, with blanks between."""

OWN: Columns = {
    "comments": "author_id author address network mailbox form extra article parent_id language",
    "revisions": "text",
    "verdicts": "scores reasons language flips_if",
    "decisions": "reason note",
    "second_looks": "first_reason first_note second_reason second_note",
    "reports": "reason",
    "waiting": "author_id language",
    "rule_hits": "rule",
    "linked_hosts": "host",
    "dropin_checks": "fingerprint token blog callback sealed_key",
    "shadow_verdicts": "codes",
}

PERSON: Columns = {
    "reports": "reporter note",
    "standings": "value reason",
    "notes": "value text",
    "imported_labels": "text digest author_id reason",
    "kept_answers": "body",
    "nudges_asked": "author",
    "events": "data",
    "attempts": "error answer",
    "erasures": "wanted",
    "moderators": "email subject",
}

ACTORS: Columns = {
    "adapters": "actor",
    "bulk_decisions": "actor",
    "campaign_decisions": "actor",
    "claims": "actor",
    "decisions": "actor",
    "erasures": "actor",
    "events": "actor",
    "forgotten_labels": "actor",
    "imported_labels": "actor",
    "notes": "actor",
    "policies": "actor",
    "policy_drafts": "actor",
    "reports": "actor",
    "saved_queues": "actor",
    "second_looks": "first_actor second_actor",
    "skips": "actor",
    "standings": "actor",
    "waiting": "seen_by seen_also",
}

WORDS: Columns = {
    "adapters": "report",
    "bulk_decisions": "note wanted",
    "jobs": "payload error",
    "policies": "text document",
    "policy_drafts": "text document options tally",
    "saved_queues": "title filter",
}

PLAIN: Columns = {
    "adapters": "public_id version base state data",
    "akismet_usage": "key month blog",
    "api_keys": "role prefix digest style folded secret",
    "bulk_decisions": "public_id action reason queue state tally",
    "campaign_decisions": "campaign action reason",
    "claims": "public_id",
    "comments": "public_id article_id section campaign status queue reason_codes",
    "decisions": "action queue",
    "deliveries": "public_id type status",
    "drift_days": "measures outside words",
    "dropin_checks": "door answered told",
    "erasures": "public_id digests counts state",
    "events": "comment_id type hash salt",
    "failed_sign_ins": "who",
    "import_runs": "source counts",
    "imported_labels": "action",
    "jobs": "kind lane key worker",
    "kept_answers": "key digest comments",
    "moderators": "password_hash role preferences sections",
    "notes": "public_id kind",
    "policy_drafts": "public_id kind state",
    "rejection_fits": "model weights",
    "reports": "outcome",
    "saved_queues": "name sort key",
    "second_looks": "kind first_action second_action",
    "shadow_verdicts": "live action",
    "sign_ins": "digest",
    "sites": "name privacy addresses",
    "standings": "public_id kind standing",
    "trial_verdicts": "live action",
    "used_tokens": "nonce",
    "verdicts": "action model second_opinion second_model",
    "waiting": "queue label article_id section reason_codes",
    "webhooks": "public_id url description types secrets stopped_because",
}


def list_columns() -> dict[tuple[str, str], str]:
    """Every column of the lists, with the name of its list."""
    lists = {"own": OWN, "person": PERSON, "actors": ACTORS, "words": WORDS, "plain": PLAIN}
    return {
        (table, column): name
        for name, tables in lists.items()
        for table, columns in tables.items()
        for column in columns.split()
    }
