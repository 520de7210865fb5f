"""The pages for people: the moderators' queue, and the documentation of the API.

Plain HTML that works without JavaScript; `static/queue/` adds keys and saves reloads.
"""

from flask import Blueprint

from api.web import crosssite
from api.web.pages import (
    advice,
    bulk,
    campaigns,
    dashboard,
    deciding,
    live,
    oidc,
    policy,
    previews,
    problem,
    queue,
    reference,
    routes,
    rules,
    session,
)

blp = Blueprint(
    "pages", __name__, template_folder="templates", static_folder="static", url_prefix="/"
)
blp.before_request(crosssite.check)
blp.before_request(session.require)
blp.after_request(problem.dress)

for _path, _endpoint, _view in routes.READING:
    blp.add_url_rule(_path, _endpoint, _view)
for _path, _endpoint, _view in routes.ACTING:
    blp.add_url_rule(_path, _endpoint, _view, methods=["POST"])
blp.add_url_rule("/docs", "docs", reference.show)
blp.add_url_rule("/moderate", "queue", queue.show)
blp.add_url_rule("/moderate/items", "items", queue.show_items)
blp.add_url_rule("/moderate/live", "live", live.show, methods=["GET"])
blp.add_url_rule("/moderate/decided", "decided", queue.show_decided)
blp.add_url_rule("/moderate/policy", "policy", policy.show)
blp.add_url_rule("/moderate/policy", "policy_act", policy.act, methods=["POST"])
blp.add_url_rule("/moderate/policy/versions", "policy_versions", policy.show_versions)
blp.add_url_rule(
    "/moderate/policy/versions/<version:version>", "policy_version", policy.show_version
)
blp.add_url_rule(
    "/moderate/policy/versions/<version:version>/restore",
    "policy_restore",
    policy.restore,
    methods=["POST"],
)
blp.add_url_rule("/moderate/policy/rules", "policy_rules", rules.show)
blp.add_url_rule("/moderate/policy/rules/hits", "policy_rule", rules.show_hits)
blp.add_url_rule("/moderate/policy/previews", "previews", previews.show_all)
blp.add_url_rule("/moderate/policy/previews/<preview_id:preview>", "preview", previews.show)
blp.add_url_rule(
    "/moderate/policy/previews/<preview_id:preview>/stop",
    "preview_stop",
    previews.stop,
    methods=["POST"],
)
blp.add_url_rule("/moderate/policy/advice", "advice", advice.show)
blp.add_url_rule("/moderate/dashboard", "dashboard", dashboard.show)
blp.add_url_rule("/moderate/dashboard/<sheet_name:sheet>.csv", "dashboard_sheet", dashboard.export)
blp.add_url_rule("/moderate/bulk", "bulks", bulk.show_all)
blp.add_url_rule("/moderate/bulk/new", "bulk_new", bulk.ask)
blp.add_url_rule("/moderate/bulk/new", "bulk_begin", bulk.begin, methods=["POST"])
blp.add_url_rule("/moderate/bulk/<bulk_id:bulk_id>", "bulk", bulk.show)
blp.add_url_rule("/moderate/bulk/<bulk_id:bulk_id>/stop", "bulk_stop", bulk.stop, methods=["POST"])
blp.add_url_rule("/moderate/bulk/<bulk_id:bulk_id>/undo", "bulk_undo", bulk.undo, methods=["POST"])
blp.add_url_rule("/moderate/campaigns", "campaigns", campaigns.show_all)
blp.add_url_rule("/moderate/campaigns/<campaign_id:campaign>", "campaign", campaigns.show)
blp.add_url_rule(
    "/moderate/campaigns/<campaign_id:campaign>/decision",
    "campaign_decide",
    campaigns.decide,
    methods=["POST"],
)
blp.add_url_rule(
    "/moderate/campaigns/<campaign_id:campaign>/undo",
    "campaign_undo",
    campaigns.undo,
    methods=["POST"],
)
blp.add_url_rule("/moderate/sign-in", "sign_in", session.sign_in, methods=["GET", "POST"])
blp.add_url_rule("/moderate/sign-in/start", "oidc_start", oidc.start)
blp.add_url_rule("/moderate/sign-in/return", "oidc_return", oidc.finish)
blp.add_url_rule("/moderate/sign-out", "sign_out", session.sign_out, methods=["POST"])
blp.add_url_rule(
    "/moderate/comments/<comment_id:comment_id>/decision",
    "decide",
    deciding.decide,
    methods=["POST"],
)
blp.add_url_rule(
    "/moderate/comments/<comment_id:comment_id>/undo", "undo", deciding.undo, methods=["POST"]
)
blp.add_url_rule(
    "/moderate/comments/<comment_id:comment_id>/claim", "claim", deciding.claim, methods=["POST"]
)
blp.add_url_rule(
    "/moderate/comments/<comment_id:comment_id>/note", "note", deciding.note, methods=["POST"]
)
