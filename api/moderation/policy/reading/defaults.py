"""The defaults as a document that a person can begin from: version 1 of every site's policy."""

from typing import Any

from api.moderation.policy.reading import read_policy

TEXT = """\
# What Winnow does where a policy says nothing. Keep what you change and leave out the rest.
# Where something is to be done, it is one of: off, flag (only say so), hold, reject.

note: ""                      # a line for the list of versions: what was changed, and why

# From which score on comments are held or rejected: observe, relaxed, balanced, strict.
# observe judges as balanced does, but approves everything.
profile: balanced
# Where a score's thresholds differ from the profile's. A threshold is a score (0.8), never,
# precision:0.95 (from where on so many truly are) or share:0.01 (of ordinary comments):
#   thresholds: {insult: {hold: 0.7, reject: "precision:0.99"}, profanity: {hold: never}}
thresholds: {}
# When a second, slower stage reads a comment for abuse: never, when_unsure (where the first is
# neither sure that it is fine nor that it is not), always. Thresholds are then of both stages.
second_opinion: when_unsure

# How comments are taken: post (publish unless held), pre (hold all), first (hold until an author
# has so many approved comments), closed (reject all).
mode: post
approvals: 2
# Outside of these hours the mode is pre or closed:
#   hours: {zone: Europe/Berlin, open: ["mon-fri 08:00-22:00"], outside: pre}
hours: null
close_after_days: 0           # under an article, counted from its first comment; 0 is never
# Any of these four for a section or an article alone: sections: {sports: {mode: first}}
sections: {}
articles: {}

# Words and patterns, at most 10,000: one of word, wildcard or regex, and what they do (reject,
# hold, flag, approve, replace), in: [text, name, email, url]:
#   rules: [{word: casino, do: hold}, {regex: "\\\\bviagra\\\\b", do: reject, in: [text, name]}]
rules: []

authors:
  newcomers: 0                # hold authors' comments until so many are approved
  # Authors of whose decided comments in the last days, at least so many, this share was rejected.
  recent_record: {do: off, share: 0.3, days: 7, least: 3}
  look_alikes: off            # of accounts that are banned or suspended
  disposable_email: off       # addresses to throw away
  disposable_domains: []      # more domains of such addresses than those known anyway
  # More than so many comments in so many seconds, of one author, one address, under one article:
  #   rates: {author: {count: 3, seconds: 60, do: hold}}
  rates: {}
  # Checks that ask for nothing of the site's own staff, and of those whom a person has trusted.
  staff_skips: [modes, closing, rules, links, form, duplicates, authors, scores, checker]
  trusted_skips: [modes, links, duplicates, authors, scores]

# The same text, or nearly, again: by whomever, and under whichever article.
duplicates:
  do: off
  copies: 2                   # from which one on; the first is 1
  similarity: 0.85            # from 0.5 to 1
  days: 7
  least_characters: 30        # shorter texts are often the same by chance
  follow_hours: 24            # how long later arrivals share what was decided about a campaign

links:
  most: null                  # how many are let pass; null is any number
  too_many: hold
  new_host: off               # a newcomer's link to where no approved comment links
  shorteners: off
  only_links: off             # nothing is said beside the links
  allow: []                   # hosts that none of this is about, and their subdomains
  block: []
  blocked: reject

form:
  honeypot: reject            # the field that people cannot see was filled in
  least_ms: null              # from which time to submit a person is believed to have typed
  too_fast: hold
  token: off                  # a form token that is missing, forged, old, or used before
  token_minutes: 1440

# How often an author may ask what would become of a text before it is sent.
nudge: {count: 5, seconds: 600}

# A URL of yours that is asked about each comment:
#   checker: {url: "https://site.example/check", timeout_ms: 800, on_failure: hold, may: escalate}
checker: null

audit: 0                      # the share of automatic decisions that a person is asked about

# How people work through what waits.
review:
  # The reasons to choose from; text is what you may tell the author:
  #   reasons: [{code: hate, title: Hate, text: "We do not publish this.", actions: [reject]}]
  reasons:
    - {code: spam, title: Spam, text: "", actions: [reject, escalate]}
    - {code: abusive, title: Abusive, text: "", actions: [reject, escalate]}
    - {code: off-topic, title: Off topic, text: "", actions: [reject, escalate]}
    - {code: other, title: Something else, text: "", actions: [reject, escalate]}
  only_these_reasons: false   # refuse any other
  reason_required: []         # decisions refused without a reason: approve, reject, escalate
  claims: optional            # required: nobody decides about what they have not claimed
  claim_minutes: 10
  two_must_agree: []          # approve, reject: in force when a second person has said the same
  recheck: 0                  # the share of people's decisions that a colleague is asked about
  skip_minutes: 60            # how long who has skipped a comment is not asked again
  doubles_after_hours: 6      # how long a comment waits until it counts for twice as much
  within_minutes: null        # how soon what waits should be decided

# Comments that come by a foreign protocol (docs/drop-in.md); null keeps them for ever.
dropin: {keep_days: 30}
# Where old thresholds are to stay: how a score of ours is shown to Perspective's clients:
#   perspective_curve: {TOXICITY: [[0.2, 0.5], [0.6, 0.8], [0.9, 0.95]]}
perspective_curve: {}

# What people decide makes the next verdict better (docs/learning.md).
learning:
  on: true                    # false: neither train this site's adapter nor use it
  share: false                # true: decisions also teach what sites without an adapter use
  ask: 0                      # the share of comments that people are asked about only to learn
  ignore: [off-topic, other]  # reason codes that say nothing of the words

# Comments and what must become of them, or a change of the policy is refused:
#   examples: [{text: "Thanks for this.", expect: approve}]
examples: []
"""

PLAIN: dict[str, Any] = read_policy(TEXT).plain
"""The same as plain data."""
