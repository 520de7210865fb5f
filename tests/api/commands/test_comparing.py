"""`winnow compare` as an operator types it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from api.commands import comparing
from api.comparing.telling import FEWEST
from api.moderation.policy.reading import read_policy
from api.moderation.scoring import Scorer
from tests.factories import words_scorer


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting, and a model that reads scores off the words."""
    for name in [name for name in os.environ if name.startswith("WINNOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WINNOW_READER", "none")
    monkeypatch.setattr(comparing, "Scorer", lambda *_: words_scorer())


def compare(*given: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["compare", *given], input=stdin)


def line(text: str, **scores: float) -> str:
    summaries = {name: {"summaryScore": {"value": one}} for name, one in scores.items()}
    return json.dumps({"text": text, "attributeScores": summaries}) + "\n"


EXPORT = "".join(
    line(f"Comment {n} toxicity{n / 200:.4f} spam0.30", TOXICITY=n / 100, FLIRTATION=0.5)
    for n in range(100)
)
"""Ours are half of theirs."""

PAGE = """\
100 stored answers read, 100 compared with the scores of words-1.
Not scored by Winnow: FLIRTATION 100.

TOXICITY beside our toxicity: 100 comments, rank correlation 1.000 (Spearman)

                      | ours at that number  | ours for the share that they hold
theirs      they hold | we hold  agree kappa | ours    95 % interval    agree kappa  change sides
0.5       50 (50.00%) |       0  50.0%     - | 0.25    0.220 to 0.275  100.0%  1.00         +0 -0
0.7       30 (30.00%) |       0  70.0%     - | 0.35    0.320 to 0.375  100.0%  1.00         +0 -0
0.8       20 (20.00%) |       0  80.0%     - | 0.4     0.370 to 0.425  100.0%  1.00         +0 -0
0.9       10 (10.00%) |       0  90.0%     - | 0.45    0.420 to 0.475  100.0%  1.00         +0 -0
"""


def as_json(*given: str, stdin: str | bytes = EXPORT) -> Any:
    result = compare("--json", *given, stdin=stdin)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_it_says_which_thresholds_keep_the_held_share() -> None:
    result = compare(stdin=EXPORT)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == PAGE


def test_json_has_the_same_and_all_digits() -> None:
    found = as_json("--threshold", "0.8")

    assert {name: found[name] for name in ("model", "read", "compared", "not_scored")} == {
        "model": "words-1",
        "read": 100,
        "compared": 100,
        "not_scored": {"FLIRTATION": 100},
    }
    toxicity = found["attributes"]["TOXICITY"]
    [level] = toxicity["thresholds"]
    assert (toxicity["label"], toxicity["compared"]) == ("toxicity", 100)
    assert toxicity["spearman"] == pytest.approx(1)
    assert (level["theirs"], level["held"], level["share"]) == (0.8, 20, 0.2)
    assert level["equal"] == {"value": 0.4, "low": 0.37, "high": 0.425}
    assert level["then"]["agreed"]["value"] == 1.0


def test_attributes_are_compared_with_our_score_of_the_same_meaning() -> None:
    text = (
        "toxicity0.10 severe_toxicity0.20 identity_attack0.30 insult0.40 profanity0.50 "
        "threat0.60 spam0.70"
    )
    labels = {
        "TOXICITY": "toxicity",
        "SEVERE_TOXICITY_EXPERIMENTAL": "severe_toxicity",
        "IDENTITY_ATTACK": "identity_attack",
        "INSULT": "insult",
        "PROFANITY": "profanity",
        "OBSCENE": "profanity",
        "THREAT": "threat",
        "SPAM": "spam",
    }

    found = as_json("--threshold", "0.5", stdin=line(text, **dict.fromkeys(labels, 0.5)))

    assert {name: one["label"] for name, one in found["attributes"].items()} == labels


def test_only_the_attributes_that_are_asked_for() -> None:
    export = line("one", TOXICITY=0.5, SPAM=0.5) + line("two", INSULT=0.5)

    found = as_json("--attribute", "spam", "--attribute", "TOXICITY", stdin=export)

    assert set(found["attributes"]) == {"TOXICITY", "SPAM"}
    assert (found["read"], found["compared"]) == (2, 1)


def test_what_is_left_out_is_said_with_its_lines() -> None:
    broken = ["{", '{"text": ""}', "7", '{"text": "Hi", "TOXICITY": 3}', '{"error": {}}'] * 7
    german = json.dumps({"text": "Hallo", "toxicity": 0.1, "languages": ["de"]})
    french = line("Je ne suis pas d'accord avec ce que vous dites dans cet article.", INSULT=0.1)

    result = compare(stdin="\n".join([*broken, german]) + "\n" + french + EXPORT)

    assert result.exit_code == 0
    assert result.stdout.splitlines()[:8] == [
        "137 stored answers read, 100 compared with the scores of words-1.",
        "Left out for no JSON: 7 lines (1, 6, 11, 16, 21 and 2 more).",
        "Left out for an empty text: 7 lines (2, 7, 12, 17, 22 and 2 more).",
        "Left out for no JSON object: 7 lines (3, 8, 13, 18, 23 and 2 more).",
        "Left out for a score outside of 0 to 1: 7 lines (4, 9, 14, 19, 24 and 2 more).",
        "Left out for no text: 7 lines (5, 10, 15, 20, 25 and 2 more).",
        "Left out, as Winnow judges abuse in English alone: de 1, fr 1.",
        "Not scored by Winnow: FLIRTATION 100.",
    ]


def test_english_by_any_tag_is_compared() -> None:
    export = "".join(
        json.dumps({"text": "Hi", "toxicity": 0.1, "languages": [one]}) + "\n"
        for one in ("en", "EN", "en-GB", "es")
    )

    found = as_json(stdin=export)

    assert (found["compared"], found["left_out"]["languages"]) == (3, {"es": 1})


def test_spam_is_compared_in_every_language() -> None:
    export = json.dumps({"text": "Hola", "languages": ["es"], "SPAM": 0.1, "INSULT": 0.1})

    found = as_json(stdin=export)

    assert set(found["attributes"]) == {"SPAM"}
    assert (found["compared"], found["left_out"]["languages"]) == (1, {"es": 1})


def test_what_nobody_knows_is_not_scored() -> None:
    found = as_json(stdin=line("Hello", **{"FOO": 0.5, "TOXICITY@2": 0.5}))

    assert (found["not_scored"], set(found["attributes"])) == ({"FOO": 1}, {"TOXICITY@2"})


def test_too_few_to_say_is_said() -> None:
    export = "".join(line(f"toxicity{n / 20:.2f}", TOXICITY=n / 20) for n in range(20))

    result = compare("--threshold", "0.9", stdin=export)

    assert f"too few to say: 2 are held, at least {FEWEST} are asked for" in result.stdout
    assert as_json(stdin=export)["attributes"]["TOXICITY"]["thresholds"][3]["equal"] is None


def test_what_needs_the_sites_decisions_is_said() -> None:
    result = compare(stdin=line("one", LIKELY_TO_REJECT=0.5, TOXICITY=0.1))

    assert "LIKELY_TO_REJECT is learnt from the site's own decisions" in result.stdout


MOVED = EXPORT + line("Secret words toxicity0.95", TOXICITY=0.01)


def test_those_that_change_sides_are_named_by_their_lines_alone(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(MOVED)

    result = compare(str(tmp_path / "x.jsonl"), "--threshold", "0.5", "--show", "2")

    assert "  line 101: ours 0.950, theirs 0.010\n" in result.stdout
    assert "Secret" not in result.output
    assert "Secret" not in compare(str(tmp_path / "x.jsonl"), "--show", "2", "--json").output


def test_texts_are_shown_where_they_are_asked_for(tmp_path: Path) -> None:
    hostile = line("\x1b[31mRed\n and \ud800 toxicity0.99", TOXICITY=0.02)
    (tmp_path / "x.jsonl").write_text(MOVED + hostile)
    given = (str(tmp_path / "x.jsonl"), "--threshold", "0.5", "--show", "3", "--texts")

    shown = compare(*given).stdout
    [level] = as_json(*given)["attributes"]["TOXICITY"]["thresholds"]

    assert "  line 101: ours 0.950, theirs 0.010  Secret words toxicity0.95\n" in shown
    assert "theirs 0.020   [31mRed and   toxicity0.99\n" in shown
    texts = {one["line"]: one["text"] for one in level["examples"]}
    assert texts[101] == "Secret words toxicity0.95"


def test_texts_cannot_be_read_twice_from_a_pipe() -> None:
    reading, writing = os.pipe()
    os.write(writing, MOVED.encode()[:1000])
    os.close(writing)

    result = compare(f"/dev/fd/{reading}", "--show", "1", "--texts")

    os.close(reading)
    assert result.exit_code == 2
    assert "--texts reads the input twice" in result.stderr


def test_the_curve_is_a_policy_that_can_be_checked(tmp_path: Path) -> None:
    file = tmp_path / "curve.yaml"

    result = compare("--curve", str(file), stdin=EXPORT)
    checked = CliRunner().invoke(main, ["policy", "check", str(file)])

    assert (result.exit_code, checked.exit_code) == (0, 0), checked.output
    curve = read_policy(file.read_text()).document.perspective_curve
    assert {(0.25, 0.5), (0.35, 0.7), (0.4, 0.8), (0.45, 0.9)} <= set(curve["TOXICITY"])


def test_the_curve_alone_can_be_printed() -> None:
    result = compare("--curve", "-", stdin=EXPORT)

    assert read_policy(result.stdout).document.perspective_curve["TOXICITY"]


def test_an_empty_curve_is_said_to_be_one() -> None:
    result = compare("--curve", "-", stdin=line("one", TOXICITY=0.5))

    assert read_policy(result.stdout).document.perspective_curve == {}
    assert result.stderr == "The curve is empty: there are too few answers.\n"


def test_the_picture_is_written(tmp_path: Path) -> None:
    result = compare("--plot", str(tmp_path / "x.svg"), stdin=EXPORT)

    assert result.exit_code == 0
    assert (tmp_path / "x.svg").read_text().startswith("<svg ")


@pytest.mark.parametrize(
    ("given", "stdin", "says"),
    [
        ((), "", "No stored answer could be compared."),
        ((), "{\n", "No stored answer could be compared."),
        ((), "words\nHello\n", "neither JSONL nor a table"),
        ((), "[1]", "one JSON list"),
        (("--plot", "/no/such/folder/x.svg"), EXPORT, "cannot be written"),
        (("--curve", "/no/such/folder/x.yaml"), EXPORT, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(given: tuple[str, ...], stdin: str, says: str) -> None:
    result = compare(*given, stdin=stdin)

    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.startswith("Error: ")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "given",
    [
        ("--threshold", "0"),
        ("--threshold", "1.1"),
        ("--threshold", "nan"),
        ("--threshold", "high"),
        ("--attribute", "FLIRTATION"),
        ("--attribute", "FOO"),
        ("--show", "-1"),
        ("--format", "xml"),
        ("no-such-file.jsonl",),
    ],
)
def test_what_is_typed_wrongly_is_refused(given: tuple[str, ...]) -> None:
    assert compare(*given, stdin=EXPORT).exit_code == 2


def test_without_a_model_nothing_is_compared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(comparing, "Scorer", Scorer)
    monkeypatch.setenv("WINNOW_MODEL", str(tmp_path / "none"))

    result = compare(stdin=EXPORT)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")


def test_a_model_that_fails_ends_it_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = words_scorer()
    monkeypatch.setattr(scorer.model, "score", lambda _items: 1 / 0)
    monkeypatch.setattr(comparing, "Scorer", lambda *_: scorer)

    result = compare(stdin=EXPORT)

    assert result.exit_code == 1
    # Before it, the log may say where.
    sentence = "Error: The classifier failed on the last texts it was given.\n"
    assert result.stderr.endswith(sentence)


def test_the_same_file_is_compared_the_same_twice() -> None:
    assert compare("--json", stdin=EXPORT).stdout == compare("--json", stdin=EXPORT).stdout


def test_the_shipped_model_compares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "Scorer", Scorer)

    found = as_json(stdin="text,TOXICITY,obscene\nWhat a lovely day.,0.02,0.01\n")

    assert found["model"].startswith("linear-")
    assert set(found["attributes"]) == {"TOXICITY", "OBSCENE"}
