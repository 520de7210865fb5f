"""The policy's pages without a script: reading, checking, saving, going back, previews."""

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from api.moderation.services import Services
from api.store.tables import Site
from tests.api.moderation.learning.adapters import keep_adapter
from tests.factories import Clock, put_policy, submit

SAVED = "profile: strict\nnote: Stricter.\n"


def post(browser: FlaskClient, text: str, version: int = 1, act: str = "save", **more: str):
    form = {"text": text, "version": version, "act": act, **more}
    return browser.post("/moderate/policy", data=form)


def editor(page: str) -> str:
    [found] = re.findall(r"<textarea.*?>\n(.*?)</textarea>", page, re.S)
    return html.unescape(found)


def test_the_editor_begins_with_the_defaults(mo: FlaskClient) -> None:
    page = mo.get("/moderate/policy").text

    assert "nobody has changed them" in page
    assert "profile: balanced" in editor(page)
    assert "held from" in page


def test_a_target_that_was_raised_is_told(mo: FlaskClient, services: Services, site: int) -> None:
    adapter = keep_adapter(services, site)
    with services.database.writing() as session:
        session.get_one(Site, site).adapter = adapter.id
    low = {"hold": "precision:0.2", "reject": 0.9}

    put_policy(services, site, {"thresholds": {"learned": low}})

    page = " ".join(re.sub(r"<[^>]+>", " ", html.unescape(mo.get("/moderate/policy").text)).split())
    assert re.search(r"learned 0\.50* 0\.90*", page)
    assert "hold is higher than the policy's target asks for" in page
    put_policy(services, site, {"thresholds": {"learned": {"hold": 0.2}}})
    assert "is higher than the policy" not in mo.get("/moderate/policy").text


def test_what_is_saved_is_in_force_from_the_next_comment_on(
    mo: FlaskClient, backend: FlaskClient
) -> None:
    answer = post(mo, "rules:\n- {word: kettle, do: hold}\n")

    assert answer.status_code == 303
    assert "version 2 is in force" in mo.get(answer.location).text
    found = submit(backend, "The kettle is on.")
    assert found["verdict"]["policy"] == 2
    assert found["status"] == "pending"


def test_lines_of_a_browser_are_kept_as_lines(mo: FlaskClient) -> None:
    post(mo, SAVED.replace("\n", "\r\n"))

    assert editor(mo.get("/moderate/policy").text) == SAVED


def test_a_fault_names_its_line_and_keeps_what_was_written(mo: FlaskClient) -> None:
    answer = post(mo, "profile: strict\nprofle: balanced\n")

    assert answer.status_code == 422
    assert 'data-line="2"' in answer.text
    assert "Did you mean “profile”?" in answer.text
    assert editor(answer.text) == "profile: strict\nprofle: balanced\n"
    assert "nobody has changed them" in mo.get("/moderate/policy").text


def test_what_was_written_cannot_become_markup(mo: FlaskClient) -> None:
    answer = post(mo, "note: </textarea><script>alert(1)</script>\nx: 1\n")

    assert "<script>alert" not in answer.text


def test_checking_saves_nothing(mo: FlaskClient) -> None:
    examples = "examples:\n- {text: A fine day., expect: approve}\n"

    answer = post(mo, examples, act="check")

    assert answer.status_code == 200
    assert "1 of 1 examples" in answer.text
    assert "nobody has changed them" in mo.get("/moderate/policy").text


def test_a_failing_example_is_refused_unless_forced(mo: FlaskClient) -> None:
    text = "examples:\n- {text: A fine day., expect: reject}\n"

    refused = post(mo, text)
    assert refused.status_code == 422
    assert 'name="force"' in refused.text
    assert "would approve" in refused.text

    assert post(mo, text, force="1").status_code == 303


def test_two_editors_at_once_and_the_second_is_told(mo: FlaskClient) -> None:
    assert post(mo, SAVED).status_code == 303

    late = post(mo, "profile: relaxed\n")

    assert late.status_code == 409
    assert "version 2" in late.text
    assert editor(late.text) == "profile: relaxed\n"
    # It says which version it now replaces, so that saving again is meant.
    assert '<input type="hidden" name="version" value="2">' in late.text


def test_versions_are_listed_compared_and_restored(mo: FlaskClient) -> None:
    post(mo, SAVED)
    post(mo, "profile: relaxed\nnote: Easier.\n", version=2)

    listed = mo.get("/moderate/policy/versions").text
    assert re.findall(r"Version (\d)</a>", listed) == ["3", "2", "1"]
    assert "Stricter." in listed
    shown = html.unescape(mo.get("/moderate/policy/versions/3").text)
    assert re.search(r'class="gone">.*?profile: strict', shown)
    assert re.search(r'class="added">.*?profile: relaxed', shown)

    answer = mo.post("/moderate/policy/versions/2/restore", data={"version": 3})
    assert answer.status_code == 303
    assert editor(mo.get("/moderate/policy").text) == SAVED
    assert re.findall(r"Version (\d)</a>", mo.get("/moderate/policy/versions").text)[0] == "4"


def test_restoring_over_somebody_elses_version_is_refused(mo: FlaskClient) -> None:
    post(mo, SAVED)
    post(mo, "profile: relaxed\n", version=2)

    assert mo.post("/moderate/policy/versions/1/restore", data={"version": 2}).status_code == 409


def test_a_version_that_never_was_is_not_found(mo: FlaskClient) -> None:
    assert mo.get("/moderate/policy/versions/7").status_code == 404


@pytest.mark.parametrize(
    "form", [{}, {"act": "save"}, {"act": "burn", "version": "1"}, {"act": "save", "version": "0"}]
)
def test_a_form_that_we_did_not_make_is_refused(mo: FlaskClient, form: dict[str, str]) -> None:
    assert mo.post("/moderate/policy", data=form).status_code == 422


def test_a_preview_shows_what_would_change_and_changes_nothing(
    mo: FlaskClient, backend: FlaskClient
) -> None:
    kept = [submit(backend, text) for text in ("The kettle is on.", "A fine day.")]

    answer = post(mo, "rules:\n- {word: kettle, do: hold}\n", act="preview")
    assert answer.status_code == 303
    page = html.unescape(mo.get(answer.location).text)

    assert "2 comments judged" in page
    assert re.search(r"Newly held or rejected</dt><dd>1<", page)
    assert "The kettle is on." in page
    assert "A fine day." not in page
    assert {one["status"] for one in kept} == {"approved"}
    assert backend.get(f"/v1/comments/{kept[0]['id']}").json["status"] == "approved"
    assert "A guess until" not in page
    assert answer.location.rpartition("/")[2] in mo.get("/moderate/policy/previews").text


def test_a_large_preview_runs_beside_and_can_be_stopped(
    mo: FlaskClient, backend: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.moderation.drafts.previewing.AT_ONCE", 0)
    submit(backend)

    answer = post(mo, SAVED, act="preview")
    running = mo.get(answer.location).text
    assert 'http-equiv="refresh"' in running

    stopped = mo.post(f"{answer.location}/stop")
    assert stopped.status_code == 303
    assert "It was stopped" in mo.get(stopped.location).text


def test_rules_are_shown_with_where_they_were_found(mo: FlaskClient, backend: FlaskClient) -> None:
    rules = "- {word: kettle, do: flag}\n- {word: samovar, do: flag, name: tea/urns}\n"
    post(mo, f"rules:\n{rules}")
    submit(backend, "The kettle is on.")

    page = mo.get("/moderate/policy/rules").text
    assert "kettle" in page
    assert "tea/urns" in page
    unused = mo.get("/moderate/policy/rules?unused=1").text
    assert "kettle" not in unused
    assert "tea/urns" in unused

    [path] = re.findall(r'href="(/moderate/policy/rules/hits\?[^"]+)"', page)
    assert "The kettle is on." in mo.get(html.unescape(path)).text
    nowhere = mo.get("/moderate/policy/rules/hits", query_string={"rule": "tea/urns"})
    assert "in no comment" in nowhere.text
    assert mo.get("/moderate/policy/rules/hits").status_code == 422


def test_campaigns_are_shown_decided_as_one_and_undone(
    mo: FlaskClient, backend: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    put_policy(services, site, {"duplicates": {"do": "hold"}})
    text = "Visit our wonderful little shop around the corner for the best teapots in town"
    for number in range(3):
        submit(backend, text, id=f"c-{number}", author={"id": f"u-{number}"})

    page = html.unescape(mo.get("/moderate/campaigns").text)
    assert text in page
    assert "3 comments" in page
    [path] = set(re.findall(r"/moderate/campaigns/cmp_[0-9a-f]{24}(?=\")", page))

    assert (
        mo.post(f"{path}/decision", data={"action": "reject", "reason": "spam"}).status_code == 303
    )
    shown = html.unescape(mo.get(path).text)
    assert "Rejected by mo@example.org" in shown
    assert backend.get("/v1/comments/c-2").json["status"] == "rejected"
    assert mo.post(f"{path}/decision", data={"action": "approve"}).status_code == 409

    assert mo.post(f"{path}/undo").status_code == 303
    assert backend.get("/v1/comments/c-2").json["status"] == "pending"
    assert mo.post(f"{path}/undo").status_code == 409
    assert mo.post(f"{path}/decision", data={"action": "burn"}).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/moderate/policy",
        "/moderate/policy/versions",
        "/moderate/policy/versions/1",
        "/moderate/policy/rules",
        "/moderate/policy/previews",
        "/moderate/campaigns",
    ],
)
def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)

    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert f'name="next" value="{path}"' in page


def test_another_sites_policy_is_not_shown(
    mo: FlaskClient, connect: Callable[..., FlaskClient], stranger: FlaskClient
) -> None:
    put = {"version": 1, "policy": {"note": "Not for you."}}
    assert stranger.put("/v1/policy", json=put).status_code == 200

    assert "Not for you." not in mo.get("/moderate/policy").text
    assert mo.get("/moderate/policy/versions/2").status_code == 404
